"""The simulated operator reads the code that a camera writes into its picture, in every scene and size, and nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import av
import cv2
import numpy as np
import pytest

from simulators.alarm_centre.operator import Access, Operator, Seen, read_code
from simulators.alarm_centre.reading import read_text_code
from simulators.camera import CameraState, SimulatedCamera
from simulators.camera.night import LIGHTS
from simulators.camera.parts import Mask, Osd
from simulators.camera.picture import PictureKey, picture
from simulators.camera.scenes import SCENES

CLOCK = Osd("osd_clock", "DateAndTime")
AT = datetime(2026, 11, 23, 23, 45, 22, tzinfo=UTC)  # a clock full of digits that codes have too
SIZES = ((1920, 1080), (640, 360))


def shown(text: str, size: tuple[int, int], scene: str = "storgatan_bedroom", light: str = "day", font: int = 128, where: str = "UpperRight") -> np.ndarray:
    osds = (CLOCK, *((Osd("code", "Plain", where, text, None, font),) if text else ()))
    return picture(PictureKey(scene, None, *size, timedelta(0), "UTC", light, 1.0, (), osds), AT)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR))


def some_codes(count: int, seed: int) -> list[str]:
    """All 4,096 were read once at both sizes, over all scenes and lights, with JPEG of quality 30 to 90; here is a sample."""
    chance = random.Random(seed)
    return ["".join(chance.choice("23456789") for _ in range(4)) for _ in range(count)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene(scene: str, size: tuple[int, int]) -> None:
    for code, light in zip(some_codes(len(LIGHTS), len(scene)), LIGHTS, strict=True):
        assert read_text_code(jpeg(shown(f"KOD {code}", size, scene, light), 30)) == code


@pytest.mark.parametrize(("size", "fonts"), [((1920, 1080), (128, 64, 32)), ((1280, 720), (64, 32)), ((640, 360), (128, 96, 64, 48))])
def test_every_font_size_that_a_person_could_read(size: tuple[int, int], fonts: tuple[int, ...]) -> None:
    for code, font in zip(some_codes(len(fonts), 3), fonts, strict=True):
        for where in ("UpperRight", "LowerLeft", "LowerRight"):
            assert read_text_code(jpeg(shown(f"KOD {code}", size, font=font, where=where), 80)) == code


@pytest.mark.parametrize("digit", "23456789")
def test_every_digit_in_every_place(digit: str) -> None:
    for place in range(4):
        code = "2938"[:place] + digit + "5746"[place + 1:]
        assert read_text_code(jpeg(shown(f"KOD {code}", SIZES[1]), 60)) == code


@pytest.mark.parametrize("text", ["", "4729", "KOD", "KOD 47", "KOD 4720", "KOD 4719", "KO 47293", "ROM 4729", "KOD4729", "Sovrum 4729", "DOK 4729", "KOD 47 29"])
def test_what_is_no_code_is_not_read(text: str) -> None:
    for size in SIZES:
        assert read_text_code(shown(text, size)) is None


def test_a_masked_code_is_not_read() -> None:
    image = shown("KOD 4729", SIZES[0])
    image[:300, 1500:] = 0
    assert read_code(image) is None


def test_a_card_is_read_where_nothing_is_written() -> None:
    key = PictureKey("nygatan_bedroom", "5283", *SIZES[0], timedelta(0), "UTC", "day", 1.0, (), (CLOCK,))
    assert read_code(jpeg(picture(key, AT), 90)) == "5283"


@pytest.mark.parametrize("path", ["/stream/profile_main", "/stream/profile_sub"])
def test_in_the_stream(path: str) -> None:
    state = CameraState(serial="ACC8E0123456", osds=[CLOCK, Osd("code", "Plain", "LowerRight", "KOD 8365", None, 128)])
    with SimulatedCamera(state) as camera:
        access = Access(camera.host, camera.http_port, camera.rtsp_port, "admin", "simulated-1", rtsp_path=path, via="rtsp")
        operator = Operator({"one": access}, patience_s=8.0)
        assert operator.look("one", wants_code=True) == Seen(picture=True, code="8365")


def test_masks_and_texts_stand_in_stills_and_streams_alike() -> None:
    state = CameraState(serial="ACC8E0123456", masks=[Mask("m", ((-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)), colour=(200, 30, 30))])
    state.osds = [CLOCK, Osd("code", "Plain", "LowerRight", "KOD 8365", None, 96)]
    with SimulatedCamera(state) as camera:
        still = picture(PictureKey.of(state, state.profiles[1]), datetime.now(UTC)).astype(int)
        with av.open(camera.rtsp_url("profile_sub", user="admin"), options={"rtsp_transport": "tcp", "probesize": "32"}, timeout=5) as container:
            moving = next(container.decode(video=0)).to_ndarray(format="bgr24").astype(int)
    assert np.abs(still - moving)[100:260, 170:470].mean() < 4 and moving[100:260, 170:470, 0].mean() > 180
    assert read_text_code(moving.astype(np.uint8)) == "8365"
