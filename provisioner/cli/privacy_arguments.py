"""The arguments of the commands about people, keys, the audit log and retention; imports nothing of what they do."""

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from provisioner.case.access import ProtectionLevel, Viewer
from provisioner.case.audit import Purpose

Adder = Callable[..., argparse.ArgumentParser]


def who(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """`--actor` and `--purpose`: who reads, and what for."""
    made.add_argument("--actor", default="", metavar="ACCOUNT", help="who (default: your account on this machine)")
    made.add_argument("--purpose", default="", choices=("", *(purpose.value for purpose in Purpose)), help="what for")
    return made


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("with its offset")
    return found


def add_privacy(add: Adder, commands: Any, camera: Any) -> Any:
    """`person`, `camera card`, `keys`, `audit`, `retention`, `register`; returns the last one's group."""

    def group(name: str, text: str) -> Any:
        return commands.add_parser(name, help=text).add_subparsers(dest="sub", required=True, metavar="COMMAND")

    person = group("person", "people: find, show, protect; each command leaves a line in the audit log")
    find = who(add(person, "find", "persons:find_person", "find cases by name, person number or case number; by nothing else"))
    for name, text in (("name", "the whole name"), ("number", "twelve digits"), ("case", "case number")):
        find.add_argument(f"--{name}", default="", help=text)
    show = who(add(person, "show", "persons:show_person", "what one role may see of the person of a case"))
    show.add_argument("case", metavar="CASE")
    show.add_argument("--role", default="coordinator", choices=[viewer.value for viewer in Viewer if viewer is not Viewer.SUBJECT])
    show.add_argument("--visit", choices=("old", "new"), help="at which dwelling the technician is today")
    protect = who(add(person, "protect", "persons:protect_person", "set the protection of the person of a case"))
    protect.add_argument("case", metavar="CASE")
    protect.add_argument("--level", required=True, choices=[level.value for level in ProtectionLevel])
    opened = who(add(person, "open", "persons:open_person", "open a protected person for 15 minutes: two different people"))
    opened.add_argument("case", metavar="CASE")
    opened.add_argument("--reason", default="", metavar="TEXT", help="the first person: why (at least 10 characters)")
    opened.add_argument("--confirm", default="", metavar="REF", help="the second person: the reference of the request")
    export = who(add(person, "export", "copies:export_person", "the person's own copy of all that is kept (GDPR 15), without third parties"))
    export.add_argument("case", metavar="CASE", help="any case of the person")
    card = add(camera, "card", "persons:camera_card", "a camera by its serial number: the device, without any person")
    card.add_argument("serial", metavar="SERIAL")
    keys = group("keys", "the keys that seal personal data and the cameras' passwords")
    add(keys, "status", "keys:keys_status", "which key seals how much, and which secret may be taken away")
    rotate = who(add(keys, "rotate", "keys:rotate_keys", "re-seal everything with the newest keys, beside the daemon"))
    rotate.add_argument("--batch", type=int, default=100, metavar="N", help="rows a transaction (default 100)")
    audit = group("audit", "the log of who read and did what, and the auditor's questions")
    verify = add(audit, "verify", "auditing:verify_audit", "walk the chain and name the first line that was changed, removed, moved or inserted")
    verify.add_argument("--head", default="", metavar="N:HASH", help="what audit head said earlier, kept outside: finds an end that was cut off")
    add(audit, "head", "auditing:audit_head", "the newest line's number and hash, to be kept outside")
    review = who(add(audit, "review", "auditing:review_audit", "the recurring check of the log, and a line that says it was made"))
    add(audit, "list", "questions:list_questions", "the auditor's questions")
    asked = who(add(audit, "question", "questions:answer_question", "answer one of them"))
    asked.add_argument("question", metavar="N|NAME")
    asked.add_argument("--case", default="", help="for question 1: which case")
    asked.add_argument("--serial", default="", help="for question 2: which camera (default: all)")
    asked.add_argument("--at", type=_instant, help="for question 2: which minute, as 2026-12-01T23:00+01:00")
    register = group("register", "units, dwellings, cameras, consents; and the register of surveillance (KBL 10)")
    surveillance = who(add(register, "surveillance", "copies:surveillance_register", "every surveillance that goes on or has ended, as CSV or with --json"))
    surveillance.add_argument("--ongoing", action="store_true", help="only what goes on")
    run = who(add(group("retention", "what is kept how long"), "run", "retention:run_retention", "erase what has been kept its time, and report it"))
    run.add_argument("--dry-run", action="store_true", help="only count")
    review.add_argument("--days", type=int, default=31, metavar="N")
    return register
