"""Sends commands until the alarm centre itself has replied, and reads what comes. No thread, no sleep and no clock of its own.

A PUBACK is no answer: a killed broker forgets what it acknowledged. So each command is published again every `resend_s`, and at once after each
connect, under the same msg_id, until its reply comes or its deadline is over. The other side knows a repeat by its msg_id.

The pump works on `Transport` alone. On a real broker it runs in paho's thread and the daemon's; in a simulation on a virtual broker in virtual time.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from provisioner.fault import Fault
from provisioner.ports import Clock
from provisioner.registry import faults, topics
from provisioner.registry import messages as wire
from provisioner.registry.contract import (
    COMMAND_LIFE_S,
    PAYLOAD_BYTES_MOST,
    ContractError,
    decode_event,
    decode_reply,
    decode_state,
    decode_status,
    encode,
    read_object,
)
from provisioner.registry.settings import RegistrySettings
from provisioner.registry.transport import Publish, Received, Transport

_log = logging.getLogger("provisioner.registry")

REMEMBERED_AFTER_DEADLINE = timedelta(minutes=10)  # so that whoever reports the time-out can still ask why

Making = Callable[[datetime], wire.Command]
"""Makes a command afresh: same msg_id, `sent_at` and `expires_at` from the instant given."""


class Listener(Protocol):
    """Whoever the pump tells. Called from any thread, never with a lock held; returns at once."""

    def replied(self, msg_id: str, reply: wire.Reply | Fault) -> None:
        """The alarm centre's reply, or the broker's refusal. May come more than once for one command."""

    def told(self, message: wire.Event | wire.State) -> None:
        """An event or a retained state."""

    def link(self, up: bool) -> None:
        """The connection came or went."""

    def presence(self, online: bool) -> None:
        """The alarm centre said of itself, or its last will did, that it came or went."""


@dataclass(slots=True)
class _Pending:
    verb: str
    make: Making
    deadline_at: datetime
    due_at: datetime
    published: int = 0
    acknowledged: bool = False
    nobody_listened: bool = False
    garbled_answers: int = 0


@dataclass(slots=True)
class _Line:
    up: bool = False
    fault: Fault | None = None
    centre: str | None = None  # its own status: online, offline
    pending: dict[str, _Pending] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)


class Pump:
    """See the module. `announces`: whether it says `online`, and leaves a last will, as the daemon; a passing questioner does not."""

    def __init__(self, transport: Transport, listener: Listener, clock: Clock, settings: RegistrySettings, *, announces: bool = True) -> None:
        self._transport = transport
        self._listener = listener
        self._clock = clock
        self._settings = settings
        self._announces = announces
        self._reply_topic = topics.reply_topic(settings.client_id)
        self._resend = timedelta(seconds=settings.resend_s)
        self._lock = threading.Lock()  # guards `_line`; never held while transport or listener is called
        self._line = _Line()

    # ---- for the owner

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._transport.start(self._received, self._linked, (lambda: self._status("offline")) if self._announces else None)

    def stop(self) -> None:
        """Say `offline`, disconnect, end. What is pending stays owed in the database."""
        self._transport.stop(self._status("offline") if self._announces else None)
        with self._lock:
            was_up, self._line.up = self._line.up, False
        if was_up:
            self._listener.link(False)

    def ask(self, msg_id: str, verb: str, make: Making, deadline_at: datetime) -> None:
        """Send until replied or `deadline_at`. Asked again with the same `msg_id` it only moves the deadline further away.

        Raises `ContractError` where the command is not of the contract; then nothing was sent.
        """
        now = self._clock.now()
        encode(make(now))  # a command that may not leave is refused here, where the asker hears of it, and not at the next connect
        with self._lock:
            pending = self._line.pending.get(msg_id)
            if pending is None or pending.deadline_at <= now:
                pending = self._line.pending[msg_id] = _Pending(verb, make, deadline_at, due_at=now)
            pending.deadline_at = max(pending.deadline_at, deadline_at)
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Publish what is due. Raises what a callback failed of in the line's own thread: a bug of ours, which has to end the daemon."""
        failure = self._transport.failure()
        if failure is not None:
            raise RuntimeError("the line to the broker met a bug of ours") from failure
        self._publish_due(now)

    def next_tick_at(self) -> datetime | None:
        """When `tick` has something to do; None while there is no connection (the next connect sends by itself) or nothing is pending."""
        with self._lock:
            if not self._line.up:
                return None
            return min((pending.due_at for pending in self._line.pending.values() if pending.due_at < pending.deadline_at), default=None)

    @property
    def is_up(self) -> bool:
        """Whether there is a connection to the broker."""
        with self._lock:
            return self._line.up

    @property
    def link_fault(self) -> Fault | None:
        """Why there is no connection; None while there is one, or before the first attempt."""
        with self._lock:
            return self._line.fault

    @property
    def centre_status(self) -> str | None:
        """What the alarm centre said of itself: `online`, `offline`, or None as long as it said nothing. For people, not for decisions."""
        with self._lock:
            return self._line.centre

    def dropped(self) -> dict[str, int]:
        """How many messages were not believed, by reason: `oversized`, `garbled`, `forged`, `unexpected`."""
        with self._lock:
            return dict(self._line.dropped)

    def pending_fault(self, msg_id: str) -> Fault | None:
        """What a time-out of this command would have to say: its kind, and the evidence so far. None where nothing is known of it."""
        with self._lock:
            pending, up, link, centre = self._line.pending.get(msg_id), self._line.up, self._line.fault, self._line.centre
            if pending is None:
                return None
            verb, times = pending.verb, pending.published
            acknowledged, nobody_listened, garbled = pending.acknowledged, pending.nobody_listened, pending.garbled_answers
        if times == 0 or (not up and not acknowledged):
            return link or faults.no_connection(verb)
        if nobody_listened:
            return faults.not_listening(verb, f"published {times} times; the alarm centre is not listening (no subscriber)")
        if garbled:
            return faults.no_answer(verb, f"published {times} times; {garbled} answers were not as the contract says")
        if not acknowledged:
            return faults.no_answer(verb, f"published {times} times; the broker did not acknowledge it")
        if centre == "offline":
            return faults.not_listening(verb, f"published {times} times; the alarm centre's status is offline")
        return faults.no_answer(verb, f"published {times} times and taken by the broker; no reply")

    # ---- sending

    def _publish_due(self, now: datetime) -> None:
        for msg_id, make in self._take_due(now):
            command = make(now)
            mark = msg_id.encode("ascii")
            self._publish(Publish(command.topic, encode(command), False, self._reply_topic, mark, COMMAND_LIFE_S), msg_id)

    def _take_due(self, now: datetime) -> Iterable[tuple[str, Making]]:
        with self._lock:
            pending = self._line.pending
            for msg_id in [msg_id for msg_id, one in pending.items() if one.deadline_at + REMEMBERED_AFTER_DEADLINE <= now]:
                del pending[msg_id]
            if not self._line.up:
                return []
            due = [(msg_id, one) for msg_id, one in pending.items() if now < one.deadline_at and one.due_at <= now]
            for _, one in due:
                one.due_at = now + self._resend
                one.published += 1
            return [(msg_id, one.make) for msg_id, one in due]

    def _publish(self, message: Publish, msg_id: str | None) -> None:
        self._transport.publish(message, lambda code: self._result(msg_id, code))

    def _result(self, msg_id: str | None, code: int) -> None:
        """The broker's word on one publish. 0x80 and above is a no; everything below only says that the broker has it."""
        with self._lock:
            pending = self._line.pending.get(msg_id or "")
            if pending is not None and code < faults.FAILURE:
                pending.acknowledged = True
                pending.nobody_listened = code == faults.NO_MATCHING_SUBSCRIBERS
            elif pending is not None:
                del self._line.pending[msg_id or ""]
        if code < faults.FAILURE:
            return
        if pending is None or msg_id is None:
            _log.error("the broker refused a message: 0x%02X", code)
            return
        _log.error("the broker refused %s %s: 0x%02X", pending.verb, msg_id, code)
        self._listener.replied(msg_id, faults.refused_by_broker(pending.verb, code))

    def _status(self, state: str) -> Publish:
        status = read_object(wire.Status, {"schema": "tk/1/status", "state": state, "at": self._clock.now()})
        return Publish(topics.STATUS_DAEMON, encode(status), retain=True)

    def _linked(self, up: bool, fault: Fault | None) -> None:
        now = self._clock.now()
        if up:
            # Subscriptions before anybody may publish: the broker takes packets in their order, so no reply comes before it knows that we listen.
            wanted = topics.subscriptions(self._settings.client_id)
            self._transport.subscribe(wanted if self._announces else (self._reply_topic, topics.STATUS_CENTRE))
            if self._announces:
                self._publish(self._status("online"), None)
        with self._lock:
            changed, self._line.up, self._line.fault = self._line.up != up, up, fault
            if up:
                for pending in self._line.pending.values():
                    pending.due_at = now
        self._publish_due(now)
        if changed:
            _log.debug("the line to the broker is %s", "up" if up else "down")
            self._listener.link(up)

    # ---- receiving

    def _received(self, message: Received) -> None:
        if len(message.payload) > PAYLOAD_BYTES_MOST:
            self._drop("oversized", f"{len(message.payload)} bytes")
            return
        try:
            self._read(message)
        except ContractError as error:
            self._note_garbled(message)
            self._drop("garbled", str(error))

    def _read(self, message: Received) -> None:
        if message.topic == self._reply_topic:
            self._read_reply(message)
        elif message.topic == topics.STATUS_CENTRE:
            status = decode_status(message.payload)
            with self._lock:
                changed, self._line.centre = self._line.centre != status.state, status.state
            if changed:
                self._listener.presence(status.state == "online")
        elif message.topic.startswith(topics.EVENTS):
            self._listener.told(decode_event(message.topic, message.payload))
        elif topics.binding_of(message.topic) is not None:
            state = decode_state(message.topic, message.payload)
            if state is not None:
                self._listener.told(state)
        else:
            self._drop("unexpected", "a topic that nobody subscribed to")

    def _read_reply(self, message: Received) -> None:
        """H22: on our own reply topic, and the mark beside the message has to be the command named within.

        A reply to a command that this process did not send is handed on: it may answer one from before a restart. Whoever is told looks the
        command up among those that are owed, so a made-up msg_id leads nowhere.
        """
        reply = decode_reply(message.payload)
        if message.correlation != reply.in_reply_to.encode("ascii"):
            self._drop("forged", "a reply whose correlation data is not the command it names")
            return
        with self._lock:
            self._line.pending.pop(reply.in_reply_to, None)
        self._listener.replied(reply.in_reply_to, reply)

    def _note_garbled(self, message: Received) -> None:
        """An answer that cannot be read answers nothing, but it tells whoever asks why that the alarm centre is there."""
        msg_id = (message.correlation or b"").decode("ascii", errors="replace")
        with self._lock:
            pending = self._line.pending.get(msg_id)
            if pending is not None and message.topic == self._reply_topic:
                pending.garbled_answers += 1

    def _drop(self, reason: str, sentence: str) -> None:
        with self._lock:
            self._line.dropped[reason] += 1
        _log.warning("dropped a message, %s: %s", reason, sentence)
