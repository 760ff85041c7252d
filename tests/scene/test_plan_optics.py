"""The lens: there and back, its borders where its field of view says, a room that leans as the camera is turned, and what cannot be a camera."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.scene.optics import CameraPose, Unusable, focal_of, pose, read_camera

LOOKING_EAST = {"pos": [1, 1, 2], "forward": [1, 0, 0], "right": [0, -1, 0], "up": [0, 0, 1], "proj": "persp", "hfov": 90}
cameras = st.builds(lambda x, y, z, yaw, pitch, roll, hfov, kind: pose((x, y, z), yaw, pitch, roll, hfov, 1280, 720, kind), st.floats(-9, 9), st.floats(-9, 9),
                    st.floats(0.5, 3), st.floats(-180, 180), st.floats(-85, 60), st.floats(-30, 30), st.floats(40, 130), st.sampled_from(["rectilinear", "fisheye"]))
pixels = st.lists(st.tuples(st.floats(0, 1280), st.floats(0, 720)), min_size=1, max_size=20)


@settings(deadline=None)
@given(cameras, pixels, st.floats(0.1, 30))
def test_out_through_a_pixel_and_back_into_it(camera: CameraPose, px: list[tuple[float, float]], far_m: float) -> None:
    rays = camera.rays(np.asarray(px))
    assert np.linalg.norm(rays, axis=1) == pytest.approx(1, abs=1e-9)
    back, ahead = camera.project(np.asarray(camera.position_m) + far_m * rays)
    near_the_side = rays @ np.asarray(camera.forward) * far_m <= 0.021
    assert ahead[~near_the_side].all() and back[~near_the_side] == pytest.approx(np.asarray(px)[~near_the_side], abs=1e-5)


@settings(deadline=None)
@given(cameras)
def test_the_field_of_view_is_what_was_asked_for_and_the_axes_are_square(camera: CameraPose) -> None:
    axes = np.asarray([camera.right, camera.up, camera.forward])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.cross(axes[0], axes[1]) == pytest.approx(-axes[2], abs=1e-9)
    left, right = camera.rays(np.asarray([[0, 360], [1280, 360]]))
    assert np.degrees(np.arccos(np.clip(left @ right, -1, 1))) == pytest.approx(camera.hfov_deg, abs=1e-4)
    assert focal_of(camera.hfov_deg, 1280, camera.projection) == pytest.approx(camera.focal_px)


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(-40, 40))
def test_yaw_pitch_and_roll_are_kept(yaw: float, pitch: float, roll: float) -> None:
    camera = pose((0, 0, 2), yaw, pitch, roll, 90, 1280, 720)
    assert camera.roll_deg == pytest.approx(roll, abs=1e-6)
    assert np.degrees(np.arctan2(camera.forward[1], camera.forward[0])) == pytest.approx(yaw, abs=1e-6)
    assert camera.forward[2] == pytest.approx(np.sin(np.radians(pitch)))


def test_the_room_leans_right_where_the_camera_is_turned_anticlockwise() -> None:
    """A post's upper end stands to the right of its foot; so a positive roll is mended clockwise."""
    px, _ = pose((0, 0, 1), 0, 0, 10, 90, 1280, 720).project(np.asarray([[3, 0, 0], [3, 0, 2]]))
    assert px[1, 0] > px[0, 0] + 50 and px[1, 1] < px[0, 1]


def test_a_labelled_camera_is_read_and_a_fisheye_is_equisolid() -> None:
    """97.03 degrees across 1280 pixels at a focal length of 778.9: one camera of the labelled sets."""
    assert focal_of(97.03, 1280, "fisheye") == pytest.approx(778.9, abs=6)
    camera = read_camera({**LOOKING_EAST, "proj": "fisheye", "fx": 778.9}, 640, 360)
    assert camera.focal_px == pytest.approx(389.45) and camera.projection == "fisheye"
    assert read_camera(LOOKING_EAST).hfov_deg == pytest.approx(90)
    assert not camera.project(np.asarray([[-3.0, 1.0, 2.0]]))[1][0], "behind the lens"


@pytest.mark.parametrize(("change", "says"), [
    ({"pos": [10**400, 0, 0]}, "pos must be three numbers"), ({"pos": [2000, 0, 0]}, "pos is absurd"), ({"pos": "here"}, "pos must be three numbers"),
    ({"hfov": float("nan")}, "hfov must be a number"), ({"hfov": 179}, "must be 5 to 150 degrees"), ({"hfov": -3}, "must be 5 to 150 degrees"),
    ({"fx": 10**400}, "fx must be a number"), ({"fx": -5}, "absurd"), ({"fx": True}, "fx must be a number"), ({"proj": "pinhole"}, "persp or fisheye"),
    ({"forward": [1, 0]}, "forward must be three numbers"), ({"forward": [2, 0, 0]}, "square to one another"), ({"right": [0, 1, 0]}, "right to the right"),
    ({"up": [float("inf"), 0, 1]}, "up must be three numbers"), ({"hfov": None}, "hfov must be a number"),
])
def test_what_cannot_be_a_camera_is_told(change: dict[str, object], says: str) -> None:
    with pytest.raises(Unusable) as told:
        read_camera({**LOOKING_EAST, **change})
    assert says in told.value.text.en and told.value.text.sv != told.value.text.en


@pytest.mark.parametrize("data", [None, [], 3, "camera", {}])
def test_what_is_no_camera(data: object) -> None:
    with pytest.raises(Unusable):
        read_camera(data)
