"""The posture of one camera (D15): every item of the core's list read, where asked also set right and read again, and judged here, so that no name, text
or account of a camera leaves the adapter.

    read_posture      asks and tries everything, sets nothing
    ensure_posture    the same; sets what was found wrong and can be set; reads that again; judges what was read last

Which profile: what may be excused is granted by the profile that the depot chose for the camera's place, never by what the camera calls itself; which
default accounts are tried follows the family it claims, because there a lie makes the test longer and nothing else.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import CameraTrouble, CannotDo, LoginRefused, WrongCertificate
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import DeviceInformation
from provisioner.camera.posture_ask import SAID, Look, Question, asked
from provisioner.camera.posture_set import ALSO, SETTERS, Orders, needs_clock, set_clock
from provisioner.camera.posture_wire import anonymous_onvif, anonymous_rtsp, anonymous_snapshot, audio_on_wire, default_accounts, https
from provisioner.camera.profile import DefaultAccount, DeviceProfile, bare_name
from provisioner.camera.profiles import FALLBACK, profiles
from provisioner.camera.progress import Progress, Step, silent
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.case.impersonal import Technical
from provisioner.case.posture import Posture, PostureWanted, Reading, judge_posture
from provisioner.case.posture_items import Item, State

Judge = Callable[[Iterable[Reading]], Posture]


class PostureWork:
    """One look at the posture of the camera of a visit. Raises `CameraTrouble` where nothing at all can be asked; a single item never ends the others."""

    def __init__(self, visit: Visit, settings: CameraSettings, now: Callable[[], datetime], deadline: Deadline, attempts: Attempts, *,
                 marks: tuple[str, ...] = (), accounts: tuple[str, ...] = (), progress: Progress = silent) -> None:
        """`marks`: binding ids whose mark the camera may carry. `accounts`: user names that may stay on it beside our own and
        the settings' `kept_accounts`."""
        self.look = Look(visit, settings, now, deadline, attempts, (*accounts, *settings.kept_accounts))
        self._settings = settings
        self._marks = marks
        self._progress = progress
        self._told: DeviceInformation | None = None

    def read(self, serial: str = "") -> Posture:
        """Everything asked, nothing set. `serial` is the label's number, which may stand on the camera."""
        self._begin()
        return self._judge(serial)(self.readings())

    def ensure(self, serial: str, *, set_time: bool = False, time_server: str = "", delete_recordings: bool = False) -> Posture:
        """Everything asked, what is wrong set right where it can be, and asked again. The clock, a time server and recordings only where said so."""
        self._begin()
        judge, orders = self._judge(serial), Orders(self._technical(serial), set_time, time_server, delete_recordings)
        readings = {reading.item: reading for reading in self.readings()}
        self._progress(Step.SETTING)
        wrong = {finding.item for finding in judge(readings.values()).findings if finding.state is State.WRONG}
        again: dict[Item, None] = {}
        for item, setter in SETTERS.items():
            if item in wrong and self._set(item, lambda setter=setter: setter(self.look, orders)):  # type: ignore[misc]
                again.update(dict.fromkeys((item, *ALSO.get(item, ()))))
        for item in again:
            readings[item] = self.ask(item, tried=True)
        if set_time and needs_clock(readings.get(Item.CLOCK)):
            readings[Item.CLOCK] = asked(Item.CLOCK, set_clock, self.look)
        return judge(readings.values())

    def readings(self) -> tuple[Reading, ...]:
        """Every item read once. The doors without a login and the default accounts come last: what they cost the camera's patience harms nothing then."""
        self._progress(Step.POSTURE)
        said = [self.ask(item) for item in SAID]
        said += [self.ask(Item.AUDIO_ON_WIRE), self.ask(Item.HTTPS)]
        self._progress(Step.DOORS)
        return (*said, *(self.ask(item) for item in (Item.ANONYMOUS_ONVIF, Item.ANONYMOUS_RTSP, Item.ANONYMOUS_SNAPSHOT, Item.DEFAULT_ACCOUNT)))

    def ask(self, item: Item, *, tried: bool = False) -> Reading:
        """One item. Doors without a login are tried also where our own login was refused, as far as their addresses are known."""
        question = SAID.get(item) or self._on_the_wire()[item]
        if item is Item.ANONYMOUS_ONVIF and self.look.stopped is not None:
            kept, self.look.stopped = self.look.stopped, None
            found = asked(item, question, self.look)
            self.look.stopped = kept
            return found
        return asked(item, question, self.look, tried=tried)

    def _on_the_wire(self) -> dict[Item, Question]:
        return {Item.AUDIO_ON_WIRE: audio_on_wire, Item.HTTPS: https, Item.ANONYMOUS_ONVIF: anonymous_onvif, Item.ANONYMOUS_RTSP: anonymous_rtsp,
                Item.ANONYMOUS_SNAPSHOT: anonymous_snapshot, Item.DEFAULT_ACCOUNT: lambda look: default_accounts(look, self._accounts_to_try())}

    def _set(self, item: Item, setting: Callable[[], None]) -> bool:
        """Whether anything may have been set, so that it has to be read again."""
        if self.look.stopped is not None:
            return False
        try:
            setting()
        except (LoginRefused, WrongCertificate) as exc:
            self.look.stopped = self.look.fault(exc, str(item))
        except CannotDo:
            return False
        except CameraTrouble:
            pass  # half of it may have been done: it is read again, and the reading says how it is
        return True

    def _begin(self) -> None:
        if self._told is None:
            self._told = self.look.onvif.device_information(self.look.deadline, self.look.attempts)

    def told(self, found: DeviceInformation) -> None:
        """What the camera calls itself, where it was asked already."""
        self._told = found

    def _judge(self, serial: str) -> Judge:
        wanted = PostureWanted(self._approved(), self._technical(serial))
        excuses = self.granted().excuses()
        return lambda readings: judge_posture(readings, excuses, wanted)

    def judged(self, readings: Iterable[Reading], serial: str = "") -> Posture:
        """Readings of `readings` judged, for who reads in steps."""
        return self._judge(serial)(readings)

    def granted(self) -> DeviceProfile:
        """The profile that the depot chose; the generic one where it chose none."""
        return profiles().named(self.look.visit.place.profile or FALLBACK)

    def _accounts_to_try(self) -> tuple[DefaultAccount, ...]:
        told = self._told
        if told is None or self.look.visit.place.profile:
            return self.granted().default_account
        return profiles().of(told.manufacturer, told.model, told.hardware_id).default_account

    def _technical(self, serial: str) -> Technical:
        told = self._told
        words = (told.manufacturer, told.model, told.hardware_id, told.firmware, told.serial) if told is not None else ()
        return Technical(tuple(filter(None, (*words, serial))), (), self._marks)

    def _approved(self) -> str:
        model = bare_name(self._told.model) if self._told is not None else ""
        return next((version for name, version in self._settings.approved_firmware.items() if bare_name(name) == model), "")
