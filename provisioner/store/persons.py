"""People under seal, behind one door: whatever is read of a person is read here, in one transaction with the line that says who read it and what for.

What is found by is a keyed hash of the person number or of the name, and nothing else (D21, SoLPULF 15). The protection level of a person stands in one
table, sealed, of one length; everybody has a row there, so that having one says nothing (D19).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from provisioner.case.access import Opening, ProtectionLevel, Viewer, Visit, confirmation_for, may_open, opening_in_force, shown
from provisioner.case.audit import Access, Action, Purpose
from provisioner.fault import PlainError, Text
from provisioner.ids import opening_id
from provisioner.intake import References
from provisioner.store.auditing import Auditing
from provisioner.store.keeping import Person
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import Row, Tx

INTAKE = Access("system", "system", Purpose.INTAKE)
_LEVEL_BYTES = 64  # of the sealed protection level, whatever it says
_PUT = text("INSERT INTO people (person_ref, kind, sealed, updated_at) VALUES (:person_ref, :kind, :sealed, :now)"
            " ON CONFLICT (person_ref) DO UPDATE SET kind = excluded.kind, sealed = excluded.sealed, updated_at = excluded.updated_at")
_GET = text("SELECT kind, sealed FROM people WHERE person_ref = :person_ref")
_UNINDEX = text("DELETE FROM person_index WHERE form_ref = :form_ref")
_INDEX = text("INSERT INTO person_index (token, form_ref) VALUES (:token, :form_ref) ON CONFLICT (token, form_ref) DO NOTHING")
_UNINDEXED = text("SELECT person_ref, sealed FROM people WHERE NOT EXISTS (SELECT 1 FROM person_index WHERE form_ref = person_ref)"
                  " AND person_ref > :after ORDER BY person_ref LIMIT :most")
_FIND = text("SELECT DISTINCT cases.case_id, case_number, kind, state, is_open, opened_at FROM person_index"
             " JOIN case_people ON case_people.form_ref = person_index.form_ref JOIN cases ON cases.case_id = case_people.case_id"
             " WHERE token = :token ORDER BY opened_at DESC, case_number")
_NUMBER = text("SELECT case_number FROM cases WHERE case_id = :case_id")
_SUBJECTS = text("SELECT DISTINCT subject_ref FROM case_people WHERE case_id = :case_id AND subject_ref LIKE 'person-%'"
                 " AND subject_ref NOT LIKE '%-unknown' ORDER BY subject_ref")
_FORMS = text("SELECT part, case_people.form_ref, people.sealed FROM case_people JOIN people ON people.person_ref = case_people.form_ref"
              " WHERE case_id = :case_id ORDER BY part, people.updated_at")
_CASES_OF_SUBJECT = text("SELECT DISTINCT cases.case_id, opened_at FROM case_people JOIN cases ON cases.case_id = case_people.case_id"
                         " WHERE subject_ref = :subject_ref ORDER BY opened_at, cases.case_id")
_SUBJECTS_OF_ALL = text("SELECT DISTINCT subject_ref, case_id FROM case_people ORDER BY case_id")
_GET_LEVEL = text("SELECT sealed FROM protections WHERE subject_ref = :subject_ref")
_PUT_LEVEL = text("INSERT INTO protections (subject_ref, sealed, updated_at) VALUES (:subject_ref, :sealed, :now)"
                  " ON CONFLICT (subject_ref) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at")
_FIRST_LEVEL = text("INSERT INTO protections (subject_ref, sealed, updated_at) VALUES (:subject_ref, :sealed, :now) ON CONFLICT (subject_ref) DO NOTHING")
_ASK = text("INSERT INTO openings (opening_id, subject_ref, asked_by, asked_at, sealed, opened_by, opened_at)"
            " VALUES (:opening_id, :subject_ref, :asked_by, :now, :sealed, NULL, NULL)")
_OPENING = text("SELECT opening_id, subject_ref, asked_by, asked_at, opened_by, opened_at FROM openings WHERE opening_id = :opening_id")
_OPENINGS = text("SELECT opening_id, subject_ref, asked_by, asked_at, opened_by, opened_at FROM openings WHERE subject_ref = :subject_ref ORDER BY asked_at")
_REASON = text("SELECT subject_ref, sealed FROM openings WHERE opening_id = :opening_id")
_OPEN = text("UPDATE openings SET opened_by = :by, opened_at = :now WHERE opening_id = :opening_id AND opened_by IS NULL")
_GET_KEY = text("SELECT sealed FROM kept_keys WHERE name = 'reference'")
_PUT_KEY = text("INSERT INTO kept_keys (name, sealed, updated_at) VALUES ('reference', :sealed, :now) ON CONFLICT (name) DO NOTHING")
_ANYTHING = text("SELECT 1 WHERE EXISTS (SELECT 1 FROM people) OR EXISTS (SELECT 1 FROM cases) OR EXISTS (SELECT 1 FROM decisions)")


@dataclass(frozen=True, slots=True)
class Found:
    """A case that a search led to. The same for everybody: neither a name nor an address (D19)."""

    case_id: str
    case_number: str
    kind: str
    state: str
    is_open: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What this reader may see of the person of a case: the same fields for everybody, None for what is not shown. `repr` shows nothing of it."""

    fields: Mapping[str, str | None]
    confirmation: str                   # whose binding it is, in few enough words (D5)
    level: ProtectionLevel
    opened: bool                        # a four-eyes opening of this reader is in force

    def __repr__(self) -> str:
        return "PersonFile(***)"


class Persons(Auditing):
    """The door. Every method that returns personal data takes an `Access` and writes its line, or raises and returns nothing."""

    def references(self) -> References:
        """What makes the opaque references of this installation. Its key is kept under seal and stays when the keys that seal are rotated: a person keeps
        one reference. An installation of before goes on with its first personal key; a new one gets a key of chance."""
        with self._read() as tx:
            sealed = tx.scalar(_GET_KEY)
        if sealed is not None:
            return References(self._sealer.open(sealed, "key/reference"))
        with self._write() as tx:
            return self._references(tx)

    def _references(self, tx: Tx) -> References:
        """The same inside a writing transaction; the first one makes the key."""
        sealed = tx.scalar(_GET_KEY)
        if sealed is None:
            key = self._sealer.first_key() if tx.one(_ANYTHING) else os.urandom(32)
            tx.run(_PUT_KEY, sealed=self._sealer.seal(key, "key/reference"), now=0)
            sealed = tx.scalar(_GET_KEY)
        return References(self._sealer.open(sealed, "key/reference"))

    def put_person(self, person: Person, now: datetime, access: Access = INTAKE) -> None:
        """Keep a form's personal data, sealed, and what it is found by; said again, it replaces the earlier."""
        with self._write() as tx:
            self._put_person(tx, person, now)
            self._note(tx, access, Action.WROTE, person.kind, person.person_ref, now)

    def _put_person(self, tx: Tx, person: Person, now: datetime) -> None:
        sealed = self._sealer.seal(json.dumps(dict(person.fields), ensure_ascii=False).encode(), f"person/{person.person_ref}")
        references = self._references(tx)
        tx.run(_PUT, person_ref=person.person_ref, kind=person.kind, sealed=sealed, now=to_us(now))
        tx.run(_UNINDEX, form_ref=person.person_ref)
        for token in references.tokens(person.fields):
            tx.run(_INDEX, token=token, form_ref=person.person_ref)
        subject = references.subject(person.fields)
        if subject is not None:
            tx.run(_FIRST_LEVEL, subject_ref=subject, sealed=self._level_sealed(subject, ProtectionLevel.NONE), now=to_us(now))

    def read_person(self, person_ref: str, now: datetime, access: Access) -> Person | None:
        """One form's data, or None. Raises `PlainError` (`seal_broken`, `seal_key_missing`) for a wrong key or a changed row."""
        with self._write() as tx:
            row = tx.one(_GET, person_ref=person_ref)
            if row is None:
                return None
            self._note(tx, access, Action.READ, row[0], person_ref, now)
        return Person(person_ref, row[0], json.loads(self._sealer.open(row[1], f"person/{person_ref}")))

    def read_case_person(self, case_id: str, viewer: Viewer, now: datetime, access: Access, *, visit: Visit | None = None,
                         action: Action = Action.READ) -> PersonFile | None:
        """The person of a case as `viewer` may see them (`case/access.py`); None where no form came in. Of a protected person nobody sees anything that
        leads to them, unless this very actor asked for, or did, a four-eyes opening within the last quarter of an hour."""
        with self._write() as tx:
            number = tx.scalar(_NUMBER, case_id=case_id)
            rows = tx.all(_FORMS, case_id=case_id)
            subjects = [str(row[0]) for row in tx.all(_SUBJECTS, case_id=case_id)]
            if not rows:
                return None
            level = next((found for subject in subjects if (found := self._level(tx, subject)) is not ProtectionLevel.NONE), ProtectionLevel.NONE)
            openings = [_opening(row) for subject in subjects for row in tx.all(_OPENINGS, subject_ref=subject)]
            self._note(tx, access, action, "person", case_id, now)
        opened = any(opening_in_force(one, access.actor, now) for one in openings)
        forms = {part: json.loads(self._sealer.open(sealed, f"person/{form_ref}")) for part, form_ref, sealed in rows}
        return PersonFile(shown(viewer, forms, level, opened=opened, visit=visit), confirmation_for(viewer, forms, level, str(number), visit), level, opened)

    def find_person(self, now: datetime, access: Access, *, name: str = "", person_number: str = "") -> list[Found]:
        """The cases of everybody of this name, or with this person number (twelve digits). Nothing else is searched by."""
        references = self.references()
        token = references.number_token(person_number) if person_number else references.name_token(name)
        with self._write() as tx:
            rows = tx.all(_FIND, token=token)
            self._note(tx, access, Action.SEARCHED, "by-number" if person_number else "by-name", "", now, len(rows))
            for row in rows:
                self._note(tx, access, Action.FOUND, "case", row[0], now)
        return [Found(case_id, number, kind, state, bool(is_open), from_us(opened_at)) for case_id, number, kind, state, is_open, opened_at in rows]

    def index_people(self, now: datetime, after: str = "", most: int = 100) -> str | None:
        """Give those who came in before there was an index what they are found by, `most` of them; returns where to go on, None at the end."""
        references = self.references()
        with self._write() as tx:
            rows = tx.all(_UNINDEXED, after=after, most=most)
            for form_ref, sealed in rows:
                fields = json.loads(self._sealer.open(sealed, f"person/{form_ref}"))
                for token in references.tokens(fields):
                    tx.run(_INDEX, token=token, form_ref=form_ref)
                if subject := references.subject(fields):
                    tx.run(_FIRST_LEVEL, subject_ref=subject, sealed=self._level_sealed(subject, ProtectionLevel.NONE), now=to_us(now))
        return str(rows[-1][0]) if len(rows) == most else None

    # ---- protected people (D19)

    def protect(self, case_id: str, level: ProtectionLevel, now: datetime, access: Access) -> None:
        """Set the level of the person of a case: of the person, so of all their cases. Raises `PlainError` (`no_person`)."""
        with self._write() as tx:
            for subject in self._subjects(tx, case_id):
                tx.run(_PUT_LEVEL, subject_ref=subject, sealed=self._level_sealed(subject, level), now=to_us(now))
            self._note(tx, access, Action.WROTE, "access-class", case_id, now)

    def ask_opening(self, case_id: str, reason: str, now: datetime, access: Access) -> str:
        """The first pair of eyes: ask that the person of a case be opened. Returns the reference that the second person names. Raises `PlainError`."""
        number = opening_id()
        with self._write() as tx:
            sealed = self._sealer.seal(reason.encode(), f"opening/{number}")
            tx.run(_ASK, opening_id=number, subject_ref=self._subjects(tx, case_id)[0], asked_by=access.actor, now=to_us(now), sealed=sealed)
            self._note(tx, access, Action.ASKED, "opening", case_id, now)
        return number

    def open_asked(self, case_id: str, number: str, now: datetime, access: Access) -> Opening:
        """The second pair of eyes. Raises `PlainError`: unknown, too late, or the same person."""
        with self._write() as tx:
            row = tx.one(_OPENING, opening_id=number)
            if row is None or row[1] not in self._subjects(tx, case_id):
                raise _unknown_opening()
            opening = _opening(row)
            refused = may_open(opening, access.actor, now)
            if refused is not None:
                raise PlainError(refused.code, refused.text, exit_code=3, http_status=409)
            tx.run(_OPEN, opening_id=number, by=access.actor, now=to_us(now))
            self._note(tx, access, Action.OPENED, "opening", case_id, now)
        return Opening(number, opening.asked_by, opening.asked_at, access.actor, now)

    def opening_reason(self, case_id: str, number: str, now: datetime, access: Access) -> str:
        """Why it was asked, for the second person to judge."""
        with self._write() as tx:
            row = tx.one(_REASON, opening_id=number)
            if row is None or row[0] not in self._subjects(tx, case_id):
                raise _unknown_opening()
            self._note(tx, access, Action.READ, "opening", case_id, now)
        return self._sealer.open(row[1], f"opening/{number}").decode()

    def is_protected(self, case_id: str) -> bool:
        """Whether the person of this case is protected: to be said clearly to whoever works with the case (JO 5932-2012), and nowhere else."""
        with self._read() as tx:
            subjects = [str(row[0]) for row in tx.all(_SUBJECTS, case_id=case_id)]
            return any(self._level(tx, subject) is not ProtectionLevel.NONE for subject in subjects)

    def cases_of_same_person(self, case_id: str) -> list[str]:
        """Ids of all cases of the person of this one, oldest first."""
        with self._read() as tx:
            found = {row[0]: None for subject in self._subjects(tx, case_id) for row in tx.all(_CASES_OF_SUBJECT, subject_ref=subject)}
        return list(found)

    def protected_cases(self, now: datetime, access: Access) -> list[str]:
        """Ids of the cases of protected people: for the auditor's question who has read them, and for nothing else; it is itself a line of the log."""
        with self._write() as tx:
            rows = tx.all(_SUBJECTS_OF_ALL)
            found = [case_id for subject, case_id in rows if self._level(tx, subject) is not ProtectionLevel.NONE]
            self._note(tx, access, Action.READ, "access-class", "", now, len(found))
        return found

    def _subjects(self, tx: Tx, case_id: str) -> list[str]:
        found = [str(row[0]) for row in tx.all(_SUBJECTS, case_id=case_id)]
        if not found:
            raise PlainError("no_person", Text("Ärendet har inget formulär med personnummer än.", "The case has no form with a person number yet."),
                             exit_code=3, http_status=409)
        return found

    def _level(self, tx: Tx, subject_ref: str) -> ProtectionLevel:
        sealed = tx.scalar(_GET_LEVEL, subject_ref=subject_ref)
        return ProtectionLevel.NONE if sealed is None else ProtectionLevel(json.loads(self._sealer.open(sealed, f"level/{subject_ref}"))["level"])

    def _level_sealed(self, subject_ref: str, level: ProtectionLevel) -> bytes:
        return self._sealer.seal(json.dumps({"level": level.value}).ljust(_LEVEL_BYTES).encode(), f"level/{subject_ref}")


def _opening(row: Row) -> Opening:
    return Opening(row[0], row[2], from_us(row[3]), row[4], None if row[5] is None else from_us(row[5]))


def _unknown_opening() -> PlainError:
    return PlainError("unknown_opening", Text("Någon sådan begäran finns inte i ärendet.", "There is no such request in this case."), exit_code=4, http_status=404)
