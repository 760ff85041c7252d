"""People and camera places are sealed; lists, finding and heartbeats."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_world import NOW, POLICY, SEALER, SERIAL, Script, later, opened, said

from provisioner.case.audit import Access, Purpose
from provisioner.case.model import CaseKind, State
from provisioner.fault import PlainError
from provisioner.store.keeping import CameraPlace, Person
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
ASTRID = Person("person-1", "service_user", {
    "name": "Astrid Lindström", "number": "19121212-1212", "address": "Storgatan 12", "phone": "+46701740605",
})
ME = Access("cecilia", "coordinator", Purpose.SUPPORT)
PLACE = CameraPlace("192.168.77.15", 8080)


def test_sealed_data_comes_back_and_is_replaced(open_store: Open) -> None:
    store = open_store()
    assert store.read_person("person-1", NOW, ME) is None
    assert store.get_place(SERIAL) is None
    store.put_person(ASTRID, NOW)
    store.put_place(SERIAL, PLACE, NOW)
    assert store.read_person("person-1", NOW, ME) == ASTRID
    assert store.get_place(SERIAL) == PLACE
    moved = Person("person-1", "service_user", {**ASTRID.fields, "address": "Nygatan 3"})
    store.put_person(moved, later(1))
    assert store.read_person("person-1", NOW, ME) == moved


def test_sealed_data_cannot_be_read_in_any_file_of_the_database(open_at: Open, sqlite_path: Path) -> None:
    store = open_at(f"sqlite:///{sqlite_path}")
    store.put_person(ASTRID, NOW)
    store.put_place(SERIAL, PLACE, NOW)

    def holds_nothing() -> None:
        files = list(sqlite_path.parent.iterdir())
        for file in files:
            content = file.read_bytes()
            for word in (*ASTRID.fields.values(), "Astrid", "Storgatan", "1212", PLACE.host, "192.168."):
                for encoded in (word.encode(), word.encode("utf-16-le"), word.encode("unicode_escape")):
                    assert encoded not in content, (file.name, word)
        assert any(b"person-1" in file.read_bytes() for file in files)  # we do look where the rows are

    holds_nothing()
    store.close()  # the WAL goes into the file
    holds_nothing()


def test_values_do_not_show_themselves_in_a_log_line() -> None:
    assert "Astrid" not in f"{ASTRID!r} {ASTRID} {PLACE!r} {SEALER!r}"
    assert "192" not in f"{PLACE!r} {PLACE}"


def test_same_data_is_sealed_differently_each_time_and_begins_with_the_key_id() -> None:
    one, two = SEALER.seal(b"Astrid", "person/1"), SEALER.seal(b"Astrid", "person/1")
    assert one != two
    assert (one[0], two[0]) == (1, 1)
    assert SEALER.open(one, "person/1") == SEALER.open(two, "person/1") == b"Astrid"


@pytest.mark.parametrize("change", [
    lambda blob: blob[:-1] + bytes([blob[-1] ^ 1]), lambda blob: blob[:9], lambda blob: b"",
], ids=["one bit", "cut", "empty"])
def test_changed_blob_does_not_open(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(PlainError, match="seal_broken"):
        SEALER.open(change(SEALER.seal(b"Astrid", "person/1")), "person/1")


def test_blob_of_another_person_or_another_key_does_not_open(open_store: Open, url: str) -> None:
    store = open_store()
    store.put_person(ASTRID, NOW)
    store.put_person(Person("person-2", "service_user", {"name": "Bo"}), NOW)
    with pytest.raises(PlainError, match="seal_broken"):
        open_store(sealer=Sealer(bytes(32))).read_person("person-1", NOW, ME)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE people SET sealed = (SELECT sealed FROM people WHERE person_ref = 'person-1')"))
    engine.dispose()
    with pytest.raises(PlainError, match="seal_broken"):
        store.read_person("person-2", NOW, ME)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_key_of_a_wrong_length_is_refused_with_a_sentence(length: int) -> None:
    with pytest.raises(PlainError) as caught:
        Sealer(bytes(length))
    assert str(length) in caught.value.text.sv


def test_cases_are_listed_the_last_changed_first_and_open_ones_only_where_wanted(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    for case_id in ("case-1", "case-2", "case-3"):
        opened(store, case_id)
    script.answers(state=State.CLOSED)
    store.take("case-2", said(), later(2), POLICY)
    script.answers(wake_at=later(60))
    store.take("case-1", said(), later(1), POLICY)
    assert [line.case_id for line in store.list_cases()] == ["case-1", "case-3"]
    assert [line.case_id for line in store.list_cases(open_only=False)] == ["case-2", "case-1", "case-3"]
    assert [line.case_id for line in store.list_cases(limit=1)] == ["case-1"]
    line = store.list_cases()[0]
    assert (line.case_number, line.kind, line.state, line.revision, line.is_open) == ("K-case-1", CaseKind.MOVE_ONLY, State.DRAFT, 2, True)
    assert (line.wake_at, line.opened_at, line.updated_at) == (later(60), NOW, later(1))


def test_case_is_found_by_number_id_or_the_beginning_of_either(open_store: Open) -> None:
    store = open_store(decide=Script())
    for case_id in ("abc-1", "abc-11", "xyz-5"):
        opened(store, case_id)
    for wanted, case_id in (("K-abc-1", "abc-1"), ("abc-1", "abc-1"), ("k-ABC-11", "abc-11"), (" x ", "xyz-5"), ("k-x", "xyz-5")):
        assert store.find_case(wanted).case_id == case_id
    with pytest.raises(PlainError) as caught:
        store.find_case("abc")
    assert caught.value.code == "ambiguous_case"
    assert "K-abc-1, K-abc-11" in caught.value.text.sv
    for wanted in ("", " ", "q", "%", "_", "abc-1' OR 1=1", "a*"):
        with pytest.raises(PlainError, match="unknown_case"):
            store.find_case(wanted)
    for wanted in ("\x00", "caf\udce9"):
        with pytest.raises(PlainError):
            store.find_case(wanted)


def test_heartbeats_are_kept_per_worker_and_a_new_process_is_a_new_start(open_store: Open) -> None:
    store = open_store()
    store.beat("w1", 11, NOW)
    store.beat("w2", 12, later(1))
    store.beat("w1", 11, later(5))
    assert [(beat.worker, beat.pid, beat.started_at, beat.beat_at) for beat in store.daemons()] == [
        ("w1", 11, NOW, later(5)), ("w2", 12, later(1), later(1))]
    store.beat("w1", 99, later(9))
    assert store.daemons()[0].started_at == later(9)


def test_a_camera_that_moves_keeps_its_pin(open_store: Open) -> None:
    store = open_store()
    store.put_place(SERIAL, CameraPlace("192.0.2.1", 443, tls=True, pin="ab" * 32, profile="axis"), NOW)
    store.move_place(SERIAL, "192.0.2.9", 8443, NOW)
    assert store.get_place(SERIAL) == CameraPlace("192.0.2.9", 8443, tls=True, pin="ab" * 32, profile="axis")


def test_steps_at_cameras_are_one_row_each_and_the_last_one_counts(open_store: Open) -> None:
    store = open_store()
    assert store.step_of(SERIAL) is None
    store.note_steps({SERIAL: "login", "OTHER01": "waiting"}, NOW)
    store.note_steps({SERIAL: "judging"}, later(1))
    assert store.step_of(SERIAL) == ("judging", later(1)) and store.step_of("OTHER01") == ("waiting", NOW)


def test_all_places_are_listed_by_serial_number(open_store: Open) -> None:
    store = open_store()
    assert store.places() == {}
    store.put_place(SERIAL, PLACE, NOW)
    assert store.places() == {SERIAL: PLACE}
