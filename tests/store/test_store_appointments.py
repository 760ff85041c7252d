"""R28, R29: no technician is promised to two homes at once, and two desks that book at the same moment cannot both have the hour."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from store_world import POLICY

from provisioner.case import inputs as i
from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Booking, Role, State, Visit, but
from provisioner.case.outcome import Outcome, Verdict
from provisioner.store.sql import SqlStore
from tests.case.world import NOON, CaseWorld, booking, to_ready

Open = Callable[..., SqlStore]
HOUR = timedelta(hours=1)


def ready(store: SqlStore, number: int) -> str:
    """A case that can be booked."""
    w = CaseWorld()
    to_ready(w)
    case_id = f"case-{number}"
    serial = SerialNumber(f"ACCC8E00471{number}")
    made = but(w.case, case_id=case_id, case_number=f"2026-000{number}", expected_serial=serial, handing_over=replace(w.case.handing_over, serial=serial),
               old_binding=replace(w.case.old_binding, binding_id=f"b-old-{number}", serial=serial))
    store._decide = lambda case, input, now, policy: Outcome(made, Verdict.MOVED)  # type: ignore[assignment]
    store.take(case_id, i.Opened(case_id, made.case_number, made.kind), NOON, POLICY)
    return case_id


def book(store: SqlStore, case_id: str, wanted: Booking) -> str | None:
    """Why it was refused, or None."""
    refusal = store.take(case_id, i.Said("anna", Role.COORDINATOR, i.Booked(wanted)), NOON, POLICY).outcome.refusal
    return refusal.code if refusal else None


def test_r28_r29_of_two_desks_that_book_one_technician_at_once_exactly_one_gets_the_hour(open_store: Open) -> None:
    first = open_store()
    decide = first._decide
    cases = [ready(first, number) for number in (1, 2)]
    first._decide = decide
    desks, barrier, ends = [first, open_store()], threading.Barrier(2), []

    def books(store: SqlStore, case_id: str) -> None:
        barrier.wait()
        ends.append(book(store, case_id, booking(NOON)))

    threads = [threading.Thread(target=books, args=pair) for pair in zip(desks, cases, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends, key=str) == [None, "technician_busy"]
    left = next(case_id for case_id in cases if first.load(case_id).state is State.READY)
    taken = next(case_id for case_id in cases if case_id != left)

    # the refusal names the other case and the way out; each way out works
    b = booking(NOON)
    refusal = first.take(left, i.Said("anna", Role.COORDINATOR, i.Booked(b)), NOON, POLICY).outcome.refusal
    assert refusal is not None and first.load(taken).case_number in refusal.text.en and "another technician" in refusal.text.en
    near = Booking(b.install_to + HOUR / 4, b.install_to + HOUR, b.install_to + 2 * HOUR, b.install_to + 3 * HOUR, b.first_look_at,
                   b.dismantle_contact, b.install_contact, "", "technician-tekla", "technician-tekla")
    assert book(first, left, near) == "technician_busy", "a quarter of an hour is not enough to drive"
    assert book(first, left, replace(b, dismantle_technician="technician-ture", install_technician="technician-ture")) is None
    line = first.journal(left)[-1].input
    assert isinstance(line, i.Said) and isinstance(line.what, i.Booked) and line.what.busy == (), "what it was judged by is in the journal"
    assert len(first.load(left).bookings) == 1 and first.load(left).booking == replace(b, dismantle_technician="technician-ture", install_technician="technician-ture")


def test_r28_a_time_that_nobody_came_to_or_that_was_used_is_free_again(open_store: Open) -> None:
    store = open_store()
    decide = store._decide
    one, two = (ready(store, number) for number in (1, 2))
    store._decide = decide
    assert book(store, one, booking(NOON)) is None
    missed = store.take(one, i.Said("tekla", Role.TECHNICIAN, i.NoAccess(Visit.DISMANTLING)), NOON, POLICY).outcome
    assert missed.refusal is None, missed.refusal
    assert book(store, two, booking(NOON)) is None
