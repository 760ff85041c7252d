"""The adapter and the simulated camera over real sockets: two independent witnesses of ONVIF, RTSP and HTTP."""

import dataclasses
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.places import CameraPlace
from provisioner.case.model import FrameReport, Identity
from provisioner.cli.check import as_json
from provisioner.fault import Fault, FaultKind
from provisioner.ports import Camera
from provisioner.secret import Secret
from simulators.camera import CameraState, SimulatedCamera, User
from tests.camera.helpers import SERIAL, OnePlace, camera_at, checked, now, place, settings
from tests.camera.scripted import PASSWORD

STALLS = ("http", "rtsp", "describe", "setup", "play", "rtp")


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@pytest.fixture
def sim() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraState(serial=SERIAL, users={"admin": User(PASSWORD)})) as running:
        yield running


def place_of(sim: SimulatedCamera, password: str | None = PASSWORD) -> CameraPlace:
    return CameraPlace("127.0.0.1", sim.http_port, "admin", None if password is None else Secret(password))


def adapter(sim: SimulatedCamera, source: str = "auto", password: str | None = PASSWORD) -> OnvifCamera:
    return camera_at(place_of(sim, password), settings(source))  # type: ignore[arg-type]


def test_it_is_the_port_that_the_daemon_knows(sim: SimulatedCamera) -> None:
    port: Camera = adapter(sim)
    assert isinstance(port.read_identity(SERIAL, 10.0), Identity)


@pytest.mark.parametrize("login", ["digest", "sha-256", "token", "both"])
def test_identity_and_both_frames_with_every_login(sim: SimulatedCamera, login: str) -> None:
    sim.state.login.http_digest = login != "token"
    sim.state.login.username_token = login in ("token", "both")
    sim.state.login.algorithms = ("SHA-256",) if login == "sha-256" else ("MD5",)
    for source in ("snapshot", "rtsp"):
        camera = adapter(sim, source)
        who, frame = camera.read_identity("acc8e0-123456", 10.0), camera.judge_frame("acc8e0-123456", 20.0)
        assert isinstance(who, Identity) and who.serial == SERIAL and who.model == "SC-1080"
        assert isinstance(frame, FrameReport), frame
        assert (frame.source, frame.width_px, frame.height_px, frame.trusted, frame.good) == (source, 1920, 1080, True, True)
    assert sim.seen.failed_logins == 0
    deadline = time.monotonic() + 3.0  # FFmpeg sends TEARDOWN and does not wait for its answer
    while sim.seen.rtsp_sessions_open and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sim.seen.rtsp_sessions == sim.seen.teardowns == 1 and sim.seen.rtsp_sessions_open == 0


def test_second_operation_reuses_the_login(sim: SimulatedCamera) -> None:
    camera = adapter(sim, "snapshot")
    camera.read_identity(SERIAL, 10.0)
    assert isinstance(camera.judge_frame(SERIAL, 10.0), FrameReport)
    assert sim.seen.connections == 2 and sim.seen.requests["GetSystemDateAndTime"] == 1  # ONVIF and snapshot, each kept
    assert "CreatePullPointSubscription" not in sim.seen.requests and "GetCapabilities" not in sim.seen.requests


def test_kept_session_is_dropped_when_the_place_changes_and_after_a_fault(sim: SimulatedCamera) -> None:
    book = OnePlace(place_of(sim))
    camera = OnvifCamera(book, settings("snapshot"), now)
    assert isinstance(camera.read_identity(SERIAL, 10.0), Identity)
    book.place = place_of(sim, "changed")
    assert isinstance(camera.judge_frame(SERIAL, 10.0), Fault)
    book.place = place_of(sim)
    sim.levers.lose_power()
    assert isinstance(camera.read_identity(SERIAL, 3.0), Fault)
    sim.levers.power_on()
    deadline = time.monotonic() + 5
    while isinstance(camera.read_identity(SERIAL, 3.0), Fault):
        assert time.monotonic() < deadline
    assert isinstance(camera.judge_frame(SERIAL, 10.0), FrameReport)


@pytest.mark.parametrize("source", ["auto", "snapshot", "rtsp"])
@pytest.mark.parametrize("token_only", [False, True])
def test_lock_out_wrong_password_costs_at_most_two_attempts_an_operation(sim: SimulatedCamera, source: str, token_only: bool) -> None:
    sim.state.login.http_digest = not token_only
    camera = adapter(sim, source, "wrong")
    for operation in (camera.read_identity, camera.judge_frame):
        before = sim.seen.failed_logins
        found = operation(SERIAL, 10.0)
        assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED, found
        assert sim.seen.failed_logins - before <= 2 and sim.seen.requests["RTSP SETUP"] == 0


def test_lock_out_locked_account_is_told_and_left_alone(sim: SimulatedCamera) -> None:
    sim.levers.lock_out_after(1, for_s=600.0)
    assert isinstance(adapter(sim, password="wrong").read_identity(SERIAL, 10.0), Fault)
    found = adapter(sim).read_identity(SERIAL, 10.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED and found.wait_s is not None and 500 < found.wait_s <= 600
    assert "10 minut" in found.hint.sv


@pytest.mark.parametrize("hours", [1, -1, 24 * 365, -24 * 365])
def test_h10_clock_off_is_signed_with_and_measured(sim: SimulatedCamera, hours: int) -> None:
    sim.state.login.http_digest = False
    sim.state.clock_offset = timedelta(hours=hours)
    found = adapter(sim).read_identity(SERIAL, 10.0)
    assert isinstance(found, Identity) and found.clock_offset_s is not None and abs(found.clock_offset_s - hours * 3600) < 2
    assert sim.seen.failed_logins == 0


def test_h10_camera_that_tells_local_time_as_utc(sim: SimulatedCamera) -> None:
    sim.state.login.http_digest = False
    sim.state.reports_local_time_as_utc = True
    assert isinstance(adapter(sim).read_identity(SERIAL, 10.0), Identity)
    assert sim.seen.failed_logins <= 1


def test_time_behind_a_login_is_read_afterwards(sim: SimulatedCamera) -> None:
    sim.state.login.time_needs_login = True
    found = adapter(sim).read_identity(SERIAL, 10.0)
    assert isinstance(found, Identity) and found.clock_offset_s is not None and abs(found.clock_offset_s) < 2


def test_h3_camera_that_claims_another_serial_is_reported_as_it_says(sim: SimulatedCamera) -> None:
    sim.levers.wrong_serial("SIM-9999 999")
    found = adapter(sim).read_identity(SERIAL, 10.0)
    assert isinstance(found, Identity) and (found.serial_reported, found.serial) == ("SIM-9999 999", "SIM9999999")


@pytest.mark.parametrize(("lever", "kind"), [("not_onvif", FaultKind.UNSUPPORTED), ("garbage", FaultKind.GARBLED)])
def test_something_else_at_the_address(sim: SimulatedCamera, lever: str, kind: FaultKind) -> None:
    sim.levers.pull(lever)
    found = adapter(sim).read_identity(SERIAL, 5.0)
    assert isinstance(found, Fault) and found.kind is kind and "8080" in found.hint.sv


@pytest.mark.parametrize("source", ["auto", "rtsp"])
@pytest.mark.parametrize("where", STALLS)
def test_bounded_stall_at_every_point_is_bounded_by_the_deadline(sim: SimulatedCamera, where: str, source: str) -> None:
    sim.levers.stall(where)
    begun, deadline_s = time.monotonic(), 8.0 if source == "auto" and where != "http" else 3.0  # a loaded machine paints its first still in seconds
    found = adapter(sim, source).judge_frame(SERIAL, deadline_s)
    assert time.monotonic() - begun < deadline_s + 0.8
    if source == "auto" and where != "http":
        assert isinstance(found, FrameReport) and found.source == "snapshot"
    else:
        assert isinstance(found, Fault) and found.kind is FaultKind.TIMED_OUT, found


def test_bounded_dripping_camera_is_bounded(sim: SimulatedCamera) -> None:
    sim.levers.drip(200)
    begun = time.monotonic()
    found = camera_at(place_of(sim), settings(operation_s=1.0)).judge_frame(SERIAL, 3.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.TIMED_OUT and time.monotonic() - begun < 3.5


def test_power_cut_between_identity_and_frame(sim: SimulatedCamera) -> None:
    camera = adapter(sim)
    assert isinstance(camera.read_identity(SERIAL, 10.0), Identity)
    sim.levers.lose_power()
    found = camera.judge_frame(SERIAL, 5.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.UNREACHABLE


def test_connections_reset_between_operations_are_opened_anew(sim: SimulatedCamera) -> None:
    camera = adapter(sim)
    assert isinstance(camera.read_identity(SERIAL, 10.0), Identity)
    sim.levers.reset_connections()
    assert isinstance(camera.judge_frame(SERIAL, 10.0), FrameReport)


def test_no_session_free_is_busy_with_a_wait(sim: SimulatedCamera) -> None:
    sim.levers.refuse_rtsp_sessions(453)
    found = adapter(sim, "rtsp").judge_frame(SERIAL, 10.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.BUSY and found.wait_s == 55.0  # five of sixty were waited
    assert isinstance(adapter(sim, "auto").judge_frame(SERIAL, 10.0), FrameReport)


def test_stream_without_an_idr_at_once_and_with_a_silent_microphone(sim: SimulatedCamera) -> None:
    sim.state.idr_at_play, sim.state.gop_s, sim.state.audio = False, 4.0, True
    found = adapter(sim, "rtsp").judge_frame(SERIAL, 20.0)
    assert isinstance(found, FrameReport) and found.trusted and found.took_s < 7


@pytest.mark.parametrize(("scene", "words"), [("dark", "too dark"), ("blurred", "not sharp"), ("covered", ""), ("nygatan_bedroom", "")])
def test_scenes_are_judged(sim: SimulatedCamera, scene: str, words: str) -> None:
    sim.levers.scene(scene)
    for source in ("snapshot", "rtsp"):
        found = adapter(sim, source).judge_frame(SERIAL, 15.0)
        assert isinstance(found, FrameReport) and found.trusted, found
        assert found.good == (scene == "nygatan_bedroom"), (source, found)
        assert not words or any(words in text.en for text in found.findings), (source, found)


def test_many_threads_on_one_camera_take_turns(sim: SimulatedCamera) -> None:
    camera, found = adapter(sim, "snapshot"), []
    threads = [threading.Thread(target=lambda: found.append(camera.read_identity(SERIAL, 20.0))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6 and all(isinstance(one, Identity) for one in found) and sim.seen.connections == 1


def test_busy_camera_of_ours_is_told_within_the_deadline(sim: SimulatedCamera) -> None:
    sim.levers.stall("http")
    camera = adapter(sim)
    first = threading.Thread(target=lambda: camera.read_identity(SERIAL, 3.0))
    first.start()
    time.sleep(0.3)
    found = camera.read_identity(SERIAL, 0.5)
    first.join()
    assert isinstance(found, Fault) and found.kind is FaultKind.BUSY


def test_check_with_and_without_a_password(sim: SimulatedCamera) -> None:
    camera = adapter(sim)
    full = checked(camera, place_of(sim))
    assert full.findings["login"] == "accepted" and full.login_way == "digest MD5" and full.findings["snapshot"] == full.findings["stream"] == "picture"
    bare = checked(camera, place_of(sim, None))
    assert not bare.ok and (bare.findings["reachable"], bare.findings["clock"], bare.findings["login"]) == ("yes", "right", "refused")
    assert bare.findings["snapshot"] == bare.findings["audio"] == "unknown" and bare.findings["anonymous_onvif"] == "good"
    nobody = checked(camera, CameraPlace("127.0.0.1", 9), 2.0)
    assert nobody.findings["reachable"] == "no" and nobody.parts[0].fault is not None
    assert sim.seen.failed_logins == 2, "the two default accounts, and none of ours"
    for report in (full, bare, nobody):
        text = json.dumps(as_json(report, "sv"))
        assert [part["name"] for part in json.loads(text)["parts"]][:8] == ["reachable", "login", "identity", "clock", "addresses", "found", "snapshot", "stream"]
        assert PASSWORD not in text and "127.0.0.1" not in text


def test_check_with_a_wrong_password_stops_after_two(sim: SimulatedCamera) -> None:
    report = checked(adapter(sim), CameraPlace("127.0.0.1", sim.http_port, "admin", Secret("wrong")))
    assert not report.ok and sim.seen.failed_logins <= 2


@pytest.mark.parametrize("password", [PASSWORD, "wrong/7%@#"])
@pytest.mark.parametrize("trouble", ["", "garbage", "not_onvif", "stall", "refuse_rtsp_sessions"])
def test_password_is_in_no_log_no_exception_and_no_repr(sim: SimulatedCamera, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
                                                        password: str, trouble: str) -> None:
    caplog.set_level(logging.DEBUG)
    if trouble:
        sim.levers.pull(trouble)
    camera = adapter(sim, "rtsp", password)
    answers = [camera.read_identity(SERIAL, 3.0), camera.judge_frame(SERIAL, 3.0), place_of(sim, password), camera,
               checked(camera, place_of(sim, password), 3.0)]
    out, err = capfd.readouterr()
    spoken = "\n".join([repr(answers), *(str(record.__dict__) for record in caplog.records), out, err])
    from urllib.parse import quote

    assert password not in spoken and quote(password, safe="") not in spoken
    assert all(not isinstance(one, Fault) or dataclasses.asdict(one) for one in answers)


def test_sessions_of_a_fleet_are_kept_for_so_many_cameras_only() -> None:
    """The oldest gives way: a process may open a thousand files."""
    with ExitStack() as stack:
        cameras = [stack.enter_context(SimulatedCamera(CameraState(serial=f"FLEET{n}"))) for n in range(3)]
        by_serial = {camera.state.serial: camera for camera in cameras}

        class Book:
            def place_of(self, serial: str) -> CameraPlace | None:
                return place(by_serial[serial].http_port, "simulated-1")

        adapter = OnvifCamera(Book(), dataclasses.replace(settings(), sessions_kept_most=2), now)
        for serial in (*by_serial, "FLEET2", "FLEET1", "FLEET0"):
            adapter.read_identity(serial, 20.0)
        adapter.close()
        assert [camera.seen.connections for camera in cameras] == [2, 1, 1], "only the first one's session had to be opened again"
