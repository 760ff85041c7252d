"""One seed, from the first form to the last look."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from simulators.alarm_centre import Binding
from tests.whole.simulation.cameras import Cameras
from tests.whole.simulation.centre import Centre, schedule_troubles
from tests.whole.simulation.crashes import MortalStore
from tests.whole.simulation.homes import bindings, stories
from tests.whole.simulation.judge import Judge
from tests.whole.simulation.judge_end import digest_of, journal_text, judge_end
from tests.whole.simulation.judge_wire import LogWatch
from tests.whole.simulation.line import Broker
from tests.whole.simulation.people import People
from tests.whole.simulation.process import Process, new_folder, remove
from tests.whole.simulation.world import World

CALM_MOST = timedelta(days=21)
"""So long people have, after the last fault, to bring every case to its end. A switch may lie two days ahead, a sequel waits for its first case."""
QUIET = timedelta(hours=2)
STEPS_MOST = 40_000


@dataclass
class Result:
    """What became of one seed."""

    seed: int
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    took_s: float = 0.0
    virtual: timedelta = timedelta(0)
    digest: str = ""
    journals: dict[str, str] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)


class _Onlooker:
    """Hands the judge the book as it stands after each act of the centre."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.centre: Centre | None = None

    def centre_did(self, verb: str, msg_id: str | None) -> None:
        assert self.centre is not None
        self._judge.centre_did(verb, msg_id, self.centre.book())

    def looked_into(self, binding: Binding) -> None:
        self._judge.looked_into(binding)


def run_seed(seed: int, *, steps_most: int = STEPS_MOST, violations_most: int = 10, verbose: bool = False) -> Result:
    """Live one seed, or as much of it as `violations_most` allows. Deterministic: the same seed gives the same digest, on every machine."""
    began_s = time.perf_counter()
    world = World(seed, verbose)
    folder = new_folder()
    logger = logging.getLogger("provisioner")
    logger.handlers, logger.propagate = [], False
    logger.setLevel(logging.INFO)
    try:
        process = Process(world, Broker(world), folder)
        judge = Judge(world, process.path)
        logger.addHandler(LogWatch(judge))
        result = _live(world, process, judge, steps_most, violations_most)
        process.close()
        judge.rows.close()
    finally:
        logger.handlers = []
        remove(folder)
    result.took_s = time.perf_counter() - began_s
    return result


def _live(world: World, process: Process, judge: Judge, steps_most: int, violations_most: int) -> Result:
    began_at = world.now
    cast = stories(world)
    book = bindings(world, cast)
    cameras = Cameras(world, lambda: process.calls, judge)
    for binding in book:
        cameras.hang(binding.camera_serial, binding.site_ref)
    process.cameras, process.witness, judge.cameras = cameras, judge, cameras
    onlooker = _Onlooker(judge)
    judge.begin({b.binding_id: b for b in book})
    centre = onlooker.centre = Centre(world, process.broker, cameras, onlooker, book)
    desk = MortalStore(process.url, world, None, judge.committed)
    for binding in book:
        desk.pin_dossier(binding.camera_serial, cameras.read_in(binding.camera_serial), world.now)
    people = [People(world, process, cameras, desk, story, centre, judge.violated) for story in cast]
    schedule_troubles(world, centre, process.broker, lambda: process.client)
    process.start()
    has_settled = _turn_until_quiet(world, process, judge, lambda: all(p.is_over for p in people), steps_most, violations_most)
    if has_settled or len(judge.violations) < violations_most:
        judge_end(judge, desk, cast, has_settled=has_settled)
    journals = {story.case_id: journal_text(desk, story.case_id) for story in cast if story.case_id in judge.cases} if judge.violations else {}
    result = Result(world.seed, judge.violations, world.counts, world.steps, virtual=world.now - began_at, digest=digest_of(judge), journals=journals,
                    story=list(world.lines))
    desk.close()
    return result


def _turn_until_quiet(world: World, process: Process, judge: Judge, is_over: Callable[[], bool], steps_most: int, violations_most: int) -> bool:
    """Step by step until every case is over, the storm too, and a while has passed. False where steps or days ran out."""
    quiet_since = None
    while world.steps < steps_most and world.now < world.calm_at + CALM_MOST:
        if not world.step():
            judge.violated("nothing will ever happen again")
            return False
        process.run()
        judge.watch()
        if len(judge.violations) >= violations_most:
            return False
        if not (is_over() and world.is_calm):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = world.now
        elif world.now - quiet_since > QUIET:
            return True
    judge.violated(f"it did not come to an end within {world.steps} steps, {(world.now - world.calm_at).days} days after the last fault")
    return False
