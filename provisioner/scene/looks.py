"""What lies within outlines and around them, in the camera's own light and by day, for all of them at once.

Some two hundred places within an outline and a hundred around it tell as much as all its pixels, and a hundred outlines are then read in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from provisioner.scene.own_light import Light
from provisioner.scene.pictures import Frame

Values = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_ALONG = 64               # places along an outline
_RINGS = ((1.0, 40), (0.78, 32), (0.56, 22), (0.34, 14), (0.12, 4))   # shares of the way from its middle, and places there: evenly over the area
_WITHIN_PX = -4.0         # pixels of 640: without the outline itself, which both lights show
_AROUND_PX = (4.0, 6.5)   # and so far outside lies what it hangs on
_FOOT_PX = 7.0
_WITHIN_PERCENT, _AROUND_PERCENT = 8, 10   # spreads are from this percentile to that as far from the other end
_BRIGHT_LUMA = 240
_PAINT_MOST = 1.0         # as steep as the daylight: what paint absorbs of visible light it absorbs of infrared at most; dyes and prints much less


@dataclass(frozen=True, slots=True)
class Looks:
    """One value for each outline. Natural logarithms of linear light: `deep`, the spread of the own light within, less its even slope; `under`, how far it lies
    below that around; `around` and `around_day`, how uneven the two lights are around; `foot`, by how much the own light below differs from that beside;
    `unlike`, the spread less what follows the daylight as paint does; `deep_day`, the daylight's own spread, without the outermost ring, where a frame may be;
    `over`, how far the daylight lies above that around. `blown`: the share that is white by day. Without a day frame what is of it is 0, and all of the spread
    is `unlike`."""

    deep: Values
    under: Values
    around: Values
    foot: Values
    unlike: Values
    deep_day: Values
    over: Values
    around_day: Values
    blown: Values


def look_at(outlines: Sequence[npt.NDArray[Any]], log_own: Light, log_day: Light | None, light: Frame | None, unit: float) -> Looks:
    """Convex outlines (K, 2) in pixels of `log_own` and `log_day`. `light`: luma by day. `unit`: pixels per pixel of 640."""
    along = _evenly(outlines)
    low, high = along.min(axis=1, keepdims=True), along.max(axis=1, keepdims=True)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
    out = along - middle

    def beside(by_px: float, share: float = 1.0, count: int = _ALONG) -> Values:
        chosen = out[:, np.arange(count) * _ALONG // count]
        return np.asarray(middle + chosen * (share * (1 + by_px * unit / half)), np.float32)

    within = np.concatenate([beside(_WITHIN_PX, share, count) for share, count in _RINGS], axis=1)
    around = np.concatenate([beside(px) for px in _AROUND_PX], axis=1)
    own_in, own_around = _read(log_own, within), _read(log_own, around)
    own_mid, own_level = (np.median(one, axis=1) for one in (own_in, own_around))
    own_in, own_around = _without_slope(own_in, within), _without_slope(own_around, around)
    deep, uneven, foot = _spread(own_in, _WITHIN_PERCENT), _spread(own_around, _AROUND_PERCENT), _foot(_read(log_own, beside(_FOOT_PX)), out)
    if log_day is None or light is None:
        zero = np.zeros(len(along), np.float32)
        return Looks(deep, own_level - own_mid, uneven, foot, deep, zero, zero, zero, zero)
    day_in, day_around = _read(log_day, within), _read(log_day, around)
    over = np.median(day_in, axis=1) - np.median(day_around, axis=1)
    day_in, day_around = _without_slope(day_in, within), _without_slope(day_around, around)
    follows = np.einsum("ij,ij->i", own_in, day_in) / np.maximum(np.einsum("ij,ij->i", day_in, day_in), 1e-6)
    unlike = own_in - np.clip(follows, 0.0, _PAINT_MOST)[:, None] * day_in
    deep_day, uneven_day = _spread(day_in[:, _RINGS[0][1]:], _WITHIN_PERCENT), _spread(day_around, _AROUND_PERCENT)
    blown = np.mean(_read(light, within) >= _BRIGHT_LUMA, axis=1)
    return Looks(deep, own_level - own_mid, uneven, foot, _spread(unlike, _WITHIN_PERCENT), deep_day, over, uneven_day, blown)


def _evenly(outlines: Sequence[npt.NDArray[Any]]) -> Values:
    """`_ALONG` places along each (N, _ALONG, 2)."""
    most = max(len(one) for one in outlines)
    ends = np.stack([np.concatenate([one, np.repeat(one[-1:], most - len(one), axis=0)]) for one in outlines]).astype(np.float32)
    sides = np.roll(ends, -1, axis=1) - ends
    lengths = np.hypot(sides[..., 0], sides[..., 1])
    until = np.cumsum(lengths, axis=1)
    at = until[:, -1:] * (np.arange(_ALONG, dtype=np.float32) / _ALONG)
    side = np.minimum((until[:, None] <= at[:, :, None]).sum(axis=2), most - 1)
    share = (at - np.take_along_axis(until - lengths, side, axis=1)) / np.maximum(np.take_along_axis(lengths, side, axis=1), 1e-6)
    return np.asarray(np.take_along_axis(ends, side[..., None], axis=1) + share[..., None] * np.take_along_axis(sides, side[..., None], axis=1), np.float32)


def _read(values: npt.NDArray[Any], at: Values) -> npt.NDArray[Any]:
    """The values at these places; beyond the picture those of its edge."""
    height, width = values.shape
    x = np.clip(np.rint(at[..., 0]), 0, width - 1).astype(np.intp)
    y = np.clip(np.rint(at[..., 1]), 0, height - 1).astype(np.intp)
    return np.asarray(values.ravel().take(y * width + x))


def _without_slope(values: npt.NDArray[Any], at: Values) -> Values:
    """Less the plane through them (N, M): along one wall light falls off evenly, and so does the lens; another place has steps."""
    x, y = (at[..., axis] - at[..., axis].mean(axis=1, keepdims=True) for axis in (0, 1))
    v = values - values.mean(axis=1, keepdims=True)
    xx, xy, yy, xv, yv = (np.einsum("ij,ij->i", a, b) for a, b in ((x, x), (x, y), (y, y), (x, v), (y, v)))
    whole = np.maximum(xx * yy - xy * xy, 1e-6)  # least squares in two unknowns
    return np.asarray(v - ((yy * xv - xy * yv) / whole)[:, None] * x - ((xx * yv - xy * xv) / whole)[:, None] * y, np.float32)


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
