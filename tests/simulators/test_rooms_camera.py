"""A simulated camera in a rendered room: what is set through ONVIF, or done by hand, is seen in the picture."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from camera_client import Asker, Refused

from simulators.camera import CameraState, LeverError, SimulatedCamera
from simulators.camera import picture as picture_module
from simulators.camera.picture import PictureKey
from simulators.models import persona
from simulators.rooms import live
from simulators.rooms.live import View
from simulators.site_plan import read

ROOM, SMALL = "solgatan_bedroom", (640, 360)
COMMANDS = ["tt:IRLamp|On", "tt:IRLamp|Off", "tt:IRLamp|Auto"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_module, "rendered_px", SMALL)


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraState(scene=ROOM, room_is_dark=True)) as running:
        yield running


@pytest.fixture
def ask(camera: SimulatedCamera) -> Asker:
    return Asker(camera)


def imaging(ask: Asker, inside: str) -> None:
    ask("imaging", "SetImagingSettings", f"<VideoSourceToken>video_source</VideoSourceToken><ImagingSettings>{inside}</ImagingSettings>")


def auxiliary(ask: Asker, command: str) -> None:
    ask("device", "SendAuxiliaryCommand", f"<AuxiliaryCommand>{command}</AuxiliaryCommand>")


def bounce(picture: np.ndarray) -> float:
    """Brightness where the lamp's image stands, at 640 x 360."""
    x, y = (int(part) for part in live.layers(ROOM, View(), SMALL).bounces[0].px)
    return float(picture[y - 2:y + 3, x - 2:x + 3].mean())


MANUAL = "<tt:Exposure><tt:Mode>MANUAL</tt:Mode><tt:ExposureTime>10000</tt:ExposureTime><tt:Gain>0</tt:Gain></tt:Exposure>"


def test_day_night_and_lamp_off_by_the_imaging_service(camera: SimulatedCamera, ask: Asker) -> None:
    imaging(ask, f"{MANUAL}<tt:IrCutFilter>OFF</tt:IrCutFilter>")
    assert ask.texts("imaging", "GetImagingSettings", "IrCutFilter", "<VideoSourceToken>video_source</VideoSourceToken>") == ["OFF"]
    lit = ask.snapshot("profile_sub")
    auxiliary(ask, "tt:IRLamp|Off")
    unlit = ask.snapshot("profile_sub")
    assert bounce(lit) > 240 and bounce(unlit) < 60
    assert lit.mean() > 3 * unlit.mean()
    assert int(np.ptp(lit.astype(int)[60:], axis=2).max()) < 12                         # without the filter there is no colour
    imaging(ask, "<tt:Exposure><tt:Mode>MANUAL</tt:Mode><tt:ExposureTime>10000</tt:ExposureTime><tt:Gain>12</tt:Gain></tt:Exposure>")
    assert ask.snapshot("profile_sub").mean() > 1.2 * unlit.mean()
    auxiliary(ask, "tt:IRLamp|Auto")
    camera.levers.room_light(True)
    imaging(ask, "<tt:IrCutFilter>AUTO</tt:IrCutFilter><tt:Exposure><tt:Mode>AUTO</tt:Mode></tt:Exposure>")
    day = ask.snapshot("profile_sub")
    assert float(np.ptp(day.astype(int), axis=2).mean()) > 10 and bounce(day) < 235


def test_turned_by_hand_the_night_is_clean(camera: SimulatedCamera, ask: Asker) -> None:
    before = ask.snapshot("profile_sub")
    camera.levers.pull("turn", yaw_deg=-33)
    after = ask.snapshot("profile_sub")
    assert int((before.min(axis=2) > 250).sum()) > 20
    assert int((after.min(axis=2) > 250).sum()) == 0
    camera.levers.pull("aim")
    assert camera.state.view == View()
    assert np.abs(ask.snapshot("profile_sub").astype(int) - before)[60:].mean() < 3
    for wrong in ({"yaw_deg": 400}, {"pitch_deg": float("nan")}, {"yaw_deg": "left"}):
        with pytest.raises(LeverError):
            camera.levers.pull("aim", **wrong)


def test_masks_texts_and_cards_are_drawn(camera: SimulatedCamera, ask: Asker) -> None:
    camera.levers.hold_card("5283")
    assert cv2.QRCodeDetector().detectAndDecode(ask.snapshot("profile_main"))[0] == "5283"
    camera.levers.take_card_away()
    corners = "".join(f'<tt:Point x="{x}" y="{y}"/>' for x, y in ((-1, 0), (-1, 1), (0, 1), (0, 0)))
    ask("media2", "CreateMask", f'<Mask token=""><ConfigurationToken>video_source_configuration</ConfigurationToken><Polygon>{corners}</Polygon>'
        "<Type>Color</Type><Enabled>true</Enabled></Mask>")
    ask("media", "CreateOSD", '<OSD token=""><tt:VideoSourceConfigurationToken>video_source_configuration</tt:VideoSourceConfigurationToken><tt:Type>Text</tt:Type>'
        "<tt:Position><tt:Type>LowerRight</tt:Type></tt:Position><tt:TextString><tt:Type>Plain</tt:Type><tt:FontSize>64</tt:FontSize>"
        "<tt:PlainText>KOD 4729</tt:PlainText></tt:TextString></OSD>")
    before = PictureKey.of(CameraState(scene=ROOM, room_is_dark=True), camera.state.profiles[1])
    picture = ask.snapshot("profile_sub")
    assert bounce(picture) < 12
    assert len(camera.state.osds) == 2 and before != PictureKey.of(camera.state, camera.state.profiles[1])
    corner = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[325:, 420:]
    assert float(corner.std()) > 25


def test_lamp_commands_are_announced_and_obeyed(camera: SimulatedCamera, ask: Asker) -> None:
    misc = next(one for one in ask("device", "GetServiceCapabilities").iter() if one.tag.endswith("Misc"))
    assert misc.get("AuxiliaryCommands", "").split() == COMMANDS
    assert ask.texts("device", "GetCapabilities", "AuxiliaryCommands") == COMMANDS
    auxiliary(ask, "tt:IRLamp|Off")
    assert camera.state.ir_lamp == "OFF"
    camera.state.light.auxiliary = []
    with pytest.raises(Refused) as none:
        auxiliary(ask, "tt:IRLamp|On")
    assert none.value.codes[1] == "ter:ActionNotSupported" and camera.state.ir_lamp == "OFF"
    assert ask.texts("device", "GetCapabilities", "AuxiliaryCommands") == []


def shown(state: CameraState) -> tuple[str, float, bool]:
    return state.shown()


def test_personas_of_light() -> None:
    follows = persona("lamp-follows-filter", room_is_dark=True)
    follows.imaging.ir_cut_filter, follows.ir_lamp = "OFF", "OFF"
    assert shown(follows)[0] == "ir-lamp"
    follows.imaging.ir_cut_filter = "ON"
    assert shown(follows)[0] == "dark"
    stays = persona("filter-stays", room_is_dark=False)
    stays.imaging.ir_cut_filter = "OFF"
    assert (shown(stays)[0], stays.imaging.ir_cut_filter) == ("day", "OFF")
    assert "imaging" not in persona("no-imaging").lies.services
    restless = persona("restless-exposure")
    assert len({restless.exposure_at(second) for second in range(6)}) == 3


def test_a_slow_camera_shows_the_old_light_for_a_while() -> None:
    state = persona("slow-switching")
    state.light.switching_s = 1000.0
    assert shown(state) == ("day", 1.0, False)
    state.imaging.ir_cut_filter = "OFF"
    assert [shown(state)[0] for _ in range(3)] == ["day"] * 3
    state.light.switching_s = 1e-9
    assert shown(state)[0] == "ir-day"


def test_painted_scenes_have_nothing_to_turn(camera: SimulatedCamera) -> None:
    camera.levers.scene("storgatan_bedroom")
    with pytest.raises(LeverError, match="painted"):
        camera.levers.pull("turn", yaw_deg=10)
    assert camera.state.view == View()


def test_the_site_with_a_reflection() -> None:
    plan = read("two_homes_reflection")
    assert [home.scene for home in plan.home] == ["storgatan_bedroom", ROOM]
