"""The adapter against the manners of real cameras, played by the simulator: each alone, and all that go together."""

import time
from collections.abc import Callable

import pytest

from provisioner.camera.adapter import warm_up
from provisioner.camera.finding import discover
from provisioner.camera.net import fingerprint
from provisioner.camera.places import CameraPlace
from provisioner.case.model import FrameReport, Identity
from provisioner.secret import Secret
from simulators.camera import CameraState, SimulatedCamera, User
from tests.camera.helpers import SERIAL, camera_at, settings
from tests.camera.scripted import PASSWORD

Manner = Callable[[CameraState], object]
MANNERS: dict[str, Manner] = {
    "content base without scheme": lambda s: setattr(s.rtsp, "content_base", "schemeless"),
    "no content base": lambda s: setattr(s.rtsp, "content_base", "none"),
    "absolute control": lambda s: setattr(s.rtsp, "control", "absolute"),
    "no content type": lambda s: setattr(s.rtsp, "content_type", False),
    "no parameter sets": lambda s: setattr(s.rtsp, "sprop", "missing"),
    "invalid parameter sets": lambda s: setattr(s.rtsp, "sprop", "invalid"),
    "parameter sets with start codes": lambda s: setattr(s.rtsp, "sprop", "annexb"),
    "untidy sdp": lambda s: setattr(s.rtsp, "sdp", "untidy"),
    "unknown methods end the connection": lambda s: setattr(s.rtsp, "drops_unknown", True),
    "invalid utf-8": lambda s: setattr(s.xml, "invalid_utf8", True),
    "undeclared prefix": lambda s: setattr(s.xml, "undeclared_prefix", True),
    "newlines": lambda s: setattr(s.xml, "newlines", True),
    "other prefixes": lambda s: setattr(s.xml, "other_prefixes", True),
    "vendor elements": lambda s: setattr(s.xml, "extension", True),
    "no ws-addressing": lambda s: setattr(s.xml, "chokes_on_addressing", True),
    "another host in addresses": lambda s: setattr(s.addresses, "host", "192.0.2.9:8106"),
    "two ports in addresses": lambda s: setattr(s.addresses, "xaddr", "http://192.0.2.9:8106:8106{path}"),
    "no host in addresses": lambda s: setattr(s.addresses, "xaddr", "http://:80{path}"),
    "media1 only": lambda s: s.lies.services.remove("media2"),
    "media2 only": lambda s: s.lies.services.remove("media"),
    "impossible time": lambda s: setattr(s.clock_manners, "tells", "impossible"),
}


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def visited(sim: SimulatedCamera, where: CameraPlace | None = None) -> None:
    camera = camera_at(where or CameraPlace("127.0.0.1", sim.http_port, "admin", Secret(PASSWORD), sim.rtsp_port), settings("rtsp"))
    who, frame = camera.read_identity(SERIAL, 10.0), camera.judge_frame(SERIAL, 20.0)
    camera.close()
    assert isinstance(who, Identity) and who.serial == SERIAL, who
    assert isinstance(frame, FrameReport) and frame.trusted, frame
    assert sim.seen.failed_logins == 0
    until = time.monotonic() + 2
    while sim.seen.rtsp_sessions_open and time.monotonic() < until:
        time.sleep(0.01)
    assert sim.seen.rtsp_sessions == sim.seen.teardowns == 1


@pytest.mark.parametrize("name", MANNERS)
def test_one_manner(name: str) -> None:
    state = CameraState(serial=SERIAL, users={"admin": User(PASSWORD)})
    MANNERS[name](state)
    with SimulatedCamera(state) as sim:
        visited(sim)


def test_all_that_go_together() -> None:
    state = CameraState(serial=SERIAL, users={"admin": User(PASSWORD)}, idr_at_play=False, gop_s=4.0)
    for name in ("content base without scheme", "parameter sets with start codes", "untidy sdp", "undeclared prefix", "newlines", "two ports in addresses",
                 "media2 only"):
        MANNERS[name](state)
    with SimulatedCamera(state) as sim:
        visited(sim)


def test_over_tls_with_its_pin() -> None:
    state = CameraState(serial=SERIAL, users={"admin": User(PASSWORD)})
    state.tls.kind = "self-signed"
    with SimulatedCamera(state) as sim:
        visited(sim, CameraPlace("127.0.0.1", sim.https_port, "admin", Secret(PASSWORD), sim.rtsp_port, tls=True, pin=fingerprint(sim.identity.der)))


def test_it_is_found_by_a_question_of_its_own() -> None:
    state = CameraState(serial=SERIAL, users={"admin": User(PASSWORD)})
    state.discovery.reply = "split"
    with SimulatedCamera(state, discovery_port=13702) as sim:
        found, = discover((), ("127.0.0.1",), listen_s=1.0, port=13702)
        assert found.doors and found.doors[0].port == sim.http_port and found.endpoint
