"""What the adapter's own layers raise at each other. None of it leaves the adapter: `faults.fault_from` turns each into a `Fault`.

The texts never hold an address, a URL or a password; what a camera wrote goes through `faults.scrubbed` before anybody sees it.
"""

from dataclasses import dataclass


class CameraTrouble(Exception):
    """Base of everything below."""


class OutOfTime(CameraTrouble):
    """The wall-clock limit of an operation is over. `received` bytes had come: 0 is a silent host, more is a slow or dripping one."""

    def __init__(self, received: int) -> None:
        super().__init__(f"time over after {received} bytes")
        self.received = received


class ReplyTooBig(CameraTrouble):
    """The reply grew beyond its limit (bytes)."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"reply larger than {most_bytes} bytes")
        self.most_bytes = most_bytes


class NotThere(CameraTrouble):
    """Nothing answers at the address: refused, no route, unknown name. `why` is the operating system's words."""


class ClosedOnUs(CameraTrouble):
    """The connection was closed before the whole reply had come. `received` bytes had."""

    def __init__(self, received: int) -> None:
        super().__init__(f"connection closed after {received} bytes")
        self.received = received


class TlsFailed(CameraTrouble):
    """No encrypted connection came about. `old`: the camera knows only versions or ciphers that are no longer allowed."""

    def __init__(self, why: str, *, old: bool) -> None:
        super().__init__(why)
        self.old = old


class WrongCertificate(CameraTrouble):
    """Another certificate than the one that was pinned at the depot. Nothing was sent. The words hold no fingerprint in full."""


class NotHttp(CameraTrouble):
    """The bytes are no HTTP (or RTSP) reply."""


TO_TLS = "a redirection to HTTPS"


class NotOnvif(CameraTrouble):
    """An HTTP server answered, but not as an ONVIF service. `status` is its HTTP status, `sort` what came instead (`HTML`, `empty`, ...)."""

    def __init__(self, status: int, sort: str) -> None:
        super().__init__(f"HTTP {status}, {sort}")
        self.status = status
        self.sort = sort


class BrokenReply(CameraTrouble):
    """An ONVIF reply that lacks what it must hold, or is not allowed to hold what it does."""


class HttpRefused(CameraTrouble):
    """An HTTP or RTSP status that says no. `body` is the beginning of what came with it; `wait_s` for how long, in seconds, where that is known."""

    def __init__(self, status: int, reason: str, body: str = "", wait_s: float | None = None) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason
        self.body = body
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Told:
    """What a refusal told besides no. `attempts_left` passwords before the lock-out; `wait_s` seconds until it ends."""

    locked: bool = False
    attempts_left: int | None = None
    wait_s: float | None = None
    about_clock: bool = False
    spent: bool = False  # our own budget is, not the camera's
    words: str = ""


class LoginRefused(CameraTrouble):
    """The camera does not accept our login. `sent` False: no password was sent at all (none known, or only ways that we do not use)."""

    def __init__(self, told: Told, *, sent: bool, clock_offset_s: float | None, why: str) -> None:
        super().__init__(why)
        self.told = told
        self.sent = sent
        self.clock_offset_s = clock_offset_s
        self.why = why


class CannotDo(CameraTrouble):
    """The camera has no such thing: no video profile, no snapshot."""


class NotNoted(CameraTrouble):
    """The attempt could not be written down (the database is locked, full or away), so no password was sent, or its outcome is not noted yet."""


class InUse(CameraTrouble):
    """Another program of ours works on this camera's account."""


class NoPicture(CameraTrouble):
    """A stream or file from which no picture could be decoded."""
