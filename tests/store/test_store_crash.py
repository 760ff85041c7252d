"""Invariant 4 against a real SIGKILL: what take returned from is there, and what is there is whole."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from store_world import NOW, POLICY, Script, opened, restless, rows

from provisioner.case.inputs import Opened
from provisioner.case.model import CaseKind, Token
from provisioner.fault import PlainError
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
WORLD = Path(__file__).with_name("store_world.py")
ROOT = WORLD.parents[2]


@pytest.mark.parametrize("after_commits", [1, 7, 40])
def test_killed_process_leaves_case_journal_and_owed_effects_of_one_moment(open_store: Open, url: str, after_commits: int) -> None:
    process = subprocess.Popen([sys.executable, WORLD, url], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    assert process.stdout is not None
    revision = 0
    for _ in range(after_commits):
        revision = int(process.stdout.readline())
    process.kill()
    seen = [int(line) for line in process.stdout.read().splitlines() if line.strip().isdigit()]
    process.wait()
    promised = max([revision, *seen])

    store = open_store(decide=restless)
    case = store.load("case-1")
    lines = store.journal("case-1")
    assert case.revision >= promised
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1].revision_after == case.revision == len(lines)
    owed = rows(url, "owed")
    waiting = [row["owed_id"] for row in owed if row["settled_at"] is None and row["leg"] is not None]
    assert waiting == [f"case-1/{case.revision}/identity/1"]
    assert case.errands[0].token == Token(case.revision, "identity", 1)
    assert len([row for row in owed if row["leg"] is None]) == len(lines) - 1
    assert {row["revision"] for row in rows(url, "bindings")} == {case.revision}
    assert store.take("case-1", Opened("case-1", "K", CaseKind.MOVE_ONLY), NOW, POLICY).outcome.case.revision == case.revision + 1


def test_two_processes_that_open_one_case_at_once_make_one_case(open_store: Open) -> None:
    stores, barrier, ends = [open_store(decide=Script()) for _ in range(4)], threading.Barrier(4), []

    def begin(store: SqlStore) -> None:
        barrier.wait()
        try:
            ends.append(opened(store, op_id="op-1").case_id)
        except PlainError as error:
            ends.append(error.code)

    threads = [threading.Thread(target=begin, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == ["case-1"] * 4
    assert len(stores[0].journal("case-1")) == 1


def test_takes_of_four_processes_on_one_case_are_taken_one_after_the_other(open_store: Open) -> None:
    opened(open_store(decide=restless))
    stores = [open_store(decide=restless, busy_timeout_s=30) for _ in range(4)]

    def work(store: SqlStore) -> None:
        for _ in range(10):
            store.take("case-1", Opened("case-1", "K", CaseKind.MOVE_ONLY), NOW, POLICY)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].load("case-1").revision == 41
    assert [line.seq for line in stores[0].journal("case-1")] == list(range(1, 42))
