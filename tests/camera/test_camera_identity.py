"""Who a simulated camera is, read over real sockets: each piece of evidence, what real cameras do to each, and what the judgement makes of it."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.identity import subject_serial
from provisioner.camera.net import fingerprint
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.case.dossier import judge
from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy, Kind, Verdict
from provisioner.case.model import Identity
from provisioner.fault import Fault, FaultKind
from provisioner.secret import Secret
from simulators.camera import SimulatedCamera, User
from simulators.camera.camera import SERVICES as ACTIONS
from simulators.camera.onvif import Access
from simulators.camera.soap import TDS
from simulators.camera.state import Where
from simulators.camera.tls import maker_pem
from simulators.models import persona
from tests.camera.helpers import OnePlace, now

PASSWORD, MAC = "a-camera-password-1", "AC:CC:8E:01:23:45"
LABEL = "SIM0000001"
DISCOVERY = 13711


@contextmanager
def running(names: str, **born_with: object) -> Iterator[SimulatedCamera]:
    """A simulated camera that shows these quirks."""
    state = persona(names, users={"admin": User(PASSWORD)}, **born_with)
    with SimulatedCamera(state, discovery_port=DISCOVERY) as sim:
        yield sim


def read(sim: SimulatedCamera, *, password: str | None = PASSWORD, ca_file: Path | None = None, tls: bool = False, profile: str = "",
         deadline_s: float = 10.0) -> Identity | Fault:
    """The camera, asked who it is."""
    place = CameraPlace("127.0.0.1", sim.https_port if tls else sim.http_port, "admin", None if password is None else Secret(password), sim.rtsp_port, tls,
                        fingerprint(sim.identity.der) if tls else None, profile)
    camera = OnvifCamera(OnePlace(place), CameraSettings(device_ca_file=ca_file, discovery_port=DISCOVERY), now)
    try:
        return camera.read_identity(LABEL, deadline_s)
    finally:
        camera.close()


def who(sim: SimulatedCamera, **how: object) -> Identity:
    found = read(sim, **how)
    assert isinstance(found, Identity), found
    return found


def values(found: Identity, kind: Kind) -> tuple[str, ...]:
    return Dossier(found.evidence, found.read_at).values(kind)


def verdict(found: Identity, label: str = LABEL, pinned: Dossier | None = None) -> Verdict:
    """What the core makes of it together with the label."""
    seen = Dossier((Evidence(Kind.LABEL_SCANNED, label), *found.evidence), found.read_at)
    return judge(label, pinned, seen, IdentityPolicy(serial_format=found.serial_format)).verdict


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "makers.pem"
    path.write_bytes(maker_pem())
    return path


def test_everything_a_camera_in_good_order_tells_is_evidence(ca_file: Path) -> None:
    with running("plain", mac_addresses=[MAC, "AC:CC:8E:01:23:46"]) as sim:
        found = who(sim, ca_file=ca_file)
        state = sim.state
        assert {item.kind for item in found.evidence} == set(Kind) - {Kind.LABEL_SCANNED, Kind.LABEL_TYPED, Kind.SERIAL_ANONYMOUS, Kind.DEVICE_CERTIFICATE_UNVERIFIED}
        assert values(found, Kind.MAC) == (MAC, "AC:CC:8E:01:23:46") and values(found, Kind.SCOPE_SERIAL) == (LABEL,)
        assert values(found, Kind.TLS_CERTIFICATE) == (fingerprint(sim.identity.der),)
        assert values(found, Kind.ENDPOINT_REFERENCE) == (f"urn:uuid:{state.endpoint_uuid}",)
        assert values(found, Kind.DEVICE_CERTIFICATE) == (LABEL,) and found.unread == () and found.marks == ()
        assert verdict(found) is Verdict.CONFIRMED
        assert sim.seen.failed_logins == 0


def test_evidence_of_a_healthy_camera_costs_little() -> None:
    with running("self-signed") as sim:
        read(sim)
        best = min(_took(sim) for _ in range(5))
        assert best < 0.15, f"{best * 1000:.0f} ms: nine calls, a login and two handshakes on loopback"


def _took(sim: SimulatedCamera) -> float:
    begun = time.perf_counter()
    read(sim)
    return time.perf_counter() - begun


@pytest.mark.parametrize(("names", "label", "expected"), [
    ("shared-serial", LABEL, Verdict.PROBABLE), ("placeholder-serial", LABEL, Verdict.PROBABLE), ("another-serial", LABEL, Verdict.CONFLICTING),
    ("default-serial", LABEL, Verdict.PROBABLE), ("self-signed", LABEL, Verdict.CONFIRMED), ("certificate-of-another", LABEL, Verdict.CONFLICTING),
    ("serial-with-model", "471699220", Verdict.PROBABLE), ("no-mac + self-signed", LABEL, Verdict.CONFIRMED), ("anonymous-onvif", LABEL, Verdict.PROBABLE),
])
def test_what_the_judgement_makes_of_a_persona(names: str, label: str, expected: Verdict) -> None:
    with running(names) as sim:
        assert verdict(who(sim), label) is expected


def test_a_certificate_of_another_camera_that_the_maker_signed_is_final(ca_file: Path) -> None:
    with running("certificate-of-another") as sim:
        found = who(sim, ca_file=ca_file)
        assert values(found, Kind.DEVICE_CERTIFICATE) == ("SIM0000002X",)
        assert verdict(found) is Verdict.IMPOSSIBLE


def test_a_device_certificate_is_believed_only_by_an_authority_that_we_know(ca_file: Path, tmp_path: Path) -> None:
    with running("plain") as sim:
        assert values(who(sim), Kind.DEVICE_CERTIFICATE_UNVERIFIED) == (LABEL,), "no authority configured"
        over_tls = who(sim, tls=True, ca_file=ca_file)
        assert values(over_tls, Kind.DEVICE_CERTIFICATE) == (LABEL,) and values(over_tls, Kind.TLS_CERTIFICATE) == (fingerprint(sim.identity.der),)
    with running("expired-certificate") as sim:
        assert values(who(sim, ca_file=ca_file), Kind.DEVICE_CERTIFICATE) == ()
    other = tmp_path / "other.pem"
    with running("self-signed") as stranger:
        other.write_text(ssl.DER_cert_to_PEM_cert(stranger.identity.der))
        assert subject_serial(stranger.identity.der) == "" == subject_serial(b"no certificate")
    with running("plain") as sim:
        found = who(sim, ca_file=other)
        assert values(found, Kind.DEVICE_CERTIFICATE) == () and values(found, Kind.DEVICE_CERTIFICATE_UNVERIFIED) == (LABEL,)
        assert [one.asked for one in found.unread] == ["TLS by the maker's authority"], "why it is not verified is kept"


def test_a_makers_long_number_is_told_from_the_label_by_the_rule_of_its_profile() -> None:
    with running("serial-with-model") as sim:
        found = who(sim)
        assert found.serial_format == "hikvision" and values(found, Kind.SERIAL_AFTER_LOGIN) == ("DS-2DF7286-A20140705CCWR471699220B",)
        pinned = Dossier((Evidence(Kind.LABEL_SCANNED, "471699220"), *found.evidence), found.read_at)
        assert verdict(found, "471699220", pinned) is Verdict.CONFIRMED
        assert who(sim, profile="generic-t").serial_format == "plain", "what the depot chose goes before what the camera says"


@pytest.mark.parametrize(("names", "macs"), [
    ("no-mac", ()), ("phantom-mac", ("00:12:34:56:78:9a", "02:5e:10:00:00:01")), ("malformed-mac", ("5792c4:5792c5:5792c6:5792c7:5792c8:5792c9",)),
])
def test_hardware_addresses_are_taken_as_told_from_every_interface(names: str, macs: tuple[str, ...]) -> None:
    with running(names) as sim:
        if names == "no-mac":
            sim.state.mac_addresses = []
        found = who(sim)
        assert values(found, Kind.MAC) == macs
        assert verdict(found, pinned=Dossier(found.evidence, found.read_at)) is Verdict.CONFIRMED, "endpoint reference and certificate are known again"


def test_an_empty_endpoint_reference_is_read_and_says_nothing() -> None:
    with running("empty-epr") as sim:
        found = who(sim)
        assert values(found, Kind.ENDPOINT_REFERENCE) == ("",) and verdict(found) is Verdict.CONFIRMED


def test_one_that_tells_its_name_to_anybody_is_asked_again_after_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIONS[TDS], "GetDeviceInformation", (Access.PRE_AUTH, ACTIONS[TDS]["GetDeviceInformation"][1]))
    with running("self-signed") as sim:
        found = who(sim)
        assert values(found, Kind.SERIAL_AFTER_LOGIN) == (LABEL,) and values(found, Kind.SERIAL_ANONYMOUS) == ()
        assert sim.seen.requests["GetDeviceInformation"] == 2 and sim.seen.requests["GetUsers"] == 0, "its interfaces asked for the login"
        assert verdict(found) is Verdict.CONFIRMED
        wrong = who(sim, password="wrong")
        assert values(wrong, Kind.SERIAL_ANONYMOUS) == (LABEL,) and values(wrong, Kind.SERIAL_AFTER_LOGIN) == ()
        assert sim.seen.failed_logins <= 2 and wrong.unread[0].fault.kind is FaultKind.REFUSED
    for name in ("GetNetworkInterfaces", "GetScopes", "GetNetworkProtocols"):
        monkeypatch.setitem(ACTIONS[TDS], name, (Access.PRE_AUTH, ACTIONS[TDS][name][1]))
    with running("self-signed") as sim:
        assert values(who(sim), Kind.SERIAL_AFTER_LOGIN) == (LABEL,) and sim.seen.requests["GetUsers"] == 2, "asked, challenged, asked again"


def test_a_camera_that_tells_anybody_another_number_than_after_the_login_is_at_odds_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(["SIM0000009X"])

    def tells(context: Any) -> str:
        context.state.claims_serial = next(told, None)
        return answer(context)

    answer = ACTIONS[TDS]["GetDeviceInformation"][1]
    monkeypatch.setitem(ACTIONS[TDS], "GetDeviceInformation", (Access.PRE_AUTH, tells))
    with running("self-signed") as sim:
        found = who(sim)
        assert values(found, Kind.SERIAL_AFTER_LOGIN) == (LABEL,) and values(found, Kind.SERIAL_ANONYMOUS) == ("SIM0000009X",)
        assert found.serial == LABEL and verdict(found) is Verdict.CONFLICTING


def test_a_camera_that_never_asks_for_a_login_cannot_prove_one() -> None:
    with running("anonymous-onvif") as sim:
        found = who(sim)
        assert values(found, Kind.SERIAL_ANONYMOUS) == (LABEL,) and values(found, Kind.SERIAL_AFTER_LOGIN) == ()
        assert sim.seen.good_logins == 0, "no password went to a camera that did not ask for one"


def test_a_camera_without_a_known_password_is_still_asked_what_it_tells_to_anybody() -> None:
    with running("anonymous-onvif") as sim:
        found = who(sim, password=None)
        assert values(found, Kind.SERIAL_ANONYMOUS) == (LABEL,) and values(found, Kind.MAC)
    with running("plain") as sim:
        refused = read(sim, password=None)
        assert isinstance(refused, Fault) and refused.kind is FaultKind.REFUSED


def test_marks_are_read_and_nothing_else_of_the_scopes_leaves() -> None:
    names = ["onvif://www.onvif.org/name/Astrid%20Andersson", "onvif://www.onvif.org/location/Storgatan%2012", "urn:provisioner:binding:b-of-another-home"]
    with running("plain") as sim:
        sim.state.extra_scopes = names
        found = who(sim)
        assert found.marks == ("b-of-another-home",)
        assert "Astrid" not in repr(found) and "Storgatan" not in repr(found)


def test_a_wrong_password_is_a_fault_and_no_identity() -> None:
    with running("lockout-attempts") as sim:
        refused = read(sim, password="wrong")
        assert isinstance(refused, Fault) and refused.kind is FaultKind.REFUSED and sim.seen.failed_logins <= 2


def test_a_swapped_camera_is_caught_by_its_body_and_one_that_hides_it_is_not_confirmed() -> None:
    """The number is cloned, the label is a copy: what the depot pinned of the body is not there."""
    with running("self-signed", mac_addresses=[MAC]) as first:
        seen = who(first)
        pinned = Dossier((Evidence(Kind.LABEL_SCANNED, LABEL), *seen.evidence), seen.read_at)
        assert verdict(who(first), pinned=pinned) is Verdict.CONFIRMED
    clone = persona("self-signed", users={"admin": User(PASSWORD)}, mac_addresses=["B8:A4:4F:11:22:33"], endpoint_uuid="0d0c3d6e-0000-4000-8000-00000000c10e")
    with SimulatedCamera(clone) as second:
        assert verdict(who(second), pinned=pinned) is Verdict.IMPOSSIBLE
    hidden = persona("no-https + empty-epr", users={"admin": User(PASSWORD)}, mac_addresses=["02:00:00:00:00:01"])
    with SimulatedCamera(hidden) as third:
        assert verdict(who(third), pinned=pinned) in (Verdict.PROBABLE, Verdict.CONFLICTING)


@pytest.mark.parametrize("asked", ["GetNetworkInterfaces", "GetScopes", "GetEndpointReference", "GetNetworkProtocols"])
def test_what_cannot_be_asked_is_missing_with_its_reason_and_nothing_fails(asked: str) -> None:
    with running("self-signed + discoverable") as sim:
        sim.state.lies.unsupported = {asked}
        found = who(sim)
        assert [one.asked for one in found.unread] == [asked] and found.unread[0].fault.kind is FaultKind.UNSUPPORTED
        assert values(found, Kind.SERIAL_AFTER_LOGIN) == (LABEL,)
        assert (found.marks is None) == (asked == "GetScopes")
        assert bool(values(found, Kind.ENDPOINT_REFERENCE)), "discovery tells it where the call is missing"


def test_an_https_port_that_does_not_answer_costs_no_identity() -> None:
    with running("self-signed") as sim:
        sim.state.network.disabled = {"HTTPS"}
        assert values(who(sim), Kind.TLS_CERTIFICATE) == ()
    with running("legacy-tls") as sim:
        found = who(sim)
        assert values(found, Kind.TLS_CERTIFICATE) == () and [one.asked for one in found.unread] == ["TLS"]


def test_a_camera_that_stops_answering_after_its_name_is_still_who_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.camera.identity.BESIDES_S", 0.5)
    with running("self-signed") as sim:
        access, answer = ACTIONS[TDS]["GetNetworkInterfaces"]

        def stalls(context: Any) -> str:
            sim.state.troubles.stall.add(Where.HTTP)
            return answer(context)

        monkeypatch.setitem(ACTIONS[TDS], "GetNetworkInterfaces", (access, stalls))
        begun = time.monotonic()
        found = who(sim)
        assert time.monotonic() - begun < 3.0 and values(found, Kind.SERIAL_AFTER_LOGIN) == (LABEL,)
        assert {one.asked for one in found.unread} >= {"GetScopes", "GetEndpointReference"}
