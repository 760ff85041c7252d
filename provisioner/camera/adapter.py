"""`OnvifCamera`: the port `Camera` on real cameras. Faults of devices come back as values; a bug of ours is raised."""

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import TypeVar

from provisioner.camera import hints
from provisioner.camera.accounts import entered
from provisioner.camera.attempts import AttemptBook, Attempts, MemoryBook
from provisioner.camera.caretaking import Caretaking
from provisioner.camera.checkup import Asked, Checkup, check
from provisioner.camera.credentials import Keyring, MemorySecrets, SecretBook, turn
from provisioner.camera.door import Door
from provisioner.camera.errors import CameraTrouble, NotNoted
from provisioner.camera.faults import fault_from
from provisioner.camera.frames import ready_opencv
from provisioner.camera.light import LightBook, MemoryLights, put_back
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace, PlaceBook, hidden_of
from provisioner.camera.posture import PostureWork
from provisioner.camera.profiles import profiles
from provisioner.camera.progress import Noted, Progress, Step, silent, unnoted
from provisioner.camera.retiring import ReceiptBook
from provisioner.camera.settings import CameraSettings
from provisioner.camera.shelf import Shelf
from provisioner.camera.visit import Visit
from provisioner.camera.wsdl import services
from provisioner.case.device import CodeDisplay, Masking, Parking, Zone
from provisioner.case.identifiers import normalise_serial
from provisioner.case.model import FrameReport, Identity
from provisioner.case.posture import Posture
from provisioner.case.view_check import ViewAsked
from provisioner.fault import Fault, FaultKind, PlainError

Answer = TypeVar("Answer")
Done = TypeVar("Done")


def warm_up() -> None:
    """Import and parse what the first visit would otherwise wait for (0.5 s of CPU, 40 MB). For a background thread, once the daemon is ready.

    Raises `PlainError` where the service descriptions are not installed.
    """
    services()
    profiles()
    ready_opencv()
    import provisioner.camera.probe
    import provisioner.scene.quality  # noqa: F401


class OnvifCamera(Caretaking):
    """Implements `ports.Camera` for the cameras of a `PlaceBook`. Safe to call from many threads; one operation per camera at a time."""

    def __init__(self, places: PlaceBook, settings: CameraSettings, clock: Callable[[], datetime], book: AttemptBook | None = None,
                 accounts: SecretBook | None = None, receipts: ReceiptBook | None = None, noted: Noted = unnoted,
                 lights: LightBook | None = None, shelf: Shelf | None = None) -> None:
        """`book` keeps the lock-out budget, `accounts` the passwords that we make; without them they live and die with this object. `receipts` signs and
        keeps the receipts of retired cameras; without it there are none. `noted` hears what is under way at which camera. `lights` keeps how cameras were
        set before a check of the view changed them. `shelf` is laid the drawing of the last check; without it none is made."""
        self._lights: LightBook = lights if lights is not None else MemoryLights()
        self._shelf = shelf
        self._noted = noted
        self._book: AttemptBook = book if book is not None else MemoryBook()
        self._accounts: SecretBook = accounts if accounts is not None else MemorySecrets()
        self._receipts = receipts
        self._places = places
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()         # of the two dictionaries
        self._in_use: dict[str, threading.Lock] = {}
        self._kept: dict[str, tuple[Visit, float]] = {}   # visit and when it was put away, monotonic seconds
        self._good: dict[str, tuple[CameraPlace, bool]] = {}  # where the password worked last in this process, and whether tokens want our time

    def read_identity(self, serial: str, deadline_s: float) -> Identity | Fault:
        """Log in and read who the camera at the place of `serial` is; within `deadline_s`. `serial` proves nothing and is compared with nothing."""
        return self._operate(serial, deadline_s, "read identity", lambda visit, deadline, attempts: visit.identity(deadline, attempts))

    def judge_frame(self, serial: str, deadline_s: float, asked: ViewAsked | None = None, progress: Progress = silent) -> FrameReport | Fault:
        """Take frames into memory, judge them, wipe them; within `deadline_s`. Without `asked` it is one frame, of the room as it is; with it, the check of
        the view by day and night. A report with `trusted` False had only broken pictures to judge. `progress` is told what is under way."""
        def do(visit: Visit, deadline: Deadline, attempts: Attempts) -> FrameReport:
            telling = self._telling(serial, progress)
            if asked is None:
                return visit.frame_report(deadline, attempts, telling)
            from provisioner.camera.probe import probe

            return probe(visit, self._lights, serial, asked, self._settings, self._clock, deadline, attempts, telling, self._shelf)

        return self._operate(serial, deadline_s, "first frame", do)

    def put_light_back(self, serial: str, deadline_s: float) -> bool | Fault | None:
        """What an interrupted check of the view still owes this camera; see `light.Light.put_back`. Every operation does it first; this is that alone."""
        return self._operate(serial, deadline_s, "put the light back", lambda visit, deadline, attempts: put_back(visit.onvif, self._lights, serial, deadline,
                                                                                                                   attempts, self._clock))

    def posture(self, serial: str, deadline_s: float, *, marks: tuple[str, ...] = (), accounts: tuple[str, ...] = (),
                progress: Progress = silent) -> Posture | Fault:
        """How the camera at the place of `serial` is set (D15), judged; within `deadline_s`. Sets nothing; costs at most two refused passwords, of the
        maker's default accounts. `marks`: binding ids whose mark it may carry. `accounts`: user names that may be on it beside ours."""
        return self._operate(serial, deadline_s, "posture", lambda visit, deadline, attempts: self._posture(visit, deadline, attempts, marks, accounts,
                                                                                                           self._telling(serial, progress)).read(serial))

    def ensure_posture(self, serial: str, deadline_s: float, *, marks: tuple[str, ...] = (), accounts: tuple[str, ...] = (), set_time: bool = False,
                       time_server: str = "", delete_recordings: bool = False, progress: Progress = silent) -> Posture | Fault:
        """As `posture`, and what is wrong is set right where the camera can, and read again. May run twice. The clock is left alone unless `set_time`,
        the time server unless one is named here or in the settings (an IPv4 address or a name), recordings on the card unless `delete_recordings`."""
        def do(visit: Visit, deadline: Deadline, attempts: Attempts) -> Posture:
            work = self._posture(visit, deadline, attempts, marks, accounts, self._telling(serial, progress))
            return work.ensure(serial, set_time=set_time, time_server=time_server or self._settings.time_server, delete_recordings=delete_recordings)

        return self._operate(serial, deadline_s, "ensure posture", do)

    def _posture(self, visit: Visit, deadline: Deadline, attempts: Attempts, marks: tuple[str, ...], accounts: tuple[str, ...],
                 progress: Progress) -> PostureWork:
        return PostureWork(visit, self._settings, self._clock, deadline, attempts, marks=marks, accounts=accounts, progress=progress)

    def mask(self, serial: str, zones: tuple[Zone, ...], deadline_s: float) -> Masking | Fault:
        """Exactly these privacy masks, read back and proved in the picture; none for no zones. May be repeated. `supported` False is no fault."""
        from provisioner.camera.masking import Masker

        return self._operate(serial, deadline_s, "privacy masks", lambda visit, deadline, attempts: Masker(visit, zones, deadline, attempts, self._clock).run())

    def show_code(self, serial: str, code: str, deadline_s: float) -> CodeDisplay | Fault:
        """Write the one-time code into the picture (`osd`), or say that a person has to hold up a card. A lens that parks stays on the room until
        `hide_code`. May be repeated, also with another code."""
        from provisioner.camera.code import CodeWriter

        return self._operate(serial, deadline_s, "show code", lambda visit, deadline, attempts: CodeWriter(visit, deadline, attempts, self._clock).show(code))

    def hide_code(self, serial: str, deadline_s: float, *, keep_view: bool = False) -> CodeDisplay | Fault:
        """Take our code out of the picture, also one that a crash left there; `shown` is what was read back. Then the lens is parked; with `keep_view` it is
        turned to the room and stays there, because a person holds up a card, until a `hide_code` without."""
        from provisioner.camera.code import CodeWriter

        return self._operate(serial, deadline_s, "hide code",
                             lambda visit, deadline, attempts: CodeWriter(visit, deadline, attempts, self._clock).hide(keep_view=keep_view))

    def park(self, serial: str, deadline_s: float) -> Parking | Fault:
        """Turn the lens away from the room, where the camera can, and read back."""
        def do(visit: Visit, deadline: Deadline, attempts: Attempts) -> Parking:
            profile = visit.profile(deadline, attempts)
            parked = visit.lens.park(profile, deadline, attempts)
            return Parking(parked, visit.lens.can_park(profile, deadline, attempts), self._clock())

        return self._operate(serial, deadline_s, "park lens", do)

    def check(self, place: CameraPlace, asked: Asked, progress: Progress = silent) -> Checkup:
        """Everything that can be found out about a camera without setting anything, whether it is in the place book or not; within `asked.deadline_s`.
        Costs at most two refused passwords of ours and two of the maker's; they are counted under the label's number where one is given."""
        visit = Visit(place, self._settings, self._clock)
        attempts = visit.attempts(self._book, str(normalise_serial(asked.serial) or place.host))
        try:
            return check(visit, self._settings, self._clock, attempts, asked, progress)
        finally:
            visit.close()

    def close(self) -> None:
        """Close all kept connections; the object may be used again."""
        with self._lock:
            kept, self._kept = self._kept, {}
        for visit, _ in kept.values():
            visit.close()

    def _telling(self, serial: str, progress: Progress) -> Progress:
        """To who called and to who keeps the board."""
        def step(one: Step) -> None:
            self._noted(serial, one)
            progress(one)

        return step

    def _operate(self, serial: str, deadline_s: float, what: str, do: Callable[[Visit, Deadline, Attempts], Answer]) -> Answer | Fault:
        return self._alone(serial, deadline_s, what, lambda place, keys, deadline: self._visited(serial, self._sure(serial, place, keys, deadline),
                                                                                                 deadline, what, do))

    def _alone(self, serial: str, deadline_s: float, what: str, do: Callable[[CameraPlace, Keyring, Deadline], Done], *,
               account: bool = False) -> Done | Fault:
        """One operation on this camera at a time; with `account`, which changes passwords, no other program does so either. The place is looked up
        inside: the operation before may have changed the password."""
        deadline = Deadline(deadline_s)
        with self._lock:
            in_use = self._in_use.setdefault(serial, threading.Lock())
        if not in_use.acquire(timeout=max(0.0, deadline.left_s())):
            return Fault(FaultKind.BUSY, what, "another operation on this camera is under way", hints.IN_USE)
        hidden: tuple[str, ...] = ()
        try:
            self._noted(serial, Step.LOGIN)
            place = self._places.place_of(serial)
            if place is None:
                return Fault(FaultKind.UNREACHABLE, what, "no place known for this serial number", hints.NO_PLACE)
            self._owed_light(serial, place, deadline)
            with turn(self._accounts, serial, deadline) if account else nullcontext():
                keys = Keyring(self._accounts, serial, self._clock)
                hidden = (*hidden_of(place), *keys.hidden)
                return do(keys.placed(place), keys, deadline)
        except CameraTrouble as exc:
            return fault_from(exc, what, hidden)
        finally:
            self._noted(serial, None)
            in_use.release()

    def _owed_light(self, serial: str, place: CameraPlace, deadline: Deadline) -> None:
        """Before anything else, what an interrupted check left behind is put right. What stands in the way of that, the operation meets by itself; the book
        keeps it for the next one."""
        try:
            if self._lights.light_of(serial) is None:
                return
        except PlainError as exc:
            raise NotNoted(exc.code) from None
        keys, soon = Keyring(self._accounts, serial, self._clock), deadline.sooner(deadline.left_s() / 2)
        self._visited(serial, self._sure(serial, keys.placed(place), keys, soon), soon, "put the light back",
                      lambda visit, until, attempts: put_back(visit.onvif, self._lights, serial, until, attempts, self._clock))

    def _sure(self, serial: str, place: CameraPlace, keys: Keyring, deadline: Deadline) -> CameraPlace:
        """The place with the password that the camera has, where a rotation was cut off between two of them."""
        if not keys.now.is_unsure:
            return place
        with turn(self._accounts, serial, deadline):
            keys = Keyring(self._accounts, serial, self._clock)   # whoever had the turn before may have settled it
            if keys.now.is_unsure:
                with Door(place, self._settings, self._clock, self._book, serial) as door:
                    entered(door, keys, deadline)
        return keys.placed(place)

    def _visited(self, serial: str, place: CameraPlace, deadline: Deadline, what: str, do: Callable[[Visit, Deadline, Attempts], Answer],
                 ) -> Answer | Fault:
        done = False
        good_at, server_first = self._good.get(serial, (None, False))
        visit = self._taken(serial, place)
        if visit is None:
            visit = Visit(place, self._settings, self._clock)
            visit.onvif.state.server_first = server_first
        attempts = visit.attempts(self._book, serial, trusted=good_at == place)
        try:
            answer = do(visit, deadline, attempts)
            done = True
            return answer
        except CameraTrouble as exc:
            return fault_from(exc, what, hidden_of(place))
        finally:
            if attempts.refused and not attempts.proved:
                self._good.pop(serial, None)
            elif attempts.proved:
                self._good[serial] = (place, visit.onvif.state.signs_with_server_time)
            if done:
                self._put_away(serial, visit)
            else:
                visit.close()

    def _taken(self, serial: str, place: CameraPlace) -> Visit | None:
        """The kept visit of this camera, where its place is still the same; visits kept too long are closed on the way."""
        oldest = time.monotonic() - self._settings.session_kept_s
        with self._lock:
            old = [name for name, (_, since) in self._kept.items() if since < oldest]
            closing = [self._kept.pop(name)[0] for name in old]
            found = self._kept.pop(serial, None)
        for visit in closing:
            visit.close()
        if found is None:
            return None
        if found[0].place != place:
            found[0].close()
            return None
        return found[0]

    def _forget(self, serial: str) -> None:
        """The password has changed, or the camera has: nothing that was kept of the connection holds any more."""
        with self._lock:
            kept = self._kept.pop(serial, None)
        self._good.pop(serial, None)
        if kept is not None:
            kept[0].close()

    def _put_away(self, serial: str, visit: Visit) -> None:
        with self._lock:
            self._kept[serial] = (visit, time.monotonic())
            over = [self._kept.pop(name)[0] for name in list(self._kept)[:max(0, len(self._kept) - self._settings.sessions_kept_most)]]
        for old in over:
            old.close()

