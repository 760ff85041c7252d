"""The records of what people, devices and the alarm centre said. Values only."""

from dataclasses import dataclass
from datetime import date, datetime

from provisioner.case.effects import Effect
from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy, Verdict
from provisioner.case.identifiers import AssetNumber, SerialNumber
from provisioner.case.kinds import BindingState, ContactKind, CoveredBy, Exit, FallbackMode, Visit
from provisioner.case.view_check import SceneCheck
from provisioner.fault import Fault, Text


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
    dismantle_technician: str = ""      # who comes, as an opaque reference
    install_technician: str = ""


@dataclass(frozen=True, slots=True)
class Engaged:
    """A time that a technician has promised away, in which case, and for which of its two visits. One visit may be for several cameras of one household
    (`group_ref`)."""

    technician: str
    begins_at: datetime
    ends_at: datetime
    case_number: str
    visit: Visit
    group_ref: str = ""


@dataclass(frozen=True, slots=True)
class BookingTaken:
    """A booking as it was taken: by whom, and when. The last one of a case is the one that holds."""

    booking: Booking
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NobodyHome:
    """U19: the technician stood at the door, and nobody opened."""

    visit: Visit
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """What the technician found in the new home (U18, U28): a socket within reach, a network that reaches the camera, a supply that no light switch or
    switched strip cuts, the landlord's leave to fasten it (True also where none is needed), and whether the equipment was cleaned (None: not asked)."""

    socket: bool
    signal: bool
    power_unswitched: bool
    landlord_agrees: bool
    cleaned: bool | None
    by: str
    at: datetime
    note: str = ""


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
    for_ending: bool = False   # said while supervision was being ended: the explicit answer that D28 asks for


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
class Unread:
    """Something that the camera was asked about itself and that could not be read. `asked` is the name of the call; unknown is never a no."""

    asked: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Identity:
    """What the camera said of itself, after login where it wants one (D2, D3).

    `evidence` is all of it, as read and piece by piece; empty in records of before there was any. `marks` are the binding ids that the camera carries
    (`marker.py`); None where that could not be read. `serial_format` names the rule of its device profile (`serial_formats.py`). `unread` says what is
    missing in `evidence`, and why.
    """

    serial_reported: str
    serial: SerialNumber | None
    manufacturer: str
    model: str
    firmware: str
    hardware_id: str
    clock_offset_s: float | None
    read_at: datetime
    evidence: tuple[Evidence, ...] = ()
    marks: tuple[str, ...] | None = None
    serial_format: str = "plain"
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """The last judgement of the camera before the case, with all that it was made from: `dossier.judge` of it gives every sentence again.

    `seen` holds the label too. `marker` is what the mark on the camera means (`marker.MarkerFinding.verdict`).
    """

    verdict: Verdict
    marker: str
    expected: SerialNumber
    seen: Dossier
    pinned: Dossier | None
    policy: IdentityPolicy


@dataclass(frozen=True, slots=True)
class FrameReport:
    """Numbers about a preview; never a frame. `trusted` False: a concealed or broken picture, take another; `good`: nothing found wrong. All but `scene` is
    of the first frame, of the room as it is; `frames`: how many were taken in all (D11); `scene`: what the check of the view said of them together."""

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
    frames: int = 1
    scene: SceneCheck | None = None


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
    place: str = ""                   # in words (U25); never a photo


@dataclass(frozen=True, slots=True)
class TestLook:
    """D9: the code shown in the picture and what the operator saw. `in_picture`: the camera writes it.
    `by_card`: it is held up; `cleared`: no older code is in the picture that could be read instead."""

    challenge_id: str
    code: str
    started_at: datetime
    by: str
    by_card: bool = False
    in_picture: bool = False
    cleared: bool = False
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
    in_doubt: bool = False     # a command went out and its outcome is unknown: the registry may stand on either side
    shown: tuple[Binding, ...] = ()  # what a rejection showed; adopted when a person says try again


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
    """An exit that was asked for, by whom and why."""

    exit: Exit
    by: str
    at: datetime
    reason: str
    new_serial: SerialNumber | None = None
