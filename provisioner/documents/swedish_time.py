"""Swedish wall time in texts (D17)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def spoken(at: datetime) -> str:
    """As it is said on the phone and written in a record: 2026-12-01 kl. 14.30; with its offset in the hour that comes twice in October."""
    wall = at.astimezone(SWEDEN)
    return wall.strftime("%Y-%m-%d kl. %H.%M") + (f" (UTC{wall:%z})" if is_twice(at) else "")


def exact(at: datetime) -> str:
    """For deadlines: 2026-12-01 14:30+01:00."""
    return at.astimezone(SWEDEN).isoformat(sep=" ", timespec="minutes")


def is_twice(at: datetime) -> bool:
    """Whether Swedish clocks show this time twice that night."""
    wall = at.astimezone(SWEDEN)
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def one_month_later(at: datetime) -> datetime:
    """The same Swedish time on the same day of the next month, or on its last day (UTC). Never later than the law's month."""
    wall = at.astimezone(SWEDEN)
    year, month = (wall.year + 1, 1) if wall.month == 12 else (wall.year, wall.month + 1)
    for day in range(wall.day, 0, -1):
        try:
            return wall.replace(year=year, month=month, day=day, fold=0).astimezone(UTC)
        except ValueError:  # no such day in that month
            continue
    raise AssertionError("each month has a first day")
