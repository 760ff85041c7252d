"""Four-sided outlines from pairs of upright edges.

A closed contour is lost as soon as something before a mirror, or seen in it, touches its frame. Its two upright sides are there all the same: straight,
about as high. Two such sides with an edge along most of the way from top to top and from foot to foot are an outline; where a thing stands before one of them,
the other tells how far it went.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.own_light import Mask

_GAP = 5                  # pixels of 640: so short a break in a side is closed
_LEAST = 22               # pixels of 640: shorter sides are left out
_BENT_MOST = 0.9          # pixels of 640, standard deviation from a straight line, and
_BENT_SHARE = 0.012       # of its length more: a fisheye bends them; the round side of a lampshade has 0.05
_LEAN_MOST = 0.8          # sideways over up; at the edges of a wide picture that looks down uprights lean by 30 degrees and more
_WIDTH_LEAST = 13         # pixels of 640
_NARROW = 0.7             # of it at the top and at the foot
_LEVEL_MOST = 0.45        # down over across: seen from the front, and from a camera that hangs askew
_SLOPE_MOST = 1.6         # down over across, between the tops and between the feet: along a wall beside the camera they rise steeply to the farther end
_CUT_LEAST = 0.35         # of the longer side, the shorter one
_CUT_MOST = 0.9           # and from here on both are whole
_FARTHER = (0.7, 0.85, 1.0, 1.2)    # of the longer side, how long a cut one is: along such a wall the farther side is the shorter
_SHARED_LEAST = 0.4       # of the longer side, where both are cut, one below and one above
_GAP_MOST = 0.5           # of two pieces of one side, together
_OFF_MOST, _OFF_SHARE = 2.0, 0.01   # pixels of 640, and of the length: from one line
_BY_CHANCE = 0.6          # of an outline's length: what furniture, stripes and shadows draw of any in a room
_ACROSS_LEAST = 0.7       # of the way between the tops, and of that between the feet, has an edge
_UP_LEAST = 0.5           # and of each side, drawn out
_TOP, _FOOT, _LEFT, _RIGHT = (0, 1, _ACROSS_LEAST), (3, 2, _ACROSS_LEAST), (0, 3, _UP_LEAST), (1, 2, _UP_LEAST)   # corners, and how much of the way is drawn
_ONE_SIDE = np.array((2.0, 4.0), np.float32)   # pixels of 640, across and along: so near to one another lie the ends of a side that both lights show
_SIDES_MOST = 64          # the longest: rows of books have hundreds, and no mirror is as narrow


def pairs(ends: npt.NDArray[np.float32], all_edges: Mask, unit: float, least: float, most: float) -> npt.NDArray[np.float32]:
    """Quadrilaterals (N, 4, 2): top left, top right, foot right, foot left, in pixels, those with most of their outline drawn first. What stands before a
    mirror often cuts one of its sides: then the other one tells how high it is, from the tops or from the feet, or both together do.

    `ends`: of `sides`. `all_edges`: widened edges, of both lights. `unit`: pixels per pixel of 640. `least`, `most`: area."""
    ends, all_edges = _joined(ends, unit), _bordered(all_edges)
    ends = ends[np.argsort(ends[:, 0, 1] - ends[:, 1, 1])[:_SIDES_MOST]]
    if len(ends) < 2:
        return np.zeros((0, 4, 2), np.float32)
    top, foot = ends[:, 0], ends[:, 1]
    run, middle = foot - top, (top[:, 0] + foot[:, 0]) / 2
    high = run[:, 1]
    wide, longer = middle[None, :] - middle[:, None], np.maximum(high[:, None], high[None, :])
    left, right = np.nonzero((wide >= _WIDTH_LEAST * unit) & (wide * longer <= most) & (wide * longer >= least)
                             & (np.minimum(high[:, None], high[None, :]) >= _CUT_LEAST * longer))
    wide, longer, shorter = wide[left, right], longer[left, right], np.minimum(high[left], high[right])
    rise_tops, rise_feet = (one[right, 1] - one[left, 1] for one in (top, foot))
    # Most have nothing across their top or foot, which a few places tell.
    tops, feet = ((np.abs(rise) <= _SLOPE_MOST * wide + 2 * unit) & (_drawn(one[left], one[right], all_edges, 7) >= _ACROSS_LEAST - 0.25)
                  for one, rise in ((top, rise_tops), (foot, rise_feet)))
    level = np.maximum(np.abs(rise_tops), np.abs(rise_feet)) <= _LEVEL_MOST * wide + 2 * unit
    whole = tops & feet
    made = [np.stack([top[left], top[right], foot[right], foot[left]], axis=1)[whole]]
    cut = shorter < _CUT_MOST * longer
    for seen, start, way in ((tops, top, 1), (feet, foot, -1)):
        one, other = left[cut & seen], right[cut & seen]
        for share in _FARTHER:
            ends_of = [start[side] + way * run[side] * np.maximum(1.0, share * high[beside] / high[side])[:, None] for side, beside in ((one, other), (other, one))]
            made.append(np.stack([start[one], start[other], ends_of[1], ends_of[0]][::way], axis=1))
    crossed = (np.minimum(foot[left, 1], foot[right, 1]) - np.maximum(top[left, 1], top[right, 1]) >= _SHARED_LEAST * longer) & (cut | ~level)
    one, other = left[crossed], right[crossed]
    y0, y1 = np.minimum(top[one, 1], top[other, 1]), np.maximum(foot[one, 1], foot[other, 1])
    made.append(np.stack([_at(ends, side, y) for side, y in ((one, y0), (other, y0), (other, y1), (one, y1))], axis=1))
    quads = np.concatenate(made)
    across = np.minimum(quads[:, 1, 0] - quads[:, 0, 0], quads[:, 2, 0] - quads[:, 3, 0])
    quads = quads[across >= _NARROW * _WIDTH_LEAST * unit]
    sides_of = (_TOP, _FOOT, _LEFT, _RIGHT)
    for a, b, least_drawn in sides_of:
        quads = quads[_drawn(quads[:, a], quads[:, b], all_edges, 7) >= least_drawn - 0.12]
    shares = np.zeros(len(quads))
    for a, b, least_drawn in sides_of:
        drawn = _drawn(quads[:, a], quads[:, b], all_edges, 16)
        quads, shares = quads[drawn >= least_drawn], (shares + drawn)[drawn >= least_drawn]
    return np.asarray(quads[np.argsort(-shares)], np.float32)


def once(ends: npt.NDArray[np.float32], unit: float) -> npt.NDArray[np.float32]:
    """Of sides (N, 2, 2) that nearly lie on one another the first. `unit`: pixels per pixel of 640."""
    for shift in (0.0, 0.5):  # what a border between two cells parts lies in one of the other grid
        ends = ends[firsts(np.floor(ends / (_ONE_SIDE * np.float32(unit)) + np.float32(shift)).reshape(-1, 4))]
    return ends


def firsts(cells: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Of rows (N, 4) of whole numbers under 65,536 that are the same the first, in their order."""
    rows = cells.astype(np.int64) + 1
    return np.sort(np.unique(((rows[:, 0] << 48) + (rows[:, 1] << 32) + (rows[:, 2] << 16) + rows[:, 3]), return_index=True)[1])


def _at(ends: npt.NDArray[Any], side: npt.NDArray[np.intp], y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Where these sides, drawn out, are at this height."""
    top, run = ends[side, 0], ends[side, 1] - ends[side, 0]
    return np.stack([top[:, 0] + run[:, 0] / run[:, 1] * (y - top[:, 1]), y], axis=1)


def _joined(ends: npt.NDArray[np.float32], unit: float) -> npt.NDArray[np.float32]:
    """The sides, and what two of them make that lie in one line: things before a mirror cut its sides, and things seen in it."""
    if len(ends) < 2:
        return ends
    top, foot = ends[:, 0], ends[:, 1]
    high = foot[:, 1] - top[:, 1]
    gap = top[None, :, 1] - foot[:, None, 1]
    upper, lower = np.nonzero((gap >= -3 * unit) & (gap <= _GAP_MOST * (high[:, None] + high[None, :])))
    whole = np.stack([top[upper], foot[lower]], axis=1)
    line = np.arange(len(whole))
    off = np.maximum(np.abs(_at(whole, line, foot[upper, 1])[:, 0] - foot[upper, 0]), np.abs(_at(whole, line, top[lower, 1])[:, 0] - top[lower, 0]))
    return np.concatenate([ends, once(whole[off <= _OFF_MOST * unit + _OFF_SHARE * (foot[lower, 1] - top[upper, 1])], unit)])


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
    drawn_out = [_at(ends, side, y) for side, y in ((left, high), (right, high), (right, low), (left, low))]
    made = np.concatenate([quads, np.stack(drawn_out, axis=1)])
    x, y = made[..., 0], made[..., 1]
    area = 0.5 * np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1))
    holds = (y[:, 0] + (y[:, 1] - y[:, 0]) * (at[0] - x[:, 0]) / np.maximum(x[:, 1] - x[:, 0], 1.0) < at[1]) & (
        y[:, 3] + (y[:, 2] - y[:, 3]) * (at[0] - x[:, 3]) / np.maximum(x[:, 2] - x[:, 3], 1.0) > at[1])
    made = made[holds & (area >= least) & (area <= most)]
    if not len(made):
        return None
    wide, wide_upright = (_bordered(np.asarray(cv2.dilate(one, np.ones((3, 3), np.uint8)), np.uint8)) for one in (all_edges, upright))
    worth = np.zeros(len(made))
    for a, b, edges in ((0, 3, wide_upright), (1, 2, wide_upright), (0, 1, wide), (3, 2, wide)):
        worth += (_drawn(made[:, a], made[:, b], edges) - _BY_CHANCE) * np.linalg.norm(made[:, a] - made[:, b], axis=1)
    return np.asarray(np.rint(made[int(worth.argmax())]), np.int32)


def _bordered(edges: Mask) -> Mask:
    """Edges as 1, with a row and a column more on each side that count as drawn: what lies beyond the picture."""
    return np.asarray(cv2.copyMakeBorder(cv2.threshold(edges, 0, 1, cv2.THRESH_BINARY)[1], 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1,)), np.uint8)


def _drawn(one: npt.NDArray[Any], other: npt.NDArray[Any], bordered: Mask, count: int = 40) -> npt.NDArray[np.float32]:
    """How much of the way from one place (N, 2) to another has an edge under it, by so many places."""
    share = np.rint(np.linspace(0.04, 0.96, count) * 64).astype(np.int32)          # whole numbers are quicker: 64ths of the way, 256ths of a pixel
    start, way = (np.rint(one * 256) + 384).astype(np.int32), np.rint((other - one) * 4).astype(np.int32)
    high, wide = bordered.shape
    x, y = (np.clip((start[:, axis, None] + way[:, axis, None] * share) >> 8, 0, most - 1) for axis, most in ((0, wide), (1, high)))
    return np.asarray(bordered.ravel().take(y * wide + x).sum(axis=1, dtype=np.uint16) / np.float32(count), np.float32)


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
