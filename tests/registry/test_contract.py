"""The contract holds what docs/contract/README.md says: its own examples pass, and one key more or one letter wrong does not."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from provisioner.registry import contract, topics
from provisioner.registry import messages as wire
from provisioner.registry.contract import ContractError
from provisioner.registry.fields import instant_text
from provisioner.registry.translate import command
from tests.registry.examples import COMMAND_BODIES, EVENTS, MSG_ID, NOW, OTHER_ID, SNAPSHOT, STATE, STATUS, command_dict, reply_dict

README = Path(__file__).parents[2] / "docs" / "contract" / "README.md"


def dumped(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode()


@pytest.mark.parametrize("verb", COMMAND_BODIES)
def test_each_command_of_the_table_is_read_and_written_the_same(verb: str) -> None:
    found = contract.decode_command(topics.command_topic(verb), dumped(command_dict(verb)))
    assert json.loads(contract.encode(found)) == command_dict(verb)


def test_the_table_of_the_readme_and_the_models_name_the_same_verbs_and_keys() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+?) \|", README.read_text("utf-8"), re.MULTILINE))
    models = {contract.schema_of(model).rsplit("/")[-1]: model for model in contract.COMMAND_MODELS}
    assert models.keys() == {verb for verb in rows if verb in models} == COMMAND_BODIES.keys()
    for verb in models:
        told = set(re.findall(r"[a-z_0-9]+", re.sub(r"\(.*?\)|exactly one of|both keys.*", "", rows[verb]))) - {"string", "or", "null"}
        assert told == COMMAND_BODIES[verb].keys(), verb


def test_the_examples_of_the_readme_are_of_the_contract() -> None:
    blocks = re.findall(r"```json\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    filled = (blocks[0].replace("<UUIDv7>", MSG_ID).replace("<opaque>", "case-1234").replace("<pseudonym>", "actor-12")
              .replace('{"...": "as below"}', json.dumps(COMMAND_BODIES["suspend_binding"])))
    contract.decode_command("tk/1/cmd/suspend_binding", filled.encode())
    filled = (blocks[1].replace("<UUIDv7>", MSG_ID).replace("<msg_id>", OTHER_ID).replace('"at": "..."', f'"at": "{instant_text(NOW)}"')
              .replace('"next_look_at": "..."', f'"next_look_at": "{instant_text(NOW)}"')
              .replace('"camera_serial": "..."', '"camera_serial": "ACCC8E012345"')
              .replace('"..."', '"opaque-1"'))
    assert contract.decode_reply(filled.encode()).result == "completed"


def test_h6_an_unknown_key_is_refused_in_every_object_of_every_message() -> None:
    for verb in COMMAND_BODIES:
        for where in ((), ("body",)):
            with pytest.raises(ContractError, match="does not know"):
                contract.decode_command(topics.command_topic(verb), dumped(with_key(command_dict(verb), where)))
    for where in ((), ("body",), ("body", "bindings", 0)):
        with pytest.raises(ContractError, match="does not know"):
            contract.decode_reply(dumped(with_key(reply_dict("completed"), where)))
    for topic, event in EVENTS.items():
        with pytest.raises(ContractError, match="does not know"):
            contract.decode_event(topic, dumped(with_key(event, ())))
    with pytest.raises(ContractError, match="does not know"):
        contract.decode_state(topics.state_topic("binding-1"), dumped(with_key(STATE, ())))
    with pytest.raises(ContractError, match="does not know"):
        contract.decode_status(dumped(with_key(STATUS, ())))


def with_key(message: dict[str, object], where: tuple[str | int, ...]) -> dict[str, object]:
    copy = json.loads(json.dumps(message))
    inner = copy
    for part in where:
        inner = inner[part]
    inner["Anna Andersson"] = "Storgatan 12"
    return dict(copy)


def test_h6_no_sentence_repeats_what_stood_in_the_message() -> None:
    canary = "Anna Andersson 19121212-1212"
    messages = [with_key(reply_dict("completed"), ("body",)), reply_dict(canary), reply_dict("rejected", code=canary),
                reply_dict("completed", at=canary), reply_dict("completed", body=canary), reply_dict("completed", in_reply_to=canary)]
    for payload in [*map(dumped, messages), canary.encode(), b"\xff\xfe", b"[" * 4000]:
        with pytest.raises(ContractError) as caught:
            contract.decode_reply(payload)
        assert "Anna" not in str(caught.value) and "1212" not in str(caught.value)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_h6_nothing_but_the_models_can_be_published() -> None:
    state = contract.decode_state(topics.state_topic("binding-1"), dumped(STATE))
    for foreign in ({"schema": "tk/1/cmd/test_look"}, b"{}", state, None):
        with pytest.raises(ContractError, match="Only commands"):
            contract.encode(foreign)  # type: ignore[arg-type]
    forged = wire.CmdTestLook.model_construct(schema_name="tk/1/cmd/test_look", msg_id=MSG_ID, sent_at=NOW, expires_at=NOW, case_ref="case-1234",
                                              actor_ref="Anna Andersson", body=wire.BodyTestLook(binding_id="binding-1", challenge_id="challenge-1"))
    with pytest.raises(ContractError, match="actor_ref"):
        contract.encode(forged)

    class Wider(wire.CmdTestLook):
        name: str

    with pytest.raises(ContractError, match="Only commands"):
        contract.encode(Wider.model_validate({**command_dict("test_look"), "sent_at": NOW, "expires_at": NOW, "name": "Anna"}))


@pytest.mark.parametrize("number", ["19121212-1212", "191212121212", "121212-1212", "1212121212"])
def test_h6_a_person_number_is_refused_where_this_side_makes_the_reference(number: str) -> None:
    body = {**COMMAND_BODIES["prepare_binding"], "new_site_ref": number}
    made = command("prepare_binding", body, msg_id=MSG_ID, case_ref="case-1234", actor_ref="actor-12", now=NOW)
    with pytest.raises(ContractError, match="new_site_ref is a person number"):
        contract.encode(made)


@pytest.mark.parametrize(("key", "bad"), [
    ("msg_id", "0190a5b2-0000-4000-8000-000000000000"), ("msg_id", MSG_ID.upper()), ("msg_id", MSG_ID + "\n"), ("sent_at", "2026-11-23T02:15:00Z"),
    ("sent_at", "2026-11-23T02:15:00.000+00:00"), ("sent_at", "2026-02-30T02:15:00.000Z"), ("sent_at", 1), ("case_ref", "Case-1234"),
    ("case_ref", "short"), ("case_ref", "x" * 65), ("case_ref", "-abcdef"), ("case_ref", None), ("schema", "tk/1/cmd/retire_binding"), ("body", []),
])
def test_a_value_of_another_form_is_refused(key: str, bad: object) -> None:
    with pytest.raises(ContractError):
        contract.decode_command("tk/1/cmd/test_look", dumped({**command_dict("test_look"), key: bad}))


@pytest.mark.parametrize("bad", [0, -1, 1.0, "1", True, None, 2**60])
def test_a_revision_is_a_whole_number_from_1(bad: object) -> None:
    body = {**COMMAND_BODIES["resume_binding"], "expected_revision": bad}
    with pytest.raises(ContractError, match="expected_revision"):
        contract.decode_command("tk/1/cmd/resume_binding", dumped({**command_dict("resume_binding"), "body": body}))


@pytest.mark.parametrize("serial", ["ACCC-8E01", "accc8e01", "ABCD", "A" * 41, ""])
def test_a_serial_is_in_its_normal_form(serial: str) -> None:
    body = {**COMMAND_BODIES["resume_binding"], "camera_serial": serial}
    with pytest.raises(ContractError, match="camera_serial"):
        contract.decode_command("tk/1/cmd/resume_binding", dumped({**command_dict("resume_binding"), "body": body}))


def test_a_missing_key_is_refused_even_where_null_is_allowed() -> None:
    for verb, body in COMMAND_BODIES.items():
        for key in body:
            short = {name: value for name, value in body.items() if name != key}
            with pytest.raises(ContractError):
                contract.decode_command(topics.command_topic(verb), dumped({**command_dict(verb), "body": short}))


@pytest.mark.parametrize("body", [{"binding_id": None, "camera_serial": None}, {"binding_id": "binding-1", "camera_serial": "ACCC8E012345"}])
def test_get_binding_takes_exactly_one_of_its_two_keys(body: dict[str, object]) -> None:
    with pytest.raises(ContractError):
        contract.decode_command("tk/1/cmd/get_binding", dumped({**command_dict("get_binding"), "body": body}))


@pytest.mark.parametrize(("result", "code"), [
    ("completed", "WRONG_STATE"), ("accepted", "EXPIRED"), ("rejected", None), ("rejected", "NO_IDEA"), ("done", None),
])
def test_a_code_stands_in_rejections_and_only_there(result: str, code: str | None) -> None:
    with pytest.raises(ContractError):
        contract.decode_reply(dumped(reply_dict(result, code=code)))


def test_a_key_that_stands_twice_is_refused() -> None:
    twice = dumped(reply_dict("completed")).replace(b'"result": "completed"', b'"result": "rejected", "result": "completed"')
    with pytest.raises(ContractError, match="twice"):
        contract.decode_reply(twice)


def test_more_than_4_kib_are_refused_in_both_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    padded = dumped(reply_dict("completed"))
    contract.decode_reply(padded + b" " * (4096 - len(padded)))
    with pytest.raises(ContractError, match="4097 bytes"):
        contract.decode_reply(padded + b" " * (4097 - len(padded)))
    made = command("test_look", COMMAND_BODIES["test_look"], msg_id=MSG_ID, case_ref="case-1234", actor_ref="actor-12", now=NOW)
    monkeypatch.setattr(contract, "PAYLOAD_BYTES_MOST", 100)  # no command of the contract can be longer than about 700 bytes
    with pytest.raises(ContractError, match="at most 100"):
        contract.encode(made)


def test_a_reply_holds_at_most_8_bindings() -> None:
    body = {"bindings": [SNAPSHOT] * 9, "code_seen": None, "next_cursor": None}
    with pytest.raises(ContractError, match="bindings"):
        contract.decode_reply(dumped(reply_dict("completed", body=body)))


def test_state_topic_and_content_agree_and_an_empty_one_is_a_clearing() -> None:
    assert contract.decode_state(topics.state_topic("binding-1"), b"") is None
    with pytest.raises(ContractError, match="different bindings"):
        contract.decode_state(topics.state_topic("binding-2"), dumped(STATE))
    for topic in ("tk/1/binding//state", "tk/1/binding/state", "tk/1/status/ac"):
        with pytest.raises(ContractError, match="not that of a binding"):
            contract.decode_state(topic, dumped(STATE))


def test_events_and_status_are_read() -> None:
    for topic, event in EVENTS.items():
        assert contract.schema_of(type(contract.decode_event(topic, dumped(event)))) == topic
    with pytest.raises(ContractError, match="no event"):
        contract.decode_event("tk/1/event/unheard_of", b"{}")
    with pytest.raises(ContractError, match="no command"):
        contract.decode_command("tk/1/cmd/unheard_of", b"{}")
    assert contract.decode_status(dumped(STATUS)).state == "online"


def test_instants_are_utc_milliseconds_rounded_down() -> None:
    stockholm = timezone(timedelta(hours=1))
    at = datetime(2026, 11, 23, 3, 15, 0, 999_999, tzinfo=stockholm)
    made = command("test_look", COMMAND_BODIES["test_look"], msg_id=MSG_ID, case_ref="case-1234", actor_ref="actor-12", now=at)
    assert json.loads(contract.encode(made))["sent_at"] == "2026-11-23T02:15:00.999Z"
    assert json.loads(contract.encode(made))["expires_at"] == "2026-11-23T02:17:00.999Z"
    assert made.sent_at == datetime(2026, 11, 23, 2, 15, 0, 999_000, tzinfo=UTC)
    with pytest.raises(ContractError, match="sent_at"):
        command("test_look", COMMAND_BODIES["test_look"], msg_id=MSG_ID, case_ref="case-1234", actor_ref="actor-12", now=at.replace(tzinfo=None))
