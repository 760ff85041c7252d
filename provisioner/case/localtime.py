"""Swedish wall time without a time zone database, so that a journal lives again the same under every version of one.

Directive 2000/84/EC: summer time (UTC+2) from 01:00 UTC on the last Sunday of March until 01:00 UTC on the last Sunday of October.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

_WINTER = timedelta(hours=1)
_SUMMER = timedelta(hours=2)


@lru_cache(maxsize=64)
def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def offset(at: datetime) -> timedelta:
    """How far Swedish wall time is ahead of UTC at this instant."""
    return _SUMMER if _last_sunday(at.year, 3) <= at < _last_sunday(at.year, 10) else _WINTER


def same_time_next_day(at: datetime) -> datetime:
    """The instant at which Swedish clocks show the same time a day later: 23, 24 or 25 hours on.

    Where they show it twice, the first; where they skip it, the hour before: whoever counts down to it is never late.
    """
    shown = at + offset(at) + timedelta(days=1)
    return shown - offset(shown - offset(at))


@lru_cache(maxsize=4096)  # the night asks for the same few wall times for every home of a municipality
def instant(day: date, wall: time) -> datetime:
    """The instant (UTC) at which Swedish clocks show `wall` on `day`. Where they show it twice, the first; where they skip it, the hour before."""
    shown = datetime.combine(day, wall, UTC)
    return shown - offset(shown - offset(shown - timedelta(hours=12)))


def shown(at: datetime) -> str:
    """An instant as people read it: Swedish time with its offset (D17), such as 2026-10-25 02:30+02:00."""
    at = at.astimezone(UTC)
    ahead = offset(at)
    return f"{at + ahead:%Y-%m-%d %H:%M}+{ahead // timedelta(hours=1):02}:00"
