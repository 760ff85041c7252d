"""Firmware versions as makers write them: older, same, newer, or not to be said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.case.firmware import compare_firmware


@pytest.mark.parametrize(("found", "approved", "stands"), [
    ("11.9.60", "11.9.60", "same"), ("10.12.130", "11.9.60", "older"), ("11.10.2", "11.9.60", "newer"), ("11.9", "11.9.0", "same"),  # Axis
    ("7.70.0126", "8.71.0066", "older"),                                                                                            # Bosch
    ("V5.7.3 build 220112", "V5.7.13 build 210101", "older"), ("V5.7.3 build 220112", "V5.7.3 build 230101", "older"),               # Hikvision
    ("V5.7.3 build 220112", "V5.7.3", "same"), ("V5.7.3", "V5.7.3 build 220112", None), ("V5.7.4", "V5.7.3 build 220112", "newer"),
    ("2.800.0000018.0.R", "2.811.0000013.0.R, Build Date 2023-12-20", "older"), ("2.811.0000013.0.R, Build Date 2024-01-02", "2.811.0000013.0.R, Build Date 2023-12-20",
                                                                                "newer"),                                           # Dahua
    ("2.811.0000013.0.T", "2.811.0000013.0.R", None), ("2.420.Dahua 00.14.R, build: 2016-06-18", "2.800.0000018.0.R", None),
    ("v3.1.0.956_22041503", "v3.1.0.2368_23062508", "older"), ("v3.1.0.956_22041503", "v3.1.0.956_22041504", "older"),                # Reolink
    ("1.3.11 Build 240521 Rel.65442n", "1.3.16 Build 240909 Rel.37802n(4555)", "older"),
    ("1.4.2 Build 250725 Rel.72234n", "1.4.2 build 250725 rel.1n", "newer"),                                                        # Tapo
    ("V5.00.R02.000739AG.10010.140400.0020000", "V5.00.R02.000739AG.10010.140400.0020000", "same"),
    ("V5.00.R02.000739AG.10010.140400.0020000", "V5.01", None), ("gm8135_v2", "1.0", None), ("", "1.0.0", None), ("1.0.0", "", None), ("5.7.0-beta", "5.7.0", None),
])
def test_versions_as_makers_write_them(found, approved, stands):
    assert compare_firmware(found, approved) == stands


@settings(max_examples=200, deadline=None)
@given(found=st.text(max_size=60), approved=st.text(max_size=60))
def test_any_text_gets_an_answer_and_both_ways_agree(found, approved):
    there, back = compare_firmware(found, approved), compare_firmware(approved, found)
    if there and back:
        assert {there, back} in ({"same"}, {"older", "newer"})


@settings(max_examples=200, deadline=None)
@given(one=st.lists(st.integers(0, 99999), min_size=2, max_size=5), other=st.lists(st.integers(0, 99999), min_size=2, max_size=5))
def test_numbers_compare_as_numbers(one, other):
    found, approved = ".".join(map(str, one)), "v" + ".".join(map(str, other))
    size = max(len(one), len(other))
    a, b = one + [0] * (size - len(one)), other + [0] * (size - len(other))
    assert compare_firmware(found, approved) == ("same" if a == b else "older" if a < b else "newer")
