"""A lens that can be turned away: to the room for a picture, away again afterwards, whatever came of it."""

import pytest

from provisioner.camera.adapter import warm_up
from provisioner.camera.attempts import Attempts
from provisioner.camera.net import Deadline
from provisioner.camera.visit import Visit
from provisioner.case.device import Masking, Parking, Zone
from provisioner.case.model import FrameReport
from provisioner.fault import Fault
from tests.camera.helpers import SERIAL, now, place, settings
from tests.camera.test_masking import masked

WINDOW: Zone = ((-0.8, 0.8), (-0.3, 0.8), (-0.3, 0.2), (-0.8, 0.2))


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def test_the_room_is_seen_and_the_lens_parked_again() -> None:
    with masked("lens-parks", parked=True) as (sim, camera):
        found = camera.judge_frame(SERIAL, 15.0)
        assert isinstance(found, FrameReport) and found.good
        assert found.mean_luma < 165  # the ceiling, which a parked lens sees, has 214
        assert sim.state.parked and sim.seen.requests["GotoPreset"] == 2
        camera.judge_frame(SERIAL, 15.0)
        assert sim.seen.requests["GetPresets"] == 1


def test_parked_after_a_fault() -> None:
    with masked("lens-parks + no-snapshot + no-stream-free") as (sim, camera):
        assert isinstance(camera.judge_frame(SERIAL, 12.0), Fault)
        assert sim.state.parked


def test_parked_when_the_time_is_over() -> None:
    with masked("lens-parks + no-snapshot") as (sim, camera):
        sim.state.troubles.stall = {"play"}
        assert isinstance(camera.judge_frame(SERIAL, 8.0), Fault)
        assert sim.state.parked


def test_masks_are_proved_in_the_room() -> None:
    with masked("lens-parks", parked=True) as (sim, camera):
        found = camera.mask(SERIAL, (WINDOW,), 30.0)
        assert isinstance(found, Masking) and found.proved and sim.state.parked


def test_it_stays_on_the_room_while_the_code_is_shown() -> None:
    with masked("lens-parks", parked=True) as (sim, camera):
        camera.show_code(SERIAL, "4729", 10.0)
        camera.judge_frame(SERIAL, 10.0)
        assert not sim.state.parked
        camera.hide_code(SERIAL, 10.0)
        assert sim.state.parked


def test_it_stays_on_the_room_while_a_card_is_held_up() -> None:
    with masked("lens-parks + no-osd", parked=True) as (sim, camera):
        camera.hide_code(SERIAL, 10.0, keep_view=True)  # an older code goes, and the card must be seen
        assert not sim.state.parked
        camera.hide_code(SERIAL, 10.0)
        assert sim.state.parked


def test_park_reads_back() -> None:
    with masked("lens-parks") as (sim, camera):
        found = camera.park(SERIAL, 10.0)
        assert isinstance(found, Parking) and (found.supported, found.parked) == (True, True) and sim.state.parked
        sim.state.lies.no_effect = {"GotoPreset"}
        sim.state.parked = False
        found = camera.park(SERIAL, 4.0)
        assert isinstance(found, Parking) and found.parked is False
        sim.state.lies.no_effect, sim.state.lies.unsupported = set(), {"GetStatus"}
        found = camera.park(SERIAL, 4.0)
        assert isinstance(found, Parking) and found.parked is None


def test_a_camera_without_it_is_left_alone() -> None:
    with masked("plain") as (sim, camera):
        found = camera.park(SERIAL, 10.0)
        assert isinstance(found, Parking) and (found.supported, found.parked) == (False, None)
        assert isinstance(camera.judge_frame(SERIAL, 10.0), FrameReport)
        assert not {"GetPresets", "GotoPreset", "GetStatus", "GotoHomePosition"} & set(sim.seen.requests)


def test_presets_are_not_asked_of_a_family_that_never_parks() -> None:
    with masked("lens-parks") as (sim, _):
        visit = Visit(place(sim.http_port), settings(), now)
        visit.onvif.manners = visit.onvif.granted.named({"lens.park": "never"})
        deadline, attempts = Deadline(10.0), Attempts()
        assert not visit.lens.can_park(visit.profile(deadline, attempts), deadline, attempts) and "GetPresets" not in sim.seen.requests
        visit.close()
