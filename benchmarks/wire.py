"""What passes on the wire between daemon and alarm centre, seen by an observer, with the moments at which it passed."""

import json
import threading
import time
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.world import Broken, Site

TEST_LOOK = "tk/1/cmd/test_look"


class Observer:
    """How long each test look took the alarm centre: from the command on the wire to its completed reply on the wire."""

    def __init__(self, site: Site) -> None:
        self._asked_at: dict[str, float] = {}
        self._took: list[float] = []
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="benchmark-observer", protocol=mqtt.MQTTv5)
        self._client.username_pw_set("observer", site.broker["users"]["observer"])
        self._client.on_message = self._heard
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect(site.broker["host"], site.broker["port"])
        self._client.subscribe([(TEST_LOOK, 1), ("tk/1/reply/+", 1)])

    def __enter__(self) -> Self:
        self._client.loop_start()
        if not self._ready.wait(10):
            raise Broken("the observer could not subscribe")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _heard(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        now_s, said = time.perf_counter(), json.loads(message.payload)
        with self._lock:
            if message.topic == TEST_LOOK:
                self._asked_at.setdefault(said["msg_id"], now_s)
            elif said["result"] == "completed" and said["in_reply_to"] in self._asked_at:
                self._took.append(now_s - self._asked_at.pop(said["in_reply_to"]))

    def last_look_s(self) -> float:
        """Seconds of the last test look; each is asked for once."""
        give_up_at = time.monotonic() + 5
        while time.monotonic() < give_up_at:
            with self._lock:
                if self._took:
                    return self._took.pop()
            time.sleep(0.001)
        raise Broken("no test look was seen on the wire")
