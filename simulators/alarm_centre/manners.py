"""How the centre behaves on the line, apart from what it decides: silent, slow, saying things twice or late. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.alarm_centre.wire import Publish

ALWAYS = float("inf")


@dataclass
class Manners:
    """Levers set these fields. All instants are seconds of one monotonic clock, which the caller brings."""

    silent_until_s: float = 0.0
    hears: bool = True  # silent and hearing: it does what it is told and the reply is lost, which is the nastier case
    slow_by_s: float = 0.0
    twice: int = 0  # so many replies are still to be given twice
    late: list[float] = field(default_factory=list)  # the next replies come so many seconds late, one each
    held_back: int = 0  # messages that silence swallowed

    def is_silent(self, now_s: float) -> bool:
        return now_s < self.silent_until_s

    def is_deaf(self, now_s: float) -> bool:
        return self.is_silent(now_s) and not self.hears

    def say(self, messages: list[Publish], now_s: float) -> list[tuple[float, Publish]]:
        """Each message with the instant at which it leaves."""
        out: list[tuple[float, Publish]] = []
        for message in messages:
            if self.is_silent(now_s):
                self.held_back += 1
                continue
            leaves_s = now_s + self.slow_by_s
            if message.is_reply and self.late:
                leaves_s += self.late.pop(0)
            out.append((leaves_s, message))
            if message.is_reply and self.twice > 0:
                self.twice -= 1
                out.append((leaves_s, message))
        return out

    def calm(self) -> None:
        self.__init__()  # type: ignore[misc]
