"""Everything that is said on the broker, seen by an independent client on `#`."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho

from tests.whole.daemons import until


@dataclass(frozen=True)
class Message:
    """One message as it came over the wire."""

    topic: str
    payload: bytes
    properties: dict[str, Any]
    retained: bool  # it was there before we came

    @property
    def body(self) -> Any:
        """The payload as JSON; None for a retained message that was cleared."""
        return json.loads(self.payload) if self.payload else None

    @property
    def bytes(self) -> bytes:
        """All of it, for looking for what must not be in it."""
        return b"\n".join([self.topic.encode(), self.payload, repr(self.properties).encode()])


@dataclass
class Observer:
    """`with Observer(host, port, password) as wire:`; it comes back by itself after the broker did."""

    host: str
    port: int
    password: str
    got: list[Message] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> "Observer":
        subscribed = threading.Event()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.username_pw_set("observer", self.password)
        self._client.reconnect_delay_set(0.05, 0.1)  # type: ignore[arg-type]
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = self._message
        self._client.connect_async(self.host, self.port)
        self._client.loop_start()
        until(subscribed.is_set, "the observer listens on #")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _message(self, client: Any, _: Any, message: paho.MQTTMessage) -> None:
        properties = message.properties.json() if message.properties is not None else {}
        with self.came:
            self.got.append(Message(message.topic, bytes(message.payload), properties, message.retain))
            self.came.notify_all()

    def messages(self) -> list[Message]:
        """What came so far."""
        with self.came:
            return list(self.got)

    def of(self, beginning: str) -> list[Message]:
        """Those on topics that begin so."""
        return [message for message in self.messages() if message.topic.startswith(beginning)]


def names(messages: list[Message]) -> list[str]:
    """What is new in each message, in the order of its first coming: `suspend_binding`, `reply suspend_binding`, `old SUSPENDED`, `look_done`.

    A command sent again, and a state published again after a reconnect, are nothing new.
    """
    verb_of: dict[str, str] = {}
    first_binding = ""
    found: dict[str, None] = {}
    for message in messages:
        body = message.body
        if body is None or message.topic.startswith("tk/1/status/"):
            continue
        if message.topic.startswith("tk/1/cmd/"):
            name = message.topic.rpartition("/")[2]
            verb_of[body["msg_id"]] = name
        elif message.topic.startswith("tk/1/reply/"):
            name = f"reply {verb_of.get(body['in_reply_to'], '?')}"
        elif message.topic.startswith("tk/1/binding/"):
            first_binding = first_binding or body["binding_id"]
            name = f"{'old' if body['binding_id'] == first_binding else 'new'} {body['state']}"
        else:
            name = message.topic.rpartition("/")[2]
        found[name] = None
    return list(found)
