"""Our own RTSP: why a stream does not come, and where it is."""

import socket
import time

import pytest

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, ClosedOnUs, HttpRefused, LoginRefused, NotHttp, OutOfTime, ReplyTooBig
from provisioner.camera.faults import fault_from
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.rtsp import StreamDescription, address_of, describe, why_not
from provisioner.fault import FaultKind
from tests.camera.helpers import place
from tests.camera.scripted import Handler, Request, Scripted, replying, requests_of, rtsp
from tests.camera.test_login import is_right

SDP = (b"v=0\r\nm=application 0 RTP/AVP 107\r\na=rtpmap:107 onvif.metadata/90000\r\n m=video 0 RTP/AVP 96  \r\na=rtpmap:96 H264/90000\r\n"
       b"a=control:trackID=1\r\nm=audio 0 RTP/AVP 0\r\n")
CHALLENGE = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'


def described(handle: Handler, attempts: Attempts | None = None, time_s: float = 5.0, most_bytes: int = 65536,
              password: str | None = "p") -> StreamDescription:
    with Scripted(handle) as server:
        where = place(server.port, password)
        return describe(address_of(f"rtsp://192.0.2.9:{server.port}/live?ch=1", where), where, Allowance(Deadline(time_s), most_bytes, time_s), 2.0,
                        attempts or Attempts())


def trouble(handle: Handler, **how: object) -> CameraTrouble:
    with pytest.raises(CameraTrouble) as caught:
        described(handle, **how)  # type: ignore[arg-type]
    return caught.value


def test_describe_with_a_messy_sdp() -> None:
    found = described(replying(lambda request: rtsp(request, 200, "OK", SDP)))
    assert (found.codec, found.has_audio, found.needs_login, found.control) == ("H264", True, False, "trackID=1")


@pytest.mark.parametrize("challenge", [CHALLENGE, 'WWW-Authenticate: Digest realm="cam", nonce="n1", qop="auth", algorithm=SHA-256'])
def test_describe_logs_in_by_digest(challenge: str) -> None:
    def respond(request: Request) -> bytes:
        if "authorization" in request.headers and is_right(request, "p"):
            return rtsp(request, 200, "OK", SDP)
        return rtsp(request, 401, "Unauthorized", b"", 'WWW-Authenticate: Basic realm="x"', challenge)

    assert described(replying(respond)).needs_login


def test_wrong_password_is_sent_once_and_counted() -> None:
    attempts, seen = Attempts(), []

    def respond(request: Request) -> bytes:
        seen.append(request)
        return rtsp(request, 401, "Unauthorized", b"", CHALLENGE)

    found = trouble(replying(respond), attempts=attempts)
    assert isinstance(found, LoginRefused) and attempts.refused == 1 and sum("authorization" in one.headers for one in seen) == 1


def test_basic_only_sends_nothing() -> None:
    found = trouble(replying(lambda request: rtsp(request, 401, "Unauthorized", b"", 'WWW-Authenticate: Basic realm="x"')))
    assert isinstance(found, LoginRefused) and not found.sent


@pytest.mark.parametrize(("status", "kind"), [(404, FaultKind.UNSUPPORTED), (453, FaultKind.BUSY), (454, FaultKind.BUSY), (503, FaultKind.BUSY),
                                              (403, FaultKind.REFUSED), (461, FaultKind.UNSUPPORTED), (500, FaultKind.GARBLED)])
def test_statuses_become_kinds(status: int, kind: FaultKind) -> None:
    found = trouble(replying(lambda request: rtsp(request, status, "No")))
    assert isinstance(found, HttpRefused) and found.status == status
    made = fault_from(found, "stream")
    assert made.kind is kind and (made.wait_s == 60.0 if status in (453, 454) else made.wait_s is None)


def test_no_session_free_is_found_by_a_trial_and_torn_down_when_free() -> None:
    for status in (453, 200):
        def respond(request: Request, status: int = status) -> bytes:
            return rtsp(request, status, "-", b"", "Session: abc;timeout=60") if request.method == "SETUP" else rtsp(request, 200, "OK", SDP)

        with Scripted(replying(respond)) as server:
            where = place(server.port)
            address = address_of("rtsp://h/live", place(server.port, rtsp_port=server.port))
            arguments = (address, where, Allowance(Deadline(5), 65536, 5), 2.0, Attempts())
            if status == 453:
                with pytest.raises(HttpRefused):
                    why_not(*arguments)
            else:
                why_not(*arguments)
                assert [request.method for request in server.seen] == ["DESCRIBE", "SETUP", "TEARDOWN"]
                assert server.seen[1].target.endswith("/live/trackID=1") and server.seen[2].headers["session"] == "abc"


def test_silent_dripping_garbage_huge_and_closing_servers() -> None:
    def silent(sock: socket.socket, server: Scripted) -> None:
        while sock.recv(4096):
            pass

    def drip(sock: socket.socket, server: Scripted) -> None:
        for _ in requests_of(sock, server):
            for byte in b"RTSP/1.0 200 OK\r\n" * 50:
                sock.sendall(bytes([byte]))
                time.sleep(0.02)

    begun = time.monotonic()
    assert isinstance(trouble(silent, time_s=0.5), OutOfTime) and isinstance(trouble(drip, time_s=0.5), OutOfTime)
    assert time.monotonic() - begun < 2
    assert isinstance(trouble(replying(lambda request: b"HTTP/1.1 400 Bad Request\r\n\r\n")), NotHttp)
    assert isinstance(trouble(replying(lambda request: b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 300000)), ReplyTooBig)
    assert isinstance(trouble(replying(lambda request: b"RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n")), NotHttp)
    assert isinstance(trouble(replying(lambda request: b"")), ClosedOnUs)


@pytest.mark.parametrize(("uri", "url"), [
    ("rtsp://192.0.2.10/onvif-media/media.amp?profile=p&x=1", "rtsp://127.0.0.1:554/onvif-media/media.amp?profile=p&x=1"),
    ("rtsp://192.0.2.10:8554/a", "rtsp://127.0.0.1:8554/a"), ("rtsp://user:pass@192.0.2.10/a", "rtsp://127.0.0.1:554/a"),
])
def test_only_path_and_port_of_a_told_address_are_believed(uri: str, url: str) -> None:
    assert address_of(uri, place(80)).url == url
    assert address_of(uri, place(80, rtsp_port=1554)).url.startswith("rtsp://127.0.0.1:1554/")


@pytest.mark.parametrize("uri", ["", "http://h/a", "rtsp://", "rtsp://h", "rtsp://h/a\r\nTEARDOWN x", "file:///etc/passwd", "rtsp://[::1/a"])
def test_addresses_that_are_none(uri: str) -> None:
    try:
        url = address_of(uri, place(80)).url
    except NotHttp:
        return
    assert "\r" not in url and "\n" not in url and " " not in url


def test_ipv6_address_gets_its_brackets() -> None:
    assert address_of("rtsp://h/a", place(80, host="fd00::1")).url == "rtsp://[fd00::1]:554/a"
