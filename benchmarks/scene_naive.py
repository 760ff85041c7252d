"""What one writes in an hour: thresholds on one frame. The check is held against it; it imports nothing of ours.

Each class by its best-known recipe: overexposure by brightness, focus by the variance of the Laplacian, tilt by the mean angle of upright lines, obstruction
by one large dark patch, mirrors by bright or dark rectangles.
"""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

BLOWN_LUMA = 250
GLARE_SHARE, GLARE_BLOB_PX = 0.003, 460
HOTSPOT_PX = (60, 7000)
FOCUS_LEAST = 100.0        # variance of the Laplacian: the number in every tutorial
DARK_LUMA = 55.0
TILT_MOST_DEG = 7.0
DULL_LUMA, DULL_SHARE = 90, 0.18
MIRROR_PX = (1500, 120_000)


@dataclass
class Guess:
    """Flags and pixels (bits 1 glare, 4 hot-spot, 8 mirror) of one item."""

    flags: dict[str, bool] = field(default_factory=dict)
    refl: Image = field(default_factory=lambda: np.zeros((0, 0), np.uint8))


def guess(day: Image, night: Image) -> Guess:
    """All classes of a day and a night frame (BGR)."""
    by_day, by_night = cv2.cvtColor(day, cv2.COLOR_BGR2GRAY), cv2.cvtColor(night, cv2.COLOR_BGR2GRAY)
    glare = _blobs(by_day >= BLOWN_LUMA, GLARE_BLOB_PX, by_day.size)
    spots = _blobs(by_night >= BLOWN_LUMA, *HOTSPOT_PX)
    mirrors = _rectangles(by_day)
    return Guess({
        "glare": float(glare.mean()) >= GLARE_SHARE, "ir_hotspot": bool(spots.any()), "mirror_present": bool(mirrors.any()), "mirror_view": bool(mirrors.any()),
        "unsharp_day": _focus(by_day) < FOCUS_LEAST, "unsharp_night": _focus(by_night) < FOCUS_LEAST, "smeared": False,
        "dark_day": float(by_day.mean()) < DARK_LUMA, "dark_night": float(by_night.mean()) < DARK_LUMA,
        "tilted": abs(_lean_deg(by_day)) > TILT_MOST_DEG, "obstructed": _dull(by_day) > DULL_SHARE,
    }, np.asarray(glare * 1 + spots * 4 + mirrors * 8, np.uint8))


def _blobs(is_so: Any, least_px: int, most_px: int) -> Any:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(is_so, np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[1:] = (stats[1:, cv2.CC_STAT_AREA] >= least_px) & (stats[1:, cv2.CC_STAT_AREA] <= most_px)
    return kept[labels]


def _focus(luma: Any) -> float:
    return float(cv2.Laplacian(luma, cv2.CV_64F).var())


def _lean_deg(luma: Any) -> float:
    lines = cv2.HoughLinesP(cv2.Canny(luma, 60, 160), 1, np.pi / 360, 80, minLineLength=80, maxLineGap=6)
    if lines is None:
        return 0.0
    x0, y0, x1, y1 = lines.reshape(-1, 4).astype(float).T
    lean = (np.degrees(np.arctan2(x1 - x0, y1 - y0)) + 90) % 180 - 90
    upright = np.abs(lean) < 30
    return float(lean[upright].mean()) if upright.any() else 0.0


def _dull(luma: Any) -> float:
    """Share of the largest dark patch."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(cv2.blur(luma, (31, 31)) < DULL_LUMA, np.uint8))
    return float(stats[1:, cv2.CC_STAT_AREA].max()) / luma.size if count > 1 else 0.0


def _rectangles(luma: Any) -> Any:
    found: Image = np.zeros(luma.shape, np.uint8)
    edges = cv2.dilate(cv2.Canny(luma, 50, 150), np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        corners = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)
        if len(corners) == 4 and cv2.isContourConvex(corners) and MIRROR_PX[0] <= cv2.contourArea(corners) <= MIRROR_PX[1]:
            cv2.fillPoly(found, [corners], (1,))
    return found > 0
