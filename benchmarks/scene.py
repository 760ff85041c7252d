"""The scene check on a labelled set: precision, recall and pixel IoU of each class, errors of each measure, time and memory; a naive baseline beside it.

Each item is judged twice: by its pictures alone (with the bed tapped), and with the floor plan and the camera's place. The baseline has one frame for each
class and no plan. Time is of one core: from three JPEGs in memory to the finished report, against decoding the same three with OpenCV alone, in turn.
What the floor plan says by itself (`signs_ms`) needs no picture and is made beforehand. Memory is the peak of a process that judges one item from the
command line. Without `--set`, rooms are made afresh by the simulator's generator; a set's form is described in docs/scene.md.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.common import load, median, row, tell
from benchmarks.scene_naive import Guess, guess
from benchmarks.scene_score import (
    CLASSES,
    COVERAGE_MOST,
    DIRECT_LEAST,
    MIRRORED_LEAST,
    PX_PER_M_MOST,
    STATUS_LEAST,
    TILT_MOST_DEG,
    VISIBLE_MOST,
    Score,
    Tally,
    figures,
    worst,
)
from benchmarks.scene_set import SEEN_BITS, Item, items_of
from benchmarks.scene_sheet import write_sheet
from provisioner.camera.profiles import generic_frame_limits
from provisioner.scene.check import Frames, check, with_plan
from provisioner.scene.labels import known_of
from provisioner.scene.opening import open_picture
from provisioner.scene.report import SceneReport

RATIO_MOST, MEMORY_MOST_MB = 4.0, 200.0
FRAMES = ("day", "night", "iroff")
MADE = 12  # rooms, where no set is given
LIMITS = generic_frame_limits()
SIZE_PX = (1280, 720)
_NOTHING = SceneReport({}, {}, ())


def judged(item: Item, data: dict[str, bytes], *, by_plan: bool) -> SceneReport:
    """The whole check of an item's three JPEGs; what the plan foretells of them included."""
    day, night, off = (open_picture(data[which], which).picture for which in FRAMES)
    return check(Frames(day, night, off), known_of({"labels": item.told(by_plan)}, {"labels": item.name}, (day.width_px, day.height_px), LIMITS))


def planned(item: Item, report: SceneReport) -> SceneReport:
    """The report with the floor plan's own judgement."""
    return with_plan(report, known_of({"labels": item.told(True)}, {"labels": item.name}, SIZE_PX, LIMITS))


def scored(items: list[Item]) -> dict[str, Score]:
    """Each side over the set."""
    sides = {"naive": Score(), "alone": Score(), "plan": Score()}
    for item in items:
        data = {which: item.frame(which) for which in FRAMES}
        found = _naive(data)
        sides["naive"].add(item, found.flags, found.refl)
        for side in ("alone", "plan"):
            report = judged(item, data, by_plan=side == "plan")
            report = planned(item, report) if side == "plan" else report
            sides[side].add(item, report.flags, report.refl)
            sides[side].add_measures(item, report.as_json())
    return sides


def timed(items: list[Item], runs: int) -> dict[str, float]:
    """Milliseconds of one core, medians over runs and then items: decoding alone, the check with and without a plan, the baseline."""
    took: dict[str, list[float]] = {"decode": [], "alone": [], "plan": [], "naive": [], "signs": []}
    for item in items:
        data = {which: item.frame(which) for which in FRAMES}
        ways: dict[str, Callable[[], object]] = {
            "decode": partial(_decoded, data), "alone": partial(judged, item, data, by_plan=False), "plan": partial(judged, item, data, by_plan=True),
            "naive": partial(_naive, data), "signs": partial(planned, item, _NOTHING)}
        each: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(runs + 1):
            for name, way in ways.items():
                begun = time.process_time()
                way()
                if turn:  # the first warms caches and does not count
                    each[name].append(1000 * (time.process_time() - begun))
        for name, values in each.items():
            took[name].append(median(values))
    return {name: median(values) for name, values in took.items()}


def _decoded(data: dict[str, bytes]) -> list[Any]:
    return [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in data.values()]


def _naive(data: dict[str, bytes]) -> Guess:
    day, night, _ = _decoded(data)
    return guess(day, night)


def memory_mb(item: Item) -> float:
    """Peak resident memory of `provisioner scene check` on one item, in MB (2^20 bytes)."""
    with tempfile.TemporaryDirectory() as folder:
        labels = Path(folder) / "labels.json"
        labels.write_text(json.dumps(item.told(True)), encoding="utf-8")
        options = zip(FRAMES, ("--day", "--night", "--night-off"), strict=True)
        frames = [part for which, option in options for part in (option, str(item.folder / item.raw["files"][which]))]
        command = [sys.executable, "-m", "provisioner", "scene", "check", *frames, "--labels", str(labels), "--json"]
        # By way of a small process: what a child reports includes the memory of the process that it was forked from.
        child = subprocess.run([sys.executable, "-c", _WEIGHED, *command], capture_output=True, text=True)
    if child.returncode:
        raise ValueError(f"the check of {item.name} ended with {child.returncode}")
    return round(int(child.stdout) / 1024, 1)


_WEIGHED = """import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)"""


def run(items: list[Item], runs: int) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the table."""
    before = load()
    sides = scored(items)
    ms = timed(items[:6], runs)
    found: dict[str, Any] = {"items": len(items), **{name: value for side, score in sides.items() for name, value in figures(score, side).items()}}
    for side in ("alone", "plan"):
        found |= {f"{side}_{name}": value for name, value in sides[side].summary().items()}
    found |= {f"{name}_ms": value for name, value in ms.items()}
    found |= {"ratio": round(ms["plan"] / ms["decode"], 2), "ratio_alone": round(ms["alone"] / ms["decode"], 2), "ratio_naive": round(ms["naive"] / ms["decode"], 2),
              "memory_mb": memory_mb(items[0]), "runs": runs, "load_before": before, "load_after": load()}
    return found, table(sides, found)


def table(sides: dict[str, Score], found: dict[str, Any]) -> list[str]:
    """For people: each class on each side, and then what was missed."""
    lines = [f"{found['items']} items. Precision / recall, IoU over all pixels; n: how many items have it.", "", row("", "n", "naive", "alone", "with plan", "target")]
    for kind, target in CLASSES.items():
        there = sides["plan"].tallies[kind]
        lines.append(row(kind, there.true + there.missed, *(_cell(sides[side].tallies[kind]) for side in sides), _target(target.of(True)[:2])))
        if kind in SEEN_BITS:
            lines.append(row("    IoU", "", *(_figure(sides[side].tallies[kind].iou) for side in sides), f"{target.of(False)[2]:.2f}/{target.of(True)[2]:.2f}"))
    lines += ["", *_measures(sides), ""]
    lines.append(f"time       {found['plan_ms']} ms with plan, {found['alone_ms']} ms alone, {found['naive_ms']} ms naive, {found['decode_ms']} ms decoding; "
                 f"the plan itself, beforehand, {found['signs_ms']} ms")
    lines.append(f"ratio      {_held(found['ratio'], RATIO_MOST)} to decoding; alone {found['ratio_alone']}, naive {found['ratio_naive']}")
    lines.append(f"memory     {_held(found['memory_mb'], MEMORY_MOST_MB)} MB at its peak")
    lines.append(f"load of the machine {found['load_before']} before, {found['load_after']} after")
    for side in ("alone", "plan"):
        missed = [kind for kind, target in CLASSES.items() if not sides[side].tallies[kind].meets(target.of(side == "plan"))]
        lines += ["", f"{side}: {'every class meets its target' if not missed else 'MISSED ' + ', '.join(missed)}", *(f"  {line}" for line in sides[side].wrong)]
    return lines


def _measures(sides: dict[str, Score]) -> list[str]:
    limits = {"tilt_deg": TILT_MOST_DEG, "visible": VISIBLE_MOST, "px_per_m": PX_PER_M_MOST, "mask_coverage": COVERAGE_MOST}
    lines = []
    for side in ("alone", "plan"):
        errors = sides[side].errors
        for name, most in limits.items():
            if values := errors.get(name):
                within = sum(value <= most for value, _ in values)
                lines.append(f"{side:<6} {name:<14} {within} of {len(values)} within {most}; largest errors {worst(values)}")
        for name in ("tilt_untold", "mask_untold"):
            if values := errors.get(name):
                lines.append(f"{side:<6} {name:<14} {', '.join(item for _, item in values)}")
        if statuses := errors.get("status_wrong"):
            right = 1 - sum(value for value, _ in statuses) / len(statuses)
            lines.append(f"{side:<6} bed status     {right:.2f} right (target {STATUS_LEAST}); wrong {', '.join(item for value, item in statuses if value) or 'none'}")
    for name, least in (("direct", DIRECT_LEAST), ("mirrored", MIRRORED_LEAST)):
        if tally := sides["plan"].tallies.get(f"plan_{name}"):
            lines.append(f"plan   {name:<14} IoU {_figure(tally.iou)} against brute force (target {least})")
    signs = sides["plan"].errors.get("signs_refuted", [])
    lines.append(f"plan   sign places    {len(signs)} proposed, {sum(value for value, _ in signs):.0f} refuted (target 0)")
    return lines


def _cell(tally: Tally) -> str:
    return f"{_figure(tally.precision)}/{_figure(tally.recall)}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _target(least: tuple[float, ...]) -> str:
    return "/".join(f"{value:.2f}" if value else "-" for value in least)


def _held(figure: float, most: float) -> str:
    return f"{figure} (target {most}: {'met' if figure <= most else 'MISSED'})"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scene", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, metavar="FOLDER", help="a labelled set (default: rooms made afresh)")
    parser.add_argument("--items", type=int, default=0, metavar="N", help="only the first so many")
    parser.add_argument("--part", choices=("even", "odd"), help="only every second item: look at one half while developing and keep the other aside")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="repetitions of the timing; medians count (default 5)")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="write a contact sheet of the drawings there (JPEG) instead of measuring")
    parser.add_argument("--json", action="store_true", help="one object of named figures instead of a table")
    args = parser.parse_args()
    if args.runs < 1:
        parser.error("at least 1")
    return args


def made_set(folder: Path, count: int) -> Path:
    """Rooms of the simulator's own generator."""
    subprocess.run([sys.executable, "-m", "simulators.rooms", "--out", str(folder), "--count", str(count)], check=True, stdout=subprocess.DEVNULL)
    return folder


def main() -> None:
    """`python -m benchmarks.scene`."""
    args = arguments()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        try:
            items = items_of(args.set or made_set(Path(folder), args.items or MADE), args.items)
            if args.part:
                items = items[args.part == "odd" :: 2]
            if args.sheet:
                write_sheet(items, args.sheet, lambda item: planned(item, judged(item, {which: item.frame(which) for which in FRAMES}, by_plan=True)))
                return
            tell(args, *run(items, args.runs))
        except (ValueError, subprocess.CalledProcessError) as exc:
            sys.exit(f"the benchmark cannot go on: {exc}")


if __name__ == "__main__":
    main()
