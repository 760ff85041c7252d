"""TCP with two limits that hold whatever the other side does: a wall-clock end and a number of bytes.

The time-outs of the standard library are per read: a device that drips one byte a second outlasts any of them. Here each read gets what is left
of the whole exchange, and at most `silence_s` of it.
"""

import socket
import time
from typing import Any

from provisioner.camera.errors import NotThere, OutOfTime, ReplyTooBig


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


def connect(host: str, port: int, allowance: Allowance, connect_s: float) -> LimitedSocket:
    """A connection to the first address of `host` that answers, each tried for at most `connect_s`. Raises `NotThere`.

    A host *name* is looked up by the system's resolver, whose own time-outs no caller can shorten; places hold addresses for this reason.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
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
