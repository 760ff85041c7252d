"""How a simulated camera departs from the standard: each field is one thing that cameras in the field were seen to do.

The defaults are the standard. Personas (`simulators/models/*.toml`) set these by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class RtspManners:
    """RTSP and SDP as cameras really write them."""

    content_base: str = "absolute"                # absolute, schemeless ("host/path/"), none
    control: str = "relative"                     # relative, absolute (with another host in it)
    content_type: bool = True                     # of the answer to DESCRIBE
    session_changes: bool = False                 # each SETUP answers with another session id; the last one counts
    sprop: str = "good"                           # good, missing, invalid, annexb
    sdp: str = "good"                             # good, untidy (trailing spaces, empty c=, no o=, an application track of no use)
    keeps_alive_by: str = "any"                   # any, options (GET_PARAMETER is announced and never answered)
    drops_unknown: bool = False                   # a method it does not know ends the connection
    setup_s: float = 0.0                          # how long SETUP takes (5-10 s on slow cameras)
    transport: str = "both"                       # both, udp (461 for packets inside the connection), tcp
    channels: str = "asked"                       # asked, own: the camera numbers its interleaved channels as it likes
    secure: bool = False                          # RTSP over TLS alone, told as rtsps:// (Profile T: RTP/RTSP/TLS)
    redirect: str = ""                            # "", self (DESCRIBE is sent to another path), elsewhere (to another host)
    stale_sessions: int = 0                       # slots that viewers hold who went without TEARDOWN; they end after the session time-out


@dataclass
class XmlManners:
    """SOAP as cameras really write and read it."""

    invalid_utf8: bool = False                    # a byte that is no UTF-8 in the model's name
    undeclared_prefix: bool = False               # a prefix in the answer that nothing declares
    newlines: bool = False                        # every element on its own line, white space in values
    other_prefixes: bool = False                  # SOAP-ENV instead of env, vendor namespaces
    chokes_on_addressing: bool = False            # a WS-Addressing header in the request is a fault
    extension: bool = False                       # elements of a vendor where the schema has xs:any


@dataclass
class AddressManners:
    """XAddr and other addresses in answers, when they are not the one that the client used."""

    host: str = ""                                # host[:port] in every XAddr and URI; empty: the one that the client used
    service_path: str = "/onvif/device_service"   # the device service stands here as well (/onvif/devices on some)
    xaddr: str = "{base}{path}"                   # for example "http://:80{path}"


@dataclass
class SnapshotManners:
    uri: str = "good"                             # good, empty, missing (fault), unsupported
    body: str = "jpeg"                            # jpeg, html (200 with a page), truncated, empty
    refuses_query_login: bool = True              # ?user=..&pwd=.. is not a login


@dataclass
class ClockManners:
    """What SetSystemDateAndTime does besides setting the clock, and how the time is told."""

    loses_zone_when_set: bool = False             # the time zone is UTC0 after every setting
    cannot_unset_summer_time: bool = False
    tells: str = "good"                           # good, impossible (second 61, hour 24, day 0)
    whole_days_wrong: int = 0


@dataclass
class EventManners:
    pull_points_most: int = 4
    longest_s: float = 3600.0
    reads_minutes_as_seconds: bool = False        # PT10M is taken for 10 s
    unsubscribe_ends_all: bool = False


@dataclass
class DiscoveryManners:
    multicast: bool = True                        # False: blocked on the way (IGMP snooping, VLAN); unicast still works
    unicast: bool = True
    reply: str = "whole"                          # whole, split (two datagrams), twice
    xaddr_hosts: list[str] = field(default_factory=list)   # in ProbeMatch; empty: its own address. Several: a list
    names_serial: bool = False                    # scopes MacAddress and SerialNumber (discovery without login)
    empty_endpoint: bool = False
    delay_s: float = 0.0                          # APP_MAX_DELAY of WS-Discovery is 0.5 s


@dataclass
class MaskManners:
    """What the privacy masks can be (Media2 specification, GetMaskOptions)."""

    rectangles_only: bool = False
    points_most: int = 8
    kinds: list[str] = field(default_factory=lambda: ["Color", "Pixelated", "Blurred"])
    colours: bool = True                          # False: black whatever is asked; options tell no colours and one that is sent is refused


@dataclass
class LightManners:
    """How the picture follows what is set of filter, lamp and exposure."""

    auxiliary: list[str] = field(default_factory=lambda: ["tt:IRLamp|On", "tt:IRLamp|Off", "tt:IRLamp|Auto"])     # commands that are announced and obeyed
    lamp_follows_filter: bool = False             # no lamp of its own will: on whenever the filter is out
    filter_ignored: bool = False                  # IrCutFilter is taken and read back, and the filter stays as AUTO has it
    switching_s: float = 0.0                      # so long the picture stays as it was after a change: motors and exposure take their time
    exposure_wanders: bool = False                # AUTO finds another exposure from second to second


@dataclass
class Lies:
    """Capabilities and successes that are not true."""

    no_effect: set[str] = field(default_factory=set)       # actions answered with success that change nothing
    unsupported: set[str] = field(default_factory=set)     # actions answered with ActionNotSupported
    fails: set[str] = field(default_factory=set)           # actions that end in ter:Action, HTTP 500
    services: list[str] = field(default_factory=lambda: ["device", "media", "media2", "imaging", "recording", "events"])
    claims_snapshot: bool | None = None                    # what capabilities say of snapshots, when it is not the truth
    ignores_synchronization_point: bool = False
    ignores_masks: bool = False                            # CreateMask is answered, read back, and nothing is drawn
    masks_in_still_only: bool = False                      # drawn into snapshots, not into streams
    only_scopes: tuple[str, ...] = ()                      # configurable scopes begin with one of these, others are refused; empty: any
