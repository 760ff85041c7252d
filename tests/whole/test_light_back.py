"""A daemon that starts puts back the light of cameras that the last run was cut off at, and writes no picture anywhere."""

import secrets
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from provisioner.camera.light import Before, Light
from provisioner.case.identifiers import SerialNumber
from provisioner.case.view_check import ViewAsked
from provisioner.config import Secrets, fresh_keys, parse
from provisioner.store.keeping import CameraPlace
from provisioner.wiring import Service
from simulators.camera import SimulatedCamera, User
from simulators.models import persona

SERIAL = "ACCC8E0123456"
PASSWORD = "a-password-of-the-bench"
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"WEBP", b"JFIF")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _service(folder: Path) -> Service:
    hidden = folder / "secrets"
    hidden.mkdir(mode=0o700)
    files = {**fresh_keys(), "mqtt-password": "nobody", "api-token": secrets.token_hex(16), "cameras.toml": f'[default]\nusername = "admin"\npassword = "{PASSWORD}"\n'}
    for name, text in files.items():
        (hidden / name).touch(mode=0o600)
        (hidden / name).write_text(text)
    settings = parse({"mode": "test", "secrets_directory": str(hidden), "store": {"url": f"sqlite:///{folder}/p.db"}, "http": {"port": 0},
                      "broker": {"port": _free_port()}, "camera": {"night_follows_s": 0.02}})
    return Service(settings, Secrets(settings), warm=False)


def test_r37_the_next_start_puts_back_what_a_crash_left_and_h7_no_picture_is_on_the_disk(tmp_path: Path) -> None:
    with SimulatedCamera(persona("plain", serial=SERIAL, users={"admin": User(PASSWORD)}, room_is_dark=True)) as sim:
        sim.state.imaging.ir_cut_filter, sim.state.ir_lamp = "OFF", "OFF"  # as a check that was killed has left it
        with _service(tmp_path) as service:
            now = datetime.now(UTC)
            service.store.put_place(SerialNumber(SERIAL), CameraPlace("127.0.0.1", sim.http_port, rtsp_port=sim.rtsp_port), now)
            before = Before(SERIAL, "video_source", "AUTO", {"Mode": "AUTO"}, "tt:IRLamp|Auto")
            service.store.put_light(SERIAL, Light.written(before), now)
            thread = threading.Thread(target=service.run, daemon=True)
            thread.start()
            end = time.monotonic() + 20
            while service.store.lights_owed() and time.monotonic() < end:
                time.sleep(0.02)
            assert (sim.state.imaging.ir_cut_filter, sim.state.ir_lamp) == ("AUTO", "AUTO") and service.store.lights_owed() == []
            report = service._camera.judge_frame(SERIAL, 60.0, ViewAsked(4))
            assert report.scene is not None and service.shelf.look(SERIAL) is not None
            for path in tmp_path.rglob("*"):
                assert not path.is_file() or not any(magic in path.read_bytes() for magic in MAGIC), path
            service.stop()
            thread.join(10)
        assert service.shelf.look(SERIAL) is None
