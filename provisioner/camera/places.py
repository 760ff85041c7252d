"""Where a camera is and how to log in to it. Kept by whoever implements `PlaceBook`; the adapter only asks."""

from dataclasses import dataclass, field
from typing import Protocol

from provisioner.secret import Secret


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """One camera's network place and account. `repr` shows neither address nor account.

    `host` is an address (a name works, but its look-up has no time-out). `port` is the HTTP port of ONVIF. `rtsp_port` overrules the port of the
    camera's own stream address, for a camera behind NAT; None believes the camera. Without a password only what needs no login is asked.
    """

    host: str = field(repr=False)
    port: int = 80
    username: str = field(default="", repr=False)
    password: Secret | None = None
    rtsp_port: int | None = None


class PlaceBook(Protocol):
    """Finds the place of a camera by the serial number it is expected to have."""

    def place_of(self, serial: str) -> CameraPlace | None:
        """The place, or None where none is known. Called for each operation, from any thread; returns at once."""


def hidden_of(place: CameraPlace) -> tuple[str, ...]:
    """What a camera might quote and nobody may read: its password, account and address."""
    # A user name of one or two letters would only punch holes into words.
    return (place.password.reveal() if place.password is not None else "", place.username if len(place.username) > 2 else "", place.host)
