"""systemd's notification protocol (sd_notify(3)): twenty lines over a datagram socket; without systemd nothing happens."""

import logging
import os
import socket

log = logging.getLogger("provisioner")


def notify(state: str) -> None:
    """Send `READY=1`, `STOPPING=1`, `WATCHDOG=1` or `STATUS=...` to `$NOTIFY_SOCKET`. An address that begins with @ is in the abstract name space.

    Where nobody listens it is logged and no more: whether a silent service is to be restarted is for systemd's watchdog to decide, not for us.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        try:
            sock.connect(address)
            sock.sendall(state.encode())
        except OSError as error:
            log.warning("systemd's notification socket does not listen: %s", error.strerror)


def watchdog_s() -> float | None:
    """Half of the watchdog's limit in seconds: how often `WATCHDOG=1` must go out (sd_watchdog_enabled(3)); None where no watchdog is set for us."""
    limit_us = os.environ.get("WATCHDOG_USEC")
    if limit_us is None or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(limit_us) / 2e6
