"""Leaving the ordinary way from everywhere: hold, cancel, roll back, terminate, swap, wrong case; and that there is always a way out."""

from datetime import timedelta

import pytest

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.exits import entered, possible, settled
from provisioner.case.model import FINAL, BindingState, CaseKind, CoveredBy, Duty, Exit, FallbackMode, Role, State
from provisioner.case.plan import PLAN
from provisioner.fault import FaultKind
from tests.case.chaos import Chaos
from tests.case.people import SPARE, said
from tests.case.world import (
    MOVE,
    SERIAL,
    CaseWorld,
    identity,
    notices,
    steps_of,
    to_booked,
    to_dismantled,
    to_identity_verified,
    to_installed,
    to_rebound,
    to_serial_confirmed,
    to_suspended,
    to_switched,
    to_test_look_ok,
    to_view_checked,
    world_at,
)

TEKLA = ("tekla", Role.TECHNICIAN)
M, P, MP = CaseKind.MOVE_ONLY, CaseKind.PROVIDER_CHANGE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE
ALL_STEPS = [(kind, step) for kind in CaseKind for step in steps_of(kind)[:-1]]
COMMANDS = ("suspend_binding", "resume_binding", "prepare_binding", "rebind_camera", "change_provider", "retire_binding", "swap_camera")


def named(part: object) -> str:
    return getattr(part, "__name__", str(part))


def answered(w: CaseWorld) -> None:
    """The alarm centre does whatever is owed."""
    for _ in range(6):
        for ask in [a for a in w.owed if a.effect.kind in COMMANDS]:
            w.registry(ask.effect.kind)


@pytest.mark.parametrize(("kind", "step"), ALL_STEPS, ids=named)
def test_hold_and_resume_leave_every_case_where_it_stood_and_tell_nothing_twice(kind: CaseKind, step) -> None:
    w = world_at(step, kind)
    answered(w)
    before, told = w.case, len(w.told)
    w.say(i.ExitWanted(Exit.HOLD, "the flat is not ready"))
    assert w.case.state is State.ON_HOLD and w.case.held_from is before.state and settled(w.case)
    assert w.say(i.Booked(before.booking)).refusal if before.booking else True
    w.say(i.Resumed())
    assert w.case.state is before.state and w.case.held_from is None
    assert len(w.told) == told
    assert w.case.cover == before.cover


@pytest.mark.parametrize("step", MOVE[2:9], ids=named)
def test_u33_every_move_under_way_can_be_rolled_back_to_the_old_home(step) -> None:
    w = world_at(step)
    w.say(i.ExitWanted(Exit.ROLL_BACK, "postponed"))
    for kind in ("prepare_binding", "rebind_camera"):
        if any(ask.effect.kind == kind for ask in w.owed):
            w.reject(kind, "SITE_UNKNOWN")
    assert w.case.state is State.ROLLING_BACK and w.case.cover[-1].by is CoveredBy.VISITS
    answered(w)
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    w.duty(Duty.CAMERA_BACK_AT_OLD_HOME)
    assert not [ask for ask in w.owed if ask.effect.kind == "resume_binding"], "serial check and test look come first"
    w.answer("read_identity", i.IdentityRead(identity(SERIAL, w.now)))
    w.say(i.TestLookStarted("challenge-9", "1234"), *TEKLA)
    w.camera("show_code")
    assert w.ask("test_look").effect.binding_id == "b-old-000001"
    w.registry("test_look")
    w.registry("resume_binding")
    w.camera(*(ask.effect.kind for ask in w.owed if isinstance(ask.effect, (fx.HideCode, fx.MarkCamera))))
    assert w.case.state is State.ROLLED_BACK
    assert w.centre.bindings["b-old-000001"].state is BindingState.ACTIVE and uncovered_never(w)
    assert [b.state for name, b in w.centre.bindings.items() if name != "b-old-000001"] in ([], [BindingState.RETIRED])


def uncovered_never(w: CaseWorld) -> bool:
    """No line of the ledger says NOBODY."""
    return all(line.by is not CoveredBy.NOBODY for line in w.case.cover)


def test_d8_cancel_overtaken_by_the_suspension_becomes_a_roll_back() -> None:
    w = world_at(to_booked)
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.say(i.DismantlingBegins(), *TEKLA)
    w.say(i.ExitWanted(Exit.CANCEL, "the user is ill"))
    assert w.case.state is State.BOOKED and w.case.wanted is not None
    w.fail("suspend_binding", FaultKind.TIMED_OUT)
    w.wait(timedelta(hours=1))
    assert w.case.state is State.BOOKED, "no answer is not a no"
    w.registry("suspend_binding")
    assert w.case.state is State.ROLLING_BACK and w.case.leaving.exit is Exit.ROLL_BACK


def test_d8_cancel_when_the_suspension_was_rejected_changes_nothing() -> None:
    w = world_at(to_booked)
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.say(i.DismantlingBegins(), *TEKLA)
    w.say(i.ExitWanted(Exit.CANCEL, "the user is ill"))
    w.reject("suspend_binding", "LOOK_IN_PROGRESS")
    assert w.case.state is State.CANCELLED and w.centre.changes == 0


def test_u33_after_the_rebind_there_is_no_roll_back() -> None:
    w = world_at(to_test_look_ok)
    w.reply("rebind_camera")
    assert Exit.ROLL_BACK not in possible(w.case)
    w.publish()
    assert w.say(i.ExitWanted(Exit.ROLL_BACK, "postponed")).refusal.code == "exit_not_allowed"


def test_d28_the_same_person_cannot_confirm_and_looks_stop_once_the_visits_are_decided() -> None:
    w = world_at(to_rebound)
    w.say(i.ExitWanted(Exit.TERMINATE, "decision ended"), "anna")
    assert [t.about for t in w.told][-1] == "question"
    w.say(i.FallbackAcknowledged("fallback-9", "unit-new-1", "person-9"))
    w.registry("suspend_binding")
    assert w.centre.bindings[w.case.new_binding.binding_id].state is BindingState.SUSPENDED
    assert w.duty(Duty.TERMINATION_CONFIRMED, by="anna").refusal.code == "same_person"
    assert w.owed == []
    w.duty(Duty.TERMINATION_CONFIRMED, by="bertil")
    w.registry("retire_binding")
    w.camera("retire_camera")
    assert w.case.state is State.TERMINATED and w.case.tasks[-1].key == "dismantle-after-termination"


@pytest.mark.parametrize("step", [to_rebound, to_switched], ids=named)
def test_h15_an_ending_called_off_after_the_looks_stopped_resumes_them_where_they_were_given(step) -> None:
    w = world_at(step, P if step is to_switched else M)
    home = w.case.home_binding.binding_id
    w.say(i.ExitWanted(Exit.TERMINATE, "decision ended"))
    w.say(i.FallbackAcknowledged("fallback-9", "unit-new-1", "person-9", FallbackMode.NOT_NEEDED))
    w.registry("suspend_binding")
    w.say(i.ExitWanted(Exit.ROLL_BACK, "it was another person"))
    assert w.case.cover[-1].by is CoveredBy.NOBODY, "not needed was said of the ending"
    w.say(i.FallbackAcknowledged("fallback-10", "unit-new-1", "person-9"))
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    w.answer("read_identity", i.IdentityRead(identity(SERIAL, w.now)))
    w.say(i.TestLookStarted("challenge-9", "1234"), *TEKLA)
    w.camera("show_code")
    w.registry("test_look")
    w.registry("resume_binding")
    w.camera(*(ask.effect.kind for ask in w.owed if isinstance(ask.effect, (fx.HideCode, fx.MarkCamera))))
    assert w.case.state is State.ROLLED_BACK and w.centre.bindings[home].state is BindingState.ACTIVE


def test_h15_an_ending_called_off_and_asked_for_again_needs_a_new_decision_and_a_new_second_person() -> None:
    w = world_at(to_suspended)
    w.say(i.ExitWanted(Exit.TERMINATE, "decision ended"), "anna")
    w.say(i.FallbackAcknowledged("fallback-9", "unit-new-1", "person-9"))
    w.say(i.ExitWanted(Exit.ROLL_BACK, "a mistake"), "anna")
    w.say(i.ExitWanted(Exit.TERMINATE, "decision ended"), "anna")
    w.duty(Duty.TERMINATION_CONFIRMED, by="bertil")
    assert w.case.state is State.TERMINATING and w.owed == []


def test_d27_wrong_case_retires_nothing_even_in_an_ending() -> None:
    w = world_at(to_suspended)
    w.say(i.ExitWanted(Exit.TERMINATE, "decision ended"), "anna")
    w.say(i.ExitWanted(Exit.WRONG_CASE, "another person"), "bertil")
    w.say(i.FallbackAcknowledged("fallback-9", "unit-new-1", "person-9"))
    assert w.duty(Duty.TERMINATION_CONFIRMED, by="bertil").refusal is not None
    assert w.case.state is State.ON_HOLD and w.owed == []


def test_d14_a_swap_asked_again_takes_another_camera_and_the_way_back_hangs_that_one_up() -> None:
    w = world_at(to_suspended)
    w.say(i.ExitWanted(Exit.SWAP, "broken", "B8A44F001122"))
    w.reject("swap_camera", "SERIAL_ALREADY_BOUND")
    w.say(i.ExitWanted(Exit.SWAP, "broken", "B8A44F003344"))
    w.registry("swap_camera")
    assert w.case.expected_serial == "B8A44F003344" and w.case.state is State.LOOKS_SUSPENDED
    w.say(i.ExitWanted(Exit.ROLL_BACK, "postponed"))
    w.say(i.VisitStarted("B8A44F003344", w.now, True), *TEKLA)
    assert w.owed == [], "the new camera does not hang there yet"
    w.duty(Duty.CAMERA_BACK_AT_OLD_HOME)
    assert w.ask("read_identity").effect.serial == "B8A44F003344"


def test_a_swap_held_as_the_wrong_case_goes_on_as_a_swap() -> None:
    w = world_at(to_booked)
    w.say(i.ExitWanted(Exit.SWAP, "broken", SPARE))
    w.say(i.ExitWanted(Exit.WRONG_CASE, "which home is this"))
    w.say(i.TaskDone("wrong-case"))
    w.say(i.Resumed())
    assert w.case.state is State.SWAP and w.case.expected_serial == SERIAL
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.registry("suspend_binding")
    w.registry("swap_camera")
    assert w.case.state is State.LOOKS_SUSPENDED and w.case.expected_serial == SPARE


def test_d18_an_accepted_provider_change_outlives_a_hold_and_is_asked_about_until_it_is_done() -> None:
    w = world_at(to_serial_confirmed, P)
    w.reply("change_provider")
    effect = w.case.errands[0].effect
    w.say(i.ExitWanted(Exit.HOLD, "wait"))
    w.centre.due(notices(P)[0].provider_effective_at)  # done, and its reply is lost
    w.wait(timedelta(hours=4))
    assert w.ask("change_provider").effect == effect
    w.registry("change_provider")
    w.say(i.Resumed())
    assert w.case.state is State.SWITCHED


@pytest.mark.parametrize("kind", ["suspend_binding", "rebind_camera"])
def test_h5_a_command_in_doubt_outlives_the_state_it_was_asked_in(kind: str) -> None:
    w = world_at(to_test_look_ok if kind == "rebind_camera" else to_booked)
    if kind == "suspend_binding":
        w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
        w.say(i.DismantlingBegins(), *TEKLA)
    asked = w.case.errands
    assert asked and entered(w.case, State.ON_HOLD, w.now).errands == asked
    w.registry(kind)
    assert entered(w.case, State.ON_HOLD, w.now).errands == ()


@pytest.mark.parametrize("asked", [None, Exit.HOLD, Exit.WRONG_CASE, Exit.SWAP, Exit.ROLL_BACK, Exit.TERMINATE])
@pytest.mark.parametrize("kind", list(CaseKind))
def test_from_every_state_there_is_a_way_to_the_end(kind: CaseKind, asked: Exit | None) -> None:
    """No dead ends: whatever was reached, by any first exit, and whatever is wished next, people and an alarm centre that answers come to an end."""
    seen, wishes = set(), (None, *Exit)
    for length in range(1, 60):
        chaos = Chaos(kind, b"")
        for _ in range(length):
            chaos.behave()
        if chaos.case.is_final:
            break
        if asked is not None:
            chaos.take(said(i.ExitWanted(asked, "a reason", SPARE), "carl"))
        seen |= chaos.states
        chaos.finish(wishes[length % len(wishes)])
        assert chaos.case.state in FINAL
    assert len(seen - FINAL) >= (9 if kind is P else 15), f"only {sorted(seen)}"


def test_every_state_that_is_not_over_is_stood_in_by_these_tests() -> None:
    seen = {world_at(step, kind).case.state for kind, step in ALL_STEPS}
    for step in (to_dismantled, to_identity_verified, to_installed, to_view_checked):
        seen.add(world_at(step).case.state)
    seen |= {State.DRAFT, State.AWAITING_COUNTERPART, State.NEEDS_INFO, State.ON_HOLD, State.SWAP, State.ROLLING_BACK, State.TERMINATING}
    w = world_at(to_booked)
    w.say(i.ExitWanted(Exit.PAUSE, "in hospital"))
    seen.add(w.case.state)
    assert set(PLAN) - FINAL == seen
