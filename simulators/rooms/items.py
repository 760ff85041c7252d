"""One labelled item: a home, a pose, three pictures and what is true about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from .furniture import complete, furnish, obstruct, put_mirror
from .home import Furnisher, Home
from .labels import blobs_of, reflections, zones
from .light import bake
from .optics import Array, Pose, Wide
from .parts import CLASSES
from .render import Bytes, Layers, OwnLamp, render
from .sensor import DAY_MEAN, NIGHT_MEAN, Optics, Sensor, blobs, expose, luma, near_mask, read_out, through_lens, tone, white_balance

VARIANTS = ("clean", "mirror_hot", "mirror_view", "window_night", "tv", "floor_glare", "mirror_plain", "window_day", "defocus", "clean", "smear", "obstruct",
            "dark", "tilt", "bed_half", "bed_occl", "pmask", "mirror_hot", "mirror_view", "window_night", "clean", "tilt", "obstruct", "defocus")


@dataclass
class Item:
    label: dict[str, Any]
    day: Bytes
    night: Bytes
    iroff: Bytes
    refl: Bytes
    cls: Bytes


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
    return Pose(tuple(float(value) for value in at), yaw, pitch, roll, projection, float(rng.uniform(90, 110)))   # type: ignore[arg-type]


def _mirror_for(room: Furnisher, variant: str, at: Wide, rng: np.random.Generator) -> Wide | None:
    kinds = {"mirror_hot": ("doors", "leaning"), "mirror_view": ("doors", "hung", "hung"), "mirror_plain": ("hung",)}.get(variant)
    if kinds is None:
        return None
    for kind in (str(rng.choice(kinds)), *kinds):
        if put_mirror(room, at if variant == "mirror_hot" else None, kind):
            part = room.scene.parts[room.mirrors[-1]]
            return part.origin + (part.u + part.v) / 2
    return None


def _make(variant: str, seed: int, number: int) -> tuple[Home, Pose, np.random.Generator]:
    """Tries until the home has what its variant says; 60 tries are far more than were ever needed."""
    for attempt in range(60):
        rng = np.random.default_rng([seed, number, attempt])
        try:
            room, at = furnish(rng, _wish(variant, rng, number))
        except LookupError:
            continue
        mirror = _mirror_for(room, variant, at, rng)
        if variant.startswith("mirror") and mirror is None:
            continue
        pose = _pose(room, at, rng, variant, mirror)
        home = complete(room)
        if variant in ("obstruct", "bed_occl"):
            _cover(room, pose, rng, variant)
        if _fits(home, pose, variant):
            return home, pose, rng
    raise RuntimeError(f"no home for {variant} with seed {seed}")


def _cover(room: Furnisher, pose: Pose, rng: np.random.Generator, variant: str) -> None:
    if variant == "obstruct":
        obstruct(room, pose.axes, np.array(pose.position_m), float(rng.uniform(.2, .55)), str(rng.choice(["towel", "curtain"])))
    else:
        obstruct(room, pose.axes, np.array(pose.position_m), float(rng.uniform(.05, .15)), "towel")


def _fits(home: Home, pose: Pose, variant: str) -> bool:
    """A cheap look at a twentieth of the size."""
    small = Pose(pose.position_m, pose.yaw_deg, pose.pitch_deg, pose.roll_deg, pose.projection, pose.hfov_deg, 160, 90)
    from .cast import view
    from .light import Maps
    from .render import Shader
    hits, rays = view(home.scene, small)
    if float(np.median(hits.t)) < 0.8 and variant != "obstruct":
        return False
    classes = np.array([part.material.cls for part in home.scene.parts] + ["outside"])[hits.part]
    bed = float((classes == "bed").mean())
    if variant not in ("bed_half", "bed_occl", "obstruct") and bed < 0.02:
        return False
    if not variant.startswith("mirror") and variant != "window_night":
        return True
    shader = Shader(home, Maps(), small, OwnLamp())
    if variant in ("mirror_hot", "window_night"):
        return bool(shader.bounces())
    mirror = classes == "mirror"
    if mirror.mean() < 0.004:
        return False
    at = np.flatnonzero(mirror.reshape(-1))
    direction = np.stack([axis.reshape(-1)[at] for axis in rays], axis=1).astype(np.float64)
    part = home.scene.parts[int(hits.part.reshape(-1)[at[0]])]
    points = shader.eye + hits.t.reshape(-1)[at, None] * direction
    back = direction - 2 * (direction @ part.normal)[:, None] * part.normal
    from .cast import first
    from .render import _three
    far = first(home.scene, _three(points), _three(back), int(hits.part.reshape(-1)[at[0]]))
    other = float((shader._what(points + far.t[:, None] * back, back, far) == 3).mean())
    return other >= 0.14 if variant == "mirror_view" else other < 0.04


def make(seed: int, number: int, name: str) -> Item:
    variant = VARIANTS[number % len(VARIANTS)]
    home, pose, rng = _make(variant, seed, number)
    maps = bake(home.scene, home.lights, seed + number)
    lamp = OwnLamp(float(rng.uniform(115, 150)), (0.0, -0.035))
    layers = render(home, maps, pose, lamp)
    optics = Optics(defocus_px=float(rng.uniform(4, 10)) if variant == "defocus" else 0.0, smear=float(rng.uniform(.35, .8)) if variant == "smear" else 0.0,
                    smear_at=(float(rng.uniform(.2, .8)), float(rng.uniform(.3, .8))), scatter=float(rng.uniform(.03, .09)), vignette=float(rng.uniform(.1, .5)))
    return _pictures(home, pose, layers, optics, lamp, variant, name, rng)


def _pictures(home: Home, pose: Pose, layers: Layers, optics: Optics, lamp: OwnLamp, variant: str, name: str, rng: np.random.Generator) -> Item:
    day_sensor = Sensor(bool(rng.random() < .6), float(rng.uniform(.005, .012)))
    night_sensor = Sensor(bool(rng.random() < .35), float(rng.uniform(.012, .03)))
    near = near_mask(layers)
    layers.day *= white_balance(layers.day)
    factor = expose(layers.day, DAY_MEAN * float(rng.uniform(.8, 1.2)), day_sensor.wdr)
    if variant == "dark":
        factor *= 0.02
    day_clean = through_lens(layers.day * np.float32(factor), optics, near)
    matt_clean = through_lens(luma(layers.day) * np.float32(factor) - layers.shine * np.float32(factor), optics, near)
    spots = blobs(layers.bounces, pose.focal_px, layers.own.shape, optics)
    night_factor = expose(layers.own + layers.other, NIGHT_MEAN * float(rng.uniform(.75, 1.2)), night_sensor.wdr)
    if variant == "dark":
        night_factor *= 0.07
    without = through_lens((layers.own + layers.other) * np.float32(night_factor), optics, near)
    night_clean = through_lens((layers.own + layers.other + spots) * np.float32(night_factor), optics, near)
    locked = bool(rng.random() < .65)
    gain = 1.0 if locked else float(rng.uniform(2, 4))
    off_clean = through_lens(layers.other * np.float32(night_factor * gain), optics, near)
    day_luma, night_luma = luma(tone(day_clean, day_sensor.wdr)), tone(night_clean, night_sensor.wdr)
    mask_label, hidden = _privacy(layers, variant, rng)
    refl, frame_labels, listed = reflections(layers, day_luma, luma(tone(matt_clean, day_sensor.wdr)), night_luma, tone(without, night_sensor.wdr), hidden)
    osd = bool(rng.random() < .35)
    pictures = []
    for clean, sensor, noise_gain in ((day_clean, day_sensor, 1.0), (night_clean, night_sensor, 1.0), (off_clean, night_sensor, gain)):
        picture = read_out(clean, sensor, rng, noise_gain)
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR if picture.ndim == 3 else cv2.COLOR_GRAY2BGR), np.uint8)
        if mask_label is not None:
            picture = _hide(picture, hidden, mask_label["style"])
        if osd:
            cv2.putText(picture, "2026-11-27 01:12:44", (18, 34), cv2.FONT_HERSHEY_SIMPLEX, .8, (230, 230, 230), 2, cv2.LINE_AA)
        pictures.append(picture)
    bed = zones(home, pose, layers)
    near_share = float((layers.distance < 0.6).mean())
    label = {"id": name, "variant": variant,
             "files": {"day": f"frames/{name}_day.jpg", "night": f"frames/{name}_night.jpg", "iroff": f"frames/{name}_iroff.jpg",
                       "refl_mask": f"masks/{name}_refl.png", "class_mask": f"masks/{name}_cls.png"},
             "frame_labels": frame_labels, "reflections": listed, "zones": bed,
             "quality": _quality(pose, optics, day_luma, night_luma, near_share, bed, variant, layers, night_sensor),
             "privacy_mask": mask_label, "camera": _camera(pose), "plan": home.plan, "plan_truth": None,
             "ir_bounce_analytic": [{"source": one.source, "px": [round(one.px[0], 1), round(one.px[1], 1)], "dist": round(one.distance_m, 2)}
                                    for one in layers.bounces if one.source in ("mirror", "window")],
             "scene": {**home.notes, "ir_beam_deg": lamp.beam_deg},
             "capture": {"ambient_in_night": home.lights.night > 0, "iroff_exposure_locked": locked, "iroff_gain_vs_night": round(gain, 2),
                         "wdr_day": day_sensor.wdr, "wdr_night": night_sensor.wdr, "osd": osd}}
    return Item(label, pictures[0], pictures[1], pictures[2], refl, layers.cls)


def _camera(pose: Pose) -> dict[str, Any]:
    forward, right, up = pose.axes
    return {"pos": [round(value, 3) for value in pose.position_m], "forward": np.round(forward, 4).tolist(), "right": np.round(right, 4).tolist(),
            "up": np.round(up, 4).tolist(), "roll_deg": round(pose.roll_deg, 2), "pitch_deg": round(pose.pitch_deg, 2), "yaw_deg": round(pose.yaw_deg, 2),
            "proj": pose.projection, "hfov": round(pose.hfov_deg, 2), "fx": round(pose.focal_px, 2)}


def _quality(pose: Pose, optics: Optics, day: Array, night: Array, near: float, found: dict[str, Any], variant: str, layers: Layers,
             sensor: Sensor) -> dict[str, Any]:
    wash = float(((night > 0.9) & ~np.isin(layers.cls, [CLASSES["lamp"]])).mean())
    del sensor
    return {"sharp_day": optics.defocus_px < 2, "sharp_night": optics.defocus_px < 2, "defocus_radius_px": {"day": round(optics.defocus_px, 1), "night": round(optics.defocus_px, 1)},
            "smear_cover": round(optics.smear, 2), "obstruct_frac": round(near, 3), "obstructed": near > 0.25, "tilt_deg": round(pose.roll_deg, 2),
            "level": abs(pose.roll_deg) <= 7, "dark_day": variant == "dark", "dark_night": variant == "dark", "day_mean": round(float(day.mean()), 4),
            "night_mean": round(float(night.mean()), 4), "ir_wash_frac": round(wash, 4), "bed": found["bed"]["status"]}


def _privacy(layers: Layers, variant: str, rng: np.random.Generator) -> tuple[dict[str, Any] | None, Any]:
    """A mask over a zone: right, shifted by half, or too small."""
    hidden = np.zeros(layers.cls.shape, bool)
    if variant != "pmask":
        return None, hidden
    for zone in ("window", "bathdoor", "door", "curtain"):
        target, found = blobs_of(layers.cls == CLASSES[zone], 3000)
        if found:
            break
    else:
        return None, hidden
    target = max((one for one, _ in found), key=lambda one: int(one.sum()))
    ys, xs = np.nonzero(target)
    hull = cv2.convexHull(np.stack([xs, ys], axis=1).astype(np.float32)).reshape(-1, 2)
    mode = str(rng.choice(["ok", "shifted", "small"]))
    centre = hull.mean(axis=0)
    size = np.ptp(hull, axis=0)
    if mode == "ok":
        hull = centre + (hull - centre) * 1.12
    elif mode == "shifted":
        hull = hull + size * rng.choice([-1, 1], 2) * rng.uniform(.25, .5, 2)
    else:
        hull = centre + (hull - centre) * rng.uniform(.55, .8)
    canvas = np.zeros(hidden.shape, np.uint8)
    cv2.fillPoly(canvas, [np.round(hull).astype(np.int32)], 1)
    hidden = canvas > 0
    coverage = float((hidden & target).sum() / target.sum())
    return {"zone": zone, "mode": mode, "poly": [[round(float(x), 1), round(float(y), 1)] for x, y in hull], "coverage": round(coverage, 3),
            "style": str(rng.choice(["mosaic", "black"]))}, hidden


def _hide(picture: Bytes, hidden: Any, style: str) -> Bytes:
    cover = np.zeros_like(picture)
    if style == "mosaic":
        small = cv2.resize(picture, None, fx=1 / 40, fy=1 / 40, interpolation=cv2.INTER_AREA)
        cover = np.asarray(cv2.resize(small, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.where(hidden[:, :, None], cover, picture)
