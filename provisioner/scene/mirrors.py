"""Mirrors in the picture, with a plan and without.

What hangs on a wall is as far away as the wall. So in the camera's own light a matt thing (picture, door, cupboard) is even, but for its paint, and so
is the wall around it. Behind the outline of a mirror lies another place: near things that the lamp lights well, far things and corners that it does not
reach, side by side with sharp steps between them. A smooth slope proves nothing: light falls off along a wall as well.

That alone would take a television or a window for a mirror. The day frame tells: a television is black at night, a window bright by day and empty at night,
a painting colourful by day and blank in infrared, a screen with a lamp before it shows nothing by day. A print in soot is dark in both: so what the daylight
explains of the own light, at most as steeply, is taken for paint and left out. In a mirror much is left, because the lamp falls off with the distance and the
daylight does not.

None of this is certain by itself, so all of it is weighed: how much is left, how even the wall is that it hangs on, by both lights, and what it looks like. An
open door shows another place too, but it stands on the floor, which is another surface than the wall beside it. With the lamp's own image in it there is a
mirror for sure, or a pane: then the outline is its own that hangs best, darker in the own light than an even wall around it. A person looks at every mirror
that is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.evidence import Shapes, evidence, hangs, is_pane, may_be_one
from provisioner.scene.findings import Outline
from provisioner.scene.looks import look_at
from provisioner.scene.outlines import MIRROR_PX as MIRROR_PX
from provisioner.scene.outlines import NIGHT_BLUR, Edges, find_outlines, moved
from provisioner.scene.own_light import DARK, GAMMA, REFERENCE_PX, WIDTH_PX, Light, Mask, OwnLight, Spot, small
from provisioner.scene.pictures import Frame, Picture, quantile
from provisioner.scene.uprights import around

_CHROMA_MOST = 55         # of 255, largest less smallest channel, eighty-five hundredth: painted things; rooms are paler than that
_PERHAPS = -1.0           # and from here on a person is asked
UNSURE = 0.5              # and below: a person is asked to look
_SURE_PX = 3000           # of 1280x720, smaller ones: rows of books, parts of a picture
_PANE_NEAR = 0.8          # natural logarithm, day less own light around the lamp's image, both over the picture's middle: in mirrors -0.3 to 0.5, in panes 1.1 to 3.6
_BY_SPOT, _BESIDE_SPOT = 3.0, 1.0       # evidence: the lamp's image is in it, and the outline its own; or only two edges beside it
_LARGE_SHARE = 0.1        # of the picture: a larger one around the lamp's image is a row of doors
_DOOR_GAP = 0.3           # of its width: the frame between two doors
_DOOR_LAPS = 0.15         # or so much over one another: they lean
_DOOR_LEVEL = 0.8         # of the higher one, what both share
_DOOR_WIDE = 0.6          # of each other's width: perspective
_DOOR_DRAWN = 0.5         # `Looks.drawn`
_DOOR_OTHER_PLACE = 0.3   # natural logarithm, `Looks.unlike`: a matt door beside it 0.05 to 0.2
_DOOR_LEAST = 0.3         # of the picture's height: so tall a mirror may be one door of a wardrobe
_NEARLY = 2.0             # evidence,
_EVIDENCE_BY_SIZE = 0.25  # and for as much of it one may be larger by a natural logarithm of one
_FRAME = 2.0              # pixels of 640: half a frame of 3 to 5 cm, 2 to 3 m away; the outline is often that of the frame, and where there is none it is little
_OVER_SPOT = 4.0          # times the spot's own area: its halo has an outline too
_REACHED = 0.2            # of the picture's median own light
_PANE_LESS = 0.3          # `hangs`: a window seen in the mirror hangs nearly as well as the mirror
_PANE_DRAWN = 0.8         # `Looks.drawn`: so well is a pane drawn that others are held against,
_PART_LEAST = 0.5         # and so much of another lies in it: parts of windows 1.0, mirrors at most 0.3
_PANE_LUMA = 215          # by day


@dataclass(frozen=True, slots=True)
class Mirror:
    """One mirror. `by`: what says so ("plan", "light": own light and daylight, "spot": the lamp's own image in it). `certainty` 0 to 1."""

    outline_px: Outline
    area_px: int
    by: str
    certainty: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """One outline. `evidence`, `hangs`, `pane`, `may_be`: of `provisioner.scene.evidence`. `unlike`, `drawn`: of `Looks`. `by`: of `Mirror`."""

    outline: npt.NDArray[np.int32]
    area: float
    evidence: float
    unlike: float
    hangs: float
    drawn: float
    pane: bool
    may_be: bool
    by: str = "light"

    @property
    def certainty(self) -> float:
        """0 to 1."""
        return float(1 / (1 + np.exp(-self.evidence)))


def find_mirrors(own: OwnLight, day: Picture | None, spots: Sequence[Spot], width_px: int, known: Mask | None = None,
                 edges: Edges | None = None) -> tuple[Mirror, ...]:
    """Mirrors that no plan tells of, in a frame `width_px` wide. `day` is of the same view as `own`; without it only depth in the own light speaks, and
    a television or a pane may pass for a mirror: `certainty` then stays at 0.5. `known`: mirrors and panes of the plan, drawn at the frame's own size; what has
    its middle in one is not looked at again. `edges`: of both, where they are known already."""
    light = small(day) if day is not None else None
    scale = width_px / own.night.shape[1]
    unit = own.night.shape[1] / WIDTH_PX
    views = _Views.of(own, day, light, unit)
    edges = edges or Edges.of(light, own.night, unit)
    at = [(s.at_px[0] / scale, s.at_px[1] / scale, s.area_px / scale**2) for s in spots]
    seen = _seen([one for one in find_outlines(edges, own.night.shape) if not _is_known((one.max(axis=0) + one.min(axis=0)) / 2, known, scale)],
                 edges, views)
    without = [one for one in seen if not any(_holds(one, spot) for spot in at)]
    panes = [one for one in seen if one.pane and one.drawn >= _PANE_DRAWN]
    mirrors = _distinct([one for one in without if one.evidence > _PERHAPS and not _is_part(one, panes)], lambda one: views.chroma(one.outline) > _CHROMA_MOST)
    for spot in at:
        if not _is_known(spot[:2], known, scale) and _shows_a_room(spot, own, views) and not any(one.by == "spot" and _holds(one, spot) for one in mirrors):
            held = _around_spot(spot, [one for one in seen if _holds(one, spot)], edges, views, _LARGE_SHARE * own.night.size)
            mirrors = [one for one in mirrors if not any(_inside(one, other.outline) or _inside(other, one.outline) for other in held)] + held
    mirrors = _with_next_doors(mirrors, [one for one in seen if one.may_be and one.unlike >= _DOOR_OTHER_PLACE], _DOOR_LEAST * own.night.shape[0])
    if day is None:  # a pane holds the lamp's image as well, and only the day tells it from a mirror
        mirrors = [replace(m, evidence=min(m.evidence, 0.0)) for m in mirrors]
    sure_px = _SURE_PX * (own.night.shape[1] / REFERENCE_PX) ** 2
    mirrors = [m if m.by == "spot" else _glass(m, _FRAME * unit) for m in mirrors]
    mirrors = [m if m.by == "spot" or m.area >= sure_px else replace(m, evidence=min(m.evidence, 0.0)) for m in mirrors]
    return tuple(Mirror(tuple((float(x * scale + scale / 2), float(y * scale + scale / 2)) for x, y in m.outline), round(m.area * scale * scale), m.by, m.certainty)
                 for m in mirrors)


def _glass(one: _Seen, frame_px: float) -> _Seen:
    """Without its frame."""
    outline = moved(one.outline.astype(np.float32), -frame_px)
    return replace(one, outline=outline, area=cv2.contourArea(outline))


def _holds(one: _Seen, spot: tuple[float, float, float]) -> bool:
    """Whether the lamp's image lies within, and more than its halo."""
    x, y, px = spot
    return one.area >= _OVER_SPOT * px and cv2.pointPolygonTest(one.outline, (x, y), False) > 0


def _is_part(one: _Seen, panes: Sequence[_Seen]) -> bool:
    """Whether half of it and more lies in a pane: a strip between a glazing bar and a curtain."""
    return any(cv2.intersectConvexConvex(one.outline.astype(np.float32), pane.outline.astype(np.float32))[0] >= _PART_LEAST * one.area for pane in panes)


def _is_known(at: Any, known: Mask | None, scale: float) -> bool:
    """Whether a place, in pixels of the own light, lies in what the plan knows."""
    if known is None:
        return False
    x, y = (min(most - 1, max(0, int(part * scale))) for part, most in zip(at, known.shape[::-1], strict=True))
    return bool(known[y, x])


@dataclass(frozen=True, slots=True)
class _Views:
    """What outlines are looked at in, all of one size. `light`: by day, and `even_light` as blurred as the own light; None without a day frame."""

    log_own: Light
    unit: float
    day: Picture | None
    light: Frame | None
    even_light: Frame | None

    @classmethod
    def of(cls, own: OwnLight, day: Picture | None, light: Frame | None, unit: float) -> "_Views":
        """Made once a picture: every outline is looked at in it."""
        even = None if light is None else np.asarray(cv2.GaussianBlur(light, (0, 0), NIGHT_BLUR * unit), np.uint8)
        return cls(own.log, unit, day, light, even)

    def chroma(self, outline: npt.NDArray[np.int32]) -> float:
        """Of 255, by day. Colour is the dearer half of decoding, and most outlines are no mirrors by their brightness already."""
        if self.day is None:
            return 0.0
        colour, size = self.day.quarter_bgr, self.log_own.shape
        scale = np.array([colour.shape[1] / size[1], colour.shape[0] / size[0]])
        x, y, across, down = cv2.boundingRect(np.rint(outline * scale).astype(np.int32))
        part = np.ascontiguousarray(colour[max(0, y):y + down, max(0, x):x + across])
        drawn: Mask = np.zeros(part.shape[:2], np.uint8)
        cv2.fillPoly(drawn, [np.rint(outline * scale).astype(np.int32) - np.array([max(0, x), max(0, y)], np.int32)], (1,))
        pixels = part[cv2.erode(drawn, np.ones((3, 3), np.uint8)) > 0]
        return quantile(pixels.max(axis=1) - pixels.min(axis=1), 0.85) if pixels.size else 0.0


def _seen(outlines: list[npt.NDArray[np.int32]], edges: Edges, views: _Views) -> list[_Seen]:
    """All of them, with what speaks for each."""
    if not outlines:
        return []
    log_day = None if views.even_light is None else np.asarray(cv2.LUT(views.even_light, _LOG), np.float32)
    looks = look_at(outlines, views.log_own, log_day, views.light, edges.near, views.unit)
    boxes = np.array([cv2.boundingRect(one) for one in outlines])
    height, width = views.log_own.shape
    cut = (boxes[:, :2].min(axis=1) <= 2) | (boxes[:, 0] + boxes[:, 2] >= width - 2) | (boxes[:, 1] + boxes[:, 3] >= height - 2)
    shapes = Shapes(np.array([cv2.contourArea(one) for one in outlines]), boxes[:, 2], boxes[:, 3], cut, views.unit, (height, width))
    found = evidence(looks, shapes, None if log_day is None else quantile(log_day[::4, ::4], 0.5))
    told = (shapes.area, found, looks.unlike, hangs(looks, shapes), looks.drawn, is_pane(looks), may_be_one(looks))
    return [_Seen(outline, *one) for outline, *one in zip(outlines, *(values.tolist() for values in told), strict=True)]


def _around_spot(spot: tuple[float, float, float], held: list[_Seen], edges: Edges, views: _Views, most: float) -> list[_Seen]:
    """What holds a lamp's image: of all outlines around it the one that hangs best, or else the upright edges beside it."""
    x, y, px = spot
    held = sorted((one for one in held if one.area <= most and (one.pane or one.may_be)), key=lambda one: one.hangs - _PANE_LESS * one.pane)
    if held:  # a painting behind glass
        return [] if held[-1].pane or views.chroma(held[-1].outline) > _CHROMA_MOST else [replace(held[-1], evidence=_BY_SPOT, by="spot")]
    beside = around((x, y), edges.sides, edges.upright, edges.both, views.unit, _OVER_SPOT * px, most)
    if beside is None:
        return []
    one = _seen([np.asarray(cv2.convexHull(beside)[:, 0, :], np.int32)], edges, views)[0]
    return [replace(one, evidence=_BESIDE_SPOT, by="spot")] if one.may_be else []


_LOG = np.log(np.maximum((np.arange(256, dtype=np.float32) / 255) ** GAMMA, DARK))


def _distinct(seen: list[_Seen], is_painted: Callable[[_Seen], bool]) -> list[_Seen]:
    """One mirror per place. A part of one is darker or shows more than the whole: of outlines that tell the same mirror nearly as well a large one.
    `is_painted` is dear, and asked of few."""
    left = sorted(seen, key=lambda one: (-one.evidence, one.area))
    mirrors: list[_Seen] = []
    while left:
        best = left.pop(0)
        if is_painted(best):
            continue
        there = [one for one in left if _inside(one, best.outline) or _inside(best, one.outline)]
        nearly = [best, *(one for one in there if one.evidence >= best.evidence - _NEARLY)]
        large_first = sorted(nearly, key=lambda one: -float(np.log(one.area)) - _EVIDENCE_BY_SIZE * one.evidence)
        whole = next(one for one in large_first if one is best or not is_painted(one))
        mirrors.append(replace(whole, evidence=best.evidence))
        left = [one for one in left if not any(one is other for other in there) and not _inside(one, whole.outline) and not _inside(whole, one.outline)]
    return mirrors


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
    return brighter - darker < _PANE_NEAR and quantile(views.light[part][there], 0.5) < _PANE_LUMA


def _with_next_doors(mirrors: list[_Seen], others: list[_Seen], high_least: float) -> list[_Seen]:
    """The mirrors, and beside those that hold the lamp's image and are as high as a door, the next doors of the same wardrobe: as high, as wide, at the same
    height, and another place in them as well. They have one another around them and not the wall."""
    found = list(mirrors)
    row = [one for one in mirrors if one.by == "spot" and np.ptp(one.outline[:, 1]) >= high_least]
    while row:
        door = row.pop()
        for one in sorted((one for one in others if _off_next(one, door) < np.inf), key=lambda other: _off_next(other, door)):
            if any(_inside(one, other.outline) or _inside(other, one.outline) for other in found if other.by == "spot"):
                continue
            found = [other for other in found if not _inside(other, one.outline)]
            next_door = replace(one, evidence=_BY_SPOT, by="spot")
            found.append(next_door)
            row.append(next_door)
    return found


def _off_next(one: _Seen, door: _Seen) -> float:
    """How far one is from being the next door: in height, width and gap, as shares; infinite where it is none."""
    (left, top, across, down), (x, y, wide, high) = cv2.boundingRect(door.outline), cv2.boundingRect(one.outline)
    gap = max(x - (left + across), left - (x + wide)) / across
    level = (min(top + down, y + high) - max(top, y)) / max(down, high)
    if not -_DOOR_LAPS <= gap <= _DOOR_GAP or level < _DOOR_LEVEL or not _DOOR_WIDE <= wide / across <= 1 / _DOOR_WIDE or one.drawn < _DOOR_DRAWN:
        return float("inf")
    return float(1 - level + 0.3 * abs(np.log(wide / across)) + abs(gap))
