"""`provisioner provision CASE`: what the technician triggers on site. It enters the visit, then follows the daemon's work and says each step once."""

import argparse
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from provisioner.camera.progress import Step
from provisioner.case.inputs import Answered, Failed, Heard, Said, VisitStarted
from provisioner.case.model import Case, Role
from provisioner.case.plan import PLAN
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE, Out
from provisioner.fault import PlainError, Text
from provisioner.intake import check_host
from provisioner.ports import JournalLine
from provisioner.store.sql import SqlStore
from provisioner.view import case_view, local, next_action
from provisioner.wiring import open_store

LOOK_S = 0.2
BEAT_FRESH_S = 30.0
STILL_S = 10.0  # after so long without news it says what it is waiting for


def provision(args: argparse.Namespace, context: Context) -> int:
    """Start the visit and follow it until a person is needed again, or the time is over."""
    out = context.out
    if args.host:
        check_host(args.host)
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        now = context.clock.now()
        if not any((now - beat.beat_at).total_seconds() < BEAT_FRESH_S for beat in store.daemons()):
            raise PlainError("no_daemon", Text("Ingen daemon kör på denna databas, så ingen skulle fråga kameran. Starta den: provisioner run.",
                                               "No daemon runs on this database, so nobody would ask the camera. Start it: provisioner run."), exit_code=UNREACHABLE)
        if args.host and case.expected_serial is not None:
            store.move_place(case.expected_serial, args.host, args.port, now)
        visit = VisitStarted(args.scanned, now, args.agreed, args.typed_reason)
        before = store.journal(case.case_id)[-1].seq
        outcome = store.take(case.case_id, Said(args.by, Role.TECHNICIAN, visit), now, context.settings.policy.policy()).outcome
        if outcome.refusal is not None:
            return out.error(outcome.refusal.code, outcome.refusal.text, REFUSED, outcome.refusal.field)
        case = _follow(store, case.case_id, _Follower(out, before, now), context.clock.monotonic_s() + args.wait_s, context)
    out.result({**case_view(case, context.clock.now(), out.language), "next_action": next_action(case, out.language)})
    if not _rests(case):
        out.text(Text("Tiden är slut; daemonen fortsätter. Se efter: provisioner case show.",
                      "The time is over; the daemon goes on. Look again: provisioner case show."))
    out.say(next_action(case, out.language))
    stuck = any(errand.stuck for errand in case.errands) or any(task.done is None for task in case.tasks)
    return OK if _rests(case) and not stuck else UNREACHABLE


def _follow(store: SqlStore, case_id: str, follower: "_Follower", until_s: float, context: Context) -> Case:
    while True:
        case = store.load(case_id)
        follower.show(store.journal(case_id), case, context.clock.monotonic_s())
        follower.show_step(store.step_of(case.expected_serial) if case.expected_serial is not None and not _rests(case) else None)
        if _rests(case) or context.clock.monotonic_s() > until_s:
            return case
        time.sleep(LOOK_S)


def _rests(case: Case) -> bool:
    """Whether the daemon has nothing under way for the case: the next word is a person's."""
    return all(errand.stuck for errand in case.errands)


_NEEDS = {need.name: need.text for rule in PLAN.values() for way in rule.ways for need in way.needs}


@dataclass
class _Follower:
    """Says each journal line after `seen` once, and what is being waited for whenever that changes or nothing else was said for a while."""

    out: Out
    seen: int
    began_at: datetime
    waiting: str = ""
    said_s: float = field(default=0.0)
    step: tuple[str, datetime] | None = None

    def show(self, lines: list[JournalLine], case: Case, now_s: float) -> None:
        """What is new."""
        for line in lines:
            if line.seq > self.seen:
                self.seen, self.said_s = line.seq, now_s
                self.out.say(f"  {local(line.at)[11:19]}  {line.state_after:20} {heading(line).in_language(self.out.language)}")
        waiting = "\n".join(_waiting(case, self.out.language))
        if waiting and (waiting != self.waiting or now_s - self.said_s > STILL_S):
            self.said_s = now_s
            self.out.say(waiting)
        self.waiting = waiting


    def show_step(self, step: tuple[str, datetime] | None) -> None:
        """What the daemon does at the camera, once; steps of earlier visits are left out."""
        if step is None or step == self.step or step[1] < self.began_at or step[0] not in [one.value for one in Step]:
            return
        self.step = step
        self.out.say(f"                ... {Step(step[0]).text.in_language(self.out.language)}")


def _waiting(case: Case, language: str) -> list[str]:
    lines = []
    for errand in case.errands:
        text = _NEEDS[errand.token.errand].in_language(language)
        if errand.fault is None:
            lines.append(f"            ... {text}")
        else:
            again = Text(f"försöker igen {local(errand.retry_at)[11:19]}", f"trying again at {local(errand.retry_at)[11:19]}") if errand.retry_at else Text("", "")
            lines.append(f"            ... {text} {errand.fault.hint.in_language(language)} {again.in_language(language)}".rstrip())
    return lines


def heading(line: JournalLine) -> Text:
    """A journal line as one sentence for the person on site."""
    match line.input:
        case Said(by=by, what=what):
            return Text(f"{by}: {what.kind}", f"{by}: {what.kind}")
        case Answered(token=token):
            text = _NEEDS[token.errand]
            return Text(f"svar: {text.sv}", f"answered: {text.en}")
        case Failed(fault=fault):
            return Text(f"{fault.what}: {fault.hint.sv}", f"{fault.what}: {fault.hint.en}")
        case Heard():
            return Text("larmcentralen meddelar sin status", "the alarm centre tells its state")
        case _:
            return Text("tiden är inne", "the time has come")
