"""What a case asks of the world. Effects are named as goals and may run twice; each is performed only after it was committed.

Registry effects carry the three keys of D5: binding, serial, expected revision. None carries a name, an address or a camera's network place.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from provisioner.case.device import Zone
from provisioner.case.identifiers import SerialNumber
from provisioner.case.view_check import ViewAsked
from provisioner.fault import Text


@dataclass(frozen=True, slots=True)
class FindBinding:
    """Ask the registry for the live bindings of a serial (R1, D23)."""

    serial: SerialNumber
    msg_id: str
    kind: Literal["find_binding"] = "find_binding"


@dataclass(frozen=True, slots=True)
class SuspendBinding:
    """Looks pause; only ever with an acknowledged fallback (I2, D6)."""

    binding_id: str
    serial: SerialNumber
    expected_revision: int
    reason_class: Literal["MOVE", "PAUSE", "DEFECT", "STOP"]
    fallback_ref: str
    review_at: datetime
    msg_id: str
    kind: Literal["suspend_binding"] = "suspend_binding"


@dataclass(frozen=True, slots=True)
class ResumeBinding:
    """Looks go on at the old home (U33)."""

    binding_id: str
    serial: SerialNumber
    expected_revision: int
    msg_id: str
    kind: Literal["resume_binding"] = "resume_binding"


@dataclass(frozen=True, slots=True)
class PrepareBinding:
    """A binding in TEST at the new home, beside the suspended old one."""

    new_binding_id: str
    serial: SerialNumber
    new_site_ref: str
    provider_ref: str
    schedule_ref: str
    msg_id: str
    kind: Literal["prepare_binding"] = "prepare_binding"


@dataclass(frozen=True, slots=True)
class AskTestLook:
    """An operator looks once and tells the code he sees (D9)."""

    binding_id: str
    challenge_id: str
    msg_id: str
    kind: Literal["test_look"] = "test_look"


@dataclass(frozen=True, slots=True)
class RebindCamera:
    """Old RETIRED and new ACTIVE in one compare-and-swap (D8)."""

    old_binding_id: str
    old_expected_revision: int
    new_binding_id: str
    new_expected_revision: int
    serial: SerialNumber
    effective_at: datetime
    msg_id: str
    kind: Literal["rebind_camera"] = "rebind_camera"


@dataclass(frozen=True, slots=True)
class ChangeProvider:
    """The responsible provider changes at an instant (D18); looks never stop."""

    binding_id: str
    serial: SerialNumber
    expected_revision: int
    new_provider_ref: str
    effective_at: datetime
    msg_id: str
    kind: Literal["change_provider"] = "change_provider"


@dataclass(frozen=True, slots=True)
class RetireBinding:
    """The binding ends for good."""

    binding_id: str
    serial: SerialNumber
    expected_revision: int
    msg_id: str
    kind: Literal["retire_binding"] = "retire_binding"


@dataclass(frozen=True, slots=True)
class SwapCamera:
    """A defective camera is replaced at a suspended binding (D14)."""

    binding_id: str
    old_serial: SerialNumber
    new_serial: SerialNumber
    expected_revision: int
    msg_id: str
    kind: Literal["swap_camera"] = "swap_camera"


@dataclass(frozen=True, slots=True)
class ReadIdentity:
    """Log in at the camera on site and read who it is (D2, D3)."""

    serial: SerialNumber
    kind: Literal["read_identity"] = "read_identity"


@dataclass(frozen=True, slots=True)
class JudgeFrame:
    """Look at the room as it is and as the night will show it, judge what is seen, forget the frames (D10, D11, R37). `asked`: with what, and how many."""

    serial: SerialNumber
    asked: ViewAsked = field(default_factory=ViewAsked)
    kind: Literal["judge_frame"] = "judge_frame"


@dataclass(frozen=True, slots=True)
class RotateCredentials:
    """A new password, old viewers out (D16). Which passwords there are the shell's own store knows; none is ever here."""

    serial: SerialNumber
    kind: Literal["rotate_credentials"] = "rotate_credentials"


@dataclass(frozen=True, slots=True)
class EnsurePosture:
    """Set the camera as a home demands it, read it back, prove it (D15). `marks`: binding ids whose mark it may carry."""

    serial: SerialNumber
    marks: tuple[str, ...]
    kind: Literal["ensure_posture"] = "ensure_posture"


@dataclass(frozen=True, slots=True)
class MarkCamera:
    """Write the opaque binding id into the camera's announcement and read it back: carried away, it will say where it belongs."""

    serial: SerialNumber
    binding_id: str
    kind: Literal["mark_camera"] = "mark_camera"


@dataclass(frozen=True, slots=True)
class MaskZones:
    """Privacy masks over exactly these zones, proved in a second frame; none: our masks are taken away."""

    serial: SerialNumber
    zones: tuple[Zone, ...]
    kind: Literal["mask_zones"] = "mask_zones"


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Write the one-time code into the camera's picture (D9)."""

    serial: SerialNumber
    code: str
    kind: Literal["show_code"] = "show_code"


@dataclass(frozen=True, slots=True)
class HideCode:
    """Take the one-time code out of the picture and read that back. `keep_view`: a card is about to be held up, so a lens that parks stays on the room."""

    serial: SerialNumber
    keep_view: bool = False
    kind: Literal["hide_code"] = "hide_code"


@dataclass(frozen=True, slots=True)
class RetireCamera:
    """Clear the camera of everything that belongs to this home, with a signed receipt that names the bindings. Out of reach it is
    for the depot, and that is said."""

    serial: SerialNumber
    binding_ids: tuple[str, ...]
    kind: Literal["retire_camera"] = "retire_camera"


@dataclass(frozen=True, slots=True)
class TellPeople:
    """Put something before people, once per key, whatever happens: the notice board is part of the same database."""

    key: str
    audience: Literal["coordinator", "technician", "receiving_unit", "handing_over_unit", "night_patrol", "on_call", "case_officer"]
    about: Literal["question", "reminder", "phone_task", "feedback", "visits_end", "escalation", "visit_ordered"]
    text: Text
    kind: Literal["tell_people"] = "tell_people"


RegistryEffect = (FindBinding | SuspendBinding | ResumeBinding | PrepareBinding | AskTestLook | RebindCamera | ChangeProvider | RetireBinding
                  | SwapCamera)
CameraEffect = ReadIdentity | JudgeFrame | RotateCredentials | EnsurePosture | MarkCamera | MaskZones | ShowCode | HideCode | RetireCamera
Effect = RegistryEffect | CameraEffect | TellPeople

CHANGES_REGISTRY = (SuspendBinding, ResumeBinding, PrepareBinding, RebindCamera, ChangeProvider, RetireBinding, SwapCamera)
"""Effects after which the registry may differ although no answer came: the case may not leave its step before the registry has spoken."""

OF_THE_CAMERA = (ReadIdentity, JudgeFrame, RotateCredentials, EnsurePosture, MarkCamera, MaskZones, ShowCode, HideCode, RetireCamera)
"""Effects that the camera on site is asked for; a new scan of its label asks them anew."""
