"""Everything that can be found out about one camera without changing it, item by item, for the person who stands before it.

An item is yes, no or unknown, and unknown carries the fault: "could not ask" is never a no.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from provisioner.camera.attempts import AttemptBook, Attempts
from provisioner.camera.errors import CameraTrouble, CannotDo, HttpRefused, NotOnvif
from provisioner.camera.faults import fault_from
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace, hidden_of
from provisioner.camera.settings import CameraSettings
from provisioner.camera.soap import SoapFault
from provisioner.camera.visit import Visit
from provisioner.case.model import FrameReport, Identity
from provisioner.fault import Fault

Verdict = Literal["yes", "no", "unknown"]
Value = TypeVar("Value")

_SKEW_MOST_S = 5.0   # D15: a clock off by more is to be set right


@dataclass(frozen=True, slots=True)
class ProbeItem:
    """One question. `detail` is what was found, in English, without addresses; `fault` says why an answer is missing. `took_s` in seconds."""

    name: str
    verdict: Verdict
    detail: str
    took_s: float
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What the probe found. `items` in the order they were asked: onvif, clock, identity, scopes, profiles, snapshot, stream, frame."""

    items: tuple[ProbeItem, ...]
    identity: Identity | None
    frame: FrameReport | None
    login: str
    took_s: float

    @property
    def ok(self) -> bool:
        """Whether the camera can be provisioned: it said who it is and gave a picture."""
        return self.identity is not None and self.frame is not None

    def as_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`; instants as ISO 8601."""
        plain: dict[str, Any] = _plain(asdict(self))
        return {"ok": self.ok, **plain}


class _Asking:
    """Asks one thing after the other and remembers how each went."""

    def __init__(self, hide: tuple[str, ...]) -> None:
        self.items: list[ProbeItem] = []
        self._hide = hide

    def ask(self, name: str, question: Callable[[], Value], said: Callable[[Value], tuple[Verdict, str]]) -> Value | None:
        begun = time.monotonic()
        try:
            value = question()
        except CameraTrouble as exc:
            # 'No' only where the camera itself says that it has no such thing.
            is_no = isinstance(exc, CannotDo | NotOnvif | SoapFault) or (isinstance(exc, HttpRefused) and exc.status in (404, 501))
            fault = fault_from(exc, name, self._hide)
            no = is_no and fault.kind.value == "unsupported"
            self.items.append(ProbeItem(name, "no" if no else "unknown", fault.evidence, _since(begun), fault))
            return None
        verdict, detail = said(value)
        self.items.append(ProbeItem(name, verdict, detail, _since(begun)))
        return value

    def skip(self, names: tuple[str, ...], why: str) -> None:
        self.items.extend(ProbeItem(name, "unknown", why, 0.0) for name in names)


def probe(place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime], deadline_s: float,
          book: AttemptBook | None = None) -> ProbeReport:
    """Ask a camera everything that is read-only, as far as its place's account goes; within `deadline_s`. Raises nothing of the camera's."""
    deadline, begun = Deadline(deadline_s), time.monotonic()
    asking = _Asking(hidden_of(place))
    visit = Visit(place, settings, clock)
    identity: Identity | None = None
    frame: FrameReport | None = None
    try:
        if _reaches(asking, visit, deadline):
            attempts = visit.attempts(book, place.host)  # one budget for the whole probe: it must not lock the account
            identity = asking.ask("identity", lambda: visit.identity(deadline, attempts), _said_identity)
            asking.ask("scopes", lambda: visit.onvif.scopes(deadline, attempts), lambda found: ("yes", f"{len(found)} scopes: {_hint_of(found)}"))
            if _refused(asking):
                asking.skip(("profiles", "snapshot", "stream", "frame"), "not asked: the login was refused or is not known")
            else:
                frame = _media(asking, visit, deadline, attempts)
    finally:
        visit.close()
    return ProbeReport(tuple(asking.items), identity, frame, visit.onvif.state.way, _since(begun))


def _reaches(asking: _Asking, visit: Visit, deadline: Deadline) -> bool:
    asking.ask("onvif", lambda: visit.onvif.read_clock(deadline), lambda _: ("yes", "an ONVIF device service answers"))
    if asking.items[-1].verdict != "yes":
        asking.skip(("clock", "identity", "scopes", "profiles", "snapshot", "stream", "frame"), "not asked: no ONVIF service")
        return False
    offset_s = visit.onvif.state.offset_s
    if offset_s is None:
        asking.skip(("clock",), "the camera does not tell its time without a login")
    else:
        verdict: Verdict = "yes" if abs(offset_s) <= _SKEW_MOST_S else "no"
        asking.items.append(ProbeItem("clock", verdict, f"camera minus server: {offset_s:+.0f} s", 0.0))
    return True


def _media(asking: _Asking, visit: Visit, deadline: Deadline, attempts: Attempts) -> FrameReport | None:
    profiles = asking.ask("profiles", lambda: visit.onvif.profiles(deadline, attempts), lambda found: ("yes", "; ".join(
        f"{one.encoding or 'video'} {one.width_px}x{one.height_px}{' with audio' if one.has_audio else ''}" for one in found)))
    if profiles is None:
        asking.skip(("snapshot", "stream", "frame"), "not asked: no profiles")
        return None
    asking.ask("snapshot", lambda: visit.onvif.snapshot_uri(profiles[0], deadline, attempts), lambda _: ("yes", "it tells where its stills are"))
    asking.ask("stream", lambda: visit.description(deadline, attempts), lambda found: ("yes" if found.codec else "no", (
        f"{found.codec or 'no video'}{', with audio' if found.has_audio else ''}{'' if found.needs_login else ', WITHOUT a login'}")))
    return asking.ask("frame", lambda: visit.frame_report(deadline, attempts), _said_frame)


def _refused(asking: _Asking) -> bool:
    return any(item.fault is not None and item.fault.kind.value == "refused" for item in asking.items)


def _said_identity(found: Identity) -> tuple[Verdict, str]:
    name = " ".join(filter(None, (found.manufacturer, found.model))) or "a camera without a name"
    if found.serial is None:
        return "no", f"{name}, firmware {found.firmware or '?'}, without a usable serial number"
    return "yes", f"{name}, firmware {found.firmware or '?'}, serial number {found.serial}"


def _said_frame(found: FrameReport) -> tuple[Verdict, str]:
    numbers = f"{found.source} {found.codec} {found.width_px}x{found.height_px}, luma {found.mean_luma:.0f}, sharpness {found.sharpness:.2f}"
    return "yes" if found.trusted else "unknown", "; ".join((numbers, *(text.en for text in found.findings)))


def _hint_of(scopes: tuple[str, ...]) -> str:
    """What kind of device the scopes make it out to be; names and locations stay out, people write addresses into them."""
    kept = [scope.rpartition("onvif.org/")[2] for scope in scopes if "/Profile/" in scope or "/type/" in scope or "/hardware/" in scope]
    return ", ".join(kept[:8]) or "nothing about its kind"


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 4)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value


