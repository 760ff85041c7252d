"""As much of ONVIF events (ver10/events/wsdl) as clients ask for in passing: pull points with their limits, and the event broker."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .onvif import Access, Actions, Context
from .onvif_device import capabilities, path_of
from .parts import Broker
from .soap import TEV, WSA, WSNT, Fault, inner

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
DEFAULT_S = 60.0


def _wanted_s(context: Context, text: str | None) -> float:
    """How long a subscription shall live: a duration or a moment (WS-BaseNotification 1.3, AbsoluteOrRelativeTimeType)."""
    manners = context.state.events
    found = _DURATION.fullmatch(text or "")
    if not text:
        return DEFAULT_S
    if found:
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        if manners.reads_minutes_as_seconds:
            minutes, seconds = 0.0, minutes or seconds
        wanted = days * 86400 + hours * 3600 + minutes * 60 + seconds
    else:
        try:
            wanted = (datetime.fromisoformat(text) - context.state.clock()).total_seconds()
        except (TypeError, ValueError) as exc:
            raise Fault("env:Sender", "ter:InvalidArgVal", detail="InitialTerminationTime") from exc
    return min(wanted, manners.longest_s)


def _times(context: Context, lives_s: float) -> str:
    now = context.state.clock()
    until = now + timedelta(seconds=lives_s)
    return (f'<wsnt:CurrentTime xmlns:wsnt="{WSNT}">{now:%Y-%m-%dT%H:%M:%SZ}</wsnt:CurrentTime>'
            f'<wsnt:TerminationTime xmlns:wsnt="{WSNT}">{until:%Y-%m-%dT%H:%M:%SZ}</wsnt:TerminationTime>')


def _living(context: Context) -> dict[str, datetime]:
    """The pull points that have not ended by their time."""
    state = context.state
    now = state.clock()
    for token in [token for token, until in state.pull_points.items() if until <= now]:
        del state.pull_points[token]
    return state.pull_points


def create_pull_point_subscription(context: Context) -> str:
    living = _living(context)
    if len(living) >= context.state.events.pull_points_most:
        raise Fault("env:Receiver", "ter:Action", reason="Maximum number of subscriptions reached")
    lives_s = _wanted_s(context, context.call.text("InitialTerminationTime"))
    token = secrets.token_hex(4)
    living[token] = context.state.clock() + timedelta(seconds=lives_s)
    return (f'<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address xmlns:wsa="{WSA}">'
            f"{escape(context.xaddr(path_of('events')))}?subscription={token}</wsa:Address></tev:SubscriptionReference>"
            f"{_times(context, lives_s)}</tev:CreatePullPointSubscriptionResponse>")


def _named(context: Context) -> str:
    """The subscription that the request's address names; the last one where a client drops the query."""
    living = _living(context)
    token = context.query.partition("subscription=")[2] or next(reversed(living), "")
    if token not in living:
        raise Fault("env:Sender", "ter:InvalidArgVal", reason="The subscription does not exist")
    return token


def pull_messages(context: Context) -> str:
    """Nothing ever happens in front of this camera, and it says so at once."""
    token = _named(context)
    left_s = (_living(context)[token] - context.state.clock()).total_seconds()
    now, until = context.state.clock(), context.state.clock() + timedelta(seconds=left_s)
    return (f"<tev:PullMessagesResponse><tev:CurrentTime>{now:%Y-%m-%dT%H:%M:%SZ}</tev:CurrentTime>"
            f"<tev:TerminationTime>{until:%Y-%m-%dT%H:%M:%SZ}</tev:TerminationTime></tev:PullMessagesResponse>")


def renew(context: Context) -> str:
    lives_s = _wanted_s(context, context.call.text("TerminationTime"))
    _living(context)[_named(context)] = context.state.clock() + timedelta(seconds=lives_s)
    now = context.state.clock()
    return (f'<wsnt:RenewResponse xmlns:wsnt="{WSNT}"><wsnt:TerminationTime>{now + timedelta(seconds=lives_s):%Y-%m-%dT%H:%M:%SZ}</wsnt:TerminationTime>'
            f"<wsnt:CurrentTime>{now:%Y-%m-%dT%H:%M:%SZ}</wsnt:CurrentTime></wsnt:RenewResponse>")


def unsubscribe(context: Context) -> str:
    token = _named(context)
    if context.state.events.unsubscribe_ends_all:
        context.state.pull_points.clear()
    context.state.pull_points.pop(token, None)
    return f'<wsnt:UnsubscribeResponse xmlns:wsnt="{WSNT}"/>'


def get_event_properties(context: Context) -> str:
    dialects = ("http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet", "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete")
    written = "".join(f'<wsnt:TopicExpressionDialect xmlns:wsnt="{WSNT}">{one}</wsnt:TopicExpressionDialect>' for one in dialects)
    return ("<tev:GetEventPropertiesResponse><tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>"
            f'<wsnt:FixedTopicSet xmlns:wsnt="{WSNT}">true</wsnt:FixedTopicSet><wstop:TopicSet xmlns:wstop="http://docs.oasis-open.org/wsn/t-1"/>{written}'
            "<tev:MessageContentFilterDialect>http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter</tev:MessageContentFilterDialect>"
            "<tev:MessageContentSchemaLocation>http://www.onvif.org/onvif/ver10/schema/onvif.xsd</tev:MessageContentSchemaLocation>"
            "</tev:GetEventPropertiesResponse>")


# -- event broker (Core specification, 'Event broker'): the camera itself publishes to an MQTT broker ---------------------


def _text(element: ElementTree.Element, name: str) -> str:
    return inner(element, name, TEV) or ""


def add_event_broker(context: Context) -> str:
    element, state = context.call.child("EventBroker"), context.state
    address = _text(element, "Address")
    if not address.startswith(("mqtt://", "mqtts://")):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:UnsupportedProtocol", reason="The protocol is not supported")
    others = [broker for broker in state.brokers if broker.address != address]
    state.brokers = [*others, Broker(address, _text(element, "TopicPrefix"), _text(element, "UserName"))]
    return "<tev:AddEventBrokerResponse/>"


def get_event_brokers(context: Context) -> str:
    """Never the password."""
    wanted = context.call.text("Address")
    blocks = "".join(
        f"<tev:EventBroker><tev:Address>{escape(one.address)}</tev:Address><tev:TopicPrefix>{escape(one.topic_prefix)}</tev:TopicPrefix>"
        f"{f'<tev:UserName>{escape(one.user)}</tev:UserName>' if one.user else ''}<tev:Status>{one.status}</tev:Status></tev:EventBroker>"
        for one in context.state.brokers if wanted in (None, "", one.address))
    return f"<tev:GetEventBrokersResponse>{blocks}</tev:GetEventBrokersResponse>"


def delete_event_broker(context: Context) -> str:
    state, address = context.state, context.call.needs("Address")
    if all(broker.address != address for broker in state.brokers):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoConfig", reason="The requested configuration does not exist")
    state.brokers = [broker for broker in state.brokers if broker.address != address]
    return "<tev:DeleteEventBrokerResponse/>"


def get_service_capabilities(context: Context) -> str:
    return f"<tev:GetServiceCapabilitiesResponse>{capabilities(context, 'events')}</tev:GetServiceCapabilitiesResponse>"


# Access classes as given with each operation in the Core specification.
ACTIONS: Actions = {
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetEventProperties": (Access.READ_MEDIA, get_event_properties),
    "CreatePullPointSubscription": (Access.READ_MEDIA, create_pull_point_subscription),
    "PullMessages": (Access.READ_MEDIA, pull_messages),
    "AddEventBroker": (Access.WRITE_SYSTEM, add_event_broker),
    "GetEventBrokers": (Access.READ_SYSTEM_SENSITIVE, get_event_brokers),
    "DeleteEventBroker": (Access.WRITE_SYSTEM, delete_event_broker),
}
WSNT_ACTIONS: Actions = {"Renew": (Access.READ_MEDIA, renew), "Unsubscribe": (Access.READ_MEDIA, unsubscribe)}
