"""The pictures that a simulated camera shows: simple rooms, painted at 1920 x 1080, and what can go wrong with a picture.

A scene is a room and an effect. Rooms are painted once and kept by `picture.py`; they have wallpaper, wood and cloth, so that a
check of sharpness and exposure finds a good picture good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.rooms.live import ROOMS

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]       # blue, green, red
Rect = tuple[int, int, int, int]    # x, y, width, height

WIDTH, HEIGHT = 1920, 1080
FLOOR_Y = 640                       # where wall and floor meet


@dataclass(frozen=True)
class Room:
    """One bedroom seen from above a corner, with what tells it apart from another home's."""

    seed: int
    wall: Colour
    stripes_px: int                 # distance of the wallpaper's stripes
    floor: Colour
    blanket: Colour
    window: Rect
    door: Rect
    cupboard: Rect
    lamp: tuple[int, int]
    bed: Rect
    pillow_left: bool


STORGATAN = Room(seed=1, wall=(176, 196, 205), stripes_px=48, floor=(74, 112, 150), blanket=(150, 96, 62), window=(240, 110, 360, 320),
                 door=(1520, 150, 250, 560), cupboard=(1130, 210, 300, 470), lamp=(960, 250), bed=(420, 560, 900, 380), pillow_left=True)
NYGATAN = Room(seed=2, wall=(188, 205, 190), stripes_px=84, floor=(96, 124, 146), blanket=(88, 104, 168), window=(1280, 90, 420, 300),
               door=(130, 160, 240, 560), cupboard=(470, 230, 330, 440), lamp=(1020, 200), bed=(700, 580, 940, 370), pillow_left=False)


@dataclass(frozen=True)
class Scene:
    about: str
    paint: Callable[[], Image]
    effect: Callable[[Image], Image]
    moving: tuple[Rect, ...]        # parts that sway a little: a curtain, a blanket over somebody who breathes
    glass: tuple[Rect, ...] = ()    # throws an infrared lamp's light straight back


def _shade(colour: Colour, factor: float) -> Colour:
    blue, green, red = (max(0, min(255, round(part * factor))) for part in colour)
    return blue, green, red


def _box(image: Image, rect: Rect, colour: Colour, edge: Colour | None = None) -> None:
    x, y, width, height = rect
    cv2.rectangle(image, (x, y), (x + width, y + height), colour, -1)
    if edge is not None:
        cv2.rectangle(image, (x, y), (x + width, y + height), edge, 4)


def _wall_and_floor(image: Image, room: Room) -> None:
    image[:FLOOR_Y] = room.wall
    for x in range(0, WIDTH, room.stripes_px):
        cv2.rectangle(image, (x, 0), (x + room.stripes_px // 3, FLOOR_Y), _shade(room.wall, 0.90), -1)
        for y in range(20 + x % 40, FLOOR_Y, 60):
            cv2.circle(image, (x + room.stripes_px // 2, y), 5, _shade(room.wall, 0.72), 2, cv2.LINE_AA)
    image[FLOOR_Y:] = room.floor
    for number, y in enumerate(range(FLOOR_Y, HEIGHT, 55)):
        cv2.line(image, (0, y), (WIDTH, y), _shade(room.floor, 0.62), 3)
        for x in range(-200 + 130 * (number % 3), WIDTH, 390):
            cv2.line(image, (x, y), (x - 20, y + 55), _shade(room.floor, 0.68), 2)
    cv2.rectangle(image, (0, FLOOR_Y - 22), (WIDTH, FLOOR_Y), (225, 230, 232), -1)


def _window(image: Image, rect: Rect) -> None:
    x, y, width, height = rect
    _box(image, rect, (236, 226, 205), (240, 244, 246))
    for column in range(0, width, 6):                                      # a tree line behind the glass
        top = y + height // 2 + int(24 * np.sin(column / 23) + 15 * np.sin(column / 7))
        cv2.line(image, (x + column, top), (x + column, y + height - 4), (108, 150, 116), 5)
    cv2.line(image, (x + width // 2, y), (x + width // 2, y + height), (240, 244, 246), 14)
    cv2.line(image, (x, y + height // 2), (x + width, y + height // 2), (240, 244, 246), 10)
    _box(image, (x - 24, y + height, width + 48, 20), (228, 232, 236), (170, 178, 184))
    for fold in range(0, 90, 15):                                          # curtains
        for start in (x - 80, x + width):
            cv2.rectangle(image, (start + fold, y - 30), (start + fold + 8, y + height + 60), _shade((150, 170, 208), 0.85 + fold / 500), -1)


def _furniture(image: Image, room: Room) -> None:
    x, y, width, height = room.door
    _box(image, room.door, (206, 214, 220), (120, 130, 138))
    for panel in (y + 40, y + height // 2 + 20):
        _box(image, (x + 40, panel, width - 80, height // 2 - 90), (196, 205, 212), (150, 160, 168))
    cv2.circle(image, (x + width - 30, y + height // 2), 11, (60, 80, 96), -1, cv2.LINE_AA)
    x, y, width, height = room.cupboard
    _box(image, room.cupboard, (84, 118, 158), (46, 66, 92))
    for offset in range(14, width - 10, 17):                               # wood grain
        cv2.line(image, (x + offset, y + 8), (x + offset + 4, y + height - 8), (74, 106, 145), 2)
    cv2.line(image, (x + width // 2, y), (x + width // 2, y + height), (46, 66, 92), 5)
    for knob in (-22, 22):
        cv2.circle(image, (x + width // 2 + knob, y + height // 2), 9, (40, 52, 66), -1, cv2.LINE_AA)
    lamp_x, lamp_y = room.lamp
    cv2.line(image, (lamp_x, 0), (lamp_x, lamp_y), (60, 64, 70), 5)
    shade = np.array([[lamp_x - 34, lamp_y], [lamp_x + 34, lamp_y], [lamp_x + 74, lamp_y + 74], [lamp_x - 74, lamp_y + 74]])
    cv2.fillPoly(image, [shade], (150, 214, 240), cv2.LINE_AA)
    cv2.polylines(image, [shade], True, (84, 120, 140), 3, cv2.LINE_AA)


def _bed_and_person(image: Image, room: Room) -> None:
    x, y, width, height = room.bed
    _box(image, (x - 20, y + 60, width + 40, height), _shade(room.floor, 0.45), (40, 54, 70))       # frame
    _box(image, (x, y, width, height), (226, 230, 232), (180, 186, 192))                            # sheet
    head_x = x + 110 if room.pillow_left else x + width - 110
    cv2.ellipse(image, (head_x, y + height // 2), (96, 130), 0, 0, 360, (244, 246, 248), -1, cv2.LINE_AA)
    cv2.ellipse(image, (head_x, y + height // 2), (96, 130), 0, 0, 360, (190, 196, 202), 3, cv2.LINE_AA)
    cv2.circle(image, (head_x, y + height // 2), 62, (152, 178, 214), -1, cv2.LINE_AA)              # head
    cv2.ellipse(image, (head_x, y + height // 2 - 22), (64, 46), 0, 180, 360, (150, 152, 154), -1, cv2.LINE_AA)
    blanket = (x + 190, y - 12, width - 200, height + 24) if room.pillow_left else (x + 10, y - 12, width - 200, height + 24)
    _box(image, blanket, room.blanket, _shade(room.blanket, 0.6))
    left, top, blanket_width, blanket_height = blanket
    for offset in range(0, blanket_width, 56):                                                       # checks
        cv2.line(image, (left + offset, top), (left + offset, top + blanket_height), _shade(room.blanket, 1.3), 8)
    for offset in range(0, blanket_height, 56):
        cv2.line(image, (left, top + offset), (left + blanket_width, top + offset), _shade(room.blanket, 0.72), 6)
    middle = (left + blanket_width // 2, top + blanket_height // 2)
    cv2.ellipse(image, middle, (blanket_width // 2 - 40, 96), 0, 0, 360, _shade(room.blanket, 1.12), 14, cv2.LINE_AA)   # a body below


def _grain(image: Image, seed: int, strength: float) -> Image:
    """Light from the window side and the fine grain that every real picture has; `strength` is its standard deviation in grey levels."""
    light = np.linspace(1.06, 0.84, WIDTH, dtype=np.float32).reshape(1, WIDTH, 1)
    lit = image.astype(np.float32)
    lit *= light
    return _with_noise(lit, seed, strength)


def _with_noise(image: NDArray[np.float32], seed: int, strength: float) -> Image:
    noise = np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH, 1), np.float32)
    noise *= strength
    image += noise
    return np.clip(image, 0, 255, out=image).astype(np.uint8)


def _bedroom(room: Room) -> Callable[[], Image]:
    def paint() -> Image:
        image: Image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        _wall_and_floor(image, room)
        _window(image, room.window)
        _furniture(image, room)
        _bed_and_person(image, room)
        return _grain(image, room.seed, 2.5)
    return paint


def _ceiling() -> Image:
    """The camera was pushed upwards: a ceiling with a cornice and a lamp, no bed."""
    image: Image = np.full((HEIGHT, WIDTH, 3), (214, 220, 224), np.uint8)
    cv2.line(image, (0, 900), (WIDTH, 760), (170, 178, 184), 26, cv2.LINE_AA)
    cv2.fillPoly(image, [np.array([[0, 915], [WIDTH, 775], [WIDTH, HEIGHT], [0, HEIGHT]])], (176, 196, 205), cv2.LINE_AA)
    cv2.circle(image, (980, 420), 150, (236, 244, 248), -1, cv2.LINE_AA)
    cv2.circle(image, (980, 420), 150, (150, 160, 168), 5, cv2.LINE_AA)
    cv2.circle(image, (1500, 230), 60, (228, 232, 236), -1, cv2.LINE_AA)     # smoke detector
    cv2.circle(image, (1500, 230), 60, (140, 150, 158), 4, cv2.LINE_AA)
    return _grain(image, 3, 2.0)


def _covering() -> Image:
    """A cloth over the lens: nearly one colour."""
    image: Image = np.full((HEIGHT, WIDTH, 3), (34, 38, 46), np.uint8)
    return _grain(image, 4, 1.0)


def _as_it_is(image: Image) -> Image:
    return image


def _dark(image: Image) -> Image:
    """A room at night without infrared light: about 5 % of the light is left, and the sensor's noise shows."""
    return _with_noise(image.astype(np.float32) * np.float32(0.05) + np.float32(2.0), 5, 1.5)


def _blurred(image: Image) -> Image:
    """Out of focus: a blur of 14 px standard deviation at 1920 px width."""
    blurred: Any = cv2.GaussianBlur(image, (0, 0), 14)
    return np.asarray(blurred, np.uint8)


def _swaying(room: Room) -> tuple[Rect, ...]:
    x, y, width, height = room.bed
    window_x, window_y, _, window_height = room.window
    return (x + width // 2 - 120, y + 40, 240, height - 80), (window_x - 80, window_y + 20, 76, window_height)


_storgatan, _nygatan = _bedroom(STORGATAN), _bedroom(NYGATAN)

SCENES: dict[str, Scene] = {
    "storgatan_bedroom": Scene("bedroom with a bed, the window on the left", _storgatan, _as_it_is, _swaying(STORGATAN), (STORGATAN.window,)),
    "nygatan_bedroom": Scene("another bedroom, the window on the right", _nygatan, _as_it_is, _swaying(NYGATAN), (NYGATAN.window,)),
    "dark": Scene("the first bedroom at night, no infrared light", _storgatan, _dark, ()),
    "blurred": Scene("the first bedroom out of focus", _storgatan, _blurred, _swaying(STORGATAN)),
    "covered": Scene("a cloth over the lens", _covering, _as_it_is, ()),
    "ceiling": Scene("the camera looks at the ceiling", _ceiling, _as_it_is, ()),
}

# The rooms of `simulators.rooms` are scenes too; they are rendered, and answer to lamp, filter, exposure and turning as light does.
SCENE_NAMES = (*SCENES, *ROOMS)
