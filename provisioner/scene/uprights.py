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
_BY_CHANCE = 0.6          # of an outline's length: what furniture, stripes and shadows draw of any in a room
_ACROSS_LEAST = 0.7      # of the way between the tops, and of that between the feet, has an edge


def pairs(ends: npt.NDArray[np.float32], all_edges: Mask, unit: float, most: float) -> npt.NDArray[np.float32]:
    """Quadrilaterals (N, 4, 2): top left, top right, foot right, foot left, in pixels.

    `ends`: of `sides`. `all_edges`: widened edges, of both lights. `unit`: pixels per pixel of 640. `most`: largest area."""
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
    return np.asarray(quads[_across(quads, all_edges)], np.float32)


def around(at: tuple[float, float], ends: npt.NDArray[Any], upright: Mask, all_edges: Mask, unit: float, least: float, most: float) -> npt.NDArray[np.int32] | None:
    """The two sides around a place that make the best drawn outline, as a quadrilateral (4, 2); None without both. For a place that is in a mirror for sure.

    `ends`: of `sides`. `upright`, `all_edges`: thin edges. `least`, `most`: its area. Sides are often cut by what stands before them, so both are drawn out to
    the higher top and the lower foot as well; how much of the outline has an edge under it, less a share that it would have by chance, decides.
    """
    ends = ends.astype(np.float64)
    if len(ends) < 2:
        return None
    top, foot = ends[:, 0], ends[:, 1]
    lean = (foot[:, 0] - top[:, 0]) / (foot[:, 1] - top[:, 1])
    off = top[:, 0] + lean * (at[1] - top[:, 1]) - at[0]
    left, right = (one.ravel() for one in np.meshgrid(np.flatnonzero(off < -3 * unit), np.flatnonzero(off > 3 * unit), indexing="ij"))
    quads = np.stack([top[left], top[right], foot[right], foot[left]], axis=1)
    high, low = np.minimum(top[left, 1], top[right, 1]), np.maximum(foot[left, 1], foot[right, 1])
    drawn_out = [np.stack([top[side, 0] + lean[side] * (y - top[side, 1]), y], axis=1) for side, y in ((left, high), (right, high), (right, low), (left, low))]
    made = np.concatenate([quads, np.stack(drawn_out, axis=1)])
    x, y = made[..., 0], made[..., 1]
    area = 0.5 * np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1))
    holds = (y[:, 0] + (y[:, 1] - y[:, 0]) * (at[0] - x[:, 0]) / np.maximum(x[:, 1] - x[:, 0], 1.0) < at[1]) & (
        y[:, 3] + (y[:, 2] - y[:, 3]) * (at[0] - x[:, 3]) / np.maximum(x[:, 2] - x[:, 3], 1.0) > at[1])
    made = made[holds & (area >= least) & (area <= most)]
    if not len(made):
        return None
    wide, wide_upright = (np.asarray(cv2.dilate(one, np.ones((3, 3), np.uint8)), np.uint8) for one in (all_edges, upright))
    worth = np.zeros(len(made))
    for a, b, edges in ((0, 3, wide_upright), (1, 2, wide_upright), (0, 1, wide), (3, 2, wide)):
        worth += (_drawn(made, a, b, edges) - _BY_CHANCE) * np.linalg.norm(made[:, a] - made[:, b], axis=1)
    return np.asarray(np.rint(made[int(worth.argmax())]), np.int32)


def _drawn(quads: npt.NDArray[Any], a: int, b: int, edges: Mask) -> npt.NDArray[np.float64]:
    """How much of the way from one corner to another has an edge under it; beyond the picture all of it."""
    share = np.linspace(0.04, 0.96, 40)[None, :, None]
    at = np.rint(quads[:, None, a] * (1 - share) + quads[:, None, b] * share).astype(np.intp)
    inside = (at[..., 0] >= 0) & (at[..., 1] >= 0) & (at[..., 0] < edges.shape[1]) & (at[..., 1] < edges.shape[0])
    there = edges[np.clip(at[..., 1], 0, edges.shape[0] - 1), np.clip(at[..., 0], 0, edges.shape[1] - 1)] > 0
    return np.asarray(np.where(inside, there, True).mean(axis=1), np.float64)


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
