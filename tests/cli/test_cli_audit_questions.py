"""The twenty questions: each is answered from data, or says why not and what to do; none is answered by being asked."""

import csv
import io
from datetime import UTC, datetime

import pytest

from provisioner.cli.questions import QUESTIONS
from tests.cli.desk import NEW, OLD, SERIAL, Desk

DOCUMENTS = ("dpia", "record_of_processing", "processor_agreements", "hosting_list", "restore_test", "vulnerability_address", "incident_register")
PERSONAL = ("Astrid", "Exempelsson", "Storgatan", "Nygatan", "9802", "013-555", "+4613555")


def asked(desk: Desk, name: str, *words: str) -> dict[str, object]:
    """One answer."""
    said = desk.run("audit", "question", name, *words, "--json")
    assert said.code == (0 if said.json["answered"] else 3) and not any(word in said.out for word in PERSONAL), said
    assert said.json["answered"] or said.json["why"], "an answer that is none says why"
    found: dict[str, object] = said.json
    return found


def test_list_has_the_twenty_and_each_is_asked_by_number_and_by_name(desk: Desk) -> None:
    listed = desk.run("audit", "list", "--json").json["questions"]
    assert [one["number"] for one in listed] == list(range(1, 21)) and len({one["name"] for one in listed}) == 20
    assert asked(desk, "6")["data"] == asked(desk, "address")["data"]
    desk.both("audit", "question", "21", code=2, error="unknown_question", sv="audit list", en="audit list")


def test_on_an_empty_installation_nothing_that_needs_data_or_a_document_counts_as_answered(desk: Desk) -> None:
    answered = {one.name for one in QUESTIONS if asked(desk, one.name)["answered"]}
    assert answered == {"gaps", "protected-reads", "address", "frames", "broker-down", "segregation", "overrides"} | ({"time"} & answered)


@pytest.mark.parametrize("question", ["dpia", "processors", "restore-test", "sbom", "wrong-home"])
def test_document_is_answered_once_its_place_is_entered(desk: Desk, question: str) -> None:
    before = asked(desk, question)
    assert not before["answered"] and "documents." in str(before["why"])
    desk.settings(tail="[documents]\n" + "\n".join(f'{name} = "KS 2026/17"' for name in DOCUMENTS))
    after = asked(desk, question)
    assert after["answered"] and "KS 2026/17" in str(after["data"])


def test_case_camera_and_gap_are_answered_from_what_happened(desk: Desk) -> None:
    number = desk.at_the_old_home()
    case = asked(desk, "case", "--case", number)
    assert not case["answered"] and "assessment_ref" in str(case["why"]), "before the installation there is no assessment to show"
    home = asked(desk, "one-home", "--serial", SERIAL)
    data = home["data"]
    assert home["answered"] and isinstance(data, dict) and data["in_two_homes"] == []
    assert [change["state"] for change in data["cameras"][0]["changes"]] == ["ACTIVE", "SUSPENDED"]
    now = datetime.now(UTC)
    at = asked(desk, "one-home", "--at", now.isoformat())["data"]
    assert isinstance(at, dict) and at["cameras"][0]["in_force_at"] == []
    first = data["cameras"][0]["changes"][0]["at"]
    at = asked(desk, "one-home", "--at", first)["data"]
    assert isinstance(at, dict) and at["cameras"][0]["in_force_at"] == [OLD]
    gaps = asked(desk, "gaps")["data"]
    assert isinstance(gaps, dict) and gaps["uncovered_s"] == 0 and gaps["cases"][0]["fallback_acknowledged_at"]


def test_h6_reads_of_a_protected_person_are_all_there(desk: Desk) -> None:
    number = desk.opened()
    desk.run("person", "protect", number, "--level", "assumed_identity", "--actor", "cecilia")
    desk.run("case", "show", number, "--actor", "lars", "--purpose", "booking")
    desk.run("person", "show", number, "--actor", "eva")
    data = asked(desk, "protected-reads")["data"]
    assert isinstance(data, dict) and data["protected_cases"] == 1 and data["log_whole"]
    assert [(row["actor"], row["action"], row["kind"]) for row in data["reads"]] == [
        ("cecilia", "wrote", "access-class"), ("lars", "read", "case"), ("eva", "read", "person")]


def test_review_and_erasure_are_answered_once_they_were_done(desk: Desk) -> None:
    assert not asked(desk, "log-review")["answered"] and not asked(desk, "erasure")["answered"]
    desk.run("audit", "review", "--actor", "dso")
    desk.run("retention", "run")
    assert asked(desk, "log-review")["answered"] and asked(desk, "erasure")["answered"]


def test_overrides_and_stops_are_counted(desk: Desk) -> None:
    number = desk.at_the_old_home()
    desk.run("case", "say", number, "exit_wanted", "exit=WRONG_CASE", "reason=annan kamera", "--role", "technician")
    data = asked(desk, "overrides")["data"]
    assert isinstance(data, dict) and data["last_year"].get("exit: WRONG_CASE by technician") == 1
    stops = asked(desk, "wrong-home")["data"]
    assert isinstance(stops, dict) and stops["stopped_as_wrong_case"][0]["case_number"] == number


def test_persons_own_copy_has_their_data_and_no_third_party(desk: Desk) -> None:
    number = desk.opened()
    desk.run("case", "say", number, "task_done", "key=x", "--by", "karin.staff")
    said = desk.run("person", "export", number, "--actor", "cecilia", "--json")
    [copy] = said.json["cases"]
    assert copy["data"]["name"] == "Astrid Exempelsson" and copy["data"]["person_number"] == "18900101-9802" and copy["data"]["new_address"] == "Nygatan 4"
    assert [line["what"] for line in copy["timeline"]][:3] == ["opened", "handing_over_notice", "receiving_notice"]
    assert not any(word in said.out for word in ("Bo ", "Karin", "karin", "+4670555", "+46135550126", "cecilia"))
    assert "Nygatan 4" in desk.run("person", "export", number).out
    desk.run("person", "protect", number, "--level", "secrecy_marking")
    refused = desk.run("person", "export", number, "--json")
    assert refused.code == 3 and refused.json["error"] == "opening_needed" and "Nygatan" not in refused.out
    ref = desk.run("person", "open", number, "--reason", "registerutdrag begärt i brev", "--actor", "cecilia", "--json").json["opening"]
    desk.run("person", "open", number, "--confirm", ref, "--actor", "lars")
    assert "Nygatan 4" in desk.run("person", "export", number, "--actor", "cecilia").out


def test_register_of_surveillance_is_empty_until_a_home_is_watched(desk: Desk) -> None:
    desk.opened()
    assert desk.run("register", "surveillance", "--json").json == {"rows": []}
    [head] = csv.reader(io.StringIO(desk.run("register", "surveillance").out))
    assert {"site_ref", "assessment_ref", "began_at", "ended_at", "sound"} <= set(head) and NEW not in head
    with desk.open_store() as store:
        assert any(line.action == "exported" and line.kind == "register" for line in store.audit_lines())
