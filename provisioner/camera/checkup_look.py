"""Looks at one camera that are neither identity nor posture: is it found, whose addresses does it tell, how does its clock stand, does its stream give a
whole picture in time, what can it do. Nothing is set and no picture is kept."""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from provisioner.camera.errors import CameraTrouble, ClosedOnUs, HttpRefused, NoPicture, OutOfTime, ReplyTooBig
from provisioner.camera.finding import PORT, Found, discover
from provisioner.camera.login import LoginState
from provisioner.camera.net import Allowance
from provisioner.camera.onvif import MediaProfile
from provisioner.camera.posture_ask import CameraTime, Look, osds_most, scopes_of
from provisioner.camera.rtsp import LiveStream, StreamAddress, address_of, free_stream
from provisioner.camera.wsdl import MEDIA2, PTZ
from provisioner.case.posture_items import CLOCK_OFF_MOST_S
from provisioner.fault import FaultKind

LISTEN_S = 1.0           # for the announcement, after the last question; WS-Discovery lets a camera wait 0.5 s
SLOW_S = 3.0             # a stream whose first whole picture takes longer makes people think that it does not work
WATCHED_S = 1.5          # so long a stream is watched at least: a network that loses packets shows within it
PICTURE_MOST_S = 15.0    # the longest distance of whole pictures in the field is 10 s
_HALF_HOUR_S, _ZONE_SLACK_S = 1800.0, 90.0
_POSIX_ZONE = re.compile(r"(?:<[^>]{1,12}>|[A-Za-z]{3,12})(?P<sign>[+-]?)(?P<hours>\d{1,2})(?::(?P<minutes>\d{2}))?")

Value = TypeVar("Value")
ClockWord = Literal["right", "offset", "local_time_as_utc", "unknown"]
StreamWord = Literal["picture", "slow", "busy", "none"]


def announcements(host: str, port: int = PORT) -> tuple[Found, ...]:
    """Who at `host` answers WS-Discovery, asked by multicast from the interface that leads there and by unicast. Empty where nobody does."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((host, port))   # sends nothing; it only asks the routing table
            own, there = str(sock.getsockname()[0]), str(sock.getpeername()[0])
    except OSError:
        return ()
    found = (one for one in discover((own,), (there,), LISTEN_S, port=port) if there in one.hosts)
    return tuple(replace(one, doors=tuple(door for door in one.doors if door.host == there)) for one in found)   # a clone's doors are not this one's


def is_elsewhere(told: str, host: str, port: int) -> bool:
    """Whether an address that the camera told is not the one at which it was asked. Only of XAddrs is the port compared: streams, stills and HTTPS have
    their own."""
    try:
        parts = urlsplit(told.strip())
        there, at_port = parts.hostname or "", parts.port
    except ValueError:
        return True   # `http://host:8106:8106/...`
    if not there or not _same_host(there, host):
        return True
    return parts.scheme == "http" and parts.path.startswith("/onvif") and (at_port or 80) != port


def _same_host(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return one.lower() == other.lower() or not _is_ip(other)   # asked by a name, it may tell its address


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def addresses_word(told: Iterable[str], found: Iterable[Found], host: str, port: int) -> Literal["as_asked", "rewritten"]:
    """`rewritten` where any address that the camera told, over ONVIF or in its announcement, leads elsewhere: then its path is used and its host is not."""
    announced = (door.told_host.strip("[]") for one in found for door in one.doors)
    elsewhere = any(is_elsewhere(one, host, port) for one in told) or any(there and not _same_host(there, host) for there in announced)
    return "rewritten" if elsewhere else "as_asked"


def clock_word(told: CameraTime | None, login: LoginState) -> ClockWord:
    """How the camera's clock stands, for who has to sign with it. `local_time_as_utc`: what it calls UTC is its local time, so it must not be used."""
    off_s = told.off_s if told is not None else login.offset_s
    if off_s is None:
        return "unknown"
    if abs(off_s) <= CLOCK_OFF_MOST_S:
        return "right"
    by_zone = abs(off_s) >= _HALF_HOUR_S / 2 and abs(off_s - round(off_s / _HALF_HOUR_S) * _HALF_HOUR_S) <= _ZONE_SLACK_S
    local_s = told.local_off_s if told is not None else login.local_offset_s
    same = local_s is not None and abs(local_s - off_s) < 1.5 and (told is None or _is_not_utc(told.zone))
    return "local_time_as_utc" if login.signs_with_server_time or (by_zone and same) else "offset"


def _is_not_utc(zone: str) -> bool:
    """Whether a POSIX time zone (`CET-1CEST,M3.5.0,M10.5.0/3`) lies elsewhere than UTC; False for what is none."""
    found = _POSIX_ZONE.match(zone.strip())
    return found is not None and (int(found["hours"]) > 0 or int(found["minutes"] or 0) > 0)


@dataclass(frozen=True, slots=True)
class StreamLook:
    """What a stream gave. `first_s`: seconds to its first whole picture; None where none came. `broken` pictures lacked packets."""

    word: StreamWord
    codec: str
    first_s: float | None
    broken: int
    trouble: CameraTrouble | None = None


def watch_stream(look: Look, profile: MediaProfile, waiting: Callable[[], None] = lambda: None) -> StreamLook:
    """Watch the profile's stream for a moment, one session, torn down. A camera without a free one is asked again until the time is over: forgotten
    sessions end by themselves (retina#17). `waiting` is called when that begins, or a whole picture is waited for."""
    stream = address_of(look.onvif.stream_uri(profile, look.deadline, look.attempts), look.visit.place)
    try:
        return _watched(look, stream, profile, waiting)
    except HttpRefused as exc:
        return StreamLook("busy" if exc.status in (453, 454, 503) else "none", "", None, 0, exc)
    except CameraTrouble as exc:
        return StreamLook("none", "", None, 0, exc)


def _watched(look: Look, stream: StreamAddress, profile: MediaProfile, waiting: Callable[[], None]) -> StreamLook:
    begun, settings, enough = time.monotonic(), look.settings, threading.Event()
    first_s: float | None = None

    def mid_gop() -> None:
        if first_s is not None:
            return  # pictures that build on others, after the first whole one: as it should be
        waiting()
        if look.onvif.manners.sync_point == "ask":
            with suppress(CameraTrouble):
                look.onvif.ask_for_key_frame(profile, look.deadline.sooner(2.0), look.attempts)

    def opened() -> LiveStream:
        allowance = Allowance(look.deadline.sooner(2 * settings.setup_s), settings.stream_most_bytes, settings.setup_s)
        return LiveStream(stream, look.visit.place, allowance, settings.connect_s, look.attempts, look.onvif.granted.basic)

    with free_stream(opened, look.deadline, enough, waiting) as live:
        assert live.description is not None
        codec = live.description.codec
        if codec not in ("H264", "H265"):
            raise NoPicture(f"a stream of {codec}")
        with suppress(OutOfTime, ClosedOnUs, ReplyTooBig):
            for _ in live.pictures(look.deadline.sooner(PICTURE_MOST_S), enough, settings.stream_most_bytes, mid_gop):
                if first_s is None:
                    first_s = time.monotonic() - begun
                    ending = threading.Timer(max(0.0, WATCHED_S - first_s), enough.set)
                    ending.daemon = True
                    ending.start()
        if first_s is None:
            raise NoPicture("no whole picture came in time")
        broken = live.assembler.broken
    return StreamLook("slow" if first_s > SLOW_S or broken else "picture", codec, round(first_s, 3), broken)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the camera says it can do; None where it does not say. `masks` and `texts` are how many, `accounts` how many in all."""

    masks: int | None
    texts: int | None
    accounts: int | None
    parks: bool | None
    marker: bool | None


def abilities_of(look: Look) -> Abilities:
    """Asked, not tried: a mask that is accepted and not drawn shows only when one is set."""
    return Abilities(_answer(look, lambda: _masks_most(look), 0), _answer(look, lambda: osds_most(look), 0), _answer(look, lambda: _accounts_most(look), None),
                     _answer(look, lambda: _parks(look), False), _answer(look, lambda: any(not fixed for _, fixed in scopes_of(look)) or None, None))


def _answer(look: Look, question: Callable[[], Value | None], no: Value | None) -> Value | None:
    """The answer; `no` where the camera says that it has no such thing; None where it could not be asked."""
    try:
        return question()
    except CameraTrouble as exc:
        return no if look.fault(exc, "abilities").kind is FaultKind.UNSUPPORTED else None


def _masks_most(look: Look) -> int | None:
    sources = look.service(MEDIA2, "GetVideoSourceConfigurations").all("Configurations")
    if not sources:
        return None
    return look.service(MEDIA2, "GetMaskOptions", ConfigurationToken=sources[0].attribute("token")).number("Options", "MaxMasks")


def _accounts_most(look: Look) -> int | None:
    told = look.device("GetServiceCapabilities").first("Capabilities", "Security")
    most = told.attribute("MaxUsers") if told is not None else ""
    return int(most) if most.isdecimal() else None


def _parks(look: Look) -> bool:
    profile = look.onvif.profiles(look.deadline, look.attempts)[0]
    return bool(look.service(PTZ, "GetPresets", ProfileToken=profile.token).all("Preset"))
