"""D9 from end to end: the camera writes the code, the operator reads it through the camera itself, and then it is gone from picture and camera."""

import pytest

from provisioner.camera.adapter import warm_up
from provisioner.case.device import CodeDisplay
from simulators.alarm_centre.operator import Access, Operator, Seen
from simulators.camera import SimulatedCamera
from tests.camera.helpers import SERIAL
from tests.camera.scripted import PASSWORD
from tests.camera.test_masking import masked


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def operator_of(sim: SimulatedCamera, via: str, profile: str) -> Operator:
    access = Access(sim.host, sim.http_port, sim.rtsp_port, "admin", PASSWORD, f"/snapshot/{profile}.jpg", f"/stream/{profile}", via)
    return Operator({SERIAL: access}, patience_s=6.0)


@pytest.mark.parametrize(("via", "profile"), [("snapshot", "profile_main"), ("snapshot", "profile_sub"), ("rtsp", "profile_main"), ("rtsp", "profile_sub")])
def test_h2_the_operator_sees_what_the_technicians_camera_shows(via: str, profile: str) -> None:
    with masked("plain", scene="nygatan_bedroom") as (sim, camera):
        operator = operator_of(sim, via, profile)
        shown = camera.show_code(SERIAL, "4729", 10.0)
        assert isinstance(shown, CodeDisplay) and (shown.way, shown.shown) == ("osd", True)
        assert operator.look(SERIAL, wants_code=True) == Seen(picture=True, code="4729")
        hidden = camera.hide_code(SERIAL, 10.0)
        assert isinstance(hidden, CodeDisplay) and not hidden.shown
        operator.patience_s = 0.5
        assert operator.look(SERIAL, wants_code=True) == Seen(picture=True, code=None)


def test_h2_another_cameras_code_is_not_this_ones() -> None:
    """Two cameras, one code: who looks through the other camera sees none."""
    with masked("plain") as (one, camera), masked("plain", scene="nygatan_bedroom") as (other, _):
        camera.show_code(SERIAL, "4729", 10.0)
        operator = operator_of(other, "snapshot", "profile_main")
        operator.patience_s = 0.5
        assert operator.look(SERIAL, wants_code=True) == Seen(picture=True, code=None)
        assert operator_of(one, "snapshot", "profile_main").look(SERIAL, wants_code=True).code == "4729"


def test_h2_a_card_where_the_camera_cannot_write() -> None:
    with masked("no-osd") as (sim, camera):
        shown = camera.show_code(SERIAL, "4729", 10.0)
        assert isinstance(shown, CodeDisplay) and shown.way == "card"
        sim.levers.hold_card("4729")
        assert operator_of(sim, "snapshot", "profile_main").look(SERIAL, wants_code=True) == Seen(picture=True, code="4729")
