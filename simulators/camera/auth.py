"""Logging in: HTTP and RTSP digest (RFC 2617, RFC 7616) and WS-Security UsernameToken, and the lock-out after wrong passwords.

One `Gate` per camera, so that a lock-out earned over RTSP also closes ONVIF, as on real cameras.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
import urllib.parse
import urllib.request
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from .state import CameraState, Seen, User

REMEMBERED_NONCES = 256        # per camera and kind; a visit uses a handful
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class Verdict(Enum):
    GOOD = "good"
    ABSENT = "no credentials"
    STALE = "nonce is stale"       # right password, old nonce: not a failed login (RFC 7616 3.3)
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass
class Answer:
    verdict: Verdict
    user: User | None = None
    why: str = ""
    says: str = ""                 # the words of the refusal, where the camera has words of its own


@dataclass
class Token:
    """A WS-Security UsernameToken as it stood in the header."""

    username: str
    password: str
    is_digest: bool
    nonce: str
    created: str


class Gate:
    def __init__(self, state: CameraState, seen: Seen) -> None:
        self.state, self.seen = state, seen
        self.realm = f"{state.manufacturer} {state.model}"
        self._nonces: OrderedDict[str, tuple[float, int]] = OrderedDict()      # nonce -> (issued, highest count seen)
        self._used_tokens: OrderedDict[str, float] = OrderedDict()             # WSS nonce -> when
        self._wrong_in_a_row = 0
        self._locked_until = time.monotonic() + state.login.locked_at_start_s if state.login.locked_at_start_s else 0.0

    def forget(self) -> None:
        """A reboot: nonces and lock-outs are gone."""
        self._nonces.clear()
        self._used_tokens.clear()
        self._wrong_in_a_row, self._locked_until = 0, 0.0

    def power_lost(self) -> None:
        """What is kept in memory only is gone; some cameras keep the lock in flash."""
        kept = self._wrong_in_a_row, self._locked_until
        self.forget()
        if self.state.login.lock_survives_power:
            self._wrong_in_a_row, self._locked_until = kept

    def locked_s(self) -> float:
        return max(0.0, self._locked_until - time.monotonic())

    # -- digest ---------------------------------------------------------------------------------------------------------

    def challenges(self, stale: bool = False, rtsp: bool = False) -> list[str]:
        """The values of WWW-Authenticate, one per algorithm in order of preference.

        RTSP gets MD5 without qop: that is what cameras send and what every player understands.
        """
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = (time.monotonic(), 0)
        while len(self._nonces) > REMEMBERED_NONCES:
            self._nonces.popitem(last=False)
        tail = ', stale=true' if stale else ''
        if rtsp:
            found = [f'Digest realm="{self.realm}", nonce="{nonce}"{tail}']
        else:
            found = [f'Digest realm="{self.realm}", qop="auth", algorithm={name}, nonce="{nonce}"{tail}' for name in self.state.login.algorithms]
        basic = f'Basic realm="{self.realm}"'
        return {"no": found, "last": [*found, basic]}.get(self.state.login.http_basic, [basic, *found])

    def http(self, header: str | None, method: str, rtsp: bool = False) -> Answer:
        """Checks an Authorization header of whatever scheme is offered. Accounts for ONVIF alone may look at no picture and the reverse."""
        if header and header.lower().startswith("basic ") and self.state.login.http_basic != "no":
            return self._basic(header[6:])
        return self.digest(header, method, rtsp)

    def _basic(self, given: str) -> Answer:
        """RFC 7617. On a "broken" camera the scheme is offered and never accepted."""
        try:
            name, _, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return self._failed("not base64")
        user = self.state.users.get(name)
        good = user is not None and hmac.compare_digest(user.password.encode(), password.encode())
        if user is None or not good or self.state.login.http_basic == "broken":
            return self._failed("wrong password")
        return self._passed(user)

    def query(self, target: str) -> Answer:
        """user= and pwd= in the address: some cameras take that for a login, and every log on the way keeps it."""
        given = urllib.parse.parse_qs(target.partition("?")[2])
        user = self.state.users.get(given.get("user", [""])[0])
        if "user" not in given:
            return Answer(Verdict.ABSENT)
        if user is None or user.password not in given.get("pwd", []):
            return self._failed("wrong password")
        return self._passed(user)

    def digest(self, header: str | None, method: str, rtsp: bool = False) -> Answer:
        """Checks an Authorization header."""
        if not header or not header.lower().startswith("digest "):
            return Answer(Verdict.ABSENT) if not header else self._failed("only Digest is offered")
        given = _parameters(header[7:])
        algorithm = given.get("algorithm", "MD5").upper()
        allowed = ("MD5",) if rtsp else self.state.login.algorithms
        user = self.state.users.get(given.get("username", ""))
        if algorithm not in allowed or user is None:
            return self._failed("unknown user or algorithm")
        if not hmac.compare_digest(_digest_response(given, algorithm, user.password, method), given.get("response", "").lower()):
            return self._failed("wrong password")
        if self.locked_s():
            return self._failed("locked")
        if not self._nonce_is_fresh(given):
            return Answer(Verdict.STALE)
        return self._passed(user)

    def _nonce_is_fresh(self, given: dict[str, str]) -> bool:
        """Known, young and, where qop is used, with a count that grows: a count seen before is a replay (RFC 7616 5.12)."""
        nonce = given.get("nonce", "")
        issued, highest = self._nonces.get(nonce, (0.0, 0))
        if not issued or time.monotonic() - issued > self.state.login.nonce_lifetime_s:
            return False
        if "qop" in given:
            count = _count(given.get("nc", ""))
            if count <= highest:
                return False
            self._nonces[nonce] = (issued, count)
        return True

    # -- UsernameToken --------------------------------------------------------------------------------------------------

    def token(self, token: Token) -> Answer:
        """WS-Security UsernameToken profile 1.0, 3.1: digest = base64(sha1(nonce + created + password))."""
        user = self.state.users.get(token.username)
        if user is None:
            return self._failed("unknown user")
        login = self.state.login
        if not token.is_digest:
            if login.password_text and token.password == user.password:
                return self._passed(user)
            return self._failed("wrong password or password in clear")
        if not login.token_digest:
            return self._failed("only PasswordText is understood")
        if login.token_created_z and not token.created.endswith("Z"):
            return self._failed("created is not in UTC with Z")
        try:
            nonce = base64.b64decode(token.nonce, validate=True)
        except (binascii.Error, ValueError):
            return self._failed("nonce is not base64")
        expected = base64.b64encode(hashlib.sha1(nonce + token.created.encode() + user.password.encode()).digest()).decode()
        if not hmac.compare_digest(expected.encode(), token.password.encode()):
            return self._failed("wrong password")
        if self.locked_s():
            return self._failed("locked")
        created = _moment(token.created)
        window_s = login.token_window_s
        # A camera cannot tell a wrong clock from a stolen token, so this counts as a failed login on real ones too.
        if created is None or abs((self.state.clock() - created).total_seconds()) > window_s:
            return self._failed("created is outside the window of the camera's clock", counts=login.window_is_failure)
        # Not the nonce alone: clients were seen (Debian's onvif-util) that use one nonce with many times, and cameras that let them.
        if not self._first_use(f"{token.nonce} {token.created}", window_s):
            return self._failed("nonce was used before")
        return self._passed(user)

    def _first_use(self, nonce: str, window_s: float) -> bool:
        now = time.monotonic()
        while self._used_tokens and now - next(iter(self._used_tokens.values())) > 2 * window_s:
            self._used_tokens.popitem(last=False)
        if nonce in self._used_tokens:
            return False
        self._used_tokens[nonce] = now
        while len(self._used_tokens) > REMEMBERED_NONCES:
            self._used_tokens.popitem(last=False)
        return True

    # -- counting -------------------------------------------------------------------------------------------------------

    def _passed(self, user: User) -> Answer:
        if self.locked_s():
            return self._failed("locked")
        self._wrong_in_a_row = 0
        self.seen.good_logins += 1
        return Answer(Verdict.GOOD, user)

    def _failed(self, why: str, counts: bool = True) -> Answer:
        self.seen.failed_logins += 1
        login = self.state.login
        if self.locked_s():
            return Answer(Verdict.LOCKED, why=f"account locked for {self.locked_s():.0f} s", says=self._words())
        self._wrong_in_a_row += counts
        says = self._words()
        if login.lock_after and self._wrong_in_a_row >= login.lock_after:
            self._locked_until = time.monotonic() + login.lock_s
            self._wrong_in_a_row = 0
            says = self._words()
        return Answer(Verdict.WRONG, why=why, says=says)

    def _words(self) -> str:
        """How cameras word it (seen: 'You still have 26 attempt(s)', 'locked ... 5 minutes'); empty: as the standard says."""
        login = self.state.login
        minutes = -(-self.locked_s() // 60)
        if login.says_attempts == "minutes" and self.locked_s():
            return f"Login failed. The account has been locked, please try again in {minutes:.0f} minutes"
        if login.says_attempts == "attempts" and self.locked_s():
            return f"Sender not Authorized. The device is locked! Please try again after {minutes:.0f} minute(s)."
        if login.says_attempts == "attempts" and login.lock_after:
            left = login.lock_after - self._wrong_in_a_row
            return f"Sender not Authorized. Invalid username or password! You still have {left} attempt(s)."
        return ""


def _digest_response(given: dict[str, str], algorithm: str, password: str, method: str) -> str:
    """RFC 7616 3.4.1; without qop the older form of RFC 2069 that RTSP still uses."""
    def hashed(text: str) -> str:
        return _HASHES[algorithm](text.encode()).hexdigest()

    ha1 = hashed(f"{given.get('username')}:{given.get('realm')}:{password}")
    ha2 = hashed(f"{method}:{given.get('uri')}")
    if "qop" in given:
        return hashed(f"{ha1}:{given.get('nonce')}:{given.get('nc')}:{given.get('cnonce')}:{given.get('qop')}:{ha2}")
    return hashed(f"{ha1}:{given.get('nonce')}:{ha2}")


def _parameters(text: str) -> dict[str, str]:
    """Name and value pairs of an Authorization header; what is no pair is left out."""
    pairs = (item.partition("=") for item in urllib.request.parse_http_list(text))
    return {name.strip().lower(): value.strip().strip('"') for name, equals, value in pairs if equals}


def _count(text: str) -> int:
    """The nonce count: eight hexadecimal digits (RFC 7616 3.4); 0, which is never fresh, for anything else."""
    return int(text, 16) if text and all(digit in "0123456789abcdefABCDEF" for digit in text) else 0


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
