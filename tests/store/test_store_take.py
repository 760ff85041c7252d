"""One take is one transaction: case, journal line, owed effects and bindings, or nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from store_world import (
    NOW,
    POLICY,
    SERIAL,
    Script,
    ask,
    binding,
    errand,
    everything,
    identity,
    later,
    notice,
    opened,
    resume,
    rows,
    said,
)

from provisioner.case.effects import FindBinding
from provisioner.case.inputs import Answered, Heard, LookDone, Opened, RegistryReply, Woke
from provisioner.case.model import BindingState, CaseKind, State, Token
from provisioner.case.outcome import Refusal, Verdict
from provisioner.case.policy import Policy
from provisioner.fault import PlainError, Text
from provisioner.store.sql import SqlStore
from provisioner.store.tx import Tx

Open = Callable[..., SqlStore]
T1, T2 = Token(1, "identity", 1), Token(1, "identity", 2)


def test_opened_makes_the_case_and_the_first_line_of_its_journal(open_store: Open) -> None:
    store = open_store()
    taken = store.take("case-1", Opened("case-1", "K-1", CaseKind.MOVE_ONLY), NOW, POLICY, op_id="op-1")
    assert store.load("case-1") == taken.outcome.case
    (line,) = store.journal("case-1")
    assert (line.seq, line.at, line.actor, line.policy, line.outcome) == (1, NOW, "system", POLICY, "moved")
    assert line.input == Opened("case-1", "K-1", CaseKind.MOVE_ONLY)


def test_unknown_case_is_refused_with_a_sentence_and_leaves_nothing(open_store: Open, url: str) -> None:
    store = open_store()
    before = everything(url)
    for doing in (lambda: store.take("case-9", said(), NOW, POLICY), lambda: store.load("case-9"), lambda: store.journal("case-9")):
        with pytest.raises(PlainError) as caught:
            doing()
        assert caught.value.code == "unknown_case"
        assert "inget ärende" in caught.value.text.sv
    assert everything(url) == before


def test_case_number_of_another_case_is_refused(open_store: Open) -> None:
    store = open_store()
    opened(store)
    with pytest.raises(PlainError) as caught:
        store.take("case-2", Opened("case-2", "K-case-1", CaseKind.MOVE_ONLY), NOW, POLICY)
    assert caught.value.code == "case_number_taken"


def test_h1_refused_and_dropped_inputs_are_journalled_and_change_nothing_else(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    before = rows(url, "cases")
    refusal = Refusal("wrong_serial", Text("Fel kamera.", "Wrong camera."), "scanned")
    script.answers(verdict=Verdict.REFUSED, refusal=refusal, why=("Wrong camera.",))
    assert store.take("case-1", said(), later(1), POLICY).outcome.refusal == refusal
    script.answers(verdict=Verdict.DROPPED, why=("late",))
    store.take("case-1", Answered(T1, RegistryReply("completed", None, NOW)), later(2), POLICY)
    assert rows(url, "cases") == before
    lines = store.journal("case-1")
    assert [(line.seq, line.outcome, line.actor, line.decision) for line in lines] == [
        (1, "moved", "system", "opened"), (2, "refused", "tech-1", "Wrong camera."), (3, "dropped", "system", "late")]


def test_woke_and_heard_are_journalled_only_where_something_followed(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    for number in range(3):
        store.take("case-1", Woke(), later(1), POLICY)
        store.take("case-1", Heard(LookDone("binding-1", NOW, ok=True)), later(1), POLICY, op_id=f"event-{number}")
    assert len(store.journal("case-1")) == 1
    script.answers(asks=(ask(notice("n1")),))
    store.take("case-1", Woke(), later(2), POLICY)
    script.answers(wake_at=later(9))
    store.take("case-1", Woke(), later(3), POLICY)
    assert [line.at for line in store.journal("case-1")] == [NOW, later(2), later(3)]


def test_op_id_taken_before_gives_the_earlier_verdict_and_changes_nothing(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store, op_id="op-1")
    refusal = Refusal("wrong_serial", Text("Fel kamera.", "Wrong camera."))
    script.answers(verdict=Verdict.REFUSED, refusal=refusal, why=("one", "two"))
    store.take("case-1", said(), NOW, POLICY, op_id="op-2")
    before, calls = everything(url), script.calls
    again = store.take("case-1", said("other words"), later(5), POLICY, op_id="op-2", worker="w")
    assert again.repeated
    assert again.owed == ()
    assert (again.outcome.verdict, again.outcome.refusal, again.outcome.why) == (Verdict.REFUSED, refusal, ("one", "two"))
    assert opened(store, op_id="op-1").case_id == "case-1"
    assert (everything(url), script.calls) == (before, calls)


def test_op_id_is_known_within_its_own_case_only(open_store: Open) -> None:
    store = open_store(decide=Script())
    opened(store, "case-1", op_id="op-1")
    opened(store, "case-2", op_id="op-1")
    assert not store.take("case-2", said(), NOW, POLICY, op_id="op-2").repeated
    assert not store.take("case-1", said(), NOW, POLICY, op_id="op-2").repeated
    assert store.take("case-1", said(), NOW, POLICY, op_id="op-2").repeated


def test_policies_are_kept_once_and_each_line_has_its_own(open_store: Open, url: str) -> None:
    store = open_store(decide=Script())
    opened(store)
    other = Policy(hold_review=timedelta(hours=12))
    for policy in (POLICY, other, POLICY, other):
        store.take("case-1", said(), NOW, policy)
    assert [line.policy for line in store.journal("case-1")] == [POLICY, POLICY, other, POLICY, other]
    assert len(rows(url, "policies")) == 2


def test_new_effects_are_claimed_for_the_worker_and_left_free_without_one(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script, lease_s=60)
    opened(store)
    script.answers(asks=(ask(identity(), T1, later(20)), ask(notice("n1"))), errands=(errand(identity(), T1),))
    taken = store.take("case-1", said(), NOW, POLICY, worker="w1")
    assert [owed.owed_id for owed in taken.owed] == ["case-1/1/identity/1", "case-1/tell/n1"]
    assert taken.owed[0].token == T1
    assert taken.owed[0].deadline_at == later(20)
    assert store.claim("w2", later(59), 60) == []
    assert store.claim("w2", later(60), 60) == list(taken.owed)

    script.answers(asks=(ask(notice("n2")),))
    taken = store.take("case-1", said(), later(61), POLICY)
    assert taken.owed == ()
    assert [owed.owed_id for owed in store.claim("w3", later(61), 60)] == ["case-1/tell/n2"]


def test_effect_whose_deadline_is_later_than_the_lease_stays_claimed_until_the_deadline(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script, lease_s=10)
    opened(store)
    script.answers(asks=(ask(identity(), T1, later(100)),), errands=(errand(identity(), T1),))
    store.take("case-1", said(), NOW, POLICY, worker="w1")
    assert store.claim("w2", later(99), 60) == []
    assert len(store.claim("w2", later(100), 60)) == 1


@pytest.mark.parametrize("after", [
    (), (errand(identity(), T1, retry_at=later(5)),), (errand(identity(), T1, stuck=True),), (errand(identity(), T2),),
], ids=["answered", "resting", "stuck", "next attempt"])
def test_owed_effect_is_settled_when_nobody_waits_for_its_token(open_store: Open, url: str, after: Any) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(asks=(ask(identity(), T1), ask(notice("n1"))), errands=(errand(identity(), T1),))
    store.take("case-1", said(), NOW, POLICY)
    script.answers(errands=after)
    store.take("case-1", said(), later(3), POLICY)
    settled = {row["owed_id"]: row["settled_at"] is not None for row in rows(url, "owed")}
    assert settled == {"case-1/1/identity/1": True, "case-1/tell/n1": False}


def test_owed_effect_stays_owed_while_its_errand_is_under_way(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(asks=(ask(resume("msg-1"), T1),), errands=(errand(resume("msg-1"), T1),))
    store.take("case-1", said(), NOW, POLICY)
    script.answers(errands=(errand(resume("msg-1"), T1, accepted=True),))
    store.take("case-1", said(), later(3), POLICY)
    assert [row["settled_at"] for row in rows(url, "owed")] == [None]
    assert store.owed_for_message("msg-1") is not None


def test_notice_with_a_known_key_is_owed_once_only(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    for _ in range(2):
        script.answers(asks=(ask(notice("n1")),))
        taken = store.take("case-1", said(), NOW, POLICY, worker="w")
    assert taken.owed == ()
    assert len(rows(url, "owed")) == 1


def test_token_used_twice_is_a_bug_that_is_heard(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(asks=(ask(identity(), T1),), errands=(errand(identity(), T1),))
    store.take("case-1", said(), NOW, POLICY)
    before = everything(url)

    def again(*_: Any) -> Any:
        script.answers(asks=(ask(identity(), T1),), revision=9)
        return script(*_)

    store = open_store(decide=again)
    with pytest.raises(Exception, match="owed"):
        store.take("case-1", said(), NOW, POLICY)
    assert everything(url) == before


def test_final_case_is_closed_for_the_clock_and_for_its_bindings(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(old_binding=binding("binding-1", BindingState.ACTIVE), wake_at=later(5))
    store.take("case-1", said(), NOW, POLICY)
    assert store.due(later(5)) == ["case-1"]
    assert store.next_wake_at() == later(5)
    assert store.cases_of_binding("binding-1") == ["case-1"]
    script.answers(state=State.CLOSED)
    store.take("case-1", said(), NOW, POLICY)
    assert store.due(later(99)) == []
    assert store.next_wake_at() is None
    assert store.cases_of_binding("binding-1") == []


def test_due_gives_the_earliest_first_and_not_the_ones_to_come(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    for case_id, at_s in (("case-1", 30), ("case-2", 10), ("case-3", 20), ("case-4", 40)):
        opened(store, case_id)
        script.answers(wake_at=later(at_s))
        store.take(case_id, said(), NOW, POLICY)
    assert store.due(later(30)) == ["case-2", "case-3", "case-1"]
    assert store.due(later(30), limit=1) == ["case-2"]
    assert store.due(later(9.999999)) == []
    assert store.next_wake_at() == later(10)


def test_change_by_another_process_is_seen_by_the_next_take(open_store: Open) -> None:
    one, other = Script(), Script()
    daemon, command = open_store(decide=one), open_store(decide=other)
    opened(daemon)
    other.answers(frames_taken=4)
    command.take("case-1", said(), NOW, POLICY)
    one.answers(old_sign_removed=True)
    case = daemon.take("case-1", said(), NOW, POLICY).outcome.case
    assert (case.frames_taken, case.old_sign_removed, case.revision) == (4, True, 3)


def test_exception_after_any_statement_of_a_take_leaves_the_database_as_it_was(open_store: Open, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(asks=(ask(identity(), T1),), errands=(errand(identity(), T1),), old_binding=binding("binding-1", BindingState.ACTIVE))
    store.take("case-1", said(), NOW, POLICY)
    before = everything(url)
    run, left = Tx._run, 0

    def dying(self: Tx, statement: Any, values: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return run(self, statement, values)

    monkeypatch.setattr(Tx, "_run", dying)
    for place in range(1, 50):
        left = place
        script.answers(asks=(ask(identity(), T2), ask(notice("n1"))), errands=(errand(identity(), T2),),
                       old_binding=binding("binding-1", BindingState.SUSPENDED, 2), new_binding=binding("binding-2", BindingState.TEST))
        try:
            store.take("case-1", said(), later(1), Policy(frames_per_visit=9), op_id="op-1")
        except KeyboardInterrupt:
            left = 0
            assert everything(url) == before, f"statement {place}"
        else:
            break
    assert place >= 10  # load, earlier, policy, case, line, bindings, settling, owed
    left = 0
    assert store.load("case-1").old_binding == binding("binding-1", BindingState.SUSPENDED, 2)
    assert len(store.journal("case-1")) == 3


def test_awkward_texts_are_kept_or_refused_with_a_sentence(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    for note in ("'; DROP TABLE cases;--", "<script>", "\u202eabc", "👩‍🔧", "a\x00b", "å" * 100_000):
        script.answers(verdict=Verdict.REFUSED, why=("no",))
        store.take("case-1", said(note), NOW, POLICY)
        assert store.journal("case-1")[-1].input == said(note)
    before = everything(url)
    with pytest.raises(PlainError) as caught:
        store.take("case-1", said("caf\udce9"), NOW, POLICY)
    assert caught.value.code == "text_not_storable"
    with pytest.raises(PlainError) as caught:
        store.take("case-1", said(), NOW, POLICY, op_id="caf\udce9")
    assert caught.value.code == "text_not_storable"
    assert everything(url) == before


def test_binding_that_the_registry_lists_no_more_is_over_when_its_case_is_closed(open_store: Open) -> None:
    """A binding retired by hand while the daemon was away a week must not block the camera's next case."""
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(new_binding=binding("binding-1", BindingState.ACTIVE), state=State.CLOSED)
    store.take("case-1", said(), NOW, POLICY)
    opened(store, "case-2")
    find = FindBinding(SERIAL, "msg-1")
    script.answers(asks=(ask(find, T1),), errands=(errand(find, T1),))
    store.take("case-2", said(), NOW, POLICY)
    listed = binding("binding-7", BindingState.ACTIVE, 3)
    script.answers(errands=(), old_binding=listed)
    store.take("case-2", Answered(T1, RegistryReply("completed", None, NOW, (listed,))), NOW, POLICY)
    assert {row.binding_id: row.state for row in store.bindings()} == {"binding-1": BindingState.RETIRED, "binding-7": BindingState.ACTIVE}
