"""The parts put together: what belongs together is compared, what does not is judged for itself, and what cannot be told is None and said."""

import json
import re

import cv2
import numpy as np
import pytest

from provisioner.camera.profiles import generic_frame_limits
from provisioner.fault import Text
from provisioner.scene.check import Frames, Known, check
from provisioner.scene.findings import Severity
from provisioner.scene.known import Purpose, Zone
from provisioner.scene.pictures import Picture
from provisioner.scene.report import FLAGS, SceneReport
from tests.cli.test_cli_scene import BED, grey, room

KNOWN = Known(generic_frame_limits(), (Zone("bed", tuple((float(x), float(y)) for x, y in BED), Purpose.INTENDED),))


def picture(frame: np.ndarray) -> Picture:
    return Picture(np.ascontiguousarray(frame))


def frames(**changed: np.ndarray | None) -> Frames:
    made: dict[str, np.ndarray | None] = {"day": room(), "night": grey(room(0.6, 4)), "night_off": grey(room(0.1, 5))}
    return Frames(**{name: None if frame is None else picture(frame) for name, frame in (made | changed).items()})


def kinds(report: SceneReport) -> set[str]:
    return {finding.kind for finding in report.findings}


def broken(report: SceneReport) -> set[str]:
    return {finding.kind for finding in report.findings if finding.severity is Severity.BROKEN}


def test_a_good_room_is_told_in_full() -> None:
    report = check(frames(), KNOWN)
    assert broken(report) == set() and report.refl is not None and report.refl.shape == (360, 640)
    assert {name for name in FLAGS if report.flags[name] is None} <= {"mirror_view", "smeared", "tilted"}, "no plan: what a mirror shows cannot be told"
    assert report.bed is not None and report.bed.status == "ok"


def test_no_picture_at_all_is_our_own_bug() -> None:
    with pytest.raises(ValueError, match="no picture"):
        check(Frames(), KNOWN)


@pytest.mark.parametrize(("changed", "kind"), [
    ({"night": np.roll(grey(room(0.6, 4)), 40, axis=1)}, "moved"),
    ({"night": grey(room(0.6, 4))[::-1, ::-1]}, "other_view"),
    ({"night": room()}, "frozen"),
])
def test_frames_that_do_not_belong_together_are_recognised(changed: dict[str, np.ndarray], kind: str) -> None:
    report = check(frames(**changed), KNOWN)
    assert kind in broken(report) and report.findings[0].severity is Severity.BROKEN
    assert report.flags["mirror_present"] is not False, "what lies over what is not known, so none is not known either"
    if kind == "frozen":
        assert report.flags["dark_night"] is None and report.flags["ir_hotspot"] is None


@pytest.mark.parametrize(("day", "night"), [((60, 60, 160), (6, 6, 6)), ((200, 200, 200), (235, 235, 235)), ((4, 4, 4), (150, 150, 150)),
                                             ((90, 110, 140), (255, 255, 255))])
@pytest.mark.parametrize("slope", [0, 40])
def test_a_covered_lens_is_never_well(day: tuple[int, int, int], night: tuple[int, int, int], slope: int) -> None:
    """Tape, a cap, a cloth: one colour with a soft shade, and grain. Bright or dark, by day and by night."""
    def cover(colour: tuple[int, int, int], seed: int) -> np.ndarray:
        shade = np.linspace(-slope, slope, 640)[None, :, None] if max(colour) > 60 else 0.0
        return np.clip(np.random.default_rng(seed).normal(0, 3, (360, 640, 1)) + shade + np.array(colour), 0, 255).astype(np.uint8)

    report = check(frames(day=cover(day, 1), night=cover(night, 2), night_off=cover((5, 5, 5), 3)), KNOWN)
    assert report.flags["obstructed"] is True and report.measures["obstructed_fraction"] == 1.0 and "obstructed" in kinds(report)
    assert not kinds(report) & {"other_view", "moved", "view_unsure"} and report.flags["mirror_present"] is None


def test_in_the_dark_a_cover_is_neither_told_nor_denied() -> None:
    dark = frames(day=room(0.01, 2), night=grey(room(0.01, 2)), night_off=None)
    report = check(dark, KNOWN)
    assert report.flags["obstructed"] is None and {"dark_day", "dark_night"} <= kinds(report)


def test_a_lamp_off_frame_of_another_view_is_left_out() -> None:
    report = check(frames(night_off=grey(room(0.6, 5))[::-1, ::-1]), KNOWN)
    first = next(finding for finding in report.findings if finding.severity is Severity.BROKEN)
    assert first.text.sv.startswith("Bilden med släckt lampa") and report.flags["dark_night"] is False


def test_a_broken_frame_is_not_judged_and_the_other_is() -> None:
    half = room()
    half[180:] = 128
    report = check(frames(day=half), KNOWN)
    assert broken(report) == {"grey_day"} and report.flags["dark_day"] is None and report.flags["glare"] is None and report.flags["dark_night"] is False
    report = check(Frames(day=picture(half)), KNOWN)
    assert all(flag is None for flag in report.flags.values()) and report.bed is None and report.refl is None


def test_a_broken_lamp_off_frame_is_not_subtracted() -> None:
    half = grey(room(0.1, 5))
    half[180:] = 128
    report = check(frames(night_off=half), KNOWN)
    assert broken(report) == {"grey_night_off"}


def test_notes_and_json_survive_what_cannot_be_measured() -> None:
    flat = np.full((360, 640, 3), 200, np.uint8)
    report = check(Frames(day=picture(flat)), KNOWN, [Text("Bilden vändes.", "The picture was turned.")])
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert "reading" in kinds(report) and told["measures"]["edge_spread_day"] is None and told["findings"]


def test_wiping_leaves_nothing_of_any_frame() -> None:
    all_three = frames()
    check(all_three, KNOWN)
    all_three.wipe()
    for one in all_three.named().values():
        assert not one.bgr.any() and not one.luma.any() and not one.half.any()


def test_a_smeared_lens_is_told_once() -> None:
    smeared = [cv2.GaussianBlur(frame, (0, 0), 4) for frame in (room(), grey(room(0.6, 4)))]
    for soft, sharp in zip(smeared, (room(), grey(room(0.6, 4))), strict=True):
        soft[:, 320:] = sharp[:, 320:]
    report = check(frames(day=smeared[0], night=smeared[1]), KNOWN)
    assert sum(finding.kind == "smeared" for finding in report.findings) <= 1


def leaning(by_deg: float) -> np.ndarray:
    """A room of upright things, its picture turned so that their upper ends go to the right."""
    frame = np.full((720, 1280, 3), 120, np.uint8)
    for number, left in enumerate(range(-200, 1500, 110)):
        cv2.rectangle(frame, (left, -200), (left + 55, 1000), (60 + 20 * (number % 5),) * 3, -1)
    turn = cv2.getRotationMatrix2D((640, 360), -by_deg, 1.15)
    turned = cv2.GaussianBlur(cv2.warpAffine(frame, turn, (1280, 720), borderMode=cv2.BORDER_REFLECT), (0, 0), 0.8)
    return np.clip(turned + np.random.default_rng(1).normal(0, 2, turned.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("by_deg", [12.0, -12.0])
def test_whoever_turns_the_camera_as_told_has_it_upright(by_deg: float) -> None:
    told = [finding for finding in check(Frames(day=picture(leaning(by_deg))), KNOWN).findings if finding.kind == "tilted"]
    assert len(told) == 1 and told[0].value == pytest.approx(by_deg, abs=1.5)
    said = int(re.findall(r"\d+", told[0].text.sv)[0]) * (1 if "medurs" in told[0].text.sv else -1)
    assert ("anticlockwise" in told[0].text.en) == (said < 0)
    # A camera that is turned clockwise, seen from behind, turns its picture the other way.
    after = check(Frames(day=picture(leaning(by_deg - said))), KNOWN)
    assert after.flags["tilted"] is False
