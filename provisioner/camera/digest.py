"""HTTP authentication for SOAP, snapshot and RTSP alike: digest (RFC 7616, and RFC 2069 without qop as cameras use it in RTSP), and Basic (RFC 7617)
for those few to which the password itself may be sent."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list

from provisioner.secret import Secret

_SPLIT = re.compile(r",\s*(?=(?:Digest|Basic)\s)", re.IGNORECASE)
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One `WWW-Authenticate: Digest` line that we can answer. `algorithm` as it was written ('' where it was not)."""

    realm: str
    nonce: str
    algorithm: str
    qop: str
    opaque: str | None
    stale: bool

    @property
    def hash_name(self) -> str:
        """`MD5` or `SHA-256`, without `-sess`."""
        return (self.algorithm.upper() or "MD5").removesuffix("-SESS")


def challenges_in(lines: Iterable[str]) -> tuple[Challenge, ...]:
    """The digest challenges that we can answer, strongest hash first, otherwise in the server's order (RFC 7616 3.7).

    `lines` are the values of all `WWW-Authenticate` headers; some cameras put two challenges into one of them.
    """
    found: list[Challenge] = []
    for line in (part for whole in lines for part in _SPLIT.split(whole)):
        scheme, _, rest = line.strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        try:
            given = {key.lower(): value for key, value in parse_keqv_list(parse_http_list(rest)).items()}
        except (ValueError, IndexError):
            continue
        qops = [qop.strip().lower() for qop in given.get("qop", "").split(",") if qop.strip()]
        challenge = Challenge(given.get("realm", ""), given.get("nonce", ""), given.get("algorithm", ""), "auth" if "auth" in qops else "",
                              given.get("opaque"), given.get("stale", "").lower() == "true")
        if challenge.nonce and challenge.hash_name in _HASHES and (challenge.qop or not qops):
            found.append(challenge)
    return tuple(sorted(found, key=lambda challenge: challenge.hash_name != "SHA-256"))


def challenge_in(lines: Iterable[str]) -> Challenge | None:
    """The strongest digest challenge that we can answer."""
    return next(iter(challenges_in(lines)), None)


def offers_basic(lines: Iterable[str]) -> bool:
    """Whether HTTP Basic is offered."""
    return any(part.strip().partition(" ")[0].lower() == "basic" for whole in lines for part in _SPLIT.split(whole))


class BasicLogin:
    """The password itself, readable (RFC 7617). Only where a profile allows it and the camera offers nothing better."""

    def __init__(self, username: str, password: Secret) -> None:
        self._username = username
        self._password = password

    def header(self, method: str, uri: str) -> str:
        """The value of `Authorization`."""
        return "Basic " + base64.b64encode(f"{self._username}:{self._password.reveal()}".encode()).decode()


class DigestLogin:
    """Answers to one challenge; the nonce count grows with each request, so one object serves one connection's thread."""

    def __init__(self, challenge: Challenge, username: str, password: Secret) -> None:
        self.challenge = challenge
        self._username = username
        self._password = password
        self._count = 0

    def header(self, method: str, uri: str) -> str:
        """The value of `Authorization` for the next request."""
        asked = self.challenge
        self._count += 1
        count, cnonce = f"{self._count:08x}", secrets.token_hex(8)

        def hashed(*parts: str) -> str:
            return _HASHES[asked.hash_name](":".join(parts).encode()).hexdigest()

        first = hashed(self._username, asked.realm, self._password.reveal())
        if asked.algorithm.upper().endswith("-SESS"):
            first = hashed(first, asked.nonce, cnonce)
        second = hashed(method, uri)
        if asked.qop:
            response = hashed(first, asked.nonce, count, cnonce, asked.qop, second)
        else:
            response = hashed(first, asked.nonce, second)
        fields = [f'username="{_quoted(self._username)}"', f'realm="{_quoted(asked.realm)}"', f'nonce="{_quoted(asked.nonce)}"', f'uri="{uri}"',
                  f'response="{response}"']
        if asked.algorithm:
            fields.append(f"algorithm={asked.algorithm}")
        if asked.opaque is not None:
            fields.append(f'opaque="{_quoted(asked.opaque)}"')
        if asked.qop:
            fields.append(f'qop={asked.qop}, nc={count}, cnonce="{cnonce}"')
        elif asked.algorithm.upper().endswith("-SESS"):
            fields.append(f'cnonce="{cnonce}"')
        return "Digest " + ", ".join(fields)


def _quoted(text: str) -> str:
    """A quoted-string's inside (RFC 7230 3.2.6). A line break in it would begin a header of the camera's choice."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
