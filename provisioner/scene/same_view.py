"""Whether two frames are of one view, and whether they are two frames at all.

Day and night share no brightness, but they share outlines. How well the outlines of two frames lie on each other, and with what shift, is told by phase
correlation. A frame by night with the lamp off may show nothing at all: then it is not known, and not said.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from provisioner.fault import Text
from provisioner.scene.findings import Finding, Severity
from provisioner.scene.pictures import Picture, quantile

WIDTH_PX = 160            # outlines of furniture, not of folds
SAME_LEAST = 0.25         # height of the correlation's peak, 1 for equal frames. One room by day and night 0.25 to 0.71, two rooms at most 0.22
_IN_PLACE_LEAST = 0.08    # enough for a peak where it should be: that of two rooms lies anywhere, and in place once in 1,000 times
_OVERLAP_LEAST = 0.45     # correlation of the outlines as they lie: two rooms at most 0.42
_OTHER_MOST = 0.20        # and with less it is another view for sure: 1,200 pairs of two rooms 0.04 in the middle, one in twenty above this; one room at least 0.15
SHIFT_MOST = 0.012        # of the width: 15 pixels of 1280, a degree; a knock on the bracket is more, a lens that warms up less
SIZE_MOST = 0.02          # difference of the frames' shapes, width by height
_SEEN_LUMA = 12.0         # standard deviation by which a frame shows something
_EDGE_STRONGEST = 0.97    # stronger ones count as this: one lamp must not outweigh a room
_TEXT_ROWS = 0.09         # of the height, above and below: written time lies always on itself
_BLACK = 8.0
_EQUAL_MOST = 0.002       # share of pixels that differ at all: a clock in the corner; noise changes a third of them and more
_EQUAL_ROWS = 5           # every fifth row is asked: blocks of 8 that were not coded anew are met at other rows each


@dataclass(frozen=True, slots=True)
class Sameness:
    """`alike`: height of the peak, 0 to 1. `shift`: right and down, as fractions of the width. `overlap`: how well the outlines lie on each other without
    any shift, -1 to 1. `told`: whether both frames show enough to say so."""

    alike: float
    shift: tuple[float, float]
    overlap: float
    told: bool

    @property
    def same(self) -> bool | None:
        """Whether it is the same view, unmoved; None where it cannot be told."""
        in_place = self.alike >= _IN_PLACE_LEAST and float(np.hypot(*self.shift)) <= SHIFT_MOST
        if in_place or (self.alike < SAME_LEAST and self.overlap >= _OVERLAP_LEAST):
            return True
        return False if self.told or self.alike >= SAME_LEAST else None


def compare(one: Picture, other: Picture) -> Sameness:
    """How two frames of a camera that should not have moved lie on each other. They may differ in size, not in shape."""
    if abs(one.height_px / one.width_px - other.height_px / other.width_px) > SIZE_MOST:
        return Sameness(0.0, (0.0, 0.0), 0.0, told=True)
    (first, shown), (second, also) = _outlines(one), _outlines(other)
    window = np.asarray(cv2.createHanningWindow((first.shape[1], first.shape[0]), cv2.CV_32F), np.float32)
    (right, down), alike = cv2.phaseCorrelate(first, second, window)
    sizes = float(np.sqrt(np.vdot(first, first) * np.vdot(second, second)))
    return Sameness(float(alike), (right / WIDTH_PX, down / WIDTH_PX), float(np.vdot(first, second)) / max(sizes, 1e-9), told=shown and also)


def is_frozen(one: Picture, other: Picture) -> bool:
    """Whether two frames that were taken apart are equal: not even the noise changed, so the camera sends an old picture."""
    if one.luma.shape != other.luma.shape:
        return False
    few, again = one.luma[::_EQUAL_ROWS], other.luma[::_EQUAL_ROWS]
    return int(np.count_nonzero(few != again)) <= _EQUAL_MOST * few.size


def judge(one: Picture, other: Picture) -> tuple[Finding, ...]:
    """What to do where two frames do not show one view, or are one frame."""
    if is_frozen(one, other):
        return (Finding("frozen", Severity.BROKEN, _TEXTS["frozen"], 0.95),)
    found = compare(one, other)
    if found.same is None:
        return (Finding("view_unknown", Severity.NOTE, _TEXTS["view_unknown"], 0.5, value=round(found.alike, 2), limit=SAME_LEAST),)
    if found.same:
        return ()
    if found.alike < SAME_LEAST:
        kind = "other_view" if abs(one.height_px / one.width_px - other.height_px / other.width_px) <= SIZE_MOST else "other_shape"
        if kind == "other_view" and found.overlap >= _OTHER_MOST:
            return (Finding("view_unsure", Severity.LOOK, _TEXTS["view_unsure"], 0.5, value=round(found.overlap, 2), limit=_OVERLAP_LEAST),)
        return (Finding(kind, Severity.BROKEN, _TEXTS[kind], 0.8, value=round(found.alike, 2), limit=SAME_LEAST),)
    shift = round(float(np.hypot(*found.shift)) * 100, 1)
    return (Finding("moved", Severity.BROKEN, _TEXTS["moved"], 0.9, value=shift, limit=SHIFT_MOST * 100, unit="% of the width"),)


_TEXTS = {
    "frozen": Text("Kameran skickar samma bild om igen. Dra ur strömmen, vänta tio sekunder, sätt i den och ta nya bilder.",
                   "The camera sends the same picture again. Unplug it, wait ten seconds, plug it in and take new pictures."),
    "view_unknown": Text("Det går inte att se om bilderna visar samma sak. Titta själv att kameran inte har rörts.",
                         "Whether the pictures show the same cannot be seen. Look yourself that the camera was not moved."),
    "view_unsure": Text("Dag- och nattbilden liknar varandra lite: ljuset är för olika för att se om kameran rördes. Jämför dem själv och känn på fästet.",
                        "The pictures by day and by night are only somewhat alike: the light differs too much to see whether the camera was moved. Compare "
                        "them yourself and feel the bracket."),
    "other_view": Text("Bilderna visar inte samma sak. Sätt fast kameran och ta alla bilder på nytt.",
                       "The pictures do not show the same. Fasten the camera and take all pictures again."),
    "other_shape": Text("Bilderna har olika form. Ställ kameran på en och samma upplösning och ta alla bilder på nytt.",
                        "The pictures differ in shape. Set the camera to one resolution and take all pictures again."),
    "moved": Text("Kameran har rörts mellan bilderna. Dra åt fästet och ta alla bilder på nytt.",
                  "The camera was moved between the pictures. Tighten the bracket and take all pictures again."),
}


def _outlines(picture: Picture) -> tuple[npt.NDArray[np.float32], bool]:
    """Where brightness changes, whichever way, without the rows of written time; and whether anything is seen."""
    size = (WIDTH_PX, max(16, round(WIDTH_PX * picture.height_px / picture.width_px)))
    small = cv2.resize(picture.quarter, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    level = cv2.GaussianBlur(np.log2(small + np.float32(_BLACK)), (0, 0), 0.8)
    edges = np.sqrt(cv2.magnitude(cv2.Sobel(level, cv2.CV_32F, 1, 0), cv2.Sobel(level, cv2.CV_32F, 0, 1)))
    edges = np.minimum(edges, quantile(edges[::3, ::3], _EDGE_STRONGEST))
    rows = max(1, round(_TEXT_ROWS * size[1]))
    edges[:rows], edges[-rows:] = edges.mean(), edges.mean()
    return np.asarray(edges - edges.mean(), np.float32), float(np.std(small)) >= _SEEN_LUMA
