"""Our client: cameras verified by the same objects as the daemon uses, with so many threads.

Standard input: `{"cameras": [...], "user", "password", "workers", "what"}`. `what`:
- `calls`: time, device information, profiles, stream address (4 calls, and whatever else is needed for them)
- `birth`: what an additional camera costs before its first call, in seconds and kB
Standard output: `{"wall_s", "cpu_s", "kb", "verified"}`, or `{"birth_s", "birth_kb"}`.
"""

import gc
import json
import resource
import sys
import time
import tracemalloc
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from provisioner.camera.attempts import Attempts
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.camera.wsdl import services
from provisioner.clock import SystemClock
from provisioner.secret import Secret

EACH_S = 60.0


def kb() -> float:
    """Resident memory in kB (1000 bytes)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1000


def visits(asked: Mapping[str, Any]) -> list[Visit]:
    """One for each camera, as the adapter makes them."""
    settings, clock = CameraSettings(), SystemClock().now
    return [Visit(CameraPlace(one["host"], one["http_port"], asked["user"], Secret(asked["password"])), settings, clock) for one in asked["cameras"]]


def verified(visit: Visit) -> str:
    """The four calls; the serial number."""
    deadline, attempts = Deadline(EACH_S), Attempts()
    try:
        visit.onvif.read_clock(deadline)
        told = visit.onvif.device_information(deadline, attempts)
        visit.onvif.stream_uri(visit.onvif.profiles(deadline, attempts)[0], deadline, attempts)
        return told.serial
    finally:
        visit.close()


def birth(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds and kB of one more camera, averaged: half of them first, so that what the first one costs is not counted.

    The larger of two figures for memory: what the process grew by, and what Python allocated (a process may have room from before).
    """
    services()
    half = len(asked["cameras"]) // 2
    first, second = ({**asked, "cameras": asked["cameras"][part]} for part in (slice(half), slice(half, None)))
    kept = visits(first)
    gc.collect()
    before, begun = kb(), time.perf_counter()
    kept += visits(second)
    took_s = time.perf_counter() - begun
    grown_kb = kb() - before
    tracemalloc.start()
    kept += visits(second)
    allocated_kb = tracemalloc.get_traced_memory()[0] / 1000
    more = len(second["cameras"])
    return {"birth_s": took_s / more, "birth_kb": max(grown_kb, allocated_kb) / more}


def main() -> None:
    """Do what was asked."""
    asked: dict[str, Any] = json.load(sys.stdin)
    if asked["what"] == "birth":
        sys.stdout.write(json.dumps(birth(asked)) + "\n")
        return
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(asked["workers"]) as pool:
        serials = list(pool.map(verified, visits(asked)))
    took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    good = sum(serial == one["serial"] for serial, one in zip(serials, asked["cameras"], strict=True))
    sys.stdout.write(json.dumps({**took, "kb": kb(), "verified": good}) + "\n")


if __name__ == "__main__":
    main()
