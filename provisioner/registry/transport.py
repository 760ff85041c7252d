"""The line to the broker: a Protocol that the pump is written against, and its real body on paho-mqtt.

What was measured (paho-mqtt 2.2.0, mosquitto 2.0.11) and shapes this file:
- A publish that the ACL forbids looks fine everywhere (`rc`, `wait_for_publish`) but in the reason code that `on_publish` brings.
- paho keeps unacknowledged publishes and sends them again after a reconnect, minutes old. A command past its `expires_at` would be answered EXPIRED,
  and that answer would then be stored under its msg_id. So paho's queue is emptied at each connect; what to send again is the pump's business.
- Without TCP_NODELAY on both sides a request and its reply take 44 to 88 ms instead of half a millisecond.
- A subscription that the ACL forbids is granted, and then nothing comes. The daemon cannot prove its reply topic by a message to itself, because it
  may not publish there, and must not. The only proof is an answered command; until then the core's deadlines stand guard.
"""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from provisioner.fault import Fault
from provisioner.registry.faults import FAILURE, no_connection, refused_by_broker
from provisioner.registry.settings import RegistrySettings, TlsFiles

_log = logging.getLogger("provisioner.registry")

FAREWELL_S = 1.0  # how long a graceful end waits for the broker to take the last words


@dataclass(frozen=True, slots=True)
class Publish:
    """One message to publish, QoS 1. `expiry_s` is the MQTT Message Expiry Interval."""

    topic: str
    payload: bytes
    retain: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
    expiry_s: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One message that came."""

    topic: str
    payload: bytes
    correlation: bytes | None = None


OnMessage = Callable[[Received], None]
OnLink = Callable[[bool, Fault | None], None]
OnResult = Callable[[int], None]


class Transport(Protocol):
    """A line that connects by itself, again and again. Callbacks may come from any thread, and also from within a call of `publish`."""

    def start(self, on_message: OnMessage, on_link: OnLink, will: Callable[[], Publish] | None) -> None:
        """Begin to connect and return at once. `on_link(True, None)` comes at each connect, `on_link(False, fault)` at each loss or failed attempt;
        subscriptions are to be made anew at each connect. `will` is asked before each connect for what the broker shall say when we vanish."""

    def subscribe(self, topics: Iterable[str]) -> None:
        """QoS 1. Retained messages come again with each call."""

    def publish(self, message: Publish, on_result: OnResult) -> None:
        """Hand it over. `on_result` brings the broker's reason code; it never comes where the connection was lost before. Nothing is sent again."""

    def stop(self, last_words: Publish | None) -> None:
        """Say the last words, disconnect, end; returns within a few seconds, whatever the broker does."""

    def failure(self) -> Exception | None:
        """A bug of ours that a callback met in the line's own thread, where nobody would have seen it."""


class PahoTransport:
    """`Transport` on paho-mqtt with its own network thread."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()  # never held while paho is called: paho calls `on_publish` with locks of its own held
        self._waiting: dict[int, OnResult] = {}
        self._early: dict[int, int] = {}  # codes that came before `publish` had returned the packet's number
        self._failure: Exception | None = None
        self._on_message: OnMessage = lambda received: None
        self._on_link: OnLink = lambda up, fault: None
        self._will: Callable[[], Publish] | None = None
        self._up = False
        self._stopping = False
        self._client = self._new_client()

    def _new_client(self) -> Client:
        settings = self._settings
        client = Client(CallbackAPIVersion.VERSION2, client_id=settings.client_id, protocol=MQTTv5)
        client.username_pw_set(settings.username, settings.password.reveal())
        if settings.tls is not None:
            client.tls_set_context(_tls_context(settings.tls))
        client.reconnect_delay_set(settings.reconnect_first_s, settings.reconnect_most_s)
        client.on_pre_connect = self._guarded(self._before_connect)
        client.on_socket_open = _no_delay
        client.on_connect = self._guarded(self._connected)
        client.on_connect_fail = self._guarded(self._connect_failed)
        client.on_disconnect = self._guarded(self._disconnected)
        client.on_message = self._guarded(self._message)
        client.on_publish = self._guarded(self._published)
        client.on_subscribe = self._guarded(self._subscribed)
        return client

    def start(self, on_message: OnMessage, on_link: OnLink, will: Callable[[], Publish] | None) -> None:
        """See `Transport`."""
        self._on_message, self._on_link, self._will = on_message, on_link, will
        session = _properties(PacketTypes.CONNECT, SessionExpiryInterval=self._settings.session_expiry_s)
        self._client.connect_async(self._settings.host, self._settings.port, keepalive=self._settings.keepalive_s,
                                   clean_start=self._settings.session_expiry_s == 0, properties=session)
        self._client.loop_start()

    def subscribe(self, topics: Iterable[str]) -> None:
        """See `Transport`."""
        self._client.subscribe([(topic, 1) for topic in topics])

    def publish(self, message: Publish, on_result: OnResult) -> None:
        """See `Transport`."""
        if not self._client.is_connected():
            return  # paho would keep it and send it later, when it is old; the pump sends a fresh one at the next connect
        values: dict[str, object] = {"ContentType": "application/json"}
        if message.response_topic is not None:
            values["ResponseTopic"] = message.response_topic
        if message.correlation is not None:
            values["CorrelationData"] = message.correlation
        if message.expiry_s is not None:
            values["MessageExpiryInterval"] = message.expiry_s
        properties = _properties(PacketTypes.PUBLISH, **values)
        number = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain, properties=properties).mid
        with self._lock:
            code = self._early.pop(number, None)
            if code is None:
                self._waiting[number] = on_result
        if code is not None:
            on_result(code)

    def stop(self, last_words: Publish | None) -> None:
        """See `Transport`."""
        self._stopping = True
        if last_words is not None and self._client.is_connected():
            taken = threading.Event()
            self.publish(last_words, lambda code: taken.set())
            taken.wait(FAREWELL_S)
        self._client.drop_out_messages()  # else paho's thread would wait for their acknowledgements
        self._client.disconnect()
        self._client.loop_stop()

    def failure(self) -> Exception | None:
        """See `Transport`."""
        return self._failure

    # ---- called by paho, in its thread

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        def call(*args: Any) -> None:
            try:
                callback(*args)
            except Exception as error:  # noqa: BLE001 - not swallowed: `tick` raises it, in a thread where it ends the daemon
                _log.error("a callback of the line to the broker failed: %s", type(error).__name__)
                self._failure = self._failure or error
        return call

    def _before_connect(self, client: Client, _: Any) -> None:
        if self._will is not None:  # made anew each time, so that its instant is that of this connection
            will = self._will()
            client.will_set(will.topic, will.payload, qos=1, retain=will.retain)

    def _connected(self, client: Client, _: Any, flags: ConnectFlags, code: ReasonCode, properties: Properties | None) -> None:
        if code.value >= FAILURE:
            self._on_link(False, refused_by_broker("CONNECT", code.value))
            return
        client.drop_out_messages()
        with self._lock:
            self._waiting.clear()
            self._early.clear()
        self._up = True
        self._on_link(True, None)

    def _connect_failed(self, client: Client, _: Any) -> None:
        self._on_link(False, no_connection("CONNECT", f"no connection to the broker at {self._settings.host}:{self._settings.port}"))

    def _disconnected(self, client: Client, _: Any, flags: DisconnectFlags, code: ReasonCode, properties: Properties | None) -> None:
        was_up, self._up = self._up, False
        if was_up and not self._stopping:  # after a refused connect comes this too, and would hide why
            self._on_link(False, no_connection("CONNECT", f"the connection to the broker ended: {code}"))

    def _subscribed(self, client: Client, _: Any, number: int, codes: list[ReasonCode], properties: Properties | None) -> None:
        for code in codes:
            if code.value >= FAILURE:
                _log.error("the broker refused a subscription: 0x%02X", code.value)

    def _published(self, client: Client, _: Any, number: int, code: ReasonCode, properties: Properties | None) -> None:
        with self._lock:
            on_result = self._waiting.pop(number, None)
            if on_result is None:
                self._early[number] = code.value
        if on_result is not None:
            on_result(code.value)

    def _message(self, client: Client, _: Any, message: MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        self._on_message(Received(message.topic, bytes(message.payload), correlation))


def _no_delay(client: Client, _: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _tls_context(files: TlsFiles) -> ssl.SSLContext:
    """TLS 1.2 or newer, the broker's name checked. Raises OSError (also `ssl.SSLError`) for files that cannot be read."""
    context = ssl.create_default_context(cafile=files.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.cert_file is not None:
        context.load_cert_chain(files.cert_file, files.key_file)
    return context


def _properties(packet: int, **values: object) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
