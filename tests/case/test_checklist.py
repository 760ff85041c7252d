"""The routine as a checklist of one case: rows by kind, and their standing as the case goes on."""

import pytest

from provisioner.case.checklist import ROWS, Stamp, Standing, checklist, rows_of
from provisioner.case.model import CaseKind, Duty, Exit, Role, State
from provisioner.case.plan import PLAN
from tests.case.world import (
    NOON,
    to_booked,
    to_closed,
    to_documented,
    to_ready,
    to_suspended,
    to_view_checked,
    world_at,
)

M, P, MP = CaseKind.MOVE_ONLY, CaseKind.PROVIDER_CHANGE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE
SAID = {"opened": Stamp("coordinator-carin", NOON), "booked": Stamp("coordinator-carin", NOON), "handing_over_notice": Stamp("unit-a", NOON)}


def standing(case) -> dict[str, Standing]:
    return {line.row: line.standing for line in checklist(case, SAID)}


def test_r1_to_r54_are_all_there_in_order() -> None:
    assert list(ROWS) == [f"R{n}" for n in range(1, 55)]


@pytest.mark.parametrize("kind", [M, P, MP])
def test_r27_each_kind_has_its_rows(kind: CaseKind) -> None:
    """The step matrix: booking, dismantling, installation and sign belong to a change of address alone."""
    rows = set(standing(world_at(to_ready, kind).case))
    of_a_move = {"R10", "R19", "R22", *(f"R{n}" for n in range(28, 39)), "R46", "R47", "R48", "R52", "R54"}
    assert rows & of_a_move == (set() if kind is P else of_a_move)
    assert {"R5", "R14", "R39", "R43", "R53"} <= rows


@pytest.mark.parametrize("kind", [M, P, MP])
def test_a_closed_case_has_every_row_done_or_kept(kind: CaseKind) -> None:
    lines = checklist(world_at(to_closed, kind).case, SAID)
    assert {line.row: line.standing for line in lines if line.standing not in (Standing.DONE, Standing.KEPT)} == {}
    assert all(line.stamp is not None for line in lines if line.standing is Standing.DONE)


def test_rows_take_their_turn() -> None:
    booked = standing(world_at(to_booked).case)
    assert booked["R28"] is booked["R52"] is Standing.DONE and booked["R31"] is booked["R33"] is Standing.NOT_YET and booked["R5"] is Standing.OPEN
    suspended = standing(world_at(to_suspended).case)
    assert suspended["R31"] is suspended["R54"] is Standing.OPEN and suspended["R32"] is Standing.NOT_YET
    viewed = standing(world_at(to_view_checked).case)
    assert viewed["R37"] is Standing.DONE and viewed["R35"] is Standing.OPEN and viewed["R39"] is Standing.NOT_YET


def test_who_and_when_come_from_the_case_or_the_journal() -> None:
    lines = {line.row: line for line in checklist(world_at(to_documented).case, SAID)}
    assert lines["R28"].stamp == SAID["booked"]
    assert lines["R31"].stamp is not None and lines["R31"].stamp.by == "tekla"
    assert lines["R6"].stamp is not None and lines["R6"].stamp.by == "unit-a"


def test_r5_a_waiver_is_shown_as_one() -> None:
    from provisioner.case.inputs import DutyDone

    w = world_at(to_booked)
    w.say(DutyDone(Duty.KEYS_RETURNED, "keys were lost, lock changed", waived=True), "lena", Role.TEAM_LEAD)
    assert standing(w.case)["R5"] is Standing.WAIVED


def test_what_is_left_when_a_case_ends_another_way_is_called_off() -> None:
    from provisioner.case.inputs import ExitWanted

    w = world_at(to_booked)
    w.say(ExitWanted(Exit.CANCEL, "the move is off"), "carin", Role.COORDINATOR)
    assert w.case.state is State.CANCELLED
    rows = standing(w.case)
    assert rows["R28"] is Standing.DONE and rows["R31"] is Standing.CALLED_OFF and rows["R46"] is Standing.KEPT


def test_every_source_of_the_plan_is_understood() -> None:
    named = {row for rule in PLAN.values() for way in rule.ways for need in way.needs for row in rows_of(need.source)}
    assert named <= set(ROWS) and {"R5", "R28", "R31", "R33", "R39", "R43"} <= named
    assert rows_of("R28-R30, D6, R46") == ("R28", "R29", "R30", "R46")
