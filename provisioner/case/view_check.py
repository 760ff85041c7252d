"""What the check of a camera's view is asked, what it says, and what people say beside it: numbers, sentences and decisions, never a picture.

Nothing here is finer than a place in words (`upper left`): a case holds nothing from which a picture of a home could be made again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from provisioner.case.device import Corner, Zone
from provisioner.fault import Text
from provisioner.scene.findings import Severity

Look = Literal["day", "night", "night_off", "night_short"]
"""What a frame was taken of: the room as it is; infrared with the camera's lamp; the same without the lamp; with the lamp and a tenth of the exposure."""

MATTRESS_CM = (80, 90, 105, 120, 140, 160, 180, 200)
"""Widths that mattresses are sold in, and 200, the one length: what two tapped points can be apart."""
BLINDS = frozenset({"glare", "ir_hotspot"})
"""Findings that hide what lies below them."""


@dataclass(frozen=True, slots=True)
class Bed:
    """Where the bed is in the picture, as the technician drew it. `tapped`: two corners of the mattress (or none), `tapped_cm` apart."""

    outline: Zone
    tapped: tuple[Corner, ...] = ()
    tapped_cm: int = 0


@dataclass(frozen=True, slots=True)
class ViewAsked:
    """What a check is made with. `frames_most`: so many pictures may be taken of the room, of any kind (D11); 1 is a look at the room as it is, 3 are
    needed for the night. `plan`: the floor plan as JSON, '' where there is none. `camera_height_m` above the floor."""

    frames_most: int = 1
    bed: Bed | None = None
    forbidden: tuple[Zone, ...] = ()
    plan: str = ""
    camera_height_m: float | None = None


@dataclass(frozen=True, slots=True)
class SceneFinding:
    """One finding, with the number that people call it by. `place` in words, None for the whole picture; `over_bed`: it lies over the bed drawn."""

    number: int
    kind: str
    severity: Severity
    certainty: float
    text: Text
    place: Text | None = None
    over_bed: bool = False
    value: float | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a check with its unit."""

    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class BedSeen:
    """How the bed is seen: `visible` the share (0..1) of it that is; `px_per_m` None where nobody tapped the mattress."""

    status: Literal["ok", "half", "out", "occluded"]
    visible: float
    px_per_m: float | None = None


@dataclass(frozen=True, slots=True)
class SignPlace:
    """A place for the sign that the plan allows, best first; `possible` False: none is right, and this is the least bad. `at_m`: in the plan."""

    at_m: tuple[float, float]
    wall: str
    score: float
    possible: bool
    reasons: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class SceneCheck:
    """What one check said. `looks`: the pictures it had. `exposure`: whether lamp on and lamp off were taken with the same one. `restored`: the camera's
    own settings read back afterwards; None where none were changed. `missing`: what could not be had, and why. `sign_places`: None without a plan."""

    looks: tuple[Look, ...]
    exposure: Literal["locked", "estimated", "none"]
    restored: bool | None
    missing: tuple[Text, ...]
    findings: tuple[SceneFinding, ...]
    measures: tuple[Measure, ...] = ()
    bed: BedSeen | None = None
    sign_places: tuple[SignPlace, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReflectionWord:
    """A technician's word on a reflection. `finding` None: the check had not found it. Both are kept: neither replaces the other."""

    finding: SceneFinding | None
    is_reflection: bool
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ViewOverride:
    """The team lead has answered for a finding that stops the view."""

    block: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A finding that stops the view. `overridable`: the team lead may answer for it, with a reason. `text`: why it stops, and the way out."""

    overridable: bool
    text: Text


def block_of(finding: SceneFinding) -> str:
    """The name under which this finding may stop a view (`plan.VIEW_BLOCKS`)."""
    if finding.kind in BLINDS and finding.over_bed:
        return "bed_blinded"
    return finding.kind
