"""One list of shapes, drawn twice: as SVG and as a raster picture. So the two cannot say different things.

Shapes know nothing of findings or plans. Every line has a dark rim, so that it stands out on a white wall and on a black window alike, and every kind of
area its own hatching, so that nothing is told by colour alone. Words are drawn by the font that OpenCV 5 carries (`cv2.FontFace`), which has Swedish letters.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from provisioner.scene.findings import Outline
from provisioner.scene.pictures import Frame

# Okabe and Ito, Color Universal Design, 2008: told apart with every common colour blindness.
ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
WHITE, GREY, DARK, BLACK = "#FFFFFF", "#B8B8B8", "#161616", "#000000"
RIM = 2.0          # times the line's width: the dark rim around it
JPEG_QUALITY = 85  # of the pictures inside an SVG: no artefact that a person sees, about 100 kB for 720p
_SHIFT = 4         # bits behind the binary point in OpenCV's own coordinates: outlines are drawn to a sixteenth of a pixel
_FONTS = "Rubik, Arial, Helvetica, sans-serif"  # Rubik is OpenCV's; the others are no wider


class Hatch(StrEnum):
    """How an area is filled."""

    NONE = "none"
    RISING = "rising"      # ///
    FALLING = "falling"    # \\\
    CROSSED = "crossed"    # both
    LEVEL = "level"        # ===
    UPRIGHT = "upright"    # |||
    SOLID = "solid"        # a tint, without lines


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon with its outline. `hole`s are further rings that are left out. `tint` 0 to 1: how much of the colour lies over what is below."""

    outline: Outline
    colour: str
    hatch: Hatch = Hatch.NONE
    line_px: float = 4.0
    dashed: bool = False
    holes: tuple[Outline, ...] = ()
    tint: float = 0.0
    step_px: float = 18.0


@dataclass(frozen=True, slots=True)
class Line:
    """Straight pieces from point to point; with `arrow`, a head at the end."""

    points: Outline
    colour: str
    line_px: float = 4.0
    dashed: bool = False
    arrow: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `at` is its left end on the base line, or its middle."""

    at: tuple[float, float]
    text: str
    size_px: float
    colour: str = WHITE
    bold: bool = False
    middle: bool = False
    rim: bool = False


@dataclass(frozen=True, slots=True)
class Badge:
    """A number in a disc."""

    at: tuple[float, float]
    text: str
    colour: str
    radius_px: float = 26.0


@dataclass(frozen=True, slots=True)
class Photo:
    """A BGR picture, its upper left corner at `at`, `width_px` wide."""

    at: tuple[float, float]
    bgr: Frame
    width_px: float

    @property
    def height_px(self) -> float:
        """As its own sides are to one another."""
        height_px, width_px = self.bgr.shape[:2]
        return self.width_px * int(height_px) / int(width_px)


Shape = Area | Line | Words | Badge | Photo


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a ground, the first lowest. `title` is what a screen reader says."""

    width_px: int
    height_px: int
    shapes: tuple[Shape, ...]
    title: str
    ground: str = DARK


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on it."""
    red, green, blue = _rgb(colour)
    return BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else WHITE


def width_of(text: str, size_px: float, bold: bool = False) -> float:
    """How wide a line of text is, in pixels."""
    x, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), round(size_px), 700 if bold else 400)
    return float(x + width)


def wrapped(text: str, size_px: float, width_px: float, bold: bool = False) -> list[str]:
    """The text in lines of at most this width; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size_px, bold) <= 0.97 * width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def raster(drawing: Drawing) -> Frame:
    """The drawing as a BGR picture."""
    canvas: Frame = np.empty((drawing.height_px, drawing.width_px, 3), np.uint8)
    canvas[:] = _bgr(drawing.ground)
    for shape in drawing.shapes:
        match shape:
            case Photo():
                _draw_photo(canvas, shape)
            case Area():
                _draw_area(canvas, shape)
            case Line():
                _draw_line(canvas, shape)
            case Words():
                _draw_words(canvas, shape)
            case Badge():
                _draw_badge(canvas, shape)
    return canvas


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _bgr(colour: str) -> tuple[int, int, int]:
    return _rgb(colour)[::-1]


def _fixed(points: Sequence[tuple[float, float]]) -> Any:
    return np.round(np.asarray(points, np.float64) * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def _draw_photo(canvas: Frame, photo: Photo) -> None:
    width, height = round(photo.width_px), round(photo.height_px)
    shown = photo.bgr if photo.bgr.shape[:2] == (height, width) else cv2.resize(photo.bgr, (width, height), interpolation=cv2.INTER_AREA)
    x, y = round(photo.at[0]), round(photo.at[1])
    room = canvas[y : y + height, x : x + width]
    room[:] = shown[: room.shape[0], : room.shape[1]]


def _draw_area(canvas: Frame, area: Area) -> None:
    if area.hatch is not Hatch.NONE or area.tint > 0:
        stencil: Frame = np.zeros(canvas.shape[:2], np.uint8)
        cv2.fillPoly(stencil, [_fixed(ring) for ring in (area.outline, *area.holes)], (255,), cv2.LINE_8, _SHIFT)
        x, y, width, height = cv2.boundingRect(stencil)
        part = (slice(y, y + height), slice(x, x + width))
        if area.tint > 0:
            tinted = np.asarray((1 - area.tint) * canvas[part] + area.tint * np.asarray(_bgr(area.colour)), np.uint8)
            canvas[part] = np.where(stencil[part][..., None] > 0, tinted, canvas[part])
        for colour, thick in ((BLACK, 4), (area.colour, 2)):
            lines: Frame = np.zeros(canvas.shape[:2], np.uint8)
            for start, end in _hatching(area, (x, y, width, height)):
                cv2.line(lines, start, end, (255,), thick, cv2.LINE_8)
            inked = (lines[part] > 0) & (stencil[part] > 0)
            canvas[part][inked] = _bgr(colour)
    for ring in (area.outline, *area.holes):
        _stroke(canvas, (*ring, ring[0]), area.colour, area.line_px, area.dashed)


def _hatching(area: Area, box: tuple[int, int, int, int]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Lines over the box, laid out from the picture's own corner, so that neighbours agree."""
    x, y, width, height = box
    step, found = max(4, round(area.step_px)), []
    if area.hatch in (Hatch.RISING, Hatch.CROSSED):
        found += [((at - y, y), (at - y - height, y + height)) for at in range((x + y) // step * step, x + width + y + height, step)]
    if area.hatch in (Hatch.FALLING, Hatch.CROSSED):
        found += [((at + y, y), (at + y + height, y + height)) for at in range((x - y - height) // step * step, x + width - y, step)]
    if area.hatch is Hatch.LEVEL:
        found += [((x, at), (x + width, at)) for at in range(y // step * step, y + height, step)]
    if area.hatch is Hatch.UPRIGHT:
        found += [((at, y), (at, y + height)) for at in range(x // step * step, x + width, step)]
    return found


def _stroke(canvas: Frame, points: Outline, colour: str, line_px: float, dashed: bool) -> None:
    pieces = _dashes(points, 5 * line_px) if dashed else [points]
    for ink, thick in ((BLACK, round(RIM * line_px)), (colour, round(line_px))):
        cv2.polylines(canvas, [_fixed(piece) for piece in pieces], False, _bgr(ink), max(1, thick), cv2.LINE_AA, _SHIFT)


def _dashes(points: Outline, dash_px: float) -> list[Outline]:
    found: list[Outline] = []
    left, on, piece = dash_px, True, [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        length, gone = float(np.hypot(x1 - x0, y1 - y0)), 0.0
        while length - gone > left:
            gone += left
            here = (x0 + (x1 - x0) * gone / length, y0 + (y1 - y0) * gone / length)
            if on:
                found.append((*piece, here))
            piece, on, left = [here], not on, dash_px
        left -= length - gone
        piece.append((x1, y1))
    if on and len(piece) > 1:
        found.append(tuple(piece))
    return found


def _draw_line(canvas: Frame, line: Line) -> None:
    _stroke(canvas, line.points, line.colour, line.line_px, line.dashed)
    if line.arrow and len(line.points) > 1:
        _draw_area(canvas, Area(arrow_head(line), line.colour, Hatch.SOLID, 1.0, tint=1.0))


def arrow_head(line: Line) -> Outline:
    """The three corners of a line's head."""
    (x0, y0), (x1, y1) = line.points[-2:]
    length = max(1e-6, float(np.hypot(x1 - x0, y1 - y0)))
    ahead_x, ahead_y = (x1 - x0) / length, (y1 - y0) / length
    size = 3.5 * line.line_px
    return ((x1 + size * ahead_x, y1 + size * ahead_y), (x1 - 0.7 * size * ahead_y, y1 + 0.7 * size * ahead_x), (x1 + 0.7 * size * ahead_y, y1 - 0.7 * size * ahead_x))


def _draw_words(canvas: Frame, words: Words) -> None:
    font, size, weight = cv2.FontFace("sans"), round(words.size_px), 700 if words.bold else 400
    x, y = round(words.at[0]), round(words.at[1])
    if words.middle:
        x -= round(width_of(words.text, words.size_px, words.bold) / 2)
    if words.rim:
        for dx, dy in ((-2, 0), (2, 0), (0, -2), (0, 2), (-1, -1), (1, 1), (-1, 1), (1, -1)):
            cv2.putText(canvas, words.text, (x + dx, y + dy), _bgr(BLACK), font, size, weight)
    cv2.putText(canvas, words.text, (x, y), _bgr(words.colour), font, size, weight)


def _draw_badge(canvas: Frame, badge: Badge) -> None:
    at = (round(badge.at[0] * (1 << _SHIFT)), round(badge.at[1] * (1 << _SHIFT)))
    for ink, radius_px in ((BLACK, badge.radius_px + 3), (badge.colour, badge.radius_px)):
        cv2.circle(canvas, at, round(radius_px * (1 << _SHIFT)), _bgr(ink), -1, cv2.LINE_AA, _SHIFT)
    _draw_words(canvas, _badge_words(badge))


def _badge_words(badge: Badge) -> Words:
    size_px = 1.35 * badge.radius_px
    return Words((badge.at[0], badge.at[1] + 0.36 * size_px), badge.text, size_px, ink_on(badge.colour), bold=True, middle=True)


def svg(drawing: Drawing) -> str:
    """The drawing as SVG 1.1 with nothing outside itself: pictures are inside it as JPEG."""
    used = sorted({(shape.hatch, shape.colour, shape.step_px) for shape in drawing.shapes
                   if isinstance(shape, Area) and shape.hatch not in (Hatch.NONE, Hatch.SOLID)})
    names: dict[tuple[Hatch, str, float], str] = {key: f"h{number}" for number, key in enumerate(used)}
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {drawing.width_px} {drawing.height_px}" '
            f'width="{drawing.width_px}" height="{drawing.height_px}" role="img" font-family="{_FONTS}">')
    body = [head, f"<title>{escape(drawing.title)}</title>", f"<defs>{''.join(_svg_hatch(key, name) for key, name in names.items())}</defs>",
            f'<rect width="100%" height="100%" fill="{drawing.ground}"/>']
    for shape in drawing.shapes:
        match shape:
            case Photo():
                body.append(_svg_photo(shape))
            case Area():
                body.append(_svg_area(shape, names.get((shape.hatch, shape.colour, shape.step_px))))
            case Line():
                body.append(_svg_stroke(_path(shape.points, False), shape.colour, shape.line_px, shape.dashed))
                if shape.arrow and len(shape.points) > 1:
                    body.append(f'<path d="{_path(arrow_head(shape), True)}" fill="{shape.colour}" stroke="{BLACK}"/>')
            case Words():
                body.append(_svg_words(shape))
            case Badge():
                (x, y), radius_px = shape.at, shape.radius_px
                body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius_px + 1.5:.1f}" fill="{shape.colour}" stroke="{BLACK}" stroke-width="3"/>')
                body.append(_svg_words(_badge_words(shape)))
    return "\n".join([*body, "</svg>\n"])


def _path(points: Outline, closed: bool) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")


def _svg_hatch(key: tuple[Hatch, str, float], name: str) -> str:
    hatch, colour, step = key
    turned = {Hatch.RISING: 45, Hatch.FALLING: -45, Hatch.CROSSED: 45, Hatch.LEVEL: 90, Hatch.UPRIGHT: 0}[hatch]
    wide = step if turned in (0, 90) else step / 2**0.5
    lines = ["M0 0V{0}"] + (["M0 0H{0}"] if hatch is Hatch.CROSSED else [])
    drawn = "".join(f'<path d="{line.format(f"{wide:.2f}")}" stroke="{ink}" stroke-width="{thick}"/>'
                    for ink, thick in ((BLACK, 8), (colour, 4)) for line in lines)  # half of each line lies outside its tile
    return f'<pattern id="{name}" width="{wide:.2f}" height="{wide:.2f}" patternUnits="userSpaceOnUse" patternTransform="rotate({turned})">{drawn}</pattern>'


def _svg_photo(photo: Photo) -> str:
    coded = cv2.imencode(".jpg", photo.bgr, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1]
    return (f'<image x="{photo.at[0]:.1f}" y="{photo.at[1]:.1f}" width="{photo.width_px:.1f}" height="{photo.height_px:.1f}" '
            f'xlink:href="data:image/jpeg;base64,{base64.b64encode(bytes(coded)).decode()}"/>')


def _svg_area(area: Area, pattern: str | None) -> str:
    path = "".join(_path(ring, True) for ring in (area.outline, *area.holes))
    fills = []
    if area.tint > 0:
        fills.append(f'<path d="{path}" fill="{area.colour}" fill-opacity="{area.tint:.2f}" fill-rule="evenodd"/>')
    if pattern:
        fills.append(f'<path d="{path}" fill="url(#{pattern})" fill-rule="evenodd"/>')
    return "".join(fills) + _svg_stroke(path, area.colour, area.line_px, area.dashed)


def _svg_stroke(path: str, colour: str, line_px: float, dashed: bool) -> str:
    dash = f' stroke-dasharray="{5 * line_px:.1f}"' if dashed else ""
    return "".join(f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="{thick:.1f}" stroke-linejoin="round"{dash}/>'
                   for ink, thick in ((BLACK, RIM * line_px), (colour, line_px)))


def _svg_words(words: Words) -> str:
    rim = f' stroke="{BLACK}" stroke-width="4" paint-order="stroke"' if words.rim else ""
    weight, anchor = ' font-weight="700"' if words.bold else "", ' text-anchor="middle"' if words.middle else ""
    return f'<text x="{words.at[0]:.1f}" y="{words.at[1]:.1f}" font-size="{words.size_px:g}" fill="{words.colour}"{weight}{anchor}{rim}>{escape(words.text)}</text>'
