"""One case in a hostile world, driven by bytes: helpful and careless people, a camera, an alarm centre behind a line that loses, repeats and reorders.

Each step is one input, judged at once (judge.py). The bytes come from hypothesis, which shrinks them when a judgement fails.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.case import inputs as i
from provisioner.case.advance import advance
from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, ZoneProof
from provisioner.case.effects import OF_THE_CAMERA, TellPeople
from provisioner.case.identifiers import SerialNumber
from provisioner.case.keys import KeyKind, KeySide, KeyStatus
from provisioner.case.model import Binding, BindingState, Case, CaseKind, Duty, Exit, FallbackMode, State, Token, Visit
from provisioner.case.outcome import Ask, Outcome, Verdict
from provisioner.case.posture_items import Item
from provisioner.fault import Fault, FaultKind, Text
from tests.case.centre import Centre
from tests.case.judge import Judge
from tests.case.people import CODE, DAY, EXITS, HOUR, MINUTE, SPARE, next_words, on_site, said, slips
from tests.case.world import NOON, POLICY, SERIAL, booking, device_answer, frame, identity, notices, posture, rotation

HINT = Text("-", "-")
OTHER = SerialNumber("ACCC8E009999")
KINDS = tuple(FaultKind)
JUMPS = (timedelta(seconds=1), timedelta(seconds=31), 5 * MINUTE, 16 * MINUTE, HOUR, 5 * HOUR, DAY, 8 * DAY)
BY_HAND = tuple(BindingState)
ZONE = ((-1.0, -1.0), (-0.5, -1.0), (-0.5, 0.0), (-1.0, 0.0))


class Chaos:
    """`run()` takes steps until the bytes are used up, or the case is over for a while. `finish()` then plays a world that behaves."""

    def __init__(self, kind: CaseKind, data: bytes, *, by_hand: bool = True) -> None:
        self.kind, self.data, self.at, self.by_hand = kind, data, 0, by_hand
        self.now: datetime = NOON
        self.centre = Centre()
        self.centre.enrol(Binding("b-old-000001", SERIAL, "site-storgatan", "provider-old", "schedule-1", BindingState.ACTIVE, 3))
        self.centre.enrol(Binding("b-other-00001", OTHER, "site-other-1", "provider-old", "schedule-1", BindingState.ACTIVE, 1))
        self.case: Case | None = None
        self.owed: dict[Token, Ask] = {}
        self.replies: list[tuple[Token, i.Answer]] = []
        self.news: list[i.News] = []
        self.journal: list[tuple[datetime, i.Input]] = []
        self.judge = Judge(self.centre)
        self.steps = 0
        self.states: set[State] = set()
        self.take(i.Opened("0197-case-1", "2026-0001", kind))

    # ---- one step -----------------------------------------------------------------------------------------------------------

    def take(self, input: i.Input) -> Outcome:
        """One input, now, and what everybody who watches has to say about it."""
        before = self.case
        self.judge.hears(before, input, self.now)
        outcome = advance(before, input, self.now, POLICY)
        self.journal.append((self.now, input))
        self.case = outcome.case
        self.steps += 1
        self.states.add(self.case.state)
        for ask in outcome.asks:
            if ask.token is not None:
                self.owed[ask.token] = ask
        self.judge.step(before, input, outcome, self.now)
        return outcome

    def byte(self) -> int:
        """The next byte of chance; 0 at the end."""
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def pick(self, things: list) -> object:
        """One of them."""
        return things[self.byte() % len(things)]

    def run(self) -> None:
        """Until the bytes are used up."""
        over = 0
        while self.at < len(self.data) and over < 6:
            over += self.case.is_final
            choice = self.byte()
            if choice < 90:
                self.helpful()
            elif choice < 150:
                self.serve()
            elif choice < 190:
                self.line()
            elif choice < 205:
                self.faults()
            elif choice < 222:
                self.time()
            elif choice < 246:
                self.careless()
            else:
                self.odd()

    # ---- what happens -------------------------------------------------------------------------------------------------------

    def helpful(self) -> None:
        """Somebody says what is needed next."""
        words = list(next_words(self.case, self.now, POLICY))
        if words:
            self.take(self.pick(words))
        else:
            self.serve()

    def serve(self) -> None:
        """An effect is performed: its answer goes on the line, the centre's retained states beside it. Performed again, for effects may run twice."""
        live = [ask for token, ask in self.owed.items() if self.case.errand(token) is not None] if self.byte() % 8 else list(self.owed.values())
        if not live:
            return self.time()
        self.perform(self.pick(live))
        return self.line()

    def perform(self, ask: Ask) -> None:
        """What the world answers."""
        if isinstance(ask.effect, OF_THE_CAMERA):
            self.replies.append((ask.token, device_answer(ask.effect, self.now)))
            return
        before = self.centre.changes
        self.replies.append((ask.token, self.centre.take(ask.effect, self.now, CODE)))
        self.ripen()
        if self.centre.changes != before:
            self.news += self.centre.states()

    def ripen(self) -> None:
        """Provider changes whose instant has come are carried out and answered."""
        for msg_id in self.centre.due(self.now):
            self.news += self.centre.states()
            self.replies += [(token, self.centre.replies[msg_id]) for token, ask in self.owed.items() if getattr(ask.effect, "msg_id", "") == msg_id]

    def line(self) -> None:
        """Something arrives: the oldest or any other, once or again; or is lost."""
        how = self.byte()
        for queue, make in ((self.replies, lambda one: i.Answered(*one)), (self.news, i.Heard)):
            if queue and (how % 2 or queue is self.news or not self.news):
                place = 0 if how % 4 < 3 else how % len(queue)
                one = queue[place]
                if how % 16 != 15:  # else it stays on the line and comes again
                    del queue[place]
                if how % 32 != 30:  # else it is lost
                    self.take(make(one))
                return

    def faults(self) -> None:
        """An effect fails."""
        live = [token for token in self.owed if self.case.errand(token) is not None]
        token = self.pick(live) if live else Token(1, "looks_suspended", 1)
        self.take(i.Failed(token, Fault(KINDS[self.byte() % len(KINDS)], "x", "y", HINT, wait_s=90.0 if self.byte() % 8 == 0 else None)))

    def time(self) -> None:
        """Time passes, to the next waking or past it."""
        how = self.byte()
        if how < 150 and self.case.wake_at is not None:
            self.now = max(self.now, self.case.wake_at)
        else:
            self.now += JUMPS[how % len(JUMPS)]
        self.ripen()
        self.take(i.Woke())

    def careless(self) -> None:
        """Somebody says what is not asked for now, or is wrong."""
        how = self.byte()
        if how < 70:
            self.wrong_label()
        elif how < 120:
            exit = EXITS[how % len(EXITS)]
            self.take(said(i.ExitWanted(exit, "a reason", str(self.pick([SPARE, OTHER, "LK-004711", "?", SERIAL]))), "carl"))
        else:
            self.take(self.pick(self.anything()))

    def anything(self) -> list[i.Said]:
        """Statements of all kinds, most of them untimely."""
        old, new = notices(self.kind)
        serial, now = str(self.case.expected_serial), self.now
        return [
            said(i.HandingOverNotice(replace(old, serial=OTHER))), said(i.HandingOverNotice(replace(old, serial=None))), said(i.HandingOverNotice(old)),
            said(i.ReceivingNotice(replace(new, person_ref="person-0002"))), said(i.ReceivingNotice(new)), said(i.Booked(booking(now))),
            said(i.Booked(replace(booking(now), dismantle_from=now - HOUR))), said(i.FallbackAcknowledged("fallback-2", "unit-old-1", "person-8")),
            said(i.FallbackAcknowledged("fallback-3", "unit-old-1", "person-8", FallbackMode.NOT_NEEDED)), on_site(i.DismantlingBegins()),
            on_site(i.VisitStarted(serial, now, True)), on_site(i.VisitStarted(serial, now - HOUR, True)), on_site(i.VisitStarted(serial, now, False)),
            on_site(i.FrameWanted()), on_site(i.CameraMoved()), on_site(i.CameraMoved()), on_site(i.ZonesDrawn((ZONE,))), on_site(i.ZonesDrawn(())),
            on_site(i.TestLookStarted("challenge-2", CODE, card_held=True)), said(i.DutyDone(Duty.CREDENTIALS_ROTATED, "by hand, its page works")),
            on_site(i.SignPlaced(("en",), True, True, True)),
            on_site(i.TestLookStarted("challenge-0", CODE)), on_site(i.TestLookStarted("challenge-1", "0815")), said(i.TryAgain()), said(i.Resumed()),
            on_site(i.Mounted(serial, (), True, "assessment-1")), said(i.DutyDone(Duty.TERMINATION_CONFIRMED), "carl"),
            said(i.DutyDone(Duty.TERMINATION_CONFIRMED), "bertil"), said(i.DutyDone(Duty.RECEIVING_PHONED)), said(i.DutyDone(Duty.KEYS_RETURNED)),
            said(i.NoAccess(Visit.DISMANTLING)), on_site(i.NoAccess(Visit.INSTALLATION)), on_site(i.SiteChecked(False, True, True, False)),
            on_site(i.SiteChecked(True, True, True, True)), said(i.KeyTold(KeySide.RECEIVING, KeyKind.DWELLING, KeyStatus.LOST)),
            said(i.KeyTold(KeySide.HANDING_OVER, KeyKind.STREET_DOOR, KeyStatus.RETURNED, "the office")),
            said(i.ConsentWithdrawn("service_user")),
            said(i.MoveUndone("2026-0002")), said(i.DutyDone(Duty.CAMERA_BACK_AT_OLD_HOME)), said(i.TaskDone("wrong-case", "ok")),
            said(i.ExitWanted(Exit.HOLD, "wait")),
            replace(said(i.TryAgain()), seen_revision=0),
        ]

    def wrong_label(self) -> None:
        """A slip, another camera or the asset tag, where a label is read."""
        serial = str(self.case.expected_serial or SERIAL)
        wrong = str(self.pick([*slips(serial), OTHER, "LK-004711", "lk004711", ""]))
        if wrong in self.case.replaced_serials:
            return
        now = self.now
        statement = self.pick([i.Dismantled(wrong, True), i.Mounted(wrong, (), True, "a"), i.VisitStarted(wrong, now, True), i.SerialConfirmed(wrong)])
        outcome = self.take(on_site(statement))
        assert outcome.verdict is Verdict.REFUSED, f"H3: {wrong} was taken for {serial}"

    def odd(self) -> None:
        """A hand in the registry, a reply of the wrong kind, a look, a forged word, a restless camera."""
        how, token = self.byte(), self.pick([*self.owed, Token(9, "nothing", 999)])
        if how < 60 and self.by_hand:
            binding_id = str(self.pick(list(self.centre.bindings)))
            if self.centre.edit(binding_id, state=BY_HAND[self.byte() % 2]):
                self.news += [*self.centre.states(), i.ChangedExternally(binding_id, self.centre.bindings[binding_id].revision)]
        elif how < 100:
            self.take(i.Answered(token, self.pick([
                i.FrameJudged(frame(self.now, trusted=False)), i.IdentityRead(identity(OTHER, self.now)), i.PostureJudged(posture(Item.AUDIO_ON_WIRE)),
                i.CredentialsRotated(rotation(self.now, old_refused=None)), i.CameraMarked(Marking((), False, self.now)),
                i.CodeDisplayed(CodeDisplay("card", False, self.now)), i.CodeDisplayed(CodeDisplay("osd", True, self.now)),
                i.ZonesMasked(Masking((ZoneProof(True, 0.4),), True, self.now, HINT)), i.CameraRetired(Retirement("not_verified", (), "none", "", self.now)),
                i.RegistryReply("completed", None, self.now), i.RegistryReply("accepted", None, self.now),
                i.RegistryReply("completed", None, self.now, code_seen="0815")])))
        elif how < 140:
            ask = self.owed.get(token)
            if ask is not None and hasattr(ask.effect, "msg_id"):
                self.replies.append((token, self.centre.reject(ask.effect, str(self.pick(["LOOK_IN_PROGRESS", "EXPIRED", "PROVIDER_UNKNOWN"])), self.now)))
        elif how < 200:
            self.take(i.Heard(i.LookDone(str(self.pick(list(self.centre.bindings))), self.now, how % 4 != 0)))
        else:
            self.take(i.Heard(i.FirstLookPlanned("b-old-000001", self.now + timedelta(minutes=7 * how))))

    # ---- a world that behaves -----------------------------------------------------------------------------------------------

    def finish(self, exit: Exit | None, most: int = 400) -> None:
        """Everybody does what is needed, and every answer arrives. With `exit`, somebody asks for it first, wherever it is offered."""
        self.by_hand = False
        self.replies.clear()
        self.news = list(self.centre.states())
        asked, edited = False, self.centre.by_hand > 0
        for turn in range(most):
            if self.case.is_final:
                return
            if turn == most // 2 and edited:  # somebody's hand in the registry may leave no way but the last one, which is always there
                exit, asked = Exit.TERMINATE, False
            if exit is not None and not asked and self.take(said(i.ExitWanted(exit, "a reason", SPARE), "carl")).verdict is not Verdict.REFUSED:
                asked = True
            self.behave()
        raise AssertionError(f"a dead end: {self.case.state} (held {self.case.held_from}), wanted {self.case.wanted}, errands {self.case.errands}, "
                             f"old {self.case.old_binding}, new {self.case.new_binding}")

    def behave(self) -> None:
        """One round: what is on the line arrives, what is owed is done, somebody says the next thing, else time passes."""
        live = [ask for token, ask in self.owed.items() if (e := self.case.errand(token)) is not None and e.deadline_at is not None
                and (not e.accepted or e.effect.effective_at < self.now)]
        words = list(next_words(self.case, self.now, POLICY))
        if self.news:
            self.take(i.Heard(self.news.pop(0)))
        elif self.replies:
            self.take(i.Answered(*self.replies.pop(0)))
        elif live:
            self.perform(live[0])
        elif words and not all(self.take(word).verdict is Verdict.REFUSED for word in words[:4]):
            pass
        else:
            binding = self.case.home_binding
            if binding is not None and self.case.began_at is not None:
                self.take(i.Heard(i.LookDone(binding.binding_id, self.now, True)))
            self.now = max(self.now + timedelta(seconds=1), self.case.wake_at or self.now)
            self.ripen()
            self.take(i.Woke())


def told(outcome: Outcome) -> list[TellPeople]:
    """What the outcome tells people."""
    return [ask.effect for ask in outcome.asks if isinstance(ask.effect, TellPeople)]
