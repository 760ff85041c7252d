"""The RTSP face: RTSP/1.0 over TCP (RFC 2326) with digest, sessions that expire, and H.264 over RTP."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from . import h264, wire
from .auth import Gate, Verdict
from .feed import Feed, FeedKey, feed
from .h264 import AccessUnit
from .http import read_body, read_headers
from .loop import pool
from .manners import RtspManners
from .onvif_media import STREAM_PATH
from .rtp import Carrier, Datagrams, Interleaved, Stream
from .sdp import AUDIO_TRACK, VIDEO_TRACK, describe
from .state import CameraState, Profile, Seen, Where

REASONS = {200: "OK", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 453: "Not Enough Bandwidth",
           454: "Session Not Found", 455: "Method Not Valid in This State", 461: "Unsupported Transport", 500: "Internal Server Error",
           501: "Not Implemented", 503: "Service Unavailable", 505: "RTSP Version not supported"}
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
STALLS = {"DESCRIBE": Where.DESCRIBE, "SETUP": Where.SETUP, "PLAY": Where.PLAY}


@dataclass
class Request:
    method: str
    url: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path.rstrip("/")


@dataclass
class Reply:
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Session:
    """One client's session: the tracks that it has set up, and what it plays."""

    def __init__(self, face: RtspFace, profile: Profile, writer: asyncio.StreamWriter) -> None:
        self.id = secrets.token_hex(8)
        self.profile, self.writer = profile, writer
        self.tracks: dict[str, Carrier] = {}
        self.stream: Stream | None = None
        self._face = face
        self._feed: Feed | None = None
        self.touched_s = 0.0
        self.touch()

    @property
    def is_interleaved(self) -> bool:
        return any(isinstance(carrier, Interleaved) for carrier in self.tracks.values())

    @property
    def is_playing(self) -> bool:
        return self._feed is not None

    def touch(self) -> None:
        self.touched_s = asyncio.get_running_loop().time()

    def play(self) -> None:
        if self.stream is not None and self._feed is None:
            self._feed = feed(FeedKey.of(self._face.state, self.profile))
            self._feed.join(self.receive, at_once=False)

    def receive(self, unit: AccessUnit) -> None:
        """One picture from the feed. The scene may have changed since: then the client follows to another feed."""
        state, stream = self._face.state, self.stream
        if self._feed is None or stream is None:
            return
        key = FeedKey.of(state, self.profile)
        if key != self._feed.key:
            self._feed.leave(self.receive)
            self._feed = feed(key)
            self._feed.join(self.receive, at_once=True)
        elif Where.RTP not in state.troubles.stall and stream.send(unit):
            self._face.seen.pictures += 1

    def close(self) -> None:
        if self._feed is not None:
            self._feed.leave(self.receive)
            self._feed = None
        for carrier in self.tracks.values():
            carrier.close()
        self.tracks.clear()


class RtspFace:
    def __init__(self, state: CameraState, seen: Seen, gate: Gate) -> None:
        self.state, self.seen, self.gate = state, seen, gate
        self.sessions: dict[str, Session] = {}
        self._expiry: asyncio.TimerHandle | None = None
        self._stale_until_s: float | None = None       # viewers who went without a word hold slots until then

    # -- connections ----------------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it. Interleaved sessions end with it; UDP ones live on until they expire."""
        try:
            while True:
                request = await self._read(reader, writer)
                if request is None:
                    return
                self.seen.requests[f"RTSP {request.method}"] += 1
                stall = self.state.troubles.stall
                if Where.RTSP in stall or STALLS.get(request.method) in stall:
                    await wire.swallow(reader)
                    return
                if request.method == "GET_PARAMETER" and self.state.rtsp.keeps_alive_by == "options":
                    continue                   # announced, and never answered
                if self.state.rtsp.drops_unknown and request.method not in METHODS.split(", "):
                    return
                reply = await self._answer(request, writer)
                await self._send(writer, request, reply)
                playing = self._session(request)
                if request.method == "PLAY" and reply.status == 200 and playing is not None:
                    playing.play()
        except ValueError as exc:
            await self._send(writer, Request("", "", {}), Reply(400, body=str(exc).encode()))
        finally:
            for session in [one for one in self.sessions.values() if one.writer is writer and one.is_interleaved]:
                self._end(session)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
        while True:
            first = await reader.read(1)
            if first == b"$":                  # RTCP of the client, interleaved: it lives
                head = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(head[1:], "big"))
                for session in self.sessions.values():
                    if session.writer is writer:
                        session.touch()
                continue
            if not first:
                return None
            if first in b"\r\n":
                continue
            read = await read_headers(reader, first)
            if read is None:
                return None
            words = read[0].split(" ")
            if len(words) != 3 or not words[2].startswith("RTSP/"):
                raise ValueError("not an RTSP request")
            await read_body(reader, read[1])
            return Request(words[0], words[1], read[1])

    async def _send(self, writer: asyncio.StreamWriter, request: Request, reply: Reply) -> None:
        lines = [f"RTSP/1.0 {reply.status} {REASONS[reply.status]}", f"CSeq: {request.headers.get('cseq', '0')}", "Server: simulated camera",
                 *(f"{name}: {value}" for name, value in reply.headers)]
        if reply.body:
            lines.append(f"Content-Length: {len(reply.body)}")
        await wire.send(writer, "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body, self.state.troubles)

    # -- methods --------------------------------------------------------------------------------------------------------

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> Reply:
        if "cseq" not in request.headers:
            return Reply(400)
        if request.method == "OPTIONS":
            self._touch(request)
            return Reply(headers=[("Public", METHODS)])
        if self.state.login.rtsp_needs_login and not (self.state.is_factory_new and self.state.factory_is_open):
            answer = self.gate.http(request.headers.get("authorization"), request.method, rtsp=True)
            if answer.verdict is not Verdict.GOOD or (answer.user is not None and not answer.user.streams):
                challenges = self.gate.challenges(stale=answer.verdict is Verdict.STALE, rtsp=True)
                return Reply(401, [("WWW-Authenticate", value) for value in challenges])
        if request.method == "DESCRIBE":
            return await self._describe(request)
        if request.method == "SETUP":
            await asyncio.sleep(self.state.rtsp.setup_s)
            return self._setup(request, writer)
        if request.method in ("PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN"):
            return self._in_session(request)
        return Reply(501, [("Public", METHODS)])

    def _profile(self, path: str) -> Profile | None:
        """The profile whose stream or track a path names."""
        inside = path.removeprefix(STREAM_PATH)
        return self.state.profile(inside.split("/")[0]) if inside != path else None

    async def _describe(self, request: Request) -> Reply:
        profile = self._profile(request.path)
        if profile is None:
            return Reply(404)
        if self.state.rtsp.redirect == "elsewhere":
            return Reply(302, [("Location", "rtsp://192.0.2.77:554/stream/other")])
        if self.state.rtsp.redirect == "self" and not request.path.endswith("/moved"):
            return Reply(302, [("Location", f"{request.url.rstrip('/')}/moved")])
        feed(FeedKey.of(self.state, profile)).warm()
        loop = asyncio.get_running_loop()
        sets = await loop.run_in_executor(pool, h264.parameters, profile.width, profile.height, self.state.fps, self.state.codec)
        body = describe(self.state, profile, urlsplit(request.url).hostname or "0.0.0.0", sets)
        manners, base = self.state.rtsp, request.url.rstrip("/") + "/"
        headers = [("Content-Type", "application/sdp")] if manners.content_type else []
        if manners.content_base != "none":
            headers.append(("Content-Base", base.partition("://")[2] if manners.content_base == "schemeless" else base))
        return Reply(200, headers, body)

    def _setup(self, request: Request, writer: asyncio.StreamWriter) -> Reply:
        if self.state.troubles.refuse_rtsp:
            return Reply(self.state.troubles.refuse_rtsp)
        profile, track = self._profile(request.path), request.path.rsplit("/", 1)[-1]
        if profile is None or track not in ((VIDEO_TRACK, AUDIO_TRACK) if self.state.sends_audio(profile) else (VIDEO_TRACK,)):
            return Reply(404)
        session = self._session(request)
        if session is None and "session" in request.headers:
            return Reply(454)
        if session is None and len(self.sessions) + self._stale() >= self.state.rtsp_sessions_most:
            return Reply(453)
        chosen = session or Session(self, profile, writer)
        made = _transport(request.headers.get("transport", ""), writer, chosen, self.state.rtsp)
        if made is None:
            return Reply(461)
        carrier, transport = made
        if session is None:
            self._begin(chosen)
        elif self.state.rtsp.session_changes:
            del self.sessions[chosen.id]
            chosen.id = secrets.token_hex(8)
            self.sessions[chosen.id] = chosen
        if track in chosen.tracks:
            chosen.tracks[track].close()
        chosen.tracks[track] = carrier
        if track == VIDEO_TRACK:
            chosen.stream = Stream(carrier, self.state.troubles, self.seen)
            transport += f";ssrc={chosen.stream.ssrc:08X}"
        return Reply(200, [("Transport", transport), ("Session", f"{chosen.id};timeout={self.state.rtsp_session_timeout_s:.0f}")])

    def _in_session(self, request: Request) -> Reply:
        session = self._session(request)
        if session is None:
            # A GET_PARAMETER outside a session is a question whether the server lives (RFC 2326 10.8).
            return Reply(200) if request.method == "GET_PARAMETER" and "session" not in request.headers else Reply(454)
        session.touch()
        own = [("Session", f"{session.id};timeout={self.state.rtsp_session_timeout_s:.0f}")]
        if request.method == "TEARDOWN":
            self._end(session)
            self.seen.teardowns += 1
            return Reply(200)
        if request.method == "PLAY":
            if session.stream is None:
                return Reply(455)
            begins_at_s = feed(FeedKey.of(self.state, session.profile)).begins_at_s()
            url = request.url.rstrip("/").removesuffix(f"/{VIDEO_TRACK}") + f"/{VIDEO_TRACK}"
            info = f"url={url};seq={session.stream.sequence};rtptime={session.stream.timestamp(begins_at_s)}"
            return Reply(200, [*own, ("Range", "npt=now-"), ("RTP-Info", info)])
        return Reply(200, own)

    # -- sessions -------------------------------------------------------------------------------------------------------

    def _touch(self, request: Request) -> None:
        session = self._session(request)
        if session is not None:
            session.touch()

    def _session(self, request: Request) -> Session | None:
        return self.sessions.get(request.headers.get("session", "").split(";")[0].strip())

    def _stale(self) -> int:
        """Slots that are held by viewers who are gone; they count from the first SETUP on and end as every silent session does."""
        now_s = asyncio.get_running_loop().time()
        if self._stale_until_s is None:
            self._stale_until_s = now_s + self.state.rtsp_session_timeout_s
        return self.state.rtsp.stale_sessions if now_s < self._stale_until_s else 0

    def _begin(self, session: Session) -> None:
        self.sessions[session.id] = session
        self.seen.rtsp_sessions += 1
        self.seen.rtsp_sessions_open = len(self.sessions)
        self._watch()

    def _end(self, session: Session) -> None:
        session.close()
        self.sessions.pop(session.id, None)
        self.seen.rtsp_sessions_open = len(self.sessions)
        if not self.sessions and self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    def end_all(self) -> None:
        self._stale_until_s = 0.0
        for session in list(self.sessions.values()):
            self._end(session)

    def force_idr(self, token: str) -> None:
        profile = self.state.profile(token)
        if profile is not None and any(session.is_playing and session.profile is profile for session in self.sessions.values()):
            feed(FeedKey.of(self.state, profile)).force_idr()

    def _watch(self) -> None:
        """Ends sessions from whose clients nothing was heard for the announced time (RFC 2326 12.37)."""
        if self._expiry is None and self.sessions:
            self._expiry = asyncio.get_running_loop().call_later(min(1.0, self.state.rtsp_session_timeout_s / 4), self._expire)

    def _expire(self) -> None:
        self._expiry = None
        oldest_s = asyncio.get_running_loop().time() - self.state.rtsp_session_timeout_s
        for session in [one for one in self.sessions.values() if one.touched_s < oldest_s]:
            self.seen.rtsp_sessions_expired += 1
            self._end(session)
        self._watch()


def _transport(header: str, writer: asyncio.StreamWriter, session: Session, manners: RtspManners) -> tuple[Carrier, str] | None:
    """The first offer that we can serve (RFC 2326 12.39), as carrier and as the line that says so."""
    for offer in header.split(","):
        kind, *rest = (part.strip() for part in offer.split(";"))
        given = dict(part.partition("=")[::2] for part in rest)
        if "multicast" in given:
            continue
        if kind.upper() == "RTP/AVP/TCP" and manners.transport != "udp":
            used = 2 * len(session.tracks)
            first, second = _two(given.get("interleaved", ""), (used, used + 1)) if manners.channels == "asked" else (used + 6, used + 7)
            if first > 255 or second > 255:
                continue
            return Interleaved(writer, (first, second)), f"RTP/AVP/TCP;unicast;interleaved={first}-{second}"
        if kind.upper() in ("RTP/AVP", "RTP/AVP/UDP") and "client_port" in given and manners.transport != "tcp":
            first, second = _two(given["client_port"], (0, 0))
            if not 0 < first < 65536 or not 0 < second < 65536:
                continue
            carrier = Datagrams(writer.get_extra_info("sockname")[0], (writer.get_extra_info("peername")[0], first, second), session.touch)
            own = carrier.ports
            return carrier, f"RTP/AVP;unicast;client_port={first}-{second};server_port={own[0]}-{own[1]}"
    return None


def _two(text: str, default: tuple[int, int]) -> tuple[int, int]:
    first, _, second = text.partition("-")
    if not first.isdecimal() or (second and not second.isdecimal()):
        return default
    return int(first), int(second or int(first) + 1)
