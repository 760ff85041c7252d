"""Labelled sets: `labels.json`, `frames/` and `masks/` in a folder. What an item says of itself, and what of it the check is told."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

SEEN_BITS = {"glare": 1, "ir_hotspot": 4, "mirror_present": 8}
IGNORED_BITS = {"glare": 16, "ir_hotspot": 32, "mirror_present": 0}
TILT_MOST_DEG = 7.0


@dataclass(frozen=True)
class Item:
    """One room: three frames and their labels."""

    folder: Path
    raw: dict[str, Any]

    @property
    def name(self) -> str:
        """As the set calls it."""
        return str(self.raw["id"])

    def frame(self, which: str) -> bytes:
        """The JPEG of `day`, `night` or `iroff`."""
        return (self.folder / str(self.raw["files"][which])).read_bytes()

    @cached_property
    def refl(self) -> npt.NDArray[np.uint8]:
        """The bits of what is in the picture."""
        found = cv2.imread(str(self.folder / self.raw["files"]["refl_mask"]), cv2.IMREAD_UNCHANGED)
        assert found is not None, self.name
        return np.asarray(found, np.uint8)

    @property
    def smeared(self) -> bool:
        """Whether grease is on the lens: a class of its own, not scored as unsharp."""
        return float(self.raw["quality"].get("smear_cover", 0.0)) > 0

    def truth(self, kind: str) -> bool | None:
        """Whether the class is there; None where it is not scored."""
        if kind in self.raw["frame_labels"]:
            return {"positive": True, "none": False}.get(self.raw["frame_labels"][kind])
        quality = self.raw["quality"]
        if kind in ("unsharp_day", "unsharp_night"):
            return None if self.smeared else not quality[kind.replace("un", "", 1)]
        return self.smeared if kind == "smeared" else abs(quality["tilt_deg"]) > TILT_MOST_DEG if kind == "tilted" else bool(quality[kind])

    def told(self, with_plan: bool) -> dict[str, Any]:
        """What the check gets: the bed and the zone of the mask as somebody taps them; with the plan, the plan and the camera's place too."""
        told: dict[str, Any] = {"zones": {"bed": {"poly_amodal": self.raw["zones"]["bed"]["poly_amodal"]}}}
        if self.raw.get("privacy_mask"):
            told["privacy_mask"] = {"zone": self._tapped(self.raw["privacy_mask"]["zone"])}
        return told | {"camera": self.raw["camera"], "plan": self.raw["plan"]} if with_plan else told


    def _tapped(self, zone: Any) -> Any:
        """A zone that the set only names, as somebody would tap it: the hull of its pixels."""
        if not isinstance(zone, str):
            return zone
        classes = json.loads((self.folder / "labels.json").read_text(encoding="utf-8"))["classes"]
        there = cv2.imread(str(self.folder / self.raw["files"]["class_mask"]), cv2.IMREAD_UNCHANGED)
        assert there is not None, self.name
        points = np.argwhere(there == classes[zone])[:, ::-1]
        return cv2.approxPolyDP(cv2.convexHull(points.astype(np.int32)), 2.0, True)[:, 0].tolist()


@dataclass(frozen=True)
class Grid:
    """A floor in cells of `cell_m`; `x_m`, `y_m` are the middles of the columns and rows."""

    x_m: npt.NDArray[np.float64]
    y_m: npt.NDArray[np.float64]
    inside: npt.NDArray[np.bool_]
    direct: npt.NDArray[np.bool_]
    mirrored: npt.NDArray[np.bool_]

    def at(self, x_m: float, y_m: float) -> bool:
        """Whether the cell there is seen, directly or by mirror."""
        column, row = round((x_m - self.x_m[0]) / self.cell_m), round((y_m - self.y_m[0]) / self.cell_m)
        if not (0 <= row < self.direct.shape[0] and 0 <= column < self.direct.shape[1]):
            return False
        return bool(self.direct[row, column] or self.mirrored[row, column])

    @property
    def cell_m(self) -> float:
        """Side of a cell."""
        return float(self.x_m[1] - self.x_m[0])


def grid(truth: dict[str, Any]) -> Grid:
    """The grid of an item's `plan_truth`: bits row by row from the lowest y, packed as hexadecimal digits."""
    columns, rows = int(truth["nx"]), int(truth["ny"])

    def layer(name: str) -> npt.NDArray[np.bool_]:
        digits = truth[name]
        packed = np.frombuffer(bytes.fromhex(digits + "0" * (len(digits) % 2)), np.uint8)
        return np.unpackbits(packed)[: rows * columns].reshape(rows, columns) > 0

    return Grid(truth["x0"] + (np.arange(columns) + 0.5) * truth["cell"], truth["y0"] + (np.arange(rows) + 0.5) * truth["cell"],
                layer("inside_hex"), layer("direct_hex"), layer("mirror_hex"))


def items_of(folder: Path, most: int = 0) -> list[Item]:
    """The items of a set. Raises `ValueError` where it is none."""
    try:
        found = json.loads((folder / "labels.json").read_text(encoding="utf-8"))["items"]
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ValueError(f"{folder} is no labelled set: {exc}") from exc
    return [Item(folder, raw) for raw in (found[:most] if most else found)]
