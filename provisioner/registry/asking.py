"""Questions to the alarm centre that wait for their answer: for the command line and for `doctor`. The daemon never waits like this.

Each call is a client of its own, with the client id of the settings, that leaves no session behind. An answer is also the only proof there is that
the reply topic works: mosquitto grants a forbidden subscription without a word.
"""

import queue
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.fault import Fault, FaultKind
from provisioner.ids import uuid7
from provisioner.ports import Clock
from provisioner.registry import faults, translate
from provisioner.registry import messages as wire
from provisioner.registry.messages import BindingSnapshot
from provisioner.registry.pump import Pump
from provisioner.registry.settings import RegistrySettings
from provisioner.registry.transport import PahoTransport, Transport

TICK_S = 0.25        # how often a waiting question looks whether something is due
PAGES_MOST = 10_000  # 80,000 bindings; a centre whose cursor goes round in circles must not keep us for ever
CASE_REF = "no-case"  # a question of a person at the command line belongs to no case


def list_bindings(settings: RegistrySettings, clock: Clock, deadline_s: float) -> list[BindingSnapshot] | Fault:
    """All bindings the alarm centre has, all pages, within `deadline_s` seconds together."""
    with Questioner(settings, clock, deadline_s) as questioner:
        found: list[BindingSnapshot] = []
        cursor: str | None = None
        for _ in range(PAGES_MOST):
            reply = questioner.ask("list_bindings", {"cursor": cursor})
            if isinstance(reply, Fault):
                return reply
            found.extend(reply.body.bindings)
            cursor = reply.body.next_cursor
            if cursor is None:
                return found
        return faults.no_answer("list_bindings", f"the list had no end after {PAGES_MOST} pages")


def get_bindings(
    settings: RegistrySettings, clock: Clock, deadline_s: float, *, binding_id: str | None = None, serial: str | None = None,
) -> list[BindingSnapshot] | Fault:
    """The binding of this id, or those of this serial that are not RETIRED. Raises `ContractError` unless exactly one of the two is given."""
    with Questioner(settings, clock, deadline_s) as questioner:
        reply = questioner.ask("get_binding", {"binding_id": binding_id, "camera_serial": serial})
        return reply if isinstance(reply, Fault) else list(reply.body.bindings)


def report_night(settings: RegistrySettings, clock: Clock, deadline_s: float, body: dict[str, object]) -> Fault | None:
    """Tell the alarm centre how tonight's homes stand; None once it has said that it has it. Raises `ContractError` for a body that is not of the contract."""
    with Questioner(settings, clock, deadline_s) as questioner:
        reply = questioner.ask("report_night", body)
        return reply if isinstance(reply, Fault) else None


class Questioner:
    """`with Questioner(...) as q: q.ask(verb, body)`: one connection, questions one after the other, one deadline for all of them."""

    def __init__(
        self, settings: RegistrySettings, clock: Clock, deadline_s: float, transport: Callable[[RegistrySettings], Transport] = PahoTransport,
    ) -> None:
        self._settings = replace(settings, session_expiry_s=0)
        self._clock = clock
        self._deadline_at = clock.now() + timedelta(seconds=deadline_s)
        self._answers: queue.SimpleQueue[tuple[str, wire.Reply | Fault]] = queue.SimpleQueue()
        self._pump = Pump(transport(self._settings), self, clock, self._settings, announces=False)

    def __enter__(self) -> "Questioner":
        self._pump.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pump.stop()

    def ask(self, verb: str, body: dict[str, object]) -> wire.ReplyAccepted | wire.ReplyCompleted | Fault:
        """The reply, or why there is none. A rejection is a REFUSED fault with the centre's code as evidence. Raises `ContractError` for a body that
        is not of the contract."""
        msg_id = uuid7(self._clock.now())

        def make(now: datetime) -> wire.Command:
            return translate.command(verb, body, msg_id=msg_id, case_ref=CASE_REF, actor_ref=self._settings.actor_ref, now=now)

        self._pump.ask(msg_id, verb, make, self._deadline_at)
        while (now := self._clock.now()) < self._deadline_at:
            self._pump.tick(now)
            answer = self._wait(msg_id, min(TICK_S, (self._deadline_at - now).total_seconds()))
            if isinstance(answer, wire.ReplyRejected):
                return faults.refused_by_centre(verb, answer.code)
            if answer is not None:
                return answer
        return self._pump.pending_fault(msg_id) or faults.no_answer(verb, "no reply")

    def _wait(self, msg_id: str, for_s: float) -> wire.Reply | Fault | None:
        try:
            answered, answer = self._answers.get(timeout=for_s)
        except queue.Empty:
            fault = self._pump.link_fault
            return fault if fault is not None and fault.kind is FaultKind.REFUSED else None  # a wrong password gets no better by waiting
        return answer if answered == msg_id else None

    # ---- told by the pump, in its thread

    def replied(self, msg_id: str, reply: wire.Reply | Fault) -> None:
        """See `Listener`."""
        self._answers.put((msg_id, reply))

    def told(self, message: wire.Event | wire.State) -> None:
        """A questioner does not listen to news."""

    def link(self, up: bool) -> None:
        """A questioner sees the connection by its answers."""

    def presence(self, online: bool) -> None:
        """And so the alarm centre."""
