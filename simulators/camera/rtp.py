"""RTP (RFC 3550) to one client: interleaved in the RTSP connection or over UDP, with sender reports."""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import struct
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable

from .h264 import CLOCK_RATE_HZ, AccessUnit
from .state import Seen, Troubles

NTP_EPOCH_S = 2_208_988_800        # from 1900 to 1970 (RFC 5905 6)
BEHIND_MOST_BYTES = 4 << 20        # a client that reads slower than this is dropped pictures until the next IDR
BURST_PACKETS, BURST_PAUSE_S = 48, 0.001      # over UDP: an IDR of 100 packets at once would overrun a socket's default buffer
REPORT_EVERY_S = 5.0               # RFC 3550 6.2: minimum interval between reports
RTP_HEADER_BYTES = 12              # RFC 3550 5.1, without CSRC
PAYLOAD_TYPE = 96                  # dynamic (RFC 3551 3)


class Carrier(ABC):
    """The way that packets take to the client."""

    @abstractmethod
    def send(self, packets: list[bytes]) -> None:
        """RTP packets of one picture."""

    @abstractmethod
    def report(self, packet: bytes) -> None:
        """One RTCP packet."""

    @abstractmethod
    def is_behind(self) -> bool:
        """Whether the client does not keep up."""

    @abstractmethod
    def close(self) -> None: ...


class Interleaved(Carrier):
    """RFC 2326 10.12: dollar sign, channel, length, packet, in the RTSP connection itself."""

    def __init__(self, writer: asyncio.StreamWriter, channels: tuple[int, int]) -> None:
        self._writer, self.channels = writer, channels

    def send(self, packets: list[bytes]) -> None:
        head, channel = struct.Struct("!cBH").pack, self.channels[0]
        if not self._writer.is_closing():
            self._writer.write(b"".join(piece for packet in packets for piece in (head(b"$", channel, len(packet)), packet)))

    def report(self, packet: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(struct.pack("!cBH", b"$", self.channels[1], len(packet)) + packet)

    def is_behind(self) -> bool:
        return self._writer.transport.get_write_buffer_size() > BEHIND_MOST_BYTES

    def close(self) -> None:
        """The connection belongs to the client."""


class Datagrams(Carrier):
    """A pair of UDP sockets, even port for RTP and the next for RTCP (RFC 3550 11)."""

    def __init__(self, own_host: str, to: tuple[str, int, int], alive: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._rtp, self._rtcp = _pair(own_host)
        self._to = to
        self._queue: deque[bytes] = deque()
        self._flushing = False
        self._alive = alive
        self._loop.add_reader(self._rtcp, self._read_report)

    @property
    def ports(self) -> tuple[int, int]:
        return int(self._rtp.getsockname()[1]), int(self._rtcp.getsockname()[1])

    def send(self, packets: list[bytes]) -> None:
        self._queue.extend(packets)
        if not self._flushing:
            self._flush()

    def _flush(self) -> None:
        """Some packets now, the next ones a moment later."""
        self._flushing = False
        for _ in range(min(BURST_PACKETS, len(self._queue))):
            self._put(self._rtp, self._queue.popleft(), self._to[1])
        if self._queue and self._rtp.fileno() >= 0:
            self._flushing = True
            self._loop.call_later(BURST_PAUSE_S, self._flush)

    def _put(self, sock: socket.socket, packet: bytes, port: int) -> None:
        try:
            sock.sendto(packet, (self._to[0], port))
        except OSError:
            # The client's port is gone (ICMP) or the buffer is full: UDP loses packets, and the session ends by its time-out.
            self._queue.clear()

    def report(self, packet: bytes) -> None:
        self._put(self._rtcp, packet, self._to[2])

    def is_behind(self) -> bool:
        return False

    def _read_report(self) -> None:
        """A receiver report shows that the client still lives."""
        try:
            self._rtcp.recv(2048)
        except OSError:
            return
        self._alive()

    def close(self) -> None:
        if self._rtcp.fileno() >= 0:
            self._loop.remove_reader(self._rtcp)
        self._queue.clear()
        self._rtp.close()
        self._rtcp.close()


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(50):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        first, second = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        first.bind((host, 0))
        port = int(first.getsockname()[1])
        try:
            if port % 2 == 0:
                second.bind((host, port + 1))
                first.setblocking(False)
                second.setblocking(False)
                return first, second
        except OSError:
            pass                   # the neighbour is taken; another try finds another pair
        first.close()
        second.close()
    raise OSError("no free pair of UDP ports")


class Stream:
    """The RTP numbering of one track for one client."""

    def __init__(self, carrier: Carrier, troubles: Troubles, seen: Seen) -> None:
        self.carrier, self._troubles, self._seen = carrier, troubles, seen
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self._offset = secrets.randbits(32)        # RFC 3550 5.1: timestamps start at random
        self._sent_packets = self._sent_bytes = 0
        self._reported_at_s = 0.0
        self._wants_idr = False

    def timestamp(self, at_s: float) -> int:
        return (self._offset + round(at_s * CLOCK_RATE_HZ)) & 0xFFFFFFFF

    def send(self, unit: AccessUnit) -> bool:
        """Sends a picture; False when the client lags behind and the picture is left out."""
        if self.carrier.is_behind():
            self._wants_idr = True
        if self._wants_idr and (not unit.is_idr or self.carrier.is_behind()):
            return False
        self._wants_idr = False
        timestamp, last = self.timestamp(unit.at_s), len(unit.payloads) - 1
        packets = []
        for number, payload in enumerate(unit.payloads):
            kind = PAYLOAD_TYPE | (0x80 if number == last else 0)
            packets.append(struct.pack("!BBHII", 0x80, kind, self.sequence, timestamp, self.ssrc) + payload)
            self.sequence = (self.sequence + 1) & 0xFFFF
            self._sent_bytes += len(payload)
        self._sent_packets += len(packets)
        if unit.at_s - self._reported_at_s >= REPORT_EVERY_S:
            self._reported_at_s = unit.at_s
            self.carrier.report(self._sender_report(unit.at_s))
        self.carrier.send(self._on_the_way(packets) if self._troubles.loss or self._troubles.damage else packets)
        return True

    def _on_the_way(self, packets: list[bytes]) -> list[bytes]:
        """What the levers leave of the packets: some are gone, in some a byte of the payload is wrong."""
        kept = []
        for packet in packets:
            if random.random() < self._troubles.loss:
                self._seen.rtp_lost += 1
                continue
            if random.random() < self._troubles.damage and len(packet) > RTP_HEADER_BYTES + 2:
                at = random.randrange(RTP_HEADER_BYTES + 2, len(packet))
                packet = packet[:at] + bytes((packet[at] ^ 0x55,)) + packet[at + 1:]
            kept.append(packet)
        return kept

    def _sender_report(self, at_s: float) -> bytes:
        """Sender report without report blocks, and the SDES with a CNAME that must follow it (RFC 3550 6.1, 6.4.1, 6.5)."""
        whole = int(at_s)
        report = struct.pack("!BBHIIIIII", 0x80, 200, 6, self.ssrc, (whole + NTP_EPOCH_S) & 0xFFFFFFFF, int((at_s - whole) * 2**32),
                             self.timestamp(at_s), self._sent_packets & 0xFFFFFFFF, self._sent_bytes & 0xFFFFFFFF)
        return report + struct.pack("!BBHIBB6s4x", 0x81, 202, 4, self.ssrc, 1, 6, b"camera")
