"""`python -m tests.fuzz [--seconds 600] [--target soap] [--engine auto] [--json]`: fuzz the readers one after the other and tell how it went."""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.engine import Report, Watched, by_atheris, by_mutation

NAMES = ("soap", "rtsp", "discovery", "profile")


def _child(name: str, engine: str, seconds: float, seed: int, folder: Path, out: Path) -> None:
    def done(report: Report) -> None:
        out.write_text(json.dumps(report.as_dict()), encoding="utf-8")

    def make() -> tuple[Callable[[bytes], None], list[bytes]]:
        # Here and not above: atheris sees only what is imported after it.
        from tests.fuzz.seeds import seeds
        from tests.fuzz.targets import TARGETS

        return TARGETS[name], seeds(name)

    if engine == "atheris":
        by_atheris(name, make, seconds, folder, done)
    run, corpus = make()
    watched = Watched(name, run, "mutation", seconds)
    try:
        by_mutation(watched, corpus, seed)
    finally:
        done(watched.report)


def _run(name: str, engine: str, seconds: float, seed: int, folder: Path) -> Report:
    """One target in a process of its own, which may crash, hang or burst without taking the others with it."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "report.json"
        command = [sys.executable, "-m", "tests.fuzz", "--child", str(out), "--target", name, "--engine", engine, "--seconds", str(seconds), "--seed", str(seed),
                   "--corpus", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120, check=False)
            code, said = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired as exc:
            code, said = -1, f"hung: no end {exc.timeout:.0f} s after it began"
        report = Report(**json.loads(out.read_text(encoding="utf-8"))) if out.exists() else Report(name, engine, seconds)
    if engine == "atheris":
        report.corpus = len(list((folder / name).glob("*")))
    if code != 0 and not report.broken_by:
        report.broken_by = f"the process, which ended with {code}"
    if report.broken_by:
        print(said[-6000:], file=sys.stderr)
    return report


def main() -> int:
    """0: all sound. 1: one was broken; its input is in tests/fuzz/found/."""
    ask = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    ask.add_argument("--seconds", type=float, default=600.0, help="for each target")
    ask.add_argument("--target", choices=NAMES, action="append", help="one of them; otherwise all")
    ask.add_argument("--engine", choices=("auto", "atheris", "mutation"), default="auto")
    ask.add_argument("--seed", type=int, default=1, help="of the mutating engine")
    ask.add_argument("--corpus", type=Path, default=Path("build/fuzz"), help="where atheris keeps what it has learnt")
    ask.add_argument("--json", action="store_true")
    ask.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = ask.parse_args()
    engine = given.engine
    if engine == "auto":
        engine = "atheris" if importlib.util.find_spec("atheris") is not None else "mutation"
        if engine == "mutation" and given.child is None:
            print("atheris is not installed here: fuzzing without coverage, by mutation alone", file=sys.stderr)
    if given.child is not None:
        _child(given.target[0], engine, given.seconds, given.seed, given.corpus, given.child)
        return 0
    reports = []
    for name in given.target or NAMES:
        reports.append(_run(name, engine, given.seconds, given.seed, given.corpus))
        if not given.json:
            print(reports[-1].line(), flush=True)
    if given.json:
        print(json.dumps([report.as_dict() for report in reports], indent=1))
    return 1 if any(report.broken_by for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
