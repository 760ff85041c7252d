"""Whole pictures out of RTP packets: H.264 (RFC 6184) and H.265 (RFC 7798), one picture at a time, as a byte stream with start codes.

Only pictures that stand alone are given out, with their parameter sets before them: a picture that builds on others shows grey or the smear of what
was there before, and is never to be judged. Units are joined by the RTP time and marker, not by what is inside them: some encoders repeat the
parameter sets before every slice, and decoders that split there show half a picture (measured: FFmpeg behind GStreamer's zerolatency x264).
"""

from dataclasses import dataclass, field

_START = b"\0\0\0\1"
PICTURE_MOST = 16 * 1024 * 1024  # bytes; a whole picture of a 4K stream has about 1 MB
_UNITS_MOST = 4096


@dataclass(slots=True)
class Assembler:
    """Give it packets in order; it gives pictures. `skipped` counts pictures that do not stand alone, `broken` those with a packet missing."""

    codec: str
    sets: dict[int, bytes] = field(default_factory=dict)
    skipped: int = 0
    broken: int = 0
    _units: list[bytearray] = field(default_factory=list)
    _size: int = 0
    _open: bool = False         # a fragmented unit is under way
    _whole: bool = False        # no packet of this picture is missing; False until the first boundary was seen
    _at: int | None = None      # RTP time of the picture under way
    _next: int | None = None    # sequence number that should come next

    def know(self, sets: tuple[bytes, ...]) -> None:
        """Parameter sets told ahead; what comes in the stream is preferred."""
        for one in sets:
            kind = self._kind(one)
            if self._is_set(kind):
                self.sets.setdefault(kind, one)

    def take(self, packet: bytes) -> bytes | None:
        """One RTP packet (RFC 3550 5.1). A whole picture that stands alone, where this packet ended one."""
        if len(packet) < 13 or packet[0] >> 6 != 2:
            return None
        begin = 12 + 4 * (packet[0] & 15)
        if packet[0] & 16:
            if len(packet) < begin + 4:
                return None
            begin += 4 + 4 * int.from_bytes(packet[begin + 2: begin + 4], "big")
        end = len(packet) - (packet[-1] if packet[0] & 32 else 0)
        number, at = int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[4:8], "big")
        done: bytes | None = None
        if self._at is not None and at != self._at:
            done = self._end()  # a camera that sets no marker
        if self._next is not None and number != self._next:
            self._whole = False
        if self._at is None and self._next is None:
            self._whole = True  # the first packet of all: PLAY begins at a picture, or its units will not fit together
        self._next, self._at = (number + 1) & 0xFFFF, at
        if begin < end:
            self._unit(packet[begin:end])
        if packet[1] & 128:
            done = self._end() or done
        return done

    def _unit(self, payload: bytes) -> None:
        kind = self._kind(payload)
        if self._size + len(payload) > PICTURE_MOST or len(self._units) > _UNITS_MOST:
            self._whole = False
        elif self.codec == "H265" and kind in (48, 49):
            self._split(payload[2:]) if kind == 48 else self._fragment_265(payload)
        elif self.codec == "H264" and kind in (24, 28):
            self._split(payload[1:]) if kind == 24 else self._fragment_264(payload)
        else:
            self._add(payload)

    def _split(self, rest: bytes) -> None:
        while len(rest) > 2:
            size = int.from_bytes(rest[:2], "big")
            self._add(rest[2: 2 + size])
            rest = rest[2 + size:]

    def _fragment_264(self, payload: bytes) -> None:
        if len(payload) > 2:
            self._fragment(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]), payload[1], payload[2:])

    def _fragment_265(self, payload: bytes) -> None:
        if len(payload) > 3:
            self._fragment(bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]]), payload[2], payload[3:])

    def _fragment(self, head: bytes, flags: int, payload: bytes) -> None:
        if flags & 0x80:
            self._add(head + payload)
            self._open = True
        elif self._open and self._units:
            self._units[-1] += payload
            self._size += len(payload)
        else:
            self._whole = False
        if flags & 0x40:
            self._open = False

    def _add(self, unit: bytes) -> None:
        unit = unit.removeprefix(_START).removeprefix(_START[1:])
        if not unit:
            return
        kind = self._kind(unit)
        if self._is_set(kind):
            self.sets[kind] = unit
        else:
            self._units.append(bytearray(unit))
            self._size += len(unit)

    def _end(self) -> bytes | None:
        units, whole = self._units, self._whole and not self._open
        self._units, self._size, self._open, self._whole, self._at = [], 0, False, True, None
        pictures = [unit for unit in units if self._is_slice(self._kind(unit))]
        if not pictures:
            return None
        if not whole or not self._begins(pictures[0]):
            self.broken += 1
            return None
        if not all(self._stands_alone(unit) for unit in pictures) or not self._knows_enough():
            self.skipped += 1
            return None
        ordered = [self.sets[kind] for kind in sorted(self.sets)]
        return b"".join(_START + bytes(unit) for unit in (*ordered, *pictures))

    def _kind(self, unit: bytes | bytearray) -> int:
        if not unit:
            return 0
        return unit[0] >> 1 & 0x3F if self.codec == "H265" else unit[0] & 0x1F

    def _is_set(self, kind: int) -> bool:
        return kind in ((32, 33, 34) if self.codec == "H265" else (7, 8))

    def _is_slice(self, kind: int) -> bool:
        return kind <= 31 if self.codec == "H265" else 1 <= kind <= 5

    def _begins(self, unit: bytearray) -> bool:
        """Whether this is the first slice of its picture: `first_slice_segment_in_pic_flag`, or `first_mb_in_slice` 0."""
        at = 2 if self.codec == "H265" else 1
        return len(unit) > at and bool(unit[at] & 0x80)

    def _knows_enough(self) -> bool:
        return all(kind in self.sets for kind in ((33, 34) if self.codec == "H265" else (7, 8)))

    def _stands_alone(self, unit: bytearray) -> bool:
        """IDR, or for H.265 any random access point; for H.264 also a slice of type I: some encoders never send an IDR after the first."""
        kind = self._kind(unit)
        if self.codec == "H265":
            return 16 <= kind <= 21
        return kind == 5 or (kind == 1 and _slice_type(unit) in (2, 4, 7, 9))


def _slice_type(unit: bytearray) -> int:
    """`slice_type` of an H.264 slice header: the second Exp-Golomb number (ITU-T H.264 7.3.3, 9.1); -1 where it cannot be read."""
    bits = "".join(f"{byte:08b}" for byte in unit[1:9])
    at = 0
    value = -1
    for _ in range(2):
        zeros = len(bits[at:]) - len(bits[at:].lstrip("0"))
        if at + 2 * zeros + 1 > len(bits):
            return -1
        value = int(bits[at + zeros: at + 2 * zeros + 1], 2) - 1
        at += 2 * zeros + 1
    return value
