"""Where the daemon's process dies: before a commit, after it, or in the middle of performing what was committed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from provisioner.case.effects import RegistryEffect
from provisioner.ports import Registry
from provisioner.registry.client import RegistryClient
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from provisioner.store.troubles import locked
from provisioner.store.tx import Compiler, Tx
from tests.whole.simulation.world import World

SEALER = Sealer(bytes(range(32)))
_COMPILERS: dict[str, Compiler] = {}


class Death(BaseException):
    """SIGKILL, as far as one process can do it to itself. Not an `Exception`: nothing may catch it."""


class Reaper:
    """Decides by seed, weather and mode whether the process dies at a point.

    `every`: once at each point of each journal line, in turn. A point is known by the number of lines written so far, so that the next life, which
    does the same again, gets one point further.
    """

    def __init__(self, world: World, lines_written: Callable[[], int]) -> None:
        self._world, self._lines_written = world, lines_written
        self._rng = world.rng("reaper")
        self._died_at: set[tuple[int, str]] = set()
        self.is_armed = False  # the start of a life is not a commit of a case

    def pass_by(self, point: str) -> None:
        """Raises `Death`, or returns."""
        mode, world = self._world.weather.crash, self._world
        if not self.is_armed or mode == "never" or world.is_calm:
            return
        if mode == "every":
            label = (self._lines_written(), point)
            if label in self._died_at or (self._rng.random() < 0.3 and not point.startswith("commit")):
                return
            self._died_at.add(label)
        elif self._rng.random() >= world.weather.crash_chance:
            return
        world.counts[f"died {point.split()[0]} {point.split()[1]}"] += 1
        world.note(f"DIES {point}")
        raise Death(point)


class MortalStore(SqlStore):
    """The real store; only its transactions are places to die at, and now and then another program holds the lock."""

    def __init__(self, url: str, world: World, reaper: Reaper | None, on_commit: Callable[[], None]) -> None:
        # OFF: here processes die and power does not fail; what SQLite was told to write is in the file's pages all the same.
        super().__init__(url, SEALER, synchronous="OFF", upgrade=False)
        self._world, self._reaper, self._on_commit = world, reaper, on_commit
        self._compiler = _COMPILERS.setdefault(self._engine.dialect.name, self._compiler)  # for speed: statements stay compiled over restarts
        self._rng = world.rng(f"store/{world.steps}")
        self._doing = "other"

    @contextmanager
    def _write(self) -> Iterator[Tx]:
        doing = self._doing
        if self._reaper is not None and self._reaper.is_armed and not self._world.is_calm and self._rng.random() < self._world.weather.store_trouble:
            self._world.counts["store_troubles"] += 1
            self._world.note(f"database locked: {doing}")
            raise locked()
        with super()._write() as tx:
            yield tx
            if self._reaper is not None:
                self._reaper.pass_by(f"before commit {doing}")
        self._world.counts["commits"] += 1
        self._on_commit()
        if self._reaper is not None:
            self._reaper.pass_by(f"after commit {doing}")

    def take(self, *args: Any, **kwargs: Any) -> Any:
        self._doing = f"take {args[0]}"
        return super().take(*args, **kwargs)

    def claim(self, *args: Any, **kwargs: Any) -> Any:
        self._doing = "claim"
        return super().claim(*args, **kwargs)

    def settle_told(self, *args: Any, **kwargs: Any) -> Any:
        self._doing = f"tell {args[0].owed_id}"
        return super().settle_told(*args, **kwargs)


class MortalRegistry:
    """`ports.Registry`: the process may die right before and right after a command is handed to the line."""

    def __init__(self, real: RegistryClient, reaper: Reaper) -> None:
        self._real: Registry = real
        self._reaper = reaper

    def send(self, effect: RegistryEffect, case_id: str, deadline_at: datetime) -> None:
        self._reaper.pass_by(f"before performing {effect.kind}")
        self._real.send(effect, case_id, deadline_at)
        self._reaper.pass_by(f"after performing {effect.kind}")
