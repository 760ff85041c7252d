"""Zones to masks: never less than asked, never more masks than a camera has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.scene.zones import MaskRoom, Polygon, encloses, same_shape, wanted_masks

SQUARE: Polygon = ((-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5))


@st.composite
def zones(draw: st.DrawFn) -> Polygon:
    """Convex quadrangles and triangles of some size."""
    x, y = draw(st.floats(-0.9, 0.5)), draw(st.floats(-0.9, 0.5))
    width, height = draw(st.floats(0.05, 0.4)), draw(st.floats(0.05, 0.4))
    cut = draw(st.floats(0, 0.5))
    corners = ((x + cut * width, y + height), (x + width, y + height), (x + width, y), (x, y))
    return corners if draw(st.booleans()) else corners[1:]


@settings(max_examples=60, deadline=None)
@given(st.lists(zones(), max_size=6), st.integers(1, 5), st.booleans(), st.integers(3, 8))
def test_every_zone_is_covered_by_as_many_masks_as_there_are(asked: list[Polygon], most: int, rectangles: bool, points: int) -> None:
    made = wanted_masks(asked, MaskRoom(most, points, rectangles))
    assert len(made) <= most and sorted(index for one in made for index in one.covers) == list(range(len(asked)))
    for one in made:
        assert len(one.shape) == 4 or (not rectangles and len(one.shape) <= points)
        assert all(encloses(one.shape, asked[index]) for index in one.covers)
        if not one.wider:
            assert len(one.covers) == 1 and same_shape(one.shape, asked[one.covers[0]])


def test_a_mask_beside_the_zone_does_not_enclose_it() -> None:
    shifted = tuple((x + 0.1, y) for x, y in SQUARE)
    assert not encloses(shifted, SQUARE) and not same_shape(shifted, SQUARE)
    assert encloses(((-1, 1), (1, 1), (1, -1), (-1, -1)), SQUARE) and not same_shape(((-1, 1), (1, 1), (1, -1), (-1, -1)), SQUARE)


def test_same_from_another_corner_and_rounded() -> None:
    turned = tuple((round(x + 0.001, 3), y) for x, y in reversed(SQUARE[1:] + SQUARE[:1]))
    assert same_shape(turned, SQUARE)


def test_a_zone_beyond_the_picture_is_cut_to_it() -> None:
    [one] = wanted_masks((((-2, 2), (0, 2), (0, 0), (-2, 0)),), MaskRoom())
    assert set(one.shape) == {(-1, 1), (0, 1), (0, 0), (-1, 0)}


@pytest.mark.parametrize("zone", [((0, 0), (1, 1)), ((0, 0), (0.5, 0), (1, 0)), ((2, 2), (3, 2), (3, 3)), ((0, 0), (float("nan"), 0), (1, 1))])
def test_what_is_no_zone(zone: Polygon) -> None:
    with pytest.raises(ValueError, match="zone"):
        wanted_masks((zone,), MaskRoom())
