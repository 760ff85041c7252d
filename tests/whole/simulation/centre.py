"""The alarm centre in virtual time: its pure registry behind a line, with the manners of its program and of its people.

Nothing of `provisioner/` decides here. What the centre does follows simulators/alarm_centre/mqtt.py, whose real body the other tests use.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from provisioner.registry.transport import Publish
from simulators.alarm_centre import Binding, Look, Properties, Registry, counted_ids, wire
from simulators.alarm_centre.book import LOOK_TIMES_UTC
from tests.whole.simulation.line import Broker, Client
from tests.whole.simulation.world import World

STATUS = "tk/1/status/ac"


class Eyes(Protocol):
    """What an operator sees through a camera."""

    def card_before(self, serial: str) -> tuple[bool, str | None]:
        """Whether there is a picture, and the code on the card in it."""


class Onlooker(Protocol):
    """Who watches the centre's own book."""

    def centre_did(self, verb: str, msg_id: str | None) -> None:
        """The centre has carried something out, and its book may have changed."""

    def looked_into(self, binding: Binding) -> None:
        """An operator looks into a home, because its binding is ACTIVE."""


class Centre:
    """The registry, its program on the line, and its operators."""

    def __init__(self, world: World, broker: Broker, eyes: Eyes, onlooker: Onlooker, bindings: list[Binding]) -> None:
        self.world, self._eyes, self._onlooker = world, eyes, onlooker
        self._rng = world.rng("centre")
        self._new_id = counted_ids()
        self.registry = Registry(self._new_id)
        self.registry.seed(bindings)
        self._silent_until = world.now
        self._hears = True
        self._held_back = False
        self._away = False
        self.client = Client(world, broker, "alarm-centre", (0.2, 2.0), lambda act: act())
        self.client.will = lambda: self._status("offline")
        self.client.on_up = self._connected
        self.client.on_message = self._heard
        self.client.connect()
        self._plan_look_round()

    # ---- the line

    def _status(self, state: str) -> Publish:
        return Publish(STATUS, wire.encode({"schema": "tk/1/status", "state": state, "at": wire.instant(self.world.now)}), retain=True)

    def _connected(self) -> None:
        self.client.broker.subscribe(self.client, ("tk/1/cmd/#",))
        self.client.send(self._status("online"))
        self._say(self.registry.states(self.world.now))

    @property
    def is_silent(self) -> bool:
        return self.world.now < self._silent_until

    def _heard(self, message: Publish) -> None:
        if self._away or (self.is_silent and not self._hears):
            return
        properties = Properties(message.response_topic, message.correlation)
        said = self.registry.handle(message.topic, message.payload, properties, self.world.now)
        msg_id = (message.correlation or b"").decode("ascii", "replace")
        self._onlooker.centre_did(message.topic.removeprefix(wire.COMMANDS), msg_id)
        self._say(said)
        self._look()

    def book(self) -> dict[str, Binding]:
        """All bindings by id, as they stand."""
        return {binding.binding_id: binding for binding in self.registry.book}

    def _say(self, messages: list[wire.Publish]) -> None:
        for message in messages:
            if self.is_silent or self._away:
                self._held_back = True
                continue
            self.client.send(Publish(message.topic, message.payload, message.retain, correlation=message.correlation))
        due = self.registry.next_due()
        if due is not None:
            self.world.at(due, self._due)

    def _due(self) -> None:
        due = self.registry.next_due()
        if self._away or due is None or due > self.world.now:
            return
        said = self.registry.due(self.world.now)
        self._onlooker.centre_did("due", None)
        self._say(said)

    # ---- what goes wrong

    def fall_silent(self, for_s: float, hears: bool) -> None:
        """Says nothing for so long; where it does not hear either, it does nothing."""
        self.world.counts["centre_silences"] += 1
        self.world.note(f"the alarm centre falls silent for {for_s:.0f} s, hears={hears}")
        self._silent_until, self._hears = self.world.now + timedelta(seconds=for_s), hears
        self.world.later(for_s + 0.01, self._speak_again)

    def _speak_again(self) -> None:
        if not self.is_silent and self._held_back:
            self._held_back = False
            self._say(self.registry.states(self.world.now))

    def restart(self, away_s: float) -> None:
        """Its process dies without a farewell and begins again with what was on its disk."""
        self.world.counts["centre_restarts"] += 1
        self.world.note(f"the alarm centre restarts, away for {away_s:.0f} s")
        kept = json.dumps(self.registry.snapshot())
        self._away = True
        self.client.cut(away_s)
        self.world.later(away_s, lambda: self._begin_again(kept))

    def _begin_again(self, kept: str) -> None:
        self.registry = Registry(self._new_id)
        self.registry.restore(json.loads(kept))
        self._away = False
        self._due()
        self._say([])
        self._look()

    def edit_by_hand(self, binding_id: str, undo_after_s: float, *, undo: bool = True, **changes: str) -> None:
        """Somebody changes a binding past the contract, and hours later puts a changed state back."""
        binding = self.registry.book.get(binding_id)
        if self._away or binding is None or binding.state == "RETIRED":
            return
        try:
            said = self.registry.edit_by_hand(binding_id, self.world.now, **changes)
        except ValueError:
            return  # not even by hand
        self.world.counts["hand_edits"] += 1
        self.world.note(f"hand edit of {binding_id}: {changes}")
        self._onlooker.centre_did("by_hand", None)
        self._say(said)
        if changes.get("state") == "SUSPENDED" and undo:
            self.world.later(undo_after_s, lambda: self._undo(binding_id, binding.state))

    def _undo(self, binding_id: str, state: str) -> None:
        if self._away:
            self.world.later(60, lambda: self._undo(binding_id, state))
            return
        binding = self.registry.book.get(binding_id)
        if binding is not None and binding.state == "SUSPENDED" and binding.fallback_ref is None:
            self.edit_by_hand(binding_id, 0, state=state, undo=False)

    def phoned(self) -> None:
        """Somebody asks by phone to have the states published again."""
        self.world.counts["phone_calls"] += 1
        if not self._away:
            self._say(self.registry.states(self.world.now))

    def phoned_to_suspend(self, binding_id: str) -> None:
        """Somebody asks by phone to suspend again what was switched on by hand."""
        binding = self.registry.book.get(binding_id)
        if binding is not None and binding.state == "ACTIVE":
            self.edit_by_hand(binding_id, 0, state="SUSPENDED", undo=False)

    def phoned_to_end(self, site_ref: str, is_anothers: Callable[[str], bool]) -> None:
        """Somebody asks by phone to end the looks into a home whose camera the case could not establish; not those that another case has in hand."""
        for binding in list(self.registry.book):
            if binding.site_ref == site_ref and binding.state in ("ACTIVE", "SUSPENDED") and not is_anothers(binding.binding_id):
                self.edit_by_hand(binding.binding_id, 0, state="RETIRED", undo=False)

    # ---- operators

    def _plan_look_round(self) -> None:
        now = self.world.now.astimezone(UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for offset in (*LOOK_TIMES_UTC, *(timedelta(days=1) + t for t in LOOK_TIMES_UTC)):
            if midnight + offset > now:
                self.world.at(midnight + offset, self._look_round)
                return

    def _look_round(self) -> None:
        """The planned look of every ACTIVE binding."""
        if not self._away:
            for binding in list(self.registry.book):
                if binding.state == "ACTIVE":
                    self.look_at(binding.binding_id)
        self.world.later(1.0, self._plan_look_round)

    def look_at(self, binding_id: str) -> None:
        """An operator begins an ordinary look."""
        binding = self.registry.book.get(binding_id)
        if self._away or binding is None or binding.state != "ACTIVE":
            return
        self._onlooker.looked_into(binding)
        try:
            self.registry.look_now(binding_id, self.world.now)
        except ValueError:
            return  # somebody looks already
        self.world.counts["looks"] += 1
        self._look()

    def _look(self) -> None:
        for look in self.registry.looks_wanted():
            self.world.later(self._rng.uniform(5, 60), self._ender(look, self.registry))

    def _ender(self, look: Look, registry: Registry) -> Callable[[], None]:
        return lambda: self._looked(look) if registry is self.registry and not self._away else None

    def _looked(self, look: Look) -> None:
        picture, code = self._eyes.card_before(look.camera_serial)
        wrong = not self.world.is_calm and self._rng.random() < self.world.weather.looks_wrong
        if wrong and look.command is not None:
            self.world.counts["looks_wrong"] += 1
            picture, code = self._rng.choice(((False, None), (True, None), (True, "9999")))
        outcome = self._rng.choice(("OK", "NOT_SEEN", "NO_CONTACT")) if wrong else "OK"
        said = self.registry.looked(look.look_id, self.world.now, picture=picture, code_seen=code, outcome=outcome)
        self._onlooker.centre_did("looked", look.command)
        self._say(said)


def schedule_troubles(world: World, centre: Centre, broker: Broker, daemon_line: Callable[[], Client | None]) -> None:
    """Put what this seed's weather brings onto the agenda, at instants of its own."""
    rng, weather, storm_s = world.rng("troubles"), world.weather, world.weather.storm.total_seconds()

    def some(times: int, act: Callable[[], None]) -> None:
        for _ in range(times):
            world.later(rng.random() * storm_s, act)

    def left_s(most_s: float) -> float:
        return min(most_s, max(1.0, (world.calm_at - world.now).total_seconds()))

    def cut_daemon() -> None:
        line = daemon_line()
        if line is not None:
            line.cut(left_s(rng.choice((3, 60, 900, 7200))))

    def edit() -> None:
        binding = rng.choice(list(centre.registry.book))
        changes = rng.choice(({"schedule_ref": "schedule-night-2"}, {"schedule_ref": "schedule-night-3"}, {"state": "SUSPENDED"}))
        centre.edit_by_hand(binding.binding_id, rng.uniform(600, 20_000), **changes)

    def look() -> None:
        centre.look_at(rng.choice(list(centre.registry.book)).binding_id)

    some(weather.line_cuts, cut_daemon)
    some(weather.line_cuts // 2, lambda: centre.client.cut(left_s(rng.choice((3, 60, 900)))))
    some(weather.broker_deaths, lambda: broker.die(left_s(rng.choice((1, 20, 600)))))
    some(weather.centre_restarts, lambda: centre.restart(left_s(rng.choice((1, 30, 1200)))))
    some(weather.centre_silences, lambda: centre.fall_silent(left_s(rng.choice((40, 600, 3600, 10_800))), rng.random() < 0.5))
    some(weather.hand_edits, edit)
    some(weather.looks_at_random, look)


def next_look(now: datetime, after: datetime) -> datetime:
    """The first planned look of the centre's schedule that is after both instants."""
    start = max(now, after).astimezone(UTC)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return next(at for day in (0, 1) for offset in LOOK_TIMES_UTC if (at := midnight + timedelta(days=day) + offset) > start)
