"""A sitting: all of it or nothing, on both databases, whoever else sits at the same moment."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioner.case.audit import Access, Purpose
from provisioner.case.identifiers import AssetNumber, SerialNumber
from provisioner.case.inputs import Opened
from provisioner.case.model import Binding, BindingState, Case, CaseKind, Consent, Mount, Scan, State, but
from provisioner.case.pairing import Pairing
from provisioner.case.policy import Policy
from provisioner.fault import PlainError
from provisioner.front_desk import Desk, receive
from provisioner.notices import NoticesWrong, parse_notices
from provisioner.store.register import Site, Unit, follow_register
from provisioner.store.sql import SqlStore
from tests.case.world import to_ready, world_at
from tests.cli.desk import forms

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCESS = Access("desk-1", "unit", Purpose.INTAKE)
POLICY = Policy()


def take(store: SqlStore, *roles: str, **changes: str) -> list[Pairing]:
    """The notices of these units, taken in one sitting."""
    rows = parse_notices([{**forms()[role], "role": role, "case_kind": "MOVE_ONLY", **changes} for role in roles])
    desk = Desk(store.references(), NOW, POLICY, "test", "desk-1")
    return [one.pairing for one in store.sit(lambda sitting: receive(sitting, rows, desk), NOW, POLICY, ACCESS)]


def test_r25_one_wrong_row_undoes_the_whole_sitting(open_store: Callable[..., SqlStore]) -> None:
    store = open_store()
    before = store.audit_head()[0]
    rows = parse_notices([{**forms()["handing_over"], "role": "handing_over", "case_kind": kind} for kind in ("MOVE_ONLY", "MOVE_AND_PROVIDER_CHANGE")])
    desk = Desk(store.references(), NOW, POLICY, "test", "desk-1")
    with pytest.raises(NoticesWrong) as wrong:
        store.sit(lambda sitting: receive(sitting, rows, desk), NOW, POLICY, ACCESS)
    assert [one.row for one in wrong.value.faults] == [2]
    assert store.list_cases(open_only=False) == [] and store.audit_head()[0] == before
    assert take(store, "handing_over") == [Pairing.OPENED], "and nothing of it stands in the way"
    assert store.verify_audit().broken is None


def test_what_a_bug_cut_off_is_not_half_there(open_store: Callable[..., SqlStore]) -> None:
    store = open_store()

    def work(sitting: Any) -> None:
        sitting.take("case-a", Opened("case-a", "2026-AAAA1", CaseKind.MOVE_ONLY))
        sitting.put_form("form-half-done", {"name": "Astrid"})
        raise RuntimeError("a bug of ours")

    with pytest.raises(RuntimeError):
        store.sit(work, NOW, POLICY, ACCESS)
    assert store.list_cases(open_only=False) == [] and store.read_person("form-half-done", NOW, ACCESS) is None


def test_the_register_on_both_databases(open_store: Callable[..., SqlStore]) -> None:
    store = open_store()
    for name in ("Grupp 2", "Grupp 3"):
        store.put_unit(Unit("unit-group-2", "provider-norr", name, "Hemtjänst Norr", "g@example.org", "+46135550130"), NOW, ACCESS)
    assert [(unit.name, unit.provider) for unit in store.units(NOW, ACCESS)] == [("Grupp 3", "Hemtjänst Norr")]
    assert store.units(NOW, ACCESS, "unit-nobody") == [] and "Grupp" not in repr(store.units(NOW, ACCESS))
    store.put_site(Site("site-storgatan", "ordinary", ("hall",)), NOW, ACCESS)
    assert store.sites("site-storgatan") == store.sites() == [Site("site-storgatan", "ordinary", ("hall",))]
    store.put_camera(SerialNumber("ACCC8EF8431B"), AssetNumber("LKP-004711"), "site-storgatan", "hall", NOW, ACCESS)
    with pytest.raises(PlainError, match="asset_number_taken"):
        store.put_camera(SerialNumber("ACCC8E000002"), AssetNumber("LKP-004711"), None, None, NOW, ACCESS)
    assert store.cameras("LKP-004711") == store.cameras("ACCC8EF8431B") == store.cameras()
    assert store.site_card("site-storgatan", NOW, ACCESS)["cameras"] == [{"serial": "ACCC8EF8431B", "asset_number": "LKP-004711", "room": "hall"}]


def test_h20_an_older_answer_never_replaces_a_later_one(open_store: Callable[..., SqlStore]) -> None:
    """A phone's queue of yesterday: the consent that was refused since stays refused."""
    store = open_store()
    store.put_consent("person-one", "site-one", "service_user", False, NOW, ACCESS)
    store.put_consent("person-one", "site-one", "service_user", True, NOW - timedelta(hours=20), ACCESS)
    [one] = store.consents("person-one", NOW, ACCESS)
    assert not one.given and not one.holds and one.recorded_at == NOW


def test_r6_r15_two_halves_at_one_moment_are_one_case(open_store: Callable[..., SqlStore]) -> None:
    """Two programs, each with one unit's form, neither knowing of the other."""
    stores, found = [open_store(), open_store()], []
    start = threading.Barrier(2)

    def one(store: SqlStore, role: str) -> None:
        start.wait(10)
        found.extend(take(store, role))

    threads = [threading.Thread(target=one, args=pair) for pair in zip(stores, ("handing_over", "receiving"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(found) == [Pairing.OPENED, Pairing.PAIRED]
    assert len(stores[0].list_cases(open_only=False)) == 1 and stores[0].verify_audit().broken is None


def test_d3_d14_where_a_camera_hangs_follows_its_case(open_store: Callable[..., SqlStore]) -> None:
    """To the new home with the re-bind, nowhere once it was swapped out or supervision has ended; said again without a home, its home stays."""
    store = open_store()
    serial = SerialNumber("ACCC8EF8431B")
    store.put_camera(serial, AssetNumber("LKP-004711"), "site-storgatan", "hall", NOW, ACCESS)
    store.put_camera(serial, AssetNumber("LKP-004711"), None, None, NOW, ACCESS)

    def there(site: str) -> list[str | None]:
        return [one["room"] for one in store.site_card(site, NOW, ACCESS)["cameras"]]

    assert there("site-storgatan") == ["hall"]
    case = Case("case-a", "2026-AAAA1", CaseKind.MOVE_ONLY, NOW, expected_serial=serial)
    moved = but(case, began_at=NOW, new_binding=Binding("b-1", serial, "site-nygatan", "p-1", "s-1", BindingState.ACTIVE, 3), rebind_completed=True)
    with store._write() as tx:
        follow_register(tx, case, moved, "anna", NOW)
    assert there("site-storgatan") == [] and there("site-nygatan") == [None], "in which room is asked anew"
    for after in (but(moved, replaced_serials=(serial,)), but(moved, state=State.TERMINATED)):
        store.put_camera(serial, AssetNumber("LKP-004711"), "site-nygatan", "bedroom", NOW, ACCESS)
        with store._write() as tx:
            follow_register(tx, moved, after, "anna", NOW)
        assert there("site-nygatan") == []


def test_r1_h20_what_was_answered_at_the_mounting_is_in_the_register(open_store: Callable[..., SqlStore]) -> None:
    store = open_store()
    case = world_at(to_ready).case
    scan = Scan(SerialNumber("ACCC8EF8431B"), "anna", NOW)
    consents = (Consent("service_user", True, NOW), Consent("cohabitant-1", False, NOW))
    with store._write() as tx:
        follow_register(tx, case, but(case, mount=Mount(scan, consents, True, "KS-2026-14")), "anna", NOW)
    assert case.receiving is not None
    found = store.consents(case.receiving.person_ref, NOW, ACCESS)
    assert [(one.site_ref, one.subject, one.holds, one.recorded_by) for one in found] == [
        (case.receiving.site_ref, "cohabitant-1", False, "anna"), (case.receiving.site_ref, "service_user", True, "anna")]
