"""`provisioner document ...`: the texts and files of a case that leave the house, each when its moment has come and not before."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from provisioner.case.cover import uncovered_s
from provisioner.case.inputs import Booked, Said
from provisioner.case.model import Case
from provisioner.case.papers import CONFIRMED_BY, handing_over_record_of, phone_script_of, receiving_record_of, visits_of
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.documents.care_record import CONFIRMATIONS, confirmation
from provisioner.documents.incident import Event, Incident, deadlines, incident_draft
from provisioner.fault import PlainError, Text
from provisioner.ports import JournalLine
from provisioner.statements import instant
from provisioner.view import next_action
from provisioner.wiring import open_store
from provisioner.wrong import os_finding


def _found(args: argparse.Namespace, context: Context) -> tuple[Case, list[JournalLine]]:
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        return case, store.journal(case.case_id)


def _not_yet(case: Case, what: Text) -> NoReturn:
    raise PlainError("not_yet", Text(f"{what.sv} Ärendet är i {case.state}. Nästa steg: {next_action(case, 'sv')}",
                                     f"{what.en} The case is in {case.state}. Next: {next_action(case, 'en')}"), exit_code=REFUSED, http_status=409)


def care_record(args: argparse.Namespace, context: Context) -> int:
    """The text to paste into the care record of one unit, and which of its duties are confirmed."""
    case, _ = _found(args, context)
    receives = args.unit == "receiving"
    text = receiving_record_of(case) if receives else handing_over_record_of(case)
    if text is None:
        _not_yet(case, Text("Journaltexten finns först efter återkopplingen (R49).", "The care-record text is there after the feedback (R49)."))
    out, rows = context.out, []
    out.say(text)
    for row in ("R23", "R24") if receives else ("R13",):
        done = case.done.get(CONFIRMED_BY[row])
        said = confirmation(row, case.case_number, done.at, done.note if done.waived else "") if done is not None else None
        rows.append({"row": row, "asks": CONFIRMATIONS[row].in_language(out.language), "confirmed": done is not None,
                     "by": done.by if done else None, "text": said.in_language(out.language) if said else None})
        out.text(said or Text(f"Återstår att bekräfta ({row}): {CONFIRMATIONS[row].sv}.", f"Still to be confirmed ({row}): {CONFIRMATIONS[row].en}."))
    out.result({"case_number": case.case_number, "unit": args.unit, "text": text, "confirmations": rows})
    return OK


def phone_script(args: argparse.Namespace, context: Context) -> int:
    """What to say to the receiving unit and what to ask, and how the answers are noted."""
    case, _ = _found(args, context)
    script = phone_script_of(case)
    if script is None:
        _not_yet(case, Text("Ring inte än: tillsynen har inte börjat (R41).", "Do not phone yet: supervision has not begun (R41)."))
    out = context.out
    note = "; ".join(f"{question.key}: ..." for question in script.asks)
    command = f'provisioner case say {case.case_number} duty_done duty=receiving_phoned note="{note}"'
    out.result({"case_number": case.case_number, "says": list(script.says), "note_with": command,
                "asks": [{"key": question.key, "text": question.text.in_language(out.language)} for question in script.asks]})
    for line in script.says:
        out.say(f"  {line}")
    for question in script.asks:
        out.say(f"  ? {question.key}: {question.text.in_language(out.language)}")
    out.text(Text(f"Anteckna svaren: {command}", f"Note the answers: {command}"))
    return OK


def calendar_file(args: argparse.Namespace, context: Context) -> int:
    """The booked times as an .ics file; with --cancel those that were called off."""
    from provisioner.documents.calendar_entry import calendar

    case, journal = _found(args, context)
    booked = sum(line.outcome in ("moved", "noted") and isinstance(line.input, Said) and isinstance(line.input.what, Booked) for line in journal)
    visits = [visit for visit in visits_of(case, booked) if visit.cancelled is args.cancel]
    if not visits:
        _not_yet(case, Text("Inget bokat besök är avbokat.", "No booked visit was called off.") if args.cancel else
                 Text("Inget besök är bokat som ännu gäller.", "No visit is booked that still stands."))
    path = Path(args.out)
    try:
        path.write_bytes(calendar(tuple(visits), args.cancel, journal[-1].at))
    except OSError as error:
        found = os_finding(error)
        raise PlainError("file_unwritable", Text(f"{path} {found.sv}.", f"{path} {found.en}.")) from None
    context.out.result({"case_number": case.case_number, "file": str(path), "visits": [
        {"uid": visit.uid, "what": visit.what, "begins_at": visit.begins_at.isoformat(), "ends_at": visit.ends_at.isoformat(), "sequence": visit.sequence,
         "cancelled": visit.cancelled} for visit in visits]})
    context.out.text(Text(f"{path}: {len(visits)} besök, utan namn och adress.", f"{path}: {len(visits)} visits, without name or address."))
    return OK


def incident(args: argparse.Namespace, context: Context) -> int:
    """The draft of an incident report, with the deadlines from the moment somebody knew."""
    case, journal = _found(args, context)
    now, out = context.clock.now(), context.out
    aware_at = instant("--aware-at", args.aware_at) if args.aware_at else now
    if aware_at > now:
        raise PlainError("wrong_field", Text("--aware-at ligger i framtiden.", "--aware-at lies in the future."))
    events = tuple(Event(line.at, f"{line.input.what.kind if isinstance(line.input, Said) else line.input.kind} -> {line.state_after}")
                   for line in journal if line.outcome == "moved")
    text = incident_draft(Incident(case.case_number, aware_at, uncovered_s(case, now), events)).in_language(out.language)
    out.result({"case_number": case.case_number, "aware_at": aware_at.isoformat(), "text": text, "deadlines": [
        {"law": one.law, "what": one.what.in_language(out.language), "due_at": one.due_at.isoformat() if one.due_at else None} for one in deadlines(aware_at)]})
    out.say(text)
    return OK
