"""Focus and lens smear, by the width of edges.

A step blurred by sigma has the slope A / sqrt(2 pi (sigma^2 + s^2)) after one more blur by s. The ratio of its slopes after two blurs therefore gives
sigma, whatever the edge's height A: contrast and texture do not count as they do in the variance of the Laplacian. Edges are picked in the wider
blur, where noise has nearly gone (after Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44, 2011).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.pictures import Frame, Picture

Floats = npt.NDArray[np.float32]

WIDTH_PX = 640            # edges are measured at most this wide: the mean of four pixels halves the noise, which at night passes for sharpness
ROWS_MOST = 72            # lines that are searched for edges in either direction, evenly spread
MARGIN = 0.1              # of the height, above and below: there cameras write the time, which is always sharp
EDGES_LEAST = 40          # fewer edge pixels than this prove nothing
_NARROW_PX, _WIDE_PX = 1.0, 2.5   # sigmas of the two blurs between which an edge is measured
_ALONG_PX = 3             # pixels along the edge that are averaged: noise again, at the price of edges that lean by more than 20 degrees
_SLOPE_LEAST = 1.5        # luma per pixel, after the wide blur: a step of 10 luma or more
_CLEAR = 3.0              # luma per pixel: a step of 20 luma, on which focus is judged
_OVER_NOISE = 3.0         # and this many times the median slope, which is that of noise and texture
_CLEAR_OVER_NOISE = 6.0
_SHARPEST = 0.2           # an edge seen at an angle, or of a soft thing, looks wide: the sharpest fifth tells of the lens
_TILES = (8, 5)           # across and down: a fingerprint or a streak of grease covers several, a shadow's soft edge one
_TILE_EDGES_LEAST = 6
_TILE_SHARPEST = 0.25
_TILES_LEAST = 10         # with fewer tiles that have edges nothing is said of smear
_SMEARED = 2.66           # thousandths of the width, 3.4 pixels of 1280: twice what edges at an angle have in sharp pictures
_UNEVEN = 2.5             # times wider in the worst tenth of the tiles than in the best: out of focus it is 1.5, since the whole lens is


@dataclass(frozen=True, slots=True)
class Edges:
    """Edge pixels of one picture. `x`, `y`: fractions of width and height. `sigma`: Gaussian sigma in thousandths of the picture's width.
    `clear`: high enough above noise and texture to judge focus by; `upright`: found along a row."""

    x: Floats
    y: Floats
    sigma: Floats
    clear: npt.NDArray[np.bool_]
    upright: npt.NDArray[np.bool_]

    def spread(self) -> float:
        """Sigma of the sharpest edges, in thousandths of the picture's width; infinite where there are none. Clear upright ones are asked first: walls,
        doors and windows have them, and written time has none of its own there; a dim picture has to do with what it has."""
        for picked in (self.sigma[self.clear & self.upright], self.sigma[self.clear], self.sigma):
            if len(picked) >= EDGES_LEAST:
                return float(np.quantile(picked, _SHARPEST))
        return float("inf")


def edges_of(picture: Picture) -> Edges:
    """The edges of a picture, without the strips above and below where time is written."""
    luma = picture.half if picture.width_px == 2 * WIDTH_PX else picture.luma
    if luma.shape[1] > WIDTH_PX:
        luma = np.asarray(cv2.resize(luma, (WIDTH_PX, max(1, luma.shape[0] * WIDTH_PX // luma.shape[1])), interpolation=cv2.INTER_AREA), np.uint8)
    height, width = luma.shape
    margin = int(height * MARGIN)
    inner = luma[margin : height - margin]
    y, x, sigma, clear = _along_rows(inner)
    down_x, down_y, down_sigma, down_clear = _along_rows(np.ascontiguousarray(inner.T))
    return Edges(
        x=(np.concatenate([x, down_x]) / width).astype(np.float32), y=((np.concatenate([y, down_y]) + margin) / height).astype(np.float32),
        sigma=1000.0 / width * np.concatenate([sigma, down_sigma]), clear=np.concatenate([clear, down_clear]),
        upright=np.arange(len(x) + len(down_x)) < len(x),
    )


def smeared_share(edges: Sequence[Edges]) -> float | None:
    """Share of the picture where even the sharpest edges of all the pictures of one lens are wide, while others are sharp:
    grease and fingerprints blur in patches, focus blurs everywhere. None where too few edges are seen to tell."""
    widths = np.fmin.reduce([_tiles(one) for one in edges]) if edges else np.full(1, np.nan)
    known = widths[np.isfinite(widths)]
    if len(known) < _TILES_LEAST:
        return None
    best, worst = np.quantile(known, [0.1, 0.9])
    if worst < _UNEVEN * best or best > _SMEARED:
        return 0.0
    return float(np.mean(known > _SMEARED))


def _tiles(edges: Edges) -> Floats:
    """Sigma of the sharpest edges in each tile; NaN where there are too few."""
    across, down = _TILES
    tile = np.minimum((edges.y * down).astype(np.int32), down - 1) * across + np.minimum((edges.x * across).astype(np.int32), across - 1)
    widths = np.full(across * down, np.nan, np.float32)
    order = np.argsort(tile, kind="stable")
    for number, picked in enumerate(np.split(edges.sigma[order], np.searchsorted(tile[order], np.arange(1, across * down)))):
        if len(picked) >= _TILE_EDGES_LEAST:
            widths[number] = np.partition(picked, int(_TILE_SHARPEST * len(picked)))[int(_TILE_SHARPEST * len(picked))]
    return widths


def _along_rows(luma: Frame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats, npt.NDArray[np.bool_]]:
    """Edges along some rows: row, column, sigma in pixels, and whether the edge is clear."""
    step = max(1, -(-len(luma) // ROWS_MOST))
    rows = np.asarray(cv2.blur(luma, (1, _ALONG_PX)), np.uint8)[::step]
    wide = _slopes(rows, _WIDE_PX)
    noise = float(np.median(wide[::4]))
    line, column = np.nonzero(wide[:, 2:-2] >= max(_SLOPE_LEAST, _OVER_NOISE * noise))
    column += 2
    here = wide[line, column]
    is_peak = (here >= wide[line, column - 1]) & (here > wide[line, column + 1])
    line, column, here = line[is_peak], column[is_peak], here[is_peak]
    ratio2 = np.maximum((_slopes(rows, _NARROW_PX)[line, column] / here) ** 2, 1.0001)
    sigma = np.sqrt(np.maximum((_WIDE_PX**2 - ratio2 * _NARROW_PX**2) / (ratio2 - 1.0), 0.0)).astype(np.float32)
    return line * step, column, sigma, np.asarray(here >= max(_CLEAR, _CLEAR_OVER_NOISE * noise), np.bool_)


def _slopes(rows: Frame, sigma_px: float) -> Floats:
    """Absolute slope along each row, luma per pixel, after a blur along the row."""
    half = int(np.ceil(3 * sigma_px))
    taps = np.asarray(cv2.getGaussianKernel(2 * half + 1, sigma_px), np.float64).ravel()
    kernel = np.convolve(taps, [0.5, 0.0, -0.5]).reshape(1, -1)
    return np.abs(np.asarray(cv2.filter2D(rows, cv2.CV_32F, kernel), np.float32))
