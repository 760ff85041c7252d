"""The audit log on the disk: one chain whoever writes, and a database that refuses to change or remove a line (`case/audit.py` has the rules).

On SQLite the write lock makes one writer of many; on PostgreSQL an advisory lock does, taken last in a transaction and held until its end, so that nobody
who has it waits for a row. Where the log has a database of its own, its line is on the disk there before anything is read or committed here: a line may
then tell of something that did not happen after all, never the other way round.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import insert, text

from provisioner.case import audit
from provisioner.case.audit import Access, Action, Line, Purpose, Verified
from provisioner.store import schema
from provisioner.store.database import Database
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import Tx

_ONE_WRITER: Final = text("SELECT pg_advisory_xact_lock(:key)")
_LOCK = 0x70726F77  # "prow", beside migrate.py's "prov"
_LAST: Final = text("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
_ADD: Final = insert(schema.audit)
_PAGE: Final = text("SELECT seq, at, actor, role, via, action, kind, ref, purpose, count, previous, hash FROM audit WHERE seq > :after ORDER BY seq LIMIT :most")
_OF: Final = text("SELECT seq, at, actor, role, via, action, kind, ref, purpose, count, previous, hash FROM audit WHERE ref = :ref ORDER BY seq")
_BETWEEN: Final = text("SELECT seq, at, actor, role, via, action, kind, ref, purpose, count, previous, hash FROM audit WHERE at >= :since AND at < :until"
                       " ORDER BY seq")
_OLD: Final = text("SELECT max(seq) FROM audit WHERE at < :before")
_YOUNGER: Final = text("SELECT min(seq) FROM audit WHERE at >= :before")
_HASH: Final = text("SELECT hash FROM audit WHERE seq = :seq")
_TIME: Final = text("SELECT at FROM audit WHERE seq = :seq")
_ALLOW: Final = text("INSERT INTO audit_cuts (upto_seq, at) VALUES (:seq, :now)")
_CUT: Final = text("DELETE FROM audit WHERE seq <= :seq")
_PAGE_LINES = 1000


class Auditing(Database):
    """Writing and reading the log. `_audit_to` is the database of its own, where there is one."""

    _audit_to: "Auditing | None" = None

    def _note(self, tx: Tx, access: Access, action: Action, kind: str, ref: str, now: datetime, count: int = 1) -> None:
        """Write the line: inside `tx`, or at once where the log has a database of its own. Call it last in a transaction that writes."""
        if self._audit_to is not None:
            self._audit_to.note(access, action, kind, ref, now, count)
            return
        if not self._is_sqlite:
            tx.run(_ONE_WRITER, key=_LOCK)
        seq, previous = tx.one(_LAST) or (0, audit.BEGINNING)
        line = audit.line_after(seq + 1, previous, to_us(now), access, action, kind, ref, count)
        tx.run(_ADD, **{name: getattr(line, name) for name in Line.__slots__})

    def note(self, access: Access, action: Action, kind: str, ref: str, now: datetime, count: int = 1) -> None:
        """Write one line in a transaction of its own: for what does not touch this database, such as a preview frame that was shown
        (`action` SHOWN, `kind` "frame", `ref` the case id). Raises `PlainError`; then what was to be noted must not happen."""
        with self._write() as tx:
            self._note(tx, access, action, kind, ref, now, count)

    def audit_lines(self) -> Iterator[Line]:
        """All lines, oldest first, a thousand at a time."""
        store, after = self._audit_to or self, 0
        while True:
            with store._read() as tx:
                page = [Line(*row) for row in tx.all(_PAGE, after=after, most=_PAGE_LINES)]
            yield from page
            if len(page) < _PAGE_LINES:
                return
            after = page[-1].seq

    def audit_of(self, ref: str) -> list[Line]:
        """The lines about one case, person, form or camera."""
        with (self._audit_to or self)._read() as tx:
            return [Line(*row) for row in tx.all(_OF, ref=ref)]

    def audit_between(self, since: datetime, until: datetime) -> list[Line]:
        """The lines of a time."""
        with (self._audit_to or self)._read() as tx:
            return [Line(*row) for row in tx.all(_BETWEEN, since=to_us(since), until=to_us(until))]

    def verify_audit(self, kept_head: str = "") -> Verified:
        """Walk the whole chain."""
        return audit.verify(self.audit_lines(), kept_head)

    def audit_head(self) -> tuple[str, datetime | None]:
        """`number:hash` of the newest line, to be kept outside; and its time."""
        with (self._audit_to or self)._read() as tx:
            seq, head = tx.one(_LAST) or (0, audit.BEGINNING)
            at = tx.scalar(_TIME, seq=seq)
        return f"{seq}:{head}", None if at is None else from_us(at)

    def cut_audit(self, before: datetime, now: datetime) -> int:
        """Erase the lines from before `before`, and say so in the log; returns how many. Only a whole beginning goes: the rest stays one chain."""
        store = self._audit_to or self
        with store._write() as tx:
            if not store._is_sqlite:
                tx.run(_ONE_WRITER, key=_LOCK)
            young = tx.scalar(_YOUNGER, before=to_us(before))
            old = tx.scalar(_OLD, before=to_us(before))
            upto = old if young is None else young - 1
            gone = tx.scalar(_HASH, seq=upto) if upto else None
            if gone is None:
                return 0
            store._note(tx, Access("system", "system", Purpose.RETENTION), Action.CUT, "audit", f"{upto}:{gone}", now)
            tx.run(_ALLOW, seq=upto, now=to_us(now))
            return tx.run(_CUT, seq=upto)

    def close(self) -> None:
        """See `Database`; the log's own database too."""
        if self._audit_to is not None:
            self._audit_to.close()
        super().close()
