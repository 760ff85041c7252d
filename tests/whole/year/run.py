"""One year, from the first morning to the last evening."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from provisioner.case.calling import Call
from provisioner.case.model import Case, CaseKind
from provisioner.case.night import Decision
from provisioner.nightly import NightWatch
from provisioner.view import case_view
from simulators.alarm_centre import Binding
from tests.whole.simulation.crashes import MortalStore
from tests.whole.simulation.line import Broker
from tests.whole.simulation.process import Process, new_folder, remove
from tests.whole.year.calendar import BEGINS, SCHEDULES, Timetable, at_work, instant, local, working_day
from tests.whole.year.centre import YearCameras, YearCentre, by_schedule
from tests.whole.year.folk import Folk
from tests.whole.year.judge import ABOUT_A_GAP, Judge
from tests.whole.year.post import Post
from tests.whole.year.town import Errand, Resident, Town, binding_of, story_of, town
from tests.whole.year.troubles import Troubles
from tests.whole.year.world import YearWorld

HOURS = (12, 18, 20)   # config.NightSection.lists_at
NOTICED_WITHIN = timedelta(hours=48)   # D24: a day without a good look, found when the lists are held next


@dataclass(frozen=True)
class Order:
    """What is asked for. `watched` False: the product without its night watch, to see that the judge is awake."""

    people: int = 2000
    days: int = 365
    seed: int = 1
    moves: int = 600
    changes: int = 900
    watched: bool = True


@dataclass
class Report:
    """What became of it."""

    violations: list[str]
    counts: Counter[str]
    kept: Counter[str]
    calls: Counter[str]
    noticed_h: dict[str, dict[str, float]]
    cases: dict[str, int]
    open_cases: list[str]
    unowned: list[str]
    never_told_to_stop: int
    unwatched_unknown_h: float
    took_s: float = 0.0
    cpu_s: float = 0.0
    steps: int = 0
    parts_s: dict[str, float] = field(default_factory=dict)


class Year:
    """Everybody and everything of one year."""

    def __init__(self, order: Order, progress: Callable[[str], None]) -> None:
        self.order, self._progress = order, progress
        self.world = YearWorld(order.seed)
        self.folder = new_folder()
        self.timetable = Timetable(BEGINS, order.days)
        self.town: Town = town(self.world.rng("town"), order.people, order.moves, order.changes, order.days)
        self.broker = Broker(self.world)
        self.process = Process(self.world, self.broker, self.folder)
        self.cameras = YearCameras(self.world, lambda: self.process.calls, self)
        self.judge = Judge(self.world, self.town, self.timetable, self.cameras.bodies, self.cameras.dead)
        self.process.cameras, self.process.witness = self.cameras, self.judge
        bindings = [binding_of(one, self.world.now) for one in self.town.residents]
        for binding in bindings:
            self.cameras.hang(binding.camera_serial, binding.site_ref)
        self.centre = YearCentre(self.world, self.broker, self.cameras, self.judge, self.timetable, bindings)
        self._of_serial = {one.serials[0]: one for one in self.town.residents}
        for one, binding in zip(self.town.residents, bindings, strict=True):
            self.centre.residents[binding.binding_id] = one
            one.plain_since = self.world.now
        self.desk = MortalStore(self.process.url, self.world, None, self.judge.committed)
        for one in self.town.residents:
            self.desk.put_decision(Decision(one.decision, one.site, one.unit, SCHEDULES[one.schedule], self.world.now - timedelta(days=30)), self.world.now)
        self.troubles = Troubles(self.world, self.town, self.centre, self.broker, self.cameras, self.judge, order.days)
        self.post = Post(self.world, self.desk, self.judge, self._resident_of, self._act)
        self.watch = NightWatch(self.desk, self.centre.listed, self.centre.told, [datetime(2000, 1, 1, hour).time() for hour in HOURS], timedelta(hours=24))
        self.folk: dict[str, Folk] = {}
        self.cast: list[Errand] = []
        self.ends_at = self.world.now + timedelta(days=order.days)
        self.night_s = 0.0
        self._violations_told = 0

    def camera_asked(self, kind: str, serial: str) -> None:
        """See `cameras.Caller`."""

    # ---- living

    def live(self) -> Report:
        """Until the last day is over."""
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        for errand in self.town.errands:
            self.world.at(errand.opens_at, lambda errand=errand: self._open(errand))  # type: ignore[misc]
        for name in SCHEDULES:
            self._plan_round(name)
        if self.order.watched:
            self.process.on_told = lambda news: self._hurry(lambda: self.watch.heard(news, self.world.now))
            self.process.on_link = lambda up: self._hurry(lambda: self.watch.linked(up, self.world.now))
            self.world.later(60, self._night)
        self.process.start()
        self._tell_progress()
        world, process, rows = self.world, self.process, self._scalar
        while world.next_at is not None and world.next_at < self.ends_at:
            world.step()
            process.run()
            self.post.look(rows)
        report = self._report()
        report.took_s, report.cpu_s = round(time.perf_counter() - began_s, 1), round(time.process_time() - began_cpu_s, 1)
        return report

    def close(self) -> None:
        """Leave nothing behind."""
        self.desk.close()
        self.process.close()
        remove(self.folder)

    def _scalar(self, sql: str) -> int | None:
        [(found,)] = self.process.rows(sql)
        return None if found is None else int(found)

    def _tell_progress(self) -> None:
        self._progress(f"{self.world.now:%Y-%m-%d}: {len(self.cast)} cases, {len(self.judge.violations)} violations")
        for line in self.judge.violations[self._violations_told:]:
            self._progress(f"  {line}")
        self._violations_told = len(self.judge.violations)
        self.world.later(10 * 86400, self._tell_progress)

    def _plan_round(self, schedule: str) -> None:
        def look() -> None:
            self.centre.round(schedule)
            self._plan_round(schedule)

        self.world.at(self.timetable.after(schedule, self.world.now), look)

    def _hurry(self, tell: Callable[[], None]) -> None:
        before = self.watch.next_at
        tell()
        if self.watch.next_at is not None and self.watch.next_at != before:
            self.world.at(self.watch.next_at, self._night)

    def _night(self) -> None:
        if self.watch.next_at is not None and self.world.now < self.watch.next_at:
            return  # held earlier than was planned, by an edit
        began_s = time.perf_counter()
        self.watch.tick(self.world.now)
        self.night_s += time.perf_counter() - began_s
        assert self.watch.next_at is not None
        self.world.at(self.watch.next_at, self._night)

    # ---- cases

    def _open(self, errand: Errand) -> None:
        one = errand.resident
        if not one.lives or one.plain_since is None:   # somebody is about it just now: the form waits for another day
            if one.lives and not one.not_needed:
                self.world.at(at_work(self.world.now + timedelta(days=1), self.world.rng(f"late/{one.number}")), lambda: self._open(errand))
            return
        number = len(self.cast) + 1
        self.cast.append(errand)
        story = story_of(errand, number, self.world.now, self.world.rng(f"story/{number}"))
        self.world.counts[f"opened {errand.kind.value}"] += 1
        self.centre.remember_looks(one)
        self.judge.unsettle(one)
        one.case_id = story.case_id
        self.town.by_case[story.case_id] = one
        if not errand.again:
            self.desk.pin_dossier(story.serial, self.cameras.read_in(story.serial), self.world.now)
        self._of_serial[story.spare] = one
        self.folk[story.case_id] = Folk(self.world, self.process, self.desk, story, errand, self.centre, self.judge, self._over)

    def _over(self, folk: Folk, case: Case) -> None:
        """A case is final, and its people know."""
        errand, one = folk.errand, folk.one
        one.case_id = None
        self.world.counts[f"ended {case.state}"] += 1
        for binding in self.judge.active(one):
            one.serials.sort(key=lambda serial: serial == binding.camera_serial)
            self.centre.residents[binding.binding_id] = one
        self.judge.settle(one)
        fate = errand.fate
        if fate is not None and fate.rebooks and case.state in ("CANCELLED", "ROLLED_BACK") and errand.again < 5:
            at = at_work(self.world.now + fate.rest, folk.rng)
            day = working_day(local(at).date() + timedelta(days=folk.rng.randint(6, 12)))
            switch = instant(day, datetime(2000, 1, 1).time()) if errand.switch_at is not None else None
            self.world.counts["rebooked"] += 1
            again = Errand(one, errand.kind, at, day if errand.day is not None else None, switch, None, errand.again + 1)
            self.world.at(at, lambda: self._open(again))

    # ---- calls

    def _resident_of(self, call: Call) -> Resident | None:
        """Whom a call is about: the people who get it read its text, here its key says the same."""
        if call.case_id is not None:
            return self.town.by_case.get(call.case_id)
        for part in ("decision-", "binding-", "-b-"):   # the last: bound by the daemon
            if part in call.key:
                return self._named(call.key[call.key.index(part):].removeprefix("-"))
        return None

    def _named(self, tail: str) -> Resident | None:
        if tail.startswith("decision-"):
            return self.town.by_decision.get("decision-" + tail.split("-")[1])
        for binding_id in (tail, tail.rpartition("-")[0]):
            binding: Binding | None = self.judge.book.get(binding_id)
            if binding is not None:
                return self._of_serial.get(binding.camera_serial)
        return None

    def _act(self, call: Call, one: Resident | None) -> None:
        """Somebody has it."""
        if one is None:
            return
        if call.about == "visits_end":
            one.visited = False
            self.judge.settle(one)
            return
        if call.repeats and any(part in call.key for part in ABOUT_A_GAP):
            shown = local(self.world.now)
            one.patrol_until = instant(shown.date() + timedelta(days=shown.hour >= 12), datetime(2000, 1, 1, 12).time())
        if call.case_id is None:
            self.troubles.called(one)
        elif one.case_id == call.case_id:
            self.folk[call.case_id].reminded()

    # ---- the end

    def _report(self) -> Report:
        judge, noticed = self.judge, dict[str, dict[str, float]]()
        for trouble in judge.troubles:
            line = noticed.setdefault(trouble.kind, {"times": 0, "longest_h": 0.0, "not_noticed": 0})
            line["times"] += 1
            if trouble.noticed_at is None:
                line["not_noticed"] += 1
                if self.world.now - trouble.began_at > NOTICED_WITHIN:
                    judge.violated(f"{trouble.kind} on {trouble.began_at:%F}, resident {trouble.resident and trouble.resident.number}: nobody was called")
            else:
                line["longest_h"] = max(line["longest_h"], round((trouble.noticed_at - trouble.began_at) / timedelta(hours=1), 2))
        open_now = list(self.desk.open_cases())
        unowned = [f"{case.case_id} {case.state}" for case in open_now if not self._has_owner(case)]
        for found in unowned:
            judge.violated(f"{found} is open and nobody owns it")
        states = {state.lower(): number for state, number in self.process.rows("SELECT state, count(*) FROM cases WHERE is_open = 0 GROUP BY state ORDER BY state")}
        kinds = {kind.value.lower(): self.world.counts[f"opened {kind.value}"] for kind in CaseKind}
        stray = sum(one.visited and one.case_id is None and one.lives and self._ended(one) != "TERMINATED" for one in self.town.residents)
        return Report(judge.violations, self.world.counts, judge.kept, judge.calls, noticed, {**kinds, **states},
                      [f"{case.case_id} {case.state}" for case in open_now], unowned, stray, judge.unwatched_h, steps=self.world.steps,
                      parts_s={"night_watch": round(self.night_s, 1)})

    def _ended(self, one: Resident) -> str:
        ends = [folk.last_case.state.value for folk in self.folk.values() if folk.one is one and folk.last_case is not None]
        return ends[-1] if ends else ""

    def _has_owner(self, case: Case) -> bool:
        """An open case waits for a person by name of a role, for the camera, or for the alarm centre within its deadline; or for its instant."""
        view: dict[str, Any] = case_view(case, self.world.now, "en")
        asked = any(not need["met"] for need in view["needs"]) or any(not task["done"] for task in view["tasks"])
        return asked or view["state"] == "ON_HOLD" or case.wake_at is not None


def run_year(order: Order, progress: Callable[[str], None] = lambda line: None) -> Report:
    """Deterministic: the same order gives the same year."""
    logger = logging.getLogger("provisioner")
    before = (logger.handlers, logger.propagate, logger.level)
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    logger.setLevel(logging.CRITICAL)
    year: Year | None = None
    try:
        year = Year(order, progress)
        with by_schedule(year.timetable):
            return year.live()
    finally:
        logger.handlers, logger.propagate = before[0], before[1]
        logger.setLevel(before[2])
        if year is not None:
            year.close()
