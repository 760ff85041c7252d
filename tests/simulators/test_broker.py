"""mosquitto as a child, for real: who may what, and what is left after a kill."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from simulators import broker as broker_module
from simulators.broker import Broker, BrokerError


@pytest.fixture(scope="module")
def broker():
    with Broker() as running:
        yield running


OF_THE_CENTRE = ["tk/1/reply/someone", "tk/1/binding/binding-1/state", "tk/1/event/x", "tk/1/status/ac"]


class Party:
    """One connected user, with the reason codes and messages it gets."""

    def __init__(self, broker: Broker, user: str, client_id: str, password: str | None = None) -> None:
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, reconnect_on_failure=False)
        self.client.username_pw_set(user, password or broker.passwords[user])
        self.client.on_connect = lambda _c, _u, _f, code, _p: self.events.put(("connect", code.value))
        self.client.on_publish = lambda _c, _u, _mid, code, _p: self.events.put(("publish", code.value))
        self.client.on_message = lambda _c, _u, message: self.events.put(("message", message.topic))
        self.client.on_subscribe = lambda *_: self.events.put(("subscribed", 0))
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    def next(self, within_s: float = 3.0) -> tuple[str, Any]:
        return self.events.get(timeout=within_s)

    def publish(self, topic: str, retain: bool = False) -> int:
        self.client.publish(topic, b"{}", qos=1, retain=retain)
        kind, code = self.next()
        assert kind == "publish"
        return int(code)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def party(broker):
    made = []

    def make(user: str, client_id: str = "someone", password: str | None = None) -> Party:
        made.append(Party(broker, user, client_id, password))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_wrong_password_is_refused(party):
    assert party("daemon", password="wrong").next() == ("connect", 135)


@pytest.mark.parametrize(
    ("user", "allowed", "denied"),
    [
        ("daemon", ["tk/1/cmd/suspend_binding", "tk/1/status/daemon"], OF_THE_CENTRE),
        ("alarm_centre", OF_THE_CENTRE, ["tk/1/cmd/x", "tk/1/status/daemon"]),
        ("observer", [], ["tk/1/cmd/x", "tk/1/reply/someone", "other"]),
    ],
)
def test_who_may_publish_what(party, user, allowed, denied):
    one = party(user)
    assert one.next() == ("connect", 0)
    assert [one.publish(topic) for topic in allowed] == [0x10] * len(allowed), "allowed, though nobody listens"
    assert [one.publish(topic) for topic in denied] == [135] * len(denied)


def test_a_daemon_hears_its_own_replies_only(party):
    daemon, centre = party("daemon", "daemon-a"), party("alarm_centre", "centre")
    assert daemon.next() == centre.next() == ("connect", 0)
    for topic in ("tk/1/reply/daemon-a", "tk/1/reply/daemon-b"):
        daemon.client.subscribe(topic, qos=1)
        assert daemon.next() == ("subscribed", 0), "mosquitto grants what it will never deliver"
    centre.publish("tk/1/reply/daemon-b")
    centre.publish("tk/1/reply/daemon-a")
    assert daemon.next() == ("message", "tk/1/reply/daemon-a")


def test_a_kill_keeps_the_port_and_what_was_saved():
    with Broker() as broker:
        centre = Party(broker, "alarm_centre", "centre")
        assert centre.next() == ("connect", 0)
        centre.publish("tk/1/binding/binding-1/state", retain=True)
        port = broker.port
        time.sleep(2.2)  # autosave: 1 s
        broker.kill()
        assert not broker.is_running
        broker.start()
        assert broker.port == port
        watcher = Party(broker, "observer", "observer")
        assert watcher.next() == ("connect", 0)
        watcher.client.subscribe("#", qos=1)
        assert {watcher.next()[0], watcher.next()[0]} == {"subscribed", "message"}
        for one in (centre, watcher):
            one.close()


def test_frozen_it_can_still_be_stopped():
    with Broker() as broker:
        broker.freeze()
        began = time.monotonic()
        broker.stop()
        assert time.monotonic() - began < 3 and not broker.is_running


def test_passwords_can_be_given_and_stand_in_no_file(tmp_path):
    with Broker(tmp_path / "deep" / "er", passwords={"daemon": "correct horse"}) as broker:
        one = Party(broker, "daemon", "someone")
        assert one.next() == ("connect", 0)
        one.close()
        assert all("correct horse" not in path.read_text(errors="replace") for path in broker.directory.iterdir())
    with pytest.raises(BrokerError, match="knows the users"):
        Broker(passwords={"root": "x"})


def test_a_missing_mosquitto_is_one_clear_sentence(monkeypatch):
    monkeypatch.setattr(broker_module.shutil, "which", lambda *_, **__: None)
    with pytest.raises(BrokerError, match="apt-get install mosquitto"):
        Broker().start()


def test_it_ends_with_its_parent():
    code = "from simulators.broker import Broker\nb = Broker(); b.start(); print(b.pid, flush=True); input()"
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    give_up_at = time.monotonic() + 3
    while time.monotonic() < give_up_at and _is_alive(pid):
        time.sleep(0.02)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rsplit(")", 1)[1].split()[0] != "Z"  # a zombie that nobody has collected yet is dead enough
