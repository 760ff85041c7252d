"""One frame to numbers, and numbers to sentences for the person on the ladder.

`measure` takes about 4 ms for 1080p on one core. It judges what any room allows: light, focus, and whether the picture was decoded whole.
Reflections, the area and the bed are not judged here.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.fault import Text
from provisioner.scene.limits import FrameLimits

Frame = npt.NDArray[np.uint8]

WIDTH_PX = 1280           # pictures are judged at most this wide: finer detail is noise, and limits then mean the same for every camera
ROWS_MOST = 120           # rows that are searched for edges, evenly spread
MARGIN = 0.1              # of the height, above and below: there cameras write the time, which is always sharp
DARK_LUMA = 25            # video black is 16; a sensor's noise reaches this high
BRIGHT_LUMA = 245         # 0.96 of full
GREY_LUMA = (124, 134)    # Y = 128 is luma 128, or 130 where video range is stretched to full
BLOCK_PX = 8              # compression works in blocks of 8 and 16 pixels
_NARROW_PX, _WIDE_PX = 1.0, 2.5   # sigmas of the two blurs between which an edge is measured
_EDGE_LEAST = 3.0         # luma per pixel, after the wide blur: a step of 20 luma or more
_OVER_NOISE = 6.0         # and this many times the median slope, which is that of noise and texture
_EDGES_LEAST = 40         # fewer edge pixels than this prove nothing
_BUSY = 0.03              # of a row's pixels go up by 2 or more, and as many down: drawn-out real rows 0.05 to 0.2, bars and dark walls 0.015
_SHARPEST = 0.2           # an edge seen at an angle, or of a soft thing, looks wide: the sharpest fifth tells of the lens


@dataclass(frozen=True, slots=True)
class Quality:
    """Measurements of one frame. Luma 0 to 255; shares are fractions of the picture; sizes in pixels of the frame as it came.

    `mean_luma`: mean brightness. `contrast`: standard deviation of luma. `dark_share`: pixels at or below `DARK_LUMA`. `bright_share`: at or above
    `BRIGHT_LUMA`. `edge_spread`: Gaussian sigma of the sharpest edges in thousandths of the picture's width (0.5 is a sharp camera, 2 is out of
    focus); infinite where there are no edges. `sharpness`: 1 / `edge_spread`, so more is better; 0 without edges.
    `grey_share`: blocks of nothing but the grey of a picture that lacks the one it builds on (Y = 128). `green_share`: the green of undecoded
    pictures (Y, U and V all 0). `smear_share`: rows that repeat the row above them exactly.
    """

    width_px: int
    height_px: int
    mean_luma: float
    contrast: float
    dark_share: float
    bright_share: float
    edge_spread: float
    sharpness: float
    grey_share: float
    green_share: float
    smear_share: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `kind` is a short name for machines, `text` says what to do. `spoils` True: the picture itself is broken, take another
    one and judge nothing by this one."""

    kind: str
    text: Text
    spoils: bool = False


_TEXTS = {
    "no_picture": Text("Bilden är tom. Ta en ny bild.", "The picture is empty. Take another one."),
    "green": Text("Bilden är inte färdigavkodad (grön yta). Ta en ny bild.", "The picture is not fully decoded (green area). Take another one."),
    "grey": Text("Delar av bilden saknas (grå yta). Ta en ny bild; hjälper det inte, kontrollera att inget täcker linsen.",
                 "Parts of the picture are missing (grey area). Take another one; if that does not help, check that nothing covers the lens."),
    "smeared": Text("Bilden är trasig (utdragna ränder). Ta en ny bild.", "The picture is broken (drawn-out stripes). Take another one."),
    "dark": Text("Bilden är för mörk. Tänd i rummet eller kontrollera att inget täcker linsen, och ta en ny bild.",
                 "The picture is too dark. Put the light on or check that nothing covers the lens, and take another one."),
    "bright": Text("Bilden är för ljus. Vrid kameran bort från fönster och lampor och ta en ny bild.",
                   "The picture is too bright. Turn the camera away from windows and lamps and take another one."),
    "glare": Text("En stor del av bilden är utfrätt av ljus. Vrid kameran bort från fönstret eller lampan och ta en ny bild.",
                  "A large part of the picture is blown out by light. Turn the camera away from the window or lamp and take another one."),
    "unsharp": Text("Bilden är oskarp. Ta av skyddsfilmen, torka linsen, justera fokus och ta en ny bild.",
                    "The picture is not sharp. Take off the protective film, wipe the lens, adjust the focus and take another one."),
    "no_edges": Text("Inga konturer syns i bilden. Kontrollera att inget täcker linsen och att rummet är upplyst.",
                     "No outlines are visible in the picture. Check that nothing covers the lens and that the room is lit."),
}


def measure(frame: Frame) -> Quality:
    """The numbers of a BGR frame, shape (height, width, 3), uint8. The frame is not changed. Raises `ValueError` for any other array."""
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or min(frame.shape[:2]) < 2 * BLOCK_PX:
        raise ValueError(f"not a BGR picture: {frame.dtype} {frame.shape}")
    height_px, width_px = frame.shape[:2]
    luma: Frame = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    counts = cv2.calcHist([luma[::4]], [0], None, [256], [0, 256]).ravel()
    shares = counts / counts.sum()
    levels = np.arange(256)
    mean = float(shares @ levels)
    spread = edge_spread(luma)
    return Quality(
        width_px=width_px, height_px=height_px, mean_luma=mean, contrast=float(np.sqrt(shares @ (levels - mean) ** 2)),
        dark_share=float(shares[: DARK_LUMA + 1].sum()), bright_share=float(shares[BRIGHT_LUMA:].sum()),
        edge_spread=spread, sharpness=0.0 if spread == float("inf") else 1.0 / max(spread, 0.05),
        grey_share=_grey_share(luma), green_share=_green_share(frame), smear_share=_smear_share(luma),
    )


def judge(quality: Quality, limits: FrameLimits) -> tuple[Finding, ...]:
    """What is wrong with a frame, worst first; empty where nothing is. Of a broken picture only the breakage is told."""
    broken = [kind for kind, is_so in (
        ("green", quality.green_share > limits.green_share_most),
        ("smeared", quality.smear_share > limits.smear_share_most),
        ("grey", quality.grey_share > limits.grey_share_most),
    ) if is_so]
    if broken:
        return (Finding(broken[0], _TEXTS[broken[0]], spoils=True),)
    is_dark = quality.mean_luma < limits.mean_luma_least or quality.dark_share > limits.dark_share_most
    is_bright = quality.mean_luma > limits.mean_luma_most
    kinds = [kind for kind, is_so in (
        ("dark", is_dark),
        ("bright", is_bright),
        ("glare", not is_bright and quality.bright_share > limits.bright_share_most),
        ("no_edges", not is_dark and quality.sharpness == 0.0),
        ("unsharp", quality.sharpness > 0.0 and quality.edge_spread > limits.edge_spread_most),
    ) if is_so]
    return tuple(Finding(kind, _TEXTS[kind]) for kind in kinds)


def edge_spread(luma: Frame) -> float:
    """Sigma of the sharpest upright edges, in thousandths of the picture's width; infinite where there are none. `luma`: (height, width), uint8.

    A step blurred by sigma has the slope A / sqrt(2 pi (sigma^2 + s^2)) after one more blur by s. The ratio of its slopes after two blurs therefore
    gives sigma, whatever the edge's height A: contrast and texture do not count as they do in the variance of the Laplacian. Edges are picked in the
    wider blur, where noise has nearly gone (after Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44, 2011).
    """
    height_px, width_px = luma.shape
    margin_px = int(height_px * MARGIN)
    rows = luma[margin_px : height_px - margin_px : max(1, height_px // ROWS_MOST)]
    if width_px > WIDTH_PX:
        rows = np.asarray(cv2.resize(rows, (WIDTH_PX, rows.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    wide = _slopes(rows, _WIDE_PX)
    least = max(_EDGE_LEAST, _OVER_NOISE * float(np.median(wide[::4])))
    line, column = np.nonzero(wide[:, 2:-2] >= least)
    column += 2
    here = wide[line, column]
    is_peak = (here >= wide[line, column - 1]) & (here > wide[line, column + 1])
    if int(np.count_nonzero(is_peak)) < _EDGES_LEAST:
        return float("inf")
    line, column, here = line[is_peak], column[is_peak], here[is_peak]
    narrow = _slopes(rows, _NARROW_PX)[line, column]
    ratio2 = np.maximum((narrow / here) ** 2, 1.0001)
    sigma2 = np.maximum((_WIDE_PX**2 - ratio2 * _NARROW_PX**2) / (ratio2 - 1.0), 0.0)
    sigma_px = float(np.sqrt(np.quantile(sigma2, _SHARPEST)))
    return 1000.0 * sigma_px / int(rows.shape[1])


def _slopes(rows: Frame, sigma_px: float) -> npt.NDArray[np.float32]:
    """Absolute slope along each row, luma per pixel, after a blur along the row."""
    half = int(np.ceil(3 * sigma_px))
    taps = cv2.getGaussianKernel(2 * half + 1, sigma_px).ravel()
    kernel = np.convolve(taps, [0.5, 0.0, -0.5]).reshape(1, -1)
    return np.abs(np.asarray(cv2.filter2D(rows, cv2.CV_32F, kernel), np.float32))


def _grey_share(luma: Frame) -> float:
    """Fraction of blocks in which all pixels have one and the same luma in `GREY_LUMA`; every fourth row of blocks is looked at."""
    height, width = (size - size % BLOCK_PX for size in luma.shape)
    whole: Any = luma[:height, :width]
    some = whole.reshape(height // BLOCK_PX, BLOCK_PX, width)[::4]
    least = some.min(axis=1).reshape(len(some), width // BLOCK_PX, BLOCK_PX).min(axis=2)
    most = some.max(axis=1).reshape(len(some), width // BLOCK_PX, BLOCK_PX).max(axis=2)
    return float(np.mean((least == most) & (least >= GREY_LUMA[0]) & (least <= GREY_LUMA[1])))


def _green_share(frame: Frame) -> float:
    """Fraction of pixels, of every sixteenth in both directions, that are the green of Y = U = V = 0: (0, 135, 0) by BT.601, (0, 77, 0) by BT.709."""
    some = frame[::16, ::16].astype(np.int16)
    blue, green, red = some[..., 0], some[..., 1], some[..., 2]
    return float(np.mean((blue <= 8) & (red <= 8) & (green >= 60) & (green <= 160)))


def _smear_share(luma: Frame) -> float:
    """Fraction of rows that equal the row above in all of every fourth pixel, while being as busy from side to side as rows of real pictures are.

    Drawn test pictures (bars, ramps) and compressed darkness repeat their rows too, but hardly go up and down in brightness along a row.
    """
    some = luma[:, ::4]
    repeats = some[1:][~np.any(some[1:] != some[:-1], axis=1)].astype(np.int16)
    steps = np.diff(repeats, axis=1)
    turns = np.minimum(np.count_nonzero(steps > 1, axis=1), np.count_nonzero(steps < -1, axis=1))
    return float(np.count_nonzero(turns > _BUSY * some.shape[1])) / (len(some) - 1)
