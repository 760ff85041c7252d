"""`provisioner retention run`: erase what has been kept its time, and say what went by which rule."""

import argparse
from contextlib import closing

from provisioner.case.audit import Purpose
from provisioner.case.retention import ELSEWHERE, RULES
from provisioner.cli.main import Context
from provisioner.cli.out import OK
from provisioner.cli.reader import access_of
from provisioner.fault import Text
from provisioner.wiring import open_store


def run_retention(args: argparse.Namespace, context: Context) -> int:
    """Erase, or with `--dry-run` count."""
    out = context.out
    access = access_of(args, Purpose.RETENTION)
    with closing(open_store(context.settings, context.secrets)) as store:
        run = store.run_retention(context.clock.now(), access, dry_run=args.dry_run)
    out.result({"run": run.run_id, "dry_run": run.dry_run, "rules": [
        {"rule": rule.value, "keeps": kept.keeps.in_language(out.language), "source": kept.source, "due": run.due[rule], "erased": run.erased.get(rule, 0)}
        for rule, kept in RULES.items()],
        "overdue_cases": run.overdue, "open_cases": run.open_cases, "cases_left": run.kept_cases, "files_emptied": run.files_emptied,
        "elsewhere": [{"keeps": kept.keeps.in_language(out.language), "source": kept.source} for kept in ELSEWHERE]})
    for rule, kept in RULES.items():
        done = f"{run.erased.get(rule, 0)}/{run.due[rule]}"
        out.say(f"  {done:>9}  {kept.keeps.in_language(out.language)}  ({kept.source})")
    if run.dry_run:
        out.text(Text("Inget gallrades (--dry-run).", "Nothing was erased (--dry-run)."))
    if run.files_emptied is False:
        out.text(Text("En annan läsare höll kvar databasens WAL-fil: kör igen när daemonen är stoppad, så försvinner det gallrade också ur filen.",
                      "Another reader kept the database's WAL file: run again while the daemon is stopped, and what was erased leaves the file too."))
    return OK
