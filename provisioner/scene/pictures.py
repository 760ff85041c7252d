"""One frame with the smaller versions that several checks share, each made once. In memory only; `wipe` overwrites every one of them."""

from functools import cached_property

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

    @property
    def width_px(self) -> int:
        """Pixels across."""
        return int(self.bgr.shape[1])

    @property
    def height_px(self) -> int:
        """Pixels down."""
        return int(self.bgr.shape[0])

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
        self.bgr[...] = 0

    def forget(self) -> None:
        """Overwrite what was made of the frame, and leave the frame to its owner."""
        for name in ("luma", "half", "quarter"):
            made = self.__dict__.pop(name, None)
            if made is not None:
                made[...] = 0


def _smaller(luma: Frame, by: int) -> Frame:
    height_px, width_px = luma.shape
    return np.asarray(cv2.resize(luma, (max(1, width_px // by), max(1, height_px // by)), interpolation=cv2.INTER_AREA), np.uint8)
