"""Each contract test runs on SQLite and on a PostgreSQL cluster of its own, started here and ended afterwards."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from store_world import SEALER

from provisioner.store.sql import SqlStore

_numbers = itertools.count(1)


def _server_programs() -> Path:
    """The folder of `initdb` and `postgres`; a missing server fails the test, it is not passed over."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name.zfill(4), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.fail("The PostgreSQL server is missing, and the store is tested on it: apt-get install postgresql", pytrace=False)


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, which Debian's package makes."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.fail("There is no user postgres, and PostgreSQL does not run as root: apt-get install postgresql", pytrace=False)
    return "postgres"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A running cluster without durability settings, on a unix socket; the folder of the socket."""
    programs, account = _server_programs(), _account()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a short path: a unix socket's name has at most 107 bytes
    if account:
        shutil.chown(folder, account, account)
    data = folder / "data"
    subprocess.run([programs / "initdb", "-D", data, "-U", "provisioner", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
                   user=account, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
                                  user=account, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(f"host={folder} user=provisioner dbname=postgres").close()
                break
            except psycopg.OperationalError:
                if time.monotonic() > deadline or server.poll() is not None:
                    pytest.fail("PostgreSQL did not start: " + (folder / "log").read_text()[-500:], pytrace=False)
                time.sleep(0.05)
        yield str(folder)
    finally:
        server.terminate()  # SIGTERM waits for clients ("smart"); all of ours are closed by then
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where the SQLite database of this test is."""
    return tmp_path / "state" / "provisioner.db"


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"t{next(_numbers)}"
    with psycopg.connect(f"host={postgres} user=provisioner dbname=postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield f"postgresql+psycopg://provisioner@/{name}?host={postgres}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, sqlite_path: Path) -> str:
    """The database the test runs on."""
    if request.param == "sqlite":
        return f"sqlite:///{sqlite_path}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def open_at() -> Iterator[Callable[..., SqlStore]]:
    """Opens stores at an address, as many as wanted: each stands for a process of its own."""
    opened: list[SqlStore] = []

    def open_one(at: str, **kwargs: Any) -> SqlStore:
        store = SqlStore(at, kwargs.pop("sealer", SEALER), **{"busy_timeout_s": 2.0, **kwargs})
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def open_store(url: str, open_at: Callable[..., SqlStore]) -> Callable[..., SqlStore]:
    """Opens stores on the test's database: SQLite in the one run of the test, PostgreSQL in the other."""
    return partial(open_at, url)
