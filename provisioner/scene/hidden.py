"""What hides a part of the bed: a screen, a towel over a chair, an open cupboard door, between the camera and an outline that is known to be there.

A bed's outline is seen because bed and room differ in colour, in brightness or in how the camera's own light falls on them. Where all of that goes on
across the outline as if it were not there, something lies over it. Screens are straight where they cut across the bed: so a strip is searched that
holds the unseen pieces of the outline and not the seen ones, which is another stuff than the bed, and has an edge where it ends upon the bed.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.pictures import Picture

Floats = npt.NDArray[np.float64]

ACROSS = 160              # cells over the width, 8 pixels of 1280: stripes of cloth and compression average out, pillows do not
_GAMMA = 2.2
_BLACK = 4.0              # luma added before taking logarithms: noise in black is no signal
_SMALLEST_STEP = (0.25, 0.06, 0.06, 0.3, 0.3)
"""What a step must have to be seen. Own light against daylight, the two of colour, own light, daylight; all in powers of two of linear light. Folds
and shading stay within them, the edges of beds are 1 to 10 times as large."""
_INSIDE, _OUTSIDE = 0.0125, 0.019   # of the picture's width, from the outline: bedclothes hang over by 0.01
_POINTS = 96              # along the outline
_SPAN = 9                 # of them that are averaged, with their sign: stripes cancel, outlines do not
_SEEN = 2.0               # times the smallest step
_OTHER_STUFF = 2.0        # times the smallest step, between what lies over the outline and the nearest of the bed
_STRIP_LEAST = 0.08       # of the bed: less is a bedside lamp, and within the error
_POINTS_LEAST = 8         # of the outline, of either kind
_PURE = 0.6               # of the unseen pieces that the strip holds, less the seen ones
_BLURRED = 0.12           # of the shape's width, by which the ends of the unseen pieces are uncertain
_ANGLES_DEG = np.arange(0.0, 180.0, 7.5)


@dataclass(frozen=True, slots=True)
class Strip:
    """Between two parallel lines, `low` and `high` along the unit vector `across` (pixels; infinite where it goes on)."""

    across: tuple[float, float]
    low: float
    high: float

    def holds(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Which of the points (N, 2) lie in it."""
        at = points @ np.asarray(self.across)
        return np.asarray((at >= self.low) & (at <= self.high), np.bool_)


def hiding_strip(day: Picture, night: Picture | None, outline: Floats, samples: Floats) -> Strip | None:
    """The strip of the picture in which something hides the shape with this outline (N, 2), px; None where nothing does, or nothing can be told.

    `samples`: points over the shape, by which its area is counted. Without `night` colour and daylight alone decide.
    """
    ring = resampled(outline)
    normals = _normals(ring)
    inner, outer = ring - normals * (_INSIDE * day.width_px), ring + normals * (_OUTSIDE * day.width_px)
    usable = _inside(inner, day) & _inside(outer, day)
    looks = _Looks.around(outer[usable] if usable.any() else outer, day, night)
    within, beyond = looks.at(inner), looks.at(outer)
    steps = np.where(usable[:, None], within - beyond, 0.0)
    seen = np.linalg.norm(_round(steps) / np.maximum(_round(usable[:, None].astype(np.float64)), 1.0), axis=1) >= _SEEN
    unseen, seen = usable & ~seen, usable & seen
    if min(np.count_nonzero(unseen), np.count_nonzero(seen)) < _POINTS_LEAST:
        return None
    rough = _best_strip(ring[usable], unseen[usable])
    held = rough.holds(ring)
    pure = (np.count_nonzero(held & unseen) - np.count_nonzero(held & seen)) / np.count_nonzero(unseen)
    shown = samples[_inside(samples, day, margin_px=0)]
    if pure < _PURE or not _is_wide(rough, shown):
        return None
    strip = _to_edges(rough, shown, looks, _INSIDE * day.width_px)
    if strip is None or not _is_wide(strip, shown):
        return None
    clear = seen & ~held & (_round(unseen[:, None].astype(np.float64))[:, 0] == 0)   # the mean over `_SPAN` points has mixed the others
    if np.count_nonzero(clear) < _POINTS_LEAST:
        return None
    apart = np.partition(np.linalg.norm(within[unseen & held][:, None] - within[clear][None], axis=2), 1, axis=1)[:, 1]
    return strip if float(np.median(apart)) > _OTHER_STUFF else None


def resampled(outline: Floats, count: int = _POINTS) -> Floats:
    """Points evenly along a closed outline."""
    closed = np.concatenate([outline, outline[:1]])
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.arange(count) / count * walked[-1]
    return np.stack([np.interp(at, walked, closed[:, 0]), np.interp(at, walked, closed[:, 1])], axis=1)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What each cell of a part of the picture looks like, in units of the smallest step."""

    cells: npt.NDArray[np.float32]
    corner_px: tuple[int, int]
    cell_px: float

    @classmethod
    def around(cls, points: Floats, day: Picture, night: Picture | None) -> "_Looks":
        """Of the part that holds these points."""
        cell_px = day.width_px / ACROSS
        block = 4 * max(1, round(cell_px / 2))   # so that the smaller pictures are cut at the same places
        (left, top), (right, bottom) = (points.min(axis=0) // block * block - block).astype(int), (points.max(axis=0) // block * block + 2 * block).astype(int)
        left, top, right, bottom = max(0, left), max(0, top), min(day.width_px // 4 * 4, right), min(day.height_px // 4 * 4, bottom)
        size = (max(2, round((right - left) / cell_px)), max(2, round((bottom - top) / cell_px)))
        colour = _light(day.quarter_bgr[top // 4 : bottom // 4, left // 4 : right // 4], size)
        daylight = colour.mean(axis=2)
        shades = [colour[..., 2] - colour[..., 1], colour[..., 0] - colour[..., 1]]
        looks, steps = [*shades, daylight], [*_SMALLEST_STEP[1:3], _SMALLEST_STEP[4]]
        if night is not None:
            own = _light(night.half[top // 2 : bottom // 2, left // 2 : right // 2], size)
            looks, steps = [own - daylight, *shades, own, daylight], list(_SMALLEST_STEP)
        return cls(np.dstack([one / np.float32(step) for one, step in zip(looks, steps, strict=True)]), (left, top), cell_px)

    def at(self, points: Floats) -> Floats:
        """At these pixels, between the cells' middles by distance."""
        x, y = ((points - self.corner_px) / self.cell_px - 0.5).T
        height, width = self.cells.shape[:2]
        x, y = np.minimum(np.maximum(x, 0), width - 1.001), np.minimum(np.maximum(y, 0), height - 1.001)
        column, row = x.astype(np.intp), y.astype(np.intp)
        right, down = (x - column).astype(np.float32)[:, None], (y - row).astype(np.float32)[:, None]
        flat, at = self.cells.reshape(width * height, -1), row * width + column
        above, below = (flat[one] * (1 - right) + flat[one + 1] * right for one in (at, at + width))
        return np.asarray(above * (1 - down) + below * down, np.float64)


def _light(picture: Any, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    small = cv2.GaussianBlur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), 1.0)
    return np.asarray(_GAMMA * np.log2(small + np.float32(_BLACK)), np.float32)


def _normals(ring: Floats) -> Floats:
    """Unit normals that point outwards."""
    along = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    after = np.roll(ring, -1, axis=0)
    turn = float(np.sum(ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]))
    return np.stack([along[:, 1], -along[:, 0]], axis=1) * (1.0 if turn >= 0 else -1.0)


def _inside(points: Floats, picture: Picture, margin_px: float = 4.0) -> npt.NDArray[np.bool_]:
    x, y = points.T
    return np.asarray((x >= margin_px) & (x < picture.width_px - margin_px) & (y >= margin_px) & (y < picture.height_px - margin_px), np.bool_)


def _round(values: Floats) -> Floats:
    """Sums over `_SPAN` points of a closed line."""
    half = _SPAN // 2
    summed = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), values[-half:], values, values[:half]]), axis=0)
    return np.asarray(summed[_SPAN:] - summed[:-_SPAN], np.float64)


def _is_wide(strip: Strip, shown: Floats) -> bool:
    return len(shown) > 0 and float(np.mean(strip.holds(shown))) >= _STRIP_LEAST


def _best_strip(ring: Floats, unseen: npt.NDArray[np.bool_]) -> Strip:
    """The strip that holds most unseen points for the fewest seen ones."""
    best, found = 0.0, Strip((1.0, 0.0), 0.0, 0.0)
    worth = np.where(unseen, 1.0, -1.0)
    for angle in np.radians(_ANGLES_DEG):
        across = (float(np.cos(angle)), float(np.sin(angle)))
        at = ring @ np.asarray(across)
        order = np.argsort(at)
        so_far = np.concatenate([[0.0], np.cumsum(worth[order])])
        end = int(np.argmax(so_far - np.minimum.accumulate(so_far)))
        begin = int(np.argmin(so_far[: end + 1]))
        if so_far[end] - so_far[begin] > best:
            best = float(so_far[end] - so_far[begin])
            found = Strip(across, -np.inf if begin <= 3 else float(at[order[begin]]), np.inf if end >= len(ring) - 3 else float(at[order[end - 1]]))
    return found


def _to_edges(strip: Strip, shown: Floats, looks: _Looks, aside_px: float) -> Strip | None:
    """The strip with each end that lies on the shape moved to the edge nearby; None where there is no edge. The mean over `_SPAN` points had blurred it."""
    across = np.asarray(strip.across)
    along = np.array([-across[1], across[0]])
    at, beside = shown @ across, shown @ along
    wide = float(np.ptp(at))
    ends = []
    for end in (strip.low, strip.high):
        near = np.abs(at - end) < 0.1 * wide
        if not np.isfinite(end) or np.count_nonzero(near) < 5:
            ends.append(end)
            continue
        line = np.linspace(beside[near].min(), beside[near].max(), 24)[2:-2, None] * along
        offsets = np.linspace(-_BLURRED, _BLURRED, 9) * wide
        sides = end + offsets[:, None] + np.array([aside_px, -aside_px])      # for each offset the places on either side of the end
        seen = looks.at((line + sides[..., None, None] * across).reshape(-1, 2)).reshape(*sides.shape, len(line), -1).mean(axis=2)
        steps = np.linalg.norm(seen[:, 0] - seen[:, 1], axis=1)
        best = int(np.argmax(steps))
        if steps[best] < _SEEN:
            return None
        ends.append(end + float(offsets[best]))
    return Strip(strip.across, ends[0], ends[1])
