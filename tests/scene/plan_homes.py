"""Homes for tests of the floor plan, and a caster of rays that knows nothing of polygons: straight lines against straight walls, point by point.

A home is laid out with its hall to the north and turned afterwards by any angle, so that nothing holds for upright walls alone.
"""

from dataclasses import dataclass, replace
from math import cos, hypot, radians, sin
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from provisioner.scene.floorplan import FloorPlan, Spot, read_plan
from provisioner.scene.optics import CameraPose, pose

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Segment = tuple[Spot, Spot]


@dataclass(frozen=True)
class Home:
    """`walls`: every wall's faces with gaps at open doors. `shut`: what an inner door that is shut adds to them. `spots`: floor points inside, (N, 2)."""

    raw: dict[str, Any]
    camera: CameraPose
    walls: tuple[Segment, ...]
    shut: tuple[Segment, ...]
    front_gap: Segment
    outside: Spot
    spots: Floats
    door_middle: Spot

    @property
    def plan(self) -> FloorPlan:
        """As read."""
        return read_plan(self.raw)

    @property
    def lines(self) -> Floats:
        """What stops light, the front door shut."""
        return np.asarray([*self.walls, *self.shut, self.front_gap])


def _turn(spot: Spot, angle: float) -> Spot:
    return spot[0] * cos(angle) - spot[1] * sin(angle), spot[0] * sin(angle) + spot[1] * cos(angle)


def _split(a: Spot, b: Spot, gap: Segment | None) -> list[Segment]:
    return [(a, b)] if gap is None else [(a, gap[0]), (gap[1], b)]


@st.composite
def homes(draw: st.DrawFn, bent_hall: bool | None = None, mirrors_most: int = 2) -> Home:
    """A bedroom, a hall that is plain or bent, a door between that is open or not, the front door in any free wall, mirrors flat on walls or aslant."""
    metres = lambda low, high: round(draw(st.floats(low, high)), 2)  # noqa: E731
    width, depth, thick = metres(2.6, 5.5), metres(2.6, 5.5), metres(0.08, 0.35)
    west, hall_wide, hall_deep = metres(-1.0, width - 1.4), metres(1.9, 4.5), metres(1.2, 3.0)
    y0, y1, east = depth + thick, depth + thick + hall_deep, west + hall_wide
    low, high = max(0.0, west) + 0.05, min(width, east) - 0.05
    wide = draw(st.floats(0.7, min(0.95, high - low)))
    left = low + draw(st.floats(0, 1)) * (high - low - wide)
    right = left + wide
    is_open = draw(st.booleans())
    bent = draw(st.booleans()) if bent_hall is None else bent_hall
    turn, shift = draw(st.sampled_from([0.0, 0.0, 0.5, -1.2, 2.4, 3.0])), (metres(-3, 3), metres(-3, 3))

    def out(spot: Spot) -> Spot:
        x, y = _turn(spot, turn)
        return x + shift[0], y + shift[1]

    hall: list[Spot] = [(west, y0), (east, y0), (east, y1), (west, y1)]
    if bent:  # an arm further north, with the front door at its end: what callers see is not the whole hall
        arm, far = metres(1.1, 1.5), y1 + metres(1.5, 3.0)
        hall = [(west, y0), (east, y0), (east, y1), (west + arm, y1), (west + arm, far), (west, far)]
        front: Segment = ((west + arm - 0.1, far), (west + 0.1, far))
        front_wall = 4
    else:
        front_wall = draw(st.sampled_from([1, 2, 3]))
        (ax, ay), (bx, by) = hall[front_wall], hall[(front_wall + 1) % 4]
        length = hypot(bx - ax, by - ay)
        start = 0.1 + draw(st.floats(0, 1)) * (length - 1.1)
        front = tuple((ax + (bx - ax) * at / length, ay + (by - ay) * at / length) for at in (start, start + 0.9))  # type: ignore[assignment]
    room: list[Spot] = [(0, 0), (width, 0), (width, depth), (0, depth)]
    walls: list[Segment] = [(room[0], room[1]), (room[1], room[2]), (room[3], room[0]), *_split(room[2], room[3], ((right, depth), (left, depth))),
                            ((left, depth), (left, y0)), ((right, depth), (right, y0))]
    for number, (a, b) in enumerate(zip(hall, hall[1:] + hall[:1], strict=True)):
        walls += _split(a, b, ((left, y0), (right, y0)) if number == 0 else front if number == front_wall else None)
    shut: list[Segment] = [] if is_open else [((left, depth), (right, depth)), ((left, y0), (right, y0))]
    mirrors = []
    for _ in range(draw(st.integers(0, mirrors_most))):
        at, long, kind = draw(st.floats(0.3, 0.7)), metres(0.3, 1.2), draw(st.sampled_from(["west", "east", "south", "aslant"]))
        ends: Segment = {"west": ((0.02, at * depth - long / 2), (0.02, at * depth + long / 2)),
                         "east": ((width - 0.02, at * depth - long / 2), (width - 0.02, at * depth + long / 2)),
                         "south": ((at * width - long / 2, 0.0), (at * width + long / 2, 0.0)),
                         "aslant": ((0.3, 0.3 + at), (0.3 + long / 2, 0.2))}[kind]
        mirrors.append({"a": list(out(ends[0])), "b": list(out(ends[1])), "z0": 0.4, "z1": 1.9})
    camera = pose((*out((draw(st.floats(0.03, 0.97)) * width, draw(st.floats(0.03, 0.97)) * depth)), metres(1.6, 2.3)), draw(st.floats(-180, 180)),
                  draw(st.floats(-40, -5)), 0.0, draw(st.floats(50, 120)), 1280, 720, draw(st.sampled_from(["rectilinear", "fisheye"])))
    beyond = _off(front, room)
    raw = {"room": [list(out(one)) for one in room], "height": 2.5, "wall_thickness": {"2": thick}, "hall": [list(out(one)) for one in hall],
           "doors": [{"wall": "2", "a0": width - right, "a1": width - left, "open": is_open, "kind": "room_door"}],
           "front_door": [list(out(one)) for one in front], "mirrors": mirrors}
    inside = [(room, 17), (hall if not bent else [*hall[:3], (west, y1)], 13), *([([(west, y1), (west + arm, far)], 9)] if bent else [])]
    spots = [out((x, y)) for ring, count in inside for x in np.linspace(min(c[0] for c in ring) + 0.03, max(c[0] for c in ring) - 0.03, count)
             for y in np.linspace(min(c[1] for c in ring) + 0.03, max(c[1] for c in ring) - 0.03, count)]
    both = lambda lines: tuple((out(a), out(b)) for a, b in lines)  # noqa: E731
    return Home(raw, camera, both(walls), both(shut), both([front])[0], out(beyond), np.asarray(spots), out(((left + right) / 2, depth)))


def _off(front: Segment, room: list[Spot]) -> Spot:
    """Half a metre outside of the front door, away from the dwelling."""
    (ax, ay), (bx, by) = front
    length = hypot(bx - ax, by - ay)
    return (ax + bx) / 2 + 0.5 * (by - ay) / length, (ay + by) / 2 - 0.5 * (bx - ax) / length


def opened(home: Home) -> Home:
    """The same with its inner door open."""
    (door,) = home.raw["doors"]
    return replace(home, raw={**home.raw, "doors": [{**door, "open": True}]}, shut=())


def clear(a: Floats, b: Floats, walls: Floats) -> Bools:
    """Whether the straight lines from `a` (N, 2) to `b` (N, 2) cross none of the walls (M, 2, 2)."""
    c, d = walls[None, :, 0], walls[None, :, 1]
    a, b = a[:, None], b[:, None]

    def side(p: Floats, q: Floats, r: Floats) -> Floats:
        return np.asarray((q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0]))

    crosses = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
    return ~crosses.any(axis=1)


def in_view(camera: CameraPose, spots: Floats) -> Bools:
    """Whether each is between the borders of the lens's field, seen from above."""
    to = spots - np.asarray(camera.position_m[:2])
    ahead = np.asarray(camera.forward[:2]) / hypot(*camera.forward[:2])
    return np.asarray(np.arctan2(np.abs(to[:, 0] * ahead[1] - to[:, 1] * ahead[0]), to @ ahead) <= radians(camera.hfov_deg) / 2)


def cast_direct(home: Home, spots: Floats) -> Bools:
    """Which spots the camera sees."""
    eye = np.broadcast_to(np.asarray(home.camera.position_m[:2]), spots.shape)
    return in_view(home.camera, spots) & clear(eye, spots, home.lines)


def cast_mirrored(home: Home, spots: Floats) -> Bools:
    """Which spots it sees in some mirror: the SPOT is mirrored here, and each half of the light's way is followed by itself."""
    eye = np.asarray(home.camera.position_m[:2])
    seen = np.zeros(len(spots), bool)
    for mirror in home.plan.mirrors:
        a, b, n = np.asarray(mirror.a), np.asarray(mirror.b), np.asarray(mirror.normal[:2])
        away, eye_away = (spots - a) @ n, float((eye - a) @ n)
        image = spots - 2 * away[:, None] * n
        with np.errstate(divide="ignore", invalid="ignore"):
            met = eye + (image - eye) * (eye_away / (eye_away + away))[:, None]
        place = (met - a) @ (b - a) / float((b - a) @ (b - a))
        good = (eye_away > 0) & (away > 1e-6) & (place >= 0) & (place <= 1)
        met = np.where(good[:, None], met + 1e-4 * n, eye)
        seen |= good & in_view(home.camera, met) & clear(np.broadcast_to(eye, met.shape), met, home.lines) & clear(met, spots, home.lines)
    return seen
