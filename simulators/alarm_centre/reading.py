"""Reads a one-time code that a camera writes into its own picture: `KOD` and four digits, light on dark, whatever the size.

Glyphs are found as light blobs on a dark ground, put in lines, and compared with the letters as this machine's OpenCV draws them. Only the whole pattern
counts: a clock or a name in the picture has digits too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

WORD, DIGITS = "KOD", "23456789"
GLYPHS = "KOD0123456789"
LIGHT = (0.62, 0.75, 0.48)   # of full: antialiasing makes thin strokes greyer, and lets the ones beside them run into each other
CELL = (24, 36)         # width and height in which glyphs are compared
TALL_LEAST, TALL_MOST = 0.014, 0.2   # of the picture's height
LIKE_LEAST = 0.75       # correlation with the best letter; right ones have 0.85 and more
CLEAR_LEAST = 0.02      # and so much more than the second best
GROUND_MOST = 90        # luma of the ground around the line
FINE_PX = 1080          # smaller pictures are enlarged to this height first: glyphs of 10 px are read at 30


@dataclass(frozen=True, slots=True)
class Blob:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width


def read_text_code(frame: MatLike) -> str | None:
    """The code, or None where no line of the picture says one."""
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame, np.uint8)
    if grey.shape[0] < FINE_PX:
        scale = FINE_PX / grey.shape[0]
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    for share in LIGHT:
        light = np.asarray(cv2.threshold(grey, int(255 * share), 255, cv2.THRESH_BINARY)[1], np.uint8)
        for line in _lines(_blobs(light)):
            code = _said(grey, line) if _is_on_dark(grey, line) else None
            if code is not None:
                return code
    return None


def _blobs(light: NDArray[np.uint8]) -> list[Blob]:
    tall = light.shape[0]
    _, _, stats, _ = cv2.connectedComponentsWithStats(light, connectivity=4)
    return [Blob(x, y, width, height) for x, y, width, height, area in stats[1:].tolist()
            if TALL_LEAST * tall <= height <= TALL_MOST * tall and width <= 1.3 * height and area >= 0.12 * width * height]


def _lines(blobs: list[Blob]) -> list[list[Blob]]:
    """Runs of as many blobs as a code has, of one height, side by side."""
    wanted = len(WORD) + 4
    found = []
    for first in blobs:
        same = [one for one in blobs if abs(one.height - first.height) <= 0.2 * first.height and abs(one.y - first.y) <= 0.2 * first.height]
        same = sorted((one for one in same if one.x >= first.x), key=lambda one: one.x)[:wanted]
        gaps = [right.x - left.right for left, right in pairwise(same)]
        if len(same) == wanted and all(-0.1 * first.height <= gap <= 0.9 * first.height for gap in gaps) and gaps[len(WORD) - 1] == max(gaps):
            found.append(same)
    return found


def _is_on_dark(grey: NDArray[np.uint8], line: list[Blob]) -> bool:
    """Whether the ground right around the line is dark."""
    tall = line[0].height
    top, bottom = min(one.y for one in line), max(one.y + one.height for one in line)
    margin = max(2, tall // 8)
    strips = (grey[max(0, top - margin):max(0, top - margin // 2), line[0].x:line[-1].right], grey[bottom + margin // 2:bottom + margin, line[0].x:line[-1].right])
    return all(strip.size > 0 and float(np.median(strip)) <= GROUND_MOST for strip in strips)


def _said(grey: NDArray[np.uint8], line: list[Blob]) -> str | None:
    text = ""
    names, letters = _letters()
    for one in line:
        patch = _cell(grey[one.y:one.y + one.height, one.x:one.right])
        alike = letters @ patch.ravel()
        ranked = np.argsort(alike)[::-1]
        best = float(alike[ranked[0]])
        second = next(float(alike[at]) for at in ranked if names[at] != names[ranked[0]])
        if best < LIKE_LEAST or best - second < CLEAR_LEAST:
            return None
        text += names[ranked[0]]
    # O and 0 are one shape; the word comes first, and 0 is no digit of a code.
    word, code = text[:len(WORD)].replace("0", "O"), text[len(WORD):]
    return code if word == WORD and all(digit in DIGITS for digit in code) else None


def _cell(patch: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The glyph in a fixed cell, its proportions kept, of mean 0 and length 1."""
    height, width = patch.shape
    wide = max(1, min(CELL[0], round(width * CELL[1] / height)))
    cell = np.zeros((CELL[1], CELL[0]), np.float32)
    left = (CELL[0] - wide) // 2
    cell[:, left:left + wide] = cv2.resize(patch, (wide, CELL[1]), interpolation=cv2.INTER_AREA)
    cell -= cell.mean()
    length = float(np.linalg.norm(cell))
    return cell / length if length else cell


@lru_cache(maxsize=1)
def _letters() -> tuple[str, NDArray[np.float32]]:
    """Each letter as OpenCV draws it, in thin and thick strokes."""
    names, cells = "", []
    for thick in (2, 5, 9):
        for name in GLYPHS:
            drawn: NDArray[np.uint8] = np.zeros((160, 160), np.uint8)
            cv2.putText(drawn, name, (30, 120), cv2.FONT_HERSHEY_SIMPLEX, 4.0, (255,), thick, cv2.LINE_AA)
            rows, columns = np.where(drawn > 255 * LIGHT[0])
            cells.append(_cell(drawn[rows.min():rows.max() + 1, columns.min():columns.max() + 1]).ravel())
            names += name
    return names, np.array(cells)
