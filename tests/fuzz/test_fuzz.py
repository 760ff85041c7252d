"""The readers of foreign bytes under a fuzzer, for a few seconds; `make fuzz` does it for long. Inputs that once broke one are tried every time."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioner.camera.sdp import described
from tests.fuzz.__main__ import NAMES
from tests.fuzz.engine import FOUND, SLOW_S, Slow, Watched, by_mutation
from tests.fuzz.targets import TARGETS

SHORT_S = 3.0


def test_every_target_has_a_name_for_the_command() -> None:
    assert tuple(TARGETS) == NAMES


@pytest.mark.parametrize("path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_input_that_once_broke_a_reader(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_short_run_of_all() -> None:
    """In processes of its own: a reader that hangs or crashes takes this test alone with it."""
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", "--seconds", str(SHORT_S), "--engine", "mutation", "--seed", str(seed), "--json"],
                          cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, f"FUZZ_SEED={seed}: {done.stderr[-3000:]}"
    reports = json.loads(done.stdout)
    assert [report["target"] for report in reports] == list(NAMES)
    for report in reports:
        assert report["executions"] > 50 and report["rss_end_mb"] < 600, report


def test_a_reader_that_breaks_hangs_or_is_slow_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.engine.FOUND", tmp_path)

    def breaks(data: bytes) -> None:
        described(data, False)
        if b"H264" not in data:
            raise IndexError("a bug")

    def slow(data: bytes) -> None:
        until = time.process_time() + (1.1 * SLOW_S if data.startswith(b"m=") else 0.0)   # by the clock: machines differ in what they do in a second
        while time.process_time() < until:
            sum(range(10_000))

    for run, why, text in ((breaks, IndexError, "IndexError"), (slow, Slow, "of CPU")):
        watched = Watched("rtsp", run, "mutation", 20.0)
        with pytest.raises(why):
            by_mutation(watched, [b"v=0\r\na=rtpmap:96 H264/90000", b"m=video 0 RTP/AVP 96 H264"], 7)
        assert text in watched.report.broken_by and len(list((tmp_path / "rtsp").iterdir())) >= 1
