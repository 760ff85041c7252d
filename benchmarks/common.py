"""What the benchmarks share: arguments, medians, the CPU clock and memory of another process, how results are told."""

import argparse
import ctypes
import json
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RUNS = 7
"""Repetitions whose median counts, unless `--runs` says otherwise: one disturbed run, or three, then change nothing."""


def arguments(about: str, runs: int = RUNS, cameras: int = 0) -> argparse.Namespace:
    """`--runs N` and `--json`; with `cameras` also `--cameras N`, for a quick look with fewer."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=runs, metavar="N", help=f"repetitions; the medians count (default {runs})")
    if cameras:
        parser.add_argument("--cameras", type=int, default=cameras, metavar="N", help=f"simulated cameras (default {cameras})")
    parser.add_argument("--json", action="store_true", help="one object of named figures instead of a table")
    args = parser.parse_args()
    if args.runs < 1 or (cameras and args.cameras < 1):
        parser.error("at least 1")
    return args


def median(values: Sequence[float]) -> float:
    """The median, to four digits behind the point."""
    return round(statistics.median(values), 4)


def cpu_s(pid: int) -> float:
    """CPU seconds that a running process has used so far, all its threads together, to the nanosecond.

    `clock_getcpuclockid(3)`: /proc/PID/stat counts in hundredths of a second, which is a sixth of what is measured here.
    """
    clock = ctypes.c_int()
    error = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock))
    if error:
        raise OSError(error, os.strerror(error))
    return time.clock_gettime(clock.value)


def rss_mb(pid: int) -> float:
    """Resident memory of a process now, in MB (2^20 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise OSError(f"no VmRSS of {pid}")


def wait_idle(pid: int, most_s: float = 30.0) -> None:
    """Return when the process has used less than 2 % of a core for half a second: whatever it did in the background is done."""
    give_up_at = time.monotonic() + most_s
    before = cpu_s(pid)
    while time.monotonic() < give_up_at:
        time.sleep(0.5)
        now = cpu_s(pid)
        if now - before < 0.01:
            return
        before = now


def fsync_ms(directory: Path) -> float:
    """Median milliseconds of writing and syncing 4 kB there. A durable commit cannot be quicker than this disk."""
    took = []
    with (directory / "fsync").open("wb", buffering=0) as file:
        for _ in range(20):
            begun = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - begun))
    (directory / "fsync").unlink()
    return round(statistics.median(took), 3)


def load() -> float:
    """What else the machine has to do: runnable processes, averaged over a minute."""
    return round(os.getloadavg()[0], 2)


def tell(args: argparse.Namespace, figures: Mapping[str, Any], lines: Sequence[str]) -> None:
    """The result, in the form asked for."""
    print(json.dumps(figures, indent=2) if args.json else "\n".join(lines))


def row(what: str, *cells: object) -> str:
    """A line of a table: words on the left, figures on the right."""
    return f"  {what:<44}" + "".join(f"{cell:>14}" for cell in cells)


def against(figure: float, target: float) -> str:
    """A figure beside the most that it may be."""
    return f"{figure} (target {target}: {'met' if figure <= target else 'MISSED'})"


def at_least(figure: float | None, target: float) -> str:
    """A figure beside the least that it must be; None was not measured."""
    return "not measured" if figure is None else f"{figure} (target at least {target}: {'met' if figure >= target else 'MISSED'})"
