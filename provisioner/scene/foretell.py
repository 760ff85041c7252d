"""What a plan foretells of the picture: where its mirrors and panes stand in it, what they show, and where the camera's own lamp looks back. Pure.

The lamp sits around the lens, so its image in a flat mirror stands where the line from the lens meets the mirror squarely. On two sets of rendered homes
the foretold place was within 8 px of the real one each time, and whether a mirror shows another room was right each time.
"""

from dataclasses import dataclass
from math import hypot
from typing import Literal

import numpy as np
import numpy.typing as npt
from shapely import Point, Polygon, clip_by_rect, contains_xy
from shapely.geometry.base import BaseGeometry

from provisioner.scene.findings import Outline
from provisioner.scene.floorplan import Door, FloorPlan, Mirror, Window
from provisioner.scene.optics import CameraPose
from provisioner.scene.sight import seen_from, sees, wall_lines, wedge

DOOR_HEIGHT_M = 2.05   # SS 817301: a door leaf of 21 decimetres leaves a clear height of about 2.05 m
PANE_DEEP_M = 0.1      # a pane stands so deep in its wall
_EDGE_POINTS = 24      # a straight edge is bent by a fisheye: so many points on each
_GRID = 28             # rays a side, into each mirror
_NEAR_M = 0.3          # a mirror's image nearer than this is the lens's own

Floats = npt.NDArray[np.float64]
Kind = Literal["mirror", "glass", "television", "window"]


@dataclass(frozen=True, slots=True)
class ForetoldMirror:
    """`outline_px`: where it stands in the picture, clipped to it. `shows_room`: the share (0 to 1) of it that shows another room; `shows_unseen`: that shows
    anything that the camera does not see directly, the other room included."""

    outline_px: Outline
    kind: Kind
    shows_room: float
    shows_unseen: float
    area_px: float


@dataclass(frozen=True, slots=True)
class ForetoldBounce:
    """Where the lamp's own image stands at night, `distance_m` from the lens to the glass."""

    at_px: tuple[float, float]
    source: Kind
    distance_m: float


@dataclass(frozen=True, slots=True)
class Foretold:
    """All that a plan says of the picture of one camera. `mirrors`: mirrors and other glass that hangs in the room; `windows`: panes, which mirror at night.
    `doors`: outlines of doors in the picture; an open one shows another place as a mirror does."""

    mirrors: tuple[ForetoldMirror, ...]
    windows: tuple[ForetoldMirror, ...]
    bounces: tuple[ForetoldBounce, ...]
    doors: tuple[Outline, ...] = ()


def foretell(plan: FloorPlan, camera: CameraPose) -> Foretold:
    """See the module. Raises `Unusable` where the camera is not in the room."""
    plan.holds(camera)
    directly: BaseGeometry | None = None   # asked for where there is a mirror alone
    mirrors, windows, bounces = [], [], []
    for mirror in plan.mirrors:
        made = _in_picture(mirror_corners(mirror), camera)
        if made is not None and _faces(mirror, camera):
            directly = directly or seen_from((camera.position_m[0], camera.position_m[1]), wall_lines(plan.free), *wedge(camera))
            room, unseen = _shown(mirror, made, plan, camera, directly)
            mirrors.append(ForetoldMirror(_outline(made), mirror.kind, room, unseen, float(made.area)))  # type: ignore[arg-type]
        if (bounce := _bounce(mirror_corners(mirror), np.asarray(mirror.normal), mirror.kind, plan, camera)) is not None:  # type: ignore[arg-type]
            bounces.append(bounce)
    for window in plan.windows:
        outward = np.asarray([*plan.outward(window.wall), 0.0])
        corners = _in_wall(window, window.z0, window.z1, plan)
        made = _in_picture(corners, camera)
        if made is not None:
            windows.append(ForetoldMirror(_outline(made), "window", 0.0, 0.0, float(made.area)))
        if (bounce := _bounce(corners + PANE_DEEP_M * outward, -outward, "window", plan, camera)) is not None:
            bounces.append(bounce)
    doors = (_in_picture(_in_wall(door, 0.0, DOOR_HEIGHT_M, plan), camera) for door in plan.doors)
    return Foretold(tuple(mirrors), tuple(windows), tuple(_apart(bounces)), tuple(_outline(door) for door in doors if door is not None))


def _in_wall(opening: Door | Window, z0: float, z1: float, plan: FloorPlan) -> Floats:
    """Corners of what is in a wall, from one height to another; shape (4, 3), metres."""
    (ax, ay), (bx, by) = plan.on_wall(opening.wall, opening.a0), plan.on_wall(opening.wall, opening.a1)
    return np.asarray([[ax, ay, z1], [bx, by, z1], [bx, by, z0], [ax, ay, z0]])


def mirror_corners(mirror: Mirror) -> Floats:
    """Upper left, upper right, lower right, lower left; shape (4, 3), metres. `a` and `b` are at the middle height of one that leans."""
    (ax, ay), (bx, by) = mirror.a, mirror.b
    nx, ny, nz = mirror.normal
    flat, middle = hypot(nx, ny), (mirror.z0 + mirror.z1) / 2

    def at(x: float, y: float, z: float) -> list[float]:
        lean = -nz / flat * (z - middle)   # along the normal's level part, so that the corner stays in the plane
        return [x + nx / flat * lean, y + ny / flat * lean, z]

    return np.asarray([at(ax, ay, mirror.z1), at(bx, by, mirror.z1), at(bx, by, mirror.z0), at(ax, ay, mirror.z0)])


def flat_outline(corners_m: Floats, camera: CameraPose) -> Polygon | None:
    """A flat thing's outline in the picture, clipped to it; None where it is not in it. `corners_m`: (N, 3), in order."""
    return _in_picture(corners_m, camera)


def _faces(mirror: Mirror, camera: CameraPose) -> bool:
    return float((np.asarray(camera.position_m) - mirror_corners(mirror)[0]) @ np.asarray(mirror.normal)) > 0


def _in_picture(corners_m: Floats, camera: CameraPose) -> Polygon | None:
    share = np.linspace(0, 1, _EDGE_POINTS, endpoint=False)[:, None]
    edges = np.concatenate([a + (b - a) * share for a, b in zip(corners_m, np.roll(corners_m, -1, axis=0), strict=True)])
    px, ahead = camera.project(edges)
    if int(np.count_nonzero(ahead)) < 3:
        return None
    whole = Polygon(px[ahead])
    made = clip_by_rect(whole if whole.is_valid else whole.buffer(0), 0, 0, camera.width_px, camera.height_px)
    pieces = [piece for piece in getattr(made, "geoms", [made]) if isinstance(piece, Polygon) and piece.area >= 1]
    return max(pieces, key=lambda piece: float(piece.area)) if pieces else None


def _outline(made: Polygon) -> Outline:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in made.simplify(0.3).exterior.coords[:-1])


def _bounce(corners: Floats, normal: Floats, source: Kind, plan: FloorPlan, camera: CameraPose) -> ForetoldBounce | None:
    eye = np.asarray(camera.position_m)
    away = float((eye - corners[0]) @ normal)
    if away < _NEAR_M:
        return None
    foot = eye - away * normal
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    places = float((foot - corners[0]) @ along / (along @ along)), float((foot - corners[0]) @ down / (down @ down))
    if not all(-0.01 <= place <= 1.01 for place in places):
        return None
    px, ahead = camera.project(foot[None])
    x, y = float(px[0, 0]), float(px[0, 1])
    if not (ahead[0] and 0 <= x < camera.width_px and 0 <= y < camera.height_px):
        return None
    stand = foot + (PANE_DEEP_M + 0.02) * normal   # a pane is in the wall's thickness, which is no room
    if source != "window" and not sees((eye[0], eye[1]), (stand[0], stand[1]), plan.free):
        return None
    return ForetoldBounce((round(x, 1), round(y, 1)), source, round(away, 2))


def _apart(bounces: list[ForetoldBounce]) -> list[ForetoldBounce]:
    """One for each place: the doors of one mirrored wardrobe share theirs."""
    found: list[ForetoldBounce] = []
    for bounce in bounces:
        if all(hypot(bounce.at_px[0] - other.at_px[0], bounce.at_px[1] - other.at_px[1]) > 4 for other in found):
            found.append(bounce)
    return found


def _shown(mirror: Mirror, made: Polygon, plan: FloorPlan, camera: CameraPose, directly: BaseGeometry) -> tuple[float, float]:
    """Shares of the mirror's picture that show another room, and a place not seen directly: a grid of rays, each followed to the first thing it meets."""
    left, top, right, bottom = made.bounds
    xs, ys = np.linspace(left, right, _GRID + 2)[1:-1], np.linspace(top, bottom, _GRID + 2)[1:-1]
    px = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    px = px[contains_xy(made, px[:, 0], px[:, 1])]
    if not len(px):
        return 0.0, 0.0
    eye, normal, corner = np.asarray(camera.position_m), np.asarray(mirror.normal), mirror_corners(mirror)[0]
    rays = camera.rays(px)
    with np.errstate(divide="ignore", invalid="ignore"):
        hits = eye + rays * ((corner - eye) @ normal / (rays @ normal))[:, None]
    back = rays - 2 * (rays @ normal)[:, None] * normal
    in_room, at = _land(hits, back, plan)
    from_hall = ~in_room
    unseen = ~contains_xy(directly, at[:, 0], at[:, 1])
    return float(np.mean(from_hall)), float(np.mean(from_hall | unseen))


def _land(origins: Floats, directions: Floats, plan: FloorPlan) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Where each ray first meets floor, ceiling or wall of the room, and whether that is in the room: else it left through an open door. Inputs (N, 3)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        to_level = np.where(directions[:, 2] < 0, -origins[:, 2] / directions[:, 2], (plan.height_m - origins[:, 2]) / directions[:, 2])
    to_level = np.where(np.isfinite(to_level) & (to_level > 0), to_level, np.inf)
    nearest, through = np.full(len(origins), np.inf), np.zeros(len(origins), bool)
    names = [name for name in plan.walls if not name.isdigit()] or list(plan.walls)
    for name in names:
        (x0, y0), (x1, y1) = plan.walls[name]
        ex, ey = x1 - x0, y1 - y0
        across = directions[:, 0] * ey - directions[:, 1] * ex
        with np.errstate(divide="ignore", invalid="ignore"):
            far = ((x0 - origins[:, 0]) * ey - (y0 - origins[:, 1]) * ex) / across
            place = ((x0 - origins[:, 0]) * directions[:, 1] - (y0 - origins[:, 1]) * directions[:, 0]) / across
        meets = (np.abs(across) > 1e-9) & (far > 1e-3) & (place >= -1e-6) & (place <= 1 + 1e-6) & (far < nearest)
        where = origins + directions * np.where(meets, far, 0.0)[:, None]
        opens = np.zeros(len(origins), bool)
        for door in plan.doors:
            if door.is_open and plan.walls[door.wall] == plan.walls[name]:
                opens |= _passes(where, door, plan)
        nearest, through = np.where(meets, far, nearest), np.where(meets, opens, through)
    leaves = through & (nearest < to_level)
    end = np.minimum(nearest, to_level) - 0.02  # a hair before the wall, still in the room
    return ~leaves, origins + directions * np.where(np.isfinite(end), end, 0.0)[:, None]


def _passes(where: Floats, door: Door, plan: FloorPlan) -> npt.NDArray[np.bool_]:
    (ax, ay), (bx, by) = plan.on_wall(door.wall, door.a0), plan.on_wall(door.wall, door.a1)
    along = np.asarray([bx - ax, by - ay])
    place = ((where[:, :2] - np.asarray([ax, ay])) @ along) / float(along @ along)
    return np.asarray((place >= 0) & (place <= 1) & (where[:, 2] < DOOR_HEIGHT_M), bool)


def lands_at(point_m: tuple[float, float], camera: CameraPose) -> tuple[float, float] | None:
    """Where a spot of the floor stands in the picture; None where it is not in it."""
    px, ahead = camera.project(np.asarray([[*point_m, 0.0]]))
    inside = Point(float(px[0, 0]), float(px[0, 1])).within(Polygon([(0, 0), (camera.width_px, 0), (camera.width_px, camera.height_px), (0, camera.height_px)]))
    return (float(px[0, 0]), float(px[0, 1])) if ahead[0] and inside else None
