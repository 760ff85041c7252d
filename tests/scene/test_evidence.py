"""What speaks for a mirror and against it, one by one: the same outline with one value changed."""

from dataclasses import replace

import numpy as np
import pytest

from provisioner.scene.evidence import Shapes, evidence, hangs, is_pane, may_be_one
from provisioner.scene.looks import Looks, Values

DAY_MIDDLE = -1.5


def one(value: float) -> Values:
    return np.array([value], np.float32)


LOOKS = Looks(deep=one(0.6), level=one(-2.5), under=one(0.3), around=one(0.08), foot=one(0.02), unlike=one(0.5), deep_day=one(0.8), over=one(-0.1), around_day=one(0.2),
              blown=one(0.0), drawn=one(1.0))
SHAPES = Shapes(np.array([6000.0]), np.array([70]), np.array([90]), np.array([False]), 1.0, (360, 640))


def odds(shapes: dict[str, float] | None = None, day_middle: float | None = DAY_MIDDLE, **looks: float) -> float:
    made = replace(SHAPES, **{name: np.array([value]) for name, value in (shapes or {}).items()})  # type: ignore[arg-type]
    return float(evidence(replace(LOOKS, **{name: one(value) for name, value in looks.items()}), made, day_middle)[0])


def test_a_clear_mirror_is_one() -> None:
    assert odds() > 1.5


@pytest.mark.parametrize(("name", "less"), [
    ("unlike", 0.3),          # paint explains more of it
    ("around", 0.3),          # it hangs on no wall
    ("around_day", 0.6),
    ("under", 0.0),           # as near as the wall
    ("drawn", 0.7),           # and has no outline on one side
])
def test_less_speaks_for_it(name: str, less: float) -> None:
    assert odds(**{name: less}) < odds() - 0.2


def test_beyond_some_measure_more_says_no_more() -> None:
    assert odds(unlike=0.7) == odds(unlike=2.0) and odds(around_day=1.0) == odds(around_day=3.0) and odds(under=1.0, over=-0.6) == odds(under=1.3, over=-0.6) \
        and odds(foot=0.5) == odds(foot=2.0)


def test_what_is_much_brighter_by_day_is_rather_a_window() -> None:
    assert odds(over=-0.3) == odds(over=0.4) > odds(over=0.69) + 0.3


@pytest.mark.parametrize(("name", "value"), [
    ("deep", 0.2), ("deep_day", 0.1), ("under", -0.6), ("under", 1.6), ("over", -1.4), ("over", 0.8), ("blown", 0.3),
])
def test_what_cannot_be_one(name: str, value: float) -> None:
    assert odds(**{name: value}) == -np.inf


def test_what_is_bright_by_day_and_dark_at_night_cannot_be_one() -> None:
    assert odds(under=1.0, over=0.45) > -np.inf and odds(under=1.0, over=0.6) == -np.inf


def test_a_lit_lamp_may_stand_before_it() -> None:
    assert odds(blown=0.15) == odds()


def test_shapes_that_cannot_be_one() -> None:
    assert odds({"area": 900.0}) == -np.inf, "a strip"
    assert odds({"area": 30000.0, "wide": 170, "high": 180}) == -np.inf, "a row of doors"


def test_shapes_that_are_less_likely() -> None:
    assert odds({"cut": True}) == pytest.approx(odds() - 0.9)
    assert odds({"high": 60}) < odds() - 0.5 < odds({"high": 110}) - 0.5, "as a picture lies"
    assert odds({"area": 2000.0}) < odds() - 0.5, "small"
    assert odds({"high": 130}) < odds({"high": 125}) - 1.0, "as high as a doorway"


def test_what_stands_on_the_floor_is_a_doorway_where_it_is_slim() -> None:
    assert odds({"high": 110}, foot=0.4) == pytest.approx(odds({"high": 110}) - 2.6 * 0.3, abs=1e-3)
    assert odds(foot=0.4) == pytest.approx(odds())


def test_without_a_day_or_in_a_dark_one_it_is_even_odds_at_most() -> None:
    assert odds(day_middle=-4.0) == 0.0 and odds(day_middle=-4.0, unlike=0.1) < 0.0
    assert odds(level=-4.8) == 0.0 and odds(level=-4.4) > 0.0, "what is near takes all the exposure"
    assert odds(day_middle=None, deep=0.7) == 0.0
    assert odds(day_middle=None, deep=0.5) == -np.inf and odds(day_middle=None, deep=0.7, around=0.5) == -np.inf


def test_what_holds_the_lamps_image_hangs_on_an_even_wall_and_is_no_pane() -> None:
    def of(**looks: float) -> tuple[float, bool, bool]:
        made = replace(LOOKS, **{name: one(value) for name, value in looks.items()})
        return float(hangs(made, SHAPES)[0]), bool(is_pane(made)[0]), bool(may_be_one(made)[0])

    assert of(under=0.6)[0] > of()[0] > of(around=0.5)[0] and of()[0] > of(drawn=0.5)[0] and of()[0] > of(deep_day=0.2)[0]
    assert float(hangs(LOOKS, replace(SHAPES, high=np.array([60])))[0]) < of()[0] > float(hangs(LOOKS, replace(SHAPES, area=np.array([2000.0])))[0])
    assert float(hangs(LOOKS, replace(SHAPES, cut=np.array([True])))[0]) < of()[0]
    assert of(under=0.9, over=0.1)[1:] == (False, True) and of(under=0.9, over=0.4)[1:] == (False, False) and of(under=1.2, over=0.4)[1:] == (True, False)
    assert of(under=1.2, over=0.4, around=1.2)[1] is False, "the image of a window in a mirror"
    assert not of(under=2.4, over=-1.5)[2] and not of(under=-0.9)[2] and not of(under=1.5, over=-1.3)[2]
