"""Our client over a fleet: identity, posture read, one judged snapshot of each camera, by the adapter that the daemon has and with so many threads.

Standard input: `{"cameras": [...], "user", "password", "workers", "rounds"}`; each round with an adapter that knows no camera yet.
Standard output: `{"wall_s": [...], "cpu_s": [...], "kb_before", "kb", "verified"}`; `verified` counts the cameras of the last round for which all three came.
"""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.sides.ours import kb
from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.clock import SystemClock
from provisioner.fault import Fault
from provisioner.secret import Secret

EACH_S = 60.0


class Book:
    """The place book of the farm."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._places = {one["serial"]: CameraPlace(one["host"], one["http_port"], asked["user"], Secret(asked["password"])) for one in asked["cameras"]}

    def place_of(self, serial: str) -> CameraPlace | None:
        """The place."""
        return self._places.get(serial)


def main() -> None:
    """All rounds."""
    asked: dict[str, Any] = json.load(sys.stdin)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384) if most > 0 else 16384, most))
    warm_up()
    book, wall, cpu, good = Book(asked), list[float](), list[float](), 0
    before = kb()
    for _ in range(asked["rounds"]):
        camera = OnvifCamera(book, CameraSettings(frame_source="snapshot"), SystemClock().now)

        def verified(serial: str, camera: OnvifCamera = camera) -> bool:
            found = (camera.read_identity(serial, EACH_S), camera.posture(serial, EACH_S), camera.judge_frame(serial, EACH_S))
            for one in found:
                if isinstance(one, Fault):
                    sys.stderr.write(f"{one}\n")
            return not any(isinstance(one, Fault) for one in found)

        begun, used = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(asked["workers"]) as pool:
            good = sum(pool.map(verified, [one["serial"] for one in asked["cameras"]]))
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
        after = kb()
        camera.close()
    sys.stdout.write(json.dumps({"wall_s": wall, "cpu_s": cpu, "kb_before": before, "kb": after, "verified": good}) + "\n")


if __name__ == "__main__":
    main()
