"""The light that a camera sees by: its infrared filter, its lamp, its exposure, over ONVIF; and how all of it is put back, whatever happens.

What stood before is written down (`LightBook`) before the first change, and struck out when it is read back as it was. So whoever comes to the camera
next, in this process or another, finds what is still owed to it. Only to the camera that was changed: its own serial number stands beside the settings.

ONVIF tells the filter and the exposure (Imaging, GetImagingSettings); of the lamp it can only be said what it shall do (Core, SendAuxiliaryCommand), so
the lamp goes back to what the camera decides by itself.
"""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import BrokenReply, CannotDo, HttpRefused, NotNoted, NotOnvif
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import MediaProfile, OnvifSession
from provisioner.camera.reading import Element
from provisioner.camera.soap import SoapFault
from provisioner.camera.wsdl import IMAGING
from provisioner.fault import PlainError

LAMP_ON, LAMP_OFF, LAMP_AUTO = "tt:IRLamp|On", "tt:IRLamp|Off", "tt:IRLamp|Auto"
"""ONVIF Core, Auxiliary operation."""
TOLD_S, POLL_S = 4.0, 0.2   # so long a camera may take to tell what it was set to, asked so often
_DENIALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused, CannotDo)
_NEAR = 0.05                # relative: cameras round exposure times to steps of their own
_EXPOSURE = ("ExposureTime", "Gain", "Iris")
_KEPT = ("Priority", "MinExposureTime", "MaxExposureTime", "MinGain", "MaxGain", "MinIris", "MaxIris", *_EXPOSURE)


class LightBook(Protocol):
    """Keeps, across restarts, how cameras were set before a check changed them. Any thread."""

    def light_of(self, serial: str) -> str | None:
        """What has to be put back; None where nothing has. Raises `PlainError`."""

    def put_light(self, serial: str, body: str, now: datetime) -> None:
        """Keep this, on the disk when it returns; what is kept already stays. Raises `PlainError`."""

    def forget_light(self, serial: str) -> None:
        """All is put back. Raises `PlainError`."""


class MemoryLights:
    """A `LightBook` for one process: for looking at cameras, and for tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, str] = {}

    def light_of(self, serial: str) -> str | None:
        """See `LightBook`."""
        with self._lock:
            return self._kept.get(serial)

    def put_light(self, serial: str, body: str, now: datetime) -> None:
        """See `LightBook`."""
        with self._lock:
            self._kept.setdefault(serial, body)

    def forget_light(self, serial: str) -> None:
        """See `LightBook`."""
        with self._lock:
            self._kept.pop(serial, None)


@dataclass(frozen=True, slots=True)
class Before:
    """How a camera stood. `said_serial`: what it calls itself, so that no other camera at its place is changed. `exposure`: by the names of
    tt:Exposure20, numbers as they were told. `lamp`: the command that gives the lamp back to the camera, '' where it is left alone."""

    said_serial: str
    source: str
    ir_cut_filter: str
    exposure: dict[str, str]
    lamp: str = ""


class Light:
    """The levers of one camera during one operation. Raises `CameraTrouble`; what a camera cannot do is a False or a None."""

    def __init__(self, onvif: OnvifSession, book: LightBook, serial: str, deadline: Deadline, attempts: Attempts, clock: Callable[[], datetime]) -> None:
        self._onvif, self._book, self._serial, self._clock = onvif, book, serial, clock
        self._deadline, self._attempts = deadline, attempts
        self._before: Before | None = None

    @staticmethod
    def written(before: Before) -> str:
        """As the book keeps it."""
        return json.dumps(asdict(before))

    # -- looking ------------------------------------------------------------------------------------------------------------------

    def find(self, profile: MediaProfile) -> bool:
        """Ask what there is. False: the camera lets no filter be moved, and nothing else of this class may be called but `put_back`."""
        if self._onvif.manners.night_way == "never" or not profile.video_source:
            return False
        try:
            settings = self._settings(profile.video_source)
            modes = [one.text() for one in self._call("GetOptions", VideoSourceToken=profile.video_source).all("ImagingOptions", "IrCutFilterModes")]
        except _DENIALS:
            return False
        told = settings.text("IrCutFilter")
        if not told or "OFF" not in modes:
            return False
        exposure = {name: settings.text("Exposure", name) for name in ("Mode", *_KEPT) if settings.text("Exposure", name)}
        said = self._onvif.device_information(self._deadline, self._attempts).serial
        self._before = Before(said, profile.video_source, told, exposure, LAMP_AUTO if self._has_lamp() else "")
        return True

    def _has_lamp(self) -> bool:
        try:
            answer = self._onvif.device("GetServiceCapabilities", self._deadline, self._attempts)
        except _DENIALS:
            return False
        misc = answer.first("Capabilities", "Misc")
        told = [] if misc is None else misc.attribute("AuxiliaryCommands").split()
        return LAMP_ON in told and LAMP_OFF in told and LAMP_AUTO in told

    @property
    def has_lamp(self) -> bool:
        """Whether the camera announces that its lamp can be switched and given back."""
        return self._before is not None and bool(self._before.lamp)

    # -- changing -----------------------------------------------------------------------------------------------------------------

    def to_night(self) -> bool:
        """Infrared filter out, lamp on. Whether the camera says so afterwards."""
        before = self._noted()
        if self.has_lamp:
            self._lamp(LAMP_ON)
        return self._set({"IrCutFilter": "OFF"}, lambda now: now.text("IrCutFilter") == "OFF") and before is not None

    def lamp_off(self) -> bool:
        """The lamp alone. Whether the camera took the command: it has no way to tell whether the lamp is on."""
        return self.has_lamp and self._lamp(LAMP_OFF)

    def lamp_on(self) -> bool:
        """The lamp alone."""
        return self.has_lamp and self._lamp(LAMP_ON)

    def lock_exposure(self, times: float = 1.0) -> bool:
        """Hold the exposure as it is now; `times` another exposure time than that. Whether it is read back as set: only then are two pictures comparable."""
        self._noted()
        try:
            told = self._settings(self._source)
            if told.text("Exposure", "Mode") != "MANUAL":
                values = {name: number for name in _EXPOSURE if (number := _number(told.text("Exposure", name))) is not None}
                if not self._set({"Exposure": {"Mode": "MANUAL", **values}}, lambda now: now.text("Exposure", "Mode") == "MANUAL"):
                    return False
                told = self._settings(self._source)
            if times == 1.0:
                return True
            time_us = _number(told.text("Exposure", "ExposureTime"))
        except _DENIALS:
            return False
        if not time_us:
            return False
        wanted = time_us * times
        gain = {"Gain": number} if (number := _number(told.text("Exposure", "Gain"))) is not None else {}
        return self._set({"Exposure": {"Mode": "MANUAL", "ExposureTime": wanted, **gain}}, lambda now: _near(now.text("Exposure", "ExposureTime"), wanted))

    # -- putting back -------------------------------------------------------------------------------------------------------------

    def put_back(self, by: Deadline) -> bool | None:
        """All as the book says it was, read back and struck out. None where the book says nothing, or where another camera stands there; False where the
        camera does not go back: then the book keeps it for the next time."""
        try:
            body = self._book.light_of(self._serial)
        except PlainError as exc:
            raise NotNoted(exc.code) from None
        if body is None:
            return None
        self._deadline = by
        before = Before(**json.loads(body))
        if self._onvif.device_information(by, self._attempts).serial != before.said_serial:
            return None
        wanted: dict[str, Any] = {"IrCutFilter": before.ir_cut_filter}
        if before.exposure.get("Mode"):
            told = {name: text for name, text in before.exposure.items() if before.exposure["Mode"] != "AUTO" or name not in _EXPOSURE}
            wanted["Exposure"] = {name: text if name in ("Mode", "Priority") else _number(text) for name, text in told.items()}
        self._before = before
        lamp_is_back = not before.lamp or self._lamp(before.lamp)
        if not (self._set(wanted, lambda now: _is_as_before(now, before)) and lamp_is_back):
            return False
        try:
            self._book.forget_light(self._serial)
        except PlainError as exc:
            raise NotNoted(exc.code) from None
        return True

    # -- asking -------------------------------------------------------------------------------------------------------------------

    @property
    def _source(self) -> str:
        assert self._before is not None
        return self._before.source

    def _noted(self) -> Before:
        """Written down before anything is changed. Raises `NotNoted` where it cannot be: then nothing is."""
        assert self._before is not None
        try:
            self._book.put_light(self._serial, self.written(self._before), self._clock())
        except PlainError as exc:
            raise NotNoted(exc.code) from None
        return self._before

    def _call(self, operation: str, **arguments: Any) -> Element:
        return self._onvif.service(IMAGING, operation, self._deadline, self._attempts, **arguments)

    def _settings(self, source: str) -> Element:
        found = self._call("GetImagingSettings", VideoSourceToken=source).first("ImagingSettings")
        if found is None:
            raise CannotDo("no imaging settings")
        return found

    def _set(self, wanted: dict[str, Any], is_there: Callable[[Element], bool]) -> bool:
        """Set these alone, and wait until the camera tells them. `ForcePersistence` false: after a power cut it is as it was."""
        try:
            self._call("SetImagingSettings", VideoSourceToken=self._source, ImagingSettings=wanted, ForcePersistence=False)
        except _DENIALS:
            with suppress(*_DENIALS):
                return is_there(self._settings(self._source))
            return False
        end = self._deadline.sooner(TOLD_S)
        while True:
            try:
                if is_there(self._settings(self._source)):
                    return True
            except _DENIALS:
                return False
            if end.left_s() <= POLL_S:
                return False
            time.sleep(POLL_S)

    def _lamp(self, command: str) -> bool:
        try:
            self._onvif.device("SendAuxiliaryCommand", self._deadline, self._attempts, AuxiliaryCommand=command)
        except _DENIALS:
            return False
        return True


def put_back(onvif: OnvifSession, book: LightBook, serial: str, deadline: Deadline, attempts: Attempts, clock: Callable[[], datetime]) -> bool | None:
    """What an earlier check owes this camera; see `Light.put_back`. Raises `CameraTrouble`."""
    return Light(onvif, book, serial, deadline, attempts, clock).put_back(deadline)


def _is_as_before(now: Element, before: Before) -> bool:
    """Filter and way of exposing; the numbers only where they were set by hand, because a camera that exposes by itself moves them."""
    if now.text("IrCutFilter") != before.ir_cut_filter:
        return False
    mode = before.exposure.get("Mode")
    if not mode:
        return True
    numbers = () if mode == "AUTO" else tuple(name for name in _EXPOSURE if name in before.exposure)
    return now.text("Exposure", "Mode") == mode and all(_near(now.text("Exposure", name), _number(before.exposure[name])) for name in numbers)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _near(text: str, wanted: float | None) -> bool:
    told = _number(text)
    return told is None or wanted is None or abs(told - wanted) <= max(_NEAR * abs(wanted), 0.01)


