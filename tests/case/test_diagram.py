"""The page, the picture and the table stay with the plan."""

import re
from pathlib import Path

import pytest

from provisioner.case import diagram
from provisioner.case.model import FINAL, Exit, State
from provisioner.case.plan import EXIT_TO, PLAN

README = Path(diagram.__file__).with_name("README.md")


def test_the_page_shows_the_plan_that_the_program_follows(request: pytest.FixtureRequest) -> None:
    page = README.read_text(encoding="utf-8")
    if request.config.getoption("--rewrite-stories"):
        README.write_text(diagram.drawn_into(page), encoding="utf-8")
    assert not diagram.stale(README.read_text(encoding="utf-8"))


def test_a_page_that_differs_is_stale() -> None:
    page = README.read_text(encoding="utf-8")
    assert diagram.stale(page.replace("DISMANTLED --> INSTALLED", "DISMANTLED --> TEST_LOOK_OK", 1))
    assert diagram.drawn_into(diagram.drawn_into(page)) == page


def test_the_picture_has_every_state_way_and_exit() -> None:
    picture = diagram.mermaid()
    assert picture.startswith("stateDiagram-v2")
    for state, rule in PLAN.items():
        assert re.search(rf"\b{state}\b", picture)
        for way in rule.ways:
            assert f"{state} --> {way.to}: " in picture
    for exit in Exit:
        assert f"from_{exit} --> {EXIT_TO[exit]}: {exit}" in picture


def test_the_plan_is_whole() -> None:
    assert set(PLAN) == set(State) and set(EXIT_TO) == set(Exit)
    for state, rule in PLAN.items():
        assert (state in FINAL) == (not rule.ways and not rule.exits)
        assert rule.meaning.sv and rule.meaning.en
        for way in rule.ways:
            assert len({need.name for need in way.needs}) == len(way.needs)
            for place, need in enumerate(way.needs):
                assert need.text.sv and need.text.en and need.source
                assert all(name in {n.name for n in way.needs[:place]} for name in need.after or ()), f"{need.name} waits for what comes later"


def test_h15_d28_termination_can_be_asked_for_in_every_state_that_is_not_over() -> None:
    for state, rule in PLAN.items():
        if state not in FINAL and state is not State.TERMINATING:
            assert Exit.TERMINATE in rule.exits, state


def test_d27_the_wrong_case_can_be_stopped_in_every_state_that_is_not_over() -> None:
    for state, rule in PLAN.items():
        assert (Exit.WRONG_CASE in rule.exits) == (state not in FINAL), state
