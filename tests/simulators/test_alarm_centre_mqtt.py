"""The centre on its line: a real mosquitto, real sockets, an operator that a test stands in for."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pytest

from simulators.alarm_centre import Binding, Registry, random_id
from simulators.alarm_centre.asking import Asker
from simulators.alarm_centre.levers import LeverError
from simulators.alarm_centre.mqtt import AlarmCentre, Line
from simulators.alarm_centre.operator import Operator, Seen
from simulators.broker import Broker

SERIAL = "B8A44F03D1C7"
GET = {"binding_id": "binding-old", "camera_serial": None}


class StandIn(Operator):
    """Says what it is told to have seen."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen(picture=True, code="4711")

    def look(self, camera_serial: str, *, wants_code: bool) -> Seen:
        return self.seen


class Stage:
    def __init__(self, broker: Broker, **more: Any) -> None:
        self.broker, self.operator = broker, StandIn()
        line = Line(broker.host, broker.port, broker.passwords["alarm_centre"])
        self.centre = AlarmCentre(line, lambda: Registry(random_id), self.operator, **more)
        self.levers = self.centre.levers

    def seed(self) -> None:
        at = datetime.now(UTC)
        self.centre.registry.seed([Binding("binding-old", SERIAL, "site-storgatan", "provider-one", "schedule-night", "ACTIVE", 3, at)])

    def asker(self, **more: Any) -> Asker:
        return Asker(self.broker.host, self.broker.port, self.broker.passwords["daemon"], **more)


@pytest.fixture
def stage():
    with Broker() as broker:
        stage = Stage(broker)
        stage.seed()
        with stage.centre:
            yield stage


@pytest.fixture
def asker(stage):
    with stage.asker() as asker:
        yield asker


def suspend(revision: int = 3) -> dict[str, object]:
    return {
        "binding_id": "binding-old", "camera_serial": SERIAL, "expected_revision": revision, "reason_class": "MOVE", "fallback_ref": "fallback-1",
        "review_at": "2030-01-01T00:00:00.000Z",
    }  # fmt: skip


def until(happened: Callable[[], Any], within_s: float = 5.0) -> Any:
    give_up_at = time.monotonic() + within_s
    while time.monotonic() < give_up_at:
        if found := happened():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


def newest(asker: Asker, topic: str) -> dict[str, Any] | None:
    payloads = [message.payload for message in asker.heard if message.topic == topic]
    return json.loads(payloads[-1]) if payloads and payloads[-1] else None


def test_reply_state_and_status(stage, asker):
    reply = asker.ask("suspend_binding", **suspend())
    assert reply["result"] == "completed" and reply["correlation"] == reply["in_reply_to"]
    assert newest(asker, "tk/1/binding/binding-old/state")["state"] == "SUSPENDED", "it was there before the reply"
    assert until(lambda: newest(asker, "tk/1/status/ac"))["state"] == "online"
    stage.centre.stop()
    assert until(lambda: (newest(asker, "tk/1/status/ac") or {})["state"] == "offline")


def test_a_round_trip_takes_a_few_milliseconds_at_most(asker):
    took_s = []
    for _ in range(30):
        began = time.perf_counter()
        asker.ask("get_binding", **GET)
        took_s.append(time.perf_counter() - began)
    assert median(took_s) < 0.02, "44 ms would be Nagle"


def test_no_valid_command_is_answered_as_such(asker):
    reply = asker.ask("get_binding", binding_id="binding-old")
    assert (reply["code"], reply["in_reply_to"]) == ("SCHEMA_INVALID", reply["correlation"])


def test_a_test_look_does_not_block_the_registry(stage, asker):
    asker.ask("suspend_binding", **suspend())
    asker.send("test_look", {"binding_id": "binding-old", "challenge_id": "challenge-1"})
    assert asker.reply()["body"]["code_seen"] == "4711"
    stage.operator.seen = Seen(picture=False)
    assert asker.ask("test_look", binding_id="binding-old", challenge_id="challenge-2")["code"] == "FAILED_NO_PICTURE"


def test_an_ordinary_look(stage, asker):
    stage.levers.pull("look_now", binding_id="binding-old", for_s=0.3)
    assert asker.ask("suspend_binding", **suspend())["code"] == "LOOK_IN_PROGRESS"
    assert until(lambda: newest(asker, "tk/1/event/look_done"))["outcome_class"] == "OK"
    assert asker.ask("suspend_binding", **suspend())["result"] == "completed"


def test_silent_and_then_the_stored_reply(stage, asker):
    stage.levers.pull("silent")
    msg_id = asker.send("suspend_binding", suspend())
    with pytest.raises(queue.Empty):
        asker.reply(0.3)
    stage.levers.pull("calm")
    assert until(lambda: newest(asker, "tk/1/binding/binding-old/state"))["state"] in ("ACTIVE", "SUSPENDED")
    assert asker.ask("suspend_binding", msg_id=msg_id, **suspend())["revision"] == 4
    assert asker.ask("get_binding", **GET)["revision"] == 4


def test_silent_for_a_while_and_deaf(stage, asker):
    stage.levers.pull("silent", for_s=0.3, hears=False)
    asker.send("suspend_binding", suspend())
    with pytest.raises(queue.Empty):
        asker.reply(0.4)
    assert asker.ask("get_binding", **GET)["revision"] == 3


def test_late_twice_slow_and_refusing(stage, asker):
    stage.levers.pull("answer_late", by_s=0.3)
    late = asker.send("get_binding", GET)
    quick = asker.send("get_binding", GET)
    assert [asker.reply()["in_reply_to"], asker.reply()["in_reply_to"]] == [quick, late]
    stage.levers.pull("answer_twice")
    assert asker.ask("get_binding", **GET) == asker.reply()
    stage.levers.pull("slow", by_s=0.2)
    began = time.monotonic()
    asker.ask("get_binding", **GET)
    assert time.monotonic() - began > 0.2
    stage.levers.pull("calm")
    stage.levers.pull("refuse", code="WRONG_STATE", times=2)
    assert [asker.ask("suspend_binding", **suspend())["code"] for _ in range(3)] == ["WRONG_STATE", "WRONG_STATE", None]


def test_a_restart_is_seen_and_forgets_nothing(stage, asker):
    first = asker.ask("suspend_binding", **suspend())
    until(lambda: newest(asker, "tk/1/status/ac"))
    stage.levers.pull("restart", away_s=0.1)
    assert asker.ask("suspend_binding", msg_id=first["in_reply_to"], **suspend()) == first
    states = [json.loads(m.payload)["state"] for m in asker.heard if m.topic == "tk/1/status/ac"]
    assert states[-2:] == ["offline", "online"]


def test_the_file_outlives_the_process(tmp_path):
    keeps = tmp_path / "centre.json"
    with Broker() as broker:
        first, second = Stage(broker, keeps=keeps), None
        first.seed()
        with first.centre, first.asker() as asker:
            reply = asker.ask("suspend_binding", **suspend())
        second = Stage(broker, keeps=keeps)
        with second.centre, second.asker() as asker:
            assert asker.ask("suspend_binding", msg_id=reply["in_reply_to"], **suspend()) == reply


def test_people_and_lies(stage, asker):
    stage.levers.pull("edit_by_hand", binding_id="binding-old", provider_ref="provider-two")
    assert until(lambda: newest(asker, "tk/1/event/binding_changed_externally"))["revision"] == 4
    stage.levers.pull("wrong_state_message", binding_id="binding-old")
    assert until(lambda: newest(asker, "tk/1/binding/binding-old/state")["revision"] == 99)
    forged = stage.levers.pull("forge_reply", in_reply_to=random_id(datetime.now(UTC)), client_ref="asker")
    reply = asker.reply()
    assert reply["correlation"] == forged["correlation"] != reply["in_reply_to"]
    stage.levers.pull("announce_first_look", binding_id="binding-old", at="2030-01-01T00:00:00.000Z")
    assert until(lambda: newest(asker, "tk/1/event/upcoming_first_look"))["at"] == "2030-01-01T00:00:00.000Z"
    stage.levers.pull("calm")
    assert until(lambda: newest(asker, "tk/1/binding/binding-old/state")["revision"] == 4)


def test_a_wrong_lever_is_a_clear_sentence(stage):
    assert all(stage.levers.names().values())
    for name, args, words in (("sing", {}, "no lever sing"), ("slow", {}, "by_s"), ("refuse", {"code": "NO"}, "no code of the contract")):
        with pytest.raises(LeverError, match=words):
            stage.levers.pull(name, **args)


def test_the_broker_is_killed_and_comes_back(stage, asker):
    first = asker.ask("suspend_binding", **suspend())
    stage.broker.kill()
    stage.broker.start()
    until(lambda: stage.centre.seen["connections"] >= 2)
    again = until(lambda: _ask_patiently(asker, "suspend_binding", first["in_reply_to"], suspend()), 10)
    assert again == first
    asker.heard.clear()
    with stage.asker(client_ref="second") as second:
        assert until(lambda: newest(second, "tk/1/binding/binding-old/state"))["revision"] == 4, "what the broker forgot is published again"


def _ask_patiently(asker: Asker, verb: str, msg_id: str, body: dict[str, object]) -> dict[str, Any] | None:
    try:
        return asker.ask(verb, msg_id=msg_id, within_s=0.5, **body)
    except queue.Empty:
        return None
