"""`provisioner provision CASE`: what the technician triggers on site. It enters the visit, then follows the daemon's work and says each step."""

import argparse
import time
from contextlib import closing

from provisioner.case.inputs import Said, VisitStarted
from provisioner.case.model import Case, Role
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE
from provisioner.fault import PlainError, Text
from provisioner.store.keeping import CameraPlace
from provisioner.view import case_view, next_action
from provisioner.wiring import open_store

LOOK_S = 0.2
BEAT_FRESH_S = 30.0


def provision(args: argparse.Namespace, context: Context) -> int:
    """Start the visit and follow it until a person is needed again, or the time is over."""
    out = context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        now = context.clock.now()
        if not any((now - beat.beat_at).total_seconds() < BEAT_FRESH_S for beat in store.daemons()):
            raise PlainError("no_daemon", Text("Ingen daemon kör på denna databas, så ingen skulle fråga kameran. Starta den: provisioner run.",
                                               "No daemon runs on this database, so nobody would ask the camera. Start it: provisioner run."), exit_code=UNREACHABLE)
        if args.host and case.expected_serial is not None:
            store.put_place(case.expected_serial, CameraPlace(args.host, args.port), now)
        visit = VisitStarted(args.scanned, now, args.agreed, args.typed_reason)
        outcome = store.take(case.case_id, Said(args.by, Role.TECHNICIAN, visit), now, context.settings.policy.policy()).outcome
        if outcome.refusal is not None:
            return out.error(outcome.refusal.code, outcome.refusal.text, REFUSED, outcome.refusal.field)
        until = context.clock.monotonic_s() + args.wait_s
        seen = 0
        while True:
            lines = store.journal(case.case_id)
            for line in lines[seen:]:
                if line.seq >= len(lines) - 20:
                    out.say(f"  {line.state_after:20} {line.decision.splitlines()[0] if line.decision else line.outcome}")
            seen = len(lines)
            case = store.load(case.case_id)
            if _rests(case) or context.clock.monotonic_s() > until:
                break
            time.sleep(LOOK_S)
    out.result({**case_view(case, context.clock.now(), out.language), "next_action": next_action(case, out.language)})
    out.say(next_action(case, out.language))
    stuck = any(errand.stuck for errand in case.errands) or any(task.done is None for task in case.tasks)
    return OK if _rests(case) and not stuck else UNREACHABLE


def _rests(case: Case) -> bool:
    """Whether the daemon has nothing under way for the case: the next word is a person's."""
    return all(errand.stuck for errand in case.errands)
