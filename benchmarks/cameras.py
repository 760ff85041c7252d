"""What an additional camera costs, and 200 cameras verified: our client against onvif-zeep and onvif-zeep-async on the same simulated cameras.

Verified: the time, the device information, the profiles, the stream's address, logged in. Each side does this in the way its own documentation shows,
with the same number of workers (8 threads, or 8 coroutines under way at a time: what the daemon has), in a process of its own that has imported everything
before the clock starts. What a side parses of the service descriptions is in: ours and onvif-zeep-async parse once, onvif-zeep once a camera. The
cameras are one other process on the same cores; each side logs in as it likes (ours after the camera's challenge, which costs a question more), and each
must have read all serial numbers right, or the run does not count.

onvif-zeep takes minutes and is run once; the others in turn, medians. onvif-zeep-async brings a package of the same name as onvif-zeep, so it lives in a
virtual environment of its own below the cache folder, made here when it is missing.

`birth_ms`, `birth_kb`: one more camera before its first call, when the daemon is warm; the mean of a thousand.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.common import against, at_least, load, median, row, tell
from benchmarks.common import arguments as common_arguments
from benchmarks.farm import Farm, side
from benchmarks.world import Broken

CAMERAS, WORKERS, BIRTHS, RUNS = 200, 8, 1000, 3
BIRTH_MS_MOST, BIRTH_KB_MOST = 3.0, 60.0
SPEEDUP_LEAST, SPEEDUP_ASYNC_LEAST = 8.0, 1.0
PACKAGE = "onvif-zeep-async"


def async_python() -> str:
    """The interpreter of the environment with onvif-zeep-async; made when it is missing. Raises `Broken` with the reason."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "provisioner-benchmarks"
    home = cache / f"{PACKAGE}-py{sys.version_info.major}.{sys.version_info.minor}"
    python = home / "bin" / "python"
    if python.exists():
        return str(python)
    sys.stderr.write(f"installing {PACKAGE} into {home}\n")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as making:
            base = Path(making) / "env"  # an environment that was made to the end gets its name; half of one is never used
            for command in ([sys.executable, "-m", "venv", str(base)], [str(base / "bin" / "python"), "-m", "pip", "install", "--quiet", PACKAGE]):
                done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
                if done.returncode:
                    raise Broken(f"{PACKAGE} cannot be installed: {(done.stderr or done.stdout).strip()[-600:]}")
            base.rename(home)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise Broken(f"{PACKAGE} cannot be installed: {exc}") from None
    return str(python)


def version_of(python: str) -> str:
    """Which onvif-zeep-async was measured."""
    asked = f"from importlib.metadata import version; print(version({PACKAGE!r}))"
    return subprocess.run([python, "-c", asked], capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def verified(name: str, farm: Farm, python: str = sys.executable) -> dict[str, Any]:
    """One side over all cameras. Raises `Broken` where it has not verified each of them."""
    found = side(name, {**farm.where, "workers": WORKERS, "what": "calls"}, python)
    if found["verified"] != len(farm.cameras):
        raise Broken(f"{name} verified {found['verified']} of {len(farm.cameras)} cameras")
    return found


def run(cameras: int, runs: int, with_async: bool) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the table."""
    python = async_python() if with_async else ""
    before = load()
    with Farm([{} for _ in range(cameras)]) as farm:
        births = [side("ours", {**farm.where, "cameras": (farm.cameras * BIRTHS)[:2 * BIRTHS], "what": "birth"}) for _ in range(runs)]
        ours, others = [], []
        for _ in range(runs):
            ours.append(verified("ours", farm))
            if with_async:
                others.append(verified("zeep_async", farm, python))
        plain = verified("zeep_plain", farm)
        ours.append(verified("ours", farm))  # beside it in time: the load of the machine changes
    wall, cpu = median([one["wall_s"] for one in ours]), median([one["cpu_s"] for one in ours])
    figures: dict[str, Any] = {
        "birth_ms": round(1000 * median([one["birth_s"] for one in births]), 3), "birth_kb": median([one["birth_kb"] for one in births]),
        "speedup_vs_onvif_zeep": round(plain["wall_s"] / wall, 2), "speedup_vs_onvif_zeep_cpu": round(plain["cpu_s"] / cpu, 2),
        "speedup_vs_onvif_zeep_async": round(median([one["wall_s"] for one in others]) / wall, 2) if others else None,
        "speedup_vs_onvif_zeep_async_cpu": round(median([one["cpu_s"] for one in others]) / cpu, 2) if others else None,
        "wall_s": wall, "cpu_s": cpu, "onvif_zeep_wall_s": median([plain["wall_s"]]), "onvif_zeep_cpu_s": median([plain["cpu_s"]]),
        "onvif_zeep_async_wall_s": median([one["wall_s"] for one in others]) if others else None,
        "onvif_zeep_async_cpu_s": median([one["cpu_s"] for one in others]) if others else None,
        "onvif_zeep_async_version": version_of(python) if with_async else None,
        "mb": round(median([one["kb"] for one in ours]) / 1000, 1), "onvif_zeep_mb": round(plain["kb"] / 1000, 1),
        "onvif_zeep_async_mb": round(median([one["kb"] for one in others]) / 1000, 1) if others else None,
        "cameras": cameras, "workers": WORKERS, "runs": runs, "load_before": before, "load_after": load(),
    }
    return figures, table(figures)


def table(figures: dict[str, Any]) -> list[str]:
    """For people."""
    def line(words: str, *names: str) -> str:
        return row(words, *("-" if figures[name] is None else figures[name] for name in names))

    return [
        f"{figures['cameras']} cameras verified by {figures['workers']} workers, medians of {figures['runs']}; onvif-zeep once.", "",
        row("", "ours", "onvif-zeep", "-async"), line("wall, s", "wall_s", "onvif_zeep_wall_s", "onvif_zeep_async_wall_s"),
        line("CPU of the client, s", "cpu_s", "onvif_zeep_cpu_s", "onvif_zeep_async_cpu_s"),
        line("memory of its process at the end, MB", "mb", "onvif_zeep_mb", "onvif_zeep_async_mb"), "",
        f"birth_ms                     {against(figures['birth_ms'], BIRTH_MS_MOST)}",
        f"birth_kb                     {against(figures['birth_kb'], BIRTH_KB_MOST)}",
        f"speedup_vs_onvif_zeep        {at_least(figures['speedup_vs_onvif_zeep'], SPEEDUP_LEAST)}; by CPU {figures['speedup_vs_onvif_zeep_cpu']}",
        f"speedup_vs_onvif_zeep_async  {at_least(figures['speedup_vs_onvif_zeep_async'], SPEEDUP_ASYNC_LEAST)}; by CPU "
        f"{figures['speedup_vs_onvif_zeep_async_cpu']}; version {figures['onvif_zeep_async_version']}",
        f"load of the machine {figures['load_before']} before, {figures['load_after']} after",
    ]


def arguments() -> argparse.Namespace:
    """The common ones, and `--no-async`."""
    no_async = "--no-async" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--no-async"]
    args = common_arguments((__doc__ or "") + "\n`--no-async` leaves onvif-zeep-async out: nothing is installed.", RUNS, CAMERAS)
    args.no_async = no_async
    return args


def main() -> None:
    """`python -m benchmarks.cameras`."""
    args = arguments()
    try:
        tell(args, *run(args.cameras, args.runs, not args.no_async))
    except Broken as exc:
        sys.exit(f"the benchmark cannot go on: {exc}")


if __name__ == "__main__":
    main()
