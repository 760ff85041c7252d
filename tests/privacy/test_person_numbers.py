"""A person number typed where it does not belong is seen, by date and check digit, and nothing else is taken for one."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer as library

from provisioner.case.identifiers import holds_person_number
from provisioner.fault import PlainError
from provisioner.statements import parse

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@given(st.dates(date(1890, 1, 1), date(2026, 1, 1)), st.integers(1, 999), st.booleans(), st.sampled_from(["", "-", " "]), st.sampled_from(["", "ring ", "(", "nr:"]))
def test_every_person_and_coordination_number_is_seen_in_any_text(day: date, serial: int, coordination: bool, sign: str, before: str) -> None:
    nine = f"{day:%y%m}{day.day + 60 * coordination:02d}{serial:03d}"
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(nine))
    number = f"{day.year // 100}{nine}{-total % 10}"
    assert library.valid(number), "the library agrees"
    assert holds_person_number(f"{before}{number[:8]}{sign}{number[8:]}, tack")
    assert not holds_person_number(f"{before}{number[:8]}{sign}{number[8:-1]}{(int(number[-1]) + 1) % 10}")


@pytest.mark.parametrize("text", ["ACCC8EF8431B", "LKP-004711", "013-555 01 23", "decision-2026-17", "2026-11-27T10:00:00", "20261127 23.30", "190013019802"])
def test_other_numbers_are_none(text: str) -> None:
    assert not holds_person_number(text)


def test_free_text_with_a_person_number_is_refused_without_repeating_it() -> None:
    with pytest.raises(PlainError) as caught:
        parse("task_done", {"key": "call", "note": "gäller 18900101-9802"}, NOW)
    assert caught.value.code == "person_number_here" and "9802" not in caught.value.text.sv + caught.value.text.en
    assert parse("task_done", {"key": "call", "note": "ringt 2026-11-27"}, NOW)
