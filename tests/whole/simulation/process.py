"""The daemon's process in virtual time: it starts, works, dies and starts again. What is put together here is put together in wiring.py for real."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from provisioner.case.inputs import Input
from provisioner.case.policy import Policy
from provisioner.daemon import Daemon
from provisioner.fault import Fault
from provisioner.ports import News, RegistryReply, Taken
from provisioner.registry.client import RegistryClient
from provisioner.registry.settings import RegistrySettings
from provisioner.registry.transport import Publish, Received
from provisioner.secret import Secret
from provisioner.store.sql import SqlStore
from tests.whole.simulation.cameras import Calls, Cameras
from tests.whole.simulation.crashes import SEALER, Death, MortalRegistry, MortalStore, Reaper
from tests.whole.simulation.line import Broker, Client, DaemonLine
from tests.whole.simulation.world import World

SETTINGS = RegistrySettings("127.0.0.1", 1883, "daemon-1", "daemon", Secret(""))
TICK = timedelta(milliseconds=250)       # wiring.TICK_S
IDLE_TICK = timedelta(hours=1)           # a daemon that has nothing to do looks at the clock all the same; here seldom, because it costs time
POLICY = Policy()
_DUE = ("SELECT (SELECT min(wake_at) FROM cases WHERE is_open = 1), (SELECT min(coalesce(claimed_until, 0)) FROM owed"
        # past its deadline an effect is the core's business, which asks anew
        " WHERE settled_at IS NULL AND (deadline_at IS NULL OR claimed_until IS NULL OR deadline_at > claimed_until))")


class Witness(Protocol):
    """Who watches the process."""

    def committed(self) -> None:
        """A transaction is over."""

    def daemon_says(self, message: Publish) -> None:
        """See `line.Watching`."""

    def daemon_hears(self, message: Received) -> None:
        """See `line.Watching`."""

    def daemon_lives(self, since: datetime | None) -> None:
        """It came up, or (None) died."""


@cache
def _empty_database() -> bytes:
    """A database with all tables, made once a process by the real migrations."""
    with tempfile.TemporaryDirectory() as folder:
        SqlStore(f"sqlite:///{folder}/empty.db", SEALER).close()
        return Path(folder, "empty.db").read_bytes()


class _Sink:
    """Stands between registry client and daemon until both exist (as in wiring.py)."""

    target: Daemon

    def __init__(self, on_told: Callable[[News], None], on_link: Callable[[bool], None]) -> None:
        self._on_told, self._on_link = on_told, on_link

    def registry_replied(self, msg_id: str, reply: RegistryReply | Fault) -> None:
        self.target.registry_replied(msg_id, reply)

    def registry_told(self, news: News, op_id: str | None) -> None:
        self._on_told(news)
        self.target.registry_told(news, op_id)

    def registry_link(self, up: bool) -> None:
        self._on_link(up)
        self.target.registry_link(up)

    def registry_presence(self, online: bool) -> None:
        self._on_link(online)
        self.target.registry_presence(online)


class Process:
    """One database and the lives of the daemon on it."""

    def __init__(self, world: World, broker: Broker, folder: Path) -> None:
        self.world, self.broker = world, broker
        self.path = folder / "provisioner.db"
        self.path.write_bytes(_empty_database())
        self.url = f"sqlite:///{self.path}"
        self._rows = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._rng = world.rng("process")
        self._reaper = Reaper(world, lambda: int(self._rows.execute("SELECT count(*) FROM journal").fetchone()[0]))
        self.client: Client | None = None
        self.daemon: Daemon | None = None
        self._store: MortalStore | None = None
        self._registry: RegistryClient | None = None
        self.calls = Calls(world, self.guard)
        self._life = 0
        self._ticks: set[datetime] = set()
        self._rows_seen = -1
        self._rows_due: list[datetime | None] = []
        self.on_told: Callable[[News], None] = lambda news: None   # the night watch listens too, where there is one
        self.on_link: Callable[[bool], None] = lambda up: None
        self.witness: Witness
        self.cameras: Cameras

    # ---- lives

    def start(self) -> None:
        """A new process on the same database; nothing of the last one is left but that."""
        self._life += 1
        life, self._ticks = self._life, set()
        self._reaper.is_armed = False
        self._store = MortalStore(self.url, self.world, self._reaper, self.witness.committed)
        self.calls = Calls(self.world, self.guard)
        sink = _Sink(self.on_told, self.on_link)
        self.client = Client(self.world, self.broker, "daemon", (1, 30), self.guard)
        self._registry = RegistryClient(DaemonLine(self.client, self.witness), sink, self.world.clock, SETTINGS)
        self.daemon = sink.target = Daemon(self._store, self.cameras, MortalRegistry(self._registry, self._reaper), self.world.clock, POLICY,
                                           worker="daemon-1", spawn=self._spawn, on_tick=self._registry.tick)
        self._registry.start()
        self.world.note("the daemon starts")
        self.world.later(self._rng.choice((0.05, 1.0)), lambda: self._begin(life))

    def _spawn(self, work: Callable[[], None]) -> None:
        self._reaper.pass_by("before performing a camera call")
        self.calls.spawn(work)
        self._reaper.pass_by("after performing a camera call")

    def _begin(self, life: int) -> None:
        daemon = self.daemon
        if daemon is None or life != self._life:
            return
        self._reaper.is_armed = True
        self.witness.daemon_lives(self.world.now)
        self.guard(daemon.start)

    def guard(self, act: Callable[[], None]) -> None:
        """Run something inside the process; it may die of it."""
        try:
            act()
        except Death:
            self.die()

    def die(self) -> None:
        """All that is in memory is gone: inbox, pump, pending camera calls, caches."""
        self.world.counts["crashes"] += 1
        self.witness.daemon_lives(None)
        self._life += 1
        self.daemon = None
        self.calls.abandon()
        if self.client is not None:
            self.client.end()
        if self._store is not None:
            self._store.close()
        self.client, self._registry, self._store = None, None, None
        long = self._rng.random() < self.world.weather.long_downtime
        away_s = self._rng.uniform(600, 5 * 3600) if long else self._rng.choice((0.2, 2.0, 5.0, 60.0))
        left_s = (self.world.calm_at - self.world.now).total_seconds()
        self.world.later(min(away_s, max(0.2, left_s)), self.start)

    def close(self) -> None:
        """The end of the run."""
        self._life += 1
        self.daemon = None
        self.calls.abandon()
        if self._store is not None:
            self._store.close()
        self._rows.close()

    # ---- work

    @property
    def is_up(self) -> bool:
        return self.daemon is not None and self._reaper.is_armed

    def submit(self, case_id: str, input: Input, op_id: str | None) -> "Future[Taken] | None":
        """What a person says through the daemon's own face. None: nobody answers there."""
        return self.daemon.submit(case_id, input, op_id=op_id) if self.daemon is not None and self.is_up else None

    def nudge(self, life: int, at: datetime) -> None:
        """The in-process alarm clock has rung."""
        self._ticks.discard(at)
        if self.daemon is not None and life == self._life:
            self.daemon.nudge()

    def run(self) -> None:
        """Serve what the last event left in the inbox, and see when the clock has to ring next."""
        daemon = self.daemon
        if daemon is None or not self.is_up:
            return

        def serve() -> None:
            daemon.run_pending()

        self.guard(serve)
        if self.daemon is not None:
            self._set_alarm()

    def _set_alarm(self) -> None:
        """The real daemon looks at clock and database four times a second. Here it looks at those of these instants at which there is something to see."""
        assert self._store is not None and self._registry is not None and self.daemon is not None
        now = self.world.now
        wanted = [at for at in (*self._due_in_rows(), self._registry.next_tick_at()) if at is not None]
        if self.daemon.degraded is not None:
            wanted.append(now)
        at = min([*wanted, now + IDLE_TICK])
        at = max(at, now + TICK)
        if not any(now < planned <= at for planned in self._ticks):
            self._ticks.add(at)
            life = self._life
            self.world.at(at, lambda: self.nudge(life, at))

    def _due_in_rows(self) -> list[datetime | None]:
        """When the next case wakes, and when the next claim ends. Asked once for each commit, because it is asked after every step."""
        version = self._commits()
        if version != self._rows_seen:
            self._rows_seen = version
            self._rows_due = [None if us is None else datetime.fromtimestamp(max(0, us) / 1e6, tz=UTC) for us in self._rows.execute(_DUE).fetchone()]
        return self._rows_due

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What stands in the database, read beside the store."""
        return self._rows.execute(sql).fetchall()

    def _commits(self) -> int:
        return self.world.counts["commits"]


def new_folder() -> Path:
    """Where the database of one run lives: in memory where the machine has such a place."""
    shm = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="simulation-", dir=shm if shm.is_dir() else None))


def remove(folder: Path) -> None:
    """Leave nothing behind."""
    shutil.rmtree(folder, ignore_errors=True)
