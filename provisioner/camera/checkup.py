"""`provisioner camera check`: everything that can be found out about one camera without setting anything, for the person who stands before it.

One deadline, one visit, one lock-out budget. A part that cannot be asked is `unknown` with its fault; the others go on. `Checkup.findings` speaks in a
small closed vocabulary (README of the simulated cameras' models), so that a machine can compare; the sentences are for people.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from provisioner.camera import checkup_words as words
from provisioner.camera.attempts import Attempts
from provisioner.camera.checkup_look import Abilities, StreamLook, abilities_of, addresses_word, announcements, clock_word, watch_stream
from provisioner.camera.errors import CameraTrouble, LoginRefused, NotHttp, NotOnvif
from provisioner.camera.faults import fault_from
from provisioner.camera.finding import PORT, Found
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import DeviceInformation, OnvifSession
from provisioner.camera.places import CameraPlace, hidden_of
from provisioner.camera.posture import PostureWork
from provisioner.camera.posture_ask import Look, time_of
from provisioner.camera.posture_wire import anonymous_onvif, told_hosts
from provisioner.camera.progress import Progress, Step, silent
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.case.dossier import IdentityFinding, judge
from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy, Kind
from provisioner.case.model import FrameReport
from provisioner.case.posture import Posture, Proof, Reading
from provisioner.case.posture_items import Item
from provisioner.fault import Fault, Text

CHECK_S = 45.0   # seconds for a whole check: forgotten streams end after some 20 s, and are waited for


@dataclass(frozen=True, slots=True)
class Part:
    """One finding: its name and word, a sentence, the next action where there is one, and the fault where it could not be asked."""

    name: str
    word: str
    sentence: Text
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Checkup:
    """What the check found. `login_way` is how it logged in; `told` what the camera calls itself, None where it let nobody in."""

    parts: tuple[Part, ...]
    login_way: str
    told: DeviceInformation | None
    identity: IdentityFinding | None
    posture: Posture | None
    abilities: Abilities | None
    frame: FrameReport | None
    took_s: float

    @property
    def findings(self) -> Mapping[str, str]:
        """Word by finding."""
        return {part.name: part.word for part in self.parts}

    @property
    def ok(self) -> bool:
        """Whether it can be provisioned as it is: it let us in, showed a picture, and nothing keeps it from watching a home."""
        found = self.findings
        seen = found.get("snapshot") == "picture" or found.get("stream") in ("picture", "slow")
        good = self.identity is None or self.identity.verdict.value in ("confirmed", "probable")
        return found.get("login") == "accepted" and seen and good and self.posture is not None and self.posture.acceptable


@dataclass(slots=True)
class Asked:
    """What is to be checked: the label's serial number ('' for none), where announcements are asked for, how much time there is, binding ids whose mark the
    camera may carry, and the dossier that the depot pinned of this number."""

    serial: str = ""
    discovery_port: int = PORT
    deadline_s: float = CHECK_S
    marks: tuple[str, ...] = ()
    pinned: Dossier | None = None


@dataclass(slots=True)
class _Work:
    visit: Visit
    settings: CameraSettings
    now: Callable[[], datetime]
    deadline: Deadline
    attempts: Attempts
    asked: Asked
    progress: Progress
    parts: dict[str, Part] = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    told: DeviceInformation | None = None
    identity: IdentityFinding | None = None
    posture: Posture | None = None
    abilities: Abilities | None = None
    frame: FrameReport | None = None

    @property
    def place(self) -> CameraPlace:
        return self.visit.place

    def fault(self, exc: CameraTrouble, what: str) -> Fault:
        return fault_from(exc, what, hidden_of(self.place))

    def note(self, name: str, word: str, sentence: Text | None = None, fault: Fault | None = None) -> None:
        self.parts[name] = Part(name, word, sentence or words.sentence(name, word), fault)


def check(visit: Visit, settings: CameraSettings, now: Callable[[], datetime], attempts: Attempts, asked: Asked, progress: Progress = silent) -> Checkup:
    """The whole check of the camera of `visit`, which the caller closes. Raises nothing of the camera's."""
    begun = time.monotonic()
    work = _Work(visit, settings, now, Deadline(asked.deadline_s), attempts, asked, progress)
    listening = threading.Thread(target=lambda: setattr(work, "found", announcements(visit.place.host, asked.discovery_port)), daemon=True)
    progress(Step.FINDING)
    listening.start()
    if _reaches(work):
        _lets_in(work)
        _time(work)
        if work.told is not None:
            _settings(work)
            _pictures(work)
        else:
            _from_outside(work)
    listening.join(max(0.0, work.deadline.left_s()))
    _places(work)
    parts = tuple(work.parts.get(name) or Part(name, words.WORST[name], words.not_asked(name)) for name in words.FINDINGS)
    return Checkup(parts, visit.onvif.state.way, work.told, work.identity, work.posture, work.abilities, work.frame, round(time.monotonic() - begun, 3))


def _reaches(work: _Work) -> bool:
    try:
        work.visit.onvif.read_clock(work.deadline)
    except CameraTrouble as exc:
        is_other = isinstance(exc, NotOnvif | NotHttp)
        work.note("reachable", "not_onvif" if is_other else "no", fault=work.fault(exc, "reachable"))
        return False
    work.note("reachable", "yes")
    return True


def _lets_in(work: _Work) -> None:
    work.progress(Step.LOGIN)
    try:
        read = work.visit.identity(work.deadline, work.attempts)
    except CameraTrouble as exc:
        fault = work.fault(exc, "login")
        word = ("locked" if exc.told.locked else "refused") if isinstance(exc, LoginRefused) else "unknown"
        work.note("login", word, fault=fault)
        return
    work.told = DeviceInformation(read.manufacturer, read.model, read.firmware, read.serial_reported, read.hardware_id)
    work.note("login", "accepted", words.let_in(work.visit.onvif.state.way))
    label = work.asked.serial
    if label:
        evidence = read.evidence or (Evidence(Kind.SERIAL_AFTER_LOGIN, read.serial_reported),)
        seen = Dossier((Evidence(Kind.LABEL_TYPED, label), *evidence), read.read_at)
        work.identity = judge(label, work.asked.pinned, seen, IdentityPolicy(serial_format=read.serial_format))
        work.note("identity", str(work.identity.verdict), work.identity.help)


def _look(work: _Work) -> Look:
    return Look(work.visit, work.settings, work.now, work.deadline, work.attempts)


def _time(work: _Work) -> None:
    told = None
    if work.told is not None:
        try:
            told = time_of(_look(work))
        except CameraTrouble:
            told = None   # read before the login, as far as it was
    off_s = told.off_s if told is not None else work.visit.onvif.state.offset_s
    word = clock_word(told, work.visit.onvif.state)
    work.note("clock", word, words.clock(word, off_s))


def _settings(work: _Work) -> None:
    assert work.told is not None
    job = PostureWork(work.visit, work.settings, work.now, work.deadline, work.attempts, marks=work.asked.marks, progress=work.progress)
    job.told(work.told)
    readings = list(job.readings())
    if work.found:  # what answers is discoverable, whatever it says of itself
        readings.append(Reading(Item.DISCOVERY, ("Discoverable",), proved=Proof.WIRE))
    work.posture = job.judged(readings, work.asked.serial)
    for name, word, finding in words.posture(work.posture):
        work.note(name, word, finding.sentence, finding.fault)
    work.abilities = abilities_of(job.look)
    most = work.abilities.masks
    work.note("masks", "unknown" if most is None else "good" if most else "unsupported")


def _from_outside(work: _Work) -> None:
    """What can be tried though the camera let us not in: the one door whose address is known."""
    try:
        reading = anonymous_onvif(_look(work))
    except CameraTrouble as exc:
        work.note("anonymous_onvif", "unknown", fault=work.fault(exc, "anonymous_onvif"))
    else:
        job = PostureWork(work.visit, work.settings, work.now, work.deadline, work.attempts)
        finding = next(one for one in job.judged((reading,)).findings if one.item is Item.ANONYMOUS_ONVIF)
        work.note("anonymous_onvif", words.GOODNESS[finding.state], finding.sentence)


def _pictures(work: _Work) -> None:
    work.progress(Step.SNAPSHOT)
    try:
        work.frame = work.visit.still(work.deadline.sooner(work.settings.snapshot_s * 2), work.attempts, time.monotonic(), work.progress)
        work.note("snapshot", "picture", words.picture(work.frame))
    except CameraTrouble as exc:
        work.note("snapshot", "none", fault=work.fault(exc, "snapshot"))
    work.progress(Step.STREAM)
    try:
        profile = work.visit.profile(work.deadline, work.attempts)
        seen = watch_stream(_look(work), profile, lambda: work.progress(Step.WAITING))
    except CameraTrouble as exc:
        seen = StreamLook("none", "", None, 0, exc)
    trouble = seen.trouble
    work.note("stream", seen.word, words.stream(seen), work.fault(trouble, "stream") if trouble is not None else None)
    if work.frame is None and seen.first_s is not None:
        with suppress(CameraTrouble):  # that there is a picture is known; here it was only to be judged
            work.frame = work.visit.moving(work.deadline, work.attempts, time.monotonic(), work.progress)


def _places(work: _Work) -> None:
    """How it was found, and whether the addresses that it tells are those at which it was reached."""
    place = work.place
    via = {way for one in work.found for way in one.via}
    work.note("found", "none" if not via else "unicast" if via == {"unicast"} else "multicast")
    if work.parts["reachable"].word != "yes":
        return
    try:
        if work.told is not None:
            told = told_hosts(_look(work))
        else:  # services are told to anybody (ONVIF Core, access class PRE_AUTH)
            stranger = OnvifSession(replace(place, username="", password=None), work.settings, work.now)
            try:
                told = stranger.told_addresses(work.deadline, Attempts())
            finally:
                stranger.close()
    except CameraTrouble as exc:
        work.note("addresses", "unknown", fault=work.fault(exc, "addresses"))
    else:
        work.note("addresses", addresses_word(told, work.found, place.host, place.port))
