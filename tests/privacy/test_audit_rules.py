"""The chain of the audit log: any line changed, removed, moved or inserted is found and named."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.audit import BEGINNING, Access, Action, Breach, Line, Purpose, actor_or_hash, hash_of, is_actor, line_after, verify

ACCESS = Access("cecilia", "coordinator", Purpose.SUPPORT, "cli.cecilia")


def chain(length: int, first: int = 1, previous: str = BEGINNING) -> list[Line]:
    """So many lines."""
    lines: list[Line] = []
    for seq in range(first, first + length):
        lines.append(line_after(seq, lines[-1].hash if lines else previous, 1_000 * seq, ACCESS, Action.READ, "case", f"case-{seq}", 1))
    return lines


def test_h6_whole_chain_holds_and_tells_its_head() -> None:
    lines = chain(9)
    found = verify(lines)
    assert found.broken is None and (found.lines, found.first_seq, found.head) == (9, 1, f"9:{lines[-1].hash}")
    assert verify(lines, f"4:{lines[3].hash}").broken is None
    assert verify([]).broken is None and verify([]).head == f"0:{BEGINNING}"


@given(st.integers(2, 8), st.sampled_from(["changed", "removed", "moved", "inserted", "rewritten"]), st.data())
def test_each_breach_is_found_at_its_line(length: int, what: str, data: st.DataObject) -> None:
    lines = chain(length)
    at = data.draw(st.integers(0, length - 2))
    seq = lines[at].seq
    if what == "changed":
        field, value = data.draw(st.sampled_from([("actor", "x"), ("ref", "case-x"), ("at", 7), ("count", 2), ("purpose", "case"), ("role", "x"), ("via", "x")]))
        lines[at] = replace(lines[at], **{field: value})
        wanted = (seq, {Breach.CHANGED})
    elif what == "removed":
        del lines[at]
        wanted = (seq + 1, {Breach.REMOVED, Breach.CUT_UNSAID})
    elif what == "moved":
        lines[at], lines[at + 1] = replace(lines[at + 1], seq=seq), replace(lines[at], seq=seq + 1)
        wanted = (seq, {Breach.UNCHAINED, Breach.CHANGED})
    elif what == "inserted":
        extra = line_after(seq + 1, lines[at].hash, 5, ACCESS, Action.READ, "case", "case-x", 1)
        lines[at + 1:] = [extra, *(replace(line, seq=line.seq + 1) for line in lines[at + 1:])]
        wanted = (seq + 2, {Breach.UNCHAINED})
    else:  # changed, and its hash made to fit
        changed = replace(lines[at], actor="nobody")
        lines[at] = replace(changed, hash=hash_of(changed))
        wanted = (seq + 1, {Breach.UNCHAINED})
    broken = verify(lines).broken
    assert broken is not None and broken.seq == wanted[0] and broken.breach in wanted[1]


def test_an_end_that_is_cut_off_or_written_anew_is_found_by_the_head_kept_outside() -> None:
    lines = chain(6)
    kept = f"6:{lines[-1].hash}"
    assert verify(lines[:4]).broken is None, "nothing inside tells it"
    for forged in (lines[:4], [*lines[:5], *chain(3, 6, lines[4].previous)[:0], line_after(6, lines[4].hash, 1, ACCESS, Action.READ, "case", "case-y", 1)]):
        broken = verify(forged, kept).broken
        assert broken is not None and broken.breach is Breach.HEAD_GONE


def test_erased_beginning_holds_only_where_a_line_says_so() -> None:
    lines = chain(6)
    said = line_after(7, lines[-1].hash, 9, ACCESS, Action.CUT, "audit", f"3:{lines[2].hash}", 1)
    assert verify([*lines[3:], said]).broken is None
    for rest in (lines[3:], [*lines[4:], said]):
        broken = verify(rest).broken
        assert broken is not None and broken.breach is Breach.CUT_UNSAID


@pytest.mark.parametrize("typed", ["Astrid Lindström", "19121212-1212", "191212121212", "+46 70 174 06 05", "070-174 06 05", "", "-x", "a" * 65, "Ö"])
def test_what_is_no_account_never_stands_in_a_line(typed: str) -> None:
    assert not is_actor(typed)
    line = line_after(1, BEGINNING, 1, Access(typed, "unit", Purpose.INTAKE, typed), Action.SAID, "dismantled", "case-1", 1)
    assert typed not in (line.actor, line.via) or typed == ""
    assert is_actor(actor_or_hash(typed))


@pytest.mark.parametrize("ref", ["Storgatan 12", "Astrid Lindström", "a\nb", "é"])
def test_free_text_as_a_reference_is_a_bug_and_loud(ref: str) -> None:
    with pytest.raises(ValueError, match="ids only"):
        line_after(1, BEGINNING, 1, ACCESS, Action.READ, "case", ref, 1)
