"""What is blown out by day, and what of it blinds, from drawn frames whose truth is known."""

import cv2
import numpy as np
import pytest

from provisioner.scene.findings import Severity
from provisioner.scene.reflection import GLARE, find_reflections
from tests.scene.reflecting_room import HEIGHT, WIDTH, Room, box, kinds, overlap

WINDOW = box(150, 80, 220, 260)


@pytest.mark.parametrize("width_px", [640, 1280, 1920])
def test_a_blown_window_is_glare_at_any_size(width_px: int) -> None:
    room = Room()
    room.fill(WINDOW, 1.4, 0.005)
    found = find_reflections(*room.pictures(width_px=width_px))
    assert found.flags.glare and overlap(found, GLARE, WINDOW) > 0.92
    glare = next(f for f in found.findings if f.kind == "glare")
    assert glare.severity is Severity.ACT and glare.value is not None and glare.limit is not None and glare.value > glare.limit


def test_sun_on_the_wall_is_no_glare_but_only_the_own_light_tells() -> None:
    room = Room()
    cv2.fillPoly(room.day, [np.array(WINDOW, np.int32)], (1.4, 1.4, 1.4))
    day, night, off = room.pictures()
    found = find_reflections(day, night, off)
    assert found.flags.glare is False and kinds(found) == ["sunlit"] and not (found.pixels & GLARE).any()
    alone = find_reflections(day, None)
    assert alone.flags.glare is True and alone.findings[0].certainty < 0.95


def test_a_patch_of_sun_in_a_mirror_is_thrown_by_the_mirror() -> None:
    def told(hangs: bool) -> tuple[bool | None, list[str], bool]:
        room = Room()
        if hangs:
            room.mirror(480, 120, 220, 380)
            room.fill(box(480, 120, 150, 253), 0.2, 0.07)
        room.day[200:260, 528:582] = 1.4
        found = find_reflections(*room.pictures())
        return found.flags.glare, [kind for kind in kinds(found) if kind in ("glare", "sunlit")], bool(found.pixels[230, 555] & GLARE)

    assert told(hangs=True) == (True, ["glare"], True) and told(hangs=False) == (False, ["sunlit"], False)


def test_sun_across_the_edge_of_a_bed_is_no_glare() -> None:
    room = Room()
    room.fill(box(500, 300, 400, 300), 0.35, 0.20)
    cv2.fillPoly(room.day, [np.array(box(500, 300, 200, 120), np.int32)], (1.4, 1.4, 1.4))
    assert find_reflections(*room.pictures()).flags.glare is False, "half its outline is the bed's, the other half only a shadow's edge"


def test_a_dark_pane_that_is_bright_by_day_is_a_source_whatever_is_around_it() -> None:
    room = Room()
    room.fill(box(100, 60, 500, 500), 0.3, 0.02)       # a deep recess that the lamp hardly reaches
    room.fill(box(250, 200, 200, 200), 1.4, 0.018)
    assert find_reflections(*room.pictures()).flags.glare


def test_small_bright_things_do_not_blind() -> None:
    room = Room()
    for x in range(100, 1200, 60):
        room.fill(box(x, 500, 18, 18), 1.4, 0.3)       # 324 px each, 6000 together
    assert find_reflections(*room.pictures()).flags.glare is False
    room.fill(box(600, 100, 30, 30), 1.4, 0.3)         # counts, but is a thousandth of the picture
    found = find_reflections(*room.pictures())
    assert found.flags.glare is False and kinds(found) == ["glare"] and found.findings[0].severity is Severity.NOTE


def lamp(fades: float) -> Room:
    """A blown-out disc before a wall that is as pale at night, and the wall around it lit by so much, less with the distance."""
    room = Room()
    ys, xs = np.mgrid[:HEIGHT, :WIDTH]
    away = np.hypot(xs - 640, ys - 300)
    room.day += np.where(away < 40, 1.4, fades * np.exp(-np.maximum(away - 40, 0.0) / 40))[..., None].astype(np.float32)
    return room


def test_a_lamp_lights_what_is_around_it_and_the_sun_does_not() -> None:
    assert find_reflections(*lamp(0.4).pictures()).flags.glare
    assert find_reflections(*lamp(0.0).pictures()).flags.glare is False
    beside = lamp(0.0)
    beside.day += np.linspace(0.4, 0.0, WIDTH, dtype=np.float32)[None, :, None]
    assert find_reflections(*beside.pictures()).flags.glare is False, "a wall that is lighter on one side is lit from there"


def test_what_glows_without_a_shadows_edge_is_a_source() -> None:
    """A curtain with the sun behind it, or what a lamp makes white: matt at night, and by day soft all around."""
    room = Room()
    glow = np.zeros((HEIGHT, WIDTH), np.float32)
    glow[150:390, 430:590] = 1.3
    room.day += cv2.GaussianBlur(glow, (0, 0), 22)[..., None]
    assert find_reflections(*room.pictures()).flags.glare
    folds = Room()
    for left in range(300, 800, 110):
        glow = np.zeros((HEIGHT, WIDTH), np.float32)
        glow[150:390, left:left + 40] = 1.3
        folds.day += cv2.GaussianBlur(glow, (0, 0), 18)[..., None]
    assert kinds(find_reflections(*folds.pictures())) == ["glare"] * 5, "it glows between its folds one by one"


def test_what_fades_near_by_alone_or_farther_out_alone_glows_as_well() -> None:
    """A curtain's glow ends at its next fold, and beside a lamp a cupboard's edge may lie."""
    def told(near: float, farther: float) -> bool | None:
        room = Room()
        far = np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] - np.array([300, 500])[:, None, None])) - 60
        lit = np.where(far < 24, near, np.where(far < 40, farther, 0.0)).astype(np.float32)
        room.day += lit[..., None]
        cv2.circle(room.day, (500, 300), 60, (1.4, 1.4, 1.4), -1)
        return find_reflections(*room.pictures()).flags.glare

    assert told(0.25, 0.0) is True and told(0.25, 0.25) is True and told(0.05, 0.0) is False


def test_a_white_cover_in_white_surroundings_is_no_source() -> None:
    """Soft as well, but it does not fade: a mask's blur over a white cupboard."""
    room = Room()
    room.fill(box(300, 100, 500, 400), 0.89, 0.13)
    room.fill(box(400, 150, 200, 250), 0.94, 0.13)
    assert find_reflections(*room.pictures()).flags.glare is False


def test_a_window_whose_white_frame_is_blown_out_too_is_a_source() -> None:
    room = Room()
    room.fill(box(150, 150, 260, 300), 1.4, 0.13)                 # frame, by night as the wall
    room.fill(box(166, 166, 228, 268), 1.4, 0.005)                # panes
    assert find_reflections(*room.pictures()).flags.glare


def test_the_sentence_says_which_way_to_turn() -> None:
    texts = []
    for left in (0, 1140, 500):
        room = Room()
        room.fill(box(left, 80, 140, 260), 1.4, 0.005)
        texts.append(next(f for f in find_reflections(*room.pictures()).findings if f.kind == "glare").text)
    assert "höger" in texts[0].sv and "right" in texts[0].en and "vänster" in texts[1].sv and "gardinen" in texts[2].sv
