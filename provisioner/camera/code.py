"""The one-time code in the camera's own picture (D9): a text that the camera writes, read back, and taken away afterwards.

Our text is known by its form, so that a code left behind by a crash is found by whoever comes next; every other text is left alone. A camera that has no
texts, or refuses one, is no fault: a person holds up a card.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, NotOnvif
from provisioner.camera.net import Deadline
from provisioner.camera.reading import Element
from provisioner.camera.soap import SoapFault
from provisioner.camera.visit import Visit
from provisioner.camera.wsdl import MEDIA, MEDIA2
from provisioner.case.device import CodeDisplay

WORD = "KOD"
OURS = re.compile(rf"{WORD} [0-9A-Z]{{4,12}}")
FONT_MOST = 128   # of 1080 lines; larger does not fit beside what a camera writes itself
_CORNERS = ("UpperRight", "LowerRight", "LowerLeft", "UpperLeft")  # the clock is mostly at the upper left
_CUSTOM = {"Type": "Custom", "Pos": {"x": 0.2, "y": 0.9}}  # the text's upper left corner, for cameras that offer no corners
_DENIALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused, CannotDo)


def text_of(code: str) -> str:
    """What is written: `KOD 4729`. Raises `ValueError` for anything that would not be found again."""
    text = f"{WORD} {code}"
    if OURS.fullmatch(text) is None:
        raise ValueError("a code has 4 to 12 digits or capital letters")
    return text


@dataclass(frozen=True, slots=True)
class _Options:
    corners: tuple[str, ...]
    font_size: int | None


class CodeWriter:
    """Our text in one camera's picture."""

    def __init__(self, visit: Visit, deadline: Deadline, attempts: Attempts, clock: Callable[[], datetime]) -> None:
        self._visit = visit
        self._deadline = deadline
        self._attempts = attempts
        self._clock = clock

    def show(self, code: str) -> CodeDisplay:
        """Write the code, unless it is there already; the lens stays on the room until `hide`. `card` where the camera cannot. Raises `CameraTrouble`."""
        wanted = text_of(code)
        visit = self._visit
        profile = visit.profile(self._deadline, self._attempts)
        with visit.lens.on_room(profile, self._deadline, self._attempts) as self._deadline:
            shown = any(self._written(service, wanted) for service in self._services())
            visit.lens.held = True
        return CodeDisplay("osd" if shown else "card", shown, self._clock())

    def hide(self, *, keep_view: bool = False) -> CodeDisplay:
        """Take every text of ours away, also one of an earlier run, and read back; then the lens turns away, or to the room with `keep_view` (somebody
        holds up a card). Raises `CameraTrouble`."""
        lens, deadline, attempts = self._visit.lens, self._deadline, self._attempts
        profile = self._visit.profile(deadline, attempts)
        try:
            found = self._hidden()
            if keep_view:
                lens.to_room(profile, deadline, attempts)
                lens.held = True
            return found
        finally:
            if not (keep_view and lens.held):
                with suppress(CameraTrouble):
                    lens.park(profile, deadline, attempts)

    def _hidden(self) -> CodeDisplay:
        listed, left = 0, 0
        trouble: CameraTrouble | None = None
        for service in self._services():
            try:
                left += self._cleared(service)
                listed += 1
            except _DENIALS as exc:
                trouble = trouble or (None if _has_none(exc) else exc)
        if not listed and trouble is not None:
            raise trouble
        return CodeDisplay("osd" if listed else "card", left > 0, self._clock())

    def _services(self) -> tuple[str, ...]:
        """Media2, then Media1; both write into the same picture, and some cameras do it through one of them only."""
        return (MEDIA2, MEDIA)

    def _call(self, service: str, operation: str, **arguments: Any) -> Element:
        return self._visit.onvif.service(service, operation, self._deadline, self._attempts, **arguments)

    def _texts(self, service: str) -> list[tuple[str, str, str]]:
        """Token, text and corner of each plain text."""
        return [(one.attribute("token"), one.text("TextString", "PlainText"), one.text("Position", "Type")) for one in self._call(service, "GetOSDs").all("OSDs")]

    def _written(self, service: str, wanted: str) -> bool:
        """Whether the camera has the text on read-back. Nothing of ours is left where it has not."""
        try:
            there = self._texts(service)
            old = [token for token, text, _ in there if OURS.fullmatch(text)]
            if not any(text == wanted for _, text, _ in there):
                self._put(service, wanted, old[0] if old else "", {corner for token, _, corner in there if token not in old})
            # What another run left goes once ours is there.
            for token, text, _ in self._texts(service):
                if OURS.fullmatch(text) and text != wanted:
                    self._call(service, "DeleteOSD", OSDToken=token)
            return any(text == wanted for _, text, _ in self._texts(service))
        except _DENIALS:
            with suppress(*_DENIALS):
                self._cleared(service)
            return False

    def _put(self, service: str, wanted: str, token: str, taken: set[str]) -> None:
        """Large, in a free corner; where a camera refuses that, as it likes."""
        source = self._source(service)
        options = self._options(service, source)
        free = next((corner for corner in options.corners if corner not in taken), options.corners[0])
        refused: SoapFault | None = None
        for size, corner in dict.fromkeys(((options.font_size, free), (None, free), (None, "UpperLeft"), (None, "Custom"))):
            text: dict[str, Any] = {"Type": "Plain", "PlainText": wanted}
            if size is not None:
                text["FontSize"] = size
            osd = {"token": token, "VideoSourceConfigurationToken": source, "Type": "Text", "Position": {"Type": corner} if corner != "Custom" else _CUSTOM,
                   "TextString": text}
            try:
                self._call(service, "SetOSD" if token else "CreateOSD", OSD=osd)
            except SoapFault as exc:
                refused = exc
                continue
            return
        if refused is not None:
            raise refused

    def _source(self, service: str) -> str:
        profile = self._visit.profile(self._deadline, self._attempts)
        if profile.source and profile.service == service:
            return profile.source
        found = self._call(service, "GetVideoSourceConfigurations").all("Configurations")
        if not found:
            raise CannotDo("no video source configuration")
        return found[0].attribute("token")

    def _options(self, service: str, source: str) -> _Options:
        """What GetOSDOptions tells; a camera that does not is tried with what most can."""
        try:
            told = self._call(service, "GetOSDOptions", ConfigurationToken=source).first("OSDOptions")
        except _DENIALS:
            told = None
        if told is None:
            return _Options(_CORNERS, None)
        offered = {one.text() for one in told.all("PositionOption")}
        corners = tuple(corner for corner in _CORNERS if corner in offered or not offered) or ("Custom",)
        most, least = told.number("TextOption", "FontSizeRange", "Max"), told.number("TextOption", "FontSizeRange", "Min")
        return _Options(corners, None if most is None else max(min(most, FONT_MOST), least or 0))

    def _cleared(self, service: str) -> int:
        """Delete our texts; how many are there on read-back."""
        for token, text, _ in self._texts(service):
            if OURS.fullmatch(text):
                with suppress(SoapFault):
                    self._call(service, "DeleteOSD", OSDToken=token)
        return sum(OURS.fullmatch(text) is not None for _, text, _ in self._texts(service))


def _has_none(exc: CameraTrouble) -> bool:
    """Whether this says that the camera has no texts at all, rather than that it cannot be asked."""
    return isinstance(exc, CannotDo) or (isinstance(exc, SoapFault) and not {"ActionNotSupported", "UnknownAction", "NotImplemented"}.isdisjoint(exc.codes))
