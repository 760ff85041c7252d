"""The lock-out budget: how many passwords may still be sent to a camera.

Cameras lock an account, or a whole address, after a few wrong passwords; some for half an hour, while a home waits. So an attempt is written into a
book before the password leaves, and the book is kept across restarts and shared by all processes: after as many refused passwords as the camera's
family forgives (two, where nothing is known) none is sent until the family's lock-out would be over. A login that works clears the page. What the
camera says of attempts left counts besides.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from provisioner.camera.errors import LoginRefused, NotNoted, Told
from provisioner.clock import SystemClock
from provisioner.fault import PlainError

ATTEMPTS_MOST = 2          # per operation; the shortest lock-out seen in the field begins after 3 wrong passwords (Foscam)
SPARE = 2                  # that we leave to others, where the camera tells how many there are
WINDOW_S = 1800.0          # Hikvision's half hour, the longest known: evercam/evercam-server#91


@dataclass(frozen=True, slots=True)
class Budget:
    """How many passwords may be sent to a camera, by all operations and processes together: `most` in `window_s` seconds. The defaults are for a
    camera of which nothing is known."""

    most: int = ATTEMPTS_MOST
    window_s: float = WINDOW_S

    @classmethod
    def below(cls, lock_after: float | None, lock_s: float | None) -> "Budget":
        """For a family that locks after `lock_after` wrong passwords for `lock_s` seconds; None where that is not known.

        Two are left to others where the family allows so many, but no less than two are ours while one stays spare: the second tells a wrong
        password from a wrong clock.
        """
        most = ATTEMPTS_MOST if lock_after is None else max(1, min(int(lock_after) - 1, ATTEMPTS_MOST), int(lock_after) - SPARE)
        return cls(most, WINDOW_S if lock_s is None else lock_s)


class AttemptBook(Protocol):
    """Who implements it sees to it that `reserve` is one atomic step for all processes. Any thread; plain values only."""

    def reserve_login(self, camera: str, now: datetime, most: int, spare: int, window_s: float) -> float | None:
        """Count one password that is about to be sent. None: send it. Otherwise the seconds to wait, and nothing was counted.

        Denied while the camera is known to be locked, after `most` passwords within `window_s`, and while the camera said that `spare` attempts or
        fewer are left.
        """

    def login_refused(self, camera: str, now: datetime, attempts_left: int | None, locked_s: float | None) -> None:
        """What the refusal told."""

    def login_worked(self, camera: str) -> None:
        """The password was accepted: nothing counts against this camera any more."""


class MemoryBook:
    """An `AttemptBook` for one process: for probes by hand, and tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: dict[str, tuple[int, datetime, int | None, datetime | None]] = {}  # sent, since, left, locked until

    def reserve_login(self, camera: str, now: datetime, most: int, spare: int, window_s: float) -> float | None:
        """See `AttemptBook`."""
        with self._lock:
            sent, since, left, until = self._pages.get(camera, (0, now, None, None))
            if until is not None and until > now:
                return (until - now).total_seconds()
            over = (since + timedelta(seconds=window_s) - now).total_seconds()
            if over <= 0:
                sent, since, left = 0, now, None
            elif sent >= most or (left is not None and left <= spare):
                return over
            self._pages[camera] = (sent + 1, since, left, None)
            return None

    def login_refused(self, camera: str, now: datetime, attempts_left: int | None, locked_s: float | None) -> None:
        """See `AttemptBook`."""
        with self._lock:
            sent, since, left, until = self._pages.get(camera, (1, now, None, None))
            until = until if locked_s is None else now + timedelta(seconds=locked_s)
            self._pages[camera] = (sent, since, attempts_left if attempts_left is not None else left, until)

    def login_worked(self, camera: str) -> None:
        """See `AttemptBook`."""
        with self._lock:
            self._pages.pop(camera, None)


class _Noting:
    """A book whose trouble is a `CameraTrouble`: a locked database is no bug of the camera's call, and ends nothing but this attempt."""

    def __init__(self, book: AttemptBook) -> None:
        self._book = book

    def reserve_login(self, camera: str, now: datetime, most: int, spare: int, window_s: float) -> float | None:
        try:
            return self._book.reserve_login(camera, now, most, spare, window_s)
        except PlainError as exc:
            raise NotNoted(exc.code) from None

    def login_refused(self, camera: str, now: datetime, attempts_left: int | None, locked_s: float | None) -> None:
        try:
            self._book.login_refused(camera, now, attempts_left, locked_s)
        except PlainError as exc:
            raise NotNoted(exc.code) from None

    def login_worked(self, camera: str) -> None:
        with suppress(PlainError):  # the page stays, which is the careful side
            self._book.login_worked(camera)


class Attempts:
    """The budget of one operation on one camera, shared by ONVIF, snapshot and RTSP. Each new way of sending the password asks `may_send` first."""

    __slots__ = ("_book", "_budget", "_camera", "_clock", "_most", "_open", "_trusted", "proved", "refused", "sent")

    def __init__(self, book: AttemptBook | None = None, camera: str = "", clock: Callable[[], datetime] | None = None, budget: Budget | None = None, *,
                 trusted: bool = False, most: int = ATTEMPTS_MOST) -> None:
        """`trusted`: this password worked a moment ago in this process; it is sent without asking the book, but a refusal is written down. `most`
        refusals end the operation. `budget` is the camera family's, for all operations together."""
        self._book: AttemptBook = _Noting(book) if book is not None else MemoryBook()
        self._camera = camera
        self._clock = clock or SystemClock().now
        self._budget = budget or Budget()
        self._trusted = trusted
        self._most = most
        self._open = False    # reserved in the book, and not yet answered
        self.proved = False   # the camera accepted the password
        self.refused = 0
        self.sent = 0

    @property
    def window_s(self) -> float:
        """So long nothing more is sent after the last password of the budget, in seconds."""
        return self._budget.window_s

    def with_wait(self, told: Told) -> Told:
        """What a refusal told; where the camera is locked and does not say for how long, as long as its family is."""
        return replace(told, wait_s=self._budget.window_s) if told.locked and told.wait_s is None else told

    def spend(self, told: Told, clock_offset_s: float | None = None) -> None:
        """Say that the password is about to be sent in a new way. Raises `LoginRefused` where it must not."""
        if self.proved:
            return
        if told.locked:
            told = self.with_wait(told)
            self._book.login_refused(self._camera, self._clock(), told.attempts_left, told.wait_s)
            raise LoginRefused(told, sent=self.sent > 0, clock_offset_s=clock_offset_s, why="the account is locked")
        budget = self._budget
        if self.refused >= self._most:
            raise LoginRefused(told, sent=True, clock_offset_s=clock_offset_s, why="two passwords were refused already")
        if not self._trusted:
            wait_s = self._book.reserve_login(self._camera, self._clock(), budget.most, SPARE, budget.window_s)
            if wait_s is not None:
                spent = Told(told.locked, told.attempts_left, wait_s, told.about_clock, spent=True, words=told.words)
                raise LoginRefused(spent, sent=False, clock_offset_s=clock_offset_s, why="no more attempts for now")
            self._open = True
        self.sent += 1

    def was_refused(self, told: Told) -> bool:
        """Count a refusal of a sent password; whether another, different attempt may follow. A camera that says few are left is left alone."""
        self.refused += 1
        now, budget = self._clock(), self._budget
        if self._trusted:
            self._book.reserve_login(self._camera, now, budget.most, 0, budget.window_s)
        self._trusted = self._open = self.proved = False
        self._book.login_refused(self._camera, now, told.attempts_left, self.with_wait(told).wait_s if told.locked else None)
        return self.refused < self._most and not told.locked and (told.attempts_left is None or told.attempts_left > SPARE)

    def worked(self) -> None:
        """The camera accepted the password."""
        if not self.proved:
            self.proved = True
            if self._open:
                self._open = False
                self._book.login_worked(self._camera)

    def for_stranger(self) -> "Attempts":
        """For one password that is not ours and ought to be refused (a maker's default): one only, counted in the same camera's book."""
        stranger = Attempts(None, self._camera, self._clock, self._budget, most=1)
        stranger._book = self._book
        return stranger

    def worked_again(self) -> None:
        """Our password was accepted once more, after a stranger's was refused: the camera has begun to count anew, and so does the book."""
        if self.proved:
            self._book.login_worked(self._camera)

    def forgive(self) -> None:
        """A password was accepted on another connection of this operation: the camera has begun to count anew, and so does the book."""
        self._book.login_worked(self._camera)
