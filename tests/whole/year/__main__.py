"""A simulated year, and its report."""

import argparse
import json
import sys
from dataclasses import fields
from typing import Any

from tests.whole.year.run import Order, Report, run_year


def figures(report: Report) -> dict[str, Any]:
    """As `--json` prints it."""
    return {field.name: getattr(report, field.name) for field in fields(report)}


def text(report: Report) -> str:
    """For people."""
    told = []
    for key, value in figures(report).items():
        shown = value
        if isinstance(value, dict):
            shown = "".join(f"\n    {name:58} {number}" for name, number in sorted(value.items()))
        elif isinstance(value, list):
            shown = f"{len(value)}" + "".join(f"\n    {line}" for line in value[:20])
        told.append(f"  {key.replace('_', ' '):22} {shown}")
    return "\n".join(told)


def main() -> int:
    """0: nobody was unwatched without anybody knowing, no camera was bound twice, every case has ended or has an owner."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole.year", description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moves", type=int, help="default: 30%% of the people in a year")
    parser.add_argument("--changes", type=int, help="provider changes; default: 45%% of the people in a year")
    parser.add_argument("--without-night-watch", action="store_true", help="the product without it, to see the judge find that")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    args = parser.parse_args()
    if args.days < 40 or args.people < 20:
        parser.error("a year needs at least 40 days and 20 people: below that there is no place for its cases")
    moves = args.moves if args.moves is not None else round(args.people * 0.3)
    changes = args.changes if args.changes is not None else round(args.people * 0.45)
    report = run_year(Order(args.people, args.days, args.seed, moves, changes, not args.without_night_watch), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(figures(report)) if args.json else text(report))
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
