"""The judge at the end of a run: the faults are over, people have had their days, and every case must have come to a good end."""

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from provisioner.case.advance import advance
from provisioner.case.inputs import Input
from provisioner.case.model import Case
from provisioner.store import codec
from provisioner.store.sql import SqlStore
from tests.whole.simulation.homes import Story
from tests.whole.simulation.judge import LIVE, Judge
from tests.whole.simulation.judge_cover import FINAL


def judge_end(judge: Judge, store: SqlStore, stories: list[Story], *, has_settled: bool) -> None:
    """All that has to be true when nothing goes wrong any more."""
    for story in stories:
        case = judge.cases.get(story.case_id)
        if case is None:
            if has_settled:
                judge.violated(f"(5) {story.case_id} was never opened")
            continue
        judge.world.counts[f"ended {case['state']}"] += 1
        if case["state"] not in FINAL:
            _not_over(judge, story.case_id, case)
        _lives_again(judge, store, story.case_id)
    _nothing_owed(judge)
    _one_binding_each(judge, stories)


def _not_over(judge: Judge, case_id: str, case: dict[str, Any]) -> None:
    """Liveness: no case stays behind."""
    tasks = [task["key"] for task in case["tasks"] if task["done"] is None]
    waiting = [(e["token"]["errand"], "stuck" if e["stuck"] else "under way") for e in case["errands"]]
    judge.violated(f"(5) {case_id} did not end: {case['state']}, tasks {tasks}, errands {waiting}")


def _lives_again(judge: Judge, store: SqlStore, case_id: str) -> None:
    """The journal, line by line through `advance`, gives exactly the stored case."""
    case: Case | None = None
    for line in store.journal(case_id):
        given: Input = line.input
        outcome = advance(case, given, line.at, line.policy)
        case = outcome.case
        if (outcome.verdict.value, case.state.value, case.revision) != (line.outcome, line.state_after, line.revision_after):
            judge.violated(f"(5) {case_id}: the journal lives again to something else at line {line.seq}")
            return
    if case is None or codec.dump_case(case) != codec.dump_case(store.load(case_id)):
        judge.violated(f"(5) {case_id}: the journal does not end in the stored case")


def _nothing_owed(judge: Judge) -> None:
    for row in judge.rows.all("SELECT owed_id FROM owed JOIN cases USING (case_id) WHERE settled_at IS NULL AND is_open = 0"):
        judge.violated(f"(4) {row['owed_id']} is still owed, and its case is over")
    for row in judge.rows.all("SELECT owed_id FROM owed WHERE settled_at IS NULL AND kind = 'tell_people'"):
        judge.violated(f"(4) {row['owed_id']} was never told")
    for case_id, case in judge.cases.items():
        raised, told_keys = set(case["raised"]), {t["key"] for t in judge.told if t["case_id"] == case_id}
        if raised != told_keys:
            judge.violated(f"(5) {case_id}: decided to tell and told differ: {sorted(raised ^ told_keys)[:3]}")
    owed = {row["owed_id"] for row in judge.rows.all("SELECT owed_id FROM owed WHERE kind = 'tell_people'")}
    told = {f"{t['case_id']}/tell/{t['key']}" for t in judge.told}
    if owed != told:
        judge.violated(f"(5) told and owed differ: {sorted(owed ^ told)[:3]}")


def _one_binding_each(judge: Judge, stories: list[Story]) -> None:
    """Exactly one ACTIVE binding for each camera that was moved, at the right home; none for an ended one."""
    shared = Counter(story.serial for story in stories)
    live = Counter(b.camera_serial for b in judge.book.values() if b.state in LIVE)
    for serial, number in live.items():
        if number > 1:
            judge.violated(f"(1) {serial} ends with {number} live bindings")
    for story in stories:
        case = judge.cases.get(story.case_id)
        if case is None or case["old_binding"] is None or shared[story.serial] > 1:
            continue  # where two cases want one camera, the later one says where it ends
        serial = case["expected_serial"]
        active = [b for b in judge.book.values() if b.camera_serial == serial and b.state == "ACTIVE"]
        sites = [b.site_ref for b in active]
        wanted = {"CLOSED": [story.new_site], "UNDONE": [story.new_site], "ROLLED_BACK": [_home(case)], "TERMINATED": []}.get(case["state"])
        if wanted is not None and sites != wanted:
            judge.violated(f"(1) {story.case_id} is {case['state']}; {serial} is ACTIVE at {sites}, and should be at {wanted}")
        if case["state"] == "CLOSED" and story.kind != "MOVE_ONLY" and active and active[0].provider_ref != story.receiving.provider_ref:
            judge.violated(f"(1) {story.case_id} is CLOSED with the provider {active[0].provider_ref}")


def _home(case: dict[str, Any]) -> str:
    """Where this person's looks were last given: the old home until the re-bind, then the new one."""
    return str(case["new_binding" if case["rebind_completed"] else "old_binding"]["site_ref"])


def journal_text(store: SqlStore, case_id: str) -> str:
    """As `provisioner case replay` shows it."""
    lines, case = [], None
    for line in store.journal(case_id):
        outcome = advance(case, line.input, line.at, line.policy)
        case = outcome.case
        same = case.state.value == line.state_after and case.revision == line.revision_after
        lines.append(f"{' ' if same else '!'}{line.seq:4} {line.at:%Y-%m-%d %H:%M:%S} {line.actor:14} {line.input.kind:10} {outcome.verdict:8}"
                     f" {case.state:22} {'; '.join(outcome.why)}")
    return "\n".join(lines)


def digest_of(judge: Judge) -> str:
    """What happened, in one line of hexadecimal: two runs of one seed have the same."""
    rows = judge.rows.all("SELECT case_id, seq, at, input, outcome, decision, state_after FROM journal ORDER BY case_id, seq")
    return sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]
