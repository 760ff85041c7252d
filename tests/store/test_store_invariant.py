"""H1, invariant 1 and U35, held by the database itself: raw SQL cannot break them either."""

import logging
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from store_world import NOW, POLICY, SERIAL, Script, binding, everything, later, opened, said

from provisioner.case.model import BindingState, State
from provisioner.fault import PlainError
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
ACTIVE, SUSPENDED, TEST, RETIRED = BindingState.ACTIVE, BindingState.SUSPENDED, BindingState.TEST, BindingState.RETIRED
INSERT = sa.text("INSERT INTO bindings (binding_id, serial, site_ref, provider_ref, schedule_ref, state, revision, case_id, updated_at)"
                 " VALUES (:id, :serial, 's', 'p', 's', :state, 1, 'case-1', 0)")


@pytest.mark.parametrize(("first", "second"), [("ACTIVE", "ACTIVE"), ("ACTIVE", "TEST"), ("TEST", "TEST"), ("SUSPENDED", "SUSPENDED")])
def test_h1_of_two_raw_inserts_at_once_exactly_one_wins(open_store: Open, url: str, first: str, second: str) -> None:
    opened(open_store(decide=Script()))
    engine = sa.create_engine(url, connect_args={"timeout": 10} if url.startswith("sqlite") else {})
    barrier, ends = threading.Barrier(2), []

    def insert(name: str, state: str) -> None:
        barrier.wait()
        try:
            with engine.begin() as connection:
                connection.execute(INSERT, {"id": name, "serial": SERIAL, "state": state})
            ends.append("won")
        except IntegrityError:
            ends.append("refused")

    threads = [threading.Thread(target=insert, args=pair) for pair in (("binding-1", first), ("binding-2", second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert sorted(ends) == ["refused", "won"]


def test_h1_raw_update_cannot_bring_back_a_second_live_binding_and_no_state_is_invented(open_store: Open, url: str) -> None:
    opened(open_store(decide=Script()))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for name, state in (("binding-1", "ACTIVE"), ("binding-2", "RETIRED"), ("binding-3", "RETIRED"), ("binding-4", "SUSPENDED")):
            connection.execute(INSERT, {"id": name, "serial": SERIAL, "state": state})
        connection.execute(INSERT, {"id": "binding-5", "serial": "OTHER12345", "state": "ACTIVE"})
    for change in ("state = 'TEST' WHERE binding_id = 'binding-2'", "state = 'SUSPENDED' WHERE binding_id = 'binding-2'",
                   f"serial = '{SERIAL}' WHERE binding_id = 'binding-5'", "state = 'active' WHERE binding_id = 'binding-2'"):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(sa.text("UPDATE bindings SET " + change))
    engine.dispose()


def test_h1_second_live_binding_is_refused_loudly_and_nothing_changes(open_store: Open, url: str, caplog: pytest.LogCaptureFixture) -> None:
    script = Script()
    store = open_store(decide=script)
    for case_id in ("case-1", "case-2"):
        opened(store, case_id)
    script.answers(old_binding=binding("binding-1", ACTIVE))
    store.take("case-1", said(), NOW, POLICY)
    before = everything(url)
    script.answers(old_binding=binding("binding-2", TEST))
    with caplog.at_level(logging.CRITICAL), pytest.raises(PlainError) as caught:
        store.take("case-2", said(), NOW, POLICY)
    assert caught.value.code == "camera_bound_twice"
    assert "3456" in caught.value.text.sv
    assert SERIAL not in caught.value.text.sv + caught.value.text.en + caplog.text
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert everything(url) == before


def test_second_suspended_binding_of_a_camera_is_refused(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(old_binding=binding("binding-1", SUSPENDED), new_binding=binding("binding-2", SUSPENDED))
    with pytest.raises(PlainError, match="camera_bound_twice"):
        store.take("case-1", said(), NOW, POLICY)


def test_whole_move_of_a_camera_passes_the_indexes_forwards_and_backwards(open_store: Open) -> None:
    """Suspended, tested, re-bound; and the way back: the new one retired and the old one active, in one take."""
    script = Script()
    store = open_store(decide=script)
    opened(store)
    for old, new in ((binding("binding-1", ACTIVE, 1), None), (binding("binding-1", SUSPENDED, 2), binding("binding-2", TEST, 1)),
                     (binding("binding-1", RETIRED, 3), binding("binding-2", ACTIVE, 2))):
        script.answers(old_binding=old, new_binding=new)
        store.take("case-1", said(), NOW, POLICY)
    opened(store, "case-2")
    for old, new in ((binding("binding-3", SUSPENDED, 1, "OTHER12345"), binding("binding-4", TEST, 1, "OTHER12345")),
                     (binding("binding-3", ACTIVE, 2, "OTHER12345"), binding("binding-4", RETIRED, 2, "OTHER12345"))):
        script.answers(old_binding=old, new_binding=new)
        store.take("case-2", said(), NOW, POLICY)
    assert [(row.binding_id, row.state) for row in store.bindings()] == [
        ("binding-1", RETIRED), ("binding-2", ACTIVE), ("binding-3", ACTIVE), ("binding-4", RETIRED)]


def test_revision_of_a_binding_only_grows(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(old_binding=binding("binding-1", SUSPENDED, 5))
    store.take("case-1", said(), NOW, POLICY)
    script.answers(old_binding=binding("binding-1", ACTIVE, 4))
    store.take("case-1", said(), NOW, POLICY)
    assert store.bindings() == [binding("binding-1", SUSPENDED, 5)]


def test_u35_second_open_case_of_one_binding_is_refused_until_the_first_is_closed(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    for case_id in ("case-1", "case-2"):
        opened(store, case_id)
    script.answers(old_binding=binding("binding-1", ACTIVE))
    store.take("case-1", said(), NOW, POLICY)
    script.answers(old_binding=binding("binding-1", ACTIVE))
    with pytest.raises(PlainError, match="binding_in_other_case"):
        store.take("case-2", said(), NOW, POLICY)
    script.answers(state=State.CLOSED)
    store.take("case-1", said(), NOW, POLICY)
    script.answers(old_binding=binding("binding-1", ACTIVE))
    store.take("case-2", said(), NOW, POLICY)
    assert store.cases_of_binding("binding-1") == ["case-2"]




def test_binding_a_case_no_longer_names_is_free_for_another_case(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    for case_id in ("case-1", "case-2"):
        opened(store, case_id)
    for case_id, name in (("case-1", "binding-1"), ("case-1", "binding-2"), ("case-2", "binding-1")):
        script.answers(old_binding=binding(name, RETIRED))
        store.take(case_id, said(), NOW, POLICY)
    assert store.cases_of_binding("binding-1") == ["case-2"]
    assert store.cases_of_binding("binding-2") == ["case-1"]


def test_d24_since_when_a_binding_is_active_is_not_moved_by_anything_else(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    for state, revision, minute in ((SUSPENDED, 2, 1), (ACTIVE, 3, 2), (ACTIVE, 4, 3)):
        script.answers(old_binding=binding("binding-1", state, revision))
        store.take("case-1", said(), later(60 * minute), POLICY)
    assert store.active_since() == {"binding-1": later(120)}, "the provider was changed after that, and it was active all the time"
    script.answers(state=State.CLOSED)
    store.take("case-1", said(), later(240), POLICY)
    store.note_binding("binding-1", ACTIVE, 5, later(300))
    assert store.active_since() == {"binding-1": later(120)}
    store.note_binding("binding-1", SUSPENDED, 6, later(360))
    assert store.active_since() == {}


def test_note_of_the_registry_is_kept_for_closed_cases_and_left_to_open_ones(open_store: Open) -> None:
    script = Script()
    store = open_store(decide=script)
    opened(store)
    script.answers(old_binding=binding("binding-1", ACTIVE, 2))
    store.take("case-1", said(), NOW, POLICY)
    assert not store.note_binding("binding-1", RETIRED, 3, later(1))
    script.answers(state=State.CLOSED)
    store.take("case-1", said(), NOW, POLICY)
    assert not store.note_binding("binding-1", RETIRED, 2, later(1))
    assert not store.note_binding("binding-9", RETIRED, 2, later(1))
    assert store.note_binding("binding-1", RETIRED, 3, later(1))
    assert store.bindings() == [binding("binding-1", RETIRED, 3)]
