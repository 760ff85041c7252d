"""The core: one input, one moment, a new case and the effects it owes. Pure; the whole life of a case is this function over its journal."""

from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.case import clockwork
from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.answers import answered, failed, fits, heard, with_errand
from provisioner.case.cover import with_ledger
from provisioner.case.exits import entered, released, settled, take_exit
from provisioner.case.model import FINAL, Case, Duty, Errand, State, Token, but
from provisioner.case.needs import Asking, Need, message_id
from provisioner.case.news import tells
from provisioner.case.outcome import Ask, Outcome, Refusal, Verdict
from provisioner.case.plan import PLAN, Way, way_of
from provisioner.case.policy import Policy
from provisioner.case.record import record
from provisioner.case.tasks import with_task
from provisioner.fault import Text


def advance(case: Case | None, input: i.Input, now: datetime, policy: Policy) -> Outcome:
    """What `input` at `now` makes of `case`. `case` is None only for `Opened`.

    A person's input that may not be is refused and changes nothing; a late answer is dropped here and nowhere else. Raises only for bugs of ours.
    """
    if case is None or isinstance(input, i.Opened):
        return _opened(case, input, now)
    before = case
    why: tuple[str, ...] = ()
    match input:
        case i.Answered(token=token) | i.Failed(token=token):
            errand = case.errand(token)
            if errand is None or errand.stuck or (isinstance(input, i.Answered) and not fits(errand.effect, input.answer)):
                return Outcome(before, Verdict.DROPPED, why=(f"late answer to {token.errand} (leg {token.leg}, try {token.attempt})",))
            if isinstance(input, i.Answered):
                case, why = answered(case, errand, input.answer, now, policy)
            else:
                case, why = failed(case, errand, input.fault, now, policy)
        case i.Said():
            said = record(case, input, now, policy)
            if isinstance(said, Refusal):
                return Outcome(before, Verdict.REFUSED, why=(said.text.en,), refusal=said)
            case, why = said, (f"{input.role} said {input.what.kind}",)
        case i.Heard(news=news):
            case, why = heard(case, news, now)
        case i.Woke():
            pass
    return _carry_on(before, case, now, policy, why)


def _opened(case: Case | None, input: i.Input, now: datetime) -> Outcome:
    if not isinstance(input, i.Opened):
        raise ValueError("a case begins with Opened")
    if case is not None:
        return Outcome(case, Verdict.DROPPED, why=("the case is open already",))
    new = Case(input.case_id, input.case_number, input.case_kind, now, input.routine_version, entered_at=now, revision=1,
               group_ref=input.group_ref, undoes=input.undoes)
    return Outcome(new, Verdict.MOVED, why=("opened",))


def _carry_on(before: Case, case: Case, now: datetime, policy: Policy, why: tuple[str, ...]) -> Outcome:
    """Everything that follows from the input: time, ways, exits, questions, owed effects, the ledger, the next waking."""
    if case.is_final:
        return _outcome(before, case, (), why)
    case, expired = clockwork.expire(case, now, policy)
    case, faded = clockwork.fade(case, now, policy)
    case = with_ledger(case, now)
    case, moved = _settle(case, now)
    case = with_ledger(case, now)
    case, asks = _owe(case, now, policy)
    case = clockwork.to_next_night(with_ledger(case, now), now)  # a suspension that goes out now may be carried out before we hear of it
    case, told = _tell(case, before, now, policy)
    return _outcome(before, case, (*asks, *told), (*why, *expired, *faded, *moved))


def _outcome(before: Case, case: Case, asks: tuple[Ask, ...], why: tuple[str, ...]) -> Outcome:
    if not asks and case == before:
        return Outcome(before, Verdict.DROPPED if not why else Verdict.NOTED, why=why or ("nothing follows from it",))
    case = but(case, revision=before.revision + 1)
    return Outcome(case, Verdict.MOVED if case.leg != before.leg else Verdict.NOTED, asks, why)


# ---- states ----------------------------------------------------------------------------------------------------------------------


def _settle(case: Case, now: datetime) -> tuple[Case, tuple[str, ...]]:
    """Take every way whose needs are met, then the exit that was asked for, until nothing moves.

    Ways first: what the world has done is true before what somebody wishes, and decides what the wish can still mean.
    """
    why: list[str] = []
    for _ in range(2 * len(State)):
        after, said = _take_way(case, now)
        if after is None and case.wanted is not None:
            after, said = take_exit(case, now)
        if after is None:
            return case, tuple(why)
        case = after
        why.append(said)
    raise AssertionError(f"the plan runs in a circle at {case.state}")


def _take_way(case: Case, now: datetime) -> tuple[Case | None, str]:
    for way in PLAN[case.state].ways:
        if case.kind in way.kinds and all(need.met(case) for need in way.needs) and (way.to not in FINAL or settled(case)):
            because = f": {way.needs[0].name}" if way.aside else ""
            return _leave_by(case, way, now), f"{case.state} -> {way.to}{because}"
    return None, ""


def _leave_by(case: Case, way: Way, now: datetime) -> Case:
    if way.aside:
        case = but(case, test_look=None)  # whatever is gone, the code was seen through it
    match way.to:
        case State.REBOUND | State.SWITCHED:
            case = but(released(case, now) if way.to is State.REBOUND else case, began_at=now)
        case State.READY if case.state is State.PAUSED:
            case = released(case, now)
        case State.ROLLED_BACK:
            case = released(case, now)
        case State.TERMINATED if case.dismantle is None or case.mount is not None or Duty.CAMERA_BACK_AT_OLD_HOME in case.done:
            text = Text("Ta ned kameran och skylten när det passar hemmet.", "Take the camera and the sign down when it suits the home.")
            case = with_task(case, "dismantle-after-termination", text, now)
        case State.DISMANTLED if not case.old_sign_removed:
            text = Text("Skylten sitter kvar i gamla bostaden: ta bort den.", "The sign is still up in the old home: remove it.")
            case = with_task(case, "old-sign", text, now)
    if way.to in FINAL or case.state is State.SWAP:
        case = but(case, wanted=None, leaving=None)
    return entered(case, way.to, now)


# ---- owed effects ----------------------------------------------------------------------------------------------------------------


def _owe(case: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[Ask, ...]]:
    asks: list[Ask] = []
    for errand in case.errands:
        if errand.retry_at is not None and errand.retry_at <= now and not errand.stuck:
            case, again = _attempt(errand, case, now, policy)
            case = with_errand(case, again)
            asks.append(Ask(again.effect, again.token, again.deadline_at))
    way = way_of(case.kind, case.state)
    if way is None or case.wanted is not None:
        return case, tuple(asks)
    for place, need in enumerate(way.needs):
        effect = _due_effect(case, way, place, need, now, policy)
        if effect is not None:
            case, first = _attempt(Errand(Token(case.leg, need.name, 0), effect, now, None), case, now, policy)
            case = but(case, errands=(*case.errands, first))
            asks.append(Ask(first.effect, first.token, first.deadline_at))
    return case, tuple(asks)


def _due_effect(case: Case, way: Way, place: int, need: Need, now: datetime, policy: Policy) -> fx.Effect | None:
    if need.asks is None or case.errand_named(need.name) is not None or need.met(case):
        return None
    before = way.needs[:place] if need.after is None else [other for other in way.needs if other.name in need.after]
    if not all(other.met(case) for other in before):
        return None
    return need.asks(Asking(case, now, policy, message_id(case, need.name, now)))


def _attempt(errand: Errand, case: Case, now: datetime, policy: Policy) -> tuple[Case, Errand]:
    """The next attempt, under a new token, with the same effect: same message id, so that a command the registry has taken is not done twice."""
    match errand.effect:
        case fx.ReadIdentity() | fx.MarkCamera() | fx.ShowCode() | fx.HideCode():
            deadline_s = policy.camera_deadline_s
        case fx.JudgeFrame():
            deadline_s = policy.frame_deadline_s
        case fx.RotateCredentials() | fx.EnsurePosture() | fx.MaskZones() | fx.RetireCamera():
            deadline_s = policy.settings_deadline_s
        case _:
            deadline_s = policy.command_deadline_s
    return but(case, asked=case.asked + 1), replace(
        errand, token=replace(errand.token, attempt=case.asked + 1), owed_at=now, retry_at=None, deadline_at=now + timedelta(seconds=deadline_s),
        in_doubt=isinstance(errand.effect, fx.CHANGES_REGISTRY) and not errand.accepted)


# ---- people ----------------------------------------------------------------------------------------------------------------------


def _tell(case: Case, before: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[Ask, ...]]:
    """What people must be told now, each once (`raised` remembers the keys), and when to wake next."""
    table = clockwork.timetable(case, now, policy)
    due = clockwork.due_now(case, table, now) + tells(case, before, now, policy)
    fresh = {tell.key: tell for tell in due if tell.key not in case.raised}
    if fresh:
        case = but(case, raised=(*case.raised, *fresh))
    wake_at = clockwork.next_wake(case, table, now)
    if wake_at != case.wake_at:
        case = but(case, wake_at=wake_at)
    return case, tuple(Ask(tell, None, None) for tell in fresh.values())
