"""What people say, taken into the case, or refused with a sentence and the way out. One small function a statement."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.effects import CHANGES_REGISTRY, JudgeFrame, ReadIdentity
from provisioner.case.identifiers import SerialNumber, edit_distance_at_most_1, looks_like_asset_number, normalise_serial
from provisioner.case.model import (
    BindingState,
    Case,
    Done,
    Duty,
    Exit,
    Fallback,
    FallbackMode,
    Mount,
    Notice,
    Role,
    Scan,
    SignDecision,
    State,
    TestLook,
    ViewDecision,
    Wanted,
)
from provisioner.case.needs import fallback_stands
from provisioner.case.outcome import Refusal
from provisioner.case.plan import ANY_TIME, DUTY_IN, NOT_WAIVABLE, exits_from
from provisioner.case.policy import Policy
from provisioner.fault import Text

S = State
_INTAKE = frozenset({S.DRAFT, S.AWAITING_COUNTERPART, S.NEEDS_INFO, S.READY})
_INSTALLING = frozenset({S.VIEW_CHECKED, S.SIGN_PLACED, S.TEST_LOOK_OK})
HEARD_IN: Mapping[type, frozenset[State]] = {
    i.HandingOverNotice: _INTAKE,
    i.ReceivingNotice: _INTAKE,
    i.Booked: frozenset({S.READY, S.BOOKED}),
    i.FallbackAcknowledged: ANY_TIME,
    i.DismantlingBegins: frozenset({S.BOOKED}),
    i.Dismantled: frozenset({S.LOOKS_SUSPENDED}),
    i.Mounted: frozenset({S.DISMANTLED}),
    i.VisitStarted: frozenset({S.INSTALLED, S.IDENTITY_VERIFIED, S.ROLLING_BACK}),
    i.FrameWanted: frozenset({S.IDENTITY_VERIFIED}),
    i.ViewAccepted: frozenset({S.IDENTITY_VERIFIED}),
    i.CameraMoved: _INSTALLING,
    i.SignPlaced: frozenset({S.VIEW_CHECKED}),
    i.TestLookStarted: frozenset({S.SIGN_PLACED, S.ROLLING_BACK}),
    i.SerialConfirmed: frozenset({S.READY}),
    i.DutyDone: ANY_TIME,
    i.TaskDone: frozenset(S),
    i.TryAgain: ANY_TIME,
    i.ExitWanted: ANY_TIME,
    i.Resumed: frozenset({S.ON_HOLD}),
}
"""In which states a statement means something. Elsewhere it is refused, and the refusal says where the case stands."""


def refuse(code: str, sv: str, en: str, field: str = "") -> Refusal:
    """A refusal with its sentence in both languages."""
    return Refusal(code, Text(sv, en), field)


def record(case: Case, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """`case` with what was said, or why not. Nothing is half taken."""
    if said.seen_revision is not None and said.seen_revision != case.revision:
        return refuse("stale_revision", f"Ärendet har ändrats sedan du såg det (du såg {said.seen_revision}, nu {case.revision}). Läs om och säg det igen.",
                      f"The case has changed since you saw it (you saw {said.seen_revision}, it is {case.revision}). Look again and say it again.")
    if case.state not in HEARD_IN[type(said.what)]:
        where = ", ".join(sorted(HEARD_IN[type(said.what)])) if len(HEARD_IN[type(said.what)]) < 6 else "an open case"
        return refuse("wrong_state", f"Det kan inte sägas nu: ärendet står i {case.state}. Det hör hemma i: {where}.",
                      f"That cannot be said now: the case is in {case.state}. It belongs in: {where}.")
    return _RECORDERS[type(said.what)](case, said.what, said, now, policy)


def read_scan(case: Case, scanned: str, typed_reason: str, said: i.Said, now: datetime, policy: Policy,
              also: tuple[SerialNumber, ...] = ()) -> Scan | Refusal:
    """The label as a `Scan` of the expected serial, or the refusal that says what was scanned instead (D2, D3, H3). Nothing is accepted by likeness."""
    if (case.handing_over and case.handing_over.asset_number and scanned.strip().upper() == case.handing_over.asset_number) \
            or looks_like_asset_number(scanned, policy.asset_number_pattern):
        return refuse("asset_number", "Det där är inventarienumret. Skanna serienumret på kamerans egen etikett.",
                      "That is the asset number. Scan the serial number on the camera's own label.", "scanned")
    serial = normalise_serial(scanned)
    if serial is None:
        return refuse("not_a_serial", "Det där är inget serienummer. Skannade du routern eller inventarieetiketten?",
                      "That is no serial number. Did you scan the router or the asset tag?", "scanned")
    if serial != case.expected_serial and serial not in also:
        if case.expected_serial and edit_distance_at_most_1(serial, case.expected_serial):
            return refuse("serial_one_off", "Serienumret skiljer på ett tecken från det väntade. Skanna igen; skriv det inte.",
                          "The serial differs by one character from the expected one. Scan again; do not type it.", "scanned")
        return refuse("other_camera", "Det är en annan kamera än ärendets. Är det rätt ärende och rätt kamera?",
                      "That is another camera than the case's. Is it the right case and the right camera?", "scanned")
    if typed_reason and len(typed_reason) < 10:
        return refuse("reason_too_short", "Skriv varför etiketten inte kan skannas (minst 10 tecken).",
                      "Say why the label cannot be scanned (at least 10 characters).", "typed_reason")
    return Scan(serial, said.by, now, typed_reason)


def _notice(case: Case, notice: Notice, policy: Policy) -> Refusal | None:
    if notice.serial is not None and looks_like_asset_number(notice.serial, policy.asset_number_pattern):
        return refuse("asset_number", "Fältet serienummer innehåller ett inventarienummer. Läs serienumret på kamerans egen etikett.",
                      "The serial field holds an asset number. Read the serial number on the camera's own label.", "serial")
    return None


def _handing_over(case: Case, what: i.HandingOverNotice, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    wrong = _notice(case, what.notice, policy)
    if wrong:
        return wrong
    kept = what.notice.serial == case.expected_serial
    return replace(case, handing_over=what.notice, expected_serial=what.notice.serial, looked_up=case.looked_up and kept,
                   old_binding=case.old_binding if kept else None, errands=case.errands if kept else ())


def _receiving(case: Case, what: i.ReceivingNotice, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if "sv" not in what.notice.sign_languages or not set(what.notice.sign_languages) <= {"sv", "en", "fa", "ar", "so"}:
        return refuse("sign_languages", "Skyltspråk: svenska alltid, dessutom bara en, fa, ar, so.",
                      "Sign languages: Swedish always, besides it only en, fa, ar, so.", "sign_languages")
    return replace(case, receiving=what.notice)


def _booked(case: Case, what: i.Booked, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    b = what.booking
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
    return replace(case, booking=b, first_look_at=b.first_look_at)


def _fallback(case: Case, what: i.FallbackAcknowledged, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    review_at = what.review_at or now + policy.suspension_review
    if not now < review_at <= now + policy.suspension_review:
        return refuse("review_at", f"Granskningstiden ska ligga inom {policy.suspension_review.days} dagar.",
                      f"The review time must lie within {policy.suspension_review.days} days.", "review_at")
    if what.mode is FallbackMode.NOT_NEEDED and case.state is not S.TERMINATING:
        return refuse("fallback_needed", "Utan kamera ska hemmet besökas. 'Behövs inte' finns bara när tillsynen avslutas.",
                      "Without the camera the home is visited. 'Not needed' exists only when supervision ends.", "mode")
    return replace(case, fallback=Fallback(what.fallback_ref, what.mode, what.unit_ref, what.person_ref, now, review_at))


def _dismantling(case: Case, what: i.DismantlingBegins, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if not fallback_stands(case):
        return refuse("no_fallback", "Titt-in får inte pausas förrän ansvarig enhet har bekräftat fysisk tillsyn.",
                      "The looks may not be suspended before the responsible unit has acknowledged physical supervision.")
    return replace(case, dismantling_begun=Done(said.by, now))


def _dismantled(case: Case, what: i.Dismantled, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy, also=case.replaced_serials)
    return scan if isinstance(scan, Refusal) else replace(case, dismantle=scan, old_sign_removed=what.old_sign_removed)


def _mounted(case: Case, what: i.Mounted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy)
    if isinstance(scan, Refusal):
        return scan
    if not what.cohabitants_asked:
        return refuse("cohabitants_not_asked", "Fråga först om någon annan bor här; varje sammanboende ska samtycka.",
                      "Ask first whether anybody else lives here; each cohabitant must consent.", "cohabitants_asked")
    if not any(consent.subject == "service_user" for consent in what.consents) or not all(consent.given for consent in what.consents):
        return refuse("consent_missing", "Samtycke saknas. Kameran får inte startas: backa flytten eller avsluta; fysisk tillsyn gäller under tiden.",
                      "A consent is missing. The camera may not start: roll the move back or terminate; visits stay in force.", "consents")
    if not what.assessment_ref:
        return refuse("assessment_missing", "Ange hänvisning till den dokumenterade bedömningen för nya bostaden.",
                      "Give the reference of the documented assessment for the new home.", "assessment_ref")
    return replace(case, mount=Mount(scan, what.consents, what.cohabitants_asked, what.assessment_ref))


def _visit(case: Case, what: i.VisitStarted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if not what.nobody_in_view_or_agrees:
        return refuse("not_agreed", "Ingen bild förrän ingen syns i rummet, eller den som syns har sagt ja.",
                      "No picture before nobody is in view, or whoever is has agreed.", "nobody_in_view_or_agrees")
    if not now - policy.label_scan_valid <= what.scanned_at <= now + policy.label_scan_valid:
        return refuse("scan_too_old", "Etiketten skannades för mer än 15 minuter sedan. Skanna den igen, på plats.",
                      "The label was scanned more than 15 minutes ago. Scan it again, on site.", "scanned_at")
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy)
    if isinstance(scan, Refusal):
        return scan
    if case.state is S.IDENTITY_VERIFIED:  # a new visit: six new frames
        return replace(_without_camera_errands(case), visit=scan, frames_taken=0, frame=case.frame if case.frame and case.frame.trusted else None)
    return replace(_without_camera_errands(case), visit=scan, identity=None, frame=None, frames_taken=0)


def _without_camera_errands(case: Case) -> Case:
    """What was being asked of the camera is asked anew; late answers to it will be dropped."""
    return replace(case, errands=tuple(e for e in case.errands if not isinstance(e.effect, (ReadIdentity, JudgeFrame))))


def _frame_wanted(case: Case, what: i.FrameWanted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if case.frames_taken >= policy.frames_per_visit:
        return refuse("frames_used_up", f"Högst {policy.frames_per_visit} bilder per besök. Skanna etiketten igen för ett nytt besök.",
                      f"At most {policy.frames_per_visit} frames a visit. Scan the label again for a new visit.")
    return replace(_without_camera_errands(case), frame=None, view=None)


def _view(case: Case, what: i.ViewAccepted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if case.frame is None or not case.frame.trusted:
        return refuse("no_frame", "Vänta på en hel bild först.", "Wait for a whole picture first.")
    for field in ("monitoring_area_ok", "reflections_ok", "floor_plan_considered", "final_position"):
        if not getattr(what, field):
            return refuse("view_not_accepted", "Vrid eller maska kameran och ta en ny bild; alla fyra frågor ska kunna besvaras med ja.",
                          "Turn or mask the camera and take another frame; all four questions must be answered yes.", field)
    return replace(case, view=ViewDecision(True, True, True, True, said.by, now))


def _camera_moved(case: Case, what: i.CameraMoved, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if any(e.effect.kind == "rebind_camera" for e in case.errands) or case.rebind_completed:
        return refuse("rebind_under_way", "Kopplingen flyttas just nu. Vänta på larmcentralens svar.", "The re-bind is under way. Wait for the alarm centre's answer.")
    return replace(case, frame=None, view=None, sign=None, test_look=None, state=S.IDENTITY_VERIFIED, entered_at=now, leg=case.leg + 1, errands=())


def _sign(case: Case, what: i.SignPlaced, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    asked_for = set(case.receiving.sign_languages) if case.receiving else {"sv"}
    if not ({"sv"} | asked_for) <= set(what.languages):
        return refuse("sign_languages", "Skylten på svenska ska alltid sitta uppe, och de språk som verksamheten begärt: " + ", ".join(sorted(asked_for)) + ".",
                      "The Swedish sign must always be up, and the languages the unit asked for: " + ", ".join(sorted(asked_for)) + ".", "languages")
    for field, sv, en in (("near_rooms", "Skylten ska sitta nära rummen där kameran är.", "The sign must be near the rooms where the camera is."),
                          ("not_from_front_door", "Skylten får inte synas från ytterdörren.", "The sign must not be visible from the front door."),
                          ("covers_reflections", "Skylten ska mötas före det område som syns via speglar och glas.",
                           "The sign must be met before the area seen through mirrors and glass.")):
        if not getattr(what, field):
            return refuse("sign_place", sv + " Flytta den och svara igen.", en + " Move it and answer again.", field)
    return replace(case, sign=SignDecision(what.languages, True, True, True, said.by, now))


def _test_look(case: Case, what: i.TestLookStarted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    return replace(case, test_look=TestLook(what.challenge_id, what.code, now, said.by), errands=tuple(e for e in case.errands if e.effect.kind != "test_look"))


def _serial_confirmed(case: Case, what: i.SerialConfirmed, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if case.moves:
        return refuse("wrong_kind", "Vid flytt bekräftas kameran på plats, inte i förväg.", "For a move the camera is confirmed on site, not beforehand.")
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy)
    if isinstance(scan, Refusal):
        return scan
    return replace(_without_camera_errands(case), visit=scan, identity=None, confirm_by_camera=what.ask_camera)


def _duty(case: Case, what: i.DutyDone, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    duty = what.duty
    if case.state not in DUTY_IN[duty]:
        where = ", ".join(sorted(DUTY_IN[duty]))
        return refuse("wrong_state", f"{duty} kan inte bekräftas i {case.state}; det hör hemma i {where}.",
                      f"{duty} cannot be confirmed in {case.state}; it belongs in {where}.")
    if what.waived and (duty in NOT_WAIVABLE or said.role is not Role.TEAM_LEAD or len(what.note) < 10):
        return refuse("no_waiver", "Bara teamledaren får efterge detta, med ett skäl på minst 10 tecken, och inte allt får efterges.",
                      "Only the team lead may waive this, with a reason of at least 10 characters, and not everything may be waived.", "waived")
    if duty is Duty.TERMINATION_CONFIRMED and case.wanted is not None and case.wanted.by == said.by:
        return refuse("same_person", "En annan person än den som begärde avslutet ska bekräfta det.",
                      "Another person than the one who asked for the termination must confirm it.")
    if duty is Duty.IT_SUPPORT_UPDATED and not what.waived:
        if what.note not in policy.it_supports:
            known = ", ".join(policy.it_supports)
            return refuse("unknown_it_support", f"Ange vilket IT-stöd: {known}.", f"Say which IT system: {known}.", "note")
        names = tuple(dict.fromkeys((*case.it_supports_done, what.note)))
        case = replace(case, it_supports_done=names)
        if not set(policy.it_supports) <= set(names):
            return case
    return replace(case, done={**case.done, duty: Done(said.by, now, what.note, what.waived)})


def _task(case: Case, what: i.TaskDone, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    if not any(task.key == what.key and task.done is None for task in case.tasks):
        return refuse("unknown_task", "Ingen öppen uppgift heter så.", "No open task has that name.", "key")
    return replace(case, tasks=tuple(replace(t, done=Done(said.by, now, what.note)) if t.key == what.key else t for t in case.tasks))


def _try_again(case: Case, what: i.TryAgain, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    kept = tuple(e for e in case.errands if not e.stuck)
    if len(kept) == len(case.errands):
        return refuse("nothing_stuck", "Inget väntar på dig just nu.", "Nothing is waiting for you now.")
    changes = {}
    for name in ("old_binding", "new_binding"):  # the registry's newest word on our bindings, visibly adopted by a person
        binding = getattr(case, name)
        newest = max((s for s in case.seen if binding and s.binding_id == binding.binding_id), key=lambda s: s.revision, default=None)
        if binding is not None and newest is not None and newest.revision > binding.revision:
            changes[name] = replace(binding, state=newest.state, revision=newest.revision)
    return replace(case, errands=kept, leg=case.leg + 1, looked_up=case.looked_up and case.old_binding is not None, **changes)


def _exit(case: Case, what: i.ExitWanted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    allowed = exits_from(case.state, case.held_from)
    if what.exit not in allowed:
        names = ", ".join(sorted(allowed)) or "-"
        hint_sv, hint_en = "", ""
        if what.exit is Exit.CANCEL:
            hint_sv, hint_en = " Efter att titt-in pausats backas flytten (ROLL_BACK).", " After the looks were suspended the move is rolled back (ROLL_BACK)."
        if what.exit is Exit.ROLL_BACK and case.rebind_completed:
            hint_sv, hint_en = " En genomförd ombindning ångras med ett nytt ärende.", " A completed re-bind is undone by a new case."
        return refuse("exit_not_allowed", f"{what.exit} går inte från {case.state}. Möjligt här: {names}.{hint_sv}",
                      f"{what.exit} is not possible from {case.state}. Possible here: {names}.{hint_en}", "exit")
    if len(what.reason) < 3:
        return refuse("reason_missing", "Skriv ett skäl.", "Give a reason.", "reason")
    new_serial = None
    if what.exit is Exit.SWAP:
        if looks_like_asset_number(what.new_serial, policy.asset_number_pattern):
            return refuse("asset_number", "Det där är inventarienumret. Skanna den nya kamerans serienummer.",
                          "That is the asset number. Scan the new camera's serial number.", "new_serial")
        new_serial = normalise_serial(what.new_serial)
        if new_serial is None or new_serial == case.expected_serial:
            return refuse("not_a_serial", "Skanna den nya kamerans etikett.", "Scan the new camera's label.", "new_serial")
    return replace(case, wanted=Wanted(what.exit, said.by, now, what.reason, new_serial))


def _resumed(case: Case, what: i.Resumed, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    assert case.held_from is not None, "a case on hold knows where it was held"
    return replace(case, state=case.held_from, held_from=None, entered_at=now, leg=case.leg + 1)


_RECORDERS: Mapping[type, Callable[[Case, Any, i.Said, datetime, Policy], Case | Refusal]] = {
    i.HandingOverNotice: _handing_over, i.ReceivingNotice: _receiving, i.Booked: _booked, i.FallbackAcknowledged: _fallback,
    i.DismantlingBegins: _dismantling, i.Dismantled: _dismantled, i.Mounted: _mounted, i.VisitStarted: _visit, i.FrameWanted: _frame_wanted,
    i.ViewAccepted: _view, i.CameraMoved: _camera_moved, i.SignPlaced: _sign, i.TestLookStarted: _test_look, i.SerialConfirmed: _serial_confirmed,
    i.DutyDone: _duty, i.TaskDone: _task, i.TryAgain: _try_again, i.ExitWanted: _exit, i.Resumed: _resumed,
}


def settled(case: Case) -> bool:
    """Whether no registry command is under way whose outcome is unknown: only then may the case leave its step by an exit."""
    return not any(isinstance(e.effect, CHANGES_REGISTRY) and not e.accepted and not e.stuck for e in case.errands)


def looks_are_on(case: Case) -> bool:
    """Whether the old binding still gives looks."""
    return case.old_binding is None or case.old_binding.state is BindingState.ACTIVE
