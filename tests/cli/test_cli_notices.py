"""`provisioner notice import` and `provisioner question ...`: forms one at a time, each finding its case, and whatever is wrong told by row and field."""

import csv
import json
from typing import Any

import pytest

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


def test_r6_r15_the_order_of_the_units_does_not_matter_and_one_file_may_hold_both(desk: Desk) -> None:
    rows = taken(desk, one("receiving"), one("handing_over"))
    assert [row["pairing"] for row in rows] == ["opened", "paired"] and len(desk.cases()) == 1


def test_u3_one_form_fills_both_roles(desk: Desk) -> None:
    both = {**forms()["receiving"], **forms()["handing_over"], "role": "both", "case_kind": "MOVE_ONLY", "new_address": "Nygatan 4", "new_site_ref": "site-nygatan",
            "form_ref": "form-u3-both"}
    [row] = taken(desk, both)
    desk.centre_answers()
    view = desk.run("case", "show", row["case_number"], "--json").json
    assert view["state"] == "READY", view
    assert taken(desk, both)[0]["pairing"] == "repeated"


def test_d26_the_same_file_again_changes_nothing_and_says_so(desk: Desk) -> None:
    first = taken(desk, one("handing_over"), one("receiving"))
    revision = desk.run("case", "show", first[0]["case_number"], "--json").json["revision"]
    again = taken(desk, one("handing_over"), one("receiving"))
    assert [row["pairing"] for row in again] == ["repeated", "repeated"] and {row["case_id"] for row in again} == {first[0]["case_id"]}
    assert desk.run("case", "show", first[0]["case_number"], "--json").json["revision"] == revision
    said = desk.run("notice", "import", written(desk, one("receiving")), language="sv")
    assert "fanns redan, inget ändrat" in said.out


def test_a_form_replayed_after_its_case_is_over_opens_no_second_one(desk: Desk) -> None:
    [row] = taken(desk, one("handing_over", form_ref="form-replayed"))
    assert desk.run("case", "say", row["case_number"], "exit_wanted", "exit=CANCEL", "reason=wrong unit").code == 0
    [again] = taken(desk, one("handing_over", form_ref="form-replayed"))
    assert again["pairing"] == "repeated" and len(desk.cases()) == 1


def test_r25_a_corrected_form_answers_the_question_and_the_old_one_replayed_does_not_undo_it(desk: Desk) -> None:
    wrong = one("handing_over", phone=None, form_ref="form-first-try")
    [row] = taken(desk, wrong)
    assert row["questions"] == ["The form lacks: service user's phone."]
    [answer] = taken(desk, one("handing_over", form_ref="form-second-try"))
    assert answer["pairing"] == "answered" and answer["case_id"] == row["case_id"] and answer["questions"] == []
    assert taken(desk, wrong)[0]["pairing"] == "repeated"
    assert desk.run("question", "list", row["case_number"], "--json").json["questions"] == []


def test_r25_question_answer_corrects_a_field_of_the_form_that_is_there(desk: Desk) -> None:
    rows = taken(desk, one("handing_over", phone=None), one("receiving", keys_signed_out=None))
    number = rows[0]["case_number"]
    desk.centre_answers()
    listed = desk.run("question", "list", "--json").json["questions"]
    assert {question["to"] for question in listed} == {"handing_over_unit", "receiving_unit"}
    wrong = desk.run("question", "answer", number, "--unit", "handing_over", "phone=12", language="sv")
    assert wrong.code == 2 and "Fältet phone" in wrong.err
    assert desk.run("question", "answer", number, "--unit", "handing_over", "colour=white").code == 2
    assert desk.run("question", "answer", number, "--unit", "handing_over", "phone=013-555 01 23").code == 0
    done = desk.run("question", "answer", number, "--unit", "receiving", "keys_signed_out=ja", "--json")
    assert done.json["questions"] == [] and done.json["state"] == "READY"
    person = desk.run("person", "show", number, "--json").json["fields"]
    assert person["phone"] == "+46135550123" and person["keys"] == "yes, not_required", "nothing else of the form was lost"
    assert taken(desk, one("handing_over", phone=None))[0]["pairing"] == "repeated", "the form that came, again, undoes no answer"
    assert desk.run("case", "show", number, "--json").json["state"] == "READY"


def test_d26_a_form_of_case_open_is_known_when_it_comes_as_a_notice(desk: Desk) -> None:
    number = desk.opened()
    assert [row["pairing"] for row in taken(desk, one("handing_over"), one("receiving"))] == ["repeated", "repeated"]
    assert [case["case_number"] for case in desk.cases()] == [number]


def refused(desk: Desk, notice: dict[str, Any], code: str, *words: str, options: tuple[str, ...] = ()) -> None:
    """The form is not taken; the sentence has these words, and nothing is changed."""
    path, before = written(desk, notice), desk.cases()
    for language in ("sv", "en"):
        said = desk.run("notice", "import", path, *options, language=language)
        assert said.code == 3 and said.out == "" and all(word in said.err for word in words), said
    assert desk.run("notice", "import", path, *options, "--json").json["error"] == code
    assert desk.cases() == before


def test_r18_two_notices_of_one_name_with_different_numbers_are_never_guessed(desk: Desk) -> None:
    [row] = taken(desk, one("handing_over"))
    number = row["case_number"]
    refused(desk, one("receiving", person_number=OTHER_PERSON), "number_differs", number, "--case", "--new")
    refused(desk, one("receiving", person_number=None), "number_differs", number)
    [paired] = taken(desk, one("receiving", person_number=OTHER_PERSON), options=("--case", number))
    assert paired["pairing"] == "paired"
    desk.centre_answers()
    view = desk.run("case", "show", number, "--json").json
    assert view["state"] == "NEEDS_INFO" and any("person numbers" in question["text"] for question in view["questions"])


def test_another_person_of_the_same_name_gets_a_case_of_her_own(desk: Desk) -> None:
    taken(desk, one("handing_over"))
    [other] = taken(desk, one("receiving", person_number=OTHER_PERSON), options=("--new",))
    assert other["pairing"] == "opened" and len(desk.cases()) == 2


def test_r4_kinds_that_disagree_are_refused_with_the_case_named(desk: Desk) -> None:
    [row] = taken(desk, one("handing_over"))
    refused(desk, one("receiving", case_kind="PROVIDER_CHANGE_ONLY", provider_effective_at="2027-02-01T07:00:00+01:00"), "other_kind", row["case_number"])


def test_u35_overlapping_cases_are_told_with_the_way_out(desk: Desk) -> None:
    """A second move of a person whose case is under way; the same camera under another person; two cases that both wait."""
    number = taken(desk, one("handing_over"), one("receiving"))[0]["case_number"]
    desk.centre_answers()
    refused(desk, one("receiving", form_ref="form-next-move"), "person_in_other_case", number, "--case", "--new")
    refused(desk, one("handing_over", person_number=OTHER_PERSON, name="Cecilia Annan"), "camera_in_other_case", number)
    [second] = taken(desk, one("handing_over", serial_number="ACCC8E000002", asset_number=None, form_ref="form-camera-two"), options=("--new",))
    [third] = taken(desk, one("handing_over", serial_number="ACCC8E000003", asset_number=None, form_ref="form-camera-three"), options=("--new",))
    refused(desk, one("receiving", form_ref="form-whose"), "many_cases", second["case_number"], third["case_number"])
    [chosen] = taken(desk, one("receiving", form_ref="form-whose"), options=("--case", third["case_number"]))
    assert chosen["pairing"] == "paired" and chosen["case_id"] == third["case_id"]


def test_r44_a_reference_used_again_with_other_content_is_refused(desk: Desk) -> None:
    [row] = taken(desk, one("handing_over", form_ref="form-reused"))
    refused(desk, one("handing_over", form_ref="form-reused", phone="013-555 99 99"), "form_seen", row["case_number"])


def test_r44_one_reference_never_stands_for_two_forms(desk: Desk) -> None:
    """What is sealed stands under the reference: the receiving form must not take the handing-over form's place, nor another case's."""
    [row] = taken(desk, one("handing_over", form_ref="form-one-ref"))
    refused(desk, one("receiving", form_ref="form-one-ref"), "form_ref_taken", row["case_number"], "role=both")
    [other] = taken(desk, one("handing_over", form_ref="form-of-other", person_number=OTHER_PERSON, name="Cecilia Annan", serial_number="ACCC8E000002",
                              asset_number=None))
    refused(desk, one("handing_over", form_ref="form-one-ref", serial_number=None), "form_seen", row["case_number"], options=("--case", other["case_number"]))
    assert desk.run("person", "show", row["case_number"], "--json").json["fields"]["old_address"] == "Storgatan 12"


def test_r12_r21_a_date_in_the_past_is_taken_and_told(desk: Desk) -> None:
    [row] = taken(desk, one("handing_over", move_date="2020-01-02"))
    assert row["notes"] == ["The date of the move, 2020-01-02, has passed. Is it right?"]
    [far] = taken(desk, one("handing_over", move_date="2206-01-02", person_number=OTHER_PERSON, name="Cecilia Annan", serial_number="ACCC8E000002",
                            asset_number=None))
    assert "more than a year ahead" in far["notes"][0]


def test_d3_two_numbers_of_two_cameras_are_refused(desk: Desk) -> None:
    """The register knows which asset number is which camera's: a form that mixes two is told so, and no camera is bound on it."""
    assert desk.run("register", "camera", "put", "ACCC8E000009", "--asset", "LKP-004711").code == 0
    refused(desk, one("handing_over"), "numbers_of_two_cameras", "serial_number")
    assert taken(desk, one("handing_over", asset_number=None))[0]["pairing"] == "opened"


def test_all_of_a_file_or_nothing_and_every_wrong_row_is_told(desk: Desk) -> None:
    path = written(desk, one("handing_over"), one("receiving", phone="7", name="<b>"), {"role": "king"}, one("handing_over", case_kind=None))
    said = desk.run("notice", "import", path, language="sv")
    assert said.code == 2 and len(said.err.strip().splitlines()) == 5, said
    assert all(place in said.err for place in ("Rad 2, fältet name", "Rad 2, fältet phone", "Rad 3, fältet role", "Rad 4, fältet case_kind"))
    rows = desk.run("notice", "import", path, "--json").json["rows"]
    assert [(row["row"], row["field"]) for row in rows] == [(2, "name"), (2, "phone"), (3, "role"), (4, "case_kind")]
    assert desk.cases() == []
    late = written(desk, one("handing_over"), one("receiving", person_number=OTHER_PERSON))
    said = desk.run("notice", "import", late, "--json")
    assert said.json["error"] == "number_differs" and said.json["rows"][0]["row"] == 2 and desk.cases() == [], "the first row is undone with the second"


def test_csv_one_row_a_notice(desk: Desk) -> None:
    """As a spreadsheet of the municipality writes it: semicolons, a byte order mark, empty cells, ja and nej."""
    columns = ["role", "case_kind", "unit", "provider", "provider_ref", "sender_name", "sender_email", "sender_phone", "name", "person_number", "address",
               "site_ref", "phone", "move_date", "decision_ref", "serial_number", "keys_signed_out", "street_key", "sign_languages",
               "contact_kind", "contact_phone", "contact2_kind"]
    path = desk.folder / "notices.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.DictWriter(file, columns, delimiter=";", extrasaction="ignore")
        rows.writeheader()
        for role in ("handing_over", "receiving"):
            rows.writerow({**one(role), "keys_signed_out": "ja" if role == "receiving" else "", "sign_languages": "sv so" if role == "receiving" else "",
                           "contact_kind": "unit", "contact_phone": "013-555 01 25", "contact2_kind": "service_user"})
    said = desk.run("notice", "import", str(path), "--json")
    assert [row["pairing"] for row in said.json["notices"]] == ["opened", "paired"] and not any(row["questions"] for row in said.json["notices"])
    path.write_text("role;case_kind;colour\nhanding_over;MOVE_ONLY;white\nhanding_over;MOVE_ONLY;;extra\n", encoding="utf-8")
    rows_told = desk.run("notice", "import", str(path), "--json").json["rows"]
    assert [(row["row"], row["field"]) for row in rows_told] == [(1, "colour"), (2, "too_many_columns")]


@pytest.mark.parametrize(("data", "code"), [(b"", "file_garbled"), (b"{", "file_garbled"), (b"[]", "no_notices"), (b"\xff\xfe", "file_garbled"),
                                            (b"[" * 100_000, "file_garbled"), (b"[" + b"{}," * 501 + b"{}]", "file_too_large")], ids=str)
def test_files_that_are_none(desk: Desk, data: bytes, code: str) -> None:
    path = desk.folder / "notices.json"
    path.write_bytes(data)
    desk.both("notice", "import", str(path), code=2, error=code)


def test_published_schemas_are_those_of_the_models() -> None:
    """`provisioner notice schema` made docs/forms; a form that the schema takes is one that we take."""
    from jsonschema import Draft202012Validator

    from provisioner.notices import ROLES, schemas
    from tests.test_routine_table import ROOT

    for name, schema in schemas().items():
        assert json.loads((ROOT / "docs" / "forms" / name).read_text(encoding="utf-8")) == schema, "stale: provisioner notice schema"
        Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False and {"role", "case_kind"} <= set(schema["required"])
    assert len(schemas()) == len(ROLES)
    Draft202012Validator(schemas()["receiving-notice.schema.json"]).validate(one("receiving"))
