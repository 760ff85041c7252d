"""A scene in other light: a dark room, the infrared filter out, the camera's own lamp on or off, another exposure.

One model of light for all scenes: what falls into the room (daylight or 4 % of it), what the camera's lamp adds (strongest in the middle,
thrown back by glass), and a sensor that sees colour only behind its filter.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .scenes import HEIGHT, WIDTH, Image, Rect

DARK = 0.04                      # share of the daylight that is left in a dark room
LAMP_SPREAD = 0.36               # standard deviation of the lamp's beam, in widths of the picture
BOUNCE_PX = 70.0                 # standard deviation of the lamp's image in a pane of glass
NOISE = {"dark": 1.5, "ir-dark": 2.0, "ir-lamp": 2.5, "ir-day": 0.0}       # grey levels
LIGHTS = ("day", "dark", "ir-day", "ir-dark", "ir-lamp")


def light_of(room_is_dark: bool, filter_is_out: bool, lamp_is_on: bool) -> str:
    """Which of LIGHTS; the lamp is seen only with the filter out, and drowns in daylight."""
    if not filter_is_out:
        return "dark" if room_is_dark else "day"
    if not room_is_dark:
        return "ir-day"
    return "ir-lamp" if lamp_is_on else "ir-dark"


@lru_cache(maxsize=4)
def _beam(glass: tuple[Rect, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The lamp's light on walls and things, and what glass throws straight back."""
    x = np.arange(WIDTH, dtype=np.float32)[None, :]
    y = np.arange(HEIGHT, dtype=np.float32)[:, None]
    spread = np.float32(2 * (LAMP_SPREAD * WIDTH) ** 2)
    beam = np.exp(-((x - WIDTH / 2) ** 2 + (y - HEIGHT / 2) ** 2) / spread).astype(np.float32)
    bounce = np.zeros((HEIGHT, WIDTH), np.float32)
    for left, top, width, height in glass:
        # The lamp sits beside the lens, so its image stands on the pane where the pane is nearest to the middle of the picture.
        spot_x, spot_y = min(max(WIDTH / 2, left + 40), left + width - 40), min(max(HEIGHT / 2, top + 40), top + height - 40)
        bounce += np.exp(-((x - spot_x) ** 2 + (y - spot_y) ** 2) / np.float32(2 * BOUNCE_PX**2)).astype(np.float32)
    return beam, bounce


def lit(image: Image, light: str, exposure: float, glass: tuple[Rect, ...]) -> Image:
    """The scene in that light. The scene itself is painted in daylight."""
    if light == "day" and exposure == 1.0:
        return image
    if light in ("day", "dark"):
        seen: Any = image.astype(np.float32) * np.float32(1.0 if light == "day" else DARK)
    else:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if light == "ir-lamp":
            beam, bounce = _beam(glass)
            grey = grey * (DARK + np.float32(0.95) * beam) + 320 * bounce
        elif light == "ir-dark":
            grey = grey * np.float32(DARK)
        seen = grey
    seen *= np.float32(exposure)
    if NOISE.get(light):
        noise = np.random.default_rng(7).standard_normal((HEIGHT, WIDTH), np.float32) * np.float32(NOISE[light])
        seen = seen + (noise if seen.ndim == 2 else noise[:, :, None]) + 2
    out = np.clip(seen, 0, 255).astype(np.uint8)
    return out if out.ndim == 3 else np.asarray(cv2.cvtColor(out, cv2.COLOR_GRAY2BGR), np.uint8)
