"""The bytes of a picture file to a `Picture`, or a sentence that says why not. Nothing is decoded before its header says that it may be.

JPEG (ITU-T T.81) and PNG (ISO/IEC 15948) alone: cameras send nothing else, and the header of each can be read in a few lines.
"""

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from provisioner.fault import PlainError, Text
from provisioner.scene.pictures import Frame, Picture

LEAST_PX = (160, 90)       # smaller than the smallest stream that cameras have (QCIF, 176 by 144): nothing in it can be judged
MOST_PX = 16_000_000       # above the largest that safety cameras have (12 megapixels); decoded, three of them are 150 MB
FILE_MOST_BYTES = 40_000_000
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112      # Exif 2.32, 4.6.4
_TURNED = {2: Text("spegelvänd", "mirrored"), 3: Text("upp och ned", "upside down"), 4: Text("upp och ned och spegelvänd", "upside down and mirrored"),
           5: Text("spegelvänd och på sidan", "mirrored and on its side"), 6: Text("på sidan", "on its side"),
           7: Text("spegelvänd och på sidan", "mirrored and on its side"), 8: Text("på sidan", "on its side")}


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself before it is decoded. `orientation`: Exif, 1 is upright. `channels`: 1 grey, 3 colour, 4 CMYK or with transparency."""

    kind: str
    width_px: int
    height_px: int
    bits: int
    channels: int
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture, and what a person should know of how it was read: turned, of 16 bits, of printing colours."""

    picture: Picture
    header: Header
    notes: tuple[Text, ...]


def open_picture(data: bytes, name: str) -> Opened:
    """The picture in `data`, as a person would see it: turned as Exif says, 8 bits, BGR. `name` is what the sentences call it. Raises `PlainError`."""
    header = read_header(data, name)
    plain = header.kind == "JPEG" and header.bits == 8 and header.channels in (1, 3)
    frame = _decoded(data, cv2.IMREAD_GRAYSCALE if plain else cv2.IMREAD_COLOR)
    if frame is None:
        raise _unusable("damaged", name, "är trasig och går inte att avkoda", "is damaged and cannot be decoded")
    return Opened(Picture.coded(frame, partial(_colour, data, frame)) if plain else Picture(frame), header, tuple(_notes(header, name)))


def _decoded(data: bytes, how: int) -> Frame | None:
    try:
        frame = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    except cv2.error:
        frame = None
    return None if frame is None else np.asarray(frame, np.uint8)


def _colour(data: bytes, luma: Frame, quarter: bool) -> Frame:
    """A JPEG's colour; a quarter of the size costs a JPEG's coder less than brightness does. Of one whose colour alone is damaged the brightness, in grey."""
    frame = _decoded(data, cv2.IMREAD_REDUCED_COLOR_4 if quarter else cv2.IMREAD_COLOR)
    if frame is None:
        grey = cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR)
        frame = np.asarray(grey[::4, ::4] if quarter else grey, np.uint8)
    return np.ascontiguousarray(frame[: luma.shape[0] // 4, : luma.shape[1] // 4]) if quarter else frame


def read_header(data: bytes, name: str) -> Header:
    """What the file says of itself. Raises `PlainError` for what is no picture, is cut off, or is too small or too large."""
    if not data:
        raise _unusable("empty", name, "är tom", "is empty")
    if data.startswith(_JPEG):
        header = _jpeg(data, name)
    elif data.startswith(_PNG):
        header = _png(data, name)
    else:
        raise _unusable("no_picture", name, "är ingen JPEG eller PNG", "is no JPEG or PNG")
    size = f"{header.width_px} x {header.height_px}"
    if header.width_px < LEAST_PX[0] or header.height_px < LEAST_PX[1]:
        raise _unusable("too_small", name, f"är bara {size} bildpunkter, minst {LEAST_PX[0]} x {LEAST_PX[1]} behövs",
                        f"is only {size} pixels, at least {LEAST_PX[0]} x {LEAST_PX[1]} are needed")
    if header.width_px * header.height_px > MOST_PX:
        most = MOST_PX // 1_000_000
        raise _unusable("too_large", name, f"är {size} bildpunkter, högst {most} megapixel läses", f"is {size} pixels, at most {most} megapixels are read")
    return header


def _unusable(code: str, name: str, sv: str, en: str) -> PlainError:
    return PlainError(f"picture_{code}", Text(f"Bilden {name} {sv}. Hämta den från kameran igen.", f"The picture {name} {en}. Fetch it from the camera again."))


def _cut(name: str) -> PlainError:
    return _unusable("cut_off", name, "är avhuggen: slutet av filen saknas", "is cut off: the end of the file is missing")


def _jpeg(data: bytes, name: str) -> Header:
    """The segments up to the first scan (T.81, annex B). A file without its end marker would be filled up with grey by a decoder."""
    if b"\xff\xd9" not in data[-4096:]:
        raise _cut(name)
    at, found, orientation = 2, None, 1
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = exif_orientation(body[6:])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(body) >= 6:
            found = Header("JPEG", int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"), body[0], body[5])
        elif marker == 0xDA:
            break
        at += 2 + length
    if found is None:
        raise _unusable("damaged", name, "är trasig: storleken saknas", "is damaged: its size is missing")
    return Header(found.kind, found.width_px, found.height_px, found.bits, found.channels, orientation)


def _png(data: bytes, name: str) -> Header:
    """The first chunk (ISO/IEC 15948, 11.2.2), and whether the last is there."""
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise _unusable("damaged", name, "är trasig: storleken saknas", "is damaged: its size is missing")
    if b"IEND" not in data[-64:]:
        raise _cut(name)
    channels = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}.get(data[25], 3)
    return Header("PNG", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), data[24], channels)


def exif_orientation(tiff: bytes) -> int:
    """The orientation in an Exif block (from its TIFF header on), 1 to 8; 1 where there is none or it makes no sense."""
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * min(number(first, 2), 64), 12):
        if number(entry, 2) == _ORIENTATION:
            found = number(entry + 8, 2)
            return found if 1 <= found <= 8 else 1
    return 1


def _notes(header: Header, name: str) -> list[Text]:
    notes = []
    if header.orientation in _TURNED:
        how = _TURNED[header.orientation]
        notes.append(Text(f"Bilden {name} låg {how.sv} enligt sin Exif-märkning och har vänts rätt; zoner räknas i den vända bilden.",
                          f"The picture {name} was {how.en} by its Exif tag and has been turned upright; zones are counted in the turned picture."))
    if header.bits > 8:
        notes.append(Text(f"Bilden {name} har {header.bits} bitar per färg; den bedöms med 8.",
                          f"The picture {name} has {header.bits} bits per colour; it is judged with 8."))
    if header.kind == "JPEG" and header.channels == 4:
        notes.append(Text(f"Bilden {name} har tryckfärger (CMYK) och kommer alltså inte direkt från en kamera; färgerna är ungefärliga.",
                          f"The picture {name} has printing colours (CMYK), so it does not come straight from a camera; its colours are approximate."))
    return notes
