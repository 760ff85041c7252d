"""Calendar entries for dismantling and installation (R28, R29) as iCalendar (RFC 5545, RFC 5546). Pure.

A calendar is shared, synchronised and shown on a locked phone. So the entry holds the case number and which of the two it is, for everybody in the same
shape (D19): no name, address, contact, unit, and not even what hangs there. Who may know looks the case up.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from provisioner.documents.swedish_time import SWEDEN, is_twice

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

_NOBODY = "provisioner.invalid"
"""RFC 5546 wants an ORGANIZER in what is published and in what is cancelled; it is nobody, and has no mailbox (RFC 2606)."""

_WORDS = {"dismantling": "nedmontering", "installation": "installation"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One booked time (UTC). `sequence` grows with each change, by which a calendar knows the newer of two files; its identity never changes."""

    what: Literal["dismantling", "installation"]
    case_number: str
    begins_at: datetime
    ends_at: datetime
    sequence: int
    cancelled: bool = False

    @property
    def uid(self) -> str:
        """The same for this visit of this case for ever, and of nobody else."""
        return f"{self.what}-{self.case_number.lower()}@{_NOBODY}"


def calendar(visits: tuple[Visit, ...], cancelled: bool, made_at: datetime) -> bytes:
    """Those of `visits` that stand, as a file that puts them into a calendar; or (`cancelled`) the others, as one that takes them out. A file does one
    of the two (RFC 5546, 3.2: one METHOD). `made_at` (UTC) is its DTSTAMP."""
    from icalendar import Calendar  # 0.14 s: only where an entry is made

    found = Calendar()
    found.add("prodid", "-//provisioner//calendar entry 1//SV")
    found.add("version", "2.0")
    found.add("method", "CANCEL" if cancelled else "PUBLISH")
    found.add_component(_swedish_zone())
    for visit in visits:
        if visit.cancelled is cancelled:
            found.add_component(_event(visit, made_at))
    return _bytes(found)


def _event(visit: Visit, made_at: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", made_at.astimezone(UTC))
    event.add("dtstart", _wall(visit.begins_at))
    event.add("dtend", _wall(visit.ends_at))
    event.add("summary", f"Ärende {visit.case_number}: {_WORDS[visit.what]}")
    event.add("organizer", f"mailto:nobody@{_NOBODY}")
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if visit.cancelled else "CONFIRMED")
    return event


def _wall(at: datetime) -> datetime:
    """Swedish time; UTC in the hour that comes twice in October, of which RFC 5545 (3.3.5) can only name the first."""
    return at.astimezone(UTC) if is_twice(at) else at.astimezone(SWEDEN)


def _swedish_zone() -> "Timezone":
    """Directive 2000/84/EC as rules, so that no calendar has to know where Stockholm is."""
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    zone = Timezone()
    zone.add("tzid", "Europe/Stockholm")
    for half, name, since, month, before, after in (
            (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), 3, 1, 2), (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, 2, 1)):
        half.add("tzname", name)
        half.add("dtstart", since)
        half.add("tzoffsetfrom", timedelta(hours=before))
        half.add("tzoffsetto", timedelta(hours=after))
        half.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        zone.add_component(half)
    return zone


def _bytes(found: "Calendar") -> bytes:
    return bytes(found.to_ical())
