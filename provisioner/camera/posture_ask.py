"""What a camera says of its own settings, item by item (D15). Each question gives a `Reading`, which may hold personal text and stays in the adapter.

Asked over the visit's own login. What the camera has no call for raises `CannotDo` or the camera's own fault, which `asked` makes a reading; nothing
here judges. Limits of what can be known: event subscriptions have no list (quirk 17), and recordings on a card are seen only where the camera has the
ONVIF recording service.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import BrokenReply, CameraTrouble, HttpRefused, LoginRefused, NotOnvif, WrongCertificate
from provisioner.camera.faults import fault_from
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.onvif import OnvifSession, moment_in
from provisioner.camera.places import hidden_of
from provisioner.camera.reading import Element
from provisioner.camera.settings import CameraSettings
from provisioner.camera.soap import SoapFault
from provisioner.camera.visit import Visit
from provisioner.camera.wsdl import EVENTS, MEDIA, MEDIA2, RECORDING
from provisioner.case.posture import Proof, Reading
from provisioner.case.posture_items import Item
from provisioner.fault import Fault

_CLOCKS = frozenset({"date", "time", "dateandtime"})  # tt:OSDTextConfiguration types that write no text of anybody's
_REFUSALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused)


@dataclass(slots=True)
class Look:
    """One look at one camera: its visit, the time and the passwords that it may cost. `accounts` are names that may stay beside our own.

    `stopped` is set by the first refused login or wrong certificate: nothing is asked over that login again.
    """

    visit: Visit
    settings: CameraSettings
    now: Callable[[], datetime]
    deadline: Deadline
    attempts: Attempts
    accounts: tuple[str, ...] = ()
    stopped: Fault | None = None
    streams: dict[str, bool] = field(default_factory=dict)  # audio in the SDP, by path: each is described once a look

    @property
    def onvif(self) -> OnvifSession:
        """The session of the visit."""
        return self.visit.onvif

    def allowance(self) -> Allowance:
        """What one exchange over RTSP or HTTP may cost."""
        return Allowance(self.deadline.sooner(self.settings.operation_s), self.settings.rtsp_reply_most_bytes, self.settings.silence_s)

    def device(self, operation: str, **arguments: object) -> Element:
        """A call of the device service."""
        return self.onvif.device(operation, self.deadline, self.attempts, **arguments)

    def service(self, port: str, operation: str, **arguments: object) -> Element:
        """A call of another service."""
        return self.onvif.service(port, operation, self.deadline, self.attempts, **arguments)

    def fault(self, exc: CameraTrouble, what: str) -> Fault:
        """The fault that `exc` is, without what must not be read."""
        return fault_from(exc, what, hidden_of(self.visit.place))


Question = Callable[[Look], Reading]


def asked(item: Item, question: Question, look: Look, *, tried: bool = False) -> Reading:
    """The answer, or the fault that kept it. After `tried`, an answer is one that was read back."""
    if look.stopped is not None:
        return Reading(item, fault=look.stopped, tried=tried)
    try:
        found = question(look)
    except CameraTrouble as exc:
        fault = look.fault(exc, str(item))
        if isinstance(exc, LoginRefused | WrongCertificate):
            look.stopped = fault
        return Reading(item, fault=fault, tried=tried)
    return found if not tried else Reading(found.item, found.found, found.off_s, found.proved, found.supported, True, True, found.fault)


def _told(item: Item, found: tuple[str, ...]) -> Reading:
    return Reading(item, found, proved=Proof.READ_BACK)


def audio_of(service: str, look: Look) -> tuple[str, ...]:
    """Tokens of the profiles in which this media service shows an audio encoder. A source without one is heard by nobody."""
    answer = look.service(service, "GetProfiles", **({"Type": ["All"]} if service == MEDIA2 else {}))
    suffix = "" if service == MEDIA2 else "Configuration"
    found = []
    for one in answer.all("Profiles"):
        parts = one.first("Configurations") if service == MEDIA2 else one
        if parts is not None and parts.first(f"AudioEncoder{suffix}") is not None:
            found.append(one.attribute("token"))
    return tuple(found)


def _audio_in_profiles(look: Look) -> Reading:
    found: list[str] = []
    answered, trouble = False, None
    for service in look.onvif.media_services(look.deadline, look.attempts):
        try:
            found += audio_of(service, look)
            answered = True
        except _REFUSALS as exc:  # a camera that lists both services may answer by one (quirk 19)
            trouble = trouble or exc
    if not answered and trouble is not None:
        raise trouble
    return _told(Item.AUDIO_IN_PROFILES, tuple(dict.fromkeys(found)))


def jobs_of(look: Look) -> tuple[str, ...]:
    """Tokens of the recording jobs."""
    return tuple(one.text("JobToken") for one in look.service(RECORDING, "GetRecordingJobs").all("JobItem"))


def recordings_of(look: Look) -> tuple[str, ...]:
    """Tokens of the recordings."""
    return tuple(one.text("RecordingToken") for one in look.service(RECORDING, "GetRecordings").all("RecordingItem"))


def _recordings(look: Look) -> Reading:
    return _told(Item.RECORDINGS, (*recordings_of(look), *jobs_of(look)))


def users_of(look: Look) -> tuple[str, ...]:
    """Names of all accounts that ONVIF knows; empty on a camera in factory state."""
    return tuple(one.text("Username") for one in look.device("GetUsers").all("User"))


def _other_accounts(look: Look) -> Reading:
    ours = {look.visit.place.username, *look.accounts}
    return _told(Item.OTHER_ACCOUNTS, tuple(name for name in users_of(look) if name not in ours))


def scopes_of(look: Look) -> tuple[tuple[str, bool], ...]:
    """The scopes, and whether each is said to be fixed."""
    return tuple((one.text("ScopeItem"), one.text("ScopeDef").lower() == "fixed") for one in look.device("GetScopes").all("Scopes"))


def _scopes(look: Look) -> Reading:
    return _told(Item.SCOPES, tuple(scope for scope, _ in scopes_of(look)))


@dataclass(frozen=True, slots=True)
class OsdText:
    """One thing in the picture that is no clock: the service that told it, its token, its text ('' and `is_image` for a picture)."""

    service: str
    token: str
    text: str
    is_image: bool


def osds_of(look: Look) -> tuple[OsdText, ...]:
    """What is written into the picture besides clocks, by the first media service that knows such things."""
    trouble: CameraTrouble | None = None
    for service in look.onvif.media_services(look.deadline, look.attempts):
        try:
            answer = look.service(service, "GetOSDs")
        except _REFUSALS as exc:
            trouble = trouble or exc
            continue
        found = []
        for one in answer.all("OSDs"):
            kind, text = one.text("TextString", "Type").lower(), one.text("TextString", "PlainText")
            is_image = one.text("Type").lower() == "image"
            if text or is_image or (kind not in _CLOCKS and kind != "plain"):
                found.append(OsdText(service, one.attribute("token"), text, is_image))
        return tuple(found)
    raise trouble or BrokenReply("no media service answers")


def osds_most(look: Look) -> int | None:
    """How many texts the camera can write into the picture; None where it does not say."""
    for service in look.onvif.media_services(look.deadline, look.attempts):
        try:
            sources = look.service(service, "GetVideoSourceConfigurations").all("Configurations")
            if sources:
                options = look.service(service, "GetOSDOptions", ConfigurationToken=sources[0].attribute("token"))
                told = options.first("OSDOptions", "MaximumNumberOfOSDs")
                return int(told.attribute("Total")) if told is not None and told.attribute("Total").isdecimal() else None
        except _REFUSALS:
            continue
    return None


def _osd(look: Look) -> Reading:
    found = osds_of(look)
    if not found and osds_most(look) == 0:
        return Reading(Item.OSD, supported=False)
    return _told(Item.OSD, tuple(one.text or f"({'image' if one.is_image else 'text'})" for one in found))


@dataclass(frozen=True, slots=True)
class Protocol:
    """One row of `GetNetworkProtocols`."""

    name: str
    enabled: bool
    ports: tuple[int, ...]


def protocols_of(look: Look) -> tuple[Protocol, ...]:
    """The protocols that the camera can speak; names in upper case."""
    found = []
    for one in look.device("GetNetworkProtocols").all("NetworkProtocols"):
        ports = tuple(int(port.text()) for port in one.all("Port") if port.text().isdecimal())
        name = "".join(sign for sign in one.text("Name").upper() if sign.isascii() and sign.isalpha())  # bytes that are no text follow it on some
        found.append(Protocol(name, one.text("Enabled").lower() in ("true", "1"), ports))
    return tuple(found)


def _http(look: Look) -> Reading:
    told = [one for one in protocols_of(look) if one.name == "HTTP"]
    return _told(Item.HTTP, tuple(str(port) for one in told if one.enabled for port in one.ports or (80,)))


def _discovery(look: Look) -> Reading:
    return _told(Item.DISCOVERY, (look.device("GetDiscoveryMode").text("DiscoveryMode"),))


@dataclass(frozen=True, slots=True)
class CameraTime:
    """`GetSystemDateAndTime`, logged in where the camera wants it. `off_s` and `local_off_s`: what it calls UTC and local time, minus our clock, in
    seconds; None for no time that is one. `zone` is its POSIX time zone as it writes it."""

    off_s: float | None
    local_off_s: float | None
    by_ntp: bool
    zone: str
    summer: bool


def time_of(look: Look) -> CameraTime:
    """The camera's clock."""
    before = look.now()
    answer = look.device("GetSystemDateAndTime")
    middle = before + (look.now() - before) / 2
    utc, local = moment_in(answer, "UTCDateTime"), moment_in(answer, "LocalDateTime")
    told = answer.first("SystemDateAndTime")
    if told is None:
        raise BrokenReply("no SystemDateAndTime in the answer")
    return CameraTime(None if utc is None else (utc - middle).total_seconds(), None if local is None else (local - middle).total_seconds(),
                      told.text("DateTimeType").lower() == "ntp", told.text("TimeZone", "TZ"), told.text("DaylightSavings").lower() in ("true", "1"))


def _clock(look: Look) -> Reading:
    return Reading(Item.CLOCK, off_s=time_of(look).off_s, proved=Proof.READ_BACK)


def _ntp(look: Look) -> Reading:
    told = look.device("GetNTP").first("NTPInformation")
    if told is None:
        raise BrokenReply("no NTPInformation in the answer")
    servers = [one.text("IPv4Address") or one.text("DNSname") or one.text("IPv6Address") for kind in ("NTPManual", "NTPFromDHCP") for one in told.all(kind)]
    if told.text("FromDHCP").lower() in ("true", "1"):
        servers.append("dhcp")
    # A server that is entered and not followed keeps no clock right.
    return _told(Item.NTP, tuple(filter(None, servers)) if time_of(look).by_ntp else ())


def _firmware(look: Look) -> Reading:
    return _told(Item.FIRMWARE, (look.onvif.device_information(look.deadline, look.attempts).firmware,))


def brokers_of(look: Look) -> tuple[str, ...]:
    """Addresses of the MQTT brokers that the camera itself publishes to."""
    return tuple(one.text("Address") for one in look.service(EVENTS, "GetEventBrokers").all("EventBroker"))


def _event_brokers(look: Look) -> Reading:
    return _told(Item.EVENT_BROKERS, brokers_of(look))


SAID: Mapping[Item, Question] = {
    Item.AUDIO_IN_PROFILES: _audio_in_profiles, Item.RECORDINGS: _recordings, Item.OTHER_ACCOUNTS: _other_accounts, Item.SCOPES: _scopes, Item.OSD: _osd,
    Item.HTTP: _http, Item.DISCOVERY: _discovery, Item.CLOCK: _clock, Item.NTP: _ntp, Item.FIRMWARE: _firmware, Item.EVENT_BROKERS: _event_brokers,
}
"""What is simply asked. The others are tried on the wire: `posture_wire.py`."""

MEDIA_SERVICES = (MEDIA2, MEDIA)
