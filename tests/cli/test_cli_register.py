"""`provisioner register unit|site|camera|consent ...`: the small register, and what a consent that is taken back sets going."""

import json

import pytest

from tests.cli.desk import ASSET, NEW, OLD, SERIAL, Desk


def test_r7_r16_units_and_providers_under_the_references_of_their_forms(desk: Desk) -> None:
    """A unit entered here is the one that a form with the same words leads to; ways to reach it are sealed, and reading them is logged."""
    put = desk.run("register", "unit", "put", "--name", "Grupp 2", "--provider", "Hemtjänst  Norr", "--email", "grupp2@example.org", "--phone", "013-555 01 30",
                   "--json")
    assert put.code == 0
    ref = put.json["unit_ref"]
    with desk.open_store() as store:
        assert ref == store.references().make("unit", "Hemtjänst Norr", "Grupp 2")
    [unit] = desk.run("register", "unit", "list", "--json").json["units"]
    assert (unit["unit_ref"], unit["provider"], unit["phone"], unit["email"]) == (ref, "Hemtjänst Norr", "+46135550130", "grupp2@example.org")
    assert "Grupp 2" in desk.run("register", "unit", "show", ref).out
    for secret in (b"grupp2@example.org", b"6135550130", b"Grupp 2"):
        assert secret not in on_disk(desk)
    desk.both("register", "unit", "show", "unit-nobody", code=4, error="unknown_unit")
    with desk.open_store() as store:
        assert [line.action for line in store.audit_lines() if line.kind == "unit"] == ["wrote", "read", "read", "read", "read", "read"]


def on_disk(desk: Desk) -> bytes:
    """The database file and its WAL, if there is one."""
    return b"".join(path.read_bytes() for path in desk.database.parent.glob(f"{desk.database.name}*"))


@pytest.mark.parametrize(("field", "value"), [("--name", "<b>"), ("--name", ""), ("--name", "x" * 201), ("--provider", "A\u202eB"), ("--email", "nobody"),
                                              ("--phone", "7"), ("--unit-ref", "Grupp 2"), ("--unit-ref", "18900101-9802")])
def test_a_unit_that_cannot_be(desk: Desk, field: str, value: str) -> None:
    given = {"--name": "Grupp 2", "--provider": "Hemtjänst Norr", field: value}
    name = field.removeprefix("--").replace("-", "_")
    desk.both("register", "unit", "put", *(word for pair in given.items() for word in pair), code=2, error="wrong_field", sv=f"Fältet {name}", en=f"The field {name}")


def test_u21_a_dwelling_with_several_rooms_and_cameras_and_no_address(desk: Desk) -> None:
    put = desk.run("register", "site", "put", "--address", "Storgatan 12", "--room", "bedroom", "--room", "hall", "--assessment", "KS-2026-14", "--json")
    site = put.json["site_ref"]
    for serial, asset, room in ((SERIAL, ASSET, "bedroom"), ("ACCC8E000002", "LKP-004712", "hall")):
        assert desk.run("register", "camera", "put", serial, "--asset", asset, "--site-ref", site, "--room", room).code == 0
    shown = desk.run("register", "site", "show", site, "--json").json
    assert shown["rooms"] == ["bedroom", "hall"] and shown["assessment_ref"] == "KS-2026-14"
    assert [(one["serial"], one["asset_number"], one["room"]) for one in shown["cameras"]] == [("ACCC8E000002", "LKP-004712", "hall"), (SERIAL, ASSET, "bedroom")]
    assert desk.run("register", "site", "list", "--json").json["sites"][0]["site_ref"] == site
    assert b"Storgatan" not in on_disk(desk)
    desk.both("register", "site", "put", code=2, error="site_how")
    desk.both("register", "site", "show", "site-nobody", code=4, error="unknown_site")


def test_d3_h3_each_number_of_a_camera_leads_to_the_other_and_to_no_home(desk: Desk) -> None:
    assert desk.run("register", "camera", "put", SERIAL, "--asset", ASSET, "--site-ref", OLD).code == 0
    for number in (SERIAL, ASSET, "accc8e-f8431b", "lkp-004711"):
        found = desk.run("register", "camera", "show", number, "--json")
        assert found.json == {"cameras": [{"serial": SERIAL, "asset_number": ASSET}]} and OLD not in found.out
    desk.both("register", "camera", "put", ASSET, "--asset", SERIAL, code=2, error="wrong_field", sv="inventarielappen")
    desk.both("register", "camera", "put", SERIAL, "--asset", SERIAL, code=2, error="wrong_field", sv="kommunens lapp")
    desk.both("register", "camera", "put", "ACCC8E000002", "--asset", ASSET, code=3, error="asset_number_taken", sv="Läs av båda etiketterna")
    desk.both("register", "camera", "show", "ACCC8E000077", code=4, error="unknown_camera")


def consents(desk: Desk, number: str) -> dict[tuple[str, str], bool]:
    """Whether each consent holds."""
    found = desk.run("register", "consent", "list", number, "--json").json["consents"]
    return {(one["site_ref"], one["subject"]): one["holds"] for one in found}


def test_r1_h20_consents_are_kept_home_by_home_and_subject_by_subject(desk: Desk) -> None:
    number = desk.opened()
    for home, subject, given in (("old", "service_user", "yes"), ("new", "service_user", "yes"), ("new", "cohabitant-1", "no")):
        assert desk.run("register", "consent", "put", number, "--home", home, "--subject", subject, "--given", given).code == 0
    assert consents(desk, number) == {(NEW, "cohabitant-1"): False, (NEW, "service_user"): True, (OLD, "service_user"): True}
    copy = desk.run("person", "export", number, "--json").json
    assert [one["given"] for one in copy["consents"]] == [True, True], "the person's own, and no cohabitant's"
    desk.both("register", "consent", "put", number, "--home", "new", "--subject", "Bo", "--given", "yes", code=2, error="wrong_field", sv="aldrig ett namn")
    desk.both("register", "consent", "put", number, "--home", "new", "--given", "no", code=3, error="withdraw_it", sv="withdraw")
    desk.both("register", "consent", "withdraw", number, "--home", "new", "--subject", "cohabitant-1", code=3, error="no_consent")


def test_d28_h15_a_withdrawn_consent_ends_supervision_in_the_open_case(desk: Desk) -> None:
    number = desk.opened()
    desk.centre_answers()
    desk.run("register", "consent", "put", number, "--home", "old", "--given", "yes")
    said = desk.run("register", "consent", "withdraw", number, "--home", "old", "--json")
    assert said.json == {"ended": [number], "called": False}
    view = desk.run("case", "show", number, "--json").json
    assert view["state"] == "TERMINATING" and not consents(desk, number)[(OLD, "service_user")]
    lines = desk.run("case", "replay", number, "--json").json
    assert lines["same"] and lines["steps"][-1]["state"] == "TERMINATING"
    desk.both("register", "consent", "withdraw", number, "--home", "old", code=3, error="no_consent")


def test_u12_a_cohabitant_of_the_home_that_is_only_moved_to_calls_people(desk: Desk) -> None:
    number = desk.opened()
    desk.centre_answers()
    desk.run("register", "consent", "put", number, "--home", "new", "--subject", "cohabitant-1", "--given", "yes")
    said = desk.run("register", "consent", "withdraw", number, "--home", "new", "--subject", "cohabitant-1", "--json")
    assert said.json == {"ended": [], "called": True}
    [call] = [one for one in desk.run("call", "list", "--json").json["calls"] if one["key"].startswith("consent/")]
    assert (call["audience"], call["about"]) == ("coordinator", "escalation") and number in call["text"]
    assert desk.run("case", "show", number, "--json").json["state"] == "READY"


def test_d28_without_an_open_case_somebody_is_called_to_stop_the_looks(desk: Desk) -> None:
    number = desk.opened()
    desk.run("register", "consent", "put", number, "--home", "old", "--given", "yes")
    assert desk.run("case", "say", number, "exit_wanted", "exit=CANCEL", "reason=not moving").code == 0
    said = desk.run("register", "consent", "withdraw", number, "--home", "old", language="sv")
    assert said.code == 0 and "Samordnaren är larmad" in said.out
    [call] = [one for one in desk.run("call", "list", "--json").json["calls"] if one["key"].startswith("consent/")]
    assert "stop the looks" in call["text"] and "Astrid" not in json.dumps(call)
