"""Reading for people: lists of cases, the journal, the notice board, the bindings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Binding, BindingState, Case, CaseKind, State
from provisioner.fault import Text
from provisioner.ports import JournalLine
from provisioner.store import codec
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


_LIST = text("SELECT case_id, case_number, kind, state, revision, is_open, wake_at, opened_at, updated_at FROM cases"
             " WHERE is_open >= :least_open ORDER BY updated_at DESC, case_id LIMIT :most")
_OPEN_CASES = text("SELECT case_id, body FROM cases WHERE is_open = 1 ORDER BY case_id")
_LOAD = text("SELECT body FROM cases WHERE case_id = :case_id")
_EXACT = text("SELECT case_id, body FROM cases WHERE case_id = :case_id OR case_number = :number")
_BEGINS = text("SELECT case_id, case_number FROM cases WHERE substr(lower(case_number), 1, :length) = :bare"
               " OR substr(lower(case_id), 1, :length) = :bare ORDER BY case_number")
_JOURNAL = text("SELECT seq, at, actor, input, policies.body AS policy, outcome, decision, state_after, revision_after"
                " FROM journal JOIN policies ON policies.policy_id = journal.policy_id WHERE case_id = :case_id ORDER BY seq")
_CASE_PAGE = text("SELECT case_id, body FROM cases WHERE case_id > :after ORDER BY case_id LIMIT :most")
_TOLD = text("SELECT case_id, key, audience, about, text_sv, text_en, at FROM told WHERE case_id = :case_id ORDER BY at DESC, key DESC LIMIT :most")
_ALL_TOLD = text("SELECT case_id, key, audience, about, text_sv, text_en, at FROM told ORDER BY at DESC, case_id DESC, key DESC LIMIT :most")
_BINDINGS = text("SELECT binding_id, serial, site_ref, provider_ref, schedule_ref, state, revision FROM bindings ORDER BY serial, binding_id")
_ACTIVE = text("SELECT binding_id, updated_at FROM bindings WHERE state = 'ACTIVE'")
_ENDS = text("SELECT binding_id, updated_at FROM bindings WHERE state = 'RETIRED'")
_CASES_OF = text("SELECT case_id FROM case_bindings WHERE binding_id = :binding_id AND is_open = 1")


class Listing(Database):
    """The reading methods."""

    def load(self, case_id: str) -> Case:
        """See `ports.Store`."""
        with self._read() as tx:
            body = tx.scalar(_LOAD, case_id=case_id)
        if body is None:
            raise unknown_case(case_id)
        return self._case(case_id, body)

    def _case(self, case_id: str, body: str) -> Case:
        """The case of this text."""
        return codec.load_case(body)

    def list_cases(self, *, open_only: bool = True, limit: int = 100) -> Sequence[CaseLine]:
        """Cases, the last changed first."""
        with self._read() as tx:
            rows = tx.all(_LIST, least_open=int(open_only), most=limit)
        return [CaseLine(case_id, number, CaseKind(kind), State(state), revision, bool(is_open), None if wake_at is None else from_us(wake_at),
                         from_us(opened_at), from_us(updated_at))
                for case_id, number, kind, state, revision, is_open, wake_at, opened_at, updated_at in rows]

    def open_cases(self) -> Sequence[Case]:
        """Every case that is not over."""
        with self._read() as tx:
            rows = tx.all(_OPEN_CASES)
        return [self._case(case_id, body) for case_id, body in rows]

    def find_case(self, wanted: str) -> Case:
        """The case with this number or id, or the only one whose number or id begins so. Raises `PlainError`: `unknown_case`, `ambiguous_case`.

        Letters' size does not matter. An exact number or id wins over a beginning.
        """
        bare = wanted.strip().lower()
        if not bare:
            raise unknown_case(wanted)
        with self._read() as tx:
            exact = tx.all(_EXACT, case_id=bare, number=wanted.strip())  # by the indexes: the search below reads every case there ever was
            rows = tx.all(_BEGINS, bare=bare, length=len(bare)) if len(exact) != 1 else []
        if len(exact) == 1:
            return self._case(*exact[0])
        found = [row for row in rows if bare in (row[0].lower(), row[1].lower())] or rows
        if not found:
            raise unknown_case(wanted)
        if len(found) > 1:
            raise ambiguous_case(wanted, [number for _, number in found[:3]])
        return self.load(found[0][0])

    def journal(self, case_id: str) -> list[JournalLine]:
        """All lines of a case, first to last. Raises `PlainError` (`unknown_case`)."""
        with self._read() as tx:
            rows = tx.all(_JOURNAL, case_id=case_id)
        if not rows:
            raise unknown_case(case_id)
        policy_of = {body: codec.load_policy(body) for body in {row[4] for row in rows}}
        return [JournalLine(seq, from_us(at), actor, codec.load_input(body), policy_of[policy], outcome, decision, state_after, revision_after)
                for seq, at, actor, body, policy, outcome, decision, state_after, revision_after in rows]

    def all_cases(self) -> Iterator[Case]:
        """Every case there is, a hundred at a time: for an auditor's question, which may take its time."""
        after = ""
        while True:
            with self._read() as tx:
                rows = tx.all(_CASE_PAGE, after=after, most=100)
            for _, body in rows:
                yield codec.load_case(body)
            if len(rows) < 100:
                return
            after = rows[-1][0]

    def told(self, case_id: str | None = None, *, limit: int = 1000) -> list[Told]:
        """Notices of a case, or of all cases: oldest first; with a limit, the newest `limit` of them."""
        with self._read() as tx:
            rows = tx.all(_ALL_TOLD, most=limit) if case_id is None else tx.all(_TOLD, case_id=case_id, most=limit)
        return [Told(told_of, key, audience, about, Text(sv, en), from_us(at)) for told_of, key, audience, about, sv, en, at in reversed(rows)]

    def bindings(self) -> list[Binding]:
        """All bindings our cases have known, as last told by the alarm centre."""
        with self._read() as tx:
            rows = tx.all(_BINDINGS)
        return [Binding(binding_id, SerialNumber(serial), site_ref, provider_ref, schedule_ref, BindingState(state), revision)
                for binding_id, serial, site_ref, provider_ref, schedule_ref, state, revision in rows]

    def active_since(self) -> dict[str, datetime]:
        """Since when each ACTIVE binding is ACTIVE, as far as we were told."""
        with self._read() as tx:
            return {row[0]: from_us(row[1]) for row in tx.all(_ACTIVE)}

    def binding_ends(self) -> dict[str, datetime]:
        """When each binding that is over was retired, as far as we were told."""
        with self._read() as tx:
            return {row[0]: from_us(row[1]) for row in tx.all(_ENDS)}

    def cases_of_binding(self, binding_id: str) -> Sequence[str]:
        """See `ports.Store`."""
        with self._read() as tx:
            return [row[0] for row in tx.all(_CASES_OF, binding_id=binding_id)]
