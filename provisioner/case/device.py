"""What was done to a camera and what became of it: values only, without a name, an address, a password or a picture in any of them.

Each says what was seen afterwards, not what the camera replied: some reply 200 and do nothing (Tapo's user management).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from provisioner.fault import Text

Corner = tuple[float, float]
Zone = tuple[Corner, ...]
"""A polygon in the picture by its corners in order, in ONVIF's normalised coordinates: x -1 (left) to 1 (right), y -1 (bottom) to 1 (top)."""

FRAMES_OF_A_MASKING = 2
"""Before the masks and after; both count among the frames of a visit (D11). Each is looked at as a still and in the stream, because cameras were seen to
mask only one of them: that is one look at the room by two ways, not two."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """D16: the camera has a new password, proved on a connection of its own.

    `way`: a new account was made beside the old one, which was then removed; or the account's password was set; or the camera lets neither be done
    (`unsupported`). `old_refused`: the old login was tried and refused; None where that could not be asked. `others_left` counts the accounts that are
    neither ours nor among the kept ones; None where the list could not be read.
    """

    way: Literal["new_account", "new_password", "unsupported"]
    new_proved: bool
    old_refused: bool | None
    others_removed: int
    others_left: int | None
    at: datetime
    sentence: Text

    @property
    def good(self) -> bool:
        """New proved, old refused, nobody else left."""
        return self.new_proved and self.old_refused is True and self.others_left == 0


@dataclass(frozen=True, slots=True)
class Marking:
    """The mark (an opaque binding id in a scope) as it was read back. `supported` False: the camera lets no scope be set."""

    marks: tuple[str, ...]
    supported: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ZoneProof:
    """One forbidden zone. `made`: the camera has a mask for it on read-back. `covered`: the share (0..1) of the zone's pixels that show nothing of the
    room in the second frame; None where no second frame could be compared."""

    made: bool
    covered: float | None

    @property
    def proved(self) -> bool:
        """At least 99 of 100 pixels show nothing; what is at the very edge of the mask is lost to the camera's grid."""
        return self.made and self.covered is not None and self.covered >= 0.99


@dataclass(frozen=True, slots=True)
class Masking:
    """Privacy masks for the forbidden zones, in their order; proved in a second frame. `supported` False: the camera has no masks."""

    zones: tuple[ZoneProof, ...]
    supported: bool
    at: datetime
    sentence: Text

    @property
    def proved(self) -> bool:
        """Whether every zone is."""
        return all(zone.proved for zone in self.zones)


@dataclass(frozen=True, slots=True)
class CodeDisplay:
    """The one-time code in the camera's picture (D9). `osd`: the camera writes it and it was read back. `card`: it cannot; a person holds a card up.
    After it was taken away, `shown` is False on read-back."""

    way: Literal["osd", "card"]
    shown: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Parking:
    """The lens turned away from the room, as read back; `parked` None where the camera does not tell. `supported` False: it cannot."""

    parked: bool | None
    supported: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ClearedItem:
    """One thing that a retired camera must have lost. `cleared` None: could not be asked."""

    what: Literal["identity", "credentials", "other_accounts", "masks", "osd", "scopes", "mark", "subscriptions", "event_brokers", "recordings", "lens"]
    cleared: bool | None
    count: int | None
    sentence: Text


@dataclass(frozen=True, slots=True)
class Retirement:
    """What the receipt says (R26, D16). `verified`: all of it gone on read-back; `partly`: some is not, or cannot be asked; `not_verified`: the camera
    could not be reached, and has to be wiped at the depot. `receipt_ref` names the signed receipt in the store."""

    state: Literal["verified", "partly", "not_verified"]
    items: tuple[ClearedItem, ...]
    way: Literal["in_place", "factory_default", "none"]
    receipt_ref: str
    at: datetime
