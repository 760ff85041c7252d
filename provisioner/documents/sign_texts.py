"""The sign's words in the five languages of the routine (R22, R34), and what may be said of the camera. Pure.

The lines are those that the Swedish supervisory authority (IMY) wants on a sign: who, contact and data protection officer, purpose, sound, where to read
more. Never on it: the service user's name, a diagnosis, the times of the looks, the care provider.

The translations are ours and no native speaker wrote them: each counts as unreviewed until somebody has put a name to exactly these words (`text_sha256`).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from typing import Literal

from provisioner.fault import PlainError, Text

Language = Literal["sv", "en", "fa", "ar", "so"]

LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
"""Unicode's isolates (UAX 9): what stands between them keeps its own direction and does not turn what is around it."""


@dataclass(frozen=True, slots=True)
class SignText:
    """One language. `{controller}`, `{phone}`, `{dpo}` and `{url}` are filled in; `picture` says to a screen reader what the pictogram shows."""

    heading: str
    body: str
    no_sound: str
    nothing_recorded: str
    responsible: str
    officer: str
    more: str
    picture: str


TEXTS: Mapping[Language, SignText] = {
    "sv": SignText(
        "Kamerabevakning",
        "I den här bostaden finns en trygghetskamera. Vid bestämda tider ser personal en bild en kort stund, för att se att den som bor här mår bra.",
        "Inget ljud.", "Inget spelas in eller sparas.",
        "Ansvarig: {controller}, tel. {phone}.", "Dataskyddsombud: {dpo}.", "Mer information och dina rättigheter: {url} eller tel. {phone}.", "En kamera"),
    "en": SignText(
        "Camera surveillance",
        "There is a safety camera in this home. At set times staff look at the picture for a short moment to see that the person living here is well.",
        "No sound.", "Nothing is recorded or saved.",
        "Responsible: {controller}, phone {phone}.", "Data protection officer: {dpo}.", "More information and your rights: {url} or phone {phone}.", "A camera"),
    "fa": SignText(
        "نظارت با دوربین",
        "در این خانه یک دوربین ایمنی نصب شده است. کارکنان در ساعت‌های تعیین‌شده برای مدت کوتاهی تصویر را می‌بینند تا مطمئن شوند حال کسی که اینجا زندگی می‌کند خوب است.",
        "صدا دریافت نمی‌شود.", "هیچ چیز ضبط یا ذخیره نمی‌شود.",
        "مسئول: {controller}، تلفن {phone}.", "مسئول حفاظت از داده‌ها: {dpo}.", "اطلاعات بیشتر و حقوق شما: {url} یا تلفن {phone}.", "یک دوربین"),
    "ar": SignText(
        "مراقبة بالكاميرا",
        "توجد في هذا المسكن كاميرا أمان. ينظر الموظفون إلى الصورة لفترة قصيرة في أوقات محددة للاطمئنان على من يسكن هنا.",
        "لا يوجد صوت.", "لا يتم تسجيل أي شيء أو حفظه.",
        "الجهة المسؤولة: {controller}، هاتف {phone}.", "مسؤول حماية البيانات: {dpo}.", "لمزيد من المعلومات وعن حقوقك: {url} أو هاتف {phone}.", "كاميرا"),
    "so": SignText(
        "Kormeer kaameero",
        "Gurigan waxaa ku rakiban kaameero badbaado. Waqtiyo go'an ayay shaqaaluhu muddo gaaban eegaan sawirka si ay u hubiyaan in qofka halkan deggan uu nabad qabo.",
        "Cod lama dhegeysto.", "Waxba lama duubo lamana kaydiyo.",
        "Cidda mas'uulka ka ah: {controller}, tel. {phone}.", "Mas'uulka ilaalinta xogta: {dpo}.", "Macluumaad dheeraad ah iyo xuquuqdaada: {url} ama tel. {phone}.",
        "Kaameero"),
}
NAMES: Mapping[Language, Text] = {
    "sv": Text("svenska", "Swedish"), "en": Text("engelska", "English"), "fa": Text("persiska", "Persian"), "ar": Text("arabiska", "Arabic"),
    "so": Text("somaliska", "Somali"),
}
RIGHT_TO_LEFT = frozenset({"fa", "ar"})


def text_sha256(language: Language) -> str:
    """What a review is a review of: changes with every letter of that language's text, and with no other."""
    return hashlib.sha256("\n".join(astuple(TEXTS[language])).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignReview:
    """Somebody who reads the language has read the text and stands for it. Holds for the text with this hash only."""

    language: Language
    reviewer: str
    reviewed_on: date
    text_sha256: str

    @property
    def holds(self) -> bool:
        """Whether the text is still the one that was reviewed."""
        return self.text_sha256 == text_sha256(self.language)


@dataclass(frozen=True, slots=True)
class SignClaims:
    """What is proved of the camera (D15). True: proved; None: not known, and then nothing is said of it; False: it is not so, and no sign is made."""

    no_sound: bool | None = None
    nothing_recorded: bool | None = None


@dataclass(frozen=True, slots=True)
class SignContact:
    """Who answers for the camera, and where one can ask: the same four on every sign of the municipality."""

    controller: str
    phone: str
    dpo: str
    url: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text in logical order, to be broken into lines between words. A word is pieces without a blank between them; `value` numbers the filled-in
    value that a piece belongs to, None for the sign's own words."""

    words: tuple[tuple["Piece", ...], ...]

    def line(self, first: int, end: int) -> str:
        """The words from `first` to before `end` as one line, each filled-in value isolated in the direction that `Piece.isolate` says."""
        out, inside = [], None
        for number, word in enumerate(self.words[first:end]):
            for at, piece in enumerate(word):
                if inside is not None and inside.value != piece.value:
                    out.append(PDI if inside.isolate else "")
                    inside = None
                out.append(" " if number and not at else "")
                if piece.value is not None and inside is None:
                    out.append(piece.isolate)
                    inside = piece
                out.append(piece.text)
        return "".join(out) + (PDI if inside is not None and inside.isolate else "")

    @property
    def text(self) -> str:
        """All of it, unbroken."""
        return self.line(0, len(self.words))


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters without a blank."""

    text: str
    value: int | None = None
    isolate: str = ""


@dataclass(frozen=True, slots=True)
class SignLines:
    """What stands on the sign, top to bottom."""

    heading: Words
    body: Words
    claims: tuple[Words, ...]
    contact: tuple[Words, ...]


_SOUND = Text("Kameran kan höra: skylten skulle säga fel, och ljud kräver en särskild upplysning (kamerabevakningslagen 15 §). Stäng av ljudet eller byt kamera.",
              "The camera can hear: the sign would say what is not so, and sound needs a notice of its own (Camera Surveillance Act, section 15)."
              " Switch the sound off or swap the camera.")
_RECORDS = Text("Kameran spelar in: ingen skylt skrivs för den. Avsluta inspelningen och radera den, eller byt kamera.",
                "The camera records: no sign is made for it. End the recording and erase it, or swap the camera.")


def sign_lines(language: Language, contact: SignContact, proved: SignClaims) -> SignLines:
    """The sign's text. Raises `PlainError` where the camera can hear or records: `sign_sound`, `sign_recording`."""
    if proved.no_sound is False:
        raise PlainError("sign_sound", _SOUND, exit_code=3)
    if proved.nothing_recorded is False:
        raise PlainError("sign_recording", _RECORDS, exit_code=3)
    text = TEXTS[language]

    def filled(template: str) -> Words:
        return _words(template, contact, language in RIGHT_TO_LEFT)

    claims = ((text.no_sound, proved.no_sound), (text.nothing_recorded, proved.nothing_recorded))
    return SignLines(filled(text.heading), filled(text.body), tuple(filled(line) for line, is_proved in claims if is_proved),
                     (filled(text.responsible), filled(text.officer), filled(text.more)))


def _words(template: str, contact: SignContact, isolated: bool) -> Words:
    words: list[list[Piece]] = [[]]
    for piece in _pieces(template, contact, isolated):
        first, *rest = piece.text.split(" ")
        if first:
            words[-1].append(Piece(first, piece.value, piece.isolate))
        words.extend([Piece(word, piece.value, piece.isolate)] if word else [] for word in rest)
    return Words(tuple(tuple(word) for word in words if word))


def _pieces(template: str, contact: SignContact, isolated: bool) -> Iterator[Piece]:
    values = {"controller": (contact.controller, FSI), "dpo": (contact.dpo, FSI),
              "url": (contact.url, LRI), "phone": (contact.phone.replace(" ", "\u00a0"), LRI)}  # a number is not broken into two lines
    for number, part in enumerate(template.replace("}", "{").split("{")):
        if number % 2:
            value, isolate = values[part]
            yield Piece(value, number, isolate if isolated else "")
        else:
            yield Piece(part)
