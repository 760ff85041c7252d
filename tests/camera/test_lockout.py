"""The lock-out budget in the measure of the camera's family: how many passwords, how long to wait, and what the technician is told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from provisioner.camera.adapter import OnvifCamera
from provisioner.camera.attempts import Budget, MemoryBook
from provisioner.camera.places import CameraPlace
from provisioner.camera.profiles import profiles
from provisioner.case.model import Identity
from provisioner.fault import Fault, FaultKind
from provisioner.secret import Secret
from simulators.camera import SimulatedCamera
from simulators.models import persona
from tests.camera.helpers import SERIAL, OnePlace, now, settings


class Desk:
    """A camera, a book that outlives every adapter, and a clock that can be put forward."""

    def __init__(self, sim: SimulatedCamera, profile: str, password: str = "wrong-1") -> None:
        self.sim, self.book, self.ahead = sim, MemoryBook(), timedelta()
        self.place = CameraPlace("127.0.0.1", sim.http_port, "admin", Secret(password), sim.rtsp_port, profile=profile)

    def clock(self) -> datetime:
        return now() + self.ahead

    def ask(self, ahead_s: float = 0.0, password: str | None = None) -> Identity | Fault:
        """One operation of a new process."""
        self.ahead += timedelta(seconds=ahead_s)
        place = self.place if password is None else replace(self.place, password=Secret(password))
        camera = OnvifCamera(OnePlace(place), settings(), self.clock, self.book)
        try:
            return camera.read_identity(SERIAL, 10.0)
        finally:
            camera.close()

    def sent(self) -> int:
        return self.sim.seen.failed_logins


@pytest.mark.parametrize(("after", "most"), [(None, 2), (2, 1), (3, 2), (4, 2), (5, 3), (7, 5)])
def test_how_many_a_family_forgives(after: int | None, most: int) -> None:
    assert Budget.below(after, None) == Budget(most, 1800.0)
    assert after is None or most < after


def test_every_profile_stays_below_its_lock_out() -> None:
    for profile in profiles().by_name.values():
        limit = profile.lockout.attempts
        assert limit is not None and 1 <= profile.budget().most < limit.value, profile.name


def test_the_family_decides_how_long_we_wait() -> None:
    """Reolink's lock-out is over after five minutes, the longest known after thirty: a technician on site need not wait for the longest."""
    waits: dict[str, float] = {}
    for profile in ("reolink", ""):
        with SimulatedCamera(persona("digest-only", serial=SERIAL)) as sim:
            desk = Desk(sim, profile)
            while isinstance(told := desk.ask(), Fault) and told.wait_s is None:
                assert told.kind is FaultKind.REFUSED and desk.sent() <= 2
            assert isinstance(told, Fault) and told.wait_s is not None
            waits[profile] = told.wait_s
            assert f"{-int(-told.wait_s // 60)} min" in told.hint.sv and f"{-int(-told.wait_s // 60)} min" in told.hint.en
            before = desk.sent()
            assert isinstance(desk.ask(told.wait_s - 60, "simulated-1"), Fault) and desk.sent() == before
            assert isinstance(desk.ask(62, "simulated-1"), Identity)
    assert waits["reolink"] == pytest.approx(300, abs=5) and waits[""] == pytest.approx(1800, abs=5)


@pytest.mark.parametrize(("profile", "most"), [("hikvision", 3), ("foscam", 2)])
def test_a_family_that_forgives_more_gives_more_in_all_and_never_more_than_two_at_once(profile: str, most: int) -> None:
    with SimulatedCamera(persona("digest-only", serial=SERIAL)) as sim:
        desk = Desk(sim, profile)
        for _ in range(6):
            before = desk.sent()
            assert isinstance(desk.ask(), Fault) and desk.sent() - before <= 2
        assert desk.sent() == most


def test_attempts_left_are_told_and_a_locked_camera_is_left_alone() -> None:
    """The camera says how many are left; two of those are not ours to take."""
    with SimulatedCamera(persona("lockout-attempts + digest-only", serial=SERIAL)) as sim:
        sim.state.login.lock_after = 4
        desk = Desk(sim, "hikvision")
        answers = [desk.ask() for _ in range(4)]
        assert all(isinstance(answer, Fault) and answer.kind is FaultKind.REFUSED for answer in answers)
        assert desk.sent() <= 2 and sim.gate.locked_s() == 0.0
        texts = [answer.hint.sv for answer in answers if isinstance(answer, Fault)]
        assert "2 försök återstår" in " ".join(texts) and "minuter" in texts[-1], texts


def test_a_lock_without_a_time_lasts_as_long_as_the_family_s() -> None:
    with SimulatedCamera(persona("locked-already", serial=SERIAL)) as sim:
        sim.state.login.says_attempts = ""
        told = Desk(sim, "reolink", "simulated-1").ask()
        assert isinstance(told, Fault) and told.kind is FaultKind.REFUSED
    with SimulatedCamera(persona("locked-already", serial=SERIAL)) as sim:
        told = Desk(sim, "reolink", "simulated-1").ask()
        assert isinstance(told, Fault) and told.wait_s is not None and told.wait_s > 1700  # what the camera itself says counts more
