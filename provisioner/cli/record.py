"""`provisioner camera record`: what a camera answers, masked, in a file that a maker or we may be shown, and that a simulated camera can replay."""

import argparse
import json
import os
from contextlib import ExitStack
from pathlib import Path

from provisioner.cli.check import kept, password_of
from provisioner.cli.main import Context
from provisioner.cli.out import OK, UNREACHABLE, fault_text
from provisioner.fault import PlainError, Text


def record_camera(args: argparse.Namespace, context: Context) -> int:
    """Ask, mask, write. Nothing is written where the camera does not answer at all, or where a mask did not hold."""
    from provisioner.camera.errors import CameraTrouble
    from provisioner.camera.faults import fault_from
    from provisioner.camera.places import CameraPlace, hidden_of
    from provisioner.camera.recording import record
    from provisioner.camera.transcript import masked
    from provisioner.intake import check_host

    check_host(args.host)
    out, path = context.out, Path(args.out)
    if path.exists():
        raise PlainError("file_exists", Text(f"{path} finns redan. Välj ett annat namn.", f"{path} exists already. Choose another name."))
    password = password_of(args.user, out)
    place = CameraPlace(args.host, args.port, args.user, password, args.rtsp_port)
    out.text(Text(f"Frågar kameran; högst {args.deadline_s:.0f} s. Inget ändras.", f"Asking the camera; {args.deadline_s:.0f} s at most. Nothing is changed."))
    try:
        with ExitStack() as stack:
            settings, book = kept(context, stack)
            found = record(place, settings, context.clock.now, args.deadline_s, book, told=lambda what: out.say(f"  ... {what}"))
    except CameraTrouble as exc:
        fault = fault_from(exc, "record", hidden_of(place))
        return out.error(f"camera_{fault.kind}", fault_text(fault), UNREACHABLE)
    done = masked(found, own_account=args.user, hide=tuple(word for word in (args.host, password.reveal() if password is not None else "") if word))
    _write(path, json.dumps(done, ensure_ascii=False, indent=1) + "\n")
    out.result({"out": str(path), "exchanges": len(done["exchanges"]), "questions": found.questions, "without_answer": found.without_answer})
    out.text(Text(f"{len(done['exchanges'])} svar i {path}; {found.without_answer} av {found.questions} frågor fick inget svar eller nekades.",
                  f"{len(done['exchanges'])} answers in {path}; {found.without_answer} of {found.questions} questions got no answer or were refused."))
    out.text(Text(f"Spela upp: python -m simulators.camera --replay {path}", f"Replay: python -m simulators.camera --replay {path}"))
    return OK


def _write(path: Path, text: str) -> None:
    """Raises `PlainError` where it cannot be written."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as exc:
        raise PlainError("file_unwritable", Text(f"{path} går inte att skriva ({exc.strerror}).", f"{path} cannot be written ({exc.strerror}).")) from None
