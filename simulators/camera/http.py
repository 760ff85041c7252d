"""The HTTP face: a small HTTP/1.1 server with keep-alive that hands SOAP to `onvif` and pictures to `snapshot`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from . import wire
from .auth import Gate, Verdict
from .onvif import OnvifFace
from .picture import PictureKey, jpeg
from .state import CameraState, Seen, Where

BODY_MOST_BYTES = 256 * 1024       # the largest ONVIF request we know of is below 20 kB
HEADERS_MOST_BYTES = 16 * 1024
IDLE_S = 60.0                      # then a kept-alive connection is closed
SNAPSHOT_PATH = "/snapshot/"

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
           413: "Content Too Large", 415: "Unsupported Media Type", 500: "Internal Server Error"}
NOT_ONVIF_PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not Found</h1><p>Home router</p></body></html>"
NO_IMAGE_PAGE = b"<html><body>Session expired, please log in.</body></html>"
GARBAGE = bytes(range(256)) * 2


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]        # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.split("?", 1)[0]


@dataclass
class Reply:
    status: int
    body: bytes = b""
    content_type: str = "text/plain"
    headers: list[tuple[str, str]] = field(default_factory=list)
    close: bool = False


class HttpFace:
    def __init__(self, state: CameraState, seen: Seen, gate: Gate, onvif: OnvifFace) -> None:
        self.state, self.seen, self.gate, self.onvif = state, seen, gate, onvif

    async def serve_secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.serve(reader, writer, secure=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secure: bool = False) -> None:
        """One connection, until either side ends it."""
        troubles, answered = self.state.troubles, 0
        if troubles.garbage or troubles.echo:
            heard = await asyncio.wait_for(reader.read(4096), IDLE_S)
            await wire.send(writer, heard + b"\0" * 16 if troubles.echo else GARBAGE, troubles)
            return
        while True:
            try:
                request = await asyncio.wait_for(read_request(reader), IDLE_S)
            except ValueError as exc:
                await self._send(writer, Reply(413 if "large" in str(exc) else 400, str(exc).encode(), close=True))
                return
            if request is None:
                return
            if Where.HTTP in troubles.stall:
                await wire.swallow(reader)
                return
            if troubles.close_after and answered >= troubles.close_after:
                return                     # kept alive, and yet closed: the client has to ask again
            reply = await self.answer(request, writer, secure)
            answered += 1
            reply.close = reply.close or request.headers.get("connection", "").lower() == "close"
            await self._send(writer, reply)
            if reply.close:
                return

    async def answer(self, request: Request, writer: asyncio.StreamWriter, secure: bool = False) -> Reply:
        if self.state.troubles.not_onvif:
            return Reply(404, NOT_ONVIF_PAGE, "text/html")
        if request.method not in ("GET", "POST"):
            return Reply(405, b"only GET and POST")
        if request.path.startswith("/onvif/") or request.path == self.state.addresses.service_path:
            if request.method != "POST":
                return Reply(405, b"SOAP comes by POST", headers=[("Allow", "POST")])
            return self._soap(request, writer, secure)
        if request.path.startswith(SNAPSHOT_PATH) and request.method == "GET":
            return await self._snapshot(request)
        return Reply(404, b"not found")

    def _soap(self, request: Request, writer: asyncio.StreamWriter, secure: bool) -> Reply:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind not in ("application/soap+xml", "text/xml", "application/xml", ""):
            return Reply(415, b"SOAP 1.2 is application/soap+xml")
        # The address that the client used is the one that works for it, also through a NAT.
        own = writer.get_extra_info("sockname")
        host = request.headers.get("host") or f"{own[0]}:{own[1]}"
        answer = self.onvif.answer(request.body, host, request.headers.get("authorization"), secure, request.target.partition("?")[2])
        return Reply(answer.status, answer.body, "application/soap+xml; charset=utf-8",
                     [("WWW-Authenticate", challenge) for challenge in answer.challenges])

    async def _snapshot(self, request: Request) -> Reply:
        self.seen.requests["snapshot"] += 1
        state = self.state
        if state.login.snapshot_needs_login and not (state.is_factory_new and state.factory_is_open):
            answer = self.gate.http(request.headers.get("authorization"), request.method)
            if answer.verdict is not Verdict.GOOD and not state.snapshots.refuses_query_login:
                answer = self.gate.query(request.target)
            if answer.verdict is not Verdict.GOOD or (answer.user is not None and not answer.user.streams):
                challenges = self.gate.challenges(stale=answer.verdict is Verdict.STALE)
                return Reply(401, (answer.says or answer.why).encode(), headers=[("WWW-Authenticate", value) for value in challenges])
        token = request.path.removeprefix(SNAPSHOT_PATH).removesuffix(".jpg")
        profile = state.profile(token)
        if profile is None:
            return Reply(404, b"no such profile")
        body = state.snapshots.body
        if body in ("html", "empty"):
            return Reply(200, NO_IMAGE_PAGE if body == "html" else b"", "image/jpeg")
        picture = await jpeg(PictureKey.of(state, profile))
        self.seen.snapshots += 1
        return Reply(200, picture[:len(picture) // 3] if body == "truncated" else picture, "image/jpeg", [("Cache-Control", "no-store")])

    async def _send(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        lines = [f"HTTP/1.1 {reply.status} {REASONS[reply.status]}", f"Content-Type: {reply.content_type}", f"Content-Length: {len(reply.body)}",
                 f"Connection: {'close' if reply.close else 'keep-alive'}", *(f"{name}: {value}" for name, value in reply.headers)]
        await wire.send(writer, "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body, self.state.troubles)


async def read_headers(reader: asyncio.StreamReader, begun: bytes = b"") -> tuple[str, dict[str, str]] | None:
    """First line and headers of an HTTP or RTSP message of which `begun` is read already; None at the end of the connection."""
    try:
        block = begun + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as exc:
        if exc.partial.strip():
            raise ValueError("the message ends in its headers") from exc
        return None
    except asyncio.LimitOverrunError as exc:
        raise ValueError("headers too large") from exc
    if len(block) > HEADERS_MOST_BYTES:
        raise ValueError("headers too large")
    first, *rest = block.decode("latin-1").strip("\r\n").split("\r\n")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a header line without a colon")
        headers[name.strip().lower()] = value.strip()
    return first, headers


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    read = await read_headers(reader)
    if read is None:
        return None
    first, headers = read
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise ValueError("not an HTTP request")
    return Request(words[0], words[1], headers, await read_body(reader, headers))


async def read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while True:
            size = int(await reader.readuntil(b"\r\n"), 16)
            if len(body) + size > BODY_MOST_BYTES:
                raise ValueError("body too large")
            body += (await reader.readexactly(size + 2))[:-2]
            if size == 0:
                return body
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= BODY_MOST_BYTES:
        raise ValueError("body too large")
    return await reader.readexactly(length)
