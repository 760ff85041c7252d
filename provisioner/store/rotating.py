"""From an old key to the newest, beside the work: a few rows a transaction, each exchanged only if it is still what was read.

There is nothing to remember between two batches: the key id stands in the first byte of every blob, so a rotation that was killed goes on where rows of an
old key are left, and one that runs twice finds nothing to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import TextClause, text

from provisioner.case.audit import Access, Action
from provisioner.store.accounts import Accounts
from provisioner.store.persons import Persons
from provisioner.store.sealing import Sealer

BATCH = 100  # rows a transaction: about 10 ms of the write lock on SQLite


@dataclass(frozen=True)
class _Sealed:
    """A table with a sealed column: its key column, what a blob of it is about, and which ring seals it."""

    table: str
    key: str
    about: str
    camera: bool = False

    @cached_property
    def count(self) -> TextClause:
        """Rows by key id."""
        return text(f"SELECT substr(sealed, 1, 1) AS first, count(*) FROM {self.table} GROUP BY 1")  # noqa: S608 - our own names

    @cached_property
    def old(self) -> TextClause:
        """Rows of other keys than the newest."""
        return text(f"SELECT {self.key}, sealed FROM {self.table} WHERE {self.key} > :after AND substr(sealed, 1, 1) <> :newest"  # noqa: S608 - our own names
                    f" ORDER BY {self.key} LIMIT :most")

    @cached_property
    def exchange(self) -> TextClause:
        """One row, if it is still what was read."""
        return text(f"UPDATE {self.table} SET sealed = :new WHERE {self.key} = :ref AND sealed = :old")  # noqa: S608 - our own names


SEALED = (_Sealed("people", "person_ref", "person"), _Sealed("camera_places", "serial", "place"), _Sealed("protections", "subject_ref", "level"),
          _Sealed("openings", "opening_id", "opening"), _Sealed("kept_keys", "name", "key"), _Sealed("units", "unit_ref", "unit"),
          _Sealed("providers", "provider_ref", "provider"), _Sealed("camera_accounts", "serial", "account", camera=True))
"""Every sealed column there is; a test holds this to the schema."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How much one key still seals. `needed` False: nothing, and it is not the newest: it may be taken out of the secrets."""

    name: str
    key_id: int
    rows: int
    present: bool
    newest: bool

    @property
    def needed(self) -> bool:
        """Whether the secret must stay."""
        return self.newest or self.rows > 0


class Rotating(Persons, Accounts):
    """Exchanging keys."""

    def key_uses(self) -> list[KeyUse]:
        """Each key that is among the secrets or in the database, and what it seals; also one that is missing."""
        found: dict[tuple[bool, int], int] = {}
        with self._read() as tx:
            for sealed in SEALED:
                for first, rows in tx.all(sealed.count):
                    number = bytes(first)[0]
                    found[sealed.camera, number] = found.get((sealed.camera, number), 0) + rows
        uses = []
        for camera, sealer in ((False, self._sealer), (True, self._camera_sealer)):
            if sealer is None:
                continue
            numbers = sorted({*sealer.key_ids, *(number for is_camera, number in found if is_camera is camera)})
            uses += [KeyUse(sealer.name_of(n), n, found.get((camera, n), 0), n in sealer.key_ids, n == sealer.newest) for n in numbers]
        return uses

    def rotate_keys(self, now: datetime, access: Access, batch: int = BATCH) -> Iterator[tuple[str, int]]:
        """Re-seal what an old key sealed; tells (table, rows of it exchanged so far) after each batch. Raises `PlainError` (`seal_key_missing`) before
        anything is exchanged in a table whose key is not there."""
        for sealed in SEALED:
            sealer = self._camera_sealer if sealed.camera else self._sealer
            if sealer is None:
                continue
            done, after = 0, ""
            while True:
                rows, after = self._exchange(sealed, sealer, after, batch)
                done += rows
                if rows:
                    yield sealed.table, done
                if not after:
                    break
            if done:
                self.note(access, Action.ROTATED, sealed.table, sealer.name_of(sealer.newest), now, done)
        self.compact()

    def _exchange(self, sealed: _Sealed, sealer: Sealer, after: str, batch: int) -> tuple[int, str]:
        """One batch: how many rows were exchanged, and where to go on ("" at the end)."""
        with self._write() as tx:
            rows = tx.all(sealed.old, after=after, newest=bytes([sealer.newest]), most=batch)
            changed = 0
            for ref, blob in rows:
                about = f"{sealed.about}/{ref}"
                changed += tx.run(sealed.exchange, new=sealer.seal(sealer.open(bytes(blob), about), about), ref=ref, old=blob)
        return changed, str(rows[-1][0]) if len(rows) == batch else ""
