"""Places for the sign, refuted by single rays where they can be; and what is said where there is none."""

from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.scene import canvas
from provisioner.scene.floorplan import read_plan
from provisioner.scene.optics import read_camera
from provisioner.scene.plan_drawing import plan_drawing
from provisioner.scene.sight import sight
from provisioner.scene.sign_place import NEAR_M, sign_places
from tests.scene.homes import crossings, home, seen_directly, seen_in_mirror, walls_of

SEEDS = st.integers(0, 100_000)


def judged(one):
    return sign_places(read_plan(one.plan), read_camera(one.camera))


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_r36_h18_no_proposed_place_is_seen_from_the_front_door(seed: int) -> None:
    one = home(seed, l_hall=True)
    walls = walls_of(one.plan, any_door=True)
    (ax, ay), (bx, by) = one.plan["front_door"]
    for place in judged(one).possible:
        for share in (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95):
            caller = (ax + (bx - ax) * share, ay + (by - ay) * share)
            into = (caller[0] + (place.at[0] - caller[0]) * 1e-3, caller[1] + (place.at[1] - caller[1]) * 1e-3)
            assert crossings(into, place.at, walls), f"{place.at} is seen from {caller}"


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_r37_h17_a_proposed_place_is_met_before_the_visitor_is_seen(seed: int) -> None:
    one = home(seed, l_hall=True)
    found = judged(one)
    as_it_is, opened = walls_of(one.plan), walls_of(one.plan, any_door=True)
    for place in found.possible:
        assert not seen_directly(one, place.at, as_it_is) and not seen_in_mirror(one, place.at, as_it_is)
        noticed = False
        for spot in walked(found.way):
            if seen_directly(one, spot, opened) or seen_in_mirror(one, spot, opened) or seen_directly(one, spot, as_it_is):
                break
            noticed = noticed or (hypot(spot[0] - place.at[0], spot[1] - place.at[1]) < 4.0 and not crossings(spot, place.at, opened))
        assert noticed, f"{place.at} is not seen on the way in before {spot}"


def walked(way):
    for (x0, y0), (x1, y1) in pairwise(way):
        steps = max(1, round(hypot(x1 - x0, y1 - y0) / 0.07))
        for n in range(steps):
            yield x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps


def test_r35_a_hall_with_a_corner_has_places_and_they_are_near_the_room() -> None:
    found = [judged(home(seed, l_hall=True)) for seed in range(30)]
    assert sum(bool(one.possible) for one in found) >= 10
    for one in found:
        assert all(place.is_possible and place.score >= 0 and place.reasons[0].row == "R35" for place in one.possible)
        assert list(one.possible) == sorted(one.possible, key=lambda place: -place.score)
    assert NEAR_M == 3.0


def test_none_possible_is_an_answer_with_the_least_bad_place_and_why() -> None:
    """In a plain hall whatever is passed is seen from the front door."""
    found = [judged(home(seed, l_hall=False)) for seed in range(12)]
    none = [one for one in found if not one.possible]
    assert none and all(one.why_none is not None and one.least_bad is not None and not one.least_bad.is_possible for one in none)


@pytest.mark.parametrize(("drop", "says"), [("front_door", "front door is not in the plan"), ("doors", "no way from the front door")])
def test_what_cannot_be_judged_is_said(drop: str, says: str) -> None:
    one = home(3)
    plan = read_plan({key: value for key, value in one.plan.items() if key != drop})
    found = sign_places(plan, read_camera(one.camera))
    assert found.possible == () and found.why_none is not None and says in found.why_none.en


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_drawing_says_what_it_shows(language: str) -> None:
    one = home(11, l_hall=True, mirrors=2, is_open=True)
    plan, camera = read_plan(one.plan), read_camera(one.camera)
    drawing = plan_drawing(plan, camera, sight(plan, camera), sign_places(plan, camera), language)
    words = {shape.text for shape in drawing.shapes if isinstance(shape, canvas.Words)}
    assert {"sv": "Besökarens väg in", "en": "The visitor's way in"}[language] in words and {"sv": "Spegel, glas", "en": "Mirror, glass"}[language] in words
    assert canvas.svg(drawing).startswith("<svg ") and canvas.raster(drawing).shape == (drawing.height_px, drawing.width_px, 3)
