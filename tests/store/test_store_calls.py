"""Calls and decisions in both databases."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from store_world import NOW, POLICY, Script, ask, later, notice, said

from provisioner.case.calling import Call
from provisioner.case.effects import TellPeople
from provisioner.case.inputs import Opened
from provisioner.case.model import CaseKind
from provisioner.case.night import Decision
from provisioner.fault import PlainError, Text
from provisioner.store.sql import SqlStore

ESCALATION = TellPeople("unwatched-1", "on_call", "escalation", Text("INGEN ser till hemmet.", "NOBODY watches."))  # type: ignore[arg-type]


def told(store: SqlStore, script: Script, effect: TellPeople) -> None:
    """A case owes a notice, and the daemon tells it."""
    store.take("case-1", Opened("case-1", "N-1", CaseKind.MOVE_ONLY), NOW, POLICY)
    script.answers(asks=(ask(effect),))
    [owed] = store.take("case-1", said(), NOW, POLICY, worker="w").owed
    assert store.settle_told(owed, NOW)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def store(open_store, script: Script) -> SqlStore:
    return open_store(decide=script)


def test_what_people_are_told_is_called_in_the_same_transaction(store: SqlStore, script: Script) -> None:
    told(store, script, ESCALATION)
    [call] = store.calls_due(NOW)
    assert call == Call("case-1/unwatched-1", "on_call", "escalation", ESCALATION.text, NOW, "case-1", 0, NOW)


def test_a_call_is_counted_once_and_ends_when_somebody_takes_it(store: SqlStore) -> None:
    store.raise_call("night/1", ESCALATION, NOW)
    store.raise_call("night/1", ESCALATION, later(60))
    [call] = store.calls_due(NOW)
    assert store.call_went(call, later(900), "mail: the mail server answered 451")
    assert not store.call_went(call, later(900), ""), "another sender has counted this try already"
    assert store.calls_due(later(899)) == [] and store.calls_due(later(900))[0].calls == 1
    taken = store.take_call("night/1", "on-call-olle", "ringde patrullen", later(901))
    assert (taken.taken_by, taken.next_at) == ("on-call-olle", None) and store.calls_due(later(9000)) == [] and store.list_calls() == []
    with pytest.raises(PlainError, match="call_taken: The call was taken on by on-call-olle already"):
        store.take_call("night/1", "somebody", "", later(902))
    assert not store.call_went(replace(call, calls=1), later(9999), ""), "a try that was under way changes nothing"
    with pytest.raises(PlainError, match="unknown_call"):
        store.take_call("night/2", "somebody", "", NOW)


def test_what_is_told_once_leaves_the_list_when_delivered(store: SqlStore) -> None:
    store.raise_call("k", notice("k"), NOW)
    [call] = store.list_calls()
    assert store.call_went(call, None, "") and store.list_calls() == [] and len(store.list_calls(open_only=False)) == 1


def test_what_is_no_more_is_not_called_again(store: SqlStore) -> None:
    for key in ("difference/a", "difference/b", "other/c"):
        store.raise_call(key, ESCALATION, NOW)
    assert store.end_calls("difference/", frozenset({"difference/b"}), later(60)) == 1
    assert [call.key for call in store.list_calls()] == ["difference/b", "other/c"]
    with pytest.raises(PlainError, match="call_over: The call is over"):
        store.take_call("difference/a", "on-call-olle", "", later(61))


def test_what_comes_again_calls_again_whoever_took_it_the_first_time(store: SqlStore) -> None:
    """Twice in one night the alarm centre does not answer: two calls, and who took the first is still written down."""
    store.raise_call("night/x", ESCALATION, NOW)
    store.take_call("night/x", "on-call-olle", "ringde", later(10))
    assert store.end_calls("night/", frozenset({"night/x"}), later(20)) == 0, "it goes on, and he has it"
    store.raise_call("night/x", ESCALATION, later(30))
    assert store.calls_due(later(30)) == []
    assert store.end_calls("night/", frozenset(), later(40)) == 0
    store.raise_call("night/x", ESCALATION, later(50))
    assert [call.key for call in store.calls_due(later(50))] == ["night/x"]
    assert store.end_calls("night/", frozenset(), later(60)) == 1 and store.end_calls("night/", frozenset(), later(70)) == 0
    assert [call.taken_by for call in store.list_calls(open_only=False)] == ["daemon", "on-call-olle"]


DECISION = Decision("decision-1", "site-storgatan", "unit-old-1", (time(0), time(2, 30)), NOW - timedelta(days=30))


def test_decisions_are_kept_and_replaced(store: SqlStore) -> None:
    assert not store.has_decisions(NOW)
    store.put_decision(DECISION, NOW)
    two = replace(DECISION, decision_ref="decision-2", until=later(60), cameras=2)
    store.put_decision(two, NOW)
    assert store.decisions(NOW) == [DECISION, two] and store.decisions(later(60)) == [DECISION]
    assert store.has_decisions(NOW)
    moved = replace(DECISION, site_ref="site-nygatan")
    store.put_decision(moved, NOW)
    assert store.decisions(later(60)) == [moved]
    store.put_decision(replace(moved, until=later(5)), NOW)
    assert store.decisions(later(60)) == [] and not store.has_decisions(later(60)) and store.has_decisions(NOW)


def test_d23_the_decision_goes_along_with_its_case(open_store) -> None:
    """The real core: to the new home once supervision has begun there, and not before."""
    from tests.case.world import NOON, to_rebound, world_at
    from tests.case.world import POLICY as REAL

    w, store = world_at(to_rebound), open_store()
    store.put_decision(replace(DECISION, decision_ref=w.case.handing_over.decision_ref), NOON)
    homes = []
    for at, one in w.journal:
        store.take(w.case.case_id, one, at, REAL)
        homes.append((store.load(w.case.case_id).began_at is not None, store.decisions(NOON)[0].site_ref, store.decisions(NOON)[0].unit_ref))
    assert set(homes) == {(False, "site-storgatan", "unit-old-1"), (True, "site-nygatan", "unit-new-1")}
