"""What a picture must keep to. Values only: reading them needs neither numpy nor OpenCV."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Limits of one preview frame. Their reasons stand in the device profile that sets them.

    Luma is 0 to 255 as the picture shows it, light is linear and a fraction of full. Shares are fractions of the picture. `edge_spread_most` is in
    thousandths of the picture's width, `tilt_most_deg` in degrees, `px_per_m_least` in pixels per metre at the bed.
    """

    mean_light_least: float
    mean_luma_most: float
    dark_share_most: float
    bright_share_most: float
    contrast_least: float
    noise_most: float
    edge_spread_most: float
    smeared_share_most: float
    tilt_most_deg: float
    obstructed_share_most: float
    px_per_m_least: float
    grey_share_most: float
    green_share_most: float
    repeat_share_most: float
