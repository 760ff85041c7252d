"""People behind the door: found by name, number or case only; protected people opened by two; one shape for everybody."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_world import NOW, POLICY, SERIAL, later, rows

from provisioner.case import inputs as i
from provisioner.case.access import ProtectionLevel, Viewer
from provisioner.case.audit import Access, Purpose
from provisioner.case.model import CaseKind, Notice, Role
from provisioner.fault import PlainError
from provisioner.store.keeping import Person
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
CECILIA, LARS, EVA = (Access(name, "coordinator", Purpose.SUPPORT) for name in ("cecilia", "lars", "eva"))
NUMBER = "189001019802"
FIELDS = {"name": "Astrid Exempelsson", "person_number": "18900101-9802", "phone": "013-555 01 23"}


def with_forms(store: SqlStore, case_id: str = "case-1", number: str = FIELDS["person_number"], name: str = FIELDS["name"]) -> None:
    """A case with both forms of one person."""
    store.take(case_id, i.Opened(case_id, "K-" + case_id, CaseKind.MOVE_ONLY), NOW, POLICY)
    for part, address, statement in (("handing-over", "Storgatan 12", i.HandingOverNotice), ("receiving", "Nygatan 4", i.ReceivingNotice)):
        ref, fields = f"form-{case_id}-{part}", {"name": name, "person_number": number, "phone": FIELDS["phone"], "address": address}
        store.put_person(Person(ref, "form", fields), NOW)
        notice = Notice(ref, NOW, store.references().subject(fields) or "", "unit-1", "provider-1", f"site-{part}", None, None, (), SERIAL)
        assert store.take(case_id, i.Said("unit-form", Role.UNIT, statement(notice)), NOW, POLICY).outcome.refusal is None


def test_d21_cases_are_found_by_whole_name_and_number_and_by_nothing_else(open_store: Open) -> None:
    store = open_store()
    with_forms(store)
    with_forms(store, "case-2", "191401682396", "Bo Exempelsson")
    for found in (store.find_person(NOW, CECILIA, person_number=NUMBER), store.find_person(NOW, CECILIA, person_number="18900101-9802"),
                  store.find_person(NOW, CECILIA, name="exempelsson,  ASTRID")):
        assert [one.case_id for one in found] == ["case-1"]
    for name in ("Astrid", "Exempelsson", "Storgatan 12", "013-555 01 23", "%", "Astrid Exempel", "'; DROP TABLE people; --", "\u202e", ""):
        assert store.find_person(NOW, CECILIA, name=name) == []
    lines = [(line.action, line.kind, line.ref, line.count) for line in store.audit_lines() if line.actor == "cecilia"]
    assert lines[:2] == [("searched", "by-number", "", 1), ("found", "case", "case-1", 1)] and lines[-1] == ("searched", "by-name", "", 0)


def test_index_holds_no_name_and_no_number(open_store: Open, url: str) -> None:
    with_forms(open_store())
    text = str(rows(url, "person_index")) + str(rows(url, "case_people")) + str(rows(url, "audit"))
    assert not any(word in text for word in ("Astrid", "1890", "9802", "Storgatan")) and len(rows(url, "person_index")) == 4


def test_forms_of_before_the_index_get_theirs_later(open_store: Open, url: str) -> None:
    store = open_store()
    with_forms(store)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM person_index"))
        connection.execute(sa.text("DELETE FROM protections"))
    engine.dispose()
    assert store.find_person(NOW, CECILIA, name=FIELDS["name"]) == []
    assert store.index_people(NOW, most=1) is not None and store.index_people(NOW) is None
    assert len(store.find_person(NOW, CECILIA, name=FIELDS["name"])) == 1 and len(rows(url, "protections")) == 1


def test_d19_protected_person_is_opened_by_two_for_a_quarter_of_an_hour_and_seen_by_those_two(open_store: Open) -> None:
    store = open_store()
    with_forms(store)
    store.protect("case-1", ProtectionLevel.PROTECTED_REGISTRATION, NOW, CECILIA)

    def address(who: Access, at: float) -> str | None:
        found = store.read_case_person("case-1", Viewer.COORDINATOR, later(at), who)
        assert found is not None and found.level is ProtectionLevel.PROTECTED_REGISTRATION and found.confirmation == "K-case-1"
        return found.fields["new_address"]

    assert address(CECILIA, 1) is None
    ref = store.ask_opening("case-1", "nattpatrullen hittar inte porten", later(2), CECILIA)
    assert address(CECILIA, 3) is None, "one pair of eyes opens nothing"
    for who, at, code in ((CECILIA, 4.0, "same_person"), (LARS, 2 + 901.0, "opening_late")):
        with pytest.raises(PlainError, match=code):
            store.open_asked("case-1", ref, later(at), who)
    assert store.opening_reason("case-1", ref, later(4), LARS) == "nattpatrullen hittar inte porten"
    store.open_asked("case-1", ref, later(5), LARS)
    assert address(CECILIA, 6) == address(LARS, 6) == "Nygatan 4" and address(EVA, 6) is None
    assert address(LARS, 5 + 901) is None
    with pytest.raises(PlainError, match="unknown_opening"):
        store.open_asked("case-1", "op-NONE", later(6), LARS)
    assert [(line.actor, line.action) for line in store.audit_of("case-1") if line.action in ("asked", "opened")] == [("cecilia", "asked"), ("lars", "opened")]
    assert store.protected_cases(NOW, EVA) == ["case-1"]


def test_d19_everybody_has_a_row_of_one_length_and_hits_of_one_shape(open_store: Open, url: str) -> None:
    store = open_store()
    with_forms(store)
    with_forms(store, "case-2", "191401682396", "Bo Exempelsson")
    hit = store.find_person(NOW, CECILIA, name="Bo Exempelsson")
    lengths = set()
    for level in ProtectionLevel:
        store.protect("case-2", level, NOW, CECILIA)
        lengths |= {len(bytes(row["sealed"])) for row in rows(url, "protections")}
        assert len(rows(url, "protections")) == 2
        assert store.find_person(NOW, CECILIA, name="Bo Exempelsson") == hit
        files = [store.read_case_person(case, Viewer.COORDINATOR, NOW, CECILIA) for case in ("case-1", "case-2")]
        assert files[0] is not None and files[1] is not None and set(files[0].fields) == set(files[1].fields)
    assert len(lengths) == 1


def test_protection_is_the_persons_in_all_their_cases(open_store: Open) -> None:
    store = open_store()
    with_forms(store)
    with_forms(store, "case-2")
    store.protect("case-1", ProtectionLevel.SECRECY_MARKING, NOW, CECILIA)
    found = store.read_case_person("case-2", Viewer.HANDING_OVER_UNIT, NOW, CECILIA)
    assert found is not None and found.fields["old_address"] is None and found.fields["protection"] == "secrecy_marking"
    with pytest.raises(PlainError, match="no_person"):
        store.protect("nobody", ProtectionLevel.NONE, NOW, CECILIA)


def test_replaced_form_belongs_to_no_case(open_store: Open, url: str) -> None:
    store = open_store()
    with_forms(store)
    notice = Notice("form-better", NOW, "person-x1", "unit-1", "provider-1", "site-new-one", None, None, ())
    store.take("case-1", i.Said("unit-form", Role.UNIT, i.ReceivingNotice(notice)), NOW, POLICY)
    assert {row["form_ref"] for row in rows(url, "case_people")} == {"form-case-1-handing-over", "form-better"}


def test_device_card_leads_to_no_person_home_or_case(open_store: Open) -> None:
    store = open_store()
    with_forms(store)
    assert store.device_card(SERIAL) is None
    store.put_receipt("kv-1", SERIAL, "{}", NOW)
    card = store.device_card(SERIAL)
    assert card is not None and card["receipts"] == ["kv-1"]
    assert not any(word in str(card) for word in ("case-1", "site-", "person-", "form-"))


def test_nobody_reads_a_person_from_repr(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    with_forms(store)
    found = store.read_case_person("case-1", Viewer.COORDINATOR, NOW + timedelta(seconds=1), CECILIA)
    assert found is not None and "Astrid" not in repr(found) and "Storgatan" in str(found.fields["old_address"])
    assert "Astrid" not in repr(store.references())
