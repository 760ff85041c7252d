"""What the core asks becomes the right command, and what the centre says becomes the right value."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from provisioner.case import effects
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import BindingSeen, ChangedExternally, FirstLookPlanned, LookDone
from provisioner.case.model import Binding, BindingState
from provisioner.registry import contract, translate
from tests.registry.examples import COMMAND_BODIES, EVENTS, MSG_ID, NOW, SNAPSHOT, STATE, reply_dict

SERIAL = SerialNumber("ACCC8E012345")
LATER = NOW + timedelta(minutes=2)
EFFECTS: dict[str, effects.RegistryEffect] = {
    "suspend_binding": effects.SuspendBinding("binding-1", SERIAL, 3, "MOVE", "fallback-1", LATER, MSG_ID),
    "resume_binding": effects.ResumeBinding("binding-1", SERIAL, 3, MSG_ID),
    "prepare_binding": effects.PrepareBinding("binding-2", SERIAL, "site-0002", "provider-1", "schedule-1", MSG_ID),
    "test_look": effects.AskTestLook("binding-2", "challenge-1", MSG_ID),
    "rebind_camera": effects.RebindCamera("binding-1", 4, "binding-2", 1, SERIAL, LATER, MSG_ID),
    "change_provider": effects.ChangeProvider("binding-1", SERIAL, 3, "provider-2", LATER, MSG_ID),
    "retire_binding": effects.RetireBinding("binding-1", SERIAL, 3, MSG_ID),
    "swap_camera": effects.SwapCamera("binding-1", SERIAL, SerialNumber("ACCC8E067890"), 3, MSG_ID),
    "get_binding": effects.FindBinding(SERIAL, MSG_ID),
}


@pytest.mark.parametrize("verb", EFFECTS)
def test_each_effect_becomes_its_command(verb: str) -> None:
    topic, command = translate.command_for(EFFECTS[verb], case_ref="case-1234", actor_ref="actor-12", now=NOW)
    assert topic == f"tk/1/cmd/{verb}"
    assert json.loads(contract.encode(command)) == {
        "schema": topic, "msg_id": MSG_ID, "sent_at": "2026-11-23T02:15:00.000Z", "expires_at": "2026-11-23T02:17:00.000Z",
        "case_ref": "case-1234", "actor_ref": "actor-12", "body": COMMAND_BODIES[verb],
    }


def test_every_registry_effect_has_a_verb() -> None:
    assert {type(effect) for effect in EFFECTS.values()} == set(effects.RegistryEffect.__args__)


def test_h6_a_reference_that_is_not_opaque_does_not_travel() -> None:
    effect = effects.PrepareBinding("binding-2", SERIAL, "Storgatan 12", "provider-1", "schedule-1", MSG_ID)
    with pytest.raises(contract.ContractError, match="new_site_ref") as caught:
        translate.command_for(effect, case_ref="case-1234", actor_ref="actor-12", now=NOW)
    assert "Storgatan" not in str(caught.value)


def reply(result: str, **other: object) -> object:
    return translate.reply_of(contract.decode_reply(json.dumps(reply_dict(result, **other)).encode()))


def test_a_reply_tells_what_the_core_needs() -> None:
    old = {**SNAPSHOT, "state": "RETIRED", "next_look_at": "2026-11-23T01:00:00.000Z"}
    new = {**SNAPSHOT, "binding_id": "binding-2", "state": "ACTIVE", "revision": 2}
    found = reply("completed", body={"bindings": [old, new], "code_seen": "WOLF-7", "next_cursor": None})
    expected = Binding("binding-2", SERIAL, "site-0001", "provider-1", "schedule-1", BindingState.ACTIVE, 2)
    assert (found.result, found.code, found.at, found.code_seen) == ("completed", None, NOW, "WOLF-7")  # type: ignore[attr-defined]
    assert found.bindings[1] == expected  # type: ignore[attr-defined]
    assert found.next_look_at == datetime(2026, 11, 23, 2, 17, tzinfo=UTC)  # type: ignore[attr-defined]


def test_a_rejection_keeps_its_code_and_the_binding_as_it_stands() -> None:
    found = reply("rejected")
    assert (found.result, found.code, len(found.bindings)) == ("rejected", "REVISION_CONFLICT", 1)  # type: ignore[attr-defined]


def test_news() -> None:
    said = {topic: translate.news_of(contract.decode_event(topic, json.dumps(event).encode())) for topic, event in EVENTS.items()}
    assert list(said.values()) == [LookDone("binding-1", NOW, ok=True), None, ChangedExternally("binding-1", 7), FirstLookPlanned("binding-1", NOW)]
    state = contract.decode_state("tk/1/binding/binding-1/state", json.dumps(STATE).encode())
    assert state is not None and translate.news_of(state) == BindingSeen("binding-1", BindingState.SUSPENDED, 4, "2345")


@pytest.mark.parametrize("outcome", ["NOT_SEEN", "NO_CONTACT"])
def test_h6_a_look_that_was_not_ok_says_nothing_more(outcome: str) -> None:
    event = {**EVENTS["tk/1/event/look_done"], "outcome_class": outcome}
    found = translate.news_of(contract.decode_event("tk/1/event/look_done", json.dumps(event).encode()))
    assert found == LookDone("binding-1", NOW, ok=False)
