"""RTSP by ourselves, as far as it takes to know whether a stream can be had, and why not.

`cv2.VideoCapture` says only yes or no. DESCRIBE tells a wrong password from a wrong path and what is offered, before a password is handed to anybody;
a trial SETUP tells a camera with no session free, after OpenCV has failed. What the trial sets up it tears down.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from provisioner.camera.attempts import Attempts
from provisioner.camera.challenge import ChallengedLogin
from provisioner.camera.errors import ClosedOnUs, HttpRefused, NotHttp
from provisioner.camera.net import Allowance, LimitedSocket, connect
from provisioner.camera.onvif import path_of
from provisioner.camera.places import CameraPlace

DEFAULT_PORT = 554  # RFC 2326 3.2
_TRIES_MOST = 4     # of one request: asked, challenged, answered, challenged once more for a stale nonce
_HEADER_LINES_MOST = 100


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where the stream is, as far as we believe the camera: its path, at the place we reached it at."""

    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """Without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"rtsp://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """What the SDP offers. `codec` is the video's encoding name (`H264`, `H265`; '' where there is no video), `control` its track's address."""

    codec: str
    has_audio: bool
    needs_login: bool
    control: str


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")


def address_of(uri: str, place: CameraPlace) -> StreamAddress:
    """The stream address from what `GetStreamUri` told. Raises `NotHttp` for what is no RTSP address."""
    try:
        parts = urlsplit(uri.strip())
        scheme, port = parts.scheme, parts.port
    except ValueError:
        scheme, port = "", None  # 'host:8106:8106'
    path = path_of(uri)
    if scheme not in ("", "rtsp") or not path:
        raise NotHttp("the stream's address cannot be used")
    return StreamAddress(place.host, place.rtsp_port or port or DEFAULT_PORT, path)


def describe(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts) -> StreamDescription:
    """Ask what the stream offers, logging in by digest where asked.

    Raises `LoginRefused`, `HttpRefused` (404, 453, 454, ...), `NotThere`, `OutOfTime`, `ClosedOnUs`, `ReplyTooBig`, `NotHttp`.
    """
    with _talk(address, place, allowance, connect_s, attempts) as talk:
        return talk.describe()


def why_not(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts) -> None:
    """Set a session up and tear it down again; raises what stands in the way (`HttpRefused` 453, ...), returns where nothing does."""
    with _talk(address, place, allowance, connect_s, attempts) as talk:
        description = talk.describe()
        reply = talk.ask("SETUP", _track_of(address, description.control), ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1",))
        if reply.status != 200:
            raise HttpRefused(reply.status, reply.reason, reply.body.decode("utf-8", "replace"))
        session = reply.first("session").partition(";")[0].strip()
        talk.ask("TEARDOWN", address.url, (f"Session: {session}",))


@contextmanager
def _talk(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts) -> Iterator["_Talk"]:
    with connect(address.host, address.port, allowance, connect_s) as sock:
        try:
            yield _Talk(sock, address, place, attempts)
        except OSError:
            raise ClosedOnUs(allowance.received) from None


class _Talk:
    """Requests and replies on one connection."""

    def __init__(self, sock: LimitedSocket, address: StreamAddress, place: CameraPlace, attempts: Attempts) -> None:
        self._sock = sock
        self._address = address
        self._place = place
        self._attempts = attempts
        self._login = ChallengedLogin(place, "never", "stream", inside_tls=False)
        self._number = 0

    def describe(self) -> StreamDescription:
        """What the stream offers."""
        reply = self.ask("DESCRIBE", self._address.url, ("Accept: application/sdp",))
        if reply.status != 200:
            raise HttpRefused(reply.status, reply.reason, reply.body.decode("utf-8", "replace"))
        return _described(reply.body, self._login.asked)

    def ask(self, method: str, url: str, headers: tuple[str, ...]) -> _Reply:
        """One request with whatever login the camera wants; any reply but 401."""
        for _ in range(_TRIES_MOST):
            self._number += 1
            lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", "User-Agent: provisioner", *headers]
            login = self._login.header(method, url)
            if login is not None:
                lines.append(f"Authorization: {login}")
            self._sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
            reply = _read(self._sock)
            if reply.status != 401:
                self._login.worked(self._attempts)
                return reply
            self._login.refused(tuple(reply.all("www-authenticate")), reply.body.decode("utf-8", "replace"), reply.first("retry-after"), self._attempts)
        raise NotHttp("asks for a new login without end")


def _read(sock: LimitedSocket) -> _Reply:
    with sock.makefile("rb") as stream:
        first = stream.readline(1024)
        words = first.decode("latin-1").strip().split(" ", 2)
        if not first:
            raise ClosedOnUs(sock.allowance.received)
        if not words[0].startswith("RTSP/") or len(words) < 2 or not words[1].isdecimal():
            raise NotHttp("not an RTSP reply")
        headers: list[tuple[str, str]] = []
        for _ in range(_HEADER_LINES_MOST):
            line = stream.readline(8192).decode("latin-1")
            if not line.strip():
                break
            name, _, value = line.partition(":")
            headers.append((name.strip().lower(), value.strip()))
        length = next((value for name, value in headers if name == "content-length"), "0")
        if not length.isdecimal() or len(length) > 9:
            raise NotHttp("a length that is no number")
        wanted = min(int(length), sock.allowance.most_bytes + 1)
        body = stream.read(wanted)
        if len(body) < wanted:
            raise ClosedOnUs(sock.allowance.received)
    return _Reply(int(words[1]), words[2] if len(words) > 2 else "", tuple(headers), body)


def _described(sdp: bytes, needs_login: bool) -> StreamDescription:
    """The first video medium's encoding and whether any audio is announced; everything else in an SDP may be as odd as it likes."""
    medium, codec, control, has_audio = "", "", "", False
    for line in sdp.decode("utf-8", "replace").splitlines():
        line = line.strip()
        if line.startswith("m="):
            medium = line[2:].partition(" ")[0].lower()
            has_audio = has_audio or medium == "audio"
        elif line.startswith("a=rtpmap:") and medium == "video" and not codec:
            codec = line.partition(" ")[2].partition("/")[0].strip().upper()
        elif line.startswith("a=control:") and medium == "video" and not control:
            control = line.removeprefix("a=control:").strip()
    return StreamDescription(codec if codec.isalnum() else "", has_audio, needs_login, control)


def _track_of(address: StreamAddress, control: str) -> str:
    """The track's address at our place. Joined as players do, with a slash, not by RFC 3986 (cameras rely on it)."""
    if not control or control == "*":
        return address.url
    if control.lower().startswith("rtsp://"):
        return StreamAddress(address.host, address.port, path_of(control) or address.path).url
    clean = "".join(char for char in control if char.isascii() and char.isprintable() and char != " ")
    return f"{address.url.rstrip('/')}/{clean.lstrip('/')}"
