"""A broker that is only a schedule: sessions, retained messages and last wills of MQTT 5 in virtual time, on lines that drop, double, delay and break.

Both parties are `Client`s. The daemon's one is a `Transport`, so that the real pump works on it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from provisioner.registry.faults import NO_MATCHING_SUBSCRIBERS, no_connection
from provisioner.registry.transport import OnLink, OnMessage, OnResult, Publish, Received
from tests.whole.simulation.world import World

SESSION_KEPT = timedelta(seconds=3600)  # docs/contract/README.md: session expiry
QUEUED_MOST = 200
HOP_S = 0.004
QUOTA_EXCEEDED, NOT_AUTHORISED = 0x97, 0x87  # MQTT 5 section 2.4


class Watching(Protocol):
    """Who sees every message on the line."""

    def daemon_says(self, message: Publish) -> None:
        """The daemon hands a message to the line: it leaves."""

    def daemon_hears(self, message: Received) -> None:
        """A message reaches the daemon."""


@dataclass
class Session:
    """What the broker keeps of one client."""

    filters: tuple[str, ...] = ()
    queue: list[tuple[datetime, Publish]] = field(default_factory=list)
    client: "Client | None" = None   # while connected
    left_at: datetime | None = None


def matches(pattern: str, topic: str) -> bool:
    """MQTT's topic filters."""
    wanted, found = pattern.split("/"), topic.split("/")
    for place, part in enumerate(wanted):
        if part == "#":
            return True
        if place >= len(found) or part not in ("+", found[place]):
            return False
    return len(wanted) == len(found)


class Broker:
    """Up or dead. A killed broker forgets sessions, queues and retained messages."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_up = True
        self.retained: dict[str, Publish] = {}
        self.sessions: dict[str, Session] = {}
        self.rng = world.rng("line")

    def fates(self) -> list[float]:
        """After how many seconds this message arrives on the next hop, once for each time it does."""
        w, rng = self.world.weather, self.rng
        if self.world.is_calm:
            return [HOP_S]
        if rng.random() < w.drop:
            self.world.counts["dropped"] += 1
            return []
        found = [HOP_S]
        if rng.random() < w.late:
            self.world.counts["delayed"] += 1
            found = [rng.choice((0.05, 0.5, 4.0, 20.0, 70.0, 300.0)) * (0.5 + rng.random())]
        elif rng.random() < w.late:
            self.world.counts["reordered"] += 1
            found = [HOP_S + rng.random() * 0.2]
        if rng.random() < w.twice:
            self.world.counts["duplicated"] += 1
            found.append(found[0] + rng.choice((0.001, 0.3, 8.0, 200.0)))
        return found

    def attach(self, client: "Client") -> bool:
        """A client connects; False where nobody answers. Its session goes on where the broker still has it."""
        if not self.is_up:
            return False
        session = self.sessions.get(client.name)
        if session is None or (session.left_at is not None and self.world.now - session.left_at > SESSION_KEPT):
            session = self.sessions[client.name] = Session()
        session.client, session.left_at = client, None
        return True

    def resume(self, client: "Client") -> None:
        """Give the client what was kept for it while it was away."""
        session = self.sessions.get(client.name)
        if session is None:
            return
        waiting, session.queue = session.queue, []
        for since, message in waiting:
            if message.expiry_s is None or self.world.now - since < timedelta(seconds=message.expiry_s):
                self._hand_over(session, message)

    def detach(self, client: "Client", will: Publish | None) -> None:
        """A client is gone; its last will speaks."""
        session = self.sessions.get(client.name)
        if session is None or session.client is not client:
            return
        session.client, session.left_at = None, self.world.now
        if will is not None:
            self.route(will)

    def subscribe(self, client: "Client", filters: Iterable[str]) -> None:
        """QoS 1; the retained messages come again."""
        session = self.sessions.get(client.name)
        if session is None or session.client is not client:
            return
        session.filters = tuple(dict.fromkeys((*session.filters, *filters)))
        for topic, message in list(self.retained.items()):
            if any(matches(pattern, topic) for pattern in session.filters):
                self._hand_over(session, message)

    def route(self, message: Publish) -> int:
        """Take a message and hand it on; MQTT's reason code."""
        if message.retain and message.payload:
            self.retained[message.topic] = message
        elif message.retain:
            self.retained.pop(message.topic, None)
        wanting = [s for s in self.sessions.values() if any(matches(pattern, message.topic) for pattern in s.filters)]
        for session in wanting:
            if session.client is not None:
                self._hand_over(session, message)
            elif len(session.queue) < QUEUED_MOST:
                session.queue.append((self.world.now, message))
        return 0 if wanting else NO_MATCHING_SUBSCRIBERS

    def _hand_over(self, session: Session, message: Publish) -> None:
        client = session.client
        if client is None:
            return
        connection = client.connection
        for after_s in self.fates():
            self.world.later(after_s, lambda: self._arrive(session, client, connection, message))

    def _arrive(self, session: Session, client: "Client", connection: int, message: Publish) -> None:
        if client.is_up and client.connection == connection:
            client.hear(message)
        elif session.client is None and self.is_up and len(session.queue) < QUEUED_MOST:
            session.queue.append((self.world.now, message))  # not acknowledged, so it is still to be delivered

    def die(self, for_s: float) -> None:
        """SIGKILL; started anew after a while."""
        self.world.counts["broker_deaths"] += 1
        self.world.note(f"the broker dies for {for_s:.0f} s")
        clients = [s.client for s in self.sessions.values() if s.client is not None]
        self.is_up = False
        self.retained, self.sessions = {}, {}
        for client in clients:
            client.lose()
        self.world.later(for_s, self._live)

    def _live(self) -> None:
        self.is_up = True


class Client:
    """One party's line: it connects by itself, again and again, until `end`."""

    def __init__(self, world: World, broker: Broker, name: str, reconnect_s: tuple[float, float], guard: Callable[[Callable[[], None]], None]) -> None:
        """`guard` runs a callback into the party: the daemon may die in it."""
        self.world, self.broker, self.name = world, broker, name
        self.is_up = False
        self.connection = 0
        self._reconnect_s = reconnect_s
        self._wait_s = reconnect_s[0]
        self._cut_until: datetime | None = None
        self._ended = False
        self._guard = guard
        self.on_up: Callable[[], None] = lambda: None
        self.on_down: Callable[[], None] = lambda: None
        self.on_message: Callable[[Publish], None] = lambda message: None
        self.will: Callable[[], Publish] | None = None
        self._will_now: Publish | None = None

    def connect(self) -> None:
        """Try now; where it fails, try again later, ever more slowly."""
        if self.is_up or self._ended:
            return
        cut = self._cut_until is not None and self.world.now < self._cut_until
        if cut or not self.broker.attach(self):
            self._guard(self.on_down)
            self.world.later(self._wait_s, self.connect)
            self._wait_s = min(self._reconnect_s[1], self._wait_s * 2)
            return
        self.is_up, self._wait_s = True, self._reconnect_s[0]
        self.connection += 1
        self._will_now = self.will() if self.will else None
        self._guard(self.on_up)
        self.broker.resume(self)

    def lose(self) -> None:
        """The connection is gone, whoever's fault it is."""
        if not self.is_up:
            return
        self.is_up = False
        self.connection += 1
        self.broker.detach(self, self._will_now)
        self._guard(self.on_down)
        self.world.later(self._wait_s, self.connect)

    def cut(self, for_s: float) -> None:
        """No way to the broker for so long."""
        self.world.counts["line_cuts"] += 1
        self.world.note(f"{self.name} loses the broker for {for_s:.0f} s")
        self._cut_until = self.world.now + timedelta(seconds=for_s)
        self.lose()

    def end(self) -> None:
        """The party's process is gone."""
        self._ended = True
        if self.is_up:
            self.is_up = False
            self.connection += 1
            self.broker.detach(self, self._will_now)

    def hear(self, message: Publish) -> None:
        """From the broker."""
        self._guard(lambda: self.on_message(message))

    def send(self, message: Publish, on_result: OnResult | None = None) -> None:
        """To the broker; the reason code comes back, if the connection lives."""
        if not self.is_up:
            return
        connection = self.connection
        for after_s in self.broker.fates():
            self.world.later(after_s, lambda: self._taken(message, on_result, connection))

    def _taken(self, message: Publish, on_result: OnResult | None, connection: int) -> None:
        if not self.broker.is_up or self.connection != connection:
            return
        code = self._refusal(message)
        if code is None:
            code = self.broker.route(message)
        if on_result is not None:
            self.world.later(HOP_S, lambda: self._guard(lambda: on_result(code)) if self.connection == connection else None)

    def _refusal(self, message: Publish) -> int | None:
        if self.name != "daemon" or self.world.is_calm or not message.topic.startswith("tk/1/cmd/"):
            return None
        rng = self.broker.rng
        return rng.choice((QUOTA_EXCEEDED, NOT_AUTHORISED)) if rng.random() < self.world.weather.broker_says_no else None


class DaemonLine:
    """`Transport` on a `Client`. Everything that passes is shown to the watcher first."""

    def __init__(self, client: Client, watcher: Watching) -> None:
        self.client = client
        self._watcher = watcher

    def start(self, on_message: OnMessage, on_link: OnLink, will: Callable[[], Publish] | None) -> None:
        self.client.will = will
        self.client.on_up = lambda: on_link(True, None)
        self.client.on_down = lambda: on_link(False, no_connection("CONNECT"))

        def heard(message: Publish) -> None:
            received = Received(message.topic, message.payload, message.correlation)
            self._watcher.daemon_hears(received)
            on_message(received)

        self.client.on_message = heard
        self.client.world.later(0.01, self.client.connect)

    def subscribe(self, topics: Iterable[str]) -> None:
        self.client.broker.subscribe(self.client, topics)

    def publish(self, message: Publish, on_result: OnResult) -> None:
        self._watcher.daemon_says(message)
        self.client.send(message, on_result)

    def stop(self, last_words: Publish | None) -> None:
        if last_words is not None:
            self.client.send(last_words)
        self.client.end()

    def failure(self) -> Exception | None:
        return None
