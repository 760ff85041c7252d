"""`camera rotate`, `camera retire` and `receipt` at the depot, against a simulated camera and a real database. R26."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.case.identifiers import SerialNumber
from provisioner.store.keeping import CameraPlace
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.camera.parts import Mask
from tests.cli.desk import Desk

SERIAL, OLD = "ACCC8E0000B1", "the-first-password"


@pytest.fixture
def sim() -> Iterator[SimulatedCamera]:
    state = CameraState(serial=SERIAL, users={"admin": User(OLD), "relative": User("watching")}, masks=[Mask("m", ((-1, -1), (-1, 0), (0, 0)))])
    with SimulatedCamera(state) as running:
        yield running


@pytest.fixture
def depot(desk: Desk, sim: SimulatedCamera) -> Desk:
    desk.secret("cameras.toml", f'[default]\nusername = "admin"\npassword = "{OLD}"\n'.encode())
    with desk.open_store() as store:
        store.put_place(SerialNumber(SERIAL), CameraPlace("127.0.0.1", sim.http_port, rtsp_port=sim.rtsp_port), datetime.now(UTC))
    return desk


def test_h11_rotated_twice_and_the_store_has_the_password(depot: Desk, sim: SimulatedCamera) -> None:
    for _ in range(2):
        said = depot.run("camera", "rotate", SERIAL, "--json")
        assert said.code == 0 and said.json["good"] and said.json["way"] == "new_account", said
    with depot.open_store() as store:
        kept = store.credentials_of(SERIAL)
    assert kept is not None and kept.current is not None
    assert {name: user.password for name, user in sim.state.users.items()} == {kept.current.username: kept.current.password.reveal()}
    assert kept.current.password.reveal() not in said.out + said.err and kept.current.password.reveal().encode() not in Path(depot.database).read_bytes()


def test_r26_retired_with_a_receipt_that_verifies(depot: Desk, sim: SimulatedCamera, tmp_path: Path) -> None:
    said = depot.run("camera", "retire", SERIAL, "--binding", "b-000001", "--json")
    assert said.code == 0 and said.json["state"] == "verified" and not sim.state.masks and len(sim.state.users) == 1, said
    shown = depot.run("receipt", "show", said.json["receipt"])
    assert shown.out == depot.run("receipt", "show", SERIAL).out
    signed = json.loads(shown.out)
    assert signed["receipt"]["binding_ids"] == ["b-000001"] and "127.0.0.1" not in shown.out
    file = tmp_path / "receipt.json"
    file.write_text(shown.out)
    key = depot.run("receipt", "key").out.strip()
    assert depot.run("receipt", "verify", str(file)).code == 0
    assert "genuine" in depot.run("receipt", "verify", str(file), "--key", key).out
    file.write_text(shown.out.replace("b-000001", "b-000002"))
    depot.both("receipt", "verify", str(file), code=3, error="receipt_forged", sv="inte äkta", en="not genuine")
    depot.both("receipt", "verify", str(tmp_path / "none"), code=2, error="file_unreadable", en="does not exist")
    depot.both("receipt", "show", "kv-2026-AAAAAAAA", code=4, error="unknown_receipt", sv="inget kvitto", en="no receipt")


def test_unreachable_camera_gets_its_honest_receipt(depot: Desk, sim: SimulatedCamera) -> None:
    sim.levers.lose_power()
    said = depot.run("camera", "retire", SERIAL, "--deadline-s", "3", language="sv")
    assert said.code == 5 and "inte verifierad: rensa i depån" in said.out
    assert json.loads(depot.run("receipt", "show", SERIAL).out)["receipt"]["state"] == "not_verified"
    said = depot.run("camera", "rotate", SERIAL, "--deadline-s", "3", "--json")
    assert said.code == 5 and said.json["error"] == "camera_unreachable"


def test_what_is_left_is_said_line_by_line(depot: Desk, sim: SimulatedCamera) -> None:
    sim.state.lies.no_effect |= {"CreateUsers", "SetUser", "DeleteUsers", "DeleteMask"}
    said = depot.run("camera", "retire", SERIAL)
    assert said.code == 3 and "LEFT    masks" in said.out and "LEFT    credentials" in said.out and "unknown other_accounts" in said.out
    said = depot.run("camera", "rotate", SERIAL)
    assert said.code == 3 and "could not be given a new password" in said.out


def test_retired_by_factory_default(depot: Desk, sim: SimulatedCamera) -> None:
    said = depot.run("camera", "retire", SERIAL, "--factory-default", "--deadline-s", "60", "--json")
    assert said.code == 0 and said.json["way"] == "factory_default", said
    assert sim.seen.requests["SetSystemFactoryDefault"] == 1 and len(sim.state.users) == 1


def test_account_that_was_changed_by_hand_is_told(depot: Desk, sim: SimulatedCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    assert depot.run("camera", "account", SERIAL, "--json").json["state"] == "initial"
    sim.state.users = {"root": User("by-hand")}
    assert depot.run("camera", "rotate", SERIAL).code == 5
    assert "no more attempts" in depot.run("camera", "rotate", SERIAL).err or sim.seen.failed_logins <= 2
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", "by-hand")
    said = depot.run("camera", "account", SERIAL, "--user", "root", "--json")
    assert said.code == 0 and said.json["state"] == "settled" and "by-hand" not in said.out and "root" not in said.out
    assert depot.run("camera", "rotate", SERIAL).code == 0
    assert depot.run("camera", "account", SERIAL, "--forget", "--json").json["state"] == "initial"
