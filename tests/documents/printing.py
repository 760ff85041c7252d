"""Signs as the tests print them, and a second reader of the files: pdfium, which draws them and reads their text."""

import ctypes
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from pypdfium2 import raw

import provisioner.documents
from provisioner.documents.sign import Printed, Sign, SignFonts, Size, sign_pdf
from provisioner.documents.sign_texts import Language, SignClaims, SignContact, SignReview

MADE_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTACT = SignContact("Linköpings kommun, äldrenämnden", "013-20 60 00", "dataskyddsombud@example.org", "example.org/trygghetskamera")
PROVED = SignClaims(True, True)
_FOLDER = Path(provisioner.documents.__file__).parent / "fonts"
FONTS = SignFonts(*(str(_FOLDER / f"{name}.ttf") for name in ("NotoSans-Regular", "NotoSans-Bold", "NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold")))


@cache
def printed(language: Language, size: Size = "A4", contact: SignContact = CONTACT, proved: SignClaims = PROVED, review: SignReview | None = None) -> Printed:
    """One sign; made once for each set of values. `printed.__wrapped__` makes it anew."""
    return sign_pdf(Sign(language, size, contact, proved, review, MADE_AT), FONTS)


def _told(call: Any, element: Any) -> str:
    size = call(element, None, 0)
    buffer = ctypes.create_string_buffer(size)
    call(element, buffer, size)
    return buffer.raw[:size].decode("utf-16-le").rstrip("\0")


def text_of(pdf: bytes) -> list[tuple[str, str]]:
    """What a screen reader is told, in order: the kind of each element, and its text or what it shows."""
    page = pypdfium2.PdfDocument(pdf)[0]
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    try:
        root = raw.FPDF_StructTree_GetChildAtIndex(tree, 0)
        elements = [raw.FPDF_StructElement_GetChildAtIndex(root, at) for at in range(raw.FPDF_StructElement_CountChildren(root))]
        return [(_told(raw.FPDF_StructElement_GetType, one),
                 _told(raw.FPDF_StructElement_GetActualText, one) + _told(raw.FPDF_StructElement_GetAltText, one)) for one in elements]
    finally:
        raw.FPDF_StructTree_Close(tree)


def drawn_of(pdf: bytes) -> str:
    """What its glyphs say by themselves, line by line, as somebody gets it who marks and copies."""
    text: str = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    return text.replace("\r\n", "\n")


def heights_mm(pdf: bytes, letters: str) -> list[float]:
    """How tall each of these letters is drawn, in the order of the page; mm. Without lam-alef, which is one glyph and halved by the reader."""
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    found = text.get_text_range()
    boxes = [text.get_charbox(at) for at, sign in enumerate(found) if sign in letters and found[at - 1] != "ل"]
    return [(top - bottom) * 25.4 / 72 for _, bottom, _, top in boxes]


def properties(pdf: bytes) -> dict[str, str]:
    """Its document properties."""
    found: dict[str, str] = pypdfium2.PdfDocument(pdf).get_metadata_dict()
    return found


def grey(pdf: bytes, scale: float = 0.6) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """The page as it looks on the screen, 0 black to 255 white."""
    found: np.ndarray[Any, np.dtype[np.uint8]] = pypdfium2.PdfDocument(pdf)[0].render(scale=scale, grayscale=True).to_numpy().squeeze().copy()
    return found


def apart(one: "np.ndarray[Any, Any]", other: "np.ndarray[Any, Any]") -> float:
    """How far two pictures differ at their worst place: the mean grey of squares of 6 px, which a shift of half a pixel changes little."""
    if one.shape != other.shape:
        return 255.0
    rows, columns = one.shape[0] // 6, one.shape[1] // 6
    squares = [picture[:rows * 6, :columns * 6].reshape(rows, 6, columns, 6).mean((1, 3)) for picture in (one, other)]
    return float(np.abs(squares[0] - squares[1]).max())
