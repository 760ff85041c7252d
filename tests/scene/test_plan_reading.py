"""Plans as people write them: what is right comes back whole, what is wrong is refused with its place and the way out."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.scene.floorplan import plan_json, read_plan
from provisioner.scene.optics import Unusable, pose
from provisioner.scene.sight import sight
from tests.scene.homes import home


@given(st.integers(0, 10_000))
def test_a_plan_there_and_back(seed: int) -> None:
    plan = read_plan(home(seed).plan)
    assert read_plan(json.loads(json.dumps(plan_json(plan)))) == plan


BASE = home(4, l_hall=True, is_open=True, mirrors=1).plan


def changed(path: str, value: object) -> dict:
    made = copy.deepcopy(BASE)
    at: object = made
    *steps, last = path.split(".")
    for step in steps:
        at = at[int(step)] if step.isdigit() else at[step]  # type: ignore[index]
    if value is KeyError:
        del at[last]  # type: ignore[attr-defined]
    else:
        at[int(last) if last.isdigit() else last] = value  # type: ignore[index]
    return made


@pytest.mark.parametrize(("path", "value", "says"), [
    ("room", KeyError, "lacks the room's corners"),
    ("room", [[0, 0], [4, 0]], "room is open"),
    ("room", [[0, 0], [4, 4], [4, 0], [0, 4]], "walls cross"),
    ("room", [[0, 0], [0.1, 0], [0.1, 0.1], [0, 0.1]], "hardly any area"),
    ("room", [[0, 0], [400, 0], [400, 300], [0, 300]], "Is it centimetres?"),
    ("room", [[0, 0], [4, float("nan")], [4, 4], [0, 4]], "must be two numbers"),
    ("room", [[0, 0], [4, float("inf")], [4, 4], [0, 4]], "must be two numbers"),
    ("room", "round", "must be a list"),
    ("room", [[n % 7, n] for n in range(60)], "at most 40"),
    ("height", 25, "height must be a number between"),
    ("height", True, "height must be a number between"),
    ("rom", [], "did you mean room?"),
    ("doors.0.wall", "X", "there is no wall 'X'"),
    ("doors.0.a1", 99.0, "doors[0].a1 must be a number between"),
    ("doors.0.a0", 45.0, "is not in wall S"),
    ("doors.0.kind", "trapdoor", "the kind of door 'trapdoor' is unknown"),
    ("doors.0.open", "yes", "must be true or false"),
    ("doors.0.opne", True, "did you mean open?"),
    ("windows.0.wall", "Q", "there is no wall 'Q'"),
    ("windows.0.z1", 0.2, "z0 must be below z1"),
    ("windows.0.z1", 5.9, "at most the room's height"),
    ("mirrors.0.normal", [0, 0, 1], "not up or down"),
    ("mirrors.0.normal", [1, "x", 0], "three numbers"),
    ("mirrors.0.kind", "lake", "unknown"),
    ("mirrors.0.a", [30.0, 30.0], "outside the room"),
    ("mirrors.0.b", BASE["mirrors"][0]["a"], "shorter than 5 cm"),
    ("room", [[10**400, 0], [4, 0], [4, 4], [0, 4]], "must be two numbers"),
    ("room", [[0, 0], [0, 0.001], [4, 0], [4, 4], [0, 4]], "are on one another"),
    ("room", [[0, 0], [4, 0], [4, 0.1], [0, 0.1]], "nowhere 0.5 m wide"),
    ("height", 10**400, "height must be a number between"),
    ("wall_thickness.north", 0.3, "there is no wall 'north'"),
    ("doors.0.a1", BASE["doors"][0]["a0"] + 0.1, "at least 0.4 m"),
    ("doors", [BASE["doors"][0]] * 2, "doors[0] and doors[1] overlap"),
    ("mirrors.0.normal", [0.7, 0.7, 0], "must be square to the mirror"),
    ("mirrors.0.normal", [10**400, 1, 0], "three numbers"),
    ("front_door", [BASE["hall"][0], BASE["hall"][2]], "front door (front_door) is in no wall"),
    ("hall", [[0, 0], [3, 0], [3, 2], [0, 2]], "hall and the room overlap"),
    ("hall", [[20, -5], [22, -5], [22, -3], [20, -3]], "does not lead into the hall"),
    ("front_door", [[10, 10], [11, 10]], "front door (front_door) is in no wall"),
    ("front_door", [[1, 1]], "two points"),
    ("bed", [[10, 10], [11, 10], [11, 12], [10, 12]], "partly outside the room"),
])
def test_what_is_wrong_with_a_plan_is_named(path: str, value: object, says: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_plan(changed(path, value))
    assert says in caught.value.text.en and caught.value.text.sv != caught.value.text.en


@pytest.mark.parametrize("data", [None, [], "plan", 7, {"room": None}])
def test_what_is_no_plan(data: object) -> None:
    with pytest.raises(Unusable):
        read_plan(data)


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["room", "doors", "hall", "wall", "a0", "a1", "bed", "mirrors", "a", "b", "height"]), inner, max_size=5), max_leaves=12))
def test_whatever_comes_is_read_or_refused(data: object) -> None:
    try:
        read_plan(data)
    except Unusable as error:
        assert error.text.sv and error.text.en


@pytest.mark.parametrize(("place", "says"), [((-0.3, 1.0, 2.3), "in a wall or outside"), ((1.0, 1.0, 2.9), "between floor and ceiling"),
                                             ((1.0, 1.0, -1.0), "between floor")])
def test_a_camera_that_is_not_in_the_room(place, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        sight(read_plan(BASE), pose(place, 30, -20, 0, 90, 1280, 720))


def test_a_room_that_is_no_rectangle_has_numbered_walls() -> None:
    plan = read_plan({"room": [[0, 0], [4, 0], [4, 2], [2, 2], [2, 4], [0, 4]], "doors": [{"wall": "3", "a0": 0.5, "a1": 1.4, "kind": "bathroom"}]})
    assert plan.on_wall("3", 0.5) == (2.0, 2.5) and plan.outward("3") == (1.0, 0.0)
