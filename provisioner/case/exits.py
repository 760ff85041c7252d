"""Leaving the ordinary way: when an exit may be taken, which one it really is, and what it makes of the case."""

from dataclasses import replace
from datetime import datetime

from provisioner.case.answers import adopted
from provisioner.case.cover import live_binding
from provisioner.case.model import FINAL, BindingState, Case, Consent, Done, Duty, Exit, State, Wanted, but
from provisioner.case.plan import EXIT_TO, exits_from
from provisioner.case.tasks import with_task, without_task
from provisioner.fault import Text

_NOT_LOOKED_INTO = frozenset({State.DRAFT, State.AWAITING_COUNTERPART, State.NEEDS_INFO})


def settled(case: Case) -> bool:
    """Whether no registry command is under way whose outcome is unknown: only then may the case leave its step by an exit."""
    return not any(errand.in_doubt for errand in case.errands)


def standing(case: Case) -> State:
    """The state the case is in, or was in when it was put on hold."""
    return case.held_from if case.state is State.ON_HOLD and case.held_from is not None else case.state


def possible(case: Case) -> frozenset[Exit]:
    """The exits that can be asked for now: those of the plan, less those that the alarm centre's registry has made impossible."""
    allowed = exits_from(case.state, case.held_from)
    if case.rebind_completed:
        allowed -= {Exit.SWAP, Exit.REFUSED}  # once supervision has begun, a no is a consent withdrawn
        if standing(case) is State.TEST_LOOK_OK:  # reply there, retained state not yet: undoing a re-bind is a new case
            allowed -= {Exit.ROLL_BACK}
    if not case.moves:
        allowed -= {Exit.SWAP}  # nobody stands before the camera at a provider change, also when that is called off
    if case.home_binding is None or case.home_binding.state is BindingState.RETIRED:
        allowed -= {Exit.ROLL_BACK}  # there is nothing to go back to
    if standing(case) is State.TERMINATING and (case.home_binding is not None or Duty.LOOKS_ENDED_BY_HAND in case.done):
        allowed -= {Exit.CANCEL}
    if any(errand.accepted for errand in case.errands) or (case.changes_provider and case.home_binding is not None and case.receiving is not None
                                                            and case.home_binding.provider_ref == case.receiving.provider_ref):
        allowed -= {Exit.PAUSE}  # the alarm centre changes the provider of an ACTIVE binding only, and the forms are of before the change
    if case.withdrawn:  # nothing that starts or goes on with looks is left: the ending alone, and what freezes it
        allowed &= {Exit.HOLD, Exit.WRONG_CASE} if standing(case) is State.TERMINATING else {Exit.TERMINATE}
    return allowed


def take_exit(case: Case, now: datetime) -> tuple[Case | None, str]:
    """The case after the exit that was asked for, or None while it has to wait."""
    wanted = case.wanted
    if wanted is None or not settled(case):
        return None, ""
    for errand in case.errands:
        if errand.stuck:
            case = adopted(case, errand, now)  # it is left behind with its step; what it taught us of the registry is not
    allowed, exit = possible(case), wanted.exit
    if exit is Exit.CANCEL and exit not in allowed and Exit.ROLL_BACK in allowed:
        exit = Exit.ROLL_BACK  # the suspension came through while the wish waited: back to the old home is the only way that leaves nobody unwatched
    if exit is Exit.REFUSED and exit not in allowed and Exit.TERMINATE in allowed:
        exit = Exit.TERMINATE  # the re-bind came through while the no waited: looks into a home that has said no stop at once
        case = but(case, withdrawn=(*case.withdrawn, Consent("said no on the day", False, now)))
    if exit not in allowed:
        text = Text(f"{wanted.exit} gick inte längre att göra: larmcentralen hann före. Läs ärendet och bestäm på nytt.",
                    f"{wanted.exit} could not be done any more: the alarm centre was faster. Read the case and decide anew.")
        return with_task(but(case, wanted=None), f"too-late-{wanted.exit.lower()}", text, now), f"{wanted.exit} came too late"
    if exit is Exit.CANCEL and any(errand.accepted for errand in case.errands):
        return None, ""  # the alarm centre will change the provider at its instant whatever becomes of the move: a case over before would not see it
    to = EXIT_TO[exit]
    return entered(_prepared(case, exit, wanted, now), to, now), f"{wanted.exit}: {case.state} -> {to}"


def _prepared(case: Case, exit: Exit, wanted: Wanted, now: datetime) -> Case:
    """What must be forgotten or noted on the way out."""
    came_from = standing(case)
    case = but(case, wanted=None)
    if exit in (Exit.HOLD, Exit.WRONG_CASE, Exit.REFUSED):
        case = but(case, held_from=came_from)
        if exit is Exit.WRONG_CASE:
            text = Text("Fel ärende eller fel person: inga kommandon går ut. Kontrollera allt innan ärendet återupptas.",
                        "Wrong case or wrong person: no command goes out. Check everything before the case is resumed.")
            case = with_task(case, "wrong-case", text, now)
        if exit is Exit.REFUSED:
            text = Text("Hemmet har sagt nej: kameran startas inte, besöken gäller. Bestäm: backa flytten (ROLL_BACK, CANCEL) eller avsluta (TERMINATE).",
                        "The home has said no: the camera is not started, the visits stay. Decide: roll the move back (ROLL_BACK, CANCEL) or end it (TERMINATE).")
            case = with_task(case, "refused", text, now)
        return case
    case = without_task(but(case, held_from=None), now, "refused")  # decided
    if exit is Exit.CANCEL:
        case = but(case, leaving=None)
        return released(case, now) if live_binding(case) is not None else case
    if exit is Exit.PAUSE:
        return but(case, pause_over=None)
    case = but(case, leaving=Wanted(exit, wanted.by, wanted.at, wanted.reason, wanted.new_serial), test_look=None,
               done=without_duties(case, Duty.TERMINATION_CONFIRMED))
    if exit is Exit.ROLL_BACK:
        return but(case, visit=None, identity=None, judged=None, rotation=None, posture=None, frame=None, reflections=(), overrides=(),
                   done=without_duties(case, Duty.CAMERA_BACK_AT_OLD_HOME))
    if exit is Exit.TERMINATE and case.fallback is not None:
        case = but(case, fallback=replace(case.fallback, for_ending=False))  # an ending that was called off is asked about anew
    if exit is Exit.TERMINATE and came_from in _NOT_LOOKED_INTO:
        # Nobody has held this serial against the forms: it may be another person's camera, and ending that one is the accident we exist to prevent.
        return but(case, old_binding=None)
    return case


def without_duties(case: Case, *duties: Duty) -> dict[Duty, Done]:
    """What was confirmed, less these."""
    return {duty: done for duty, done in case.done.items() if duty not in duties}


def released(case: Case, now: datetime) -> Case:
    """`case` with its fallback ended: the camera watches over the home."""
    if case.fallback is None or case.fallback.released_at is not None:
        return case
    return but(case, fallback=replace(case.fallback, released_at=now))


def entered(case: Case, state: State, now: datetime) -> Case:
    """A new state, a new leg. Errands of the old one are over, except commands in doubt and what the registry accepted for later."""
    kept = () if state in FINAL else tuple(e for e in case.errands if e.in_doubt or e.accepted)
    return but(case, state=state, entered_at=now, leg=case.leg + 1, errands=kept)
