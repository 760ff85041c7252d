"""From what the core asks to what travels, and back. Pure: values in, values out."""

from datetime import datetime, timedelta
from typing import assert_never

from provisioner.case.effects import (
    AskTestLook,
    ChangeProvider,
    FindBinding,
    PrepareBinding,
    RebindCamera,
    RegistryEffect,
    ResumeBinding,
    RetireBinding,
    SuspendBinding,
    SwapCamera,
)
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import BindingSeen, ChangedExternally, FirstLookPlanned, LookDone, News, RegistryReply
from provisioner.case.model import Binding, BindingState
from provisioner.registry import messages as wire
from provisioner.registry.contract import COMMAND_LIFE_S, COMMAND_MODELS, read_object, schema_of
from provisioner.registry.topics import COMMANDS, command_topic

_MODELS = {schema_of(model).removeprefix(COMMANDS): model for model in COMMAND_MODELS}


def verb_of(effect: RegistryEffect) -> str:
    """The verb on the wire; the effect's kind, but for `find_binding`, which is a `get_binding` by serial."""
    return "get_binding" if isinstance(effect, FindBinding) else effect.kind


def command_for(effect: RegistryEffect, *, case_ref: str, actor_ref: str, now: datetime) -> tuple[str, wire.Command]:
    """Topic and command. The same effect always gives the same command but for `sent_at` and `expires_at`, which count from `now`.

    Raises `ContractError` where a reference of the effect may not travel (not opaque, serial not normalised).
    """
    verb = verb_of(effect)
    return command_topic(verb), command(verb, _body(effect), msg_id=effect.msg_id, case_ref=case_ref, actor_ref=actor_ref, now=now)


def command(verb: str, body: dict[str, object], *, msg_id: str, case_ref: str, actor_ref: str, now: datetime) -> wire.Command:
    """A command of this verb, valid for 120 s from `now`. Raises `ContractError`."""
    envelope = {"schema": command_topic(verb), "msg_id": msg_id, "sent_at": now, "expires_at": now + timedelta(seconds=COMMAND_LIFE_S),
                "case_ref": case_ref, "actor_ref": actor_ref, "body": body}
    return read_object(_MODELS[verb], envelope)


def _body(effect: RegistryEffect) -> dict[str, object]:
    match effect:
        case FindBinding():
            return {"binding_id": None, "camera_serial": effect.serial}
        case SuspendBinding():
            return {**_three_keys(effect), "reason_class": effect.reason_class, "fallback_ref": effect.fallback_ref, "review_at": effect.review_at}
        case ResumeBinding():
            return _three_keys(effect)
        case PrepareBinding():
            return {"new_binding_id": effect.new_binding_id, "camera_serial": effect.serial, "new_site_ref": effect.new_site_ref,
                    "provider_ref": effect.provider_ref, "schedule_ref": effect.schedule_ref}
        case AskTestLook():
            return {"binding_id": effect.binding_id, "challenge_id": effect.challenge_id}
        case RebindCamera():
            return {"old_binding_id": effect.old_binding_id, "old_expected_revision": effect.old_expected_revision,
                    "new_binding_id": effect.new_binding_id, "new_expected_revision": effect.new_expected_revision,
                    "camera_serial": effect.serial, "effective_at": effect.effective_at}
        case ChangeProvider():
            return {**_three_keys(effect), "new_provider_ref": effect.new_provider_ref, "effective_at": effect.effective_at}
        case RetireBinding():
            return {**_three_keys(effect), "reason_class": "ENDED"}
        case SwapCamera():
            return {"binding_id": effect.binding_id, "old_serial": effect.old_serial, "new_serial": effect.new_serial,
                    "expected_revision": effect.expected_revision}
        case _:
            assert_never(effect)


def _three_keys(effect: SuspendBinding | ResumeBinding | ChangeProvider | RetireBinding) -> dict[str, object]:
    """D5: binding, serial and expected revision must all three be right."""
    return {"binding_id": effect.binding_id, "camera_serial": effect.serial, "expected_revision": effect.expected_revision}


def reply_of(reply: wire.Reply) -> RegistryReply:
    """What the core takes of a reply.

    `next_look_at` is the earliest planned look of the bindings shown that are not RETIRED: whoever counts down to it is never late (D7).
    """
    shown = reply.body.bindings
    planned = [binding.next_look_at for binding in shown if binding.next_look_at is not None and binding.state != "RETIRED"]
    return RegistryReply(
        result=reply.result, code=reply.code, at=reply.at, bindings=tuple(binding_of(binding) for binding in shown),
        next_look_at=min(planned, default=None), code_seen=reply.body.code_seen,
    )


def binding_of(shown: wire.BindingSnapshot) -> Binding:
    """A binding as the core knows it. The contract holds the serial to its normal form already."""
    return Binding(
        binding_id=shown.binding_id, serial=SerialNumber(shown.camera_serial), site_ref=shown.site_ref, provider_ref=shown.provider_ref,
        schedule_ref=shown.schedule_ref, state=BindingState(shown.state), revision=shown.revision,
    )


def news_of(message: wire.Event | wire.State) -> News | None:
    """What the core hears of an event or a retained state; None where it has no meaning for a case (a look that failed technically)."""
    match message:
        case wire.State():
            return BindingSeen(message.binding_id, BindingState(message.state), message.revision, message.serial_last4)
        case wire.EventLookDone():
            return LookDone(message.binding_id, message.at, ok=message.outcome_class == "OK")
        case wire.EventBindingChangedExternally():
            return ChangedExternally(message.binding_id, message.revision)
        case wire.EventUpcomingFirstLook():
            return FirstLookPlanned(message.binding_id, message.at)
        case wire.EventLookFailedTechnical():
            return None
        case _:
            assert_never(message)
