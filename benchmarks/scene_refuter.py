"""A second opinion on sign places that shares no code with the check: rays on the walls of the plan, steps along the visitor's way.

Refuted is a place that somebody in the stairwell sees through the open front door, or one that a visitor meets only after he has come into what the camera
sees, directly or by a mirror. What is seen is taken from the set's own grid, not from our polygons.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.scene_set import Grid

Point = tuple[float, float]
READ_MOST_M = 4.0    # from where a sign is noticed in passing
OUTSIDE_M = (0.05, 0.5, 1.0)  # before the front door: where a caller's eyes are
SLANT_LEAST = 0.17   # sine of 10 degrees: at a flatter angle nobody sees a sign on a wall
STEP_M = 0.05
OFF_WALL_M = 0.03


def refuted(place: Point, plan: dict[str, Any], seen: Grid) -> str | None:
    """Why the place will not do, or None."""
    normal = _normal(place, plan)
    if normal is None:
        return "not on a wall"
    before = (place[0] + OFF_WALL_M * normal[0], place[1] + OFF_WALL_M * normal[1])
    if _seen_from_door(before, normal, plan):
        return "seen from the front door"
    if seen.at(*before):
        return "in what the camera sees"
    return _met_late(before, normal, plan, seen)


def _edges(ring: list[Point]) -> list[tuple[Point, Point]]:
    return list(pairwise([*ring, ring[0]]))


def _normal(place: Point, plan: dict[str, Any]) -> Point | None:
    """Into the room or hall on whose wall the place is; None away from all walls."""
    best: tuple[float, Point] | None = None
    for ring in (plan["hall"], plan["room"]):
        middle = np.mean(np.asarray(ring), axis=0)
        for (x0, y0), (x1, y1) in _edges(ring):
            length = float(np.hypot(x1 - x0, y1 - y0))
            along = ((place[0] - x0) * (x1 - x0) + (place[1] - y0) * (y1 - y0)) / length
            nx, ny = (y1 - y0) / length, -(x1 - x0) / length
            away = abs((place[0] - x0) * nx + (place[1] - y0) * ny)
            if away > 0.1 or not -0.01 <= along <= length + 0.01:
                continue
            inward = 1.0 if (middle[0] - x0) * nx + (middle[1] - y0) * ny > 0 else -1.0
            if best is None or away < best[0]:
                best = (away, (inward * nx, inward * ny))
    return None if best is None else best[1]


def _seen_from_door(before: Point, normal: Point, plan: dict[str, Any]) -> bool:
    (ax, ay), (bx, by) = plan["front_door"]
    width = float(np.hypot(bx - ax, by - ay))
    out = (-(by - ay) / width, (bx - ax) / width)
    middle = np.mean(np.asarray(plan["hall"]), axis=0)
    if (middle[0] - ax) * out[0] + (middle[1] - ay) * out[1] > 0:
        out = (-out[0], -out[1])
    walls = _walls(plan)
    for share in np.linspace(0.05, 0.95, 10):
        for away in OUTSIDE_M:
            eye = (ax + share * (bx - ax) + away * out[0], ay + share * (by - ay) + away * out[1])
            ray = (before[0] - eye[0], before[1] - eye[1])
            slant = -(ray[0] * normal[0] + ray[1] * normal[1]) / float(np.hypot(*ray))
            if slant > SLANT_LEAST and not any(_cross(eye, before, *wall) for wall in walls):
                return True
    return False


def _walls(plan: dict[str, Any]) -> list[tuple[Point, Point]]:
    """All walls with gaps for the front door and every door of the room (a door is open at the worst moment)."""
    gaps = [tuple(plan["front_door"]), *(gap for door in plan["doors"] if door["kind"] == "room_door" for gap in _door_gaps(door, plan))]
    walls = []
    for ring in (plan["hall"], plan["room"]):
        for start, end in _edges(ring):
            walls += _without(start, end, gaps)
    return walls


def _door_gaps(door: dict[str, Any], plan: dict[str, Any]) -> list[tuple[Point, Point]]:
    """A door's opening in the room's own wall and in the wall of the hall behind it."""
    xs, ys = [x for x, _ in plan["room"]], [y for _, y in plan["room"]]
    thick = plan["wall_thickness"][door["wall"]]
    level = {"N": max(ys), "S": min(ys), "E": max(xs), "W": min(xs)}[door["wall"]]
    beyond = level + (thick if door["wall"] in "NE" else -thick)
    if door["wall"] in "NS":
        return [((door["a0"], at), (door["a1"], at)) for at in (level, beyond)]
    return [((at, door["a0"]), (at, door["a1"])) for at in (level, beyond)]


def _without(start: Point, end: Point, gaps: list[Any]) -> list[tuple[Point, Point]]:
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    way = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    cuts: list[tuple[float, float]] = []
    for one, other in gaps:
        places = [((x - start[0]) * way[0] + (y - start[1]) * way[1], abs((x - start[0]) * way[1] - (y - start[1]) * way[0])) for x, y in (one, other)]
        if all(off < 0.02 for _, off in places):
            cuts.append((min(at for at, _ in places), max(at for at, _ in places)))
    walls, at = [], 0.0
    for low, high in [*sorted(cuts), (length, length)]:
        if low > at + 1e-6:
            walls.append(((start[0] + at * way[0], start[1] + at * way[1]), (start[0] + low * way[0], start[1] + low * way[1])))
        at = max(at, high)
    return walls


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _met_late(before: Point, normal: Point, plan: dict[str, Any], seen: Grid) -> str | None:
    """Whether the visitor, walking from the front door into the room's middle, is seen before he comes by the place, or never had it before his eyes."""
    door = next((door for door in plan["doors"] if door["kind"] == "room_door"), None)
    if door is None:
        return None
    (ax, ay), (bx, by) = plan["front_door"]
    through = [((x0 + x1) / 2, (y0 + y1) / 2) for (x0, y0), (x1, y1) in reversed(_door_gaps(door, plan))]
    middle = np.mean(np.asarray(plan["room"]), axis=0)
    steps = _steps([((ax + bx) / 2, (ay + by) / 2), *through, (float(middle[0]), float(middle[1]))])
    first_seen = next((number for number, step in enumerate(steps) if seen.at(*step)), len(steps))
    off = [(x - before[0], y - before[1]) for x, y in steps]
    nearest = int(np.argmin([np.hypot(*one) if one[0] * normal[0] + one[1] * normal[1] > 0 else np.inf for one in off]))  # on the sign's side of its wall
    if nearest > first_seen:
        return "met after the seen area"
    walls = _walls(plan)
    ahead = [((x1 - x0), (y1 - y0)) for (x0, y0), (x1, y1) in pairwise([*steps, steps[-1]])]
    met = any(_readable(step, before, normal, walls) and (before[0] - step[0]) * way[0] + (before[1] - step[1]) * way[1] > 0
              for step, way in zip(steps[:first_seen], ahead, strict=False))
    return None if met else "never before the visitor's eyes, but behind his back or too late"


def _readable(step: Point, before: Point, normal: Point, walls: list[tuple[Point, Point]]) -> bool:
    ray = (step[0] - before[0], step[1] - before[1])
    away = float(np.hypot(*ray))
    in_front = ray[0] * normal[0] + ray[1] * normal[1] > SLANT_LEAST * away
    return in_front and away <= READ_MOST_M and not any(_cross(step, before, *wall) for wall in walls)


def _steps(way: list[Point]) -> list[Point]:
    found = []
    for (x0, y0), (x1, y1) in pairwise(way):
        count = max(1, int(np.hypot(x1 - x0, y1 - y0) / STEP_M))
        found += [(x0 + (x1 - x0) * step / count, y0 + (y1 - y0) * step / count) for step in range(count + 1)]
    return found
