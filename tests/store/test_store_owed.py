"""Invariant 4: what is owed is performed by one worker at a time, never lost, and told to people once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from store_world import NOW, POLICY, Script, ask, errand, identity, later, notice, opened, resume, rows, said

from provisioner.case.effects import ChangeProvider
from provisioner.case.model import Token
from provisioner.ports import Owed
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]


def owing(open_store: Open, effects: list[Any], case_id: str = "case-1") -> SqlStore:
    """A store with a case that owes these effects, claimed by nobody; one errand each, notices without."""
    script = Script()
    store = open_store(decide=script)
    opened(store, case_id)
    tokens = {index: Token(1, f"e{index}", 1) for index, effect in enumerate(effects) if effect.kind != "tell_people"}
    script.answers(asks=tuple(ask(effect, tokens.get(index)) for index, effect in enumerate(effects)),
                   errands=tuple(errand(effects[index], token) for index, token in tokens.items()))
    store.take(case_id, said(), NOW, POLICY)
    return store


def test_claims_of_four_workers_at_once_are_exclusive_and_complete(open_store: Open) -> None:
    owing(open_store, [identity() if index % 2 else notice(f"n{index}") for index in range(80)])
    claimed: dict[str, list[str]] = {f"w{index}": [] for index in range(4)}
    barrier = threading.Barrier(4)

    def work(worker: str, store: SqlStore) -> None:
        barrier.wait()
        while batch := store.claim(worker, NOW, 60, limit=3):
            claimed[worker] += [owed.owed_id for owed in batch]

    threads = [threading.Thread(target=work, args=(worker, open_store(busy_timeout_s=20))) for worker in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everyone = [owed_id for mine in claimed.values() for owed_id in mine]
    assert len(everyone) == 80
    assert len(set(everyone)) == 80


def test_claims_of_four_threads_on_one_store_are_exclusive(open_store: Open) -> None:
    store = owing(open_store, [notice(f"n{index}") for index in range(40)])
    claimed: list[str] = []

    def work(worker: str) -> None:
        while batch := store.claim(worker, NOW, 60, limit=2):
            claimed.extend(owed.owed_id for owed in batch)

    threads = [threading.Thread(target=work, args=(f"w{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(f"case-1/tell/n{index}" for index in range(40))


def test_claim_gives_the_oldest_first_within_its_limit_and_the_whole_effect(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    for at_s in (30, 10, 20):
        script.answers(asks=(ask(notice(f"at-{at_s}-a")), ask(notice(f"at-{at_s}-b"))))
        store.take("case-1", said(), later(at_s), POLICY)
    first = store.claim("w", later(40), 60, limit=3)
    assert [owed.effect for owed in first] == [notice("at-10-a"), notice("at-10-b"), notice("at-20-a")]
    assert [owed.effect for owed in store.claim("w", later(40), 60)] == [notice("at-20-b"), notice("at-30-a"), notice("at-30-b")]
    assert store.claim("w", later(40), 60) == []


def test_claim_is_free_again_after_its_lease_and_after_release(open_store: Open) -> None:
    store = owing(open_store, [identity(), notice("n1")])
    assert len(store.claim("w1", NOW, 30)) == 2
    assert store.claim("w2", later(29.9), 30) == []
    store.release("w2")
    assert store.claim("w2", later(29.9), 30) == []
    assert len(store.claim("w2", later(30), 30)) == 2
    store.release("w2")
    assert len(store.claim("w3", later(30), 30)) == 2


@pytest.mark.parametrize("away, again", [(timedelta(days=30), timedelta(days=1)), (timedelta(hours=3), timedelta(hours=3))], ids=["weeks away", "hours away"])
def test_what_the_registry_accepted_for_later_is_sent_again_once_a_day_until_its_instant(open_store: Open, away: timedelta, again: timedelta) -> None:
    script, effect = Script(), ChangeProvider("b-1", "ACCC8E00AAAA", 1, "provider-2", NOW + away, "msg-1")
    store = open_store(decide=script)
    opened(store)
    script.answers(asks=(ask(effect, Token(1, "change", 1)),), errands=(errand(effect, Token(1, "change", 1)),))
    store.take("case-1", said(), NOW, POLICY)
    assert len(store.claim("w", NOW, 120)) == 1
    script.answers(errands=(errand(effect, Token(1, "change", 1), accepted=True),))
    store.take("case-1", said(), later(1), POLICY)
    assert store.claim("w", later(again.total_seconds() - 1), 120) == []
    assert len(store.claim("w", later(again.total_seconds() + 1), 120)) == 1


def test_settled_effect_is_not_claimed(open_store: Open) -> None:
    store = owing(open_store, [notice("n1")])
    (owed,) = store.claim("w", NOW, 30)
    store.settle_told(owed, NOW)
    assert store.claim("w", later(3600), 30) == []
    store.release("w")
    assert store.claim("w", later(3600), 30) == []


def test_notice_settled_twice_is_told_once(open_store: Open, url: str) -> None:
    store = owing(open_store, [notice("n1")])
    (owed,) = store.claim("w", NOW, 30)
    assert store.settle_told(owed, later(1))
    assert not store.settle_told(owed, later(2))
    (told,) = store.told("case-1")
    assert (told.key, told.audience, told.about, told.text, told.at) == ("n1", "coordinator", "reminder", notice("n1").text, later(1))
    assert len(rows(url, "told")) == 1


def test_notice_settled_by_four_threads_at_once_is_told_once(open_store: Open) -> None:
    store = owing(open_store, [notice("n1")])
    (owed,) = store.claim("w", NOW, 30)
    stores, told, barrier = [open_store() for _ in range(4)], [], threading.Barrier(4)

    def tell(one: SqlStore) -> None:
        barrier.wait()
        told.append(one.settle_told(owed, NOW))

    threads = [threading.Thread(target=tell, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, False, False, True]
    assert len(store.told()) == 1


def test_two_cases_may_choose_the_same_key_for_their_notices(open_store: Open) -> None:
    for case_id in ("case-1", "case-2"):
        store = owing(open_store, [notice("reminder-1")], case_id)
        (owed,) = store.claim("w", NOW, 30)
        assert store.settle_told(owed, NOW)
    assert [told.case_id for told in store.told()] == ["case-1", "case-2"]
    assert [told.case_id for told in store.told("case-2")] == ["case-2"]


def test_settling_anything_but_a_notice_is_a_bug_that_is_heard(open_store: Open) -> None:
    store = owing(open_store, [identity()])
    (owed,) = store.claim("w", NOW, 30)
    with pytest.raises(ValueError, match="read_identity"):
        store.settle_told(owed, NOW)


def test_registry_effect_is_found_by_its_message_until_it_is_settled(open_store: Open) -> None:
    store = owing(open_store, [resume("msg-1"), resume("msg-2"), identity()])
    found = store.owed_for_message("msg-2")
    assert isinstance(found, Owed)
    assert (found.effect, found.token, found.case_id) == (resume("msg-2"), Token(1, "e1", 1), "case-1")
    assert store.owed_for_message("msg-3") is None
    script = Script()
    script.answers(errands=())
    open_store(decide=script).take("case-1", said(), NOW, POLICY)
    assert store.owed_for_message("msg-2") is None
