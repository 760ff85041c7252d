"""TLS with a pin, clocks that lie, Media2, and the budget across operations; the password never in anything that a person can read."""

import base64
import gc
import logging
import ssl
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.attempts import Attempts, Budget, MemoryBook
from provisioner.camera.net import Deadline, fingerprint
from provisioner.camera.onvif import OnvifSession
from provisioner.camera.places import CameraPlace
from provisioner.camera.visit import Visit
from provisioner.case.model import Identity
from provisioner.cli.check import as_json
from provisioner.fault import Fault, FaultKind, PlainError, Text
from provisioner.secret import Secret
from tests.camera.helpers import SERIAL, OnePlace, camera_at, checked, now, place, settings
from tests.camera.scripted import PASSWORD, Handler, Request, Scripted, fault, http, open_camera, replying, services_answer, soap, time_answer
from tests.camera.test_login import BASIC, PRE_AUTH, digest_lines, is_right, with_password

NS2 = "http://www.onvif.org/ver20/media/wsdl"


# -- TLS ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A camera's self-signed certificate: file with its key, and DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
            .not_valid_before(day).not_valid_after(day + timedelta(days=1)).sign(key, hashes.SHA256()))
    file = tmp_path_factory.mktemp("tls") / "camera.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + made.public_bytes(pem))
    return file, made.public_bytes(serialization.Encoding.DER)


def inside_tls(handle: Handler, file: Path, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Handler:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if most < ssl.TLSVersion.TLSv1_2:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = most
    return lambda sock, server: handle(context.wrap_socket(sock, server_side=True), server)


def tls_place(port: int, pin: str | None, profile: str = "") -> CameraPlace:
    return CameraPlace("127.0.0.1", port, "admin", Secret(PASSWORD), tls=True, pin=pin, profile=profile)


def test_the_pinned_camera_is_spoken_to_and_no_other(certificate: tuple[Path, bytes]) -> None:
    file, der = certificate
    with Scripted(inside_tls(replying(open_camera), file)) as server:
        for pin in (fingerprint(der), fingerprint(der).upper(), None):
            assert isinstance(camera_at(tls_place(server.port, pin)).read_identity(SERIAL, 5.0), Identity)
        asked = len(server.seen)
        found = camera_at(tls_place(server.port, "0" * 64)).read_identity(SERIAL, 5.0)
        assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED and "hand this one in" in found.hint.en
        assert len(server.seen) == asked, "a byte went out to a camera with another certificate"
        session = OnvifSession(tls_place(server.port, None), settings(), now)
        session.read_clock(Deadline(5))
        assert session.link.certificate == der
        session.close()


def test_plain_server_behind_a_tls_place_and_silence_within_the_handshake(certificate: tuple[Path, bytes]) -> None:
    # Answers at the first bytes: a TLS hello need not hold the line end that a web server would wait for.
    with Scripted(lambda sock, server: sock.sendall(http(400)) if sock.recv(4096) else None) as server:
        found = camera_at(tls_place(server.port, None)).read_identity(SERIAL, 5.0)
        assert isinstance(found, Fault) and found.kind is FaultKind.GARBLED and "443" in found.hint.sv
    with Scripted(lambda sock, server: (sock.recv(9), time.sleep(3))[0:0] and None) as server:  # type: ignore[func-returns-value]
        begun = time.monotonic()
        found = camera_at(tls_place(server.port, None)).read_identity(SERIAL, 0.7)
        assert isinstance(found, Fault) and found.kind is FaultKind.TIMED_OUT and time.monotonic() - begun < 1.5


def test_old_tls_only_by_a_profile_that_allows_it(certificate: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    file, der = certificate
    with Scripted(inside_tls(replying(open_camera), file, ssl.TLSVersion.TLSv1)) as server:
        found = camera_at(tls_place(server.port, fingerprint(der))).read_identity(SERIAL, 5.0)
        assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED and "outdated" in found.hint.en
        monkeypatch.setattr("provisioner.camera.onvif.profiles", lambda: _Allowing(tls_versions="legacy"))
        known = camera_at(tls_place(server.port, fingerprint(der), "allowing")).read_identity(SERIAL, 5.0)
        assert isinstance(known, Identity), known


def test_a_camera_that_wants_tls_only_says_so() -> None:
    with Scripted(replying(lambda _: http(301, b"", "Location: https://192.0.2.1/onvif/device_service"))) as server:
        found = camera_at(place(server.port)).read_identity(SERIAL, 5.0)
    assert isinstance(found, Fault) and "443" in found.hint.sv and "192.0" not in repr(found)


class _Allowing:
    """Profiles in which the one named `allowing` grants what is given here; what a camera calls itself grants the same, to prove that it does not."""

    def __init__(self, **granted: str) -> None:
        self._granted = granted

    def named(self, name: str) -> "_Allowing":
        self._now = self._granted if name == "allowing" else {}
        return self

    def of(self, *_: str) -> "_Allowing":
        self._now = self._granted
        return self

    def budget(self) -> Budget:
        return Budget()

    def policies(self) -> object:
        from dataclasses import replace

        from provisioner.camera.policies import Policies

        return replace(Policies(), **self._now)  # type: ignore[arg-type]


# -- the password itself ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "allowed"), [("allowing", True), ("", False)])
def test_basic_and_password_text_only_where_the_place_allows(profile: str, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.camera.onvif.profiles", lambda: _Allowing(basic="always", token_password="always"))
    clear = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()

    def basic(request: Request) -> bytes:
        good = request.operation in PRE_AUTH or request.headers.get("authorization") == f"Basic {clear}"
        return open_camera(request) if good else http(401, b"", BASIC)

    def text(request: Request) -> bytes:
        good = request.operation in PRE_AUTH or b"PasswordText" in request.body
        return open_camera(request) if good else fault("ter:NotAuthorized")

    for respond in (basic, text):
        with Scripted(replying(respond)) as server:
            where = CameraPlace("127.0.0.1", server.port, "admin", Secret(PASSWORD), profile=profile)
            found = camera_at(where).read_identity(SERIAL, 5.0)
            assert isinstance(found, Identity) == allowed
            readable = any(clear in str(one.headers) or PASSWORD.encode() in one.body for one in server.seen)
            assert readable == allowed and len(with_password(server.seen)) <= 2


# -- clocks -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("told_h", "checked_h", "sent"), [(0, 0, 1), (-4380, -4380, 1), (1, 0, 2), (-10, 0, 2), (2, 2, 1)])
def test_tokens_are_signed_so_that_the_camera_accepts_them(told_h: int, checked_h: int, sent: int) -> None:
    """`told_h`: by how many hours the told clock is wrong; `checked_h`: by how many the one that tokens are checked against is."""
    def respond(request: Request) -> bytes:
        if request.operation == "GetSystemDateAndTime":
            return time_answer(datetime.now(UTC) + timedelta(hours=told_h))
        if request.operation in PRE_AUTH:
            return open_camera(request)
        right = datetime.now(UTC) + timedelta(hours=checked_h)
        good = request.created is not None and abs((request.created - right).total_seconds()) < 20
        return open_camera(request) if good else fault("ter:NotAuthorized", "Wsse authorized time check failed")

    with Scripted(replying(respond)) as server:
        camera = camera_at(place(server.port))
        assert isinstance(camera.read_identity(SERIAL, 5.0), Identity)
        assert len(with_password(server.seen)) == sent
        camera.close()  # a new visit remembers what was learnt: no refusal any more
        server.seen.clear()
        assert isinstance(camera.read_identity(SERIAL, 5.0), Identity) and len(with_password(server.seen)) == 1


def test_local_time_told_as_utc_is_seen_in_the_date_header_and_costs_nothing() -> None:
    def respond(request: Request) -> bytes:
        real = datetime.now(UTC)
        date = f"Date: {real:%a, %d %b %Y %H:%M:%S} GMT"
        if request.operation == "GetSystemDateAndTime":
            return time_answer(real + timedelta(hours=2)).replace(b"\r\n", f"\r\n{date}\r\n".encode(), 1)
        good = request.created is not None and abs((request.created - real).total_seconds()) < 20
        return open_camera(request) if good or request.operation in PRE_AUTH else fault("ter:NotAuthorized")

    with Scripted(replying(respond)) as server:
        assert isinstance(camera_at(place(server.port)).read_identity(SERIAL, 5.0), Identity)
        assert len(with_password(server.seen)) == 1


def test_a_clock_that_jumps_between_two_operations_is_read_again() -> None:
    ahead = [timedelta(0)]

    def respond(request: Request) -> bytes:
        if request.operation == "GetSystemDateAndTime":
            return time_answer(datetime.now(UTC) + ahead[0])
        good = request.created is not None and abs((request.created - datetime.now(UTC) - ahead[0]).total_seconds()) < 20
        return open_camera(request) if good or request.operation in PRE_AUTH else fault("ter:NotAuthorized")

    with Scripted(replying(respond)) as server:
        camera = camera_at(place(server.port))
        assert isinstance(camera.read_identity(SERIAL, 5.0), Identity)
        ahead[0] = timedelta(days=-180, hours=3)
        assert isinstance(camera.read_identity(SERIAL, 5.0), Identity)
        assert not any(request.operation == "SetSystemDateAndTime" for request in server.seen)


# -- digests ------------------------------------------------------------------------------------------------------------------


def test_the_strongest_digest_wherever_it_stands_and_the_other_where_it_fails() -> None:
    for works, sent in (("SHA-256", 1), ("MD5", 2)):
        def respond(request: Request, works: str = works) -> bytes:
            right = "authorization" in request.headers and f"algorithm={works}" in request.headers["authorization"] and is_right(request)
            return open_camera(request) if right or request.operation in PRE_AUTH else http(401, b"", *digest_lines("n", "MD5", "SHA-256"))

        with Scripted(replying(respond)) as server:
            assert isinstance(camera_at(place(server.port)).read_identity(SERIAL, 5.0), Identity)
            assert len(with_password(server.seen)) == sent


# -- the budget ---------------------------------------------------------------------------------------------------------------


def wrong(request: Request) -> bytes:
    return open_camera(request) if request.operation in PRE_AUTH else http(401, b"", *digest_lines("n1", "MD5", "SHA-256"))


def test_two_passwords_and_then_none_whoever_asks() -> None:
    book = MemoryBook()
    with Scripted(replying(wrong)) as server:
        faults = [OnvifCamera(OnePlace(place(server.port)), settings(), now, book).read_identity(SERIAL, 5.0) for _ in range(4)]
        assert len(with_password(server.seen)) == 2
    last = faults[-1]
    assert isinstance(last, Fault) and last.kind is FaultKind.REFUSED and last.wait_s is not None and 1700 < last.wait_s <= 1800
    assert "30" in last.hint.sv and "30" in last.hint.en


def test_a_lock_out_that_a_camera_told_is_remembered_by_the_next_process() -> None:
    book = MemoryBook()
    locked = b"Your account is locked. Please try again in 5 minutes"
    with Scripted(replying(lambda request: open_camera(request) if request.operation in PRE_AUTH else http(401, locked, *digest_lines("n", "MD5")))) as server:
        for _ in range(2):
            found = OnvifCamera(OnePlace(place(server.port)), settings(), now, book).read_identity(SERIAL, 5.0)
            assert isinstance(found, Fault) and found.wait_s is not None and 290 < found.wait_s <= 300
        assert not with_password(server.seen)
    assert book.reserve_login(SERIAL, now(), 2, 2, 1800.0) is not None


def test_a_database_that_is_locked_sends_no_password_and_stops_nobody() -> None:
    class Locked(MemoryBook):
        def reserve_login(self, *_: object) -> float | None:
            raise PlainError("database_locked", Text("låst.", "locked."))

    with Scripted(replying(wrong)) as server:
        found = OnvifCamera(OnePlace(place(server.port)), settings(), now, Locked()).read_identity(SERIAL, 5.0)
        assert isinstance(found, Fault) and found.kind is FaultKind.BUSY and not with_password(server.seen)


def test_a_good_password_leaves_nothing_behind() -> None:
    book = MemoryBook()
    with Scripted(replying(lambda request: open_camera(request) if request.operation in PRE_AUTH or "authorization" in request.headers
                           else http(401, b"", *digest_lines("n", "MD5")))) as server:
        for _ in range(5):
            assert isinstance(OnvifCamera(OnePlace(place(server.port)), settings(), now, book).read_identity(SERIAL, 5.0), Identity)


# -- Media2 -------------------------------------------------------------------------------------------------------------------


def media2_camera(request: Request, with_media1: bool = False) -> bytes:
    """H.265 on Media2; Media1, where there is one, lists nothing."""
    space = re_space(request)
    if request.operation == "GetServices":
        return services_answer("http://192.0.2.1/onvif/m1") if with_media1 else services_answer("http://192.0.2.1/onvif/m2").replace(
            b"ver10/media/wsdl</tds:Namespace", b"ver20/media/wsdl</tds:Namespace")
    if request.operation == "GetProfiles" and space == NS2:
        return http(200, soap(f'<tr2:GetProfilesResponse xmlns:tr2="{NS2}"><tr2:Profiles token="h5" fixed="true"><tr2:Name>n</tr2:Name><tr2:Configurations>'
                              '<tr2:VideoEncoder token="e" GovLength="50"><tt:Encoding>H265</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width>'
                              "<tt:Height>1440</tt:Height></tt:Resolution></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles></tr2:GetProfilesResponse>"))
    if request.operation == "GetStreamUri" and space == NS2:
        return http(200, soap(f'<tr2:GetStreamUriResponse xmlns:tr2="{NS2}"><tr2:Uri>rtsp://192.0.2.1/h5</tr2:Uri></tr2:GetStreamUriResponse>'))
    if space == NS2 or request.operation in ("GetProfiles", "GetStreamUri"):
        return fault("ter:ActionNotSupported", "no", 500)
    return open_camera(request)


def re_space(request: Request) -> str:
    return NS2 if NS2.encode() in request.body else ""


def test_a_camera_that_has_media2_only() -> None:
    with Scripted(replying(media2_camera)) as server:
        session = OnvifSession(place(server.port), settings(), now)
        deadline, attempts = Deadline(5), Attempts()
        profile, = session.profiles(deadline, attempts)
        assert (profile.encoding, profile.width_px, profile.service) == ("H265", 2560, "Media2")
        assert session.stream_uri(profile, deadline, attempts) == "rtsp://192.0.2.1/h5"
        assert any(one.target == "/onvif/m2" and b"<ns0:Protocol>RTSP<" in one.body for one in server.seen)
        session.close()


def test_media2_that_fails_gives_way_to_media1() -> None:
    def respond(request: Request) -> bytes:
        if request.operation == "GetServices":
            one = services_answer("http://h/onvif/m1").partition(b"\r\n\r\n")[2]
            two = one.replace(b"ver10/media/wsdl</tds", b"ver20/media/wsdl</tds")
            begin, end = two.index(b"<tds:Service>"), two.index(b"</tds:GetServicesResponse>")
            return http(200, one.replace(b"</tds:GetServicesResponse>", two[begin:end] + b"</tds:GetServicesResponse>"))
        return fault("ter:ActionNotSupported", "no", 500) if re_space(request) else open_camera(request)

    with Scripted(replying(respond)) as server:
        session = OnvifSession(place(server.port), settings(), now)
        profile, = session.profiles(Deadline(5), Attempts())
        assert (profile.encoding, profile.service) == ("H264", "Media")
        assert [re_space(one) for one in server.seen if one.operation == "GetProfiles"] == [NS2, ""]
        session.close()


# -- leaks and cost -----------------------------------------------------------------------------------------------------------


def test_no_password_in_logs_faults_or_reprs(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"bad password {PASSWORD} for admin".encode()
    told = []
    for respond in (wrong, lambda request: http(500, echo), lambda request: http(401, echo, BASIC), lambda request: soap(PASSWORD)):
        with Scripted(replying(respond)) as server:
            where = place(server.port)
            camera = camera_at(where)
            told += [repr(camera.read_identity(SERIAL, 5.0)), repr(camera.judge_frame(SERIAL, 5.0)), repr(where), repr(camera), repr(vars(camera))]
            told.append(str(as_json(checked(camera, where, 2.0), "sv")))
    out, err = capfd.readouterr()
    told += [caplog.text, out, err, Path("/proc/self/cmdline").read_text(encoding="utf-8"), Path("/proc/self/environ").read_text(encoding="utf-8", errors="replace")]
    assert not any(PASSWORD in text for text in told)


def test_one_more_camera_costs_less_than_3_ms_and_60_kb() -> None:
    warm_up()
    kept = [Visit(place(80), settings(), now) for _ in range(20)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    begun = time.process_time()
    kept += [Visit(place(80), settings(), now) for _ in range(100)]
    took_s, grown = time.process_time() - begun, tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert took_s / 100 < 0.003 and grown / 100 < 60_000, f"{took_s * 10:.2f} ms, {grown / 100:.0f} bytes"
