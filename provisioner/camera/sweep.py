"""Which TCP ports of many hosts are open, asked of many at once: a home's network has 254 addresses of which five answer, and each that does not costs
its whole time-out."""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from provisioner.camera.net import Deadline

AT_ONCE = 128       # connections under way: well below the 1,024 files of a process, and no flood for a home router's table
EACH_S = 1.0        # a host on the same network answers in milliseconds, one over 4G within about half a second
_TOLD_EVERY_S = 1.0

Told = Callable[[int, int], None]
"""How many questions are answered or given up, and of how many; about once a second, and at the end."""


def open_ports(hosts: Sequence[str], ports: Sequence[int], deadline: Deadline, told: Told = lambda done, of: None, each_s: float = EACH_S,
               ) -> tuple[dict[str, tuple[int, ...]], int]:
    """The open ports of each host that has any, in the order of `ports`; and how many hosts could not be asked on every port before the deadline.

    Connects and closes; sends nothing. Raises nothing of what the network does.
    """
    waiting = [(host, port) for host in hosts for port in ports]
    total, found, told_at = len(waiting), list[tuple[str, int]](), time.monotonic()
    waiting.reverse()
    with selectors.DefaultSelector() as selector:
        while (waiting or selector.get_map()) and deadline.left_s() > 0:
            while waiting and len(selector.get_map()) < AT_ONCE:
                _begin(selector, waiting.pop(), each_s, found)
            for key, _ in selector.select(min(0.05, max(0.0, deadline.left_s()))):
                sock, (where, _) = key.fileobj, key.data
                assert isinstance(sock, socket.socket)
                if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    found.append(where)
                _end(selector, sock)
            now = time.monotonic()
            for key in [key for key in selector.get_map().values() if key.data[1] <= now]:
                assert isinstance(key.fileobj, socket.socket)
                _end(selector, key.fileobj)
            if now - told_at >= _TOLD_EVERY_S:
                told_at = now
                told(total - len(waiting) - len(selector.get_map()), total)
        left = {key.data[0][0] for key in selector.get_map().values()} | {host for host, _ in waiting}
        for key in list(selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            _end(selector, key.fileobj)
    told(total - sum(host in left for host in hosts) * len(ports), total)
    return {host: mine for host in hosts if (mine := tuple(port for port in ports if (host, port) in found))}, len(left)


def _begin(selector: selectors.BaseSelector, where: tuple[str, int], each_s: float, found: list[tuple[str, int]]) -> None:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in where[0] else socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return  # no IPv6 on this machine
    sock.setblocking(False)
    try:
        sock.connect(where)
    except BlockingIOError:
        selector.register(sock, selectors.EVENT_WRITE, (where, time.monotonic() + each_s))
    except OSError:  # no route, refused at once
        sock.close()
    else:
        found.append(where)
        sock.close()


def _end(selector: selectors.BaseSelector, sock: socket.socket) -> None:
    selector.unregister(sock)
    with suppress(OSError):
        sock.close()
