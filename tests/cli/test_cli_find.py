"""`camera find` on real sockets: simulated cameras of every sort on loopback addresses, the inventory, the label, the marks."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from provisioner.camera.wsdl import services
from provisioner.case.identifiers import SerialNumber
from provisioner.case.marker import marker_scope
from provisioner.cli.main import run
from provisioner.store.keeping import CameraPlace
from simulators.camera import SimulatedCamera
from simulators.models import persona
from tests.cli.desk import Desk, free_port

LABEL = "{SN:ACCC8E0000A1,DT:SC-1080,SC:VERYSECRET}"


@pytest.fixture(scope="module")
def discovery_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def cameras(discovery_port: int) -> Iterator[dict[str, SimulatedCamera]]:
    """One that tells its serial to anybody, one that says nothing over UDP, one that carries a mark."""
    hung = {
        "loud": SimulatedCamera(persona("discoverable", serial="ACCC8E0000A1"), "127.0.0.41", discovery_port=discovery_port),
        "mute": SimulatedCamera(persona("no-discovery-at-all", serial="ACCC8E0000A2"), "127.0.0.42", discovery_port=discovery_port),
        "marked": SimulatedCamera(persona("discoverable", serial="ACCC8E0000A3", extra_scopes=[
            marker_scope("binding-elsewhere"), "onvif://www.onvif.org/location/Astrid%20Lindqvist", "onvif://www.onvif.org/name/%1b%5b31mAstrid"]),
            "127.0.0.43", discovery_port=discovery_port),
    }
    services()  # parsed beforehand: a search of two seconds has no time for it on a busy machine
    for camera in hung.values():
        camera.start()
    yield hung
    for camera in hung.values():
        camera.stop()


@pytest.fixture
def search(desk: Desk, cameras: dict[str, SimulatedCamera], discovery_port: int) -> Any:
    ports = [word for camera in cameras.values() for word in ("--port", str(camera.http_port))]

    def go(*args: str, language: str = "en") -> Any:
        return desk.run("camera", "find", "--discovery-port", str(discovery_port), *ports, "--seconds", "2.5", *args, language=language)
    return go


def by_host(said: Any) -> dict[str, dict[str, Any]]:
    return {row["hosts"][0]: row for row in said.json["cameras"]}


def test_a_range_finds_those_that_answer_and_those_that_are_silent(search: Any) -> None:
    said = search("--range", "127.0.0.40-46", "--seconds", "15", "--json")
    found = by_host(said)
    assert said.code == 0 and set(found) == {"127.0.0.41", "127.0.0.42", "127.0.0.43"}
    assert found["127.0.0.41"]["told_serial"] == "ACCC8E0000A1" and found["127.0.0.41"]["via"] == ["unicast", "tcp"]
    assert found["127.0.0.42"]["via"] == ["tcp"] and found["127.0.0.42"]["told_serial"] is None
    assert said.json["hosts_asked"] == 7 and said.json["hosts_not_asked_to_the_end"] == 0


def test_multicast_finds_on_the_named_interface(search: Any) -> None:
    said = search("--interface", "lo", "--seconds", "3", "--json")
    assert {"127.0.0.41", "127.0.0.43"} <= set(by_host(said)) and "127.0.0.42" not in by_host(said)
    assert by_host(said)["127.0.0.41"]["via"] == ["127.0.0.1"]


def test_the_labels_camera_is_pointed_out_and_its_secret_is_not_shown(search: Any) -> None:
    said = search("--range", "127.0.0.41-43", "--label", LABEL, "--json")
    assert said.code == 0 and "VERYSECRET" not in said.out
    assert [by_host(said)[f"127.0.0.{n}"]["is_label"] for n in (41, 42, 43)] == [True, None, False]
    words = search("--range", "127.0.0.41-43", "--label", LABEL, language="sv").out
    assert "etikettens kamera" in words and "VERYSECRET" not in words


def test_a_label_that_nobody_tells_is_not_found(search: Any) -> None:
    said = search("--range", "127.0.0.41-43", "--label", "ACCC8EFFFFFF")
    assert said.code == 5 and "None of them says" in said.out and "camera check ADDRESS" in said.out


def test_the_inventory_is_asked_where_it_last_was_and_marks_are_judged(desk: Desk, search: Any, cameras: dict[str, SimulatedCamera]) -> None:
    with desk.open_store() as store:
        for serial, name in (("ACCC8E0000A2", "mute"), ("ACCC8E0000FF", "gone")):
            port = cameras[name].http_port if name in cameras else 9
            store.put_place(SerialNumber(serial), CameraPlace(cameras[name].host if name in cameras else "127.0.0.49", port), datetime.now(UTC))
    said = search("--range", "127.0.0.43", "--json")
    found = by_host(said)
    assert found["127.0.0.42"]["known_as"] == ["ACCC8E0000A2"] and said.json["not_seen"] == ["ACCC8E0000FF"]
    assert found["127.0.0.43"]["mark"] == "moved_without_provisioning" and found["127.0.0.43"]["marked_for"] == ["binding-elsewhere"]
    words = search("--range", "127.0.0.43", language="sv")
    assert "! Kameran är märkt för en annan koppling" in words.out


def test_no_text_that_people_wrote_into_a_camera_is_shown(search: Any) -> None:
    for args in ((), ("--json",)):
        said = search("--range", "127.0.0.41-43", *args)
        assert "Astrid" not in said.out + said.err and "\x1b" not in said.out


def test_nothing_found_says_what_to_do_next(search: Any) -> None:
    said = search("--range", "127.0.0.77", language="sv")
    assert said.code == 5 and "0 kameror" in said.out and "provisioner camera check ADRESS" in said.out


@pytest.mark.parametrize(("args", "error", "words"), [
    (("--range", "10.0.0.0/8"), "bad_range", "at most 1024 addresses"), (("--range", "10.0.0.0/23", "--range", "10.1.0.0/22"), "bad_range", "1024 at a time"),
    (("--interface", "no-such0"), "no_interface", "no interface no-such0"), (("--label", "WIFI:S:x;P:y;;"), "bad_label", "router or the asset tag"),
    (("--seconds", "0"), "usage", "0 to 600"), (("--case", "2026-NONE1"), "unknown_case", ""),
])
def test_what_cannot_be_asked_is_refused_at_once(desk: Desk, args: tuple[str, ...], error: str, words: str) -> None:
    desk.both("camera", "find", *args, code=4 if error == "unknown_case" else 2, error=error, en=words)


def test_it_ends_in_time_where_nobody_answers(desk: Desk) -> None:
    begun = time.monotonic()
    said = desk.run("camera", "find", "--range", "192.0.2.0/24", "--seconds", "1")
    assert said.code == 5 and time.monotonic() - begun < 6


def test_a_technicians_own_computer_needs_no_settings(search: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any,
                                                      cameras: dict[str, SimulatedCamera]) -> None:
    monkeypatch.setattr("provisioner.config.DEFAULT_PATH", tmp_path / "none.toml")
    code = run(["camera", "find", "--range", "127.0.0.42", "--port", str(cameras["mute"].http_port), "--discovery-port", "9", "--seconds", "2", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == 0 and found["has_inventory"] is False and found["cameras"][0]["mark"] is None
