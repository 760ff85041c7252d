"""The first judged frame against the floor under it: a bare RTSP handshake, the first whole picture, one decode; a bare HTTP GET and one decode.

Both sides begin with what is known beforehand: the account and the path (ours has asked for it over ONVIF, the bare script is told it); figures that end
in `_asking` begin before our side has asked. Both log in anew. The floor (`raw.py`) judges nothing and limits nothing; ours opens the stream, takes the
first whole picture, judges it and wipes it. Both run in turn, in one process that has imported everything; the cameras are another process on the same cores.

`ratio_idr_1s`, `_4s`, `_10s`: cameras with an IDR at once at PLAY, by the time between their whole pictures; `ratio_idr` is the worst of them.
`sync_point_s`: cameras that are joined in mid-GOP and honour SetSynchronizationPoint, seconds to the judged frame, the worst of GOP 1, 4 and 10 s; without
it the wait is half of the GOP. `ratio_snapshot`: by the still picture.
"""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import raw
from benchmarks.common import against, arguments, load, median, row, tell
from benchmarks.farm import Farm
from benchmarks.world import Broken
from provisioner.camera.adapter import warm_up
from provisioner.camera.attempts import Attempts
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.case.model import FrameReport
from provisioner.clock import SystemClock
from provisioner.secret import Secret

GOPS_S = (1.0, 4.0, 10.0)
RATIO_IDR_MOST, SYNC_POINT_S_MOST, RATIO_SNAPSHOT_MOST = 1.5, 0.3, 1.3
EACH_S = 30.0
RUNS = 15

Camera = dict[str, Any]


def seconds(do: Callable[[], object]) -> float:
    """How long it took, on the wall."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


class Ours:
    """One visit as the daemon makes it, up to the frame: identity read, and, unless `asking` is to be measured, the addresses asked."""

    def __init__(self, camera: Camera, where: Camera, by: str, *, asking: bool) -> None:
        place = CameraPlace(camera["host"], camera["http_port"], where["user"], Secret(where["password"]))
        self._visit = Visit(place, CameraSettings(frame_source="rtsp" if by == "rtsp" else "snapshot"), SystemClock().now)
        self._attempts = Attempts()
        self._visit.identity(Deadline(EACH_S), self._attempts)
        if not asking:
            self._visit.ask_addresses(Deadline(EACH_S), self._attempts)

    def frame_s(self) -> float:
        """Seconds to the judged frame. Raises `Broken` where it is none that could be judged."""
        reports: list[FrameReport] = []
        try:
            took_s = seconds(lambda: reports.append(self._visit.frame_report(Deadline(EACH_S), self._attempts)))
        finally:
            self._visit.close()
        if not reports[0].trusted or reports[0].width_px != 1920:
            raise Broken(f"not the frame that was wanted: {reports[0]}")
        return took_s


def measure(farm: Farm, camera: Camera, runs: int, by: str, floor: Callable[[], object] | None) -> dict[str, float]:
    """Medians in seconds: the floor (where there is one), ours, and ours with the asking. The first turn warms both and does not count."""
    took: dict[str, list[float]] = {"floor": [], "ours": [], "asking": []}
    for turn in range(runs + 1):
        found = {"floor": seconds(floor) if floor is not None else 0.0}
        for name in ("ours", "asking"):
            if floor is None:
                time.sleep(random.random())  # joined anywhere in the group of pictures
            found[name] = Ours(camera, farm.where, by, asking=name == "asking").frame_s()
        if turn:
            for name, took_s in found.items():
                took[name].append(took_s)
    return {name: median(many) for name, many in took.items()}


def run(runs: int) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the table."""
    warm_up()
    before, at_once, mid = load(), {}, {}
    with Farm([{"gop_s": gop_s, "idr_at_play": idr} for idr in (True, False) for gop_s in GOPS_S]) as farm:
        user, password = farm.where["user"], farm.where["password"]

        def rtsp_of(camera: Camera) -> Callable[[], object]:
            return lambda: raw.frame_by_rtsp(camera["host"], camera["rtsp_port"], "/stream/profile_main", user, password)

        for gop_s, camera in zip(GOPS_S, farm.cameras, strict=False):
            at_once[gop_s] = measure(farm, camera, runs, "rtsp", rtsp_of(camera))
        for gop_s, camera in zip(GOPS_S, farm.cameras[len(GOPS_S):], strict=True):
            mid[gop_s] = measure(farm, camera, runs, "rtsp", None)
        one = farm.cameras[0]
        still = measure(farm, one, runs, "snapshot",
                        lambda: raw.frame_by_http(one["host"], one["http_port"], "/snapshot/profile_main.jpg", user, password))
    figures: dict[str, Any] = {}
    for gop_s, took in at_once.items():
        figures[f"ratio_idr_{gop_s:g}s"] = round(took["ours"] / took["floor"], 3)
        figures[f"ratio_idr_{gop_s:g}s_asking"] = round(took["asking"] / took["floor"], 3)
    figures |= {f"sync_point_{gop_s:g}s_s": took["ours"] for gop_s, took in mid.items()}
    figures |= {
        "ratio_idr": max(figures[f"ratio_idr_{gop_s:g}s"] for gop_s in GOPS_S), "ratio_idr_asking": max(figures[f"ratio_idr_{gop_s:g}s_asking"] for gop_s in GOPS_S),
        "sync_point_s": max(took["ours"] for took in mid.values()), "sync_point_s_asking": max(took["asking"] for took in mid.values()),
        "ratio_snapshot": round(still["ours"] / still["floor"], 3), "ratio_snapshot_asking": round(still["asking"] / still["floor"], 3),
        "idr_s": at_once[1.0]["ours"], "idr_floor_s": at_once[1.0]["floor"], "snapshot_s": still["ours"], "snapshot_floor_s": still["floor"],
        "runs": runs, "load_before": before, "load_after": load(),
    }
    return figures, table(figures, at_once, mid, still)


def table(figures: dict[str, Any], at_once: dict[float, dict[str, float]], mid: dict[float, dict[str, float]], still: dict[str, float]) -> list[str]:
    """For people: milliseconds."""
    def line(words: str, took: dict[str, float]) -> str:
        return row(words, *(f"{1000 * took[name]:.1f}" if took[name] else "-" for name in ("floor", "ours", "asking")))

    return [f"The first judged frame (1080p), medians of {figures['runs']}; floor and ours in turn. Milliseconds.", "",
            row("", "floor", "ours", "with asking"),
            *(line(f"IDR at once, GOP {gop_s:g} s", took) for gop_s, took in at_once.items()),
            *(line(f"joined in mid-GOP, GOP {gop_s:g} s", took) for gop_s, took in mid.items()), line("snapshot", still), "",
            f"ratio_idr       {against(figures['ratio_idr'], RATIO_IDR_MOST)}; with asking {figures['ratio_idr_asking']}",
            f"sync_point_s    {against(figures['sync_point_s'], SYNC_POINT_S_MOST)}; with asking {figures['sync_point_s_asking']}",
            f"ratio_snapshot  {against(figures['ratio_snapshot'], RATIO_SNAPSHOT_MOST)}; with asking {figures['ratio_snapshot_asking']}",
            f"load of the machine {figures['load_before']} before, {figures['load_after']} after"]


def main() -> None:
    """`python -m benchmarks.first_frame`."""
    args = arguments(__doc__ or "", RUNS)
    try:
        tell(args, *run(args.runs))
    except Broken as exc:
        sys.exit(f"the benchmark cannot go on: {exc}")


if __name__ == "__main__":
    main()
