"""One visit to one camera over ONVIF: the calls that we make, in the order that real cameras forgive.

The time first and without a login (a token signed by the wrong clock looks like a wrong password), then who it is, then the media services. Of every
address that a camera tells only the path is believed: behind NAT or after a move its idea of its own host and port is wrong. No subscriptions, and
nothing is set: not the clock either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from provisioner.camera.attempts import Attempts, Budget
from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, NotOnvif
from provisioner.camera.http import HttpLink
from provisioner.camera.login import YEARS, LoginState
from provisioner.camera.net import Allowance, Deadline, Tls
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import Policies
from provisioner.camera.profiles import FALLBACK, profiles
from provisioner.camera.reading import Element
from provisioner.camera.settings import CameraSettings
from provisioner.camera.soap import NotAuthorized, SoapClient, SoapFault
from provisioner.camera.wsdl import DEVICE, EVENTS, IMAGING, MEDIA, MEDIA2, PTZ, RECORDING, SPACES

DEVICE_PATHS = ("/onvif/device_service", "/onvif/services", "/onvif/devices")  # Core specification 5.1.1; Axis; seen in home-assistant/core#92603
MEDIA_PATHS = {  # where others have it, when a camera does not say
    MEDIA: ("/onvif/media_service", "/onvif/Media"),      # Dahua, Reolink, Bosch; Hikvision
    MEDIA2: ("/onvif/media2_service", "/onvif/Media2"),   # Dahua, Reolink; Hikvision
}
_CAPABILITIES = {MEDIA: ("Media",), PTZ: ("PTZ",), IMAGING: ("Imaging",), EVENTS: ("Events",), RECORDING: ("Extension", "Recording")}
"""Where the older GetCapabilities tells a service's address (ONVIF Core, tt:Capabilities)."""
_CODECS = ("H264", "H265", "MPV4-ES", "MPEG4", "JPEG")    # in the order in which a first frame is taken from them
_TRIES_MOST = 5     # of one call: without login, with it, a stale nonce, a second attempt, a stale nonce again


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What the camera calls itself; '' where it says nothing."""

    manufacturer: str
    model: str
    firmware: str
    serial: str
    hardware_id: str


@dataclass(frozen=True, slots=True)
class MediaProfile:
    """One profile with video. Sizes in pixels, 0 where the camera does not say. `service` is the one that told it; `source` is the token of its video
    source configuration, to which masks and texts belong, `video_source` that of the source itself, whose light is set; '' where it has none."""

    token: str
    name: str
    encoding: str
    width_px: int
    height_px: int
    has_audio: bool
    service: str = MEDIA
    source: str = ""
    video_source: str = ""


class OnvifSession:
    """The calls of one visit over one connection. For one thread at a time; raises `CameraTrouble` only."""

    def __init__(self, place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime]) -> None:
        self.place = place
        self._settings = settings
        self._clock = clock
        # What is dangerous is granted by the place alone; a camera that calls itself something else changes its manners only.
        chosen = profiles().named(place.profile or FALLBACK)
        self.granted: Policies = chosen.policies()
        self.budget: Budget = chosen.budget()
        self.manners = self.granted
        tls = Tls(place.pin, self.granted.tls_versions == "legacy") if place.tls else None
        self.link = HttpLink(place.host, place.port, settings.connect_s, tls)
        self._soap = SoapClient(self.link)
        self.state = LoginState(place, clock, self.manners)
        self._device_path = ""
        self._told: dict[str, str] | None = None
        self._media: dict[str, tuple[str, ...]] = {}
        self._profiles: tuple[MediaProfile, ...] | None = None

    @property
    def device_path(self) -> str:
        """Where the device service answered; '' before it did."""
        return self._device_path

    def close(self) -> None:
        """Close the connection."""
        self.link.close()

    def read_clock(self, deadline: Deadline) -> float | None:
        """The camera's clock minus ours in seconds (its clock ticks whole seconds), or None where it cannot be told.

        Finds the device service on the way. Some cameras want a login even for the time; `device_information` then asks again.
        """
        refused: NotOnvif | None = None
        for path in (self._device_path,) if self._device_path else DEVICE_PATHS:
            before = self._clock()
            try:
                answer = self._soap.call(DEVICE, "GetSystemDateAndTime", path, self.state.login, self._allowance(deadline))
            except NotOnvif as exc:
                refused = refused or exc
                continue
            except (NotAuthorized, SoapFault, BrokenReply, HttpRefused):
                self._device_path = path  # it speaks, if not about the time
                self.state.note_date(self.link.date)
                return None
            self._device_path = path
            after = self._clock()
            middle = before + (after - before) / 2
            self.state.note_date(self.link.date)
            told, called_local = (moment_in(answer, name) for name in ("UTCDateTime", "LocalDateTime"))
            if told is not None:
                self.state.offset_s = (told - middle).total_seconds()
            self.state.local_offset_s = None if called_local is None else (called_local - middle).total_seconds()
            return self.state.offset_s
        raise refused or NotOnvif(0, "no answer")

    def device_information(self, deadline: Deadline, attempts: Attempts) -> DeviceInformation:
        """`GetDeviceInformation`, logged in where the camera asks for it. From here on the camera is treated by the manners of its family."""
        if not self._device_path:
            self.read_clock(deadline)
        answer = self.call(DEVICE, "GetDeviceInformation", self._device_path, deadline, attempts)
        found = DeviceInformation(*(answer.text(name) for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")))
        if self.state.offset_s is None and self.state.login is not None:
            self.read_clock(deadline)
        if not self.place.profile:
            self.manners = profiles().of(found.manufacturer, found.model, found.hardware_id).policies()
        return found

    def scopes(self, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
        """`GetScopes`: the camera's self-description, which discovery shows to everybody."""
        if not self._device_path:
            self.read_clock(deadline)
        answer = self.call(DEVICE, "GetScopes", self._device_path, deadline, attempts)
        return tuple(scope.text("ScopeItem") for scope in answer.all("Scopes"))

    def profiles(self, deadline: Deadline, attempts: Attempts) -> tuple[MediaProfile, ...]:
        """The profiles with video, H.264 first, otherwise in the camera's order. Raises `CannotDo` where there is none.

        Media2 is asked first: H.265 is invisible through Media1 (home-assistant/core#140293). Where it fails or knows nothing, Media1 is.
        """
        if self._profiles is None:
            found: list[MediaProfile] = []
            trouble: CameraTrouble | None = None
            for service in self._services(deadline, attempts):
                asked = {"Type": ["All"]} if service == MEDIA2 else {}
                try:
                    answer = self._media_call(service, "GetProfiles", deadline, attempts, **asked)
                except (SoapFault, BrokenReply, NotOnvif, HttpRefused) as exc:
                    trouble = trouble or exc
                    continue
                found = _profiles_in(answer, service)
                if found:
                    break
            if not found and trouble is not None:
                raise trouble
            self._profiles = tuple(sorted(found, key=lambda one: _CODECS.index(one.encoding) if one.encoding in _CODECS else len(_CODECS)))
        if not self._profiles:
            raise CannotDo("no media profile with video")
        return self._profiles

    def stream_uri(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> str:
        """The RTSP address as the camera tells it; the caller believes its path only."""
        return self._uri("GetStreamUri", profile, deadline, attempts)

    def snapshot_uri(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> str:
        """The HTTP address of a still picture as the camera tells it. Raises `CannotDo` where it has none."""
        return self._uri("GetSnapshotUri", profile, deadline, attempts)

    def ask_for_key_frame(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> None:
        """`SetSynchronizationPoint`: the next picture of the profile's streams is to be a whole one. Changes no setting."""
        self._media_call(profile.service, "SetSynchronizationPoint", deadline, attempts, ProfileToken=profile.token)

    def call(self, port: str, operation: str, path: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> Element:
        """One call with whatever login the camera wants. Raises `LoginRefused` when it is time to stop."""
        for _ in range(_TRIES_MOST):
            try:
                answer = self._soap.call(port, operation, path, self.state.login, self._allowance(deadline), **arguments)
            except NotAuthorized as refusal:
                self.state.note_date(self.link.date)
                if self.state.wants_clock:
                    self._read_clock_again(deadline)
                self.state.refused(refusal, attempts)
            else:
                self.state.worked(attempts)
                return answer
        raise BrokenReply("asks for a new login without end")

    def _read_clock_again(self, deadline: Deadline) -> None:
        """A token that was good is refused: the camera may have restarted with another time. Asked without a login, which costs no attempt."""
        before = self._clock()
        try:
            answer = self._soap.call(DEVICE, "GetSystemDateAndTime", self._device_path, None, self._allowance(deadline))
        except (NotAuthorized, SoapFault, BrokenReply, HttpRefused, NotOnvif):
            return
        told = moment_in(answer, "UTCDateTime")
        if told is not None:
            self.state.offset_s = (told - before).total_seconds()

    def _uri(self, operation: str, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> str:
        """Asked of the service that told the profile, then of the other: a service may list what it cannot stream."""
        trouble: CameraTrouble | None = None
        for service in dict.fromkeys((profile.service, *self._services(deadline, attempts))):
            arguments: dict[str, Any] = {"ProfileToken": profile.token}
            if operation == "GetStreamUri" and service == MEDIA2:
                arguments["Protocol"] = "RTSP"
            elif operation == "GetStreamUri":
                arguments["StreamSetup"] = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
            try:
                answer = self._media_call(service, operation, deadline, attempts, **arguments)
            except (SoapFault, BrokenReply, NotOnvif, HttpRefused) as exc:
                trouble = trouble or exc
                continue
            found = answer.text("Uri") or answer.text("MediaUri", "Uri")
            if found:
                return found
        raise trouble or CannotDo(f"{operation} gives no address")

    def _services(self, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
        """The media services, in the order in which they are asked."""
        if not self._device_path:
            self.read_clock(deadline)
        if not self._media:
            self._media = self._find_media(deadline, attempts)
        first = MEDIA2 if self.manners.media_first == "media2" else MEDIA
        return tuple(sorted(self._media, key=lambda service: service != first))

    def _media_call(self, service: str, operation: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> Element:
        """A call of a media service at the first path that answers; that path is kept."""
        refused: NotOnvif | None = None
        for path in self._media.get(service, ()):
            try:
                answer = self.call(service, operation, path, deadline, attempts, **arguments)
            except NotOnvif as exc:
                refused = refused or exc
                continue
            self._media[service] = (path,)
            return answer
        raise refused or NotOnvif(0, "no media service")

    def service(self, port: str, operation: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> Element:
        """A call of any service but the device's own, at the path the camera tells. Raises `CannotDo` where it lists no such service."""
        if port in (MEDIA, MEDIA2):
            if port not in self._services(deadline, attempts):
                raise CannotDo(f"the camera lists no {port} service")
            return self._media_call(port, operation, deadline, attempts, **arguments)
        path = path_of(self._told_services(deadline, attempts).get(port, ""))
        if not path:
            raise CannotDo(f"the camera lists no {port} service")
        return self.call(port, operation, path, deadline, attempts, **arguments)

    def media_services(self, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
        """The media services that the camera may have, `Media2` and `Media`, in the order in which they are asked."""
        return self._services(deadline, attempts)

    def told_addresses(self, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
        """The addresses of its services as the camera tells them, to be judged and not to be used."""
        return tuple(address for address in self._told_services(deadline, attempts).values() if address)

    def device(self, operation: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> Element:
        """A call of the device service."""
        if not self._device_path:
            self.read_clock(deadline)
        return self.call(DEVICE, operation, self._device_path, deadline, attempts, **arguments)

    def _told_services(self, deadline: Deadline, attempts: Attempts) -> dict[str, str]:
        """Address by port name, as the camera lists its services; asked once a session."""
        if self._told is None:
            told: dict[str, str] = {}
            try:
                answer = self.device("GetServices", deadline, attempts, IncludeCapability=False)
                for one in answer.all("Service"):
                    service = SPACES.get(one.text("Namespace").rstrip("/"))
                    if service is not None:
                        told.setdefault(service, one.text("XAddr"))
            except (SoapFault, BrokenReply, NotOnvif, HttpRefused):
                pass  # before ONVIF 2.1 there was no GetServices; the older call knows
            if not {MEDIA, MEDIA2} & set(told):
                try:
                    answer = self.device("GetCapabilities", deadline, attempts, Category="All")
                    older = {name: answer.text("Capabilities", *way, "XAddr") for name, way in _CAPABILITIES.items()}
                    told.update({name: address for name, address in older.items() if address})
                except (SoapFault, BrokenReply, NotOnvif, HttpRefused):
                    pass  # the well-known paths remain
            self._told = told
        return self._told

    def _find_media(self, deadline: Deadline, attempts: Attempts) -> dict[str, tuple[str, ...]]:
        """Where the media services may be: where the camera says, then where others have them. Media2 only where the camera lists it."""
        told = {name: address for name, address in self._told_services(deadline, attempts).items() if name in (MEDIA, MEDIA2)}
        # A camera that lists Media2 alone has no Media1; one that lists nothing may have either.
        return {service: tuple(dict.fromkeys(path for path in (path_of(told.get(service, "")), *MEDIA_PATHS[service], self._device_path) if path))
                for service in told or (MEDIA, MEDIA2)}

    def _allowance(self, deadline: Deadline) -> Allowance:
        settings = self._settings
        return Allowance(deadline.sooner(settings.operation_s), settings.reply_most_bytes, settings.silence_s)


def path_of(uri: str) -> str:
    """Path and query of an address told by a camera; '' where there is none. Cameras were seen to write `host:8106:8106` and `http://:80/...`."""
    try:
        parts = urlsplit(uri.strip())
    except ValueError:
        return ""
    path = parts.path if parts.path.startswith("/") else ""
    clean = path + (f"?{parts.query}" if path and parts.query else "")
    return clean if clean.isprintable() and " " not in clean and clean.isascii() else ""


def _profiles_in(answer: Element, service: str) -> list[MediaProfile]:
    """The profiles with a video encoder; where no profile has one, those with a video source (some cameras keep the encoder's settings to themselves)."""
    listed = [(one, one.first("Configurations") if service == MEDIA2 else one) for one in answer.all("Profiles") if one.attribute("token")]
    suffix = "" if service == MEDIA2 else "Configuration"
    for needed in (f"VideoEncoder{suffix}", f"VideoSource{suffix}"):
        found = [_profile_of(one, parts, suffix, service) for one, parts in listed if parts is not None and parts.first(needed) is not None]
        if found:
            return found
    return []


def _profile_of(one: Element, parts: Element, suffix: str, service: str) -> MediaProfile:
    encoder = f"VideoEncoder{suffix}"
    has_audio = parts.first(f"AudioEncoder{suffix}") is not None
    source = parts.first(f"VideoSource{suffix}")
    return MediaProfile(one.attribute("token"), one.text("Name"), parts.text(encoder, "Encoding").upper(),
                        parts.number(encoder, "Resolution", "Width") or 0, parts.number(encoder, "Resolution", "Height") or 0, has_audio, service,
                        "" if source is None else source.attribute("token"), parts.text(f"VideoSource{suffix}", "SourceToken"))


def moment_in(answer: Element, name: str) -> datetime | None:
    """The camera's `UTCDateTime` or `LocalDateTime` of the answer; None for what is missing, impossible (hour 24, month 0) or beyond any real clock."""
    told = answer.first("SystemDateAndTime", name)
    if told is None:
        return None
    parts = [told.number("Date", part) for part in ("Year", "Month", "Day")] + [told.number("Time", part) for part in ("Hour", "Minute", "Second")]
    year, month, day, hour, minute, second = (-1 if part is None else part for part in parts)
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None
