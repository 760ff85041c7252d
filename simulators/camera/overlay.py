"""What the camera itself draws into every picture: privacy masks, then texts on top of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from .parts import Mask, Osd
from .scenes import HEIGHT, WIDTH, Image, Rect

TILE_PX = 48                             # of a pixelated mask, at 1920 x 1080
CLOCK_SIZE = (420, 44)                   # at 1920 x 1080
MARGIN = (24, 20)
LINE_PX = 52                             # from one text to the next in the same corner


def corners(points: tuple[tuple[float, float], ...], width: int, height: int) -> Image:
    """ONVIF's normalised coordinates (-1 to 1, y upwards) as pixels."""
    return np.array([[round((x + 1) / 2 * width), round((1 - y) / 2 * height)] for x, y in points], np.int32)


def draw_masks(image: Image, masks: Iterable[Mask]) -> None:
    height, width = image.shape[:2]
    for mask in masks:
        if not mask.enabled:
            continue
        inside = corners(mask.points, width, height)
        if mask.kind == "Color":
            cv2.fillPoly(image, [inside], mask.colour)
            continue
        stencil: Image = np.zeros((height, width), np.uint8)
        cv2.fillPoly(stencil, [inside], (255,))
        if mask.kind == "Pixelated":
            tile = max(2, TILE_PX * width // WIDTH)
            small = cv2.resize(image, (max(1, width // tile), max(1, height // tile)), interpolation=cv2.INTER_AREA)
            hidden = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
        else:
            hidden = cv2.GaussianBlur(image, (0, 0), max(4.0, 40 * width / WIDTH))
        image[stencil > 0] = hidden[stencil > 0]


@dataclass(frozen=True)
class Placed:
    """A text and the box that it fills, in pixels of the picture."""

    osd: Osd
    box: Rect


def _size(osd: Osd) -> tuple[int, int]:
    """Width and height at 1920 x 1080."""
    if osd.kind != "Plain":
        return CLOCK_SIZE
    (text_px, _), _ = cv2.getTextSize(osd.text, cv2.FONT_HERSHEY_SIMPLEX, osd.font_size / 30, thickness(osd, WIDTH))
    return min(WIDTH, text_px + osd.font_size), int(osd.font_size * 1.4)


def thickness(osd: Osd, width: int) -> int:
    return max(1, round(osd.font_size / 14 * width / WIDTH))


def place(osds: tuple[Osd, ...], width: int, height: int) -> list[Placed]:
    """Where each text stands; texts of one corner stand one below the other."""
    scale, rows, placed = width / WIDTH, dict.fromkeys(("UpperLeft", "UpperRight", "LowerLeft", "LowerRight"), 0), []
    for osd in osds:
        box_width, box_height = _size(osd)
        if osd.position == "Custom" and osd.pos is not None:
            left = min(WIDTH - box_width, int((osd.pos[0] + 1) / 2 * WIDTH))
            top = min(HEIGHT - box_height, int((1 - osd.pos[1]) / 2 * HEIGHT))
        else:
            used = rows[osd.position]
            rows[osd.position] += max(LINE_PX, box_height + 8)
            left = MARGIN[0] if osd.position.endswith("Left") else WIDTH - MARGIN[0] - box_width
            top = MARGIN[1] + used if osd.position.startswith("Upper") else HEIGHT - MARGIN[1] - box_height - used
        x, y, x1, y1 = (int(part * scale) for part in (left, top, left + box_width, top + box_height))
        placed.append(Placed(osd, (max(0, x), max(0, y), min(width, x1) - max(0, x), min(height, y1) - max(0, y))))
    return placed


def draw_texts(image: Image, placed: Iterable[Placed]) -> None:
    """Plain texts: white on black, so that a person and a machine can read them over any room."""
    width = image.shape[1]
    for one in placed:
        if one.osd.kind != "Plain":
            continue
        x, y, box_width, box_height = one.box
        cv2.rectangle(image, (x, y), (x + box_width, y + box_height), (0, 0, 0), -1)
        size = one.osd.font_size / 30 * width / WIDTH
        origin = (x + int(one.osd.font_size * width / WIDTH / 2), y + int(box_height * 0.76))
        cv2.putText(image, one.osd.text, origin, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), thickness(one.osd, width), cv2.LINE_AA)
