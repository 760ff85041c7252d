"""One SOAP call: zeep builds the request by the service's description; the bytes, the limits and the reading of what comes back are ours.

zeep does not read the answers: it gives a whole answer up for one undeclared prefix, and real cameras write worse (`reading.py`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.camera.digest import BasicLogin, DigestLogin
from provisioner.camera.errors import TO_TLS, BrokenReply, CameraTrouble, HttpRefused, NotOnvif
from provisioner.camera.http import HttpAnswer, HttpLink
from provisioner.camera.net import Allowance
from provisioner.camera.reading import Element, read_xml
from provisioner.camera.wsdl import services
from provisioner.secret import Secret

_PLAIN_CODES = frozenset({"Sender", "Receiver", "Client", "Server"})  # the outer codes of SOAP 1.2 and 1.1
_LOGIN_WORDS = re.compile(r"not authori[sz]ed|wsse authorized|unauthori[sz]ed|authentication (?:failed|error)|invalid username", re.IGNORECASE)
_ENVELOPE = re.compile(rb"<(?:[\w.\-]+:)?Envelope[\s>]")
_HEAD_BYTES = 4096  # the envelope begins within this; Axis writes 4 kB of name spaces, all of them inside the tag


class SoapFault(CameraTrouble):
    """A fault the camera gave in words. `codes` are the local names from the outer to the inner one (`Sender`, `NotAuthorized`, ...)."""

    def __init__(self, status: int, codes: tuple[str, ...], reason: str) -> None:
        super().__init__(f"HTTP {status}, {'/'.join(codes)}: {reason}")
        self.status = status
        self.codes = codes
        self.reason = reason


class NotAuthorized(CameraTrouble):
    """The camera wants a login, or refused ours. `challenges` are its `WWW-Authenticate` lines; `words` what it said besides."""

    def __init__(self, status: int, challenges: tuple[str, ...], words: str, retry_after: str) -> None:
        super().__init__(f"HTTP {status}, not authorised")
        self.status = status
        self.challenges = challenges
        self.words = words
        self.retry_after = retry_after


_LOGIN_CODES = frozenset({  # ONVIF Core 'Generic faults'; the others are of WS-Security 1.1, section 12
    "NotAuthorized", "FailedAuthentication", "InvalidSecurity", "InvalidSecurityToken", "SecurityTokenUnavailable", "MessageExpired", "FailedCheck",
})


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """WS-UsernameToken. `now` gives the time to sign with: the camera's, as far as we know it. `clear` sends the password itself (PasswordText)."""

    username: str
    password: Secret
    now: Callable[[], datetime]
    clear: bool = False

    def apply(self, envelope: Any, headers: Any) -> Any:
        """zeep's hook. A fresh token per message: zeep's own object, kept, would be changed by each call and is not safe between threads.

        Zulu time without fractions: some cameras refuse every other spelling of `Created`.
        """
        from zeep.wsse.username import UsernameToken

        make: Any = UsernameToken
        token = make(self.username, self.password.reveal(), use_digest=not self.clear, zulu_timestamp=True, created=self.now())
        return token.apply(envelope, headers)

    def verify(self, envelope: Any) -> None:
        """zeep's hook for replies: cameras do not sign them."""


Login = DigestLogin | BasicLogin | TokenLogin | None


class SoapClient:
    """Calls over one `HttpLink`; for one thread at a time."""

    def __init__(self, link: HttpLink) -> None:
        from zeep import Client

        parsed = services()
        client: Any = Client
        self._link = link
        self._client: Any = client(parsed.document, transport=_NoTransport(), settings=parsed.settings)
        self._bindings = parsed.bindings
        self._proxies: dict[str, Any] = {}

    def call(self, port: str, operation: str, path: str, login: Login, allowance: Allowance, **arguments: Any) -> Element:
        """Ask `operation` of the service `port` at `path`; the element of the answer.

        Raises `NotAuthorized`, `SoapFault`, `NotOnvif`, `BrokenReply` and what `HttpLink.exchange` raises. The login goes on one level only.
        """
        proxy = self._proxies.get(port)
        if proxy is None:
            proxy = self._proxies[port] = self._client.bind("Camera", port)
        action = self._bindings[port].get(operation)
        self._client.wsse = login if isinstance(login, TokenLogin) else None
        envelope = self._client.create_message(proxy, operation, **arguments)
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action.soapaction}"'}
        if isinstance(login, DigestLogin | BasicLogin):
            headers["Authorization"] = login.header("POST", path)
        answer = self._link.exchange("POST", path, headers, _serialised(envelope), allowance)
        self._client.wsse = None
        if 300 <= answer.status < 400 and self._link.moved_to.lower().startswith("https:"):
            raise NotOnvif(answer.status, TO_TLS)
        return _checked(answer, operation)


class _NoTransport:
    """zeep wants one; nothing may be loaded by way of a camera's answer."""

    def load(self, location: str) -> bytes:
        raise BrokenReply("the answer refers to another document")


def _serialised(envelope: Any) -> bytes:
    from lxml import etree  # type: ignore[import-untyped]

    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="utf-8"))


def _checked(answer: HttpAnswer, operation: str) -> Element:
    """The answer's element; raises for all that is none, reading faults without regard to name spaces (cameras were seen not to declare `ter:`)."""
    is_soap = _ENVELOPE.search(answer.body, 0, _HEAD_BYTES) is not None
    body: Element | None = None
    if is_soap:
        try:
            body = read_xml(answer.body).first("Body")
        except BrokenReply:
            if answer.status == 200:
                raise
    fault = _fault_in(answer.status, body) if body is not None else None
    if answer.status == 401 or (fault is not None and _is_about_login(fault)):
        words = fault.reason if fault is not None else answer.body[:_HEAD_BYTES].decode("utf-8", "replace")
        raise NotAuthorized(answer.status, answer.challenges, words, answer.retry_after)
    if fault is not None:
        raise fault
    if answer.status in (403, 423, 429, 503):
        raise HttpRefused(answer.status, f"Retry-After: {answer.retry_after}" if answer.retry_after else "",
                          answer.body[:_HEAD_BYTES].decode("utf-8", "replace"))
    if not is_soap or answer.status not in (200, 202, 204):
        raise NotOnvif(answer.status, _sort_of(answer.body))
    found = None if body is None else next((one for one in body.children() if one.name == f"{operation}Response"), None)
    if found is None:
        raise BrokenReply(f"no {operation}Response in the answer")
    return found


def _is_about_login(fault: SoapFault) -> bool:
    """Some cameras give no code and say it in words (`Wsse authorized time check failed`: koush/scrypted#1142)."""
    return not _LOGIN_CODES.isdisjoint(fault.codes) or (_PLAIN_CODES.issuperset(fault.codes) and _LOGIN_WORDS.search(fault.reason) is not None)


def _fault_in(status: int, body: Element) -> SoapFault | None:
    """The fault of SOAP 1.2 or 1.1, its codes and all its texts."""
    found = body.first("Fault")
    if found is None:
        return None
    codes: list[str] = []
    words: list[str] = []

    def read(element: Element) -> None:
        for child in element.children():
            text = child.text()
            if text and child.name in ("Value", "faultcode"):
                codes.append(text.rpartition(":")[2])
            elif text:
                words.append(text)
            read(child)

    read(found)
    return SoapFault(status, tuple(codes), "; ".join(words)[:1000])


def _sort_of(body: bytes) -> str:
    head = body[:_HEAD_BYTES].lstrip().lower()
    if not head:
        return "empty"
    if head.startswith((b"<!doctype html", b"<html")) or b"<html" in head:
        return "a web page"
    return "XML that is not SOAP" if head.startswith(b"<?xml") else "not SOAP"
