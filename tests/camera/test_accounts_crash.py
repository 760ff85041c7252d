"""A rotation that dies at any point, and is taken up again: never locked out, never two rotations' worth of leftovers. D16.

Every boundary is tried: before and after each writing of the book, before each request and after each answer. What the camera has and what the book has
are then both as the power cut left them, and everything else is forgotten.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.http import HttpAnswer, HttpLink
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.case.device import Rotation
from provisioner.case.model import Identity
from provisioner.secret import Secret
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from simulators.camera import CameraState, SimulatedCamera, User
from simulators.camera.state import Level
from tests.camera.helpers import SERIAL, OnePlace, now

OLD = "the-old-password"
KEY = bytes(range(32))


class Killed(BaseException):
    """The power went."""


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


class Clock:
    """Counts boundaries, and kills at one of them."""

    def __init__(self, at: int, kill: Callable[[], Any]) -> None:
        self.passed, self._at, self._kill = 0, at, kill

    def tick(self) -> None:
        self.passed += 1
        if self.passed == self._at:
            self._kill()


def haunted(store: SqlStore, patch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Tick before and after each change of the book, before each request and after each answer."""
    put, exchange = SqlStore.put_credentials, HttpLink.exchange

    def putting(self: SqlStore, *args: Any, **kwargs: Any) -> None:
        clock.tick()
        put(self, *args, **kwargs)
        clock.tick()

    def exchanging(self: HttpLink, *args: Any) -> HttpAnswer:
        clock.tick()
        answer = exchange(self, *args)
        clock.tick()
        return answer

    patch.setattr(SqlStore, "put_credentials", putting)
    patch.setattr(HttpLink, "exchange", exchanging)


def adapter(store: SqlStore, port: int, rtsp_port: int) -> OnvifCamera:
    where = CameraPlace("127.0.0.1", port, "admin", Secret(OLD), rtsp_port)
    return OnvifCamera(OnePlace(where), CameraSettings(kept_accounts=("alarm-viewer",)), now, book=store, accounts=store)


def opened(folder: Path) -> SqlStore:
    return SqlStore(f"sqlite:///{folder}/p.db", Sealer(KEY), camera_sealer=Sealer(KEY), synchronous="OFF")


def state(kind: str) -> CameraState:
    made = CameraState(serial=SERIAL, users={"admin": User(OLD, fixed=kind == "fixed"), "alarm-viewer": User("viewing", Level.USER),
                                             "relative": User("watching", Level.USER)})
    made.login.lock_after = 3   # the shortest lock-out that is known; it ends nothing here, it must never begin
    if kind == "one account":
        made.lies.unsupported.add("CreateUsers")
    return made


def boundaries(kind: str, folder: Path) -> int:
    with pytest.MonkeyPatch.context() as patch, SimulatedCamera(state(kind)) as sim:
        store, clock = opened(folder), Clock(0, lambda: None)
        haunted(store, patch, clock)
        found = adapter(store, sim.http_port, sim.rtsp_port).rotate_credentials(SERIAL, 30.0)
        assert isinstance(found, Rotation) and found.good, found
        store.close()
    (folder / "p.db").unlink()
    return clock.passed


def check_after(store: SqlStore, sim: SimulatedCamera) -> None:
    """What a crash must leave: a camera that lets us in at once, and a rotation that comes to its end."""
    camera = adapter(store, sim.http_port, sim.rtsp_port)
    assert isinstance(camera.read_identity(SERIAL, 10.0), Identity)
    assert sim.gate.locked_s() == 0
    found = adapter(store, sim.http_port, sim.rtsp_port).rotate_credentials(SERIAL, 30.0)
    assert isinstance(found, Rotation) and found.good, found
    kept = store.credentials_of(SERIAL)
    assert kept is not None and kept.current is not None and kept.state == "settled"
    users = sim.state.users
    assert set(users) == {kept.current.username, "alarm-viewer"} and users["alarm-viewer"].password == "viewing"
    assert users[kept.current.username].password == kept.current.password.reveal() != OLD
    assert sim.gate.locked_s() == 0


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", ["second account", "one account", "fixed"])
def test_d16_killed_at_every_boundary_and_taken_up_again(kind: str, tmp_path: Path) -> None:
    many = boundaries(kind, tmp_path)
    assert many > 30
    for at in range(1, many + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        with SimulatedCamera(state(kind)) as sim:
            store = opened(folder)

            def kill() -> None:
                raise Killed

            with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
                haunted(store, patch, Clock(at, kill))
                adapter(store, sim.http_port, sim.rtsp_port).rotate_credentials(SERIAL, 30.0)
            store.close()
            again = opened(folder)
            try:
                check_after(again, sim)
            except BaseException as exc:
                exc.add_note(f"killed at boundary {at} of {many}")
                raise
            finally:
                again.close()


@pytest.fixture
def sim() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(state("second account")) as running:
        yield running


def _child(folder: str, port: str, rtsp_port: str, at: str) -> None:
    """A process of its own that rotates, and is gone in the middle: nothing is flushed, closed or told."""
    store = opened(Path(folder))
    haunted(store, pytest.MonkeyPatch(), Clock(int(at), lambda: os._exit(9)))
    adapter(store, int(port), int(rtsp_port)).rotate_credentials(SERIAL, 30.0)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("at", [11, 19, 24])
def test_d16_process_that_is_killed_leaves_a_camera_that_lets_us_in(sim: SimulatedCamera, tmp_path: Path, at: int) -> None:
    done = subprocess.run([sys.executable, "-c", "import sys; from tests.camera.test_accounts_crash import _child; _child(*sys.argv[1:])",
                           str(tmp_path), str(sim.http_port), str(sim.rtsp_port), str(at)], cwd=Path(__file__).parents[2], check=False, timeout=60)
    assert done.returncode == 9
    store = opened(tmp_path)
    check_after(store, sim)
    store.close()
