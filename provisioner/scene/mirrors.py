"""Mirrors in the picture, with a plan and without.

What hangs on a wall is as far away as the wall. So in the camera's own light a matt thing (picture, door, cupboard) is even, but for its paint, and so
is the wall around it. Behind the outline of a mirror lies another place: near things that the lamp lights well, far things and corners that it does not
reach, side by side with sharp steps between them. A smooth slope proves nothing: light falls off along a wall as well.

That alone would take a television or a window for a mirror. The day frame tells: there are edges in the same places by day, because both lights show the
same things. A television is black at night, a window bright by day and empty at night, a painting colourful by day and blank in infrared. A print in soot
is dark in both: so what the daylight explains of the own light, at most as steeply, is taken for paint and left out. In a mirror much is left, because the
lamp falls off with the distance and the daylight does not.

An open door shows another place too, rows of books and parts of pictures are small and deep: what is as tall and narrow as a doorway, small, or cut by the
picture's edge is `UNSURE` unless the lamp's own image is in it. A person looks at every mirror that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.findings import Outline
from provisioner.scene.outlines import MIRROR_PX as MIRROR_PX
from provisioner.scene.outlines import NIGHT_BLUR, STEP, STEPS_LEAST, Edges, find_outlines, moved, slopes, square, squared_steps
from provisioner.scene.own_light import DARK, GAMMA, REFERENCE_PX, WIDTH_PX, Light, Mask, OwnLight, Spot, small
from provisioner.scene.pictures import Frame, Picture, quantile
from provisioner.scene.spread import levels, places, without_slope
from provisioner.scene.uprights import around

_PIXELS_LEAST = 60        # fewer tell no spread
_DEEP_LEAST = 0.35        # natural logarithm of the own light, eight hundredth to ninety-two hundredth, less its even slope: a factor of 1.4
_EVEN_MOST = 0.55         # of that, the own light on the wall around it
_AROUND_MOST = 0.35       # natural logarithm: more uneven than this is no wall (walls, papered too, 0.04 to 0.3; curtains, doorways, greasy glass 0.4 to 1.2)
_UNLIKE_LEAST = 0.4       # natural logarithm: prints and paintings, with the sensor's noise, 0.25 to 0.33; mirrors in rendered rooms 0.45 to 1.9
_PAINT_MOST = 1.0         # as steep as the daylight: what paint absorbs of visible light it absorbs of infrared at most; dyes and prints much less
_FAR = 0.3                # natural logarithm: darker in the own light by this than the wall around it, and by day not: what it shows is farther away. Then
_UNLIKE_FAR = 0.3         # so little will do: most paint is lighter in infrared than by day
_UNLIKE_PERHAPS = 0.3     # and from here on a person is asked
_STEPS_PRINT = 0.15       # of its pixels lie on a step
_UNLIKE_AROUND = 3.0      # times as uneven as the wall around it
_FOLLOWS_LEAST = -0.5     # a window is the darker at night the brighter it is by day; a mirror shows one in a part of it
_DEEP_ALONE = 0.6         # natural logarithm: without a day frame
UNSURE = 0.5              # and below: a person is asked to look
_SURE_PX = 3000           # of 1280x720, smaller ones: rows of books, parts of a picture
_PANE = 0.8               # natural logarithm, the day less the own light, both over the picture's middle. Around spots in mirrors -0.3 to 0.5, in panes 1.1 to 3.6
_PANE_SPOT = 1.1          # and within an outline that holds the lamp's image: mirrors -0.6 to 0.8, panes 1.4 to 3.5
_LARGE_SHARE = 0.1        # of the picture: larger is a row of doors, or not one thing
_SAME_LEAST = 0.5         # of the edges in both lights, how well they lie on one another (1: all do). Two unrelated pictures 0.2 to 0.4
_DAY_LEAST = 0.2          # natural logarithm: by day there is something to see in it as well
_DARKER_MOST = 2.2        # natural logarithm: own light within the outline under that around it; a black television or a window is 2 to 3 under
_LIGHTER_MOST = 0.7       # and above
_DAY_DARKER_MOST = 1.3    # by day: a television that is off is 1.5 to 3 under the wall around it
_DAY_LIGHTER_MOST = 0.8   # by day: brighter than the wall around it is a window
_BRIGHT_LUMA = 240
_BLOWN_MOST = 0.3         # of it by day: a window
_DOORWAY_LEAST = 0.35     # of the picture's height: 2 m high and 5 m away in a view of 100 degrees
_DOORWAY_NARROW = 1.6     # times as high as wide
_DOOR_GAP = 0.35          # of its width: the frame between two doors
_DOOR_LEVEL = 0.75        # of the higher one, what both share
_DOOR_WIDE = 0.55         # of each other's width: perspective
_SAME_DOOR = 0.4          # `same` of a door beside one that is a mirror for sure
_DOOR_LEAST = 0.3         # of the picture's height: so tall a mirror may be one door of a wardrobe
_AS_DEEP = 0.8            # times as deep as the outline around it
_OFF_MOST = 0.06          # of its size: how far the middle of a mirror's glass lies from that of its frame
_FRAME = 2.0              # pixels of 640: half a frame of 3 to 5 cm, 2 to 3 m away; the outline is often that of the frame, and where there is none it is little
_SAME_PLACE = 0.55        # of the frame's area: a mirror and its frame, not a thing seen in it
_OVER_SPOT = 4.0          # times the spot's own area: its halo has an outline too
_REACHED = 0.2            # of the picture's median own light
_PANE_LUMA = 215          # by day
_CHROMA_MOST = 55         # of 255, largest less smallest channel, eighty-five hundredth: painted things; rooms are paler than that


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
    `_edges_in_both`. `unlike`: its spread less what follows the daylight as paint does; `follows`: how steep. `around`: that on the wall around, less its slope."""

    deep: float
    under: float
    by_day: _ByDay | None
    same: float
    steps: float
    unlike: float
    follows: float
    around: float


def find_mirrors(own: OwnLight, day: Picture | None, spots: Sequence[Spot], width_px: int, known: Mask | None = None,
                 edges: Edges | None = None) -> tuple[Mirror, ...]:
    """Mirrors that no plan tells of, in a frame `width_px` wide. `day` is of the same view as `own`; without it only depth in the own light speaks, and
    a television or a pane may pass for a mirror: `certainty` then stays at 0.5. `known`: mirrors and panes of the plan, drawn at the frame's own size; what has
    its middle in one is not looked at again. `edges`: of both, where they are known already."""
    light = small(day) if day is not None else None
    scale = width_px / own.night.shape[1]
    unit = own.night.shape[1] / WIDTH_PX
    views = _Views.of(own, day, light, unit)
    at = [(s.at_px[0] / scale, s.at_px[1] / scale, s.area_px / scale**2) for s in spots]
    at = [spot for spot in at if not _is_known(spot[:2], known, scale) and _shows_a_room(spot, own, views)]
    seen: list[_Seen] = []
    weak: list[_Seen] = []
    edges = edges or Edges.of(light, own.night, unit)
    for outline in find_outlines(edges, views.own_steps, unit):
        if _is_known((outline.max(axis=0) + outline.min(axis=0)) / 2, known, scale):
            continue
        area = cv2.contourArea(outline)
        holds = any(area >= _OVER_SPOT * px and cv2.pointPolygonTest(outline, (x, y), False) > 0 for x, y, px in at)
        look = _look(outline, views, holds, colour=bool(at))
        if look is None:
            continue
        certainty = _judged(look, holds)
        if area > _LARGE_SHARE * own.night.size:
            certainty = 0.0 if holds else min(certainty, UNSURE)  # a spot in it is in one of the doors of a wardrobe
        elif not holds and (_is_cut(outline, own.night.shape) or _may_be_a_doorway(outline, own.night.shape)):
            certainty = min(certainty, UNSURE)
        (seen if certainty > 0 else weak).append(_Seen(outline, area, certainty, "spot" if holds else "light", look.deep, certainty > 0 or _may_be_one(look)))
    mirrors = _distinct(seen, weak)
    for spot in at:
        if not any(cv2.pointPolygonTest(m.outline, spot[:2], False) >= 0 for m in mirrors):
            mirrors += _around_spot(spot, weak, edges, views, _LARGE_SHARE * own.night.size)
    mirrors = _with_next_doors(mirrors, [one for one in (*seen, *weak) if one.may_be], _DOOR_LEAST * own.night.shape[0])
    sure_px = _SURE_PX * (own.night.shape[1] / REFERENCE_PX) ** 2
    mirrors = [m if m.by == "spot" else replace(m, outline=moved(m.outline.astype(np.float32), -_FRAME * unit)) for m in mirrors]
    mirrors = [m if m.by == "spot" or m.area >= sure_px else replace(m, certainty=min(m.certainty, UNSURE)) for m in mirrors]
    return tuple(Mirror(tuple((float(x * scale + scale / 2), float(y * scale + scale / 2)) for x, y in m.outline), round(m.area * scale * scale), m.by, m.certainty)
                 for m in mirrors)


def _is_known(at: Any, known: Mask | None, scale: float) -> bool:
    """Whether a place, in pixels of the own light, lies in what the plan knows."""
    if known is None:
        return False
    x, y = (min(most - 1, max(0, int(part * scale))) for part, most in zip(at, known.shape[::-1], strict=True))
    return bool(known[y, x])


@dataclass(frozen=True, slots=True)
class _Views:
    """What an outline is looked at in, all of one size. `light`: by day, and `even_light` as blurred as the own light; None without a day frame.
    `own_steps`: squared steps of the own light from pixel to pixel. What few outlines are asked for, is made of the part around them only."""

    log_own: Light
    own_steps: Light
    unit: float
    day: Picture | None
    light: Frame | None
    even_light: Frame | None

    @classmethod
    def of(cls, own: OwnLight, day: Picture | None, light: Frame | None, unit: float) -> "_Views":
        """Made once a picture: every outline is looked at in it."""
        even = None if light is None else np.asarray(cv2.GaussianBlur(light, (0, 0), NIGHT_BLUR * unit), np.uint8)
        return cls(own.log, squared_steps(own.log), unit, day, light, even)

    def colour(self, part: tuple[slice, slice]) -> Frame:
        """By day, BGR. Colour is the dearer half of decoding, and most outlines are none by their brightness already."""
        if self.day is None:
            raise ValueError("no day frame")
        colour, size = self.day.quarter_bgr, self.log_own.shape
        rows, columns = (np.arange(*one.indices(of)) * there // of for one, of, there in zip(part, size, colour.shape[:2], strict=True))
        return np.asarray(colour[rows][:, columns], np.uint8)


@dataclass(frozen=True, slots=True)
class _Seen:
    outline: npt.NDArray[np.int32]
    area: float
    certainty: float
    by: str
    deep: float
    may_be: bool


def _around_spot(spot: tuple[float, float, float], weak: list[_Seen], edges: Edges, views: _Views, most: float) -> list[_Seen]:
    """What holds a lamp's image that no mirror was found for: the smallest outline around it that can be one, or else the upright edges beside it."""
    x, y, px = spot
    held = [one for one in weak if one.may_be and _OVER_SPOT * px <= one.area <= most and cv2.pointPolygonTest(one.outline, (x, y), False) > 0]
    if held:
        return [replace(min(held, key=lambda one: one.area), certainty=0.8, by="spot")]
    beside = around((x, y), edges.sides, edges.upright, edges.both, views.unit, _OVER_SPOT * px, most)
    if beside is None:
        return []
    hull = np.asarray(cv2.convexHull(beside)[:, 0, :], np.int32)
    area = cv2.contourArea(hull)
    look = _look(hull, views, True, colour=False)
    if look is not None and look.by_day is not None and look.under + look.by_day.over > _PANE_SPOT:
        return []
    return [_Seen(hull, area, 0.7, "spot", 0.0, True)]


def _may_be_a_doorway(outline: npt.NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """An open door shows another place as a mirror does; no mirror that hangs over a chest of drawers is as tall and narrow as one."""
    wide, high = np.ptp(outline, axis=0).tolist()
    return bool(high >= _DOORWAY_LEAST * shape[0] and high >= _DOORWAY_NARROW * wide)


def _is_cut(outline: npt.NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether the picture's edge cuts it: there is no wall to compare with on that side."""
    return bool(np.any(outline <= 2)) or bool( np.any(outline >= np.array([shape[1] - 3, shape[0] - 3])))


def _look(outline: npt.NDArray[np.int32], views: _Views, holds_spot: bool, *, colour: bool) -> _Look | None:
    """What lies within an outline; None when the own light is not deep there. What can change nothing any more is left 0. `colour`: asked for even where
    brightness says already that this alone is no mirror (beside the lamp's image it may be a part of one)."""
    margin = round(10 * views.unit)
    left, top, across, down = cv2.boundingRect(outline)
    height, width = views.log_own.shape
    left, top, right, bottom = max(0, left - margin), max(0, top - margin), min(width, left + across + margin), min(height, top + down + margin)
    drawn: Mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(drawn, [outline - np.array([left, top], np.int32)], (1,))
    whole_inner = np.asarray(cv2.erode(drawn, square(4, views.unit), borderValue=(0.0,)), np.uint8)  # without the outline itself, which both lights show
    size = cv2.countNonZero(whole_inner)
    if size < _PIXELS_LEAST:
        return None
    # Some 600 pixels tell a spread as well as all of them do.
    every = max(1, int(np.sqrt(size / 600)))
    part = (slice(top, bottom, every), slice(left, right, every))
    inner = whole_inner[::every, ::every] > 0
    own_in = views.log_own[part][inner]
    mid = levels(own_in, (50,))[0]
    at = places(inner)
    own_in = without_slope(own_in, at)
    low, high = levels(own_in, (8, 92))
    if high - low < _DEEP_LEAST:
        return None
    whole_ring = cv2.subtract(cv2.dilate(drawn, square(7, views.unit)), cv2.dilate(drawn, square(3, views.unit)))
    if cv2.countNonZero(whole_ring) < 40:
        return None
    ring = np.asarray(whole_ring, np.uint8)[::every, ::every] > 0
    own_ring = views.log_own[part][ring]
    ring_low, ring_high = levels(without_slope(own_ring, places(ring)), (15, 85))
    under, around = levels(own_ring, (50,))[0] - mid, ring_high - ring_low
    if views.even_light is None or views.light is None or not -_LIGHTER_MOST <= under <= _DARKER_MOST:
        return _Look(high - low, under, None, 0.0, 0.0, high - low, 0.0, around)
    day_in = _LOG[views.even_light[part][inner]]
    over = levels(day_in, (50,))[0] - levels(_LOG[views.even_light[part][ring]], (50,))[0]
    day_in = without_slope(day_in, at)
    day_low, day_high = levels(day_in, (8, 92))
    by_day = _ByDay(day_high - day_low, over, float(np.mean(views.light[part][inner] >= _BRIGHT_LUMA)), 0.0)
    if by_day.blown > _BLOWN_MOST or over < -_DAY_DARKER_MOST or (under + over > _PANE and not holds_spot):
        return _Look(high - low, under, by_day, 0.0, 0.0, 0.0, 0.0, around)
    same, steps = _edges_in_both(views, (slice(top, bottom), slice(left, right)), whole_inner)
    if same < _SAME_DOOR and not holds_spot:
        return _Look(high - low, under, by_day, same, steps, 0.0, 0.0, around)
    follows = float(own_in @ day_in) / max(float(day_in @ day_in), 1e-6)
    unlike_low, unlike_high = levels(own_in - min(max(follows, 0.0), _PAINT_MOST) * day_in, (8, 92))
    look = _Look(high - low, under, by_day, same, steps, unlike_high - unlike_low, follows, around)
    if not colour and _judged(look, holds_spot) == 0.0:
        return look
    pixels = views.colour(part)[inner]
    return replace(look, by_day=replace(by_day, chroma=levels(pixels.max(axis=1) - pixels.min(axis=1), (85,))[0]))


def _edges_in_both(views: _Views, part: tuple[slice, slice], where: Mask) -> tuple[float, float]:
    """How well the edges of both lights lie on one another, and the share of pixels on a step of the own light. A place that is bright by day and dark at
    night (a sunny hall) has its edges in both all the same, so their sign does not count."""
    if views.even_light is None:
        return 0.0, 0.0
    own_x, own_y = (one[where > 0] for one in slopes(np.ascontiguousarray(views.log_own[part])))
    day_x, day_y = (one[where > 0] for one in slopes(np.asarray(cv2.LUT(views.even_light[part], _LOG), np.float32)))
    own_step = own_x * own_x + own_y * own_y
    both = float(np.abs(own_x * day_x + own_y * day_y).sum()) / float(np.sqrt(float(own_step.sum()) * float((day_x * day_x + day_y * day_y).sum())) + 1e-6)
    return both, np.count_nonzero(own_step > STEP**2) / own_step.size


_LOG = np.log(np.maximum((np.arange(256, dtype=np.float32) / 255) ** GAMMA, DARK))


def _judged(look: _Look, holds_spot: bool) -> float:
    """How sure it is that this is a mirror; 0 for none."""
    if look.around > _EVEN_MOST * look.deep or not -_LIGHTER_MOST <= look.under <= _DARKER_MOST:
        return 0.0
    if look.by_day is None:
        return UNSURE if look.deep >= _DEEP_ALONE else 0.0
    day = look.by_day
    if day.blown > _BLOWN_MOST or not -_DAY_DARKER_MOST <= day.over <= _DAY_LIGHTER_MOST or day.chroma > _CHROMA_MOST:
        return 0.0
    if holds_spot:
        return 0.95 if look.under + day.over <= _PANE_SPOT else 0.0
    if day.deep < _DAY_LEAST or look.same < _SAME_LEAST or look.steps < STEPS_LEAST or look.around > _AROUND_MOST:
        return 0.0
    if look.follows < _FOLLOWS_LEAST or look.under + day.over > _PANE:
        return 0.0
    is_far = min(look.under, look.under + day.over) >= _FAR
    if look.unlike < max(_UNLIKE_FAR if is_far else _UNLIKE_LEAST, _UNLIKE_AROUND * look.around):
        perhaps = look.unlike >= max(_UNLIKE_PERHAPS, _UNLIKE_AROUND * look.around) or (look.deep >= _DEEP_ALONE and look.steps >= _STEPS_PRINT)
        return UNSURE if perhaps else 0.0  # a print in soot, or a mirror in a room that the day lights as the lamp does
    return float(np.clip(0.7 + 0.15 * (look.unlike - _UNLIKE_LEAST) + 0.4 * (look.same - _SAME_LEAST), 0.0, 0.95))


def _may_be_one(look: _Look) -> bool:
    """Whether what lies within can be a mirror, whatever is around it."""
    day = look.by_day
    if day is None or not -_LIGHTER_MOST <= look.under <= _DARKER_MOST or look.under + day.over > _PANE:
        return False
    return day.blown <= _BLOWN_MOST and day.over >= -_DAY_DARKER_MOST and day.chroma <= _CHROMA_MOST and look.same >= _SAME_DOOR


def _distinct(seen: list[_Seen], weak: list[_Seen]) -> list[_Seen]:
    """One mirror per place: of outlines that tell the same one the innermost, for the frame around the glass shows nothing. `weak`: outlines that alone are
    none, as one that has the frame around it and not the wall."""
    # A large outline around several things can hold a spot as well: the smallest that holds it is its mirror.
    left = sorted(seen, key=lambda one: (-one.certainty, one.area))
    mirrors: list[_Seen] = []
    while left:
        best = left[0]
        same = [one for one in (*left, *weak) if _SAME_PLACE * best.area <= one.area <= best.area and one.deep >= _AS_DEEP * best.deep
                and (one is best or _is_framed_by(one, best))]
        inner = min(same, key=lambda one: one.area)
        mirrors.append(replace(best, outline=inner.outline, area=inner.area))
        left = [one for one in left if one is not best and not _inside(one, best.outline) and not _inside(best, one.outline)]
    return mirrors


def _is_framed_by(one: _Seen, other: _Seen) -> bool:
    """Whether one lies in the other as glass in its frame: as far from the left as from the right, from the top as from the foot."""
    size = np.ptp(other.outline, axis=0)
    off = (one.outline.min(axis=0) + one.outline.max(axis=0) - other.outline.min(axis=0) - other.outline.max(axis=0)) / 2
    return bool(np.all(np.abs(off) <= _OFF_MOST * size))


def _inside(one: _Seen, outline: npt.NDArray[np.int32]) -> bool:
    """Whether the middle of one lies within an outline."""
    x, y = (float(v) for v in (one.outline.max(axis=0) + one.outline.min(axis=0)) / 2)
    return cv2.pointPolygonTest(outline, (x, y), False) >= 0


def _shows_a_room(spot: tuple[float, float, float], own: OwnLight, views: _Views) -> bool:
    """Whether around the lamp's image lies a room that its light reaches, and not a pane with the night or the day behind it."""
    x, y, px = spot
    radius = 3.2 * np.sqrt(px / np.pi)
    reach = round(1.5 * radius)
    left, top = max(0, round(x) - reach), max(0, round(y) - reach)
    part = (slice(top, max(0, round(y) + reach + 1)), slice(left, max(0, round(x) + reach + 1)))
    near: Mask = np.zeros(own.night[part].shape, np.uint8)
    for far, drawn in ((reach, 1), (round(radius), 0)):
        cv2.circle(near, (round(x) - left, round(y) - top), far, (drawn,), -1)
    there = near > 0
    if not there.any() or quantile(own.light[part][there], 0.5) <= _REACHED * quantile(own.light[::4, ::4], 0.5):
        return False
    if views.even_light is None or views.light is None:
        return True
    darker = quantile(own.log[part][there], 0.5) - quantile(own.log[::4, ::4], 0.5)
    brighter = float(_LOG[int(quantile(views.even_light[part][there], 0.5))]) - float(_LOG[int(quantile(views.even_light[::4, ::4], 0.5))])
    return brighter - darker < _PANE and quantile(views.light[part][there], 0.5) < _PANE_LUMA


def _with_next_doors(mirrors: list[_Seen], others: list[_Seen], high_least: float) -> list[_Seen]:
    """The mirrors, and beside those that hold the lamp's image and are as high as a door, the next doors of the same wardrobe: as high, as wide, at the same
    height, and another place in them as well. They have one another around them and not the wall."""
    found = list(mirrors)
    row = [one for one in mirrors if one.by == "spot" and np.ptp(one.outline[:, 1]) >= high_least]
    while row:
        door = row.pop()
        left, top, across, down = cv2.boundingRect(door.outline)
        for one in sorted(others, key=lambda other: other.area):
            x, y, wide, high = cv2.boundingRect(one.outline)
            gap = max(x - (left + across), left - (x + wide)) / across
            level = (min(top + down, y + high) - max(top, y)) / max(down, high)
            if not -0.2 <= gap <= _DOOR_GAP or level < _DOOR_LEVEL or not _DOOR_WIDE <= wide / across <= 1 / _DOOR_WIDE:
                continue
            if any(_inside(one, other.outline) or _inside(other, one.outline) for other in found if other.by == "spot"):
                continue
            found = [other for other in found if not _inside(other, one.outline)]
            next_door = replace(one, certainty=0.8, by="spot")
            found.append(next_door)
            row.append(next_door)
    return found
