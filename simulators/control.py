"""The site's levers over HTTP on loopback, for a demo in another process and for a person with curl. JSON in, JSON out.

    GET  /site  /levers  /alarm_centre/bindings  /camera/NAME
    POST /camera/NAME/LEVER   /alarm_centre/LEVER   /broker/LEVER   /carry       (body: the arguments as one JSON object)

There is no password: it listens on 127.0.0.1 only, and everything behind it is pretended.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from simulators.alarm_centre.levers import LeverError as CentreLeverError
from simulators.broker import BrokerError
from simulators.camera import LeverError as CameraLeverError
from simulators.rooms.live import ROOMS, mattress

if TYPE_CHECKING:
    from simulators.site import Site

BODY_BYTES_MOST = 65536


class _Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Control:
    """Started on a free port; `url` has no slash at its end."""

    def __init__(self, site: Site) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="control", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5.0)
        self._server.server_close()


def look_up(site: Site, path: str) -> object:
    match path.strip("/").split("/"):
        case ["site"]:
            return site.describe()
        case ["levers"]:
            return site.levers()
        case ["alarm_centre", "bindings"]:
            return site.centre.bindings()
        case ["camera", name]:
            body = site.camera(name)
            state = {key: getattr(body.state, key) for key in ("scene", "card", "power")}
            taps = mattress(body.state.scene, body.state.view) if body.state.scene in ROOMS else None
            return {"name": name, "home": site.where[name], **state, "mattress": taps, "seen": body.seen.as_dict()}
        case _:
            raise _Refused(404, f"nothing to read at {path}; there is /site, /levers, /alarm_centre/bindings and /camera/NAME")


def do(site: Site, path: str, args: dict[str, Any]) -> object:
    """Pulls a lever; gives what the lever gives."""
    levers = site.levers()
    match path.strip("/").split("/"):
        case ["camera", name, lever]:
            body = site.camera(name)
            _check(levers["camera"], lever, "a camera")
            return body.levers.pull(lever, **args)  # type: ignore[func-returns-value]
        case ["alarm_centre", lever]:
            _check(levers["alarm_centre"], lever, "the alarm centre")
            return site.centre.levers.pull(lever, **args)
        case ["broker", lever]:
            _check(levers["broker"], lever, "the broker")
            if args:
                raise _Refused(400, "the broker's levers take no arguments")
            getattr(site.broker, lever)()
            return {"running": site.broker.is_running, "port": site.broker.port}
        case ["carry"]:
            return _carry(site, args)
        case _:
            raise _Refused(404, f"no lever at {path}; GET /levers names them all")


def _check(known: object, lever: str, whose: str) -> None:
    assert isinstance(known, dict)
    if lever not in known:
        raise _Refused(404, f"{whose} has no lever {lever}; there are {', '.join(known)}")


def _carry(site: Site, args: dict[str, Any]) -> object:
    boot_s = args.get("boot_s")
    if not {"camera", "home"} <= args.keys() <= {"camera", "home", "boot_s"} or not isinstance(boot_s, int | float | None):
        raise _Refused(400, 'carry takes {"camera": NAME, "home": NAME} and perhaps "boot_s": SECONDS')
    site.carry(str(args["camera"]), str(args["home"]), boot_s)
    return {"camera": args["camera"], "home": args["home"]}


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    from simulators.site import SiteError

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30.0  # seconds; a client that says nothing shall not hold a thread for ever

        def do_GET(self) -> None:
            self._answer(lambda: look_up(site, self.path))

        def do_POST(self) -> None:
            self._answer(lambda: {"done": self.path.strip("/"), "result": do(site, self.path, self._arguments())})

        def _arguments(self) -> dict[str, Any]:
            length = self.headers.get("Content-Length", "0")
            if not length.isdigit() or int(length) > BODY_BYTES_MOST:
                self.close_connection = True
                raise _Refused(400, f"the arguments are one JSON object of at most {BODY_BYTES_MOST} bytes, with its Content-Length")
            text = self.rfile.read(int(length))
            try:
                found = json.loads(text or b"{}")
            except ValueError as error:  # also bytes that are no UTF-8
                raise _Refused(400, f"the arguments are not JSON: {error}") from error
            if not isinstance(found, dict):
                raise _Refused(400, 'the arguments are one JSON object, such as {"for_s": 20}')
            return found

        def _answer(self, make: Any) -> None:
            try:
                status, found = 200, make()
            except _Refused as refused:
                status, found = refused.status, {"error": str(refused)}
            except SiteError as error:
                status, found = 404, {"error": str(error)}
            except (CameraLeverError, CentreLeverError) as error:
                status, found = 400, {"error": str(error)}
            except (BrokerError, TimeoutError) as error:
                status, found = 503, {"error": str(error)}
            body = json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n"
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: a person at the terminal reads the description there."""

    return Handler
