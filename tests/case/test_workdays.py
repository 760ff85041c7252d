"""Swedish working days, held against another way of reckoning them; the series of reminders that counts them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case import inputs as i
from provisioner.case import workdays
from provisioner.case.model import CaseKind, State
from tests.case.world import CaseWorld, notices

M = CaseKind.MOVE_ONLY
DAY = timedelta(days=1)


def gauss(year: int) -> date:
    """Easter by another algorithm (Gauss, with the two exceptions)."""
    a, b, c, k = year % 19, year % 4, year % 7, year // 100
    m = (15 - (13 + 8 * k) // 25 + k - k // 4) % 30
    d = (19 * a + m) % 30
    e = (2 * b + 4 * c + 6 * d + (4 + k - k // 4) % 7) % 7
    if d == 29 and e == 6:
        return date(year, 4, 19)
    if d == 28 and e == 6 and (11 * m + 11) % 30 < 19:
        return date(year, 4, 18)
    return date(year, 3, 22) + timedelta(days=d + e)


def test_easter_of_five_centuries() -> None:
    assert all(workdays.easter(year) == gauss(year) for year in range(1900, 2400))


@pytest.mark.parametrize("day", ["2026-01-01", "2026-01-06", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-06-19", "2026-12-24", "2026-12-25",
                                 "2026-12-31", "2027-03-26", "2027-03-29", "2027-05-06", "2028-06-06", "2026-11-28", "2026-11-29"])
def test_holidays_and_weekends_are_no_working_days(day: str) -> None:
    assert not workdays.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-01-07", "2026-04-02", "2026-04-07", "2026-05-15", "2026-06-22", "2026-12-23", "2026-12-28", "2026-12-30", "2026-11-27"])
def test_days_beside_them_are(day: str) -> None:
    assert workdays.is_working_day(date.fromisoformat(day))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 10))
def test_so_many_working_days_later_is_a_working_day_and_never_sooner(naive: datetime, days: int) -> None:
    at = naive.replace(tzinfo=UTC)
    then = workdays.after(at, days * DAY)
    assert then >= at + days * DAY - timedelta(hours=1), "an hour less where summer time begins"
    assert workdays.is_working_day((then + timedelta(hours=1)).date()) or workdays.is_working_day((then + timedelta(hours=2)).date())
    assert workdays.after(at, days * DAY + timedelta(hours=3)) == then + timedelta(hours=3)


def test_u2_r25_a_reminder_waits_for_the_working_day_after_christmas() -> None:
    w = CaseWorld(M, now=datetime(2026, 12, 23, 12, tzinfo=UTC))
    w.say(i.HandingOverNotice(replace(notices(M)[0], arrived_at=w.now)))
    w.registry("find_binding")
    told = len(w.told)
    w.wait(timedelta(days=4, hours=23))
    assert len(w.told) == told, "Christmas Eve to Sunday"
    w.wait(timedelta(hours=1))
    assert [(t.audience, t.about) for t in w.told[told:]] == [("receiving_unit", "reminder")], "Monday the 28th at noon"
    w.wait(DAY)
    assert [(t.audience, t.about) for t in w.told[told + 1:]] == [("coordinator", "phone_task")]


def asked_world() -> CaseWorld:
    """A case in which the handing-over unit has been asked something, on a Monday."""
    w = CaseWorld(M)
    old, new = notices(M)
    w.say(i.HandingOverNotice(replace(old, missing=("phone", "address"), arrived_at=w.now)))
    w.say(i.ReceivingNotice(replace(new, arrived_at=w.now)))
    w.registry("find_binding")
    assert w.case.state is State.NEEDS_INFO
    return w


def test_r25_u2_an_unanswered_question_is_put_again_after_a_working_day_and_phoned_after_two() -> None:
    w = asked_world()
    told = len(w.told)
    w.wait(DAY - timedelta(minutes=1))
    assert len(w.told) == told
    w.wait(timedelta(minutes=1))
    [reminder] = w.told[told:]
    assert (reminder.audience, reminder.about) == ("handing_over_unit", "reminder") and "service user's phone, address" in reminder.text.en
    w.wait(DAY)
    [_, phone] = w.told[told:]
    assert (phone.audience, phone.about) == ("coordinator", "phone_task") and "Phone the handing-over unit" in phone.text.en
    w.wait(30 * DAY)
    assert len(w.told) == told + 2, "each once"


def test_r25_the_answer_ends_the_series_and_another_gap_begins_its_own() -> None:
    w = asked_world()
    told = len(w.told)
    w.wait(timedelta(hours=20))
    w.say(i.HandingOverNotice(replace(w.case.handing_over, missing=("phone",), arrived_at=w.now)))
    w.wait(timedelta(hours=23))
    assert [t.about for t in w.told[told:]] == ["question"], "the new question, and no reminder of the old"
    w.wait(timedelta(hours=1))
    assert [t.about for t in w.told[told:]] == ["question", "reminder"]
    w.say(i.HandingOverNotice(replace(w.case.handing_over, missing=(), arrived_at=w.now)))
    assert w.case.state is State.READY
    w.wait(10 * DAY)
    assert not [t for t in w.told[told:] if "unanswered" in t.text.en]
