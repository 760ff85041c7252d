"""What is read within outlines and around them, from drawn light whose values are known."""

import cv2
import numpy as np
import pytest

from provisioner.scene.looks import Looks, look_at
from provisioner.scene.own_light import Light, Mask

HEIGHT, WIDTH = 360, 640
BOX = np.array([(200, 100), (320, 100), (320, 220), (200, 220)], np.int32)
OVAL = np.array([(260 + 60 * np.cos(turn), 160 + 60 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 24, endpoint=False)], np.int32)


def wall(level: float) -> Light:
    return np.full((HEIGHT, WIDTH), level, np.float32)


NO_EDGES = np.zeros((HEIGHT, WIDTH), np.uint8)


def looked(own: Light, day: Light | None = None, luma: int = 120, edges: Mask = NO_EDGES) -> Looks:
    return look_at([BOX, OVAL], own, day, np.full((HEIGHT, WIDTH), luma, np.uint8) if day is not None else None, edges, 1.0)


def test_a_step_is_deep_and_a_slope_is_not() -> None:
    step, slope = wall(-2.0), wall(-2.0)
    step[160:, :] = -3.0
    slope += np.linspace(0, 3, WIDTH, dtype=np.float32)[None, :] + np.linspace(0, 2, HEIGHT, dtype=np.float32)[:, None]
    stepped = wall(-2.0)
    stepped[160:220, 200:320] = -3.0
    assert np.all(looked(slope).deep < 0.01) and np.all(looked(slope).around < 0.01)
    assert np.all(looked(stepped).deep > 0.5) and looked(stepped).around[0] < 0.01
    assert np.all(looked(step).around > 0.2), "the wall around has the step as well"


def test_levels_within_and_around() -> None:
    own, day = wall(-2.0), wall(-1.0)
    own[100:221, 200:321] = -2.6
    day[100:221, 200:321] = -0.7
    found = looked(own, day)
    assert found.under[0] == pytest.approx(0.6, abs=0.01) and found.over[0] == pytest.approx(0.3, abs=0.01)
    assert found.blown[0] == 0.0 and looked(own, day, luma=250).blown[0] == 1.0


def test_what_follows_the_daylight_is_paint() -> None:
    random = np.random.default_rng(1)
    fields = np.repeat(np.repeat(random.normal(0, 0.4, (9, 16)), 40, axis=0), 40, axis=1).astype(np.float32)
    other = np.repeat(np.repeat(random.normal(0, 0.4, (9, 16)), 40, axis=0), 40, axis=1).astype(np.float32)
    paint, place = looked(wall(-2.0) + 0.7 * fields, wall(-1.0) + fields), looked(wall(-2.0) + other, wall(-1.0) + fields)
    assert np.all(paint.unlike < 0.05) and np.all(paint.deep > 0.3) and np.all(place.unlike > 0.3)
    assert np.all(looked(wall(-2.0) - fields, wall(-1.0) + fields).unlike > 0.3), "no paint is the lighter in infrared the darker it is by day"
    assert np.all(looked(wall(-2.0) + 2.0 * fields, wall(-1.0) + fields).unlike > 0.3), "nor twice as dark"
    assert np.all(paint.deep_day > 0.3) and np.all(looked(wall(-2.0) + other, wall(-1.0)).deep_day == 0.0)


def test_what_it_stands_on_and_what_it_hangs_on() -> None:
    floor = wall(-2.0)
    floor[221:] = -3.0
    assert looked(floor).foot[0] > 0.8 and looked(wall(-2.0)).foot[0] < 0.01
    above = wall(-2.0)
    above[:99] = -3.0
    assert looked(above).foot[0] < 0.01


def test_outlines_at_the_edge_and_without_a_day() -> None:
    outline = np.array([(-5, -5), (60, -5), (60, 60), (-5, 60)], np.int32)
    found = look_at([outline], wall(-2.0), None, None, NO_EDGES, 1.0)
    assert np.isfinite([found.deep, found.under, found.around, found.foot]).all() and found.over[0] == 0.0 and found.unlike[0] == found.deep[0]


def test_an_outline_is_drawn_by_its_least_drawn_quarter() -> None:
    edges = NO_EDGES.copy()
    assert np.all(looked(wall(-2.0), edges=edges).drawn == 0.0)
    cv2.polylines(edges, [BOX], True, (255,), 5)
    assert looked(wall(-2.0), edges=edges).drawn[0] == 1.0
    edges[105:216, 310:330] = 0
    assert looked(wall(-2.0), edges=edges).drawn[0] < 0.2, "a whole side is missing"
    edges[105:216, 310:330] = 255
    edges[150:158, 190:210] = 0
    assert looked(wall(-2.0), edges=edges).drawn[0] > 0.7, "a gap"
    for at in range(104, 320, 25):
        edges[at:at + 6, 190:330] = 0
        edges[90:230, at + 100:at + 106] = 0
    assert looked(wall(-2.0), edges=edges).drawn[0] > 0.5, "gaps here and there are no missing side"


def test_a_ring_lies_as_far_from_each_side_however_it_slants() -> None:
    slanted = np.array([(200, 100), (260, 160), (260, 260), (200, 200)], np.int32)
    own = wall(-2.0)
    drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(drawn, [slanted], (1,))
    own[cv2.dilate(drawn, np.ones((5, 5), np.uint8)) > 0] = -3.0
    found = look_at([slanted], own, None, None, NO_EDGES, 1.0)
    assert found.around[0] < 0.01 and found.under[0] == pytest.approx(1.0, abs=0.01)
