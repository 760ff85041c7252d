"""Levers, snapshot and scenes: what a test, or a person who plays, can do to a camera and what is seen of it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import cv2
import httpx
import numpy as np
import pytest

from simulators.camera import CameraState, LeverError, SimulatedCamera
from simulators.camera.picture import PictureKey, picture

LOGIN = httpx.DigestAuth("admin", "simulated-1")


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera() as running:
        yield running


def snapshot(camera: SimulatedCamera, profile: str = "profile_main") -> np.ndarray:
    answer = httpx.get(camera.snapshot_url(profile), auth=LOGIN, timeout=5)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    read = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert read is not None
    return read


def time_of(camera: SimulatedCamera, wait_s: float = 2.0) -> httpx.Response:
    body = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
            '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>')
    return httpx.post(camera.onvif_url, content=body, headers={"Content-Type": "application/soap+xml"}, timeout=wait_s)


def until(condition: Callable[[], bool], within_s: float = 5.0) -> bool:
    end_s = time.monotonic() + within_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.005)
    return condition()


def listens(camera: SimulatedCamera) -> bool:
    try:
        socket.create_connection((camera.host, camera.http_port), 1).close()
    except ConnectionRefusedError:
        return False
    return True


# -- snapshot and scenes ------------------------------------------------------------------------------------------------


def test_snapshot_needs_the_password(camera: SimulatedCamera) -> None:
    assert httpx.get(camera.snapshot_url()).status_code == 401
    assert httpx.get(camera.snapshot_url(), auth=httpx.DigestAuth("admin", "wrong")).status_code == 401
    assert snapshot(camera).shape == (1080, 1920, 3)
    assert httpx.get(camera.snapshot_url("nothing"), auth=LOGIN).status_code == 404
    assert (camera.seen.snapshots, camera.seen.failed_logins) == (1, 1)


@pytest.mark.parametrize("profile", ["profile_main", "profile_sub"])
def test_card_is_read_from_the_snapshot(camera: SimulatedCamera, profile: str) -> None:
    camera.levers.pull("hold_card", text="482 913")
    assert cv2.QRCodeDetector().detectAndDecode(snapshot(camera, profile))[0] == "482 913"
    camera.levers.pull("take_card_away")
    assert cv2.QRCodeDetector().detectAndDecode(snapshot(camera, profile))[0] == ""


def figures(scene: str) -> tuple[float, float]:
    """Mean brightness and variance of the Laplacian (sharpness) at 1920 x 1080."""
    state = CameraState(scene=scene)
    grey = cv2.cvtColor(picture(PictureKey.of(state, state.profiles[0]), datetime.now(UTC)), cv2.COLOR_BGR2GRAY)
    return float(grey.mean()), float(cv2.Laplacian(grey, cv2.CV_64F).var())


def test_good_scenes_look_good_and_bad_ones_bad() -> None:
    for scene in ("storgatan_bedroom", "nygatan_bedroom"):
        brightness, sharpness = figures(scene)
        assert 80 < brightness < 190
        assert sharpness > 250
    assert figures("dark")[0] < 20
    assert figures("blurred")[1] < 60
    assert figures("covered")[0] < 60
    assert figures("covered")[1] < 60
    assert figures("ceiling")[0] > 170


def test_homes_look_different(camera: SimulatedCamera) -> None:
    before = snapshot(camera, "profile_sub")
    camera.levers.scene("nygatan_bedroom")
    assert np.abs(before.astype(int) - snapshot(camera, "profile_sub")).mean() > 15


# -- levers -------------------------------------------------------------------------------------------------------------


def test_every_lever_has_a_line_about_it(camera: SimulatedCamera) -> None:
    names = camera.levers.names()
    assert {"lose_power", "power_on", "hold_card", "scene", "stall", "lock_out_after", "calm"} <= set(names)
    assert all(about.startswith("(") and about.endswith(".") for about in names.values())


@pytest.mark.parametrize(("name", "arguments", "says"), [
    ("no_such", {}, "there are"), ("names", {}, "no lever"), ("pull", {}, "no lever"), ("_paint_ahead", {}, "no lever"),
    ("scene", {"name": "kitchen"}, "no scene"), ("hold_card", {}, "missing"), ("hold_card", {"text": ""}, "1 to 120"),
    ("stall", {"where": "moon"}, "there are http"), ("slow", {"s": "long"}, "could not convert"), ("refuse_rtsp_sessions", {"status": 200}, "one of"),
])
def test_a_wrong_pull_says_what_is_wrong(camera: SimulatedCamera, name: str, arguments: dict[str, object], says: str) -> None:
    with pytest.raises(LeverError, match=says):
        camera.levers.pull(name, **arguments)


def test_power(camera: SimulatedCamera) -> None:
    ports = camera.http_port, camera.rtsp_port
    camera.levers.lose_power()
    assert not listens(camera)
    camera.levers.boot_time_s(0.2)
    camera.levers.power_on()
    assert not listens(camera)                     # it boots
    assert until(lambda: listens(camera))
    assert (camera.http_port, camera.rtsp_port) == ports
    assert time_of(camera).status_code == 200


def test_a_camera_may_start_without_power() -> None:
    with SimulatedCamera(CameraState(power=False)) as camera:
        assert not listens(camera)
        camera.levers.power_on()
        assert until(lambda: listens(camera))


def test_power_may_go_again_while_it_boots(camera: SimulatedCamera) -> None:
    camera.levers.boot_time_s(0.1)
    for _ in range(3):
        camera.levers.lose_power()
        camera.levers.power_on()
    camera.levers.lose_power()
    time.sleep(0.2)
    assert not listens(camera)
    camera.levers.power_on()
    assert until(lambda: listens(camera))


def test_silence_and_calm(camera: SimulatedCamera) -> None:
    camera.levers.stall("http")
    with pytest.raises(httpx.ReadTimeout):
        time_of(camera, 0.2)
    camera.levers.calm()
    assert time_of(camera).status_code == 200


def test_slow_and_dripping_answers(camera: SimulatedCamera) -> None:
    camera.levers.slow(0.2)
    start_s = time.monotonic()
    assert time_of(camera).status_code == 200
    assert time.monotonic() - start_s >= 0.2
    camera.levers.calm()
    camera.levers.drip(4000.0)                     # about 1.4 kB of answer
    start_s = time.monotonic()
    assert time_of(camera).status_code == 200
    assert time.monotonic() - start_s >= 0.2


def test_things_that_are_no_onvif_camera(camera: SimulatedCamera) -> None:
    camera.levers.not_onvif()
    answer = time_of(camera)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html")
    camera.levers.garbage()
    with pytest.raises(httpx.RemoteProtocolError):
        time_of(camera)
    camera.levers.reset_connections(new_ones_too=True)
    with pytest.raises(httpx.TransportError):      # where the reset meets the client differs from run to run
        time_of(camera)
    camera.levers.calm()
    assert time_of(camera).status_code == 200


def test_wrong_serial_and_new_password(camera: SimulatedCamera) -> None:
    camera.levers.wrong_serial("ACC8E0999999")
    assert (camera.state.says_serial, camera.state.serial) == ("ACC8E0999999", "SIM0000001")
    camera.levers.password("admin", "changed")
    assert httpx.get(camera.snapshot_url("profile_sub"), auth=LOGIN).status_code == 401
    assert httpx.get(camera.snapshot_url("profile_sub"), auth=httpx.DigestAuth("admin", "changed")).status_code == 200


def test_what_was_seen_can_be_sent_as_json(camera: SimulatedCamera) -> None:
    time_of(camera)
    assert json.loads(json.dumps(camera.seen.as_dict()))["requests"] == {"GetSystemDateAndTime": 1}


# -- many, and by hand --------------------------------------------------------------------------------------------------


def test_many_cameras_share_one_thread() -> None:
    """Addresses of their own in 127.0.0.0/8, as a fleet has them, all on the same ports."""
    first = SimulatedCamera(CameraState(serial="F0"), "127.0.1.1").start()
    threads = threading.active_count()
    others = [SimulatedCamera(CameraState(serial=f"F{number}"), f"127.0.1.{number + 1}", first.http_port, first.rtsp_port).start()
              for number in range(1, 20)]
    assert threading.active_count() <= threads + 1         # one more picture worker at most
    assert len({camera.state.mac_addresses[0] for camera in others}) == 19
    assert all(time_of(camera).status_code == 200 for camera in others)
    for camera in [first, *others]:
        camera.stop()


def test_two_cameras_on_one_port_is_an_error(camera: SimulatedCamera) -> None:
    with pytest.raises(OSError, match="in use"):
        SimulatedCamera(http_port=camera.http_port).start()


def test_run_by_hand() -> None:
    done = subprocess.run([sys.executable, "-m", "simulators.camera", "--serial", "BYHAND1", "--http-port", "0", "--rtsp-port", "0"],
                          input='hold_card {"text": "17"}\nhold_card\nnonsense\nseen\nquit\n', capture_output=True, text=True, timeout=30, check=True)
    assert "camera BYHAND1 runs; user admin, password simulated-1" in done.stdout
    assert "ffplay -rtsp_transport tcp 'rtsp://admin:simulated-1@127.0.0.1:" in done.stdout
    assert "done\nhold_card: missing a required argument: 'text'" in done.stdout
    assert "no lever 'nonsense'" in done.stdout
