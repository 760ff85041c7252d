"""The generated files say the same as the models, and the files in the repository are the generated ones."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft7Validator

from provisioner.registry import contract, publish_contract
from tests.registry.examples import COMMAND_BODIES, EVENTS, STATE, STATUS, command_dict, reply_dict

FOLDER = Path(__file__).parents[2] / "docs" / "contract"
EXAMPLES: dict[str, dict[str, object]] = {
    **{f"cmd-{verb}": command_dict(verb) for verb in COMMAND_BODIES},
    **{f"reply-{result}": reply_dict(result) for result in ("accepted", "completed", "rejected")},
    **{topic.removeprefix("tk/1/").replace("/", "-"): event for topic, event in EVENTS.items()},
    "state": STATE, "status": STATUS,
}


def schema(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / "schemas" / f"{name}.json").read_text("utf-8")))


def test_the_files_in_the_repository_are_not_stale() -> None:
    assert publish_contract.stale(FOLDER) == [], "write them again: provisioner contract write docs/contract"


def test_write_makes_all_files_once_and_takes_away_those_left_over(tmp_path: Path) -> None:
    changed = publish_contract.write(tmp_path)
    assert set(changed) == publish_contract.contract_files().keys()
    assert publish_contract.write(tmp_path) == []
    (tmp_path / "schemas" / "cmd-forgotten.json").write_text("{}")
    (tmp_path / "schemas" / "state.json").write_text("{}")
    assert publish_contract.stale(tmp_path) == ["schemas/cmd-forgotten.json", "schemas/state.json"]
    publish_contract.write(tmp_path)
    assert publish_contract.stale(tmp_path) == []


def test_there_is_one_schema_a_message_and_each_is_a_schema() -> None:
    assert {path.stem for path in (FOLDER / "schemas").glob("*.json")} == EXAMPLES.keys()
    for name in EXAMPLES:
        Draft7Validator.check_schema(schema(name))
        assert "$ref" not in json.dumps(schema(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_models_and_schemas_take_the_same_examples(name: str) -> None:
    jsonschema.validate(EXAMPLES[name], schema(name))
    read(name, EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_h6_models_and_schemas_refuse_one_key_more_and_one_key_less_everywhere(name: str) -> None:
    for broken in spoiled(EXAMPLES[name]):
        assert list(Draft7Validator(schema(name)).iter_errors(broken)), broken
        with pytest.raises(contract.ContractError):
            read(name, broken)


def test_a_reply_is_of_exactly_one_of_the_three_kinds() -> None:
    for name in ("reply-accepted", "reply-completed", "reply-rejected"):
        others = {"reply-accepted", "reply-completed", "reply-rejected"} - {name}
        assert not any(Draft7Validator(schema(other)).is_valid(EXAMPLES[name]) for other in others)


def read(name: str, message: dict[str, object]) -> object:
    payload = json.dumps(message).encode()
    if name.startswith("cmd-"):
        return contract.decode_command(f"tk/1/cmd/{name.removeprefix('cmd-')}", payload)
    if name.startswith("event-"):
        return contract.decode_event(f"tk/1/event/{name.removeprefix('event-')}", payload)
    if name.startswith("reply-"):
        return contract.decode_reply(payload)
    return contract.decode_state("tk/1/binding/binding-1/state", payload) if name == "state" else contract.decode_status(payload)


def spoiled(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The message with one key more, and with one key less, in each object within it."""
    found: list[dict[str, Any]] = [{**message, "name": "Anna"}, *({key: message[key] for key in message if key != left} for left in message)]
    for key, value in message.items():
        if isinstance(value, dict):
            found += [{**message, key: inner} for inner in spoiled(value)]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found += [{**message, key: [inner]} for inner in spoiled(value[0])]
    return found


def test_the_asyncapi_document_holds_together() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    assert document["asyncapi"] == "3.0.0"
    for channel in document["channels"].values():
        named = {part[1:-1] for part in channel["address"].split("/") if part.startswith("{")}
        assert channel.get("parameters", {}).keys() == named
    used: set[str] = set()
    for operation in document["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = resolved(document, operation["channel"])
        for side, where in ((operation, channel), (operation.get("reply"), resolved(document, operation.get("reply", operation)["channel"]))):
            for reference in (side or {}).get("messages", []):
                assert resolved(document, reference)["$ref"] in {message["$ref"] for message in where["messages"].values()}
                used.add(resolved(document, reference)["$ref"])
    assert used == {f"#/components/messages/{name}" for name in EXAMPLES}
    for name, message in document["components"]["messages"].items():
        assert message["payload"]["schema"]["$ref"] == f"./schemas/{name}.json"
        assert (FOLDER / message["payload"]["schema"]["$ref"]).is_file()


def test_each_command_in_the_asyncapi_document_expires_and_is_answered_on_the_one_reply_channel() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    for verb in COMMAND_BODIES:
        operation = document["operations"][f"cmd-{verb}"]
        assert operation["action"] == "send"
        assert operation["bindings"]["mqtt"] == {"qos": 1, "retain": False, "bindingVersion": "0.2.0", "messageExpiryInterval": 120}
        assert operation["reply"]["channel"] == {"$ref": "#/channels/reply"} and len(operation["reply"]["messages"]) == 3
        assert resolved(document, operation["channel"])["address"] == f"tk/1/cmd/{verb}"


def resolved(document: dict[str, Any], reference: dict[str, str]) -> dict[str, Any]:
    found: Any = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
