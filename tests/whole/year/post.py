"""Calls leave through the product's own sender; people take them after minutes, or only when called again, and do something about it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from provisioner.case.calling import Call, Ladder
from provisioner.fault import PlainError
from provisioner.post.sender import send_due
from tests.whole.simulation.crashes import MortalStore
from tests.whole.year.judge import Judge
from tests.whole.year.town import Resident
from tests.whole.year.world import YearWorld

_SOON = timedelta(seconds=2)
"""How often the daemon looks whether a call is due (beside.POST_EVERY_S)."""


class Post:
    """`Channel` and the people at its far end."""

    name = "pager"

    def __init__(self, world: YearWorld, store: MortalStore, judge: Judge, about: Callable[[Call], Resident | None],
                 act: Callable[[Call, Resident | None], None]) -> None:
        self._world, self._store, self._judge, self._about, self._act = world, store, judge, about, act
        self._rng = world.rng("post")
        self._answered: set[str] = set()
        self._commits = -1
        self._planned: datetime | None = None

    def send(self, call: Call, audiences: Sequence[str], now: datetime) -> str | None:
        """`provisioner.post.channels.Channel`."""
        one = self._about(call)
        self._judge.call_went(call, one)
        if not call.repeats:
            self._act(call, one)
        elif call.key not in self._answered and (self._rng.random() < 0.8 or call.calls >= 2):
            self._answered.add(call.key)
            self._world.later(self._rng.uniform(60, 14 * 60), lambda: self._take(call, one))
        return None

    def _take(self, call: Call, one: Resident | None) -> None:
        try:
            self._store.take_call(call.key, "person-on-call", "sees to it", self._world.now)
        except PlainError:
            return  # somebody has it already, or it is over
        self._world.counts["calls_taken"] += 1
        self._act(call, one)

    def look(self, rows: Callable[[str], int | None]) -> None:
        """After a step: plan the next round of the sender, where a commit may have brought a call."""
        if self._commits == self._world.counts["commits"]:
            return
        self._commits = self._world.counts["commits"]
        due = rows("SELECT min(next_at) FROM calls WHERE next_at IS NOT NULL")
        if due is None:
            return
        at = max(self._world.now + _SOON, datetime.fromtimestamp(due / 1e6, tz=self._world.now.tzinfo))
        if self._planned is None or at < self._planned or self._planned <= self._world.now:
            self._planned = at
            self._world.at(at, self._round)

    def _round(self) -> None:
        self._planned = None
        while send_due(self._store, [self], Ladder(), lambda: self._world.now):
            pass
        self._commits = -1
