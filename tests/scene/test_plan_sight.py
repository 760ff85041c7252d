"""What is seen of a plan, against a caster of rays that shares nothing with it, and by the laws that any sight obeys."""

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, contains_xy, distance, points

from provisioner.scene.floorplan import Door, FloorPlan, Mirror
from provisioner.scene.optics import Unusable, pose
from provisioner.scene.sight import mirrored_spot, seen_by_mirror, seen_from, sight, sight_to_the_corners, wall_lines
from tests.scene.plan_homes import Home, cast_direct, cast_mirrored, clear, homes

ROOM = ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0))
HALL = ((0.0, 3.2), (4.0, 3.2), (4.0, 5.0), (0.0, 5.0))
DOOR = Door("N", 1.5, 2.4, is_open=True)
PLAN = FloorPlan(ROOM, doors=(DOOR,), hall=HALL, wall_thickness_m={"N": 0.2})
_COORDINATE = st.floats(-10, 10)


@settings(max_examples=60, deadline=None)
@given(homes())
def test_h17_sight_is_what_ray_after_ray_finds(home: Home) -> None:
    seen = sight(home.plan, home.camera)
    for area, cast in ((seen.direct, cast_direct(home, home.spots)), (seen.mirrored, cast_mirrored(home, home.spots))):
        said = contains_xy(area, home.spots[:, 0], home.spots[:, 1])
        # A spot on a border may fall to either side, and so may one behind the last millimetre of a mirror's edge.
        doubtful = np.zeros(len(said), bool) if area.is_empty else distance(area.boundary, points(home.spots)) < 0.02
        assert np.array_equal(said[~doubtful], cast[~doubtful]), home.spots[~doubtful & (said != cast)]
        assert not area.is_empty or np.count_nonzero(cast) <= 2


@settings(max_examples=30, deadline=None)
@given(homes(mirrors_most=2))
def test_nothing_is_seen_through_a_wall(home: Home) -> None:
    plan = home.plan
    inside = plan.free.buffer(1e-3)
    seen = sight(plan, home.camera)
    assert seen.direct.difference(inside).area < 1e-6 and seen.mirrored.difference(inside).area < 1e-6
    if not plan.doors[0].is_open:
        assert seen.watched.intersection(Polygon(plan.hall)).area < 1e-4


@settings(max_examples=40, deadline=None)
@given(homes(mirrors_most=0), st.floats(1.05, 1.5))
def test_the_area_grows_with_the_field_of_view(home: Home, by: float) -> None:
    narrow = pose(home.camera.position_m, 33.0, -20.0, 0.0, 60.0, 1280, 720)
    wide = pose(home.camera.position_m, 33.0, -20.0, 0.0, 60.0 * by, 1280, 720)
    assert sight(home.plan, narrow).direct.difference(sight(home.plan, wide).direct).area < 1e-4
    assert sight(home.plan, narrow).direct.area < sight(home.plan, wide).direct.area


@settings(deadline=None)
@given(st.tuples(_COORDINATE, _COORDINATE), st.tuples(_COORDINATE, _COORDINATE), st.floats(-pi, pi), st.floats(0.1, 5))
def test_mirrored_twice_is_where_it_was(spot: tuple[float, float], on: tuple[float, float], angle: float, long: float) -> None:
    normal = (long * float(np.cos(angle)), long * float(np.sin(angle)))
    once = mirrored_spot(spot, on, normal)
    assert mirrored_spot(once, on, normal) == pytest.approx(spot, abs=1e-9)
    assert np.hypot(once[0] - on[0], once[1] - on[1]) == pytest.approx(np.hypot(spot[0] - on[0], spot[1] - on[1]), abs=1e-9)


def test_seen_by_mirror_is_seen_from_the_mirrored_eye_through_its_frame() -> None:
    """A wall-wide mirror turns the room into one twice as long with the eye at its other end."""
    eye = (1.0, 1.0)
    walls = wall_lines(Polygon(ROOM))
    whole = seen_from(eye, walls, -pi, pi)
    (made,) = seen_by_mirror(eye, whole, walls, (4.0, 0.5), (4.0, 2.5), (-1.0, 0.0))
    behind = mirrored_spot(eye, (4.0, 0.5), (-1.0, 0.0))
    assert behind == (7.0, 1.0)
    through = Polygon([(4, 0.5), (4, 2.5), (0, 4.5), (0, 1 - 0.5 * 7 / 3)]).intersection(Polygon(ROOM))
    assert made.symmetric_difference(through).area < 1e-2


def test_thick_walls_hide_more() -> None:
    camera = pose((3.6, 1.0, 2.0), 120.0, -10.0, 0.0, 100.0, 1280, 720)
    thin, thick = (sight(replace(PLAN, wall_thickness_m={"N": deep}, hall=tuple((x, y + deep - 0.2) for x, y in HALL)), camera).direct for deep in (0.05, 0.5))
    assert thick.intersection(Polygon([(0, 3.5), (4, 3.5), (4, 6), (0, 6)])).area < thin.intersection(Polygon([(0, 3.05), (4, 3.05), (4, 6), (0, 6)])).area


def test_a_mirror_shows_the_hall_from_one_side_alone() -> None:
    mirror = Mirror((1.4, 0.02), (2.5, 0.02), (0.0, 1.0, 0.0))
    camera = pose((2.0, 2.8, 2.0), -90.0, -10.0, 0.0, 90.0, 1280, 720)
    plan = replace(PLAN, mirrors=(mirror,))
    assert sight(plan, camera).direct.intersection(Polygon(HALL)).area == 0
    assert sight(plan, camera).mirrored.intersection(Polygon(HALL)).area > 0.5
    assert sight(replace(plan, mirrors=(replace(mirror, normal=(0.0, -1.0, 0.0)),)), camera).mirrored.is_empty
    assert sight(replace(plan, doors=(replace(DOOR, is_open=False),)), camera).mirrored.intersection(Polygon(HALL)).area == 0
    assert sight(plan, camera).watched.covers(Point(2.0, 0.5))


@pytest.mark.parametrize("at", [(2.0, 3.1, 2.0), (-0.2, 1.0, 2.0), (2.0, 4.0, 2.0), (1.0, 1.0, 3.0), (1.0, 1.0, 0.0)])
def test_a_camera_in_a_wall_is_told(at: tuple[float, float, float]) -> None:
    with pytest.raises(Unusable) as told:
        sight(PLAN, pose(at, 0.0, -20.0, 0.0, 90.0, 1280, 720))
    assert "kamera" in told.value.text.sv.lower() and "camera" in told.value.text.en and told.value.text.sv != told.value.text.en


@settings(max_examples=40, deadline=None)
@given(homes(), st.integers(0, 2**31))
def test_h17_whoever_stands_in_the_picture_stands_in_sight(home: Home, seed: int) -> None:
    """Feet, waist or head: a point of a person that lands in the picture, with no wall before it, is in the area that the sign is judged by."""
    sure = sight_to_the_corners(home.plan, home.camera).direct.buffer(0.02)
    heights = np.random.default_rng(seed).uniform(0, 1.8, len(home.spots))
    px, ahead = home.camera.project(np.column_stack([home.spots, heights]))
    eyes = np.broadcast_to(np.asarray(home.camera.position_m[:2]), home.spots.shape)
    shown = ahead & (px >= 0).all(axis=1) & (px[:, 0] < 1280) & (px[:, 1] < 720) & clear(eyes, home.spots, home.lines)
    missed = shown & ~contains_xy(sure, home.spots[:, 0], home.spots[:, 1])
    assert not missed.any(), home.spots[missed]
    assert sight(home.plan, home.camera).watched.difference(sure.union(sight_to_the_corners(home.plan, home.camera).watched)).area < 1e-3
