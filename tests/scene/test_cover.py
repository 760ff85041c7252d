"""Whether a privacy mask covers a zone, told from pictures of one moment."""

import cv2
import numpy as np
import pytest

from provisioner.scene.cover import coverage
from provisioner.scene.findings import Outline
from provisioner.scene.pictures import Frame, Picture

ZONE: Outline = ((200.0, 80.0), (440.0, 100.0), (420.0, 300.0), (190.0, 280.0))


def frame(noise: float, seed: int = 1, light: float = 1.0) -> Frame:
    """A wall with a window, a blown-out part and grain."""
    drawn = np.full((360, 640, 3), 90.0)
    drawn[:] += np.linspace(0, 30, 640)[None, :, None]
    cv2.rectangle(drawn, (230, 110), (400, 260), (170, 180, 190), -1)
    cv2.rectangle(drawn, (500, 40), (620, 160), (300, 300, 300), -1)
    grain = np.random.default_rng(seed).normal(0, noise, (360, 640, 1))
    return np.clip(drawn * light + grain, 0, 255).astype(np.uint8)


def masked(picture: Frame, style: str, outline: Outline) -> Frame:
    changed = {"black": np.zeros_like(picture), "blur": cv2.GaussianBlur(picture, (0, 0), 12),
               "mosaic": cv2.resize(cv2.resize(picture, (20, 11), interpolation=cv2.INTER_AREA), (640, 360), interpolation=cv2.INTER_NEAREST)}[style]
    stencil = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(stencil, [np.round(np.asarray(outline)).astype(np.int32)], (1,))
    return np.where(stencil[..., None] > 0, changed, picture)


def moved(outline: Outline, by_px: float) -> Outline:
    return tuple((x + by_px, y) for x, y in outline)


def truth(zone: Outline, mask: Outline) -> float:
    drawn = [cv2.fillPoly(np.zeros((360, 640), np.uint8), [np.round(np.asarray(one)).astype(np.int32)], (1,)) for one in (zone, mask)]
    return float(np.mean(drawn[1][drawn[0] > 0]))


@pytest.mark.parametrize("style", ["black", "blur", "mosaic"])
@pytest.mark.parametrize("by_px", [0.0, 60.0, 150.0])
def test_share_of_the_zone_that_is_masked(style: str, by_px: float) -> None:
    mask = moved(ZONE, by_px)
    found = coverage([Picture(masked(frame(3, 1), style, mask)), Picture(masked(frame(8, 2, 0.5), style, mask))], ZONE)
    assert found is not None and found.share <= truth(ZONE, mask) + 0.05
    assert found.share >= truth(ZONE, mask) - (0.05 if style != "blur" else 0.25)   # rounding leaves steps in a blur: told too small, never too large


def test_narrow_mask_of_one_colour_counts_by_the_pixel() -> None:
    wedge: Outline = ((200.0, 80.0), (290.0, 330.0), (238.0, 330.0))
    pictures = [Picture(masked(frame(noise, seed, light), "black", wedge)) for noise, seed, light in ((3, 1, 1.0), (8, 2, 0.5))]
    found = coverage(pictures, wedge)
    assert found is not None and found.share > 0.9
    wide: Outline = ((200.0, 80.0), (362.0, 330.0), (238.0, 330.0))
    beside = coverage(pictures, wide)
    assert beside is not None and beside.share == pytest.approx(truth(wide, wedge), abs=0.05)


def test_open_zone_is_not_covered_even_where_it_is_flat_or_blown_out() -> None:
    pictures = [Picture(frame(5, seed)) for seed in (1, 2)]
    for zone in (ZONE, ((20.0, 20.0), (180.0, 20.0), (180.0, 200.0), (20.0, 200.0)), ((505.0, 45.0), (615.0, 45.0), (615.0, 155.0), (505.0, 155.0))):
        found = coverage(pictures, zone)
        assert found is not None and found.share < 0.02


def test_without_grain_it_is_not_told_but_for_one_flat_colour() -> None:
    assert coverage([Picture(cv2.GaussianBlur(frame(0), (0, 0), 2))], ZONE) is None
    flat = coverage([Picture(masked(frame(0), "black", ZONE))], ZONE)
    assert flat is not None and flat.share > 0.95 and flat.certainty < 0.9


def test_zone_outside_no_pictures_and_other_sizes() -> None:
    assert coverage([], ZONE) is None
    assert coverage([Picture(frame(5))], moved(ZONE, 2000)) is None
    small = Picture(np.ascontiguousarray(frame(5)[:180]))
    assert coverage([Picture(frame(5)), small], ZONE) == coverage([Picture(frame(5))], ZONE)
