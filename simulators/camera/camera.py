"""A simulated camera: its faces on two ports, its power switch."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from . import loop, onvif_device, onvif_imaging, onvif_media, wire
from .auth import Gate
from .feed import FeedKey, paint_ahead
from .http import HEADERS_MOST_BYTES, HttpFace
from .levers import Levers
from .onvif import OnvifFace
from .rtsp import RtspFace
from .soap import TDS, TIMG, TRT
from .state import CameraState, Seen

BACKLOG = 16
SERVICES = {TDS: onvif_device.ACTIONS, TRT: onvif_media.ACTIONS, TIMG: onvif_imaging.ACTIONS}
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class SimulatedCamera:
    """Start it, look at its ports, pull its levers. All cameras of a process share one thread."""

    def __init__(self, state: CameraState | None = None, host: str = "127.0.0.1", http_port: int = 0, rtsp_port: int = 0) -> None:
        self.state = CameraState() if state is None else state
        self.host, self.http_port, self.rtsp_port = host, http_port, rtsp_port
        self.seen = Seen()
        self.levers = Levers(self)
        self.gate = Gate(self.state, self.seen)
        self.rtsp = RtspFace(self.state, self.seen, self.gate)
        self.onvif = OnvifFace(self.state, self.seen, self.gate, self.rtsp.force_idr, SERVICES)
        self.http = HttpFace(self.state, self.seen, self.gate, self.onvif)
        self._listening: list[socket.socket] = []
        self._reserved: list[socket.socket] = []        # hold the ports while the power is off
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()    # the loop itself keeps tasks by weak references only
        self._timer: asyncio.TimerHandle | None = None
        self._booting: asyncio.Task[None] | None = None

    # -- for everybody --------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        loop.run(self._start())
        return self

    def stop(self) -> None:
        loop.run(self._stop())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def is_up(self) -> bool:
        """Whether it has power and has booted, so that its ports accept."""
        return bool(self._listening)

    @property
    def onvif_url(self) -> str:
        return f"http://{self.host}:{self.http_port}/onvif/device_service"

    def rtsp_url(self, profile: str = "profile_main", user: str | None = None) -> str:
        """The stream's address; with a user's name and password in it when one is named."""
        login = f"{user}:{self.state.users[user].password}@" if user else ""
        return f"rtsp://{login}{self.host}:{self.rtsp_port}/stream/{profile}"

    def snapshot_url(self, profile: str = "profile_main") -> str:
        return f"http://{self.host}:{self.http_port}/snapshot/{profile}.jpg"

    # -- on the loop ----------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        try:
            self.http_port = self._reserve(self.http_port)
            self.rtsp_port = self._reserve(self.rtsp_port)
        except OSError:
            await self._stop()
            raise
        self.onvif.http_port, self.onvif.rtsp_port = self.http_port, self.rtsp_port
        if self.state.power:
            self._listen()
        paint_ahead(FeedKey.of(self.state, self.state.profiles[0]))

    def _reserve(self, port: int) -> int:
        """A socket that is bound and does not listen refuses connections and keeps the port for us."""
        sock = socket.socket(type=socket.SOCK_STREAM)
        self._reserved.append(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.host, port))
        return int(sock.getsockname()[1])

    def _listen(self) -> None:
        """Accepts by hand instead of through asyncio.Server, which loses connections that come while it is closed."""
        for sock, serve in zip(self._reserved, (self.http.serve, self.rtsp.serve), strict=True):
            sock.setblocking(False)
            sock.listen(BACKLOG)
            asyncio.get_running_loop().add_reader(sock, self._accept, sock, serve)
        self._listening, self._reserved = self._reserved, []

    def _accept(self, sock: socket.socket, serve: Serve) -> None:
        try:
            connection, _ = sock.accept()
        except OSError:
            return                       # the client has gone before we came (accept(2): ECONNABORTED)
        connection.setblocking(False)
        task = asyncio.get_running_loop().create_task(self._handle(connection, serve))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, connection: socket.socket, serve: Serve) -> None:
        self.seen.connections += 1
        reader, writer = await wire.streams(connection, HEADERS_MOST_BYTES)
        if self.state.troubles.reset or not self._listening:
            wire.reset(writer)
            return
        self._writers.add(writer)
        try:
            # The client may go at any moment; a camera has nothing to say about that.
            with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _stop(self) -> None:
        self._forget_timers()
        self._silence()
        for sock in self._reserved:
            sock.close()
        self._reserved = []

    def _forget_timers(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._booting is not None:
            self._booting.cancel()
        self._timer = self._booting = None

    def _silence(self) -> None:
        """Everything that runs stops at once: sessions, connections, listening."""
        self.rtsp.end_all()
        for writer in list(self._writers):
            wire.reset(writer)
        for sock in self._listening:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()
        self._listening = []

    # -- levers use these, on the loop ----------------------------------------------------------------------------------

    def reset_connections(self) -> None:
        for writer in list(self._writers):
            wire.reset(writer)

    def power_off(self, for_s: float | None) -> None:
        self._forget_timers()
        listened = bool(self._listening)
        self._silence()
        self.state.power = False
        self.gate.forget()
        if listened:
            self._reserve(self.http_port)
            self._reserve(self.rtsp_port)
        if for_s is not None:
            self._timer = asyncio.get_running_loop().call_later(for_s, self.power_on)

    def power_on(self) -> None:
        self._forget_timers()
        self.state.power = True
        if not self._listening:
            self._booting = asyncio.get_running_loop().create_task(self._boot())

    async def _boot(self) -> None:
        await asyncio.sleep(self.state.boot_time_s)
        self._listen()
