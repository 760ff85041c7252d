"""The bindings, their order and their indexes. Values are frozen: a change is a new value, and several changes enter together or not at all."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from simulators.alarm_centre import wire

LIVE = ("ACTIVE", "TEST")
STATES = ("ACTIVE", "SUSPENDED", "TEST", "RETIRED")

# Looks of a night, in UTC: a simulated centre needs an instant to name, not a municipality's timetable.
LOOK_TIMES_UTC = (timedelta(hours=0, minutes=30), timedelta(hours=3, minutes=30), timedelta(hours=21, minutes=30))

_INSTANTS = ("updated_at", "last_look_at", "next_look_at", "review_at")


class InvariantBroken(AssertionError):
    """The registry itself would be wrong. Always a bug of this simulator, never of the other side."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One camera at one site. `revision` starts at 1 and grows by exactly 1 with each change."""

    binding_id: str
    camera_serial: str
    site_ref: str
    provider_ref: str
    schedule_ref: str
    state: str
    revision: int
    updated_at: datetime
    last_look_at: datetime | None = None
    next_look_at: datetime | None = None  # a look planned by hand; once it has passed, LOOK_TIMES_UTC go on
    reason_class: str | None = None
    fallback_ref: str | None = None
    review_at: datetime | None = None

    def changed(self, now: datetime, **what: object) -> Binding:
        return replace(self, revision=self.revision + 1, updated_at=now, **what)  # type: ignore[arg-type]

    def look_after(self, now: datetime) -> datetime | None:
        """The next planned look, also of a SUSPENDED binding: it is what the daemon's escalation counts down to."""
        if self.state == "RETIRED":
            return None
        if self.next_look_at is not None and self.next_look_at > now:
            return self.next_look_at
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        today = next((at for offset in LOOK_TIMES_UTC if (at := midnight + offset) > now), None)
        return today or midnight + timedelta(days=1) + LOOK_TIMES_UTC[0]

    def shown(self, now: datetime) -> dict[str, object]:
        """As in a reply's `bindings`."""
        planned = self.look_after(now)
        return {
            "binding_id": self.binding_id, "camera_serial": self.camera_serial, "site_ref": self.site_ref,
            "provider_ref": self.provider_ref, "schedule_ref": self.schedule_ref, "state": self.state, "revision": self.revision,
            "last_look_at": wire.instant(self.last_look_at) if self.last_look_at else None,
            "next_look_at": wire.instant(planned) if planned else None,
        }  # fmt: skip

    def state_message(self) -> wire.Publish:
        return wire.Publish(state_topic(self.binding_id), wire.encode({
            "schema": "tk/1/state", "binding_id": self.binding_id, "state": self.state, "revision": self.revision,
            "serial_last4": self.camera_serial[-4:], "updated_at": wire.instant(self.updated_at),
        }), retain=True)  # fmt: skip

    def as_json(self) -> dict[str, object]:
        return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, found: dict[str, object]) -> Binding:
        unknown = found.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"a binding has no {sorted(unknown)}")
        values = {key: datetime.fromisoformat(str(value)) if key in _INSTANTS and value else value for key, value in found.items()}
        return cls(**values)  # type: ignore[arg-type]


def state_topic(binding_id: str) -> str:
    return f"tk/1/binding/{binding_id}/state"


class Book:
    """All bindings. `sites` and `providers` are those the centre knows; None means that it asks nobody."""

    def __init__(self, sites: Iterable[str] | None = None, providers: Iterable[str] | None = None) -> None:
        self.sites = None if sites is None else set(sites)
        self.providers = None if providers is None else set(providers)
        self._bindings: dict[str, Binding] = {}
        self._order: list[str] = []
        self._of_serial: dict[str, set[str]] = {}  # those not RETIRED

    def __iter__(self) -> Iterator[Binding]:
        return (self._bindings[binding_id] for binding_id in self._order)

    def get(self, binding_id: object) -> Binding | None:
        return self._bindings.get(binding_id) if isinstance(binding_id, str) else None

    def of_serial(self, serial: object, *, besides: str = "") -> list[Binding]:
        """Those of this serial that are not RETIRED, ordered by id."""
        found = self._of_serial.get(serial, ()) if isinstance(serial, str) else ()
        return [self._bindings[binding_id] for binding_id in sorted(found) if binding_id != besides]

    def live_of(self, serial: object, *, besides: str = "") -> list[Binding]:
        return [binding for binding in self.of_serial(serial, besides=besides) if binding.state in LIVE]

    def after(self, cursor: str | None) -> list[Binding]:
        """One more than a page, so that the caller knows whether there is another."""
        start = bisect_right(self._order, cursor) if cursor is not None else 0
        return [self._bindings[binding_id] for binding_id in self._order[start : start + wire.BINDINGS_PER_PAGE + 1]]

    def enter(self, changes: Iterable[Binding]) -> None:
        """All of them together. Raises InvariantBroken, and then has changed nothing."""
        new = {binding.binding_id: binding for binding in changes}
        live: dict[str, set[str]] = {}
        for binding in new.values():
            if binding.state in LIVE:
                live.setdefault(binding.camera_serial, set()).add(binding.binding_id)
        for binding in new.values():
            self._check(binding, new, live.get(binding.camera_serial, set()))
        for binding in new.values():
            old = self._bindings.get(binding.binding_id)
            if old is None:
                insort(self._order, binding.binding_id)
            else:
                self._of_serial.get(old.camera_serial, set()).discard(old.binding_id)
            self._bindings[binding.binding_id] = binding
            if binding.state != "RETIRED":
                self._of_serial.setdefault(binding.camera_serial, set()).add(binding.binding_id)

    def looked_at(self, binding_id: str, at: datetime) -> None:
        """A look is no change of the binding: the revision stays."""
        self._bindings[binding_id] = replace(self._bindings[binding_id], last_look_at=at)

    def _check(self, binding: Binding, new: dict[str, Binding], live: set[str]) -> None:
        old = self._bindings.get(binding.binding_id)
        if binding.state not in STATES:
            raise InvariantBroken(f"{binding.binding_id}: no such state {binding.state}")
        if old is not None and old.state == "RETIRED":
            raise InvariantBroken(f"{binding.binding_id} is RETIRED and never returns")
        if old is not None and binding.revision != old.revision + 1:
            raise InvariantBroken(f"{binding.binding_id}: revision {old.revision} is followed by {binding.revision}")
        if binding.state in LIVE:
            others = {other.binding_id for other in self.live_of(binding.camera_serial)} - new.keys()
            if (others | live) - {binding.binding_id}:
                raise InvariantBroken(f"{binding.binding_id} would be the second live binding of its serial")

    def check_invariants(self) -> None:
        """Slow and from scratch, for tests: at most one live binding a serial, and indexes that tell the truth."""
        live: dict[str, str] = {}
        for binding in self._bindings.values():
            if binding.state in LIVE and live.setdefault(binding.camera_serial, binding.binding_id) != binding.binding_id:
                raise InvariantBroken(f"{live[binding.camera_serial]} and {binding.binding_id} are live with one serial")
            if (binding.state != "RETIRED") != (binding.binding_id in self._of_serial.get(binding.camera_serial, ())):
                raise InvariantBroken(f"{binding.binding_id} stands wrongly in the index of serials")
        if self._order != sorted(self._bindings):
            raise InvariantBroken("the order of bindings is lost")
