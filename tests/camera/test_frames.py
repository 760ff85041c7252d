"""Taking a frame: stills that are none, broken pictures that are taken again, and nothing kept."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from provisioner.camera import frames, visit
from provisioner.camera.errors import NoPicture
from provisioner.camera.frames import CAPTURE_OPTIONS, decoded, jpeg_size
from provisioner.case.model import FrameReport
from provisioner.fault import Fault, FaultKind
from provisioner.scene.pictures import Frame
from tests.camera.helpers import SERIAL, camera_at, place, settings
from tests.camera.scripted import PASSWORD, Request, Scripted, fault, http, open_camera, replying, rtsp, uri_answer
from tests.camera.test_login import digest_lines, is_right

ROOM = np.zeros((720, 1280, 3), np.uint8)
ROOM[:] = np.random.default_rng(7).integers(90, 130, (720, 1280, 1), np.uint8)
cv2.rectangle(ROOM, (200, 200), (900, 620), (190, 200, 210), -1)
cv2.rectangle(ROOM, (1000, 60), (1200, 400), (60, 50, 40), -1)


def jpeg(frame: Frame) -> bytes:
    return bytes(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


WHOLE = jpeg(ROOM)
GREEN = ROOM.copy()
GREEN[400:] = (0, 135, 0)


def camera_with_stills(*stills: bytes) -> "tuple[list[Request], Scripted]":
    left = list(stills)
    seen: list[Request] = []

    def respond(request: Request) -> bytes:
        if request.method == "GET":
            seen.append(request)
            return left.pop(0) if len(left) > 1 else left[0]
        return open_camera(request)

    return seen, Scripted(replying(respond))


def judged(server: Scripted, source: str = "snapshot", deadline_s: float = 6.0) -> FrameReport | Fault:
    return camera_at(place(server.port, rtsp_port=9), settings(source)).judge_frame(SERIAL, deadline_s)  # type: ignore[arg-type]


def test_still_is_judged() -> None:
    seen, server = camera_with_stills(http(200, WHOLE, kind="image/jpeg"))
    with server:
        found = judged(server)
    assert isinstance(found, FrameReport), found
    assert (found.source, found.codec, found.width_px, found.height_px, found.trusted, found.good) == ("snapshot", "JPEG", 1280, 720, True, True)
    assert seen[0].target == "/snap.jpg?chn=1"


@pytest.mark.parametrize("still", [http(200, b"<html>no picture</html>", kind="image/jpeg"), http(200), http(200, WHOLE[: len(WHOLE) // 2]),
                                   http(200, WHOLE[:200] + b"\xff\xd9"), http(200, b"\xff\xd8\xff\xd9"), http(204), http(500, b"x")])
def test_200_that_is_no_picture(still: bytes) -> None:
    _, server = camera_with_stills(still)
    with server:
        found = judged(server)
    assert isinstance(found, Fault) and found.kind is FaultKind.GARBLED


def test_missing_snapshot_falls_back_to_the_stream_and_tells_of_it() -> None:
    def respond(request: Request) -> bytes:
        return fault("ter:ActionNotSupported", status=500) if request.operation == "GetSnapshotUri" else open_camera(request)

    with Scripted(replying(respond)) as server, Scripted(replying(lambda request: rtsp(request, 453, "Not Enough Bandwidth"))) as stream:
        found = camera_at(place(server.port, rtsp_port=stream.port)).judge_frame(SERIAL, 6.0)
    assert isinstance(found, Fault) and found.kind is FaultKind.BUSY and found.wait_s == 60.0


@pytest.mark.parametrize("uri", ["", "not an address", "http://192.0.2.10", "http://[::1/x"])
def test_snapshot_address_that_is_none(uri: str) -> None:
    def respond(request: Request) -> bytes:
        return uri_answer("GetSnapshotUri", uri) if request.operation == "GetSnapshotUri" else open_camera(request)

    with Scripted(replying(respond)) as server:
        assert isinstance(judged(server), Fault)


def test_broken_picture_is_taken_again_and_not_judged() -> None:
    seen, server = camera_with_stills(http(200, jpeg(GREEN), kind="image/jpeg"), http(200, WHOLE, kind="image/jpeg"))
    with server:
        found = judged(server)
    assert isinstance(found, FrameReport) and found.trusted and found.good and len(seen) == 2


def test_only_broken_pictures_are_reported_as_untrusted() -> None:
    _, server = camera_with_stills(http(200, jpeg(GREEN), kind="image/jpeg"))
    with server:
        found = judged(server)
    assert isinstance(found, FrameReport) and not found.trusted and not found.good and "not fully decoded" in found.findings[0].en


def test_still_with_a_login_is_challenged_first_and_refused_once() -> None:
    for password, sent in ((PASSWORD, 1), ("other", 1)):
        def respond(request: Request, password: str = password) -> bytes:
            if request.method != "GET":
                return open_camera(request)
            if "authorization" in request.headers and is_right(request, password):
                return http(200, WHOLE, kind="image/jpeg")
            return http(401, b"", *digest_lines("n1", "MD5"))

        with Scripted(replying(respond)) as server:
            found = judged(server)
            logins = [request for request in server.seen if "authorization" in request.headers]
        if password == PASSWORD:
            assert isinstance(found, FrameReport) and len(logins) == sent
        else:
            assert isinstance(found, Fault) and found.kind is FaultKind.REFUSED and len(logins) <= 2


@pytest.fixture
def wiped(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Frame]]:
    """The frames that were handed to `wipe`, still alive."""
    kept: list[Frame] = []

    def wipe(frame: Frame) -> None:
        kept.append(frame)
        frames.wipe(frame)

    monkeypatch.setattr(visit, "wipe", wipe)
    yield kept


def test_h7_frame_is_overwritten_after_the_judgement(wiped: list[Frame]) -> None:
    _, server = camera_with_stills(http(200, WHOLE, kind="image/jpeg"))
    with server:
        assert isinstance(judged(server), FrameReport)
    assert len(wiped) == 1 and not wiped[0].any()


def test_h7_frame_is_overwritten_also_when_the_judgement_fails(wiped: list[Frame], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(frame: Frame) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("provisioner.scene.quality.measure", broken)
    _, server = camera_with_stills(http(200, WHOLE, kind="image/jpeg"))
    with server, pytest.raises(RuntimeError):  # a bug is raised, never turned into a fault of the camera
        judged(server)
    assert len(wiped) == 1 and not wiped[0].any()


def test_capture_options_never_throw_the_first_picture_away() -> None:
    assert "nobuffer" not in CAPTURE_OPTIONS and "probesize;32" in CAPTURE_OPTIONS and "rtsp_transport;tcp" in CAPTURE_OPTIONS


def test_size_of_a_jpeg_is_read_and_wide_ones_are_halved() -> None:
    wide = jpeg(cv2.resize(ROOM, (1920, 1080)))
    assert jpeg_size(wide) == (1920, 1080) and decoded(wide, 1920).shape == (540, 960, 3)
    assert jpeg_size(WHOLE) == (1280, 720) and decoded(WHOLE, 1280).shape == (720, 1280, 3)
    bomb = bytearray(WHOLE)
    at = bomb.index(b"\xff\xc0")
    bomb[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(NoPicture, match="65535"):
        jpeg_size(bytes(bomb))
