"""Where a camera is and how to log in to it. Kept by whoever implements `PlaceBook`; the adapter only asks."""

from dataclasses import dataclass, field
from typing import Protocol

from provisioner.camera.policies import SecretInClear
from provisioner.secret import Secret


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """One camera's network place and account. `repr` shows neither address nor account.

    `host` is an address (a name works, but its look-up has no time-out). `port` is the HTTP port of ONVIF. `rtsp_port` overrules the port of the
    camera's own stream address, for a camera behind NAT; None believes the camera. Without a password only what needs no login is asked.

    `tls`: ONVIF and snapshots over TLS. `pin` is the SHA-256 of the camera's certificate (DER), 64 hexadecimal digits: seen at the depot, where the
    camera is first touched, and held against it from then on. Without a pin any certificate will do, which protects against listeners only.
    `profile` is the device profile that the depot chose. Only it can allow what is dangerous (legacy TLS, passwords in clear): what a camera says
    of itself over the network cannot.
    """

    host: str = field(repr=False)
    port: int = 80
    username: str = field(default="", repr=False)
    password: Secret | None = None
    rtsp_port: int | None = None
    tls: bool = False
    pin: str | None = None
    profile: str = ""

    def may_reveal(self, policy: SecretInClear, *, inside_tls: bool) -> bool:
        """Whether the password itself may go to this camera by a way of `policy`."""
        return policy == "always" or (policy == "tls" and inside_tls and self.tls and self.pin is not None)


class PlaceBook(Protocol):
    """Finds the place of a camera by the serial number it is expected to have."""

    def place_of(self, serial: str) -> CameraPlace | None:
        """The place, or None where none is known. Called for each operation, from any thread; returns at once."""


def hidden_of(place: CameraPlace) -> tuple[str, ...]:
    """What a camera might quote and nobody may read: its password, account and address."""
    # A user name of one or two letters would only punch holes into words.
    return (place.password.reveal() if place.password is not None else "", place.username if len(place.username) > 2 else "", place.host)
