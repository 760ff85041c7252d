"""The texts of a case: what each unit may read, when, and what never stands in any of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.model import CaseKind, Done, Duty, State, but
from provisioner.case.papers import claims_of, handing_over_record_of, phone_script_of, receiving_record_of, visits_of
from provisioner.case.posture_items import Item
from provisioner.case.telling import feedback_of
from provisioner.documents.care_record import confirmation
from provisioner.documents.incident import Event, Incident, deadlines, incident_draft
from provisioner.documents.sign_texts import SignClaims
from provisioner.documents.swedish_time import exact, one_month_later, spoken
from tests.case.world import SERIAL, posture, to_booked, to_rebound, to_received, to_switched, to_test_look_ok, world_at

SWEDEN = ZoneInfo("Europe/Stockholm")
P, MP = CaseKind.PROVIDER_CHANGE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE
NEW_HOME = ("nygatan", "provider-new", "unit-new")


def test_r13_r43_d20_the_handing_over_units_record_comes_after_its_feedback_and_says_nothing_of_where_to() -> None:
    w = world_at(to_received, MP)
    assert handing_over_record_of(w.case) is None
    w.duty(Duty.HANDING_OVER_FORM_SENT)
    text = handing_over_record_of(w.case)
    assert text is not None and "flyttar och byter utförare" in text and w.case.case_number in text
    assert not [word for word in (*NEW_HOME, SERIAL.lower()) if word in text.lower()]


def test_r23_r24_the_receiving_units_record_needs_both_ways_of_telling_and_keeps_the_serial_apart() -> None:
    w = world_at(to_rebound)
    w.duty(Duty.RECEIVING_PHONED)
    assert receiving_record_of(w.case) is None
    w.duty(Duty.RECEIVING_FORM_SENT)
    text = receiving_record_of(w.case)
    assert text is not None and "serienummer är dokumenterat på säkert sätt" in text and SERIAL not in text
    assert "installerad" in text and spoken(w.case.began_at) in text


def test_r23_at_a_provider_change_the_camera_stays_where_it_is() -> None:
    w = world_at(to_switched, P)
    w.duty(Duty.RECEIVING_PHONED)
    w.duty(Duty.RECEIVING_FORM_SENT)
    assert "sitter kvar" in receiving_record_of(w.case)


@pytest.mark.parametrize("row", ["R13", "R23", "R24"])
def test_r13_r23_r24_a_confirmed_duty_is_a_sentence_and_a_waived_one_says_why(row: str) -> None:
    at = datetime(2026, 12, 1, 13, 30, tzinfo=UTC)
    done = confirmation(row, "2026-K7QM4", at)
    assert "Bekräftat 2026-12-01 kl. 14.30" in done.sv and row in done.sv and row in done.en and "2026-K7QM4" in done.en
    assert "efterskänkt" in confirmation(row, "2026-K7QM4", at, "enheten är nedlagd").sv and "enheten är nedlagd" in confirmation(row, "x", at, "enheten är nedlagd").en


def test_r39_r42_the_call_says_the_serial_has_it_read_back_and_asks_what_is_noted() -> None:
    script = phone_script_of(world_at(to_rebound).case)
    assert script is not None and sum(SERIAL in line for line in script.says) == 1
    assert [question.key for question in script.asks] == ["answered", "understood", "serial"] and any("Läs upp" in line for line in script.says)


def test_r41_nothing_says_begun_before_the_alarm_centre_has_confirmed() -> None:
    """Not the script, not the form, not a record; nor after the case has left the ordinary way."""
    early = [world_at(to_test_look_ok).case, but(world_at(to_rebound).case, state=State.ON_HOLD), but(world_at(to_rebound).case, began_at=None)]
    for case in early:
        case = but(case, done={duty: Done("anna", case.opened_at) for duty in Duty})  # whatever people have said
        assert phone_script_of(case) is None and feedback_of(case) is None
        assert receiving_record_of(case) is None and handing_over_record_of(case) is None


def test_d14_after_a_swap_both_serials_are_told_to_the_receiving_unit_alone() -> None:
    w = world_at(to_rebound)
    texts = feedback_of(but(w.case, replaced_serials=("B8A44F001122",)))
    assert texts is not None and "ersätter kameran med serienummer B8A44F001122" in texts.receiving_form
    assert "B8A44F001122" not in texts.handing_over_form and "ersätter" not in feedback_of(w.case).receiving_form


def test_r28_r29_booked_times_are_visits_and_what_was_called_off_is_cancelled() -> None:
    w = world_at(to_booked)
    assert [(v.what, v.sequence, v.cancelled) for v in visits_of(w.case, 1)] == [("dismantling", 0, False), ("installation", 0, False)]
    assert [v.sequence for v in visits_of(w.case, 3)] == [2, 2]
    assert [(v.sequence, v.cancelled) for v in visits_of(but(w.case, state=State.CANCELLED), 1)] == [(1, True), (1, True)]
    assert [v.cancelled for v in visits_of(but(w.case, state=State.TERMINATED), 1)] == [False, True], "D28: the camera is still taken down"
    done = world_at(to_rebound).case
    assert [v.cancelled for v in visits_of(but(done, state=State.TERMINATED), 1)] == [False, False], "what has been, has been"
    assert visits_of(but(w.case, booking=None), 0) == ()


def test_d15_h8_a_sign_claims_what_this_cameras_posture_proves() -> None:
    case = world_at(to_rebound).case
    assert claims_of(case) == SignClaims(True, True)
    assert claims_of(but(case, posture=None)) == SignClaims(None, None)
    assert claims_of(but(case, posture=posture(unknown=(Item.AUDIO_ON_WIRE,)))) == SignClaims(None, True)
    assert claims_of(but(case, posture=posture(Item.AUDIO_IN_PROFILES))) == SignClaims(False, True)
    assert claims_of(but(case, posture=posture(Item.RECORDINGS, unknown=(Item.AUDIO_ON_WIRE,)))) == SignClaims(None, False)


def test_the_clocks_of_an_incident_run_in_hours_gone_by_over_both_changes_of_clocks() -> None:
    for aware, day, three in (("2026-10-24T12:00", "2026-10-25 11:00+01:00", "2026-10-27 11:00+01:00"),
                              ("2027-03-27T12:00", "2027-03-28 13:00+02:00", "2027-03-30 13:00+02:00"),
                              ("2026-12-01T12:00", "2026-12-02 12:00+01:00", "2026-12-04 12:00+01:00")):
        at = datetime.fromisoformat(aware).replace(tzinfo=SWEDEN)
        lex_sarah, warning, breach, report, final = deadlines(at)
        assert lex_sarah.due_at is None and exact(warning.due_at) == day and exact(breach.due_at) == exact(report.due_at) == three
        assert final.due_at is not None and final.due_at > report.due_at


@pytest.mark.parametrize(("aware", "due"), [
    ("2026-12-01T12:00+01:00", "2027-01-01 12:00+01:00"), ("2027-01-31T12:00+01:00", "2027-02-28 12:00+01:00"), ("2028-01-30T12:00+01:00", "2028-02-29 12:00+01:00"),
    ("2026-09-25T02:30+02:00", "2026-10-25 02:30+02:00"), ("2027-02-28T02:30+01:00", "2027-03-28 03:30+02:00"), ("2026-10-25T02:30+01:00", "2026-11-25 02:30+01:00")])
def test_a_month_later_is_the_same_swedish_time(aware: str, due: str) -> None:
    """The last day where there is no such day; the first where the clocks show it twice; after the jump where they skip it, the same instant."""
    assert exact(one_month_later(datetime.fromisoformat(aware))) == due


@given(st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 1)).map(lambda at: at.replace(tzinfo=UTC)))
def test_a_month_is_never_more_than_31_days_and_an_hour(at: datetime) -> None:
    assert timedelta(days=27, hours=23) <= one_month_later(at) - at <= timedelta(days=31, hours=1)


def test_an_incident_draft_has_its_deadlines_and_nobody_in_it() -> None:
    at = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    draft = incident_draft(Incident("2026-K7QM4", at, 5400, (Event(at, "dismantled -> DISMANTLED"),)))
    for text in (draft.sv, draft.en):
        assert "2026-K7QM4" in text and "2026-10-27 11:00+01:00" in text and "1 h 30 min" in text and "lex Sarah" in text and "dismantled" in text
    assert "Vad hände: ____" in draft.sv and "genast" in draft.sv and "at once" in draft.en


def test_the_hour_that_comes_twice_is_told_with_its_offset() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert spoken(first) == "2026-10-25 kl. 02.30 (UTC+0200)" and spoken(second) == "2026-10-25 kl. 02.30 (UTC+0100)"
    assert spoken(second + timedelta(hours=1)) == "2026-10-25 kl. 03.30"
