"""The alarm centre of a year: looks at the planned hours of each person's schedule, nights on which its program is away, and people who edit by hand.

Operators look by a timetable of their own: also while the registry's program is away, and what they see of ordinary homes sends no message that anybody
here waits for (the daemon drops a look into a home without an open case), so those are only counted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from unittest.mock import patch

from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Binding as OurBinding
from provisioner.case.model import BindingState
from provisioner.case.night import Listed
from provisioner.fault import Fault, FaultKind, Text
from simulators.alarm_centre import Binding
from tests.whole.simulation.cameras import Cameras
from tests.whole.simulation.centre import Centre
from tests.whole.simulation.line import Broker
from tests.whole.year.calendar import Timetable
from tests.whole.year.judge import Judge
from tests.whole.year.town import Resident
from tests.whole.year.world import YearWorld

AWAY = Fault(FaultKind.UNREACHABLE, "list_bindings", "simulated", Text("Ring larmcentralen.", "Phone the alarm centre."))
_CHANGES_NOTHING = frozenset({"looked", "test_look", "get_binding", "list_bindings", "report_night"})


class YearCameras(Cameras):
    """Some give no picture any more."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.dead: set[str] = set()

    def card_before(self, serial: str) -> tuple[bool, str | None]:
        return (False, None) if serial in self.dead else super().card_before(serial)


class YearCentre(Centre):
    """See the module."""

    def __init__(self, world: YearWorld, broker: Broker, cameras: YearCameras, judge: Judge, timetable: Timetable, bindings: list[Binding]) -> None:
        self._judge, self._timetable, self._broker = judge, timetable, broker
        self._shown: dict[str, tuple[Binding, OurBinding]] = {}
        self.residents: dict[str, Resident] = {}    # by binding id
        super().__init__(world, broker, cameras, self, bindings)
        self.centre_did("seed", None)

    # ---- who watches the book: itself, for the judge

    def centre_did(self, verb: str, msg_id: str | None) -> None:
        """Show the judge what has changed."""
        if verb in _CHANGES_NOTHING:
            return
        known = self._judge.book
        for binding in list(self.registry.book):
            before = known.get(binding.binding_id)
            if before is not binding:
                if before is None or before.revision != binding.revision:
                    self._judge.in_the_book(binding)
                else:
                    known[binding.binding_id] = binding

    def looked_into(self, binding: Binding) -> None:
        """The judge judges each look himself."""

    def _plan_look_round(self) -> None:
        """The timetable says when (`round`)."""

    def round(self, schedule: str) -> None:
        """The planned looks of a schedule: real messages for whoever is out of the ordinary."""
        for one in self._judge.looks(schedule):
            for binding in self._judge.active(one):
                self.look_at(binding.binding_id)

    # ---- what it tells when asked

    def listed(self) -> Sequence[Listed] | Fault:
        """Its list, as the night watch gets it."""
        if self._away or not self._broker.is_up:
            return AWAY
        now = self.world.now
        return [Listed(self._our(binding), self._last_look(binding, now), binding.look_after(now)) for binding in self.registry.book]

    def told(self, report: dict[str, object]) -> Fault | None:
        """The count of tonight."""
        return AWAY if self._away or not self._broker.is_up else None

    def _our(self, binding: Binding) -> OurBinding:
        """In the core's words; made once a revision."""
        shown = self._shown.get(binding.binding_id)
        if shown is None or shown[0] is not binding:
            shown = self._shown[binding.binding_id] = (binding, OurBinding(
                binding.binding_id, SerialNumber(binding.camera_serial), binding.site_ref, binding.provider_ref, binding.schedule_ref,
                BindingState(binding.state), binding.revision))
        return shown[1]

    def _last_look(self, binding: Binding, now: datetime) -> datetime | None:
        one = self.residents.get(binding.binding_id)
        if one is not None and one.plain_since is not None and binding.state == "ACTIVE":
            latest = self._timetable.latest(binding.schedule_ref, now)
            if latest > one.plain_since:
                return latest
        return binding.last_look_at

    def remember_looks(self, one: Resident) -> None:
        """Out of the ordinary from here on: the counted looks become the book's."""
        for binding in self._judge.active(one):
            latest = self._last_look(binding, self.world.now)
            if latest is not None and latest != binding.last_look_at:
                self.registry.book.looked_at(binding.binding_id, latest)

    # ---- people at the centre

    @property
    def is_away(self) -> bool:
        """Whether its program is down."""
        return self._away

    def bind_anew(self, one: Resident, binding_id: str) -> None:
        """What was ended by hand is bound again by hand: a RETIRED binding never returns."""
        site, [serial, *_] = one.site, one.serials[::-1]
        fresh = Binding(binding_id, serial, site, one.provider, one.schedule, "ACTIVE", 1, self.world.now)
        self.registry.seed([fresh])
        self.residents[binding_id] = one
        self.centre_did("seed", None)
        self._say([fresh.state_message()])

    def _begin_again(self, kept: str) -> None:
        super()._begin_again(kept)
        self.centre_did("restart", None)
        self.world.counts["registry_away"] += 1


def by_schedule(timetable: Timetable) -> Any:
    """The simulated registry names three hours of its own; in this year it names those of each binding's schedule."""

    def look_after(self: Binding, now: datetime) -> datetime | None:
        return None if self.state == "RETIRED" else timetable.after(self.schedule_ref, now)

    return patch.object(Binding, "look_after", look_after)


