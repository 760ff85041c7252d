"""Two thousand people with a camera each, and what the year has in store for them."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from provisioner.case.identifiers import AssetNumber, SerialNumber
from provisioner.case.model import CaseKind, ContactKind, Notice
from simulators.alarm_centre import Binding
from tests.whole.simulation.homes import Story
from tests.whole.year.calendar import BEGINS, SCHEDULES, instant, working_day

PROVIDERS = tuple(f"provider-{n}" for n in range(1, 13))


@dataclass
class Resident:
    """One person as the world has them. `serials`: cameras that may be theirs (a swap brings a second)."""

    number: int
    schedule: str
    site: str
    unit: str
    provider: str
    serials: list[str]
    lives: bool = True
    visited: bool = False               # a unit promised to visit instead of the camera, and nobody has told it to stop
    not_needed: bool = False            # a named person answered that nobody is needed
    patrol_until: datetime | None = None
    case_id: str | None = None          # open now
    plain_since: datetime | None = None  # nothing out of the ordinary: the camera hangs, is bound, and looks go on

    @property
    def decision(self) -> str:
        """The supervision decision's reference."""
        return f"decision-{self.number}"


@dataclass
class Fate:
    """What happens in a case besides the ordinary. `states`: where it may strike. `rest`: how long people let it lie before they go on."""

    what: str
    states: tuple[str, ...]
    rest: timedelta = timedelta(0)
    death: bool = False
    rebooks: bool = False
    struck_at: datetime | None = None


@dataclass
class Errand:
    """A case that will be opened."""

    resident: Resident
    kind: CaseKind
    opens_at: datetime
    day: date | None                    # of the move
    switch_at: datetime | None
    fate: Fate | None = None
    again: int = 0                      # how often it was begun before


@dataclass
class Town:
    """Everybody, and the cases to come."""

    residents: list[Resident]
    errands: list[Errand]
    by_decision: dict[str, Resident] = field(default_factory=dict)
    by_case: dict[str, Resident] = field(default_factory=dict)


def resident(rng: Random, number: int) -> Resident:
    """One person at home."""
    serial = f"ACCC8E{(number * 7919 + 4242) % 0xFFFFFF:06X}"
    return Resident(number, rng.choice(sorted(SCHEDULES)), f"site-{number}-a", f"unit-{number % 40}", rng.choice(PROVIDERS), [serial])


def binding_of(one: Resident, at: datetime, suffix: str = "1") -> Binding:
    """How the alarm centre has them on its book."""
    return Binding(f"binding-{one.number:05}-{suffix}", one.serials[-1], one.site, one.provider, one.schedule, "ACTIVE", 1, at, last_look_at=at)


def town(rng: Random, people: int, moves: int, changes: int, days: int) -> Town:
    """`moves` and `changes` fall to different people; a tenth of the moves change the provider too."""
    residents = [resident(rng, number) for number in range(1, people + 1)]
    chosen = rng.sample(residents, moves + changes)
    firsts = [at for at in _firsts(days) if (at - instant(BEGINS, time(8))).days >= 12]
    errands = []
    for place, one in enumerate(chosen):
        if place < moves:
            opens = BEGINS + timedelta(days=rng.randrange(max(1, days - 25)))
            day = working_day(opens + timedelta(days=rng.randint(6, 18)))
            both = rng.random() < 0.1
            switch = instant(day + timedelta(days=rng.randint(-2, 2)), time(0)) if both else None
            errands.append(Errand(one, CaseKind.MOVE_AND_PROVIDER_CHANGE if both else CaseKind.MOVE_ONLY, _opening(opens, rng), day, switch))
        else:
            switch = rng.choices(firsts, weights=[4 if at.month == 12 else 1 for at in firsts])[0]   # a new contract begins with the new year (UTC: Dec 31)
            opens = (switch - timedelta(days=rng.randint(6, 20))).date()
            errands.append(Errand(one, CaseKind.PROVIDER_CHANGE_ONLY, _opening(max(opens, BEGINS), rng), None, switch))
    _fates(rng, errands)
    return Town(residents, errands, {one.decision: one for one in residents})


def _opening(day: date, rng: Random) -> datetime:
    return instant(working_day(day), time(8)) + timedelta(minutes=rng.randrange(400))


def _firsts(days: int) -> list[datetime]:
    span = [BEGINS + timedelta(days=n) for n in range(1, days - 4)]
    return [instant(day, time(0)) for day in span if day.day == 1]


def _fates(rng: Random, errands: list[Errand]) -> None:
    """5% postponed, 2% terminated, 1% swaps (of moves: only there is a camera handled)."""
    total = len(errands)
    moves = [one for one in errands if one.day is not None]
    for one in rng.sample(moves, max(1, round(total * 0.01))):
        one.fate = Fate("SWAP", (rng.choice(("LOOKS_SUSPENDED", "INSTALLED", "IDENTITY_VERIFIED", "SIGN_PLACED")),))
    free = [one for one in errands if one.fate is None]
    for one in rng.sample(free, max(1, round(total * 0.02))):
        states = ("READY", "BOOKED", "LOOKS_SUSPENDED", "INSTALLED", "SIGN_PLACED") if one.day else ("READY", "SERIAL_CONFIRMED", "SWITCH_SCHEDULED")
        one.fate = Fate("TERMINATE", (rng.choice(states),), death=rng.random() < 0.6)
    free = [one for one in free if one.fate is None]
    for one in rng.sample(free, max(1, round(total * 0.05))):
        rest = timedelta(days=rng.choice((1, 2, 4, 9)))
        late = one.day is not None and rng.random() < 0.6
        what = rng.choice(("HOLD", "HOLD", "ROLL_BACK") if late else ("HOLD", "CANCEL"))
        if late:
            states: tuple[str, ...] = (rng.choice(("LOOKS_SUSPENDED", "DISMANTLED", "INSTALLED", "IDENTITY_VERIFIED", "SIGN_PLACED")),)
        else:
            states = ("READY", "BOOKED") if one.day is not None else ("READY", "SERIAL_CONFIRMED")
        one.fate = Fate(what, states, rest, rebooks=rng.random() < 0.7)


def story_of(errand: Errand, number: int, now: datetime, rng: Random) -> Story:
    """The case and its two forms, which agree."""
    one = errand.resident
    case_id = f"case-{number:05}"
    moves, changes = errand.kind is not CaseKind.PROVIDER_CHANGE_ONLY, errand.kind is not CaseKind.MOVE_ONLY
    new_site = f"site-{one.number}-{'bcdefg'[errand.again]}" if moves else one.site
    provider = rng.choice([name for name in PROVIDERS if name != one.provider]) if changes else one.provider
    serial = SerialNumber(one.serials[-1])
    old = Notice(form_ref=f"form-a-{number}", arrived_at=now, person_ref=f"person-{one.number}", unit_ref=one.unit, provider_ref=one.provider, site_ref=one.site,
                 move_date=errand.day if moves else None, provider_effective_at=errand.switch_at if changes else None,
                 contacts=(ContactKind.SERVICE_USER, ContactKind.UNIT), serial=serial, asset_number=AssetNumber(f"TK-{10_000 + one.number}"),
                 decision_ref=one.decision)
    new = replace(old, form_ref=f"form-b-{number}", unit_ref=f"unit-{(one.number + 7) % 40}", site_ref=new_site, serial=None, provider_ref=provider,
                  keys_signed_out=rng.random() < 0.7, street_key=rng.choice(("yes", "not_required")), sign_languages=("sv",))
    spare = SerialNumber(f"B8A44F{(number * 6007 + 99) % 0xFFFFFF:06X}")
    return Story(case_id, f"2026-{number:05}", errand.kind, serial, AssetNumber(f"TK-{10_000 + one.number}"), one.site, new_site, old, new, now, spare)
