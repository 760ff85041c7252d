"""TCP with two limits that hold whatever the other side does: a wall-clock end and a number of bytes.

The time-outs of the standard library are per read: a device that drips one byte a second outlasts any of them. Here each read gets what is left
of the whole exchange, and at most `silence_s` of it.
"""

import functools
import hashlib
import hmac
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.camera.errors import NotThere, OutOfTime, ReplyTooBig, TlsFailed, WrongCertificate


class Deadline:
    """A moment on the monotonic clock. Made once per operation and handed down, so that no layer starts counting anew."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_s(self) -> float:
        """Seconds left; negative when it is over."""
        return self._end - time.monotonic()

    def sooner(self, seconds: float) -> "Deadline":
        """A deadline in `seconds`, or this one where it is earlier."""
        return Deadline(min(seconds, self.left_s()))


class Allowance:
    """What one exchange may cost: until `deadline`, `most_bytes` received, `silence_s` without a byte."""

    __slots__ = ("deadline", "most_bytes", "received", "silence_s")

    def __init__(self, deadline: Deadline, most_bytes: int, silence_s: float) -> None:
        self.deadline = deadline
        self.most_bytes = most_bytes
        self.silence_s = silence_s
        self.received = 0

    def wait_s(self) -> float:
        """The time-out of the next read or write. Raises `OutOfTime`."""
        left_s = self.deadline.left_s()
        if left_s <= 0:
            raise OutOfTime(self.received)
        return min(left_s, self.silence_s)

    def count(self, received: int) -> None:
        """Raises `ReplyTooBig`."""
        self.received += received
        if self.received > self.most_bytes:
            raise ReplyTooBig(self.most_bytes)


class LimitedSocket(socket.socket):
    """A socket whose reads and writes keep to an `Allowance`. `makefile`, and with it `http.client`, reads through `recv_into`."""

    allowance: Allowance

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As `socket.recv_into`; raises `OutOfTime`, `ReplyTooBig`."""
        self.settimeout(self.allowance.wait_s())
        try:
            received = super().recv_into(*args, **kwargs)
        except TimeoutError:
            raise OutOfTime(self.allowance.received) from None
        self.allowance.count(received)
        return received

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """As `socket.sendall`; raises `OutOfTime`."""
        self.settimeout(self.allowance.wait_s())
        try:
            super().sendall(*args, **kwargs)
        except TimeoutError:
            raise OutOfTime(self.allowance.received) from None


class LimitedTlsSocket(ssl.SSLSocket):
    """As `LimitedSocket`, encrypted."""

    allowance: Allowance

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As `socket.recv_into`; raises `OutOfTime`, `ReplyTooBig`."""
        self.settimeout(self.allowance.wait_s())
        try:
            received = super().recv_into(*args, **kwargs)
        except TimeoutError:
            raise OutOfTime(self.allowance.received) from None
        self.allowance.count(received)
        return received

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """As `socket.sendall`; raises `OutOfTime`."""
        self.settimeout(self.allowance.wait_s())
        try:
            super().sendall(*args, **kwargs)
        except TimeoutError:
            raise OutOfTime(self.allowance.received) from None


AnySocket = LimitedSocket | LimitedTlsSocket


@dataclass(frozen=True, slots=True)
class Tls:
    """How to encrypt. `pin`: SHA-256 of the certificate (DER) in hexadecimal; None takes any. `legacy`: TLS 1.0 and old ciphers too. `ca_file`: authorities
    (PEM), one of which must have issued it; then the chain must hold, and names are still nobody's business."""

    pin: str | None
    legacy: bool
    ca_file: Path | None = None


@functools.cache
def _context(legacy: bool, ca_file: Path | None = None) -> ssl.SSLContext:
    """Cameras sign their certificates themselves or by a CA of their maker, under names that are no host names: so the chain says nothing, and what
    counts is the pin. TLS 1.2 at the least (ONVIF Security Baseline), unless the camera's profile argues for less."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN   # the file may hold the authority of one model line, without the maker's root
        context.verify_mode = ssl.CERT_REQUIRED
    context.sslsocket_class = LimitedTlsSocket
    if legacy:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)  # a name in the module from Python 3.12 on
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def encrypted(sock: LimitedSocket, tls: Tls) -> LimitedTlsSocket:
    """The connection, encrypted, its certificate compared with the pin before a byte of ours goes out. Raises `TlsFailed`, `WrongCertificate`."""
    allowance = sock.allowance
    secure: Any = None
    try:
        secure = _context(tls.legacy, tls.ca_file).wrap_socket(sock, do_handshake_on_connect=False)
        secure.allowance = allowance
        secure.settimeout(allowance.wait_s())
        secure.do_handshake()
        if tls.pin is not None and not hmac.compare_digest(fingerprint(secure.getpeercert(binary_form=True) or b""), tls.pin.lower()):
            raise WrongCertificate("another certificate than the one registered at the depot")
    except BaseException as exc:
        (secure or sock).close()
        if isinstance(exc, TimeoutError):
            raise OutOfTime(allowance.received) from None
        if isinstance(exc, ssl.SSLError):
            reason = (exc.reason or type(exc).__name__).replace("_", " ").lower()
            # 'wrong version number' is what OpenSSL makes of an answer that is not encrypted at all; an old camera chooses an 'unsupported protocol'.
            old = reason != "wrong version number" and any(word in reason for word in ("protocol", "version", "cipher", "dh key", "handshake failure", "legacy"))
            raise TlsFailed(reason, old=old) from None
        if isinstance(exc, OSError):
            raise TlsFailed("the connection ended during the handshake", old=False) from None
        raise
    found: LimitedTlsSocket = secure
    return found


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate (DER) in lower-case hexadecimal: what a place's pin is."""
    return hashlib.sha256(certificate).hexdigest()


def connect(host: str, port: int, allowance: Allowance, connect_s: float) -> LimitedSocket:
    """A connection to the first address of `host` that answers, each tried for at most `connect_s`. Raises `NotThere`.

    A host *name* is looked up by the system's resolver, whose own time-outs no caller can shorten; places hold addresses for this reason.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise NotThere(f"name not known ({type(exc).__name__})") from None
    why = "no address"
    for family, kind, protocol, _, address in found:
        sock = LimitedSocket(family, kind, protocol)
        try:
            sock.settimeout(min(connect_s, allowance.wait_s()))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError:
            why = "nothing answered"
            sock.close()
        except OSError as exc:
            why = exc.strerror or type(exc).__name__
            sock.close()
        except OutOfTime:
            sock.close()
            raise
        else:
            sock.allowance = allowance
            return sock
    raise NotThere(why)
