"""What a camera sees of the floor plan: directly, and by one bounce in a mirror. Pure geometry, seen from above.

Furniture is not in a plan and hides nothing here: what may be seen counts as seen. The field of view is the lens's, to both sides of where it looks.
Light is followed to every corner of the free space and a hair to either side of it; what it meets between is a straight wall, so this is exact.
"""

from dataclasses import dataclass
from math import atan2, hypot, pi, radians

import numpy as np
import numpy.typing as npt
from shapely import LineString, MultiPolygon, Polygon, polygons, union_all
from shapely.geometry.base import BaseGeometry

from provisioner.scene.floorplan import FloorPlan, Spot
from provisioner.scene.optics import CameraPose

_FAR_M = 60.0          # further than any room
_HAIR = 1e-7           # radians beside a corner
_OFF_GLASS_M = 1e-4    # a mirror's light starts so far before it: it may hang in the wall's own plane
_SMALLEST_M = 1e-3     # of a mirror, that is looked into

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sight:
    """`direct` and `mirrored` as areas on the floor (square metres of the plan), within rooms; a place may be in both."""

    direct: BaseGeometry
    mirrored: BaseGeometry

    @property
    def watched(self) -> BaseGeometry:
        """The monitoring area: all that the camera sees either way (R37)."""
        return union_all([self.direct, self.mirrored])


def sight(plan: FloorPlan, camera: CameraPose) -> Sight:
    """What the camera sees. Raises `Unusable` where it hangs in a wall."""
    return _sight(plan, camera, None)


def sight_to_the_corners(plan: FloorPlan, camera: CameraPose) -> Sight:
    """What the camera may see of somebody who walks, down to his feet: to `sight` come the places in the picture's lower corners. A camera that looks down sees
    there further to the sides than its field of view says: 59 degrees instead of 49 for one of 97 degrees that looks down by 23. Raises `Unusable`."""
    return _sight(plan, camera, footprint(camera))


def _sight(plan: FloorPlan, camera: CameraPose, also: BaseGeometry | None) -> Sight:
    plan.holds(camera)
    eye = (camera.position_m[0], camera.position_m[1])
    walls = wall_lines(plan.free)
    direct = seen_from(eye, walls, *wedge(camera))
    if also is not None:
        direct = union_all([direct, seen_from(eye, walls, -pi, pi).intersection(also)])
    mirrored = [area for mirror in plan.mirrors if mirror.kind != "television" for area in
                seen_by_mirror(eye, direct, walls, mirror.a, mirror.b, (mirror.normal[0], mirror.normal[1]))]
    return Sight(direct, union_all(mirrored) if mirrored else Polygon())


def wedge(camera: CameraPose) -> tuple[float, float]:
    """The camera's field of view from above: the angles of its right and left border, radians against the clock from the x axis."""
    yaw, half = atan2(camera.forward[1], camera.forward[0]), radians(camera.hfov_deg) / 2
    return yaw - half, yaw + half


def footprint(camera: CameraPose) -> BaseGeometry:
    """The floor that the whole picture would show if nothing stood on it, and all between it and the camera; at most 60 m far."""
    along_x, along_y = np.linspace(0, camera.width_px, 17), np.linspace(0, camera.height_px, 9)
    border = np.asarray([*((x, 0.0) for x in along_x), *((camera.width_px, y) for y in along_y[1:]), *((x, camera.height_px) for x in along_x[-2::-1]),
                         *((0.0, y) for y in along_y[-2::-1])])
    rays = camera.rays(border)
    rays = rays[np.isfinite(rays).all(axis=1)]
    level = np.maximum(np.hypot(rays[:, 0], rays[:, 1]), 1e-9)
    reach = np.where(rays[:, 2] < 0, camera.position_m[2] * level / np.maximum(-rays[:, 2], 1e-9), _FAR_M)
    eye = np.asarray(camera.position_m[:2])
    ends = eye + rays[:, :2] / level[:, None] * np.minimum(reach, _FAR_M)[:, None]
    corners = np.stack([np.broadcast_to(eye, ends[1:].shape), ends[:-1], ends[1:]], axis=1)
    return union_all([one for one in polygons(corners) if one.area > _SMALLEST_M**2])


def wall_lines(free: BaseGeometry) -> Floats:
    """The walls around the free space, shape (N, 2, 2): N pieces from one end to the other."""
    pieces = []
    for area in free.geoms if isinstance(free, MultiPolygon) else [free]:
        for ring in (area.exterior, *area.interiors):
            corners = np.asarray(ring.coords)
            pieces.append(np.stack([corners[:-1], corners[1:]], axis=1))
    return np.concatenate(pieces)


def seen_from(eye: Spot, walls: Floats, low: float, high: float) -> BaseGeometry:
    """What is seen from `eye` between the angles `low` and `high`."""
    directions = _directions(eye, walls, low, high)
    far = _first_hit(eye, directions, walls, np.full(len(directions), _HAIR))
    ends = np.asarray(eye) + directions * far[:, None]
    return Polygon([eye, *map(tuple, ends)] if high - low < 2 * pi - 1e-9 else list(map(tuple, ends))).buffer(0)


def seen_by_mirror(eye: Spot, direct: BaseGeometry, walls: Floats, a: Spot, b: Spot, normal: Spot) -> list[BaseGeometry]:
    """What is seen in the mirror from `a` to `b`: the light of each piece that the eye sees, as if it came from the mirrored eye."""
    n = np.asarray(normal) / hypot(*normal)
    start, end, at = np.asarray(a), np.asarray(b), np.asarray(eye)
    away = float((at - start) @ n)
    if away <= _OFF_GLASS_M:
        return []  # seen from behind
    glass = LineString([start + n * _OFF_GLASS_M, end + n * _OFF_GLASS_M]).intersection(direct)
    behind = mirrored_spot(eye, a, normal)
    seen = []
    for piece in getattr(glass, "geoms", [glass]):
        if piece.is_empty or piece.length < _SMALLEST_M:
            continue
        first, last = np.asarray(piece.coords[0]), np.asarray(piece.coords[-1])
        low = atan2(first[1] - behind[1], first[0] - behind[0])
        turn = (atan2(last[1] - behind[1], last[0] - behind[0]) - low + pi) % (2 * pi) - pi
        directions = _directions(behind, walls, min(low, low + turn), max(low, low + turn))
        glass_at = (away + _OFF_GLASS_M) / (directions @ n)
        far = _first_hit(behind, directions, walls, glass_at + 1e-9)
        near_ends, far_ends = np.asarray(behind) + directions * glass_at[:, None], np.asarray(behind) + directions * far[:, None]
        seen.append(Polygon([*map(tuple, near_ends), *map(tuple, far_ends[::-1])]).buffer(0))
    return seen


def mirrored_spot(spot: Spot, on_mirror: Spot, normal: Spot) -> Spot:
    """A spot on the other side of the mirror; twice is where it was."""
    length2 = normal[0] ** 2 + normal[1] ** 2
    away = ((spot[0] - on_mirror[0]) * normal[0] + (spot[1] - on_mirror[1]) * normal[1]) / length2
    return spot[0] - 2 * away * normal[0], spot[1] - 2 * away * normal[1]


def _directions(eye: Spot, walls: Floats, low: float, high: float) -> Floats:
    """Unit vectors to both borders, to each corner between them, and a hair beside it; in order."""
    corners = walls.reshape(-1, 2)
    middle, half = (low + high) / 2, (high - low) / 2
    turned = (np.arctan2(corners[:, 1] - eye[1], corners[:, 0] - eye[0]) - middle + pi) % (2 * pi) - pi
    beside = np.concatenate([turned - _HAIR, turned, turned + _HAIR, [-half, half]])
    angles = middle + np.unique(beside[np.abs(beside) <= half])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _first_hit(eye: Spot, directions: Floats, walls: Floats, least: Floats) -> Floats:
    """How far light goes in each direction, shape (N,), in metres, to the first wall beyond `least`."""
    begin, along = walls[:, 0] - np.asarray(eye), walls[:, 1] - walls[:, 0]
    across = directions[:, None, 0] * along[None, :, 1] - directions[:, None, 1] * along[None, :, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (begin[None, :, 0] * along[None, :, 1] - begin[None, :, 1] * along[None, :, 0]) / across
        place = (begin[None, :, 0] * directions[:, None, 1] - begin[None, :, 1] * directions[:, None, 0]) / across
    hits = (np.abs(across) > 1e-12) & (place >= -1e-9) & (place <= 1 + 1e-9) & (far > least[:, None])
    found = np.where(hits, far, np.inf).min(axis=1)
    return np.asarray(np.where(np.isfinite(found), found, least), np.float64)


def sees(a: Spot, b: Spot, free: BaseGeometry) -> bool:
    """Whether nothing stands between two spots."""
    return bool(free.buffer(1e-6).covers(LineString([a, b])))
