"""The ONVIF face, asked by zeep with the WSDLs of onvif-zeep: a client that shares no line with it."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import requests
import zeep
import zeep.exceptions
from requests.auth import HTTPDigestAuth
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from simulators.camera import CameraState, Level, SimulatedCamera, User
from simulators.camera.zone import posix_timezone

WSDL = Path(sysconfig.get_paths()["purelib"]) / "wsdl"
NAMES = {"device": ("devicemgmt.wsdl", "http://www.onvif.org/ver10/device/wsdl", "DeviceBinding"),
         "media": ("media.wsdl", "http://www.onvif.org/ver10/media/wsdl", "MediaBinding"),
         "imaging": ("imaging.wsdl", "http://www.onvif.org/ver20/imaging/wsdl", "ImagingBinding")}
PASSWORD = "simulated-1"
ENV = "{http://www.w3.org/2003/05/soap-envelope}"


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    if not WSDL.is_dir():
        pytest.skip(f"onvif-zeep's WSDLs are not in {WSDL}")
    return {name: zeep.wsdl.Document(str(WSDL / file), Transport(timeout=5)) for name, (file, _, _) in NAMES.items()}


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraState(serial="ACC8E0123456", audio=True)) as running:
        yield running


class Client:
    """zeep on one camera; `login` is 'token', 'digest' or '' for none."""

    def __init__(self, documents: dict[str, Any], camera: SimulatedCamera, login: str = "token", user: str = "admin", password: str = PASSWORD,
                 ahead: timedelta = timedelta(0)) -> None:
        session = requests.Session()
        if login == "digest":
            session.auth = HTTPDigestAuth(user, password)
        token = UsernameToken(user, password, use_digest=True, created=datetime.now(UTC) + ahead, zulu_timestamp=True) if login == "token" else None
        self.session = session
        for name, (_, namespace, binding) in NAMES.items():
            client = zeep.Client(documents[name], wsse=token, transport=Transport(session=session, timeout=5, operation_timeout=5))
            setattr(self, name, client.create_service(f"{{{namespace}}}{binding}", f"http://127.0.0.1:{camera.http_port}/onvif/{name}_service"))

    device: Any
    media: Any
    imaging: Any


def soap(camera: SimulatedCamera, action: str, inside: str = "", namespace: str = NAMES["device"][1], header: str = "",
         host: str | None = None) -> httpx.Response:
    body = (f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>{header}</s:Header>'
            f'<s:Body><{action} xmlns="{namespace}">{inside}</{action}></s:Body></s:Envelope>')
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"} | ({"Host": host} if host else {})
    return httpx.post(camera.onvif_url, content=body, headers=headers, timeout=5)


def fault_of(answer: httpx.Response) -> list[str]:
    """Code and subcodes, from the outer to the inner one."""
    fault = ElementTree.fromstring(answer.content).find(f"{ENV}Body/{ENV}Fault/{ENV}Code")
    assert fault is not None
    return [value.text or "" for value in fault.iter(f"{ENV}Value")]


def security(password: str = PASSWORD, created: str | None = None, nonce: bytes | None = None) -> str:
    """A WS-Security header made by hand."""
    nonce = secrets.token_bytes(16) if nonce is None else nonce
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if created is None else created
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    base = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
    return (f'<w:Security xmlns:w="{base}wssecurity-secext-1.0.xsd" xmlns:u="{base}wssecurity-utility-1.0.xsd"><w:UsernameToken>'
            f'<w:Username>admin</w:Username><w:Password Type="{base}username-token-profile-1.0#PasswordDigest">{digest}</w:Password>'
            f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken></w:Security>")


@pytest.mark.parametrize("login", ["token", "digest"])
def test_identity_is_read_with_either_login(documents: dict[str, Any], camera: SimulatedCamera, login: str) -> None:
    device = Client(documents, camera, login).device
    read = device.GetDeviceInformation()
    assert (read.SerialNumber, read.Manufacturer, read.Model, read.FirmwareVersion) == ("ACC8E0123456", "Simulated", "SC-1080", "1.4.2")
    assert device.GetNetworkInterfaces()[0].Info.HwAddress == camera.state.mac_addresses[0]
    assert device.GetEndpointReference()["GUID"] == f"urn:uuid:{camera.state.endpoint_uuid}"
    assert camera.seen.failed_logins == 0
    assert camera.seen.requests["GetDeviceInformation"] == (1 if login == "token" else 2)     # digest asks once without, gets 401


def test_sha_256_digest(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    camera.state.login.algorithms = ("SHA-256",)
    assert Client(documents, camera, "digest").device.GetDeviceInformation().SerialNumber == "ACC8E0123456"


def test_every_algorithm_has_its_own_challenge(camera: SimulatedCamera) -> None:
    camera.state.login.algorithms = ("SHA-256", "MD5")
    answer = soap(camera, "GetDeviceInformation")
    challenges = answer.headers.get_list("www-authenticate")
    assert [("SHA-256" in line, "MD5" in line) for line in challenges] == [(True, False), (False, True)]
    assert all('qop="auth"' in line and "nonce=" in line for line in challenges)


def test_all_of_the_device_service(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    device = Client(documents, camera).device
    offered = [service.Namespace for service in device.GetServices(IncludeCapability=True)]
    assert {namespace for _, namespace, _ in NAMES.values()} | {"http://www.onvif.org/ver20/media/wsdl"} <= set(offered)
    assert device.GetCapabilities(Category=["All"]).Media.XAddr.endswith("/onvif/media_service")
    assert device.GetServiceCapabilities().Security.HttpDigest is True
    assert any("onvif://www.onvif.org/hardware/SC-1080" in scope.ScopeItem for scope in device.GetScopes())
    assert device.GetHostname().Name == "camera"
    protocols = {protocol.Name: protocol.Port for protocol in device.GetNetworkProtocols()}
    assert protocols == {"HTTP": [camera.http_port], "RTSP": [camera.rtsp_port]}
    assert [(user.Username, user.UserLevel) for user in device.GetUsers()] == [("admin", "Administrator")]
    assert device.GetNTP().NTPManual[0].IPv4Address == "192.0.2.123"
    assert device.GetDiscoveryMode() == "Discoverable"


def test_all_of_media_and_imaging(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    client = Client(documents, camera)
    main, sub = client.media.GetProfiles()
    encoder = main.VideoEncoderConfiguration
    assert (encoder.Encoding, encoder.Resolution.Width, encoder.Resolution.Height, encoder.H264.GovLength) == ("H264", 1920, 1080, 25)
    assert sub.VideoEncoderConfiguration.Resolution.Width == 640
    assert main.AudioEncoderConfiguration.Encoding == "G711"
    assert client.media.GetProfile(main.token).Name == "main"
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    assert client.media.GetStreamUri(setup, main.token).Uri == camera.rtsp_url()
    assert client.media.GetSnapshotUri(sub.token).Uri == camera.snapshot_url(sub.token)
    client.media.SetSynchronizationPoint(main.token)
    assert client.media.GetVideoEncoderConfiguration(encoder.token).Resolution.Height == 1080
    assert len(client.media.GetVideoEncoderConfigurations()) == 2
    assert len(client.media.GetAudioEncoderConfigurations()) == 1
    assert client.media.GetServiceCapabilities().SnapshotUri is True
    source = client.media.GetVideoSources()[0].token
    assert client.imaging.GetImagingSettings(source).IrCutFilter == "AUTO"
    assert client.imaging.GetOptions(source).Brightness.Max == 100


def test_addresses_are_those_that_the_client_used(camera: SimulatedCamera) -> None:
    """A camera behind a NAT or under a name: its answers must be usable from where the client stands."""
    answer = soap(camera, "GetServices", "<IncludeCapability>false</IncludeCapability>", host="camera.example:8106")
    assert "http://camera.example:8106/onvif/media_service" in answer.text


@pytest.mark.parametrize("action", ["GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities", "GetEndpointReference"])
def test_asked_without_login(camera: SimulatedCamera, action: str) -> None:
    assert soap(camera, action).status_code == 200


def test_without_login_the_status_depends_on_what_is_offered(camera: SimulatedCamera) -> None:
    """Core specification, 'Authentication over HTTP and HTTPS'."""
    answer = soap(camera, "GetDeviceInformation")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Digest ")
    camera.state.login.http_digest = False
    answer = soap(camera, "GetDeviceInformation")
    assert (answer.status_code, fault_of(answer)) == (400, ["env:Sender", "ter:NotAuthorized"])
    assert camera.seen.failed_logins == 0      # nothing was tried


@pytest.mark.parametrize("login", ["token", "digest"])
def test_wrong_password_is_counted(documents: dict[str, Any], camera: SimulatedCamera, login: str) -> None:
    with pytest.raises((zeep.exceptions.Fault, zeep.exceptions.TransportError)):
        Client(documents, camera, login, password="wrong").device.GetDeviceInformation()
    assert camera.seen.failed_logins == 1


def test_token_is_judged_by_the_cameras_own_clock(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    camera.levers.set_clock_offset(-3600.0)
    with pytest.raises(zeep.exceptions.Fault) as refused:
        Client(documents, camera).device.GetDeviceInformation()
    assert [name.localname for name in refused.value.subcodes] == ["NotAuthorized"]
    now = Client(documents, camera, "").device.GetSystemDateAndTime().UTCDateTime
    told = datetime(now.Date.Year, now.Date.Month, now.Date.Day, now.Time.Hour, now.Time.Minute, now.Time.Second, tzinfo=UTC)
    ahead = told - datetime.now(UTC)
    assert abs(ahead + timedelta(hours=1)) < timedelta(seconds=3)
    assert Client(documents, camera, ahead=ahead).device.GetDeviceInformation().SerialNumber == "ACC8E0123456"


def test_a_token_is_good_once(camera: SimulatedCamera) -> None:
    header = security()
    assert soap(camera, "GetDeviceInformation", header=header).status_code == 200
    answer = soap(camera, "GetDeviceInformation", header=header)
    assert (answer.status_code, fault_of(answer)) == (400, ["env:Sender", "ter:NotAuthorized"])


def test_a_digest_count_is_good_once(camera: SimulatedCamera) -> None:
    """A replayed Authorization header gets a fresh nonce, marked stale, and is no failed login."""
    session = requests.Session()
    session.auth = HTTPDigestAuth("admin", PASSWORD)
    first = session.get(camera.snapshot_url("profile_sub"), timeout=5)
    assert first.status_code == 200
    again = httpx.get(camera.snapshot_url("profile_sub"), headers={"Authorization": str(first.request.headers["Authorization"])})
    assert again.status_code == 401
    assert "stale=true" in again.headers["www-authenticate"]
    assert camera.seen.failed_logins == 0


def test_a_user_may_not_read_users(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    camera.state.users["viewer"] = User("viewer-1", Level.USER)
    device = Client(documents, camera, user="viewer", password="viewer-1").device
    assert device.GetDeviceInformation().SerialNumber == "ACC8E0123456"
    with pytest.raises(zeep.exceptions.Fault) as refused:
        device.GetUsers()
    assert refused.value.subcodes[0].localname == "NotAuthorized"


def test_lock_out_also_keeps_the_right_password_out(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    camera.levers.lock_out_after(2, for_s=60)
    for _ in range(2):
        assert soap(camera, "GetDeviceInformation", header=security("wrong")).status_code == 400
    answer = soap(camera, "GetDeviceInformation", header=security())
    assert (answer.status_code, fault_of(answer)[1]) == (400, "ter:NotAuthorized")
    assert "locked for" in answer.text
    camera.levers.forget_lock_out()
    assert soap(camera, "GetDeviceInformation", header=security()).status_code == 200


@pytest.mark.parametrize(("action", "namespace", "inside", "status", "codes"), [
    ("GetSystemLog", "device", "<LogType>System</LogType>", 500, ["env:Receiver", "ter:ActionNotSupported"]),
    ("GetProfile", "media", "<ProfileToken>none</ProfileToken>", 400, ["env:Sender", "ter:InvalidArgVal", "ter:NoProfile"]),
    ("GetProfile", "media", "", 400, ["env:Sender", "ter:InvalidArgs"]),
    ("GetImagingSettings", "imaging", "<VideoSourceToken>none</VideoSourceToken>", 400, ["env:Sender", "ter:InvalidArgVal", "ter:NoSource"]),
    ("GetStreamUri", "media", "<ProfileToken>profile_main</ProfileToken>", 400, ["env:Sender", "ter:InvalidArgVal", "ter:InvalidStreamSetup"]),
])
def test_faults(camera: SimulatedCamera, action: str, namespace: str, inside: str, status: int, codes: list[str]) -> None:
    answer = soap(camera, action, inside, NAMES[namespace][1], security())
    assert (answer.status_code, fault_of(answer)) == (status, codes)
    assert answer.headers["content-type"].startswith("application/soap+xml")


@pytest.mark.parametrize(("body", "status", "codes"), [
    (b"<not closed", 400, ["env:Sender", "ter:WellFormed"]),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400, ["env:Sender", "ter:WellFormed"]),
    (b'<?xml version="1.0" encoding="no-such"?><a/>', 400, ["env:Sender", "ter:WellFormed"]),
    (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>', 500, ["env:VersionMismatch"]),
    (b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>', 400, ["env:Sender", "ter:Tag"]),
])
def test_what_is_not_soap(camera: SimulatedCamera, body: bytes, status: int, codes: list[str]) -> None:
    answer = httpx.post(camera.onvif_url, content=body, headers={"Content-Type": "application/soap+xml"})
    assert (answer.status_code, fault_of(answer)) == (status, codes)


def test_what_is_not_even_http_for_soap(camera: SimulatedCamera) -> None:
    """Core specification, table 'HTTP errors'."""
    assert httpx.put(camera.onvif_url).status_code == 405
    assert httpx.post(camera.onvif_url, content=b"{}", headers={"Content-Type": "application/json"}).status_code == 415
    assert httpx.post(camera.onvif_url, content=b"x" * 300_000, headers={"Content-Type": "text/xml"}).status_code == 413
    assert httpx.get(f"http://127.0.0.1:{camera.http_port}/").status_code == 404


@pytest.mark.parametrize(("zone", "text"), [
    ("Europe/Stockholm", "CET-1CEST,M3.5.0,M10.5.0/3"), ("Europe/Helsinki", "EET-2EEST,M3.5.0/3,M10.5.0/4"),
    ("Europe/London", "GMT0BST,M3.5.0/1,M10.5.0"), ("UTC", "UTC0"), ("Asia/Tokyo", "JST-9"),
])
def test_time_zone_as_posix_writes_it(zone: str, text: str) -> None:
    """London's summer time ends at 02:00 local, which POSIX leaves out."""
    assert posix_timezone(zone, 2026) == text


def test_local_time_follows_summer_time(documents: dict[str, Any], camera: SimulatedCamera) -> None:
    device = Client(documents, camera, "").device
    for day, summer, hours in ((datetime(2026, 7, 1, 10, tzinfo=UTC), True, 2), (datetime(2026, 12, 1, 10, tzinfo=UTC), False, 1)):
        camera.state.clock_offset = day - datetime.now(UTC)
        told = device.GetSystemDateAndTime()
        assert (told.DaylightSavings, told.UTCDateTime.Time.Hour, told.LocalDateTime.Time.Hour) == (summer, 10, 10 + hours)
    camera.levers.local_time_as_utc()
    assert device.GetSystemDateAndTime().UTCDateTime.Time.Hour == 11
