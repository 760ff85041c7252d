"""The plan: where a case may stand, what must be true to go on, and how long we are patient. A literal table; `advance.py` only reads it.

Why the order is as it is:

* **Forms before booking** (R46): the booking uses the contacts the forms name. Serial, person and dates of the two forms are held against each
  other first, because every later step trusts them; and the alarm centre is asked for the serial's binding before anything else, because a
  mistyped number that happens to be somebody else's camera is how a person in this routine's own city was without looks for three months (H3).
* **Fallback before suspension** (D6, I2): looks pause only when somebody has said, by name, that the home is visited instead. And the pause
  begins when the technician stands at the door, not when the form was sent: each hour between is an hour on the fallback.
* **Suspension before dismantling, one atomic re-bind after the test look** (D8, I1): "two homes on one camera" and "retired at the old before
  bound at the new" are avoided together only by this three-step. Between the two the old binding stays, SUSPENDED, and is what we go back to.
* **Identity before picture, picture before sign** (D2, R38): a frame is taken only from the camera that proved to be the expected one, and the
  sign's place can be judged only when the camera's final place is known. Whoever moves the camera afterwards starts again at the view.
* **Checked by day and by the night's own light, then judged by a person** (R37): the check of the view advises; it stops only what `VIEW_BLOCKS` names.
* **New binding in TEST beside the frame**: the alarm centre prepares while the technician looks; neither needs the other.
* **Test look last before the re-bind** (D9): an operator sees, through the path the night will use, the code that the technician holds up in this
  very home. It is the only step that proves picture and home together.
* **Reply and retained state both** (invariant 3): "supervision begins" is told to people only when the alarm centre has said it twice, in two ways.
* **Receiving unit first and by phone, handing-over unit last** (R39, R43, R50): the unit that must act at night hears it before the one that is done.

A *need* (needs.py) is one condition. A *way* leads to another state when all its needs are met; the first such way is taken. Ways *aside* come
first: they take a case back when something it stands on is gone (a camera moved, a test look grown old, looks switched on by somebody's hand),
from those states in which that can come to light.
Needs that name an effect make the case owe it. *Exits* are ways that somebody must ask for (`wanted`): they wait for a registry command in flight,
because after a command without an answer the registry may stand on either side, and only its reply tells which exit is right. A termination can be
called off (HOLD, WRONG_CASE, ROLL_BACK, CANCEL) until the second person has confirmed it and the binding is RETIRED, which never returns.

Patience is chosen by effect and fault kind. A camera that boots is waited for (40-90 s); a wrong password is never tried again by itself (lock-out);
the registry is asked again with the same message id for ever, and after five tries a person is asked to phone, because no answer is not a no.

Provider change only: no dismantling, no picture, no sign (R27), and looks never stop; the alarm centre takes the change beforehand and carries it
out at the instant (D18), so that a night with our daemon down changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from provisioner.case import device_needs as d
from provisioner.case import effects as fx
from provisioner.case import needs as n
from provisioner.case import patience as p
from provisioner.case.model import CaseKind, Duty, Exit, State
from provisioner.case.needs import Need
from provisioner.case.patience import Patience
from provisioner.case.view_check import Block
from provisioner.case.view_said import blocked_by
from provisioner.fault import FaultKind, Text

M, P, MP = CaseKind.MOVE_ONLY, CaseKind.PROVIDER_CHANGE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE
MOVES = frozenset({M, MP})
ALL = frozenset({M, P, MP})
ONLY_M, ONLY_P, ONLY_MP = frozenset({M}), frozenset({P}), frozenset({MP})


@dataclass(frozen=True, slots=True)
class Way:
    """To `to`, for cases of these kinds, when every need is met. `aside`: not the way on, but where the case goes when something is missing or gone."""

    to: State
    needs: tuple[Need, ...]
    kinds: frozenset[CaseKind] = ALL
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One state: its number in the contract's table (6.2), what it means, the ways on, and the exits that may be asked for."""

    number: str
    meaning: Text
    ways: tuple[Way, ...] = ()
    exits: frozenset[Exit] = frozenset()


BEFORE = frozenset({Exit.HOLD, Exit.CANCEL, Exit.TERMINATE, Exit.WRONG_CASE})
PAUSABLE = BEFORE | {Exit.PAUSE}
BOOKED_EXITS = PAUSABLE | {Exit.SWAP, Exit.REFUSED}
UNDER_WAY = frozenset({Exit.HOLD, Exit.ROLL_BACK, Exit.TERMINATE, Exit.SWAP, Exit.WRONG_CASE, Exit.REFUSED})
AFTER = frozenset({Exit.HOLD, Exit.TERMINATE, Exit.WRONG_CASE})
CALLED_OFF = frozenset({Exit.HOLD, Exit.ROLL_BACK, Exit.CANCEL, Exit.WRONG_CASE})  # CANCEL: only where no camera was known and nothing was changed

VIEW_BLOCKS: Mapping[str, Block] = {
    "bed_out": Block(False, Text("Sängen syns inte i bilden. Vrid kameran dit, eller rita om sängen om den är fel ritad.",
                                 "The bed is not seen in the picture. Turn the camera there, or draw the bed again if it was drawn wrongly.")),
    "bed_blinded": Block(True, Text("Ljus eller kamerans egen lampa skymmer sängen. Vrid kameran tills sängen är fri.",
                                    "Light, or the camera's own lamp, hides the bed. Turn the camera until the bed is clear.")),
}
"""The only findings that stop a view; all others advise, and a person decides (`view_check.block_of` names them). A camera that does not see the bed
gives nobody supervision, and there is always a way out that costs minutes, so nobody answers for that. A bed that is blinded may be the best that a room
has to give: the team lead answers for it, with a reason. (Two more have needs of their own: `frame_judged` stops until a whole picture of the room came, and
`zones_masked` until two pictures have proved that what must not be seen is covered.) A broken night picture, a mirror, a soft picture or half a bed is a
person's judgement, not a program's: a program that is wrong there would keep a home unwatched."""

_VIEW_FIT = Need("view_fit", Text("Åtgärda det som kontrollen av bilden stoppar, och gör om den.",
                                  "See to what the check of the view stops, and check again."), "R37, H17",
                 lambda c: not blocked_by(c, VIEW_BLOCKS))
_CODE_HIDDEN = replace(d.CODE_HIDDEN, after=())
_TO_READY = Way(State.READY, (n.HANDING_OVER_FORM, n.BINDING_FOUND, n.RECEIVING_FORM, n.NO_QUESTIONS))
_QUESTIONS = Way(State.NEEDS_INFO, (n.QUESTIONS_OPEN,), aside=True)
_LOOKS_ON = Way(State.BOOKED, (n.LOOKS_ON_AGAIN,), MOVES, aside=True)
_MOVED = Way(State.IDENTITY_VERIFIED, (n.VIEW_GONE,), MOVES, aside=True)
_NO_NEW = Way(State.IDENTITY_VERIFIED, (n.NEW_BINDING_GONE,), MOVES, aside=True)
_UNDONE = Way(State.UNDONE, (n.UNDONE, n.NO_CHANGE_WAITS), MOVES, aside=True)
_TOO_OLD = Way(State.SIGN_PLACED, (n.CODE_GONE,), MOVES, aside=True)

PLAN: Mapping[State, Rule] = {
    State.DRAFT: Rule("1", Text("Ärendet är öppnat.", "The case is open."), (
        Way(State.AWAITING_COUNTERPART, (n.ANY_FORM,)),
    ), BEFORE),
    State.AWAITING_COUNTERPART: Rule("2", Text("Det andra formuläret, eller larmcentralens besked om kameran, saknas.",
                                               "The other form, or the alarm centre's word on the camera, is missing."), (_TO_READY, _QUESTIONS), BEFORE),
    State.NEEDS_INFO: Rule("3", Text("Något saknas eller motsäger.", "Something is missing or disagrees."), (_TO_READY,), BEFORE),
    State.READY: Rule("4", Text("Båda formulären stämmer.", "Both forms agree."), (
        _QUESTIONS,
        Way(State.AWAITING_COUNTERPART, (n.BINDING_GONE,), aside=True),
        Way(State.BOOKED, (n.BOOKED,), MOVES),
        Way(State.SERIAL_CONFIRMED, (n.SERIAL_CONFIRMED,), ONLY_P),
    ), PAUSABLE),
    State.BOOKED: Rule("5", Text("Båda tiderna är bokade.", "Both times are booked."), (
        Way(State.LOOKS_SUSPENDED, (n.BOOKING_STANDS, n.FALLBACK, n.DISMANTLING, n.SUSPENDED), ONLY_M),
        Way(State.LOOKS_SUSPENDED, (n.KEYS_FIRST, n.SWITCH_FIRST, n.BOOKING_STANDS, n.FALLBACK, n.DISMANTLING, n.SUSPENDED), ONLY_MP),
    ), BOOKED_EXITS),
    State.LOOKS_SUSPENDED: Rule("6", Text("Titt-in är pausad, fysisk tillsyn gäller.", "Looks are suspended, visits are in force."), (
        Way(State.DISMANTLED, (n.TAKEN_DOWN,), MOVES),
    ), UNDER_WAY),
    State.DISMANTLED: Rule("7", Text("Kameran är nedtagen.", "The camera is down."), (
        Way(State.INSTALLED, (n.SITE, n.MOUNTED), MOVES),
    ), UNDER_WAY),
    State.INSTALLED: Rule("8", Text("Kameran sitter i nya bostaden.", "The camera is up in the new home."), (
        Way(State.IDENTITY_VERIFIED, (n.VISIT, n.IDENTITY, d.CREDENTIALS, d.POSTURE), MOVES),
    ), UNDER_WAY),
    State.IDENTITY_VERIFIED: Rule("9", Text("Det är rätt kamera.", "It is the right camera."), (
        _LOOKS_ON, Way(State.VIEW_CHECKED, (n.PREPARED, n.SCAN_FRESH, n.FRAME, d.MASKED, _VIEW_FIT, n.VIEW, d.MARKED), MOVES),
    ), UNDER_WAY),
    State.VIEW_CHECKED: Rule("10", Text("Bilden är bedömd.", "The view is judged."), (
        _MOVED, Way(State.SIGN_PLACED, (n.SIGN,), MOVES),
    ), UNDER_WAY),
    State.SIGN_PLACED: Rule("11", Text("Skylten sitter.", "The sign is up."), (
        _MOVED, _NO_NEW, Way(State.TEST_LOOK_OK, (n.CODE_SHOWN, d.CODE_DISPLAYED, n.CODE_SEEN), MOVES),
    ), UNDER_WAY),
    State.TEST_LOOK_OK: Rule("12", Text("Operatören såg koden.", "The operator saw the code."), (
        _LOOKS_ON, _MOVED, _NO_NEW, _TOO_OLD, Way(State.REBOUND, (n.REBOUND, n.STATES_AGREE), MOVES),
    ), UNDER_WAY),
    State.REBOUND: Rule("13", Text("Tillsynen har börjat i nya bostaden.", "Supervision has begun in the new home."), (
        _UNDONE,
        Way(State.RECEIVING_INFORMED, (_CODE_HIDDEN, n.RECEIVING_PHONED, n.RECEIVING_FORM_SENT), ONLY_M),
        Way(State.RECEIVING_INFORMED, (_CODE_HIDDEN, n.KEYS_KNOWN, n.SWITCH_ACCEPTED, n.RECEIVING_PHONED, n.RECEIVING_FORM_SENT), ONLY_MP),
    ), AFTER),
    State.SERIAL_CONFIRMED: Rule("P5", Text("Det är rätt kamera, ingen bild tagen.", "It is the right camera, no picture taken."), (
        Way(State.SWITCH_SCHEDULED, (n.KEYS_KNOWN, n.SWITCH_ACCEPTED), ONLY_P),
    ), PAUSABLE),
    State.SWITCH_SCHEDULED: Rule("P6", Text("Utförarbytet är inlagt.", "The provider change is scheduled."), (
        Way(State.SWITCHED, (n.SWITCH_COMPLETED, n.STATE_AGREES), ONLY_P),
    ), AFTER),
    State.SWITCHED: Rule("P7", Text("Nya utföraren ansvarar.", "The new provider is responsible."), (
        Way(State.RECEIVING_INFORMED, (n.RECEIVING_PHONED, n.RECEIVING_FORM_SENT), ONLY_P),
    ), AFTER),
    State.RECEIVING_INFORMED: Rule("14", Text("Mottagande verksamhet vet.", "The receiving unit knows."), (
        _UNDONE, Way(State.HANDING_OVER_INFORMED, (n.HANDING_OVER_FORM_SENT,)),
    ), AFTER),
    State.HANDING_OVER_INFORMED: Rule("15", Text("Överlämnande verksamhet vet.", "The handing-over unit knows."), (
        _UNDONE, Way(State.DOCUMENTED, n.CLOSING_DUTIES),
    ), AFTER),
    State.DOCUMENTED: Rule("16", Text("Allt är dokumenterat.", "All is documented."), (
        _UNDONE,
        Way(State.CLOSED, (n.FIRST_LOOK, n.REGISTER, n.TASKS_DONE), ONLY_M),
        Way(State.CLOSED, (n.FIRST_LOOK, n.SWITCH_COMPLETED, n.REGISTER, n.TASKS_DONE), ONLY_MP),
        Way(State.CLOSED, (n.FIRST_LOOK, n.TASKS_DONE), ONLY_P),
    ), AFTER),
    State.CLOSED: Rule("17", Text("Ärendet är klart.", "The case is closed.")),
    State.ON_HOLD: Rule("x", Text("Ärendet vilar.", "The case is on hold."), (), frozenset(Exit)),
    State.PAUSED: Rule("x", Text("Pausat: personen är inte hemma.", "Paused: the person is not at home."), (
        Way(State.READY, (n.FALLBACK, n.PAUSED, n.PAUSE_OVER, n.RESUMED, n.STATE_AGREES)),
    ), frozenset({Exit.TERMINATE, Exit.WRONG_CASE})),
    State.SWAP: Rule("x", Text("En trasig kamera byts.", "A defective camera is being swapped."), (
        Way(State.LOOKS_SUSPENDED, (n.FALLBACK, n.DEFECT_SUSPENDED, n.NEW_RETIRED, n.SWAPPED), MOVES),
    ), UNDER_WAY),
    State.ROLLING_BACK: Rule("x", Text("Backas: titt-in ska återupptas där den senast gavs.", "Rolled back: looks are to resume where they were last given."), (
        Way(State.ROLLED_BACK, d.GOING_BACK),
    ), UNDER_WAY - {Exit.ROLL_BACK, Exit.REFUSED}),
    State.ROLLED_BACK: Rule("x", Text("Tillsynen går vidare som förut.", "Supervision goes on as before.")),
    State.TERMINATING: Rule("x", Text("Tillsynen avslutas.", "Supervision is being ended."), (
        Way(State.TERMINATED, (n.CAMERA_KNOWN, n.FALLBACK, n.LOOKS_STOPPED, n.DECIDED, n.SECOND_PERSON, n.NEW_RETIRED, n.OLD_RETIRED, d.CLEARED)),
    ), CALLED_OFF),
    State.TERMINATED: Rule("x", Text("Tillsynen är avslutad.", "Supervision has ended.")),
    State.UNDONE: Rule("x", Text("Flytten ångras i ett nytt ärende; kameran sitter där den ombands.",
                                 "The move is being undone in a new case; the camera is where it was re-bound.")),
    State.CANCELLED: Rule("x", Text("Ärendet är avbrutet; kameran är kvar.", "The case is cancelled; the camera is where it was.")),
}

EXIT_TO: Mapping[Exit, State] = {
    Exit.HOLD: State.ON_HOLD, Exit.WRONG_CASE: State.ON_HOLD, Exit.REFUSED: State.ON_HOLD, Exit.CANCEL: State.CANCELLED, Exit.ROLL_BACK: State.ROLLING_BACK,
    Exit.TERMINATE: State.TERMINATING, Exit.SWAP: State.SWAP, Exit.PAUSE: State.PAUSED,
}

_CAMERA: Mapping[FaultKind, Patience] = {
    FaultKind.UNREACHABLE: p.REBOOTING, FaultKind.TIMED_OUT: p.HICCUP, FaultKind.BUSY: p.SESSION_EXPIRY, FaultKind.GARBLED: p.HICCUP,
}
PATIENCE: Mapping[type, Mapping[FaultKind, Patience]] = dict.fromkeys(fx.OF_THE_CAMERA, _CAMERA)
"""For camera effects. A kind that is not named gets none: above all REFUSED, since each try may be the one that locks the account. Registry effects
have `patience.REGISTRY` for everything but a rejection."""

REJECTION_PATIENCE: Mapping[str, Patience] = {"LOOK_IN_PROGRESS": p.LOOK_RUNNING, "EXPIRED": p.HICCUP}
"""Rejections that mean "not now"; asked again with a new message id. Any other rejection stops the errand until a person has looked."""

ANY_TIME = frozenset(state for state in State if PLAN[state].ways or state is State.ON_HOLD)
AFTER_START = frozenset({State.REBOUND, State.SWITCHED, State.RECEIVING_INFORMED, State.HANDING_OVER_INFORMED, State.DOCUMENTED})
DUTY_IN: Mapping[Duty, frozenset[State]] = {
    Duty.POSTURE_CONFIRMED: frozenset({State.INSTALLED}),
    Duty.CREDENTIALS_ROTATED: frozenset({State.INSTALLED}),
    Duty.RECEIVING_PHONED: frozenset({State.REBOUND, State.SWITCHED}),
    Duty.RECEIVING_FORM_SENT: frozenset({State.REBOUND, State.SWITCHED}),
    Duty.HANDING_OVER_FORM_SENT: frozenset({State.RECEIVING_INFORMED}),                              # R50: last of the team's duties
    Duty.CARE_RECORD_HANDING_OVER: frozenset({State.HANDING_OVER_INFORMED}),                         # R49: after the feedback
    Duty.CARE_RECORD_RECEIVING: frozenset({State.RECEIVING_INFORMED, State.HANDING_OVER_INFORMED}),  # R23
    Duty.SERIAL_DOCUMENTED: frozenset({State.RECEIVING_INFORMED, State.HANDING_OVER_INFORMED}),
    Duty.KEYS_RETURNED: ANY_TIME,                                                                    # R5 has no place in the document's order
    Duty.KEYS_SIGNED_OUT: ANY_TIME,
    Duty.IT_SUPPORT_UPDATED: AFTER_START,
    Duty.SURVEILLANCE_REGISTER_UPDATED: AFTER_START,
    Duty.CAMERA_BACK_AT_OLD_HOME: frozenset({State.ROLLING_BACK}),
    Duty.TERMINATION_CONFIRMED: frozenset({State.TERMINATING}),
    Duty.LOOKS_ENDED_BY_HAND: frozenset({State.TERMINATING}),
}
NOT_WAIVABLE = frozenset({Duty.POSTURE_CONFIRMED, Duty.CAMERA_BACK_AT_OLD_HOME, Duty.TERMINATION_CONFIRMED, Duty.LOOKS_ENDED_BY_HAND})
"""D1, D2, D6, D8, the Swedish sign and consent are no duties at all: nothing in this table can waive them."""


def way_of(case_kind: CaseKind, state: State) -> Way | None:
    """The ordinary way on from `state`: the one whose needs are shown to people and asked for. None at the end, or on hold."""
    return next((way for way in PLAN[state].ways if case_kind in way.kinds and not way.aside), None)


def exits_from(state: State, held_from: State | None) -> frozenset[Exit]:
    """The exits that may be asked for; on hold, those of the state the case was held in."""
    if state is State.ON_HOLD and held_from is not None:
        return PLAN[held_from].exits - {Exit.HOLD}
    return PLAN[state].exits
