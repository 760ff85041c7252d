"""What is said from the desk: forms, booking, fallback, duties, tasks, exits. Each taken into the case, or refused with the way out."""

from dataclasses import replace
from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.answers import adopted
from provisioner.case.device_needs import masked, postured, rotated
from provisioner.case.exits import possible, settled
from provisioner.case.identifiers import is_opaque, looks_like_asset_number, normalise_serial
from provisioner.case.keys_said import gone_refusal, told_gone
from provisioner.case.model import BindingState, Case, Consent, Done, Duty, Exit, Fallback, FallbackMode, Notice, Role, State, Wanted, but
from provisioner.case.needs import PAUSED, fallback_stands
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.plan import DUTY_IN, NOT_WAIVABLE
from provisioner.case.policy import Policy
from provisioner.case.posture_items import ITEMS
from provisioner.case.posture_items import State as ItemState


def _notice(notice: Notice, policy: Policy) -> Refusal | None:
    for field in ("site_ref", "provider_ref"):
        if not is_opaque(getattr(notice, field)):  # it will travel to the alarm centre
            return refuse("not_opaque", f"{field} ska vara en intern beteckning (små bokstäver, siffror, bindestreck, minst 6 tecken).",
                          f"{field} must be an internal reference (lower case letters, digits, hyphens, at least 6 characters).", field)
    if notice.serial is not None and normalise_serial(notice.serial) != notice.serial:
        return refuse("not_a_serial", "Fältet serienummer innehåller inget serienummer.", "The serial field holds no serial number.", "serial")
    if notice.serial is not None and (looks_like_asset_number(notice.serial, policy.asset_number_pattern)
                                      or (notice.asset_number is not None and normalise_serial(notice.asset_number) == notice.serial)):
        return refuse("asset_number", "Fältet serienummer innehåller ett inventarienummer. Läs serienumret på kamerans egen etikett.",
                      "The serial field holds an asset number. Read the serial number on the camera's own label.", "serial")
    return None


def handing_over(case: Case, what: i.HandingOverNotice, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R6-R12. Another serial than before is looked up anew: nothing known of the old one is true of it (H3)."""
    wrong = _notice(what.notice, policy)
    if wrong:
        return wrong
    kept = what.notice.serial == case.expected_serial
    case = but(case, handing_over=what.notice)
    if kept:
        return case
    return but(case, expected_serial=what.notice.serial, looked_up=False, live_found=0, old_binding=None, visit=None, identity=None,
               judged=None, dossier=None, errands=())


def receiving(case: Case, what: i.ReceivingNotice, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R15-R22."""
    wrong = _notice(what.notice, policy)
    if wrong:
        return wrong
    if "sv" not in what.notice.sign_languages or not set(what.notice.sign_languages) <= {"sv", "en", "fa", "ar", "so"}:
        return refuse("sign_languages", "Skyltspråk: svenska alltid, dessutom bara en, fa, ar, so.",
                      "Sign languages: Swedish always, besides it only en, fa, ar, so.", "sign_languages")
    return but(case, receiving=what.notice)


def fallback(case: Case, what: i.FallbackAcknowledged, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """D6, I2: who visits, who said so, and until when it holds without being looked at again."""
    if not is_opaque(what.fallback_ref) or not what.unit_ref or not what.person_ref:
        return refuse("fallback_by_whom", "Ange vilken enhet och vem som bekräftat den fysiska tillsynen, och dess beteckning.",
                      "Say which unit and who acknowledged the physical supervision, and its reference.", "person_ref")
    review_at = what.review_at or now + policy.suspension_review
    if not now < review_at <= now + policy.suspension_review:
        return refuse("review_at", f"Granskningstiden ska ligga inom {policy.suspension_review.days} dagar.",
                      f"The review time must lie within {policy.suspension_review.days} days.", "review_at")
    if what.mode is FallbackMode.NOT_NEEDED and case.state is not State.TERMINATING and (case.state is not State.PAUSED or case.pause_over is not None):
        return refuse("fallback_needed", "Utan kamera ska hemmet besökas. 'Behövs inte' finns bara när tillsynen avslutas.",
                      "Without the camera the home is visited. 'Not needed' exists only when supervision ends.", "mode")
    return but(case, fallback=Fallback(what.fallback_ref, what.mode, what.unit_ref, what.person_ref, now, review_at,
                                        for_ending=case.state is State.TERMINATING))


def duty(case: Case, what: i.DutyDone, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """One row of the routine, where it belongs; waived only by the team lead, with a reason."""
    duty = what.duty
    if case.state not in DUTY_IN[duty]:
        where = ", ".join(sorted(DUTY_IN[duty]))
        return refuse("wrong_state", f"{duty} kan inte bekräftas i {case.state}; det hör hemma i {where}.",
                      f"{duty} cannot be confirmed in {case.state}; it belongs in {where}.")
    if what.waived and (duty in NOT_WAIVABLE or said.role is not Role.TEAM_LEAD or len(what.note) < 10):
        return refuse("no_waiver", "Bara teamledaren får efterge detta, med ett skäl på minst 10 tecken, och inte allt får efterges.",
                      "Only the team lead may waive this, with a reason of at least 10 characters, and not everything may be waived.", "waived")
    gone = told_gone(case, duty)
    if gone is not None and not what.waived:
        return gone_refusal(gone)
    no = by_daemon_first(case, duty, said, what)
    if no is not None:
        return no
    if duty is Duty.TERMINATION_CONFIRMED and case.leaving is not None and case.leaving.by == said.by:
        return refuse("same_person", "En annan person än den som begärde avslutet ska bekräfta det.",
                      "Another person than the one who asked for the termination must confirm it.")
    if duty is Duty.IT_SUPPORT_UPDATED and not what.waived:
        if what.note not in policy.it_supports:
            known = ", ".join(policy.it_supports)
            return refuse("unknown_it_support", f"Ange vilket IT-stöd: {known}.", f"Say which IT system: {known}.", "note")
        names = tuple(dict.fromkeys((*case.it_supports_done, what.note)))
        case = but(case, it_supports_done=names)
        if not set(policy.it_supports) <= set(names):
            return case
    return but(case, done={**case.done, duty: Done(said.by, now, what.note, what.waived)})


def by_daemon_first(case: Case, duty: Duty, said: i.Said, what: i.DutyDone) -> Refusal | None:
    """Passwords and settings are the daemon's work. A person answers for them by name, with a reason, where the camera will not be set, and for
    settings only the team lead, and never for what was found wrong, nor for sound, recordings or an open door (H8, H9)."""
    if duty not in (Duty.CREDENTIALS_ROTATED, Duty.POSTURE_CONFIRMED):
        return None
    tried = case.rotation is not None if duty is Duty.CREDENTIALS_ROTATED else case.posture is not None
    if not tried:
        return refuse("daemon_first", "Det gör daemonen själv, när kamerans etikett är skannad på plats.",
                      "The daemon does that itself, once the camera's label is scanned on site.", "duty")
    if len(what.note) < 10:
        return refuse("reason_missing", "Skriv vad som gjorts för hand och varför (minst 10 tecken).",
                      "Say what was done by hand and why (at least 10 characters).", "note")
    if duty is Duty.CREDENTIALS_ROTATED or case.posture is None:
        return None
    if said.role is not Role.TEAM_LEAD:
        return refuse("team_lead_only", "Bara teamledaren kan svara för kamerans inställningar.", "Only the team lead can answer for the camera's settings.", "by")
    hopeless = [f for f in case.posture.findings if f.item in case.posture.blocking and (f.state is ItemState.WRONG or f.state in ITEMS[f.item].never)]
    if hopeless:
        return refuse("never_by_hand", f"Det kan ingen svara för: {hopeless[0].sentence.sv}", f"Nobody can answer for that: {hopeless[0].sentence.en}", "duty")
    return None


def task(case: Case, what: i.TaskDone, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """A task is done; what it said of the world becomes true."""
    if not any(task.key == what.key and task.done is None for task in case.tasks):
        return refuse("unknown_task", "Ingen öppen uppgift heter så.", "No open task has that name.", "key")
    if what.key == "refused" and len(what.note) < 10:
        return refuse("reason_missing", "Skriv vem som nu har sagt ja, och till vem (minst 10 tecken).",
                      "Say who has agreed after all, and to whom (at least 10 characters).", "note")
    if what.key == "old-sign":
        case = but(case, old_sign_removed=True)
    return but(case, tasks=tuple(replace(t, done=Done(said.by, now, what.note)) if t.key == what.key else t for t in case.tasks))


def _as_retained(case: Case) -> Case:
    """On the way back, looks that somebody has suspended by hand are resumed again by us. Never the other way: ACTIVE takes the registry's reply."""
    home = case.home_binding
    newest = max((s for s in case.seen if home is not None and s.binding_id == home.binding_id), key=lambda s: s.revision, default=None)
    if home is None or newest is None or newest.revision <= home.revision or newest.state is BindingState.ACTIVE:
        return case
    home = replace(home, state=newest.state, revision=newest.revision)
    return but(case, new_binding=home) if case.rebind_completed else but(case, old_binding=home)


def _camera_again(case: Case) -> Case:
    """What the camera showed to be wrong is looked at again."""
    if case.state is State.INSTALLED and case.rotation is not None and not rotated(case):
        case = but(case, rotation=None)
    if case.state is State.INSTALLED and case.posture is not None and not postured(case):
        case = but(case, posture=None)
    if case.state is State.IDENTITY_VERIFIED and case.masking is not None and not masked(case):
        case = but(case, masking=None)
    return case


def try_again(case: Case, what: i.TryAgain, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """A person has seen to it: what the rejections showed is adopted, and what was stuck is asked anew."""
    stuck = [errand for errand in case.errands if errand.stuck]
    camera_again = _camera_again(case)
    look_up_again = case.state in (State.AWAITING_COUNTERPART, State.NEEDS_INFO) and case.looked_up
    going_back_elsewhere = case.state is State.ROLLING_BACK and _as_retained(case) is not case
    if not stuck and not look_up_again and not going_back_elsewhere and camera_again is case:
        return refuse("nothing_stuck", "Inget väntar på dig just nu.", "Nothing is waiting for you now.")
    case = camera_again
    if look_up_again:
        case = but(case, looked_up=False, live_found=0, old_binding=None)
    for errand in stuck:
        case = adopted(case, errand, now)
    if going_back_elsewhere:
        case = _as_retained(case)
    # a command in doubt is put again as it is, under its message id; anything else is made anew from what is known now
    again = tuple(replace(e, stuck=False, retry_at=now) if e.stuck else e for e in case.errands if not e.stuck or e.in_doubt or e.accepted)
    return but(case, errands=again, leg=case.leg + 1)


def exit(case: Case, what: i.ExitWanted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """The wish is noted; whether and how it is carried out is decided when no command is in doubt."""
    allowed = possible(case)
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
    return but(case, wanted=Wanted(what.exit, said.by, now, what.reason, new_serial))


def resumed(case: Case, what: i.Resumed, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """On from where the case was held; what has grown old meanwhile is asked anew by the plan."""
    if case.state is State.PAUSED:
        return _home_again(case, said, now)
    assert case.held_from is not None, "a case on hold knows where it was held"
    if any(task.key == "wrong-case" and task.done is None for task in case.tasks):
        return refuse("wrong_case_open", "Gör först klart uppgiften 'fel ärende': vad kontrollerades?", "First finish the task 'wrong case': what was checked?")
    if any(task.key == "refused" and task.done is None for task in case.tasks):
        return refuse("refusal_open", "Hemmet har sagt nej. Backa flytten (ROLL_BACK) eller avsluta (TERMINATE); har de ändrat sig: gör klart uppgiften 'refused'.",
                      "The home has said no. Roll back (ROLL_BACK) or terminate (TERMINATE); where they have changed their mind, finish the task 'refused' first.")
    return but(case, state=case.held_from, held_from=None, entered_at=now, leg=case.leg + 1)


def _home_again(case: Case, said: i.Said, now: datetime) -> Case | Refusal:
    """The end of a pause. Until the looks are on again somebody visits: a person is at home from now on."""
    if not PAUSED.met(case) or not settled(case):
        return refuse("not_paused_yet", "Pausen är på väg till larmcentralen. Vänta på svaret.", "The pause is on its way to the alarm centre. Wait for the answer.")
    if not fallback_stands(case) or case.fallback is None or case.fallback.mode is not FallbackMode.VISITS:
        return refuse("visits_first", "Bekräfta först besök tills titt-in är igång igen.", "First have visits acknowledged until the looks are on again.")
    return but(case, pause_over=Done(said.by, now))


def withdrawn(case: Case, what: i.ConsentWithdrawn, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """U11, D28: the looks stop as at every ending, whatever the case was about; nothing is left that starts them again here. Who asked is who wrote it down:
    another person confirms."""
    if not what.subject:
        return refuse("consent_whose", "Ange vems samtycke: service_user, cohabitant-1, ...", "Say whose consent: service_user, cohabitant-1, ...", "subject")
    case = but(case, withdrawn=(*case.withdrawn, Consent(what.subject, False, now)))
    if Exit.TERMINATE not in possible(case):
        return case  # it is being ended already
    return but(case, wanted=Wanted(Exit.TERMINATE, said.by, now, "consent withdrawn"))


def move_undone(case: Case, what: i.MoveUndone, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """What was re-bound goes back in a new case, because what this one did is history: its consents, sign and feedback were of that home."""
    if not case.moves or not case.rebind_completed:
        return refuse("nothing_rebound", "Här är inget ombundet. Före ombindningen backas flytten i samma ärende (ROLL_BACK).",
                      "Nothing was re-bound here. Before the re-bind the move is rolled back in its own case (ROLL_BACK).")
    if case.undone_by and case.undone_by != what.by_case:
        return refuse("undone_already", f"Det ångras redan i ärende {case.undone_by}.", f"It is being undone in case {case.undone_by} already.", "by_case")
    if not what.by_case or what.by_case == case.case_number:
        return refuse("undone_by_whom", "Ange det nya ärendets nummer.", "Say the number of the new case.", "by_case")
    return but(case, undone_by=what.by_case)
