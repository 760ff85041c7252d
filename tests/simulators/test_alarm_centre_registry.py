"""The registry against its contract, in virtual time: no socket, no clock."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulators.alarm_centre import Binding, InvariantBroken, Properties, Publish, Registry, counted_ids
from simulators.alarm_centre.asking import command

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERIAL, OTHER = "B8A44F03D1C7", "B8A44F9A0E52"
REVIEW = "2026-11-24T12:00:00.000Z"


def binding(binding_id: str = "binding-old", serial: str = SERIAL, state: str = "ACTIVE", revision: int = 3) -> Binding:
    return Binding(binding_id, serial, "site-storgatan", "provider-one", "schedule-night", state, revision, T0)


class Desk:
    """A registry and somebody who asks it."""

    def __init__(self, *seed: Binding, sites: list[str] | None = None, providers: list[str] | None = None) -> None:
        self.registry = Registry(counted_ids(), sites=sites, providers=providers)
        self.registry.seed(seed or (binding(),))
        self.now = T0
        self.out: list[Publish] = []

    def ask(self, verb: str, msg_id: str | None = None, expires_in_s: float = 120, **body: Any) -> dict[str, Any]:
        topic, payload, properties = command(verb, body, self.now, msg_id=msg_id, expires_in_s=expires_in_s)
        self.out = self.registry.handle(topic, payload, properties, self.now)
        self.registry.check_invariants()
        return self.reply()

    def reply(self) -> dict[str, Any]:
        replies = [json.loads(message.payload) for message in self.out if message.is_reply]
        return replies[-1] if replies else {}

    def states(self) -> list[tuple[str, int]]:
        return [(state["state"], state["revision"]) for m in self.out if m.retain and m.payload for state in [json.loads(m.payload)]]

    def suspend(self, revision: int = 3, serial: str = SERIAL, **more: Any) -> dict[str, Any]:
        return self.ask(
            "suspend_binding", binding_id="binding-old", camera_serial=serial, expected_revision=revision, reason_class="MOVE",
            fallback_ref="fallback-visit-1", review_at=REVIEW, **more,
        )  # fmt: skip

    def prepare(self, **more: Any) -> dict[str, Any]:
        body = {
            "new_binding_id": "binding-new", "camera_serial": SERIAL, "new_site_ref": "site-nygatan", "provider_ref": "provider-one", "schedule_ref": "schedule-night",
        }  # fmt: skip
        return self.ask("prepare_binding", **{**body, **more})

    def rebind(self, old: int = 4, new: int = 1, **more: Any) -> dict[str, Any]:
        body = {
            "old_binding_id": "binding-old", "old_expected_revision": old, "new_binding_id": "binding-new", "new_expected_revision": new,
            "camera_serial": SERIAL, "effective_at": "2026-11-23T12:00:00.000Z",
        }  # fmt: skip
        return self.ask("rebind_camera", **{**body, **more})


def test_a_move_from_suspend_to_rebind():
    desk = Desk()
    assert desk.suspend()["result"] == "completed" and desk.states() == [("SUSPENDED", 4)]
    assert desk.prepare()["revision"] == 1 and desk.states() == [("TEST", 1)]
    reply = desk.rebind()
    assert (reply["result"], reply["code"], reply["revision"]) == ("completed", None, 2)
    assert [(b["binding_id"], b["state"], b["revision"]) for b in reply["body"]["bindings"]] == [("binding-old", "RETIRED", 5), ("binding-new", "ACTIVE", 2)]
    assert desk.states() == [("RETIRED", 5), ("ACTIVE", 2)]
    assert [m.is_reply for m in desk.out] == [False, False, True], "who hears the reply can already read the states"
    assert reply["body"]["bindings"][0]["next_look_at"] is None and reply["body"]["bindings"][1]["next_look_at"] == "2026-11-23T21:30:00.000Z"


def test_the_reply_and_the_state_have_exactly_the_agreed_keys():
    desk = Desk()
    reply = desk.suspend()
    assert list(reply) == ["schema", "msg_id", "in_reply_to", "result", "code", "revision", "at", "body"]
    assert list(reply["body"]) == ["bindings", "code_seen", "next_cursor"]
    assert sorted(reply["body"]["bindings"][0]) == sorted(
        ["binding_id", "camera_serial", "site_ref", "provider_ref", "schedule_ref", "state", "revision", "last_look_at", "next_look_at"]
    )
    state = json.loads(next(m.payload for m in desk.out if m.retain))
    assert state == {
        "schema": "tk/1/state", "binding_id": "binding-old", "state": "SUSPENDED", "revision": 4, "serial_last4": "D1C7",
        "updated_at": "2026-11-23T12:00:00.000Z",
    }  # fmt: skip


def test_a_repeat_gets_the_same_bytes_and_changes_nothing():
    desk = Desk()
    msg_id = "01936f00-0000-7000-8000-000000000001"
    desk.suspend(msg_id=msg_id)
    first = [m.payload for m in desk.out if m.is_reply]
    desk.now += timedelta(minutes=10)
    desk.suspend(msg_id=msg_id, expires_in_s=-5)
    assert [m.payload for m in desk.out] == first, "also past its expiry, and without a state"


def test_expired_is_final_for_its_msg_id():
    desk = Desk()
    msg_id = "01936f00-0000-7000-8000-000000000002"
    assert desk.suspend(msg_id=msg_id, expires_in_s=-1)["code"] == "EXPIRED"
    assert desk.suspend(msg_id=msg_id)["code"] == "EXPIRED"
    assert desk.suspend()["result"] == "completed"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"revision": 2}, "REVISION_CONFLICT"), ({"serial": OTHER}, "SERIAL_MISMATCH")],
)
def test_refused_with_the_binding_as_it_stands(change: dict[str, Any], code: str):
    desk = Desk()
    reply = desk.suspend(**change)
    assert (reply["result"], reply["code"], reply["revision"]) == ("rejected", code, 3)
    assert reply["body"]["bindings"][0]["state"] == "ACTIVE" and desk.states() == []


def test_the_other_refusals():
    desk = Desk(binding(), binding("binding-two", OTHER, "SUSPENDED"), sites=["site-nygatan"], providers=["provider-one", "provider-two"])
    assert desk.prepare()["code"] == "SERIAL_ALREADY_BOUND"
    assert desk.prepare(camera_serial="B8A44F000000")["code"] == "BINDING_UNKNOWN"
    assert desk.prepare(new_site_ref="site-nowhere")["code"] == "SITE_UNKNOWN"
    assert desk.prepare(provider_ref="provider-nobody")["code"] == "PROVIDER_UNKNOWN"
    assert desk.prepare(new_binding_id="binding-two")["code"] == "WRONG_STATE"
    assert desk.rebind()["code"] == "BINDING_UNKNOWN"
    assert desk.ask("test_look", binding_id="binding-old", challenge_id="challenge-1")["code"] == "WRONG_STATE"
    swap = {"binding_id": "binding-two", "old_serial": OTHER, "expected_revision": 3}
    assert desk.ask("swap_camera", **swap, new_serial=SERIAL)["code"] == "SERIAL_ALREADY_BOUND"
    assert desk.ask("swap_camera", **swap, new_serial="B8A44F777777")["body"]["bindings"][0]["camera_serial"] == "B8A44F777777"
    desk.suspend()
    desk.prepare()
    resume = desk.ask("resume_binding", binding_id="binding-old", camera_serial=SERIAL, expected_revision=4)
    assert resume["code"] == "SERIAL_ALREADY_BOUND"
    retire = desk.ask("retire_binding", binding_id="binding-new", camera_serial=SERIAL, expected_revision=1, reason_class="ENDED")
    assert retire["body"]["bindings"][0]["state"] == "RETIRED"
    assert desk.ask("resume_binding", binding_id="binding-old", camera_serial=SERIAL, expected_revision=4)["result"] == "completed"


def test_change_of_provider_is_accepted_and_then_completed_at_its_instant():
    desk = Desk()
    msg_id = "01936f00-0000-7000-8000-000000000003"
    body = {
        "binding_id": "binding-old", "camera_serial": SERIAL, "expected_revision": 3, "new_provider_ref": "provider-two", "effective_at": "2026-11-24T07:00:00.000Z",
    }  # fmt: skip
    assert desk.ask("change_provider", msg_id, **body)["result"] == "accepted" and desk.states() == []
    assert desk.ask("change_provider", msg_id, **body)["result"] == "accepted"
    assert desk.ask("change_provider", **body)["code"] == "WRONG_STATE", "one change waits already"
    assert desk.registry.next_due() == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert desk.registry.due(datetime(2026, 11, 24, 6, 59, 59, tzinfo=UTC)) == []
    desk.now = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    desk.out = desk.registry.due(desk.now)
    assert (desk.reply()["result"], desk.reply()["revision"], desk.states()) == ("completed", 4, [("ACTIVE", 4)])
    assert desk.reply()["body"]["bindings"][0]["provider_ref"] == "provider-two"
    assert desk.ask("change_provider", msg_id, **body)["result"] == "completed", "the newest of its two replies"


def test_change_of_provider_that_is_due_already_gives_both_replies_at_once():
    desk = Desk()
    desk.ask(
        "change_provider", binding_id="binding-old", camera_serial=SERIAL, expected_revision=3, new_provider_ref="provider-two",
        effective_at="2026-11-23T07:00:00.000Z",
    )  # fmt: skip
    assert [json.loads(m.payload).get("result") for m in desk.out if m.is_reply] == ["accepted", "completed"]
    assert desk.registry.due(T0 + timedelta(days=1)) == []


def test_a_retired_state_is_cleared_after_24_h():
    desk = Desk()
    desk.ask("retire_binding", binding_id="binding-old", camera_serial=SERIAL, expected_revision=3, reason_class="ENDED")
    assert desk.registry.due(T0 + timedelta(hours=23, minutes=59)) == []
    assert desk.registry.due(T0 + timedelta(hours=24)) == [Publish("tk/1/binding/binding-old/state", b"", retain=True)]
    assert desk.registry.states(T0 + timedelta(hours=24, minutes=30))[0].payload == b""
    assert desk.registry.states(T0 + timedelta(hours=26)) == []


def test_a_test_look_is_wanted_and_then_answered():
    desk = Desk(binding(state="SUSPENDED"))
    msg_id = "01936f00-0000-7000-8000-000000000004"
    ask = {"binding_id": "binding-old", "challenge_id": "challenge-1"}
    assert desk.ask("test_look", msg_id, **ask) == {}
    [look] = desk.registry.looks_wanted()
    assert (look.camera_serial, look.command) == (SERIAL, msg_id) and desk.registry.looks_wanted() == []
    assert desk.ask("test_look", msg_id, **ask) == {}, "still looking"
    assert desk.ask("test_look", **ask)["code"] == "LOOK_IN_PROGRESS"
    desk.out = desk.registry.looked(look.look_id, T0, picture=True, code_seen="4711")
    assert (desk.reply()["result"], desk.reply()["body"]["code_seen"]) == ("completed", "4711")
    assert desk.registry.looked(look.look_id, T0, picture=True, code_seen="4711") == []
    assert desk.ask("test_look", msg_id, **ask)["body"]["code_seen"] == "4711"


def test_no_picture_and_no_code_are_two_answers():
    desk = Desk(binding(state="SUSPENDED"))
    for picture, result, code in ((False, "rejected", "FAILED_NO_PICTURE"), (True, "completed", None)):
        desk.ask("test_look", binding_id="binding-old", challenge_id="challenge-1")
        desk.out = desk.registry.looked(desk.registry.looks_wanted()[0].look_id, T0, picture=picture)
        assert (desk.reply()["result"], desk.reply()["code"], desk.reply()["body"]["code_seen"]) == (result, code, None)


def test_an_ordinary_look_holds_the_suspension_up_and_becomes_an_event():
    desk = Desk()
    look_id = desk.registry.look_now("binding-old", T0)
    assert desk.suspend()["code"] == "LOOK_IN_PROGRESS"
    [event] = desk.registry.looked(look_id, T0, picture=True, outcome="OK")
    assert event.topic == "tk/1/event/look_done" and not event.retain
    assert sorted(json.loads(event.payload)) == ["at", "binding_id", "msg_id", "outcome_class", "schema"]
    assert desk.suspend()["body"]["bindings"][0]["last_look_at"] == "2026-11-23T12:00:00.000Z"


def test_the_first_look_is_announced_once():
    desk = Desk()
    desk.suspend()
    desk.prepare()
    desk.rebind()
    assert desk.registry.due(datetime(2026, 11, 23, 20, 29, tzinfo=UTC)) == []
    [event] = desk.registry.due(datetime(2026, 11, 23, 20, 30, tzinfo=UTC))
    assert event.topic == "tk/1/event/upcoming_first_look" and json.loads(event.payload)["at"] == "2026-11-23T21:30:00.000Z"


def test_an_edit_by_hand_is_told_and_cannot_break_the_registry():
    desk = Desk(binding(), binding("binding-two", SERIAL, "SUSPENDED"))
    out = desk.registry.edit_by_hand("binding-old", T0, site_ref="site-elsewhere")
    assert [m.topic for m in out] == ["tk/1/binding/binding-old/state", "tk/1/event/binding_changed_externally"]
    assert json.loads(out[1].payload)["revision"] == 4
    with pytest.raises(ValueError, match="second live binding"):
        desk.registry.edit_by_hand("binding-two", T0, state="ACTIVE")
    assert desk.suspend(revision=3)["code"] == "REVISION_CONFLICT"


def test_list_gives_pages_and_a_page_fits_into_4_kib():
    desk = Desk(*(binding(f"b{n:02d}-" + "x" * 60, f"{n:02d}" + "S" * 62) for n in range(20)))
    seen, cursor, pages = [], None, 0
    while True:
        reply = desk.ask("list_bindings", cursor=cursor)
        assert len(desk.out[0].payload) <= 4096
        seen += [b["binding_id"] for b in reply["body"]["bindings"]]
        cursor, pages = reply["body"]["next_cursor"], pages + 1
        if cursor is None:
            break
    assert seen == sorted(seen) and len(seen) == 20 and pages >= 3


def test_get_by_id_by_serial_and_for_nothing():
    desk = Desk(binding(), binding("binding-gone", SERIAL, "RETIRED"))
    assert desk.ask("get_binding", binding_id="binding-gone", camera_serial=None)["body"]["bindings"][0]["state"] == "RETIRED"
    assert [b["binding_id"] for b in desk.ask("get_binding", binding_id=None, camera_serial=SERIAL)["body"]["bindings"]] == ["binding-old"]
    reply = desk.ask("get_binding", binding_id=None, camera_serial=OTHER)
    assert reply["result"] == "completed" and reply["body"]["bindings"] == [] and reply["revision"] is None
    assert desk.ask("get_binding", binding_id="binding-old", camera_serial=SERIAL)["code"] == "SCHEMA_INVALID"


def test_memory_survives_a_restart():
    desk = Desk(binding(), binding("binding-two", OTHER, "SUSPENDED"))
    msg_id = "01936f00-0000-7000-8000-000000000005"
    before = desk.suspend(msg_id=msg_id)
    desk.ask("test_look", binding_id="binding-two", challenge_id="challenge-1")
    asked = desk.registry.looks_wanted()
    kept = json.loads(json.dumps(desk.registry.snapshot()))
    desk.registry = Registry(counted_ids())
    desk.registry.restore(kept)
    assert desk.registry.snapshot() == kept
    assert desk.suspend(msg_id=msg_id) == before
    assert desk.registry.looks_wanted() == asked


def test_what_cannot_be_answered_is_not_carried_out():
    desk = Desk()
    topic, payload, _ = command("list_bindings", {"cursor": None}, T0)
    for properties in (Properties(None, b"x"), Properties("tk/1/reply/me", None), Properties("tk/1/cmd/x", b"x"), Properties("tk/1/reply/#", b"x")):
        assert desk.registry.handle(topic, payload, properties, T0) == []
    assert desk.registry.ignored == 4


def test_the_registry_refuses_to_be_made_wrong():
    with pytest.raises(InvariantBroken):
        Desk(binding(), binding("binding-two", SERIAL, "TEST"))


def test_it_is_quick_enough_for_millions_of_steps():
    desk = Desk()
    topic, payload, properties = command("get_binding", {"binding_id": "binding-old", "camera_serial": None}, T0)
    began = time.perf_counter()
    for _ in range(2000):
        desk.registry.handle(topic, payload, properties, T0)
    assert (time.perf_counter() - began) / 2000 < 0.001
