"""The outside as the core's tests need it: a case driven by inputs, with an alarm centre (centre.py) behind it that says what the real one would say."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.advance import advance
from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, Rotation, ZoneProof
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import (
    Binding,
    BindingState,
    Booking,
    Case,
    CaseKind,
    Consent,
    ContactKind,
    Duty,
    FrameReport,
    Identity,
    Notice,
    Role,
)
from provisioner.case.outcome import Ask, Outcome
from provisioner.case.policy import Policy
from provisioner.case.posture import Posture, PostureWanted, Proof, Reading, judge_posture
from provisioner.case.posture_items import Item
from provisioner.case.view_check import SceneCheck, SceneFinding
from provisioner.fault import Fault, FaultKind, Text
from provisioner.scene.findings import Severity
from tests.case.centre import Centre

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERIAL = SerialNumber("ACCC8E004711")
POLICY = Policy()


def notice(**changes: object) -> Notice:
    """A complete handing-over notice of a move."""
    base = Notice(form_ref="form-0001", arrived_at=NOON, person_ref="person-0001", unit_ref="unit-old-1", provider_ref="provider-old",
                  site_ref="site-storgatan", move_date=date(2026, 11, 24), provider_effective_at=None, contacts=(ContactKind.SERVICE_USER, ContactKind.UNIT),
                  serial=SERIAL, decision_ref="decision-1")
    return replace(base, **changes)  # type: ignore[arg-type]


def notices(kind: CaseKind) -> tuple[Notice, Notice]:
    """Two forms that agree."""
    switch_at = None if kind is CaseKind.MOVE_ONLY else NOON + timedelta(hours=3)
    provider = "provider-old" if kind is CaseKind.MOVE_ONLY else "provider-new"
    moves = kind is not CaseKind.PROVIDER_CHANGE_ONLY
    old = notice(provider_effective_at=switch_at, move_date=date(2026, 11, 24) if moves else None)
    new = replace(old, form_ref="form-0002", unit_ref="unit-new-1", provider_ref=provider, site_ref="site-nygatan" if moves else "site-storgatan",
                  serial=None, keys_signed_out=True, street_key="not_required")
    return old, new


def booking(now: datetime) -> Booking:
    """Both times today, the first planned look tonight."""
    return Booking(now + timedelta(hours=1), now + timedelta(hours=2), now + timedelta(hours=3), now + timedelta(hours=4), now + timedelta(hours=11),
                   ContactKind.SERVICE_USER, ContactKind.UNIT, "", "technician-tekla", "technician-tekla")


def identity(serial: str = SERIAL, now: datetime = NOON) -> Identity:
    """What the right camera says of itself."""
    return Identity(serial, SerialNumber(serial), "Acme", "Cam 1", "1.0", "HW1", 0.2, now)


def posture(*blocking: Item, unknown: tuple[Item, ...] = ()) -> Posture:
    """All as it must be, but for these, which are wrong, and those that could not be asked."""
    found = {Item.CLOCK: Reading(Item.CLOCK, off_s=0.2)}
    lists = {Item.HTTPS: ("443",), Item.NTP: ("192.0.2.123",), Item.FIRMWARE: ("1.4.0",), Item.DISCOVERY: ("NonDiscoverable",)}
    readings = [found.get(item, Reading(item, lists.get(item, ()), proved=Proof.READ_BACK)) for item in Item if item not in (*blocking, *unknown)]
    return judge_posture([*readings, *(Reading(item, ("found",), proved=Proof.WIRE) for item in blocking)], wanted=PostureWanted(firmware="1.4.0"))


def rotation(now: datetime = NOON, **changes: object) -> Rotation:
    """The new password works, the old one does not, nobody else is left."""
    base = Rotation("new_account", True, True, 1, 0, now, Text("Lösenordet är bytt.", "The password is changed."))
    return replace(base, **changes)  # type: ignore[arg-type]


def device_answer(effect: fx.Effect, now: datetime) -> i.Answer:
    """What the right camera answers, in good order."""
    match effect:
        case fx.ReadIdentity():
            return i.IdentityRead(identity(effect.serial, now))
        case fx.JudgeFrame():
            return i.FrameJudged(frame(now))
        case fx.RotateCredentials():
            return i.CredentialsRotated(rotation(now))
        case fx.EnsurePosture():
            return i.PostureJudged(posture())
        case fx.MarkCamera():
            return i.CameraMarked(Marking((effect.binding_id,), True, now))
        case fx.MaskZones():
            return i.ZonesMasked(Masking(tuple(ZoneProof(True, 1.0) for _ in effect.zones), True, now, Text("Maskat.", "Masked.")))
        case fx.ShowCode():
            return i.CodeDisplayed(CodeDisplay("osd", True, now))
        case fx.HideCode():
            return i.CodeDisplayed(CodeDisplay("osd", False, now))
        case fx.RetireCamera():
            return i.CameraRetired(Retirement("verified", (), "in_place", "receipt-1", now))
    raise AssertionError(effect)


def frame(now: datetime = NOON, **changes: object) -> FrameReport:
    """A good frame."""
    base = FrameReport("snapshot", "jpeg", 1920, 1080, 0.05, True, True, 110.0, 40.0, (), now)
    return replace(base, **changes)  # type: ignore[arg-type]


def scene(*kinds: str, over_bed: bool = False) -> SceneCheck:
    """A check by day and night that found these."""
    hard = {"bed_out": Severity.ACT, "ir_hotspot": Severity.ACT, "frozen": Severity.BROKEN}
    findings = tuple(SceneFinding(number, kind, hard.get(kind, Severity.LOOK), 0.9, Text(f"Fynd: {kind}.", f"Found: {kind}."), over_bed=over_bed)
                     for number, kind in enumerate(kinds, 1))
    return SceneCheck(("day", "night", "night_off"), "locked", True, (), findings)


@dataclass
class CaseWorld:
    """One case under test. `say`, `answer`, `fail`, `hear`, `wake` drive it; `owed` holds the asks that nobody has answered yet."""

    kind: CaseKind = CaseKind.MOVE_ONLY
    now: datetime = NOON
    policy: Policy = POLICY
    case: Case | None = None
    owed: list[Ask] = field(default_factory=list)
    told: list[fx.TellPeople] = field(default_factory=list)
    last: Outcome | None = None
    journal: list[tuple[datetime, i.Input]] = field(default_factory=list)

    centre: Centre = field(default_factory=Centre)

    def __post_init__(self) -> None:
        self.centre.enrol(Binding("b-old-000001", SERIAL, "site-storgatan", "provider-old", "schedule-1", BindingState.ACTIVE, 3))
        self.take(i.Opened("0197-case-1", "2026-0001", self.kind))

    def take(self, input: i.Input) -> Outcome:
        """One input, now."""
        self.journal.append((self.now, input))
        self.last = advance(self.case, input, self.now, self.policy)
        self.case = self.last.case
        for ask in self.last.asks:
            if isinstance(ask.effect, fx.TellPeople):
                self.told.append(ask.effect)
            else:
                self.owed.append(ask)
        self.owed = [ask for ask in self.owed if ask.token is not None and self.case.errand(ask.token) is not None]
        return self.last

    def say(self, what: i.Statement, by: str = "anna", role: Role = Role.COORDINATOR) -> Outcome:
        """A person says something."""
        return self.take(i.Said(by, role, what))

    def duty(self, duty: Duty, note: str = "", by: str = "anna") -> Outcome:
        """A person says a duty is done."""
        return self.say(i.DutyDone(duty, note), by)

    def ask(self, kind: str) -> Ask:
        """The owed ask of this effect kind."""
        found = [ask for ask in self.owed if ask.effect.kind == kind]
        assert len(found) == 1, f"{kind} owed {len(found)} times; owed: {[a.effect.kind for a in self.owed]}"
        return found[0]

    def answer(self, kind: str, answer: i.Answer) -> Outcome:
        """The world answers the owed effect of this kind."""
        ask = self.ask(kind)
        assert ask.token is not None
        return self.take(i.Answered(ask.token, answer))

    def camera(self, *kinds: str) -> None:
        """The camera does what is owed of it, in this order, and all is well."""
        for kind in kinds:
            self.answer(kind, device_answer(self.ask(kind).effect, self.now))

    def registry(self, kind: str, **changes: object) -> Outcome:
        """The alarm centre does the owed command, and its retained states follow."""
        outcome = self.reply(kind, **changes)
        self.publish()
        return outcome

    def reply(self, kind: str, **changes: object) -> Outcome:
        """The alarm centre does the owed command and replies; its retained states are not heard yet."""
        reply = self.centre.take(self.ask(kind).effect, self.now, self.case.test_look.code if self.case.test_look else None)
        return self.answer(kind, replace(reply, **changes))  # type: ignore[arg-type]

    def reject(self, kind: str, code: str) -> Outcome:
        """The alarm centre says no."""
        return self.answer(kind, self.centre.reject(self.ask(kind).effect, code, self.now))

    def publish(self) -> None:
        """The retained states of this case's bindings are heard."""
        ours = {b.binding_id for b in (self.case.old_binding, self.case.new_binding) if b is not None}
        for seen in self.centre.states():
            if seen.binding_id in ours:
                self.take(i.Heard(seen))

    def fail(self, kind: str, fault: FaultKind, wait_s: float | None = None) -> Outcome:
        """The owed effect of this kind fails."""
        return self.take(i.Failed(self.ask(kind).token, Fault(fault, kind, "as the test says", Text("Gör så här.", "Do this."), wait_s)))

    def hear(self, news: i.News) -> Outcome:
        """The alarm centre says something by itself."""
        return self.take(i.Heard(news))

    def instant(self) -> None:
        """What the alarm centre has scheduled for now is done: the second reply to a provider change."""
        for msg_id in self.centre.due(self.now):
            for errand in self.case.errands:
                if getattr(errand.effect, "msg_id", "") == msg_id:
                    self.take(i.Answered(errand.token, self.centre.replies[msg_id]))
        self.publish()

    def wait(self, span: timedelta) -> None:
        """Time passes; the case is woken whenever it wanted to be."""
        until = self.now + span
        while self.case.wake_at is not None and self.case.wake_at <= until:
            self.now = max(self.now, self.case.wake_at)
            self.take(i.Woke())
        self.now = until


# ---- the ordinary way, step by step, so that a test can stop anywhere ---------------------------------------------------------------


def to_ready(w: CaseWorld) -> None:
    old, new = notices(w.kind)
    w.say(i.HandingOverNotice(old))
    w.say(i.ReceivingNotice(new))
    w.registry("find_binding")


def to_booked(w: CaseWorld) -> None:
    w.say(i.Booked(booking(w.now)))


def to_suspended(w: CaseWorld) -> None:
    w.say(i.FallbackAcknowledged("fallback-1", "unit-old-1", "person-9"))
    w.say(i.DismantlingBegins(), "tekla", Role.TECHNICIAN)
    w.registry("suspend_binding")


def to_dismantled(w: CaseWorld) -> None:
    w.say(i.Dismantled(w.case.expected_serial, True), "tekla", Role.TECHNICIAN)


def to_installed(w: CaseWorld) -> None:
    w.say(i.SiteChecked(True, True, True, True), "tekla", Role.TECHNICIAN)
    w.say(i.Mounted(w.case.expected_serial, (Consent("service_user", True, w.now),), True, "assessment-1"), "tekla", Role.TECHNICIAN)


def to_identity_verified(w: CaseWorld) -> None:
    w.say(i.VisitStarted(w.case.expected_serial, w.now, True), "tekla", Role.TECHNICIAN)
    w.camera("read_identity", "rotate_credentials", "ensure_posture")


def to_view_checked(w: CaseWorld) -> None:
    w.registry("prepare_binding")
    w.camera("judge_frame", "mark_camera")
    w.say(i.ViewAccepted(True, True, True, True), "tekla", Role.TECHNICIAN)


def to_sign_placed(w: CaseWorld) -> None:
    w.say(i.SignPlaced(("sv",), True, True, True), "tekla", Role.TECHNICIAN)


def to_test_look_ok(w: CaseWorld) -> None:
    w.say(i.TestLookStarted("challenge-1", "4711"), "tekla", Role.TECHNICIAN)
    w.camera("show_code")
    w.registry("test_look")


def to_rebound(w: CaseWorld) -> None:
    w.registry("rebind_camera")
    w.camera("hide_code")


def to_serial_confirmed(w: CaseWorld) -> None:
    w.say(i.SerialConfirmed(SERIAL))


def to_scheduled(w: CaseWorld) -> None:
    """Provider change only: the alarm centre has accepted it for its instant."""
    w.reply("change_provider")


def to_switched(w: CaseWorld) -> None:
    """The instant has come."""
    w.now = notices(w.kind)[0].provider_effective_at
    w.instant()


def to_received(w: CaseWorld) -> None:
    if w.kind is CaseKind.MOVE_AND_PROVIDER_CHANGE:
        w.reply("change_provider")
    w.duty(Duty.RECEIVING_PHONED)
    w.duty(Duty.RECEIVING_FORM_SENT)


def to_informed(w: CaseWorld) -> None:
    w.duty(Duty.HANDING_OVER_FORM_SENT)


def to_documented(w: CaseWorld) -> None:
    for duty in (Duty.CARE_RECORD_HANDING_OVER, Duty.CARE_RECORD_RECEIVING, Duty.SERIAL_DOCUMENTED, Duty.KEYS_RETURNED):
        w.duty(duty)
    for system in w.policy.it_supports:
        w.duty(Duty.IT_SUPPORT_UPDATED, system)


def to_closed(w: CaseWorld) -> None:
    if w.kind is CaseKind.MOVE_AND_PROVIDER_CHANGE:
        to_switched(w)
    w.duty(Duty.SURVEILLANCE_REGISTER_UPDATED)
    w.hear(i.LookDone(w.case.home_binding.binding_id, w.now, True))


MOVE = (to_ready, to_booked, to_suspended, to_dismantled, to_installed, to_identity_verified, to_view_checked, to_sign_placed, to_test_look_ok,
        to_rebound, to_received, to_informed, to_documented, to_closed)
SWITCH = (to_ready, to_serial_confirmed, to_scheduled, to_switched, to_received, to_informed, to_documented, to_closed)


def steps_of(kind: CaseKind) -> tuple:
    """The ordinary way of a case kind."""
    return SWITCH if kind is CaseKind.PROVIDER_CHANGE_ONLY else MOVE


def world_at(step, kind: CaseKind = CaseKind.MOVE_ONLY) -> CaseWorld:
    """A case that has just done `step` of its ordinary way."""
    w = CaseWorld(kind)
    for each in steps_of(kind):
        each(w)
        if each is step:
            return w
    raise AssertionError(f"{step} is no step of {kind}")
