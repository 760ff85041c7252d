"""`provisioner routine CASE`: the routine as a living checklist: each row that applies, where it stands, who and when."""

import argparse
from collections.abc import Iterable
from contextlib import closing

from provisioner.case.checklist import Stamp, Standing, checklist
from provisioner.case.inputs import Opened, Said
from provisioner.cli.main import Context
from provisioner.cli.out import OK
from provisioner.fault import Text
from provisioner.ports import JournalLine
from provisioner.view import local
from provisioner.wiring import open_store

_MARKS = {Standing.DONE: "x", Standing.WAIVED: "~", Standing.OPEN: ">", Standing.NOT_YET: " ", Standing.KEPT: "=", Standing.CALLED_OFF: "-"}
_LEGEND = Text("x gjort   ~ efterskänkt med skäl   > i tur nu   tomt: senare   = hålls av planen   - inte aktuellt längre",
               "x done   ~ waived with a reason   > its turn now   blank: later   = kept by the plan   - called off")


def routine(args: argparse.Namespace, context: Context) -> int:
    """Print the rows in the routine's order."""
    out = context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        said = heard(store.journal(case.case_id))
    lines = checklist(case, said)
    out.result({"case_number": case.case_number, "case_kind": case.kind.value, "state": case.state.value, "routine_version": case.routine_version, "rows": [
        {"row": line.row, "asks": line.asks.in_language(out.language), "standing": line.standing.value, "by": line.stamp.by if line.stamp else None,
         "at": line.stamp.at.isoformat() if line.stamp else None} for line in lines]})
    out.say(f"{case.case_number}  {case.kind}  {case.state}")
    for line in lines:
        when = f"{local(line.stamp.at)[:16]}  {line.stamp.by}" if line.stamp else ""
        out.say(f"  [{_MARKS[line.standing]}] {line.row:4} {line.asks.in_language(out.language):84} {when}".rstrip())
    out.text(_LEGEND)
    return OK


def heard(journal: Iterable[JournalLine]) -> dict[str, Stamp]:
    """Who said each kind of statement last, of those that were taken."""
    found: dict[str, Stamp] = {}
    for line in journal:
        if line.outcome in ("moved", "noted") and isinstance(line.input, (Opened, Said)):
            found[line.input.what.kind if isinstance(line.input, Said) else line.input.kind] = Stamp(line.actor, line.at)
    return found
