"""The cameras' own accounts under a key of their own, and the receipts of retired cameras.

Whoever has the database and the personal key still cannot log in to a camera, and whoever has the camera key cannot read about people.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from provisioner.fault import PlainError, Text
from provisioner.secret import Account, Credentials, Secret
from provisioner.store.database import Database
from provisioner.store.schema import to_us
from provisioner.store.sealing import Sealer

_GET = text("SELECT sealed FROM camera_accounts WHERE serial = :serial")
_PUT = text("INSERT INTO camera_accounts (serial, state, sealed, rotated_at, updated_at) VALUES (:serial, :state, :sealed, :rotated_at, :now)"
            " ON CONFLICT (serial) DO UPDATE SET state = excluded.state, sealed = excluded.sealed,"
            " rotated_at = COALESCE(excluded.rotated_at, camera_accounts.rotated_at), updated_at = excluded.updated_at")
_FORGET = text("DELETE FROM camera_accounts WHERE serial = :serial")
_PUT_RECEIPT = text("INSERT INTO receipts (receipt_ref, serial, body, at) VALUES (:receipt_ref, :serial, :body, :at)")
_GET_RECEIPT = text("SELECT body FROM receipts WHERE receipt_ref = :receipt_ref")
_RECEIPTS = text("SELECT receipt_ref FROM receipts WHERE serial = :serial ORDER BY at DESC, receipt_ref")
_TAKE_TURN = text("SELECT pg_try_advisory_lock(:number)")
_END_TURN = text("SELECT pg_advisory_unlock(:number)")


class Accounts(Database):
    """Implements the camera adapter's credential book. Every change is one row in one transaction: on the disk when the call returns."""

    _camera_sealer: Sealer | None = None

    def credentials_of(self, serial: str) -> Credentials | None:
        """What is kept for this camera; None where nothing is. Raises `PlainError`: `camera_key_missing`, `seal_broken`."""
        with self._read() as tx:
            sealed = tx.scalar(_GET, serial=serial)
        if sealed is None:
            return None
        found = json.loads(self._camera_seal().open(sealed, f"account/{serial}"))
        return Credentials(_read(found["current"]), _read(found["coming"]), tuple(account for account in map(_read, found["old"]) if account is not None))

    def put_credentials(self, serial: str, credentials: Credentials, now: datetime, *, rotated: bool = False) -> None:
        """Keep this instead of what was kept. `rotated`: a new account has just been proved. Raises `PlainError`."""
        sealed = self._camera_seal().seal(json.dumps({
            "current": _written(credentials.current), "coming": _written(credentials.coming), "old": [_written(account) for account in credentials.old],
        }).encode(), f"account/{serial}")
        at = to_us(now)
        with self._write() as tx:
            tx.run(_PUT, serial=serial, state=credentials.state, sealed=sealed, rotated_at=at if rotated else None, now=at)

    @contextmanager
    def account_turn(self, serial: str) -> Iterator[None]:
        """Nobody else changes this camera's account meanwhile, in this process or another. Given back by the kernel or the server when a process dies.

        Raises `PlainError` (`camera_in_use`) at once where somebody has it.
        """
        if self._is_memory:
            yield
            return
        digest = hashlib.sha256(serial.encode()).digest()
        if self._is_sqlite:
            with Path(f"{self._engine.url.database}.camera-{digest.hex()[:12]}.lock").open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise _in_use() from None
                yield
            return
        number = int.from_bytes(digest[:8], signed=True)
        with closing(self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")) as connection:
            if not connection.scalar(_TAKE_TURN, {"number": number}):
                raise _in_use()
            try:
                yield
            finally:
                connection.execute(_END_TURN, {"number": number})

    def forget_credentials(self, serial: str) -> None:
        """The depot has given the camera another account by hand: what is in `cameras.toml` counts again."""
        with self._write() as tx:
            tx.run(_FORGET, serial=serial)

    def put_receipt(self, receipt_ref: str, serial: str, body: str, at: datetime) -> None:
        """Keep a signed receipt, for good: one reference is never written twice."""
        with self._write() as tx:
            tx.run(_PUT_RECEIPT, receipt_ref=receipt_ref, serial=serial, body=body, at=to_us(at))

    def receipt(self, receipt_ref: str) -> str | None:
        """The signed receipt as it was written; None for an unknown reference."""
        with self._read() as tx:
            found = tx.scalar(_GET_RECEIPT, receipt_ref=receipt_ref)
        return None if found is None else str(found)

    def receipts_of(self, serial: str) -> list[str]:
        """References of a camera's receipts, the newest first."""
        with self._read() as tx:
            return [str(row[0]) for row in tx.all(_RECEIPTS, serial=serial)]

    def _camera_seal(self) -> Sealer:
        if self._camera_sealer is None:
            raise PlainError("camera_key_missing", Text("Kamerornas lösenord kan inte läsas: hemligheten camera-key saknas.",
                                                        "The cameras' passwords cannot be read: the secret camera-key is missing."),
                             exit_code=78, http_status=500)
        return self._camera_sealer


def _in_use() -> PlainError:
    return PlainError("camera_in_use", Text("Någon annan byter kamerans lösenord just nu. Vänta en minut.",
                                            "Somebody else is changing the camera's password right now. Wait a minute."), exit_code=3, http_status=409)


def _written(account: Account | None) -> list[str] | None:
    return None if account is None else [account.username, account.password.reveal()]


def _read(found: list[str] | None) -> Account | None:
    return None if found is None else Account(found[0], Secret(found[1]))
