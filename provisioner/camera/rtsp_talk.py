"""Requests, replies and interleaved packets of one RTSP connection (RFC 2326)."""

import re
from collections import deque
from dataclasses import dataclass

from provisioner.camera.attempts import Attempts
from provisioner.camera.challenge import ChallengedLogin
from provisioner.camera.datagrams import Datagrams
from provisioner.camera.errors import ClosedOnUs, HttpRefused, NotHttp, ReplyTooBig
from provisioner.camera.net import AnySocket
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import SecretInClear
from provisioner.camera.sdp import StreamDescription, described
from provisioner.camera.stream_address import StreamAddress, track_of

_TRIES_MOST = 4     # of one request: asked, challenged, answered, challenged once more for a stale nonce
_HEAD_MOST = _BODY_MOST = 64 * 1024   # bytes of a reply; the packets that come with it have their own limit
_KEPT_S = 60.0      # RFC 2326 12.37: the session's time-out where none is told
_DIGITS_MOST = 9    # of a number in a reply
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class Moved(HttpRefused):
    """The stream is elsewhere: `location` is what the camera wrote."""

    def __init__(self, status: int, reason: str, location: str) -> None:
        super().__init__(status, reason)
        self.location = location


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, its header names in lower case."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str:
        """Its first value, or ''."""
        return next(iter(self.all(name)), "")


class Talk:
    """Requests, replies and interleaved packets on one connection."""

    def __init__(self, sock: AnySocket, address: StreamAddress, place: CameraPlace, attempts: Attempts, basic: SecretInClear = "never") -> None:
        self._sock = sock
        self._address = address
        self._attempts = attempts
        self._login = ChallengedLogin(place, basic, "stream", inside_tls=address.tls)
        self._number = 0
        self._buffer = bytearray()
        self._chunk = memoryview(bytearray(65536))
        self.packets: deque[bytes] = deque()  # of the video's channel
        self.session = ""
        self.kept_s = _KEPT_S
        self._channel = 0
        self._datagrams: Datagrams | None = None

    @property
    def session_line(self) -> tuple[str, ...]:
        """The header that names the session, where the camera has given it a name."""
        return (f"Session: {self.session}",) if self.session else ()

    def describe(self) -> StreamDescription:
        """What the stream offers. Raises `Moved`."""
        reply = self.ask("DESCRIBE", self._address.url, ("Accept: application/sdp",))
        must_be_ok(reply)
        return described(reply.body, self._login.asked, reply.first("content-base") or reply.first("content-location"))

    def set_up(self, description: StreamDescription) -> None:
        """Set the video up, over this connection; over UDP where the camera does not do that, unless what it sends is to be encrypted."""
        url = track_of(self._address, description.control, description.base)
        reply = self.ask("SETUP", url, ("Transport: RTP/AVP/TCP;unicast;interleaved=0-1",))
        if reply.status == 461 and not self._address.tls:
            self._datagrams = Datagrams(self._sock)
            first, second = self._datagrams.ports
            reply = self.ask("SETUP", url, (f"Transport: RTP/AVP;unicast;client_port={first}-{second}",))
        must_be_ok(reply)
        self.session, _, rest = (part.strip() for part in reply.first("session").partition(";"))
        kept = re.search(r"timeout\s*=\s*(\d{1,5})", rest, re.IGNORECASE)
        self.kept_s = float(kept[1]) if kept is not None and int(kept[1]) > 0 else _KEPT_S
        channel = re.search(r"interleaved\s*=\s*(\d{1,3})", reply.first("transport"), re.IGNORECASE)
        self._channel = int(channel[1]) if channel is not None else 0

    def listen(self) -> None:
        """Wait for packets, by whichever way they come; they go to `packets`. Raises `ClosedOnUs`, `OutOfTime`, `ReplyTooBig`."""
        self._sort()
        if self.packets:
            return  # they came with the reply to PLAY
        if self._datagrams is None or self._datagrams.wait(self._sock.allowance, self.packets):
            self.receive()
            self._sort()

    def _sort(self) -> None:
        """Take what has come through the connection apart: packets are kept, replies are not waited for by anybody."""
        while self._next_message() is not None:
            pass

    def close(self) -> None:
        """Close what was opened beside the connection."""
        if self._datagrams is not None:
            self._datagrams.close()

    def ask(self, method: str, url: str, headers: tuple[str, ...]) -> Reply:
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

    def _reply(self) -> Reply:
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

    def _next_message(self) -> Reply | None:
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

    def _whole_reply(self) -> Reply | None:
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
        return Reply(int(words[1]), words[2] if len(words) > 2 else "", headers, body)


def must_be_ok(reply: Reply) -> None:
    """Raises `HttpRefused` for every other status, `Moved` for a redirection."""
    if 300 <= reply.status < 400 and reply.first("location"):
        raise Moved(reply.status, reply.reason, reply.first("location"))
    if reply.status != 200:
        wait = reply.first("retry-after")
        wait_s = float(wait) if wait.isdecimal() and len(wait) < 6 else None
        raise HttpRefused(reply.status, reply.reason, reply.body.decode("utf-8", "replace"), wait_s)
