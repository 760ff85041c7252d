"""Where a notice goes, over all that may be known when it comes: never into two places, never into a doubtful one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from provisioner.case import inputs as i
from provisioner.case.model import Case, CaseKind, State
from provisioner.case.outcome import Refusal
from provisioner.case.pairing import Incoming, Known, Pairing, Place, lacks, place
from tests.case.world import CaseWorld, notices, to_booked, to_ready, world_at

M, P = CaseKind.MOVE_ONLY, CaseKind.PROVIDER_CHANGE_ONLY


def case_with(*parts: str, kind: CaseKind = M, missing: tuple[str, ...] = (), number: str = "2026-0001") -> Case:
    """An open case that has these forms."""
    w = CaseWorld(kind)
    old, new = notices(kind)
    if "handing_over" in parts:
        w.say(i.HandingOverNotice(replace(old, missing=missing)))
    if "receiving" in parts:
        w.say(i.ReceivingNotice(replace(new, missing=missing)))
    return replace(w.case, case_number=number, case_id=f"case-{number}")


CASES = [case_with(*parts, kind=kind, missing=missing, number=f"2026-{at:04}") for at, (parts, kind, missing) in enumerate(
    [(parts, kind, missing) for parts in ((), ("handing_over",), ("receiving",), ("handing_over", "receiving")) for kind in (M, P)
     for missing in ((), ("phone",), ("person_number",))])]
CASES += [replace(world_at(step).case, case_number=f"2026-9{at:03}", case_id=f"case-9{at:03}") for at, step in enumerate((to_ready, to_booked))]
SOME = st.lists(st.sampled_from(CASES), max_size=3, unique_by=lambda case: case.case_id).map(tuple)
ONE = st.none() | st.sampled_from(CASES)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[Incoming, Known]:
    """A notice, and all that may be known."""
    kind = draw(st.sampled_from([M, P]))
    old, new = notices(kind)
    parts = draw(st.sampled_from(["handing_over", "receiving", "both"]))
    incoming = Incoming(kind, old if parts != "receiving" else None, new if parts != "handing_over" else None)
    seen = draw(ONE)
    seen_same = seen is not None and draw(st.booleans())
    return incoming, Known(draw(SOME), draw(SOME) if incoming.handing_over else (), draw(SOME), seen, seen_same, draw(ONE), draw(st.booleans()))


@given(arrivals())
def test_r25_u35_a_notice_goes_to_one_place_or_is_refused_with_the_case_and_the_way_out(arrival: tuple[Incoming, Known]) -> None:
    incoming, known = arrival
    found = place(incoming, known)
    if isinstance(found, Refusal):
        assert found.field and found.text.sv != found.text.en
        assert any(case.case_number in found.text.sv and case.case_number in found.text.en for case in CASES), "names the case"
        return
    assert isinstance(found, Place)
    if found.pairing is Pairing.REPEATED:
        assert found.case is known.seen_in and known.seen_same
        return
    assert all(found.case is not None and case.case_id == found.case.case_id for case in known.same_camera), "no camera in two open cases (H1)"
    if found.case is None:
        assert found.pairing is Pairing.OPENED and (known.new_wanted or not known.same_person)
        return
    assert found.case.kind is incoming.kind and not found.case.is_final
    assert known.seen_in is None or found.case.case_id == known.seen_in.case_id, "a form stays in its case (H2)"
    if known.named is None:
        assert found.case in known.same_person, "nobody is put into another person's case (H2)"
        assert found.pairing is not Pairing.PAIRED or lacks(found.case, incoming)
        assert not [case for case in known.same_person if case is not found.case and lacks(case, incoming)], "it could not have been another"


@given(arrivals())
def test_r6_r15_the_sentence_is_the_same_for_the_same_things(arrival: tuple[Incoming, Known]) -> None:
    assert place(*arrival) == place(*arrival)


def test_r44_a_case_past_its_intake_takes_no_second_form_by_itself() -> None:
    booked = world_at(to_booked).case
    assert booked.state is State.BOOKED
    found = place(Incoming(M, None, notices(M)[1]), Known(same_person=(booked,)))
    assert isinstance(found, Refusal) and found.code == "person_in_other_case"
