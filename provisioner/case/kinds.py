"""The closed lists of the trade: kinds of case, states, roles, duties, exits."""

from enum import StrEnum


class CaseKind(StrEnum):
    """R4: exactly three situations."""

    MOVE_ONLY = "MOVE_ONLY"
    PROVIDER_CHANGE_ONLY = "PROVIDER_CHANGE_ONLY"
    MOVE_AND_PROVIDER_CHANGE = "MOVE_AND_PROVIDER_CHANGE"


class State(StrEnum):
    """Where a case stands. The order and the ways between them are in `plan.py`."""

    DRAFT = "DRAFT"
    AWAITING_COUNTERPART = "AWAITING_COUNTERPART"
    NEEDS_INFO = "NEEDS_INFO"
    READY = "READY"
    BOOKED = "BOOKED"
    LOOKS_SUSPENDED = "LOOKS_SUSPENDED"
    DISMANTLED = "DISMANTLED"
    INSTALLED = "INSTALLED"
    IDENTITY_VERIFIED = "IDENTITY_VERIFIED"
    VIEW_CHECKED = "VIEW_CHECKED"
    SIGN_PLACED = "SIGN_PLACED"
    TEST_LOOK_OK = "TEST_LOOK_OK"
    REBOUND = "REBOUND"
    SERIAL_CONFIRMED = "SERIAL_CONFIRMED"
    SWITCH_SCHEDULED = "SWITCH_SCHEDULED"
    SWITCHED = "SWITCHED"
    RECEIVING_INFORMED = "RECEIVING_INFORMED"
    HANDING_OVER_INFORMED = "HANDING_OVER_INFORMED"
    DOCUMENTED = "DOCUMENTED"
    CLOSED = "CLOSED"
    ON_HOLD = "ON_HOLD"
    PAUSED = "PAUSED"
    SWAP = "SWAP"
    ROLLING_BACK = "ROLLING_BACK"
    ROLLED_BACK = "ROLLED_BACK"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    UNDONE = "UNDONE"
    CANCELLED = "CANCELLED"


FINAL = frozenset({State.CLOSED, State.CANCELLED, State.ROLLED_BACK, State.TERMINATED, State.UNDONE})


class BindingState(StrEnum):
    """What the alarm centre sees (case-and-contract 6.1)."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    TEST = "TEST"
    RETIRED = "RETIRED"


class Role(StrEnum):
    """Who says something. Identity of the person is an opaque actor reference beside it."""

    TECHNICIAN = "technician"
    COORDINATOR = "coordinator"
    TEAM_LEAD = "team_lead"
    UNIT = "unit"
    OPERATOR = "operator"
    SYSTEM = "system"


class Duty(StrEnum):
    """Things a person does and then says are done; each is one row of the routine."""

    POSTURE_CONFIRMED = "posture_confirmed"                    # D15
    CREDENTIALS_ROTATED = "credentials_rotated"                # D16
    RECEIVING_PHONED = "receiving_phoned"                      # R39
    RECEIVING_FORM_SENT = "receiving_form_sent"                # R39
    HANDING_OVER_FORM_SENT = "handing_over_form_sent"          # R43
    CARE_RECORD_HANDING_OVER = "care_record_handing_over"      # R13
    CARE_RECORD_RECEIVING = "care_record_receiving"            # R23
    SERIAL_DOCUMENTED = "serial_documented"                    # R24
    KEYS_RETURNED = "keys_returned"                            # R5
    KEYS_SIGNED_OUT = "keys_signed_out"                        # R14
    IT_SUPPORT_UPDATED = "it_support_updated"                  # R26
    SURVEILLANCE_REGISTER_UPDATED = "surveillance_register_updated"  # KBL 10
    CAMERA_BACK_AT_OLD_HOME = "camera_back_at_old_home"        # roll back: mounted where it was
    TERMINATION_CONFIRMED = "termination_confirmed"            # H15: a second person
    LOOKS_ENDED_BY_HAND = "looks_ended_by_hand"                # D28 before the camera was known: the alarm centre was phoned


class ContactKind(StrEnum):
    """R52: whom to book with."""

    SERVICE_USER = "service_user"
    RELATED_PERSON = "related_person"
    UNIT = "unit"


class Visit(StrEnum):
    """The two appointments of a move (R28, R29)."""

    DISMANTLING = "dismantling"
    INSTALLATION = "installation"


class FallbackMode(StrEnum):
    """How a home is covered while its camera gives no looks."""

    VISITS = "VISITS"          # the night patrol goes there, at the times of the planned looks
    NOT_NEEDED = "NOT_NEEDED"  # asked explicitly and answered no (death, decision ended, hospital); a named person decided (D28)


class CoveredBy(StrEnum):
    """The coverage ledger's answer for a moment."""

    CAMERA = "CAMERA"
    VISITS = "VISITS"
    NOT_OWED = "NOT_OWED"
    NOBODY = "NOBODY"


class Exit(StrEnum):
    """Ways out of the ordinary way."""

    HOLD = "HOLD"
    CANCEL = "CANCEL"
    ROLL_BACK = "ROLL_BACK"
    TERMINATE = "TERMINATE"
    SWAP = "SWAP"
    PAUSE = "PAUSE"            # U17: a hospital stay before the camera is touched: no looks, reviewed within a week
    REFUSED = "REFUSED"        # U12: the home says no on the day; freezes the case until somebody decides: roll back, terminate, or they have said yes
    WRONG_CASE = "WRONG_CASE"  # D27: freezes the case: no command goes out; the binding stays what it is, and is never RETIRED
