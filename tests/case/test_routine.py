"""The routine's rows from the booking to the care record (R26-R54), each by name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.model import CaseKind, Consent, ContactKind, Duty, Exit, Role, State
from provisioner.case.posture_items import Item
from provisioner.case.telling import feedback_of
from tests.case.world import (
    SERIAL,
    CaseWorld,
    booking,
    frame,
    notices,
    posture,
    rotation,
    to_booked,
    to_closed,
    to_dismantled,
    to_documented,
    to_identity_verified,
    to_informed,
    to_installed,
    to_ready,
    to_rebound,
    to_received,
    to_sign_placed,
    to_suspended,
    to_switched,
    to_test_look_ok,
    to_view_checked,
    world_at,
)

M, P, MP = CaseKind.MOVE_ONLY, CaseKind.PROVIDER_CHANGE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE
TEKLA = ("tekla", Role.TECHNICIAN)


def code(outcome) -> str | None:
    """Why it was refused."""
    return outcome.refusal.code if outcome.refusal else None


def consent(given: bool = True, subject: str = "service_user") -> tuple[Consent, ...]:
    return (Consent(subject, given, world_at(to_ready).now),)


# ---- booking


def test_r28_r29_both_times_are_booked_with_somebody() -> None:
    w = world_at(to_booked)
    assert w.case.state is State.BOOKED
    assert (w.case.booking.dismantle_contact, w.case.booking.install_contact) == (ContactKind.SERVICE_USER, ContactKind.UNIT)


def test_r30_another_contact_than_the_forms_needs_a_reason() -> None:
    w = world_at(to_ready)
    plan = replace(booking(w.now), dismantle_contact=ContactKind.RELATED_PERSON)
    assert code(w.say(i.Booked(plan))) == "contact_not_in_form"
    assert code(w.say(i.Booked(replace(plan, contact_reason="short")))) == "contact_not_in_form"
    assert code(w.say(i.Booked(replace(plan, contact_reason="the user is in hospital")))) is None


def test_r47_the_dismantling_is_booked_before_the_installation() -> None:
    w = world_at(to_ready)
    assert code(w.say(i.Booked(replace(booking(w.now), install_from=w.now + timedelta(minutes=90))))) == "booking_order"


def test_d7_the_installation_ends_four_hours_before_the_look_or_a_fallback_is_agreed() -> None:
    w = world_at(to_ready)
    late = replace(booking(w.now), first_look_at=w.now + timedelta(hours=7))
    assert code(w.say(i.Booked(late))) == "too_late_for_first_look"
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    assert code(w.say(i.Booked(late))) is None
    assert code(w.say(i.Booked(replace(late, first_look_at=w.now)))) == "first_look_past"


# ---- dismantle, install


@pytest.mark.parametrize("lack", [{"unit_ref": ""}, {"person_ref": ""}, {"fallback_ref": "X"}])
def test_d6_a_fallback_is_acknowledged_by_somebody_with_a_name(lack: dict[str, str]) -> None:
    w = world_at(to_booked)
    said = replace(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"), **lack)
    assert code(w.say(said)) == "fallback_by_whom"


def test_d5_d6_nothing_is_suspended_before_the_fallback_is_acknowledged_and_then_by_three_keys() -> None:
    w = world_at(to_booked)
    assert code(w.say(i.DismantlingBegins(), *TEKLA)) == "no_fallback"
    assert w.owed == []
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.say(i.DismantlingBegins(), *TEKLA)
    suspend = w.ask("suspend_binding").effect
    assert (suspend.binding_id, suspend.serial, suspend.expected_revision) == ("b-old-000001", SERIAL, 3)  # D5: three keys
    assert suspend.fallback_ref == "fallback-1" and suspend.review_at == w.now + timedelta(days=7)


@pytest.mark.parametrize("days", [0, 8])
def test_u17_a_suspension_is_reviewed_within_seven_days(days: int) -> None:
    w = world_at(to_booked)
    said = i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9", review_at=w.now + timedelta(days=days))
    assert code(w.say(said)) == "review_at"


def test_r31_the_camera_taken_down_is_scanned_by_somebody_at_a_time() -> None:
    w = world_at(to_dismantled)
    assert (w.case.dismantle.serial, w.case.dismantle.by, w.case.dismantle.at) == (SERIAL, "tekla", w.now)


def test_r32_r47_nothing_is_installed_while_the_camera_still_hangs_in_the_old_home() -> None:
    w = world_at(to_suspended)
    assert code(w.say(i.Mounted(SERIAL, consent(), True, "assessment-1"), *TEKLA)) == "wrong_state"
    to_dismantled(w)
    to_installed(w)
    assert (w.case.mount.scan.serial, w.case.mount.scan.by) == (SERIAL, "tekla")


def test_d13_r54_u8_a_sign_left_in_the_old_home_becomes_a_task_that_the_end_waits_for() -> None:
    w = world_at(to_suspended)
    w.say(i.Dismantled(SERIAL, old_sign_removed=False), *TEKLA)
    for step in (to_installed, to_identity_verified, to_view_checked, to_sign_placed, to_test_look_ok, to_rebound, to_received, to_informed, to_documented, to_closed):
        step(w)
    assert w.case.state is State.DOCUMENTED
    w.say(i.TaskDone("old-sign"))
    assert w.case.state is State.CLOSED and w.case.old_sign_removed


def test_d12_h20_u11_u12_nothing_is_mounted_without_consents_and_assessment() -> None:
    w = world_at(to_dismantled)
    assert code(w.say(i.Mounted(SERIAL, consent(), False, "assessment-1"), *TEKLA)) == "cohabitants_not_asked"
    assert code(w.say(i.Mounted(SERIAL, (), True, "assessment-1"), *TEKLA)) == "consent_missing"
    assert code(w.say(i.Mounted(SERIAL, consent(False), True, "assessment-1"), *TEKLA)) == "consent_missing"
    assert code(w.say(i.Mounted(SERIAL, (*consent(), *consent(False, "cohabitant-1")), True, "assessment-1"), *TEKLA)) == "consent_missing"
    assert code(w.say(i.Mounted(SERIAL, consent(), True, ""), *TEKLA)) == "assessment_missing"
    assert w.case.state is State.DISMANTLED and w.case.fallback.released_at is None


def test_d2_a_typed_label_needs_a_reason() -> None:
    w = world_at(to_suspended)
    assert code(w.say(i.Dismantled(SERIAL, True, typed_reason="torn"), *TEKLA)) == "reason_too_short"
    assert code(w.say(i.Dismantled(SERIAL, True, typed_reason="the label is torn off"), *TEKLA)) is None


# ---- view and sign


def test_r37_r38_the_view_is_judged_by_somebody_after_the_camera_is_up() -> None:
    w = world_at(to_view_checked)
    assert w.case.view.by == "tekla" and w.case.view.at >= w.case.mount.scan.at
    w.say(i.CameraMoved(), *TEKLA)
    assert w.case.state is State.IDENTITY_VERIFIED and w.case.view is None and w.case.sign is None and w.case.frame is None


@pytest.mark.parametrize("no", range(4))
def test_r37_h17_each_of_the_four_questions_must_be_answered_yes(no: int) -> None:
    w = world_at(to_identity_verified)
    w.answer("judge_frame", i.FrameJudged(frame(w.now)))
    assert code(w.say(i.ViewAccepted(*(n != no for n in range(4))), *TEKLA)) == "view_not_accepted"
    assert w.case.view is None


@pytest.mark.parametrize("sign", [i.SignPlaced(("en",), True, True, True), i.SignPlaced((), True, True, True)])
def test_r33_r34_h18_the_swedish_sign_cannot_be_left_out(sign: i.SignPlaced) -> None:
    w = world_at(to_view_checked)
    assert code(w.say(sign, *TEKLA)) == "sign_languages"
    assert code(w.say(i.TestLookStarted("challenge-1", "4711"), *TEKLA)) == "wrong_state"


def test_r22_r34_the_languages_that_the_unit_asked_for_must_be_up() -> None:
    w = CaseWorld(M)
    old, new = notices(M)
    w.say(i.HandingOverNotice(old))
    w.say(i.ReceivingNotice(replace(new, sign_languages=("sv", "so"))))
    w.registry("find_binding")
    for step in (to_booked, to_suspended, to_dismantled, to_installed, to_identity_verified, to_view_checked):
        step(w)
    assert code(w.say(i.SignPlaced(("sv",), True, True, True), *TEKLA)) == "sign_languages"
    assert code(w.say(i.SignPlaced(("sv", "so", "en"), True, True, True), *TEKLA)) is None


@pytest.mark.parametrize("place", range(3))
def test_r35_r36_h18_the_sign_is_near_the_rooms_and_not_seen_from_the_front_door(place: int) -> None:
    w = world_at(to_view_checked)
    assert code(w.say(i.SignPlaced(("sv",), *(n != place for n in range(3))), *TEKLA)) == "sign_place"


# ---- feedback


def test_r26_u7_each_it_system_is_ticked_by_name() -> None:
    w = world_at(to_informed)
    assert code(w.duty(Duty.IT_SUPPORT_UPDATED, "excel")) == "unknown_it_support"
    for system in w.policy.it_supports:
        assert Duty.IT_SUPPORT_UPDATED not in w.case.done
        w.duty(Duty.IT_SUPPORT_UPDATED, system)
    assert w.case.done[Duty.IT_SUPPORT_UPDATED].by == "anna"


def test_r39_phone_and_form_are_two_confirmations() -> None:
    w = world_at(to_rebound)
    w.duty(Duty.RECEIVING_PHONED)
    assert w.case.state is State.REBOUND
    w.duty(Duty.RECEIVING_FORM_SENT)
    assert w.case.state is State.RECEIVING_INFORMED


@pytest.mark.parametrize("kind", list(CaseKind))
def test_r41_r48_d8_begun_is_told_once_and_only_after_reply_and_retained_state(kind: CaseKind) -> None:
    step, command = (to_test_look_ok, "rebind_camera") if kind is not P else (to_switched, "")
    w = world_at(step, kind)
    if kind is not P:
        w.reply(command)
        assert not [t for t in w.told if t.about == "feedback"] and feedback_of(w.case) is None
        w.publish()
    assert [t.about for t in w.told].count("feedback") == 1


def test_r41_d8_h5_the_retained_states_alone_begin_nothing() -> None:
    w = world_at(to_test_look_ok)
    w.centre.take(w.ask("rebind_camera").effect, w.now)  # done, and its reply is lost
    w.publish()
    assert w.case.state is State.TEST_LOOK_OK and feedback_of(w.case) is None
    assert not [t for t in w.told if t.about in ("feedback", "visits_end")]
    w.registry("rebind_camera")
    assert w.case.state is State.REBOUND


def test_r40_r42_r51_the_feedback_names_the_serial_that_was_verified() -> None:
    w = world_at(to_rebound)
    assert SERIAL in feedback_of(w.case).receiving_form and w.case.identity.serial == w.case.handing_over.serial


def test_r43_r50_d20_the_handing_over_unit_comes_last_and_hears_no_new_address() -> None:
    w = world_at(to_rebound)
    assert code(w.duty(Duty.HANDING_OVER_FORM_SENT)) == "wrong_state"
    to_received(w)
    assert code(w.duty(Duty.HANDING_OVER_FORM_SENT)) is None
    text = feedback_of(w.case).handing_over_form
    assert "nygatan" not in text.lower() and "provider-new" not in text and SERIAL not in text


def test_r45_the_handing_over_unit_is_not_phoned() -> None:
    w = world_at(to_received)
    w.duty(Duty.HANDING_OVER_FORM_SENT)
    assert w.case.state is State.HANDING_OVER_INFORMED


def test_r13_r23_r49_the_care_records_come_after_the_feedback() -> None:
    w = world_at(to_rebound)
    assert code(w.duty(Duty.CARE_RECORD_RECEIVING)) == "wrong_state"
    to_received(w)
    assert code(w.duty(Duty.CARE_RECORD_HANDING_OVER)) == "wrong_state"
    assert code(w.duty(Duty.CARE_RECORD_RECEIVING)) is None
    to_informed(w)
    assert code(w.duty(Duty.CARE_RECORD_HANDING_OVER)) is None


@pytest.mark.parametrize("missing", [Duty.CARE_RECORD_HANDING_OVER, Duty.CARE_RECORD_RECEIVING, Duty.SERIAL_DOCUMENTED, Duty.KEYS_RETURNED, Duty.IT_SUPPORT_UPDATED])
@pytest.mark.parametrize("kind", [M, P])
def test_r5_r13_r23_r24_r26_r53_the_case_does_not_close_without(kind: CaseKind, missing: Duty) -> None:
    w = world_at(to_informed, kind)
    for duty in (Duty.CARE_RECORD_HANDING_OVER, Duty.CARE_RECORD_RECEIVING, Duty.SERIAL_DOCUMENTED, Duty.KEYS_RETURNED, Duty.IT_SUPPORT_UPDATED):
        for system in w.policy.it_supports if duty is Duty.IT_SUPPORT_UPDATED and duty is not missing else ("x",) if duty is not missing else ():
            w.duty(duty, system)
    assert w.case.state is State.HANDING_OVER_INFORMED


def test_r5_waived_only_by_the_team_lead_with_a_reason() -> None:
    w = world_at(to_informed)
    waive = i.DutyDone(Duty.KEYS_RETURNED, "the keys are lost", waived=True)
    assert code(w.say(waive)) == "no_waiver"
    assert code(w.say(replace(waive, note="lost"), "lena", Role.TEAM_LEAD)) == "no_waiver"
    assert code(w.say(waive, "lena", Role.TEAM_LEAD)) is None
    assert w.case.done[Duty.KEYS_RETURNED].waived


@pytest.mark.parametrize("duty", [Duty.POSTURE_CONFIRMED])
def test_d15_h8_h9_the_posture_check_cannot_be_waived(duty: Duty) -> None:
    w = world_at(to_installed)
    assert code(w.say(i.DutyDone(duty, "no time for that today", waived=True), "lena", Role.TEAM_LEAD)) == "no_waiver"


def visited(*kinds: str) -> CaseWorld:
    """A visit that has come so far."""
    w = world_at(to_installed)
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    w.camera("read_identity", *kinds)
    return w


def test_d15_d16_h8_h9_h11_no_new_binding_before_posture_and_new_credentials() -> None:
    w = visited()
    assert [ask.effect.kind for ask in w.owed] == ["rotate_credentials"], "nothing else before the camera is ours alone"
    w.camera("rotate_credentials")
    assert w.case.state is State.INSTALLED and [ask.effect.kind for ask in w.owed] == ["ensure_posture"]
    w.camera("ensure_posture")
    assert w.case.state is State.IDENTITY_VERIFIED


@pytest.mark.parametrize("item", [item for item in Item if item not in (Item.DISCOVERY, Item.FIRMWARE)])  # those two are a word, not a list
def test_h8_h9_h12_no_case_goes_on_with_a_camera_that_is_set_wrong(item: Item) -> None:
    w = visited("rotate_credentials")
    wrong = posture(item)
    if not wrong.acceptable:
        w.answer("ensure_posture", i.PostureJudged(wrong))
        assert w.case.state is State.INSTALLED and w.case.tasks[-1].key == "posture"
        assert code(w.say(i.DutyDone(Duty.POSTURE_CONFIRMED, "it will be all right"), "lena", Role.TEAM_LEAD)) == "never_by_hand"
    else:
        assert item in (Item.HTTPS, Item.NTP, Item.CLOCK), "a list with something in it is what is wanted there"


def test_h11_old_viewers_that_stay_keep_the_case_where_it_is() -> None:
    w = visited()
    w.answer("rotate_credentials", i.CredentialsRotated(rotation(w.now, others_left=1)))
    assert w.case.state is State.INSTALLED and w.case.tasks[-1].key == "credentials" and w.owed == []


def test_r14_h13_the_switch_waits_for_the_keys() -> None:
    w = CaseWorld(P)
    old, new = notices(P)
    w.say(i.HandingOverNotice(old))
    w.say(i.ReceivingNotice(replace(new, keys_signed_out=False, street_key="missing")))
    w.registry("find_binding")
    w.say(i.SerialConfirmed(SERIAL))
    assert w.case.state is State.SERIAL_CONFIRMED and w.owed == []
    w.duty(Duty.KEYS_SIGNED_OUT)
    assert isinstance(w.ask("change_provider").effect, fx.ChangeProvider)


def test_r14_h13_the_unit_is_reminded_a_day_before_the_switch() -> None:
    w = CaseWorld(P)
    old, new = notices(P)
    at = w.now + timedelta(days=3)
    w.say(i.HandingOverNotice(replace(old, provider_effective_at=at)))
    w.say(i.ReceivingNotice(replace(new, provider_effective_at=at, keys_signed_out=False)))
    w.registry("find_binding")
    w.wait(timedelta(days=1, hours=23))
    assert not [t for t in w.told if "keys" in t.text.en and t.about == "reminder"]
    w.wait(timedelta(hours=1))
    assert [t.audience for t in w.told if "keys are not" in t.text.en] == ["receiving_unit"]


def test_r1_d24_the_case_closes_only_after_a_first_real_look() -> None:
    w = world_at(to_documented)
    w.duty(Duty.SURVEILLANCE_REGISTER_UPDATED)
    assert w.case.state is State.DOCUMENTED
    w.hear(i.LookDone(w.case.old_binding.binding_id, w.now, True))   # the old binding is RETIRED: no look of it counts
    w.hear(i.LookDone(w.case.new_binding.binding_id, w.now, False))
    assert w.case.state is State.DOCUMENTED
    w.hear(i.LookDone(w.case.new_binding.binding_id, w.now, True))
    assert w.case.state is State.CLOSED


def test_r51_d14_another_serial_only_by_the_swap() -> None:
    w = world_at(to_dismantled)
    assert code(w.say(i.Mounted("B8A44F001122", consent(), True, "assessment-1"), *TEKLA)) == "other_camera"
    w.say(i.ExitWanted(Exit.SWAP, "broken", "B8A44F001122"))
    w.registry("swap_camera")
    assert w.case.state is State.DISMANTLED and w.case.replaced_serials == (SERIAL,)
    w.say(i.SiteChecked(True, True, True, True), *TEKLA)
    w.say(i.Mounted("B8A44F001122", consent(), True, "assessment-1"), *TEKLA)
    assert w.case.state is State.INSTALLED
