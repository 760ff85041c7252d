"""Calling people until one of them has taken it on: to whom each call goes, and when the next one is due. Pure.

What is told once stands on the notice board. What must be acted on before a look is missed is *called*: by every channel there is, again and again, to
more and more people, until a named person says that he has taken it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioner.fault import Text

CALLED = frozenset({"escalation", "visit_ordered"})
"""What a notice is about, for it to be called until it is taken on. Everything else is sent once."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """`repeat`: from one call to the next. `higher`: after how long who is called besides; nobody falls off again."""

    repeat: timedelta = timedelta(minutes=15)
    higher: tuple[tuple[timedelta, str], ...] = ((timedelta(minutes=30), "team_lead"),)


@dataclass(frozen=True, slots=True)
class Call:
    """Something to tell people. `key` names it for ever: told again it is the same call. `calls`: how many times it went out; `taken_by`: who took it on.
    No name, address or number stands in it (the channels are mail and webhooks)."""

    key: str
    audience: str
    about: str
    text: Text
    raised_at: datetime
    case_id: str | None = None
    calls: int = 0
    next_at: datetime | None = None
    taken_by: str | None = None
    taken_at: datetime | None = None
    trouble: str = ""

    @property
    def repeats(self) -> bool:
        """Whether it goes out until somebody takes it on."""
        return self.about in CALLED


def audiences(call: Call, now: datetime, ladder: Ladder) -> tuple[str, ...]:
    """Who is called now."""
    besides = tuple(who for after, who in ladder.higher if call.repeats and now - call.raised_at >= after)
    return tuple(dict.fromkeys((call.audience, *besides)))


def next_call(call: Call, now: datetime, delivered: bool, ladder: Ladder) -> datetime | None:
    """When it goes out again, after a try at `now` that `delivered` it by at least one channel or did not. None: it is over.

    A call that repeats is due again after `repeat` whatever became of the try. One that is told once is tried again, 1, 2, 4 ... up to 60 minutes later,
    until some channel has taken it.
    """
    if call.repeats:
        return now + ladder.repeat
    if delivered:
        return None
    return now + timedelta(minutes=min(60, 1 << min(call.calls, 6)))
