"""`provisioner case ...`: what people say, as sentences in two languages and as one JSON object, and every no with its way out."""

import json
from pathlib import Path

import pytest

from provisioner.fault import PlainError, Text
from provisioner.store.sql import SqlStore
from tests.cli.desk import ASSET, SERIAL, Desk


def test_a_case_in_words_and_in_json(desk: Desk) -> None:
    """Open, list, show, say, timeline, replay: each in Swedish, in English and as one JSON object."""
    opened = desk.run("case", "open", desk.form(), language="sv")
    assert opened.code == 0 and "DRAFT" not in opened.err and "Larmcentralen slår upp kamerans koppling." in opened.out
    [case] = desk.cases()
    number = case["case_number"]
    assert case["open"] and number in opened.out
    assert number in desk.run("case", "list").out
    shown = desk.run("case", "show", number, language="sv")
    assert "Larmcentralen slår upp" in shown.out and "Astrid" not in shown.out
    view = desk.run("case", "show", number.lower()[:7], "--json").json
    assert view["case_number"] == number and view["expected_serial"] == SERIAL and view["needs"] and view["next_action"]
    said = desk.run("case", "say", number, "fallback_acknowledged", "unit_ref=unit-night-patrol", "person_ref=person-night-lead", "--json")
    assert said.code == 0 and said.json["revision"] > view["revision"]
    happened = desk.run("case", "timeline", number, language="sv")
    assert "fallback_acknowledged" in happened.out and "coordinator" in happened.out and "Astrid" not in happened.out and SERIAL not in happened.out
    assert desk.run("case", "timeline", number, "--json").json["timeline"][0]["what"] == "opened"
    replay = desk.run("case", "replay", number, "--json").json
    assert replay["same"] and [step["input"] for step in replay["steps"]] == ["opened", "said", "said", "said"]
    assert "Samma ärende som i databasen." in desk.run("case", "replay", number, language="sv").out


def test_the_routine_as_a_checklist_of_one_case(desk: Desk) -> None:
    """Each row that applies, in both languages, with who and when."""
    number = desk.opened()
    desk.centre_answers()
    rows = {row["row"]: row for row in desk.run("routine", number, "--json").json["rows"]}
    assert rows["R6"]["standing"] == "done" and rows["R6"]["by"] == "coordinator" and rows["R6"]["at"] and rows["R28"]["standing"] == "open"
    shown = desk.run("routine", number, language="sv").out
    assert "[>] R28  Tid för nedmontering bokas" in shown and "[=] R46" in shown and "efterskänkt" in shown and "Astrid" not in shown


def test_no_cases_yet(desk: Desk) -> None:
    assert desk.run("case", "list", language="sv").out == "Inga öppna ärenden.\n"
    assert desk.run("case", "list", "--json").json == {"cases": []}


def test_questions_are_asked_where_a_form_has_gaps(desk: Desk) -> None:
    """R25: what is missing is asked for by name, and the answer is the form sent again."""
    number = desk.opened(handing_over__phone=None, receiving__contacts=[])
    desk.centre_answers()
    shown = desk.run("case", "show", number, language="sv")
    assert "? Uppgifter saknas i formuläret: brukarens telefon." in shown.out
    view = desk.run("case", "show", number, "--json").json
    assert view["state"] == "NEEDS_INFO" and {question["to"] for question in view["questions"]} == {"handing_over_unit", "receiving_unit"}
    answered = desk.run("case", "form", number, desk.form("again.json"), language="sv")
    assert answered.code == 0 and "READY" in answered.out and "?" not in answered.out


@pytest.mark.parametrize("command", [["show"], ["timeline"], ["replay"], ["say", "try_again"], ["form", "FORM"]], ids=lambda words: words[0])
def test_unknown_and_ambiguous_case(desk: Desk, command: list[str]) -> None:
    rest = [desk.form() if word == "FORM" else word for word in command[1:]]
    desk.both("case", command[0], "2026-NIX99", *rest, code=4, error="unknown_case", sv="inget ärende", en="no case")
    desk.both("case", command[0], "", *rest, code=4, error="unknown_case")
    desk.opened(case_number="2026-AAAA1")
    desk.opened(case_number="2026-AAAA2", handing_over__serial_number="ACCC8E000002", handing_over__form_ref="form-two-a", receiving__form_ref="form-two-b")
    desk.both("case", command[0], "2026-AAAA", *rest, code=4, error="ambiguous_case", sv="Skriv mer av numret.", en="Type more of the number.")


def test_wrong_state_stale_revision_and_fields(desk: Desk) -> None:
    number = desk.opened()
    before = desk.run("case", "show", number, "--json").json["revision"]
    desk.both("case", "say", number, "dismantled", f"scanned={SERIAL}", "old_sign_removed=yes", code=3, error="wrong_state",
              sv="LOOKS_SUSPENDED", en="LOOKS_SUSPENDED")
    desk.both("case", "say", number, "try_again", "--revision", "0", code=3, error="stale_revision", sv="Läs om", en="Look again")
    desk.both("case", "say", number, "nonsense", code=2, error="unknown_statement", sv="kan inte sägas", en="cannot be said")
    desk.both("case", "say", number, "dismantled", "colour=white", code=2, error="unknown_field", sv="inget fält colour", en="no field colour")
    desk.both("case", "say", number, "dismantled", "scanned", code=2, error="wrong_field", sv="namn=värde", en="name=value")
    desk.both("case", "say", number, "dismantled", f"scanned={SERIAL}", code=2, error="wrong_field", sv="old_sign_removed saknas", en="old_sign_removed is missing")
    desk.both("case", "say", number, "visit_started", f"scanned={SERIAL}", "nobody_in_view_or_agrees=maybe", code=2, error="wrong_field",
              sv="ja eller nej", en="yes or no")
    desk.both("case", "say", number, "visit_started", f"scanned={SERIAL}", "nobody_in_view_or_agrees=yes", "scanned_at=soon", code=2, error="wrong_field",
              sv="ingen tidpunkt", en="no instant")
    desk.both("case", "say", number, "fallback_acknowledged", "unit_ref=unit-\udcff", "person_ref=person-1", code=2, error="text_not_storable",
              sv="tecken", en="characters")
    desk.both("case", "say", number, "fallback_acknowledged", "unit_ref=unit-\u202e", "person_ref=person-1", code=2, error="wrong_field", sv="styrtecken",
              en="control characters")
    assert desk.run("case", "show", number, "--json").json["revision"] == before


def one_character_changed() -> list[str]:
    others = [SERIAL[:at] + ("0" if SERIAL[at] != "0" else "1") + SERIAL[at + 1:] for at in range(len(SERIAL))]
    return [*others, SERIAL[:-1], SERIAL + "1", SERIAL[1:], SERIAL[1] + SERIAL[0] + SERIAL[2:], SERIAL.replace("8E", "E8", 1), SERIAL.replace("B", "8")]


def test_h3_every_slip_of_the_hand_is_refused(desk: Desk) -> None:
    """A typed serial with one character changed, left out, doubled or swapped; the asset number in its place; another camera's."""
    number = desk.at_the_old_home()
    before = desk.run("case", "show", number, "--json").json["revision"]
    say = ["case", "say", number, "dismantled", "old_sign_removed=yes", "--role", "technician"]
    for typed in one_character_changed():
        refused = desk.run(*say, f"scanned={typed}", "typed_reason=the label is worn off", "--json")
        assert refused.code == 3 and refused.json["error"] in ("serial_one_off", "not_a_serial"), (typed, refused)
    desk.both(*say, f"scanned={one_character_changed()[0]}", code=3, error="serial_one_off", sv="skiljer på ett tecken", en="differs by one character")
    desk.both(*say, f"scanned={ASSET}", code=3, error="asset_number", sv="inventarienumret", en="asset number")
    desk.both(*say, f"scanned={ASSET.lower()}", code=3, error="asset_number", sv="inventarienumret", en="asset number")
    desk.both(*say, "scanned=ACCC8E999999", code=3, error="other_camera", sv="annan kamera", en="another camera")
    desk.both(*say, "scanned=http://192.0.2.1/", code=3, error="not_a_serial", sv="inget serienummer", en="no serial number")
    assert desk.run("case", "show", number, "--json").json["revision"] == before
    taken = desk.run(*say, f"scanned={SERIAL[:6].lower()}-{SERIAL[6:]}", language="sv")
    assert taken.code == 0 and "DISMANTLED" in taken.out, "spaces, hyphens and small letters are forgiven, nothing else"


@pytest.mark.parametrize(("number", "sv", "en"), [
    ("18900101-9803", "kontrollsiffran", "check digit"), ("18900231-9802", "datumet", "date"), ("900101-9802", "sekel", "century"),
    ("9001019802", "sekel", "century"), ("900101+9802", "sekel", "century"), ("1890-01-01-9802x", "tolv siffror", "twelve digits"),
    ("٠١٢٣٤٥٦٧٨٩٠١", "tolv siffror", "twelve digits"), ("19121212-1212", "bara Skatteverkets testnummer", "only Skatteverket's test numbers"),
])
def test_h2_person_numbers(desk: Desk, number: str, sv: str, en: str) -> None:
    desk.both("case", "open", desk.form(receiving__person_number=number), code=2, error="form_wrong", sv=sv, en=en)
    assert desk.cases() == [] and not _people(desk)


def test_h2_a_test_number_is_refused_in_production(desk: Desk) -> None:
    desk.settings('mode = "production"')
    desk.both("case", "open", desk.form(), code=2, error="form_wrong", sv="testnummer", en="test numbers")
    assert desk.cases() == []


@pytest.mark.parametrize("number", ["18900101-9802", "189001019802", "1890 0101 9802", "191401682396"])
def test_h2_test_numbers_are_taken_in_test_mode(desk: Desk, number: str) -> None:
    assert desk.opened(handing_over__person_number=number, receiving__person_number=number)


def _people(desk: Desk) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(desk.database)) as connection:
        return int(connection.execute("SELECT count(*) FROM people").fetchone()[0])


def test_the_same_forms_are_not_opened_twice(desk: Desk) -> None:
    """The second `case open` of a file names the case it is in already; a new form about the same camera too. Once that case is over, it may be opened."""
    number, file = desk.opened(), str(desk.folder / "forms.json")
    desk.both("case", "open", file, code=3, error="already_open", sv=f"finns redan i ärende {number}", en=f"already in case {number}")
    corrected = desk.form("corrected.json", handing_over__phone="013-555 99 99", receiving__phone="013-555 99 99")
    desk.both("case", "open", corrected, code=3, error="camera_in_other_case", sv=f"provisioner case form {number}", en=f"provisioner case form {number}")
    assert desk.run("case", "form", number, corrected).code == 0 and len(desk.cases()) == 1
    assert desk.run("case", "say", number, "exit_wanted", "exit=CANCEL", "reason=the move is off", "--role", "team_lead").code == 0
    again = desk.run("case", "open", file, "--json")
    assert again.code == 0 and again.json["case_number"] != number and len(desk.cases()) == 2


def test_a_case_is_opened_with_its_forms_or_not_at_all(desk: Desk) -> None:
    """A form that the core refuses, or an asset number as the serial, leaves no case and no person behind."""
    desk.both("case", "open", desk.form(receiving__sign_languages=["so"]), code=3, error="sign_languages", sv="svenska alltid", en="Swedish always")
    desk.both("case", "open", desk.form(handing_over__serial_number=ASSET), code=2, error="form_wrong", sv="inventarienumret", en="asset number")
    desk.both("case", "open", desk.form(handing_over__serial_number="???"), code=2, error="form_wrong", sv="inget serienummer", en="no serial number")
    assert desk.cases() == [] and _people(desk) == 0
    number = desk.opened()
    before = desk.run("case", "show", number, "--json").json["revision"]
    desk.both("case", "form", number, desk.form("b.json", receiving__sign_languages=["so"]), code=3, error="sign_languages")
    desk.both("case", "form", number, desk.form("c.json", case_kind="PROVIDER_CHANGE_ONLY"), code=2, error="other_kind")
    desk.both("case", "form", number, desk.form("d.json", handing_over=None, receiving=None), code=2, error="no_form", sv="inget formulär", en="no form")
    desk.both("case", "open", desk.form("e.json", case_number=number, handing_over=None, receiving=None), code=3, error="case_number_taken")
    assert desk.run("case", "show", number, "--json").json["revision"] == before


def test_a_disk_that_fills_between_case_and_forms_leaves_neither(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise PlainError("disk_full", Text("Disken är full.", "The disk is full."), exit_code=74)
    file = desk.form()
    with monkeypatch.context() as patch:
        patch.setattr(SqlStore, "_put_person", full)
        said = desk.run("case", "open", file)
    assert said.code == 6 and desk.cases() == [], "nothing half-done"
    assert desk.run("case", "open", file).code == 0


GARBAGE = {
    "empty": b"", "not json": b"{case_kind: MOVE_ONLY}", "binary": b"\xff\xfe\x00\x01", "a list": b"[]", "a number": b"7", "deep": b"[" * 100_000,
    "unknown key": b'{"case_kind": "MOVE_ONLY", "colour": "white"}', "unknown kind": b'{"case_kind": "MOVE_OUT"}', "no kind": b"{}",
    "wrong type": b'{"case_kind": "MOVE_ONLY", "receiving": {"name": 7}}', "wrong date": b'{"case_kind": "MOVE_ONLY", "receiving": {"move_date": "2026-02-30"}}',
    "instant without offset": b'{"case_kind": "MOVE_ONLY", "receiving": {"provider_effective_at": "2026-12-01T07:00:00"}}',
    "half a surrogate": b'{"case_kind": "MOVE_ONLY", "receiving": {"name": "\\ud800"}}', "a number for text": b'{"case_kind": "MOVE_ONLY", "case_number": "a b"}',
    "too many contacts": json.dumps({"case_kind": "MOVE_ONLY", "receiving": {"contacts": [{"kind": "unit"}] * 11}}).encode(),
    "a reference with a wildcard": b'{"case_kind": "MOVE_ONLY", "receiving": {"form_ref": "%%%%%%%%"}}',
    "a name that turns round": '{"case_kind": "MOVE_ONLY", "receiving": {"name": "Astrid \u202egnuS"}}'.encode(),
    "NUL": b'{"case_kind": "MOVE_ONLY", "receiving": {"name": "Astrid\\u0000"}}', "a text too long": json.dumps(
        {"case_kind": "MOVE_ONLY", "receiving": {"name": "x" * 401}}).encode(),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_a_form_that_is_none(desk: Desk, what: str) -> None:
    path = desk.folder / "form.json"
    path.write_bytes(GARBAGE[what])
    desk.both("case", "open", str(path), code=2, error="form_wrong")
    assert desk.cases() == []


def test_files_that_cannot_be_forms(desk: Desk) -> None:
    large = desk.folder / "large.json"
    large.write_bytes(b'{"case_kind": "' + b"x" * 10_000_000 + b'"}')
    desk.both("case", "open", str(large), code=2, error="form_too_large", sv="större än 256 kB", en="larger than 256 kB")
    desk.both("case", "open", "/dev/zero", code=2, error="form_too_large")
    desk.both("case", "open", str(desk.folder / "nix.json"), code=2, error="form_unreadable", sv="finns inte", en="does not exist")
    desk.both("case", "open", str(desk.folder), code=2, error="form_unreadable", sv="är en katalog", en="is a directory")
    desk.both("case", "open", str(Path("/") / ("x" * 300)), code=2, error="form_unreadable", sv="för långt namn", en="too long a name")


def test_names_of_all_the_world_are_taken(desk: Desk) -> None:
    """Persian with its joiners, a name in two scripts, a byte order mark of a Windows editor: texts of people, sealed and never shown."""
    for number, name in enumerate(("Åsa Öberg", "فاطمه\u200c احمدی", "O'Brien-Çelik", "李小龍")):
        number_of = desk.opened(handing_over__name=name, receiving__name=name, handing_over__serial_number=f"ACCC8E00000{number}")
        assert name not in desk.run("case", "show", number_of).out
    path = desk.folder / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + Path(desk.form(handing_over__serial_number="ACCC8E000009")).read_bytes())
    assert desk.run("case", "open", str(path)).code == 0
