"""The one-time code in the camera's picture: written, read back, taken away, also after a crash in between."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.case.device import CodeDisplay
from provisioner.fault import Fault, FaultKind
from simulators.camera import SimulatedCamera, User
from simulators.models import persona
from tests.camera.helpers import SERIAL, camera_at, place
from tests.camera.scripted import PASSWORD


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@contextmanager
def written(names: str, **born_with: object) -> Iterator[tuple[SimulatedCamera, OnvifCamera]]:
    with SimulatedCamera(persona(names, serial=SERIAL, users={"admin": User(PASSWORD)}, **born_with)) as sim:
        camera = camera_at(place(sim.http_port))
        try:
            yield sim, camera
        finally:
            camera.close()


def told(found: CodeDisplay | Fault) -> tuple[str, bool]:
    assert isinstance(found, CodeDisplay), found
    return found.way, found.shown


@pytest.mark.parametrize("names", ["plain", "media1-only", "media2-only", "token-only"])
def test_shown_and_hidden_and_read_back(names: str) -> None:
    with written(names) as (sim, camera):
        others = list(sim.state.osds)
        assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("osd", True)
        ours = sim.state.osds[-1]
        assert (ours.text, ours.font_size, ours.position) == ("KOD 4729", 128, "UpperRight") and sim.state.osds[:-1] == others
        assert told(camera.hide_code(SERIAL, 10.0)) == ("osd", False)
        assert sim.state.osds == others


def test_both_may_be_repeated() -> None:
    with written("plain") as (sim, camera):
        for _ in range(2):
            assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("osd", True)
        assert sim.seen.requests["CreateOSD"] == 1
        assert told(camera.show_code(SERIAL, "8365", 10.0)) == ("osd", True)  # another code takes the first one's place
        assert [osd.text for osd in sim.state.osds if osd.kind == "Plain"] == ["KOD 8365"]
        for _ in range(2):
            assert told(camera.hide_code(SERIAL, 10.0)) == ("osd", False)


def test_h2_a_crash_between_showing_and_hiding_leaves_nothing_behind() -> None:
    with written("personal-osd") as (sim, camera):
        others = list(sim.state.osds)
        assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("osd", True)
        after_crash = camera_at(place(sim.http_port))
        assert told(after_crash.hide_code(SERIAL, 10.0)) == ("osd", False)
        assert sim.state.osds == others  # the name in the picture is not ours to take away
        after_crash.close()


def test_a_camera_without_texts_needs_a_card() -> None:
    with written("no-osd") as (_, camera):
        assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("card", False)
        assert camera.hide_code(SERIAL, 10.0) is not None


def test_a_camera_that_is_full_needs_a_card() -> None:
    with written("plain", osds_most=1) as (sim, camera):
        assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("card", False)
        assert [osd.kind for osd in sim.state.osds] == ["DateAndTime"]


def test_a_camera_that_knows_no_corners_is_told_a_place() -> None:
    with written("plain", osd_positions=["Custom"]) as (sim, camera):
        assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("osd", True)
        assert sim.state.osds[-1].pos == (0.2, 0.9) and sim.state.osds[-1].font_size == 128


def test_what_cannot_be_asked_is_no_success() -> None:
    with written("media2-only") as (sim, camera):
        sim.state.lies.fails = {"GetOSDs"}
        found = camera.hide_code(SERIAL, 10.0)
        assert isinstance(found, Fault), found


def test_success_without_effect_is_not_believed() -> None:
    with written("plain") as (sim, camera):
        sim.state.lies.no_effect = {"CreateOSD"}
        assert told(camera.show_code(SERIAL, "4729", 10.0)) == ("card", False)
        sim.state.lies.no_effect = set()
        camera.show_code(SERIAL, "4729", 10.0)
        sim.state.lies.no_effect = {"DeleteOSD"}
        assert told(camera.hide_code(SERIAL, 10.0)) == ("osd", True)


def test_a_silent_camera_is_a_fault() -> None:
    with written("never-answers") as (_, camera):
        for found in (camera.show_code(SERIAL, "4729", 2.0), camera.hide_code(SERIAL, 2.0)):
            assert isinstance(found, Fault) and found.kind is FaultKind.TIMED_OUT


@pytest.mark.parametrize("code", ["", "12", "47 29", "4729\n", "Anna"])
def test_what_would_not_be_found_again_is_a_bug_of_the_caller(code: str) -> None:
    with written("plain") as (_, camera), pytest.raises(ValueError, match="4 to 12"):
        camera.show_code(SERIAL, code, 5.0)
