"""The commands and their arguments. Each command is a function `(args, context) -> exit code` in a module beside this one, imported only when it is called."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NoReturn

from provisioner import __version__
from provisioner.cli.desk_arguments import add_desk, add_register
from provisioner.cli.out import EXIT_CODES, INTERRUPTED, OK, Out, exit_code_of
from provisioner.cli.privacy_arguments import add_privacy, who
from provisioner.clock import SystemClock
from provisioner.config import Secrets, Settings, find_path, load
from provisioner.fault import PlainError, Text

Adder = Callable[..., argparse.ArgumentParser]


@dataclass
class Context:
    """What every command may need; settings and secrets are read when first asked for."""

    config: str | None
    out: Out

    @cached_property
    def settings(self) -> Settings:
        """The settings file."""
        return load(find_path(self.config))

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets directory."""
        return Secrets(self.settings)

    @cached_property
    def clock(self) -> SystemClock:
        """Server time."""
        return SystemClock()


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` whose complaints are `PlainError`s, so that `--json` holds for them too.

    Options are written out: `--json` and `--language` are looked for before the command is parsed, and would be missed where one is shortened.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """See `argparse`."""
        raise PlainError("usage", Text(f"Kommandot går inte att förstå ({message}). Hjälp: {self.prog} --help.",
                                       f"The command cannot be understood ({message}). Help: {self.prog} --help."))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    common.add_argument("--config", metavar="FILE", help="settings file (default: $PROVISIONER_CONFIG or /etc/provisioner/provisioner.toml)")
    common.add_argument("--language", choices=("sv", "en"), help="language of the sentences (default: Swedish where $LANG says so, else English)")
    codes = "\n".join(f"  {code:>3}  {text}" for code, text in EXIT_CODES.items())
    top = Parser(prog="provisioner", description="Moves a safety camera from one home to another.",
                                  epilog=f"exit codes:\n{codes}", formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"provisioner {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(group: "argparse._SubParsersAction[Parser]", name: str, run: str, text: str, also: tuple[str, ...] = ()) -> argparse.ArgumentParser:
        made = group.add_parser(name, aliases=also, parents=[common], help=text, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
        made.set_defaults(run=run)
        return made

    _add_demo(add, commands)
    add(commands, "run", "machine:run_daemon", "run the daemon")
    doctor = add(commands, "doctor", "doctor:doctor", "check settings, database, broker, alarm centre, clock and disk")
    doctor.add_argument("--deadline-s", type=float, default=5.0, metavar="S", help="how long to wait for the alarm centre")
    _add_cases(add, commands)
    add_desk(add, commands)
    _add_night(add, commands)
    provision = add(commands, "provision", "provision:provision", "start the check on site, as the technician does, and follow it")
    provision.add_argument("case", metavar="CASE", help="case number, id, or an unmistakable beginning")
    provision.add_argument("--scanned", required=True, metavar="SERIAL", help="what the label on the camera said")
    provision.add_argument("--by", default="technician", help="who (an opaque reference)")
    provision.add_argument("--host", help="where the camera is reached")
    provision.add_argument("--port", type=int, default=80, help="its ONVIF port (default 80)")
    provision.add_argument("--agreed", action="store_true", help="nobody is in view, or whoever is has agreed to a picture")
    provision.add_argument("--typed-reason", default="", metavar="TEXT", help="why the label could not be scanned and the serial was typed")
    provision.add_argument("--wait-s", type=float, default=60.0, metavar="S", help="how long to follow (default 60)")
    camera = commands.add_parser("camera", help="look at a camera").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    _add_check(add, camera)
    _add_pin(add, camera)
    mask = add(camera, "mask", "mask:mask_camera", "set privacy masks for the forbidden areas and prove them in the picture")
    mask.add_argument("serial", metavar="SERIAL", help="of a camera in the inventory")
    mask.add_argument("--zones", required=True, metavar="FILE", help="JSON: a list of areas, each a list of corners [x, y] from -1 to 1, y upwards; [] takes all away")
    mask.add_argument("--deadline-s", type=float, default=30.0, metavar="S")
    _add_finding(add, camera)
    _add_recording(add, camera)
    _add_retiring(add, camera, commands)
    _add_profiles(add, commands)
    add_register(add, add_privacy(add, commands, camera))
    _add_scene(add, commands)
    _add_signs(add, commands)
    _add_documents(add, commands)
    registry = commands.add_parser("registry", help="look at the alarm centre's registry").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    listing = add(registry, "list", "machine:list_registry", "all bindings the alarm centre has, beside ours")
    listing.add_argument("--deadline-s", type=float, default=10.0, metavar="S")
    contract = commands.add_parser("contract", help="the messages as AsyncAPI and JSON Schema").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    for name, text in (("write", "write the generated files"), ("check", "say which generated files are stale")):
        add(contract, name, f"machine:{name}_contract", text).add_argument("folder", nargs="?", default="docs/contract")
    add(commands, "diagram", "machine:diagram", "the states and ways of a case as a Mermaid picture")
    return top


def _add_demo(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    demo = add(commands, "demo", "demo:demo", "watch one simulated camera move from Storgatan to Solgatan")
    demo.add_argument("--case", choices=("move", "provider-change", "both"), default="move", help="which kind of case (default: move)")
    demo.add_argument("--chaos", action="store_true", help="instead: hold, cancel, roll back, terminate, swap and the other ways aside, and how each ended")
    demo.add_argument("--mqtt-port", type=int, default=0, metavar="N", help="port of the demo's broker (default: any free one)")
    demo.add_argument("--out", metavar="DIR", help="write the drawings of the two checks there (simulated rooms)")
    demo.add_argument("--pause-s", type=float, default=0.0, metavar="S", help="wait so many seconds before the first step, for somebody to watch the wire")


def _add_finding(add: Adder, camera: "argparse._SubParsersAction[Parser]") -> None:
    found = add(camera, "find", "find:find", "find cameras: WS-Discovery, a range, the inventory, the label")
    found.epilog = ("where nothing is found: type the address yourself, provisioner camera check ADDRESS; it stands in the router's list of devices.\n"
                    "what a camera says here proves nothing; who it is, is read after a login.")
    found.add_argument("--interface", action="append", default=[], metavar="NAME", help="network interface or its IPv4 address (default: all but loopback)")
    found.add_argument("--range", action="append", default=[], metavar="CIDR", help="also ask each address of 192.168.1.0/24 or 192.168.1.10-40; 1024 at most")
    found.add_argument("--label", default="", metavar="TEXT", help="what the code on the camera's label says; the camera that tells that serial is pointed out")
    found.add_argument("--case", default="", metavar="CASE", help="compare marks with this case's bindings (default: with all live bindings)")
    found.add_argument("--seconds", type=_seconds, default=0.0, metavar="N", help="how long at most (default 8, with --range 60)")
    found.add_argument("--port", type=int, action="append", default=[], metavar="N", help="TCP port to try (default: where cameras have ONVIF)")
    found.add_argument("--discovery-port", type=int, default=3702, metavar="N", help="WS-Discovery's port (default 3702)")


def _add_retiring(add: Adder, camera: "argparse._SubParsersAction[Parser]", commands: "argparse._SubParsersAction[Parser]") -> None:
    account = add(camera, "account", "retire:camera_account", "say where a camera's account comes from; or tell another, after a reset by hand")
    account.add_argument("serial", metavar="SERIAL")
    account.add_argument("--user", default="", help="account; the password is read from the terminal, or from $PROVISIONER_CAMERA_PASSWORD")
    account.add_argument("--forget", action="store_true", help="use the secret cameras.toml again")
    rotated = add(camera, "rotate", "retire:rotate_camera", "give a camera a new account or password, and prove that the old one is refused")
    rotated.add_argument("serial", metavar="SERIAL")
    rotated.add_argument("--deadline-s", type=_seconds, default=60.0, metavar="S")
    retired = add(camera, "retire", "retire:retire_camera", "clear a camera that leaves a home, read it back, and sign a receipt")
    retired.add_argument("serial", metavar="SERIAL")
    retired.add_argument("--factory-default", action="store_true", help="by a hard factory default; the camera restarts, which takes minutes")
    retired.add_argument("--binding", action="append", default=[], metavar="ID", help="binding that the receipt shall name (besides those the camera is marked with)")
    retired.add_argument("--deadline-s", type=_seconds, default=240.0, metavar="S")
    receipt = commands.add_parser("receipt", help="receipts of retired cameras").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    shown = add(receipt, "show", "retire:show_receipt", "print a receipt as it was signed")
    shown.add_argument("ref", metavar="REF", help="its reference, or a serial number: that camera's newest")
    verify = add(receipt, "verify", "retire:verify_receipt", "say whether a receipt is genuine")
    verify.add_argument("file", metavar="FILE")
    verify.add_argument("--key", default="", metavar="HEX", help="public key (default: that of this installation)")
    add(receipt, "key", "retire:receipt_key", "print the public key that receipts are verified with")


def _add_recording(add: Adder, camera: "argparse._SubParsersAction[Parser]") -> None:
    recorded = add(camera, "record", "record:record_camera", "write a masked transcript of what a camera answers, to be replayed as a simulated one")
    recorded.epilog = ("changes nothing on the camera. Serial numbers, addresses, names, accounts and tokens are replaced, pictures by their size.\n"
                       "replay: python -m simulators.camera --replay FILE")
    recorded.add_argument("host", metavar="HOST")
    recorded.add_argument("--out", required=True, metavar="FILE", help="the transcript (JSON); a file that exists is not overwritten")
    recorded.add_argument("--port", type=int, default=80, help="ONVIF port (default 80)")
    recorded.add_argument("--rtsp-port", type=int, metavar="N", help="the stream's port, where it is another than the camera tells")
    recorded.add_argument("--user", default="", help="account; the password is read from the terminal, or from $PROVISIONER_CAMERA_PASSWORD")
    recorded.add_argument("--deadline-s", type=float, default=120.0, metavar="S")


def _seconds(text: str) -> float:
    found = float(text)
    if not 0 < found <= 600:
        raise argparse.ArgumentTypeError("0 to 600")
    return found


def _add_profiles(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    profile = commands.add_parser("profile", help="how each family of cameras is treated, and why").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    add(profile, "list", "profiles:list_profiles", "the device profiles, and whose they are")
    check = add(profile, "check", "profiles:check_profiles", "say what is wrong with a profile of your own, before it is installed")
    check.add_argument("where", nargs="?", metavar="FILE|FOLDER", help="read together with the installed profiles (default: those alone)")
    explain = add(profile, "explain", "profiles:explain_profile", "which profile a camera gets, each policy in it, and why it is so")
    explain.add_argument("manufacturer", metavar="MANUFACTURER", help="as the camera tells it over ONVIF; or alone: the name of a profile")
    explain.add_argument("model", nargs="?", default="", metavar="MODEL", help="as the camera tells it over ONVIF")
    explain.add_argument("--hardware", default="", metavar="ID", help="its hardware id, where a profile asks for it")


def _add_scene(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    scene = commands.add_parser("scene", help="what a camera sees").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    check = add(scene, "check", "scene:check_scene", "judge picture files of one fixed camera: focus, light, area, reflections, the plan, the sign's place")
    check.epilog = ("for benches and tests: on site the daemon keeps pictures in memory. Exit code 0 where the check was made, whatever it found.\n"
                    "forms of the files, and how to read the drawings: docs/scene.md")
    for name, text in (("day", "by daylight"), ("night", "at night, the camera's lamp on"), ("night-off", "at night, its lamp off, the same exposure")):
        check.add_argument(f"--{name}", default="", metavar="FILE", help=f"the picture {text} (JPEG or PNG)")
    check.add_argument("--zones", default="", metavar="FILE", help="JSON: the bed, forbidden areas, two tapped points, your own word on reflections")
    check.add_argument("--plan", default="", metavar="FILE", help='JSON: {"plan": ..., "camera": ...}, in metres')
    check.add_argument("--labels", default="", metavar="FILE", help="JSON: zones, camera, plan and privacy_mask as labelled sets have them")
    check.add_argument("--profile", default="", metavar="NAME", help="device profile whose limits hold (default: those of any camera)")
    check.add_argument("--out", default="", metavar="FOLDER", help="write refl.png and the drawings there; nothing is written otherwise")


def _add_check(add: Adder, camera: "argparse._SubParsersAction[Parser]") -> None:
    check = add(camera, "check", "check:check_camera", "ask a camera everything that can be asked without setting anything, and say what to do", ("probe",))
    check.add_argument("host", metavar="HOST")
    check.add_argument("--port", type=int, default=80, help="ONVIF port (default 80)")
    check.add_argument("--tls", action="store_true", help="speak HTTPS with it (a camera that wants nothing else, mostly port 443)")
    check.add_argument("--user", default="", help="account; the password is read from the terminal, or from $PROVISIONER_CAMERA_PASSWORD")
    check.add_argument("--serial", default="", metavar="LABEL", help="the serial number on the camera's label, or its QR text: is this that camera?")
    check.add_argument("--profile", default="", metavar="NAME", help="device profile, as the depot would choose it (provisioner profile list)")
    check.add_argument("--discovery-port", type=int, default=3702, metavar="N", help="UDP port of WS-Discovery (default 3702)")
    check.add_argument("--deadline-s", type=float, default=45.0, metavar="S", help="how long at most (default 45)")


def _add_pin(add: Adder, camera: "argparse._SubParsersAction[Parser]") -> None:
    pin = add(camera, "pin", "depot:pin_camera", "first touch at the depot: keep what tells this camera from all others, and where it is reached")
    pin.add_argument("serial", metavar="LABEL", help="what the label on the camera says when it is scanned")
    pin.add_argument("--host", required=True, help="where the camera is reached")
    pin.add_argument("--port", type=int, default=80, help="its ONVIF port (default 80)")
    pin.add_argument("--tls", action="store_true", help="speak HTTPS with it, and pin its certificate for good")
    pin.add_argument("--user", default="", help="account; the password is read from the terminal, or from $PROVISIONER_CAMERA_PASSWORD (default: the known account)")
    pin.add_argument("--profile", default="", metavar="NAME", help="device profile that allows what the camera needs (provisioner profile list)")
    pin.add_argument("--typed-reason", default="", metavar="TEXT", help="why the label could not be scanned and the serial was typed")
    pin.add_argument("--asset", default="", metavar="NUMBER", help="the municipality's number on its tag: from then on each number leads to the other")
    pin.add_argument("--again", default="", metavar="REASON", help="why another camera, or another board, takes the place of the one read in before")
    pin.add_argument("--deadline-s", type=float, default=20.0, metavar="S", help="how long at most (default 20)")


def _add_signs(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    sign = commands.add_parser("sign", help="print the sign; say who stands for its text in a language").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    printed = add(sign, "print", "sign:print_sign", "write the sign as PDF, one file for each language")
    printed.add_argument("languages", nargs="*", metavar="LANGUAGE", help="sv, en, fa, ar, so (default with --case: those that the unit asked for)")
    printed.add_argument("--size", choices=("A4", "A5"), default="A4", help="A4 has the larger letters (default)")
    printed.add_argument("--out", required=True, metavar="FILE|FOLDER", help="a folder where there are several languages; a file that exists is not overwritten")
    printed.add_argument("--case", default="", metavar="CASE", help="what its camera's settings prove of sound and recordings is printed, and nothing else")
    printed.add_argument("--no-sound-proved", action="store_true", help="without a case: you know that the camera hears nothing")
    printed.add_argument("--nothing-recorded-proved", action="store_true", help="without a case: you know that nothing is recorded")
    reviewed = add(sign, "review", "sign:review_sign", "enter who has read a language's text and stands for it")
    reviewed.add_argument("of", choices=("sv", "en", "fa", "ar", "so"), metavar="LANGUAGE", help="sv, en, fa, ar or so")
    reviewed.add_argument("--reviewer", required=True, metavar="NAME")
    reviewed.add_argument("--date", default="", metavar="YYYY-MM-DD", help="when (default: today)")
    add(sign, "list", "sign:list_signs", "each language: who stands for it, or that nobody does")


def _add_documents(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    document = commands.add_parser("document", help="texts and files of a case: care record, phone call, calendar, incident").add_subparsers(
        dest="sub", required=True, metavar="COMMAND")
    record = add(document, "care-record", "document:care_record", "the text to paste into a unit's care record, after the feedback")
    record.add_argument("--unit", choices=("handing_over", "receiving"), required=True, help="whose record")
    script = add(document, "phone-script", "document:phone_script", "what to say to the receiving unit, once supervision has begun, and what to ask")
    entry = add(document, "calendar", "document:calendar_file", "the booked times as an .ics file without names or addresses")
    entry.add_argument("--out", required=True, metavar="FILE", help="written anew if it exists: a calendar knows the newer by its number")
    entry.add_argument("--cancel", action="store_true", help="instead, the entries that were called off")
    draft = add(document, "incident", "document:incident", "the draft of an incident report, with its deadlines")
    draft.add_argument("--aware-at", default="", metavar="INSTANT", help="when somebody with us knew, as 2026-12-01T14:30, Swedish time (default: now)")
    for one in (record, script, entry, draft):
        one.add_argument("case", metavar="CASE")


def _add_cases(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    case = commands.add_parser("case", help="open, list, show, replay a case; say what a person did").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    opened = add(case, "open", "cases:open_case", "open a case from a JSON file with one or both support forms")
    opened.add_argument("file", metavar="FILE")
    opened.add_argument("--by", default="coordinator", help="who (an opaque reference)")
    form = add(case, "form", "cases:add_form", "add or replace a form of an open case (the answer to a question)")
    form.add_argument("case", metavar="CASE")
    form.add_argument("file", metavar="FILE")
    form.add_argument("--by", default="coordinator")
    listed = add(case, "list", "cases:list_cases", "the open cases")
    listed.add_argument("--all", action="store_true", help="closed ones too")
    for name, text in (("show", "where a case stands and what comes next"),
                       ("timeline", "what happened in a case, oldest first, by role and without names"),
                       ("replay", "live the case again from its journal and show every decision")):
        who(add(case, name, f"cases:{name}_case", text)).add_argument("case", metavar="CASE")
    undo = add(case, "undo", "undo:undo", "take a completed move back: a new case, filled in from this one")
    undo.add_argument("case", metavar="CASE")
    undo.add_argument("--keys-signed-out", choices=("yes", "no"), required=True, help="has the unit the key to the home that gets the camera back?")
    undo.add_argument("--street-key", choices=("yes", "not_required", "missing"), required=True, help="and its street door's")
    undo.add_argument("--move-date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="when (default: today)")
    undo.add_argument("--by", default="coordinator")
    add(commands, "routine", "routine:routine", "the routine as a checklist of one case: each row, where it stands, who and when").add_argument("case", metavar="CASE")
    say = add(case, "say", "cases:say", "say what a person did: provisioner case say CASE dismantled scanned=... old_sign_removed=yes")
    say.add_argument("case", metavar="CASE")
    say.add_argument("what", metavar="STATEMENT")
    say.add_argument("fields", nargs="*", metavar="FIELD=VALUE")
    say.add_argument("--by", default="coordinator")
    say.add_argument("--role", default="coordinator", choices=("technician", "coordinator", "team_lead", "unit", "operator"))
    say.add_argument("--revision", type=int, help="the revision you were looking at; the case refuses where it has changed since")
    say.epilog = _statements()


def _add_night(add: Adder, commands: "argparse._SubParsersAction[Parser]") -> None:
    night = commands.add_parser("night", help="tonight's homes, and the three lists").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    ready = add(night, "readiness", "night:readiness", "who is watched by camera tonight, who by visits, who by neither (exit code 3 where somebody is)")
    ready.add_argument("--all", action="store_true", help="homes watched by camera too")
    ready.add_argument("--print", metavar="FILE", help="write a page to print")
    held = add(night, "lists", "night:lists", "decisions, our bindings and the alarm centre's held against one another now")
    for command in (ready, held):
        command.add_argument("--deadline-s", type=float, default=20.0, metavar="S", help="how long at most to wait for the alarm centre (default 20)")
    call = commands.add_parser("call", help="what people are being called about").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    add(call, "list", "night:list_calls", "open calls, the oldest first").add_argument("--all", action="store_true", help="those that are over too")
    take = add(call, "take", "night:take_call", "a named person has it: it is not repeated any more")
    take.add_argument("key", metavar="CALL")
    take.add_argument("--by", required=True, help="who (an opaque reference)")
    take.add_argument("--note", default="", help="what was done, without names")
    decision = commands.add_parser("decision", help="supervision decisions: who is owed looks, and when").add_subparsers(dest="sub", required=True, metavar="COMMAND")
    add(decision, "import", "night:import_decisions", "take in a CSV or JSON file, all of it or none").add_argument("file", metavar="FILE")
    add(decision, "list", "night:list_decisions", "decisions that hold, or will")
    add(decision, "end", "night:end_decision", "the municipality has ended a decision").add_argument("decision_ref", metavar="DECISION")


def _statements() -> str:
    from provisioner.statements import BY_FORM_ONLY, STATEMENTS, fields_of

    lines = [f"  {kind:24} {' '.join(fields_of(kind))}".rstrip() for kind in STATEMENTS if kind not in BY_FORM_ONLY]
    return "statements and their fields (* must be given; instants as 2026-12-01T14:30, Swedish time; yes or no):\n" + "\n".join(lines)


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code. A `PlainError` is a sentence; anything else is a bug and shows its traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no Swedish letters shall not end a command
    out = Out("--json" in argv, language_of(argv))
    try:
        args = parsed(argv)
        context = Context(args.config, out)
        module, function = args.run.split(":")
        code = int(getattr(importlib.import_module(f"provisioner.cli.{module}"), function)(args, context))
        sys.stdout.flush()
    except PlainError as error:
        return out.error(error.code, error.text, exit_code_of(error), error.field)
    except BrokenPipeError:  # whoever read had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return out.error("interrupted", Text("Avbrutet.", "Interrupted."), INTERRUPTED)
    return code


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments. Fields of `case say` may also stand behind its options, which argparse by itself does not allow. Raises `PlainError` (`usage`)."""
    top = parser()
    args, rest = top.parse_known_args(argv)
    if rest and hasattr(args, "fields") and not any(word.startswith("-") for word in rest):
        args.fields += rest
    elif rest:
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    return args


def language_of(argv: Sequence[str]) -> str:
    """`--language` as given, else that of the environment in its own order of precedence; wanted before the arguments are known to be right."""
    for at, word in enumerate(argv):
        if word == "--language" and at + 1 < len(argv):
            return argv[at + 1]
        if word.startswith("--language="):
            return word.partition("=")[2]
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "sv" if said.lower().startswith("sv") else "en"
