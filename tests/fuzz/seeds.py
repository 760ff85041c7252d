"""Where the fuzzers begin: what the simulated camera answers, transcripts of real cameras, the profiles as they are."""

import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provisioner.camera.adapter import OnvifCamera
from provisioner.camera.http import HttpAnswer, HttpLink
from provisioner.camera.places import CameraPlace
from provisioner.camera.profiles import folder
from provisioner.camera.settings import CameraSettings
from provisioner.secret import Secret
from simulators.camera import CameraState, SimulatedCamera
from simulators.models import persona
from tests.fuzz.engine import FOUND

TRANSCRIPTS = Path(__file__).parent.parent / "camera" / "transcripts"
PERSONAS = ("plain", "undeclared-prefix + invalid-utf8 + newlines-in-values", "lockout-attempts", "media1-only + vendor-prefixes", "untidy-sdp + schemeless-base")


def seeds(target: str) -> list[bytes]:
    """The first inputs of a target, with the inputs that once broke it."""
    made = {"soap": _soap, "rtsp": _rtsp, "discovery": _discovery, "profile": _profile}[target]()
    return [*made, *(path.read_bytes() for path in sorted((FOUND / target).glob("*")))]


def _soap() -> list[bytes]:
    bodies: dict[str, HttpAnswer] = {}
    real = HttpLink.exchange

    def noted(self: HttpLink, *arguments: Any) -> HttpAnswer:
        answer: HttpAnswer = real(self, *arguments)
        if answer.status != 200 or b"Envelope" in answer.body[:2000]:
            bodies.setdefault(str(re.findall(rb"(\w+Response|Fault)\b", answer.body)[:1]) + str(answer.status), answer)
        return answer

    HttpLink.exchange = noted  # type: ignore[method-assign]
    try:
        for name in PERSONAS:
            with SimulatedCamera(persona(name)) as sim:
                camera = OnvifCamera(_Here(CameraPlace("127.0.0.1", sim.http_port, "admin", Secret("simulated-1"), sim.rtsp_port)),
                                     CameraSettings(frame_source="snapshot"), lambda: datetime.now(UTC))
                camera.read_identity("x", 10.0)
                camera.judge_frame("x", 10.0)
                if name == "plain":
                    camera.posture("x", 10.0)
                camera.close()
    finally:
        HttpLink.exchange = real  # type: ignore[method-assign]
    told = [(4 if answer.status == 401 else 0, answer.body) for answer in bodies.values()] + [(0, path.read_bytes()) for path in sorted(TRANSCRIPTS.glob("*.xml"))]
    made = [bytes((0, status + 10 * _reader_of(body))) + body for status, body in told]
    whole = b"".join(_http(answer) for answer in bodies.values() if answer.status == 200)
    first = next(iter(bodies.values()))
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(first.body), first.body)
    refused = (b'HTTP/1.1 401 -\r\nWWW-Authenticate: Digest realm="c", nonce="n", qop="auth", algorithm=SHA-256, stale=true\r\nRetry-After: 5\r\n'
               b"Content-Length: 9\r\n\r\n5 minutes")
    return [*made, b"\1\0" + whole[:12000], b"\1\0" + chunked, b"\1\0" + refused * 3]


def _reader_of(body: bytes) -> int:
    """The number of the call that reads such a body, in the order of `targets.soap`."""
    readers = (b"GetSystemDateAndTimeResponse", b"GetDeviceInformationResponse", b"GetScopesResponse", b"GetProfilesResponse", b"GetStreamUriResponse",
               b"GetImagingSettingsResponse", b"GetRecordingJobsResponse", b"GetRecordingsResponse", b"GetUsersResponse", b"no such", b"GetOSDsResponse",
               b"GetOSDOptionsResponse", b"GetNetworkProtocolsResponse", b"no such", b"GetEventBrokersResponse")
    return next((number for number, name in enumerate(readers) if name in body), 1)


def _http(answer: HttpAnswer) -> bytes:
    return b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 09:00:00 GMT\r\nContent-Type: application/soap+xml\r\nContent-Length: %d\r\n\r\n%s" % (
        len(answer.body), answer.body)


class _Here:
    """A place book with one place."""

    def __init__(self, place: CameraPlace) -> None:
        self._place = place

    def place_of(self, serial: str) -> CameraPlace:
        return self._place


def _rtsp() -> list[bytes]:
    made: list[bytes] = []
    for name in ("plain", "untidy-sdp + schemeless-base", "annexb-parameter-sets"):
        state: CameraState = persona(name)
        state.login.rtsp_needs_login = False
        with SimulatedCamera(state) as sim:
            heard = _talked(sim.rtsp_port, "/stream/profile_sub")
        sdp = heard.partition(b"\r\n\r\n")[2].partition(b"RTSP/1.0")[0]
        packets = [heard[at + 4: at + 4 + int.from_bytes(heard[at + 2: at + 4], "big")] for at in (one.start() for one in re.finditer(rb"\$\0[\0-\5]", heard))]
        in_order = b"".join(len(packet[:1400]).to_bytes(2, "big") + packet[:1400] for packet in packets[:10])
        made += [b"\0\0" + heard[:14000], b"\1\0" + sdp, b"\2\0" + in_order, b"\2\1" + in_order]
    refused = b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm="c", nonce="n"\r\nContent-Length: 0\r\n\r\n'
    busy = b"RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: 2\r\nRetry-After: 10\r\n\r\n"
    udp = (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: %d\r\n\r\n%s" % (len(made[1]) - 2, made[1][2:]) + b"RTSP/1.0 461 Unsupported Transport\r\nCSeq: 2\r\n\r\n"
           b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 1;timeout=9\r\nTransport: RTP/AVP;client_port=4-5;server_port=6-7\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n")
    moved = b"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://192.0.2.1:554/other\r\n\r\n"
    talk = made[0][2:1200].partition(b"$")[0].replace(b"RTSP/1.0 200 OK\r\nCSeq: 2", busy + b"RTSP/1.0 200 OK\r\nCSeq: 3")
    return [*made, b"\0\0" + talk, b"\0\0" + udp, b"\0\0" + moved, b"\0\0" + refused * 4]


def _talked(port: int, path: str) -> bytes:
    """The bytes of one short session, from DESCRIBE to some pictures."""
    url = f"rtsp://127.0.0.1:{port}{path}"
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        for number, (method, target, headers) in enumerate((("DESCRIBE", url, ""), ("SETUP", f"{url}/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"),
                                                             ("PLAY", url, "Session: {session}\r\n")), 1):
            session = re.search(rb"Session: (\w+)", heard)
            filled = headers.format(session=session[1].decode() if session is not None else "")
            sock.sendall(f"{method} {target} RTSP/1.0\r\nCSeq: {number}\r\n{filled}\r\n".encode())
            while f"CSeq: {number}\r\n".encode() not in heard or b"\r\n\r\n" not in heard.rpartition(b"CSeq:")[2]:
                heard += sock.recv(65536)
        while len(heard) < 14000:
            heard += sock.recv(65536)
    return heard


def _discovery() -> list[bytes]:
    match = (b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><wsa:RelatesTo>urn:uuid:0</wsa:RelatesTo></s:Header><s:Body>'
             b"<d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:1</wsa:Address></wsa:EndpointReference>"
             b"<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>onvif://www.onvif.org/hardware/SC onvif://www.onvif.org/MacAddress/00%3A11</d:Scopes>"
             b"<d:XAddrs>http://192.0.2.7/onvif/device_service https://[fe80::1]:8000/x http://h:8106:8106/onvif</d:XAddrs></d:ProbeMatch></d:ProbeMatches>"
             b"</s:Body></s:Envelope>")

    def sent(*datagrams: bytes) -> bytes:
        return b"".join(len(one).to_bytes(2, "big") + one for one in datagrams)

    half = len(match) // 2 & ~1
    return [sent(match), sent(match[:half], match[half:]), sent(match, match), sent(match.replace(b"urn:uuid:1", b"")), b"10.0.0.0/24", b"10.0.0.5-9", b"::1-::5"]


def _profile() -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder().glob("*.toml"))]
