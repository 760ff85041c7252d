"""What a ray meets first. Everything is vectorised over rays; rooms have fewer than a hundred parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .optics import Array, Pose, Wide
from .parts import Part, Scene

NEAR = 1e-3
FAR = np.float32(1e6)
Ids = NDArray[np.int16]
Three = tuple[Array, Array, Array]


@dataclass
class Hits:
    """Per ray: distance, part (-1: none), and the place on it (0 to 1 along u and v; on an ellipsoid angle and height)."""

    t: Array
    part: Ids
    a: Array
    b: Array


def _dot(direction: Three, vector: Wide) -> Array | np.float32:
    """Most walls are square to the axes: parts with a zero cost nothing."""
    total: Array | np.float32 = np.float32(0)
    for component, weight in zip(direction, vector, strict=True):
        if abs(weight) > 1e-12:
            total = total + component * np.float32(weight)
    return total


def _quad(part: Part, origin: Wide | Three, direction: Three, t_best: Array) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    away = tuple(part.origin[k] - origin[k] for k in range(3))
    top = sum(away[k] * part.normal[k] for k in range(3) if abs(part.normal[k]) > 1e-12)
    uu, vv, uv = part.u @ part.u, part.v @ part.v, part.u @ part.v
    u, v = (part.u * vv - part.v * uv) / (uu * vv - uv * uv), (part.v * uu - part.u * uv) / (uu * vv - uv * uv)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = np.float32(1) * top / _dot(direction, part.normal)
        t = np.asarray(t, np.float32)
        a = t * _dot(direction, u) - np.asarray(sum(away[k] * u[k] for k in range(3)), np.float32)
        b = t * _dot(direction, v) - np.asarray(sum(away[k] * v[k] for k in range(3)), np.float32)
        hit = (t > NEAR) & (t < t_best) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)
    return hit, t, np.asarray(a, np.float32), np.asarray(b, np.float32)


def _ball(part: Part, origin: Wide | Three, direction: Three, t_best: Array) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    assert part.radii is not None and part.axes is not None
    scaled = part.axes / part.radii[:, None]
    away = tuple(origin[k] - part.origin[k] for k in range(3))
    p = [np.asarray(sum(away[k] * row[k] for k in range(3)), np.float32) for row in scaled]
    d = [_dot(direction, row) for row in scaled]
    square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    half = p[0] * d[0] + p[1] * d[1] + p[2] * d[2]
    rest = half * half - square * (p[0] * p[0] + p[1] * p[1] + p[2] * p[2] - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.asarray((-half - np.sqrt(rest)) / square, np.float32)
        hit = (rest > 0) & (t > NEAR) & (t < t_best)
        at = [p[k] + t * d[k] for k in range(3)]
        a = np.arctan2(at[1], at[0]) / np.float32(2 * np.pi) + np.float32(0.5)
        b = (np.clip(at[2], -1, 1) + 1) / 2
    return hit, t, np.asarray(a, np.float32), np.asarray(b, np.float32)


def _meet(part: Part, origin: Wide | Three, direction: Three, t_best: Array) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    return (_quad if part.radii is None else _ball)(part, origin, direction, t_best)


def surface(part: Part, steps: int = 9) -> Wide:
    """Points spread over a part, for its outline in a picture."""
    if part.radii is not None and part.axes is not None:
        corners = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)], np.float64)
        return part.origin + (corners * part.radii) @ part.axes
    grid = np.linspace(0, 1, steps)
    a, b = np.meshgrid(grid, grid)
    return part.origin + a.reshape(-1, 1) * part.u + b.reshape(-1, 1) * part.v


def first(scene: Scene, origin: Wide | Three, direction: Three, skip: int = -1) -> Hits:
    """The first part on each ray (1-D arrays). `origin` is one point or one array a coordinate."""
    shape = direction[0].shape
    best = Hits(np.full(shape, FAR), np.full(shape, -1, np.int16), np.zeros(shape, np.float32), np.zeros(shape, np.float32))
    for index, part in enumerate(scene.parts):
        if index == skip:
            continue
        _keep(best, index, _meet(part, origin, direction, best.t), ...)
    return best


def _keep(best: Hits, index: int, met: tuple[NDArray[np.bool_], Array, Array, Array], where: object) -> None:
    hit, t, a, b = met
    np.copyto(best.t[where], t, where=hit)              # type: ignore[index]
    np.copyto(best.part[where], np.int16(index), where=hit)   # type: ignore[index]
    np.copyto(best.a[where], a, where=hit)              # type: ignore[index]
    np.copyto(best.b[where], b, where=hit)              # type: ignore[index]


def view(scene: Scene, pose: Pose) -> tuple[Hits, Three]:
    """The first part on the ray of every pixel (2-D arrays), looked for only where the part can be in the picture."""
    x, y = np.meshgrid(np.arange(pose.width_px, dtype=np.float32) + np.float32(0.5), np.arange(pose.height_px, dtype=np.float32) + np.float32(0.5))
    direction = pose.rays(x, y)
    best = Hits(np.full(x.shape, FAR), np.full(x.shape, -1, np.int16), np.zeros(x.shape, np.float32), np.zeros(x.shape, np.float32))
    origin = np.array(pose.position_m)
    for index, part in enumerate(scene.parts):
        where = _window(part, pose)
        if where is not None:
            rays = (direction[0][where], direction[1][where], direction[2][where])
            _keep(best, index, _meet(part, origin, rays, best.t[where]), where)
    return best, direction


def _window(part: Part, pose: Pose) -> tuple[slice, slice] | None:
    px, ahead = pose.project(surface(part))
    if not ahead.all():
        return slice(None), slice(None)
    margin = 4 + 0.06 * float(np.ptp(px, axis=0).max())          # edges bow outwards between the points of the grid in a fisheye
    low, high = px.min(axis=0) - margin, px.max(axis=0) + margin
    x0, x1 = max(0, int(low[0])), min(pose.width_px, int(high[0]) + 1)
    y0, y1 = max(0, int(low[1])), min(pose.height_px, int(high[1]) + 1)
    return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None


def hidden(scene: Scene, start: Three, end: Three, skip: frozenset[int] = frozenset()) -> NDArray[np.bool_]:
    """Whether something stands on the line between two points each (1-D arrays); what touches either end does not count."""
    direction = tuple(end[k] - start[k] for k in range(3))
    blocked = np.zeros(np.broadcast(*direction).shape, bool)
    most = np.full(blocked.shape, np.float32(0.995))
    for index, part in enumerate(scene.parts):
        if index not in skip:
            blocked |= _meet(part, start, direction, most)[0]    # type: ignore[arg-type]
    return blocked
