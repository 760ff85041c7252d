"""What a case asks of the world. Effects are named as goals and may run twice; each is performed only after it was committed.

Registry effects carry the three keys of D5: binding, serial, expected revision. None carries a name, an address or a camera's network place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from provisioner.case.identifiers import SerialNumber
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
    """Take one preview frame into memory, judge it, forget it (D10, D11)."""

    serial: SerialNumber
    kind: Literal["judge_frame"] = "judge_frame"


@dataclass(frozen=True, slots=True)
class TellPeople:
    """Put something before people, once per key, whatever happens: the notice board is part of the same database."""

    key: str
    audience: Literal["coordinator", "technician", "receiving_unit", "handing_over_unit", "night_patrol", "on_call"]
    about: Literal["question", "reminder", "phone_task", "feedback", "visits_end", "escalation", "visit_ordered"]
    text: Text
    kind: Literal["tell_people"] = "tell_people"


RegistryEffect = (FindBinding | SuspendBinding | ResumeBinding | PrepareBinding | AskTestLook | RebindCamera | ChangeProvider | RetireBinding
                  | SwapCamera)
CameraEffect = ReadIdentity | JudgeFrame
Effect = RegistryEffect | CameraEffect | TellPeople

CHANGES_REGISTRY = (SuspendBinding, ResumeBinding, PrepareBinding, RebindCamera, ChangeProvider, RetireBinding, SwapCamera)
"""Effects after which the registry may differ although no answer came: the case may not leave its step before the registry has spoken."""
