"""Things that a camera holds besides its settings: masks, texts in the picture, recordings, certificates, brokers."""

from __future__ import annotations

from dataclasses import dataclass

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Mask:
    """A privacy mask (Media2 specification, Masks). Points in ONVIF's normalised coordinates: -1 to 1, y upwards."""

    token: str
    points: Points
    kind: str = "Color"                    # Color, Pixelated, Blurred
    colour: tuple[int, int, int] = (0, 0, 0)      # blue, green, red
    enabled: bool = True


@dataclass(frozen=True)
class Osd:
    """A text in the picture (tt:OSDConfiguration)."""

    token: str
    kind: str = "Plain"                    # Plain, Date, Time, DateAndTime
    position: str = "UpperLeft"            # UpperLeft, UpperRight, LowerLeft, LowerRight, Custom
    text: str = ""
    pos: tuple[float, float] | None = None     # with Custom: normalised coordinates
    font_size: int = 32                    # pixels of a 1080-line picture


@dataclass
class Recording:
    """A recording on the card in the camera."""

    token: str
    about: str = "SD card"
    from_utc: str = "2026-11-01T18:00:00Z"
    until_utc: str = "2026-11-20T05:00:00Z"


@dataclass
class RecordingJob:
    token: str
    recording: str
    mode: str = "Active"                   # Idle, Active


@dataclass
class Broker:
    """An MQTT broker that the camera itself publishes to (Core specification, event broker)."""

    address: str
    topic_prefix: str = "onvif"
    user: str = ""
    status: str = "Connected"


@dataclass
class Tls:
    """HTTPS of the camera. Kinds: none, self-signed, device (IEEE 802.1AR device identity, signed by the maker's CA),
    expired, other-serial (a device certificate of another camera)."""

    kind: str = "none"
    legacy: bool = False                   # TLS 1.0 and nothing newer
    http_too: bool = True                  # whether plain HTTP answers beside it
