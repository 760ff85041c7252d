"""The register: providers and their units, dwellings with rooms and the assessment, cameras with both their numbers, consents.

Names and ways to reach people are sealed, and read through the door that logs it. A dwelling has no address here: that stands in the forms alone, so there is
one place to protect and nothing to search by (D21). A camera tells no home.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from provisioner.case.audit import Access, Action
from provisioner.case.identifiers import AssetNumber, SerialNumber, last4
from provisioner.case.model import Case, State
from provisioner.fault import PlainError, Text
from provisioner.store.auditing import Auditing
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import RowRefused, Tx

_PUT_PROVIDER = text("INSERT INTO providers (provider_ref, sealed, updated_at) VALUES (:ref, :sealed, :now)"
                     " ON CONFLICT (provider_ref) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at")
_PUT_UNIT = text("INSERT INTO units (unit_ref, provider_ref, sealed, updated_at) VALUES (:ref, :provider_ref, :sealed, :now)"
                 " ON CONFLICT (unit_ref) DO UPDATE SET provider_ref = excluded.provider_ref, sealed = excluded.sealed, updated_at = excluded.updated_at")
_UNITS = text("SELECT unit_ref, units.provider_ref, units.sealed, providers.sealed FROM units JOIN providers ON providers.provider_ref = units.provider_ref"
              " WHERE :ref = '' OR unit_ref = :ref ORDER BY unit_ref")
_PUT_SITE = text("INSERT INTO sites (site_ref, housing, rooms, assessment_ref, updated_at) VALUES (:ref, :housing, :rooms, :assessment_ref, :now)"
                 " ON CONFLICT (site_ref) DO UPDATE SET housing = excluded.housing, rooms = excluded.rooms, assessment_ref = excluded.assessment_ref,"
                 " updated_at = excluded.updated_at")
_SITES = text("SELECT site_ref, housing, rooms, assessment_ref FROM sites WHERE :ref = '' OR site_ref = :ref ORDER BY site_ref")
_AT_SITE = text("SELECT serial, asset_number, room FROM inventory WHERE site_ref = :ref ORDER BY serial")
_BOUND_AT = text("SELECT serial, state FROM bindings WHERE site_ref = :ref AND state <> 'RETIRED' ORDER BY serial")
_DECIDED_AT = text("SELECT decision_ref, looks FROM decisions WHERE site_ref = :ref AND (until IS NULL OR until > :now) ORDER BY decision_ref")
_PUT_CAMERA = text("INSERT INTO inventory (serial, asset_number, site_ref, room, updated_at) VALUES (:serial, :asset_number, :site_ref, :room, :now)"
                   " ON CONFLICT (serial) DO UPDATE SET asset_number = excluded.asset_number, site_ref = coalesce(excluded.site_ref, inventory.site_ref),"
                   " room = CASE WHEN excluded.site_ref <> coalesce(inventory.site_ref, '') THEN excluded.room ELSE coalesce(excluded.room, inventory.room) END,"
                   " updated_at = excluded.updated_at")
_HANGS = text("UPDATE inventory SET site_ref = :site_ref, room = NULL, updated_at = :now WHERE serial = :serial AND coalesce(site_ref, '') <> coalesce(:other, '')")
_CAMERAS = text("SELECT serial, asset_number FROM inventory WHERE :serial = '' OR serial = :serial OR asset_number = :serial ORDER BY serial")
_GIVE = text("INSERT INTO consents (person_ref, site_ref, subject, given, recorded_at, recorded_by) VALUES (:person_ref, :site_ref, :subject, :given, :at, :by)"
             " ON CONFLICT (person_ref, site_ref, subject) DO UPDATE SET given = excluded.given, recorded_at = excluded.recorded_at,"
             " recorded_by = excluded.recorded_by, withdrawn_at = NULL, withdrawn_by = NULL WHERE consents.recorded_at <= excluded.recorded_at")
WITHDRAW = text("UPDATE consents SET withdrawn_at = :now, withdrawn_by = :by WHERE person_ref = :person_ref AND site_ref = :site_ref AND subject = :subject"
                " AND given = 1 AND withdrawn_at IS NULL")
_CONSENTS = text("SELECT site_ref, subject, given, recorded_at, recorded_by, withdrawn_at, withdrawn_by FROM consents WHERE person_ref = :person_ref"
                 " ORDER BY site_ref, subject")


@dataclass(frozen=True, slots=True)
class Unit:
    """A care unit and its provider. `repr` tells the references alone."""

    unit_ref: str
    provider_ref: str
    name: str
    provider: str
    email: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return f"Unit({self.unit_ref!r}, {self.provider_ref!r}, ***)"


@dataclass(frozen=True, slots=True)
class Site:
    """A dwelling, by its reference."""

    site_ref: str
    housing: str
    rooms: tuple[str, ...]
    assessment_ref: str | None = None


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent for one home. `withdrawn_at` None: it holds, if it was given."""

    site_ref: str
    subject: str
    given: bool
    recorded_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None

    @property
    def holds(self) -> bool:
        """Whether looks may stand on it."""
        return self.given and self.withdrawn_at is None


def follow_register(tx: Tx, before: Case | None, case: Case, by: str, now: datetime) -> None:
    """What a case does to the register, in its own transaction: the consents that were answered when the camera was put up; where the camera hangs once
    supervision has begun there, and that it hangs nowhere once it was swapped out or supervision has ended."""
    if case.mount is not None and case.receiving is not None and (before is None or before.mount != case.mount):
        for one in case.mount.consents:
            give(tx, case.receiving.person_ref, case.receiving.site_ref, one.subject, one.given, one.recorded_at, by)
    if case.began_at is not None and (before is None or before.began_at != case.began_at) and case.home_binding is not None:
        hangs(tx, case.home_binding.serial, case.home_binding.site_ref, now)
    for serial in set(case.replaced_serials) - set(before.replaced_serials if before is not None else ()):
        hangs(tx, serial, None, now)
    if case.state is State.TERMINATED and (before is None or before.state is not State.TERMINATED) and case.expected_serial is not None:
        hangs(tx, case.expected_serial, None, now)


def hangs(tx: Tx, serial: str, site_ref: str | None, now: datetime) -> None:
    """Where a camera of the register hangs now; its room is asked anew."""
    tx.run(_HANGS, serial=serial, site_ref=site_ref, other=site_ref, now=to_us(now))


def give(tx: Tx, person_ref: str, site_ref: str, subject: str, given: bool, at: datetime, by: str) -> None:
    """Keep an answer: a later one replaces it, an earlier one never does."""
    tx.run(_GIVE, person_ref=person_ref, site_ref=site_ref, subject=subject, given=int(given), at=to_us(at), by=by)


class Register(Auditing):
    """The methods of the register."""

    def put_unit(self, unit: Unit, now: datetime, access: Access) -> None:
        """Keep a unit with its provider; said again, it replaces the earlier."""
        with self._write() as tx:
            tx.run(_PUT_PROVIDER, ref=unit.provider_ref, sealed=self._sealed("provider", unit.provider_ref, {"name": unit.provider}), now=to_us(now))
            tx.run(_PUT_UNIT, ref=unit.unit_ref, provider_ref=unit.provider_ref, now=to_us(now),
                   sealed=self._sealed("unit", unit.unit_ref, {"name": unit.name, "email": unit.email, "phone": unit.phone}))
            self._note(tx, access, Action.WROTE, "unit", unit.unit_ref, now)

    def units(self, now: datetime, access: Access, unit_ref: str = "") -> list[Unit]:
        """All units, or one. The reading is logged."""
        with self._write() as tx:
            rows = tx.all(_UNITS, ref=unit_ref)
            self._note(tx, access, Action.READ, "unit", unit_ref, now, len(rows))
        found = []
        for ref, provider_ref, sealed, of_provider in rows:
            fields, provider = self._opened("unit", ref, sealed), self._opened("provider", provider_ref, of_provider)
            found.append(Unit(ref, provider_ref, fields["name"], provider["name"], fields["email"], fields["phone"]))
        return found

    def put_site(self, site: Site, now: datetime, access: Access) -> None:
        """Keep a dwelling: its housing, its rooms with a camera, the reference of the assessment (KBL 7-9)."""
        with self._write() as tx:
            tx.run(_PUT_SITE, ref=site.site_ref, housing=site.housing, rooms=json.dumps(site.rooms), assessment_ref=site.assessment_ref, now=to_us(now))
            self._note(tx, access, Action.WROTE, "site", site.site_ref, now)

    def sites(self, site_ref: str = "") -> list[Site]:
        """All dwellings, or one: references and closed words."""
        with self._read() as tx:
            return [Site(ref, housing, tuple(json.loads(rooms)), assessment_ref) for ref, housing, rooms, assessment_ref in tx.all(_SITES, ref=site_ref)]

    def site_card(self, site_ref: str, now: datetime, access: Access) -> dict[str, Any]:
        """What hangs in a dwelling and what is owed there; logged, because it tells of somebody's home."""
        with self._write() as tx:
            cameras = [{"serial": serial, "asset_number": asset, "room": room} for serial, asset, room in tx.all(_AT_SITE, ref=site_ref)]
            bindings = [{"serial": serial, "state": state} for serial, state in tx.all(_BOUND_AT, ref=site_ref)]
            decisions = [{"decision_ref": ref, "looks": json.loads(looks)} for ref, looks in tx.all(_DECIDED_AT, ref=site_ref, now=to_us(now))]
            self._note(tx, access, Action.READ, "site", site_ref, now)
        return {"cameras": cameras, "bindings": bindings, "decisions": decisions}

    def put_camera(self, serial: SerialNumber, asset_number: AssetNumber, site_ref: str | None, room: str | None, now: datetime, access: Access) -> None:
        """Link the two numbers of one camera (D3). `site_ref` None: where it hangs stays as it is known. Raises `PlainError` (`asset_number_taken`)."""
        with self._write() as tx:
            try:
                tx.run(_PUT_CAMERA, serial=serial, asset_number=asset_number, site_ref=site_ref, room=room, now=to_us(now))
            except RowRefused:
                raise PlainError("asset_number_taken", Text(
                    f"Inventarienummer {asset_number} hör redan till en annan kamera än …{last4(serial)}. Läs av båda etiketterna; är märkningen ny, ge den andra "
                    "kameran sitt nya nummer först.", f"Asset number {asset_number} already belongs to another camera than …{last4(serial)}. Read both labels; if "
                    "the tag is new, give the other camera its new number first."), exit_code=3, http_status=409, field="asset_number") from None
            self._note(tx, access, Action.WROTE, "camera", serial, now)

    def cameras(self, wanted: str = "") -> list[tuple[SerialNumber, AssetNumber]]:
        """Both numbers of all cameras, or of the one with this serial or asset number. No home: see `site_card`."""
        with self._read() as tx:
            return [(SerialNumber(serial), AssetNumber(asset)) for serial, asset in tx.all(_CAMERAS, serial=wanted)]

    def put_consent(self, person_ref: str, site_ref: str, subject: str, given: bool, now: datetime, access: Access) -> None:
        """Keep an answer that was given at the desk."""
        with self._write() as tx:
            give(tx, person_ref, site_ref, subject, given, now, access.actor)
            self._note(tx, access, Action.WROTE, "consent", person_ref, now)

    def consents(self, person_ref: str, now: datetime, access: Access) -> Sequence[GivenConsent]:
        """All of a person, home by home. The reading is logged."""
        with self._write() as tx:
            rows = tx.all(_CONSENTS, person_ref=person_ref)
            self._note(tx, access, Action.READ, "consent", person_ref, now, len(rows))
        return [GivenConsent(site_ref, subject, bool(given), from_us(at), by, None if ended is None else from_us(ended), ended_by)
                for site_ref, subject, given, at, by, ended, ended_by in rows]

    def _sealed(self, about: str, ref: str, fields: Mapping[str, str]) -> bytes:
        return self._sealer.seal(json.dumps(dict(fields), ensure_ascii=False).encode(), f"{about}/{ref}")

    def _opened(self, about: str, ref: str, sealed: bytes) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._sealer.open(sealed, f"{about}/{ref}"))
        return found
