"""What a test, or a person who plays, can do to a simulated camera. Every lever can be pulled by name with plain JSON values."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from simulators.rooms.live import ROOMS, View, layers

from . import loop
from .factory import reset_hard, reset_soft
from .feed import FeedKey, paint_ahead
from .parts import Broker, Recording, RecordingJob
from .scenes import SCENE_NAMES
from .state import Troubles, User, Where

if TYPE_CHECKING:
    from .camera import SimulatedCamera

F = TypeVar("F", bound=Callable[..., None])


class LeverError(ValueError):
    """No such lever, or arguments that do not fit it; the text is for the person who pulled it."""


def lever(function: F) -> F:
    """Marks a method as a lever; the first line of its docstring is its description."""
    function.__dict__["is_lever"] = True
    return function


class Levers:
    def __init__(self, camera: SimulatedCamera) -> None:
        self._camera = camera
        self._state = camera.state

    def names(self) -> dict[str, str]:
        """Every lever with its arguments and one line about it."""
        found = {}
        for name, method in inspect.getmembers(type(self), inspect.isfunction):
            if method.__dict__.get("is_lever"):
                parameters = list(inspect.signature(method).parameters.values())[1:]            # without self
                arguments = [str(parameter).replace("'", "") for parameter in parameters]
                found[name] = f"({', '.join(arguments)}) {(method.__doc__ or '').strip().splitlines()[0]}"
        return found

    def pull(self, name: str, /, **arguments: Any) -> None:
        """Pulls a lever by its name; the arguments are plain JSON values."""
        if name not in self.names():
            raise LeverError(f"no lever {name!r}; there are {', '.join(sorted(self.names()))}")
        method = getattr(self, name)
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError as exc:
            raise LeverError(f"{name}: {exc}; it is {name}{self.names()[name]}") from exc
        try:
            method(**arguments)
        except (TypeError, ValueError) as exc:
            raise LeverError(f"{name}: {exc}") from exc

    # -- power ----------------------------------------------------------------------------------------------------------

    @lever
    def lose_power(self, for_s: float | None = None) -> None:
        """Cuts the power: every connection is reset and the ports refuse, for that long or until power_on."""
        wait_s = None if for_s is None else float(for_s)
        loop.call(lambda: self._camera.power_off(wait_s))

    @lever
    def power_on(self) -> None:
        """Gives power back; the camera answers after its boot time."""
        loop.call(self._camera.power_on)

    @lever
    def boot_time_s(self, s: float) -> None:
        """Sets how many seconds pass between power and first answer (real cameras: 40-90 s)."""
        self._state.boot_time_s = float(s)

    # -- clock, identity, users -----------------------------------------------------------------------------------------

    @lever
    def set_clock_offset(self, offset_s: float) -> None:
        """Puts the camera's clock that many seconds ahead of the true time; negative: behind."""
        self._state.clock_offset = timedelta(seconds=float(offset_s))

    @lever
    def local_time_as_utc(self, on: bool = True) -> None:
        """The camera reports its local time as UTC, as some do."""
        self._state.reports_local_time_as_utc = bool(on)

    @lever
    def wrong_serial(self, serial: str = "SIM9999999") -> None:
        """The camera reports another serial number than its label has; calm puts it right."""
        self._state.claims_serial = str(serial)

    @lever
    def password(self, user: str, password: str) -> None:
        """Changes a user's password (or makes that user an administrator), behind the daemon's back."""
        known = self._state.users.get(user)
        if known is None:
            self._state.users[user] = User(str(password))
        else:
            known.password = str(password)

    @lever
    def lock_out_after(self, n: int, for_s: float = 1800.0) -> None:
        """After n wrong passwords in a row nobody is let in for that many seconds; 0: never."""
        self._state.login.lock_after, self._state.login.lock_s = int(n), float(for_s)

    @lever
    def forget_lock_out(self) -> None:
        """Ends a lock-out and forgets wrong passwords and nonces, as a restart does."""
        loop.call(self._camera.gate.forget)

    # -- what stands before the lens ------------------------------------------------------------------------------------

    @lever
    def hold_card(self, text: str) -> None:
        """Somebody holds a white card with this text, in digits and as a QR code, before the lens."""
        if not text or len(text) > 120:
            raise ValueError("a card carries 1 to 120 characters")
        self._state.card = str(text)
        self._paint_ahead()

    @lever
    def take_card_away(self) -> None:
        """The card is gone."""
        self._state.card = None

    @lever
    def scene(self, name: str) -> None:
        """Shows another scene: a bedroom (storgatan_, nygatan_, solgatan_, bjorkgatan_bedroom), dark, blurred, covered, ceiling."""
        if name not in SCENE_NAMES:
            raise ValueError(f"no scene {name!r}; there are {', '.join(SCENE_NAMES)}")
        if name != self._state.scene:
            self._state.view = View()                      # another room: the camera hangs as it was mounted there
        self._state.scene = name
        self._paint_ahead()

    def _paint_ahead(self) -> None:
        paint_ahead(FeedKey.of(self._state, self._state.profiles[0]))

    @lever
    def room_light(self, on: bool = True) -> None:
        """Puts the light in the room on or off; in the dark a camera in AUTO takes its infrared filter out and lights its lamp."""
        self._state.room_is_dark = not on
        self._paint_ahead()

    @lever
    def ir_lamp(self, mode: str = "AUTO") -> None:
        """Puts the camera's infrared lamp ON, OFF or AUTO; it is seen with the filter out, in a dark room."""
        if mode not in ("ON", "OFF", "AUTO"):
            raise ValueError("the lamp is ON, OFF or AUTO")
        self._state.ir_lamp = mode

    @lever
    def ir_filter(self, mode: str = "AUTO") -> None:
        """Puts the infrared cut filter ON (day), OFF (night) or AUTO, as SetImagingSettings does."""
        if mode not in ("ON", "OFF", "AUTO"):
            raise ValueError("the filter is ON, OFF or AUTO")
        self._state.imaging.ir_cut_filter = mode

    # -- what people do in a rendered room (solgatan_bedroom, bjorkgatan_bedroom) -----------------------------------------

    def _change(self, **changes: Any) -> None:
        if self._state.scene not in ROOMS:
            raise ValueError(f"{self._state.scene} is a painted scene and cannot be changed; rendered are {', '.join(ROOMS)}")
        self._state.view = replace(self._state.view, **changes)
        self._paint_ahead()

    @lever
    def aim(self, yaw_deg: float = 0.0, pitch_deg: float = 0.0, roll_deg: float = 0.0) -> None:
        """Somebody turns the camera by hand: angles from how it was mounted; yaw to the left, pitch upwards, roll with the left side down."""
        self._change(yaw_deg=_within(yaw_deg, 180), pitch_deg=_within(pitch_deg, 60), roll_deg=_within(roll_deg, 90))

    @lever
    def turn(self, yaw_deg: float = 0.0, pitch_deg: float = 0.0) -> None:
        """Turns the camera on from where it looks now: degrees to the left, degrees upwards; negative: right, down."""
        now = self._state.view
        self.aim(now.yaw_deg + _within(yaw_deg, 180), now.pitch_deg + _within(pitch_deg, 60), now.roll_deg)

    @lever
    def rehearse(self, scene: str, yaw_deg: float = 0.0) -> None:
        """Renders how a room looks from there, before anybody looks; returns when it is done, some seconds later."""
        if scene not in ROOMS:
            raise ValueError(f"{scene} is a painted scene; rendered are {', '.join(ROOMS)}")
        layers(scene, View(yaw_deg=_within(yaw_deg, 180)))

    @lever
    def cover(self, share: float = 0.4) -> None:
        """A towel hangs near the lens over that share of the picture, from the left; 0: it is gone."""
        if not 0 <= float(share) <= 1:
            raise ValueError("a share is between 0 and 1")
        self._change(cover=float(share))

    @lever
    def hang_mirror(self) -> None:
        """A mirror hangs or leans on the wall: in solgatan_bedroom one that throws the lamp back, in bjorkgatan_bedroom one that shows the hall."""
        self._change(mirror=True)

    @lever
    def cover_mirror(self) -> None:
        """The mirror is gone, as if a cloth hung over it."""
        self._change(mirror=False)

    @lever
    def draw_curtain(self, on: bool = True) -> None:
        """Draws the curtain before the window, or opens it."""
        self._change(curtain=bool(on))

    @lever
    def defocus(self, px: float = 6.0) -> None:
        """Puts the lens out of focus: radius of the blur in pixels of a picture 1280 wide; 0: sharp."""
        if not 0 <= float(px) <= 30:
            raise ValueError("the radius is 0 to 30 px")
        self._change(defocus_px=float(px))

    @lever
    def smear(self, share: float = 0.5) -> None:
        """A greasy film on the lens over that share of the picture; 0: it is wiped."""
        if not 0 <= float(share) <= 1:
            raise ValueError("a share is between 0 and 1")
        self._change(smear=float(share))

    @lever
    def room_is_dark(self, on: bool = True) -> None:
        """It is night in the room, or day again: room_light the other way round."""
        self.room_light(not on)

    @lever
    def park(self, on: bool = True) -> None:
        """Turns the lens away from the room, or back."""
        self._state.parked = bool(on)

    # -- what a visitor leaves behind -----------------------------------------------------------------------------------

    @lever
    def record_to_card(self, on: bool = True) -> None:
        """A recording lies on the card in the camera and a job goes on writing to it; off: both are gone."""
        self._state.recordings = [Recording("recording_0")] if on else []
        self._state.jobs = [RecordingJob("job_0", "recording_0")] if on else []

    @lever
    def watch_by_broker(self, address: str = "mqtts://broker.example:8883") -> None:
        """The camera publishes its events to somebody's MQTT broker."""
        self._state.brokers = [*self._state.brokers, Broker(str(address))]

    @lever
    def factory_default(self, hard: bool = True) -> None:
        """Somebody holds the reset button: accounts and settings are gone, what is on the card is not."""
        def do() -> None:
            (reset_hard if hard else reset_soft)(self._state)
            self._camera.power_off(None)
            self._camera.power_on()
        loop.call(do)

    # -- troubles -------------------------------------------------------------------------------------------------------

    @lever
    def stall(self, where: str = "http") -> None:
        """Takes what comes and never answers at: http, rtsp, describe, setup, play, or rtp (PLAY answered, no packets)."""
        try:
            point = Where(where)
        except ValueError:
            raise ValueError(f"no point {where!r}; there are {', '.join(Where)}") from None
        self._state.troubles.stall.add(point)

    @lever
    def slow(self, s: float) -> None:
        """Every HTTP and RTSP answer waits that many seconds."""
        self._state.troubles.slow_s = float(s)

    @lever
    def drip(self, bytes_per_s: float) -> None:
        """HTTP and RTSP answers trickle out at this rate; 0: at once."""
        self._state.troubles.drip_bytes_s = float(bytes_per_s)

    @lever
    def garbage(self, on: bool = True) -> None:
        """HTTP requests are answered by bytes that are not HTTP."""
        self._state.troubles.garbage = bool(on)

    @lever
    def not_onvif(self, on: bool = True) -> None:
        """The camera turns into an ordinary web server: an HTML page with 404 for everything."""
        self._state.troubles.not_onvif = bool(on)

    @lever
    def reset_connections(self, new_ones_too: bool = False) -> None:
        """Ends all open connections with a TCP reset, and every new one where asked."""
        self._state.troubles.reset = bool(new_ones_too)
        loop.call(self._camera.reset_connections)

    @lever
    def refuse_rtsp_sessions(self, status: int = 453) -> None:
        """Every SETUP is refused with this status: 453 (no session free), 461, 403, 503; 0: none."""
        if int(status) not in (0, 403, 453, 461, 500, 503):
            raise ValueError("status is one of 0, 403, 453, 461, 500, 503")
        self._state.troubles.refuse_rtsp = int(status)

    @lever
    def packet_loss(self, share: float = 0.02, damaged: float = 0.0) -> None:
        """That share (0 to 1) of the RTP packets never leaves, and that share has a wrong byte; over UDP and inside RTSP."""
        if not 0 <= float(share) <= 1 or not 0 <= float(damaged) <= 1:
            raise ValueError("shares are between 0 and 1")
        self._state.troubles.loss, self._state.troubles.damage = float(share), float(damaged)

    @lever
    def close_after(self, answers: int = 1) -> None:
        """HTTP connections are closed without a word after so many answers; 0: never."""
        self._state.troubles.close_after = int(answers)

    @lever
    def echo(self, on: bool = True) -> None:
        """HTTP requests come back as they were sent, with NUL bytes behind: the port belongs to something else."""
        self._state.troubles.echo = bool(on)

    @lever
    def calm(self) -> None:
        """Ends all troubles and says the true serial again; power, clock, scene and card stay as they are."""
        calm = Troubles()
        for name, value in vars(calm).items():
            setattr(self._state.troubles, name, value)
        self._state.claims_serial = None


def _within(angle_deg: float, most: float) -> float:
    angle = float(angle_deg)
    if not math.isfinite(angle) or abs(angle) > most:
        raise ValueError(f"an angle is a number of degrees between -{most:g} and {most:g}")
    return angle
