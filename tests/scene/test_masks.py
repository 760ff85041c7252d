"""The proof of a mask by two pictures: what is not covered is never called covered."""

import cv2
import numpy as np
import pytest

from provisioner.scene.masks import kept, seen
from provisioner.scene.pictures import Frame
from provisioner.scene.zones import Polygon

ZONE: Polygon = ((-0.5, 0.5), (0.3, 0.5), (0.3, -0.4), (-0.5, -0.4))
SIZE = (360, 640)


def room(seed: int = 1, light: float = 1.0) -> Frame:
    """Furniture-like boxes with a sensor's noise."""
    chance = np.random.default_rng(seed)
    picture = np.full((*SIZE, 3), 150, np.uint8)
    for _ in range(120):
        x, y, width, height = (int(chance.integers(0, most)) for most in (640, 360, 90, 90))
        cv2.rectangle(picture, (x, y), (x + width, y + height), tuple(int(part) for part in chance.integers(20, 250, 3)), -1)
    noisy = picture.astype(np.float32) * light + chance.normal(0, 2, picture.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def masked(picture: Frame, colour: int = 0, zone: Polygon = ZONE, quality: int = 40) -> Frame:
    drawn = picture.copy()
    corners = np.array([[round((x + 1) / 2 * SIZE[1]), round((1 - y) / 2 * SIZE[0])] for x, y in zone], np.int32)
    cv2.fillPoly(drawn, [corners], (colour,) * 3)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("colour", [0, 128, 235])
def test_a_drawn_mask_is_covered(seed: int, colour: int) -> None:
    [sight] = seen(room(seed), masked(room(seed + 50), colour), (ZONE,))  # and somebody has moved every chair in between
    assert sight.covered + sight.undecided >= 0.99 and sight.covered > 0.7
    if colour == 0:
        assert sight.covered >= 0.99


@pytest.mark.parametrize("seed", range(10))
def test_no_mask_is_not_covered(seed: int) -> None:
    [sight] = seen(room(seed), room(seed + 50), (ZONE,))
    assert sight.covered + sight.undecided < 0.9
    [still] = seen(room(seed), room(seed), (ZONE,))
    assert still.covered < 0.02


@pytest.mark.parametrize("missing", [0.03, 0.1, 0.5])
def test_a_mask_beside_its_place_is_not_covered(missing: float) -> None:
    """A strip of the zone's width left open shows the room."""
    short = tuple((min(x, 0.3 - 0.8 * missing), y) for x, y in ZONE)
    [sight] = seen(room(), masked(room(), zone=short), (ZONE,))
    assert sight.covered < 0.99


def test_a_dark_room_decides_nothing_until_the_colour_changes() -> None:
    dark = room(light=0.03)
    for after in (dark, masked(dark)):
        [sight] = seen(dark, after, (ZONE,))
        assert sight.covered == 0.0 and sight.undecided >= 0.99
    [drawn] = seen(masked(dark, 190), masked(dark), (ZONE,), recoloured=True)
    assert drawn.covered >= 0.99
    [lies] = seen(dark, dark, (ZONE,), recoloured=True)
    assert lies.covered == 0.0


def test_the_whole_picture_gone_black_proves_nothing() -> None:
    black = np.zeros((*SIZE, 3), np.uint8)
    [sight] = seen(room(), black, (ZONE,))
    assert sight.covered == 0.0
    [flicker] = seen(np.full_like(black, 190), black, (ZONE,), recoloured=True)
    assert flicker.covered == 0.0
    [glitch] = seen(room(), black, (ZONE,), recoloured=True)
    assert glitch.covered < 0.5


def test_blurred_and_pixelated_are_not_covered() -> None:
    picture = room()
    for hidden in (cv2.GaussianBlur(picture, (0, 0), 14), cv2.resize(cv2.resize(picture, (40, 22)), SIZE[::-1], interpolation=cv2.INTER_NEAREST)):
        after = picture.copy()
        after[90:252, 160:416] = hidden[90:252, 160:416]
        [sight] = seen(picture, after, (ZONE,))
        assert sight.covered < 0.9


def test_pictures_of_two_sizes_decide_nothing() -> None:
    [sight] = seen(room(), masked(room())[::2, ::2], (ZONE,))
    assert (sight.covered, sight.undecided) == (0.0, 1.0)


def test_a_zone_of_the_whole_picture_cannot_be_proved() -> None:
    everything = ((-1.0, 1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, -1.0))
    [sight] = seen(room(), masked(room(), zone=everything), (everything,))
    assert sight.covered == 0.0


def test_what_is_kept_is_a_small_copy() -> None:
    frame = np.zeros((1080, 1920, 3), np.uint8)
    assert kept(frame).shape == (540, 960, 3)
    small = np.zeros((*SIZE, 3), np.uint8)
    copy = kept(small)
    copy.fill(9)
    assert copy.shape == small.shape and not small.any()
