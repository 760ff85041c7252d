"""What the items of a set are to show, and homes found by chance that show it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cast import Hits, Three, first, three, view
from .furniture import complete, furnish, obstruct, put_mirror
from .home import Furnisher, Home
from .light import Maps
from .optics import Pose, Wide
from .render import OTHER_ROOM, OwnLamp, Shader

VARIANTS = ("clean", "mirror_hot", "mirror_view", "window_night", "tv", "floor_glare", "mirror_plain", "window_day", "defocus", "clean", "smear", "obstruct",
            "dark", "tilt", "bed_half", "bed_occl", "pmask", "mirror_hot", "mirror_view", "window_night", "clean", "tilt", "obstruct", "defocus")
TRIES, TRIES_EACH = 400, 100    # in each shape of room: not every one holds every wish
NEAR_M, NEAR_SHARE = 0.7, 0.03  # a camera is not mounted where a cupboard stands before it


def _wish(variant: str, rng: np.random.Generator, number: int) -> dict[str, Any]:
    wish: dict[str, Any] = {"shape": ("plain", "L", "narrow", "plain")[number % 4]}
    if variant == "mirror_view":
        wish["open_door"] = True
    if variant == "window_night":
        wish |= {"tall_window": True, "opposite": True, "curtain": str(rng.choice(["none", "sides"])), "shape": "plain"}
    if variant == "window_day":
        wish |= {"sky": float(rng.uniform(9, 14)), "curtain": "none", "tall_window": bool(rng.random() < .5)}
    if variant == "tv":
        wish["tv"] = True
    if variant == "floor_glare":
        wish |= {"shiny_floor": True, "curtain": "none"}
    if variant == "dark":
        wish |= {"sky": 0.15, "dark": True, "ceiling_lamp": False, "night": 0.0}
    return wish


def _pose(room: Furnisher, at: Wide, rng: np.random.Generator, variant: str, mirror: Wide | None) -> Pose:
    target = 0.65 * room.bed_middle + 0.35 * np.array([room.wide / 2, room.deep / 2, 0])
    if mirror is not None:
        target = 0.5 * target + 0.5 * mirror
    if variant == "window_night":
        wall, a0, a1, _, z1 = room.window
        target = 0.4 * target + 0.6 * room.on_wall(wall, (a0 + a1) / 2, z1 - 1.0)
    away = target - at
    yaw = float(np.degrees(np.arctan2(away[1], away[0])) + rng.uniform(-6, 6))
    if variant == "bed_half":
        bed = np.degrees(np.arctan2(*(room.bed_middle - at)[1::-1]))
        yaw = float(bed + rng.choice([-1, 1]) * rng.uniform(38, 50))
    pitch = float(rng.uniform(-28, -17)) if variant != "window_night" else float(rng.uniform(-24, -18))
    roll = float(rng.uniform(-1.8, 1.8))
    if variant == "tilt":
        roll = float(rng.choice([-1, 1]) * rng.uniform(8, 19))
    projection = str(rng.choice(["persp", "fisheye"]))
    return Pose((float(at[0]), float(at[1]), float(at[2])), yaw, pitch, roll, projection, float(rng.uniform(90, 110)))


def _mirror_for(room: Furnisher, variant: str, at: Wide, rng: np.random.Generator) -> Wide | None:
    """Hangs the variant's mirror; gives its middle."""
    kinds = {"mirror_hot": ("doors", "leaning"), "mirror_view": ("doors", "hung", "hung"), "mirror_plain": ("hung",)}.get(variant)
    if kinds is None:
        return None
    a0, a1, _ = room.door
    shows = np.array([(a0 + a1) / 2, room.deep + 0.5, 1.1]) if variant == "mirror_view" else None
    for kind in (str(rng.choice(kinds)), *kinds):
        if put_mirror(room, None if variant == "mirror_plain" else at, kind, shows):
            part = room.scene.parts[room.mirrors[-1]]
            return np.asarray(part.origin + (part.u + part.v) / 2)
    return None


def _cover(room: Furnisher, pose: Pose, rng: np.random.Generator, variant: str) -> None:
    eye = np.array(pose.position_m)
    if variant == "obstruct":
        obstruct(room, pose.axes, eye, float(rng.uniform(.2, .55)), str(rng.choice(["towel", "curtain"])))
    if variant == "bed_occl":
        obstruct(room, pose.axes, eye, float(rng.uniform(.3, .45)), "towel", room.bed_middle)


def find(variant: str, seed: int, number: int) -> tuple[Home, Pose, np.random.Generator]:
    """A home with what its variant says, the camera in it, and the chance that goes on from there."""
    for attempt in range(TRIES):
        rng = np.random.default_rng([seed, number, attempt])
        try:
            room, at = furnish(rng, _wish(variant, rng, number + attempt // TRIES_EACH))
        except LookupError:
            continue
        mirror = _mirror_for(room, variant, at, rng)
        if variant.startswith("mirror") and mirror is None:
            continue
        pose = _pose(room, at, rng, variant, mirror)
        home = complete(room)
        _cover(room, pose, rng, variant)
        if _fits(home, pose, variant):
            return home, pose, rng
    raise RuntimeError(f"no home for {variant} with seed {seed}")


def _fits(home: Home, pose: Pose, variant: str) -> bool:
    """A cheap look, at an eighth of the width and height."""
    small = Pose(pose.position_m, pose.yaw_deg, pose.pitch_deg, pose.roll_deg, pose.projection, pose.hfov_deg, 160, 90)
    hits, rays = view(home.scene, small)
    classes = np.array([part.material.cls for part in home.scene.parts] + ["outside"])[hits.part]
    if float(((hits.t < NEAR_M) & (classes != "obstruct")).mean()) > (NEAR_SHARE if variant != "bed_half" else 0.4):
        return False
    corners = np.concatenate([home.bed, (home.bed + np.roll(home.bed, 1, axis=0)) / 2])
    px, ahead = small.project(corners)
    framed = float((ahead & (px >= 0).all(axis=1) & (px[:, 0] < 160) & (px[:, 1] < 90)).mean())
    if not (0.15 < framed < 0.65 if variant == "bed_half" else framed > 0.8):
        return False
    if variant not in ("bed_half", "bed_occl", "obstruct") and float((classes == "bed").mean()) < 0.02:
        return False
    if variant in ("mirror_hot", "window_night"):
        return any(one.source != "picture" for one in Shader(home, Maps(), small, OwnLamp()).bounces())
    return not variant.startswith("mirror") or _mirror_shows(home, small, hits, rays, classes == "mirror", variant)


def _mirror_shows(home: Home, small: Pose, hits: Hits, rays: Three, mirror: NDArray[np.bool_], variant: str) -> bool:
    """Whether the mirror is big enough and shows the hall, or does not."""
    if mirror.mean() < 0.004:
        return False
    at = np.flatnonzero(mirror.reshape(-1))
    direction = np.stack([axis.reshape(-1)[at] for axis in rays], axis=1).astype(np.float64)
    index = int(hits.part.reshape(-1)[at[0]])
    part, shader = home.scene.parts[index], Shader(home, Maps(), small, OwnLamp())
    points = shader.eye + hits.t.reshape(-1)[at, None] * direction
    back = direction - 2 * (direction @ part.normal)[:, None] * part.normal
    far = first(home.scene, three(points), three(back), index)
    other = float((shader.what(points + far.t[:, None] * back, back, far) == OTHER_ROOM).mean())
    return other >= 0.14 if variant == "mirror_view" else other < 0.04
