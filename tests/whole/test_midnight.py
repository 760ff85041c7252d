"""H13, D18: a thousand provider changes at 00:00 on the 1st, through the real store, daemon and registry client, on the simulated registry, in virtual time."""

import logging
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from provisioner.case import inputs as i
from provisioner.case import localtime
from provisioner.case.cover import uncovered_s
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Case, CaseKind, ContactKind, Notice, Role, State
from provisioner.case.policy import Policy
from provisioner.daemon import Daemon
from provisioner.registry.client import RegistryClient
from provisioner.registry.transport import OnLink, OnMessage, OnResult, Publish, Received
from provisioner.store.sql import SqlStore
from provisioner.view import next_owner
from simulators.alarm_centre import Binding, Properties, Registry, counted_ids, wire
from tests.whole.simulation.crashes import SEALER
from tests.whole.simulation.process import SETTINGS, _empty_database, _Sink, new_folder, remove
from tests.whole.simulation.world import Clock

MANY = 1_000
NIGHTS = {"month_boundary": date(2026, 12, 1), "clocks_back": date(2026, 10, 25), "clocks_forward": date(2027, 3, 28)}
POLICY = Policy()


class Wire:
    """`Transport` straight into the simulated registry: no broker, nothing lost, in order."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self.registry, self.clock = registry, clock
        self.arriving: deque[Received] = deque()
        self.sent: Counter[str] = Counter()

    def start(self, on_message: OnMessage, on_link: OnLink, will: object) -> None:
        self.on_message = on_message
        on_link(True, None)
        self.on_message(Received("tk/1/status/ac", wire.encode({"schema": "tk/1/status", "state": "online", "at": wire.instant(self.clock.now())}), None))

    def subscribe(self, topics: Iterable[str]) -> None:
        self.say(self.registry.states(self.clock.now()))

    def publish(self, message: Publish, on_result: OnResult) -> None:
        on_result(0)
        self.sent[message.topic] += 1
        self.say(self.registry.handle(message.topic, message.payload, Properties(message.response_topic, message.correlation), self.clock.now()))

    def say(self, messages: Iterable[wire.Publish]) -> None:
        self.arriving.extend(Received(one.topic, one.payload, one.correlation) for one in messages)

    def stop(self, last_words: Publish | None) -> None: ...

    def failure(self) -> Exception | None:
        return None


class Town:
    """So many homes whose provider changes at one instant."""

    def __init__(self, folder: Path, homes: int, instant: datetime) -> None:
        self.clock, self.instant, self.homes = Clock(instant - timedelta(days=7)), instant, homes
        path = folder / "provisioner.db"
        path.write_bytes(_empty_database())
        self.store = SqlStore(f"sqlite:///{path}", SEALER, synchronous="OFF")
        registry = Registry(counted_ids())
        registry.seed([Binding(binding_id=f"binding-{n:06}", camera_serial=_serial(n), site_ref=f"site-{n:06}", provider_ref="provider-old",
                               schedule_ref="schedule-1", state="ACTIVE", revision=1, updated_at=self.clock.now()) for n in range(homes)])
        self.wire = Wire(registry, self.clock)
        sink = _Sink(lambda _: None, lambda _: None)
        client = RegistryClient(self.wire, sink, self.clock, SETTINGS)  # type: ignore[arg-type]
        self.daemon = sink.target = Daemon(self.store, None, client, self.clock, POLICY, worker="daemon-1",  # type: ignore[arg-type]
                                           spawn=lambda work: work(), on_tick=client.tick)
        client.start()
        self.daemon.start()

    def settle(self) -> None:
        """Until nobody has anything to do at this instant."""
        quiet = 0
        while quiet < 3:
            quiet = 0 if self.wire.arriving else quiet + 1
            while self.wire.arriving:
                self.wire.on_message(self.wire.arriving.popleft())
            self.daemon.nudge()
            self.daemon.run_pending()

    def say(self, n: int, what: i.Statement, role: Role = Role.COORDINATOR) -> None:
        """Somebody says it of home `n`."""
        taken = self.store.take(f"case-{n}", i.Said("anna", role, what), self.clock.now(), POLICY)
        assert taken.outcome.refusal is None, taken.outcome.refusal

    def open(self, n: int, *, keys: bool = True) -> None:
        """A case with both forms."""
        old = Notice(f"form-a-{n:06}", self.clock.now(), f"person-{n:06}", "unit-old-1", "provider-old", f"site-{n:06}", None, self.instant,
                     (ContactKind.UNIT,), serial=_serial(n), decision_ref=f"decision-{n}")
        new = Notice(f"form-b-{n:06}", self.clock.now(), f"person-{n:06}", "unit-new-1", "provider-new", f"site-{n:06}", None, self.instant,
                     (ContactKind.UNIT,), keys_signed_out=keys, street_key="not_required", decision_ref=f"decision-{n}")
        self.store.take(f"case-{n}", i.Opened(f"case-{n}", f"2026-{n:05}", CaseKind.PROVIDER_CHANGE_ONLY), self.clock.now(), POLICY)
        self.say(n, i.HandingOverNotice(old), Role.UNIT)
        self.say(n, i.ReceivingNotice(new), Role.UNIT)

    def to(self, at: datetime) -> None:
        """Time passes; what the alarm centre has planned happens on the way."""
        self.clock.at = at
        self.wire.say(self.wire.registry.due(at))
        self.settle()

    def cases(self) -> list[Case]:
        return [self.store.load(f"case-{n}") for n in range(self.homes)]


def _serial(n: int) -> SerialNumber:
    return SerialNumber(f"ACCC8E{n:06X}")


def played(folder: Path, homes: int, on: date) -> tuple[Town, datetime]:
    """A week before: the forms, the labels. One in fifty has no key, and no one says anything more of it. At midnight the alarm centre changes all others."""
    instant = localtime.instant(on, time(0))
    town = Town(folder, homes, instant)
    for n in range(homes):
        town.open(n, keys=n % 50 != 49)
    town.settle()
    for n in range(homes):
        town.say(n, i.SerialConfirmed(_serial(n)), Role.UNIT)
    town.settle()
    town.to(instant - timedelta(seconds=1))
    assert not [one for one in town.wire.registry.book if one.provider_ref == "provider-new"], "H13: a second too early"
    town.to(instant)
    return town, instant


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("provisioner"), "level", logging.ERROR)


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory, as the simulation's: what is measured here is no disk."""
    made = new_folder()
    yield made
    remove(made)


def test_h13_d18_a_thousand_changes_at_midnight_on_the_first_all_end_or_have_an_owner(folder: Path) -> None:
    town, instant = played(folder, MANY, NIGHTS["month_boundary"])
    assert instant == datetime(2026, 11, 30, 23, tzinfo=UTC), "midnight in Sweden"
    cases = town.cases()
    assert Counter(case.state for case in cases) == {State.SWITCHED: MANY * 49 // 50, State.SERIAL_CONFIRMED: MANY // 50}
    assert town.wire.sent["tk/1/cmd/change_provider"] == MANY * 49 // 50, "one command each, taken a week before"
    assert {one.provider_ref for one in town.wire.registry.book} == {"provider-old", "provider-new"}
    for case in cases:
        assert next_owner(case) == "coordinator", "each has somebody who acts next"
        assert uncovered_s(case, instant) == 0 and [line.by for line in case.cover] == ["CAMERA"], "the looks never stopped"
        if case.state is State.SERIAL_CONFIRMED:
            assert any(key.endswith("/keys") for key in case.raised), "H13: no key, and nobody was told"
        else:
            assert any(key.endswith("/began-feedback") for key in case.raised)
    town.store.close()


@pytest.mark.parametrize("night", ["clocks_back", "clocks_forward"])
def test_h10_h13_d18_the_change_keeps_its_midnight_when_the_clocks_change_that_night(folder: Path, night: str) -> None:
    town, instant = played(folder, 50, NIGHTS[night])
    ahead = {"clocks_back": 2, "clocks_forward": 1}[night]
    assert instant == datetime.combine(NIGHTS[night], time(0), UTC) - timedelta(hours=ahead)
    assert Counter(case.state for case in town.cases()) == {State.SWITCHED: 49, State.SERIAL_CONFIRMED: 1}
    assert all(case.began_at == instant for case in town.cases() if case.state is State.SWITCHED)
    town.store.close()
