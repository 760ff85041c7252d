"""ONVIF device management service (ver10/device/wsdl): identity, time, network, users."""

from __future__ import annotations

import base64
from datetime import datetime
from xml.sax.saxutils import escape

from .onvif import SERVICE_NAMES, Access, Actions, Context
from .soap import Fault
from .state import CameraState
from .zone import posix_timezone

# The version of the specification whose calls are answered.
VERSION = (21, 12)


def get_system_date_and_time(context: Context) -> str:
    state = context.state
    utc, local = state.clock(), state.local_clock()
    if state.reports_local_time_as_utc:
        utc = local
    if state.clock_manners.tells == "impossible":
        return _impossible_time(state.date_time_type)
    return (
        f"<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>{state.date_time_type}</tt:DateTimeType>"
        f"<tt:DaylightSavings>{_bool(bool(local.dst()))}</tt:DaylightSavings>"
        f"<tt:TimeZone><tt:TZ>{escape(posix_timezone(state.timezone, local.year))}</tt:TZ></tt:TimeZone>"
        f"<tt:UTCDateTime>{_date_time(utc)}</tt:UTCDateTime><tt:LocalDateTime>{_date_time(local)}</tt:LocalDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _impossible_time(kind: str) -> str:
    """Seen: an hour 24, a second 61, a day 0; after a loss of power some clocks hold nothing that is a time."""
    nothing = ("<tt:Time><tt:Hour>24</tt:Hour><tt:Minute>1</tt:Minute><tt:Second>61</tt:Second></tt:Time>"
               "<tt:Date><tt:Year>0</tt:Year><tt:Month>0</tt:Month><tt:Day>0</tt:Day></tt:Date>")
    return ("<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
            f"<tt:DateTimeType>{kind}</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ></tt:TZ></tt:TimeZone>"
            f"<tt:UTCDateTime>{nothing}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>")


def _date_time(moment: datetime) -> str:
    return (f"<tt:Time><tt:Hour>{moment.hour}</tt:Hour><tt:Minute>{moment.minute}</tt:Minute><tt:Second>{moment.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{moment.year}</tt:Year><tt:Month>{moment.month}</tt:Month><tt:Day>{moment.day}</tt:Day></tt:Date>")


def get_device_information(context: Context) -> str:
    state = context.state
    return ("<tds:GetDeviceInformationResponse>"
            f"<tds:Manufacturer>{escape(state.manufacturer)}</tds:Manufacturer><tds:Model>{escape(state.model)}</tds:Model>"
            f"<tds:FirmwareVersion>{escape(state.firmware)}</tds:FirmwareVersion><tds:SerialNumber>{escape(state.says_serial)}</tds:SerialNumber>"
            f"<tds:HardwareId>{escape(state.hardware_id)}</tds:HardwareId></tds:GetDeviceInformationResponse>")


def path_of(service: str) -> str:
    return f"/onvif/{service}_service"


def services_of(state: CameraState) -> list[str]:
    """The services that the camera offers; PTZ only where it can park its lens."""
    return [name for name in SERVICE_NAMES if name in state.lies.services or (name == "ptz" and state.parks)]


def get_services(context: Context) -> str:
    with_capabilities = context.call.text("IncludeCapability") in ("true", "1")
    services, (major, minor) = "", VERSION
    for name in services_of(context.state):
        block = capabilities(context, name) if with_capabilities else ""
        inside = f"<tds:Capabilities>{block}</tds:Capabilities>" if with_capabilities else ""
        services += (f"<tds:Service><tds:Namespace>{SERVICE_NAMES[name]}</tds:Namespace><tds:XAddr>{escape(context.xaddr(path_of(name)))}</tds:XAddr>"
                     f"{inside}<tds:Version><tt:Major>{major}</tt:Major><tt:Minor>{minor}</tt:Minor></tds:Version></tds:Service>")
    return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"


def get_service_capabilities(context: Context) -> str:
    return f"<tds:GetServiceCapabilitiesResponse>{capabilities(context, 'device')}</tds:GetServiceCapabilitiesResponse>"


def capabilities(context: Context, service: str) -> str:
    """The Capabilities element of one service."""
    state = context.state
    snapshot = _bool(state.snapshots.uri != "unsupported" if state.lies.claims_snapshot is None else state.lies.claims_snapshot)
    osd, streams = _bool(state.osds_most > 0), 'RTPMulticast="false" RTP_RTSP_TCP="true" NonAggregateControl="false"'
    return {
        "device": _device_capabilities(state),
        "media": (f'<trt:Capabilities SnapshotUri="{snapshot}" Rotation="false" OSD="{osd}">'
                          f'<trt:ProfileCapabilities MaximumNumberOfProfiles="{len(state.profiles)}"/>'
                          f'<trt:StreamingCapabilities RTP_TCP="true" {streams}/></trt:Capabilities>'),
        "media2": (f'<tr2:Capabilities SnapshotUri="{snapshot}" Rotation="false" OSD="{osd}" Mask="{_bool(state.masks_most > 0)}" SourceMask="true">'
                           f'<tr2:ProfileCapabilities MaximumNumberOfProfiles="{len(state.profiles)}" '
                           'ConfigurationsSupported="VideoSource VideoEncoder AudioSource AudioEncoder"/>'
                           f'<tr2:StreamingCapabilities RTSPStreaming="true" {streams}/></tr2:Capabilities>'),
        "imaging": '<timg:Capabilities ImageStabilization="false"/>',
        "recording": '<trc:Capabilities DynamicRecordings="false" DynamicTracks="false" MaxRecordings="1" MaxRecordingJobs="1"/>',
        "events": ('<tev:Capabilities WSSubscriptionPolicySupport="false" WSPullPointSupport="true" MaxNotificationProducers="0" '
                           f'MaxPullPoints="{state.events.pull_points_most}" PersistentNotificationStorage="false" '
                           'EventBrokerProtocols="mqtt mqtts" MaxEventBrokers="2"/>'),
        "ptz": '<tptz:Capabilities EFlip="false" Reverse="false"/>',
    }[service]


def _device_capabilities(state: CameraState) -> str:
    login = state.login
    algorithms = f' HashingAlgorithms="{",".join(login.algorithms)}"' if login.algorithms != ("MD5",) else ""
    new = state.tls.kind != "none" and not state.tls.legacy
    tls = "" if state.tls.kind == "none" else f' TLS1.0="{_bool(not new)}" TLS1.2="{_bool(new)}"'
    misc = f'<tds:Misc AuxiliaryCommands="{" ".join(state.light.auxiliary)}"/>' if state.light.auxiliary else ""
    return ('<tds:Capabilities><tds:Network NTP="1" HTTPSystemBackup="false"/>'
            f'<tds:Security HttpDigest="{_bool(login.http_digest)}" UsernameToken="{_bool(login.username_token)}" MaxUsers="{login.users_most}"'
            f'{algorithms}{tls}/>'
            '<tds:System DiscoveryResolve="true" DiscoveryBye="true" RemoteDiscovery="false"/>'
            f'{misc}</tds:Capabilities>')


def _auxiliary_io(state: CameraState) -> str:
    """tt:IOCapabilities with its extension (onvif.xsd): where the older way tells of auxiliary commands."""
    commands = "".join(f"<tt:AuxiliaryCommands>{command}</tt:AuxiliaryCommands>" for command in state.light.auxiliary)
    return f"<tt:IO><tt:Extension><tt:Auxiliary>{_bool(bool(commands))}</tt:Auxiliary>{commands}</tt:Extension></tt:IO>" if commands else ""


def get_capabilities(context: Context) -> str:
    """The older way (Core specification, GetCapabilities); category All when none is named."""
    def xaddr(service: str) -> str:
        return f"<tt:XAddr>{escape(context.xaddr(path_of(service)))}</tt:XAddr>"

    blocks = {
        "Device": (f"<tt:Device>{xaddr('device')}"
                   "<tt:System><tt:DiscoveryResolve>true</tt:DiscoveryResolve><tt:DiscoveryBye>true</tt:DiscoveryBye>"
                   "<tt:RemoteDiscovery>false</tt:RemoteDiscovery><tt:SystemBackup>false</tt:SystemBackup><tt:SystemLogging>false</tt:SystemLogging>"
                   "<tt:FirmwareUpgrade>false</tt:FirmwareUpgrade><tt:SupportedVersions><tt:Major>21</tt:Major><tt:Minor>12</tt:Minor>"
                   f"</tt:SupportedVersions></tt:System>{_auxiliary_io(context.state)}</tt:Device>"),
        "Events": (f"<tt:Events>{xaddr('events')}<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>"
                   "<tt:WSPullPointSupport>true</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false"
                   "</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>"),
        "Imaging": f"<tt:Imaging>{xaddr('imaging')}</tt:Imaging>",
        "Media": (f"<tt:Media>{xaddr('media')}<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
                  "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"),
        "PTZ": f"<tt:PTZ>{xaddr('ptz')}</tt:PTZ>",
    }
    offered = services_of(context.state)
    blocks = {name: block for name, block in blocks.items() if name.lower() in offered}
    wanted = context.call.text("Category") or "All"
    if wanted != "All" and wanted not in blocks:
        raise Fault("env:Receiver", "ter:ActionNotSupported", "ter:NoSuchService", reason="No such service")
    inside = "".join(block for name, block in blocks.items() if wanted in ("All", name))
    return f"<tds:GetCapabilitiesResponse><tds:Capabilities>{inside}</tds:Capabilities></tds:GetCapabilitiesResponse>"


def get_endpoint_reference(context: Context) -> str:
    told = "" if context.state.discovery.empty_endpoint else f"urn:uuid:{context.state.endpoint_uuid}"
    return f"<tds:GetEndpointReferenceResponse><tds:GUID>{told}</tds:GUID></tds:GetEndpointReferenceResponse>"


def get_scopes(context: Context) -> str:
    extra = set(context.state.extra_scopes)
    scopes = "".join(f"<tds:Scopes><tt:ScopeDef>{'Configurable' if scope in extra else 'Fixed'}</tt:ScopeDef>"
                     f"<tt:ScopeItem>{escape(scope)}</tt:ScopeItem></tds:Scopes>" for scope in context.state.scopes)
    return f"<tds:GetScopesResponse>{scopes}</tds:GetScopesResponse>"


def get_hostname(context: Context) -> str:
    return ("<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
            f"<tt:Name>{escape(context.state.network.hostname)}</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>")


def get_network_interfaces(context: Context) -> str:
    """The first interface carries the address; further MAC addresses are shown as interfaces that are not enabled."""
    network, blocks = context.state.network, ""
    for number, mac in enumerate(context.state.mac_addresses):
        ipv4 = ""
        if number == 0:
            ipv4 = ("<tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config><tt:Manual>"
                    f"<tt:Address>{escape(context.hostname)}</tt:Address><tt:PrefixLength>{network.ipv4_prefix_length}</tt:PrefixLength>"
                    "</tt:Manual><tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4>")
        blocks += (f'<tds:NetworkInterfaces token="eth{number}"><tt:Enabled>{_bool(number == 0)}</tt:Enabled>'
                   f"<tt:Info><tt:Name>eth{number}</tt:Name><tt:HwAddress>{escape(mac)}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>"
                   f"{ipv4}</tds:NetworkInterfaces>")
    return f"<tds:GetNetworkInterfacesResponse>{blocks}</tds:GetNetworkInterfacesResponse>"


def get_network_protocols(context: Context) -> str:
    return f"<tds:GetNetworkProtocolsResponse>{''.join(_protocol(context, *one) for one in ports_of(context).items())}</tds:GetNetworkProtocolsResponse>"


def ports_of(context: Context) -> dict[str, int]:
    """The protocols that the camera has, and their ports."""
    network, body, has_tls = context.state.network, context.body, context.state.tls.kind != "none"
    return {"HTTP": network.http_port or body.http_port, **({"HTTPS": body.https_port} if has_tls else {}),
            "RTSP": network.rtsp_port or body.rtsp_port}


def _protocol(context: Context, name: str, port: int) -> str:
    enabled = name not in context.state.network.disabled
    return f"<tds:NetworkProtocols><tt:Name>{name}</tt:Name><tt:Enabled>{_bool(enabled)}</tt:Enabled><tt:Port>{port}</tt:Port></tds:NetworkProtocols>"


def get_users(context: Context) -> str:
    """Never the password (Core specification, GetUsers)."""
    blocks = "".join(f"<tds:User><tt:Username>{escape(name)}</tt:Username><tt:UserLevel>{user.level}</tt:UserLevel></tds:User>"
                     for name, user in context.state.users.items())
    return f"<tds:GetUsersResponse>{blocks}</tds:GetUsersResponse>"


def get_ntp(context: Context) -> str:
    network = context.state.network
    kind = "NTPFromDHCP" if network.ntp_from_dhcp else "NTPManual"
    servers = ""
    for server in network.ntp_servers:
        is_address = all(part.isdecimal() for part in server.split("."))
        form, element = ("IPv4", "IPv4Address") if is_address else ("DNS", "DNSname")
        servers += f"<tt:{kind}><tt:Type>{form}</tt:Type><tt:{element}>{escape(server)}</tt:{element}></tt:{kind}>"
    return (f"<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>{_bool(network.ntp_from_dhcp)}</tt:FromDHCP>{servers}"
            "</tds:NTPInformation></tds:GetNTPResponse>")


def get_discovery_mode(context: Context) -> str:
    mode = "Discoverable" if context.state.discoverable else "NonDiscoverable"
    return f"<tds:GetDiscoveryModeResponse><tds:DiscoveryMode>{mode}</tds:DiscoveryMode></tds:GetDiscoveryModeResponse>"


def get_certificates(context: Context) -> str:
    """The device's own certificate (Core specification, GetCertificates; deprecated and still asked for)."""
    if context.state.tls.kind == "none":
        return "<tds:GetCertificatesResponse/>"
    data = base64.b64encode(context.body.certificate()).decode()
    return (f"<tds:GetCertificatesResponse><tds:NvtCertificate><tt:CertificateID>{CERTIFICATE}</tt:CertificateID>"
            f"<tt:Certificate><tt:Data>{data}</tt:Data></tt:Certificate></tds:NvtCertificate></tds:GetCertificatesResponse>")


def get_certificates_status(context: Context) -> str:
    if context.state.tls.kind == "none":
        return "<tds:GetCertificatesStatusResponse/>"
    on = _bool("HTTPS" not in context.state.network.disabled)
    return (f"<tds:GetCertificatesStatusResponse><tds:CertificateStatus><tt:CertificateID>{CERTIFICATE}</tt:CertificateID><tt:Status>{on}</tt:Status>"
            "</tds:CertificateStatus></tds:GetCertificatesStatusResponse>")


CERTIFICATE = "device_certificate"


def _bool(value: bool) -> str:
    return "true" if value else "false"


# Access classes as given with each operation in the Core specification.
ACTIONS: Actions = {
    "GetSystemDateAndTime": (Access.PRE_AUTH, get_system_date_and_time),
    "GetServices": (Access.PRE_AUTH, get_services),
    "GetServiceCapabilities": (Access.PRE_AUTH, get_service_capabilities),
    "GetCapabilities": (Access.PRE_AUTH, get_capabilities),
    "GetEndpointReference": (Access.PRE_AUTH, get_endpoint_reference),
    "GetHostname": (Access.PRE_AUTH, get_hostname),
    "GetDeviceInformation": (Access.READ_SYSTEM, get_device_information),
    "GetScopes": (Access.READ_SYSTEM, get_scopes),
    "GetNetworkInterfaces": (Access.READ_SYSTEM, get_network_interfaces),
    "GetNetworkProtocols": (Access.READ_SYSTEM, get_network_protocols),
    "GetNTP": (Access.READ_SYSTEM, get_ntp),
    "GetDiscoveryMode": (Access.READ_SYSTEM, get_discovery_mode),
    "GetUsers": (Access.READ_SYSTEM_SECRET, get_users),
    "GetCertificates": (Access.READ_SYSTEM_SECRET, get_certificates),
    "GetCertificatesStatus": (Access.READ_SYSTEM, get_certificates_status),
}
