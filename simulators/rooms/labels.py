"""What is true about an item: from the geometry and the light, never from the finished picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import Polygon

from .home import Home
from .optics import Array, Pose
from .parts import CLASSES
from .render import OTHER_ROOM, OUTSIDE, SAME_SEEN, SAME_UNSEEN, Bytes, Layers
from .sensor import WHITE

BLOWN, SOFT, HOTSPOT, MIRROR, IGNORE_DAY, IGNORE_NIGHT = 1, 2, 4, 8, 16, 32
BLOB_PX, GLARE_SHARE, HOTSPOT_PX, MIRROR_PX, OTHER_SHARE = 460, 0.003, 60, 1500, 0.10
RISE_LEAST, IMAGE_SHARE = 0.08, 0.3   # of full scale; of its peak
GRID = 40                       # spots of the mattress that are asked, a side
EDGE_POINTS = 24                # on each side of the mattress: a fisheye bends them
SHINY = ("window", "curtain", "lamp", "mirror")
Mask = NDArray[np.bool_]


def polygons(mask: Mask, least_px: int = 40) -> list[list[list[int]]]:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    out = []
    for contour in contours:
        if cv2.contourArea(contour) >= least_px:
            out.append([[int(x), int(y)] for x, y in cv2.approxPolyDP(contour, 1.0, True).reshape(-1, 2)])
    return out


def blobs_of(mask: Mask, least_px: int) -> tuple[Mask, list[tuple[Mask, list[int]]]]:
    """The parts of a mask of that size or more, together and one by one with their boxes."""
    count, table, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    keep = np.zeros(mask.shape, bool)
    found = []
    for index in range(1, count):
        if stats[index, cv2.CC_STAT_AREA] >= least_px:
            one = np.asarray(table == index)
            keep |= one
            found.append((one, [int(value) for value in stats[index, :4]]))
    return keep, found


def reflections(layers: Layers, day: Array, shine: Array, night: Array, bounce: Array, dark_scene: Mask) -> tuple[Bytes, dict[str, Any], list[dict[str, Any]]]:
    """Masks and words. `day`, `night`: luma of the pictures without noise, 0 to 1; `shine`, `bounce`: the same without the gloss, without the
    lamp's mirror image; `dark_scene`: pixels that a privacy mask or a text hides."""
    cls = layers.cls
    refl = np.zeros(cls.shape, np.uint8)
    listed: list[dict[str, Any]] = []
    names = {value: key for key, value in CLASSES.items()}
    shiny = np.isin(cls, [CLASSES[name] for name in SHINY])
    blown, by_gloss = day >= WHITE, (day - shine) > 0.08
    candidates = blown & (shiny | by_gloss)
    keep, found = blobs_of(candidates, BLOB_PX)
    for one, box in found:
        kinds, counts = np.unique(cls[one], return_counts=True)
        source = names[int(kinds[counts.argmax()])]
        listed.append({"frame": "day", "type": "glare", "severity": "blown", "source": source if source in SHINY else "specular",
                       "area_px": int(one.sum()), "bbox": box, "polys": polygons(one)})
    soft, found = blobs_of(by_gloss & ~blown & ~shiny & (layers.shine > 0), BLOB_PX)
    for one, box in found:
        kinds, counts = np.unique(cls[one], return_counts=True)
        listed.append({"frame": "day", "type": "glare", "severity": "soft", "source": names[int(kinds[counts.argmax()])], "area_px": int(one.sum()),
                       "bbox": box, "polys": polygons(one)})
    hot, found = blobs_of(_lamp_images(night**2.2 - bounce**2.2), HOTSPOT_PX)
    for one, box in found:
        at = np.argwhere(one).mean(axis=0)
        near = min(layers.bounces, key=lambda item: abs(item.px[0] - at[1]) + abs(item.px[1] - at[0]), default=None)
        listed.append({"frame": "night", "type": "ir_hotspot", "source": near.source if near else "other", "area_px": int(one.sum()), "bbox": box,
                       "polys": polygons(one)})
    mirror = cls == CLASSES["mirror"]
    shows = _shows(layers, mirror)
    if mirror.sum() >= 100:
        listed.append({"frame": "both", "type": "mirror_view" if shows["other_room"] >= OTHER_SHARE else "mirror", "source": "mirror",
                       "area_px": int(mirror.sum()), "shows": shows, "polys": polygons(mirror)})
    refl |= np.where(keep, BLOWN, 0).astype(np.uint8) | np.where(soft, SOFT, 0).astype(np.uint8) | np.where(hot, HOTSPOT, 0).astype(np.uint8)
    refl |= np.where(mirror, MIRROR, 0).astype(np.uint8)
    rim_day = (cv2.dilate(keep.astype(np.uint8), np.ones((5, 5))) > 0) & ~keep & (day >= 0.88)
    rim_night = (cv2.dilate(hot.astype(np.uint8), np.ones((5, 5))) > 0) & ~hot
    refl |= np.where((blown & ~keep) | rim_day | dark_scene, IGNORE_DAY, 0).astype(np.uint8)
    refl |= np.where(((night >= WHITE) & ~hot) | rim_night | dark_scene, IGNORE_NIGHT, 0).astype(np.uint8)
    refl[dark_scene] &= IGNORE_DAY | IGNORE_NIGHT
    area = int(((refl & BLOWN) > 0).sum())
    seen = int(((refl & MIRROR) > 0).sum())
    hot_px = int(((refl & HOTSPOT) > 0).sum())
    labels = {"glare": "positive" if area >= GLARE_SHARE * cls.size else "minor" if area or int(((blown & ~dark_scene)).sum()) > GLARE_SHARE * cls.size else "none",
              "ir_hotspot": "positive" if hot_px >= HOTSPOT_PX else "minor" if layers.bounces else "none",
              "mirror_present": "positive" if seen >= MIRROR_PX else "minor" if seen >= 100 else "none",
              "mirror_view": "none", "glare_soft": bool(soft.any())}
    if seen >= MIRROR_PX:
        labels["mirror_view"] = "positive" if shows["other_room"] >= OTHER_SHARE else "minor" if shows["other_room"] >= 0.04 else "none"
    elif seen >= 100 and shows["other_room"] >= 0.04:
        labels["mirror_view"] = "minor"
    return refl, labels, listed


def _lamp_images(rise: Array) -> Mask:
    """Where what the lamp's mirror image adds, in linear light that clips, reaches `IMAGE_SHARE` of the most that it adds there; the rest is its halo."""
    count, table = cv2.connectedComponents((rise > RISE_LEAST).astype(np.uint8))
    highest = np.zeros(count, np.float32)
    np.maximum.at(highest, np.asarray(table, np.intp).ravel(), rise.ravel().astype(np.float32))
    highest[0] = np.inf
    return np.asarray(rise >= IMAGE_SHARE * highest[table])


def _shows(layers: Layers, mirror: Mask) -> dict[str, float]:
    total = max(1, int(mirror.sum()))
    codes = (("same_visible", SAME_SEEN), ("same_unseen", SAME_UNSEEN), ("other_room", OTHER_ROOM), ("outside", OUTSIDE))
    return {name: round(float((layers.shows[mirror] == code).sum() / total), 3) for name, code in codes}


def _mattress(home: Home, pose: Pose) -> Polygon:
    """The outline of the mattress's upper side in the picture's plane, hidden and cut parts too: what a technician taps, and what has the known length."""
    top, share = home.bed[4:], np.linspace(0, 1, EDGE_POINTS, endpoint=False)[:, None]
    px, ahead = pose.project(np.concatenate([here + (there - here) * share for here, there in zip(top, np.roll(top, -1, axis=0), strict=True)]))
    whole = Polygon(px[ahead]) if int(ahead.sum()) >= 3 else Polygon()
    return whole if whole.is_valid else Polygon()


def bed_zone(home: Home, pose: Pose, layers: Layers) -> dict[str, Any]:
    """The mattress's outline; how much of its square metres is in the picture, and how much of all of them is seen; px_per_m across the view at its middle."""
    seen = layers.cls == CLASSES["bed"]
    out: dict[str, Any] = {"poly_amodal": [], "in_frame": 0.0, "visible": 0.0, "px_per_m": None, "status": "out",
                           "visible_polys": polygons(seen), "px_area": int(seen.sum())}
    whole = _mattress(home, pose)
    if whole.is_empty:
        return out
    head, side, _, foot = home.bed[4:]
    along, across = ((one.ravel() + 0.5)[:, None] / GRID for one in np.meshgrid(np.arange(GRID), np.arange(GRID)))
    spots, ahead = pose.project(head + (foot - head) * along + (side - head) * across)
    framed = ahead & (spots >= 0).all(axis=1) & (spots[:, 0] < pose.width_px) & (spots[:, 1] < pose.height_px)
    x, y = spots[framed].astype(int).T
    in_frame, unhidden = float(framed.mean()), float(seen[y, x].mean()) if framed.any() else 0.0
    middle, step = home.bed[4:].mean(axis=0), 0.05 * pose.axes[1]
    ends, good = pose.project(np.array([middle - step, middle + step]))
    out |= {"poly_amodal": np.array(whole.exterior.coords[:-1]).round(1).tolist(), "in_frame": round(in_frame, 3), "visible": round(in_frame * unhidden, 3)}
    if good.all():
        out["px_per_m"] = round(float(np.linalg.norm(ends[1] - ends[0])) / 0.1, 1)
    out["status"] = "out" if in_frame < 0.10 else "half" if in_frame < 0.75 else "occluded" if unhidden < 0.60 else "ok"
    return out


def zones(home: Home, pose: Pose, layers: Layers) -> dict[str, Any]:
    found: dict[str, Any] = {"bed": bed_zone(home, pose, layers)}
    for name in ("window", "door", "bathdoor", "frontdoor", "hall"):
        seen = layers.cls == CLASSES[name]
        if int(seen.sum()) >= 400:
            found[name] = {"px_area": int(seen.sum()), "visible_polys": polygons(seen)}
    return found
