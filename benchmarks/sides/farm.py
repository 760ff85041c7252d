"""Many simulated cameras in one process, on loopback addresses of their own.

Standard input: `{"states": [{...}, ...]}`, the settings of each camera, then one empty line for each time the memory is asked for; ends with its end.
Standard output: `{"cameras": [{"host", "http_port", "rtsp_port", "serial"}...], "user", "password", "kb_before", "kb"}`, then `{"kb"}` for each line.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from simulators.camera import CameraState, SimulatedCamera

HTTP_PORT, RTSP_PORT = 18080, 18554
USER, PASSWORD = "admin", "simulated-1"


def kb() -> float:
    """Resident memory of this process in kB (1000 bytes)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1000


def main() -> None:
    """Start them, say where they are, hold them."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384) if most > 0 else 16384, most))
    net = f"127.{1 + os.getpid() % 250}"  # two farms on one machine do not meet
    with SimulatedCamera(CameraState(**asked["states"][0])):  # what the first one costs is the process's
        before = kb()
        cameras = [SimulatedCamera(CameraState(serial=f"BENCH{n:05d}", **state), f"{net}.{n // 250}.{n % 250 + 1}", HTTP_PORT, RTSP_PORT).start()
                   for n, state in enumerate(asked["states"])]
        where = [{"host": one.host, "http_port": one.http_port, "rtsp_port": one.rtsp_port, "serial": one.state.serial} for one in cameras]
        sys.stdout.write(json.dumps({"cameras": where, "user": USER, "password": PASSWORD, "kb_before": before, "kb": kb()}) + "\n")
        sys.stdout.flush()
        while sys.stdin.readline():
            sys.stdout.write(json.dumps({"kb": kb()}) + "\n")
            sys.stdout.flush()
        for camera in cameras:
            camera.stop()


if __name__ == "__main__":
    main()
