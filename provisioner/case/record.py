"""What people say, taken into the case, or refused with a sentence and the way out: in which states, and by which function."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from provisioner.case import appointments, keys_said, office, onsite, site_said, view_said
from provisioner.case import inputs as i
from provisioner.case.model import Case, State
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.plan import ANY_TIME, PLAN, way_of
from provisioner.case.policy import Policy

S = State
_INTAKE = frozenset({S.DRAFT, S.AWAITING_COUNTERPART, S.NEEDS_INFO, S.READY})
HEARD_IN: Mapping[type, frozenset[State]] = {
    i.HandingOverNotice: _INTAKE,
    i.ReceivingNotice: _INTAKE,
    i.Booked: frozenset({S.READY, S.BOOKED, S.LOOKS_SUSPENDED, S.DISMANTLED}),
    i.NoAccess: frozenset({S.BOOKED, S.LOOKS_SUSPENDED, S.DISMANTLED}),
    i.KeyTold: ANY_TIME,
    i.SiteChecked: frozenset({S.BOOKED, S.LOOKS_SUSPENDED, S.DISMANTLED, S.INSTALLED, S.IDENTITY_VERIFIED}),
    i.ConsentWithdrawn: ANY_TIME,
    i.MoveUndone: frozenset({S.REBOUND, S.RECEIVING_INFORMED, S.HANDING_OVER_INFORMED, S.DOCUMENTED, S.CLOSED}),
    i.FallbackAcknowledged: ANY_TIME,
    i.DismantlingBegins: frozenset({S.BOOKED}),
    i.Dismantled: frozenset({S.LOOKS_SUSPENDED}),
    i.Mounted: frozenset({S.DISMANTLED}),
    i.VisitStarted: frozenset({S.INSTALLED, S.IDENTITY_VERIFIED, S.ROLLING_BACK}),
    i.FrameWanted: frozenset({S.IDENTITY_VERIFIED}),
    i.ZonesDrawn: frozenset({S.IDENTITY_VERIFIED}),
    i.BedDrawn: frozenset({S.IDENTITY_VERIFIED}),
    i.FloorPlanGiven: frozenset({S.BOOKED, S.LOOKS_SUSPENDED, S.DISMANTLED, S.INSTALLED, S.IDENTITY_VERIFIED}),
    i.ReflectionMarked: frozenset({S.IDENTITY_VERIFIED, S.VIEW_CHECKED}),
    i.ReflectionRejected: frozenset({S.IDENTITY_VERIFIED, S.VIEW_CHECKED}),
    i.ViewBlockOverridden: frozenset({S.IDENTITY_VERIFIED}),
    i.ViewAccepted: frozenset({S.IDENTITY_VERIFIED}),
    i.CameraMoved: frozenset({S.IDENTITY_VERIFIED, S.VIEW_CHECKED, S.SIGN_PLACED, S.TEST_LOOK_OK}),
    i.SignPlaced: frozenset({S.VIEW_CHECKED}),
    i.TestLookStarted: frozenset({S.SIGN_PLACED, S.ROLLING_BACK}),
    i.SerialConfirmed: frozenset({S.READY}),
    i.DutyDone: ANY_TIME,
    i.TaskDone: frozenset(S),
    i.TryAgain: ANY_TIME,
    i.ExitWanted: ANY_TIME,
    i.Resumed: frozenset({S.ON_HOLD, S.PAUSED}),
}
"""In which states a statement means something. Elsewhere it is refused, and the refusal says where the case stands."""

_COMMANDS = (i.DismantlingBegins, i.TestLookStarted, i.SerialConfirmed, i.MoveUndone, i.Resumed, i.TryAgain, i.ExitWanted)
"""What sends a command to a binding. A withdrawn consent is none of them: it is taken however late it comes."""

_RECORDERS: Mapping[type, Callable[[Case, Any, i.Said, datetime, Policy], Case | Refusal]] = {
    i.HandingOverNotice: office.handing_over, i.ReceivingNotice: office.receiving, i.Booked: appointments.booked,
    i.NoAccess: appointments.no_access, i.KeyTold: keys_said.key_told, i.SiteChecked: site_said.site_checked,
    i.ConsentWithdrawn: office.withdrawn, i.MoveUndone: office.move_undone,
    i.FallbackAcknowledged: office.fallback, i.DutyDone: office.duty, i.TaskDone: office.task, i.TryAgain: office.try_again,
    i.ExitWanted: office.exit, i.Resumed: office.resumed,
    i.DismantlingBegins: onsite.dismantling, i.Dismantled: onsite.dismantled, i.Mounted: onsite.mounted, i.VisitStarted: onsite.visit,
    i.FrameWanted: onsite.frame_wanted, i.ZonesDrawn: onsite.zones, i.ViewAccepted: onsite.view, i.CameraMoved: onsite.camera_moved, i.SignPlaced: onsite.sign,
    i.BedDrawn: view_said.bed, i.FloorPlanGiven: view_said.floor_plan, i.ReflectionMarked: view_said.marked, i.ReflectionRejected: view_said.rejected,
    i.ViewBlockOverridden: onsite.view_override,
    i.TestLookStarted: onsite.test_look, i.SerialConfirmed: onsite.serial_confirmed,
}


def record(case: Case, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """`case` with what was said, or why not. Nothing is half taken."""
    if said.seen_revision is not None and said.seen_revision != case.revision:
        return refuse("stale_revision", f"Ärendet har ändrats sedan du såg det (du såg {said.seen_revision}, nu {case.revision}). Läs om och säg det igen.",
                      f"The case has changed since you saw it (you saw {said.seen_revision}, it is {case.revision}). Look again and say it again.")
    if said.said_at is not None and isinstance(said.what, _COMMANDS) and abs(now - said.said_at) > policy.queue_valid:
        minutes = int(policy.queue_valid / timedelta(minutes=1))
        return refuse("old_step", f"Det sades för mer än {minutes} minuter sedan (eller så går telefonens klocka fel) och ändrar tillsynen. "
                      "Titta hur ärendet står nu och säg det igen.",
                      f"It was said more than {minutes} minutes ago (or the clock of the phone is wrong), and it changes supervision. "
                      "Look how the case stands now and say it again.")
    if case.state not in HEARD_IN[type(said.what)]:
        where = ", ".join(sorted(HEARD_IN[type(said.what)])) if len(HEARD_IN[type(said.what)]) < 6 else "an open case"
        stands, way = PLAN[case.state].meaning, way_of(case.kind, case.state)
        need = next((need.text for need in way.needs if not need.met(case)), None) if way is not None else None
        return refuse("wrong_state", f"Det kan inte sägas nu. Ärendet står i {case.state}: {stands.sv}{f' Nästa: {need.sv}' if need else ''} Det hör hemma i: {where}.",
                      f"That cannot be said now. The case is in {case.state}: {stands.en}{f' Next: {need.en}' if need else ''} It belongs in: {where}.")
    return _RECORDERS[type(said.what)](case, said.what, said, now, policy)
