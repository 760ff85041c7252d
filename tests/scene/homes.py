"""Homes by chance, as JSON plans with a camera, and a caster of rays that shares nothing with the product's geometry: it walks in small steps."""

import random
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Any


@dataclass(frozen=True)
class Home:
    """A plan as JSON, and where its camera hangs: position, yaw and field of view in degrees."""

    plan: dict[str, Any]
    eye: tuple[float, float]
    yaw_deg: float
    hfov_deg: float

    @property
    def camera(self) -> dict[str, Any]:
        """As a labelled set has it: 2.3 m up, 25 degrees down."""
        yaw, pitch = radians(self.yaw_deg), radians(-25.0)
        forward = [cos(pitch) * cos(yaw), cos(pitch) * sin(yaw), sin(pitch)]
        return {"pos": [*self.eye, 2.3], "forward": forward, "right": [sin(yaw), -cos(yaw), 0.0],
                "up": [-sin(pitch) * cos(yaw), -sin(pitch) * sin(yaw), cos(pitch)], "proj": "persp", "hfov": self.hfov_deg}


def home(seed: int, *, l_hall: bool | None = None, is_open: bool | None = None, mirrors: int | None = None) -> Home:
    """A room with a hall below it, L-shaped or plain, a door between them, a front door, mirrors on walls, a camera in or near a corner."""
    chance = random.Random(seed)
    wide, deep, wall = chance.uniform(2.8, 5.0), chance.uniform(3.0, 5.2), 0.12
    a0 = chance.uniform(0.3, wide - 1.2)
    bent = chance.random() < 0.5 if l_hall is None else l_hall
    left, right, low = a0 - chance.uniform(0.3, 1.5), a0 + 0.86 + chance.uniform(0.3, 1.5), -wall - chance.uniform(1.2, 2.2)
    hall = [[left, -wall], [right, -wall], [right, low], [left, low]]
    front = [[left, low + 0.1], [left, low + 1.0]]
    if bent:   # a further leg to the right, around whose corner the front door is
        far, foot = right + chance.uniform(1.2, 2.5), low - chance.uniform(1.2, 2.0)
        hall = [[left, -wall], [right, -wall], [right, low], [far, low], [far, foot], [right - 1.1, foot], [right - 1.1, low], [left, low]]
        front = [[far, low - 0.2], [far, low - 1.1]]
    count = chance.choice((0, 1, 1, 2)) if mirrors is None else mirrors
    hung = []
    for _ in range(count):
        side = chance.choice("NEW")
        at = chance.uniform(0.2, (wide if side == "N" else deep) - 1.1)
        a, b, normal = {"N": ([at, deep], [at + 0.8, deep], [0.0, -1.0, 0.0]), "E": ([wide, at], [wide, at + 0.8], [-1.0, 0.0, 0.0]),
                        "W": ([0.0, at], [0.0, at + 0.8], [1.0, 0.0, 0.0])}[side]
        hung.append({"a": a, "b": b, "normal": normal, "z0": 0.4, "z1": 1.9, "shape": "rect"})
    corner = chance.choice(((0.25, 0.25), (wide - 0.25, 0.25), (0.25, deep - 0.25), (wide - 0.25, deep - 0.25)))
    yaw = degrees(atan2(deep / 2 - corner[1], wide / 2 - corner[0])) + chance.uniform(-15, 15)
    plan = {"room": [[0, 0], [wide, 0], [wide, deep], [0, deep]], "height": 2.5, "wall_thickness": {"N": 0.12, "E": 0.12, "S": wall, "W": 0.3},
            "doors": [{"wall": "S", "a0": a0, "a1": a0 + 0.86, "open": chance.random() < 0.5 if is_open is None else is_open, "kind": "room_door"}],
            "windows": [{"wall": "N", "a0": 0.4, "a1": 1.6, "z0": 0.8, "z1": 2.1}], "mirrors": hung, "hall": hall, "front_door": front,
            "bed": [[0.5, deep - 2.2], [1.4, deep - 2.2], [1.4, deep - 0.2], [0.5, deep - 0.2]]}
    return Home(plan, corner, yaw, chance.uniform(80, 110))


def crossings(a: tuple[float, float], b: tuple[float, float], walls: list[tuple[tuple[float, float], tuple[float, float]]]) -> bool:
    """Whether the straight line from `a` to `b` meets a wall."""
    for p, q in walls:
        d1, d2 = _side(a, b, p), _side(a, b, q)
        d3, d4 = _side(p, q, a), _side(p, q, b)
        if d1 * d2 < 0 and d3 * d4 < 0:
            return True
    return False


def _side(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def walls_of(plan: dict[str, Any], *, any_door: bool = False) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Room's and hall's outlines as pieces, with gaps where doors stand open, and the two cheeks of each gap."""
    found = []
    room = [tuple(corner) for corner in plan["room"]]
    thick = plan["wall_thickness"]["S"]
    gaps = [(d["a0"], d["a1"]) for d in plan["doors"] if d["open"] or any_door]
    for p, q in zip(room, room[1:] + room[:1], strict=True):
        found += _with_gaps(p, q, gaps if p[1] == q[1] == 0 else [])
    hall = [tuple(corner) for corner in plan["hall"]]
    for p, q in zip(hall, hall[1:] + hall[:1], strict=True):
        found += _with_gaps(p, q, gaps if abs(p[1] + thick) < 1e-9 and abs(q[1] + thick) < 1e-9 else [])
    for a0, a1 in gaps:
        found += [((a0, 0.001), (a0, -thick - 0.001)), ((a1, 0.001), (a1, -thick - 0.001))]
    return found


def _with_gaps(p, q, gaps):
    if not gaps:
        return [(p, q)]
    [(a0, a1)] = gaps
    low, high = sorted((p[0], q[0]))
    return [((low, p[1]), (a0, p[1])), ((a1, p[1]), (high, p[1]))]


def is_inside(spot: tuple[float, float], outline: list[list[float]]) -> bool:
    """Even-odd rule."""
    x, y, inside = spot[0], spot[1], False
    for (x0, y0), (x1, y1) in zip(outline, outline[1:] + outline[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


def in_wedge(one: Home, spot: tuple[float, float], slack_deg: float = 0.0) -> bool:
    """Whether the lens takes it in, to either side."""
    turn = degrees(atan2(spot[1] - one.eye[1], spot[0] - one.eye[0])) - one.yaw_deg
    return abs((turn + 180) % 360 - 180) <= one.hfov_deg / 2 + slack_deg


def seen_directly(one: Home, spot: tuple[float, float], walls) -> bool:
    """By a straight line."""
    return in_wedge(one, spot) and not crossings(one.eye, spot, walls)


def seen_in_mirror(one: Home, spot: tuple[float, float], walls) -> bool:
    """By one bounce: the spot's image behind each mirror, and both legs of the way clear."""
    for mirror in one.plan["mirrors"]:
        (ax, ay), (bx, by), (nx, ny, _) = mirror["a"], mirror["b"], mirror["normal"]
        front_eye, front_spot = (one.eye[0] - ax) * nx + (one.eye[1] - ay) * ny, (spot[0] - ax) * nx + (spot[1] - ay) * ny
        if front_eye <= 1e-6 or front_spot <= 1e-6:
            continue
        share = front_eye / (front_eye + front_spot)
        image = (spot[0] - 2 * front_spot * nx, spot[1] - 2 * front_spot * ny)
        hit = (one.eye[0] + (image[0] - one.eye[0]) * share, one.eye[1] + (image[1] - one.eye[1]) * share)
        along = ((hit[0] - ax) * (bx - ax) + (hit[1] - ay) * (by - ay)) / hypot(bx - ax, by - ay) ** 2
        off = (hit[0] + nx * 1e-3, hit[1] + ny * 1e-3)
        if 0 <= along <= 1 and in_wedge(one, hit) and not crossings(one.eye, off, walls) and not crossings(off, spot, walls):
            return True
    return False


def grid(one: Home, step_m: float) -> list[tuple[float, float]]:
    """Spots of room and hall, a little off the usual numbers."""
    corners = [*one.plan["room"], *one.plan["hall"]]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    found, x = [], min(xs) + 0.037
    while x < max(xs):
        y = min(ys) + 0.041
        while y < max(ys):
            if is_inside((x, y), one.plan["room"]) or is_inside((x, y), one.plan["hall"]):
                found.append((x, y))
            y += step_m
        x += step_m
    return found
