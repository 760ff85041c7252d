"""The composition root: the only file that knows everybody. Read top to bottom."""

import fcntl
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sqlalchemy import make_url

from provisioner import __version__, beside, systemd
from provisioner.camera.adapter import OnvifCamera, warm_up
from provisioner.camera.places import CameraPlace
from provisioner.camera.progress import Board, Noted, unnoted
from provisioner.camera.settings import CameraSettings
from provisioner.camera.shelf import Shelf
from provisioner.case.audit import Access, Purpose
from provisioner.case.device import Retirement
from provisioner.case.identifiers import SerialNumber
from provisioner.case.inputs import News
from provisioner.case.model import Role
from provisioner.clock import SystemClock
from provisioner.config import EXIT_CONFIG, Secrets, Settings
from provisioner.daemon import Daemon
from provisioner.documents.receipt import Receipt, ReceiptLine, signed
from provisioner.fault import Fault, PlainError, Text
from provisioner.front_desk import Choice, Desk, Received, receive
from provisioner.ids import receipt_ref
from provisioner.nightly import NightWatch
from provisioner.notices import Row
from provisioner.ports import Clock, RegistrySink
from provisioner.registry.client import RegistryClient
from provisioner.registry.settings import RegistrySettings, TlsFiles
from provisioner.registry.transport import PahoTransport
from provisioner.secret import Secret
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
from provisioner.wrong import os_finding

log = logging.getLogger("provisioner")

TICK_S = 0.25
"""How often the daemon looks at the clock and at the database: the longest wait of something typed at the command line. A look costs about 1 ms."""
LIGHT_S = 60.0
"""For putting one camera's light back at the start: it may be booting after the same power cut."""
LINK_WAIT_S = 1.0
"""So long `ready` waits for the broker. A broker that is away is no reason not to be ready: what is owed is sent when it is back."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where cameras are reached and how to log in, both from the store's sealed tables. Until a camera's first rotation its account is the one in the
    secrets (`cameras.toml`). Implements the camera adapter's place book."""

    store: SqlStore
    accounts: dict[str, tuple[str, Secret]]

    def place_of(self, serial: str) -> CameraPlace | None:
        """The place of the camera that is expected to have this serial; None where nobody has said where it is."""
        place = self.store.get_place(SerialNumber(serial))
        if place is None:
            return None
        username, password = self.account_of(serial)
        return CameraPlace(place.host, place.port, username, password, place.rtsp_port, place.tls, place.pin, place.profile)

    def account_of(self, serial: str) -> tuple[str, Secret | None]:
        """The account that the last rotation left, else the secrets' for this serial, else the one named `default` there, else none."""
        kept = self.store.credentials_of(serial)
        if kept is not None and kept.current is not None:
            return kept.current.username, kept.current.password
        return self.accounts.get(serial) or self.accounts.get("default") or ("", None)


@dataclass(frozen=True, slots=True)
class Receipts:
    """Signs receipts with the key of this installation and keeps them in the store. Implements the camera adapter's receipt book."""

    store: SqlStore
    seed: Callable[[], bytes]

    def file_receipt(self, serial: str, binding_ids: tuple[str, ...], retirement: Retirement) -> str:
        """See `camera.retiring.ReceiptBook`. Raises `PlainError`: the key is missing, the database is unwell."""
        ref = receipt_ref(retirement.at)
        lines = tuple(ReceiptLine(item.what, item.cleared, item.count) for item in retirement.items)
        receipt = Receipt(ref, serial, binding_ids, retirement.state, retirement.way, lines, f"{retirement.at:%Y-%m-%dT%H:%M:%SZ}",
                          f"provisioner {__version__}")
        self.store.put_receipt(ref, serial, signed(receipt, self.seed()), retirement.at)
        return ref


def open_camera(settings: Settings, secrets: Secrets, store: SqlStore, clock: Clock, noted: Noted = unnoted, shelf: Shelf | None = None) -> OnvifCamera:
    """The cameras of this installation, with every book that the adapter keeps. `noted` hears what is under way at which camera; `shelf` is laid drawings."""
    return OnvifCamera(Places(store, secrets.camera_accounts()), camera_settings(settings), clock.now, book=store, accounts=store,
                       receipts=Receipts(store, secrets.receipt_key), noted=noted, lights=store, shelf=shelf)


def open_store(settings: Settings, secrets: Secrets) -> SqlStore:
    """The database, migrated to this version. Raises `PlainError` with the way out."""
    return SqlStore(settings.store.url, Sealer(secrets.personal_keys()), camera_sealer=Sealer(secrets.camera_keys(), "camera-key"),
                    audit_url=settings.store.audit_url or None)


def camera_settings(settings: Settings) -> CameraSettings:
    """The settings as the camera adapter wants them. Raises `PlainError` where the makers' authorities cannot be read."""
    camera = settings.camera
    if camera.device_ca_file is not None:
        try:
            ssl.create_default_context(cafile=camera.device_ca_file)
        except OSError as error:  # ssl.SSLError is one
            found = Text("är ingen giltig PEM-fil", "is no valid PEM file") if isinstance(error, ssl.SSLError) else os_finding(error)
            raise PlainError("camera_ca", Text(f"Filen camera.device_ca_file {found.sv}.", f"The file camera.device_ca_file {found.en}."),
                             exit_code=EXIT_CONFIG) from None
    return CameraSettings(frame_source=camera.frame_source, kept_accounts=camera.kept_accounts, approved_firmware=camera.approved_firmware,
                          time_server=camera.time_server, device_ca_file=camera.device_ca_file, night_follows_s=camera.night_follows_s)


def registry_settings(settings: Settings, secrets: Secrets, client_id: str | None = None) -> RegistrySettings:
    """The broker as the registry adapter wants it. Raises `PlainError` as `broker_settings`, and where the password is missing."""
    return broker_settings(settings, secrets.read("mqtt-password"), client_id)


def broker_settings(settings: Settings, password: Secret, client_id: str | None = None) -> RegistrySettings:
    """The same with this password. Raises `PlainError` where the settings would speak in the clear to another machine, or a TLS file is none."""
    broker = settings.broker
    tls = TlsFiles(broker.ca_file, broker.cert_file, broker.key_file) if broker.ca_file is not None else None
    if tls is not None:
        try:
            context = ssl.create_default_context(cafile=tls.ca_file)
            if tls.cert_file is not None:
                context.load_cert_chain(tls.cert_file, tls.key_file)
        except OSError as error:  # ssl.SSLError is one
            found = Text("är ingen giltig PEM-fil", "is no valid PEM file") if isinstance(error, ssl.SSLError) else os_finding(error)
            raise PlainError("broker_tls", Text(f"En av filerna broker.ca_file, cert_file, key_file {found.sv}.",
                                                f"One of the files broker.ca_file, cert_file, key_file {found.en}."), exit_code=EXIT_CONFIG) from None
    return RegistrySettings(host=broker.host, port=broker.port, client_id=client_id or broker.client_id, username=broker.username,
                            password=password, tls=tls, actor_ref=broker.actor_ref)


class Crew:
    """A few threads for calls that block: cameras. They end with the process, in the middle of a call if need be, because every call may run twice and
    a daemon that is told to stop shall not wait for a camera's deadline (a `ThreadPoolExecutor` would)."""

    def __init__(self, size: int, on_bug: Callable[[BaseException], None]) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._on_bug = on_bug
        for number in range(size):
            threading.Thread(target=self._serve, name=f"camera-{number}", daemon=True).start()

    def do(self, work: Callable[[], None]) -> None:
        """Do it as soon as somebody is free; returns at once."""
        self._work.put(work)

    def _serve(self) -> None:
        while True:
            work = self._work.get()
            try:
                work()
            except Exception as error:  # noqa: BLE001 - not swallowed: it ends the daemon
                self._on_bug(error)


@contextmanager
def the_only_one(settings: Settings) -> Iterator[None]:
    """Hold the name of this worker on this database as long as the process lives. Raises `PlainError` where another daemon holds it.

    Two daemons under one name would free each other's claims and throw each other off the broker for ever. On SQLite a lock file beside the database
    holds it, which the kernel gives back whatever becomes of the process; on PostgreSQL the names are the operator's to keep apart.
    """
    path = make_url(settings.store.url).database if settings.store.url.startswith("sqlite") else None
    if not path or path == ":memory:":
        yield
        return
    with Path(f"{path}.{settings.worker}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PlainError("daemon_runs", Text(
                f"En daemon med namnet {settings.worker} kör redan på denna databas. Stoppa den, eller ge den här ett annat namn (worker).",
                f"A daemon named {settings.worker} runs on this database already. Stop it, or give this one another name (worker)."), exit_code=3) from None
        yield


class _LateSink:
    """The registry client and the daemon know each other; this stands between them until both exist."""

    target: RegistrySink

    def __init__(self, watch: NightWatch, clock: Clock) -> None:
        self.linked = threading.Event()
        self._watch, self._clock = watch, clock

    def registry_replied(self, *args: Any) -> None:
        self.target.registry_replied(*args)

    def registry_told(self, news: News, op_id: str | None) -> None:
        self._watch.heard(news, self._clock.now())
        self.target.registry_told(news, op_id)

    def registry_link(self, up: bool) -> None:
        if up:
            self.linked.set()
        self._watch.linked(up, self._clock.now())
        self.target.registry_link(up)

    def registry_presence(self, online: bool) -> None:
        self._watch.linked(online, self._clock.now())
        self.target.registry_presence(online)


@dataclass
class Service:
    """A whole daemon. `with Service(settings, secrets) as service: service.run()`; `stop` from any thread or signal handler ends `run`."""

    settings: Settings
    secrets: Secrets
    warm: bool = True
    ready: threading.Event = field(default_factory=threading.Event)
    warmed: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Service":
        with ExitStack() as stack:
            self.clock = SystemClock()
            self._board = Board()
            self.store = open_store(self.settings, self.secrets)
            stack.callback(self.store.close)
            stack.enter_context(the_only_one(self.settings))
            self._crew = Crew(self.settings.camera.at_once, self._met_a_bug)
            self.secrets.receipt_key()    # missing, it is said now and not when the first camera is retired
            self.shelf = Shelf()
            stack.callback(self.shelf.clear)
            camera = open_camera(self.settings, self.secrets, self.store, self.clock, self._board.note, self.shelf)
            stack.callback(camera.close)
            self._camera = camera
            self._watch = beside.night_watch(self.settings, self.store, registry_settings(
                self.settings, self.secrets, f"{self.settings.broker.client_id}-night"), self.clock)
            sink = _LateSink(self._watch, self.clock)
            registry_options = registry_settings(self.settings, self.secrets)
            self.registry = RegistryClient(PahoTransport(registry_options), sink, self.clock, registry_options)
            self.daemon = Daemon(self.store, camera, self.registry, self.clock, self.settings.policy.policy(), worker=self.settings.worker,
                                 spawn=self._crew.do, on_tick=self._on_tick)
            sink.target = self.daemon
            self._bug: BaseException | None = None
            self._beat_at = datetime.min.replace(tzinfo=UTC)
            self._watchdog_s = systemd.watchdog_s()
            self._web_socket = self._bind()
            self._ways = beside.channels(self.settings, self.secrets)
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
            stack.enter_context(beside.running(self.settings, self.store, self._ways, self._watch, self.clock, self._met_a_bug))
            self._await_link()
            self.daemon.start()
            self._put_lights_back()
            systemd.notify("READY=1")
            self.ready.set()
            log.info("ready", extra={"event": "ready"})
            if self.warm:
                threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
            self.daemon.run()
        if self._bug is not None:
            raise RuntimeError("the daemon stopped because of a bug") from self._bug

    def _await_link(self) -> None:
        """Give the broker a moment; where it is away, say so once and go on. The registry's client says when it comes."""
        if not self._link.wait(LINK_WAIT_S):
            fault = self.registry.pump.link_fault
            log.warning("no line to the broker yet; commands are kept and sent when it is back. %s %s", fault.evidence if fault else "", fault.hint.en if fault else "",
                        extra={"event": "link", "fault": str(fault.kind) if fault else None})

    def stop(self) -> None:
        """End `run` after the input in hand."""
        self.daemon.stop()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop gracefully. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    # ---- parts -----------------------------------------------------------------------------------------------------------------

    def _warm_up(self) -> None:
        """Parse the camera's WSDLs beside the work, so that the first camera call need not wait for it."""
        warm_up()
        self.warmed.set()

    def _put_lights_back(self) -> None:
        """What a check of the view was doing when the last run was cut off: those cameras are put right, beside the work. Where one cannot be reached now,
        the next operation at it does it."""
        for serial in self.store.lights_owed():
            self._crew.do(partial(self._put_light_back, serial))

    def _put_light_back(self, serial: str) -> None:
        if isinstance(found := self._camera.put_light_back(serial, LIGHT_S), Fault):
            log.warning("a camera's light could not be put back yet: %s", found.hint.en, extra={"event": "light_owed", "fault": str(found.kind)})

    def _met_a_bug(self, error: BaseException) -> None:
        log.critical("a bug beside the loop; the daemon stops, what is owed is taken up at the next start", exc_info=error)
        self._bug = error
        self.stop()

    def _on_tick(self, now: datetime) -> None:
        self.registry.tick(now)
        self.shelf.sweep()
        if steps := self._board.take():
            try:
                self.store.note_steps({serial: step.value for serial, step in steps}, now)
            except PlainError as error:  # what a person would have read a moment long
                log.debug("progress not noted: %s", error.text.en, extra={"event": error.code})
        if (now - self._beat_at).total_seconds() >= min(5.0, self._watchdog_s or 5.0):
            self._beat_at = now
            systemd.notify("WATCHDOG=1")
            try:
                self.store.beat(self.settings.worker, os.getpid(), now)
            except PlainError as error:  # a sign of life is no reason to die; whether the database can be written the daemon itself finds out and says
                log.debug("no heartbeat: %s", error.text.en, extra={"event": error.code})

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
            found = os_finding(error)
            raise PlainError("http_port_taken", Text(
                f"Porten {http.port} på {http.host} {found.sv}. Ändra http.port, eller stoppa det som har den.",
                f"Port {http.port} on {http.host} {found.en}. Change http.port, or stop what has it.")) from None
        sock.listen(64)
        return sock

    def _start_web(self, sock: socket.socket) -> Callable[[], None]:
        import uvicorn

        from provisioner.web.api import WebFace

        face = WebFace(self.store, lambda case_id, input, op_id: self.daemon.submit(case_id, input, op_id=op_id),
                       lambda serial, host, port: self.store.move_place(serial, host, port, self.clock.now()), self.clock,
                       self.secrets.read("api-token"), self.settings.language, lambda: self.daemon.degraded, self.shelf.look, self._receive)
        server = uvicorn.Server(uvicorn.Config(face.app(), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2,
                                               http="h11", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="http", daemon=True)
        thread.start()

        def end() -> None:
            server.should_exit = True
            thread.join(3)
        return end

    def _receive(self, row: Row, choice: Choice) -> Received:
        """A notice over HTTP, beside the daemon's loop: the loop finds what is then owed within a quarter of a second, as after a command."""
        desk = Desk(self.store.references(), self.clock.now(), self.settings.policy.policy(), self.settings.mode, "support-form")
        access = Access(desk.by, Role.UNIT.value, Purpose.INTAKE, "http")
        return self.store.sit(lambda sitting: receive(sitting, [row], desk, choice), desk.now, desk.policy, access)[0]

    def _start_clock(self) -> Callable[[], None]:
        from apscheduler.schedulers.background import BackgroundScheduler

        # misfire_grace_time None: a late run still runs; the default drops it without a word. The truth is the database, this is only its alarm clock.
        scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})
        scheduler.add_job(self.daemon.nudge, "interval", seconds=TICK_S)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler.start()
        return lambda: scheduler.shutdown(wait=False)
