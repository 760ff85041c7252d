"""`provisioner notice import|schema` and `provisioner question list|answer`: forms as they come in, and what is still asked about them."""

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from provisioner.case.audit import Access, Purpose
from provisioner.case.intake import Question, questions
from provisioner.case.model import Case, Role
from provisioner.case.pairing import Pairing
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.cli.reader import access_of, via_account
from provisioner.fault import PlainError, Text
from provisioner.front_desk import Choice, Desk, Received, correct, receive
from provisioner.notices import NoticesWrong, read_notices, schemas
from provisioner.store.sql import SqlStore
from provisioner.wiring import open_store
from provisioner.wrong import os_finding

_PAIRING = {
    Pairing.OPENED: Text("nytt ärende", "new case"), Pairing.PAIRED: Text("andra formuläret i ärendet", "the case's second form"),
    Pairing.ANSWERED: Text("rättat formulär", "corrected form"), Pairing.REPEATED: Text("fanns redan, inget ändrat", "was there already, nothing changed"),
}


def _desk(store: SqlStore, by: str, context: Context) -> Desk:
    return Desk(store.references(), context.clock.now(), context.settings.policy.policy(), context.settings.mode, by)


def import_notices(args: argparse.Namespace, context: Context) -> int:
    """All of a file or none of it. Each form finds its case by its person and camera; the same form again changes nothing."""
    out = context.out
    try:
        rows = read_notices(Path(args.file))
        if (args.case or args.new) and len(rows) > 1:
            raise PlainError("one_form_only", Text("--case och --new gäller ett formulär; filen har flera.",
                                                     "--case and --new are for one form; the file has several."))
        with closing(open_store(context.settings, context.secrets)) as store:
            desk = _desk(store, args.by, context)
            choice = Choice(store.find_case(args.case) if args.case else None, args.new)
            access = Access(args.by, Role.UNIT.value, Purpose.INTAKE, via_account())
            done = store.sit(lambda sitting: receive(sitting, rows, desk, choice), desk.now, desk.policy, access)
    except NoticesWrong as wrong:
        return _tell_wrong(wrong, context)
    out.result({"notices": [_received(one, out.language) for one in done]})
    for one in done:
        at = f"{one.row:4}  " if len(done) > 1 else ""
        out.say(f"{at}{one.case.case_number}  {one.case.state}  {_PAIRING[one.pairing].in_language(out.language)}")
        for question in one.asked:
            out.say(f"{' ' * len(at)}  ? {question.text.in_language(out.language)}")
        for note in one.notes:
            out.say(f"{' ' * len(at)}  ! {note.in_language(out.language)}")
    return OK


def _tell_wrong(wrong: NoticesWrong, context: Context) -> int:
    """Every row that is wrong on a line of its own; nothing was taken."""
    out = context.out
    code = wrong.exit_code
    if out.as_json:
        out.result({"error": wrong.code, "text": wrong.text.in_language(out.language), "field": wrong.field, "exit_code": code,
                    "rows": [{"row": one.row, "field": one.field, "text": one.text.in_language(out.language)} for one in wrong.faults]})
        return code
    for one in wrong.faults:
        out.error(wrong.code, one.text, code, one.field)
    if len(wrong.faults) > 1:
        out.error(wrong.code, Text("Inget ur filen är intaget. Rätta raderna och ta in hela filen igen.",
                                   "Nothing of the file was taken. Correct the rows and take the whole file in again."), code)
    return code


def _received(one: Received, language: str) -> dict[str, Any]:
    return {"row": one.row, "case_number": one.case.case_number, "case_id": one.case.case_id, "state": one.case.state.value, "pairing": one.pairing.value,
            "questions": [question.text.in_language(language) for question in one.asked], "notes": [note.in_language(language) for note in one.notes]}


def write_schemas(args: argparse.Namespace, context: Context) -> int:
    """The published JSON Schemas of the forms."""
    folder, stale = Path(args.folder), []
    try:
        for name, schema in schemas().items():
            text, path = json.dumps(schema, ensure_ascii=False, indent=2) + "\n", folder / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
                if not args.check:
                    folder.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
    except OSError as error:
        found = os_finding(error)
        raise PlainError("not_written", Text(f"{folder} {found.sv}.", f"{folder} {found.en}.")) from None
    context.out.result({"stale" if args.check else "written": stale})
    for name in stale:
        context.out.say(name)
    return REFUSED if args.check and stale else OK


def list_questions(args: argparse.Namespace, context: Context) -> int:
    """What is still asked, of whom; cases that need nothing are left out. Questions hold no personal data."""
    out = context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        cases = [store.find_case(args.case)] if args.case else store.open_cases()
    asked = [(case, question) for case in sorted(cases, key=lambda one: one.case_number) for question in _open_questions(case)]
    out.result({"questions": [{"case_number": case.case_number, "to": one.to, "text": one.text.in_language(out.language)} for case, one in asked]})
    for case, one in asked:
        out.say(f"{case.case_number:16} {one.to:18} {one.text.in_language(out.language)}")
    if not asked:
        out.text(Text("Inget väntar på svar.", "Nothing awaits an answer."))
    return OK


def _open_questions(case: Case) -> tuple[Question, ...]:
    return questions(case) if case.state in ("AWAITING_COUNTERPART", "NEEDS_INFO") else ()


def answer_question(args: argparse.Namespace, context: Context) -> int:
    """The fields that were asked for, put into the form that is there; the form is then said anew, checked as a whole."""
    given = {}
    for part in args.fields:
        name, sign, value = part.partition("=")
        if not sign:
            raise PlainError("wrong_field", Text("Skriv fält så: namn=värde.", "Write fields like this: name=value."))
        given[name] = value
    access = access_of(args, Purpose.INTAKE)
    with closing(open_store(context.settings, context.secrets)) as store:
        desk, case = _desk(store, access.actor, context), store.find_case(args.case)
        notice = case.handing_over if args.unit == "handing_over" else case.receiving
        person = store.read_person(notice.form_ref, desk.now, access) if notice is not None else None
        if person is None:
            raise PlainError("no_form", Text("Ärendet har inget formulär från den verksamheten. Ta in det: provisioner notice import FIL.",
                                             "The case has no form of that unit. Take it in: provisioner notice import FILE."), exit_code=REFUSED)
        case = store.sit(lambda sitting: correct(sitting, case, args.unit, person.fields, given, desk), desk.now, desk.policy, access)
    context.out.result({"case_number": case.case_number, "state": case.state.value,
                        "questions": [one.text.in_language(context.out.language) for one in _open_questions(case)]})
    context.out.say(f"{case.case_number}  {case.state}")
    for one in _open_questions(case):
        context.out.say(f"  ? {one.text.in_language(context.out.language)}")
    return OK
