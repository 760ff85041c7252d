"""Writes the contract for those who do not read Python: one JSON Schema a message and an AsyncAPI 3.0 document, from the models alone.

The output is a function of the models, byte for byte, so that a test can say whether the files in the repository are stale.
JSON Schema draft 07 and no `$ref` within a schema: every AsyncAPI tool has to understand that much.
"""

import json
from pathlib import Path
from typing import Any

from provisioner.registry import topics
from provisioner.registry.contract import COMMAND_LIFE_S, COMMAND_MODELS, EVENT_MODELS, PAYLOAD_BYTES_MOST, REPLY_MODELS, schema_of
from provisioner.registry.fields import MSG_ID_PATTERN, OPAQUE_PATTERN, Closed
from provisioner.registry.messages import State, Status

Json = dict[str, Any]

ASYNCAPI = "asyncapi.json"
SCHEMAS = "schemas/"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_MQTT = "0.2.0"  # version of the AsyncAPI MQTT bindings: the first with MQTT 5's response topic and expiry


def contract_files() -> dict[str, str]:
    """Every generated file: its path below the contract's folder, and its text."""
    files = {ASYNCAPI: _written(_asyncapi())}
    for name, model in _messages().items():
        files[f"{SCHEMAS}{name}.json"] = _written(_schema(name, model))
    return files


def write(folder: Path) -> list[str]:
    """Write the files below `folder` and take away schemas of messages that are no more. Gives the paths that changed. Raises OSError."""
    changed = stale(folder)
    wanted = contract_files()
    for name in changed:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def stale(folder: Path) -> list[str]:
    """Paths below `folder` that are missing, different from what the models say, or left over. Empty where all is well."""
    wanted = contract_files()
    different = [name for name, text in wanted.items() if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text]
    found = {f"{SCHEMAS}{path.name}" for path in (folder / SCHEMAS).glob("*.json")}
    return sorted({*different, *(found - wanted.keys())})


def _messages() -> dict[str, type[Closed]]:
    """Name in the documents (also that of the schema's file) and model, in the order of the contract."""
    found: dict[str, type[Closed]] = {_name(model): model for model in COMMAND_MODELS}
    found |= {f"reply-{model.model_fields['result'].annotation.__args__[0]}": model for model in REPLY_MODELS}  # type: ignore[union-attr]
    found |= {_name(model): model for model in EVENT_MODELS}
    return {**found, "state": State, "status": Status}


def _name(model: type[Closed]) -> str:
    """`cmd-suspend_binding`, `event-look_done`."""
    return schema_of(model).removeprefix(f"{topics.PREFIX}/").replace("/", "-")


def _written(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# ---- JSON Schema ------------------------------------------------------------------------------------------------------------------


def _schema(name: str, model: type[Closed]) -> Json:
    made = model.model_json_schema(by_alias=True, mode="validation")
    inner = _inlined(made, made.pop("$defs", {}))
    inner.pop("title", None)
    return {"$schema": _DRAFT, "$id": f"urn:tk:1:{name}", "title": name, "$comment": f"At most {PAYLOAD_BYTES_MOST} bytes of UTF-8.", **inner}


def _inlined(part: Any, definitions: Json) -> Any:
    """The same schema without references to `definitions` and without the titles that only repeat a key."""
    if isinstance(part, list):
        return [_inlined(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].removeprefix("#/$defs/")], definitions)
    return {key: _inlined(value, definitions) for key, value in part.items() if key != "title" or not isinstance(value, str)}


# ---- AsyncAPI ---------------------------------------------------------------------------------------------------------------------


def _asyncapi() -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Camera provisioning: daemon and alarm centre",
            "version": topics.PREFIX.rsplit("/", maxsplit=1)[-1] + ".0.0",
            "description": "Seen from the daemon. What a schema cannot say stands in README.md beside this file. Nothing personal travels here.",
        },
        "defaultContentType": "application/json",
        "servers": {"broker": {
            "host": "broker.example:8883", "protocol": "secure-mqtt", "protocolVersion": "5",
            "description": "Any MQTT 5 broker, with an ACL for each client and TCP_NODELAY.",
            "security": [{"$ref": "#/components/securitySchemes/password"}],
            "bindings": {"mqtt": {"cleanSession": False, "keepAlive": 15, "sessionExpiryInterval": 3600, "lastWill": {
                "topic": topics.STATUS_DAEMON, "qos": 1, "retain": True, "message": "A status message, offline."}, "bindingVersion": _MQTT}},
        }},
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": {name: _message(name, model) for name, model in _messages().items()},
            "securitySchemes": {"password": {"type": "userPassword", "description": "One user for each party."}},
        },
    }


def _channels() -> Json:
    client = {"client_ref": {"description": "The MQTT client id of the asking daemon."}}
    binding = {"binding_id": {"description": f"Opaque: {OPAQUE_PATTERN}"}}
    found = {_name(model): _channel(schema_of(model), [_name(model)]) for model in (*COMMAND_MODELS, *EVENT_MODELS)}
    found["reply"] = {**_channel(topics.reply_topic("{client_ref}"), _replies()), "parameters": client}
    found["state"] = {**_channel(topics.state_topic("{binding_id}"), ["state"]), "parameters": binding}
    found["status-daemon"] = _channel(topics.STATUS_DAEMON, ["status"])
    found["status-ac"] = _channel(topics.STATUS_CENTRE, ["status"])
    return found


def _channel(address: str, messages: list[str]) -> Json:
    return {"address": address, "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages}}


def _replies() -> list[str]:
    return [name for name in _messages() if name.startswith("reply-")]


def _operations() -> Json:
    found: Json = {}
    for model in COMMAND_MODELS:
        name = _name(model)
        found[name] = {**_operation("send", name, [name], expiry_s=COMMAND_LIFE_S), "summary": model.__doc__, "reply": {
            "channel": {"$ref": "#/channels/reply"}, "messages": [{"$ref": f"#/channels/reply/messages/{reply}"} for reply in _replies()]}}
    for event in EVENT_MODELS:
        found[_name(event)] = {**_operation("receive", _name(event), [_name(event)]), "summary": event.__doc__}
    found["state"] = {**_operation("receive", "state", ["state"], retain=True), "summary": "The state of each binding; an empty payload clears it."}
    found["status-daemon"] = {**_operation("send", "status-daemon", ["status"], retain=True), "summary": "Presence of the daemon."}
    found["status-ac"] = {**_operation("receive", "status-ac", ["status"], retain=True), "summary": "Presence of the alarm centre."}
    return found


def _operation(action: str, channel: str, messages: list[str], *, retain: bool = False, expiry_s: int | None = None) -> Json:
    mqtt: Json = {"qos": 1, "retain": retain, "bindingVersion": _MQTT}
    if expiry_s is not None:
        mqtt["messageExpiryInterval"] = expiry_s
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "bindings": {"mqtt": mqtt},
            "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages]}


def _message(name: str, model: type[Closed]) -> Json:
    found: Json = {
        "name": name, "title": name, "summary": model.__doc__, "contentType": "application/json",
        "payload": {"schemaFormat": "application/schema+json;version=draft-07", "schema": {"$ref": f"./{SCHEMAS}{name}.json"}},
    }
    mark = {"type": "string", "pattern": MSG_ID_PATTERN}
    if name.startswith("cmd-"):
        found["correlationId"] = {"location": "$message.payload#/msg_id"}
        found["bindings"] = {"mqtt": {"correlationData": mark, "responseTopic": topics.reply_topic("{client_ref}"), "bindingVersion": _MQTT}}
    elif name.startswith("reply-"):
        found["correlationId"] = {"location": "$message.payload#/in_reply_to"}
        found["bindings"] = {"mqtt": {"correlationData": mark, "bindingVersion": _MQTT}}
    return found
