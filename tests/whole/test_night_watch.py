"""The night with the real daemon, a real broker, the alarm centre's registry and a real mail server: what somebody did by hand reaches people until one of
them takes it."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from provisioner.case.night import Decision
from provisioner.cli.main import run
from provisioner.cli.out import REFUSED, UNREACHABLE
from simulators.site import Site
from tests.whole.daemons import Daemon, Forker, until, write_settings


class Inbox:
    """The far side of SMTP."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@pytest.fixture
def post() -> Iterator[tuple[Inbox, int]]:
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


def settings(folder: Path, site: Site, smtp_port: int) -> Path:
    path = write_settings(folder, site)
    with path.open("a") as file:
        file.write(f'[post]\nsmtp_host = "127.0.0.1"\nsmtp_port = {smtp_port}\nsmtp_security = "none"\nsmtp_sender = "larm@kommun.example"\n'
                   '[post.to]\non_call = ["jour@kommun.example"]\ncoordinator = ["samordnare@kommun.example"]\n')
    return path


def test_h21_d23_a_binding_ended_by_hand_is_called_about_that_evening(forker: Forker, tmp_path: Path, post, capsys) -> None:
    """What happened in the routine's own city, with the lists held: the wrong person's binding is ended in the registry, and somebody is called."""
    inbox, port = post
    with Site.load("two_homes") as site:
        daemon = Daemon(forker, settings(tmp_path, site, port))
        [binding] = site.centre.bindings()
        now = datetime.now(UTC)
        wall = time(3, 0)
        with closing(daemon.open_store()) as store:
            store.put_decision(Decision("decision-anna", binding["site_ref"], "unit-norr", (wall,), now - timedelta(days=9)), now)
        site.centre.levers.edit_by_hand(binding["binding_id"], state="RETIRED")
        daemon.start()
        try:
            mail = until(lambda: next((one for one in inbox.mails if "decision-anna" in one.get_content()), None), "a mail to those on call")
            assert mail["To"] == "jour@kommun.example" and mail["Subject"].startswith("LARM")
            with closing(daemon.open_store()) as store:
                until(lambda: [call for call in store.list_calls() if call.calls], "the try counted")
                [call] = [call for call in store.list_calls() if "decision-anna" in call.key]
            assert ask(daemon, capsys, "night", "readiness", "--print", str(tmp_path / "page.txt"))[0] == REFUSED
            assert "INGEN" in (tmp_path / "page.txt").read_text() or "NOBODY" in (tmp_path / "page.txt").read_text()
            code, found = ask(daemon, capsys, "night", "lists")
            assert code == REFUSED and [one["kind"] for one in found["differences"]] == ["decision_without_binding"]
            code, found = ask(daemon, capsys, "call", "take", call.key, "--by", "jour-olle", "--note", "patrullen kör")
            assert code == 0 and found["taken_by"] == "jour-olle"
            assert ask(daemon, capsys, "call", "list")[1] == {"calls": []}
            assert ask(daemon, capsys, "call", "take", call.key, "--by", "somebody")[0] == REFUSED
        finally:
            daemon.kill()


def ask(daemon: Daemon, capsys, *args: str) -> tuple[int, dict]:
    capsys.readouterr()
    code = run([*args, "--config", str(daemon.config), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_alarm_centre_is_told_how_tonight_stands(forker: Forker, tmp_path: Path, post, capsys) -> None:
    with Site.load("two_homes") as site:
        daemon = Daemon(forker, settings(tmp_path, site, post[1]))
        [binding] = site.centre.bindings()
        now = datetime.now(UTC)
        with closing(daemon.open_store()) as store:
            store.put_decision(Decision("decision-anna", binding["site_ref"], "unit-norr", (time(3, 0),), now - timedelta(days=9)), now)
        code, found = ask(daemon, capsys, "night", "readiness")
        assert code == 0 and (found["camera"], found["neither"], found["unknown"]) == (1, 0, 0)
        daemon.start()
        try:
            lines = until(lambda: [line for line in daemon.records() if line.get("event") == "night"], "the watch's line in the log")
            assert lines[0]["text"].startswith("tonight: 1 by camera") and not any("was not told" in line["text"] for line in daemon.records())
        finally:
            daemon.kill()
        site.broker.kill()
        code, found = ask(daemon, capsys, "night", "readiness", "--deadline-s", "1")
        assert code == UNREACHABLE and found["fault"] and (found["camera"], found["unknown"]) == (0, 1), "unknown is never a no, and never a yes"
