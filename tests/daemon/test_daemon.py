"""The loop, with the real core and the real store, and doors that the test holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provisioner.case.effects import RegistryEffect, TellPeople
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import BindingSeen, ExitWanted, HandingOverNotice, Opened, RegistryReply, Said
from provisioner.case.model import Binding, BindingState, CaseKind, ContactKind, Exit, Notice, Role
from provisioner.case.policy import Policy
from provisioner.daemon import Daemon
from provisioner.ports import Owed
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from provisioner.store.troubles import locked

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERIAL = SerialNumber("ACCC8E004711")
FORM = HandingOverNotice(Notice("form-0001", NOW, "person-0001", "unit-old-1", "provider-old", "site-storgatan", date(2026, 11, 24), None,
                                (ContactKind.UNIT,), SERIAL, decision_ref="decision-1"))
ACTIVE = Binding("binding-1", SERIAL, "site-storgatan", "provider-old", "schedule-1", BindingState.ACTIVE, 3)


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Sent:
    """`ports.Registry` that writes down."""

    effects: list[RegistryEffect] = field(default_factory=list)

    def send(self, effect: RegistryEffect, case_id: str, deadline_at: datetime) -> None:
        self.effects.append(effect)


class Troubled(SqlStore):
    """The real store, on which some calls meet another program's lock."""

    locked_calls: tuple[str, ...] = ()

    def _meet(self, call: str) -> None:
        if call in self.locked_calls:
            raise locked()

    def release(self, worker: str) -> None:
        self._meet("release")
        super().release(worker)

    def take(self, *args: Any, **kwargs: Any) -> Any:
        self._meet("take")
        return super().take(*args, **kwargs)

    def settle_told(self, owed: Owed, now: datetime) -> bool:
        self._meet("settle_told")
        return super().settle_told(owed, now)


@dataclass
class Shell:
    """A daemon and its doors."""

    store: Troubled
    sent: Sent
    clock: Clock
    daemon: Daemon

    def tick(self, after_s: float = 0.0) -> None:
        self.clock.at += timedelta(seconds=after_s)
        self.daemon.nudge()
        self.daemon.run_pending()

    def reply(self, effect: RegistryEffect) -> None:
        self.daemon.registry_replied(effect.msg_id, RegistryReply("completed", None, self.clock.at, (ACTIVE,)))
        self.daemon.run_pending()

    def opened(self, case_id: str) -> None:
        self.store.take(case_id, Opened(case_id, case_id, CaseKind.MOVE_ONLY), self.clock.at, Policy())


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    store = Troubled(f"sqlite:///{tmp_path}/p.db", Sealer(bytes(32)))
    sent, clock = Sent(), Clock()
    camera: Any = None
    spawn: Callable[[Callable[[], None]], None] = lambda work: None  # noqa: E731
    yield Shell(store, sent, clock, Daemon(store, camera, sent, clock, Policy(), worker="w", spawn=spawn))
    store.close()


def test_u35_an_answer_about_a_camera_of_another_open_case_becomes_a_task_with_the_way_out(shell: Shell) -> None:
    for case_id in ("case-one", "case-two"):
        shell.opened(case_id)
        shell.daemon.submit(case_id, Said("anna", Role.UNIT, FORM))
        shell.daemon.run_pending()
    first, second = shell.sent.effects
    shell.reply(first)
    shell.reply(second)
    assert shell.store.load("case-one").old_binding == ACTIVE
    case = shell.store.load("case-two")
    assert case.old_binding is None
    assert [(errand.stuck, errand.fault.evidence) for errand in case.errands if errand.fault] == [(True, "binding_in_other_case")]
    assert ["another open case. Nothing was changed. Finish that case first." in task.text.en for task in case.tasks] == [True]
    shell.tick(after_s=900)
    assert len(shell.sent.effects) == 2, "asking again would change nothing"


def test_a_locked_database_does_not_stop_the_start(shell: Shell) -> None:
    shell.store.locked_calls = ("release",)
    shell.daemon.start()
    assert shell.daemon.degraded == "database_locked"
    shell.store.locked_calls = ()
    shell.tick()
    assert shell.daemon.degraded is None


def test_what_was_heard_while_the_database_was_locked_is_taken_later(shell: Shell) -> None:
    shell.opened("case-one")
    shell.daemon.submit("case-one", Said("anna", Role.UNIT, FORM))
    shell.daemon.run_pending()
    shell.store.locked_calls = ("take",)
    shell.reply(shell.sent.effects[0])
    shell.tick()
    assert shell.store.load("case-one").old_binding is None
    shell.store.locked_calls = ()
    shell.tick()
    assert shell.store.load("case-one").old_binding == ACTIVE


def test_what_was_committed_is_not_denied_because_telling_it_must_wait(shell: Shell) -> None:
    shell.opened("case-one")
    shell.store.locked_calls = ("settle_told",)
    incomplete = HandingOverNotice(Notice("form-0001", NOW, "person-0001", "unit-old-1", "provider-old", "site-storgatan", None, None, (), SERIAL))
    answer = shell.daemon.submit("case-one", Said("anna", Role.UNIT, incomplete))
    shell.daemon.run_pending()
    assert answer.result().outcome.case.handing_over is not None
    assert any(isinstance(ask.effect, TellPeople) for ask in answer.result().outcome.asks)
    assert shell.store.told("case-one") == []
    shell.store.locked_calls = ()
    shell.tick(after_s=121)  # the claim of the first try is over
    assert shell.store.told("case-one") != []


def test_h4_a_hand_in_the_registry_after_the_case_was_closed_is_kept(shell: Shell) -> None:
    shell.opened("case-one")
    shell.daemon.submit("case-one", Said("anna", Role.UNIT, FORM))
    shell.daemon.run_pending()
    shell.reply(shell.sent.effects[0])
    shell.daemon.submit("case-one", Said("anna", Role.COORDINATOR, ExitWanted(Exit.CANCEL, "the move is off")))
    shell.daemon.run_pending()
    assert shell.store.load("case-one").is_final and shell.store.bindings() == [ACTIVE]
    shell.daemon.registry_told(BindingSeen("binding-1", BindingState.SUSPENDED, 4, "4711"), None)
    shell.daemon.run_pending()
    assert [(binding.state, binding.revision) for binding in shell.store.bindings()] == [(BindingState.SUSPENDED, 4)]
