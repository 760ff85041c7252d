"""The ways a stream can take to us, on real sockets: UDP where the camera knows nothing else, TLS with its pin, IPv6, channels of the camera's choice,
redirections; and waiting for a stream that others hold."""

import socket
import time
from collections import deque

import pytest

from provisioner.camera.datagrams import Datagrams
from provisioner.camera.errors import HttpRefused, OutOfTime
from provisioner.camera.net import Allowance, Deadline, fingerprint
from provisioner.camera.places import CameraPlace
from provisioner.camera.progress import Step
from provisioner.camera.rtsp import _pause_s
from provisioner.camera.stream_address import StreamAddress, moved_to
from provisioner.case.model import FrameReport, Identity
from provisioner.fault import Fault, FaultKind
from provisioner.secret import Secret
from simulators.camera import CameraState, SimulatedCamera, User
from tests.camera.helpers import SERIAL, camera_at, settings
from tests.camera.scripted import PASSWORD


def fresh(**rtsp: object) -> CameraState:
    state = CameraState(serial=SERIAL, users={"admin": User(PASSWORD)})
    for name, value in rtsp.items():
        setattr(state.rtsp, name, value)
    return state


def place_of(sim: SimulatedCamera, pin: str | None = None) -> CameraPlace:
    return CameraPlace(sim.host, sim.http_port, "admin", Secret(PASSWORD), sim.rtsp_port, pin=pin)


def frame_of(sim: SimulatedCamera, deadline_s: float = 15.0, pin: str | None = None, told: list[Step] | None = None) -> FrameReport | Fault:
    camera = camera_at(place_of(sim, pin), settings("rtsp"))
    try:
        return camera.judge_frame(SERIAL, deadline_s, progress=(lambda step: None) if told is None else told.append)
    finally:
        camera.close()


def is_left_alone(sim: SimulatedCamera) -> bool:
    """Nothing of ours is open on it any more."""
    until = time.monotonic() + 3
    while sim.seen.rtsp_sessions_open and time.monotonic() < until:
        time.sleep(0.01)
    return not sim.seen.rtsp_sessions_open and sim.seen.rtsp_sessions == sim.seen.teardowns


@pytest.mark.parametrize("loss", [0.0, 0.002])
def test_udp_where_the_camera_knows_nothing_else(loss: float) -> None:
    state = fresh(transport="udp")
    state.troubles.loss = loss
    with SimulatedCamera(state) as sim:
        frame = frame_of(sim, 30.0)
        assert isinstance(frame, FrameReport) and frame.trusted and frame.source == "rtsp", frame
        assert sim.seen.requests["RTSP SETUP"] == 2 and sim.seen.failed_logins == 0 and is_left_alone(sim)


def test_datagrams_of_others_and_reports_go_nowhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as ours, server.accept()[0]:
        ways, packets = Datagrams(ours), deque[bytes]()
        try:
            first, second = ways.ports
            assert first % 2 == 0 and second == first + 1
            for host, port, packet in (("127.0.0.2", first, b"other"), ("127.0.0.1", second, b"report"), ("127.0.0.1", first, b"picture")):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind((host, 0))
                    sender.sendto(packet, ("127.0.0.1", port))
            allowance = Allowance(Deadline(2), 1000, 0.3)
            with pytest.raises(OutOfTime):
                while True:
                    assert ways.wait(allowance, packets) is False
            assert list(packets) == [b"picture"] and allowance.received == 18
        finally:
            ways.close()


def test_over_tls_with_its_pin() -> None:
    with SimulatedCamera(fresh(secure=True)) as sim:
        frame = frame_of(sim, pin=fingerprint(sim.identity.der))
        assert isinstance(frame, FrameReport) and frame.trusted, frame
        assert is_left_alone(sim)


def test_another_certificate_than_the_pinned_one_hears_nothing_of_us() -> None:
    with SimulatedCamera(fresh(secure=True)) as sim:
        fault = frame_of(sim, pin="ab" * 32)
        assert isinstance(fault, Fault) and fault.kind is FaultKind.REFUSED and "depot" in fault.hint.en
        assert not [name for name in sim.seen.requests if name.startswith("RTSP")]


def test_no_udp_where_the_stream_is_to_be_encrypted() -> None:
    with SimulatedCamera(fresh(secure=True, transport="udp")) as sim:
        fault = frame_of(sim, pin=fingerprint(sim.identity.der))
        assert isinstance(fault, Fault) and fault.kind is FaultKind.UNSUPPORTED and sim.seen.requests["RTSP SETUP"] == 1


def test_channels_of_the_camera_s_choice() -> None:
    with SimulatedCamera(fresh(channels="own")) as sim:
        frame = frame_of(sim)
        assert isinstance(frame, FrameReport) and frame.trusted, frame


def test_sent_to_another_path_of_the_same_camera() -> None:
    with SimulatedCamera(fresh(redirect="self")) as sim:
        frame = frame_of(sim)
        assert isinstance(frame, FrameReport) and frame.trusted, frame
        assert is_left_alone(sim) and sim.seen.failed_logins == 0


def test_not_sent_to_another_host() -> None:
    with SimulatedCamera(fresh(redirect="elsewhere")) as sim:
        fault = frame_of(sim, 5.0)
        assert isinstance(fault, Fault) and fault.kind is FaultKind.UNSUPPORTED and "another host" in fault.evidence
        assert "192.0.2.77" not in repr(fault)


@pytest.mark.parametrize(("location", "after"), [
    ("rtsp://10.0.0.9:8554/b", "rtsp://127.0.0.1:8554/b"), ("rtsp://127.0.0.1/b?x=1", "rtsp://127.0.0.1:554/b?x=1"), ("/c", "rtsp://127.0.0.1:1554/c"),
    ("rtsps://10.0.0.9/b", "rtsps://127.0.0.1:322/b"), ("rtsp://192.0.2.1/b", None), ("http://127.0.0.1/b", None), ("rtsp://[::1", None), ("", None),
])
def test_where_a_redirection_may_lead(location: str, after: str | None) -> None:
    before = StreamAddress("127.0.0.1", 1554, "/a", told_host="10.0.0.9")
    found = moved_to(location, before, CameraPlace("127.0.0.1"))
    assert (None if found is None else found.url) == after


def test_no_redirection_out_of_tls() -> None:
    assert moved_to("rtsp://127.0.0.1/b", StreamAddress("127.0.0.1", 322, "/a", tls=True), CameraPlace("127.0.0.1")) is None


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python knows no IPv6")
@pytest.mark.parametrize("transport", ["both", "udp"])
def test_over_ipv6(transport: str) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as exc:
        pytest.skip(f"this machine has no IPv6 loopback ({exc.strerror}), so nothing was tried over IPv6")
    with SimulatedCamera(fresh(transport=transport), host="::1") as sim:
        who, frame = camera_at(place_of(sim), settings()).read_identity(SERIAL, 10.0), frame_of(sim)
        assert isinstance(who, Identity) and isinstance(frame, FrameReport) and frame.trusted, (who, frame)


def test_the_zone_of_a_link_local_address_stays_with_us() -> None:
    assert StreamAddress("fe80::1%eth0", 554, "/a").url == StreamAddress("[fe80::1%eth0]", 554, "/a").url == "rtsp://[fe80::1]:554/a"


# -- others are watching ------------------------------------------------------------------------------------------------------


def test_viewers_who_are_gone_are_waited_for() -> None:
    state = fresh(stale_sessions=1)
    state.rtsp_sessions_most, state.rtsp_session_timeout_s = 1, 4.0
    with SimulatedCamera(state) as sim:
        told: list[Step] = []
        frame = frame_of(sim, 30.0, told=told)
        assert isinstance(frame, FrameReport) and frame.trusted, frame
        assert Step.TAKEN in told and sim.seen.requests["RTSP SETUP"] == 2 and is_left_alone(sim)


def test_a_camera_that_stays_busy_is_not_hammered_and_says_how_long_to_wait() -> None:
    state = fresh()
    state.troubles.refuse_rtsp = 453
    with SimulatedCamera(state) as sim:
        begun = time.monotonic()
        fault = frame_of(sim, 9.0)
        assert isinstance(fault, Fault) and fault.kind is FaultKind.BUSY and fault.wait_s is not None and 10 <= fault.wait_s <= 60, fault
        assert sim.seen.requests["RTSP SETUP"] == 2 and time.monotonic() - begun < 8


@pytest.mark.parametrize(("refusal", "tries", "pause_s"), [
    (HttpRefused(453, "Not Enough Bandwidth"), 0, 5.0), (HttpRefused(453, ""), 1, 10.0), (HttpRefused(453, ""), 9, 25.0), (HttpRefused(454, ""), 0, 0.0),
    (HttpRefused(454, ""), 1, 10.0), (HttpRefused(453, "", "", 17.0), 0, 17.0), (HttpRefused(453, "", "", 0.0), 0, 1.0),
])
def test_pauses_grow_and_the_camera_s_own_word_counts(refusal: HttpRefused, tries: int, pause_s: float) -> None:
    assert _pause_s(refusal, tries) == pause_s
