"""`provisioner scene check`: what the camera sees, judged on picture files. For benches and tests: on site the pictures never leave the memory."""

import argparse
from pathlib import Path

import cv2

from provisioner.camera.profiles import generic_frame_limits, profiles
from provisioner.cli.main import Context
from provisioner.cli.out import OK, Out
from provisioner.cli.view_lines import LOOK_WORDS
from provisioner.fault import PlainError, Text
from provisioner.files import read_file
from provisioner.scene.canvas import Drawing, raster, svg
from provisioner.scene.check import Frames, Known, check, with_plan
from provisioner.scene.findings import Finding, Severity
from provisioner.scene.known import parsed
from provisioner.scene.labels import known_of
from provisioner.scene.opening import FILE_MOST_BYTES, Opened, open_picture
from provisioner.scene.overlay import DAY, NIGHT, STYLES, frame_drawing, numbered, pair_drawing
from provisioner.scene.plan_drawing import plan_drawing
from provisioner.scene.report import SceneReport

_JSON_MOST_BYTES = 2**20
_SIGNS = {Severity.BROKEN: "!!", Severity.ACT: "! ", Severity.LOOK: "? ", Severity.NOTE: "  "}


def check_scene(args: argparse.Namespace, context: Context) -> int:
    """Judge the pictures, write the drawings where `--out` says. Exit code 0 where the check was made, whatever it found."""
    cv2.setNumThreads(1)  # the limit of time is one of one core
    files = {"day": args.day, "night": args.night, "night_off": args.night_off}
    if not args.day and not args.night:
        raise PlainError("no_picture_given", Text("Ge minst en bild: --day eller --night.", "Give at least one picture: --day or --night."))
    folder = _folder(args.out) if args.out else None
    opened = {name: open_picture(read_file(Path(path), FILE_MOST_BYTES, unreadable="no_file"), Path(path).name) for name, path in files.items() if path}
    known = _known(args, opened["day" if args.day else "night"])
    frames = Frames(**{name: one.picture for name, one in opened.items()})
    report = with_plan(check(frames, known, tuple(note for one in opened.values() for note in one.notes)), known)
    written = _draw(folder, frames, known, report, context.out.language) if folder else []
    context.out.result(report.as_json())
    _say(report, opened, written, context.out)
    return OK


def _known(args: argparse.Namespace, first: Opened) -> Known:
    told = {name: parsed(read_file(Path(path), _JSON_MOST_BYTES, unreadable="no_file"), Path(path).name) for name, path in
            (("zones", args.zones), ("plan", args.plan), ("labels", args.labels)) if path}
    limits = profiles().named(args.profile).frame_limits() if args.profile else generic_frame_limits()
    names = {name: Path(path).name for name, path in (("zones", args.zones), ("plan", args.plan), ("labels", args.labels)) if path}
    return known_of(told, names, (first.picture.width_px, first.picture.height_px), limits)


def _folder(path: str) -> Path:
    folder = Path(path)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise PlainError("bad_out", Text(f"Mappen {path} går inte att skapa ({exc.strerror}).", f"The folder {path} cannot be made ({exc.strerror}).")) from None
    return folder


def _draw(folder: Path, frames: Frames, known: Known, report: SceneReport, language: str) -> list[str]:
    """Every picture that this command ever writes. Returns the names."""
    tilt_deg = report.measures.get("tilt_deg")
    drawings: dict[str, Drawing] = {}
    for name, picture, title in (("day", frames.day, DAY), ("night", frames.night, NIGHT)):
        if picture is not None:
            drawings[name] = frame_drawing(picture, title, known.zones, report.findings, night=name == "night", tilt_deg=tilt_deg)
    if frames.day is not None and frames.night is not None:
        drawings["pair"] = pair_drawing(frames.day, frames.night, known.zones, report.findings, tilt_deg)
    if report.plan is not None and known.plan is not None and known.camera is not None:
        drawings["plan"] = plan_drawing(known.plan, known.camera, report.plan.sight, report.plan.places, language)
    files: dict[str, bytes] = {}
    for name, drawing in drawings.items():
        files[f"{name}.svg"] = svg(drawing).encode()
        files[f"{name}.png"] = bytes(cv2.imencode(".png", raster(drawing))[1])
    if report.refl is not None:
        files["refl.png"] = bytes(cv2.imencode(".png", report.refl)[1])
    try:
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as exc:
        raise PlainError("bad_out", Text(f"Det går inte att skriva i {folder} ({exc.strerror}).", f"Nothing can be written into {folder} ({exc.strerror}).")) from None
    return sorted(files)


def _say(report: SceneReport, opened: dict[str, Opened], written: list[str], out: Out) -> None:
    """For people: what was looked at, each finding with its one action, worst first, and the numbers."""
    language = out.language
    sizes = ", ".join(f"{LOOK_WORDS[name].in_language(language)} {one.picture.width_px} x {one.picture.height_px}" for name, one in opened.items())
    out.say(f"{Text('Bilder', 'Pictures').in_language(language)}: {sizes}")
    for group in numbered(report.findings):
        first = group.first
        title = STYLES[first.kind].title.in_language(language) if first.kind in STYLES else first.kind
        out.say(f"{_SIGNS[first.severity]} {group.number:>2} {title:<34} {_certainty(first, language)}{_numbers(first)}")
        out.say(f"      {first.text.in_language(language)}")
    if not report.findings:
        out.text(Text("Inget att åtgärda hittades. Titta själv också.", "Nothing to act on was found. Look yourself too."))
    untold = [name for name, said in report.flags.items() if said is None]
    if untold:
        listed = ", ".join(untold)
        out.text(Text(f"Gick inte att bedöma med dessa bilder: {listed}.", f"Could not be told from these pictures: {listed}."))
    for name, value in report.measures.items():
        out.say(f"   {name:<28} {'-' if value is None else _figure(value)}")
    if written:
        out.text(Text(f"Skrivet: {', '.join(written)}.", f"Written: {', '.join(written)}."))


def _certainty(finding: Finding, language: str) -> str:
    return f"{Text('säkerhet', 'certainty').in_language(language)} {100 * finding.certainty:.0f} %"


def _numbers(finding: Finding) -> str:
    if finding.value is None:
        return ""
    limit = "" if finding.limit is None else f" ({_figure(finding.limit)})"
    return f"  {_figure(finding.value)}{limit} {finding.unit}"


def _figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
