"""Cameras: where each hangs, what card is held before it, and what it answers, after virtual seconds, to the daemon's blocking calls."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, Rotation, Zone, ZoneProof
from provisioner.case.evidence import Dossier, Evidence, Kind
from provisioner.case.identifiers import SerialNumber, normalise_serial
from provisioner.case.model import FrameReport, Identity
from provisioner.case.posture import Posture
from provisioner.case.posture_items import Item
from provisioner.case.view_check import Look, SceneCheck, ViewAsked
from provisioner.fault import Fault, FaultKind, Text
from tests.case.world import posture, scene
from tests.whole.simulation.world import World

HINT = Text("Titta på kameran.", "Look at the camera.")


def body_of(serial: str) -> tuple[Evidence, ...]:
    """By what the depot knows the body of this camera."""
    digits = sha256(serial.encode()).hexdigest()
    return (Evidence(Kind.ENDPOINT_REFERENCE, f"urn:uuid:{digits[:32]}"), Evidence(Kind.MAC, "00:40:8c:" + ":".join(digits[at:at + 2] for at in (0, 2, 4))))


class CallerIsDead(BaseException):
    """Ends the thread of a camera call whose process has died."""


@dataclass
class Body:
    """One camera. `site` None: in a bag, or in the store."""

    serial: str
    site: str | None = None
    card: str | None = None
    code: str | None = None     # written into the picture
    mark: str | None = None
    masks: tuple[Zone, ...] = ()
    rotations: int = 0


class Calls:
    """The daemon's pool of threads for blocking calls. A call runs in a thread of its own, but only ever one thread runs: a call that waits hands
    over to the world, which hands back when the virtual seconds are over. So a real blocking call takes virtual time, and each run is the same."""

    def __init__(self, world: World, guard: Callable[[Callable[[], None]], None]) -> None:
        self.world = world
        self._guard = guard
        self._waiting: list[_Call] = []
        self._running: _Call | None = None

    def spawn(self, work: Callable[[], None]) -> None:
        """As a pool's submit: begins when the present step is over."""
        call = _Call(work)
        self._waiting.append(call)
        self.world.later(0.001, lambda: self._go_on(call))

    def sleep(self, for_s: float) -> None:
        """Called by the call that runs: virtual seconds pass. Raises `CallerIsDead` where its process has died meanwhile."""
        call = self._running
        assert call is not None, "only a spawned call may wait"
        self.world.later(for_s, lambda: self._go_on(call))
        call.back.release()
        call.go.acquire()
        if call.is_cancelled:
            raise CallerIsDead

    def _go_on(self, call: "_Call") -> None:
        if call in self._waiting:
            self._guard(lambda: self._turn(call))

    def _turn(self, call: "_Call") -> None:
        self._running = call
        call.run()
        self._running = None
        if call.is_over:
            self._waiting.remove(call)
            if call.error is not None:
                raise call.error

    def abandon(self) -> None:
        """The process is dead: nothing that was being asked is ever answered."""
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call.is_cancelled = True
            if call.has_begun:
                call.run()


class _Call:
    def __init__(self, work: Callable[[], None]) -> None:
        self.go, self.back = threading.Semaphore(0), threading.Semaphore(0)
        self.is_cancelled = self.is_over = self.has_begun = False
        self.error: BaseException | None = None
        self._work = work

    def run(self) -> None:
        """Let it run until it waits or ends."""
        if self.has_begun:
            self.go.release()
        else:
            self.has_begun = True
            threading.Thread(target=self._main, daemon=True).start()
        self.back.acquire()

    def _main(self) -> None:
        try:
            self._work()
        except CallerIsDead:
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the world's thread, which raises it
            self.error = error
        self.is_over = True
        self.back.release()


class Caller(Protocol):
    """Who watches the calls."""

    def camera_asked(self, kind: str, serial: str) -> None:
        """The daemon calls a camera: it leaves."""


class Cameras:
    """`ports.Camera`, and `Eyes` for the operator. Bodies are moved by people only."""

    def __init__(self, world: World, calls: Callable[[], Calls], caller: Caller) -> None:
        self.world, self._calls, self._caller = world, calls, caller
        self.bodies: dict[str, Body] = {}
        self.known_to_depot: set[str] = set()
        self._rng = world.rng("cameras")

    def hang(self, serial: str, site: str | None) -> None:
        """A person hangs the camera up there, or takes it down."""
        self.bodies.setdefault(serial, Body(serial)).site = site
        self.world.note(f"camera {serial} now at {site}")

    def read_in(self, serial: str) -> Dossier:
        """The depot holds the camera and its label in its hands."""
        self.known_to_depot.add(serial)
        return Dossier((Evidence(Kind.LABEL_SCANNED, serial), Evidence(Kind.SERIAL_AFTER_LOGIN, serial), *body_of(serial)), self.world.now)

    def card_before(self, serial: str) -> tuple[bool, str | None]:
        body = self.bodies.get(serial)
        if body is None or body.site is None or self._trouble() is not None:
            return False, None
        return True, body.code or body.card

    # ---- ports.Camera

    def read_identity(self, serial: str, deadline_s: float) -> Identity | Fault:
        """See `ports.Camera`."""
        fault = self._ask("read_identity", serial, deadline_s)
        if fault is not None:
            return fault
        said, body = serial, body_of(serial)
        if self._is_stormy(0.15):  # another camera answers at this address
            said = self._rng.choice(("ACCC8EFFFFFF", serial[:-1] + ("0" if serial[-1] != "0" else "1"), ""))
        elif serial in self.known_to_depot and self._is_stormy(0.3):  # a clone: it tells the right number, and another body, or none
            self.world.counts["clones"] += 1
            body = self._rng.choice((body_of(serial + "-clone"), ()))
        real: SerialNumber | None = normalise_serial(said)
        told = (Evidence(Kind.SERIAL_AFTER_LOGIN, said),) if said else ()
        return Identity(said, real, "Acme", "Cam 1", "1.0", "HW1", 0.2, self.world.now, (*told, *body))

    def judge_frame(self, serial: str, deadline_s: float, asked: ViewAsked) -> FrameReport | Fault:
        """See `ports.Camera`."""
        fault = self._ask("judge_frame", serial, deadline_s)
        if fault is not None:
            return fault
        trusted = not self._is_stormy(0.4)
        good = trusted and not self._is_stormy(0.3)
        findings = () if good else (Text("Bilden är mörk.", "The picture is dark."),)
        frames = min(asked.frames_most, 3 + self._is_stormy(0.2)) if trusted else 1
        return FrameReport("rtsp", "h264", 1920, 1080, 0.4, trusted, good, 110.0 if good else 4.0, 40.0, findings, self.world.now, frames,
                           self._checked(asked, frames) if trusted else None)

    def _checked(self, asked: ViewAsked, frames: int) -> SceneCheck:
        """What the check of the view says: now and then something that stops, or that a person has to judge."""
        kinds = [kind for kind, share in (("ir_hotspot", 0.3), ("mirror_present", 0.3), ("frozen", 0.1)) if self._is_stormy(share)]
        if asked.bed is not None and self._is_stormy(0.3):
            kinds.append("bed_out")
        looks: tuple[Look, ...] = ("day", "night", "night_off")
        return replace(scene(*kinds, over_bed=asked.bed is not None), looks=looks[:frames], restored=True if frames > 1 else None)

    def rotate_credentials(self, serial: str, deadline_s: float) -> Rotation | Fault:
        """See `ports.Camera`."""
        fault = self._ask("rotate_credentials", serial, deadline_s)
        if fault is not None:
            return fault
        good = not self._is_stormy(0.3)
        self.bodies[serial].rotations += 1
        return Rotation("new_account", good, True if good else None, 1, 0 if good else 1, self.world.now, HINT)

    def ensure_posture(self, serial: str, deadline_s: float, *, marks: tuple[str, ...] = ()) -> Posture | Fault:
        """See `ports.Camera`."""
        fault = self._ask("ensure_posture", serial, deadline_s)
        return fault if fault is not None else posture(Item.AUDIO_ON_WIRE) if self._is_stormy(0.3) else posture()

    def mark(self, serial: str, binding_id: str | None, deadline_s: float) -> Marking | Fault:
        """See `ports.Camera`."""
        fault = self._ask("mark_camera", serial, deadline_s)
        if fault is not None:
            return fault
        if self._is_stormy(0.2):
            return Marking((), False, self.world.now)
        self.bodies[serial].mark = binding_id
        return Marking((binding_id,) if binding_id else (), True, self.world.now)

    def mask(self, serial: str, zones: tuple[Zone, ...], deadline_s: float) -> Masking | Fault:
        """See `ports.Camera`."""
        fault = self._ask("mask_zones", serial, deadline_s)
        if fault is not None:
            return fault
        self.bodies[serial].masks = zones
        covered = 0.5 if self._is_stormy(0.4) else 1.0
        return Masking(tuple(ZoneProof(True, covered) for _ in zones), True, self.world.now, HINT)

    def show_code(self, serial: str, code: str, deadline_s: float) -> CodeDisplay | Fault:
        """See `ports.Camera`."""
        fault = self._ask("show_code", serial, deadline_s)
        if fault is not None:
            return fault
        if self._is_stormy(0.3):
            return CodeDisplay("card", False, self.world.now)
        self.bodies[serial].code = code
        return CodeDisplay("osd", True, self.world.now)

    def hide_code(self, serial: str, deadline_s: float, *, keep_view: bool = False) -> CodeDisplay | Fault:
        """See `ports.Camera`."""
        fault = self._ask("hide_code", serial, deadline_s)
        if fault is not None:
            return fault
        self.bodies[serial].code = None
        return CodeDisplay("osd", False, self.world.now)

    def retire(self, serial: str, deadline_s: float, *, binding_ids: tuple[str, ...] = ()) -> Retirement | Fault:
        """See `ports.Camera`."""
        fault = self._ask("retire_camera", serial, deadline_s)
        if fault is not None:
            return Retirement("not_verified", (), "none", "receipt-1", self.world.now)
        body = self.bodies[serial]
        body.code, body.mark, body.masks = None, None, ()
        return Retirement("verified", (), "in_place", "receipt-1", self.world.now)

    def _is_stormy(self, share: float) -> bool:
        return not self.world.is_calm and self._rng.random() < self.world.weather.camera_trouble * share

    def _trouble(self) -> FaultKind | None:
        if self.world.is_calm or self._rng.random() >= self.world.weather.camera_trouble:
            return None
        return self._rng.choice((FaultKind.UNREACHABLE, FaultKind.TIMED_OUT, FaultKind.BUSY, FaultKind.GARBLED, FaultKind.UNREACHABLE,
                                 FaultKind.REFUSED, FaultKind.UNSUPPORTED))

    def _ask(self, kind: str, serial: str, deadline_s: float) -> Fault | None:
        """The fault, or None; after the seconds that either takes. A pool may be so busy that the answer comes after its deadline."""
        self._caller.camera_asked(kind, serial)
        self.world.counts["camera_calls"] += 1
        trouble = self._trouble()
        body = self.bodies.get(serial)
        if trouble is None and (body is None or body.site is None):
            trouble = FaultKind.UNREACHABLE
        if trouble is None:
            self._calls().sleep(self._rng.uniform(0.1, 6.0))
            if self._is_stormy(0.6):
                self.world.counts["late_camera_answers"] += 1
                self._calls().sleep(deadline_s + self._rng.choice((0.5, 3.0, 30.0, 600.0)))
            return None
        self._calls().sleep(deadline_s if trouble is FaultKind.TIMED_OUT else self._rng.uniform(0.1, min(8.0, deadline_s)))
        wait_s = 40.0 if trouble is FaultKind.BUSY and self._rng.random() < 0.5 else None
        return Fault(trouble, kind, "simulated", HINT, wait_s)
