"""The first start on an empty machine, and every way in which settings, secrets and database can be wrong: a sentence, a documented exit code."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from provisioner.cli import cases
from provisioner.cli.out import EXIT_CODES
from provisioner.store.sql import SqlStore
from tests.cli.desk import Desk

NOBODY = 65534
COMMANDS = [["case", "list"], ["case", "show", "2026-AAAAA"], ["run"], ["registry", "list"], ["provision", "2026-AAAAA", "--scanned", "X"]]


def shell(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command as a person starts it."""
    return subprocess.run([sys.executable, "-m", "provisioner", *args], capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **env})


def test_help_names_every_exit_code() -> None:
    done = shell("--help")
    assert done.returncode == 0 and set(map(int, re.findall(r"^ +(\d+)  ", done.stdout, re.MULTILINE))) == set(EXIT_CODES)
    assert shell("--version").stdout.startswith("provisioner ")


def test_a_machine_without_anything(tmp_path: Path) -> None:
    """No settings file anywhere: what is missing, where to get it, exit 78. A terminal without Swedish letters shows the sentence all the same."""
    missing = str(tmp_path / "nix.toml")
    done = shell("case", "list", PROVISIONER_CONFIG=missing, LANG="sv_SE.UTF-8")
    assert done.returncode == 78 and done.stdout == "" and missing in done.stderr and "Kopiera systemd/provisioner.toml" in done.stderr
    done = shell("run", PROVISIONER_CONFIG=missing, LANG="C", PYTHONIOENCODING="ascii", LC_ALL="sv_SE")
    assert done.returncode == 78 and "Inst\\xe4llningsfilen" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_says_that_there_are_no_settings(desk: Desk, command: list[str]) -> None:
    desk.config.unlink()
    desk.both(*command, code=78, error="config_missing", sv="finns inte", en="There is no settings file")


@pytest.mark.parametrize("words", [["nonsense"], ["case"], ["case", "open"], ["demo", "--mqtt-port", "x"], ["case", "list", "--colour"],
                                   ["demo", "--lang", "sv"], ["demo", "--case", "move", "--js"], []], ids=" ".join)
def test_a_command_that_is_none(desk: Desk, words: list[str]) -> None:
    said = desk.run(*words, "--json")
    assert said.code == 2 and said.json["error"] == "usage" and "--help" in said.json["text"] and said.err == ""
    assert "Hjälp: provisioner" in desk.run(*words, language="sv").err


@pytest.mark.parametrize(("head", "tail", "sv", "en"), [
    ('mod = "test"', "", "mod finns inte; menade du mode?", "mod is not a key; did you mean mode?"),
    ("[brokr]", "", "menade du broker?", "did you mean broker?"),
    ("", "[http_extra]", "http_extra finns inte", "http_extra is not a key"),
    ("", "[camera]\nat_onse = 3", "menade du at_once?", "did you mean at_once?"),
    ("", "[camera]\nat_once = 0", "camera.at_once ska vara minst 1", "camera.at_once must be at least 1"),
    ("", "[camera]\nat_once = 'many'", "camera.at_once ska vara ett heltal", "camera.at_once must be a whole number"),
    ("", "[camera]\nframe_source = 'film'", "ska vara något av 'auto', 'snapshot' eller 'rtsp'", "must be one of 'auto', 'snapshot' or 'rtsp'"),
    ('worker = "A B"', "", "worker har fel form", "worker has the wrong form"),
    ('mode = "both"', "", "mode ska vara något av 'test' eller 'production'", "mode must be one of 'test' or 'production'"),
    ("", "[policy]\nasset_number_pattern = '['", "inget reguljärt uttryck", "no regular expression"),
    ("", "[policy]\nhold_review_h = 48", "policy.hold_review_h ska vara högst 24", "policy.hold_review_h must be at most 24"),
])
def test_settings_that_are_wrong(desk: Desk, head: str, tail: str, sv: str, en: str) -> None:
    desk.settings(head, tail=tail)
    if head.startswith("["):  # a table at the top would swallow the keys after it
        desk.config.write_text(desk.config.read_text(encoding="utf-8").replace(head, "") + head, encoding="utf-8")
    desk.both("case", "open", desk.form(), code=78, error="config_key", sv=sv, en=en)


def test_settings_that_are_no_toml(desk: Desk) -> None:
    desk.config.write_bytes(b"mode = ")
    desk.both("case", "list", code=78, error="config_garbled", sv="inte giltig TOML", en="no valid TOML")
    desk.config.write_bytes(b"\xff\xfe")
    desk.both("case", "list", code=78, error="config_garbled")
    desk.config.unlink()
    desk.config.mkdir()
    desk.both("case", "list", code=78, error="config_unreadable", sv="är en katalog", en="is a directory")


def test_settings_without_a_database(desk: Desk) -> None:
    desk.config.write_text('mode = "test"\n', encoding="utf-8")
    desk.both("case", "list", code=78, error="config_key", sv="store saknas", en="store is missing")


@pytest.mark.parametrize(("name", "data", "mode", "error", "en"), [
    ("personal-key", None, 0, "secret_missing", "does not exist"), ("personal-key", b"0" * 64, 0o644, "secret_open", "chmod 600"),
    ("personal-key", b"too short", 0o600, "secret_key", "openssl rand -hex 32"), ("personal-key", b"\xff\xfe", 0o600, "secret_garbled", "is no text"),
    ("personal-key", b"", 0o600, "secret_key", "32 bytes"),
])
def test_h6_secrets_that_are_wrong(desk: Desk, name: str, data: bytes | None, mode: int, error: str, en: str) -> None:
    (desk.hidden / name).unlink()
    if data is not None:
        desk.secret(name, data, mode)
    desk.both("case", "list", code=78, error=error, en=en)


@pytest.mark.parametrize(("name", "data", "error"), [
    ("api-token", b"short", "secret_short"), ("api-token", b"\n", "secret_short"), ("mqtt-password", b"", "secret_short"),
    ("cameras.toml", b"[default]\nusername = 'x'", "secret_cameras"), ("cameras.toml", b"default = 'x'", "secret_cameras"),
    ("cameras.toml", b"[", "secret_cameras"), ("cameras.toml", b"\xff", "secret_garbled"),
])
def test_a_daemon_does_not_start_with_secrets_that_are_none(desk: Desk, name: str, data: bytes, error: str) -> None:
    desk.secret(name, data)
    if name == "api-token":  # read by doctor, and by a daemon with an HTTP face
        checks = desk.run("doctor", "--json", "--deadline-s", "0.1")
        assert checks.code == 78 and {check["name"]: check["ok"] for check in checks.json["checks"]}["secrets"] is False
    else:
        desk.both("run", code=78, error=error)


def test_h6_another_machine_is_spoken_to_under_tls_only(desk: Desk) -> None:
    desk.settings(broker='host = "broker.example.org"')
    desk.both("registry", "list", code=78, error="registry_needs_tls", sv="ca_file", en="ca_file")
    desk.settings(broker='client_id = "a/b"')
    desk.both("run", code=78, error="registry_client_id")


# ---- the database


def test_a_database_address_that_is_none(desk: Desk) -> None:
    desk.config.write_text(re.sub(r"url = .*", 'url = "mysql://x/y"', desk.config.read_text(encoding="utf-8")), encoding="utf-8")
    desk.both("case", "list", code=78, error="bad_database_url", sv="sqlite:///", en="sqlite:///")


def test_a_file_that_is_no_database(desk: Desk) -> None:
    desk.database.write_bytes(b"This is a letter, and no database at all. " * 100)
    desk.both("case", "list", code=6, error="not_a_database", sv="ingen databas", en="not a database")
    assert desk.database.read_bytes().startswith(b"This is a letter")


def test_a_database_of_a_newer_version(desk: Desk) -> None:
    desk.opened()
    with closing(sqlite3.connect(desk.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    desk.both("case", "list", code=6, error="database_newer", sv="nyare", en="newer")


def test_a_database_held_by_another_program(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person said is not taken, and may be said again as it was."""
    number = desk.opened()
    real = cases.open_store
    monkeypatch.setattr(cases, "open_store", lambda settings, secrets: _impatient(real(settings, secrets)))
    say = ["case", "say", number, "exit_wanted", "exit=HOLD", "reason=the person is ill"]
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        desk.both(*say, code=6, error="database_locked", sv="Inget ändrades", en="Nothing was changed")
        assert desk.run("case", "show", number).code == 0, "reading goes on"
        assert "could not be logged" in desk.run("case", "show", number).out
        other.execute("ROLLBACK")
        assert desk.run("person", "protect", number, "--level", "secrecy_marking").code == 0
        other.execute("BEGIN IMMEDIATE")
        assert desk.run("case", "show", number, "--json").json["error"] == "database_locked", "a protected person's case is not read without its line"
        other.execute("ROLLBACK")
    assert desk.run(*say, "--json").json["state"] == "ON_HOLD"


def _impatient(store: SqlStore) -> SqlStore:
    @event.listens_for(store._engine, "checkout")
    def checkout(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout = 50")
    return store


def test_a_disk_that_is_full(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is half done; with space again the same words are taken."""
    number = desk.opened()
    real, most = cases.open_store, [1]

    def small(settings: Any, secrets: Any) -> SqlStore:
        store = real(settings, secrets)

        @event.listens_for(store._engine, "checkout")
        def checkout(connection: Any, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {most[0]}")  # SQLite raises it to the size the file has now
        return store
    monkeypatch.setattr(cases, "open_store", small)
    say = ["case", "say", number, "exit_wanted", "exit=HOLD", f"reason={'the person is ill ' * 2000}"]
    before = desk.run("case", "show", number, "--json").json["revision"]
    desk.both(*say, code=6, error="disk_full", sv="Frigör utrymme", en="Free some space")
    assert desk.run("case", "show", number, "--json").json["revision"] == before
    most[0] = 1_000_000
    assert desk.run(*say, "--json").json["state"] == "ON_HOLD"


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Root may write everywhere; as somebody else the permissions count."""
    was = os.geteuid()
    if was == 0:
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and path not in (Path("/"), Path("/tmp")):
                path.chmod(path.stat().st_mode | 0o055)
        for path in (folder / "secrets", *(folder / "secrets").iterdir()):
            os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_database_that_may_only_be_read(desk: Desk, what: str) -> None:
    say = ["case", "say", desk.opened(), "exit_wanted", "exit=HOLD", "reason=the person is ill"]
    desk.database.chmod(0o444 if what == "file" else 0o666)
    desk.database.parent.chmod(0o777 if what == "file" else 0o555)
    try:
        with as_nobody(desk.folder):
            desk.both(*say, code=6, error="database_readonly", sv="skrivrätt", en="write access")
    finally:
        desk.database.parent.chmod(0o700)
        desk.database.chmod(0o600)
    assert desk.run(*say, "--json").json["state"] == "ON_HOLD"


def test_a_folder_that_cannot_be_made(desk: Desk) -> None:
    (desk.folder / "a-file").write_text("")
    url = f'url = "sqlite:///{desk.folder}/a-file/deep/provisioner.db"'
    desk.config.write_text(re.sub(r"url = .*", url, desk.config.read_text(encoding="utf-8")), encoding="utf-8")
    said = desk.run("case", "list", "--json")
    assert said.code == 6 and said.json["error"].startswith("database_")


def test_h6_another_key_opens_nothing(desk: Desk) -> None:
    """A lost or swapped personal key: cases go on (they hold no personal data); what is under seal says so."""
    number = desk.opened()
    desk.secret("personal-key", b"f" * 64)
    assert desk.run("case", "show", number).code == 0
