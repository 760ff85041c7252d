"""Rooms that a simulated camera stands in: rendered once a pose, then lit, exposed and drawn as often as somebody looks.

A look from a new pose takes about 2 s on one core, light and exposure in a known pose some 50 ms; both are kept for the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from .furniture import put_bed, put_ceiling_lamp, put_mirror, put_picture, put_television
from .home import Furnisher, Home
from .light import Maps, bake
from .optics import Array, Pose
from .parts import CLASSES, Material
from .render import Bytes, Layers, OwnLamp, render
from .sensor import DAY_MEAN, NIGHT_MEAN, Optics, Sensor, blobs, expose, luma, near_mask, read_out, through_lens, white_balance

SIZE_PX = (1280, 720)              # at which rooms are rendered
AUTO_GAIN_MOST = 6.0               # how much brighter than with the lamp on automatic exposure makes a picture without it
DARK_SHARE = 0.004                 # of the daylight that is left in a dark room
NOISE_SEED = 7


@dataclass(frozen=True)
class View:
    """What people have done to a room and its camera since it was mounted. Angles are from how it hung then."""

    yaw_deg: float = 0.0           # positive turns to the left, seen from the camera
    pitch_deg: float = 0.0         # positive looks up
    roll_deg: float = 0.0          # positive: the picture's horizon sinks to the left
    mirror: bool | None = None     # None: as the room has it
    curtain: bool = False          # drawn before the window
    cover: float = 0.0             # share of the picture behind a towel near the lens
    defocus_px: float = 0.0        # radius of the blur disc at 1280 px
    smear: float = 0.0             # share of the picture behind a greasy film


@dataclass(frozen=True)
class Room:
    """A room by its wishes (see `home.Furnisher`) and how the camera was mounted in it."""

    about: str
    seed: int
    wish: tuple[tuple[str, Any], ...]
    pose: Pose
    mirror: str                    # kind that hangs when one is asked for
    has_mirror: bool
    shows_hall: bool = False


ROOMS: dict[str, Room] = {
    # The window stands across from the camera and reaches to its height: at night its glass throws the lamp's light straight back.
    # Turned 33 degrees to the right the camera sees the whole bed and no image of its lamp.
    "solgatan_bedroom": Room(
        "a bedroom whose window throws the infrared back until the camera is turned", 5,
        (("size", (4.5, 4.3, 2.5)), ("window_wall", "E"), ("window_at", (2.45, 1.5)), ("tall_window", True), ("curtain", "none"), ("door_a0", 0.1),
         ("open_door", False), ("bed_at", ("E", 0.78)), ("bed_wide", 0.9), ("night", 0.02), ("sky", 5.0), ("dark", True), ("bath", False), ("ceiling_lamp", False)),
        Pose((0.16, 2.85, 2.15), -15.0, -22.0, 0.4, "persp", 90.0), "leaning", False),
    # A mirror on the wall shows the hall through the open door.
    "bjorkgatan_bedroom": Room(
        "a bedroom with a mirror that shows the hall", 8,
        (("size", (4.2, 4.4, 2.5)), ("window_wall", "W"), ("window_at", (1.0, 1.2)), ("curtain", "sides"), ("door_a0", 0.25), ("open_door", True),
         ("bed_at", ("S", 2.3)), ("bed_wide", 1.2), ("night", 0.02), ("sky", 5.0), ("dark", True), ("bath", False), ("ceiling_lamp", False), ("tv", True)),
        Pose((0.2, 4.1, 2.3), -52.0, -22.0, -0.5, "fisheye", 100.0), "hung", True, True),
}


def pose_of(name: str, view: View) -> Pose:
    """Where the camera looks now."""
    pose = ROOMS[name].pose
    return replace(pose, yaw_deg=pose.yaw_deg + view.yaw_deg, pitch_deg=float(np.clip(pose.pitch_deg + view.pitch_deg, -85, 60)),
                   roll_deg=pose.roll_deg + view.roll_deg)


@lru_cache(maxsize=8)
def home_of(name: str, mirror: bool, curtain: bool) -> tuple[Home, Maps]:
    """A room, furnished and lit. Everything but the mirror and the curtain stands the same each time."""
    room = ROOMS[name]
    wish = dict(room.wish) | ({"curtain": "closed"} if curtain else {})
    rng = np.random.default_rng(room.seed)
    made = Furnisher(rng, wish)
    made.shell()
    # The shell and each thing draw from numbers of their own: a curtain more must not move the bed.
    steps: list[Callable[[], object]] = [lambda: put_bed(made), lambda: _mirror(made, room) if mirror else None,
                                         lambda: put_television(made) if wish.get("tv") else None, lambda: put_picture(made),
                                         lambda: put_picture(made), lambda: put_ceiling_lamp(made)]
    for number, step in enumerate(steps):
        made.rng = np.random.default_rng([room.seed, number])
        step()
    made.rng = np.random.default_rng([room.seed, 99])
    home = made.finish()
    return home, bake(home.scene, home.lights, room.seed)


def _mirror(made: Furnisher, room: Room) -> None:
    a0, a1, _ = made.door
    shows = np.array([(a0 + a1) / 2, made.deep + 0.5, 1.1]) if room.shows_hall else None
    if not put_mirror(made, np.array(room.pose.position_m), room.mirror, shows):
        raise LookupError("no wall has room for a mirror")


def has_mirror(name: str, view: View) -> bool:
    return ROOMS[name].has_mirror if view.mirror is None else view.mirror


_one_at_a_time = threading.Lock()          # two lookers at a new pose wait for one rendering


@lru_cache(maxsize=8)                      # 30 MB each
def _layers(name: str, view: View, size_px: tuple[int, int]) -> Layers:
    home, maps = home_of(name, has_mirror(name, view), view.curtain)
    pose = replace(pose_of(name, view), width_px=size_px[0], height_px=size_px[1])
    if view.cover:
        home, maps = _covered(home, maps, pose, view.cover)
    return render(home, maps, pose, OwnLamp())


def layers(name: str, view: View, size_px: tuple[int, int] = SIZE_PX) -> Layers:
    """The light of one pose; lens faults make no difference to it."""
    with _one_at_a_time:
        return _layers(name, replace(view, defocus_px=0.0, smear=0.0), size_px)


def _covered(home: Home, maps: Maps, pose: Pose, share: float) -> tuple[Home, Maps]:
    """A towel 30 cm before the lens, from the left, over that share of the picture."""
    forward, right, up = pose.axes
    eye, near = np.array(pose.position_m), 0.3
    half = near * np.tan(np.radians(pose.hfov_deg / 2))
    cloth = Material("matt", "obstruct", (.45, .35, .3), .6, "stripes", .05)
    scene = type(home.scene)(list(home.scene.parts))
    scene.quad(eye + near * forward - 1.6 * half * right - near * 1.5 * up, (0.6 * half + 2 * half * share) * right, 3 * near * up, cloth, eye)
    level = np.full((2, 2, 3), np.mean([float(one.mean()) for one in maps.day]), np.float32)
    dim = np.full((2, 2), np.mean([float(one.mean()) for one in maps.night]), np.float32)
    return replace(home, scene=scene), Maps([*maps.day, level], [*maps.night, dim], [*maps.own, np.zeros((2, 2), np.float32)])


@lru_cache(maxsize=6)
def _linear(name: str, view: View, light: str, size_px: tuple[int, int]) -> tuple[Array, float]:
    """Light on the sensor in that light (`camera.night.LIGHTS`), and the factor that makes a good picture of its brighter kin."""
    seen, pose = layers(name, view, size_px), replace(pose_of(name, view), width_px=size_px[0], height_px=size_px[1])
    optics = Optics(view.defocus_px * size_px[0] / SIZE_PX[0], view.smear)
    if light in ("day", "dark", "ir-day"):
        day = seen.day * white_balance(seen.day)
        factor = expose(day, DAY_MEAN, True)
        out = day if light != "ir-day" else luma(day)
        out = out * np.float32(DARK_SHARE) if light == "dark" else out
    else:
        lamp = seen.own + seen.other + blobs(seen.bounces, pose.focal_px, seen.own.shape, optics)
        factor = expose(lamp, NIGHT_MEAN, True)
        out = lamp if light == "ir-lamp" else seen.other
    return through_lens(out.astype(np.float32), optics, near_mask(seen)), factor


@lru_cache(maxsize=6)
def picture(name: str, view: View, light: str, exposure: float, locked: bool, size_px: tuple[int, int] = SIZE_PX) -> Bytes:
    """What the sensor gives, BGR. `exposure` multiplies the light; not `locked`, a dark scene is made brighter by as much as the gain allows."""
    linear, factor = _linear(name, view, light, size_px)
    gain = exposure
    if not locked and light in ("dark", "ir-dark"):
        target = DAY_MEAN if light == "dark" else NIGHT_MEAN
        gain *= float(np.clip(expose(linear, target, True) / factor, 1.0, AUTO_GAIN_MOST))
    day = light in ("day", "ir-day")
    out = read_out(linear * np.float32(factor * gain), Sensor(True, 0.006 if day else 0.010), np.random.default_rng(NOISE_SEED), gain)
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_RGB2BGR if out.ndim == 3 else cv2.COLOR_GRAY2BGR), np.uint8)


def mattress(name: str, view: View) -> tuple[tuple[float, float], ...]:
    """The upper corners of the bed as a technician would tap them, going round: two at the head, two at the foot; shares of width and height."""
    pose = pose_of(name, view)
    px, _ = pose.project(home_of(name, has_mirror(name, view), view.curtain)[0].bed[4:])
    return tuple((round(float(x) / pose.width_px, 4), round(float(y) / pose.height_px, 4)) for x, y in px)


def sways(name: str, view: View, size_px: tuple[int, int] = SIZE_PX) -> tuple[tuple[float, float, float, float], ...]:
    """Part of the bed that moves as somebody breathes: x, y, width, height in widths of the picture; nothing where hardly a bed is seen."""
    y, x = np.nonzero(layers(name, view, size_px).cls == CLASSES["bed"])
    if len(x) < 0.005 * size_px[0] * size_px[1]:
        return ()
    return ((float(np.median(x)) / size_px[0] - 0.055, float(np.median(y)) / size_px[0] - 0.024, 0.11, 0.048),)
