"""The check of the view in the case: what stops, what only advises, what people add, and that every frame counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case import inputs as i
from provisioner.case.model import Role, State
from provisioner.case.outcome import Verdict
from provisioner.case.plan import VIEW_BLOCKS
from provisioner.case.view_said import blocked_by
from provisioner.statements import parse
from provisioner.view import case_view
from tests.case.world import NOON, CaseWorld, frame, scene, to_identity_verified, world_at

KINDS = ("ir_hotspot", "glare", "mirror_present", "mirror_view", "unsharp_night", "tilted", "bed_half", "bed_occluded", "bed_out", "frozen", "obstructed")
ACCEPTED = i.ViewAccepted(True, True, True, True)
PLAN = {"room": [[0, 0], [4, 0], [4, 3], [0, 3]], "height": 2.5, "doors": [{"wall": "N", "a0": 0.5, "a1": 1.4, "open": True, "kind": "room_door"}]}


def looked_at(*kinds: str, over_bed: bool = False, frames: int = 3) -> CaseWorld:
    w = world_at(to_identity_verified)
    w.registry("prepare_binding")
    w.answer("judge_frame", i.FrameJudged(frame(w.now, frames=frames, scene=scene(*kinds, over_bed=over_bed))))
    return w


def refused(w: CaseWorld) -> str:
    assert w.last is not None
    return w.last.refusal.code if w.last.refusal else ""


@given(st.lists(st.sampled_from(KINDS), unique=True), st.booleans())
def test_r37_only_what_the_plan_declares_stops_a_view_and_all_else_is_a_persons_judgement(kinds: list[str], over_bed: bool) -> None:
    w = looked_at(*kinds, over_bed=over_bed)
    stops = {"bed_out": "bed_out" in kinds, "bed_blinded": over_bed and bool({"ir_hotspot", "glare"} & set(kinds))}
    assert set(blocked_by(w.case, VIEW_BLOCKS)) == {name for name, is_so in stops.items() if is_so}
    w.say(ACCEPTED, "tekla", Role.TECHNICIAN)
    assert refused(w) == ("view_blocked" if any(stops.values()) else "")


@pytest.mark.parametrize(("kind", "over_bed", "block", "taken"), [
    ("ir_hotspot", True, "bed_blinded", True), ("bed_out", False, "bed_out", False)])
def test_h17_the_team_lead_answers_for_what_may_be_answered_for_and_the_finding_stays(kind: str, over_bed: bool, block: str, taken: bool) -> None:
    w = looked_at(kind, over_bed=over_bed)
    for who, role, reason in (("tekla", Role.TECHNICIAN, "there is no other wall"), ("lena", Role.TEAM_LEAD, "too short")):
        w.say(i.ViewBlockOverridden(block, reason), who, role)
        assert refused(w) == "no_override"
    w.say(i.ViewBlockOverridden(block, "there is no other wall"), "lena", Role.TEAM_LEAD)
    assert (refused(w) == "") is taken
    check = case_view(w.case, w.now, "en")["frame"]["check"]
    assert [one["kind"] for one in check["findings"]] == [kind] and check["stops"] == ([] if taken else [block]) and len(check["answered_for"]) == taken


def test_h17_a_technicians_word_stands_beside_the_finding_and_both_are_kept() -> None:
    w = looked_at("mirror_present")
    w.say(i.ReflectionRejected(1, "a framed photograph"), "tekla", Role.TECHNICIAN)
    w.say(i.ReflectionMarked("the oven's door shows the hall"), "tekla", Role.TECHNICIAN)
    check = case_view(w.case, w.now, "en")["frame"]["check"]
    assert [one["kind"] for one in check["findings"]] == ["mirror_present"]
    assert [(one["finding"], one["is_reflection"], one["by"]) for one in check["words"]] == [(1, False, "tekla"), (None, True, "tekla")]


def test_r38_whoever_turns_the_camera_makes_all_of_it_stale() -> None:
    w = looked_at("mirror_present")
    w.say(i.BedDrawn(((-0.5, -0.5), (0.5, -0.5), (0.4, 0.0))), "tekla", Role.TECHNICIAN)
    w.answer("judge_frame", i.FrameJudged(frame(w.now, frames=3, scene=scene("ir_hotspot", over_bed=True))))
    w.say(i.ViewBlockOverridden("bed_blinded", "there is no other wall"), "lena", Role.TEAM_LEAD)
    w.say(i.ReflectionMarked("the lamp in the window", 1), "tekla", Role.TECHNICIAN)
    w.say(i.CameraMoved(), "tekla", Role.TECHNICIAN)
    assert (w.case.frame, w.case.view, w.case.bed, w.case.reflections, w.case.overrides) == (None, None, None, (), ())
    assert w.case.frames_taken == 6 and w.case.visit is None  # no frame is left: the label is scanned again, and that is what the case asks for
    assert not any(errand.effect.kind == "judge_frame" for errand in w.case.errands)


@given(st.lists(st.integers(1, 4), max_size=8))
def test_r37_no_check_is_asked_for_more_frames_than_are_left(frames: list[int]) -> None:
    w = world_at(to_identity_verified)
    for taken in frames:
        owed = [ask for ask in w.owed if ask.effect.kind == "judge_frame"]
        if not owed:
            break
        most = owed[0].effect.asked.frames_most
        assert 1 <= most <= min(w.policy.frames_per_check, w.policy.frames_per_visit - w.case.frames_taken)
        w.answer("judge_frame", i.FrameJudged(frame(w.now, frames=min(taken, most), scene=scene())))
        w.say(i.FrameWanted(), "tekla", Role.TECHNICIAN)
    assert w.case.frames_taken <= w.policy.frames_per_visit


def test_r37_what_is_drawn_while_the_camera_is_being_looked_through_is_not_forgotten() -> None:
    w = world_at(to_identity_verified)
    w.say(i.BedDrawn(((-0.5, -0.5), (0.5, -0.5), (0.4, 0.0))), "tekla", Role.TECHNICIAN)
    w.answer("judge_frame", i.FrameJudged(frame(w.now, frames=3, scene=scene())))
    assert w.case.frame is None and w.case.frames_taken == 3
    assert next(ask for ask in w.owed if ask.effect.kind == "judge_frame").effect.asked.bed == w.case.bed


@pytest.mark.parametrize(("plan", "says"), [
    ("[]", "object"), ("{", "JSON"), ("{\"rom\": []}", "rom"), ('{"plan": {"room": [[0,0],[4,0],[4,3]], "height": 99}}', "height"), ("x" * 40_000, "characters"),
])
def test_r37_a_plan_that_is_none_is_refused_with_a_sentence(plan: str, says: str) -> None:
    w = world_at(to_identity_verified)
    w.say(i.FloorPlanGiven(plan, 2.3), "tekla", Role.TECHNICIAN)
    assert refused(w) == "floor_plan" and says in w.last.refusal.text.en  # type: ignore[union-attr]
    assert w.case.plan == ""


def test_r37_a_plan_from_the_coordinator_makes_the_check_anew_one_from_a_unit_is_not_taken() -> None:
    w = looked_at()
    said: dict[str, Any] = {"plan": PLAN, "camera_height_m": 2.3}
    w.say(parse("floor_plan_given", said, NOON), "unit-1", Role.UNIT)
    assert refused(w) == "not_yours"
    w.say(parse("floor_plan_given", said, NOON), "anna", Role.COORDINATOR)
    assert refused(w) == "" and w.last is not None and w.last.verdict is not Verdict.REFUSED, w.last
    assert w.case.frame is None and w.case.state is State.IDENTITY_VERIFIED
    assert next(ask for ask in w.owed if ask.effect.kind == "judge_frame").effect.asked.plan == w.case.plan


def test_statements_of_the_view_as_they_are_typed() -> None:
    bed = parse("bed_drawn", {"outline": "-0.5,-0.5 0.5,-0.5 0.4,0", "tapped": "-0.5,-0.5 0.5,-0.5", "tapped_cm": "160"}, NOON)
    assert bed == i.BedDrawn(((-0.5, -0.5), (0.5, -0.5), (0.4, 0.0)), ((-0.5, -0.5), (0.5, -0.5)), 160)
    assert parse("reflection_marked", {"finding": "2", "words": "the hall"}, NOON) == i.ReflectionMarked("the hall", 2)
