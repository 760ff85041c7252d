"""What a check of a picture or a plan found: values only, so that reading them needs neither numpy nor OpenCV."""

from dataclasses import dataclass
from enum import StrEnum

from provisioner.fault import Text

Outline = tuple[tuple[float, float], ...]
"""Corners in order, in pixels of the picture as it came: x to the right, y down."""


class Severity(StrEnum):
    """How much a finding matters. Only a person decides, but for what the plan declares as blocking."""

    BROKEN = "broken"   # the picture itself is not to be trusted: take another one, judge nothing by this one
    ACT = "act"         # something has to be done with the hands before the camera may serve
    LOOK = "look"       # a person has to look whether it matters here
    NOTE = "note"       # told for completeness


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `kind` is a short name for machines (`glare`, `ir_hotspot`, `mirror_present`), `text` says what to do with the hands.

    `certainty` 0 to 1: 1 is measured in the picture by the camera's own light or known from the plan, less is what one frame alone suggests.
    `value`, `limit`, `unit`: what was measured and what it was held against, where there is a number. `region`: where in the picture; empty for all of it.
    """

    kind: str
    severity: Severity
    text: Text
    certainty: float = 1.0
    region: Outline = ()
    value: float | None = None
    limit: float | None = None
    unit: str = ""

    @property
    def spoils(self) -> bool:
        """Whether the picture is broken."""
        return self.severity is Severity.BROKEN
