"""One frame with the smaller versions that several checks share, each made once. In memory only; `wipe` overwrites every one of them."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]


class Picture:
    """A BGR frame, shape (height, width, 3), uint8, and what is made of it. The frame is not changed, and not copied."""

    def __init__(self, bgr: Frame) -> None:
        if bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3 or min(bgr.shape[:2]) < 16:
            raise ValueError(f"not a BGR picture: {bgr.dtype} {bgr.shape}")
        self.bgr = bgr
        self.height_px, self.width_px = int(bgr.shape[0]), int(bgr.shape[1])

    @classmethod
    def coded(cls, luma: Frame, colour: Callable[[bool], Frame]) -> Self:
        """A picture whose brightness is decoded already and whose colour is not: nearly all checks ask for brightness alone, and colour is the dearer half
        of decoding. `colour` gives BGR when it is asked for, at a quarter of the size where its argument says so."""
        if luma.dtype != np.uint8 or luma.ndim != 2 or min(luma.shape) < 16:
            raise ValueError(f"not a picture's luma: {luma.dtype} {luma.shape}")
        made = cls.__new__(cls)
        made.__dict__.update(luma=luma, _colour=colour, height_px=int(luma.shape[0]), width_px=int(luma.shape[1]))
        return made

    @cached_property
    def bgr(self) -> Frame:
        """The frame in colour."""
        return np.asarray(self.__dict__["_colour"](False), np.uint8)

    @cached_property
    def quarter_bgr(self) -> Frame:
        """Colour at a quarter of the size: of the frame every fourth pixel, of a coded picture what its coder has for it, which is half as dear as half
        the size."""
        if "bgr" not in self.__dict__:
            return np.asarray(self.__dict__["_colour"](True), np.uint8)
        return np.ascontiguousarray(self.bgr[: self.height_px // 4 * 4 : 4, : self.width_px // 4 * 4 : 4])

    @cached_property
    def luma(self) -> Frame:
        """Brightness by BT.601, (height, width), uint8."""
        return np.asarray(cv2.cvtColor(self.bgr, cv2.COLOR_BGR2GRAY), np.uint8)

    @cached_property
    def half(self) -> Frame:
        """`luma` at half the size, by the mean of four."""
        return _smaller(self.luma, 2)

    @cached_property
    def quarter(self) -> Frame:
        """`luma` at a quarter of the size, by the mean of sixteen."""
        return _smaller(self.half, 2)

    def wipe(self) -> None:
        """Overwrite the frame and everything made of it."""
        self.forget()
        for name in ("bgr", "luma"):
            if name in self.__dict__:
                self.__dict__[name][...] = 0
        self.__dict__.pop("_colour", None)

    def forget(self) -> None:
        """Overwrite what was made of the frame, and leave the frame to its owner."""
        for name in ("luma", "half", "quarter", "quarter_bgr"):
            if name == "luma" and "bgr" not in self.__dict__:
                continue  # then it is the frame
            made = self.__dict__.pop(name, None)
            if made is not None:
                made[...] = 0


def quantile(values: npt.NDArray[Any], share: float) -> float:
    """The value that so large a share of them lies under; of those that are there, so none is made up between two. Some ten times as quick as numpy's on
    the few thousand values of a check."""
    rank = min(values.size - 1, int(share * values.size))
    return float(np.partition(values, rank, axis=None)[rank])


def _smaller(luma: Frame, by: int) -> Frame:
    height_px, width_px = luma.shape
    return np.asarray(cv2.resize(luma, (max(1, width_px // by), max(1, height_px // by)), interpolation=cv2.INTER_AREA), np.uint8)
