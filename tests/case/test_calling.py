"""Whom a call goes to, and when it goes out again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.calling import Call, Ladder, audiences, next_call
from provisioner.fault import Text

NOW = datetime(2026, 11, 27, 20, tzinfo=UTC)
LADDER = Ladder()


def call(about: str = "escalation", calls: int = 0) -> Call:
    return Call("case-1/gap", "on_call", about, Text("Ring.", "Phone."), NOW, calls=calls)


@given(st.integers(0, 5000), st.booleans())
def test_h4_a_call_goes_on_until_somebody_takes_it(minutes: int, delivered: bool) -> None:
    at = NOW + timedelta(minutes=minutes)
    again = next_call(call(), at, delivered, LADDER)
    assert again == at + timedelta(minutes=15)


def test_after_half_an_hour_the_team_lead_is_called_besides() -> None:
    assert audiences(call(), NOW + timedelta(minutes=29), LADDER) == ("on_call",)
    assert audiences(call(), NOW + timedelta(minutes=30), LADDER) == ("on_call", "team_lead")
    assert audiences(call("reminder"), NOW + timedelta(hours=9), LADDER) == ("on_call",)


def test_what_is_told_once_is_tried_until_a_channel_has_taken_it() -> None:
    assert next_call(call("reminder"), NOW, True, LADDER) is None
    waits = [(next_call(call("reminder", n), NOW, False, LADDER) - NOW) // timedelta(minutes=1) for n in range(9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
