"""What the check said against what is there: counts, shares and errors, class by class, with the target of each.

`minor` is not scored, smeared frames are not scored as unsharp, ignored pixels count neither way, and an IoU is taken over all pixels of the set together.
A class that the check could not tell (`null`) is a miss where it is there, and no false alarm where it is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from shapely import contains_xy
from shapely.geometry import shape

from benchmarks.scene_refuter import refuted
from benchmarks.scene_set import IGNORED_BITS, SEEN_BITS, Item, grid

VISIBLE_MOST, PX_PER_M_MOST, COVERAGE_MOST, TILT_MOST_DEG, STATUS_LEAST = 0.08, 0.10, 0.05, 1.5, 0.95
DIRECT_LEAST, MIRRORED_LEAST = 0.98, 0.95


@dataclass(frozen=True, slots=True)
class Target:
    """The least that a class has to reach; 0 is not asked. `plan_*` hold with a plan."""

    precision: float
    recall: float
    iou: float = 0.0
    plan_precision: float | None = None
    plan_recall: float | None = None
    plan_iou: float | None = None

    def of(self, with_plan: bool) -> tuple[float, float, float]:
        """Precision, recall and IoU."""
        if not with_plan:
            return self.precision, self.recall, self.iou
        return (self.plan_precision if self.plan_precision is not None else self.precision, self.plan_recall if self.plan_recall is not None else self.recall,
                self.plan_iou if self.plan_iou is not None else self.iou)


CLASSES = {
    "glare": Target(0.97, 0.97, 0.92), "ir_hotspot": Target(0.97, 0.97, 0.70), "mirror_present": Target(0.90, 0.85, 0.60, 0.97, 0.95, 0.85),
    "mirror_view": Target(0.0, 0.0, 0.0, 0.95, 0.95), "unsharp_day": Target(0.95, 0.95), "unsharp_night": Target(0.95, 0.95), "smeared": Target(0.0, 0.0),
    "dark_day": Target(0.97, 0.97), "dark_night": Target(0.97, 0.97), "tilted": Target(0.95, 0.95), "obstructed": Target(0.90, 0.90),
}


@dataclass
class Tally:
    """One class over a set."""

    true: int = 0
    false: int = 0
    missed: int = 0
    untold: int = 0
    both_px: int = 0
    either_px: int = 0

    def count(self, there: bool | None, said: bool | None) -> None:
        """One item."""
        if there is None:
            return
        self.untold += said is None
        self.true += bool(there and said)
        self.false += bool(not there and said)
        self.missed += bool(there and not said)

    def count_pixels(self, there: Any, said: Any) -> None:
        """One item's pixels."""
        self.both_px += int(np.count_nonzero(there & said))
        self.either_px += int(np.count_nonzero(there | said))

    @property
    def precision(self) -> float | None:
        """Of what was said, how much is so; None where nothing was said."""
        return _share(self.true, self.true + self.false)

    @property
    def recall(self) -> float | None:
        """Of what is so, how much was said; None where nothing is."""
        return _share(self.true, self.true + self.missed)

    @property
    def iou(self) -> float | None:
        """Common pixels of all; None where there are none."""
        return _share(self.both_px, self.either_px)

    def meets(self, target: tuple[float, float, float]) -> bool:
        """Whether everything that was measured reaches the target."""
        return all(found is None or found >= least for found, least in zip((self.precision, self.recall, self.iou), target, strict=True))


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


@dataclass
class Score:
    """All classes and measures of one side over a set. Errors are kept one by one, with the item's name."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {kind: Tally() for kind in CLASSES})
    errors: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, item: Item, flags: Mapping[str, bool | None], refl: Any) -> None:
        """One item's flags and pixels."""
        for kind in CLASSES:
            tally = self.tallies[kind]
            there, said = item.truth(kind), flags.get(kind)
            tally.count(there, said)
            if there is not None and bool(there) != bool(said):
                self.wrong.append(f"{item.name} {kind}: {'missed' if there else 'false'}{' (not told)' if said is None else ''}")
            if kind in SEEN_BITS and there is not None and refl is not None:
                counts = (item.refl & IGNORED_BITS[kind]) == 0
                tally.count_pixels(((item.refl & SEEN_BITS[kind]) > 0) & counts, ((refl & SEEN_BITS[kind]) > 0) & counts)

    def add_measures(self, item: Item, told: Mapping[str, Any]) -> None:
        """One item's numbers."""
        quality, bed, said = item.raw["quality"], item.raw["zones"]["bed"], (told.get("zones") or {}).get("bed") or {}
        if told["measures"].get("tilt_deg") is not None:
            self._error("tilt_deg", abs(told["measures"]["tilt_deg"] - quality["tilt_deg"]), item)
        else:
            self._error("tilt_untold", 1.0, item)
        if said:
            self._error("status_wrong", float(said.get("status") != bed["status"]), item)
            if said.get("visible") is not None:
                self._error("visible", abs(said["visible"] - bed["visible"]), item)
            if said.get("px_per_m") is not None and bed.get("px_per_m"):
                self._error("px_per_m", abs(said["px_per_m"] / bed["px_per_m"] - 1), item)
        if item.raw.get("privacy_mask"):
            coverage = (told.get("mask") or {}).get("coverage")
            self._error("mask_untold" if coverage is None else "mask_coverage", 1.0 if coverage is None else abs(coverage - item.raw["privacy_mask"]["coverage"]), item)
        if told.get("plan") and item.raw.get("plan_truth"):
            self._add_plan(item, told["plan"])

    def _error(self, name: str, value: float, item: Item) -> None:
        self.errors.setdefault(name, []).append((float(value), item.name))

    def _add_plan(self, item: Item, plan: Mapping[str, Any]) -> None:
        truth = grid(item.raw["plan_truth"])
        x_m, y_m = np.meshgrid(truth.x_m, truth.y_m)
        for name, there in (("direct", truth.direct), ("mirrored", truth.mirrored)):
            area = shape(plan[name]) if plan.get(name) else None
            said = np.zeros_like(there) if area is None or area.is_empty else contains_xy(area, x_m, y_m)
            tally = self.tallies.setdefault(f"plan_{name}", Tally())
            tally.count_pixels(there & truth.inside, said & truth.inside)
        for place in plan.get("sign_places") or ():
            if place.get("possible", True):
                why = refuted((place["at"][0], place["at"][1]), item.raw["plan"], truth)
                self._error("signs_refuted", float(why is not None), item)
                if why:
                    self.wrong.append(f"{item.name} sign place {place['at']}: {why}")

    def summary(self) -> dict[str, float]:
        """The measures as figures: the worst of the errors and shares of items; only what was measured."""
        found: dict[str, float] = {}
        for name, values in self.errors.items():
            numbers = [value for value, _ in values]
            if name in ("status_wrong", "signs_refuted", "tilt_untold", "mask_untold"):
                found[name] = sum(numbers)
            else:
                found |= {f"{name}_error_median": round(float(np.median(numbers)), 4), f"{name}_error_most": round(max(numbers), 4)}
        for name in ("direct", "mirrored"):
            if (tally := self.tallies.get(f"plan_{name}")) and tally.iou is not None:
                found[f"plan_{name}_iou"] = tally.iou
        return found


def figures(score: Score, prefix: str) -> dict[str, float]:
    """Named figures of a side: `alone_glare_precision` and so on; what was not measured is left out."""
    found: dict[str, float] = {}
    for kind in CLASSES:
        tally = score.tallies[kind]
        found |= {f"{prefix}_{kind}_{name}": value for name, value in (("precision", tally.precision), ("recall", tally.recall)) if value is not None}
        if kind in SEEN_BITS and tally.iou is not None:
            found[f"{prefix}_{kind}_iou"] = tally.iou
    return found


def worst(values: Sequence[tuple[float, str]], most: int = 3) -> str:
    """The largest errors with their items."""
    return ", ".join(f"{name} {value:.3g}" for value, name in sorted(values, reverse=True)[:most])
