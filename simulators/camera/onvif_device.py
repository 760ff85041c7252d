"""ONVIF device management service (ver10/device/wsdl): identity, time, network, users."""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from .onvif import Access, Actions, Context
from .soap import TDS, TIMG, TRT, Fault

# Name, namespace, path and version of each service; the version is that of the specification whose calls are answered.
SERVICES = (("device", TDS, "/onvif/device_service", (21, 12)), ("media", TRT, "/onvif/media_service", (21, 12)),
            ("imaging", TIMG, "/onvif/imaging_service", (21, 12)))


def get_system_date_and_time(context: Context) -> str:
    state = context.state
    utc, local = state.clock(), state.local_clock()
    if state.reports_local_time_as_utc:
        utc = local
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        f"<tt:DaylightSavings>{_bool(bool(local.dst()))}</tt:DaylightSavings>"
        f"<tt:TimeZone><tt:TZ>{escape(posix_timezone(state.timezone, local.year))}</tt:TZ></tt:TimeZone>"
        f"<tt:UTCDateTime>{_date_time(utc)}</tt:UTCDateTime><tt:LocalDateTime>{_date_time(local)}</tt:LocalDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _date_time(moment: datetime) -> str:
    return (f"<tt:Time><tt:Hour>{moment.hour}</tt:Hour><tt:Minute>{moment.minute}</tt:Minute><tt:Second>{moment.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{moment.year}</tt:Year><tt:Month>{moment.month}</tt:Month><tt:Day>{moment.day}</tt:Day></tt:Date>")


def posix_timezone(name: str, year: int) -> str:
    """The POSIX TZ string that ONVIF wants (Core specification, SetSystemDateAndTime), for example CET-1CEST,M3.5.0,M10.5.0/3.

    Summer time of the European Union changes at 01:00 UTC on the last Sundays of March and October; for other rules only the
    names and offsets are given, which is what many cameras do too.
    """
    zone = ZoneInfo(name)
    winter, summer = datetime(year, 1, 1, tzinfo=zone), datetime(year, 7, 1, tzinfo=zone)
    ahead_h = (winter.utcoffset() or timedelta(0)).total_seconds() / 3600

    def label(moment: datetime) -> str:
        short = moment.tzname() or ""
        return short if short.isalpha() else "LOC"

    text = f"{label(winter)}{0 - ahead_h:g}"           # POSIX counts the other way: west is positive
    if winter.utcoffset() == summer.utcoffset():
        return text
    text += label(summer)
    if name.startswith("Europe/"):
        begin_h, end_h = ahead_h + 1, ahead_h + 2      # 01:00 UTC, in winter's and in summer's own time
        text += f",M3.5.0{_hour(begin_h)},M10.5.0{_hour(end_h)}"
    return text


def _hour(hour: float) -> str:
    """POSIX means 02:00 when nothing is said."""
    return "" if hour == 2 else f"/{hour:g}"


def get_device_information(context: Context) -> str:
    state = context.state
    return ("<tds:GetDeviceInformationResponse>"
            f"<tds:Manufacturer>{escape(state.manufacturer)}</tds:Manufacturer><tds:Model>{escape(state.model)}</tds:Model>"
            f"<tds:FirmwareVersion>{escape(state.firmware)}</tds:FirmwareVersion><tds:SerialNumber>{escape(state.says_serial)}</tds:SerialNumber>"
            f"<tds:HardwareId>{escape(state.hardware_id)}</tds:HardwareId></tds:GetDeviceInformationResponse>")


def get_services(context: Context) -> str:
    with_capabilities = context.call.text("IncludeCapability") in ("true", "1")
    blocks = {"device": _device_capabilities(context), "media": MEDIA_CAPABILITIES, "imaging": IMAGING_CAPABILITIES}
    services = ""
    for name, namespace, path, (major, minor) in SERVICES:
        capabilities = f"<tds:Capabilities>{blocks[name]}</tds:Capabilities>" if with_capabilities else ""
        services += (f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{escape(context.http_base + path)}</tds:XAddr>{capabilities}"
                     f"<tds:Version><tt:Major>{major}</tt:Major><tt:Minor>{minor}</tt:Minor></tds:Version></tds:Service>")
    return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"


def get_service_capabilities(context: Context) -> str:
    return f"<tds:GetServiceCapabilitiesResponse>{_device_capabilities(context)}</tds:GetServiceCapabilitiesResponse>"


def _device_capabilities(context: Context) -> str:
    login = context.state.login
    algorithms = f' HashingAlgorithms="{",".join(login.algorithms)}"' if login.algorithms != ("MD5",) else ""
    return ('<tds:Capabilities><tds:Network NTP="1" HTTPSystemBackup="false"/>'
            f'<tds:Security HttpDigest="{_bool(login.http_digest)}" UsernameToken="{_bool(login.username_token)}" MaxUsers="10"{algorithms}/>'
            '<tds:System DiscoveryResolve="true" DiscoveryBye="true" RemoteDiscovery="false"/></tds:Capabilities>')


MEDIA_CAPABILITIES = ('<trt:Capabilities SnapshotUri="true" Rotation="false" OSD="false"><trt:ProfileCapabilities MaximumNumberOfProfiles="2"/>'
                      '<trt:StreamingCapabilities RTPMulticast="false" RTP_TCP="true" RTP_RTSP_TCP="true" NonAggregateControl="false"/>'
                      '</trt:Capabilities>')
IMAGING_CAPABILITIES = '<timg:Capabilities ImageStabilization="false"/>'


def get_capabilities(context: Context) -> str:
    """The older way (Core specification, GetCapabilities); category All when none is named."""
    base = escape(context.http_base)
    blocks = {
        "Device": (f"<tt:Device><tt:XAddr>{base}/onvif/device_service</tt:XAddr>"
                   "<tt:System><tt:DiscoveryResolve>true</tt:DiscoveryResolve><tt:DiscoveryBye>true</tt:DiscoveryBye>"
                   "<tt:RemoteDiscovery>false</tt:RemoteDiscovery><tt:SystemBackup>false</tt:SystemBackup><tt:SystemLogging>false</tt:SystemLogging>"
                   "<tt:FirmwareUpgrade>false</tt:FirmwareUpgrade><tt:SupportedVersions><tt:Major>21</tt:Major><tt:Minor>12</tt:Minor>"
                   "</tt:SupportedVersions></tt:System></tt:Device>"),
        "Imaging": f"<tt:Imaging><tt:XAddr>{base}/onvif/imaging_service</tt:XAddr></tt:Imaging>",
        "Media": (f"<tt:Media><tt:XAddr>{base}/onvif/media_service</tt:XAddr><tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
                  "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"),
    }
    wanted = context.call.text("Category") or "All"
    if wanted != "All" and wanted not in blocks:
        raise Fault("env:Receiver", "ter:ActionNotSupported", "ter:NoSuchService", reason="No such service")
    inside = "".join(block for name, block in blocks.items() if wanted in ("All", name))
    return f"<tds:GetCapabilitiesResponse><tds:Capabilities>{inside}</tds:Capabilities></tds:GetCapabilitiesResponse>"


def get_endpoint_reference(context: Context) -> str:
    return f"<tds:GetEndpointReferenceResponse><tds:GUID>urn:uuid:{context.state.endpoint_uuid}</tds:GUID></tds:GetEndpointReferenceResponse>"


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
    network = context.state.network
    ports = (("HTTP", network.http_port or context.http_port), ("RTSP", network.rtsp_port or context.rtsp_port))
    blocks = "".join(f"<tds:NetworkProtocols><tt:Name>{name}</tt:Name><tt:Enabled>true</tt:Enabled><tt:Port>{port}</tt:Port></tds:NetworkProtocols>"
                     for name, port in ports)
    return f"<tds:GetNetworkProtocolsResponse>{blocks}</tds:GetNetworkProtocolsResponse>"


def get_users(context: Context) -> str:
    """Never the password (Core specification, GetUsers)."""
    blocks = "".join(f"<tds:User><tt:Username>{escape(name)}</tt:Username><tt:UserLevel>{user.level}</tt:UserLevel></tds:User>"
                     for name, user in context.state.users.items())
    return f"<tds:GetUsersResponse>{blocks}</tds:GetUsersResponse>"


def get_ntp(context: Context) -> str:
    network = context.state.network
    kind = "NTPFromDHCP" if network.ntp_from_dhcp else "NTPManual"
    servers = "".join(f"<tt:{kind}><tt:Type>IPv4</tt:Type><tt:IPv4Address>{escape(server)}</tt:IPv4Address></tt:{kind}>"
                      for server in network.ntp_servers)
    return (f"<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>{_bool(network.ntp_from_dhcp)}</tt:FromDHCP>{servers}"
            "</tds:NTPInformation></tds:GetNTPResponse>")


def get_discovery_mode(context: Context) -> str:
    mode = "Discoverable" if context.state.discoverable else "NonDiscoverable"
    return f"<tds:GetDiscoveryModeResponse><tds:DiscoveryMode>{mode}</tds:DiscoveryMode></tds:GetDiscoveryModeResponse>"


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
}
