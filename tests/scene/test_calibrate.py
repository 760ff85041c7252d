"""From a tapped mattress to the camera's pose and to pixels per metre."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provisioner.scene.calibrate import MATTRESS_TOP_M, calibrate, density, density_at, en_class, in_plan
from provisioner.scene.floorplan import read_plan
from provisioner.scene.optics import CameraSpot, Unusable, pose, read_spot


@settings(max_examples=40, deadline=None)
@given(st.floats(2.1, 2.7), st.floats(30, 60), st.floats(-12, 12), st.floats(85, 110), st.sampled_from([0.9, 1.2, 1.6]), st.sampled_from(["rectilinear", "fisheye"]))
def test_the_pose_is_found_again_where_the_lens_is_known(height: float, yaw: float, roll: float, hfov: float, width: float, lens: str) -> None:
    camera = pose((-1.2, -1.6, height), yaw, -32, roll, hfov, 1280, 720, lens)  # type: ignore[arg-type]
    taps, ahead = camera.project(np.asarray([[0, 0, MATTRESS_TOP_M], [width, 0, MATTRESS_TOP_M], [width, 2, MATTRESS_TOP_M], [0, 2, MATTRESS_TOP_M]]))
    assume(ahead.all() and (taps > 0).all() and (taps < [1280, 720]).all())
    found = calibrate(tuple(map(tuple, taps)), width, 1280, 720, lens, hfov)  # type: ignore[arg-type]
    assert found.is_sure and found.error_px < 0.5 and found.camera.position_m[2] == pytest.approx(height, abs=0.03)
    assert found.camera.roll_deg == pytest.approx(roll, abs=0.5)
    unknown = calibrate(tuple(map(tuple, taps)), width, 1280, 720, lens)  # type: ignore[arg-type]
    assert abs(unknown.hfov_deg - hfov) <= 6 and unknown.px_per_m == pytest.approx(found.px_per_m, rel=0.03)


def test_pixels_per_metre_of_something_that_faces_the_camera() -> None:
    """Rectilinear, on the axis: focal length by distance."""
    camera = pose((0, 0, 1), 0, 0, 0, 90, 1280, 720)
    assert density_at(camera, (4, 0, 1)) == pytest.approx(640 / 4, rel=1e-3)


@pytest.mark.parametrize(("px_per_m", "name"), [(19.9, "none"), (20, "overview"), (40, "outline"), (80, "discern"), (124, "discern"), (125, "perceive"),
                                                (250, "characterise"), (500, "validate"), (1500, "scrutinise")])
def test_classes_of_en_62676_4(px_per_m: float, name: str) -> None:
    assert en_class(px_per_m) == name


def test_two_taps_are_enough_for_the_density() -> None:
    assert density((100, 100), (400, 500), 2.0) == 250.0
    for a, b, length in (((1, 1), (1, 2), 2.0), ((1, 1), (400, 400), 200.0)):
        with pytest.raises(Unusable):
            density(a, b, length)


PLAN = {"room": [[0, 0], [3.6, 0], [3.6, 4.4], [0, 4.4]], "height": 2.5, "bed": [[2.2, 1.6], [3.2, 1.6], [3.2, 3.7], [2.2, 3.7]]}


def taps_of(camera, corners=PLAN["bed"]):
    return tuple(map(tuple, camera.project(np.asarray([[x, y, MATTRESS_TOP_M] for x, y in corners]))[0]))


@settings(max_examples=15, deadline=None)
@given(st.floats(2.1, 2.45), st.floats(-4, 4), st.floats(-8, 8), st.integers(0, 3), st.booleans())
def test_the_camera_is_found_on_the_plan_from_the_bed_in_the_picture(height: float, turn: float, roll: float, first: int, backwards: bool) -> None:
    """Whichever corner was tapped first, and whichever way round."""
    camera = pose((0.3, 0.3, height), 48 + turn, -26, roll, 96, 1280, 720)
    taps = taps_of(camera)
    taps = taps[first:] + taps[:first]
    found = in_plan(taps[::-1] if backwards else taps, read_plan(PLAN), 1280, 720, CameraSpot((0.3, 0.3, 2.3), "rectilinear", 96.0))
    assert found.is_sure and found.camera.position_m == pytest.approx((0.3, 0.3, height), abs=0.05)
    assert np.degrees(np.arccos(np.clip(np.dot(found.camera.forward, camera.forward), -1, 1))) < 1.0


def test_two_places_that_explain_the_bed_alike_are_not_sure_until_somebody_shows_one() -> None:
    """A bed in the middle of a room looks the same from both sides."""
    plan = read_plan({**PLAN, "bed": [[1.3, 1.2], [2.3, 1.2], [2.3, 3.2], [1.3, 3.2]]})
    camera = pose((0.3, 0.3, 2.3), 52, -35, 0, 100, 1280, 720)
    taps = taps_of(camera, plan.bed)
    assert not in_plan(taps, plan, 1280, 720, CameraSpot(None, "rectilinear", 100.0)).is_sure
    shown = in_plan(taps, plan, 1280, 720, CameraSpot((0.4, 0.4, 2.3), "rectilinear", 100.0))
    assert shown.is_sure and shown.camera.position_m == pytest.approx((0.3, 0.3, 2.3), abs=0.05)


def test_a_bed_that_stands_elsewhere_than_in_the_plan_is_said() -> None:
    camera = pose((0.3, 0.3, 2.3), 48, -26, 0, 96, 1280, 720)
    taps = taps_of(camera)
    with pytest.raises(Unusable, match="cannot be worked out"):
        in_plan(taps, read_plan(PLAN), 1280, 720, CameraSpot((3.3, 0.3, 2.3), "rectilinear", 96.0))
    with pytest.raises(Unusable, match="cannot be worked out"):
        in_plan(taps, read_plan(PLAN), 1280, 720, CameraSpot(None, "rectilinear", 96.0), height_m=1.2)
    with pytest.raises(Unusable, match="four corners"):
        in_plan(taps[:3], read_plan(PLAN), 1280, 720)


SQUARE = ((300, 300), (500, 300), (500, 600), (300, 600))


@pytest.mark.parametrize(("corners", "width", "says"), [
    (SQUARE[:3], 0.9, "four corners"), (SQUARE, 0.5, "must be one of 80"), (((1, 1), (2, 2), (3, 3), (4, 4)), 0.9, "nearly in a line"),
])
def test_taps_that_cannot_be_used(corners, width: float, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        calibrate(corners, width, 1280, 720)


@pytest.mark.parametrize(("data", "says"), [
    ({"pos": [1, 2]}, "three numbers"), ({"where": [1, 2, 3]}, "pos, proj and hfov"), ({"proj": "anamorphic"}, "unknown"), ({"hfov": 400}, "field of view"),
])
def test_a_spot_that_makes_no_sense(data, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        read_spot(data)


def test_what_is_known_of_a_camera_is_enough() -> None:
    assert read_spot({"pos": [1, 2, 2.3], "proj": "fisheye"}) == CameraSpot((1.0, 2.0, 2.3), "fisheye", None) and read_spot({}) == CameraSpot()
    assert read_spot({"forward": [1, 0, 0]}) is None
