"""What people say to a case: a closed union of statements, under the names of the trade."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from provisioner.case.device import Corner, Zone
from provisioner.case.keys import KeyKind, KeySide, KeyStatus
from provisioner.case.model import Booking, Consent, Duty, Engaged, Exit, FallbackMode, Notice, Visit


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
    busy: tuple[Engaged, ...] = ()   # what both technicians have promised to other cases; put in by the store that takes the statement, never by a person
    kind: Literal["booked"] = "booked"


@dataclass(frozen=True, slots=True)
class NoAccess:
    """U19: at the agreed time nobody opened the door."""

    visit: Visit
    note: str = ""
    kind: Literal["no_access"] = "no_access"


@dataclass(frozen=True, slots=True)
class KeyTold:
    """R5, R14: what became of one key or tag. Said again, the last word counts."""

    side: KeySide
    key: KeyKind
    status: KeyStatus
    holder: str = ""
    note: str = ""
    kind: Literal["key_told"] = "key_told"


@dataclass(frozen=True, slots=True)
class SiteChecked:
    """U18, U28: the site checklist of the new home. Said again, it replaces the earlier one."""

    socket: bool
    signal: bool
    power_unswitched: bool
    landlord_agrees: bool
    cleaned: bool | None = None
    note: str = ""
    kind: Literal["site_checked"] = "site_checked"


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """U11, D28: somebody takes the consent back, at whatever time. Supervision is ended; how the home is looked after is asked as for every ending."""

    subject: str
    kind: Literal["consent_withdrawn"] = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class MoveUndone:
    """A re-bind is not undone in its own case: a new one, of this number, takes the camera back where it was. This one is over with that."""

    by_case: str
    kind: Literal["move_undone"] = "move_undone"


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
class BedDrawn:
    """Where the bed is in the picture, and two corners of its mattress with their distance: a width, or 200 (`view_check.MATTRESS_CM`). Said again, it
    replaces the earlier one; the view is then checked anew."""

    outline: Zone
    tapped: tuple[Corner, ...] = ()
    tapped_cm: int = 0
    kind: Literal["bed_drawn"] = "bed_drawn"


@dataclass(frozen=True, slots=True)
class FloorPlanGiven:
    """The floor plan of the new home as closed JSON (scene/floorplan.py), and how high the camera hangs. The view is then checked anew."""

    plan: str
    camera_height_m: float | None = None
    kind: Literal["floor_plan_given"] = "floor_plan_given"


@dataclass(frozen=True, slots=True)
class ReflectionMarked:
    """There is a reflection: finding number `finding` of the last check, or one that the check has not found (0). `words`: where and what it shows."""

    words: str
    finding: int = 0
    kind: Literal["reflection_marked"] = "reflection_marked"


@dataclass(frozen=True, slots=True)
class ReflectionRejected:
    """Finding number `finding` of the last check is no reflection, or shows nothing that matters. `words`: what it is."""

    finding: int
    words: str
    kind: Literal["reflection_rejected"] = "reflection_rejected"


@dataclass(frozen=True, slots=True)
class ViewBlockOverridden:
    """The team lead answers, with a reason of at least ten characters, for what stops the view (`plan.VIEW_BLOCKS`)."""

    block: str
    reason: str
    kind: Literal["view_block_overridden"] = "view_block_overridden"


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
    """The camera was turned or moved: what was drawn in its picture is gone, and view, sign and test look are judged anew (R38)."""

    kind: Literal["camera_moved"] = "camera_moved"


@dataclass(frozen=True, slots=True)
class SignPlaced:
    """R33-R36. `place`: where it sits, in words (U25)."""

    languages: tuple[str, ...]
    near_rooms: bool
    not_from_front_door: bool
    covers_reflections: bool
    place: str = ""
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
             | FrameWanted | ZonesDrawn | BedDrawn | FloorPlanGiven | ReflectionMarked | ReflectionRejected | ViewBlockOverridden | ViewAccepted | CameraMoved
             | SignPlaced | TestLookStarted | SerialConfirmed | DutyDone | TaskDone | TryAgain | ExitWanted | Resumed | NoAccess | KeyTold | SiteChecked
             | ConsentWithdrawn | MoveUndone)
