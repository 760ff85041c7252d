"""Recording what a camera answers to the questions that the daemon asks, byte for byte as they came over the wire.

A relay on loopback stands between our client and the camera and keeps what passes. It knows nothing of the protocols: what a camera sends, however broken,
is kept as it was. What is kept holds everything the camera says of itself, until `transcript.masked` has gone over it; nobody sees it before.
"""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from provisioner.camera.attempts import AttemptBook
from provisioner.camera.errors import CameraTrouble, LoginRefused
from provisioner.camera.net import Allowance, Deadline, connect
from provisioner.camera.places import CameraPlace
from provisioner.camera.posture_ask import SAID, Look, asked
from provisioner.camera.settings import CameraSettings
from provisioner.camera.stream_address import PORTS, address_of
from provisioner.camera.visit import Visit
from provisioner.fault import PlainError, Text

EXCHANGES_MOST = 400
BYTES_MOST = 64 * 1024 * 1024


@dataclass(slots=True)
class Exchange:
    """One question and all bytes that came before the next one. `face`: `http` or `rtsp`."""

    face: str
    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


class Relay:
    """A port on loopback that leads to the camera. `with Relay("http", place.host, place.port, exchanges) as relay: ... relay.port`.

    `exchanges` grows in the order of the questions. Connections end with the block.
    """

    def __init__(self, face: str, host: str, port: int, exchanges: list[Exchange]) -> None:
        self.face, self.host, self.target = face, host, port
        self._exchanges = exchanges
        self._sock = socket.socket()
        self._sock.bind(("127.0.0.1", 0))
        self._sock.listen(16)
        self.port = int(self._sock.getsockname()[1])
        self._bytes = 0
        self._ending = threading.Event()

    def __enter__(self) -> "Relay":
        threading.Thread(target=self._serve, name="relay", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._sock.close()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                ready, _, _ = select.select([self._sock], [], [], 0.2)
                line = self._sock.accept()[0] if ready else None
            except (OSError, ValueError):  # closed under us
                return
            if line is not None:
                threading.Thread(target=self._carry, args=(line,), name="relay", daemon=True).start()

    def _carry(self, line: socket.socket) -> None:
        """One connection, until either side ends it; no connection where the camera gives none."""
        allowance = Allowance(Deadline(10.0), BYTES_MOST, 10.0)
        with line, contextlib.suppress(OSError, CameraTrouble), connect(self.host, self.target, allowance, 3.0) as far:
            far.settimeout(10.0)
            current: Exchange | None = None
            while not self._ending.is_set():
                for sock in select.select([line, far], [], [], 0.2)[0]:
                    data = sock.recv(65536)
                    if not data or self._bytes > BYTES_MOST or len(self._exchanges) > EXCHANGES_MOST:
                        return
                    self._bytes += len(data)
                    if sock is line:
                        if current is None or current.answered:
                            current = Exchange(self.face)
                            self._exchanges.append(current)
                        current.asked += data
                        far.sendall(data)
                    else:
                        if current is not None:
                            current.answered += data
                        line.sendall(data)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything that passed, and how many questions of ours went unanswered. Unmasked: for `transcript.masked` alone; `repr` shows numbers only."""

    exchanges: tuple[Exchange, ...] = field(repr=False)
    questions: int
    without_answer: int


def record(place: CameraPlace, settings: CameraSettings, clock: Callable[[], datetime], deadline_s: float, book: AttemptBook | None = None,
           told: Callable[[str], None] = lambda what: None) -> Recorded:
    """Ask a camera everything that the daemon asks and that changes nothing, through a relay; within `deadline_s` (seconds).

    Identity, scopes, every item of the posture that is asked over our login, profiles, addresses, a still picture, the stream's description. No other
    password than the place's is tried, and none after a refusal. `told` hears what is asked next. Raises `PlainError` for a place with TLS, whose
    conversation nobody can hear, and `CameraTrouble` where nothing comes back at all.
    """
    if place.tls:
        raise PlainError("record_tls", Text("En krypterad kamera går inte att spela in: ange den okrypterade porten.",
                                            "An encrypted camera cannot be recorded: give the port without encryption."))
    exchanges: list[Exchange] = []
    counts, deadline = [0, 0], Deadline(deadline_s)
    connect(place.host, place.port, Allowance(deadline, BYTES_MOST, deadline_s), settings.connect_s).close()  # through the relay all silence is alike
    with Relay("http", place.host, place.port, exchanges) as http, Relay("rtsp", place.host, place.rtsp_port or PORTS["rtsp"], exchanges) as rtsp:
        near = CameraPlace("127.0.0.1", http.port, place.username, place.password, rtsp.port, profile=place.profile)
        visit = Visit(near, settings, clock)
        try:
            attempts = visit.attempts(book, place.host)
            counts[0] += 1
            try:
                visit.onvif.read_clock(deadline)
            except CameraTrouble:
                if not any(exchange.answered for exchange in exchanges):
                    raise
                return Recorded(tuple(exchanges), 1, 1)  # no ONVIF, but something: what it said is worth keeping
            for name, question in _questions(visit, Look(visit, settings, clock, deadline, attempts), rtsp, place):
                told(name)
                counts[0] += 1
                try:
                    question()
                except LoginRefused:
                    counts[1] += 1
                    break
                except CameraTrouble:
                    counts[1] += 1  # what the camera said to it is in the transcript
        finally:
            visit.close()
    return Recorded(tuple(exchanges), *counts)


def _questions(visit: Visit, look: Look, rtsp: Relay, place: CameraPlace) -> Iterator[tuple[str, Callable[[], object]]]:
    deadline, attempts, onvif = look.deadline, look.attempts, visit.onvif
    yield "identity", lambda: visit.identity(deadline, attempts)
    yield "scopes", lambda: onvif.scopes(deadline, attempts)
    yield "services", lambda: onvif.device("GetCapabilities", deadline, attempts, Category="All")
    yield "profiles", lambda: onvif.profiles(deadline, attempts)

    def both_addresses() -> None:
        for profile in onvif.profiles(deadline, attempts):
            uri = onvif.stream_uri(profile, deadline, attempts)
            if place.rtsp_port is None:  # the relay leads to where the camera's own address does
                rtsp.target = address_of(uri, CameraPlace(place.host)).port
            with contextlib.suppress(CameraTrouble):
                onvif.snapshot_uri(profile, deadline, attempts)

    yield "addresses", both_addresses
    for item, question in SAID.items():
        yield str(item), lambda item=item, question=question: asked(item, question, look)  # type: ignore[misc]
    yield "snapshot", lambda: visit.still(deadline, attempts, 0.0)
    yield "stream", lambda: visit.description(deadline, attempts)
