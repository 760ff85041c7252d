"""The RTSP face: watched by OpenCV and PyAV (two builds of FFmpeg), and spoken to by hand where players say too little."""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import av
import cv2
import numpy as np
import pytest

from simulators.camera import CameraState, Seen, SimulatedCamera, Troubles
from simulators.camera.h264 import AccessUnit, fragments
from simulators.camera.picture import PictureKey, clock_patch
from simulators.camera.picture import picture as paint
from simulators.camera.rtp import Carrier, Stream

PASSWORD = "simulated-1"
TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera() as running:
        yield running


@pytest.fixture
def tuned(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets how OpenCV opens streams; the options are those that a first picture is quickest with."""
    def use(transport: str) -> None:
        monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", f"rtsp_transport;{transport}|probesize;32|allowed_media_types;video")
    use("tcp")
    return use


def watch(url: str) -> Any:
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 5000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, 8000, cv2.CAP_PROP_N_THREADS, 1]
    return cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits)


def first_picture(url: str) -> tuple[Any, float]:
    """The first decoded picture and the seconds it took from the start of the opening."""
    start_s = time.perf_counter()
    capture = watch(url)
    good, picture = capture.read()
    took_s = time.perf_counter() - start_s
    capture.release()
    assert good, f"no picture from {url}"
    return picture, took_s


def until(condition: Callable[[], bool], within_s: float = 5.0) -> bool:
    end_s = time.monotonic() + within_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.005)
    return condition()


class Rtsp:
    """RTSP by hand: 40 lines, so that a test can see every answer."""

    def __init__(self, camera: SimulatedCamera, password: str = PASSWORD) -> None:
        self.camera, self.password = camera, password
        self.socket = socket.create_connection(("127.0.0.1", camera.rtsp_port), 5)
        self.socket.settimeout(5)
        self.file = self.socket.makefile("rb")
        self.url = camera.rtsp_url()
        self.cseq, self.challenge, self.session = 0, "", ""

    def ask(self, method: str, url: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        status, answer, body = self._once(method, url or self.url, headers)
        if status == 401 and not self.challenge:
            self.challenge = answer["www-authenticate"]
            status, answer, body = self._once(method, url or self.url, headers)
        if "session" in answer:
            self.session = answer["session"].split(";")[0]
        return status, answer, body

    def _once(self, method: str, url: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.cseq += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self.cseq}", *(f"{name}: {value}" for name, value in headers.items())]
        if self.session and "Session" not in headers:
            lines.append(f"Session: {self.session}")
        if self.challenge:
            lines.append(f"Authorization: {self._authorization(method, url)}")
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        first = self.file.readline()
        while first[:1] == b"$":                              # a packet of the stream before the answer
            rest = struct.unpack("!H", first[2:4])[0] + 4 - len(first)
            first = (first + self.file.read(rest))[struct.unpack("!H", first[2:4])[0] + 4:] or self.file.readline()
        answer = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            answer[name.strip().lower()] = value.strip()
        assert not first or answer.get("cseq") == str(self.cseq)
        return int(first.split()[1]), answer, self.file.read(int(answer.get("content-length", 0)))

    def _authorization(self, method: str, url: str) -> str:
        realm, nonce = (re.search(f'{name}="([^"]*)"', self.challenge)[1] for name in ("realm", "nonce"))  # type: ignore[index]
        secret, target = (hashlib.md5(text.encode()).hexdigest() for text in (f"admin:{realm}:{self.password}", f"{method}:{url}"))
        response = hashlib.md5(f"{secret}:{nonce}:{target}".encode()).hexdigest()
        return f'Digest username="admin", realm="{realm}", nonce="{nonce}", uri="{url}", response="{response}"'

    def set_up(self, transport: str = TCP) -> tuple[int, dict[str, str], bytes]:
        return self.ask("SETUP", f"{self.url}/trackID=0", Transport=transport)

    def packet(self) -> tuple[int, bytes]:
        """Channel and content of the next interleaved packet."""
        mark, channel, length = struct.unpack("!cBH", self.file.read(4))
        assert mark == b"$"
        return channel, self.file.read(length)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def rtsp(camera: SimulatedCamera) -> Iterator[Rtsp]:
    speaker = Rtsp(camera)
    yield speaker
    speaker.close()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_opencv_gets_a_whole_picture(camera: SimulatedCamera, tuned: Callable[[str], None], transport: str) -> None:
    """Ten pictures in a row equal to what was painted: nothing concealed, nothing lost."""
    tuned(transport)
    capture = watch(camera.rtsp_url(user="admin"))
    painted = None
    for _ in range(10):
        good, picture = capture.read()
        assert good
        assert picture.shape == (1080, 1920, 3)
        if painted is None:
            painted = paint(PictureKey.of(camera.state, camera.state.profiles[0]), datetime.now(UTC))
        difference = np.abs(picture[100:, :].astype(int) - painted[100:, :])
        assert difference.mean() < 4
    capture.release()
    assert until(lambda: camera.seen.teardowns == 1)
    assert camera.seen.rtsp_sessions_open == 0


@pytest.mark.parametrize("profile", ["profile_main", "profile_sub"])
@pytest.mark.parametrize("text", ["482 913", "NYG-0042 731 905 2026"])
def test_the_card_is_read_from_the_stream(camera: SimulatedCamera, tuned: Callable[[str], None], profile: str, text: str) -> None:
    camera.levers.hold_card(text)
    picture, _ = first_picture(camera.rtsp_url(profile, user="admin"))
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == text


def test_a_card_comes_and_goes_while_somebody_looks(camera: SimulatedCamera, tuned: Callable[[str], None]) -> None:
    capture, detector = watch(camera.rtsp_url("profile_sub", user="admin")), cv2.QRCodeDetector()
    capture.read()
    camera.levers.hold_card("17 04")
    assert until(lambda: detector.detectAndDecode(capture.read()[1])[0] == "17 04")
    camera.levers.take_card_away()
    assert until(lambda: detector.detectAndDecode(capture.read()[1])[0] == "")
    capture.release()


@pytest.mark.parametrize("gop_s", [1.0, 4.0])
def test_first_picture_comes_at_once(tuned: Callable[[str], None], gop_s: float) -> None:
    """About 0.03-0.15 s on two cores; the limit leaves room for a busy machine, and is far below the second of an untuned client."""
    with SimulatedCamera(CameraState(gop_s=gop_s)) as camera:
        first_picture(camera.rtsp_url(user="admin"))
        assert min(first_picture(camera.rtsp_url(user="admin"))[1] for _ in range(5)) < 0.4


def test_joining_in_mid_gop_waits_for_the_idr(tuned: Callable[[str], None]) -> None:
    """The beat is the wall clock: with a group of 2 s pictures begin at even seconds."""
    with SimulatedCamera(CameraState(gop_s=2.0, idr_at_play=False)) as camera:
        first_picture(camera.rtsp_url("profile_sub", user="admin"))
        time.sleep((2.5 - time.time() % 2) % 2)            # half a second after an IDR
        _, took_s = first_picture(camera.rtsp_url("profile_sub", user="admin"))
        assert 1.2 < took_s < 4


def test_synchronization_point_ends_the_wait(rtsp: Rtsp, camera: SimulatedCamera) -> None:
    camera.state.gop_s, camera.state.idr_at_play = 1000.0, False
    rtsp.set_up()
    rtsp.ask("PLAY")
    assert all(kind != 5 for kind in kinds(rtsp, 3))
    camera.rtsp.force_idr("profile_main")                  # what SetSynchronizationPoint calls
    assert 5 in kinds(rtsp, 25)


def kinds(rtsp: Rtsp, pictures: int) -> list[int]:
    """NAL types of so many pictures; an FU-A counts by what it carries (RFC 6184 5.8)."""
    found: list[int] = []
    while pictures:
        channel, packet = rtsp.packet()
        if channel == 0:
            kind = packet[12] & 31
            found.append(packet[13] & 31 if kind == 28 else kind)
            pictures -= packet[1] >> 7
    return found


def test_an_idr_comes_with_parameter_sets_once(rtsp: Rtsp) -> None:
    rtsp.set_up()
    assert rtsp.ask("PLAY")[0] == 200
    found = kinds(rtsp, 1)
    assert found[:2] == [7, 8]
    assert set(found[2:]) == {5}
    assert set(kinds(rtsp, 3)) == {1}


def test_the_clock_in_the_picture_is_true(camera: SimulatedCamera, tuned: Callable[[str], None]) -> None:
    key = PictureKey.of(camera.state, camera.state.profiles[0])
    picture, _ = first_picture(camera.rtsp_url(user="admin"))
    now = datetime.now(UTC)
    corner = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[:100, :500]
    near = {seconds: cv2.matchTemplate(corner, clock_patch(key.clock_text(now + timedelta(seconds=seconds)), 420, 44), cv2.TM_CCOEFF_NORMED).max()
            for seconds in range(-5, 6)}
    assert abs(max(near, key=near.__getitem__)) <= 1


def test_pyav_watches_and_sees_it_move(camera: SimulatedCamera) -> None:
    with av.open(camera.rtsp_url("profile_sub", user="admin"), options={"rtsp_transport": "tcp"}, timeout=5) as container:
        pictures = [frame.to_ndarray(format="gray") for frame, _ in zip(container.decode(video=0), range(40), strict=False)]
    assert len({picture[40:].tobytes() for picture in pictures}) > 1        # below the clock


def test_audio_is_announced_and_silent() -> None:
    with SimulatedCamera(CameraState(audio=True)) as camera:
        rtsp = Rtsp(camera)
        _, _, sdp = rtsp.ask("DESCRIBE")
        assert b"m=audio 0 RTP/AVP 0" in sdp
        assert rtsp.set_up()[0] == 200
        assert rtsp.ask("SETUP", f"{rtsp.url}/trackID=1", Transport="RTP/AVP/TCP;unicast;interleaved=2-3")[0] == 200
        rtsp.ask("PLAY")
        assert {rtsp.packet()[0] for _ in range(120)} <= {0, 1}
        rtsp.close()


def test_describe(rtsp: Rtsp) -> None:
    status, headers, sdp = rtsp.ask("DESCRIBE", Accept="application/sdp")
    assert (status, headers["content-type"], headers["content-base"]) == (200, "application/sdp", rtsp.url + "/")
    assert b"a=rtpmap:96 H264/90000" in sdp
    assert b"sprop-parameter-sets=Z" in sdp                # base64 of 0x67, a sequence parameter set
    assert b"m=audio" not in sdp


def test_answers_of_refusal(rtsp: Rtsp, camera: SimulatedCamera) -> None:
    assert rtsp.ask("DESCRIBE", camera.rtsp_url("nothing"))[0] == 404
    assert rtsp.set_up("RTP/AVP;multicast")[0] == 461
    assert rtsp.ask("PLAY")[0] == 454
    assert rtsp.ask("RECORD")[0] == 501
    assert rtsp.ask("SETUP", f"{rtsp.url}/trackID=1", Transport=TCP)[0] == 404
    camera.levers.refuse_rtsp_sessions()
    assert rtsp.set_up()[0] == 453


def test_wrong_password(camera: SimulatedCamera, tuned: Callable[[str], None]) -> None:
    rtsp = Rtsp(camera, "wrong")
    status, headers, _ = rtsp.ask("DESCRIBE")
    assert (status, headers["www-authenticate"].split(" ")[0]) == (401, "Digest")
    rtsp.close()
    assert not watch(camera.rtsp_url().replace("rtsp://", "rtsp://admin:wrong@")).isOpened()
    assert camera.seen.failed_logins >= 2


def test_clients_up_to_the_limit(camera: SimulatedCamera) -> None:
    camera.state.rtsp_sessions_most = 2
    clients = [Rtsp(camera) for _ in range(3)]
    assert [client.set_up()[0] for client in clients] == [200, 200, 453]
    assert clients[0].ask("TEARDOWN")[0] == 200
    assert clients[2].set_up()[0] == 200
    assert camera.seen.rtsp_sessions_open == 2
    for client in clients:
        client.close()
    assert until(lambda: camera.seen.rtsp_sessions_open == 0)       # interleaved sessions end with their connection


def test_a_udp_session_outlives_its_connection_until_it_expires(camera: SimulatedCamera) -> None:
    """The slot that a client which was killed still holds on real cameras."""
    camera.state.rtsp_session_timeout_s = 0.6
    rtsp = Rtsp(camera)
    _, headers, _ = rtsp.set_up("RTP/AVP;unicast;client_port=50000-50001")
    assert "server_port=" in headers["transport"]
    rtsp.close()
    assert camera.seen.rtsp_sessions_open == 1
    assert until(lambda: camera.seen.rtsp_sessions_expired == 1)
    assert (camera.seen.rtsp_sessions_open, camera.seen.teardowns) == (0, 0)


def test_a_session_lives_by_get_parameter(rtsp: Rtsp, camera: SimulatedCamera) -> None:
    camera.state.rtsp_session_timeout_s = 0.6
    rtsp.set_up()
    for _ in range(5):
        time.sleep(0.15)
        assert rtsp.ask("GET_PARAMETER")[0] == 200
    assert until(lambda: camera.seen.rtsp_sessions_expired == 1)
    assert rtsp.ask("GET_PARAMETER")[0] == 454


def test_sender_report_and_rtp_info(rtsp: Rtsp) -> None:
    rtsp.set_up()
    _, headers, _ = rtsp.ask("PLAY")
    sequence = int(re.search(r"seq=(\d+)", headers["rtp-info"])[1])  # type: ignore[index]
    packets = [rtsp.packet() for _ in range(3)]
    reports = [packet for channel, packet in packets if channel == 1]
    media = [packet for channel, packet in packets if channel == 0]
    assert struct.unpack("!H", media[0][2:4])[0] == sequence
    assert reports[0][1] == 200
    assert len(reports[0]) == 28 + 20                      # sender report, then SDES


class Lagging(Carrier):
    """A client that does not keep up while `behind` is set."""

    def __init__(self) -> None:
        self.behind, self.sent = False, 0

    def send(self, packets: list[bytes]) -> None:
        self.sent += len(packets)

    def report(self, packet: bytes) -> None: ...

    def is_behind(self) -> bool:
        return self.behind

    def close(self) -> None: ...


def test_a_client_that_lags_behind_starts_again_at_an_idr() -> None:
    """Pictures are left out rather than kept, and never one in the middle of a group."""
    carrier = Lagging()
    stream = Stream(carrier, Troubles(), Seen())
    idr, later = AccessUnit((b"e",), True, 0.0), AccessUnit((b"A",), False, 0.04)
    assert [stream.send(unit) for unit in (idr, later)] == [True, True]
    carrier.behind = True
    assert [stream.send(unit) for unit in (later, idr)] == [False, False]
    carrier.behind = False
    assert [stream.send(unit) for unit in (later, later, idr, later)] == [False, False, True, True]
    assert carrier.sent == 4


def test_large_units_are_cut_as_rfc_6184_says() -> None:
    nal = bytes([0x65]) + bytes(range(256)) * 20
    parts = fragments(nal)
    assert all(len(part) <= 1400 and part[0] == 0x60 | 28 for part in parts)
    assert [part[1] >> 6 for part in parts] == [2, *[0] * (len(parts) - 2), 1]      # start bit, neither, end bit
    assert bytes([parts[0][0] & 0xE0 | parts[0][1] & 31]) + b"".join(part[2:] for part in parts) == nal
    assert fragments(nal[:1400]) == [nal[:1400]]


def test_no_login_where_the_camera_asks_for_none(camera: SimulatedCamera, tuned: Callable[[str], None]) -> None:
    camera.state.login.rtsp_needs_login = False
    assert first_picture(camera.rtsp_url("profile_sub"))[0].shape == (360, 640, 3)


@pytest.mark.parametrize("where", ["rtsp", "describe", "setup", "play"])
def test_stalls(rtsp: Rtsp, camera: SimulatedCamera, where: str) -> None:
    camera.levers.stall(where)
    rtsp.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        rtsp.ask("OPTIONS")
        rtsp.ask("DESCRIBE")
        rtsp.set_up()
        rtsp.ask("PLAY")
    expected = {"rtsp": "OPTIONS", "describe": "DESCRIBE", "setup": "SETUP", "play": "PLAY"}[where]
    assert camera.seen.requests[f"RTSP {expected}"] >= 1


def test_play_without_packets(rtsp: Rtsp, camera: SimulatedCamera) -> None:
    camera.levers.stall("rtp")
    rtsp.set_up()
    assert rtsp.ask("PLAY")[0] == 200
    rtsp.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        rtsp.packet()
    assert camera.seen.pictures == 0
    camera.levers.calm()
    assert until(lambda: camera.seen.pictures > 0)


def test_loss_of_power_ends_the_stream(camera: SimulatedCamera, tuned: Callable[[str], None]) -> None:
    capture = watch(camera.rtsp_url("profile_sub", user="admin"))
    assert capture.read()[0]
    camera.levers.lose_power(for_s=0.3)
    assert until(lambda: not capture.read()[0])
    capture.release()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", camera.rtsp_port), 1)
    assert until(lambda: camera.is_up)
    assert first_picture(camera.rtsp_url("profile_sub", user="admin"))[0].shape == (360, 640, 3)
