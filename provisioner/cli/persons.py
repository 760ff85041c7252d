"""`provisioner person find|show|protect|open` and `provisioner camera card`: what is shown of people, to whom, and never without a line in the log."""

import argparse
from contextlib import closing

from provisioner.case.access import OPENING_WAITS, ProtectionLevel, Viewer, may_ask
from provisioner.case.audit import Action, Purpose
from provisioner.case.identifiers import normalise_serial
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNKNOWN
from provisioner.cli.reader import access_of
from provisioner.fault import PlainError, Text
from provisioner.intake import check_person_number
from provisioner.view import local
from provisioner.wiring import open_store


def find_person(args: argparse.Namespace, context: Context) -> int:
    """By name, person number or case number, and by nothing else (D21). A hit is a case number; it looks the same whoever the person is (D19)."""
    out, now = context.out, context.clock.now()
    if sum(map(bool, (args.name, args.number, args.case))) != 1:
        raise PlainError("search_by_one", Text("Sök på ett av --name, --number och --case. Annat får inte sökas (SoLPULF 15 §).",
                                               "Search by one of --name, --number and --case. Nothing else may be searched by (SoLPULF 15)."))
    access = access_of(args)
    number = check_person_number(args.number, "number", context.settings.mode) if args.number else ""
    with closing(open_store(context.settings, context.secrets)) as store:
        if args.case:
            case = store.find_case(args.case)
            store.note(access, Action.SEARCHED, "by-case", case.case_id, now)
            rows = [{"case_number": case.case_number, "case_kind": case.kind.value, "state": case.state.value, "open": not case.is_final,
                     "opened_at": case.opened_at.isoformat()}]
        else:
            rows = [{"case_number": one.case_number, "case_kind": one.kind, "state": one.state, "open": one.is_open, "opened_at": one.opened_at.isoformat()}
                    for one in store.find_person(now, access, name=args.name, person_number=number)]
    out.result({"cases": rows})
    for row in rows:
        out.say(f"{row['case_number']:16} {row['case_kind']:26} {row['state']:24} {str(row['opened_at'])[:10]}")
    if not rows:
        out.text(Text("Inget ärende. Namnet ska vara hela namnet, som i formuläret.", "No case. The name must be the whole name, as in the form."))
    return OK


def show_person(args: argparse.Namespace, context: Context) -> int:
    """What one role may see of the person of a case."""
    out, now = context.out, context.clock.now()
    access = access_of(args)
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        found = store.read_case_person(case.case_id, Viewer(args.role), now, access, visit=args.visit)
    if found is None:
        return out.error("no_person", Text("Ärendet har inget formulär än, eller dess uppgifter är gallrade.",
                                           "The case has no form yet, or its data were erased."), REFUSED)
    protected = found.level is not ProtectionLevel.NONE and found.fields["protection"] is not None
    out.result({"case_number": case.case_number, "confirmation": found.confirmation,
                "fields": found.fields, "protected": protected, "opened": found.opened})
    if protected:
        out.text(Text("SKYDDADE PERSONUPPGIFTER. Visas bara efter öppning av två: provisioner person open.",
                      "PROTECTED PERSON. Shown only after an opening by two: provisioner person open."))
    out.say(f"{case.case_number}  {found.confirmation}")
    for name, value in found.fields.items():
        if value is not None:
            out.say(f"  {name:16} {value}")
    return OK


def protect_person(args: argparse.Namespace, context: Context) -> int:
    """Set or lift the protection of the person of a case, in all their cases."""
    access = access_of(args, Purpose.INTAKE)
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        store.protect(case.case_id, ProtectionLevel(args.level), context.clock.now(), access)
    context.out.result({"case_number": case.case_number, "done": True})
    context.out.text(Text("Sparat.", "Kept."))
    return OK


def open_person(args: argparse.Namespace, context: Context) -> int:
    """Two different people open a protected person for a quarter of an hour: the first says why, the second confirms by the reference."""
    out, now = context.out, context.clock.now()
    access = access_of(args)
    if bool(args.reason) == bool(args.confirm):
        raise PlainError("open_how", Text("Ange --reason för att begära, eller --confirm REF för att öppna som den andra personen.",
                                          "Give --reason to ask, or --confirm REF to open as the second person."))
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        if args.reason:
            refused = may_ask(args.reason)
            if refused is not None:
                return out.error(refused.code, refused.text, REFUSED, refused.field)
            ref = store.ask_opening(case.case_id, args.reason, now, access)
            out.result({"opening": ref, "asked_by": access.actor, "waits_until": (now + OPENING_WAITS).isoformat()})
            out.text(Text(f"Begärt: {ref}. En annan person öppnar före {local(now + OPENING_WAITS)}: provisioner person open {case.case_number} --confirm {ref}",
                          f"Asked: {ref}. Another person opens it before {local(now + OPENING_WAITS)}: provisioner person open {case.case_number} --confirm {ref}"))
            return OK
        reason = store.opening_reason(case.case_id, args.confirm, now, access)
        opening = store.open_asked(case.case_id, args.confirm, now, access)
    out.result({"opening": args.confirm, "asked_by": opening.asked_by, "opened_by": access.actor, "reason": reason, "until": (now + OPENING_WAITS).isoformat()})
    out.text(Text(f"Öppnat för {opening.asked_by} och {access.actor} till {local(now + OPENING_WAITS)}. Skäl: {reason}",
                  f"Opened for {opening.asked_by} and {access.actor} until {local(now + OPENING_WAITS)}. Reason: {reason}"))
    return OK


def camera_card(args: argparse.Namespace, context: Context) -> int:
    """A camera by its serial number: the device, and nothing that leads to a person, a home or a case (D21)."""
    out = context.out
    serial = normalise_serial(args.serial)
    if serial is None:
        raise PlainError("not_a_serial", Text("Det där är inget serienummer.", "That is no serial number."))
    with closing(open_store(context.settings, context.secrets)) as store:
        card = store.device_card(serial)
    if card is None:
        return out.error("unknown_camera", Text("Ingen kamera med det serienumret är känd här.", "No camera of that serial number is known here."), UNKNOWN)
    out.result(card)
    for name, value in card.items():
        out.say(f"  {name:18} {', '.join(map(str, value)) if isinstance(value, list) else value if value is not None else '-'}")
    return OK
