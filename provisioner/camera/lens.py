"""A lens that can be turned away from the room: to the room for a picture, and away again afterwards, whatever came of it.

People in the home see by it that nobody looks (municipalities promise it: Enköping, Kungsbacka). Who sets the camera up stores a preset under one of the
names below; ONVIF has no sign of its own for 'parked'. A camera without such a preset is asked once a visit and then left alone.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, NotOnvif
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import MediaProfile, OnvifSession
from provisioner.camera.reading import Element
from provisioner.camera.soap import SoapFault
from provisioner.camera.wsdl import PTZ

PARK_NAMES = ("parked", "park", "parkerad", "parkering", "privacy", "integritet", "ceiling", "tak")
ROOM_NAMES = ("home", "room", "rum", "rummet", "hem")
PARK_S = 4.0     # kept back for turning away; domes take 1-3 s for half a turn
MOVE_S = 8.0     # the longest that a movement is waited for
POLL_S = 0.1
_NEAR = 0.02     # of the normalised positions (-1 to 1): motors do not come to rest exactly
_DENIALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused, CannotDo)

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Presets:
    park: str
    park_at: Position | None
    room: str | None          # None: the home position


class Lens:
    """The lens of one visit. `held`: it stays on the room for now, because somebody looks."""

    def __init__(self, onvif: OnvifSession) -> None:
        self._onvif = onvif
        self._asked = False
        self._presets: _Presets | None = None
        self._room_at: Position | None = None
        self.held = False

    def can_park(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> bool:
        """Whether there is a way to turn it away. Asked once; raises `CameraTrouble`."""
        if not self._asked:
            self._presets = self._find(profile, deadline, attempts) if self._onvif.manners.lens_park == "preset" else None
            self._asked = True
        return self._presets is not None

    @contextmanager
    def on_room(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> Iterator[Deadline]:
        """Turned to the room inside, parked behind, also after a fault. Gives the deadline by which the inside has to be over."""
        if not self.can_park(profile, deadline, attempts):
            yield deadline
            return
        try:
            inner = deadline.sooner(deadline.left_s() - PARK_S)
            self.to_room(profile, inner, attempts)
            yield inner
        finally:
            if not self.held:
                with suppress(CameraTrouble):  # what came of the picture counts; `park` asks and tells by itself
                    self.park(profile, deadline, attempts)

    def to_room(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> None:
        """Turn it to the room and wait until it rests. Raises `CameraTrouble`."""
        if not self.can_park(profile, deadline, attempts):
            return
        assert self._presets is not None
        if self._presets.room is None:
            self._call("GotoHomePosition", profile, deadline, attempts)
        else:
            self._call("GotoPreset", profile, deadline, attempts, PresetToken=self._presets.room)
        park_at = self._presets.park_at
        self._room_at = self._rested(profile, deadline, attempts, lambda at: park_at is None or not _near(at, park_at))

    def park(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> bool | None:
        """Turn it away and read back where it is; None where the camera does not tell. Raises `CameraTrouble`."""
        self.held = False
        if not self.can_park(profile, deadline, attempts):
            return None
        assert self._presets is not None
        self._call("GotoPreset", profile, deadline, attempts, PresetToken=self._presets.park)
        park_at, room_at = self._presets.park_at, self._room_at
        if park_at is not None:
            now = self._rested(profile, deadline, attempts, lambda at: _near(at, park_at))
            return None if now is None else _near(now, park_at)
        now = self._rested(profile, deadline, attempts, lambda at: room_at is None or not _near(at, room_at))
        return None if now is None or room_at is None else not _near(now, room_at)

    def _find(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts) -> _Presets | None:
        try:
            answer = self._call("GetPresets", profile, deadline, attempts)
        except _DENIALS:
            return None
        named = {" ".join(one.text("Name").casefold().split()): one for one in reversed(answer.all("Preset")) if one.attribute("token")}
        park = next((named[name] for name in PARK_NAMES if name in named), None)
        if park is None:
            return None
        room = next((named[name].attribute("token") for name in ROOM_NAMES if name in named), None)
        return _Presets(park.attribute("token"), _position(park.first("PTZPosition")), room)

    def _rested(self, profile: MediaProfile, deadline: Deadline, attempts: Attempts, is_there: Callable[[Position], bool]) -> Position | None:
        """Wait until it rests where it should; where it is then, None where the camera does not tell."""
        end = deadline.sooner(MOVE_S)
        while True:
            try:
                status = self._call("GetStatus", profile, deadline, attempts).first("PTZStatus")
            except _DENIALS:
                return None
            at = None if status is None else _position(status.first("Position"))
            moving = status is not None and "MOVING" in (status.text("MoveStatus", "PanTilt"), status.text("MoveStatus", "Zoom"))
            if (not moving and (at is None or is_there(at))) or end.left_s() <= POLL_S:
                return at
            time.sleep(POLL_S)

    def _call(self, operation: str, profile: MediaProfile, deadline: Deadline, attempts: Attempts, **arguments: str) -> Element:
        return self._onvif.service(PTZ, operation, deadline, attempts, ProfileToken=profile.token, **arguments)


def _position(element: Element | None) -> Position | None:
    """Pan and tilt, -1 to 1, of a tt:PTZVector."""
    told = None if element is None else element.first("PanTilt")
    try:
        return None if told is None else (float(told.attribute("x")), float(told.attribute("y")))
    except ValueError:
        return None


def _near(one: Position, other: Position) -> bool:
    return abs(one[0] - other[0]) <= _NEAR and abs(one[1] - other[1]) <= _NEAR
