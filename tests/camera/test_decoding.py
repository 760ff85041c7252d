"""One whole picture of video to pixels: the same as another decoder gives, in every size and codec that cameras have."""

import os
import time
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import pytest

from provisioner.camera.errors import NoPicture
from provisioner.camera.frames import decoded_video, ready_opencv

NOISE = np.random.default_rng(7)


def coded(codec: str, width_px: int, height_px: int, options: dict[str, str]) -> bytes:
    """A picture that stands alone, with its parameter sets, as a byte stream."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base, encoder.options = width_px, height_px, "yuv420p", Fraction(1, 25), options
    slope = np.linspace(20, 230, width_px)[None, :, None] * np.ones((height_px, 1, 3)) + NOISE.normal(0, 6, (height_px, width_px, 3))
    frame = av.VideoFrame.from_ndarray(slope.clip(0, 255).astype(np.uint8), format="rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize(("width_px", "height_px"), [(1920, 1080), (640, 360), (2304, 1296), (3840, 2160), (704, 576), (322, 242)])
def test_the_pixels_are_those_of_another_decoder(codec: str, width_px: int, height_px: int) -> None:
    """1080, 360 and 242 are no multiples of 16: the picture is cut out of a larger one (H.264 7.4.2.1.1, frame cropping)."""
    options = {"preset": "ultrafast", "x264-params": "annexb=1:repeat-headers=1", "x265-params": "annexb=1:repeat-headers=1:log-level=none"}
    picture = coded(codec, width_px, height_px, {"preset": "ultrafast", f"{codec[3:]}-params": options[f"{codec[3:]}-params"]})
    decoder = av.CodecContext.create("h264" if codec == "libx264" else "hevc", "r")
    expected = next(iter([*decoder.decode(av.Packet(picture)), *decoder.decode(None)])).to_ndarray(format="bgr24")
    found = decoded_video(picture)
    assert found.shape == (height_px, width_px, 3)
    assert float(np.abs(found.astype(int) - expected.astype(int)).mean()) < 1.0


def test_a_picture_is_decoded_once() -> None:
    """FFmpeg by itself decodes the first picture of a file when it is opened, to see what it is, and throws that away: then opening costs as much as
    half of it all (0.45 measured); it is to cost next to nothing (0.05)."""
    cv2, picture = ready_opencv(), coded("libx264", 3840, 2160, {"preset": "ultrafast", "x264-params": "annexb=1:repeat-headers=1"})

    def opened(path: str) -> None:
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        assert capture.isOpened()
        capture.release()

    def cpu_s(do: Callable[[], object]) -> float:
        begun = time.process_time()
        do()
        return time.process_time() - begun

    file = os.memfd_create("picture")
    try:
        os.write(file, picture)
        opening, whole = zip(*((cpu_s(lambda: opened(f"/proc/self/fd/{file}")), cpu_s(lambda: decoded_video(picture))) for _ in range(7)), strict=True)
    finally:
        os.close(file)
    assert min(opening) < 0.25 * min(whole)


@pytest.mark.parametrize("rubbish", [b"", b"\0\0\0\1", b"\0\0\0\1\x67\x42\xc0\x0a", b"GIF89a" + bytes(500), b"\0\0\0\1\x65" + bytes(range(256)) * 4])
def test_rubbish_is_no_picture(rubbish: bytes) -> None:
    with pytest.raises(NoPicture):
        decoded_video(rubbish)
