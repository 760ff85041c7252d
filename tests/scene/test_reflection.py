"""Glare, the lamp's own image and mirrors, from drawn frames whose truth is known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from provisioner.scene.findings import Outline, Severity
from provisioner.scene.foretell import Foretold, ForetoldBounce, ForetoldMirror
from provisioner.scene.pictures import Picture
from provisioner.scene.reflection import HOTSPOT, MIRROR, Flags, Mark, find_reflections
from tests.scene.reflecting_room import HEIGHT, WIDTH, Room, box, kinds, overlap

WINDOW = box(150, 80, 220, 260)


def foretold(mirrors: tuple[Outline, ...] = (), shows: float = 0.0, bounces: tuple[tuple[float, float], ...] = ()) -> Foretold:
    return Foretold(tuple(ForetoldMirror(m, "mirror", shows, shows, 0.0) for m in mirrors), (), tuple(ForetoldBounce(b, "mirror", 3.0) for b in bounces))


def test_an_even_room_reflects_nothing() -> None:
    found = find_reflections(*Room().pictures())
    assert found.flags == Flags(False, False, False, False) and not found.pixels.any() and found.findings == ()


# The lamp's own image

def test_the_lamp_in_a_pane_is_found_and_drawn() -> None:
    room = Room()
    room.fill(WINDOW, 0.5, 0.004)
    room.lamp_image(260, 180)
    found = find_reflections(*room.pictures())
    drawn = (found.pixels & HOTSPOT) > 0
    ys, xs = np.nonzero(drawn)
    assert found.flags.ir_hotspot and abs(xs.mean() - 260) < 3 and abs(ys.mean() - 180) < 3 and 300 < drawn.sum() < 1500
    assert found.flags.mirror_present is False, "a pane with nothing behind it is no mirror"
    assert next(f for f in found.findings if f.kind == "ir_hotspot").certainty == 0.95


def test_the_lamp_is_found_before_a_lit_yard_with_another_exposure() -> None:
    room = Room()
    room.fill(WINDOW, 0.8, 0.0, others=0.8)
    room.lamp_image(260, 180)
    assert find_reflections(*room.pictures(gain=0.45)).flags.ir_hotspot


def test_a_lamp_of_somebody_else_is_not_ours() -> None:
    room = Room()
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    room.others += 4.0 * np.exp(-((xs - 800) ** 2 + (ys - 300) ** 2) / (2 * 8.0**2)).astype(np.float32)
    assert find_reflections(*room.pictures()).flags.ir_hotspot is False


def test_white_round_things_near_the_lamp_are_things() -> None:
    room = Room()
    for light in (room.day, room.own):
        cv2.circle(light, (800, 300), 14, (0.75, 0.75, 0.75) if light.ndim == 3 else (1.2,), -1)
    day, night, off = room.pictures()
    assert find_reflections(day, night, off).flags.ir_hotspot is False, "by day it has the same outline"
    assert find_reflections(None, night, off).flags.ir_hotspot, "which a night frame alone does not show"


def test_a_bright_corner_of_the_picture_is_no_image_of_the_lamp() -> None:
    room = Room()
    cv2.circle(room.own, (1279, 719), 26, (1.4,), -1)             # something near, of which a quarter is seen
    assert find_reflections(*room.pictures()).flags.ir_hotspot is False
    room.lamp_image(640, 14)                                      # cut by one edge it is told
    assert find_reflections(*room.pictures()).flags.ir_hotspot


def test_an_image_that_runs_together_with_a_bright_thing_is_found_and_the_thing_alone_is_not() -> None:
    """In a mirror the ceiling beside it is as bright."""
    room = Room()
    room.fill(box(560, 100, 260, 300), 0.2, 0.03)
    room.fill(box(600, 100, 180, 44), 0.3, 1.2)
    assert find_reflections(*room.pictures()).flags.ir_hotspot is False
    room.lamp_image(690, 170, sigma_px=12.0, strength=9.0)
    found = find_reflections(*room.pictures())
    ys, xs = np.nonzero(found.pixels & HOTSPOT)
    assert found.flags.ir_hotspot and abs(xs.mean() - 690) < 12 and abs(ys.mean() - 170) < 24


def test_a_near_table_top_is_not_the_lamp_though_it_is_as_bright() -> None:
    """A triangle that the picture's foot cuts: the largest circle in it is dark all around."""
    room = Room()
    room.fill(((270, 720), (330, 650), (390, 720)), 0.06, 1.6)
    assert find_reflections(*room.pictures()).flags.ir_hotspot is False


def test_a_small_image_counts_whatever_the_day_shows_in_its_place() -> None:
    room = Room()
    room.fill(WINDOW, 0.5, 0.004)
    cv2.circle(room.day, (260, 180), 7, (0.1, 0.1, 0.1), -1)
    room.lamp_image(260, 180, sigma_px=3.0, strength=6.0)
    assert find_reflections(*room.pictures()).flags.ir_hotspot


def test_a_lampshade_near_the_camera_is_round_and_not_flat_on_top() -> None:
    room = Room()
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    shade = 1 - ((xs - 800) / 40) ** 2 - ((ys - 150) / 28) ** 2
    room.own = np.where(shade > 0, 0.93 * np.sqrt(np.maximum(shade, 0)), room.own).astype(np.float32)
    assert find_reflections(None, *room.pictures()[1:]).flags.ir_hotspot is False


def test_a_bright_frame_beside_the_lamps_image_is_not_drawn_as_the_lamp() -> None:
    def drawn_px(framed: bool) -> int:
        room = Room()
        room.fill(WINDOW, 0.5, 0.004)
        if framed:
            room.fill(box(150, 150, 220, 14), 0.5, 0.6)
        room.lamp_image(260, 180)
        return int(np.count_nonzero(find_reflections(*room.pictures()).pixels & HOTSPOT))

    assert 0 < drawn_px(False) <= drawn_px(True) <= 1.15 * drawn_px(False)


def test_a_short_exposure_leaves_only_the_lamp() -> None:
    room = Room()
    room.fill(WINDOW, 0.5, 0.004)
    room.lamp_image(260, 180)
    day, night, off = room.pictures()
    dark = Picture(np.full((HEIGHT, WIDTH, 3), 20, np.uint8))
    assert find_reflections(day, night, off, short=dark).flags.ir_hotspot is False
    dark.bgr[170:190, 250:270] = 250
    found = find_reflections(day, night, off, short=Picture(dark.bgr))
    assert found.flags.ir_hotspot and next(f for f in found.findings if f.kind == "ir_hotspot").certainty == 1.0


def test_a_faint_image_counts_where_the_plan_foretells_it() -> None:
    room = Room()
    room.fill(WINDOW, 0.5, 0.004)
    room.lamp_image(260, 180, strength=0.42)
    frames = room.pictures()
    assert find_reflections(*frames).flags.ir_hotspot is False
    assert find_reflections(*frames, foretold(bounces=((257, 184),))).flags.ir_hotspot
    assert find_reflections(*frames, foretold(bounces=((900, 184),))).flags.ir_hotspot is False, "foretold, and nothing is there: covered"


# Mirrors

def test_a_mirror_is_told_from_picture_television_window_and_door() -> None:
    room = Room()
    mirror = room.mirror(560, 180, 120, 170)
    room.fill(WINDOW, 0.85, 0.004)
    room.fill(box(820, 200, 150, 90), (0.02, 0.02, 0.02), 0.003)                     # television
    room.fill(box(1020, 120, 110, 110), (0.02, 0.3, 0.6), 0.11)                      # picture: colours by day, blank in infrared
    room.fill(box(1040, 140, 40, 40), (0.6, 0.1, 0.02), 0.12)
    room.fill(box(1150, 260, 120, 455), 0.36, 0.11)                                  # door
    found = find_reflections(*room.pictures())
    assert found.flags.mirror_present and found.flags.mirror_view is None, "what it shows only a plan knows"
    assert kinds(found) == ["mirror_present"] and overlap(found, MIRROR, mirror) > 0.6


@pytest.mark.parametrize(("day", "own"), [
    ((0.2, 0.2), (0.02, 0.16)),                           # nothing to see by day: a television with a lamp before it
    (((0.01, 0.05, 0.6), (0.6, 0.02, 0.01)), (0.02, 0.16)),   # as colourful as paint
    ((0.9, 0.9), (0.02, 0.16)),                           # brighter than the wall: a pane
    ((0.42, 0.05), (0.115, 0.125)),                         # two paints
])
def test_deep_own_light_alone_makes_no_mirror(day: tuple[float, float], own: tuple[float, float]) -> None:
    room = Room()
    room.fill(box(552, 172, 136, 186), 0.12, 0.08)
    halves = box(560, 180, 120, 85), box(560, 265, 120, 85)
    for half, light in zip(halves, own, strict=True):
        room.fill(half, 0.2, light)
    for half, light in zip(halves, day, strict=True):
        cv2.fillPoly(room.day, [np.array(half, np.int32)], np.broadcast_to(np.asarray(light, float), (3,)).tolist())
    assert find_reflections(*room.pictures()).flags.mirror_present is False


def test_light_that_falls_off_along_a_wall_is_no_depth() -> None:
    room = Room()
    room.fill(box(552, 172, 336, 286), 0.12, 0.08)
    slope = np.exp(np.linspace(-1.2, 0.6, 320))[None, :]
    room.own[180:450, 560:880] = 0.12 * slope
    room.day[180:450, 560:880] = (0.3 * slope)[..., None]
    assert find_reflections(*room.pictures()).flags.mirror_present is False


def test_a_thing_with_uneven_light_around_it_does_not_hang_on_a_wall() -> None:
    room = Room()
    room.mirror(560, 180, 120, 170)
    assert find_reflections(*room.pictures()).flags.mirror_present
    for side in (box(0, 0, 556, 720), box(556, 358, 732, 362)):
        cv2.fillPoly(room.own, [np.array(side, np.int32)], (0.01,))       # as in an opening, between a lit leaf and the dark
    assert find_reflections(*room.pictures()).flags.mirror_present is False


def test_a_striped_picture_is_not_deep() -> None:
    room = Room()
    room.fill(box(552, 172, 136, 186), 0.12, 0.08)
    for y in range(180, 350, 20):
        room.fill(box(560, y, 120, 10), 0.42, 0.14)
        room.fill(box(560, y + 10, 120, 10), 0.08, 0.10)
    assert find_reflections(*room.pictures()).flags.mirror_present is False, "stripes in both lights, less than two paints apart"


def test_a_frame_as_pale_as_the_wall_in_places_is_an_outline_all_the_same() -> None:
    room = Room()
    outline = room.mirror(560, 180, 120, 170)
    for light, wall in ((room.day, 0.285), (room.own, 0.138)):
        light[168:182, 590:650] = wall
    found = find_reflections(*room.pictures())
    assert found.flags.mirror_present and overlap(found, MIRROR, outline) > 0.6


def test_a_wardrobe_of_mirrors_is_drawn_to_its_last_door() -> None:
    room = Room()
    left, top, width, height = 300, 100, 140, 420
    for door in range(4):
        room.mirror(left + door * (width + 16), top, width, height)
    room.lamp_image(left + 2 * (width + 16) + 100, 190)
    found = find_reflections(*room.pictures())
    assert found.flags.mirror_present and overlap(found, MIRROR, box(left, top, 4 * width + 48, height)) > 0.7


def test_the_lamps_image_in_it_makes_a_mirror_sure() -> None:
    room = Room()
    room.mirror(560, 180, 120, 170)
    room.lamp_image(640, 290)
    found = find_reflections(*room.pictures())
    assert found.flags.mirror_present and found.flags.ir_hotspot
    assert next(f for f in found.findings if f.kind == "mirror_present").certainty >= 0.9
    assert "spegeln" in next(f for f in found.findings if f.kind == "ir_hotspot").text.sv


def test_one_frame_alone_says_could_not_tell_and_never_no() -> None:
    room = Room()
    room.mirror(560, 180, 120, 170)
    day, night, off = room.pictures()
    by_day = find_reflections(day, None)
    assert by_day.flags == Flags(False, None, None, None) and "mirror_unknown" in kinds(by_day)
    at_night = find_reflections(None, night, off)
    assert at_night.flags == Flags(None, False, None, None) and "mirror_perhaps" in kinds(at_night)
    moved = find_reflections(day, night, off, same_view=False)
    assert moved.flags.mirror_present is None and moved.flags.ir_hotspot is False
    other_size = find_reflections(day, *room.pictures(width_px=640)[1:])
    assert other_size.flags.mirror_present is None and other_size.pixels.shape == day.luma.shape
    without_off = find_reflections(day, night)
    assert without_off.flags.mirror_present is True, "two frames of three are enough for a clear mirror"


def test_h17_a_plan_says_which_mirror_shows_another_room() -> None:
    mirror = box(300, 100, 150, 300)
    frames = Room().pictures()
    bed = box(250, 300, 300, 200)
    found = find_reflections(*frames, foretold((mirror,), shows=0.4), in_front=(bed,))
    assert found.flags.mirror_present and found.flags.mirror_view
    assert overlap(found, MIRROR, box(300, 100, 150, 200)) > 0.98, "the bed stands before it"
    told = next(f for f in found.findings if f.kind == "mirror_view")
    assert told.severity is Severity.ACT and told.certainty == 1.0
    plain = find_reflections(*frames, foretold((mirror,), shows=0.04))
    assert plain.flags.mirror_present and plain.flags.mirror_view is False
    assert find_reflections(*frames, foretold((box(300, 100, 30, 40),), shows=0.4)).flags.mirror_present is False, "too small to show anybody"
    assert find_reflections(*frames, foretold((box(-900, 100, 300, 300),), shows=0.4)).flags.mirror_present is False, "out of the picture"


def test_h17_a_mirror_the_plan_does_not_know_is_told() -> None:
    room = Room()
    room.mirror(560, 180, 120, 170)
    found = find_reflections(*room.pictures(), foretold())
    assert "mirror_unplanned" in kinds(found) and found.flags.mirror_present
    assert found.flags.mirror_view is None, "the plan does not say what it shows"


def test_a_doorway_of_the_plan_is_no_mirror_that_the_plan_does_not_know() -> None:
    room = Room()
    room.mirror(560, 180, 120, 170)
    found = find_reflections(*room.pictures(), replace(foretold(), doors=(box(545, 165, 150, 200),)))
    assert kinds(found) == [] and found.flags.mirror_present is False


def test_a_technicians_word_stands_beside_the_finding() -> None:
    room = Room()
    outline = room.mirror(560, 180, 120, 170)
    frames = room.pictures()
    rejected = find_reflections(*frames, marks=(Mark(outline, False),))
    assert {"mirror_present", "mirror_rejected"} <= set(kinds(rejected)) and rejected.flags.mirror_present
    wardrobe = box(900, 100, 100, 400)
    marked = find_reflections(frames[0], None, marks=(Mark(wardrobe, True),))
    assert marked.flags.mirror_present and marked.flags.mirror_view is None and overlap(marked, MIRROR, wardrobe) > 0.98


# Bad input

@pytest.mark.parametrize("luma", [0, 128, 255])
def test_frames_without_a_picture_do_not_crash(luma: int) -> None:
    flat = Picture(np.full((HEIGHT, WIDTH, 3), luma, np.uint8))
    found = find_reflections(flat, flat, flat)
    assert found.flags.ir_hotspot is False and found.flags.mirror_present is False and found.flags.glare is (luma == 255)
    small = Picture(np.full((17, 19, 3), luma, np.uint8))
    assert find_reflections(small, small, small).pixels.shape == (17, 19)


def test_no_frame_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        find_reflections(None, None)


def test_outlines_outside_the_picture_are_cut() -> None:
    outside = foretold((box(-50, -50, 200, 200),), shows=1.0, bounces=((-5.0, 9000.0), (float(WIDTH), 3.0)))
    found = find_reflections(*Room().pictures(), outside)
    assert found.flags.mirror_view and overlap(found, MIRROR, box(0, 0, 150, 150)) > 0.97
