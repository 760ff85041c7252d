"""Setting right what a camera may not be (D15). Each function sets one item and returns; whether it took is read afterwards by the questions of
`posture_ask.py` and `posture_wire.py`, never believed from the reply.

What is set here stays. Never: an account, the clock unless it is asked for, a recording unless it is asked for, HTTP off before HTTPS is proved,
pinned and the very connection in use.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioner.camera import hints
from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, NotOnvif
from provisioner.camera.posture_ask import (
    CameraTime,
    Look,
    Protocol,
    audio_of,
    brokers_of,
    jobs_of,
    osds_of,
    protocols_of,
    recordings_of,
    scopes_of,
    time_of,
)
from provisioner.camera.posture_wire import https_ports
from provisioner.camera.soap import SoapFault
from provisioner.camera.wsdl import EVENTS, MEDIA2, RECORDING
from provisioner.case.impersonal import Technical, personal_osd, personal_scopes
from provisioner.case.posture import Proof, Reading
from provisioner.case.posture_items import CLOCK_OFF_MOST_S, Item
from provisioner.fault import Fault, FaultKind

_REFUSALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused, CannotDo)


@dataclass(frozen=True, slots=True)
class Orders:
    """What may be set beyond the plain list. `time_server`: an IPv4 address or name, which the camera then follows. `set_clock`: the clock, by hand.
    `delete_recordings`: what lies on the card too. `known`: texts that may stand on the camera."""

    known: Technical
    set_clock: bool = False
    time_server: str = ""
    delete_recordings: bool = False


Setter = Callable[[Look, Orders], None]


def _no_audio(look: Look, orders: Orders) -> None:
    """The encoder, by which sound is heard, then its source; cameras were seen to refuse the second, which harms nobody."""
    trouble: CameraTrouble | None = None
    for service in look.onvif.media_services(look.deadline, look.attempts):
        try:
            for token in audio_of(service, look):
                if service == MEDIA2:
                    look.service(service, "RemoveConfiguration", ProfileToken=token, Configuration=[{"Type": "AudioEncoder"}])
                    with suppress(*_REFUSALS):
                        look.service(service, "RemoveConfiguration", ProfileToken=token, Configuration=[{"Type": "AudioSource"}])
                else:
                    look.service(service, "RemoveAudioEncoderConfiguration", ProfileToken=token)
                    with suppress(*_REFUSALS):
                        look.service(service, "RemoveAudioSourceConfiguration", ProfileToken=token)
        except _REFUSALS as exc:  # the other service may do what this one refuses
            trouble = trouble or exc
    if trouble is not None:
        raise trouble


def _no_jobs(look: Look, orders: Orders) -> None:
    """Jobs are ended and deleted. Recordings are somebody's evidence or somebody's home: deleted only where it is asked for, reported otherwise."""
    for job in jobs_of(look):
        with suppress(*_REFUSALS):
            look.service(RECORDING, "SetRecordingJobMode", JobToken=job, Mode="Idle")
        look.service(RECORDING, "DeleteRecordingJob", JobToken=job)
    if orders.delete_recordings:
        for recording in recordings_of(look):
            look.service(RECORDING, "DeleteRecording", RecordingToken=recording)


def _no_personal_scopes(look: Look, orders: Orders) -> None:
    told = scopes_of(look)
    loose = tuple(scope for scope, is_fixed in told if not is_fixed)
    gone = personal_scopes(loose, orders.known)
    if not gone:
        raise CannotDo("the scopes are fixed")
    try:
        look.device("RemoveScopes", ScopeItem=list(gone))
    except _REFUSALS:
        left = [scope for scope in loose if scope not in gone]
        if not left:
            raise  # SetScopes wants one at least
        look.device("SetScopes", Scopes=left)  # some know the one call, some the other


def _no_personal_texts(look: Look, orders: Orders) -> None:
    for one in osds_of(look):
        if one.is_image or not one.text or personal_osd((one.text,), orders.known):
            look.service(one.service, "DeleteOSD", OSDToken=one.token)


def _no_brokers(look: Look, orders: Orders) -> None:
    for address in brokers_of(look):
        look.service(EVENTS, "DeleteEventBroker", Address=address)


def _not_discoverable(look: Look, orders: Orders) -> None:
    look.device("SetDiscoveryMode", DiscoveryMode="NonDiscoverable")


def _time_server(look: Look, orders: Orders) -> None:
    if not orders.time_server:
        raise CannotDo("no time server is named")
    is_address = all(part.isdecimal() for part in orders.time_server.split("."))
    host = {"Type": "IPv4", "IPv4Address": orders.time_server} if is_address else {"Type": "DNS", "DNSname": orders.time_server}
    look.device("SetNTP", FromDHCP=False, NTPManual=[host])
    before = time_of(look)
    for _ in range(2):  # told a server, the camera is told to follow it; its zone stays, or is given back
        look.device("SetSystemDateAndTime", DateTimeType="NTP", DaylightSavings=before.summer, **_zone(before.zone))
        if _same_zone(before, time_of(look)):
            return
    raise CannotDo("the time zone is another one since the camera follows the time server")


def _https_on(look: Look, orders: Orders) -> None:
    told = protocols_of(look)
    if not any(one.name == "HTTPS" for one in told):
        raise CannotDo("the camera has no HTTPS")
    _set_protocols(look, tuple(Protocol(one.name, one.enabled or one.name == "HTTPS", one.ports) for one in told))


def _http_off(look: Look, orders: Orders) -> None:
    """Only where this very visit goes over TLS to the pinned certificate, so that it goes on; put back where HTTPS does not answer afterwards."""
    place, told = look.visit.place, protocols_of(look)
    if not (place.tls and place.pin) or str(place.port) not in https_ports(look, [one for one in told if one.name == "HTTPS"]):
        raise CannotDo("HTTP stays on until the camera is spoken to over its pinned certificate")
    _set_protocols(look, tuple(Protocol(one.name, one.enabled and one.name != "HTTP", one.ports) for one in told))
    look.onvif.close()   # what is read from now on has to come over a new connection
    try:
        protocols_of(look)
    except CameraTrouble:
        _set_protocols(look, told)
        raise


def _set_protocols(look: Look, wanted: tuple[Protocol, ...]) -> None:
    """The whole list, as it was read but for the change: some cameras switch off what is not named."""
    look.device("SetNetworkProtocols", NetworkProtocols=[{"Name": one.name, "Enabled": one.enabled, "Port": list(one.ports)} for one in wanted])


SETTERS: Mapping[Item, Setter] = {
    Item.RECORDINGS: _no_jobs, Item.AUDIO_IN_PROFILES: _no_audio, Item.SCOPES: _no_personal_scopes, Item.OSD: _no_personal_texts,
    Item.EVENT_BROKERS: _no_brokers, Item.DISCOVERY: _not_discoverable, Item.NTP: _time_server, Item.HTTPS: _https_on, Item.HTTP: _http_off,
}
"""In this order: what listens and records first, then what tells of the home, the ways in last."""

ALSO = {Item.AUDIO_IN_PROFILES: (Item.AUDIO_ON_WIRE,), Item.NTP: (Item.CLOCK,)}
"""What else has to be read again when an item was set."""


# -- the clock --------------------------------------------------------------------------------------------------------------


def _zone(posix: str) -> dict[str, object]:
    return {"TimeZone": {"TZ": posix}} if posix else {}


def _moment(at: datetime) -> dict[str, object]:
    return {"Time": {"Hour": at.hour, "Minute": at.minute, "Second": at.second}, "Date": {"Year": at.year, "Month": at.month, "Day": at.day}}


def set_clock(look: Look) -> Reading:
    """Set the clock by hand to our time, with zone and summer time as they were; read back. A camera that lost them in doing so gets them back; where
    it does not take them, the reading is a fault that says so (home-assistant/core#95446: a clock set right cost the zone)."""
    before = time_of(look)
    for _ in range(2):
        at = look.now() + timedelta(seconds=0.5)  # the camera takes whole seconds, so half of one is the least error on average
        look.device("SetSystemDateAndTime", DateTimeType="Manual", DaylightSavings=before.summer, UTCDateTime=_moment(at), **_zone(before.zone))
        after = time_of(look)
        if _same_zone(before, after):
            break
    fault: Fault | None = None
    if not _same_zone(before, after):
        fault = Fault(FaultKind.GARBLED, "SetSystemDateAndTime", "the time zone is another one after the clock was set", hints.ZONE_LOST)
    return Reading(Item.CLOCK, off_s=after.off_s, proved=Proof.READ_BACK, tried=True, read_back=True, fault=fault)


def _same_zone(before: CameraTime, after: CameraTime) -> bool:
    """Summer time counts only while a zone is told that has one; what it is by season is in the zone itself."""
    if before.zone:
        return before.zone == after.zone
    return before.summer == after.summer


def needs_clock(reading: Reading | None) -> bool:
    """Whether a clock is known to be off by more than it may."""
    return reading is not None and reading.off_s is not None and abs(reading.off_s) > CLOCK_OFF_MOST_S
