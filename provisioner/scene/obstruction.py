"""Something near that covers a part of the picture: a towel, a curtain, a cupboard door.

By night the camera's own lamp falls off with the square of the distance, so what hangs a hand's breadth before it is tens of times brighter than the
room behind, whatever its colour: surfaces in a home throw back between 0.1 and 0.9 of the light, which is less than that. A wall close beside the camera
is as bright. With a floor plan it is foretold; without one it gives itself away by its slope: light on a plane goes by the cube of the cosine, so
that the cube root of brightness is a straight function of direction, and tells how the plane stands to the line of sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.fault import Text
from provisioner.scene.findings import Finding, Outline, Severity
from provisioner.scene.limits import FrameLimits
from provisioner.scene.pictures import Frame, Picture, quantile
from provisioner.scene.tilt import GUESSES, Lens

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.bool_]

ACROSS = 160              # cells over the picture's width, 8 pixels of 1280
_RAYS_ACROSS = 40         # of what the plan foretells, which is smooth
GAMMA = 2.2
_DARKEST = 0.1            # the tenth of the picture that counts as the room beyond
_FLOOR_LUMA = 8.0         # less than this is clipping and noise, and no measure of anything
_BLACK_LUMA = 4           # less, in a mean of 64 pixels with their noise, is a privacy mask and no room
_NEAR = 6.0               # times the room beyond: 0.9 against 0.15 thrown back; more is distance
_NEAR_FORETOLD = 5.0      # times what the plan lets expect, in which distance is accounted for already
_CLIPPED_LUMA = 250       # of 255: so bright that the sensor holds no more, and the light of the lamp alone cannot be told
_SURE_LEAST = 0.5         # of a piece
_PARTLY_SURE = 0.2        # of a piece that does not run along the line of sight
_NEAR_BESIDE = 4.0        # and then still so many times the room beyond
_PIECE_LEAST = 0.03       # of the picture: smaller ones are lamps and their mirror images
_FREE_LEAST, _FREE_CLIPPED = 0.08, 0.7   # one that the picture's edge does not touch: so large, and so much of it clipped. Lamps are smaller, walls darker
_OPEN_CELLS = 7           # what is narrower, a 23rd of the picture, covers nothing: bed posts, lamp stands
_ALONGSIDE = 0.7          # cosine between plane and line of sight: a wall beside the camera is seen at less, what hangs before it at 0.9 and more


class Eye(Protocol):
    """A camera in its room: metres, z up."""

    @property
    def position_m(self) -> Any: ...

    def rays(self, px: Any) -> Any:
        """Unit vectors (N, 3) in the room of pixels (N, 2)."""


@dataclass(frozen=True, slots=True)
class Obstruction:
    """`share`: of the picture behind something near. `cells`: where, `ACROSS` cells wide. `outline`: of the largest piece, in pixels. `certainty`: 0.95
    with a plan, which knows the walls; 0.8 without."""

    share: float
    cells: Cells
    outline: Outline
    certainty: float


def cell_centres(width_px: int, height_px: int, across: int = ACROSS) -> Floats:
    """Pixels (N, 2) in the middles of cells, row by row."""
    size = width_px / across
    x, y = np.meshgrid((np.arange(across) + 0.5) * size, (np.arange(_down(width_px, height_px, across)) + 0.5) * size)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def foretold_light(eye: Eye, room: Sequence[tuple[float, float]], ceiling_m: float, width_px: int, height_px: int) -> Floats:
    """How brightly the camera's own lamp lights the bare room, (rows, `ACROSS`), up to a factor: cosine by distance squared. `room`: its corners."""
    rays = np.asarray(eye.rays(cell_centres(width_px, height_px, _RAYS_ACROSS)), np.float64)
    here = np.asarray(eye.position_m, np.float64)
    near_m, cosine = np.full(len(rays), np.inf), np.zeros(len(rays))
    with np.errstate(divide="ignore", invalid="ignore"):
        up = rays[:, 2]
        level_m = np.where(up < 0, -here[2] / up, (ceiling_m - here[2]) / up)
        walls = [(level_m, np.abs(up), level_m > 0)]
        for begin, end in zip(room, [*room[1:], room[0]], strict=True):
            along = np.subtract(end, begin)
            length_m = float(np.hypot(*along))
            if length_m == 0:
                continue
            normal = np.array([along[1], -along[0]]) / length_m
            facing = rays[:, :2] @ normal
            reach_m = float(np.subtract(begin, here[:2]) @ normal) / facing
            at = (here[:2] + rays[:, :2] * reach_m[:, None] - begin) @ along / length_m
            walls.append((reach_m, np.abs(facing), (reach_m > 0) & (at >= -0.01) & (at <= length_m + 0.01)))
        for reach_m, facing, hit in walls:
            closer = hit & (reach_m < near_m)
            near_m, cosine = np.where(closer, reach_m, near_m), np.where(closer, facing, cosine)
    light = (np.maximum(cosine, 0.02) / np.maximum(near_m, 0.05) ** 2).reshape(-1, _RAYS_ACROSS)
    return np.asarray(cv2.resize(light, (ACROSS, _down(width_px, height_px)), interpolation=cv2.INTER_LINEAR), np.float64)


def obstruction(night: Picture, foretold: Floats | None = None, lens: Lens | None = None) -> Obstruction:
    """What is near, by the light of the camera's own lamp. `foretold`: from `foretold_light` for the same size. `lens` helps only without it."""
    luma = np.asarray(cv2.resize(night.quarter, (ACROSS, _down(night.width_px, night.height_px)), interpolation=cv2.INTER_AREA), np.uint8)
    light = np.asarray(_LIGHT[cv2.medianBlur(luma, 3)], np.float64)
    lit = luma >= _BLACK_LUMA
    if not lit.any():
        return Obstruction(0.0, np.zeros(luma.shape, np.bool_), (), 0.5)
    times_beyond = light / max(quantile(light[lit], _DARKEST), _LIGHT[round(_FLOOR_LUMA)])
    if foretold is None:
        found = [piece for piece in _pieces(times_beyond > _NEAR, luma) if not _is_alongside(piece, light, night, lens or GUESSES[1])]
    else:
        more = light / np.maximum(foretold, 1e-9)
        sure = more > _NEAR_FORETOLD * quantile(more[lit], _DARKEST)
        # How bright what clips really is cannot be told; most of a piece has to be sure.
        found = [piece for piece in _pieces((times_beyond > _NEAR_BESIDE) & (sure | (luma >= _CLIPPED_LUMA)), luma) if float(np.mean(sure[piece])) >= _SURE_LEAST]
        # Where it hangs before a wall that is near as well, it is hardly brighter than that wall would be, but it does not run along the line of sight.
        found += [piece for piece in _pieces(times_beyond > _NEAR, luma)
                  if float(np.mean(sure[piece])) >= _PARTLY_SURE and not _is_alongside(piece, light, night, lens or GUESSES[1])]
    cells = np.zeros(luma.shape, np.bool_)
    for piece in found:
        cells |= piece
    outline: Outline = _outline(max(found, key=np.count_nonzero), night.width_px / ACROSS) if found else ()
    return Obstruction(float(np.mean(cells)), cells, outline, 0.8 if foretold is None else 0.95)


def judge(found: Obstruction, limits: FrameLimits) -> tuple[Finding, ...]:
    """What to do about it."""
    if found.share <= limits.obstructed_share_most:
        return ()
    rows, columns = np.nonzero(found.cells)
    off_x, off_y = float(np.mean(columns)) / found.cells.shape[1] - 0.5, float(np.mean(rows)) / found.cells.shape[0] - 0.5
    sides = [("till vänster", "on the left"), ("till höger", "on the right")] if abs(off_x) >= abs(off_y) else [("upptill", "at the top"), ("nertill", "at the bottom")]
    sv, en = sides[(off_x if abs(off_x) >= abs(off_y) else off_y) > 0]
    percent = round(100 * found.share)
    text = Text(f"Något nära kameran skymmer {percent} % av bilden, mest {sv}. Ta bort det eller flytta kameran, och ta en ny bild.",
                f"Something close to the camera covers {percent}% of the picture, mostly {en}. Take it away or move the camera, and take another picture.")
    return (Finding("obstructed", Severity.ACT, text, found.certainty, found.outline, round(found.share, 3), limits.obstructed_share_most,
                    "share of the picture"),)


COVERED = Finding("obstructed", Severity.ACT, Text(
    "Inget av rummet syns i bilderna: linsen är täckt, immig eller långt ur fokus. Ta bort det som täcker den, torka den torr, och ta nya bilder.",
    "Nothing of the room is seen in the pictures: the lens is covered, fogged or far out of focus. Take away what covers it, wipe it dry, and take new "
    "pictures."), 0.9, value=1.0, unit="share of the picture")
"""Where no frame has a single outline though there is light."""

_LIGHT = ((np.arange(256) / 255.0) ** GAMMA).astype(np.float32)


def _down(width_px: int, height_px: int, across: int = ACROSS) -> int:
    return max(1, round(across * height_px / width_px))


def _pieces(near: Cells, luma: Frame) -> list[Cells]:
    """Large pieces that touch the picture's edge, or hang free and are clipped, the largest first, with their holes filled. `luma`: of the cells."""
    kernel = np.ones((_OPEN_CELLS, _OPEN_CELLS), np.uint8)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(near.astype(np.uint8), cv2.MORPH_OPEN, kernel))
    height, width = near.shape
    found = []
    for number in sorted(range(1, count), key=lambda one: -int(stats[one][cv2.CC_STAT_AREA])):
        left, top, wide, high, area = (int(value) for value in stats[number])
        touches = left == 0 or top == 0 or left + wide == width or top + high == height
        if area < (_PIECE_LEAST if touches else _FREE_LEAST) * near.size:
            continue
        if not touches and float(np.mean(luma[numbers == number] >= _CLIPPED_LUMA)) < _FREE_CLIPPED:
            continue
        contours, _ = cv2.findContours((numbers == number).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        filled = np.zeros(near.shape, np.uint8)
        cv2.drawContours(filled, contours, -1, (1,), cv2.FILLED)
        found.append(filled > 0)
    return found


def _is_alongside(piece: Cells, light: Floats, night: Picture, lens: Lens) -> bool:
    """Whether the light on it is that of a plane which runs along the line of sight."""
    rays = lens.rays(cell_centres(night.width_px, night.height_px), night.width_px, night.height_px)[piece.ravel()]
    normal = np.linalg.lstsq(rays, np.cbrt(light[piece]), rcond=None)[0]
    return bool(abs(normal[2]) < _ALONGSIDE * float(np.linalg.norm(normal)))


def _outline(piece: Cells, cell_px: float) -> Outline:
    contours, _ = cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    corners = cv2.approxPolyDP(max(contours, key=len), 1.0, True).reshape(-1, 2)
    return tuple((float((x + 0.5) * cell_px), float((y + 0.5) * cell_px)) for x, y in corners)
