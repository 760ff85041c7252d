"""The erasure run: what is due goes, also out of the files; what is not due stays; a run that is cut off is safe."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_world import NOW, POLICY, Script, binding, everything, opened, rows, said

from provisioner.case.audit import Access, Purpose
from provisioner.case.model import BindingState, Notice, State
from provisioner.case.retention import Rule
from provisioner.store import erasing
from provisioner.store.keeping import Person
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
ME = Access("drift", "operations", Purpose.RETENTION)
MARK = "Kanariegatan 7"
YEARS_6 = NOW + timedelta(days=6 * 365 + 2)


def closed(store: SqlStore, script: Script, case_id: str, at: datetime, state: BindingState = BindingState.RETIRED) -> None:
    """A case that closed at `at`, with a form and a binding."""
    ref = f"form-{case_id}"
    store.put_person(Person(ref, "form", {"name": f"Astrid {case_id}", "person_number": "18900101-9802", "address": MARK}), at)
    opened(store, case_id)
    notice = Notice(ref, at, f"person-{case_id}", "unit-1", "provider-1", "site-1", None, None, ())
    script.answers(state=State.CLOSED, receiving=notice, old_binding=binding(f"b-{case_id}", state, 9, serial=f"ACCC8E{case_id[-1]:0>6}"))
    store.take(case_id, said(), at, POLICY)
    store.put_person(Person(ref, "form", {"name": f"Astrid {case_id}", "person_number": "18900101-9802", "address": MARK}), at)


def test_u29_only_what_is_due_goes_and_the_report_says_what(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    closed(store, script, "case-1", NOW)
    closed(store, script, "case-2", NOW, BindingState.ACTIVE)
    closed(store, script, "case-3", YEARS_6 - timedelta(days=100))
    opened(store, "case-4")
    store.put_person(Person("form-lost", "form", {"name": "Ingen"}), NOW)
    look = store.run_retention(YEARS_6, ME, dry_run=True)
    before = everything(url)
    assert look.due[Rule.CASE] == 1 and look.erased == {} and look.due[Rule.FORM_COPY] == 1
    assert store.run_retention(NOW + timedelta(days=4 * 365), ME, dry_run=True).due[Rule.CASE] == 0 and everything(url) == before
    run = store.run_retention(YEARS_6, ME)
    assert run.erased[Rule.CASE] == 1 and run.erased[Rule.FORM_COPY] == 1 and run.open_cases == 1 and run.kept_cases == 3 and run.files_emptied
    assert {row["case_id"] for row in rows(url, "cases")} == {"case-2", "case-3", "case-4"}, "open, in force, or younger: never"
    for table in ("journal", "owed", "told", "case_people", "case_bindings", "bindings"):
        assert "case-1" not in {row["case_id"] for row in rows(url, table)}, table
    assert {row["person_ref"] for row in rows(url, "people")} == {"form-case-2", "form-case-3"}
    assert store.find_person(YEARS_6, ME, name="Astrid case-1") == []
    assert store.verify_audit().broken is None
    lines = [(line.action, line.kind, line.ref) for line in store.audit_lines()]
    assert ("erased", "case", "case-1") in lines and ("erased", "form_copy", "") in lines
    again = store.run_retention(YEARS_6, ME)
    assert sum(again.erased.values()) == 0 and again.files_emptied is None
    [first, second] = store.retention_runs(NOW)
    assert first["erased"]["case"] == 1 and second["finished_at"] is not None


def test_what_was_erased_is_in_no_file_of_the_database(open_at: Open, sqlite_path: Path) -> None:
    script = Script()
    address = f"sqlite:///{sqlite_path}"
    store = open_at(address, decide=script)
    closed(store, script, "case-1", NOW)
    [blob] = [bytes(row["sealed"]) for row in rows(address, "people")]

    def files_with(what: bytes) -> list[str]:
        return [file.name for file in sqlite_path.parent.iterdir() if what in file.read_bytes()]

    assert files_with(blob) and files_with(b"b-case-1")
    assert store.run_retention(YEARS_6, ME).files_emptied is True
    assert files_with(blob) == [] and files_with(b"b-case-1") == [] and files_with(MARK.encode()) == []


@pytest.mark.parametrize("at", range(0, len(erasing._ERASE_CASE), 2))
def test_run_that_is_cut_off_has_erased_a_case_wholly_or_not_at_all(open_store: Open, url: str, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script()
    store = open_store(decide=script)
    closed(store, script, "case-1", NOW)
    closed(store, script, "case-2", NOW)
    with monkeypatch.context() as patch:
        statements = list(erasing._ERASE_CASE)
        real = SqlStore._erase_case

        def dying(self: SqlStore, case_id: str, now: datetime, access: Access) -> bool:
            if case_id == "case-2":
                patch.setattr(erasing, "_ERASE_CASE", (*statements[:at], sa.text("SELECT no_such_column FROM cases")))
            return real(self, case_id, now, access)

        patch.setattr(SqlStore, "_erase_case", dying)
        with pytest.raises(Exception, match="no_such_column"):
            store.run_retention(YEARS_6, ME)
    assert {row["case_id"] for row in rows(url, "cases")} == {"case-2"}
    assert {row["case_id"] for row in rows(url, "journal")} == {"case-2"} and {row["person_ref"] for row in rows(url, "people")} == {"form-case-2"}
    run = store.run_retention(YEARS_6, ME)
    assert run.erased[Rule.CASE] == 1 and run.files_emptied is True
    assert [one["finished_at"] is not None for one in store.retention_runs(NOW)] == [True, True], "the second has finished what the first began"


def test_next_run_empties_the_files_for_one_that_was_cut_off(open_store: Open) -> None:
    store = open_store()
    with store._write() as tx:
        tx.run(erasing._BEGIN, run_id="run-killed", now=0)
    assert store.run_retention(NOW, ME).files_emptied is True
    assert store.run_retention(NOW, ME).files_emptied is None


def test_reader_that_holds_the_old_pages_is_said(open_at: Open, sqlite_path: Path) -> None:
    script = Script()
    store = open_at(f"sqlite:///{sqlite_path}", decide=script, busy_timeout_s=0.2)
    closed(store, script, "case-1", NOW)
    engine = sa.create_engine(f"sqlite:///{sqlite_path}")
    with engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT count(*) FROM people").fetchall()
        assert store.run_retention(YEARS_6, ME).files_emptied is False
    engine.dispose()
    assert store.run_retention(YEARS_6, ME).files_emptied is True
