"""A furnished room with a hall behind its door: where everything stands, in metres. The room's corner is (0, 0); the hall lies to the north."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .light import Lamp, Lights, Pane
from .optics import Wide
from .parts import Colour, Material, Scene

Rect = tuple[float, float, float, float]          # x0, y0, x1, y1 on the floor
WALLS = ("N", "E", "S", "W")
PAINTS: tuple[Colour, ...] = ((.78, .80, .74), (.80, .74, .66), (.66, .74, .72), (.74, .70, .76), (.82, .80, .78), (.62, .70, .60), (.78, .66, .60))
CLOTHS: tuple[Colour, ...] = ((.50, .30, .34), (.30, .42, .52), (.58, .56, .48), (.34, .46, .36), (.70, .58, .40), (.46, .40, .56), (.72, .70, .68))
WOODS: tuple[Colour, ...] = ((.52, .38, .24), (.40, .27, .17), (.66, .54, .38), (.30, .22, .18), (.74, .70, .64))


@dataclass
class Home:
    scene: Scene
    lights: Lights
    plan: dict[str, Any]
    room: NDArray[np.float64]                     # corners of the floor
    bed: Wide                                     # eight corners of the bed's box
    mirror_parts: list[int] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def in_room(self, points: Wide) -> NDArray[np.bool_]:
        x, y = points[:, 0], points[:, 1]
        inside = np.zeros(len(points), bool)
        for (ax, ay), (bx, by) in zip(self.room, np.roll(self.room, -1, axis=0), strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        return inside


def meets(one: Rect, two: Rect) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


class Furnisher:
    """Puts a home together by chance; `wish` says what the home must have."""

    def __init__(self, rng: np.random.Generator, wish: dict[str, Any]) -> None:
        self.rng, self.wish, self.scene = rng, wish, Scene()
        shape = wish.get("shape", "plain")
        self.wide = float(rng.uniform(2.3, 2.8) if shape == "narrow" else rng.uniform(3.5, 4.8))
        self.deep = float(rng.uniform(4.6, 6.0) if shape in ("narrow", "L") else rng.uniform(3.6, 5.2))
        self.high = float(rng.uniform(2.4, 2.65))
        self.wide, self.deep, self.high = wish.get("size", (self.wide, self.deep, self.high))
        self.cut: Rect | None = None
        if shape == "L":
            self.cut = (self.wide - float(rng.uniform(1.0, 1.5)), self.deep - float(rng.uniform(1.2, 1.9)), self.wide, self.deep)
        self.thick = dict.fromkeys(WALLS, 0.12)
        self.taken: list[Rect] = []
        self.held: dict[str, list[tuple[float, float, float, float]]] = {wall: [] for wall in WALLS}   # a0, a1, z0, z1 on walls
        self.panes: list[Pane] = []
        self.lamps: list[Lamp] = []
        self.plan: dict[str, Any] = {"doors": [], "windows": [], "mirrors": []}
        self.notes: dict[str, Any] = {}
        self.mirrors: list[int] = []
        self.bed: Wide = np.zeros((8, 3))
        self.bed_middle: Wide = np.zeros(3)

    def pick(self, colours: tuple[Colour, ...]) -> Colour:
        base = colours[int(self.rng.integers(len(colours)))]
        return tuple(float(np.clip(part * self.rng.uniform(0.92, 1.08), 0.03, 0.92)) for part in base)    # type: ignore[return-value]

    # -- walls ----------------------------------------------------------------------------------------------------------

    def span(self, wall: str) -> tuple[float, float]:
        """From where to where a wall goes, along x (N, S) or y (E, W)."""
        low, high = 0.0, self.wide if wall in "NS" else self.deep
        if self.cut is not None and wall == "N":
            high = self.cut[0]
        if self.cut is not None and wall == "E":
            high = self.cut[1]
        return low, high

    def on_wall(self, wall: str, a: float, z: float, out: float = 0.0) -> Wide:
        """A point on a wall, `out` metres into the room."""
        return np.array({"N": (a, self.deep - out, z), "S": (a, out, z), "E": (self.wide - out, a, z), "W": (out, a, z)}[wall])

    def along(self, wall: str) -> Wide:
        return np.array([1.0, 0, 0] if wall in "NS" else [0, 1.0, 0])

    def inward(self, wall: str) -> Wide:
        return np.array({"N": (0, -1.0, 0), "S": (0, 1.0, 0), "E": (-1.0, 0, 0), "W": (1.0, 0, 0)}[wall])

    def free_on_wall(self, wall: str, a0: float, a1: float, z0: float, z1: float) -> bool:
        low, high = self.span(wall)
        return a0 >= low + 0.05 and a1 <= high - 0.05 and not any(a0 < b1 and b0 < a1 and z0 < y1 and y0 < z1 for b0, b1, y0, y1 in self.held[wall])

    def floor_rect(self, wall: str, a0: float, a1: float, depth: float) -> Rect:
        one, two = self.on_wall(wall, a0, 0), self.on_wall(wall, a1, 0, depth)
        return (min(one[0], two[0]), min(one[1], two[1]), max(one[0], two[0]), max(one[1], two[1]))

    def free_floor(self, rect: Rect) -> bool:
        if rect[0] < -1e-6 or rect[1] < -1e-6 or rect[2] > self.wide + 1e-6 or rect[3] > self.deep + 1e-6:
            return False
        return not any(meets(rect, other) for other in self.taken) and not (self.cut is not None and meets(rect, self.cut))

    def place(self, wide: float, depth: float, high: float, walls: tuple[str, ...] = WALLS, tries: int = 60) -> tuple[str, float] | None:
        """Room for a thing against a wall: the wall and the middle of the thing; it is taken then."""
        for _ in range(tries):
            wall = walls[int(self.rng.integers(len(walls)))]
            low, top = self.span(wall)
            if top - low < wide + 0.1:
                continue
            a = float(self.rng.uniform(low + wide / 2 + 0.04, top - wide / 2 - 0.04))
            rect = self.floor_rect(wall, a - wide / 2, a + wide / 2, depth)
            if self.free_floor(rect) and self.free_on_wall(wall, a - wide / 2, a + wide / 2, 0.0, high):
                self.taken.append(rect)
                self.held[wall].append((a - wide / 2, a + wide / 2, 0.0, high))
                return wall, a
        return None

    def hole(self, wall: str, a0: float, a1: float, z0: float, z1: float) -> None:
        self.held[wall].append((a0, a1, z0, z1))

    def wall_with_holes(self, wall: str, holes: list[tuple[float, float, float, float]], paint: Material) -> None:
        """A wall as rectangles round its holes; the part north of a cut-out corner is the cut's own."""
        low, high = self.span(wall)
        cuts = sorted({low, high, *(a for a0, a1, _, _ in holes for a in (a0, a1))})
        middle = np.array([self.wide / 2, self.deep / 2, self.high / 2])
        for a0, a1 in pairwise(cuts):
            z = 0.0
            for _, _, z0, z1 in sorted(hole for hole in holes if hole[0] <= a0 and a1 <= hole[1]):
                if z0 > z:
                    self.scene.quad(self.on_wall(wall, a0, z), (a1 - a0) * self.along(wall), [0, 0, z0 - z], paint, middle)
                z = z1
            if z < self.high:
                self.scene.quad(self.on_wall(wall, a0, z), (a1 - a0) * self.along(wall), [0, 0, self.high - z], paint, middle)

    def reveal(self, wall: str, a0: float, a1: float, z0: float, z1: float, material: Material, *, sill: bool) -> None:
        """The four sides of a hole through a wall."""
        deep, along = -self.thick[wall] * self.inward(wall), self.along(wall)
        centre = self.on_wall(wall, (a0 + a1) / 2, (z0 + z1) / 2, -self.thick[wall] / 2)
        for a in (a0, a1):
            self.scene.quad(self.on_wall(wall, a, z0), deep, [0, 0, z1 - z0], material, centre)
        for z in ((z0, z1) if sill else (z1,)):
            self.scene.quad(self.on_wall(wall, a0, z), deep, (a1 - a0) * along, material, centre)

    # -- shell ----------------------------------------------------------------------------------------------------------

    def shell(self) -> None:
        rng, scene = self.rng, self.scene
        pattern = str(rng.choice(["plain", "stripes", "diagonal", "dots", "plain"]))
        paint_colour = self.pick(PAINTS)
        paint = Material("matt", "wall", paint_colour, float(rng.uniform(0.55, 0.75)), pattern, float(rng.uniform(0.12, 0.4)),
                         tuple(0.9 * part for part in paint_colour))     # type: ignore[arg-type]
        shiny = bool(self.wish.get("shiny_floor")) or rng.random() < 0.2
        wood = self.pick(WOODS)
        floor = Material("matt", "floor", wood, float(rng.uniform(0.35, 0.55)), "planks", float(rng.uniform(0.09, 0.16)),
                         tuple(0.5 * part for part in wood), gloss=0.05 if shiny else 0.0, rough=0.06 if shiny else 0.0)    # type: ignore[arg-type]
        white = Material("matt", "ceiling", (.84, .84, .82), .75)
        scene.quad((0, 0, 0), (self.wide, 0, 0), (0, self.deep, 0), floor, (1, 1, 1))
        scene.quad((0, 0, self.high), (self.wide, 0, 0), (0, self.deep, 0), white, (1, 1, 1))
        holes: dict[str, list[tuple[float, float, float, float]]] = {wall: [] for wall in WALLS}
        self._doors(holes)
        self._windows(holes)
        for wall in WALLS:
            self.wall_with_holes(wall, holes[wall], paint)
            self._skirting(wall, holes[wall])
        if self.cut is not None:
            x, y, _, _ = self.cut
            scene.quad((x, y, 0), (self.wide - x, 0, 0), (0, 0, self.high), paint, (x, 0, 1))
            scene.quad((x, y, 0), (0, self.deep - y, 0), (0, 0, self.high), paint, (0, y, 1))
        self._hall()

    def _skirting(self, wall: str, holes: list[tuple[float, float, float, float]]) -> None:
        low, high = self.span(wall)
        white = Material("matt", "wall", (.82, .82, .80), .7)
        cuts = sorted({low, high, *(a for a0, a1, z0, _ in holes if z0 < 0.1 for a in (a0, a1))})
        for a0, a1 in pairwise(cuts):
            if not any(b0 <= a0 and a1 <= b1 and z0 < 0.1 for b0, b1, z0, _ in holes):
                self.scene.quad(self.on_wall(wall, a0, 0, 0.012), (a1 - a0) * self.along(wall), (0, 0, 0.09), white, (self.wide / 2, self.deep / 2, 1))

    def _doors(self, holes: dict[str, list[tuple[float, float, float, float]]]) -> None:
        rng = self.rng
        low, high = self.span("N")
        a0 = float(rng.uniform(low + 0.12, high - 1.0))
        if "door_a0" in self.wish:
            a0 = float(self.wish["door_a0"]) * (high - low - 1.1) + low + 0.1
        a1, top = a0 + 0.86, 2.05
        is_open = bool(self.wish.get("open_door", rng.random() < 0.4))
        holes["N"].append((a0, a1, 0.0, top))
        frame = Material("matt", "frame", (.80, .79, .76), .65)
        leaf = Material("matt", "door", self.pick(((.78, .77, .73), (.62, .50, .36))), .6, "panels")
        self.reveal("N", a0, a1, 0, top, frame, sill=False)
        self._frame("N", a0, a1, 0.0, top, frame)
        if is_open:
            hinge = np.array([a0 + 0.02, self.deep + self.thick["N"] + 0.02, 0.01])
            self.scene.quad(hinge, (0, 0.84, 0), (0, 0, top - 0.02), leaf, hinge + np.array([1, 0, 0]))
        else:
            self.scene.quad(self.on_wall("N", a0, 0.005, -0.03), (a1 - a0, 0, 0), (0, 0, top), leaf, (a0, 0, 1))
        self.hole("N", a0 - 0.08, a1 + 0.08, 0, 2.12)
        self.taken.append((a0 - 0.05, self.deep - 0.9, a1 + 0.05, self.deep))
        self.plan["doors"].append({"wall": "N", "a0": a0, "a1": a1, "open": is_open, "kind": "room_door"})
        self.door = (a0, a1, is_open)
        if self.wish.get("bath", rng.random() < 0.5):
            wall = str(rng.choice(["E", "W"]))
            low, high = self.span(wall)
            b0 = float(rng.uniform(low + 0.3, high - 1.2))
            b1 = b0 + 0.8
            bath = Material("matt", "bathdoor", self.pick(((.80, .80, .78), (.58, .46, .34))), .6, "panels")
            self.scene.quad(self.on_wall(wall, b0, 0.005, 0.008), (b1 - b0) * self.along(wall), (0, 0, top), bath, (self.wide / 2, self.deep / 2, 1))
            self._frame(wall, b0, b1, 0.0, top, frame)
            self.hole(wall, b0 - 0.08, b1 + 0.08, 0, 2.12)
            rect = self.floor_rect(wall, b0, b1, 0.7)
            self.taken.append(rect)
            self.plan["doors"].append({"wall": wall, "a0": b0, "a1": b1, "open": False, "kind": "bathroom"})

    def _frame(self, wall: str, a0: float, a1: float, z0: float, z1: float, material: Material, wide: float = 0.06, *, low: bool = False) -> None:
        """Flat strips round a hole."""
        out, along, middle = 0.015, self.along(wall), (self.wide / 2, self.deep / 2, 1.2)
        bottom = z0 - (wide if low else 0)
        for a in (a0 - wide, a1):
            self.scene.quad(self.on_wall(wall, a, bottom, out), wide * along, (0, 0, z1 + wide - bottom), material, middle)
        for z in ((z1, z0 - wide) if low else (z1,)):
            self.scene.quad(self.on_wall(wall, a0, z, out), (a1 - a0) * along, (0, 0, wide), material, middle)

    def _windows(self, holes: dict[str, list[tuple[float, float, float, float]]]) -> None:
        rng = self.rng
        wall = str(self.wish.get("window_wall") or rng.choice(["S", "E", "W"]))
        low, high = self.span(wall)
        wide = float(min(rng.uniform(1.0, 1.6), high - low - 0.6))
        tall = bool(self.wish.get("tall_window"))
        z0, z1 = (0.12 if rng.random() < 0.5 else 0.75, 2.32) if tall else (0.82, 2.1)
        for _ in range(200):
            a0 = float(rng.uniform(low + 0.25, high - wide - 0.25))
            if self.free_on_wall(wall, a0 - 0.15, a0 + wide + 0.15, z0, z1):
                break
        if "window_at" in self.wish:
            a0, wide = self.wish["window_at"]
        a1 = a0 + wide
        self.thick[wall] = 0.3
        holes[wall].append((a0, a1, z0, z1))
        white = Material("matt", "frame", (.82, .82, .80), .7)
        self.reveal(wall, a0, a1, z0, z1, white, sill=True)
        along, inside = self.along(wall), self.inward(wall)
        parts = 2 if wide > 1.2 else 1
        bar = 0.05
        width = (wide - bar * (parts + 1)) / parts
        out = -0.14
        share = float(rng.uniform(0.16, 0.34))
        for number in range(parts):
            b0 = a0 + bar + number * (width + bar)
            origin, u, v = self.on_wall(wall, b0, z0 + bar, out), width * along, np.array([0, 0, z1 - z0 - 2 * bar])
            glass = Material("pane", "window", (0.05, 0.05, 0.05), 0.02, gloss=share)
            self.panes.append(Pane(self.scene.quad(origin, u, v, glass, origin + inside), origin, u, v, inside))
        for number in range(parts + 1):
            self.scene.quad(self.on_wall(wall, a0 + number * (width + bar), z0, out + 0.02), bar * along, (0, 0, z1 - z0), white, self.on_wall(wall, a0, 1, 1))
        for z in (z0, z1 - bar):
            self.scene.quad(self.on_wall(wall, a0, z, out + 0.02), (a1 - a0) * along, (0, 0, bar), white, self.on_wall(wall, a0, 1, 1))
        self.hole(wall, a0 - 0.2, a1 + 0.2, min(z0, 0.7), z1 + 0.2)
        self.plan["windows"].append({"wall": wall, "a0": a0, "a1": a1, "z0": z0, "z1": z1})
        self.notes["pane_r_ir"] = share
        self.window = (wall, a0, a1, z0, z1)
        self._curtains(wall, a0, a1, z0, z1)

    def _curtains(self, wall: str, a0: float, a1: float, z0: float, z1: float) -> None:
        rng, inside = self.rng.spawn(1)[0], (self.wide / 2, self.deep / 2, 1.0)      # its own numbers: what comes after does not hang on it
        kind = str(self.wish.get("curtain") or rng.choice(["none", "sides", "sides", "closed"]))
        colour = self.pick(CLOTHS)
        cloth = Material("matt", "curtain", colour, .6, "drape", 0.11, through=float(rng.uniform(0.05, 0.2)))
        bottom = 0.08 if z0 < 0.5 or rng.random() < 0.5 else z0 - 0.12
        spans = {"none": [], "sides": [(a0 - 0.3, a0 + 0.1), (a1 - 0.1, a1 + 0.3)], "closed": [(a0 - 0.2, a1 + 0.2)]}[kind]
        for b0, b1 in spans:
            low, high = self.span(wall)
            b0, b1 = max(low + 0.02, b0), min(high - 0.02, b1)
            self.scene.quad(self.on_wall(wall, b0, bottom, 0.09), (b1 - b0) * self.along(wall), (0, 0, z1 + 0.14 - bottom), cloth, inside)
        self.notes["curtain"] = kind

    def _hall(self) -> None:
        rng, scene = self.rng, self.scene
        a0, a1, _ = self.door
        y = self.deep + self.thick["N"]
        x0, x1 = max(-0.6, a0 - float(rng.uniform(0.3, 1.2))), a1 + float(rng.uniform(0.3, 1.2))
        deep = float(rng.uniform(1.4, 2.2))
        hall = (x0, y, x1, y + deep)
        paint = Material("matt", "hall", self.pick(PAINTS), .65, "plain")
        planks = Material("matt", "hall", self.pick(WOODS), .45, "planks", 0.12)
        middle = np.array([(x0 + x1) / 2, y + deep / 2, 1.2])
        scene.quad((x0, y, 0), (x1 - x0, 0, 0), (0, deep, 0), planks, middle)
        scene.quad((x0, y, self.high), (x1 - x0, 0, 0), (0, deep, 0), paint, middle)
        scene.quad((x0, y, 0), (0, deep, 0), (0, 0, self.high), paint, middle)
        scene.quad((x1, y, 0), (0, deep, 0), (0, 0, self.high), paint, middle)
        scene.quad((x0, y + deep, 0), (x1 - x0, 0, 0), (0, 0, self.high), paint, middle)
        for b0, b1 in ((x0, a0), (a1, x1)):
            scene.quad((b0, y, 0), (b1 - b0, 0, 0), (0, 0, self.high), paint, middle)
        scene.quad((a0, y, 2.05), (a1 - a0, 0, 0), (0, 0, self.high - 2.05), paint, middle)
        f0 = float(rng.uniform(x0 + 0.1, x1 - 1.05))
        front = Material("matt", "frontdoor", self.pick(((.34, .20, .16), (.20, .28, .24), (.60, .58, .54))), .5, "panels")
        scene.quad((f0, y + deep - 0.01, 0), (0.92, 0, 0), (0, 0, 2.05), front, middle)
        self.plan["hall"] = [[x0, y], [x1, y], [x1, y + deep], [x0, y + deep]]
        self.plan["front_door"] = [[f0, y + deep], [f0 + 0.92, y + deep]]
        self.hall = hall
        self.lamps.append(Lamp(middle + np.array([0, 0, self.high - 1.45]), 2.5, -1))

    def rect_turn(self, wall: str) -> float:
        return {"S": 0.0, "E": 90.0, "N": 180.0, "W": 270.0}[wall]

    def finish(self) -> Home:
        """The plan's remaining keys and the lights."""
        rng = self.rng
        room = [(0.0, 0.0), (self.wide, 0.0), (self.wide, self.deep), (0.0, self.deep)]
        if self.cut is not None:
            x, y, _, _ = self.cut
            room = [(0.0, 0.0), (self.wide, 0.0), (self.wide, y), (x, y), (x, self.deep), (0.0, self.deep)]
        self.plan |= {"room": [list(corner) for corner in room], "height": self.high, "wall_thickness": self.thick}
        sun = None
        if rng.random() < 0.5 and not self.wish.get("dark"):
            inside = self.panes[0].normal
            turn = math.radians(float(rng.uniform(-50, 50)))
            c, s = math.cos(turn), math.sin(turn)
            out = np.array([-(inside[0] * c - inside[1] * s), -(inside[0] * s + inside[1] * c), 0.0])
            up = math.radians(float(rng.uniform(15, 38)))
            sun = out * math.cos(up) + np.array([0, 0, math.sin(up)])
        night = float(self.wish.get("night", rng.choice([0.0, 0.3, 1.0])))
        wall, a0, a1, _, _ = self.window
        street = self.on_wall(wall, (a0 + a1) / 2 + float(rng.uniform(-0.5, 0.5)), 3.0, -3.0)
        sky = float(self.wish.get("sky", rng.uniform(4.0, 8.0)))
        lights = Lights(sky, sun, tuple(self.panes), tuple(self.lamps), night, street if night else None)
        self.notes |= {"sky": sky, "sun": sun is not None}
        return Home(self.scene, lights, self.plan, np.array(room), self.bed, self.mirrors, self.notes)
