"""The arguments of the commands about notices and questions; imports nothing of what they do."""

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
