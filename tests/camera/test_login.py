"""Logging in: negotiated from the refusal, never on two levels, never in clear, at most two passwords, lock-outs understood. H8, H10."""

import hashlib
import re

import pytest

from provisioner.camera.digest import DigestLogin, challenge_in
from provisioner.camera.login import told_in
from provisioner.case.model import Identity
from provisioner.fault import Fault, FaultKind
from provisioner.secret import Secret
from tests.camera.helpers import SERIAL, camera_at, place
from tests.camera.scripted import PASSWORD, Request, Responder, Scripted, fault, http, open_camera, replying, transcript

BASIC = 'WWW-Authenticate: Basic realm="camera"'
PRE_AUTH = ("GetSystemDateAndTime", "GetServices")


def digest_lines(nonce: str, *algorithms: str, stale: bool = False) -> list[str]:
    tail = ", stale=true" if stale else ""
    return [f'WWW-Authenticate: Digest realm="cam", qop="auth", nonce="{nonce}", algorithm={name}{tail}' for name in algorithms]


def is_right(request: Request, password: str = PASSWORD) -> bool:
    """Checks a digest by RFC 7616, written apart from the adapter's own."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("authorization", "").removeprefix("Digest ")))
    maker = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[given.get("algorithm", "MD5")]

    def hashed(text: str) -> str:
        return maker(text.encode()).hexdigest()

    first, second = hashed(f"{given['username']}:{given['realm']}:{password}"), hashed(f"{request.method}:{given['uri']}")
    middle = f"{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}" if "qop" in given else given["nonce"]
    return hashed(f"{first}:{middle}:{second}") == given["response"]


def with_password(seen: list[Request]) -> list[Request]:
    return [request for request in seen if "authorization" in request.headers or request.has_token]


def ask(respond: Responder, password: str | None = PASSWORD) -> tuple[Identity | Fault, list[Request]]:
    with Scripted(replying(respond)) as server:
        answer = camera_at(place(server.port, password)).read_identity(SERIAL, 10.0)
        return answer, server.seen


def digest_camera(*lines: str, password: str = PASSWORD) -> Responder:
    def respond(request: Request) -> bytes:
        if request.operation in PRE_AUTH or ("authorization" in request.headers and is_right(request, password)):
            return open_camera(request)
        return http(401, b"", *lines, kind="text/plain")
    return respond


@pytest.mark.parametrize(("lines", "algorithm"), [
    (digest_lines("n1", "MD5"), "MD5"), (digest_lines("n1", "SHA-256", "MD5"), "SHA-256"), ([BASIC, *digest_lines("n1", "MD5")], "MD5"),
    (digest_lines("n1", "SHA-512-256", "SHA-256"), "SHA-256"), (['WWW-Authenticate: Digest realm="cam", nonce="n1"'], ""),
])
def test_http_digest_as_the_challenge_asks(lines: list[str], algorithm: str) -> None:
    answer, seen = ask(digest_camera(*lines))
    assert isinstance(answer, Identity), answer
    sent = with_password(seen)
    assert len(sent) == 1 and not any(request.has_token for request in sent)
    assert (f"algorithm={algorithm}" in sent[0].headers["authorization"]) == bool(algorithm)
    assert "authorization" not in seen[0].headers and not seen[1].has_token  # the first protected call spends nothing


@pytest.mark.parametrize("refusal", [fault("ter:NotAuthorized"), fault("wsse:FailedAuthentication", status=500), http(401, b"", BASIC),
                                     http(401), http(400, transcript("undeclared_ter_fault.xml"))])
def test_token_where_no_digest_is_offered(refusal: bytes) -> None:
    answer, seen = ask(lambda request: open_camera(request) if request.operation in PRE_AUTH or request.has_token else refusal)
    assert isinstance(answer, Identity), answer
    assert all("authorization" not in request.headers for request in seen)
    assert b"PasswordDigest" in with_password(seen)[0].body and PASSWORD.encode() not in with_password(seen)[0].body


@pytest.mark.parametrize("lines", [digest_lines("n1", "MD5"), []])
def test_lock_out_wrong_password_is_sent_at_most_twice(lines: list[str]) -> None:
    def respond(request: Request) -> bytes:
        if request.operation in PRE_AUTH:
            return open_camera(request)
        return http(401, b"", *lines) if lines else fault("ter:NotAuthorized")

    answer, seen = ask(respond, "wrong")
    assert isinstance(answer, Fault) and answer.kind is FaultKind.REFUSED and "password" in answer.hint.en
    assert 1 <= len(with_password(seen)) <= 2
    assert not any("authorization" in request.headers and request.has_token for request in seen)


def test_no_password_known_sends_none() -> None:
    answer, seen = ask(digest_camera(*digest_lines("n1", "MD5")), None)
    assert isinstance(answer, Fault) and answer.kind is FaultKind.REFUSED and "no password is known" in answer.evidence
    assert not with_password(seen)


def test_stale_nonce_is_no_attempt() -> None:
    count = iter(range(100))

    def respond(request: Request) -> bytes:
        if request.operation in PRE_AUTH:
            return open_camera(request)
        number = next(count)
        return http(401, b"", *digest_lines(f"n{number}", "MD5", stale=number > 0)) if number < 3 else open_camera(request)

    assert isinstance(ask(respond)[0], Identity)


def test_endless_challenges_end() -> None:
    count = iter(range(100))
    answer, seen = ask(lambda request: open_camera(request) if request.operation in PRE_AUTH
                       else http(401, b"", *digest_lines(f"n{next(count)}", "MD5", stale=True)))
    assert isinstance(answer, Fault) and len(seen) < 10


@pytest.mark.parametrize(("words", "wait_s", "left"), [
    ("Your account is locked, try again in 5 minutes", 300.0, None), ("<lockStatus>lock</lockStatus><unlockTime>1742</unlockTime>", 1742.0, None),
    ("user locked out for 30 min", 1800.0, None), ("The account has been blocked", None, None), ("<retryLoginTime>0</retryLoginTime>", None, 0),
])
def test_lock_out_is_told_with_its_wait(words: str, wait_s: float | None, left: int | None) -> None:
    told = told_in(words)
    assert (told.locked, told.wait_s, told.attempts_left) == (True, wait_s, left)
    answer, seen = ask(lambda request: open_camera(request) if request.operation in PRE_AUTH else http(
        401, words.encode(), *(digest_lines("n1", "MD5") if "authorization" not in request.headers else [])))
    assert isinstance(answer, Fault) and answer.wait_s == (wait_s or 1800.0) and "minutes" in answer.hint.en
    assert not with_password(seen)  # a locked account is not knocked at


@pytest.mark.parametrize(("words", "left"), [
    ("You still have 4 attempt(s)", 4), ("You still have 22 attempt(s)", 22), ("3 attempts remaining", 3), ("attempts left: 2", 2),
    ("<retryLoginTime>5</retryLoginTime>", 5), ("Sender not Authorized", None), ("the clock is wrong", None),
])
def test_attempts_left_are_read_from_what_the_camera_says(words: str, left: int | None) -> None:
    told = told_in(words)
    assert told.attempts_left == left and not told.locked


def test_lock_out_few_attempts_left_stop_us_after_one() -> None:
    answer, seen = ask(lambda request: open_camera(request) if request.operation in PRE_AUTH else fault("ter:NotAuthorized", "2 attempts left"))
    assert isinstance(answer, Fault) and "2" in answer.hint.sv and len(with_password(seen)) == 1


def test_retry_after_is_told() -> None:
    answer, _ = ask(lambda request: open_camera(request) if request.operation in PRE_AUTH else http(503, b"", "Retry-After: 90"))
    assert isinstance(answer, Fault) and answer.kind is FaultKind.BUSY and answer.wait_s == 90.0


def test_digest_of_the_rfc_example() -> None:
    """RFC 7616 3.9.1, with the cnonce that we make ourselves left to `is_right`."""
    challenge = challenge_in(['Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf", opaque="FQhe"'])
    assert challenge is not None and challenge.qop == "auth" and challenge.opaque == "FQhe"
    login = DigestLogin(challenge, "Mufasa", Secret("Circle of Life"))
    for count in ("00000001", "00000002"):
        header = login.header("GET", "/dir/index.html")
        assert f"nc={count}" in header and is_right(Request("GET", "/dir/index.html", {"authorization": header}, b""), "Circle of Life")


@pytest.mark.parametrize("line", ["Digest", "Digest realm", 'Digest realm="x"', 'Digest realm="x", nonce="n", algorithm=SHA-512',
                                  'Digest realm="x", nonce="n", qop="auth-int"', "Basic realm=x", "", "Bearer", 'Digest =,,="'])
def test_challenges_that_cannot_be_answered(line: str) -> None:
    assert challenge_in([line]) is None


def test_realm_cannot_smuggle_a_header() -> None:
    challenge = challenge_in(['Digest realm="a\r\nX-Evil: 1", nonce="n"'])
    assert challenge is None or "\r" not in DigestLogin(challenge, "u", Secret("p")).header("GET", "/")
