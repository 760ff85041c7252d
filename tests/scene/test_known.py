"""Zones as people write them: read as meant, or refused with the place and the reason."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.fault import PlainError
from provisioner.scene.known import Purpose, parsed, read_zones

BED = [[200, 300], [700, 300], [700, 600], [200, 600]]
SIZE = (1280, 720)


def zones(**raw: Any) -> Any:
    return read_zones(raw, SIZE, "Z.json")


def test_read_as_meant() -> None:
    told = zones(bed=BED, forbidden={"ytterdörr": [[900, 50], [1000, 50], [1000, 400]]}, tapped={"points": [[200, 600], [700, 600]], "length_m": 2},
                 marks=[{"outline": BED, "mirror": False}])
    assert [(zone.name, zone.purpose) for zone in told.zones] == [("bed", Purpose.INTENDED), ("ytterdörr", Purpose.FORBIDDEN)]
    assert told.tapped is not None and told.tapped.length_m == 2.0 and told.marks[0].is_mirror is False
    assert zones() == zones(bed=None, forbidden=None)


def test_half_a_bed_may_be_outside_and_a_touching_outline_is_untied() -> None:
    assert zones(bed=[[-200, 300], [400, 300], [400, 900], [-200, 900]]).zones[0].outline[0] == (-200.0, 300.0)
    pinched = zones(bed=[[200, 300], [700, 300], [700, 600], [450, 600], [449, 601], [450, 601], [449, 600], [200, 600]]).zones[0].outline
    assert 6 <= len(pinched) <= 9


@pytest.mark.parametrize(("raw", "says"), [
    ({"bed": [[0, 0], [700, 600], [700, 0], [0, 600]]}, "crosses itself at 350"), ({"bed": [[0, 0], [5, 5]]}, "3 to"), ({"bed": "all"}, "3 to"),
    ({"bed": [[0.1, 0.2], [0.9, 0.2], [0.9, 0.8]]}, "look like shares"),
    ({"bed": [[0, 0], [90_000, 0], [0, 90_000]]}, "far outside the picture, which is 1280 x 720"),
    ({"bed": [[10, 10], [20, 20], [30, 30]]}, "on a line"), ({"bed": [[1, True], [700, 0], [700, 600]]}, "corners"),
    ({"bed": [[1, None], [700, 0], [700, 600]]}, "corners"),
    ({"forbidden": [BED]}, "named areas"), ({"bedd": BED}, "did you mean bed"), ({"quux": BED}, "the keys are bed, forbidden"),
    ({"tapped": {"points": [[1, 1]], "length_m": 2}}, "two points"),
    ({"tapped": {"points": [[1, 1], [300, 1]], "length_m": 200}}, "metres"), ({"tapped": {"points": [[1, 1], [1, 1]], "length_m": 2}}, "same place"),
    ({"tapped": {"points": [[1, 1], [300, 1]], "lenght_m": 2}}, "did you mean length_m"), ({"marks": [{"outline": BED}]}, "true or false"),
    ({"marks": BED}, "list of objects"),
])
def test_refused_with_the_reason(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(PlainError) as told:
        zones(**raw)
    assert says in told.value.text.en, told.value.text.en
    assert "Z.json" in told.value.text.sv and told.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 5000, '{"bed": NaN}', '{"bed": [[Infinity, 1]]}', "\xff", '"bed"'])
def test_broken_json(text: str) -> None:
    with pytest.raises(PlainError, match="bad_json"):
        parsed(text, "Z.json")


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=3),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["bed", "forbidden", "tapped", "points", "x"]), inner, max_size=3),
                    max_leaves=12))
def test_nothing_else_ever_comes_out(raw: Any) -> None:
    found = json.loads(json.dumps({"bed": raw, "forbidden": raw, "tapped": raw, "marks": raw}))
    for key in found:
        try:
            read_zones({key: found[key]}, SIZE, "Z.json")
        except PlainError as error:
            assert error.text.sv and error.text.en
