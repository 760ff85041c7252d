"""HTTP/1.1 to one camera over one kept connection, within an `Allowance`.

Our own few lines over `http.client`: one warm POST costs a third of what `requests` takes for it, and the limits on time and size reach down to
the socket, which no library offers. No redirects, no proxy, no cookies, no compression: cameras need none of them.
"""

import http.client
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from provisioner.camera.errors import CameraTrouble, ClosedOnUs, NotHttp, ReplyTooBig
from provisioner.camera.net import Allowance, AnySocket, Tls, connect, encrypted

_PIECE_BYTES = 64 * 1024

@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole reply. `challenges` are the values of all `WWW-Authenticate` lines."""

    status: int
    content_type: str
    challenges: tuple[str, ...]
    retry_after: str
    body: bytes


class HttpLink:
    """A connection to `host`:`port` that is opened when it is needed and kept. For one thread at a time."""

    def __init__(self, host: str, port: int, connect_s: float, tls: Tls | None = None) -> None:
        self.host = host
        self.port = port
        self.tls = tls
        self.date = ""  # the camera's clock in its last answer, told without a login and without being asked (RFC 9110 6.6.1)
        self.moved_to = ""  # the Location of its last answer; never followed
        self.certificate: bytes | None = None  # DER, of the last connection
        self._connect_s = connect_s
        self._sock: AnySocket | None = None

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes | None, allowance: Allowance) -> HttpAnswer:
        """Send one request and read its whole reply. Raises `CameraTrouble` of every sort.

        Cameras close kept connections whenever they like, also between our request and their reply: then it is sent once more on a new one.
        That is safe for what we send: reads, and the same digest count is never used twice because the caller makes the header per request.
        """
        reused = self._sock is not None
        try:
            return self._once(method, target, headers, body, allowance)
        except ClosedOnUs as exc:
            if not reused or exc.received:
                raise
            return self._once(method, target, headers, body, allowance)

    def _once(self, method: str, target: str, headers: dict[str, str], body: bytes | None, allowance: Allowance) -> HttpAnswer:
        host = self.host.strip("[]").partition("%")[0]  # a zone is ours, and nothing to the camera (RFC 6874)
        host = f"[{host}]" if ":" in host else host
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}:{self.port}", *(f"{name}: {value}" for name, value in headers.items())]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + (body or b"")
        try:
            sock = self._open(allowance)
            sock.sendall(message)
            response = http.client.HTTPResponse(sock, method=method)
            response.begin()
            content = _whole_body(response, allowance)
        except CameraTrouble:
            self.close()
            raise
        except (http.client.RemoteDisconnected, http.client.IncompleteRead, OSError):
            self.close()
            raise ClosedOnUs(allowance.received) from None
        except (http.client.HTTPException, ValueError, OverflowError):
            # ValueError: a chunk length that is no number, a status that is no status.
            self.close()
            raise NotHttp("not an HTTP reply") from None
        if response.will_close:
            self.close()
        self.date, self.moved_to = response.headers.get("Date") or "", response.headers.get("Location") or ""
        return HttpAnswer(response.status, response.headers.get("Content-Type") or "", tuple(response.headers.get_all("WWW-Authenticate") or ()),
                          response.headers.get("Retry-After") or "", content)

    def _open(self, allowance: Allowance) -> AnySocket:
        if self._sock is None:
            plain = connect(self.host, self.port, allowance, self._connect_s)
            self._sock = plain if self.tls is None else encrypted(plain, self.tls)
            if self.tls is not None and isinstance(self._sock, ssl.SSLSocket):
                self.certificate = self._sock.getpeercert(binary_form=True)
        self._sock.allowance = allowance
        return self._sock

    def close(self) -> None:
        """Close the connection; the next exchange opens another."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def interrupt(self) -> None:
        """From another thread: end the exchange that is under way, as if the camera had closed the connection."""
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "HttpLink":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _whole_body(response: http.client.HTTPResponse, allowance: Allowance) -> bytes:
    """The body, piece by piece: asked for all at once, `http.client` makes room for the length that is told, be it a petabyte."""
    if response.length is not None and response.length > allowance.most_bytes:
        raise ReplyTooBig(allowance.most_bytes)
    pieces = []
    while piece := response.read(_PIECE_BYTES):
        pieces.append(piece)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)
