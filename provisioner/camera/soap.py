"""One SOAP call: zeep builds the request and reads the good answer; the bytes, the limits and the faults between are ours."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.camera.digest import DigestLogin
from provisioner.camera.errors import BrokenReply, CameraTrouble, HttpRefused, NotOnvif
from provisioner.camera.http import HttpAnswer, HttpLink
from provisioner.camera.net import Allowance
from provisioner.camera.wsdl import services
from provisioner.secret import Secret

_ENVELOPE = re.compile(rb"<(?:[\w.\-]+:)?Envelope[\s>]")
_FAULT = re.compile(rb"<(?:[\w.\-]+:)?Fault[\s>]")
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
    """WS-UsernameToken with a password digest. `now` gives the time to sign with: the camera's, as far as we know it."""

    username: str
    password: Secret
    now: Callable[[], datetime]

    def apply(self, envelope: Any, headers: Any) -> Any:
        """zeep's hook. A fresh token per message: zeep's own object, kept, would be changed by each call and is not safe between threads.

        Zulu time without fractions: some cameras refuse every other spelling of `Created`.
        """
        from zeep.wsse.username import UsernameToken

        make: Any = UsernameToken
        token = make(self.username, self.password.reveal(), use_digest=True, zulu_timestamp=True, created=self.now())
        return token.apply(envelope, headers)

    def verify(self, envelope: Any) -> None:
        """zeep's hook for replies: cameras do not sign them."""


Login = DigestLogin | TokenLogin | None


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

    def call(self, port: str, operation: str, path: str, login: Login, allowance: Allowance, **arguments: Any) -> Any:
        """Ask `operation` of the service `port` at `path`; zeep's value of the answer.

        Raises `NotAuthorized`, `SoapFault`, `NotOnvif`, `BrokenReply` and what `HttpLink.exchange` raises. The login goes on one level only.
        """
        proxy = self._proxies.get(port)
        if proxy is None:
            proxy = self._proxies[port] = self._client.bind("Camera", port)
        action = self._bindings[port].get(operation)
        self._client.wsse = login if isinstance(login, TokenLogin) else None
        envelope = self._client.create_message(proxy, operation, **arguments)
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action.soapaction}"'}
        if isinstance(login, DigestLogin):
            headers["Authorization"] = login.header("POST", path)
        answer = self._link.exchange("POST", path, headers, _serialised(envelope), allowance)
        _check(answer)
        return self._read(port, action, answer)

    def _read(self, port: str, action: Any, answer: HttpAnswer) -> Any:
        from lxml import etree  # type: ignore[import-untyped]
        from zeep.exceptions import Error

        self._client.wsse = None
        reply = _Reply(answer.status, answer.body, {"Content-Type": "text/xml"})
        try:
            return self._bindings[port].process_reply(self._client, action, reply)
        except (Error, etree.LxmlError, AttributeError, KeyError, TypeError, ValueError, IndexError) as exc:
            # Only zeep runs in here, on bytes that a camera wrote; what it stumbles over is the camera's sin, whatever the exception is called.
            raise BrokenReply(f"answer cannot be read ({type(exc).__name__})") from None


@dataclass(frozen=True, slots=True)
class _Reply:
    """What zeep reads of a reply."""

    status_code: int
    content: bytes
    headers: dict[str, str]
    encoding: str = "utf-8"


class _NoTransport:
    """zeep wants one; nothing may be loaded by way of a camera's answer."""

    def load(self, location: str) -> bytes:
        raise BrokenReply("the answer refers to another document")


def _serialised(envelope: Any) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="utf-8"))


def _check(answer: HttpAnswer) -> None:
    """Let good answers pass; raise for the rest, reading faults without regard to name spaces (cameras were seen not to declare `ter:`)."""
    is_soap = _ENVELOPE.search(answer.body, 0, _HEAD_BYTES) is not None
    if is_soap and (b"<!DOCTYPE" in answer.body or b"<!ENTITY" in answer.body):
        raise BrokenReply("document type declaration in a SOAP message")  # SOAP 1.2 part 1, section 5
    fault = _fault_in(answer) if is_soap and (answer.status != 200 or _FAULT.search(answer.body)) else None
    if answer.status == 401 or (fault is not None and not _LOGIN_CODES.isdisjoint(fault.codes)):
        words = fault.reason if fault is not None else answer.body[:_HEAD_BYTES].decode("utf-8", "replace")
        raise NotAuthorized(answer.status, answer.challenges, words, answer.retry_after)
    if fault is not None:
        raise fault
    if answer.status in (403, 423, 429, 503):
        raise HttpRefused(answer.status, f"Retry-After: {answer.retry_after}" if answer.retry_after else "",
                          answer.body[:_HEAD_BYTES].decode("utf-8", "replace"))
    if not is_soap or answer.status != 200:
        raise NotOnvif(answer.status, _sort_of(answer.body))


def _fault_in(answer: HttpAnswer) -> SoapFault | None:
    """The fault of SOAP 1.2 or 1.1, its codes and all its texts."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(answer.body, parser)
    except (etree.LxmlError, ValueError):
        return None
    found = None if root is None else next((node for node in root.iter() if _local(node.tag) == "Fault"), None)
    if found is None:
        return None
    codes, words = [], []
    for node in found.iter():
        text = (node.text or "").strip() if isinstance(node.tag, str) else ""
        if text and _local(node.tag) in ("Value", "faultcode"):
            codes.append(text.rpartition(":")[2])
        elif text:
            words.append(text)
    return SoapFault(answer.status, tuple(codes), "; ".join(words)[:1000])


def _local(tag: Any) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _sort_of(body: bytes) -> str:
    head = body[:_HEAD_BYTES].lstrip().lower()
    if not head:
        return "empty"
    if head.startswith((b"<!doctype html", b"<html")) or b"<html" in head:
        return "a web page"
    return "XML that is not SOAP" if head.startswith(b"<?xml") else "not SOAP"
