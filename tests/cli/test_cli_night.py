"""Decisions in and out, and the night's commands where something is missing."""

import json
from pathlib import Path

import pytest

from tests.cli.desk import Desk

HEAD = "decision_ref;address;provider;unit;looks;valid_from;until;cameras\n"
ROW = "2026-17;Storgatan 12, Linköping;Omsorg AB;Norr;00:00 02:00 05:00;2026-01-01T00:00:00+01:00;;\n"


def written(desk: Desk, text: str, name: str = "decisions.csv") -> str:
    path: Path = desk.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_decisions_come_in_from_the_municipalitys_list(desk: Desk) -> None:
    said = desk.run("decision", "import", written(desk, HEAD + ROW), "--json")
    assert said.json == {"imported": 1}
    [found] = desk.run("decision", "list", "--json").json["decisions"]
    assert found["looks"] == ["00:00", "02:00", "05:00"] and found["site_ref"].startswith("site-") and found["cameras"] == 1
    assert "Storgatan" not in desk.database.read_bytes().decode("latin-1")
    again = desk.run("decision", "import", written(desk, HEAD + ROW), "--json")
    assert again.code == 0 and len(desk.run("decision", "list", "--json").json["decisions"]) == 1, "said again it is the same"
    assert desk.run("decision", "end", "2026-17", "--json").code == 0
    assert desk.run("decision", "list", "--json").json == {"decisions": []}
    as_json = json.dumps([{"decision_ref": "2026-18", "site_ref": "site-abcdef", "unit_ref": "unit-abcdef", "looks": "03:00", "valid_from": "2026-01-01T00:00:00Z"}])
    assert desk.run("decision", "import", written(desk, as_json, "d.json"), "--json").json == {"imported": 1}


@pytest.mark.parametrize(("row", "en"), [
    (ROW.replace("00:00 02:00", "24:00"), "Row 1, looks"), (ROW.replace("Storgatan 12, Linköping", ""), "give the dwelling"),
    (ROW.replace("+01:00;", ";"), "needs its offset"), (ROW.replace("2026-17", ""), "Row 1, decision_ref"), (ROW.replace(";;\n", ";;many\n"), "Row 1, cameras"),
    (ROW.replace("\n", ";surplus\n"), "Row 1"),
])
def test_one_wrong_row_and_nothing_comes_in(desk: Desk, row: str, en: str) -> None:
    said = desk.run("decision", "import", written(desk, HEAD + row))
    assert said.code == 2 and en in said.err and len(said.err.strip().splitlines()) == 1
    assert desk.run("decision", "import", written(desk, HEAD + ROW + row)).code == 2
    assert desk.run("decision", "list", "--json").json == {"decisions": []}


def test_nothing_to_compare_with_is_said(desk: Desk) -> None:
    desk.both("night", "readiness", code=2, error="no_decisions", sv="Inga tillsynsbeslut", en="No supervision decisions")
    desk.both("night", "lists", code=2, error="no_decisions", sv="Inga tillsynsbeslut", en="No supervision decisions")
    desk.both("decision", "end", "2026-99", code=2, error="unknown_decision", sv="Inget gällande beslut", en="No decision in force")
    desk.both("call", "take", "night/x", "--by", "olle", code=2, error="unknown_call", sv="Det finns inget larm", en="There is no call")
    assert desk.run("call", "list", language="sv").out == "Inga öppna larm.\n"


@pytest.mark.parametrize("path", ["/dev/zero", "LARGE"])
def test_d23_a_list_of_decisions_is_read_whole_or_not_at_all(desk: Desk, path: str) -> None:
    """A list cut short would leave homes that nobody compares."""
    file = written(desk, HEAD + ROW + "\n" * 2**24) if path == "LARGE" else path
    desk.both("decision", "import", file, code=2, error="file_too_large", sv="större än 16 MB. Dela filen.", en="larger than 16 MB. Split the file.")
    assert desk.run("decision", "list", "--json").json == {"decisions": []}
