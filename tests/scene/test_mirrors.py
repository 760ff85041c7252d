"""Mirrors from drawn rooms: each limit of the judgement has a room on both of its sides."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from provisioner.scene.mirrors import _around_spot, _distinct, _Seen, _Views
from provisioner.scene.outlines import Edges
from provisioner.scene.reflection import MIRROR, Reflections, find_reflections
from provisioner.scene.uprights import around, firsts, once, pairs, sides
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
PLACE_TALL = np.asarray(cv2.resize(parts(0.16, 0.05, 0.05, 0.03, 0.16, 0.05, 0.05, 0.14, 0.03), (70, 300), interpolation=cv2.INTER_NEAREST), np.float32)
PAINT_TALL = np.asarray(cv2.resize(PAINT, (70, 300), interpolation=cv2.INTER_NEAREST), np.float32)
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
    assert glass > overlap(hung(PAINT, PLACE), LEFT - 8, TOP - 8, ACROSS + 16, DOWN + 16) and glass > 0.88


def seen(left: int, top: int, across: int, down: int, evidence: float) -> _Seen:
    return _Seen(np.array(box(left, top, across, down), np.int32), float(across * down), evidence, 0.5, 2.0, 1.0, False, True)


def test_a_mirror_is_the_whole_of_it_and_not_the_part_that_shows_most() -> None:
    def plain(one: _Seen) -> bool:
        return False

    part, whole, around_it, beside = seen(330, 100, 30, 80, 3.0), seen(300, 100, 60, 80, 1.5), seen(250, 60, 160, 160, 0.2), seen(500, 100, 60, 80, 1.0)
    assert [(one.area, one.evidence) for one in _distinct([whole, part, around_it, beside], plain)] == [(whole.area, 3.0), (beside.area, 1.0)]
    assert [one.area for one in _distinct([replace(whole, evidence=0.9), part], plain)] == [part.area], "what is much less of a mirror is something around it"
    assert [one.area for one in _distinct([replace(whole, evidence=2.9), part, seen(298, 98, 64, 84, 1.3)], plain)] == [whole.area], "nor for a little more"
    assert [one.area for one in _distinct([whole, part], lambda one: one.area == whole.area)] == [part.area] and _distinct([whole, part], lambda one: True) == []


def test_of_what_holds_the_lamps_image_the_best_hung_decides_whether_it_is_a_window() -> None:
    dark = np.zeros((360, 640), np.float32)
    views, edges = _Views(dark, 1.0, None, None, None), Edges.of(None, np.zeros((360, 640), np.uint8), 1.0)

    def holder(*held: _Seen) -> list[float]:
        return [one.area for one in _around_spot((330.0, 140.0, 60.0), list(held), edges, views, 2e4)]

    mirror, pane = replace(seen(300, 100, 60, 120, 0.0), hangs=2.0), replace(seen(310, 110, 40, 80, 0.0), hangs=2.2, pane=True, may_be=False)
    assert holder(mirror, pane) == [mirror.area], "a window seen in it hangs nearly as well"
    assert holder(mirror, replace(pane, hangs=2.5)) == [] and holder(pane) == [] and holder(replace(mirror, may_be=False)) == []


def test_a_strip_of_a_window_is_no_mirror() -> None:
    """Between a glazing bar and a curtain: as tall as a mirror, and darker at night."""
    def told(pane: bool) -> bool | None:
        room = Room()
        room.fill(box(400, 120, 260, 300), 0.7 if pane else 0.2, 0.006 if pane else 0.11)
        room.day[120:420, 400:470] = PAINT_TALL[..., None]
        room.own[120:420, 400:470] = PLACE_TALL
        return find_reflections(*room.pictures()).flags.mirror_present

    assert told(False) is True and told(True) is False


def test_own_light_steeper_than_any_paint_is_another_place() -> None:
    found = hung(PAINT, 0.08 * (PAINT / PAINT.mean()) ** 2)
    assert found.flags.mirror_present, "near and far: the lamp falls off, the daylight does not"


def test_what_is_bright_by_day_and_dark_at_night_is_a_window() -> None:
    assert hung(2.0 * PAINT, 0.25 * PLACE).flags.mirror_present is False, "it lets the own light out"
    assert hung(0.9 * PAINT, 0.4 * PLACE).flags.mirror_present, "what is as dark in both is a far place"


def test_the_more_of_the_own_light_is_unexplained_the_surer() -> None:
    def told(steep: float) -> tuple[bool | None, list[str]]:
        found = hung(PAINT, np.asarray(0.10 * (PLACE / PLACE.mean()) ** steep, np.float32))
        return found.flags.mirror_present, [f.kind for f in found.findings]

    assert told(0.08) == (False, []) and told(0.3) == (True, ["mirror_present"])


def test_what_shows_nothing_by_day_is_no_mirror() -> None:
    assert hung(np.full((DOWN, ACROSS), 0.2, np.float32), PLACE).flags.mirror_present is False, "a screen with a lamp before it"


def test_small_ones_are_asked_about() -> None:
    room = Room()
    room.mirror(600, 200, 40, 40)
    found = find_reflections(*room.pictures())
    assert found.flags.mirror_present is False and not (found.pixels & MIRROR).any() and "mirror_perhaps" in [f.kind for f in found.findings]


def test_a_narrow_strip_is_no_mirror() -> None:
    for across, told in ((48, True), (4, False)):
        room = Room()
        room.mirror(600, 150, across, 200)
        assert find_reflections(*room.pictures()).flags.mirror_present is told, "the edge of a door, or of a post"


def test_what_stands_on_the_floor_as_high_as_a_doorway_is_one() -> None:
    room = Room()
    room.mirror(560, 120, 130, 320)
    assert find_reflections(*room.pictures()).flags.mirror_present, "it hangs on the wall"
    room = Room()
    room.fill(box(0, 440, WIDTH, HEIGHT - 440), 0.12, 0.05)
    room.mirror(560, 120, 130, 320)
    assert find_reflections(*room.pictures()).flags.mirror_present is False
    room.lamp_image(640, 300)
    assert find_reflections(*room.pictures()).flags.mirror_present, "with the lamp in it, it is no doorway"


def test_in_the_dark_day_nothing_is_told_for_sure() -> None:
    found = hung(PAINT, PLACE)
    assert found.flags.mirror_present
    room = Room()
    room.mirror(LEFT, TOP, ACROSS, DOWN)
    room.day *= 0.05
    dark = find_reflections(*room.pictures())
    assert dark.flags.mirror_present is False


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
    room.fill(box(440, 330, 370, 120), 0.5, 0.2)          # a bed before its foot
    room.lamp_image(620, 220)
    found = find_reflections(*room.pictures())
    assert found.flags.ir_hotspot and found.flags.mirror_present and overlap(found, 560, 150, 120, 180) > 0.5


def drawn_sides(*sides_at: tuple[int, int, int], tops: bool = True, feet: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Upright edges (x, top, foot), and these with an edge between the tops and the feet of the outermost."""
    upright = np.zeros((360, 640), np.uint8)
    for x, top, foot in sides_at:
        upright[top:foot, x] = 255
    across = upright.copy()
    (left, top_l, foot_l), (right, top_r, foot_r) = sides_at[0], sides_at[-1]
    for drawn, y0, y1 in ((tops, top_l, top_r), (feet, foot_l, foot_r)):
        if drawn:
            cv2.line(across, (left, y0), (right, y1), (255,), 3)
    return upright, across


def quads(upright: np.ndarray, across: np.ndarray, least: float = 1e3, most: float = 1e5) -> np.ndarray:
    return pairs(sides(upright, 1.0), np.asarray(cv2.dilate(across, np.ones((3, 3), np.uint8)), np.uint8), 1.0, least, most)


def test_two_sides_with_an_edge_across_above_and_below_are_a_pair() -> None:
    whole = (300, 100, 200), (360, 104, 198)
    assert len(quads(*drawn_sides(*whole, feet=False))) == 0, "no foot"
    assert len(quads(*drawn_sides(*whole, tops=False))) == 0, "no top"
    found = quads(*drawn_sides(*whole))
    assert len(found) and np.abs(found[0] - [[300, 100], [360, 104], [360, 197], [300, 199]]).max() < 3
    assert len(quads(*drawn_sides(*whole), most=1e3)) == 0 and len(quads(*drawn_sides(*whole), least=1e4)) == 0, "too large, too small"
    assert len(quads(*drawn_sides((300, 100, 200), (310, 104, 198)), least=100)) == 0, "too narrow"
    slanted = quads(*drawn_sides((300, 100, 200), (360, 122, 222)))
    assert len(slanted) and np.abs(slanted[0, :, 1] - [100, 122, 221, 199]).max() < 3, "seen from a camera that hangs askew"


def nearest(found: np.ndarray, corners: list[list[int]]) -> float:
    """How far the corners of the quadrilateral that is most like it lie off, in pixels, at most."""
    return min((float(np.abs(one - corners).max()) for one in found), default=np.inf)


def slanted_edges(corners: list[list[int]], cut: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Upright edges of a quadrilateral, the left one without its lowest `cut` pixels, and these with the edges across."""
    upright = np.zeros((360, 640), np.uint8)
    left_foot = [corners[3][0], corners[3][1] - cut]
    for a, b in ((corners[0], left_foot), (corners[1], corners[2])):
        cv2.line(upright, a, b, (255,), 1)
    across = upright.copy()
    for a, b in ((corners[0], corners[1]), (corners[3], corners[2])):
        cv2.line(across, a, b, (255,), 3)
    return upright, across


def test_on_a_wall_beside_the_camera_tops_and_feet_rise_steeply_to_the_farther_end() -> None:
    along = [[300, 120], [340, 160], [340, 270], [300, 205]]
    assert nearest(quads(*slanted_edges(along)), along) < 4
    steeper = [[300, 120], [340, 200], [340, 310], [300, 240]]
    assert nearest(quads(*slanted_edges(steeper)), steeper) > 4, "no wall that a camera sees runs like this"


def test_the_farther_side_is_drawn_out_to_less_than_the_nearer_one() -> None:
    along = [[300, 120], [340, 150], [340, 270], [300, 222]]
    assert nearest(quads(*slanted_edges(along, cut=50)), along) < 5


def test_a_side_that_day_and_night_both_show_is_one_and_its_two_edges_are_two() -> None:
    ends = np.array([[[300, 100], [300, 200]], [[301, 101], [300.5, 201]], [[304, 100], [304, 200]], [[300, 100], [300, 150]]], np.float32)
    assert len(once(ends, 1.0)) == 3 and len(once(ends[:1], 1.0)) == 1 and len(once(ends[:0], 1.0)) == 0
    assert firsts(np.array([[1, 2, 3, 4], [0, 0, 0, 9], [1, 2, 3, 4], [-1, 2, 3, 4]])).tolist() == [0, 1, 3]


@pytest.mark.parametrize(("right", "cut"), [((360, 100, 155), "foot"), ((360, 145, 200), "top")])
def test_a_side_that_something_stands_before_is_drawn_out(right: tuple[int, int, int], cut: str) -> None:
    upright, across = drawn_sides((300, 100, 200), right)
    for y in (100, 199):
        cv2.line(across, (300, y), (360, y), (255,), 3)
    found = quads(upright, across)
    assert len(found) and min(np.abs(one - [[300, 100], [360, 100], [360, 199], [300, 199]]).max() for one in found) < 4, cut


def test_both_sides_cut_at_other_ends_are_drawn_out_together() -> None:
    upright, across = drawn_sides((300, 100, 165), (360, 132, 200))
    for y in (100, 199):
        cv2.line(across, (300, y), (360, y), (255,), 3)
    assert min(np.abs(one - [[300, 100], [360, 100], [360, 199], [300, 199]]).max() for one in quads(upright, across)) < 4


def test_two_pieces_in_one_line_are_one_side() -> None:
    upright, across = drawn_sides((300, 100, 200), (360, 100, 200))
    for x in (300, 360):
        upright[138:165, x] = across[138:165, x] = 0
    found = quads(upright, across)
    assert len(found) and min(np.abs(one - [[300, 100], [360, 100], [360, 199], [300, 199]]).max() for one in found) < 3


def test_the_sides_around_the_lamps_image() -> None:
    upright, across = drawn_sides((300, 100, 200), (360, 104, 198))
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


def test_a_window_and_the_wall_around_it_are_no_mirror() -> None:
    room = Room()
    room.fill(box(400, 120, 300, 330), 0.26, 0.12)                # a niche, as pale as the wall
    room.fill(box(480, 180, 160, 200), 0.7, 0.006)                # its pane
    room.lamp_image(560, 250)
    found = find_reflections(*room.pictures())
    assert found.flags.ir_hotspot and found.flags.mirror_present is False


def test_the_lamp_in_the_glass_of_a_painting_makes_it_no_mirror() -> None:
    def told(colour: tuple[float, float, float]) -> bool | None:
        room = Room()
        room.fill(box(500, 150, 240, 200), 0.12, 0.08)
        room.fill(box(510, 160, 220, 180), colour, 0.09)
        room.fill(box(560, 200, 90, 80), (0.3, 0.3, 0.3), 0.06)
        room.lamp_image(620, 250)
        return find_reflections(*room.pictures()).flags.mirror_present

    assert told((0.04, 0.15, 0.5)) is False and told((0.2, 0.2, 0.2)) is True


def test_without_the_day_a_pane_and_a_mirror_are_both_asked_about() -> None:
    room = Room()
    room.fill(box(430, 130, 220, 270), 0.5, 0.2)
    room.fill(box(450, 150, 180, 230), 0.7, 0.08)
    room.lamp_image(540, 240)
    _, night, off = room.pictures()
    found = find_reflections(None, night, off)
    assert found.flags.ir_hotspot and found.flags.mirror_present is None and not (found.pixels & MIRROR).any()
    assert "spegeln" not in next(f for f in found.findings if f.kind == "ir_hotspot").text.sv, "what mirrors it cannot be told"


def test_the_two_edges_of_a_frame_are_two_sides() -> None:
    frame = np.full((360, 640), 120, np.uint8)
    frame[100:260, 300:303] = 60
    edges = Edges.of(None, frame, 1.0)
    assert len(edges.sides) == 2 and not (edges.uprights[0] & edges.uprights[1]).any()


def test_edges_without_a_day_frame_are_those_of_the_night() -> None:
    frame = np.full((360, 640), 60, np.uint8)
    frame[100:200, 200:300] = 120
    edges = Edges.of(None, frame, 1.0)
    assert edges.day is None and np.array_equal(edges.both, edges.night) and np.count_nonzero(edges.upright) < np.count_nonzero(edges.night)
