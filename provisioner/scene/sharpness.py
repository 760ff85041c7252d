"""Focus and lens smear, by the width of edges.

A step blurred by sigma has the slope A / sqrt(2 pi (sigma^2 + s^2)) after one more blur by s. The ratio of its slopes after two blurs therefore gives
sigma, whatever the edge's height A: contrast and texture do not count as they do in the variance of the Laplacian. Edges are picked in the wider
blur, where noise has nearly gone (after Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44, 2011).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.pictures import Frame, Picture, quantile

Floats = npt.NDArray[np.float32]

WIDTH_PX = 640            # edges are measured at most this wide: the mean of four pixels halves the noise, which at night passes for sharpness
ROWS_MOST = 72            # lines that are searched for edges in either direction, evenly spread
MARGIN = 0.1              # of the height, above and below: there cameras write the time, which is always sharp
EDGES_LEAST = 40          # fewer edge pixels than this prove nothing
_UPRIGHT_LEAST, _CLEAR_LEAST = 200, 100   # of these kinds: with fewer, one soft shadow or a lamp's rim is a good part of the sharpest fifth
_NARROW_PX, _WIDE_PX = 1.0, 2.5   # sigmas of the two blurs between which an edge is measured
_ALONG_PX = 3             # pixels along the edge that are averaged: noise again, at the price of edges that lean by more than 20 degrees
_SLOPE_LEAST = 1.5        # luma per pixel, after the wide blur: a step of 10 luma or more
_CLEAR = 3.0              # luma per pixel: a step of 20 luma, on which focus is judged
_OVER_NOISE = 4.0         # and this many times the median slope, which is that of noise and texture
_CLEAR_OVER_NOISE = 6.0
_SHARPEST = 0.2           # an edge seen at an angle, or of a soft thing, looks wide: the sharpest fifth tells of the lens
_TILES = (8, 5)           # across and down: a fingerprint or a streak of grease covers several, a shadow's soft edge one
_TILE_EDGES_LEAST = 6
_TILE_SHARPEST = 0.25
_TILES_LEAST = 10         # with fewer tiles that have edges nothing is said of smear
_SMEARED = 2.66           # thousandths of the width, 3.4 pixels of 1280: twice what edges at an angle have in sharp pictures
_SHARP = 1.8              # thousandths of the width: the best tenth of the tiles must keep to this, or it is the focus
_DENIED = 0.2             # share in one picture below which it denies what others show: a soft shadow by day, noise by night
_BESIDE_CELLS = 5         # an edge out of focus reaches so far, 2 cells to either side
_UNEVEN = 2.5             # times wider in the worst tenth of the tiles than in the best: out of focus it is 1.5, since the whole lens is


@dataclass(frozen=True)
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
        for picked, least in ((self.sigma[self.clear & self.upright], _UPRIGHT_LEAST), (self.sigma[self.clear], _CLEAR_LEAST), (self.sigma, EDGES_LEAST)):
            if len(picked) >= least:
                return quantile(picked, _SHARPEST)
        return float("inf")

    def outside(self, cells: npt.NDArray[np.bool_]) -> "Edges":
        """Those that lie outside these cells, a map over the whole picture, and not at their edge: what hangs before the lens is out of focus whatever the
        lens is set to."""
        rows, columns = cells.shape
        grown = cv2.dilate(cells.astype(np.uint8), np.ones((_BESIDE_CELLS, _BESIDE_CELLS), np.uint8)) > 0
        kept = ~grown[np.minimum((self.y * rows).astype(np.int32), rows - 1), np.minimum((self.x * columns).astype(np.int32), columns - 1)]
        return Edges(self.x[kept], self.y[kept], self.sigma[kept], self.clear[kept], self.upright[kept])

    @cached_property
    def tiles(self) -> Floats:
        """Sigma of the sharpest edges in each tile; NaN where there are too few."""
        across, down = _TILES
        tile = np.minimum((self.y * down).astype(np.int32), down - 1) * across + np.minimum((self.x * across).astype(np.int32), across - 1)
        widths = np.full(across * down, np.nan, np.float32)
        order = np.lexsort((self.sigma, tile))
        counts = np.bincount(tile, minlength=across * down)
        begins = np.cumsum(counts) - counts
        told = counts >= _TILE_EDGES_LEAST
        widths[told] = self.sigma[order[begins[told] + (_TILE_SHARPEST * counts[told]).astype(np.intp)]]
        return widths


def _slope_taps(sigma_px: float) -> Floats:
    """Weights that give the slope, luma per pixel, after a blur."""
    half = int(np.ceil(3 * sigma_px))
    taps = np.asarray(cv2.getGaussianKernel(2 * half + 1, sigma_px), np.float64).ravel()
    return np.convolve(taps, [0.5, 0.0, -0.5]).astype(np.float32)


_NARROW, _WIDE = _slope_taps(_NARROW_PX), _slope_taps(_WIDE_PX)
_REACH_PX = len(_NARROW) // 2


def edges_of(picture: Picture) -> Edges:
    """The edges of a picture, without the strips above and below where time is written."""
    luma = picture.half if picture.width_px == 2 * WIDTH_PX else picture.luma
    if luma.shape[1] > WIDTH_PX:
        luma = np.asarray(cv2.resize(luma, (WIDTH_PX, max(1, luma.shape[0] * WIDTH_PX // luma.shape[1])), interpolation=cv2.INTER_AREA), np.uint8)
    height, width = luma.shape
    margin = int(height * MARGIN)
    inner = luma[margin : height - margin]
    y, x, sigma, clear = _along_rows(inner)
    down_x, down_y, down_sigma, down_clear = _along_rows(np.asarray(cv2.transpose(inner), np.uint8))
    return Edges(
        x=(np.concatenate([x, down_x]) / width).astype(np.float32), y=((np.concatenate([y, down_y]) + margin) / height).astype(np.float32),
        sigma=1000.0 / width * np.concatenate([sigma, down_sigma]), clear=np.concatenate([clear, down_clear]),
        upright=np.arange(len(x) + len(down_x)) < len(x),
    )


def smeared_share(edges: Sequence[Edges]) -> float | None:
    """Share of the picture where even the sharpest edges of all the pictures of one lens are wide, while others are sharp: grease and fingerprints blur
    in patches, focus blurs everywhere. What one of the pictures denies is no smear. None where too few edges are seen to tell."""
    tiles = [one.tiles for one in edges]
    together = _uneven_share(np.fmin.reduce(tiles)) if tiles else None
    alone = [share for share in (_uneven_share(widths) for widths in tiles) if share is not None]
    return together if together is None or not alone or min(alone) >= _DENIED else min(together, *alone)


def _uneven_share(widths: Floats) -> float | None:
    known = widths[np.isfinite(widths)]
    if len(known) < _TILES_LEAST:
        return None
    best, worst = quantile(known, 0.1), quantile(known, 0.9)
    return float(np.mean(known > _SMEARED)) if best <= _SHARP and worst >= _UNEVEN * best else 0.0


def _along_rows(luma: Frame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats, npt.NDArray[np.bool_]]:
    """Edges along some rows: row, column, sigma in pixels, and whether the edge is clear."""
    step = max(1, -(-len(luma) // ROWS_MOST))
    if len(luma) < step + _ALONG_PX or luma.shape[1] <= 2 * _REACH_PX + 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.bool_)
    count = (len(luma) - _ALONG_PX) // step + 1
    rows = np.add.reduce([luma[at : at + step * (count - 1) + 1 : step] for at in range(_ALONG_PX)], axis=0, dtype=np.float32) / np.float32(_ALONG_PX)
    wide = np.abs(np.asarray(cv2.filter2D(rows, cv2.CV_32F, _WIDE.reshape(1, -1)), np.float32))
    noise = quantile(wide[::4, ::2], 0.5)
    # The left and right ends, where the blur reaches beyond the picture, are not asked.
    here = wide[:, _REACH_PX:-_REACH_PX]
    line, column = np.nonzero((here >= max(_SLOPE_LEAST, _OVER_NOISE * noise)) & (here >= wide[:, _REACH_PX - 1 : -_REACH_PX - 1])
                              & (here > wide[:, _REACH_PX + 1 : 1 - _REACH_PX]))
    here = here[line, column]
    column += _REACH_PX
    narrow = np.abs(np.asarray(cv2.filter2D(rows, cv2.CV_32F, _NARROW.reshape(1, -1)), np.float32)[line, column])
    ratio2 = np.maximum((narrow / here) ** 2, 1.0001)
    sigma = np.sqrt(np.maximum((_WIDE_PX**2 - ratio2 * _NARROW_PX**2) / (ratio2 - 1.0), 0.0)).astype(np.float32)
    return line * step + _ALONG_PX // 2, column, sigma, np.asarray(here >= max(_CLEAR, _CLEAR_OVER_NOISE * noise), np.bool_)
