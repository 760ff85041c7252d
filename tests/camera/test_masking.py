"""Privacy masks made over ONVIF and proved in the picture, by the simulated camera's own pixels."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.attempts import Attempts
from provisioner.camera.masking import Masker
from provisioner.camera.net import Deadline
from provisioner.camera.reading import read_xml
from provisioner.camera.visit import Visit
from provisioner.case.device import Masking, Zone
from provisioner.fault import Fault, FaultKind
from provisioner.scene import masks
from simulators.camera import SimulatedCamera, User
from simulators.camera.parts import Mask
from simulators.models import persona
from tests.camera.helpers import SERIAL, camera_at, now, place, settings
from tests.camera.scripted import PASSWORD

WINDOW: Zone = ((-0.8, 0.9), (-0.3, 0.9), (-0.3, 0.2), (-0.8, 0.2))      # clear of the clock in the upper left corner
BED: Zone = ((0.1, -0.1), (0.5, -0.2), (0.4, -0.9), (-0.2, -0.7))
CORNER: Zone = ((0.6, 0.9), (0.9, 0.9), (0.9, 0.5), (0.6, 0.5))
WINDOW = tuple((x, min(y, 0.8)) for x, y in WINDOW)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@contextmanager
def masked(names: str, **born_with: object) -> Iterator[tuple[SimulatedCamera, OnvifCamera]]:
    state = persona(names, serial=SERIAL, users={"admin": User(PASSWORD)}, **born_with)
    with SimulatedCamera(state) as sim:
        camera = camera_at(place(sim.http_port))
        try:
            yield sim, camera
        finally:
            camera.close()


def done(camera: OnvifCamera, *zones: Zone, deadline_s: float = 30.0) -> Masking:
    found = camera.mask(SERIAL, zones, deadline_s)
    assert isinstance(found, Masking), found
    return found


def test_h17_masks_are_made_and_proved_in_both_pictures() -> None:
    with masked("plain") as (sim, camera):
        found = done(camera, WINDOW, BED)
        assert found.supported and found.proved and [zone.covered for zone in found.zones] == [1.0, 1.0], found
        assert [len(mask.points) for mask in sim.state.masks] == [4, 4] and all(mask.enabled for mask in sim.state.masks)
        assert sim.seen.snapshots == 2 and sim.seen.rtsp_sessions == sim.seen.teardowns == 2


def test_a_second_run_changes_nothing_and_proves_it_by_the_colour() -> None:
    with masked("plain") as (sim, camera):
        done(camera, WINDOW, BED)
        before, made = list(sim.state.masks), sim.seen.requests["CreateMask"]
        found = done(camera, WINDOW, BED)
        assert found.proved and sim.seen.requests["CreateMask"] == made
        assert sim.state.masks == before  # painted light for the proof, and back


def test_a_dark_room_is_proved_by_the_colour() -> None:
    with masked("plain", scene="dark") as (sim, camera):
        found = done(camera, WINDOW)
        assert found.proved and sim.seen.requests["SetMask"] == 2


def test_h12_masks_of_an_earlier_home_go() -> None:
    with masked("plain", masks=[Mask("old", ((-1, -1), (-1, 0), (0, 0), (0, -1)))]) as (sim, camera):
        assert done(camera, WINDOW).proved
        assert [mask.token for mask in sim.state.masks] != ["old"] and len(sim.state.masks) == 1
        assert done(camera).proved and sim.state.masks == []


def test_full_of_old_masks_gives_their_places() -> None:
    old = [Mask(f"old{number}", ((-1, -1), (-1, 0), (0, 0), (0, -1))) for number in range(4)]
    with masked("plain", masks=old) as (sim, camera):
        assert done(camera, WINDOW, BED).proved and len(sim.state.masks) == 2


@pytest.mark.parametrize("names", ["masks-not-drawn", "masks-in-still-only"])
def test_h17_a_mask_that_is_listed_and_not_drawn_is_not_covered(names: str) -> None:
    with masked(names) as (_, camera):
        found = done(camera, WINDOW, BED, deadline_s=12.0)
        assert found.supported and not found.proved
        assert all(zone.made and zone.covered is not None and zone.covered < 0.2 for zone in found.zones), found
        assert "rikta om den" in found.sentence.sv


def test_not_drawn_in_a_dark_room_is_not_covered_either() -> None:
    with masked("masks-not-drawn", scene="dark") as (_, camera):
        found = done(camera, WINDOW, deadline_s=20.0)
        assert not found.proved and (found.zones[0].covered or 0.0) < 0.2, found


def test_a_dark_room_that_no_colour_decides_is_unknown() -> None:
    with masked("two-black-masks", scene="dark") as (_, camera):
        found = done(camera, WINDOW)
        assert found.zones[0].made and found.zones[0].covered is None and "Tänd" in found.sentence.sv


@pytest.mark.parametrize("names", ["no-masks", "media1-only"])
def test_no_masks_is_an_answer(names: str) -> None:
    with masked(names) as (_, camera):
        found = done(camera, WINDOW)
        assert not found.supported and not found.proved and (found.zones[0].made, found.zones[0].covered) == (False, None)
        assert done(camera).proved  # nothing was forbidden


def test_a_slanted_zone_becomes_the_rectangle_around_it() -> None:
    with masked("rectangle-masks") as (sim, camera):
        found = done(camera, BED)
        assert found.proved and "större" in found.sentence.sv
        assert sorted(sim.state.masks[0].points) == sorted([(-0.2, -0.1), (0.5, -0.1), (0.5, -0.9), (-0.2, -0.9)])


def test_more_zones_than_masks_are_joined() -> None:
    with masked("two-black-masks") as (sim, camera):
        found = done(camera, WINDOW, BED, CORNER)
        assert found.proved and len(sim.state.masks) == 2


def test_blurring_hides_nothing() -> None:
    with masked("blurring-masks") as (_, camera):
        found = done(camera, WINDOW, deadline_s=12.0)
        assert found.zones[0].made and not found.proved and "suddig" in found.sentence.sv


def test_a_text_over_the_mask_is_told_and_not_called_covered() -> None:
    with masked("plain") as (_, camera):
        found = done(camera, ((-1, 1), (-0.3, 1), (-0.3, 0.4), (-1, 0.4)))
        assert found.zones[0].made and found.zones[0].covered is None and not found.proved and "text" in found.sentence.sv
    with masked("masks-not-drawn") as (_, camera):
        found = done(camera, ((-1, 1), (-0.3, 1), (-0.3, 0.4), (-1, 0.4)))
        assert (found.zones[0].covered or 0.0) < 0.2 and "rikta om den" in found.sentence.sv


def test_masks_without_a_picture_are_made_and_unproved() -> None:
    with masked("no-snapshot + no-stream-free") as (sim, camera):
        found = done(camera, WINDOW, deadline_s=20.0)
        assert len(sim.state.masks) == 1 and found.zones[0].made and found.zones[0].covered is None


def test_a_silent_camera_is_a_fault() -> None:
    with masked("never-answers") as (_, camera):
        found = camera.mask(SERIAL, (WINDOW,), 2.0)
        assert isinstance(found, Fault) and found.kind is FaultKind.TIMED_OUT


def test_a_zone_without_area_is_a_bug_of_the_caller() -> None:
    with masked("plain") as (_, camera), pytest.raises(ValueError, match="area"):
        camera.mask(SERIAL, (((0, 0), (0.5, 0), (1, 0)),), 5.0)


def test_a_family_whose_masks_are_set_by_hand_is_left_alone() -> None:
    with masked("plain") as (sim, _):
        visit = Visit(place(sim.http_port), settings(), now)
        visit.onvif.manners = visit.onvif.granted.named({"masks.way": "by_hand"})
        found = Masker(visit, (WINDOW,), Deadline(10.0), Attempts(), now).run()
        assert not found.supported and not found.proved and "webbsida" in found.sentence.sv
        assert "CreateMask" not in sim.seen.requests and "GetMasks" not in sim.seen.requests
        visit.close()


@pytest.mark.parametrize("point", ["nan", "inf", "1e400", "left", ""])
def test_a_listed_mask_with_impossible_corners_is_no_mask_of_ours(point: str) -> None:
    with masked("plain", masks=[Mask("odd", ((-1, -1), (-1, 0), (0, 0)))]) as (sim, camera):
        visit = Visit(place(sim.http_port), settings(), now)
        masker = Masker(visit, (WINDOW,), Deadline(20.0), Attempts(), now)
        told = read_xml(f'<Envelope><Masks token="odd"><Polygon><Point x="{point}" y="0"/></Polygon><Enabled>true</Enabled></Masks></Envelope>'.encode())
        masker._call = lambda operation, **_: told  # type: ignore[method-assign]
        assert [(token, shape) for token, shape, _, _ in masker._listed()] == [("odd", ())]
        visit.close()
        camera.close()


def test_h7_every_picture_of_the_proof_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[masks.Frame] = []
    own = masks.kept

    def kept(frame: masks.Frame) -> masks.Frame:
        held.append(own(frame))
        return held[-1]

    monkeypatch.setattr(masks, "kept", kept)
    for names, scene in (("plain", "dark"), ("masks-not-drawn", "storgatan_bedroom")):
        with masked(names, scene=scene) as (_, camera):
            camera.mask(SERIAL, (WINDOW,), 12.0)
    assert len(held) > 8 and not any(frame.any() for frame in held)


@pytest.mark.parametrize("where", ["play", "rtp", "http"])
def test_a_stalling_camera_ends_in_time(where: str) -> None:
    with masked("no-snapshot") as (sim, camera):
        camera.read_identity(SERIAL, 5.0)
        sim.state.troubles.stall = {where}  # type: ignore[arg-type]
        begun = time.monotonic()
        found = camera.mask(SERIAL, (WINDOW,), 6.0)
        assert time.monotonic() - begun < 7.5
        assert isinstance(found, Fault) or (found.zones[0].made and found.zones[0].covered is None)
