"""`SqlStore`: `ports.Store` on SQLite or PostgreSQL. Read `take` first; what it writes is in `taking.py`, the tables are in `schema.py`."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import bindparam, or_, select, text, update

from provisioner.case.advance import advance
from provisioner.case.audit import Access, Action, Purpose
from provisioner.case.effects import TellPeople
from provisioner.case.inputs import Heard, Input, Opened, Said, Woke
from provisioner.case.model import Case
from provisioner.case.outcome import Outcome, Verdict
from provisioner.case.policy import Policy
from provisioner.ports import Owed, Taken
from provisioner.store import codec, schema, taking
from provisioner.store.appointments import with_engagements
from provisioner.store.auditing import Auditing
from provisioner.store.calls import Calls, put_call
from provisioner.store.decisions import Decisions, follow_case
from provisioner.store.dossiers import Dossiers, write_dossier
from provisioner.store.engine import Synchronous
from provisioner.store.erasing import Erasing
from provisioner.store.keeping import Keeping
from provisioner.store.lights import Lights
from provisioner.store.listing import Listing
from provisioner.store.logins import Logins
from provisioner.store.register import Register, follow_register
from provisioner.store.rotating import Rotating
from provisioner.store.schema import from_us, to_us
from provisioner.store.sealing import Sealer
from provisioner.store.sitting import DESK_LOCK, ONE_DESK, Sitting
from provisioner.store.troubles import unknown_case
from provisioner.store.tx import RowRefused, Tx

_REMEMBERED = 256  # cases kept as values beside their text: about 5 kB each
T = TypeVar("T")
Decide = Callable[[Case | None, Input, datetime, Policy], Outcome]

_PICKED = (
    select(schema.owed.c.owed_id)
    .where(schema.owed.c.settled_at.is_(None),
           or_(schema.owed.c.claimed_until.is_(None), schema.owed.c.claimed_until <= bindparam("now_us")))
    .order_by(schema.owed.c.owed_at, schema.owed.c.case_id, schema.owed.c.seq, schema.owed.c.place)
    .limit(bindparam("most")).with_for_update(skip_locked=True).cte("picked"))
_CLAIM: Final = (
    update(schema.owed).where(schema.owed.c.owed_id.in_(select(_PICKED.c.owed_id)))
    .values(claimed_by=bindparam("worker"), claimed_until=bindparam("until_us")).returning(*schema.owed.c))
"""One statement for both databases. PostgreSQL skips what another worker is claiming at this very moment; SQLite, which knows no row locks, is
given the statement without FOR UPDATE and has the write lock."""
_RELEASE: Final = text("UPDATE owed SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = :worker AND settled_at IS NULL")
_TELL: Final = text("INSERT INTO told (case_id, key, audience, about, text_sv, text_en, at)"
                    " VALUES (:case_id, :key, :audience, :about, :sv, :en, :now) ON CONFLICT (case_id, key) DO NOTHING")
_DUE: Final = text("SELECT case_id FROM cases WHERE is_open = 1 AND wake_at <= :now_us ORDER BY wake_at, case_id LIMIT :most")
_NEXT: Final = text("SELECT min(wake_at) FROM cases WHERE is_open = 1")
_BY_MESSAGE: Final = text("SELECT * FROM owed WHERE msg_id = :msg_id AND settled_at IS NULL")


class SqlStore(Listing, Keeping, Rotating, Erasing, Logins, Lights, Dossiers, Calls, Decisions, Register):
    """Cases, journal, owed effects and people in one SQL database; see `ports.Store` for the promises."""

    def __init__(self, url: str, sealer: Sealer, *, decide: Decide = advance, lease_s: float = 60.0, busy_timeout_s: float = 5.0,
                 synchronous: Synchronous = "FULL", upgrade: bool = True, camera_sealer: Sealer | None = None, audit_url: str | None = None) -> None:
        """As `Database`. `decide` is the core; `lease_s`: for how long `take` claims new effects for its worker: longer than any camera call.
        `camera_sealer` seals the cameras' accounts; without it they can be neither read nor kept. `audit_url`: a database of its own for the audit log."""
        super().__init__(url, sealer, busy_timeout_s=busy_timeout_s, synchronous=synchronous, upgrade=upgrade)
        if audit_url is not None:
            self._audit_to = Auditing(audit_url, sealer, busy_timeout_s=busy_timeout_s, synchronous=synchronous, upgrade=upgrade)
        self._camera_sealer = camera_sealer
        self._decide = decide
        self._lease = timedelta(seconds=lease_s)
        self._latest: dict[str, tuple[str, Case]] = {}
        self._policies: dict[Policy, str] = {}  # those whose row is committed, by value

    def take(self, case_id: str, input: Input, now: datetime, policy: Policy, *, op_id: str | None = None, worker: str | None = None) -> Taken:
        """See `ports.Store`. An `op_id` that was taken before gives the earlier verdict with today's case, and changes nothing.

        Every input is journalled, refused and dropped ones too, except a `Woke` or `Heard` from which nothing followed: the clock may wake a case as
        often as it likes, and the alarm centre says each retained state again at each connect.
        """
        try:
            return self._take(case_id, input, now, policy, op_id, worker)
        except RowRefused:
            # PostgreSQL only: two daemons opened one case, or took one operation id of a case, at the same moment; the other one was first.
            # The rows are there now, so the second try sees them. A rule that is broken for another reason is broken again, and goes up.
            return self._take(case_id, input, now, policy, op_id, worker)

    def _take(self, case_id: str, input: Input, now: datetime, policy: Policy, op_id: str | None, worker: str | None) -> Taken:
        lines: list[tuple[Access, Action, str, str, int]] = []
        with self._write() as tx:
            taken, then = self._take_in(tx, case_id, input, now, policy, op_id, worker, lines)
            for access, action, kind, ref, count in lines:
                self._note(tx, access, action, kind, ref, now, count)
        then()
        return taken

    def sit(self, work: Callable[[Sitting], T], now: datetime, policy: Policy, access: Access) -> T:
        """Do `work` in one transaction: all that it takes is taken, or, where it raises, nothing."""
        try:
            return self._sit(work, now, policy, access)
        except RowRefused:
            return self._sit(work, now, policy, access)  # as in `take`: another program was first, and what it wrote is there now

    def _sit(self, work: Callable[[Sitting], T], now: datetime, policy: Policy, access: Access) -> T:
        with self._write() as tx:
            if not self._is_sqlite:
                tx.run(ONE_DESK, key=DESK_LOCK)
            sitting = Sitting(self, tx, now, policy, access)
            found = work(sitting)
            for who, action, kind, ref, count in sitting.lines:
                self._note(tx, who, action, kind, ref, now, count)
        for then in sitting.written:
            then()
        return found

    def _take_in(self, tx: Tx, case_id: str, input: Input, now: datetime, policy: Policy, op_id: str | None, worker: str | None,
                 lines: list[tuple[Access, Action, str, str, int]]) -> tuple[Taken, Callable[[], None]]:
        """`take` inside a transaction of the caller's, who writes `lines` to the audit log last, and calls what is returned once it is committed."""
        row = taking.load_for_update(tx, case_id)
        if row is None and not isinstance(input, Opened):
            raise unknown_case(case_id)
        before = None if row is None else self._case(case_id, row[0])
        earlier = taking.earlier_line(tx, case_id, op_id) if before is not None and op_id is not None else None
        if before is not None and earlier is not None:
            return Taken(case_id, _as_before(before, earlier), (), repeated=True), _nothing
        input = with_engagements(tx, case_id, input, is_postgresql=not self._is_sqlite)
        outcome = self._decide(before, input, now, policy)
        body = None if outcome.case is before else codec.dump_case(outcome.case)
        changed = body is not None and (row is None or body != row[0])
        if isinstance(input, Woke | Heard) and not changed and not outcome.asks:
            return Taken(case_id, outcome, ()), _nothing
        seq = 1 if row is None else row[1] + 1
        policy_id = self._policy(tx, policy)
        if changed and body is not None:
            taking.write_case(tx, outcome.case, body, now, is_new=before is None)
        taking.write_line(tx, case_id, seq, now, op_id, policy_id, input, outcome)
        if changed:
            taking.end_unlisted(tx, before, input, now)
            taking.write_bindings(tx, before, outcome.case, now)
            taking.write_people(tx, before, outcome.case)
            write_dossier(tx, before, outcome.case, now)
            follow_case(tx, before, outcome.case, now)
            follow_register(tx, before, outcome.case, taking.actor_of(input), now)
            taking.settle_left(tx, before, outcome.case, now)
        until = None if worker is None else to_us(now + self._lease)
        owed = taking.write_owed(tx, case_id, seq, outcome.asks, now, worker, until)
        if isinstance(input, Said):
            lines.append((Access(input.by, input.role.value, Purpose.CASE), Action.SAID, input.what.kind, case_id, 1))

        def committed() -> None:
            self._policies[policy] = policy_id  # only now is its row there
            if body is not None:
                self._remember(case_id, body, outcome.case)
        return Taken(case_id, outcome, () if worker is None else tuple(owed)), committed

    def _case(self, case_id: str, body: str) -> Case:
        """The case of this text; read again only where the text is not the one of last time, so another program's change is never missed."""
        text_then, case = self._latest.get(case_id, ("", None))
        if case is None or text_then != body:
            case = codec.load_case(body)
            self._remember(case_id, body, case)
        return case

    def _remember(self, case_id: str, body: str, case: Case) -> None:
        if len(self._latest) >= _REMEMBERED:
            self._latest.clear()
        self._latest[case_id] = (body, case)

    def _policy(self, tx: Tx, policy: Policy) -> str:
        known = self._policies.get(policy)
        if known is not None:
            return known
        body = codec.dump_policy(policy)
        policy_id = codec.policy_id(body)
        taking.write_policy(tx, policy_id, body)
        return policy_id

    def due(self, now: datetime, limit: int = 100) -> Sequence[str]:
        """See `ports.Store`."""
        with self._read() as tx:
            return [row[0] for row in tx.all(_DUE, now_us=to_us(now), most=limit)]

    def next_wake_at(self) -> datetime | None:
        """See `ports.Store`."""
        with self._read() as tx:
            us = tx.scalar(_NEXT)
        return None if us is None else from_us(us)

    def claim(self, worker: str, now: datetime, lease_s: float, limit: int = 50) -> Sequence[Owed]:
        """See `ports.Store`. `lease_s` in seconds. Rows that `worker` itself still holds are not given again."""
        until_us = to_us(now + timedelta(seconds=lease_s))
        with self._write() as tx:
            rows = tx.dicts(_CLAIM, now_us=to_us(now), most=limit, worker=worker, until_us=until_us)
        ordered = sorted(rows, key=lambda row: (row["owed_at"], row["case_id"], row["seq"], row["place"]))
        return [taking.owed_from(row) for row in ordered]

    def release(self, worker: str) -> None:
        """See `ports.Store`."""
        with self._write() as tx:
            tx.run(_RELEASE, worker=worker)

    def owed_for_message(self, msg_id: str) -> Owed | None:
        """See `ports.Store`."""
        with self._read() as tx:
            rows = tx.dicts(_BY_MESSAGE, msg_id=msg_id)
        return taking.owed_from(rows[0]) if rows else None

    def settle_told(self, owed: Owed, now: datetime) -> bool:
        """See `ports.Store`. Raises `ValueError` for any other effect than `TellPeople`: a bug of the caller."""
        effect = owed.effect
        if not isinstance(effect, TellPeople):
            raise ValueError(f"{owed.owed_id} is {effect.kind}; only notices are settled here")
        with self._write() as tx:
            told = tx.run(_TELL, case_id=owed.case_id, key=effect.key, audience=effect.audience, about=effect.about, sv=effect.text.sv,
                          en=effect.text.en, now=to_us(now))
            tx.run(taking.SETTLE, owed_id=owed.owed_id, now=to_us(now))
            if told > 0:
                put_call(tx, effect.key if effect.key.startswith(owed.case_id) else f"{owed.case_id}/{effect.key}", effect, owed.case_id, now)
            return told > 0


def _nothing() -> None:
    """Nothing was written, so nothing is to be remembered."""


def _as_before(case: Case, earlier: tuple[str, str, str | None]) -> Outcome:
    """The outcome of an operation that was taken before, over the case of today."""
    verdict, decision, refusal = earlier
    return Outcome(case, Verdict(verdict), why=tuple(decision.split("\n")) if decision else (),
                   refusal=None if refusal is None else codec.load_refusal(refusal))
