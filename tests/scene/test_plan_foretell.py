"""What a plan foretells, against light followed ray by ray in three dimensions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, contains_xy

from provisioner.scene.floorplan import Door, FloorPlan, Mirror, Window
from provisioner.scene.foretell import foretell, mirror_corners
from provisioner.scene.optics import Unusable, pose
from tests.scene.plan_homes import Home, clear, homes

ROOM = ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0))
HALL = ((0.0, 3.2), (4.0, 3.2), (4.0, 5.0), (0.0, 5.0))
DOOR = Door("N", 1.5, 2.4, is_open=True)
GLASS = Mirror((1.4, 0.02), (2.5, 0.02), (0.0, 1.0, 0.0), 0.4, 1.9)
PLAN = FloorPlan(ROOM, doors=(DOOR,), hall=HALL, wall_thickness_m={"N": 0.2}, mirrors=(GLASS,))
FACING = pose((2.0, 2.8, 1.8), -90.0, -10.0, 0.0, 90.0, 1280, 720)


@settings(max_examples=40, deadline=None)
@given(homes(mirrors_most=2))
def test_a_lamp_at_the_lens_is_mirrored_where_light_comes_straight_back(home: Home) -> None:
    """The ray through the foretold pixel, thrown back by the mirror's plane, comes home to the lens."""
    eye = np.asarray(home.camera.position_m)
    told = foretell(home.plan, home.camera).bounces
    for bounce in told:
        ray = home.camera.rays(np.asarray([bounce.at_px]))[0]
        squarely = [mirror for mirror in home.plan.mirrors if float(-ray @ np.asarray(mirror.normal)) > 1 - 1e-5]
        assert squarely, "the mirror is met squarely"
        hit = eye + ray * bounce.distance_m
        assert any(abs(float((hit - mirror_corners(mirror)[0]) @ np.asarray(mirror.normal))) < 0.02 for mirror in squarely)
    for mirror in home.plan.mirrors:  # and none is left out
        n, (a, b) = np.asarray(mirror.normal), np.asarray([mirror.a, mirror.b])
        foot = eye - n * float((eye - mirror_corners(mirror)[0]) @ n)
        place = float((foot[:2] - a) @ (b - a) / ((b - a) @ (b - a)))
        (px,), (ahead,) = home.camera.project(foot[None])
        in_picture = ahead and 1 < px[0] < 1279 and 1 < px[1] < 719
        in_sight = clear(eye[None, :2], (foot + 0.12 * n)[None, :2], home.lines)[0] and np.linalg.norm(foot - eye) > 0.31 and float((eye - foot) @ n) > 0
        if in_picture and in_sight and 0.01 < place < 0.99 and mirror.z0 + 0.01 < foot[2] < mirror.z1 - 0.01:
            assert any(np.hypot(*(px - np.asarray(bounce.at_px))) < 6 for bounce in told), mirror


@settings(max_examples=30, deadline=None)
@given(homes(mirrors_most=2), st.integers(0, 2**31))
def test_every_point_of_a_mirror_is_in_its_outline_and_no_other(home: Home, seed: int) -> None:
    foretold = foretell(home.plan, home.camera).mirrors
    chance = np.random.default_rng(seed)
    for mirror in home.plan.mirrors:
        corners = mirror_corners(mirror)
        if float((np.asarray(home.camera.position_m) - corners[0]) @ np.asarray(mirror.normal)) <= 0.02:
            continue
        u, v = chance.uniform(0.05, 0.95, (2, 30, 1))
        px, ahead = home.camera.project(corners[0] + u * (corners[1] - corners[0]) + v * (corners[3] - corners[0]))
        for (x, y), is_ahead in zip(px, ahead, strict=True):
            if is_ahead and 2 < x < 1278 and 2 < y < 718:
                assert any(Polygon(one.outline_px).buffer(2).contains(Point(x, y)) for one in foretold)
    for one in foretold:
        x, y = np.asarray(one.outline_px).T
        assert x.min() >= 0 and y.min() >= 0 and x.max() <= 1280 and y.max() <= 720 and 0 <= one.shows_room <= one.shows_unseen <= 1


def test_h17_a_mirror_that_shows_the_hall_says_so() -> None:
    (seen,) = foretell(PLAN, FACING).mirrors
    assert seen.shows_room > 0.2 and seen.kind == "mirror"
    (shut,) = foretell(replace(PLAN, doors=(replace(DOOR, is_open=False),)), FACING).mirrors
    assert shut.shows_room == 0 and shut.shows_unseen > 0.3, "the wall behind the camera is shown by the mirror alone"
    assert shut.outline_px == seen.outline_px


def test_the_share_that_shows_the_hall_is_what_a_ray_at_a_time_finds() -> None:
    """Written out for this one room: the mirror's plane is y = 0.02, the door's y = 3, 0.9 wide and 2.05 high."""
    (seen,) = foretell(PLAN, FACING).mirrors
    outline = Polygon(seen.outline_px)
    left, top, right, bottom = outline.bounds
    px = np.stack(np.meshgrid(np.linspace(left, right, 150), np.linspace(top, bottom, 150)), axis=-1).reshape(-1, 2)
    rays = FACING.rays(px[contains_xy(outline, px[:, 0], px[:, 1])])
    on_glass = np.asarray(FACING.position_m) + rays * ((0.02 - 2.8) / rays[:, 1])[:, None]
    back = rays * (1, -1, 1)
    at_door = on_glass + back * ((3.0 - 0.02) / back[:, 1])[:, None]
    through = (at_door[:, 0] > 1.5) & (at_door[:, 0] < 2.4) & (at_door[:, 2] > 0) & (at_door[:, 2] < 2.05)
    assert seen.shows_room == pytest.approx(float(through.mean()), abs=0.012)


def test_a_mirror_from_behind_or_out_of_the_picture_is_not_foretold() -> None:
    away = pose((2.0, 1.0, 1.8), 90.0, -10.0, 0.0, 80.0, 1280, 720)
    assert foretell(PLAN, away).mirrors == () == foretell(PLAN, away).bounces
    behind = replace(PLAN, mirrors=(Mirror((1.0, 1.5), (3.0, 1.5), (0.0, -1.0, 0.0)),))
    assert foretell(behind, FACING).mirrors == () == foretell(behind, FACING).bounces


def test_a_pane_throws_the_lamp_back_and_a_wardrobe_of_mirrors_does_so_once() -> None:
    pane = replace(PLAN, mirrors=(), windows=(Window("S", 1.2, 2.8, 0.8, 2.1),))
    (bounce,) = foretell(pane, FACING).bounces
    assert bounce.source == "window" and bounce.distance_m == pytest.approx(2.9, abs=0.01) and bounce.at_px[0] == pytest.approx(640, abs=0.5)
    assert foretell(pane, FACING).windows and not foretell(pane, FACING).mirrors
    doors = replace(PLAN, mirrors=(replace(GLASS, b=(2.0, 0.02)), replace(GLASS, a=(2.0, 0.02))))
    assert len(foretell(doors, FACING).bounces) == 1 and len(foretell(doors, FACING).mirrors) == 2


def test_a_leaning_mirror_moves_the_lamp_up_or_down() -> None:
    tipped = replace(GLASS, normal=(0.0, float(np.cos(0.1)), float(np.sin(0.1))))
    upright, leaning = foretell(PLAN, FACING).bounces, foretell(replace(PLAN, mirrors=(tipped,)), FACING).bounces
    assert upright and leaning and leaning[0].at_px[1] > upright[0].at_px[1] + 20


def test_a_camera_outside_is_told() -> None:
    with pytest.raises(Unusable):
        foretell(PLAN, replace(FACING, position_m=(9.0, 9.0, 2.0)))


def test_a_door_of_the_plan_stands_in_the_picture() -> None:
    """From the floor to 2.05 m, in the wall that the camera looks at, four metres away; behind it there is none."""
    there = pose((2.0, 0.2, 1.8), 90.0, -10.0, 0.0, 90.0, 1280, 720)
    (door,) = foretell(PLAN, there).doors
    (px,), _ = there.project(np.asarray([[1.95, 3.0, 1.0]]))
    (beside,), _ = there.project(np.asarray([[2.6, 3.0, 1.0]]))
    assert Polygon(door).contains(Point(*px)) and not Polygon(door).contains(Point(*beside))
    assert foretell(PLAN, FACING).doors == ()
