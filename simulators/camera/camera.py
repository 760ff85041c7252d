"""A simulated camera: its faces on two ports, its power switch."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from . import (
    loop,
    onvif_device,
    onvif_device_set,
    onvif_events,
    onvif_imaging,
    onvif_media,
    onvif_media2,
    onvif_overlay,
    onvif_ptz,
    onvif_recording,
    onvif_users,
    wire,
)
from .auth import Gate
from .discovery import DiscoveryFace
from .feed import FeedKey, paint_ahead
from .http import HEADERS_MOST_BYTES, HttpFace
from .levers import Levers
from .onvif import Actions, Body, OnvifFace
from .rtsp import RtspFace
from .soap import TDS, TEV, TIMG, TPTZ, TR2, TRC, TRT, WSNT
from .state import CameraState, Seen
from .tls import Identity

BACKLOG = 16
ANSWER_LEAVES_S = 0.05       # a restart that was asked for waits so long, so that its answer gets out
SERVICES: dict[str, Actions] = {
    TDS: {**onvif_device.ACTIONS, **onvif_device_set.ACTIONS, **onvif_users.ACTIONS},
    TRT: {**onvif_media.ACTIONS, **onvif_overlay.ACTIONS[TRT]},
    TR2: {**onvif_media2.ACTIONS, **onvif_overlay.ACTIONS[TR2]},
    TIMG: onvif_imaging.ACTIONS, TRC: onvif_recording.ACTIONS, TEV: onvif_events.ACTIONS, WSNT: onvif_events.WSNT_ACTIONS, TPTZ: onvif_ptz.ACTIONS,
}
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class SimulatedCamera:
    """Start it, look at its ports, pull its levers. All cameras of a process share one thread."""

    def __init__(self, state: CameraState | None = None, host: str = "127.0.0.1", http_port: int = 0, rtsp_port: int = 0, https_port: int = 0,
                 discovery_port: int | None = None) -> None:
        """Ports 0 take free ones. HTTPS is served where `state.tls` says so; WS-Discovery where a port is given (3702 is the real one)."""
        self.state = CameraState() if state is None else state
        self.host, self.discovery_port = host, discovery_port
        self.body = Body(self._force_idr, self._reboot_soon, self._relisten, http_port, https_port, rtsp_port, lambda: self.identity.der)
        self.identity = Identity(self.state, host)
        self.seen = Seen()
        self.levers = Levers(self)
        self.gate = Gate(self.state, self.seen)
        self.rtsp = RtspFace(self.state, self.seen, self.gate)
        self.onvif = OnvifFace(self.state, self.seen, self.gate, self.body, SERVICES)
        self.http = HttpFace(self.state, self.seen, self.gate, self.onvif)
        self.discovery = DiscoveryFace(self.state, self.seen, lambda: self.http_port)
        self._listening: dict[str, socket.socket] = {}
        self._reserved: dict[str, socket.socket] = {}   # hold the ports while the power is off or the protocol is
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
    def http_port(self) -> int:
        return self.body.http_port

    @property
    def https_port(self) -> int:
        """0 on a camera without TLS."""
        return self.body.https_port

    @property
    def rtsp_port(self) -> int:
        return self.body.rtsp_port

    @property
    def onvif_https_url(self) -> str:
        return f"https://{self.host}:{self.https_port}/onvif/device_service"

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
        body = self.body
        try:
            body.http_port = self._reserve("HTTP", body.http_port)
            body.rtsp_port = self._reserve("RTSP", body.rtsp_port)
            if self.state.tls.kind != "none":
                body.https_port = self._reserve("HTTPS", body.https_port)
            if self.state.power:
                self._listen()
        except OSError:
            await self._stop()
            raise
        paint_ahead(FeedKey.of(self.state, self.state.profiles[0]))

    def _reserve(self, name: str, port: int) -> int:
        """A socket that is bound and does not listen refuses connections and keeps the port for us."""
        sock = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        self._reserved[name] = sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.host, port))
        return int(sock.getsockname()[1])

    def _listen(self) -> None:
        """Accepts by hand instead of through asyncio.Server, which loses connections that come while it is closed."""
        self._listen_on(set(self._reserved) - self.state.network.disabled)
        if self.discovery_port is not None:
            self.discovery.start(self.host, self.discovery_port)

    def _listen_on(self, names: set[str]) -> None:
        serve: dict[str, Serve] = {"HTTP": self.http.serve, "HTTPS": self.http.serve_secure, "RTSP": self.rtsp.serve}
        for name in names:
            sock = self._listening[name] = self._reserved.pop(name)
            sock.setblocking(False)
            sock.listen(BACKLOG)
            asyncio.get_running_loop().add_reader(sock, self._accept, sock, serve[name], name == "HTTPS" or (name == "RTSP" and self.state.rtsp.secure))

    def _unlisten(self, name: str) -> None:
        sock = self._listening.pop(name)
        asyncio.get_running_loop().remove_reader(sock)
        sock.close()

    def _relisten(self) -> None:
        """SetNetworkProtocols has spoken. What is open stays open, but for streams of a protocol that is no more."""
        ports = {"HTTP": self.http_port, "HTTPS": self.https_port, "RTSP": self.rtsp_port}
        for name in set(self._listening) & self.state.network.disabled:
            self._unlisten(name)
            self._reserve(name, ports[name])
        if "RTSP" in self.state.network.disabled:
            self.rtsp.end_all()
        self._listen_on(set(self._reserved) - self.state.network.disabled)

    def _accept(self, sock: socket.socket, serve: Serve, secure: bool) -> None:
        try:
            connection, _ = sock.accept()
        except OSError:
            return                       # the client has gone before we came (accept(2): ECONNABORTED)
        connection.setblocking(False)
        task = asyncio.get_running_loop().create_task(self._handle(connection, serve, secure))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, connection: socket.socket, serve: Serve, secure: bool) -> None:
        self.seen.connections += 1
        try:
            reader, writer = await wire.streams(connection, HEADERS_MOST_BYTES, self.identity.context if secure else None)
        except (OSError, asyncio.IncompleteReadError):
            connection.close()           # no TLS was agreed on: the client wants a newer or an older one, or does not trust us
            return
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
        self._silence(bye=True)
        for sock in self._reserved.values():
            sock.close()
        self._reserved = {}

    def _forget_timers(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._booting is not None:
            self._booting.cancel()
        self._timer = self._booting = None

    def _silence(self, bye: bool = False) -> None:
        """Everything that runs stops at once: sessions, connections, listening."""
        self.discovery.stop(bye)
        self.rtsp.end_all()
        for writer in list(self._writers):
            wire.reset(writer)
        for name in list(self._listening):
            self._unlisten(name)

    def _force_idr(self, token: str) -> None:
        self.rtsp.force_idr(token)

    def _reboot_soon(self) -> None:
        """The answer to the request gets out first; then everything is dark until the camera has booted."""
        self._forget_timers()
        self._timer = asyncio.get_running_loop().call_later(ANSWER_LEAVES_S, self._reboot)

    def _reboot(self) -> None:
        self.power_off(for_s=None, bye=True)
        self.power_on()

    # -- levers use these, on the loop ----------------------------------------------------------------------------------

    def reset_connections(self) -> None:
        for writer in list(self._writers):
            wire.reset(writer)

    def power_off(self, for_s: float | None, bye: bool = False) -> None:
        self._forget_timers()
        names = list(self._listening)
        self._silence(bye)
        self.state.power = False
        self.state.pull_points.clear()
        self.gate.power_lost()
        ports = {"HTTP": self.http_port, "HTTPS": self.https_port, "RTSP": self.rtsp_port}
        for name in names:
            self._reserve(name, ports[name])
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
