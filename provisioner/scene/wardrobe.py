"""The doors of a mirrored wardrobe, where the lamp's image is in one of them: upright edges in a row, about as far apart as one another."""

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.own_light import Mask
from provisioner.scene.pictures import Frame

DAY_BLUR, NIGHT_BLUR = 1.0, 1.5              # sigma, pixels of 640: against coding noise by day, against the sensor's at night
DAY_EDGES = ((20, 50), (40, 100))             # Canny's two limits: the faint pair sees frames on pale walls, the strong one sees past wallpaper
NIGHT_EDGES = ((10, 25), (20, 50))            # half the contrast: one lamp from the front throws no shadows

_NEXT_DOOR = (0.7, 1.4)   # of the width of the door before: those of one wardrobe are equal, and the lens changes that from one to the next by a quarter
_POST = 0.2               # of a door's width
_FRAME_LEAST = 0.55       # of the longest upright edge: frames go from floor to top, and what the doors mirror is farther away and shorter
_UPRIGHT = 40             # pixels of 640 that an upright edge is long at least
_LEANS = np.linspace(-1 / 3, 1 / 3, 21)   # across by down: what a wide lens makes of the upright


def row_of_doors(spot: tuple[float, float], light: Frame | None, night: Frame,
                  unit: float) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] | None:
    """The door of a wardrobe that a spot is in, and all its doors together, from their upright edges. None where there are none on both sides."""
    edges: Mask = np.zeros(night.shape, np.uint8)
    for frame, sigma, limits in ((night, NIGHT_BLUR, NIGHT_EDGES[0]), (light, DAY_BLUR, DAY_EDGES[0])):
        if frame is not None:
            across, along = cv2.spatialGradient(cv2.GaussianBlur(frame, (0, 0), sigma * unit), borderType=cv2.BORDER_REPLICATE)
            edges |= np.where(np.abs(across) > np.abs(along), np.asarray(cv2.Canny(across, along, *limits), np.uint8), np.uint8(0))  # the upright ones
    at = _uprights(edges, round(spot[1]), unit)
    longest = max((y1 - y0 for _, _, y0, _, y1 in at), default=0.0)
    at = [line for line in at if line[4] - line[2] >= _FRAME_LEAST * longest]
    left = [line for line in at if line[0] < spot[0] - 3 * unit]
    right = [line for line in at if line[0] > spot[0] + 3 * unit]
    if not left or not right:
        return None
    chosen = [left[-1], right[0]]
    for aside, sign in ((left[::-1], -1), (right, 1)):
        edge, width = aside[0], right[0][0] - left[-1][0]
        for line in aside[1:]:
            gap = sign * (line[0] - edge[0])
            if gap > _NEXT_DOOR[1] * width:
                break
            if gap < _POST * width or gap >= _NEXT_DOOR[0] * width:  # the other edge of this frame, or the next door
                edge, width = line, gap if gap >= _NEXT_DOOR[0] * width else width
                chosen.append(line)
    one, row = (np.array([(x, y) for _, x0, y0, x1, y1 in sides for x, y in ((x0, y0), (x1, y1))], np.float32) for sides in (chosen[:2], chosen))
    return np.asarray(cv2.convexHull(one)[:, 0, :], np.int32), np.asarray(cv2.convexHull(row)[:, 0, :], np.int32)


def _uprights(edges: Mask, row: int, unit: float) -> list[tuple[float, float, float, float, float]]:
    """Upright edges that cross a row of the picture or begin a little under it, from left to right: where they cross it, and their two ends (x, y, x, y)."""
    above, gap = round(25 * unit), 7 * unit
    ys, xs = np.nonzero(edges)
    width = edges.shape[1]
    near = (ys >= row - above) & (ys < row + 4 * above)
    counts = np.stack([np.bincount(np.clip(np.rint(xs[near] - lean * (ys[near] - row)).astype(np.intp), 0, width - 1), minlength=width) for lean in _LEANS])
    counts = counts[:, :-1] + counts[:, 1:]  # a line between two columns
    highest = counts.max(axis=0)
    found: list[tuple[float, float, float, float, float]] = []
    for column in np.flatnonzero((highest >= _UPRIGHT * unit) & (highest == cv2.dilate(highest.astype(np.float32).reshape(1, -1), np.ones((1, 5), np.uint8)).ravel())):
        lean = float(_LEANS[int(counts[:, column].argmax())])
        along = np.unique(ys[np.abs(xs - lean * (ys - row) - column - 0.5) <= 1.5])
        breaks = np.flatnonzero(np.diff(along) > gap) + 1
        piece = max((one for one in np.split(along, breaks) if one[0] - above <= row <= one[-1]), key=len, default=along[:0])
        if len(piece) >= _UPRIGHT * unit and (not found or column - found[-1][0] > 2):
            low, high = float(piece[0]), float(piece[-1])
            found.append((float(column), float(column + lean * (low - row)), low, float(column + lean * (high - row)), high))
    return found
