"""The needs: each one thing that must be true before a case may go on, who makes it true, and how the case asks for it.

A need is met or not by looking at the case alone. Where it has `asks`, the case owes that effect as soon as the needs it comes `after` are met.
Names of needs are the names of errands, of the lines in `provisioner case show`, and of the labels in the state picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from provisioner.case.cover import camera_at_old_home
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
from provisioner.case.keys import KeySide
from provisioner.case.keys_said import settled
from provisioner.case.model import Binding, BindingState, Case, Duty
from provisioner.case.policy import Policy
from provisioner.case.view_said import asked_of
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
    """Two independent readings, the label scanned for this visit and the camera's own, agree with the expected serial and with all else that is known of
    the camera (D2): `identity` is there only where the dossier said confirmed, for exactly this serial."""
    return (case.visit is not None and case.identity is not None and case.expected_serial is not None and case.visit.serial == case.expected_serial
            and (case.judged.expected if case.judged is not None else case.identity.serial) == case.expected_serial)


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
            if binding is not None and binding.state is BindingState.ACTIVE and fallback is not None and fallback_stands(a.case):
                # a review that is overdue calls somebody every day (clockwork); to the alarm centre it is then tomorrow's
                review_at = fallback.review_at if fallback.review_at > a.now else a.now + timedelta(days=1)
                return SuspendBinding(binding.binding_id, binding.serial, binding.revision, reason, fallback.fallback_ref,  # type: ignore[arg-type]
                                      review_at, a.msg_id)
        return None
    return asks


def _prepare(a: Asking) -> Effect | None:
    case, old = a.case, a.case.old_binding
    if old is None or case.receiving is None or case.expected_serial is None:
        return None
    switch_at = case.receiving.provider_effective_at
    switched = case.changes_provider and switch_at is not None and switch_at <= a.now and _keys_known(case)
    provider_ref = case.receiving.provider_ref if switched else old.provider_ref
    return PrepareBinding(new_binding_id(case), case.expected_serial, case.receiving.site_ref, provider_ref, old.schedule_ref, a.msg_id)


def _test_look(a: Asking) -> Effect | None:
    # going back, the operator looks through the binding that will give looks again; on the way, only through the new one
    binding = a.case.new_binding if _is(a.case.new_binding, BindingState.TEST) else a.case.home_binding if a.case.leaving else None
    look = a.case.test_look
    return AskTestLook(binding.binding_id, look.challenge_id, a.msg_id) if binding is not None and look is not None else None


def _rebind(a: Asking) -> Effect | None:
    old, new = a.case.old_binding, a.case.new_binding
    if old is None or new is None or a.case.expected_serial is None:
        return None
    return RebindCamera(old.binding_id, old.revision, new.binding_id, new.revision, a.case.expected_serial, a.now, a.msg_id)


def _change_provider(a: Asking) -> Effect | None:
    binding, receiving = a.case.home_binding, a.case.receiving
    if binding is None or receiving is None or receiving.provider_effective_at is None or _change_under_way(a.case):
        return None
    return ChangeProvider(binding.binding_id, binding.serial, binding.revision, receiving.provider_ref,
                          max(receiving.provider_effective_at, a.now), a.msg_id)


def _change_under_way(case: Case) -> bool:
    """Whether a provider change of the binding that counts was sent already; the alarm centre takes one at a time."""
    home = case.home_binding
    return any(isinstance(e.effect, ChangeProvider) and home is not None and e.effect.binding_id == home.binding_id for e in case.errands)


def _change_accepted(case: Case) -> bool:
    return _provider_set(case) or (_change_under_way(case) and any(e.accepted and not e.stuck for e in case.errands))


def _switch_comes_first(case: Case) -> bool:
    """Whether the provider changes before the camera is taken down (U9): then it changes at the old home, and the looks go on there meanwhile."""
    form, booking = case.receiving, case.booking
    return (case.changes_provider and not _is(case.old_binding, BindingState.SUSPENDED) and form is not None and booking is not None
            and form.provider_effective_at is not None and form.provider_effective_at <= booking.dismantle_from)


def _retire(which: str) -> Callable[[Asking], Effect | None]:
    def asks(a: Asking) -> Effect | None:
        binding: Binding | None = getattr(a.case, which)
        return RetireBinding(binding.binding_id, binding.serial, binding.revision, a.msg_id) if binding is not None else None
    return asks


def _resume(a: Asking) -> Effect | None:
    home = a.case.home_binding
    return ResumeBinding(home.binding_id, home.serial, home.revision, a.msg_id) if _is(home, BindingState.SUSPENDED) and home else None


def _swap(a: Asking) -> Effect | None:
    old, leaving = a.case.old_binding, a.case.leaving
    if old is None or leaving is None or leaving.new_serial is None:
        return None
    return SwapCamera(old.binding_id, old.serial, leaving.new_serial, old.revision, a.msg_id)


def _read_identity(a: Asking) -> Effect | None:
    # judged and not confirmed: read again only after a new scan, not in a circle
    return ReadIdentity(a.case.expected_serial) if a.case.expected_serial and a.case.visit and a.case.judged is None and a.case.identity is None else None


def _judge_frame(a: Asking) -> Effect | None:
    asked = asked_of(a.case, a.policy)
    return JudgeFrame(a.case.expected_serial, asked) if a.case.expected_serial and a.case.visit and a.case.frame is None and asked.frames_most > 0 else None


def _frame_trusted(case: Case) -> bool:
    return case.frame is not None and case.frame.trusted


def _provider_set(case: Case) -> bool:
    if not case.changes_provider:
        return True
    binding = case.home_binding
    return binding is not None and case.receiving is not None and binding.provider_ref == case.receiving.provider_ref


def _keys_known(case: Case) -> bool:
    return settled(case, KeySide.RECEIVING)


def _gone(binding: Binding | None) -> bool:
    return binding is None or binding.state is BindingState.RETIRED


def _confirmed_by_another(case: Case) -> bool:
    done = case.done.get(Duty.TERMINATION_CONFIRMED)
    return done is not None and case.leaving is not None and done.by != case.leaving.by


def _decided_since(case: Case) -> bool:
    """Whether somebody has said how the home is looked after now that supervision ends: the answer given for a move is none (D28)."""
    return fallback_stands(case) and case.fallback is not None and case.fallback.for_ending


def never_left(case: Case) -> bool:
    """Whether there is nothing to go back from: nothing was done at the registry, or the looks are on and the camera was never taken from there."""
    home = case.home_binding
    return home is None or (home.state is BindingState.ACTIVE and (case.rebind_completed or (case.dismantle is None and not case.replaced_serials)))


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
BOOKING_STANDS = Need("booking_stands", Text("Ingen öppnade: boka om båda tiderna.", "Nobody opened: book both times anew."), "R28, R29, U19",
                      lambda c: c.missed is None, after=())
FALLBACK = Need("fallback_acknowledged", Text("Ansvarig enhet bekräftar fysisk tillsyn tills kameran är kopplad.",
                                             "The responsible unit acknowledges physical supervision until the camera is re-bound."), "D6", fallback_stands)
DISMANTLING = Need("dismantling_begins", Text("Teknikern är framme vid nuvarande bostad: säg till när nedmonteringen börjar.",
                                              "The technician is at the old home: say when the dismantling begins."), "D6",
                   lambda c: c.dismantling_begun is not None)
KEYS_FIRST = Need("keys_known_before_switch", Text("Mottagande verksamhet kvitterar ut nycklarna före utförarbytet, som sker före flytten.",
                                                  "The receiving unit signs the keys out before the provider change, which comes before the move."),
                  "R14, H13, U9", lambda c: not _switch_comes_first(c) or _keys_known(c), after=(), duty=Duty.KEYS_SIGNED_OUT)
SWITCH_FIRST = Need("provider_changed_before_move", Text("Larmcentralen byter utförare vid gamla bostaden, före flytten.",
                                                        "The alarm centre changes the provider at the old home, before the move."), "D18, U9",
                    lambda c: not _switch_comes_first(c) or _provider_set(c), _change_provider, after=("keys_known_before_switch",), by_daemon=True)
SUSPENDED = Need("looks_suspended", Text("Larmcentralen pausar titt-in.", "The alarm centre suspends the looks."), "D6, D8",
                 lambda c: _is(c.old_binding, BindingState.SUSPENDED), _suspend("MOVE"), by_daemon=True)
TAKEN_DOWN = Need("dismantled", Text("Ta ned kameran, skanna etiketten, ta bort skylten.", "Take the camera down, scan its label, remove the sign."),
                  "R31, D2, D13", lambda c: c.dismantle is not None)
SITE = Need("site_checked", Text("Gå igenom den nya bostaden: eluttag, täckning, ström som ingen släcker, hyresvärdens lov.",
                                "Go through the new home: socket, coverage, a supply that nobody switches off, the landlord's leave."), "U18, U28",
            lambda c: c.site is not None and c.site.socket and c.site.signal, after=())
MOUNTED = Need("mounted", Text("Montera kameran i nya bostaden; samtycken och bedömning klara.",
                               "Mount the camera in the new home; consents and assessment at hand."), "R32, D2, D12", lambda c: c.mount is not None)
VISIT = Need("visit_started", Text("Skanna etiketten och starta kontrollen på plats.", "Scan the label and start the check on site."), "D2, D11",
             lambda c: c.visit is not None)
IDENTITY = Need("identity_confirmed", Text("Kameran läses av: serienumret och allt annat känt om den ska stämma.",
                                           "The camera is read: the serial, and all else that is known of it, must agree."), "D2, D3",
                serial_equal, _read_identity, by_daemon=True)
PREPARED = Need("new_binding_in_test", Text("Larmcentralen lägger upp den nya kopplingen i TEST.", "The alarm centre prepares the new binding in TEST."),
                "6.2 row 9", lambda c: _is(c.new_binding, BindingState.TEST), _prepare, after=(), by_daemon=True)
SCAN_FRESH = Need("label_scanned_now", Text("Skanna etiketten igen: en bild tas bara inom 15 minuter från skanningen.",
                                           "Scan the label again: a frame is taken only within 15 minutes of the scan."), "D11",
                  lambda c: c.visit is not None or _frame_trusted(c), after=())
FRAME = Need("frame_judged", Text("Bilder tas som rummet är och som natten visar det, bedöms och glöms.",
                                      "Frames are taken of the room as it is and as the night shows it, judged and forgotten."), "D10, D11, R37",
             _frame_trusted, _judge_frame, after=("label_scanned_now",), by_daemon=True)
VIEW = Need("view_accepted", Text("Bedöm övervakningsområde, avspeglingar och planlösning.", "Judge monitoring area, reflections and floor plan."),
            "R37, R38", lambda c: c.view is not None, after=("frame_judged", "zones_masked"))
SIGN = Need("sign_placed", Text("Sätt upp skylten och svara på frågorna om platsen.", "Put the sign up and answer the questions on its place."), "R33-R37",
            lambda c: c.sign is not None)
CODE_SHOWN = Need("code_shown", Text("Starta testtitten: engångskoden visas i bilden.", "Start the test look: the one-time code is shown in the picture."), "D9",
                  lambda c: c.test_look is not None)
CODE_SEEN = Need("operator_saw_code", Text("Operatören tittar en gång och läser koden.", "The operator looks once and reads the code."), "D9",
                 lambda c: c.test_look is not None and c.test_look.ok, _test_look, by_daemon=True)
REBOUND = Need("rebind_completed", Text("Larmcentralen flyttar kopplingen i ett steg.", "The alarm centre re-binds in one step."), "R26, D8",
               lambda c: c.rebind_completed, _rebind, by_daemon=True)
STATES_AGREE = Need("states_agree", Text("Larmcentralens status för båda kopplingarna stämmer.", "The retained states of both bindings agree."), "D8",
                    lambda c: _is(c.new_binding, BindingState.ACTIVE) and _agrees(c, c.new_binding) and _agrees(c, c.old_binding), by_daemon=True)

SERIAL_CONFIRMED = Need("serial_confirmed", Text("Bekräfta serienumret från etiketten (ingen bild).", "Confirm the serial from the label (no picture)."),
                        "R11, D2", lambda c: c.visit is not None and (serial_equal(c) or not c.confirm_by_camera),
                        lambda a: _read_identity(a) if a.case.confirm_by_camera else None)
KEYS_KNOWN = Need("keys_known", Text("Mottagande verksamhet kvitterar ut nycklarna före bytet.", "The receiving unit signs the keys out before the switch."),
                  "R14, R20, H13", _keys_known, duty=Duty.KEYS_SIGNED_OUT)
SWITCH_ACCEPTED = Need("switch_accepted", Text("Larmcentralen tar emot utförarbytet.", "The alarm centre accepts the provider change."), "D18, U9",
                       _change_accepted, _change_provider, after=("keys_known",), by_daemon=True)
SWITCH_COMPLETED = Need("switch_completed", Text("Invänta tidpunkten för utförarbytet.", "Await the instant of the provider change."), "D18, U9",
                        _provider_set, _change_provider, after=(), by_daemon=True)

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

CAMERA_KNOWN = Need("camera_known", Text("Ärendets kamera är inte fastställd: ring larmcentralen och avsluta titt-in där.",
                                         "The case's camera is not established: phone the alarm centre and have the looks ended there."), "D28, H2",
                    lambda c: c.old_binding is not None or Duty.LOOKS_ENDED_BY_HAND in c.done, after=(), duty=Duty.LOOKS_ENDED_BY_HAND)
LOOKS_STOPPED = Need("looks_stopped", Text("Larmcentralen stoppar titt-in.", "The alarm centre stops the looks."), "D28",
                     lambda c: not (_is(c.old_binding, BindingState.ACTIVE) or _is(c.new_binding, BindingState.ACTIVE)), _suspend("STOP"),
                     after=("fallback_acknowledged",), by_daemon=True)
DECIDED = Need("fallback_decided", Text("Svara uttryckligen: ska hemmet besökas nu när tillsynen avslutas, eller behövs det inte?",
                                        "Answer explicitly: is the home to be visited now that supervision ends, or is that not needed?"), "D28",
               _decided_since)
DEFECT_SUSPENDED = Need("looks_suspended_defect", LOOKS_STOPPED.text, "D14, D6", LOOKS_STOPPED.met, _suspend("DEFECT"), by_daemon=True)
PAUSED = Need("looks_paused", SUSPENDED.text, "U17", lambda c: c.pause_over is not None or _is(c.old_binding, BindingState.SUSPENDED), _suspend("PAUSE"),
              by_daemon=True)
PAUSE_OVER = Need("pause_over", Text("Säg till när personen kommer hem; senast när pausen ska granskas.",
                                     "Say when the person comes home; at the review of the pause at the latest."), "U17", lambda c: c.pause_over is not None)
SECOND_PERSON = Need("termination_confirmed", Text("En annan person bekräftar att tillsynen ska avslutas.", "Another person confirms the termination."),
                     "D28, H15", _confirmed_by_another, duty=Duty.TERMINATION_CONFIRMED)
NEW_RETIRED = Need("new_binding_retired", Text("Larmcentralen avslutar den nya kopplingen.", "The alarm centre retires the new binding."), "D14, D28, U33",
                   lambda c: _gone(c.new_binding), _retire("new_binding"), by_daemon=True)
OLD_RETIRED = Need("old_binding_retired", Text("Larmcentralen avslutar kopplingen.", "The alarm centre retires the binding."), "D28",
                   lambda c: _gone(c.old_binding), _retire("old_binding"), by_daemon=True)
SWAPPED = Need("camera_swapped", Text("Larmcentralen byter kamera på kopplingen.", "The alarm centre swaps the camera at the binding."), "D14",
               lambda c: c.leaving is not None and c.expected_serial == c.leaving.new_serial, _swap, by_daemon=True)
CAMERA_BACK = Need("camera_back_at_old_home", Text("Montera tillbaka kameran i den gamla bostaden.", "Mount the camera back in the old home."), "U33",
                   lambda c: camera_at_old_home(c) or c.rebind_completed, duty=Duty.CAMERA_BACK_AT_OLD_HOME)
RESUMED = Need("looks_resumed", Text("Larmcentralen återupptar titt-in.", "The alarm centre resumes the looks."), "U33",
               lambda c: c.home_binding is None or _is(c.home_binding, BindingState.ACTIVE), _resume, by_daemon=True)
STATE_AGREES = Need("state_agrees", Text("Larmcentralens status för kopplingen stämmer.", "The retained state of the binding agrees."), "D8",
                    lambda c: c.home_binding is None or (_is(c.home_binding, BindingState.ACTIVE) and _agrees(c, c.home_binding)), by_daemon=True)
NO_CHANGE_WAITS = Need("no_provider_change_waits", Text("Invänta det utförarbyte som larmcentralen redan har tagit emot.",
                                                        "Await the provider change that the alarm centre has accepted already."), "D18, U9",
                       lambda c: not any(e.accepted for e in c.errands), by_daemon=True)

# ---- what sends a case a step back: something it stands on is gone ------------------------------------------------------------------

UNDONE = Need("move_undone", Text("Ett nytt ärende tar tillbaka kameran.", "A new case takes the camera back."), "6.2 row 13", lambda c: c.undone_by != "")
BINDING_GONE = Need("binding_not_looked_up", Text("Serienumret är nytt: larmcentralen slår upp det.", "The serial is new: the alarm centre looks it up."),
                    "R11, H3", lambda c: c.old_binding is None)
LOOKS_ON_AGAIN = Need("looks_on_again", Text("Någon har satt på titt-in i gamla bostaden igen.", "Somebody has switched the looks at the old home on again."),
                      "D6", lambda c: _is(c.old_binding, BindingState.ACTIVE))
VIEW_GONE = Need("camera_moved", Text("Kameran har flyttats.", "The camera was moved."), "R38", lambda c: c.view is None)
NEW_BINDING_GONE = Need("new_binding_gone", Text("Den nya kopplingen finns inte mer.", "The new binding is no more."), "6.2 row 9",
                        lambda c: not c.rebind_completed and not _is(c.new_binding, BindingState.TEST))
CODE_GONE = Need("test_look_too_old", Text("Testtitten är för gammal.", "The test look is too old."), "6.2 row 12",
                 lambda c: not c.rebind_completed and not CODE_SEEN.met(c))
