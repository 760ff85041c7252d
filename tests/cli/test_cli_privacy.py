"""The commands about people, keys, the audit log and retention, as they are typed."""

import os
import secrets

import pytest

from tests.cli.desk import PERSON, SERIAL, Desk

ADDRESSES = ("Storgatan", "Nygatan")


def test_person_is_found_by_name_number_or_case_and_a_hit_tells_nothing_else(desk: Desk) -> None:
    number = desk.opened()
    for words in (("--name", "Astrid Exempelsson"), ("--number", PERSON), ("--case", number)):
        said = desk.run("person", "find", *words, "--json")
        assert said.code == 0 and [one["case_number"] for one in said.json["cases"]] == [number]
        assert not any(word in said.out for word in (*ADDRESSES, "Astrid", "9802"))
    assert desk.run("person", "find", "--name", "Storgatan 12", "--json").json == {"cases": []}
    desk.both("person", "find", "--name", "x", "--case", "y", code=2, error="search_by_one", sv="Annat får inte sökas", en="Nothing else")
    desk.both("person", "find", "--number", "19121212-1212", code=2, error="form_wrong", sv="testnummer", en="test numbers")
    desk.both("person", "find", "--name", "x", "--actor", "Astrid Exempelsson", code=2, error="wrong_actor", sv="--actor", en="--actor")


@pytest.mark.parametrize(("role", "sees", "sees_not"), [
    ("coordinator", {"Storgatan 12", "Nygatan 4", "18••••••-••02"}, {"18900101-9802"}), ("operator", set(), {*ADDRESSES, "Exempelsson"}),
    ("handing_over_unit", {"Storgatan 12"}, {"Nygatan", "Grupp 5"}), ("receiving_unit", {"Nygatan 4"}, {"Storgatan"}),
    ("technician", {"+46135550123", "A.E. 1890 Storgatan"}, {"Storgatan 12", "Nygatan", "9802"})])
def test_h6_each_role_is_shown_its_part(desk: Desk, role: str, sees: set[str], sees_not: set[str]) -> None:
    number = desk.opened()
    said = desk.run("person", "show", number, "--role", role, "--purpose", "support", "--actor", "cecilia")
    assert said.code == 0 and all(word in said.out for word in sees) and not any(word in said.out for word in sees_not), said


def test_h6_protected_person_takes_two_people_and_leaves_their_names(desk: Desk) -> None:
    number = desk.opened()
    plain = desk.run("case", "list", "--json").out, desk.run("person", "find", "--name", "Astrid Exempelsson", "--json").out
    assert desk.run("person", "protect", number, "--level", "secrecy_marking").code == 0
    assert (desk.run("case", "list", "--json").out, desk.run("person", "find", "--name", "Astrid Exempelsson", "--json").out) == plain
    assert "SKYDDADE PERSONUPPGIFTER" in desk.run("case", "show", number, language="sv").out and desk.run("case", "show", number, "--json").json["protected"]
    said = desk.run("person", "show", number, "--actor", "cecilia", language="sv")
    assert "SKYDDADE PERSONUPPGIFTER" in said.out and not any(word in said.out for word in (*ADDRESSES, "Astrid", "A.E."))
    desk.both("person", "open", number, "--reason", "kort", code=3, error="reason_missing", sv="minst 10", en="at least 10")
    ref = desk.run("person", "open", number, "--reason", "nattpatrullen hittar inte porten", "--actor", "cecilia", "--json").json["opening"]
    same = desk.run("person", "open", number, "--confirm", ref, "--actor", "cecilia", "--json")
    assert same.code == 3 and same.json["error"] == "same_person"
    opened = desk.run("person", "open", number, "--confirm", ref, "--actor", "lars", "--json").json
    assert opened["asked_by"] == "cecilia" and opened["opened_by"] == "lars" and opened["reason"].startswith("nattpatrullen")
    assert "Nygatan 4" in desk.run("person", "show", number, "--actor", "lars").out
    assert "Nygatan 4" not in desk.run("person", "show", number, "--actor", "eva").out
    desk.both("person", "open", number, code=2, error="open_how", sv="--confirm", en="--confirm")


def test_card_of_a_camera_without_any_person(desk: Desk) -> None:
    number = desk.opened()
    desk.centre_answers()
    said = desk.run("camera", "card", SERIAL, "--json")
    assert said.code == 0 and said.json["bindings"] == ["ACTIVE"]
    assert not any(word in said.out for word in (number, "site-", "Astrid", *ADDRESSES))
    desk.both("camera", "card", "ACCC8E000000", code=4, error="unknown_camera", sv="Ingen kamera", en="No camera")


def test_d22_every_look_leaves_a_line_and_the_chain_is_whole(desk: Desk) -> None:
    number = desk.opened()
    desk.run("case", "show", number, "--actor", "cecilia", "--purpose", "feedback")
    desk.run("person", "show", number)
    said = desk.run("audit", "verify", "--json")
    assert said.code == 0 and said.json["ok"] and said.json["lines"] >= 4
    head = desk.run("audit", "head", "--json").json["head"]
    assert head == said.json["head"] and desk.run("audit", "verify", "--head", head).code == 0
    with desk.open_store() as store:
        lines = [(line.actor, line.action, line.kind, line.purpose) for line in store.audit_lines()]
        account = [line.via for line in store.audit_lines()][-1]
    assert ("cecilia", "read", "case", "feedback") in lines and account.startswith("cli.") and len(account) > 4
    review = desk.run("audit", "review", "--json").json
    assert review["lines"] >= 4 and any(row["actor"] == "cecilia" for row in review["by"])
    cut = desk.run("audit", "verify", "--head", f"999:{'0' * 64}", language="sv")
    assert cut.code == 3 and "BRUTEN" in cut.out


def test_keys_are_rotated_while_the_desk_goes_on(desk: Desk) -> None:
    number = desk.opened()
    assert [key["name"] for key in desk.run("keys", "status", "--json").json["keys"]] == ["personal-key", "camera-key"]
    desk.secret("personal-key-2", secrets.token_hex(32).encode())
    assert "still needed" in desk.run("keys", "status").out
    done = desk.run("keys", "rotate", "--batch", "1", "--json")
    assert done.code == 0 and {key["name"]: key["needed"] for key in done.json["keys"]} == {"personal-key": False, "personal-key-2": True, "camera-key": True}
    (desk.hidden / "personal-key").unlink()
    assert "Nygatan 4" in desk.run("person", "show", number).out
    again = desk.opened(case_number="K-2", handing_over__serial_number="ACCC8E00AA01", handing_over__site_ref="site-other-1", receiving__site_ref="site-other-2")
    assert again == "K-2"
    assert len(desk.run("person", "find", "--number", PERSON, "--json").json["cases"]) == 2, "one person, one reference, whatever the key"
    (desk.hidden / "personal-key-2").rename(desk.hidden / "personal-key-3")
    said = desk.run("person", "show", number)
    assert said.code == 78 and "personal-key-2" in said.err


def test_keys_are_not_rotated_under_a_daemon_that_does_not_have_them(desk: Desk) -> None:
    desk.opened()
    with desk.open_store() as store:
        from datetime import UTC, datetime

        store.beat("provisioner-1", os.getpid(), datetime.now(UTC))
    desk.secret("personal-key-2", secrets.token_hex(32).encode())
    os.utime(desk.hidden / "personal-key-2", (2_000_000_000, 2_000_000_000))
    desk.both("keys", "rotate", code=3, error="daemon_older_than_key", sv="Starta om", en="Restart")


def test_retention_run_tells_each_rule(desk: Desk) -> None:
    desk.opened()
    dry = desk.run("retention", "run", "--dry-run", "--json").json
    assert dry["dry_run"] and {row["rule"] for row in dry["rules"]} >= {"case", "form_copy", "audit_log"} and dry["open_cases"] == 1
    assert "SoL 16:1" in desk.run("retention", "run").out
    assert desk.run("person", "find", "--name", "Astrid Exempelsson", "--json").json["cases"]
