"""RTP over UDP (RFC 2326 12.39, RFC 3550 11), for cameras that do not send pictures through the RTSP connection. What is lost is lost."""

import select
import socket
from collections import deque
from contextlib import suppress
from typing import Any

from provisioner.camera.errors import CannotDo, OutOfTime
from provisioner.camera.net import Allowance

_PAIRS_TRIED = 50
_DATAGRAM_MOST = 65535
_AT_ONCE = 256                  # read before the RTSP connection is looked at again
_BUFFER_BYTES = 4 * 1024 * 1024  # a whole picture comes in one burst; the system grants what it will


class Datagrams:
    """An even port for RTP and the next one for RTCP, on the address from which the camera was reached. RTCP is read and thrown away."""

    def __init__(self, connection: socket.socket) -> None:
        """Raises `CannotDo` where no pair of ports is free."""
        self._connection = connection
        self._peer = connection.getpeername()[0]
        self._rtp, self._rtcp = _pair(connection.family, connection.getsockname())
        self.ports: tuple[int, int] = (self._rtp.getsockname()[1], self._rtcp.getsockname()[1])

    def wait(self, allowance: Allowance, packets: deque[bytes]) -> bool:
        """Until something comes: RTP packets of the camera go to `packets`, those of anybody else nowhere. True where the RTSP connection has something to
        say. Raises `OutOfTime`, `ReplyTooBig`."""
        ready, _, _ = select.select([self._connection, self._rtp, self._rtcp], [], [], allowance.wait_s())
        if not ready:
            raise OutOfTime(allowance.received)
        for sock in (self._rtp, self._rtcp):
            for _ in range(_AT_ONCE if sock in ready else 0):
                try:
                    packet, sender = sock.recvfrom(_DATAGRAM_MOST)
                except BlockingIOError:
                    break
                except OSError:  # an ICMP message about a packet of ours
                    continue
                allowance.count(len(packet))
                if sock is self._rtp and sender[0] == self._peer:
                    packets.append(packet)
        return self._connection in ready

    def close(self) -> None:
        """Close both."""
        self._rtp.close()
        self._rtcp.close()


def _pair(family: int, own: tuple[Any, ...]) -> tuple[socket.socket, socket.socket]:
    rest = own[2:]  # of an IPv6 address: flow and scope
    for _ in range(_PAIRS_TRIED):
        first, second = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((own[0], 0, *rest))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((own[0], port + 1, *rest))
                first.setblocking(False)
                second.setblocking(False)
                with suppress(OSError):
                    first.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
                return first, second
        except OSError:
            pass  # the neighbour is taken; another try finds another pair
        first.close()
        second.close()
    raise CannotDo("no free pair of UDP ports")
