"""A bedroom drawn by casting rays, for tests: day, and night by the camera's own lamp. Small and plain; the truth is known from how it is made."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from provisioner.scene.pictures import Frame
from provisioner.scene.tilt import Lens

ROOM_M = ((0.0, 0.0), (4.0, 0.0), (4.0, 5.0), (0.0, 5.0))
CEILING_M = 2.5
BED_M = ((1.2, 4.0), (3.2, 4.0), (3.2, 3.1), (1.2, 3.1))  # the mattress
BED_TOP_M = 0.55
WIDTH_PX, HEIGHT_PX = 640, 360


@dataclass(frozen=True)
class Panel:
    """A parallelogram in the room: a corner, two sides, metres; colour BGR, of 1; `stripes` across the first side, metres."""

    corner: tuple[float, float, float]
    side: tuple[float, float, float]
    other: tuple[float, float, float]
    colour: tuple[float, float, float]
    stripes: float = 0.0


def furnished() -> list[Panel]:
    """Floor, ceiling, walls, two doors, a wardrobe, a picture and a bed."""
    wall = (0.62, 0.66, 0.68)
    panels = [
        Panel((0, 0, 0), (4, 0, 0), (0, 5, 0), (0.25, 0.36, 0.45), 0.35), Panel((0, 0, CEILING_M), (4, 0, 0), (0, 5, 0), (0.8, 0.8, 0.8)),
        Panel((0, 5, 0), (4, 0, 0), (0, 0, CEILING_M), wall), Panel((0, 0, 0), (0, 5, 0), (0, 0, CEILING_M), wall),
        Panel((4, 0, 0), (0, 5, 0), (0, 0, CEILING_M), (0.55, 0.6, 0.62)), Panel((0, 0, 0), (4, 0, 0), (0, 0, CEILING_M), wall),
        Panel((0.02, 2.2, 0), (0, 0.9, 0), (0, 0, 2.0), (0.3, 0.45, 0.6)), Panel((3.98, 1.6, 0), (0, 0.9, 0), (0, 0, 2.0), (0.75, 0.75, 0.75)),
        Panel((3.4, 4.4, 0), (0.6, 0, 0), (0, 0, 1.9), (0.2, 0.3, 0.4)), Panel((0.4, 4.98, 1.2), (0.5, 0, 0), (0, 0, 0.6), (0.5, 0.2, 0.2)),
    ]
    (x, y), height = BED_M[3], BED_TOP_M
    return [*panels, Panel((x, y, height), (2.0, 0, 0), (0, 0.9, 0), (0.72, 0.45, 0.55)), Panel((x, y, 0), (2.0, 0, 0), (0, 0, height), (0.2, 0.22, 0.24)),
            Panel((x, y, 0), (0, 0.9, 0), (0, 0, height), (0.2, 0.22, 0.24)), Panel((x + 2.0, y, 0), (0, 0.9, 0), (0, 0, height), (0.2, 0.22, 0.24))]


@dataclass
class Camera:
    """Where it hangs and how. `roll_deg`: turned anticlockwise, seen from behind it, so that the room leans to the right."""

    lens: Lens = field(default_factory=lambda: Lens.of_width("rectilinear", 96))
    position_m: tuple[float, float, float] = (2.0, 0.3, 2.2)
    down_deg: float = 26.0
    roll_deg: float = 0.0
    to_left_deg: float = 0.0

    def axes(self) -> Any:
        """Right, up and forward as rows."""
        down, roll, left = np.radians([self.down_deg, self.roll_deg, self.to_left_deg])
        forward = np.array([-np.sin(left) * np.cos(down), np.cos(left) * np.cos(down), -np.sin(down)])
        level = np.array([np.cos(left), np.sin(left), 0.0])
        up = np.cross(level, forward)
        return np.stack([np.cos(roll) * level + np.sin(roll) * up, np.cos(roll) * up - np.sin(roll) * level, forward])

    def rays(self, px: Any) -> Any:
        """Unit vectors in the room."""
        return self.lens.rays(np.asarray(px, np.float64), WIDTH_PX, HEIGHT_PX) @ self.axes()

    def pixels(self, points_m: Any) -> Any:
        """Where points of the room are in the picture."""
        return self.lens.pixels((np.asarray(points_m, np.float64) - self.position_m) @ self.axes().T, WIDTH_PX, HEIGHT_PX)

    def bed_outline(self) -> tuple[tuple[float, float], ...]:
        """The whole mattress."""
        return tuple((float(x), float(y)) for x, y in self.pixels([(*corner, BED_TOP_M) for corner in BED_M]))


def drawn(camera: Camera, more: tuple[Panel, ...] = (), lamp: float = 1.6, daylight: float = 0.35, noise: float = 2.0) -> tuple[Frame, Frame]:
    """Day and night. `lamp`: how strong the camera's own is; `daylight`: linear, of 1; `noise`: luma."""
    x, y = np.meshgrid(np.arange(WIDTH_PX) + 0.5, np.arange(HEIGHT_PX) + 0.5)
    rays = camera.rays(np.stack([x.ravel(), y.ravel()], axis=1))
    away, facing, colour = np.full(len(rays), 1e9), np.zeros(len(rays)), np.zeros((len(rays), 3))
    here = np.asarray(camera.position_m)
    for panel in [*furnished(), *more]:
        side, other = np.asarray(panel.side, float), np.asarray(panel.other, float)
        normal = np.cross(side, other)
        normal /= np.linalg.norm(normal)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = ((panel.corner - here) @ normal) / (rays @ normal)
        at = here + rays * reach[:, None] - panel.corner
        u, v = at @ side / (side @ side), at @ other / (other @ other)
        hit = (reach > 0.02) & (reach < away) & (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
        away[hit], facing[hit] = reach[hit], np.abs(rays[hit] @ normal)
        dark = 0.75 if panel.stripes else 1.0
        band = np.floor(u[hit] * np.linalg.norm(side) / panel.stripes) % 2 if panel.stripes else np.zeros(np.count_nonzero(hit))
        colour[hit] = np.asarray(panel.colour) * np.where(band > 0, dark, 1.0)[:, None]
    day = colour * daylight * (0.7 + 0.3 * facing[:, None])
    night = np.repeat((colour.mean(axis=1) * lamp * facing / away**2)[:, None], 3, axis=1)
    random = np.random.default_rng(4)
    frames = []
    for light in (day, night):
        luma = 255 * np.clip(light, 0, 1) ** (1 / 2.2)
        grain = random.normal(0, noise, (len(luma), 1))
        frames.append(np.clip(luma + grain, 0, 255).astype(np.uint8).reshape(HEIGHT_PX, WIDTH_PX, 3))
    return frames[0], frames[1]
