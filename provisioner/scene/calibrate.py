"""From a mattress in the picture to metres: how many pixels a metre has at the bed, and where the camera hangs and how wide it sees. Pure.

A mattress is the one thing in a bedroom whose size everybody knows. Two tapped points of known distance give the pixel density of EN 62676-4 at the bed;
its four corners give the camera's pose, and with a guess at the lens its field of view.
"""

from dataclasses import dataclass, replace
from math import hypot

import cv2
import numpy as np
import numpy.typing as npt
from shapely import Point, Polygon

from provisioner.fault import Text
from provisioner.scene.findings import Outline
from provisioner.scene.floorplan import FloorPlan
from provisioner.scene.optics import CameraPose, CameraSpot, Projection, Unusable, Vector, focal_of

MATTRESS_WIDTHS_M = (0.80, 0.90, 1.05, 1.20, 1.40, 1.60, 1.80)
MATTRESS_LENGTH_M = 2.00
MATTRESS_TOP_M = 0.55      # the upper side of a made bed above the floor: 45 to 65 cm
CLASSES = ((1500, "scrutinise"), (500, "validate"), (250, "characterise"), (125, "perceive"), (80, "discern"), (40, "outline"), (20, "overview"))
"""EN 62676-4:2025, pixels per metre at least for each."""
_CLASS_SV = {"scrutinise": "granska", "validate": "styrka", "characterise": "beskriva", "perceive": "uppfatta", "discern": "urskilja", "outline": "ana konturer",
             "overview": "överblicka", "none": "för grovt"}
HFOV_TRIED_DEG = np.arange(40.0, 141.0, 2.5)
HEIGHT_OFF_MOST_M = 0.3    # between a height measured with a tape and the one worked out
SPOT_OFF_MOST_M = 0.8      # between a spot shown on a plan with a thumb and the one worked out
SLIP_PX = 6.0              # a finger's slip at a corner, in a picture 1280 wide: a pose that misses the taps by more is told as doubtful

NO_SPOT = CameraSpot()

Floats = npt.NDArray[np.float64]


def en_class(px_per_m: float) -> str:
    """The class of EN 62676-4:2025 that a pixel density reaches; `none` under 20 px/m."""
    return next((name for least, name in CLASSES if px_per_m >= least), "none")


def class_text(name: str) -> Text:
    """The class for people."""
    return Text(_CLASS_SV[name], "too coarse" if name == "none" else name)


def density(a: tuple[float, float], b: tuple[float, float], length_m: float) -> float:
    """Pixels per metre between two tapped points that are `length_m` apart. Raises `Unusable`."""
    if not 0.2 <= length_m <= 5:
        raise Unusable(f"Måttet {length_m:g} m är orimligt för en säng.", f"The length {length_m:g} m is absurd for a bed.")
    px = hypot(a[0] - b[0], a[1] - b[1])
    if px < 5:
        raise Unusable("De två punkterna ligger på varandra. Tryck på två hörn av madrassen.", "The two points are on one another. Tap two corners of the mattress.")
    return px / length_m


@dataclass(frozen=True, slots=True)
class Calibration:
    """`camera` in the mattress's own room: its corners tapped first at the origin, along x its short side, the floor at z 0. `error_px`: the mean distance of
    the tapped corners from where this pose would draw them. `is_sure`: within a finger's slip. `px_per_m`: at the middle of the mattress."""

    camera: CameraPose
    hfov_deg: float
    error_px: float
    is_sure: bool
    px_per_m: float


def calibrate(corners_px: Outline, width_m: float, width_px: int, height_px: int, projection: Projection = "rectilinear", hfov_deg: float | None = None,
              top_m: float = MATTRESS_TOP_M) -> Calibration:
    """The pose from four tapped corners: along the short side first (two at the head, or two at the foot), then round. With `hfov_deg` the lens is known; else
    every one that makes sense is tried, and the one that meets the taps best is taken. Raises `Unusable` for a mattress that there is not, or taps in a line.
    """
    if len(corners_px) != 4:
        raise Unusable(f"Tryck på madrassens fyra hörn; {len(corners_px)} är angivna.", f"Tap the four corners of the mattress; {len(corners_px)} are given.")
    if not any(abs(width_m - known) < 0.026 for known in MATTRESS_WIDTHS_M):
        known = ", ".join(f"{round(one * 100)}" for one in MATTRESS_WIDTHS_M)
        raise Unusable(f"Madrassens bredd ska vara en av {known} cm.", f"The mattress's width must be one of {known} cm.")
    taps = np.asarray(corners_px, np.float64)
    if abs(float(cv2.contourArea(taps.astype(np.float32)))) < 400:
        raise Unusable("De fyra hörnen ligger nästan på en linje. Tryck på dem i ordning, runt madrassen.",
                       "The four corners are nearly in a line. Tap them in order, round the mattress.")
    corners = np.asarray([[0, 0, 0], [width_m, 0, 0], [width_m, MATTRESS_LENGTH_M, 0], [0, MATTRESS_LENGTH_M, 0]], np.float64)
    tried = [hfov_deg] if hfov_deg is not None else list(HFOV_TRIED_DEG)
    found = [one for degrees in tried for turned in (corners, corners[[1, 0, 3, 2]])
             if (one := _posed(taps, turned, float(degrees), width_px, height_px, projection, top_m)) is not None]
    if not found:
        raise Unusable("Kamerans läge går inte att räkna ut ur hörnen. Tryck på dem igen, i ordning.",
                       "The camera's place cannot be worked out from the corners. Tap them again, in order.")
    return min(found, key=lambda one: one.error_px)


def in_plan(corners_px: Outline, plan: FloorPlan, width_px: int, height_px: int, spot: CameraSpot = NO_SPOT,
            height_m: float | None = None) -> Calibration:
    """The camera's pose in the plan's own metres, from the bed's four corners in the picture, in order, and the bed of the plan. Which corner is which is
    found by trying: the camera hangs in the room, at `height_m` where that was measured, near `spot` where somebody showed it on the plan.

    `is_sure` is False where the taps are off by more than a finger's slip, or where two places in the room explain them alike (a bed has two ends, and
    from above they look the same): then somebody has to show where the camera hangs. Raises `Unusable`.
    """
    if len(plan.bed) != 4:
        raise Unusable("Planens säng ska ha fyra hörn för att kamerans läge ska kunna räknas ut.",
                       "The plan's bed needs four corners for the camera's place to be worked out.")
    if len(corners_px) != 4:
        raise Unusable(f"Tryck på sängens fyra hörn; {len(corners_px)} är angivna.", f"Tap the four corners of the bed; {len(corners_px)} are given.")
    taps, bed = np.asarray(corners_px, np.float64), np.asarray([[*corner, 0.0] for corner in plan.bed], np.float64)
    room = Polygon(plan.room).buffer(0.05)
    found = []
    for projection in (spot.projection,) if spot.projection is not None else ("rectilinear", "fisheye"):
        for degrees in (spot.hfov_deg,) if spot.hfov_deg is not None else HFOV_TRIED_DEG:
            for corners in (*(np.roll(bed, turn, axis=0) for turn in range(4)), *(np.roll(bed[::-1], turn, axis=0) for turn in range(4))):
                one = _posed(taps, corners, float(degrees), width_px, height_px, projection, MATTRESS_TOP_M)
                if one is not None and room.contains(Point(one.camera.position_m[:2])) and one.camera.position_m[2] <= plan.height_m + 0.1:
                    found.append(one)
    found = [one for one in found if one.error_px <= 4 * SLIP_PX * width_px / 1280]  # further off, it is another bed
    if height_m is not None:
        found = [one for one in found if abs(one.camera.position_m[2] - height_m) <= HEIGHT_OFF_MOST_M]
    if spot.position_m is not None:
        found = [one for one in found if _apart_m(one.camera.position_m, spot.position_m) <= SPOT_OFF_MOST_M]
    if not found:
        raise Unusable("Kamerans läge går inte att räkna ut ur sängens hörn. Kontrollera sängen i planen, tryck på hörnen igen, eller ange var kameran sitter.",
                       "The camera's place cannot be worked out from the bed's corners. Check the plan's bed, tap the corners again, or say where the camera hangs.")
    best = min(found, key=lambda one: one.error_px)
    rivals = [one for one in found if one.error_px <= 2 * best.error_px + 1 and _apart_m(one.camera.position_m, best.camera.position_m) > SPOT_OFF_MOST_M]
    return replace(best, is_sure=best.is_sure and not rivals)


def _apart_m(one: Vector, other: Vector) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


def _posed(taps: Floats, corners: Floats, hfov_deg: float, width_px: int, height_px: int, projection: Projection, top_m: float) -> Calibration | None:
    """One lens tried. The taps are first turned into directions, so that every lens is the same pinhole to the solver."""
    focal = focal_of(hfov_deg, width_px, projection)
    probe = CameraPose((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), projection, focal, width_px, height_px)
    rays = probe.rays(taps)
    if not np.isfinite(rays).all() or (rays[:, 2] < 0.05).any():
        return None
    flat = rays[:, :2] / rays[:, 2:]
    done, turn, shift = cv2.solvePnP(corners, flat, np.eye(3), None, flags=cv2.SOLVEPNP_IPPE)
    if not done:
        return None
    axes = np.asarray(cv2.Rodrigues(turn)[0], np.float64)
    place = (-axes.T @ np.asarray(shift, np.float64)).ravel()
    if place[2] < 0:  # from below: the mattress lies the other way up
        return None
    camera = CameraPose((float(place[0]), float(place[1]), float(place[2] + top_m)), _vector(axes[2]), _vector(axes[0]), _vector(-axes[1]), projection, focal,
                        width_px, height_px)
    if not 0.8 <= camera.position_m[2] <= 4.5:
        return None
    on_top = corners + np.asarray([0.0, 0.0, top_m])
    drawn, ahead = camera.project(on_top)
    if not ahead.all():
        return None
    error_px = float(np.hypot(*(drawn - taps).T).mean())
    return Calibration(camera, hfov_deg, round(error_px, 2), error_px <= SLIP_PX * width_px / 1280, round(density_at(camera, on_top.mean(axis=0)), 1))


def density_at(camera: CameraPose, point_m: npt.ArrayLike) -> float:
    """Pixels per metre of something that stands at `point_m` and faces the camera: how EN 62676-4 counts."""
    point = np.asarray(point_m, np.float64)
    sight = point - np.asarray(camera.position_m)
    across = np.cross(sight, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    px, _ = camera.project(np.stack([point - across / 20, point + across / 20]))
    return float(np.hypot(*(px[1] - px[0]))) * 10


def _vector(array: Floats) -> tuple[float, float, float]:
    return float(array[0]), float(array[1]), float(array[2])
