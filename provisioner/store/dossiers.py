"""By what each camera is known again: one dossier a serial number, pinned at its first touch, and the values in it that two cameras might share.

Beside the bodies stands one row for each number, address and certificate of each camera, so that "does another camera have this too?" is a look at an index
and not a reading of a thousand dossiers.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text

from provisioner.case.dossier import marks_of
from provisioner.case.evidence import SERIAL_KINDS, Dossier, Evidence, IdentityPolicy, Kind
from provisioner.case.identifiers import canonical
from provisioner.case.model import Case
from provisioner.store import codec
from provisioner.store.database import Database
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import Tx

_GET = text("SELECT body FROM dossiers WHERE serial = :serial")
_FIRST = text("INSERT INTO dossiers (serial, body, pinned_by, reason, updated_at) VALUES (:serial, :body, :pinned_by, NULL, :now)"
              " ON CONFLICT (serial) DO NOTHING")
_RENEW = text("UPDATE dossiers SET body = :body, updated_at = :now WHERE serial = :serial AND body = :judged_by")
_PIN = text("INSERT INTO dossiers (serial, body, pinned_by, reason, updated_at) VALUES (:serial, :body, :pinned_by, :reason, :now)"
            " ON CONFLICT (serial) DO UPDATE SET body = excluded.body, pinned_by = excluded.pinned_by,"
            " reason = COALESCE(excluded.reason, dossiers.reason), updated_at = excluded.updated_at")
_PINNED_AT = text("SELECT updated_at FROM dossiers WHERE serial = :serial")
_STATES = text("SELECT state FROM bindings WHERE serial = :serial")
_ACCOUNT = text("SELECT state, rotated_at FROM camera_accounts WHERE serial = :serial")
_CARD_RECEIPTS = text("SELECT receipt_ref FROM receipts WHERE serial = :serial ORDER BY at")
_UNMARK = text("DELETE FROM dossier_marks WHERE serial = :serial")
_MARK = text("INSERT INTO dossier_marks (serial, value) VALUES (:serial, :value)")
_HOW_MANY = text("SELECT count(*) FROM dossier_marks WHERE value = :value")
_HOLDERS = text("SELECT serial FROM dossier_marks WHERE value = :value AND serial <> :serial ORDER BY serial LIMIT 3")


class Dossiers(Database):
    """The methods of the dossiers."""

    def pinned_of(self, serial: str) -> Dossier | None:
        """What was pinned of the camera with this serial number; None where it was never touched."""
        with self._read() as tx:
            return _pinned(tx, serial)

    def identity_knowledge(self, serial: str, seen: tuple[Evidence, ...]) -> tuple[Dossier | None, IdentityPolicy]:
        """See `ports.Store`. A score of look-ups by index, whatever the size of the fleet."""
        with self._read() as tx:
            pinned = _pinned(tx, serial)
            values = {*marks_of(seen), *marks_of(pinned.evidence if pinned is not None else ())}
            shared = tuple(value for value in sorted(values) if tx.scalar(_HOW_MANY, value=value) > 1)
            told = {canonical(item.value) for item in seen if item.kind in SERIAL_KINDS} - {serial, ""}
            known = tuple(number for number in sorted(told) if tx.scalar(_GET, serial=number) is not None)
        return pinned, IdentityPolicy(shared=shared, known_serials=known)

    def held_by_others(self, serial: str, evidence: Iterable[Evidence]) -> dict[str, int]:
        """Other serial numbers under which some of these values are pinned, and how many: the same camera under another number, or a make without any."""
        found: dict[str, int] = {}
        with self._read() as tx:
            for value in marks_of(evidence):
                for (holder,) in tx.all(_HOLDERS, value=value, serial=serial):
                    found[holder] = found.get(holder, 0) + 1
        return found

    def device_card(self, serial: str) -> dict[str, Any] | None:
        """What is known of the device under this serial number, and nothing that leads to a person, a home or a case (D21); None for an unknown one."""
        with self._read() as tx:
            pinned, pinned_at = _pinned(tx, serial), tx.scalar(_PINNED_AT, serial=serial)
            states = sorted(row[0] for row in tx.all(_STATES, serial=serial))
            account = tx.one(_ACCOUNT, serial=serial)
            receipts = [row[0] for row in tx.all(_CARD_RECEIPTS, serial=serial)]
        if pinned is None and not states and account is None and not receipts:
            return None
        of = {item.kind: item.value for item in (pinned.evidence if pinned is not None else ())}
        return {"serial": serial, "manufacturer": of.get(Kind.MANUFACTURER), "model": of.get(Kind.MODEL), "firmware": of.get(Kind.FIRMWARE),
                "hardware_id": of.get(Kind.HARDWARE_ID), "pinned_at": None if pinned_at is None else from_us(pinned_at).isoformat(), "bindings": states,
                "account": None if account is None else account[0],
                "rotated_at": None if account is None or account[1] is None else from_us(account[1]).isoformat(), "receipts": receipts}

    def pin_dossier(self, serial: str, dossier: Dossier, now: datetime, *, reason: str | None = None) -> None:
        """The depot has the camera in its hands: pin this, in place of what was pinned. `reason`: why again."""
        with self._write() as tx:
            tx.run(_PIN, serial=serial, body=codec.dump_dossier(dossier), pinned_by="depot", reason=reason, now=to_us(now))
            _write_marks(tx, serial, dossier)


def write_dossier(tx: Tx, before: Case | None, case: Case, now: datetime) -> None:
    """Keep the dossier of a camera that this case has just confirmed: the first one, or the renewed one in place of exactly the one it was judged by. Where
    the depot has pinned it anew meanwhile, the depot's stays."""
    if case.dossier is None or case.expected_serial is None or case.judged is None or (before is not None and before.dossier == case.dossier):
        return
    body, pinned = codec.dump_dossier(case.dossier), case.judged.pinned
    if pinned is None:
        changed = tx.run(_FIRST, serial=case.expected_serial, body=body, pinned_by=case.case_id, now=to_us(now))
    else:
        changed = tx.run(_RENEW, serial=case.expected_serial, body=body, judged_by=codec.dump_dossier(pinned), now=to_us(now)) if pinned != case.dossier else 0
    if changed > 0:
        _write_marks(tx, case.expected_serial, case.dossier)


def _pinned(tx: Tx, serial: str) -> Dossier | None:
    body = tx.scalar(_GET, serial=serial)
    return None if body is None else codec.load_dossier(body)


def _write_marks(tx: Tx, serial: str, dossier: Dossier) -> None:
    tx.run(_UNMARK, serial=serial)
    for value in marks_of(dossier.evidence):
        tx.run(_MARK, serial=serial, value=value)
