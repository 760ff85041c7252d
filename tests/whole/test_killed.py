"""The daemon dies by SIGKILL at every step of a real move, and in between, and is started again: the same end (invariants 1-4, H1, H4, H5).

Real sockets, a real broker, a real camera stream, one SQLite file. People go on speaking while it is dead, as they do at the command line. One move
holds several deaths, far from one another, so that all moments are met in a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from provisioner.case.model import State
from tests.whole.move import IN_ORDER, Move

Moment = Callable[[Move], bool]
SEEN_BY_PEOPLE = [state for state in IN_ORDER if state is not State.AWAITING_COUNTERPART]  # the second form follows at once
LIVES_MOST = 100


@dataclass
class Killer:
    """Kills the daemon at each of the moments, in their order, and starts it again. `mends` is what happens while it is dead."""

    moments: list[Moment]
    mends: Callable[[Move], None] = lambda move: None
    killed: int = 0

    def __call__(self, move: Move) -> None:
        if self.killed < len(self.moments) and move.case_id and self.moments[self.killed](move):
            self.killed += 1
            move.daemon.kill()
            self.mends(move)
            move.daemon.start(wait=False)


def play(move: Move, killer: Killer) -> None:
    move.tend = killer
    move.daemon.start()
    move.run()
    assert killer.killed == len(killer.moments), f"only {killer.killed} of {len(killer.moments)} moments came"
    move.has_ended_well()


def reached(state: State) -> Moment:
    return lambda move: IN_ORDER.index(move.case.state) >= IN_ORDER.index(state)


@pytest.mark.parametrize("states", [SEEN_BY_PEOPLE[first::5] for first in range(5)], ids="+".join)
def test_h5_killed_when_a_state_is_first_seen(move: Move, states: list[State]) -> None:
    """Each state of the plan is the last that the daemon saw, in one of the five moves."""
    play(move, Killer([reached(state) for state in states]))


SENT_IN = {"get_binding": State.DRAFT, "suspend_binding": State.BOOKED, "prepare_binding": State.INSTALLED, "test_look": State.VIEW_CHECKED}
"""The state from which on the command may leave at any moment."""


@dataclass
class Unanswered:
    """The command was heard by the alarm centre, whose answer never came: it fell silent in time."""

    verb: str
    hears: bool
    silenced: bool = field(default=False)

    def __call__(self, move: Move) -> bool:
        centre = move.site.centre
        if not self.silenced and reached(SENT_IN[self.verb])(move):
            self.silenced = True
            centre.levers.pull("silent", hears=self.hears)
        return self.silenced and centre.seen[self.verb] > 0


@pytest.mark.parametrize("hears", [True, False], ids=["done_but_not_said", "not_done"])
@pytest.mark.parametrize("verbs", [("get_binding", "prepare_binding"), ("suspend_binding", "test_look")], ids="+".join)
def test_h5_killed_after_a_command_left_the_broker_and_before_its_reply(move: Move, verbs: tuple[str, ...], hears: bool) -> None:
    """Whether it was carried out, nobody but the centre knows; asked again under the same message id, it is done once."""
    play(move, Killer([Unanswered(verb, hears) for verb in verbs], lambda move: move.site.centre.levers.calm()))


@pytest.mark.parametrize("late_s", [0.0, 2.0], ids=["kept_back", "late"])
def test_h1_killed_while_the_rebind_is_under_way(move: Move, late_s: float) -> None:
    """The test look's answer was heard, the re-bind left; its reply is lost, or comes when nobody lives to hear it."""
    centre = move.site.centre

    def moment(move: Move) -> bool:
        if centre.seen["test_look"] and not centre.seen["rebind_camera"] and move.case.state is not State.TEST_LOOK_OK:
            # the reply to the test look is the next one out, the re-bind's the one after it
            centre.manners.late = [0.0, late_s or 3600.0]
        return centre.seen["rebind_camera"] > 0
    play(move, Killer([moment]))


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_h5_killed_between_commit_and_its_effects_in_every_life(move: Move, nth: int) -> None:
    """Saved before sent (invariant 4): each life of the daemon ends right after its n-th commit, before anything that this commit owes was done."""
    lives = 0

    def again(move: Move) -> None:
        nonlocal lives
        if not move.daemon.is_alive:
            lives += 1
            assert lives < LIVES_MOST, "it dies without getting on"
            move.daemon.start(wait=False, die_after_commit=nth)
    move.tend = again
    move.run()
    assert lives >= 3
    move.has_ended_well()


@pytest.mark.parametrize("requests", [("GetDeviceInformation",), ("RTSP SETUP",), ("RTSP PLAY",)], ids="+".join)
def test_killed_while_the_camera_is_asked(move: Move, requests: tuple[str, ...]) -> None:
    """The visit is said, the camera answers slowly; the daemon dies in the call and asks again after its start."""
    camera = move.camera
    camera.levers.slow(0.1)

    def asked(request: str) -> Moment:
        return lambda move: camera.seen.requests[request] > 0
    play(move, Killer([asked(request) for request in requests], lambda move: camera.levers.calm()))
