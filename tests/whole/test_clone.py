"""A camera with the right label, the right number and the right password, and another body: caught at the new home by what the depot had pinned."""

import json
import subprocess
import sys

from provisioner.case import inputs as i
from provisioner.case.model import State
from provisioner.store.keeping import CameraPlace
from tests.whole.move import Move


def command(move: Move, *words: str) -> dict[str, object]:
    """What a command of the daemon's machine answers."""
    done = subprocess.run([sys.executable, "-m", "provisioner", *words, "--config", str(move.daemon.config), "--json"], capture_output=True, text=True,
                          timeout=60, check=False)
    found = json.loads(done.stdout)
    assert isinstance(found, dict) and done.returncode == 0, done
    return found


def test_h3_d2_a_clone_is_caught_at_the_new_home_and_the_right_camera_goes_on(move: Move) -> None:
    state, host, port = move.camera.state, move.camera.host, move.camera.http_port
    own = (state.endpoint_uuid, list(state.mac_addresses))
    state.mac_addresses = own_macs = ["AC:CC:8E:F8:43:1B"]
    first = command(move, "camera", "pin", state.serial, "--host", host, "--port", str(port))
    assert first["first"] and first["identity"]["verdict"] == "confirmed"
    pinned = move.store.pinned_of(state.serial)
    assert pinned is not None

    move.daemon.start()
    for chapter in (move.forms, move.suspend, move.carry):
        chapter()
    state.endpoint_uuid, state.mac_addresses = "0d0c3d6e-0000-4000-8000-00000000c10e", ["B8:A4:4F:11:22:33"]   # on the way the camera was exchanged
    move.store.put_place(state.serial, CameraPlace(host, port), move.clock.now())
    move.say(i.VisitStarted(state.serial, move.clock.now(), True))
    case = move.until(lambda case: case.judged is not None, "the clone is judged")
    assert case.state is State.INSTALLED and case.identity is None and case.visit is None and case.new_binding is None
    assert [task.key for task in case.tasks if task.done is None] == ["identity-differs"]
    shown = command(move, "case", "show", case.case_number)
    assert shown["identity"]["verdict"] in ("conflicting", "impossible") and shown["verified_serial"] is None
    assert any(piece["agrees"] == "no" and "depot" in piece["text"] + "depån" for piece in shown["identity"]["evidence"])
    assert command(move, "case", "replay", case.case_number)["same"], "the journal holds all that it was judged by"
    assert move.store.pinned_of(state.serial) == pinned, "nothing of the clone is kept"

    state.endpoint_uuid, state.mac_addresses = own[0], own_macs                                                # the right one is found in the car
    move.visit()
    assert move.case.identity is not None and move.case.judged.pinned == pinned
    assert all(task.done is not None for task in move.case.tasks if task.key == "identity-differs")
    assert command(move, "case", "replay", case.case_number)["same"]
