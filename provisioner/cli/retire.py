"""`camera account`, `camera rotate`, `camera retire`, `receipt show|verify|key`: what the depot does to a camera that leaves a home, and the paper about it."""

import argparse
import getpass
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from provisioner.case.device import Retirement
from provisioner.case.identifiers import SerialNumber, normalise_serial
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNKNOWN, UNREACHABLE, Out, fault_text
from provisioner.documents.receipt import STATES, Receipt, public_key, verified
from provisioner.fault import Fault, PlainError, Text
from provisioner.files import read_text_file
from provisioner.secret import Account, Credentials, Secret

_RECEIPT_MOST_BYTES = 64 * 1024   # one of ours has about 1 kB
_MARK = {True: Text("ok", "ok"), False: Text("KVAR", "LEFT"), None: Text("okänt", "unknown")}


_STATES = {
    None: Text("Kamerans konto står i hemligheten cameras.toml.", "The camera's account is the one in the secret cameras.toml."),
    "settled": Text("Kameran har ett konto som programmet har gjort.", "The camera has an account that this program made or was told."),
    "rotating": Text("Ett lösenordsbyte pågår eller avbröts; nästa försök fortsätter det.", "A rotation is under way or was cut off; the next one goes on with it."),
    "proving": Text("Kameran har ett nytt konto; det gamla ska ännu tas bort.", "The camera has a new account; the old one is still to be removed."),
}


def camera_account(args: argparse.Namespace, context: Context) -> int:
    """Say where a camera's account comes from; tell the program another one, or make it forget its own, where the camera was changed by hand."""
    from provisioner.wiring import open_store

    serial, out = _serial(args.serial), context.out
    with closing(open_store(context.settings, context.secrets)) as store:
        if args.user:
            given = os.environ.get("PROVISIONER_CAMERA_PASSWORD")
            asked = Text("lösenord: ", "password: ").in_language(out.language)
            account = Account(args.user, Secret(given if given is not None else getpass.getpass(asked, stream=sys.stderr)))
            store.put_credentials(serial, Credentials(account), context.clock.now())
        elif args.forget:
            store.forget_credentials(serial)
        if args.user or args.forget:
            store.login_worked(serial)   # what was refused was the other password
        kept = store.credentials_of(serial)
    state = None if kept is None or (kept.current is None and kept.coming is None) else kept.state
    out.text(_STATES[state])
    out.result({"serial": serial, "state": state or "initial"})
    return OK


def rotate_camera(args: argparse.Namespace, context: Context) -> int:
    """Give a camera a new account or password, and prove it."""
    from provisioner.wiring import open_camera, open_store

    serial = _serial(args.serial)
    with closing(open_store(context.settings, context.secrets)) as store, \
            closing(open_camera(context.settings, context.secrets, store, context.clock)) as camera:
        found = camera.rotate_credentials(serial, args.deadline_s)
    if isinstance(found, Fault):
        return context.out.error(f"camera_{found.kind}", fault_text(found), UNREACHABLE)
    context.out.text(found.sentence)
    context.out.result({"serial": serial, "way": found.way, "good": found.good, "new_proved": found.new_proved, "old_refused": found.old_refused,
                        "others_removed": found.others_removed, "others_left": found.others_left, "text": found.sentence.in_language(context.out.language)})
    return OK if found.good else REFUSED


def retire_camera(args: argparse.Namespace, context: Context) -> int:
    """Clear a camera and write the receipt; exit code 0 only where everything was seen to be gone."""
    from provisioner.wiring import open_camera, open_store

    serial, out = _serial(args.serial), context.out
    out.text(Text(f"Rensar kameran; högst {args.deadline_s:.0f} s.", f"Clearing the camera; {args.deadline_s:.0f} s at most."))
    with closing(open_store(context.settings, context.secrets)) as store, \
            closing(open_camera(context.settings, context.secrets, store, context.clock)) as camera:
        found = camera.retire(serial, args.deadline_s, factory_default=args.factory_default, binding_ids=tuple(args.binding))
    if isinstance(found, Fault):
        return out.error(f"camera_{found.kind}", fault_text(found), UNREACHABLE)
    _say(found, out)
    out.result({"serial": serial, "state": found.state, "way": found.way, "receipt": found.receipt_ref, "text": STATES[found.state].in_language(out.language),
                "items": [{"what": item.what, "cleared": item.cleared, "count": item.count, "text": item.sentence.in_language(out.language)}
                          for item in found.items]})
    return {"verified": OK, "partly": REFUSED, "not_verified": UNREACHABLE}[found.state]


def show_receipt(args: argparse.Namespace, context: Context) -> int:
    """A receipt, or a camera's newest, as it was signed."""
    from provisioner.wiring import open_store

    with closing(open_store(context.settings, context.secrets)) as store:
        refs = store.receipts_of(normalise_serial(args.ref) or "")
        text = store.receipt(refs[0] if refs else args.ref)
    if text is None:
        return context.out.error("unknown_receipt", Text(f"Det finns inget kvitto {args.ref}.", f"There is no receipt {args.ref}."), UNKNOWN)
    import json

    context.out.say(text)     # as it was signed, so that it can be kept in a file and verified
    context.out.result({"receipts": refs, **json.loads(text)})
    return OK


def verify_receipt(args: argparse.Namespace, context: Context) -> int:
    """Whether a receipt is genuine. With `--key` nothing of this installation is needed."""
    known = args.key or public_key(context.secrets.receipt_key())
    text = read_text_file(Path(args.file), _RECEIPT_MOST_BYTES, garbled="file_unreadable")
    receipt = verified(text, known)
    context.out.text(Text("Kvittot är äkta.", "The receipt is genuine."))
    _say_receipt(receipt, context.out)
    context.out.result({"genuine": True, "ref": receipt.ref, "serial": receipt.serial, "state": receipt.state, "at": receipt.at})
    return OK


def receipt_key(args: argparse.Namespace, context: Context) -> int:
    """The public half of the signing key, to give to whoever shall be able to verify receipts."""
    found = public_key(context.secrets.receipt_key())
    context.out.say(found)
    context.out.result({"public_key": found})
    return OK


def _serial(text: str) -> SerialNumber:
    found = normalise_serial(text)
    if found is None:
        raise PlainError("bad_serial", Text(f"{text} är inget serienummer.", f"{text} is no serial number."))
    return found


def _say(found: Retirement, out: Out) -> None:
    out.text(STATES[found.state])
    for item in found.items:
        out.say(f"{_MARK[item.cleared].in_language(out.language):7} {item.what:15} {item.sentence.in_language(out.language)}")
    out.text(Text(f"Kvitto: {found.receipt_ref}", f"Receipt: {found.receipt_ref}"))


def _say_receipt(receipt: Receipt, out: Out) -> None:
    rows: list[tuple[str, Any]] = [("ref", receipt.ref), ("serial", receipt.serial), ("at", receipt.at),
                                   ("state", STATES[receipt.state].in_language(out.language)), ("bindings", ", ".join(receipt.binding_ids) or "-")]
    for name, value in rows:
        out.say(f"{name:9} {value}")
    for line in receipt.lines:
        out.say(f"  {_MARK[line.cleared].in_language(out.language):7} {line.what:15} {'' if line.count is None else line.count}")
