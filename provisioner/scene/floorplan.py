"""A home's floor plan as far as a camera and a sign need it: rooms, walls, openings, mirrors, the bed, the front door. Pure.

Metres, seen from above, x to the right, y away. The room with the camera comes first; the hall is the way in. A wall is named by the side it stands on
(N: largest y, S: smallest, E: largest x, W: smallest), the outermost of them where a room has more corners, or by the number of its corner (`3`: from the
fourth corner to the fifth). Along N and S `a0` and `a1` are x, along E and W y, along a numbered wall metres from its first corner.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import hypot
from typing import Any

from shapely import LineString, Point, Polygon, union_all
from shapely.geometry.base import BaseGeometry

from provisioner.scene.optics import CameraPose, Unusable, is_number

Spot = tuple[float, float]
SIDE_MOST_M = 50.0     # a dwelling; a larger number is centimetres or a slip
DOOR_LEAST_M, FRONT_DOOR_MOST_M = 0.4, 3.0
NARROW_M = 0.5         # of a room: nobody can stand in less
PLACES_MOST = 40       # corners of an outline, and things of a kind
GAP_MOST_M = 0.6       # how far a mirror's edge or a window may stand off its wall: a wardrobe's depth
_JOINT_M = 1e-6        # rooms and passages overlap by this, so that they become one

DOOR_KINDS = ("room_door", "bathroom", "front_door", "opening", "other")
SIDES = ("N", "E", "S", "W")


@dataclass(frozen=True, slots=True)
class Door:
    """A door in a wall of the camera's room. Through an open one the camera sees."""

    wall: str
    a0: float
    a1: float
    is_open: bool = False
    kind: str = "room_door"


@dataclass(frozen=True, slots=True)
class Window:
    """A pane in a wall, between the heights `z0` and `z1` above the floor. `mirrors` at night: glass throws the infrared lamp's light back."""

    wall: str
    a0: float
    a1: float
    z0: float = 0.8
    z1: float = 2.1


@dataclass(frozen=True, slots=True)
class Mirror:
    """A flat mirror from `a` to `b`, seen from the side of `normal` (3 parts; its slope is the mirror's). `kind`: mirror, glass, television."""

    a: Spot
    b: Spot
    normal: tuple[float, float, float]
    z0: float = 0.5
    z1: float = 1.8
    kind: str = "mirror"


@dataclass(frozen=True)
class FloorPlan:
    """See the module. `other_beds`, `forbidden`: places that the camera must not see (another person's bed, a neighbour's window seen from above)."""

    room: tuple[Spot, ...]
    height_m: float = 2.5
    wall_thickness_m: Mapping[str, float] = field(default_factory=dict)
    doors: tuple[Door, ...] = ()
    windows: tuple[Window, ...] = ()
    mirrors: tuple[Mirror, ...] = ()
    hall: tuple[Spot, ...] = ()
    front_door: tuple[Spot, Spot] | None = None
    bed: tuple[Spot, ...] = ()
    other_beds: tuple[tuple[Spot, ...], ...] = ()

    @cached_property
    def walls(self) -> Mapping[str, tuple[Spot, Spot]]:
        """Name -> its two ends, the room on the left hand (the outline runs against the clock)."""
        corners = self.room if Polygon(self.room).exterior.is_ccw else tuple(reversed(self.room))
        ends = list(zip(corners, corners[1:] + corners[:1], strict=True))
        named = {str(number): end for number, end in enumerate(ends)}
        if len(ends) == 4:
            for end in ends:
                (x0, y0), (x1, y1) = end
                side = ("S" if x1 > x0 else "N") if abs(x1 - x0) > abs(y1 - y0) else ("E" if y1 > y0 else "W")
                named[side] = end
            return named
        for side, axis, outermost in (("N", 1, max), ("S", 1, min), ("E", 0, max), ("W", 0, min)):
            level = outermost(spot[axis] for spot in corners)
            along = [end for end in ends if all(abs(spot[axis] - level) < 0.01 for spot in end)]
            if along:
                named[side] = max(along, key=lambda end: hypot(end[1][0] - end[0][0], end[1][1] - end[0][1]))
        return named

    def thickness_m(self, wall: str) -> float:
        """How thick a wall is; 12 cm where nobody said."""
        return next((deep for name, deep in self.wall_thickness_m.items() if self.walls.get(name) == self.walls[wall]), 0.12)

    def on_wall(self, wall: str, along: float) -> Spot:
        """The point of a wall's inner face at `along`."""
        (x0, y0), (x1, y1) = self.walls[wall]
        if wall in ("N", "S"):
            return along, y0 + (y1 - y0) * (along - x0) / (x1 - x0)
        if wall in ("E", "W"):
            return x0 + (x1 - x0) * (along - y0) / (y1 - y0), along
        length = hypot(x1 - x0, y1 - y0)
        return x0 + (x1 - x0) * along / length, y0 + (y1 - y0) * along / length

    def outward(self, wall: str) -> Spot:
        """Unit vector out of the room through a wall."""
        (x0, y0), (x1, y1) = self.walls[wall]
        length = hypot(x1 - x0, y1 - y0)
        return (y1 - y0) / length, -(x1 - x0) / length

    def span(self, opening: Door | Window) -> LineString:
        """An opening on the wall's inner face."""
        return LineString([self.on_wall(opening.wall, opening.a0), self.on_wall(opening.wall, opening.a1)])

    def passage(self, door: Door) -> Polygon:
        """The space of an opening, through the wall."""
        (ax, ay), (bx, by) = self.on_wall(door.wall, door.a0), self.on_wall(door.wall, door.a1)
        (ox, oy), deep = self.outward(door.wall), self.thickness_m(door.wall) + _JOINT_M
        return Polygon([(ax - _JOINT_M * ox, ay - _JOINT_M * oy), (bx - _JOINT_M * ox, by - _JOINT_M * oy), (bx + deep * ox, by + deep * oy),
                        (ax + deep * ox, ay + deep * oy)])

    @cached_property
    def free(self) -> BaseGeometry:
        """Where light goes at the height of a lens: the rooms and the open doors. Furniture is not in a plan."""
        return self.space(any_door=False)

    def space(self, *, any_door: bool) -> BaseGeometry:
        """The rooms, joined by the open doors, or by `any_door` that leads from the room into the hall (a visitor opens it)."""
        doors = [self.passage(door) for door in self.doors if door.is_open or (any_door and door.kind in ("room_door", "opening"))]
        return union_all([Polygon(self.room), *([Polygon(self.hall)] if self.hall else []), *doors])

    @cached_property
    def indoors(self) -> BaseGeometry:
        """The floors of room and hall, without the door openings."""
        return union_all([Polygon(self.room), *([Polygon(self.hall)] if self.hall else [])])

    def holds(self, camera: CameraPose) -> None:
        """Return where the camera hangs in the room. Raises `Unusable`: in a wall, outside, through the ceiling."""
        x, y, z = camera.position_m
        if not Polygon(self.room).buffer(0.02).contains(Point(x, y)):
            raise Unusable(f"Kameran sitter i en vägg eller utanför rummet ({x:.2f}, {y:.2f}). Rätta dess plats eller rummets hörn.",
                           f"The camera is in a wall or outside the room ({x:.2f}, {y:.2f}). Correct its place, or the room's corners.")
        if not 0 < z <= self.height_m + 0.05:
            raise Unusable(f"Kamerans höjd {z:.2f} m är inte mellan golv och tak ({self.height_m:.2f} m).",
                           f"The camera's height {z:.2f} m is not between floor and ceiling ({self.height_m:.2f} m).")


# ---- reading --------------------------------------------------------------------------------------------------------------------------

_KEYS = ("room", "height", "wall_thickness", "doors", "windows", "mirrors", "hall", "front_door", "bed", "other_beds")


def read_plan(data: object) -> FloorPlan:
    """A plan from JSON already read. Raises `Unusable` with the place at fault and the way out; a plan that comes back has been checked whole."""
    raw = _object(data, "planen", "the plan", _KEYS)
    if "room" not in raw:
        raise Unusable("Rummets hörn (room) saknas i planen.", "The plan lacks the room's corners (room).")
    plan = FloorPlan(
        room=_outline(raw["room"], "room", NARROW_M), height_m=_metres(raw.get("height", 2.5), "height", 1.8, 6.0),
        wall_thickness_m={name: _metres(value, f"wall_thickness.{name}", 0.02, 1.0)
                          for name, value in _object(raw.get("wall_thickness", {}), "wall_thickness", "wall_thickness", None).items()},
        hall=_outline(raw["hall"], "hall", NARROW_M) if raw.get("hall") else (), bed=_outline(raw["bed"], "bed") if raw.get("bed") else (),
        other_beds=tuple(_outline(bed, f"other_beds[{n}]") for n, bed in enumerate(_list(raw.get("other_beds", []), "other_beds"))))
    for wall in plan.wall_thickness_m:
        _known_wall(wall, plan, "wall_thickness")
    front = raw.get("front_door")
    plan = replace(plan, front_door=_segment(front, "front_door") if front else None,
                   doors=tuple(_door(one, plan, f"doors[{n}]") for n, one in enumerate(_list(raw.get("doors", []), "doors"))),
                   windows=tuple(_window(one, plan, f"windows[{n}]") for n, one in enumerate(_list(raw.get("windows", []), "windows"))),
                   mirrors=tuple(_mirror(one, plan, f"mirrors[{n}]") for n, one in enumerate(_list(raw.get("mirrors", []), "mirrors"))))
    _hangs_together(plan)
    return plan


def plan_json(plan: FloorPlan) -> dict[str, Any]:
    """The plan as `read_plan` reads it."""
    return {
        "room": [list(spot) for spot in plan.room], "height": plan.height_m, "wall_thickness": dict(plan.wall_thickness_m),
        "doors": [{"wall": d.wall, "a0": d.a0, "a1": d.a1, "open": d.is_open, "kind": d.kind} for d in plan.doors],
        "windows": [{"wall": w.wall, "a0": w.a0, "a1": w.a1, "z0": w.z0, "z1": w.z1} for w in plan.windows],
        "mirrors": [{"a": list(m.a), "b": list(m.b), "normal": list(m.normal), "z0": m.z0, "z1": m.z1, "kind": m.kind} for m in plan.mirrors],
        "hall": [list(spot) for spot in plan.hall], "front_door": [list(spot) for spot in plan.front_door] if plan.front_door else [],
        "bed": [list(spot) for spot in plan.bed], "other_beds": [[list(spot) for spot in bed] for bed in plan.other_beds],
    }


def _hangs_together(plan: FloorPlan) -> None:
    room = Polygon(plan.room)
    _doors_apart(plan)
    if plan.hall and room.intersection(Polygon(plan.hall)).area > 0.05:
        raise Unusable("Hallen och rummet ligger över varandra. Flytta hallens hörn utanför rummets väggar.",
                       "The hall and the room overlap. Move the hall's corners outside the room's walls.")
    for number, door in enumerate(plan.doors):
        if door.kind == "room_door" and door.is_open and plan.hall and Polygon(plan.hall).distance(plan.passage(door)) > 0.05:
            raise Unusable(f"Dörren doors[{number}] leder inte till hallen. Kontrollera väggen ({door.wall}), a0 och a1, eller hallens hörn.",
                           f"The door doors[{number}] does not lead into the hall. Check its wall ({door.wall}), a0 and a1, or the hall's corners.")
    if plan.front_door is not None:
        inside = Polygon(plan.hall) if plan.hall else room
        if not inside.exterior.buffer(0.25).contains(LineString(plan.front_door)):
            raise Unusable("Ytterdörren (front_door) sitter inte i någon vägg av hallen (eller av rummet, om hall saknas).",
                           "The front door (front_door) is in no wall of the hall (or of the room, where there is no hall).")
        wide = LineString(plan.front_door).length
        if not DOOR_LEAST_M <= wide <= FRONT_DOOR_MOST_M:
            raise Unusable(f"Ytterdörren (front_door) är {wide:.2f} m bred. Ange dess två sidor.",
                           f"The front door (front_door) is {wide:.2f} m wide. Give its two sides.")
    for name, bed in (("bed", plan.bed), *((f"other_beds[{n}]", bed) for n, bed in enumerate(plan.other_beds))):
        if bed and Polygon(bed).difference(room.buffer(0.1)).area > 0.1 * Polygon(bed).area:
            raise Unusable(f"Sängen ({name}) står delvis utanför rummet. Rätta dess hörn.", f"The bed ({name}) is partly outside the room. Correct its corners.")


def _doors_apart(plan: FloorPlan) -> None:
    """No door lies over another. A pane may: over a door's head, or as a glazed door's upper half."""
    for n, one in enumerate(plan.doors):
        for m, other in enumerate(plan.doors[:n]):
            if plan.span(one).buffer(0.001).intersection(plan.span(other)).length > 0.02:
                raise Unusable(f"doors[{m}] och doors[{n}] ligger över varandra i väggen. Rätta a0 och a1.",
                               f"doors[{m}] and doors[{n}] overlap in their wall. Correct a0 and a1.")


def _known_wall(wall: str, plan: FloorPlan, where: str) -> str:
    if wall not in plan.walls:
        raise Unusable(f"{where}: det finns ingen vägg {wall!r}. Väggarna är {', '.join(sorted(plan.walls))}.",
                       f"{where}: there is no wall {wall!r}. The walls are {', '.join(sorted(plan.walls))}.")
    return wall


def _span(raw: Mapping[str, Any], plan: FloorPlan, where: str, least: float) -> tuple[str, float, float]:
    """Wall, a0 and a1 of an opening, within that wall."""
    wall = _known_wall(str(raw.get("wall", "")), plan, where)
    a0, a1 = (_metres(raw.get(name), f"{where}.{name}", -SIDE_MOST_M, SIDE_MOST_M) for name in ("a0", "a1"))
    (x0, y0), (x1, y1) = plan.walls[wall]
    low, high = sorted((x0, x1) if wall in ("N", "S") else (y0, y1) if wall in ("E", "W") else (0.0, hypot(x1 - x0, y1 - y0)))
    if not low - 0.02 <= min(a0, a1) < max(a0, a1) <= high + 0.02:
        raise Unusable(f"{where} sitter inte i vägg {wall}: a0 och a1 ska ligga mellan {low:.2f} och {high:.2f} m, a0 först.",
                       f"{where} is not in wall {wall}: a0 and a1 must be between {low:.2f} and {high:.2f} m, a0 first.")
    if abs(a1 - a0) < least:
        raise Unusable(f"{where} är bara {abs(a1 - a0):.2f} m bred, minst {least:g} m.", f"{where} is only {abs(a1 - a0):.2f} m wide, at least {least:g} m.")
    return wall, min(a0, a1), max(a0, a1)


def _door(data: object, plan: FloorPlan, where: str) -> Door:
    raw = _object(data, where, where, ("wall", "a0", "a1", "open", "kind"))
    wall, a0, a1 = _span(raw, plan, where, DOOR_LEAST_M)
    kind = raw.get("kind", "room_door")
    if kind not in DOOR_KINDS:
        raise Unusable(f"{where}: dörrens slag {kind!r} är okänt: {', '.join(DOOR_KINDS)}.", f"{where}: the kind of door {kind!r} is unknown: {', '.join(DOOR_KINDS)}.")
    if not isinstance(raw.get("open", False), bool):
        raise Unusable(f"{where}.open ska vara true eller false.", f"{where}.open must be true or false.")
    return Door(wall, a0, a1, raw.get("open", False), kind)


def _heights(raw: Mapping[str, Any], plan: FloorPlan, where: str, low: float, high: float) -> tuple[float, float]:
    z0, z1 = _metres(raw.get("z0", low), f"{where}.z0", 0.0, 6.0), _metres(raw.get("z1", high), f"{where}.z1", 0.0, 6.0)
    if not z0 < z1 <= plan.height_m + 0.05:
        raise Unusable(f"{where}: z0 ska vara lägre än z1, och z1 högst rumshöjden {plan.height_m:.2f} m.",
                       f"{where}: z0 must be below z1, and z1 at most the room's height {plan.height_m:.2f} m.")
    return z0, z1


def _window(data: object, plan: FloorPlan, where: str) -> Window:
    raw = _object(data, where, where, ("wall", "a0", "a1", "z0", "z1"))
    return Window(*_span(raw, plan, where, 0.05), *_heights(raw, plan, where, 0.8, 2.1))


def _mirror(data: object, plan: FloorPlan, where: str) -> Mirror:
    raw = _object(data, where, where, ("a", "b", "normal", "z0", "z1", "shape", "kind"))
    a, b = _segment([raw.get("a"), raw.get("b")], where)
    kind = raw.get("kind", "mirror")
    if kind not in ("mirror", "glass", "television"):
        raise Unusable(f"{where}: slaget {kind!r} är okänt: mirror, glass, television.", f"{where}: the kind {kind!r} is unknown: mirror, glass, television.")
    given = raw.get("normal")
    if given is None:  # towards the room's middle
        middle, (nx, ny) = Polygon(plan.room).centroid, (a[1] - b[1], b[0] - a[0])
        sign = 1.0 if (middle.x - a[0]) * nx + (middle.y - a[1]) * ny >= 0 else -1.0
        given = [sign * nx, sign * ny, 0.0]
    if not isinstance(given, list) or len(given) != 3 or not all(is_number(part) for part in given):
        raise Unusable(f"{where}.normal ska vara tre tal.", f"{where}.normal must be three numbers.")
    length = hypot(*given)
    if length < 1e-6 or hypot(given[0], given[1]) < 0.5 * length:
        raise Unusable(f"{where}.normal ska peka ut i rummet, inte upp eller ned.", f"{where}.normal must point into the room, not up or down.")
    if not Polygon(plan.room).buffer(GAP_MOST_M).contains(LineString([a, b])):
        raise Unusable(f"{where} ligger utanför rummet.", f"{where} is outside the room.")
    if abs((b[0] - a[0]) * given[0] + (b[1] - a[1]) * given[1]) > 0.05 * hypot(b[0] - a[0], b[1] - a[1]) * length:
        raise Unusable(f"{where}.normal ska stå vinkelrätt mot spegeln från a till b.", f"{where}.normal must be square to the mirror from a to b.")
    return Mirror(a, b, (given[0] / length, given[1] / length, given[2] / length), *_heights(raw, plan, where, 0.5, 1.8), kind)


def _object(data: object, sv: str, en: str, keys: Sequence[str] | None) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise Unusable(f"{sv[:1].upper()}{sv[1:]} ska vara ett JSON-objekt.", f"{en[:1].upper()}{en[1:]} must be a JSON object.")
    for key in data if keys is not None else ():
        if key not in keys:  # type: ignore[operator]
            near = difflib.get_close_matches(str(key), keys or (), n=1)
            raise Unusable(f"{sv}: nyckeln {key!r} finns inte{f'; menade du {near[0]}?' if near else '.'}",
                           f"{en}: {key!r} is not a key{f'; did you mean {near[0]}?' if near else '.'}")
    return data


def _list(data: object, where: str) -> list[Any]:
    if not isinstance(data, list) or len(data) > PLACES_MOST:
        raise Unusable(f"{where} ska vara en lista med högst {PLACES_MOST} delar.", f"{where} must be a list of at most {PLACES_MOST}.")
    return data


def _metres(value: object, where: str, least: float, most: float) -> float:
    if not is_number(value) or not least <= value <= most:
        raise Unusable(f"{where} ska vara ett tal mellan {least:g} och {most:g} (meter).", f"{where} must be a number between {least:g} and {most:g} (metres).")
    return float(value)


def _spot(value: object, where: str) -> Spot:
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(is_number(part) for part in value):
        raise Unusable(f"{where} ska vara två tal, [x, y] i meter.", f"{where} must be two numbers, [x, y] in metres.")
    if any(abs(part) > SIDE_MOST_M for part in value):
        raise Unusable(f"{where}: {value} är längre bort än {SIDE_MOST_M:g} m. Är det centimeter?",
                       f"{where}: {value} is further than {SIDE_MOST_M:g} m. Is it centimetres?")
    return float(value[0]), float(value[1])


def _segment(value: object, where: str) -> tuple[Spot, Spot]:
    if not isinstance(value, list) or len(value) != 2:
        raise Unusable(f"{where} ska vara två punkter.", f"{where} must be two points.")
    a, b = _spot(value[0], where), _spot(value[1], where)
    if hypot(a[0] - b[0], a[1] - b[1]) < 0.05:
        raise Unusable(f"{where} är kortare än 5 cm.", f"{where} is shorter than 5 cm.")
    return a, b


def _outline(value: object, where: str, least_m: float = 0.0) -> tuple[Spot, ...]:
    spots = tuple(_spot(one, f"{where}[{n}]") for n, one in enumerate(_list(value, where)))
    if len(spots) > 1 and spots[0] == spots[-1]:
        spots = spots[:-1]
    for n, (one, other) in enumerate(zip(spots, spots[1:] + spots[:1], strict=True)):
        if len(spots) > 2 and hypot(one[0] - other[0], one[1] - other[1]) < 0.01:
            raise Unusable(f"{where}[{n}] och nästa hörn ligger på varandra. Ta bort det ena.", f"{where}[{n}] and the next corner are on one another. Remove one.")
    if len(spots) < 3:
        raise Unusable(f"{where} är öppen: minst tre hörn behövs.", f"{where} is open: at least three corners are needed.")
    made = Polygon(spots)
    if not made.is_valid:
        raise Unusable(f"{where}: väggarna korsar varandra. Ange hörnen i ordning, runt.", f"{where}: the walls cross. Give the corners in order, round.")
    if made.area < 0.2:
        raise Unusable(f"{where} har nästan ingen yta ({made.area:.2f} m2).", f"{where} has hardly any area ({made.area:.2f} m2).")
    if made.buffer(-least_m / 2).is_empty:
        raise Unusable(f"{where} är ingenstans {least_m:g} m bred. Är måtten i meter?", f"{where} is nowhere {least_m:g} m wide. Are its measures in metres?")
    return spots
