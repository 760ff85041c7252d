"""What is pinned of a camera: written with the case that confirmed it, never over what the depot pinned meanwhile, and cheap to ask of a large fleet."""

import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from store_world import NOW, POLICY, SERIAL, Script, later, opened, rows, said

from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy, Kind, Verdict
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Judged
from provisioner.fault import PlainError, Text
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]


def seen(serial: str = SERIAL, mac: str = "AC:CC:8E:12:34:56", firmware: str = "1") -> Dossier:
    return Dossier((Evidence(Kind.LABEL_SCANNED, serial), Evidence(Kind.SERIAL_AFTER_LOGIN, serial), Evidence(Kind.MAC, mac), Evidence(Kind.FIRMWARE, firmware)), NOW)


def confirm(store: SqlStore, script: Script, pinned: Dossier | None, kept: Dossier) -> None:
    """The core confirms the camera of case-1."""
    judged = Judged(Verdict.CONFIRMED, "unmarked", SERIAL, seen(), pinned, IdentityPolicy())
    script.answers(expected_serial=SERIAL, judged=judged, dossier=kept)
    store.take("case-1", said(), later(1), POLICY)


def test_first_touch_is_pinned_in_the_transaction_of_the_case(open_store: Open, url: str) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    assert store.pinned_of(SERIAL) is None
    confirm(store, script, None, seen())
    assert store.pinned_of(SERIAL) == seen()
    (row,) = rows(url, "dossiers")
    assert (row["serial"], row["pinned_by"], row["reason"]) == (SERIAL, "case-1", None)
    assert {row["value"] for row in rows(url, "dossier_marks")} == {SERIAL, "ACCC8E123456"}, "the serial number and the MAC address are one value here"


def test_a_renewed_dossier_replaces_the_one_it_was_judged_by_and_no_other(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    confirm(store, script, None, seen())
    confirm(store, script, seen(), seen(firmware="2"))
    assert store.pinned_of(SERIAL) == seen(firmware="2")
    by_hand = seen(mac="AC:CC:8E:99:99:99")
    store.pin_dossier(SERIAL, by_hand, later(2), reason="the board was replaced")
    confirm(store, script, seen(firmware="2"), seen(firmware="3"))
    assert store.pinned_of(SERIAL) == by_hand, "the depot pinned it anew while the case was under way"
    confirm(store, script, None, seen(firmware="4"))
    assert store.pinned_of(SERIAL) == by_hand


def test_nothing_is_pinned_where_the_transaction_fails(open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)

    def broken(*_: object) -> None:
        raise PlainError("disk_full", Text("Full.", "Full."))

    monkeypatch.setattr("provisioner.store.taking.settle_left", broken)
    with pytest.raises(PlainError):
        confirm(store, script, None, seen())
    assert store.pinned_of(SERIAL) is None


def test_why_it_was_pinned_again_is_kept(open_store: Open, url: str) -> None:
    store = open_store()
    store.pin_dossier(SERIAL, seen(), NOW)
    store.pin_dossier(SERIAL, seen(mac="AC:CC:8E:99:99:99"), later(1), reason="the board was replaced")
    store.pin_dossier(SERIAL, seen(mac="AC:CC:8E:99:99:99", firmware="2"), later(2))
    (row,) = rows(url, "dossiers")
    assert (row["pinned_by"], row["reason"]) == ("depot", "the board was replaced")
    assert {row["value"] for row in rows(url, "dossier_marks")} == {SERIAL, "ACCC8E999999"}


def test_the_fleet_knows_what_several_cameras_have_and_whose_numbers_are_whose(open_store: Open) -> None:
    store = open_store()
    for serial, mac in (("T4C200FE1", "3c:ef:8c:01:02:03"), ("T4C200FE2", "3CEF8C010203"), ("T4C200FE3", "14:a7:8b:00:00:03")):
        store.pin_dossier(serial, seen(serial, mac), NOW)
    told = (Evidence(Kind.SERIAL_AFTER_LOGIN, "t4c200-fe3"), Evidence(Kind.MAC, "3c-ef-8c-01-02-03"), Evidence(Kind.MAC, "14:a7:8b:00:00:03"))
    pinned, known = store.identity_knowledge("T4C200FE1", told)
    assert pinned == seen("T4C200FE1", "3c:ef:8c:01:02:03")
    assert known == IdentityPolicy(shared=("3CEF8C010203",), known_serials=("T4C200FE3",)), "one camera alone shares nothing with itself"
    assert store.identity_knowledge("UNKNOWN1", ()) == (None, IdentityPolicy())
    assert store.held_by_others("T4C200FE9", told) == {"T4C200FE1": 1, "T4C200FE2": 1, "T4C200FE3": 2}


def test_asking_costs_the_same_of_a_large_fleet(open_store: Open) -> None:
    store = open_store()
    told = tuple(Evidence(Kind.MAC, f"3c:ef:8c:00:01:{number:02x}") for number in range(16))

    def asked_s() -> float:
        begun = time.perf_counter()
        for _ in range(20):
            store.identity_knowledge("CAMERA0007", told)
        return time.perf_counter() - begun

    store.pin_dossier("CAMERA0007", seen("CAMERA0007"), NOW)
    few_s = min(asked_s() for _ in range(3))
    for number in range(300):
        store.pin_dossier(f"CAMERA1{number:03}", seen(f"CAMERA1{number:03}", f"3c:ef:8c:00:{number // 256:02x}:{number % 256:02x}"), NOW)
    assert min(asked_s() for _ in range(3)) < 4 * few_s + 0.05


def test_a_dossier_of_a_newer_version_is_a_sentence_and_not_a_guess(open_store: Open, url: str) -> None:
    store = open_store()
    store.pin_dossier(SERIAL, seen(), NOW)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE dossiers SET body = '{}'"))
    engine.dispose()
    with pytest.raises(PlainError, match="row_unreadable"):
        store.pinned_of(SERIAL)


def test_a_swapped_in_camera_is_pinned_under_its_own_number(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    other = SerialNumber("B8A44F112233")
    script.answers(expected_serial=other, judged=Judged(Verdict.CONFIRMED, "unmarked", other, seen(other), None, IdentityPolicy()), dossier=seen(other))
    store.take("case-1", said(), later(1), POLICY)
    assert store.pinned_of(other) == seen(other) and store.pinned_of(SERIAL) is None
