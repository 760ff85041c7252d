"""The ONVIF face: who may ask what, and the way from a SOAP request to its answer. The services stand in onvif_*.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from . import soap, xml_manners
from .auth import Gate, Verdict
from .soap import Call, Fault
from .state import CameraState, Level, Seen, User


class Access(Enum):
    """Access classes of the Core specification, section 'Access classes for service requests'."""

    PRE_AUTH = "PRE_AUTH"
    READ_SYSTEM = "READ_SYSTEM"
    READ_SYSTEM_SENSITIVE = "READ_SYSTEM_SENSITIVE"
    READ_SYSTEM_SECRET = "READ_SYSTEM_SECRET"
    WRITE_SYSTEM = "WRITE_SYSTEM"
    UNRECOVERABLE = "UNRECOVERABLE"
    READ_MEDIA = "READ_MEDIA"
    ACTUATE = "ACTUATE"


# The same section, table of access classes and user levels. PRE_AUTH asks for a login only on cameras that depart from the standard.
_OPERATORS = {Level.ADMINISTRATOR, Level.OPERATOR}
ALLOWED: dict[Access, set[Level]] = {
    Access.PRE_AUTH: set(Level), Access.READ_SYSTEM: set(Level), Access.READ_SYSTEM_SENSITIVE: _OPERATORS,
    Access.READ_SYSTEM_SECRET: {Level.ADMINISTRATOR}, Access.WRITE_SYSTEM: {Level.ADMINISTRATOR},
    Access.UNRECOVERABLE: {Level.ADMINISTRATOR},
    Access.READ_MEDIA: set(Level), Access.ACTUATE: _OPERATORS,
}


@dataclass
class Body:
    """What the services can do to the camera they belong to, and the ports that it has."""

    force_idr: Callable[[str], None] = lambda token: None          # by profile token
    reboot: Callable[[], None] = lambda: None                      # once the answer has left
    relisten: Callable[[], None] = lambda: None                    # a protocol was switched on or off
    http_port: int = 0
    https_port: int = 0
    rtsp_port: int = 0
    certificate: Callable[[], bytes] = lambda: b""                 # DER


@dataclass
class Context:
    """What a handler may look at."""

    state: CameraState
    call: Call
    host: str                                   # host[:port] as the client wrote it
    body: Body
    secure: bool = False                        # the request came over TLS
    query: str = ""                             # behind the question mark of the address

    @property
    def http_base(self) -> str:
        said = self.state.addresses.host or self.host
        return f"{'https' if self.secure else 'http'}://{said}"

    @property
    def hostname(self) -> str:
        """The host without its port; an IPv6 address keeps its brackets."""
        said = self.state.addresses.host or self.host
        return said.rsplit(":", 1)[0] if ":" in said.rpartition("]")[2] else said

    def xaddr(self, path: str) -> str:
        return self.state.addresses.xaddr.format(base=self.http_base, path=path, host=self.hostname)


Handler = Callable[[Context], str]
Actions = dict[str, tuple[Access, Handler]]


@dataclass
class Answer:
    status: int
    body: bytes
    challenges: list[str] = field(default_factory=list)


class OnvifFace:
    def __init__(self, state: CameraState, seen: Seen, gate: Gate, body: Body, services: dict[str, Actions]) -> None:
        self.state, self.seen, self.gate, self.body = state, seen, gate, body
        self.services = services

    def answer(self, body: bytes, host: str, authorization: str | None, secure: bool = False, query: str = "") -> Answer:
        manners = self.state.xml
        try:
            call = soap.read(body)
            self.seen.requests[call.action] += 1
            if call.is_addressed and manners.chokes_on_addressing:
                raise Fault("env:Sender", "ter:WellFormed", detail="header")
            access, handler = self._find(call)
            refused = self._refuse(call, authorization, access) if self._asks_for_login(call, access) else None
            if refused is not None:
                return refused
            context = Context(self.state, call, host, self.body, secure, query)
            return Answer(200, xml_manners.write(soap.envelope(handler(context)), manners))
        except Fault as fault:
            return Answer(fault.status, xml_manners.write(fault.body(), manners))

    def _asks_for_login(self, call: Call, access: Access) -> bool:
        state = self.state
        if not state.login.onvif_needs_login or (state.is_factory_new and (state.factory_is_open or call.action == "CreateUsers")):
            return False
        return access is not Access.PRE_AUTH or (call.action == "GetSystemDateAndTime" and state.login.time_needs_login)

    def _find(self, call: Call) -> tuple[Access, Handler]:
        """Who may do it, and the handler; what the camera denies or only pretends has a handler of its own."""
        lies = self.state.lies
        found = self.services.get(call.namespace, {}).get(call.action)
        if found is None or not self._offers(call.namespace) or call.action in lies.unsupported:
            return Access.READ_SYSTEM, _not_supported
        if call.action in lies.fails:
            return found[0], _fails
        return (found[0], _pretends) if call.action in lies.no_effect else found

    def _offers(self, namespace: str) -> bool:
        """Renew and Unsubscribe of WS-BaseNotification belong to the event service."""
        name = "events" if namespace == soap.WSNT else next((name for name, own in SERVICE_NAMES.items() if own == namespace), "")
        return name in self.state.lies.services or (name == "ptz" and self.state.parks)

    def _refuse(self, call: Call, authorization: str | None, access: Access) -> Answer | None:
        """None when the request may pass. Core specification, section 'Authentication over HTTP and HTTPS': the HTTP level first,
        then the token; without any credentials a camera that speaks HTTP digest answers 401, another one 400 with a fault."""
        login = self.state.login
        user: User | None = None
        if login.http_digest and (authorization or call.token is None or not login.username_token):
            verdict = self.gate.http(authorization, "POST")
            if verdict.verdict is not Verdict.GOOD:
                fault = Fault("env:Sender", "ter:NotAuthorized", reason=verdict.says, detail=verdict.why)
                return Answer(401, fault.body(), self.gate.challenges(stale=verdict.verdict is Verdict.STALE))
            user = verdict.user
        if call.token is not None and login.username_token:
            verdict = self.gate.token(call.token)
            if verdict.verdict is not Verdict.GOOD:
                locked = verdict.verdict is Verdict.LOCKED
                raise Fault("env:Sender", "ter:NotAuthorized", reason=verdict.says, detail=verdict.why if locked else "")
            user = verdict.user
        if user is None or user.level not in ALLOWED[access] or not user.onvif:
            raise Fault("env:Sender", "ter:NotAuthorized")
        return None


SERVICE_NAMES = {"device": soap.TDS, "media": soap.TRT, "media2": soap.TR2, "imaging": soap.TIMG, "recording": soap.TRC, "events": soap.TEV,
                 "ptz": soap.TPTZ}


def _not_supported(context: Context) -> str:
    raise Fault("env:Receiver", "ter:ActionNotSupported", detail=context.call.action)


def _fails(context: Context) -> str:
    raise Fault("env:Receiver", "ter:Action", detail=context.call.action)


def _pretends(context: Context) -> str:
    """Success, and nothing was done. Creating something brings a token, as the schema wants it."""
    call = context.call
    prefix = soap.PREFIXES.get(call.namespace, "tds")
    inside = {"CreateMask": f"<{prefix}:Token>mask_none</{prefix}:Token>",
              "CreateOSD": f"<{prefix}:OSDToken>osd_none</{prefix}:OSDToken>"}.get(call.action, "")
    return f"<{prefix}:{call.action}Response>{inside}</{prefix}:{call.action}Response>"
