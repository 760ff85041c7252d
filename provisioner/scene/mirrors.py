"""Mirrors in the picture, with a plan and without.

What hangs on a wall is as far away as the wall. So in the camera's own light a matt thing (picture, door, cupboard) is even, but for its paint, and so
is the wall around it. Behind the outline of a mirror lies another place: near things that the lamp lights well, far things and corners that it does not
reach, side by side with sharp steps between them. A smooth slope proves nothing: light falls off along a wall as well.

That alone would take a television or a window for a mirror. The day frame tells: there are edges in the same places by day, because both lights show the
same things. A television is black at night, a window bright by day and empty at night, a painting colourful by day and blank in infrared. What prints in
soot do in infrared a mirror can do as well: a person looks at every mirror that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.findings import Outline
from provisioner.scene.outlines import MIRROR_PX as MIRROR_PX
from provisioner.scene.outlines import NIGHT_BLUR, STEP, STEPS_LEAST, Edges, find_outlines, square
from provisioner.scene.own_light import DARK, GAMMA, WIDTH_PX, Light, Mask, OwnLight, Spot, small
from provisioner.scene.pictures import Frame, Picture

_PIXELS_LEAST = 60
_DEEP_LEAST = 0.6         # natural logarithm of the own light, eight hundredth to ninety-two hundredth, less its even slope: a factor of 1.8
_EVEN_MOST = 0.55         # of that, the own light on the wall around it
_ROW_EVEN_MOST = 1.0      # a wardrobe stands on the floor and things stand before it
_SAME_LEAST = 0.55        # of the edges in both lights, how well they lie on one another (1: all do). Two unrelated pictures 0.2 to 0.4
_DAY_LEAST = 0.6          # natural logarithm: by day there is something to see in it as well
_DARKER_MOST = 2.2        # natural logarithm: own light within the outline under that around it; a black television or a window is 2 to 3 under
_LIGHTER_MOST = 0.7       # and above
_DAY_DARKER_MOST = 1.3    # by day: a television that is off is 1.5 to 3 under the wall around it
_DAY_LIGHTER_MOST = 0.8   # by day: brighter than the wall around it is a window
_BRIGHT_LUMA = 240
_BLOWN_MOST = 0.35        # of it by day: a window
_DOOR_LEAST = 0.3         # of the picture's height: so tall a mirror may be one door of a wardrobe
_SAME_PLACE = 0.55        # of each other's area: a mirror and its frame, not a thing seen in it
_OVER_SPOT = 4.0          # times the spot's own area: its halo has an outline too
_REACHED = 0.2            # of the picture's median own light
_PANE_LUMA = 215          # by day
_CHROMA_MOST = 80         # of 255, largest less smallest channel, eighty-five hundredth: painted things; rooms are paler than that


@dataclass(frozen=True, slots=True)
class Mirror:
    """One mirror. `by`: what says so ("plan", "light": own light and daylight, "spot": the lamp's own image in it). `certainty` 0 to 1."""

    outline_px: Outline
    area_px: int
    by: str
    certainty: float


@dataclass(frozen=True, slots=True)
class _ByDay:
    """What the day frame shows within an outline. `deep`, `over`: natural logarithms of linear light, its spread and how far it lies above the wall around.
    `blown`, a share. `chroma`, of 255."""

    deep: float
    over: float
    blown: float
    chroma: float


@dataclass(frozen=True, slots=True)
class _Look:
    """What the own light shows within an outline, natural logarithms: its spread there, and how far it lies under what is around it. `same`, `steps`: of
    `_edges_in_both`."""

    deep: float
    under: float
    by_day: _ByDay | None
    same: float
    steps: float


def find_mirrors(own: OwnLight, day: Picture | None, spots: Sequence[Spot], width_px: int) -> tuple[Mirror, ...]:
    """Mirrors that no plan tells of, in a frame `width_px` wide. `day` is of the same view as `own`; without it only depth in the own light speaks, and
    a television or a pane may pass for a mirror: `certainty` then stays at 0.5."""
    light = small(day) if day is not None else None
    scale = width_px / own.night.shape[1]
    unit = own.night.shape[1] / WIDTH_PX
    colour = None
    if day is not None:
        half = day.bgr[::2, ::2]
        colour = half if half.shape[:2] == own.night.shape else np.asarray(cv2.resize(day.bgr, own.night.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    views = _Views(own.log, light, colour, unit)
    at = [(s.at_px[0] / scale, s.at_px[1] / scale, s.area_px / scale**2) for s in spots]
    seen: list[_Seen] = []
    edges = Edges.of(light, own.night, unit)
    for outline in find_outlines(edges, own, unit):
        area = cv2.contourArea(outline)
        holds = any(area >= _OVER_SPOT * px and cv2.pointPolygonTest(outline, (x, y), False) > 0 for x, y, px in at)
        look = _look(outline, views)
        if look is not None and (certainty := _judged(look, holds)) > 0:
            seen.append(_Seen(outline, area, certainty, "spot" if holds else "light"))
    mirrors = _distinct(seen)
    for x, y, px in at:
        held = next((m for m in mirrors if cv2.pointPolygonTest(m.outline, (x, y), False) >= 0), None)
        if (held is not None and np.ptp(held.outline[:, 1]) < _DOOR_LEAST * own.night.shape[0]) or (held is None and not _shows_a_room((x, y, px), own, light)):
            continue
        row = _row_of_doors((x, y), edges, unit)
        look = _look(row, views, _ROW_EVEN_MOST) if row is not None else None
        if row is not None and look is not None and _judged(look, True) > 0 and (held is None or cv2.contourArea(row) > 1.5 * held.area):
            mirrors = [m for m in mirrors if m is not held]
            mirrors.append(_Seen(row, cv2.contourArea(row), 0.8, "spot"))
    return tuple(Mirror(tuple((float(x * scale + scale / 2), float(y * scale + scale / 2)) for x, y in m.outline), round(m.area * scale * scale), m.by, m.certainty)
                 for m in mirrors)


@dataclass(frozen=True, slots=True)
class _Views:
    """What an outline is looked at in, all of one size. `light`, `colour`: by day, None without a day frame."""

    log_own: Light
    light: Frame | None
    colour: Frame | None
    unit: float


@dataclass(frozen=True, slots=True)
class _Seen:
    outline: npt.NDArray[np.int32]
    area: float
    certainty: float
    by: str


def _look(outline: npt.NDArray[np.int32], views: _Views, even_most: float = _EVEN_MOST) -> _Look | None:
    """What lies within an outline; None when the own light is not deep there, or not even around it (`even_most` of its depth)."""
    margin = round(10 * views.unit)
    left, top, across, down = cv2.boundingRect(outline)
    height, width = views.log_own.shape
    left, top, right, bottom = max(0, left - margin), max(0, top - margin), min(width, left + across + margin), min(height, top + down + margin)
    drawn: Mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(drawn, [outline - np.array([left, top], np.int32)], (1,))
    inner = cv2.erode(drawn, square(3, views.unit), borderValue=(0.0,)) > 0
    ring = (cv2.dilate(drawn, square(7, views.unit)) - cv2.dilate(drawn, square(3, views.unit))) > 0
    if np.count_nonzero(inner) < _PIXELS_LEAST or np.count_nonzero(ring) < 40:
        return None
    # Some 600 pixels tell a spread as well as all of them do.
    every = max(1, int(np.sqrt(np.count_nonzero(inner) / 600)))
    part = (slice(top, bottom, every), slice(left, right, every))
    inner, ring = inner[::every, ::every], ring[::every, ::every]
    own_in = views.log_own[part][inner]
    mid = _levels(own_in, (50,))[0]
    own_in = np.asarray(_without_slope(own_in, inner), np.float32)
    low, high = _levels(own_in, (8, 92))
    if high - low < _DEEP_LEAST:
        return None
    ring_low, ring_mid, ring_high = _levels(views.log_own[part][ring], (15, 50, 85))
    if ring_high - ring_low > even_most * (high - low):
        return None
    under = ring_mid - mid
    if views.light is None or views.colour is None:
        return _Look(high - low, under, None, 0.0, 0.0)
    luma = views.light[part][inner]
    day_in = _LOG[luma]
    day_mid = _levels(day_in, (50,))[0]
    day_in = _without_slope(day_in, inner)
    day_low, day_high = _levels(day_in, (8, 92))
    over = day_mid - _levels(_LOG[views.light[part][ring]], (50,))[0]
    pixels = views.colour[part][inner]
    chroma = _levels(pixels.max(axis=1) - pixels.min(axis=1), (85,))[0]
    by_day = _ByDay(day_high - day_low, over, float(np.mean(luma >= _BRIGHT_LUMA)), chroma)
    deeper = cv2.erode(drawn, square(4, views.unit), borderValue=(0.0,)) > 0  # without the outline itself, which both lights show
    whole = (slice(top, bottom), slice(left, right))
    same, steps = _edges_in_both(views.log_own[whole], views.light[whole], deeper, views.unit)
    return _Look(high - low, under, by_day, same, steps)


def _edges_in_both(log_own: Light, luma: Frame, where: npt.NDArray[np.bool_], unit: float) -> tuple[float, float]:
    """How well the edges of both lights lie on one another, and the share of pixels on a step of the own light. A place that is bright by day and dark at
    night (a sunny hall) has its edges in both all the same, so their sign does not count."""
    if np.count_nonzero(where) < _PIXELS_LEAST:
        return 0.0, 0.0
    by_day = _LOG[cv2.GaussianBlur(luma, (0, 0), NIGHT_BLUR * unit)]
    own_x, own_y, day_x, day_y = (cv2.Sobel(light, cv2.CV_32F, dx, dy, scale=1 / 8)[where] for light in (log_own, by_day) for dx, dy in ((1, 0), (0, 1)))
    own_step = own_x**2 + own_y**2
    both = float(np.abs(own_x * day_x + own_y * day_y).sum()) / float(np.sqrt(own_step.sum() * (day_x**2 + day_y**2).sum()) + 1e-6)
    return both, float(np.mean(own_step > STEP**2))


def _without_slope(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Values at the places `where`, less the plane through them: along one wall light falls off evenly, and so does the lens; another place has steps."""
    ys, xs = np.nonzero(where)
    x, y, v = xs - xs.mean(), ys - ys.mean(), values - values.mean()
    xx, xy, yy, xv, yv = x @ x, x @ y, y @ y, x @ v, y @ v
    whole = max(xx * yy - xy * xy, 1e-9)  # least squares in two unknowns
    return np.asarray(v - (yy * xv - xy * yv) / whole * x - (xx * yv - xy * xv) / whole * y, np.float64)


def _levels(values: npt.NDArray[Any], percents: tuple[int, ...]) -> list[float]:
    """Percentiles, quicker than numpy's for a few hundred values."""
    ranked = np.sort(values)
    return [float(ranked[min(ranked.size - 1, percent * ranked.size // 100)]) for percent in percents]


_LOG = np.log(np.maximum((np.arange(256, dtype=np.float32) / 255) ** GAMMA, DARK))


def _judged(look: _Look, holds_spot: bool) -> float:
    """How sure it is that this is a mirror; 0 for none."""
    if not -_LIGHTER_MOST <= look.under <= _DARKER_MOST:
        return 0.0
    if look.by_day is None:
        return 0.5
    if look.by_day.blown > _BLOWN_MOST or not -_DAY_DARKER_MOST <= look.by_day.over <= _DAY_LIGHTER_MOST or look.by_day.chroma > _CHROMA_MOST:
        return 0.0
    if holds_spot:
        return 0.95
    if look.by_day.deep < _DAY_LEAST or look.same < _SAME_LEAST or look.steps < STEPS_LEAST:
        return 0.0
    return float(np.clip(0.65 + 0.15 * (look.deep - _DEEP_LEAST) + 0.4 * (look.same - _SAME_LEAST), 0.0, 0.95))


def _distinct(seen: list[_Seen]) -> list[_Seen]:
    """One mirror per place: of outlines that tell the same one the innermost, for the frame around the glass shows nothing."""
    # A large outline around several things can hold a spot as well: the smallest that holds it is its mirror.
    left = sorted(seen, key=lambda one: (-one.certainty, one.area))
    mirrors: list[_Seen] = []
    while left:
        best = left[0]
        same = [one for one in left if _SAME_PLACE * best.area <= one.area <= best.area / _SAME_PLACE and _inside(one, best)]
        inner = min(same, key=lambda one: one.area)
        mirrors.append(_Seen(inner.outline, inner.area, best.certainty, best.by))
        left = [one for one in left if one is not best and not _inside(one, best) and not _inside(best, one)]
    return mirrors


def _inside(one: _Seen, other: _Seen) -> bool:
    """Whether the middle of one lies within the other."""
    x, y = (float(v) for v in (one.outline.max(axis=0) + one.outline.min(axis=0)) / 2)
    return cv2.pointPolygonTest(other.outline, (x, y), False) >= 0


def _shows_a_room(spot: tuple[float, float, float], own: OwnLight, light: Frame | None) -> bool:
    """Whether around the lamp's image lies a room that its light reaches, and not a pane with the night or the day behind it."""
    x, y, px = spot
    radius = 3.2 * np.sqrt(px / np.pi)
    near: Mask = np.zeros(own.night.shape, np.uint8)
    cv2.circle(near, (round(x), round(y)), round(1.5 * radius), (1,), -1)
    cv2.circle(near, (round(x), round(y)), round(radius), (0,), -1)
    there = near > 0
    reached = float(np.median(own.light[there])) > _REACHED * float(np.median(own.light))
    return reached and light is not None and float(np.percentile(light[there], 75)) < _PANE_LUMA


def _row_of_doors(spot: tuple[float, float], edges: Edges, unit: float) -> npt.NDArray[np.int32] | None:
    """The doors of a wardrobe around a spot, from their upright edges. None where there are none on both sides."""
    lines = cv2.HoughLinesP(edges.both, 1, np.pi / 360, round(30 * unit), minLineLength=55 * unit, maxLineGap=7 * unit)
    if lines is None:
        return None
    upright = [(x0, y0, x1, y1) if y0 < y1 else (x1, y1, x0, y0) for x0, y0, x1, y1 in lines.reshape(-1, 4).tolist() if abs(y1 - y0) > 3 * abs(x1 - x0)]
    at = sorted((x0 + (x1 - x0) * (spot[1] - y0) / (y1 - y0), x0, y0, x1, y1) for x0, y0, x1, y1 in upright
                if y0 - 25 * unit <= spot[1] <= y1)
    left = [line for line in at if line[0] < spot[0] - 3 * unit]
    right = [line for line in at if line[0] > spot[0] + 3 * unit]
    if not left or not right:
        return None
    width = right[0][0] - left[-1][0]
    chosen = [left[-1], right[0]]
    for lines_out, sign in ((list(reversed(left)), -1), (right, 1)):
        edge = lines_out[0]
        for line in lines_out[1:]:
            gap = sign * (line[0] - edge[0])
            if gap > 1.5 * width:
                break
            if gap > 0.55 * width or gap < 0.2 * width:  # the next door, or the other edge of this frame
                edge = line
                chosen.append(line)
    points = np.array([(x, y) for _, x0, y0, x1, y1 in chosen for x, y in ((x0, y0), (x1, y1))], np.float32)
    return np.asarray(cv2.convexHull(points)[:, 0, :], np.int32)
