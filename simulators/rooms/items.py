"""One labelled item: a home, a pose, three pictures and what is true about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from .home import Home
from .labels import Mask, blobs_of, reflections, zones
from .light import bake
from .optics import Array, Pose
from .parts import CLASSES
from .plan_truth import truth
from .render import Bytes, Layers, OwnLamp, render
from .sensor import DAY_MEAN, NIGHT_MEAN, Optics, Sensor, blobs, expose, luma, near_mask, read_out, through_lens, tone, white_balance
from .variants import VARIANTS, find

SHARP_PX, OBSTRUCTED, LEVEL_DEG = 2.0, 0.25, 7.0


@dataclass
class Item:
    label: dict[str, Any]
    day: Bytes
    night: Bytes
    iroff: Bytes
    refl: Bytes
    cls: Bytes


def make(seed: int, number: int, name: str, size_px: tuple[int, int] = (1280, 720)) -> Item:
    """Item `number` of the set with that seed: the same each time, and independent of the others."""
    variant = VARIANTS[number % len(VARIANTS)]
    home, pose, rng = find(variant, seed, number)
    pose = replace(pose, width_px=size_px[0], height_px=size_px[1])
    maps = bake(home.scene, home.lights, seed + number)
    lamp = OwnLamp(float(rng.uniform(115, 150)), (0.0, -0.035))
    layers = render(home, maps, pose, lamp)
    optics = Optics(defocus_px=float(rng.uniform(4, 10)) if variant == "defocus" else 0.0, smear=float(rng.uniform(.35, .8)) if variant == "smear" else 0.0,
                    smear_at=(float(rng.uniform(.2, .8)), float(rng.uniform(.3, .8))), scatter=float(rng.uniform(.03, .09)), vignette=float(rng.uniform(.1, .5)))
    return _pictures(home, pose, layers, optics, lamp, variant, name, rng)


def _pictures(home: Home, pose: Pose, layers: Layers, optics: Optics, lamp: OwnLamp, variant: str, name: str, rng: np.random.Generator) -> Item:
    day_sensor = Sensor(bool(rng.random() < .6), float(rng.uniform(.005, .012)))
    night_sensor = Sensor(bool(rng.random() < .35), float(rng.uniform(.006, .02)))
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
    near_share = float((layers.cls == CLASSES["obstruct"]).mean())
    label = {"id": name, "variant": variant,
             "files": {"day": f"frames/{name}_day.jpg", "night": f"frames/{name}_night.jpg", "iroff": f"frames/{name}_iroff.jpg",
                       "refl_mask": f"masks/{name}_refl.png", "class_mask": f"masks/{name}_cls.png"},
             "frame_labels": frame_labels, "reflections": listed, "zones": bed,
             "quality": _quality(pose, optics, day_luma, night_luma, near_share, bed["bed"]["status"], variant == "dark", layers.cls == CLASSES["lamp"]),
             "privacy_mask": mask_label, "camera": _camera(pose), "plan": home.plan, "plan_truth": truth(home.plan, pose),
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


def _quality(pose: Pose, optics: Optics, day: Array, night: Array, near: float, bed: str, dark: bool, lamp: Mask) -> dict[str, Any]:
    """`day` and `night` are luma without noise, 0 to 1; the two means are of linear light."""
    radius = {"day": round(optics.defocus_px, 1), "night": round(optics.defocus_px, 1)}
    return {"sharp_day": optics.defocus_px < SHARP_PX, "sharp_night": optics.defocus_px < SHARP_PX, "defocus_radius_px": radius,
            "smear_cover": round(optics.smear, 2), "obstruct_frac": round(near, 3), "obstructed": near > OBSTRUCTED, "tilt_deg": round(pose.roll_deg, 2),
            "level": abs(pose.roll_deg) <= LEVEL_DEG, "dark_day": dark, "dark_night": dark, "day_mean": round(float((day**2.2).mean()), 4),
            "night_mean": round(float((night**2.2).mean()), 4), "ir_wash_frac": round(float(((night > 0.9) & ~lamp).mean()), 4), "bed": bed}


def _privacy(layers: Layers, variant: str, rng: np.random.Generator) -> tuple[dict[str, Any] | None, Mask]:
    """A mask over a zone: right, shifted by half, or too small."""
    hidden = np.zeros(layers.cls.shape, bool)
    if variant != "pmask":
        return None, hidden
    for zone in ("window", "bathdoor", "door", "curtain"):
        seen, found = blobs_of(layers.cls == CLASSES[zone], 3000)
        if found:
            break
    else:
        return None, hidden
    ys, xs = np.nonzero(seen)
    hull = cv2.convexHull(np.stack([xs, ys], axis=1).astype(np.float32)).reshape(-1, 2)   # both panes of a window, and what is between them
    drawn = np.zeros(hidden.shape, np.uint8)
    cv2.fillPoly(drawn, [np.round(hull).astype(np.int32)], 1)
    target = drawn > 0
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


def _hide(picture: Bytes, hidden: Mask, style: str) -> Bytes:
    cover = np.zeros_like(picture)
    if style == "mosaic":
        small = cv2.resize(picture, None, fx=1 / 40, fy=1 / 40, interpolation=cv2.INTER_AREA)
        cover = np.asarray(cv2.resize(small, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.where(hidden[:, :, None], cover, picture)
