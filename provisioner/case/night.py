"""Tonight: who is watched by camera, who by visits, who by neither; and three lists held against one another, because one alone agrees with itself. Pure.

The three lists are the supervision decisions (who is owed looks, and when), our own bindings, and the alarm centre's. In the case that this product
exists for, the registry and the stock list agreed, and nobody held them against the decisions: for three months somebody was owed looks and had none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from provisioner.case import localtime
from provisioner.case.cover import covered_by
from provisioner.case.identifiers import last4
from provisioner.case.model import Binding, BindingState, Case, CoveredBy
from provisioner.fault import Text

NOON = time(12)
"""A night goes from noon to noon, Swedish time: no planned look is near either end."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's right to looks, as the municipality decided it. References are opaque. `looks`: Swedish wall times, each night. `cameras`: how many rooms.
    `until` None: without an end. An end is an instant, not a date: decisions end when somebody dies or moves out."""

    decision_ref: str
    site_ref: str
    unit_ref: str
    looks: tuple[time, ...]
    valid_from: datetime
    until: datetime | None = None
    cameras: int = 1

    def holds(self, at: datetime) -> bool:
        """Whether looks are owed at this instant."""
        return self.valid_from <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Listed:
    """One binding as the alarm centre lists it."""

    binding: Binding
    last_look_at: datetime | None = None
    next_look_at: datetime | None = None


class WatchedBy(StrEnum):
    """Who looks after a home tonight."""

    CAMERA = "camera"
    VISITS = "visits"
    NOT_OWED = "not_owed"    # a named person answered that nobody is needed there (D28)
    NEITHER = "neither"      # must be none
    UNKNOWN = "unknown"      # the alarm centre could not be asked: unknown is never a yes


@dataclass(frozen=True, slots=True)
class Home:
    """One decision tonight. `looks` are the planned instants (UTC), `case_number` the case that has the home in hand."""

    decision: Decision
    by: WatchedBy
    looks: tuple[datetime, ...]
    case_number: str | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """The night that begins at noon of `on`, Swedish time."""

    on: date

    @property
    def begins_at(self) -> datetime:
        """Noon, UTC."""
        return localtime.instant(self.on, NOON)

    @property
    def ends_at(self) -> datetime:
        """Noon of the next day, 23 to 25 hours on."""
        return localtime.instant(self.on + timedelta(days=1), NOON)

    def looks(self, decision: Decision) -> tuple[datetime, ...]:
        """The instants of the planned looks of a decision in this night, first to last. A wall time that summer time skips is the hour before, one that
        comes twice is the first: nobody is looked at later than promised."""
        days = ((self.on if at >= NOON else self.on + timedelta(days=1), at) for at in decision.looks)
        return tuple(sorted(at for at in (localtime.instant(day, wall) for day, wall in days) if decision.holds(at)))


def night_of(now: datetime) -> Night:
    """The night that `now` belongs to: before noon it is the one that began yesterday."""
    shown = now + localtime.offset(now)
    return Night(shown.date() if shown.time() >= NOON else shown.date() - timedelta(days=1))


def readiness(decisions: Iterable[Decision], listed: Sequence[Listed] | None, cases: Iterable[Case], night: Night) -> tuple[Home, ...]:
    """Each decision that has a planned look in `night`, and who keeps it. `listed` None: the alarm centre could not be asked; then only what visits keep is
    known. Homes that nobody keeps come first."""
    by_site: dict[str, list[Case]] = {}
    for case in cases:
        for ref in _sites(case):
            by_site.setdefault(ref, []).append(case)
    active = None if listed is None else _active_per_site(one.binding for one in listed)
    homes = [_home(decision, looks, by_site.get(decision.site_ref, []), active) for decision in decisions if (looks := night.looks(decision))]
    order = list(WatchedBy)
    return tuple(sorted(homes, key=lambda home: (-order.index(home.by), home.looks[0], home.decision.decision_ref)))


_WORST = (CoveredBy.NOBODY, CoveredBy.VISITS, CoveredBy.CAMERA, CoveredBy.NOT_OWED)


def _home(decision: Decision, looks: tuple[datetime, ...], cases: Sequence[Case], active: Mapping[str, int] | None) -> Home:
    """A home with several cameras has a case for each (U21): it is covered as its worst covered room is."""
    number = ", ".join(case.case_number for case in cases) or None
    covers = [cover for case in cases if (cover := covered_by(case)) is not None]
    cover = min(covers, key=_WORST.index, default=None)
    sites = {decision.site_ref, *(ref for case in cases for ref in _sites(case))}  # while the person moves, the camera may serve in either home
    cameras = sum(active.get(site, 0) for site in sites) if active is not None else 0
    if cameras >= decision.cameras and cover not in (CoveredBy.VISITS, CoveredBy.NOBODY):
        return Home(decision, WatchedBy.CAMERA, looks, number)
    if cover is CoveredBy.VISITS:
        return Home(decision, WatchedBy.VISITS, looks, number)
    if cover is CoveredBy.NOT_OWED:
        return Home(decision, WatchedBy.NOT_OWED, looks, number)
    return Home(decision, WatchedBy.UNKNOWN if active is None and cover is not CoveredBy.NOBODY else WatchedBy.NEITHER, looks, number)


def _sites(case: Case) -> tuple[str, ...]:
    """The dwellings that a case has in hand: while the person moves, both."""
    refs = [notice.site_ref for notice in (case.handing_over, case.receiving) if notice is not None]
    return tuple(dict.fromkeys(refs)) if not case.is_final else ()


def _active_per_site(bindings: Iterable[Binding]) -> dict[str, int]:
    found: dict[str, int] = {}
    for binding in bindings:
        if binding.state is BindingState.ACTIVE:
            found[binding.site_ref] = found.get(binding.site_ref, 0) + 1
    return found


# ---- reconciliation -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the lists disagree. `key` stays the same as long as it is the same difference, so that it is told once and its end is seen.
    `pages`: somebody has to be called before the next look; the rest waits for the morning. `owner`: who puts it right."""

    key: str
    kind: str
    owner: str
    pages: bool
    text: Text
    binding_id: str | None = None
    decision_ref: str | None = None


def reconcile(tonight: Sequence[Home], decisions: Sequence[Decision], ours: Sequence[Binding], listed: Sequence[Listed] | None, cases: Sequence[Case],
              now: datetime, silent_after: timedelta, active_since: Mapping[str, datetime] = MappingProxyType({})) -> tuple[Difference, ...]:
    """The three lists held against one another (D23, H21), what calls somebody at once first. `tonight`: `readiness` of the same lists for the
    night of `now`. `ours`: bindings as we were last told, RETIRED ones too.
    `active_since`: when each was resumed or bound.

    `listed` None: the alarm centre could not be asked. That is a difference of its own, and nothing else is compared: two lists that agree prove nothing.
    """
    if listed is None:
        return (Difference("centre-not-heard", "not_compared", "on_call", True, Text(
            "Larmcentralens lista kunde inte hämtas: inget är jämfört i natt. Ring larmcentralen.",
            "The alarm centre's list could not be had: nothing is compared tonight. Phone the alarm centre.")),)
    held = [decision for decision in decisions if decision.holds(now)]
    found = [*_decided(tonight, now), *_undecided(held, listed, cases), *_doubled(listed), *_ours_and_theirs(ours, listed),
             *_paused(listed, cases, now), *_silent(listed, now, silent_after, active_since)]
    return tuple(sorted(found, key=lambda one: (not one.pages, one.key)))


def _decided(tonight: Sequence[Home], now: datetime) -> Iterable[Difference]:
    """Somebody is owed looks and has fewer cameras than decided, and no visits stand in."""
    for home in tonight:
        if home.by is WatchedBy.NEITHER and home.decision.holds(now):
            first = localtime.shown(home.looks[0])
            yield Difference(f"unwatched-{home.decision.decision_ref}", "decision_without_binding", "on_call", True, Text(
                f"Beslut {home.decision.decision_ref}: ingen kamera och inga besök. Nästa planerade titt {first}. Beordra besök nu.",
                f"Decision {home.decision.decision_ref}: no camera and no visits. Next planned look {first}. Order a visit now."),
                decision_ref=home.decision.decision_ref)


def _undecided(decisions: Sequence[Decision], listed: Sequence[Listed], cases: Sequence[Case]) -> Iterable[Difference]:
    """Looks into a home where nobody decided on them, or into more rooms than decided."""
    owed: dict[str, int] = {}
    for decision in decisions:
        owed[decision.site_ref] = owed.get(decision.site_ref, 0) + decision.cameras
    for one in listed:
        binding = one.binding
        if binding.state is not BindingState.ACTIVE:
            continue
        owed[binding.site_ref] = owed.get(binding.site_ref, 0) - 1
        if owed[binding.site_ref] < 0:
            yield _about(binding, "binding_without_decision", "coordinator", False,
                         "titt-in pågår utan beslut om tillsyn. Kontrollera med biståndshandläggaren; stäng inget på eget bevåg.",
                         "looks go on without a supervision decision. Check with the case officer; end nothing on your own.")


def _doubled(listed: Sequence[Listed]) -> Iterable[Difference]:
    live: dict[str, list[Binding]] = {}
    for one in listed:
        if one.binding.state in (BindingState.ACTIVE, BindingState.TEST):
            live.setdefault(one.binding.serial, []).append(one.binding)
    for bindings in live.values():
        if len(bindings) > 1:
            yield _about(bindings[0], "camera_bound_twice", "on_call", True, "samma kamera är kopplad till flera bostäder. Ring larmcentralen nu.",
                         "one camera is bound to several homes. Phone the alarm centre now.")


def _ours_and_theirs(ours: Sequence[Binding], listed: Sequence[Listed]) -> Iterable[Difference]:
    theirs = {one.binding.binding_id: one.binding for one in listed}
    for binding in ours:
        their = theirs.get(binding.binding_id)
        if their is None:
            if binding.state is not BindingState.RETIRED:
                yield _about(binding, "unknown_to_the_centre", "coordinator", binding.state is BindingState.ACTIVE,
                             "larmcentralen känner inte kopplingen. Ring den.", "the alarm centre does not know the binding. Phone it.")
            continue
        for kind, one, other in (("other_serial", binding.serial, their.serial), ("other_site", binding.site_ref, their.site_ref)):
            if one != other:
                yield _about(binding, kind, "on_call", True, "larmcentralen har en annan kamera eller bostad än vi. Ring den nu.",
                             "the alarm centre has another camera or dwelling than we have. Phone it now.")
        if binding.provider_ref != their.provider_ref:
            yield _about(binding, "other_provider", "coordinator", False, "larmcentralen larmar en annan utförare än vi har. Ring den.",
                         "the alarm centre calls another provider than we have. Phone it.")
        if (binding.state, binding.revision) != (their.state, their.revision):
            yield _about(binding, "edited_elsewhere", "coordinator", BindingState.ACTIVE in (binding.state, their.state) and binding.state is not their.state,
                         f"kopplingen är {their.state} (revision {their.revision}) hos larmcentralen, {binding.state} ({binding.revision}) hos oss.",
                         f"the binding is {their.state} (revision {their.revision}) at the alarm centre, {binding.state} ({binding.revision}) with us.")


def _paused(listed: Sequence[Listed], cases: Sequence[Case], now: datetime) -> Iterable[Difference]:
    """SUSPENDED without a living fallback and a review to come (invariant 2). A pause of no case of ours is somebody's own: he is asked."""
    keeper = {binding.binding_id: case for case in cases if not case.is_final for binding in (case.old_binding, case.new_binding) if binding is not None}
    for one in listed:
        if one.binding.state is not BindingState.SUSPENDED:
            continue
        case = keeper.get(one.binding.binding_id)
        fallback = case.fallback if case is not None else None
        if fallback is None or fallback.released_at is not None:
            yield _about(one.binding, "paused_without_fallback", "on_call", True, "titt-in är pausad och ingen har lovat besök. Beordra besök, ring larmcentralen.",
                         "the looks are paused and nobody has promised visits. Order a visit, phone the alarm centre.")
        elif fallback.review_at <= now:
            yield _about(one.binding, "review_overdue", "coordinator", False, "pausen skulle ha granskats. Bekräfta besöken på nytt.",
                         "the pause was due for review. Acknowledge the visits anew.")


def _silent(listed: Sequence[Listed], now: datetime, silent_after: timedelta, active_since: Mapping[str, datetime]) -> Iterable[Difference]:
    """D24: ACTIVE, and no look that succeeded for so long. One that never had a look counts from the look that was planned first, and one that was paused
    from its resuming: nobody looked meanwhile, and nobody was to."""
    for one in listed:
        if one.binding.state is not BindingState.ACTIVE:
            continue
        since = one.last_look_at if one.last_look_at is not None else one.next_look_at
        if since is not None and now - max(since, active_since.get(one.binding.binding_id, since)) > silent_after:
            yield _about(one.binding, "silent", "on_call", True, "ingen lyckad titt på ett dygn fast kopplingen är aktiv. Beordra besök, ring larmcentralen.",
                         "no successful look for a day although the binding is active. Order a visit, phone the alarm centre.")


def _about(binding: Binding, kind: str, owner: str, pages: bool, sv: str, en: str) -> Difference:
    name = f"{binding.binding_id} (…{last4(binding.serial)})"
    return Difference(f"{kind}-{binding.binding_id}-{binding.revision}", kind, owner, pages, Text(f"Koppling {name}: {sv}", f"Binding {name}: {en}"),
                      binding_id=binding.binding_id)
