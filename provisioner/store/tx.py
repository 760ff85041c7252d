"""One transaction, spoken straight to the driver.

The statements are SQLAlchemy's, so that one text serves SQLite and PostgreSQL; they are compiled once per database and then run without
SQLAlchemy's execution machinery, which cost three quarters of the CPU of a `take`. Only plain integers, texts and bytes go in and out, so there is
nothing for it to convert.
"""

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.elements import ClauseElement

from provisioner.store.troubles import plain_from

Row = tuple[Any, ...]


class RowRefused(Exception):
    """A rule of the database (unique index, foreign key, check) refused a row; the transaction can only be rolled back now."""


class Compiler:
    """Statements as the driver wants them, each compiled at its first use."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._plans: dict[ClauseElement, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}

    def plan(self, statement: ClauseElement, names: list[str]) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        """The SQL; the parameters' order (None: by name); and the values that stand in the statement itself."""
        plan = self._plans.get(statement)
        if plan is None:
            compiled = statement.compile(dialect=self.dialect, column_keys=names)
            order = tuple(compiled.positiontup) if getattr(compiled, "positional", False) else None  # type: ignore[attr-defined]
            fixed = {name: value for name, value in compiled.params.items() if name not in names and value is not None}
            plan = self._plans[statement] = (str(compiled), order, fixed)
        return plan


class Tx:
    """Runs statements in the caller's transaction. Every method raises `PlainError` (`troubles.py`) or `RowRefused`."""

    __slots__ = ("_compiler", "_cursor")

    def __init__(self, cursor: DBAPICursor, compiler: Compiler) -> None:
        self._cursor = cursor
        self._compiler = compiler

    def _run(self, statement: ClauseElement, values: dict[str, Any]) -> DBAPICursor:
        sql, order, fixed = self._compiler.plan(statement, list(values))
        if fixed:
            values = {**fixed, **values}
        with Translated(self._compiler.dialect):
            self._cursor.execute(sql, values if order is None else [values[name] for name in order])
        return self._cursor

    def run(self, statement: ClauseElement, **values: Any) -> int:
        """The number of rows it changed."""
        return self._run(statement, values).rowcount

    def one(self, statement: ClauseElement, **values: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._run(statement, values).fetchone()
        return row

    def scalar(self, statement: ClauseElement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def all(self, statement: ClauseElement, **values: Any) -> list[Row]:
        """All rows."""
        return list(self._run(statement, values).fetchall())

    def dicts(self, statement: ClauseElement, **values: Any) -> list[dict[str, Any]]:
        """All rows, by column name."""
        cursor = self._run(statement, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Translated:
    """Context in which the driver's errors become `PlainError` or `RowRefused`; what is neither leaves as it is: a bug of ours."""

    __slots__ = ("_dialect",)

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> None:
        if error is None:
            return
        driver: Any = self._dialect.loaded_dbapi
        if isinstance(error, driver.IntegrityError):
            # Not str(error): PostgreSQL's DETAIL may hold the whole row.
            raise RowRefused(getattr(getattr(error, "diag", None), "message_primary", None) or str(error)) from None
        if isinstance(error, driver.Error | UnicodeEncodeError):
            found = plain_from(error)
            if found is not None:
                raise found from None
