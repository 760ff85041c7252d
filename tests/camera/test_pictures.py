"""Whole pictures from RTP: joined by time and marker, with their parameter sets, never one that builds on others."""

import io

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.camera.errors import NoPicture
from provisioner.camera.frames import decoded_video
from provisioner.camera.pictures import Assembler
from provisioner.camera.sdp import described

SPS, PPS = b"\x67\x42\x00\x1f", b"\x68\xce\x06\xe2"
IDR, P = b"\x65\x88\x84" + b"i" * 50, b"\x41\x9a\x24" + b"p" * 50   # first_mb_in_slice 0 in both


def packet(number: int, at: int, payload: bytes, marker: bool = False) -> bytes:
    return bytes([0x80, 96 | (128 if marker else 0)]) + number.to_bytes(2, "big") + at.to_bytes(4, "big") + b"SSRC" + payload


def fragments(unit: bytes, size: int = 20) -> list[bytes]:
    parts = [unit[1:][at: at + size] for at in range(0, len(unit) - 1, size)]
    return [bytes([unit[0] & 0xE0 | 28, unit[0] & 31 | (0x80 if n == 0 else 0) | (0x40 if n == len(parts) - 1 else 0)]) + part for n, part in enumerate(parts)]


def fed(payloads: list[tuple[int, bytes, bool]], lost: tuple[int, ...] = (), codec: str = "H264") -> tuple[Assembler, list[bytes]]:
    assembler = Assembler(codec)
    found = [assembler.take(packet(n, at, payload, marker)) for n, (at, payload, marker) in enumerate(payloads) if n not in lost]
    return assembler, [one for one in found if one is not None]


def test_idr_in_fragments_with_sets_in_band() -> None:
    parts = fragments(IDR)
    stream = [(1, SPS, False), (1, PPS, False), *((1, part, n == len(parts) - 1) for n, part in enumerate(parts))]
    _, found = fed(stream)
    assert found == [b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS + b"\0\0\0\1" + IDR]
    assert fed(stream, lost=(3,))[1] == [] and fed(stream, lost=(3,))[0].broken == 1


def test_sets_before_every_slice_do_not_split_the_picture() -> None:
    second = b"\x65\x00\x40" + b"s" * 50
    _, found = fed([(1, SPS, False), (1, PPS, False), (1, IDR, False), (1, SPS, False), (1, PPS, False), (1, second, True)])
    assert len(found) == 1 and found[0].count(SPS) == 1 and found[0].index(IDR) < found[0].index(second)


def test_pictures_that_build_on_others_are_passed_over() -> None:
    assembler, found = fed([(1, SPS, False), (1, PPS, False), (1, P, True), (2, P, True), (3, IDR, True)])
    assert len(found) == 1 and IDR in found[0] and assembler.skipped == 2


def test_no_marker_ends_with_the_next_time_and_sets_may_come_ahead() -> None:
    assembler = Assembler("H264")
    assembler.know((SPS, PPS))
    assert assembler.take(packet(1, 1, IDR)) is None
    assert assembler.take(packet(2, 2, P)) is not None


def test_a_stream_joined_within_a_picture_waits_for_the_next() -> None:
    rest = fragments(IDR)[1:]
    assembler, found = fed([(1, part, n == len(rest) - 1) for n, part in enumerate(rest)] + [(2, SPS, False), (2, PPS, False), (2, IDR, True)])
    assert len(found) == 1 and assembler.broken == 0


def test_stap_and_hevc() -> None:
    together = b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in (SPS, PPS, IDR))
    assert len(fed([(1, together, True)])[1]) == 1
    vps, sps, pps, key = b"\x40\x01v", b"\x42\x01s", b"\x44\x01p", b"\x26\x01\x80" + b"k" * 40
    cut = [bytes([49 << 1, 1, flags | 19]) + part for flags, part in ((0x80, key[2:20]), (0, key[20:30]), (0x40, key[30:]))]
    _, found = fed([(1, vps, False), (1, sps, False), (1, pps, False), (1, cut[0], False), (1, cut[1], False), (1, cut[2], True)], codec="H265")
    assert found == [b"".join(b"\0\0\0\1" + unit for unit in (vps, sps, pps, key))]


@given(st.lists(st.binary(max_size=60), max_size=30), st.sampled_from(["H264", "H265"]))
def test_garbage_never_raises(packets: list[bytes], codec: str) -> None:
    assembler = Assembler(codec)
    for one in packets:
        assembler.take(one)
        assembler.take(b"\x80" + one)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_one_picture_is_decoded_from_memory(codec: str) -> None:
    picture = np.full((360, 640, 3), 90, np.uint8)
    picture[:, 320:] = 200
    file = io.BytesIO()
    with av.open(file, "w", format="h264" if codec == "libx264" else "hevc") as out:
        options = {"preset": "ultrafast", "tune": "zerolatency", **({"x265-params": "log-level=none"} if codec == "libx265" else {})}
        stream = out.add_stream(codec, 25, options=options)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame in (av.VideoFrame.from_ndarray(picture, format="bgr24"), None):
            for one in stream.encode(frame):
                out.mux(one)
    found = decoded_video(file.getvalue())
    assert found.shape == picture.shape and abs(float(found[:, :300].mean()) - 90) < 6 and abs(float(found[:, 340:].mean()) - 200) < 6


@pytest.mark.parametrize("noise", [b"", b"\0\0\0\1" + SPS, bytes(range(256)) * 4])
def test_what_cannot_be_decoded(noise: bytes) -> None:
    with pytest.raises(NoPicture):
        decoded_video(noise)


def test_sdp_of_every_sort() -> None:
    sdp = (b"v=0\r\nm=application 0 RTP/AVP 98\r\nm=video 0 RTP/AVP 26 \r\na=control:track0\r\n m=video 0 RTP/AVP 97\r\na=rtpmap: 97 x\r\n"
           b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000 \r\na=fmtp:96 sprop-sps=AAAAAUIBAQ==; sprop-pps=!!;sprop-vps=QAEM\r\na=control:track2\r\n")
    found = described(sdp, False)
    assert (found.codec, found.control, found.sets, found.has_audio) == ("H265", "track2", (b"\x42\x01\x01", b"\x40\x01\x0c"), False)
    assert described(b"", False).codec == "" and described(b"m=video 0 RTP/AVP 26\n", False).codec == "JPEG"
