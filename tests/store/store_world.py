"""Small values and a small core, with which the store's tests say what they mean.

Run as a program it is the process that is killed: it takes inputs without end and prints the revision after each commit.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provisioner.case.effects import Effect, ReadIdentity, ResumeBinding, TellPeople
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import Input, Opened, Said, TaskDone, Woke
from provisioner.case.model import Binding, BindingState, Case, CaseKind, Errand, Role, State, Token
from provisioner.case.outcome import Ask, Outcome, Refusal, Verdict
from provisioner.case.policy import Policy
from provisioner.fault import Text
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore

NOW = datetime(2026, 11, 23, 2, 41, 7, 123456, tzinfo=UTC)
POLICY = Policy()
SEALER = Sealer(bytes(range(32)))
SERIAL = SerialNumber("ACCC8E123456")


def later(s: float) -> datetime:
    """`s` seconds after NOW."""
    return NOW + timedelta(seconds=s)


def said(note: str = "") -> Said:
    """Anything a person says; the script decides what it means."""
    return Said("tech-1", Role.TECHNICIAN, TaskDone("call", note))


def binding(binding_id: str, state: BindingState, revision: int = 1, serial: str = SERIAL) -> Binding:
    """A binding with uninteresting references."""
    return Binding(binding_id, SerialNumber(serial), "site-1", "provider-1", "schedule-1", state, revision)


def resume(msg_id: str) -> ResumeBinding:
    """A registry effect."""
    return ResumeBinding("binding-1", SERIAL, 1, msg_id)


def identity() -> ReadIdentity:
    """A camera effect."""
    return ReadIdentity(SERIAL)


def notice(key: str) -> TellPeople:
    """A notice for the coordinator."""
    return TellPeople(key, "coordinator", "reminder", Text("Påminnelse.", "Reminder."))


def ask(effect: Effect, token: Token | None = None, deadline_at: datetime | None = None) -> Ask:
    """An effect as `advance` asks for it."""
    return Ask(effect, token, deadline_at)


def errand(effect: Effect, token: Token, **kwargs: Any) -> Errand:
    """An errand under way, unless told otherwise."""
    return Errand(token, effect, NOW, None, **kwargs)


class Script:
    """A core of which the test says what it answers next. Without a word from the test: `Opened` opens, all else is noted and changes nothing."""

    def __init__(self) -> None:
        self.calls = 0
        self._next: dict[str, Any] = {}

    def answers(self, *, verdict: Verdict = Verdict.NOTED, asks: tuple[Ask, ...] = (), why: tuple[str, ...] = ("because",),
                refusal: Refusal | None = None, **changes: Any) -> None:
        """The next input is answered so; `changes` are fields of the case."""
        self._next = {"verdict": verdict, "asks": asks, "why": why, "refusal": refusal, "changes": changes}

    def __call__(self, case: Case | None, input: Input, now: datetime, policy: Policy) -> Outcome:
        self.calls += 1
        if case is None:
            assert isinstance(input, Opened)
            case = Case(input.case_id, input.case_number, input.case_kind, now)
            self._next = self._next or {"verdict": Verdict.MOVED, "asks": (), "why": ("opened",), "refusal": None, "changes": {}}
            self._next["changes"].setdefault("revision", 1)
        say, self._next = self._next, {}
        if not say:
            return Outcome(case, Verdict.DROPPED, why=("nothing follows",))
        changes = say["changes"]
        if changes and "revision" not in changes:
            changes["revision"] = case.revision + 1
        return Outcome(replace(case, **changes) if changes else case, say["verdict"], say["asks"], say["why"], say["refusal"])


def opened(store: SqlStore, case_id: str = "case-1", **kwargs: Any) -> Case:
    """A case in the store."""
    return store.take(case_id, Opened(case_id, "K-" + case_id, CaseKind.MOVE_ONLY), NOW, POLICY, **kwargs).outcome.case


TABLES = ("cases", "journal", "policies", "owed", "bindings", "case_bindings", "told", "people", "camera_places", "daemons", "dossiers", "dossier_marks",
          "case_people", "person_index", "protections", "openings", "audit")


def rows(url: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, by a connection of its own."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings().all()
            return sorted((dict(row) for row in found), key=str)
    finally:
        engine.dispose()


def everything(url: str) -> dict[str, list[dict[str, Any]]]:
    """The whole database, to compare before and after."""
    return {table: rows(url, table) for table in TABLES}


def restless(case: Case | None, input: Input, now: datetime, policy: Policy) -> Outcome:
    """A core that answers each input with a new errand in place of the last one, and a notice."""
    if case is None:
        assert isinstance(input, Opened)
        return Outcome(Case(input.case_id, input.case_number, input.case_kind, now, revision=1), Verdict.MOVED)
    number = case.revision + 1
    token = Token(number, "identity", 1)
    case = replace(case, revision=number, state=State.INSTALLED, errands=(Errand(token, identity(), now, now),),
                   old_binding=binding("binding-1", BindingState.SUSPENDED, number), new_binding=binding("binding-2", BindingState.TEST, number))
    return Outcome(case, Verdict.MOVED, (Ask(identity(), token, now), Ask(notice(f"n{number}"), None, None)))


def main() -> None:
    """Take inputs until killed."""
    store = SqlStore(sys.argv[1], SEALER, decide=restless)
    opened(store)
    while True:
        case = store.take("case-1", Woke(), NOW, POLICY, op_id=None).outcome.case
        sys.stdout.write(f"{case.revision}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
