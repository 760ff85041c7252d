"""mosquitto dies by SIGKILL between each two messages of a real move and comes back with what it had saved, or nothing: the same end (H5).

The daemon lives all the time. A killed mosquitto forgets what it acknowledged during the last second or two, subscriptions and sessions too.
"""

from collections.abc import Iterator

import pytest

from tests.whole.move import Move
from tests.whole.wire import Observer, names

WHOLE = ["get_binding", "reply get_binding", "suspend_binding", "old SUSPENDED", "reply suspend_binding", "prepare_binding", "new TEST",
         "reply prepare_binding", "test_look", "reply test_look", "rebind_camera", "old RETIRED", "new ACTIVE", "reply rebind_camera", "look_done"]
"""What is said in one move, in its order; before it stands the retained state `old ACTIVE`."""


@pytest.fixture
def wire(move: Move) -> Iterator[Observer]:
    broker = move.site.broker
    with Observer(broker.host, broker.port, broker.passwords["observer"]) as observer:
        yield observer


def test_the_messages_of_a_move(move: Move, wire: Observer) -> None:
    """The list that the test below goes through is the whole conversation."""
    move.daemon.start()
    move.run()
    assert names(wire.messages())[1:] == WHOLE
    move.has_ended_well()


@pytest.mark.parametrize("away_s", [0.0, 0.3])
@pytest.mark.parametrize("first", range(1, 6))
def test_h5_broker_killed_between_each_two_messages(move: Move, wire: Observer, first: int, away_s: float) -> None:
    """After the n-th message was seen, n = first, first + 5, first + 10: two or three deaths in each move, every gap once."""
    kills = list(range(first, len(WHOLE), 5))

    def tend(move: Move) -> None:
        if kills and max((WHOLE.index(name) + 1 for name in names(wire.messages()) if name in WHOLE), default=0) >= kills[0]:
            kills.pop(0)
            move.site.broker.kill()
            move.clock_passes(away_s)
            move.site.broker.start()
    move.tend = tend
    move.daemon.start()
    move.run()
    assert kills == []
    move.has_ended_well()
