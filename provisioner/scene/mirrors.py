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
from provisioner.scene.own_light import DARK, GAMMA, REFERENCE_PX, WIDTH_PX, Light, Mask, OwnLight, Spot, small
from provisioner.scene.pictures import Frame, Picture
from provisioner.scene.wardrobe import DAY_BLUR, DAY_EDGES, NIGHT_BLUR, NIGHT_EDGES, row_of_doors

Ints = npt.NDArray[np.intp]

MIRROR_PX = 1500          # pixels of 1280x720: less shows nobody

_HULL_LEAST = 0.8         # of its hull: a flat thing behind another one lacks a corner, not more
_DRAWN_LEAST = 0.75       # or so much of the hull has an edge under it: frames are as pale as the wall in places
_QUAD_LEAST = 0.85        # of its hull, the four or five corners that are left when small ones are dropped
_SIDE_LEAST = 20          # pixels of 640 with its edges: the line with the time is 17 high, and the same by day and by night
_SHARE_MOST = 0.25        # of the picture: larger is the room itself

_PIXELS_LEAST = 60
_DEEP_LEAST = 0.6         # natural logarithm of the own light, eight hundredth to ninety-two hundredth, less its even slope: a factor of 1.8
_EVEN_MOST = 0.55         # of that, the own light on the wall around it
_ROW_EVEN_MOST = 1.0      # a wardrobe stands on the floor and things stand before it
_SAME_LEAST = 0.55        # of the edges in both lights, how well they lie on one another (1: all do). Two unrelated pictures 0.2 to 0.4
_STEPS_LEAST = 0.15       # of its pixels lie on a step of the own light of more than 8% a pixel of 640: smooth walls 0.05 to 0.08
_STEP = 0.08
_LEVELS = 40.0            # per unit of the own light's logarithm, which goes from -5.5 to 0
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
    """What the day frame shows within an outline. `deep`: natural logarithm of linear light, its spread. `blown`, a share. `chroma`, of 255."""

    deep: float
    blown: float
    chroma: float


@dataclass(frozen=True, slots=True)
class _Look:
    """What the own light shows within an outline: its spread there, natural logarithm. `same`, `steps`: of `_edges_in_both`."""

    deep: float
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
        colour = day.half_bgr if day.half_bgr.shape[:2] == own.night.shape else \
            np.asarray(cv2.resize(day.half_bgr, own.night.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    views = _Views(own.log, light, colour, unit)
    at = [(s.at_px[0] / scale, s.at_px[1] / scale, s.area_px / scale**2) for s in spots]
    seen: list[_Seen] = []
    for outline in _outlines(light, own, unit):
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
        door, row = row_of_doors((x, y), light, own.night, unit) or (None, None)
        # The door that holds the spot is asked by itself too, whatever its neighbours look like: a French window stands in a row as well.
        looks = [look for one, even_most in ((door, np.inf), (row, _ROW_EVEN_MOST)) if one is not None and (look := _look(one, views, even_most)) is not None]
        if row is not None and len(looks) == 2 and all(_judged(look, True) > 0 for look in looks) and (held is None or cv2.contourArea(row) > 1.5 * held.area):
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


def _outlines(light: Frame | None, own: OwnLight, unit: float) -> list[npt.NDArray[np.int32]]:
    """Closed outlines of flat things, convex, in pixels of `light`."""
    found: list[npt.NDArray[np.int32]] = []
    night = own.night
    least, most = MIRROR_PX * (night.shape[1] / REFERENCE_PX) ** 2 * 0.8, _SHARE_MOST * night.size
    boxes: set[tuple[int, ...]] = set()
    steps = _Steps.of(own.log)
    for frame, sigma, limits in ((light, DAY_BLUR, DAY_EDGES), (night, NIGHT_BLUR, NIGHT_EDGES)):
        if frame is None:
            continue
        slopes = cv2.spatialGradient(cv2.GaussianBlur(frame, (0, 0), sigma * unit), borderType=cv2.BORDER_REPLICATE)
        for low, high in limits:
            found += _closed(np.asarray(cv2.Canny(*slopes, low, high), np.uint8), least, most, unit, steps, boxes)
    return found


def _closed(edges: Mask, least: float, most: float, unit: float, steps: "_Steps", boxes: set[tuple[int, ...]]) -> list[npt.NDArray[np.int32]]:
    """Convex outlines of an edge image. `boxes`: those met already, so that one thing is looked at once."""
    found: list[npt.NDArray[np.int32]] = []
    wide = cv2.dilate(edges, _square(1, 1.0))
    wide[0], wide[-1], wide[:, 0], wide[:, -1] = 255, 255, 255, 255  # what the picture's edge cuts is closed there
    contours, nesting = cv2.findContours(wide, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    # Hundreds of them, of which few are large enough: all boxes at once.
    lengths = np.fromiter(map(len, contours), np.intp, len(contours))
    begins, xs, ys = np.cumsum(lengths) - lengths, *cv2.split(np.concatenate(contours))
    left, top = np.minimum.reduceat(xs[:, 0], begins), np.minimum.reduceat(ys[:, 0], begins)
    across, down = np.maximum.reduceat(xs[:, 0], begins) - left + 1, np.maximum.reduceat(ys[:, 0], begins) - top + 1
    large = np.flatnonzero((lengths >= 4) & (across * down >= least) & (np.minimum(across, down) >= _SIDE_LEAST * unit))
    for number in large[steps.within(left[large], top[large], across[large], down[large])].tolist():
        contour, parent = contours[number], int(nesting[0, number, 3])
        hull = cv2.convexHull(contour)
        whole = cv2.contourArea(hull)
        if not least <= whole <= most:
            continue
        corners = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True)
        if not 4 <= len(corners) <= 5 or cv2.contourArea(corners) < _QUAD_LEAST * whole:
            continue
        if cv2.contourArea(contour) < _HULL_LEAST * whole and (parent >= 0 or _drawn_share(hull, np.asarray(wide, np.uint8)) < _DRAWN_LEAST):
            continue
        rough = (*(round(int(v[number]) / (3 * unit)) for v in (left, top, across, down)), int(parent >= 0))
        if rough in boxes:
            continue
        boxes.add(rough)
        # Widened edges lie 2 px outside of what they enclose, and the hole in them as far inside.
        found.append(_moved(hull[:, 0, :].astype(np.float32), 2.0 * unit if parent >= 0 else -2.0 * unit))
    return found


@dataclass(frozen=True, slots=True)
class _Steps:
    """Where the own light steps, summed up from the upper left: to leave out at once what is even within."""

    sums: npt.NDArray[np.int32]

    @classmethod
    def of(cls, log_own: Light) -> "_Steps":
        # In steps of a 40th, and the longer slope with 0.4 of the shorter for their root of squares: within a twentieth, and exact enough to leave out.
        levels = np.asarray(cv2.convertScaleAbs(log_own, alpha=_LEVELS, beta=-_LEVELS * float(np.log(DARK))), np.uint8)
        right, down = (cv2.convertScaleAbs(slope) for slope in cv2.spatialGradient(levels))
        slope = cv2.addWeighted(cv2.max(right, down), 0.96, cv2.min(right, down), 0.4, 0.0)
        return cls(np.asarray(cv2.integral(cv2.threshold(slope, 8 * _STEP * _LEVELS, 1, cv2.THRESH_BINARY)[1]), np.int32))

    def within(self, left: Ints, top: Ints, across: Ints, down: Ints) -> npt.NDArray[np.bool_]:
        """Whether there are steps in the middle of these boxes, away from their outlines."""
        x0, y0, x1, y1 = left + across // 8, top + down // 8, left + across - across // 8, top + down - down // 8
        there = self.sums[y1, x1] - self.sums[y0, x1] - self.sums[y1, x0] + self.sums[y0, x0]
        return np.asarray(there >= _STEPS_LEAST / 2 * (x1 - x0) * (y1 - y0), np.bool_)


def _drawn_share(hull: npt.NDArray[Any], wide: Mask) -> float:
    """How much of an outline has an edge under it."""
    ends = hull[:, 0, :].astype(np.float32)
    sides = np.roll(ends, -1, axis=0) - ends
    lengths = np.linalg.norm(sides, axis=1)
    places = np.linspace(0, float(lengths.sum()), 96, endpoint=False)
    side = np.minimum(np.searchsorted(np.cumsum(lengths), places, side="right"), len(ends) - 1)
    along = (places - (np.cumsum(lengths) - lengths)[side]) / np.maximum(lengths[side], 1e-6)
    at = np.rint(ends[side] + along[:, None] * sides[side]).astype(np.intp)
    return float(np.mean(wide[at[:, 1], at[:, 0]] > 0))


def _moved(hull: npt.NDArray[np.float32], by: float) -> npt.NDArray[np.int32]:
    """A convex outline with its corners moved away from the middle (towards it where `by` is negative), along both axes."""
    middle = (hull.max(axis=0) + hull.min(axis=0)) / 2
    half = np.maximum((hull.max(axis=0) - hull.min(axis=0)) / 2, 1.0)
    return np.asarray(np.rint(middle + (hull - middle) * (1 + by / half)), np.int32)


def _look(outline: npt.NDArray[np.int32], views: _Views, even_most: float = _EVEN_MOST) -> _Look | None:
    """What lies within an outline; None when the own light is not deep there, or not even around it (`even_most` of its depth), or when within and around
    are too far apart for a mirror in one of the lights."""
    margin = round(10 * views.unit)
    left, top, across, down = cv2.boundingRect(outline)
    height, width = views.log_own.shape
    left, top, right, bottom = max(0, left - margin), max(0, top - margin), min(width, left + across + margin), min(height, top + down + margin)
    drawn: Mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(drawn, [outline - np.array([left, top], np.int32)], (1,))
    inner = cv2.erode(drawn, _square(3, views.unit), borderValue=(0.0,)) > 0
    ring = (cv2.dilate(drawn, _square(7, views.unit)) - cv2.dilate(drawn, _square(3, views.unit))) > 0
    if np.count_nonzero(inner) < _PIXELS_LEAST or np.count_nonzero(ring) < 40:
        return None
    # Some 600 pixels tell a spread as well as all of them do.
    every = max(1, int(np.sqrt(np.count_nonzero(inner) / 600)))
    part = (slice(top, bottom, every), slice(left, right, every))
    inner = inner[::every, ::every]
    if not inner.any():  # a sliver between two of them
        return None
    around = tuple(places[:: max(1, len(places) // 600)] + corner for places, corner in zip(np.nonzero(ring), (top, left), strict=True))
    own_in = views.log_own[part][inner]
    mid = _levels(own_in, (50,))[0]
    own_in = np.asarray(_without_slope(own_in, inner), np.float32)
    low, high = _levels(own_in, (8, 92))
    if high - low < _DEEP_LEAST:
        return None
    ring_low, ring_mid, ring_high = _levels(views.log_own[around], (15, 50, 85))
    if ring_high - ring_low > even_most * (high - low):
        return None
    under = ring_mid - mid
    if not -_LIGHTER_MOST <= under <= _DARKER_MOST:
        return None
    if views.light is None or views.colour is None:
        return _Look(high - low, None, 0.0, 0.0)
    luma = views.light[part][inner]
    day_in = _LOG[luma]
    over = _levels(day_in, (50,))[0] - _levels(_LOG[views.light[around]], (50,))[0]
    if not -_DAY_DARKER_MOST <= over <= _DAY_LIGHTER_MOST:
        return None
    day_low, day_high = _levels(_without_slope(day_in, inner), (8, 92))
    blue, green, red = views.colour[part][inner].T
    chroma = _levels(np.maximum(np.maximum(blue, green), red) - np.minimum(np.minimum(blue, green), red), (85,))[0]
    by_day = _ByDay(day_high - day_low, float(np.mean(luma >= _BRIGHT_LUMA)), chroma)
    deeper = cv2.erode(drawn, _square(4, views.unit), borderValue=(0.0,)) > 0  # without the outline itself, which both lights show
    whole = (slice(top, bottom), slice(left, right))
    same, steps = _edges_in_both(views.log_own[whole], views.light[whole], deeper, views.unit)
    return _Look(high - low, by_day, same, steps)


def _edges_in_both(log_own: Light, luma: Frame, where: npt.NDArray[np.bool_], unit: float) -> tuple[float, float]:
    """How well the edges of both lights lie on one another, and the share of pixels on a step of the own light. A place that is bright by day and dark at
    night (a sunny hall) has its edges in both all the same, so their sign does not count."""
    if np.count_nonzero(where) < _PIXELS_LEAST:
        return 0.0, 0.0
    by_day = _LOG[cv2.GaussianBlur(luma, (0, 0), NIGHT_BLUR * unit)]
    own_x, own_y, day_x, day_y = (cv2.Sobel(light, cv2.CV_32F, dx, dy, scale=1 / 8)[where] for light in (log_own, by_day) for dx, dy in ((1, 0), (0, 1)))
    own_step = own_x**2 + own_y**2
    both = float(np.abs(own_x * day_x + own_y * day_y).sum()) / float(np.sqrt(own_step.sum() * (day_x**2 + day_y**2).sum()) + 1e-6)
    return both, float(np.mean(own_step > _STEP**2))


def _without_slope(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Values at the places `where`, less the plane through them: along one wall light falls off evenly, and so does the lens; another place has steps."""
    ys, xs = np.nonzero(where)
    x, y, over = xs - xs.mean(), ys - ys.mean(), values - values.mean()
    xx, xy, yy, xv, yv = np.vdot(x, x), np.vdot(x, y), np.vdot(y, y), np.vdot(x, over), np.vdot(y, over)
    whole = max(float(xx * yy - xy * xy), 1e-9)
    return np.asarray(over - (xv * yy - yv * xy) / whole * x - (yv * xx - xv * xy) / whole * y, np.float64)


def _levels(values: npt.NDArray[Any], percents: tuple[int, ...]) -> list[float]:
    """Percentiles, quicker than numpy's for a few hundred values."""
    ranked = np.sort(values)
    return [float(ranked[min(ranked.size - 1, percent * ranked.size // 100)]) for percent in percents]


_LOG = np.log(np.maximum((np.arange(256, dtype=np.float32) / 255) ** GAMMA, DARK))


def _square(reach: int, unit: float) -> npt.NDArray[np.uint8]:
    side = 2 * max(1, round(reach * unit)) + 1
    return np.ones((side, side), np.uint8)


def _judged(look: _Look, holds_spot: bool) -> float:
    """How sure it is that this is a mirror; 0 for none."""
    if look.by_day is None:
        return 0.5
    if look.by_day.blown > _BLOWN_MOST or look.by_day.chroma > _CHROMA_MOST:
        return 0.0
    if holds_spot:
        return 0.95
    if look.by_day.deep < _DAY_LEAST or look.same < _SAME_LEAST or look.steps < _STEPS_LEAST:
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
