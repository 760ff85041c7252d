"""Rendered rooms: the light obeys its laws, and labels say what an independent look at the geometry says."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from shapely import LineString, Point, Polygon, box, union_all

from simulators.rooms import live
from simulators.rooms.home import Home
from simulators.rooms.items import Item, make
from simulators.rooms.light import Lights, bake
from simulators.rooms.live import View
from simulators.rooms.optics import Pose
from simulators.rooms.parts import CLASSES, Material, Scene
from simulators.rooms.plan_truth import truth
from simulators.rooms.render import OTHER_ROOM, Layers, OwnLamp, render
from simulators.rooms.sensor import Optics, blobs, expose, tone
from simulators.rooms.variants import find

WINDOW, MIRROR = "solgatan_bedroom", "bjorkgatan_bedroom"
SMALL = (640, 360)


def turned(yaw_deg: float, pitch_deg: float, roll_deg: float) -> np.ndarray:
    """Rows: right, up, forward of a camera; written with rotation matrices, the simulator uses vectors."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_z = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
    about_y = np.array([[math.cos(pitch), 0, -math.sin(pitch)], [0, 1, 0], [math.sin(pitch), 0, math.cos(pitch)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(roll), math.sin(roll)], [0, -math.sin(roll), math.cos(roll)]])
    return (about_z @ about_y @ about_x @ np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]])).T


def pixel(pose: Pose, point: np.ndarray) -> np.ndarray:
    """Where a point stands in the picture."""
    across, upward, ahead = turned(pose.yaw_deg, pose.pitch_deg, pose.roll_deg) @ (point - np.array(pose.position_m))
    if pose.projection == "persp":
        far = pose.width_px / 2 / math.tan(math.radians(pose.hfov_deg / 2)) / ahead
    else:
        angle = math.acos(ahead / math.hypot(across, upward, ahead))
        far = pose.width_px / (4 * math.sin(math.radians(pose.hfov_deg / 4))) * 2 * math.sin(angle / 2) / math.hypot(across, upward)
    return np.array([pose.width_px / 2 + across * far, pose.height_px / 2 - upward * far])


@pytest.fixture(scope="module")
def window_room() -> Layers:
    return live.layers(WINDOW, View(), SMALL)


@pytest.fixture(scope="module")
def mirror_room() -> Layers:
    return live.layers(MIRROR, View(), SMALL)


@pytest.fixture(scope="module")
def hot() -> Item:
    return make(1, 1, "own1_001", SMALL)


def sized(name: str, view: View) -> Pose:
    pose = live.pose_of(name, view)
    return Pose(pose.position_m, pose.yaw_deg, pose.pitch_deg, pose.roll_deg, pose.projection, pose.hfov_deg, *SMALL)


def empty(parts: list[tuple[object, object, object]], mirror: bool = False) -> Home:
    """Grey boards, or one mirror, in the dark; so large a room that nothing comes back from its walls."""
    scene = Scene()
    for number, (origin, u, v) in enumerate(parts):
        kind = Material("mirror", "mirror", (.03, .03, .03)) if mirror and number == 0 else Material("matt", "wall", (.5, .5, .5), .5)
        scene.quad(origin, u, v, kind, (0, 0, 0))
    return Home(scene, Lights(0.0, None, (), (), 0.0, None), {"height": 1e3}, np.array([(-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3)]), np.zeros((8, 3)))


def own_light(home: Home) -> np.ndarray:
    pose = Pose((0, 0, 0), 0, 0, 0, "persp", 60, 33, 19)
    return render(home, bake(home.scene, home.lights, 1), pose, OwnLamp(120, (0, 0))).own


def test_the_lamps_light_falls_with_the_square_of_the_distance() -> None:
    near, far = (own_light(empty([((away, -9, -9), (0, 18, 0), (0, 0, 18))]))[9, 16] for away in (1.0, 2.0))
    assert near / far == pytest.approx(4, rel=0.02)


def test_in_a_mirror_the_light_has_gone_both_ways() -> None:
    """A board beside the camera, seen in a mirror two metres ahead: lit from four metres away, less two reflections of 90 %."""
    board = ((0, -6, -6), (0, 12, 0), (0, 0, 12))
    behind = ((-.5, -6, -6), (0, 12, 0), (0, 0, 12))
    straight = own_light(empty([((4.5, -6, -6), (0, 12, 0), (0, 0, 12))]))[9, 16]
    by_mirror = own_light(empty([((2, -6, -6), (0, 12, 0), (0, 0, 12)), behind], mirror=True))[9, 16]
    assert by_mirror == pytest.approx(0.81 * straight, rel=0.03), board


def test_a_mirror_throws_the_lamps_light_on_a_wall_where_nothing_stands_between() -> None:
    """A mirror to the left: its light falls on the wall ahead a little to the right, from (0, 2) by (1.8, 1) to (4, -0.2)."""
    wall, glass = ((4, -9, -9), (0, 18, 0), (0, 0, 18)), ((1.5, 1, -.3), (.6, 0, 0), (0, 0, .6))
    between, before = ((2.9, .2, -.5), (0, .4, 0), (0, 0, 1)), ((.9, .3, -.5), (0, .5, 0), (0, 0, 1))
    dark, lit, shaded, unlit = (own_light(home)[9, 17:19] for home in (
        empty([wall]), empty([glass, wall], mirror=True), empty([glass, wall, between], mirror=True), empty([glass, wall, before], mirror=True)))
    assert np.all(lit > 1.1 * dark)
    assert shaded == pytest.approx(dark, rel=0.02), "a board between the mirror and the wall"
    assert unlit == pytest.approx(dark, rel=0.02), "a board between the lamp and the mirror"


def test_the_lamps_image_stands_where_geometry_has_it(window_room: Layers) -> None:
    """The pane is 14 cm behind the wall's face at x = 4.5 m; the lamp sits 3.5 cm below the lens."""
    pose = sized(WINDOW, View())
    lamp = np.array(pose.position_m) - 0.035 * turned(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)[1]
    image = np.array([2 * (4.5 + 0.14) - lamp[0], lamp[1], lamp[2]])
    assert [bounce.source for bounce in window_room.bounces] == ["window"]
    assert window_room.bounces[0].px == pytest.approx(pixel(pose, image), abs=0.05)
    assert window_room.bounces[0].distance_m == pytest.approx(np.linalg.norm(image - np.array(pose.position_m)) / 2, abs=1e-6)
    light = window_room.own + blobs(window_room.bounces, pose.focal_px, window_room.own.shape, Optics())
    y, x = np.unravel_index(int(light.argmax()), light.shape)
    assert (x + .5, y + .5) == pytest.approx(window_room.bounces[0].px, abs=1)
    assert window_room.cls[y, x] == CLASSES["window"]


def test_off_means_off(window_room: Layers) -> None:
    """Nothing of the lamp is in the light of others, whatever the lamp."""
    home, maps = live.home_of(WINDOW, False, False)
    pose = Pose(*(getattr(sized(WINDOW, View()), name) for name in ("position_m", "yaw_deg", "pitch_deg", "roll_deg", "projection", "hfov_deg")), 160, 90)
    weak, strong = (render(home, maps, pose, OwnLamp(beam)) for beam in (30, 150))
    assert np.array_equal(weak.other, strong.other)
    assert not np.array_equal(weak.own, strong.own)
    assert float(window_room.other.mean()) < 0.05 * float(window_room.own.mean())


def test_turned_away_the_image_is_gone_and_the_bed_is_not(window_room: Layers) -> None:
    after = live.layers(WINDOW, View(yaw_deg=-33), SMALL)
    assert after.bounces == ()
    before_px, after_px = (int((seen.cls == CLASSES["bed"]).sum()) for seen in (window_room, after))
    assert after_px > 0.85 * before_px
    middle = np.mean(live.mattress(WINDOW, View(yaw_deg=-33)), axis=0) * SMALL
    assert after.cls[int(middle[1]), int(middle[0])] == CLASSES["bed"]
    border = np.concatenate([after.cls[0], after.cls[-1], after.cls[:, 0], after.cls[:, -1]])
    assert CLASSES["bed"] not in border


def test_a_mirror_shows_the_hall_where_the_line_goes_through_the_door(mirror_room: Layers) -> None:
    home, _ = live.home_of(MIRROR, True, False)
    part, pose, door = home.scene.parts[home.mirror_parts[0]], sized(MIRROR, View()), home.plan["doors"][0]
    eye, deep = np.array(pose.position_m), home.room[:, 1].max()
    image = eye - 2 * ((eye - part.origin) @ part.normal) * part.normal
    y, x = np.nonzero(mirror_room.cls == CLASSES["mirror"])
    rays = np.stack(pose.rays(x.astype(np.float32) + .5, y.astype(np.float32) + .5), axis=1).astype(float)
    at = eye + (((part.origin - eye) @ part.normal) / (rays @ part.normal))[:, None] * rays
    far = image + ((deep - image[1]) / (at - image)[:, 1])[:, None] * (at - image)
    through = (far[:, 0] > door["a0"]) & (far[:, 0] < door["a1"]) & (far[:, 2] < 2.05) & (far[:, 2] > 0) & (((at - image)[:, 1]) > 0)
    shown = mirror_room.shows[y, x] == OTHER_ROOM
    assert through.mean() > 0.1
    assert (shown == through).mean() > 0.97


@pytest.mark.parametrize("shape", ["persp", "fisheye"])
def test_pixels_and_rays_are_each_others_inverse(shape: str) -> None:
    pose = Pose((1, 2, 2.3), 37, -24, 9, shape, 97)
    x, y = (part.reshape(-1).astype(np.float32) for part in np.meshgrid(np.linspace(5, 1275, 9), np.linspace(5, 715, 7)))
    ends = np.array(pose.position_m) + 3 * np.stack(pose.rays(x, y), axis=1).astype(float)
    assert np.abs(pose.project(ends)[0] - np.stack([x, y], axis=1)).max() < 0.02
    assert pixel(pose, ends[11]) == pytest.approx((x[11], y[11]), abs=0.02)


def test_a_labelled_item_agrees_with_itself(hot: Item) -> None:
    label, camera = hot.label, hot.label["camera"]
    assert label["variant"] == "mirror_hot" and label["frame_labels"]["ir_hotspot"] == "positive"
    x, y = label["ir_bounce_analytic"][0]["px"]
    assert hot.refl[int(y), int(x)] & 4 and hot.night[int(y), int(x)].min() > 240
    assert int(hot.iroff[int(y), int(x)].max()) < 128
    assert set(np.unique(hot.cls[(hot.refl & 8) > 0])) == {CLASSES["mirror"]}
    outline = np.array(label["zones"]["bed"]["poly_amodal"], np.float32)
    mattress = np.zeros(hot.cls.shape, np.uint8)
    cv2.fillPoly(mattress, [np.rint(outline).astype(np.int32)], (1,))
    assert float((hot.cls[mattress > 0] == CLASSES["bed"]).mean()) == pytest.approx(label["zones"]["bed"]["visible"], abs=0.01)
    pose = Pose(tuple(camera["pos"]), camera["yaw_deg"], camera["pitch_deg"], camera["roll_deg"], camera["proj"], camera["hfov"], *SMALL)
    heights = np.linspace(0.4, 0.7, 31)
    off = [max(abs(cv2.pointPolygonTest(outline, tuple(float(v) for v in pixel(pose, np.array([*corner, z]))), True)) for corner in label["plan"]["bed"])
           for z in heights]
    assert min(off) < 3 and 0.45 <= heights[int(np.argmin(off))] <= 0.66  # one height, at which all corners of the plan's bed stand on the outline
    assert [camera["forward"], camera["right"]] == [pytest.approx(turned(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)[row], abs=1e-3) for row in (2, 0)]


def test_the_same_seed_makes_the_same_home() -> None:
    one, two = (find("clean", 7, 9) for _ in range(2))
    assert one[0].plan == two[0].plan and one[1] == two[1]
    assert find("clean", 8, 9)[0].plan != one[0].plan


def test_what_the_floor_plan_shows_is_what_lines_say() -> None:
    """Against shapely: a cell is seen where the line to it stays in the room, the open door and the hall."""
    home, _ = live.home_of(MIRROR, True, False)
    plan, pose = home.plan, live.pose_of(MIRROR, View())
    grid = truth(plan, pose)
    door, deep = plan["doors"][0], max(corner[1] for corner in plan["room"])
    free = union_all([Polygon(plan["room"]), Polygon(plan["hall"]), box(door["a0"], deep - 1e-6, door["a1"], deep + .12 + 1e-6)]).buffer(1e-7)
    seen = np.unpackbits(np.frombuffer(bytes.fromhex(grid["direct_hex"]), np.uint8))[:grid["nx"] * grid["ny"]].reshape(grid["ny"], grid["nx"])
    eye, wrong = Point(pose.position_m[:2]), 0
    for j in range(grid["ny"]):
        for i in range(grid["nx"]):
            x, y = grid["x0"] + (i + .5) * .1, grid["y0"] + (j + .5) * .1
            angle = (math.degrees(math.atan2(y - eye.y, x - eye.x)) - pose.yaw_deg + 180) % 360 - 180
            if free.boundary.distance(Point(x, y)) > 0.01:                  # on a wall is neither in nor out
                wrong += bool(seen[j, i]) != (abs(angle) <= pose.hfov_deg / 2 and bool(free.covers(LineString([eye, (x, y)]))))
    assert 300 < seen.sum() < 2000
    assert wrong <= 2


def test_exposure_hits_its_aim(window_room: Layers) -> None:
    factor = expose(window_room.own, 0.4, False)
    assert float(tone(window_room.own * np.float32(factor), False).mean()) == pytest.approx(0.4, abs=0.02)
