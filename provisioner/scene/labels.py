"""Files with what is known of a picture, to one `Known`: zones by hand, a floor plan with the camera's place, or an item of a labelled set."""

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np
from shapely import MultiPoint

from provisioner.fault import PlainError, Text
from provisioner.scene.calibrate import in_plan
from provisioner.scene.check import Known
from provisioner.scene.findings import Outline
from provisioner.scene.floorplan import FloorPlan, read_plan
from provisioner.scene.foretell import DOOR_HEIGHT_M, flat_outline
from provisioner.scene.known import Purpose, Told, Zone, bad_zone, outline_in, read_zones, refuse_near_misses, refuse_unknown
from provisioner.scene.limits import FrameLimits
from provisioner.scene.optics import CameraPose, CameraSpot, Unusable, read_camera, read_spot

ITEM_KEYS = ("zones", "camera", "plan", "privacy_mask")  # an item has more, which say what is true; they are not read

_TAP_THE_BED = Text("Planen används inte än: rita sängen med dess fyra hörn, i ordning, så att kamerans plats kan räknas ut.",
                    "The plan is not used yet: draw the bed by its four corners, in order, so that the camera's place can be worked out.")
_SHOW_THE_CAMERA = Text("Kamerans plats på planen är osäker: ange var den sitter (camera.pos), så blir det som planen säger om speglar och skylt pålitligt.",
                        "The camera's place on the plan is not sure: say where it hangs (camera.pos), and what the plan says of mirrors and sign can be relied on.")
_PLAN_KEYS = ("room", "height", "wall_thickness", "doors", "windows", "mirrors", "hall", "front_door", "bed", "other_beds")
_THING_KEYS = {"doors": ("wall", "a0", "a1", "open", "kind"), "windows": ("wall", "a0", "a1", "z0", "z1"), "mirrors": ("a", "b", "normal", "z0", "z1", "shape", "kind")}
_CURTAIN_M = 0.15  # a curtain hangs over its window's edge by a hand's length


def known_of(told: Mapping[str, dict[str, Any]], names: Mapping[str, str], size_px: tuple[int, int], limits: FrameLimits) -> Known:
    """`told`: the files by what they are (`zones`, `plan`, `labels`); `names`: what the sentences call them. Zones by hand go before those of labels.
    Raises `PlainError` for everything that makes no sense."""
    refuse_near_misses(told.get("labels", {}), ITEM_KEYS, names.get("labels", ""))
    by_hand = read_zones(told["zones"], size_px, names["zones"]) if "zones" in told else Told()
    labels = told.get("labels", {})
    zones = by_hand.zones or _labelled(labels, size_px, names.get("labels", ""))
    bed = next((zone.outline for zone in zones if zone.name == "bed"), None)
    file, name = _plan_file(told.get("plan", {}), names.get("plan", "")) if "plan" in told else (_read_keys(labels.get("plan")), labels.get("camera")), \
        names.get("plan" if "plan" in told else "labels", "")
    camera, plan, unplaced = placed(*file, bed, size_px, name)
    return Known(limits, zones, _mask_zone(labels, camera, plan, size_px, names.get("labels", "")), by_hand.tapped, by_hand.marks, camera, plan, unplaced=unplaced)


def _plan_file(raw: dict[str, Any], name: str) -> tuple[Any, Any]:
    """Plan and camera: beside one another, or the plan alone."""
    if "room" in raw:
        return raw, None
    refuse_unknown(raw, ("plan", "camera"), name)
    return raw.get("plan"), raw.get("camera")


def placed(plan: Any, camera: Any, bed: Outline | None, size_px: tuple[int, int], name: str,
           height_m: float | None = None) -> tuple[CameraPose | None, FloorPlan | None, Text | None]:
    """Plan and camera, read and fitted together. A camera without its directions (or none at all) is placed by the bed's four corners in the picture; where
    that cannot be, or is not sure, the third value says why and what to do. Raises `PlainError` for what is wrong by itself."""
    try:
        floor = None if plan is None else read_plan(plan)
        spot = CameraSpot() if camera is None else read_spot(camera)
        if spot is None:
            place = read_camera(camera, *size_px)
            if floor is not None:
                floor.holds(place)
            return place, floor, None
    except Unusable as wrong:
        raise PlainError("bad_plan", Text(f"{name}: {wrong.text.sv}", f"{name}: {wrong.text.en}")) from None
    if floor is None:
        return None, None, None
    if bed is None or len(bed) != 4:
        return None, floor, _TAP_THE_BED
    try:
        found = in_plan(bed, floor, *size_px, spot, height_m)
    except Unusable as wrong:
        return None, floor, wrong.text
    return found.camera, floor, None if found.is_sure else _SHOW_THE_CAMERA


def _read_keys(plan: Any) -> Any:
    """A labelled item's plan with the keys that are read; a set may tell more of each thing."""
    if not isinstance(plan, dict):
        return plan
    kept = {key: value for key, value in plan.items() if key in _PLAN_KEYS or difflib.get_close_matches(key, _PLAN_KEYS, 1, 0.8)}
    for things, keys in _THING_KEYS.items():
        if isinstance(kept.get(things), list):
            kept[things] = [{key: value for key, value in thing.items() if key in keys} if isinstance(thing, dict) else thing for thing in kept[things]]
    return kept


def _labelled(labels: dict[str, Any], size_px: tuple[int, int], name: str) -> tuple[Zone, ...]:
    """The bed of a labelled item; its other zones are where things are seen, and nobody's wish."""
    zones = labels.get("zones") or {}
    if not isinstance(zones, dict):
        raise bad_zone(name, "zones", "ett objekt med ytor", "an object with areas")
    bed = zones.get("bed")
    if bed is None:
        return ()
    raw = bed.get("poly_amodal") if isinstance(bed, dict) else bed
    return (Zone("bed", outline_in(raw, "bed", size_px, name), Purpose.INTENDED),)


def _mask_zone(labels: dict[str, Any], camera: CameraPose | None, plan: FloorPlan | None, size_px: tuple[int, int], name: str) -> Outline | None:
    """What a mask is to cover: corners, or the name of something in the item's zones, or in its plan. What was masked is mostly not among the zones: it
    is not seen any more. Raises `PlainError` for a name that is nowhere."""
    mask = labels.get("privacy_mask")
    if mask is None:
        return None
    if not isinstance(mask, dict):
        raise bad_zone(name, "privacy_mask", 'ett objekt med "zone"', 'an object with "zone"')
    zone = mask.get("zone")
    if not isinstance(zone, str):
        return None if zone is None else outline_in(zone, "privacy_mask", size_px, name)
    named = (labels.get("zones") or {}).get(zone)
    corners = named if isinstance(named, list) else named.get("poly_amodal") or named.get("poly") if isinstance(named, dict) else None
    if corners is not None:
        return outline_in(corners, zone, size_px, name)
    pieces = named.get("visible_polys") if isinstance(named, dict) else None
    if isinstance(pieces, list) and pieces:
        return _around([corner for piece in pieces for corner in outline_in(piece, zone, size_px, name)])
    if plan is not None and camera is not None:
        return _in_plan(zone, plan, camera)
    raise bad_zone(name, "privacy_mask", f"ytan {zone} finns varken bland zonerna eller i en plan", f"the area {zone} is neither among the zones nor in a plan")


def _in_plan(zone: str, plan: FloorPlan, camera: CameraPose) -> Outline | None:
    """Windows, or doors of a kind, as they stand in the picture; None where they are not in it."""
    spread_m = _CURTAIN_M if zone == "curtain" else 0.0
    openings = [(window.wall, window.a0 - spread_m, window.a1 + spread_m, window.z0, window.z1 + spread_m) for window in plan.windows] \
        if zone in ("window", "curtain") else \
        [(door.wall, door.a0, door.a1, 0.0, DOOR_HEIGHT_M) for door in plan.doors if door.kind == {"bathdoor": "bathroom"}.get(zone, "room_door")]
    corners: list[tuple[float, float]] = []
    for wall, a0, a1, z0, z1 in openings:
        (ax, ay), (bx, by) = plan.on_wall(wall, a0), plan.on_wall(wall, a1)
        made = flat_outline(np.asarray([[ax, ay, z1], [bx, by, z1], [bx, by, z0], [ax, ay, z0]]), camera)
        corners += [] if made is None else [(float(x), float(y)) for x, y in made.exterior.coords]
    return _around(corners) if corners else None


def _around(corners: list[tuple[float, float]]) -> Outline:
    return tuple((float(x), float(y)) for x, y in list(MultiPoint(corners).convex_hull.exterior.coords)[:-1])
