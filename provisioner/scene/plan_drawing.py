"""The floor plan as a picture for people: what the camera sees, what it sees by mirrors, what it must not see, the visitor's way, and where the sign may hang.

On a dark ground, for a phone in a dark hall. Every kind of area has its own hatching besides its colour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from provisioner.fault import Text
from provisioner.scene import canvas as c
from provisioner.scene.floorplan import FloorPlan, Spot
from provisioner.scene.optics import CameraPose
from provisioner.scene.sight import Sight, seen_from, wall_lines, wedge
from provisioner.scene.sign_place import SignPlaces

WIDTH_PX = 1080            # a phone's width in pixels, held upright
_MARGIN_PX = 60
_LEGEND_PX, _LINE_PX = 34.0, 52.0
_WALL, _DOOR = "#E8E8E8", "#8A6D3B"
_MOST_PX_PER_M = 220.0

SEEN = Text("Det som kameran ser", "What the camera sees")
MIRRORED = Text("Det som den ser i spegel eller glas", "What it sees in a mirror or glass")
FORBIDDEN = Text("Ska inte synas", "Must not be seen")
WAY = Text("Besökarens väg in", "The visitor's way in")
ENTERED = Text("Härifrån syns besökaren", "From here on the visitor is seen")
PLACE = Text("Plats för skylten, bäst först", "Place for the sign, best first")
LEAST_BAD = Text("Minst dålig plats för skylten", "Least bad place for the sign")
NONE = Text("Ingen plats uppfyller alla krav", "No place meets every demand")
BED = Text("Sängen", "The bed")
MIRROR = Text("Spegel, glas", "Mirror, glass")


@dataclass(frozen=True, slots=True)
class _Scale:
    """Metres to pixels, y upwards to y downwards."""

    left_m: float
    top_m: float
    px_per_m: float

    def __call__(self, spot: Sequence[float]) -> tuple[float, float]:
        return _MARGIN_PX + (spot[0] - self.left_m) * self.px_per_m, _MARGIN_PX + (self.top_m - spot[1]) * self.px_per_m

    def ring(self, spots: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
        """An outline."""
        return tuple(self(spot) for spot in spots)


def plan_drawing(plan: FloorPlan, camera: CameraPose, sight: Sight, places: SignPlaces, language: str = "sv") -> c.Drawing:
    """The drawing, with its legend below; height follows the dwelling. `canvas.svg` and `canvas.raster` draw it."""
    left, bottom, right, top = plan.indoors.buffer(0.35).bounds
    scale = _Scale(left, top, min(_MOST_PX_PER_M, (WIDTH_PX - 2 * _MARGIN_PX) / (right - left)))
    plan_px = _MARGIN_PX + (top - bottom) * scale.px_per_m
    shapes = [*_floors(plan, scale), *_areas(plan, sight, scale), *_things(plan, scale), *_walls(plan, scale), *_eye(plan, camera, scale),
              *_way(places, scale), *_places(places, scale)]
    rows = list(_legend(plan, sight, places))
    height_px = plan_px + _MARGIN_PX / 2
    for sample, text in rows:
        shapes += _row(sample, text.in_language(language), height_px)
        height_px += _LINE_PX
    for line in c.wrapped(places.why_none.in_language(language), _LEGEND_PX, WIDTH_PX - 2 * _MARGIN_PX) if places.why_none is not None else ():
        shapes.append(c.Words((_MARGIN_PX, height_px + 0.7 * _LEGEND_PX), line, _LEGEND_PX, c.YELLOW))
        height_px += _LINE_PX
    title = Text("Planlösning med kamerans övervakningsområde och skyltens plats", "Floor plan with the camera's monitoring area and the sign's place")
    return c.Drawing(WIDTH_PX, round(height_px + _MARGIN_PX / 2), tuple(shapes), title.in_language(language))


def _floors(plan: FloorPlan, scale: _Scale) -> Iterator[c.Shape]:
    for corners in (plan.room, plan.hall):
        if corners:
            yield c.Area(scale.ring(corners), "#2E2E2E", c.Hatch.SOLID, 1.0, tint=1.0)


def _areas(plan: FloorPlan, sight: Sight, scale: _Scale) -> Iterator[c.Shape]:
    for area, colour, hatch, tint in ((sight.direct, c.SKY, c.Hatch.NONE, 0.45), (sight.mirrored, c.ORANGE, c.Hatch.RISING, 0.15)):
        for piece in _pieces(area):
            yield c.Area(scale.ring(piece.exterior.coords[:-1]), colour, hatch, 2.5, tint=tint, holes=tuple(scale.ring(hole.coords[:-1]) for hole in piece.interiors))
    for bed in plan.other_beds:
        yield c.Area(scale.ring(bed), c.RED, c.Hatch.CROSSED, 4.0)
    for door in plan.doors:
        if door.kind == "bathroom":
            yield c.Area(scale.ring(plan.passage(door).exterior.coords[:-1]), c.RED, c.Hatch.CROSSED, 4.0, step_px=12.0)


def _pieces(area: BaseGeometry) -> list[Polygon]:
    return [piece for piece in getattr(area, "geoms", [area]) if isinstance(piece, Polygon) and piece.area > 0.01]


def _things(plan: FloorPlan, scale: _Scale) -> Iterator[c.Shape]:
    if plan.bed:
        yield c.Area(scale.ring(plan.bed), c.GREEN, c.Hatch.LEVEL, 5.0, tint=0.2)
    for mirror in plan.mirrors:
        yield c.Line((scale(mirror.a), scale(mirror.b)), c.YELLOW, 9.0)


def _walls(plan: FloorPlan, scale: _Scale) -> Iterator[c.Shape]:
    for corners in (plan.room, plan.hall):
        if corners:
            ring = scale.ring(corners)
            yield c.Line((*ring, ring[0]), _WALL, 6.0)
    for window in plan.windows:
        yield c.Line((scale(plan.on_wall(window.wall, window.a0)), scale(plan.on_wall(window.wall, window.a1))), c.BLUE, 8.0)
    for door in plan.doors:
        ends = scale(plan.on_wall(door.wall, door.a0)), scale(plan.on_wall(door.wall, door.a1))
        yield c.Line(ends, "#2E2E2E" if door.is_open else _DOOR, 9.0)
    if plan.front_door is not None:
        yield c.Line((scale(plan.front_door[0]), scale(plan.front_door[1])), c.PURPLE, 11.0)


def _eye(plan: FloorPlan, camera: CameraPose, scale: _Scale) -> Iterator[c.Shape]:
    """The camera, and the two borders of what its lens takes in, as far as the walls."""
    eye: Spot = (camera.position_m[0], camera.position_m[1])
    low, high = wedge(camera)
    walls = wall_lines(plan.free)
    for angle in (low, high):
        seen = seen_from(eye, walls, angle - 1e-4, angle + 1e-4)
        far = max((spot for piece in _pieces_any(seen) for spot in piece.exterior.coords), key=lambda spot: np.hypot(spot[0] - eye[0], spot[1] - eye[1]), default=eye)
        yield c.Line((scale(eye), scale(far)), c.SKY, 3.0, dashed=True)
    yield c.Badge(scale(eye), "K", c.SKY, 22.0)


def _pieces_any(area: BaseGeometry) -> list[Polygon]:
    return [piece for piece in getattr(area, "geoms", [area]) if isinstance(piece, Polygon) and not piece.is_empty]


def _way(places: SignPlaces, scale: _Scale) -> Iterator[c.Shape]:
    if len(places.way) > 1:
        yield c.Line(scale.ring(places.way), c.WHITE, 4.0, dashed=True, arrow=True)
    if places.entered_at is not None:
        x, y = scale(places.entered_at)
        yield c.Line(((x - 16, y - 16), (x + 16, y + 16)), c.WHITE, 5.0)
        yield c.Line(((x - 16, y + 16), (x + 16, y - 16)), c.WHITE, 5.0)


def _places(places: SignPlaces, scale: _Scale) -> Iterator[c.Shape]:
    for number, place in enumerate(places.possible, start=1):
        yield c.Badge(scale(place.at), str(number), c.YELLOW, 24.0)
    if places.least_bad is not None:
        yield c.Badge(scale(places.least_bad.at), "?", c.ORANGE, 24.0)


def _legend(plan: FloorPlan, sight: Sight, places: SignPlaces) -> Iterator[tuple[c.Shape, Text]]:
    """A sample at the origin, and its words; only of what is in the drawing."""
    box = ((0.0, -22.0), (44.0, -22.0), (44.0, 12.0), (0.0, 12.0))
    line = ((0.0, -5.0), (44.0, -5.0))
    yield c.Badge((22.0, -5.0), "K", c.SKY, 20.0), Text("Kameran", "The camera")
    yield c.Area(box, c.SKY, c.Hatch.NONE, 2.5, tint=0.45), SEEN
    if _pieces(sight.mirrored):
        yield c.Area(box, c.ORANGE, c.Hatch.RISING, 2.5, tint=0.15), MIRRORED
    if plan.other_beds or any(door.kind == "bathroom" for door in plan.doors):
        yield c.Area(box, c.RED, c.Hatch.CROSSED, 3.0, step_px=12.0), FORBIDDEN
    if plan.bed:
        yield c.Area(box, c.GREEN, c.Hatch.LEVEL, 3.0, tint=0.2), BED
    if plan.mirrors:
        yield c.Line(line, c.YELLOW, 9.0), MIRROR
    if plan.front_door is not None:
        yield c.Line(line, c.PURPLE, 11.0), Text("Ytterdörren", "The front door")
    if len(places.way) > 1:
        yield c.Line(line, c.WHITE, 4.0, dashed=True, arrow=True), WAY
    if places.entered_at is not None:
        yield c.Words((8.0, 10.0), "x", 44.0, c.WHITE, bold=True), ENTERED
    if places.possible:
        yield c.Badge((22.0, -5.0), "1", c.YELLOW, 20.0), PLACE
    elif places.least_bad is not None:
        yield c.Badge((22.0, -5.0), "?", c.ORANGE, 20.0), LEAST_BAD


def _row(sample: c.Shape, text: str, y: float) -> list[c.Shape]:
    x, base = float(_MARGIN_PX), y + 0.7 * _LEGEND_PX
    match sample:
        case c.Area():
            moved: c.Shape = c.Area(tuple((x + dx, base + dy) for dx, dy in sample.outline), sample.colour, sample.hatch, sample.line_px, tint=sample.tint,
                                    step_px=sample.step_px)
        case c.Line():
            moved = c.Line(tuple((x + dx, base + dy) for dx, dy in sample.points), sample.colour, sample.line_px, sample.dashed, sample.arrow)
        case c.Badge():
            moved = c.Badge((x + sample.at[0], base + sample.at[1]), sample.text, sample.colour, sample.radius_px)
        case c.Words():
            moved = c.Words((x + sample.at[0], base + sample.at[1]), sample.text, sample.size_px, sample.colour, sample.bold)
        case _:
            raise TypeError("a legend has no pictures")
    return [moved, c.Words((x + 84, base), text, _LEGEND_PX)]
