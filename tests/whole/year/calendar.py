"""The clocks of a Swedish year, told by the time zone database: the product has rules of its own for them, and shares none with what it is judged by."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")
BEGINS = date(2026, 10, 1)
"""365 days from here hold both changes of the clock (2026-10-25, 2027-03-28) and eleven firsts of a month; 40 days hold one of each."""

SCHEDULES: dict[str, tuple[time, ...]] = {
    "schedule-night-1": (time(22, 30), time(2, 30), time(5, 0)),   # 02:30 comes twice in October, and never in March
    "schedule-night-2": (time(23, 0), time(3, 0)),
    "schedule-night-3": (time(0, 30), time(4, 30)),
    "schedule-night-4": (time(21, 45), time(1, 15), time(4, 0)),
}


def instant(day: date, wall: time) -> datetime:
    """When Swedish clocks show this: of two the first, and the hour before where they never do."""
    found = datetime.combine(day, wall, SWEDEN)
    back = found.astimezone(UTC).astimezone(SWEDEN)
    return (found if back.replace(tzinfo=None) == found.replace(tzinfo=None) else found.replace(fold=1)).astimezone(UTC)


def local(at: datetime) -> datetime:
    """Swedish wall time."""
    return at.astimezone(SWEDEN)


def at_work(at: datetime, rng: Random) -> datetime:
    """`at`, or where that is no office hour some minute in the next ones."""
    shown = local(at)
    day = shown.date()
    if shown.weekday() < 5 and time(7, 30) <= shown.time() < time(16, 30):
        return at
    if shown.time() >= time(7, 30):
        day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return instant(day, time(8)) + timedelta(minutes=rng.randrange(150))


def working_day(day: date) -> date:
    """`day`, or the Monday after."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


class Timetable:
    """The planned looks of each schedule, as instants."""

    def __init__(self, first: date, days: int) -> None:
        span = [first + timedelta(days=n) for n in range(-2, days + 45)]
        self._of = {name: sorted(instant(day, wall) for day in span for wall in walls) for name, walls in SCHEDULES.items()}

    def after(self, schedule: str, at: datetime) -> datetime:
        """The first planned look after `at`."""
        found = self._of.get(schedule, self._of["schedule-night-1"])
        return found[bisect_right(found, at)]

    def latest(self, schedule: str, at: datetime) -> datetime:
        """The last planned look that is not after `at`."""
        found = self._of.get(schedule, self._of["schedule-night-1"])
        return found[bisect_right(found, at) - 1]
