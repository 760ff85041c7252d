"""The people around each case. They look at it as `provisioner case show` shows it, after minutes or hours, and say what it asks for. Or something else."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.device_needs import masked, rotated
from provisioner.case.effects import OF_THE_CAMERA
from provisioner.case.model import Case, Duty, Exit, State
from provisioner.case.outcome import Verdict
from provisioner.case.plan import VIEW_BLOCKS
from provisioner.case.view_said import blocked_by
from provisioner.fault import PlainError
from provisioner.ports import Taken
from provisioner.view import case_view
from tests.whole.simulation import mistakes
from tests.whole.simulation.cameras import Cameras
from tests.whole.simulation.centre import Centre
from tests.whole.simulation.crashes import MortalStore
from tests.whole.simulation.homes import Story
from tests.whole.simulation.process import POLICY, Process
from tests.whole.simulation.sayings import Speaker, right_words, role_of
from tests.whole.simulation.world import World

ON_SITE = frozenset({"DISMANTLED", "INSTALLED", "IDENTITY_VERIFIED", "VIEW_CHECKED", "SIGN_PLACED", "TEST_LOOK_OK", "ROLLING_BACK"})
VISITED = frozenset({State.READY, State.INSTALLED, State.IDENTITY_VERIFIED, State.ROLLING_BACK})
GIVES_UP_AFTER = timedelta(days=5)  # in which the case asks the same and what is right does not help; a switch may lie two days ahead
KINDS_OF_THE_CAMERA = frozenset(effect.kind for effect in OF_THE_CAMERA)
PHONES_AFTER = timedelta(minutes=10)  # on a line that loses messages a retained state is lost for good; the coordinator is told to phone


@dataclass
class Words:
    """One thing said, until its fate is known."""

    what: i.Statement
    by: str
    revision: int | None
    op_id: str | None
    must_be_refused: bool = False


class People:
    """The people of one case."""

    def __init__(self, world: World, process: Process, cameras: Cameras, desk: MortalStore, story: Story, centre: Centre,
                 violated: Callable[[str], None]) -> None:
        self.world, self.process, self.desk, self.story, self.centre, self._violated = world, process, desk, story, centre, violated
        self.rng = world.rng(f"people/{story.case_id}")
        self.who = Speaker(world, cameras, story, self.rng)
        self.is_over = False
        self._said = self._silent_turns = 0
        self._unsure: Words | None = None
        self._last: tuple[str, ...] = ()
        self._same_since = world.now
        world.at(story.opens_at, self._open)

    # ---- turns

    def _open(self) -> None:
        if self.story.after is not None and not self._is_final(self.story.after.case_id):
            self.world.later(3600, self._open)
            return
        for person in self.story.persons:
            self.desk.put_person(person, self.world.now)
        self.desk.take(self.story.case_id, i.Opened(self.story.case_id, self.story.number, self.story.kind), self.world.now, POLICY)
        self._later("DRAFT")

    def _is_final(self, case_id: str) -> bool:
        try:
            return self.desk.load(case_id).is_final
        except PlainError:
            return False

    def _later(self, state: str) -> None:
        if state in ON_SITE:
            wait_s = self.rng.choice((20, 60, 240))
        elif self.world.is_calm:
            wait_s = self.rng.choice((120, 900, 1800))
        else:
            wait_s = self.rng.choice((60, 600, 3600, 9000))
        # whoever had nothing to say looks again ever later
        self.world.later(min(7200.0, wait_s * 2 ** min(8, self._silent_turns)) * (0.5 + self.rng.random()), self._turn)

    def _turn(self) -> None:
        case = self.desk.load(self.story.case_id)
        if case.is_final:
            self.is_over = True
            self._tidy(case)
            return
        view = case_view(case, self.world.now, "en")
        words = self._unsure if self._unsure is not None and self.rng.random() < 0.8 else self._choose(case, view)
        self._unsure = None
        self._silent_turns = 0 if words is not None else self._silent_turns + 1
        if words is not None:
            self._say(words)
        self._later(view["state"])

    def _tidy(self, case: Case) -> None:
        for task in case.tasks:
            if task.done is None:
                self._say(self._words(i.TaskDone(task.key), "anna"))

    # ---- choosing

    def _words(self, what: i.Statement, by: str, revision: int | None = None, must_be_refused: bool = False) -> Words:
        self._said += 1
        op_id = f"op-{self.story.case_id}-{self._said}" if self.rng.random() < 0.7 else None
        return Words(what, by, revision, op_id, must_be_refused)

    def _choose(self, case: Case, view: dict[str, Any]) -> Words | None:
        weather, rng = self.world.weather, self.rng
        if not self.world.is_calm:
            if rng.random() < weather.exits:
                wish = mistakes.exit_wish(self.who, case, view["exits"])
                if wish is not None:
                    self.world.counts["exits_wanted"] += 1
                    return self._words(wish, rng.choice(("anna", "bo")))
            if rng.random() < weather.mistakes:
                return self._mistake(case)
        what = self._right(case, view)
        if what is None:
            return None
        seen = case.revision if rng.random() < 0.2 else None
        return self._words(what, "bo" if getattr(what, "duty", None) == "termination_confirmed" and self._asked_by(case) == "anna" else "anna", seen)

    @staticmethod
    def _asked_by(case: Case) -> str:
        """Who asked for the exit that is under way: another person has to confirm a termination."""
        asked = getattr(case, "leaving", None) or case.wanted
        return asked.by if asked is not None else ""

    def _mistake(self, case: Case) -> Words | None:
        self.world.counts["mistakes"] += 1
        kind = self.rng.randrange(6)
        if kind == 0:
            what = mistakes.wrong_scan(self.who, case)
            return self._words(what, "tekla", must_be_refused=True) if what is not None else None
        if kind == 1:
            return self._words(mistakes.not_allowed(self.who, case), "tekla", must_be_refused=True)
        if kind == 2:
            return self._words(mistakes.wrong_form(self.who, case), "ulla")
        if kind == 3 and case.revision > 1:
            return self._words(mistakes.wrong_moment(self.who, case), "anna", case.revision - 1, must_be_refused=True)
        return self._words(mistakes.wrong_moment(self.who, case), "anna")

    def _right(self, case: Case, view: dict[str, Any]) -> i.Statement | None:
        asks = (view["state"], *(need["name"] for need in view["needs"] if not need["met"]), *(t["key"] for t in view["tasks"] if not t["done"]))
        if asks != self._last:
            self._last, self._same_since = asks, self.world.now
        same_for = self.world.now - max(self._same_since, self.world.calm_at)
        stuck = [errand for errand in view["waiting_for"] if errand["stuck"]]
        if same_for > GIVES_UP_AFTER or any("another open case" in (e["hint"] or "") for e in stuck):
            given_up = self._give_up(view, same_for)
            if given_up is not None:
                return given_up
        if stuck:
            if case.expected_serial and stuck[0]["effect"] in KINDS_OF_THE_CAMERA and case.state in VISITED and self.rng.random() < 0.7:
                return right_words(self.who, case, "visit_started" if case.state != "READY" else "serial_confirmed")
            return i.TryAgain()
        if view["state"] == "ON_HOLD":
            return self._on_hold(view)
        if any(not task.done and self._is_unheard(case, task.key) for task in case.tasks):
            self.centre.phoned()  # "phone and compare before the case goes on": nobody touches a camera before the state is heard
            return None
        seen_to = self._camera_seen_to(case)
        if seen_to is not None:
            return seen_to
        if case.fallback is not None and case.fallback.released_at is None and case.fallback.review_at <= self.world.now:
            return self.words(case, "fallback_acknowledged")
        return self._open_task(view) or self._need(case, view)

    def _give_up(self, view: dict[str, Any], same_for: timedelta) -> i.Statement | None:
        """A case that cannot go on is ended the way it offers: nothing changed, back to the old home, or the end of supervision."""
        for exit in (Exit.CANCEL, Exit.ROLL_BACK, Exit.TERMINATE):
            if exit.value in view["exits"] and (exit is not Exit.TERMINATE or same_for > 2 * GIVES_UP_AFTER):
                self.world.counts["gave_up"] += 1
                return i.ExitWanted(exit, "it does not go on")
        return None

    @staticmethod
    def _is_unheard(case: Case, key: str) -> bool:
        """Whether a hand edit was told of and its outcome has not come: the event arrived, the retained state was lost."""
        if not key.startswith("edited-by-hand-") or case.old_binding is None:
            return False
        known = max([case.old_binding.revision, *(seen.revision for seen in case.seen)])
        return int(key.rpartition("-")[2]) > known

    def _camera_seen_to(self, case: Case) -> i.Statement | None:
        """What the camera showed to be wrong was put right: look at it again. And now and then there is a window to the neighbour."""
        if case.state is State.INSTALLED and case.rotation is not None and case.posture is None and not rotated(case):
            return i.DutyDone(Duty.CREDENTIALS_ROTATED, "changed by hand in its page") if self.rng.random() < 0.3 else i.TryAgain()
        if case.state is State.INSTALLED and case.posture is not None and not case.posture.acceptable:
            return i.TryAgain()
        if case.state is not State.IDENTITY_VERIFIED or case.frame is None:
            return None
        stops = blocked_by(case, VIEW_BLOCKS)
        if stops and VIEW_BLOCKS[stops[0]].overridable and self.rng.random() < 0.3:
            return i.ViewBlockOverridden(stops[0], "the room has no other wall")
        if stops or (case.bed is None and case.view is None and self.rng.random() < 0.1):
            return i.BedDrawn(((-0.5, -0.5), (0.5, -0.5), (0.5, 0.3), (-0.5, 0.3))) if self.rng.random() < 0.5 else i.CameraMoved()
        if case.zones is None and self.rng.random() < 0.2:
            return i.ZonesDrawn((((-1.0, -1.0), (-0.5, -1.0), (-0.5, 0.0)),))
        if case.masking is not None and not masked(case):
            return i.TryAgain() if case.frames_taken < 5 else right_words(self.who, case, "visit_started")
        if case.zones is not None and case.masking is None and not case.errands:
            return right_words(self.who, case, "visit_started")
        return None

    def _on_hold(self, view: dict[str, Any]) -> i.Statement | None:
        task = self._open_task(view)
        if task is not None:
            return task
        return i.Resumed() if self.world.is_calm or self.rng.random() < 0.3 else None

    def _open_task(self, view: dict[str, Any]) -> i.Statement | None:
        """Stuck errands end their own tasks; of the others somebody says when they are done."""
        for task in view["tasks"]:
            if not task["done"] and not task["key"].startswith(("test-look", "identity-differs")) and self.rng.random() < 0.5:
                return i.TaskDone(task["key"])
        return None

    def _need(self, case: Case, view: dict[str, Any]) -> i.Statement | None:
        eager = self.rng.random() < 0.3
        frame = view["frame"]
        if frame is not None and not frame["trusted"] and case.state == "IDENTITY_VERIFIED":
            return i.FrameWanted() if case.frames_taken < POLICY.frames_per_visit else right_words(self.who, case, "visit_started")
        for need in view["needs"]:
            if need["met"]:
                continue
            if need["name"] in ("states_agree", "state_agrees") and self.world.now - self._same_since > PHONES_AFTER:
                self.centre.phoned()
            if need["by"] == "daemon":
                if eager or need["name"] == "first_look_succeeded":
                    continue
                return None
            if need["name"] == "camera_known":
                self.centre.phoned_to_end(self.story.handing_over.site_ref, lambda binding_id: bool(self.desk.cases_of_binding(binding_id)))
                return i.DutyDone(Duty.LOOKS_ENDED_BY_HAND, "phoned the alarm centre, which ended them")
            if need["name"] == "view_accepted" and (frame is None or not frame["trusted"]):
                continue
            found = self.words(case, need["name"])
            if found is not None:
                return found
        return self._again_on_site(case, view)

    def _again_on_site(self, case: Case, view: dict[str, Any]) -> i.Statement | None:
        """The visit or the code has to be started anew where the camera or the operator gave another answer than hoped for."""
        for need in view["needs"]:
            if not need["met"] and need["name"] in ("visit_started", "code_shown"):
                return self.words(case, need["name"])
        return None

    def words(self, case: Case, need: str) -> i.Statement | None:
        """What meets this need."""
        return right_words(self.who, case, need)

    # ---- saying

    def _say(self, words: Words) -> None:
        said = i.Said(words.by, role_of(words.what), words.what, words.revision)
        self.world.note(f"{self.story.case_id} {words.by} says {words.what} op={words.op_id}")
        times = 2 if not self.world.is_calm and self.rng.random() < self.world.weather.mistakes / 4 else 1
        for _ in range(times):
            if self.rng.random() < 0.25 or not self.process.is_up:
                self._at_the_desk(words, said)
                continue
            told = self.process.submit(self.story.case_id, said, words.op_id)
            if told is None:
                self._unsure = words
                return
            told.add_done_callback(lambda future: self._heard(words, future))
            self.process.run()
            if not told.done():
                self._unsure = words  # the process died over it: taken or not, nobody knows

    def _at_the_desk(self, words: Words, said: i.Said) -> None:
        """The command line: its own transaction, also while the daemon is down; the daemon finds what is owed at its next tick."""
        try:
            taken = self.desk.take(self.story.case_id, said, self.world.now, POLICY, op_id=words.op_id)
        except PlainError as error:
            self._refused_by_store(words, error)
            return
        self._judge(words, taken)
        self.process.run()

    def _heard(self, words: Words, future: "Future[Taken]") -> None:
        error = future.exception()
        if isinstance(error, PlainError):
            self._refused_by_store(words, error)
        elif error is not None:
            raise error
        else:
            self._judge(words, future.result())

    def _refused_by_store(self, words: Words, error: PlainError) -> None:
        self.world.counts[f"said: {error.code}"] += 1
        self.world.note(f"{self.story.case_id} refused by the store: {error.code}")
        if error.code == "database_locked":
            self._unsure = words

    def _judge(self, words: Words, taken: Taken) -> None:
        verdict = taken.outcome.verdict
        self.world.counts[f"said: {verdict}"] += 1
        if taken.outcome.refusal is not None:
            self.world.note(f"{self.story.case_id} refused: {taken.outcome.refusal.code}")
            if taken.outcome.refusal.code == "looks_are_on":
                self._put_back(words.what, taken.outcome.case)
        if words.must_be_refused and verdict is not Verdict.REFUSED:
            self._violated(f"{words.what} (seen revision {words.revision}) was taken ({verdict}); it had to be refused")

    def _put_back(self, what: i.Statement, case: Case) -> None:
        """Somebody at the alarm centre has switched the looks on. The camera goes back to where it hung, and whoever did that is asked on the phone to
        suspend them again."""
        if what.kind == "dismantled":
            self.who.cameras.hang(self.story.serial, self.story.old_site)
        elif case.expected_serial is not None:
            self.who.cameras.hang(case.expected_serial, None)
        if case.old_binding is not None:
            self.centre.phoned_to_suspend(case.old_binding.binding_id)
