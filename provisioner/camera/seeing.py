"""From pictures of a home to numbers, sentences and places in words: the one door between the camera and the checks of `scene/`.

Nothing finer than a ninth of the picture passes it, but for the drawing, which goes to the shelf (`shelf.py`) and nowhere else.
"""

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioner.camera.frames import ready_opencv
from provisioner.case.device import Zone
from provisioner.case.view_check import BedSeen, Look, Measure, SceneFinding, SignPlace, ViewAsked
from provisioner.fault import PlainError, Text
from provisioner.scene.findings import Severity
from provisioner.scene.limits import FrameLimits

if TYPE_CHECKING:
    from provisioner.scene import known
    from provisioner.scene.check import Frames, Known
    from provisioner.scene.findings import Finding, Outline
    from provisioner.scene.pictures import Frame
    from provisioner.scene.report import SceneReport

MOST = 40              # findings that are kept; no room has so many
OVER_BED = 0.05        # of the bed's area under a finding: a face on a pillow is about 3 % of a bed, and is never alone there
HEIGHT_OFF_M = 0.3     # between the height measured and the plan's; a floor area seen from 2.3 m moves by 13 % then
_UNITS = {"deg": "degrees", "fraction": "", "share": "", "luma": "grey levels", "px": "px", "m": "m"}
_PLACES = (
    (Text("uppe till vänster", "upper left"), Text("uppe i mitten", "upper middle"), Text("uppe till höger", "upper right")),
    (Text("till vänster", "left"), Text("i mitten", "middle"), Text("till höger", "right")),
    (Text("nere till vänster", "lower left"), Text("nere i mitten", "lower middle"), Text("nere till höger", "lower right")),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the pictures tell. `drawing`: PNG, day and night with the findings; b'' where nobody asked for one."""

    findings: tuple[SceneFinding, ...]
    measures: tuple[Measure, ...]
    bed: BedSeen | None
    sign_places: tuple[SignPlace, ...] | None
    drawing: bytes


def see(pictures: Mapping[Look, "Frame"], asked: ViewAsked, limits: FrameLimits, *, draw: bool = False) -> Seen:
    """Check the pictures of one view, (height, width, 3) BGR of one size. They are overwritten when this returns or raises."""
    ready_opencv()
    from provisioner.scene.check import Frames, check, with_plan
    from provisioner.scene.pictures import Picture

    frames = Frames(**{name: Picture(pictures[name]) for name in ("day", "night", "night_off", "night_short") if name in pictures})
    try:
        height_px, width_px = next(iter(frames.named().values())).bgr.shape[:2]
        told = _known(asked, limits, width_px, height_px)
        zones = told.zones
        report = with_plan(check(frames, told), told)
        drawing = _drawn(frames, zones, report) if draw else b""
    finally:
        frames.wipe()
        for frame in pictures.values():
            frame.fill(0)
    bed = next((zone.outline for zone in zones if zone.name == "bed"), None)
    if report.refl is not None:
        report.refl.fill(0)
    found = _findings(report.findings, bed, width_px, height_px)
    return Seen((*found, *_height(asked, told, len(found))), _measures(report), _bed(report), _signs(report), drawing)


def _known(asked: ViewAsked, limits: FrameLimits, width_px: int, height_px: int) -> "Known":
    """The plan was held against its own rules when it was given; where it is now found wrong after all, the picture is judged without it."""
    from provisioner.scene.check import Known
    from provisioner.scene.known import Purpose, Tapped
    from provisioner.scene.known import Zone as Named

    def px(zone: Zone) -> "Outline":
        return tuple(((x + 1) / 2 * width_px, (1 - y) / 2 * height_px) for x, y in zone)

    found = [] if asked.bed is None else [Named("bed", px(asked.bed.outline), Purpose.INTENDED)]
    found += [Named(str(number), px(zone), Purpose.FORBIDDEN) for number, zone in enumerate(asked.forbidden, 1)]
    tapped = None
    if asked.bed is not None and len(asked.bed.tapped) == 2:
        one, other = px(asked.bed.tapped)
        tapped = Tapped((one, other), asked.bed.tapped_cm / 100)
    camera = plan = unplaced = None
    if asked.plan:
        from provisioner.scene.labels import placed

        with suppress(PlainError):
            told = json.loads(asked.plan)
            floor, spot = (told, None) if "room" in told else (told.get("plan"), told.get("camera"))
            bed = None if asked.bed is None else px(asked.bed.outline)
            camera, plan, unplaced = placed(floor, spot, bed, (width_px, height_px), "plan", asked.camera_height_m)
    return Known(limits, tuple(found), tapped=tapped, camera=camera, plan=plan, unplaced=unplaced)


def _findings(findings: "Sequence[Finding]", bed: "Outline | None", width_px: int, height_px: int) -> tuple[SceneFinding, ...]:
    """One for each number of the drawing, so that everybody calls it by the same; what is in no picture is counted on after those."""
    from provisioner.scene.overlay import numbered

    groups = sorted(numbered(findings), key=lambda group: int(group.number or MOST + len(findings)))
    return tuple(SceneFinding(
        number, group.first.kind, group.first.severity, round(group.first.certainty, 2), group.first.text, _place(group.first.region, width_px, height_px),
        any(_covers(finding.region, bed) for finding in group.findings), _finite(group.first.value), _finite(group.first.limit), group.first.unit,
    ) for number, group in enumerate(groups[:MOST], 1))


def _height(asked: ViewAsked, told: "Known", last: int) -> tuple[SceneFinding, ...]:
    """Whether the camera hangs as high as the plan has it: all that the plan says of what is seen stands on that."""
    if asked.camera_height_m is None or told.camera is None:
        return ()
    planned_m, measured_m = float(told.camera.position_m[2]), asked.camera_height_m
    if abs(planned_m - measured_m) <= HEIGHT_OFF_M:
        return ()
    text = Text(f"Kameran sitter på {measured_m:.2f} m; i planen står {planned_m:.2f} m. Rätta planen, annars gäller inte vad den säger om speglar och skyltplats.",
                f"The camera hangs at {measured_m:.2f} m; the plan says {planned_m:.2f} m. Correct the plan, else what it says of mirrors and sign is not true.")
    return (SceneFinding(last + 1, "height_differs", Severity.LOOK, 1.0, text, value=round(abs(planned_m - measured_m), 2), limit=HEIGHT_OFF_M, unit="m"),)


def _place(region: "Outline", width_px: int, height_px: int) -> Text | None:
    """The ninth of the picture that the middle of the region lies in, in words."""
    if not region:
        return None
    x, y = (sum(corner[axis] for corner in region) / len(region) for axis in (0, 1))
    column, row = (min(2, max(0, int(3 * at / size))) for at, size in ((x, width_px), (y, height_px)))
    return _PLACES[row][column]


def _covers(region: "Outline", bed: "Outline | None") -> bool:
    if bed is None or len(region) < 3:
        return False
    from shapely import Polygon

    mattress = Polygon(bed).buffer(0)
    return bool(mattress.area > 0 and Polygon(region).buffer(0).intersection(mattress).area >= OVER_BED * mattress.area)


def _measures(report: "SceneReport") -> tuple[Measure, ...]:
    return tuple(Measure(name, round(value, 4), next((unit for end, unit in _UNITS.items() if name.endswith("_" + end) or f"_{end}_" in name), ""))
                 for name, value in report.measures.items() if value is not None and math.isfinite(value))


def _bed(report: "SceneReport") -> BedSeen | None:
    bed = report.bed
    if bed is None or bed.visible is None or bed.status not in ("ok", "half", "out", "occluded"):
        return None
    return BedSeen(bed.status, round(bed.visible, 3), None if bed.px_per_m is None else round(bed.px_per_m, 1))  # type: ignore[arg-type]


def _signs(report: "SceneReport") -> tuple[SignPlace, ...] | None:
    if report.plan is None:
        return None
    places = report.plan.places
    listed = places.possible or ((places.least_bad,) if places.least_bad is not None else ())
    why = () if places.why_none is None else (places.why_none,)
    return tuple(SignPlace((round(place.at[0], 2), round(place.at[1], 2)), place.wall, round(place.score, 3), place.is_possible and not why,
                           (*why, *(reason.text for reason in place.reasons))) for place in listed)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 3)


def _drawn(frames: "Frames", zones: "Sequence[known.Zone]", report: "SceneReport") -> bytes:
    cv2 = ready_opencv()
    from provisioner.scene.canvas import raster
    from provisioner.scene.overlay import DAY, NIGHT, frame_drawing, pair_drawing

    tilt_deg = report.measures.get("tilt_deg")
    if frames.day is not None and frames.night is not None:
        drawing = pair_drawing(frames.day, frames.night, zones, report.findings, tilt_deg)
    else:
        only = frames.day or frames.night
        assert only is not None
        drawing = frame_drawing(only, NIGHT if frames.day is None else DAY, zones, report.findings, night=frames.day is None, tilt_deg=tilt_deg)
    drawn = raster(drawing)
    try:
        return bytes(cv2.imencode(".png", drawn)[1])
    finally:
        drawn.fill(0)
