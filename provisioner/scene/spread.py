"""How values spread over a part of a picture, where it is some hundred pixels large: numpy's own ways take several times as long for so few. Pure."""

from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]


def places(where: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Rows and columns (2, N) from their middle."""
    at = np.array(np.nonzero(where), np.float32)
    at -= at.sum(axis=1, keepdims=True) / np.float32(at.shape[1])
    return at


def without_slope(values: npt.NDArray[Any], at: npt.NDArray[np.float32]) -> Values:
    """Values at `places`, less the plane through them: along one wall light falls off evenly, and so does the lens; another place has steps."""
    y, x = at
    v = values - values.sum() / values.size
    xx, xy, yy, xv, yv = (float(a @ b) for a, b in ((x, x), (x, y), (y, y), (x, v), (y, v)))
    whole = max(xx * yy - xy * xy, 1e-9)  # least squares in two unknowns
    return np.asarray(v - (yy * xv - xy * yv) / whole * x - (xx * yv - xy * xv) / whole * y, np.float32)


def levels(values: npt.NDArray[Any], percents: tuple[int, ...]) -> list[float]:
    """Percentiles, quicker than numpy's for a few hundred values."""
    ranked = np.sort(values)
    return [float(ranked[min(ranked.size - 1, percent * ranked.size // 100)]) for percent in percents]
