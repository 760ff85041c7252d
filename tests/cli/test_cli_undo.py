"""`provisioner case undo`, and the cases of one household, at the command line."""

from desk import Desk

from provisioner.case.model import State
from provisioner.store.keeping import Person
from provisioner.store.persons import INTAKE
from tests.case.world import NOON, POLICY, to_closed, to_dismantled, to_rebound, world_at

UNDO = ("--keys-signed-out", "yes", "--street-key", "not_required")


def lived(desk: Desk, step) -> str:
    """A case of the core's tests, lived again in the desk's database."""
    w = world_at(step)
    with desk.open_store() as store:
        for ref in ("form-0001", "form-0002"):
            store.put_person(Person(ref, "form", {"name": "Astrid Exempelsson", "address": f"home of {ref}"}), NOON)
        for at, input in w.journal:
            store.take(w.case.case_id, input, at, POLICY)
        assert store.load(w.case.case_id) == w.case
    return w.case.case_number


def test_h1_a_completed_move_is_undone_by_a_case_filled_in_from_it_and_linked_both_ways(desk: Desk) -> None:
    number = lived(desk, to_rebound)
    said = desk.run("case", "undo", number, *UNDO, "--json")
    assert said.code == 0, said
    back = said.json
    assert back["undoes"] == number and back["state"] == "AWAITING_COUNTERPART" and back["questions"] == [], "both forms are in, the alarm centre is asked"
    old = desk.run("case", "show", number, "--json").json
    assert (old["state"], old["undone_by"]) == (State.UNDONE.value, back["case_number"])
    assert f"undone by: {back['case_number']}" in desk.run("case", "show", number).out
    with desk.open_store() as store:
        case = store.find_case(back["case_number"])
        assert (case.handing_over.site_ref, case.receiving.site_ref) == ("site-nygatan", "site-storgatan")
        assert store.find_person(NOON, INTAKE, name="Astrid Exempelsson"), "the person of the old case is the person of the new one"
    again = desk.run("case", "undo", number, *UNDO, "--json")
    assert again.json["error"] == "undone_already" and back["case_number"] in again.json["text"]


def test_h1_undo_after_the_close_and_not_before_the_re_bind(desk: Desk) -> None:
    said = desk.run("case", "undo", lived(desk, to_closed), *UNDO, "--json")
    assert said.code == 0 and said.json["undoes"] == "2026-0001"


def test_undo_before_the_re_bind_says_roll_back_and_changes_nothing(desk: Desk) -> None:
    said = desk.run("case", "undo", lived(desk, to_dismantled), *UNDO, "--json")
    assert said.code == 3 and said.json["error"] == "wrong_state"
    assert len(desk.cases()) == 1


def test_r28_u21_the_cases_of_one_household_may_share_the_receiving_form_and_others_may_not(desk: Desk) -> None:
    first = desk.opened(group_ref="household-17")
    alone = desk.run("case", "open", desk.form("second.json", handing_over__serial_number="ACCC8E004712", handing_over__asset_number="LK-004712"), "--json")
    assert alone.json["error"] == "already_open"
    second = desk.run("case", "open", desk.form("second.json", group_ref="household-17", handing_over__serial_number="ACCC8E004712",
                                               handing_over__asset_number="LK-004712"), "--json")
    assert second.code == 0, second
    assert second.json["group_ref"] == "household-17" and second.json["case_number"] != first
    assert "same household: household-17" in desk.run("case", "show", first).out
