"""The messages between the daemon and the alarm centre as closed models: docs/contract/README.md in code.

Each key is required, also where its value may be null. How they travel (`encode`, `decode_*`) is in contract.py.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from provisioner.registry.fields import (
    BindingState,
    Closed,
    CodeSeen,
    Cursor,
    HowMany,
    Instant,
    Last4,
    MsgId,
    OpaqueId,
    Revision,
    Serial,
    TechnicalCode,
)

BINDINGS_PER_REPLY_MOST: Final = 8     # docs/contract/README.md, list_bindings

# ---- commands -------------------------------------------------------------------------------------------------------------------


class Body(Closed):
    """What a command asks for."""


class BodySuspendBinding(Body):
    """Looks pause; a fallback is in force until it is reviewed."""

    binding_id: OpaqueId
    camera_serial: Serial
    expected_revision: Revision
    reason_class: Literal["MOVE", "PAUSE", "DEFECT", "STOP"]
    fallback_ref: OpaqueId
    review_at: Instant


class BodyResumeBinding(Body):
    """Looks go on."""

    binding_id: OpaqueId
    camera_serial: Serial
    expected_revision: Revision


class BodyPrepareBinding(Body):
    """A new binding in TEST beside the suspended one of the same serial."""

    new_binding_id: OpaqueId
    camera_serial: Serial
    new_site_ref: OpaqueId
    provider_ref: OpaqueId
    schedule_ref: OpaqueId


class BodyTestLook(Body):
    """An operator looks once and tells what he reads in the picture."""

    binding_id: OpaqueId
    challenge_id: OpaqueId


class BodyRebindCamera(Body):
    """Old RETIRED and new ACTIVE, all or nothing."""

    old_binding_id: OpaqueId
    old_expected_revision: Revision
    new_binding_id: OpaqueId
    new_expected_revision: Revision
    camera_serial: Serial
    effective_at: Instant


class BodyChangeProvider(Body):
    """Another provider is responsible from an instant on; looks never stop."""

    binding_id: OpaqueId
    camera_serial: Serial
    expected_revision: Revision
    new_provider_ref: OpaqueId
    effective_at: Instant


class BodyRetireBinding(Body):
    """The binding ends for good."""

    binding_id: OpaqueId
    camera_serial: Serial
    expected_revision: Revision
    reason_class: Literal["ENDED"]


class BodySwapCamera(Body):
    """A suspended binding gets another camera."""

    binding_id: OpaqueId
    old_serial: Serial
    new_serial: Serial
    expected_revision: Revision


class BodyGetBindingById(Body):
    """One binding by its id."""

    binding_id: OpaqueId
    camera_serial: None


class BodyGetBindingBySerial(Body):
    """All bindings of a serial that are not RETIRED."""

    binding_id: None
    camera_serial: Serial


class BodyListBindings(Body):
    """One page of all bindings."""

    cursor: Cursor | None


class BodyReportNight(Body):
    """Tonight's homes with a planned look, by who keeps it; the dwellings that nobody keeps, or of whom that is not known, at most the first 20."""

    night: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    camera: HowMany
    visits: HowMany
    not_owed: HowMany
    neither: HowMany
    unknown: HowMany
    open_sites: Annotated[tuple[OpaqueId, ...], Field(max_length=20)]


class Command(Closed):
    """The envelope that all commands share. `case_ref` and `actor_ref` are opaque; `msg_id` stays the same when a command is sent again."""

    msg_id: MsgId
    sent_at: Instant
    expires_at: Instant
    case_ref: OpaqueId
    actor_ref: OpaqueId

    @property
    def topic(self) -> str:
        """Where it is published: a command's schema is its topic."""
        return str(getattr(self, "schema_name"))  # noqa: B009 - declared by each command with its own literal


class CmdSuspendBinding(Command):
    """Looks pause; a fallback is in force until it is reviewed."""

    schema_name: Literal["tk/1/cmd/suspend_binding"] = Field(alias="schema")
    body: BodySuspendBinding


class CmdResumeBinding(Command):
    """Looks go on."""

    schema_name: Literal["tk/1/cmd/resume_binding"] = Field(alias="schema")
    body: BodyResumeBinding


class CmdPrepareBinding(Command):
    """A new binding in TEST beside the suspended one of the same serial."""

    schema_name: Literal["tk/1/cmd/prepare_binding"] = Field(alias="schema")
    body: BodyPrepareBinding


class CmdTestLook(Command):
    """An operator looks once and tells what he reads in the picture."""

    schema_name: Literal["tk/1/cmd/test_look"] = Field(alias="schema")
    body: BodyTestLook


class CmdRebindCamera(Command):
    """Old RETIRED and new ACTIVE, all or nothing."""

    schema_name: Literal["tk/1/cmd/rebind_camera"] = Field(alias="schema")
    body: BodyRebindCamera


class CmdChangeProvider(Command):
    """Another provider is responsible from an instant on; looks never stop."""

    schema_name: Literal["tk/1/cmd/change_provider"] = Field(alias="schema")
    body: BodyChangeProvider


class CmdRetireBinding(Command):
    """The binding ends for good."""

    schema_name: Literal["tk/1/cmd/retire_binding"] = Field(alias="schema")
    body: BodyRetireBinding


class CmdSwapCamera(Command):
    """A suspended binding gets another camera."""

    schema_name: Literal["tk/1/cmd/swap_camera"] = Field(alias="schema")
    body: BodySwapCamera


class CmdGetBinding(Command):
    """One binding by its id, or those of a serial that are not RETIRED."""

    schema_name: Literal["tk/1/cmd/get_binding"] = Field(alias="schema")
    body: BodyGetBindingById | BodyGetBindingBySerial


class CmdListBindings(Command):
    """One page of all bindings."""

    schema_name: Literal["tk/1/cmd/list_bindings"] = Field(alias="schema")
    body: BodyListBindings


class CmdReportNight(Command):
    """Who is watched tonight, and by what: so that the alarm centre sees what the other side believes."""

    schema_name: Literal["tk/1/cmd/report_night"] = Field(alias="schema")
    body: BodyReportNight


# ---- replies --------------------------------------------------------------------------------------------------------------------

RejectionCode = Literal[
    "REVISION_CONFLICT", "SERIAL_MISMATCH", "WRONG_STATE", "LOOK_IN_PROGRESS", "SERIAL_ALREADY_BOUND", "SITE_UNKNOWN", "BINDING_UNKNOWN",
    "PROVIDER_UNKNOWN", "FAILED_NO_PICTURE", "EXPIRED", "SCHEMA_INVALID",
]


class BindingSnapshot(Closed):
    """One binding as the alarm centre has it."""

    binding_id: OpaqueId
    camera_serial: Serial
    site_ref: OpaqueId
    provider_ref: OpaqueId
    schedule_ref: OpaqueId
    state: BindingState
    revision: Revision
    last_look_at: Instant | None
    next_look_at: Instant | None


class ReplyBody(Closed):
    """`bindings`: every binding the command touched, in the order old, new."""

    bindings: Annotated[tuple[BindingSnapshot, ...], Field(max_length=BINDINGS_PER_REPLY_MOST)]
    code_seen: CodeSeen | None
    next_cursor: Cursor | None


class ReplyBase(Closed):
    """What all replies share. `revision` is that of the (new) binding concerned."""

    schema_name: Literal["tk/1/reply"] = Field(alias="schema")
    msg_id: MsgId
    in_reply_to: MsgId
    revision: Revision | None
    at: Instant
    body: ReplyBody


class ReplyAccepted(ReplyBase):
    """Taken for later (`change_provider`); `completed` follows."""

    result: Literal["accepted"]
    code: None


class ReplyCompleted(ReplyBase):
    """Done."""

    result: Literal["completed"]
    code: None


class ReplyRejected(ReplyBase):
    """Not done, and why."""

    result: Literal["rejected"]
    code: RejectionCode


Reply = ReplyAccepted | ReplyCompleted | ReplyRejected

# ---- events, retained states, presence --------------------------------------------------------------------------------------------


class EventBase(Closed):
    """What all events share."""

    msg_id: MsgId
    binding_id: OpaqueId
    at: Instant


class EventLookDone(EventBase):
    """A look happened. The class of its outcome says nothing on health."""

    schema_name: Literal["tk/1/event/look_done"] = Field(alias="schema")
    outcome_class: Literal["OK", "NOT_SEEN", "NO_CONTACT"]


class EventLookFailedTechnical(EventBase):
    """A look failed for a technical reason."""

    schema_name: Literal["tk/1/event/look_failed_technical"] = Field(alias="schema")
    code: TechnicalCode


class EventBindingChangedExternally(EventBase):
    """Somebody edited the registry by hand."""

    schema_name: Literal["tk/1/event/binding_changed_externally"] = Field(alias="schema")
    revision: Revision


class EventUpcomingFirstLook(EventBase):
    """The first look of a binding is near."""

    schema_name: Literal["tk/1/event/upcoming_first_look"] = Field(alias="schema")


Event = EventLookDone | EventLookFailedTechnical | EventBindingChangedExternally | EventUpcomingFirstLook


class State(Closed):
    """The retained state of a binding."""

    schema_name: Literal["tk/1/state"] = Field(alias="schema")
    binding_id: OpaqueId
    state: BindingState
    revision: Revision
    serial_last4: Last4
    updated_at: Instant


class Status(Closed):
    """Whether one side is there; retained, and its Last Will."""

    schema_name: Literal["tk/1/status"] = Field(alias="schema")
    state: Literal["online", "offline"]
    at: Instant
