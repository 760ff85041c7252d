"""Tilt, obstruction, the bed, and whether frames are of one view, in rooms of which the truth is known."""

import functools

import cv2
import numpy as np
import pytest

from provisioner.camera.profiles import generic_frame_limits
from provisioner.fault import Text
from provisioner.scene import area, obstruction, same_view
from provisioner.scene.area import BedStatus, bed_view, density_class, judge_bed, judge_forbidden
from provisioner.scene.findings import Severity
from provisioner.scene.obstruction import foretold_light
from provisioner.scene.outlines import Edges
from provisioner.scene.pictures import Frame, Picture
from provisioner.scene.tilt import Lens, Tilt, tilt
from provisioner.scene.tilt import judge as judge_tilt
from tests.scene.drawn_room import BED_M, BED_TOP_M, CEILING_M, HEIGHT_PX, ROOM_M, WIDTH_PX, Camera, Panel, drawn

LIMITS = generic_frame_limits()
RECTILINEAR, FISHEYE = Lens.of_width("rectilinear", 96), Lens.of_width("fisheye", 100)
TOWEL = Panel((1.98, 0.62, 1.3), (0.7, 0.0, 0.0), (0.0, 0.1, 1.2), (0.3, 0.35, 0.4), 0.06)     # 30 cm before the lens
SCREEN = Panel((2.2, 2.7, 0.1), (1.4, 0.0, 0.0), (0.0, 0.0, 1.3), (0.35, 0.5, 0.3), 0.12)      # in front of the right half of the bed


@functools.cache
def pair(roll_deg: float = 0.0, fisheye: bool = False, more: tuple[Panel, ...] = (), beside: bool = False) -> tuple[Camera, Frame, Frame]:
    camera = Camera(FISHEYE if fisheye else RECTILINEAR, roll_deg=roll_deg)
    if beside:
        camera.position_m, camera.to_left_deg = (0.3, 0.4, 2.2), -8.0
    return camera, *drawn(camera, more)


def pictures(camera: Camera, day: Frame, night: Frame) -> tuple[Picture, Picture]:
    return Picture(day), Picture(night)


@pytest.mark.parametrize("fisheye", [False, True])
@pytest.mark.parametrize("roll_deg", [-15.0, 0.0, 9.0])
def test_tilt_is_that_of_the_camera_and_not_of_its_lens(roll_deg: float, fisheye: bool) -> None:
    camera, day, night = pair(roll_deg, fisheye)
    found = tilt(pictures(camera, day, night), camera.lens)
    assert found is not None and found.tilt_deg == pytest.approx(roll_deg, abs=1.5) and found.down_deg == pytest.approx(26, abs=3)
    guessed = tilt(pictures(camera, day, night))
    assert guessed is None or guessed.tilt_deg == pytest.approx(roll_deg, abs=2.5)
    assert [finding.kind for finding in judge_tilt(found, LIMITS)] == (["tilted"] if roll_deg else [])


@pytest.mark.parametrize("roll_deg", [-15.0, 9.0])
def test_upright_edges_that_are_known_already_tell_the_tilt(roll_deg: float) -> None:
    camera, day, night = pair(roll_deg, False)
    edges = Edges.of_pair(*pictures(camera, day, night))
    lines = (edges.sides.reshape(-1, 4).astype(np.float64) + 0.5) / WIDTH_PX
    blank = Picture(np.full_like(day, 90))
    found = tilt([blank], camera.lens, None, camera.down_deg, lines)
    assert found is not None and found.tilt_deg == pytest.approx(roll_deg, abs=1.5), "nothing else is asked"
    assert tilt([blank], camera.lens, np.ones((9, 16), np.bool_), camera.down_deg, lines) is None, "what is near is no room"
    assert tilt([blank], camera.lens, None, camera.down_deg, lines[:1]) is None


def test_tilt_is_not_told_where_nothing_stands_upright() -> None:
    noise = np.random.default_rng(2).normal(120, 4, (360, 640, 3)).astype(np.uint8)
    assert tilt([Picture(noise)]) is None and tilt([]) is None
    assert judge_tilt(None, LIMITS)[0].kind == "tilt_unknown"


def striped(lean_deg: float, down_deg: float, count: int = 5) -> Picture:
    """Stripes that agree on one direction in the room, which a camera sees at this lean and so far down."""
    lean, down = np.radians([lean_deg, down_deg])
    far = np.array([np.sin(lean) * np.cos(down), np.cos(lean) * np.cos(down), -np.sin(down)])
    frame: Frame = np.full((HEIGHT_PX, WIDTH_PX, 3), 90, np.uint8)
    for near in ((-0.7, -0.25, 1.0), (-0.4, -0.2, 1.0), (-0.1, -0.3, 1.0), (0.2, -0.25, 1.0), (0.45, -0.2, 1.0))[:count]:
        (x0, y0), (x1, y1) = RECTILINEAR.pixels(np.array([near, np.array(near) + 0.45 * far]), WIDTH_PX, HEIGHT_PX)
        cv2.line(frame, (round(x0), round(y0)), (round(x1), round(y1)), (170, 170, 170), 6, cv2.LINE_AA)
    return Picture(frame)


def test_stripes_of_another_direction_are_no_uprights_where_the_place_is_known() -> None:
    stripes = striped(20.0, 50.0)
    alone = tilt([stripes], RECTILINEAR)
    assert alone is not None and alone.tilt_deg == pytest.approx(20.0, abs=1.0) and alone.down_deg == pytest.approx(50.0, abs=3.0)
    assert tilt([stripes], RECTILINEAR, down_deg=20.0) is None
    assert tilt([striped(0.0, 68.0)], RECTILINEAR) is None, "no camera for a room looks so far down"
    told = tilt([striped(20.0, 24.0)], RECTILINEAR, down_deg=20.0)
    assert told is not None and told.tilt_deg == pytest.approx(20.0, abs=1.0)


def test_to_be_believed_askew_a_camera_needs_more_than_one_door() -> None:
    upright, askew = (tilt([striped(lean_deg, 24.0, 2)], RECTILINEAR) for lean_deg in (0.0, 20.0))
    assert upright is not None and upright.certainty < 0.75 and askew is None
    assert tilt([striped(20.0, 24.0)], RECTILINEAR) is not None


def test_the_hand_is_told_which_way_to_turn() -> None:
    (found,) = judge_tilt(Tilt(9.6, 20, 1.0), LIMITS)
    assert "10 degrees clockwise" in found.text.en and "10 grader medurs" in found.text.sv and (found.value, found.limit) == (9.6, 7)


def test_lens_there_and_back() -> None:
    px = np.array([[10.0, 20.0], [320.0, 180.0], [600.0, 300.0]])
    for lens in (RECTILINEAR, FISHEYE):
        assert np.allclose(lens.pixels(3 * lens.rays(px, 640, 360), 640, 360), px)


@pytest.mark.parametrize("planned", [False, True])
def test_towel_before_the_lens_is_an_obstruction(planned: bool) -> None:
    camera, _, night = pair(more=(TOWEL,))
    foretold = foretold_light(camera, ROOM_M, CEILING_M, WIDTH_PX, HEIGHT_PX) if planned else None
    found = obstruction.obstruction(Picture(night), foretold, camera.lens)
    truth = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    corners = [np.add(TOWEL.corner, add) for add in ((0, 0, 0), TOWEL.side, np.add(TOWEL.side, TOWEL.other), TOWEL.other)]
    cv2.fillPoly(truth, [np.round(camera.pixels(corners)).astype(np.int32)], (1,))
    assert found.share == pytest.approx(float(truth.mean()), abs=0.03) and found.share > 0.25
    (finding,) = obstruction.judge(found, LIMITS)
    assert finding.kind == "obstructed" and "on the right" in finding.text.en and len(finding.region) >= 3


def test_what_hangs_free_before_the_lens_is_an_obstruction_where_it_is_too_bright_for_the_sensor() -> None:
    """A towel on a line, that the picture's edge does not touch."""
    _, _, night = pair()
    height, width = night.shape[:2]
    shares = []
    for luma, high in ((255, 0.6), (225, 0.6), (255, 0.28)):
        hung = night.copy()
        hung[round(0.1 * height):round((0.1 + high) * height), round(0.4 * width):round(0.65 * width)] = luma
        shares.append(obstruction.obstruction(Picture(hung)).share)
    assert shares[0] == pytest.approx(0.15, abs=0.02)
    assert shares[1:] == [0.0, 0.0], "a white wall; a lamp"


def test_towel_before_a_wall_that_is_near_too_is_an_obstruction_with_a_plan() -> None:
    towel = Panel((0.05, 1.1, 1.0), (0.4, 0.0, 0.0), (0.0, 0.1, 1.5), (0.5, 0.5, 0.5), 0.06)
    camera = pair(beside=True)[0]
    night = drawn(camera, (towel,))[1]
    foretold = foretold_light(camera, ROOM_M, CEILING_M, WIDTH_PX, HEIGHT_PX)
    alone = obstruction.obstruction(Picture(night), None, camera.lens).share
    assert alone > 0.4 and obstruction.obstruction(Picture(night), foretold, camera.lens).share == pytest.approx(alone, abs=0.05)


@pytest.mark.parametrize("planned", [False, True])
def test_wall_beside_the_camera_is_no_obstruction(planned: bool) -> None:
    camera, _, night = pair(beside=True)
    foretold = foretold_light(camera, ROOM_M, CEILING_M, WIDTH_PX, HEIGHT_PX) if planned else None
    assert obstruction.obstruction(Picture(night), foretold, camera.lens).share < 0.05


def test_room_without_an_obstruction_has_none() -> None:
    night = pair()[2]
    assert obstruction.obstruction(Picture(night)).share < 0.05
    assert obstruction.judge(obstruction.obstruction(Picture(night)), LIMITS) == ()


@pytest.mark.parametrize("fisheye", [False, True])
def test_whole_bed_and_its_pixels_per_metre(fisheye: bool) -> None:
    camera, day, night = pair(0.0, fisheye)
    middle = np.append(np.mean(BED_M, axis=0), BED_TOP_M)
    ends = camera.pixels([middle - 0.01 * camera.axes()[0], middle + 0.01 * camera.axes()[0]])
    for lens in (camera.lens, None):
        view = bed_view(camera.bed_outline(), *pictures(camera, day, night), lens=lens)
        assert view.status is BedStatus.OK and view.visible > 0.93
        assert view.px_per_m == pytest.approx(float(np.linalg.norm(ends[1] - ends[0])) / 0.02, rel=0.1)


def test_screen_before_the_bed_hides_a_half_of_it() -> None:
    camera, day, night = pair(more=(SCREEN,))
    view = bed_view(camera.bed_outline(), *pictures(camera, day, night), lens=camera.lens)
    assert view.status is BedStatus.OCCLUDED and view.visible == pytest.approx(0.5, abs=0.08)
    assert judge_bed(view, camera.bed_outline(), LIMITS)[0].kind == "bed_occluded"


def test_towel_before_the_lens_hides_the_bed_too() -> None:
    camera, day, night = pair(more=(TOWEL,))
    near = obstruction.obstruction(Picture(night), None, camera.lens)
    view = bed_view(camera.bed_outline(), *pictures(camera, day, night), near, camera.lens)
    assert view.status is BedStatus.OCCLUDED and view.visible < 0.6


def test_bed_cut_by_the_edge_and_bed_elsewhere() -> None:
    camera, day, night = pair()
    outline = np.asarray(camera.bed_outline())
    cut = tuple((float(x), float(y)) for x, y in outline + np.array([WIDTH_PX - outline[:, 0].mean(), 0]))
    view = bed_view(cut, *pictures(camera, day, night))
    assert view.status is BedStatus.HALF and view.in_frame == pytest.approx(0.5, abs=0.06) and view.visible <= view.in_frame
    away = tuple((x + 2 * WIDTH_PX, y) for x, y in cut)
    gone = bed_view(away, *pictures(camera, day, night))
    assert gone.status is BedStatus.OUT and gone.visible == 0.0 and judge_bed(gone, away, LIMITS)[0].kind == "bed_out"
    with pytest.raises(ValueError, match="3 corners"):
        bed_view(cut[:2], Picture(day), None)


def test_density_classes_of_the_standard() -> None:
    assert [density_class(px) for px in (19.9, 20, 40, 80, 125, 249, 250, 500, 1500)] == [
        None, "overview", "outline", "discern", "perceive", "perceive", "characterize", "validate", "scrutinize"]


def test_small_bed_is_said() -> None:
    small = area.BedView(1.0, 1.0, 60.0, BedStatus.OK, 0.9)
    (finding,) = judge_bed(small, ((0, 0), (1, 0), (1, 1)), LIMITS)
    assert finding.kind == "bed_small" and finding.unit == "px/m" and finding.limit == 80


def test_forbidden_zone_is_said_unless_it_is_covered_or_out_of_sight() -> None:
    picture = Picture(pair()[1])
    door, name = ((10.0, 10.0), (100.0, 10.0), (100.0, 200.0), (10.0, 200.0)), Text("badrumsdörren", "the bathroom door")
    assert judge_forbidden(name, door, picture, 0.99) == ()
    assert judge_forbidden(name, door, picture, 0.5)[0].kind == "forbidden_seen"
    assert judge_forbidden(name, door, picture, None)[0].kind == "mask_unknown"
    assert judge_forbidden(name, tuple((x - 300, y) for x, y in door), picture, 0.0) == ()


def test_day_and_night_of_one_room_are_one_view() -> None:
    camera, day, night = pair()
    assert same_view.judge(*pictures(camera, day, night)) == ()
    small = Picture(cv2.resize(night, (480, 270), interpolation=cv2.INTER_AREA))
    assert same_view.judge(Picture(day), small) == ()


def test_moved_camera_other_room_other_shape_and_dark_frame() -> None:
    _, day, _ = pair()
    _, _, turned = (None, *drawn(Camera(RECTILINEAR, to_left_deg=2.0)))
    assert same_view.judge(Picture(day), Picture(turned))[0].kind == "moved"
    _, _, other = (None, *drawn(Camera(RECTILINEAR, (3.6, 4.6, 2.3), to_left_deg=150.0)))
    (found,) = same_view.judge(Picture(day), Picture(other))  # day against night, of one room from two sides: at least a person has to look
    assert found.kind in ("other_view", "moved", "view_unsure") and found.severity in (Severity.BROKEN, Severity.LOOK)
    assert same_view.judge(Picture(day), Picture(np.ascontiguousarray(turned[::-1, ::-1])))[0].kind == "other_view"
    assert same_view.judge(Picture(day), Picture(np.ascontiguousarray(day[:, :480])))[0].kind == "other_shape"
    assert same_view.judge(Picture(day), Picture(np.full_like(day, 3)))[0].kind == "view_unknown"


def test_frozen_stream_is_told_from_a_still_room() -> None:
    _, day, _ = pair()
    again = np.clip(day + np.random.default_rng(9).normal(0, 1.0, day.shape), 0, 255).astype(np.uint8)
    assert same_view.judge(Picture(day), Picture(day.copy()))[0].kind == "frozen"
    assert same_view.judge(Picture(day), Picture(again)) == ()
