"""One good example of every message, written out by hand from docs/contract/README.md."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
AT = "2026-11-23T02:15:00.000Z"
LATER = "2026-11-23T02:17:00.000Z"
MSG_ID = "019ab0c4-7c00-7000-8000-000000000001"
OTHER_ID = "019ab0c4-7c00-7000-8000-000000000002"

_THREE = {"binding_id": "binding-1", "camera_serial": "ACCC8E012345", "expected_revision": 3}
COMMAND_BODIES: dict[str, dict[str, object]] = {
    "suspend_binding": {**_THREE, "reason_class": "MOVE", "fallback_ref": "fallback-1", "review_at": LATER},
    "resume_binding": _THREE,
    "prepare_binding": {"new_binding_id": "binding-2", "camera_serial": "ACCC8E012345", "new_site_ref": "site-0002", "provider_ref": "provider-1",
                        "schedule_ref": "schedule-1"},
    "test_look": {"binding_id": "binding-2", "challenge_id": "challenge-1"},
    "rebind_camera": {"old_binding_id": "binding-1", "old_expected_revision": 4, "new_binding_id": "binding-2", "new_expected_revision": 1,
                      "camera_serial": "ACCC8E012345", "effective_at": LATER},
    "change_provider": {**_THREE, "new_provider_ref": "provider-2", "effective_at": LATER},
    "retire_binding": {**_THREE, "reason_class": "ENDED"},
    "swap_camera": {"binding_id": "binding-1", "old_serial": "ACCC8E012345", "new_serial": "ACCC8E067890", "expected_revision": 3},
    "get_binding": {"binding_id": None, "camera_serial": "ACCC8E012345"},
    "list_bindings": {"cursor": None},
    "report_night": {"night": "2026-11-27", "camera": 41, "visits": 2, "not_owed": 1, "neither": 0, "unknown": 0, "open_sites": []},
}
SNAPSHOT: dict[str, object] = {
    "binding_id": "binding-1", "camera_serial": "ACCC8E012345", "site_ref": "site-0001", "provider_ref": "provider-1", "schedule_ref": "schedule-1",
    "state": "SUSPENDED", "revision": 4, "last_look_at": None, "next_look_at": LATER,
}
_EVENT = {"msg_id": MSG_ID, "binding_id": "binding-1", "at": AT}
EVENTS: dict[str, dict[str, object]] = {
    "tk/1/event/look_done": {"schema": "tk/1/event/look_done", **_EVENT, "outcome_class": "OK"},
    "tk/1/event/look_failed_technical": {"schema": "tk/1/event/look_failed_technical", **_EVENT, "code": "FAILED_NO_PICTURE"},
    "tk/1/event/binding_changed_externally": {"schema": "tk/1/event/binding_changed_externally", **_EVENT, "revision": 7},
    "tk/1/event/upcoming_first_look": {"schema": "tk/1/event/upcoming_first_look", **_EVENT},
}
STATE: dict[str, object] = {
    "schema": "tk/1/state", "binding_id": "binding-1", "state": "SUSPENDED", "revision": 4, "serial_last4": "2345", "updated_at": AT,
}
STATUS: dict[str, object] = {"schema": "tk/1/status", "state": "online", "at": AT}


def command_dict(verb: str) -> dict[str, object]:
    """A whole command of this verb."""
    return {"schema": f"tk/1/cmd/{verb}", "msg_id": MSG_ID, "sent_at": AT, "expires_at": LATER, "case_ref": "case-1234", "actor_ref": "actor-12",
            "body": COMMAND_BODIES[verb]}


def reply_dict(result: str, **other: object) -> dict[str, object]:
    """A whole reply to `OTHER_ID`, with some keys replaced."""
    code = "REVISION_CONFLICT" if result == "rejected" else None
    return {"schema": "tk/1/reply", "msg_id": MSG_ID, "in_reply_to": OTHER_ID, "result": result, "code": code, "revision": 4, "at": AT,
            "body": {"bindings": [SNAPSHOT], "code_seen": None, "next_cursor": None}, **other}
