"""Which version the database has, and the way to ours.

An empty database gets today's tables at once and is stamped with HEAD; an older one is taken through the migrations. A test holds that both ways
end in the same tables and indexes. Alembic (220 ms, 10 MB) is imported only when there is something to migrate: the version is one plain SELECT.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from provisioner.fault import PlainError, Text
from provisioner.store import schema_desk  # noqa: F401 - its tables are of this metadata
from provisioner.store.engine import WRITES
from provisioner.store.schema import metadata

HEAD = "0009"
"""The version this program was written for; a test holds it to the newest file in `migrations/versions/`."""

_STAMP_TABLE = "CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) )"
_ADVISORY_LOCK = 0x70726F76  # "prov": two daemons that start on one empty PostgreSQL make the tables once


def current(engine: Engine) -> str | None:
    """The version of the database; None where it has none (empty, or not ours). Raises `PlainError` (`troubles.py`)."""
    with engine.connect() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def check(engine: Engine) -> None:
    """Return if the database is at HEAD. Raises `PlainError`: `database_older` (or empty), `database_newer`."""
    found = current(engine)
    if found == HEAD:
        return
    if found is not None and found > HEAD:  # versions are numbers of four digits
        raise _newer(found)
    raise PlainError("database_older", Text(
        f"Databasen har version {found or 'ingen'}, programmet behöver {HEAD}. Starta tjänsten en gång, den uppgraderar databasen.",
        f"The database has version {found or 'none'}, the program needs {HEAD}. Start the service once, it upgrades the database."),
        exit_code=78, http_status=500)


def _newer(found: str) -> PlainError:
    return PlainError("database_newer", Text(
        f"Databasen har version {found}, som är nyare än det här programmet ({HEAD}). Uppgradera programmet eller återställ kopian från före.",
        f"The database has version {found}, which is newer than this program ({HEAD}). Upgrade the program or restore the backup from before."),
        exit_code=78, http_status=500)


def upgrade(engine: Engine) -> None:
    """Bring the database to HEAD, in one transaction: all of it or nothing.

    Raises `PlainError`: `database_newer`, `not_a_database` (foreign tables), and those of `troubles.py`.
    """
    if current(engine) == HEAD:
        return
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        found = _version(connection)  # again: somebody may have been here while we waited for the lock
        if found is None:
            _create(connection)
        elif found != HEAD:
            walk(connection, found)


def _create(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        raise PlainError("not_a_database", Text(
            "Databasen innehåller tabeller från ett annat program. Ange en tom databas eller rätt fil.",
            "The database holds tables of another program. Give an empty database or the right file."), exit_code=78, http_status=500)
    metadata.create_all(connection)
    connection.execute(text(_STAMP_TABLE))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def walk(connection: Connection, found: str | None, to: str = "head") -> None:
    """Run the migrations from version `found` (None: from nothing) to HEAD, or to an older version, inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise _newer(found)
    command.upgrade(config, to)
