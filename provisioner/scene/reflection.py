"""Reflections: what blinds the camera and what widens its view, from three frames of one view and, where there is one, the plan.

A day frame alone shows what is blown out. A night frame with the camera's lamp on shows the lamp's own image in a mirror or a pane. Mirrors need both,
and the lamp-off frame makes it sure. What the frames at hand cannot tell is None, never no.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from provisioner.fault import Text
from provisioner.scene.findings import Finding, Outline, Severity
from provisioner.scene.foretell import Foretold
from provisioner.scene.glare import SOURCE, SUNLIT, Blob, find_blown
from provisioner.scene.mirrors import MIRROR_PX, UNSURE, Mirror, find_mirrors
from provisioner.scene.outlines import Edges
from provisioner.scene.own_light import REFERENCE_PX, Mask, OwnLight, Spot, find_spots, own_light
from provisioner.scene.pictures import Picture

GLARE, HOTSPOT, MIRROR = SOURCE, 4, 8   # bits of `Reflections.pixels`
BOUNCE_PX = 8.0                    # of 1280: where a plan foretells the lamp's image it lies within this (pose and plan measured with a tape)
_SHORT_LUMA = 200                  # a frame a tenth as long or shorter: white cloth falls to 90, the lamp's own image stays clipped
_SURE = 0.9                        # a mirror that the plan does not know has to be this sure to be called one: the plan was drawn by somebody who was there
_OPENING_DEG = 100.0               # of view, where no pose is given: cameras for rooms have 90 to 110
_TURN_MOST_DEG = 20                # more than that and the bed is out of the picture


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's word about a place in the picture: it is a mirror, or it is none. It stands beside what was measured and removes nothing."""

    outline_px: Outline
    is_mirror: bool


@dataclass(frozen=True, slots=True)
class ReflectionLimits:
    """From where on a reflection counts.

    `glare_share`: blown pixels, a fraction of the picture. 0.003 is 53 x 53 pixels of 1280x720, about a face at 2 m in a view of 100 degrees.
    `other_room_share`: of a mirror, that shows another room. Below a tenth a person cannot be recognised in it.
    """

    glare_share: float = 0.003
    other_room_share: float = 0.10


@dataclass(frozen=True, slots=True)
class Flags:
    """Yes, no, or None where the frames at hand do not tell."""

    glare: bool | None = None
    ir_hotspot: bool | None = None
    mirror_present: bool | None = None
    mirror_view: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reflections:
    """`pixels`: (height, width), bits 1 blown glare, 4 the lamp's image, 8 mirror. It shows where and nothing of the room; wipe it with the frames."""

    flags: Flags
    pixels: Mask
    findings: tuple[Finding, ...]


def find_reflections(day: Picture | None, night: Picture | None, night_off: Picture | None = None, foretold: Foretold | None = None, *,
                     short: Picture | None = None, same_view: bool = True, marks: Sequence[Mark] = (), in_front: Sequence[Outline] = (),
                     edges: Edges | None = None, limits: ReflectionLimits = ReflectionLimits()) -> Reflections:
    """Judge up to four frames of one camera.

    `night`: infrared with the camera's lamp on. `night_off`: the same with the lamp off. `short`: lamp on, exposed a tenth as long or shorter. `same_view`
    False: the camera was moved between day and night, then they are not laid over each other. `in_front`: outlines known to stand before any mirror on a
    wall (the bed). `edges`: of day and night of the same view, where they are known already. Frames of another size than the first are judged for themselves.
    Raises `ValueError` when there is neither day nor night.
    """
    first = day if day is not None else night
    if first is None:
        raise ValueError("neither a day frame nor a night frame")
    laid_over = day is not None and night is not None and same_view and day.luma.shape == night.luma.shape
    own = own_light(night, night_off) if night is not None else None
    pixels: Mask = np.zeros(first.luma.shape, np.uint8)
    findings: list[Finding] = []
    spots: tuple[Spot, ...] = ()
    hotspot: bool | None = None
    if night is not None and own is not None:
        unit = night.width_px / REFERENCE_PX
        bounces = tuple(b.at_px for b in foretold.bounces) if foretold is not None else ()
        found, drawn = find_spots(own, night, day if laid_over else None, bounces, BOUNCE_PX * unit, HOTSPOT)
        spots = tuple(s for s in found if _stays(s, short))
        if spots and len(spots) == len(found) and drawn is not None and drawn.shape == pixels.shape:
            cv2.bitwise_or(pixels, drawn, dst=pixels)
        elif spots:
            _draw(pixels, (s.outline_px for s in spots), HOTSPOT, night.luma.shape)
        hotspot = bool(spots)
    present, view = _mirrors(day if laid_over else None, first, night, own, spots, foretold, pixels, findings, in_front, limits, edges if laid_over else None)
    glare = _glare(day, own if laid_over else None, pixels, findings, limits) if day is not None else None
    findings += [_spot_finding(s, own, short, _holder(s, foretold, pixels, first)) for s in spots if own is not None]
    present = _marked(marks, pixels, present, findings)
    return Reflections(Flags(glare, hotspot, present, view if present else (False if present is False else None)), pixels, tuple(findings))


def _glare(day: Picture, own: OwnLight | None, pixels: Mask, findings: list[Finding], limits: ReflectionLimits) -> bool:
    """Whether light blinds by day. What the sun shines on does not, but in a mirror (those of `pixels`) it is the mirror that throws it."""
    blobs, drawn = find_blown(day, own)
    thrown = [blob.matt and _thrown(blob, drawn, pixels) for blob in blobs]
    sources = np.asarray(cv2.threshold(drawn, 1, 0, cv2.THRESH_TOZERO_INV)[1], np.uint8)  # without what is `SUNLIT`
    share = cv2.countNonZero(sources) / drawn.size
    blinds = share >= limits.glare_share
    cv2.bitwise_or(pixels, sources, dst=pixels)  # `GLARE` is `SOURCE`
    sure = 0.7 if own is None else 0.95
    for blob, by_mirror in sorted(zip(blobs, thrown, strict=True), key=lambda one: -one[0].area_px)[:_TOLD_MOST]:
        if blob.matt and not by_mirror:
            findings.append(Finding("sunlit", Severity.NOTE, _SUNLIT, 0.8, blob.outline_px))
        else:
            findings.append(Finding("glare", Severity.ACT if blinds else Severity.NOTE, _away(blob, day) if blinds else _BRIGHT, sure, blob.outline_px,
                                    round(share, 4), limits.glare_share, "share"))
    return blinds


def _thrown(blob: Blob, drawn: Mask, pixels: Mask) -> bool:
    """Whether most of what the sun shines on here lies in a mirror; what does is drawn as `SOURCE` then."""
    x, y, across, down = cv2.boundingRect(np.rint(np.array(blob.outline_px)).astype(np.int32))
    part = (slice(max(0, y - 1), y + down + 1), slice(max(0, x - 1), x + across + 1))
    sunlit = drawn[part] == SUNLIT
    in_mirror = sunlit & (pixels[part] & MIRROR > 0)
    drawn[part][in_mirror] = SOURCE
    return 2 * int(np.count_nonzero(in_mirror)) > int(np.count_nonzero(sunlit))


_TOLD_MOST = 6            # more sentences about one picture are not read


def _stays(spot: Spot, short: Picture | None) -> bool:
    """Whether a short exposure leaves it bright. Only the lamp's own image is that bright."""
    if short is None:
        return True
    x, y = round(spot.at_px[0]), round(spot.at_px[1])
    part = short.luma[max(0, y - 4):y + 5, max(0, x - 4):x + 5]
    return part.size == 0 or int(part.max()) >= _SHORT_LUMA


def _mirrors(day: Picture | None, first: Picture, night: Picture | None, own: OwnLight | None, spots: Sequence[Spot], foretold: Foretold | None,
             pixels: Mask, findings: list[Finding], in_front: Sequence[Outline], limits: ReflectionLimits,
             edges: Edges | None) -> tuple[bool | None, bool | None]:
    """Whether there is a mirror, and whether one shows another room."""
    planned: Mask | None = None
    if foretold is not None:
        planned = np.zeros_like(pixels)
        _draw(planned, (*(m.outline_px for m in (*foretold.mirrors, *foretold.windows)), *foretold.doors), 1, first.luma.shape)
    seen = find_mirrors(own, day, spots, night.width_px, planned, edges) if own is not None and night is not None else ()
    least_px = MIRROR_PX * (first.width_px / REFERENCE_PX) ** 2
    shape = night.luma.shape if night is not None else first.luma.shape
    if foretold is None or planned is None:
        sure = [m for m in seen if m.area_px >= least_px and m.certainty > UNSURE]
        _draw(pixels, (m.outline_px for m in sure), MIRROR, shape)
        findings += [_mirror_finding(m, m in sure) for m in seen]
        if not sure and (day is None or night is None):
            findings.append(Finding("mirror_unknown", Severity.NOTE, _MIRROR_UNKNOWN, 0.0))
            return None, None
        return bool(sure), None
    expected = [(m, _visible(m.outline_px, in_front, first)) for m in foretold.mirrors if m.kind in ("mirror", "glass")]
    expected = [(m, visible) for m, visible in expected if np.count_nonzero(visible) >= least_px]
    view = False
    known: Mask = np.zeros_like(pixels)
    for mirror, visible in expected:
        known |= visible
        shows = mirror.shows_room >= limits.other_room_share
        view |= shows
        findings.append(Finding("mirror_view" if shows else "mirror_present", Severity.ACT if shows else Severity.LOOK, _MIRROR_VIEW if shows else _MIRROR,
                                1.0, mirror.outline_px, round(mirror.shows_room, 3), limits.other_room_share, "share"))
    cv2.bitwise_or(pixels, known, dst=pixels)
    new = [m for m in seen if not _overlaps(m, planned, shape) and m.area_px >= least_px and m.certainty > UNSURE]  # who drew the plan was there
    sure = [m for m in new if m.certainty >= _SURE and day is not None]
    _draw(pixels, (m.outline_px for m in sure), MIRROR, shape)
    findings += [Finding("mirror_unplanned", Severity.LOOK, _MIRROR_UNPLANNED, m.certainty, m.outline_px, m.area_px, least_px, "px") for m in new]
    return bool(expected or sure), True if view else (None if sure else False)


def _visible(outline: Outline, in_front: Sequence[Outline], first: Picture) -> Mask:
    """The pixels of a mirror that nothing known stands before, as 0 or `MIRROR`."""
    drawn: Mask = np.zeros(first.luma.shape, np.uint8)
    _draw(drawn, (outline,), MIRROR, first.luma.shape)
    for nearer in in_front:
        cv2.fillPoly(drawn, [np.rint(np.array(nearer)).astype(np.int32)], (0,))
    return drawn


def _draw(pixels: Mask, outlines: Iterable[Outline], bit: int, of: tuple[int, ...]) -> None:
    """Outlines in pixels of a frame of shape `of`."""
    size = np.array([pixels.shape[1] / of[1], pixels.shape[0] / of[0]])
    for outline in outlines:
        if len(outline) >= 3:
            drawn: Mask = np.zeros_like(pixels)
            cv2.fillPoly(drawn, [np.rint(np.array(outline) * size).astype(np.int32)], (bit,))
            pixels |= drawn


def _overlaps(mirror: Mirror, known: Mask, of: tuple[int, ...]) -> bool:
    drawn: Mask = np.zeros_like(known)
    _draw(drawn, (mirror.outline_px,), 1, of)
    return int(np.count_nonzero(drawn & known)) > 0.2 * int(np.count_nonzero(drawn))


def _holder(spot: Spot, foretold: Foretold | None, pixels: Mask, first: Picture) -> str:
    """What the lamp's image is in: `mirror`, `window`, or `` where neither plan nor picture says so."""
    for mirror in (*foretold.mirrors, *foretold.windows) if foretold is not None else ():
        if cv2.pointPolygonTest(np.array(mirror.outline_px, np.float32), spot.at_px, False) >= 0:
            return mirror.kind
    x, y = min(first.width_px - 1, round(spot.at_px[0])), min(first.height_px - 1, round(spot.at_px[1]))
    return "mirror" if pixels[y, x] & MIRROR else ""


def _spot_finding(spot: Spot, own: OwnLight | None, short: Picture | None, holder: str) -> Finding:
    certainty = 0.75 if own is None or not own.measured else 0.95
    if spot.foretold or short is not None:
        certainty = 1.0
    text = {"mirror": _SPOT_MIRROR, "window": _SPOT_WINDOW}.get(holder, _SPOT)
    return Finding("ir_hotspot", Severity.ACT, text, certainty, spot.outline_px, spot.area_px, 60, "px")


def _mirror_finding(mirror: Mirror, sure: bool) -> Finding:
    text = _MIRROR if sure else _MIRROR_PERHAPS
    return Finding("mirror_present" if sure else "mirror_perhaps", Severity.LOOK, text, mirror.certainty, mirror.outline_px, mirror.area_px, MIRROR_PX, "px")


def _marked(marks: Sequence[Mark], pixels: Mask, present: bool | None, findings: list[Finding]) -> bool | None:
    """A person's marks, beside the rest. A mirror that a person saw is one; what a person calls none stays in `findings` as measured, with his word beside."""
    for mark in marks:
        if mark.is_mirror:
            _draw(pixels, (mark.outline_px,), MIRROR, pixels.shape)
            present = True
        findings.append(Finding("mirror_marked" if mark.is_mirror else "mirror_rejected", Severity.LOOK if mark.is_mirror else Severity.NOTE,
                                _MARKED if mark.is_mirror else _REJECTED, 1.0, mark.outline_px))
    return present


def _away(blob: Blob, day: Picture) -> Text:
    """Turn the camera as far as takes the blob out of the picture; where that is too far, take the light away."""
    xs = [x for x, _ in blob.outline_px]
    from_left, from_right = max(xs), day.width_px - min(xs)
    degrees = round(min(from_left, from_right) / day.width_px * _OPENING_DEG / 5 + 0.5) * 5
    if degrees > _TURN_MOST_DEG:
        return _CURTAIN
    sv, en = ("höger", "right") if from_left < from_right else ("vänster", "left")
    return Text(f"Ljuset bländar kameran. Vrid kameran {degrees} grader åt {sv}.", f"The light blinds the camera. Turn the camera {degrees} degrees to the {en}.")


_CURTAIN = Text("Ljuset bländar kameran. Dra för gardinen eller släck lampan.", "The light blinds the camera. Draw the curtain or switch the lamp off.")
_BRIGHT = Text("En liten ljus yta. Inget behöver göras.", "A small bright area. Nothing has to be done.")
_SUNLIT = Text("Solen lyser på ytan. Den flyttar sig; inget behöver göras.", "The sun shines on this. It moves on; nothing has to be done.")
_SPOT = Text("Kamerans egen lampa speglas här på natten och bländar den. Täck det som speglar.",
             "The camera's own lamp is mirrored here at night and blinds it. Cover what mirrors it.")
_SPOT_MIRROR = Text("Kamerans egen lampa speglas i spegeln på natten. Häng en duk över spegeln eller vänd den.",
                    "The camera's own lamp is mirrored in the mirror at night. Hang a cloth over the mirror or turn it round.")
_SPOT_WINDOW = Text("Kamerans egen lampa speglas i fönstret på natten. Dra för gardinen till natten.",
                    "The camera's own lamp is mirrored in the window at night. Draw the curtain for the night.")
_MIRROR = Text("En spegel syns i bilden. Titta vad den visar; täck den om den visar ett annat rum.",
               "A mirror is in the picture. Look at what it shows; cover it if it shows another room.")
_MIRROR_PERHAPS = Text("Detta kan vara en spegel. Titta efter och markera om det är en.", "This may be a mirror. Look, and mark it if it is one.")
_MIRROR_VIEW = Text("Spegeln visar ett annat rum. Täck eller flytta spegeln.", "The mirror shows another room. Cover or move the mirror.")
_MIRROR_UNPLANNED = Text("Här ser det ut som en spegel som inte finns på planen. Titta efter och rita in den.",
                         "This looks like a mirror that is not on the plan. Look, and draw it in.")
_MIRROR_UNKNOWN = Text("Om något är en spegel syns först med en dagbild och en nattbild. Titta efter i rummet och markera speglar.",
                       "Whether something is a mirror shows only with a day and a night frame. Look around the room and mark mirrors.")
_MARKED = Text("Markerad som spegel på plats. Täck den om den visar ett annat rum.", "Marked as a mirror on site. Cover it if it shows another room.")
_REJECTED = Text("Markerad på plats: ingen spegel.", "Marked on site: no mirror.")
