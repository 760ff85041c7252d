"""The whole check: three frames of one fixed camera and what is known beforehand, to flags, numbers and sentences.

Each frame is first asked whether it is a whole picture at all; one that is not is judged no further. Frames that do not belong together (other sizes, a
camera that was moved between them) are judged each for itself and not laid over one another. What cannot be told is None, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from provisioner.fault import Text
from provisioner.scene import area, cover, obstruction, outlines, quality, reflection, same_view, sight, sign_place, tilt
from provisioner.scene.findings import Finding, Outline, Severity
from provisioner.scene.floorplan import FloorPlan
from provisioner.scene.foretell import Foretold, foretell
from provisioner.scene.known import Purpose, Tapped, Zone
from provisioner.scene.limits import FrameLimits
from provisioner.scene.optics import CameraPose
from provisioner.scene.pictures import Picture
from provisioner.scene.report import FLAGS, BedReport, PlanReport, SceneReport
from provisioner.scene.sharpness import Edges, edges_of
from provisioner.scene.tilt import Lens

_WHEN = {"day": Text("Dagbilden", "Day picture"), "night": Text("Nattbilden", "Night picture"),
         "night_off": Text("Bilden med släckt lampa", "Picture with the lamp off")}
_ORDER = tuple(Severity)
_TILT_SURE = 0.5     # less certainty than this in the picture, and the camera's place knows the tilt better where it is known


@dataclass(frozen=True, slots=True)
class Frames:
    """`night`: infrared with the camera's own lamp on; `night_off`: the same exposure with it off; `night_short`: lamp on, a tenth as long."""

    day: Picture | None = None
    night: Picture | None = None
    night_off: Picture | None = None
    night_short: Picture | None = None

    def named(self) -> dict[str, Picture]:
        """Those that are there and judged by themselves: not the short one, which only answers what stays bright."""
        return {name: picture for name, picture in (("day", self.day), ("night", self.night), ("night_off", self.night_off)) if picture is not None}

    def wipe(self) -> None:
        """Overwrite all of them."""
        for picture in (*self.named().values(), *((self.night_short,) if self.night_short is not None else ())):
            picture.wipe()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a picture is looked at. `mask_zone`: what a privacy mask is to cover. `camera`: where it hangs and looks; with `plan`, what both
    foretell is held against the pictures. `lens`: from the device profile or a calibration, where the camera's place is not known."""

    limits: FrameLimits
    zones: tuple[Zone, ...] = ()
    mask_zone: Outline | None = None
    tapped: Tapped | None = None
    marks: tuple[reflection.Mark, ...] = ()
    camera: CameraPose | None = None
    plan: FloorPlan | None = None
    lens: Lens | None = None
    unplaced: Text | None = None   # why the plan cannot be used, or only with care

    @property
    def glass(self) -> Lens | None:
        """The lens, from whatever tells it."""
        return self.lens if self.camera is None else Lens(self.camera.projection, self.camera.focal_px, self.camera.width_px)

    @property
    def bed(self) -> Outline | None:
        """The bed's outline."""
        return next((zone.outline for zone in self.zones if zone.purpose is Purpose.INTENDED), None)


@dataclass
class _Said:
    """What the parts have said so far."""

    flags: dict[str, bool | None] = field(default_factory=lambda: dict.fromkeys(FLAGS))
    measures: dict[str, float | None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    sees: dict[str, bool | None] = field(default_factory=dict)   # of each whole frame: whether it has outlines; None where it is too dark for any

    @property
    def covered(self) -> bool | None:
        """Whether something lies over the whole lens: there is light and no outline in any frame, and every room has outlines. None in the dark."""
        return False if any(self.sees.values()) or not self.sees else True if False in self.sees.values() else None


def check(frames: Frames, known: Known, notes: Sequence[Text] = ()) -> SceneReport:
    """Everything that these frames tell. `notes`: how the pictures were read, told beside the findings. Raises `ValueError` without any picture."""
    if not frames.named():
        raise ValueError("no picture")
    said = _Said(findings=[Finding("reading", Severity.NOTE, note) for note in notes])
    short, frames = frames.night_short, _of_one_size(frames, said)
    near = None if frames.night is None else obstruction.obstruction(frames.night, _foretold_light(known, frames.night), known.glass)
    frames = _frames_that_are_whole(frames, near, known, said)
    if short is not None and (frames.night is None or short.luma.shape != frames.night.luma.shape):
        short = None
    if not frames.named():
        return SceneReport(said.flags, said.measures, tuple(said.findings))
    frames, one_view = _of_one_view(frames, said)
    near = None if frames.night is None else near
    drawn = outlines.Edges.of_pair(frames.day, frames.night) if one_view and frames.day is not None and frames.night is not None else None
    _hang(frames, near, known, drawn, said)
    found = reflection.find_reflections(frames.day, frames.night, frames.night_off, _foretold(known), short=short, same_view=one_view, marks=known.marks,
                                        in_front=[known.bed] if known.bed else [], edges=drawn) \
        if frames.day is not None or frames.night is not None else None
    if found is not None:
        said.findings += found.findings
        told = {name: getattr(found.flags, name) for name in ("glare", "ir_hotspot", "mirror_present", "mirror_view")}
        said.flags |= told if said.covered is False else {name: flag or None for name, flag in told.items()}  # behind a cover nothing is known not to be
    bed = _bed(frames, known, near, said)
    mask = _masks(frames, known, said)
    return SceneReport(said.flags, said.measures, _worst_first(said.findings), bed, mask, None, None if found is None else found.pixels)


def _foretold(known: Known) -> Foretold | None:
    return foretell(known.plan, known.camera) if known.plan is not None and known.camera is not None else None


def _foretold_light(known: Known, night: Picture) -> obstruction.Floats | None:
    if known.camera is None or known.plan is None:
        return None
    return obstruction.foretold_light(known.camera, known.plan.room, known.plan.height_m, night.width_px, night.height_px)


def _of_one_size(frames: Frames, said: _Said) -> Frames:
    """Frames of another size than the first are not of the same setting; they are left out, and that is said."""
    named = frames.named()
    first = next(iter(named.values()))
    other = {name for name, picture in named.items() if picture.luma.shape != first.luma.shape}
    for name in sorted(other):
        size, wanted = (f"{one.width_px} x {one.height_px}" for one in (named[name], first))
        said.findings.append(Finding("sizes_differ", Severity.BROKEN, Text(
            f"{_WHEN[name].sv} är {size} och den första {wanted}. De kan inte jämföras; ta alla bilder med samma inställning.",
            f"{_WHEN[name].en} is {size} and the first {wanted}. They cannot be compared; take all pictures with the same setting.")))
    return Frames(**{name: picture for name, picture in named.items() if name not in other})


def _frames_that_are_whole(frames: Frames, near: obstruction.Obstruction | None, known: Known, said: _Said) -> Frames:
    """Light, focus and the lens of each frame, where nothing is `near`; those that are broken are left out."""
    edges: dict[str, Edges] = {name: edges_of(picture) for name, picture in frames.named().items() if name != "night_off"}
    covered = near is not None and near.share > 0
    if near is not None and covered:
        edges = {name: own.outside(near.cells) for name, own in edges.items()}
    whole = frames.named()
    if frames.night_off is not None and (findings := quality.broken(frames.night_off, known.limits)):
        said.findings += [replace(finding, kind=f"{finding.kind}_night_off", text=_prefixed("night_off", finding.text)) for finding in findings]
        del whole["night_off"]
    for name, own in edges.items():
        measured = quality.measure(whole[name], own, [other for one, other in edges.items() if one != name])
        said.measures |= {f"mean_luma_{name}": measured.mean_luma, f"contrast_{name}": measured.contrast, f"noise_{name}": measured.noise,
                          f"edge_spread_{name}": measured.edge_spread, f"smeared_share_{name}": measured.smeared_share}
        findings = quality.judge(measured, known.limits)
        # A lens is smeared whenever it is looked through; light and focus are of one frame.
        said.findings += [replace(finding, kind=f"{finding.kind}_{name}", text=_prefixed(name, finding.text)) for finding in findings if finding.kind != "smeared"]
        if not said.flags["smeared"]:
            said.findings += [finding for finding in findings if finding.kind == "smeared"]
        if any(finding.spoils for finding in findings):
            del whole[name]
            continue
        kinds = {finding.kind for finding in findings}
        dark = "dark" in kinds
        said.flags[f"dark_{name}"] = dark
        said.sees[name] = True if measured.sharpness > 0.0 else None if dark else False
        said.flags[f"unsharp_{name}"] = None if (dark or covered) and measured.sharpness == 0.0 else bool(kinds & {"unsharp", "no_edges"})
        if measured.smeared_share is not None:
            said.flags["smeared"] = bool(said.flags["smeared"]) or "smeared" in kinds
    return Frames(**whole)


def _of_one_view(frames: Frames, said: _Said) -> tuple[Frames, bool]:
    """Frames that show one view, and whether day and night do. A frame that is another one over again tells nothing and is left out; so is a lamp-off
    frame of another view, which is good for nothing else."""
    if frames.night is not None and frames.night_off is not None:
        findings = [finding for finding in _compared(frames.night, frames.night_off, said) if finding.spoils]  # a dark one shows nothing, and need not
        said.findings += [replace(finding, text=_prefixed("night_off", finding.text)) for finding in findings]
        frames = replace(frames, night_off=None) if findings else frames
    if frames.day is None or frames.night is None:
        return frames, True
    findings = _compared(frames.day, frames.night, said)
    said.findings += findings
    if any(finding.kind == "frozen" for finding in findings):
        for flag in ("dark_night", "unsharp_night"):
            said.flags[flag] = None
        return replace(frames, night=None, night_off=None), True
    return frames, not any(finding.spoils or finding.kind == "view_unsure" for finding in findings)  # what may have moved is not laid over one another


def _compared(one: Picture, other: Picture, said: _Said) -> list[Finding]:
    """What lies over a lens is no view that could be compared, but an old picture sent again is one all the same."""
    return [finding for finding in same_view.judge(one, other) if finding.kind == "frozen" or said.covered is False]


def _prefixed(name: str, text: Text) -> Text:
    return Text(f"{_WHEN[name].sv}: {text.sv[0].lower()}{text.sv[1:]}", f"{_WHEN[name].en}: {text.en[0].lower()}{text.en[1:]}")


def _hang(frames: Frames, near: obstruction.Obstruction | None, known: Known, drawn: outlines.Edges | None, said: _Said) -> None:
    """How the camera hangs, and whether something hangs before it."""
    if near is not None:
        judged = obstruction.judge(near, known.limits)
        said.findings += judged
        said.measures["obstructed_fraction"] = near.share
        said.flags["obstructed"] = near.share > known.limits.obstructed_share_most
    if said.covered:
        said.measures["obstructed_fraction"], said.flags["obstructed"] = 1.0, True
        said.findings.append(obstruction.COVERED)
    elif said.covered is None and not said.flags["obstructed"]:  # in the dark a cover and a lamp that fails look alike, and are told as dark
        said.measures["obstructed_fraction"], said.flags["obstructed"] = None, None
    lean = tilt.tilt([picture for picture in (frames.day, frames.night) if picture is not None], known.glass, None if near is None else near.cells,
                     None if known.camera is None else known.camera.down_deg,
                     None if drawn is None else (drawn.sides.reshape(-1, 4).astype(np.float64) + 0.5) / drawn.night.shape[1])
    if known.camera is not None and (lean is None or lean.certainty < _TILT_SURE):  # too little stands upright: then by the camera's place as it was told
        lean = tilt.Tilt(known.camera.roll_deg, 0.0, 0.5)
    said.findings += tilt.judge(lean, known.limits)
    said.measures["tilt_deg"] = None if lean is None else lean.tilt_deg
    said.flags["tilted"] = None if lean is None else abs(lean.tilt_deg) > known.limits.tilt_most_deg


def _bed(frames: Frames, known: Known, near: obstruction.Obstruction | None, said: _Said) -> BedReport | None:
    if known.bed is None or (frames.day is None and frames.night is None):
        return None
    view = area.bed_view(known.bed, frames.day, frames.night, near, known.glass)
    said.findings += area.judge_bed(view, known.bed, known.limits)
    said.measures["bed_in_frame"] = view.in_frame
    px_per_m = view.px_per_m
    if px_per_m is None and known.tapped is not None:
        (x0, y0), (x1, y1) = known.tapped.points
        px_per_m = float(np.hypot(x1 - x0, y1 - y0)) / known.tapped.length_m  # seen at a slant it is more: the least that it can be
    return BedReport(view.visible, px_per_m, str(view.status))


def _masks(frames: Frames, known: Known, said: _Said) -> float | None:
    """Whether what must not be seen is masked; returns how much of the mask's own zone is, None where that cannot be told."""
    pictures = list(frames.named().values())
    for zone in known.zones:
        if zone.purpose is Purpose.FORBIDDEN:
            said.findings += area.judge_forbidden(Text(f"ytan {zone.name}", f"the area {zone.name}"), zone.outline, pictures[0], _covered(pictures, zone.outline))
    if known.mask_zone is None:
        return None
    share = _covered(pictures, known.mask_zone)
    said.findings += area.judge_forbidden(Text("det som ska vara maskat", "what is to be masked"), known.mask_zone, pictures[0], share)
    return share


def _covered(pictures: Sequence[Picture], outline: Outline) -> float | None:
    found = cover.coverage(pictures, outline)
    return None if found is None else found.share


def with_plan(report: SceneReport, known: Known) -> SceneReport:
    """The report with what the plan says of the floor and of the sign; as it is without a plan or the camera's place. It needs no picture, so it can be
    made before the first one is taken."""
    if known.unplaced is not None:
        report = replace(report, findings=_worst_first([*report.findings, Finding("camera_unplaced", Severity.LOOK, known.unplaced)]))
    if known.plan is None or known.camera is None:
        return report
    seen, places = sight.sight(known.plan, known.camera), sign_place.sign_places(known.plan, known.camera)
    findings = list(report.findings)
    if places.why_none is not None:
        findings.append(Finding("sign_none", Severity.ACT, places.why_none, 0.9))
    return replace(report, plan=PlanReport(seen, places), findings=_worst_first(findings))


def _worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (_ORDER.index(finding.severity), -finding.certainty)))
