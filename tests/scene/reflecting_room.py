"""A drawn room for the reflection tests: one wall in linear light, by day and in the camera's own light, with what hangs on it."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.findings import Outline
from provisioner.scene.pictures import Picture
from provisioner.scene.reflection import Reflections

Light = npt.NDArray[np.float32]
WIDTH, HEIGHT = 1280, 720


@dataclass
class Room:
    """`day` (BGR), `own` (the camera's lamp) and `others` (light of others at night), linear; `pictures` codes them."""

    day: Light = field(default_factory=lambda: _wall(0.30)[..., None] * np.array([0.95, 1.0, 1.0], np.float32))
    own: Light = field(default_factory=lambda: _wall(0.14))
    others: Light = field(default_factory=lambda: np.full((HEIGHT, WIDTH), 0.004, np.float32))

    def fill(self, corners: Outline, day: float | tuple[float, float, float], own: float, others: float | None = None) -> None:
        """One flat thing."""
        at = np.array(corners, np.int32)
        cv2.fillPoly(self.day, [at], tuple(np.broadcast_to(np.asarray(day, float), (3,)).tolist()))
        cv2.fillPoly(self.own, [at], (own,))
        if others is not None:
            cv2.fillPoly(self.others, [at], (others,))

    def mirror(self, left: int, top: int, width: int, height: int) -> Outline:
        """A mirror in a frame, that shows a bright bed end near, a wall behind it, and a doorway far away, lit by day and hardly by the lamp."""
        outline = box(left, top, width, height)
        self.fill(box(left - 8, top - 8, width + 16, height + 16), 0.12, 0.08)
        self.fill(outline, 0.2, 0.07)
        self.fill(box(left + width // 3, top, width // 3, height // 2), 0.06, 0.008)
        self.fill(box(left, top + 2 * height // 3, width, height // 3), 0.42, 0.17)
        return outline

    def lamp_image(self, x: int, y: int, sigma_px: float = 7.0, strength: float = 3.0) -> None:
        """The camera's own lamp, mirrored."""
        ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
        self.own += strength * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * sigma_px**2)).astype(np.float32)

    def pictures(self, seed: int = 1, gain: float = 1.0, width_px: int = WIDTH) -> tuple[Picture, Picture, Picture]:
        """Day, night, and night with the lamp off. `gain`: exposure of the night frame over that of the lamp-off frame."""
        random = np.random.default_rng(seed)
        night = (self.own + self.others) * gain
        return tuple(coded(light, random, noise, width_px) for light, noise in ((self.day, 1.0), (night, 3.0), (self.others, 3.0)))  # type: ignore[return-value]


def box(left: int, top: int, width: int, height: int) -> Outline:
    """Corners of an upright rectangle."""
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def coded(light: Light, random: np.random.Generator, noise: float, width_px: int = WIDTH) -> Picture:
    """As a camera shows it: lens blur, noise, gamma, clipped."""
    soft = cv2.GaussianBlur(light if light.ndim == 3 else np.repeat(light[..., None], 3, axis=2), (0, 0), 0.9)
    luma = 255 * np.clip(soft, 0, 1) ** (1 / 2.2) + random.normal(0, noise, (HEIGHT, WIDTH, 1))
    frame = np.clip(luma, 0, 255).astype(np.uint8)
    return Picture(frame if width_px == WIDTH else np.asarray(cv2.resize(frame, (width_px, HEIGHT * width_px // WIDTH), interpolation=cv2.INTER_AREA), np.uint8))


def _wall(light: float) -> Light:
    """Falls off from the middle, as one lamp does."""
    ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    return (light / (1 + ((xs - 640) / 900) ** 2 + ((ys - 360) / 900) ** 2)).astype(np.float32)


def kinds(found: Reflections) -> list[str]:
    """Of its findings."""
    return [finding.kind for finding in found.findings]


def overlap(found: Reflections, bit: int, outline: Outline) -> float:
    """Intersection over union."""
    truth = np.zeros(found.pixels.shape, np.uint8)
    scale = truth.shape[1] / WIDTH
    cv2.fillPoly(truth, [np.rint(np.array(outline) * scale).astype(np.int32)], (1,))
    drawn = (found.pixels & bit) > 0
    return float(np.count_nonzero(drawn & (truth > 0)) / np.count_nonzero(drawn | (truth > 0)))
