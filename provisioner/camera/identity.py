"""Who a camera is, by everything that it can be asked without changing it: one piece of evidence for each thing it says or shows (`case/evidence.py`).

What it calls itself has to be read. All else is worth having and none of it worth failing for: what a camera cannot be asked is missing, with its reason,
and the core judges by what is there. No password goes anywhere but to the ONVIF service of the camera's place; its HTTPS port is shaken hands with only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, LoginRefused, NotThere, OutOfTime, WrongCertificate
from provisioner.camera.faults import fault_from
from provisioner.camera.finding import Found, answer_of
from provisioner.camera.net import Allowance, Deadline, Tls, connect, encrypted, fingerprint
from provisioner.camera.onvif import DeviceInformation, OnvifSession
from provisioner.camera.places import hidden_of
from provisioner.camera.settings import CameraSettings
from provisioner.case.evidence import Evidence, Kind
from provisioner.case.identifiers import normalise_serial
from provisioner.case.marker import marker_in
from provisioner.case.model import Identity
from provisioner.case.records import Unread
from provisioner.fault import Fault

BESIDES_S = 6.0         # for all that is not the camera's own name: its six calls take 0.02 s on a home's network, and a camera that stalls costs no more
DISCOVERY_S = 0.6       # a camera answers a question to itself at once; asked twice
SHAKE_S = 1.5           # for a port that a firewall may swallow
MACS_MOST = 16          # interfaces; a camera has one or two
VALUE_MOST = 200        # characters of one value
_HANDSHAKE_MOST_BYTES = 256 * 1024

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Asking:
    """One reading under way. After a refused login, or when nothing answers any more, `stopped` says why the rest is not asked."""

    session: OnvifSession
    settings: CameraSettings
    deadline: Deadline
    attempts: Attempts
    evidence: list[Evidence] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    stopped: Fault | None = None

    def ask(self, what: str, question: Callable[[], Answer]) -> Answer | None:
        """The answer, or None with its fault noted."""
        if self.stopped is None:
            try:
                return question()
            except CameraTrouble as exc:
                fault = fault_from(exc, what, hidden_of(self.session.place))
                if isinstance(exc, LoginRefused | WrongCertificate | NotThere | OutOfTime):
                    self.stopped = fault
        else:
            fault = self.stopped
        self.unread.append(Unread(what, fault))
        return None

    def found(self, kind: Kind, *values: str) -> None:
        """Each value, cut where it is longer than any such thing."""
        self.evidence.extend(Evidence(kind, value.strip()[:VALUE_MOST]) for value in values)


def read_identity(session: OnvifSession, settings: CameraSettings, clock: Callable[[], datetime], deadline: Deadline, attempts: Attempts) -> Identity:
    """Who the camera says it is, after a login where it wants one, and what else tells it from others. Raises `CameraTrouble` where it does not say."""
    offset_s = session.read_clock(deadline)
    told = session.device_information(deadline, attempts)
    asking = _Asking(session, settings, deadline.sooner(BESIDES_S), attempts)
    anonymous = told if session.state.login is None else None
    marks = _network_and_scopes(asking)
    if anonymous is not None:
        told = _logged_in(asking, told)
    proved = anonymous is None or told is not anonymous
    asking.found(Kind.SERIAL_AFTER_LOGIN if proved else Kind.SERIAL_ANONYMOUS, *filter(None, (told.serial,)))
    if proved and anonymous is not None and anonymous.serial != told.serial:
        asking.found(Kind.SERIAL_ANONYMOUS, anonymous.serial)
    for kind, value in ((Kind.MANUFACTURER, told.manufacturer), (Kind.MODEL, told.model), (Kind.FIRMWARE, told.firmware), (Kind.HARDWARE_ID, told.hardware_id)):
        asking.found(kind, *filter(None, (value,)))
    _endpoint(asking)
    _certificate(asking)
    return Identity(
        serial_reported=told.serial, serial=normalise_serial(told.serial), manufacturer=told.manufacturer, model=told.model, firmware=told.firmware,
        hardware_id=told.hardware_id, clock_offset_s=session.state.offset_s if offset_s is None else offset_s, read_at=clock(),
        evidence=tuple(dict.fromkeys(asking.evidence)), marks=marks, serial_format=session.manners.serial_form, unread=tuple(asking.unread),
    )


def _network_and_scopes(asking: _Asking) -> tuple[str, ...] | None:
    """All hardware addresses (the first may be of an interface that is not there: home-assistant/core#162687), and what the announcement says. The scopes
    stay here, people write names into them; the marks in them are opaque."""
    session = asking.session
    answer = asking.ask("GetNetworkInterfaces", lambda: session.device("GetNetworkInterfaces", asking.deadline, asking.attempts))
    if answer is not None:
        macs = [one.text("Info", "HwAddress") for one in answer.all("NetworkInterfaces")][:MACS_MOST]
        asking.found(Kind.MAC, *filter(None, macs))
    scopes = asking.ask("GetScopes", lambda: session.scopes(asking.deadline, asking.attempts))
    if scopes is None:
        return None
    announced = Found("", (), (), tuple(scope.strip() for scope in scopes), (), ())
    asking.found(Kind.SCOPE_SERIAL, *filter(None, (announced.told("SerialNumber"),)))
    asking.found(Kind.SCOPE_MAC, *filter(None, (announced.told("MacAddress"),)))
    return marker_in(announced.scopes)


def _logged_in(asking: _Asking, told: DeviceInformation) -> DeviceInformation:
    """What it calls itself once more, after a login, for a camera that told it without. A login can be shown only where the camera asks for one somewhere:
    if nothing before did, the list of accounts is what every camera should guard. `told` itself where no login was proved."""
    session = asking.session
    if session.place.password is None:
        return told
    if not asking.attempts.proved:
        asking.ask("GetUsers", lambda: session.device("GetUsers", asking.deadline, asking.attempts))
    if not asking.attempts.proved or session.state.login is None:
        return told
    again = asking.ask("GetDeviceInformation", lambda: session.device_information(asking.deadline, asking.attempts))
    return again or told


def _endpoint(asking: _Asking) -> None:
    """The endpoint reference: asked over ONVIF, else by a question of discovery to this host alone. An empty one is kept: it was read, and says nothing."""
    session = asking.session
    answer = asking.ask("GetEndpointReference", lambda: session.device("GetEndpointReference", asking.deadline, asking.attempts))
    told = answer.text("GUID") if answer is not None else ""
    if not told and asking.deadline.left_s() > 0:
        found = answer_of(session.place.host, min(DISCOVERY_S, asking.deadline.left_s()), asking.settings.discovery_port)
        told = found.endpoint if found is not None else ""
    if told or answer is not None:
        asking.found(Kind.ENDPOINT_REFERENCE, told)


def _certificate(asking: _Asking) -> None:
    """The certificate of the TLS handshake, and the serial number that a maker may have written into it (IEEE 802.1AR)."""
    session, place = asking.session, asking.session.place
    der, port = session.link.certificate, place.port
    if not place.tls:
        told = asking.ask("GetNetworkProtocols", lambda: _https_port(asking))
        if not told:
            return
        port = told
        der = asking.ask("TLS", lambda: _shaken(asking, port, None))
    if not der:
        return
    asking.found(Kind.TLS_CERTIFICATE, fingerprint(der))
    serial = subject_serial(der)
    if not serial:
        return
    ca_file = asking.settings.device_ca_file
    verified = asking.ask("TLS by the maker's authority", lambda: _shaken(asking, port, ca_file)) if ca_file is not None else None
    asking.found(Kind.DEVICE_CERTIFICATE if verified == der else Kind.DEVICE_CERTIFICATE_UNVERIFIED, serial)


def _https_port(asking: _Asking) -> int:
    """The camera's HTTPS port as it tells it; 0 where it has none or has switched it off."""
    answer = asking.session.device("GetNetworkProtocols", asking.deadline, asking.attempts)
    for one in answer.all("NetworkProtocols"):
        port = one.number("Port") or 0
        if one.text("Name").upper() == "HTTPS" and one.text("Enabled").lower() in ("true", "1") and 0 < port < 65536:
            return port
    return 0


def _shaken(asking: _Asking, port: int, ca_file: Path | None) -> bytes:
    """The certificate (DER) of a handshake after which nothing is said; with `ca_file` only one whose chain ends there. Raises `CameraTrouble`."""
    place = asking.session.place
    allowance = Allowance(asking.deadline.sooner(SHAKE_S), _HANDSHAKE_MOST_BYTES, SHAKE_S)
    tls = Tls(place.pin if place.tls else None, asking.session.granted.tls_versions == "legacy", ca_file)
    secure = encrypted(connect(place.host, port, allowance, min(SHAKE_S, asking.settings.connect_s)), tls)
    try:
        return secure.getpeercert(binary_form=True) or b""
    finally:
        secure.close()


def subject_serial(der: bytes) -> str:
    """The serialNumber attribute of a certificate's subject (IEEE 802.1AR-2018 8.6), not the certificate's own number; '' where there is none."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        found = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    except ValueError:
        return ""   # cameras were seen to make certificates that no standard allows; its fingerprint is known all the same
    return str(found[0].value) if found else ""
