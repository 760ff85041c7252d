"""The printable sign: one page, letters that are read at 1.5 m, the text in logical order, nothing that is not proved, nothing personal."""

import math
import tomllib
from dataclasses import astuple, replace
from datetime import date
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from provisioner.documents import sign as sign_module
from provisioner.documents.sign import HEADING_LEAST_MM, TEXT_LEAST_MM
from provisioner.documents.sign_texts import FSI, LRI, PDI, RIGHT_TO_LEFT, TEXTS, SignClaims, SignContact, SignReview, sign_lines, text_sha256
from provisioner.fault import PlainError
from tests.documents.printing import CONTACT, FONTS, PROVED, apart, drawn_of, grey, heights_mm, printed, properties, text_of

PICTURES = Path(__file__).parent / "pictures"
APART_MOST = 75.0
"""Another way of smoothing the letters gives 57; two words that change places in one line give 87 at least."""
LANGUAGES = list(TEXTS)
ISOLATES = str.maketrans("", "", LRI + FSI + PDI)


def review(language: str, **changes: object) -> SignReview:
    return replace(SignReview(language, "Somebody Who Reads It", date(2026, 11, 20), text_sha256(language)), **changes)


def source(language: str, proved: SignClaims = PROVED) -> list[str]:
    """What was written, in logical order, a paragraph a line."""
    text = TEXTS[language]
    claims = [line for line, is_proved in ((text.no_sound, proved.no_sound), (text.nothing_recorded, proved.nothing_recorded)) if is_proved]
    filled = [line.format(controller=CONTACT.controller, phone=CONTACT.phone, dpo=CONTACT.dpo, url=CONTACT.url) for line in (text.responsible, text.officer, text.more)]
    return [text.heading, text.body, *claims, *filled]


@pytest.mark.parametrize("language", LANGUAGES)
def test_r33_r34_h18_each_language_looks_as_it_was_reviewed(language: str, request: pytest.FixtureRequest) -> None:
    """Against a picture that somebody has looked at: order of words, joining of letters, the Latin inside."""
    picture, path = grey(printed(language).pdf), PICTURES / f"sign-{language}.png"
    if request.config.getoption("--rewrite-stories"):
        Image.fromarray(picture).save(path, optimize=True)
    assert apart(picture, np.asarray(Image.open(path).convert("L"))) < APART_MOST, f"look at it, then pytest {Path(__file__).name} --rewrite-stories"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_with_two_words_changed_about_is_caught(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture test can fail."""
    block = sign_module._Ruler.block

    def swapped(self: object, *args: object) -> object:
        found = block(self, *args)
        if found is None or args[0].text != TEXTS[language].body:
            return found
        first, second, *rest = found.lines[1].split(" ")
        return replace(found, lines=(found.lines[0], " ".join([second, first, *rest]), *found.lines[2:]))

    good = grey(printed(language).pdf)
    monkeypatch.setattr(sign_module._Ruler, "block", swapped)
    assert apart(good, grey(printed.__wrapped__(language).pdf)) > APART_MOST


def paragraphs(pdf: bytes) -> list[str]:
    """The text as it is read aloud, without isolates; the blanks that keep a phone number together are blanks."""
    return [text.translate(ISOLATES).replace("\u00a0", " ") for kind, text in text_of(pdf) if kind != "Figure"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_r34_the_text_comes_out_in_logical_order(language: str) -> None:
    """As it is read aloud: every letter, in the order in which it was written. As it is copied: each line, less what has no glyph."""
    made = printed(language).pdf
    assert paragraphs(made) == source(language)
    assert [kind for kind, _ in text_of(made)] == ["Figure", "H1", "P", "P", "P", "P", "P", "P"]
    copied = " ".join(drawn_of(made).replace("\u00a0", " ").splitlines())
    for line in source(language)[:4]:
        assert line.replace("\u200c", "") in copied
    assert all(value in copied for value in (CONTACT.phone, CONTACT.dpo, CONTACT.url))


@pytest.mark.parametrize("language", sorted(RIGHT_TO_LEFT))
def test_latin_inside_right_to_left_stands_in_isolates(language: str) -> None:
    text = "\n".join(text for _, text in text_of(printed(language).pdf)).replace("\u00a0", " ")
    for value in (f"{LRI}{CONTACT.phone}{PDI}", f"{LRI}{CONTACT.url}{PDI}", f"{FSI}{CONTACT.dpo}{PDI}", f"{FSI}{CONTACT.controller}{PDI}"):
        assert value in text
    words = sign_lines(language, CONTACT, PROVED).contact[0]
    for first in range(len(words.words)):  # broken anywhere, each line closes what it opens
        line = words.line(first, first + 2)
        assert line.count(LRI) + line.count(FSI) == line.count(PDI)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_has_a_glyph(language: str) -> None:
    """None is a box, and lam-alef are two letters."""
    def letters(text: str) -> list[str]:
        return sorted(sign for sign in text if sign.isalnum())

    assert letters(drawn_of(printed(language, review=review(language)).pdf)) == letters("".join(source(language)))


@pytest.mark.parametrize("size", ["A4", "A5"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_page_of_its_size_with_letters_that_are_read_at_one_and_a_half_metres(language: str, size: str) -> None:
    """ANSI Z535.2, 9.2.3: 1/150 and 1/300 of the distance, and 10 minutes of arc for what is copied down; measured on the letters as they are drawn."""
    made = printed(language, size, review=review(language))
    document = pypdfium2.PdfDocument(made.pdf)
    assert len(document) == 1
    width, height = document[0].get_size()
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == {"A4": (210, 297), "A5": (148, 210)}[size]
    assert made.heading_mm >= HEADING_LEAST_MM == 10.0 and made.text_mm >= TEXT_LEAST_MM == 5.0
    assert made.heading_mm >= 1.4 * made.text_mm - 0.01
    drawn = heights_mm(made.pdf, "ا" if language in RIGHT_TO_LEFT else "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert drawn[0] >= 0.98 * HEADING_LEAST_MM and min(drawn) >= 1500 * math.tan(math.radians(10 / 60)) * 0.98
    page = grey(made.pdf, 1.0)
    edge = 5 * 72 // 25
    assert (page[:, :edge] > 250).all() and (page[:, -edge:] > 250).all() and (page[:edge] > 250).all(), "nothing runs off the page"


def test_the_letters_of_both_scripts_are_measured_alike() -> None:
    """The capitals are as tall as the sign says, and the Naskh's small letters as tall as the Latin ones."""
    sans, naskh = TTFont(FONTS.sans), TTFont(FONTS.naskh)
    assert sans["OS/2"].sCapHeight / sans["head"].unitsPerEm == pytest.approx(sign_module._CAPITAL_EM, abs=0.001)
    dal = naskh["glyf"][naskh.getBestCmap()[ord("د")]].yMax / naskh["head"].unitsPerEm
    assert dal == pytest.approx(sans["OS/2"].sxHeight / sans["head"].unitsPerEm, abs=0.02)
    assert not {ord("."), ord("0"), ord("a")} & set(naskh.getBestCmap()), "the Latin in a Persian sign comes from one font"


def test_the_same_values_give_the_same_bytes() -> None:
    assert printed.__wrapped__("fa").pdf == printed("fa").pdf


def test_d15_only_what_is_proved_is_said() -> None:
    for proved in (SignClaims(), SignClaims(True, None), SignClaims(None, True)):
        made = printed("sv", proved=proved).pdf
        assert paragraphs(made) == source("sv", proved)
        assert ("Inget ljud" in drawn_of(made)) is (proved.no_sound is True) and ("spelas in" in drawn_of(made)) is (proved.nothing_recorded is True)
    assert "Inget ljud." not in source("sv", SignClaims()) and len(source("sv", SignClaims())) == 5


@pytest.mark.parametrize(("claims", "code", "words"), [(SignClaims(False, True), "sign_sound", "15 §"), (SignClaims(True, False), "sign_recording", "spelar in")])
def test_h8_no_sign_for_a_camera_that_hears_or_records(claims: SignClaims, code: str, words: str) -> None:
    """KBL 15: sound needs a notice of its own; none is made by leaving a line out."""
    with pytest.raises(PlainError) as refused:
        printed("en", proved=claims)
    assert refused.value.code == code and words in refused.value.text.sv and refused.value.exit_code == 3


def test_unreviewed_until_somebody_stands_for_exactly_this_text() -> None:
    """In the properties, and on the screen but not on paper; another language's review and one of an older text count as none."""
    for none in (None, review("ar"), review("fa", text_sha256="0" * 64)):
        made = printed("fa", review=none).pdf
        found = properties(made)
        assert found["Subject"] == "unreviewed" and "unreviewed" in found["Keywords"]
        assert "UNREVIEWED" in drawn_of(made) and b"/PrintState /OFF" in made
    made = printed("fa", review=review("fa")).pdf
    assert properties(made)["Subject"] == "reviewed 2026-11-20" and "UNREVIEWED" not in drawn_of(made) and b"/OCG" not in made


def test_the_file_can_be_read_aloud() -> None:
    """Title, language, structure, and what the pictogram shows."""
    made = printed("ar").pdf
    assert text_of(made)[0] == ("Figure", "كاميرا")
    assert properties(made)["Title"].startswith("مراقبة بالكاميرا")
    for mark in (b"/Lang (ar)", b"/StructTreeRoot", b"/MarkInfo", b"/DisplayDocTitle true", b"/S /H1", b"/S /Figure", b"/Alt "):
        assert mark in made, mark


def test_a_text_too_long_for_its_letters_is_refused_with_the_way_out() -> None:
    long = replace(CONTACT, controller="Omsorgs- och äldrenämnden i en kommun med ett mycket långt namn", dpo="dataskyddsombudet.for.alla.namnder@example.org")
    with pytest.raises(PlainError) as refused:
        printed("fa", "A5", contact=long)
    assert refused.value.code == "sign_too_long" and "sign.dpo" in refused.value.text.sv and "A4" in refused.value.text.en


def test_a_letter_that_no_font_has_is_named() -> None:
    with pytest.raises(PlainError) as refused:
        printed("sv", contact=replace(CONTACT, controller="Kommun 漢"))
    assert refused.value.code == "sign_letter" and "sign.controller" in refused.value.text.sv and "U+6F22" in refused.value.text.en


def test_a_controller_named_in_arabic_keeps_its_own_direction() -> None:
    made = printed("ar", contact=replace(CONTACT, controller="بلدية لينشوبينغ"))
    assert f"{FSI}بلدية لينشوبينغ{PDI}" in "".join(text for _, text in text_of(made.pdf)) and "بلدية لينشوبينغ" in drawn_of(made.pdf)


def test_each_language_has_every_line_and_the_same_blanks() -> None:
    for text in TEXTS.values():
        assert all(astuple(text))
        assert [line.count("{phone}") for line in (text.responsible, text.officer, text.more)] == [1, 0, 1]
        assert "{controller}" in text.responsible and "{dpo}" in text.officer and "{url}" in text.more
    assert len({text_sha256(language) for language in TEXTS}) == 5


@given(st.sampled_from(LANGUAGES), st.builds(SignContact, *[st.text(st.sampled_from("aö. (ب-7"), min_size=1, max_size=30)] * 4),
       st.lists(st.integers(0, 30), max_size=4))
def test_wherever_lines_are_broken_nothing_is_lost_and_each_closes_what_it_opens(language: str, contact: SignContact, breaks: list[int]) -> None:
    for words in sign_lines(language, contact, PROVED).contact:
        cuts = sorted({0, len(words.words), *(cut for cut in breaks if cut < len(words.words))})
        lines = [words.line(first, end) for first, end in pairwise(cuts)]
        assert " ".join(line.translate(ISOLATES) for line in lines) == words.text.translate(ISOLATES)
        for line in lines:
            assert line.count(LRI) + line.count(FSI) == line.count(PDI)
            assert (PDI in line) <= (language in RIGHT_TO_LEFT)


def test_the_fonts_and_their_licence_are_in_the_package() -> None:
    """What a wheel takes along, and the Open Font License in each font's own words."""
    root = Path(sign_module.__file__).parents[2]
    patterns = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]["*"]
    folder = Path(FONTS.sans).parent
    for path in (*astuple(FONTS), str(folder / "OFL.txt")):
        assert any(fnmatch(f"fonts/{Path(path).name}", pattern) for pattern in patterns)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text(encoding="utf-8")
    for path in astuple(FONTS):
        assert "SIL Open Font License, Version 1.1" in TTFont(path)["name"].getDebugName(13)
