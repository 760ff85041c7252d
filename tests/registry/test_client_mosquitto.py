"""The client on a real mosquitto, with the simulated alarm centre or a bare client on the far side."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from provisioner.case.effects import AskTestLook, FindBinding, SuspendBinding
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import BindingSeen, RegistryReply
from provisioner.case.model import BindingState
from provisioner.fault import Fault, FaultKind
from provisioner.ids import uuid7 as new_msg_id
from provisioner.registry import asking
from provisioner.registry.client import RegistryClient
from provisioner.registry.transport import PahoTransport
from simulators.alarm_centre import Binding, Registry, random_id
from simulators.alarm_centre.mqtt import AlarmCentre, Line, Seen
from simulators.broker import Broker
from tests.registry.line import Heard, settings

CASE = "0190a5b2-0000-7000-8000-00000000c0de"
SERIAL = SerialNumber("ACCC8E000001")
PATIENCE_S = 8.0


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Operator:
    def look(self, camera_serial: str, *, wants_code: bool) -> Seen:
        return Seen(picture=True, code="WOLF 7" if wants_code else None)


def until(true: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    give_up_at = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def registry(count: int = 20) -> Registry:
    made = Registry(random_id)
    now = datetime.now(UTC)
    made.book.enter(Binding(f"binding-{i}", f"ACCC8E{i:06d}", "site-0001", "provider-1", "schedule-1", "ACTIVE", 1, now) for i in range(count))
    return made


@pytest.fixture
def centre(broker: Broker) -> Iterator[AlarmCentre]:
    with AlarmCentre(Line(broker.host, broker.port, broker.passwords["alarm_centre"]), registry, Operator()) as running:
        yield running


class Daemon:
    """A registry client with its sink; `with` starts and stops it."""

    def __init__(self, broker: Broker, **other: object) -> None:
        self.clock = WallClock()
        self.heard = Heard()
        wanted = {"password": broker.passwords["daemon"], **other}
        self.transport = PahoTransport(settings(broker.host, broker.port, **wanted))  # type: ignore[arg-type]
        self.client = RegistryClient(self.transport, self.heard, self.clock, settings(broker.host, broker.port, **wanted))  # type: ignore[arg-type]

    def __enter__(self) -> "Daemon":
        self.client.start()
        until(lambda: self.client.pump.is_up)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()

    def suspend(self, msg_id: str, deadline_s: float = 30.0) -> None:
        now = self.clock.now()
        effect = SuspendBinding("binding-1", SERIAL, 1, "MOVE", "fallback-1", now + timedelta(days=7), msg_id)
        self.client.send(effect, CASE, now + timedelta(seconds=deadline_s))

    def until(self, true: Callable[[], object]) -> None:
        """Waits as the daemon does: its clock goes on."""
        def ticked() -> object:
            self.client.tick(self.clock.now())
            return true()

        until(ticked)

    def replied(self, msg_id: str) -> RegistryReply | Fault:
        self.until(lambda: self.heard.of(msg_id))
        return self.heard.of(msg_id)[0]


@dataclass
class Bystander:
    """A bare MQTT client, also in the alarm centre's clothes."""

    broker: Broker
    user: str = "observer"
    got: list[paho.MQTTMessage] = field(default_factory=list)

    def __enter__(self) -> "Bystander":
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=f"bystander-{self.user}", protocol=paho.MQTTv5)
        self.client.username_pw_set(self.user, self.broker.passwords[self.user])
        self.client.reconnect_delay_set(1, 1)
        self.client.on_message = lambda client, _, message: self.got.append(message)
        self.client.on_connect = lambda client, *_: client.subscribe("tk/1/#" if self.user == "observer" else "tk/1/cmd/#", qos=1)
        subscribed: list[int] = []
        self.client.on_subscribe = lambda client, _, mid, *rest: subscribed.append(mid)
        self.client.connect(self.broker.host, self.broker.port)
        self.client.loop_start()
        until(lambda: subscribed)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def say(self, topic: str, payload: bytes, correlation: bytes | None = None, *, retain: bool = False) -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if correlation is not None:
            properties.CorrelationData = correlation
        self.client.publish(topic, payload, qos=1, retain=retain, properties=properties).wait_for_publish(5)

    def of(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(message.payload) for message in self.got if message.topic == topic and message.payload]


def a_reply(in_reply_to: str, **other: object) -> bytes:
    now = datetime.now(UTC)
    return json.dumps({
        "schema": "tk/1/reply", "msg_id": new_msg_id(now), "in_reply_to": in_reply_to, "result": "completed", "code": None, "revision": None,
        "at": f"{now:%Y-%m-%dT%H:%M:%S}.000Z", "body": {"bindings": [], "code_seen": None, "next_cursor": None}, **other,
    }).encode()


def test_a_command_travels_with_its_properties_and_its_reply_comes_back(broker: Broker, centre: AlarmCentre) -> None:
    msg_id = new_msg_id(datetime.now(UTC))
    with Bystander(broker) as observer, Daemon(broker) as daemon:
        daemon.suspend(msg_id)
        reply = daemon.replied(msg_id)
        assert isinstance(reply, RegistryReply) and reply.result == "completed"
        assert [(binding.state, binding.revision) for binding in reply.bindings] == [(BindingState.SUSPENDED, 2)]
        until(lambda: observer.of("tk/1/reply/daemon-1"))
        [command] = [message for message in observer.got if message.topic == "tk/1/cmd/suspend_binding"]
        assert (command.properties.ResponseTopic, command.properties.CorrelationData) == ("tk/1/reply/daemon-1", msg_id.encode())  # type: ignore[union-attr]
        assert 0 < command.properties.MessageExpiryInterval <= 120 and command.properties.ContentType == "application/json"  # type: ignore[union-attr]
        assert not command.retain
        until(lambda: (BindingSeen("binding-1", BindingState.SUSPENDED, 2, "0001"), None) in daemon.heard.news)


def test_a_test_look_brings_the_code_the_operator_saw(broker: Broker, centre: AlarmCentre) -> None:
    first, second = new_msg_id(datetime.now(UTC)), new_msg_id(datetime.now(UTC))
    with Daemon(broker) as daemon:
        daemon.suspend(first)
        daemon.replied(first)
        daemon.client.send(AskTestLook("binding-1", "challenge-1", second), CASE, daemon.clock.now() + timedelta(seconds=30))
        reply = daemon.replied(second)
        assert isinstance(reply, RegistryReply) and reply.code_seen == "WOLF 7"


def test_h5_a_publish_that_the_acl_forbids_is_a_fault_though_paho_calls_it_published(broker: Broker) -> None:
    """The daemon under the observer's name may read everything and publish nothing."""
    msg_id = new_msg_id(datetime.now(UTC))
    with Daemon(broker, username="observer", password=broker.passwords["observer"]) as daemon:
        daemon.suspend(msg_id)
        fault = daemon.replied(msg_id)
        assert isinstance(fault, Fault) and fault.kind is FaultKind.REFUSED and "0x87" in fault.evidence and "ACL" in fault.hint.en
    with Bystander(broker) as observer:
        info = observer.client.publish("tk/1/cmd/suspend_binding", b"{}", qos=1)
        info.wait_for_publish(5)
        assert info.is_published(), "paho itself sees nothing wrong"


def test_h5_broker_killed_between_publish_and_reply(broker: Broker) -> None:
    """Nobody answers the first copy; after the broker came back with nothing in its memory the same command comes again."""
    msg_id = new_msg_id(datetime.now(UTC))
    with Bystander(broker, "alarm_centre") as far_side, Daemon(broker, resend_s=0.5) as daemon:
        daemon.suspend(msg_id)
        until(lambda: far_side.of("tk/1/cmd/suspend_binding"))
        broker.kill()
        until(lambda: daemon.heard.links[-1] is False)
        assert daemon.client.describe_pending(msg_id) is not None
        far_side.got.clear()
        broker.start()
        daemon.until(lambda: far_side.of("tk/1/cmd/suspend_binding"))  # it may be back before the far side is, and then has to repeat
        [again] = {one["msg_id"] for one in far_side.of("tk/1/cmd/suspend_binding")}
        assert again == msg_id
        assert daemon.heard.replies == []
        far_side.say("tk/1/reply/daemon-1", a_reply(msg_id), msg_id.encode())
        assert isinstance(daemon.replied(msg_id), RegistryReply)
        assert daemon.client.describe_pending(msg_id) is None


def test_h5_nothing_old_is_sent_again_after_a_reconnect(broker: Broker) -> None:
    """paho would send what was not acknowledged once more, with its old instants; only the pump may, with fresh ones."""
    with Bystander(broker, "alarm_centre") as far_side, Daemon(broker, reconnect_first_s=2) as daemon:  # the far side is there first
        broker.freeze()
        daemon.suspend(new_msg_id(datetime.now(UTC)), deadline_s=0.3)
        time.sleep(0.4)
        broker.kill()
        until(lambda: daemon.heard.links[-1] is False)
        far_side.got.clear()
        broker.start()
        until(lambda: daemon.heard.links[-1] is True)
        assert far_side.client.is_connected()
        time.sleep(0.3)
        assert far_side.of("tk/1/cmd/suspend_binding") == []


def test_h5_the_whole_way_through_a_killed_broker_with_the_real_centre(broker: Broker, centre: AlarmCentre) -> None:
    msg_id = new_msg_id(datetime.now(UTC))
    with Daemon(broker, resend_s=0.5) as daemon:
        centre.manners.silent_until_s = time.monotonic() + 0.5  # does as it is told, but its reply is lost
        daemon.suspend(msg_id)
        until(lambda: centre.seen["suspend_binding"])
        broker.kill()
        broker.start()
        reply = daemon.replied(msg_id)
        assert isinstance(reply, RegistryReply) and reply.result == "completed" and reply.bindings[0].revision == 2
        assert centre.seen["suspend_binding"] >= 2
        shown = {str(one["binding_id"]): one for one in centre.bindings()}
        assert (shown["binding-1"]["state"], shown["binding-1"]["revision"]) == ("SUSPENDED", 2)


def test_h5_duplicate_replies_reach_the_sink_and_are_the_same(broker: Broker, centre: AlarmCentre) -> None:
    msg_id = new_msg_id(datetime.now(UTC))
    with Daemon(broker) as daemon:
        centre.manners.twice = 1
        daemon.suspend(msg_id)
        until(lambda: len(daemon.heard.of(msg_id)) == 2)
        assert daemon.heard.of(msg_id)[0] == daemon.heard.of(msg_id)[1]


def test_h22_forged_replies_are_dropped(broker: Broker) -> None:
    msg_id, other = new_msg_id(datetime.now(UTC)), new_msg_id(datetime.now(UTC))
    with Bystander(broker, "alarm_centre") as far_side, Daemon(broker) as daemon:
        daemon.suspend(msg_id)
        until(lambda: far_side.of("tk/1/cmd/suspend_binding"))
        far_side.say("tk/1/reply/daemon-1", a_reply(msg_id), other.encode())
        far_side.say("tk/1/reply/daemon-1", a_reply(msg_id))
        far_side.say("tk/1/reply/daemon-2", a_reply(msg_id), msg_id.encode())
        far_side.say("tk/1/reply/daemon-1", a_reply(msg_id, extra="Anna"), msg_id.encode())
        far_side.say("tk/1/reply/daemon-1", b" " * 5000, msg_id.encode())
        until(lambda: sum(daemon.client.pump.dropped().values()) == 4)  # another client's topic is not even heard
        assert daemon.client.pump.dropped() == {"forged": 2, "garbled": 1, "oversized": 1}
        assert daemon.heard.replies == []
        far_side.say("tk/1/reply/daemon-1", a_reply(msg_id), msg_id.encode())
        assert isinstance(daemon.replied(msg_id), RegistryReply)


def test_d8_retained_states_come_again_after_each_reconnect(broker: Broker, centre: AlarmCentre) -> None:
    with Daemon(broker) as daemon:
        until(lambda: len({news.binding_id for news, _ in daemon.heard.news}) == 20)
        until(lambda: daemon.client.pump.centre_status == "online")
        time.sleep(1.2)  # the broker saves once a second
        daemon.heard.news.clear()
        broker.kill()
        broker.start()
        until(lambda: len({news.binding_id for news, _ in daemon.heard.news}) == 20)


def test_last_will_and_farewell(broker: Broker) -> None:
    with Bystander(broker) as observer:
        def said() -> list[str]:
            return [str(status["state"]) for status in observer.of("tk/1/status/daemon")]

        with Daemon(broker) as daemon:
            until(lambda: said() == ["online"])
            daemon.transport._client.socket().shutdown(2)  # type: ignore[union-attr] # cut, not closed: the will speaks, and it comes back
            until(lambda: said()[:2] == ["online", "offline"])
            until(lambda: said()[-1] == "online")
            links = daemon.heard.links
        until(lambda: said()[-1] == "offline")
        assert links[-1] is False


def test_the_end_is_bounded_also_with_a_frozen_or_absent_broker(broker: Broker) -> None:
    daemon = Daemon(broker)
    with daemon:
        broker.freeze()
        daemon.suspend(new_msg_id(datetime.now(UTC)))
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 3.0
    broker.thaw()
    broker.stop()
    absent = Daemon(broker)
    absent.client.start()
    until(lambda: absent.client.pump.link_fault)
    began_s = time.monotonic()
    absent.client.stop()
    assert time.monotonic() - began_s < 3.0
    fault = absent.client.pump.link_fault
    assert fault is not None and fault.kind is FaultKind.UNREACHABLE


def test_asking_for_all_bindings_brings_all_pages(broker: Broker, centre: AlarmCentre) -> None:
    found = asking.list_bindings(settings(broker.host, broker.port, broker.passwords["daemon"], client_id="cli-1"), WallClock(), 5.0)
    assert isinstance(found, list) and len({binding.binding_id for binding in found}) == 20
    one = asking.get_bindings(settings(broker.host, broker.port, broker.passwords["daemon"], client_id="cli-1"), WallClock(), 5.0, serial=SERIAL)
    assert isinstance(one, list) and [binding.binding_id for binding in one] == ["binding-1"]


def test_asking_says_what_is_wrong(broker: Broker) -> None:
    clock = WallClock()
    began_s = time.monotonic()
    wrong = asking.list_bindings(settings(broker.host, broker.port, "no", client_id="cli-1"), clock, 5.0)
    assert isinstance(wrong, Fault) and wrong.kind is FaultKind.REFUSED and time.monotonic() - began_s < 2.0
    right = settings(broker.host, broker.port, broker.passwords["daemon"], client_id="cli-1")
    nobody = asking.list_bindings(right, clock, 0.5)
    assert isinstance(nobody, Fault) and nobody.kind is FaultKind.UNREACHABLE and "not listening" in nobody.evidence
    with Bystander(broker, "alarm_centre"):
        mute = asking.list_bindings(right, clock, 0.5)
        assert isinstance(mute, Fault) and mute.kind is FaultKind.TIMED_OUT and "no reply" in mute.evidence
    broker.stop()
    gone = asking.list_bindings(right, clock, 0.5)
    assert isinstance(gone, Fault) and gone.kind is FaultKind.UNREACHABLE and str(broker.port) in gone.evidence


def test_a_round_trip_is_far_below_the_delays_of_nagle(broker: Broker, centre: AlarmCentre, record_property: Callable[[str, object], None]) -> None:
    """44 ms are lost where one side, 88 ms where both sides lack TCP_NODELAY. 20 ms leave room for a loaded machine."""
    took_ms = []
    with Daemon(broker) as daemon:
        for _ in range(40):
            msg_id = new_msg_id(datetime.now(UTC))
            began_s = time.perf_counter()
            daemon.client.send(FindBinding(SERIAL, msg_id), CASE, daemon.clock.now() + timedelta(seconds=30))
            while not daemon.heard.of(msg_id):
                time.sleep(0.0001)
                assert time.perf_counter() - began_s < PATIENCE_S
            took_ms.append((time.perf_counter() - began_s) * 1000)
    record_property("round_trip_median_ms", statistics.median(took_ms))
    assert statistics.median(took_ms) < 20.0
