"""What is fuzzed: for each reader a function that takes any bytes and lets only a bug of ours out.

`CameraTrouble` (a fault of the device) and `PlainError` (a file that argues badly) are the only things a reader may raise.
"""

import functools
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from socket import AF_INET, SHUT_WR, SO_LINGER, SOCK_STREAM, SOL_SOCKET, create_server, socket
from typing import Any

from provisioner.camera import rtsp as rtsp_module
from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, ClosedOnUs
from provisioner.camera.faults import fault_from
from provisioner.camera.finding import HOSTS_MOST, _Gathered, hosts_of, merged
from provisioner.camera.frames import jpeg_size
from provisioner.camera.http import HttpAnswer, HttpLink
from provisioner.camera.identity import subject_serial
from provisioner.camera.marking import configurable
from provisioner.camera.net import Allowance, AnySocket, Deadline, LimitedSocket
from provisioner.camera.pictures import Assembler
from provisioner.camera.places import CameraPlace, hidden_of
from provisioner.camera.posture_ask import Look, brokers_of, jobs_of, osds_most, osds_of, protocols_of, recordings_of, scopes_of, time_of, users_of
from provisioner.camera.profile import read_profile
from provisioner.camera.profiles import explained, generic_profile
from provisioner.camera.rtsp import LiveStream, StreamAddress, track_of
from provisioner.camera.sdp import described
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.camera.wsdl import IMAGING, SPACES
from provisioner.fault import Fault, PlainError
from provisioner.secret import Secret

INPUT_MOST = 16 * 1024      # bytes: more is cut off; the limits on size have tests of their own
REPLY_MOST = 64 * 1024
PLACE = CameraPlace("192.0.2.1", 80, "admin", Secret("fuzzing-secret"))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STATUSES = (200, 200, 200, 400, 401, 403, 423, 500, 503, 302)
CHALLENGE = 'Digest realm="cam", nonce="n1", qop="auth", algorithm=MD5'
ADDRESS = StreamAddress(PLACE.host, 554, "/live")
_LISTENER = create_server(("127.0.0.1", 0))
SETTINGS = CameraSettings(reply_most_bytes=REPLY_MOST)


def _now() -> datetime:
    return NOW


def _told(trouble: CameraTrouble) -> None:
    """Every trouble has to become a fault that holds no secret."""
    fault = fault_from(trouble, "fuzz", hidden_of(PLACE))
    assert isinstance(fault, Fault) and len(fault.evidence) <= 160, fault
    assert "fuzzing-secret" not in f"{fault!r}{trouble}", "a secret in a fault"


def _end_of(data: bytes) -> LimitedSocket:
    """A real TCP connection from whose other end come `data` and then the end."""
    ours = socket(AF_INET, SOCK_STREAM)
    ours.connect(_LISTENER.getsockname())
    theirs, _ = _LISTENER.accept()
    theirs.sendall(data)
    theirs.shutdown(SHUT_WR)
    sock = LimitedSocket(fileno=ours.detach())
    sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))  # thousands a second: closed ports must not wait a minute each
    sock.allowance = Allowance(Deadline(5.0), REPLY_MOST, 5.0)
    sock.other_end = theirs  # type: ignore[attr-defined]  # kept open as long as ours
    return sock


class _Wired(HttpLink):
    """A link whose connection holds bytes that have come already: HTTP and all."""

    def __init__(self, data: bytes) -> None:
        super().__init__(PLACE.host, PLACE.port, 1.0)
        self._data = data

    def _open(self, allowance: Allowance) -> AnySocket:
        if self._sock is None:
            if not self._data:
                raise ClosedOnUs(0)
            self._sock, self._data = _end_of(self._data), b""
        self._sock.allowance = allowance
        return self._sock


class _Canned(HttpLink):
    """A link on which every answer is the same: for reaching what lies behind HTTP."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(PLACE.host, PLACE.port, 1.0)
        self._status, self._body = status, body

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes | None, allowance: Allowance) -> HttpAnswer:
        head, _, rest = self._body.partition(b"\n") if self._status == 401 else (b"", b"", self._body)
        lines = (CHALLENGE, head.decode("latin-1")) if self._status == 401 else ()
        return HttpAnswer(self._status, "application/soap+xml", lines, head.decode("latin-1").strip()[:20], rest)


def soap(data: bytes) -> None:
    """HTTP replies or SOAP bodies, read by every call of a session. First byte: which of both; second: the status."""
    if len(data) < 2:
        return
    link: HttpLink = _Wired(data[2:INPUT_MOST]) if data[0] & 1 else _Canned(STATUSES[data[1] % len(STATUSES)], data[2:INPUT_MOST])
    visit = Visit(PLACE, SETTINGS, _now)
    session = visit.onvif
    session.link = session._soap._link = link
    attempts, deadline = Attempts(clock=_now), Deadline(5.0)
    look = Look(visit, SETTINGS, _now, deadline, attempts)
    if not data[0] & 1:
        session._told = {port: f"http://192.0.2.1/onvif/{port}" for port in SPACES.values()}
        session._device_path = "/onvif/device_service"

    def uris() -> None:
        for profile in session.profiles(deadline, attempts)[:2]:
            session.stream_uri(profile, deadline, attempts)
            session.snapshot_uri(profile, deadline, attempts)

    calls: tuple[Callable[[], Any], ...] = (
        lambda: session.read_clock(deadline), lambda: session.device_information(deadline, attempts), lambda: session.scopes(deadline, attempts),
        lambda: session.profiles(deadline, attempts), uris, lambda: session.service(IMAGING, "GetImagingSettings", deadline, attempts, VideoSourceToken="v"),
        *(functools.partial(read, look) for read in (jobs_of, recordings_of, users_of, scopes_of, osds_of, osds_most, protocols_of, time_of, brokers_of)),
        lambda: configurable(session, deadline, attempts), lambda: subject_serial(data[2:]),
    )
    try:
        # A body alone is read by one call, which its second byte chooses besides the status; a connection by all of them.
        for call in calls if data[0] & 1 else (calls[data[1] // len(STATUSES) % len(calls)],):
            try:
                call()
            except CameraTrouble as trouble:
                _told(trouble)
        with suppress(CameraTrouble):
            jpeg_size(data[2:])
    finally:
        visit.close()


@contextmanager
def _connecting_to(data: bytes) -> Iterator[None]:
    """While it lasts, RTSP connections lead to `data`."""
    before = rtsp_module.connect
    rtsp_module.connect = lambda *_: _end_of(data)
    try:
        yield
    finally:
        rtsp_module.connect = before


def rtsp(data: bytes) -> None:
    """A whole RTSP connection, an SDP, or RTP packets. First byte: which of the three; second: the codec."""
    if len(data) < 2:
        return
    kind, rest = data[0] % 3, data[2:INPUT_MOST]
    if kind == 0:
        try:
            with _connecting_to(rest), LiveStream(ADDRESS, PLACE, Allowance(Deadline(5.0), REPLY_MOST, 5.0), 1.0, Attempts(clock=_now)) as live:
                for _ in live.pictures(Deadline(5.0), threading.Event(), REPLY_MOST, lambda: None):
                    pass
        except CameraTrouble as trouble:
            _told(trouble)
    elif kind == 1:
        found = described(rest, False, "rtsp://h/base/")
        url = track_of(ADDRESS, found.control, found.base)
        assert url.startswith("rtsp://192.0.2.1:554/") and url.isprintable() and " " not in url, url
        Assembler("H264").know(found.sets)
    else:
        assembler = Assembler("H265" if data[1] & 1 else "H264")
        at = 0
        while at + 2 <= len(rest):
            size = int.from_bytes(rest[at: at + 2], "big") % 1500
            assembler.take(rest[at + 2: at + 2 + size])
            at += 2 + size


def discovery(data: bytes) -> None:
    """Datagrams of two senders, each with its length before it, and the text of an address range."""
    gathered = _Gathered(frozenset(), lambda _: None)
    data, at = data[:INPUT_MOST], 0
    while at + 2 <= len(data):
        size = int.from_bytes(data[at: at + 2], "big")
        gathered.take(data[at + 2: at + 2 + size], (f"192.0.2.{size & 1}", 3702), "unicast")
        at += 2 + size
    for found in merged(gathered.all(), gathered.all()):
        assert len(repr(found)) < 2000 and all(0 < door.port < 65536 and door.host in found.hosts for door in found.doors)
        found.told("hardware")
        found.told("MacAddress")
    try:
        assert 0 < len(hosts_of(data[:100].decode("latin-1"))) <= HOSTS_MOST
    except PlainError as exc:
        assert exc.code == "bad_range"


def profile(data: bytes) -> None:
    """A device profile's file."""
    text = data[:INPUT_MOST].decode("utf-8", "replace")
    for base in (None, generic_profile()):
        try:
            found = read_profile(text, "fuzz.toml", base)
        except PlainError as exc:
            assert exc.code == "bad_device_profile"
        else:
            explained(found)
            found.frame_limits()
            found.policies()


TARGETS: dict[str, Callable[[bytes], None]] = {"soap": soap, "rtsp": rtsp, "discovery": discovery, "profile": profile}
