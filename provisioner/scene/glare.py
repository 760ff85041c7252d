"""What is blown out by day, and whether the light comes from there or only falls on it.

A window, a lamp, a curtain with the sun behind it or a shiny surface blinds the camera: turn it or draw the curtain. A patch of sun on the floor is
as bright and blinds nobody when the sun has moved on. The camera's own lamp tells them apart: in its light the sunny patch is the same floor as the
floor beside it, while a source of light is a thing with an outline of its own, or a pane that stays dark. And what is bright without a shadow's edge, and
lights what is around it, is a source or next to one, whatever it looks like at night.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.findings import Outline
from provisioner.scene.own_light import DARK, REFERENCE_PX, Light, Mask, OwnLight
from provisioner.scene.pictures import Picture, quantile

BLOWN_LUMA = 246          # 0.96 of full is 244.8; one step of video range (219 levels for 255) above it, so that coding noise on a wall just below does not count
SOURCE, SUNLIT = 1, 2     # what a blown pixel is
BLOB_PX = 460             # pixels of 1280x720: 21 x 21
_OUTLINE_STEP = 0.22      # natural logarithm: the own light differs by a fifth across an outline; wallpaper and noise of a blurred night frame measure 0.1
_OUTLINE_LEAST = 0.3      # of the blob's outline shows such a step; a patch of sun within one surface crosses other outlines with 0.05 to 0.3 of it
_RETURNS_LEAST = 0.5      # of the picture's median own light: a matt surface gives back about as much as the rest of the room, a window does not
_CUT_LEAST = 0.28         # of the outline cuts sharply across something by day and is not there by night: a shadow's edge. Of lamps and windows 0 to 0.25
_CUT_RETURNS_LEAST = 0.65 # and then it has to give back this much
_SHARP_LUMA = 30          # by day, within 7 px
_SOFT_MOST = 0.2          # of its outline is sharp: what glows has no shadow's edge,
_SOFT_FADES_LUMA = 10     # and is darker by so much within 24 px of 1280 beyond it, before the next fold. A white cover in white surroundings: 4
_GLOW_LUMA = 15           # from 10 px to 30 px and from 18 px to 50 px beyond it. Lamps on walls 20 to 60, shade beside the sun 0 to 14
_PROBES_LEAST = 16        # places on the outline, below which its steps are not judged


@dataclass(frozen=True, slots=True)
class Blob:
    """One blown-out area. `matt`: light falls on it (sunny patch); None where no night frame tells, then it counts as a source."""

    outline_px: Outline
    area_px: int
    matt: bool | None


def find_blown(day: Picture, own: OwnLight | None) -> tuple[tuple[Blob, ...], Mask]:
    """Blown areas of a day frame, and their pixels, (height, width): `SOURCE`, `SUNLIT` or 0. `own`: the camera's own light of the same view."""
    pixels: Mask = np.zeros(day.luma.shape, np.uint8)
    coarse = cv2.threshold(day.half, BLOWN_LUMA - 12, 255, cv2.THRESH_BINARY)[1]
    left, top, across, down = (2 * v for v in cv2.boundingRect(coarse))
    if across == 0:
        return (), pixels
    part = day.luma[top:top + down + 2, left:left + across + 2]
    blown = cv2.threshold(cv2.medianBlur(part, 3), BLOWN_LUMA - 1, 1, cv2.THRESH_BINARY)[1]
    least_px = BLOB_PX * (day.width_px / REFERENCE_PX) ** 2
    median = quantile(own.log[::4, ::4], 0.5) if own is not None else 0.0
    blobs: list[Blob] = []
    for contour in cv2.findContours(blown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
        x, y, w, h = cv2.boundingRect(contour)
        if w * h < least_px:
            continue
        blob: Mask = np.zeros((h, w), np.uint8)
        cv2.drawContours(blob, [contour], -1, (1,), cv2.FILLED, offset=(-x, -y))
        blob &= np.asarray(blown[y:y + h, x:x + w], np.uint8)
        area = int(np.count_nonzero(blob))
        if area < least_px:
            continue
        contour = contour[:, 0, :] + np.array([left, top], np.int32)
        matt = None if own is None else _is_matt(contour.astype(np.float32), _within(blob, left + x, top + y, day, own.log), own.log, median, day)
        outline = tuple((float(px), float(py)) for px, py in cv2.approxPolyDP(contour, 3.0, True)[:, 0, :])
        blobs.append(Blob(outline, area, matt))
        pixels[top + y:top + y + h, left + x:left + x + w] |= blob * np.uint8(SUNLIT if matt else SOURCE)
    return tuple(blobs), pixels


def _within(blob: Mask, x: int, y: int, day: Picture, log_own: Light) -> float:
    """The own light in the middle of all that is blown: around it may lie the frame of a window, as white as the wall."""
    scale = day.width_px / log_own.shape[1]
    small = cv2.resize(blob, (max(1, round(blob.shape[1] / scale)), max(1, round(blob.shape[0] / scale))), interpolation=cv2.INTER_NEAREST)
    left, top = int(x / scale), int(y / scale)
    part = log_own[top:top + small.shape[0], left:left + small.shape[1]]
    found = part[small[:part.shape[0], :part.shape[1]] > 0]
    return quantile(found, 0.5) if found.size else float("inf")


def _is_matt(contour: npt.NDArray[np.float32], within: float, log_own: Light, median: float, day: Picture) -> bool | None:
    """Whether the own light goes on across the outline as if it were not there. None where there is too little own light to say."""
    scale = day.width_px / log_own.shape[1]
    step = max(1, len(contour) // 200)
    # The outward normal from a stretch of 13 contour pixels: shorter ones follow single pixels.
    chosen = np.arange(0, len(contour), step)
    tangent = contour[(chosen + 6) % len(contour)] - contour[chosen - 6 if len(contour) > 6 else chosen]
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    if cv2.contourArea(contour, oriented=True) < 0:
        normal = -normal
    at, out = contour[chosen], normal
    inner, outer = _read(log_own, (at - 3 * scale * out) / scale), _read(log_own, (at + 2.5 * scale * out) / scale)
    told = np.isfinite(inner) & np.isfinite(outer) & (np.fmax(inner, outer) > np.log(2 * DARK))
    if np.count_nonzero(told) < _PROBES_LEAST:
        return None
    steps = np.abs(inner - outer)[told] > _OUTLINE_STEP
    sharp = (_read(day.luma, at - scale * out) - _read(day.luma, at + 2.5 * scale * out))[told] > _SHARP_LUMA
    returns = float(np.exp(quantile(inner[told], 0.5) - median))
    if min(returns, float(np.exp(within - median))) <= _RETURNS_LEAST:
        return False
    if _glows(at, out, float(np.mean(sharp)), day):
        return False
    return float(np.mean(steps)) < _OUTLINE_LEAST or (float(np.mean(sharp & ~steps)) > _CUT_LEAST and returns > _CUT_RETURNS_LEAST)


def _glows(at: npt.NDArray[np.float32], out: npt.NDArray[np.float32], sharp: float, day: Picture) -> bool:
    """Whether the light by day fades away from the outline, on most sides: a lamp lights what is around it, a curtain glows from behind. Where the sun ends
    there is its shadow's edge and even shade beyond it. `out`: the normal. `sharp`: how much of the outline is so."""
    unit = day.width_px / REFERENCE_PX
    within, near, beyond, soft, far, farther = (_read(day.luma, at + px * unit * out) for px in (-2, 10, 18, 24, 30, 50))
    if sharp < _SOFT_MOST and _median(within - np.fmin(np.fmin(near, beyond), soft)) >= _SOFT_FADES_LUMA:
        return True
    return (_median(near - far) + _median(beyond - farther)) / 2 >= _GLOW_LUMA


def _median(values: npt.NDArray[np.float32]) -> float:
    """Of those that are there; 0 where there are none."""
    there = values[np.isfinite(values)]
    return quantile(there, 0.5) if there.size else 0.0


def _read(values: npt.NDArray[Any], at: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The values at these places; nan outside."""
    xs, ys = np.rint(at[:, 0]).astype(np.intp), np.rint(at[:, 1]).astype(np.intp)
    inside = (xs >= 0) & (ys >= 0) & (xs < values.shape[1]) & (ys < values.shape[0])
    return np.where(inside, values[np.clip(ys, 0, values.shape[0] - 1), np.clip(xs, 0, values.shape[1] - 1)], np.nan).astype(np.float32)
