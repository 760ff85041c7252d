"""The erasure run: what `case/retention.py` says is due goes, one case a transaction, and then out of the files too.

A run that is cut off has erased some cases wholly and the others not at all. That it did not finish stands in `retention_runs`, so that the next one
empties the files even where nothing more is due.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from provisioner.case.audit import Access, Action
from provisioner.case.retention import FORM_DAYS, Ended, Rule, is_due, term_of_case, years_before
from provisioner.ids import uuid7
from provisioner.store.persons import Persons
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import Tx

_OLD_CASES = text("SELECT case_id FROM cases WHERE is_open = 0 AND updated_at <= :before ORDER BY updated_at, case_id")
_CASE = text("SELECT is_open, coalesce((SELECT max(at) FROM journal WHERE journal.case_id = cases.case_id), updated_at), updated_at"
             " FROM cases WHERE case_id = :case_id")
_BINDINGS = text("SELECT bindings.state, bindings.updated_at FROM case_bindings JOIN bindings ON bindings.binding_id = case_bindings.binding_id"
                 " WHERE case_bindings.case_id = :case_id")
_OWN_BINDINGS = text("SELECT state, updated_at FROM bindings WHERE case_id = :case_id")
_COUNTS = text("SELECT sum(CASE WHEN is_open = 1 THEN 1 ELSE 0 END), count(*) FROM cases")
_ERASE_CASE = tuple(text(statement) for statement in (
    "DELETE FROM person_index WHERE form_ref IN (SELECT form_ref FROM case_people WHERE case_id = :case_id)"
    " AND form_ref NOT IN (SELECT form_ref FROM case_people WHERE case_id <> :case_id)",
    "DELETE FROM people WHERE person_ref IN (SELECT form_ref FROM case_people WHERE case_id = :case_id)"
    " AND person_ref NOT IN (SELECT form_ref FROM case_people WHERE case_id <> :case_id)",
    "DELETE FROM case_people WHERE case_id = :case_id",
    "DELETE FROM consents WHERE NOT EXISTS (SELECT 1 FROM case_people WHERE case_people.subject_ref = consents.person_ref)",
    "DELETE FROM notices WHERE case_id = :case_id",
    "DELETE FROM told WHERE case_id = :case_id",
    "DELETE FROM calls WHERE case_id = :case_id",
    "DELETE FROM owed WHERE case_id = :case_id",
    "DELETE FROM journal WHERE case_id = :case_id",
    "DELETE FROM case_bindings WHERE case_id = :case_id",
    "DELETE FROM bindings WHERE case_id = :case_id",
    "DELETE FROM cases WHERE case_id = :case_id"))
_HAS_CASE = "EXISTS (SELECT 1 FROM case_people WHERE case_people.subject_ref = {0}.subject_ref)"
_WHERE = {
    Rule.FORM_COPY: "FROM people WHERE updated_at <= :days AND NOT EXISTS (SELECT 1 FROM case_people WHERE case_people.form_ref = people.person_ref)",
    Rule.OPENING: f"FROM openings WHERE asked_at <= :years OR NOT {_HAS_CASE.format('openings')}",
    Rule.DECISION: "FROM decisions WHERE until IS NOT NULL AND until <= :years",
    Rule.CALL: "FROM calls WHERE case_id IS NULL AND raised_at <= :years",
    Rule.PROTECTION: f"FROM protections WHERE updated_at <= :days AND NOT {_HAS_CASE.format('protections')}",
}
_COUNT = {rule: text(f"SELECT count(*) {where}") for rule, where in _WHERE.items()}
_ERASE = {rule: text(f"DELETE {where}") for rule, where in _WHERE.items()}
_INDEX_LEFT = text("DELETE FROM person_index WHERE NOT EXISTS (SELECT 1 FROM people WHERE person_ref = form_ref)")
_OLD_LINES = text("SELECT count(*) FROM audit WHERE at < :before")
_BEGIN = text("INSERT INTO retention_runs (run_id, started_at, finished_at, report) VALUES (:run_id, :now, NULL, NULL)")
_FINISH = text("UPDATE retention_runs SET finished_at = :now, report = :report WHERE run_id = :run_id")
_CUT_OFF = text("SELECT 1 FROM retention_runs WHERE finished_at IS NULL AND run_id <> :run_id LIMIT 1")
_MEND = text("UPDATE retention_runs SET finished_at = :now WHERE finished_at IS NULL")
_RUNS = text("SELECT run_id, started_at, finished_at, report FROM retention_runs WHERE started_at >= :since ORDER BY started_at")


@dataclass(frozen=True, slots=True)
class Run:
    """One erasure run, or a look at what it would do. Counts by rule; `overdue` cases should have gone in an earlier year."""

    run_id: str
    dry_run: bool
    due: dict[Rule, int]
    erased: dict[Rule, int]
    overdue: int
    open_cases: int
    kept_cases: int
    files_emptied: bool | None   # None: nothing to empty


class Erasing(Persons):
    """The run."""

    def run_retention(self, now: datetime, access: Access, *, dry_run: bool = False) -> Run:
        """Erase all that is due, or with `dry_run` only count it. Raises `PlainError`; what was erased until then stays erased, all else is whole."""
        cases = [case_id for case_id in self._old_cases(now) if self._term_is_over(case_id, now)]
        overdue = sum(self._is_overdue(case_id, now) for case_id in cases)
        due = {Rule.CASE: len(cases), **self._others_due(now)}
        run_id = uuid7(now)
        if dry_run:
            return self._told_run(run_id, due, {}, overdue, None, dry_run=True)
        with self._write() as tx:
            tx.run(_BEGIN, run_id=run_id, now=to_us(now))
            cut_off = tx.one(_CUT_OFF, run_id=run_id) is not None
        erased = {Rule.CASE: sum(self._erase_case(case_id, now, access) for case_id in cases)}
        for rule in _ERASE:
            with self._write() as tx:
                erased[rule] = tx.run(_ERASE[rule], **self._bounds(rule, now))
                tx.run(_INDEX_LEFT)
                if erased[rule]:
                    self._note(tx, access, Action.ERASED, rule.value, "", now, erased[rule])
        erased[Rule.AUDIT_LOG] = self.cut_audit(years_before(now), now)
        anything = cut_off or any(erased.values())
        emptied = self.compact() if anything else None
        run = self._told_run(run_id, due, erased, overdue, emptied, dry_run=False)
        with self._write() as tx:
            tx.run(_FINISH, run_id=run_id, now=None if emptied is False else to_us(now), report=json.dumps({rule.value: count for rule, count in erased.items()}))
            if emptied is not False:
                tx.run(_MEND, now=to_us(now))
        return run

    def retention_runs(self, since: datetime) -> list[dict[str, Any]]:
        """The runs since then, oldest first. `finished_at` None: cut off."""
        with self._read() as tx:
            rows = tx.all(_RUNS, since=to_us(since))
        return [{"run": run_id, "started_at": from_us(started).isoformat(), "finished_at": None if ended is None else from_us(ended).isoformat(),
                 "erased": None if report is None else json.loads(report)} for run_id, started, ended, report in rows]

    def _old_cases(self, now: datetime) -> list[str]:
        with self._read() as tx:
            return [row[0] for row in tx.all(_OLD_CASES, before=to_us(years_before(now) + timedelta(days=2)))]

    def _ended(self, tx: Tx, case_id: str) -> Ended | None:
        row = tx.one(_CASE, case_id=case_id)
        if row is None:
            return None
        known = [*tx.all(_BINDINGS, case_id=case_id), *tx.all(_OWN_BINDINGS, case_id=case_id)]
        ends = tuple(from_us(at) if state == "RETIRED" else None for state, at in known)
        return Ended(bool(row[0]), from_us(max(row[1], row[2])), ends)

    def _term_is_over(self, case_id: str, now: datetime) -> bool:
        with self._read() as tx:
            ended = self._ended(tx, case_id)
        return ended is not None and is_due(ended, now)

    def _is_overdue(self, case_id: str, now: datetime) -> bool:
        with self._read() as tx:
            ended = self._ended(tx, case_id)
        term = None if ended is None else term_of_case(ended)
        return term is not None and term.latest_at < now

    def _erase_case(self, case_id: str, now: datetime, access: Access) -> bool:
        """One case, wholly; asked again inside the transaction whether it still is due."""
        with self._write() as tx:
            ended = self._ended(tx, case_id)
            if ended is None or not is_due(ended, now):
                return False
            for statement in _ERASE_CASE:
                tx.run(statement, case_id=case_id)
            self._note(tx, access, Action.ERASED, Rule.CASE.value, case_id, now)
        return True

    def _bounds(self, rule: Rule, now: datetime) -> dict[str, int]:
        return {"years": to_us(years_before(now))} if rule in (Rule.OPENING, Rule.DECISION, Rule.CALL) else {"days": to_us(now - timedelta(days=FORM_DAYS))}

    def _others_due(self, now: datetime) -> dict[Rule, int]:
        with self._read() as tx:
            found = {rule: int(tx.scalar(statement, **self._bounds(rule, now))) for rule, statement in _COUNT.items()}
        with (self._audit_to or self)._read() as tx:
            found[Rule.AUDIT_LOG] = int(tx.scalar(_OLD_LINES, before=to_us(years_before(now))))
        return found

    def _told_run(self, run_id: str, due: dict[Rule, int], erased: dict[Rule, int], overdue: int, emptied: bool | None, *, dry_run: bool) -> Run:
        with self._read() as tx:
            is_open, all_cases = tx.one(_COUNTS) or (0, 0)
        return Run(run_id, dry_run, due, erased, overdue, int(is_open or 0), int(all_cases), emptied)
