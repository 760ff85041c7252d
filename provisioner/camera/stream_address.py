"""Where a stream is: of what a camera tells, the path, the port and whether it is encrypted are believed; the host is the one that we reached it at."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from provisioner.camera.errors import NotHttp
from provisioner.camera.onvif import path_of
from provisioner.camera.places import CameraPlace

PORTS = {"rtsp": 554, "rtsps": 322}   # RFC 2326 3.2; IANA's registry, as RFC 7826 4.2 has it


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """A stream's address at our place. `told_host` is what the camera calls itself, by which a redirection to itself is known."""

    host: str
    port: int
    path: str
    tls: bool = False
    told_host: str = field(default="", compare=False)

    @property
    def url(self) -> str:
        """Without credentials, and without the zone of a link-local address, which means nothing to the camera (RFC 6874)."""
        host = self.host.strip("[]").partition("%")[0]
        host = f"[{host}]" if ":" in host else host
        return f"{'rtsps' if self.tls else 'rtsp'}://{host}:{self.port}{self.path}"


def address_of(uri: str, place: CameraPlace) -> StreamAddress:
    """The stream address from what `GetStreamUri` told. Raises `NotHttp` for what is no RTSP address."""
    try:
        parts = urlsplit(uri.strip())
        scheme, host = parts.scheme.lower(), parts.hostname or ""
    except ValueError:
        raise NotHttp("the stream's address cannot be used") from None
    try:
        port = parts.port
    except ValueError:
        port = None  # 'host:8106:8106'
    path = path_of(uri)
    if scheme not in ("", *PORTS) or not path:
        raise NotHttp("the stream's address cannot be used")
    return StreamAddress(place.host, place.rtsp_port or port or PORTS[scheme or "rtsp"], path, scheme == "rtsps", host)


def moved_to(location: str, before: StreamAddress, place: CameraPlace) -> StreamAddress | None:
    """Where a redirection leads, if to the camera itself and no less encrypted; None for anywhere else, to which no password of this camera goes."""
    try:
        host = urlsplit(location.strip()).hostname or ""
        after = address_of(location, place)
    except (ValueError, NotHttp):
        return None
    same = not host or host in (place.host.strip("[]").partition("%")[0].lower(), before.told_host)
    if not same or (before.tls and not after.tls and host):
        return None
    return after if host else StreamAddress(before.host, before.port, after.path, before.tls, before.told_host)


def track_of(address: StreamAddress, control: str, base: str = "") -> str:
    """The track's address at our place. Joined as players do, with a slash, not by RFC 3986 (cameras rely on it).

    `base` may lack its scheme (moonfire-nvr#356) and names the camera's own idea of its host: only its path is used.
    """
    based = path_of(base if "://" in base else f"rtsp://{base}") if base else ""
    whole = StreamAddress(address.host, address.port, based or address.path, address.tls).url
    if not control or control == "*":
        return whole if based else address.url
    if control.lower().startswith(("rtsp://", "rtsps://")):
        return StreamAddress(address.host, address.port, path_of(control) or address.path, address.tls).url
    clean = "".join(char for char in control if char.isascii() and char.isprintable() and char != " ")
    return f"{whole.rstrip('/')}/{clean.lstrip('/')}"
