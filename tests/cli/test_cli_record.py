"""`camera record`: a masked file, or none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.camera import CameraState, SimulatedCamera
from tests.cli.desk import SERIAL, Desk, free_port

ROOT = Path(__file__).parents[2]


def test_a_camera_is_recorded_and_replayed_by_the_commands(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    out = desk.folder / "camera.json"
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", "simulated-1")
    with SimulatedCamera(CameraState(serial=SERIAL), "127.0.0.92") as camera:
        args = ("camera", "record", camera.host, "--port", str(camera.http_port), "--user", "admin", "--out", str(out))
        said = desk.run(*args, language="sv")
        assert said.code == 0 and "Inget ändras" in said.out and "--replay" in said.out
        assert out.stat().st_mode & 0o077 == 0
        desk.both(*args, code=2, error="file_exists", sv="finns redan", en="exists already")
        text = out.read_text(encoding="utf-8")
        assert json.loads(text)["format"] == "camera-transcript-1"
        assert not any(word in text for word in (SERIAL, "simulated-1", camera.host))
    command = [sys.executable, "-m", "simulators.camera", "--replay", str(out), "--http-port", "0", "--rtsp-port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as replay:
        try:
            assert replay.stdout is not None
            line = replay.stdout.readline()
            port = line.split("ONVIF port ")[1].split(",")[0]
            said = desk.run("camera", "record", "127.0.0.1", "--port", port, "--user", "recorder", "--out", str(desk.folder / "again.json"), "--json")
        finally:
            replay.terminate()
    assert said.code == 0 and said.json["exchanges"] > 20, said


def test_nobody_there_leaves_no_file(desk: Desk) -> None:
    out = desk.folder / "none.json"
    args = ("camera", "record", "127.0.0.1", "--port", str(free_port()), "--out", str(out), "--deadline-s", "3")
    said = desk.run(*args, language="sv")
    assert said.code == 5 and "svarar inte" in said.err
    assert desk.run(*args, "--json").json["error"] == "camera_unreachable"
    assert not out.exists()


def test_what_is_no_transcript_is_not_replayed(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "simulators.camera", "--replay", str(tmp_path / "x.json")], cwd=ROOT, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2 and "no transcript" in done.stderr
