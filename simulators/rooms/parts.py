"""What rooms are built of: parallelograms and ellipsoids with a material each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .optics import Wide

CLASSES = {"bed": 1, "window": 2, "mirror": 3, "tv": 4, "floor": 5, "door": 6, "wardrobe": 7, "lamp": 8, "obstruct": 9, "bathdoor": 10, "frontdoor": 11,
           "wall": 12, "ceiling": 13, "furn": 14, "curtain": 15, "hall": 16, "outside": 17, "picture": 18, "frame": 19}
Colour = tuple[float, float, float]          # red, green, blue: share of the light thrown back


@dataclass(frozen=True)
class Material:
    """`gloss`: mirror-like share at normal incidence; `rough`: how far its mirror image is spread; `through`: share of daylight let through."""

    kind: str                                # matt, mirror, pane, tv, lamp
    cls: str
    colour: Colour
    infrared: float = 0.5                    # share of 850 nm thrown back: cloth and paint are lighter there than they look
    texture: str = "plain"
    scale_m: float = 0.2
    second: Colour | None = None             # the texture's other colour
    gloss: float = 0.0
    rough: float = 0.0
    glow: float = 0.0                        # own light by day, where the lamp is on
    through: float = 0.0
    group: str = ""                          # lamp's name


@dataclass
class Part:
    """A parallelogram `origin + a u + b v`, a and b from 0 to 1; or, with `radii`, an ellipsoid round `origin` with axes along u and v."""

    origin: Wide
    u: Wide
    v: Wide
    material: Material
    normal: Wide
    radii: Wide | None = None
    axes: Wide | None = None                 # of an ellipsoid: rows are unit vectors

    @cached_property
    def inverse(self) -> tuple[Wide, Wide]:
        """Vectors whose products with a point on the parallelogram, from its origin, are a and b."""
        uu, vv, uv = self.u @ self.u, self.v @ self.v, self.u @ self.v
        whole = uu * vv - uv * uv
        return (self.u * vv - self.v * uv) / whole, (self.v * uu - self.u * uv) / whole


@dataclass
class Scene:
    """All parts of a home and the lights in it."""

    parts: list[Part] = field(default_factory=list)

    def quad(self, origin: object, u: object, v: object, material: Material, towards: object = None) -> int:
        """A parallelogram; its normal is u x v, or its opposite where that points away from `towards`."""
        at, one, two = (np.asarray(value, np.float64) for value in (origin, u, v))
        normal = np.cross(one, two)
        normal /= np.linalg.norm(normal)
        if towards is not None and float(normal @ (np.asarray(towards, np.float64) - at)) < 0:
            normal = -normal
        self.parts.append(Part(at, one, two, material, normal))
        return len(self.parts) - 1

    def box(self, centre: object, size: object, material: Material, turn_deg: float = 0.0, *, bottom: bool = False) -> None:
        """A box standing with its lower side's middle at `centre`, turned round its vertical axis."""
        at, (wide, deep, high) = np.asarray(centre, np.float64), np.asarray(size, np.float64)
        c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        x, y, z = np.array([c, s, 0.0]) * wide, np.array([-s, c, 0.0]) * deep, np.array([0.0, 0.0, high])
        low = at - x / 2 - y / 2
        middle = at + z / 2
        faces = [(low, x, z), (low + y, x, z), (low, y, z), (low + x, y, z), (low + z, x, y)] + ([(low, x, y)] if bottom else [])
        for origin, u, v in faces:
            index = self.quad(origin, u, v, material)
            part = self.parts[index]
            if float(part.normal @ (part.origin + (u + v) / 2 - middle)) < 0:
                part.normal = -part.normal

    def ball(self, centre: object, radii: object, material: Material, turn_deg: float = 0.0) -> int:
        """An ellipsoid; only what stands out of other parts is seen."""
        c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
        axes = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
        sizes = np.asarray(radii, np.float64)
        at = np.asarray(centre, np.float64)
        self.parts.append(Part(at, axes[0] * sizes[0], axes[1] * sizes[1], material, axes[2], sizes, axes))
        return len(self.parts) - 1
