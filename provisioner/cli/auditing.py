"""`provisioner audit verify|head|review`: the log of who read and did what, held against tampering. The auditor's questions are in `questions.py`."""

import argparse
from contextlib import closing
from datetime import timedelta

from provisioner.case.audit import Action, Breach, Purpose
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.cli.reader import access_of
from provisioner.fault import Text
from provisioner.view import local
from provisioner.wiring import open_store

_BREACHES = {
    Breach.CHANGED: Text("har ändrats: den säger inte längre vad den skrevs att säga", "was changed: it no longer says what it was written to say"),
    Breach.REMOVED: Text("följer på ett hål: rader före den är borttagna", "follows a hole: lines before it were removed"),
    Breach.UNCHAINED: Text("följer inte på raden före: flyttad, inskjuten, eller grannen är omskriven",
                           "does not follow the line before: moved, inserted, or its neighbour was written anew"),
    Breach.HEAD_GONE: Text("är den sista, och det huvud som sparats utanför finns inte i loggen: slutet är borttaget eller omskrivet",
                           "is the last, and the head kept outside is not in the log: its end was removed or written anew"),
    Breach.CUT_UNSAID: Text("är den första, och ingen rad säger att det som stod före har gallrats",
                            "is the first, and no line says that what stood before was erased"),
}


def verify_audit(args: argparse.Namespace, context: Context) -> int:
    """Walk the chain; name the first line that is not as it was written."""
    with closing(open_store(context.settings, context.secrets)) as store:
        found = store.verify_audit(args.head)
    out, broken = context.out, found.broken
    out.result({"ok": broken is None, "lines": found.lines, "first_line": found.first_seq, "head": found.head,
                "broken": None if broken is None else {"line": broken.seq, "breach": broken.breach.value, "text": _BREACHES[broken.breach].in_language(out.language)}})
    if broken is not None:
        out.text(Text(f"BRUTEN: rad {broken.seq} {_BREACHES[broken.breach].sv}.", f"BROKEN: line {broken.seq} {_BREACHES[broken.breach].en}."))
        return REFUSED
    out.text(Text(f"Hel: {found.lines} rader. Huvud: {found.head}", f"Whole: {found.lines} lines. Head: {found.head}"))
    return OK


def audit_head(args: argparse.Namespace, context: Context) -> int:
    """The newest line's number and hash, to be kept where nobody who has the database can change it."""
    with closing(open_store(context.settings, context.secrets)) as store:
        head, at = store.audit_head()
    context.out.result({"head": head, "at": at.isoformat() if at else None})
    context.out.say(f"{head}  {local(at)}")
    return OK


def review_audit(args: argparse.Namespace, context: Context) -> int:
    """The systematic, recurring check of SoLPUL 10: show the last days' reads by actor, and note in the log that they were looked at."""
    now, out = context.clock.now(), context.out
    access = access_of(args, Purpose.LOG_REVIEW)
    with closing(open_store(context.settings, context.secrets)) as store:
        lines = store.audit_between(now - timedelta(days=args.days), now)
        store.note(access, Action.REVIEWED, "audit", "", now, len(lines))
    counts: dict[tuple[str, str, str, str], int] = {}
    for line in lines:
        key = (line.actor, line.role, line.action, line.purpose)
        counts[key] = counts.get(key, 0) + 1
    rows = [{"actor": actor, "role": role, "action": action, "purpose": purpose, "lines": count} for (actor, role, action, purpose), count in sorted(counts.items())]
    out.result({"days": args.days, "lines": len(lines), "by": rows})
    for row in rows:
        out.say(f"{row['actor']:24} {row['role']:18} {row['action']:10} {row['purpose']:14} {row['lines']:6}")
    out.text(Text(f"{len(lines)} rader på {args.days} dagar, granskade av {access.actor}.", f"{len(lines)} lines in {args.days} days, reviewed by {access.actor}."))
    return OK
