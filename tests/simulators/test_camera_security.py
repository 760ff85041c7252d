"""Logins, lock-outs and TLS of the simulated camera."""

from __future__ import annotations

import base64
import hashlib
import secrets
import ssl
from datetime import UTC, datetime

import httpx
import pytest
from camera_client import PASSWORD, Asker, Refused
from cryptography import x509
from cryptography.x509.oid import NameOID

from simulators.camera import CameraState, Login, SimulatedCamera, Tls, User
from simulators.camera.tls import maker_pem

BASE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"


def token(password: str = PASSWORD, kind: str = "Digest", zone: str = "Z") -> str:
    nonce, created = secrets.token_bytes(16), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S") + zone
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    return (f'<w:Security xmlns:w="{BASE}wssecurity-secext-1.0.xsd" xmlns:u="{BASE}wssecurity-utility-1.0.xsd"><w:UsernameToken>'
            f'<w:Username>admin</w:Username><w:Password Type="{BASE}username-token-profile-1.0#Password{kind}">{digest if kind == "Digest" else password}'
            f"</w:Password><w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken></w:Security>")


def asks(camera: SimulatedCamera, header: str = "", auth: str | None = None, password: str = PASSWORD) -> str:
    """OK, or the reason of the refusal."""
    try:
        Asker(camera, password=password, auth=auth)("device", "GetDeviceInformation", header=header)
    except Refused as refused:
        return refused.reason or str(refused.status)
    return "OK"


def login(**how: object) -> SimulatedCamera:
    return SimulatedCamera(CameraState(login=Login(**how)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("how", "digest", "text", "plus", "http"), [
    ({}, True, False, True, True),
    ({"token_digest": False, "password_text": True}, False, True, False, True),
    ({"token_created_z": True}, True, False, False, True),
    ({"username_token": False}, False, False, False, True),
    ({"http_digest": False}, True, False, True, False),
])
def test_which_logins_are_good(how: dict[str, object], digest: bool, text: bool, plus: bool, http: bool) -> None:
    with login(**how) as camera:
        assert (asks(camera, token()) == "OK", asks(camera, token(kind="Text")) == "OK", asks(camera, token(zone="+00:00")) == "OK",
                asks(camera, auth="digest") == "OK") == (digest, text, plus, http)


@pytest.mark.parametrize(("offer", "schemes", "basic_is_good"), [
    ("no", ["Digest"], False), ("last", ["Digest", "Basic"], True), ("first", ["Basic", "Digest"], True), ("broken", ["Basic", "Digest"], False)])
def test_basic_beside_digest(offer: str, schemes: list[str], basic_is_good: bool) -> None:
    with login(http_basic=offer) as camera:
        offered = httpx.get(camera.snapshot_url()).headers.get_list("www-authenticate")
        assert [one.split()[0] for one in offered] == schemes
        assert (asks(camera, auth="basic") == "OK") == basic_is_good
        assert asks(camera, auth="digest") == "OK"


def test_remaining_attempts_are_said() -> None:
    with login(lock_after=3, lock_s=1800, says_attempts="attempts") as camera:
        said = [asks(camera, token("wrong")) for _ in range(4)]
        assert [("2 attempt(s)" in said[0]), ("1 attempt(s)" in said[1])] == [True, True]
        assert "locked" in said[2] and "30 minute(s)" in said[3]
        assert "locked" in asks(camera, auth="digest")                 # the right password over HTTP, the same lock
        assert asks(camera, auth="digest") != "OK"


def test_the_lock_ends_by_its_time_and_not_by_the_plug() -> None:
    with login(lock_after=1, lock_s=300, says_attempts="minutes", lock_survives_power=True) as camera:
        asks(camera, token("wrong"))
        assert "5 minutes" in asks(camera, token())
        camera.levers.lose_power(for_s=0)
        while not camera.is_up:
            pass
        assert "5 minutes" in asks(camera, token())
        camera.levers.forget_lock_out()
        assert asks(camera, token()) == "OK"


def test_accounts_for_onvif_stand_apart() -> None:
    users = {"web": User(PASSWORD, onvif=False), "admin": User("onvif-only-1", streams=False)}
    with SimulatedCamera(CameraState(users=users)) as camera:
        assert asks(camera, auth="digest", password="onvif-only-1") == "OK"
        assert httpx.get(camera.snapshot_url(), auth=httpx.DigestAuth("admin", "onvif-only-1")).status_code == 401
        assert httpx.get(camera.snapshot_url(), auth=httpx.DigestAuth("web", PASSWORD)).status_code == 200
        with pytest.raises(Refused):
            Asker(camera, "web")("device", "GetDeviceInformation")


def test_anonymous_access() -> None:
    with login(onvif_needs_login=False, snapshot_needs_login=False) as camera:
        assert asks(camera) == "OK"
        assert httpx.get(camera.snapshot_url("profile_sub")).status_code == 200


def test_a_login_in_the_address() -> None:
    with SimulatedCamera() as camera:
        url = camera.snapshot_url("profile_sub") + f"?user=admin&pwd={PASSWORD}"
        assert httpx.get(url).status_code == 401
        camera.state.snapshots.refuses_query_login = False
        assert httpx.get(url).status_code == 200
        assert httpx.get(url + "x").status_code == 401


# -- TLS ----------------------------------------------------------------------------------------------------------------


def secure(kind: str, **how: object) -> SimulatedCamera:
    return SimulatedCamera(CameraState(serial="ACC8E0123456", tls=Tls(kind, **how)))  # type: ignore[arg-type]


def certificate(camera: SimulatedCamera) -> x509.Certificate:
    return x509.load_pem_x509_certificate(ssl.get_server_certificate((camera.host, camera.https_port), timeout=5).encode())


def test_a_device_identity_is_signed_by_the_maker() -> None:
    with secure("device") as camera:
        found, maker = certificate(camera), x509.load_pem_x509_certificate(maker_pem())
        found.verify_directly_issued_by(maker)
        assert [one.value for one in found.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)] == ["ACC8E0123456"]
        trusting = ssl.create_default_context(cadata=maker_pem().decode())
        trusting.check_hostname = False                               # a device identity names the device, not its address
        ask = Asker(camera, url=camera.onvif_https_url, verify=trusting)
        assert ask.texts("device", "GetDeviceInformation", "SerialNumber") == ["ACC8E0123456"]
        addresses = ask.texts("device", "GetServices", "XAddr", "<IncludeCapability>false</IncludeCapability>")
        assert all(address.startswith(f"https://127.0.0.1:{camera.https_port}/") for address in addresses)
        picture = ask.http.get(ask.texts("media", "GetSnapshotUri", "Uri", "<ProfileToken>profile_sub</ProfileToken>")[0])
        assert picture.content.startswith(b"\xff\xd8")
        told = x509.load_der_x509_certificate(base64.b64decode(ask.texts("device", "GetCertificates", "Data")[0]))
        assert told == found


def test_self_signed_and_others() -> None:
    with secure("self-signed") as camera:
        found = certificate(camera)
        assert found.subject == found.issuer
        with pytest.raises(httpx.ConnectError):
            Asker(camera, url=camera.onvif_https_url)("device", "GetDeviceInformation")
        assert Asker(camera, url=camera.onvif_https_url, verify=False).texts("device", "GetDeviceInformation", "Model") == ["SC-1080"]
        assert "HTTPS" in Asker(camera).texts("device", "GetNetworkProtocols", "Name")
    with secure("expired") as camera:
        assert certificate(camera).not_valid_after_utc < datetime.now(UTC)
    with secure("other-serial") as camera:
        assert certificate(camera).subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value != "ACC8E0123456"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_legacy_tls_needs_an_old_client() -> None:
    with secure("self-signed", legacy=True) as camera:
        with pytest.raises(httpx.ConnectError):
            Asker(camera, url=camera.onvif_https_url, verify=False)("device", "GetDeviceInformation")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        assert Asker(camera, url=camera.onvif_https_url, verify=old).texts("device", "GetDeviceInformation", "Model") == ["SC-1080"]


def test_plain_http_to_the_secure_port_harms_nobody() -> None:
    with secure("self-signed") as camera:
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://{camera.host}:{camera.https_port}/", timeout=5)
        assert Asker(camera, url=camera.onvif_https_url, verify=False).texts("device", "GetDeviceInformation", "Model") == ["SC-1080"]
