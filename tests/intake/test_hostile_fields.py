"""Each field of each form, and each way to fill it in wrongly: taken as it is, or a sentence in both languages that names the field and the way out."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.case.identifiers import is_opaque
from provisioner.case.model import CaseKind
from provisioner.case.pairing import Incoming
from provisioner.case.policy import Policy
from provisioner.fault import PlainError
from provisioner.form_fields import national, phone
from provisioner.intake import MANDATORY, References, form_fields, form_of, to_notice
from provisioner.notices import ROLES, BothNotice, NoticesWrong, forms_of, parse_notices
from provisioner.wrong import Wrong
from tests.cli.desk import forms

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = References(bytes(32))
RTL, NUL, EMOJI = "Anna\u202egnp.exe", "Anna\x00", "Anna 👵🏽"
HOSTILE = {
    "sql": "Robert'); DROP TABLE cases;--", "html": "<img src=x onerror=alert(1)>", "rtl": RTL, "nul": NUL, "emoji": EMOJI, "long": "9" * 401,
    "10 MB": "A" * 10_000_000, "number": 7, "list": ["x", {}], "object": {"$ne": ""}, "true": True, "surrogate": "Anna\ud800", "private": "Anna\ue000",
}


def complete(role: str) -> dict[str, Any]:
    """A form that lacks nothing."""
    both = {**forms()["receiving"], **forms()["handing_over"]}
    fields = {**(both if role == "both" else forms()[role]), "role": role, "case_kind": "MOVE_ONLY"}
    more = {"new_address": "Nygatan 4", "new_site_ref": "site-nygatan", "new_contacts": []} if role == "both" else {}
    return {**fields, **more, "form_ref": "form-hostile", "unit_ref": "unit-grupp-2", "provider_effective_at": "2027-02-01T07:00:00+01:00", "housing": "ordinary"}


FIELDS = [(role, field) for role, model in ROLES.items() for field in model.model_fields]


def told(raw: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is said: field, Swedish, English; nothing where it was taken."""
    try:
        [row] = parse_notices([raw])
        for form in forms_of(row.notice):
            to_notice(form, KEY, NOW, Policy(), "test")
    except NoticesWrong as wrong:
        return [(one.field, one.text.sv, one.text.en) for one in wrong.faults]
    except PlainError as wrong:
        return [(wrong.field, wrong.text.sv, wrong.text.en)]
    return []


@pytest.mark.parametrize("role", ROLES)
def test_a_form_that_lacks_nothing_is_taken(role: str) -> None:
    assert told(complete(role)) == []


@pytest.mark.parametrize(("role", "field"), FIELDS)
def test_r7_r8_r9_r16_r17_r18_hostile_input_in_each_field_is_a_sentence_that_names_it(role: str, field: str) -> None:
    for kind, value in HOSTILE.items():
        if (field, kind) == ("keys_signed_out", "true"):
            continue  # a good answer
        if kind == "10 MB" and role != "handing_over":
            continue  # a tenth of a second each, and the same models
        sentences = told({**complete(role), field: value})
        assert sentences, f"{field} took {kind}"
        for where, sv, en in sentences:
            assert where.split(".")[0] in (field, "handing_over", "receiving") and (field in where or field == "role"), (where, sv)
            assert sv.endswith(".") and en.endswith(".") and sv != en and field in sv and field in en and len(sv) < 400
            assert "DROP" not in sv and "onerror" not in sv and "AAAA" not in sv and "\u202e" not in sv, "what was typed is not said back"


@pytest.mark.parametrize(("role", "field"), FIELDS)
def test_r25_a_missing_field_is_a_question_to_the_unit_and_no_error(role: str, field: str) -> None:
    """Only what says whose form it is must be there; whatever else is missing is asked for."""
    raw = complete(role)
    raw.pop(field, None)
    sentences = told(raw)
    if field in ("role", "case_kind"):
        assert [where for where, _, _ in sentences] == [field]
        return
    assert sentences == []
    [row] = parse_notices([raw])
    if field in MANDATORY:
        assert all(field in to_notice(form, KEY, NOW, Policy(), "test").missing for form in forms_of(row.notice)[:1])


@pytest.mark.parametrize("part", ["kind", "name", "phone", "email"])
def test_r10_r19_r52_hostile_contacts_too(part: str) -> None:
    for kind, value in HOSTILE.items():
        contact = {"kind": "unit", "name": "Bo", "phone": "013-555 01 25", "email": "bo@example.org", part: value}
        sentences = told({**complete("receiving"), "contacts": [contact]})
        assert [where for where, _, _ in sentences] == [f"contacts.0.{part}" if kind != "surrogate" else "contacts"]


@pytest.mark.parametrize(("typed", "kept"), [
    ("013-555 01 23", "+46135550123"), ("+46 (0)13-555 01 23", "+46135550123"), ("0046 13 555 01 23", "+46135550123"), ("070-555 01 24", "+46705550124"),
    ("08-123 456 78", "+46812345678"), ("+1 202 555 0100", "+12025550100"), ("", "")])
def test_r8_r9_phones_are_kept_as_e164(typed: str, kept: str) -> None:
    assert phone(typed) == kept and (not kept or phone(kept) == kept)
    assert not kept.startswith("+46") or phone(national(kept)) == kept


@pytest.mark.parametrize("typed", ["112", "12", "555 01 23", "070-555 01 2", "013-555 01 23 ankn 4",
                                   "+0135550123", "++46135550123", "ring Bo", "+4613555012345678", "0"])
def test_r8_what_is_no_phone_number(typed: str) -> None:
    with pytest.raises(Wrong) as caught:
        phone(typed)
    assert "013-555 01 23" in caught.value.text.sv


@pytest.mark.parametrize(("mail", "good"), [
    ("karin.svensson@linkoping.se", True), ("a+b@sub.example.org", True), ("å@linköping.se", False), ("karin@linköping.se", True), ("karin@", False),
    ("karin@localhost", False), ("@example.org", False), ("karin@@example.org", False), ("karin@example.org, bo@example.org", False),
    ("Karin <karin@example.org>", False), ("karin@-example.org", False), ("a..b@example.org", False)])
def test_r8_r17_mail_addresses(mail: str, good: bool) -> None:
    assert (told({**complete("receiving"), "sender_email": mail}) == []) is good


@given(st.sampled_from([one for one in FIELDS if one[1] != "role"]), st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)), max_leaves=6))
def test_whatever_stands_in_a_field_it_is_taken_or_told(place: tuple[str, str], value: Any) -> None:
    role, field = place
    for where, sv, en in told({**complete(role), field: value}):
        assert where and sv.endswith(".") and en.endswith(".")


@given(st.dictionaries(st.text(max_size=12), st.none() | st.text(max_size=20), max_size=6))
def test_whatever_is_sent_as_a_form(raw: dict[str, Any]) -> None:
    assert all(sv and en for _, sv, en in told(raw))


@given(st.sampled_from(["013-555 01 23", "+46 13 555 01 23", "0135550123"]), st.sampled_from(["18900101-9802", "189001019802", "18900101 9802"]))
def test_r18_however_a_number_is_written_it_is_one_person(number: str, person: str) -> None:
    [row] = parse_notices([{**complete("receiving"), "phone": number, "person_number": person}])
    notice = to_notice(forms_of(row.notice)[0], KEY, NOW, Policy(), "test")
    assert notice.person_ref == KEY.make("person", "189001019802") and is_opaque(notice.person_ref)


def test_r20_r22_what_is_sealed_of_a_form_gives_the_form_back() -> None:
    """`question answer` builds on it: nothing of a form is lost between the door and the seal."""
    for role in ("handing_over", "receiving"):
        [row] = parse_notices([complete(role)])
        [form] = forms_of(row.notice)
        assert form_of(role, form_fields(form)) == form


def test_u3_both_roles_of_one_form_share_the_person_and_not_the_home() -> None:
    [row] = parse_notices([complete("both")])
    assert isinstance(row.notice, BothNotice)
    old, new = forms_of(row.notice)
    assert (old.address, new.address) == ("Storgatan 12", "Nygatan 4") and old.person_number == new.person_number and old.form_ref != new.form_ref
    incoming = Incoming(CaseKind.MOVE_ONLY, *(to_notice(form, KEY, NOW, Policy(), "test") for form in (old, new)))
    assert len(incoming.notices) == 2
    assert "serial" not in json.dumps(form_fields(new))
