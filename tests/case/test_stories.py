"""Stories as transcripts: a line in, four dashes, everything it brought. `pytest --rewrite-stories` prints them anew, for a person to read."""

import re
from pathlib import Path

import pytest

from provisioner.case.model import CaseKind, Exit, State
from provisioner.case.plan import PLAN
from tests.case import story_view, story_visits  # noqa: F401 - their sentences
from tests.case.story import Story

FILES = sorted((Path(__file__).parent / "stories").glob("*.story"))


def played(text: str, story: Story) -> str:
    """The text with every output as it is now. Blocks stand apart by a blank line; lines that begin with # are for the reader."""
    out = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = [line for line in block.split("----")[0].strip().splitlines() if line]
        words = [line for line in lines if not line.startswith("#")]
        if not words:
            out.append("\n".join(lines))
            continue
        assert len(words) == 1, f"one sentence a block: {words}"
        out.append("\n".join([*lines, "----", *story.run(words[0])]).rstrip())
    return "\n\n".join(out) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_story(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    now = played(text, Story())
    if request.config.getoption("--rewrite-stories"):
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


def taken_by_all() -> set[tuple[State, str]]:
    """Every "A -> B" and "EXIT: A -> B" that some story goes, by kind of case."""
    story = Story()
    for path in FILES:
        played(path.read_text(encoding="utf-8"), story)
    return {(kind, line) for _, kind, why in story.taken for line in why if " -> " in line}


def test_each_way_and_each_exit_of_the_plan_is_told_by_a_story() -> None:
    gone = taken_by_all()
    ways = {(kind, f"{state} -> {way.to}" + (f": {way.needs[0].name}" if way.aside else ""))
            for state, rule in PLAN.items() for way in rule.ways for kind in CaseKind if kind in way.kinds}
    one_kind_is_enough = {text for _, text in gone}
    missing = {(kind, text) for kind, text in ways - gone if len({k for k, t in ways if t == text}) == 1 or text not in one_kind_is_enough}
    assert not missing, f"no story takes {sorted(missing)}"
    exits = {(state, exit) for state, rule in PLAN.items() if state is not State.ON_HOLD for exit in rule.exits}
    told = {(State(found[2]), Exit(found[1])) for _, text in gone if (found := re.match(r"(\w+): (\w+) -> ", text)) and found[1] in set(Exit)}
    assert not exits - told, f"no story takes {sorted(exits - told)}"
