"""What is set through ONVIF is seen in the picture: masks, texts, audio, day and night."""

from __future__ import annotations

from collections.abc import Iterator

import av
import cv2
import numpy as np
import pytest
from camera_client import Asker, Refused

from simulators.camera import CameraState, SimulatedCamera

SOURCE = "video_source_configuration"
LEFT_HALF = ((-1, -1), (-1, 1), (0, 1), (0, -1))


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraState(serial="ACC8E0123456", audio=True)) as running:
        yield running


@pytest.fixture
def ask(camera: SimulatedCamera) -> Asker:
    return Asker(camera)


def mask(points: tuple[tuple[float, float], ...] = LEFT_HALF, kind: str = "Color", enabled: str = "true", token: str = "") -> str:
    corners = "".join(f'<tt:Point x="{x}" y="{y}"/>' for x, y in points)
    colour = '<Color X="200" Y="20" Z="20" Colorspace="http://www.onvif.org/ver10/colorspace/RGB"/>' if kind == "Color" else ""
    return (f'<Mask token="{token}"><ConfigurationToken>{SOURCE}</ConfigurationToken><Polygon>{corners}</Polygon><Type>{kind}</Type>'
            f"{colour}<Enabled>{enabled}</Enabled></Mask>")


def osd(text: str, position: str = "LowerRight", token: str = "", size: int = 64) -> str:
    return (f'<OSD token="{token}"><tt:VideoSourceConfigurationToken>{SOURCE}</tt:VideoSourceConfigurationToken><tt:Type>Text</tt:Type>'
            f"<tt:Position><tt:Type>{position}</tt:Type></tt:Position><tt:TextString><tt:Type>Plain</tt:Type><tt:FontSize>{size}</tt:FontSize>"
            f"<tt:PlainText>{text}</tt:PlainText></tt:TextString></OSD>")


def streamed(camera: SimulatedCamera, profile: str = "profile_sub") -> np.ndarray:
    with av.open(camera.rtsp_url(profile, user="admin"), options={"rtsp_transport": "tcp", "probesize": "32"}, timeout=3) as container:
        return next(container.decode(video=0)).to_ndarray(format="bgr24")


def tracks(camera: SimulatedCamera, profile: str) -> list[str]:
    with av.open(camera.rtsp_url(profile, user="admin"), options={"rtsp_transport": "tcp", "probesize": "32"}, timeout=5) as container:
        return sorted(stream.type for stream in container.streams)


@pytest.mark.parametrize("kind", ["Color", "Pixelated", "Blurred"])
def test_a_mask_covers_every_picture(camera: SimulatedCamera, ask: Asker, kind: str) -> None:
    def detail(picture: np.ndarray) -> tuple[float, float]:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        edges = np.abs(cv2.Laplacian(grey, cv2.CV_64F))
        half = grey.shape[1] // 2
        return float(edges[80:, 8:half - 8].mean()), float(edges[80:, half + 8:].mean())

    before = detail(ask.snapshot("profile_sub"))
    token = ask.texts("media2", "CreateMask", "Token", mask(kind=kind))[0]
    for picture in (ask.snapshot("profile_sub"), ask.snapshot("profile_main"), streamed(camera)):
        covered, free = detail(picture)
        assert covered < 0.35 * before[0], kind
        assert free > 0.2 * before[1]
    assert ask.texts("media2", "GetMasks", "Type") == [kind]
    ask("media2", "SetMask", mask(kind=kind, enabled="false", token=token))
    assert detail(ask.snapshot("profile_sub"))[0] > 0.9 * before[0]
    ask("media2", "DeleteMask", f"<Token>{token}</Token>")
    assert ask.texts("media2", "GetMasks", "Type") == []


def test_a_mask_is_where_it_was_said(ask: Asker) -> None:
    """Normalised coordinates: y grows upwards, so this is the upper right quarter."""
    ask("media2", "CreateMask", mask(((0, 0), (0, 1), (1, 1), (1, 0))))
    picture = ask.snapshot("profile_sub").astype(int)
    blue, green, red = picture[20:170, 340:620].reshape(-1, 3).mean(axis=0)
    assert red > 180 and green < 45 and blue < 45
    assert picture[200:340, 340:620, 2].std() > 10


def test_masks_refused(camera: SimulatedCamera, ask: Asker) -> None:
    for wrong in (mask(((0, 0), (1, 1))), mask(((0, 0), (0, 2), (1, 1))), mask(kind="Invisible")):
        with pytest.raises(Refused):
            ask("media2", "CreateMask", wrong)
    assert ask.texts("media2", "GetMaskOptions", "MaxMasks", f"<ConfigurationToken>{SOURCE}</ConfigurationToken>") == ["4"]
    for _ in range(4):
        ask("media2", "CreateMask", mask())
    with pytest.raises(Refused) as full:
        ask("media2", "CreateMask", mask())
    assert full.value.codes[-1] == "ter:MaxMasks"
    with pytest.raises(Refused) as gone:
        ask("media2", "DeleteMask", "<Token>none</Token>")
    assert gone.value.codes[-1] == "ter:NoConfig"
    camera.state.masks_most = 0
    with pytest.raises(Refused) as none:
        ask("media2", "GetMasks")
    assert none.value.codes[1] == "ter:ActionNotSupported"


def test_a_camera_that_only_pretends_to_mask(camera: SimulatedCamera, ask: Asker) -> None:
    camera.state.lies.ignores_masks = True
    before = ask.snapshot("profile_sub").astype(int)
    ask("media2", "CreateMask", mask())
    assert ask.texts("media2", "GetMasks", "Type") == ["Color"]
    assert np.abs(ask.snapshot("profile_sub") - before)[80:].mean() < 3


@pytest.mark.parametrize("service", ["media", "media2"])
def test_a_text_in_the_picture(camera: SimulatedCamera, ask: Asker, service: str) -> None:
    before = ask.snapshot().astype(int)
    token = ask.texts(service, "CreateOSD", "OSDToken", osd("482913"))[0]
    with_text = ask.snapshot().astype(int)
    assert np.abs(with_text - before)[900:, 1400:].mean() > 5
    assert np.abs(with_text - before)[500:800, 200:1200].mean() < 3
    assert np.abs(streamed(camera, "profile_main").astype(int) - before)[900:, 1400:].mean() > 5
    assert ask.texts(service, "GetOSDs", "PlainText") == ["482913"]
    ask(service, "SetOSD", osd("77", token=token))
    assert ask.texts(service, "GetOSDs", "PlainText") == ["77"]
    ask(service, "DeleteOSD", f"<OSDToken>{token}</OSDToken>")
    assert ask.texts(service, "GetOSDs", "PlainText") == []
    assert np.abs(ask.snapshot() - before)[900:, 1400:].mean() < 3


def test_the_clock_is_a_text_too(ask: Asker) -> None:
    assert ask.texts("media2", "GetOSDs", "Type") == ["Text", "UpperLeft", "DateAndTime"]
    before = ask.snapshot().astype(int)
    ask("media2", "DeleteOSD", "<OSDToken>osd_clock</OSDToken>")
    assert np.abs(ask.snapshot() - before)[20:64, 24:440].mean() > 10


def test_audio_comes_and_goes_with_its_configuration(camera: SimulatedCamera, ask: Asker) -> None:
    main = "<ProfileToken>profile_main</ProfileToken>"
    assert tracks(camera, "profile_main") == ["audio", "video"]
    with pytest.raises(Refused) as early:
        ask("media", "RemoveAudioSourceConfiguration", main)
    assert early.value.codes[-1] == "ter:ConfigurationConflict"
    ask("media", "RemoveAudioEncoderConfiguration", main)
    assert tracks(camera, "profile_main") == ["video"]
    assert "AudioSourceConfiguration" in {one.tag.rpartition("}")[2] for one in ask("media", "GetProfile", main).iter()}
    ask("media", "RemoveAudioSourceConfiguration", main)
    assert not {"AudioSourceConfiguration", "AudioEncoderConfiguration"} & {one.tag.rpartition("}")[2] for one in ask("media", "GetProfile", main).iter()}
    sub = "<ProfileToken>profile_sub</ProfileToken>"
    assert tracks(camera, "profile_sub") == ["audio", "video"]
    ask("media2", "RemoveConfiguration", sub + "<Configuration><Type>AudioEncoder</Type></Configuration><Configuration><Type>AudioSource</Type></Configuration>")
    found = {one.tag.rpartition("}")[2] for one in ask("media2", "GetProfiles", "<Type>All</Type>").iter()}
    assert "VideoEncoder" in found and not found & {"AudioSource", "AudioEncoder"}
    assert tracks(camera, "profile_sub") == ["video"]
    ask("media2", "AddConfiguration", sub + "<Configuration><Type>AudioSource</Type><Token>audio_source_configuration</Token></Configuration>"
        "<Configuration><Type>AudioEncoder</Type><Token>audio_encoder_configuration</Token></Configuration>")
    assert tracks(camera, "profile_sub") == ["audio", "video"]


def test_media2_addresses_and_filters(camera: SimulatedCamera, ask: Asker) -> None:
    main = "<ProfileToken>profile_main</ProfileToken>"
    assert ask.texts("media2", "GetStreamUri", "Uri", "<Protocol>RTSP</Protocol>" + main) == [camera.rtsp_url()]
    assert ask.texts("media2", "GetSnapshotUri", "Uri", main) == [camera.snapshot_url()]
    ask("media2", "SetSynchronizationPoint", main)
    assert {one.tag.rpartition("}")[2] for one in ask("media2", "GetProfiles").iter()} == {"GetProfilesResponse", "Profiles", "Name"}
    only = {one.tag.rpartition("}")[2] for one in ask("media2", "GetProfiles", "<Token>profile_sub</Token><Type>VideoEncoder</Type>").iter()}
    assert "VideoEncoder" in only and "VideoSource" not in only
    assert ask.texts("media2", "GetVideoEncoderConfigurations", "Width") == ["1920", "640"]
    with pytest.raises(Refused):
        ask("media2", "GetStreamUri", "<Protocol>RtspMulticast</Protocol>" + main)


def settings(inside: str) -> str:
    return f"<VideoSourceToken>video_source</VideoSourceToken><ImagingSettings>{inside}</ImagingSettings>"


def colour(picture: np.ndarray) -> float:
    return float(np.abs(picture[:, :, 2].astype(int) - picture[:, :, 0]).mean())


def test_night_is_grey_and_lit_by_the_lamp(camera: SimulatedCamera, ask: Asker) -> None:
    day = ask.snapshot("profile_sub")
    ask("imaging", "SetImagingSettings", settings("<tt:IrCutFilter>OFF</tt:IrCutFilter>"))
    assert ask.texts("imaging", "GetImagingSettings", "IrCutFilter", "<VideoSourceToken>video_source</VideoSourceToken>") == ["OFF"]
    grey = ask.snapshot("profile_sub")
    assert colour(day) > 15 and colour(grey) < 3 and abs(grey.mean() - day.mean()) < 15      # in daylight the lamp makes no difference
    camera.levers.room_light(False)
    ask("device", "SendAuxiliaryCommand", "<AuxiliaryCommand>tt:IRLamp|On</AuxiliaryCommand>")
    lamp = ask.snapshot("profile_sub").astype(int)
    ask("device", "SendAuxiliaryCommand", "<AuxiliaryCommand>tt:IRLamp|Off</AuxiliaryCommand>")
    without = ask.snapshot("profile_sub").astype(int)
    assert lamp.mean() > 60 and without.mean() < 20
    window = (lamp - without)[100:150, 90:200]                                             # glass throws the lamp's light back
    assert window.max() > 240
    ask("imaging", "SetImagingSettings", settings("<tt:IrCutFilter>ON</tt:IrCutFilter>"))
    assert ask.snapshot("profile_sub").mean() < 20
    with pytest.raises(Refused):
        ask("device", "SendAuxiliaryCommand", "<AuxiliaryCommand>tt:Wiper|On</AuxiliaryCommand>")


def test_auto_follows_the_room(camera: SimulatedCamera, ask: Asker) -> None:
    camera.levers.room_light(False)
    night = ask.snapshot("profile_sub")
    assert colour(night) < 3 and night.mean() > 60
    assert colour(streamed(camera)) < 4


def test_exposure(ask: Asker) -> None:
    auto = ask.snapshot("profile_sub").mean()
    ask("imaging", "SetImagingSettings", settings("<tt:Exposure><tt:Mode>MANUAL</tt:Mode><tt:ExposureTime>2500</tt:ExposureTime></tt:Exposure>"))
    assert ask.snapshot("profile_sub").mean() < 0.4 * auto
    assert ask.texts("imaging", "GetImagingSettings", "ExposureTime", "<VideoSourceToken>video_source</VideoSourceToken>") == ["2500"]
    with pytest.raises(Refused) as wrong:
        ask("imaging", "SetImagingSettings", settings("<tt:Brightness>500</tt:Brightness>"))
    assert wrong.value.codes[-1] == "ter:SettingsInvalid"


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_packet_loss(camera: SimulatedCamera, share: float) -> None:
    camera.levers.packet_loss(share)
    if share:
        with pytest.raises((av.FFmpegError, StopIteration)):
            streamed(camera)
        assert camera.seen.rtp_lost > 0
    else:
        assert streamed(camera).shape == (360, 640, 3)


def test_letters_beyond_ascii_are_drawn(camera: SimulatedCamera, ask: Asker) -> None:
    """`Sovrum Åsa` is what installers write; a drawer that knows ASCII alone would make question marks of it."""
    pictures = {}
    for text in ("ÅÄÖ", "AAO", "???"):
        token = ask.texts("media2", "CreateOSD", "OSDToken", osd(text))[0]
        pictures[text] = ask.snapshot().astype(int)[900:, 1400:]
        ask("media2", "DeleteOSD", f"<OSDToken>{token}</OSDToken>")
    assert all(np.abs(pictures[one] - pictures[other]).mean() > 0.5 for one, other in (("ÅÄÖ", "AAO"), ("ÅÄÖ", "???")))
