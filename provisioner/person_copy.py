"""A person's own copy of what is kept (GDPR 15): the fields that are theirs, and the timeline of each case, without third parties. Pure.

Who acted stands as a role, never as a name or an account: staff and relatives are third parties here. What a role wrote in words is left out for the same
reason; that it was said is in.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.case.audit import Line
from provisioner.case.inputs import Answered, Heard, Said
from provisioner.case.model import Case
from provisioner.ports import JournalLine


def timeline(lines: Iterable[JournalLine]) -> list[dict[str, str]]:
    """What happened in a case, oldest first: when, who (a role), what, and where the case stood then. What was refused or dropped changed nothing."""
    found = []
    for line in lines:
        if line.outcome in ("refused", "dropped"):
            continue
        what: str = line.input.kind
        by = "system"
        if isinstance(line.input, Said):
            what, by = line.input.what.kind, line.input.role.value
        elif isinstance(line.input, Heard):
            what, by = line.input.news.kind, "alarm_centre"
        elif isinstance(line.input, Answered):
            what = line.input.answer.kind
        found.append({"at": line.at.isoformat(), "by": by, "what": what, "state": line.state_after})
    return found


def case_copy(case: Case, fields: Mapping[str, str | None], lines: Iterable[JournalLine], reads: Iterable[Line]) -> dict[str, Any]:
    """One case of the copy. `reads`: the audit lines about it, of which role, purpose and number are told."""
    counts: dict[str, int] = {}
    for line in reads:
        if line.action in ("read", "exported", "shown"):
            counts[f"{line.role}: {line.purpose}"] = counts.get(f"{line.role}: {line.purpose}", 0) + 1
    return {"case_number": case.case_number, "case_kind": case.kind.value, "state": case.state.value, "opened_at": case.opened_at.isoformat(),
            "supervision_began_at": case.began_at.isoformat() if case.began_at else None, "data": dict(fields),
            "consents": [{"subject": one.subject, "given": one.given, "recorded_at": one.recorded_at.isoformat()}
                         for one in (case.mount.consents if case.mount else ()) if one.subject == "service_user"],
            "timeline": timeline(lines), "read_by": counts}
