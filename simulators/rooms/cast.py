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


def three(points: Wide) -> Three:
    """Points (N, 3) as one array a coordinate."""
    x, y, z = (np.ascontiguousarray(points[:, k], np.float32) for k in range(3))
    return x, y, z


def _dot(direction: Three, vector: Wide) -> Array | np.float32:
    """Most walls are square to the axes: what is multiplied by zero costs nothing."""
    terms = [component if weight == 1 else component * np.float32(weight) for component, weight in zip(direction, vector.tolist(), strict=True) if abs(weight) > 1e-12]
    return sum(terms[1:], terms[0]) if terms else np.float32(0)


def _between(start: Wide | Three, end: Wide, vector: Wide) -> NDArray[np.floating]:
    """(end - start) . vector; `start` is one point or one array a coordinate."""
    if isinstance(start, np.ndarray):
        return np.asarray((end - start) @ vector, np.float32)
    return np.asarray(np.float32(end @ vector) - _dot(start, vector))


def _quad(part: Part, origin: Wide | Three, direction: Three, t_best: Array) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    u, v = part.inverse
    top, one, two = (_between(origin, part.origin, vector) for vector in (part.normal, u, v))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = np.asarray(top / _dot(direction, part.normal), np.float32)
        a = np.asarray(t * _dot(direction, u) - one, np.float32)
        b = np.asarray(t * _dot(direction, v) - two, np.float32)
        hit = (t > NEAR) & (t < t_best) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)
    return hit, t, a, b


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
        turn, rise = (each.reshape(-1, 1) for each in np.meshgrid(np.linspace(0, 2 * np.pi, 16), np.linspace(-np.pi / 2, np.pi / 2, 9)))
        unit = np.concatenate([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)], axis=1)
        return np.asarray(part.origin + (unit * part.radii) @ part.axes)
    grid = np.linspace(0, 1, steps)
    a, b = np.meshgrid(grid, grid)
    return np.asarray(part.origin + a.reshape(-1, 1) * part.u + b.reshape(-1, 1) * part.v)


def first(scene: Scene, origin: Wide | Three, direction: Three, skip: int = -1) -> Hits:
    """The first part on each ray (1-D arrays). `origin` is one point or one array a coordinate."""
    shape = direction[0].shape
    best = Hits(np.full(shape, FAR), np.full(shape, -1, np.int16), np.zeros(shape, np.float32), np.zeros(shape, np.float32))
    for index, part in enumerate(scene.parts):
        if index == skip:
            continue
        _keep(best, index, _meet(part, origin, direction, best.t), (slice(None),))
    return best


def _keep(best: Hits, index: int, met: tuple[NDArray[np.bool_], Array, Array, Array], where: tuple[slice, ...]) -> None:
    hit, t, a, b = met
    np.copyto(best.t[where], t, where=hit)
    np.copyto(best.part[where], np.int16(index), where=hit)
    np.copyto(best.a[where], a, where=hit)
    np.copyto(best.b[where], b, where=hit)


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


def some(scene: Scene, pose: Pose, x_px: Array, y_px: Array) -> tuple[Hits, Three]:
    """The first part on the rays of some places in the picture (1-D arrays), each looked for only near itself."""
    direction, origin = pose.rays(x_px, y_px), np.array(pose.position_m)
    shape = x_px.shape
    best = Hits(np.full(shape, FAR), np.full(shape, -1, np.int16), np.zeros(shape, np.float32), np.zeros(shape, np.float32))
    for index, part in enumerate(scene.parts):
        where = _window(part, pose)
        if where is None:
            continue
        y0, y1, _ = where[0].indices(pose.height_px)
        x0, x1, _ = where[1].indices(pose.width_px)
        near = np.flatnonzero((x_px > x0 - 1) & (x_px < x1 + 1) & (y_px > y0 - 1) & (y_px < y1 + 1))
        t_best = best.t[near]
        hit, t, a, b = _meet(part, origin, (direction[0][near], direction[1][near], direction[2][near]), t_best)
        met = near[hit]
        best.t[met], best.part[met], best.a[met], best.b[met] = t[hit], index, a[hit], b[hit]
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
    direction: Three = (end[0] - start[0], end[1] - start[1], end[2] - start[2])
    blocked = np.zeros(np.broadcast(*direction).shape, bool)
    most = np.full(blocked.shape, np.float32(0.995))
    for index, part in enumerate(scene.parts):
        if index not in skip:
            blocked |= _meet(part, start, direction, most)[0]
    return blocked
