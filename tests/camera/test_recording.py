"""Recorded, masked, replayed: what comes back is the same camera with another name, and nothing of the first one is left in between."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, LoginRefused
from provisioner.camera.masks import OWN_ACCOUNT, Masker
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.recording import Exchange, Recorded, record
from provisioner.camera.transcript import masked
from provisioner.camera.visit import Visit
from provisioner.fault import PlainError
from provisioner.secret import Secret
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.camera.parts import Osd
from simulators.camera.replay import PASSWORD, ReplayedCamera, ReplayError, load
from simulators.models import persona
from tests.camera.helpers import now, settings

SERIAL, SECRET, ACCOUNT = "ACCC8EF8431B", "Canary-Pass-77", "svc-canary"
CANARIES = (SERIAL, SECRET, ACCOUNT, "astrid", "lindqvist", "storgatan", "070-123", "4567890", "sovrum", "nurse-berit", "binding-canary", "127.0.0.91",
            "ac:cc:8e:f8:43:1b", "f8431b")


def full_of_canaries(wish: str = "discoverable") -> CameraState:
    state = persona(wish, serial=SERIAL)
    state.users = {ACCOUNT: User(SECRET), "nurse-berit": User("x")}
    state.extra_scopes = ["onvif://www.onvif.org/location/Storgatan%2012/Astrid%20Lindqvist", "onvif://www.onvif.org/name/Sovrum",
                          "urn:provisioner:binding:binding-canary", "onvif://www.onvif.org/hardware/070-1234567890"]
    state.osds = [Osd("osd_astrid", "Plain", "UpperLeft", text="Astrid Lindqvist 070-123 45 67")]
    state.mac_addresses = ["ac:cc:8e:f8:43:1b"]
    for profile in state.profiles:
        profile.name = "Sovrum Storgatan"
    return state


def transcript_of(camera: SimulatedCamera) -> dict[str, Any]:
    place = CameraPlace(camera.host, camera.http_port, ACCOUNT, Secret(SECRET))
    return masked(record(place, settings(), now, 60.0), own_account=ACCOUNT, hide=(SECRET, camera.host))


def seen(host: str, http_port: int, rtsp_port: int, user: str, password: str) -> tuple[Any, ...]:
    """What our client reads, as far as it does not depend on who it is."""
    visit = Visit(CameraPlace(host, http_port, user, Secret(password), rtsp_port), settings(), now)
    deadline, attempts = Deadline(30), Attempts()
    try:
        identity = visit.identity(deadline, attempts)
        profiles = visit.onvif.profiles(deadline, attempts)
        return (len(str(identity.serial)), identity.manufacturer, identity.model, identity.firmware, identity.hardware_id,
                [(one.encoding, one.width_px, one.height_px, one.has_audio, one.service) for one in profiles], len(visit.onvif.scopes(deadline, attempts)),
                visit.onvif.state.way, attempts.refused, visit.description(deadline, attempts).codec, visit.still(deadline, attempts, 0.0).source)
    finally:
        visit.close()


@pytest.fixture(scope="module")
def recorded() -> Iterator[tuple[SimulatedCamera, dict[str, Any]]]:
    with SimulatedCamera(full_of_canaries(), "127.0.0.91") as camera:
        yield camera, transcript_of(camera)


def test_no_canary_is_in_the_transcript(recorded: tuple[SimulatedCamera, dict[str, Any]]) -> None:
    text = json.dumps(recorded[1], ensure_ascii=False).lower()
    assert [word for word in CANARIES if word.lower() in text] == []
    assert len(recorded[1]["exchanges"]) > 20 and "getosdsresponse" in text, "the check has something to look at"


def test_what_tells_how_to_talk_to_the_camera_is_kept(recorded: tuple[SimulatedCamera, dict[str, Any]]) -> None:
    text = json.dumps(recorded[1])
    for kept in ("<tds:Manufacturer>Simulated<", "SC-1080", "H264", "sprop-parameter-sets=", "ter:NotAuthorized", "CET-1CEST", "UpperLeft", "application/soap+xml",
                 "HTTP/1.1 401 Unauthorized", "/onvif/device_service"):
        assert kept in text, kept
    image, = (one["image"] for one in recorded[1]["exchanges"] if "image" in one)
    assert image["width_px"] == 1920 and image["bytes"] > 10_000


def test_one_thing_has_one_mask_in_the_whole_transcript(recorded: tuple[SimulatedCamera, dict[str, Any]]) -> None:
    """The serial number that is the MAC address stays that."""
    text = json.dumps(recorded[1])
    serial = text.split("<tds:SerialNumber>")[1].split("<")[0]
    mac = text.split("onvif.org/MacAddress/")[1].split("<")[0]
    assert serial != SERIAL and len(serial) == 12 and mac.replace("%3A", "").upper() == serial
    assert f"<tt:Username>{OWN_ACCOUNT}<" in text


@pytest.mark.parametrize("wish", ["plain", "token-only", "sha-256-only", "undeclared-prefix + invalid-utf8", "closes-connections + media1-only", "anonymous-onvif",
                                  "odd-service-path + nat-xaddr", "untidy-sdp"])
def test_the_replayed_camera_is_the_recorded_one(wish: str, tmp_path: Path) -> None:
    with SimulatedCamera(full_of_canaries(wish)) as camera:
        first = seen(camera.host, camera.http_port, camera.rtsp_port, ACCOUNT, SECRET)
        text = json.dumps(transcript_of(camera))
    (tmp_path / "transcript.json").write_text(text, encoding="utf-8")
    with ReplayedCamera(load(tmp_path / "transcript.json")) as again:
        assert seen(again.host, again.http_port, again.rtsp_port, OWN_ACCOUNT, PASSWORD) == first
        with pytest.raises(LoginRefused):
            seen(again.host, again.http_port, again.rtsp_port, OWN_ACCOUNT, "wrong")
    assert not any(word.lower() in text.lower() for word in CANARIES)


def test_answers_come_back_byte_for_byte(recorded: tuple[SimulatedCamera, dict[str, Any]]) -> None:
    """The whole answer to the time, which needs no login and holds nothing to mask."""
    import http.client

    one = next(one for one in recorded[1]["exchanges"] if one.get("operation") == "GetSystemDateAndTime")
    body = f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><x:GetSystemDateAndTime xmlns:x="{one["space"]}"/></e:Body></e:Envelope>'
    with ReplayedCamera(recorded[1]["exchanges"]) as again:
        line = http.client.HTTPConnection(again.host, again.http_port, timeout=10)
        line.request("POST", one["path"], body)
        answer = line.getresponse()
        assert answer.read().decode() == one["body"] and answer.status == 200
        line.request("POST", one["path"], body.replace("GetSystemDateAndTime", "SystemReboot"))
        assert b"ActionNotSupported" in line.getresponse().read()
        line.request("GET", "/elsewhere")
        assert line.getresponse().status == 404
        line.close()


@pytest.mark.parametrize("broken", [b"", b"\x00\xffgarbage", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<half",
                                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\n\r\n<a b='c'<<Name>Astrid</x>\xe5\xff",
                                    b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"])
def test_malformed_answers_are_kept_as_far_as_they_are_nobodys(broken: bytes) -> None:
    asked = (b"POST /onvif/device_service HTTP/1.1\r\nHost: x\r\n\r\n<e:Envelope xmlns:e='x'><e:Header/><e:Body><t:GetScopes xmlns:t='y'/></e:Body></e:Envelope>")
    done = masked(Recorded((Exchange("http", bytearray(asked), bytearray(broken)),), 1, 0))
    one, = done["exchanges"]
    assert "Astrid" not in json.dumps(done) and one["operation"] == "GetScopes"
    if b"half" in broken:
        assert one["length"] == 99 - len("<half"), "what the camera told wrongly is told wrongly again"


def test_a_mask_that_did_not_hold_lets_nothing_out() -> None:
    asked = b"GET /picture HTTP/1.1\r\nHost: x\r\n\r\n"
    kept_header = b"HTTP/1.1 200 OK\r\nServer: made for Canary-Pass-77\r\n\r\n"
    with pytest.raises(PlainError, match="mask_failed"):
        masked(Recorded((Exchange("http", bytearray(asked), bytearray(kept_header)),), 1, 0), hide=(SECRET,))


def test_a_camera_over_tls_is_not_recorded_and_no_password_is_spent() -> None:
    with pytest.raises(PlainError, match="record_tls"):
        record(CameraPlace("127.0.0.1", 443, tls=True), settings(), now, 5.0)


def test_a_wrong_password_is_sent_once_and_ends_the_questions() -> None:
    with SimulatedCamera(CameraState()) as camera:
        found = record(CameraPlace(camera.host, camera.http_port, "admin", Secret("wrong")), settings(), now, 30.0)
        assert found.without_answer == 1 and camera.seen.failed_logins <= 2


@pytest.mark.parametrize(("text", "element", "same"), [("123456", "SerialNumber", True), ("00000000", "SerialNumber", True), ("1234567", "", True),
                                                       ("12345678", "", False),
                                                       ("189001019802", "", False), ("HTTP", "Name", True), ("Bedroom", "Name", False), ("PT60S", "", True)])
def test_what_is_kept_and_what_is_not(text: str, element: str, same: bool) -> None:
    assert (Masker().value(text, element) == text) is same


def test_what_is_no_transcript_is_said(tmp_path: Path) -> None:
    for name, text in (("a.json", "{"), ("b.json", "[]"), ("c.json", '{"format": "other"}')):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(ReplayError):
            load(tmp_path / name)


@pytest.mark.parametrize("wish", ["web-page-port", "echo-port"])
def test_what_is_no_onvif_camera_is_recorded_as_far_as_it_speaks(wish: str) -> None:
    with SimulatedCamera(full_of_canaries(wish)) as camera:
        done = transcript_of(camera)
    assert done["questions"] == done["without_answer"] == 1 and done["exchanges"]
    assert not any(word.lower() in json.dumps(done).lower() for word in CANARIES)


def test_silence_is_no_transcript() -> None:
    with SimulatedCamera(persona("never-answers")) as camera, pytest.raises(CameraTrouble):
        record(CameraPlace(camera.host, camera.http_port), settings(operation_s=1.0, silence_s=1.0), now, 5.0)
