"""A hundred thousand steps of a case in a hostile world, each judged: hypothesis writes the bytes, chaos.py lives them, judge.py judges.

The numbers of steps are asserted: a generator that quietly stops short proves nothing.
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.case import inputs as i
from provisioner.case.advance import advance
from provisioner.case.cover import uncovered_s
from provisioner.case.identifiers import SerialNumber, canonical
from provisioner.case.model import CaseKind, Exit, State
from provisioner.case.outcome import Verdict
from provisioner.case.serial_formats import SERIAL_FORMATS
from provisioner.case.weak_serials import why_weak
from tests.case.chaos import Chaos
from tests.case.people import on_site, slips
from tests.case.world import NOON, POLICY, SERIAL, CaseWorld, identity, to_dismantled, to_installed, to_ready, to_suspended, world_at

STEPS_LEAST = 18_000     # for each of six tests: 108,000 in a run
EXAMPLES = 170
FINISHES = (None, Exit.TERMINATE, Exit.ROLL_BACK, Exit.CANCEL, Exit.HOLD, Exit.SWAP)


def lived_again(chaos: Chaos) -> None:
    """The journal from the start gives the identical case (determinism)."""
    case = None
    for now, input in chaos.journal:
        case = advance(case, input, now, POLICY).case
    assert case == chaos.case


@pytest.mark.parametrize("by_hand", [False, True], ids=["registry_left_alone", "hands_in_the_registry"])
@pytest.mark.parametrize("kind", list(CaseKind))
def test_d1_d8_d26_h1_h5_h22_invariants_1_to_5_hold_after_every_step(kind: CaseKind, by_hand: bool) -> None:
    steps, states, finals = 0, set(), set()

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(min_size=400, max_size=900), st.sampled_from(FINISHES))
    def lives(data: bytes, finish: Exit | None) -> None:
        nonlocal steps
        chaos = Chaos(kind, data, by_hand=by_hand)
        chaos.run()
        if not chaos.case.is_final:
            assert abs(uncovered_s(chaos.case, chaos.now) - chaos.judge.nobody_s) < 1e-6, "the ledger's sum is not what passed"
        chaos.finish(finish)  # no dead ends: from wherever chaos has left it, the case can be brought to an end
        lived_again(chaos)
        steps += chaos.steps
        states.update(chaos.states)
        finals.add(chaos.case.state)

    lives()
    assert steps >= STEPS_LEAST, f"only {steps} steps"
    assert finals >= {State.CLOSED, State.TERMINATED, State.CANCELLED} | ({State.ROLLED_BACK} if kind is not CaseKind.PROVIDER_CHANGE_ONLY else set())
    depth = {State.SWITCHED} if kind is CaseKind.PROVIDER_CHANGE_ONLY else {State.REBOUND, State.SWAP, State.ROLLING_BACK}
    assert states >= depth | {State.ON_HOLD, State.NEEDS_INFO, State.TERMINATING}, "chaos never came that far"


READINGS = {
    "dismantled": (to_suspended, lambda text: i.Dismantled(text, True)),
    "mounted": (to_dismantled, lambda text: i.Mounted(text, (), True, "assessment-1")),
    "visit_started": (to_installed, lambda text: i.VisitStarted(text, NOON, True)),
    "serial_confirmed": (to_ready, lambda text: i.SerialConfirmed(text)),
}


def world_reading(reading: str):
    """A case that awaits this reading, and what reads it."""
    step, says = READINGS[reading]
    return world_at(step, CaseKind.PROVIDER_CHANGE_ONLY if reading == "serial_confirmed" else CaseKind.MOVE_ONLY), says


@pytest.mark.parametrize("reading", READINGS)
def test_h3_d2_every_slip_of_one_character_is_refused_wherever_a_serial_is_read(reading: str) -> None:
    w, says = world_reading(reading)
    for wrong in slips(SERIAL):
        outcome = advance(w.case, on_site(says(wrong)), w.now, w.policy)
        assert outcome.verdict is Verdict.REFUSED, wrong
        assert outcome.case is w.case


@pytest.mark.parametrize("reading", READINGS)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_h3_d2_whatever_is_read_is_the_expected_serial_or_refused(reading: str, data: st.DataObject) -> None:
    w, says = world_reading(reading)
    text = data.draw(st.one_of(st.text(max_size=20), st.text(alphabet="ACE80471:- ", min_size=8, max_size=20),
                               st.permutations(list(SERIAL)).map("".join), st.just(SERIAL.lower()), st.just(":".join(SERIAL))))
    outcome = advance(w.case, on_site(says(text)), w.now, w.policy)
    same = text.translate(str.maketrans("", "", " :-/()\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0")).upper() == SERIAL
    if not same and outcome.verdict is not Verdict.REFUSED:
        raise AssertionError(f"{text!r} was taken for {SERIAL}")


@pytest.mark.parametrize("reading", READINGS)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(tag=st.from_regex(POLICY.asset_number_pattern, fullmatch=True))
def test_d3_an_asset_number_is_never_taken_for_a_serial(reading: str, tag: str) -> None:
    w, says = world_reading(reading)
    refusal = advance(w.case, on_site(says(tag)), w.now, w.policy).refusal
    assert refusal is not None and refusal.code == "asset_number"


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(other=st.from_regex(r"[A-Z0-9]{5,40}", fullmatch=True).filter(lambda text: text != SERIAL))
def test_d2_what_the_camera_says_of_itself_must_equal_the_label(other: str) -> None:
    w = world_at(to_installed)
    w.say(i.VisitStarted(SERIAL, w.now, True))
    w.answer("read_identity", i.IdentityRead(identity(SerialNumber(other), w.now)))
    assert w.case.state is State.INSTALLED and w.case.identity is None and w.case.dossier is None
    key, = (task.key for task in w.case.tasks if task.done is None)
    # a number that stands in many cameras is silence, any other is another camera's
    assert (key, w.case.visit is None) == (("identity-not-certain", False) if why_weak(canonical(other)) else ("identity-differs", True))


def test_h3_d2_every_slip_of_one_character_is_refused_when_the_camera_tells_it() -> None:
    at_the_door = world_at(to_installed)
    at_the_door.say(i.VisitStarted(SERIAL, at_the_door.now, True))
    for rule in SERIAL_FORMATS:
        for wrong in slips(SERIAL):
            w = CaseWorld.__new__(CaseWorld)
            w.__dict__.update({**at_the_door.__dict__, "owed": list(at_the_door.owed), "told": [], "journal": []})
            w.answer("read_identity", i.IdentityRead(replace(identity(SERIAL, w.now), serial_reported=wrong, serial_format=rule)))
            assert w.case.identity is None and w.case.visit is None and w.case.state is State.INSTALLED, (rule, wrong)
