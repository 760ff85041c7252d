"""A camera that codes H.265: told by Media2 alone, taken, judged, masked and read like any other."""

import av
import pytest

from provisioner.camera.adapter import warm_up
from provisioner.camera.attempts import Attempts
from provisioner.camera.net import Deadline
from provisioner.camera.visit import Visit
from provisioner.case.device import Masking
from provisioner.case.model import FrameReport
from simulators.alarm_centre.operator import Access, Operator
from simulators.camera import SimulatedCamera
from simulators.models import persona
from tests.camera.helpers import SERIAL, camera_at, now, place, settings
from tests.camera.scripted import PASSWORD
from tests.camera.test_masking import WINDOW, masked


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def test_another_reader_decodes_it() -> None:
    """FFmpeg with its own RTP reader, as the witness."""
    with SimulatedCamera(persona("h265")) as sim, av.open(sim.rtsp_url("profile_sub", user="admin"), options={"rtsp_transport": "tcp"}, timeout=10) as found:
        frames = [frame for frame, _ in zip(found.decode(video=0), range(3), strict=False)]
        assert found.streams.video[0].codec_context.name == "hevc" and (frames[0].width, frames[0].height) == (640, 360)


@pytest.mark.parametrize("manners", ["h265", "h265 + no-parameter-sets", "h265 + broken-parameter-sets", "h265 + annexb-parameter-sets"])
def test_the_first_frame_is_h265(manners: str) -> None:
    with masked(manners) as (sim, _):
        found = camera_at(place(sim.http_port), settings("rtsp")).judge_frame(SERIAL, 20.0)
        assert isinstance(found, FrameReport), found
        assert (found.codec, found.trusted, found.good) == ("H265", True, True)


def test_media1_tells_of_no_encoder_and_media2_of_h265() -> None:
    with masked("h265") as (sim, _):
        visit = Visit(place(sim.http_port), settings(), now)
        assert {one.encoding for one in visit.onvif.profiles(Deadline(10.0), Attempts())} == {"H265"}
        visit.close()


def test_masks_and_the_code_are_seen_in_h265() -> None:
    with masked("h265", scene="nygatan_bedroom") as (sim, camera):
        found = camera.mask(SERIAL, (WINDOW,), 40.0)
        assert isinstance(found, Masking) and found.proved
        camera.show_code(SERIAL, "8365", 10.0)
        assert operator_of(sim).look(SERIAL, wants_code=True).code == "8365"


def operator_of(sim: SimulatedCamera) -> Operator:
    return Operator({SERIAL: Access(sim.host, sim.http_port, sim.rtsp_port, "admin", PASSWORD, rtsp_path="/stream/profile_sub", via="rtsp")}, patience_s=8.0)
