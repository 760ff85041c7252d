"""`provisioner case ...`: open, form, list, show, replay, say. Each takes its own transaction; the daemon finds what is then owed within a quarter of a second."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

from provisioner.case.advance import advance
from provisioner.case.cover import uncovered_s
from provisioner.case.inputs import HandingOverNotice, Opened, ReceivingNotice, Said
from provisioner.case.model import Case, Role
from provisioner.case.outcome import Outcome
from provisioner.case.telling import feedback_of
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.fault import PlainError, Text
from provisioner.ids import case_number, uuid7
from provisioner.intake import CaseFile, HandingOverForm, ReceivingForm, References, read_case_file, to_notice
from provisioner.statements import parse
from provisioner.store.keeping import Person
from provisioner.store.sql import SqlStore
from provisioner.view import case_view, local, next_action
from provisioner.wiring import open_store


def _store(context: Context) -> "closing[SqlStore]":
    return closing(open_store(context.settings, context.secrets))


def open_case(args: argparse.Namespace, context: Context) -> int:
    """Open a case from a file with one or both forms. The forms are checked before anything is written."""
    file = read_case_file(Path(args.file))
    now = context.clock.now()
    notices = _notices(file, context)
    number = file.case_number or case_number(now)
    case_id = uuid7(now)
    with _store(context) as store:
        outcome = store.take(case_id, Opened(case_id, number, file.case_kind), now, context.settings.policy.policy()).outcome
        outcome = _take_forms(store, case_id, file, notices, args.by, context) or outcome
        return _tell(outcome, context)


def add_form(args: argparse.Namespace, context: Context) -> int:
    """Add or replace forms of an open case."""
    file = read_case_file(Path(args.file))
    notices = _notices(file, context)
    with _store(context) as store:
        case = store.find_case(args.case)
        if case.kind is not file.case_kind:
            raise PlainError("other_kind", Text(f"Ärendet är {case.kind}, formuläret gäller {file.case_kind}.",
                                                f"The case is {case.kind}, the form is for {file.case_kind}."))
        outcome = _take_forms(store, case.case_id, file, notices, args.by, context)
        if outcome is None:
            raise PlainError("no_form", Text("Filen innehåller inget formulär.", "The file holds no form."))
        return _tell(outcome, context)


def _notices(file: CaseFile, context: Context) -> list[tuple[HandingOverForm | ReceivingForm, Any]]:
    references = References(context.secrets.personal_key())
    policy, now, mode = context.settings.policy.policy(), context.clock.now(), context.settings.mode
    return [(form, to_notice(form, references, now, policy, mode)) for form in (file.handing_over, file.receiving) if form is not None]


def _take_forms(store: SqlStore, case_id: str, file: CaseFile, notices: list[tuple[HandingOverForm | ReceivingForm, Any]], by: str,
                context: Context) -> Outcome | None:
    outcome = None
    for form, notice in notices:
        now = context.clock.now()
        fields = {name: value for name, value in form.model_dump(mode="json").items() if isinstance(value, str) and value}
        fields["contacts"] = form.model_dump_json(include={"contacts"})
        store.put_person(Person(notice.form_ref, "form", fields), now)
        what = HandingOverNotice(notice) if isinstance(form, HandingOverForm) else ReceivingNotice(notice)
        outcome = store.take(case_id, Said(by, Role.UNIT, what), now, context.settings.policy.policy()).outcome
        if outcome.refusal is not None:
            return outcome
    return outcome


def say(args: argparse.Namespace, context: Context) -> int:
    """Say what a person did."""
    given = {}
    for part in args.fields:
        name, sign, value = part.partition("=")
        if not sign:
            raise PlainError("wrong_field", Text(f"Skriv fält så: namn=värde (inte '{part}').", f"Write fields like this: name=value (not '{part}')."))
        given[name] = value
    now = context.clock.now()
    statement = parse(args.what, given, now)
    with _store(context) as store:
        case = store.find_case(args.case)
        said = Said(args.by, Role(args.role), statement, args.revision)
        return _tell(store.take(case.case_id, said, now, context.settings.policy.policy()).outcome, context)


def _tell(outcome: Outcome, context: Context) -> int:
    out = context.out
    if outcome.refusal is not None:
        return out.error(outcome.refusal.code, outcome.refusal.text, REFUSED, outcome.refusal.field)
    out.result(_shown(outcome.case, context))
    out.say(f"{outcome.case.case_number}  {outcome.case.state}  (revision {outcome.case.revision})")
    if outcome.case.test_look is not None and outcome.case.test_look.code_seen is None and outcome.case.state in ("SIGN_PLACED", "ROLLING_BACK"):
        out.text(Text(f"Håll upp koden {outcome.case.test_look.code} framför kameran.", f"Hold the code {outcome.case.test_look.code} before the camera."))
    out.say(next_action(outcome.case, out.language))
    return OK


def _shown(case: Case, context: Context) -> dict[str, Any]:
    return {**case_view(case, context.clock.now(), context.out.language), "next_action": next_action(case, context.out.language)}


def list_cases(args: argparse.Namespace, context: Context) -> int:
    """The open cases, the last changed first."""
    with _store(context) as store:
        lines = store.list_cases(open_only=not args.all)
    context.out.result([{"case_id": c.case_id, "case_number": c.case_number, "case_kind": c.kind.value, "state": c.state.value, "open": c.is_open,
                         "updated_at": c.updated_at.isoformat()} for c in lines])
    for c in lines:
        context.out.say(f"{c.case_number:16} {c.kind:26} {c.state:24} {local(c.updated_at)}")
    if not lines:
        context.out.text(Text("Inga öppna ärenden.", "No open cases."))
    return OK


def show_case(args: argparse.Namespace, context: Context) -> int:
    """Where the case stands, what comes next, and the feedback texts once supervision has begun."""
    out = context.out
    with _store(context) as store:
        case = store.find_case(args.case)
        told = store.told(case.case_id)
    view = _shown(case, context)
    texts = feedback_of(case)
    view["told"] = [{"to": t.audience, "about": t.about, "text": t.text.in_language(out.language), "at": t.at.isoformat()} for t in told]
    view["feedback"] = None if texts is None else {"receiving_phone": texts.receiving_phone, "receiving_form": texts.receiving_form,
                                                   "handing_over_form": texts.handing_over_form}
    out.result(view)
    out.say(f"{case.case_number}  {case.kind}  {case.state}: {view['meaning']}")
    for need in view["needs"]:
        out.say(f"  [{'x' if need['met'] else ' '}] {need['text']}  ({need['source']})")
    if view["then"]:
        out.say(f"  -> {view['then']}")
    for task in view["tasks"]:
        if not task["done"]:
            out.say(f"  ! {task['text']}")
    for binding, words in ((case.old_binding, Text("gamla", "old")), (case.new_binding, Text("nya", "new"))):
        if binding is not None:
            out.say(f"  {words.in_language(out.language)}: {binding.binding_id}  {binding.state}  revision {binding.revision}")
    if texts is not None:
        out.say(f"\n  {texts.receiving_phone}\n\n  {texts.handing_over_form}")
    return OK


def replay_case(args: argparse.Namespace, context: Context) -> int:
    """Live the case again from its journal: the same inputs at the same moments under the same policies must give the same case."""
    out = context.out
    with _store(context) as store:
        stored = store.find_case(args.case)
        lines = store.journal(stored.case_id)
    case: Case | None = None
    steps, differ = [], []
    for line in lines:
        outcome = advance(case, line.input, line.at, line.policy)
        case = outcome.case
        same = case.state.value == line.state_after and case.revision == line.revision_after
        if not same:
            differ.append(line.seq)
        steps.append({"seq": line.seq, "at": line.at.isoformat(), "actor": line.actor, "input": line.input.kind, "outcome": outcome.verdict.value,
                      "state": case.state.value, "revision": case.revision, "why": list(outcome.why), "as_journalled": same,
                      "owes": [ask.effect.kind for ask in outcome.asks]})
        mark = " " if same else "!"
        out.say(f"{mark}{line.seq:4} {local(line.at)} {line.actor:14} {line.input.kind:10} {outcome.verdict:8} {case.state:22} {'; '.join(outcome.why)}")
    assert case is not None, "a journal begins with Opened"
    same = case.revision == stored.revision and case.state is stored.state and not differ
    out.result({"case_id": stored.case_id, "steps": steps, "same": same, "differs_at": differ, "uncovered_s": uncovered_s(case, context.clock.now())})
    if same:
        out.text(Text("Samma ärende som i databasen.", "The same case as in the database."))
        return OK
    out.text(Text(f"SKILJER från databasen vid rad {differ}: en annan version av planen?", f"DIFFERS from the database at line {differ}: another version of the plan?"))
    return REFUSED
