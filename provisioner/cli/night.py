"""`night readiness|lists`, `call list|take`, `decision put|import|list|end`: tonight's homes, who has been called, and who is owed looks."""

import argparse
import csv
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioner.beside import listed
from provisioner.case import localtime
from provisioner.case.night import Decision, Difference, Home, WatchedBy
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE, fault_text
from provisioner.fault import Fault, PlainError, Text
from provisioner.files import read_text_file
from provisioner.intake import References
from provisioner.nightly import Lists, hold
from provisioner.view import local
from provisioner.wiring import open_store, registry_settings
from provisioner.wrong import finding, os_finding

_FILE_MOST_BYTES = 16 * 2**20   # 100,000 decisions; a list cut short would be homes that nobody compares
_BY = {
    WatchedBy.CAMERA: Text("kamera", "camera"), WatchedBy.VISITS: Text("besök", "visits"), WatchedBy.NOT_OWED: Text("behövs inte", "not needed"),
    WatchedBy.NEITHER: Text("INGEN", "NOBODY"), WatchedBy.UNKNOWN: Text("OKÄNT", "UNKNOWN"),
}


def readiness(args: argparse.Namespace, context: Context) -> int:
    """Who is watched by camera tonight, who by visits, who by neither: as JSON, on the screen, or as a page to print."""
    lists = _hold(args, context)
    out = context.out
    homes = [home for home in lists.homes if args.all or home.by is not WatchedBy.CAMERA]
    out.result({"night": lists.night.on.isoformat(), **{by.value: lists.count(by) for by in WatchedBy}, "homes": [_home(home) for home in lists.homes],
                "fault": fault_text(lists.fault).in_language(out.language) if lists.fault else None})
    out.text(Text(f"Natten {lists.night.on} till {lists.night.on + timedelta(days=1)}", f"The night of {lists.night.on} to {lists.night.on + timedelta(days=1)}"))
    for by in WatchedBy:
        out.say(f"  {_BY[by].in_language(out.language):14} {lists.count(by):5}")
    for home in homes:
        looks = " ".join(localtime.shown(at)[11:16] for at in home.looks)
        out.say(f"  {_BY[home.by].in_language(out.language):14} {home.decision.decision_ref:28} {looks:24} {home.case_number or '-':14} {home.decision.unit_ref}")
    if args.print:
        _print(lists, args.print, context)
    return _not_asked(lists.fault, context) if lists.fault is not None else REFUSED if lists.count(WatchedBy.NEITHER) else OK


def lists(args: argparse.Namespace, context: Context) -> int:
    """The three lists held against one another now; nobody is called."""
    found = _hold(args, context)
    out = context.out
    out.result({"differences": [_difference(one, out.language) for one in found.differences],
                "fault": fault_text(found.fault).in_language(out.language) if found.fault else None})
    for one in found.differences:
        out.say(f"{'!' if one.pages else ' '} {one.owner:12} {one.text.in_language(out.language)}")
    if not found.differences:
        out.text(Text("Besluten, våra kopplingar och larmcentralens stämmer överens.", "The decisions, our bindings and the alarm centre's agree."))
    return _not_asked(found.fault, context) if found.fault is not None else REFUSED if any(one.pages for one in found.differences) else OK


def _hold(args: argparse.Namespace, context: Context) -> Lists:
    options = registry_settings(context.settings, context.secrets, f"{context.settings.broker.client_id}-cli-{os.getpid()}")
    with closing(open_store(context.settings, context.secrets)) as store:
        now = context.clock.now()
        if not store.has_decisions(now):
            raise PlainError("no_decisions", Text("Inga tillsynsbeslut är inlagda: det finns inget att jämföra med. provisioner decision import FIL.",
                                                  "No supervision decisions are kept: there is nothing to compare with. provisioner decision import FILE."))
        return hold(store, lambda: listed(options, context.clock, args.deadline_s), now, timedelta(hours=context.settings.night.silent_h))


def _not_asked(fault: Fault, context: Context) -> int:
    """The alarm centre could not be asked: said on standard error, or under `fault` in the one JSON object."""
    return UNREACHABLE if context.out.as_json else context.out.error(f"registry_{fault.kind}", fault_text(fault), UNREACHABLE)


def _home(home: Home) -> dict[str, Any]:
    return {"decision_ref": home.decision.decision_ref, "site_ref": home.decision.site_ref, "unit_ref": home.decision.unit_ref, "by": home.by.value,
            "looks": [at.isoformat() for at in home.looks], "case_number": home.case_number}


def _difference(one: Difference, language: str) -> dict[str, Any]:
    return {"kind": one.kind, "owner": one.owner, "pages": one.pages, "text": one.text.in_language(language), "binding_id": one.binding_id,
            "decision_ref": one.decision_ref}


def _print(lists: Lists, path: str, context: Context) -> None:
    """A plain page of text, 78 signs wide: for the board in the night patrol's room, when nothing else works."""
    language = context.out.language
    head = Text("NATTENS TILLSYN", "TONIGHT'S SUPERVISION").in_language(language)
    rows = [f"{head}   {lists.night.on} - {lists.night.on + timedelta(days=1)}", f"{local(context.clock.now())}", ""]
    rows += [f"{_BY[by].in_language(language):14}{lists.count(by):6}" for by in WatchedBy] + [""]
    for home in lists.homes:
        if home.by is not WatchedBy.CAMERA:
            looks = " ".join(localtime.shown(at)[11:16] for at in home.looks)
            rows.append(f"[ ] {_BY[home.by].in_language(language):12} {looks:20} {home.case_number or '-':12} {home.decision.decision_ref}")
    try:
        Path(path).write_text("\n".join(rows) + "\n", encoding="utf-8")
    except OSError as error:
        found = os_finding(error)
        raise PlainError("not_written", Text(f"{path} {found.sv}.", f"{path} {found.en}.")) from None


# ---- calls ----------------------------------------------------------------------------------------------------------------------------


def list_calls(args: argparse.Namespace, context: Context) -> int:
    """Open calls, the oldest first."""
    out = context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        calls = store.list_calls(open_only=not args.all)
    out.result({"calls": [{"key": c.key, "audience": c.audience, "about": c.about, "text": c.text.in_language(out.language), "raised_at": c.raised_at.isoformat(),
                           "calls": c.calls, "next_at": c.next_at.isoformat() if c.next_at else None, "taken_by": c.taken_by, "trouble": c.trouble or None}
                          for c in calls]})
    for c in calls:
        out.say(f"{local(c.raised_at)[:16]}  {c.audience:12} {c.taken_by or f'{c.calls} x':12} {c.text.in_language(out.language)}\n      {c.key}"
                + (f"  ({c.trouble})" if c.trouble else ""))
    if not calls:
        out.text(Text("Inga öppna larm.", "No open calls."))
    return OK


def take_call(args: argparse.Namespace, context: Context) -> int:
    """A named person has it: no more calls go out about it."""
    with closing(open_store(context.settings, context.secrets)) as store:
        taken = store.take_call(args.key, args.by, args.note, context.clock.now())
    context.out.result({"key": taken.key, "taken_by": taken.taken_by})
    context.out.text(Text(f"Omhändertaget av {taken.taken_by}: {taken.text.sv}", f"Taken on by {taken.taken_by}: {taken.text.en}"))
    return OK


# ---- decisions ------------------------------------------------------------------------------------------------------------------------


class DecisionRow(BaseModel):
    """One decision as the municipality's list has it. The dwelling and the unit are given by words, which become keyed references and are not kept, or by
    reference. `looks`: wall times, `00:00 02:00 05:00`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=400)

    decision_ref: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]{0,63}$")
    address: str = ""
    site_ref: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]{5,63})?$")
    provider: str = ""
    unit: str = ""
    unit_ref: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]{5,63})?$")
    looks: str = Field(pattern=r"^\s*([01][0-9]|2[0-3]):[0-5][0-9]([ ,;]+([01][0-9]|2[0-3]):[0-5][0-9])*\s*$")
    valid_from: datetime
    until: datetime | None = None
    cameras: int = Field(default=1, ge=1, le=20)


def import_decisions(args: argparse.Namespace, context: Context) -> int:
    """All of a file or none of it: a list that is half in would call people about the other half."""
    raws = _rows(Path(args.file))
    now = context.clock.now()
    with closing(open_store(context.settings, context.secrets)) as store:
        references = store.references()
        rows = [_decision(number, raw, references) for number, raw in enumerate(raws, start=1)]
        for decision in rows:
            store.put_decision(decision, now)
    context.out.result({"imported": len(rows)})
    context.out.text(Text(f"{len(rows)} beslut inlagda.", f"{len(rows)} decisions imported."))
    return OK


def list_decisions(args: argparse.Namespace, context: Context) -> int:
    """All that hold, or will."""
    out = context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        found = store.decisions(context.clock.now())
    out.result({"decisions": [{"decision_ref": d.decision_ref, "site_ref": d.site_ref, "unit_ref": d.unit_ref, "looks": [f"{at:%H:%M}" for at in d.looks],
                               "cameras": d.cameras, "valid_from": d.valid_from.isoformat(), "until": d.until.isoformat() if d.until else None} for d in found]})
    for d in found:
        out.say(f"{d.decision_ref:28} {' '.join(f'{at:%H:%M}' for at in d.looks):24} {d.site_ref:28} {local(d.until)[:16]}")
    return OK


def end_decision(args: argparse.Namespace, context: Context) -> int:
    """The municipality has ended a decision, from now or from an instant on."""
    from dataclasses import replace

    now = context.clock.now()
    with closing(open_store(context.settings, context.secrets)) as store:
        found = next((one for one in store.decisions(now) if one.decision_ref == args.decision_ref), None)
        if found is None:
            raise PlainError("unknown_decision", Text(f"Inget gällande beslut heter {args.decision_ref}.", f"No decision in force is called {args.decision_ref}."))
        store.put_decision(replace(found, until=now), now)
    context.out.result({"decision_ref": args.decision_ref, "until": now.isoformat()})
    context.out.text(Text(f"Beslut {args.decision_ref} är avslutat från och med nu.", f"Decision {args.decision_ref} has ended from now on."))
    return OK


def _rows(path: Path) -> Iterable[Mapping[str, Any]]:
    text = read_text_file(path, _FILE_MOST_BYTES, hint=Text("Dela filen.", "Split the file."))
    if path.suffix.lower() == ".json":
        try:
            rows = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise PlainError("file_garbled", Text(f"{path} är inte giltig JSON.", f"{path} is no valid JSON.")) from None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise PlainError("file_garbled", Text(f"{path} ska vara en lista av objekt.", f"{path} must be a list of objects."))
        return rows
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    return [{key: value for key, value in row.items() if value not in ("", None)} for row in csv.DictReader(text.splitlines(), dialect=dialect)]


def _decision(number: int, raw: Mapping[str, Any], references: References) -> Decision:
    try:
        row = DecisionRow.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        found, where = finding(first), ".".join(str(part) for part in first["loc"])
        raise PlainError("decision_wrong", Text(f"Rad {number}, {where}: {found.sv}.", f"Row {number}, {where}: {found.en}.")) from None
    if not (row.address or row.site_ref) or not (row.unit_ref or row.unit):
        raise PlainError("decision_wrong", Text(f"Rad {number}: ange bostad (address eller site_ref) och verksamhet (unit eller unit_ref).",
                                                f"Row {number}: give the dwelling (address or site_ref) and the unit (unit or unit_ref)."))
    for name, at in (("valid_from", row.valid_from), ("until", row.until)):
        if at is not None and at.tzinfo is None:
            raise PlainError("decision_wrong", Text(f"Rad {number}, {name}: behöver sin tidszon, som 2026-12-01T07:00:00+01:00.",
                                                    f"Row {number}, {name}: needs its offset, such as 2026-12-01T07:00:00+01:00."))
    looks = tuple(sorted({time.fromisoformat(at) for at in row.looks.replace(",", " ").replace(";", " ").split()}))
    return Decision(row.decision_ref, row.site_ref or references.make("site", row.address), row.unit_ref or references.make("unit", row.provider, row.unit), looks,
                    row.valid_from, row.until, row.cameras)
