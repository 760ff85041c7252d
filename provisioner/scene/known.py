"""What is known of a picture beforehand, read from JSON: zones, the mattress that was tapped, the technician's own marks. Every mistake has its sentence.

Corners are pixels of the picture, x to the right, y down. Zones may reach beyond the picture's edge (half a bed is out of it).
"""

import difflib
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

from shapely import Polygon, make_valid
from shapely.validation import explain_validity

from provisioner.fault import PlainError, Text
from provisioner.scene.findings import Outline
from provisioner.scene.reflection import Mark

CORNERS_MOST, ZONES_MOST = 512, 32
FAR = 20.0            # times the picture's larger side: nobody taps there, so the numbers are of something else
_SAME_AREA = 0.02     # of a zone may be lost when a loop of it is untied: outlines drawn by machines touch themselves
MATTRESS_M = (0.8, 0.9, 1.05, 1.2, 1.4, 1.6, 1.8, 2.0)  # widths that are sold, and the one length
EDGE_M = (0.3, 4.0)   # what a tapped length may be

ZONE_FORM = '{"bed": [[200, 300], [700, 300], [700, 600], [200, 600]], "forbidden": {"front door": [[900, 50], [1000, 50], [1000, 400], [900, 400]]}}'


class Purpose(StrEnum):
    """What a zone is for."""

    INTENDED = "intended"    # the bed: it must be seen
    FORBIDDEN = "forbidden"  # it must not be seen, or be masked


@dataclass(frozen=True, slots=True)
class Zone:
    """A named part of the picture."""

    name: str
    outline: Outline
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Tapped:
    """Two points on the mattress and how far they are from one another."""

    points: tuple[tuple[float, float], tuple[float, float]]
    length_m: float


@dataclass(frozen=True, slots=True)
class Told:
    """All that a file of zones says."""

    zones: tuple[Zone, ...] = ()
    tapped: Tapped | None = None
    marks: tuple[Mark, ...] = ()


def parsed(text: str | bytes, name: str) -> dict[str, Any]:
    """The one JSON object in a file. Raises `PlainError`."""
    def refuse(number: str) -> float:
        raise ValueError(number)

    try:
        found = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as exc:
        where = f"rad {exc.lineno}, tecken {exc.colno}" if isinstance(exc, json.JSONDecodeError) else str(exc)[:60]
        where_en = f"line {exc.lineno}, column {exc.colno}" if isinstance(exc, json.JSONDecodeError) else str(exc)[:60]
        raise PlainError("bad_json", Text(f"Filen {name} är ingen riktig JSON ({where}). Rätta den där.",
                                          f"The file {name} is no proper JSON ({where_en}). Correct it there.")) from None
    if not isinstance(found, dict):
        raise PlainError("bad_json", Text(f"Filen {name} ska innehålla ett JSON-objekt, {{...}}.", f"The file {name} is to hold one JSON object, {{...}}."))
    return found


def refuse_unknown(found: Collection[str], known: Collection[str], name: str) -> None:
    """Raises `PlainError` for the first key that is not known, with the nearest that is."""
    for key in found:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            listed = ", ".join(sorted(known))
            sv, en = (f"; menade du {near[0]}?", f"; did you mean {near[0]}?") if near else (f"; nycklarna är {listed}.", f"; the keys are {listed}.")
            raise PlainError("unknown_key", Text(f"{name}: nyckeln {_short(key)} finns inte{sv}", f"{name}: there is no key {_short(key)}{en}"))


def refuse_near_misses(found: Collection[str], known: Collection[str], name: str) -> None:
    """Raises `PlainError` for a key that looks like a misspelt one of `known`. For files that hold much else, which is not read."""
    refuse_unknown([key for key in found if key not in known and difflib.get_close_matches(key, known, 1, 0.8)], known, name)


def read_zones(raw: dict[str, Any], size_px: tuple[int, int], name: str) -> Told:
    """Zones in the form of `ZONE_FORM`, with `tapped` and `marks` beside them. `size_px` is the picture's width and height. Raises `PlainError`."""
    refuse_unknown(raw, ("bed", "forbidden", "tapped", "marks"), name)
    zones = []
    if raw.get("bed") is not None:
        zones.append(Zone("bed", outline_in(raw["bed"], "bed", size_px, name), Purpose.INTENDED))
    forbidden = raw.get("forbidden") or {}
    if not isinstance(forbidden, dict) or len(forbidden) > ZONES_MOST:
        raise bad_zone(name, "forbidden", f"ett objekt med högst {ZONES_MOST} namngivna ytor", f"an object with at most {ZONES_MOST} named areas")
    zones += [Zone(_short(key), outline_in(one, _short(key), size_px, name), Purpose.FORBIDDEN) for key, one in forbidden.items()]
    marks = raw.get("marks") or []
    if not isinstance(marks, list) or not all(isinstance(mark, dict) for mark in marks):
        raise bad_zone(name, "marks", "en lista av objekt", "a list of objects")
    return Told(tuple(zones), _tapped(raw.get("tapped"), size_px, name), tuple(_mark(mark, at, size_px, name) for at, mark in enumerate(marks, start=1)))


def _mark(raw: dict[str, Any], at: int, size_px: tuple[int, int], name: str) -> Mark:
    refuse_unknown(raw, ("outline", "mirror"), f"{name}, marks {at}")
    if not isinstance(raw.get("mirror"), bool):
        raise bad_zone(name, f"marks {at}", '"mirror" true eller false', '"mirror" true or false')
    return Mark(outline_in(raw.get("outline"), f"marks {at}", size_px, name), raw["mirror"])


def _tapped(raw: Any, size_px: tuple[int, int], name: str) -> Tapped | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_zone(name, "tapped", "ett objekt med points och length_m", "an object with points and length_m")
    refuse_unknown(raw, ("points", "length_m"), f"{name}, tapped")
    points, length_m = raw.get("points"), raw.get("length_m")
    if not _is_number(length_m) or not EDGE_M[0] <= length_m <= EDGE_M[1]:
        raise bad_zone(name, "tapped", f"length_m är meter, {EDGE_M[0]} till {EDGE_M[1]}; en madrass är 2,00 lång och 0,80 till 1,80 bred",
                       f"length_m is metres, {EDGE_M[0]} to {EDGE_M[1]}; a mattress is 2.00 long and 0.80 to 1.80 wide")
    if not isinstance(points, list) or len(points) != 2 or not all(_is_point(point) for point in points):
        raise bad_zone(name, "tapped", "points är två punkter [x, y]", "points is two points [x, y]")
    (x0, y0), (x1, y1) = points
    if math.hypot(x1 - x0, y1 - y0) < 0.01 * max(size_px):
        raise bad_zone(name, "tapped", "de två punkterna ligger på samma ställe", "the two points are in the same place")
    return Tapped(((float(x0), float(y0)), (float(x1), float(y1))), float(length_m))


def outline_in(raw: Any, zone: str, size_px: tuple[int, int], name: str) -> Outline:
    """A zone's corners. Raises `PlainError` for too few, no numbers, shares instead of pixels, what lies far out, and outlines that cross themselves."""
    if not isinstance(raw, list) or not 3 <= len(raw) <= CORNERS_MOST or not all(_is_point(corner) for corner in raw):
        raise bad_zone(name, zone, f"3 till {CORNERS_MOST} hörn [x, y] i bildpunkter", f"3 to {CORNERS_MOST} corners [x, y] in pixels")
    corners = [(float(x), float(y)) for x, y in raw]
    reach = max(abs(part) for corner in corners for part in corner)
    if reach <= 2.0:
        raise bad_zone(name, zone, "hörnen ser ut som andelar; de ska vara bildpunkter", "the corners look like shares; they are to be pixels")
    if reach > FAR * max(size_px):
        size = f"{size_px[0]} x {size_px[1]}"
        raise bad_zone(name, zone, f"hörn långt utanför bilden, som är {size}", f"corners far outside the picture, which is {size}")
    polygon = Polygon(corners)
    if polygon.is_valid and polygon.area >= 1:
        return tuple(corners)
    parts = [part for part in getattr(make_valid(polygon), "geoms", [make_valid(polygon)]) if isinstance(part, Polygon)]
    whole = sum(part.area for part in parts)
    largest = max(parts, key=lambda part: part.area, default=None)
    if largest is None or whole < 1:
        raise bad_zone(name, zone, "ytan är tom: alla hörn ligger på en linje", "the area is empty: all corners lie on a line")
    if largest.area < (1 - _SAME_AREA) * whole:
        at = explain_validity(polygon).partition("[")[2].rstrip("]")
        raise bad_zone(name, zone, f"konturen korsar sig själv vid {at}; ta hörnen i ordning runt ytan",
                       f"the outline crosses itself at {at}; take the corners in order around the area")
    return tuple((float(x), float(y)) for x, y in list(largest.exterior.coords)[:-1])


def bad_zone(name: str, zone: str, sv: str, en: str) -> PlainError:
    """What is wrong with one zone of a file, and what a right one looks like."""
    return PlainError("bad_zone", Text(f"{name}, {zone}: {sv}. Så här ser det ut: {ZONE_FORM}.", f"{name}, {zone}: {en}. This is what it looks like: {ZONE_FORM}."))


def _is_number(raw: Any) -> TypeGuard[float]:
    return type(raw) in (float, int) and math.isfinite(raw)  # a bool is an int to isinstance


def _is_point(raw: Any) -> bool:
    return isinstance(raw, list | tuple) and len(raw) == 2 and _is_number(raw[0]) and _is_number(raw[1])


def _short(key: Any) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in str(key))[:40]
