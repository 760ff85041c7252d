"""The simulation in small: some seeds of the product as it is, and the product broken on purpose, which must be found. `make simulate` runs a thousand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def simulate(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    """The command as a person types it."""
    return subprocess.run([sys.executable, "-m", "tests.whole.simulation", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280,
                          env={**os.environ, "PYTHONHASHSEED": hash_seed})


@pytest.mark.timeout(300)
def test_a_hundred_and_fifty_seeds_violate_nothing() -> None:
    done = simulate("--seeds", "150", "--json")
    assert done.returncode == 0, done.stderr[-6000:]
    figures = json.loads(done.stdout)
    assert (figures["seeds"], figures["violations"]) == (150, 0)
    idle = [name for name in ("commits", "crashes", "dropped", "duplicated", "reordered", "delayed", "escalations_required", "told") if not figures[name]]
    assert idle == [], "weather that never comes tests nothing"
    assert {"before commit", "after commit", "before performing", "after performing"} <= figures["died"].keys()
    assert figures["cases"]["closed"] > 5


@pytest.mark.timeout(120)
def test_a_seed_is_lived_again_exactly() -> None:
    first, second = (simulate("--seed", "3", hash_seed=hash_seed) for hash_seed in ("1", "2"))
    assert first.stderr.splitlines()[-1].startswith("seed 3: digest ")
    assert first.stderr == second.stderr


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("breakage", "found"), [
    ("perform-before-commit", "left, and no committed row owes it"),
    ("forget-owed-at-start", "was not told, though the daemon lives"),
    ("accept-late-answers", "a late answer was taken"),
    ("rebound-on-reply-alone", "no retained state"),
    ("no-fallback-guard", "on a fallback that nobody acknowledged"),
    ("nobody-is-called", "before the planned look"),
    ("words-in-the-log", "personal data in a log line"),
    ("number-alone", "another camera than the one the depot knew"),
])
def test_the_judge_finds_what_is_broken(breakage: str, found: str) -> None:
    done = simulate("--seeds", "200", "--break", breakage)
    assert done.returncode == 1, f"{breakage} was not found in 200 seeds"
    assert found in done.stdout
    assert "journal of case-" in done.stdout
    assert "again: python -m tests.whole.simulation --seed" in done.stdout
