"""`python -m tests.clients [NAME ...]`: every client in its own folder below build/clients; a table at the end. Exit 1 where one failed, not where one
could not be had: that is said in capitals."""

import sys
from pathlib import Path

from tests.clients.running import CLIENTS, outcome_of

FOLDER = Path("build/clients").resolve()


def main() -> int:
    """See above."""
    found = []
    for name in sys.argv[1:] or CLIENTS:
        print(f"== {name} ...", flush=True)
        found.append(outcome_of(name, FOLDER / name.replace(" ", "-")))
    print()
    for one in found:
        print(f"  {one.name:<18} {one.verdict:<8} {one.asked or one.why}")
    return 1 if any(one.verdict == "failed" for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
