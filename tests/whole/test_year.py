"""The simulated year in small: forty days with the change of the clock and a first of the month. `make year` lives the whole one."""

from datetime import UTC, datetime, time, timedelta

import pytest

from provisioner.case.effects import TellPeople
from provisioner.case.inputs import ChangedExternally
from provisioner.case.model import Binding, Case
from provisioner.case.night import Decision, Listed
from provisioner.fault import Fault
from provisioner.nightly import NightWatch
from provisioner.registry.faults import no_connection
from provisioner.wiring import _LateSink
from tests.registry.line import Heard, VirtualClock
from tests.whole.year.run import Order, Report, run_year

SMALL = Order(people=60, days=40, moves=14, changes=16)


@pytest.fixture(scope="module")
def small() -> Report:
    return run_year(SMALL)


def test_d7_h10_nobody_is_unwatched_and_unknown_and_no_camera_is_bound_twice(small: Report) -> None:
    assert small.violations == []
    assert small.kept["unwatched and unknown"] == small.kept["double bindings"] == 0
    assert small.kept["camera"] > 5000 and small.kept["visits"] > 0, "a town in which nothing happens proves nothing"
    assert small.counts["registry_nights"] and small.counts["broker_deaths"] and small.counts["hand_edits"] and small.counts["forgotten"]
    assert small.calls["escalation"] and small.calls["visits_end"]
    away = small.noticed_h["registry away for a night"]
    assert away["times"] and away["not_noticed"] == 0 and away["longest_h"] < 0.5
    dark = small.noticed_h["camera gives no picture"]
    assert dark["times"] and dark["not_noticed"] == 0 and dark["longest_h"] < 48


def test_h19_every_case_has_ended_or_somebody_owns_it(small: Report) -> None:
    assert small.unowned == []
    assert small.cases["closed"] > 15
    opened = sum(small.cases[kind] for kind in ("move_only", "provider_change_only", "move_and_provider_change"))
    assert opened == len(small.open_cases) + sum(small.cases.get(end, 0) for end in ("closed", "cancelled", "rolled_back", "terminated"))


def test_d23_without_the_night_watch_somebody_is_unwatched_and_unknown() -> None:
    """The judge is awake: what is edited by hand past every case is then seen by nobody."""
    found = run_year(Order(people=60, days=20, moves=6, changes=0, watched=False))
    assert found.kept["unwatched and unknown"] > 0
    assert any("unwatched and unknown" in line for line in found.violations)


class _Book:
    """What the watch needs of a store, by hand."""

    def __init__(self) -> None:
        self.raised: list[str] = []

    def has_decisions(self, now: datetime) -> bool:
        return True

    def decisions(self, now: datetime) -> list[Decision]:
        return [Decision("decision-anna", "site-anna", "unit-norr", (time(3),), now - timedelta(days=9))]

    def bindings(self) -> list[Binding]:
        return []

    def active_since(self) -> dict[str, datetime]:
        return {}

    def open_cases(self) -> list[Case]:
        return []

    def raise_call(self, key: str, told: TellPeople, now: datetime) -> None:
        self.raised.append(key)

    def end_calls(self, prefix: str, still: frozenset[str], now: datetime) -> int:
        return 0


def test_h21_an_edit_by_hand_is_compared_at_once_and_each_night_calls_anew() -> None:
    book, at = _Book(), datetime(2026, 11, 27, 20, tzinfo=UTC)
    watch = NightWatch(book, list, lambda report: None, (time(12), time(18), time(20)), timedelta(hours=24))
    assert watch.tick(at) is not None and watch.tick(at + timedelta(minutes=5)) is None
    watch.heard(ChangedExternally("binding-1", 2, at), at + timedelta(minutes=5))
    assert watch.tick(at + timedelta(minutes=7)) is not None
    watch.tick(at + timedelta(days=1))
    assert set(book.raised) == {"night/2026-11-27/unwatched-decision-anna", "night/2026-11-28/unwatched-decision-anna"}


def test_h21_an_alarm_centre_that_goes_away_in_the_night_is_asked_soon_and_called_about() -> None:
    """Its program can be away from one hour of the lists to the next: its last will says so, and somebody is called before the next look."""
    book, at = _Book(), datetime(2026, 11, 27, 20, tzinfo=UTC)
    answers: list[list[Listed] | Fault] = [[], no_connection("list_bindings")]
    watch = NightWatch(book, lambda: answers.pop(0), lambda report: None, (time(12), time(18), time(20)), timedelta(hours=24))
    watch.tick(at)
    clock = VirtualClock(at + timedelta(hours=3))
    sink = _LateSink(watch, clock)
    heard = sink.target = Heard()
    sink.registry_presence(False)
    assert watch.tick(clock.at + timedelta(minutes=9)) is None, "back so soon, it was a restart"
    assert watch.tick(clock.at + timedelta(minutes=11)) is not None and "night/2026-11-27/centre-not-heard" in book.raised
    assert heard.presences == [False]
