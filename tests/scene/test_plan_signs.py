"""Places for the sign in homes that stand at any angle: refuted by single rays, from the stairwell and from the camera, where they can be."""

from itertools import pairwise
from math import hypot

import numpy as np
from hypothesis import given, settings

from provisioner.scene.sign_place import READ_MOST_M, sign_places
from tests.scene.plan_homes import Home, cast_direct, cast_mirrored, clear, homes, opened


def steps(way: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Every 4 cm along the way."""
    return np.concatenate([np.linspace(a, b, max(2, int(hypot(b[0] - a[0], b[1] - a[1]) / 0.04))) for a, b in pairwise(way)])


@settings(max_examples=12, deadline=None)
@given(homes(bent_hall=True))
def test_r36_r37_h18_no_place_is_refuted_whichever_way_the_home_stands(home: Home) -> None:
    found = sign_places(home.plan, home.camera)
    assert (found.possible == ()) == (found.why_none is not None)
    if not found.possible:
        return
    at = np.asarray([place.at for place in found.possible])
    a, b = np.asarray(home.front_gap)
    walls = np.asarray(home.walls)
    outward = (np.asarray(home.outside) - (a + b) / 2) / 0.5
    for share in np.linspace(0.05, 0.95, 7):
        for far in (0.0, 0.15, 0.5, 1.0):
            caller = np.broadcast_to(a + share * (b - a) + far * outward, at.shape)
            assert not clear(caller, at, walls).any(), (at, caller[0])
    way = steps(found.way)
    seen = np.zeros(len(way), bool)
    for one in (home, opened(home)):
        assert not (cast_direct(one, at) | cast_mirrored(one, at)).any()
        seen |= cast_direct(one, way) | cast_mirrored(one, way)
    entered = int(np.argmax(seen)) if seen.any() else len(way)
    before = way[:entered]
    for place in at:
        assert int(np.argmin(np.hypot(*(way - place).T))) <= entered, (place, "is passed only when the visitor is seen already")
        near = before[np.hypot(*(before - place).T) < READ_MOST_M]
        assert len(near) and clear(near, np.broadcast_to(place, near.shape), walls).any(), place
    assert hypot(found.way[0][0] - (a + b)[0] / 2, found.way[0][1] - (a + b)[1] / 2) < 0.5, "the way begins at the front door"
