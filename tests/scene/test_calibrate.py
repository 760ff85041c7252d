"""From a tapped mattress to the camera's pose and to pixels per metre."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provisioner.scene.calibrate import MATTRESS_TOP_M, calibrate, density, density_at, en_class
from provisioner.scene.optics import Unusable, pose


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


SQUARE = ((300, 300), (500, 300), (500, 600), (300, 600))


@pytest.mark.parametrize(("corners", "width", "says"), [
    (SQUARE[:3], 0.9, "four corners"), (SQUARE, 0.5, "must be one of 80"), (((1, 1), (2, 2), (3, 3), (4, 4)), 0.9, "nearly in a line"),
])
def test_taps_that_cannot_be_used(corners, width: float, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        calibrate(corners, width, 1280, 720)
