"""`provisioner camera pin`: what the depot keeps of a camera, and what it refuses to."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from provisioner.camera.net import fingerprint
from provisioner.case.evidence import Evidence, Kind
from provisioner.config import Secrets, load
from provisioner.secret import Account, Credentials, Secret
from provisioner.store.sql import SqlStore
from provisioner.wiring import open_store
from simulators.camera import SimulatedCamera, User
from simulators.models import persona
from tests.cli.desk import Desk

PASSWORD, LABEL = "a-camera-password-1", "SIM0000001"


@contextmanager
def running(names: str = "self-signed", **born_with: object) -> Iterator[SimulatedCamera]:
    with SimulatedCamera(persona(names, users={"admin": User(PASSWORD)}, **born_with)) as sim:
        yield sim


@contextmanager
def store_of(desk: Desk) -> Iterator[SqlStore]:
    settings = load(desk.config)
    with closing(open_store(settings, Secrets(settings))) as store:
        yield store


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", PASSWORD)


def pin(desk: Desk, sim: SimulatedCamera, *more: str, label: str = LABEL, tls: bool = False):
    port = sim.https_port if tls else sim.http_port
    return desk.run("camera", "pin", label, "--host", "127.0.0.1", "--port", str(port), "--user", "admin", *(("--tls",) if tls else ()), *more, "--json")


def test_first_touch_pins_the_camera_and_its_place(desk: Desk) -> None:
    with running(mac_addresses=["AC:CC:8E:01:23:45"]) as sim:
        said = pin(desk, sim)
        assert said.code == 0 and said.json["first"] and said.json["identity"]["verdict"] == "confirmed", said
        with store_of(desk) as store:
            kept, place, account = store.pinned_of(LABEL), store.get_place(LABEL), store.credentials_of(LABEL)
        assert account == Credentials(Account("admin", Secret(PASSWORD)))
        assert Evidence(Kind.LABEL_SCANNED, LABEL) in kept.evidence and Evidence(Kind.MAC, "AC:CC:8E:01:23:45") in kept.evidence
        assert kept.values(Kind.TLS_CERTIFICATE) == (fingerprint(sim.identity.der),)
        assert (place.host, place.port, place.tls, place.pin) == ("127.0.0.1", sim.http_port, False, None)
        again = pin(desk, sim)
        assert again.code == 0 and not again.json["first"]
        told = desk.run("camera", "pin", LABEL, "--host", "127.0.0.1", "--port", str(sim.http_port), "--user", "admin", language="sv")
        assert told.code == 0 and "stämmer med det som depån läste" in told.out and PASSWORD not in told.out + told.err


def test_d3_the_depot_links_the_cameras_two_numbers(desk: Desk) -> None:
    with running(mac_addresses=["AC:CC:8E:01:23:45"]) as sim:
        wrong = pin(desk, sim, "--asset", LABEL)
        assert wrong.code == 2 and wrong.json["error"] == "not_an_asset_number"
        assert pin(desk, sim, "--asset", "lkp-004711").code == 0
        assert desk.run("register", "camera", "show", "LKP-004711", "--json").json["cameras"] == [{"serial": LABEL, "asset_number": "LKP-004711"}]
        assert desk.run("register", "camera", "put", "ACCC8E000002", "--asset", "LKP-004712").code == 0
        taken = pin(desk, sim, "--asset", "LKP-004712")
        assert taken.code == 3 and taken.json["error"] == "asset_number_taken"
    with store_of(desk) as store:
        assert store.cameras(LABEL) == [(LABEL, "LKP-004711")]


def test_the_certificate_is_pinned_for_good_where_the_camera_is_spoken_to_over_tls(desk: Desk) -> None:
    with running() as sim:
        assert pin(desk, sim, tls=True).code == 0
        with store_of(desk) as store:
            assert store.get_place(LABEL).pin == fingerprint(sim.identity.der)
    with running() as other:
        refused = pin(desk, other, tls=True)
        assert refused.code == 5 and refused.json["error"].startswith("camera_"), "another certificate: nothing is sent to it"
        assert other.seen.requests["GetDeviceInformation"] == 0


def test_h3_another_camera_under_the_same_number_is_refused_without_a_reason(desk: Desk) -> None:
    with running(mac_addresses=["AC:CC:8E:01:23:45"]) as sim:
        assert pin(desk, sim).code == 0
    with running(mac_addresses=["B8:A4:4F:11:22:33"], endpoint_uuid="0d0c3d6e-0000-4000-8000-00000000c10e") as clone:
        with store_of(desk) as store:
            before = store.pinned_of(LABEL)
        refused = pin(desk, clone)
        assert (refused.code, refused.json["error"]) == (3, "pinned_differs")
        assert pin(desk, clone, "--again", "short").code == 2
        with store_of(desk) as store:
            assert store.pinned_of(LABEL) == before
        assert pin(desk, clone, "--again", "the main board was replaced in repair").code == 0
        with store_of(desk) as store:
            assert store.pinned_of(LABEL).values(Kind.MAC) == ("B8:A4:4F:11:22:33",)


def test_h3_a_camera_at_odds_with_its_label_is_never_pinned(desk: Desk) -> None:
    with running("another-serial") as sim:
        for more in ((), ("--again", "somebody is quite sure of it")):
            refused = pin(desk, sim, *more)
            assert (refused.code, refused.json["error"]) == (3, "identity_differs")
        slip = pin(desk, sim, label="SIM0000002")
        assert slip.code == 3
        with store_of(desk) as store:
            assert store.pinned_of(LABEL) is None and store.get_place(LABEL) is None


def test_one_camera_is_not_pinned_under_two_numbers(desk: Desk) -> None:
    with running("shared-serial", mac_addresses=["AC:CC:8E:01:23:45"]) as sim:
        assert pin(desk, sim).code == 0
        refused = pin(desk, sim, label="SIM0000777")
        assert (refused.code, refused.json["error"]) == (3, "pinned_as_another")


def test_a_camera_that_anybody_may_read_is_not_pinned(desk: Desk) -> None:
    with running("anonymous-onvif") as sim:
        refused = pin(desk, sim)
        assert (refused.code, refused.json["error"]) == (3, "read_without_login")


def test_a_makers_long_number_is_pinned_with_the_label_and_confirms_from_then_on(desk: Desk) -> None:
    with running("serial-with-model") as sim:
        first = pin(desk, sim, label="471699220")
        assert first.code == 0 and first.json["identity"]["verdict"] == "probable", first
        assert pin(desk, sim, label="471699220").json["identity"]["verdict"] == "confirmed"


def test_a_refused_password_and_a_camera_that_is_away_change_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", "not-the-password")
    with running() as sim:
        refused = pin(desk, sim)
        assert refused.code == 5 and refused.json["error"] == "camera_refused" and sim.seen.failed_logins <= 2
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", PASSWORD)
    gone = pin(desk, sim)
    assert gone.code == 5 and "not-the-password" not in gone.out + refused.out
    assert desk.run("camera", "pin", "hi", "--host", "127.0.0.1", "--json").code == 2
    with store_of(desk) as store:
        assert store.pinned_of(LABEL) is None and store.credentials_of(LABEL) is None
