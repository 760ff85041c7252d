"""One forker for all daemons of a test process, and a world of one site with one daemon for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.site import Site
from tests.whole.daemons import Daemon, Forker, write_settings
from tests.whole.move import Move


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    with Forker() as running:
        yield running


@pytest.fixture
def move(forker: Forker, tmp_path: Path) -> Iterator[Move]:
    """A site of its own (45 ms), settings and an empty database; the daemon is not started yet."""
    with Site.load("two_homes") as site:
        daemon = Daemon(forker, write_settings(tmp_path, site))
        store = daemon.open_store()
        try:
            yield Move(site, daemon, store)
        finally:
            daemon.kill()
            store.close()
