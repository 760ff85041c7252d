"""Picture files of every bad kind, real ones made here: each has its sentence, and none is decoded before its header allows it."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from provisioner.fault import PlainError
from provisioner.scene.opening import MOST_PX, exif_orientation, open_picture, read_header


def room(width_px: int = 320, height_px: int = 180) -> np.ndarray:
    """Left dark, right light, with a red corner at the upper left."""
    frame = np.zeros((height_px, width_px, 3), np.uint8)
    frame[:, width_px // 2 :] = 200
    frame[: height_px // 4, : width_px // 4] = (0, 0, 220)
    return frame


def jpeg(frame: np.ndarray, quality: int = 95) -> bytes:
    return bytes(cv2.imencode(".jpg", frame, (cv2.IMWRITE_JPEG_QUALITY, quality))[1])


def png(frame: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", frame)[1])


def turned(data: bytes, orientation: int, order: str = "<") -> bytes:
    """The JPEG with an Exif block in front of it."""
    tiff = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIHHHIHH", 42, 8, 1, 0x0112, 3, 1, orientation, 0) + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def png_head(width_px: int, height_px: int) -> bytes:
    """A PNG of that size with nothing in it: a few bytes that would unpack to gigabytes."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def cmyk_jpeg() -> bytes:
    """Four planes of one colour each, written by hand: OpenCV writes no CMYK. Baseline, 1 by 1 sampling, each block a DC difference alone."""
    tables = b"\xff\xdb\x00\x43\x00" + bytes([1] * 64)
    width_px, height_px = 160, 96
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 20, 8, height_px, width_px, 4) + b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3, 4))
    dc = b"\xff\xc4" + struct.pack(">HB", 19 + 2, 0x00) + bytes([0, 2] + [0] * 14) + bytes([0, 5])  # codes 00: nothing changes, 01: five bits follow
    ac = b"\xff\xc4" + struct.pack(">HB", 19 + 1, 0x10) + bytes([1] + [0] * 15) + bytes([0])        # code 0: end of block
    scan = b"\xff\xda" + struct.pack(">HB", 14, 4) + b"".join(bytes([number, 0]) for number in (1, 2, 3, 4)) + bytes([0, 63, 0])
    bits = "000" * (4 * (width_px // 8) * (height_px // 8))
    bits += "1" * (-len(bits) % 8)
    body = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + tables + frame + dc + ac + scan + body + b"\xff\xd9"


def test_plain_pictures_come_as_they_are() -> None:
    for data, kind in ((jpeg(room()), "JPEG"), (png(room()), "PNG")):
        opened = open_picture(data, "A")
        assert opened.header.kind == kind and (opened.header.width_px, opened.header.height_px) == (320, 180) and opened.notes == ()
        assert np.abs(opened.picture.bgr.astype(int) - room()).mean() < 2


@pytest.mark.parametrize(("data", "code", "says"), [
    (b"", "picture_empty", "is empty"), (b"<html>not found</html>", "picture_no_picture", "no JPEG or PNG"), (b"\xff\xd8\xff", "picture_cut_off", "cut off"),
    (jpeg(room())[:-40], "picture_cut_off", "cut off"), (png(room())[:-20], "picture_cut_off", "cut off"),
    (jpeg(room())[:2] + b"\xff\xd9" * 9, "picture_damaged", "size is missing"),
    (png(np.zeros((1, 1, 3), np.uint8)), "picture_too_small", "1 x 1"), (png_head(10_000, 10_000), "picture_too_large", "10000 x 10000"),
    (jpeg(room())[:2] + b"\xff\xe0\x00\x04ab\xff\xd9", "picture_damaged", "size is missing"), (png_head(640, 480), "picture_damaged", "cannot be decoded"),
])
def test_what_is_no_picture_has_a_sentence(data: bytes, code: str, says: str) -> None:
    with pytest.raises(PlainError) as told:
        open_picture(data, "night.jpg")
    assert told.value.code == code and says in told.value.text.en
    assert "night.jpg" in told.value.text.sv and told.value.text.sv != told.value.text.en and told.value.exit_code == 2


def test_a_hundred_megapixels_are_refused_by_the_header_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(PlainError, match="too_large"):
        open_picture(png_head(12_000, 9_000), "A")
    assert 12_000_000 < MOST_PX < 100_000_000


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_is_honoured_and_said(orientation: int, order: str) -> None:
    opened = open_picture(turned(jpeg(room()), orientation, order), "A")
    assert opened.header.orientation == orientation
    assert (opened.picture.width_px, opened.picture.height_px) == ((320, 180) if orientation < 5 else (180, 320))
    assert len(opened.notes) == (orientation != 1) and all("Exif" in note.sv and "Exif" in note.en for note in opened.notes)
    row, column = {1: (5, 5), 2: (5, -5), 3: (-5, -5), 4: (-5, 5), 5: (5, 5), 6: (5, -5), 7: (-5, -5), 8: (-5, 5)}[orientation]
    red = opened.picture.bgr[row, column]
    assert red[2] > 150 and red[0] < 80, "the red corner is where a person would see it"


def test_exif_that_makes_no_sense_is_upright() -> None:
    assert [exif_orientation(block) for block in (b"", b"II", b"XX*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff")] == [1] * 5


def test_grey_sixteen_bits_and_printing_colours_are_read_and_said() -> None:
    grey = open_picture(jpeg(room()[..., 0]), "A")
    assert grey.header.channels == 1 and grey.picture.bgr.shape == (180, 320, 3) and grey.notes == ()
    deep = open_picture(png(room().astype(np.uint16) * 257), "A")
    assert deep.header.bits == 16 and "16" in deep.notes[0].en and np.array_equal(deep.picture.bgr, room())
    printed = open_picture(cmyk_jpeg(), "A")
    assert printed.header.channels == 4 and "CMYK" in printed.notes[0].en and printed.picture.bgr.shape == (96, 160, 3)
    see_through = open_picture(png(np.dstack([room(), np.full((180, 320), 9, np.uint8)])), "A")
    assert np.array_equal(see_through.picture.bgr, room())


def test_a_header_after_fill_bytes_and_comments_is_found() -> None:
    data = jpeg(room())
    assert read_header(data[:2] + b"\xff\xfe\x00\x05abc\xff" + data[2:], "A").width_px == 320
