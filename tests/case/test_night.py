"""Tonight's homes and the three lists, on ordinary nights, on the two nights when clocks change, and at a month's turn."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case import localtime
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Binding, BindingState
from provisioner.case.night import Decision, Listed, Night, WatchedBy, night_of, readiness, reconcile
from tests.case.world import to_booked, to_rebound, to_suspended, world_at

SWEDEN = ZoneInfo("Europe/Stockholm")
LOOKS = (time(0), time(2), time(5))
DAY = timedelta(hours=24)


def decision(site: str = "site-storgatan", **changes) -> Decision:
    base = Decision(f"decision-{site}", site, "unit-old-1", LOOKS, datetime(2026, 1, 1, tzinfo=UTC))
    return replace(base, **changes)


def binding(site: str = "site-storgatan", state: BindingState = BindingState.ACTIVE, **changes) -> Binding:
    base = Binding(f"binding-{site}", SerialNumber("ACCC8E004711"), site, "provider-old", "schedule-1", state, 3)
    return replace(base, **changes)


def listed(*bindings: Binding, last_look_at: datetime | None = None, next_look_at: datetime | None = None) -> list[Listed]:
    return [Listed(one, last_look_at, next_look_at) for one in bindings]


def kinds(found) -> list[str]:
    return [one.kind for one in found]


# ---- the night


@pytest.mark.parametrize(("night", "looks", "hours"), [
    ("2026-11-27", ["2026-11-28 00:00+01:00", "2026-11-28 02:30+01:00", "2026-11-28 05:00+01:00"], 24),
    ("2026-10-24", ["2026-10-25 00:00+02:00", "2026-10-25 02:30+02:00", "2026-10-25 05:00+01:00"], 25),  # 02:30 comes twice: the first
    ("2027-03-27", ["2027-03-28 00:00+01:00", "2027-03-28 01:30+01:00", "2027-03-28 05:00+02:00"], 23),  # 02:30 is skipped: the hour before
])
def test_h10_planned_looks_keep_swedish_time_when_the_clocks_change(night: str, looks: list[str], hours: int) -> None:
    tonight = Night(date.fromisoformat(night))
    assert [localtime.shown(at) for at in tonight.looks(decision(looks=(time(5), time(2, 30), time(0))))] == looks
    assert tonight.ends_at - tonight.begins_at == timedelta(hours=hours)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_every_instant_belongs_to_exactly_one_night(at: datetime) -> None:
    night = night_of(at)
    assert night.begins_at <= at < night.ends_at
    assert night.ends_at == Night(night.on + timedelta(days=1)).begins_at


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.times())
def test_wall_time_is_what_the_time_zone_database_says(day: date, wall: time) -> None:
    at = localtime.instant(day, wall)
    theirs = datetime.combine(day, wall, SWEDEN)
    exists = theirs.astimezone(UTC).astimezone(SWEDEN).replace(tzinfo=None) == datetime.combine(day, wall)
    assert at == theirs.astimezone(UTC) if exists else at == theirs.astimezone(UTC) - timedelta(hours=1)


def test_a_decision_that_ends_in_the_night_owes_the_looks_before_its_end() -> None:
    ends = decision(until=localtime.instant(date(2026, 11, 28), time(1)))
    assert [localtime.shown(at)[11:16] for at in Night(date(2026, 11, 27)).looks(ends)] == ["00:00"]


# ---- readiness


def test_d23_h4_each_home_tonight_is_watched_by_exactly_one_answer() -> None:
    booked, suspended = world_at(to_booked), world_at(to_suspended)
    night = night_of(booked.now)
    [home] = readiness([decision()], listed(binding()), [booked.case], night)
    assert (home.by, home.case_number) == (WatchedBy.CAMERA, booked.case.case_number)
    [home] = readiness([decision()], listed(binding(state=BindingState.SUSPENDED)), [suspended.case], night)
    assert home.by is WatchedBy.VISITS
    [home] = readiness([decision()], [], [], night)
    assert home.by is WatchedBy.NEITHER


def test_h21_a_centre_that_cannot_be_asked_is_no_yes() -> None:
    suspended = world_at(to_suspended)
    night = night_of(suspended.now)
    homes = readiness([decision(), decision("site-other")], None, [suspended.case], night)
    assert {home.decision.site_ref: home.by for home in homes} == {"site-storgatan": WatchedBy.VISITS, "site-other": WatchedBy.UNKNOWN}


def test_h4_visits_that_were_given_up_leave_a_home_with_nobody() -> None:
    suspended = world_at(to_suspended)
    gone = replace_fallback(suspended.case)
    [home] = readiness([decision()], listed(binding(state=BindingState.SUSPENDED)), [gone], night_of(suspended.now))
    assert home.by is WatchedBy.NEITHER


def replace_fallback(case):
    from provisioner.case.model import but

    return but(case, fallback=replace(case.fallback, released_at=case.fallback.acknowledged_at))


def test_u21_two_rooms_need_two_cameras() -> None:
    both = decision(cameras=2)
    one = listed(binding())
    two = listed(binding(), binding(binding_id="binding-hall", serial=SerialNumber("ACCC8E004712")))
    night = Night(date(2026, 11, 27))
    assert [home.by for home in readiness([both], one, [], night)] == [WatchedBy.NEITHER]
    assert [home.by for home in readiness([both], two, [], night)] == [WatchedBy.CAMERA]


def test_homes_that_nobody_keeps_come_first() -> None:
    homes = readiness([decision("site-a"), decision("site-b")], listed(binding("site-a")), [], Night(date(2026, 11, 27)))
    assert [home.decision.site_ref for home in homes] == ["site-b", "site-a"]


def test_after_the_rebind_the_new_home_is_watched() -> None:
    w = world_at(to_rebound)
    homes = readiness([decision("site-nygatan")], listed(binding("site-nygatan")), [w.case], night_of(w.now))
    assert [home.by for home in homes] == [WatchedBy.CAMERA]


# ---- the three lists

NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)


def compared(decisions, ours, theirs, cases=(), now: datetime = NOW, active_since=MappingProxyType({})):
    return reconcile(readiness(decisions, theirs, cases, night_of(now)), decisions, ours, theirs, cases, now, DAY, active_since)


def test_d23_lists_that_agree_say_nothing() -> None:
    assert compared([decision()], [binding()], listed(binding(), last_look_at=NOW - timedelta(hours=12))) == ()


def test_h21_d23_the_three_months_of_the_routines_own_city() -> None:
    """The wrong binding was ended by hand; registry and stock list agreed. The decision is what they did not ask."""
    retired = binding(state=BindingState.RETIRED)
    [found] = compared([decision()], [retired], listed(retired))
    assert (found.kind, found.owner, found.pages) == ("decision_without_binding", "on_call", True) and "Beordra besök" in found.text.sv


SEEDED = {
    "binding_without_decision": ([], [binding()], listed(binding())),
    "camera_bound_twice": ([decision(), decision("site-b")], [], listed(binding(), binding("site-b"))),
    "unknown_to_the_centre": ([], [binding(state=BindingState.SUSPENDED)], []),
    "other_serial": ([decision()], [binding()], listed(binding(serial=SerialNumber("ACCC8E009999")))),
    "other_site": ([decision(), decision("site-b")], [binding()], listed(binding(site_ref="site-b"), binding(binding_id="x", serial=SerialNumber("B00001")))),
    "other_provider": ([decision()], [binding()], listed(binding(provider_ref="provider-new"))),
    "edited_elsewhere": ([decision()], [binding(revision=2)], listed(binding())),
    "paused_without_fallback": ([], [], listed(binding(state=BindingState.SUSPENDED))),
    "silent": ([decision()], [binding()], listed(binding(), last_look_at=NOW - timedelta(hours=25))),
}


@pytest.mark.parametrize("kind", SEEDED)
def test_h21_each_seeded_difference_is_found_with_an_owner(kind: str) -> None:
    found = compared(*SEEDED[kind])
    assert kind in kinds(found)
    assert all(one.owner in ("on_call", "coordinator") and one.text.sv and one.text.en for one in found)


def test_d24_a_binding_that_never_had_a_look_is_silent_a_day_after_its_first_planned_one() -> None:
    theirs = listed(binding(), next_look_at=NOW - timedelta(hours=30))
    assert kinds(compared([decision()], [binding()], theirs)) == ["silent"]
    assert compared([decision()], [binding()], listed(binding(), next_look_at=NOW + timedelta(hours=3))) == ()


def test_d24_a_binding_that_was_paused_is_silent_a_day_after_its_resuming() -> None:
    theirs = listed(binding(), last_look_at=NOW - timedelta(days=9))
    resumed = {binding().binding_id: NOW - timedelta(hours=2)}
    assert compared([decision()], [binding()], theirs, active_since=resumed) == ()
    assert kinds(compared([decision()], [binding()], theirs, now=NOW + timedelta(hours=23), active_since=resumed)) == ["silent"]
    assert kinds(compared([decision()], [binding()], theirs)) == ["silent"]


def test_h21_nothing_is_compared_without_the_centres_list() -> None:
    [found] = compared([decision()], [binding()], None)
    assert (found.kind, found.pages) == ("not_compared", True)


def test_h19_a_pause_under_a_case_is_no_difference_until_its_review() -> None:
    w = world_at(to_suspended)
    paused = binding(state=BindingState.SUSPENDED, binding_id=w.case.old_binding.binding_id, revision=w.case.old_binding.revision)
    assert compared([decision()], [paused], listed(paused), [w.case], w.now) == ()
    later = w.case.fallback.review_at + timedelta(minutes=1)
    assert "review_overdue" in kinds(compared([decision()], [paused], listed(paused), [w.case], later))


def test_what_calls_somebody_comes_first() -> None:
    found = compared([decision("site-b")], [], listed(binding()))
    assert kinds(found) == ["decision_without_binding", "binding_without_decision"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(BindingState)), st.sampled_from("xyz")), max_size=6, unique_by=lambda row: row[0]),
       st.sets(st.sampled_from("abc")))
def test_d23_nobody_owed_a_look_is_passed_over(rows, owed) -> None:
    """Whatever the registry holds: a decision without an ACTIVE binding at its home, and without a case, is found."""
    theirs = listed(*(binding(f"site-{site}", state, serial=SerialNumber(f"SERIAL{serial}")) for site, state, serial in rows))
    found = compared([decision(f"site-{site}") for site in sorted(owed)], [], theirs)
    unwatched = {one.decision_ref for one in found if one.kind == "decision_without_binding"}
    active = {site for site, state, _ in rows if state is BindingState.ACTIVE}
    assert unwatched == {f"decision-site-{site}" for site in owed - active}
