"""Whether a privacy mask is drawn: two pictures and a zone to a share of pixels. What cannot be told from the pictures is not called covered.

A mask is one colour. So a pixel is surely covered when it has the zone's common colour now and had another one before: then something was put over
it. A pixel that had this colour before too (a dark room under a black mask) is undecided, however flat it is; the mask's colour has to be changed,
and both pictures looked at, to decide it. A camera that lists a mask and draws none leaves the room as it was: neither flat nor changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.pictures import Frame
from provisioner.scene.zones import Polygon

WIDTH_PX = 960       # pictures are compared at most this wide
SAME_LUMA = 20       # of 255, largest of the three channels: JPEG and H.264 leave 2 to 8 inside a flat area, a wall's own shading 15 and more
EDGE = 0.004         # of the picture's width, left out at the zone's edge: chroma is coded at half size and the mask's grid is coarse
_GONE = 0.5          # of what was not of the mask's colour outside the zones and is now: the picture itself went flat, it proves nothing
_OUTSIDE_LEAST = 50  # pixels outside all zones, below which that cannot be asked


@dataclass(frozen=True, slots=True)
class Sight:
    """One zone in two pictures, as shares of its pixels. `covered`: surely. `undecided`: as flat as a mask, and was so before."""

    covered: float
    undecided: float


def kept(frame: Frame) -> Frame:
    """A small copy for comparing; whoever asks for it wipes it."""
    height_px, width_px = frame.shape[:2]
    if width_px <= WIDTH_PX:
        return frame.copy()
    return np.asarray(cv2.resize(frame, (WIDTH_PX, height_px * WIDTH_PX // width_px), interpolation=cv2.INTER_AREA), np.uint8)


def seen(before: Frame, after: Frame, zones: Sequence[Polygon], *, recoloured: bool = False) -> tuple[Sight, ...]:
    """Each zone in `after`, compared with `before` (from `kept`, BGR). Pictures of different sizes decide nothing.

    `recoloured`: `before` shows the same masks in another colour. Then a pixel must be flat in both, and nothing stays undecided: what did not follow
    the change is no mask.
    """
    if before.shape != after.shape:
        return tuple(Sight(0.0, 1.0) for _ in zones)
    stencils = [_stencil(zone, after) for zone in zones]
    outside = ~np.any(np.asarray([_filled(zone, after, grown=True) for zone in zones]), axis=0)
    return tuple(_sight(before, after, stencil, outside, recoloured) for stencil in stencils)


def _sight(before: Frame, after: Frame, stencil: npt.NDArray[np.bool_], outside: npt.NDArray[np.bool_], recoloured: bool) -> Sight:
    now, then = after[stencil], before[stencil]
    colour = np.median(now, axis=0)
    flat, was = _near(now, colour), _near(then, colour)
    if recoloured:
        first = np.median(then, axis=0)
        if int(np.count_nonzero(outside)) < _OUTSIDE_LEAST or float(np.mean(_near(before[outside], first) & _near(after[outside], colour))) > _GONE:
            return Sight(0.0, 0.0)  # the whole picture changed its colour
        return Sight(float(np.mean(flat & ~was & _near(then, first))), 0.0)
    if _picture_gone(before[outside], after[outside], colour):
        return Sight(0.0, float(np.mean(flat)))
    return Sight(float(np.mean(flat & ~was)), float(np.mean(flat & was)))


def _picture_gone(before: Frame, after: Frame, colour: Any) -> bool:
    """Whether the rest of the picture took the colour of the mask as well: a black picture, a closed shutter, a turned lens."""
    differed = ~_near(before, colour)
    if int(np.count_nonzero(differed)) < _OUTSIDE_LEAST:
        return True
    return float(np.mean(_near(after[differed], colour))) > _GONE


def _near(pixels: Frame, colour: Any) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(pixels.astype(np.int16) - np.asarray(colour, np.int16)).max(axis=-1) <= SAME_LUMA, np.bool_)


def _stencil(zone: Polygon, frame: Frame) -> npt.NDArray[np.bool_]:
    """The zone's pixels without its edge; with it where nothing else is left."""
    shrunk = _filled(zone, frame, grown=False)
    return shrunk if shrunk.any() else _filled(zone, frame, grown=None)


def _filled(zone: Polygon, frame: Frame, grown: bool | None) -> npt.NDArray[np.bool_]:
    height_px, width_px = frame.shape[:2]
    drawn: Frame = np.zeros((height_px, width_px), np.uint8)
    corners = np.array([[round((x + 1) / 2 * width_px), round((1 - y) / 2 * height_px)] for x, y in zone], np.int32)
    cv2.fillPoly(drawn, [corners], (255,))
    if grown is not None:
        edge_px = max(3, round(EDGE * width_px))
        kernel = np.ones((2 * edge_px + 1, 2 * edge_px + 1), np.uint8)
        # Beyond the picture's own edge there is nothing to be careful about.
        drawn = np.asarray(cv2.dilate(drawn, kernel) if grown else cv2.erode(drawn, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(255.0,)), np.uint8)
    return drawn > 0
