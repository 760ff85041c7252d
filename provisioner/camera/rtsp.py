"""RTSP (RFC 2326) over one TCP connection, video only: whether a stream can be had, why not, and its pictures.

Our own client, because no library at hand tells a wrong password from a wrong path, logs in with SHA-256, keeps the password out of an address, asks
for the video alone, and always tears its session down. One session, also when it is cancelled: cameras have few and forget them slowly.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from provisioner.camera.attempts import Attempts
from provisioner.camera.challenge import ChallengedLogin
from provisioner.camera.errors import CameraTrouble, CannotDo, ClosedOnUs, HttpRefused, NotHttp, OutOfTime, ReplyTooBig
from provisioner.camera.net import Allowance, Deadline, LimitedSocket, connect
from provisioner.camera.onvif import path_of
from provisioner.camera.pictures import Assembler
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import SecretInClear
from provisioner.camera.sdp import StreamDescription, described

DEFAULT_PORT = 554  # RFC 2326 3.2
_TRIES_MOST = 4     # of one request: asked, challenged, answered, challenged once more for a stale nonce
_HEAD_MOST = _BODY_MOST = 64 * 1024   # bytes of a reply; the packets that come with it have their own limit
_SLICE_S = 0.1      # how soon a cancelled stream notices
_GOODBYE_S = 0.5    # for the TEARDOWN, after whatever happened
_KEPT_S = 60.0      # RFC 2326 12.37: the session's time-out where none is told
_DIGITS_MOST = 9    # of a number in a reply
_HEAD_END = re.compile(rb"\r?\n\r?\n")


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


def describe(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts,
             basic: SecretInClear = "never") -> StreamDescription:
    """Ask what the stream offers, logging in where asked.

    Raises `LoginRefused`, `HttpRefused` (404, 453, 454, ...), `NotThere`, `OutOfTime`, `ClosedOnUs`, `ReplyTooBig`, `NotHttp`.
    """
    with _talk(address, place, allowance, connect_s, attempts, basic) as talk:
        return talk.describe()


def why_not(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts) -> None:
    """Set a session up and tear it down again; raises what stands in the way (`HttpRefused` 453, ...), returns where nothing does."""
    with _talk(address, place, allowance, connect_s, attempts, "never") as talk:
        talk.set_up(talk.describe())
        talk.ask("TEARDOWN", address.url, talk.session_line)


@contextmanager
def _talk(address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts,
          basic: SecretInClear) -> Iterator["_Talk"]:
    with connect(address.host, address.port, allowance, connect_s) as sock:
        try:
            yield _Talk(sock, address, place, attempts, basic)
        except OSError:
            raise ClosedOnUs(allowance.received) from None


class _Talk:
    """Requests, replies and interleaved packets on one connection."""

    def __init__(self, sock: LimitedSocket, address: StreamAddress, place: CameraPlace, attempts: Attempts, basic: SecretInClear = "never") -> None:
        self._sock = sock
        self._address = address
        self._attempts = attempts
        self._login = ChallengedLogin(place, basic, "stream", inside_tls=False)
        self._number = 0
        self._buffer = bytearray()
        self._chunk = memoryview(bytearray(65536))
        self.packets: deque[bytes] = deque()  # of the video's channel
        self.session = ""
        self.kept_s = _KEPT_S
        self._channel = 0

    @property
    def session_line(self) -> tuple[str, ...]:
        """The header that names the session, where the camera has given it a name."""
        return (f"Session: {self.session}",) if self.session else ()

    def describe(self) -> StreamDescription:
        """What the stream offers."""
        reply = self.ask("DESCRIBE", self._address.url, ("Accept: application/sdp",))
        _must_be_ok(reply)
        return described(reply.body, self._login.asked, reply.first("content-base") or reply.first("content-location"))

    def set_up(self, description: StreamDescription) -> None:
        """Set the video up, over this connection."""
        reply = self.ask("SETUP", track_of(self._address, description.control, description.base), ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1",))
        _must_be_ok(reply)
        self.session, _, rest = (part.strip() for part in reply.first("session").partition(";"))
        kept = re.search(r"timeout\s*=\s*(\d{1,5})", rest, re.IGNORECASE)
        self.kept_s = float(kept[1]) if kept is not None and int(kept[1]) > 0 else _KEPT_S
        channel = re.search(r"interleaved\s*=\s*(\d{1,3})", reply.first("transport"), re.IGNORECASE)
        self._channel = int(channel[1]) if channel is not None else 0

    def ask(self, method: str, url: str, headers: tuple[str, ...]) -> _Reply:
        """One request with whatever login the camera wants; any reply but 401."""
        for _ in range(_TRIES_MOST):
            self.send(method, url, headers)
            reply = self._reply()
            if reply.status != 401:
                self._login.worked(self._attempts)
                return reply
            self._login.refused(tuple(reply.all("www-authenticate")), reply.body.decode("utf-8", "replace"), reply.first("retry-after"), self._attempts)
        raise NotHttp("asks for a new login without end")

    def send(self, method: str, url: str, headers: tuple[str, ...]) -> None:
        """One request, whose reply is not waited for."""
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", "User-Agent: provisioner", *headers]
        login = self._login.header(method, url)
        if login is not None:
            lines.append(f"Authorization: {login}")
        self._sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))

    def _reply(self) -> _Reply:
        """The reply to the last request. Packets that come first are kept, replies to earlier requests are not waited for by anybody."""
        while True:
            found = self._next_message()
            if found is None:
                self.receive()
            elif found.first("cseq").isdecimal() and int(found.first("cseq")[:_DIGITS_MOST]) < self._number:
                continue
            else:
                return found

    def receive(self) -> None:
        """Wait for bytes. Raises `ClosedOnUs`."""
        received = self._sock.recv_into(self._chunk)
        if not received:
            raise ClosedOnUs(self._sock.allowance.received)
        self._buffer += self._chunk[:received]

    def drain(self) -> None:
        """Sort what has come into packets; replies are dropped."""
        while self._next_message() is not None:
            pass

    def _next_message(self) -> _Reply | None:
        """The next whole reply in the buffer, None where more bytes are needed; packets before it go to `packets`."""
        buffer = self._buffer
        while buffer:
            if buffer[0] == 0x24:  # '$', RFC 2326 10.12
                end = 4 + int.from_bytes(buffer[2:4], "big")
                if len(buffer) < max(4, end):
                    return None
                if buffer[1] == self._channel:
                    self.packets.append(bytes(buffer[4:end]))
                del buffer[:end]
            elif buffer[:1] in b"\r\n":
                del buffer[:1]
            elif self.session and not buffer.startswith(b"RTSP/"[: len(buffer)]):
                # A request of the camera's, or the rest of a packet that it cut short: on to what may be the next packet of ours.
                at = buffer.find(bytes((0x24, self._channel, 0)), 1)
                del buffer[: at if at > 0 else len(buffer)]
            else:
                return self._whole_reply()
        return None

    def _whole_reply(self) -> _Reply | None:
        buffer = self._buffer
        if not buffer.startswith(b"RTSP/"[: len(buffer)]):
            raise NotHttp("not an RTSP reply")
        end = _HEAD_END.search(buffer)
        if end is None:
            if len(buffer) > _HEAD_MOST:
                raise ReplyTooBig(_HEAD_MOST)
            return None
        first, *lines = buffer[: end.start()].decode("latin-1").splitlines()
        words = first.strip().split(None, 2)
        if len(words) < 2 or not words[1].isdecimal() or len(words[1]) > _DIGITS_MOST:
            raise NotHttp("not an RTSP reply")
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        length = next((value for name, value in headers if name == "content-length"), "0")
        if not length.isdecimal() or len(length) > _DIGITS_MOST:
            raise NotHttp("a length that is no number")
        if int(length) > _BODY_MOST:
            raise ReplyTooBig(_BODY_MOST)
        whole = end.end() + int(length)
        if len(buffer) < whole:
            return None
        body = bytes(buffer[end.end(): whole])
        del buffer[:whole]
        return _Reply(int(words[1]), words[2] if len(words) > 2 else "", headers, body)


class LiveStream:
    """One playing RTSP session. `with LiveStream(...) as live: for picture in live.pictures(...)`; left in any way, the session is torn down."""

    def __init__(self, address: StreamAddress, place: CameraPlace, allowance: Allowance, connect_s: float, attempts: Attempts,
                 basic: SecretInClear = "never") -> None:
        self._address = address
        self._sock = connect(address.host, address.port, allowance, connect_s)
        self._talk = _Talk(self._sock, address, place, attempts, basic)
        self.description: StreamDescription | None = None
        self.assembler = Assembler("")

    def __enter__(self) -> Self:
        try:
            self.description = self._talk.describe()
            if not self.description.codec:
                raise CannotDo("the stream has no video")
            if self.description.codec in ("H264", "H265"):
                self.assembler = Assembler(self.description.codec)
                self.assembler.know(self.description.sets)
                self._talk.set_up(self.description)
                _must_be_ok(self._talk.ask("PLAY", self._url, (*self._talk.session_line, "Range: npt=0.000-")))
        except BaseException as exc:
            self.__exit__()
            if isinstance(exc, OSError) and not isinstance(exc, CameraTrouble):
                raise ClosedOnUs(self._sock.allowance.received) from None
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self._sock, suppress(CameraTrouble, OSError):
            if self._talk.session:
                self._sock.allowance = Allowance(Deadline(_GOODBYE_S), 1 << 20, _GOODBYE_S)
                self._talk.send("TEARDOWN", self._url, self._talk.session_line)

    @property
    def _url(self) -> str:
        return track_of(self._address, "", self.description.base if self.description is not None else "")

    def pictures(self, deadline: Deadline, cancelled: threading.Event, most_bytes: int, on_mid_gop: Callable[[], None]) -> Iterator[bytes]:
        """Whole pictures that stand alone, until `deadline` or `cancelled`. Raises `OutOfTime`, `ClosedOnUs`, `ReplyTooBig`.

        `on_mid_gop` is called once, when a picture has come that builds on others: the stream was joined in the middle.
        """
        talk, assembler, told = self._talk, self.assembler, False
        self._sock.allowance = Allowance(deadline, most_bytes, _SLICE_S)
        alive_at = time.monotonic()
        while not cancelled.is_set():
            try:
                talk.receive()
            except OutOfTime:
                if deadline.left_s() <= 0:
                    raise
            except OSError:
                raise ClosedOnUs(self._sock.allowance.received) from None
            talk.drain()
            while talk.packets:
                picture = assembler.take(talk.packets.popleft())
                if picture is not None:
                    yield picture
            if assembler.skipped + assembler.broken > 0 and not told:
                told = True
                on_mid_gop()
            if time.monotonic() - alive_at > talk.kept_s / 2:
                # OPTIONS: every server knows it; GET_PARAMETER is advertised by some that then close the connection (ZLMediaKit#642).
                alive_at = time.monotonic()
                talk.send("OPTIONS", self._url, talk.session_line)


def _must_be_ok(reply: _Reply) -> None:
    if reply.status != 200:
        raise HttpRefused(reply.status, reply.reason, reply.body.decode("utf-8", "replace"))


def track_of(address: StreamAddress, control: str, base: str = "") -> str:
    """The track's address at our place. Joined as players do, with a slash, not by RFC 3986 (cameras rely on it).

    `base` may lack its scheme (moonfire-nvr#356) and names the camera's own idea of its host: only its path is used.
    """
    based = path_of(base if "://" in base else f"rtsp://{base}") if base else ""
    whole = StreamAddress(address.host, address.port, based or address.path).url
    if not control or control == "*":
        return whole if based else address.url
    if control.lower().startswith("rtsp://"):
        return StreamAddress(address.host, address.port, path_of(control) or address.path).url
    clean = "".join(char for char in control if char.isascii() and char.isprintable() and char != " ")
    return f"{whole.rstrip('/')}/{clean.lstrip('/')}"
