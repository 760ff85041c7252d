"""Mirrors from drawn rooms: each limit of the judgement has a room on both of its sides."""

import cv2
import numpy as np
import pytest

from provisioner.scene.outlines import Edges
from provisioner.scene.reflection import MIRROR, Reflections, find_reflections
from provisioner.scene.uprights import around, pairs, sides
from tests.scene.reflecting_room import HEIGHT, WIDTH, Light, Room, box

LEFT, TOP, ACROSS, DOWN = 560, 180, 150, 160


def overlap(found: Reflections, left: int, top: int, across: int, down: int) -> float:
    """Intersection over union."""
    truth = np.zeros((HEIGHT, WIDTH), bool)
    truth[top:top + down, left:left + across] = True
    drawn = (found.pixels & MIRROR) > 0
    return float(np.count_nonzero(drawn & truth) / np.count_nonzero(drawn | truth))


def hung(day: Light, own: Light) -> Reflections:
    """What is said of a room with a framed thing that looks like this by day and in the own light."""
    room = Room()
    room.fill(box(LEFT - 8, TOP - 8, ACROSS + 16, DOWN + 16), 0.12, 0.08)
    room.day[TOP:TOP + DOWN, LEFT:LEFT + ACROSS] = day if day.ndim == 3 else day[..., None]
    room.own[TOP:TOP + DOWN, LEFT:LEFT + ACROSS] = own
    return find_reflections(*room.pictures())


def parts(*levels: float) -> Light:
    """Nine fields, three in a row."""
    return np.asarray(cv2.resize(np.array(levels, np.float32).reshape(3, 3), (ACROSS, DOWN), interpolation=cv2.INTER_NEAREST), np.float32)


PAINT = parts(0.10, 0.40, 0.20, 0.40, 0.12, 0.30, 0.16, 0.35, 0.10)
PLACE = parts(0.16, 0.05, 0.05, 0.03, 0.16, 0.05, 0.05, 0.14, 0.03)


@pytest.mark.parametrize("steep", [0.4, 0.7, 1.0])
def test_paint_that_is_as_dark_in_infrared_is_no_mirror(steep: float) -> None:
    own = 0.12 * (PAINT / PAINT.mean()) ** steep
    assert hung(PAINT, own).flags.mirror_present is False, "the own light follows the daylight: the same paint in both"


def test_own_light_that_daylight_does_not_explain_is_another_place() -> None:
    found = hung(PAINT, PLACE)
    assert found.flags.mirror_present and overlap(found, LEFT, TOP, ACROSS, DOWN) > 0.8


def test_a_colourful_thing_is_a_painting_whatever_the_own_light_makes_of_it() -> None:
    colours = PAINT[..., None] * np.where(np.arange(ACROSS) % 50 < 25, 1.0, 0.0)[None, :, None] * np.array([1.6, 0.7, 0.2], np.float32)
    colours += PAINT[..., None] * np.where(np.arange(ACROSS) % 50 < 25, 0.0, 1.0)[None, :, None] * np.array([0.2, 0.8, 1.6], np.float32)
    assert hung(colours.astype(np.float32), PLACE).flags.mirror_present is False
    grey = np.repeat(colours.mean(axis=2, keepdims=True), 3, axis=2).astype(np.float32)
    assert hung(grey, PLACE).flags.mirror_present


def test_a_mirror_is_the_glass_and_not_its_frame() -> None:
    glass = overlap(hung(PAINT, PLACE), LEFT, TOP, ACROSS, DOWN)
    assert glass > overlap(hung(PAINT, PLACE), LEFT - 8, TOP - 8, ACROSS + 16, DOWN + 16) and glass > 0.915


def test_own_light_steeper_than_any_paint_is_another_place() -> None:
    found = hung(PAINT, 0.08 * (PAINT / PAINT.mean()) ** 2)
    assert found.flags.mirror_present, "near and far: the lamp falls off, the daylight does not"


def test_what_is_bright_by_day_and_dark_at_night_is_a_window() -> None:
    assert hung(PAINT, 0.012 / PAINT).flags.mirror_present is False


def test_unlike_but_shallow_is_no_mirror() -> None:
    own = 0.10 * (PLACE / PLACE.mean()) ** 0.2
    found = hung(PAINT, own)
    assert found.flags.mirror_present is False and not [f for f in found.findings if f.kind == "mirror_perhaps"]


def test_a_little_unlike_is_enough_where_the_own_light_says_that_it_is_far() -> None:
    near, far = (light * 0.10 * (PLACE / PLACE.mean()) ** 0.22 for light in (1.0, 0.62))
    assert hung(PAINT, near).flags.mirror_present is False and hung(PAINT, far).flags.mirror_present


def test_depth_without_a_step_is_a_slope_of_light() -> None:
    ys, xs = np.mgrid[:DOWN, :ACROSS].astype(np.float32)
    bent = 0.1 * np.exp(0.7 * np.cos(2 * np.pi * xs / ACROSS) * np.cos(np.pi * ys / DOWN))   # deep, and nowhere steeper than 8% a pixel
    assert hung(np.full((DOWN, ACROSS), 0.2, np.float32), np.asarray(bent, np.float32)).flags.mirror_present is False


def test_small_and_cut_ones_are_asked_about() -> None:
    for left, top, across, down in ((600, 200, 48, 48), (0, 200, 150, 160)):
        room = Room()
        room.mirror(left, top, across, down)
        found = find_reflections(*room.pictures())
        assert found.flags.mirror_present is False and not (found.pixels & MIRROR).any()


def test_as_tall_and_narrow_as_a_doorway_is_asked_about() -> None:
    room = Room()
    room.mirror(560, 120, 130, 320)
    found = find_reflections(*room.pictures())
    assert found.flags.mirror_present is False and "mirror_perhaps" in [f.kind for f in found.findings]
    room.lamp_image(640, 300)
    assert find_reflections(*room.pictures()).flags.mirror_present, "with the lamp in it, it is no doorway"


def test_a_round_mirror() -> None:
    room = Room()
    for radius, day, own in ((78, 0.10, 0.06), (70, 0.2, 0.07)):
        cv2.circle(room.day, (640, 300), radius, (day, day, day), -1)
        cv2.circle(room.own, (640, 300), radius, (own,), -1)
    inside = np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] - np.array([300, 640])[:, None, None])) < 70
    far, near = inside.copy(), inside.copy()
    far[:, 640:] = False
    near[:310] = False
    room.own[far], room.own[near] = 0.01, 0.16
    room.day[far], room.day[near] = 0.07, 0.3
    found = find_reflections(*room.pictures())
    drawn = (found.pixels & MIRROR) > 0
    assert found.flags.mirror_present and np.count_nonzero(drawn & inside) / np.count_nonzero(drawn | inside) > 0.8


def test_a_spot_without_an_outline_is_drawn_between_the_edges_beside_it() -> None:
    room = Room()
    room.fill(box(560, 150, 120, 260), 0.2, 0.08)
    room.fill(box(540, 330, 170, 120), 0.5, 0.2)          # a bed before its foot
    room.lamp_image(620, 220)
    found = find_reflections(*room.pictures())
    assert found.flags.ir_hotspot and found.flags.mirror_present and overlap(found, 560, 150, 120, 180) > 0.5


def test_two_sides_with_an_edge_across_above_and_below_are_a_pair() -> None:
    upright = np.zeros((360, 640), np.uint8)
    upright[100:200, 300] = upright[104:198, 360] = upright[100:140, 420] = 255
    across = upright.copy()
    cv2.line(across, (300, 100), (360, 104), (255,), 3)
    assert len(pairs(sides(upright, 1.0), across, 1.0, 1e5)) == 0, "no foot"
    cv2.line(across, (300, 199), (360, 197), (255,), 3)
    found = pairs(sides(upright, 1.0), across, 1.0, 1e5)
    assert found.shape == (1, 4, 2) and np.abs(found[0] - [[300, 100], [360, 104], [360, 197], [300, 199]]).max() < 3
    assert len(pairs(sides(upright, 1.0), across, 1.0, 1e3)) == 0, "too large"
    beside = around((330.0, 150.0), sides(upright, 1.0), upright, across, 1.0, 1e3, 1e5)
    assert beside is not None and beside[0, 0] == 300 and beside[1, 0] == 360
    for at in ((200.0, 150.0), (330.0, 340.0)):
        assert around(at, sides(upright, 1.0), upright, across, 1.0, 1e3, 1e5) is None
    assert around((330.0, 150.0), sides(upright, 1.0), upright, across, 1.0, 1e3, 3e3) is None, "too large"
    upright[20:340, 500] = upright[20:340, 250] = 255    # stripes of the wall: large, and with nothing above and below them
    best = around((330.0, 150.0), sides(upright, 1.0), upright, across | upright, 1.0, 1e3, 1e5)
    assert best is not None and best[0, 0] == 300 and best[1, 0] == 360


def test_the_lamp_in_a_pane_that_shows_the_room_makes_it_no_mirror() -> None:
    room = Room()
    room.fill(box(138, 138, 254, 384), 0.4, 0.15)
    room.fill(box(150, 150, 230, 360), 0.4, 0.012)
    room.fill(box(150, 430, 230, 80), 0.3, 0.03)                  # the bed's image in it
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    halo = 0.22 * np.exp(-((xs - 260) ** 2 + (ys - 220) ** 2) / (2 * 47.0**2)).astype(np.float32)
    room.own[150:510, 150:380] += halo[150:510, 150:380]          # as bright around the spot as the room is
    room.lamp_image(260, 220)
    found = find_reflections(*room.pictures())
    assert found.flags.ir_hotspot and found.flags.mirror_present is False


def test_edges_without_a_day_frame_are_those_of_the_night() -> None:
    frame = np.full((360, 640), 60, np.uint8)
    frame[100:200, 200:300] = 120
    edges = Edges.of(None, frame, 1.0)
    assert edges.day is None and np.array_equal(edges.both, edges.night) and np.count_nonzero(edges.upright) < np.count_nonzero(edges.night)
