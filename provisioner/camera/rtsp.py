"""RTSP DESCRIBE by ourselves: whether the stream can be had, and why not.

`cv2.VideoCapture` says only yes or no. Two short messages tell a wrong password from a wrong path from a camera with no session free, and what is
offered. No session is set up, so nothing has to be torn down.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from provisioner.camera.digest import DigestLogin, challenge_in
from provisioner.camera.errors import ClosedOnUs, HttpRefused, LoginRefused, NotHttp, Told
from provisioner.camera.login import Attempts, told_in
from provisioner.camera.net import Allowance, LimitedSocket, connect
from provisioner.camera.onvif import path_of
from provisioner.camera.places import CameraPlace

DEFAULT_PORT = 554  # RFC 2326 3.2
_MESSAGES_MOST = 4  # asked, challenged, answered, challenged once more for a stale nonce
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
    """What the SDP offers. `codec` is the video's encoding name (`H264`, `H265`; '' where there is no video)."""

    codec: str
    has_audio: bool
    needs_login: bool


def address_of(uri: str, place: CameraPlace) -> StreamAddress:
    """The stream address from what `GetStreamUri` told. Raises `NotHttp` for what is no RTSP address."""
    try:
        parts = urlsplit(uri.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None  # 'host:8106:8106'
    path = path_of(uri)
    if parts.scheme not in ("", "rtsp") or not path:
        raise NotHttp("the stream's address cannot be used")
    return StreamAddress(place.host, place.rtsp_port or port or DEFAULT_PORT, path)


def describe(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts) -> StreamDescription:
    """Ask what the stream offers, logging in by digest where asked.

    Raises `LoginRefused`, `HttpRefused` (404, 453, 454, ...), `NotThere`, `OutOfTime`, `ClosedOnUs`, `ReplyTooBig`, `NotHttp`.
    """
    login: DigestLogin | None = None
    with connect(address.host, address.port, allowance, connect_s) as sock:
        for number in range(1, _MESSAGES_MOST + 1):
            status, reason, headers, body = _ask(sock, address, login, number)
            if status == 200:
                return _described(body, login is not None)
            if status != 401:
                raise HttpRefused(status, reason, body.decode("utf-8", "replace"))
            login = _next_login(login, headers, body, place, attempts)
    raise NotHttp("asks for a new login without end")


def _next_login(login: DigestLogin | None, headers: list[tuple[str, str]], body: bytes, place: CameraPlace, attempts: Attempts) -> DigestLogin:
    told = told_in(body.decode("utf-8", "replace"), next((value for name, value in headers if name == "retry-after"), ""))
    challenge = challenge_in(value for name, value in headers if name == "www-authenticate")
    if login is not None and not (challenge is not None and challenge.stale and challenge.nonce != login.challenge.nonce):
        attempts.may_go_on(told)  # counted; the same password again would be refused again
        raise _refused(told, True, "the stream's login was refused")
    if place.password is None:
        raise _refused(told, False, "the stream needs a login and no password is known")
    if challenge is None:
        raise _refused(told, False, "the stream offers no way of logging in that keeps the password secret")
    if not attempts.left:
        raise _refused(told, False, "two passwords were refused already")
    return DigestLogin(challenge, place.username, place.password)


def _refused(told: Told, sent: bool, why: str) -> LoginRefused:
    return LoginRefused(told, sent=sent, clock_offset_s=None, why=why)


def _ask(sock: LimitedSocket, address: StreamAddress, login: DigestLogin | None, number: int) -> tuple[int, str, list[tuple[str, str]], bytes]:
    """One DESCRIBE and its reply: status, reason, headers (names in lower case), body."""
    url = address.url
    lines = [f"DESCRIBE {url} RTSP/1.0", f"CSeq: {number}", "Accept: application/sdp", "User-Agent: provisioner"]
    if login is not None:
        lines.append(f"Authorization: {login.header('DESCRIBE', url)}")
    try:
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return _reply(sock)
    except OSError:
        raise ClosedOnUs(sock.allowance.received) from None


def _reply(sock: LimitedSocket) -> tuple[int, str, list[tuple[str, str]], bytes]:
    with sock.makefile("rb") as stream:
        first = stream.readline(1024)
        words = first.decode("latin-1").strip().split(" ", 2)
        if not first:
            raise ClosedOnUs(sock.allowance.received)
        if not words[0].startswith("RTSP/") or len(words) < 2 or not words[1].isdigit():
            raise NotHttp("not an RTSP reply")
        headers: list[tuple[str, str]] = []
        for _ in range(_HEADER_LINES_MOST):
            line = stream.readline(8192).decode("latin-1")
            if not line.strip():
                break
            name, _, value = line.partition(":")
            headers.append((name.strip().lower(), value.strip()))
        length = next((value for name, value in headers if name == "content-length"), "0")
        if not length.isdigit():
            raise NotHttp("a length that is no number")
        wanted = min(int(length), sock.allowance.most_bytes + 1)
        body = stream.read(wanted)
        if len(body) < wanted:
            raise ClosedOnUs(sock.allowance.received)
    return int(words[1]), words[2] if len(words) > 2 else "", headers, body


def _described(sdp: bytes, needs_login: bool) -> StreamDescription:
    """The first video medium's encoding and whether any audio is announced; everything else in an SDP may be as odd as it likes."""
    medium, codec, has_audio = "", "", False
    for line in sdp.decode("utf-8", "replace").splitlines():
        line = line.strip()
        if line.startswith("m="):
            medium = line[2:].partition(" ")[0].lower()
            has_audio = has_audio or medium == "audio"
        elif line.startswith("a=rtpmap:") and medium == "video" and not codec:
            codec = line.partition(" ")[2].partition("/")[0].strip().upper()
    return StreamDescription(codec if codec.isalnum() else "", has_audio, needs_login)
