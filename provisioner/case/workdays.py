"""Swedish working days, without a table of years: the series of reminders (U2) and the warning of short notice (U1) count them.

A reminder that fell due on Midsummer's Eve would be read on Monday, and the phone task due the day after Christmas would call a unit with nobody in the office.
Safety never waits for a working day: the gap timer, the night's lists and escalations run on hours.

Lagen (1989:253) om allmänna helgdagar names the holidays; semesterlagen (1977:480) 3 a § treats Midsummer's, Christmas and New Year's Eve as Sundays. Easter is
reckoned by the Gregorian computus (Meeus, Jones, Butcher).
"""

from datetime import date, datetime, timedelta

from provisioner.case import localtime

_DAY = timedelta(days=1)
_FIXED = frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)})
_FROM_EASTER = frozenset({-2, 1, 39})   # Good Friday, Easter Monday, Ascension; Easter itself and Whitsun are Sundays


def easter(year: int) -> date:
    """Easter Sunday."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_working_day(day: date) -> bool:
    """Whether offices are open. All Saints' Day and Midsummer Day are Saturdays anyway; Midsummer's Eve is the Friday from 19 to 25 June."""
    if day.weekday() >= 5 or (day.month, day.day) in _FIXED or (day - easter(day.year)).days in _FROM_EASTER:
        return False
    return not (day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4)


def after(at: datetime, span: timedelta) -> datetime:
    """`span` later, each whole day of it a working day, at the same time on Swedish clocks; what is left of it in hours."""
    days, rest = divmod(span, _DAY)
    for _ in range(days):
        at = localtime.same_time_next_day(at)
        while not is_working_day((at + localtime.offset(at)).date()):
            at = localtime.same_time_next_day(at)
    return at + rest


def until(today: date, day: date) -> int:
    """Working days from `today` on, before `day`; counted no further than 60 days."""
    return sum(1 for n in range(max(0, min((day - today).days, 60))) if is_working_day(today + n * _DAY))
