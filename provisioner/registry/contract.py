"""How messages travel: what may be published, and what is taken for a message. The models are in messages.py; their prose is docs/contract/README.md.

Whatever leaves goes through `encode`, which takes these models and nothing else and reads its own output back: a key that is not in messages.py
cannot reach the wire (H6). Whatever arrives goes through a `decode_*`, which raises `ContractError` with a sentence that never repeats the payload.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar, cast

from personnummer import personnummer
from pydantic import Field, TypeAdapter, ValidationError

from provisioner.registry import topics
from provisioner.registry.fields import Closed
from provisioner.registry.messages import (
    CmdChangeProvider,
    CmdGetBinding,
    CmdListBindings,
    CmdPrepareBinding,
    CmdRebindCamera,
    CmdReportNight,
    CmdResumeBinding,
    CmdRetireBinding,
    CmdSuspendBinding,
    CmdSwapCamera,
    CmdTestLook,
    Command,
    Event,
    EventBindingChangedExternally,
    EventLookDone,
    EventLookFailedTechnical,
    EventUpcomingFirstLook,
    Reply,
    ReplyAccepted,
    ReplyCompleted,
    ReplyRejected,
    State,
    Status,
)

PAYLOAD_BYTES_MOST: Final = 4096       # docs/contract/README.md: at most 4 KiB
COMMAND_LIFE_S: Final = 120            # expires_at and the MQTT Message Expiry Interval


class ContractError(ValueError):
    """A message that is not of the contract. The text is one sentence that names keys and never values."""


COMMAND_MODELS: Final[tuple[type[Command], ...]] = (
    CmdSuspendBinding, CmdResumeBinding, CmdPrepareBinding, CmdTestLook, CmdRebindCamera, CmdChangeProvider, CmdRetireBinding, CmdSwapCamera,
    CmdGetBinding, CmdListBindings, CmdReportNight,
)
REPLY_MODELS: Final[tuple[type[Reply], ...]] = (ReplyAccepted, ReplyCompleted, ReplyRejected)
EVENT_MODELS: Final[tuple[type[Event], ...]] = (EventLookDone, EventLookFailedTechnical, EventBindingChangedExternally, EventUpcomingFirstLook)

Outgoing = Command | Status
"""All that the daemon may publish."""

M = TypeVar("M", bound=Closed)
R = TypeVar("R")


def schema_of(model: type[Closed]) -> str:
    """The value of the key `schema` in messages of this model, which for commands and events is also their topic."""
    return str(cast(Any, model.model_fields["schema_name"].annotation).__args__[0])


_COMMANDS: Final = {schema_of(model): model for model in COMMAND_MODELS}
_EVENTS: Final[dict[str, TypeAdapter[Event]]] = {schema_of(model): TypeAdapter(model) for model in EVENT_MODELS}
_REPLY: Final[TypeAdapter[Reply]] = TypeAdapter(Annotated[Reply, Field(discriminator="result")])

# References that this side makes up. An id that the alarm centre made is its own affair, and refusing to name it would only stop a case.
_OWN_REFERENCES: Final = frozenset(
    {"case_ref", "actor_ref", "new_binding_id", "new_site_ref", "provider_ref", "new_provider_ref", "schedule_ref", "fallback_ref", "challenge_id"})


def encode(message: Outgoing) -> bytes:
    """The payload of a message of ours. Raises `ContractError` for anything that is not one of our models, that is not valid, that is over 4 KiB, or
    whose references are person numbers (a person number has the form of an opaque id: H6)."""
    if type(message) not in COMMAND_MODELS and type(message) is not Status:
        raise ContractError("Only commands and the daemon's status may be published.")
    payload = message.model_dump_json(by_alias=True, warnings="none").encode()
    _read(type(message).model_validate_json, payload)  # `model_construct` could have passed by the checks
    if isinstance(message, Command):
        _refuse_person_numbers(message)
    return payload


def decode_command(topic: str, payload: bytes) -> Command:
    """A command, as the other side reads it. Raises `ContractError`."""
    model = _COMMANDS.get(topic)
    if model is None:
        raise ContractError("There is no command of this name.")
    return _read(model.model_validate_json, payload)


def decode_event(topic: str, payload: bytes) -> Event:
    """An event. Raises `ContractError`."""
    adapter = _EVENTS.get(topic)
    if adapter is None:
        raise ContractError("There is no event of this name.")
    return _read(adapter.validate_json, payload)


def decode_reply(payload: bytes) -> Reply:
    """A reply. Whether it is one to us, and to what, is for the caller to check. Raises `ContractError`."""
    return _read(_REPLY.validate_json, payload)


def decode_state(topic: str, payload: bytes) -> State | None:
    """A retained state; None where an empty payload cleared it. Raises `ContractError`, also where topic and content name different bindings."""
    binding_id = topics.binding_of(topic)
    if binding_id is None:
        raise ContractError("This topic is not that of a binding's state.")
    if not payload:
        return None
    state = _read(State.model_validate_json, payload)
    if state.binding_id != binding_id:
        raise ContractError("The topic and the message name different bindings.")
    return state


def decode_status(payload: bytes) -> Status:
    """Whether the other side is there. Raises `ContractError`."""
    return _read(Status.model_validate_json, payload)


def read_object(model: type[M], found: dict[str, object]) -> M:
    """A message from values of ours. Raises `ContractError`."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise ContractError(_sentence(error)) from None


def _read(validate: Callable[[bytes], R], payload: bytes) -> R:
    if len(payload) > PAYLOAD_BYTES_MOST:
        raise ContractError(f"The message has {len(payload)} bytes; at most {PAYLOAD_BYTES_MOST} are allowed.")
    try:
        found = validate(payload)
        # Only now, because a valid message cannot be nested deeply enough to hurt this reader.
        json.loads(payload, object_pairs_hook=_no_key_twice)
    except ValidationError as error:
        # `from None`: the original error carries the payload, and a traceback is a kind of log.
        raise ContractError(_sentence(error)) from None
    return found


def _no_key_twice(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise ContractError("A key stands twice in one object, and two readers might each believe another one.")


def _sentence(error: ValidationError) -> str:
    """Where it is wrong and in what way. Never a value, and not the name of an unknown key either: somebody may have put anything there."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    first = min(found, key=lambda one: one["type"] != "extra_forbidden")  # else the first: the two forms of get_binding each complain
    kind = first["type"]
    where = [str(part) for part in first["loc"]]
    if kind == "json_invalid":
        return "The message is not JSON in UTF-8."
    if kind == "extra_forbidden":
        return f"There is a key that the contract does not know in {'.'.join(where[:-1]) or 'the message'}."
    return f"{'.'.join(where) or 'The message'} is not as the contract says ({kind})."


def _refuse_person_numbers(command: Command) -> None:
    values = {**command.model_dump(include={"case_ref", "actor_ref"}), **command.model_dump()["body"]}
    for key in sorted(_OWN_REFERENCES & values.keys()):
        if personnummer.valid(values[key]):
            raise ContractError(f"{key} is a person number, which never leaves the house.")
