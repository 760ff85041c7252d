"""`provisioner case ...`: open, form, list, show, timeline, replay, say.

Each takes its own transaction; the daemon finds what is then owed within a quarter of a second."""

import argparse
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from provisioner.case.advance import advance
from provisioner.case.audit import Access, Action, Purpose
from provisioner.case.cover import uncovered_s
from provisioner.case.inputs import Said
from provisioner.case.model import Case, Role, State
from provisioner.case.outcome import Outcome
from provisioner.case.plan import PLAN
from provisioner.case.telling import feedback_of
from provisioner.case.view_said import PLAN_MOST
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, Out, fault_text
from provisioner.cli.reader import access_of, via_account
from provisioner.cli.view_lines import check_lines
from provisioner.fault import PlainError, Text
from provisioner.files import read_text_file
from provisioner.front_desk import Desk, take_file
from provisioner.identity_view import finding_lines
from provisioner.intake import CaseFile, read_case_file
from provisioner.person_copy import timeline
from provisioner.statements import parse
from provisioner.store.sql import SqlStore
from provisioner.view import case_view, local, next_action, open_questions
from provisioner.wiring import open_store


def _store(context: Context) -> "closing[SqlStore]":
    return closing(open_store(context.settings, context.secrets))


def open_case(args: argparse.Namespace, context: Context) -> int:
    """Open a case from a file with one or both forms: with all of them, or not at all."""
    file = read_case_file(Path(args.file))
    with _store(context) as store:
        return _tell_case(_take(store, file, None, args.by, context), context)


def add_form(args: argparse.Namespace, context: Context) -> int:
    """Add or replace forms of an open case."""
    file = read_case_file(Path(args.file))
    if file.handing_over is None and file.receiving is None:
        raise PlainError("no_form", Text("Filen innehåller inget formulär.", "The file holds no form."))
    with _store(context) as store:
        case = store.find_case(args.case)
        if case.kind is not file.case_kind:
            raise PlainError("other_kind", Text(f"Ärendet är {case.kind}, formuläret gäller {file.case_kind}.",
                                                f"The case is {case.kind}, the form is for {file.case_kind}."))
        return _tell_case(_take(store, file, case, args.by, context), context)


def _take(store: SqlStore, file: CaseFile, case: Case | None, by: str, context: Context) -> Case:
    desk = Desk(store.references(), context.clock.now(), context.settings.policy.policy(), context.settings.mode, by)
    access = Access(by, Role.UNIT.value, Purpose.INTAKE, via_account())
    return store.sit(lambda sitting: take_file(sitting, file, desk, case), desk.now, desk.policy, access)


def say(args: argparse.Namespace, context: Context) -> int:
    """Say what a person did."""
    given = {}
    for part in args.fields:
        name, sign, value = part.partition("=")
        if not sign:
            raise PlainError("wrong_field", Text("Skriv fält så: namn=värde.", "Write fields like this: name=value."))
        given[name] = _from_file(value[1:]) if name == "plan" and value.startswith("@") else value
    now = context.clock.now()
    statement = parse(args.what, given, now)
    with _store(context) as store:
        case = store.find_case(args.case)
        said = Said(args.by, Role(args.role), statement, args.revision)
        return _tell(store.take(case.case_id, said, now, context.settings.policy.policy()).outcome, context)


def _from_file(path: str) -> str:
    """A floor plan is drawn in a file, not at the command line. Raises `PlainError`."""
    return read_text_file(Path(path), 4 * PLAN_MOST, unreadable="no_file", garbled="no_file")


def _tell(outcome: Outcome, context: Context) -> int:
    out = context.out
    if outcome.refusal is not None:
        return out.error(outcome.refusal.code, outcome.refusal.text, REFUSED, outcome.refusal.field)
    return _tell_case(outcome.case, context)


def _tell_case(case: Case, context: Context) -> int:
    out = context.out
    out.result(_shown(case, context))
    out.say(f"{case.case_number}  {case.state}  (revision {case.revision})")
    look = case.test_look
    if look is not None and look.code_seen is None and case.state in ("SIGN_PLACED", "ROLLING_BACK"):
        out.text(Text(f"Håll upp kortet med koden {look.code} framför kameran.", f"Hold the card with the code {look.code} before the camera.") if look.by_card else
                 Text(f"Kameran skriver koden {look.code} i bilden.", f"The camera writes the code {look.code} into its picture."))
    out.say(next_action(case, out.language))
    _ask(case, out)
    return OK


def _ask(case: Case, out: Out) -> None:
    for question in open_questions(case):
        out.say(f"  ? {question.text.in_language(out.language)}")


def _shown(case: Case, context: Context) -> dict[str, Any]:
    return {**case_view(case, context.clock.now(), context.out.language), "next_action": next_action(case, context.out.language)}


def list_cases(args: argparse.Namespace, context: Context) -> int:
    """The open cases, the last changed first."""
    with _store(context) as store:
        lines = store.list_cases(open_only=not args.all)
    context.out.result({"cases": [{"case_id": c.case_id, "case_number": c.case_number, "case_kind": c.kind.value, "state": c.state.value, "open": c.is_open,
                         "updated_at": c.updated_at.isoformat()} for c in lines]})
    for c in lines:
        context.out.say(f"{c.case_number:16} {c.kind:26} {c.state:24} {local(c.updated_at)}")
    if not lines:
        context.out.text(Text("Inga öppna ärenden.", "No open cases."))
    return OK


def _read(store: SqlStore, case_id: str, kind: str, args: argparse.Namespace, context: Context) -> bool | None:
    """Say in the log that the case was read; returns whether its person is protected, None where that cannot be known.

    A case holds references only. Where the database cannot be written just now it is shown all the same, for whoever stands at a door with it; but never
    unlogged where the person is, or may be, protected.
    """
    protected: bool | None
    try:
        protected = store.is_protected(case_id)
    except PlainError as error:
        if not error.code.startswith("seal_"):
            raise
        protected = None
    try:
        store.note(access_of(args), Action.READ, kind, case_id, context.clock.now())
    except PlainError as error:
        if protected is not False or not error.code.startswith(("database_", "disk_")):
            raise
        context.out.text(Text(f"(Läsningen kunde inte loggas. {error.text.sv})", f"(The reading could not be logged. {error.text.en})"))
    return protected


def show_case(args: argparse.Namespace, context: Context) -> int:
    """Where the case stands, what comes next, and the feedback texts once supervision has begun."""
    out = context.out
    with _store(context) as store:
        case = store.find_case(args.case)
        protected = _read(store, case.case_id, "case", args, context)
        told = store.told(case.case_id)
    view = {**_shown(case, context), "protected": protected}
    texts = feedback_of(case)
    view["told"] = [{"to": t.audience, "about": t.about, "text": t.text.in_language(out.language), "at": t.at.isoformat()} for t in told]
    view["feedback"] = None if texts is None else {"receiving_phone": texts.receiving_phone, "receiving_form": texts.receiving_form,
                                                   "handing_over_form": texts.handing_over_form}
    out.result(view)
    out.say(f"{case.case_number}  {case.kind}  {case.state}: {view['meaning']}")
    if protected is None:
        out.text(Text("  Om personen är skyddad kan inte läsas (nyckeln): behandla ärendet som skyddat.",
                      "  Whether the person is protected cannot be read (the key): treat the case as protected."))
    if protected:
        out.text(Text("  SKYDDADE PERSONUPPGIFTER: adressen öppnas av två (provisioner person open), och sägs inte i telefon.",
                      "  PROTECTED PERSON: the address is opened by two (provisioner person open), and not said on the phone."))
    for need in view["needs"]:
        out.say(f"  [{'x' if need['met'] else ' '}] {need['text']}  ({need['source']})")
    _ask(case, out)
    if view["identity"] is not None:
        out.text(Text(f"  kameran: {view['identity']['verdict_text']}", f"  the camera: {view['identity']['verdict_text']}"))
        for line in finding_lines(view["identity"]):
            out.say(f"      {line}")
    if view["frame"] is not None and view["frame"]["check"] is not None:
        for line in check_lines(view["frame"]["check"], out.language == "sv"):
            out.say(line)
    _say_visits(case, view, out)
    if view["then"]:
        out.say(f"  -> {view['then']}")
    for errand in case.errands:
        if errand.fault is not None:
            out.say(f"  ... {fault_text(errand.fault).in_language(out.language)}")
    for task in view["tasks"]:
        if not task["done"]:
            out.say(f"  ! {task['text']}")
    for binding, words in ((case.old_binding, Text("gamla", "old")), (case.new_binding, Text("nya", "new"))):
        if binding is not None:
            out.say(f"  {words.in_language(out.language)}: {binding.binding_id}  {binding.state}  revision {binding.revision}")
    if texts is not None:
        out.say(f"\n  {texts.receiving_phone}\n\n  {texts.handing_over_form}")
    return OK


_AT_THE_DOOR = frozenset({"BOOKED", "LOOKS_SUSPENDED", "DISMANTLED", "SWAP", "ROLLING_BACK"})


def _say_visits(case: Case, view: dict[str, Any], out: Out) -> None:
    """What whoever drives there needs: when, who, and whether the keys are at hand (U31); for the desk, the other cases that this one hangs together with."""
    b = case.booking
    if b is not None and case.state in _AT_THE_DOOR:
        for words, begins, ends, who in ((Text("nedmontering", "dismantling"), b.dismantle_from, b.dismantle_to, b.dismantle_technician),
                                         (Text("installation", "installation"), b.install_from, b.install_to, b.install_technician)):
            out.say(f"  {words.in_language(out.language)}: {local(begins)} - {local(ends)[11:16]}  {who}")
        for key in view["keys"]:
            out.say(f"      {key['side']:14} {key['key']:12} {key['status']:12} {key['holder'] or ''}".rstrip())
    for name, text in (("group_ref", Text("samma hushåll", "same household")), ("undoes", Text("ångrar", "undoes")), ("undone_by", Text("ångras av", "undone by"))):
        if view[name]:
            out.say(f"  {text.in_language(out.language)}: {view[name]}")


def timeline_case(args: argparse.Namespace, context: Context) -> int:
    """What happened in the case, oldest first, by role and without names: for the unit's answer and for whoever takes the case over."""
    out = context.out
    with _store(context) as store:
        case = store.find_case(args.case)
        _read(store, case.case_id, "timeline", args, context)
        lines = timeline(store.journal(case.case_id))
    out.result({"case_id": case.case_id, "case_number": case.case_number, "timeline": lines})
    before = ""
    for line in lines:
        state = State(line["state"])
        meaning = f"{state.value}: {PLAN[state].meaning.in_language(out.language)}" if state.value != before else ""
        before = state.value
        out.say(f"{local(datetime.fromisoformat(line['at']))}  {line['by']:14} {line['what']:26} {meaning}".rstrip())
    return OK


def replay_case(args: argparse.Namespace, context: Context) -> int:
    """Live the case again from its journal: the same inputs at the same moments under the same policies must give the same case."""
    out = context.out
    with _store(context) as store:
        stored = store.find_case(args.case)
        _read(store, stored.case_id, "journal", args, context)
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
    same = case == stored and not differ
    out.result({"case_id": stored.case_id, "steps": steps, "same": same, "differs_at": differ, "uncovered_s": uncovered_s(case, context.clock.now())})
    if same:
        out.text(Text("Samma ärende som i databasen.", "The same case as in the database."))
        return OK
    where = ", ".join(map(str, differ)) or "-"
    out.text(Text(f"SKILJER från databasen (rader: {where}): en annan version av planen?", f"DIFFERS from the database (lines: {where}): another version of the plan?"))
    return REFUSED
