"""What is tried on the wire and not asked (D15): the sound in the stream, the TLS handshake, every door without a login, the makers' default accounts.

Each is tried on a connection of its own, so that the visit's login proves nothing for it. A door counts as shut where the camera wants a login or says
no; as open where it gave what nobody may have without one. What it gave is not read and not kept.

A default account costs a password attempt at the camera. It is sent once, over ONVIF in the way in which our own login was accepted (so that a refusal
is about the password, not about the way or the clock), or over RTSP where ONVIF asks nobody. It is counted in the camera's own book, at most two an
operation, and after each our own login is used once: a camera then counts anew, so that this test can lock nobody out.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from provisioner.camera.attempts import ATTEMPTS_MOST, Attempts
from provisioner.camera.digest import BasicLogin, DigestLogin, challenges_in
from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, LoginRefused, NoPicture, NotOnvif, TlsFailed, Told
from provisioner.camera.frames import SnapshotLink, wipe
from provisioner.camera.http import HttpLink
from provisioner.camera.login import told_in
from provisioner.camera.net import Tls, connect, encrypted
from provisioner.camera.onvif import MediaProfile
from provisioner.camera.places import CameraPlace
from provisioner.camera.posture_ask import Look, Protocol, protocols_of, users_of
from provisioner.camera.profile import DefaultAccount
from provisioner.camera.rtsp import StreamAddress, address_of, describe, why_not
from provisioner.camera.soap import Login, NotAuthorized, SoapClient, SoapFault, TokenLogin
from provisioner.camera.wsdl import DEVICE
from provisioner.case.posture import Proof, Reading
from provisioner.case.posture_items import Item
from provisioner.secret import Secret

STREAMS_MOST = 4        # profiles whose streams are looked at; cameras were seen with a dozen of one and the same
_SHUT = (401, 403, 407)
_FACTORY = "no account at all"


def seen(item: Item, *found: str) -> Reading:
    """A reading of the wire."""
    return Reading(item, found, proved=Proof.WIRE)


def _profiles(look: Look) -> tuple[MediaProfile, ...]:
    return look.onvif.profiles(look.deadline, look.attempts)[:STREAMS_MOST]


def streams_of(look: Look) -> tuple[StreamAddress, ...]:
    """Where the streams of the profiles are, each once."""
    found = (address_of(look.onvif.stream_uri(one, look.deadline, look.attempts), look.visit.place) for one in _profiles(look))
    return tuple(dict.fromkeys(found))


def _audio_in(look: Look, stream: StreamAddress) -> bool:
    if stream.path not in look.streams:
        basic = look.onvif.granted.basic
        look.streams[stream.path] = describe(stream, look.visit.place, look.allowance(), look.settings.connect_s, look.attempts, basic).has_audio
    return look.streams[stream.path]


def audio_on_wire(look: Look) -> Reading:
    """The paths of streams whose SDP announces sound. Asked anew each time: what was set since must show."""
    look.streams.clear()
    return seen(Item.AUDIO_ON_WIRE, *(stream.path for stream in streams_of(look) if _audio_in(look, stream)))


# -- HTTPS ------------------------------------------------------------------------------------------------------------------


def https(look: Look) -> Reading:
    """Ports at which a TLS handshake of today brought a certificate in force, the pinned one where one is pinned."""
    told = [one for one in protocols_of(look) if one.name == "HTTPS"]
    if not told:
        return Reading(Item.HTTPS, supported=False)
    return seen(Item.HTTPS, *https_ports(look, told))


def https_ports(look: Look, told: Iterable[Protocol]) -> tuple[str, ...]:
    """Those of the ports told that stood the test. Raises what a handshake raises that failed for another reason than age. A camera that hangs up
    without a word and shakes hands in the old way is an old one; nothing is sent over that."""
    found = []
    for port in [port for one in told if one.enabled for port in one.ports or (443,)]:
        try:
            certificate = handshake(look, port)
        except TlsFailed as exc:
            if not exc.old:
                handshake(look, port, legacy=True)
            continue
        if in_force(certificate, look.now()):
            found.append(str(port))
    return tuple(found)


def handshake(look: Look, port: int, *, legacy: bool = False) -> bytes:
    """The certificate (DER) of a TLS handshake at this port, held against the place's pin. Raises `TlsFailed`, `WrongCertificate`, `NotThere`."""
    place, allowance = look.visit.place, look.allowance()
    tls = Tls(place.pin, legacy or look.onvif.granted.tls_versions == "legacy")
    with encrypted(connect(place.host, port, allowance, look.settings.connect_s), tls) as sock:
        return sock.getpeercert(binary_form=True) or b""


def in_force(certificate: bytes, now: datetime) -> bool:
    """Whether the certificate's time has begun and is not over. One that cannot be read is not."""
    from cryptography import x509

    try:
        read = x509.load_der_x509_certificate(certificate)
        return read.not_valid_before_utc <= now <= read.not_valid_after_utc
    except ValueError:
        return False


# -- without a login --------------------------------------------------------------------------------------------------------


def _stranger(look: Look, username: str = "", password: str | None = None) -> CameraPlace:
    return replace(look.visit.place, username=username, password=None if password is None else Secret(password))


def _soap(look: Look) -> tuple[HttpLink, SoapClient]:
    link = HttpLink(look.visit.place.host, look.visit.place.port, look.settings.connect_s, look.onvif.link.tls)
    return link, SoapClient(link)


def anonymous_onvif(look: Look) -> Reading:
    """What ONVIF tells to somebody without a login that the specification gives to accounts only (Core, access classes: READ_SYSTEM and above)."""
    open_: list[str] = []
    trouble: CameraTrouble | None = None
    shut = False
    link, soap = _soap(look)
    with link:
        for operation in ("GetDeviceInformation", "GetNetworkInterfaces", "GetUsers"):
            try:
                soap.call(DEVICE, operation, look.onvif.device_path, None, look.allowance())
            except NotAuthorized:
                shut = True
            except HttpRefused as exc:
                shut = shut or exc.status in _SHUT
                trouble = trouble or (None if exc.status in _SHUT else exc)
            except (SoapFault, BrokenReply, NotOnvif) as exc:
                trouble = trouble or exc
            else:
                open_.append(operation)
    if not open_ and not shut and trouble is not None:
        raise trouble
    return seen(Item.ANONYMOUS_ONVIF, *open_)


def anonymous_rtsp(look: Look) -> Reading:
    """The paths of streams that can be set up without a login. A description alone is not yet a picture."""
    place, found = _stranger(look), []
    for stream in streams_of(look):
        try:
            why_not(stream, place, look.allowance(), look.settings.connect_s, Attempts())
        except LoginRefused as exc:
            if exc.told.locked:
                raise
        except HttpRefused as exc:
            if exc.status not in _SHUT:
                raise
        else:
            found.append(stream.path)
    return seen(Item.ANONYMOUS_RTSP, *found)


def anonymous_snapshot(look: Look) -> Reading:
    """Stills that are given without a login. A camera that tells no address of any gives none; a web page in the place of one shows nobody."""
    place, found = _stranger(look), []
    for number, profile in enumerate(_profiles(look)):
        try:
            uri = look.onvif.snapshot_uri(profile, look.deadline, look.attempts)
        except (CannotDo, SoapFault, NotOnvif):
            continue
        link = SnapshotLink(uri, place, look.settings, look.onvif.link)
        try:
            wipe(link.take(look.deadline.sooner(look.settings.snapshot_s), Attempts()).frame)
        except LoginRefused as exc:
            if exc.told.locked:
                raise
        except HttpRefused as exc:
            if exc.status not in (*_SHUT, 404, 405):
                raise
        except NoPicture:
            pass
        else:
            found.append(f"still {number}")
        finally:
            link.close()
    return seen(Item.ANONYMOUS_SNAPSHOT, *found)


# -- default accounts -------------------------------------------------------------------------------------------------------


def default_accounts(look: Look, accounts: Iterable[DefaultAccount]) -> Reading:
    """The default accounts that were let in; `accounts` are those of the family. Raises `LoginRefused` where the budget allows no further attempt."""
    item, place, found = Item.DEFAULT_ACCOUNT, look.visit.place, []
    if _is_factory_new(look):
        return seen(item, _FACTORY)
    tried = 0
    for account in accounts:
        if (account.username, account.password) == (place.username, place.password.reveal() if place.password is not None else None):
            found.append(account.username)
        elif tried < ATTEMPTS_MOST:
            tried += 1
            if _is_let_in(look, account):
                found.append(account.username)
        else:
            raise LoginRefused(Told(spent=True, wait_s=look.attempts.window_s), sent=False, clock_offset_s=None, why="no more attempts for now")
    return seen(item, *found)


def _is_factory_new(look: Look) -> bool:
    """Whether anybody may make the first account. Only a camera that asks us for no login can tell us so."""
    if look.onvif.state.login is not None:
        return False
    with suppress(SoapFault, BrokenReply, NotOnvif, HttpRefused):
        return not users_of(look)
    return False


def _count_anew(look: Look, operation: str) -> None:
    """Use our own login once after a refused one: cameras count wrong passwords in a row."""
    if look.onvif.state.login is not None:
        look.device(operation)
        look.attempts.worked_again()


def _is_let_in(look: Look, account: DefaultAccount) -> bool:
    attempts = look.attempts.for_stranger()
    ours = look.onvif.state.login
    link, soap = _soap(look)
    with link:
        found = _guarded(look, soap) if ours is not None else None
        if found is None:
            return _is_let_in_by_stream(look, account, attempts)
        operation, refusal = found
        login = _in_the_same_way(ours, refusal, account)
        attempts.spend(Told())
        try:
            soap.call(DEVICE, operation, look.onvif.device_path, login, look.allowance())
        except (NotAuthorized, HttpRefused) as exc:
            if isinstance(exc, HttpRefused) and exc.status not in _SHUT:
                raise
            told = told_in(exc.words if isinstance(exc, NotAuthorized) else exc.body)
            attempts.was_refused(told)
            if told.locked:
                raise LoginRefused(told, sent=True, clock_offset_s=None, why="the account is locked") from None
            _count_anew(look, operation)
            return False
    attempts.worked()
    return True


def _guarded(look: Look, soap: SoapClient) -> tuple[str, NotAuthorized] | None:
    """A question that this camera answers to no stranger, and its refusal; None where it answers all. Some tell anybody what they are (agsh/onvif#210),
    and a wrong password that is not looked at would seem to be right."""
    for operation in ("GetDeviceInformation", "GetNetworkProtocols", "GetScopes"):
        try:
            soap.call(DEVICE, operation, look.onvif.device_path, None, look.allowance())
        except NotAuthorized as exc:
            return operation, exc
        except (SoapFault, BrokenReply, NotOnvif, HttpRefused):
            continue
    return None


def _in_the_same_way(ours: Login, refusal: NotAuthorized, account: DefaultAccount) -> Login:
    password = Secret(account.password)
    match ours:
        case TokenLogin():
            return TokenLogin(account.username, password, ours.now, ours.clear)
        case BasicLogin():
            return BasicLogin(account.username, password)
    assert isinstance(ours, DigestLogin)
    same = next((one for one in challenges_in(refusal.challenges) if one.hash_name == ours.challenge.hash_name), None)
    if same is None:
        raise BrokenReply("asks for another login than a moment ago")
    return DigestLogin(same, account.username, password)


def _is_let_in_by_stream(look: Look, account: DefaultAccount, attempts: Attempts) -> bool:
    """Over RTSP, where ONVIF asks nobody. Raises `CannotDo` where the stream asks nobody either: there an account opens nothing that is not open."""
    stream = streams_of(look)[0]
    try:
        told = describe(stream, _stranger(look, account.username, account.password), look.allowance(), look.settings.connect_s, attempts)
    except LoginRefused as exc:
        if exc.told.locked or exc.told.spent or not exc.sent:
            raise
        return False
    if not told.needs_login:
        raise BrokenReply("no door asks for a login")
    return True


def told_hosts(look: Look) -> tuple[str, ...]:
    """All addresses that the camera tells of itself over ONVIF: services, stream, still. To be judged, never to be used or shown."""
    onvif, found = look.onvif, list(look.onvif.told_addresses(look.deadline, look.attempts))
    with suppress(CameraTrouble):
        found.append(onvif.stream_uri(_profiles(look)[0], look.deadline, look.attempts))
    with suppress(CameraTrouble):
        found.append(onvif.snapshot_uri(_profiles(look)[0], look.deadline, look.attempts))
    return tuple(found)
