"""Supervision decisions: who is owed looks, and when. The list that the bindings are held against every night; references only, no names."""

import json
from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import text

from provisioner.case.model import Case, State
from provisioner.case.night import Decision
from provisioner.store.database import Database
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import Tx

_PUT = text("INSERT INTO decisions (decision_ref, site_ref, unit_ref, looks, cameras, valid_from, until, updated_at)"
            " VALUES (:decision_ref, :site_ref, :unit_ref, :looks, :cameras, :valid_from, :until, :now)"
            " ON CONFLICT (decision_ref) DO UPDATE SET site_ref = excluded.site_ref, unit_ref = excluded.unit_ref, looks = excluded.looks,"
            " cameras = excluded.cameras, valid_from = excluded.valid_from, until = excluded.until, updated_at = excluded.updated_at")
_LIST = text("SELECT decision_ref, site_ref, unit_ref, looks, cameras, valid_from, until FROM decisions WHERE until IS NULL OR until > :now ORDER BY decision_ref")
_ANY = text("SELECT 1 FROM decisions WHERE until IS NULL OR until > :now LIMIT 1")
_HOME = text("UPDATE decisions SET site_ref = :site_ref, updated_at = :now WHERE decision_ref = :decision_ref AND site_ref <> :site_ref")
_UNIT = text("UPDATE decisions SET unit_ref = :unit_ref, updated_at = :now WHERE decision_ref = :decision_ref AND unit_ref <> :unit_ref")
_OVER = text("UPDATE decisions SET until = :now, updated_at = :now WHERE decision_ref = :decision_ref AND until IS NULL")


def follow_case(tx: Tx, before: Case | None, case: Case, now: datetime) -> None:
    """The decision goes along with its case, in the case's own transaction: to the new home once supervision has begun there, to the new unit once its
    provider is responsible, to its end once two people have ended it. Where a decision is not in the list nothing happens: the night says so."""
    ref = next((notice.decision_ref for notice in (case.handing_over, case.receiving) if notice is not None and notice.decision_ref), None)
    receiving, home = case.receiving, case.home_binding
    if ref is None or receiving is None:
        return
    if case.began_at is not None and (before is None or (before.began_at, before.home_binding) != (case.began_at, home)):
        tx.run(_HOME, decision_ref=ref, site_ref=receiving.site_ref, now=to_us(now))
        if home is not None and home.provider_ref == receiving.provider_ref:
            tx.run(_UNIT, decision_ref=ref, unit_ref=receiving.unit_ref, now=to_us(now))
    if case.state is State.TERMINATED and (before is None or before.state is not State.TERMINATED):
        tx.run(_OVER, decision_ref=ref, now=to_us(now))


class Decisions(Database):
    """The methods of the decisions."""

    def put_decision(self, decision: Decision, now: datetime) -> None:
        """Keep a decision; said again, it replaces the earlier one (the person has moved, the looks are at other hours, it has an end)."""
        with self._write() as tx:
            tx.run(_PUT, decision_ref=decision.decision_ref, site_ref=decision.site_ref, unit_ref=decision.unit_ref, cameras=decision.cameras,
                   looks=json.dumps([f"{at:%H:%M}" for at in decision.looks]), valid_from=to_us(decision.valid_from),
                   until=None if decision.until is None else to_us(decision.until), now=to_us(now))

    def has_decisions(self, now: datetime) -> bool:
        """Whether any holds now, or begins later."""
        with self._read() as tx:
            return tx.one(_ANY, now=to_us(now)) is not None

    def decisions(self, now: datetime) -> list[Decision]:
        """All that hold now, or begin later."""
        with self._read() as tx:
            return [_decision(row) for row in tx.all(_LIST, now=to_us(now))]


@lru_cache(maxsize=256)
def _looks(stored: str) -> tuple[time, ...]:
    """A municipality has a handful of timetables and thousands of decisions."""
    return tuple(time.fromisoformat(at) for at in json.loads(stored))


def _decision(row: Sequence[Any]) -> Decision:
    decision_ref, site_ref, unit_ref, looks, cameras, valid_from, until = row
    return Decision(decision_ref, site_ref, unit_ref, _looks(looks), from_us(valid_from),
                    None if until is None else from_us(until), cameras)
