"""The ONVIF service descriptions that onvif-zeep brings, found and parsed once per process and shared by all cameras.

Parsing is nearly all that a plain ONVIF client spends its time and memory on (measured: 97 % of 185-320 ms and 13.5 MB *per camera*). One wrapper
document that imports the services lets zeep read the common schema `onvif.xsd` (363 kB) once instead of once per service.

The package `onvif` itself is not imported: its import configures the root logger and its client subscribes to events at every camera.
"""

import html
import io
import logging
import sys
import sysconfig
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.fault import PlainError, Text

DEVICE = "Device"
MEDIA = "Media"
MEDIA2 = "Media2"
RECORDING = "Recording"
PTZ = "PTZ"
IMAGING = "Imaging"
EVENTS = "Events"

_SERVICES = {  # port name: (file, namespace, binding)
    DEVICE: ("devicemgmt.wsdl", "http://www.onvif.org/ver10/device/wsdl", "DeviceBinding"),
    MEDIA: ("media.wsdl", "http://www.onvif.org/ver10/media/wsdl", "MediaBinding"),
    MEDIA2: ("media2.wsdl", "http://www.onvif.org/ver20/media/wsdl", "Media2Binding"),
    RECORDING: ("recording.wsdl", "http://www.onvif.org/ver10/recording/wsdl", "RecordingBinding"),
    PTZ: ("ptz.wsdl", "http://www.onvif.org/ver20/ptz/wsdl", "PTZBinding"),
    IMAGING: ("imaging.wsdl", "http://www.onvif.org/ver20/imaging/wsdl", "ImagingBinding"),
    EVENTS: ("eventbrokers.wsdl", "http://www.onvif.org/ver10/events/wsdl", "EventBinding"),
}
_OURS = {file: Path(__file__).with_name(file) for file in ("media2.wsdl", "eventbrokers.wsdl")}
"""onvif-zeep's files are of 2018: they bring no Media2 and no event brokers. Only the calls that we make are described."""
SPACES = {namespace: name for name, (_, namespace, _) in _SERVICES.items()}
"""Port name by the namespace under which cameras list the service (ONVIF Core, GetServices)."""

_NEEDED = (*(file for file, _, _ in _SERVICES.values() if file not in _OURS), "onvif.xsd")

_lock = threading.Lock()
_parsed: "Services | None" = None


@dataclass(frozen=True, slots=True)
class Services:
    """zeep's parsed document, its settings, and a binding per port name. Read only, so it is shared between threads."""

    document: Any
    settings: Any
    bindings: dict[str, Any]


def services() -> Services:
    """The parsed services; the first call parses (about 0.15 s and 10 MB, and 0.2 s for importing zeep). Raises `PlainError`."""
    global _parsed
    if _parsed is None:
        with _lock:
            if _parsed is None:
                _parsed = _parse(wsdl_folder())
    return _parsed


def wsdl_files() -> tuple[Path, ...]:
    """The service descriptions and the schema they share. Raises `PlainError` as `wsdl_folder`."""
    folder = wsdl_folder()
    return (*(folder / file for file in _NEEDED), *_OURS.values())


def wsdl_folder() -> Path:
    """The folder with the WSDL files. Raises `PlainError` where it is nowhere."""
    for folder in _places():
        if all((folder / file).is_file() for file in _NEEDED):
            return folder
    raise PlainError("wsdl_missing", Text(
        sv="Kamerornas tjänstebeskrivningar (WSDL) saknas. Installera om paketet: pip install --force-reinstall onvif-zeep==0.2.12.",
        en="The service descriptions of the cameras (WSDL) are missing. Reinstall the package: pip install --force-reinstall onvif-zeep==0.2.12.",
    ), exit_code=78)  # 78: EX_CONFIG of sysexits.h


def _places() -> Iterator[Path]:
    """Where installers were seen to put the files. onvif-zeep's `setup.py` writes them to `lib/pythonX.Y/site-packages/wsdl` below the prefix: beside
    the package in a virtual environment, but under /usr/local with Debian's own Python, whose packages live in `dist-packages`."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *(entry for entry in sys.path if entry.endswith("-packages"))]
    for library in dict.fromkeys(libraries):
        yield Path(library) / "wsdl"
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix, "/usr/local", "/usr", str(Path.home() / ".local"))):
        for packages in ("site-packages", "dist-packages"):
            yield Path(prefix) / "lib" / version / packages / "wsdl"
    from importlib import metadata  # last and late: its import costs 60 ms

    try:
        recorded = metadata.files("onvif-zeep") or []
    except metadata.PackageNotFoundError:
        recorded = []
    for file in recorded:
        if file.name == "devicemgmt.wsdl":
            yield Path(str(file.locate())).resolve().parent


def _parse(folder: Path) -> Services:
    _import_zeep()
    from zeep import Settings
    from zeep.wsdl import Document

    # zeep logs whole messages, and what a camera wrote where it cannot be read; what we want to know of it comes as an exception.
    logging.getLogger("zeep").setLevel(logging.CRITICAL)
    settings = Settings(strict=False, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    files: Any = _Files()
    document = Document(io.BytesIO(_wrapper(folder)), files, settings=settings)
    ports = document.services["Camera"].ports
    return Services(document, settings, {name: ports[name].binding for name in _SERVICES})


def _wrapper(folder: Path) -> bytes:
    """A WSDL that only imports the services and names one port for each, so that their bindings can be reached by zeep's public names."""
    imports, ports, prefixes = [], [], []
    for name, (file, namespace, binding) in _SERVICES.items():
        prefixes.append(f'xmlns:{name}="{namespace}"')
        imports.append(f'<wsdl:import namespace="{namespace}" location="{html.escape(str(_OURS.get(file, folder / file)))}"/>')
        ports.append(f'<wsdl:port name="{name}" binding="{name}:{binding}"><soap:address location="http://camera.invalid/"/></wsdl:port>')
    return (f'<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap12/"'
            f' {" ".join(prefixes)} targetNamespace="urn:provisioner:camera">{"".join(imports)}'
            f'<wsdl:service name="Camera">{"".join(ports)}</wsdl:service></wsdl:definitions>').encode()


class _Files:
    """What zeep's loader asks of a transport: the bytes behind a location. Files only, so that no schema is ever fetched from the Internet."""

    def load(self, location: str) -> bytes:
        if "://" in location:
            raise OSError(f"not a file: {location}")
        return Path(location).read_bytes()


def _import_zeep() -> None:
    """zeep imports httpx where it is installed, for a client that we do not use; with its command line that is 7-15 MB and 0.1 s. Not here."""
    if "zeep" in sys.modules or "httpx" in sys.modules:
        return
    sys.modules["httpx"] = None  # type: ignore[assignment]  # the import system's own mark for 'cannot be imported'
    try:
        import zeep  # noqa: F401
    finally:
        del sys.modules["httpx"]
