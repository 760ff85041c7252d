"""Outlines of flat things in the picture, that a mirror or its frame may be.

Edges of one light alone are often open: a frame is as pale as the wall by day, or a dark wall as dark as the frame at night. What is there shows in one of
both lights nearly always, so edges of both laid over one another close where each alone does not.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.looks import evenly
from provisioner.scene.own_light import REFERENCE_PX, WIDTH_PX, Mask, small
from provisioner.scene.pictures import Frame, Picture
from provisioner.scene.uprights import firsts, once, pairs, sides

MIRROR_PX = 1500          # pixels of 1280x720: less shows nobody
_DAY_BLUR, NIGHT_BLUR = 1.0, 1.5              # sigma, pixels of 640: against coding noise by day, against the sensor's at night
_DAY_EDGES = (20, 50)     # Canny's two limits: so faint are frames on pale walls
_NIGHT_EDGES = (10, 25)   # half the contrast: one lamp from the front throws no shadows
_HULL_LEAST = 0.8         # of its hull: a flat thing behind another one lacks a corner, not more
_DRAWN_LEAST = 0.75       # or so much of the hull has an edge under it: frames are as pale as the wall in places
_QUAD_LEAST = 0.85        # of its hull, the four or five corners that are left when small ones are dropped
_OVAL = 0.06              # of its area more or less than the ellipse laid through it, and twice that of a radius at its corners
_AROUND_MOST = 4.0        # times the largest area, the box around it: what hangs together with the picture's edge has a hull of thousands of points
_SIDE_LEAST = 20          # pixels of 640 with its edges: the line with the time is 17 high, and the same by day and by night
SHARE_MOST = 0.25        # of the picture: larger is the room itself
_OUTLINES_MOST = 150      # the best drawn: rows of books have thousands


@dataclass(frozen=True)
class Edges:
    """Thin edges by day and at night, 255 or 0. `uprights`: those of each that run up rather than across, what becomes lighter to the right and what darker
    by themselves: the edges of a frame lie a pixel apart, by day at its one side and at night at its other. `unit`: pixels of these per pixel of 640."""

    day: Mask | None
    night: Mask
    uprights: tuple[Mask, ...]
    unit: float

    @classmethod
    def of(cls, light: Frame | None, night: Frame, unit: float) -> "Edges":
        """`light`: by day."""
        at_night, uprights = _edges(night, NIGHT_BLUR * unit, _NIGHT_EDGES)
        if light is None:
            return cls(None, at_night, uprights, unit)
        by_day, more = _edges(light, _DAY_BLUR * unit, _DAY_EDGES)
        return cls(by_day, at_night, more + uprights, unit)

    @classmethod
    def of_pair(cls, day: Picture, night: Picture) -> "Edges":
        """Of day and night of one view and one size."""
        lit = small(night)
        return cls.of(small(day), lit, lit.shape[1] / WIDTH_PX)

    @cached_property
    def sides(self) -> npt.NDArray[np.float32]:
        """Straight upright edges (N, 2, 2): top and foot, x and y; what day and night both show once."""
        return once(np.concatenate([sides(one, self.unit) for one in reversed(self.uprights)]), self.unit)  # of the night first: fewer things have edges then

    @cached_property
    def upright(self) -> Mask:
        """Those of both lights that run up rather than across."""
        return np.asarray(np.bitwise_or.reduce(self.uprights), np.uint8)

    @property
    def both(self) -> Mask:
        """Those of both lights."""
        return self.night if self.day is None else self.night | self.day

    @cached_property
    def near(self) -> Mask:
        """Within two pixels of 640 of those of both lights."""
        return np.asarray(cv2.dilate(self.both, square(2, self.unit)), np.uint8)


def _edges(frame: Frame, sigma: float, limits: tuple[int, int]) -> tuple[Mask, tuple[Mask, Mask]]:
    across, down = cv2.spatialGradient(cv2.GaussianBlur(frame, (0, 0), sigma))
    edges = np.asarray(cv2.Canny(across, down, *limits), np.uint8)
    # Where both are beyond 255, at the corners of lamps, they count as upright.
    upright = np.asarray(cv2.compare(cv2.convertScaleAbs(across), cv2.convertScaleAbs(down), cv2.CMP_GE), np.uint8) & edges
    lighter = np.asarray(cv2.inRange(across, (1,), (32767,)), np.uint8) & upright
    return edges, (lighter, upright ^ lighter)


def find_outlines(edges: Edges, shape: tuple[int, ...]) -> list[npt.NDArray[np.int32]]:
    """Outlines of flat things, convex, in pixels of `edges`. `shape`: theirs, height and width."""
    least, most = MIRROR_PX * (shape[1] / REFERENCE_PX) ** 2 * 0.8, SHARE_MOST * shape[0] * shape[1]
    quads = np.clip(np.rint(pairs(edges.sides, edges.near, edges.unit, least, most)), 0, np.array([shape[1], shape[0]]) - 1).astype(np.int32)
    rough = firsts(np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1) // round(6 * edges.unit + 0.5))
    return _closed(edges.both, least, most, edges.unit) + list(quads[rough])[:_OUTLINES_MOST]


def _closed(edges: Mask, least: float, most: float, unit: float) -> list[npt.NDArray[np.int32]]:
    """Convex outlines of an edge image, each thing once."""
    found: list[npt.NDArray[np.int32]] = []
    boxes: set[tuple[int, ...]] = set()
    wide = cv2.dilate(edges, square(1, 1.0))
    wide[0], wide[-1], wide[:, 0], wide[:, -1] = 255, 255, 255, 255  # what the picture's edge cuts is closed there
    contours, nesting = cv2.findContours(wide, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    start = np.cumsum([0] + [len(contour) for contour in contours[:-1]])
    points = np.concatenate(contours)[:, 0]
    corner, size = np.minimum.reduceat(points, start), np.maximum.reduceat(points, start) - np.minimum.reduceat(points, start) + 1
    around = size.prod(axis=1)
    for which in np.flatnonzero((around >= least) & (around <= _AROUND_MOST * most) & (size.min(axis=1) >= _SIDE_LEAST * unit)):
        contour, parent = contours[int(which)], int(nesting[0][which][3])
        box = (*corner[which].tolist(), *size[which].tolist())
        rough = (*(round(v / (3 * unit)) for v in box), int(parent >= 0))
        if len(contour) < 4 or rough in boxes:
            continue
        hull = cv2.convexHull(contour)
        whole = cv2.contourArea(hull)
        if not least <= whole <= most:
            continue
        corners = cv2.approxPolyDP(hull, 0.04 * cv2.arcLength(hull, True), True)
        if (not 4 <= len(corners) <= 5 or cv2.contourArea(corners) < _QUAD_LEAST * whole) and not is_oval(hull, whole):
            continue
        # Widened edges lie 2 px outside of what they enclose, and the hole in them as far inside.
        outline = moved(hull[:, 0, :].astype(np.float32), 2.0 * unit if parent >= 0 else -2.0 * unit)
        if cv2.contourArea(contour) < _HULL_LEAST * whole and (parent >= 0 or _drawn_share(outline, np.asarray(wide, np.uint8)) < _DRAWN_LEAST):
            continue
        boxes.add(rough)
        found.append(outline)
    return found


def is_oval(hull: npt.NDArray[Any], area: float) -> bool:
    """Whether a convex outline is an ellipse: a round mirror."""
    if len(hull) < 8:
        return False
    middle, axes, turn = cv2.fitEllipse(hull)
    if not abs(np.pi / 4 * axes[0] * axes[1] / area - 1) <= _OVAL:
        return False
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    points = (hull[:, 0, :] - np.array(middle)) @ np.array([[cos, -sin], [sin, cos]])
    return float(np.abs(np.hypot(points[:, 0] / axes[0], points[:, 1] / axes[1]) * 2 - 1).max()) <= 2 * _OVAL


def _drawn_share(hull: npt.NDArray[Any], wide: Mask) -> float:
    """How much of an outline has an edge under it."""
    at = np.rint(evenly([hull], 96)[0]).astype(np.intp)
    return float(np.mean(wide[at[:, 1], at[:, 0]] > 0))


def moved(hull: npt.NDArray[np.float32], by: float) -> npt.NDArray[np.int32]:
    """A convex outline with its corners moved away from the middle (towards it where `by` is negative), along both axes."""
    middle = (hull.max(axis=0) + hull.min(axis=0)) / 2
    half = np.maximum((hull.max(axis=0) - hull.min(axis=0)) / 2, 1.0)
    return np.asarray(np.rint(middle + (hull - middle) * (1 + by / half)), np.int32)


def square(reach: int, unit: float) -> npt.NDArray[np.uint8]:
    """For dilating by `reach` pixels of 640."""
    side = 2 * max(1, round(reach * unit)) + 1
    return np.ones((side, side), np.uint8)
