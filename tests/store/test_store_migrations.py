"""The tables as migrated are the tables as written down, on both databases."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from provisioner.fault import PlainError
from provisioner.store import migrate
from provisioner.store.engine import WRITES, open_engine
from provisioner.store.schema import metadata

ROOT = Path(__file__).parents[2]


def engine_of(url: str) -> sa.Engine:
    """An engine as the store opens it."""
    return open_engine(url, busy_timeout_s=2, synchronous="FULL")


def structure(engine: sa.Engine) -> list[tuple[str, ...]]:
    """Tables, columns, checks, keys and indexes with their conditions, as the database itself tells them."""
    queries = {
        "sqlite": ["SELECT type, name, tbl_name, replace(coalesce(sql, ''), '\t', '') FROM sqlite_master"],
        "postgresql": [
            "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '') FROM information_schema.columns"
            " WHERE table_schema = 'public'",
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace"],
    }[engine.dialect.name]
    with engine.connect() as connection:
        return sorted(tuple(" ".join(str(part).split()) for part in row) for query in queries for row in connection.execute(sa.text(query)))


def walked(engine: sa.Engine) -> None:
    """Go through every migration, from nothing."""
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        migrate.walk(connection, None)


def test_migrations_make_exactly_the_tables_and_indexes_of_the_schema(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    engine = engine_of(url)
    walked(engine)
    by_migrations = structure(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    assert migrate.current(engine) == migrate.HEAD
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
    assert migrate.current(engine) is None
    migrate.upgrade(engine)
    assert structure(engine) == by_migrations
    assert migrate.current(engine) == migrate.HEAD
    engine.dispose()


def test_cases_of_before_are_linked_to_their_forms(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    engine = engine_of(url)
    notice = '{"form_ref": "form-1", "person_ref": "person-1", "site_ref": "site-1"}'
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        migrate.walk(connection, None, "0006")
        connection.execute(sa.text("INSERT INTO cases (case_id, case_number, kind, state, revision, is_open, body, opened_at, updated_at)"
                                   " VALUES ('case-1', 'K-1', 'MOVE_ONLY', 'DRAFT', 1, 1, :body, 0, 0)"),
                           {"body": f'{{"handing_over": {notice}, "receiving": null}}'})
        migrate.walk(connection, "0006")
        found = connection.execute(sa.text("SELECT case_id, form_ref, part, subject_ref, site_ref FROM case_people")).fetchall()
    assert [tuple(row) for row in found] == [("case-1", "form-1", "handing_over", "person-1", "site-1")]
    engine.dispose()


def test_program_that_may_not_upgrade_refuses_any_other_version(url: str) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    engine = engine_of(url)
    with pytest.raises(PlainError, match="database_older"):
        migrate.check(engine)
    migrate.upgrade(engine)
    migrate.check(engine)
    for found, code in (("0000", "database_older"), ("9999", "database_newer")):
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :found"), {"found": found})
        with pytest.raises(PlainError, match=code):
            migrate.check(engine)
    engine.dispose()


def test_head_is_the_newest_migration_and_there_is_one_line_of_them() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_migration_that_fails_leaves_the_database_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    engine = engine_of(url)

    def dying(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(migrate, "_STAMP_TABLE", "CREATE NONSENSE")
    with pytest.raises(sa.exc.DBAPIError):
        migrate.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == []
    monkeypatch.undo()
    migrate.upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize("times", [1, 2], ids=["made", "opened again"])
def test_store_starts_without_alembic(tmp_path: Path, times: int) -> None:
    """Alembic costs 0.2 s and 10 MB of the start-up budget (1.5 s, 120 MB)."""
    code = ("import sys\nfrom provisioner.store.sql import SqlStore\nfrom provisioner.store.sealing import Sealer\n"
            f"SqlStore('sqlite:///{tmp_path}/p.db', Sealer(bytes(32))).close()\nsys.exit('alembic' in sys.modules)")
    for _ in range(times):
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
