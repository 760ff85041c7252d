"""`provisioner profile list|check|explain`: how each family of cameras is treated, for a person who wants to know why.

Reasons and sources are shown as they stand in the files, which are written in English.
"""

import argparse
from pathlib import Path
from typing import Any

from provisioner.camera.profiles import checked, explained, listed, profiles
from provisioner.case.posture_items import ITEMS, Item
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, Out
from provisioner.fault import PlainError, Text

_ACCEPTED = {"unsupported": Text("att kameran inte kan", "that the camera cannot"), "unknown": Text("att det inte går att fråga", "that it cannot be asked"),
             "wrong": Text("att det är så", "that it is so")}


def list_profiles(args: argparse.Namespace, context: Context) -> int:
    """One line a profile: its name, whose cameras it is for, how many policies it sets."""
    out, rows = context.out, listed()
    out.result({"profiles": rows})
    for row in rows:
        whose = ", ".join(row["manufacturers"]) or Text("alla andra", "all others").in_language(out.language)
        models = f": {', '.join(row['models'])}" if row["models"] else ""
        out.say(f"{row['name']:16} {Text('undantag', 'exceptions').in_language(out.language)} {row['quirks']:2}  {whose}{models}")
    out.text(Text("Varför: provisioner profile explain NAMN, eller TILLVERKARE MODELL.", "Why: provisioner profile explain NAME, or MANUFACTURER MODEL."))
    return OK


def check_profiles(args: argparse.Namespace, context: Context) -> int:
    """Say what is wrong; exit code 3 where anything is."""
    out, over = context.out, _files(args.where)
    wrong = checked(over=over)
    out.result({"ok": not wrong, "checked": [file.name for file in over] or [row["name"] for row in listed()], "wrong": wrong})
    for one in wrong:
        out.text(Text(one["sv"], one["en"]))
    if not wrong:
        out.text(Text("Profilerna stämmer.", "The profiles are right."))
    return REFUSED if wrong else OK


def _files(where: str | None) -> tuple[Path, ...]:
    """The files to check besides the installed ones. Raises `PlainError` where there is none: a check of nothing must not pass."""
    if where is None:
        return ()
    path = Path(where)
    found = tuple(sorted(path.glob("*.toml"))) if path.is_dir() else (path,) if path.is_file() else ()
    if not found:
        raise PlainError("no_profile_there", Text(f"{where} är ingen enhetsprofil och ingen mapp med sådana (*.toml).",
                                                  f"{where} is no device profile and no folder with any (*.toml)."))
    return found


def explain_profile(args: argparse.Namespace, context: Context) -> int:
    """The profile that a camera of this make and model gets, or the one of this name; each policy, and the argument for each that departs from the standard."""
    found = profiles()
    by_name = not args.model and args.manufacturer in found.by_name
    profile = found.named(args.manufacturer) if by_name else found.of(args.manufacturer, args.model, args.hardware)
    what, out = explained(profile), context.out
    out.result({**what, "asked": {"manufacturer": args.manufacturer, "model": args.model, "hardware": args.hardware}})
    out.say(f"{profile.name}: {profile.about}")
    if not by_name and not profile.match.manufacturers:
        out.text(Text(f"Ingen profil är skriven för {args.manufacturer} {args.model}".rstrip() + "; kameran behandlas som standarden säger.",
                      f"No profile is written for {args.manufacturer} {args.model}".rstrip() + "; the camera is treated as the standard says."))
    if profile.extends:
        out.text(Text(f"Bygger på {profile.extends}.", f"Extends {profile.extends}."))
    _say_policies(what, out)
    _say_the_rest(what, out)
    return OK


def _say_policies(what: dict[str, Any], out: Out) -> None:
    out.say()
    out.text(Text("Hur kameran behandlas (* avviker från standarden)", "How the camera is treated (* departs from the standard)"))
    for policy in what["policies"]:
        quirk = policy["quirk"]
        out.say(f"  {'*' if quirk else ' '} {policy['name']:22} {policy['value']:16} {policy['about']}")
        if quirk:
            _say_argument(quirk, out)


def _say_argument(said: dict[str, Any], out: Out) -> None:
    """The lines that a quirk, a limit and an acceptance share."""
    for name, sv, en in (("because", "därför", "because"), ("seen", "sett", "seen"), ("source", "källa", "source")):
        if said.get(name):
            out.say(f"      {Text(sv, en).in_language(out.language):8} {said[name]}")


def _say_the_rest(what: dict[str, Any], out: Out) -> None:
    for name, limit in what["lockout"].items():
        if limit is not None:
            head = Text("Låser efter", "Locks after") if name == "attempts" else Text("Låst i", "Locked for")
            out.say()
            out.say(f"{head.in_language(out.language)} {limit['value']:g} {limit['unit']}")
            _say_argument(limit, out)
    out.say()
    out.text(Text(f"Serienumrets form: {what['serial']['rule']}", f"Form of the serial number: {what['serial']['rule']}"))
    _say_argument(what["serial"], out)
    for one in what["accept"]:
        state, wanted = _ACCEPTED[one["state"]], ITEMS[Item(one["item"])].wanted
        out.say()
        out.text(Text(f"Godtas för '{wanted.sv}': {state.sv}", f"Accepted for '{wanted.en}': {state.en}"))
        _say_argument({**one, "because": Text(one["because_sv"], one["because"]).in_language(out.language)}, out)
    for one in what["default_accounts"]:
        out.say()
        out.text(Text(f"Standardkonto som ska vara avvisat: {one['username']}", f"Default account that has to be refused: {one['username']}"))
        _say_argument(one, out)
    out.say()
    out.text(Text("Gränser för bilden", "Limits of the picture"))
    for name, limit in what["frame"].items():
        out.say(f"    {name:22} {limit['value']:g} {limit['unit']}: {limit['because']}")
