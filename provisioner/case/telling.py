"""When the feedback texts may be made, and from what (R41, R42, invariant 3)."""

from provisioner.case.model import Case, State
from provisioner.documents.feedback import Begun, Feedback, feedback

_BEGUN = frozenset({State.REBOUND, State.SWITCHED, State.RECEIVING_INFORMED, State.HANDING_OVER_INFORMED, State.DOCUMENTED, State.CLOSED})


def begun_of(case: Case) -> Begun | None:
    """What may be said of a supervision that has begun; None before the alarm centre has confirmed in both ways. The serial is the case's, which the label
    showed and, where a camera was read, the camera too (it may tell it in its maker's longer form)."""
    serial = case.expected_serial if case.identity is not None else case.visit.serial if case.visit is not None else None
    if case.state not in _BEGUN or serial is None or case.began_at is None:
        return None
    return Begun(case.case_number, case.moves, serial, case.began_at, case.replaced_serials)


def feedback_of(case: Case) -> Feedback | None:
    """The texts; None before they may be said."""
    begun = begun_of(case)
    return feedback(begun) if begun is not None else None
