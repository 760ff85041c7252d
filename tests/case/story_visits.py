"""Sentences on the two visits, the keys, the new home, and what a home says."""

from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.keys import KeyKind, KeySide, KeyStatus
from provisioner.case.model import Engaged, Visit
from tests.case.story import PERSON, CaseWorld, says, sentence
from tests.case.world import booking


@sentence(PERSON + r" books while (\S+) is in (\S+) from (\d\d:\d\d) to (\d\d:\d\d)")
def _books_beside(w: CaseWorld, who: str, technician: str, number: str, begins: str, ends: str) -> None:
    begins_at, ends_at = (datetime.fromisoformat(f"{w.now:%Y-%m-%d}T{text}:00+00:00") for text in (begins, ends))
    says(w, who, i.Booked(booking(w.now), (Engaged(technician, begins_at, ends_at, number, Visit.DISMANTLING),)))


@sentence(PERSON + r" finds the new home (fit|without a socket|without coverage|on a switched strip|without the landlord's leave)")
def _site(w: CaseWorld, who: str, how: str) -> None:
    wanting = ("without a socket", "without coverage", "on a switched strip", "without the landlord's leave")
    says(w, who, i.SiteChecked(*(how != one for one in wanting)))


@sentence(PERSON + r" finds nobody at home for the (dismantling|installation)")
def _nobody(w: CaseWorld, who: str, visit: str) -> None:
    says(w, who, i.NoAccess(Visit(visit)))


@sentence(PERSON + r" tells the (handing_over|receiving) unit's (dwelling|street_door) key is (\w+)(?:: (.+))?")
def _key(w: CaseWorld, who: str, side: str, key: str, status: str, note: str | None) -> None:
    says(w, who, i.KeyTold(KeySide(side), KeyKind(key), KeyStatus(status), note=note or ""))


@sentence(PERSON + r" writes down that (\S+) takes the consent back")
def _withdrawn(w: CaseWorld, who: str, subject: str) -> None:
    says(w, who, i.ConsentWithdrawn(subject))


@sentence(PERSON + r" has the move undone in (\S+)")
def _undone(w: CaseWorld, who: str, number: str) -> None:
    says(w, who, i.MoveUndone(number))
