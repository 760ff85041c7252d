"""The printable sign (R33, R34): one language, one page, A4 or A5, as PDF. Pure: the same values give the same bytes.

**How large the letters are.** The sign is read at 1.5 m: somebody stands in the hall and it hangs at eye level. ANSI Z535.2, 9.2.3: in favourable light,
capital letters of 1/150 of the viewing distance for the signal word and 1/300 for the other words: 10 mm and 5 mm. These are the least; the text is then made as
large as the page lets it. The lines with names and numbers, which are copied down and not taken in at a glance, are 0.88 of the text: 10 minutes of arc,
what an acuity of 0.5 reads. Arabic letters have no capitals: there the small letters are measured, as tall as small Latin letters beside such capitals.

**Right to left.** Lines are broken in logical order, each is then ordered by itself (UAX 9), with the phone number, the address and the names isolated.
Each paragraph carries its text in logical order (`ActualText`), so that a screen reader reads what was written and not what was drawn.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from provisioner.documents.sign_texts import NAMES, RIGHT_TO_LEFT, TEXTS, Language, SignClaims, SignContact, SignLines, SignReview, Words, sign_lines, text_sha256
from provisioner.fault import PlainError, Text

if TYPE_CHECKING:
    from fpdf import FPDF

Size = Literal["A4", "A5"]

READ_AT_MM = 1500.0
HEADING_LEAST_MM = READ_AT_MM / 150
TEXT_LEAST_MM = READ_AT_MM / 300
TEXT_MOST_MM = READ_AT_MM / 130
"""Larger letters would not be read any better, and a sign of three lines would look empty."""

_CONTACT = 0.88

_PAGES: Mapping[Size, tuple[float, float, float, float]] = {"A4": (210.0, 297.0, 16.0, 26.0), "A5": (148.0, 210.0, 8.0, 13.0)}
"""Width, height, margin, height of the pictogram; mm (ISO 216)."""

_MM_OF_POINT = 25.4 / 72
_LATIN, _ARABIC = "sans", "naskh"
_CAPITAL_EM = 0.714
"""Height of Noto Sans' capitals. Its small letters are 0.536 tall; the Naskh is contained enlarged, so that its dal (0.398) is 0.531: one size for both."""
_LINE_EM = {_LATIN: 1.24, _ARABIC: 1.5}
_GAP_EM = 0.4
_STEP_MM = 0.05
_BESIDE = 0.25   # between pictogram and heading, of the pictogram's height
_REMARK_MM = 3.0
_UNREVIEWED = "UNREVIEWED – OGRANSKAD TEXT"


@dataclass(frozen=True, slots=True)
class SignFonts:
    """Paths of the four font files (TrueType), which the PDF library reads."""

    sans: str
    sans_bold: str
    naskh: str
    naskh_bold: str


@dataclass(frozen=True, slots=True)
class Sign:
    """What is to be printed. `made_at` goes into the file as its date of creation; a review that does not hold any more counts as none."""

    language: Language
    size: Size
    contact: SignContact
    proved: SignClaims
    review: SignReview | None
    made_at: datetime

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody stands for exactly this text."""
        return self.review is not None and self.review.language == self.language and self.review.holds


@dataclass(frozen=True, slots=True)
class Printed:
    """The file, and how tall its capital letters are."""

    pdf: bytes
    heading_mm: float
    text_mm: float


def sign_pdf(sign: Sign, fonts: SignFonts) -> Printed:
    """The sign as PDF. Raises `PlainError`: `sign_sound`, `sign_recording`, `sign_letter` (the fonts lack a letter), `sign_too_long` (not in letters
    that can be read at 1.5 m)."""
    lines = sign_lines(sign.language, sign.contact, sign.proved)
    page = _page(sign, fonts)
    _check_letters(page, sign.contact)
    layout = _fitted(page, sign, lines)
    _draw(page, sign, layout)
    return Printed(bytes(page.output()), round(layout.heading_mm, 2), round(layout.text_mm, 2))


def _page(sign: Sign, fonts: SignFonts) -> "FPDF":
    from fpdf import FPDF  # 0.5 to 1.4 s and 50 MB: only where a sign is printed
    from fpdf.prefs import ViewerPreferences

    width, height, margin, _ = _PAGES[sign.size]
    page = FPDF(format=(width, height))
    page.set_margin(margin)
    page.c_margin = 0
    page.set_auto_page_break(False)
    for family, style, path in ((_LATIN, "", fonts.sans), (_LATIN, "B", fonts.sans_bold), (_ARABIC, "", fonts.naskh), (_ARABIC, "B", fonts.naskh_bold)):
        page.add_font(family, style, path)
    page.set_fallback_fonts([_LATIN, _ARABIC])
    page.set_text_shaping(True, direction="rtl" if sign.language in RIGHT_TO_LEFT else "ltr")
    page.set_lang(sign.language)
    page.set_title(f"{TEXTS[sign.language].heading} ({sign.language}, {sign.size})")
    state = f"reviewed {sign.review.reviewed_on}" if sign.is_reviewed and sign.review is not None else "unreviewed"
    page.set_subject(state)
    page.set_keywords(f"{state}, {NAMES[sign.language].en}, text-sha256 {text_sha256(sign.language)}")
    page.set_creator("provisioner")
    page.set_creation_date(sign.made_at)
    page.viewer_preferences = ViewerPreferences(display_doc_title=True)
    page.add_page()
    return page


def _check_letters(page: "FPDF", contact: SignContact) -> None:
    known = {sign for font in page.fonts.values() for sign in getattr(font, "cmap", ())}
    for key in ("controller", "phone", "dpo", "url"):
        missing = next((sign for sign in getattr(contact, key) if ord(sign) not in known), None)
        if missing is not None:
            raise PlainError("sign_letter", Text(f"Inställningen sign.{key} innehåller ett tecken som skyltens typsnitt saknar (U+{ord(missing):04X}).",
                                                 f"The setting sign.{key} holds a letter that the sign's fonts lack (U+{ord(missing):04X})."))


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of one paragraph. Sizes in mm of letter body (em)."""

    words: Words
    lines: tuple[str, ...]
    em_mm: float
    bold: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    heading: _Block
    body: _Block
    claims: tuple[_Block, ...]
    contact: tuple[_Block, ...]
    heading_mm: float
    text_mm: float
    beside: bool   # the pictogram beside the heading, not above it


class _Ruler:
    """Widths of words at 1 mm of letter body, measured once: they grow with the letters in proportion."""

    def __init__(self, page: "FPDF", family: str) -> None:
        self._page, self._family, self._known = page, family, dict[tuple[str, bool], float]()

    def width(self, text: str, bold: bool) -> float:
        """Of `text`, shaped, in em."""
        key = (text, bold)
        if key not in self._known:
            self._page.set_font(self._family, "B" if bold else "", 100)
            self._known[key] = float(self._page.get_string_width(text)) / (100 * _MM_OF_POINT)
        return self._known[key]

    def block(self, words: Words, em_mm: float, width_mm: float, bold: bool) -> _Block | None:
        """The words in lines of at most this width, as many to a line as go; None where one word alone is too wide."""
        lines, first, used, blank = [], 0, 0.0, self.width(" ", bold)
        for at in range(len(words.words)):
            own = self.width(words.line(at, at + 1), bold)
            if own * em_mm > width_mm:
                return None
            if at > first and (used + blank + own) * em_mm > width_mm:
                lines.append(words.line(first, at))
                first, used = at, own
            else:
                used += own + (blank if at > first else 0)
        return _Block(words, (*lines, words.line(first, len(words.words))), em_mm, bold)


def _family(sign: Sign) -> str:
    return _ARABIC if sign.language in RIGHT_TO_LEFT else _LATIN


def _fitted(page: "FPDF", sign: Sign, lines: SignLines) -> _Layout:
    """The largest letters with which all of it goes on the page. Raises `PlainError` (`sign_too_long`) where those would be too small."""
    ruler = _Ruler(page, _family(sign))
    steps = round((TEXT_MOST_MM - TEXT_LEAST_MM) / _STEP_MM)
    for step in range(steps, -1, -1):
        for beside in (False, True):
            layout = _laid_out(ruler, sign, lines, TEXT_LEAST_MM + step * _STEP_MM, beside)
            if layout is not None:
                return layout
    raise PlainError("sign_too_long", Text(
        f"Texten får inte plats på {sign.size} med bokstäver som kan läsas på 1,5 m. Korta sign.controller, sign.dpo eller sign.url, eller välj A4.",
        f"The text does not go on {sign.size} in letters that can be read at 1.5 m. Shorten sign.controller, sign.dpo or sign.url, or choose A4."))


def _laid_out(ruler: _Ruler, sign: Sign, lines: SignLines, text_mm: float, beside: bool) -> _Layout | None:
    width, height, margin, picture = _PAGES[sign.size]
    family, inner = _family(sign), width - 2 * margin
    em = text_mm / _CAPITAL_EM
    room = inner - (1.5 + _BESIDE) * picture * beside
    one_line = room / ruler.width(lines.heading.text, True) * _CAPITAL_EM
    heading_mm = max(HEADING_LEAST_MM, 1.4 * text_mm, min(2 * text_mm, one_line * 0.99))
    heading = ruler.block(lines.heading, heading_mm / _CAPITAL_EM, room, True)
    body = ruler.block(lines.body, em, inner, False)
    claims = tuple(ruler.block(line, em, inner, True) for line in lines.claims)
    contact = tuple(ruler.block(line, em * _CONTACT, inner, False) for line in lines.contact)
    if heading is None or body is None:
        return None
    layout = _Layout(heading, body, tuple(b for b in claims if b), tuple(b for b in contact if b), heading_mm, text_mm, beside)
    fits = len(layout.claims) == len(claims) and len(layout.contact) == len(contact) and _height_mm(layout, family, picture) <= height - 2 * margin - _REMARK_MM
    return layout if fits else None


def _block_mm(block: _Block, family: str) -> float:
    return len(block.lines) * block.em_mm * _LINE_EM[family]


def _head_mm(layout: _Layout, family: str, picture: float) -> float:
    heading = _block_mm(layout.heading, family)
    return max(picture, heading) if layout.beside else picture + layout.body.em_mm * _GAP_EM + heading


def _height_mm(layout: _Layout, family: str, picture: float) -> float:
    gap = layout.body.em_mm * _GAP_EM
    blocks = (layout.body, *layout.claims, *layout.contact)
    return _head_mm(layout, family, picture) + sum(_block_mm(b, family) for b in blocks) + gap * (3 + bool(layout.claims) + len(layout.contact) / 2)


def _draw(page: "FPDF", sign: Sign, layout: _Layout) -> None:
    width, height, margin, picture = _PAGES[sign.size]
    family, rtl, gap = _family(sign), sign.language in RIGHT_TO_LEFT, layout.body.em_mm * _GAP_EM
    head, heading = _head_mm(layout, family, picture), _block_mm(layout.heading, family)
    with _tagged(page, "Figure", alt=TEXTS[sign.language].picture):
        _camera(page, width - margin - 1.5 * picture if rtl else margin, margin + (head - picture) / 2 * layout.beside, picture)
    page.set_y(margin + (head - heading) / (2 if layout.beside else 1))
    aside = (1.5 + _BESIDE) * picture * layout.beside
    _paragraph(page, "H1", layout.heading, family, rtl, margin + aside * (not rtl), width - 2 * margin - aside)
    page.set_y(margin + head + gap)
    for blocks, between in (((layout.body,), 0.0), (layout.claims, 0.0), (layout.contact, gap / 2)):
        if blocks is layout.contact:
            with _artifact(page):
                page.set_line_width(0.6)
                page.line(margin, page.y, width - margin, page.y)
            page.set_y(page.y + gap)
        for block in blocks:
            _paragraph(page, "P", block, family, rtl, margin, width - 2 * margin)
            page.set_y(page.y + between)
        page.set_y(page.y + (gap if blocks else 0))
    if not sign.is_reviewed:
        with page.optional_content(on_print=False, label="unreviewed"), _artifact(page):
            page.set_font(_LATIN, "B", 9)
            page.set_text_color(180, 0, 0)
            page.set_xy(margin, height - margin - 1)
            page.cell(width - 2 * margin, 4, _UNREVIEWED, align="C")


def _paragraph(page: "FPDF", kind: str, block: _Block, family: str, rtl: bool, x: float, width: float) -> None:
    page.set_font(family, "B" if block.bold else "", block.em_mm / _MM_OF_POINT)
    with _tagged(page, kind, text=block.words.text):
        for line in block.lines:
            page.set_x(x)
            page.cell(width, block.em_mm * _LINE_EM[family], line, align="R" if rtl else "L", new_x="LEFT", new_y="NEXT")


def _camera(page: "FPDF", x: float, y: float, height: float) -> None:
    """A camera on its bracket, as lines: 1.5 times as wide as it is high."""
    unit = height / 10
    with page.local_context(line_width=0.55 * unit, draw_color=0, fill_color=0):
        page.rect(x + 3 * unit, y + 1.5 * unit, 8 * unit, 4.5 * unit, round_corners=True, corner_radius=0.7 * unit)
        page.polygon([(x + 11 * unit, y + 2.6 * unit), (x + 14 * unit, y + 1.4 * unit), (x + 14 * unit, y + 6.1 * unit), (x + 11 * unit, y + 4.9 * unit)], style="DF")
        page.circle(x=x + 5.6 * unit, y=y + 3.75 * unit, radius=1.0 * unit)
        page.line(x + 1 * unit, y + 5.5 * unit, x + 1 * unit, y + 9.7 * unit)
        page.polyline([(x + 1 * unit, y + 8.4 * unit), (x + 6.5 * unit, y + 8.4 * unit), (x + 6.5 * unit, y + 6 * unit)])


@contextmanager
def _tagged(page: "FPDF", kind: str, *, text: str | None = None, alt: str | None = None) -> Iterator[None]:
    """A structure element (ISO 32000-1, 14.8.4) and its text in logical order. The library tags pictures alone, hence by its inner parts.

    The text stands at the element and not at the glyphs, where the standard allows it too: Chrome's reader turns Arabic round that it finds there.
    """
    from fpdf.structure_tree import StructElem
    from fpdf.syntax import PDFString

    class Element(StructElem):
        """One that can say its text."""

        __slots__ = ("actual_text",)
        actual_text: PDFString | None

    tree = page.struct_builder
    number = tree.next_mcid_for_page(page.page)
    page_number = tree.spid_per_page_number.setdefault(page.page, 0)
    element = Element(f"/{kind}", tree.doc_struct_elem, [number], page.page, alt=alt)
    element.actual_text = PDFString(text) if text is not None else None
    tree.doc_struct_elem.k.append(element)
    tree.struct_tree_root.parent_tree.nums[page_number].append(element)
    page.pages[page.page].struct_parents = page_number
    page._out(f"/{kind} <</MCID {number}>> BDC")
    yield
    page._out("EMC")


@contextmanager
def _artifact(page: "FPDF") -> Iterator[None]:
    """What is no part of the text: a line, a remark on the screen."""
    page._out("/Artifact BMC")
    yield
    page._out("EMC")
