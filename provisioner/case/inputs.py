"""All that can happen to a case. Five kinds of input; what a person said is a closed union of statements."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, Rotation
from provisioner.case.evidence import Dossier, IdentityPolicy
from provisioner.case.model import (
    Binding,
    BindingState,
    CaseKind,
    FrameReport,
    Identity,
    Role,
    Token,
)
from provisioner.case.posture import Posture
from provisioner.case.said import (
    BedDrawn,
    Booked,
    CameraMoved,
    ConsentWithdrawn,
    Dismantled,
    DismantlingBegins,
    DutyDone,
    ExitWanted,
    FallbackAcknowledged,
    FloorPlanGiven,
    FrameWanted,
    HandingOverNotice,
    KeyTold,
    Mounted,
    MoveUndone,
    NoAccess,
    ReceivingNotice,
    ReflectionMarked,
    ReflectionRejected,
    Resumed,
    SerialConfirmed,
    SignPlaced,
    SiteChecked,
    Statement,
    TaskDone,
    TestLookStarted,
    TryAgain,
    ViewAccepted,
    ViewBlockOverridden,
    VisitStarted,
    ZonesDrawn,
)
from provisioner.fault import Fault

__all__ = [
    "Answer",
    "Answered",
    "BedDrawn",
    "BindingSeen",
    "Booked",
    "CameraAnswer",
    "CameraMarked",
    "CameraMoved",
    "CameraRetired",
    "ChangedExternally",
    "CodeDisplayed",
    "ConsentWithdrawn",
    "CredentialsRotated",
    "Dismantled",
    "DismantlingBegins",
    "DutyDone",
    "ExitWanted",
    "Failed",
    "FallbackAcknowledged",
    "FirstLookPlanned",
    "FloorPlanGiven",
    "FrameJudged",
    "FrameWanted",
    "HandingOverNotice",
    "Heard",
    "IdentityRead",
    "Input",
    "KeyTold",
    "LookDone",
    "Mounted",
    "MoveUndone",
    "News",
    "NoAccess",
    "Opened",
    "PostureJudged",
    "ReceivingNotice",
    "ReflectionMarked",
    "ReflectionRejected",
    "RegistryReply",
    "Resumed",
    "Said",
    "SerialConfirmed",
    "SignPlaced",
    "SiteChecked",
    "Statement",
    "TaskDone",
    "TestLookStarted",
    "TryAgain",
    "ViewAccepted",
    "ViewBlockOverridden",
    "VisitStarted",
    "Woke",
    "ZonesDrawn",
    "ZonesMasked",
]

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
    """A case begins. Always the first line of a journal. `group_ref`: the cases of one household's cameras have the same (U21); `undoes`: the number of the
    case whose re-bind this one takes back."""

    case_id: str
    case_number: str
    case_kind: CaseKind
    routine_version: str = "2021:1"
    group_ref: str = ""
    undoes: str = ""
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Said:
    """A person said something. `seen_revision`, where given, is the revision the person was looking at;

    `said_at` is when it was said, by the clock of the device it was said on, where it waited in a queue without coverage (D25).
    """

    by: str
    role: Role
    what: Statement
    seen_revision: int | None = None
    said_at: datetime | None = None
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

