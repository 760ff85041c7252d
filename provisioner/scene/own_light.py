"""The camera's own lamp, isolated: night with the lamp less night without it, in linear light.

What is left is light that went out from the camera and came back. On matt things it falls off smoothly; a window lets it out and stays dark; a
mirror or a pane that faces the camera throws the lamp's own image back, and that image is the infrared hot-spot.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.scene.findings import Outline
from provisioner.scene.pictures import Frame, Picture, quantile

Light = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

WIDTH_PX = 640            # light is compared at most this wide: the sensor's noise at night is as coarse as that, and outlines still lie within 2 px of 1280
REFERENCE_PX = 1280       # sizes in pixels below are of a picture this wide
GAMMA = 2.2               # BT.709 cameras and sRGB both lie within 0.02 of it in the middle of the scale
_LINEAR = (np.arange(256, dtype=np.float32) / 255.0) ** GAMMA
_GAIN_LEAST = 0.1         # more than three stops between the two night frames: the camera changed its exposure for the lamp
_SEEN_LUMA = 50           # lamp off: brighter than the sensor's own noise (dark rooms measure 11 to 40 at full gain)
_CLIPPED_LUMA = 245       # 0.96 of full: how bright it really is cannot be told any more
_CLOCK = 0.08             # of the height, above and below: there the time is written, and its digits change between two frames
DARK = 0.004              # linear: the night frame's noise
_GAIN_PIXELS = 30         # of every fourth: fewer pixels lit by others than this tell no gain, and then it does not matter either

_SPOT_CORES = (224, 205)  # luma at night: the lamp's image clips; out of focus, or through a double pane, it is a little under. White things 1 m away reach 200
SPOT_LEAST = 0.2          # of full scale, linear: less than this above what is around it blinds nobody
HALO = 0.2                # of what the core rises: what rises less is halo in the lens,
BLINDS = 0.4              # and of full scale, linear: what stays darker can still be seen through; of a fainter image its brighter half
DISC = 1.15               # times the disc's radius: halo and a second pane make it oblong
_DISC_RAYS = 0.4          # of all directions: what is bright beside the disc makes it seem larger in the others
_SPOT_PX = 60             # pixels of 1280x720: smaller does not blind
_SPOT_MOST_PX = 4600      # 76 px across, 6 degrees in a view of 100: the lamp itself is 1 to 3 degrees wide at 1 to 3 m, the rest is halo
_ROUND = (0.6, 1.25)      # area over that of the ellipse in its box: disc 1, square 1.27, diagonal strip 0.3
_OBLONG_MOST = 2.2        # a disc that a frame or a glazing bar cuts in half is 2; towards the edge of a wide picture it is drawn out to 1.5
_PEAK_LUMA = 244          # the lamp's image is brighter than white paper by a hundred times and more: its middle clips. Paper and lampshades at 1 m reach 240
_OUTLINE_LEVEL = 0.3      # of its rise: a lampshade's outline lies there, and the middle of a halo
_CLIPPED_LEAST = 0.3      # of the core: flat on top, as a thing a hundred times too bright is. A white lampshade near by, shaded towards its rim, has 0 to 0.2,
_CLIPPED_LARGE = 0.55     # and a large one up to 0.46; the lamp's image is the flatter on top the larger it is
_LARGE_PX = 1000          # pixels of 1280x720
_RING_LEAST = 0.45        # of the circle around it lies in the picture: in a corner nothing tells whether it is round
_ALONE_LEAST = 0.75       # of the ellipse in its box: less, and it may be two things that run together
_MERGED_MOST = 3.0        # times the largest image of the lamp, both together
_MERGED_PX = 8            # pixels of 1280: its radius; narrower circles lie in every bright edge
_MERGED_FREE = 0.4        # of the circle close around it is dark,
_MERGED_FAR = 0.45        # and of its peak the four fifths of the circle far around: images 0.26 to 0.40, edges of ceilings and doors 0.62 and more
_DAY_STEP_LUMA = 8        # by day, within 3 px of 640: the outline of a thing. An image of the lamp has none by day
_THING_PX = 12            # of 1280: a thing so near that the lamp makes it white is larger than this from its middle on; behind a pane anything may have an outline
_DAY_AROUND_LEAST = 0.75  # of the outline


def small(picture: Picture) -> Frame:
    """Luma at `WIDTH_PX` across; a smaller picture as it is."""
    if picture.width_px == 2 * WIDTH_PX:
        return picture.half
    if picture.width_px <= WIDTH_PX:
        return picture.luma
    height_px = max(1, round(picture.height_px * WIDTH_PX / picture.width_px))
    return np.asarray(cv2.resize(picture.luma, (WIDTH_PX, height_px), interpolation=cv2.INTER_AREA), np.uint8)


def linear(luma: Frame) -> Light:
    """Light in shares of full scale."""
    return np.asarray(cv2.LUT(luma, _LINEAR), np.float32)


@dataclass(frozen=True, slots=True)
class OwnLight:
    """`light`: what the camera's lamp alone adds, linear, shares of the night frame's full scale, at `WIDTH_PX`; never below 0. `log`: its natural
    logarithm after a blur of 1.5 px against noise, never below that of `DARK`.

    `gain`: exposure of the night frame over that of the lamp-off frame. `measured`: a lamp-off frame was there; without one all light at night counts
    as the camera's own.
    """

    light: Light
    log: Light
    night: Frame
    off: Frame | None
    gain: float
    measured: bool


def own_light(night: Picture, night_off: Picture | None) -> OwnLight:
    """The lamp's share of a night frame. A lamp-off frame of another size is not used."""
    lit = small(night)
    off = small(night_off) if night_off is not None else None
    if off is None or off.shape != lit.shape:
        return _of(linear(lit), lit, None, 1.0)
    gain = _gain(lit, off)
    # In place: fresh memory for every step of the sum takes longer than the sum.
    light = linear(lit)
    cv2.subtract(light, np.asarray(cv2.LUT(off, _LINEAR * np.float32(gain)), np.float32), dst=light)
    return _of(np.maximum(light, np.float32(0), out=light), lit, off, gain)


def _of(light: Light, lit: Frame, off: Frame | None, gain: float) -> OwnLight:
    even = np.asarray(cv2.GaussianBlur(light, (0, 0), 1.5 * lit.shape[1] / WIDTH_PX), np.float32)
    cv2.log(np.maximum(even, np.float32(DARK), out=even), dst=even)
    return OwnLight(light, even, lit, off, gain, off is not None)


def _gain(lit: Frame, off: Frame) -> float:
    """The own lamp only adds. So the ratio of the two frames is nowhere below that of their exposures, and comes near it where the lamp does not reach:
    behind a window, at a lit lamp, far away."""
    margin = round(_CLOCK * lit.shape[0])
    lit, off = (np.ascontiguousarray(one[margin:-margin:2, ::2]) for one in (lit, off))
    seen = np.flatnonzero((off > _SEEN_LUMA) & (off < _CLIPPED_LUMA) & (lit < _CLIPPED_LUMA))
    if seen.size < _GAIN_PIXELS:
        return 1.0
    ratios = _LINEAR.take(lit.ravel().take(seen)) / _LINEAR.take(off.ravel().take(seen))
    return float(np.clip(quantile(ratios, 0.03), _GAIN_LEAST, 1.0))


@dataclass(frozen=True, slots=True)
class Spot:
    """One image of the lamp. `at_px`, `outline_px`: pixels of the frame as it came. `over`: how far it rises above what is around it, linear."""

    at_px: tuple[float, float]
    outline_px: Outline
    area_px: int
    over: float
    foretold: bool


def find_spots(own: OwnLight, night: Picture, day: Picture | None, foretold_px: tuple[tuple[float, float], ...], within_px: float, bit: int = 1,
               ) -> tuple[tuple[Spot, ...], Mask | None]:
    """Images of the lamp, and their pixels (height, width) as 0 or `bit`; None where there is none. `foretold_px`: where a plan says that one must be; there
    the faintest will do."""
    scale = night.width_px / own.light.shape[1]
    unit = night.width_px / REFERENCE_PX
    by_day = small(day) if day is not None else None
    candidates = _candidates(own, by_day if by_day is not None and by_day.shape == own.night.shape else None, unit / scale)
    if not candidates and not foretold_px:
        return (), None
    pixels: Mask = np.zeros(night.luma.shape, np.uint8)
    spots: list[Spot] = []
    for x, y, beside in candidates:
        at_px = ((x + 0.5) * scale, (y + 0.5) * scale)
        expected = any(np.hypot(at_px[0] - fx, at_px[1] - fy) <= 3 * within_px for fx, fy in foretold_px)
        spots += _drawn(night, pixels, bit, at_px, unit, expected, beside)
    for fx, fy in foretold_px:
        if 0 <= fx < night.width_px and 0 <= fy < night.height_px and not any(np.hypot(s.at_px[0] - fx, s.at_px[1] - fy) <= 3 * within_px for s in spots):
            spots += _drawn(night, pixels, bit, _brightest_near(night, (fx, fy), within_px), unit, True, 0.0)
    return tuple(spots), pixels


def _candidates(own: OwnLight, by_day: Frame | None, unit: float) -> list[tuple[float, float, float]]:
    """Centres, in pixels of `own.light`, and how much of their surroundings a bright thing beside them may take. `unit`: its pixels per pixel of 1280."""
    found: list[tuple[float, float, float]] = []
    height, width = own.light.shape
    for level in _SPOT_CORES:
        core = cv2.threshold(own.night, level - 1, 1, cv2.THRESH_BINARY)[1]
        for contour in cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            left, top, across, down = cv2.boundingRect(contour)
            area = cv2.contourArea(contour) + len(contour) / 2  # pixels, not the polygon through their middles
            if not 0.25 * _SPOT_PX * unit**2 <= area <= _MERGED_MOST * _SPOT_MOST_PX * unit**2:
                continue
            at_edge = left == 0 or top == 0 or left + across == width or top + down == height
            fill = area / (np.pi / 4 * across * down)
            if fill < _ALONE_LEAST and (merged := _merged(own, by_day, np.asarray(contour, np.int32), unit)) is not None:
                if all(np.hypot(merged[0] - a, merged[1] - b) >= 12 * unit for a, b, _ in found):
                    found.append((*merged, 0.5))
                continue
            if not _ROUND[0] <= fill <= _ROUND[1] or (max(across, down) > _OBLONG_MOST * min(across, down) and not at_edge) or area > _SPOT_MOST_PX * unit**2:
                continue
            x, y = (float(v) for v in contour[:, 0, :].mean(axis=0))
            clipped = np.count_nonzero(own.night[top:top + down, left:left + across] >= _PEAK_LUMA)
            if clipped < (_CLIPPED_LARGE if area > _LARGE_PX * unit**2 else _CLIPPED_LEAST) * area:
                continue
            if any(np.hypot(x - a, y - b) < 12 * unit for a, b, _ in found):
                continue
            if _is_image(own, by_day, (x, y), (across / 2, down / 2)):
                found.append((x, y, 0.0))
    return found


def _merged(own: OwnLight, by_day: Frame | None, contour: npt.NDArray[np.int32], unit: float) -> tuple[float, float] | None:
    """The middle of an image of the lamp that runs together with a bright thing beside it (a ceiling, a pool of light in the same mirror): the largest circle
    within, where it is dark nearly all around at three times its radius."""
    left, top, across, down = cv2.boundingRect(contour)
    drawn: Mask = np.zeros((down + 2, across + 2), np.uint8)
    cv2.drawContours(drawn, [contour], -1, (1,), cv2.FILLED, offset=(1 - left, 1 - top))
    depth = cv2.distanceTransform(drawn, cv2.DIST_L2, 5)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    at, radius = (float(left + column - 1), float(top + row - 1)), float(depth[row, column])
    far = _around(own.light, at, 3.0 * radius + 4.0)
    if radius < _MERGED_PX * unit or far.size < _RING_LEAST * _TURNS.size:
        return None
    peak, behind = quantile(_around(own.light, at, 0.5 * radius), 0.5), quantile(far, 0.5)
    near = quantile(_around(own.light, at, 1.75 * radius + 1.5), _MERGED_FREE)
    if peak - behind < SPOT_LEAST or near - behind > 0.5 * (peak - behind) or quantile(far, 0.8) > _MERGED_FAR * peak:
        return None
    lit = own.off is not None and quantile(_around(own.off, at, 0.5 * radius), 0.5) >= _CLIPPED_LUMA
    if lit or quantile(_around(own.night, at, 1.0), 0.5) < _PEAK_LUMA:
        return None
    return None if by_day is not None and _has_outline(own, by_day, at, behind + _OUTLINE_LEVEL * (peak - behind)) else at


def _is_image(own: OwnLight, by_day: Frame | None, at: tuple[float, float], half: tuple[float, float]) -> bool:
    """Whether the light falls off from this core as an image of a lamp does: steep, all around, and by the own light only."""
    radius = float(np.sqrt(half[0] * half[1]))
    near = _around(own.light, at, 1.75 * radius + 1.5)
    far = _around(own.light, at, 3.0 * radius + 4.0)
    if far.size < _RING_LEAST * _TURNS.size:
        return False
    core = _around(own.light, at, 0.5 * radius)
    peak, behind = quantile(core, 0.5), quantile(far, 0.5)
    if peak - behind < SPOT_LEAST or quantile(_around(own.night, at, 1.0), 0.5) < _PEAK_LUMA:
        return False
    if float(np.percentile(near, 75)) - behind > 0.62 * (peak - behind) or float(np.percentile(far, 80)) > 0.8 * peak:
        return False
    if own.off is not None and quantile(_around(own.off, at, 0.5 * radius), 0.5) >= _CLIPPED_LUMA:
        return False  # a lit lamp or a bright sky: how much of it is the own lamp's cannot be told
    if radius < _THING_PX * own.light.shape[1] / REFERENCE_PX:
        return True
    return by_day is None or not _has_outline(own, by_day, at, behind + _OUTLINE_LEVEL * (peak - behind))


def _has_outline(own: OwnLight, by_day: Frame, at: tuple[float, float], level: float) -> bool:
    """Whether a step goes all around this place by day as well: then a thing is there (lampshade, plate) that the own light makes white."""
    reach = 60
    left, top = max(0, round(at[0]) - reach), max(0, round(at[1]) - reach)
    bright = (cv2.blur(own.light[top:top + 2 * reach, left:left + 2 * reach], (3, 3)) >= level).astype(np.uint8)
    for contour in cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
        if cv2.pointPolygonTest(contour, (at[0] - left, at[1] - top), False) < 0:
            continue
        middle = contour[:, 0, :].mean(axis=0)
        out = contour[:, 0, :] - middle
        out = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
        whole = np.all((contour[:, 0, :] > 0) & (contour[:, 0, :] < np.array(bright.shape[::-1]) - 1), axis=1)  # where it goes on beyond what is looked at
        place, out = (contour[:, 0, :] + np.array([left, top]))[whole], out[whole]
        # The blurred outline lies a little inside or outside of the thing's own, but by as much all around.
        for far in (-2.0, -0.5, 1.0, 2.5):
            steps = np.abs(_read(by_day, place + (far + 1.5) * out) - _read(by_day, place + (far - 1.5) * out))
            told = np.isfinite(steps)
            if np.any(told) and float(np.mean(steps[told] >= _DAY_STEP_LUMA)) >= _DAY_AROUND_LEAST:
                return True
    return False


def _read(values: Frame, at: npt.NDArray[np.float64]) -> Light:
    """The values at these places; nan outside the picture."""
    xs, ys = np.rint(at[:, 0]).astype(np.intp), np.rint(at[:, 1]).astype(np.intp)
    inside = (xs >= 0) & (ys >= 0) & (xs < values.shape[1]) & (ys < values.shape[0])
    return np.where(inside, values[np.clip(ys, 0, values.shape[0] - 1), np.clip(xs, 0, values.shape[1] - 1)], np.nan).astype(np.float32)


_TURNS = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_COS, _SIN = np.cos(_TURNS), np.sin(_TURNS)


def _around(values: Light | Frame, at: tuple[float, float], radius: float) -> npt.NDArray[np.float64]:
    """The values on a circle; what lies outside the picture is left out."""
    xs = np.rint(at[0] + radius * _COS).astype(np.intp)
    ys = np.rint(at[1] + radius * _SIN).astype(np.intp)
    inside = (xs >= 0) & (ys >= 0) & (xs < values.shape[1]) & (ys < values.shape[0])
    return np.asarray(values[ys[inside], xs[inside]] if inside.any() else values[:1, 0], np.float64)


def _ray(above: Mask, at: tuple[float, float], turn: float, steps: npt.NDArray[np.float64]) -> float:
    """How far the spot reaches in one direction."""
    xs = np.rint(at[0] + steps * np.cos(turn)).astype(np.intp)
    ys = np.rint(at[1] + steps * np.sin(turn)).astype(np.intp)
    inside = (xs >= 0) & (ys >= 0) & (xs < above.shape[1]) & (ys < above.shape[0])
    ends = np.flatnonzero(above[ys[inside], xs[inside]] == 0)
    return float(steps[ends[0]]) if ends.size else float(steps[int(np.count_nonzero(inside)) - 1])


def _brightest_near(night: Picture, at_px: tuple[float, float], within_px: float) -> tuple[float, float]:
    left, top = max(0, round(at_px[0] - within_px)), max(0, round(at_px[1] - within_px))
    part = cv2.GaussianBlur(night.luma[top:round(at_px[1] + within_px) + 1, left:round(at_px[0] + within_px) + 1], (0, 0), 2.0)
    y, x = np.unravel_index(int(part.argmax()), part.shape)
    return float(left + x), float(top + y)


def _drawn(night: Picture, pixels: Mask, bit: int, at_px: tuple[float, float], unit: float, foretold: bool, beside: float) -> list[Spot]:
    """The spot around `at_px` at the picture's full size, drawn into `pixels`; nothing when it does not rise above what is around it, of which something
    bright may take the share `beside`."""
    reach = round(56 * unit)
    left, top = max(0, round(at_px[0]) - reach), max(0, round(at_px[1]) - reach)
    luma = night.luma[top:top + 2 * reach + 1, left:left + 2 * reach + 1]
    light = linear(np.asarray(cv2.medianBlur(luma, 3), np.uint8))
    centre = (at_px[0] - left, at_px[1] - top)
    behind = float(np.percentile(np.concatenate([_around(light, centre, r * unit) for r in (28.0, 34.0, 40.0)]), 50 * (1 - beside)))
    peak = float(np.percentile(light[max(0, round(centre[1]) - 3):round(centre[1]) + 4, max(0, round(centre[0]) - 3):round(centre[0]) + 4], 75))
    rise = peak - behind
    if rise < SPOT_LEAST:
        return []
    above = (light >= max(behind + HALO * rise, min(BLINDS, behind + 0.5 * rise))).astype(np.uint8)
    # The lamp is a disc: what hangs on to it (a bright frame above) ends where the disc would.
    steps = np.arange(2.0, reach, 1.0)
    rises = np.array([_ray(above, centre, turn, steps) for turn in _TURNS])
    cv2.circle(disc := np.zeros_like(above), (round(centre[0]), round(centre[1])), round(DISC * quantile(rises, _DISC_RAYS)) + 2, (1,), -1)
    above &= disc
    label = cv2.connectedComponents(above, connectivity=4)[1]
    at = (int(np.clip(round(centre[1]), 0, luma.shape[0] - 1)), int(np.clip(round(centre[0]), 0, luma.shape[1] - 1)))
    if not above[at]:
        return []
    spot = (label == label[at]).astype(np.uint8)
    area = int(np.count_nonzero(spot))
    if area < _SPOT_PX * unit**2:
        return []
    pixels[top:top + spot.shape[0], left:left + spot.shape[1]] |= spot * np.uint8(bit)
    contour = max(cv2.findContours(spot, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)
    outline = tuple((float(x + left), float(y + top)) for x, y in cv2.approxPolyDP(contour, 1.5 * unit, True)[:, 0, :])
    over = float(light[at]) - behind
    return [Spot(at_px, outline, area, over, foretold)]
