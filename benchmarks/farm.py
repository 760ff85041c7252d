"""Many simulated cameras in a process beside the benchmark, and the programs that are let loose on them (`sides/`)."""

import json
import selectors
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.common import cpu_s
from benchmarks.world import ROOT, Broken

SIDES = Path(__file__).with_name("sides")
START_S = 180.0
SIDE_S = 900.0


class Farm:
    """`with Farm([{...}, {...}]) as farm`: one simulated camera for each state. `where` is what the sides want to know."""

    def __init__(self, states: Sequence[Mapping[str, Any]]) -> None:
        self._states = states
        self.where: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen([sys.executable, "-m", "benchmarks.sides.farm"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.where = self._ask({"states": list(self._states)})
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    @property
    def cameras(self) -> list[dict[str, Any]]:
        """`host`, `http_port`, `rtsp_port`, `serial` of each."""
        found: list[dict[str, Any]] = self.where["cameras"]
        return found

    def kb_per_camera(self) -> float:
        """Memory of the farm now, beyond what it had before its cameras, for each of them (kB of 1000 bytes)."""
        return float((self._ask({})["kb"] - self.where["kb_before"]) / len(self.cameras))

    def cpu_s(self) -> float:
        """CPU seconds of the farm so far."""
        return cpu_s(self._process.pid)

    def _ask(self, what: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(START_S) else b""
        if not line:
            raise Broken("the simulated cameras did not start")
        found: dict[str, Any] = json.loads(line)
        return found


def side(name: str, asked: Mapping[str, Any], python: str = sys.executable) -> dict[str, Any]:
    """Run `sides/NAME.py` in a process of its own; what it says. Raises `Broken` with its last words."""
    command = [python, "-m", f"benchmarks.sides.{name}"] if python == sys.executable else [python, str(SIDES / f"{name}.py")]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, timeout=SIDE_S, check=False)
    if done.returncode:
        raise Broken(f"{name} failed: {done.stderr[-800:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
