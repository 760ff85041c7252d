"""When the feedback texts may be made, and from what (R41, R42, invariant 3)."""

from provisioner.case.model import Case, State
from provisioner.documents.feedback import Begun, Feedback, feedback

_BEGUN = frozenset({State.REBOUND, State.SWITCHED, State.RECEIVING_INFORMED, State.HANDING_OVER_INFORMED, State.DOCUMENTED, State.CLOSED})


def feedback_of(case: Case) -> Feedback | None:
    """The texts; None before the alarm centre has confirmed in both ways. The serial is the one the camera itself reported, else the scanned label's."""
    serial = case.identity.serial if case.identity is not None else case.visit.serial if case.visit is not None else None
    if case.state not in _BEGUN or serial is None or case.began_at is None:
        return None
    return feedback(Begun(case.case_number, case.moves, serial, case.began_at))
