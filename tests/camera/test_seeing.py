"""What leaves the camera of pictures of a home: numbers, sentences and places in words; the pictures are overwritten."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

import cv2
import numpy as np
import pytest

from provisioner.camera.profiles import generic_frame_limits
from provisioner.camera.seeing import Seen, see
from provisioner.case.view_check import Bed, ViewAsked
from provisioner.scene.limits import FrameLimits
from tests.scene.homes import home


def pictures() -> dict[Any, Any]:
    """Day, night and lamp off of something with edges; the night has a small blown spot, which the lamp makes."""
    rng = np.random.default_rng(5)
    base = np.kron(rng.integers(40, 170, (9, 16, 1), dtype=np.uint8), np.ones((80, 80, 3), np.uint8))
    night = np.clip(base.astype(int) // 2 + 30, 0, 255).astype(np.uint8)
    night[:] = night.mean(axis=2, keepdims=True).astype(np.uint8)
    off = (night // 8).astype(np.uint8)
    cv2.circle(night, (310, 190), 18, (255, 255, 255), -1, cv2.LINE_AA)
    return {"day": base, "night": night, "night_off": off}


def seen_with(asked: ViewAsked, *, draw: bool = False) -> tuple[Seen, dict[Any, Any]]:
    limits: FrameLimits = generic_frame_limits()
    shown = pictures()
    return see(shown, asked, limits, draw=draw), shown


def numbers_in(value: Any) -> int:
    """How many numbers a value holds, at any depth."""
    if is_dataclass(value):
        return sum(numbers_in(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, (tuple, list)):
        return sum(map(numbers_in, value))
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


def test_h7_what_is_kept_is_coarser_than_any_picture_and_the_pictures_are_gone() -> None:
    found, shown = seen_with(ViewAsked(3, Bed(((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)))))
    assert not any(picture.any() for picture in shown.values()) and found.drawing == b""
    assert numbers_in((found.findings, found.measures, found.bed, found.sign_places)) < 150  # a thumbnail of 16 x 9 has 144, all of one kind
    assert all(finding.place is None or finding.place.en in {"upper left", "upper middle", "upper right", "left", "middle", "right", "lower left", "lower middle",
                                                            "lower right"} for finding in found.findings)
    assert [finding.number for finding in found.findings] == list(range(1, len(found.findings) + 1))


def test_r35_r36_r37_the_plan_gives_places_for_the_sign_with_their_reasons() -> None:
    for seed in range(6):
        one = home(seed, l_hall=True)
        found, _ = seen_with(ViewAsked(3, plan=json.dumps({"plan": one.plan, "camera": one.camera}), camera_height_m=2.3))
        assert found.sign_places is not None and all(place.reasons for place in found.sign_places)
        assert not any(finding.kind == "height_differs" for finding in found.findings)
        if any(place.possible for place in found.sign_places):
            return
    pytest.fail("no home of six has a place for the sign")


def test_r37_a_camera_that_hangs_elsewhere_than_the_plan_says_is_told() -> None:
    one = home(1)
    found, _ = seen_with(ViewAsked(3, plan=json.dumps({"plan": one.plan, "camera": one.camera}), camera_height_m=1.6))
    assert "height_differs" in [finding.kind for finding in found.findings]


def test_a_plan_alone_says_nothing_of_the_picture() -> None:
    found, _ = seen_with(ViewAsked(3, plan=json.dumps(home(1).plan)))
    assert found.sign_places is None


def test_r37_the_drawing_is_a_png_in_memory() -> None:
    found, _ = seen_with(ViewAsked(3), draw=True)
    assert found.drawing.startswith(b"\x89PNG")


def test_r37_light_over_the_bed_is_told_as_such() -> None:
    over = Bed(((-0.6, 0.6), (-0.4, 0.6), (-0.4, 0.3), (-0.6, 0.3)))
    found, _ = seen_with(ViewAsked(3, over))
    elsewhere, _ = seen_with(ViewAsked(3, Bed(((0.5, -0.5), (0.9, -0.5), (0.9, -0.9), (0.5, -0.9)))))
    kinds = {finding.kind for finding in found.findings if finding.over_bed} & {"ir_hotspot", "glare"}
    assert kinds and not any(finding.over_bed for finding in elsewhere.findings if finding.kind in kinds)
