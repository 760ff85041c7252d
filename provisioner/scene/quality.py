"""One frame to numbers, and numbers to sentences for the person on the ladder.

`measure` takes about 5 ms for 720p on one core. It judges what any room allows: light, noise, focus, a dirty lens, and whether the picture was decoded
whole. Tilt, obstruction, the area and reflections have modules of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from provisioner.fault import Text
from provisioner.scene.findings import Finding, Severity
from provisioner.scene.limits import FrameLimits
from provisioner.scene.pictures import Frame, Picture
from provisioner.scene.sharpness import Edges, edges_of, smeared_share

DARK_LUMA = 25            # video black is 16; a sensor's noise reaches this high
BRIGHT_LUMA = 245         # 0.96 of full
GREY_LUMA = (124, 134)    # Y = 128 is luma 128, or 130 where video range is stretched to full
BLOCK_PX = 8              # compression works in blocks of 8 and 16 pixels
GAMMA = 2.2               # of display pictures, nearly: BT.709 and sRGB with their straight foot come to this on the whole
_GREEN_LUMA = (34, 99)    # of pixels that `_green_share` counts, by BT.601
_GREEN_STEP = 1           # luma from each fourth pixel to the next: coding leaves less on one colour
_GREEN_ROW = 5            # such steps in a row, 20 pixels; grain of 3 luma has them once in 100 places
_GREEN_LEVELS = 5         # of luma, within which one colour stays; a dim wall that is as flat goes through 20 and more
_GREEN_FEW = 0.02         # of the picture, in so few levels: under half of the share that is called broken
_BUSY = 0.03              # of a row's pixels go up by 2 or more, and as many down: drawn-out real rows 0.05 to 0.2, bars and dark walls 0.015
_SOFT_LIGHT = 1.2         # times the limit is still the light and not the lens: few things with edges, or soft shadows,
_SHARP_ELSEWHERE = 0.75   # where another frame of the same lens has so much less than the limit
_FINE_PX = 1280           # of a picture 640 wide a pixel is 1.6 thousandths, and its sharpest edges have 1.4
_UNSHARP_ELSEWHERE = 0.77 # times the limit is the lens, where another frame of it is over the limit: 1.35. Sharp ones beside it 0.9 to 1.1, unsharp 1.4 and more
_LIGHT_ROWS = 9           # every ninth row is asked how bright it is
_NOISE_ROWS = 8           # rows of each strip that noise is measured in
_NOISE_STRIPS = 6
_LIGHT = ((np.arange(256) / 255.0) ** GAMMA)
_SECOND = np.array([1, -2, 1], np.float32)  # differences of differences; down and across they are the difference of two Laplacians


@dataclass(frozen=True, slots=True)
class Quality:
    """Measurements of one frame. Luma 0 to 255; shares are fractions of the picture; sizes in pixels of the frame as it came.

    `mean_luma`: mean brightness. `mean_light`: mean of linear light, as a fraction of full. `contrast`: standard deviation of luma. `noise`: standard
    deviation of luma from pixel to pixel where nothing is drawn. `dark_share`: pixels at or below `DARK_LUMA`. `bright_share`: at or above
    `BRIGHT_LUMA`. `edge_spread`: Gaussian sigma of the sharpest edges in thousandths of the picture's width (1 is a sharp camera, 3 is out of focus); infinite
    where there are no edges. `spread_elsewhere`: the least of the other frames of the same lens. `sharpness`: 1 / `edge_spread`, so more is better; 0 without
    edges. `smeared_share`: where the lens is dirty; None where that cannot be told. `grey_share`: blocks of nothing but the grey of a picture that lacks the
    one it builds on (Y = 128). `green_share`: the green of undecoded pictures (Y, U and V all 0). `repeat_share`: rows that repeat the row above them exactly.
    """

    width_px: int
    height_px: int
    mean_luma: float
    mean_light: float
    contrast: float
    noise: float
    dark_share: float
    bright_share: float
    edge_spread: float
    spread_elsewhere: float
    sharpness: float
    smeared_share: float | None
    grey_share: float
    green_share: float
    repeat_share: float


_TEXTS = {
    "green": Text("Bilden är inte färdigavkodad (grön yta). Ta en ny bild.", "The picture is not fully decoded (green area). Take another one."),
    "grey": Text("Delar av bilden saknas (grå yta). Ta en ny bild; hjälper det inte, kontrollera att inget täcker linsen.",
                 "Parts of the picture are missing (grey area). Take another one; if that does not help, check that nothing covers the lens."),
    "concealed": Text("Bilden är trasig (utdragna ränder). Ta en ny bild.", "The picture is broken (drawn-out stripes). Take another one."),
    "dark": Text("Bilden är för mörk. Tänd i rummet eller kontrollera att inget täcker linsen, och ta en ny bild.",
                 "The picture is too dark. Put the light on or check that nothing covers the lens, and take another one."),
    "bright": Text("Bilden är för ljus. Vrid kameran bort från fönster och lampor och ta en ny bild.",
                   "The picture is too bright. Turn the camera away from windows and lamps and take another one."),
    "blown_out": Text("En stor del av bilden är utfrätt av ljus. Vrid kameran bort från fönstret eller lampan och ta en ny bild.",
                      "A large part of the picture is blown out by light. Turn the camera away from the window or lamp and take another one."),
    "flat": Text("Bilden är disig. Torka av linsen och kupan med en torr, mjuk duk, vänta om det är imma, och ta en ny bild.",
                 "The picture is hazy. Wipe the lens and the dome with a dry, soft cloth, wait if it is fogged, and take another one."),
    "noisy": Text("Bilden är brusig. Tänd i rummet, eller flytta kameran närmare sängen om det är så på natten, och ta en ny bild.",
                  "The picture is noisy. Put the light on, or move the camera closer to the bed if it is so at night, and take another one."),
    "unsharp": Text("Bilden är oskarp. Ta av skyddsfilmen, torka linsen, justera fokus och ta en ny bild.",
                    "The picture is not sharp. Take off the protective film, wipe the lens, adjust the focus and take another one."),
    "smeared": Text("Linsen är kladdig på en del av bilden. Putsa linsen och kupan med en mjuk duk, utan att vrida på fokus, och ta en ny bild.",
                    "The lens is smeared over a part of the picture. Polish the lens and the dome with a soft cloth, without turning the focus, and take "
                    "another one."),
    "no_edges": Text("Inga konturer syns i bilden. Kontrollera att inget täcker linsen och att rummet är upplyst.",
                     "No outlines are visible in the picture. Check that nothing covers the lens and that the room is lit."),
}


def measure(picture: Picture, edges: Edges | None = None, others: Sequence[Edges] = ()) -> Quality:
    """The numbers of a frame. `edges`: its own, where they are known already. `others`: those of more frames through the same lens, which make it surer
    where it is dirty."""
    own = edges or edges_of(picture)
    luma = picture.luma
    counts = cv2.calcHist([luma[::_LIGHT_ROWS]], [0], None, [256], [0, 256]).ravel()
    shares = counts / counts.sum()
    levels = np.arange(256)
    mean = float(shares @ levels)
    spread = own.spread()
    return Quality(
        width_px=picture.width_px, height_px=picture.height_px, mean_luma=mean, mean_light=float(shares @ _LIGHT),
        contrast=float(np.sqrt(shares @ (levels - mean) ** 2)), noise=noise(luma),
        dark_share=float(shares[: DARK_LUMA + 1].sum()), bright_share=float(shares[BRIGHT_LUMA:].sum()),
        edge_spread=spread, spread_elsewhere=min((other.spread() for other in others), default=float("inf")),
        sharpness=0.0 if spread == float("inf") else 1.0 / max(spread, 0.05), smeared_share=smeared_share((own, *others)),
        grey_share=_grey_share(luma), green_share=_green_share(picture), repeat_share=_repeat_share(luma),
    )


def judge(quality: Quality, limits: FrameLimits) -> tuple[Finding, ...]:
    """What is wrong with a frame, worst first; empty where nothing is. Of a broken picture only the breakage is told."""
    return _broken(quality.green_share, quality.repeat_share, quality.grey_share, limits) or tuple(_light(quality, limits) + _lens(quality, limits))


def broken(picture: Picture, limits: FrameLimits) -> tuple[Finding, ...]:
    """Whether a frame was decoded whole, where nothing else is asked of it: one with the lamp off may be as dark as it likes."""
    return _broken(_green_share(picture), _repeat_share(picture.luma), _grey_share(picture.luma), limits)


def _broken(green_share: float, repeat_share: float, grey_share: float, limits: FrameLimits) -> tuple[Finding, ...]:
    found = [_finding(kind, value, limit, "share of the picture", Severity.BROKEN) for kind, value, limit in (
        ("green", green_share, limits.green_share_most), ("concealed", repeat_share, limits.repeat_share_most), ("grey", grey_share, limits.grey_share_most),
    ) if value > limit]
    return tuple(found[:1])


def _light(quality: Quality, limits: FrameLimits) -> list[Finding]:
    found = []
    if quality.mean_light < limits.mean_light_least:
        found.append(_finding("dark", quality.mean_light, limits.mean_light_least, "fraction of full light"))
    elif quality.dark_share > limits.dark_share_most:
        found.append(_finding("dark", quality.dark_share, limits.dark_share_most, "share of the picture"))
    if quality.mean_luma > limits.mean_luma_most:
        found.append(_finding("bright", quality.mean_luma, limits.mean_luma_most, "luma"))
    elif quality.bright_share > limits.bright_share_most:
        found.append(_finding("blown_out", quality.bright_share, limits.bright_share_most, "share of the picture"))
    if quality.noise > limits.noise_most:
        found.append(_finding("noisy", quality.noise, limits.noise_most, "luma", Severity.LOOK))
    return found


def _lens(quality: Quality, limits: FrameLimits) -> list[Finding]:
    is_dark = quality.mean_light < limits.mean_light_least or quality.dark_share > limits.dark_share_most
    if quality.sharpness == 0.0:
        return [] if is_dark else [_finding("no_edges", quality.contrast, limits.contrast_least, "luma")]
    if quality.contrast < limits.contrast_least and not is_dark:
        return [_finding("flat", quality.contrast, limits.contrast_least, "luma")]
    if quality.smeared_share is not None and quality.smeared_share > limits.smeared_share_most:
        return [_finding("smeared", quality.smeared_share, limits.smeared_share_most, "share of the picture")]
    most, elsewhere = limits.edge_spread_most, quality.spread_elsewhere
    if elsewhere <= _SHARP_ELSEWHERE * most:
        most *= _SOFT_LIGHT
    elif most < elsewhere < float("inf") and quality.width_px >= _FINE_PX:
        most *= _UNSHARP_ELSEWHERE
    if quality.edge_spread > most:
        return [_finding("unsharp", quality.edge_spread, most, "thousandths of the width")]
    return []


def _finding(kind: str, value: float, limit: float, unit: str, severity: Severity = Severity.ACT) -> Finding:
    return Finding(kind, severity, _TEXTS[kind], value=round(value, 4), limit=limit, unit=unit)


def noise(luma: Frame) -> float:
    """Standard deviation of luma from pixel to pixel, from strips across the picture.

    The difference of two Laplacians cancels steps and ramps and has 6 times the deviation of white noise (Immerkaer, Fast Noise Variance Estimation,
    Computer Vision and Image Understanding 64, 1996). The median instead of the mean leaves out what is drawn. Compression takes noise away, so this is
    what was left of it.
    """
    height = luma.shape[0]
    starts = np.linspace(0, max(0, height - _NOISE_ROWS), _NOISE_STRIPS).astype(int)
    strips = [np.asarray(cv2.sepFilter2D(luma[at : at + _NOISE_ROWS], cv2.CV_16S, _SECOND, _SECOND), np.int16)[1:-1, 1:-1] for at in starts]
    counts = np.cumsum(np.bincount(np.abs(np.concatenate(strips)[:, ::3]).ravel()))  # many are equal, which makes sorting slow
    return float(np.searchsorted(counts, counts[-1] // 2, side="right")) / (0.6745 * 6.0)


def _grey_share(luma: Frame) -> float:
    """Fraction of blocks in which all pixels have one and the same luma in `GREY_LUMA`; every eighth row of blocks is looked at."""
    height, width = (size - size % BLOCK_PX for size in luma.shape)
    whole: Any = luma[:height, :width]
    some = whole.reshape(height // BLOCK_PX, BLOCK_PX, width)[::8]
    least, most = some.min(axis=1), some.max(axis=1)
    level = least[(least == most) & (least >= GREY_LUMA[0]) & (least <= GREY_LUMA[1])]
    if level.size < BLOCK_PX:
        return 0.0
    flat = np.where(least == most, least, np.uint8(0)).reshape(len(some), width // BLOCK_PX, BLOCK_PX)  # 0 is no grey
    return float(np.mean((flat[..., 0] >= GREY_LUMA[0]) & (flat[..., 0] <= GREY_LUMA[1]) & np.all(flat == flat[..., :1], axis=2)))


def _green_share(picture: Picture) -> float:
    """Fraction of pixels, of every sixteenth in both directions, that are the green of Y = U = V = 0: (0, 135, 0) by BT.601, (0, 77, 0) by BT.709.

    Colour costs as much to decode as brightness does, so that is asked first: this green is one luma of 35 to 98 and flat along its rows, which are long.
    """
    few = picture.luma[::8, ::4]
    step = cv2.absdiff(few[:, 1:], few[:, :-1])
    level = cv2.inRange(few[:, 1:], _GREEN_LUMA[0], _GREEN_LUMA[1])
    flat = cv2.erode(cv2.min(level, cv2.threshold(step, _GREEN_STEP, 255, cv2.THRESH_BINARY_INV)[1]), np.ones((1, _GREEN_ROW), np.uint8))
    counts = np.bincount(few[:, 1:][flat > 0], minlength=256)
    if np.convolve(counts, np.ones(_GREEN_LEVELS)).max() <= _GREEN_FEW * flat.size:
        return 0.0
    some = picture.quarter_bgr[::4, ::4].astype(np.int16)
    blue, green, red = some[..., 0], some[..., 1], some[..., 2]
    return float(np.mean((blue <= 8) & (red <= 8) & (green >= 60) & (green <= 160)))


def _repeat_share(luma: Frame) -> float:
    """Fraction of rows that equal the row above in all of every fourth pixel, while being as busy from side to side as rows of real pictures are.

    Drawn test pictures (bars, ramps) and compressed darkness repeat their rows too, but hardly go up and down in brightness along a row.
    """
    few = luma[:, ::32]
    equal = np.flatnonzero(np.all(few[1:] == few[:-1], axis=1))
    some = luma[:, ::4]
    equal = equal[np.all(some[equal + 1] == some[equal], axis=1)]
    repeats = some[equal + 1].astype(np.int16)
    steps = np.diff(repeats, axis=1)
    turns = np.minimum(np.count_nonzero(steps > 1, axis=1), np.count_nonzero(steps < -1, axis=1))
    return float(np.count_nonzero(turns > _BUSY * some.shape[1])) / (len(some) - 1)
