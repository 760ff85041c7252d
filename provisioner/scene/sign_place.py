"""Where the information sign may hang: met before the camera sees anybody, near its room, and not seen by whoever stands at the front door. Pure.

The routine asks three things that pull apart (R35-R37). What a caller sees from the open front door, with every inner door open, is left out whole, whichever
way a sign would face there: a flower courier shall not learn that somebody frail lives here. So in a hall that is one plain room no place is possible, and
the answer is that, with the least bad place and why.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot, pi

import numpy as np
import numpy.typing as npt
from shapely import LineString, Point, Polygon, contains_xy, covers, linestrings, prepare, union_all
from shapely.geometry.base import BaseGeometry

from provisioner.fault import Text
from provisioner.scene.floorplan import FloorPlan, Spot
from provisioner.scene.optics import CameraPose
from provisioner.scene.sight import seen_from, sight_to_the_corners, wall_lines

EYE_LEVEL_M = (1.4, 1.6)   # Datainspektionen's advice on signs: at eye level, before one enters
SIGN_WIDE_M = 0.30         # an A4 lying, with its frame
STEP_M = 0.2               # between places tried along a wall
NEAR_M = 3.0               # of the camera's room: further away nobody takes the sign for that room's (R35)
READ_MOST_M = 4.0          # from where a sign is still noticed in passing
MARGIN_M = 0.15            # a person is wider than a line: whatever comes so near to being seen counts as seen
_OFF_WALL_M = 0.02
_PERSON_M = 0.25           # half a person's width: ways keep so far from walls
_CALLER_IN_M, _CALLER_OUT_M = 0.5, 0.3  # where a caller's eyes may be, inside and outside of the open front door
_PACE_M = 0.05
_IN_TIME_M = 0.3           # before the seen area begins
_ASIDE_MOST = 0.35         # cosine: a sign is read from up to 70 degrees aside
_AHEAD_LEAST = 0.5         # cosine: and noticed up to 60 degrees from where one walks; what is behind one's back is not met

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the routine, held against one place."""

    row: str
    holds: bool
    text: Text


@dataclass(frozen=True, slots=True)
class SignPlace:
    """`at`: on the wall's face, metres. `facing`: unit vector away from the wall. `score` 0 to 1, the better the nearer and the better seen. All of `reasons`
    hold in a place that is proposed."""

    at: Spot
    wall: str
    facing: Spot
    score: float
    reasons: tuple[Reason, ...]

    @property
    def is_possible(self) -> bool:
        """Whether every row holds."""
        return all(reason.holds for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class SignPlaces:
    """`possible`: best first, apart from one another. Where there is none: `least_bad` and `why_none`. `way`: how a visitor walks, from the front door into the
    room; `entered_at`: where on it he comes into the seen area. `seen_by_callers`: what is seen from the front door."""

    possible: tuple[SignPlace, ...]
    least_bad: SignPlace | None
    why_none: Text | None
    way: tuple[Spot, ...]
    entered_at: Spot | None
    seen_by_callers: BaseGeometry


_NO_FRONT_DOOR = Text("Ytterdörren är inte ritad i planen: skyltens plats kan inte bedömas. Rita in den.",
                      "The front door is not in the plan: the sign's place cannot be judged. Draw it.")
_NO_WAY = Text("Det finns ingen väg från ytterdörren till kamerans rum i planen. Rita in dörren till rummet.",
               "There is no way from the front door to the camera's room in the plan. Draw the room's door.")
_SEEN_AT_ONCE = Text("Kameran ser ända till ytterdörren: vrid eller maska den, annars syns besökaren innan någon skylt hinner läsas.",
                     "The camera sees as far as the front door: turn or mask it, else a visitor is seen before any sign can be read.")
_ALL_IN_VIEW = Text("Allt som passeras före det område som kameran ser syns också från ytterdörren. Minst dåligt: den markerade platsen, skärmad mot dörren.",
                    "All that is passed before the area that the camera sees is also seen from the front door. Least bad: the marked place, screened from it.")


def sign_places(plan: FloorPlan, camera: CameraPose, most: int = 5) -> SignPlaces:
    """Judge every wall of the room and the hall. Raises `Unusable` where the camera hangs in a wall."""
    space = plan.space(any_door=True)
    if plan.front_door is None:
        return SignPlaces((), None, _NO_FRONT_DOOR, (), None, Polygon())
    callers = _seen_by_callers(plan, space)
    way = visitors_way(plan, space)
    if not way:
        return SignPlaces((), None, _NO_WAY, (), None, callers)
    watched = _watched(plan, camera)
    paces = _paces(way)
    inside = contains_xy(watched, paces[:, 0], paces[:, 1])
    entry = int(np.argmax(inside)) if inside.any() else len(paces)
    places = _judged(plan, space, callers, watched, paces, entry)
    possible = _spread([place for place in places if place.is_possible], most)
    entered_at = None if entry == len(paces) else (float(paces[entry, 0]), float(paces[entry, 1]))
    if possible:
        return SignPlaces(possible, None, None, way, entered_at, callers)
    least = max(places, key=lambda place: (sum(reason.holds for reason in place.reasons), place.reasons[-1].holds, place.score), default=None)
    return SignPlaces((), least, _SEEN_AT_ONCE if entry == 0 else _ALL_IN_VIEW, way, entered_at, callers)


def _watched(plan: FloorPlan, camera: CameraPose) -> BaseGeometry:
    """The monitoring area with the doors as they are, and with the way in open, wider by a person's margin: a visitor opens the door."""
    opened = replace(plan, doors=tuple(replace(door, is_open=True) if door.kind in ("room_door", "opening") else door for door in plan.doors))
    return union_all([sight_to_the_corners(one, camera).watched for one in (plan, opened)]).buffer(MARGIN_M)


def _seen_by_callers(plan: FloorPlan, space: BaseGeometry) -> BaseGeometry:
    """All that can be seen from the open front door, by somebody who stands on either side of its threshold."""
    assert plan.front_door is not None
    a, b = np.asarray(plan.front_door[0]), np.asarray(plan.front_door[1])
    inward = _inward(plan)
    doorway = Polygon([tuple(a - inward * _CALLER_OUT_M), tuple(b - inward * _CALLER_OUT_M), tuple(b + inward * 0.05), tuple(a + inward * 0.05)])
    with_doorway = union_all([space, doorway])
    walls = wall_lines(with_doorway)
    eyes = [a + (b - a) * share + inward * deep for share in (0.03, 0.27, 0.5, 0.73, 0.97) for deep in (-_CALLER_OUT_M + 0.02, 0.0, _CALLER_IN_M)]
    seen = [seen_from((float(eye[0]), float(eye[1])), walls, -pi, pi) for eye in eyes if contains_xy(with_doorway, *eye)]
    return union_all(seen).buffer(MARGIN_M)


def _inward(plan: FloorPlan) -> Floats:
    """Unit vector into the dwelling through the front door."""
    assert plan.front_door is not None
    a, b = np.asarray(plan.front_door[0]), np.asarray(plan.front_door[1])
    across = np.asarray([a[1] - b[1], b[0] - a[0]]) / hypot(*(b - a))
    middle = (a + b) / 2 + across * 0.2
    return across if contains_xy(plan.indoors, *middle) else -across


# ---- the way in -----------------------------------------------------------------------------------------------------------------------


def visitors_way(plan: FloorPlan, space: BaseGeometry) -> tuple[Spot, ...]:
    """The shortest way from the front door into the middle of the camera's room, a person's half width from the walls; empty where there is none."""
    assert plan.front_door is not None
    a, b = np.asarray(plan.front_door[0]), np.asarray(plan.front_door[1])
    start = (a + b) / 2 + _inward(plan) * _PERSON_M
    middle = Polygon(plan.room).representative_point()
    floor = space.buffer(-_PERSON_M, join_style="mitre").buffer(0.02, join_style="mitre").simplify(0.005)
    begin, end = _onto((float(start[0]), float(start[1])), floor), _onto((middle.x, middle.y), floor)
    corners = [tuple(corner) for ring in _rings(floor) for corner in ring.coords[:-1]]
    spots: list[Spot] = [begin, end, *((float(x), float(y)) for x, y in corners)]
    return _shortest(spots, floor.buffer(0.01, join_style="mitre"))


def _onto(spot: Spot, floor: BaseGeometry) -> Spot:
    if floor.is_empty or floor.covers(Point(spot)):
        return spot
    near = floor.boundary.interpolate(floor.boundary.project(Point(spot)))
    return float(near.x), float(near.y)


def _rings(area: BaseGeometry) -> list[LineString]:
    return [ring for piece in getattr(area, "geoms", [area]) if isinstance(piece, Polygon) and not piece.is_empty for ring in (piece.exterior, *piece.interiors)]


def _shortest(spots: Sequence[Spot], floor: BaseGeometry) -> tuple[Spot, ...]:
    """From the first spot to the second, straight from spot to spot (Dijkstra on what sees one another)."""
    prepare(floor)
    best, came, queue = {0: 0.0}, {0: 0}, [(0.0, 0)]
    while queue:
        length, here = heapq.heappop(queue)
        if here == 1:
            steps = [1]
            while steps[-1] != 0:
                steps.append(came[steps[-1]])
            return tuple(spots[step] for step in reversed(steps))
        if length > best[here]:
            continue
        others = [n for n in range(len(spots)) if n not in best or best[n] > length]
        clear = covers(floor, linestrings([[spots[here], spots[n]] for n in others])) if others else ()
        for n, is_clear in zip(others, clear, strict=True):
            total = length + hypot(spots[n][0] - spots[here][0], spots[n][1] - spots[here][1])
            if is_clear and total < best.get(n, np.inf):
                best[n], came[n] = total, here
                heapq.heappush(queue, (total, n))
    return ()


def _paces(way: Sequence[Spot]) -> Floats:
    """Spots along the way, 5 cm apart, shape (N, 2)."""
    found = [np.asarray([way[0]])]
    for (x0, y0), (x1, y1) in pairwise(way):
        steps = max(1, round(hypot(x1 - x0, y1 - y0) / _PACE_M))
        share = np.arange(1, steps + 1)[:, None] / steps
        found.append(np.asarray([[x0, y0]]) + share * np.asarray([[x1 - x0, y1 - y0]]))
    return np.concatenate(found)


# ---- the walls ------------------------------------------------------------------------------------------------------------------------


def _judged(plan: FloorPlan, space: BaseGeometry, callers: BaseGeometry, watched: BaseGeometry, paces: Floats, entry: int) -> list[SignPlace]:
    space = space.buffer(1e-6)
    prepare(space)
    room_door = _nearest_way_in(plan)
    in_time = entry - round(_IN_TIME_M / _PACE_M)
    found = []
    for wall, (x, y), facing in _candidates(plan):
        hidden, outside = not contains_xy(callers, x, y), not contains_xy(watched, x, y)
        away = hypot(x - room_door[0], y - room_door[1])
        seen_at = _noticed((x, y), facing, paces, space)
        # Noticed in time, and passed at its nearest before the visitor is seen himself: a sign beside or beyond the seen area comes too late.
        apart = np.hypot(*(paces - (x, y)).T)
        in_front = np.flatnonzero((paces - (x, y)) @ np.asarray(facing) > 0)
        met = bool(len(seen_at)) and int(seen_at[0]) < in_time and int(in_front[np.argmin(apart[in_front])]) < in_time and int(np.argmin(apart)) < entry
        passing = float(apart[seen_at].min()) if len(seen_at) else READ_MOST_M
        score = 0.6 * max(0.0, 1 - away / NEAR_M) + 0.4 * max(0.0, 1 - passing / READ_MOST_M)
        found.append(SignPlace((round(x, 2), round(y, 2)), wall, facing, round(score, 3), _reasons(hidden, met and outside, away <= NEAR_M, away)))
    return sorted(found, key=lambda place: -place.score)


def _noticed(at: Spot, facing: Spot, paces: Floats, space: BaseGeometry) -> npt.NDArray[np.intp]:
    """Which paces of the way have the sign in clear sight, near enough and not too much aside; in order."""
    to_pace = paces - np.asarray(at)
    distances = np.hypot(to_pace[:, 0], to_pace[:, 1])
    heading = np.gradient(paces, axis=0)
    heading /= np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-9)[:, None]
    before_his_eyes = -(to_pace * heading).sum(axis=1) > _AHEAD_LEAST * distances
    readable = np.flatnonzero((distances < READ_MOST_M) & (to_pace @ np.asarray(facing) > _ASIDE_MOST * distances) & before_his_eyes)
    if not len(readable):
        return readable
    lines = linestrings(np.stack([paces[readable], np.broadcast_to(np.asarray(at), (len(readable), 2))], axis=1))
    clear: npt.NDArray[np.intp] = readable[np.asarray(covers(space, lines), bool)]
    return clear


def _reasons(hidden: bool, met: bool, near: bool, away_m: float) -> tuple[Reason, ...]:
    return (
        Reason("R35", near, Text(f"{away_m:.1f} m från dörren till kamerans rum.", f"{away_m:.1f} m from the door of the camera's room.") if near else
               Text(f"{away_m:.1f} m från kamerans rum: för långt bort.", f"{away_m:.1f} m from the camera's room: too far away.")),
        Reason("R36", hidden, Text("Syns inte från ytterdörren.", "Not seen from the front door.") if hidden else
               Text("Syns från ytterdörren.", "Seen from the front door.")),
        Reason("R37", met, Text("Möts före det område som kameran ser, direkt eller i spegel.",
                                "Met before the area that the camera sees, directly or in a mirror.") if met else
               Text("Möts först när besökaren redan syns.", "Met only when the visitor is seen already.")),
    )


def _nearest_way_in(plan: FloorPlan) -> Spot:
    """The middle of the door between the hall and the camera's room; the room's own middle where it has none."""
    for door in plan.doors:
        if door.kind in ("room_door", "opening"):
            return plan.on_wall(door.wall, (door.a0 + door.a1) / 2)
    middle = Polygon(plan.room).centroid
    return float(middle.x), float(middle.y)


def _candidates(plan: FloorPlan) -> list[tuple[str, Spot, Spot]]:
    """Wall, spot on its face and the way it faces: every 20 cm of every wall of room and hall, where a sign has room: not on doors, panes or mirrors."""
    taken = union_all([*(plan.passage(door) for door in plan.doors), *([LineString(plan.front_door)] if plan.front_door else []),
                       *(LineString([m.a, m.b]) for m in plan.mirrors),
                       *(LineString([plan.on_wall(w.wall, w.a0), plan.on_wall(w.wall, w.a1)]) for w in plan.windows)]).buffer(SIGN_WIDE_M / 2 + 0.05)
    found = []
    named = {end: name for name, end in plan.walls.items()}  # a compass name comes later and wins
    for corners, inside, label in ((plan.room, Polygon(plan.room), ""), (plan.hall, Polygon(plan.hall) if plan.hall else None, "hall ")):
        if inside is None:
            continue
        corners = corners if inside.exterior.is_ccw else tuple(reversed(corners))
        for number, ((x0, y0), (x1, y1)) in enumerate(zip(corners, corners[1:] + corners[:1], strict=True)):
            length = hypot(x1 - x0, y1 - y0)
            along, facing = ((x1 - x0) / length, (y1 - y0) / length), (-(y1 - y0) / length, (x1 - x0) / length)
            for at in np.arange(SIGN_WIDE_M / 2 + 0.05, length - SIGN_WIDE_M / 2 - 0.05, STEP_M):
                x, y = x0 + along[0] * at + facing[0] * _OFF_WALL_M, y0 + along[1] * at + facing[1] * _OFF_WALL_M
                if not contains_xy(taken, x, y):
                    name = label + (named.get(((x0, y0), (x1, y1)), str(number)) if not label else _side((x0, y0), (x1, y1)))
                    found.append((name.strip(), (float(x), float(y)), facing))
    return found


def _side(a: Spot, b: Spot) -> str:
    """Which side of its room a wall is on, by where its outside points."""
    x, y = b[1] - a[1], a[0] - b[0]
    return ("E" if x > 0 else "W") if abs(x) > abs(y) else ("N" if y > 0 else "S")


def _spread(places: Sequence[SignPlace], most: int) -> tuple[SignPlace, ...]:
    """The best, at least 60 cm from one another: two places side by side are one choice."""
    kept: list[SignPlace] = []
    for place in places:
        if len(kept) < most and all(hypot(place.at[0] - other.at[0], place.at[1] - other.at[1]) >= 0.6 for other in kept):
            kept.append(place)
    return tuple(kept)
