"""The composition root: the only file that knows everybody. Read top to bottom."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from provisioner import systemd
from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.case.identifiers import SerialNumber
from provisioner.clock import SystemClock
from provisioner.config import Secrets, Settings
from provisioner.daemon import Daemon
from provisioner.fault import PlainError, Text
from provisioner.ports import RegistrySink
from provisioner.registry.client import RegistryClient
from provisioner.registry.settings import RegistrySettings, TlsFiles
from provisioner.registry.transport import PahoTransport
from provisioner.secret import Secret
from provisioner.store.keeping import CameraPlace as StoredPlace
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore

log = logging.getLogger("provisioner")

TICK_S = 0.25
"""How often the daemon looks at the clock and at the database: the longest wait of something typed at the command line. A look costs about 1 ms."""
LINK_WAIT_S = 1.0
"""So long `ready` waits for the broker. A broker that is away is no reason not to be ready: what is owed is sent when it is back."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where cameras are reached (the store's sealed table) and how to log in (the secrets). Implements the camera adapter's place book."""

    store: SqlStore
    accounts: dict[str, tuple[str, Secret]]

    def place_of(self, serial: str) -> CameraPlace | None:
        """The place of the camera that is expected to have this serial; None where nobody has said where it is."""
        place = self.store.get_place(SerialNumber(serial))
        if place is None:
            return None
        username, password = self.account_of(serial)
        return CameraPlace(place.host, place.port, username, password)

    def account_of(self, serial: str) -> tuple[str, Secret | None]:
        """The account for this serial, else the one named `default`, else none."""
        return self.accounts.get(serial) or self.accounts.get("default") or ("", None)


def open_store(settings: Settings, secrets: Secrets) -> SqlStore:
    """The database, migrated to this version. Raises `PlainError` with the way out."""
    return SqlStore(settings.store.url, Sealer(secrets.personal_key()))


def registry_settings(settings: Settings, secrets: Secrets, client_id: str | None = None) -> RegistrySettings:
    """The broker as the registry adapter wants it."""
    broker = settings.broker
    tls = TlsFiles(broker.ca_file, broker.cert_file, broker.key_file) if broker.ca_file is not None else None
    return RegistrySettings(host=broker.host, port=broker.port, client_id=client_id or broker.client_id, username=broker.username,
                            password=secrets.read("mqtt-password"), tls=tls, actor_ref=broker.actor_ref)


class _LateSink:
    """The registry client and the daemon know each other; this stands between them until both exist."""

    target: RegistrySink

    def __init__(self) -> None:
        self.linked = threading.Event()

    def registry_replied(self, *args: Any) -> None:
        self.target.registry_replied(*args)

    def registry_told(self, *args: Any) -> None:
        self.target.registry_told(*args)

    def registry_link(self, up: bool) -> None:
        if up:
            self.linked.set()
        self.target.registry_link(up)


@dataclass
class Service:
    """A whole daemon. `with Service(settings, secrets) as service: service.run()`; `stop` from any thread or signal handler ends `run`."""

    settings: Settings
    secrets: Secrets
    warm: bool = True
    ready: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Service":
        with ExitStack() as stack:
            self.clock = SystemClock()
            self.store = open_store(self.settings, self.secrets)
            stack.callback(self.store.close)
            self._pool = ThreadPoolExecutor(self.settings.camera.at_once, thread_name_prefix="camera")
            stack.callback(lambda: self._pool.shutdown(wait=False, cancel_futures=True))
            camera = OnvifCamera(Places(self.store, self.secrets.camera_accounts()), CameraSettings(frame_source=self.settings.camera.frame_source), self.clock.now)
            stack.callback(camera.close)
            sink = _LateSink()
            registry_options = registry_settings(self.settings, self.secrets)
            self.registry = RegistryClient(PahoTransport(registry_options), sink, self.clock, registry_options)
            self.daemon = Daemon(self.store, camera, self.registry, self.clock, self.settings.policy.policy(), worker=self.settings.worker,
                                 spawn=self._spawn, on_tick=self._on_tick)
            sink.target = self.daemon
            self._bug: BaseException | None = None
            self._beat_at = datetime.min.replace(tzinfo=UTC)
            self._watchdog_s = systemd.watchdog_s()
            self._web_socket = self._bind()
            self.registry.start()
            stack.callback(self.registry.stop)
            self._link = sink.linked
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        systemd.notify("STOPPING=1")
        self._stack.close()

    @property
    def http_port(self) -> int | None:
        """The port of the HTTP trigger, also where the settings said 0 means off (None)."""
        return int(self._web_socket.getsockname()[1]) if self._web_socket is not None else None

    def run(self) -> None:
        """Serve until `stop`. A bug in any thread ends it with its exception."""
        with ExitStack() as stack:
            if self._web_socket is not None:
                stack.callback(self._start_web(self._web_socket))
            stack.callback(self._start_clock())
            self._link.wait(LINK_WAIT_S)
            self.daemon.start()
            systemd.notify("READY=1")
            self.ready.set()
            log.info("ready", extra={"event": "ready"})
            if self.warm:
                threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
            self.daemon.run()
        if self._bug is not None:
            raise RuntimeError("the daemon stopped because of a bug") from self._bug

    def stop(self) -> None:
        """End `run` after the input in hand."""
        self.daemon.stop()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop gracefully. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    # ---- parts -----------------------------------------------------------------------------------------------------------------

    def _spawn(self, work: Callable[[], None]) -> None:
        self._pool.submit(work).add_done_callback(self._check)

    def _check(self, future: Any) -> None:
        if not future.cancelled() and future.exception() is not None:
            log.critical("a bug in a camera call; the daemon stops, what is owed is taken up at the next start", exc_info=future.exception())
            self._bug = future.exception()
            self.stop()

    def _on_tick(self, now: datetime) -> None:
        self.registry.tick(now)
        if (now - self._beat_at).total_seconds() >= min(5.0, self._watchdog_s or 5.0):
            self._beat_at = now
            systemd.notify("WATCHDOG=1")
            self.store.beat(self.settings.worker, os.getpid(), now)

    def _bind(self) -> socket.socket | None:
        http = self.settings.http
        if http.port == 0:
            return None
        # The protocol is named because asyncio sets TCP_NODELAY only where it is; without it each answer on a kept connection waits 40 ms for an ACK.
        sock = socket.socket(socket.AF_INET6 if ":" in http.host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((http.host, http.port))
        except OSError as error:
            sock.close()
            raise PlainError("http_port_taken", Text(
                f"Porten {http.port} på {http.host} är upptagen ({error.strerror}). Ändra http.port, eller stoppa den andra daemonen.",
                f"Port {http.port} on {http.host} is taken ({error.strerror}). Change http.port, or stop the other daemon.")) from None
        sock.listen(64)
        return sock

    def _start_web(self, sock: socket.socket) -> Callable[[], None]:
        import uvicorn

        from provisioner.web.api import WebFace

        face = WebFace(self.store, lambda case_id, input, op_id: self.daemon.submit(case_id, input, op_id=op_id),
                       lambda serial, host, port: self.store.put_place(serial, StoredPlace(host, port), self.clock.now()), self.clock,
                       self.secrets.read("api-token"), self.settings.language, lambda: self.daemon.degraded)
        server = uvicorn.Server(uvicorn.Config(face.app(), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2,
                                               http="h11", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="http", daemon=True)
        thread.start()

        def end() -> None:
            server.should_exit = True
            thread.join(3)
        return end

    def _start_clock(self) -> Callable[[], None]:
        from apscheduler.schedulers.background import BackgroundScheduler

        # misfire_grace_time None: a late run still runs; the default drops it without a word. The truth is the database, this is only its alarm clock.
        scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})
        scheduler.add_job(self.daemon.nudge, "interval", seconds=TICK_S)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler.start()
        return lambda: scheduler.shutdown(wait=False)
