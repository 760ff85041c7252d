"""The wire as the alarm centre reads it: topics, instants, and one closed table of checks for each verb.

Source: docs/contract/README.md. Written by hand and on purpose without any code of the daemon: two witnesses of one wire.
Pure: no I/O and no clock. The tables are plain functions, because a simulation reads millions of commands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

PAYLOAD_BYTES_MOST = 4096  # "at most 4 KiB"
BINDINGS_PER_PAGE = 8

COMMANDS = "tk/1/cmd/"
REPLIES = "tk/1/reply/"

REJECTIONS = (
    "REVISION_CONFLICT", "SERIAL_MISMATCH", "WRONG_STATE", "LOOK_IN_PROGRESS", "SERIAL_ALREADY_BOUND", "SITE_UNKNOWN",
    "BINDING_UNKNOWN", "PROVIDER_UNKNOWN", "FAILED_NO_PICTURE", "EXPIRED", "SCHEMA_INVALID",
)  # fmt: skip

_OPAQUE = re.compile(r"[a-z0-9][a-z0-9-]{5,63}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# The contract gives no pattern for a serial. ONVIF calls it a plain string; what is refused here is only what cannot be on a label.
_SERIAL = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
_REPLY_TOPIC = re.compile(r"tk/1/reply/[^/+#\x00]{1,128}")
_CORRELATION = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Properties:
    """What travels beside a command in MQTT 5: where to answer, and under which mark."""

    response_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """One message the centre wants published, always with QoS 1. `correlation` is set on replies only."""

    topic: str
    payload: bytes
    retain: bool = False
    correlation: bytes | None = None

    @property
    def is_reply(self) -> bool:
        return self.topic.startswith(REPLIES)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that passed every check of its shape."""

    verb: str
    msg_id: str
    expires_at: datetime
    body: dict[str, object]


class Unreadable(ValueError):
    """A payload that is no valid command. The text says which key, never what stood in it."""


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with `Z` and milliseconds (rounded down)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def read_instant(text: str) -> datetime:
    """The other way; ValueError for anything but the one accepted form."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("not an instant of the form 2026-11-23T02:15:00.000Z")
    return datetime.fromisoformat(text)


def encode(message: dict[str, object]) -> bytes:
    return _write(message).encode()


def _closed(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a key stands twice in one object")  # two readers might each believe another one
    return found


# Made once: json.dumps and json.loads would make a new one for each call that differs from the standard.
_write = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_read = json.JSONDecoder(object_pairs_hook=_closed).decode


def is_opaque(value: object) -> bool:
    return isinstance(value, str) and _OPAQUE.fullmatch(value) is not None


def is_uuid7(value: object) -> bool:
    return isinstance(value, str) and _UUID7.fullmatch(value) is not None


def is_serial(value: object) -> bool:
    return isinstance(value, str) and _SERIAL.fullmatch(value) is not None


def is_revision(value: object) -> bool:
    return type(value) is int and value >= 1  # `type is`, because True is an int as well


def is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        read_instant(value)
    except ValueError:  # also 2026-02-30
        return False
    return True


def is_cursor(value: object) -> bool:
    return value is None or (isinstance(value, str) and 1 <= len(value) <= 64)


def _one_of(*allowed: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in allowed


def is_date(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None


def is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= 1_000_000


def is_few_sites(value: object) -> bool:
    return isinstance(value, list) and len(value) <= 20 and all(is_opaque(one) for one in value)


def _or_null(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or check(value)


Shape = dict[str, Callable[[object], bool]]

_CHANGE: Shape = {"binding_id": is_opaque, "camera_serial": is_serial, "expected_revision": is_revision}
BODIES: dict[str, Shape] = {
    "suspend_binding": {
        **_CHANGE, "reason_class": _one_of("MOVE", "PAUSE", "DEFECT", "STOP"), "fallback_ref": is_opaque, "review_at": is_instant,
    },
    "resume_binding": _CHANGE,
    "prepare_binding": {
        "new_binding_id": is_opaque, "camera_serial": is_serial, "new_site_ref": is_opaque, "provider_ref": is_opaque, "schedule_ref": is_opaque,
    },
    "test_look": {"binding_id": is_opaque, "challenge_id": is_opaque},
    "rebind_camera": {
        "old_binding_id": is_opaque, "old_expected_revision": is_revision, "new_binding_id": is_opaque, "new_expected_revision": is_revision,
        "camera_serial": is_serial, "effective_at": is_instant,
    },
    "change_provider": {**_CHANGE, "new_provider_ref": is_opaque, "effective_at": is_instant},
    "retire_binding": {**_CHANGE, "reason_class": _one_of("ENDED")},
    "swap_camera": {"binding_id": is_opaque, "old_serial": is_serial, "new_serial": is_serial, "expected_revision": is_revision},
    "get_binding": {"binding_id": _or_null(is_opaque), "camera_serial": _or_null(is_serial)},
    "list_bindings": {"cursor": is_cursor},
    "report_night": {
        "night": is_date, "camera": is_count, "visits": is_count, "not_owed": is_count, "neither": is_count, "unknown": is_count, "open_sites": is_few_sites,
    },
}  # fmt: skip

_ENVELOPE: Shape = {
    "schema": lambda value: isinstance(value, str),
    "msg_id": is_uuid7,
    "sent_at": is_instant,
    "expires_at": is_instant,
    "case_ref": is_opaque,
    "actor_ref": is_opaque,
    "body": lambda value: isinstance(value, dict),
}


def _check(what: str, value: dict[str, object], shape: Shape) -> None:
    if value.keys() != shape.keys():
        raise Unreadable(f"{what}: missing {sorted(shape.keys() - value.keys())}, not allowed {sorted(value.keys() - shape.keys())}")
    for key, is_good in shape.items():
        if not is_good(value[key]):
            raise Unreadable(f"{what}.{key} is not of the agreed form")


def read_command(topic: str, payload: bytes, correlation: str) -> Command:
    """The command, or Unreadable. The mark beside the message has to be the msg_id within."""
    verb = topic.removeprefix(COMMANDS)
    shape = BODIES.get(verb)
    if shape is None or not topic.startswith(COMMANDS):
        raise Unreadable("no such verb")
    if len(payload) > PAYLOAD_BYTES_MOST:
        raise Unreadable(f"more than {PAYLOAD_BYTES_MOST} bytes")
    try:
        message = _read(payload.decode("utf-8"))
    except Unreadable:
        raise
    except (ValueError, RecursionError) as error:  # also UnicodeDecodeError and JSONDecodeError
        raise Unreadable("not JSON in UTF-8") from error
    if not isinstance(message, dict):
        raise Unreadable("not an object")
    _check("command", message, _ENVELOPE)
    if message["schema"] != topic:
        raise Unreadable("schema and topic name different verbs")
    if message["msg_id"] != correlation:
        raise Unreadable("Correlation Data is not the msg_id")
    body = message["body"]
    _check("body", body, shape)
    if verb == "get_binding" and (body["binding_id"] is None) == (body["camera_serial"] is None):
        raise Unreadable("exactly one of binding_id and camera_serial has to be given")
    return Command(verb, message["msg_id"], read_instant(message["expires_at"]), body)


def answerable(properties: Properties) -> tuple[str, str] | None:
    """Where and under which mark a reply can go, or None where nobody could be told."""
    topic, mark = properties.response_topic, properties.correlation
    if topic is None or mark is None or not _REPLY_TOPIC.fullmatch(topic):
        return None
    text = mark.decode("ascii", errors="replace")
    return (topic, text) if _CORRELATION.fullmatch(text) else None
