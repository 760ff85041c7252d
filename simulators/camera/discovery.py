"""WS-Discovery (OASIS 2005/04, as the ONVIF Core specification profiles it): Probe and Resolve answered, Hello and Bye said.

One multicast socket a port serves all cameras of the process; each camera has a unicast socket on its own address, from which it answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import uuid
from collections.abc import Callable
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .state import CameraState, Seen

GROUP, PORT = "239.255.255.250", 3702
MESSAGE_MOST_BYTES = 16 * 1024
ENV, WSA = "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSD = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
TYPES = {"NetworkVideoTransmitter", "Device"}
_RFC3986 = ("", f"{WSD}/rfc3986")


class DiscoveryFace:
    """One camera's answers."""

    def __init__(self, state: CameraState, seen: Seen, port_of: Callable[[], int]) -> None:
        self.state, self.seen, self._port_of = state, seen, port_of
        self.host, self.port = "127.0.0.1", 0
        self._socket: socket.socket | None = None
        self._instance = uuid.uuid4().int & 0xFFFF
        self._message = 0

    # -- life -----------------------------------------------------------------------------------------------------------

    def start(self, host: str, port: int) -> None:
        """Listens and says Hello; on the cameras' loop."""
        self.host, self.port = host, port
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(host))
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        self._socket.bind((host, port))
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        _hub(port).join(self)
        self.announce("Hello")

    def stop(self, bye: bool) -> None:
        """Bye is said by a camera that is switched off in order, never by one that loses its power."""
        if self._socket is None:
            return
        if bye:
            self.announce("Bye")
        _hub(self.port).leave(self)
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = None

    def announce(self, what: str) -> None:
        if self.state.discoverable and self.state.discovery.multicast:
            inside = self._endpoint() if what == "Bye" else self._match()
            self._put(self._envelope(what, f"<d:{what}>{inside}</d:{what}>", "urn:schemas-xmlsoap-org:ws:2005:04:discovery"), (GROUP, self.port))

    # -- asking ---------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        assert self._socket is not None
        with contextlib.suppress(OSError):
            data, sender = self._socket.recvfrom(65536)
            if self.state.discovery.unicast:
                self.heard(data, sender)

    def heard(self, data: bytes, sender: tuple[str, int]) -> None:
        """A datagram by unicast or, through the hub, by multicast."""
        if not self.state.discoverable:
            return
        asked = _read_question(data)
        if asked is None:
            return
        action, element, message_id = asked
        if not (self._is_probed(element) if action == "Probe" else self._is_resolved(element)):
            return
        self.seen.requests[action] += 1
        kind = "ProbeMatch" if action == "Probe" else "ResolveMatch"
        answer = self._envelope(f"{kind}es", f"<d:{kind}es><d:{kind}>{self._match()}</d:{kind}></d:{kind}es>", f"{WSA}/role/anonymous", message_id)
        asyncio.get_running_loop().call_later(self.state.discovery.delay_s, self._reply, answer, sender)

    def _reply(self, answer: bytes, to: tuple[str, int]) -> None:
        how = self.state.discovery.reply
        half = len(answer) // 2
        for part in {"split": [answer[:half], answer[half:]], "twice": [answer, answer]}.get(how, [answer]):
            self._put(part, to)

    def _put(self, data: bytes, to: tuple[str, int]) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):         # UDP loses packets, and a machine without multicast loses all
                self._socket.sendto(data, to)

    def _is_probed(self, element: ElementTree.Element) -> bool:
        """Types and scopes of the Probe have all to fit (WS-Discovery 5.1); scopes by RFC 3986 prefix."""
        types = {name.rpartition(":")[2] for name in (element.findtext(f"{{{WSD}}}Types") or "").split()}
        scopes = element.find(f"{{{WSD}}}Scopes")
        wanted = [] if scopes is None else (scopes.text or "").split()
        if scopes is not None and scopes.get("MatchBy", "") not in _RFC3986:
            return False
        return types <= TYPES and all(any(_lies_in(own, scope) for own in self.state.scopes) for scope in wanted)

    def _is_resolved(self, element: ElementTree.Element) -> bool:
        return (element.findtext(f"{{{WSA}}}EndpointReference/{{{WSA}}}Address") or "").strip() == self._address()

    # -- writing --------------------------------------------------------------------------------------------------------

    def _address(self) -> str:
        return "" if self.state.discovery.empty_endpoint else f"urn:uuid:{self.state.endpoint_uuid}"

    def _endpoint(self) -> str:
        return f"<a:EndpointReference><a:Address>{self._address()}</a:Address></a:EndpointReference>"

    def _match(self) -> str:
        hosts = self.state.discovery.xaddr_hosts or [f"{self.host}:{self._port_of()}"]
        addresses = " ".join(f"http://{host}{self.state.addresses.service_path}" for host in hosts)
        return (f"{self._endpoint()}<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>"
                f"<d:Scopes>{escape(' '.join(self.state.scopes))}</d:Scopes><d:XAddrs>{escape(addresses)}</d:XAddrs>"
                "<d:MetadataVersion>1</d:MetadataVersion>")

    def _envelope(self, action: str, body: str, to: str, relates_to: str = "") -> bytes:
        self._message += 1
        relates = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
        return (f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENV}" xmlns:a="{WSA}" xmlns:d="{WSD}"'
                ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>'
                f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>{relates}<a:To>{to}</a:To><a:Action>{WSD}/{action}</a:Action>"
                f'<d:AppSequence InstanceId="{self._instance}" MessageNumber="{self._message}"/></s:Header><s:Body>{body}</s:Body></s:Envelope>').encode()


def _lies_in(own: str, wanted: str) -> bool:
    """Whether a scope matches by segments: onvif://a/b matches onvif://a and not onvif://a/bc (WS-Discovery 5.1, rfc3986)."""
    wanted, own = wanted.rstrip("/").lower(), own.lower()
    return own == wanted or own.startswith(wanted + "/")


def _read_question(data: bytes) -> tuple[str, ElementTree.Element, str] | None:
    """Action, its element and the message id; None for whatever is no Probe and no Resolve."""
    if len(data) > MESSAGE_MOST_BYTES or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    message_id = (root.findtext(f"{{{ENV}}}Header/{{{WSA}}}MessageID") or "").strip()
    for action in ("Probe", "Resolve"):
        found = root.find(f"{{{ENV}}}Body/{{{WSD}}}{action}")
        if found is not None:
            return action, found, message_id
    return None


class _Hub:
    """The multicast socket of one port, for all cameras of the process."""

    def __init__(self, port: int) -> None:
        self._faces: list[DiscoveryFace] = []
        self._joined: set[bytes] = set()
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((GROUP, port))               # on Linux such a socket gets this group's datagrams alone
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def join(self, face: DiscoveryFace) -> None:
        self._faces.append(face)
        request = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(face.host))
        if request not in self._joined:
            self._joined.add(request)
            # EADDRINUSE: another address of the same interface has joined. ENODEV: no multicast there, so only unicast is left.
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)

    def leave(self, face: DiscoveryFace) -> None:
        self._faces.remove(face)
        if not self._faces:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            del _hubs[face.port]

    def _read(self) -> None:
        try:
            data, sender = self._socket.recvfrom(65536)
        except OSError:
            return
        for face in list(self._faces):
            # A camera hears what is said on its own network: loopback stays loopback.
            if face.state.discovery.multicast and face.host.startswith("127.") == str(sender[0]).startswith("127."):
                face.heard(data, sender)


_hubs: dict[int, _Hub] = {}


def _hub(port: int) -> _Hub:
    found = _hubs.get(port)
    if found is None:
        found = _hubs[port] = _Hub(port)
    return found
