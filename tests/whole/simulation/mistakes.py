"""What people say wrongly: a slip of the finger, the wrong tag, the wrong moment, the wrong case, the same thing twice."""

from dataclasses import replace
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.identifiers import SerialNumber
from provisioner.case.keys import KeyKind, KeySide, KeyStatus
from provisioner.case.model import Case, Consent, Duty, Exit, Visit
from tests.whole.simulation.sayings import REASON, Speaker, fallback


def one_off(who: Speaker, serial: str) -> str:
    """A serial number with one slip: another character, one less, one more, or two changed places."""
    rng, at = who.rng, who.rng.randrange(len(serial) - 1)
    other = rng.choice([c for c in "0123456789ABCDEF" if c != serial[at]])
    return rng.choice((serial[:at] + other + serial[at + 1:], serial[:at] + serial[at + 1:], serial[:at] + other + serial[at:],
                       serial[:at] + serial[at + 1] + serial[at] + serial[at + 2:]))


def wrong_label(who: Speaker, case: Case) -> str | None:
    """A label that is not the camera's. None where chance made it right after all."""
    serial = who.story.serial
    found = who.rng.choice((one_off(who, serial), str(who.story.asset), who.story.neighbour or "ROUTER-1", "??", ""))
    bare = "".join(c for c in found.upper() if c not in " :-")
    return None if bare in {case.expected_serial, *case.replaced_serials} else found


def wrong_scan(who: Speaker, case: Case) -> i.Statement | None:
    """Must be refused, whatever the state (H3)."""
    said = wrong_label(who, case)
    if said is None:
        return None
    return who.rng.choice((
        i.Dismantled(said, True), i.Mounted(said, (Consent("service_user", True, who.world.now),), True, "assessment-1"),
        i.VisitStarted(said, who.world.now, True), i.SerialConfirmed(said)))


def not_allowed(who: Speaker, case: Case) -> i.Statement:
    """Must be refused, whatever the state: no consent, no sign in Swedish, nobody asked, nobody in view was asked."""
    serial = case.expected_serial or who.story.serial
    return who.rng.choice((
        i.Mounted(serial, (Consent("service_user", False, who.world.now),), True, "assessment-1"), i.Mounted(serial, (), False, ""),
        i.VisitStarted(serial, who.world.now, False), i.SignPlaced(("en",), True, True, True), i.SignPlaced(("sv", "so", "fa"), True, False, True),
        i.ViewAccepted(True, False, True, True), i.DutyDone(Duty.POSTURE_CONFIRMED, REASON, waived=True),
        i.ExitWanted(Exit.HOLD, ""), i.TaskDone("no-such-task")))


def wrong_form(who: Speaker, case: Case) -> i.Statement:
    """A form with a slip: it is taken, and must lead to a question, never to another camera."""
    story, rng = who.story, who.rng
    old, new = story.handing_over, story.receiving
    slips: list[i.Statement] = [
        i.HandingOverNotice(replace(old, serial=SerialNumber(one_off(who, story.serial)))),
        i.HandingOverNotice(replace(old, serial=story.neighbour)),
        i.HandingOverNotice(replace(old, serial=SerialNumber(story.asset.replace("-", "")))),
        i.HandingOverNotice(replace(old, missing=("phone",))),
        i.ReceivingNotice(replace(new, person_ref="person-another")),
        i.ReceivingNotice(replace(new, site_ref=old.site_ref)),
        i.ReceivingNotice(replace(new, missing=("unit", "sender_email"))),
        i.ReceivingNotice(replace(new, move_date=None)),
    ]
    return rng.choice(slips)


def wrong_moment(who: Speaker, case: Case) -> i.Statement:
    """Something right at another moment, said now. It may be taken or refused; nothing bad may come of it."""
    serial = case.expected_serial or who.story.serial
    taken: list[Any] = [
        i.DismantlingBegins(), i.Dismantled(serial, True), i.FrameWanted(), i.CameraMoved(), i.TryAgain(), i.Resumed(), fallback(who, case),
        i.ViewAccepted(True, True, True, True), i.SignPlaced(("sv",), True, True, True), i.TestLookStarted("challenge-stray-1", "2222"),
        i.VisitStarted(serial, who.world.now, True), i.SerialConfirmed(serial), i.DutyDone(who.rng.choice(list(Duty)), REASON),
        i.HandingOverNotice(who.story.handing_over), i.ReceivingNotice(who.story.receiving), i.NoAccess(who.rng.choice(list(Visit)), REASON),
        i.SiteChecked(False, True, False, True), i.KeyTold(who.rng.choice(list(KeySide)), KeyKind.DWELLING, KeyStatus.MISSING),
        *([i.ConsentWithdrawn("service_user"), i.MoveUndone("2026-9999")] if who.rng.random() < 0.1 else []),
    ]
    return who.rng.choice(taken)


def exit_wish(who: Speaker, case: Case, possible: list[str]) -> i.Statement | None:
    """One of the exits that the case offers; now and then one that it does not."""
    rng = who.rng
    names = possible if possible and rng.random() < 0.85 else [exit.value for exit in Exit]
    exit = Exit(rng.choice(names))
    if exit is Exit.TERMINATE and rng.random() < 0.6:
        return None  # rarer than the others: it ends the story
    return i.ExitWanted(exit, REASON, who.story.spare if exit is Exit.SWAP else "")
