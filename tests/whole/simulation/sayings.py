"""What a person rightly says when the case shows this need. Whoever takes a camera down or hangs it up does it first and says it then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.keys import SETTLED, KeySide, KeyStatus
from provisioner.case.keys_said import keys_of, told_gone
from provisioner.case.model import Booking, Case, CaseKind, Consent, ContactKind, Duty, FallbackMode, Role
from tests.whole.simulation.cameras import Cameras
from tests.whole.simulation.centre import next_look
from tests.whole.simulation.homes import CANARIES, Story
from tests.whole.simulation.world import World

REASON = f"kontaktad genom {CANARIES[0]}, {CANARIES[3]}"   # free text of people holds what it likes; it may not leave
Make = Callable[["Speaker", Case], i.Statement | None]


@dataclass
class Speaker:
    """The people around one case."""

    world: World
    cameras: Cameras
    story: Story
    rng: Random


def _booked(who: Speaker, case: Case) -> i.Statement | None:
    now, rng = who.world.now, who.rng
    start = now + timedelta(minutes=rng.choice((20, 60, 600, 1500)))
    ends = start + timedelta(hours=rng.choice((2, 3)))
    stands = case.fallback is not None and case.fallback.released_at is None
    look = next_look(now, ends if stands else ends + timedelta(hours=4))
    contact, reason = (ContactKind.UNIT, "") if rng.random() < 0.8 else (ContactKind.RELATED_PERSON, REASON)
    middle = start + (ends - start) / 2
    technician = f"technician-{rng.randrange(3)}"
    return i.Booked(Booking(start, middle, middle, ends, look, contact, ContactKind.UNIT, reason, technician, technician))


def fallback(who: Speaker, case: Case) -> i.Statement:
    """The responsible unit says that it visits; or, when supervision ends, sometimes that nobody needs to."""
    who.story.fallbacks += 1
    is_empty = case.state == "TERMINATING" or (case.state == "PAUSED" and case.old_binding is not None and case.old_binding.state == "ACTIVE")
    mode = FallbackMode.NOT_NEEDED if is_empty and who.rng.random() < 0.6 else FallbackMode.VISITS
    review_at = who.world.now + timedelta(hours=who.rng.choice((20, 60, 160))) if who.rng.random() < 0.5 else None
    if review_at is not None:
        review_at = review_at.replace(microsecond=review_at.microsecond // 1000 * 1000)
    return i.FallbackAcknowledged(f"fallback-{who.world.seed}-{who.story.case_id[-1]}-{who.story.fallbacks}", who.story.handing_over.unit_ref, "person-night-1",
                                  mode, review_at)


def _dismantled(who: Speaker, case: Case) -> i.Statement | None:
    hanging = next((s for s in (*case.replaced_serials, case.expected_serial) if s and _hangs(who, s, who.story.old_site)), case.expected_serial)
    if hanging is None:
        return None
    who.cameras.hang(hanging, None)
    return i.Dismantled(label(who, hanging), who.rng.random() < 0.8, typed_reason=_typed(who))


def _hangs(who: Speaker, serial: str, site: str) -> bool:
    body = who.cameras.bodies.get(serial)
    return body is not None and body.site == site


def _mounted(who: Speaker, case: Case) -> i.Statement | None:
    if case.expected_serial is None:
        return None
    who.cameras.hang(case.expected_serial, who.story.new_site)
    return i.Mounted(label(who, case.expected_serial), (Consent("service_user", True, who.world.now),), True, "assessment-1", _typed(who))


def _site(who: Speaker, case: Case) -> i.Statement | None:
    """Now and then something is wanting in the new home; the next time it is there."""
    good = case.site is not None or who.rng.random() < 0.8
    return i.SiteChecked(good or who.rng.random() < 0.5, good, True, good or who.rng.random() < 0.5, None, REASON if who.rng.random() < 0.2 else "")


def _keys(who: Speaker, case: Case, duty: Duty) -> i.Statement | None:
    """All at once, or one by one; a key that is gone is found, or waived by nobody here."""
    gone = told_gone(case, duty)
    side = KeySide.HANDING_OVER if duty is Duty.KEYS_RETURNED else KeySide.RECEIVING
    good = KeyStatus.RETURNED if side is KeySide.HANDING_OVER else KeyStatus.SIGNED_OUT
    if gone is not None:
        return i.KeyTold(side, gone.key, good, CANARIES[0])
    if who.rng.random() < 0.6:
        return i.DutyDone(duty, REASON)
    left = [one.key for one in keys_of(case, side) if one.status not in SETTLED]
    return i.KeyTold(side, left[0], KeyStatus.LOST if who.rng.random() < 0.2 else good, CANARIES[0]) if left else i.DutyDone(duty, REASON)


def _visit(who: Speaker, case: Case) -> i.Statement | None:
    if case.expected_serial is None:
        return None
    if case.state == "ROLLING_BACK":
        _hang_back(who, case)
    return i.VisitStarted(label(who, case.expected_serial), who.world.now, True, _typed(who))


def _hang_back(who: Speaker, case: Case) -> None:
    """Where looks were last given: the old home until the re-bind, then the new one."""
    home = who.story.new_site if case.rebind_completed else who.story.old_site
    for serial in case.replaced_serials:
        if _hangs(who, serial, home):
            who.cameras.hang(serial, None)
    assert case.expected_serial is not None
    if not _hangs(who, case.expected_serial, home):
        who.cameras.hang(case.expected_serial, home)


def _camera_back(who: Speaker, case: Case) -> i.Statement | None:
    if case.expected_serial is None:
        return None
    _hang_back(who, case)
    return i.DutyDone(Duty.CAMERA_BACK_AT_OLD_HOME)


def label(who: Speaker, serial: str) -> str:
    """The label as a scanner or a hand gives it: with colons, spaces or small letters."""
    how = who.rng.randrange(4)
    if how == 0:
        return ":".join(serial[at:at + 2] for at in range(0, len(serial), 2))
    return {1: serial.lower(), 2: f" {serial[:6]} {serial[6:]} "}.get(how, serial)


def _typed(who: Speaker) -> str:
    return REASON if who.rng.random() < 0.1 else ""


def _code(who: Speaker, case: Case) -> i.Statement | None:
    who.story.challenges += 1
    code = "".join(who.rng.choice("23456789") for _ in range(4))
    by_card = who.rng.random() < 0.4 or any(task.key == "test-look" and task.done is None for task in case.tasks)
    if not by_card:
        return i.TestLookStarted(f"challenge-{who.world.seed}-{who.story.case_id[-1]}-{who.story.challenges}", code)
    for body in who.cameras.bodies.values():
        if body.serial == case.expected_serial:
            body.card = code
    return i.TestLookStarted(f"challenge-{who.world.seed}-{who.story.case_id[-1]}-{who.story.challenges}", code, card_held=True)


def _serial_confirmed(who: Speaker, case: Case) -> i.Statement | None:
    return i.SerialConfirmed(label(who, who.story.serial), _typed(who), who.rng.random() < 0.4)


def _it_support(who: Speaker, case: Case) -> i.Statement | None:
    left = [name for name in ("alarm-centre-registry", "device-inventory", "surveillance-register") if name not in case.it_supports_done]
    return i.DutyDone(Duty.IT_SUPPORT_UPDATED, left[0]) if left else None


def form(who: Speaker, case: Case, *, right: bool = True) -> i.Statement:
    """The form that is missing, or both in turn where a question is open."""
    story = who.story
    story.asked_already += 1
    first = case.handing_over is None or (case.receiving is not None and story.asked_already % 2 == 0)
    if case.handing_over is None and case.receiving is None and who.rng.random() < 0.3:
        first = False
    return i.HandingOverNotice(story.handing_over) if first else i.ReceivingNotice(story.receiving)


SAYINGS: dict[str, Make] = {
    "any_form": form,
    "handing_over_form": lambda who, case: i.HandingOverNotice(who.story.handing_over),
    "receiving_form": lambda who, case: i.ReceivingNotice(who.story.receiving),
    "no_open_questions": form,
    "booked": _booked,
    "fallback_acknowledged": fallback,
    "dismantling_begins": lambda who, case: i.DismantlingBegins(),
    "dismantled": _dismantled,
    "booking_stands": _booked,
    "site_checked": _site,
    "pause_over": lambda who, case: i.Resumed() if case.fallback and case.fallback.mode is FallbackMode.VISITS else fallback(who, case),
    "keys_returned": lambda who, case: _keys(who, case, Duty.KEYS_RETURNED),
    "keys_signed_out": lambda who, case: _keys(who, case, Duty.KEYS_SIGNED_OUT),
    "keys_known": lambda who, case: _keys(who, case, Duty.KEYS_SIGNED_OUT),
    "keys_known_before_switch": lambda who, case: _keys(who, case, Duty.KEYS_SIGNED_OUT),
    "mounted": _mounted,
    "visit_started": _visit,
    "view_accepted": lambda who, case: i.ViewAccepted(True, True, True, True),
    "sign_placed": lambda who, case: i.SignPlaced(("sv", "so", "fa", "en"), True, True, True),
    "code_shown": _code,
    "serial_confirmed": _serial_confirmed,
    "camera_back_at_old_home": _camera_back,
    "it_support_updated": _it_support,
}


def right_words(who: Speaker, case: Case, need: str) -> i.Statement | None:
    """What meets this need, or None where a person has nothing to say to it."""
    made = SAYINGS.get(need)
    if made is not None:
        return made(who, case)
    duties: dict[str, Any] = {duty.value: duty for duty in Duty}
    return i.DutyDone(duties[need], REASON) if need in duties else None


ROLES = {
    "handing_over_notice": Role.UNIT, "receiving_notice": Role.UNIT, "fallback_acknowledged": Role.UNIT, "dismantled": Role.TECHNICIAN,
    "mounted": Role.TECHNICIAN, "visit_started": Role.TECHNICIAN, "test_look_started": Role.TECHNICIAN, "exit_wanted": Role.COORDINATOR,
    "view_block_overridden": Role.TEAM_LEAD, "site_checked": Role.TECHNICIAN, "no_access": Role.TECHNICIAN,
    "bed_drawn": Role.TECHNICIAN, "camera_moved": Role.TECHNICIAN,
}


def role_of(what: i.Statement) -> Role:
    """Who says such things."""
    return ROLES.get(what.kind, Role.COORDINATOR)


def is_move(story: Story) -> bool:
    """Whether the camera leaves its home."""
    return story.kind is not CaseKind.PROVIDER_CHANGE_ONLY
