"""WS-Discovery of the simulated camera, on loopback and on a port of the test's own."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from simulators.camera import CameraState, SimulatedCamera

GROUP = "239.255.255.250"
WSD, WSA = "http://schemas.xmlsoap.org/ws/2005/04/discovery", "http://schemas.xmlsoap.org/ws/2004/08/addressing"


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def client() -> Iterator[socket.socket]:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        yield sock


def camera_at(host: str, port: int, serial: str = "ACC8E0123456") -> SimulatedCamera:
    return SimulatedCamera(CameraState(serial=serial), host, discovery_port=port)


def probe(types: str = "dn:NetworkVideoTransmitter", scopes: str = "", body: str = "") -> bytes:
    body = body or f"<d:Probe><d:Types>{types}</d:Types>{f'<d:Scopes>{scopes}</d:Scopes>' if scopes else ''}</d:Probe>"
    return (f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="{WSA}" xmlns:d="{WSD}"'
            ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
            f"<a:MessageID>urn:uuid:11111111-2222-3333-4444-555555555555</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
            f"<a:Action>{WSD}/Probe</a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>").encode()


def answers(client: socket.socket, message: bytes, to: tuple[str, int], within_s: float = 0.3) -> list[bytes]:
    client.sendto(message, to)
    found, end_s = [], time.monotonic() + within_s
    while (left_s := end_s - time.monotonic()) > 0:
        client.settimeout(left_s)
        try:
            found.append(client.recv(65536))
        except TimeoutError:
            break
    return found


def text(answer: bytes, name: str, namespace: str = WSD) -> str:
    return next(ElementTree.fromstring(answer).iter(f"{{{namespace}}}{name}")).text or ""


def test_multicast_finds_all_and_unicast_one(port: int, client: socket.socket) -> None:
    with camera_at("127.0.3.1", port) as first, camera_at("127.0.3.2", port, "ACC8E0999999"):
        found = answers(client, probe(), (GROUP, port))
        assert len(found) == 2
        assert {text(one, "XAddrs").split("/")[2].split(":")[0] for one in found} == {"127.0.3.1", "127.0.3.2"}
        assert all(text(one, "RelatesTo", WSA).endswith("555555555555") for one in found)
        alone = answers(client, probe(), ("127.0.3.1", port))
        assert [text(one, "XAddrs") for one in alone] == [first.onvif_url]
        assert text(alone[0], "Address", WSA) == f"urn:uuid:{first.state.endpoint_uuid}"
        resolve = f"<d:Resolve><a:EndpointReference><a:Address>urn:uuid:{first.state.endpoint_uuid}</a:Address></a:EndpointReference></d:Resolve>"
        assert len(answers(client, probe(body=resolve), (GROUP, port))) == 1


def test_types_and_scopes_choose(port: int, client: socket.socket) -> None:
    with camera_at("127.0.3.1", port) as camera:
        camera.state.discovery.names_serial = True
        to = ("127.0.3.1", port)
        assert answers(client, probe("dn:Printer"), to) == []
        assert len(answers(client, probe(scopes="onvif://www.onvif.org/SerialNumber/ACC8E0123456"), to)) == 1
        assert answers(client, probe(scopes="onvif://www.onvif.org/SerialNumber/ACC8E01"), to) == []
        assert "onvif://www.onvif.org/MacAddress/02%3A" in text(answers(client, probe(""), to)[0], "Scopes")


@pytest.mark.parametrize(("manners", "multicast", "unicast"), [
    ({}, 1, 1), ({"multicast": False}, 0, 1), ({"unicast": False}, 1, 0), ({"reply": "twice"}, 2, 2), ({"reply": "split"}, 2, 2)])
def test_manners(port: int, client: socket.socket, manners: dict[str, object], multicast: int, unicast: int) -> None:
    with camera_at("127.0.3.1", port) as camera:
        for name, value in manners.items():
            setattr(camera.state.discovery, name, value)
        assert len(answers(client, probe(), (GROUP, port))) == multicast
        found = answers(client, probe(), ("127.0.3.1", port))
        assert len(found) == unicast
        if manners.get("reply") == "split":
            assert text(b"".join(found), "XAddrs") == camera.onvif_url


def test_who_does_not_want_to_be_found(port: int, client: socket.socket) -> None:
    with camera_at("127.0.3.1", port) as camera:
        camera.state.discovery.xaddr_hosts = ["169.254.7.7", "10.1.1.1:8106"]
        assert text(answers(client, probe(), ("127.0.3.1", port))[0], "XAddrs").split() \
            == ["http://169.254.7.7/onvif/device_service", "http://10.1.1.1:8106/onvif/device_service"]
        camera.state.discoverable = False
        assert answers(client, probe(), (GROUP, port)) == answers(client, probe(), ("127.0.3.1", port)) == []


@pytest.mark.parametrize("message", [b"", b"\0" * 100, b"<x/>", b"<!DOCTYPE a>" + probe(), probe()[:200], probe(body="<d:Hello/>")])
def test_what_is_no_question(port: int, client: socket.socket, message: bytes) -> None:
    with camera_at("127.0.3.1", port):
        assert answers(client, message, ("127.0.3.1", port), 0.1) == []
        assert len(answers(client, probe(), ("127.0.3.1", port))) == 1


def test_hello_and_bye_but_none_when_the_plug_is_drawn(port: int) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((GROUP, port))
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1"))
        listener.settimeout(2)
        with camera_at("127.0.3.1", port) as camera:
            assert b"<d:Hello>" in listener.recv(65536)
            camera.levers.lose_power(for_s=0)
            assert b"<d:Hello>" in listener.recv(65536)              # no Bye in between
        assert b"<d:Bye>" in listener.recv(65536)
