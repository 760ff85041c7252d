"""What speaks for an outline being a mirror, and what against it, weighed together.

The weights are natural logarithms of odds, found by logistic regression and rounded: 29,000 outlines in 784 rooms of the simulator's generator and 22 rendered
ones, 207 of those rooms with a mirror in which the lamp's image is not seen. Fitted to seven parts of eight and held against the eighth they find 75 mirrors of a
hundred where one room in sixty-five without one is told to have one. Tree ensembles over three times as many figures did no better. Pure.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from provisioner.scene.looks import Looks, Values

Flags = npt.NDArray[np.bool_]

_DEEP_LEAST = 0.25        # natural logarithm of the own light, eight hundredth to ninety-two hundredth, less its even slope,
_DEEP_BY_DAY = 0.15       # and by day there is something to see in it as well: mirrors 0.25 and more
_DEEP_ALONE = 0.6         # the own light without a day frame,
_EVEN_MOST = 0.55         # and of it that on the wall around
_UNDER = (-0.45, 1.4)     # natural logarithm: own light within under that around it; a black television or a window is 2 to 3 under
_UNDER_SPOT = (-0.7, 2.2) # the same where the lamp's image is in it, and for the next doors
_OVER = (-1.2, 0.7)       # by day: a television that is off is 1.5 to 3 under the wall around it, a window over it
_PANE_MOST = 1.5          # both together: what is brighter by day by so much more than by the own light lets that out,
_PANE_SPOT = 1.1          # and where the lamp's image is in it: mirrors -0.6 to 0.8, panes 1.4 to 3.5
_PANE_AROUND_MOST = 0.7   # how uneven the wall around a window is: 0.1 to 0.6; around its image in a mirror 1.1 and more
_BLOWN_MOST = 0.2         # of it by day: a window; a lit lamp may stand before a mirror
_LARGE_SHARE = 0.1        # of the picture: larger is a row of doors, or not one thing
_NARROW_PX = 11           # of 640, its area by its length: edges of doors and posts
_OTHER_PLACE, _OTHER_PLACE_MOST = 7.2, 0.6       # what neither paint nor slope explains of the own light; more than this says no more
_UNEVEN_WALL = -3.3       # what it hangs on is no wall
_UNEVEN_BY_DAY, _UNEVEN_BY_DAY_MOST = -3.1, 1.0  # by day it has shadows and patches of sun all the same
_FAR, _FAR_MOST = 2.4, 1.0                       # darker than the wall in the own light, as what is farther away is
_BRIGHT, _BRIGHT_FROM = -1.9, 0.8                # but a window, where it is brighter by day
_DRAWN = 2.5              # its outline is there on all sides: parts of two things, and what only lies in line, have none on one
_TALL, _TALL_MOST = 2.2, (-1.0, 1.5)             # natural logarithm of high by wide: mirrors show people, pictures and televisions lie
_SIZE = 0.65              # natural logarithm of its area by
_MEDIUM_PX = 2000.0       # pixels of 640: small ones show little, and what shows little passes for many things
_CUT = -0.9               # by the picture's edge: there is no wall to compare with on that side
_DOORWAY = -1.3           # as tall and narrow as a doorway, which shows another place as well,
_THRESHOLD, _THRESHOLD_FROM, _THRESHOLD_MOST = -2.6, 0.1, 0.5   # and stands on the floor: below it is another surface than beside it
_SLIM = 1.4               # times as high as wide
_DOORWAY_LEAST = 0.35     # of the picture's height: 2 m high and 5 m away in a view of 100 degrees
_DOORWAY_NARROW = 1.6     # times as high as wide
_DARK_DAY = -3.6          # natural logarithm, the picture's middle by day: under it the sensor's noise is as large as what it shows
_DARK_NIGHT = -4.6        # the same of the own light around it: something near takes all the exposure
_ENOUGH = 5.5             # and so much against each: one outline of many hundreds is a mirror
# The same for which of the outlines around the lamp's image is that of its mirror: found so as to choose the one that covers it best, over 42 images.
_HANGS_UNDER, _HANGS_UNEVEN, _HANGS_DRAWN, _HANGS_CUT, _HANGS_TALL, _HANGS_SIZE = 0.85, -0.95, 0.9, -0.3, 1.4, 0.5
_HANGS_BY_DAY, _HANGS_BY_DAY_MOST = 0.6, 1.0     # and by day there is something to see in it


@dataclass(frozen=True, slots=True)
class Shapes:
    """One value for each outline, in pixels: `area`, `wide`, `high`; whether the picture's edge `cut` it. `unit`: pixels per pixel of 640.
    `picture`: its height and width."""

    area: npt.NDArray[Any]
    wide: npt.NDArray[Any]
    high: npt.NDArray[Any]
    cut: Flags
    unit: float
    picture: tuple[int, int]


def evidence(looks: Looks, shapes: Shapes, day_middle: float | None) -> Values:
    """Natural logarithms of the odds that each is a mirror; minus infinity where it cannot be one. `day_middle`: the picture's median light by day, natural
    logarithm; None without a day frame. Then, and in the dark, nothing is above even odds."""
    height, width = shapes.picture
    possible = (looks.deep >= _DEEP_LEAST) & _between(looks.under, _UNDER) & _between(looks.over, _OVER) & (pane(looks) <= _PANE_MOST)
    possible &= (looks.blown <= _BLOWN_MOST) & (shapes.area <= _LARGE_SHARE * width * height)
    possible &= shapes.area >= _NARROW_PX * shapes.unit * np.maximum(shapes.wide, shapes.high)
    if day_middle is None:
        return np.where(possible & (looks.deep >= _DEEP_ALONE) & (looks.around <= _EVEN_MOST * looks.deep), np.float32(0.0), np.float32(-np.inf))
    doorway = (shapes.high >= _DOORWAY_LEAST * height) & (shapes.high >= _DOORWAY_NARROW * shapes.wide)
    threshold = np.clip(looks.foot - _THRESHOLD_FROM, 0.0, _THRESHOLD_MOST - _THRESHOLD_FROM) * (shapes.high > _SLIM * shapes.wide)
    found = (_OTHER_PLACE * np.minimum(looks.unlike, _OTHER_PLACE_MOST) + _UNEVEN_WALL * looks.around
             + _UNEVEN_BY_DAY * np.minimum(looks.around_day, _UNEVEN_BY_DAY_MOST) + _FAR * np.minimum(looks.under, _FAR_MOST)
             + _BRIGHT * np.maximum(0.0, pane(looks) - _BRIGHT_FROM) + _DRAWN * looks.drawn + _TALL * _tall(shapes)
             + _SIZE * _size(shapes) + _CUT * shapes.cut + _DOORWAY * doorway
             + _THRESHOLD * threshold - _ENOUGH)
    found = np.where((day_middle > _DARK_DAY) & (looks.level > _DARK_NIGHT), found, np.minimum(found, 0.0))
    return np.asarray(np.where(possible & (looks.deep_day >= _DEEP_BY_DAY), found, -np.inf), np.float32)


def pane(looks: Looks) -> Values:
    """By how much each is brighter by day than by the own light, both against the wall around it."""
    return looks.under + looks.over


def hangs(looks: Looks, shapes: Shapes) -> Values:
    """How well each hangs on a wall as a mirror does that holds the lamp's image."""
    return np.asarray(_HANGS_UNDER * looks.under + _HANGS_UNEVEN * looks.around + _HANGS_DRAWN * looks.drawn + _HANGS_CUT * shapes.cut
                      + _HANGS_TALL * _tall(shapes) + _HANGS_SIZE * _size(shapes)
                      + _HANGS_BY_DAY * np.minimum(looks.deep_day, _HANGS_BY_DAY_MOST), np.float32)


def _tall(shapes: Shapes) -> npt.NDArray[Any]:
    return np.asarray(np.clip(np.log(shapes.high / shapes.wide), *_TALL_MOST))


def _size(shapes: Shapes) -> npt.NDArray[Any]:
    return np.asarray(np.log(np.maximum(shapes.area, 1.0) / (_MEDIUM_PX * shapes.unit**2)))


def may_be_one(looks: Looks) -> Flags:
    """Whether it can be one where something else says that there is one: the lamp's image in it, or a mirror beside it."""
    return _between(looks.under, _UNDER_SPOT) & (pane(looks) <= _PANE_SPOT) & (looks.over >= _OVER[0])


def is_pane(looks: Looks) -> Flags:
    """Whether it lets the own light out and the day in, in a wall that is even: the image of a window in a mirror has the mirror around it."""
    return np.asarray((pane(looks) > _PANE_MOST) & (looks.around <= _PANE_AROUND_MOST))


def _between(values: Values, limits: tuple[float, float]) -> Flags:
    return np.asarray((values >= limits[0]) & (values <= limits[1]))
