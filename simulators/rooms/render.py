"""One pose of the camera in a lit room: layers of linear light, and what every pixel shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cast import Hits, first, hidden, some, three, view
from .home import Home
from .light import LAMP_COLOUR, SKY_COLOUR, SUN_COLOUR, SUN_TIMES_SKY, Maps, sunlit
from .optics import Array, Pose, Wide
from .parts import CLASSES, Part
from .textures import mix

Bytes = NDArray[np.uint8]
MIRROR_R = 0.9                     # silvered glass at 850 nm and in daylight
SAME_SEEN, SAME_UNSEEN, OTHER_ROOM, OUTSIDE = 1, 2, 3, 4
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
SAMPLES = ((-0.25, -0.1), (0.1, -0.25), (0.25, 0.1), (-0.1, 0.25))


@dataclass(frozen=True)
class OwnLamp:
    """The camera's own infrared lamp. `beam_deg`: full angle at half of the intensity; it sits `beside_m` from the lens."""

    beam_deg: float = 125.0
    beside_m: tuple[float, float] = (0.0, -0.035)      # to the right, upwards


@dataclass(frozen=True)
class Bounce:
    """The lamp's mirror image: its pixel, what throws it back, metres from lens to glass to lamp halved, and its light at the lens."""

    px: tuple[float, float]
    source: str
    distance_m: float
    strength: float
    part: int


@dataclass
class Layers:
    """`day` (H, W, 3) holds all light by day; `other` (H, W) that of others at night; `own` that of the camera's lamp alone, without its
    mirror image, which `bounces` have; `shine` the part of `day`'s luma that a glossy surface throws back; `shows` what a mirror shows."""

    day: Array
    other: Array
    own: Array
    shine: Array
    cls: Bytes
    part: NDArray[np.int16]
    distance: Array
    shows: Bytes
    bounces: tuple[Bounce, ...]


def _groups(part: NDArray[np.int16]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    order = np.argsort(part, kind="stable")
    ids, starts = np.unique(part[order], return_index=True)
    for index, chosen in zip(ids, np.split(order, starts[1:]), strict=True):
        if index >= 0:
            yield int(index), chosen


def _lookup(table: Array, a: Array, b: Array) -> Array:
    """Bilinear; rows along b, columns along a."""
    rows, columns = table.shape[:2]
    x, y = np.clip(a, 0, 1) * np.float32(columns - 1), np.clip(b, 0, 1) * np.float32(rows - 1)
    i, j = np.minimum(x.astype(np.int32), columns - 2), np.minimum(y.astype(np.int32), rows - 2)
    fx, fy = x - i, y - j
    if table.ndim == 3:
        fx, fy = fx[:, None], fy[:, None]
    top, low = table[j, i] * (1 - fx) + table[j, i + 1] * fx, table[j + 1, i] * (1 - fx) + table[j + 1, i + 1] * fx
    return np.asarray(top * (1 - fy) + low * fy, np.float32)


def _normals(part: Part, points: Wide, direction: Wide) -> Wide:
    if part.radii is not None and part.axes is not None:
        local = (points - part.origin) @ part.axes.T
        normal = (local / part.radii**2) @ part.axes
        normal = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    else:
        normal = np.broadcast_to(part.normal, points.shape)
    return np.where((normal * direction).sum(axis=1, keepdims=True) > 0, -normal, normal)


def fresnel(cosine: Wide, straight: float) -> Wide:
    """Schlick's approximation: share thrown back at an angle, from that at normal incidence."""
    return np.asarray(straight + (1 - straight) * (1 - np.clip(cosine, 0, 1)) ** 5, np.float64)


def mirrored(points: Wide, part: Part) -> Wide:
    """Points behind the plane of a part."""
    away = (points - part.origin) @ part.normal
    return np.asarray(points - 2 * np.asarray(away)[..., None] * part.normal, np.float64)


class Shader:
    """Light along rays into one home, for a camera at one place."""

    def __init__(self, home: Home, maps: Maps, pose: Pose, lamp: OwnLamp) -> None:
        self.home, self.maps, self.pose, self.scene, self.lights = home, maps, pose, home.scene, home.lights
        forward, right, up = pose.axes
        self.eye = np.array(pose.position_m)
        self.forward, self.spread = forward, lamp.beam_deg
        self.lamp_at = self.eye + lamp.beside_m[0] * right + lamp.beside_m[1] * up
        area = 2 * float(np.prod(np.ptp(home.room, axis=0))) + 2 * float(home.plan["height"]) * float(np.ptp(home.room, axis=0).sum())
        self.thrown = 2.5 * 0.55 / (1 - 0.55) / area      # irradiance that walls (55 % at 850 nm) give back of the lamp's 2.5 sr
        self.planes = [(index, part) for index, part in enumerate(self.scene.parts) if part.material.kind in ("mirror", "pane")]
        self.glass = frozenset(index for index, part in self.planes if part.material.kind == "pane")

    def beam(self, direction: Wide) -> Wide:
        """Share of the lamp's intensity in a direction (unit vectors)."""
        cosine = np.clip(direction @ self.forward, -1, 1)
        shade = np.clip(cosine / 0.3, 0, 1)              # its own housing: nothing leaves backwards
        return np.asarray(np.exp(-np.log(2.0) * (np.degrees(np.arccos(cosine)) / (self.spread / 2)) ** 2) * shade, np.float64)

    def bright_outside(self, direction: Wide) -> Wide:
        """Radiance (M, 3) of what is behind a window by day: sky, a line of trees, the ground."""
        up, turn = direction[:, 2], np.arctan2(direction[:, 1], direction[:, 0])
        trees = 0.05 + 0.05 * np.sin(turn * 17) + 0.03 * np.sin(turn * 53)
        sky = (1.0 + 0.25 * np.clip(up, 0, 1))[:, None] * SKY_COLOUR
        green, ground = np.array([0.14, 0.20, 0.10]), np.array([0.24, 0.23, 0.20])
        return np.asarray(self.lights.sky * np.where((up > trees)[:, None], sky, np.where((up > -0.12)[:, None], green, ground)), np.float64)

    def along(self, origin: Wide, direction: Wide, hits: Hits, through: Part | None = None) -> tuple[Wide, Wide, Wide, Wide, Bytes]:
        """(day, other, own, shine, shows) of rays. With `through`, they come from that mirror."""
        count = len(direction)
        day, other, own, shine = np.zeros((count, 3)), np.zeros(count), np.zeros(count), np.zeros(count)
        shows = np.zeros(count, np.uint8)
        day[hits.part < 0] = self.bright_outside(direction[hits.part < 0])
        lit = np.ones(count, bool)
        if through is not None:                          # what a mirror shows may lie in the shadow of something; what the lens sees may not
            ends = origin + (hits.t[:, None] - 0.01) * direction
            lit = ~hidden(self.scene, three(ends), three(np.broadcast_to(self.lamp_at, ends.shape)))
        for index, at in _groups(hits.part):
            part = self.scene.parts[index]
            rays, start = direction[at], (origin if origin.ndim == 1 else origin[at])
            points = start + hits.t[at, None].astype(np.float64) * rays
            normal = _normals(part, points, rays)
            own_light = self._own_light(index, points, normal, lit[at])
            first_light, second_light, third = self._matt(index, part, hits.a[at], hits.b[at], points, normal, own_light)
            if part.material.kind in ("mirror", "pane", "tv") or part.material.gloss:
                if through is None:
                    first_light, second_light, third, shine[at], shows[at] = self._glossy(index, part, points, normal, rays, first_light, second_light, third)
                elif part.material.kind == "pane":
                    first_light = self.bright_outside(rays)
            day[at], other[at], own[at] = first_light, second_light, third
        return day, other, own, shine, shows

    def _own_light(self, index: int, points: Wide, normal: Wide, lit_straight: NDArray[np.bool_]) -> Wide:
        """Irradiance over pi of the camera's own lamp: straight, and by every mirror."""
        away = self.lamp_at - points
        far = np.maximum(np.linalg.norm(away, axis=1), 0.05)
        light = lit_straight * self.beam(-away / far[:, None]) * np.maximum((away * normal).sum(axis=1), 0) / far**3
        for other, plane in self.planes:
            if other == index:
                continue
            share = MIRROR_R if plane.material.kind == "mirror" else plane.material.gloss
            image: Wide = mirrored(self.lamp_at, plane)
            if float((self.lamp_at - plane.origin) @ plane.normal) <= 0:
                continue
            # The line from the lamp's image to a point crosses the plane at `points + way * (image - points)`; dot products are quick.
            start = points - plane.origin
            front, whole = start @ plane.normal, float((image - plane.origin) @ plane.normal)
            with np.errstate(divide="ignore", invalid="ignore"):
                way = front / (front - whole)
            across, along = ((1 - way) * (start @ edge) + way * float((image - plane.origin) @ edge) for edge in (plane.u, plane.v))
            lit = np.flatnonzero((front > 1e-3) & (across > 0) & (across < plane.u @ plane.u) & (along > 0) & (along < plane.v @ plane.v))
            if len(lit):
                glass = points[lit] + way[lit, None] * (image - points[lit])
                near, lamp = points[lit] + 0.005 * normal[lit], np.broadcast_to(self.lamp_at, glass.shape)
                free = ~hidden(self.scene, three(near), three(glass), frozenset({other})) & ~hidden(self.scene, three(glass), three(lamp), frozenset({other}))
                lit, glass = lit[free], glass[free]
                back, out = image - points[lit], glass - self.lamp_at
                facing = np.maximum((back * normal[lit]).sum(axis=1), 0) / np.linalg.norm(back, axis=1) ** 3
                light[lit] += share * self.beam(out / np.linalg.norm(out, axis=1, keepdims=True)) * facing
        return np.asarray((light + self.thrown) / np.pi)

    def _matt(self, index: int, part: Part, a: Array, b: Array, points: Wide, normal: Wide, own_light: Wide) -> tuple[Wide, Wide, Wide]:
        material = part.material
        wide, high = float(np.linalg.norm(part.u)), float(np.linalg.norm(part.v))
        share, factor = mix(material, a * np.float32(wide), b * np.float32(high), wide, high, index)
        second = np.array(material.second if material.second is not None else [0.7 * part for part in material.colour])
        colour = (np.array(material.colour) + share[:, None] * (second - np.array(material.colour))) * factor[:, None]
        dark = 0.6 + 0.4 * second.mean() / max(1e-3, float(np.mean(material.colour)))
        infrared = material.infrared * (1 + share * (min(1.1, dark) - 1)) * (0.6 + 0.4 * factor)
        light = _lookup(self.maps.day[index], a, b).astype(np.float64)
        sun = self.lights.sun
        if sun is not None:
            facing = np.maximum(normal @ sun, 0)
            bright = np.flatnonzero(facing > 0)
            if len(bright):
                patch = sunlit(self.scene, points[bright] + 0.005 * normal[bright], self.lights) * facing[bright]
                light[bright] += patch[:, None] * SUN_COLOUR * (self.lights.sky * SUN_TIMES_SKY / np.pi)
        through = _lookup(self.maps.own[index], a, b) if material.through else 0.0
        day = colour * light + (np.asarray(through)[..., None] * SKY_COLOUR * factor[:, None] if material.through else 0.0)
        if material.glow:
            day = day + material.glow * LAMP_COLOUR * np.clip(-(normal @ np.array([0, 0, 0.35])) + 0.9, 0, 1.3)[:, None]
        return day, infrared * _lookup(self.maps.night[index], a, b), infrared * own_light

    def _glossy(self, index: int, part: Part, points: Wide, normal: Wide, rays: Wide, day: Wide, other: Wide, own: Wide,
                ) -> tuple[Wide, Wide, Wide, Wide, Bytes]:
        """Adds what a mirror, a pane, a screen or a shiny floor throws back."""
        material = part.material
        cosine = np.abs((rays * normal).sum(axis=1))
        back = rays + 2 * cosine[:, None] * normal
        shine, shows = np.zeros(len(points)), np.zeros(len(points), np.uint8)
        if material.rough:
            return (*self._sheen(part, index, points, normal, back, cosine, day, other, own), shows)
        share = np.full(len(points), MIRROR_R) if material.kind == "mirror" else fresnel(cosine, material.gloss)
        hits = first(self.scene, three(points + 1e-3 * normal), three(back), index)
        seen_day, seen_other, seen_own, _, _ = self.along(points + 1e-3 * normal, back, hits, part)
        if material.kind == "mirror":
            end = points + hits.t[:, None] * back
            shows = self.what(end, back, hits)
            return share[:, None] * seen_day, share * seen_other, share * seen_own, shine, shows
        if material.kind == "pane":
            outside = self.bright_outside(rays)
            return ((1 - share)[:, None] * outside + share[:, None] * np.minimum(seen_day, 2.0), share * seen_other + 0.0004 * self.lights.night,
                    share * seen_own, shine, shows)
        added = share[:, None] * seen_day
        return day + added, other + share * seen_other, own + share * seen_own, added @ LUMA, shows

    def _sheen(self, part: Part, index: int, points: Wide, normal: Wide, back: Wide, cosine: Wide, day: Wide, other: Wide, own: Wide,
               ) -> tuple[Wide, Wide, Wide, Wide]:
        """A polished floor throws back windows and lamps only; unevenness spreads their image."""
        share, rough = fresnel(cosine, part.material.gloss), part.material.rough
        shine = np.zeros(len(points))
        for pane in self.lights.panes:
            down = back @ pane.normal
            with np.errstate(divide="ignore", invalid="ignore"):
                t = ((pane.origin - points) @ pane.normal) / down
                at = points + t[:, None] * back - pane.origin
            a, b = at @ pane.u / (pane.u @ pane.u), at @ pane.v / (pane.v @ pane.v)
            soft = rough * t
            wide, high = float(np.linalg.norm(pane.u)), float(np.linalg.norm(pane.v))
            inside = [np.clip(0.5 + np.minimum(value, 1 - value) * size / np.maximum(soft, 1e-3), 0, 1) for value, size in ((a, wide), (b, high))]
            near = np.flatnonzero((down < -0.02) & (t > 0) & (inside[0] * inside[1] > 0.01))
            if len(near):
                free = ~hidden(self.scene, three(points[near] + 1e-3 * normal[near]), three(points[near] + 0.98 * t[near, None] * back[near]), self.glass)
                shine[near] += free * inside[0][near] * inside[1][near] * self.lights.sky
        shine *= share
        return day + shine[:, None] * SKY_COLOUR, other, own, shine

    def what(self, end: Wide, back: Wide, hits: Hits) -> Bytes:
        """What rays by a mirror end at, as SAME_SEEN and its kin; `back` are their directions."""
        shows = np.full(len(end), OUTSIDE, np.uint8)
        met = hits.part >= 0
        pane = np.array([part.material.kind == "pane" for part in self.scene.parts])
        room = met & ~pane[np.maximum(hits.part, 0)]
        inside = self.home.in_room(end - 0.02 * back)
        shows[room & ~inside] = OTHER_ROOM
        same = np.flatnonzero(room & inside)
        px, ahead = self.pose.project(end[same])
        framed = ahead & (px >= 0).all(axis=1) & (px[:, 0] < self.pose.width_px) & (px[:, 1] < self.pose.height_px)
        start = end[same] - 0.01 * back[same]
        seen = framed & ~hidden(self.scene, three(start), three(np.broadcast_to(self.eye, start.shape)))
        shows[same] = np.where(seen, SAME_SEEN, SAME_UNSEEN)
        return shows

    def bounces(self) -> tuple[Bounce, ...]:
        """Where the lamp's mirror image stands, for every plane mirror and pane that shows it."""
        found = []
        for index, part in enumerate(self.scene.parts):
            if part.material.kind not in ("mirror", "pane", "tv") and not (part.material.gloss and not part.material.rough):
                continue
            if float((self.eye - part.origin) @ part.normal) <= 0 or part.radii is not None:
                continue
            image = mirrored(self.lamp_at, part)
            ray = image - self.eye
            t = ((part.origin - self.eye) @ part.normal) / (ray @ part.normal)
            at = self.eye + t * ray - part.origin
            a, b = at @ part.u / (part.u @ part.u), at @ part.v / (part.v @ part.v)
            if not (0 <= a <= 1 and 0 <= b <= 1 and 0 < t < 1):
                continue
            px, ahead = self.pose.project(image[None])
            if not ahead[0] or not (0 <= px[0, 0] < self.pose.width_px and 0 <= px[0, 1] < self.pose.height_px):
                continue
            glass = at + part.origin
            if hidden(self.scene, three(self.eye[None]), three(glass[None]), frozenset({index}))[0]:
                continue
            far = float(np.linalg.norm(ray))
            share = MIRROR_R if part.material.kind == "mirror" else part.material.gloss
            strength = share * float(self.beam((glass - self.lamp_at)[None] / np.linalg.norm(glass - self.lamp_at))[0]) / far**2
            found.append(Bounce((float(px[0, 0]), float(px[0, 1])), part.material.cls, far / 2, strength, index))
        return tuple(found)


def _edges(part: NDArray[np.int16]) -> NDArray[np.intp]:
    differs = np.zeros(part.shape, bool)
    across, down = part[:, 1:] != part[:, :-1], part[1:] != part[:-1]
    differs[:, 1:] |= across
    differs[:, :-1] |= across
    differs[1:] |= down
    differs[:-1] |= down
    return np.flatnonzero(differs)


def render(home: Home, maps: Maps, pose: Pose, lamp: OwnLamp) -> Layers:
    """All layers of one pose. Pixels at the edges of parts are worked out four times, so that edges are as sharp as a lens lets them be."""
    shader = Shader(home, maps, pose, lamp)
    hits, direction = view(home.scene, pose)
    flat = Hits(hits.t.reshape(-1), hits.part.reshape(-1), hits.a.reshape(-1), hits.b.reshape(-1))
    rays = np.stack([axis.reshape(-1) for axis in direction], axis=1).astype(np.float64)
    day, other, own, shine, shows = shader.along(shader.eye, rays, flat)
    edge = _edges(hits.part)
    if len(edge):
        y, x = np.divmod(edge, pose.width_px)
        sums = [np.zeros((len(edge), 3)), np.zeros(len(edge)), np.zeros(len(edge)), np.zeros(len(edge))]
        for dx, dy in SAMPLES:
            near, around = some(home.scene, pose, (x + 0.5 + dx).astype(np.float32), (y + 0.5 + dy).astype(np.float32))
            lit = shader.along(shader.eye, np.stack(around, axis=1).astype(np.float64), near)[:4]
            for total, share in zip(sums, lit, strict=True):
                total += np.minimum(share, 60.0) / len(SAMPLES)
        day[edge], other[edge], own[edge], shine[edge] = sums
    shape = (pose.height_px, pose.width_px)
    classes = np.array([CLASSES[part.material.cls] for part in home.scene.parts] + [CLASSES["outside"]], np.uint8)
    return Layers(day.reshape(*shape, 3).astype(np.float32), other.reshape(shape).astype(np.float32), own.reshape(shape).astype(np.float32),
                  shine.reshape(shape).astype(np.float32), classes[hits.part], hits.part, hits.t, shows.reshape(shape), shader.bounces())
