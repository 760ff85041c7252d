"""The register of surveillance (KBL 10 §): one row for each home that is, or was, watched by a camera of a case. Pure.

The place stands as the opaque reference of the site, which KBL calls data comparable to an address; the organisation that answers for the camera has the key
to it, and a protected person's row looks like everybody's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.case.model import BindingState, Case

PURPOSE = "digital supervision of a service user at planned times, instead of a visit (SoL 10:6)"
TECHNIQUE = "still or moving picture for a short time at planned times; no sound, nothing recorded"


@dataclass(frozen=True, slots=True)
class Row:
    """One surveillance. `assessment_ref`: KBL 7-9. `ended_at` None: it goes on. `sound` and technique as the posture check proved them."""

    binding_id: str
    site_ref: str
    place: str
    purpose: str
    sound: str
    technique: str
    assessment_ref: str
    assessed_before: str
    began_at: str
    ended_at: str
    updated_in_case: str


def register_rows(cases: Iterable[Case], ended_at: Mapping[str, datetime]) -> list[Row]:
    """Rows of all cases whose camera came to watch a new home, oldest first. `ended_at`: when each binding was retired, by its id."""
    rows = []
    for case in cases:
        binding = case.new_binding
        if binding is None or case.began_at is None or not case.rebind_completed:
            continue
        silent = case.posture is not None and case.posture.acceptable
        end = ended_at.get(binding.binding_id) if binding.state is BindingState.RETIRED or binding.binding_id in ended_at else None
        mount = case.mount
        rows.append(Row(binding.binding_id, binding.site_ref, "dwelling, ordinary housing", PURPOSE, "none (proved)" if silent else "not proved", TECHNIQUE,
                        mount.assessment_ref if mount else "", mount.scan.at.isoformat() if mount else "", case.began_at.isoformat(),
                        end.isoformat() if end else "", case.case_number))
    return sorted(rows, key=lambda row: (row.began_at, row.binding_id))
