"""The check of the view against simulated cameras: what it takes, what it says, and that the camera is put back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.light import MemoryLights
from provisioner.camera.settings import CameraSettings
from provisioner.camera.shelf import Shelf
from provisioner.case.model import FrameReport
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


def checked(camera: OnvifCamera, asked: ViewAsked = ASKED) -> tuple[FrameReport, SceneCheck]:
    found = camera.judge_frame(SERIAL, 60.0, asked)
    assert isinstance(found, FrameReport) and found.scene is not None, found
    return found, found.scene


def light(sim: SimulatedCamera) -> tuple[str, str, str]:
    return sim.state.imaging.ir_cut_filter, sim.state.imaging.exposure_mode, sim.state.ir_lamp


def test_r37_day_night_and_lamp_off_are_looked_at_and_the_camera_is_as_it_was() -> None:
    with watched(room_is_dark=True) as (sim, camera, lights, _):
        before = light(sim)
        report, scene = checked(camera)
        print(report, scene)
        assert scene.looks[:3] == ("day", "night", "night_off") and scene.exposure == "locked"
        assert scene.restored is True and light(sim) == before and lights.light_of(SERIAL) is None
        assert report.frames == len(scene.looks) <= ASKED.frames_most
