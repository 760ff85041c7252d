"""Connections to one camera with one account or another, each counted in the lock-out budget; nothing is kept open behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from provisioner.camera.attempts import ATTEMPTS_MOST, AttemptBook, Attempts
from provisioner.camera.errors import BrokenReply, HttpRefused, LoginRefused, NotOnvif
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import OnvifSession
from provisioner.camera.places import CameraPlace, hidden_of
from provisioner.camera.reading import Element
from provisioner.camera.settings import CameraSettings
from provisioner.camera.soap import SoapFault
from provisioner.secret import Account

REFUSALS = (SoapFault, BrokenReply, NotOnvif)
"""What a camera answers that does not do a thing. Whether it did all the same is read back, never concluded."""


class Entry:
    """One connection with one account."""

    def __init__(self, session: OnvifSession, attempts: Attempts, place: CameraPlace) -> None:
        self.session = session
        self.attempts = attempts
        self.place = place
        self.lists = True   # False: the camera has no list of accounts to give

    @property
    def asked(self) -> bool:
        """Whether the camera asked for a login; otherwise what it answered says nothing about the account."""
        return self.session.state.login is not None

    def call(self, operation: str, deadline: Deadline, **arguments: Any) -> Element:
        """A call of the device service."""
        return self.session.device(operation, deadline, self.attempts, **arguments)

    def service(self, port: str, operation: str, deadline: Deadline, **arguments: Any) -> Element:
        """A call of another service."""
        return self.session.service(port, operation, deadline, self.attempts, **arguments)

    def users(self, deadline: Deadline) -> dict[str, str]:
        """Accounts with their levels, as the camera lists them; only an administrator may ask."""
        listed = self.call("GetUsers", deadline).all("User")
        return {one.text("Username"): one.text("UserLevel") for one in listed if one.text("Username")}

    def sign_in(self, deadline: Deadline) -> None:
        """Log in, as far as the accounts. Raises `HttpRefused` (403) where the login is right and its owner no administrator."""
        self.session.device_information(deadline, self.attempts)
        proved = self.attempts.proved
        try:
            self.users(deadline)
        except LoginRefused:
            if proved:
                raise HttpRefused(403, "the account is no administrator") from None
            raise
        except REFUSALS:
            self.lists = False


class Door:
    """Where the connections to one camera come from. `with Door(...) as door:` closes them all."""

    def __init__(self, place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime], book: AttemptBook, serial: str) -> None:
        self.place = place
        self.settings = settings
        self.clock = clock
        self._book = book
        self._serial = serial
        self._opened: list[Entry] = []
        self.hidden: set[str] = set(hidden_of(place))

    def open(self, account: Account | None, like: Entry | None = None, most: int = ATTEMPTS_MOST) -> Entry:
        """A connection of its own; nothing is sent yet. `like`: log in first in the way that worked there, so that the account is all that differs.
        `most` refused passwords end it."""
        place = self.place if account is None else replace(self.place, username=account.username, password=account.password)
        self.hidden |= set(hidden_of(place))
        session = OnvifSession(place, self.settings, self.clock)
        if like is not None:
            session.state.begin_as(like.session.state)
        window_s = self.settings.lockout_window_s
        budget = session.budget if window_s is None else replace(session.budget, window_s=window_s)
        entry = Entry(session, Attempts(self._book, self._serial, self.clock, budget, most=most), place)
        self._opened.append(entry)
        return entry

    def open_unknown(self) -> Entry:
        """A connection without any account, for a camera that has none itself."""
        nobody = replace(self.place, username="", password=None)
        entry = Entry(OnvifSession(nobody, self.settings, self.clock), Attempts(self._book, self._serial, self.clock), nobody)
        self._opened.append(entry)
        return entry

    @property
    def wrong(self) -> int:
        """Passwords that the camera has refused since the door was made."""
        return sum(entry.attempts.refused for entry in self._opened)

    def worked(self) -> None:
        """A login was accepted after one that had to be refused: nothing counts against the camera any more."""
        Attempts(self._book, self._serial, self.clock).forgive()

    def close(self) -> None:
        """Close every connection."""
        for entry in self._opened:
            entry.session.close()
        self._opened.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
