"""The loop: take an input, advance the case, commit, and only then perform what is owed. One thread keeps the cases; nobody else writes for the daemon.

Written against `ports.py` alone, with the clock and the threads given to it, so that the deterministic simulation runs this very file. The database is
the truth: whatever a crash left undone is owed there and performed again at the next start; whatever was decided is journalled there.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TypeVar

from provisioner import __version__
from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.identifiers import last4
from provisioner.case.inputs import Answered, Failed, Heard, Input, News, RegistryReply, Woke
from provisioner.case.outcome import Outcome, Verdict
from provisioner.case.policy import Policy
from provisioner.fault import Fault, FaultKind, PlainError
from provisioner.ports import Camera, Clock, Owed, Registry, Store, Taken

log = logging.getLogger("provisioner.daemon")
Said = TypeVar("Said")

LEASE_S = 120.0
"""How long a claim on an owed effect holds: longer than any effect's deadline, so that two daemons never perform one effect at a time."""

TRANSIENT = frozenset({"database_locked", "disk_full", "database_readonly", "database_unreachable", "database_io"})
"""Faults of the store (store/troubles.py) after which an input is kept in memory and taken again: nothing heard from the world is lost."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """One item of the inbox. `done` is set where somebody waits for the outcome."""

    case_id: str
    input: Input
    op_id: str | None = None
    done: "Future[Taken] | None" = None
    asked_of: str = ""       # the serial number of the camera that was asked


@dataclass(frozen=True, slots=True)
class _Reply:
    msg_id: str
    reply: RegistryReply | Fault


@dataclass(frozen=True, slots=True)
class _News:
    news: News
    op_id: str | None


@dataclass(frozen=True, slots=True)
class _Tick:
    pass


@dataclass(frozen=True, slots=True)
class _Stop:
    pass


class Daemon:
    """The keeper of the cases. `spawn` runs a blocking camera call somewhere else; `on_tick` is told each tick (watchdog, registry re-sends)."""

    def __init__(self, store: Store, camera: Camera, registry: Registry, clock: Clock, policy: Policy, *, worker: str,
                 spawn: Callable[[Callable[[], None]], None], on_tick: Callable[[datetime], None] = lambda now: None) -> None:
        self._store, self._camera, self._registry, self._clock, self._policy = store, camera, registry, clock, policy
        self._worker, self._spawn, self._on_tick = worker, spawn, on_tick
        self._inbox: SimpleQueue[_Letter | _Reply | _News | _Tick | _Stop] = SimpleQueue()
        self._parked: list[_Letter | _Reply | _News] = []
        self._tick_waits = False
        self._has_released = False
        self._is_well = True
        self.degraded: str | None = None  # the code of the store's trouble, until a whole tick went well

    # ---- the doors: any thread -----------------------------------------------------------------------------------------------

    def submit(self, case_id: str, input: Input, *, op_id: str | None = None) -> "Future[Taken]":
        """Put an input into the inbox; the future holds the outcome once it is committed, or the `PlainError` that says why it was not."""
        done: Future[Taken] = Future()
        self._inbox.put(_Letter(case_id, input, op_id, done))
        return done

    def registry_replied(self, msg_id: str, reply: RegistryReply | Fault) -> None:
        """The alarm centre answered (ports.RegistrySink)."""
        self._inbox.put(_Reply(msg_id, reply))

    def registry_told(self, news: News, op_id: str | None) -> None:
        """The alarm centre said something by itself (ports.RegistrySink)."""
        self._inbox.put(_News(news, op_id))

    def registry_link(self, up: bool) -> None:
        """The connection to the broker came or went (ports.RegistrySink)."""
        log.info("broker connected" if up else "broker away: commands are kept and sent again", extra={"event": "link"})

    def registry_presence(self, online: bool) -> None:
        """The alarm centre's own program came or went (ports.RegistrySink)."""
        log.log(logging.INFO if online else logging.WARNING, "the alarm centre is %s", "there" if online else "away: commands are kept and sent again",
                extra={"event": "presence"})

    def nudge(self) -> None:
        """Look at the clock and the database soon. Nudges do not pile up behind a slow disk: one is enough."""
        if not self._tick_waits:
            self._tick_waits = True
            self._inbox.put(_Tick())

    def stop(self) -> None:
        """Finish the input in hand, then return from `run`."""
        self._inbox.put(_Stop())

    # ---- the loop ------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up what the last run left: forget its claims, wake what is due, perform what is owed. Where the store is unwell, a later tick does it."""
        self._tick()

    def run(self) -> None:
        """Serve the inbox until `stop`. A bug of ours ends it with the exception: loudly, with nothing half done."""
        while self.step(self._inbox.get()):
            pass

    def run_pending(self) -> bool:
        """Serve what is in the inbox now and return whether anything was (for the simulation, which has no threads)."""
        served = False
        while True:
            try:
                item = self._inbox.get_nowait()
            except Empty:
                return served
            served = True
            self.step(item)

    def step(self, item: "_Letter | _Reply | _News | _Tick | _Stop") -> bool:
        """Serve one item; False for the one that says stop."""
        match item:
            case _Stop():
                return False
            case _Tick():
                self._tick_waits = False
                self._tick()
            case _:
                self._serve(item)
        return True

    def _serve(self, item: "_Letter | _Reply | _News") -> None:
        """Serve an item; keep it for later where only the store is unwell."""
        try:
            match item:
                case _Letter():
                    self._letter(item)
                case _Reply():
                    self._reply(item)
                case _News():
                    cases = self._store.cases_of_binding(item.news.binding_id)
                    for case_id in cases:
                        self._take(case_id, Heard(item.news), op_id=item.op_id)
                    if not cases and isinstance(item.news, i.BindingSeen):  # of a closed case: a hand edit there is seen too
                        self._store.note_binding(item.news.binding_id, item.news.state, item.news.revision, self._clock.now())
        except PlainError as error:
            if error.code not in TRANSIENT:
                log.error("refused by the store: %s", error.text.en, extra={"event": error.code})
                return
            self._be_unwell(error)
            self._parked.append(item)

    def _letter(self, item: _Letter) -> None:
        if item.done is None:
            if isinstance(item.input, (Answered, Failed)):
                self._take_answer(item.case_id, self._with_knowledge(item.input, item.asked_of), item.input.token.errand)
            else:
                self._take(item.case_id, item.input, op_id=item.op_id)
            return
        if not item.done.set_running_or_notify_cancel():
            return
        try:
            taken = self._take(item.case_id, item.input, op_id=item.op_id)
        except PlainError as error:  # the person is told at once and keeps what he said
            item.done.set_exception(error)
        else:
            item.done.set_result(taken)

    def _with_knowledge(self, input: Answered | Failed, serial: str) -> Answered | Failed:
        """An identity is journalled with what it is judged by. The store is asked on this thread: where it is unwell, the letter is kept and comes again."""
        if not isinstance(input, Answered) or not isinstance(input.answer, i.IdentityRead):
            return input
        pinned, known = self._store.identity_knowledge(serial, input.answer.identity.evidence)
        return replace(input, answer=replace(input.answer, pinned=pinned, policy=known))

    def _reply(self, item: _Reply) -> None:
        owed = self._store.owed_for_message(item.msg_id)
        if owed is None or owed.token is None:
            log.info("a reply to nothing that is owed: dropped", extra={"event": "late_reply"})
            return
        answer = Failed(owed.token, item.reply) if isinstance(item.reply, Fault) else Answered(owed.token, item.reply)
        self._take_answer(owed.case_id, answer, owed.effect.kind)

    def _take_answer(self, case_id: str, answer: Answered | Failed, what: str) -> None:
        """Take an answer. Where the database will not hold what it says, today or tomorrow (invariant 1, U35), the errand has failed, and its case says why."""
        try:
            self._take(case_id, answer)
        except PlainError as error:
            if error.code in TRANSIENT:
                raise
            log.error("the answer to %s was refused by the store: %s", what, error.text.en, extra={"case": case_id, "event": error.code})
            self._take(case_id, Failed(answer.token, Fault(FaultKind.UNSUPPORTED, what, error.code, error.text)))

    def _take(self, case_id: str, input: Input, *, op_id: str | None = None) -> Taken:
        begun = self._clock.now()
        taken = self._store.take(case_id, input, begun, self._policy, op_id=op_id, worker=self._worker)
        if not taken.repeated:
            _log_outcome(taken.outcome, input, self._clock.now() - begun)
        for owed in taken.owed:
            self._perform_or_keep(owed)
        return taken

    def _tick(self) -> None:
        now = self._clock.now()
        self._on_tick(now)
        self._is_well = True
        parked, self._parked = self._parked, []
        for item in parked:
            self._serve(item)
        try:
            if not self._has_released:
                self._store.release(self._worker)
                self._has_released = True
            for case_id in self._store.due(now):
                self._take(case_id, Woke())
            for owed in self._store.claim(self._worker, now, LEASE_S):
                self._perform_or_keep(owed)
        except PlainError as error:
            if error.code not in TRANSIENT:
                raise
            self._be_unwell(error)
        if self._is_well:
            self.degraded = None

    def _be_unwell(self, error: PlainError) -> None:
        self._is_well = False
        if self.degraded != error.code:
            log.error("the store is unwell: %s Inputs are kept and taken again.", error.text.en, extra={"event": error.code})
        self.degraded = error.code

    # ---- performing ----------------------------------------------------------------------------------------------------------

    def _perform_or_keep(self, owed: Owed) -> None:
        """Perform it; where the store is unwell it stays owed, and is claimed anew when this claim is over. What was committed stays committed, so
        whoever said it must not be told that it was refused."""
        try:
            self._perform(owed)
        except PlainError as error:
            if error.code not in TRANSIENT:
                raise
            self._be_unwell(error)

    def _perform(self, owed: Owed) -> None:
        """Start what was committed. It may run twice: commands carry their message id, reading is harmless, telling has a key."""
        effect = owed.effect
        if isinstance(effect, fx.TellPeople):
            if self._store.settle_told(owed, self._clock.now()):
                urgent = effect.about in ("escalation", "visit_ordered")
                log.log(logging.WARNING if urgent else logging.INFO, "told %s: %s", effect.audience, effect.about, extra={"case": owed.case_id, "effect": effect.kind})
            return
        assert owed.token is not None and owed.deadline_at is not None, "an effect with an answer has a token and a deadline"
        if isinstance(effect, fx.OF_THE_CAMERA):
            self._spawn(lambda: self._ask_camera(owed, effect))
        else:
            self._registry.send(effect, owed.case_id, owed.deadline_at)

    def _ask_camera(self, owed: Owed, effect: fx.CameraEffect) -> None:
        assert owed.token is not None and owed.deadline_at is not None
        left_s = (owed.deadline_at - self._clock.now()) / timedelta(seconds=1)
        if left_s <= 0:
            return  # the core has given this attempt up already
        answer = self._camera_said(effect, left_s)
        self._inbox.put(_Letter(owed.case_id, Failed(owed.token, answer) if isinstance(answer, Fault) else Answered(owed.token, answer),
                                asked_of=effect.serial))

    def _camera_said(self, effect: fx.CameraEffect, left_s: float) -> i.CameraAnswer | Fault:
        """Ask the camera what the effect is for; within `left_s` seconds."""
        camera = self._camera
        match effect:
            case fx.ReadIdentity(serial=serial):
                return _answer(i.IdentityRead, camera.read_identity(serial, left_s))
            case fx.JudgeFrame(serial=serial, asked=asked):
                return _answer(i.FrameJudged, camera.judge_frame(serial, left_s, asked))
            case fx.RotateCredentials(serial=serial):
                return _answer(i.CredentialsRotated, camera.rotate_credentials(serial, left_s))
            case fx.EnsurePosture(serial=serial, marks=marks):
                return _answer(i.PostureJudged, camera.ensure_posture(serial, left_s, marks=marks))
            case fx.MarkCamera(serial=serial, binding_id=binding_id):
                return _answer(i.CameraMarked, camera.mark(serial, binding_id, left_s))
            case fx.MaskZones(serial=serial, zones=zones):
                return _answer(i.ZonesMasked, camera.mask(serial, zones, left_s))
            case fx.ShowCode(serial=serial, code=code):
                return _answer(i.CodeDisplayed, camera.show_code(serial, code, left_s))
            case fx.HideCode(serial=serial, keep_view=keep_view):
                return _answer(i.CodeDisplayed, camera.hide_code(serial, left_s, keep_view=keep_view))
            case fx.RetireCamera(serial=serial, binding_ids=binding_ids):
                return _answer(i.CameraRetired, camera.retire(serial, left_s, binding_ids=binding_ids))


def _answer(kind: Callable[[Said], i.CameraAnswer], said: Said | Fault) -> i.CameraAnswer | Fault:
    return said if isinstance(said, Fault) else kind(said)


def _log_outcome(outcome: Outcome, input: Input, took: timedelta) -> None:
    case = outcome.case
    home = case.home_binding
    fault = input.fault.kind if isinstance(input, Failed) else None
    token = input.token if isinstance(input, (Answered, Failed)) else None
    level = logging.DEBUG if outcome.verdict is Verdict.DROPPED else logging.INFO
    log.log(level, "%s", outcome.verdict, extra={
        "case": case.case_id, "step": str(case.state), "event": input.kind, "effect": token.errand if token else None,
        "attempt": token.attempt if token else None, "fault": str(fault) if fault else None,
        "took_ms": round(took / timedelta(milliseconds=1)), "camera": last4(case.expected_serial) if case.expected_serial else None,
        "site": home.site_ref if home else None, "version": __version__,
    })
