"""The two processes beside the benchmark: a simulated site with as many cameras as needed, and the daemon, started as an administrator would."""

import http.client
import json
import os
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.common import cpu_s
from provisioner.config import Secrets, Settings, fresh_keys, parse

ROOT = Path(__file__).parents[1]
READY_S = 60.0
USER, PASSWORD = "provisioner", "benchmark-camera-1"


class Broken(RuntimeError):
    """The benchmark cannot go on; the text says what was seen."""


def compiling() -> dict[str, str]:
    """This environment for a program that may keep its compiled code, as installed programs do: without it every import costs twice."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def site_file(cameras: int) -> str:
    """A site with that many cameras, each with an old home and a new one. Ordinary cameras of the simulator: 1080p, GOP 1 s, an IDR at once."""
    parts = [f'[alarm_centre]\nproviders = ["provider-north"]\n[broker]\npasswords = {{ daemon = "{secrets.token_hex(8)}", observer = "{secrets.token_hex(8)}" }}']
    for n in range(cameras):
        parts.append(f'[[home]]\nname = "old{n}"\nwords = "Old home {n}"\nsite_ref = "site-old-{n}"\nscene = "storgatan_bedroom"')
        parts.append(f'[[home]]\nname = "new{n}"\nwords = "New home {n}"\nsite_ref = "site-new-{n}"\nscene = "nygatan_bedroom"')
        parts.append(f'[[camera]]\nname = "camera{n}"\nserial = "ACCC8E{n:06X}"\nasset_number = "LKP-{n:06d}"\nhome = "old{n}"\n'
                     f'user = "{USER}"\npassword = "{PASSWORD}"\ngop_s = 1.0\nboot_s = 0.0')
        parts.append(f'[[binding]]\nbinding_id = "binding-{n:06d}"\ncamera = "camera{n}"\nhome = "old{n}"\nprovider_ref = "provider-north"\n'
                     'schedule_ref = "schedule-1"\nnext_look = 23:00:00\nnext_look_at_least_h = 6.0')
    return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class Site:
    """The site's description, and its levers over HTTP."""

    described: Mapping[str, Any]

    def pull(self, path: str, **given: Any) -> Any:
        """Pull a lever."""
        host, port = str(self.described["control_url"]).removeprefix("http://").split(":")
        line = http.client.HTTPConnection(host, int(port), timeout=10)
        line.request("POST", f"/{path}", json.dumps(given), {"content-type": "application/json"})
        answer = line.getresponse()
        body = answer.read()
        line.close()
        if answer.status != 200:
            raise Broken(f"lever {path}: {body.decode()}")
        return json.loads(body)

    @property
    def broker(self) -> Mapping[str, Any]:
        """`host`, `port`, `users` (name -> password)."""
        found: Mapping[str, Any] = self.described["broker"]
        return found


def start_site(stack: ExitStack, cameras: int, directory: Path) -> Site:
    """`python -m simulators site` in a process of its own, until the stack ends."""
    file = directory / "site.toml"
    file.write_text(site_file(cameras), encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-m", "simulators", "site", str(file), "--json", "--until-stdin-closes"],
                             cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stack.callback(_end, child)
    assert child.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        line = child.stdout.readline() if selector.select(READY_S) else b""
    if not line:
        raise Broken("the simulated site did not start")
    return Site(json.loads(line))


def _end(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdin is not None and child.stdout is not None
    child.stdin.close()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()


def write_settings(site: Site, directory: Path, frame_source: str = "auto", client_id: str = "provisioner") -> Settings:
    """A settings file `provisioner.toml` and its secrets in the directory; the same as an object."""
    hidden = directory / "secrets"
    hidden.mkdir(mode=0o700)
    files = {**fresh_keys(), "mqtt-password": site.broker["users"]["daemon"], "api-token": secrets.token_hex(16),
             "cameras.toml": f'[default]\nusername = "{USER}"\npassword = "{PASSWORD}"\n'}
    for name, text in files.items():
        (hidden / name).touch(mode=0o600)
        (hidden / name).write_text(text, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings: dict[str, dict[str, Any]] = {
        "store": {"url": f"sqlite:///{directory / 'provisioner.db'}"}, "http": {"port": port}, "camera": {"frame_source": frame_source},
        "broker": {"host": site.broker["host"], "port": site.broker["port"], "client_id": client_id},
    }
    top: dict[str, Any] = {"mode": "test", "secrets_directory": str(hidden)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in top.items()]
    for name, section in settings.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items())]
    (directory / "provisioner.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return parse({**top, **settings})


class Daemon:
    """`provisioner run` as its own process. `with Daemon(...) as daemon` returns when it has said that it is ready; `ready_s` is how long that took."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.directory = directory
        self.settings = settings
        self.ready_s = 0.0
        self._token = Secrets(settings).read("api-token").reveal()
        self._line = http.client.HTTPConnection("127.0.0.1", settings.http.port, timeout=30)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            notified = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))  # open for as long as the daemon beats on it
            address = self.directory / "notify"
            address.unlink(missing_ok=True)
            notified.bind(str(address))
            notified.settimeout(READY_S)
            log = stack.enter_context((self.directory / "daemon.log").open("ab"))
            begun = time.perf_counter()
            self._process = subprocess.Popen([sys.executable, "-m", "provisioner", "run", "--config", str(self.directory / "provisioner.toml")],
                                             cwd=ROOT, stderr=log, stdout=log, env={**compiling(), "NOTIFY_SOCKET": str(address)})
            try:
                while not notified.recv(256).startswith(b"READY=1"):
                    pass
            except TimeoutError:
                self._process.kill()
                self._process.wait()
                raise Broken(f"the daemon did not become ready: {self.last_words()}") from None
            self.ready_s = time.perf_counter() - begun
            self._kept = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._line.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._kept.close()

    @property
    def pid(self) -> int:
        """Of the daemon."""
        return self._process.pid

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        return cpu_s(self.pid)

    def last_words(self) -> str:
        """The end of its log."""
        return (self.directory / "daemon.log").read_text(errors="replace")[-600:]

    def hang_up(self) -> None:
        """The next request comes over a new connection: the daemon closes one that was silent for five seconds, which a naive run may take."""
        self._line.close()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request over the kept connection. Raises `Broken` for anything but success."""
        text = None if body is None else json.dumps(body)
        self._line.request(method, f"/api/v1/{path}", text, {"authorization": f"Bearer {self._token}", "content-type": "application/json"})
        answer = self._line.getresponse()
        found: dict[str, Any] = json.loads(answer.read())
        if answer.status >= 300:
            raise Broken(f"{method} {path}: {answer.status} {found}")
        return found

    def say(self, case_id: str, what: str, by: str = "technician-1", role: str = "technician", **fields: Any) -> dict[str, Any]:
        """A person says something."""
        return self.ask("POST", f"cases/{case_id}/say", {"by": by, "role": role, "what": what, "fields": fields})
