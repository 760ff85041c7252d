"""Where a camera stands and which way each of its pixels looks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Wide = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """A camera in a room: metres, z up, unit vectors. Pixel coordinates are continuous: the first pixel reaches from 0 to 1."""

    position_m: tuple[float, float, float]
    yaw_deg: float                     # 0 looks along x, 90 along y
    pitch_deg: float                   # negative looks down
    roll_deg: float                    # positive: the picture's horizon sinks to the left
    projection: str                    # "persp" (rectilinear) or "fisheye" (equisolid, r = 2 f sin(theta / 2))
    hfov_deg: float
    width_px: int = 1280
    height_px: int = 720

    @property
    def axes(self) -> tuple[Wide, Wide, Wide]:
        """forward, right, up."""
        yaw, pitch, roll = (math.radians(value) for value in (self.yaw_deg, self.pitch_deg, self.roll_deg))
        forward = np.array([math.cos(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw), math.sin(pitch)])
        right = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
        up = np.cross(right, forward)
        return forward, math.cos(roll) * right + math.sin(roll) * up, math.cos(roll) * up - math.sin(roll) * right

    @property
    def focal_px(self) -> float:
        half = math.radians(self.hfov_deg) / 2
        return self.width_px / 2 / math.tan(half) if self.projection == "persp" else self.width_px / 4 / math.sin(half / 2)

    def rays(self, x_px: Array, y_px: Array) -> tuple[Array, Array, Array]:
        """Unit directions, one array a coordinate."""
        x, y = (x_px - self.width_px / 2) / self.focal_px, (self.height_px / 2 - y_px) / self.focal_px
        if self.projection == "persp":
            ahead: Array = np.float32(1.0) / np.sqrt(1 + x * x + y * y)
            across, upward = x * ahead, y * ahead
        else:
            square = np.minimum(x * x + y * y, 3.9)        # (2 sin(theta/2))^2
            ahead = 1 - square / 2                          # cos(theta) = 1 - 2 sin^2(theta/2)
            stretch = np.sqrt(1 - square / 4)               # sin(theta) / r
            across, upward = x * stretch, y * stretch
        forward, right, up = self.axes
        out = [ahead * np.float32(forward[k]) + across * np.float32(right[k]) + upward * np.float32(up[k]) for k in range(3)]
        return out[0].astype(np.float32), out[1].astype(np.float32), out[2].astype(np.float32)

    def project(self, points_m: Wide) -> tuple[Wide, NDArray[np.bool_]]:
        """Pixels of points (N, 3), and which of them lie well before the camera (within 85 degrees of its axis)."""
        away = np.asarray(points_m, np.float64) - np.array(self.position_m)
        forward, right, up = self.axes
        ahead, across, upward = away @ forward, away @ right, away @ up
        far = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
        if self.projection == "persp":
            scale = self.focal_px / np.maximum(ahead, 1e-6)
        else:
            half = np.arccos(np.clip(ahead / far, -1, 1)) / 2
            scale = self.focal_px * 2 * np.sin(half) / np.maximum(np.hypot(across, upward), 1e-9)
        out = np.stack([self.width_px / 2 + across * scale, self.height_px / 2 - upward * scale], axis=1)
        return out, ahead > far * math.cos(math.radians(85))
