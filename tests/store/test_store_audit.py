"""The audit log on both databases: one chain whoever writes, append-only by the database itself, a line for each read."""

import inspect
import multiprocessing
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from store_world import NOW, POLICY, SEALER, Script, later, opened, rows, said

from provisioner.case.audit import Access, Action, Breach, Purpose
from provisioner.fault import PlainError
from provisioner.store import persons
from provisioner.store.keeping import Person
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
ME = Access("cecilia", "coordinator", Purpose.SUPPORT, "cli.cecilia")


def write_many(url: str, name: str, lines: int) -> None:
    """One process of several."""
    store = SqlStore(url, SEALER, busy_timeout_s=30)
    for number in range(lines):
        store.note(Access(name, "system", Purpose.MAINTENANCE), Action.READ, "case", f"case-{number}", NOW)
    store.close()


def test_writers_of_several_processes_keep_one_chain(open_store: Open, url: str) -> None:
    store = open_store(busy_timeout_s=30)
    processes: list[Any]
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=write_many, args=(url, "writer-process", 8))]
    processes += [threading.Thread(target=write_many, args=(url, f"writer-{n}", 8)) for n in range(2)]
    for process in processes:
        process.start()
    for number in range(8):
        store.note(ME, Action.SHOWN, "frame", f"case-{number}", NOW)
    for process in processes:
        process.join(60)
        assert getattr(process, "exitcode", 0) == 0
    found = store.verify_audit()
    assert found.broken is None and found.lines == 32
    assert [line.seq for line in store.audit_lines()] == list(range(1, 33))


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'nobody' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit",
                                       "UPDATE audit_cuts SET upto_seq = 99", "DELETE FROM audit_cuts"])
def test_database_refuses_to_change_or_remove_a_line(open_store: Open, url: str, statement: str) -> None:
    store = open_store()
    for number in range(3):
        store.note(ME, Action.READ, "case", f"case-{number}", NOW)
    assert store.cut_audit(NOW + timedelta(days=1), NOW + timedelta(days=2)) == 3  # a sanctioned cut has its row in audit_cuts
    for number in range(3):
        store.note(ME, Action.READ, "case", f"case-{number}", NOW)
    before = rows(url, "audit")
    engine = sa.create_engine(url)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(sa.text(statement.replace("seq = 2", "seq = 5")))
    if url.startswith("postgres"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE audit"))
    engine.dispose()
    assert rows(url, "audit") == before and store.verify_audit().broken is None


@pytest.mark.parametrize(("wrong", "breach", "at"), [
    ("UPDATE audit SET purpose = 'case' WHERE seq = 3", Breach.CHANGED, 3), ("DELETE FROM audit WHERE seq = 3", Breach.REMOVED, 4),
    ("DELETE FROM audit WHERE seq < 3", Breach.CUT_UNSAID, 3), ("UPDATE audit SET seq = 9 - seq WHERE seq IN (4, 5)", Breach.UNCHAINED, 4)])
def test_whoever_gets_past_the_triggers_is_named_by_the_verifier(open_store: Open, url: str, wrong: str, breach: Breach, at: int) -> None:
    store = open_store()
    for number in range(6):
        store.note(ME, Action.READ, "case", f"case-{number}", NOW)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for name in ("audit_keeps", "audit_stays"):
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        if "9 - seq" in wrong:
            for one in ("SET seq = 99 WHERE seq = 4", "SET seq = 4 WHERE seq = 5", "SET seq = 5 WHERE seq = 99"):
                connection.execute(sa.text(f"UPDATE audit {one}"))
        else:
            connection.execute(sa.text(wrong))
    engine.dispose()
    broken = store.verify_audit().broken
    assert broken is not None and (broken.seq, broken.breach) == (at, breach)


def test_cut_erases_a_beginning_and_says_so(open_store: Open) -> None:
    store = open_store()
    for number in range(5):
        store.note(ME, Action.READ, "case", f"case-{number}", later(number))
    assert store.cut_audit(later(-1), later(99)) == 0
    assert store.cut_audit(later(3), later(99)) == 3
    assert [line.seq for line in store.audit_lines()] == [4, 5, 6]
    assert store.verify_audit().broken is None


def test_statements_of_people_are_in_the_log_and_the_systems_own_are_not(open_store: Open) -> None:
    store = open_store(decide=Script())
    opened(store)
    store.take("case-1", said(), later(1), POLICY)
    assert [(line.actor, line.role, line.action, line.kind, line.ref) for line in store.audit_lines()] == [("tech-1", "technician", "said", "task_done", "case-1")]


def test_h6_no_read_of_a_person_without_its_line(open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the line cannot be written nothing is read, and nothing is returned."""
    store = open_store()
    store.put_person(Person("form-1", "form", {"name": "Astrid Lindström", "person_number": "191212121212"}), NOW)
    assert store.read_person("form-1", NOW, ME) is not None
    line = list(store.audit_lines())[-1]
    assert (line.actor, line.role, line.via, line.action, line.kind, line.ref, line.purpose) == (
        "cecilia", "coordinator", "cli.cecilia", "read", "form", "form-1", "support")

    def full(*_: Any, **__: Any) -> None:
        raise PlainError("disk_full", persons.Text("Full.", "Full."))

    monkeypatch.setattr(SqlStore, "_note", full)
    for read in (lambda: store.read_person("form-1", NOW, ME), lambda: store.find_person(NOW, ME, name="Astrid Lindström")):
        with pytest.raises(PlainError, match="disk_full"):
            read()


def test_the_people_table_is_read_by_the_door_and_its_caretakers_alone() -> None:
    """Rotation and erasing handle blobs without showing them; everybody else goes through `persons.py`."""
    holders = {path.name for path in Path(inspect.getfile(persons)).parent.glob("*.py") if "FROM people" in path.read_text(encoding="utf-8")
               or "JOIN people" in path.read_text(encoding="utf-8")}
    assert holders <= {"persons.py", "erasing.py"}
    for name, method in inspect.getmembers(persons.Persons, inspect.isfunction):
        if name.startswith(("read_", "find_", "opening_", "protected_")):
            assert "access" in inspect.signature(method).parameters and "_note(" in inspect.getsource(method), name


def test_log_in_a_database_of_its_own_is_written_before_anything_is_read(open_at: Open, sqlite_path: Path, tmp_path: Path) -> None:
    store = open_at(f"sqlite:///{sqlite_path}", audit_url=f"sqlite:///{tmp_path}/log/audit.db")
    store.put_person(Person("form-1", "form", {"name": "Astrid"}), NOW)
    assert store.read_person("form-1", NOW, ME) is not None
    assert rows(f"sqlite:///{sqlite_path}", "audit") == []
    assert [row["action"] for row in sorted(rows(f"sqlite:///{tmp_path}/log/audit.db", "audit"), key=lambda row: row["seq"])] == ["wrote", "read"]
    assert store.verify_audit().lines == 2
