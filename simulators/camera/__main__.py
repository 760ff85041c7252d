"""Runs one simulated camera for a person to play with: python -m simulators.camera --serial ACC8E0123456"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from pathlib import Path

from simulators.models import PersonaError, names, persona

from . import SCENE_NAMES, CameraState, LeverError, SimulatedCamera, User
from .replay import ReplayedCamera, ReplayError, load


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.camera", description="One simulated camera on real sockets.")
    parser.add_argument("--persona", help='what it does as real cameras do, for example "clock-minus-1h + digest-only"; --persona list names them all')
    parser.add_argument("--replay", type=Path, metavar="FILE", help="answer as a recorded camera did (a transcript of `provisioner camera record`); "
                        "its account is called recorder")
    parser.add_argument("--serial", help="what its label says (default SIM0000001, or the persona's)")
    parser.add_argument("--https-port", type=int, default=0, help="where a persona has HTTPS; 0 takes a free one")
    parser.add_argument("--discovery-port", type=int, help="answers WS-Discovery there; 3702 is the real one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--http-port", type=int, default=8080, help="ONVIF and snapshot; 0 takes a free one (default %(default)s)")
    parser.add_argument("--rtsp-port", type=int, default=8554, help="0 takes a free one (default %(default)s)")
    parser.add_argument("--scene", default="storgatan_bedroom", choices=SCENE_NAMES)
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="simulated-1")
    parser.add_argument("--gop-s", type=float, help="seconds between IDR pictures (default 1)")
    parser.add_argument("--mid-gop", action="store_true", help="clients join in mid-GOP instead of getting an IDR at once")
    parser.add_argument("--audio", action="store_true", help="announce a microphone (that stays silent)")
    parser.add_argument("--boot-time-s", type=float, default=5.0, help="after a loss of power (default %(default)s)")
    return parser.parse_args()


def say(camera: SimulatedCamera, user: str) -> None:
    account = camera.state.users.get(user)
    password = account.password if account else ""
    print(f"camera {camera.state.serial} runs; " + (f"user {user}, password {password}" if account else "no account yet"))
    print(f"  ONVIF     {camera.onvif_url}")
    if camera.https_port:
        print(f"            {camera.onvif_https_url}")
    stream = camera.rtsp_url(user=user if account else None)
    print(f"  stream    {stream}")
    print(f"  picture   {camera.snapshot_url()}")
    print(f"  look      ffplay -rtsp_transport tcp '{stream}'")
    print(f"            curl --digest -u '{user}:{password}' -o picture.jpg {camera.snapshot_url()}")
    print("levers: one a line, with JSON arguments where it takes some, for example  hold_card {\"text\": \"482 913\"}")
    for name, about in camera.levers.names().items():
        print(f"  {name}{about}")
    print("also: seen (what the camera has seen), quit", flush=True)


def obey(camera: SimulatedCamera, line: str) -> bool:
    """Does what one line says; False when it says quit."""
    name, _, rest = line.strip().partition(" ")
    if name in ("quit", "exit"):
        return False
    if name == "seen":
        print(json.dumps(camera.seen.as_dict(), indent=2), flush=True)
    elif name:
        try:
            given = json.loads(rest) if rest.strip() else {}
            if not isinstance(given, dict):
                raise LeverError("arguments are a JSON object, for example {\"text\": \"482 913\"}")
            camera.levers.pull(name, **given)
            print("done", flush=True)
        except ValueError as exc:
            print(exc, flush=True)
    return True


def play(camera: SimulatedCamera) -> None:
    """Takes levers from the keyboard; without one (a service, a container) the camera runs until a signal comes."""
    for line in sys.stdin:
        if not obey(camera, line):
            return
    threading.Event().wait()


def state_of(given: argparse.Namespace) -> CameraState:
    """The state that the arguments describe; what is not given is the persona's, or the default."""
    said = {"serial": given.serial, "gop_s": given.gop_s, "audio": given.audio or None, "idr_at_play": False if given.mid_gop else None}
    known = {name: value for name, value in said.items() if value is not None}
    known |= {"scene": given.scene, "boot_time_s": given.boot_time_s}
    state = persona(given.persona, **known) if given.persona else CameraState(**known)
    if not state.is_factory_new:
        state.users.pop("admin", None)
        state.users[given.user] = User(given.password)
    return state


def replay(given: argparse.Namespace) -> int:
    """Holds a recorded camera until the keyboard or a signal ends it."""
    try:
        camera = ReplayedCamera(load(given.replay), given.host, given.http_port, given.rtsp_port, password=given.password).start()
    except (ReplayError, OSError) as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, ReplayError) else 1
    try:
        print(f"the camera of {given.replay} answers at {camera.host}, ONVIF port {camera.http_port}, RTSP port {camera.rtsp_port}; "
              f"user recorder, password {given.password}", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print()
    finally:
        camera.stop()
    return 0


def main() -> int:
    given = arguments()
    if given.replay is not None:
        return replay(given)
    if given.persona == "list":
        print("\n".join(names()))
        return 0
    try:
        state = state_of(given)
    except PersonaError as exc:
        print(exc, file=sys.stderr)
        return 2
    camera = SimulatedCamera(state, given.host, given.http_port, given.rtsp_port, given.https_port, given.discovery_port)
    try:
        camera.start()
    except OSError as exc:
        print(f"cannot listen on {given.host}, ports {given.http_port} and {given.rtsp_port}: {exc.strerror}; "
              "--http-port 0 --rtsp-port 0 takes free ones", file=sys.stderr)
        return 1
    try:
        say(camera, given.user)
        play(camera)
    except KeyboardInterrupt:
        print()
    finally:
        camera.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
