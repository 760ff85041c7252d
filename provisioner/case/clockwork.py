"""Time in a case: what is due, what has grown old, who must be called before the night, and when to wake next. Nobody here sleeps."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from provisioner.case import effects as fx
from provisioner.case import localtime, workdays
from provisioner.case.answers import failed
from provisioner.case.cover import covered_by, live_binding
from provisioner.case.exits import released, settled
from provisioner.case.intake import Question, questions
from provisioner.case.model import BindingState, Case, CoveredBy, Errand, State, but
from provisioner.case.needs import FRAME, KEYS_KNOWN, REBOUND, RESUMED, STATE_AGREES, SWITCH_COMPLETED, Need
from provisioner.case.plan import AFTER_START, way_of
from provisioner.case.policy import Policy
from provisioner.fault import Fault, FaultKind, Text

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_NO_REPLY = Text("Inget svar inom tiden. Samma fråga ställs igen.", "No answer in time. The same question is put again.")
_UNWATCHED = (CoveredBy.VISITS, CoveredBy.NOBODY)
_COUNTERPART = ("receiving_unit", "handing_over_unit")


class Due(NamedTuple):
    """Something to tell at an hour of its own. The text is made only when it is told: most instants of a case tell nothing."""

    at: datetime
    key: str
    audience: str
    about: str
    text: Callable[[], Text]


def expire(case: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """Errands whose deadline has passed count as timed out: the performer may have died with the question."""
    why: tuple[str, ...] = ()
    for errand in case.errands:
        if errand.deadline_at is not None and errand.deadline_at <= now and not errand.stuck:
            fault = Fault(FaultKind.TIMED_OUT, errand.effect.kind, "no answer within the deadline", _NO_REPLY)
            case, said = failed(case, errand, fault, now, policy)
            why += said
    return case, why


def fade(case: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """What is true only for a while: the scan that allows a picture, the code that was seen, the fallback that nobody needed."""
    if case.state is State.IDENTITY_VERIFIED and case.visit is not None and now - case.visit.at > policy.label_scan_valid and not FRAME.met(case):
        return but(case, visit=None, errands=tuple(e for e in case.errands if not isinstance(e.effect, fx.JudgeFrame))), ("the label scan is too old for a frame",)
    if (case.state is State.TEST_LOOK_OK and case.test_look is not None and not case.rebind_completed
            and not any(errand.in_doubt or errand.stuck for errand in case.errands)  # in doubt: only its answer counts; stuck: a person is at it
            and now - case.test_look.started_at > policy.test_look_valid):
        return but(case, test_look=None), ("the test look is too old to re-bind on",)
    fallback, home = case.fallback, live_binding(case)
    if (fallback is not None and fallback.released_at is None and fallback.review_at <= now and home is not None
            and home.state is BindingState.ACTIVE and settled(case)):
        return released(case, now), ("the fallback was agreed, not needed, and not renewed: it has lapsed",)
    return case, ()


# ---- the night --------------------------------------------------------------------------------------------------------------------


def next_night(case: Case) -> datetime | None:
    """The planned look after `first_look_at`, on Swedish clocks."""
    return localtime.same_time_next_day(case.first_look_at) if case.first_look_at is not None else None


def to_next_night(case: Case, now: datetime) -> Case:
    """The first planned look moves on by a night once it has passed without a camera: the next night counts again."""
    while case.first_look_at is not None and case.first_look_at <= now and gap_is_open(case):
        case = but(case, first_look_at=next_night(case))
    return case


def gap_is_open(case: Case) -> bool:
    """Whether the home has no camera looks although it should have: then the gap timer runs (D7)."""
    return not case.is_final and covered_by(case) in _UNWATCHED


def _left(span: timedelta) -> str:
    minutes = max(0, round(span / timedelta(minutes=1)))
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "") if minutes >= 60 else f"{minutes} min"


def _gap_calls(case: Case, now: datetime, policy: Policy) -> Iterator[Due]:
    """T-4 h, T-2 h, T-1 h. Of those that have passed, only the most urgent: three calls at one moment say less than one."""
    look = case.first_look_at
    if look is None or not gap_is_open(case):
        return
    left = look - now
    marks = sorted(policy.escalate_before_first_look, reverse=True)
    for place, before in enumerate(marks):
        if place + 1 < len(marks) and left <= marks[place + 1]:
            continue
        key, at = f"gap-{_stamp(look)}-{before / _HOUR:g}h", look - before
        yield Due(at, key, "on_call", "escalation", lambda: Text(
            f"Hemmet har ingen kameratillsyn och nästa planerade titt är om {_left(left)}. Ärende {case.case_number}.",
            f"The home has no camera supervision and the next planned look is in {_left(left)}. Case {case.case_number}."))
        if before == marks[-1]:
            yield Due(at, f"{key}-visit", "night_patrol", "visit_ordered", lambda: Text(
                f"Fysisk tillsyn är beordrad i natt. Ärende {case.case_number}.", f"A physical visit is ordered for tonight. Case {case.case_number}."))


# ---- what repeats until somebody acts ---------------------------------------------------------------------------------------------


def _every(since: datetime, span: timedelta, now: datetime) -> Iterator[tuple[datetime, int]]:
    """The newest beat that has come (0 is `since` itself) and the next one."""
    beat = max(0, int((now - since) / span))
    yield since + beat * span, beat
    yield since + (beat + 1) * span, beat + 1


def _nobody_calls(case: Case, now: datetime, policy: Policy) -> Iterator[Due]:
    if case.is_final or not case.cover or case.cover[-1].by is not CoveredBy.NOBODY:
        return
    since = case.cover[-1].at
    for at, beat in _every(since, policy.uncovered_repeat, now):
        yield Due(at, f"uncovered-{_stamp(since)}-{beat}", "on_call", "escalation", lambda: Text(
            f"INGEN ser till hemmet just nu: varken kamera eller besök. Ring ansvarig enhet. Ärende {case.case_number}.",
            f"NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case {case.case_number}."))


def _review_calls(case: Case, now: datetime, policy: Policy) -> Iterator[Due]:
    fallback = case.fallback
    if fallback is None or fallback.released_at is not None or case.is_final:
        return
    for at, beat in _every(fallback.review_at, _DAY, now):
        yield Due(at, f"review-{_stamp(fallback.review_at)}-{beat}", "on_call", "escalation", lambda: Text(
            f"Pausen i ärende {case.case_number} ska granskas nu: gäller besöken fortfarande? Bekräfta på nytt.",
            f"The suspension in case {case.case_number} is due for review: are the visits still in force? Acknowledge anew."))


def _silence_calls(case: Case, now: datetime, policy: Policy) -> Iterator[Due]:
    """D24, armed when supervision began, until the first look that succeeded."""
    if case.began_at is None or case.first_look_ok_at is not None or case.is_final:
        return
    for at, beat in _every(case.began_at, policy.silent_binding, now):
        if beat:
            yield Due(at, f"silent-{beat}", "on_call", "escalation", lambda: Text(
                f"Ingen lyckad titt har rapporterats sedan tillsynen började. Ring larmcentralen. Ärende {case.case_number}.",
                f"No successful look was reported since supervision began. Phone the alarm centre. Case {case.case_number}."))


def _closing_calls(case: Case, now: datetime, policy: Policy) -> Iterator[Due]:
    """Supervision goes on or is being ended, and what is left is telling, confirming and writing down. Nobody misses it until somebody asks who looks into
    which home."""
    if case.entered_at is None or not (case.state is State.TERMINATING or (case.state in AFTER_START and case.leaving is None)):
        return
    way = way_of(case.kind, case.state)
    left = [need.text for need in way.needs if need.duty is not None and not need.met(case)] if way is not None else []
    if not left:
        return
    for at, beat in _every(workdays.after(case.entered_at, policy.closing_reminder), _WEEK, now):
        yield Due(at, f"closing-{case.leg}-{beat}", "coordinator", "reminder", lambda: Text(
            f"Ärende {case.case_number} är inte avslutat. Det här återstår: {' '.join(one.sv for one in left)}",
            f"Case {case.case_number} is not closed. Left to be done: {' '.join(one.en for one in left)}"))


# ---- what comes once --------------------------------------------------------------------------------------------------------------


def _once_calls(case: Case, policy: Policy) -> Iterator[Due]:
    entered = case.entered_at or case.opened_at
    if case.state is State.AWAITING_COUNTERPART and (case.receiving is None or case.handing_over is None):
        missing = _COUNTERPART[0] if case.receiving is None else _COUNTERPART[1]
        yield Due(workdays.after(entered, policy.counterpart_reminder), "counterpart-1", missing, "reminder", lambda: Text(
            f"Formuläret för ärende {case.case_number} saknas ännu.", f"The form for case {case.case_number} is still missing."))
        yield Due(workdays.after(entered, policy.counterpart_phone), "counterpart-2", "coordinator", "phone_task", lambda: Text(
            f"Ring verksamheten: formuläret för ärende {case.case_number} saknas efter två arbetsdagar.",
            f"Phone the unit: the form for case {case.case_number} is missing after two working days."))
    if case.state is State.ON_HOLD:
        yield Due(entered + policy.hold_review, f"hold-{case.leg}", "coordinator", "escalation", lambda: Text(
            f"Ärende {case.case_number} har vilat ett dygn. Återuppta eller avsluta det.",
            f"Case {case.case_number} has been on hold for a day. Resume it or end it."))
    if _only_the_retained_state_is_missing(case) and case.replied_at is not None:
        yield Due(max(entered, case.replied_at) + policy.state_patience, f"state-{case.leg}", "coordinator", "phone_task", lambda: Text(
            f"Larmcentralen har svarat, men dess status visar det inte. Ring den. Ärende {case.case_number} går inte vidare förrän båda stämmer.",
            f"The alarm centre has replied, but its retained state does not show it. Phone it. Case {case.case_number} waits until both agree."))
    if case.changes_provider and not case.is_final and case.receiving is not None and case.receiving.provider_effective_at is not None \
            and not KEYS_KNOWN.met(case):
        yield Due(case.receiving.provider_effective_at - policy.keys_reminder, "keys", "receiving_unit", "reminder", lambda: Text(
            f"Utförarbytet i ärende {case.case_number} är nära och nycklarna är inte utkvitterade.",
            f"The provider change in case {case.case_number} is near and the keys are not signed out."))
    yield from _late_switch(case, policy)


def _late_switch(case: Case, policy: Policy) -> Iterator[Due]:
    """H13: the instant of the provider change has passed, and the alarm centre has not shown that it changed (keys that nobody signed out, a command that did
    not come through, a case on hold). Looks go on; what they see is told to a provider that has left."""
    effective = case.receiving.provider_effective_at if case.receiving is not None else None
    if case.changes_provider and not case.is_final and case.leaving is None and effective is not None and not SWITCH_COMPLETED.met(case):
        yield Due(effective + policy.state_patience, f"switch-late-{_stamp(effective)}", "on_call", "escalation", lambda: Text(
            f"Utförarbytet i ärende {case.case_number} skulle ha skett nu och är inte genomfört: larmcentralen ringer den gamla utföraren. Ring båda.",
            f"The provider change in case {case.case_number} was due now and is not done: the alarm centre still calls the old provider. Phone both."))


def _unanswered_calls(case: Case, policy: Policy) -> Iterator[Due]:
    """R25, U2: a question that nobody has answered is put again after a working day, and becomes a phone task after two. One reminder for all questions to
    one addressee; a new form of that unit begins anew, because its questions are new."""
    if case.state not in (State.AWAITING_COUNTERPART, State.NEEDS_INFO):
        return
    asked = questions(case)
    for to, form in ((_COUNTERPART[1], case.handing_over), (_COUNTERPART[0], case.receiving), ("coordinator", None)):
        mine = [question for question in asked if question.to == to]
        if not mine:
            continue
        since = max((one.arrived_at for one in (form or case.handing_over, form or case.receiving) if one is not None), default=case.opened_at)
        key = f"unanswered-{to}-{_stamp(since)}"
        yield Due(workdays.after(since, policy.counterpart_reminder), f"{key}-1", to, "reminder", partial(_still_asked, case, mine))
        yield Due(workdays.after(since, policy.counterpart_phone), f"{key}-2", "coordinator", "phone_task", partial(_phone_them, case, to, mine))


def _still_asked(case: Case, asked: list[Question]) -> Text:
    return Text(f"Väntar på svar i ärende {case.case_number}. {' '.join(one.text.sv for one in asked)}",
                f"An answer is awaited in case {case.case_number}. {' '.join(one.text.en for one in asked)}")


def _phone_them(case: Case, to: str, asked: list[Question]) -> Text:
    sv, en = {"handing_over_unit": ("Ring överlämnande verksamhet", "Phone the handing-over unit"),
              "receiving_unit": ("Ring mottagande verksamhet", "Phone the receiving unit")}.get(to, ("Red ut", "Settle"))
    return Text(f"{sv}: obesvarat efter två arbetsdagar i ärende {case.case_number}. {' '.join(one.text.sv for one in asked)}",
                f"{en}: unanswered after two working days in case {case.case_number}. {' '.join(one.text.en for one in asked)}")


def _only_the_retained_state_is_missing(case: Case) -> bool:
    done: Need | None = {State.TEST_LOOK_OK: REBOUND, State.SWITCH_SCHEDULED: SWITCH_COMPLETED, State.ROLLING_BACK: RESUMED}.get(case.state)
    if done is None or not done.met(case):
        return False
    way = way_of(case.kind, case.state)
    return way is not None and any(not need.met(case) for need in way.needs if need.name in (STATE_AGREES.name, "states_agree"))


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="minutes")[:16]


# ---- together ---------------------------------------------------------------------------------------------------------------------


def timetable(case: Case, now: datetime, policy: Policy) -> list[Due]:
    """Everything that has an hour of its own, past or to come."""
    if case.is_final:
        return []
    found = [*_once_calls(case, policy), *_unanswered_calls(case, policy)]
    for calls in (_gap_calls, _nobody_calls, _review_calls, _silence_calls, _closing_calls):
        found += calls(case, now, policy)
    return found


def due_now(case: Case, table: list[Due], now: datetime) -> list[fx.TellPeople]:
    """Of these, what has come and was not told yet."""
    return [fx.TellPeople(key, due.audience, due.about, due.text())  # type: ignore[arg-type]
            for due in table if due.at <= now and (key := f"{case.case_id}/{due.key}") not in case.raised]


def next_wake(case: Case, table: list[Due], now: datetime) -> datetime | None:
    """The earliest instant at which something falls due. None: only an input moves this case."""
    if case.is_final:
        return None
    instants = [at for errand in case.errands if not errand.stuck for at in _instants(errand)]
    instants += [due.at for due in table if due.at > now]
    if case.first_look_at is not None and gap_is_open(case):
        instants.append(case.first_look_at)
    return min(instants, default=None)


def _instants(errand: Errand) -> Iterator[datetime]:
    if errand.retry_at is not None:
        yield errand.retry_at
    elif errand.deadline_at is not None:
        yield errand.deadline_at
