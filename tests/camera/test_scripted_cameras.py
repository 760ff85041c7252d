"""The adapter against servers that misbehave: what each looks like to the technician, and that nothing outlasts its deadline."""

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from provisioner.case.model import Identity
from provisioner.case.posture_items import Item, State
from provisioner.fault import Fault, FaultKind
from tests.camera.helpers import SERIAL, camera_at, checked, now, place, settings
from tests.camera.scripted import (
    PASSWORD,
    Request,
    Scripted,
    device_answer,
    fault,
    http,
    open_camera,
    replying,
    requests_of,
    services_answer,
    soap,
    time_answer,
    transcript,
)

PAGE = b"<!DOCTYPE html><html><head><title>Router</title></head><body>Log in</body></html>"


def identity_at(server: Scripted, deadline_s: float = 10.0, password: str | None = PASSWORD, **how: float) -> Identity | Fault:
    return camera_at(place(server.port, password), settings(**how)).read_identity(SERIAL, deadline_s)  # type: ignore[arg-type]


def refused(answer: object) -> Fault:
    assert isinstance(answer, Fault), answer
    assert answer.hint.sv and answer.hint.en and "127.0.0.1" not in answer.evidence and PASSWORD not in repr(answer)
    return answer


def known(answer: object) -> Identity:
    assert isinstance(answer, Identity), answer
    return answer


# -- nobody, nothing, something else -----------------------------------------------------------------------------------------


def test_dead_host_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = refused(camera_at(place(port)).read_identity(SERIAL, 5.0))
    assert found.kind is FaultKind.UNREACHABLE and "power" in found.hint.en


def test_unknown_place_says_whom_to_ask() -> None:
    found = refused(camera_at(None).read_identity(SERIAL, 5.0))
    assert found.kind is FaultKind.UNREACHABLE and "depot" in found.hint.en


def test_unknown_host_name() -> None:
    found = camera_at(place(80, host="no-such-camera.invalid")).read_identity(SERIAL, 5.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.UNREACHABLE and "no-such-camera" not in found.evidence


@pytest.mark.parametrize("answer", [http(404, PAGE, kind="text/html"), http(200, PAGE, kind="text/html"), http(404), http(405, b"no")])
def test_web_server_that_is_no_camera(answer: bytes) -> None:
    with Scripted(replying(lambda _: answer)) as server:
        found = refused(identity_at(server))
    assert found.kind is FaultKind.UNSUPPORTED
    assert all(port in found.hint.sv for port in ("80", "8000", "8080", "2020", "8899"))


@pytest.mark.parametrize("noise", [b"\x00" * 400, b"SSH-2.0-OpenSSH_9.2\r\n", bytes(range(256)), b"RTSP/1.0 400 Bad Request\r\n\r\n"])
def test_port_that_speaks_something_else(noise: bytes) -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        sock.recv(4096)
        sock.sendall(noise)

    with Scripted(handle) as server:
        found = refused(identity_at(server))
    assert found.kind in (FaultKind.GARBLED, FaultKind.UNREACHABLE)


def test_port_that_echoes_the_request() -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        while data := sock.recv(4096):
            sock.sendall(data)

    with Scripted(handle) as server:
        assert refused(identity_at(server, silence_s=0.5)).kind in (FaultKind.GARBLED, FaultKind.TIMED_OUT)


# -- time and size -----------------------------------------------------------------------------------------------------------


def test_bounded_silent_host_costs_its_deadline_and_no_more() -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        while sock.recv(4096):
            pass

    with Scripted(handle) as server:
        begun = time.monotonic()
        found = refused(identity_at(server, deadline_s=1.0))
    assert found.kind is FaultKind.TIMED_OUT and time.monotonic() - begun < 1.5


@pytest.mark.parametrize("where", ["head", "body"])
def test_bounded_dripping_host_is_bounded_by_the_wall_clock(where: str) -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        sock.recv(4096)
        if where == "body":
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: 5000\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\n" * 300:
            sock.sendall(bytes([byte]))
            time.sleep(0.05)

    with Scripted(handle) as server:
        begun = time.monotonic()
        found = refused(identity_at(server, deadline_s=10.0, operation_s=1.0))
    assert found.kind is FaultKind.TIMED_OUT and "slow" in found.hint.en and time.monotonic() - begun < 2.0


@pytest.mark.parametrize("head", [b"Content-Length: 999999999\r\n", b"Transfer-Encoding: chunked\r\n", b""])
def test_huge_reply_is_cut_off(head: bytes) -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        sock.recv(4096)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n" + head + b"\r\n")
        block = b"<a>" * 20000
        while True:
            sock.sendall(b"%x\r\n%s\r\n" % (len(block), block) if b"chunked" in head else block)

    with Scripted(handle) as server:
        found = refused(identity_at(server, reply_most_bytes=300_000))
    assert found.kind is FaultKind.GARBLED and "300000 bytes" in found.evidence


def test_endless_headers_are_cut_off() -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        sock.recv(4096)
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            sock.sendall(b"X-Header: " + b"x" * 1000 + b"\r\n")

    with Scripted(handle) as server:
        assert refused(identity_at(server)).kind is FaultKind.GARBLED


# -- broken XML ----------------------------------------------------------------------------------------------------------------


BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + soap("<x>&b;</x>")[38:]


@pytest.mark.parametrize("body", [
    BOMB,
    soap("<tds:GetDeviceInformationResponse>"),
    soap(""),
    soap("<tds:GetProfilesResponse/>"),
    soap("<tds:GetDeviceInformationResponse>" + "<a>" * 3000),
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>',
    b"<Envelope>",
    b"\xff\xfe<Envelope >\x00\x01",
])
def test_broken_xml_is_a_fault_or_an_empty_answer(body: bytes) -> None:
    def respond(request: Request) -> bytes:
        return http(200, body) if request.operation == "GetDeviceInformation" else open_camera(request)

    with Scripted(replying(respond)) as server:
        found = identity_at(server)
    if isinstance(found, Identity):
        assert found.serial is None  # what is missing is missing; nothing is made up
    else:
        assert refused(found).kind in (FaultKind.GARBLED, FaultKind.UNSUPPORTED)


def test_external_entity_is_not_read() -> None:
    leak = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + soap(
        "<tds:GetDeviceInformationResponse><tds:SerialNumber>&a;</tds:SerialNumber></tds:GetDeviceInformationResponse>")[38:]
    with Scripted(replying(lambda request: http(200, leak) if request.operation == "GetDeviceInformation" else open_camera(request))) as server:
        found = refused(identity_at(server))
    assert "root:x" not in repr(found) and "document type" in found.evidence


# -- the manner of real cameras ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vendor", "reported", "serial"), [
    ("axis", "B8A44F0A1B2C", "B8A44F0A1B2C"), ("bosch", "0445188 00000 20022", "04451880000020022"),
])
def test_h3_identity_in_the_manner_of_real_cameras(vendor: str, reported: str, serial: str) -> None:
    answers = {"GetSystemDateAndTime": "date_and_time", "GetDeviceInformation": "device_information"}
    with Scripted(replying(lambda request: http(200, transcript(f"{vendor}_{answers[request.operation]}.xml")))) as server:
        found = known(identity_at(server))
    assert (found.serial_reported, found.serial) == (reported, serial)
    assert found.clock_offset_s is not None and found.clock_offset_s < -3600


@pytest.mark.parametrize("serial", ["", "   ", "12", "SN/../../etc", "x" * 60, "1<![CDATA[2]]>"])
def test_h3_unusable_serial_is_none_and_never_guessed(serial: str) -> None:
    with Scripted(replying(lambda request: device_answer(serial) if request.operation == "GetDeviceInformation" else open_camera(request))) as server:
        assert known(identity_at(server)).serial is None


def test_keep_alive_closed_under_us_is_tried_once_more() -> None:
    def handle(sock: socket.socket, server: Scripted) -> None:
        for request in requests_of(sock, server):
            sock.sendall(open_camera(request))
            return

    with Scripted(handle) as server:
        assert known(identity_at(server)).serial == SERIAL
        assert server.connections == 3, "one for the time, one for the name, one for all that no scripted camera has"


def test_service_at_another_path_is_found() -> None:
    def respond(request: Request) -> bytes:
        return open_camera(request) if request.target == "/onvif/services" else http(404, PAGE, kind="text/html")

    with Scripted(replying(respond)) as server:
        assert known(identity_at(server)).serial == SERIAL


@pytest.mark.parametrize("told", ["http://192.0.2.10:8106:8106/onvif/Media", "http://:80/onvif/Media", "http://10.0.0.1/onvif/Media", "/onvif/Media",
                                  ""])
def test_lying_xaddr_keeps_the_host_that_answered(told: str) -> None:
    def respond(request: Request) -> bytes:
        if request.operation == "GetServices":
            return services_answer(told)
        if request.operation == "GetProfiles" and request.target != "/onvif/Media":
            return http(404, PAGE, kind="text/html")
        return open_camera(request)

    with Scripted(replying(respond)) as server:
        report = checked(camera_at(place(server.port)), place(server.port), 5.0)
    assert report.posture is not None and report.findings["addresses"] == "rewritten"
    assert next(one for one in report.posture.findings if one.item is Item.AUDIO_IN_PROFILES).state is State.OK, "the profiles were read"


# -- clock -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skew", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=365), timedelta(days=-365), timedelta(0)])
def test_h10_clock_skew_is_measured_and_signed_with(skew: timedelta) -> None:
    def respond(request: Request) -> bytes:
        if request.operation == "GetSystemDateAndTime":
            return time_answer(datetime.now(UTC) + skew)
        if not request.has_token:
            return fault("ter:NotAuthorized")
        created = request.created
        assert created is not None
        return device_answer() if abs(created - (datetime.now(UTC) + skew)) < timedelta(seconds=5) else fault("ter:NotAuthorized")

    with Scripted(replying(respond)) as server:
        found = known(identity_at(server))
        tokens = [request for request in server.seen if request.has_token]
    assert found.clock_offset_s is not None and abs(found.clock_offset_s - skew.total_seconds()) < 2
    assert len(tokens) == 1 and b"Z</" in tokens[0].body and b"+00:00" not in tokens[0].body
    assert abs(found.read_at - now()) < timedelta(seconds=5)  # D17: server time, whatever the camera thinks


def test_h10_local_time_told_as_utc_is_survived_with_two_attempts() -> None:
    def respond(request: Request) -> bytes:
        if request.operation == "GetSystemDateAndTime":
            return time_answer(datetime.now(UTC) + timedelta(hours=2))
        created = request.created
        return device_answer() if created is not None and abs(created - datetime.now(UTC)) < timedelta(seconds=60) else fault("ter:NotAuthorized")

    with Scripted(replying(respond)) as server:
        assert known(identity_at(server)).serial == SERIAL
        assert sum(request.has_token for request in server.seen) == 2


@pytest.mark.parametrize("body", [
    "<tt:UTCDateTime><tt:Time><tt:Hour>24</tt:Hour><tt:Minute>61</tt:Minute><tt:Second>16</tt:Second></tt:Time><tt:Date><tt:Year>0</tt:Year>"
    "<tt:Month>0</tt:Month><tt:Day>0</tt:Day></tt:Date></tt:UTCDateTime>",
    "<tt:UTCDateTime><tt:Time><tt:Hour>ten</tt:Hour></tt:Time></tt:UTCDateTime>", "",
])
def test_h10_impossible_time_is_unknown_and_not_fatal(body: str) -> None:
    def respond(request: Request) -> bytes:
        if request.operation == "GetSystemDateAndTime":
            return http(200, soap(f"<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>{body}</tds:SystemDateAndTime>"
                                  "</tds:GetSystemDateAndTimeResponse>"))
        return open_camera(request)

    with Scripted(replying(respond)) as server:
        found = known(identity_at(server))
    assert found.serial == SERIAL and found.clock_offset_s is None


def test_h10_time_that_needs_a_login_is_read_after_it() -> None:
    def respond(request: Request) -> bytes:
        return open_camera(request) if request.has_token else fault("ter:NotAuthorized")

    with Scripted(replying(respond)) as server:
        found = known(identity_at(server))
    assert found.clock_offset_s is not None and abs(found.clock_offset_s) < 2
