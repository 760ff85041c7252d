"""Each benchmark runs and gives the figures it promises. What they are is not asserted: a loaded machine would make a red test of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISED = {
    "visit": {"wall_ratio", "cpu_ratio", "wall_ratio_with_operator", "operator_wall_s", "visit_wall_s", "naive_wall_s", "visit_cpu_s", "naive_cpu_s",
              "wall_ratio_rtsp", "cpu_ratio_rtsp", "steps_s"},
    "startup": {"ready_s", "rss_mb", "rss_after_visit_mb", "rss_after_rtsp_visit_mb"},
}


def test_there_is_no_other_benchmark() -> None:
    """One that is added is added here too."""
    found = {file.stem for file in (ROOT / "benchmarks").glob("*.py") if 'if __name__ == "__main__"' in file.read_text(encoding="utf-8")}
    assert found - {"naive"} == PROMISED.keys()


@pytest.mark.parametrize("name", PROMISED)
def test_it_gives_the_figures_it_promises(name: str) -> None:
    """One run; seconds, not minutes."""
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", "--runs", "1", "--json"], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert PROMISED[name] <= figures.keys()
    assert all(isinstance(figures[key], float | int) and figures[key] >= 0 for key in PROMISED[name] - {"steps_s"})
