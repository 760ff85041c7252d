"""What goes wrong in a year, by name and number: edits by hand at any hour, cameras that give no picture, nights without the registry, hours without the broker."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from tests.whole.simulation.line import Broker
from tests.whole.year.calendar import BEGINS, at_work, instant
from tests.whole.year.centre import YearCameras, YearCentre
from tests.whole.year.judge import Judge, Trouble
from tests.whole.year.town import PROVIDERS, Resident, Town
from tests.whole.year.world import YearWorld

REGISTRY_NIGHTS, BROKER_TIMES, EDITS, DEAD_CAMERAS = 12, 30, 25, 6
"""In 365 days; fewer days have their share, and one of each at the least."""


class Troubles:
    """Plans them, and mends each once somebody was called about it and has seen to it in office hours."""

    def __init__(self, world: YearWorld, town: Town, centre: YearCentre, broker: Broker, cameras: YearCameras, judge: Judge, days: int) -> None:
        self._world, self._town, self._centre, self._broker, self._cameras, self._judge = world, town, centre, broker, cameras, judge
        self._rng = world.rng("troubles")
        self._mending: dict[int, Callable[[], None]] = {}
        self._being_seen_to: set[int] = set()
        self._unlucky = self._rng.sample(town.residents, max(4, len(town.residents) // 60))   # it hits some of them twice
        self._edits = 0
        self._bound_past_us: set[int] = set()    # by hand: the daemon has no row of such a binding to hold an edit against

        def share(most: int) -> int:
            return max(1, round(most * min(1.0, days / 365)))

        def anywhen() -> datetime:
            return instant(BEGINS, time(12)) + timedelta(days=self._rng.uniform(2, max(3, days - 3)))

        nights = self._rng.sample(range(2, max(3, days - 2)), share(REGISTRY_NIGHTS))
        for day in nights:
            at = instant(BEGINS + timedelta(days=day), time(19)) + timedelta(minutes=self._rng.randrange(270))
            world.at(at, self._registry_away)
        for _ in range(share(BROKER_TIMES)):
            world.at(anywhen(), self._broker_down)
        for _ in range(share(EDITS) + 2):
            world.at(anywhen(), self._edit)
        for _ in range(share(DEAD_CAMERAS)):
            world.at(anywhen(), self._camera_dies)

    def _registry_away(self) -> None:
        self._world.counts["registry_nights"] += 1
        self._judge.began("registry away for a night")
        self._centre.restart(self._rng.uniform(5, 9) * 3600)

    def _broker_down(self) -> None:
        minutes = self._rng.choice((3, 20, 60, 180, 400))
        if not self._broker.is_up:
            self._world.later(3600, self._broker_down)
            return
        if minutes >= 60:
            self._judge.began("broker down for an hour or more")
        self._broker.die(minutes * 60)

    # ---- homes

    def _ordinary(self) -> Resident | None:
        plain = [one for one in self._unlucky if one.plain_since is not None] or [one for one in self._town.residents if one.plain_since is not None]
        return self._rng.choice(plain) if plain else None

    def _out_of_order(self, one: Resident, kind: str, mend: Callable[[], None]) -> Trouble:
        self._centre.remember_looks(one)
        self._judge.unsettle(one)
        self._mending[one.number] = mend
        return self._judge.began(kind, one)

    def _edit(self) -> None:
        """Somebody corrects the registry at the wrong row."""
        if self._centre.is_away:
            self._world.later(3600, self._edit)
            return
        cases = [one for one in self._town.by_case.values() if one.case_id is not None]
        if cases and self._rng.random() < 0.2:
            one = self._rng.choice(cases)
            for binding in self._judge.active(one):
                self._centre.edit_by_hand(binding.binding_id, self._rng.uniform(4, 20) * 3600, state="SUSPENDED")
            return
        found = self._ordinary()
        if found is None:
            return
        [binding] = self._judge.active(found)
        known = found in self._town.by_case.values() and found.number not in self._bound_past_us
        self._edits += 1
        if known and self._rng.random() < 0.3:
            right = binding.provider_ref
            self._out_of_order(found, "provider edited by hand", lambda: self._put_back(found, binding.binding_id, provider_ref=right))
            self._centre.edit_by_hand(binding.binding_id, 0, provider_ref=self._rng.choice([name for name in PROVIDERS if name != right]))
        elif self._rng.random() < 0.5:
            self._out_of_order(found, "suspended by hand", lambda: self._put_back(found, binding.binding_id, state="ACTIVE"))
            self._centre.edit_by_hand(binding.binding_id, 0, state="SUSPENDED", undo=False)
        else:
            new_id = f"binding-{found.number:05}-again{self._edits}"
            self._out_of_order(found, "ended by hand", lambda: self._bind_anew(found, new_id))
            self._centre.edit_by_hand(binding.binding_id, 0, state="RETIRED", undo=False)

    def _camera_dies(self) -> None:
        found = self._ordinary()
        if found is None:
            return
        serial = self._judge.active(found)[0].camera_serial
        self._out_of_order(found, "camera gives no picture", lambda: self._revive(found, serial))
        self._cameras.dead.add(serial)

    # ---- mending

    def called(self, one: Resident) -> None:
        """A call about this person was taken: it is seen to in office hours."""
        if one.number in self._mending and one.number not in self._being_seen_to:
            self._being_seen_to.add(one.number)
            self._world.at(at_work(self._world.now + timedelta(minutes=self._rng.uniform(20, 180)), self._rng), lambda: self._mend(one))

    def _mend(self, one: Resident) -> None:
        if self._centre.is_away or not self._broker.is_up:
            self._world.later(3600, lambda: self._mend(one))
            return
        self._being_seen_to.discard(one.number)
        self._mending.pop(one.number)()
        self._world.counts["mended"] += 1

    def _put_back(self, one: Resident, binding_id: str, **right: str) -> None:
        self._centre.edit_by_hand(binding_id, 0, undo=False, **right)
        self._judge.settle(one)

    def _bind_anew(self, one: Resident, binding_id: str) -> None:
        self._centre.bind_anew(one, binding_id)
        self._bound_past_us.add(one.number)
        self._judge.settle(one)

    def _revive(self, one: Resident, serial: str) -> None:
        self._cameras.dead.discard(serial)
        self._judge.settle(one)
