"""Whether a privacy mask covers a zone, from pictures of one moment: nothing to compare with from before the mask.

Every pixel of a sensor has noise, and a mask has none: one colour has none, and the mean of a mosaic's block or of a blur has lost it. So a place is
masked where the grain that the rest of the picture has is missing. Compression takes the grain of bright pictures away everywhere; then they prove
nothing, and the dark ones of the same moment (lamp on, lamp off) do. `masks.py` compares two pictures instead, and is surer where it can be had.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.findings import Outline
from provisioner.scene.pictures import Frame, Picture

Cells = npt.NDArray[np.float32]

CELL_PX = 8               # compression works in blocks of 8
_EDGE_PX = 13             # twice three quarters of a cell, and the pixel itself
_STEP_LUMA = 2            # of the Laplacian's differences: more than rounding leaves of a blur
_GRAINLESS = 0.05         # share of pixels with such a step: the smoothest cells of a wall in grain keep 0.1
_GRAINY = 0.5             # in the picture's median: with less, compression has taken the grain and a missing one proves nothing
_BRIGHT_LUMA = 160        # above it gamma presses the grain together and compression takes it: that it is missing there proves nothing
_FLAT_LUMA = 3            # a mask of one colour; a wall's shading has more over the same distance
_FLAT_SHARE = 0.6         # of the zone, of one flat colour, from which that is a mask and no chance
_ONE_COLOUR = 0.8         # of the masked cells, where the mask has one colour
_SECOND = np.array([1, -2, 1], np.float32)


@dataclass(frozen=True, slots=True)
class Coverage:
    """`share`: of the zone within the picture, that is masked. `certainty`: 0.9 by missing grain, 0.6 by one flat colour in a picture without grain."""

    share: float
    certainty: float


def coverage(pictures: Sequence[Picture], outline: Outline) -> Coverage | None:
    """How much of a zone is masked in all these pictures of one camera and moment. None where it cannot be told: no grain in any of them and no flat
    colour, or the zone is outside. Pictures of another size than the first are left out."""
    if not pictures:
        return None
    alike = [picture for picture in pictures if picture.luma.shape == pictures[0].luma.shape]
    height_px, width_px = alike[0].height_px, alike[0].width_px
    corners = np.asarray(outline, np.float64)
    left, top = (int(max(0, np.floor(low)) // CELL_PX * CELL_PX) for low in corners.min(axis=0))
    right, bottom = min(width_px, int(np.ceil(corners[:, 0].max())) + CELL_PX), min(height_px, int(np.ceil(corners[:, 1].max())) + CELL_PX)
    if right - left < 2 * CELL_PX or bottom - top < 2 * CELL_PX:
        return None
    zone: Frame = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(zone, [np.round(corners - (left, top)).astype(np.int32)], (1,))
    if not zone.any():
        return None
    crops = [picture.luma[top:bottom, left:right] for picture in alike]
    grainy = [crop for crop, picture in zip(crops, alike, strict=True) if _grain_of(picture) >= _GRAINY]
    if grainy:
        masked = _masked(_grainless(grainy), zone)
        return Coverage(float(np.mean((masked | _of_one_colour(crops, masked & (zone > 0)))[zone > 0])), 0.9)
    flat = np.all([_flat(crop, zone) for crop in crops], axis=0)
    share = float(np.mean(flat[zone > 0]))
    return Coverage(share, 0.6) if share > _FLAT_SHARE else None


def _grain_of(picture: Picture) -> float:
    """The picture's own grain: the median over strips of it."""
    strips = [picture.luma[at : at + CELL_PX + 2] for at in range(CELL_PX, picture.height_px - CELL_PX, max(CELL_PX, picture.height_px // 8))]
    return float(np.median([np.median(_grain(strip)) for strip in strips])) if strips else 0.0


def _grain(luma: Frame) -> Cells:
    """Share of the pixels in each cell that differ from their neighbours by more than rounding does."""
    response = np.asarray(cv2.sepFilter2D(luma, cv2.CV_16S, _SECOND, _SECOND), np.int16)
    height, width = luma.shape
    steps = ((response > _STEP_LUMA) | (response < -_STEP_LUMA)).astype(np.float32)
    return np.asarray(cv2.resize(steps, (max(1, width // CELL_PX), max(1, height // CELL_PX)), interpolation=cv2.INTER_AREA), np.float32)


def _grainless(crops: Sequence[Frame]) -> npt.NDArray[np.bool_]:
    """Cells without grain in all the pictures, and dark enough to have it in one of them; closed over the lines between a mosaic's blocks."""
    bare = np.all([_grain(crop) < _GRAINLESS for crop in crops], axis=0) & np.any([_cells(crop) < _BRIGHT_LUMA for crop in crops], axis=0)
    closed = cv2.morphologyEx(np.pad(bare.astype(np.uint8), 2, mode="edge"), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))[2:-2, 2:-2]
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0, np.bool_)


def _cells(luma: Frame) -> Cells:
    height, width = luma.shape
    return np.asarray(cv2.resize(luma, (max(1, width // CELL_PX), max(1, height // CELL_PX)), interpolation=cv2.INTER_AREA), np.float32)


def _masked(cells: npt.NDArray[np.bool_], zone: Frame) -> npt.NDArray[np.bool_]:
    """The pixels in these cells. Cells across a mask's edge have grain from beyond it and were called open, and coding carries some of it
    over the edge; half a cell of theirs is masked, and a quarter more."""
    height, width = zone.shape
    pixels = cv2.resize(cells.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.dilate(pixels, np.ones((_EDGE_PX, _EDGE_PX), np.uint8)) > 0, np.bool_)


def _of_one_colour(crops: Sequence[Frame], masked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Where a mask of one colour is so narrow or slanted that no whole cell lies in it: pixels of that colour in every picture. None where it has several."""
    none = np.zeros(masked.shape, np.bool_)
    if not masked.any():
        return none
    near = [np.abs(crop.astype(np.int16) - int(np.median(crop[masked]))) <= _FLAT_LUMA for crop in crops]
    return np.asarray(np.all(near, axis=0), np.bool_) if all(float(np.mean(one[masked])) >= _ONE_COLOUR for one in near) else none


def _flat(luma: Frame, zone: Frame) -> npt.NDArray[np.bool_]:
    """Pixels of the colour that most of the zone has, to within `_FLAT_LUMA`."""
    common = int(np.argmax(np.bincount(luma[zone > 0], minlength=256)))
    return np.asarray(np.abs(luma.astype(np.int16) - common) <= _FLAT_LUMA, np.bool_)
