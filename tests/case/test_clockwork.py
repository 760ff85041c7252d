"""Hours: the night, daylight saving, reminders, reviews, the ledger, and the next waking."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from provisioner.case import inputs as i
from provisioner.case import localtime
from provisioner.case.advance import advance
from provisioner.case.cover import covered_by, uncovered_s
from provisioner.case.model import BindingState, CaseKind, Cover, CoveredBy, Duty, Exit, FallbackMode, Role, State
from tests.case.world import (
    NOON,
    CaseWorld,
    notices,
    to_booked,
    to_dismantled,
    to_documented,
    to_informed,
    to_ready,
    to_rebound,
    to_suspended,
    to_test_look_ok,
    world_at,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)


def calls_of(w: CaseWorld, about: str) -> list[str]:
    """What was told about this, shortest."""
    return [t.key.split("/")[1] for t in w.told if t.about == about]


def down_on(day: date, look: tuple[int, int]) -> CaseWorld:
    """A camera that is down since 13 hours before the look at this Swedish time."""
    at = datetime(day.year, day.month, day.day, *look, tzinfo=STOCKHOLM).astimezone(UTC)
    w = CaseWorld(now=at - timedelta(hours=13))
    for step in (to_ready, to_booked, to_suspended):
        step(w)
    w.hear(i.FirstLookPlanned("b-old-000001", at))
    w.told.clear()
    return w


def test_d7_h4_four_two_and_one_hour_before_the_look_and_at_one_the_visit_is_ordered() -> None:
    w = world_at(to_dismantled)  # the look is at 23:00 UTC
    heard = {}
    for hour in range(13, 24):
        w.told.clear()
        w.wait(NOON.replace(hour=hour) - w.now)
        heard[hour] = [t.about for t in w.told]
    assert heard == {hour: [] for hour in range(13, 24)} | {19: ["escalation"], 21: ["escalation"], 22: ["escalation", "visit_ordered"]}


@pytest.mark.parametrize(("clock", "ordered"), [("21:00", False), ("21:59", False), ("22:00", True), ("22:59", True)])
def test_h4_the_visit_at_the_minute(clock: str, ordered: bool) -> None:
    w = world_at(to_dismantled)
    w.wait(datetime.fromisoformat(f"2026-11-23T{clock}:00+00:00") - w.now)
    assert bool(calls_of(w, "visit_ordered")) is ordered


def test_d7_a_daemon_that_slept_makes_the_most_urgent_call_only() -> None:
    w = world_at(to_dismantled)
    w.now = NOON.replace(hour=22, minute=59)
    w.told.clear()
    w.take(i.Woke())
    assert len(w.told) == 2 and "1 min" in w.told[0].text.en and w.told[1].about == "visit_ordered"


@pytest.mark.parametrize(("day", "hours"), [
    (date(2026, 10, 24), 25), (date(2026, 10, 25), 24), (date(2027, 3, 27), 23), (date(2027, 3, 28), 24), (date(2026, 11, 23), 24)])
def test_h4_h10_d17_the_next_night_is_the_same_swedish_hour_on_dst_nights(day: date, hours: int) -> None:
    w = down_on(day, (23, 0))
    first = w.case.first_look_at
    w.told.clear()
    w.wait(first - w.now)
    assert w.case.first_look_at - first == timedelta(hours=hours)
    assert w.case.first_look_at.astimezone(STOCKHOLM).hour == 23
    w.told.clear()
    w.wait(w.case.first_look_at - HOUR - w.now)
    assert calls_of(w, "visit_ordered"), "an hour before the look of the next night, on its own clock"


@pytest.mark.parametrize("day", [date(2026, 10, 24), date(2027, 3, 27)])
def test_h4_h10_a_look_in_the_hour_that_is_double_or_missing_is_never_counted_late(day: date) -> None:
    w = down_on(day, (2, 30))
    w.wait(w.case.first_look_at - w.now)
    true = datetime(day.year, day.month, day.day, 2, 30, tzinfo=STOCKHOLM) + timedelta(days=1)
    assert w.case.first_look_at <= true.astimezone(UTC) <= w.case.first_look_at + HOUR


def test_d17_swedish_time_is_the_time_zone_databases() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    while at.year < 2041:
        assert localtime.offset(at) == at.astimezone(STOCKHOLM).utcoffset()
        at += timedelta(hours=5, minutes=59)
    for year in range(2024, 2036):
        for month in (3, 10):
            for minute in range(-90, 90, 15):
                at = datetime(year, month, 31, 1, tzinfo=UTC) - timedelta(days=(datetime(year, month, 31, tzinfo=UTC).weekday() + 1) % 7, minutes=minute)
                assert localtime.offset(at) == at.astimezone(STOCKHOLM).utcoffset()


def test_d7_a_camera_that_watches_calls_nobody() -> None:
    w = world_at(to_booked)
    w.wait(timedelta(days=2))
    assert calls_of(w, "escalation") == [] and w.case.wake_at is None


def test_u2_the_missing_form_is_reminded_after_one_day_and_phoned_after_two() -> None:
    for notice, audience in ((i.HandingOverNotice(notices(CaseKind.MOVE_ONLY)[0]), "receiving_unit"),
                             (i.ReceivingNotice(notices(CaseKind.MOVE_ONLY)[1]), "handing_over_unit")):
        w = CaseWorld()
        w.say(notice)
        if w.owed:
            w.registry("find_binding")
        w.wait(timedelta(hours=23, minutes=59))
        assert w.told == []
        w.wait(timedelta(minutes=1))
        assert [(t.audience, t.about) for t in w.told] == [(audience, "reminder")]
        w.wait(timedelta(days=1))
        assert [(t.audience, t.about) for t in w.told[1:]] == [("coordinator", "phone_task")]
        w.wait(timedelta(days=5))
        assert len(w.told) == 2 and w.case.wake_at is None


@pytest.mark.parametrize(("opened", "warned"), [(date(2026, 11, 13), False), (date(2026, 11, 17), False), (date(2026, 11, 18), True), (date(2026, 11, 23), True)])
def test_u1_less_than_five_working_days_are_warned_about_and_never_refused(opened: date, warned: bool) -> None:
    w = CaseWorld(now=datetime(opened.year, opened.month, opened.day, 12, tzinfo=UTC))  # the move is on Tuesday, 24 November
    to_ready(w)
    assert w.case.state is State.READY
    assert bool([t for t in w.told if "Short notice" in t.text.en]) is warned


def test_d8_a_reply_without_its_retained_state_calls_after_two_minutes() -> None:
    w = world_at(to_test_look_ok)
    w.reply("rebind_camera")
    w.told.clear()
    w.wait(timedelta(seconds=119))
    assert w.told == []
    w.wait(timedelta(seconds=1))
    assert [(t.audience, t.about) for t in w.told] == [("coordinator", "phone_task")]


def test_d24_a_binding_without_a_good_look_calls_every_day_until_there_is_one() -> None:
    w = world_at(to_rebound)
    w.told.clear()
    w.wait(timedelta(days=2, hours=1))
    assert len(calls_of(w, "escalation")) == 2
    w.hear(i.LookDone(w.case.new_binding.binding_id, w.now, False))
    w.wait(timedelta(days=1))
    assert len(calls_of(w, "escalation")) == 3
    w.hear(i.LookDone(w.case.new_binding.binding_id, w.now, True))
    w.wait(timedelta(days=9))
    assert len(calls_of(w, "escalation")) == 3


def test_what_is_left_after_the_start_is_reminded_of_after_two_working_days_and_then_each_week() -> None:
    w = world_at(to_informed)
    w.hear(i.LookDone(w.case.new_binding.binding_id, w.now, True))
    w.told.clear()
    w.wait(timedelta(days=1, hours=23))
    assert calls_of(w, "reminder") == []
    w.wait(timedelta(days=1))
    [first] = [t for t in w.told if t.about == "reminder"]
    assert first.audience == "coordinator" and "is not closed" in first.text.en and w.case.case_number in first.text.sv
    assert "Update the relevant IT systems" in first.text.en and "lämnat tillbaka nycklarna" in first.text.sv, "each thing that is left is named"
    w.wait(timedelta(days=15))
    assert len(calls_of(w, "reminder")) == 3
    to_documented(w)
    w.told.clear()
    w.wait(timedelta(days=1))
    assert calls_of(w, "reminder") == []
    w.wait(timedelta(days=3))    # a weekend may lie between
    [last] = [t.text.en for t in w.told if t.about == "reminder"]
    assert last.endswith("is not closed. Left to be done: Update the register of camera surveillance.")
    w.duty(Duty.SURVEILLANCE_REGISTER_UPDATED)
    assert w.case.is_final and w.case.wake_at is None


def test_u17_an_agreed_fallback_that_nobody_needed_lapses_and_one_in_use_does_not() -> None:
    w = world_at(to_booked)
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.wait(timedelta(days=7))
    assert w.case.fallback.released_at == w.now
    assert w.say(i.DismantlingBegins(), "tekla", Role.TECHNICIAN).refusal.code == "no_fallback"
    w = world_at(to_suspended)
    w.wait(timedelta(days=8))
    assert w.case.fallback.released_at is None and covered_by(w.case) is CoveredBy.VISITS


# ---- the ledger


def test_the_ledger_of_a_move_has_no_gap() -> None:
    w = world_at(to_rebound)
    assert [line.by for line in w.case.cover] == [CoveredBy.CAMERA, CoveredBy.VISITS, CoveredBy.CAMERA]
    assert uncovered_s(w.case, w.now + timedelta(days=1)) == 0


def test_the_ledger_counts_what_nobody_covered() -> None:
    w = world_at(to_booked)
    w.now += HOUR
    w.centre.edit("b-old-000001", state=BindingState.SUSPENDED)
    w.publish()
    w.wait(timedelta(minutes=50))
    assert len(calls_of(w, "escalation")) == 1 + 1 + 3  # the hand in the registry; then at once and every quarter of an hour
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.now += HOUR
    assert uncovered_s(w.case, w.now) == 50 * 60
    assert [line.by for line in w.case.cover] == [CoveredBy.CAMERA, CoveredBy.NOBODY, CoveredBy.VISITS]


def test_an_open_line_of_nobody_counts_until_now_and_no_line_counts_nothing() -> None:
    case = replace(world_at(to_ready).case, cover=(Cover(NOON, CoveredBy.CAMERA), Cover(NOON + HOUR, CoveredBy.NOBODY)))
    assert uncovered_s(case, NOON + 3 * HOUR) == 7200
    assert uncovered_s(CaseWorld().case, NOON) == 0 and covered_by(CaseWorld().case) is None


def test_an_active_binding_of_a_camera_in_a_bag_covers_nobody() -> None:
    w = world_at(to_dismantled)
    w.centre.edit("b-old-000001", state=BindingState.ACTIVE)
    w.publish()
    assert w.case.cover[-1].by is CoveredBy.VISITS


def test_not_needed_is_an_answer_for_an_ending_only() -> None:
    w = world_at(to_suspended)
    not_needed = i.FallbackAcknowledged("fallback-2", "unit-old-1", "person-9", FallbackMode.NOT_NEEDED)
    assert w.say(not_needed).refusal.code == "fallback_needed"
    w.say(i.ExitWanted(Exit.TERMINATE, "ended"))
    w.say(not_needed)
    assert w.case.cover[-1].by is CoveredBy.NOT_OWED
    w.say(i.ExitWanted(Exit.WRONG_CASE, "it was another person"))
    assert w.case.cover[-1].by is CoveredBy.NOBODY and any("NOBODY" in t.text.en for t in w.told)


# ---- waking


def test_nothing_wakes_in_the_past_and_a_woken_case_with_nothing_due_is_unchanged() -> None:
    w = world_at(to_dismantled)
    outcome = advance(w.case, i.Woke(), w.now, w.policy)
    assert outcome.case is w.case and outcome.asks == ()
    assert w.case.wake_at == NOON.replace(hour=19)


def test_a_clock_that_steps_back_breaks_nothing() -> None:
    w = world_at(to_dismantled)
    w.now -= timedelta(minutes=5)
    w.say(i.FallbackAcknowledged("fallback-2", "unit-old-1", "person-9"))
    assert [line.at for line in w.case.cover] == sorted(line.at for line in w.case.cover)
