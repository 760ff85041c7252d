"""The lock-out budget: the same rule in memory and in the database, kept across restarts, one step for all processes."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from store_world import NOW, SERIAL

from provisioner.camera.attempts import AttemptBook, MemoryBook
from provisioner.store.keeping import CameraPlace
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
WINDOW_S = 1800.0


@pytest.fixture(params=["memory", "store"])
def book(request: pytest.FixtureRequest, open_store: Open) -> AttemptBook:
    return MemoryBook() if request.param == "memory" else open_store()


def reserve(book: AttemptBook, after_s: float = 0, camera: str = SERIAL) -> float | None:
    return book.reserve_login(camera, NOW + timedelta(seconds=after_s), 2, 2, WINDOW_S)


def test_two_and_then_none_until_the_window_is_over(book: AttemptBook) -> None:
    assert reserve(book) is None and reserve(book, 10) is None
    assert reserve(book, 20) == pytest.approx(WINDOW_S - 20)
    assert reserve(book, 20, "another") is None
    assert reserve(book, WINDOW_S + 1) is None and reserve(book, WINDOW_S + 2) is None
    assert reserve(book, WINDOW_S + 3) == pytest.approx(WINDOW_S - 2)


def test_a_login_that_works_clears_the_page(book: AttemptBook) -> None:
    for _ in range(5):
        assert reserve(book) is None
        book.login_refused(SERIAL, NOW, None, None)
        assert reserve(book) is None
        book.login_worked(SERIAL)


@pytest.mark.parametrize(("left", "wait"), [(3, False), (2, True), (0, True)])
def test_few_attempts_left_stop_us(book: AttemptBook, left: int, wait: bool) -> None:
    assert reserve(book) is None
    book.login_refused(SERIAL, NOW, left, None)
    assert (reserve(book, 1) is not None) is wait
    assert reserve(book, WINDOW_S + 1) is None


def test_a_lock_out_is_kept_for_as_long_as_it_lasts(book: AttemptBook) -> None:
    book.login_refused(SERIAL, NOW, None, 4000.0)
    assert reserve(book, 100) == pytest.approx(3900.0)
    assert reserve(book, 3999) is not None and reserve(book, 4001) is None
    book.login_refused(SERIAL, NOW, None, 4000.0)
    book.login_worked(SERIAL)
    assert reserve(book) is None


def test_kept_across_restarts(open_store: Open) -> None:
    store = open_store()
    assert reserve(store) is None and reserve(store) is None
    again = open_store()
    assert reserve(again) == pytest.approx(WINDOW_S)


def test_many_at_once_get_two_between_them(open_store: Open) -> None:
    books = [open_store() for _ in range(4)]
    got: list[float | None] = []

    def many(book: AttemptBook) -> None:
        got.extend(reserve(book) for _ in range(5))

    threads = [threading.Thread(target=many, args=(book,)) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20 and got.count(None) == 2


def test_a_place_keeps_what_the_depot_found_out(open_store: Open) -> None:
    store = open_store()
    place = CameraPlace("192.168.77.15", 443, True, "ab" * 32, "axis", 554)
    store.put_place(SERIAL, place, NOW)
    assert store.get_place(SERIAL) == place and "192" not in repr(place)
