"""Light that does not depend on the camera: sky, sun, lamps in the room, and what walls throw on. Kept as small maps on every part."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from .cast import hidden, three
from .optics import Array, Wide
from .parts import Part, Scene

STEP_M = 0.16                      # distance of the points of a light map
LAMP_COLOUR = np.array([1.0, 0.78, 0.52], np.float32)
SKY_COLOUR = np.array([0.92, 0.98, 1.08], np.float32)
SUN_COLOUR = np.array([1.0, 0.93, 0.80], np.float32)
SUN_TIMES_SKY = 7.0                # irradiance of the sun over radiance of the sky: a hazy winter sun
AMBIENT_RAYS = 10


@dataclass(frozen=True)
class Pane:
    """A window's glass: `part` in the scene; light comes in against `normal`, which points into the room."""

    part: int
    origin: Wide
    u: Wide
    v: Wide
    normal: Wide


@dataclass(frozen=True)
class Lamp:
    at: Wide
    power: float                   # radiant intensity by day where it is on, in the unit of the sky's radiance times square metres
    part: int                      # its shade, which does not stand in its own light


@dataclass(frozen=True)
class Lights:
    """What shines. `night` is what others' light (a street lamp, a lamp in the hall) gives at night in the unit of the camera's own lamp."""

    sky: float
    sun: Wide | None               # direction towards the sun
    panes: tuple[Pane, ...]
    lamps: tuple[Lamp, ...]
    night: float
    night_at: Wide | None


@dataclass
class Maps:
    """One map a part: `day` (rows, columns, 3) and `night` (rows, columns): irradiance over pi; `own`: light that a curtain lets through."""

    day: list[Array] = field(default_factory=list)
    night: list[Array] = field(default_factory=list)
    own: list[Array] = field(default_factory=list)


def _grid(part: Part) -> tuple[Wide, Wide, tuple[int, int]]:
    """Points of a part's map, a centimetre before it, and the normals there."""
    if part.radii is not None and part.axes is not None:
        angle, height = np.meshgrid(np.linspace(-np.pi, np.pi, 9), np.linspace(-0.98, 0.98, 6))
        ring = np.sqrt(1 - height**2)
        unit = np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=-1).reshape(-1, 3)
        normals = (unit / part.radii) @ part.axes
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return part.origin + (unit * part.radii) @ part.axes + 0.01 * normals, normals, angle.shape
    columns, rows = (int(np.clip(round(float(np.linalg.norm(edge)) / STEP_M), 1, 36)) + 1 for edge in (part.u, part.v))
    a, b = np.meshgrid(np.linspace(0.01, 0.99, columns), np.linspace(0.01, 0.99, rows))
    points = part.origin + a.reshape(-1, 1) * part.u + b.reshape(-1, 1) * part.v + 0.01 * part.normal
    return points, np.broadcast_to(part.normal, points.shape), a.shape


def _from_point(scene: Scene, points: Wide, normals: Wide, lamp: Wide, skip: frozenset[int]) -> Wide:
    """Irradiance over pi of a lamp of intensity 1."""
    away = lamp - points
    square = np.maximum((away**2).sum(axis=1), 0.04)
    cosine = np.maximum((away * normals).sum(axis=1), 0) / np.sqrt(square)
    lit = np.flatnonzero(cosine > 0)
    out = np.zeros(len(points))
    there = np.broadcast_to(lamp, (len(lit), 3))
    out[lit] = (cosine / square / np.pi)[lit] * ~hidden(scene, three(points[lit]), three(there), skip)
    return out


def _from_pane(scene: Scene, points: Wide, normals: Wide, pane: Pane, glass: frozenset[int]) -> Wide:
    """Irradiance over pi of a sky of radiance 1 behind a window; the ground outside gives a quarter."""
    out = np.zeros(len(points))
    area = float(np.linalg.norm(np.cross(pane.u, pane.v)))
    samples = [(i, j) for i in (1 / 8, 3 / 8, 5 / 8, 7 / 8) for j in (1 / 6, 3 / 6, 5 / 6)]
    for i, j in samples:
        at = pane.origin + i * pane.u + j * pane.v
        away = at - points
        far = np.linalg.norm(away, axis=1)
        facing = np.maximum((away * normals).sum(axis=1), 0) / far
        leaving = np.maximum(-(away @ pane.normal), 0) / far
        lit = np.flatnonzero(facing * leaving > 1e-4)
        upward = away[lit, 2] / far[lit]
        bright = np.where(upward > 0, 1.0, 0.3 + 0.7 * np.exp(upward * 20))
        seen = ~hidden(scene, three(points[lit]), three(np.broadcast_to(at, (len(lit), 3))), glass)
        out[lit] += bright * seen * (facing * leaving / np.maximum(far, 0.25)**2)[lit] * area / len(samples) / np.pi
    return out


def _openness(scene: Scene, points: Wide, normals: Wide, rng: np.random.Generator) -> Wide:
    """How much of the half space before a point is free of near things: corners are darker than walls."""
    near = np.zeros(len(points))
    for _ in range(AMBIENT_RAYS):
        direction = rng.standard_normal(3)
        direction /= np.linalg.norm(direction)
        flip = np.where(normals @ direction < 0, -1.0, 1.0)[:, None]
        near += hidden(scene, three(points), three(points + 0.7 * (flip * direction + 0.6 * normals)))
    return 1.0 - 0.6 * near / AMBIENT_RAYS


def sunlit(scene: Scene, points: Wide, lights: Lights) -> Array:
    """1 where the sun comes in through a window and nothing stands between."""
    out = np.zeros(len(points), np.float32)
    if lights.sun is None:
        return out
    glass = frozenset(pane.part for pane in lights.panes)
    for pane in lights.panes:
        down = float(lights.sun @ pane.normal)
        if down > -0.05:
            continue
        t = ((pane.origin - points) @ pane.normal) / down
        at = points + t[:, None] * lights.sun - pane.origin
        a, b = at @ pane.u / (pane.u @ pane.u), at @ pane.v / (pane.v @ pane.v)
        through = np.flatnonzero((t > 0) & (a > 0) & (a < 1) & (b > 0) & (b < 1))
        if len(through):
            free = ~hidden(scene, three(points[through]), three(points[through] + (t[through, None] + 0.3) * lights.sun), glass)
            out[through] = np.maximum(out[through], free)
    return out


def _mean_colour(part: Part) -> Wide:
    return np.array(part.material.colour)


def bake(scene: Scene, lights: Lights, seed: int) -> Maps:
    """All maps. Direct light with shadows, then one even term for all that walls throw on, darker in corners."""
    rng = np.random.default_rng(seed)
    grids = [_grid(part) for part in scene.parts]
    points, normals = np.concatenate([grid[0] for grid in grids]), np.concatenate([grid[1] for grid in grids])
    glass = frozenset(pane.part for pane in lights.panes)
    sky = sum((_from_pane(scene, points, normals, pane, glass) for pane in lights.panes), np.zeros(len(points))) * lights.sky
    lamp = sum((one.power * _from_point(scene, points, normals, one.at, frozenset({one.part})) for one in lights.lamps), np.zeros(len(points)))
    direct = sky[:, None] * SKY_COLOUR + lamp[:, None] * LAMP_COLOUR
    sun = sunlit(scene, points, lights)
    night = np.zeros(len(points)) if lights.night_at is None else lights.night * _from_point(scene, points, normals, lights.night_at, glass)
    if lights.sun is not None:
        facing = np.maximum(normals @ lights.sun, 0)
        flux = direct + (sun * facing)[:, None] * SUN_COLOUR * lights.sky * SUN_TIMES_SKY / np.pi
    else:
        flux = direct
    area, weight = np.zeros(len(points)), 0
    for part, grid in zip(scene.parts, grids, strict=True):
        whole = float(np.linalg.norm(np.cross(part.u, part.v))) * (np.pi if part.radii is not None else 1)
        area[weight:weight + len(grid[0])] = whole / len(grid[0])
        weight += len(grid[0])
    colour = np.concatenate([np.broadcast_to(_mean_colour(part), (len(grid[0]), 3)) for part, grid in zip(scene.parts, grids, strict=True)])
    thrown = (flux * colour * area[:, None]).sum(axis=0) / ((1 - colour * 0.85) * area[:, None]).sum(axis=0)
    dim = float((night * area * 0.5).sum() / (area * 0.5).sum())
    open_ = _openness(scene, points, normals, rng)
    day = direct + 0.9 * thrown * open_[:, None]
    maps, at = Maps(), 0
    for part, (own_points, _, shape) in zip(scene.parts, grids, strict=True):
        part_of = slice(at, at + len(own_points))
        at += len(own_points)
        maps.day.append(_smooth(day[part_of].reshape(*shape, 3)))
        maps.night.append(_smooth((night + (dim + 0.0006 * lights.night) * open_)[part_of].reshape(shape)))
        maps.own.append(_through(part, own_points, lights).reshape(shape).astype(np.float32))
    return maps


def _smooth(image: Wide) -> Array:
    if min(image.shape[:2]) < 3:
        return image.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(image.astype(np.float32), (3, 3), 0.6, borderType=cv2.BORDER_REPLICATE), np.float32)


def _through(part: Part, points: Wide, lights: Lights) -> Wide:
    """Daylight that comes through a curtain where a window is behind it."""
    out = np.zeros(len(points))
    if part.material.through:
        for pane in lights.panes:
            at = points - pane.origin
            a, b = at @ pane.u / (pane.u @ pane.u), at @ pane.v / (pane.v @ pane.v)
            near = np.abs(at @ pane.normal) < 0.6
            out += near * np.clip(4 * np.minimum(a, 1 - a) + 0.3, 0, 1) * np.clip(4 * np.minimum(b, 1 - b) + 0.3, 0, 1)
    return out * part.material.through * lights.sky
