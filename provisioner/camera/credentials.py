"""The accounts of a camera as the adapter uses them: kept before they are sent, so that no power failure can lock us out.

Who keeps them implements `SecretBook`. A change is one call, on the disk when it returns; whatever dies afterwards, the book has every password that the
camera may have.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from provisioner.camera.errors import InUse, NotNoted
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.fault import PlainError
from provisioner.secret import Account, Credentials, Secret

NAMES = ("pvkonto1", "pvkonto2")
"""Our accounts, in turn: letters and a digit, eight characters, which every maker's rules for names allow. They say nothing of a home or a person."""
LENGTHS = (16, 12, 8)
"""Characters of a new password, tried in this order where a camera finds one too long. 16 are 92 bits; 8 is the least that cameras with rules ask for."""
_LOWER, _UPPER, _DIGITS = "abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
"""Without what is mistaken for another when somebody has to read it aloud, and without signs: / % @ # : break addresses (home-assistant/core#43047)."""
_TURN_AGAIN_S = 0.2   # between two tries for a camera that another program has


def new_password(length: int) -> Secret:
    """A password of letters of both cases and digits, at least two of each: what strict cameras ask for and none refuses."""
    while True:
        made = "".join(secrets.choice(_LOWER + _UPPER + _DIGITS) for _ in range(length))
        if all(sum(char in kind for char in made) >= 2 for kind in (_LOWER, _UPPER, _DIGITS)):
            return Secret(made)


class SecretBook(Protocol):
    """Keeps the credentials of cameras, sealed, across restarts. Any thread."""

    def credentials_of(self, serial: str) -> Credentials | None:
        """What is kept for this camera; None where nothing is. Raises `PlainError`."""

    def put_credentials(self, serial: str, credentials: Credentials, now: datetime, *, rotated: bool = False) -> None:
        """Keep this instead, in one transaction. `rotated`: a new account has just been proved. Raises `PlainError`."""

    def account_turn(self, serial: str) -> AbstractContextManager[None]:
        """Nobody else changes this camera's account meanwhile. Entering raises `PlainError` (`camera_in_use`) at once where somebody has the turn; a
        process that dies gives it back."""


class MemorySecrets:
    """A `SecretBook` for one process: for looking at cameras, and for tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Credentials] = {}

    def credentials_of(self, serial: str) -> Credentials | None:
        """See `SecretBook`."""
        with self._lock:
            return self._kept.get(serial)

    def put_credentials(self, serial: str, credentials: Credentials, now: datetime, *, rotated: bool = False) -> None:
        """See `SecretBook`."""
        with self._lock:
            self._kept[serial] = credentials

    def account_turn(self, serial: str) -> AbstractContextManager[None]:
        """See `SecretBook`; within one process the adapter's own lock is enough."""
        return nullcontext()


@contextmanager
def turn(book: SecretBook, serial: str, deadline: Deadline) -> Iterator[None]:
    """The camera's turn, waited for until the deadline. Raises `InUse`."""
    while True:
        held = book.account_turn(serial)
        try:
            held.__enter__()
        except PlainError as exc:
            if exc.code != "camera_in_use":
                raise NotNoted(exc.code) from None
            if deadline.left_s() <= _TURN_AGAIN_S:
                raise InUse("another program is changing this camera's account") from None
            time.sleep(_TURN_AGAIN_S)
            continue
        with ExitStack() as stack:
            stack.push(held)
            yield
        return


class Keyring:
    """One camera's credentials during one operation. What cannot be kept raises `NotNoted`, before anything is sent."""

    def __init__(self, book: SecretBook, serial: str, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._serial = serial
        self._clock = clock
        try:
            self.kept = book.credentials_of(serial)
        except PlainError as exc:
            raise NotNoted(exc.code) from None

    @property
    def now(self) -> Credentials:
        """What is kept; nothing where nothing is."""
        return self.kept or Credentials()

    @property
    def hidden(self) -> tuple[str, ...]:
        """What nobody may read although a camera might quote it."""
        known = (self.now.current, self.now.coming, *self.now.old)
        return tuple(text for account in known if account is not None for text in (account.username, account.password.reveal()))

    def placed(self, place: CameraPlace) -> CameraPlace:
        """The place with the account that a rotation left; as it is where there was none."""
        current = self.now.current
        return place if current is None else replace(place, username=current.username, password=current.password)

    def begin_with(self, place: CameraPlace) -> None:
        """Take the place's own account for the current one where no rotation has been."""
        if self.now.current is None and self.now.coming is None and place.password is not None:
            self.kept = Credentials(Account(place.username, place.password))

    def intend(self, account: Account) -> None:
        """This account is about to be sent."""
        self._put(replace(self.now, coming=account))

    def promote(self) -> None:
        """The coming account is proved: it is the current one, and what was has to go."""
        now = self.now
        before = (now.current,) if now.current is not None and now.current != now.coming else ()
        self._put(Credentials(now.coming, None, (*now.old, *before)), rotated=True)

    def drop(self) -> None:
        """The camera did not take the coming account, and does not have it."""
        self._put(replace(self.now, coming=None))

    def forget(self) -> None:
        """The camera has none of these any more: it was reset."""
        self._put(Credentials())

    def settle(self) -> None:
        """Nothing is left to prove."""
        self._put(Credentials(self.now.current))

    def _put(self, credentials: Credentials, *, rotated: bool = False) -> None:
        try:
            self._book.put_credentials(self._serial, credentials, self._clock(), rotated=rotated)
        except PlainError as exc:
            raise NotNoted(exc.code) from None
        self.kept = credentials
