"""Which credentials go out, on which level, and when to stop. One `LoginState` per session.

The first protected call goes out without any: the refusal says what the camera wants and costs no attempt. HTTP digest where it is offered, its
strongest hash first; otherwise WS-UsernameToken with a digest; never both (ONVIF Core 5.9: both would have to be right). Basic and PasswordText send
the password itself and go out only where the camera's place allows it. Cameras lock an account after a handful of wrong passwords, some for half an
hour, so an operation may be refused at most twice (`attempts.py`), and a second attempt is made only where it differs from the first one.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from provisioner.camera.attempts import Attempts
from provisioner.camera.digest import BasicLogin, Challenge, DigestLogin, challenges_in, offers_basic
from provisioner.camera.errors import LoginRefused, Told
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import Policies, SecretInClear
from provisioner.camera.soap import Login, NotAuthorized, TokenLogin

YEARS = range(1970, 2100)   # of a clock that can be believed to be one
_SKEW_S = 2.0       # below this, signing with another time is the same attempt again
_ZONE_S = 1800.0    # time zones lie whole or half hours from UTC; a clock that is wrong by so much may tell local time as UTC
_ZONE_SLACK_S = 90.0
_ZONES_MOST_S = 14 * 3600.0

_LOCKED = re.compile(r"\b(?:b?locked|lock(?:ed)?[ -]?out)\b|lockstatus>\s*lock", re.IGNORECASE)
_LEFT = (
    re.compile(r"(\d+)\s*(?:more |login |remaining )*(?:attempt|tries|try\b|retries|times? left)", re.IGNORECASE),
    re.compile(r"(?:attempts?|tries|retries)[^\d<>]{0,20}(\d+)", re.IGNORECASE),
    re.compile(r"retryLoginTime>\s*(\d+)"),  # Hikvision
)
_WAIT = re.compile(r"(\d+)\s*(s|sec|second|min|minute|h|hour)(?:s|\(s\)|utes)?\b", re.IGNORECASE)
_UNLOCK = re.compile(r"unlockTime>\s*(\d+)")  # Hikvision, seconds
_ABOUT_CLOCK = re.compile(r"expired|time ?stamp|\bcreated\b|\bclock\b|system time|time check", re.IGNORECASE)
_UNIT_S = {"s": 1, "m": 60, "h": 3600}
_WAIT_MOST_S = 24 * 3600.0    # a camera that says it is locked for longer is not believed: nobody stands before it so long
_DIGITS_MOST = 9              # of a number that a camera writes into a sentence


def told_in(words: str, retry_after: str = "") -> Told:
    """What a refusal's text says of attempts left, lock-out and waiting."""
    locked = _LOCKED.search(words) is not None
    left = next((int(found.group(1)[:_DIGITS_MOST]) for found in (pattern.search(words) for pattern in _LEFT) if found), None)
    wait_s: float | None = None
    if unlock := _UNLOCK.search(words):
        wait_s = float(unlock.group(1))
    elif retry_after.strip().isdecimal():
        wait_s = float(retry_after)
    elif locked and (wait := _WAIT.search(words)):
        wait_s = float(wait.group(1)) * _UNIT_S[wait.group(2)[0].lower()]
    wait_s = None if wait_s is None else min(wait_s, _WAIT_MOST_S)
    if left == 0:
        locked = True
    return Told(locked, left, wait_s, _ABOUT_CLOCK.search(words) is not None, words=words[:200])


class LoginState:
    """What has been learnt about logging in to one camera, and the credentials that follow from it."""

    def __init__(self, place: CameraPlace, clock: Callable[[], datetime], policies: Policies | None = None) -> None:
        self._place = place
        self._clock = clock
        self._policies = policies or Policies()
        self._proved = False
        self._signed_with: list[float] = []     # offsets that tokens were signed with since the last proof, seconds
        self._hashes_tried: set[str] = set()
        self._like: LoginState | None = None
        self.login: Login = None
        self.offset_s: float | None = None      # camera minus server, by its own UTC
        self.local_offset_s: float | None = None  # the same by what it calls its local time, where it tells one
        self.date_offset_s: float | None = None   # the same by the Date header of its HTTP answers
        self.server_first = False               # remembered from an earlier visit: this camera checks tokens against real time

    @property
    def way(self) -> str:
        """`digest SHA-256`, `digest MD5`, `basic`, `token`, `token text` or `none`: for the report."""
        match self.login:
            case DigestLogin():
                return f"digest {self.login.challenge.hash_name}"
            case TokenLogin():
                return "token text" if self.login.clear else "token"
            case BasicLogin():
                return "basic"
            case _:
                return "none"

    @property
    def signs_with_server_time(self) -> bool:
        """Whether the token in use carries our time although the camera's differs."""
        return isinstance(self.login, TokenLogin) and bool(self._signed_with) and self._signed_with[-1] == 0.0 and abs(self.offset_s or 0.0) >= _SKEW_S

    @property
    def wants_clock(self) -> bool:
        """Whether a token that was accepted before is refused now: the camera's clock may have jumped, and should be read again."""
        return self._proved and isinstance(self.login, TokenLogin)

    def begin_as(self, other: "LoginState") -> None:
        """Log in first in the way that worked in `other`, a session on the same camera: then a refusal is about the account and nothing else."""
        self._like = other
        self.offset_s, self.local_offset_s, self.server_first = other.offset_s, other.local_offset_s, other.server_first

    def worked(self, attempts: Attempts) -> None:
        """A call with the present credentials was answered."""
        if self.login is not None:
            self._proved, self._signed_with = True, self._signed_with[-1:]
            attempts.worked()

    def refused(self, refusal: NotAuthorized, attempts: Attempts) -> None:
        """Prepare the credentials of the next attempt, or raise `LoginRefused`."""
        told = attempts.with_wait(told_in(refusal.words, refusal.retry_after))
        challenges = challenges_in(refusal.challenges)
        if self.login is None:
            self._first(told, challenges, refusal, attempts)
            return
        if isinstance(self.login, DigestLogin):
            fresh = next((one for one in challenges if one.stale and one.nonce != self._nonce(self.login)), None)
            if fresh is not None:
                self._digest(fresh)  # the right password, an old nonce (RFC 7616 3.3)
                return
        may_go_on = attempts.was_refused(told)
        following = self._second(challenges, refusal) if may_go_on else None
        self._proved = False
        if following is None:
            raise self._stop(told, sent=True, why="the login was refused")
        attempts.spend(told, self.offset_s)
        following()

    def _first(self, told: Told, challenges: tuple[Challenge, ...], refusal: NotAuthorized, attempts: Attempts) -> None:
        if self._place.password is None and not told.locked:
            raise self._stop(told, sent=False, why="a login is needed and no password is known")
        attempts.spend(told, self.offset_s)
        like = self._like.login if self._like is not None else None
        if isinstance(like, TokenLogin) and self._like is not None and not challenges:
            self._token(self._like._signed_with[-1], clear=like.clear)
        elif challenges:
            name = like.challenge.hash_name if isinstance(like, DigestLogin) else ""
            self._digest(next((one for one in challenges if one.hash_name == name), challenges[0]))
        elif refusal.status == 401 and offers_basic(refusal.challenges) and self._may(self._policies.basic):
            assert self._place.password is not None
            self.login = BasicLogin(self._place.username, self._place.password)
        else:
            self._token(self._offsets()[0])

    def _second(self, challenges: tuple[Challenge, ...], refusal: NotAuthorized) -> Callable[[], None] | None:
        """The next attempt, where there is one that differs from those before."""
        if isinstance(self.login, DigestLogin):
            if self._proved and challenges:
                return lambda: self._digest(challenges[0])  # the nonce has expired, and the camera forgot to say that it is stale
            weaker = next((one for one in challenges if one.hash_name not in self._hashes_tried), None)
            if weaker is not None and not self._proved:
                return lambda: self._digest(weaker)         # offers SHA-256 and cannot do it
            # HTTP let us pass, and SOAP wants its own login (ONVIF Core 5.9.1)
            return None if challenges or refusal.status == 401 else lambda: self._token(self._offsets()[0])
        if isinstance(self.login, TokenLogin) and not self.login.clear:
            if challenges:
                return lambda: self._digest(challenges[0])
            other = next((one for one in self._offsets() if all(abs(one - tried) >= _SKEW_S for tried in self._signed_with)), None)
            if other is not None:
                return lambda: self._token(other)
            if self._may(self._policies.token_password):
                return lambda: self._token(self._offsets()[0], clear=True)
        return None

    def _offsets(self) -> list[float]:
        """The times to sign with, camera minus server in seconds, most promising first.

        The camera's own UTC, unless it looks like local time told as UTC: off by whole or half hours while its Date header agrees with us. Then
        our time; then what it calls its local time, for cameras that check tokens against that one.
        """
        told, date = self.offset_s, self.date_offset_s
        if told is None:
            found = [date, 0.0] if date is not None else [0.0]
        else:
            by_zone = _SKEW_S < abs(told) <= _ZONES_MOST_S and abs(told - round(told / _ZONE_S) * _ZONE_S) <= _ZONE_SLACK_S and abs(told) >= _ZONE_S / 2
            server_first = self.server_first or self._policies.sign_first == "server" or (by_zone and date is not None and abs(date) <= _ZONE_SLACK_S)
            found = [0.0, told] if server_first else [told, 0.0]
            if self.local_offset_s is not None:
                found.append(self.local_offset_s)
        return found

    def note_date(self, date: str) -> None:
        """Remember what the Date header of an answer says of the camera's clock; '' says nothing."""
        try:
            told = parsedate_to_datetime(date) if date else None
        except (ValueError, TypeError, IndexError, OverflowError):
            told = None
        if told is not None and told.year in YEARS:
            told = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
            self.date_offset_s = (told - self._clock()).total_seconds()

    def _digest(self, challenge: Challenge) -> None:
        assert self._place.password is not None
        self._hashes_tried.add(challenge.hash_name)
        self.login = DigestLogin(challenge, self._place.username, self._place.password)

    def _token(self, offset_s: float, *, clear: bool = False) -> None:
        assert self._place.password is not None
        self._signed_with.append(offset_s)
        ahead = timedelta(seconds=offset_s)
        clock = self._clock
        self.login = TokenLogin(self._place.username, self._place.password, lambda: clock() + ahead, clear)

    def _may(self, policy: SecretInClear) -> bool:
        return self._place.may_reveal(policy, inside_tls=True)

    @staticmethod
    def _nonce(login: DigestLogin) -> str:
        return login.challenge.nonce

    def _stop(self, told: Told, *, sent: bool, why: str) -> LoginRefused:
        return LoginRefused(told, sent=sent, clock_offset_s=self.offset_s, why=why)
