"""Time zones by IANA name or as the POSIX strings that ONVIF carries (Core specification, SetSystemDateAndTime)."""

from __future__ import annotations

import io
import re
import struct
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NAME = r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)"
_OFFSET = r"[+-]?\d{1,3}(?::\d{1,2}){0,2}"
_RULE = r",(?:M\d{1,2}\.\d\.\d|J?\d{1,3})(?:/[+-]?\d{1,3}(?::\d{1,2}){0,2})?"
_POSIX = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}(?:{_OFFSET})?(?:{_RULE}{_RULE})?)?")
_SUMMER = re.compile(rf"({_NAME}{_OFFSET}){_NAME}.*")


@lru_cache(maxsize=64)
def zone(text: str) -> ZoneInfo:
    """A zone for an IANA name or a POSIX string; ValueError for anything else."""
    if ("/" in text and "," not in text) or text == "UTC":
        try:
            return ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise ValueError(f"no time zone {text!r}") from exc
    if not _POSIX.fullmatch(text):
        raise ValueError(f"{text!r} is no POSIX time zone")
    # A TZif file without transitions says everything in its footer (RFC 8536 3.3), and the standard library reads those.
    head = struct.pack("!4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    block = struct.pack("!lbB", 0, 0, 0) + b"UTC\0"
    rule = text if "," in text or not _SUMMER.fullmatch(text) else text + ",M3.2.0,M11.1.0"       # POSIX leaves the default open; glibc takes this
    try:
        return ZoneInfo.from_file(io.BytesIO((head + block) * 2 + b"\n" + rule.encode() + b"\n"), key=text)
    except ValueError as exc:
        raise ValueError(f"{text!r} is no POSIX time zone") from exc


def without_summer(text: str, year: int) -> str:
    """The same zone with its winter time all the year."""
    posix = text if "/" not in text or "," in text else posix_timezone(text, year)
    found = _SUMMER.fullmatch(posix)
    return found[1] if found else posix


def posix_timezone(name: str, year: int) -> str:
    """The POSIX TZ string that ONVIF wants (Core specification, SetSystemDateAndTime), for example CET-1CEST,M3.5.0,M10.5.0/3.

    Summer time of the European Union changes at 01:00 UTC on the last Sundays of March and October; for other rules only the
    names and offsets are given, which is what many cameras do too.
    """
    if _POSIX.fullmatch(name) and name != "UTC":
        return name
    place = zone(name)
    winter, summer = datetime(year, 1, 1, tzinfo=place), datetime(year, 7, 1, tzinfo=place)
    ahead_h = (winter.utcoffset() or timedelta(0)).total_seconds() / 3600

    def label(moment: datetime) -> str:
        short = moment.tzname() or ""
        return short if short.isalpha() else "LOC"

    text = f"{label(winter)}{0 - ahead_h:g}"           # POSIX counts the other way: west is positive
    if winter.utcoffset() == summer.utcoffset():
        return text
    text += label(summer)
    if name.startswith("Europe/"):
        begin_h, end_h = ahead_h + 1, ahead_h + 2      # 01:00 UTC, in winter's and in summer's own time
        text += f",M3.5.0{_hour(begin_h)},M10.5.0{_hour(end_h)}"
    return text


def _hour(hour: float) -> str:
    """POSIX means 02:00 when nothing is said."""
    return "" if hour == 2 else f"/{hour:g}"
