"""A command as the other side would send it, for tests and for a person at a keyboard. Nothing of the daemon is used."""

from __future__ import annotations

import json
import queue
import socket
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties as MqttProperties

from simulators.alarm_centre.ids import random_id
from simulators.alarm_centre.wire import Properties, instant

Asked = tuple[str, bytes, Properties]


def command(
    verb: str, body: dict[str, object], now: datetime, *, msg_id: str | None = None, client_ref: str = "asker", expires_in_s: float = 120,
) -> Asked:  # fmt: skip
    """Topic, payload and properties: what `Registry.handle` takes."""
    msg_id = msg_id or random_id(now)
    message = {
        "schema": f"tk/1/cmd/{verb}", "msg_id": msg_id, "sent_at": instant(now), "expires_at": instant(now + timedelta(seconds=expires_in_s)),
        "case_ref": "case-by-hand", "actor_ref": "person-at-keyboard", "body": body,
    }  # fmt: skip
    return f"tk/1/cmd/{verb}", json.dumps(message).encode(), Properties(f"tk/1/reply/{client_ref}", msg_id.encode())


class Asker:
    """Asks over real MQTT and waits for the reply. Everything else it hears is kept in `heard`, newest last."""

    def __init__(self, host: str, port: int, password: str, *, user: str = "daemon", client_ref: str = "asker") -> None:
        self.client_ref = client_ref
        self.heard: list[MQTTMessage] = []
        self._replies: queue.Queue[MQTTMessage] = queue.Queue()
        self._subscribed: queue.Queue[int] = queue.Queue()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_ref, protocol=MQTTv5)
        self._client.username_pw_set(user, password)
        self._client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]
        self._client.on_socket_open = lambda _client, _, sock: sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[attr-defined]
        self._client.on_message = self._on_message
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.put(1)
        self._client.connect_async(host, port)
        self._client.loop_start()
        self._subscribed.get(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, *_: Any) -> None:
        topics = (f"tk/1/reply/{self.client_ref}", "tk/1/event/#", "tk/1/binding/+/state", "tk/1/status/ac")
        client.subscribe([(topic, 1) for topic in topics])

    def _on_message(self, _client: Client, _: Any, message: MQTTMessage) -> None:
        if message.topic.startswith("tk/1/reply/"):
            self._replies.put(message)
        else:
            self.heard.append(message)

    def send(self, verb: str, body: dict[str, object], *, msg_id: str | None = None) -> str:
        """Gives the msg_id."""
        topic, payload, asked = command(verb, body, datetime.now(UTC), msg_id=msg_id, client_ref=self.client_ref)
        properties = MqttProperties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic, properties.CorrelationData = asked.response_topic, asked.correlation
        properties.MessageExpiryInterval, properties.ContentType = 120, "application/json"
        self._client.publish(topic, payload, qos=1, properties=properties)
        assert asked.correlation is not None
        return asked.correlation.decode()

    def reply(self, within_s: float = 5.0) -> dict[str, Any]:
        """The next reply; queue.Empty where none comes in time."""
        message = self._replies.get(timeout=within_s)
        found: dict[str, Any] = json.loads(message.payload)
        return {**found, "correlation": message.properties.CorrelationData.decode()}  # type: ignore[union-attr]

    def ask(self, verb: str, *, msg_id: str | None = None, within_s: float = 5.0, **body: object) -> dict[str, Any]:
        self.send(verb, body, msg_id=msg_id)
        return self.reply(within_s)
