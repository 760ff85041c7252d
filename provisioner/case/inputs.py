"""All that can happen to a case. Five kinds of input; what a person said is a closed union of statements."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, Rotation, Zone
from provisioner.case.evidence import Dossier, IdentityPolicy
from provisioner.case.model import (
    Binding,
    BindingState,
    Booking,
    CaseKind,
    Consent,
    Duty,
    Exit,
    FallbackMode,
    FrameReport,
    Identity,
    Notice,
    Role,
    Token,
)
from provisioner.case.posture import Posture
from provisioner.fault import Fault

# ---- what people say ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandingOverNotice:
    """The handing-over unit's support form (R6-R12). Said again, it replaces the earlier one: that is how a question is answered (R25)."""

    notice: Notice
    kind: Literal["handing_over_notice"] = "handing_over_notice"


@dataclass(frozen=True, slots=True)
class ReceivingNotice:
    """The receiving unit's support form (R15-R22)."""

    notice: Notice
    kind: Literal["receiving_notice"] = "receiving_notice"


@dataclass(frozen=True, slots=True)
class Booked:
    """Both times are agreed (R28, R29). Said again, it replaces the earlier booking as long as nothing was dismantled."""

    booking: Booking
    kind: Literal["booked"] = "booked"


@dataclass(frozen=True, slots=True)
class FallbackAcknowledged:
    """The responsible unit covers the home by visits, and a named person said so (D6)."""

    fallback_ref: str
    unit_ref: str
    person_ref: str
    mode: FallbackMode = FallbackMode.VISITS
    review_at: datetime | None = None
    kind: Literal["fallback_acknowledged"] = "fallback_acknowledged"


@dataclass(frozen=True, slots=True)
class DismantlingBegins:
    """The technician is at the old home and is about to take the camera down: now, not days before, the looks are suspended."""

    kind: Literal["dismantling_begins"] = "dismantling_begins"


@dataclass(frozen=True, slots=True)
class Dismantled:
    """R31. `found`: somebody else had taken it down (U34). `typed_reason` is set where the label was typed twice instead of scanned (D2)."""

    scanned: str
    old_sign_removed: bool
    found: bool = False
    typed_reason: str = ""
    kind: Literal["dismantled"] = "dismantled"


@dataclass(frozen=True, slots=True)
class Mounted:
    """R32, D12: on the wall in the new home, with consents and the assessment's reference."""

    scanned: str
    consents: tuple[Consent, ...]
    cohabitants_asked: bool
    assessment_ref: str
    typed_reason: str = ""
    kind: Literal["mounted"] = "mounted"


@dataclass(frozen=True, slots=True)
class VisitStarted:
    """The technician triggers the on-site check: label just scanned, and nobody in view or the person agrees (D11)."""

    scanned: str
    scanned_at: datetime
    nobody_in_view_or_agrees: bool
    typed_reason: str = ""
    kind: Literal["visit_started"] = "visit_started"


@dataclass(frozen=True, slots=True)
class FrameWanted:
    """Another preview frame, after the camera was turned (at most six a visit, D11)."""

    kind: Literal["frame_wanted"] = "frame_wanted"


@dataclass(frozen=True, slots=True)
class ZonesDrawn:
    """Where the camera must not see: the bathroom door, the neighbour's window. Masks are made of them and proved. Said again, it replaces them."""

    zones: tuple[Zone, ...]
    kind: Literal["zones_drawn"] = "zones_drawn"


@dataclass(frozen=True, slots=True)
class ViewAccepted:
    """R37's three judgements, and that the camera stays where it is (R38)."""

    monitoring_area_ok: bool
    reflections_ok: bool
    floor_plan_considered: bool
    final_position: bool
    kind: Literal["view_accepted"] = "view_accepted"


@dataclass(frozen=True, slots=True)
class CameraMoved:
    """The camera was turned or moved after the view check: view, sign and test look are judged anew (R38)."""

    kind: Literal["camera_moved"] = "camera_moved"


@dataclass(frozen=True, slots=True)
class SignPlaced:
    """R33-R36."""

    languages: tuple[str, ...]
    near_rooms: bool
    not_from_front_door: bool
    covers_reflections: bool
    kind: Literal["sign_placed"] = "sign_placed"


@dataclass(frozen=True, slots=True)
class TestLookStarted:
    """The one-time code, which the shell made up (D9). The camera writes it into its picture; `card_held`: the technician holds it up on a card."""

    challenge_id: str
    code: str
    card_held: bool = False
    kind: Literal["test_look_started"] = "test_look_started"

    __test__ = False


@dataclass(frozen=True, slots=True)
class SerialConfirmed:
    """Provider change only: the serial read from the label by the unit or the technician, no picture (P). `ask_camera`: have it read back too."""

    scanned: str
    typed_reason: str = ""
    ask_camera: bool = False
    kind: Literal["serial_confirmed"] = "serial_confirmed"


@dataclass(frozen=True, slots=True)
class DutyDone:
    """One row of the routine was done, or waived with a reason of at least ten characters by the team lead."""

    duty: Duty
    note: str = ""
    waived: bool = False
    kind: Literal["duty_done"] = "duty_done"


@dataclass(frozen=True, slots=True)
class TaskDone:
    """A task raised by the case is done."""

    key: str
    note: str = ""
    kind: Literal["task_done"] = "task_done"


@dataclass(frozen=True, slots=True)
class TryAgain:
    """A person has seen to what stopped an errand; ask again."""

    kind: Literal["try_again"] = "try_again"


@dataclass(frozen=True, slots=True)
class ExitWanted:
    """Leave the ordinary way. `reason` is for people; for termination `reason_code` is a class only, never words on health."""

    exit: Exit
    reason: str
    new_serial: str = ""
    kind: Literal["exit_wanted"] = "exit_wanted"


@dataclass(frozen=True, slots=True)
class Resumed:
    """The end of a hold: the case goes on where it stood."""

    kind: Literal["resumed"] = "resumed"


Statement = (HandingOverNotice | ReceivingNotice | Booked | FallbackAcknowledged | DismantlingBegins | Dismantled | Mounted | VisitStarted
             | FrameWanted | ZonesDrawn | ViewAccepted | CameraMoved | SignPlaced | TestLookStarted | SerialConfirmed | DutyDone | TaskDone | TryAgain
             | ExitWanted | Resumed)

# ---- what effects brought back --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegistryReply:
    """The alarm centre's own answer to a command."""

    result: Literal["accepted", "completed", "rejected"]
    code: str | None
    at: datetime
    bindings: tuple[Binding, ...] = ()
    next_look_at: datetime | None = None
    code_seen: str | None = None
    kind: Literal["registry_reply"] = "registry_reply"


@dataclass(frozen=True, slots=True)
class IdentityRead:
    """The camera's own words about itself, and what the judgement needs besides: the dossier that was pinned of the expected serial number, and what the
    fleet knows of the values that were read. Both are put in when the answer is taken, so that a journal holds all that was judged by."""

    identity: Identity
    pinned: Dossier | None = None
    policy: IdentityPolicy = field(default_factory=IdentityPolicy)
    kind: Literal["identity_read"] = "identity_read"


@dataclass(frozen=True, slots=True)
class FrameJudged:
    """Numbers about one preview frame."""

    report: FrameReport
    kind: Literal["frame_judged"] = "frame_judged"


@dataclass(frozen=True, slots=True)
class CredentialsRotated:
    """What became of the accounts."""

    rotation: Rotation
    kind: Literal["credentials_rotated"] = "credentials_rotated"


@dataclass(frozen=True, slots=True)
class PostureJudged:
    """How the camera is set, item by item."""

    posture: Posture
    kind: Literal["posture_judged"] = "posture_judged"


@dataclass(frozen=True, slots=True)
class CameraMarked:
    """The mark as it was read back."""

    marking: Marking
    kind: Literal["camera_marked"] = "camera_marked"


@dataclass(frozen=True, slots=True)
class ZonesMasked:
    """The masks, and what the second frame proved of them."""

    masking: Masking
    kind: Literal["zones_masked"] = "zones_masked"


@dataclass(frozen=True, slots=True)
class CodeDisplayed:
    """Whether the code stands in the picture, after it was written or taken away."""

    display: CodeDisplay
    kind: Literal["code_displayed"] = "code_displayed"


@dataclass(frozen=True, slots=True)
class CameraRetired:
    """What the receipt says."""

    retirement: Retirement
    kind: Literal["camera_retired"] = "camera_retired"


CameraAnswer = IdentityRead | FrameJudged | CredentialsRotated | PostureJudged | CameraMarked | ZonesMasked | CodeDisplayed | CameraRetired
Answer = RegistryReply | CameraAnswer

# ---- what the alarm centre tells by itself --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BindingSeen:
    """The retained state of a binding."""

    binding_id: str
    state: BindingState
    revision: int
    serial_last4: str
    kind: Literal["binding_seen"] = "binding_seen"


@dataclass(frozen=True, slots=True)
class LookDone:
    """A real look happened. Only OK has a meaning here (D24); the rest is the alarm centre's business."""

    binding_id: str
    at: datetime
    ok: bool
    kind: Literal["look_done"] = "look_done"


@dataclass(frozen=True, slots=True)
class ChangedExternally:
    """Somebody edited the registry by hand."""

    binding_id: str
    revision: int
    kind: Literal["changed_externally"] = "changed_externally"


@dataclass(frozen=True, slots=True)
class FirstLookPlanned:
    """When the next planned look of a binding is (D7)."""

    binding_id: str
    at: datetime
    kind: Literal["first_look_planned"] = "first_look_planned"


News = BindingSeen | LookDone | ChangedExternally | FirstLookPlanned

# ---- the five inputs -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """A case begins. Always the first line of a journal."""

    case_id: str
    case_number: str
    case_kind: CaseKind
    routine_version: str = "2021:1"
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Said:
    """A person said something. `seen_revision`, where given, is the revision the person was looking at."""

    by: str
    role: Role
    what: Statement
    seen_revision: int | None = None
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Answered:
    """An effect succeeded, or was answered by the registry."""

    token: Token
    answer: Answer
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True)
class Failed:
    """An effect did not succeed."""

    token: Token
    fault: Fault
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Heard:
    """The alarm centre said something by itself."""

    news: News
    kind: Literal["heard"] = "heard"


@dataclass(frozen=True, slots=True)
class Woke:
    """`wake_at` has come."""

    kind: Literal["woke"] = "woke"


Input = Opened | Said | Answered | Failed | Heard | Woke

