"""The check of the view against simulated cameras: what it takes, what it says, and that the camera is put back as it was."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from provisioner.camera import probe
from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.http import HttpLink
from provisioner.camera.light import Light, MemoryLights
from provisioner.camera.seeing import Seen
from provisioner.camera.settings import CameraSettings
from provisioner.camera.shelf import KEPT_S, Shelf
from provisioner.camera.visit import Visit
from provisioner.case.model import FrameReport, Identity
from provisioner.case.view_check import Bed, SceneCheck, ViewAsked
from provisioner.fault import Fault
from simulators.camera import SimulatedCamera, User
from simulators.models import persona
from tests.camera.helpers import SERIAL, OnePlace, now, place
from tests.camera.scripted import PASSWORD

ASKED = ViewAsked(frames_most=4)
BED = Bed(((-0.5, -0.9), (0.5, -0.9), (0.4, 0.0), (-0.4, 0.0)), ((-0.5, -0.9), (0.5, -0.9)), 160)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@contextmanager
def watched(names: str = "plain", **born_with: Any) -> Iterator[tuple[SimulatedCamera, OnvifCamera, MemoryLights, Shelf]]:
    state = persona(names, serial=SERIAL, users={"admin": User(PASSWORD)}, **born_with)
    with SimulatedCamera(state) as sim:
        lights, shelf = MemoryLights(), Shelf()
        camera = OnvifCamera(OnePlace(place(sim.http_port)), CameraSettings(night_follows_s=0.02), now, lights=lights, shelf=shelf)
        try:
            yield sim, camera, lights, shelf
        finally:
            camera.close()


def checked(camera: OnvifCamera, asked: ViewAsked = ASKED, follows_s: float = 0.02) -> tuple[FrameReport, SceneCheck]:
    camera._settings = replace(camera._settings, night_follows_s=follows_s)
    found = camera.judge_frame(SERIAL, 60.0, asked)
    assert isinstance(found, FrameReport) and found.scene is not None, found
    return found, found.scene


def light(sim: SimulatedCamera) -> tuple[str, str, str]:
    return sim.state.imaging.ir_cut_filter, sim.state.imaging.exposure_mode, sim.state.ir_lamp


def test_r37_day_night_and_lamp_off_are_looked_at_and_the_camera_is_as_it_was() -> None:
    with watched(room_is_dark=True) as (sim, camera, lights, _):
        before = light(sim)
        report, scene = checked(camera)
        assert scene.looks[:2] == ("night", "night_off") and scene.exposure == "locked"
        assert scene.restored is True and light(sim) == before and lights.light_of(SERIAL) is None
        assert len(scene.looks) < report.frames <= ASKED.frames_most and probe.DARK_ALREADY in scene.missing


def test_h17_the_lamps_own_light_is_told_apart_in_a_dark_room_and_in_a_lit_one_that_it_cannot_be_is_said() -> None:
    with watched(room_is_dark=True) as (_, camera, _, _):
        _, dark = checked(camera)
    assert next(one.value for one in dark.measures if one.name == "lamp_difference_luma") > 10
    with watched() as (_, camera, _, _):
        _, lit = checked(camera)
    assert lit.looks == ("day",) and probe.LIT in lit.missing and lit.restored is True


def test_r37_a_camera_without_imaging_gives_the_day_and_says_so() -> None:
    with watched("no-imaging") as (_, camera, lights, _):
        report, scene = checked(camera)
        assert (report.frames, scene.looks, scene.restored, scene.exposure) == (1, ("day",), None, "none")
        assert scene.missing == (probe.NO_LEVERS,) and lights.light_of(SERIAL) is None


def test_r37_a_camera_without_a_lamp_to_switch_gives_day_and_night_and_says_so() -> None:
    with watched("no-lamp-commands") as (sim, camera, _, _):
        before = light(sim)
        report, scene = checked(camera)
        assert (report.frames, scene.looks, scene.restored) == (2, ("day", "night"), True)
        assert scene.missing == (probe.NO_LAMP,) and light(sim) == before and sim.seen.requests["SendAuxiliaryCommand"] == 0


def test_r37_a_filter_that_is_taken_and_read_back_and_does_not_move_is_seen_in_the_picture() -> None:
    with watched("filter-stays") as (sim, camera, lights, _):
        before = light(sim)
        report, scene = checked(camera)
        assert scene.looks == ("day",) and report.frames == 3 and scene.missing == (probe.FILTER_STAYS,)
        assert scene.restored is True and light(sim) == before and lights.light_of(SERIAL) is None


def test_r37_a_camera_that_follows_slowly_costs_more_frames_and_each_is_counted() -> None:
    with watched("slow-switching", room_is_dark=False) as (sim, camera, _, _):
        sim.state.light.switching_s = 0.3
        before, seen = light(sim), sim.seen.snapshots + sim.seen.rtsp_sessions
        report, scene = checked(camera, ViewAsked(frames_most=6), follows_s=0.2)
        assert report.frames >= 4 and probe.FILTER_STAYS not in scene.missing and light(sim) == before  # day, night twice, lamp off
        assert report.frames <= sim.seen.snapshots + sim.seen.rtsp_sessions - seen <= report.frames + 1  # still and stream race for the first


@pytest.mark.parametrize(("most", "looks"), [(1, ("day",)), (2, ("day", "night")), (3, ("night", "night_off"))])
def test_r37_no_more_frames_are_taken_than_are_left(most: int, looks: tuple[str, ...]) -> None:
    with watched(room_is_dark=most == 3) as (sim, camera, _, _):
        before = light(sim)
        report, scene = checked(camera, ViewAsked(frames_most=most))
        assert report.frames <= most and scene.looks == looks and light(sim) == before
        assert (probe.USED_UP in scene.missing) == (most < 3)


def test_r37_the_bed_that_was_drawn_is_looked_for_and_told_in_words() -> None:
    with watched() as (_, camera, _, _):
        _, scene = checked(camera, ViewAsked(frames_most=3, bed=BED))
        assert scene.bed is not None and scene.bed.px_per_m is not None and 0 <= scene.bed.visible <= 1
        _, out = checked(camera, ViewAsked(frames_most=1, bed=Bed(((-1.0, -1.0), (-0.99, -1.0), (-0.99, -0.99), (-1.0, -0.99)))))
        assert out.bed is not None


def test_h7_the_drawing_is_laid_on_the_shelf_counted_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    with watched() as (_, camera, _, shelf):
        checked(camera)
        found = shelf.look(SERIAL)
        assert found is not None and found[0].startswith(b"\x89PNG") and found[1] == 1
        assert shelf.look(SERIAL) == (found[0], 2)
        kept = shelf._laid[SERIAL].drawing
        monkeypatch.setattr("provisioner.camera.shelf.time.monotonic", lambda: time.monotonic_ns() / 1e9 + KEPT_S + 1)
        assert shelf.look(SERIAL) is None and not any(kept)


def test_h7_every_picture_is_overwritten_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    real = probe._Keep.taken

    def taken(self: probe._Keep, source: str) -> Any:
        found = real(self, source)
        kept.append(found)
        return found

    def breaks(*_: Any, **__: Any) -> None:
        assert kept[0].any()
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(probe._Keep, "taken", taken)
    monkeypatch.setattr(probe, "see", breaks)
    with watched() as (sim, camera, _, _):
        with pytest.raises(RuntimeError):
            camera.judge_frame(SERIAL, 60.0, ASKED)
        assert len(kept) >= 3 and not any(picture.any() for picture in kept)
        assert light(sim) == ("AUTO", "AUTO", "AUTO")


def test_r37_a_camera_lost_in_the_middle_of_the_night_is_owed_its_light(monkeypatch: pytest.MonkeyPatch) -> None:
    with watched() as (sim, camera, lights, _):
        real = Light.lamp_off

        def gone(self: Light) -> bool:
            sim.state.lies.unsupported |= {"SetImagingSettings", "SendAuxiliaryCommand"}
            return real(self)

        monkeypatch.setattr(Light, "lamp_off", gone)
        _, scene = checked(camera)
        assert scene.restored is False and probe.NOT_BACK in scene.missing and lights.light_of(SERIAL) is not None
        sim.state.lies.unsupported.clear()
        assert not isinstance(camera.read_identity(SERIAL, 10.0), Fault)
        assert light(sim) == ("AUTO", "AUTO", "AUTO") and lights.light_of(SERIAL) is None


def test_r37_another_camera_at_its_place_is_left_alone() -> None:
    with watched() as (sim, camera, lights, _):
        lights.put_light(SERIAL, json.dumps({"said_serial": "another", "source": "x", "ir_cut_filter": "ON", "exposure": {}, "lamp": ""}), now())
        assert not isinstance(camera.read_identity(SERIAL, 10.0), Fault)
        assert light(sim) == ("AUTO", "AUTO", "AUTO") and lights.light_of(SERIAL) is not None


# -- killed at each boundary -------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The power went."""


class Dying:
    """Counts boundaries; at one of them everything ends, and nothing is done ever after."""

    def __init__(self, at: int) -> None:
        self.passed, self.at = 0, at

    def tick(self) -> None:
        self.passed += 1
        if self.at and self.passed >= self.at:
            raise Killed


def haunted(patch: pytest.MonkeyPatch, dying: Dying) -> None:
    """Tick before and after each writing of the book, before each request and after each answer. The pictures are none: not they are on trial."""
    def around(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def ticking(self: Any, *args: Any, **kwargs: Any) -> Any:
            dying.tick()
            answer = real(self, *args, **kwargs)
            dying.tick()
            return answer

        patch.setattr(owner, name, ticking)

    for owner, name in ((MemoryLights, "put_light"), (MemoryLights, "forget_light"), (HttpLink, "exchange")):
        around(owner, name)
    colours = iter(((10, 60, 110), (90, 90, 90), (40, 40, 40), (60, 60, 60)))

    def shown(see: Any) -> None:
        dying.tick()
        see(np.full((72, 128, 3), next(colours), np.uint8))

    def first(self: Visit, deadline: Any, attempts: Any, begun: float, progress: Any, see: Any) -> FrameReport:
        shown(see("snapshot"))
        return FrameReport("snapshot", "JPEG", 128, 72, 0.1, True, True, 90.0, 2.0, (), now())

    patch.setattr(Visit, "first_whole", first)
    patch.setattr(Visit, "see", lambda self, source, deadline, attempts, see: shown(see))
    patch.setattr(probe, "see", lambda *_, **__: Seen((), (), None, None, b""))


def test_r37_killed_at_every_boundary_and_put_back_by_whatever_comes_next() -> None:
    with pytest.MonkeyPatch.context() as patch, watched() as (sim, camera, lights, _):
        dying = Dying(0)
        haunted(patch, dying)
        checked(camera)
    changed = 0
    for at in range(1, dying.passed + 1):
        with watched() as (sim, camera, lights, _):
            sim.state.imaging.ir_cut_filter = "ON"
            with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
                haunted(patch, Dying(at))
                camera.judge_frame(SERIAL, 60.0, ASKED)
            changed += light(sim) != ("ON", "AUTO", "AUTO")
            assert light(sim) == ("ON", "AUTO", "AUTO") or lights.light_of(SERIAL) is not None, f"changed and not written down, at {at}"
            after = OnvifCamera(OnePlace(place(sim.http_port)), CameraSettings(), now, lights=lights)
            found = after.read_identity(SERIAL, 10.0)
            after.close()
            assert isinstance(found, Identity) and light(sim) == ("ON", "AUTO", "AUTO") and lights.light_of(SERIAL) is None, f"killed at {at}: {light(sim)}"
    assert dying.passed > 30 and changed > 10
