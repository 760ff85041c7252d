"""What one `take` writes, statement by statement. Every function here runs inside the caller's transaction and leaves commit and roll-back to it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, text

from provisioner.case.effects import ChangeProvider, Effect, FindBinding, TellPeople
from provisioner.case.identifiers import last4
from provisioner.case.inputs import Answered, Heard, Input, RegistryReply, Said
from provisioner.case.model import Binding, BindingState, Case, Token
from provisioner.case.outcome import Ask, Outcome
from provisioner.ports import Owed
from provisioner.store import codec, schema
from provisioner.store.schema import from_us, to_us
from provisioner.store.troubles import binding_in_other_case, camera_bound_twice, case_number_taken
from provisioner.store.tx import RowRefused, Tx

ASKED_AGAIN = timedelta(days=1)
"""How long a command that the registry accepted for later is left alone before it is sent again under the same message id."""

_log = logging.getLogger("provisioner.store")

# FOR UPDATE is written for PostgreSQL and left out for SQLite, whose BEGIN IMMEDIATE has locked the whole database already.
_LOAD: Final = select(schema.cases.c.body).where(schema.cases.c.case_id == bindparam("case_id")).with_for_update()
# Not a part of _LOAD: after a wait for the row PostgreSQL reads that row anew, but the rest of the statement still sees the moment before the wait.
_LAST: Final = text("SELECT max(seq) FROM journal WHERE case_id = :case_id")
_EARLIER: Final = text("SELECT outcome, decision, refusal FROM journal WHERE case_id = :case_id AND op_id = :op_id")
_NEW_CASE: Final = insert(schema.cases)
_CASE: Final = text("UPDATE cases SET kind = :kind, state = :state, revision = :revision, is_open = :is_open, wake_at = :wake_at, body = :body,"
                    " updated_at = :updated_at WHERE case_id = :case_id")
_LINE: Final = insert(schema.journal)
_POLICY: Final = text("INSERT INTO policies (policy_id, body) VALUES (:policy_id, :body) ON CONFLICT (policy_id) DO NOTHING")
_UNSETTLED: Final = text("SELECT owed_id FROM owed WHERE case_id = :case_id AND settled_at IS NULL AND leg IS NOT NULL")
SETTLE: Final = text("UPDATE owed SET settled_at = :now WHERE owed_id = :owed_id AND settled_at IS NULL")
_AWAITED: Final = text("UPDATE owed SET claimed_until = :until WHERE owed_id = :owed_id AND settled_at IS NULL AND claimed_until < :until")
_IS_OWED: Final = text("SELECT 1 FROM owed WHERE owed_id = :owed_id")
_OWE: Final = insert(schema.owed)
# A revision only ever grows. An equal one is written again: it is the same fact, seen by another case. `updated_at`: since when it is in this state.
_BINDING: Final = text(
    "INSERT INTO bindings (binding_id, serial, site_ref, provider_ref, schedule_ref, state, revision, case_id, updated_at)"
    " VALUES (:binding_id, :serial, :site_ref, :provider_ref, :schedule_ref, :state, :revision, :case_id, :now)"
    " ON CONFLICT (binding_id) DO UPDATE SET serial = excluded.serial, site_ref = excluded.site_ref, provider_ref = excluded.provider_ref,"
    " schedule_ref = excluded.schedule_ref, state = excluded.state, revision = excluded.revision, case_id = excluded.case_id,"
    " updated_at = CASE WHEN excluded.state = bindings.state THEN bindings.updated_at ELSE excluded.updated_at END WHERE excluded.revision >= bindings.revision")
_BELIEVED: Final = text(
    "SELECT binding_id FROM bindings WHERE serial = :serial AND state <> 'RETIRED' AND NOT EXISTS"
    " (SELECT 1 FROM case_bindings WHERE case_bindings.binding_id = bindings.binding_id AND is_open = 1)")
_ENDED: Final = text("UPDATE bindings SET state = 'RETIRED', updated_at = :now WHERE binding_id = :binding_id")
_UNKNOW: Final = text("UPDATE case_bindings SET is_open = 0 WHERE case_id = :case_id AND is_open = 1")
_KNOW: Final = text(
    "INSERT INTO case_bindings (binding_id, case_id, is_open) VALUES (:binding_id, :case_id, :is_open)"
    " ON CONFLICT (binding_id, case_id) DO UPDATE SET is_open = excluded.is_open")

_NO_FORM: Final = text("DELETE FROM case_people WHERE case_id = :case_id AND part = :part")
_FORM: Final = text("INSERT INTO case_people (case_id, form_ref, part, subject_ref, site_ref) VALUES (:case_id, :form_ref, :part, :subject_ref, :site_ref)")

# Leaving first: a binding that ends makes room for the one that begins, within one take.
_ORDER = {BindingState.RETIRED: 0, BindingState.SUSPENDED: 1, BindingState.TEST: 2, BindingState.ACTIVE: 2}


def load_for_update(tx: Tx, case_id: str) -> tuple[str, int] | None:
    """The case's body, and the number of its last journal line; the row stays locked until the transaction ends. None: no such case."""
    body = tx.scalar(_LOAD, case_id=case_id)
    return None if body is None else (body, tx.scalar(_LAST, case_id=case_id) or 0)


def earlier_line(tx: Tx, case_id: str, op_id: str) -> tuple[str, str, str | None] | None:
    """Outcome, decision and refusal (JSON) of the input that was taken under this `op_id`."""
    row = tx.one(_EARLIER, case_id=case_id, op_id=op_id)
    return None if row is None else (row[0], row[1], row[2])


def write_policy(tx: Tx, policy_id: str, body: str) -> None:
    """Make sure that the policy has its row."""
    tx.run(_POLICY, policy_id=policy_id, body=body)


def write_case(tx: Tx, case: Case, body: str, now: datetime, *, is_new: bool) -> None:
    """Write the case's row. Raises `PlainError` (`case_number_taken`)."""
    values: dict[str, Any] = {
        "kind": case.kind.value, "state": case.state.value, "revision": case.revision, "is_open": int(not case.is_final),
        "wake_at": None if case.wake_at is None else to_us(case.wake_at), "body": body, "updated_at": to_us(now),
    }
    if not is_new:
        tx.run(_CASE, case_id=case.case_id, **values)
        return
    try:
        tx.run(_NEW_CASE, case_id=case.case_id, case_number=case.case_number, opened_at=to_us(case.opened_at), **values)
    except RowRefused as error:
        if "case_number" in str(error) or "one_case_per_number" in str(error):
            raise case_number_taken(case.case_number) from None
        raise


def write_line(tx: Tx, case_id: str, seq: int, now: datetime, op_id: str | None, policy_id: str, input: Input, outcome: Outcome) -> None:
    """Add the journal line."""
    tx.run(_LINE, case_id=case_id, seq=seq, at=to_us(now), actor=actor_of(input), op_id=op_id, policy_id=policy_id, input=codec.dump_input(input),
           outcome=outcome.verdict.value, decision="\n".join(outcome.why),
           refusal=None if outcome.refusal is None else codec.dump_refusal(outcome.refusal),
           state_after=outcome.case.state.value, revision_after=outcome.case.revision)


def write_people(tx: Tx, before: Case | None, case: Case) -> None:
    """Say whose forms the case has: its latest ones. A form that was replaced belongs to no case any more, and is erased after its days."""
    for part, notice, earlier in (("handing_over", case.handing_over, before and before.handing_over), ("receiving", case.receiving, before and before.receiving)):
        if notice is not None and notice != earlier:
            tx.run(_NO_FORM, case_id=case.case_id, part=part)
            tx.run(_FORM, case_id=case.case_id, form_ref=notice.form_ref, part=part, subject_ref=notice.person_ref, site_ref=notice.site_ref)


def actor_of(input: Input) -> str:
    """Who stands behind an input: the person's opaque reference, the alarm centre, or the system itself."""
    if isinstance(input, Said):
        return input.by
    return "alarm-centre" if isinstance(input, Heard) else "system"


def settle_left(tx: Tx, before: Case | None, case: Case, now: datetime) -> None:
    """Settle the owed effects nobody waits for any more: those whose token belongs to no errand under way in the new case."""
    if before is None or not before.errands:
        return
    under_way = {owed_id_of(case.case_id, errand.token, errand.effect)
                 for errand in case.errands if errand.retry_at is None and not errand.stuck}
    for (owed_id,) in tx.all(_UNSETTLED, case_id=case.case_id):
        if owed_id not in under_way:
            tx.run(SETTLE, owed_id=owed_id, now=to_us(now))
    for errand in case.errands:  # accepted for an instant that may be months away: sent again once a day (and at a start), not with every lease
        if errand.accepted and isinstance(errand.effect, ChangeProvider):
            until = min(now + ASKED_AGAIN, errand.effect.effective_at)
            tx.run(_AWAITED, owed_id=owed_id_of(case.case_id, errand.token, errand.effect), until=to_us(until))


def owed_id_of(case_id: str, token: Token | None, effect: Effect) -> str:
    """`<case>/<leg>/<errand>/<attempt>`, or `<case>/tell/<key>` for what nobody waits for."""
    if token is not None:
        return f"{case_id}/{token.leg}/{token.errand}/{token.attempt}"
    if isinstance(effect, TellPeople):
        return f"{case_id}/tell/{effect.key}"
    raise ValueError(f"{effect.kind} needs a token: only notices go without an answer")


def write_owed(tx: Tx, case_id: str, seq: int, asks: tuple[Ask, ...], now: datetime, worker: str | None, until: int | None) -> list[Owed]:
    """Owe the effects, claimed for `worker` (if any) until `until` (µs). Returns the new ones: a notice whose key is known is owed only once."""
    owed: list[Owed] = []
    for place, ask in enumerate(asks):
        owed_id, token, effect = owed_id_of(case_id, ask.token, ask.effect), ask.token, ask.effect
        deadline_us = None if ask.deadline_at is None else to_us(ask.deadline_at)
        if token is None and tx.one(_IS_OWED, owed_id=owed_id) is not None:
            continue
        # Nobody else performs it while its first try may still be answered, even where its deadline is later than the lease.
        claimed_until = until if until is None or deadline_us is None else max(until, deadline_us)
        tx.run(_OWE, owed_id=owed_id, case_id=case_id, seq=seq, place=place, kind=effect.kind, msg_id=getattr(effect, "msg_id", None),
               leg=None if token is None else token.leg, errand=None if token is None else token.errand,
               attempt=None if token is None else token.attempt, body=codec.dump_effect(effect), deadline_at=deadline_us, owed_at=to_us(now),
               settled_at=None, claimed_by=worker, claimed_until=claimed_until)
        owed.append(Owed(owed_id, case_id, token, effect, ask.deadline_at))
    return owed


def write_bindings(tx: Tx, before: Case | None, case: Case, now: datetime) -> None:
    """Copy what the case knows of the registry's rows to where the unique indexes watch over all cases.

    Raises `PlainError`: `camera_bound_twice` (invariant 1) and `binding_in_other_case` (U35); the caller rolls back.
    """
    known = [binding for binding in (case.old_binding, case.new_binding) if binding is not None]
    already = () if before is None else (before.old_binding, before.new_binding)
    for binding in sorted((binding for binding in known if binding not in already), key=lambda binding: _ORDER[binding.state]):
        _write_binding(tx, binding, case.case_id, now)
    ids_before = {binding.binding_id for binding in already if binding is not None}
    ids = {binding.binding_id for binding in known}
    if ids == ids_before and (before is None or before.is_final == case.is_final):
        return
    tx.run(_UNKNOW, case_id=case.case_id)
    for binding_id in sorted(ids):
        try:
            tx.run(_KNOW, binding_id=binding_id, case_id=case.case_id, is_open=int(not case.is_final))
        except RowRefused:
            raise binding_in_other_case(binding_id) from None


def end_unlisted(tx: Tx, before: Case | None, input: Input, now: datetime) -> None:
    """Believe the alarm centre's own list: a binding of a closed case that it lists no more for the serial is over.

    The registry forgets the retained state of a RETIRED binding after a day; a daemon that was away that long would keep it ACTIVE for ever, and
    the index of invariant 1 would refuse the next case of the same camera.
    """
    if before is None or not isinstance(input, Answered) or not isinstance(input.answer, RegistryReply) or input.answer.result != "completed":
        return
    errand = before.errand(input.token)
    if errand is None or not isinstance(errand.effect, FindBinding):
        return
    listed = {binding.binding_id for binding in input.answer.bindings}
    for (binding_id,) in tx.all(_BELIEVED, serial=errand.effect.serial):
        if binding_id not in listed:
            tx.run(_ENDED, binding_id=binding_id, now=to_us(now))
            _log.warning("case=%s camera=...%s binding %s of a closed case is not in the registry any more", before.case_id,
                         last4(errand.effect.serial), binding_id)


def _write_binding(tx: Tx, binding: Binding, case_id: str, now: datetime) -> None:
    try:
        tx.run(_BINDING, binding_id=binding.binding_id, serial=binding.serial, site_ref=binding.site_ref, provider_ref=binding.provider_ref,
               schedule_ref=binding.schedule_ref, state=binding.state.value, revision=binding.revision, case_id=case_id, now=to_us(now))
    except RowRefused:
        _log.critical("case=%s camera=...%s the database refused a second binding in force (%s, %s)", case_id, last4(binding.serial),
                      binding.binding_id, binding.state.value)
        raise camera_bound_twice(last4(binding.serial), binding.binding_id) from None


def owed_from(row: Mapping[Any, Any]) -> Owed:
    """An `Owed` from its row."""
    token = None if row["leg"] is None else Token(row["leg"], row["errand"], row["attempt"])
    deadline_at = None if row["deadline_at"] is None else from_us(row["deadline_at"])
    return Owed(row["owed_id"], row["case_id"], token, codec.load_effect(row["body"]), deadline_at)
