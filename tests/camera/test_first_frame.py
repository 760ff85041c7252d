"""The first frame over our own RTSP: mid-GOP joins, one session, odd servers, and the race of snapshot and stream."""

import contextlib
import io
import socket
import threading
import time
from collections.abc import Iterator

import av
import cv2
import numpy as np
import pytest

from provisioner.camera.adapter import warm_up
from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import OutOfTime
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.progress import Step
from provisioner.camera.rtsp import LiveStream, StreamAddress, track_of
from provisioner.case.model import FrameReport
from provisioner.fault import Fault, FaultKind
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.models import persona
from tests.camera.helpers import SERIAL, camera_at, place, settings
from tests.camera.scripted import PASSWORD, Request, Scripted, http, open_camera, requests_of, rtsp, uri_answer

SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\nm=audio 0 RTP/AVP 0\r\na=control:track2\r\n"


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@pytest.fixture(scope="module")
def units() -> list[bytes]:
    """SPS, PPS and slices of one good picture of a room."""
    picture = np.random.default_rng(3).integers(60, 200, (18, 32, 3), dtype=np.uint8)
    picture = cv2.resize(picture, (1280, 720), interpolation=cv2.INTER_LINEAR)
    file = io.BytesIO()
    with av.open(file, "w", format="h264") as out:
        stream = out.add_stream("libx264", 25, options={"preset": "ultrafast", "tune": "zerolatency", "x264-params": "sliced-threads=0:threads=1"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for frame in (av.VideoFrame.from_ndarray(picture, format="bgr24"), None):
            for one in stream.encode(frame):
                out.mux(one)
    return [unit.strip(b"\0") for unit in file.getvalue().split(b"\0\0\1") if unit.strip(b"\0")]


def packets(units: list[bytes], at: int, number: int) -> Iterator[bytes]:
    """Interleaved packets of one picture, cut to 1,400 bytes."""
    cut: list[bytes] = []
    for unit in units:
        if len(unit) <= 1400:
            cut.append(unit)
            continue
        parts = [unit[1:][i: i + 1400] for i in range(0, len(unit) - 1, 1400)]
        cut += [bytes([unit[0] & 0xE0 | 28, unit[0] & 31 | (0x80 if n == 0 else 0) | (0x40 if n == len(parts) - 1 else 0)]) + part
                for n, part in enumerate(parts)]
    for n, payload in enumerate(cut):
        head = bytes([0x80, 96 | (128 if n == len(cut) - 1 else 0)]) + (number + n & 0xFFFF).to_bytes(2, "big") + at.to_bytes(4, "big") + b"odd!"
        yield b"$\0" + (len(head) + len(payload)).to_bytes(2, "big") + head + payload


class Odd:
    """An RTSP server with one picture and the oddities of a test."""

    def __init__(self, units: list[bytes], base: str = "", early: bool = False, session: str = "Session:  s1 ; timeout=1", noise: bytes = b"",
                 silent_s: float = 0.0) -> None:
        self.units, self.base, self.early, self.session, self.noise, self.silent_s = units, base, early, session, noise, silent_s

    def __call__(self, sock: socket.socket, server: Scripted) -> None:
        wire = b"".join(packets(self.units, 900, 65530))
        for request in requests_of(sock, server):
            headers = [self.session] if request.method in ("SETUP", "PLAY") else []
            if request.method == "DESCRIBE" and self.base:
                headers = [f"Content-Base: {self.base}"]
            if request.method == "SETUP":
                headers.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
            answer = rtsp(request, 200, "OK", SDP if request.method == "DESCRIBE" else b"", *headers)
            if request.method != "PLAY":
                sock.sendall(answer)
                continue
            sock.sendall(wire + answer if self.early else answer)
            if self.silent_s:
                threading.Thread(target=self._later, args=(sock, self.noise + wire), daemon=True).start()
            else:
                sock.sendall(self.noise + wire)

    def _later(self, sock: socket.socket, data: bytes) -> None:
        time.sleep(self.silent_s)
        with contextlib.suppress(OSError):
            sock.sendall(data)


def first(handle: Odd, deadline_s: float = 5.0) -> tuple[bytes, list[Request]]:
    with Scripted(handle) as server:
        deadline = Deadline(deadline_s)
        with LiveStream(StreamAddress("127.0.0.1", server.port, "/live?ch=1"), place(server.port), Allowance(deadline, 1 << 24, 5.0), 2.0, Attempts()) as live:
            picture = next(live.pictures(deadline, threading.Event(), 1 << 24, lambda: None))
        until = time.monotonic() + 2
        while server.seen[-1].method != "TEARDOWN" and time.monotonic() < until:
            time.sleep(0.01)
        return picture, server.seen


@pytest.mark.parametrize("how", [{}, {"early": True}, {"session": "Session: s1"}, {"noise": b"$\1\0\4rtcp\r\n"}, {"noise": b"OPTIONS rtsp://x RTSP/1.0\r\n\r\n"},
                                 {"base": "rtsp://192.0.2.1:554/live?ch=1/"}, {"base": "192.0.2.1/live?ch=1"}, {"base": "192.0.2.1:554/live/"}])
def test_one_session_with_the_video_alone_and_always_torn_down(units: list[bytes], how: dict[str, object]) -> None:
    picture, seen = first(Odd(units, **how))  # type: ignore[arg-type]
    assert units[-1] in picture
    assert [one.method for one in seen] == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert seen[1].target.endswith("/track1") and f":{seen[1].target.split(':')[2].partition('/')[0]}/" in seen[0].target
    assert seen[3].headers["session"] == "s1"


def test_a_session_of_a_second_is_kept_alive_by_a_question_that_all_know(units: list[bytes]) -> None:
    _, seen = first(Odd(units, silent_s=1.3))
    assert "OPTIONS" in [one.method for one in seen] and "GET_PARAMETER" not in [one.method for one in seen]


def test_a_cancelled_stream_is_torn_down_soon(units: list[bytes]) -> None:
    with Scripted(Odd(units, silent_s=9.0)) as server:
        cancelled, deadline = threading.Event(), Deadline(8.0)
        threading.Timer(0.3, cancelled.set).start()
        begun = time.monotonic()
        with LiveStream(StreamAddress("127.0.0.1", server.port, "/live"), place(server.port), Allowance(deadline, 1 << 24, 5.0), 2.0, Attempts()) as live:
            assert list(live.pictures(deadline, cancelled, 1 << 24, lambda: None)) == []
        assert time.monotonic() - begun < 1.0
        time.sleep(0.1)
        assert server.seen[-1].method == "TEARDOWN"


def test_a_stream_that_plays_and_sends_nothing_ends_with_its_deadline(units: list[bytes]) -> None:
    begun = time.monotonic()
    with pytest.raises(OutOfTime):
        first(Odd(units, silent_s=9.0), deadline_s=0.6)
    assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize(("control", "base", "wanted"), [
    ("track1", "", "rtsp://127.0.0.1:554/a?b=1/track1"), ("*", "", "rtsp://127.0.0.1:554/a?b=1"), ("", "rtsp://h/a/", "rtsp://127.0.0.1:554/a/"),
    ("rtsp://10.0.0.1/a/t1", "rtsp://h/x/", "rtsp://127.0.0.1:554/a/t1"), ("/t1", "10.0.0.1/a/", "rtsp://127.0.0.1:554/a/t1"),
])
def test_tracks_are_joined_as_players_do(control: str, base: str, wanted: str) -> None:
    assert track_of(StreamAddress("127.0.0.1", 554, "/a?b=1"), control, base) == wanted


# -- whole visits -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("idr_at_play", [True, False])
def test_long_gop_is_not_waited_for(idr_at_play: bool) -> None:
    state = CameraState(serial=SERIAL, users={"admin": User(PASSWORD)}, gop_s=10.0, idr_at_play=idr_at_play)
    with SimulatedCamera(state) as sim:
        camera = camera_at(place(sim.http_port), settings("rtsp"))
        camera.read_identity(SERIAL, 10.0)
        time.sleep(0.2)
        steps: list[Step] = []
        begun = time.monotonic()
        found = camera.judge_frame(SERIAL, 15.0, progress=steps.append)
        took_s = time.monotonic() - begun
        camera.close()
        assert isinstance(found, FrameReport) and found.trusted and found.good and took_s < 5.0  # 0.2-0.3 s on a machine that is idle
        assert steps[:2] == [Step.ASKING, Step.STREAM] and steps[-1] is Step.JUDGING
        until = time.monotonic() + 2
        while sim.seen.rtsp_sessions_open and time.monotonic() < until:
            time.sleep(0.01)
        assert sim.seen.rtsp_sessions == sim.seen.teardowns and sim.seen.rtsp_sessions_open == 0


def slow_still(after_s: float, still: bytes) -> Scripted:
    """A camera whose still takes its time; its stream is elsewhere."""
    def handle(sock: socket.socket, server: Scripted) -> None:
        for request in requests_of(sock, server):
            if request.method == "GET":
                time.sleep(after_s)
                sock.sendall(http(200, still, kind="image/jpeg"))
            elif request.operation == "GetSnapshotUri":
                sock.sendall(uri_answer("GetSnapshotUri", "http://192.0.2.1/snap.jpg"))
            else:
                sock.sendall(open_camera(request))
    return Scripted(handle)


def test_the_stream_wins_over_a_slow_still(units: list[bytes]) -> None:
    with slow_still(4.0, b"") as server, Scripted(Odd(units)) as stream:
        begun = time.monotonic()
        found = camera_at(place(server.port, rtsp_port=stream.port)).judge_frame(SERIAL, 8.0)
        assert isinstance(found, FrameReport) and found.source == "rtsp" and time.monotonic() - begun < 2.5


def test_the_still_wins_over_a_silent_stream_which_is_torn_down(units: list[bytes]) -> None:
    picture = cv2.resize(np.random.default_rng(3).integers(60, 200, (18, 32, 3), dtype=np.uint8), (1280, 720), interpolation=cv2.INTER_LINEAR)
    still = cv2.imencode(".jpg", picture)[1].tobytes()
    with slow_still(1.0, still) as server, Scripted(Odd(units, silent_s=9.0)) as stream:
        begun = time.monotonic()
        found = camera_at(place(server.port, rtsp_port=stream.port)).judge_frame(SERIAL, 8.0)
        assert isinstance(found, FrameReport) and found.source == "snapshot" and time.monotonic() - begun < 2.5
        time.sleep(0.1)
        assert stream.seen[-1].method == "TEARDOWN"


def test_neither_comes() -> None:
    with slow_still(9.0, b"") as server, socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        found = camera_at(place(server.port, rtsp_port=silent.getsockname()[1])).judge_frame(SERIAL, 1.5)
        assert isinstance(found, Fault) and found.kind is FaultKind.TIMED_OUT and time.monotonic() - begun < 4.0


def test_a_stream_that_takes_six_seconds_to_open_is_waited_for() -> None:
    """Quirk 24: the encoder is started when somebody looks. There is no still that could stand in."""
    with SimulatedCamera(persona("slow-connect + no-snapshot")) as sim:
        report = camera_at(place(sim.http_port, sim.state.users["admin"].password)).judge_frame(SERIAL, 25.0)
    assert isinstance(report, FrameReport) and report.trusted and report.source == "rtsp" and report.took_s > 6
