"""The open database: transactions, health, closing. The groups of methods in `listing.py`, `keeping.py` and `sql.py` stand on it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from provisioner.store import migrate
from provisioner.store.engine import Synchronous, is_memory, open_engine
from provisioner.store.sealing import Sealer
from provisioner.store.troubles import locked
from provisioner.store.tx import Compiler, Translated, Tx


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What `doctor` tells of the database. Bytes; None where it does not apply or cannot be known from here."""

    kind: str                     # "sqlite" or "postgresql"
    place: str                    # path, or address without the password
    server_version: str
    schema_version: str | None
    schema_wanted: str
    journal_mode: str | None      # SQLite: "wal"
    synchronous: str | None       # SQLite: "FULL"; PostgreSQL: synchronous_commit
    size_bytes: int | None
    free_bytes: int | None        # on the disk of the SQLite file
    open_cases: int
    owed: int                     # effects not settled


_SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}  # https://www.sqlite.org/pragma.html#pragma_synchronous


class Database:
    """One database, opened and brought to this program's version.

    Threads may share it. On SQLite the writers of one process queue here: SQLite's own queue is a sleep with growing pauses.
    """

    def __init__(self, url: str, sealer: Sealer, *, busy_timeout_s: float = 5.0, synchronous: Synchronous = "FULL", upgrade: bool = True) -> None:
        """Open `url` (`sqlite:///PATH`, `sqlite://`, `postgresql+psycopg://...`); make or upgrade the tables. With `upgrade` False anything but
        today's version is refused (`database_older`, `database_newer`).

        `busy_timeout_s`: how long to wait for another program's write lock. `synchronous` other than FULL is for simulations only: a power cut may
        then take the last commits. Raises `PlainError`, see `troubles.py`.
        """
        self._sealer = sealer
        self._busy_timeout_s = busy_timeout_s
        self._engine = open_engine(url, busy_timeout_s=busy_timeout_s, synchronous=synchronous)
        self._compiler = Compiler(self._engine.dialect)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._is_memory = self._is_sqlite and is_memory(self._engine.url)
        self._turn = threading.Lock()
        try:
            (migrate.upgrade if upgrade else migrate.check)(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self._busy_timeout_s + 1):
            raise locked()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _write(self) -> Iterator[Tx]:
        """One writing transaction: committed, and on the disk, when the block ends; rolled back when it raises.

        On SQLite it takes the write lock at once: a transaction that reads first and writes later cannot wait for the lock, SQLite refuses it,
        because what was read may be old by then.
        """
        with self._queue() if self._is_sqlite else nullcontext(), self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx

    @contextmanager
    def _read(self) -> Iterator[Tx]:
        """One reading transaction. On SQLite everything in it is of one moment; on PostgreSQL each statement is."""
        with self._queue() if self._is_memory else nullcontext(), self._transaction("BEGIN") as tx:  # in memory there is one connection for all
            yield tx

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Tx]:
        with Translated(self._engine.dialect):
            connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            if self._is_sqlite:  # psycopg begins by itself
                with Translated(self._engine.dialect):
                    cursor.execute(begin)
            yield Tx(cursor, self._compiler)
            cursor.close()
            with Translated(self._engine.dialect):
                connection.commit()
        finally:
            connection.close()  # back to the pool, which rolls back whatever was not committed

    def ping(self) -> None:
        """Return if the database can be written to now. Raises `PlainError`: locked, read-only, unreachable, damaged."""
        with self._write() as tx:
            tx.run(text("UPDATE alembic_version SET version_num = version_num"))

    def facts(self) -> StoreFacts:
        """What `doctor` shows. Raises `PlainError`."""
        with self._read() as tx:
            def one(sql: str) -> str | int | None:
                found: str | int | None = tx.scalar(text(sql))
                return found

            open_cases = int(one("SELECT count(*) FROM cases WHERE is_open = 1") or 0)
            owed = int(one("SELECT count(*) FROM owed WHERE settled_at IS NULL") or 0)
            version = one("SELECT version_num FROM alembic_version")
            if self._is_sqlite:
                server, mode = str(one("SELECT sqlite_version()")), str(one("PRAGMA journal_mode"))
                synchronous = _SYNCHRONOUS.get(int(one("PRAGMA synchronous") or 0))
                size: int | None = int(one("PRAGMA page_count") or 0) * int(one("PRAGMA page_size") or 0)
            else:
                server, mode = str(one("SHOW server_version")), None
                synchronous, size = str(one("SHOW synchronous_commit")), int(one("SELECT pg_database_size(current_database())") or 0)
        url = self._engine.url
        on_disk = self._is_sqlite and not self._is_memory
        return StoreFacts(
            kind=self._engine.dialect.name, place=str(url.database) if on_disk else url.render_as_string(hide_password=True), server_version=server,
            schema_version=None if version is None else str(version), schema_wanted=migrate.HEAD, journal_mode=mode, synchronous=synchronous,
            size_bytes=size, free_bytes=shutil.disk_usage(Path(str(url.database)).absolute().parent).free if on_disk else None,
            open_cases=open_cases, owed=owed)

    def compact(self) -> bool:
        """Take what was erased out of the files: free pages, and old pages in the WAL. False where another program's reading kept the WAL from being
        emptied; it is tried again by the next call. On PostgreSQL dead rows go (VACUUM); its own WAL and backups are the operator's to let expire."""
        if self._is_memory:
            return True
        connection = self._engine.raw_connection()
        try:
            driver: Any = connection.driver_connection
            with self._queue() if self._is_sqlite else nullcontext(), Translated(self._engine.dialect):
                if self._is_sqlite:
                    driver.execute("VACUUM")
                    return bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
                driver.rollback()
                driver.autocommit = True
                try:
                    driver.execute("VACUUM")
                finally:
                    driver.autocommit = False
                return True
        finally:
            connection.close()

    def close(self) -> None:
        """Give the connections back. The last one that closes a SQLite file also empties its WAL."""
        self._engine.dispose()
