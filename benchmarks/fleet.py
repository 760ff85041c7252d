"""A thousand simulated cameras verified: identity, posture read, one judged snapshot each, by 8 threads of one process; the cameras are another process.

`cost_growth`: what a camera costs among a thousand, through what it costs among ten: the larger of wall time and CPU of the client. The ten are verified
in rounds (the first does not count) before and after the thousand, so that a machine whose load changes is seen by both; medians. Each round begins with
an adapter that knows no camera, but a process that is warm. `simulator_kb_per_camera`: what the farm's memory grew by, after each camera has served all this.
"""

import sys
from typing import Any

from benchmarks.common import against, arguments, load, median, row, tell
from benchmarks.farm import Farm, side
from benchmarks.world import Broken

CAMERAS, FEW, ROUNDS, WORKERS = 1000, 10, 6, 8
COST_GROWTH_MOST, SIMULATOR_KB_MOST = 1.2, 1000.0


def verified(farm: Farm, cameras: int, rounds: int) -> dict[str, Any]:
    """The side over the first so many cameras. Raises `Broken` where it has not verified each of them."""
    found = side("fleet", {**farm.where, "cameras": farm.cameras[:cameras], "workers": WORKERS, "rounds": rounds})
    if found["verified"] != cameras:
        raise Broken(f"{found['verified']} of {cameras} cameras were verified")
    return found


def run(cameras: int, runs: int) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the table."""
    few, before = min(FEW, cameras), load()
    with Farm([{} for _ in range(cameras)]) as farm:
        small, large, farm_cpu = [verified(farm, few, ROUNDS)], [], []
        for _ in range(runs):
            begun = farm.cpu_s()
            large.append(verified(farm, cameras, 1))
            farm_cpu.append(farm.cpu_s() - begun)
            small.append(verified(farm, few, ROUNDS))
        simulator_kb = farm.kb_per_camera()

    def growth(name: str) -> float:
        each = median([value for one in small for value in one[name][1:]]) / few
        return round(median([one[name][0] for one in large]) / cameras / each, 3)

    wall, cpu = median([one["wall_s"][0] for one in large]), median([one["cpu_s"][0] for one in large])
    figures: dict[str, Any] = {
        "wall_s": wall, "cpu_s": cpu, "per_camera_ms": round(1000 * wall / cameras, 2), "cpu_per_camera_ms": round(1000 * cpu / cameras, 2),
        "simulator_cpu_s": median(farm_cpu), "mb": round(median([one["kb"] for one in large]) / 1000, 1),
        "kb_per_camera": round(median([one["kb"] - one["kb_before"] for one in large]) / cameras, 1),
        "cost_growth": max(growth("wall_s"), growth("cpu_s")), "cost_growth_wall": growth("wall_s"), "cost_growth_cpu": growth("cpu_s"),
        "simulator_kb_per_camera": round(simulator_kb, 1), "cameras": cameras, "few": few, "workers": WORKERS, "runs": runs,
        "load_before": before, "load_after": load(),
    }
    return figures, table(figures)


def table(figures: dict[str, Any]) -> list[str]:
    """For people."""
    return [f"{figures['cameras']} cameras verified (identity, posture, one snapshot) by {figures['workers']} threads, median of {figures['runs']}.", "",
            row("wall, s", figures["wall_s"]), row("CPU of the client, s", figures["cpu_s"]), row("CPU of the simulated cameras, s", figures["simulator_cpu_s"]),
            row("a camera, ms (wall / CPU)", f"{figures['per_camera_ms']} / {figures['cpu_per_camera_ms']}"), row("memory of the client, MB", figures["mb"]),
            row("  grown by, kB a camera", figures["kb_per_camera"]), "",
            f"cost_growth              {against(figures['cost_growth'], COST_GROWTH_MOST)}; wall {figures['cost_growth_wall']}, CPU {figures['cost_growth_cpu']}",
            f"simulator_kb_per_camera  {against(figures['simulator_kb_per_camera'], SIMULATOR_KB_MOST)}",
            f"load of the machine {figures['load_before']} before, {figures['load_after']} after"]


def main() -> None:
    """`python -m benchmarks.fleet`."""
    args = arguments(__doc__ or "", 1, CAMERAS)
    try:
        tell(args, *run(args.cameras, args.runs))
    except Broken as exc:
        sys.exit(f"the benchmark cannot go on: {exc}")


if __name__ == "__main__":
    main()
