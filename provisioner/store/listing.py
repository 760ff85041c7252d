"""Reading for people: lists of cases, the journal, the notice board, the bindings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Binding, BindingState, Case, CaseKind, State
from provisioner.fault import Text
from provisioner.ports import JournalLine
from provisioner.store import codec, schema
from provisioner.store.database import Database
from provisioner.store.schema import from_us
from provisioner.store.troubles import ambiguous_case, unknown_case


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list, without its body."""

    case_id: str
    case_number: str
    kind: CaseKind
    state: State
    revision: int
    is_open: bool
    wake_at: datetime | None
    opened_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One notice on the board."""

    case_id: str
    key: str
    audience: str
    about: str
    text: Text
    at: datetime


_CASE_COLUMNS = [column for column in schema.cases.c if column.name != "body"]


class Listing(Database):
    """The reading methods."""

    def load(self, case_id: str) -> Case:
        """See `ports.Store`."""
        with self._read() as tx:
            body = tx.scalar(select(schema.cases.c.body).where(schema.cases.c.case_id == case_id))
        if body is None:
            raise unknown_case(case_id)
        return codec.load_case(body)

    def list_cases(self, *, open_only: bool = True, limit: int = 100) -> Sequence[CaseLine]:
        """Cases, the last changed first."""
        query = select(*_CASE_COLUMNS).order_by(schema.cases.c.updated_at.desc(), schema.cases.c.case_id).limit(limit)
        if open_only:
            query = query.where(schema.cases.c.is_open == 1)
        with self._read() as tx:
            rows = tx.execute(query).mappings().all()
        return [CaseLine(row["case_id"], row["case_number"], CaseKind(row["kind"]), State(row["state"]), row["revision"], bool(row["is_open"]),
                         None if row["wake_at"] is None else from_us(row["wake_at"]), from_us(row["opened_at"]), from_us(row["updated_at"]))
                for row in rows]

    def find_case(self, wanted: str) -> Case:
        """The case with this number or id, or the only one whose number or id begins so. Raises `PlainError`: `unknown_case`, `ambiguous_case`.

        Letters' size does not matter. An exact number or id wins over a beginning.
        """
        bare = wanted.strip().lower()
        if not bare:
            raise unknown_case(wanted)
        begins = text("SELECT case_id, case_number FROM cases WHERE substr(lower(case_number), 1, :length) = :bare"
                      " OR substr(lower(case_id), 1, :length) = :bare ORDER BY case_number")
        with self._read() as tx:
            rows = tx.execute(begins, {"bare": bare, "length": len(bare)}).all()
        exact = [row for row in rows if bare in (row.case_number.lower(), row.case_id.lower())]
        found = exact or rows
        if not found:
            raise unknown_case(wanted)
        if len(found) > 1:
            raise ambiguous_case(wanted, [row.case_number for row in found[:3]])
        return self.load(found[0].case_id)

    def journal(self, case_id: str) -> list[JournalLine]:
        """All lines of a case, first to last. Raises `PlainError` (`unknown_case`)."""
        lines, policies = schema.journal, schema.policies
        query = (select(lines, policies.c.body.label("policy")).join(policies, policies.c.policy_id == lines.c.policy_id)
                 .where(lines.c.case_id == case_id).order_by(lines.c.seq))
        with self._read() as tx:
            rows = tx.execute(query).mappings().all()
        if not rows:
            raise unknown_case(case_id)
        policy_of = {body: codec.load_policy(body) for body in {row["policy"] for row in rows}}
        return [JournalLine(row["seq"], from_us(row["at"]), row["actor"], codec.load_input(row["input"]), policy_of[row["policy"]], row["outcome"],
                            row["decision"], row["state_after"], row["revision_after"]) for row in rows]

    def told(self, case_id: str | None = None, *, limit: int = 1000) -> list[Told]:
        """Notices of a case, or of all cases: oldest first; with a limit, the newest `limit` of them."""
        told = schema.told
        query = select(told).order_by(told.c.at.desc(), told.c.case_id, told.c.key).limit(limit)
        if case_id is not None:
            query = query.where(told.c.case_id == case_id)
        with self._read() as tx:
            rows = tx.execute(query).all()
        return [Told(row.case_id, row.key, row.audience, row.about, Text(row.text_sv, row.text_en), from_us(row.at)) for row in reversed(rows)]

    def bindings(self) -> list[Binding]:
        """All bindings our cases have known, as last told by the alarm centre."""
        with self._read() as tx:
            rows = tx.execute(select(schema.bindings).order_by(schema.bindings.c.serial, schema.bindings.c.binding_id)).all()
        return [Binding(row.binding_id, SerialNumber(row.serial), row.site_ref, row.provider_ref, row.schedule_ref, BindingState(row.state),
                        row.revision) for row in rows]

    def cases_of_binding(self, binding_id: str) -> Sequence[str]:
        """See `ports.Store`."""
        known = schema.case_bindings
        with self._read() as tx:
            return list(tx.scalars(select(known.c.case_id).where(known.c.binding_id == binding_id, known.c.is_open == 1)))
