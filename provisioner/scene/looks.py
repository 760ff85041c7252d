"""What lies within outlines and around them, in the camera's own light and by day, for all of them at once.

Some two hundred places within an outline and a hundred around it tell as much as all its pixels, and a hundred outlines are then read in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from provisioner.scene.own_light import Light, Mask
from provisioner.scene.pictures import Frame

Values = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_ALONG = 64               # places along an outline
_RINGS = ((1.0, 40), (0.78, 32), (0.56, 22), (0.34, 14), (0.12, 4))   # shares of the way from its middle, and places there: evenly over the area
_STRETCHES = 8            # of it, so many places each: one side of a thing that is none is missing, not a bit of each
_WITHIN_PX = -4.0         # pixels of 640: without the outline itself, which both lights show
_AROUND_PX = (4.0, 6.5)   # and so far outside lies what it hangs on
_FOOT_PX = 7.0
_WITHIN_PERCENT, _AROUND_PERCENT = 8, 10   # spreads are from this percentile to that as far from the other end
_BRIGHT_LUMA = 240
_PAINT_MOST = 1.0         # as steep as the daylight: what paint absorbs of visible light it absorbs of infrared at most; dyes and prints much less


@dataclass(frozen=True, slots=True)
class Looks:
    """One value for each outline. Natural logarithms of linear light: `deep`, the spread of the own light within, less its even slope; `level`, the own light
    around; `under`, how far that within lies below it; `around` and `around_day`, how uneven the two lights are around; `foot`, by how much the own light
    below differs from that beside; `unlike`, the spread less what follows the daylight as paint does; `deep_day`, the daylight's own spread, without the
    outermost ring, where a frame may be; `over`, how far the daylight lies above that around. Shares: `blown`, what is white by day; `drawn`, what has an edge
    under it of the least drawn quarter of the outline. Without a day frame what is of it is 0, and all of the spread is `unlike`."""

    deep: Values
    level: Values
    under: Values
    around: Values
    foot: Values
    unlike: Values
    deep_day: Values
    over: Values
    around_day: Values
    blown: Values
    drawn: Values


def look_at(outlines: Sequence[npt.NDArray[Any]], log_own: Light, log_day: Light | None, light: Frame | None, near_edges: Mask, unit: float) -> Looks:
    """Convex outlines (K, 2) in pixels of `log_own` and `log_day`. `light`: luma by day. `near_edges`: where an edge is near, in either light. `unit`: pixels
    per pixel of 640."""
    along = evenly(outlines, _ALONG)
    middle = (along.min(axis=1, keepdims=True) + along.max(axis=1, keepdims=True)) / 2
    out, run = along - middle, np.roll(along, -1, axis=1) - np.roll(along, 1, axis=1)
    away = np.stack([run[..., 1], -run[..., 0]], axis=-1) / np.maximum(np.hypot(run[..., 0], run[..., 1]), 1e-6)[..., None]
    away *= np.where((away * out).sum(axis=(1, 2)) < 0, -1.0, 1.0)[:, None, None]

    def beside(by_px: float, share: float = 1.0, count: int = _ALONG) -> Values:
        chosen = np.arange(count) * _ALONG // count
        return np.asarray(middle + (out[:, chosen] + away[:, chosen] * (by_px * unit)) * share, np.float32)

    within = np.concatenate([beside(_WITHIN_PX, share, count) for share, count in _RINGS], axis=1)
    around = np.concatenate([beside(px) for px in _AROUND_PX], axis=1)
    inner, outer, below = (_index(at, log_own.shape) for at in (within, around, beside(_FOOT_PX)))
    slope_in, slope_around = _Slope.of(within), _Slope.of(around)
    drawn = np.sort((near_edges.ravel().take(_index(along, log_own.shape)) > 0).reshape(len(along), _STRETCHES, -1).mean(axis=2, dtype=np.float32), axis=1)
    least_drawn = drawn[:, : _STRETCHES // 4].mean(axis=1)
    own_in, own_around = log_own.ravel().take(inner), log_own.ravel().take(outer)
    level = _middle(own_around)
    under = level - _middle(own_in)
    own_in, own_around = slope_in.without(own_in), slope_around.without(own_around)
    deep, uneven, foot = _spread(own_in, _WITHIN_PERCENT), _spread(own_around, _AROUND_PERCENT), _foot(log_own.ravel().take(below), out)
    if log_day is None or light is None:
        zero = np.zeros(len(along), np.float32)
        return Looks(deep, level, under, uneven, foot, deep, zero, zero, zero, zero, least_drawn)
    day_in, day_around = log_day.ravel().take(inner), log_day.ravel().take(outer)
    over = _middle(day_in) - _middle(day_around)
    day_in, day_around = slope_in.without(day_in), slope_around.without(day_around)
    follows = _dot(own_in, day_in) / np.maximum(_dot(day_in, day_in), 1e-6)
    unlike = np.asarray(own_in - np.clip(follows, 0.0, _PAINT_MOST)[:, None] * day_in, np.float32)
    deep_day, uneven_day = _spread(day_in[:, _RINGS[0][1]:], _WITHIN_PERCENT), _spread(day_around, _AROUND_PERCENT)
    blown = np.asarray(np.mean(light.ravel().take(inner) >= _BRIGHT_LUMA, axis=1), np.float32)
    return Looks(deep, level, under, uneven, foot, _spread(unlike, _WITHIN_PERCENT), deep_day, over, uneven_day, blown, least_drawn)


def evenly(outlines: Sequence[npt.NDArray[Any]], count: int) -> Values:
    """So many places along each outline (K, 2), as far apart: (N, count, 2)."""
    ends = np.empty((len(outlines), max(len(one) for one in outlines), 2), np.float32)
    for padded, one in zip(ends, outlines, strict=True):
        padded[:len(one)], padded[len(one):] = one, one[-1]
    sides = np.roll(ends, -1, axis=1) - ends
    lengths = np.hypot(sides[..., 0], sides[..., 1])
    until = np.cumsum(lengths, axis=1)
    at = until[:, -1:] * (np.arange(count, dtype=np.float32) / count)
    side = np.zeros(at.shape, np.intp)
    for until_here in until.T[:-1]:
        side += until_here[:, None] <= at
    which = np.arange(len(outlines))[:, None]
    share = (at - (until - lengths)[which, side]) / np.maximum(lengths[which, side], 1e-6)
    return np.asarray(ends[which, side] + share[..., None] * sides[which, side], np.float32)


def _index(at: Values, shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Of these places in a picture laid out in one row; beyond its edge those at the edge."""
    x, y = (np.clip(np.rint(at[..., axis]), 0, shape[1 - axis] - 1).astype(np.intp) for axis in (0, 1))
    return np.asarray(y * shape[1] + x)


@dataclass(frozen=True, slots=True)
class _Slope:
    """What is needed to take the plane through values out of them: along one wall light falls off evenly, and so does the lens; another place has steps.
    `x`, `y`: the places (N, M) from their middle; `xx`, `xy`, `yy`: their products, over the determinant of the least squares in two unknowns."""

    x: Values
    y: Values
    xx: Values
    xy: Values
    yy: Values

    @classmethod
    def of(cls, at: Values) -> "_Slope":
        """Places (N, M, 2)."""
        x, y = (np.ascontiguousarray(at[..., axis] - at[..., axis].mean(axis=1, keepdims=True)) for axis in (0, 1))
        whole = 1.0 / np.maximum(_dot(x, x) * _dot(y, y) - _dot(x, y) ** 2, 1e-6)
        return cls(x, y, _dot(x, x) * whole, _dot(x, y) * whole, _dot(y, y) * whole)

    def without(self, values: npt.NDArray[Any]) -> Values:
        """Values (N, M) less their mean and their slope."""
        v = values - values.mean(axis=1, keepdims=True)
        xv, yv = _dot(self.x, v), _dot(self.y, v)
        v -= (self.yy * xv - self.xy * yv)[:, None] * self.x
        v -= (self.xx * yv - self.xy * xv)[:, None] * self.y
        return np.asarray(v, np.float32)


def _dot(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> Values:
    return np.asarray(np.einsum("ij,ij->i", one, other), np.float32)


def _middle(values: npt.NDArray[Any]) -> Values:
    """The median of each."""
    half = values.shape[1] // 2
    return np.asarray(np.partition(values, half, axis=1)[:, half], np.float32)


def _spread(values: Values, percent: int) -> Values:
    """From one percentile to that as far from the other end."""
    ranked = np.sort(values, axis=1)
    count = values.shape[1]
    return np.asarray(ranked[:, (100 - percent) * count // 100] - ranked[:, percent * count // 100], np.float32)


def _foot(around: npt.NDArray[Any], out: Values) -> Values:
    """The lower half of the outline: what is below it against what is to its left and right."""
    run = np.roll(out, -1, axis=1) - out
    low = out[..., 1] > 0
    below = low & (np.abs(run[..., 0]) > np.abs(run[..., 1]))
    beside = low & ~below
    levels = [(around * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1) for there in (below, beside)]
    return np.asarray(np.abs(levels[0] - levels[1]), np.float32)
