"""A sitting at the desk: several notices, with all that they do to cases and people, in one transaction. All of them are taken, or none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import text

from provisioner.case.audit import Access, Action
from provisioner.case.effects import TellPeople
from provisioner.case.inputs import Input
from provisioner.case.model import Case
from provisioner.case.outcome import Outcome
from provisioner.case.policy import Policy
from provisioner.store import codec
from provisioner.store.calls import put_call
from provisioner.store.keeping import Person
from provisioner.store.register import WITHDRAW
from provisioner.store.schema import to_us
from provisioner.store.tx import Tx

if TYPE_CHECKING:
    from provisioner.store.sql import SqlStore

T = TypeVar("T")
ONE_DESK: Final = text("SELECT pg_advisory_xact_lock(:key)")
DESK_LOCK: Final = 0x70726E69  # "prni", beside "prov" and "prow". Two halves of one case that come at one moment must see each other; SQLite's write lock does that
_OF_PERSON: Final = text("SELECT DISTINCT cases.case_id, body FROM case_people JOIN cases ON cases.case_id = case_people.case_id"
                         " WHERE subject_ref = :subject_ref AND is_open = 1 ORDER BY cases.case_id")
_OF_NAME: Final = text("SELECT DISTINCT cases.case_id, body FROM person_index JOIN case_people ON case_people.form_ref = person_index.form_ref"
                       " JOIN cases ON cases.case_id = case_people.case_id WHERE token = :token AND subject_ref <> :subject_ref AND is_open = 1"
                       " AND kind = :kind ORDER BY cases.case_id")
_OF_CAMERA: Final = text("SELECT case_id, body FROM cases WHERE is_open = 1 AND body LIKE :said ORDER BY opened_at, case_id")
_SEEN: Final = text("SELECT notices.case_id, digest, body FROM notices JOIN cases ON cases.case_id = notices.case_id WHERE form_ref = :form_ref AND part = :part")
_OF_KEY: Final = text("SELECT body FROM notices JOIN cases ON cases.case_id = notices.case_id WHERE op_key = :op_key")
_ASSET: Final = text("SELECT asset_number FROM inventory WHERE serial = :serial")
_CAMERA: Final = text("SELECT serial FROM inventory WHERE asset_number = :asset_number")
_KEEP: Final = text("INSERT INTO notices (form_ref, part, case_id, digest, op_key, arrived_at) VALUES (:form_ref, :part, :case_id, :digest, :op_key, :now)"
                    " ON CONFLICT (form_ref, part) DO UPDATE SET case_id = excluded.case_id, digest = excluded.digest, op_key = excluded.op_key,"
                    " arrived_at = excluded.arrived_at")


class Sitting:
    """What may be done in one. Its lines of the audit log are written at its end: whoever holds that log's lock must wait for nobody."""

    def __init__(self, store: "SqlStore", tx: Tx, now: datetime, policy: Policy, access: Access) -> None:
        self._store, self._tx, self._now, self._policy, self._access = store, tx, now, policy, access
        self.lines: list[tuple[Access, Action, str, str, int]] = []
        self.written: list[Callable[[], None]] = []

    def open_cases_of(self, subject_ref: str) -> Sequence[Case]:
        """The open cases of a person."""
        return [codec.load_case(body) for _, body in self._tx.all(_OF_PERSON, subject_ref=subject_ref)]

    def open_cases_of_name(self, token: str, but_subject: str, kind: str) -> Sequence[Case]:
        """The open cases of this kind about somebody else of that name."""
        rows = self._tx.all(_OF_NAME, token=token, subject_ref=but_subject, kind=kind)
        self.lines += [(self._access, Action.FOUND, "case", case_id, 1) for case_id, _ in rows]  # a search by name, whoever asked for it (D21, D22)
        return [codec.load_case(body) for _, body in rows]

    def open_cases_of_camera(self, serial: str) -> Sequence[Case]:
        """The open cases that expect this camera."""
        return [codec.load_case(body) for _, body in self._tx.all(_OF_CAMERA, said=f'%"expected_serial":"{serial}"%')]

    def seen(self, form_ref: str, part: str) -> tuple[Case, str] | None:
        """The case that has or had this form, and the digest of what it said then."""
        row = self._tx.one(_SEEN, form_ref=form_ref, part=part)
        return None if row is None else (codec.load_case(row[2]), row[1])

    def seen_under(self, op_key: str) -> Case | None:
        """The case of what came under this idempotency key."""
        body = self._tx.scalar(_OF_KEY, op_key=op_key)
        return None if body is None else codec.load_case(body)

    def keep(self, form_ref: str, part: str, case_id: str, digest: str, op_key: str | None) -> None:
        """Remember that this form came, so that it is known when it comes again."""
        self._tx.run(_KEEP, form_ref=form_ref, part=part, case_id=case_id, digest=digest, op_key=op_key, now=to_us(self._now))

    def put_form(self, form_ref: str, fields: Mapping[str, str]) -> None:
        """Keep a form's personal half, sealed: see `Persons.put_person`."""
        self._store._put_person(self._tx, Person(form_ref, "form", fields), self._now)
        self.lines.append((self._access, Action.WROTE, "form", form_ref, 1))

    def asset_of(self, serial: str) -> str | None:
        """The asset number that the register has for a camera."""
        return self._tx.scalar(_ASSET, serial=serial) or None

    def camera_of(self, asset_number: str) -> str | None:
        """The camera that the register has for an asset number."""
        return self._tx.scalar(_CAMERA, asset_number=asset_number) or None

    def withdraw(self, person_ref: str, site_ref: str, subject: str) -> bool:
        """A consent is withdrawn; False where none holds."""
        changed = self._tx.run(WITHDRAW, person_ref=person_ref, site_ref=site_ref, subject=subject, now=to_us(self._now), by=self._access.actor) > 0
        self.lines.append((self._access, Action.WROTE, "consent", person_ref, int(changed)))
        return changed

    def call(self, key: str, told: TellPeople, case_id: str | None) -> None:
        """Call people, once."""
        put_call(self._tx, key, told, case_id, self._now)

    def take(self, case_id: str, input: Input) -> Outcome:
        """See `ports.Store.take`. A refusal is the caller's to raise: whatever was done before it in this sitting is undone by that."""
        taken, then = self._store._take_in(self._tx, case_id, input, self._now, self._policy, None, None, self.lines)
        self.written.append(then)
        return taken.outcome
