"""Four-sided outlines from pairs of upright edges.

A closed contour is lost as soon as something before a mirror, or seen in it, touches its frame. Its two upright sides are there all the same: straight,
about as high and at about the same height. Two such sides with an edge along most of the way from top to top and from foot to foot are an outline.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.own_light import Mask

_GAP = 5                  # pixels of 640: so short a break in a side is closed
_LEAST = 22               # pixels of 640: shorter sides are left out
_BENT_MOST = 0.9          # pixels of 640, standard deviation from a straight line, and
_BENT_SHARE = 0.006       # of its length more: a wide lens bends them
_LEAN_MOST = 0.8          # sideways over up; at the edges of a wide picture that looks down uprights lean by 30 degrees and more
_SAME_HEIGHT = 0.72       # of the longer side, what both share
_WIDTH_LEAST = 20         # pixels of 640
_SIDE_OF_SPOT = 40        # pixels of 640
_BEYOND = 0.25            # of its length, so far beyond its end a side is still one of that place: something stands before the rest
_ACROSS_LEAST = 0.7      # of the way between the tops, and of that between the feet, has an edge


def pairs(upright: Mask, all_edges: Mask, unit: float, most: float) -> npt.NDArray[np.float32]:
    """Quadrilaterals (N, 4, 2): top left, top right, foot right, foot left, in pixels of `upright`.

    `upright`: thin upright edges. `all_edges`: widened edges, of both lights. `unit`: pixels per pixel of 640. `most`: largest area."""
    ends = sides(upright, unit)
    if len(ends) < 2:
        return np.zeros((0, 4, 2), np.float32)
    top, foot = ends[:, 0], ends[:, 1]
    high = foot[:, 1] - top[:, 1]
    shared = np.minimum(foot[:, None, 1], foot[None, :, 1]) - np.maximum(top[:, None, 1], top[None, :, 1])
    middle = (top[:, 0] + foot[:, 0]) / 2
    wide = middle[None, :] - middle[:, None]
    left, right = np.nonzero((wide >= _WIDTH_LEAST * unit) & (shared >= _SAME_HEIGHT * np.maximum(high[:, None], high[None, :])) & (wide * shared <= most))
    if left.size == 0:
        return np.zeros((0, 4, 2), np.float32)
    quads = np.stack([top[left], top[right], foot[right], foot[left]], axis=1)
    out = [quads[_across(quads, all_edges)]]
    return np.asarray(np.concatenate(out), np.float32)


def around(at: tuple[float, float], upright: Mask, unit: float) -> npt.NDArray[np.int32] | None:
    """The nearest sides to the left and the right of a place, as a quadrilateral (4, 2); None without both. For a place that is in a mirror for sure."""
    ends = sides(upright, unit).astype(np.float64)
    if len(ends) < 2:
        return None
    top, foot = ends[:, 0], ends[:, 1]
    high = foot[:, 1] - top[:, 1]
    beside = (high >= _SIDE_OF_SPOT * unit) & (top[:, 1] - _BEYOND * high <= at[1]) & (at[1] <= foot[:, 1] + _BEYOND * high)
    off = top[:, 0] + (foot[:, 0] - top[:, 0]) * (at[1] - top[:, 1]) / high - at[0]
    left, right = np.flatnonzero(beside & (off < -3 * unit)), np.flatnonzero(beside & (off > 3 * unit))
    if left.size == 0 or right.size == 0:
        return None
    a, b = left[off[left].argmax()], right[off[right].argmin()]
    return np.asarray(np.rint([top[a], top[b], foot[b], foot[a]]), np.int32)


def _across(quads: npt.NDArray[Any], all_edges: Mask) -> npt.NDArray[np.bool_]:
    """Which have an edge along most of the top and of the foot."""
    share = np.linspace(0.06, 0.94, 24, dtype=np.float32)[None, :, None]
    drawn = np.ones(len(quads), np.bool_)
    for a, b in ((0, 1), (3, 2)):
        at = quads[:, None, a] * (1 - share) + quads[:, None, b] * share
        xs = np.clip(np.rint(at[..., 0]).astype(np.intp), 0, all_edges.shape[1] - 1)
        ys = np.clip(np.rint(at[..., 1]).astype(np.intp), 0, all_edges.shape[0] - 1)
        drawn &= (all_edges[ys, xs] > 0).mean(axis=1) >= _ACROSS_LEAST
    return drawn


def sides(upright: Mask, unit: float) -> npt.NDArray[np.float32]:
    """Straight upright edges (N, 2, 2): top and foot, x and y."""
    closed = cv2.morphologyEx(upright, cv2.MORPH_CLOSE, np.ones((max(2, round(_GAP * unit)), 1), np.uint8))
    contours = [one for one in cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0] if len(one) >= _LEAST * unit]
    if not contours:
        return np.zeros((0, 2, 2), np.float32)
    # The least squares of all of them at once: by sums over the points of each.
    size = np.array([len(one) for one in contours])
    start = np.cumsum(size) - size
    points = np.concatenate(contours)[:, 0].T.astype(np.float64)
    middle = np.add.reduceat(points, start, axis=1) / size
    x, y = points - np.repeat(middle, size, axis=1)
    xx, xy, yy = np.add.reduceat(np.stack([x * x, x * y, y * y]), start, axis=1)
    y0, y1 = np.minimum.reduceat(y, start), np.maximum.reduceat(y, start)
    high = y1 - y0
    slope = xy / np.maximum(yy, 1e-9)
    straight = xx - slope * xy <= size * (_BENT_MOST * unit + _BENT_SHARE * high) ** 2
    chosen = np.flatnonzero((high >= _LEAST * unit) & (np.abs(slope) <= _LEAN_MOST) & straight)
    mx, my, slope, y0, y1 = middle[0, chosen], middle[1, chosen], slope[chosen], y0[chosen], y1[chosen]
    return np.stack([mx + slope * y0, my + y0, mx + slope * y1, my + y1], axis=1).astype(np.float32).reshape(-1, 2, 2)
