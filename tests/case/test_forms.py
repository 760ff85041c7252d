"""The two support forms: what is asked, of whom, and that nothing is booked before they agree (R1-R25, U2-U4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from provisioner.case import inputs as i
from provisioner.case.identifiers import AssetNumber, SerialNumber
from provisioner.case.intake import questions
from provisioner.case.model import BindingState, CaseKind, ContactKind, Duty, State
from provisioner.case.plan import PLAN, way_of
from tests.case.world import MOVE, NOON, SERIAL, CaseWorld, booking, notices, steps_of, to_ready, world_at

M, P, MP = CaseKind.MOVE_ONLY, CaseKind.PROVIDER_CHANGE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE


def asked(kind: CaseKind, *, old: dict[str, object] | None = None, new: dict[str, object] | None = None, found: bool = True) -> set[str]:
    """The codes of the questions after both forms have come with these changes."""
    w = CaseWorld(kind)
    handing_over, receiving = notices(kind)
    w.say(i.HandingOverNotice(replace(handing_over, **(old or {}))))  # type: ignore[arg-type]
    w.say(i.ReceivingNotice(replace(receiving, **(new or {}))))  # type: ignore[arg-type]
    if found and w.owed:
        w.registry("find_binding")
    codes = {q.key.rpartition("-")[0] for q in questions(w.case)}
    assert (w.case.state is State.READY) == (not codes and found)
    assert not codes or w.case.state is State.NEEDS_INFO
    return codes


@pytest.mark.parametrize("kind", list(CaseKind))
def test_r4_r6_r15_two_forms_that_agree_make_each_of_the_three_kinds_ready(kind: CaseKind) -> None:
    assert len(CaseKind) == 3
    assert asked(kind) == set()


FIELDS = ("unit", "provider", "sender_name", "sender_email", "sender_phone", "name", "person_number", "address", "phone")


@pytest.mark.parametrize("field", FIELDS)
def test_r7_r8_r9_each_missing_field_of_the_handing_over_form_is_asked_of_that_unit(field: str) -> None:
    w = CaseWorld(M)
    w.say(i.HandingOverNotice(replace(notices(M)[0], missing=(field,))))
    assert [(t.audience, t.about) for t in w.told] == [("handing_over_unit", "question")]
    assert "lacks" in w.told[0].text.en and "saknas" in w.told[0].text.sv


@pytest.mark.parametrize("field", FIELDS)
def test_r16_r17_r18_each_missing_field_of_the_receiving_form_is_asked_of_that_unit(field: str) -> None:
    assert asked(M, new={"missing": (field,)}) == {"missing-fields"}
    w = CaseWorld(M)
    w.say(i.ReceivingNotice(replace(notices(M)[1], missing=(field,))))
    assert [(t.audience, t.about) for t in w.told] == [("receiving_unit", "question")]


def test_r10_r19_r52_a_contact_of_three_kinds_is_needed_for_a_move_and_not_asked_for_a_provider_change() -> None:
    assert len(ContactKind) == 3
    for kind in (M, MP):
        assert asked(kind, old={"contacts": ()}) == {"no-contact"}
        assert asked(kind, new={"contacts": ()}) == {"no-contact"}
    assert asked(P, old={"contacts": ()}, new={"contacts": ()}) == set()


def test_r11_the_serial_is_asked_of_the_handing_over_unit_only() -> None:
    assert asked(M, old={"serial": None}, found=False) == {"no-serial"}
    assert asked(M, new={"serial": None}) == set()


@pytest.mark.parametrize("serial", ["LK-004711", "LK004711", "lk 004711", "short", ""])
def test_r11_d3_what_is_no_serial_is_not_taken_for_one(serial: str) -> None:
    w = CaseWorld(M)
    outcome = w.say(i.HandingOverNotice(replace(notices(M)[0], serial=SerialNumber(serial))))
    assert outcome.refusal is not None and outcome.refusal.field == "serial"


def test_d3_a_form_whose_serial_is_its_asset_number_is_refused() -> None:
    w = CaseWorld(M)
    outcome = w.say(i.HandingOverNotice(replace(notices(M)[0], serial=SerialNumber("X1234567Y"), asset_number=AssetNumber("X-1234567-Y"))))
    assert outcome.refusal is not None and outcome.refusal.code == "asset_number"


def test_r12_r21_u9_dates_are_mandatory_each_where_it_belongs() -> None:
    assert asked(M, old={"move_date": None}, new={"move_date": None}) == {"no-move-date"}
    assert asked(P, old={"provider_effective_at": None}, new={"provider_effective_at": None}) == {"no-switch-instant"}
    assert asked(MP, old={"move_date": None, "provider_effective_at": None},
                 new={"move_date": None, "provider_effective_at": None}) == {"no-move-date", "no-switch-instant"}
    assert asked(M, old={"provider_effective_at": None}, new={"provider_effective_at": None}) == set()


def test_r18_a_person_number_that_differs_blocks_the_case() -> None:
    assert asked(M, new={"person_ref": "person-0002"}) == {"person-differs"}


def test_r21_r25_u4_a_date_that_differs_blocks_the_case_and_is_asked() -> None:
    assert asked(M, new={"move_date": date(2026, 12, 1)}) == {"date-differs"}
    assert asked(P, new={"provider_effective_at": NOON + timedelta(days=1)}) == {"switch-differs"}


def test_u1_a_date_in_the_past_is_asked_about_once_however_often_the_form_comes() -> None:
    """Said again it is another object with the same words; meanwhile its date may have passed, and the journal must live again to the same."""
    form = notices(M)[0]
    w = CaseWorld(M)
    w.say(i.HandingOverNotice(form))
    w.told.clear()
    assert form.move_date is not None
    w.now = w.now + (form.move_date - w.now.date()) + timedelta(days=2)
    w.say(i.HandingOverNotice(replace(form)))
    assert [t for t in w.told if "has passed" in t.text.en] == [], "nobody has said anything new"
    w.say(i.HandingOverNotice(replace(form, sign_languages=("sv", "en"))))
    assert len([t for t in w.told if "has passed" in t.text.en]) == 1


def test_u4_u10_addresses_and_providers_must_fit_the_kind() -> None:
    assert asked(M, new={"site_ref": "site-storgatan"}) == {"same-site"}
    assert asked(P, new={"site_ref": "site-nygatan"}) == {"site-differs"}
    assert asked(P, new={"provider_ref": "provider-old"}) == {"same-provider"}
    assert asked(M, new={"provider_ref": "provider-new"}) == {"provider-differs"}


def test_r20_r14_the_answer_on_the_keys_is_mandatory_whatever_it_is() -> None:
    assert asked(M, new={"keys_signed_out": None}) == {"no-keys-answer"}
    assert asked(P, new={"street_key": None}) == {"no-keys-answer"}
    assert asked(M, new={"keys_signed_out": False, "street_key": "missing"}) == set()


@pytest.mark.parametrize(("languages", "taken"), [(("sv",), True), (("sv", "en", "fa", "ar", "so"), True), (("en",), False), ((), False), (("sv", "de"), False)])
def test_r22_r34_swedish_always_and_only_the_five_languages(languages: tuple[str, ...], taken: bool) -> None:
    w = CaseWorld(M)
    assert (w.say(i.ReceivingNotice(replace(notices(M)[1], sign_languages=languages))).refusal is None) is taken


def test_r1_u15_special_housing_is_flagged() -> None:
    assert asked(M, new={"housing_is_ordinary": False}) == {"special-housing"}


def test_r1_a_decision_must_be_referred_to() -> None:
    assert asked(M, old={"decision_ref": None}, new={"decision_ref": None}) == {"no-decision"}


def test_r1_d23_only_a_camera_with_one_live_binding_at_that_home_makes_a_case() -> None:
    w = CaseWorld(M)
    w.centre.bindings.clear()
    to_ready(w)
    assert w.case.state is State.NEEDS_INFO and "no-binding" in questions(w.case)[0].key
    for key, changes in (("other-site", {"site_ref": "site-other-1"}), ("not-active", {"state": BindingState.SUSPENDED})):
        w = CaseWorld(M)
        w.centre.bindings["b-old-000001"] = replace(w.centre.bindings["b-old-000001"], **changes)  # type: ignore[arg-type]
        to_ready(w)
        assert w.case.state is State.NEEDS_INFO and key in questions(w.case)[0].key
    w = CaseWorld(M)
    w.centre.enrol(replace(w.centre.bindings["b-old-000001"], binding_id="b-old-000002", state=BindingState.SUSPENDED))
    to_ready(w)
    assert w.case.state is State.NEEDS_INFO and "many-bindings" in questions(w.case)[0].key
    w.centre.bindings.pop("b-old-000002")
    w.say(i.TryAgain())
    w.registry("find_binding")
    assert w.case.state is State.READY


def test_h3_a_corrected_serial_is_looked_up_anew_before_anything_is_booked() -> None:
    w = world_at(to_ready)
    w.say(i.HandingOverNotice(replace(w.case.handing_over, serial=SerialNumber("B8A44F001122"))))
    assert w.case.state is State.AWAITING_COUNTERPART and w.case.old_binding is None
    assert w.say(i.Booked(booking(w.now))).refusal is not None
    w.registry("find_binding")
    assert w.case.state is State.NEEDS_INFO


def test_r25_a_question_is_put_once_and_a_new_one_again() -> None:
    w = CaseWorld(M)
    old, new = notices(M)
    w.say(i.HandingOverNotice(old))
    for _ in range(3):
        w.say(i.ReceivingNotice(replace(new, person_ref="person-0002")))
    assert len([t for t in w.told if t.about == "question"]) == 1
    w.say(i.ReceivingNotice(replace(new, person_ref="person-0003")))
    assert len([t for t in w.told if t.about == "question"]) == 2


def test_u3_one_form_may_fill_both_roles() -> None:
    assert asked(M, new={"form_ref": "form-0001", "unit_ref": "unit-old-1"}) == set()


def test_r6_r15_r44_the_forms_are_kept_with_their_id_and_arrival() -> None:
    w = world_at(to_ready)
    assert (w.case.handing_over.form_ref, w.case.receiving.form_ref) == ("form-0001", "form-0002")
    assert w.case.handing_over.arrived_at == w.case.receiving.arrived_at == NOON


def test_r46_nothing_is_booked_while_a_form_is_missing() -> None:
    w = CaseWorld(M)
    for notice in (i.HandingOverNotice(notices(M)[0]), i.ReceivingNotice(notices(M)[1])):
        assert w.say(i.Booked(booking(w.now))).refusal.code == "wrong_state"
        w.say(notice)
    assert w.say(i.Booked(booking(w.now))).refusal.code == "wrong_state"
    w.registry("find_binding")
    assert w.say(i.Booked(booking(w.now))).refusal is None


def test_r3_the_version_of_the_routine_is_stored() -> None:
    assert CaseWorld(M).case.routine_version == "2021:1"


def test_r4_r27_each_kind_has_the_steps_of_its_row_and_no_other() -> None:
    moved = {"booked", "dismantled", "mounted", "sign_placed", "view_accepted", "rebind_completed", "operator_saw_code", "frame_judged"}
    for kind in CaseKind:
        needs = {need.name for state in PLAN if state not in (State.SWAP, State.ROLLING_BACK, State.TERMINATING) and (way := way_of(kind, state))
                 for need in way.needs}
        assert (moved <= needs) if kind is not P else not (moved & needs)
        assert {"receiving_phoned", "handing_over_form_sent", "keys_returned", "keys_signed_out", "care_record_receiving"} <= needs


def test_r2_every_duty_is_a_row_of_the_routine_or_ours_and_none_a_providers_own() -> None:
    units = {Duty.KEYS_RETURNED, Duty.KEYS_SIGNED_OUT, Duty.CARE_RECORD_HANDING_OVER, Duty.CARE_RECORD_RECEIVING, Duty.SERIAL_DOCUMENTED}
    ours = {need.duty: need.source for state in PLAN for kind in CaseKind if (way := way_of(kind, state)) for need in way.needs if need.duty}
    assert set(Duty) == set(ours)
    assert all(ours[duty].startswith(("R5", "R13", "R14", "R23", "R24")) for duty in units)


def test_r27_u27_a_provider_change_takes_no_picture_and_stops_no_look() -> None:
    w = CaseWorld(P)
    for step in steps_of(P):
        step(w)
        assert {line.by for line in w.case.cover} <= {"CAMERA"}
    assert w.case.state is State.CLOSED and w.case.frames_taken == 0
    assert not [e for _, e in w.journal if isinstance(e, i.Answered) and isinstance(e.answer, i.FrameJudged)]


def test_d18_u20_each_kind_reaches_its_end() -> None:
    for kind in CaseKind:
        w = CaseWorld(kind)
        for step in steps_of(kind):
            step(w)
        assert w.case.state is State.CLOSED
    assert MOVE[-1] is steps_of(M)[-1] and w.case.expected_serial == SERIAL
