"""Forbidden zones to privacy masks: what a camera must be asked for, given what its masks can be. Geometry only.

Corners are in ONVIF's normalised coordinates: x -1 (left) to 1 (right), y -1 (bottom) to 1 (top).
"""

from collections.abc import Sequence
from dataclasses import dataclass

Polygon = tuple[tuple[float, float], ...]
GRID = 128        # points a side in which two polygons are compared: 1/64 of the picture's half, finer than the masks' own grid in cameras
SAME_LEAST = 0.99  # of a zone's points inside the mask; what is lost at the edge is the grid's


@dataclass(frozen=True, slots=True)
class MaskRoom:
    """What a camera's masks can be, as far as it tells (Media2, GetMaskOptions). `points_most` is counted per mask."""

    masks_most: int = 4
    points_most: int = 4
    rectangles_only: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """One mask to be made, and the indices of the zones that it covers. `wider`: it hides more than was asked for."""

    shape: Polygon
    covers: tuple[int, ...]
    wider: bool


def wanted_masks(zones: Sequence[Polygon], room: MaskRoom) -> tuple[Wanted, ...]:
    """The masks that cover all zones. What a camera cannot draw as asked is covered by the rectangle around it; where there are more zones than
    masks, the two whose common rectangle adds the least are joined. Never less than asked. Raises `ValueError` for a zone that is none."""
    made = [_one(_checked(zone), (index,), room) for index, zone in enumerate(zones)]
    while len(made) > max(1, room.masks_most):
        pairs = [(_area(_around(a.shape + b.shape)) - _area(a.shape) - _area(b.shape), i, j)
                 for i, a in enumerate(made) for j, b in enumerate(made) if i < j]
        _, i, j = min(pairs)
        joined = Wanted(_around(made[i].shape + made[j].shape), tuple(sorted(made[i].covers + made[j].covers)), True)
        made = [one for at, one in enumerate(made) if at not in (i, j)] + [joined]
    return tuple(made)


def encloses(shape: Polygon, zone: Polygon) -> bool:
    """Whether a mask of this shape covers the zone, but for its very edge."""
    if len(shape) < 3:
        return False
    points = [(x, y) for x, y in _grid(zone) if _inside(zone, x, y)] or list(zone)
    return sum(_inside(shape, x, y) for x, y in points) >= SAME_LEAST * len(points)


def same_shape(one: Polygon, other: Polygon) -> bool:
    """Whether two masks are one and the same, whatever corner they begin at and however a camera rounds."""
    return encloses(one, other) and encloses(other, one)


def _one(zone: Polygon, covers: tuple[int, ...], room: MaskRoom) -> Wanted:
    box = _around(zone)
    is_box = abs(_area(zone) - _area(box)) < 1e-6
    if is_box:
        return Wanted(box, covers, False)
    fits = not room.rectangles_only and len(zone) <= room.points_most
    return Wanted(zone, covers, False) if fits else Wanted(box, covers, True)


def _checked(zone: Polygon) -> Polygon:
    """The zone cut to the picture. Raises `ValueError`."""
    if len(zone) < 3 or not all(abs(part) <= 10 for corner in zone for part in corner):
        raise ValueError("a zone has at least three corners within the picture")
    cut = tuple((min(1.0, max(-1.0, x)), min(1.0, max(-1.0, y))) for x, y in zone)
    if _area(_around(cut)) <= 0:
        raise ValueError("a zone has an area within the picture")
    return cut


def _around(points: Polygon) -> Polygon:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), max(ys)), (max(xs), max(ys)), (max(xs), min(ys)), (min(xs), min(ys))


def _area(polygon: Polygon) -> float:
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True))) / 2


def _grid(zone: Polygon) -> list[tuple[float, float]]:
    """The points of the grid within the zone's box, shrunk by half a step: the edge itself proves nothing."""
    (left, top), _, (right, bottom), _ = _around(zone)
    step_x, step_y = (right - left) / GRID, (top - bottom) / GRID
    return [(left + (i + 0.5) * step_x, bottom + (j + 0.5) * step_y) for i in range(0, GRID, 2) for j in range(0, GRID, 2)]


def _inside(polygon: Polygon, x: float, y: float) -> bool:
    """Even-odd rule."""
    inside = False
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside
