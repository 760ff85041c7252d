"""The core: one input, one moment, a new case and the effects it owes. Pure; the whole life of a case is this function over its journal."""

from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.case import clockwork
from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.answers import answered, failed, heard, with_errand, with_task
from provisioner.case.cover import with_ledger
from provisioner.case.intake import questions
from provisioner.case.model import Case, Errand, Exit, State, Token
from provisioner.case.needs import Asking, Need, message_id
from provisioner.case.outcome import Ask, Outcome, Refusal, Verdict
from provisioner.case.plan import EXIT_TO, PLAN, Way, exits_from, way_of
from provisioner.case.policy import Policy
from provisioner.case.record import looks_are_on, record, settled
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
            if errand is None or errand.stuck:
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
    new = Case(input.case_id, input.case_number, input.case_kind, now, input.routine_version, entered_at=now, revision=1)
    return Outcome(new, Verdict.MOVED, why=("opened",))


def _carry_on(before: Case, case: Case, now: datetime, policy: Policy, why: tuple[str, ...]) -> Outcome:
    """Everything that follows from the input: time, ways, exits, questions, owed effects, the ledger, the next waking."""
    if case.is_final:
        return _outcome(before, case, (), why)
    case, expired = clockwork.expire(case, now, policy)
    case = with_ledger(case, now)
    case = clockwork.next_night(case, now)
    case, moved = _settle(case, now)
    case = with_ledger(case, now)
    case, asks = _owe(case, now, policy)
    case, tells = _tell(case, before, now, policy)
    case = replace(case, wake_at=clockwork.next_wake(case, now, policy))
    return _outcome(before, case, (*asks, *tells), (*why, *expired, *moved))


def _outcome(before: Case, case: Case, asks: tuple[Ask, ...], why: tuple[str, ...]) -> Outcome:
    if case == before and not asks:
        return Outcome(before, Verdict.DROPPED if not why else Verdict.NOTED, why=why or ("nothing follows from it",))
    case = replace(case, revision=before.revision + 1)
    return Outcome(case, Verdict.MOVED if case.leg != before.leg else Verdict.NOTED, asks, why)


# ---- states ----------------------------------------------------------------------------------------------------------------------


def _settle(case: Case, now: datetime) -> tuple[Case, tuple[str, ...]]:
    """Take exits that were asked for, else every way whose needs are met, until nothing moves."""
    why: list[str] = []
    for _ in range(len(State)):
        entered, said = _take_exit(case, now) if case.wanted is not None else (None, "")
        if entered is None and (case.wanted is None or case.state in _UNDER_WANTED):
            entered, said = _take_way(case, now)
        if entered is None:
            return case, tuple(why)
        case = entered
        why.append(said)
    raise AssertionError(f"the plan runs in a circle at {case.state}")


_UNDER_WANTED = frozenset({State.SWAP, State.ROLLING_BACK, State.TERMINATING})
"""States in which `wanted` stays: it says what is being done."""


def _take_exit(case: Case, now: datetime) -> tuple[Case | None, str]:
    wanted = case.wanted
    assert wanted is not None
    if (EXIT_TO[wanted.exit] is case.state and case.state in _UNDER_WANTED) or not settled(case):
        return None, ""
    exit = wanted.exit
    if exit is Exit.CANCEL and not looks_are_on(case):
        exit = Exit.ROLL_BACK  # the suspension came through while the wish waited: back to the old home is the only way that leaves nobody unwatched
    if exit not in exits_from(case.state, case.held_from) or (exit in (Exit.ROLL_BACK, Exit.SWAP) and case.rebind_completed):
        text = Text(f"{wanted.exit} gick inte längre att göra: larmcentralen hann före. Läs ärendet och bestäm på nytt.",
                    f"{wanted.exit} could not be done any more: the alarm centre was faster. Read the case and decide anew.")
        return with_task(replace(case, wanted=None), f"too-late-{wanted.exit.lower()}", text, now), f"{wanted.exit} came too late"
    if exit is not wanted.exit:
        case = replace(case, wanted=replace(wanted, exit=exit))
    to = EXIT_TO[exit]
    case = replace(case, held_from=(case.held_from or case.state) if to is State.ON_HOLD else None)
    if to not in _UNDER_WANTED:
        case = replace(case, wanted=None)
    if exit is Exit.WRONG_CASE:
        text = Text("Fel ärende eller fel person: inga kommandon går ut. Kontrollera allt innan ärendet återupptas.",
                    "Wrong case or wrong person: no command goes out. Check everything before the case is resumed.")
        case = with_task(case, "wrong-case", text, now)
    if to is State.ROLLING_BACK:
        case = replace(case, visit=None, identity=None, frame=None, test_look=None)
    return _enter(case, to, now), f"{wanted.exit}: {case.state} -> {to}"


def _take_way(case: Case, now: datetime) -> tuple[Case | None, str]:
    for way in PLAN[case.state].ways:
        if case.kind in way.kinds and all(need.met(case) for need in way.needs):
            return _leave_by(case, way, now), f"{case.state} -> {way.to}"
    return None, ""


def _leave_by(case: Case, way: Way, now: datetime) -> Case:
    if way.to in (State.REBOUND, State.ROLLED_BACK) and case.fallback is not None:
        case = replace(case, fallback=replace(case.fallback, released_at=now))
    if way.to in (State.ROLLED_BACK, State.TERMINATED):
        case = replace(case, wanted=None)
    if way.to is State.TERMINATED and case.dismantle is None:
        text = Text("Ta ned kameran och skylten när det passar hemmet.", "Take the camera and the sign down when it suits the home.")
        case = with_task(case, "dismantle-after-termination", text, now)
    if way.to is State.DISMANTLED and not case.old_sign_removed:
        text = Text("Skylten sitter kvar i gamla bostaden: ta bort den.", "The sign is still up in the old home: remove it.")
        case = with_task(case, "old-sign", text, now)
    return _enter(case, way.to, now)


def _enter(case: Case, state: State, now: datetime) -> Case:
    """A new state, a new leg. Errands of the old one are over, except what the registry accepted for later."""
    kept = tuple(e for e in case.errands if e.accepted)
    return replace(case, state=state, entered_at=now, leg=case.leg + 1, errands=kept)


# ---- owed effects ----------------------------------------------------------------------------------------------------------------


def _owe(case: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[Ask, ...]]:
    asks: list[Ask] = []
    for errand in case.errands:
        if errand.retry_at is not None and errand.retry_at <= now and not errand.stuck and (case.state is not State.ON_HOLD or not settled(case)):
            case, again = _attempt(errand, case, now, policy)
            case = with_errand(case, again)
            asks.append(Ask(again.effect, again.token, again.deadline_at))
    way = way_of(case.kind, case.state)
    if way is None or (case.wanted is not None and case.state not in _UNDER_WANTED):
        return case, tuple(asks)
    for place, need in enumerate(way.needs):
        effect = _due_effect(case, way, place, need, now, policy)
        if effect is not None:
            case, first = _attempt(Errand(Token(case.leg, need.name, 0), effect, now, None), case, now, policy)
            case = replace(case, errands=(*case.errands, first))
            asks.append(Ask(first.effect, first.token, first.deadline_at))
    return case, tuple(asks)


def _due_effect(case: Case, way: Way, place: int, need: Need, now: datetime, policy: Policy) -> fx.Effect | None:
    if need.asks is None or need.met(case) or case.errand_named(need.name) is not None:
        return None
    before = way.needs[:place] if need.after is None else [other for other in way.needs if other.name in need.after]
    if not all(other.met(case) for other in before):
        return None
    return need.asks(Asking(case, now, policy, message_id(case, need.name, now)))


def _attempt(errand: Errand, case: Case, now: datetime, policy: Policy) -> tuple[Case, Errand]:
    """The next attempt, under a new token, with the same effect: same message id, so that a command the registry has taken is not done twice."""
    match errand.effect:
        case fx.ReadIdentity():
            deadline_s = policy.camera_deadline_s
        case fx.JudgeFrame():
            deadline_s = policy.frame_deadline_s
        case _:
            deadline_s = policy.command_deadline_s
    token = replace(errand.token, attempt=case.asked + 1)
    return replace(case, asked=case.asked + 1), replace(errand, token=token, owed_at=now, retry_at=None, deadline_at=now + timedelta(seconds=deadline_s))


# ---- people ----------------------------------------------------------------------------------------------------------------------


def _tell(case: Case, before: Case, now: datetime, policy: Policy) -> tuple[Case, tuple[Ask, ...]]:
    """What people must be told now, each once: `raised` remembers the keys."""
    tells = [*clockwork.calls(case, now, policy), *_questions(case), *_tasks(case, before), *_news_of_state(case, before)]
    fresh = {tell.key: tell for tell in tells if tell.key not in case.raised}
    if not fresh:
        return case, ()
    return replace(case, raised=(*case.raised, *fresh)), tuple(Ask(tell, None, None) for tell in fresh.values())


def _questions(case: Case) -> list[fx.TellPeople]:
    if case.state not in (State.AWAITING_COUNTERPART, State.NEEDS_INFO):
        return []
    return [fx.TellPeople(f"{case.case_id}/{q.key}", q.to, "question", q.text) for q in questions(case)]


def _tasks(case: Case, before: Case) -> list[fx.TellPeople]:
    fresh = [task for task in case.tasks if task not in before.tasks and task.done is None]
    return [fx.TellPeople(f"{case.case_id}/task-{task.key}-{task.raised_at:%Y%m%dT%H%M%S}", "coordinator", "phone_task", task.text) for task in fresh]


def _news_of_state(case: Case, before: Case) -> list[fx.TellPeople]:
    """Feedback becomes due on entering a state; supervision begins only here, after reply and retained state (invariant 3)."""
    if case.state is before.state:
        return []
    key = f"{case.case_id}/{case.state.lower()}-{case.leg}"
    if case.state in (State.REBOUND, State.SWITCHED):
        text = Text("Tillsyn via larmcentral har börjat. Ring mottagande verksamhet och svara i formuläret.",
                    "Supervision via the alarm centre has begun. Phone the receiving unit and answer in the form.")
        tells = [fx.TellPeople(f"{key}-feedback", "coordinator", "feedback", text)]
        if case.state is State.REBOUND:
            tells.append(_visits_end(case, key))
        return tells
    if case.state is State.ROLLED_BACK:
        return [_visits_end(case, key)]
    if case.state is State.RECEIVING_INFORMED:
        text = Text("Mottagande verksamhet vet. Svara nu överlämnande verksamhet i formuläret, utan ny adress och ny utförare.",
                    "The receiving unit knows. Now answer the handing-over unit in the form, without the new address and provider.")
        return [fx.TellPeople(f"{key}-feedback", "coordinator", "feedback", text)]
    return []


def _visits_end(case: Case, key: str) -> fx.TellPeople:
    text = Text(f"Kameran ser till hemmet igen; besöken i stället för titt-in kan sluta. Ärende {case.case_number}.",
                f"The camera watches over the home again; the visits in place of looks can end. Case {case.case_number}.")
    return fx.TellPeople(f"{key}-visits-end", "night_patrol", "visits_end", text)

