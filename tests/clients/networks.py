"""Two networks on one machine, joined by a cable: for a client that does not hear cameras on its own machine. Needs Linux's user namespaces, not root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.clients.running import CannotHave

CLIENT, CAMERA = "198.51.100.1", "198.51.100.2"   # RFC 5737
_READY_S, _ASK_S = 20.0, 60.0

# The camera's network is made first and named by its process; the cable is laid into it; then the client runs in the network around it.
_LAY = f"""set -e
ip link set lo up
rm -f ready
unshare -n sh -c 'ip link set lo up; while ! ip link show cam0 >/dev/null 2>&1; do sleep 0.05; done
  ip addr add {CAMERA}/24 dev cam0; ip link set cam0 up; ip route add default dev cam0
  exec "$0" -m tests.clients.networks "$1"' "$PYTHON" "$SERIAL" >ready 2>camera.err &
camera=$!
trap 'kill $camera 2>/dev/null || true' EXIT
until [ "$(readlink /proc/$camera/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link add cli0 type veth peer name cam0 netns $camera
ip addr add {CLIENT}/24 dev cli0
ip link set cli0 up
ip route add default dev cli0
until grep -q ready ready; do sleep 0.05; kill -0 $camera; done
"$@" {CAMERA}
"""


def in_two_networks(command: list[str], said: str, serial: str, folder: Path, **environment: str) -> str:
    """What `command` prints when it is given the camera's address as its last argument and `said` on its input. Raises `CannotHave`."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        raise CannotHave("it hears no camera on its own machine, and a network of its own needs unshare and ip (apt-get install util-linux iproute2)")
    try:
        subprocess.run(["unshare", "-rn", "ip", "link", "add", "t0", "type", "veth"], capture_output=True, check=True, timeout=_READY_S)
    except (subprocess.SubprocessError, OSError) as exc:
        raise CannotHave("it hears no camera on its own machine, and this machine lets nobody make a network of its own (user namespaces)") from exc
    done = subprocess.run(["unshare", "-rn", "sh", "-c", _LAY, "sh", *command], input=said, capture_output=True, text=True, timeout=_ASK_S, check=False, cwd=folder,
                          env={**os.environ, **environment, "PYTHON": sys.executable, "SERIAL": serial, "PYTHONPATH": str(Path(__file__).parents[2])})
    problem = (folder / "camera.err").read_text(encoding="utf-8") if (folder / "camera.err").exists() else ""
    assert done.returncode == 0, f"ended with {done.returncode}: {(done.stdout + done.stderr + problem)[-800:]}"
    return done.stdout


def _camera(serial: str) -> None:
    """The camera, in its own network, until it is ended."""
    import signal

    from simulators.camera import CameraState, SimulatedCamera

    with SimulatedCamera(CameraState(serial=serial), host=CAMERA, http_port=80, rtsp_port=554, discovery_port=3702):
        os.write(1, b"ready\n")
        signal.pause()


if __name__ == "__main__":
    _camera(sys.argv[1])
