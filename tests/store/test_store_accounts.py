"""The cameras' accounts: sealed under a key of their own, whole after each change, shown by nothing."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from store_world import NOW, SERIAL

from provisioner.fault import PlainError
from provisioner.secret import Account, Credentials, Secret
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from provisioner.store.tx import RowRefused

Open = Callable[..., SqlStore]
KEY = bytes(range(32))
CANARY, NAME = "Kanarie4711Loesen", "kontonamn-kanarie"
FIRST, SECOND = Account(NAME, Secret(CANARY)), Account("pvkonto2", Secret("another-one"))
ROTATING = Credentials(FIRST, SECOND, (Account("older", Secret("oldest")),))


def test_what_was_kept_is_there_after_a_restart(open_store: Open) -> None:
    store = open_store(camera_sealer=Sealer(KEY))
    assert store.credentials_of(SERIAL) is None
    store.put_credentials(SERIAL, ROTATING, NOW)
    other = open_store(camera_sealer=Sealer(KEY))
    assert other.credentials_of(SERIAL) == ROTATING and other.credentials_of("another") is None
    other.put_credentials(SERIAL, Credentials(SECOND), NOW + timedelta(seconds=1), rotated=True)
    assert store.credentials_of(SERIAL) == Credentials(SECOND)
    store.forget_credentials(SERIAL)
    assert store.credentials_of(SERIAL) is None


@pytest.mark.parametrize(("credentials", "state", "unsure"), [
    (Credentials(FIRST), "settled", False), (ROTATING, "rotating", False), (Credentials(FIRST, old=(SECOND,)), "proving", False),
    (Credentials(FIRST, Account(NAME, Secret("new"))), "rotating", True), (Credentials(None, FIRST), "rotating", True),
])
def test_state_of_the_credentials(credentials: Credentials, state: str, unsure: bool) -> None:
    assert (credentials.state, credentials.is_unsure) == (state, unsure)


def test_row_holds_nothing_readable_and_opens_only_where_it_belongs(open_store: Open, url: str) -> None:
    store = open_store(camera_sealer=Sealer(KEY))
    store.put_credentials(SERIAL, ROTATING, NOW, rotated=True)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        row = connection.execute(sa.text("SELECT * FROM camera_accounts")).one()
        assert row.serial == SERIAL and row.state == "rotating" and row.rotated_at == row.updated_at
        assert not any(word.encode() in bytes(row.sealed) for word in (CANARY, NAME, "oldest", "another-one"))
        connection.execute(sa.text("UPDATE camera_accounts SET serial = 'ANOTHER'"))
    engine.dispose()
    with pytest.raises(PlainError, match="seal_broken"):
        store.credentials_of("ANOTHER")


@pytest.mark.parametrize(("sealer", "code"), [(None, "camera_key_missing"), (Sealer(bytes(32)), "seal_broken")])
def test_without_the_camera_key_nothing_is_read(open_store: Open, sealer: Sealer | None, code: str) -> None:
    open_store(camera_sealer=Sealer(KEY)).put_credentials(SERIAL, ROTATING, NOW)
    with pytest.raises(PlainError, match=code) as caught:
        open_store(camera_sealer=sealer).credentials_of(SERIAL)
    assert CANARY not in str(caught.value)


def test_canary_in_no_text_log_or_file(sqlite_path: Path, open_at: Callable[..., SqlStore], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = open_at(f"sqlite:///{sqlite_path}", camera_sealer=Sealer(KEY))
    store.put_credentials(SERIAL, ROTATING, NOW)
    shown = repr(ROTATING) + str(ROTATING) + f"{FIRST}" + repr(store.credentials_of(SERIAL)) + caplog.text
    assert CANARY not in shown and NAME not in shown
    for file in sqlite_path.parent.iterdir():
        assert CANARY.encode() not in file.read_bytes() and NAME.encode() not in file.read_bytes()


def test_receipts_are_kept_as_they_were_signed_and_never_twice(open_store: Open) -> None:
    store = open_store()
    for number in (1, 2):
        store.put_receipt(f"r-{number}", SERIAL, f'{{"n":{number}}}', NOW + timedelta(seconds=number))
    assert store.receipt("r-1") == '{"n":1}' and store.receipt("r-3") is None
    assert store.receipts_of(SERIAL) == ["r-2", "r-1"] and store.receipts_of("another") == []
    with pytest.raises(RowRefused):
        store.put_receipt("r-1", SERIAL, "{}", NOW)
    assert store.receipt("r-1") == '{"n":1}'


def test_one_program_at_a_time_changes_a_cameras_account(open_store: Open) -> None:
    one, other = open_store(), open_store()
    with one.account_turn(SERIAL):
        with pytest.raises(PlainError, match="camera_in_use"), other.account_turn(SERIAL):
            pass
        with other.account_turn("ANOTHER"):
            pass
    with other.account_turn(SERIAL):
        pass


def test_turn_of_a_process_that_died_is_free(open_store: Open, url: str) -> None:
    store = open_store()
    code = ("import sys, os; from provisioner.store.sql import SqlStore; from provisioner.store.sealing import Sealer\n"
            "with SqlStore(sys.argv[1], Sealer(bytes(32))).account_turn(sys.argv[2]):\n    print('held', flush=True); sys.stdin.read(1); os._exit(9)")
    with subprocess.Popen([sys.executable, "-c", code, url, SERIAL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None and child.stdin is not None and child.stdout.readline() == b"held\n"
        with pytest.raises(PlainError, match="camera_in_use"), store.account_turn(SERIAL):
            pass
        child.stdin.write(b"x")
        child.stdin.close()
        child.wait(10)
    deadline = time.monotonic() + 5     # PostgreSQL notices a lost client a moment later
    while True:
        try:
            with store.account_turn(SERIAL):
                return
        except PlainError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
