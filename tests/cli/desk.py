"""A desk with a command line: settings, secrets and an empty database in a folder, and commands run in this very process."""

import json
import secrets
import socket
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provisioner.case import inputs as i
from provisioner.case.effects import FindBinding, SuspendBinding
from provisioner.case.model import Binding, BindingState
from provisioner.cli.main import run
from provisioner.cli.out import EXIT_CODES
from provisioner.config import Secrets, fresh_keys, load
from provisioner.wiring import open_store

SERIAL = "ACCC8EF8431B"
ASSET = "LKP-004711"
PERSON = "18900101-9802"  # one of Skatteverket's test numbers
OLD, NEW = "site-storgatan", "site-nygatan"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Said:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as its one JSON object."""
        found = json.loads(self.out)
        assert isinstance(found, dict), "one JSON object"
        assert self.code in EXIT_CODES
        return found


class Desk:
    """`desk.run("case", "list")`. The settings file may be written anew with `settings(...)`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.config = folder / "provisioner.toml"
        self.database = folder / "data" / "provisioner.db"
        self.database.parent.mkdir()
        self.hidden = folder / "secrets"
        self.hidden.mkdir(mode=0o700)
        for name, text in {**fresh_keys(), "mqtt-password": "a-password", "api-token": secrets.token_hex(16)}.items():
            self.secret(name, text.encode())
        self.settings()

    def secret(self, name: str, data: bytes, mode: int = 0o600) -> None:
        """Write a secret."""
        path = self.hidden / name
        path.touch(mode=0o600)
        path.write_bytes(data)
        path.chmod(mode)

    def settings(self, head: str = 'mode = "test"', *, broker: str = "", tail: str = "") -> None:
        """Write the settings file; the broker is away unless told otherwise."""
        self.config.write_text("\n".join([
            head, f"secrets_directory = {json.dumps(str(self.hidden))}", "[store]", f"url = {json.dumps(f'sqlite:///{self.database}')}",
            "[broker]", broker or f"port = {free_port()}", "[http]", "port = 0", tail, ""]), encoding="utf-8")

    def run(self, *args: str, language: str = "en") -> Said:
        """Run one command."""
        self._capsys.readouterr()
        try:
            code = run([*args, "--config", str(self.config), "--language", language])
        except SystemExit as end:
            code = int(end.code or 0)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def both(self, *args: str, code: int, error: str, sv: str = "", en: str = "") -> None:
        """The command fails in the same way as text in both languages, on standard error alone, and as JSON, on standard output alone."""
        for language, words in (("sv", sv), ("en", en)):
            said = self.run(*args, language=language)
            assert (said.code, said.out) == (code, ""), said
            assert words in said.err and said.err.strip().endswith((".", "?", ":", ")", '"')) and "Traceback" not in said.err, said.err
            assert len(said.err.strip().splitlines()) == 1
        said = self.run(*args, "--json")
        assert said.err == "" and said.code == code
        assert said.json["error"] == error and said.json["exit_code"] == code and en in said.json["text"]

    def open_store(self) -> Any:
        """The database; close it."""
        settings = load(self.config)
        return closing(open_store(settings, Secrets(settings)))

    def cases(self) -> list[dict[str, Any]]:
        """All cases there are."""
        found: list[dict[str, Any]] = self.run("case", "list", "--all", "--json").json["cases"]
        return found

    def form(self, name: str = "forms.json", **changes: Any) -> str:
        """Write a case file; `handing_over__name="..."` changes one field, None takes it out."""
        file = forms()
        for key, value in changes.items():
            inside = file
            *way, last = key.split("__")
            for step in way:
                inside = inside[step]
            if value is None:
                del inside[last]
            else:
                inside[last] = value
        path = self.folder / name
        path.write_text(json.dumps(file), encoding="utf-8")
        return str(path)

    def opened(self, **changes: Any) -> str:
        """Open a case and return its number."""
        said = self.run("case", "open", self.form(**changes), "--json")
        assert said.code == 0, said
        number: str = said.json["case_number"]
        return number

    def centre_answers(self) -> None:
        """Answer all that is owed to the alarm centre, as it would."""
        with self.open_store() as store:
            now = datetime.now(UTC)
            policy = load(self.config).policy.policy()
            for owed in store.claim("alarm-centre-played", now, 60.0):
                if isinstance(owed.effect, FindBinding | SuspendBinding):
                    state, revision = (BindingState.SUSPENDED, 4) if isinstance(owed.effect, SuspendBinding) else (BindingState.ACTIVE, 3)
                    binding = Binding("binding-c2n5v8hd", owed.effect.serial, OLD, "provider-norr", "schedule-three-a-night", state, revision)
                    reply = i.RegistryReply("completed", None, now, (binding,), now + timedelta(hours=20))
                    store.take(owed.case_id, i.Answered(owed.token, reply), now, policy)

    def at_the_old_home(self) -> str:
        """A case whose looks are suspended: the camera may be taken down."""
        number = self.opened()
        self.centre_answers()
        day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        for words in (["booked", f"dismantle_from={day}T09:00", f"dismantle_to={day}T10:00", f"install_from={day}T10:00", f"install_to={day}T11:00",
                       "dismantle_technician=technician-tekla", "install_technician=technician-tekla",
                       f"first_look_at={day}T23:00", "dismantle_contact=related_person", "install_contact=unit"],
                      ["fallback_acknowledged", "unit_ref=unit-night-patrol", "person_ref=person-night-lead"],
                      ["dismantling_begins", "--role", "technician"]):
            said = self.run("case", "say", number, *words)
            assert said.code == 0, said
        self.centre_answers()
        assert self.run("case", "show", number, "--json").json["state"] == "LOOKS_SUSPENDED"
        return number


def forms() -> dict[str, Any]:
    """Two complete forms of one invented person."""
    both = {"provider": "Hemtjänst Norr", "provider_ref": "provider-norr", "name": "Astrid Exempelsson", "person_number": PERSON, "phone": "013-555 01 23",
            "move_date": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(), "decision_ref": "decision-17",
            "contacts": [{"kind": "related_person", "name": "Bo Exempelsson", "phone": "070-555 01 24"}, {"kind": "unit", "phone": "013-555 01 25"}],
            "sender_name": "Karin Avsändare", "sender_email": "karin@example.org", "sender_phone": "013-555 01 26"}
    return {"case_kind": "MOVE_ONLY",
            "handing_over": {**both, "unit": "Grupp 2", "address": "Storgatan 12", "site_ref": OLD, "serial_number": SERIAL, "asset_number": ASSET},
            "receiving": {**both, "unit": "Grupp 5", "address": "Nygatan 4", "site_ref": NEW, "keys_signed_out": True, "street_key": "not_required",
                          "sign_languages": ["sv", "so"]}}
