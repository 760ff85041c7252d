"""What is wrong with a value, in two languages: pydantic's and the operating system's findings as the end of a sentence that begins with the field."""

import errno
import unicodedata
from collections.abc import Mapping
from typing import Any

from provisioner.fault import Text

_FINDINGS: Mapping[str, tuple[str, str]] = {
    "missing": ("saknas", "is missing"), "missing_argument": ("saknas", "is missing"),
    "extra_forbidden": ("finns inte", "is not known"), "unexpected_keyword_argument": ("finns inte", "is not known"),
    "json_invalid": ("är inte giltig JSON", "is no valid JSON"),
    "string_type": ("ska vara en text", "must be a text"),
    "string_too_short": ("är för kort (minst {min_length} tecken)", "is too short (at least {min_length} characters)"),
    "string_too_long": ("är för lång (högst {max_length} tecken)", "is too long (at most {max_length} characters)"),
    "string_pattern_mismatch": ("har fel form (ska vara {pattern})", "has the wrong form (must be {pattern})"),
    "too_long": ("har för många delar (högst {max_length})", "has too many parts (at most {max_length})"),
    "too_short": ("har för få delar (minst {min_length})", "has too few parts (at least {min_length})"),
    "literal_error": ("ska vara något av {expected}", "must be one of {expected}"), "enum": ("ska vara något av {expected}", "must be one of {expected}"),
    "greater_than": ("ska vara större än {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("ska vara minst {ge}", "must be at least {ge}"),
    "less_than": ("ska vara mindre än {lt}", "must be less than {lt}"), "less_than_equal": ("ska vara högst {le}", "must be at most {le}"),
}
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("int", "ska vara ett heltal", "must be a whole number"), ("float", "ska vara ett tal", "must be a number"),
    ("bool", "ska vara ja eller nej (true, false)", "must be yes or no (true, false)"),
    ("datetime", "ska vara en tidpunkt som 2026-12-01T07:00:00+01:00", "must be an instant such as 2026-12-01T07:00:00+01:00"),
    ("timezone", "ska vara en tidpunkt med tidszon", "must be an instant with its offset"),
    ("date", "ska vara ett datum som 2026-12-01", "must be a date such as 2026-12-01"),
    ("tuple", "ska vara en lista", "must be a list"), ("list", "ska vara en lista", "must be a list"),
    ("dict", "ska vara ett objekt med namn och värden", "must be an object of names and values"),
    ("model", "ska vara ett objekt med namn och värden", "must be an object of names and values"),
    ("dataclass", "ska vara ett objekt med namn och värden", "must be an object of names and values"),
    ("path", "ska vara en sökväg", "must be a path"),
)


def finding(error: Mapping[str, Any]) -> Text:
    """One entry of pydantic's `errors()` as the end of a sentence, without a full stop and without the value itself (it may be personal)."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    if kind == "value_error" and isinstance(context.get("error"), Wrong):
        text: Text = context["error"].text
        return text
    if kind in _FINDINGS:
        sv, en = _FINDINGS[kind]
        return Text(sv.format(**context).replace(" or ", " eller "), en.format(**context))
    for beginning, sv, en in _KINDS:
        if kind.startswith((beginning + "_", "is_" + beginning)):
            return Text(sv, en)
    return Text("har fel värde", "has a wrong value")


class Wrong(ValueError):
    """Raised by a validator of ours: the end of a sentence in both languages."""

    def __init__(self, sv: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(sv, en)


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of the text around them: a name could be made to look like another. Names in Persian and Arabic need none of them."""


def has_hidden_signs(text: str) -> bool:
    """Whether there is something in `text` that nobody sees and nobody typed: control characters, or marks that turn the direction of writing."""
    return any(sign in _BIDI or (unicodedata.category(sign) == "Cc" and sign not in "\n\t") for sign in text)


HIDDEN = Text("innehåller osynliga styrtecken; skriv texten igen för hand", "holds invisible control characters; type the text again by hand")

_OS = {
    errno.ENOENT: ("finns inte", "does not exist"), errno.EACCES: ("får inte läsas av dig", "may not be read by you"),
    errno.EPERM: ("får inte läsas av dig", "may not be read by you"), errno.EISDIR: ("är en katalog", "is a directory"),
    errno.ENOTDIR: ("ligger i något som inte är en katalog", "lies in something that is no directory"),
    errno.ENAMETOOLONG: ("har ett för långt namn", "has too long a name"), errno.ELOOP: ("pekar i cirkel", "points in a circle"),
    errno.ENOSPC: ("får inte plats: disken är full", "does not fit: the disk is full"), errno.EROFS: ("ligger på en skrivskyddad disk", "is on a read-only disk"),
    errno.EADDRINUSE: ("är upptagen", "is taken"), errno.EADDRNOTAVAIL: ("finns inte på den här maskinen", "does not exist on this machine"),
}


def os_finding(error: OSError) -> Text:
    """What the operating system said, as the end of a sentence."""
    words = _OS.get(error.errno or 0)
    return Text(*words) if words else Text(f"kan inte användas ({error.strerror})", f"cannot be used ({error.strerror})")
