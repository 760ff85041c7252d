"""One visit to one camera over ONVIF: the calls that we make, in the order that real cameras forgive.

The time first and without a login (a token signed by the wrong clock looks like a wrong password), then who it is, then the media services. Of every
address that a camera tells only the path is believed: behind NAT or after a move its idea of its own host and port is wrong. No subscriptions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from provisioner.camera.errors import BrokenReply, CannotDo, HttpRefused, NotOnvif
from provisioner.camera.http import HttpLink
from provisioner.camera.login import Attempts, LoginState
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.camera.soap import NotAuthorized, SoapClient, SoapFault
from provisioner.camera.wsdl import DEVICE, MEDIA

DEVICE_PATHS = ("/onvif/device_service", "/onvif/services", "/onvif/devices")  # Core specification 5.1.1; Axis; seen in home-assistant/core#92603
MEDIA_PATHS = ("/onvif/media_service", "/onvif/Media")                         # Dahua, Reolink, Bosch; Hikvision
_MEDIA_SPACE = "http://www.onvif.org/ver10/media/wsdl"
_TRIES_MOST = 5     # of one call: without login, with it, a stale nonce, a second attempt, a stale nonce again
_YEARS = range(1970, 2100)


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
    """One profile with a video encoder. Sizes in pixels, 0 where the camera does not say."""

    token: str
    name: str
    encoding: str
    width_px: int
    height_px: int
    has_audio: bool


class OnvifSession:
    """The calls of one visit over one connection. For one thread at a time; raises `CameraTrouble` only."""

    def __init__(self, place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime]) -> None:
        self.place = place
        self._settings = settings
        self._clock = clock
        self.link = HttpLink(place.host, place.port, settings.connect_s)
        self._soap = SoapClient(self.link)
        self.state = LoginState(place.username, place.password, clock)
        self._device_path = ""
        self._media_paths: tuple[str, ...] = ()
        self._profiles: tuple[MediaProfile, ...] | None = None

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
                return None
            self._device_path = path
            told = _moment_in(answer)
            if told is not None:
                after = self._clock()
                self.state.offset_s = (told - (before + (after - before) / 2)).total_seconds()
            return self.state.offset_s
        raise refused or NotOnvif(0, "no answer")

    def device_information(self, deadline: Deadline, attempts: Attempts) -> DeviceInformation:
        """`GetDeviceInformation`, logged in where the camera asks for it."""
        if not self._device_path:
            self.read_clock(deadline)
        answer = self.call(DEVICE, "GetDeviceInformation", self._device_path, deadline, attempts)
        with _reading("GetDeviceInformation"):
            found = DeviceInformation(_text(answer, "Manufacturer"), _text(answer, "Model"), _text(answer, "FirmwareVersion"),
                                      _text(answer, "SerialNumber"), _text(answer, "HardwareId"))
        if self.state.offset_s is None and self.state.login is not None:
            self.read_clock(deadline)
        return found

    def scopes(self, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
        """`GetScopes`: the camera's self-description, which discovery shows to everybody."""
        if not self._device_path:
            self.read_clock(deadline)
        answer = self.call(DEVICE, "GetScopes", self._device_path, deadline, attempts)
        with _reading("GetScopes"):
            return tuple(_text(scope, "ScopeItem") for scope in answer or ())

    def profiles(self, deadline: Deadline, attempts: Attempts) -> tuple[MediaProfile, ...]:
        """The profiles with a video encoder, H.264 first, otherwise in the camera's order. Raises `CannotDo` where there is none."""
        if self._profiles is None:
            answer = self._media_call("GetProfiles", deadline, attempts)
            with _reading("GetProfiles"):
                found = [profile for profile in map(_profile_of, answer or ()) if profile is not None]
            self._profiles = tuple(sorted(found, key=lambda profile: profile.encoding.upper() != "H264"))
        if not self._profiles:
            raise CannotDo("no media profile with video")
        return self._profiles

    def stream_uri(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> str:
        """The RTSP address as the camera tells it; the caller believes its path only."""
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        return self._uri("GetStreamUri", deadline, attempts, StreamSetup=setup, ProfileToken=profile.token)

    def snapshot_uri(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> str:
        """The HTTP address of a still picture as the camera tells it. Raises `CannotDo` where it has none."""
        return self._uri("GetSnapshotUri", deadline, attempts, ProfileToken=profile.token)

    def call(self, port: str, operation: str, path: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> Any:
        """One call with whatever login the camera wants. Raises `LoginRefused` when it is time to stop."""
        for _ in range(_TRIES_MOST):
            try:
                answer = self._soap.call(port, operation, path, self.state.login, self._allowance(deadline), **arguments)
            except NotAuthorized as refusal:
                self.state.refused(refusal, attempts)
            else:
                self.state.worked()
                return answer
        raise BrokenReply("asks for a new login without end")

    def _uri(self, operation: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> str:
        answer = self._media_call(operation, deadline, attempts, **arguments)
        with _reading(operation):
            uri = _text(answer, "Uri")
        if not uri:
            raise CannotDo(f"{operation} gives no address")
        return uri

    def _media_call(self, operation: str, deadline: Deadline, attempts: Attempts, **arguments: Any) -> Any:
        """A call of the media service at the first path that answers; that path is kept."""
        if not self._device_path:
            self.read_clock(deadline)
        if not self._media_paths:
            self._media_paths = self._find_media(deadline, attempts)
        refused: NotOnvif | None = None
        for path in self._media_paths:
            try:
                answer = self.call(MEDIA, operation, path, deadline, attempts, **arguments)
            except NotOnvif as exc:
                refused = refused or exc
                continue
            self._media_paths = (path,)
            return answer
        raise refused or CannotDo("no media service")

    def _find_media(self, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
        """Where the media service may be: where the camera says, then where others have it."""
        told = ""
        try:
            answer = self.call(DEVICE, "GetServices", self._device_path, deadline, attempts, IncludeCapability=False)
            with _reading("GetServices"):
                told = next((_text(one, "XAddr") for one in answer or () if _text(one, "Namespace") == _MEDIA_SPACE), "")
        except (SoapFault, BrokenReply, NotOnvif):
            pass  # before ONVIF 2.1 there was no GetServices; the older call knows
        if not told:
            try:
                answer = self.call(DEVICE, "GetCapabilities", self._device_path, deadline, attempts, Category="All")
                with _reading("GetCapabilities"):
                    told = _text(getattr(answer, "Media", None), "XAddr")
            except (SoapFault, BrokenReply, NotOnvif):
                pass  # the well-known paths remain
        return tuple(dict.fromkeys(path for path in (path_of(told), *MEDIA_PATHS, self._device_path) if path))

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


@contextmanager
def _reading(operation: str) -> Iterator[None]:
    """Around the few lines that read zeep's values: a camera may leave out anything or put a text where a record should be."""
    try:
        yield
    except (AttributeError, TypeError, ValueError, KeyError) as exc:
        raise BrokenReply(f"{operation}: {type(exc).__name__}") from None


def _text(value: Any, name: str) -> str:
    found = getattr(value, name, None)
    return "" if found is None else str(found).strip()


def _number(value: Any, name: str) -> int:
    found = getattr(value, name, None)
    return found if isinstance(found, int) else 0


def _profile_of(value: Any) -> MediaProfile | None:
    encoder = getattr(value, "VideoEncoderConfiguration", None)
    token = _text(value, "token")
    if encoder is None or not token:
        return None
    size = getattr(encoder, "Resolution", None)
    return MediaProfile(token, _text(value, "Name"), _text(encoder, "Encoding"), _number(size, "Width"), _number(size, "Height"),
                        getattr(value, "AudioEncoderConfiguration", None) is not None)


def _moment_in(answer: Any) -> datetime | None:
    """`UTCDateTime` of the answer; None for what is missing, impossible (hour 24, month 0) or beyond any real clock."""
    told = getattr(answer, "UTCDateTime", None)
    date, time = getattr(told, "Date", None), getattr(told, "Time", None)
    try:
        moment = datetime(date.Year, date.Month, date.Day, time.Hour, time.Minute, min(time.Second, 59), tzinfo=UTC)  # type: ignore[union-attr]
    except (AttributeError, TypeError, ValueError):
        return None
    return moment if moment.year in _YEARS else None
