"""Runs one simulated camera for a person to play with: python -m simulators.camera --serial ACC8E0123456"""

from __future__ import annotations

import argparse
import json
import sys
import threading

from . import SCENES, CameraState, LeverError, SimulatedCamera, User


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.camera", description="One simulated camera on real sockets.")
    parser.add_argument("--serial", default="SIM0000001")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--http-port", type=int, default=8080, help="ONVIF and snapshot; 0 takes a free one (default %(default)s)")
    parser.add_argument("--rtsp-port", type=int, default=8554, help="0 takes a free one (default %(default)s)")
    parser.add_argument("--scene", default="storgatan_bedroom", choices=SCENES)
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="simulated-1")
    parser.add_argument("--gop-s", type=float, default=1.0, help="seconds between IDR pictures (default %(default)s)")
    parser.add_argument("--mid-gop", action="store_true", help="clients join in mid-GOP instead of getting an IDR at once")
    parser.add_argument("--audio", action="store_true", help="announce a microphone (that stays silent)")
    parser.add_argument("--boot-time-s", type=float, default=5.0, help="after a loss of power (default %(default)s)")
    return parser.parse_args()


def say(camera: SimulatedCamera, user: str) -> None:
    password = camera.state.users[user].password
    print(f"camera {camera.state.serial} runs; user {user}, password {password}")
    print(f"  ONVIF     {camera.onvif_url}")
    print(f"  stream    {camera.rtsp_url(user=user)}")
    print(f"  picture   {camera.snapshot_url()}")
    print(f"  look      ffplay -rtsp_transport tcp '{camera.rtsp_url(user=user)}'")
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


def main() -> int:
    given = arguments()
    state = CameraState(serial=given.serial, scene=given.scene, users={given.user: User(given.password)}, gop_s=given.gop_s,
                        idr_at_play=not given.mid_gop, audio=given.audio, boot_time_s=given.boot_time_s)
    camera = SimulatedCamera(state, given.host, given.http_port, given.rtsp_port)
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
