"""Which credentials go out, on which level, and when to stop. One `LoginState` per session.

The first protected call goes out without any: the refusal says what the camera wants and costs no attempt. HTTP digest where it is offered,
otherwise WS-UsernameToken; never both, never Basic, never the password itself. Cameras lock an account after a handful of wrong passwords, some
for half an hour, so an operation may be refused at most twice, and a second attempt is made only where it differs from the first one.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from provisioner.camera.digest import DigestLogin, challenge_in
from provisioner.camera.errors import LoginRefused, Told
from provisioner.camera.soap import Login, NotAuthorized, TokenLogin
from provisioner.secret import Secret

ATTEMPTS_MOST = 2   # per operation; the shortest lock-out seen in the field begins after 3 wrong passwords (Foscam, some Dahua)
_SKEW_S = 2.0       # below this, signing with the server's time instead of the camera's is the same attempt again

_LOCKED = re.compile(r"\b(?:b?locked|lock(?:ed)?[ -]?out)\b|lockstatus>\s*lock", re.IGNORECASE)
_LEFT = (
    re.compile(r"(\d+)\s*(?:more |login |remaining )*(?:attempt|tries|try\b|retries|times? left)", re.IGNORECASE),
    re.compile(r"(?:attempts?|tries|retries)[^\d<>]{0,20}(\d+)", re.IGNORECASE),
    re.compile(r"retryLoginTime>\s*(\d+)"),  # Hikvision
)
_WAIT = re.compile(r"(\d+)\s*(s|sec|second|min|minute|h|hour)(?:s|\(s\)|utes)?\b", re.IGNORECASE)
_UNLOCK = re.compile(r"unlockTime>\s*(\d+)")  # Hikvision, seconds
_ABOUT_CLOCK = re.compile(r"expired|time ?stamp|\bcreated\b|\bclock\b|system time", re.IGNORECASE)
_UNIT_S = {"s": 1, "m": 60, "h": 3600}


def told_in(words: str, retry_after: str = "") -> Told:
    """What a refusal's text says of attempts left, lock-out and waiting."""
    locked = _LOCKED.search(words) is not None
    left = next((int(found.group(1)) for found in (pattern.search(words) for pattern in _LEFT) if found), None)
    wait_s: float | None = None
    if unlock := _UNLOCK.search(words):
        wait_s = float(unlock.group(1))
    elif retry_after.strip().isdigit():
        wait_s = float(retry_after)
    elif locked and (wait := _WAIT.search(words)):
        wait_s = float(wait.group(1)) * _UNIT_S[wait.group(2)[0].lower()]
    if left == 0:
        locked = True
    return Told(locked, left, wait_s, _ABOUT_CLOCK.search(words) is not None, words[:200])


class Attempts:
    """The refused passwords of one operation, shared by ONVIF, snapshot and RTSP."""

    __slots__ = ("refused",)

    def __init__(self) -> None:
        self.refused = 0

    def may_go_on(self, told: Told) -> bool:
        """Count a refusal; whether another, different attempt may follow. A camera that says few are left is left alone."""
        self.refused += 1
        return self.refused < ATTEMPTS_MOST and not told.locked and (told.attempts_left is None or told.attempts_left > ATTEMPTS_MOST)

    @property
    def left(self) -> bool:
        """Whether a password may be sent at all."""
        return self.refused < ATTEMPTS_MOST


class LoginState:
    """What has been learnt about logging in to one camera, and the credentials that follow from it."""

    def __init__(self, username: str, password: Secret | None, clock: Callable[[], datetime]) -> None:
        self._username = username
        self._password = password
        self._clock = clock
        self._proved = False
        self.login: Login = None
        self.offset_s: float | None = None  # camera minus server
        self._sign_offset_s: float | None = None

    @property
    def way(self) -> str:
        """`digest SHA-256`, `digest MD5`, `token` or `none`: for the report."""
        if isinstance(self.login, DigestLogin):
            return f"digest {self.login.challenge.hash_name}"
        return "none" if self.login is None else "token"

    def worked(self) -> None:
        """A call with the present credentials was answered."""
        self._proved = self._proved or self.login is not None

    def refused(self, refusal: NotAuthorized, attempts: Attempts) -> None:
        """Prepare the credentials of the next attempt, or raise `LoginRefused`."""
        told = told_in(refusal.words, refusal.retry_after)
        challenge = challenge_in(refusal.challenges)
        if self.login is None:
            if told.locked:
                raise self._stop(told, sent=False, why="the account is locked")
            if self._password is None:
                raise self._stop(told, sent=False, why="a login is needed and no password is known")
            if not attempts.left:
                raise self._stop(told, sent=False, why="two passwords were refused already")
            self.login = DigestLogin(challenge, self._username, self._password) if challenge is not None else self._token(self.offset_s)
            return
        assert self._password is not None
        if isinstance(self.login, DigestLogin) and challenge is not None and challenge.stale and challenge.nonce != self.login.challenge.nonce:
            self.login = DigestLogin(challenge, self._username, self._password)  # the right password, an old nonce (RFC 7616 3.3)
            return
        if not attempts.may_go_on(told):
            raise self._stop(told, sent=True, why="the login was refused")
        if isinstance(self.login, DigestLogin):
            # Only worth it where this login was good before: then the nonce has expired, and the camera forgot to say that it is stale.
            if not self._proved or challenge is None:
                raise self._stop(told, sent=True, why="the login was refused")
            self.login = DigestLogin(challenge, self._username, self._password)
        elif challenge is not None:
            self.login = DigestLogin(challenge, self._username, self._password)
        elif self._sign_offset_s is not None and abs(self._sign_offset_s) >= _SKEW_S:
            # Some cameras tell local time as UTC: the token then lay in their future. Once more with our own time.
            self.login = self._token(None)
        else:
            raise self._stop(told, sent=True, why="the login was refused")

    def _token(self, offset_s: float | None) -> TokenLogin:
        assert self._password is not None
        self._sign_offset_s = offset_s
        ahead = timedelta(seconds=offset_s or 0.0)
        clock = self._clock
        return TokenLogin(self._username, self._password, lambda: clock() + ahead)

    def _stop(self, told: Told, *, sent: bool, why: str) -> LoginRefused:
        return LoginRefused(told, sent=sent, clock_offset_s=self.offset_s, why=why)
