"""Opening the database: one way for SQLite and PostgreSQL, with the settings that durability stands on."""

import os
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from provisioner.fault import PlainError, Text
from provisioner.store.schema import ready_for_postgresql
from provisioner.store.troubles import plain_from

Synchronous = Literal["FULL", "NORMAL", "OFF"]
WRITES = "provisioner_writes"
"""Execution option of a connection that will write: on SQLite its transaction takes the write lock at once. A transaction that begins by reading
and writes later cannot wait for the lock: SQLite refuses it, because what was read may be old by then."""


def open_engine(url: str, *, busy_timeout_s: float, synchronous: Synchronous) -> Engine:
    """An engine for `sqlite:///PATH`, `sqlite://` (in memory, for tests) or `postgresql+psycopg://...`; nothing is connected yet.

    Raises `PlainError`: `bad_database_url`, `database_unreachable` (the folder cannot be made), `database_readonly`.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _bad_url("?") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_timeout_s, synchronous)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, busy_timeout_s)
    raise _bad_url(parsed.drivername)


def _bad_url(what: str) -> PlainError:
    return PlainError("bad_database_url", Text(
        f"Databasens adress ({what}) går inte att använda. Skriv sqlite:///SÖKVÄG eller postgresql+psycopg://....",
        f"The database address ({what}) cannot be used. Write sqlite:///PATH or postgresql+psycopg://...."), exit_code=78)


def is_memory(url: URL) -> bool:
    """Whether this SQLite database lives in memory and ends with its one connection."""
    return url.database in (None, "", ":memory:")


def _sqlite(url: URL, busy_timeout_s: float, synchronous: Synchronous) -> Engine:
    if is_memory(url):
        engine = create_engine(url, poolclass=StaticPool, connect_args={"isolation_level": None, "check_same_thread": False})
    else:
        prepare_file(Path(str(url.database)))
        # isolation_level None: pysqlite begins no transactions of its own, we do, in `begin`.
        engine = create_engine(url, connect_args={"isolation_level": None, "timeout": busy_timeout_s})

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: Any) -> None:
        # FULL: the WAL is synced at each commit, so that what take() returned from is on the disk when the power goes.
        # secure_delete: what is erased is overwritten, not only unlinked (https://www.sqlite.org/pragma.html#pragma_secure_delete).
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "trusted_schema=OFF", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")

    _translate(engine)
    return engine


def _postgresql(url: URL, busy_timeout_s: float) -> Engine:
    ready_for_postgresql()
    wait_ms = int(busy_timeout_s * 1000)
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={
            "connect_timeout": max(2, int(busy_timeout_s)), "application_name": "provisioner",
            "options": f"-c lock_timeout={wait_ms} -c timezone=UTC"})
    except (NoSuchModuleError, ModuleNotFoundError):
        raise PlainError("postgres_driver_missing", Text(
            "PostgreSQL-drivrutinen saknas. Installera provisioner[postgres].",
            "The PostgreSQL driver is missing. Install provisioner[postgres]."), exit_code=78) from None
    _translate(engine)
    return engine


def _translate(engine: Engine) -> None:
    """Let each foreign error that has a sentence leave the engine as that sentence (`troubles.py`); the others leave as they are."""

    @event.listens_for(engine, "handle_error")
    def to_plain(context: Any) -> None:
        if context.is_pre_ping:
            return  # the pool asks whether a connection still lives, and makes a new one where it does not
        found = plain_from(context.original_exception)
        if found is not None:
            raise found from None


def prepare_file(path: Path) -> None:
    """Make the folder (0700) and an empty file (0600) where they are missing: SQLite would make the file readable for everybody.

    Raises `PlainError` (`database_unreachable`, `database_readonly`).
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise PlainError("database_unreachable", Text(
            f"Databasen {path} går inte att skapa: {error.strerror}.", f"The database {path} cannot be created: {error.strerror}."),
            exit_code=69, http_status=503) from None
    as_effective = os.access in os.supports_effective_ids
    if not (os.access(path, os.W_OK, effective_ids=as_effective) and os.access(path.parent, os.W_OK | os.X_OK, effective_ids=as_effective)):
        raise PlainError("database_readonly", Text(
            f"Databasen {path} kan bara läsas. Ge tjänstens användare skrivrätt till filen och dess mapp.",
            f"The database {path} can only be read. Give the service's user write access to the file and its folder."), exit_code=74, http_status=503)


