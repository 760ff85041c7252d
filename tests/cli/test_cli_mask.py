"""`camera mask` on a simulated camera: made and proved, not drawn, no such camera, zones that make no sense."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.case.identifiers import SerialNumber
from provisioner.store.keeping import CameraPlace
from simulators.camera import SimulatedCamera, User
from simulators.models import persona
from tests.cli.desk import SERIAL, Desk

ZONE = [[-0.8, 0.8], [-0.3, 0.8], [-0.3, 0.2], [-0.8, 0.2]]
PASSWORD = "simulated-1"


@pytest.fixture
def sim() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(persona("plain", serial=SERIAL, users={"admin": User(PASSWORD)})) as running:
        yield running


@pytest.fixture
def known(desk: Desk, sim: SimulatedCamera) -> Desk:
    """A desk whose inventory has the camera."""
    desk.secret("cameras.toml", f'[default]\nusername = "admin"\npassword = "{PASSWORD}"\n'.encode())
    with desk.open_store() as store:
        store.put_place(SerialNumber(SERIAL), CameraPlace(sim.host, sim.http_port), datetime.now(UTC))
    return desk


def masked(desk: Desk, zones: Any, *args: str, serial: str = SERIAL, language: str = "en") -> Any:
    file = desk.folder / "zones.json"
    file.write_text(zones if isinstance(zones, str) else json.dumps(zones))
    return desk.run("camera", "mask", serial, "--zones", str(file), "--deadline-s", "20", *args, language=language)


def test_made_and_proved(known: Desk, sim: SimulatedCamera) -> None:
    said = masked(known, [ZONE], "--json")
    assert said.code == 0 and said.json["proved"] and said.json["zones"] == [{"made": True, "covered": 1.0, "proved": True}], said
    assert len(sim.state.masks) == 1 and PASSWORD not in said.out
    words = masked(known, [], language="sv")
    assert words.code == 0 and "Inga ytor är förbjudna" in words.out and sim.state.masks == []


def test_not_drawn_is_told(known: Desk, sim: SimulatedCamera) -> None:
    sim.state.lies.ignores_masks = True
    said = masked(known, [ZONE], language="sv")
    assert said.code == 3 and "täckt i bilden 0 %" in said.out and "rikta om den" in said.out


def test_no_such_camera(known: Desk) -> None:
    said = masked(known, [ZONE], serial="ACCC8E000000")
    assert said.code == 5 and "depot" in said.err


@pytest.mark.parametrize("zones", ["", "{}", "[[]]", "[[[0,0],[1,1]]]", "[[[0,0],[0,1],[0,0.5]]]", "[[[0,0],[2,1],[1,0]]]", "[[[0,0],[true,1],[1,0]]]", "[" * 9000])
def test_zones_that_make_no_sense(known: Desk, zones: str) -> None:
    said = masked(known, zones)
    assert (said.code, said.out) == (2, "") and "The zones" in said.err, said


def test_no_file_and_no_serial(known: Desk) -> None:
    said = known.run("camera", "mask", SERIAL, "--zones", str(known.folder / "none.json"), language="sv")
    assert said.code == 2 and "none.json finns inte" in said.err
    assert masked(known, [ZONE], serial="!").code == 2
