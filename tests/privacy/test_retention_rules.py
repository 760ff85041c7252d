"""Five years after everything ended, done by the end of the next calendar year, and never a live case (3.4)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.retention import RULES, Ended, Rule, end_of_next_year, is_due, term_of_case, years_after, years_before

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
instants = st.datetimes(datetime(2015, 1, 1), datetime(2045, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@given(instants, st.lists(st.one_of(st.none(), instants), max_size=3), st.booleans(), instants)
def test_u29_nothing_goes_before_five_years_after_the_last_of_it_ended(note: datetime, ends: list[datetime | None], is_open: bool, now: datetime) -> None:
    case = Ended(is_open, note, tuple(ends))
    term = term_of_case(case)
    if is_open or None in ends:
        assert term is None and not is_due(case, now)
        return
    assert term is not None
    last = max([note, *(end for end in ends if end)])
    assert term.due_at - last >= timedelta(days=5 * 365)
    assert term.due_at < term.latest_at and term.latest_at.year - term.due_at.year <= 2
    assert is_due(case, now) == (now >= term.due_at)


@pytest.mark.parametrize(("at", "due"), [((2020, 2, 29, 12), (2025, 3, 1, 12)), ((2021, 12, 31, 22, 30), (2026, 12, 31, 22, 30)), ((2021, 6, 1), (2026, 6, 1))])
def test_years_are_calendar_years_in_sweden(at: tuple[int, ...], due: tuple[int, ...]) -> None:
    assert years_after(datetime(*at, tzinfo=UTC), 5) == datetime(*due, tzinfo=UTC)  # type: ignore[arg-type]


def test_latest_is_the_end_of_the_next_calendar_year() -> None:
    assert end_of_next_year(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2027, 12, 31, 22, 59, 59, 999999, tzinfo=UTC)
    assert end_of_next_year(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)).year == 2028, "it is 2027 already in Sweden"


@given(instants)
def test_what_is_older_than_the_bound_has_been_kept_its_years(now: datetime) -> None:
    assert years_after(years_before(now), 5) <= now + timedelta(hours=1)


def test_every_rule_is_explained() -> None:
    assert set(RULES) == set(Rule)
