"""How the benchmark of the scene check counts: what is not told, what is not scored, ignored pixels; and that its refuter of sign places refutes."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks.scene_refuter import refuted
from benchmarks.scene_score import CLASSES, Score, Tally
from benchmarks.scene_set import Grid, Item, grid, items_of

PLAN: dict[str, Any] = {
    "room": [[0, 0], [4, 0], [4, 5], [0, 5]], "wall_thickness": {"S": 0.1}, "hall": [[1, -0.1], [4, -0.1], [4, -2], [1, -2]],
    "doors": [{"wall": "S", "a0": 1.2, "a1": 2.1, "kind": "room_door"}], "front_door": [[4, -0.4], [4, -1.3]],
}


def seen(*cells: tuple[float, float]) -> Grid:
    """A floor of 10 cm cells of which these alone are seen."""
    x_m, y_m = np.arange(-0.5, 5, 0.1), np.arange(-2.5, 5.5, 0.1)
    direct = np.zeros((len(y_m), len(x_m)), bool)
    for x, y in cells:
        direct[round((y + 2.5) / 0.1), round((x + 0.5) / 0.1)] = True
    return Grid(x_m, y_m, np.ones_like(direct), direct, np.zeros_like(direct))


def item(tmp_path: Path, **labels: str) -> Item:
    cv2.imwrite(str(tmp_path / "refl.png"), np.array([[1, 1, 17, 0]], np.uint8))
    quality = {"sharp_day": False, "sharp_night": True, "smear_cover": 0.0, "dark_day": False, "dark_night": False, "tilt_deg": -9.0, "obstructed": False}
    return Item(tmp_path, {"id": "one", "files": {"refl_mask": "refl.png"}, "quality": quality,
                           "frame_labels": {"glare": "none", "ir_hotspot": "none", "mirror_present": "none", "mirror_view": "none"} | labels})


def test_what_is_not_told_is_missed_where_it_is_and_no_false_alarm_where_it_is_not(tmp_path: Path) -> None:
    score = Score()
    score.add(item(tmp_path, glare="positive", ir_hotspot="minor"), dict.fromkeys(CLASSES) | {"ir_hotspot": True, "tilted": True}, None)
    glare, spot, tilted = (score.tallies[kind] for kind in ("glare", "ir_hotspot", "tilted"))
    assert (glare.true, glare.false, glare.missed, glare.untold) == (0, 0, 1, 1) and score.tallies["mirror_present"].missed == 0
    assert (spot.true, spot.false) == (0, 0), "minor is not scored"
    assert tilted.precision == tilted.recall == 1.0, "a lean to the left is a tilt as well"


def test_smeared_is_not_scored_as_unsharp(tmp_path: Path) -> None:
    one = item(tmp_path)
    assert one.truth("unsharp_day") is True
    one.raw["quality"]["smear_cover"] = 0.6
    assert one.truth("unsharp_day") is None and one.truth("smeared") is True


def test_ignored_pixels_count_neither_way(tmp_path: Path) -> None:
    score = Score()
    score.add(item(tmp_path, glare="positive"), {"glare": True}, np.array([[1, 0, 0, 0]], np.uint8))
    assert score.tallies["glare"].iou == 0.5, "of two that count, one was found; the third is ignored"
    assert not score.tallies["glare"].meets((0.9, 0.9, 0.9)) and Tally().meets((0.9, 0.9, 0.9)), "what is not measured misses nothing"


def test_the_grid_of_a_set_is_read_from_its_digits() -> None:
    found = grid({"nx": 3, "ny": 2, "x0": -0.05, "y0": -0.05, "cell": 0.1, "inside_hex": "fc", "direct_hex": "24", "mirror_hex": "80"})
    assert found.direct.tolist() == [[False, False, True], [False, False, True]] and found.at(0.2, 0.1) and found.at(0.0, 0.0) and not found.at(0.1, 0.0)


@pytest.mark.parametrize(("place", "cells", "why"), [
    ((1.0, -1.0), (), "seen from the front door"),            # straight across the hall
    ((4.0, -1.7), (), None),                                  # beside the front door, where no caller sees it: behind the visitor's back perhaps
    ((2.0, 2.0), (), "not on a wall"),
    ((2.6, 0.0), ((2.6, 0.0), (2.6, 0.1)), "in what the camera sees"),
    ((4.0, 4.0), ((3.5, -0.7), (3.6, -0.8), (3.7, -0.8), (3.8, -0.8)), "met after the seen area"),
])
def test_a_place_that_will_not_do_is_refuted(place: tuple[float, float], cells: tuple[tuple[float, float], ...], why: str | None) -> None:
    found = refuted(place, PLAN, seen(*cells))
    assert found == why if why is not None else found is None or "visitor" in found


def test_what_is_no_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no labelled set"):
        items_of(tmp_path)
