"""What is under way at a camera: told to who waits, and never slower for it."""

from provisioner.camera.adapter import OnvifCamera
from provisioner.camera.progress import Board, Step
from simulators.camera import CameraState, SimulatedCamera
from tests.camera.helpers import SERIAL, OnePlace, now, place, settings


def test_a_step_is_told_once_and_one_that_is_over_is_not_told_at_all() -> None:
    board = Board()
    board.note("A", Step.LOGIN)
    board.note("A", Step.SNAPSHOT)
    board.note("B", Step.LOGIN)
    assert set(board.take()) == {("A", Step.SNAPSHOT), ("B", Step.LOGIN)}
    assert board.take() == ()
    board.note("A", Step.JUDGING)
    board.note("A", None)
    assert board.take() == ()
    board.note("A", Step.SNAPSHOT)
    assert board.take() == (("A", Step.SNAPSHOT),), "another operation begins anew"


def test_the_adapter_says_what_it_does_and_when_nothing_is_under_way_any_more() -> None:
    heard: list[tuple[str, Step | None]] = []
    with SimulatedCamera(CameraState()) as simulated:
        camera = OnvifCamera(OnePlace(place(simulated.http_port, "simulated-1")), settings("snapshot"), now, noted=lambda serial, step: heard.append((serial, step)))
        camera.judge_frame(SERIAL, 20.0)
        camera.close()
    assert [step for _, step in heard] == [Step.LOGIN, Step.ASKING, Step.SNAPSHOT, Step.JUDGING, None] and {serial for serial, _ in heard} == {SERIAL}


def test_an_operation_that_fails_is_over_too() -> None:
    heard: list[Step | None] = []
    camera = OnvifCamera(OnePlace(None), settings(), now, noted=lambda _, step: heard.append(step))
    camera.read_identity(SERIAL, 1.0)
    assert heard == [Step.LOGIN, None]


def test_every_step_has_a_sentence_in_both_languages() -> None:
    assert all(step.text.sv and step.text.en and step.text.sv != step.text.en for step in Step)
