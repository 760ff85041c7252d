"""`python -m simulators.rooms --out DIR --count N --seed S`: a labelled set."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2

from .items import make
from .parts import CLASSES

REFL_BITS = {"glare_blown": 1, "glare_soft": 2, "ir_hotspot": 4, "mirror": 8, "ignore_day": 16, "ignore_night": 32}
JPEG_QUALITY = 88


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulators.rooms", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one item of the set")
    given = parser.parse_args()
    for folder in ("frames", "masks"):
        (given.out / folder).mkdir(parents=True, exist_ok=True)
    items = []
    for number in range(given.count) if given.only is None else [given.only]:
        item = make(given.seed, number, f"own{given.seed}_{number:03d}")
        for kind, picture in (("day", item.day), ("night", item.night), ("iroff", item.iroff)):
            cv2.imwrite(str(given.out / item.label["files"][kind]), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        cv2.imwrite(str(given.out / item.label["files"]["refl_mask"]), item.refl)
        cv2.imwrite(str(given.out / item.label["files"]["class_mask"]), item.cls)
        items.append(item.label)
        text = json.dumps({"version": 1, "split": f"own{given.seed}", "resolution": [1280, 720], "classes": CLASSES, "refl_bits": REFL_BITS, "items": items})
        (given.out / "labels.json").write_text(text, encoding="utf-8")
        print(item.label["id"], item.label["variant"], item.label["frame_labels"], item.label["zones"]["bed"]["status"], flush=True)


if __name__ == "__main__":
    main()
