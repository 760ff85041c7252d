"""Small servers that misbehave on purpose, on loopback: one thread per connection, one function that says what goes over it.

They know nothing of the adapter. The good answers are written after what real cameras send, in our own words; see `transcripts/README.md`.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

TRANSCRIPTS = Path(__file__).parent / "transcripts"
PASSWORD = "Kanarie/7%@#åäö"  # every character that has broken a client; the canary of the leak tests


@dataclass
class Request:
    """One HTTP or RTSP request as it came in; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The SOAP operation: the first element in the body."""
        found = re.search(rb"<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?(\w+)", self.body)
        return found.group(1).decode() if found else ""

    @property
    def has_token(self) -> bool:
        return b"UsernameToken" in self.body

    @property
    def created(self) -> datetime | None:
        found = re.search(rb"Created[^>]*>([^<]+)<", self.body)
        return datetime.fromisoformat(found.group(1).decode()) if found else None


Handler = Callable[[socket.socket, "Scripted"], None]
Responder = Callable[[Request], bytes]


@dataclass
class Scripted:
    """A server on a free port. `handle` gets each connection; what it reads through `requests_of` is kept in `seen`."""

    handle: Handler
    host: str = "127.0.0.1"
    seen: list[Request] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self.host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._one, args=(sock,), daemon=True).start()

    def _one(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), sock:
            self.handle(sock, self)


BESIDES = frozenset({"GetNetworkInterfaces", "GetScopes", "GetEndpointReference", "GetNetworkProtocols", "GetUsers"})
"""What an identity is asked for besides its name: no scripted camera has it, and none of it is among the requests that were seen."""


def requests_of(sock: socket.socket, server: Scripted) -> Iterator[Request]:
    """The requests of one connection, until the client ends it."""
    with sock.makefile("rb") as stream:
        while first := stream.readline():
            if not first.strip():
                continue
            method, target, _ = first.decode("latin-1").split(" ", 2)
            headers: dict[str, str] = {}
            while line := stream.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            request = Request(method, target, headers, stream.read(int(headers.get("content-length", "0"))))
            if request.method == "POST" and request.operation in BESIDES:
                sock.sendall(fault("ter:ActionNotSupported", "Optional Action Not Implemented", 500))
                continue
            server.seen.append(request)
            yield request


def replying(respond: Responder) -> Handler:
    """A handler that answers each request with the bytes `respond` gives; empty bytes end the connection."""
    def handle(sock: socket.socket, server: Scripted) -> None:
        for request in requests_of(sock, server):
            answer = respond(request)
            if not answer:
                return
            sock.sendall(answer)
    return handle


def http(status: int, body: bytes = b"", *headers: str, kind: str = "application/soap+xml") -> bytes:
    """An HTTP reply."""
    lines = [f"HTTP/1.1 {status} -", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def rtsp(request: Request, status: int, reason: str, body: bytes = b"", *headers: str) -> bytes:
    """An RTSP reply."""
    lines = [f"RTSP/1.0 {status} {reason}", f"CSeq: {request.headers.get('cseq', '0')}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def soap(inner: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema"'
            ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
            f' xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>{inner}</s:Body></s:Envelope>').encode()


def fault(subcode: str, reason: str = "Sender not Authorized", status: int = 400, *headers: str) -> bytes:
    """A SOAP 1.2 fault."""
    return http(status, soap(f'<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>'
                             f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>'), *headers)


def time_answer(moment: datetime | None = None) -> bytes:
    at = moment or datetime.now(UTC)
    return http(200, soap(
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        f"<tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"))


def device_answer(serial: str = "ACC8E0123456") -> bytes:
    return http(200, soap("<tds:GetDeviceInformationResponse><tds:Manufacturer>Scripted</tds:Manufacturer><tds:Model>S-1</tds:Model>"
                          f"<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>{serial}</tds:SerialNumber>"
                          "<tds:HardwareId>H</tds:HardwareId></tds:GetDeviceInformationResponse>"))


def profiles_answer() -> bytes:
    return http(200, soap('<trt:GetProfilesResponse><trt:Profiles token="p0" fixed="true"><tt:Name>main</tt:Name>'
                          '<tt:VideoEncoderConfiguration token="e0"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>'
                          "<tt:Resolution><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration>"
                          "</trt:Profiles></trt:GetProfilesResponse>"))


def uri_answer(operation: str, uri: str) -> bytes:
    return http(200, soap(f"<trt:{operation}Response><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:{operation}Response>"))


def services_answer(media: str) -> bytes:
    return http(200, soap("<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace>"
                          f"<tds:XAddr>{media}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
                          "</tds:GetServicesResponse>"))


def open_camera(request: Request) -> bytes:
    """A camera that asks nobody for a login and whose every answer is as it should be, except that its addresses are of another network."""
    answers = {
        "GetSystemDateAndTime": time_answer, "GetDeviceInformation": device_answer, "GetProfiles": profiles_answer,
        "GetServices": lambda: services_answer("http://192.0.2.10:8106/onvif/Media"),
        "GetSnapshotUri": lambda: uri_answer("GetSnapshotUri", "http://192.0.2.10/snap.jpg?chn=1"),
        "GetStreamUri": lambda: uri_answer("GetStreamUri", "rtsp://192.0.2.10/live/0"),
    }
    made = answers.get(request.operation)
    return made() if made is not None else fault("ter:ActionNotSupported", "Optional Action Not Implemented", 500)


def transcript(name: str) -> bytes:
    """The body of an answer in `transcripts/`."""
    return (TRANSCRIPTS / name).read_bytes()
