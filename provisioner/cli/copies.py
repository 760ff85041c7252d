"""`provisioner person export` and `provisioner register surveillance`: what leaves the system as a whole, and says so in the audit log."""

import argparse
import csv
import io
from contextlib import closing
from dataclasses import asdict, fields
from typing import Any

from provisioner.case.access import ProtectionLevel, Viewer
from provisioner.case.audit import Action, Purpose
from provisioner.case.consents import SERVICE_USER
from provisioner.case.surveillance import Row, register_rows
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.cli.reader import access_of
from provisioner.fault import Text
from provisioner.person_copy import case_copy
from provisioner.wiring import open_store


def export_person(args: argparse.Namespace, context: Context) -> int:
    """All cases of the person of a case. Of a protected person only while an opening by two is in force for this actor."""
    out, now = context.out, context.clock.now()
    access = access_of(args, Purpose.DATA_SUBJECT)
    copies: list[dict[str, Any]] = []
    people: dict[str, None] = {}
    with closing(open_store(context.settings, context.secrets)) as store:
        for case_id in store.cases_of_same_person(store.find_case(args.case).case_id):
            found = store.read_case_person(case_id, Viewer.SUBJECT, now, access, action=Action.EXPORTED)
            if found is None:
                continue
            if found.level is not ProtectionLevel.NONE and not found.opened:
                store.note(access, Action.REFUSED, "person", case_id, now)
                return out.error("opening_needed", Text("Det kräver en öppning av två: provisioner person open.",
                                                        "That takes an opening by two: provisioner person open."),
                                 REFUSED)
            case = store.load(case_id)
            people |= {form.person_ref: None for form in (case.handing_over, case.receiving) if form is not None}
            copies.append(case_copy(case, found.fields, store.journal(case_id), store.audit_of(case_id)))
        consents = [{"given": one.given, "recorded_at": one.recorded_at.isoformat(), "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None}
                    for ref in people for one in store.consents(ref, now, access) if one.subject == SERVICE_USER]
    out.result({"made_at": now.isoformat(), "cases": copies, "consents": consents})
    for copy in copies:
        out.say(f"\n{copy['case_number']}  {copy['case_kind']}  {copy['state']}")
        for name, value in copy["data"].items():
            if value is not None:
                out.say(f"  {name:16} {value}")
        for line in copy["timeline"]:
            out.say(f"  {line['at'][:19]}  {line['by']:14} {line['what']:24} {line['state']}")
        for who, count in copy["read_by"].items():
            out.text(Text(f"  läst av {who}: {count}", f"  read by {who}: {count}"))
    if not copies:
        out.text(Text("Inget finns kvar om personen.", "Nothing is kept of the person."))
    return OK


def surveillance_register(args: argparse.Namespace, context: Context) -> int:
    """The register as CSV, or with `--json` as JSON. It holds no name and no address (the site's reference stands for it), and looks the same for everybody."""
    access = access_of(args, Purpose.SUPERVISION)
    with closing(open_store(context.settings, context.secrets)) as store:
        rows = [row for row in register_rows(store.all_cases(), store.binding_ends()) if not (args.ongoing and row.ended_at)]
        store.note(access, Action.EXPORTED, "register", "", context.clock.now(), len(rows))
    context.out.result({"rows": [asdict(row) for row in rows]})
    text = io.StringIO()
    written = csv.DictWriter(text, [one.name for one in fields(Row)], lineterminator="\n")
    written.writeheader()
    written.writerows(asdict(row) for row in rows)
    context.out.say(text.getvalue().rstrip("\n"))
    return OK
