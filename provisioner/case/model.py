"""What a case knows: states, bindings, and the records of what people and devices said. Values only; `advance.py` makes new ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from provisioner.case.effects import Effect
from provisioner.case.identifiers import AssetNumber, SerialNumber
from provisioner.fault import Fault, Text


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
    SWAP = "SWAP"
    ROLLING_BACK = "ROLLING_BACK"
    ROLLED_BACK = "ROLLED_BACK"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    CANCELLED = "CANCELLED"


FINAL = frozenset({State.CLOSED, State.CANCELLED, State.ROLLED_BACK, State.TERMINATED})


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


class ContactKind(StrEnum):
    """R52: whom to book with."""

    SERVICE_USER = "service_user"
    RELATED_PERSON = "related_person"
    UNIT = "unit"


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
    WRONG_CASE = "WRONG_CASE"  # D27: freezes the case; the binding goes to SUSPENDED with fallback by hand, never to RETIRED


@dataclass(frozen=True, slots=True)
class Binding:
    """One row of the alarm centre's registry as it last told us."""

    binding_id: str
    serial: SerialNumber
    site_ref: str
    provider_ref: str
    schedule_ref: str
    state: BindingState
    revision: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A support form as far as the core needs it: opaque references and dates. The names and numbers stay in the people table (D20).

    `missing` names the mandatory fields of R7-R12 or R16-R22 that were left out. `person_ref` is the same for two forms exactly when the person
    numbers are equal.
    """

    form_ref: str
    arrived_at: datetime
    person_ref: str
    unit_ref: str
    provider_ref: str
    site_ref: str
    move_date: date | None
    provider_effective_at: datetime | None
    contacts: tuple[ContactKind, ...]
    serial: SerialNumber | None = None            # R11, the handing-over form only
    asset_number: AssetNumber | None = None
    keys_signed_out: bool | None = None           # R20, the receiving form only
    street_key: str | None = None                 # R14: yes, not_required, missing
    sign_languages: tuple[str, ...] = ("sv",)     # R22
    housing_is_ordinary: bool = True              # R1, U15
    decision_ref: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """Both times, and the first planned look after the installation (D7)."""

    dismantle_from: datetime
    dismantle_to: datetime
    install_from: datetime
    install_to: datetime
    first_look_at: datetime
    dismantle_contact: ContactKind
    install_contact: ContactKind
    contact_reason: str = ""            # R30: why a contact that the form does not name


@dataclass(frozen=True, slots=True)
class Fallback:
    """Physical supervision in force (D6). `unit_ref` and `person_ref` say who acknowledged it, as opaque references."""

    fallback_ref: str
    mode: FallbackMode
    unit_ref: str
    person_ref: str
    acknowledged_at: datetime
    review_at: datetime
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """SoLPUL 9: the service user's and each cohabitant's. Opaque subject."""

    subject: str           # "service_user" or "cohabitant-1", ...
    given: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """Who did it, when, and (for a waiver) why not."""

    by: str
    at: datetime
    note: str = ""
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """A label read on site: what it said after normalisation, or double-typed with a reason (D2)."""

    serial: SerialNumber
    by: str
    at: datetime
    typed_reason: str = ""


@dataclass(frozen=True, slots=True)
class Mount:
    """R32, D12: the camera on the wall of the new home."""

    scan: Scan
    consents: tuple[Consent, ...]
    cohabitants_asked: bool
    assessment_ref: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What the camera said of itself after login (D2, D3)."""

    serial_reported: str
    serial: SerialNumber | None
    manufacturer: str
    model: str
    firmware: str
    hardware_id: str
    clock_offset_s: float | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class FrameReport:
    """Numbers about one preview frame; never the frame. `trusted` False: a concealed or broken picture, take another; `good`: nothing found wrong."""

    source: str                       # "rtsp" or "snapshot"
    codec: str
    width_px: int
    height_px: int
    took_s: float
    trusted: bool
    good: bool
    mean_luma: float                  # 0..255
    sharpness: float                  # unit and method in scene/quality.py
    findings: tuple[Text, ...]
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class ViewDecision:
    """R37: three judgements by a named person, after the final camera position (R38)."""

    monitoring_area_ok: bool
    reflections_ok: bool
    floor_plan_considered: bool
    final_position: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignDecision:
    """R33-R37."""

    languages: tuple[str, ...]
    near_rooms: bool
    not_from_front_door: bool
    covers_reflections: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TestLook:
    """D9: the code shown before the lens and what the operator saw."""

    challenge_id: str
    code: str
    started_at: datetime
    by: str
    code_seen: str | None = None
    answered_at: datetime | None = None

    __test__ = False  # not a test class, whatever its name

    @property
    def ok(self) -> bool:
        """Both saw the same code."""
        return self.code_seen is not None and self.code_seen == self.code


@dataclass(frozen=True, slots=True)
class Seen:
    """A retained state message of the alarm centre."""

    binding_id: str
    state: BindingState
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """The name of one attempt of one errand; `attempt` counts through the whole case, so no two attempts ever share a token.

    A late answer is known by a token that no errand of the case carries any more.
    """

    leg: int
    errand: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Errand:
    """An effect whose answer the case waits for. `retry_at` is set while it rests between two attempts; `deadline_at` while one is under way."""

    token: Token
    effect: Effect
    owed_at: datetime
    deadline_at: datetime | None
    retry_at: datetime | None = None
    failures: int = 0
    fault: Fault | None = None
    accepted: bool = False     # the registry took it for later (change_provider)
    stuck: bool = False        # patience over, or rejected: a person must act


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must do that the plan did not foresee as a step: a phone call, a correction."""

    key: str
    text: Text
    raised_at: datetime
    done: Done | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """One line of the coverage ledger: from `at` on, the home is covered by `by`."""

    at: datetime
    by: CoveredBy


@dataclass(frozen=True, slots=True)
class Wanted:
    """An exit that was asked for and waits for a registry command in flight, or is under way."""

    exit: Exit
    by: str
    at: datetime
    reason: str
    new_serial: SerialNumber | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `revision` grows by one with each input that changed it; `leg` with each state entered."""

    case_id: str
    case_number: str
    kind: CaseKind
    opened_at: datetime
    routine_version: str = "2021:1"                  # R3, U30
    state: State = State.DRAFT
    entered_at: datetime | None = None
    leg: int = 0
    revision: int = 0
    handing_over: Notice | None = None
    receiving: Notice | None = None
    expected_serial: SerialNumber | None = None
    replaced_serials: tuple[SerialNumber, ...] = ()  # swapped out (D14)
    looked_up: bool = False                          # the registry answered about the expected serial
    old_binding: Binding | None = None
    new_binding: Binding | None = None
    booking: Booking | None = None
    fallback: Fallback | None = None
    dismantling_begun: Done | None = None
    dismantle: Scan | None = None
    old_sign_removed: bool = False
    mount: Mount | None = None
    visit: Scan | None = None
    confirm_by_camera: bool = False                  # provider change: the label was not enough for the person
    identity: Identity | None = None
    frames_taken: int = 0
    frame: FrameReport | None = None
    view: ViewDecision | None = None
    sign: SignDecision | None = None
    test_look: TestLook | None = None
    rebind_completed: bool = False
    switch_completed: bool = False
    seen: tuple[Seen, ...] = ()
    first_look_ok_at: datetime | None = None
    done: Mapping[Duty, Done] = field(default_factory=dict)
    it_supports_done: tuple[str, ...] = ()
    wanted: Wanted | None = None
    held_from: State | None = None
    first_look_at: datetime | None = None
    raised: tuple[str, ...] = ()                     # escalations already owed, by key
    asked: int = 0                                   # attempts ever made; the next token's number
    errands: tuple[Errand, ...] = ()
    tasks: tuple[Task, ...] = ()
    cover: tuple[Cover, ...] = ()
    wake_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        """Whether the case is over."""
        return self.state in FINAL

    @property
    def moves(self) -> bool:
        """Whether the camera goes to another home (R27)."""
        return self.kind is not CaseKind.PROVIDER_CHANGE_ONLY

    @property
    def changes_provider(self) -> bool:
        """Whether the care provider changes."""
        return self.kind is not CaseKind.MOVE_ONLY

    def errand(self, token: Token) -> Errand | None:
        """The errand that waits under exactly this token."""
        return next((errand for errand in self.errands if errand.token == token), None)

    def errand_named(self, name: str) -> Errand | None:
        """The errand of this name, whatever its attempt."""
        return next((errand for errand in self.errands if errand.token.errand == name), None)
