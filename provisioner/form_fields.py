"""The kinds of field a support form has, each with its check and one sentence for each thing that can be wrong with it.

Text is what people write in a form: letters of any language, figures, and the signs of names and addresses. Whatever else comes (markup, statements of a
database, signs that nobody sees, pictures) is no name, and is said so at the door rather than shown to somebody later.

A phone number is kept as ITU-T E.164 has it (`+46135550123`), so that two ways of writing one number are one number. The check is ours and not the
library's (`phonenumbers` 9: 59 ms at its import, 3 MB of memory and 48 MB of disk, measured; for the numbering plans of 240 countries): what a wrong digit
does is the same in both, and the numbers here are Swedish.
"""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from provisioner.case.identifiers import is_opaque
from provisioner.wrong import HIDDEN, Wrong, has_hidden_signs

_SIGNS = frozenset(" '’´`.,-‐–/&()+:\"#!°§\u200c\u200d")
"""Besides letters, marks and figures. The last two join and part letters in Persian; without them a name is misspelt."""
_DIVIDERS = re.compile(r"[\s().\-/\u2010-\u2015]+")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")     # E.164: at most 15 figures with the country's
_SWEDISH = re.compile(r"\+46(7[0-9]{8}|[1-689][0-9]{6,8})")  # PTS's numbering plan: 7 to 9 figures without the 0; mobiles 9
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
EMAIL_MOST = 254  # RFC 5321 4.5.3.1.3, less the brackets


def readable(value: Any) -> Any:
    """`value`, or `Wrong` where it is a text with signs that nobody sees."""
    if isinstance(value, str) and has_hidden_signs(value):
        raise Wrong(HIDDEN.sv, HIDDEN.en)
    return value


def plain(text: str) -> str:
    """A name or an address on one line."""
    readable(text)
    strange = next((sign for sign in text if not (sign in _SIGNS or sign in "\n\t" or unicodedata.category(sign)[0] in "LMNZ")), None)
    if strange is not None:
        shown = strange if strange.isprintable() and ord(strange) < 0x2190 else f"U+{ord(strange):04X}"
        raise Wrong(f"innehåller tecknet {shown}, som inte hör hemma där; skriv med bokstäver, siffror och vanliga skiljetecken",
                    f"holds the sign {shown}, which does not belong there; write letters, figures and common punctuation")
    return " ".join(text.split())


def phone(text: str) -> str:
    """The number in E.164. Swedish ones may be written as at home (`013-555 01 23`)."""
    readable(text)
    if not text:
        return text
    bare = _DIVIDERS.sub("", text.replace("(0)", ""))
    bare = "+" + bare[2:] if bare.startswith("00") else "+46" + bare[1:] if bare.startswith("0") else bare
    bare = bare.replace("+460", "+46", 1) if bare.startswith("+460") else bare
    if not _INTERNATIONAL.fullmatch(bare) or (bare.startswith("+46") and not _SWEDISH.fullmatch(bare)):
        raise Wrong("är inget telefonnummer; skriv det med riktnummer, som 013-555 01 23, eller med landsnummer, som +46 13 555 01 23",
                    "is no phone number; write it with its area code, such as 013-555 01 23, or with the country's, such as +46 13 555 01 23")
    return bare


def national(number: str) -> str:
    """A Swedish number in E.164 as it is written at home, figures only; any other without its plus."""
    return "0" + number[3:] if number.startswith("+46") else number.removeprefix("+")


def email(text: str) -> str:
    """An address that mail can be sent to, as far as its form tells."""
    readable(text)
    if text and not _EMAIL.fullmatch(text):
        raise Wrong("är ingen e-postadress; skriv den så: namn@kommun.se", "is no e-mail address; write it like this: name@municipality.se")
    return text


def reference(text: str) -> str:
    """An opaque reference of ours, or of the system that sends the forms."""
    if text and not is_opaque(text):
        raise Wrong("är ingen referens: små bokstäver, siffror och bindestreck, 6 till 64 tecken",
                    "is no reference: lower case letters, digits and hyphens, 6 to 64 characters")
    return text


def _matching(pattern: str, sv: str, en: str) -> AfterValidator:
    def check(text: str) -> str:
        readable(text)
        if text and not re.fullmatch(pattern, text):
            raise Wrong(sv, en)
        return text
    return AfterValidator(check)


def _text_only(value: Any) -> Any:
    """An instant or a day comes as text: a bare number would be taken for seconds since 1970."""
    if isinstance(value, int | float):
        raise Wrong("ska vara en text som 2026-12-01", "must be a text such as 2026-12-01")
    return value


Plain = Annotated[str, Field(max_length=200), AfterValidator(plain)]
Phone = Annotated[str, Field(max_length=40), AfterValidator(phone)]
Email = Annotated[str, Field(max_length=EMAIL_MOST), AfterValidator(email)]
Reference = Annotated[str, Field(max_length=64), AfterValidator(reference)]
PersonNumber = Annotated[str, Field(max_length=20), _matching(
    r"[0-9 +-]{1,20}", "är inget personnummer: tolv siffror (ÅÅÅÅMMDD-NNNN)", "is no person number: twelve digits (YYYYMMDD-NNNN)")]
Serial = Annotated[str, Field(max_length=80), _matching(
    r"[A-Za-z0-9:/() \u00a0\u2010-\u2015-]{1,80}", "är inget serienummer; läs av kamerans egen etikett", "is no serial number; read the camera's own label")]
Asset = Annotated[str, Field(max_length=32), _matching(
    r"[A-Za-z0-9][A-Za-z0-9 ./-]{1,31}", "är inget inventarienummer; bokstäver, siffror och bindestreck", "is no asset number; letters, digits and hyphens")]
Decision = Annotated[str, Field(max_length=64), _matching(
    r"[A-Za-z0-9][A-Za-z0-9./-]{0,63}", "är ingen beslutsreferens: bokstäver, siffror, punkt, snedstreck och bindestreck",
    "is no reference of a decision: letters, digits, dot, slash and hyphen")]
Day = Annotated[date, BeforeValidator(_text_only)]
Instant = Annotated[datetime, BeforeValidator(_text_only)]
YesNo = Annotated[bool, Field(strict=True)]
