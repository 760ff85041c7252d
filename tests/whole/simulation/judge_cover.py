"""The judge of invariant 2: nobody is left without looks unless somebody visits, and where neither is so, the right people are told in time."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulators.alarm_centre import Binding

if TYPE_CHECKING:
    from tests.whole.simulation.judge import Judge

GRACE = timedelta(minutes=6)
"""How late a call may be while the daemon lives: a locked database keeps a notice for the two minutes of its claim, twice."""
MARKS = (timedelta(hours=4), timedelta(hours=2), timedelta(hours=1))
REPEATED = timedelta(minutes=15)
FINAL = ("CLOSED", "CANCELLED", "ROLLED_BACK", "TERMINATED", "UNDONE")


def instant(text: str | None) -> datetime | None:
    """An instant of a row."""
    return None if text is None else datetime.fromisoformat(text)


def newest(case: dict[str, Any], binding: dict[str, Any] | None) -> str | None:
    """The state of a binding as the rows have it: the reply's, or a later retained one."""
    if binding is None:
        return None
    seen = [(binding["revision"], binding["state"])] + [(s["revision"], s["state"]) for s in case["seen"] if s["binding_id"] == binding["binding_id"]]
    return max(seen, key=lambda one: one[0])[1]


class Gap:
    """A home that its case knows to be without looks."""

    def __init__(self, since: datetime) -> None:
        self.since = since            # without looks
        self.nobody_since: datetime | None = None
        self.look_at: datetime | None = None
        self.look_known_since = since


class CoverJudge:
    """Watches each open case, from rows alone, against the notices that people got."""

    def __init__(self, judge: "Judge") -> None:
        self._judge = judge
        self._gaps: dict[str, Gap] = {}
        self._required: set[tuple[str, timedelta, datetime]] = set()

    # ---- suspending

    def suspension_leaves(self, case_id: str, body: dict[str, Any]) -> None:
        """A command to suspend leaves: at that moment a committed fallback, acknowledged by a person and not ended, stands behind it."""
        if not self._acknowledged(body["fallback_ref"]):
            self._judge.violated(f"(2) {case_id}: looks are to be suspended on a fallback that nobody acknowledged ({body['fallback_ref']})")
        fallback = self._judge.cases[case_id]["fallback"]
        if fallback is None or fallback["released_at"] is not None:
            self._judge.violated(f"(2) {case_id}: looks are to be suspended and no fallback is in force")

    def suspended(self, binding: Binding) -> None:
        """The centre has suspended a binding because we asked."""
        if not binding.fallback_ref or binding.review_at is None:
            self._judge.violated(f"(2) {binding.binding_id} is SUSPENDED without fallback or review time")
        elif not self._acknowledged(binding.fallback_ref):
            self._judge.violated(f"(2) {binding.binding_id} is SUSPENDED on a fallback that nobody acknowledged ({binding.fallback_ref})")

    def _acknowledged(self, fallback_ref: str) -> bool:
        rows = self._judge.rows.all("SELECT input FROM journal WHERE outcome <> 'refused' AND input LIKE '%fallback_acknowledged%'")
        return any(json.loads(row["input"])["what"]["fallback_ref"] == fallback_ref for row in rows)

    def blind_look(self, binding: Binding) -> None:
        """An ACTIVE binding whose camera hangs nowhere: somebody must know by then that this home is not watched."""
        case_id = self._case_of(binding.binding_id)
        if case_id is None or not self._judge.told_to(case_id, "on_call", self._judge.world.now - timedelta(hours=24)):
            self._judge.violated(f"(2) the planned look of {binding.binding_id} met a camera that hangs nowhere, and nobody had been told")

    def _case_of(self, binding_id: str) -> str | None:
        for case_id, case in self._judge.cases.items():
            if any(case[name] and case[name]["binding_id"] == binding_id for name in ("old_binding", "new_binding")):
                return case_id
        return None

    # ---- the hours before the look

    def watch(self) -> None:
        """After each step."""
        for case_id, case in self._judge.cases.items():
            self._follow(case_id, case)
        now, up = self._judge.world.now, self._judge.up_since
        if up is None:
            return
        for case_id, gap in self._gaps.items():
            self._marks(case_id, gap, now, up)
            self._nobody(case_id, gap, now, up)

    def _follow(self, case_id: str, case: dict[str, Any]) -> None:
        now = self._judge.world.now
        fallback = case["fallback"]
        stands = fallback is not None and fallback["released_at"] is None
        is_gap = (case["old_binding"] is not None and case["state"] not in FINAL and not (stands and fallback["mode"] == "NOT_NEEDED")
                  and "ACTIVE" not in (newest(case, case["old_binding"]), newest(case, case["new_binding"])))
        if not is_gap:
            self._gaps.pop(case_id, None)
            return
        gap = self._gaps.get(case_id)
        if gap is None:
            gap = self._gaps[case_id] = Gap(now)
            self._judge.world.note(f"{case_id} is without looks from here on")
        gap.nobody_since = None if stands else gap.nobody_since or now
        look_at = instant(case["first_look_at"])
        if look_at != gap.look_at:
            gap.look_at, gap.look_known_since = look_at, now
            self._plan_looking(look_at)

    def _plan_looking(self, look_at: datetime | None) -> None:
        """Make sure that the world has a step when a call is due, so that a missing one is seen before it is too late to matter."""
        for before in MARKS if look_at is not None else ():
            assert look_at is not None
            self._judge.world.at(look_at - before + GRACE + timedelta(seconds=1), lambda: None)

    def _marks(self, case_id: str, gap: Gap, now: datetime, up: datetime) -> None:
        look_at = gap.look_at
        if look_at is None or look_at <= now - GRACE:
            if now > max(gap.since, up, gap.look_known_since) + GRACE and (look_at is None or now > look_at + GRACE):
                self._judge.violated(f"(2) {case_id}: without looks, and the next planned look is {look_at}")
                gap.since = now + timedelta(days=1)
            return
        for before in MARKS:
            # Where several have passed at one moment, one call is enough; it is then the most urgent one.
            due = max(look_at - before, gap.since, gap.look_known_since, up) + GRACE
            if now < due or now >= look_at or (case_id, before, look_at) in self._required:
                continue
            self._required.add((case_id, before, look_at))
            self._judge.world.counts["escalations_required"] += 1
            if not self._judge.told_about(case_id, "next planned look is in", look_at - before):
                self._judge.violated(f"(2) {case_id}: {before} before the planned look at {look_at:%m-%d %H:%M} nobody was told that there is none")
            if before == MARKS[-1] and not self._judge.told_about(case_id, "physical visit is ordered", look_at - before):
                self._judge.violated(f"(2) {case_id}: no visit was ordered 1 h before the look at {look_at:%m-%d %H:%M}")

    def _nobody(self, case_id: str, gap: Gap, now: datetime, up: datetime) -> None:
        since = gap.nobody_since
        if since is None or now < max(since, up) + GRACE:
            return
        self._judge.world.counts["steps_with_nobody"] += 1
        latest = max(since, min(now, now - REPEATED - GRACE) if now - max(since, up) > REPEATED + GRACE else since)
        if not self._judge.told_about(case_id, "NOBODY watches", latest):
            self._judge.violated(f"(2) {case_id}: since {since:%m-%d %H:%M} nobody watches over the home, and nobody was told")
            gap.nobody_since = now
