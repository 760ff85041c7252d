"""Helpful people and a working camera: what they would say or answer next. Drives a case; judges nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.case import inputs as i
from provisioner.case.identifiers import SerialNumber
from provisioner.case.keys import KeySide, KeyStatus
from provisioner.case.keys_said import told_gone
from provisioner.case.model import Case, Consent, Duty, Exit, FallbackMode, Role, State
from provisioner.case.plan import way_of
from provisioner.case.policy import Policy
from tests.case.world import SERIAL, booking, notices

CODE = "4711"
SPARE = SerialNumber("B8A44F001122")
DUTIES = {duty.value: duty for duty in Duty}


def said(what: i.Statement, by: str = "anna", role: Role = Role.COORDINATOR) -> i.Said:
    """A person says it."""
    return i.Said(by, role, what)


def on_site(what: i.Statement) -> i.Said:
    """The technician says it."""
    return i.Said("tekla", Role.TECHNICIAN, what)


def consents(now: datetime) -> tuple[Consent, ...]:
    """The user and one cohabitant agree."""
    return (Consent("service_user", True, now), Consent("cohabitant-1", True, now))


def hangs_in_old_home(case: Case) -> str:
    """The serial on the camera that hangs there: after a swap, still the first one."""
    return str(case.replaced_serials[0] if case.replaced_serials else case.expected_serial)


def next_words(case: Case, now: datetime, policy: Policy) -> Iterator[i.Said]:
    """What helpful people would say now, the most urgent first."""
    if any(e.stuck for e in case.errands):
        yield said(i.TryAgain())
        if case.state is State.SWAP:  # that serial is live elsewhere: another camera is taken out of the bag
            yield said(i.ExitWanted(Exit.SWAP, "another camera", SPARE if case.expected_serial != SPARE else SERIAL))
    if case.wanted is not None:
        return  # an exit was asked for, and waits for a command's answer: whoever asks for another picture meanwhile only runs in a circle
    if case.state is State.ON_HOLD:
        for task in case.tasks:
            if task.done is None and task.key in ("wrong-case", "refused"):
                yield said(i.TaskDone(task.key, "the user has agreed after all"))
        yield said(i.Resumed())
        return
    way = way_of(case.kind, case.state)
    for need in way.needs if way else ():
        if not need.met(case):
            yield from _word_for(need.name, None if need.by_daemon else need.duty, case, now, policy)


def _word_for(name: str, duty: Duty | None, case: Case, now: datetime, policy: Policy) -> Iterator[i.Said]:
    old, new = notices(case.kind)
    serial = str(case.expected_serial)
    if duty is Duty.IT_SUPPORT_UPDATED:
        yield from (said(i.DutyDone(duty, system)) for system in policy.it_supports if system not in case.it_supports_done)
        return
    gone = told_gone(case, duty) if duty is not None else None
    if gone is not None:
        yield said(i.KeyTold(gone.side, gone.key, KeyStatus.RETURNED if gone.side is KeySide.HANDING_OVER else KeyStatus.SIGNED_OUT))
    if duty is not None:
        yield said(i.DutyDone(duty, "it is done"), "bertil" if duty is Duty.TERMINATION_CONFIRMED else "anna")
        return
    yield from _about_the_visits(name, case, now)
    match name:
        case "handing_over_form" | "any_form":
            yield said(i.HandingOverNotice(old))
        case "receiving_form":
            yield said(i.ReceivingNotice(new))
        case "no_open_questions":
            yield said(i.TryAgain())
            yield said(i.HandingOverNotice(replace(old, serial=case.expected_serial or SERIAL)))
            yield said(i.HandingOverNotice(old))
            yield said(i.ReceivingNotice(new))
        case "booked":
            yield said(i.Booked(booking(now)))
        case "fallback_acknowledged" | "fallback_decided":
            mode = FallbackMode.NOT_NEEDED if name == "fallback_decided" else FallbackMode.VISITS
            yield said(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9", mode))
        case "dismantling_begins":
            yield on_site(i.DismantlingBegins())
        case "dismantled":
            yield on_site(i.Dismantled(hangs_in_old_home(case), True))
        case "mounted":
            yield on_site(i.Mounted(serial, consents(now), True, "assessment-1"))
        case "visit_started" | "label_scanned_now":
            yield on_site(i.VisitStarted(serial, now, True))
        case "serial_confirmed":
            yield on_site(i.SerialConfirmed(serial))
        case "frame_judged":
            yield on_site(i.FrameWanted())
            yield on_site(i.VisitStarted(serial, now, True))
        case "credentials_rotated":
            yield said(i.DutyDone(Duty.CREDENTIALS_ROTATED, "changed by hand in its web page"))
        case "posture_confirmed":
            yield said(i.TryAgain())
        case "zones_masked":
            yield said(i.TryAgain())
            yield on_site(i.VisitStarted(serial, now, True))
            yield on_site(i.ZonesDrawn(()))
        case "view_accepted":
            yield on_site(i.ViewAccepted(True, True, True, True))
        case "sign_placed":
            yield on_site(i.SignPlaced(("sv",), True, True, True))
        case "code_shown":
            yield on_site(i.TestLookStarted(f"challenge-{case.asked}", CODE))
        case "tasks_done":
            yield from (said(i.TaskDone(task.key, "done")) for task in case.tasks if task.done is None)


def _about_the_visits(name: str, case: Case, now: datetime) -> Iterator[i.Said]:
    match name:
        case "booking_stands":
            yield said(i.Booked(booking(now)))
        case "site_checked":
            yield on_site(i.SiteChecked(True, True, True, True))
        case "pause_over":
            yield said(i.Resumed() if case.fallback is not None and case.fallback.mode is FallbackMode.VISITS else
                       i.FallbackAcknowledged("fallback-2", "unit-old-1", "person-9"))


def slips(serial: str) -> Iterator[str]:
    """Every slip of one character: another one, one more, one less, two swapped (H3)."""
    for place in range(len(serial)):
        yield serial[:place] + serial[place + 1:]
        yield serial[:place] + ("1" if serial[place] != "1" else "7") + serial[place + 1:]
        yield serial[:place] + ("O" if serial[place] != "O" else "0") + serial[place + 1:]
        yield serial[:place] + "8" + serial[place:]
        if place and serial[place] != serial[place - 1]:
            yield serial[:place - 1] + serial[place] + serial[place - 1] + serial[place + 1:]
    yield serial + "1"


EXITS = tuple(Exit)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
