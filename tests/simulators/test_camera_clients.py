"""Clients that nobody here wrote ask the simulated camera. Those that are here are always asked; `make clients` gets the others too and shows a table."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.clients.running import CLIENTS, outcome_of


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CLIENTS)
def test_client(name: str, tmp_path: Path) -> None:
    """What is not here is got with SIMULATORS_CLIENTS=1 alone: it takes half a minute and a package index."""
    found = outcome_of(name, tmp_path, may_get=os.environ.get("SIMULATORS_CLIENTS") == "1")
    if found.verdict == "SKIPPED":
        pytest.skip(f"{name} was NOT asked: {found.why}")
    assert found.verdict == "passed", found.why


def test_a_client_that_is_told_something_else_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.clients.running.SERIAL", "OTHER")
    monkeypatch.setattr("tests.clients.running.CameraState", lambda serial: __import__("simulators.camera").camera.CameraState(serial="ANOTHER"))
    found = outcome_of("onvif-zeep", tmp_path)
    assert found.verdict == "failed" and "ANOTHER" in found.why
