"""A contact sheet: each item's day and night with its drawings, and its floor plan, for a person to look over."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from benchmarks.scene_set import Item
from provisioner.fault import Text
from provisioner.scene.canvas import GREY, WHITE, Badge, Drawing, Line, Shape, Words, raster
from provisioner.scene.floorplan import read_plan
from provisioner.scene.known import Purpose, Zone
from provisioner.scene.opening import open_picture
from provisioner.scene.optics import read_camera
from provisioner.scene.overlay import DAY, NIGHT, WIDTH_PX, Group, frame_drawing, numbered
from provisioner.scene.pictures import Frame
from provisioner.scene.plan_drawing import plan_drawing
from provisioner.scene.report import SceneReport

TILE_PX, PLAN_PX, ACROSS, MOST_BYTES = 400, 190, 2, 1_400_000
WALL = "#E8E8E8"  # how the plan's drawing colours walls: below them its legend begins


def write_sheet(items: list[Item], file: Path, judged: Callable[[Item], SceneReport]) -> None:
    """Two items in a row; each is day, night, and what was said, in a few words."""
    tiles = [tile(item, judged(item)) for item in items]
    rows = []
    for at in range(0, len(tiles), ACROSS):
        side = tiles[at : at + ACROSS] + [np.full_like(tiles[0], 22)] * (at + ACROSS - len(tiles))
        tallest = max(one.shape[0] for one in side[: len(tiles) - at])
        rows.append(np.hstack([cv2.copyMakeBorder(one[:tallest], 0, max(0, tallest - one.shape[0]), 0, 12, cv2.BORDER_CONSTANT, value=(22, 22, 22)) for one in side]))
    sheet = np.vstack(rows)
    for quality in (88, 80, 70, 60, 50):
        data = bytes(cv2.imencode(".jpg", sheet, (cv2.IMWRITE_JPEG_QUALITY, quality))[1])
        if len(data) <= MOST_BYTES:
            break
    file.write_bytes(data)


def tile(item: Item, report: SceneReport) -> Frame:
    """Day and night with the drawings, and one line for each number."""
    zones = [Zone("bed", tuple((float(x), float(y)) for x, y in item.raw["zones"]["bed"]["poly_amodal"]), Purpose.INTENDED)]
    pictures = []
    for which, title in (("day", DAY), ("night", NIGHT)):
        picture = open_picture(item.frame(which), which).picture
        drawing = frame_drawing(picture, title, zones, report.findings, night=which == "night", tilt_deg=report.measures.get("tilt_deg"))
        upper = raster(drawing)[: picture.height_px * WIDTH_PX // picture.width_px]
        pictures.append(cv2.resize(upper, (TILE_PX, TILE_PX * upper.shape[0] // WIDTH_PX), interpolation=cv2.INTER_AREA))
    gap: Frame = np.full((pictures[0].shape[0], 6, 3), 22, np.uint8)
    frames = np.hstack([pictures[0], gap, pictures[1], gap, _plan(item, report, pictures[0].shape[0])])
    shapes: list[Shape] = [Words((8.0, 22.0), f"{item.name}  {item.raw.get('variant', '')}", 18.0, WHITE, bold=True)]
    y = 26.0
    numbers: dict[Text, list[Group]] = {}
    for group in numbered(report.findings):
        numbers.setdefault(group.style.title, []).append(group)
    for title, groups in numbers.items():
        y += 24
        shapes += [Badge((18.0 + 24 * at, y - 6), group.number, group.style.colour, 10.0) for at, group in enumerate(groups) if group.number]
        shapes.append(Words((18.0 + 24 * len(groups), y), f"{title.sv} / {title.en}", 16.0, GREY))
    words = raster(Drawing(frames.shape[1], round(y + 16), tuple(shapes), ""))
    return np.vstack([words[:32], frames, words[32:]])


def _plan(item: Item, report: SceneReport, height_px: int) -> Frame:
    """The floor plan without its legend, in a box as high as the frames."""
    box: Frame = np.full((height_px, PLAN_PX, 3), 22, np.uint8)
    if report.plan is None:
        return box
    drawing = plan_drawing(read_plan(item.raw["plan"]), read_camera(item.raw["camera"]), report.plan.sight, report.plan.places)
    walls = [y for shape in drawing.shapes if isinstance(shape, Line) and shape.colour == WALL for _, y in shape.points]
    upper = raster(drawing)[30 : round(max(walls)) + 30]
    scale = min(height_px / upper.shape[0], PLAN_PX / upper.shape[1])
    small = cv2.resize(upper, (round(upper.shape[1] * scale), round(upper.shape[0] * scale)), interpolation=cv2.INTER_AREA)
    box[: small.shape[0], : small.shape[1]] = small
    return box
