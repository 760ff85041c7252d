"""The judge: what must hold after every step. It reads rows, messages and the alarm centre's book, and asks none of the code it judges.

| number | what | where |
|---|---|---|
| 1 | one live binding a serial; re-bind all or nothing; the rows say what the centre's book said; nobody looks into another home | here |
| 2 | suspended only with an acknowledged fallback; who is neither watched nor visited is known, in time | judge_cover.py |
| 3 | "supervision has begun" only after reply and both retained states | judge_wire.py |
| 4 | nothing leaves that was not committed; no message id changes anything twice; late answers change nothing | judge_wire.py, here |
| 5 | told once; the journal lives again to the same case; nothing is lost; every case ends | here, judge_end.py |
| 7 | no name or number of anybody on the line or in a log | judge_wire.py |
"""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from provisioner.registry.transport import Publish, Received
from simulators.alarm_centre import Binding
from tests.whole.simulation.cameras import Cameras, body_of
from tests.whole.simulation.judge_cover import FINAL, GRACE, CoverJudge
from tests.whole.simulation.judge_wire import WireJudge
from tests.whole.simulation.world import World

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIVE = ("ACTIVE", "TEST")
Row = dict[str, Any]


class Rows:
    """The database as anybody else sees it: committed rows, through a connection of its own."""

    def __init__(self, path: Path) -> None:
        # Threads: a camera call asks from its own, one at a time (cameras.Calls).
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row

    def all(self, sql: str, *values: Any) -> list[Row]:
        """Rows as dictionaries."""
        return [dict(row) for row in self._connection.execute(sql, values)]

    def close(self) -> None:
        self._connection.close()


class Judge:
    """Sees everything; `violations` is empty in a world in which all is well."""

    def __init__(self, world: World, path: Path) -> None:
        self.world = world
        self.violations: list[str] = []
        self.rows = Rows(path)
        self.cases: dict[str, Row] = {}                      # the body of each case as of the last commit
        self.known: dict[tuple[str, int], Binding] = {}      # the centre's book at each revision
        self.told: list[Row] = []
        self.up_since: datetime | None = None
        self.cameras: Cameras
        self._owed_looked_at = world.now
        self._journal_at = 0
        self._told_at = 0
        self._changed_by: dict[str, int] = {}                # msg_id -> how often the book changed for it
        self.book: dict[str, Binding] = {}
        self._by_hand: set[str] = set()
        self.wire = WireJudge(self)
        self.cover = CoverJudge(self)

    def violated(self, what: str) -> None:
        """Something that must hold does not."""
        if len(self.violations) < 20:
            self.violations.append(f"{self.world.now:%Y-%m-%d %H:%M:%S}  {what}")
        self.world.note(f"VIOLATION {what}")

    # ---- the daemon's process

    def daemon_lives(self, since: datetime | None) -> None:
        self.up_since = since

    def daemon_says(self, message: Publish) -> None:
        self.wire.daemon_says(message)

    def daemon_hears(self, message: Received) -> None:
        self.wire.daemon_hears(message)

    def camera_asked(self, kind: str, serial: str) -> None:
        self.wire.camera_asked(kind, serial)

    # ---- the database

    def committed(self) -> None:
        """A transaction is over: look at what it brought."""
        lines = self.rows.all("SELECT rowid, * FROM journal WHERE rowid > ? ORDER BY rowid", self._journal_at)
        for line in lines:
            self._journal_at = line["rowid"]
            self._line(line)
        if lines:
            self._bindings()
        for told in self.rows.all("SELECT rowid, * FROM told WHERE rowid > ? ORDER BY rowid", self._told_at):
            self._told_at = told["rowid"]
            self._told(told)

    def _line(self, line: Row) -> None:
        case_id = line["case_id"]
        said, before = json.loads(line["input"]), self.cases.get(case_id)
        after = json.loads(self.rows.all("SELECT body FROM cases WHERE case_id = ?", case_id)[0]["body"])
        self.world.note(f"{case_id} #{line['seq']} {said['kind']} {line['outcome']} -> {line['state_after']}: {line['decision']!r}")
        changed = before is not None and after != before
        if line["outcome"] in ("refused", "dropped") and changed:
            self.violated(f"(4) {case_id}: an input that was {line['outcome']} changed the case")
        if said["kind"] in ("answered", "failed") and changed:
            waiting = [e["token"] for e in (before or {}).get("errands", []) if not e["stuck"]]
            if said["token"] not in waiting:
                self.violated(f"(4) {case_id}: a late answer was taken: {said['token']} ({line['decision']})")
        if before is not None and before["state"] in FINAL and after["state"] != before["state"]:
            self.violated(f"{case_id}: a case that was over ({before['state']}) is {after['state']}")
        if changed and after["identity"] is not None and after["expected_serial"] in self.cameras.known_to_depot:
            own = {item.value for item in body_of(after["expected_serial"])}
            if not own & {item["value"] for item in after["identity"]["evidence"]}:
                self.violated(f"(2, H3) {case_id}: another camera than the one the depot knew was taken for it")
        self.cases[case_id] = after
        self.world.counts["journal_lines"] += 1

    def _bindings(self) -> None:
        """(1) The rows never claim what the centre's book never said, and never two live ones."""
        live: dict[str, str] = {}
        for row in self.rows.all("SELECT * FROM bindings"):
            real = self.known.get((row["binding_id"], row["revision"]))
            if real is None:
                self.violated(f"(1) the database knows {row['binding_id']} at revision {row['revision']}, which the alarm centre never had")
            elif row["state"] != "RETIRED" and (row["state"], row["site_ref"]) != (real.state, real.site_ref):
                self.violated(f"(1) the database says {row['binding_id']} revision {row['revision']} is {row['state']} at {row['site_ref']},"
                              f" the alarm centre said {real.state} at {real.site_ref}")
            if row["state"] in LIVE and live.setdefault(row["serial"], row["binding_id"]) != row["binding_id"]:
                self.violated(f"(1) the database has two live bindings of {row['serial']}")

    def _told(self, told: Row) -> None:
        """(5) Each thing once; (3) nothing said too early."""
        same = [t for t in self.told if (t["case_id"], t["audience"], t["about"], t["text_en"]) == (told["case_id"], told["audience"], told["about"], told["text_en"])]
        # Each time that visits stood in for the camera has an end of its own: a person can be away twice.
        most = max(1, sum(line["by"] == "VISITS" for line in self.cases[told["case_id"]]["cover"])) if told["about"] == "visits_end" else 1
        if len(same) >= most and told["about"] in ("feedback", "visits_end"):
            self.violated(f"(5) {told['case_id']}: {told['audience']} was told twice: {told['text_en']}")
        self.told.append(told)
        self.world.note(f"TOLD {told['audience']} {told['about']}: {told['text_en']}")
        self.world.counts["told"] += 1
        self.wire.people_were_told(told)

    def told_about(self, case_id: str, words: str, since: datetime) -> bool:
        """Whether the on-call person, or the night patrol, was told this since then."""
        at = (since - EPOCH) // timedelta(microseconds=1) - 1000
        return any(t["case_id"] == case_id and t["at"] >= at and words in t["text_en"] for t in self.told)

    def told_to(self, case_id: str, audience: str, since: datetime) -> bool:
        """Whether this audience was told anything about the case since then."""
        at = (since - EPOCH) // timedelta(microseconds=1)
        return any(t["case_id"] == case_id and t["at"] >= at and t["audience"] == audience for t in self.told)

    # ---- the alarm centre

    def begin(self, book: dict[str, Binding]) -> None:
        """The book before the run."""
        self.book = dict(book)
        self.known = {(b.binding_id, b.revision): b for b in book.values()}

    def now_in_the_book(self, book: dict[str, Binding]) -> list[Binding]:
        """Take the centre's book over; what changed in it."""
        changed = [b for b in book.values() if self.book.get(b.binding_id) is None or self.book[b.binding_id].revision != b.revision]
        self.book = dict(book)
        for binding in changed:
            self.known[(binding.binding_id, binding.revision)] = binding
        return changed

    def centre_did(self, verb: str, msg_id: str | None, book: dict[str, Binding]) -> None:
        """The centre carried something out; `book` is how it stands now."""
        before = self.book
        changed = self.now_in_the_book(book)
        if changed:
            self.world.note(f"centre {verb}: " + ", ".join(f"{b.binding_id} {b.state} r{b.revision}" for b in changed))
        self._one_live(book)
        if msg_id and changed:
            self._changed_by[msg_id] = self._changed_by.get(msg_id, 0) + 1
            if self._changed_by[msg_id] > 1:
                self.violated(f"(4) the message {msg_id} ({verb}) changed the alarm centre's book twice")
        if verb == "rebind_camera" and changed:
            states = sorted(b.state for b in changed)
            if states != ["ACTIVE", "RETIRED"]:
                self.violated(f"(1) half a re-bind: {states}")
        for binding in changed:
            was = before.get(binding.binding_id)
            if binding.state == "SUSPENDED" and was is not None and was.state != "SUSPENDED" and verb != "by_hand":
                self.cover.suspended(binding)

    def _one_live(self, book: dict[str, Binding]) -> None:
        live: dict[str, str] = {}
        for binding in book.values():
            if binding.state in LIVE and live.setdefault(binding.camera_serial, binding.binding_id) != binding.binding_id:
                self.violated(f"(1) {binding.camera_serial} is live at {live[binding.camera_serial]} and {binding.binding_id}")

    def looked_into(self, binding: Binding) -> None:
        """(1, H1) An operator looks because the binding is ACTIVE: the camera he looks through must hang in that home."""
        body = self.cameras.bodies.get(binding.camera_serial)
        if body is not None and body.site is not None and body.site != binding.site_ref:
            self.violated(f"(1) an operator looked into {body.site} instead of {binding.site_ref} ({binding.binding_id})")
        if body is None or body.site is None:
            self.cover.blind_look(binding)

    # ---- every step

    def watch(self) -> None:
        """After each step of the world."""
        self.cover.watch()
        if self.world.now >= self._owed_looked_at + GRACE:
            self._owed_looked_at = self.world.now
            self._untold()

    def _untold(self) -> None:
        """(4) What is to be told is told, as long as the daemon lives to tell it."""
        if self.up_since is None:
            return
        before = (self.world.now - 2 * GRACE - EPOCH) // timedelta(microseconds=1)
        if self.world.now - self.up_since > 2 * GRACE:
            for row in self.rows.all("SELECT owed_id FROM owed WHERE settled_at IS NULL AND kind = 'tell_people' AND owed_at < ?", before):
                self.violated(f"(4) {row['owed_id']} is owed since {2 * GRACE} and was not told, though the daemon lives")
