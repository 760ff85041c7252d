"""The ONVIF face: who may ask what, and the way from a SOAP request to its answer. The services stand in onvif_*.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from . import soap
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
    READ_MEDIA = "READ_MEDIA"
    ACTUATE = "ACTUATE"


# The same section, table of access classes and user levels. PRE_AUTH asks for a login only on cameras that depart from the standard.
_OPERATORS = {Level.ADMINISTRATOR, Level.OPERATOR}
ALLOWED: dict[Access, set[Level]] = {
    Access.PRE_AUTH: set(Level), Access.READ_SYSTEM: set(Level), Access.READ_SYSTEM_SENSITIVE: _OPERATORS,
    Access.READ_SYSTEM_SECRET: {Level.ADMINISTRATOR}, Access.WRITE_SYSTEM: {Level.ADMINISTRATOR},
    Access.READ_MEDIA: set(Level), Access.ACTUATE: _OPERATORS,
}


@dataclass
class Context:
    """What a handler may look at."""

    state: CameraState
    call: Call
    host: str                                   # host[:port] as the client wrote it
    http_port: int
    rtsp_port: int
    force_idr: Callable[[str], None]            # by profile token

    @property
    def http_base(self) -> str:
        return f"http://{self.host}"

    @property
    def hostname(self) -> str:
        """The host without its port; an IPv6 address keeps its brackets."""
        return self.host.rsplit(":", 1)[0] if ":" in self.host.rpartition("]")[2] else self.host


Handler = Callable[[Context], str]
Actions = dict[str, tuple[Access, Handler]]


@dataclass
class Answer:
    status: int
    body: bytes
    challenges: list[str] = field(default_factory=list)


class OnvifFace:
    def __init__(self, state: CameraState, seen: Seen, gate: Gate, force_idr: Callable[[str], None], services: dict[str, Actions]) -> None:
        self.state, self.seen, self.gate, self.force_idr = state, seen, gate, force_idr
        self.http_port = self.rtsp_port = 0                        # set when the camera listens
        self.services = services

    def answer(self, body: bytes, host: str, authorization: str | None) -> Answer:
        try:
            call = soap.read(body)
            self.seen.requests[call.action] += 1
            access, handler = self._find(call)
            if access is not Access.PRE_AUTH or (call.action == "GetSystemDateAndTime" and self.state.login.time_needs_login):
                refused = self._refuse(call, authorization, access)
                if refused is not None:
                    return refused
            context = Context(self.state, call, host, self.http_port, self.rtsp_port, self.force_idr)
            return Answer(200, soap.envelope(handler(context)))
        except Fault as fault:
            return Answer(fault.status, fault.body())

    def _find(self, call: Call) -> tuple[Access, Handler]:
        found = self.services.get(call.namespace, {}).get(call.action)
        if found is None:
            return Access.READ_SYSTEM, _not_supported
        return found

    def _refuse(self, call: Call, authorization: str | None, access: Access) -> Answer | None:
        """None when the request may pass. Core specification, section 'Authentication over HTTP and HTTPS': the HTTP level first,
        then the token; without any credentials a camera that speaks HTTP digest answers 401, another one 400 with a fault."""
        login = self.state.login
        user: User | None = None
        if login.http_digest and (authorization or call.token is None or not login.username_token):
            verdict = self.gate.digest(authorization, "POST")
            if verdict.verdict is not Verdict.GOOD:
                fault = Fault("env:Sender", "ter:NotAuthorized", detail=verdict.why)
                return Answer(401, fault.body(), self.gate.challenges(stale=verdict.verdict is Verdict.STALE))
            user = verdict.user
        if call.token is not None and login.username_token:
            verdict = self.gate.token(call.token)
            if verdict.verdict is not Verdict.GOOD:
                raise Fault("env:Sender", "ter:NotAuthorized", detail=verdict.why if verdict.verdict is Verdict.LOCKED else "")
            user = verdict.user
        if user is None or user.level not in ALLOWED[access]:
            raise Fault("env:Sender", "ter:NotAuthorized")
        return None


def _not_supported(context: Context) -> str:
    raise Fault("env:Receiver", "ter:ActionNotSupported", detail=context.call.action)
