"""Getting each client and having it ask a simulated camera. What cannot be had raises `CannotHave` with the reason, which is shown, never swallowed."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simulators.camera import CameraState, SimulatedCamera
from tests.clients import scripts

SERIAL = "ACC8E0123456"
INSTALL_S, ASK_S = 240.0, 60.0
LOGIN = ("admin", "simulated-1")   # simulators/camera/state.py


_NODE_NAMES = {"x86_64": "x64", "i686": "ia32"}   # of processors


class CannotHave(Exception):
    """The client cannot be installed or started on this machine; the text says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of one client. `asked` is what it was asked and answered as expected."""

    name: str
    verdict: str      # passed, failed, SKIPPED
    asked: str
    why: str = ""


def run(command: list[str], folder: Path, seconds: float, **environment: str) -> str:
    """What a command printed. Raises `AssertionError` with its last words where it failed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, f"{Path(command[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr)[-600:]}"
    return done.stdout


def have(command: list[str], folder: Path, what: str, may_get: bool) -> None:
    """One step of an installation, where installing is wanted."""
    if not may_get:
        raise CannotHave(f"{what} would have to be installed, which `make clients` does")
    try:
        run(command, folder, INSTALL_S)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as exc:
        raise CannotHave(f"{what} cannot be installed: {' '.join(str(exc).split())[-300:]}") from None


def needs(program: str, package: str) -> str:
    """The path of a program of the system."""
    found = shutil.which(program)
    if found is None:
        raise CannotHave(f"{program} is not here; on Debian: apt-get install {package}")
    return found


# -- the clients -----------------------------------------------------------------------------------------------------------


def onvif_zeep(folder: Path, may_get: bool) -> str:
    """It is among our own packages."""
    return _asked([sys.executable, "-c", scripts.ZEEP], folder)


def onvif_zeep_async(folder: Path, may_get: bool) -> str:
    """In a virtual environment of its own: it has the same import name as onvif-zeep."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        have([sys.executable, "-m", "venv", str(folder / "venv")], folder, "a virtual environment", may_get)
    have([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "onvif-zeep-async"], folder, "onvif-zeep-async", may_get)
    return _asked([str(python), "-c", scripts.ZEEP_ASYNC], folder)


def onvif_of_npm(folder: Path, may_get: bool) -> str:
    """`agsh/onvif`."""
    node, npm = needs("node", "nodejs npm"), needs("npm", "npm")
    have([npm, "install", "--no-fund", "--no-audit", "--silent", "--prefix", str(folder), "onvif"], folder, "npm's onvif", may_get)
    (folder / "ask.js").write_text(scripts.NPM, encoding="utf-8")
    return _asked([node, "ask.js"], folder)


def _asked(command: list[str], folder: Path) -> str:
    with SimulatedCamera(CameraState(serial=SERIAL)) as camera:
        told = json.loads(run([*command, camera.host, str(camera.http_port)], folder, ASK_S).splitlines()[-1])
        wanted = {"serial": SERIAL, "profiles": len(camera.state.profiles), "stream": camera.rtsp_url(), "snapshot": camera.snapshot_url()}
        assert told == wanted, f"told {told}, wanted {wanted}"
        assert camera.seen.failed_logins == 0, "a login was refused"
    return "device information, profiles, stream URI, snapshot URI"


def ffprobe(folder: Path, may_get: bool) -> str:
    """FFmpeg's reader on the stream, over TCP and over UDP, with a login. The system's, or else the one that npm has ready made."""
    program = shutil.which("ffprobe")
    if program is None:
        have([needs("npm", "npm"), "install", "--no-fund", "--no-audit", "--silent", "--prefix", str(folder), "ffprobe-static"], folder, "ffprobe", may_get)
        made = list(folder.glob(f"node_modules/ffprobe-static/bin/linux/{_NODE_NAMES.get(platform.machine(), 'none')}/ffprobe"))
        if not made:
            raise CannotHave(f"npm has no ffprobe for {platform.machine()}; on Debian: apt-get install ffmpeg")
        program = str(made[0])
    with SimulatedCamera(CameraState(serial=SERIAL)) as camera:
        for transport in ("tcp", "udp"):
            told = json.loads(run([program, "-v", "error", "-rtsp_transport", transport, "-show_streams", "-of", "json", camera.rtsp_url(user=LOGIN[0])],
                                  folder, ASK_S))
            video = next(stream for stream in told["streams"] if stream["codec_type"] == "video")
            main = camera.state.profiles[0]
            assert (video["codec_name"], video["width"], video["height"]) == ("h264", main.width, main.height), video
    return "stream by TCP and by UDP"


def onvif_tools(folder: Path, may_get: bool) -> str:
    """Debian's `onvif-util`, unpacked into the folder. It finds cameras by multicast alone and does not hear its own machine: so the camera is given a
    network of its own (`in_two_networks`)."""
    from tests.clients.networks import in_two_networks

    apt, dpkg = needs("apt-get", "apt"), needs("dpkg", "dpkg")
    if not list(folder.glob("usr/bin/onvif-util")):
        have([apt, "download", "onvif-tools", "libonvif1"], folder, "Debian's onvif-tools", may_get)
        for package in folder.glob("*.deb"):
            have([dpkg, "-x", str(package), str(folder)], folder, package.name, may_get)
    library = next(iter(folder.glob("usr/lib/**/libonvif.so.1"))).parent
    said = in_two_networks([str(folder / "usr/bin/onvif-util"), "-u", LOGIN[0], "-p", LOGIN[1]], "get rtsp\nget profiles\nget capabilities\nquit\n", SERIAL, folder,
                           LD_LIBRARY_PATH=str(library))
    assert "/stream/profile_main" in said and "profile_sub" in said, said[-800:]
    return "discovery, capabilities, profiles, stream URI"


CLIENTS: dict[str, Callable[[Path, bool], str]] = {
    "onvif-zeep": onvif_zeep, "ffprobe": ffprobe, "onvif-zeep-async": onvif_zeep_async, "npm onvif": onvif_of_npm, "onvif-tools": onvif_tools,
}


def outcome_of(name: str, folder: Path, *, may_get: bool = True) -> Outcome:
    """Have one client ask; `may_get`: what is missing is installed, into `folder` alone. Only what cannot be had is skipped; a client that is here and
    gets another answer than it expects has failed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return Outcome(name, "passed", CLIENTS[name](folder, may_get))
    except CannotHave as exc:
        return Outcome(name, "SKIPPED", "", str(exc))
    except (AssertionError, ValueError, OSError, subprocess.TimeoutExpired) as exc:
        return Outcome(name, "failed", "", " ".join(str(exc).split())[:600])
