"""SOAP 1.2 envelopes: reading a request, writing an answer, faults as in the ONVIF Core specification."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .auth import Token

ENV = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
TT = "http://www.onvif.org/ver10/schema"
TDS = "http://www.onvif.org/ver10/device/wsdl"
TRT = "http://www.onvif.org/ver10/media/wsdl"
TR2 = "http://www.onvif.org/ver20/media/wsdl"
TIMG = "http://www.onvif.org/ver20/imaging/wsdl"
TRC = "http://www.onvif.org/ver10/recording/wsdl"
TEV = "http://www.onvif.org/ver10/events/wsdl"
TPTZ = "http://www.onvif.org/ver20/ptz/wsdl"
WSNT = "http://docs.oasis-open.org/wsn/b-2"
WSA = "http://www.w3.org/2005/08/addressing"
TER = "http://www.onvif.org/ver10/error"

_OPEN = (f'<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{ENV}" xmlns:tt="{TT}" xmlns:tds="{TDS}" xmlns:trt="{TRT}"'
         f' xmlns:tr2="{TR2}" xmlns:timg="{TIMG}" xmlns:trc="{TRC}" xmlns:tev="{TEV}" xmlns:tptz="{TPTZ}" xmlns:ter="{TER}"><env:Body>')
PREFIXES = {TDS: "tds", TRT: "trt", TR2: "tr2", TIMG: "timg", TRC: "trc", TEV: "tev", TPTZ: "tptz"}
_CLOSE = "</env:Body></env:Envelope>"

# Fault reasons are normative: Core specification, table 'Generic faults'.
REASONS = {
    "ter:WellFormed": "Well-formed Error", "ter:Tag": "No Tag", "ter:Namespace": "Namespace Error", "ter:InvalidArgs": "Invalid Args",
    "ter:InvalidArgVal": "Argument Value Invalid", "ter:UnknownAction": "Unknown Action", "ter:OperationProhibited": "Operation not Permitted",
    "ter:NotAuthorized": "Sender not Authorized", "ter:ActionNotSupported": "Optional Action Not Implemented", "ter:Action": "Action Failed",
}


class Fault(Exception):
    """A SOAP fault; `subcodes` from the outer to the inner one."""

    def __init__(self, code: str, *subcodes: str, reason: str = "", detail: str = "") -> None:
        super().__init__(code, *subcodes)
        self.code, self.subcodes = code, subcodes
        self.reason = reason or next((REASONS[name] for name in subcodes if name in REASONS), "SOAP version mismatch")
        self.detail = detail

    @property
    def status(self) -> int:
        """SOAP 1.2 part 2, table 20: env:Sender goes with HTTP 400, every other fault with 500."""
        return 400 if self.code == "env:Sender" else 500

    def body(self) -> bytes:
        inner = ""
        for name in reversed(self.subcodes):
            inner = f"<env:Subcode><env:Value>{name}</env:Value>{inner}</env:Subcode>"
        detail = f"<env:Detail><env:Text>{escape(self.detail)}</env:Text></env:Detail>" if self.detail else ""
        return envelope(f'<env:Fault><env:Code><env:Value>{self.code}</env:Value>{inner}</env:Code>'
                        f'<env:Reason><env:Text xml:lang="en">{escape(self.reason)}</env:Text></env:Reason>{detail}</env:Fault>')


@dataclass
class Call:
    """A request as it came in."""

    namespace: str
    action: str
    element: ElementTree.Element
    token: Token | None
    is_addressed: bool = False             # the header carries WS-Addressing

    def children(self, name: str) -> list[ElementTree.Element]:
        """Child elements of that name in the action's own namespace."""
        return self.element.findall(f"{{{self.namespace}}}{name}")

    def child(self, name: str) -> ElementTree.Element:
        """The only child of that name; its absence is a fault."""
        found = self.children(name)
        if not found:
            raise Fault("env:Sender", "ter:InvalidArgs", detail=f"{name} is missing")
        return found[0]

    def text(self, name: str, inside: str = "") -> str | None:
        """The text of a child element in the action's namespace, or inside a child of the common schema."""
        path = f"{{{self.namespace}}}{name}" if not inside else f"{{{self.namespace}}}{inside}//{{{TT}}}{name}"
        found = self.element.find(path)
        return None if found is None else (found.text or "").strip()

    def needs(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise Fault("env:Sender", "ter:InvalidArgs", detail=f"{name} is missing")
        return found


def inner(element: ElementTree.Element, path: str, namespace: str = TT) -> str | None:
    """The text at a path like "Position/Type" below an element, all names in one namespace; None where there is nothing."""
    found = element.find("/".join(f"{{{namespace}}}{name}" for name in path.split("/")))
    return None if found is None else (found.text or "").strip()


def number(text: str | None, what: str, least: float = float("-inf"), most: float = float("inf")) -> float:
    """A number within its range; the fault for anything else."""
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:SettingsInvalid", reason="The requested settings are incorrect", detail=what)
    return value


def boolean(text: str | None) -> bool:
    """xs:boolean."""
    if text not in ("true", "false", "1", "0"):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="neither true nor false")
    return text in ("true", "1")


def envelope(body: str) -> bytes:
    return (_OPEN + body + _CLOSE).encode()


def read(body: bytes) -> Call:
    """Reads a request; raises the fault that the specification has for what is wrong with it."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        # SOAP 1.2 part 1, section 5: no document type declaration; this also closes the door to entity bombs.
        raise Fault("env:Sender", "ter:WellFormed", detail="a document type declaration")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as exc:     # the latter two: encodings that nobody knows
        raise Fault("env:Sender", "ter:WellFormed", detail=str(exc)) from exc
    if root.tag != f"{{{ENV}}}Envelope":
        raise Fault("env:VersionMismatch")
    content = root.find(f"{{{ENV}}}Body")
    if content is None or len(content) != 1:
        raise Fault("env:Sender", "ter:Tag", detail="no action in the body")
    element = content[0]
    namespace, brace, action = element.tag.removeprefix("{").partition("}")
    if not brace:
        raise Fault("env:Sender", "ter:Namespace", detail="the action has no namespace")
    header = root.find(f"{{{ENV}}}Header")
    addressed = header is not None and any(part.tag.startswith(f"{{{WSA}}}") for part in header)
    return Call(namespace, action, element, _token(root), addressed)


def _token(root: ElementTree.Element) -> Token | None:
    found = root.find(f"{{{ENV}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
    if found is None:
        return None
    password = found.find(f"{{{WSSE}}}Password")
    return Token(
        username=(found.findtext(f"{{{WSSE}}}Username") or "").strip(),
        password=((password.text if password is not None else "") or "").strip(),
        is_digest=password is not None and (password.get("Type") or "").endswith("#PasswordDigest"),
        nonce=(found.findtext(f"{{{WSSE}}}Nonce") or "").strip(),
        created=(found.findtext(f"{{{WSU}}}Created") or "").strip(),
    )
