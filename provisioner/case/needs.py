"""The needs: each one thing that must be true before a case may go on, who makes it true, and how the case asks for it.

A need is met or not by looking at the case alone. Where it has `asks`, the case owes that effect as soon as the needs it comes `after` are met.
Names of needs are the names of errands, of the lines in `provisioner case show`, and of the labels in the state picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from provisioner.case.effects import (
    AskTestLook,
    ChangeProvider,
    Effect,
    FindBinding,
    JudgeFrame,
    PrepareBinding,
    ReadIdentity,
    RebindCamera,
    ResumeBinding,
    RetireBinding,
    SuspendBinding,
    SwapCamera,
)
from provisioner.case.intake import questions
from provisioner.case.model import Binding, BindingState, Case, Duty, Exit
from provisioner.case.policy import Policy
from provisioner.fault import Text


@dataclass(frozen=True, slots=True)
class Asking:
    """What an effect is made from: the case, the moment, the settings, and the message id for this series of attempts."""

    case: Case
    now: datetime
    policy: Policy
    msg_id: str


@dataclass(frozen=True, slots=True)
class Need:
    """One condition. `text` is the next action for the person (or what is being waited for); `source` the row it comes from.

    `asks` makes the effect, or None where there is nothing to ask yet. `after` names the needs that must be met first; None: all that stand before
    it in the way. `duty` is the confirmation that meets it.
    """

    name: str
    text: Text
    source: str
    met: Callable[[Case], bool]
    asks: Callable[[Asking], Effect | None] | None = None
    after: tuple[str, ...] | None = None
    duty: Duty | None = None
    by_daemon: bool = False


def message_id(case: Case, name: str, now: datetime) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) without random: the time is `now`, the other bits a hash of case, errand and number of attempts ever made."""
    head = int(now.timestamp() * 1000).to_bytes(6, "big")
    tail = bytearray(sha256(f"{case.case_id}/{name}/{case.asked}".encode()).digest()[:10])
    tail[0] = 0x70 | (tail[0] & 0x0F)
    tail[2] = 0x80 | (tail[2] & 0x3F)
    text = (head + bytes(tail)).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_binding_id(case: Case) -> str:
    """The opaque id of the binding at the new home. After a swap or a second start it is another one: RETIRED never returns (I4)."""
    return "b-" + sha256(f"{case.case_id}/{case.expected_serial}/{case.leg}".encode()).hexdigest()[:20]


def _is(binding: Binding | None, *states: BindingState) -> bool:
    return binding is not None and binding.state in states


def _agrees(case: Case, binding: Binding | None) -> bool:
    """Whether the last retained state heard of `binding` says the same as the reply did (invariant 3)."""
    return binding is not None and any(s.binding_id == binding.binding_id and s.state is binding.state and s.revision >= binding.revision
                                       for s in case.seen)


def fallback_stands(case: Case) -> bool:
    """Whether an acknowledged fallback is in force (D6, I2)."""
    return case.fallback is not None and case.fallback.released_at is None


def serial_equal(case: Case) -> bool:
    """Two independent readings: the label scanned for this visit, and the authenticated read-back, both the expected serial (D2)."""
    return (case.visit is not None and case.identity is not None and case.expected_serial is not None
            and case.visit.serial == case.expected_serial and case.identity.serial == case.expected_serial)


def duty_done(duty: Duty) -> Callable[[Case], bool]:
    """A predicate: this duty was confirmed or waived."""
    return lambda case: duty in case.done


# ---- effects ---------------------------------------------------------------------------------------------------------------------


def _find_binding(a: Asking) -> Effect | None:
    # once the registry has answered, what it said is a question to people, not to the registry again
    return FindBinding(a.case.expected_serial, a.msg_id) if a.case.expected_serial and not a.case.looked_up else None


def _suspend(reason: str) -> Callable[[Asking], Effect | None]:
    def asks(a: Asking) -> Effect | None:
        fallback = a.case.fallback
        for binding in (a.case.new_binding, a.case.old_binding):
            if binding is not None and binding.state is BindingState.ACTIVE and fallback is not None:
                return SuspendBinding(binding.binding_id, binding.serial, binding.revision, reason, fallback.fallback_ref,  # type: ignore[arg-type]
                                      fallback.review_at, a.msg_id)
        return None
    return asks


def _prepare(a: Asking) -> Effect | None:
    case, old = a.case, a.case.old_binding
    if old is None or case.receiving is None or case.expected_serial is None:
        return None
    switch_at = case.receiving.provider_effective_at
    provider_ref = case.receiving.provider_ref if case.changes_provider and switch_at is not None and switch_at <= a.now else old.provider_ref
    return PrepareBinding(new_binding_id(case), case.expected_serial, case.receiving.site_ref, provider_ref, old.schedule_ref, a.msg_id)


def _test_look(a: Asking) -> Effect | None:
    binding = a.case.new_binding if _is(a.case.new_binding, BindingState.TEST) else a.case.old_binding
    look = a.case.test_look
    return AskTestLook(binding.binding_id, look.challenge_id, a.msg_id) if binding is not None and look is not None else None


def _rebind(a: Asking) -> Effect | None:
    old, new = a.case.old_binding, a.case.new_binding
    if old is None or new is None or a.case.expected_serial is None:
        return None
    return RebindCamera(old.binding_id, old.revision, new.binding_id, new.revision, a.case.expected_serial, a.now, a.msg_id)


def _change_provider(a: Asking) -> Effect | None:
    binding, receiving = a.case.new_binding or a.case.old_binding, a.case.receiving
    if binding is None or receiving is None or receiving.provider_effective_at is None:
        return None
    return ChangeProvider(binding.binding_id, binding.serial, binding.revision, receiving.provider_ref,
                          max(receiving.provider_effective_at, a.now), a.msg_id)


def _retire(which: str) -> Callable[[Asking], Effect | None]:
    def asks(a: Asking) -> Effect | None:
        binding: Binding | None = getattr(a.case, which)
        return RetireBinding(binding.binding_id, binding.serial, binding.revision, a.msg_id) if binding is not None else None
    return asks


def _resume(a: Asking) -> Effect | None:
    old = a.case.old_binding
    return ResumeBinding(old.binding_id, old.serial, old.revision, a.msg_id) if old is not None else None


def _swap(a: Asking) -> Effect | None:
    old, wanted = a.case.old_binding, a.case.wanted
    if old is None or wanted is None or wanted.new_serial is None:
        return None
    return SwapCamera(old.binding_id, old.serial, wanted.new_serial, old.revision, a.msg_id)


def _read_identity(a: Asking) -> Effect | None:
    return ReadIdentity(a.case.expected_serial) if a.case.expected_serial and a.case.visit and a.case.identity is None else None


def _judge_frame(a: Asking) -> Effect | None:
    within = a.case.frames_taken < a.policy.frames_per_visit
    return JudgeFrame(a.case.expected_serial) if a.case.expected_serial and a.case.visit and a.case.frame is None and within else None


def _provider_set(case: Case) -> bool:
    if not case.changes_provider:
        return True
    binding = case.new_binding or case.old_binding
    return binding is not None and case.receiving is not None and binding.provider_ref == case.receiving.provider_ref


def _keys_known(case: Case) -> bool:
    form = case.receiving
    return Duty.KEYS_SIGNED_OUT in case.done or (form is not None and form.keys_signed_out is True and form.street_key in ("yes", "not_required"))


def _gone(binding: Binding | None) -> bool:
    return binding is None or binding.state is BindingState.RETIRED


def _confirmed_by_another(case: Case) -> bool:
    done = case.done.get(Duty.TERMINATION_CONFIRMED)
    return done is not None and case.wanted is not None and done.by != case.wanted.by


def _duty(duty: Duty, sv: str, en: str, source: str, after: tuple[str, ...] | None = None) -> Need:
    return Need(duty.value, Text(sv, en), source, duty_done(duty), after=after, duty=duty)


# ---- the needs, by the step they belong to ---------------------------------------------------------------------------------------

HANDING_OVER_FORM = Need("handing_over_form", Text("Invänta överlämnande verksamhets formulär.", "Await the handing-over unit's form."), "R6",
                         lambda c: c.handing_over is not None)
RECEIVING_FORM = Need("receiving_form", Text("Invänta mottagande verksamhets formulär.", "Await the receiving unit's form."), "R15",
                      lambda c: c.receiving is not None)
ANY_FORM = Need("any_form", Text("Invänta det första formuläret.", "Await the first form."), "R6, R15",
                lambda c: c.handing_over is not None or c.receiving is not None)
BINDING_FOUND = Need("binding_found", Text("Larmcentralen slår upp kamerans koppling.", "The alarm centre looks the camera's binding up."), "R1, D23",
                     lambda c: c.looked_up and c.old_binding is not None, _find_binding, after=("handing_over_form",), by_daemon=True)
NO_QUESTIONS = Need("no_open_questions", Text("Svara på frågorna; skicka in formuläret på nytt.", "Answer the questions; send the form again."),
                    "R18, R21, R25, U4", lambda c: not questions(c), after=())
QUESTIONS_OPEN = Need("questions_open", Text("Frågor finns.", "There are questions."), "R25",
                      lambda c: c.handing_over is not None and c.receiving is not None and bool(questions(c)))

BOOKED = Need("booked", Text("Boka tid för nedmontering och installation.", "Book the dismantling and the installation."), "R28-R30, R46",
              lambda c: c.booking is not None)
FALLBACK = Need("fallback_acknowledged", Text("Ansvarig enhet bekräftar fysisk tillsyn tills kameran är kopplad.",
                                             "The responsible unit acknowledges physical supervision until the camera is re-bound."), "D6", fallback_stands)
DISMANTLING = Need("dismantling_begins", Text("Teknikern är framme vid nuvarande bostad: säg till när nedmonteringen börjar.",
                                              "The technician is at the old home: say when the dismantling begins."), "D6",
                   lambda c: c.dismantling_begun is not None)
SUSPENDED = Need("looks_suspended", Text("Larmcentralen pausar titt-in.", "The alarm centre suspends the looks."), "D6, D8",
                 lambda c: _is(c.old_binding, BindingState.SUSPENDED), _suspend("MOVE"), by_daemon=True)
TAKEN_DOWN = Need("dismantled", Text("Ta ned kameran, skanna etiketten, ta bort skylten.", "Take the camera down, scan its label, remove the sign."),
                  "R31, D2, D13", lambda c: c.dismantle is not None)
MOUNTED = Need("mounted", Text("Montera kameran i nya bostaden; samtycken och bedömning klara.",
                               "Mount the camera in the new home; consents and assessment at hand."), "R32, D2, D12", lambda c: c.mount is not None)
VISIT = Need("visit_started", Text("Skanna etiketten och starta kontrollen på plats.", "Scan the label and start the check on site."), "D2, D11",
             lambda c: c.visit is not None)
IDENTITY = Need("identity_confirmed", Text("Kameran läses av: serienumret ska stämma.", "The camera is read: the serial must agree."), "D2, D3",
                serial_equal, _read_identity, by_daemon=True)
POSTURE = _duty(Duty.POSTURE_CONFIRMED, "Kontrollera kamerans inställningar: inget ljud, ingen inspelning, inget standardlösenord.",
                "Check the camera's settings: no audio, no recording, no default password.", "D15", after=())
CREDENTIALS = _duty(Duty.CREDENTIALS_ROTATED, "Byt kamerans lösenord och ta bort gamla användare.", "Change the camera's password and remove old users.",
                    "D16", after=())
PREPARED = Need("new_binding_in_test", Text("Larmcentralen lägger upp den nya kopplingen i TEST.", "The alarm centre prepares the new binding in TEST."),
                "6.2 row 9", lambda c: _is(c.new_binding, BindingState.TEST), _prepare, after=(), by_daemon=True)
FRAME = Need("frame_judged", Text("En bild tas, bedöms och glöms.", "One frame is taken, judged and forgotten."), "D10, D11, R37",
             lambda c: c.frame is not None and c.frame.trusted, _judge_frame, after=(), by_daemon=True)
VIEW = Need("view_accepted", Text("Bedöm övervakningsområde, avspeglingar och planlösning.", "Judge monitoring area, reflections and floor plan."),
            "R37, R38", lambda c: c.view is not None, after=("frame_judged",))
SIGN = Need("sign_placed", Text("Sätt upp skylten och svara på frågorna om platsen.", "Put the sign up and answer the questions on its place."), "R33-R37",
            lambda c: c.sign is not None)
CODE_SHOWN = Need("code_shown", Text("Håll upp engångskoden framför kameran.", "Hold the one-time code before the camera."), "D9",
                  lambda c: c.test_look is not None)
CODE_SEEN = Need("operator_saw_code", Text("Operatören tittar en gång och läser koden.", "The operator looks once and reads the code."), "D9",
                 lambda c: c.test_look is not None and c.test_look.ok, _test_look, by_daemon=True)
REBOUND = Need("rebind_completed", Text("Larmcentralen flyttar kopplingen i ett steg.", "The alarm centre re-binds in one step."), "R26, D8",
               lambda c: c.rebind_completed, _rebind, by_daemon=True)
STATES_AGREE = Need("states_agree", Text("Larmcentralens status för båda kopplingarna stämmer.", "The retained states of both bindings agree."), "D8",
                    lambda c: _agrees(c, c.new_binding) and _agrees(c, c.old_binding), by_daemon=True)

SERIAL_CONFIRMED = Need("serial_confirmed", Text("Bekräfta serienumret från etiketten (ingen bild).", "Confirm the serial from the label (no picture)."),
                        "R11, D2", lambda c: c.visit is not None and (serial_equal(c) or not c.confirm_by_camera),
                        lambda a: _read_identity(a) if a.case.confirm_by_camera else None)
KEYS_KNOWN = Need("keys_known", Text("Mottagande verksamhet kvitterar ut nycklarna före bytet.", "The receiving unit signs the keys out before the switch."),
                  "R14, R20, H13", _keys_known, duty=Duty.KEYS_SIGNED_OUT)
SWITCH_ACCEPTED = Need("switch_accepted", Text("Larmcentralen tar emot utförarbytet.", "The alarm centre accepts the provider change."), "D18",
                       lambda c: c.switch_completed or any(e.accepted for e in c.errands if e.effect.kind == "change_provider"),
                       _change_provider, by_daemon=True)
SWITCH_COMPLETED = Need("switch_completed", Text("Invänta tidpunkten för utförarbytet.", "Await the instant of the provider change."), "D18",
                        lambda c: c.switch_completed, by_daemon=True)
PROVIDER_ACCEPTED = Need("provider_change_accepted", SWITCH_ACCEPTED.text, "D18, U9", lambda c: _provider_set(c) or SWITCH_ACCEPTED.met(c),
                         _change_provider, after=(), by_daemon=True)
PROVIDER_SET = Need("provider_set", SWITCH_COMPLETED.text, "D18, U9", _provider_set, after=(), by_daemon=True)

RECEIVING_PHONED = _duty(Duty.RECEIVING_PHONED, "Ring mottagande verksamhet.", "Phone the receiving unit.", "R39-R42", after=())
RECEIVING_FORM_SENT = _duty(Duty.RECEIVING_FORM_SENT, "Svara mottagande verksamhet i formuläret.", "Answer the receiving unit in the form.", "R39-R42", after=())
HANDING_OVER_FORM_SENT = _duty(Duty.HANDING_OVER_FORM_SENT, "Svara överlämnande verksamhet i formuläret, utan ny adress.",
                               "Answer the handing-over unit in the form, without the new address.", "R43, R50, D20")
CLOSING_DUTIES = (
    _duty(Duty.CARE_RECORD_HANDING_OVER, "Överlämnande verksamhet dokumenterar i Treserva.", "The handing-over unit documents in Treserva.", "R13, R49", after=()),
    _duty(Duty.CARE_RECORD_RECEIVING, "Mottagande verksamhet dokumenterar i Treserva.", "The receiving unit documents in Treserva.", "R23, R49", after=()),
    _duty(Duty.SERIAL_DOCUMENTED, "Mottagande verksamhet dokumenterar serienumret säkert.", "The receiving unit documents the serial securely.", "R24", after=()),
    _duty(Duty.KEYS_RETURNED, "Överlämnande verksamhet har lämnat tillbaka nycklarna.", "The handing-over unit returned the keys.", "R5, R53", after=()),
    Need("keys_signed_out", Text("Mottagande verksamhet har kvitterat ut nycklarna.", "The receiving unit signed the keys out."), "R14, R53", _keys_known,
         after=(), duty=Duty.KEYS_SIGNED_OUT),
    _duty(Duty.IT_SUPPORT_UPDATED, "Uppdatera relevanta IT-stöd, vart och ett.", "Update the relevant IT systems, each of them.", "R26", after=()),
)
FIRST_LOOK = Need("first_look_succeeded", Text("Invänta den första riktiga titten.", "Await the first real look."), "6.2 row 17, D24",
                  lambda c: c.first_look_ok_at is not None, after=(), by_daemon=True)
REGISTER = _duty(Duty.SURVEILLANCE_REGISTER_UPDATED, "Uppdatera registret över kamerabevakning.", "Update the register of camera surveillance.", "KBL 10", after=())
TASKS_DONE = Need("tasks_done", Text("Gör klart de öppna uppgifterna.", "Finish the open tasks."), "6.2 row 17",
                  lambda c: all(task.done is not None for task in c.tasks), after=())

# ---- exits -----------------------------------------------------------------------------------------------------------------------


def wanted(kind: Exit) -> Need:
    """Somebody asked for this exit."""
    return Need(f"wanted_{kind.value.lower()}", Text("Någon har begärt detta.", "Somebody asked for it."), "6.2 x",
                lambda c: c.wanted is not None and c.wanted.exit is kind)


LOOKS_STOPPED = Need("looks_stopped", Text("Larmcentralen stoppar titt-in.", "The alarm centre stops the looks."), "D28",
                     lambda c: not (_is(c.old_binding, BindingState.ACTIVE) or _is(c.new_binding, BindingState.ACTIVE)), _suspend("STOP"), by_daemon=True)
DEFECT_SUSPENDED = Need("looks_suspended_defect", LOOKS_STOPPED.text, "D14, D6", LOOKS_STOPPED.met, _suspend("DEFECT"), by_daemon=True)
SECOND_PERSON = Need("termination_confirmed", Text("En annan person bekräftar att tillsynen ska avslutas.", "Another person confirms the termination."),
                     "D28, H15", _confirmed_by_another, duty=Duty.TERMINATION_CONFIRMED)
NEW_RETIRED = Need("new_binding_retired", Text("Larmcentralen avslutar den nya kopplingen.", "The alarm centre retires the new binding."), "D14, D28, U33",
                   lambda c: _gone(c.new_binding), _retire("new_binding"), by_daemon=True)
OLD_RETIRED = Need("old_binding_retired", Text("Larmcentralen avslutar kopplingen.", "The alarm centre retires the binding."), "D28",
                   lambda c: _gone(c.old_binding), _retire("old_binding"), by_daemon=True)
SWAPPED = Need("camera_swapped", Text("Larmcentralen byter kamera på kopplingen.", "The alarm centre swaps the camera at the binding."), "D14",
               lambda c: c.wanted is None, _swap, by_daemon=True)
CAMERA_BACK = Need("camera_back_at_old_home", Text("Montera tillbaka kameran i den gamla bostaden.", "Mount the camera back in the old home."), "U33",
                   lambda c: c.dismantle is None or Duty.CAMERA_BACK_AT_OLD_HOME in c.done, duty=Duty.CAMERA_BACK_AT_OLD_HOME)
RESUMED = Need("looks_resumed", Text("Larmcentralen återupptar titt-in i den gamla bostaden.", "The alarm centre resumes the looks at the old home."), "U33",
               lambda c: _is(c.old_binding, BindingState.ACTIVE), _resume, by_daemon=True)
OLD_AGREES = Need("old_state_agrees", STATES_AGREE.text, "D8", lambda c: _agrees(c, c.old_binding), by_daemon=True)
