"""Time in a case: what is due, who must be called before the night, and when to wake next. The next waking is a value; nobody here sleeps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from provisioner.case.answers import failed
from provisioner.case.cover import covered_by
from provisioner.case.effects import TellPeople
from provisioner.case.model import Case, CoveredBy, Errand, State
from provisioner.case.policy import Policy
from provisioner.fault import Fault, FaultKind, Text

_DAY = timedelta(days=1)
_NO_REPLY = Text("Inget svar inom tiden. Samma fråga ställs igen.", "No answer in time. The same question is put again.")


def expire(case: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """Errands whose deadline has passed count as timed out: the performer may have died with the question."""
    why: tuple[str, ...] = ()
    for errand in case.errands:
        if errand.deadline_at is not None and errand.deadline_at <= now and not errand.stuck:
            fault = Fault(FaultKind.TIMED_OUT, errand.effect.kind, "no answer within the deadline", _NO_REPLY)
            case, said = failed(case, replace(errand, accepted=False), fault, now, policy)
            why += said
    return case, why


def next_night(case: Case, now: datetime) -> Case:
    """The first planned look moves on by a day once it has passed without a camera: the next night counts again."""
    while case.first_look_at is not None and case.first_look_at <= now and _gap_is_open(case):
        case = replace(case, first_look_at=case.first_look_at + _DAY)
    return case


def _gap_is_open(case: Case) -> bool:
    """Whether the home has no camera looks although it should have: then the gap timer runs (D7)."""
    return not case.is_final and covered_by(case) in (CoveredBy.VISITS, CoveredBy.NOBODY)


def _gap_marks(case: Case, policy: Policy) -> Iterator[tuple[datetime, str, timedelta]]:
    if case.first_look_at is None or not _gap_is_open(case):
        return
    for before in policy.escalate_before_first_look:
        at = case.first_look_at - before
        yield at, f"gap-{case.first_look_at:%Y%m%dT%H%M}-{before.total_seconds() / 3600:g}h", before


def _uncovered_since(case: Case) -> datetime | None:
    """Since when the last ledger line says NOBODY, unless the case is over."""
    if case.is_final or not case.cover or case.cover[-1].by is not CoveredBy.NOBODY:
        return None
    return case.cover[-1].at


def calls(case: Case, now: datetime, policy: Policy) -> tuple[TellPeople, ...]:
    """Who must be told now because of the hour: the gap timer, an uncovered home, reviews and reminders. Each has a key and is told once."""
    found: list[TellPeople] = []
    for at, key, before in _gap_marks(case, policy):
        if at <= now:
            hours = f"{before.total_seconds() / 3600:g}"
            text = Text(f"Hemmet har ingen kameratillsyn och första titten är om {hours} timmar. Ärende {case.case_number}.",
                        f"The home has no camera supervision and the first planned look is in {hours} hours. Case {case.case_number}.")
            found.append(_tell(case, key, "on_call", "escalation", text))
            if before == min(policy.escalate_before_first_look):
                order = Text(f"Fysisk tillsyn är beordrad i natt. Ärende {case.case_number}.", f"A physical visit is ordered for tonight. Case {case.case_number}.")
                found.append(_tell(case, f"{key}-visit", "night_patrol", "visit_ordered", order))
    found += _calls_for_nobody(case, now, policy)
    found += _calls_for_patience(case, now, policy)
    return tuple(found)


def _calls_for_nobody(case: Case, now: datetime, policy: Policy) -> Iterator[TellPeople]:
    since = _uncovered_since(case)
    if since is not None:
        times = int((now - since) / policy.uncovered_repeat)
        text = Text(f"INGEN ser till hemmet just nu: varken kamera eller besök. Ring ansvarig enhet. Ärende {case.case_number}.",
                    f"NOBODY watches over the home now: neither camera nor visits. Phone the responsible unit. Case {case.case_number}.")
        yield _tell(case, f"uncovered-{since:%Y%m%dT%H%M%S}-{times}", "on_call", "escalation", text)


def _reminders(case: Case, policy: Policy) -> Iterator[tuple[datetime, TellPeople]]:
    """Everything with an hour of its own: (when, what)."""
    if case.state is State.AWAITING_COUNTERPART and case.entered_at is not None and (case.receiving is None or case.handing_over is None):
        missing: Literal["receiving_unit", "handing_over_unit"] = "receiving_unit" if case.receiving is None else "handing_over_unit"
        text = Text(f"Formuläret för ärende {case.case_number} saknas ännu.", f"The form for case {case.case_number} is still missing.")
        yield case.entered_at + policy.counterpart_reminder, TellPeople(f"{case.case_id}/counterpart-1", missing, "reminder", text)
        phone = Text(f"Ring verksamheten: formuläret för ärende {case.case_number} saknas efter två dagar.",
                     f"Phone the unit: the form for case {case.case_number} is missing after two days.")
        yield case.entered_at + policy.counterpart_phone, TellPeople(f"{case.case_id}/counterpart-2", "coordinator", "phone_task", phone)
    if case.state is State.ON_HOLD and case.entered_at is not None:
        text = Text(f"Ärende {case.case_number} har vilat ett dygn. Återuppta eller avsluta det.",
                    f"Case {case.case_number} has been on hold for a day. Resume it or end it.")
        yield case.entered_at + policy.hold_review, TellPeople(f"{case.case_id}/hold-{case.leg}", "coordinator", "escalation", text)
    if case.fallback is not None and case.fallback.released_at is None and not case.is_final:
        text = Text(f"Pausen i ärende {case.case_number} ska granskas nu: gäller besöken fortfarande?",
                    f"The suspension in case {case.case_number} is due for review: are the visits still in force?")
        yield case.fallback.review_at, TellPeople(f"{case.case_id}/review-{case.fallback.review_at:%Y%m%dT%H%M}", "on_call", "escalation", text)


def _calls_for_patience(case: Case, now: datetime, policy: Policy) -> Iterator[TellPeople]:
    yield from (tell for at, tell in _reminders(case, policy) if at <= now)


def _tell(case: Case, key: str, audience: str, about: str, text: Text) -> TellPeople:
    return TellPeople(f"{case.case_id}/{key}", audience, about, text)  # type: ignore[arg-type]


def next_wake(case: Case, now: datetime, policy: Policy) -> datetime | None:
    """The earliest instant at which something falls due. None: only an input moves this case."""
    if case.is_final:
        return None
    instants = [at for errand in case.errands if not errand.stuck for at in _instants(errand)]
    instants += [at for at, key, _ in _gap_marks(case, policy) if f"{case.case_id}/{key}" not in case.raised]
    instants += [at for at, tell in _reminders(case, policy) if tell.key not in case.raised]
    if case.first_look_at is not None and _gap_is_open(case):
        instants.append(case.first_look_at)
    since = _uncovered_since(case)
    if since is not None:
        instants.append(since + policy.uncovered_repeat * (int((now - since) / policy.uncovered_repeat) + 1))
    return min(instants, default=None)


def _instants(errand: Errand) -> Iterator[datetime]:
    if errand.retry_at is not None:
        yield errand.retry_at
    elif errand.deadline_at is not None:
        yield errand.deadline_at
