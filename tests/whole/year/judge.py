"""The judge of the year: who kept each planned look, and where nobody did, whether somebody had been called about it before.

It knows the residents, the alarm centre's own book, where each camera hangs, which visits were promised, and which calls left the house. It reads nothing
that the product believes, and shares no code with what it judges.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from provisioner.case.calling import Call
from provisioner.registry.transport import Publish, Received
from simulators.alarm_centre import Binding
from tests.whole.simulation.cameras import Body
from tests.whole.year.calendar import SCHEDULES, Timetable
from tests.whole.year.town import Resident, Town
from tests.whole.year.world import YearWorld

LIVE = ("ACTIVE", "TEST")
ABOUT_A_GAP = ("/gap-", "/uncovered-", "/silent-", "cancelled-unwatched", "edited-by-hand", "unwatched-", "paused_without_fallback-", "edited_elsewhere-",
               "silent-", "unknown_to_the_centre-", "other_site-", "other_serial-")
"""In the keys of calls that say: nobody looks there. A reminder about a form, or a case that rests, says nothing of the kind."""
NOT_COMPARED = "centre-not-heard"


@dataclass
class Trouble:
    """Something that went wrong, until somebody was called about it."""

    kind: str
    began_at: datetime
    resident: Resident | None = None
    noticed_at: datetime | None = None


@dataclass
class Judge:
    """`violations` is empty after a year in which nobody was unwatched without anybody knowing."""

    world: YearWorld
    town: Town
    timetable: Timetable
    cameras: dict[str, Body]
    dead: set[str]                                       # serials of cameras that give no picture
    kept: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    special: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in SCHEDULES})
    unwatched_h: float = 0.0

    def __post_init__(self) -> None:
        self.book: dict[str, Binding] = {}
        self._of_serial: dict[str, set[str]] = {}
        self._by_site: dict[str, Resident] = {}
        self._called: dict[int, datetime] = {}          # resident -> latest call about a gap
        self._kept_at: dict[int, datetime] = {}         # resident -> the last look that was kept while something was out of the ordinary
        self._not_compared_at: datetime | None = None
        self._residents = {one.number: one for one in self.town.residents}
        self._sizes = Counter(one.schedule for one in self.town.residents)

    def violated(self, what: str) -> None:
        """Something that must hold does not."""
        if len(self.violations) < 50:
            self.violations.append(f"{self.world.now:%Y-%m-%d %H:%M}Z  {what}")

    # ---- what happens

    def in_the_book(self, binding: Binding) -> None:
        """The alarm centre's book has this binding anew. Never two live ones of a serial, at no instant."""
        self.book[binding.binding_id] = binding
        mine = self._of_serial.setdefault(binding.camera_serial, set())
        mine.add(binding.binding_id)
        if binding.state in LIVE:
            live = sorted(other for other in mine if self.book[other].state in LIVE)
            if len(live) > 1:
                self.kept["double bindings"] += 1
                self.violated(f"double binding: {binding.camera_serial} is live as {' and '.join(live)}")

    def call_went(self, call: Call, resident: Resident | None) -> None:
        """A call left the house and somebody's server took it."""
        now = self.world.now
        self.calls[call.about] += 1
        if NOT_COMPARED in call.key:
            self._not_compared_at = now
        if resident is not None and any(part in call.key for part in ABOUT_A_GAP):
            self._called[resident.number] = now
        for trouble in self.troubles:
            if trouble.noticed_at is None and (NOT_COMPARED in call.key if trouble.resident is None else trouble.resident is resident):
                trouble.noticed_at = now

    def began(self, kind: str, resident: Resident | None = None) -> Trouble:
        """Something goes wrong now."""
        self.troubles.append(Trouble(kind, self.world.now, resident))
        return self.troubles[-1]

    # ---- ordinary or not

    def unsettle(self, one: Resident) -> None:
        """From here on each look of this person is judged by itself."""
        self.special[one.schedule].add(one.number)
        one.plain_since = None

    def settle(self, one: Resident) -> None:
        """Back to ordinary, where it really is: then looks are only counted."""
        if one.case_id is None and one.lives and not one.visited and not one.not_needed and self._watched(one) and one.number in self.special[one.schedule]:
            self.special[one.schedule].discard(one.number)
            one.plain_since = self.world.now

    def active(self, one: Resident) -> list[Binding]:
        """What the alarm centre looks through for this person."""
        ids = (binding_id for serial in one.serials for binding_id in self._of_serial.get(serial, ()))
        return [self.book[binding_id] for binding_id in ids if self.book[binding_id].state == "ACTIVE"]

    def _hangs(self, binding: Binding, site: str) -> bool:
        body = self.cameras.get(binding.camera_serial)
        return body is not None and body.site == site and binding.camera_serial not in self.dead

    def _watched(self, one: Resident) -> bool:
        return any(binding.site_ref == one.site and self._hangs(binding, one.site) for binding in self.active(one))

    # ---- the looks

    def looks(self, schedule: str) -> list[Resident]:
        """The planned looks of this schedule are now. Whoever is out of the ordinary is returned, judged."""
        special = [self._residents[number] for number in sorted(self.special[schedule])]
        self.kept["camera"] += self._sizes[schedule] - len(special)
        for one in special:
            self._look(one)
        return special

    def _look(self, one: Resident) -> None:
        now = self.world.now
        for binding in self.active(one):
            body = self.cameras.get(binding.camera_serial)
            if body is not None and body.site not in (None, binding.site_ref):
                self.violated(f"resident {one.number}: an operator looks into {body.site} instead of {binding.site_ref}")
        if not one.lives:
            self.kept["not owed"] += 1
        elif self._watched(one):
            self._keep(one, "camera")
        elif one.visited:
            self._keep(one, "visits")
        elif one.not_needed:
            self.kept["not owed"] += 1
        elif one.patrol_until is not None and now <= one.patrol_until:
            self._keep(one, "visits ordered after a call")
        else:
            self._unkept(one)

    def _keep(self, one: Resident, by: str) -> None:
        self.kept[by] += 1
        self._kept_at[one.number] = self.world.now

    def _unkept(self, one: Resident) -> None:
        """Nobody. Known: a call about exactly this went out since the last look that was kept."""
        now = self.world.now
        since = self._kept_at.get(one.number, one_night_before(now))
        called = self._called.get(one.number)
        compared = self._not_compared_at
        if called is not None and called > since:
            self.kept["nobody, and people knew"] += 1
        elif any(binding.camera_serial in self.dead for binding in self.active(one)):
            self.kept["nobody: no picture, the operator saw that"] += 1
        elif compared is not None and compared > max(since, one_night_before(now)):
            self.kept["nobody, and people knew that nothing could be compared"] += 1
        else:
            self.kept["unwatched and unknown"] += 1
            self.unwatched_h += (self.timetable.after(one.schedule, now) - now) / timedelta(hours=1)
            bound = [(b.binding_id, b.state, b.site_ref) for b in self.book.values() if b.camera_serial in one.serials]
            self.violated(f"resident {one.number} ({one.site}, case {one.case_id}) unwatched and unknown: {bound}")

    # ---- the process's witness (simulation.process.Witness)

    def committed(self) -> None:
        """A transaction is over."""

    def daemon_says(self, message: Publish) -> None:
        """See `line.Watching`."""

    def daemon_hears(self, message: Received) -> None:
        """See `line.Watching`."""

    def daemon_lives(self, since: datetime | None) -> None:
        """It came up."""

    def camera_asked(self, kind: str, serial: str) -> None:
        """The daemon calls a camera."""


def one_night_before(at: datetime) -> datetime:
    """Nobody remembers a call for longer."""
    return at - timedelta(hours=24)
