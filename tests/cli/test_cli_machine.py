"""Commands that look at machines: a camera, the alarm centre, this very computer; each far side in the states in which it is met in the field."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from provisioner.cli.main import parser
from simulators.site import Site
from tests.cli.desk import SERIAL, Desk, free_port


class NotACamera(BaseHTTPRequestHandler):
    """A printer's page."""

    def _page(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        page = b"<html><title>LaserJet</title></html>"
        self.send_response(404)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST = _page

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def printer() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), NotACamera)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.load("two_homes") as running:
        yield running


@pytest.fixture
def manned(desk: Desk, site: Site) -> Desk:
    """A desk whose broker and alarm centre are there."""
    desk.settings(broker=f'port = {site.broker.port}\nclient_id = "provisioner"\nusername = "daemon"')
    desk.secret("mqtt-password", site.broker.passwords["daemon"].encode())
    return desk


# ---- camera check


def check(desk: Desk, *args: str, language: str = "en") -> Any:
    return desk.run("camera", "check", *args, "--deadline-s", "20", language=language)


def test_check_of_a_camera(desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is good, the picture too, and what keeps it from watching a home is said: no code of success where a technician still has work."""
    camera: Any = site.describe()["cameras"][0]  # type: ignore[index]
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", camera["password"])
    args = (camera["host"], "--port", str(camera["http_port"]), "--user", camera["user"], "--serial", SERIAL)
    said = check(desk, *args, "--json")
    findings = said.json["findings"]
    assert (findings["reachable"], findings["login"], findings["clock"], findings["snapshot"]) == ("yes", "accepted", "right", "picture"), said
    assert said.code == (0 if said.json["ok"] else 3) and said.json["camera"]["serial"] == SERIAL
    assert said.json["posture"]["blocking"] == [one["item"] for one in said.json["posture"]["items"] if one["blocks"]]
    assert camera["password"] not in said.out
    words = check(desk, *args, language="sv")
    assert words.code == said.code and "Undersöker kameran" in words.out and "Läser kamerans inställningar." in words.out
    assert "anonymous_rtsp      good               Ingen ström kan ses utan inloggning: ja, sett på nätet." in words.out


def test_check_with_a_wrong_password_does_not_lock_the_account(desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = site.cameras["bedroom"]
    before = camera.seen.failed_logins
    monkeypatch.setenv("PROVISIONER_CAMERA_PASSWORD", "wrong")
    said = check(desk, camera.host, "--port", str(camera.http_port), "--user", "provisioner", "--json")
    assert said.code == 5 and not said.json["ok"] and camera.seen.failed_logins - before <= 3
    part = next(part for part in said.json["parts"] if part["name"] == "login")
    assert (part["word"], part["fault"]["kind"]) == ("refused", "refused") and part["next"] and "wrong" not in json.dumps(part["fault"])
    assert said.json["findings"]["recordings"] == said.json["findings"]["snapshot"] == "unknown", "what could not be asked is no no"


def test_check_of_what_is_no_camera(desk: Desk, printer: int) -> None:
    said = check(desk, "127.0.0.1", "--port", str(printer), "--json")
    assert said.code == 5 and said.json["findings"]["reachable"] == "not_onvif" and said.json["parts"][0]["fault"]["kind"] == "unsupported"
    words = check(desk, "127.0.0.1", "--port", str(printer), language="sv")
    assert words.code == 5 and "Något annat än en kamera svarar" in words.out and "Prova port 80" in words.out


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.255.254", "::1"])
def test_check_of_a_dead_host(desk: Desk, host: str) -> None:
    """Nobody listens: said at once, not at the deadline."""
    said = check(desk, host, "--port", str(free_port()), "--json")
    assert said.code == 5 and said.json["findings"]["reachable"] == "no" and said.json["parts"][0]["fault"]["kind"] == "unreachable"
    assert said.json["took_s"] < 4 and said.json["findings"]["audio"] == "unknown"


def test_check_of_a_host_that_never_answers(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = desk.run("camera", "check", "127.0.0.1", "--port", str(silent.getsockname()[1]), "--deadline-s", "0.7", "--json")
    assert said.code == 5 and said.json["parts"][0]["fault"]["kind"] == "timed_out" and said.json["took_s"] < 3


def test_check_wants_a_label_and_a_profile_that_exist(desk: Desk) -> None:
    assert check(desk, "127.0.0.1", "--profile", "nobody", "--json").json["error"] == "unknown_profile"
    assert check(desk, "127.0.0.1", "--serial", "?", "--json").json["error"] == "bad_label"


@pytest.mark.parametrize("host", ["http://127.0.0.1", "127.0.0.1:80", "a b", "../etc", "user@host", "-x.example"])
def test_check_of_what_is_no_address(desk: Desk, host: str) -> None:
    if host.startswith("-"):
        assert desk.run("camera", "check", host, "--json").json["error"] == "usage"
    else:
        desk.both("camera", "check", host, code=2, error="wrong_host", sv="utan http://", en="without http://")


# ---- the alarm centre


def test_registry_list_beside_what_we_believe(manned: Desk) -> None:
    said = manned.run("registry", "list", "--json")
    [binding] = said.json["bindings"]
    assert said.code == 0 and binding["camera_serial"] == SERIAL and binding["agrees_with_ours"] is None
    words = manned.run("registry", "list", language="sv")
    assert words.out.startswith("? binding-c2n5v8hd") and "vi känner den inte" in words.out


def test_h5_registry_list_with_the_broker_away(desk: Desk) -> None:
    desk.both("registry", "list", "--deadline-s", "0.5", code=5, error="registry_unreachable")


def test_h22_registry_list_with_a_wrong_password(manned: Desk) -> None:
    manned.secret("mqtt-password", b"wrong")
    manned.both("registry", "list", "--deadline-s", "5", code=5, error="registry_refused")


def test_h5_registry_list_with_a_silent_centre(manned: Desk, site: Site) -> None:
    site.centre.levers.pull("silent")
    try:
        manned.both("registry", "list", "--deadline-s", "0.6", code=5, error="registry_timed_out")
    finally:
        site.centre.levers.calm()


# ---- doctor, provision, contract, diagram


def checks(desk: Desk, *args: str) -> tuple[int, dict[str, Any]]:
    said = desk.run("doctor", "--json", *args)
    return said.code, {check["name"]: check for check in said.json["checks"]}


def test_doctor_with_everything_but_a_daemon(manned: Desk) -> None:
    code, found = checks(manned)
    assert code == 3 and {name for name, check in found.items() if check["ok"] is False} <= {"daemon", "clock"}
    assert found["alarm centre"]["ok"] and found["database"]["ok"] and "systemctl start provisioner" in found["daemon"]["text"]
    words = manned.run("doctor", language="sv")
    assert "FEL     daemon" in words.out and "ok      databas" in words.out


def test_doctor_with_the_broker_away(desk: Desk) -> None:
    code, found = checks(desk, "--deadline-s", "0.5")
    assert code == 3 and found["alarm centre"]["ok"] is False and found["database"]["ok"]


def test_doctor_on_an_empty_machine(desk: Desk) -> None:
    desk.config.unlink()
    code, found = checks(desk)
    assert code == 78 and list(found) == ["settings"] and "provisioner.toml" in found["settings"]["text"]


def test_doctor_with_a_setting_that_only_bites_later(desk: Desk) -> None:
    desk.settings(tail="[policy]\nasset_number_pattern = '['")
    code, found = checks(desk)
    assert code == 78 and found["settings"]["ok"] is False
    desk.settings(broker='host = "192.0.2.1"')
    code, found = checks(desk)
    assert code == 78 and found["settings"]["ok"] is False and "ca_file" in found["settings"]["text"]
    for ca_file, why in ((desk.folder / "nix.pem", "does not exist"), (desk.config, "no valid PEM")):
        desk.settings(broker=f'host = "192.0.2.1"\nca_file = {json.dumps(str(ca_file))}')
        code, found = checks(desk)
        assert code == 78 and why in found["settings"]["text"]
        desk.both("run", code=78, error="broker_tls", sv="broker.ca_file", en=why)


def test_doctor_with_a_database_that_is_none(desk: Desk) -> None:
    desk.database.write_bytes(b"This is a letter, and no database at all. " * 100)
    code, found = checks(desk, "--deadline-s", "0.3")
    assert code == 6 and found["database"]["ok"] is False


def test_provision_without_a_daemon_says_so_and_takes_nothing(desk: Desk) -> None:
    number = desk.opened()
    before = desk.run("case", "show", number, "--json").json["revision"]
    desk.both("provision", number, "--scanned", SERIAL, "--agreed", code=5, error="no_daemon", sv="provisioner run", en="provisioner run")
    desk.both("provision", number, "--scanned", SERIAL, "--host", "http://x", code=2, error="wrong_host")
    desk.both("provision", "2026-NIX99", "--scanned", SERIAL, code=4, error="unknown_case")
    assert desk.run("case", "show", number, "--json").json["revision"] == before


def test_contract_and_diagram(desk: Desk, tmp_path: Path) -> None:
    folder = str(tmp_path / "contract")
    assert desk.run("contract", "write", folder, "--json").json["written"]
    assert desk.run("contract", "check", folder, "--json").json == {"stale": []}
    assert "Ingenting" in desk.run("contract", "write", folder, language="sv").out
    next(Path(folder).rglob("*.json")).write_text("{}")
    stale = desk.run("contract", "check", folder, "--json")
    assert stale.code == 3 and len(stale.json["stale"]) == 1
    assert "provisioner contract write" in desk.run("contract", "check", folder, language="sv").out
    assert desk.run("diagram", "--json").json["mermaid"].splitlines()[0] in desk.run("diagram").out


def test_the_check_is_found_under_its_older_name_too() -> None:
    for name in ("check", "probe"):
        assert parser().parse_args(["camera", name, "192.0.2.17"]).run == "check:check_camera"
