"""Patterns of things, worked out where a ray meets them: cloth, wood, wallpaper, books, pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .optics import Array
from .parts import Material

SIZE = 256


@lru_cache(maxsize=8)
def _cloud(seed: int, octaves: int) -> Array:
    """Smooth noise that repeats at its borders; mean 0, standard deviation 1."""
    rng = np.random.default_rng(seed)
    total = np.zeros((SIZE, SIZE), np.float32)
    for octave in range(octaves):
        cells = 8 << octave
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        grid = np.pad(grid, 2, mode="wrap")
        big = np.asarray(cv2.resize(grid, None, fx=SIZE / cells, fy=SIZE / cells, interpolation=cv2.INTER_CUBIC), np.float32)
        edge = 2 * SIZE // cells
        total += big[edge:edge + SIZE, edge:edge + SIZE] / (octave + 1)
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def noise(x: Array, y: Array, period_m: float, seed: int, octaves: int = 3) -> Array:
    table = _cloud(seed % 5, octaves)
    u = (x * np.float32(SIZE / period_m / 8) + seed * 37 % SIZE) % SIZE
    v = (y * np.float32(SIZE / period_m / 8) + seed * 61 % SIZE) % SIZE
    rows = (u.size + 8191) // 8192
    pad = rows * 8192 - u.size
    shape = (rows, 8192)
    out = cv2.remap(table, np.pad(u, (0, pad)).reshape(shape), np.pad(v, (0, pad)).reshape(shape), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(out, np.float32).reshape(-1)[:u.size]


def _wave(x: Array, sharp: float = 8.0) -> Array:
    """0 to 1 and back with soft edges, period 1."""
    return np.asarray(np.clip(np.cos(x * np.float32(2 * np.pi)) * np.float32(sharp) + np.float32(0.5), 0, 1), np.float32)


def mix(material: Material, x: Array, y: Array, wide: float, high: float, seed: int) -> tuple[Array, Array]:
    """At points `x`, `y` (metres on a part of that size): the share of the second colour, and a factor on both."""
    share, factor = _mix(material, x, y, wide, high, seed)
    return np.asarray(share, np.float32), np.asarray(factor, np.float32)


def _mix(material: Material, x: Array, y: Array, wide: float, high: float, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    kind, s = material.texture, np.float32(material.scale_m)
    none = np.zeros_like(x)
    grain = 1 + np.float32(0.03) * noise(x, y, 0.25, seed)
    if kind == "stripes":
        return _wave(x / s), grain
    if kind == "diagonal":
        return _wave((x + y) / s), grain
    if kind == "checks":
        return (_wave(x / s) + _wave(y / s)) / 2, grain
    if kind == "dots":
        return np.clip(6 - 20 * np.hypot((x / s) % 1 - np.float32(0.5), (y / s) % 1 - np.float32(0.5)), 0, 1), grain
    if kind == "planks":
        row = np.floor(y / s)
        joint = np.minimum(np.abs(y / s - row - np.float32(0.5)) * -2 + 1, 1)
        end = np.abs((x / (8 * s) + row * np.float32(0.37)) % 1 - np.float32(0.5))
        lines = np.clip(1 - joint * 14, 0, 1) + np.clip(1 - (np.float32(0.5) - end) * 160, 0, 1)
        tone = np.sin(row * np.float32(12.9898) + np.floor(x / (8 * s) + row * np.float32(0.37)) * np.float32(78.233))
        return np.clip(lines, 0, 1) * np.float32(0.8), 1 + np.float32(0.10) * tone + np.float32(0.06) * noise(x, y * 9, 0.5, seed)
    if kind == "wood":
        return none, 1 + np.float32(0.08) * noise(x * 8, y, 0.6, seed) + np.float32(0.03) * noise(x, y, 0.2, seed + 1)
    if kind == "panels":
        inside = (np.abs(x / wide - np.float32(0.5)) < 0.36) & ((np.abs(y / high - np.float32(0.28)) < 0.2) | (np.abs(y / high - np.float32(0.74)) < 0.18))
        rim = (np.abs(x / wide - np.float32(0.5)) < 0.38) & ((np.abs(y / high - np.float32(0.28)) < 0.215) | (np.abs(y / high - np.float32(0.74)) < 0.195))
        knob = np.hypot(x - np.float32(0.09), y - np.float32(high * 0.48)) < 0.03
        return np.where(rim & ~inside | knob, np.float32(0.8), none), grain
    if kind == "books":
        shelf = (y / np.float32(0.33)) % 1
        number = np.floor(x / np.float32(0.035)) + 31 * np.floor(y / np.float32(0.33))
        shade = np.abs(np.sin(number * np.float32(45.17)) * 43758) % 1
        gap = (shelf < 0.08) | (shelf > 0.72 + 0.22 * shade)
        return np.where(gap, np.float32(1), np.float32(0.1)), np.where(gap, np.float32(0.5), 0.35 + 1.3 * shade).astype(np.float32)
    if kind == "art":
        return np.clip(noise(x, y, 0.22, seed) * 3 + np.float32(0.5), 0, 1), 1 + np.float32(0.35) * np.sign(noise(x, y, 0.3, seed + 2))
    if kind == "folds":
        return np.clip(noise(x, y, 0.35, seed, 2) * np.float32(0.5) + np.float32(0.2), 0, 1), 1 + np.float32(0.13) * noise(x, y, 0.3, seed + 1, 2)
    if kind == "drape":
        return none, 1 + np.float32(0.28) * np.sin(x * np.float32(2 * np.pi) / s + noise(x, y / np.float32(4), 0.5, seed, 2))
    return none, grain
