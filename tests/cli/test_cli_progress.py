"""`provisioner provision` shows what the daemon, another process, does at the camera: from the adapter's board through the database to the screen."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from provisioner.camera.progress import Step
from provisioner.cli.out import Out
from provisioner.cli.provision import _Follower
from provisioner.config import Secrets, load
from provisioner.wiring import Service
from tests.cli.desk import SERIAL, Desk


def test_a_step_is_said_once_in_the_persons_language(capsys: pytest.CaptureFixture[str]) -> None:
    begun = datetime.now(UTC)
    follower = _Follower(Out(False, "sv"), 0, begun)
    follower.show_step(None)
    follower.show_step(("waiting", begun - timedelta(seconds=1)))
    follower.show_step(("a step of a newer daemon", begun))
    assert capsys.readouterr().out == "", "of an earlier visit, or not understood"
    for _ in range(3):
        follower.show_step(("waiting", begun))
    follower.show_step(("judging", begun))
    said = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in said] == [f"... {Step.WAITING.text.sv}", f"... {Step.JUDGING.text.sv}"]


@pytest.mark.timeout(60)
def test_the_daemon_puts_it_where_the_command_reads_it(desk: Desk) -> None:
    settings = load(desk.config)
    with Service(settings, Secrets(settings), warm=False) as service, desk.open_store() as reader:
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            assert service.ready.wait(20)
            assert reader.step_of(SERIAL) is None
            service._board.note(SERIAL, Step.WAITING)
            found = None
            for _ in range(100):
                found = reader.step_of(SERIAL)
                if found is not None:
                    break
                threading.Event().wait(0.1)
            assert found is not None and found[0] == Step.WAITING and abs((found[1] - datetime.now(UTC)).total_seconds()) < 15
        finally:
            service.stop()
            thread.join(10)
