"""`provisioner camera check`: what a technician has to know about the camera before him, each with one next action."""

import argparse
import getpass
import os
import sys
from contextlib import ExitStack, closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provisioner.camera.adapter import OnvifCamera
from provisioner.camera.checkup import Asked, Checkup, Part
from provisioner.camera.places import CameraPlace
from provisioner.camera.profiles import profiles
from provisioner.camera.progress import Step
from provisioner.camera.settings import CameraSettings
from provisioner.case.dossier import IdentityFinding
from provisioner.case.evidence import Agrees
from provisioner.case.label import read_label
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE, Out
from provisioner.fault import PlainError, Text
from provisioner.intake import check_host
from provisioner.secret import Secret

if TYPE_CHECKING:
    from provisioner.store.sql import SqlStore

PASSWORD_VARIABLE = "PROVISIONER_CAMERA_PASSWORD"
_GOOD = frozenset({"yes", "accepted", "confirmed", "right", "as_asked", "none", "picture", "good"})
_SO_SO = frozenset({"probable", "offset", "local_time_as_utc", "rewritten", "unicast", "multicast", "slow", "unsupported"})
_ALWAYS_SO_SO = {("snapshot", "none"), ("stream", "none")}


def check_camera(args: argparse.Namespace, context: Context) -> int:
    """Ask everything, print the report, say by the exit code whether the camera can be provisioned as it is."""
    check_host(args.host)
    if args.profile:
        profiles().named(args.profile)
    out, serial = context.out, _serial(args.serial)
    place = CameraPlace(args.host, args.port, args.user, password_of(args.user, out), tls=args.tls, profile=args.profile)
    out.text(Text(f"Undersöker kameran utan att ändra något; högst {args.deadline_s:.0f} s.",
                  f"Examining the camera, setting nothing; {args.deadline_s:.0f} s at most."))
    said: set[Step] = set()

    def progress(step: Step) -> None:
        if step not in said:
            said.add(step)
            out.say(f"  ... {step.text.in_language(out.language)}")

    with ExitStack() as stack:
        settings, book = kept(context, stack)
        camera = OnvifCamera(_NoPlaces(), settings, context.clock.now, book)
        pinned = book.pinned_of(serial) if book is not None and serial else None
        report = camera.check(place, Asked(serial, args.discovery_port, args.deadline_s, pinned=pinned), progress)
    out.result(as_json(report, out.language))
    _say(report, out)
    if report.findings["login"] != "accepted":
        return UNREACHABLE
    return OK if report.ok else REFUSED


class _NoPlaces:
    def place_of(self, serial: str) -> None:
        return None


def _serial(text: str) -> str:
    if not text:
        return ""
    label = read_label(text)
    if label is None:
        raise PlainError("bad_label", Text("Det är inget serienummer. Skannade du routern eller inventarielappen?",
                                           "That is no serial number. Did you scan the router or the asset tag?"))
    return str(label.serial)


def password_of(user: str, out: Out) -> Secret | None:
    """The password of an account: from the environment, else from the terminal; None without an account."""
    if not user:
        return None
    given = os.environ.get(PASSWORD_VARIABLE)
    return Secret(given if given is not None else getpass.getpass(Text("lösenord: ", "password: ").in_language(out.language), stream=sys.stderr))


def kept(context: Context, stack: ExitStack) -> "tuple[CameraSettings, SqlStore | None]":
    """The camera settings and the lock-out budget of this machine's daemon; on a technician's own computer there is neither, which is no fault."""
    try:
        settings = context.settings
    except PlainError as error:
        if error.code != "config_missing" or context.config is not None:
            raise
        return CameraSettings(), None
    from provisioner.wiring import camera_settings, open_store

    return camera_settings(settings), stack.enter_context(closing(open_store(settings, context.secrets)))


def as_json(report: Checkup, language: str) -> dict[str, Any]:
    """Plain values for `json.dumps`. `findings` speaks the words that a machine compares; sentences in the person's language."""
    def said(text: Text | None) -> str | None:
        return None if text is None else text.in_language(language)

    identity, posture = report.identity, report.posture
    return {
        "ok": report.ok, "findings": dict(report.findings), "login_way": report.login_way, "took_s": report.took_s,
        "parts": [{"name": part.name, "word": part.word, "sentence": said(part.sentence), "next": said(_next(part)), "fault": _fault(part)}
                  for part in report.parts],
        "camera": None if report.told is None else {name: clean(value) for name, value in asdict(report.told).items()},
        "identity": None if identity is None else {
            "verdict": identity.verdict, "help": said(identity.help),
            "evidence": [{"kind": item.evidence.kind, "against": item.against, "agrees": item.agrees, "weight": item.weight, "sentence": said(item.sentence)}
                         for item in identity.items]},
        "posture": None if posture is None else {
            "acceptable": posture.acceptable, "blocking": list(posture.blocking),
            "items": [{"item": one.item, "state": one.state, "count": one.count, "proved": one.proved, "blocks": one.item in posture.blocking,
                       "sentence": said(one.sentence)} for one in posture.findings]},
        "abilities": None if report.abilities is None else asdict(report.abilities),
        "frame": None if report.frame is None else {
            name: value.isoformat() if isinstance(value, datetime) else [said(text) for text in value] if name == "findings" else value
            for name, value in ((one, getattr(report.frame, one)) for one in report.frame.__dataclass_fields__)},
    }


def clean(text: str) -> str:
    """What a camera calls itself, fit for a terminal: whoever set it up can have written anything there."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:80]


def _fault(part: Part) -> dict[str, Any] | None:
    return None if part.fault is None else {"kind": part.fault.kind, "what": part.fault.what, "evidence": part.fault.evidence, "wait_s": part.fault.wait_s}


def _next(part: Part) -> Text | None:
    """What to do, where the sentence does not say it already."""
    if part.fault is None or part.fault.hint.sv in part.sentence.sv:
        return None
    return None if (part.name, part.word) == ("snapshot", "none") else part.fault.hint


def _say(report: Checkup, out: Out) -> None:
    told, language = report.told, out.language
    out.say()
    if told is not None:
        out.say(f"{clean(told.manufacturer)} {clean(told.model)}, firmware {clean(told.firmware) or '?'}, "
                f"{Text('serienummer', 'serial number').in_language(language)} {clean(told.serial) or '?'}")
    for part in report.parts:
        out.say(f"{_mark(part)} {part.name:19} {part.word:18} {part.sentence.in_language(language)}")
        further = _next(part)
        if further is not None:
            out.say(f"{'':41}-> {further.in_language(language)}")
        if part.name == "identity" and report.identity is not None:
            _say_evidence(report.identity, out)
    _say_rest(report, out)


def _say_evidence(identity: IdentityFinding, out: Out) -> None:
    """What speaks for and against; how much says nothing is only counted."""
    told = [item for item in identity.items if item.agrees is not Agrees.UNKNOWN]
    for item in told:
        out.say(f"{'':41}{item.agrees:4} {item.weight:7} {item.sentence.in_language(out.language)}")
    silent = len(identity.items) - len(told)
    if silent:
        out.say(f"{'':41}{Text(f'{silent} uppgifter har inget att jämföras med.', f'{silent} pieces have nothing to be compared with.').in_language(out.language)}")


def _mark(part: Part) -> str:
    pair = (part.name, part.word)
    if pair in _ALWAYS_SO_SO or part.word in _SO_SO:
        return "-"
    return " " if part.word in _GOOD else "?" if part.word == "unknown" else "!"


def _say_rest(report: Checkup, out: Out) -> None:
    can, posture = report.abilities, report.posture
    if can is not None:
        unknown = Text("vet ej", "not known").in_language(out.language)

        def shown(value: int | bool | None) -> str:
            if isinstance(value, bool):
                return Text("ja" if value else "nej", "yes" if value else "no").in_language(out.language)
            return unknown if value is None else str(value)

        out.text(Text(f"Kan: masker {shown(can.masks)}, texter i bilden {shown(can.texts)}, konton {shown(can.accounts)}, parkera linsen {shown(can.parks)}, "
                      f"bära märkning {shown(can.marker)}.",
                      f"Can: masks {shown(can.masks)}, texts in the picture {shown(can.texts)}, accounts {shown(can.accounts)}, park the lens {shown(can.parks)}, "
                      f"carry a mark {shown(can.marker)}."))
    out.say()
    if report.ok:
        out.text(Text("Kameran kan sättas upp som den är.", "The camera can be put up as it is."))
    elif posture is not None and posture.blocking:
        blocking = [one for one in posture.findings if one.item in posture.blocking]
        out.text(Text("Hindrar att kameran får bevaka ett hem:", "What keeps the camera from watching a home:"))
        for one in blocking:
            out.say(f"  {one.sentence.in_language(out.language)}")
    else:
        out.text(Text("Kameran kan inte sättas upp än.", "The camera cannot be put up yet."))
