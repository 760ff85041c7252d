"""Many seeds over all processors, or one seed in every detail."""

import argparse
import json
import os
import sys
import time
import traceback
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context

from tests.whole.simulation.breakages import BREAKAGES, broken
from tests.whole.simulation.run import STEPS_MOST, Result, run_seed

PROGRESS_EVERY_S = 5.0


@dataclass(frozen=True)
class Order:
    """What one process is asked for."""

    seed: int
    steps_most: int
    breakage: str | None
    verbose: bool = False


def work(order: Order) -> Result:
    """One seed. A bug that ends the daemon, or the simulation itself, is a violation like any other."""
    try:
        with broken(order.breakage) if order.breakage else nullcontext():
            return run_seed(order.seed, steps_most=order.steps_most, violations_most=1 if order.breakage else 10, verbose=order.verbose)
    except Exception:  # noqa: BLE001 - told with its seed, and the run fails
        return Result(order.seed, ["it ended with an exception:\n" + traceback.format_exc(limit=-8)])


@dataclass
class Summary:
    """All seeds together."""

    seeds: int = 0
    steps: int = 0
    virtual: timedelta = timedelta(0)
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[Result] = field(default_factory=list)
    took_s: float = 0.0

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.steps += result.steps
        self.virtual += result.virtual
        self.counts += result.counts
        if result.violations:
            self.bad.append(result)

    def figures(self) -> dict[str, object]:
        """As `--json` prints it."""
        names = ("commits", "journal_lines", "crashes", "commands", "camera_calls", "told", "dropped", "duplicated", "reordered", "delayed", "line_cuts",
                 "broker_deaths", "centre_restarts", "centre_silences", "hand_edits", "store_troubles", "mistakes", "escalations_required")
        ends = {key.removeprefix("ended ").lower(): value for key, value in sorted(self.counts.items()) if key.startswith("ended ")}
        deaths = {key.removeprefix("died "): value for key, value in sorted(self.counts.items()) if key.startswith("died ")}
        return {"seeds": self.seeds, "steps": self.steps, "virtual_days": round(self.virtual / timedelta(days=1)), "took_s": round(self.took_s, 1),
                **{name: self.counts[name] for name in names}, "died": deaths, "cases": ends, "violations": len(self.bad),
                "bad_seeds": sorted(result.seed for result in self.bad)}

    def text(self) -> str:
        """For people."""
        told = []
        for key, value in self.figures().items():
            shown = ", ".join(f"{name} {number}" for name, number in value.items()) if isinstance(value, dict) else value
            told.append(f"  {key.replace('_', ' '):24} {shown}")
        return "\n".join(told)


def show(result: Result, out: object) -> None:
    """A seed that violated something: what, and the journal of each of its cases."""
    print(f"\nseed {result.seed}: {len(result.violations)} violation(s)", file=out)
    for violation in result.violations:
        print(f"  {violation}", file=out)
    for case_id, journal in result.journals.items():
        print(f"\n  journal of {case_id}\n{journal}", file=out)
    print(f"\n  again: python -m tests.whole.simulation --seed {result.seed} --verbose", file=out)


def run_one(args: argparse.Namespace) -> Summary:
    """One seed, with its story where wanted."""
    summary, began_s = Summary(), time.perf_counter()
    result = work(Order(args.seed, args.steps_max, args.breakage, args.verbose))
    summary.add(result)
    summary.took_s = time.perf_counter() - began_s
    if args.verbose:
        print("\n".join(result.story), file=sys.stderr)
    print(f"seed {result.seed}: digest {result.digest}", file=sys.stderr)
    return summary


def run_many(args: argparse.Namespace) -> Summary:
    """Seeds 1 to N, each independent of the process it runs in."""
    summary, began_s = Summary(), time.perf_counter()
    told_s = began_s
    orders = [Order(seed, args.steps_max, args.breakage) for seed in range(args.first, args.first + args.seeds)]
    with get_context("fork").Pool(args.jobs) as pool:
        for result in pool.imap_unordered(work, orders):
            summary.add(result)
            now_s = time.perf_counter()
            if now_s - told_s > PROGRESS_EVERY_S or summary.seeds == args.seeds:
                told_s = now_s
                print(f"{summary.seeds} of {args.seeds} seeds, {summary.counts['commits']} commits, {summary.counts['crashes']} crashes,"
                      f" {len(summary.bad)} with violations, {now_s - began_s:.0f} s", file=sys.stderr, flush=True)
            if args.breakage and summary.bad:
                break  # it is found: that was the question
            if len(summary.bad) >= args.bad_most:
                print("too many: stopped", file=sys.stderr)
                break
        pool.terminate()
    summary.took_s = time.perf_counter() - began_s
    return summary


def main() -> int:
    """0: nothing was violated. 1: something was; the seed and the journal are printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, metavar="N", help="how many seeds, from --first on (default 100)")
    parser.add_argument("--first", type=int, default=1, metavar="S", help="the first of them (default 1)")
    parser.add_argument("--seed", type=int, metavar="S", help="this seed alone")
    parser.add_argument("--steps-max", type=int, default=STEPS_MOST, metavar="M", help="more steps than this are a violation: it does not come to an end")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="J", help="processes (default: one a processor)")
    parser.add_argument("--verbose", action="store_true", help="with --seed: everything that happened")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--bad-most", type=int, default=20, metavar="B", help="stop after so many seeds with violations")
    parser.add_argument("--break", dest="breakage", choices=sorted(BREAKAGES), help="break the product in this way first, to see it found")
    args = parser.parse_args()
    summary = run_one(args) if args.seed is not None else run_many(args)
    for result in sorted(summary.bad, key=lambda result: result.seed):
        show(result, sys.stderr if args.json else sys.stdout)
    print(json.dumps(summary.figures()) if args.json else summary.text())
    return 1 if summary.bad else 0


if __name__ == "__main__":
    sys.exit(main())
