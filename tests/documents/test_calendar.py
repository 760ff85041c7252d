"""Calendar entries, read by the library that others read them with: the right instant across both changes of clocks, and nobody in them."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.documents.calendar_entry import Visit, calendar

MADE_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def visit(begins_at: datetime = datetime(2026, 12, 1, 8, 0, tzinfo=UTC), **changes: object) -> Visit:
    fields = {"what": "dismantling", "case_number": "2026-K7QM4", "begins_at": begins_at, "ends_at": begins_at + timedelta(hours=1), "sequence": 0, **changes}
    return Visit(**fields)


def events(data: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_r28_r29_d19_an_entry_holds_the_case_number_and_nothing_else() -> None:
    """Whoever it is: the same lines for everybody."""
    data = calendar((visit(), visit(what="installation")), False, MADE_AT)
    one, other = events(data)
    assert (one["SUMMARY"], other["SUMMARY"]) == ("Ärende 2026-K7QM4: nedmontering", "Ärende 2026-K7QM4: installation")
    assert set(one) == set(other) == {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "CLASS", "STATUS"}
    assert b"METHOD:PUBLISH" in data and b"kamera" not in data.lower() and data == calendar((visit(), visit(what="installation")), False, MADE_AT)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


def test_a_change_keeps_the_uid_and_counts_up_and_a_cancellation_takes_it_out() -> None:
    first, moved, off = visit(), visit(MADE_AT, sequence=1), visit(MADE_AT, sequence=2, cancelled=True)
    [a], [b], [c] = events(calendar((first,), False, MADE_AT)), events(calendar((moved,), False, MADE_AT)), events(calendar((off,), True, MADE_AT))
    assert a["UID"] == b["UID"] == c["UID"] and [int(e["SEQUENCE"]) for e in (a, b, c)] == [0, 1, 2]
    assert c["STATUS"] == "CANCELLED" and b"METHOD:CANCEL" in calendar((off,), True, MADE_AT)
    assert a["UID"] != events(calendar((visit(what="installation"),), False, MADE_AT))[0]["UID"]
    assert events(calendar((off,), False, MADE_AT)) == [] == events(calendar((first,), True, MADE_AT))


@pytest.mark.parametrize(("utc", "line"), [
    ("2026-12-01T08:00", b"DTSTART;TZID=Europe/Stockholm:20261201T090000"), ("2026-07-01T08:00", b"DTSTART;TZID=Europe/Stockholm:20260701T100000"),
    ("2026-10-25T00:30", b"DTSTART:20261025T003000Z"), ("2026-10-25T01:30", b"DTSTART:20261025T013000Z"),
    ("2026-10-25T02:30", b"DTSTART;TZID=Europe/Stockholm:20261025T033000"), ("2027-03-28T01:00", b"DTSTART;TZID=Europe/Stockholm:20270328T030000")])
def test_d17_swedish_time_is_right_across_the_change_of_clocks(utc: str, line: bytes) -> None:
    """The hour that comes twice is in UTC: RFC 5545 can only name the first of the two."""
    assert line in calendar((visit(datetime.fromisoformat(utc).replace(tzinfo=UTC)),), False, MADE_AT).split(b"\r\n")


@settings(max_examples=30)
@given(st.datetimes(datetime(2021, 1, 1), datetime(2036, 12, 31)))
def test_whoever_reads_it_by_its_own_zone_gets_the_instant_back(at: datetime) -> None:
    """With the zone that the file itself describes, not with the reader's tables."""
    begins_at = at.replace(second=0, microsecond=0, tzinfo=UTC)
    found = icalendar.Calendar.from_ical(calendar((visit(begins_at),), False, MADE_AT))
    [zone], [event] = found.walk("VTIMEZONE"), found.walk("VEVENT")
    start = event["DTSTART"].dt
    read = start if event["DTSTART"].params.get("TZID") is None else start.replace(tzinfo=zone.to_tz(lookup_tzid=False))
    assert read.astimezone(UTC) == begins_at
