"""systemd's notification protocol (sd_notify(3)): twenty lines over a datagram socket; without systemd nothing happens."""

import os
import socket


def notify(state: str) -> None:
    """Send `READY=1`, `STOPPING=1`, `WATCHDOG=1` or `STATUS=...` to `$NOTIFY_SOCKET`. An address that begins with @ is in the abstract name space."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.connect(address)
        sock.sendall(state.encode())


def watchdog_s() -> float | None:
    """Half of the watchdog's limit in seconds: how often `WATCHDOG=1` must go out (sd_watchdog_enabled(3)); None where no watchdog is set for us."""
    limit_us = os.environ.get("WATCHDOG_USEC")
    if limit_us is None or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(limit_us) / 2e6
