"""Bookings, keys, the site checklist, a no at the door, several cameras, undo: what the stories do not hold against the rest of the case."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case import inputs as i
from provisioner.case import localtime
from provisioner.case.appointments import clash, engagements
from provisioner.case.checklist import Stamp, checklist
from provisioner.case.cover import covered_by, uncovered_s
from provisioner.case.keys import KeyKind, KeySide, KeyStatus
from provisioner.case.keys_said import keys_of, settled
from provisioner.case.model import CaseKind, Consent, CoveredBy, Duty, Engaged, Exit, FallbackMode, Role, State, Visit
from provisioner.case.night import Decision, Listed, Night, WatchedBy, readiness
from provisioner.case.papers import visits_of
from provisioner.cli.undo import prefilled
from provisioner.view import case_view, next_owner
from tests.case.world import (
    NOON,
    POLICY,
    CaseWorld,
    booking,
    notices,
    to_booked,
    to_closed,
    to_dismantled,
    to_informed,
    to_ready,
    to_rebound,
    to_scheduled,
    to_suspended,
    world_at,
)

TEKLA = ("tekla", Role.TECHNICIAN)
MINUTE = timedelta(minutes=1)
STRETCH = st.tuples(st.integers(0, 600), st.integers(1, 240)).map(lambda two: (NOON + two[0] * MINUTE, NOON + (two[0] + two[1]) * MINUTE))


@given(STRETCH, STRETCH, st.integers(0, 60), st.booleans())
def test_r28_r29_two_visits_clash_exactly_where_less_than_the_way_lies_between(one, other, margin_min, same):
    margin = margin_min * MINUTE
    wanted, busy = Engaged("technician-1", *one, "2026-1", Visit.DISMANTLING), Engaged("technician-1" if same else "technician-2", *other, "2026-2", Visit.DISMANTLING)
    between = max(one[0], other[0]) - min(one[1], other[1])
    assert (clash(wanted, (busy,), margin) is not None) == (same and between < margin)
    household = replace(busy, group_ref="household-1")
    assert clash(replace(wanted, group_ref="household-1"), (household,), margin) is None, "U21: both cameras are taken down in one visit"


def test_r28_a_technician_is_named_for_both_visits():
    w = world_at(to_ready)
    for field in ("dismantle_technician", "install_technician"):
        refusal = w.say(i.Booked(replace(booking(w.now), **{field: ""}))).refusal
        assert (refusal.code, refusal.field) == ("technician_missing", field)


def test_r28_r29_booked_anew_keeps_the_history_and_the_calendar_knows_the_newer():
    w = world_at(to_booked)
    w.say(i.NoAccess(Visit.DISMANTLING), *TEKLA)
    assert [one.visit for one in engagements(w.case)] == [], "nobody waits for a visit that did not come about"
    later = booking(w.now + timedelta(hours=1))
    w.say(i.Booked(later))
    assert [one.booking for one in w.case.bookings] == [booking(NOON), later] and w.case.no_access[0].by == "tekla" and w.case.missed is None
    assert {visit.sequence for visit in visits_of(w.case, len(w.case.bookings))} == {1}
    assert case_view(w.case, w.now, "en")["booking"]["times_booked"] == 2


def test_r29_h4_nobody_at_home_after_the_camera_is_down_calls_at_once_each_time_and_the_visits_stay():
    w = world_at(to_dismantled)
    for times in (1, 2):
        w.say(i.NoAccess(Visit.INSTALLATION), *TEKLA)
        calls = [tell for tell in w.told if tell.audience == "on_call" and "Nobody opened" in tell.text.en]
        assert len(calls) == times and covered_by(w.case) is CoveredBy.VISITS and next_owner(w.case) == "on_call"
    view = case_view(w.case, w.now, "en")
    assert view["booking"]["missed"] == "installation" and len(view["no_access"]) == 2
    assert uncovered_s(w.case, w.now) == 0


def test_r5_r14_r53_keys_one_by_one_confirm_their_side_and_a_lost_one_takes_it_back():
    w = world_at(to_informed, CaseKind.PROVIDER_CHANGE_ONLY)
    for key in KeyKind:
        assert Duty.KEYS_RETURNED not in w.case.done
        w.say(i.KeyTold(KeySide.HANDING_OVER, key, KeyStatus.RETURNED, "the office"))
    assert w.case.done[Duty.KEYS_RETURNED].by == "anna" and settled(w.case, KeySide.HANDING_OVER)
    stands = {line.row: line.standing.value for line in checklist(w.case, {"opened": Stamp("anna", w.now)})}
    assert stands["R5"] == stands["R53"] == "done"
    w.say(i.KeyTold(KeySide.HANDING_OVER, KeyKind.DWELLING, KeyStatus.LOST))
    assert Duty.KEYS_RETURNED not in w.case.done and next_owner(w.case) == "coordinator"
    w.say(i.KeyTold(KeySide.HANDING_OVER, KeyKind.DWELLING, KeyStatus.WAIVED, note="the lock is changed"), "lena", Role.TEAM_LEAD)
    assert w.case.done[Duty.KEYS_RETURNED].waived and [one.status for one in w.case.keys][-2:] == [KeyStatus.LOST, KeyStatus.WAIVED], "the history stays"


def test_r14_r20_h13_the_forms_answer_counts_until_somebody_says_otherwise():
    w = CaseWorld(CaseKind.PROVIDER_CHANGE_ONLY)
    to_ready(w)
    assert [one.status for one in keys_of(w.case, KeySide.RECEIVING)] == [KeyStatus.SIGNED_OUT, KeyStatus.NOT_REQUIRED]
    w.say(i.KeyTold(KeySide.RECEIVING, KeyKind.DWELLING, KeyStatus.MISSING))
    w.say(i.SerialConfirmed(w.case.expected_serial))
    assert not [ask for ask in w.owed if ask.effect.kind == "change_provider"], "H13: the change waits for the key"
    w.say(i.KeyTold(KeySide.RECEIVING, KeyKind.DWELLING, KeyStatus.SIGNED_OUT))
    assert w.ask("change_provider")


@pytest.mark.parametrize(("answers", "stops"), [((False, True, True, True), True), ((True, False, True, True), True), ((True, True, False, True), False),
                                                ((True, True, True, False), False)])
def test_r32_u18_only_what_keeps_a_camera_from_working_stops_the_installation(answers, stops):
    w = world_at(to_dismantled)
    w.say(i.SiteChecked(*answers), *TEKLA)
    w.say(i.Mounted(w.case.expected_serial, (Consent("service_user", True, w.now),), True, "a-1"), *TEKLA)
    assert w.case.state is (State.DISMANTLED if stops else State.INSTALLED)
    assert len([task for task in w.case.tasks if task.done is None and task.key.startswith("site-")]) == 1


@pytest.mark.parametrize("step", [to_booked, to_suspended, to_dismantled])
def test_h15_u12_a_no_at_the_door_starts_nothing_and_tells_units_and_case_officer(step):
    w = world_at(step)
    before = covered_by(w.case)
    w.say(i.ExitWanted(Exit.REFUSED, "the user says no"), *TEKLA)
    assert w.case.state is State.ON_HOLD and covered_by(w.case) is before and not w.owed
    assert {tell.audience for tell in w.told if "has said no" in tell.text.en and tell.about == "feedback"} == {"handing_over_unit", "receiving_unit", "case_officer"}
    assert not any("nygatan" in tell.text.en or "provider-new" in tell.text.en for tell in w.told), "D20"
    assert {Exit.TERMINATE} < {*map(Exit, case_view(w.case, w.now, "en")["exits"])}


@pytest.mark.parametrize("step", [to_ready, to_booked, to_suspended, to_dismantled, to_rebound, to_informed])
def test_h15_d28_u11_a_consent_taken_back_leaves_only_the_ending(step):
    w = world_at(step)
    w.say(i.ConsentWithdrawn("cohabitant-1"))
    assert w.case.state is State.TERMINATING
    for exit in (Exit.ROLL_BACK, Exit.CANCEL, Exit.SWAP, Exit.REFUSED):
        assert w.say(i.ExitWanted(exit, "but no", "B8A44F001122")).refusal.code == "exit_not_allowed"
    w.say(i.ExitWanted(Exit.HOLD, "wait"))
    assert w.say(i.Resumed()).case.state is State.TERMINATING, "no way back to looks"


def test_h4_u21_a_home_of_two_rooms_is_covered_as_its_worst_room():
    one, two = world_at(to_suspended).case, world_at(to_booked).case
    decision = Decision("decision-1", "site-storgatan", "unit-1", (time(23, 0),), NOON - timedelta(days=9), cameras=2)
    night, listed = Night(NOON.date()), [Listed(one.old_binding), Listed(two.old_binding)]
    for cases in ((one, two), (two, one)):
        [home] = readiness([decision], listed, cases, night)
        assert home.by is WatchedBy.VISITS, "whatever the order of the cases"
    bare = replace(one, fallback=None)
    assert readiness([decision], listed, (bare, two), night)[0].by is WatchedBy.NEITHER


def test_h1_undo_is_a_new_case_filled_in_from_the_old_one():
    w = world_at(to_closed)
    assert w.say(i.MoveUndone("2026-0002")).case.undone_by == "2026-0002" and w.case.state is State.CLOSED
    handing_over, receiving = prefilled(w.case, w.now, w.now.date(), True, "not_required")
    old, new = notices(CaseKind.MOVE_ONLY)
    assert (handing_over.site_ref, receiving.site_ref) == (new.site_ref, old.site_ref) and handing_over.serial == w.case.expected_serial
    back = CaseWorld()
    back.centre, back.case = w.centre, None
    back.take(i.Opened("0197-case-2", "2026-0002", CaseKind.MOVE_ONLY, undoes="2026-0001"))
    back.say(i.HandingOverNotice(handing_over))
    back.say(i.ReceivingNotice(receiving))
    back.registry("find_binding")
    assert back.case.state is State.READY and back.case.undoes == "2026-0001" and covered_by(back.case) is CoveredBy.CAMERA
    assert back.case.mount is None and back.case.sign is None, "consents and sign are asked anew"
    assert POLICY.travel_margin == timedelta(minutes=30)


@pytest.mark.parametrize("step", [to_ready, to_booked])
def test_h19_u17_a_hospital_pause_is_reviewed_within_a_week_and_leaves_nobody_unwatched(step):
    w = world_at(step)
    stood = w.case.state
    w.say(i.ExitWanted(Exit.PAUSE, "in hospital"))
    assert covered_by(w.case) is CoveredBy.CAMERA, "the looks go on until somebody has said who answers for the home"
    assert w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9", FallbackMode.NOT_NEEDED, NOON + timedelta(days=8))).refusal.code == "review_at"
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9", FallbackMode.NOT_NEEDED))
    assert w.ask("suspend_binding").effect.reason_class == "PAUSE"
    w.registry("suspend_binding")
    assert covered_by(w.case) is CoveredBy.NOT_OWED
    w.wait(timedelta(days=9))
    assert [tell for tell in w.told if tell.about == "escalation" and "review" in tell.text.en], "H19: nobody was reminded"
    w.say(i.FallbackAcknowledged("fallback-2", "unit-old-1", "person-9"))
    w.say(i.Resumed())
    w.registry("resume_binding")
    assert w.case.state is stood and covered_by(w.case) is CoveredBy.CAMERA and uncovered_s(w.case, w.now) == 0


def test_d17_both_units_are_told_the_same_instant_of_the_provider_change_and_not_who_the_other_is() -> None:
    w = world_at(to_scheduled, CaseKind.PROVIDER_CHANGE_ONLY)
    told = {tell.audience: tell for tell in w.told if "/switch-" in tell.key}
    at = localtime.shown(w.case.receiving.provider_effective_at)
    assert set(told) == {"handing_over_unit", "receiving_unit"} and at.endswith("+01:00")
    for tell in told.values():
        assert at in tell.text.sv and at in tell.text.en
        for unit in (w.case.handing_over.unit_ref, w.case.receiving.unit_ref):
            assert unit not in tell.text.sv + tell.text.en


def test_visits_that_were_agreed_and_not_needed_end_with_word_to_the_night_patrol() -> None:
    w = world_at(to_booked)
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.now = w.case.fallback.review_at + timedelta(minutes=1)
    w.take(i.Woke())
    assert w.case.fallback.released_at is not None and w.case.state is State.BOOKED
    [tell] = [tell for tell in w.told if tell.about == "visits_end"]
    assert tell.audience == "night_patrol" and "behövs inte nu" in tell.text.sv
