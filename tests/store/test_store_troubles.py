"""Bad surroundings: each gives a sentence with a code, in time, and nothing is lost."""

import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from store_world import NOW, POLICY, SEALER, Script, everything, notice, opened, said
from store_world import ask as asked

from provisioner.fault import PlainError
from provisioner.store.sql import SqlStore
from provisioner.store.troubles import plain_from

Open = Callable[..., SqlStore]
NOBODY = 65534

HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def lock_of_another_process(path: Path) -> Iterator[None]:
    """The write lock is with another process."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate("\n")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere; as somebody else the file's permissions count."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


def test_locked_by_another_process_is_said_in_time_and_passes(open_at: Open, sqlite_path: Path) -> None:
    url = f"sqlite:///{sqlite_path}"
    script = Script()
    store = open_at(url, decide=script, busy_timeout_s=0.3)
    opened(store)
    before = everything(url)
    with lock_of_another_process(sqlite_path):
        assert store.load("case-1").case_id == "case-1"  # readers go on
        for doing in (lambda: store.take("case-1", said(), NOW, POLICY), store.ping, lambda: store.claim("w", NOW, 5)):
            began = time.monotonic()
            with pytest.raises(PlainError) as caught:
                doing()
            assert (caught.value.code, caught.value.exit_code, caught.value.http_status) == ("database_locked", 75, 503)
            assert 0.2 < time.monotonic() - began < 5
        again = SqlStore(url, SEALER, busy_timeout_s=0.3)  # an up-to-date database opens without the write lock
        again.close()
    assert everything(url) == before
    store.ping()
    assert store.take("case-1", said(), NOW, POLICY).outcome.verdict == "dropped"


def test_locked_row_on_postgresql_is_said_in_time_and_passes(open_at: Open, postgres_url: str) -> None:
    store = open_at(postgres_url, decide=Script(), busy_timeout_s=0.3)
    opened(store)
    engine = sa.create_engine(postgres_url)
    with engine.begin() as other:
        other.execute(sa.text("SELECT * FROM cases FOR UPDATE"))
        with pytest.raises(PlainError) as caught:
            store.take("case-1", said(), NOW, POLICY)
        assert caught.value.code == "database_locked"
    engine.dispose()
    store.take("case-1", said(), NOW, POLICY)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_read_only_file_or_folder_is_said_at_the_start(sqlite_path: Path, tmp_path: Path, what: str) -> None:
    for folder in (tmp_path, *tmp_path.parents):  # pytest's folders are for root alone
        if folder.stat().st_uid == os.geteuid() and folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    SqlStore(f"sqlite:///{sqlite_path}", SEALER).close()
    sqlite_path.chmod(0o444 if what == "file" else 0o666)
    sqlite_path.parent.chmod(0o777 if what == "file" else 0o555)
    try:
        with as_nobody(), pytest.raises(PlainError) as caught:
            SqlStore(f"sqlite:///{sqlite_path}", SEALER)
        assert (caught.value.code, caught.value.exit_code) == ("database_readonly", 74)
    finally:
        sqlite_path.parent.chmod(0o700)


def test_read_only_transaction_is_said(open_at: Open, sqlite_path: Path) -> None:
    store = open_at(f"sqlite:///{sqlite_path}", decide=Script())
    opened(store)
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # what SQLite answers on a read-only mount
    with pytest.raises(PlainError) as caught:
        store.take("case-1", said(), NOW, POLICY)
    assert caught.value.code == "database_readonly"


def test_read_only_server_is_said(open_at: Open, postgres_url: str) -> None:
    store = open_at(postgres_url, decide=Script())
    opened(store)
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
    engine.dispose()
    other = open_at(postgres_url, decide=Script())
    with pytest.raises(PlainError) as caught:
        other.take("case-1", said(), NOW, POLICY)
    assert caught.value.code == "database_readonly"


def test_full_disk_is_said_nothing_is_lost_and_work_goes_on_when_there_is_space(open_at: Open, sqlite_path: Path) -> None:
    url = f"sqlite:///{sqlite_path}"
    script = Script()
    store = open_at(url, decide=script)
    opened(store)

    def pages(most: int) -> None:
        with store._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")

    pages(1)  # SQLite raises it to the size the file has now
    taken = 0
    with pytest.raises(PlainError) as caught:
        while True:
            script.answers(asks=(asked(notice(f"n{taken}")),))
            store.take("case-1", said("x" * 2000), NOW, POLICY)
            taken += 1
    assert (caught.value.code, caught.value.exit_code, caught.value.http_status) == ("disk_full", 74, 507)
    assert len(store.journal("case-1")) == taken + 1
    assert len(everything(url)["owed"]) == taken
    pages(1_000_000)
    store.take("case-1", said("x" * 2000), NOW, POLICY)
    assert len(store.journal("case-1")) == taken + 2


def test_newer_database_is_refused_and_left_alone(open_store: Open, url: str) -> None:
    opened(open_store(decide=Script()))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(PlainError) as caught:
        open_store()
    assert (caught.value.code, caught.value.exit_code) == ("database_newer", 78)
    assert "9999" in caught.value.text.en
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


@pytest.mark.parametrize("content", [b"Det var en gang en katt. " * 400, b"SQLite format 3\x00" + b"\xff" * 4096], ids=["text", "damaged header"])
def test_garbage_file_is_refused_and_left_alone(sqlite_path: Path, content: bytes) -> None:
    sqlite_path.parent.mkdir()
    sqlite_path.write_bytes(content)
    with pytest.raises(PlainError) as caught:
        SqlStore(f"sqlite:///{sqlite_path}", SEALER)
    assert caught.value.code == "not_a_database"
    assert sqlite_path.read_bytes() == content


def test_database_of_another_program_is_refused_and_left_alone(open_store: Open, url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE hens (name TEXT)"))
    with pytest.raises(PlainError) as caught:
        open_store()
    assert caught.value.code == "not_a_database"
    assert sa.inspect(engine).get_table_names() == ["hens"]
    engine.dispose()


def test_damaged_row_is_said_with_its_place_and_without_its_content(open_store: Open, url: str) -> None:
    opened(open_store(decide=Script()))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("""UPDATE cases SET body = '{"case_id": "case-1", "name": "Astrid"}'"""))
    engine.dispose()
    with pytest.raises(PlainError) as caught:
        open_store().load("case-1")
    assert caught.value.code == "row_unreadable"
    assert "Astrid" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://x/y", "nonsense", "", "postgresql+nodriver://x/y"])
def test_address_that_cannot_be_used_is_said(address: str) -> None:
    with pytest.raises(PlainError) as caught:
        SqlStore(address, SEALER)
    assert caught.value.code in {"bad_database_url", "postgres_driver_missing"}


def test_server_that_is_not_there_is_said_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(PlainError) as caught:
        SqlStore(f"postgresql+psycopg://me:s3cret@/db?host={tmp_path}", SEALER)
    assert caught.value.code == "database_unreachable"
    assert "s3cret" not in str(caught.value)


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlainError) as caught:
        SqlStore(f"sqlite:///{tmp_path}/file/below/p.db", SEALER)
    assert caught.value.code == "database_unreachable"


def test_lost_server_is_said_and_the_next_take_finds_it_again(open_at: Open, postgres_url: str, postgres: str) -> None:
    store = open_at(postgres_url, decide=Script())
    opened(store)
    name = str(sa.make_url(postgres_url).database)
    with psycopg.connect(f"host={postgres} user=provisioner dbname=postgres", autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    assert store.take("case-1", said(), NOW, POLICY).outcome.verdict == "dropped"  # the pool looks before it lends
    with psycopg.connect(f"host={postgres} user=provisioner dbname=postgres", autocommit=True) as admin:
        for allowed in ("false", "true"):
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS " + allowed).format(sql.Identifier(name)))
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            if allowed == "false":
                with pytest.raises(PlainError) as caught:
                    store.take("case-1", said(), NOW, POLICY)
                assert caught.value.code == "database_unreachable"
    store.take("case-1", said(), NOW, POLICY)


@pytest.mark.parametrize(("state", "code"), [("53100", "disk_full"), ("25006", "database_readonly"), ("40P01", "database_locked"),
                                             ("58030", "database_io"), ("57P01", "database_unreachable"), ("22021", "text_not_storable")])
def test_answers_of_postgresql_that_are_hard_to_provoke_have_their_sentence(state: str, code: str) -> None:
    error = plain_from(psycopg.errors.lookup(state)("as the server says it"))
    assert error is not None
    assert error.code == code


def test_bug_of_ours_has_no_sentence_and_goes_up() -> None:
    assert plain_from(sqlite3.ProgrammingError("wrong number of bindings")) is None
    assert plain_from(psycopg.errors.lookup("42601")("syntax error")) is None


def test_files_are_for_the_service_alone(open_at: Open, sqlite_path: Path) -> None:
    opened(open_at(f"sqlite:///{sqlite_path}", decide=Script()))
    assert stat.S_IMODE(sqlite_path.parent.stat().st_mode) == 0o700
    files = sorted(sqlite_path.parent.iterdir())
    assert [file.name for file in files] == ["provisioner.db", "provisioner.db-shm", "provisioner.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_sqlite_is_durable_and_doctor_is_told_so(open_at: Open, sqlite_path: Path) -> None:
    store = open_at(f"sqlite:///{sqlite_path}", decide=Script())
    opened(store)
    facts = store.facts()
    assert (facts.kind, facts.place, facts.journal_mode, facts.synchronous) == ("sqlite", str(sqlite_path), "wal", "FULL")
    assert facts.schema_version == facts.schema_wanted
    assert (facts.open_cases, facts.owed) == (1, 0)
    assert facts.free_bytes and facts.size_bytes


def test_doctor_is_told_of_postgresql(open_at: Open, postgres_url: str) -> None:
    facts = open_at(postgres_url).facts()
    assert (facts.kind, facts.synchronous, facts.schema_version, facts.free_bytes) == ("postgresql", "on", facts.schema_wanted, None)


def test_store_in_memory_keeps_the_same_promises() -> None:
    script = Script()
    store = SqlStore("sqlite://", SEALER, decide=script)
    opened(store)
    script.answers(asks=(asked(notice("n1")),))
    store.take("case-1", said(), NOW, POLICY)
    (owed,) = store.claim("w", NOW, 5)
    assert store.settle_told(owed, NOW)
    assert len(store.journal("case-1")) == 2
    store.ping()
    assert store.facts().free_bytes is None
    store.close()
