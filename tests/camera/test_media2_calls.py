"""The Media2 calls that this program describes itself, asked of the simulated camera: what goes out is what the specification has."""

from collections.abc import Iterator
from typing import Any

import pytest

from provisioner.camera.attempts import Attempts
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import OnvifSession
from provisioner.camera.reading import Element
from provisioner.camera.soap import SoapFault
from provisioner.camera.wsdl import MEDIA2
from simulators.camera import CameraState, SimulatedCamera, User
from tests.camera.helpers import SERIAL, now, place, settings
from tests.camera.scripted import PASSWORD

SQUARE = [{"x": -1, "y": 1}, {"x": 0, "y": 1}, {"x": 0, "y": 0}, {"x": -1, "y": 0}]


@pytest.fixture
def sim() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraState(serial=SERIAL, users={"admin": User(PASSWORD)})) as running:
        yield running


class Asked:
    """One session, as an operation has it."""

    def __init__(self, sim: SimulatedCamera) -> None:
        self.session = OnvifSession(place(sim.http_port), settings(), now)

    def __call__(self, operation: str, **arguments: Any) -> Element:
        return self.session.service(MEDIA2, operation, Deadline(10.0), Attempts(), **arguments)


def source_of(asked: Asked) -> str:
    return asked("GetVideoSourceConfigurations").all("Configurations")[0].attribute("token")


def test_masks_are_made_changed_listed_and_deleted(sim: SimulatedCamera) -> None:
    asked = Asked(sim)
    source = source_of(asked)
    options = asked("GetMaskOptions", ConfigurationToken=source).first("Options")
    assert options is not None and options.number("MaxMasks") == 4 and [one.text() for one in options.all("Types")] == ["Color", "Pixelated", "Blurred"]
    mask = {"ConfigurationToken": source, "Polygon": {"Point": SQUARE}, "Type": "Color", "Color": {"X": 16, "Y": 128, "Z": 128}, "Enabled": True}
    token = asked("CreateMask", Mask=mask).text("Token")
    assert [(one.kind, one.points, one.enabled) for one in sim.state.masks] == [("Color", ((-1, 1), (0, 1), (0, 0), (-1, 0)), True)]
    asked("SetMask", Mask={**mask, "token": token, "Type": "Blurred", "Color": None, "Enabled": False})
    assert [(one.token, one.kind, one.enabled) for one in sim.state.masks] == [(token, "Blurred", False)]
    listed = asked("GetMasks", ConfigurationToken=source).all("Masks")
    assert [one.attribute("token") for one in listed] == [token]
    assert [one.attribute("x") for one in listed[0].all("Polygon", "Point")] == ["-1", "0", "0", "-1"]
    asked("DeleteMask", Token=token)
    assert sim.state.masks == [] and asked("GetMasks").all("Masks") == []


def test_texts_are_made_changed_listed_and_deleted(sim: SimulatedCamera) -> None:
    asked = Asked(sim)
    source, there = source_of(asked), len(sim.state.osds)
    assert asked("GetOSDOptions", ConfigurationToken=source).first("OSDOptions") is not None
    osd = {"token": "", "VideoSourceConfigurationToken": source, "Type": "Text", "Position": {"Type": "Custom", "Pos": {"x": -0.5, "y": 0.5}},
           "TextString": {"Type": "Plain", "FontSize": 96, "PlainText": "2345"}}
    token = asked("CreateOSD", OSD=osd).text("OSDToken")
    made = sim.state.osds[-1]
    assert (made.token, made.text, made.pos, made.font_size) == (token, "2345", (-0.5, 0.5), 96)
    asked("SetOSD", OSD={**osd, "token": token, "Position": {"Type": "LowerRight"}})
    assert sim.state.osds[-1].position == "LowerRight" and len(sim.state.osds) == there + 1
    assert asked("GetOSDs", OSDToken=token).all("OSDs")[0].text("TextString", "PlainText") == "2345"
    asked("DeleteOSD", OSDToken=token)
    assert len(asked("GetOSDs", ConfigurationToken=source).all("OSDs")) == there


def test_audio_is_taken_out_of_a_profile(sim: SimulatedCamera) -> None:
    sim.state.audio = True
    profile = sim.state.profiles[0]
    profile.audio = profile.audio_encoder = True
    Asked(sim)("RemoveConfiguration", ProfileToken=profile.token, Configuration=[{"Type": "AudioEncoder"}, {"Type": "AudioSource", "Token": ""}])
    assert not profile.audio and not profile.audio_encoder


def test_a_refusal_is_the_cameras_own_words(sim: SimulatedCamera) -> None:
    with pytest.raises(SoapFault, match="NoConfig"):
        Asked(sim)("DeleteMask", Token="nothing")
