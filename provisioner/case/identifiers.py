"""Serial number and asset number: two types that are never accepted in each other's place (D3, H3)."""

import re
from typing import NewType

SerialNumber = NewType("SerialNumber", str)
"""The maker's serial number, normalised: upper case, letters and digits, without the signs that only divide it (D2)."""

AssetNumber = NewType("AssetNumber", str)
"""The municipality's inventory number on the tag, upper case, as printed."""

_DIVIDERS = re.compile(r"[\s:\-/()\u00a0\u2010-\u2015]+")
_SERIAL = re.compile(r"[A-Z0-9]{5,40}\Z")
_PERSON_NUMBER = re.compile(r"(\d\d)?\d{6}-?\d{4}\Z")
_IN_TEXT = re.compile(r"(?<!\d)(18|19|20)\d{6}[- ]?\d{4}(?!\d)")
_OPAQUE = re.compile(r"[a-z0-9][a-z0-9-]{5,63}\Z")


def canonical(text: str) -> str:
    """`text` in upper case, without spaces, `:`, `-`, `/`, `(` and `)`: all that is forgiven of a serial number (D2).

    They divide a number and never tell two apart: Axis labels print the serial as a MAC address (`AC:CC:8E:..`), Hikvision's long form begins with the
    model (`DS-2CD2387G2P-LSU/SL2021..`, brackets in others). No letter and no digit is ever dropped.
    """
    return _DIVIDERS.sub("", text).upper()


def normalise_serial(text: str) -> SerialNumber | None:
    """The serial number in `text`, or None where it cannot be one; a web address (`//`) is none. O and 0 stay different."""
    bare = canonical(text)
    return SerialNumber(bare) if _SERIAL.match(bare) and "//" not in text else None


def looks_like_asset_number(text: str, pattern: str) -> bool:
    """Whether `text` has the form of the municipality's asset numbers (`pattern`, a full-match regular expression of the settings)."""
    return re.fullmatch(pattern, text.strip(), re.IGNORECASE) is not None


def holds_person_number(text: str) -> bool:
    """Whether a person number or coordination number stands in `text`: twelve digits from 18 to 20, a date (day + 60 of a coordination number), and
    Skatteverket's check digit (Luhn over the last ten). One in ten thousand other runs of twelve digits looks like one."""
    return any(_is_person_number(match[0]) for match in _IN_TEXT.finditer(text))


def _is_person_number(text: str) -> bool:
    digits = [int(sign) for sign in text if sign.isdigit()]
    month, day = digits[4] * 10 + digits[5], (digits[6] * 10 + digits[7]) % 60
    doubled = (digit * (2 - at % 2) for at, digit in enumerate(digits[2:]))
    return 1 <= month <= 12 and 1 <= day <= 31 and sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def is_opaque(text: str) -> bool:
    """Whether `text` is an opaque reference as the contract wants it: lower case letters, digits, hyphens, 6 to 64 characters.

    A person number has that form too; whatever is written like one never leaves (D19).
    """
    return _OPAQUE.match(text) is not None and _PERSON_NUMBER.match(text) is None


def last4(serial: str) -> str:
    """The only part of a serial number that may stand in a log or a retained message."""
    return serial[-4:]


def edit_distance_at_most_1(a: str, b: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns `a` into `b`: the slips of a typing hand. Only ever used to warn."""
    if a == b:
        return True
    if len(a) == len(b):
        wrong = [i for i in range(len(a)) if a[i] != b[i]]
        if len(wrong) == 2:
            i, j = wrong
            return j == i + 1 and a[i] == b[j] and a[j] == b[i]
        return len(wrong) == 1
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1:] == short for i in range(len(long)))
