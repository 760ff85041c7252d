"""Real H.264 and H.265: a picture and its moment in, an access unit cut into RTP payloads out (RFC 6184, RFC 7798).

x264 (and x265) runs as a camera's encoder would: no B pictures, no look-ahead, one slice a picture, IDR pictures only where asked for. Parameter
sets go out once before each IDR and in the SDP; before every slice they would break decoding in FFmpeg.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType

from .picture import PictureKey, base, draw
from .scenes import Image

CLOCK_RATE_HZ = 90_000             # RFC 6184 8.2.1
PAYLOAD_MOST_BYTES = 1400          # fits an Ethernet frame with IP, UDP and RTP headers
QUANTISER = 25                     # constant, so that a picture that stands still costs next to nothing after its IDR
NAL_IDR, NAL_SEI, NAL_SPS, NAL_PPS = 5, 6, 7, 8      # H.264 table 7-1
FU_A = 28                          # RFC 6184 5.8
VPS_265, SPS_265, PPS_265, SEI_265, FU_265 = 32, 33, 34, (39, 40), 49      # H.265 table 7-1; RFC 7798 4.4.3
_X264 = {"preset": "ultrafast", "tune": "zerolatency", "qp": str(QUANTISER), "forced-idr": "1",
         "x264-params": "sliced-threads=0:threads=1:keyint=infinite:scenecut=0:bframes=0"}
_X265 = {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1",
         "x265-params": f"qp={QUANTISER}:log-level=none:keyint=-1:min-keyint=1:scenecut=0:open-gop=0:bframes=0:frame-threads=1:pools=none:wpp=0:info=0:"
                        "repeat-headers=0:rc-lookahead=0"}


@dataclass(frozen=True)
class AccessUnit:
    """One coded picture: RTP payloads in order; the last one carries the marker bit."""

    payloads: tuple[bytes, ...]
    is_idr: bool
    at_s: float                    # seconds since the epoch


@dataclass(frozen=True)
class ParameterSets:
    sps: bytes
    pps: bytes
    vps: bytes = b""               # H.265 alone has one

    @property
    def sprop(self) -> str:
        return ",".join(base64.b64encode(nal).decode() for nal in (self.sps, self.pps))

    @property
    def profile_level_id(self) -> str:
        """profile_idc, constraint flags and level_idc: the three bytes behind the NAL header (RFC 6184 8.1)."""
        return self.sps[1:4].hex()


class Encoder:
    """One x264 or x265 encoder with the frame that it reads. Not for two threads at once."""

    def __init__(self, width: int, height: int, fps: int, codec: str = "H264") -> None:
        self.shape = (width, height, fps, codec)
        self._is_265 = codec == "H265"
        self._context = av.CodecContext.create("libx265" if self._is_265 else "libx264", "w")
        self._context.width, self._context.height, self._context.pix_fmt = width, height, "yuv420p"
        self._context.framerate, self._context.time_base = Fraction(fps), Fraction(1, CLOCK_RATE_HZ)
        self._context.thread_count = 1
        self._context.flags |= av.codec.context.Flags.global_header
        self._context.options = dict(_X265 if self._is_265 else _X264)
        self._context.open()
        nals = _split(bytes(self._context.extradata or b""))
        kinds = (SPS_265, PPS_265, VPS_265) if self._is_265 else (NAL_SPS, NAL_PPS)
        self.parameters = ParameterSets(*(next(nal for nal in nals if self._kind(nal) == kind) for kind in kinds))
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self._planes = [_plane(self._frame, number) for number in range(3)]
        self._key: PictureKey | None = None
        self._pts = 0

    def encode(self, key: PictureKey, at_s: float, idr: bool) -> AccessUnit:
        """Codes the picture of that moment. The first picture of another scene must be an IDR, which is the caller's business."""
        if key != self._key:
            painted = base(key)
            for plane, source in zip(self._planes, (painted.y, painted.u, painted.v), strict=True):
                plane[:] = source
            self._key = key
        draw(key, self._planes[0], datetime.fromtimestamp(at_s, UTC))
        self._pts += CLOCK_RATE_HZ // self.shape[2]
        self._frame.pts = self._pts
        self._frame.pict_type = PictureType.I if idr else PictureType.NONE
        nals = [nal for packet in self._context.encode(self._frame) for nal in _split(bytes(packet)) if self._kind(nal) not in (NAL_SEI, *SEI_265)]
        if idr:
            sets = [one for one in (self.parameters.vps, self.parameters.sps, self.parameters.pps) if one]
            nals = [*sets, *(nal for nal in nals if self._kind(nal) not in (NAL_SPS, NAL_PPS, VPS_265, SPS_265, PPS_265))]
        cut = fragments_265 if self._is_265 else fragments
        return AccessUnit(tuple(part for nal in nals for part in cut(nal)), idr, at_s)

    def _kind(self, nal: bytes) -> int:
        return nal[0] >> 1 & 63 if self._is_265 else nal[0] & 31


def _plane(frame: av.VideoFrame, number: int) -> Image:
    plane = frame.planes[number]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, :plane.width]


def _split(stream: bytes) -> list[bytes]:
    """NAL units of an Annex B byte stream; a start code is 00 00 01, the zero before it belongs to nobody."""
    return [part.rstrip(b"\0") for part in stream.split(b"\0\0\1") if part.rstrip(b"\0")]


def fragments(nal: bytes) -> list[bytes]:
    """The NAL unit itself, or its FU-A fragments (RFC 6184 5.8): indicator, header with start and end bit, piece."""
    if len(nal) <= PAYLOAD_MOST_BYTES:
        return [nal]
    indicator, kind = (nal[0] & 0xE0) | FU_A, nal[0] & 31
    step = PAYLOAD_MOST_BYTES - 2
    parts = []
    for start in range(1, len(nal), step):
        header = kind | (0x80 if start == 1 else 0) | (0x40 if start + step >= len(nal) else 0)
        parts.append(bytes((indicator, header)) + nal[start:start + step])
    return parts


def fragments_265(nal: bytes) -> list[bytes]:
    """The same for H.265 (RFC 7798 4.4.3): a header of two bytes whose type is 49, then start bit, end bit and the true type."""
    if len(nal) <= PAYLOAD_MOST_BYTES:
        return [nal]
    head, kind = bytes((nal[0] & 0x81 | FU_265 << 1, nal[1])), nal[0] >> 1 & 63
    step = PAYLOAD_MOST_BYTES - 3
    return [head + bytes((kind | (0x80 if start == 2 else 0) | (0x40 if start + step >= len(nal) else 0),)) + nal[start:start + step]
            for start in range(2, len(nal), step)]


# -- encoders are lent out: opening one costs 10 ms and about 20 MB, and a camera needs one only while somebody looks ---------

SPARE_MOST = 2

_spare: list[Encoder] = []
_parameters: dict[tuple[int, int, int, str], ParameterSets] = {}
_lock = threading.Lock()


def borrow(width: int, height: int, fps: int, codec: str = "H264") -> Encoder:
    with _lock:
        for encoder in _spare:
            if encoder.shape == (width, height, fps, codec):
                _spare.remove(encoder)
                return encoder
    encoder = Encoder(width, height, fps, codec)
    _parameters[encoder.shape] = encoder.parameters
    return encoder


def give_back(encoder: Encoder) -> None:
    with _lock:
        _spare.append(encoder)
        del _spare[:-SPARE_MOST]


def parameters(width: int, height: int, fps: int, codec: str = "H264") -> ParameterSets:
    """Parameter sets depend on codec, size and rate alone, so every encoder of that shape has the same."""
    known = _parameters.get((width, height, fps, codec))
    if known is None:
        encoder = borrow(width, height, fps, codec)
        known = encoder.parameters
        give_back(encoder)
    return known
