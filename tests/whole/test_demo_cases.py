"""The other cases of the demo, and the exceptions, over real wires: each ends as it must, in the routine's order, and nobody is unwatched for a second."""

import json
import subprocess
import sys
from typing import Any

import pytest

RUNS = {"provider-change": ["--case", "provider-change"], "both": ["--case", "both"], "chaos": ["--chaos"]}


@pytest.fixture(scope="module")
def runs() -> dict[str, dict[str, Any]]:
    """All at once: each mostly waits."""
    children = {name: subprocess.Popen([sys.executable, "-m", "provisioner", "demo", *args, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for name, args in RUNS.items()}
    found: dict[str, dict[str, Any]] = {}
    try:
        for name, child in children.items():
            out, err = child.communicate(timeout=100)
            assert child.returncode == 0, (name, out, err)
            found[name] = json.loads(out)
    finally:
        for child in children.values():
            child.kill()
            child.communicate()
    return found


@pytest.mark.parametrize("name", ["provider-change", "both"])
def test_r4_r46_r49_r50_r53_each_kind_ends_closed_with_the_routines_order_kept(runs: dict[str, dict[str, Any]], name: str) -> None:
    result = runs[name]
    assert (result["state"], result["uncovered_s"], result["order_kept"]) == ("CLOSED", 0, True)
    assert set(result["rows"].values()) <= {"done", "kept"} and {"R5", "R14", "R53"} <= set(result["rows"]), "keys change hands in every kind"
    moves = name == "both"
    assert ("R28" in result["rows"], "R31" in result["order"], result["frame"] is not None, result["new_binding"] is not None) == (moves,) * 4, "R27"
    assert [line["by"] for line in result["coverage"]] == (["CAMERA", "VISITS", "CAMERA"] if moves else ["CAMERA"])


def test_r27_d10_no_picture_is_taken_for_a_pure_provider_change(runs: dict[str, dict[str, Any]]) -> None:
    result = runs["provider-change"]
    assert result["frame"] is None and result["view_check"] is None and result["verified_serial"] is None
    assert [step["name"] for step in result["steps"]] == ["forms", "serial_confirmed", "switch_scheduled", "switched", "feedback", "closed"]


def test_h4_h15_h19_every_exception_ends_as_it_must_and_leaves_nobody_unwatched(runs: dict[str, dict[str, Any]]) -> None:
    result = runs["chaos"]
    assert result["all_as_they_must"]
    ended = {one["name"]: (one["state"], one["covered_by"]) for one in result["exceptions"]}
    assert ended == {
        "hold": ("BOOKED", "CAMERA"), "cancel": ("CANCELLED", "CAMERA"), "roll_back": ("ROLLED_BACK", "CAMERA"), "terminate": ("TERMINATED", "NOT_OWED"),
        "swap": ("LOOKS_SUSPENDED", "VISITS"), "found_dismantled": ("DISMANTLED", "VISITS"), "refusal": ("ROLLED_BACK", "CAMERA"),
        "wrong_case": ("ON_HOLD", "VISITS"), "several_cameras": ("LOOKS_SUSPENDED", "VISITS"), "undo": ("UNDONE", "CAMERA")}
    assert all(one["uncovered_s"] == 0 and one["next_action"] and one["broken"] is None for one in result["exceptions"])
