"""Judging one frame: light, focus, and pictures that were not decoded whole."""

import time

import av
import cv2
import numpy as np
import pytest

from provisioner.camera.profiles import generic_frame_limits
from provisioner.scene.pictures import Frame, Picture
from provisioner.scene.quality import Quality, judge
from provisioner.scene.quality import measure as measured
from provisioner.scene.sharpness import edges_of, smeared_share

LIMITS = generic_frame_limits()


def room(width_px: int = 1280, height_px: int = 720, noise: float = 2.0, light: float = 1.0) -> Frame:
    """A drawn room at any size: wall, bed, window, wardrobe, with sensor noise."""
    frame = np.zeros((720, 1280, 3), np.float32)
    frame[:] = np.linspace(110, 150, 1280, dtype=np.float32)[None, :, None]
    for corners, colour in (((200, 320, 800, 640), (200, 205, 210)), ((900, 80, 1100, 330), (225, 215, 205)), ((60, 120, 180, 560), (70, 80, 95)),
                            ((220, 340, 380, 420), (240, 240, 240))):
        cv2.rectangle(frame, corners[:2], corners[2:], colour, -1)
    drawn = cv2.GaussianBlur(cv2.resize(frame, (width_px, height_px)), (0, 0), 0.6 * width_px / 1280) * light
    return np.clip(drawn + np.random.default_rng(3).normal(0, noise, drawn.shape), 0, 255).astype(np.uint8)


def measure(frame: Frame) -> Quality:
    return measured(Picture(frame))


def kinds(frame: Frame) -> list[str]:
    return [finding.kind for finding in judge(measure(frame), LIMITS)]


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (640, 360), (2592, 1944)])
def test_good_room_has_no_findings_at_any_size(size: tuple[int, int]) -> None:
    frame = room(*size)
    quality = measure(frame)
    assert kinds(frame) == [] and (quality.width_px, quality.height_px) == size
    assert 100 < quality.mean_luma < 180 and 0.3 < quality.edge_spread < 1.6 and quality.sharpness == pytest.approx(1 / quality.edge_spread)


@pytest.mark.parametrize("sigma_px", [2.5, 4.0, 6.0])
def test_focus_is_measured_in_edge_width(sigma_px: float) -> None:
    frame = cv2.GaussianBlur(room(noise=0), (0, 0), sigma_px)
    assert measure(frame).edge_spread == pytest.approx(1000 * np.hypot(sigma_px, 0.6) / 1280, rel=0.25)
    assert kinds(np.clip(frame + np.random.default_rng(1).normal(0, 2, frame.shape), 0, 255).astype(np.uint8)) == ["unsharp"]


def test_contrast_and_texture_do_not_pass_for_focus() -> None:
    assert measure(room(light=0.5)).edge_spread == pytest.approx(measure(room()).edge_spread, rel=0.25)


def test_written_time_does_not_pass_for_focus() -> None:
    frame = cv2.GaussianBlur(room(), (0, 0), 4.0)
    cv2.putText(frame, "2026-11-23 02:14:05  CAM 1", (20, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 2)
    assert kinds(frame) == ["unsharp"]


def test_dark_bright_and_covered() -> None:
    assert kinds(room(light=0.15))[0] == "dark"
    assert "bright" in kinds(np.full((720, 1280, 3), 250, np.uint8))
    window = room()
    window[:, 500:] = 255
    assert "blown_out" in kinds(window)
    assert kinds(np.clip(np.random.default_rng(1).normal(18, 3, (720, 1280, 3)), 0, 255).astype(np.uint8)) == ["dark"]
    assert kinds(np.clip(np.random.default_rng(1).normal(120, 3, (720, 1280, 3)), 0, 255).astype(np.uint8)) == ["no_edges"]


@pytest.mark.parametrize(("fill", "kind"), [((0, 135, 0), "green"), ((0, 77, 0), "green"), ((128, 128, 128), "grey"), ((130, 130, 130), "grey")])
def test_half_a_picture_is_not_judged(fill: tuple[int, int, int], kind: str) -> None:
    frame = room()
    frame[360:] = fill
    findings = judge(measure(frame), LIMITS)
    assert [finding.kind for finding in findings] == [kind] and findings[0].spoils


def test_black_privacy_mask_is_no_broken_picture() -> None:
    frame = room()
    frame[:, :420] = 16
    assert kinds(frame) == []


def test_drawn_test_picture_is_no_broken_picture() -> None:
    """Bars and ramps, as many a server of test streams shows, repeat their rows exactly."""
    bars = np.zeros((720, 1280, 3), np.uint8)
    for number, colour in enumerate([(180, 180, 180), (16, 180, 180), (180, 180, 16), (16, 180, 16), (180, 16, 180), (16, 16, 180), (180, 16, 16)]):
        bars[:, number * 183 : (number + 1) * 183] = colour
    ramp = np.broadcast_to(np.linspace(20, 235, 1280).astype(np.uint8)[None, :, None], (720, 1280, 3)).copy()
    for drawn in (bars, ramp):
        assert not any(finding.spoils for finding in judge(measure(drawn), LIMITS))


def slices_of(frame: Frame, count: int) -> tuple[list[bytes], list[int]]:
    """The frame as one H.264 picture of `count` slices: its NAL units, and which of them are slices."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = frame.shape[1], frame.shape[0], "yuv420p", 25
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": f"slices={count}:threads=1"}
    data = b"".join(bytes(packet) for packet in [*encoder.encode(av.VideoFrame.from_ndarray(frame, "bgr24")), *encoder.encode(None)])
    units = [unit for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
    return units, [index for index, unit in enumerate(units) if unit[0] & 31 == 5]


@pytest.mark.parametrize("lost", [0, 1, 2, 4])
def test_concealed_slices_are_recognised(lost: int) -> None:
    """FFmpeg fills in for lost slices without a word: with green where it has nothing else, or with the last row drawn downwards."""
    units, slices = slices_of(room(), 8)
    assert len(slices) == 8
    kept = b"".join(b"\0\0\0\1" + unit for index, unit in enumerate(units) if index not in slices[8 - lost :])
    decoder = av.CodecContext.create("h264", "r")
    pictures = [picture for packet in (av.Packet(kept), None) for picture in decoder.decode(packet)]
    findings = judge(measure(pictures[0].to_ndarray(format="bgr24")), LIMITS)
    assert len(findings) == bool(lost) and all(finding.spoils and finding.kind in ("green", "concealed") for finding in findings)


def test_every_finding_has_a_sentence_with_an_action_in_both_languages() -> None:
    from provisioner.scene.quality import _TEXTS

    for text in _TEXTS.values():
        assert text.sv.endswith(".") and text.en.endswith(".") and text.sv != text.en


@pytest.mark.parametrize("wrong", [np.zeros((0, 0, 3), np.uint8), np.zeros((720, 1280), np.uint8), np.zeros((720, 1280, 4), np.uint8),
                                   np.zeros((720, 1280, 3), np.float32)])
def test_what_is_no_picture_is_our_own_bug(wrong: Frame) -> None:
    with pytest.raises(ValueError, match="not a BGR picture"):
        measure(wrong)


def test_measuring_leaves_the_frame_alone_and_is_quick() -> None:
    frame = room(1920, 1080)
    before = frame.copy()
    took_s = []
    for _ in range(7):
        begun = time.process_time()
        measure(frame)
        took_s.append(time.process_time() - begun)
    assert np.array_equal(frame, before)
    assert min(took_s) < 0.025  # about 0.005 on an idle core; the margin is for a loaded machine


def shelves(noise: float = 2.0, seed: int = 5) -> Frame:
    """Edges everywhere: books on shelves over the whole wall."""
    random = np.random.default_rng(seed)
    frame = np.full((720, 1280, 3), 120.0, np.float32)
    for top in range(20, 700, 90):
        for left in range(10, 1260, 40):
            cv2.rectangle(frame, (left, top), (left + 26, top + 70), random.integers(40, 220, 3).tolist(), -1)
    drawn = cv2.GaussianBlur(frame, (0, 0), 0.8)
    return np.clip(drawn + random.normal(0, noise, drawn.shape), 0, 255).astype(np.uint8)


def smeared(frame: Frame, share: float) -> Frame:
    changed = frame.copy()
    wide = int(share * frame.shape[1])
    changed[:, :wide] = cv2.GaussianBlur(frame, (0, 0), 7.0)[:, :wide]
    return changed


def test_smeared_lens_is_told_from_focus() -> None:
    assert kinds(shelves()) == []
    assert kinds(smeared(shelves(), 0.5)) == ["smeared"]
    assert kinds(cv2.GaussianBlur(shelves(), (0, 0), 5.0)) == ["unsharp"]
    assert measure(shelves()).smeared_share == 0.0 and measure(smeared(shelves(), 0.5)).smeared_share == pytest.approx(0.5, abs=0.1)


def test_what_one_picture_denies_is_no_smear_of_the_lens() -> None:
    dirty, clean = edges_of(Picture(smeared(shelves(), 0.5))), edges_of(Picture(shelves()))
    assert smeared_share([dirty, dirty]) == pytest.approx(0.5, abs=0.1)
    assert smeared_share([dirty, clean]) == 0.0 and smeared_share([]) is None


def test_focus_is_judged_beside_what_hangs_before_the_lens() -> None:
    cells = np.zeros((90, 160), np.bool_)
    cells[:, :128] = True
    covered = smeared(shelves(), 0.8)
    beside = edges_of(Picture(covered)).outside(cells)
    assert edges_of(Picture(cv2.GaussianBlur(shelves(), (0, 0), 5.0))).outside(cells).spread() > LIMITS.edge_spread_most > beside.spread()
    assert beside.x.min() > 0.8


def test_soft_light_is_not_focus_where_another_frame_is_sharp() -> None:
    soft, sharp = Picture(cv2.GaussianBlur(room(), (0, 0), 2.05)), edges_of(Picture(room()))
    alone, beside = measured(soft), measured(soft, None, [sharp])
    assert LIMITS.edge_spread_most < alone.edge_spread < 1.2 * LIMITS.edge_spread_most
    assert [finding.kind for finding in judge(alone, LIMITS)] == ["unsharp"] and judge(beside, LIMITS) == ()
    blurred = measured(Picture(cv2.GaussianBlur(room(), (0, 0), 3.5)), None, [sharp])
    assert [finding.kind for finding in judge(blurred, LIMITS)] == ["unsharp"]


def test_a_lens_that_is_out_of_focus_in_one_frame_is_so_in_the_other() -> None:
    nearly, blurred = Picture(cv2.GaussianBlur(room(), (0, 0), 1.75)), edges_of(Picture(cv2.GaussianBlur(room(), (0, 0), 4.0)))
    alone, beside = measured(nearly), measured(nearly, None, [blurred])
    assert 0.77 * LIMITS.edge_spread_most < alone.edge_spread < LIMITS.edge_spread_most
    assert judge(alone, LIMITS) == () and [finding.kind for finding in judge(beside, LIMITS)] == ["unsharp"]
    assert judge(measured(Picture(room()), None, [blurred]), LIMITS) == (), "infrared has another focus than daylight"
    small = Picture(cv2.resize(cv2.GaussianBlur(room(), (0, 0), 1.2), (640, 360), interpolation=cv2.INTER_AREA))
    assert 0.77 * LIMITS.edge_spread_most < measured(small).edge_spread and judge(measured(small, None, [blurred]), LIMITS) == (), "of few pixels"
    dark = edges_of(Picture(np.zeros((720, 1280, 3), np.uint8)))
    assert judge(measured(nearly, None, [dark]), LIMITS) == (), "where nothing is seen nothing is out of focus"


@pytest.mark.parametrize("sigma", [1.0, 4.0, 9.0])
def test_noise_is_measured_whatever_is_drawn(sigma: float) -> None:
    grain = np.random.default_rng(8).normal(0, sigma, (720, 1280, 1))
    assert measure(np.clip(shelves(0.0) + grain, 0, 255).astype(np.uint8)).noise == pytest.approx(sigma, rel=0.3)


def test_hazy_noisy_and_one_coloured_pictures_are_never_silent() -> None:
    assert kinds((0.12 * shelves(8.0).astype(np.float32) + 120).astype(np.uint8))[0] in ("flat", "no_edges")
    assert "noisy" in kinds(shelves(24.0))  # of each colour by itself, so 16 in luma
    for luma in (0, 60, 128, 200, 255):
        assert kinds(np.full((720, 1280, 3), luma, np.uint8)) != []
