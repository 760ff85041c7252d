"""Is one firmware older than another? Only where both are written in a form that is known; anything else is unknown, never a guess."""

import re
from dataclasses import dataclass
from typing import Literal

_VERSION = re.compile(r"v?(?P<numbers>\d{1,9}(?:\.\d{1,9}){1,6})(?P<tail>.*)", re.DOTALL)
_TAILS = (
    re.compile(r""),                                                              # 11.9.60 (Axis), 7.70.0126 (Bosch)
    re.compile(r"[ ,]*build:? ?(?:date:? ?)?(?P<build>\d{6,8}|\d{4}-\d{2}-\d{2})(?: rel\.(?P<rel>\d+)n?(?:\(\d+\))?)?"),  # V5.7.3 build 220112 (Hikvision);
    #                                                                               1.3.11 Build 240521 Rel.65442n (Tapo)
    re.compile(r"\.r(?:[ ,]+build:? ?(?:date:? ?)?(?P<build>\d{4}-\d{2}-\d{2}))?"),  # 2.811.0000013.0.R, Build Date 2023-12-20 (Dahua: R is a release)
    re.compile(r"_(?P<build>\d{6,8})"),                                           # v3.1.0.956_22041503 (Reolink)
)
"""What may follow the numbers, lower case, each with the maker whose answer it was. Test builds, betas and board names are in none of them."""


@dataclass(frozen=True, slots=True)
class _Version:
    numbers: tuple[int, ...]
    build: tuple[int, ...] | None


def _read(text: str) -> _Version | None:
    match = _VERSION.fullmatch(" ".join(text.lower().split()))
    if match is None:
        return None
    for form in _TAILS:
        tail = form.fullmatch(match["tail"])
        if tail is not None:
            found = tail.groupdict()
            numbers = [int(part) for part in match["numbers"].split(".")]
            while numbers and numbers[-1] == 0:
                numbers.pop()
            build = tuple(int(part.replace("-", "")) for part in (found.get("build"), found.get("rel")) if part)
            return _Version(tuple(numbers), build or None)
    return None


def compare_firmware(found: str, approved: str) -> Literal["older", "same", "newer"] | None:
    """Where `found` stands to `approved`; None where that cannot be said.

    The numbers decide, as numbers; where they are alike, the build does, if the approved text names one. A found text without a build is then unknown.
    Old Dahua (`2.420.Dahua 00.14.R`) and XM boards (`V5.00.R02.000739AG...`) compare only with exactly the same text.
    """
    if found.strip() and " ".join(found.lower().split()) == " ".join(approved.lower().split()):
        return "same"
    one, other = _read(found), _read(approved)
    if one is None or other is None:
        return None
    if one.numbers != other.numbers:
        return "older" if one.numbers < other.numbers else "newer"
    if other.build is None:
        return "same"
    if one.build is None or len(one.build) != len(other.build) or [len(str(part)) for part in one.build][:1] != [len(str(part)) for part in other.build][:1]:
        return None
    return "same" if one.build == other.build else "older" if one.build < other.build else "newer"
