"""`provisioner notice import` and `provisioner question ...`: forms one at a time, each finding its case, and whatever is wrong told by row and field."""

import json
from typing import Any

from tests.cli.desk import Desk, forms

OTHER_PERSON = "18900118-9811"  # another of Skatteverket's test numbers


def one(role: str, **changes: Any) -> dict[str, Any]:
    """A notice of one unit."""
    found = {**forms()[role], "role": role, "case_kind": "MOVE_ONLY", **changes}
    return {name: value for name, value in found.items() if value is not None}


def written(desk: Desk, *notices: Any, name: str = "notices.json") -> str:
    """A file of these notices."""
    path = desk.folder / name
    path.write_text(json.dumps(list(notices) if len(notices) != 1 else notices[0]), encoding="utf-8")
    return str(path)


def taken(desk: Desk, *notices: Any, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What became of them."""
    said = desk.run("notice", "import", written(desk, *notices), *options, "--json")
    assert said.code == 0, said
    found: list[dict[str, Any]] = said.json["notices"]
    return found


def test_r6_r15_r44_two_notices_on_two_days_are_one_case(desk: Desk) -> None:
    [first] = taken(desk, one("handing_over"))
    [second] = taken(desk, one("receiving"))
    assert (first["pairing"], second["pairing"]) == ("opened", "paired") and first["case_id"] == second["case_id"]
    [case] = desk.cases()
    assert case["case_number"] == first["case_number"] and first["state"] == "AWAITING_COUNTERPART"
    desk.centre_answers()
    assert desk.run("case", "show", case["case_number"], "--json").json["state"] == "READY"
