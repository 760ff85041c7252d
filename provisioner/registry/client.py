"""The core's way to the alarm centre: effects become commands, replies become values. `ports.Registry` on a `Pump`."""

from datetime import datetime

from provisioner.case.effects import RegistryEffect
from provisioner.fault import Fault
from provisioner.ports import Clock, RegistrySink
from provisioner.registry import messages as wire
from provisioner.registry import translate
from provisioner.registry.contract import ContractError
from provisioner.registry.faults import cannot_be_said
from provisioner.registry.pump import Pump
from provisioner.registry.settings import RegistrySettings
from provisioner.registry.transport import Transport


class _Translator:
    """What the pump heard, in the words of the core."""

    def __init__(self, sink: RegistrySink) -> None:
        self._sink = sink

    def replied(self, msg_id: str, reply: wire.Reply | Fault) -> None:
        self._sink.registry_replied(msg_id, reply if isinstance(reply, Fault) else translate.reply_of(reply))

    def told(self, message: wire.Event | wire.State) -> None:
        news = translate.news_of(message)
        if news is not None:
            self._sink.registry_told(news, None if isinstance(message, wire.State) else message.msg_id)

    def link(self, up: bool) -> None:
        self._sink.registry_link(up)

    def presence(self, online: bool) -> None:
        self._sink.registry_presence(online)


class RegistryClient:
    """`ports.Registry`. The owner calls `start`, then `tick` when `next_tick_at` has come or about every second, and `stop`.

    The sink may be told the same reply more than once (a repeat of ours crosses the answer); it never misses one that came.
    """

    def __init__(self, transport: Transport, sink: RegistrySink, clock: Clock, settings: RegistrySettings) -> None:
        self._sink = sink
        self._actor_ref = settings.actor_ref
        self.pump = Pump(transport, _Translator(sink), clock, settings)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self.pump.start()

    def stop(self) -> None:
        """Say `offline`, disconnect, end: about a second at most with a living broker, a few with a frozen one."""
        self.pump.stop()

    def send(self, effect: RegistryEffect, case_id: str, deadline_at: datetime) -> None:
        """See `ports.Registry`. An effect that may not be said on the wire comes back at once as a REFUSED fault (H6)."""

        def make(now: datetime) -> wire.Command:
            return translate.command_for(effect, case_ref=case_id, actor_ref=self._actor_ref, now=now)[1]

        verb = translate.verb_of(effect)
        try:
            self.pump.ask(effect.msg_id, verb, make, deadline_at)
        except ContractError as error:
            self._sink.registry_replied(effect.msg_id, cannot_be_said(verb, str(error)))

    def tick(self, now: datetime) -> None:
        """Publish again what is due. Raises RuntimeError where the line's own thread met a bug of ours: let it end the daemon."""
        self.pump.tick(now)

    def next_tick_at(self) -> datetime | None:
        """When `tick` has something to do; None where nothing waits for the clock."""
        return self.pump.next_tick_at()

    def describe_pending(self, msg_id: str) -> Fault | None:
        """The fault to report when this command's deadline is over: UNREACHABLE (no broker, or nobody listens) or TIMED_OUT, with the evidence.

        None where nothing is known of the command (answered, or the deadline was more than ten minutes ago)."""
        return self.pump.pending_fault(msg_id)
