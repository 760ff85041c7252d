"""Each benchmark runs and gives the figures it promises. What they are is not asserted: a loaded machine would make a red test of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import raw
from benchmarks.farm import Farm, side
from benchmarks.world import Broken

ROOT = Path(__file__).parents[2]
PROMISED = {
    "visit": {"wall_ratio", "cpu_ratio", "wall_ratio_with_operator", "operator_wall_s", "visit_wall_s", "naive_wall_s", "visit_cpu_s", "naive_cpu_s",
              "wall_ratio_rtsp", "cpu_ratio_rtsp", "steps_s"},
    "startup": {"ready_s", "rss_mb", "rss_after_visit_mb", "rss_after_rtsp_visit_mb"},
    "cameras": {"birth_ms", "birth_kb", "speedup_vs_onvif_zeep", "wall_s", "cpu_s", "onvif_zeep_wall_s"},
    "first_frame": {"ratio_idr", "ratio_idr_1s", "ratio_idr_4s", "ratio_idr_10s", "ratio_idr_asking", "sync_point_s", "ratio_snapshot"},
    "scene": {"items", "ratio", "ratio_alone", "memory_mb", "decode_ms", "plan_ms", "alone_ms", "naive_ms", "plan_visible_error_most"},
    "fleet": {"wall_s", "cpu_s", "mb", "cost_growth", "cost_growth_wall", "cost_growth_cpu", "simulator_kb_per_camera"},
}
TINY = {"cameras": ("--cameras", "3", "--no-async"), "fleet": ("--cameras", "3"), "scene": ("--items", "1")}


def test_there_is_no_other_benchmark() -> None:
    """One that is added is added here too."""
    found = {file.stem for file in (ROOT / "benchmarks").glob("*.py") if 'if __name__ == "__main__"' in file.read_text(encoding="utf-8")}
    assert found - {"naive"} == PROMISED.keys()


def test_make_bench_runs_each_of_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    line = next(line for line in makefile.splitlines() if "benchmarks.$$name" in line)
    assert set(line.partition(" in ")[2].partition(";")[0].split()) == PROMISED.keys()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PROMISED)
def test_it_gives_the_figures_it_promises(name: str) -> None:
    """One run; seconds, not minutes."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--runs", "1", "--json", *TINY.get(name, ())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert PROMISED[name] <= figures.keys()
    assert all(isinstance(figures[key], float | int) and figures[key] >= 0 for key in PROMISED[name] - {"steps_s"})


@pytest.mark.timeout(300)
def test_the_other_client_that_cannot_be_installed_ends_it_with_the_reason(tmp_path: Path) -> None:
    """Nothing is measured against nothing."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    environment.pop("PIP_EXTRA_INDEX_URL", None), environment.pop("PIP_FIND_LINKS", None)
    done = subprocess.run([sys.executable, "-m", "benchmarks.cameras", "--cameras", "1", "--runs", "1"], cwd=ROOT, env=environment, capture_output=True,
                          text=True, timeout=280, check=False)
    assert done.returncode == 1 and "onvif-zeep-async cannot be installed: " in done.stderr and done.stdout == ""
    assert not any(path.name.startswith("onvif") for path in (tmp_path / "provisioner-benchmarks").iterdir()), "half an environment is not left for the next run"


def test_a_side_that_reads_a_wrong_serial_does_not_count() -> None:
    with Farm([{"claims_serial": "ANOTHER01"}, {}]) as farm:
        found = side("ours", {**farm.where, "workers": 2, "what": "calls"})
        assert found["verified"] == 1
        with pytest.raises(Broken, match="failed"):
            side("zeep_plain", {**farm.where, "password": "wrong", "workers": 1})


def test_the_floor_is_a_whole_picture() -> None:
    with Farm([{"gop_s": 4.0}]) as farm:
        camera = farm.cameras[0]
        by_rtsp = raw.frame_by_rtsp(camera["host"], camera["rtsp_port"], "/stream/profile_main", farm.where["user"], farm.where["password"])
        by_http = raw.frame_by_http(camera["host"], camera["http_port"], "/snapshot/profile_main.jpg", farm.where["user"], farm.where["password"])
    assert by_rtsp.shape == by_http.shape == (1080, 1920, 3)
    assert abs(float(by_rtsp.mean()) - float(by_http.mean())) < 10, "the same room, by two ways"
