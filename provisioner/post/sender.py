"""Sends the calls that are due through every channel, and counts each try before the next: a crash may send one call twice, and loses none."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from provisioner.case.calling import Call, Ladder, audiences, next_call
from provisioner.post.channels import Channel

log = logging.getLogger("provisioner.post")


class CallBook(Protocol):
    """What the sender needs of the store."""

    def calls_due(self, now: datetime, limit: int = 20) -> Sequence[Call]:
        """Calls that have to go out now."""

    def call_went(self, call: Call, next_at: datetime | None, trouble: str) -> bool:
        """One try is over."""


def send_due(book: CallBook, channels: Sequence[Channel], ladder: Ladder, now: Callable[[], datetime]) -> int:
    """One round; how many calls went out by at least one channel. Raises `PlainError` where the store is unwell: the round is repeated later."""
    sent = 0
    for call in book.calls_due(now()):
        at = now()
        who = audiences(call, at, ladder)
        said = {channel.name: channel.send(call, who, at) for channel in channels}
        delivered = any(word is None for word in said.values())
        troubles = "; ".join(f"{name}: {word}" for name, word in said.items() if word)
        if not delivered and not troubles:
            troubles = f"nobody is named for {', '.join(who)}"
        if troubles:
            log.log(logging.ERROR if not delivered else logging.WARNING, "a call was not sent everywhere: %s", troubles,
                    extra={"event": "call_trouble", "case": call.case_id})
        book.call_went(call, next_call(call, at, delivered, ladder), troubles)
        sent += delivered
    return sent
