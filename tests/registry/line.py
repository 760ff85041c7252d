"""A broker that is only a schedule: messages are dropped, doubled, delayed and reordered as a list of fates says, in virtual time.

Behind it stands the pure registry of the simulated alarm centre. Nothing waits and nothing is random.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Literal

from provisioner.case.inputs import News, RegistryReply
from provisioner.fault import Fault
from provisioner.registry.faults import no_connection
from provisioner.registry.settings import RegistrySettings
from provisioner.registry.transport import OnLink, OnMessage, OnResult, Publish, Received
from provisioner.secret import Secret
from simulators.alarm_centre import Binding, Properties, Registry, counted_ids

Fate = Literal["pass", "drop", "twice", "late", "later", "cut"]
DELAY_S: dict[Fate, float] = {"pass": 0.01, "twice": 0.01, "late": 3.0, "later": 45.0}


@dataclass
class VirtualClock:
    """Stands still until told otherwise."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Heard:
    """A sink that writes down."""

    replies: list[tuple[str, RegistryReply | Fault]] = field(default_factory=list)
    news: list[tuple[News, str | None]] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)
    presences: list[bool] = field(default_factory=list)

    def registry_replied(self, msg_id: str, reply: RegistryReply | Fault) -> None:
        self.replies.append((msg_id, reply))

    def registry_told(self, news: News, op_id: str | None) -> None:
        self.news.append((news, op_id))

    def registry_link(self, up: bool) -> None:
        self.links.append(up)

    def registry_presence(self, online: bool) -> None:
        self.presences.append(online)

    def of(self, msg_id: str) -> list[RegistryReply | Fault]:
        return [reply for found, reply in self.replies if found == msg_id]


class VirtualLine:
    """`Transport` without a network. `run` lets virtual time pass."""

    def __init__(self, clock: VirtualClock, registry: Registry, fates: Iterable[Fate] = ()) -> None:
        self.clock = clock
        self.registry = registry
        self.published: list[Publish] = []
        self.subscribed: list[tuple[str, ...]] = []
        self.code = 0x00
        self.up = False
        self.broken: Exception | None = None
        self._fates: Iterator[Fate] = iter(fates)
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._tie = count()
        self._session = 0  # callbacks of an earlier connection never come

    # ---- Transport

    def start(self, on_message: OnMessage, on_link: OnLink, will: Callable[[], Publish] | None) -> None:
        self.on_message, self.on_link, self.will = on_message, on_link, will
        self._later(0.01, self.connect)

    def subscribe(self, topics: Iterable[str]) -> None:
        self.subscribed.append(tuple(topics))

    def publish(self, message: Publish, on_result: OnResult) -> None:
        self.published.append(message)
        if not self.up:
            return
        session, code = self._session, self.code
        self._later(0.005, lambda: on_result(code) if self._session == session else None)
        if code < 0x80 and message.topic.startswith("tk/1/cmd/"):
            self._carry(lambda: self._centre_hears(message))

    def stop(self, last_words: Publish | None) -> None:
        if last_words is not None:
            self.published.append(last_words)
        self.up = False

    def failure(self) -> Exception | None:
        return self.broken

    # ---- the world

    def connect(self) -> None:
        if not self.up:
            self.up = True
            self._session += 1
            self.on_link(True, None)

    def cut(self, for_s: float = 7.0) -> None:
        if self.up:
            self.up = False
            self._session += 1
            self.on_link(False, no_connection("CONNECT"))
            self._later(for_s, self.connect)

    def hear(self, topic: str, payload: bytes, correlation: bytes | None = None) -> None:
        """The daemon's side receives this now."""
        self.on_message(Received(topic, payload, correlation))

    def run(self, for_s: float, tick: Callable[[datetime], None], next_tick_at: Callable[[], datetime | None]) -> None:
        end = self.clock.at + timedelta(seconds=for_s)
        for _ in range(100_000):
            wake = next_tick_at()
            first = min((at for at in (wake, self._agenda[0][0] if self._agenda else None) if at is not None), default=end)
            if first > end:
                break
            self.clock.at = max(self.clock.at, first)
            while self._agenda and self._agenda[0][0] <= self.clock.at:
                heapq.heappop(self._agenda)[2]()
            tick(self.clock.at)
            if not self._agenda and next_tick_at() is None:
                break
        else:
            raise AssertionError("the pump wants to be woken for ever at one instant")
        self.clock.at = end

    def _later(self, after_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.clock.at + timedelta(seconds=after_s), next(self._tie), act))

    def _carry(self, deliver: Callable[[], None]) -> None:
        fate = next(self._fates, "pass")
        if fate == "cut":
            self.cut()
        if fate in {"cut", "drop"}:
            return
        for _ in range(2 if fate == "twice" else 1):
            self._later(DELAY_S[fate], deliver)

    def _centre_hears(self, message: Publish) -> None:
        said = self.registry.handle(message.topic, message.payload, Properties(message.response_topic, message.correlation), self.clock.at)
        for answer in said:
            self._carry(lambda answer=answer: self._daemon_hears(answer.topic, answer.payload, answer.correlation))

    def _daemon_hears(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        if self.up:
            self.hear(topic, payload, correlation)


def registry_with(now: datetime, bindings: int) -> Registry:
    """A centre with so many ACTIVE bindings, `binding-0` with serial `ACCC8E000000` and so on."""
    registry = Registry(counted_ids())
    registry.book.enter(Binding(f"binding-{i}", f"ACCC8E{i:06d}", "site-0001", "provider-1", "schedule-1", "ACTIVE", 1, now) for i in range(bindings))
    return registry


def settings(host: str = "127.0.0.1", port: int = 1883, password: str = "", **other: object) -> RegistrySettings:
    """The daemon's client on this machine."""
    values: dict[str, object] = {"client_id": "daemon-1", "username": "daemon", **other}
    return RegistrySettings(host, port, password=Secret(password), **values)  # type: ignore[arg-type]
