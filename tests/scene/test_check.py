"""The parts put together: what belongs together is compared, what does not is judged for itself, and what cannot be told is None and said."""

import json

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
