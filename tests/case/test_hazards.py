"""The hazards, each by name: what must not happen, tried (H1-H22)."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import get_args

import pytest

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.advance import advance
from provisioner.case.model import BindingState, CaseKind, Duty, Exit, FallbackMode, Role, State, Token
from provisioner.case.outcome import Verdict
from provisioner.fault import FaultKind
from tests.case.world import (
    MOVE,
    SERIAL,
    CaseWorld,
    frame,
    identity,
    notices,
    steps_of,
    to_booked,
    to_dismantled,
    to_identity_verified,
    to_installed,
    to_rebound,
    to_scheduled,
    to_sign_placed,
    to_suspended,
    to_switched,
    to_test_look_ok,
    to_view_checked,
    world_at,
)

TEKLA = ("tekla", Role.TECHNICIAN)
P = CaseKind.PROVIDER_CHANGE_ONLY


def suspending() -> CaseWorld:
    """The suspension is on its way."""
    w = world_at(to_booked)
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.say(i.DismantlingBegins(), *TEKLA)
    return w


def test_h1_d8_two_rebinds_of_one_camera_exactly_one_wins() -> None:
    w = world_at(to_test_look_ok)
    effect = w.ask("rebind_camera").effect
    twin = replace(effect, msg_id="01970000-0000-7000-8000-000000000001")
    assert w.centre.take(effect, w.now).result == "completed"
    assert w.centre.take(twin, w.now).code in ("REVISION_CONFLICT", "WRONG_STATE")


def test_h2_the_label_of_another_cases_camera_stops_the_technician() -> None:
    w = world_at(to_suspended)
    outcome = w.say(i.Dismantled("B8A44F001122", True), *TEKLA)
    assert outcome.refusal.code == "other_camera" and w.case.state is State.LOOKS_SUSPENDED


def test_h2_d27_the_wrong_case_freezes_and_goes_on_only_after_somebody_has_checked() -> None:
    w = world_at(to_view_checked)
    w.say(i.ExitWanted(Exit.WRONG_CASE, "another person lives here"), *TEKLA)
    assert w.case.state is State.ON_HOLD and w.owed == [] and w.case.old_binding.state is BindingState.SUSPENDED
    assert w.case.fallback.released_at is None
    assert w.say(i.Resumed()).refusal.code == "wrong_case_open"
    w.say(i.TaskDone("wrong-case", "it was the right home"))
    w.say(i.Resumed())
    assert w.case.state is State.VIEW_CHECKED


@pytest.mark.parametrize("state", ["DRAFT", "AWAITING_COUNTERPART", "NEEDS_INFO"])
def test_h2_d28_ending_before_the_camera_is_established_touches_no_binding(state: str) -> None:
    w = CaseWorld(CaseKind.MOVE_ONLY)
    old, new = notices(CaseKind.MOVE_ONLY)
    if state != "DRAFT":
        w.say(i.HandingOverNotice(old))
    if state == "NEEDS_INFO":
        w.say(i.ReceivingNotice(replace(new, person_ref="person-0002")))
        w.registry("find_binding")
    assert w.case.state is State(state)
    w.say(i.ExitWanted(Exit.TERMINATE, "ended"), "anna")
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9", FallbackMode.NOT_NEEDED))
    w.duty(Duty.TERMINATION_CONFIRMED, by="bertil")
    assert w.case.state is State.TERMINATING and not [a for a in w.owed if a.effect.kind != "find_binding"]
    w.duty(Duty.LOOKS_ENDED_BY_HAND)
    assert w.case.state is State.TERMINATED and w.centre.changes == 0


@pytest.mark.parametrize("when", [timedelta(hours=9), timedelta(hours=10, minutes=59)], ids=["21:00", "22:59"])
def test_h4_d7_a_home_without_its_camera_is_visited_whatever_the_hour(when: timedelta) -> None:
    w = world_at(to_dismantled)
    w.wait(when)
    ordered = [t for t in w.told if t.about == "visit_ordered"]
    assert (len(ordered) == 1) == (when > timedelta(hours=10))
    assert {t.audience for t in w.told if t.about == "escalation"} == {"on_call"}


def test_h5_d26_a_command_without_an_answer_goes_out_again_under_the_same_message_id_and_somebody_phones_after_five() -> None:
    w = suspending()
    ids = {w.ask("suspend_binding").effect.msg_id}
    tokens = {w.ask("suspend_binding").token}
    for _ in range(5):
        assert not [t for t in w.told if "does not answer" in t.text.en]
        w.fail("suspend_binding", FaultKind.TIMED_OUT)
        w.wait(w.case.wake_at - w.now)
        ids.add(w.ask("suspend_binding").effect.msg_id)
        tokens.add(w.ask("suspend_binding").token)
    assert len([t for t in w.told if "does not answer" in t.text.en]) == 1
    assert len(ids) == 1 and len(tokens) == 6
    w.wait(timedelta(days=3))
    assert w.case.state is State.BOOKED and ids == {w.ask("suspend_binding").effect.msg_id}
    w.registry("suspend_binding")
    assert w.case.state is State.LOOKS_SUSPENDED
    assert all(task.done is not None for task in w.case.tasks)


def test_h5_a_suspension_in_doubt_is_no_camera_that_watches() -> None:
    w = suspending()
    assert w.case.cover[-1].by == "VISITS"
    w.wait(timedelta(hours=10))
    assert [t for t in w.told if t.about == "visit_ordered"], "the registry may have carried it out long ago"


@pytest.mark.parametrize("step", MOVE[2:-3], ids=lambda step: step.__name__)
def test_h5_d8_no_step_is_taken_on_a_command_without_its_reply(step) -> None:
    w = CaseWorld(CaseKind.MOVE_ONLY)
    for each in MOVE:
        each(w)
        if each is step:
            break
    for ask in [ask for ask in w.owed if isinstance(ask.effect, fx.CHANGES_REGISTRY)]:
        before = w.case.state
        w.fail(ask.effect.kind, FaultKind.UNREACHABLE)
        assert w.case.state is before and w.case.fallback.released_at is None


def test_h6_no_effect_that_leaves_can_carry_a_name_an_address_or_a_number() -> None:
    told = {"key", "audience", "about", "text"}
    opaque = {"binding_id", "serial", "msg_id", "kind", "expected_revision", "reason_class", "fallback_ref", "review_at", "new_binding_id", "new_site_ref",
              "provider_ref", "schedule_ref", "challenge_id", "old_binding_id", "old_expected_revision", "new_expected_revision", "effective_at",
              "new_provider_ref", "old_serial", "new_serial"}
    for effect in get_args(fx.RegistryEffect):
        assert {field.name for field in fields(effect)} <= opaque
    for effect in get_args(fx.CameraEffect):
        assert {field.name for field in fields(effect)} <= opaque | {"marks", "zones", "code", "binding_ids", "keep_view", "asked"}
    assert {field.name for field in fields(fx.TellPeople)} == told | {"kind"}
    w = CaseWorld(CaseKind.MOVE_ONLY)
    for bad in ("Storgatan 12", "Anna", "19121212-1212", ""):
        assert w.say(i.HandingOverNotice(replace(notices(CaseKind.MOVE_ONLY)[0], site_ref=bad))).refusal.field == "site_ref"


def test_h7_d11_six_frames_a_visit_and_only_within_a_quarter_of_an_hour() -> None:
    w = world_at(to_identity_verified)
    for n in range(6):
        w.answer("judge_frame", i.FrameJudged(frame(w.now, trusted=False)))
        refusal = w.say(i.FrameWanted(), *TEKLA).refusal
        assert (refusal is None) == (n < 5)
    assert refusal.code == "frames_used_up"
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    assert w.case.frames_taken == 0 and w.ask("judge_frame")
    w.now += timedelta(minutes=16)
    assert w.say(i.FrameWanted(), *TEKLA).refusal.code == "scan_too_old"
    w.take(i.Woke())
    assert w.case.visit is None and not [ask for ask in w.owed if ask.effect.kind == "judge_frame"]


def test_h7_d11_no_frame_before_everybody_in_view_agrees_nor_on_an_old_scan() -> None:
    w = world_at(to_installed)
    assert w.say(i.VisitStarted(SERIAL, w.now, False), *TEKLA).refusal.code == "not_agreed"
    assert w.say(i.VisitStarted(SERIAL, w.now - timedelta(minutes=16), True), *TEKLA).refusal.code == "scan_too_old"
    assert w.owed == []


@pytest.mark.parametrize("kind", list(CaseKind))
def test_h7_d11_frames_are_asked_for_only_between_installed_and_view_checked(kind: CaseKind) -> None:
    w = CaseWorld(kind)
    for step in steps_of(kind):
        step(w)
        assert w.case.state is State.IDENTITY_VERIFIED or not [ask for ask in w.owed if ask.effect.kind == "judge_frame"]


def test_h12_d14_a_swapped_camera_goes_into_quarantine_and_nothing_said_of_it_holds_for_the_new_one() -> None:
    w = world_at(to_view_checked)
    w.say(i.ExitWanted(Exit.SWAP, "broken", "B8A44F001122"))
    w.registry("retire_binding")
    w.registry("swap_camera")
    assert w.case.state is State.DISMANTLED and not w.case.done.keys() & {Duty.POSTURE_CONFIRMED, Duty.CREDENTIALS_ROTATED}
    assert [t.key for t in w.case.tasks if t.done is None] == ["quarantine-4711"]
    assert (w.case.mount, w.case.view, w.case.sign, w.case.new_binding) == (None, None, None, None)


def test_h14_what_was_decided_on_an_old_picture_of_the_case_is_refused() -> None:
    w = world_at(to_view_checked)
    outcome = w.take(i.Said("tekla", Role.TECHNICIAN, i.SignPlaced(("sv",), True, True, True), seen_revision=w.case.revision - 1))
    assert outcome.refusal.code == "stale_revision" and outcome.case.sign is None


def test_h14_d25_a_queued_step_that_changes_supervision_is_confirmed_anew_after_ten_minutes() -> None:
    w = world_at(to_view_checked)
    w.say(i.SignPlaced(("sv",), True, True, True))
    start = i.TestLookStarted("challenge-1", "ABC234")
    for late in (timedelta(minutes=11), timedelta(hours=12), -timedelta(minutes=11)):
        outcome = w.take(i.Said("tekla", Role.TECHNICIAN, start, said_at=w.now - late))
        assert outcome.refusal.code == "old_step" and outcome.case.test_look is None
    assert w.take(i.Said("tekla", Role.TECHNICIAN, start, said_at=w.now - timedelta(minutes=9))).refusal is None


def test_h14_d25_what_changes_no_binding_and_a_withdrawn_consent_are_taken_however_late() -> None:
    w = world_at(to_view_checked)
    late = w.now - timedelta(hours=12)
    assert w.take(i.Said("tekla", Role.TECHNICIAN, i.SignPlaced(("sv",), True, True, True), said_at=late)).refusal is None
    assert w.take(i.Said("anna", Role.COORDINATOR, i.ConsentWithdrawn("service_user"), said_at=late)).refusal is None


def test_h14_a_rebind_that_waited_does_not_go_out_on_an_old_test_look() -> None:
    w = world_at(to_test_look_ok)
    w.reject("rebind_camera", "LOOK_IN_PROGRESS")
    w.now += timedelta(hours=12)
    w.take(i.Woke())
    assert w.case.state is State.SIGN_PLACED and w.owed == [] and w.case.test_look is None


ALL_STEPS = [(kind, step) for kind in CaseKind for step in steps_of(kind)[:-1]]


@pytest.mark.parametrize(("kind", "step"), ALL_STEPS, ids=lambda part: getattr(part, "__name__", str(part)))
def test_h15_d28_an_ending_in_every_state_takes_two_people_and_a_decision_on_visits(kind: CaseKind, step) -> None:
    w = world_at(step, kind)
    w.say(i.ExitWanted(Exit.TERMINATE, "decision ended"), "anna")
    for ask in [a for a in w.owed if a.effect.kind in ("prepare_binding", "rebind_camera", "change_provider")]:
        w.registry(ask.effect.kind)
    assert w.case.state is State.TERMINATING
    assert w.duty(Duty.TERMINATION_CONFIRMED, by="anna").refusal.code == "same_person"
    w.duty(Duty.TERMINATION_CONFIRMED, by="bertil")
    assert not [a for a in w.owed if isinstance(a.effect, fx.RetireBinding)], "before anybody said whether the home is visited"
    w.say(i.FallbackAcknowledged("fallback-9", "unit-new-1", "person-9", FallbackMode.NOT_NEEDED))
    for _ in range(4):
        for ask in [a for a in w.owed if a.effect.kind in ("suspend_binding", "retire_binding")]:
            w.registry(ask.effect.kind)
    w.camera("retire_camera")
    assert w.case.state is State.TERMINATED
    assert {b.state for b in w.centre.bindings.values()} == {BindingState.RETIRED}


def test_h16_a_running_look_is_waited_for_a_minute_with_new_message_ids_then_somebody_acts() -> None:
    w = suspending()
    ids, waited = set(), timedelta()
    for _ in range(5):
        ids.add(w.ask("suspend_binding").effect.msg_id)
        w.reject("suspend_binding", "LOOK_IN_PROGRESS")
        waited += w.case.wake_at - w.now
        w.wait(w.case.wake_at - w.now)
    assert len(ids) == 5 and timedelta(seconds=60) <= waited <= timedelta(seconds=66)
    w.reject("suspend_binding", "LOOK_IN_PROGRESS")
    assert [t.key for t in w.case.tasks if t.done is None] == ["stuck-looks_suspended"]


def test_h19_a_postponed_move_calls_every_night_and_at_its_review_until_somebody_acts() -> None:
    w = world_at(to_suspended)
    w.wait(timedelta(days=9))
    assert len([t for t in w.told if t.about == "visit_ordered"]) == 9
    assert len([t for t in w.told if "due for review" in t.text.en]) == 3


def test_h19_a_case_on_hold_for_a_day_calls() -> None:
    w = world_at(to_booked)
    w.say(i.ExitWanted(Exit.HOLD, "the flat is not ready"))
    w.wait(timedelta(hours=23))
    assert len(w.told) == 1  # the short notice of the beginning
    w.wait(timedelta(hours=1))
    assert [t.audience for t in w.told[1:]] == ["coordinator"]


@pytest.mark.parametrize("kind", ["suspend_binding", "prepare_binding", "rebind_camera", "change_provider"])
def test_h22_a_forged_completed_moves_nothing_and_the_true_answer_still_counts(kind: str) -> None:
    w = {"suspend_binding": suspending, "prepare_binding": lambda: world_at(to_identity_verified), "rebind_camera": lambda: world_at(to_test_look_ok),
         "change_provider": lambda: world_at(steps_of(P)[1], P)}[kind]()
    before, effect = w.case.state, w.ask(kind).effect
    for forged in (i.RegistryReply("completed", None, w.now), i.RegistryReply("completed", None, w.now, (w.case.old_binding,))):
        w.answer(kind, forged)
        assert w.case.state is before and [t.key for t in w.case.tasks if t.done is None]
        w.say(i.TryAgain())
    assert w.ask(kind).effect.msg_id == effect.msg_id
    w.registry(kind)
    assert (w.case.state is not before) == (kind != "prepare_binding")


def test_h22_an_answer_to_nothing_that_is_owed_is_dropped() -> None:
    w = world_at(to_sign_placed)
    for token in (Token(1, "rebind_completed", 1), Token(9, "operator_saw_code", 3)):
        outcome = advance(w.case, i.Answered(token, i.RegistryReply("completed", None, w.now, code_seen="4711")), w.now, w.policy)
        assert outcome.verdict is Verdict.DROPPED and outcome.case is w.case


def test_h10_d17_the_cameras_clock_is_stored_only_as_an_offset() -> None:
    w = world_at(to_identity_verified)
    assert w.case.identity.clock_offset_s == 0.2 and w.case.identity.read_at == w.now


def test_h13_u9_a_look_before_the_instant_is_the_old_providers_after_it_the_new_ones() -> None:
    w = world_at(to_scheduled, P)
    assert w.case.home_binding.provider_ref == "provider-old" and w.case.cover[-1].by == "CAMERA"
    to_switched(w)
    assert w.case.home_binding.provider_ref == "provider-new" and [line.by for line in w.case.cover] == ["CAMERA"]


def test_d2_d3_a_camera_that_says_another_serial_is_not_the_camera() -> None:
    w = world_at(to_installed)
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    w.answer("read_identity", i.IdentityRead(identity("B8A44F001122", w.now)))
    assert w.case.identity is None and w.case.visit is None and w.case.state is State.INSTALLED


def test_d9_the_test_look_must_see_the_code_through_the_new_binding() -> None:
    w = world_at(to_sign_placed)
    w.say(i.TestLookStarted("challenge-1", "4711"), *TEKLA)
    w.camera("show_code")
    assert w.ask("test_look").effect.binding_id == w.case.new_binding.binding_id
    w.reply("test_look", code_seen="4712")
    assert w.case.state is State.SIGN_PLACED and w.case.test_look is None
    assert w.say(i.TestLookStarted("challenge-1", " "), *TEKLA).refusal.code == "no_code"


def test_d26_a_repeated_answer_changes_nothing() -> None:
    w = suspending()
    ask = w.ask("suspend_binding")
    w.registry("suspend_binding")
    before = w.case
    assert w.take(i.Answered(ask.token, w.centre.replies[ask.effect.msg_id])).verdict is Verdict.DROPPED and w.case is before


def test_d7_d8_the_visits_end_only_when_the_camera_watches() -> None:
    w = world_at(to_test_look_ok)
    w.reply("rebind_camera")
    assert w.case.fallback.released_at is None
    w.publish()
    assert w.case.state is State.REBOUND and w.case.fallback.released_at == w.now
    assert [t.audience for t in w.told if t.about == "visits_end"] == ["night_patrol"]
    assert world_at(to_rebound).case.cover[-1].by == "CAMERA"
