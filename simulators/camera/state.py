"""What a simulated camera is: plain data that its faces (ONVIF, RTSP, snapshot) show and its levers change.

Nothing here does anything by itself. A test may change any field of a running camera; the next request sees it.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from simulators.rooms.live import View

from .manners import (
    AddressManners,
    ClockManners,
    DiscoveryManners,
    EventManners,
    Lies,
    LightManners,
    MaskManners,
    RtspManners,
    SnapshotManners,
    XmlManners,
)
from .night import light_of
from .parts import Broker, Mask, Osd, Recording, RecordingJob, Tls
from .zone import zone

WANDERS = (1.0, 0.75, 1.3)         # exposure of a camera that never finds rest


class Level(StrEnum):
    """User levels of the ONVIF Core specification, section User Levels (Extended and Anonymous accounts do not exist here)."""

    ADMINISTRATOR = "Administrator"
    OPERATOR = "Operator"
    USER = "User"


class Where(StrEnum):
    """The points at which a camera can fall silent: it accepts what the client sends and never answers."""

    HTTP = "http"          # any HTTP request
    RTSP = "rtsp"          # any RTSP request
    DESCRIBE = "describe"
    SETUP = "setup"
    PLAY = "play"
    RTP = "rtp"            # PLAY is answered, no packet follows


@dataclass
class User:
    password: str
    level: Level = Level.ADMINISTRATOR
    fixed: bool = False                # cannot be deleted (Core specification, DeleteUsers: FixedUser)
    onvif: bool = True                 # may use ONVIF; some cameras keep accounts for ONVIF apart from those of the web page and RTSP
    streams: bool = True               # may use RTSP and snapshots


@dataclass
class Profile:
    """One ONVIF media profile with its encoder."""

    token: str
    name: str
    width: int
    height: int
    bitrate_kbit_s: int
    audio: bool = True                 # has the microphone's source, on a camera that has one
    audio_encoder: bool = True         # and its encoder; without one nothing is heard


def _profiles() -> list[Profile]:
    return [Profile("profile_main", "main", 1920, 1080, 4096), Profile("profile_sub", "sub", 640, 360, 512)]


@dataclass
class Imaging:
    """What the ONVIF imaging service reports; ranges are in the face (0 to 100 for the first four)."""

    brightness: float = 50.0
    saturation: float = 50.0
    contrast: float = 50.0
    sharpness: float = 50.0
    ir_cut_filter: str = "AUTO"        # ON, OFF, AUTO
    exposure_mode: str = "AUTO"
    exposure_time_us: float = 10_000.0  # with MANUAL: 10 ms is the exposure that AUTO would choose
    gain_db: float = 0.0                # with MANUAL
    wide_dynamic_range: str = "OFF"
    white_balance: str = "AUTO"


@dataclass
class Network:
    """What the camera says of its network; ports 0 mean 'the port that it really listens on'."""

    hostname: str = "camera"
    ipv4_prefix_length: int = 24
    http_port: int = 0
    rtsp_port: int = 0
    ntp_from_dhcp: bool = False
    ntp_servers: tuple[str, ...] = ("192.0.2.123",)     # RFC 5737: an address of documentation
    ntp_works: bool = False                             # whether a time server can be reached: then DateTimeType NTP puts the clock right
    disabled: set[str] = field(default_factory=set)     # of HTTP, HTTPS, RTSP: what SetNetworkProtocols has switched off


@dataclass
class Login:
    """Which ways of logging in the camera offers and how strict it is."""

    username_token: bool = True                   # WS-Security UsernameToken with PasswordDigest, in the SOAP header
    password_text: bool = False                   # UsernameToken with the password in clear: some old cameras allow it
    token_digest: bool = True                     # False: only PasswordText is understood
    token_created_z: bool = False                 # Created has to end in Z; "+00:00" is refused (Hikvision)
    http_digest: bool = True                      # for SOAP; the snapshot follows snapshot_needs_login
    http_basic: str = "no"                        # no, first, last (of the challenges); "broken": offered first and never accepted
    onvif_needs_login: bool = True                # False: anybody may do everything
    algorithms: tuple[str, ...] = ("MD5",)        # "MD5", "SHA-256" in order of preference (RFC 7616 3.7)
    snapshot_needs_login: bool = True
    rtsp_needs_login: bool = True
    time_needs_login: bool = False                # some cameras ask for a login even for the time (Panasonic, Axis)
    token_window_s: float = 60.0                  # cameras were seen to refuse from 20 s to 300 s of clock difference
    nonce_lifetime_s: float = 60.0                # after this a digest nonce is stale (RFC 7616 3.3)
    lock_after: int = 0                           # wrong passwords in a row before the lock-out; 0: never
    lock_s: float = 1800.0                        # 30 min, as Hikvision
    lock_survives_power: bool = False             # the lock is kept in flash, and ends by its time alone
    locked_at_start_s: float = 0.0                # somebody else has just locked it
    says_attempts: str = ""                       # words of a refusal: "" (the standard's), "attempts" (how many are left), "minutes" (how long)
    window_is_failure: bool = True                # a token outside the clock's window counts as a wrong password
    passwords: str = "any"                        # rules for new ones: any, strong (8-16 characters, three kinds), safe (no / % @ # :)
    password_most: int = 64
    password_cut: int = 0                         # characters that are kept of a new one, without a word; 0: all
    users_most: int = 10


@dataclass
class Troubles:
    """What is broken on purpose. Levers set these; `calm` puts everything back."""

    stall: set[Where] = field(default_factory=set)
    drip_bytes_s: float = 0.0          # answers leave at this rate; 0: at once
    slow_s: float = 0.0                # answers wait this long
    garbage: bool = False              # HTTP requests are answered by bytes that are not HTTP
    reset: bool = False                # every new connection is reset (TCP RST)
    not_onvif: bool = False            # an ordinary web server: HTML, 404
    refuse_rtsp: int = 0               # RTSP status that every SETUP gets, for example 453; 0: none
    loss: float = 0.0                  # share of RTP packets that never leave (0 to 1), over UDP and inside the RTSP connection
    damage: float = 0.0                # share of RTP packets in which a byte is wrong
    close_after: int = 0               # HTTP connections are closed after so many answers without a word; 0: never
    echo: bool = False                 # HTTP requests come back as they were sent, with NUL bytes


@dataclass
class Seen:
    """What the camera has seen, for a test to assert on. Written by the camera's loop only."""

    requests: Counter[str] = field(default_factory=Counter)   # "GetProfiles", "RTSP PLAY", "snapshot"
    connections: int = 0
    failed_logins: int = 0
    good_logins: int = 0
    rtp_lost: int = 0                  # RTP packets that the packet loss lever took
    rtsp_sessions: int = 0             # opened so far
    rtsp_sessions_open: int = 0        # at this moment
    rtsp_sessions_expired: int = 0
    teardowns: int = 0
    pictures: int = 0                  # pictures sent over RTP, each an access unit
    snapshots: int = 0

    def as_dict(self) -> dict[str, object]:
        return {**self.__dict__, "requests": dict(self.requests)}


@dataclass
class CameraState:
    """A camera as it hangs in a room. Times in seconds, sizes in pixels."""

    serial: str = "SIM0000001"
    manufacturer: str = "Simulated"
    model: str = "SC-1080"
    hardware_id: str = "1.0"
    firmware: str = "1.4.2"
    mac_addresses: list[str] = field(default_factory=list)            # empty: one is made from the serial
    endpoint_uuid: str = ""                                           # empty: one is made from the serial
    extra_scopes: list[str] = field(default_factory=list)             # the configurable ones
    scopes_most: int = 20
    claims_serial: str | None = None                                  # the serial it *says*, when that is another one

    users: dict[str, User] = field(default_factory=lambda: {"admin": User("simulated-1")})
    factory_users: dict[str, User] = field(default_factory=dict)      # after a factory default; none: the first user is made without login
    factory_is_open: bool = False                                     # as long as there are no users, anybody may do everything (Profile Q)
    login: Login = field(default_factory=Login)
    tls: Tls = field(default_factory=Tls)

    clock_offset: timedelta = timedelta(0)                            # camera clock minus true time
    timezone: str = "Europe/Stockholm"
    reports_local_time_as_utc: bool = False                           # a common fault, see DST
    date_time_type: str = "NTP"                                       # or Manual

    profiles: list[Profile] = field(default_factory=_profiles)
    codec: str = "H264"                # or H265, which the first media service cannot tell of
    fps: int = 25
    gop_s: float = 1.0
    idr_at_play: bool = True           # False: a client joins in mid-GOP and waits for the next IDR
    audio: bool = False                # a microphone that never says anything
    scene: str = "storgatan_bedroom"
    card: str | None = None            # text of the code card that somebody holds before the lens
    rtsp_sessions_most: int = 4
    rtsp_session_timeout_s: float = 60.0   # RFC 2326 12.37: 60 s is the default
    imaging: Imaging = field(default_factory=Imaging)
    view: View = field(default_factory=View)   # of a rendered room: how the camera is turned and what people did to the room
    room_is_dark: bool = False         # night in the room: the scene has 4 % of its light left
    ir_lamp: str = "AUTO"              # ON, OFF, AUTO: with the infrared filter out
    masks: list[Mask] = field(default_factory=list)
    masks_most: int = 4
    mask_manners: MaskManners = field(default_factory=MaskManners)
    osds: list[Osd] = field(default_factory=lambda: [Osd("osd_clock", "DateAndTime", "UpperLeft")])
    osds_most: int = 6
    osd_positions: list[str] = field(default_factory=lambda: ["UpperLeft", "UpperRight", "LowerLeft", "LowerRight", "Custom"])
    parks: bool = False                # has a preset in which the lens looks at nothing
    parked: bool = False
    recordings: list[Recording] = field(default_factory=list)
    jobs: list[RecordingJob] = field(default_factory=list)
    brokers: list[Broker] = field(default_factory=list)
    pull_points: dict[str, datetime] = field(default_factory=dict)    # until when each lives, by the camera's clock

    rtsp: RtspManners = field(default_factory=RtspManners)
    xml: XmlManners = field(default_factory=XmlManners)
    addresses: AddressManners = field(default_factory=AddressManners)
    snapshots: SnapshotManners = field(default_factory=SnapshotManners)
    clock_manners: ClockManners = field(default_factory=ClockManners)
    events: EventManners = field(default_factory=EventManners)
    discovery: DiscoveryManners = field(default_factory=DiscoveryManners)
    light: LightManners = field(default_factory=LightManners)
    lies: Lies = field(default_factory=Lies)

    discoverable: bool = True
    network: Network = field(default_factory=Network)

    power: bool = True
    boot_time_s: float = 0.0           # real cameras take 40-90 s; 0 keeps tests quick
    troubles: Troubles = field(default_factory=Troubles)

    _followed: tuple[str, float, bool] = field(default=("day", 1.0, False), init=False, repr=False)          # what the picture shows
    _asked: tuple[tuple[str, float, bool], float] | None = field(default=None, init=False, repr=False)   # what it is to show, since when

    def __post_init__(self) -> None:
        own = uuid.uuid5(uuid.NAMESPACE_OID, f"simulated camera {self.manufacturer} {self.serial}")
        if not self.endpoint_uuid:
            self.endpoint_uuid = str(own)
        if not self.mac_addresses:
            tail = own.bytes[-5:]
            # 0x02: locally administered, so it can never be a real maker's address (IEEE 802)
            self.mac_addresses = [":".join(f"{byte:02x}" for byte in (0x02, *tail))]
        self._followed = self._wanted()

    @property
    def says_serial(self) -> str:
        return self.serial if self.claims_serial is None else self.claims_serial

    def sends_audio(self, profile: Profile) -> bool:
        """Whether the stream of this profile carries sound."""
        return self.audio and profile.audio and profile.audio_encoder

    @property
    def fixed_scopes(self) -> list[str]:
        """ONVIF Core, 'Scope parameters': type, hardware, name; MacAddress and SerialNumber on cameras that tell them to anybody."""
        base = "onvif://www.onvif.org"
        profiles = [f"{base}/Profile/Streaming"] + ([f"{base}/Profile/T"] if "media2" in self.lies.services else [])
        told = [f"{base}/MacAddress/{quote(mac, safe='')}" for mac in self.mac_addresses[:1]] + [f"{base}/SerialNumber/{quote(self.says_serial)}"]
        return [*profiles, f"{base}/type/video_encoder", f"{base}/hardware/{quote(self.model)}", f"{base}/name/{quote(self.manufacturer)}",
                *(told if self.discovery.names_serial else [])]

    @property
    def scopes(self) -> list[str]:
        return [*self.fixed_scopes, *self.extra_scopes]

    @property
    def is_factory_new(self) -> bool:
        """No user exists: the first one may be made by anybody who stands before it (Core specification, 'Factory default state')."""
        return not self.users

    @property
    def is_night(self) -> bool:
        """Whether the infrared filter is out of the light's way."""
        setting = "AUTO" if self.light.filter_ignored else self.imaging.ir_cut_filter
        return setting == "OFF" or (setting == "AUTO" and self.room_is_dark)

    @property
    def lamp_is_on(self) -> bool:
        if self.light.lamp_follows_filter:
            return self.is_night
        return self.ir_lamp == "ON" or (self.ir_lamp == "AUTO" and self.room_is_dark)

    @property
    def exposure_factor(self) -> float:
        """How much brighter than by automatic exposure the picture gets, in steps that a cache can live with."""
        if self.imaging.exposure_mode != "MANUAL":
            return self.exposure_at(int(time.time())) if self.light.exposure_wanders else 1.0
        return round(min(8.0, self.imaging.exposure_time_us / 10_000 * 10 ** (self.imaging.gain_db / 20)), 2)

    @staticmethod
    def exposure_at(second: int) -> float:
        """What restless automatic exposure has found in that second."""
        return WANDERS[second % len(WANDERS)]

    def _wanted(self) -> tuple[str, float, bool]:
        return light_of(self.room_is_dark, self.is_night, self.lamp_is_on), self.exposure_factor, self.imaging.exposure_mode == "MANUAL"

    def shown(self) -> tuple[str, float, bool]:
        """The light that the picture shows (`night.LIGHTS`), the exposure factor, and whether it is MANUAL: what is set, after `light.switching_s`."""
        wanted = self._wanted()
        as_before = wanted == self._followed or (not wanted[2] and (wanted[0], False) == (self._followed[0], self._followed[2]))
        if self.light.switching_s <= 0 or as_before:
            self._followed, self._asked = wanted, None
        elif self._asked is None or self._asked[0] != wanted:
            self._asked = (wanted, time.monotonic())
        elif time.monotonic() - self._asked[1] >= self.light.switching_s:
            self._followed, self._asked = wanted, None
        return self._followed

    def clock(self) -> datetime:
        """The camera's own UTC time."""
        return datetime.now(UTC) + self.clock_offset

    def local_clock(self) -> datetime:
        return self.clock().astimezone(zone(self.timezone))

    def profile(self, token: str) -> Profile | None:
        return next((profile for profile in self.profiles if profile.token == token), None)
