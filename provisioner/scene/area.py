"""The monitoring area in the picture: is the bed whole, unhidden and large enough, and is what must not be seen out of sight.

Zones are outlines in pixels. That of the bed is of the whole mattress, with what is hidden or outside of the picture too, as four tapped corners or a plan
give it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.fault import Text
from provisioner.scene.findings import Finding, Outline, Severity
from provisioner.scene.hidden import hiding_strip
from provisioner.scene.limits import FrameLimits
from provisioner.scene.obstruction import Obstruction
from provisioner.scene.pictures import Picture
from provisioner.scene.tilt import GUESSES, Lens

Floats = npt.NDArray[np.float64]

MATTRESS_LONG_M = 2.0     # every bed sold in Sweden; 80 to 180 cm wide
MATTRESS_WIDE_M = (0.8, 0.9, 1.05, 1.2, 1.4, 1.6, 1.8)
IN_FRAME_OUT = 0.10       # less of it in the picture: it is not there
IN_FRAME_WHOLE = 0.75     # less: cut in half
UNHIDDEN_LEAST = 0.60     # of what is in the picture; less: something stands before it
DENSITIES = ((1500, "scrutinize"), (500, "validate"), (250, "characterize"), (125, "perceive"), (80, "discern"), (40, "outline"), (20, "overview"))
"""Classes of EN 62676-4:2025 and the pixels per metre from which they begin."""
_SAMPLES = 24             # along either side of the bed
_BED_ITSELF = 0.4         # of a near piece lies within the mattress's outline: then it is the bed, with its frame and headboard the rest


class BedStatus(StrEnum):
    """How the bed is seen."""

    OK = "ok"
    HALF = "half"           # cut by the picture's edge
    OUT = "out"
    OCCLUDED = "occluded"   # something stands before it


@dataclass(frozen=True, slots=True)
class BedView:
    """`in_frame`: share of the mattress within the picture, by its own area, not by pixels. `visible`: share that is seen. `px_per_m`: for something that
    stands across the line of sight at the bed's middle; None where it cannot be told. `certainty` 0 to 1, of `status`."""

    in_frame: float
    visible: float
    px_per_m: float | None
    status: BedStatus
    certainty: float


def density_class(px_per_m: float) -> str | None:
    """The class of EN 62676-4:2025, in English as the standard names it; None below the first."""
    return next((name for least, name in DENSITIES if px_per_m >= least), None)


def bed_view(outline: Outline, day: Picture | None, night: Picture | None, near: Obstruction | None = None, lens: Lens | None = None,
             long_m: float = MATTRESS_LONG_M) -> BedView:
    """How the bed with this outline is seen. `near`: what covers the picture. `lens`: as known; guessed for the pixel density otherwise.
    Raises `ValueError` without any picture, or for an outline of fewer than 3 corners."""
    picture = day or night
    if picture is None or len(outline) < 3:
        raise ValueError("a picture and an outline of 3 corners or more")
    corners = four_corners(outline)
    samples = _samples(outline, corners)
    x, y = samples.T
    inside = (x >= 0) & (x < picture.width_px) & (y >= 0) & (y < picture.height_px)
    shown = samples[inside]
    hidden = np.zeros(len(shown), np.bool_)
    if near is not None and len(shown):
        rows, columns = near.cells.shape
        at = (shown[:, 1] * rows / picture.height_px).astype(int), (shown[:, 0] * columns / picture.width_px).astype(int)
        hidden |= _before_it(near.cells, np.asarray(outline, np.float64) * (columns / picture.width_px))[at]
    if day is not None and len(shown) and float(np.mean(hidden)) < 1 - UNHIDDEN_LEAST:
        strip = hiding_strip(day, night if night is not None and night.luma.shape == day.luma.shape else None, np.asarray(outline, np.float64), samples)
        hidden |= strip.holds(shown) if strip is not None else False
    in_frame, open_share = float(np.mean(inside)), 1.0 - float(np.mean(hidden)) if len(shown) else 0.0
    status = BedStatus.OUT if in_frame < IN_FRAME_OUT else BedStatus.HALF if in_frame < IN_FRAME_WHOLE else \
        BedStatus.OCCLUDED if open_share < UNHIDDEN_LEAST else BedStatus.OK
    certainty = 0.95 if status in (BedStatus.OUT, BedStatus.HALF) else 0.9 if day is not None and night is not None else 0.6
    return BedView(in_frame, in_frame * open_share, None if corners is None else _density(corners, picture, lens, long_m), status, certainty)


def _before_it(near: npt.NDArray[np.bool_], outline: Floats) -> npt.NDArray[np.bool_]:
    """Those pieces of what is near that are not the near end of the bed itself. `outline` in cells."""
    bed = np.zeros(near.shape, np.uint8)
    cv2.fillPoly(bed, [np.round(outline).astype(np.int32)], (1,))
    _, numbers = cv2.connectedComponents(near.astype(np.uint8))
    counts = np.bincount(numbers[near], minlength=1)
    on_bed = np.bincount(numbers[near & (bed > 0)], minlength=len(counts))
    return np.asarray(near & (on_bed < _BED_ITSELF * np.maximum(counts, 1))[numbers], np.bool_)


def judge_bed(view: BedView, outline: Outline, limits: FrameLimits) -> tuple[Finding, ...]:
    """What to do about the bed."""
    found = []
    if view.status is not BedStatus.OK:
        value, limit = {BedStatus.OUT: (view.in_frame, IN_FRAME_OUT), BedStatus.HALF: (view.in_frame, IN_FRAME_WHOLE)}.get(
            view.status, (view.visible / max(view.in_frame, 1e-6), UNHIDDEN_LEAST))
        found.append(Finding(f"bed_{view.status}", Severity.ACT, _BED_TEXTS[view.status], view.certainty, outline, round(value, 3), limit, "share of the bed"))
    if view.px_per_m is not None and view.status is not BedStatus.OUT and view.px_per_m < limits.px_per_m_least:
        text = Text(f"Sängen är liten i bilden ({round(view.px_per_m)} bildpunkter per meter). Flytta kameran närmare eller zooma in.",
                    f"The bed is small in the picture ({round(view.px_per_m)} pixels per metre). Move the camera closer or zoom in.")
        found.append(Finding("bed_small", Severity.ACT, text, 0.8, outline, round(view.px_per_m, 1), limits.px_per_m_least, "px/m"))
    return tuple(found)


_BED_TEXTS = {
    BedStatus.OUT: Text("Sängen syns inte i bilden. Rikta kameran mot sängen och ta en ny bild.",
                        "The bed is not in the picture. Aim the camera at the bed and take another picture."),
    BedStatus.HALF: Text("Sängen syns bara till en del. Vrid kameran så att hela sängen ryms, och ta en ny bild.",
                         "Only a part of the bed is in the picture. Turn the camera until the whole bed fits, and take another picture."),
    BedStatus.OCCLUDED: Text("Något skymmer sängen. Ta bort det som står i vägen eller flytta kameran, och ta en ny bild.",
                             "Something hides the bed. Take away what stands in front of it or move the camera, and take another picture."),
}


def judge_forbidden(name: Text, outline: Outline, picture: Picture, coverage: float | None) -> tuple[Finding, ...]:
    """What to do about a zone that must not be seen. `name` as a person says it: "badrumsdörren", "the bathroom door". `coverage`: by a privacy mask;
    None where it could not be told, which is not taken for covered."""
    corners = np.asarray(outline, np.float64)
    clipped = inside_picture(corners, picture)
    share = 0.0 if clipped is None else float(cv2.contourArea(clipped)) / (picture.width_px * picture.height_px)
    if share == 0.0 or (coverage is not None and coverage >= COVERED_LEAST):
        return ()
    if coverage is None:
        text = Text(f"Det går inte att se om {name.sv} är maskad. Ta en bild till med släckt lampa, eller titta själv.",
                    f"Whether {name.en} is masked cannot be seen. Take one more picture with the lamp off, or look yourself.")
        return (Finding("mask_unknown", Severity.LOOK, text, 0.5, outline),)
    text = Text(f"{name.sv.capitalize()} syns i bilden. Vrid bort kameran, eller rita masken så att den täcker hela ytan, och ta en ny bild.",
                f"{name.en.capitalize()} is in the picture. Turn the camera away, or draw the mask so that it covers all of it, and take another picture.")
    return (Finding("forbidden_seen", Severity.ACT, text, 0.9, outline, round(coverage, 3), COVERED_LEAST, "share of the zone that is masked"),)


COVERED_LEAST = 0.97      # of a forbidden zone: masks end on a grid of 16 pixels in many cameras, and one column of it may stay open


def inside_picture(corners: Floats, picture: Picture) -> npt.NDArray[np.float32] | None:
    """The part of a convex outline (N, 2) within the picture; None where there is none. A hollow outline is taken with its hollows filled."""
    frame = np.array([[0, 0], [picture.width_px, 0], [picture.width_px, picture.height_px], [0, picture.height_px]], np.float32)
    area, clipped = cv2.intersectConvexConvex(cv2.convexHull(corners.astype(np.float32)), frame)
    return np.asarray(clipped, np.float32) if area > 0 and clipped is not None else None


def four_corners(outline: Outline) -> Floats | None:
    """The corners of a four-sided shape, whose sides may be drawn with many points and bend as in a wide lens; None for another shape."""
    points = np.asarray(outline, np.float32).reshape(-1, 1, 2)
    around = cv2.arcLength(points, True)
    for share in np.arange(0.004, 0.08, 0.004):
        found = cv2.approxPolyDP(points, share * around, True).reshape(-1, 2)
        if len(found) <= 4:
            return np.asarray(found, np.float64) if len(found) == 4 else None
    return None


def _samples(outline: Outline, corners: Floats | None) -> Floats:
    """Points spread evenly over the mattress itself, or over the pixels where its corners are not known."""
    middle = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    unit = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 1, 2).astype(np.float32)
    if corners is not None and cv2.isContourConvex(corners.astype(np.float32)):
        to_picture = cv2.getPerspectiveTransform(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32), corners.astype(np.float32))
        return np.asarray(cv2.perspectiveTransform(unit, to_picture), np.float64).reshape(-1, 2)
    points = np.asarray(outline, np.float64)
    spread = points.min(axis=0) + unit.reshape(-1, 2) * np.ptp(points, axis=0)
    kept = [point for point in spread if cv2.pointPolygonTest(points.astype(np.float32), (float(point[0]), float(point[1])), False) >= 0]
    return np.asarray(kept or [points.mean(axis=0)], np.float64)


def _density(corners: Floats, picture: Picture, lens: Lens | None, long_m: float) -> float | None:
    """Pixels per metre across the line of sight at the middle of a rectangle whose long side is known.

    The corners of a rectangle add up crosswise, so their four distances follow from their directions alone: s0 r0 + s2 r2 = s1 r1 + s3 r3. Without a
    known lens that one is taken which makes the rectangle's angles rightest.
    """
    found = [_placed(corners, picture, one) for one in ((lens,) if lens else GUESSES)]
    known = [(one, other) for one, other in zip(found, (lens,) if lens else GUESSES, strict=True) if one is not None and other is not None]
    if not known:
        return None
    points, chosen = min(known, key=lambda one: _askew(one[0]))
    sides = [np.linalg.norm(after - before) for before, after in pairwise([*points, points[0]])]
    points = points * (2 * long_m / max(sides[0] + sides[2], sides[1] + sides[3]))
    middle = points.mean(axis=0)
    step = np.array([0.005, 0.0, 0.0])
    ends = chosen.pixels(np.stack([middle - step, middle + step]), picture.width_px, picture.height_px)
    return float(np.linalg.norm(ends[1] - ends[0]) / 0.01)


def _placed(corners: Floats, picture: Picture, lens: Lens) -> Floats | None:
    """The corners in space (4, 3), up to a factor; None where they cannot be those of a rectangle before the camera."""
    rays = lens.rays(corners, picture.width_px, picture.height_px)
    signs = np.array([1.0, -1.0, 1.0, -1.0])
    distances = np.linalg.svd((rays * signs[:, None]).T)[2][3]
    distances = distances * np.sign(distances[0])
    return rays * distances[:, None] if np.all(distances > 1e-6) else None


def _askew(points: Floats) -> float:
    """Cosine of the angle at a corner of a parallelogram."""
    one, other = points[1] - points[0], points[3] - points[0]
    return abs(float(one @ other)) / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-12)


def covered_zones(zones: Sequence[tuple[Text, Outline, float | None]], picture: Picture) -> tuple[Finding, ...]:
    """`judge_forbidden` for several."""
    return tuple(finding for name, outline, coverage in zones for finding in judge_forbidden(name, outline, picture, coverage))
