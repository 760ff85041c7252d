"""The two visits of a move: booked with a technician each, booked anew, and what is done where nobody opens the door (R28-R30, R46, R47, U19)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from provisioner.case import inputs as i
from provisioner.case.exits import settled
from provisioner.case.identifiers import is_opaque
from provisioner.case.localtime import shown
from provisioner.case.model import Booking, BookingTaken, Case, Engaged, NobodyHome, State, Visit, but
from provisioner.case.needs import fallback_stands
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.policy import Policy
from provisioner.case.tasks import with_task, without_task
from provisioner.fault import Text

_REBOOK = "rebook-"
_AT_ONCE = "no-access-"
"""Beginnings of task keys. The second calls somebody at once (news.py): the camera is in a bag, and the home on visits until it hangs again."""


def engagements(case: Case) -> Iterator[Engaged]:
    """What this case's technicians have promised it and have not done yet: nothing of a case that is over, or where nobody opened."""
    b = case.booking
    if b is None or case.is_final:
        return
    if case.dismantle is None and case.missed is not Visit.DISMANTLING:
        yield Engaged(b.dismantle_technician, b.dismantle_from, b.dismantle_to, case.case_number, Visit.DISMANTLING, case.group_ref)
    if case.mount is None and case.missed is None:
        yield Engaged(b.install_technician, b.install_from, b.install_to, case.case_number, Visit.INSTALLATION, case.group_ref)


def clash(wanted: Engaged, busy: tuple[Engaged, ...], margin: timedelta) -> Engaged | None:
    """The first promise of the same technician that leaves less than `margin` between the two visits. What was promised to the same household is no other
    visit: both cameras are taken down by the same hands."""
    return next((one for one in sorted(busy, key=lambda one: one.begins_at) if one.technician == wanted.technician
                 and not (wanted.group_ref and one.group_ref == wanted.group_ref)
                 and wanted.begins_at < one.ends_at + margin and one.begins_at < wanted.ends_at + margin), None)


def _promises(b: Booking) -> tuple[tuple[Visit, str, datetime, datetime], ...]:
    return ((Visit.DISMANTLING, b.dismantle_technician, b.dismantle_from, b.dismantle_to),
            (Visit.INSTALLATION, b.install_technician, b.install_from, b.install_to))


def booked(case: Case, what: i.Booked, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R28-R30, R46, R47: the contacts are those of the forms, dismantling comes first, the night is not cut short, and nobody is in two homes at once.
    Said again, it replaces the earlier one; a visit that has been is not moved."""
    b, earlier = what.booking, case.booking
    if not settled(case):
        return refuse("command_under_way", "Ett kommando är på väg till larmcentralen. Vänta på svaret.",
                      "A command is on its way to the alarm centre. Wait for the answer.")
    if case.dismantle is not None and earlier is not None and _promises(b)[0] != _promises(earlier)[0]:
        return refuse("dismantled_already", "Kameran är redan nedtagen: boka bara om installationen, och lämna nedmonteringens tid som den är.",
                      "The camera is down already: book only the installation anew, and leave the time of the dismantling as it is.", "dismantle_from")
    if not (b.dismantle_from < b.dismantle_to <= b.install_from < b.install_to):
        return refuse("booking_order", "Nedmonteringen ska vara klar innan installationen börjar (R47).",
                      "The dismantling must end before the installation begins (R47).", "booking")
    if b.first_look_at <= now:
        return refuse("first_look_past", "Första planerade titten ligger i det förflutna.", "The first planned look lies in the past.", "first_look_at")
    if b.install_to > b.first_look_at - policy.booking_margin and not fallback_stands(case):
        return refuse("too_late_for_first_look", "Installationen slutar mindre än 4 timmar före första titten: bekräfta först fysisk tillsyn, eller boka tidigare.",
                      "The installation ends less than 4 hours before the first look: have a fallback acknowledged first, or book earlier.", "install_to")
    for form, contact in ((case.handing_over, b.dismantle_contact), (case.receiving, b.install_contact)):
        if form is not None and contact not in form.contacts and len(b.contact_reason) < 10:
            return refuse("contact_not_in_form", "Kontakten står inte i formuläret: välj en som gör det, eller skriv varför (minst 10 tecken).",
                          "That contact is not in the form: choose one that is, or say why (at least 10 characters).", "contact_reason")
    no = _promised_away(case, what, policy)
    if no is not None:
        return no
    open_tasks = [task.key for task in case.tasks if task.done is None and task.key.startswith((_REBOOK, _AT_ONCE))]
    case = without_task(case, now, *open_tasks)
    return but(case, booking=b, bookings=(*case.bookings, BookingTaken(b, said.by, now)), missed=None, first_look_at=b.first_look_at)


def _promised_away(case: Case, what: i.Booked, policy: Policy) -> Refusal | None:
    """Whether a technician is missing, or has promised the time to another case."""
    for visit, technician, begins_at, ends_at in _promises(what.booking):
        field = "dismantle_technician" if visit is Visit.DISMANTLING else "install_technician"
        if not is_opaque(technician):
            return refuse("technician_missing", "Ange tekniker för båda besöken, som en intern beteckning (små bokstäver, siffror, bindestreck, minst 6 tecken).",
                          "Name a technician for both visits, as an internal reference (lower case letters, digits, hyphens, at least 6 characters).", field)
        if visit is Visit.DISMANTLING and case.dismantle is not None:
            continue
        other = clash(Engaged(technician, begins_at, ends_at, case.case_number, visit, case.group_ref), what.busy, policy.travel_margin)
        if other is not None:
            minutes = round(policy.travel_margin / timedelta(minutes=1))
            return refuse("technician_busy",
                          f"{technician} är bokad i ärende {other.case_number} {shown(other.begins_at)} till {shown(other.ends_at)}, och {minutes} minuter "
                          "behövs emellan. Välj en annan tid eller en annan tekniker.",
                          f"{technician} is booked in case {other.case_number} {shown(other.begins_at)} to {shown(other.ends_at)}, and {minutes} minutes are needed "
                          "between. Choose another time or another technician.", field)
    return None


_ELSEWHERE = {
    Visit.DISMANTLING: (frozenset({State.BOOKED, State.LOOKS_SUSPENDED}), Text("Kameran är inte kvar att ta ned.", "There is no camera left to take down.")),
    Visit.INSTALLATION: (frozenset({State.DISMANTLED}), Text("Kameran är inte nedtagen än, eller sitter redan.", "The camera is not down yet, or is up already.")),
}


def no_access(case: Case, what: i.NoAccess, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """U19. Before the camera was taken down, nothing has changed: the visit is booked anew. Afterwards the camera is in a bag and the home on visits, so
    somebody is called at once."""
    where, sorry = _ELSEWHERE[what.visit]
    if case.state not in where:
        return refuse("wrong_visit", sorry.sv, sorry.en, "visit")
    if not settled(case):
        return refuse("command_under_way", "Ett kommando är på väg till larmcentralen. Vänta på svaret.",
                      "A command is on its way to the alarm centre. Wait for the answer.")
    case = but(case, no_access=(*case.no_access, NobodyHome(what.visit, said.by, now, what.note)), missed=what.visit, dismantling_begun=None)
    number = len(case.no_access)
    if what.visit is Visit.DISMANTLING:
        return with_task(case, f"{_REBOOK}{number}", Text(
            "Ingen öppnade vid nedmonteringen: ring kontakten i formuläret och boka om båda tiderna.",
            "Nobody opened for the dismantling: phone the contact in the form and book both times anew."), now)
    return with_task(case, f"{_AT_ONCE}{number}", Text(
        "Ingen öppnade vid installationen och kameran är nedtagen: hemmet står på besök. Nå någon nu, boka om i dag, eller backa flytten.",
        "Nobody opened for the installation and the camera is down: the home is on visits. Reach somebody now, book anew today, or roll the move back."), now)
