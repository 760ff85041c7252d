"""What the whole check found, as values, and as the JSON that machines read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry import mapping

from provisioner.scene.findings import Finding
from provisioner.scene.sight import Sight
from provisioner.scene.sign_place import SignPlaces

FLAGS = ("glare", "ir_hotspot", "mirror_present", "mirror_view", "unsharp_day", "unsharp_night", "smeared", "dark_day", "dark_night", "tilted", "obstructed")


@dataclass(frozen=True, slots=True)
class BedReport:
    """The bed. `visible`: share of all of it that is seen. `status`: ok, half (cut by the picture's edge), out, occluded."""

    visible: float | None
    px_per_m: float | None
    status: str


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What the plan says by itself."""

    sight: Sight
    places: SignPlaces

    def as_json(self) -> dict[str, Any]:
        """The floor as GeoJSON polygons in metres, and the sign's places, best first; none where none is possible."""
        return {"direct": mapping(self.sight.direct), "mirrored": mapping(self.sight.mirrored), "sign_places": [
            {"at": list(place.at), "wall": place.wall, "score": place.score,
             "reasons": [{"row": reason.row, "holds": reason.holds, "text": {"sv": reason.text.sv, "en": reason.text.en}} for reason in place.reasons]}
            for place in self.places.possible]}


@dataclass(frozen=True, slots=True)
class SceneReport:
    """`flags`: one of `FLAGS` each; None is "could not tell", never "no". `measures`: numbers by name, the unit last in it. `refl`: bits per pixel, 1 blown
    glare, 2 soft glare, 4 infrared hot-spot, 8 mirror, 0 elsewhere; None without a picture to draw it on."""

    flags: Mapping[str, bool | None]
    measures: Mapping[str, float | None]
    findings: tuple[Finding, ...]
    bed: BedReport | None = None
    mask_coverage: float | None = None
    plan: PlanReport | None = None
    refl: npt.NDArray[np.uint8] | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return {
            "flags": {name: self.flags.get(name) for name in FLAGS},
            "measures": {name: _rounded(value) for name, value in self.measures.items()},
            "zones": {} if self.bed is None else {"bed": {"visible": _rounded(self.bed.visible), "px_per_m": _rounded(self.bed.px_per_m), "status": self.bed.status}},
            "mask": None if self.mask_coverage is None else {"coverage": _rounded(self.mask_coverage)},
            "plan": None if self.plan is None else self.plan.as_json(),
            "findings": [_finding(finding) for finding in self.findings],
        }


def _finding(finding: Finding) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": finding.kind, "severity": str(finding.severity), "region": [[round(x, 1), round(y, 1)] for x, y in finding.region],
                            "certainty": round(finding.certainty, 2), "text": {"sv": finding.text.sv, "en": finding.text.en}}
    if finding.value is not None:
        told |= {"value": _rounded(finding.value), "limit": _rounded(finding.limit), "unit": finding.unit}
    return told


def _rounded(value: float | None) -> float | None:
    """JSON knows no infinity; what could not be measured is null."""
    return None if value is None or not np.isfinite(value) else round(float(value), 4)
