"""What a newcomer runs first, and what it says on the wire: every command answered, no person in it (H6), no picture left anywhere (H7)."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner.cli.demo import forms
from tests.whole.daemons import until
from tests.whole.move import Move
from tests.whole.wire import Message, Observer

KEYS = {"case_kind", "case_number", "state", "steps", "verified_serial", "old_binding", "new_binding", "frame", "coverage", "uncovered_s", "wall_s"}
NOT_PERSONAL = {"provider_ref", "site_ref", "unit_ref", "form_ref", "decision_ref", "move_date", "serial_number", "asset_number", "street_key", "kind",
                "sign_languages", "housing", "case_kind"}
"""Opaque references, and what the contract itself carries (the serial); everything else that a form says is a canary."""
PAUSE_S = 2.0
JPEG, H264_START = b"\xff\xd8\xff", b"\x00\x00\x00\x01"


def canaries(described: dict[str, Any]) -> set[str]:
    """Every text in the demo's forms that tells of a person, whole and in the pieces by which it would be recognised."""
    found: set[str] = set()

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for inner, one in value.items():
                walk(inner, one)
        elif isinstance(value, list):
            for one in value:
                walk(name, one)
        elif isinstance(value, str) and name not in NOT_PERSONAL:
            found.add(value)
            found.update(word for word in re.split(r"[\s,@]+", value) if len(word) >= 5)
            digits = re.sub(r"\D", "", value)
            if len(digits) >= 7:
                found.update({digits, digits[-10:]})
    walk("", forms(_Described(described), "2026-12-01"))  # type: ignore[arg-type]
    assert {"Exempelsson", "189001019802", "Storgatan", "0135550123", "example.org"} <= found
    return found - {"Hemtjänst", "Norr", "grupp"}  # words of the trade, in provider_ref too


@dataclass
class _Described:
    described: dict[str, Any]


DESCRIBED = {
    "homes": [{"name": "storgatan", "site_ref": "site-one"}, {"name": "solgatan", "site_ref": "site-two"}],
    "cameras": [{"serial": "ACCC8EF8431B", "asset_number": "LKP-004711"}], "bindings": [{"provider_ref": "provider-hemtjanst-norr"}],
}


def found_in(data: bytes, words: set[str]) -> list[str]:
    """The words that are in these bytes, in any spelling that a text takes on its way."""
    folded = data.lower()
    return sorted(word for word in words if any(
        spelt.lower() in folded for spelt in (word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"))))


@dataclass
class Watched:
    """One demo, seen from the wire."""

    result: dict[str, Any]
    stderr: str
    messages: list[Message]
    debian: str
    folder: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("drawings")
    command = [sys.executable, "-m", "provisioner", "demo", "--json", "--out", str(folder), "--mqtt-port", str(port), "--pause-s", str(PAUSE_S)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        # with --json only the end is printed; the observer's password stands in a line of its own on standard error
        assert child.stderr is not None
        line = child.stderr.readline()
        password = line.split(" -P ")[1].split()[0]
        with Observer("127.0.0.1", port, password) as wire:
            program = shutil.which("mosquitto_sub")
            debian = None if program is None else subprocess.Popen(
                [program, "-h", "127.0.0.1", "-p", str(port), "-V", "5", "-u", "observer", "-P", password, "-t", "#", "-v"], stdout=subprocess.PIPE, text=True)
            out, err = child.communicate(timeout=100)
            heard = ""
            if debian is not None:
                debian.terminate()
                heard = debian.communicate(timeout=5)[0]
            assert child.returncode == 0, line + out + err
            yield Watched(json.loads(out), line + err, wire.messages(), heard, folder)
    finally:
        child.kill()
        child.wait(5)


def test_the_json_has_the_documented_keys(demo: Watched) -> None:
    result = demo.result
    assert set(result) >= KEYS
    assert (result["case_kind"], result["state"], result["uncovered_s"], result["verified_serial"]) == ("MOVE_ONLY", "CLOSED", 0, "ACCC8EF8431B")
    assert [result[which]["state"] for which in ("old_binding", "new_binding")] == ["RETIRED", "ACTIVE"]
    assert all({"id", "state", "revision"} <= set(result[which]) for which in ("old_binding", "new_binding"))
    assert len(result["steps"]) >= 12 and all({"name", "took_s"} <= set(step) for step in result["steps"])
    assert sum(step["took_s"] for step in result["steps"]) <= result["wall_s"] < 60
    assert [line["by"] for line in result["coverage"]] == ["CAMERA", "VISITS", "CAMERA"]


def test_h17_r37_a_reflection_found_at_night_is_gone_when_the_camera_is_turned_and_the_drawings_are_only_where_they_were_asked_for(demo: Watched) -> None:
    check = demo.result["view_check"]
    assert (check["looks"], check["exposure"], check["restored"]) == (["night", "night_off"], "locked", True)
    assert not {"ir_hotspot", "mirror_present", "mirror_view", "glare"} & set(check["findings"])
    assert [step["name"] for step in demo.result["steps"]].index("camera_turned") == 10  # it stops by itself where the first check found none
    assert sorted(path.name for path in demo.folder.iterdir()) == ["night-after.png", "night-before.png"]



def test_h6_no_person_on_the_wire(demo: Watched) -> None:
    """Topics, payloads and properties of all messages: no name, address, person number, phone or mail of the demo's people."""
    assert len(demo.messages) > 15
    words = canaries(DESCRIBED)
    for message in demo.messages:
        assert found_in(message.bytes, words) == [], message
    assert found_in(demo.stderr.encode(), words) == []


def test_h6_mosquitto_sub_sees_the_same(demo: Watched) -> None:
    if not shutil.which("mosquitto_sub"):
        pytest.skip("mosquitto-clients is not installed")
    assert "tk/1/cmd/rebind_camera" in demo.debian and "tk/1/event/look_done" in demo.debian
    assert found_in(demo.debian.encode(), canaries(DESCRIBED)) == []


def test_h5_every_command_was_answered(demo: Watched) -> None:
    commands = [message for message in demo.messages if message.topic.startswith("tk/1/cmd/")]
    replies = {message.properties["CorrelationData"]: message.body for message in demo.messages if message.topic.startswith("tk/1/reply/")}
    assert {message.topic.rpartition("/")[2] for message in commands} == {"get_binding", "suspend_binding", "prepare_binding", "test_look", "rebind_camera"}
    for command in commands:
        reply = replies[command.properties["CorrelationData"]]
        assert reply["in_reply_to"] == command.body["msg_id"] and reply["result"] == "completed"


def test_h6_nothing_is_retained_but_states_and_statuses(demo: Watched) -> None:
    """Retain is off for subscribers of `#` as long as they listen; what a latecomer gets was looked at when the observer came."""
    retained = [message.topic for message in demo.messages if message.retained]
    assert retained and all(re.fullmatch(r"tk/1/(binding/[^/]+/state|status/(ac|daemon))", topic) for topic in retained)


@pytest.fixture
def moved(move: Move) -> Move:
    """A normal run: the daemon's own log at its most talkative, the database left open by a killed daemon."""
    config = move.daemon.config
    config.write_text('log_level = "debug"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    broker = move.site.broker
    with Observer(broker.host, broker.port, broker.passwords["observer"]) as late:
        move.daemon.start()
        move.run()
        move.has_ended_well()
        late.messages()
    move.daemon.kill()
    return move


def test_h6_h7_no_person_and_no_picture_in_log_or_database(moved: Move) -> None:
    """The files of the database with their write-ahead log, byte for byte, and every line of the log: sealed data only; no JPEG, no H.264."""
    folder, described = moved.daemon.config.parent, moved.site.describe()
    words = canaries(described)  # type: ignore[arg-type]
    database = [path for path in folder.iterdir() if path.name.startswith("provisioner.db") and path.suffix != ".lock"]
    assert {path.suffix for path in database} >= {".db", ".db-wal"}
    rotated = {user.password for user in moved.camera.state.users.values()}
    given = {password.reveal() for _, password in moved.daemon.secrets.camera_accounts().values()}
    assert len(rotated | given) == 3, "ours before and after the rotation, and the alarm centre's own"
    secrets = {*rotated, *given, moved.site.broker.passwords["daemon"], moved.daemon.secrets.read("api-token").reveal()}
    for path in [*database, moved.daemon.log]:
        data = path.read_bytes()
        assert data and found_in(data, words | secrets) == [], path.name
        assert found_in(data, {f"{moved.camera.host}:{moved.camera.http_port}"}) == [], path.name
        for magic in (JPEG, H264_START + b"\x67", H264_START + b"\x65"):
            assert magic not in data, (path.name, magic)
    pictures = [path.name for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".h264", ".mp4", ".npy", ".raw"}]
    assert pictures == []
    with sqlite3.connect(database[0].parent / "provisioner.db") as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone()[0] >= 2, "the forms are kept, under seal"


def test_h6_what_a_latecomer_finds_on_the_broker(moved: Move) -> None:
    """After the run a new subscriber gets the retained messages: states of bindings and statuses, of nobody by name."""
    broker = moved.site.broker
    with Observer(broker.host, broker.port, broker.passwords["observer"]) as wire:
        until(lambda: len(wire.messages()) >= 4, "two states and two statuses")
        messages = wire.messages()
    assert {message.topic.split("/")[2] for message in messages} == {"binding", "status"}
    assert all(message.retained for message in messages)
    assert all(found_in(message.bytes, canaries(moved.site.describe())) == [] for message in messages)  # type: ignore[arg-type]
