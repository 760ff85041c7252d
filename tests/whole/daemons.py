"""A daemon of one run: its settings and secrets in a folder of its own, and its life from start to SIGKILL."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from provisioner.config import Secrets, Settings, fresh_keys, load
from provisioner.store.sql import SqlStore
from provisioner.wiring import open_store
from simulators.site import Site

PATIENCE_S = 20.0
LOOK_S = 0.004


def until(true: Callable[[], Any], what: str, within_s: float = PATIENCE_S) -> Any:
    """Wait until `true()` is truthy and return it."""
    give_up_at = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < give_up_at, f"in {within_s:g} s this did not come: {what}"
        time.sleep(LOOK_S)
    return found


def write_settings(folder: Path, site: Site, *, http_port: int = 0, **other: str) -> Path:
    """A settings file and closed secrets for this site. `other` are lines for the top of the file, as TOML values."""
    hidden = folder / "secrets"
    hidden.mkdir(mode=0o700)
    camera: Any = site.describe()["cameras"][0]  # type: ignore[index]
    account = f"[default]\nusername = {json.dumps(camera['user'])}\npassword = {json.dumps(camera['password'])}\n"
    for name, text in {**fresh_keys(), "mqtt-password": site.broker.passwords["daemon"], "api-token": secrets.token_hex(16),
                       "cameras.toml": account}.items():
        (hidden / name).touch(mode=0o600)
        (hidden / name).write_text(text, encoding="utf-8")
    path = folder / "provisioner.toml"
    head = {"mode": '"test"', "secrets_directory": json.dumps(str(hidden)), **other}
    path.write_text("\n".join([
        *(f"{name} = {value}" for name, value in head.items()),
        "[store]", f"url = {json.dumps(f'sqlite:///{folder}/provisioner.db')}",
        "[broker]", f'host = "{site.broker.host}"', f"port = {site.broker.port}", 'username = "daemon"',
        "[http]", f"port = {http_port}",
        "[camera]", 'frame_source = "rtsp"', "",
    ]), encoding="utf-8")
    return path


class Forker:
    """The process that forks daemons; `with Forker() as forker:`."""

    def __enter__(self) -> "Forker":
        self._child = subprocess.Popen([sys.executable, "-m", "tests.whole.forker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                       cwd=Path(__file__).parents[2])
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(5)
        if self._child.stdout is not None:
            self._child.stdout.close()

    def fork(self, **wish: Any) -> int:
        """Fork one daemon and return its process id."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(wish) + "\n")
        self._child.stdin.flush()
        return int(self._read()["pid"])

    def _read(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        assert line, "the forker of daemons ended"
        found: dict[str, Any] = json.loads(line)
        return found


class Daemon:
    """`provisioner run` on the settings of `folder`, again and again."""

    def __init__(self, forker: Forker, config: Path) -> None:
        self.config = config
        self.log = config.parent / "log"
        self.settings: Settings = load(config)
        self.secrets = Secrets(self.settings)
        self.kills = 0
        self._forker = forker
        self._pid: int | None = None

    def open_store(self) -> SqlStore:
        """The database, as a command opens it."""
        return open_store(self.settings, self.secrets)

    def start(self, *, wait: bool = True, die_after_commit: int = 0) -> None:
        """Start it; with `wait`, return when it says that it is ready."""
        before = self.lines().count("ready")
        self._pid = self._forker.fork(config=str(self.config), log=str(self.log), die_after_commit=die_after_commit)
        if wait:
            until(lambda: not self.is_alive or self.lines().count("ready") > before, "the daemon is ready")

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        if self._pid is None:
            return False
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def signal(self, number: int) -> None:
        """Send a signal and do not wait."""
        if self._pid is not None:
            os.kill(self._pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        self.kills += 1
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait for its end."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self._pid is None:
            return
        try:
            os.kill(self._pid, number)
        except ProcessLookupError:
            return
        until(lambda: not self.is_alive, f"the daemon ends after signal {number}")

    def lines(self) -> list[str]:
        """The events of its log so far, over all its lives."""
        return [line.get("event", "") for line in self.records()]

    def records(self) -> list[dict[str, Any]]:
        """The log, line by line; a line cut by a kill is left out."""
        found = []
        for line in self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []:
            try:
                found.append(json.loads(line))
            except ValueError:
                assert not line.startswith(("Traceback", "  File")), self.log.read_text(encoding="utf-8")[-3000:]
        return found
