"""The frame with what was found drawn on it, for the person on the ladder: numbers in the picture, sentences below it in Swedish and English.

Made for a phone in a dark hall: dark ground, the legend below the picture at the whole width, letters that are 12 points high when 1280 pixels are shown
on 390. Day and night stand beside one another with the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import cos, radians, sin

from provisioner.fault import Text
from provisioner.scene.canvas import (
    BLUE,
    DARK,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    WHITE,
    YELLOW,
    Area,
    Badge,
    Drawing,
    Hatch,
    Line,
    Photo,
    Shape,
    Words,
    width_of,
    wrapped,
)
from provisioner.scene.findings import Finding, Outline, Severity
from provisioner.scene.known import Purpose, Zone
from provisioner.scene.pictures import Picture

WIDTH_PX = 1280
MOST = 7                 # findings with a number; more are counted, and the worst come first
_EDGE_PX = 28.0
_TITLE_PX, _FIRST_PX, _SECOND_PX = 44.0, 38.0, 31.0
_SMALL_PX = 70.0         # a region smaller than this is ringed: a hatching cannot be seen in it
_BADGE_PX = 26.0
_PAIR = 1.5              # letters are this much larger below two pictures, which are shown on a phone on its side


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of finding looks, and what it is called."""

    colour: str
    hatch: Hatch
    title: Text
    day: bool = True
    night: bool = True


_PLAIN = Style(WHITE, Hatch.NONE, Text("Att titta på", "To look at"))
STYLES = {
    "glare": Style(YELLOW, Hatch.RISING, Text("Bländning", "Glare"), night=False),
    "ir_hotspot": Style(ORANGE, Hatch.SOLID, Text("Kamerans lampa speglas", "The camera's lamp mirrored"), day=False),
    "mirror_present": Style(SKY, Hatch.CROSSED, Text("Spegel", "Mirror")),
    "mirror_view": Style(PURPLE, Hatch.FALLING, Text("Spegel visar annan plats", "Mirror shows another place")),
    "obstructed": Style(RED, Hatch.LEVEL, Text("Skymt sikt", "View blocked")),
    "smeared": Style(BLUE, Hatch.NONE, Text("Fett eller smuts på linsen", "Grease or dirt on the lens")),
    "tilted": Style(WHITE, Hatch.NONE, Text("Kameran lutar", "The camera leans")),
    "bed_half": Style(GREEN, Hatch.NONE, Text("Sängen når utanför bilden", "The bed reaches out of the picture")),
    "bed_out": Style(GREEN, Hatch.NONE, Text("Sängen är utanför bilden", "The bed is out of the picture")),
    "bed_occluded": Style(GREEN, Hatch.LEVEL, Text("Sängen är skymd", "The bed is hidden")),
    "bed_small": Style(GREEN, Hatch.NONE, Text("Sängen är liten i bilden", "The bed is small in the picture")),
    "forbidden_seen": Style(RED, Hatch.UPRIGHT, Text("Syns men får inte synas", "Seen and not to be seen")),
    "mask_unknown": Style(RED, Hatch.NONE, Text("Går inte att se om masken täcker", "Cannot tell whether the mask covers")),
    "mirror_perhaps": Style(SKY, Hatch.NONE, Text("Kanske en spegel", "Perhaps a mirror")),
    "mirror_unplanned": Style(SKY, Hatch.FALLING, Text("Spegel som inte finns på planen", "Mirror that is not on the plan")),
    "mirror_marked": Style(SKY, Hatch.RISING, Text("Spegel enligt teknikern", "Mirror by the technician's word")),
    "mirror_rejected": Style(GREY, Hatch.NONE, Text("Ingen spegel enligt teknikern", "No mirror by the technician's word")),
    "sunlit": Style(YELLOW, Hatch.NONE, Text("Solfläck", "Sunny patch"), night=False),
    "mirror_unknown": Style(SKY, Hatch.NONE, Text("Speglar gick inte att bedöma", "Mirrors could not be judged")),
    "tilt_unknown": Style(WHITE, Hatch.NONE, Text("Lutningen gick inte att mäta", "The tilt could not be measured")),
    "camera_unplaced": Style(WHITE, Hatch.NONE, Text("Kamerans plats på planen är oklar", "The camera's place on the plan is unclear"), day=False, night=False),
    "sign_none": Style(WHITE, Hatch.NONE, Text("Ingen bra plats för skylten", "No good place for the sign"), day=False, night=False),
    "reading": Style(GREY, Hatch.NONE, Text("Om bildfilen", "About the picture file")),
    "moved": Style(RED, Hatch.NONE, Text("Kameran har rörts", "The camera was moved")),
    "view_unsure": Style(YELLOW, Hatch.NONE, Text("Rörd kamera? Jämför bilderna", "Camera moved? Compare the pictures")),
    "other_view": Style(RED, Hatch.NONE, Text("Bilderna visar olika", "The pictures show different things")),
    "other_shape": Style(RED, Hatch.NONE, Text("Bilderna har olika form", "The pictures differ in shape")),
    "frozen": Style(RED, Hatch.NONE, Text("Samma bild om igen", "The same picture again")),
    "view_unknown": Style(GREY, Hatch.NONE, Text("Oklart om bilderna hör ihop", "Unclear whether the pictures belong together")),
    "sizes_differ": Style(RED, Hatch.NONE, Text("Bilderna är olika stora", "The pictures differ in size")),
}
STYLES |= {f"{kind}_{when}": Style(colour, Hatch.NONE, Text(f"{sv_when}: {sv}", f"{en_when}: {en}"), when == "day", when != "day") for when, sv_when, en_when in (
    ("day", "Dagbild", "Day picture"), ("night", "Nattbild", "Night picture"), ("night_off", "Lampan släckt", "Lamp off"))
    for kind, colour, sv, en in (
        ("unsharp", BLUE, "oskarp", "not sharp"), ("no_edges", BLUE, "inga konturer", "no outlines"), ("flat", BLUE, "disig", "hazy"), ("dark", GREY, "mörk", "dark"),
        ("bright", YELLOW, "för ljus", "too bright"), ("blown_out", YELLOW, "utfrätt", "blown out"), ("noisy", GREY, "brusig", "noisy"),
        ("grey", RED, "delar saknas", "parts are missing"), ("green", RED, "inte avkodad", "not decoded"), ("concealed", RED, "trasig", "broken"))}
_SEVERITIES = {Severity.BROKEN: Text("ta ny bild", "new picture"), Severity.ACT: Text("åtgärda", "act"), Severity.LOOK: Text("titta efter", "look"),
               Severity.NOTE: Text("för kännedom", "for information")}
_ORDER = tuple(Severity)
_NOTHING = Text("Inget att åtgärda hittades i bilden. Titta själv också.", "Nothing to act on was found in the picture. Look yourself too.")


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that share a kind and a sentence, under one number."""

    number: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The one whose words are shown."""
        return self.findings[0]

    @property
    def style(self) -> Style:
        """How it looks."""
        return style_of(self.first.kind)


def style_of(kind: str) -> Style:
    """The style of a kind; an unknown one is white without hatching."""
    return STYLES.get(kind, _PLAIN)


def numbered(findings: Sequence[Finding]) -> tuple[Group, ...]:
    """Findings by number, worst first, the larger certainty before the smaller. What belongs in no picture has no number."""
    ranked = sorted(findings, key=lambda finding: (_ORDER.index(finding.severity), -finding.certainty, finding.kind, finding.text.en))
    groups, number = [], 0
    for (kind, _), same in groupby(ranked, key=lambda finding: (finding.kind, finding.text)):
        drawn = style_of(kind).day or style_of(kind).night
        number += drawn
        groups.append(Group(str(number) if drawn else "", tuple(same)))
    return tuple(groups)


def frame_drawing(picture: Picture, title: Text, zones: Sequence[Zone], findings: Sequence[Finding], *, night: bool, tilt_deg: float | None = None) -> Drawing:
    """One frame with zones and findings, and its legend. `night` chooses which findings belong into it."""
    groups = [group for group in numbered(findings) if (group.style.night if night else group.style.day)]
    shapes = list(_on_frame(picture, (0.0, 0.0), float(WIDTH_PX), zones, groups, tilt_deg))
    shapes += _boxed((_EDGE_PX, 58.0), title, 40.0)
    below, height_px = _legend(WIDTH_PX * picture.height_px / picture.width_px, float(WIDTH_PX), groups, zones, 1.0)
    return Drawing(WIDTH_PX, round(height_px), (*shapes, *below), f"{title.sv} / {title.en}")


def pair_drawing(day: Picture, night: Picture, zones: Sequence[Zone], findings: Sequence[Finding], tilt_deg: float | None = None) -> Drawing:
    """Day and night side by side under one legend."""
    groups, each_px, gap_px = [group for group in numbered(findings) if group.number], float(WIDTH_PX), 16.0
    shapes: list[Shape] = []
    for number, (picture, title, at_night) in enumerate(((day, DAY, False), (night, NIGHT, True))):
        left = number * (each_px + gap_px)
        own = [group for group in groups if (group.style.night if at_night else group.style.day)]
        shapes += [*_on_frame(picture, (left, 0.0), each_px, zones, own, tilt_deg), *_boxed((left + _EDGE_PX, 58.0), title, 40.0)]
    tallest = max(each_px * picture.height_px / picture.width_px for picture in (day, night))
    below, height_px = _legend(tallest, 2 * each_px + gap_px, groups, zones, _PAIR)
    return Drawing(round(2 * each_px + gap_px), round(height_px), (*shapes, *below), f"{DAY.sv}, {NIGHT.sv} / {DAY.en}, {NIGHT.en}")


DAY, NIGHT = Text("Dag", "Day"), Text("Natt", "Night")


def _boxed(at: tuple[float, float], title: Text, size_px: float) -> list[Shape]:
    """A caption in both languages on a dark ground: what a camera writes into its own picture shall not shine through."""
    text = f"{title.sv} / {title.en}"
    right, bottom = at[0] + width_of(text, size_px, bold=True) + 12, at[1] + 0.35 * size_px
    ground = ((at[0] - 12, at[1] - 1.05 * size_px), (right, at[1] - 1.05 * size_px), (right, bottom), (at[0] - 12, bottom))
    return [Area(ground, DARK, Hatch.SOLID, 1.0, tint=0.8), Words(at, text, size_px, WHITE, bold=True)]


def _on_frame(picture: Picture, at: tuple[float, float], width_px: float, zones: Sequence[Zone], groups: Sequence[Group], tilt_deg: float | None) -> list[Shape]:
    scale = width_px / picture.width_px
    height_px = picture.height_px * scale
    box = (at[0], at[1], at[0] + width_px, at[1] + height_px)

    def placed(outline: Outline) -> Outline:
        return tuple((min(box[2] - 3, max(box[0] + 3, at[0] + x * scale)), min(box[3] - 3, max(box[1] + 3, at[1] + y * scale))) for x, y in outline)

    shapes: list[Shape] = [Photo(at, picture.bgr, width_px)]
    for zone in zones:
        intended = zone.purpose is Purpose.INTENDED
        shapes.append(Area(placed(zone.outline), GREEN if intended else RED, Hatch.NONE if intended else Hatch.UPRIGHT, 5.0, dashed=intended, step_px=26.0))
    taken: list[tuple[float, float]] = [(box[0] + 120, box[1] + 40)]
    badges: list[Shape] = []
    areas: list[tuple[float, list[Shape]]] = []
    for group in groups[:MOST]:
        regions = sorted((placed(finding.region) for finding in group.findings if len(finding.region) > 2), key=_size, reverse=True)
        areas += [(_size(region), _marked(region, group.style, group.first.severity is Severity.NOTE)) for region in regions]
        for region in regions[:6]:
            spot = _free(region, box, taken)
            taken.append(spot)
            badges.append(Badge(spot, group.number, group.style.colour, _BADGE_PX))
        if group.first.kind == "tilted" and tilt_deg is not None:
            shapes += _plumb(box, tilt_deg)
        if not regions:
            badges += _tag(group, box, taken)
    large_first = [one for _, marked in sorted(areas, key=lambda pair: -pair[0]) for one in marked]
    return shapes[:1 + len(zones)] + large_first + shapes[1 + len(zones):] + badges


def _size(outline: Outline) -> float:
    """Of the box around it."""
    return (max(x for x, _ in outline) - min(x for x, _ in outline)) * (max(y for _, y in outline) - min(y for _, y in outline))


def _marked(region: Outline, style: Style, is_note: bool) -> list[Shape]:
    """Outline and hatching; a small thing is ringed, and what nobody has to act on has a thin broken line alone."""
    if is_note:
        return [Area(region, style.colour, line_px=3.0, dashed=True)]
    xs, ys = [x for x, _ in region], [y for _, y in region]
    across, down = max(xs) - min(xs), max(ys) - min(ys)
    if max(across, down) < _SMALL_PX:
        ring = _ring((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max(across, down) / 2 + 22)
        return [Area(region, style.colour, line_px=2.0), Area(ring, style.colour, line_px=6.0)]
    hatch = Hatch.NONE if style.hatch is Hatch.SOLID else style.hatch
    return [Area(region, style.colour, hatch, 5.0, tint=0.25 if style.hatch is Hatch.SOLID else 0.0, step_px=20.0)]


def _ring(x: float, y: float, radius_px: float) -> Outline:
    eighths = ((1.0, 0.0), (0.92, 0.38), (0.71, 0.71), (0.38, 0.92))
    quarter = [*eighths]
    around = quarter + [(-b, a) for a, b in quarter] + [(-a, -b) for a, b in quarter] + [(b, -a) for a, b in quarter]
    return tuple((x + radius_px * a, y + radius_px * b) for a, b in around)


def _free(region: Outline, box: tuple[float, float, float, float], taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A place for the number: at the region's middle where that is large, else beside it; inside the picture, and not on another number."""
    xs, ys = [x for x, _ in region], [y for _, y in region]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    middle = ((left + right) / 2, (top + bottom) / 2)
    away = 1.4 * _BADGE_PX + (22 if max(right - left, bottom - top) < _SMALL_PX else 0)
    places = [place for off in (away, away + 2.5 * _BADGE_PX) for place in (
        (right + off, top), (left - off, top), (right + off, bottom), (left - off, bottom), (middle[0], top - off), (middle[0], bottom + off))]
    if min(right - left, bottom - top) > 4 * _BADGE_PX:
        places.insert(0, middle)
    edge = 1.3 * _BADGE_PX

    def held(place: tuple[float, float]) -> tuple[float, float]:
        return min(box[2] - edge, max(box[0] + edge, place[0])), min(box[3] - edge, max(box[1] + edge, place[1]))

    def cost(place: tuple[float, float]) -> float:
        moved = held(place)
        near = sum(1000.0 for x, y in taken if abs(x - moved[0]) < 2.3 * _BADGE_PX and abs(y - moved[1]) < 2.3 * _BADGE_PX)
        return near + abs(moved[0] - place[0]) + abs(moved[1] - place[1])

    return held(min(places, key=cost))


def _plumb(box: tuple[float, float, float, float], tilt_deg: float) -> list[Shape]:
    """What is upright in the room, and what it would be: the picture's own edge."""
    x, y, half = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0.36 * (box[3] - box[1])
    dx, dy = half * sin(radians(tilt_deg)), half * cos(radians(tilt_deg))
    return [Line(((x, y - half), (x, y + half)), GREY, 4.0, dashed=True), Line(((x - dx, y + dy), (x + dx, y - dy)), WHITE, 6.0, arrow=True)]


def _tag(group: Group, box: tuple[float, float, float, float], taken: list[tuple[float, float]]) -> list[Shape]:
    """What concerns the whole picture is written into its lower left corner."""
    at = (box[0] + 1.6 * _BADGE_PX, box[3] - 1.6 * _BADGE_PX)
    while any(abs(y - at[1]) < 2.3 * _BADGE_PX and abs(x - at[0]) < 2.3 * _BADGE_PX for x, y in taken):
        at = (at[0], at[1] - 2.5 * _BADGE_PX)
    taken.append(at)
    return [*_boxed((at[0] + 1.6 * _BADGE_PX, at[1] + 12), group.style.title, 32.0), Badge(at, group.number, group.style.colour, _BADGE_PX)]


def _legend(top: float, width_px: float, groups: Sequence[Group], zones: Sequence[Zone], scale: float) -> tuple[list[Shape], float]:
    """The rows below a picture, and where they end. Laid out as for one picture, and then enlarged."""
    shapes: list[Shape] = []
    y, width_px = 18.0, width_px / scale
    for group in groups[:MOST]:
        rows, y = _row(y, width_px, group.number, group.style, _headed(group), group.first.text)
        shapes += rows
    if len(groups) > MOST:
        rest = len(groups) - MOST
        rows, y = _row(y, width_px, "+", _PLAIN, Text(f"och {rest} till", f"and {rest} more"), Text("Se listan.", "See the list."))
        shapes += rows
    if not groups:
        rows, y = _row(y, width_px, "", _PLAIN, _NOTHING, Text("", ""))
        shapes += rows
    names = [(zone.purpose, zone.name) for zone in zones]
    if any(purpose is Purpose.INTENDED for purpose, _ in names):
        rows, y = _key(y, Area(_swatch(y), GREEN, dashed=True, line_px=5.0), Text("Sängen: ska synas", "The bed: to be seen"))
        shapes += rows
    if any(purpose is Purpose.FORBIDDEN for purpose, _ in names):
        rows, y = _key(y, Area(_swatch(y), RED, Hatch.UPRIGHT, 4.0), Text("Får inte synas", "Not to be seen"))
        shapes += rows
    return [_enlarged(shape, scale, top) for shape in shapes], top + scale * (y + 14.0)


def _enlarged(shape: Shape, by: float, down: float) -> Shape:
    match shape:
        case Area():
            return replace(shape, outline=tuple((by * x, by * y + down) for x, y in shape.outline), line_px=by * shape.line_px, step_px=by * shape.step_px)
        case Words():
            return replace(shape, at=(by * shape.at[0], by * shape.at[1] + down), size_px=by * shape.size_px)
        case Badge():
            return replace(shape, at=(by * shape.at[0], by * shape.at[1] + down), radius_px=by * shape.radius_px)
        case _:
            return shape


def _headed(group: Group) -> Text:
    title, severity = (group.style.title, _SEVERITIES[group.first.severity])
    if style_of(group.first.kind) is _PLAIN:
        return Text(severity.sv.capitalize(), severity.en.capitalize())
    return Text(f"{title.sv}: {severity.sv}", f"{title.en}: {severity.en}")


def _row(y: float, width_px: float, number: str, style: Style, head: Text, text: Text) -> tuple[list[Shape], float]:
    """Number, hatching, a heading in both languages, and the sentence in both."""
    left = _EDGE_PX + 130.0
    room = width_px - left - _EDGE_PX
    shapes: list[Shape] = []
    if number:
        shapes.append(Badge((_EDGE_PX + _BADGE_PX, y + 34.0), number, style.colour, _BADGE_PX))
    if style.hatch is not Hatch.NONE:
        swatch = ((_EDGE_PX + 66, y + 10), (_EDGE_PX + 116, y + 10), (_EDGE_PX + 116, y + 58), (_EDGE_PX + 66, y + 58))
        hatch = Hatch.NONE if style.hatch is Hatch.SOLID else style.hatch
        shapes.append(Area(swatch, style.colour, hatch, 4.0, tint=0.5 if style.hatch is Hatch.SOLID else 0.0, step_px=12.0))
    lines = [(line, _TITLE_PX, WHITE, True) for line in wrapped(head.sv, _TITLE_PX, room, bold=True)]
    lines += [(line, _FIRST_PX, WHITE, False) for line in wrapped(text.sv, _FIRST_PX, room)]
    lines += [(line, _SECOND_PX, GREY, False) for line in wrapped(f"{head.en}. {text.en}".strip(" .") + ".", _SECOND_PX, room)]
    for line, size_px, colour, bold in lines:
        y += 1.22 * size_px
        shapes.append(Words((left, y), line, size_px, colour, bold))
    return shapes, y + 24.0


def _swatch(y: float) -> Outline:
    return (_EDGE_PX + 8, y + 8), (_EDGE_PX + 108, y + 8), (_EDGE_PX + 108, y + 48), (_EDGE_PX + 8, y + 48)


def _key(y: float, area: Area, text: Text) -> tuple[list[Shape], float]:
    left = _EDGE_PX + 130.0
    words = Words((left, y + 42), text.sv, _FIRST_PX, WHITE)
    return [area, words, Words((left + width_of(text.sv, _FIRST_PX) + 20, y + 42), text.en, _SECOND_PX, GREY)], y + 64.0
