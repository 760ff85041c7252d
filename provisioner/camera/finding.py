"""Finding cameras: WS-Discovery on each network interface, and a sweep of a range that is given. Whatever answers is only a place to ask; who it is,
is proved later and elsewhere (D4).

The package WSDiscovery was looked at (2.1.2): it parses with minidom, turns a core round in a loop without waiting while it searches, joins the group
as a device of its own, and cannot ask a list of addresses or tell which interface answered. What is needed here is one question and its answers.
"""

import fcntl
import ipaddress
import re
import select
import socket
import struct
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from provisioner.camera.errors import BrokenReply, CameraTrouble
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.reading import Element, read_xml
from provisioner.camera.settings import CameraSettings
from provisioner.camera.sweep import Told, open_ports
from provisioner.clock import SystemClock
from provisioner.fault import PlainError, Text

GROUP, PORT = "239.255.255.250", 3702           # WS-Discovery (April 2005) 2.4
GROUP6 = "ff02::c"                              # the same, for IPv6
PORTS = (80, 8000, 8080, 2020, 8899, 5000)      # where cameras have ONVIF: Scrypted#1152, #1246
HOSTS_MOST = 1024                               # of one sweep: a home's network has 254 addresses
_REPEATS_S = (0.0, 0.25, 0.75)                  # UDP loses; WS-Discovery 2.4 asks for repeats with growing pauses
_PACE_S = 0.002                                 # between two unicast questions: 500 a second fill no home router's table
_ONE_S = 0.02                                   # so often it is looked whether one host has answered
_DATAGRAM_MOST = 65535
_FOUND_MOST = 2048
_AT_ONCE = 16                                   # hosts asked over TCP at a time
_SIOCGIFADDR = 0x8915                           # Linux, netdevice(7)
_TYPES = (("dn", "http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"), ("tds", "http://www.onvif.org/ver10/device/wsdl", "Device"))
_XADDR = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.%]+\]|[^/:?#\s]*)(?::(?P<port>\d{1,5}))?[^/\s]*(?P<path>/\S*)?\Z", re.IGNORECASE)
_SCOPES = re.compile(r"onvif://www\.onvif\.org/(?P<kind>[A-Za-z]+)/(?P<value>\S+)\Z")


@dataclass(frozen=True, slots=True)
class Door:
    """A way to an ONVIF service that a camera told, or that answered. The path is told; the host is where the answer came from, `told_host` the one that
    it told: another one is a sign of NAT, of a move, or of a lie."""

    host: str
    port: int
    tls: bool
    path: str
    told_host: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that answered. `endpoint` is its endpoint reference, '' where it has none. `via`: interfaces' addresses, `unicast`, `tcp`.

    `repr` shows scopes only of the kinds that ONVIF has for hardware: people write names and addresses into the others.
    """

    endpoint: str
    doors: tuple[Door, ...]
    hosts: tuple[str, ...]     # that answered; more than one under one endpoint reference is a camera with two networks, or a clone
    scopes: tuple[str, ...]
    types: tuple[str, ...]
    via: tuple[str, ...]

    def told(self, kind: str) -> str:
        """What the scopes say of `hardware`, `name`, `MacAddress`, `SerialNumber`, ...; '' where nothing. Told, not proved."""
        for scope in self.scopes:
            found = _SCOPES.match(scope)
            if found is not None and found["kind"].lower() == kind.lower():
                return unquote(found["value"])
        return ""

    def __repr__(self) -> str:
        return f"Found({len(self.hosts)} host(s), {len(self.doors)} door(s), hardware {self.told('hardware')!r}, via {', '.join(self.via)})"


Item = TypeVar("Item")
Heard = Callable[[Found], None]
"""Called for each camera as soon as it is known, and again when more is known of it."""


def interfaces(named: str = "") -> tuple[str, ...]:
    """The IPv4 addresses of this machine's interfaces that are up: of all but loopback, or of the one with this name or address.

    Raises `PlainError` (`no_interface`) where none is called so.
    """
    found, known = [], []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an address
                packed = fcntl.ioctl(sock.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                address = socket.inet_ntoa(packed[20:24])
                known.append(f"{name} ({address})")
                if named in (name, address) if named else not address.startswith("127."):
                    found.append(address)
    if named and not found:
        raise PlainError("no_interface", Text(f"Det finns inget nätverkskort {named} med IPv4-adress. Det finns: {', '.join(known)}.",
                                              f"There is no interface {named} with an IPv4 address. There are: {', '.join(known)}."))
    return tuple(dict.fromkeys(found))


def link_locals(named: str = "") -> tuple[str, ...]:
    """The link-local IPv6 addresses of this machine's interfaces with their zones (`fe80::1%eth0`): of all but loopback, or of the one with this name.
    A camera without an IPv4 address of the home's network can be asked by them. Empty where there is no IPv6."""
    try:
        lines = Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines()
    except OSError:
        return ()
    rows = (line.split() for line in lines)  # address, index, prefix length, scope (20: link), flags, name
    return tuple(f"{ipaddress.IPv6Address(int(row[0], 16))}%{row[5]}" for row in rows if len(row) == 6 and row[3] == "20" and named in ("", row[5]))


def hosts_of(text: str, most: int = HOSTS_MOST) -> tuple[str, ...]:
    """The hosts of `10.0.0.0/24`, `10.0.0.5-10.0.0.9`, `10.0.0.5-9` or one address. Raises `PlainError` (`bad_range`)."""
    try:
        begin, dash, end = (part.strip() for part in text.partition("-"))
        if dash:
            first = ipaddress.ip_address(begin)
            last = ipaddress.ip_address(end if "." in end or ":" in end else f"{begin.rpartition('.')[0]}.{end}")
            count = int(last) - int(first) + 1
            if first.version != last.version or not 0 < count <= most:
                raise ValueError(f"{count} addresses")
            found = [str(first + step) for step in range(count)]
        else:
            network = ipaddress.ip_network(text.strip(), strict=False)
            if network.num_addresses > most + 2:
                raise ValueError(f"{network.num_addresses} addresses")
            found = [str(host) for host in network.hosts()]
        if any(ipaddress.ip_address(host).is_multicast or ipaddress.ip_address(host).is_unspecified for host in (found[0], found[-1])):
            raise ValueError("not addresses of hosts")
    except (ValueError, IndexError, TypeError) as exc:
        raise PlainError("bad_range", Text(f"Adressområdet går inte att använda ({exc}). Skriv till exempel 192.168.1.0/24, högst {most} adresser.",
                                           f"The address range cannot be used ({exc}). Write 192.168.1.0/24 for example, at most {most} addresses.")) from None
    return tuple(found)


def discover(on: Sequence[str], hosts: Sequence[str] = (), listen_s: float = 4.0, heard: Heard | None = None, port: int = PORT,
             deadline: Deadline | None = None) -> tuple[Found, ...]:
    """Ask by multicast on the interfaces with the addresses `on` (IPv4, or IPv6 with a zone), and each of `hosts` by unicast; listen for `listen_s`
    seconds after the last question, and in all no longer than the `deadline`.

    An interface that cannot send is passed over: the others still find. Raises nothing of what comes in.
    """
    deadline = deadline or Deadline(listen_s + len(hosts) + sum(_REPEATS_S))
    asked = [f"urn:uuid:{uuid.uuid4()}" for _ in _TYPES]
    questions = [_probe(message, *kind) for message, kind in zip(asked, _TYPES, strict=True)]
    gathered = _Gathered(frozenset(asked), heard or (lambda _: None))
    with ExitStack() as stack:
        sockets: dict[socket.socket, str] = {}
        for address in on:
            with suppress(OSError):
                sockets[stack.enter_context(_multicast_socket(address))] = address
        for family in {socket.AF_INET6 if ":" in host else socket.AF_INET for host in hosts}:
            with suppress(OSError):  # a machine without IPv6
                sockets[stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))] = "unicast"
        if not sockets:
            return ()
        begun = time.monotonic()
        for at_s in _REPEATS_S:
            for question in questions:
                for sock, name in sockets.items():
                    for host in [one for one in hosts if (":" in one) == (sock.family == socket.AF_INET6)] if name == "unicast" else (_group_of(name),):
                        if deadline.left_s() <= 0:
                            break
                        with suppress(OSError):  # no route, or a firewall of our own
                            sock.sendto(question, _there(host, port))
                        if name == "unicast":
                            _listen(sockets, time.monotonic() + _PACE_S, gathered)
            following = next((later for later in _REPEATS_S if later > at_s), None)
            if following is not None:
                _listen(sockets, min(begun + following, time.monotonic() + deadline.left_s()), gathered)
        _listen(sockets, time.monotonic() + min(listen_s, deadline.left_s()), gathered)
    return gathered.all()


def answer_of(host: str, wait_s: float, port: int = PORT) -> Found | None:
    """What one host answers to a question to itself, as soon as it does; None after `wait_s` seconds. It may answer although it announces nothing."""
    asked = [f"urn:uuid:{uuid.uuid4()}" for _ in _TYPES]
    gathered, begun = _Gathered(frozenset(asked), lambda _: None), time.monotonic()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for until in (begun + wait_s / 2, begun + wait_s):
            for message, kind in zip(asked, _TYPES, strict=True):
                with suppress(OSError):  # no route, or a name that is none
                    sock.sendto(_probe(message, *kind), _there(host, port))
            while (left_s := until - time.monotonic()) > 0 and not gathered.all():
                _listen({sock: "unicast"}, time.monotonic() + min(_ONE_S, left_s), gathered)
            if gathered.all():
                break
    return next(iter(gathered.all()), None)


def knock(hosts: Sequence[str], settings: CameraSettings, ports: Sequence[int] = PORTS, heard: Heard | None = None, each_s: float = 3.0,
          deadline: Deadline | None = None, told: Told = lambda done, of: None) -> tuple[tuple[Found, ...], int]:
    """Ask each host over TCP whether ONVIF is there: for cameras whose discovery is off, or networks that let no multicast through.

    What answered, and how many hosts were not asked to the end before the `deadline`. Of open ports one question that needs no login (the time); no
    password is sent. 16 hosts at a time, at most `each_s` seconds a port.
    """
    from provisioner.camera.onvif import OnvifSession

    deadline = deadline or Deadline(each_s * len(hosts) * len(ports))
    quick = replace(settings, connect_s=min(1.0, each_s), operation_s=each_s, silence_s=each_s)
    is_open, missed = open_ports(hosts, ports, deadline, told, min(1.0, each_s))
    cut_off: set[str] = set()

    def one(host: str) -> Found | None:
        for port in is_open[host]:
            if deadline.left_s() <= 0:
                cut_off.add(host)
                return None
            session = OnvifSession(CameraPlace(host, port, tls=port in (443, 8443)), quick, SystemClock().now)
            try:
                session.read_clock(deadline.sooner(each_s))
            except CameraTrouble:
                if deadline.left_s() <= 0:
                    cut_off.add(host)
                continue
            finally:
                session.close()
            found = Found("", (Door(host, port, session.place.tls, session.device_path),), (host,), (), (), ("tcp",))
            if heard is not None:
                heard(found)
            return found
        return None

    with ThreadPoolExecutor(min(_AT_ONCE, max(1, len(is_open))), thread_name_prefix="knock") as pool:
        answers = [pool.submit(one, host) for host in is_open]
        found = tuple(answer for answer in (later.result() for later in answers) if answer is not None)
    return found, missed + len(cut_off)


def merged(*lists: Sequence[Found]) -> tuple[Found, ...]:
    """What several ways found, each camera once: by endpoint reference where there is one, else by the host that answered."""
    gathered = _Gathered(frozenset(), lambda _: None)
    for found in sorted((one for each in lists for one in each), key=lambda one: one.endpoint == ""):
        gathered.add(found)
    return gathered.all()


class _Gathered:
    """Answers, merged as they come."""

    def __init__(self, asked: frozenset[str], heard: Heard) -> None:
        self._asked = asked
        self._heard = heard
        self._by_key: dict[str, Found] = {}
        self._parts: dict[tuple[str, int, str], bytes] = {}   # by sender and the socket that heard it

    def all(self) -> tuple[Found, ...]:
        return tuple(self._by_key.values())

    def take(self, datagram: bytes, sender: tuple[str, int], via: str) -> None:
        """One datagram. Some cameras split their answer in two (python-ws-discovery#40): a first half waits for the second."""
        whose = (*sender, via)
        before = self._parts.pop(whose, b"")
        envelope = _envelope_in(datagram) or (_envelope_in(before + datagram) if before else None)
        if envelope is None:
            if len(before) + len(datagram) <= _DATAGRAM_MOST and len(self._parts) < _FOUND_MOST and b"Envelope" in before + datagram:
                self._parts[whose] = before + datagram
            return
        relates = envelope.text("Header", "RelatesTo")
        body = envelope.first("Body")
        if body is None or (self._asked and relates and relates not in self._asked):
            return
        for matches in body.children():
            for match in matches.all("ProbeMatch") if matches.name == "ProbeMatches" else ():
                self.add(_found_in(match, sender[0], via))

    def add(self, found: Found) -> None:
        key = found.endpoint or next((key for key, known in self._by_key.items() if set(found.hosts) & set(known.hosts)), found.hosts[0])
        known = self._by_key.get(key)
        if known is not None:
            found = Found(known.endpoint or found.endpoint, _both(known.doors, found.doors), _both(known.hosts, found.hosts),
                          _both(known.scopes, found.scopes), _both(known.types, found.types), _both(known.via, found.via))
        elif len(self._by_key) >= _FOUND_MOST:
            return
        if found != known:
            self._by_key[key] = found
            self._heard(found)


def _envelope_in(datagram: bytes) -> Element | None:
    try:
        return read_xml(datagram)
    except BrokenReply:
        return None


def _both(one: tuple[Item, ...], other: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _found_in(match: Element, sender: str, via: str) -> Found:
    doors = tuple(_doors(match.text("XAddrs").split()[:16], sender))
    return Found(match.text("EndpointReference", "Address")[:200], doors, (sender,), tuple(scope[:300] for scope in match.text("Scopes").split()[:64]),
                 tuple(kind.rpartition(":")[2][:100] for kind in match.text("Types").split()[:16]), (via,))


def _doors(addresses: Sequence[str], sender: str) -> Iterator[Door]:
    """Host from the answer, port and path as told: cameras tell addresses of another network, two ports, none (`http://:80/..`), or link-local ones."""
    for address in addresses:
        told = _XADDR.match(address)
        if told is None:
            continue
        tls = told["scheme"].lower() == "https"
        port = int(told["port"]) if told["port"] else (443 if tls else 80)
        if 0 < port < 65536:
            yield Door(sender, port, tls, told["path"] or "/onvif/device_service", told["host"])


def _group_of(address: str) -> str:
    """The group as it is reached from one of our addresses."""
    return f"{GROUP6}%{address.partition('%')[2]}" if ":" in address else GROUP


def _there(host: str, port: int) -> tuple[Any, ...]:
    """The address to send to; of IPv6 with the number of its zone, which Python's sockets do not take from the text."""
    return (host, port) if ":" not in host else socket.getaddrinfo(host.strip("[]"), port, socket.AF_INET6, socket.SOCK_DGRAM)[0][4]


def _multicast_socket(address: str) -> socket.socket:
    if ":" in address:
        return _multicast_socket_6(address)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        sock.bind((address, 0))
    except OSError:
        sock.close()
        raise
    return sock


def _multicast_socket_6(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex(address.partition("%")[2]))
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
        sock.bind(_there(address, 0))
    except OSError:
        sock.close()
        raise
    return sock


def _listen(sockets: dict[socket.socket, str], until: float, gathered: _Gathered) -> None:
    while (left_s := until - time.monotonic()) > 0:
        ready, _, _ = select.select(list(sockets), [], [], left_s)
        for sock in ready:
            with suppress(OSError):  # an ICMP 'port unreachable' of a host that is no camera
                datagram, sender = sock.recvfrom(_DATAGRAM_MOST)
                zone = f"%{socket.if_indextoname(sender[3])}" if len(sender) > 3 and sender[3] and "%" not in sender[0] else ""
                gathered.take(datagram, (sender[0] + zone, sender[1]), sockets[sock])


def _probe(message: str, prefix: str, space: str, kind: str) -> bytes:
    return (f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
            f' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:{prefix}="{space}">'
            f'<e:Header><w:MessageID>{message}</w:MessageID><w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>'
            f'<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>'
            f"<e:Body><d:Probe><d:Types>{prefix}:{kind}</d:Types></d:Probe></e:Body></e:Envelope>").encode()
