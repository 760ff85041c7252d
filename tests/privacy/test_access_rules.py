"""Who sees what: the whole table, over all roles and fields, and the four eyes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.access import (
    Field,
    Opening,
    ProtectionLevel,
    Sight,
    Viewer,
    confirmation,
    confirmation_for,
    masked_number,
    may_ask,
    may_open,
    opening_in_force,
    shown,
    sight,
)

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
FORMS = {
    "handing_over": {"name": "Astrid Exempelsson", "person_number": "18900101-9802", "address": "Storgatan 12, 582 23", "phone": "013-555 01 23", "unit": "Grupp 2",
                     "provider": "Norr", "contacts": "Bo OLDKONTAKT", "sender_name": "Karin", "sender_email": "karin@example.org", "sender_phone": "013-1"},
    "receiving": {"name": "Astrid Exempelsson", "person_number": "18900101-9802", "address": "Nygatan 4, 582 19", "phone": "013-555 01 23", "unit": "Grupp 5",
                  "provider": "Syd", "contacts": "Eva NEWKONTAKT", "sender_name": "Maj", "sender_email": "maj@example.org", "sender_phone": "013-2",
                  "street_key": "yes", "sign_languages": "sv, so"},
}
viewers, fields, levels = st.sampled_from(Viewer), st.sampled_from(Field), st.sampled_from(ProtectionLevel)
visits = st.sampled_from([None, "old", "new"])


@given(viewers, levels, st.booleans(), visits)
def test_h6_no_role_sees_the_other_side_of_a_move(viewer: Viewer, level: ProtectionLevel, opened: bool, visit: str | None) -> None:
    found = shown(viewer, FORMS, level, opened=opened, visit=visit)  # type: ignore[arg-type]
    text = " ".join(value for value in (*found.values(), confirmation_for(viewer, FORMS, level, "", visit)) if value)  # type: ignore[arg-type]
    assert set(found) == {field.value for field in Field}, "the same fields for everybody"
    if viewer is Viewer.HANDING_OVER_UNIT:  # R43: neither the new address nor the new provider
        assert not any(word in text for word in ("Nygatan", "Syd", "Grupp 5", "maj@", "NEWKONTAKT"))
    if viewer is Viewer.RECEIVING_UNIT:
        assert not any(word in text for word in ("Storgatan", "karin@", "OLDKONTAKT"))
    if viewer is Viewer.OPERATOR:
        assert text == "", "nothing personal at the alarm centre"
    if viewer is Viewer.TECHNICIAN:
        assert ("Storgatan 12" in text) <= (visit == "old") and ("Nygatan" in text) <= (visit == "new") and "9802" not in text
    if viewer is not Viewer.SUBJECT:
        assert "18900101" not in text, "the whole number is shown to nobody but the person"
    if viewer is Viewer.SUBJECT:
        assert not any(word in text for word in ("Karin", "Maj", "KONTAKT")), "nothing of third parties"
    if level is not ProtectionLevel.NONE and not opened:
        assert {name for name, value in found.items() if value} <= {"protection"}, "a protected person is opened by two first"


@given(viewers, fields, visits, st.booleans())
def test_protection_only_ever_takes_away_and_an_opening_gives_back_no_more_than_the_role(viewer: Viewer, field: Field, visit: str | None, opened: bool) -> None:
    order = [Sight.NO, Sight.MASKED, Sight.YES]
    plain = sight(viewer, field, protected=False, opened=opened, visit=visit)  # type: ignore[arg-type]
    assert order.index(sight(viewer, field, protected=True, opened=False, visit=visit)) <= order.index(plain)  # type: ignore[arg-type]
    assert sight(viewer, field, protected=True, opened=True, visit=visit) is plain  # type: ignore[arg-type]


def test_technician_sees_the_dwelling_of_the_day_and_its_keys() -> None:
    found = shown(Viewer.TECHNICIAN, FORMS, ProtectionLevel.NONE, visit="new")
    assert found["new_address"] == "Nygatan 4, 582 19" and found["old_address"] is None and found["keys"] == "yes"
    assert shown(Viewer.TECHNICIAN, FORMS, ProtectionLevel.NONE)["new_address"] is None


def test_h2_confirmation_is_initials_year_and_street_and_for_protected_people_the_case_alone() -> None:
    assert confirmation("Astrid Exempelsson", "18900101-9802", "Storgatan 12, 582 23 Linköping", ProtectionLevel.NONE, "K-1") == "A.E. 1890 Storgatan"
    assert confirmation("Åke von Ö", "", "Lilla Torget 3B lgh 1101", ProtectionLevel.NONE, "K-1") == "Å.V.Ö. Lilla Torget"
    for level in set(ProtectionLevel) - {ProtectionLevel.NONE}:
        assert confirmation("Astrid Exempelsson", "189001019802", "Storgatan 12", level, "K-1") == "K-1"
    assert confirmation("", "", "", ProtectionLevel.NONE, "K-1") == "K-1"


@given(st.text(alphabet="0123456789- ", max_size=16))
def test_masked_number_never_tells_the_birthday(number: str) -> None:
    assert sum(sign.isdigit() for sign in masked_number(number)) <= 4
    assert masked_number("189001019802") == "18••••••-••02"


def test_h6_four_eyes_are_two_people_in_time_with_a_reason() -> None:
    asked = Opening("op-1", "cecilia", NOW)
    minute = timedelta(minutes=1)
    assert may_ask("för kort") is not None and may_ask("          ") is not None and may_ask("nattpatrullen hittar inte porten") is None
    assert may_open(asked, "lars", NOW + 15 * minute) is None
    for actor, at, code in (("cecilia", NOW, "same_person"), ("CECILIA", NOW, "same_person"), ("lars", NOW + 16 * minute, "opening_late"),
                            ("lars", NOW - minute, "opening_late")):
        refused = may_open(asked, actor, at)
        assert refused is not None and refused.code == code
    opened = Opening("op-1", "cecilia", NOW, "lars", NOW + minute)
    assert may_open(opened, "third", NOW + minute) is not None
    for actor, at, sees in (("cecilia", 2, True), ("lars", 16, True), ("lars", 17, False), ("third", 2, False), ("lars", 0, False)):
        assert opening_in_force(opened, actor, NOW + at * minute) is sees
    assert not opening_in_force(asked, "cecilia", NOW)


@pytest.mark.parametrize("viewer", Viewer)
def test_every_role_has_its_column(viewer: Viewer) -> None:
    assert {sight(viewer, field, protected=False, opened=False) for field in Field} <= set(Sight)
