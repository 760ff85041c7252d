"""What of the floor is seen, cell by cell: brute force, in the plane, to compare geometry with that does it cleverly.

A cell of 10 cm is seen where the straight line from the camera to its middle lies within the horizontal field of view and crosses no wall. Walls
stop sight at every height; an open door lets it through; mirrors and furniture stop nothing here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .optics import Pose, Wide

CELL_M = 0.1
Segments = list[tuple[Wide, Wide]]


def _outline(corners: list[list[float]], gap: tuple[Wide, Wide] | None) -> Segments:
    """The edges of a room, with a gap where a door stands open."""
    points = [np.array(corner, np.float64) for corner in corners]
    out: Segments = []
    for one, two in zip(points, points[1:] + points[:1], strict=True):
        if gap is not None:
            way = (two - one) / np.linalg.norm(two - one)
            normal = np.array([-way[1], way[0]])
            if all(abs(float((end - one) @ normal)) < 1e-6 for end in gap):
                near, far = sorted(float((end - one) @ way) for end in gap)
                out += [(one, one + near * way), (one + far * way, two)]
                continue
        out.append((one, two))
    return out


def walls(plan: dict[str, Any]) -> Segments:
    """Everything that stops sight. The open door's hole has two sides as deep as the wall is thick."""
    door = next((door for door in plan["doors"] if door["kind"] == "room_door"), None)
    if door is None or not door["open"]:
        return _outline(plan["room"], None) + _outline(plan["hall"], None)
    deep = max(corner[1] for corner in plan["room"])
    back = deep + plan["wall_thickness"]["N"]
    front = (np.array([door["a0"], deep]), np.array([door["a1"], deep]))
    rear = (np.array([door["a0"], back]), np.array([door["a1"], back]))
    return _outline(plan["room"], front) + _outline(plan["hall"], rear) + [(front[0], rear[0]), (front[1], rear[1])]


def _cross(start: Wide, end: Wide, one: Wide, two: Wide) -> NDArray[np.bool_]:
    """Whether lines from `start` to `end` (each (N, 2) or (2,)) cross the segment."""
    def side(a: Wide, b: Wide, c: Wide) -> Wide:
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    apart = side(one, two, start) * side(one, two, end) < 0
    return np.asarray(apart & (side(start, end, one) * side(start, end, two) <= 0))


def _inside(points: Wide, corners: list[list[float]]) -> NDArray[np.bool_]:
    out = np.zeros(len(points), bool)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            out ^= ((ay > points[:, 1]) != (by > points[:, 1])) & (points[:, 0] < (bx - ax) * (points[:, 1] - ay) / (by - ay) + ax)
    return out


def _in_view(pose: Pose, points: Wide) -> NDArray[np.bool_]:
    away = points - np.array(pose.position_m[:2])
    turn = np.degrees(np.arctan2(away[:, 1], away[:, 0])) - pose.yaw_deg
    return np.asarray(np.abs((turn + 180) % 360 - 180) <= pose.hfov_deg / 2)


def truth(plan: dict[str, Any], pose: Pose) -> dict[str, Any]:
    """The grids of `labels.json`: bits row by row, most significant first, as hexadecimal digits; cell (i, j) lies round (x0 + (i + 1/2) cell, ...)."""
    corners = np.array(plan["room"] + plan["hall"])
    x0, y0 = (float(np.floor(value * 10) / 10 - 0.05) for value in corners.min(axis=0))
    nx, ny = (int(np.ceil((value - low) / CELL_M)) + 1 for value, low in zip(corners.max(axis=0), (x0, y0), strict=True))
    x, y = np.meshgrid(x0 + (np.arange(nx) + .5) * CELL_M, y0 + (np.arange(ny) + .5) * CELL_M)
    cells = np.stack([x.reshape(-1), y.reshape(-1)], axis=1)
    cells -= 1e-6                                        # a cell whose middle lies on a wall is not in the room
    inside = _inside(cells, plan["room"]) | _inside(cells, plan["hall"])
    stops, eye = walls(plan), np.array(pose.position_m[:2])
    direct = inside & _in_view(pose, cells)
    for one, two in stops:
        direct &= ~_cross(eye, cells, one, two)
    by_mirror = np.zeros(len(cells), bool)
    for mirror in plan["mirrors"]:
        by_mirror |= inside & _by(mirror, pose, eye, cells, stops)
    return {"x0": round(x0, 3), "y0": round(y0, 3), "cell": CELL_M, "nx": nx, "ny": ny,
            **{f"{name}_hex": np.packbits(grid).tobytes().hex() for name, grid in (("inside", inside), ("direct", direct), ("mirror", by_mirror))}}


def _by(mirror: dict[str, Any], pose: Pose, eye: Wide, cells: Wide, stops: Segments) -> NDArray[np.bool_]:
    """Cells seen by one bounce: the line from the mirrored eye to the cell crosses the mirror, and both halves of the way are free."""
    a, b = np.array(mirror["a"]), np.array(mirror["b"])
    normal = np.array(mirror["normal"][:2])
    normal = normal / np.linalg.norm(normal)
    if float((eye - a) @ normal) <= 0:
        return np.zeros(len(cells), bool)
    image = eye - 2 * float((eye - a) @ normal) * normal
    front = (cells - a) @ normal
    seen = (front > 1e-6) & _cross(image, cells, a, b)
    share = -float((image - a) @ normal) / np.maximum(front - float((image - a) @ normal), 1e-9)
    at = image + share[:, None] * (cells - image)
    seen &= _in_view(pose, at)
    at = at + 1e-4 * normal
    for one, two in stops:
        seen &= ~_cross(eye, at, one, two) & ~_cross(at, cells, one, two)
    return np.asarray(seen)
