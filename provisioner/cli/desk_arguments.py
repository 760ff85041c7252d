"""The arguments of the commands about notices, questions and the register; imports nothing of what they do."""

import argparse
from collections.abc import Callable
from typing import Any

from provisioner.cli.privacy_arguments import who

Adder = Callable[..., argparse.ArgumentParser]


def add_desk(add: Adder, commands: Any) -> None:
    """`notice import|schema`, `question list|answer`."""

    def group(name: str, text: str) -> Any:
        return commands.add_parser(name, help=text).add_subparsers(dest="sub", required=True, metavar="COMMAND")

    notice = group("notice", "support forms, one or many: each finds its case")
    taken = add(notice, "import", "intake:import_notices", "take in a JSON or CSV file of support forms, all of it or none")
    taken.add_argument("file", metavar="FILE", help="JSON: one form or a list of them; CSV: a heading, and one form a row")
    taken.add_argument("--by", default="coordinator", help="who (an opaque reference)")
    taken.add_argument("--case", default="", metavar="CASE", help="the file's one form belongs to this case: a correction, or where the desk cannot tell")
    taken.add_argument("--new", action="store_true", help="the file's one form is of a case of its own, though the person has another")
    schema = add(notice, "schema", "intake:write_schemas", "write the forms' JSON Schemas")
    schema.add_argument("folder", nargs="?", default="docs/forms")
    schema.add_argument("--check", action="store_true", help="only say which are stale")
    question = group("question", "what the units still have to answer")
    add(question, "list", "intake:list_questions", "open questions, of all cases or of one").add_argument("case", nargs="?", default="", metavar="CASE")
    answer = who(add(question, "answer", "intake:answer_question", "correct fields of a form that is in a case: phone=... move_date=..."))
    answer.add_argument("case", metavar="CASE")
    answer.add_argument("fields", nargs="+", metavar="FIELD=VALUE")
    answer.add_argument("--unit", choices=("handing_over", "receiving"), required=True, help="whose form")


HOUSINGS = ("ordinary", "special")
ROOMS = ("bedroom", "living_room", "hall", "kitchen", "other")
"""Closed words: a room described freely would sooner or later describe a person."""


def add_register(add: Adder, register: Any) -> None:
    """`register unit|site|camera|consent ...`."""

    def group(name: str, text: str) -> Any:
        return register.add_parser(name, help=text).add_subparsers(dest="what", required=True, metavar="COMMAND")

    unit = group("unit", "care units and their providers")
    put = who(add(unit, "put", "register:put_unit", "keep a unit; said again, it replaces the earlier"))
    put.add_argument("--name", required=True, help="as the units write it in their forms")
    put.add_argument("--provider", required=True, help="likewise")
    for name in ("email", "phone", "unit-ref", "provider-ref"):
        put.add_argument(f"--{name}", default="", help="opaque reference (default: made of the names, as for a form)" if name.endswith("ref") else None)
    who(add(unit, "list", "register:list_units", "all units"))
    who(add(unit, "show", "register:list_units", "one unit")).add_argument("unit_ref", metavar="UNIT")
    site = group("site", "dwellings, by their reference; the address stands in the forms alone")
    put = who(add(site, "put", "register:put_site", "keep a dwelling; said again, it replaces the earlier"))
    put.add_argument("--site-ref", default="", metavar="SITE")
    put.add_argument("--address", default="", help="instead of the reference, which is made of it; the address itself is not kept")
    put.add_argument("--housing", choices=HOUSINGS, default="ordinary")
    put.add_argument("--room", action="append", default=[], choices=ROOMS, help="a room with a camera; several times for several")
    put.add_argument("--assessment", default="", metavar="REF", help="reference of the documented assessment (KBL 7-9)")
    who(add(site, "list", "register:list_sites", "all dwellings"))
    who(add(site, "show", "register:show_site", "one dwelling: its cameras, bindings, decisions")).add_argument("site_ref", metavar="SITE")
    camera = group("camera", "each camera's serial number and asset number, linked")
    put = who(add(camera, "put", "register:put_camera", "link the two numbers of a camera in your hands"))
    put.add_argument("serial", metavar="SERIAL", help="the maker's, from the camera's own label")
    put.add_argument("--asset", required=True, metavar="NUMBER", help="the municipality's, from its tag")
    put.add_argument("--site-ref", default="", metavar="SITE", help="where it hangs, if it does")
    put.add_argument("--room", default="", choices=("", *ROOMS))
    add(camera, "list", "register:list_cameras", "both numbers of all cameras; no homes")
    add(camera, "show", "register:list_cameras", "the other number of one camera").add_argument("number", metavar="SERIAL|ASSET")
    consent = group("consent", "consents of the person of a case, home by home")
    for name, text in (("put", "keep an answer"), ("withdraw", "a consent is taken back: the looks that stand on it end")):
        made = who(add(consent, name, f"register:{name}_consent", text))
        made.add_argument("case", metavar="CASE", help="any case of the person")
        made.add_argument("--home", choices=("old", "new"), required=True, help="which of the case's homes")
        made.add_argument("--subject", default="service_user", metavar="WHO", help="service_user (default), cohabitant-1 ...; never a name")
        if name == "put":
            made.add_argument("--given", choices=("yes", "no"), required=True)
    for name in ("list", "show"):
        who(add(consent, name, "register:list_consents", "all consents of the person of a case")).add_argument("case", metavar="CASE")
