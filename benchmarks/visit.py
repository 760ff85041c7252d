"""One provisioning visit in a running daemon, against a naive script on the same simulated cameras.

The visit: the technician's trigger over HTTP, identity over ONVIF, first frame, checks, new binding, the people's answers (given at once, over
HTTP), the operator's test look, the re-bind confirmed by the registry's reply and by both retained states; 13 journalled inputs, each synced to the
disk (SQLite, synchronous=FULL). The daemon is a process of its own that has done one such visit before. Every repetition is another case and camera.

The naive script (`naive.py`): ONVIF serial, one RTSP frame, brightness and sharpness, two publishes; a fresh process a visit, as such a script is
run, and its whole process counts. It asks for no test look, keeps no journal and does not wait for the registry.

The test look is the alarm centre's: an operator, here a simulated one, takes a picture and finds the code card in it, which costs the simulator
more CPU than all else together, and a person a minute. The daemon only waits meanwhile. `wall_ratio` therefore leaves out the time between the
command and its completed reply, as an observer on the broker saw them (`operator_wall_s`); `wall_ratio_with_operator` is over everything.

`cpu_ratio`: CPU of the daemon's process during the visit and 20 ms after it, through CPU of the script's process. The site's own CPU is in neither.

A: camera.frame_source = "auto" (the snapshot, where a camera has one), the default. B: "rtsp", whose figures end in `_rtsp`.
"""

import argparse
import statistics
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.common import against, arguments, fsync_ms, load, median, row, tell
from benchmarks.moves import Script, Visit, Watch, naive, to_the_door, visit
from benchmarks.wire import Observer
from benchmarks.world import Daemon, Site, start_site, write_settings
from provisioner.config import Secrets
from provisioner.wiring import open_store

WALL_RATIO_MOST = 0.0667   # 1/15
CPU_RATIO_MOST = 0.125     # 1/8
WARM_UPS = 1


@dataclass
class Measured:
    """The runs of one frame source, side by side with the script's."""

    visits: list[Visit] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    operator_s: list[float] = field(default_factory=list)
    first_visit_s: float = 0.0

    def own_wall_s(self) -> list[float]:
        """Wall seconds of the visits without the operator's."""
        return [lived.wall_s - look_s for lived, look_s in zip(self.visits, self.operator_s, strict=True)]

    def figures(self, suffix: str) -> dict[str, float]:
        """Medians of seconds, and their ratios."""
        wall, cpu = median(self.own_wall_s()), median([lived.cpu_s for lived in self.visits])
        whole, naive_wall = median([lived.wall_s for lived in self.visits]), median([script.wall_s for script in self.scripts])
        naive_cpu = median([script.cpu_s for script in self.scripts])
        found = {"wall_ratio": round(wall / naive_wall, 4), "cpu_ratio": round(cpu / naive_cpu, 4), "wall_ratio_with_operator": round(whole / naive_wall, 4),
                 "visit_wall_s": wall, "visit_wall_with_operator_s": whole, "operator_wall_s": median(self.operator_s), "visit_cpu_s": cpu,
                 "naive_wall_s": naive_wall, "naive_cpu_s": naive_cpu,
                 "settings_wall_s": median([lived.settings_s for lived in self.visits]), "settings_cpu_s": median([lived.settings_cpu_s for lived in self.visits]),
                 "first_visit_wall_s": round(self.first_visit_s, 4)}
        return {name + suffix: value for name, value in found.items()}

    def steps(self) -> dict[str, float]:
        """Median seconds that each step of the visit took, in their order."""
        names, before, found = list(self.visits[0].at_s), "", {}
        for name in names:
            found[name] = median([lived.at_s[name] - lived.at_s.get(before, 0.0) for lived in self.visits])
            before = name
        return found


def measure(site: Site, directory: Path, frame_source: str, cameras: range) -> Measured:
    """Bring a case to the door for each camera, warm up with the first, then script and visit in turn."""
    directory.mkdir()
    settings = write_settings(site, directory, frame_source, f"provisioner-{frame_source}")
    found = Measured()
    with Daemon(directory, settings) as daemon, Observer(site) as observer, ExitStack() as stack:
        store = open_store(settings, Secrets(settings))
        stack.callback(store.close)
        watch = stack.enter_context(closing(Watch(store, directory)))
        cases = {n: to_the_door(daemon, watch, site, n) for n in cameras}
        for place, (n, case_id) in enumerate(cases.items()):
            if place >= WARM_UPS:
                found.scripts.append(naive(site, n))
            lived, look_s = visit(daemon, watch, site, case_id, n), observer.last_look_s()
            if place >= WARM_UPS:
                found.visits.append(lived)
                found.operator_s.append(look_s)
            else:
                found.first_visit_s = lived.wall_s - look_s
    return found


def run(runs: int) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the table."""
    with tempfile.TemporaryDirectory(prefix="provisioner-bench-") as name, ExitStack() as stack:
        directory, each = Path(name), runs + WARM_UPS
        disk_ms, load_before = fsync_ms(directory), load()
        site = start_site(stack, 2 * each, directory)
        naive(site, 0)  # once for nothing: it compiles what was not compiled yet, and fills the disk's cache
        auto = measure(site, directory / "auto", "auto", range(each))
        rtsp = measure(site, directory / "rtsp", "rtsp", range(each, 2 * each))
    figures: dict[str, Any] = {**auto.figures(""), **rtsp.figures("_rtsp"), "steps_s": auto.steps(), "steps_rtsp_s": rtsp.steps(),
                               "naive_steps_ms": {step: statistics.median(s.steps_ms[step] for s in auto.scripts) for step in auto.scripts[0].steps_ms},
                               "runs": runs, "fsync_ms": disk_ms, "load_before": load_before, "load_after": load()}
    return figures, table(figures)


def table(figures: dict[str, Any]) -> list[str]:
    """For people: milliseconds."""
    def both(words: str, name: str) -> str:
        return row(words, *(f"{1000 * figures[name + suffix]:.1f}" for suffix in ("", "_rtsp")))

    lines = [f"One provisioning visit, medians of {figures['runs']}; script and visit in turn. Milliseconds.", "", row("", "snapshot", "RTSP"),
             both("visit, without the operator's look", "visit_wall_s"), both("  the operator's look", "operator_wall_s"),
             both("  visit with it", "visit_wall_with_operator_s"), both("  the daemon's first visit, without it", "first_visit_wall_s"),
             both("naive script", "naive_wall_s"), both("visit, CPU of the daemon", "visit_cpu_s"),
             both("besides: new password, settings read back", "settings_wall_s"), both("  CPU of it", "settings_cpu_s"), both("naive script, CPU", "naive_cpu_s"), "",
             row("steps of the visit", "snapshot", "RTSP")]
    lines += [row("  " + step, f"{1000 * took:.1f}", f"{1000 * figures['steps_rtsp_s'][step]:.1f}") for step, took in figures["steps_s"].items()]
    lines += ["", "steps of the script: " + ", ".join(f"{step} {took:.0f}" for step, took in figures["naive_steps_ms"].items()), "",
              f"wall_ratio       {against(figures['wall_ratio'], WALL_RATIO_MOST)}   without the look, and without password and settings: the script has none",
              f"cpu_ratio        {against(figures['cpu_ratio'], CPU_RATIO_MOST)}",
              f"with the operator's look {figures['wall_ratio_with_operator']}; over RTSP: wall {figures['wall_ratio_rtsp']}, CPU {figures['cpu_ratio_rtsp']}, "
              f"wall with the look {figures['wall_ratio_with_operator_rtsp']}",
              f"load of the machine {figures['load_before']} before, {figures['load_after']} after; a synced write of 4 kB takes {figures['fsync_ms']} ms"]
    return lines


def main() -> None:
    """`python -m benchmarks.visit`."""
    args: argparse.Namespace = arguments(__doc__ or "")
    tell(args, *run(args.runs))


if __name__ == "__main__":
    main()
