"""Where a camera hangs, where it looks, and how its lens draws: from metres in the room to pixels and back. Pure.

Room coordinates are metres, right-handed, z up from the floor. Pixels: x to the right, y down, (0, 0) is the corner of the upper left pixel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians, sin, tan
from typing import Any, Literal, TypeGuard

import numpy as np
import numpy.typing as npt

from provisioner.fault import Text

Vector = tuple[float, float, float]
Points = npt.NDArray[np.float64]
Projection = Literal["rectilinear", "fisheye"]
"""`fisheye` is equisolid, r = 2 f sin(theta / 2): the mapping of most wide lenses for security cameras (and of the labelled frames: 97.03 degrees at 779 px)."""

_NEAREST_M = 0.02
_NUMBER_MOST = 1e9     # whatever a plan means, it is less
_WIDEST_RECTILINEAR_DEG, _WIDEST_FISHEYE_DEG = 150.0, 200.0


class Unusable(ValueError):
    """Something given by a person that cannot be worked with; `text` says what, where, and the way out."""

    def __init__(self, sv: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(sv, en)


@dataclass(frozen=True, slots=True)
class CameraPose:
    """`forward`, `right`, `up`: unit vectors of the camera, square to one another. `focal_px` belongs to `width_px`; the middle of the picture is the axis."""

    position_m: Vector
    forward: Vector
    right: Vector
    up: Vector
    projection: Projection
    focal_px: float
    width_px: int
    height_px: int

    def project(self, points_m: Points) -> tuple[Points, npt.NDArray[np.bool_]]:
        """Pixels (N, 2) of points (N, 3), and whether each is in front of the lens; those that are not have no meaningful pixel."""
        x, y, z = self._axes(np.asarray(points_m, np.float64).reshape(-1, 3) - np.asarray(self.position_m))
        across = np.hypot(x, y)
        if self.projection == "rectilinear":
            ahead = z > _NEAREST_M
            scale = self.focal_px / np.where(ahead, z, 1.0)
        else:
            theta = np.arctan2(across, z)
            ahead = theta < radians(_WIDEST_FISHEYE_DEG / 2)
            scale = 2 * self.focal_px * np.sin(theta / 2) / np.where(across > 1e-12, across, 1.0)
        return np.stack([self.width_px / 2 + scale * x, self.height_px / 2 - scale * y], axis=1), ahead

    def rays(self, px: Points) -> Points:
        """Unit vectors (N, 3) in the room, out of the lens through pixels (N, 2). What a fisheye never draws is NaN."""
        px = np.asarray(px, np.float64).reshape(-1, 2)
        x, y = px[:, 0] - self.width_px / 2, self.height_px / 2 - px[:, 1]
        r = np.hypot(x, y)
        if self.projection == "rectilinear":
            theta = np.arctan2(r, self.focal_px)
        else:
            with np.errstate(invalid="ignore"):
                theta = 2 * np.arcsin(r / (2 * self.focal_px))
        side = np.sin(theta) / np.where(r > 1e-12, r, 1.0)
        made = (x * side)[:, None] * np.asarray(self.right) + (y * side)[:, None] * np.asarray(self.up) + np.cos(theta)[:, None] * np.asarray(self.forward)
        return np.asarray(made, np.float64)

    def _axes(self, from_lens: Points) -> tuple[Points, Points, Points]:
        return from_lens @ np.asarray(self.right), from_lens @ np.asarray(self.up), from_lens @ np.asarray(self.forward)

    @property
    def down_deg(self) -> float:
        """How far down the axis points."""
        return float(-np.degrees(np.arcsin(np.clip(self.forward[2], -1.0, 1.0))))

    @property
    def hfov_deg(self) -> float:
        """Horizontal field of view through the middle of the picture."""
        half = self.width_px / 2 / self.focal_px
        theta = np.arctan(half) if self.projection == "rectilinear" else 2 * np.arcsin(min(1.0, half / 2))
        return float(np.degrees(2 * theta))

    @property
    def roll_deg(self) -> float:
        """How far the camera leans: positive where it is turned anticlockwise, seen from behind it, so that the room leans to the right in the picture."""
        return float(np.degrees(np.arctan2(self.right[2], self.up[2])))


def focal_of(hfov_deg: float, width_px: int, projection: Projection) -> float:
    """Focal length in pixels of a lens that shows `hfov_deg` across `width_px`. Raises `Unusable` for an angle that such a lens cannot have."""
    widest = _WIDEST_RECTILINEAR_DEG if projection == "rectilinear" else _WIDEST_FISHEYE_DEG
    if not 5.0 <= hfov_deg <= widest:
        raise Unusable(f"Bildvinkeln ska vara mellan 5 och {widest:.0f} grader, inte {hfov_deg}.",
                       f"The field of view must be 5 to {widest:.0f} degrees, not {hfov_deg}.")
    half = radians(hfov_deg) / 2
    return width_px / 2 / (tan(half) if projection == "rectilinear" else 2 * sin(half / 2))


def pose(position_m: Vector, yaw_deg: float, pitch_deg: float, roll_deg: float, hfov_deg: float, width_px: int, height_px: int,
         projection: Projection = "rectilinear") -> CameraPose:
    """A camera at `position_m` that looks along `yaw_deg` (from the x axis towards y), `pitch_deg` up (negative: down), leaning by `roll_deg`."""
    yaw, pitch, roll = radians(yaw_deg), radians(pitch_deg), radians(roll_deg)
    forward = np.array([cos(pitch) * cos(yaw), cos(pitch) * sin(yaw), sin(pitch)])
    level = np.array([sin(yaw), -cos(yaw), 0.0])
    above = np.cross(level, forward)
    right, up = cos(roll) * level + sin(roll) * above, cos(roll) * above - sin(roll) * level
    return CameraPose(position_m, _vector(forward), _vector(right), _vector(up), projection, focal_of(hfov_deg, width_px, projection), width_px, height_px)


_KINDS: Mapping[str, Projection] = {"persp": "rectilinear", "rectilinear": "rectilinear", "fisheye": "fisheye"}


def read_camera(data: object, width_px: int = 1280, height_px: int = 720) -> CameraPose:
    """A camera as labelled sets have it: `pos`, `forward`, `right`, `up`, `proj` (`persp` or `fisheye`), and `hfov` or `fx` for a picture 1280 wide. Other keys
    are told besides and not needed. Raises `Unusable`."""
    if not isinstance(data, dict):
        raise Unusable("Kameran ska vara ett JSON-objekt.", "The camera must be a JSON object.")
    position, forward, right, up = (_read_vector(data, name) for name in ("pos", "forward", "right", "up"))
    axes = np.array([forward, right, up])
    if np.abs(axes @ axes.T - np.eye(3)).max() > 0.02 or float(np.cross(axes[0], axes[2]) @ axes[1]) < 0.5:
        raise Unusable("Kamerans riktningar (forward, right, up) ska vara vinkelräta, ha längden 1 och right till höger.",
                       "The camera's directions (forward, right, up) must be square to one another, of length 1, and right to the right.")
    projection = _KINDS.get(str(data.get("proj", "persp")))
    if projection is None:
        raise Unusable(f"Objektivet {data.get('proj')!r} är okänt: persp eller fisheye.", f"The lens {data.get('proj')!r} is unknown: persp or fisheye.")
    focal = _number(data, "fx") * width_px / 1280 if "fx" in data else focal_of(_number(data, "hfov"), width_px, projection)
    if not 0.05 * width_px < focal < 50 * width_px:
        raise Unusable(f"Brännvidden fx = {data.get('fx')} pixlar är orimlig.", f"The focal length fx = {data.get('fx')} pixels is absurd.")
    return CameraPose(position, forward, right, up, projection, focal, width_px, height_px)


@dataclass(frozen=True, slots=True)
class CameraSpot:
    """What a person on site can tell of a camera: where it hangs, which lens it has. Where it looks is worked out from the bed (`calibrate.in_plan`)."""

    position_m: Vector | None = None
    projection: Projection | None = None
    hfov_deg: float | None = None


def read_spot(data: object) -> CameraSpot | None:
    """`pos`, `proj` and `hfov`, each as far as it is known; None for a camera with its directions, which is a whole pose. Raises `Unusable`."""
    if not isinstance(data, dict) or {"forward", "right", "up"} & set(data):
        return None
    unknown = sorted(set(data) - {"pos", "proj", "hfov"})
    if unknown:
        raise Unusable(f"Kamerans nyckel {unknown[0]!r} finns inte; pos, proj och hfov räcker.",
                       f"The camera's key {unknown[0]!r} is none; pos, proj and hfov are enough.")
    projection = _KINDS.get(str(data["proj"])) if "proj" in data else None
    if "proj" in data and projection is None:
        raise Unusable(f"Objektivet {data['proj']!r} är okänt: persp eller fisheye.", f"The lens {data['proj']!r} is unknown: persp or fisheye.")
    hfov_deg = _number(data, "hfov") if "hfov" in data else None
    if hfov_deg is not None:
        focal_of(hfov_deg, 1280, projection or "rectilinear")
    return CameraSpot(_read_vector(data, "pos") if "pos" in data else None, projection, hfov_deg)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value from JSON is a number to work with: not true or false, not NaN, not infinite, and not a whole number of hundreds of digits."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _NUMBER_MOST


def _number(data: Mapping[str, Any], name: str) -> float:
    value = data.get(name)
    if not is_number(value):
        raise Unusable(f"Kamerans {name} ska vara ett tal.", f"The camera's {name} must be a number.")
    return float(value)


def _read_vector(data: Mapping[str, Any], name: str) -> Vector:
    value = data.get(name)
    if not isinstance(value, list) or len(value) != 3 or not all(is_number(part) for part in value):
        raise Unusable(f"Kamerans {name} ska vara tre tal.", f"The camera's {name} must be three numbers.")
    if any(abs(part) > 1000 for part in value):
        raise Unusable(f"Kamerans {name} är orimlig: meter, högst 1000.", f"The camera's {name} is absurd: metres, at most 1000.")
    return float(value[0]), float(value[1]), float(value[2])


def _vector(array: npt.NDArray[np.float64]) -> Vector:
    return float(array[0]), float(array[1]), float(array[2])
