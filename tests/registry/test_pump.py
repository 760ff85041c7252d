"""The pump on a virtual line: whatever a network does to messages, each command ends with the alarm centre's own answer, done once."""

import json
import logging
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from provisioner.case.effects import FindBinding, PrepareBinding, SuspendBinding
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import BindingSeen, LookDone, RegistryReply
from provisioner.case.model import BindingState
from provisioner.fault import Fault, FaultKind, PlainError
from provisioner.ids import uuid7 as new_msg_id
from provisioner.registry.client import RegistryClient
from provisioner.registry.settings import RegistrySettings, TlsFiles
from provisioner.registry.transport import Publish
from tests.registry.examples import EVENTS, MSG_ID, NOW, OTHER_ID, STATE, reply_dict
from tests.registry.line import Fate, Heard, VirtualClock, VirtualLine, registry_with, settings

CASE = "0190a5b2-0000-7000-8000-00000000c0de"
FATES = st.sampled_from(["pass", "drop", "twice", "late", "later", "cut"])


class Desk:
    """A client on a virtual line, with everything at hand."""

    def __init__(self, fates: list[Fate] | None = None, bindings: int = 3) -> None:
        self.clock = VirtualClock(NOW)
        self.registry = registry_with(NOW, bindings)
        self.line = VirtualLine(self.clock, self.registry, fates or [])
        self.heard = Heard()
        self.client = RegistryClient(self.line, self.heard, self.clock, settings())
        self.client.start()

    def run(self, for_s: float) -> None:
        self.line.run(for_s, self.client.tick, self.client.next_tick_at)

    def suspend(self, number: int, msg_id: str, deadline_s: float = 30.0) -> None:
        effect = SuspendBinding(f"binding-{number}", SerialNumber(f"ACCC8E{number:06d}"), 1, "MOVE", "fallback-1", NOW + timedelta(days=7), msg_id)
        self.client.send(effect, CASE, self.clock.now() + timedelta(seconds=deadline_s))

    def commands(self) -> list[Publish]:
        return [message for message in self.line.published if message.topic.startswith("tk/1/cmd/")]


@given(st.lists(FATES, max_size=60), st.integers(1, 5))
@hypothesis_settings(max_examples=200, deadline=None)
def test_h5_whatever_the_line_does_each_command_is_done_once_and_its_reply_comes(fates: list[Fate], number: int) -> None:
    desk = Desk(fates, bindings=5)
    sent = [new_msg_id(NOW) for _ in range(number)]
    for position, msg_id in enumerate(sent):
        desk.suspend(position, msg_id, deadline_s=60 * 45.0)
        desk.run(1.0)
    desk.run(60 * 45.0)
    for position, msg_id in enumerate(sent):
        replies = desk.heard.of(msg_id)
        assert replies, "a reply was lost for good"
        assert all(reply == replies[0] for reply in replies)
        assert isinstance(replies[0], RegistryReply) and replies[0].result == "completed"
        binding = desk.registry.book.get(f"binding-{position}")
        assert binding is not None and (binding.state, binding.revision) == ("SUSPENDED", 2)
    assert {msg_id for msg_id, _ in desk.heard.replies} == set(sent)
    assert desk.client.next_tick_at() is None, "nothing is published for ever"


def test_h5_a_command_is_repeated_under_its_own_id_with_fresh_instants() -> None:
    desk = Desk(["drop", "drop"])
    desk.run(0.02)
    desk.suspend(0, MSG_ID)
    desk.run(30)
    sent = [json.loads(message.payload) for message in desk.commands()]
    assert [one["sent_at"][17:] for one in sent] == ["00.020Z", "05.020Z", "10.020Z"]
    assert {one["msg_id"] for one in sent} == {MSG_ID}
    assert [one["expires_at"] for one in sent] == ["2026-11-23T02:17:00.020Z", "2026-11-23T02:17:05.020Z", "2026-11-23T02:17:10.020Z"]
    assert {(one.response_topic, one.correlation, one.expiry_s, one.retain) for one in desk.commands()} == {
        ("tk/1/reply/daemon-1", MSG_ID.encode(), 120, False)}
    assert len(desk.heard.of(MSG_ID)) == 1


def test_h5_a_command_leaves_at_once_when_the_line_is_back_and_not_before() -> None:
    desk = Desk()
    desk.suspend(0, MSG_ID)
    assert desk.commands() == [] and desk.client.next_tick_at() is None
    desk.run(0.02)
    assert len(desk.commands()) == 1
    desk.run(1)
    desk.line.cut(for_s=3)
    desk.suspend(1, OTHER_ID)
    assert len(desk.commands()) == 1
    desk.run(3.1)
    assert [json.loads(message.payload)["msg_id"] for message in desk.commands()] == [MSG_ID, OTHER_ID]
    assert desk.line.subscribed == [("tk/1/reply/daemon-1", "tk/1/event/+", "tk/1/binding/+/state", "tk/1/status/ac")] * 2
    assert desk.heard.links == [True, False, True]


def test_h5_an_unanswered_command_is_published_again_at_once_after_a_reconnect() -> None:
    desk = Desk(["drop"])
    desk.run(0.02)
    desk.suspend(0, MSG_ID)
    desk.run(0.5)
    desk.line.cut(for_s=1)
    desk.run(1.1)
    assert len(desk.commands()) == 2
    desk.run(1)
    assert len(desk.heard.of(MSG_ID)) == 1


def test_h5_sending_again_is_harmless_and_only_lengthens_the_deadline() -> None:
    desk = Desk(["drop"] * 100)
    desk.run(0.02)
    for _ in range(5):
        desk.suspend(0, MSG_ID, deadline_s=8)
    assert len(desk.commands()) == 1
    desk.run(6)
    desk.suspend(0, MSG_ID, deadline_s=8)
    desk.run(60)
    assert len(desk.commands()) == 3  # at 0, 5 and 10 s; the deadline became 14 s
    assert desk.heard.replies == [], "time-outs are the core's affair"
    fault = desk.client.describe_pending(MSG_ID)
    assert fault is not None and fault.kind is FaultKind.TIMED_OUT and "published 3 times and taken by the broker" in fault.evidence
    desk.suspend(0, MSG_ID, deadline_s=8)
    assert len(desk.commands()) == 4, "a new attempt after the deadline is published at once"


def test_a_pending_command_is_forgotten_some_time_after_its_deadline() -> None:
    desk = Desk(["drop"] * 1000)
    desk.suspend(0, MSG_ID, deadline_s=8)
    desk.run(9)
    assert desk.client.describe_pending(MSG_ID) is not None
    desk.client.tick(NOW + timedelta(minutes=11))
    assert desk.client.describe_pending(MSG_ID) is None


def test_h5_a_publish_that_the_broker_refuses_is_a_fault_at_once_and_ends_the_repeating() -> None:
    desk = Desk()
    desk.run(0.02)
    desk.line.code = 0x87
    desk.suspend(0, MSG_ID)
    desk.run(60)
    [fault] = desk.heard.of(MSG_ID)
    assert isinstance(fault, Fault) and fault.kind is FaultKind.REFUSED
    assert "0x87" in fault.evidence and "ACL" in fault.hint.en and "behörighet" in fault.hint.sv
    assert len(desk.commands()) == 1
    desk.line.code = 0x97
    desk.suspend(1, OTHER_ID)
    desk.run(1)
    [fault] = desk.heard.of(OTHER_ID)
    assert isinstance(fault, Fault) and fault.kind is FaultKind.BUSY


def test_h5_nobody_listening_keeps_asking_and_is_known() -> None:
    desk = Desk(["drop"] * 100)
    desk.run(0.02)
    desk.line.code = 0x10
    desk.suspend(0, MSG_ID)
    desk.run(12)
    fault = desk.client.describe_pending(MSG_ID)
    assert fault is not None and fault.kind is FaultKind.UNREACHABLE and "not listening" in fault.evidence
    assert desk.heard.replies == [] and len(desk.commands()) == 3


def test_what_a_time_out_has_to_say_follows_the_evidence() -> None:
    desk = Desk(["drop"] * 100)
    assert desk.client.describe_pending(MSG_ID) is None
    desk.suspend(0, MSG_ID)
    assert kind_and_words(desk) == (FaultKind.UNREACHABLE, "no connection to the broker")
    desk.run(0.012)
    assert kind_and_words(desk) == (FaultKind.TIMED_OUT, "published 1 times; the broker did not acknowledge it")
    desk.run(0.1)
    desk.line.hear("tk/1/reply/daemon-1", b"{}", MSG_ID.encode())
    assert kind_and_words(desk) == (FaultKind.TIMED_OUT, "published 1 times; 1 answers were not as the contract says")
    desk.suspend(1, OTHER_ID)
    desk.run(0.1)
    desk.line.hear("tk/1/status/ac", b'{"schema":"tk/1/status","state":"offline","at":"2026-11-23T02:15:00.000Z"}')
    assert desk.client.pump.centre_status == "offline" and desk.heard.presences == [False]
    assert kind_and_words(desk, OTHER_ID) == (FaultKind.UNREACHABLE, "published 1 times; the alarm centre's status is offline")


def test_the_alarm_centre_that_comes_and_goes_is_told_once_each_time() -> None:
    desk = Desk()
    desk.run(0.02)
    for state in ("online", "online", "offline", "offline", "online"):
        desk.line.hear("tk/1/status/ac", b'{"schema":"tk/1/status","state":"%s","at":"2026-11-23T02:15:00.000Z"}' % state.encode())
    assert desk.heard.presences == [True, False, True]


def kind_and_words(desk: Desk, msg_id: str = MSG_ID) -> tuple[FaultKind, str]:
    fault = desk.client.describe_pending(msg_id)
    assert fault is not None
    return fault.kind, fault.evidence


def test_h6_an_effect_with_a_name_in_it_never_leaves() -> None:
    desk = Desk()
    desk.run(0.02)
    effect = PrepareBinding("binding-9", SerialNumber("ACCC8E012345"), "Storgatan 12", "provider-1", "schedule-1", MSG_ID)
    desk.client.send(effect, CASE, NOW + timedelta(seconds=30))
    desk.run(60)
    [fault] = desk.heard.of(MSG_ID)
    assert isinstance(fault, Fault) and fault.kind is FaultKind.REFUSED and "new_site_ref" in fault.evidence and "Storgatan" not in repr(fault)
    assert desk.commands() == []


def test_h22_a_reply_is_believed_only_when_its_mark_is_the_command_it_names() -> None:
    desk = Desk(["drop"] * 100)
    desk.run(0.02)
    desk.suspend(0, OTHER_ID)
    payload = json.dumps(reply_dict("completed")).encode()  # in reply to OTHER_ID
    for topic, correlation in (("tk/1/reply/daemon-1", MSG_ID.encode()), ("tk/1/reply/daemon-1", None), ("tk/1/reply/daemon-1", b""),
                               ("tk/1/reply/daemon-2", OTHER_ID.encode()), ("tk/1/reply/daemon-1/x", OTHER_ID.encode())):
        desk.line.hear(topic, payload, correlation)
    assert desk.heard.replies == []
    assert desk.client.pump.dropped() == {"forged": 3, "unexpected": 2}
    desk.run(6)
    assert len(desk.commands()) == 2, "the command is still asked for"
    desk.line.hear("tk/1/reply/daemon-1", payload, OTHER_ID.encode())
    assert len(desk.heard.of(OTHER_ID)) == 1


def test_h5_a_reply_to_a_command_from_before_a_restart_is_handed_on() -> None:
    desk = Desk()
    desk.run(0.02)
    desk.line.hear("tk/1/reply/daemon-1", json.dumps(reply_dict("completed")).encode(), OTHER_ID.encode())
    assert [msg_id for msg_id, _ in desk.heard.replies] == [OTHER_ID]


@pytest.mark.parametrize("payload", [
    b"", b"{}", b"\xff", b"[" * 4096, b'"' + b"x" * 5000 + b'"', json.dumps({**reply_dict("completed"), "name": "Anna"}).encode(),
])
def test_h6_garbage_is_dropped_counted_and_not_repeated_in_the_log(payload: bytes, caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.run(0.02)
    with caplog.at_level(logging.DEBUG, "provisioner.registry"):
        for topic in ("tk/1/reply/daemon-1", "tk/1/event/look_done", "tk/1/event/Anna", "tk/1/status/ac", "tk/1/binding/binding-1/state"):
            desk.line.hear(topic, payload, OTHER_ID.encode())
    assert desk.heard.replies == [] and desk.heard.news == []
    assert sum(desk.client.pump.dropped().values()) == (5 if payload else 4)  # an empty state is a clearing
    assert "Anna" not in caplog.text and "xxx" not in caplog.text


def test_news_comes_with_the_message_id_of_an_event_and_without_one_of_a_state() -> None:
    desk = Desk()
    desk.run(0.02)
    for topic, event in EVENTS.items():
        desk.line.hear(topic, json.dumps(event).encode())
    desk.line.hear("tk/1/binding/binding-1/state", json.dumps(STATE).encode())
    assert len(desk.heard.news) == 4
    assert desk.heard.news[0] == (LookDone("binding-1", NOW, ok=True), MSG_ID)
    assert desk.heard.news[-1] == (BindingSeen("binding-1", BindingState.SUSPENDED, 4, "2345"), None)


def test_presence_is_said_at_each_connect_and_at_the_end() -> None:
    desk = Desk()
    desk.run(0.1)
    desk.line.cut(for_s=1)
    desk.run(2)
    desk.client.stop()
    said = [message for message in desk.line.published if message.topic == "tk/1/status/daemon"]
    assert [json.loads(message.payload)["state"] for message in said] == ["online", "online", "offline"]
    assert all(message.retain for message in said)
    assert desk.line.will is not None and json.loads(desk.line.will().payload)["state"] == "offline"
    assert desk.heard.links == [True, False, True, False]


def test_a_bug_in_the_lines_own_thread_ends_the_daemon() -> None:
    desk = Desk()
    desk.line.broken = ValueError("a bug")
    with pytest.raises(RuntimeError, match="bug of ours"):
        desk.client.tick(NOW)


def test_a_lookup_by_serial_brings_the_bindings() -> None:
    desk = Desk()
    desk.client.send(FindBinding(SerialNumber("ACCC8E000002"), MSG_ID), CASE, NOW + timedelta(seconds=30))
    desk.run(1)
    [reply] = desk.heard.of(MSG_ID)
    assert isinstance(reply, RegistryReply) and [binding.binding_id for binding in reply.bindings] == ["binding-2"]
    assert reply.next_look_at is not None and reply.next_look_at > NOW


def test_settings_that_would_speak_openly_to_another_machine_are_refused() -> None:
    with pytest.raises(PlainError, match="registry_needs_tls"):
        settings("broker.example")
    with pytest.raises(PlainError, match="registry_needs_tls"):
        settings("10.0.0.1")
    with pytest.raises(PlainError, match="registry_client_id"):
        settings(client_id="a/b")
    with pytest.raises(PlainError, match="registry_actor_ref"):
        settings(actor_ref="Anna")
    assert isinstance(settings("broker.example", tls=TlsFiles(ca_file=settings.__code__.co_filename)), RegistrySettings)  # type: ignore[arg-type]
    for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1"):
        assert "secret" not in repr(settings(host, password="secret"))
