"""ONVIF device management service: what changes the camera. Clock, scopes, network, discovery, restart, factory default."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .factory import reset_hard, reset_soft
from .onvif import Access, Actions, Context
from .onvif_device import ports_of
from .soap import Fault, boolean, inner
from .state import CameraState
from .zone import without_summer, zone


def set_system_date_and_time(context: Context) -> str:
    """Core specification, SetSystemDateAndTime. A time zone that is not given stays; NTP helps only where a time server answers."""
    call, state = context.call, context.state
    kind = call.needs("DateTimeType")
    if kind not in ("Manual", "NTP"):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="DateTimeType")
    if kind == "NTP" and not state.network.ntp_servers and not state.network.ntp_from_dhcp:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NtpServerUndefined", reason="There is no NTP server configured")
    summer = boolean(call.needs("DaylightSavings"))
    wanted = inner(call.children("TimeZone")[0], "TZ") if call.children("TimeZone") else None
    place = state.timezone if not wanted else _known_zone(wanted)
    moment = _moment(call.children("UTCDateTime")[0]) if call.children("UTCDateTime") else None
    if kind == "Manual" and moment is not None:
        state.clock_offset = moment - datetime.now(UTC)
    elif kind == "NTP" and state.network.ntp_works:
        state.clock_offset *= 0
    state.date_time_type = kind
    state.timezone = _zone_after(state, place, summer)
    return "<tds:SetSystemDateAndTimeResponse/>"


def _zone_after(state: CameraState, place: str, summer: bool) -> str:
    """DaylightSavings false means "not now" in winter, which changes nothing, and "not at all" in summer."""
    manners = state.clock_manners
    if manners.loses_zone_when_set:
        return "UTC0"
    is_summer = bool(state.clock().astimezone(zone(place)).dst())
    if summer or manners.cannot_unset_summer_time or not is_summer:
        return place
    return without_summer(place, state.clock().year)


def _known_zone(text: str) -> str:
    try:
        zone(text)
    except ValueError as exc:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidTimeZone", reason="An invalid time zone was specified", detail=text) from exc
    return text


def _moment(element: ElementTree.Element) -> datetime:
    try:
        parts = [int(inner(element, path) or "") for path in ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")]
        return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError as exc:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidDateTime", reason="An invalid date or time was specified") from exc


# -- scopes -------------------------------------------------------------------------------------------------------------


def set_scopes(context: Context) -> str:
    """Replaces the configurable scopes; a fixed one among them is a fault (Core specification, SetScopes)."""
    state, given = context.state, _texts(context, "Scopes")
    if set(given) & set(state.fixed_scopes):
        raise Fault("env:Sender", "ter:OperationProhibited", "ter:ScopeOverwrite", reason="Trying overwriting permanent device scope setting")
    _room_for(context, len(given))
    state.extra_scopes = list(dict.fromkeys(given))
    return "<tds:SetScopesResponse/>"


def add_scopes(context: Context) -> str:
    state = context.state
    new = [scope for scope in _texts(context, "ScopeItem") if scope not in state.scopes]
    _room_for(context, len(state.extra_scopes) + len(new))
    state.extra_scopes = [*state.extra_scopes, *dict.fromkeys(new)]
    return "<tds:AddScopesResponse/>"


def remove_scopes(context: Context) -> str:
    state, given = context.state, _texts(context, "ScopeItem")
    if set(given) & set(state.fixed_scopes):
        raise Fault("env:Sender", "ter:OperationProhibited", "ter:FixedScope", reason="Trying to remove fixed scope parameter")
    if set(given) - set(state.extra_scopes):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:NoScope", reason="Trying to remove scope that does not exist")
    state.extra_scopes = [scope for scope in state.extra_scopes if scope not in given]
    gone = "".join(f"<tds:ScopeItem>{escape(scope)}</tds:ScopeItem>" for scope in given)
    return f"<tds:RemoveScopesResponse>{gone}</tds:RemoveScopesResponse>"


def _texts(context: Context, name: str) -> list[str]:
    found = [(element.text or "").strip() for element in context.call.children(name)]
    allowed = context.state.lies.only_scopes
    if allowed and not all(scope.startswith(allowed) for scope in found):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidScope", reason="The scope cannot be set")
    return found


def _room_for(context: Context, scopes: int) -> None:
    if scopes > context.state.scopes_most:
        raise Fault("env:Receiver", "ter:Action", "ter:TooManyScopes", reason="The requested scope list exceeds the supported number of scopes")


# -- network ------------------------------------------------------------------------------------------------------------


def set_discovery_mode(context: Context) -> str:
    mode = context.call.needs("DiscoveryMode")
    if mode not in ("Discoverable", "NonDiscoverable"):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="DiscoveryMode")
    context.state.discoverable = mode == "Discoverable"
    return "<tds:SetDiscoveryModeResponse/>"


def set_ntp(context: Context) -> str:
    """Core specification, SetNTP."""
    network = context.state.network
    from_dhcp = boolean(context.call.needs("FromDHCP"))
    servers = [inner(host, "IPv4Address") or inner(host, "DNSname") or inner(host, "IPv6Address") or "" for host in context.call.children("NTPManual")]
    if not from_dhcp and not all(servers):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidIPv4Address", reason="The suggested IPv4 address is invalid")
    network.ntp_from_dhcp = from_dhcp
    if not from_dhcp:
        network.ntp_servers = tuple(servers)
    return "<tds:SetNTPResponse/>"


def set_network_protocols(context: Context) -> str:
    """Switches protocols on and off for good; the ports of this camera are what they are."""
    ports, wanted = ports_of(context), {}
    for element in context.call.children("NetworkProtocols"):
        name, port = inner(element, "Name") or "", inner(element, "Port")
        if name not in ports:
            raise Fault("env:Sender", "ter:InvalidArgVal", "ter:ServiceNotSupported", reason="The supplied network service is not supported")
        if port and port != str(ports[name]):
            raise Fault("env:Sender", "ter:InvalidArgVal", "ter:PortAlreadyInUse", reason="The selected port is already in use")
        wanted[name] = boolean(inner(element, "Enabled"))
    disabled = context.state.network.disabled
    for name, on in wanted.items():
        disabled.discard(name) if on else disabled.add(name)
    context.body.relisten()
    return "<tds:SetNetworkProtocolsResponse/>"


def set_hostname(context: Context) -> str:
    name = context.call.needs("Name")
    if not all(part and part.replace("-", "").isalnum() for part in name.split(".")):
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:InvalidHostname", reason="The requested hostname cannot be accepted by the device")
    context.state.network.hostname = name
    return "<tds:SetHostnameResponse/>"


# -- restart, factory default, lamp -------------------------------------------------------------------------------------


def system_reboot(context: Context) -> str:
    context.body.reboot()
    return f"<tds:SystemRebootResponse><tds:Message>Rebooting in {context.state.boot_time_s:.0f} seconds</tds:Message></tds:SystemRebootResponse>"


def set_system_factory_default(context: Context) -> str:
    """What Hard and Soft clear stands in `factory.py`."""
    kind = context.call.needs("FactoryDefault")
    if kind not in ("Hard", "Soft"):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="FactoryDefault")
    (reset_hard if kind == "Hard" else reset_soft)(context.state)
    context.body.reboot()
    return "<tds:SetSystemFactoryDefaultResponse/>"


LAMP = {"tt:IRLamp|On": "ON", "tt:IRLamp|Off": "OFF", "tt:IRLamp|Auto": "AUTO"}


def send_auxiliary_command(context: Context) -> str:
    """The infrared lamp (Core specification, Auxiliary operation)."""
    command = context.call.needs("AuxiliaryCommand")
    if not context.state.light.auxiliary:
        raise Fault("env:Receiver", "ter:ActionNotSupported", reason="Optional Action Not Implemented")
    if command not in LAMP or command not in context.state.light.auxiliary:
        raise Fault("env:Sender", "ter:InvalidArgVal", "ter:AuxiliaryDataNotSupported",
                    reason="The requested AuxiliaryCommand is not supported by the device")
    context.state.ir_lamp = LAMP[command]
    return ("<tds:SendAuxiliaryCommandResponse><tds:AuxiliaryCommandResponse>"
            f"{escape(command)}</tds:AuxiliaryCommandResponse></tds:SendAuxiliaryCommandResponse>")


# Access classes as given with each operation in the Core specification.
ACTIONS: Actions = {
    "SetSystemDateAndTime": (Access.WRITE_SYSTEM, set_system_date_and_time),
    "SetScopes": (Access.WRITE_SYSTEM, set_scopes),
    "AddScopes": (Access.WRITE_SYSTEM, add_scopes),
    "RemoveScopes": (Access.WRITE_SYSTEM, remove_scopes),
    "SetDiscoveryMode": (Access.WRITE_SYSTEM, set_discovery_mode),
    "SetNTP": (Access.WRITE_SYSTEM, set_ntp),
    "SetNetworkProtocols": (Access.WRITE_SYSTEM, set_network_protocols),
    "SetHostname": (Access.WRITE_SYSTEM, set_hostname),
    "SystemReboot": (Access.UNRECOVERABLE, system_reboot),
    "SetSystemFactoryDefault": (Access.UNRECOVERABLE, set_system_factory_default),
    "SendAuxiliaryCommand": (Access.WRITE_SYSTEM, send_auxiliary_command),
}

