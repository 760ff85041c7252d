"""The night's lists, held at their hours and after every edit by hand: ask the alarm centre, compare, call people about what differs, tell the centre
how tonight stands.

Written against small protocols, as the daemon is: what compares is `case/night.py`, what asks and keeps is given.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from provisioner.case import localtime
from provisioner.case.effects import TellPeople
from provisioner.case.inputs import ChangedExternally, News
from provisioner.case.model import Binding, Case
from provisioner.case.night import Decision, Difference, Home, Listed, Night, WatchedBy, night_of, readiness, reconcile
from provisioner.fault import Fault

log = logging.getLogger("provisioner.night")

AGAIN = timedelta(minutes=10)
"""After a run that could not compare, the next one comes so soon."""
SOON = timedelta(minutes=1)
"""After an edit by hand: some edits come in twos."""
_PREFIX = "night/"
_SITES_TOLD_MOST = 20  # the contract's


class NightBook(Protocol):
    """What is needed of the store."""

    def has_decisions(self, now: datetime) -> bool:
        """Whether any decision holds now, or begins later."""

    def decisions(self, now: datetime) -> list[Decision]:
        """Decisions that hold now, or begin later."""

    def bindings(self) -> list[Binding]:
        """All bindings our cases have known."""

    def active_since(self) -> dict[str, datetime]:
        """Since when each ACTIVE binding is ACTIVE."""

    def open_cases(self) -> Sequence[Case]:
        """Every case that is not over."""

    def raise_call(self, key: str, told: TellPeople, now: datetime) -> None:
        """Call people, once under this key."""

    def end_calls(self, prefix: str, still: frozenset[str], now: datetime) -> int:
        """Calls under `prefix` that are not among `still` are over."""


@dataclass(frozen=True, slots=True)
class Lists:
    """One comparison. `fault`: why the alarm centre's list could not be had."""

    night: Night
    homes: tuple[Home, ...]
    differences: tuple[Difference, ...]
    fault: Fault | None

    def count(self, by: WatchedBy) -> int:
        """Homes with a planned look tonight that are kept so."""
        return sum(home.by is by for home in self.homes)

    def report(self) -> dict[str, object]:
        """The body of `report_night`: counts, and which dwellings are open, by opaque reference."""
        open_sites = tuple(home.decision.site_ref for home in self.homes if home.by in (WatchedBy.NEITHER, WatchedBy.UNKNOWN))
        return {"night": self.night.on.isoformat(), **{by.value: self.count(by) for by in WatchedBy}, "open_sites": open_sites[:_SITES_TOLD_MOST]}


def hold(book: NightBook, ask: Callable[[], Sequence[Listed] | Fault], now: datetime, silent_after: timedelta) -> Lists:
    """Compare; nothing is written and nobody is called."""
    answer = ask()
    listed, fault = (None, answer) if isinstance(answer, Fault) else (answer, None)
    decisions, cases, night = book.decisions(now), book.open_cases(), night_of(now)
    homes = readiness(decisions, listed, cases, night)
    return Lists(night, homes, reconcile(homes, decisions, book.bindings(), listed, cases, now, silent_after, book.active_since()), fault)


def call_about(book: NightBook, lists: Lists, now: datetime) -> None:
    """Each difference is a call with an owner; one that is no more ends its call. What pages is a call of its own each night: whoever took it on last night
    sent somebody then, and a key that was used once would never call again."""
    keys = {f"{_PREFIX}{lists.night.on.isoformat()}/{one.key}" if one.pages else f"{_PREFIX}{one.key}": one for one in lists.differences}
    for key, one in keys.items():
        told = TellPeople(one.key, one.owner, "escalation" if one.pages else "phone_task", one.text)  # type: ignore[arg-type]
        book.raise_call(key, told, now)
    if lists.fault is None:
        book.end_calls(_PREFIX, frozenset(keys), now)


@dataclass
class NightWatch:
    """Holds the lists at their hours. `tell_centre` gives the report to the alarm centre; its fault is logged, because the call to people went out already."""

    book: NightBook
    ask: Callable[[], Sequence[Listed] | Fault]
    tell_centre: Callable[[dict[str, object]], Fault | None]
    hours: Sequence[time]
    silent_after: timedelta
    next_at: datetime | None = None

    def heard(self, news: News, now: datetime) -> None:
        """From any thread: somebody has changed the registry past us. Between two hours of the lists lies a night, so they are held soon."""
        if isinstance(news, ChangedExternally):
            self._not_later_than(now + SOON)

    def linked(self, up: bool, now: datetime) -> None:
        """From any thread: the line to the broker came, or the alarm centre's program did, and what was edited meanwhile was heard by nobody; or one of them
        went, and nobody would hear it. What is back within `AGAIN` is a hiccup."""
        self._not_later_than(now + (SOON if up else AGAIN))

    def _not_later_than(self, at: datetime) -> None:
        if self.next_at is not None and at < self.next_at:
            self.next_at = at

    def tick(self, now: datetime) -> Lists | None:
        """Hold the lists where their hour has come. The first tick of a process holds them at once: an hour may have passed while nobody ran."""
        if self.next_at is not None and now < self.next_at:
            return None
        self.next_at = next_hour(now, self.hours)
        if not self.book.has_decisions(now):
            return None  # nothing to hold the bindings against; `doctor` says so
        lists = hold(self.book, self.ask, now, self.silent_after)
        call_about(self.book, lists, now)
        open_homes = lists.count(WatchedBy.NEITHER) + lists.count(WatchedBy.UNKNOWN)
        log.log(logging.ERROR if open_homes or lists.fault else logging.INFO,
                "tonight: %d by camera, %d by visits, %d not owed, %d by neither, %d unknown; %d differences",
                *(lists.count(by) for by in (WatchedBy.CAMERA, WatchedBy.VISITS, WatchedBy.NOT_OWED, WatchedBy.NEITHER, WatchedBy.UNKNOWN)),
                len(lists.differences), extra={"event": "night", "fault": str(lists.fault.kind) if lists.fault else None})
        fault = self.tell_centre(lists.report()) if lists.fault is None else lists.fault
        if fault is not None:
            log.warning("the alarm centre was not told: %s", fault.evidence, extra={"event": "night", "fault": str(fault.kind)})
        if lists.fault is not None:
            self.next_at = min(self.next_at, now + AGAIN)
        return lists


def next_hour(now: datetime, hours: Sequence[time]) -> datetime:
    """The next of these Swedish wall times after `now`; an hour later each where there are none."""
    day = (now + localtime.offset(now)).date()
    coming = [at for ahead in (0, 1, 2) for wall in hours if (at := localtime.instant(day + timedelta(days=ahead), wall)) > now]
    return min(coming, default=now + timedelta(hours=1))
