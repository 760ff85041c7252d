"""Finding cameras: answers of every sort on loopback, merged by endpoint reference and believed in nothing."""

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from provisioner.camera.finding import Found, answer_of, discover, hosts_of, interfaces, knock, link_locals, merged
from provisioner.fault import PlainError
from simulators.camera import CameraState, SimulatedCamera
from tests.camera.helpers import settings
from tests.camera.scripted import Scripted, http, open_camera, replying

Answer = Callable[[str], list[bytes]]


def match(relates: str, endpoint: str = "urn:uuid:1", xaddrs: str = "http://192.0.2.7/onvif/device_service",
          scopes: str = "onvif://www.onvif.org/hardware/SC-1 onvif://www.onvif.org/name/Astrid%20L") -> bytes:
    return (f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><wsa:RelatesTo>{relates}</wsa:RelatesTo></s:Header><s:Body>'
            f"<d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>{endpoint}</wsa:Address></wsa:EndpointReference>"
            f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs></d:ProbeMatch></d:ProbeMatches>"
            "</s:Body></s:Envelope>").encode()


@contextlib.contextmanager
def responder(answer: Answer, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Something on UDP that answers each question with datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, port))

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    question, sender = sock.recvfrom(65535)
                    if question == b"end":
                        return
                    message = re.search(rb"MessageID>([^<]+)<", question)
                    assert message is not None
                    for datagram in answer(message[1].decode()):
                        sock.sendto(datagram, sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(sock.getsockname()[1])
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ender:
                ender.sendto(b"end", (host, sock.getsockname()[1]))
            thread.join(2)


def asked(answer: Answer, **how: object) -> tuple[Found, ...]:
    with responder(answer) as port:
        return discover((), ("127.0.0.1",), listen_s=0.3, port=port, **how)  # type: ignore[arg-type]


def test_an_answer_is_a_door_at_the_host_that_answered() -> None:
    heard: list[Found] = []
    found, = asked(lambda message: [match(message)], heard=heard.append)
    assert found.endpoint == "urn:uuid:1" and found.hosts == ("127.0.0.1",) and found.via == ("unicast",)
    assert [(door.host, door.port, door.path) for door in found.doors] == [("127.0.0.1", 80, "/onvif/device_service")]
    assert found.told("hardware") == "SC-1" and found.told("name") == "Astrid L" and "Astrid" not in repr(found)
    assert heard == [found]


@pytest.mark.parametrize(("xaddrs", "doors"), [
    ("http://192.0.2.7:8106:8106/onvif/x", [(8106, False, "/onvif/x")]), ("http://:80/onvif/device_service", [(80, False, "/onvif/device_service")]),
    ("http://192.0.2.7/a https://192.0.2.7/a http://169.254.1.2/a", [(80, False, "/a"), (443, True, "/a")]),
    ("http://[fe80::1]:8000/onvif/devices", [(8000, False, "/onvif/devices")]), ("", []), ("ftp://x/ nonsense http://h:99999/", []),
])
def test_odd_addresses(xaddrs: str, doors: list[tuple[int, bool, str]]) -> None:
    found, = asked(lambda message: [match(message, xaddrs=xaddrs)])
    assert [(door.port, door.tls, door.path) for door in found.doors] == doors


@pytest.mark.parametrize("noise", [b"", b"\0" * 900, b"<", b"<!DOCTYPE x [<!ENTITY a 'b'>]><s:Envelope>&a;</s:Envelope>", b"<s:Envelope></s:Envelope>",
                                   b"<s:Envelope>" * 5000, match("urn:uuid:somebody-else", "urn:uuid:2"), b"\xff\xfe\x00<"])
def test_noise_hides_nobody(noise: bytes) -> None:
    found = asked(lambda message: [noise, match(message)])
    assert [one.endpoint for one in found] == ["urn:uuid:1"]


def test_an_answer_in_two_datagrams_is_put_together() -> None:
    found, = asked(lambda message: [match(message)[:300], match(message)[300:]])
    assert found.endpoint == "urn:uuid:1"


def test_no_endpoint_reference_is_known_by_its_host() -> None:
    found, = asked(lambda message: [match(message, endpoint="")])
    assert found.endpoint == "" and found.hosts == ("127.0.0.1",)


def test_one_reference_at_two_hosts_is_one_finding_with_both() -> None:
    with responder(lambda message: [match(message)]) as port, responder(lambda message: [match(message)], "127.0.0.2", port):
        found, = discover((), ("127.0.0.1", "127.0.0.2"), listen_s=0.3, port=port)
    assert sorted(found.hosts) == ["127.0.0.1", "127.0.0.2"]


def test_nobody_answers_and_bad_interfaces_are_passed_over() -> None:
    assert discover(("192.0.2.1", "127.0.0.1"), ("127.0.0.3",), listen_s=0.1, port=9) == ()
    assert all(not address.startswith("127.") for address in interfaces())


def test_a_sweep_finds_the_camera_and_not_the_router() -> None:
    with Scripted(replying(open_camera)) as camera, Scripted(replying(lambda _: http(200, b"<html>router</html>", kind="text/html"))) as router:
        found, missed = knock(("127.0.0.1",), settings(), (router.port, camera.port), each_s=2.0)
        assert missed == 0
        assert all(b"UsernameToken" not in request.body and "authorization" not in request.headers for request in camera.seen)
    assert [(one.doors[0].port, one.via) for one in found] == [(camera.port, ("tcp",))]
    by_udp = asked(lambda message: [match(message)])
    both, = merged(found, by_udp)
    assert both.endpoint == "urn:uuid:1" and set(both.via) == {"tcp", "unicast"} and len(both.doors) == 2


@pytest.mark.parametrize(("text", "count", "last"), [("127.0.0.1", 1, "127.0.0.1"), ("127.0.0.0/29", 6, "127.0.0.6"), ("127.0.0.4-9", 6, "127.0.0.9"),
                                                     ("127.0.0.250-127.0.1.5", 12, "127.0.1.5")])
def test_ranges(text: str, count: int, last: str) -> None:
    found = hosts_of(text)
    assert len(found) == count and found[-1] == last


@pytest.mark.parametrize("text", ["", "10.0.0.0/8", "10.0.0.9-1", "here", "0.0.0.0/0", "224.0.0.0/28", "10.0.0.1-10.0.200.1", "10.0.0.1-fe80::1", "::/0"])
def test_ranges_that_are_none_or_too_large(text: str) -> None:
    with pytest.raises(PlainError, match="bad_range"):
        hosts_of(text)


# -- on the networks of this machine ----------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("", 0))
        return int(sock.getsockname()[1])


def must_carry_multicast(address: str) -> None:
    """Skip where this machine's kernel carries no multicast on an interface; tried with sockets of the test's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        try:
            ear.bind(("239.255.255.250", 0))
            ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.255.255.250") + socket.inet_aton(address))
            ear.settimeout(1.0)
            mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
            mouth.sendto(b"?", ("239.255.255.250", ear.getsockname()[1]))
            ear.recv(10)
        except OSError as exc:
            pytest.skip(f"this kernel carries no multicast on {address} ({exc}): multicast was NOT tried there")


@pytest.mark.parametrize("where", ["loopback", "network"])
def test_multicast_finds_on_the_interface_that_is_asked_and_says_which(where: str) -> None:
    on = "127.0.0.1" if where == "loopback" else next(iter(interfaces()), "")
    if not on:
        pytest.skip("this machine has no network but loopback: multicast was tried there alone")
    must_carry_multicast(on)
    port = free_port()
    with SimulatedCamera(CameraState(serial="ACC8E0123456"), host=on, discovery_port=port) as sim:
        found = discover((on,), listen_s=1.0, port=port)
        assert [(one.hosts, one.via) for one in found] == [((on,), (on,))] and found[0].doors[0].port == sim.http_port
        other = "127.0.0.1" if where == "network" else next(iter(interfaces()), "")
        assert not other or discover((other,), listen_s=0.3, port=port) == ()   # asked on another network, it hears nothing


def test_two_interfaces_at_once_and_one_that_is_gone() -> None:
    port = free_port()
    hosts = ("127.0.0.1", *interfaces()[:1])
    for host in hosts:
        must_carry_multicast(host)
    with contextlib.ExitStack() as stack:
        for number, host in enumerate(hosts):
            stack.enter_context(SimulatedCamera(CameraState(serial=f"ACC8E012345{number}"), host=host, discovery_port=port))
        found = discover((*hosts, "203.0.113.9"), listen_s=1.0, port=port)
        assert {one.hosts for one in found} == {(host,) for host in hosts}


def test_a_camera_of_another_subnet_answers_from_there() -> None:
    """Its address is not of the network that was asked, and its XAddr is of a third one: the door is where the answer came from."""
    port = free_port()
    state = CameraState(serial="ACC8E0123456")
    state.discovery.xaddr_hosts = ["10.20.30.40:80"]
    must_carry_multicast("127.0.0.1")
    with SimulatedCamera(state, host="127.55.66.77", discovery_port=port):
        found = discover(("127.0.0.1",), listen_s=1.0, port=port)
        assert [door.host for one in found for door in one.doors] == ["127.55.66.77"]


def link_local() -> str:
    """A link-local address of this machine with its zone, or loopback's where there is none."""
    found = next(iter(link_locals()), "")
    if not found:
        pytest.skip("this machine has no link-local IPv6 address: IPv6 was NOT tried")
    return found


def test_ipv6_link_local_by_multicast_and_by_unicast() -> None:
    own = link_local()
    index = socket.if_nametoindex(own.partition("%")[2])
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind(("::", 0))
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, "ff02::c") + struct.pack("@i", index))
        port = sock.getsockname()[1]

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    question, sender = sock.recvfrom(65535)
                    if question == b"end":
                        return
                    message = re.search(rb"MessageID>([^<]+)<", question)
                    assert message is not None
                    sock.sendto(match(message[1].decode(), xaddrs="http://[fe80::1]:8000/onvif/devices"), sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            by_unicast = discover((), (own,), listen_s=0.3, port=port)
            assert [(one.hosts, one.via) for one in by_unicast] == [((own,), ("unicast",))]
            assert by_unicast[0].doors[0].port == 8000 and answer_of(own, 2.0, port) is not None
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as trial:
                trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
                trial.sendto(b"<MessageID>trial<", ("ff02::c", port, 0, index))
                trial.settimeout(1.0)
                try:
                    trial.recv(65535)
                except OSError:
                    pytest.skip("this kernel carries no IPv6 multicast: only unicast was tried")
            by_multicast = discover((own,), listen_s=0.5, port=port)
            assert [(one.hosts, one.via) for one in by_multicast] == [((own,), (own,))]
        finally:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as ender:
                ender.sendto(b"end", ("::1", port))
            thread.join(2)
