"""A camera that answers as a recorded one did: `python -m simulators.camera --replay FILE` (the JSON that `provisioner camera record` writes).

Each question gets the bytes that were recorded for it: the same status line, headers and body, however odd. Live are only what must be: the login (the
challenge of the recorded schemes, checked against a real account), RTSP's CSeq, and a painted picture where the recording had one. A question that was not
recorded gets the standard's ActionNotSupported, a path that was not, 404. It sets nothing and streams nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import loop, soap
from .auth import Gate, Verdict
from .http import Request, read_body, read_headers
from .picture import PictureKey, jpeg
from .state import CameraState, Login, Seen, User

FORMAT = "camera-transcript-1"
USER, PASSWORD = "recorder", "simulated-1"
FOREVER_S = 1e9                 # the recorded clock stands still, so a token of any time is let in
_REFUSAL = re.compile(r"NotAuthorized|FailedAuthentication")

Exchange = dict[str, Any]


class ReplayError(ValueError):
    """No transcript; the text is for a person."""


def load(path: Path) -> list[Exchange]:
    """The exchanges of a transcript."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ReplayError(f"{path} cannot be read: {exc}") from exc
    if not isinstance(said, dict) or said.get("format") != FORMAT or not isinstance(said.get("exchanges"), list):
        raise ReplayError(f"{path} is no transcript of the form {FORMAT}")
    found: list[Exchange] = said["exchanges"]
    return found


class ReplayedCamera:
    """Start it, talk to its ports, stop it."""

    def __init__(self, exchanges: list[Exchange], host: str = "127.0.0.1", http_port: int = 0, rtsp_port: int = 0, user: str = USER,
                 password: str = PASSWORD) -> None:
        self.exchanges, self.host, self.http_port, self.rtsp_port = _answered(exchanges), host, http_port, rtsp_port
        challenges = " ".join(line for one in exchanges for line in one["head"] if line.lower().startswith("www-authenticate"))
        hashes = tuple(name for name in ("SHA-256", "MD5") if name.lower() in challenges.lower()) or ("MD5",)
        login = Login(algorithms=hashes, http_digest="digest" in challenges.lower(), http_basic="last" if "basic" in challenges.lower() else "no",
                      password_text=True, token_window_s=FOREVER_S)
        self.state = CameraState(users={user: User(password)}, login=login)
        self.seen = Seen()
        self.gate = Gate(self.state, self.seen)
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    def start(self) -> Self:
        loop.run(self._start())
        return self

    def stop(self) -> None:
        loop.run(self._stop())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    async def _start(self) -> None:
        http = await asyncio.start_server(self._http, self.host, self.http_port)
        self._servers.append(http)
        rtsp = await asyncio.start_server(self._rtsp, self.host, self.rtsp_port)
        self._servers.append(rtsp)
        self.http_port, self.rtsp_port = (server.sockets[0].getsockname()[1] for server in (http, rtsp))

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    # -- conversations --------------------------------------------------------------------------------------------------

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(reader, writer, "http")

    async def _rtsp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(reader, writer, "rtsp")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, face: str) -> None:
        self._writers.add(writer)
        self.seen.connections += 1
        try:
            while (read := await read_headers(reader)) is not None:
                first, headers = read
                method, target = (*first.split(" "), "", "")[:2]
                request = Request(method, re.sub(r"^rtsp://[^/]*", "", target), headers, await read_body(reader, headers))
                answer, closes = await self._answer(face, request, target)
                writer.write(answer)
                await writer.drain()
                if closes or headers.get("connection", "").lower() == "close":
                    return
        except (ConnectionError, ValueError, asyncio.IncompleteReadError):
            return                                      # the client has gone, or does not speak HTTP
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, face: str, request: Request, target: str) -> tuple[bytes, bool]:
        call: soap.Call | None = None
        here = [one for one in self.exchanges if one["face"] == face and one["method"] == request.method and one["path"] == request.target]
        if face == "http" and request.method == "POST":
            try:
                call = soap.read(request.body)
            except soap.Fault as fault:
                return _soap(fault), False
            self.seen.requests[call.action] += 1
            found = [one for one in here if one["operation"] == call.action and one["space"] == call.namespace]
            exact = [one for one in found if one["arguments"] == _arguments(call)]
            found = exact or found
            if here and not found:
                return _soap(soap.Fault("env:Receiver", "ter:ActionNotSupported", detail=call.action)), False
        else:
            self.seen.requests[f"RTSP {request.method}" if face == "rtsp" else request.method] += 1
            found = here
        if not found:
            return _none(face, request), False
        return await self._recorded(found, face, request, call)

    async def _recorded(self, found: list[Exchange], face: str, request: Request, call: soap.Call | None) -> tuple[bytes, bool]:
        good = [one for one in found if not _is_refusal(one)]
        refused = [one for one in found if _is_refusal(one)]
        open_to_all = [one for one in good if one["login"] == "none"]
        if open_to_all or not good:
            chosen = (open_to_all or refused)[0]
        else:
            chosen = good[0] if self._is_let_in(face, request, call) else (refused or [_REFUSED[face]])[0]
        return await self._bytes(chosen, face, request, live_challenge=chosen not in good)

    def _is_let_in(self, face: str, request: Request, call: soap.Call | None) -> bool:
        authorization = request.headers.get("authorization")
        if authorization is None and call is not None and call.token is not None:
            return self.gate.token(call.token).verdict is Verdict.GOOD
        return self.gate.http(authorization, request.method, face == "rtsp").verdict is Verdict.GOOD

    async def _bytes(self, one: Exchange, face: str, request: Request, *, live_challenge: bool) -> tuple[bytes, bool]:
        if "image" in one:
            body = await jpeg(PictureKey.of(self.state, self.state.profiles[0]))
        else:
            body = one["body"].encode() if "body" in one else one["body_bytes"].encode("latin-1")
        head, challenged = [], False
        for line in one["head"]:
            name = line.partition(":")[0].strip().lower()
            if name == "www-authenticate" and live_challenge:
                if not challenged:
                    head += [f"{line.partition(':')[0]}: {value}" for value in self.gate.challenges(rtsp=face == "rtsp")]
                challenged = True
            elif name == "content-length":
                head.append(f"{line.partition(':')[0]}: {len(body) + (one['length'] or 0)}")
            elif name == "cseq":
                head.append(f"{line.partition(':')[0]}: {request.headers.get('cseq', '')}")
            else:
                head.append(line)
        if one.get("chunked"):
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        closes = any(re.match(r"connection:\s*close", line, re.IGNORECASE) for line in head) or (one["length"] is None and not one.get("chunked") and face == "http")
        return "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + body, closes or not head


_REFUSED: dict[str, Exchange] = {  # where the recording has no refusal of its own
    "http": {"head": ["HTTP/1.1 401 Unauthorized", "WWW-Authenticate: ", "Content-Length: 0"], "length": 0, "chunked": False, "body": ""},
    "rtsp": {"head": ["RTSP/1.0 401 Unauthorized", "CSeq: ", "WWW-Authenticate: ", "Content-Length: 0"], "length": 0, "chunked": False, "body": ""},
}


def _answered(exchanges: list[Exchange]) -> list[Exchange]:
    """Without the questions that the camera left unanswered and answered when they came again: connections that it closed."""
    def key(one: Exchange) -> tuple[str, ...]:
        return one["face"], one["method"], one["path"], one.get("operation", ""), one["login"]

    known = {key(one) for one in exchanges if one["head"]}
    return [one for one in exchanges if one["head"] or key(one) not in known]


def _is_refusal(one: Exchange) -> bool:
    return bool(one["head"] and re.search(r" 401\b", one["head"][0])) or _REFUSAL.search(one.get("body") or "") is not None


def _arguments(call: soap.Call) -> list[list[str]]:
    leaves = [leaf for leaf in call.element.iter() if leaf is not call.element and not len(leaf)]
    return [[leaf.tag.rpartition("}")[2], (leaf.text or "").strip()] for leaf in leaves]


def _soap(fault: soap.Fault) -> bytes:
    body = fault.body()
    return f"HTTP/1.1 {fault.status} Fault\r\nContent-Type: application/soap+xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _none(face: str, request: Request) -> bytes:
    if face == "rtsp":
        return f"RTSP/1.0 501 Not Implemented\r\nCSeq: {request.headers.get('cseq', '')}\r\n\r\n".encode()
    return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
