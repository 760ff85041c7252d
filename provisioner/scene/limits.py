"""What a picture must keep to. Values only: reading them needs neither numpy nor OpenCV."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Limits of one preview frame. Their reasons stand in the device profile that sets them.

    Luma is 0 to 255 as the picture shows it. Shares are fractions of the picture. `edge_spread_most` is in thousandths of the picture's width.
    """

    mean_luma_least: float
    mean_luma_most: float
    dark_share_most: float
    bright_share_most: float
    edge_spread_most: float
    grey_share_most: float
    green_share_most: float
    smear_share_most: float
