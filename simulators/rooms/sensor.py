"""From linear light to a picture: lens, exposure, noise, tone curve, encoder."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .optics import Array
from .render import LUMA, Bounce, Bytes, Layers

DAY_MEAN, NIGHT_MEAN = 0.50, 0.42            # mean luma (after the tone curve) that automatic exposure aims at; cameras keep night darker
WHITE = 0.96                                 # of full scale: blown
BLACK = 0.02


@dataclass(frozen=True)
class Optics:
    """The state of the lens. `defocus_px`: radius of the blur disc; `smear`: share of the picture behind a greasy film; `scatter`: share of a
    bright point's light that the lens spreads in a halo."""

    defocus_px: float = 0.0
    smear: float = 0.0
    smear_at: tuple[float, float] = (0.3, 0.6)
    scatter: float = 0.05
    vignette: float = 0.25


@dataclass(frozen=True)
class Sensor:
    wdr: bool = False
    noise: float = 0.004
    day_gain: float = 1.0                    # below 1: the room is darker than the exposure can make good


def luma(image: Array) -> Array:
    return np.asarray(image @ LUMA, np.float32) if image.ndim == 3 else image


def smear_mask(optics: Optics, shape: tuple[int, int]) -> Array:
    """0 to 1: where the film lies on the glass. Its size is found so that the share over a half is `smear`."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - np.float32(optics.smear_at[0]), (y / height - np.float32(optics.smear_at[1])) * np.float32(height / width)
    far: Array = np.sqrt(x * x + y * y) * (1 + np.float32(0.18) * np.sin(3 * np.arctan2(y, x) + 1) + np.float32(0.08) * np.sin(7 * np.arctan2(y, x)))
    edge = np.quantile(far[::8, ::8], min(optics.smear, 0.98))
    return np.asarray(np.clip((edge - far) / 0.06 + np.float32(0.5), 0, 1), np.float32)


def through_lens(light: Array, optics: Optics, near: Array | None = None) -> Array:
    """Halo, defocus, smear and vignetting of linear light; `near`: 0 to 1 where something stands too near to be sharp."""
    bright = np.minimum(light, np.float32(1e4))
    out = bright * np.float32(1 - 0.02) + np.float32(0.02) * _blur(bright, 14)
    out = _blur(out, 0.55)
    if near is not None:
        out = _blend(out, _blur(out, 5), _blur(near, 5))
    if optics.defocus_px > 0:
        size = int(np.ceil(optics.defocus_px)) * 2 + 3
        y, x = np.mgrid[0:size, 0:size] - size // 2
        disc = np.clip(optics.defocus_px + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
        out = np.asarray(cv2.filter2D(out, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT), np.float32)
    if optics.smear:
        film = smear_mask(optics, light.shape[:2])
        out = _blend(out, _blur(out, 9) * np.float32(0.9) + np.float32(0.1) * float(out.mean()), film * np.float32(0.92))
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    fall = 1 - np.float32(optics.vignette) * ((x / width - np.float32(.5)) ** 2 * 2.2 + (y / height - np.float32(.5)) ** 2)
    return np.asarray(out * (fall if out.ndim == 2 else fall[:, :, None]), np.float32)


def _blur(image: Array, sigma_px: float) -> Array:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), np.float32)


def _blend(one: Array, two: Array, share: Array) -> Array:
    weight = share if one.ndim == 2 else share[:, :, None]
    return np.asarray(one * (1 - weight) + two * weight, np.float32)


def blobs(bounces: tuple[Bounce, ...], focal_px: float, shape: tuple[int, int], optics: Optics) -> Array:
    """The lamp's mirror images as the lens makes them: a small core and a wide halo. In units of `Layers.own`."""
    out = np.zeros(shape, np.float32)
    y, x = np.mgrid[0:shape[0], 0:shape[1]].astype(np.float32)
    for bounce in bounces:
        light = bounce.strength * focal_px**2
        core = max(1.3, focal_px * 0.012 / (2 * bounce.distance_m))
        square = (x + np.float32(.5 - bounce.px[0])) ** 2 + (y + np.float32(.5 - bounce.px[1])) ** 2
        shape_core = np.exp(-square / np.float32(2 * core**2)) / np.float32(2 * np.pi * core**2)
        halo = np.float32(3 / (2 * np.pi)) / (square + 9) ** 1.5
        out += np.float32(light) * (np.float32(1 - optics.scatter) * shape_core + np.float32(optics.scatter) * halo)
    return out


def tone(linear: Array, wdr: bool) -> Array:
    """Linear light (1: full well) to the picture's scale, 0 to 1. Wide dynamic range presses highlights together: white is at 4."""
    light = np.maximum(linear, 0)
    if wdr:
        light = light * (1 + light / 16) / (1 + light) * np.float32(1.6)
    return np.asarray(BLACK + (1 - BLACK) * np.minimum(light, 1) ** np.float32(1 / 2.2), np.float32)


def white_balance(light: Array) -> Array:
    """Factors of red, green and blue that take three quarters of the picture's cast away (grey world), green kept."""
    mean = np.minimum(light[4::8, 4::8], np.quantile(light[4::8, 4::8], 0.9)).mean(axis=(0, 1))
    return np.asarray((mean[1] / mean) ** 0.75, np.float32)


def expose(light: Array, target: float, wdr: bool) -> float:
    """The factor by which automatic exposure multiplies light so that the picture's mean luma is `target`."""
    small = luma(light[4::8, 4::8])
    low, high = 1e-6, 1e6
    for _ in range(48):
        middle = float(np.sqrt(low * high))
        if float(tone(small * np.float32(middle), wdr).mean()) < target:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def read_out(linear: Array, sensor: Sensor, rng: np.random.Generator, gain: float = 1.0) -> Bytes:
    """Noise of photons and amplifier, tone curve, eight bits. Linear 1 is full well."""
    light = np.minimum(linear, 1.5 if not sensor.wdr else 6)   # a full well holds no more photons to be noisy with
    spread = np.sqrt(np.maximum(light, 0) * np.float32(sensor.noise**2 * 4) + np.float32((sensor.noise * gain) ** 2 * 0.25))
    noise = rng.standard_normal(linear.shape, np.float32)
    if linear.ndim == 3:
        noise = np.asarray(0.6 * noise + 0.4 * noise[:, :, :1], np.float32)
    return np.asarray(np.clip(tone(light + noise * spread, sensor.wdr) * 255 + 0.5, 0, 255), np.uint8)


def near_mask(layers: Layers) -> Array | None:
    near = (layers.distance < 0.6).astype(np.float32)
    return near if near.any() else None
