"""How a daemon starts, waits, is seen and stops: without a broker, beside a second one, in the middle of a camera call, on a hung machine."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioner.case import inputs as i
from provisioner.case.model import State
from provisioner.log import FIELDS
from provisioner.store.keeping import CameraPlace
from tests.whole.daemons import until
from tests.whole.move import Move

STOP_S = 3.0
KNOWN_FIELDS = {"at", "level", "log", "text", "bug", *FIELDS}


def link_lines(move: Move) -> list[str]:
    """What the log says of the line to the broker."""
    return [line["text"] for line in move.daemon.records() if line.get("event") == "link"]


def stops_in_time(move: Move) -> None:
    begun = time.monotonic()
    move.daemon.stop()
    assert time.monotonic() - begun < STOP_S
    assert not any(line.get("bug") for line in move.daemon.records())


def test_h5_a_daemon_without_a_broker_is_ready_says_it_once_and_goes_on_when_it_comes(move: Move) -> None:
    """A broker that is away is no reason not to start; said once, not each second; what people said meanwhile is done when it is back."""
    move.site.broker.kill()
    move.daemon.start()
    begun = time.monotonic()
    assert [line for line in link_lines(move) if "no line to the broker yet" in line] == link_lines(move) and len(link_lines(move)) == 1
    until(lambda: time.monotonic() - begun > 2.5, "several attempts to connect")
    assert len(link_lines(move)) == 1, link_lines(move)
    move.site.broker.start()
    move.run()
    move.has_ended_well()


def test_every_line_of_the_log_has_the_known_fields_and_each_transition_one(move: Move) -> None:
    """What the daemon itself decided is one line each, with step, event and version; no field that is not on the list."""
    move.daemon.start()
    move.run()
    move.has_ended_well()
    lines = move.daemon.records()
    assert all(set(line) <= KNOWN_FIELDS for line in lines), lines
    journal = [line for line in move.store.journal(move.case_id) if line.input.kind != "said" and line.input.kind != "opened"]
    logged = [line for line in lines if line["text"] in ("moved", "noted")]
    assert [(line["step"], line["event"]) for line in logged] == [(line.state_after, line.input.kind) for line in journal if line.outcome in ("moved", "noted")]
    assert all(line["case"] == move.case_id and line["camera"] == "431B" and line["took_ms"] >= 0 and line["version"] for line in logged)
    assert (logged[0]["site"], logged[-1]["site"]) == ("site-7k3m9q2x", "site-p4t8w6ra"), "the old home, and after the re-bind the new one"


def test_a_second_daemon_of_the_same_name_is_refused(move: Move) -> None:
    """Two of one name would throw each other off the broker for ever. After a SIGKILL the name is free at once."""
    move.daemon.start()
    second = subprocess.run([sys.executable, "-m", "provisioner", "run", "--config", str(move.daemon.config), "--json"], capture_output=True, text=True,
                            timeout=30, check=False)
    assert second.returncode == 3 and json.loads(second.stdout)["error"] == "daemon_runs", second
    assert move.daemon.is_alive
    move.daemon.kill()
    move.daemon.start()
    stops_in_time(move)


@pytest.mark.parametrize("after_s", [0.0, 0.15, 0.4])
def test_a_cold_daemon_told_to_stop_while_it_warms_up(move: Move, after_s: float) -> None:
    """Parsing WSDLs and loading OpenCV happens beside the work; an end in the middle of it is an orderly one (no SIGABRT from a thread in C++)."""
    daemon = subprocess.Popen([sys.executable, "-m", "provisioner", "run", "--config", str(move.daemon.config)], stderr=subprocess.PIPE, text=True)
    assert daemon.stderr is not None
    until(lambda: '"event": "ready"' in daemon.stderr.readline(), "ready")  # type: ignore[union-attr]
    begun = time.monotonic()
    move.clock_passes(after_s)
    daemon.send_signal(signal.SIGTERM)
    _, err = daemon.communicate(timeout=30)
    assert daemon.returncode == 0 and "Traceback" not in err, err
    assert time.monotonic() - begun < STOP_S + 1.0


def test_a_port_that_is_taken(move: Move, tmp_path: Path) -> None:
    text = move.daemon.config.read_text(encoding="utf-8").replace("[http]\nport = 0", f"[http]\nport = {move.site.broker.port}")
    config = tmp_path / "other.toml"
    config.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "provisioner", "run", "--config", str(config), "--language", "sv"], capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 78 and f"Porten {move.site.broker.port} på 127.0.0.1 är upptagen." in done.stderr


def at_the_camera(move: Move) -> None:
    """The case stands in INSTALLED, and only the visit is missing."""
    move.forms()
    move.suspend()
    move.carry()
    serial = move.case.expected_serial
    assert serial is not None
    move.store.put_place(serial, CameraPlace(move.camera.host, move.camera.http_port), move.clock.now())


def test_sigterm_in_the_middle_of_a_camera_call(move: Move) -> None:
    """The camera takes the connection and says nothing; the daemon does not wait for its deadline. The visit is taken up at the next start."""
    move.daemon.start()
    at_the_camera(move)
    move.camera.levers.stall("http")
    before = move.camera.seen.connections
    serial = move.case.expected_serial
    assert serial is not None
    move.say(i.VisitStarted(serial, move.clock.now(), True))
    until(lambda: move.camera.seen.connections > before, "the daemon calls the camera")
    stops_in_time(move)
    move.camera.levers.calm()
    move.daemon.start()
    move.until(lambda case: case.identity is not None, "the camera is read after all")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_h5_a_stop_beside_a_hung_broker(move: Move, number: int) -> None:
    """The machine with the broker hangs: connections stay open and nobody answers."""
    move.daemon.start()
    until(lambda: link_lines(move), "connected")
    move.site.broker.freeze()
    try:
        begun = time.monotonic()
        move.daemon.signal(number)
        until(lambda: not move.daemon.is_alive, "it ends")
        assert time.monotonic() - begun < STOP_S + 1.0
    finally:
        move.site.broker.thaw()


def test_provision_follows_the_daemon_and_says_each_step_once(move: Move) -> None:
    """What the technician sees on site: the lines since he said that he is there, each once, until a person is needed again."""
    move.daemon.start()
    at_the_camera(move)
    case = move.case
    before = move.store.journal(case.case_id)[-1].seq
    done = subprocess.run([
        sys.executable, "-m", "provisioner", "provision", case.case_number, "--scanned", str(case.expected_serial), "--agreed", "--by", "technician-1",
        "--host", move.camera.host, "--port", str(move.camera.http_port), "--config", str(move.daemon.config), "--language", "sv",
    ], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done
    since = [line for line in move.store.journal(case.case_id) if line.seq > before]
    steps = [line for line in done.stdout.splitlines() if line.startswith("  ") and line.strip()[2:3] == ":"]
    assert [step.split()[1] for step in steps] == [line.state_after for line in since]
    assert "svar: Kameran läses av: serienumret och allt annat känt om den ska stämma." in done.stdout and done.stdout.count("technician-1: visit_started") == 1
    assert done.stdout.splitlines()[-1] == "Bedöm övervakningsområde, avspeglingar och planlösning."
    assert move.case.state is State.IDENTITY_VERIFIED


def test_provision_against_a_camera_that_is_away_says_what_it_waits_for(move: Move) -> None:
    move.daemon.start()
    at_the_camera(move)
    move.camera.levers.lose_power()
    case = move.case
    done = subprocess.run([sys.executable, "-m", "provisioner", "provision", case.case_number, "--scanned", str(case.expected_serial), "--agreed", "--wait-s", "1.5",
                           "--config", str(move.daemon.config), "--language", "en"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 5, done
    assert "trying again at" in done.stdout and "The time is over; the daemon goes on." in done.stdout
    assert len(done.stdout.splitlines()) == len(dict.fromkeys(done.stdout.splitlines())), "nothing is said twice"
