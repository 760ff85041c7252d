"""From a scene to a picture at one moment: the code card before the lens, what moves, the clock in the corner.

Everything that does not change is painted once and kept as planes of YUV 4:2:0, shared by all cameras that show the same;
a new moment touches only the few pixels that differ.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import cv2
import numpy as np

from simulators.rooms import live
from simulators.rooms.live import ROOMS, View

from .loop import pool
from .night import DARK, lit
from .overlay import Placed, draw_masks, draw_texts, place
from .parts import Mask, Osd
from .scenes import HEIGHT, SCENES, WIDTH, Image, Rect
from .state import CameraState, Profile
from .zone import zone

CARD: Rect = (330, 190, 1260, 700)       # at 1920 x 1080: large enough to be read at 640 x 360 too
QR_SIDE_PX = 600
QUIET_MODULES = 4                        # white border of a QR code (ISO/IEC 18004, 6.3.8)
PARKED = "ceiling"                       # what the lens sees when it is turned away
CLOCK_TEXT = {"Date": "%Y-%m-%d", "Time": "%H:%M:%S", "DateAndTime": "%Y-%m-%d %H:%M:%S"}
JPEG_QUALITY = 90
rendered_px = live.SIZE_PX               # rooms are rendered at this size and scaled up; tests that look at small pictures make do with less
SWAY_PX, SWAY_S = 3, 4.0                 # how far and how fast things move: a breath takes about 4 s


@dataclass(frozen=True)
class PictureKey:
    """Everything that decides what a picture shows, but for the moment. Cameras with equal keys share their pictures."""

    scene: str
    card: str | None
    width: int
    height: int
    clock_offset: timedelta
    timezone: str
    light: str
    exposure: float
    masks: tuple[Mask, ...]
    osds: tuple[Osd, ...]
    view: View = field(default_factory=View)   # of a rendered room: how the camera is turned, what hangs there
    locked: bool = False                 # of a rendered room: exposure is MANUAL

    @classmethod
    def of(cls, state: CameraState, profile: Profile, *, still: bool = True) -> PictureKey:
        """`still`: for a snapshot; a camera that lies may draw its masks there alone."""
        light, exposure, locked = state.shown()
        shows = (PARKED, None) if state.parked else (state.scene, state.card)
        hides_nothing = state.lies.ignores_masks or (state.lies.masks_in_still_only and not still)
        masks = () if hides_nothing else tuple(state.masks)
        rendered = shows[0] in ROOMS
        return cls(*shows, profile.width, profile.height, state.clock_offset, state.timezone, light, exposure,
                   masks, tuple(state.osds), state.view if rendered else View(), locked and rendered)

    def clock_text(self, at: datetime, kind: str = "DateAndTime") -> str:
        """The time as the camera's own clock has it, local."""
        return (at + self.clock_offset).astimezone(zone(self.timezone)).strftime(CLOCK_TEXT[kind])

    def at_rest(self) -> PictureKey:
        """What the picture shows apart from the moment: cameras whose clocks differ share their painted rooms."""
        return replace(self, clock_offset=timedelta(0), timezone="UTC")


@dataclass(frozen=True)
class Base:
    """A painted scene as I420 planes: `y` of height x width, `u` and `v` of half of each."""

    y: Image
    u: Image
    v: Image


@lru_cache(maxsize=6)                    # 6 MB each
def _painted(paint: Callable[[], Image]) -> Image:
    return paint()


@lru_cache(maxsize=4)
def _full(scene: str, card: str | None, light: str, exposure: float, view: View, locked: bool) -> Image:
    if scene in ROOMS:
        return _rendered(scene, card, light, exposure, view, locked)
    described = SCENES[scene]
    image = _painted(described.paint).copy()
    if card is not None:
        _paint_card(image, card)
    return lit(described.effect(image), light, exposure, described.glass)


def _rendered(room: str, card: str | None, light: str, exposure: float, view: View, locked: bool) -> Image:
    """A room of `simulators.rooms`, with the card before the lens in what light there is."""
    image = np.asarray(cv2.resize(live.picture(room, view, light, exposure, locked, rendered_px), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
    if card is not None:
        held = np.zeros_like(image)
        _paint_card(held, card)
        x, y, width, height = CARD
        part = np.s_[y - 6:y + height + 7, x - 6:x + width + 7]
        image[part] = (held[part] * (DARK if light in ("dark", "ir-dark") else 1.0)).astype(np.uint8)
    return image


@lru_cache(maxsize=16)                   # 3 MB each at 1920 x 1080
def _base(key: PictureKey) -> Base:
    image, width, height = _full(key.scene, key.card, key.light, key.exposure, key.view, key.locked), key.width, key.height
    if (width, height) != (WIDTH, HEIGHT):
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    else:
        image = image.copy()
    draw_masks(image, key.masks)
    draw_texts(image, place(key.osds, width, height))
    planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
    flat, size = planes.reshape(-1), width * height
    half = (height // 2, width // 2)
    return Base(flat[:size].reshape(height, width), flat[size:size * 5 // 4].reshape(half), flat[size * 5 // 4:].reshape(half))


def base(key: PictureKey) -> Base:
    return _base(key.at_rest())


def _moving(key: PictureKey) -> tuple[Rect, ...]:
    if key.scene not in ROOMS:
        return SCENES[key.scene].moving
    return tuple((int(x * WIDTH), int(y * WIDTH), int(w * WIDTH), int(h * WIDTH)) for x, y, w, h in live.sways(key.scene, key.view, rendered_px))


@lru_cache(maxsize=32)
def _plan(key: PictureKey) -> tuple[tuple[tuple[int, int, int, int], ...], tuple[Placed, ...]]:
    """What moves, as pixel corners, and the clocks. Nothing moves that touches a mask or a text: those stand still whatever is behind them."""
    placed = place(key.osds, key.width, key.height)
    scale = key.width / WIDTH
    still = [one.box for one in placed]
    for mask in key.masks:
        if mask.enabled:
            xs = [(x + 1) / 2 * key.width for x, _ in mask.points]
            ys = [(1 - y) / 2 * key.height for _, y in mask.points]
            still.append((int(min(xs)), int(min(ys)), int(max(xs) - min(xs)) + 1, int(max(ys) - min(ys)) + 1))
    moves = []
    for left, top, width, height in _moving(key) if key.card is None else ():
        x0, y0, x1, y1 = (int(part * scale) for part in (left, top, left + width, top + height))
        reach = 2 + SWAY_PX
        if not any(x < x1 and x0 < x + w and y < y1 + reach and y0 - reach < y + h for x, y, w, h in still):
            moves.append((x0, y0, x1, y1))
    return tuple(moves), tuple(one for one in placed if one.osd.kind != "Plain")


def prepare(key: PictureKey) -> None:
    """Paints what is needed ahead of time, so that the first picture does not wait for it (50-100 ms a painted scene, 2 s a rendered room)."""
    base(key)


def _paint_card(image: Image, text: str) -> None:
    x, y, width, height = CARD
    cv2.rectangle(image, (x - 6, y - 6), (x + width + 6, y + height + 6), (120, 124, 128), -1)
    cv2.rectangle(image, (x, y), (x + width, y + height), (252, 252, 252), -1)
    code = np.asarray(cv2.QRCodeEncoder.create().encode(text), np.uint8)
    ink = np.argwhere(code == 0)
    code = code[ink[:, 0].min():ink[:, 0].max() + 1, ink[:, 1].min():ink[:, 1].max() + 1]     # the encoder brings a border of its own
    code = np.pad(code, QUIET_MODULES, constant_values=255)
    scale = max(1, QR_SIDE_PX // code.shape[0])
    big = np.kron(code, np.ones((scale, scale), np.uint8))
    top, left = y + (height - big.shape[0]) // 2, x + 30
    image[top:top + big.shape[0], left:left + big.shape[1]] = big[:, :, None]
    room_px = width - 30 - big.shape[1] - 40
    font, thick = cv2.FONT_HERSHEY_SIMPLEX, 12
    (text_width, text_height), _ = cv2.getTextSize(text, font, 1.0, thick)
    size = min(4.0, room_px / max(1, text_width))
    place = (left + big.shape[1] + 20, y + height // 2 + int(text_height * size / 2))
    cv2.putText(image, text, place, font, size, (20, 20, 20), max(3, int(thick * min(1.0, size))), cv2.LINE_AA)


def draw(key: PictureKey, y_plane: Image, at: datetime) -> None:
    """Draws what differs from the base at that moment into a luma plane that otherwise holds the base."""
    painted = base(key)
    moves, clocks = _plan(key.at_rest())
    shift = round(max(1.0, SWAY_PX * key.width / WIDTH) * math.sin(at.timestamp() * 2 * math.pi / SWAY_S))
    for x0, y0, x1, y1 in moves:
        y_plane[y0:y1, x0:x1] = painted.y[y0 + shift:y1 + shift, x0:x1]
    for one in clocks:
        x0, y0, width, height = one.box
        y_plane[y0:y0 + height, x0:x0 + width] = clock_patch(key.clock_text(at, one.osd.kind), width, height)


@lru_cache(maxsize=32)
def clock_patch(text: str, width: int, height: int) -> Image:
    """The clock as it stands in the picture, luma only. Its contrast is low on purpose: a sharp white clock would make a
    blurred picture look sharp to a check that counts edges."""
    patch: Image = np.full((height, width), 70, np.uint8)
    scale = height / 44
    cv2.putText(patch, text, (int(10 * scale), int(height * 0.74)), cv2.FONT_HERSHEY_SIMPLEX, 1.05 * scale, 150, max(1, round(2 * scale)), cv2.LINE_AA)
    return patch


def picture(key: PictureKey, at: datetime) -> Image:
    """The whole picture in BGR, as a snapshot shows it."""
    painted = base(key)
    luma = painted.y.copy()
    draw(key, luma, at)
    planes = np.concatenate([luma.reshape(-1), painted.u.reshape(-1), painted.v.reshape(-1)]).reshape(key.height * 3 // 2, key.width)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)


@lru_cache(maxsize=4)
def _cached_jpeg(key: PictureKey, second: int) -> bytes:
    """One JPEG a second and picture: the clock in it has no finer grain."""
    good, data = cv2.imencode(".jpg", picture(key, datetime.fromtimestamp(second, UTC)), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not good:
        raise RuntimeError("the JPEG encoder refused the picture")
    return data.tobytes()


async def jpeg(key: PictureKey) -> bytes:
    now = int(datetime.now(UTC).timestamp())
    return await asyncio.get_running_loop().run_in_executor(pool, _cached_jpeg, key, now)
