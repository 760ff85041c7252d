"""How far a camera hangs askew, by the vanishing point of all that stands upright in the room.

In a wide lens upright things lean at the sides without any tilt, and in a fisheye they bend: the mean angle of lines says nothing. But each short piece
of a straight edge spans a plane with the eye, and the planes of all upright edges share one direction, the room's vertical. That direction is searched
as seen by the camera, which looks down by 5 to 60 degrees; its lean to the side is the tilt. Boards, stripes and shadows have directions of their own,
which no two of them share with the vertical.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.fault import Text
from provisioner.scene.findings import Finding, Severity
from provisioner.scene.limits import FrameLimits
from provisioner.scene.pictures import Picture

Floats = npt.NDArray[np.float64]

WIDTHS_PX = (320, 640)    # lines are searched at this width: noise and texture have gone, doors and wardrobes have not; then at the next
_SURE, _SURE_TOLD = 1.0, 0.9   # certainty with which no further picture is asked; where the camera's place is known, chance finds less
_ENOUGH = 0.8             # certainty with which finer lines, at four times the time, are not asked
LINES_MOST = 150          # the longest; the rest adds time only
SEARCHED_MOST = 80        # of these the longest, for the search over the grid; all of them refine what it finds
ROLL_MOST_DEG = 32        # beyond it a camera is not askew but on its side, which a person sees
DOWN_DEG = (-4, 59)       # so far down cameras for rooms look
_STEP_DEG = 3.0           # of the search, in that direction
_PART_MOST = 330          # directions that are searched at once
_BEYOND_DEG = 1.0         # what is refined to more than this beyond the searched angles is the direction of something else
_TOLD_WITHIN_DEG = 8      # where it is known how far down this one looks: of a tape's and a thumb's measure
_LINE_LEAST = 1 / 64       # of the width, 5 pixels of 320: shorter pieces have directions of whole pixels
_LINE_MOST_DEG = 25.0     # a line counts by its length, up to this: one long shadow is not worth three doors
_COARSE_DEG = 1.2         # within which a plane holds the direction, in the search
_FINE_DEG = (1.5, 0.8, 0.5, 0.5)   # and in each round of refining it
_SUPPORT_LEAST_DEG = 50.0  # of lines within a degree of the vertical: a door; with less nothing is said
_SUPPORT_GUESSED_DEG = 70.0  # the same where the lens is guessed too: six guesses find six times as much by chance
_SUPPORT_ASKEW_DEG = 90.0    # and to be believed askew: stripes and folds agree on some direction by chance, and few cameras hang so
_ASKEW_DEG = 7.0
_SUPPORT_SURE_DEG = 120.0  # two doors and a wardrobe

_RIVAL = 0.8              # of the best lens's support: then another lens explains the picture as well,
_RIVALS_APART_DEG = 5.0   # and where they differ by more than this, the picture does not tell the tilt


@dataclass(frozen=True, slots=True)
class Lens:
    """How directions become pixels: `rectilinear` (r = f tan a) or `fisheye` (equisolid, r = 2 f sin(a / 2)), about the picture's middle. `focal_px` is
    for pictures `width_px` wide."""

    projection: Literal["rectilinear", "fisheye"]
    focal_px: float
    width_px: int = 1280

    @classmethod
    def of_width(cls, projection: Literal["rectilinear", "fisheye"], across_deg: float) -> "Lens":
        """A lens that sees so much from side to side."""
        half = np.radians(across_deg / 2)
        return cls(projection, float(640 / (np.tan(half) if projection == "rectilinear" else 2 * np.sin(half / 2))))

    def rays(self, points: Floats, width_px: int, height_px: int) -> Floats:
        """Unit vectors (N, 3), right, up and forward, of pixels (N, 2) in a picture of this size."""
        focal = self.focal_px * width_px / self.width_px
        x, y = points[:, 0] - width_px / 2, height_px / 2 - points[:, 1]
        if self.projection == "rectilinear":
            rays = np.stack([x, y, np.full(len(x), focal)], axis=1)
        else:
            radius = np.hypot(x, y)
            angle = 2 * np.arcsin(np.clip(radius / (2 * focal), 0.0, 0.99))
            side = np.sin(angle) / np.maximum(radius, 1e-9)
            rays = np.stack([x * side, y * side, np.cos(angle)], axis=1)
        return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float64)

    def pixels(self, points: Floats, width_px: int, height_px: int) -> Floats:
        """Pixels (N, 2) of points (N, 3) before the camera: right, up, forward."""
        focal = self.focal_px * width_px / self.width_px
        aside = np.hypot(points[:, 0], points[:, 1])
        angle = np.arctan2(aside, points[:, 2])
        radius = focal * (np.tan(np.minimum(angle, 1.55)) if self.projection == "rectilinear" else 2 * np.sin(angle / 2))
        scale = radius / np.maximum(aside, 1e-9)
        return np.stack([width_px / 2 + points[:, 0] * scale, height_px / 2 - points[:, 1] * scale], axis=1)


GUESSES = tuple(Lens.of_width(projection, across) for projection in ("rectilinear", "fisheye") for across in (92.0, 99.0, 106.0))
"""Tried where nothing is known of the lens: what cameras for rooms have. The tilt hardly depends on it, the downward angle does."""


@dataclass(frozen=True, slots=True)
class Tilt:
    """`tilt_deg`: by how much the room leans to the right; the camera has been turned anticlockwise as seen from behind it. `down_deg`: how far it looks
    down, by the lens that fits best. `certainty`: 0 to 1."""

    tilt_deg: float
    down_deg: float
    certainty: float


def tilt(pictures: Sequence[Picture], lens: Lens | None = None, hidden: npt.NDArray[np.bool_] | None = None, down_deg: float | None = None,
         uprights: Floats | None = None) -> Tilt | None:
    """The tilt from pictures of one fixed camera; None where too little stands upright in all of them together. The next one is asked only where the
    ones before it do not make it sure, and finer lines only where all of them do not.

    `lens`: as the device profile or a calibration knows it. `hidden`: coarse map of what is something near and no room, of any size.
    `down_deg`: how far down the camera looks, where its place is known: stripes and folds that agree on another direction are then none of upright things.
    `uprights`: straight upright edges (N, 4) of all the pictures together, as fractions of the width, where they are known already: enough in two rooms of
    three, and then nothing more is searched for.
    """
    found: Tilt | None = None
    sure = _SURE if down_deg is None else _SURE_TOLD
    within = DOWN_DEG if down_deg is None else (round(down_deg) - _TOLD_WITHIN_DEG, round(down_deg) + _TOLD_WITHIN_DEG)
    if uprights is not None and pictures:
        high = pictures[0].height_px / pictures[0].width_px
        lines = _unhidden(uprights, high, hidden)
        found = _tilt(lines, np.full(len(lines), high), (lens,) if lens else GUESSES, within) if len(lines) else None
        if found is not None and found.certainty >= sure:
            return found
    for width_px in WIDTHS_PX:
        lines, heights = np.zeros((0, 4)), np.zeros(0)
        for picture in pictures:
            more = _lines(picture, width_px, hidden)
            lines = np.concatenate([lines, more])
            heights = np.concatenate([heights, np.full(len(more), picture.height_px / picture.width_px)])
            found = _tilt(lines, heights, (lens,) if lens else GUESSES, within) if len(lines) else None
            if found is not None and found.certainty >= sure:
                return found
        if found is not None and found.certainty >= _ENOUGH:
            break
    return found


def _tilt(lines: Floats, heights: Floats, lenses: Sequence[Lens], within_deg: tuple[int, int]) -> Tilt | None:
    directions, held = _verticals(lines, heights, lenses, within_deg)
    down_deg = -np.degrees(np.arcsin(np.clip(directions[:, 2], -1.0, 1.0)))
    held = np.where((down_deg >= within_deg[0] - _BEYOND_DEG) & (down_deg <= within_deg[1] + _BEYOND_DEG), held, 0.0)
    best = int(held.argmax())
    support = float(held[best])
    rivals = [_lean_deg(other) for other in directions[held >= _RIVAL * support]]
    least = _SUPPORT_ASKEW_DEG if abs(_lean_deg(directions[best])) > _ASKEW_DEG else _SUPPORT_LEAST_DEG if len(lenses) == 1 else _SUPPORT_GUESSED_DEG
    if support < least or max(rivals) - min(rivals) > _RIVALS_APART_DEG:
        return None
    return Tilt(_lean_deg(directions[best]), float(down_deg[best]), float(min(1.0, support / _SUPPORT_SURE_DEG)))


def _lean_deg(direction: Floats) -> float:
    return float(np.degrees(np.arctan2(direction[0], direction[1])))


def judge(found: Tilt | None, limits: FrameLimits) -> tuple[Finding, ...]:
    """What to do about it."""
    if found is None:
        return (Finding("tilt_unknown", Severity.NOTE, Text("Det syns för få lodräta linjer för att mäta lutningen. Kontrollera den med vattenpass.",
                                                            "Too few upright lines are seen to measure the tilt. Check it with a spirit level.")),)
    if abs(found.tilt_deg) <= limits.tilt_most_deg:
        return ()
    by, clockwise = round(abs(found.tilt_deg)), found.tilt_deg > 0
    text = Text(f"Kameran hänger snett. Vrid den {by} grader {'medurs' if clockwise else 'moturs'}, sett bakifrån kameran.",
                f"The camera hangs askew. Turn it {by} degrees {'clockwise' if clockwise else 'anticlockwise'}, seen from behind the camera.")
    return (Finding("tilted", Severity.ACT, text, certainty=found.certainty, value=round(found.tilt_deg, 1), limit=limits.tilt_most_deg, unit="degrees"),)


def _lines(picture: Picture, width_px: int, hidden: npt.NDArray[np.bool_] | None) -> Floats:
    """Pieces of straight edges (N, 4), as fractions of the picture's width."""
    luma = next((made for made in (picture.quarter, picture.half) if made.shape[1] == width_px), None)
    if luma is None:
        luma = np.asarray(cv2.resize(picture.luma, (width_px, max(16, picture.height_px * width_px // picture.width_px)), interpolation=cv2.INTER_AREA), np.uint8)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(luma)[0]
    lines = (np.zeros((0, 4)) if found is None else np.asarray(found, np.float64).reshape(-1, 4) + 0.5) / width_px
    lines = lines[np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) >= _LINE_LEAST]
    return _unhidden(lines, luma.shape[0] / width_px, hidden)


def _unhidden(lines: Floats, high: float, hidden: npt.NDArray[np.bool_] | None) -> Floats:
    """Those that lie in the room. `high`: the picture's height by its width."""
    if hidden is None or not len(lines):
        return lines
    row = ((lines[:, 1] + lines[:, 3]) / 2 / high * hidden.shape[0]).astype(int).clip(0, hidden.shape[0] - 1)
    column = ((lines[:, 0] + lines[:, 2]) / 2 * hidden.shape[1]).astype(int).clip(0, hidden.shape[1] - 1)
    return np.asarray(lines[~hidden[row, column]], np.float64)


@lru_cache(maxsize=8)
def _grid(within_deg: tuple[int, int]) -> tuple[npt.NDArray[np.float32], ...]:
    """Directions to search, looking so far down, in parts of shape (3, N): so small that what is made of each stays in the processor's own memory, and that
    numpy's product of it and `SEARCHED_MOST` lines is not spread over threads, which costs more than it gives."""
    down = np.arange(-within_deg[1], -within_deg[0] + 0.1, _STEP_DEG)
    roll, pitch = np.meshgrid(np.radians(np.arange(-ROLL_MOST_DEG, ROLL_MOST_DEG + 0.1)), np.radians(down), indexing="ij")
    whole = np.stack([np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch), np.sin(pitch)]).reshape(3, -1).astype(np.float32)
    return tuple(np.ascontiguousarray(part) for part in np.array_split(whole, 1 + whole.shape[1] // _PART_MOST, axis=1))


def _searched(planes: Floats, weights: Floats, grid: tuple[npt.NDArray[np.float32], ...]) -> Floats:
    """The direction of the grid that most edges hold."""
    most = weights.astype(np.float32)[:, None]
    scaled = (planes * (np.degrees(1.0) / _COARSE_DEG * np.sqrt(weights))[:, None]).astype(np.float32)
    found = []
    for part in grid:
        off = scaled @ part
        lost = np.minimum(np.multiply(off, off, out=off), most, out=off).sum(axis=0)
        best = int(lost.argmin())
        found.append((float(lost[best]), part[:, best]))
    return np.asarray(min(found, key=lambda one: one[0])[1], np.float64)


def _verticals(lines: Floats, heights: Floats, lenses: Sequence[Lens], within_deg: tuple[int, int]) -> tuple[Floats, Floats]:
    """For each lens the direction that most edges hold (lenses, 3), and by how many degrees of edges it is held to within a degree (lenses,). All lenses in
    one go: for so few numbers the calls cost more than the sums."""
    ends = np.concatenate([lines[:, :2], lines[:, 2:]])
    ends[:, 1] += np.tile((1 - heights) / 2, 2)  # a picture as wide as high about the same middle
    found = [_planes(ends, lens) for lens in lenses]
    planes, weights = np.stack([one for one, _ in found]), np.stack([weight for _, weight in found])
    direction = np.stack([_searched(one[:SEARCHED_MOST], weight[:SEARCHED_MOST], _grid(within_deg)) for one, weight in found])
    for width_deg in _FINE_DEG:
        off_deg = np.degrees(planes @ direction[:, :, None])[:, :, 0]
        trust = weights / (1.0 + (off_deg / width_deg) ** 2) ** 2 * (np.abs(off_deg) < 4 * width_deg)
        direction = np.linalg.eigh((planes * trust[:, :, None]).transpose(0, 2, 1) @ planes)[1][:, :, 0]
        direction = direction * np.where(direction[:, 1] >= 0, 1.0, -1.0)[:, None]
    off_deg = np.degrees(planes @ direction[:, :, None])[:, :, 0]
    return direction, np.asarray((weights * np.maximum(0.0, 1.0 - off_deg**2)).sum(axis=1), np.float64)


def _planes(ends: Floats, lens: Lens) -> tuple[Floats, Floats]:
    """Unit normals (N, 3) of the planes between the eye and each edge, the longest edges first, and how much each edge counts (N,)."""
    rays = lens.rays(ends, 1, 1).T
    (ax, ay, az), (bx, by, bz) = rays[:, : len(ends) // 2], rays[:, len(ends) // 2 :]
    planes = np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)
    sines = np.sqrt(np.einsum("ij,ij->i", planes, planes))
    weights = np.minimum(np.degrees(np.arcsin(np.minimum(sines, 1.0))), _LINE_MOST_DEG)
    longest = np.argsort(-weights)[:LINES_MOST]
    return planes[longest] / np.maximum(sines[longest], 1e-12)[:, None], weights[longest]
