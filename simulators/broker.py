"""mosquitto as a child process: generated configuration, one password and one short list of topics for each party.

The settings that matter were measured on mosquitto 2.0.11: without `set_tcp_nodelay` a request and its response take 44 ms longer;
with the default autosave (1800 s) a killed broker has lost everything it acknowledged, with 1 s about the last two seconds of it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

USERS = ("daemon", "alarm_centre", "observer")
START_S_MOST = 5.0  # 24 ms from spawn to accept were measured; a loaded machine gets its time
STOP_S_MOST = 5.0
PACKET_BYTES_MOST = 8192  # 4 KiB of payload, with room for topic and properties

# What each party may do, after docs/contract/README.md. %c is the client id: nobody reads another daemon's replies.
ACL = """\
user daemon
topic write tk/1/cmd/#
topic write tk/1/status/daemon
topic read tk/1/event/#
topic read tk/1/binding/+/state
topic read tk/1/status/ac

user alarm_centre
topic read tk/1/cmd/#
topic read tk/1/status/daemon
topic write tk/1/reply/+
topic write tk/1/event/#
topic write tk/1/binding/+/state
topic write tk/1/status/ac

user observer
topic read #

pattern read tk/1/reply/%c
"""

# The kernel ties a child's end to the end of the *thread* that started it, not of the process. A broker started from a
# passing request thread would die with it; so all of them are started from this one, which lasts as long as the process.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="broker-starter")


class BrokerError(RuntimeError):
    """A sentence for a person, with the way out."""


def find_program(name: str) -> str:
    """Also in /usr/sbin, which is not on an ordinary user's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise BrokerError(f"{name} is not installed. Way out: apt-get install mosquitto")
    return found


class Broker:
    """`with Broker() as broker:` runs one on a free loopback port. `kill` and `start` again keep the port and what was saved."""

    def __init__(self, directory: Path | None = None, *, port: int = 0, passwords: Mapping[str, str] | None = None) -> None:
        foreign = set(passwords or {}) - set(USERS)
        if foreign:
            raise BrokerError(f"the broker knows the users {', '.join(USERS)}, not {', '.join(sorted(foreign))}")
        self.host = "127.0.0.1"
        self.passwords = {user: (passwords or {}).get(user) or secrets.token_urlsafe(16) for user in USERS}
        self._own_directory = directory is None
        self.directory = Path(tempfile.mkdtemp(prefix="broker-")) if directory is None else directory
        self._wanted_port = port
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0
        self._has_passwords = False

    # ---- life

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.is_running else None

    def start(self) -> None:
        """Returns when it accepts connections. Starting a running broker changes nothing."""
        if self.is_running:
            return
        program = find_program("mosquitto")
        for attempt in range(5):  # a free port can be taken by somebody else before the broker has it
            if self.port == 0:
                self.port = _free_port()
            self._write_files()
            self._process = _STARTER.submit(self._spawn, program).result()
            if self._accepts():
                return
            self.stop()
            if self._wanted_port or self.kills or attempt == 4:
                break
            self.port = 0
        raise BrokerError(f"mosquitto does not accept connections on {self.host}:{self.port}: {self._last_words()}")

    def stop(self) -> None:
        """SIGTERM: it saves and ends."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: what it had not saved is lost, acknowledged or not."""
        self.kills += 1
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nobody answers, as with a hung machine."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Stops, and clears away a directory of its own."""
        self.stop()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self._has_passwords = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ---- within

    def _signal(self, number: int) -> None:
        if self._process is not None and self.is_running:
            self._process.send_signal(number)

    def _end(self, number: int) -> None:
        process = self._process
        if process is None:
            return
        self._signal(number)
        self._signal(signal.SIGCONT)  # a frozen one would not hear SIGTERM
        try:
            process.wait(STOP_S_MOST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S_MOST)

    def _spawn(self, program: str) -> subprocess.Popen[bytes]:
        command = [program, "-c", str(self.directory / "mosquitto.conf")]
        setpriv = shutil.which("setpriv")  # util-linux, on every Debian; without it the broker could outlive a killed parent
        if setpriv:
            command = [setpriv, "--pdeathsig", "KILL", *command]
        with (self.directory / "mosquitto.log").open("ab") as log:
            # A session of its own: Ctrl-C at the keyboard is for the parent, which then ends the broker in its own order.
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)

    def _write_files(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        where = self.directory
        (where / "acl").write_text(ACL)
        passwords = where / "passwords"
        if not self._has_passwords:  # a directory may be used again, with other passwords
            passwords.touch(mode=0o600)
            passwords.write_text("".join(f"{user}:{password}\n" for user, password in self.passwords.items()))
            # -U hashes the file in place: a password given as an argument would stand in the list of processes.
            subprocess.run([find_program("mosquitto_passwd"), "-U", str(passwords)], check=True, capture_output=True)
            self._has_passwords = True
        for name in ("acl", "passwords"):
            (where / name).chmod(0o600)
        (where / "mosquitto.conf").write_text("\n".join([
            *(["user root"] if os.geteuid() == 0 else []),  # else it becomes the user mosquitto, who may not read these files
            f"listener {self.port} {self.host}",
            "allow_anonymous false",
            f"password_file {passwords}",
            f"acl_file {where / 'acl'}",
            "set_tcp_nodelay true",
            "persistence true",
            f"persistence_location {where}/",
            "autosave_interval 1",  # seconds
            f"max_packet_size {PACKET_BYTES_MOST}",
            "log_dest stderr", "log_type error", "log_type warning", "log_type notice",  # into mosquitto.log; a log_dest of its own is lost by a kill
            "",
        ]))  # fmt: skip

    def _accepts(self) -> bool:
        give_up_at = time.monotonic() + START_S_MOST
        while time.monotonic() < give_up_at and self.is_running:
            try:
                with socket.create_connection((self.host, self.port), timeout=0.5):
                    pass
            except OSError:
                time.sleep(0.005)
            else:
                return self.is_running  # else it was somebody else who accepted
        return False

    def _last_words(self) -> str:
        log = self.directory / "mosquitto.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return lines[-1] if lines else "it wrote no log"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
