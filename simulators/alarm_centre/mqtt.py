"""The alarm centre on its line: MQTT 5 with a persistent session, last will, and replies on the asker's topic.

Commands are decided in the network thread itself, under one lock: handing them to another thread would cost more than deciding them. A second
thread does what comes with time, and a pool does the looks, so that nobody waits for an operator.
A broker's acknowledgement proves nothing (a killed mosquitto forgets what it acknowledged), so nothing here relies on one: after each
reconnect all states are published again, and a reply that got lost is given again when its command is repeated.
"""

from __future__ import annotations

import heapq
import json
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties as MqttProperties
from paho.mqtt.reasoncodes import ReasonCode

from simulators.alarm_centre import wire
from simulators.alarm_centre.levers import Levers
from simulators.alarm_centre.manners import Manners
from simulators.alarm_centre.operator import Operator, Seen
from simulators.alarm_centre.registry import Look, Registry
from simulators.alarm_centre.wire import Properties, Publish

STATUS = "tk/1/status/ac"
SESSION_EXPIRY_S = 3600
RECONNECT_S = (0.2, 2.0)  # first and longest wait; a loopback broker is back in 20 ms and tests should not wait for paho's whole seconds
FAILURE = 0x80  # MQTT 5 section 2.4: reason codes from here on are failures

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """Where the broker is and as whom to speak."""

    host: str
    port: int
    password: str
    user: str = "alarm_centre"
    client_id: str = "alarm-centre"


class AlarmCentre:
    """`start` returns when it is connected and all states are out. `levers` are what a test can do to it."""

    def __init__(self, line: Line, registry: Callable[[], Registry], operator: Operator, *, keeps: Path | None = None) -> None:
        """`registry` makes an empty one, also after a restart. `keeps` is a file for its memory; without one it is kept by this object only."""
        self.line = line
        self.manners = Manners()
        self.seen: Counter[str] = Counter()  # verbs heard, "replies", "refused_publishes", "connections", "looks"
        self._make_registry = registry
        self.registry = registry()
        self.operator = operator
        self.levers = Levers(self)
        self._keeps = keeps
        self._lock = threading.RLock()
        self._outcomes: dict[str, tuple[str, float]] = {}  # look_id of an ordinary look -> how it ends, and not before how many seconds
        self._client: Client | None = None
        self._refused: str | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._soon = threading.Condition(self._lock)
        self._delayed: list[tuple[float, int, Publish]] = []
        self._tie = count()
        self._clockwork: threading.Thread | None = None
        self._operators = ThreadPoolExecutor(max_workers=4, thread_name_prefix="operator")
        if keeps is not None and keeps.exists():
            self.registry.restore(json.loads(keeps.read_text()))

    # ---- life

    def start(self, within_s: float = 10.0) -> None:
        self._stopping.clear()
        self._connect(within_s)
        self._clockwork = threading.Thread(target=self._keep_time, name="alarm-centre-clockwork", daemon=True)
        self._clockwork.start()
        with self._lock:
            self._begin_looks()

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            self._soon.notify_all()
        self._hang_up(will=False)
        if self._clockwork is not None:
            self._clockwork.join(5.0)
        self._operators.shutdown(wait=True, cancel_futures=True)

    def restart(self, away_s: float = 0.0) -> None:
        """Its process dies (the last will speaks) and a new one begins with what was on its disk."""
        self._hang_up(will=True)
        with self._lock:
            kept = json.dumps(self.registry.snapshot())
            self._delayed.clear()
        time.sleep(away_s)
        with self._lock:
            self.registry = self._make_registry()
            self.registry.restore(json.loads(kept))
        self._connect(10.0)
        with self._lock:
            self._begin_looks()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # ---- for levers and for whoever asks from outside

    def with_registry(self, act: Callable[[Registry, datetime], list[Publish]]) -> None:
        """Does something with the registry, keeps it and says what came of it."""
        with self._lock:
            self._say(act(self.registry, _now()))
            self._begin_looks()

    def say(self, message: Publish) -> None:
        with self._lock:
            self._say([message])

    def bindings(self) -> list[dict[str, object]]:
        with self._lock:
            return self.registry.bindings(_now())

    def look_now(self, binding_id: str, outcome: str = "OK", for_s: float = 0.0) -> str:
        with self._lock:
            look_id = self.registry.look_now(binding_id, _now())
            self._outcomes[look_id] = (outcome, for_s)
            self._begin_looks()
            return look_id

    def wake(self) -> None:
        """Its manners changed: the clockwork shall look at them."""
        with self._lock:
            self._soon.notify_all()

    def all_states_again(self) -> None:
        self.with_registry(lambda registry, now: registry.states(now))

    # ---- the line

    def _connect(self, within_s: float) -> None:
        client = Client(CallbackAPIVersion.VERSION2, client_id=self.line.client_id, protocol=MQTTv5)
        client.username_pw_set(self.line.user, self.line.password)
        client.reconnect_delay_set(*RECONNECT_S)  # type: ignore[arg-type]
        client.on_pre_connect = lambda client, _: _prepare_will(client)
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        session = _properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_EXPIRY_S)
        self._client = client
        self._ready.clear()
        client.connect_async(self.line.host, self.line.port, keepalive=10, clean_start=False, properties=session)
        client.loop_start()
        if not self._ready.wait(within_s):
            self._hang_up(will=False)
            why = f": {self._refused}" if self._refused else ""
            raise TimeoutError(f"the alarm centre did not reach the broker at {self.line.host}:{self.line.port} within {within_s:g} s{why}")

    def _hang_up(self, *, will: bool) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        if not will and client.is_connected():
            # Said here, because an orderly farewell takes the last will back.
            client.publish(STATUS, _status("offline"), qos=1, retain=True).wait_for_publish(1.0)
        client.disconnect(ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message" if will else "Normal disconnection"))
        client.loop_stop()

    def _on_connect(self, client: Client, _: Any, flags: ConnectFlags, code: ReasonCode, properties: MqttProperties | None) -> None:
        if code.value >= FAILURE:
            self._refused = str(code)
            _log.error("the broker refuses the alarm centre: %s", code)
            return
        self.seen["connections"] += 1
        client.subscribe("tk/1/cmd/#", qos=1)
        client.publish(STATUS, _status("online"), qos=1, retain=True)
        with self._lock:
            self._say(self.registry.states(_now()))
        self._ready.set()

    def _on_disconnect(self, _client: Client, _: Any, flags: DisconnectFlags, code: ReasonCode, properties: MqttProperties | None) -> None:
        if code.value >= FAILURE:
            _log.info("the alarm centre lost the broker: %s", code)

    def _on_subscribe(self, _client: Client, _: Any, mid: int, codes: list[ReasonCode], properties: MqttProperties | None) -> None:
        for code in codes:
            if code.value >= FAILURE:
                _log.error("the broker refuses the alarm centre its commands: %s", code)

    def _on_publish(self, _client: Client, _: Any, mid: int, code: ReasonCode, properties: MqttProperties | None) -> None:
        if code.value >= FAILURE:  # 135 Not authorized is told here and nowhere else
            self.seen["refused_publishes"] += 1
            _log.error("the broker refuses a message of the alarm centre: %s", code)

    def _on_message(self, _client: Client, _: Any, message: MQTTMessage) -> None:
        found = message.properties
        properties = Properties(getattr(found, "ResponseTopic", None), getattr(found, "CorrelationData", None))
        with self._lock:
            self.seen[message.topic.removeprefix(wire.COMMANDS)] += 1
            if self.manners.is_deaf(time.monotonic()):
                return
            self._say(self.registry.handle(message.topic, bytes(message.payload), properties, _now()))
            self._begin_looks()

    # ---- saying it (all of these with the lock held)

    def _say(self, messages: list[Publish]) -> None:
        if not messages:
            return
        self._keep()
        now_s = time.monotonic()
        for leaves_s, message in self.manners.say(messages, now_s):
            if leaves_s <= now_s:
                self._send(message)
            else:
                heapq.heappush(self._delayed, (leaves_s, next(self._tie), message))
        self._soon.notify_all()

    def _send(self, message: Publish) -> None:
        client = self._client
        if client is None:
            return  # the process is "away": its states follow on connect, its replies when they are asked for again
        properties = _properties(PacketTypes.PUBLISH, ContentType="application/json")
        if message.correlation is not None:
            properties.CorrelationData = message.correlation
            self.seen["replies"] += 1
        client.publish(message.topic, message.payload, qos=1, retain=message.retain, properties=properties)

    def _keep(self) -> None:
        """Saved before it is said: a centre that answered has not forgotten it after its end."""
        if self._keeps is None:
            return
        new = self._keeps.with_suffix(".new")
        new.write_text(json.dumps(self.registry.snapshot()))
        new.replace(self._keeps)

    # ---- time and looks

    def _keep_time(self) -> None:
        with self._lock:
            while not self._stopping.is_set():
                now_s = time.monotonic()
                while self._delayed and self._delayed[0][0] <= now_s:
                    self._send(heapq.heappop(self._delayed)[2])
                self._say(self.registry.due(_now()))
                if self.manners.held_back and not self.manners.is_silent(now_s):
                    self.manners.held_back = 0
                    self._say(self.registry.states(_now()))
                self._soon.wait(self._wait_s())

    def _wait_s(self) -> float:
        waits_s = [60.0]
        if self._delayed:
            waits_s.append(self._delayed[0][0] - time.monotonic())
        if self.manners.is_silent(time.monotonic()):
            waits_s.append(self.manners.silent_until_s - time.monotonic())
        due = self.registry.next_due()
        if due is not None:
            waits_s.append((due - _now()).total_seconds())
        return max(0.0, min(waits_s))

    def _begin_looks(self) -> None:
        for look in self.registry.looks_wanted():
            self.seen["looks"] += 1
            self._keep()
            self._operators.submit(self._take_look, look).add_done_callback(_loudly)

    def _take_look(self, look: Look) -> None:
        outcome, for_s = self._outcomes.pop(look.look_id, ("OK", 0.0))
        self._stopping.wait(for_s)
        seen = Seen(picture=False)
        try:
            seen = self.operator.look(look.camera_serial, wants_code=look.command is not None)
        finally:  # also after a bug of ours: else the asker would wait for ever
            self.with_registry(lambda registry, now: registry.looked(look.look_id, now, picture=seen.picture, code_seen=seen.code, outcome=outcome))


def _now() -> datetime:
    return datetime.now(UTC)


def _loudly(look: Future[None]) -> None:
    """A bug in a worker thread would else be seen by nobody."""
    if not look.cancelled() and (error := look.exception()) is not None:
        _log.error("an operator's look broke off", exc_info=error)


def _no_delay(_client: Client, _: Any, sock: Any) -> None:
    """Nagle's algorithm together with delayed acknowledgements costs 44 ms for each request and response."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _properties(packet: int, **values: object) -> MqttProperties:
    properties = MqttProperties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _status(state: str) -> bytes:
    return wire.encode({"schema": "tk/1/status", "state": state, "at": wire.instant(_now())})


def _prepare_will(client: Client) -> None:
    """Before each connect, so that its instant is that of the connection it speaks for."""
    client.will_set(STATUS, _status("offline"), qos=1, retain=True)
