"""Patience, identifiers, message ids, texts: the small values."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case import patience as p
from provisioner.case.advance import advance
from provisioner.case.identifiers import edit_distance_at_most_1, is_opaque, last4, looks_like_asset_number, normalise_serial
from provisioner.case.inputs import Opened, Woke
from provisioner.case.kinds import FINAL, Duty, State
from provisioner.case.model import Case, CaseKind, but
from provisioner.case.needs import message_id
from provisioner.case.outcome import Verdict
from provisioner.case.plan import ANY_TIME, DUTY_IN, PATIENCE
from provisioner.case.policy import Policy
from provisioner.case.record import HEARD_IN
from provisioner.fault import FaultKind
from tests.case.people import slips
from tests.case.world import NOON, SERIAL, CaseWorld

PATTERN = Policy().asset_number_pattern


@pytest.mark.parametrize("series", [p.REBOOTING, p.HICCUP, p.SESSION_EXPIRY, p.LOOK_RUNNING, p.REGISTRY])
def test_a_series_waits_as_written_and_at_most_a_tenth_longer(series: p.Patience) -> None:
    for place, wait_s in enumerate(series.waits_s, 1):
        for salt in ("a", "b", "case-17"):
            assert wait_s <= series.wait_s(place, salt) <= wait_s * 1.1
    after = series.wait_s(len(series.waits_s) + 1, "a")
    assert after is None if series.forever_s is None else series.forever_s <= after <= series.forever_s * 1.1
    assert series.wait_s(1, "a") == series.wait_s(1, "a") != series.wait_s(1, "b")


def test_no_patience_at_all_is_for_what_locks_an_account() -> None:
    assert p.NONE.wait_s(1, "a") is None
    assert all(FaultKind.REFUSED not in kinds for kinds in PATIENCE.values())


def test_a_camera_that_boots_is_waited_for_90_seconds_and_the_registry_five_times_before_a_phone_call() -> None:
    assert 90 <= sum(p.REBOOTING.waits_s) <= 120
    assert len(p.REGISTRY.waits_s) == 5 and p.REGISTRY.forever_s is not None


@pytest.mark.parametrize(("text", "serial"), [
    ("ACCC8E004711", "ACCC8E004711"), (" ac:cc:8e:00:47:11\n", "ACCC8E004711"), ("ACCC-8E00 4711", "ACCC8E004711"),
    ("DS-2CD2387G2P-LSU/SL20210415AAWRF12345678", "DS2CD2387G2PLSUSL20210415AAWRF12345678"), ("DS-2CD1(B)471699220", "DS2CD1B471699220"),
    ("accc8e\u00a0004711", "ACCC8E004711"),
    ("ACCC8E\u2011004711", "ACCC8E004711"), ("ABC", None), ("", None), ("ÅCCC8E004711", None), ("ACCC8E004711;", None), ("A" * 41, None), ("http://x/ACCC8E", None),
])
def test_d2_a_serial_is_trimmed_raised_and_stripped_and_nothing_else(text: str, serial: str | None) -> None:
    assert normalise_serial(text) == serial


@given(st.text())
def test_d2_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise_serial(text)
    assert once is None or normalise_serial(once) == once


def test_d2_o_and_0_stay_different() -> None:
    assert normalise_serial("ACCC8EOO4711") != normalise_serial("ACCC8E004711")


@pytest.mark.parametrize("tag", ["LK-004711", "lk004711", " LKPG-12345678 ", "AB1234"])
def test_d3_the_municipalitys_tags_are_known(tag: str) -> None:
    assert looks_like_asset_number(tag, PATTERN)


@pytest.mark.parametrize("serial", [SERIAL, "B8A44F001122", "DS2CD2143G0123456", "4711", "A12345"])
def test_d3_a_serial_is_no_tag(serial: str) -> None:
    assert not looks_like_asset_number(serial, PATTERN)


def test_h3_every_slip_of_a_typing_hand_is_recognised_to_warn_of() -> None:
    for wrong in slips(SERIAL):
        assert edit_distance_at_most_1(wrong, SERIAL) and edit_distance_at_most_1(SERIAL, wrong)
    assert edit_distance_at_most_1(SERIAL, SERIAL)
    assert not edit_distance_at_most_1(SERIAL, SERIAL[::-1]) and not edit_distance_at_most_1("AB12", "BA21")


@pytest.mark.parametrize(("text", "yes"), [("site-storgatan", True), ("b-33a26bd6", True), ("abc", False), ("Site-0001", False), ("site 0001", False),
                                           ("x" * 65, False),
                                           ("19121212-1212", False), ("191212121212", False), ("121212-1212", False), ("1212121212", False)])
def test_d19_h6_a_reference_is_opaque_and_no_person_number(text: str, yes: bool) -> None:
    assert is_opaque(text) is yes


def test_only_the_last_four_are_shown() -> None:
    assert last4(SERIAL) == "4711"


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(min_value=0, max_value=10_000), st.text())
def test_d26_a_message_id_is_a_uuid_of_version_7_and_tells_its_time(at: datetime, asked: int, name: str) -> None:
    at = at.replace(tzinfo=UTC)
    text = message_id(but(CaseWorld().case, asked=asked), name, at)
    assert UUID(text).version == 7 and UUID(text).variant == "specified in RFC 4122"
    assert UUID(text).int >> 80 == int(at.timestamp() * 1000)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)


def test_d26_message_ids_differ_by_case_by_errand_and_by_attempt() -> None:
    case = CaseWorld().case
    ids = {message_id(but(case, asked=asked, case_id=case_id), name, NOON) for asked in range(5) for case_id in ("a", "b") for name in ("x", "y")}
    assert len(ids) == 20


def test_a_case_begins_once_with_opened() -> None:
    outcome = advance(None, Opened("c-1", "2026-0001", CaseKind.MOVE_ONLY), NOON, Policy())
    assert outcome.verdict is Verdict.MOVED and outcome.case.revision == 1
    assert advance(outcome.case, Opened("c-1", "2026-0001", CaseKind.MOVE_ONLY), NOON, Policy()).verdict is Verdict.DROPPED
    with pytest.raises(ValueError, match="begins with Opened"):
        advance(None, Woke(), NOON, Policy())


def test_a_copy_with_changes_is_a_case_and_leaves_the_first_alone() -> None:
    case = CaseWorld().case
    other = but(case, leg=7)
    assert isinstance(other, Case) and (case.leg, other.leg) == (0, 7) and other != case and but(other, leg=0) == case
    assert case != "a case"


def test_every_duty_and_every_statement_has_its_states() -> None:
    assert set(DUTY_IN) == set(Duty)
    assert set(State) - ANY_TIME == FINAL
    assert all(states <= set(State) and states for states in [*DUTY_IN.values(), *HEARD_IN.values()])
