"""The language of the stories: one sentence is one thing that happens; what the case makes of it is printed below."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from provisioner.case import inputs as i
from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, ZoneProof
from provisioner.case.effects import TellPeople
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import BindingState, CaseKind, Consent, Duty, Exit, FallbackMode, Role, State, Token
from provisioner.case.outcome import Ask, Outcome, Verdict
from provisioner.case.posture_items import Item
from provisioner.fault import FaultKind, Text
from tests.case.world import NOON, CaseWorld, booking, frame, identity, notices, posture, rotation, steps_of

KINDS = {"a move": CaseKind.MOVE_ONLY, "a provider change": CaseKind.PROVIDER_CHANGE_ONLY, "a move and a provider change": CaseKind.MOVE_AND_PROVIDER_CHANGE}
ROLES = {"anna": Role.COORDINATOR, "bertil": Role.COORDINATOR, "tekla": Role.TECHNICIAN, "lena": Role.TEAM_LEAD}
DAY = "2026-11-23"


class Telling(CaseWorld):
    """A case world that writes down what each input brought."""

    def take(self, input: i.Input) -> Outcome:
        before = self.case
        outcome = super().take(input)
        self.lines += lines_of(before, outcome, self)
        for ask in outcome.asks:
            if ask.token is not None:
                self.ever[ask.effect.kind] = (ask.token, ask)
        self.taken.append((before.state if before else None, self.case.kind, outcome.why))
        return outcome


def clock(at: datetime) -> str:
    """An instant as a story shows it: UTC, with the day where it is another one."""
    text = f"{at:%H:%M}" if at.second == 0 and at.microsecond == 0 else f"{at:%H:%M:%S}"
    return text if f"{at:%Y-%m-%d}" == DAY else f"{at:%Y-%m-%d} {text}"


def lines_of(before: object, outcome: Outcome, w: CaseWorld) -> list[str]:
    """The outcome for people: the verdict, then whatever changed."""
    case = outcome.case
    if outcome.verdict is Verdict.REFUSED:
        return [f"refused {outcome.refusal.code}: {outcome.refusal.text.en}"]
    if outcome.verdict is Verdict.DROPPED:
        return ["dropped: " + "; ".join(outcome.why)]
    moved = before is None or before.leg != case.leg
    found = [f"{outcome.verdict} {case.state}" if not moved or before is None else f"{outcome.verdict} {before.state} -> {case.state}"]
    found += [f"  because: {why}" for why in outcome.why if " said " not in why and why != "opened" and why != f"{before and before.state} -> {case.state}"]
    for ask in outcome.asks:
        effect = ask.effect
        if isinstance(effect, TellPeople):
            found.append(f"  tells {effect.audience}, {effect.about}: {effect.text.en}")
        else:
            found.append(f"  owes {effect.kind} within {(ask.deadline_at - w.now).total_seconds():g} s")
    if before is not None:
        open_before = {task.key for task in before.tasks if task.done is None}
        open_now = {task.key for task in case.tasks if task.done is None}
        found += [f"  task {key}" for key in sorted(open_now - open_before)] + [f"  task {key} is done" for key in sorted(open_before - open_now)]
        if case.cover[len(before.cover):]:
            found.append("  covered by " + ", then ".join(line.by for line in case.cover[len(before.cover):]))
        if case.wake_at != before.wake_at:
            found.append(f"  wakes at {clock(case.wake_at)}" if case.wake_at else "  sleeps")
    return found


RULES: list[tuple[re.Pattern[str], Callable[..., None]]] = []


def sentence(pattern: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A sentence of the language, as a pattern whose groups are the function's arguments."""
    def add(function: Callable[..., None]) -> Callable[..., None]:
        RULES.append((re.compile(pattern), function))
        return function
    return add


PERSON = r"(anna|bertil|tekla|lena)"


def says(w: CaseWorld, who: str, what: i.Statement) -> None:
    """One of the people says it."""
    w.say(what, who, ROLES[who])


@sentence(PERSON + r" sends the (handing-over|receiving) form(?: but (.+))?")
def _form(w: CaseWorld, who: str, which: str, but: str | None) -> None:
    notice = notices(w.kind)[which == "receiving"]
    for change in (but or "").split(", ") if but else []:
        name, text = change.split("=")
        value: object = {"none": None, "yes": True, "no": False}.get(text, text)
        if name == "move_date" and text != "none":
            value = date.fromisoformat(text)
        if name == "provider_effective_at" and text != "none":
            value = datetime.fromisoformat(text)
        if name in ("missing", "contacts", "sign_languages"):
            value = tuple(text.split("+")) if text != "none" else ()
        if name == "serial" and text != "none":
            value = SerialNumber(text)
        notice = replace(notice, **{name: value})
    says(w, who, i.ReceivingNotice(notice) if which == "receiving" else i.HandingOverNotice(notice))


@sentence(PERSON + r" books(?: with (.+))?")
def _books(w: CaseWorld, who: str, but: str | None) -> None:
    plan = booking(w.now)
    for change in (but or "").split(", ") if but else []:
        name, text = change.split("=")
        plan = replace(plan, **{name: datetime.fromisoformat(f"{w.now:%Y-%m-%d}T{text}:00+00:00") if ":" in text else text})
    says(w, who, i.Booked(plan))


@sentence(PERSON + r" has (visits acknowledged|it decided that no visits are needed)")
def _fallback(w: CaseWorld, who: str, mode: str) -> None:
    says(w, who, i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9", FallbackMode.VISITS if mode.startswith("visits") else FallbackMode.NOT_NEEDED))


@sentence(PERSON + r" begins the dismantling")
def _begins(w: CaseWorld, who: str) -> None:
    says(w, who, i.DismantlingBegins())


@sentence(PERSON + r" dismantles (\S+)(, the sign stays)?")
def _dismantles(w: CaseWorld, who: str, serial: str, stays: str | None) -> None:
    says(w, who, i.Dismantled(serial, stays is None))


@sentence(PERSON + r" mounts (\S+)(, nobody asked the cohabitant|, a consent is missing|, no assessment)?")
def _mounts(w: CaseWorld, who: str, serial: str, lack: str | None) -> None:
    says(w, who, i.Mounted(serial, (Consent("service_user", not (lack or "").startswith(", a consent"), w.now),), not (lack or "").startswith(", nobody"),
                           "" if lack == ", no assessment" else "assessment-1"))


@sentence(PERSON + r" scans (\S+)(, scanned an hour ago|, somebody in view does not agree)?")
def _scans(w: CaseWorld, who: str, serial: str, lack: str | None) -> None:
    says(w, who, i.VisitStarted(serial, w.now - timedelta(hours=1) if (lack or "").startswith(", scanned") else w.now, not (lack or "").startswith(", somebody")))


@sentence(PERSON + r" wants a frame")
def _frame(w: CaseWorld, who: str) -> None:
    says(w, who, i.FrameWanted())


@sentence(PERSON + r" accepts the view(, but not the reflections)?")
def _view(w: CaseWorld, who: str, lack: str | None) -> None:
    says(w, who, i.ViewAccepted(True, lack is None, True, True))


@sentence(PERSON + r" moves the camera")
def _moves(w: CaseWorld, who: str) -> None:
    says(w, who, i.CameraMoved())


@sentence(PERSON + r" puts up the sign in (\S+)(, seen from the front door)?")
def _sign(w: CaseWorld, who: str, languages: str, seen: str | None) -> None:
    says(w, who, i.SignPlaced(tuple(languages.split("+")), True, seen is None, True))


@sentence(PERSON + r" holds up the code (\S+)")
def _code(w: CaseWorld, who: str, code: str) -> None:
    says(w, who, i.TestLookStarted(f"challenge-{w.case.asked}", code, card_held=True))
    w.camera("hide_code")  # the camera says that no older code is in its picture


@sentence(PERSON + r" starts the test look with the code (\S+)")
def _starts_look(w: CaseWorld, who: str, code: str) -> None:
    says(w, who, i.TestLookStarted(f"challenge-{w.case.asked}", code))


@sentence(PERSON + r" draws (\d) zones?")
def _draws(w: CaseWorld, who: str, count: str) -> None:
    left = [-1 + 0.2 * place for place in range(int(count))]
    says(w, who, i.ZonesDrawn(tuple(((x, -1.0), (x + 0.1, -1.0), (x + 0.1, 0.0), (x, 0.0)) for x in left)))


@sentence(PERSON + r" confirms the serial (\S+)(, the camera is to say it too)?")
def _confirms(w: CaseWorld, who: str, serial: str, camera: str | None) -> None:
    says(w, who, i.SerialConfirmed(serial, ask_camera=camera is not None))


@sentence(PERSON + r" did (\w+)(?:: (.+))?")
def _did(w: CaseWorld, who: str, duty: str, note: str | None) -> None:
    says(w, who, i.DutyDone(Duty(duty), note or ""))


@sentence(PERSON + r" waives (\w+): (.+)")
def _waives(w: CaseWorld, who: str, duty: str, note: str) -> None:
    says(w, who, i.DutyDone(Duty(duty), note, waived=True))


@sentence(PERSON + r" finishes the task (\S+?)(?:: (.+))?")
def _task(w: CaseWorld, who: str, key: str, note: str | None) -> None:
    says(w, who, i.TaskDone(key, note or ""))


@sentence(PERSON + r" tries again")
def _again(w: CaseWorld, who: str) -> None:
    says(w, who, i.TryAgain())


@sentence(PERSON + r" wants ([A-Z_]+)(?: to (\S+))?")
def _wants(w: CaseWorld, who: str, exit: str, serial: str | None) -> None:
    says(w, who, i.ExitWanted(Exit(exit), "as the story tells", serial or ""))


@sentence(PERSON + r" resumes")
def _resumes(w: CaseWorld, who: str) -> None:
    says(w, who, i.Resumed())


@sentence(r"the centre does (\w+)")
def _does(w: CaseWorld, kind: str) -> None:
    w.registry(kind)


@sentence(r"the centre replies to (\w+)(?:, the operator read (\S+))?")
def _replies(w: CaseWorld, kind: str, seen: str | None) -> None:
    w.reply(kind, **({"code_seen": None if seen == "nothing" else seen} if seen else {}))


@sentence(r"the centre does (\w+), its reply is lost")
def _lost(w: CaseWorld, kind: str) -> None:
    w.centre.take(w.ask(kind).effect, w.now, "4711")
    w.lines.append("(nothing arrives)")


@sentence(r"the centre rejects (\w+) with (\w+)")
def _rejects(w: CaseWorld, kind: str, code: str) -> None:
    w.reject(kind, code)


@sentence(r"somebody replies to (\w+): completed, showing nothing")
def _forged(w: CaseWorld, kind: str) -> None:
    w.answer(kind, i.RegistryReply("completed", None, w.now))


@sentence(r"the centre publishes its states")
def _publishes(w: CaseWorld) -> None:
    w.publish()


@sentence(r"the instant of the provider change comes")
def _instant(w: CaseWorld) -> None:
    w.now = max(w.now, w.case.receiving.provider_effective_at)
    w.instant()


@sentence(r"the answer to (\w+) comes again")
def _comes_again(w: CaseWorld, kind: str) -> None:
    token, ask = w.ever[kind]
    w.take(i.Answered(token, w.centre.replies[ask.effect.msg_id]))


@sentence(r"a hand at the centre makes (the old binding|the new binding|b-\S+) (\w+)(, and says so)?")
def _hand(w: CaseWorld, which: str, state: str, event: str | None) -> None:
    binding_id = which if which.startswith("b-") else getattr(w.case, f"{which[4:7]}_binding").binding_id
    assert w.centre.edit(binding_id, state=BindingState(state)), "the centre does not allow that"
    w.hear(i.ChangedExternally(binding_id, w.centre.bindings[binding_id].revision)) if event else w.publish()


@sentence(r"the centre has enrolled the camera (\S+) at (\S+)")
def _enrol(w: CaseWorld, serial: str, site: str) -> None:
    old = w.centre.bindings["b-old-000001"]
    w.centre.enrol(replace(old, binding_id=f"b-{serial.lower()}", serial=SerialNumber(serial), site_ref=site, state=BindingState.ACTIVE, revision=1))


@sentence(r"the first look is planned for (\S+ )?(\d\d:\d\d)")
def _planned(w: CaseWorld, day: str | None, at: str) -> None:
    w.hear(i.FirstLookPlanned(w.case.home_binding.binding_id, datetime.fromisoformat(f"{(day or f'{w.now:%Y-%m-%d}').strip()}T{at}:00+00:00")))


@sentence(r"a look (succeeds|finds nobody)")
def _look(w: CaseWorld, how: str) -> None:
    w.hear(i.LookDone(w.case.home_binding.binding_id, w.now, how == "succeeds"))


@sentence(r"the camera says it is (\S+)")
def _identity(w: CaseWorld, serial: str) -> None:
    w.answer("read_identity", i.IdentityRead(identity(serial, w.now)))


@sentence(r"the camera gives a (good|broken) frame")
def _gives(w: CaseWorld, how: str) -> None:
    w.answer("judge_frame", i.FrameJudged(frame(w.now, trusted=how == "good", good=how == "good")))


@sentence(r"the camera does (\w+)")
def _camera(w: CaseWorld, kind: str) -> None:
    w.camera(kind)


@sentence(r"the camera cannot do (\w+)")
def _cannot(w: CaseWorld, kind: str) -> None:
    sorry = Text("Kameran kan inte.", "The camera cannot.")
    answers = {
        "rotate_credentials": i.CredentialsRotated(rotation(w.now, way="unsupported", new_proved=False, old_refused=None, others_removed=0, sentence=sorry)),
        "mark_camera": i.CameraMarked(Marking((), False, w.now)), "show_code": i.CodeDisplayed(CodeDisplay("card", False, w.now)),
        "mask_zones": i.ZonesMasked(Masking((ZoneProof(False, None),), False, w.now, sorry)),
        "hide_code": i.CodeDisplayed(CodeDisplay("osd", True, w.now)), "retire_camera": i.CameraRetired(Retirement("not_verified", (), "none", "", w.now)),
    }
    w.answer(kind, answers[kind])


@sentence(r"the camera is found with (\w+)")
def _found(w: CaseWorld, item: str) -> None:
    w.answer("ensure_posture", i.PostureJudged(posture(Item(item))))


@sentence(r"the camera could not be asked about (\w+)")
def _not_asked(w: CaseWorld, item: str) -> None:
    w.answer("ensure_posture", i.PostureJudged(posture(unknown=(Item(item),))))


@sentence(r"the second picture shows (\d+)% of the zone covered")
def _covered(w: CaseWorld, share: str) -> None:
    w.answer("mask_zones", i.ZonesMasked(Masking((ZoneProof(True, int(share) / 100),), True, w.now, Text("Masken täcker inte.", "The mask does not cover."))))


@sentence(r"(\w+) fails, (\w+)")
def _fails(w: CaseWorld, kind: str, fault: str) -> None:
    w.fail(kind, FaultKind(fault))


@sentence(r"it becomes (?:(\S+) )?(\d\d:\d\d)")
def _becomes(w: CaseWorld, day: str | None, at: str) -> None:
    passes(w, datetime.fromisoformat(f"{day or f'{w.now:%Y-%m-%d}'}T{at}:00+00:00"))


@sentence(r"(\d+) (seconds|minutes|hours|days) pass")
def _pass(w: CaseWorld, count: str, unit: str) -> None:
    passes(w, w.now + timedelta(**{unit: int(count)}))


def passes(w: CaseWorld, until: datetime) -> None:
    """Time passes; the case is woken whenever it wanted to be."""
    while w.case.wake_at is not None and w.case.wake_at <= until:
        w.now = max(w.now, w.case.wake_at)
        at = len(w.lines)
        w.take(i.Woke())
        w.lines.insert(at, f"at {clock(w.now)}")
    w.now = until


class Story:
    """Plays the blocks of one file; `run(sentence)` gives the lines printed below it."""

    def __init__(self) -> None:
        self.w: Telling | None = None
        self.taken: list[tuple[State | None, CaseKind, tuple[str, ...]]] = []

    def run(self, text: str) -> list[str]:
        """What the sentence brought."""
        begin = re.fullmatch(r"(a move|a provider change|a move and a provider change)(?: that stands at (\w+))?", text)
        if begin:
            return self._begin(KINDS[begin[1]], begin[2])
        assert self.w is not None, "a story begins with a case"
        self.w.lines.clear()
        for pattern, function in RULES:
            if found := pattern.fullmatch(text):
                function(self.w, *found.groups())
                return list(self.w.lines)
        raise AssertionError(f"no such sentence: {text}")

    def _begin(self, kind: CaseKind, at: str | None) -> list[str]:
        w = object.__new__(Telling)
        w.lines, w.ever, w.taken = [], {}, self.taken
        Telling.__init__(w, kind, NOON)
        self.w = w
        for step in steps_of(kind) if at else ():
            if w.case.state is not State(at):
                step(w)
        if at:
            assert w.case.state is State(at), f"{kind} never stands at {at}"
            return [str(w.case.state), f"  covered by {w.case.cover[-1].by if w.case.cover else 'nobody knows yet'}"]
        return list(w.lines)


def unanswered(w: CaseWorld) -> list[Ask]:
    """What is owed and waits."""
    return [ask for ask in w.owed if isinstance(ask.token, Token)]
