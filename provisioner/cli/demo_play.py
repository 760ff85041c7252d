"""What the demo plays on: the simulated site in a process of its own, the daemon's settings, the two forms, and the people who speak to the daemon."""

import json
import secrets
import selectors
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.model import Case, CaseKind, Role
from provisioner.case.outcome import Outcome
from provisioner.cli.out import UNREACHABLE, Out
from provisioner.config import Settings, fresh_keys, parse
from provisioner.fault import PlainError, Text
from provisioner.ids import case_number, uuid7
from provisioner.intake import HandingOverForm, ReceivingForm, parse_case_file, to_notice
from provisioner.store.keeping import Person
from provisioner.view import next_action

SITE_READY_S = STEP_S = 30.0


@dataclass
class Site:
    """The simulated site as a child process. It ends when our end of its standard input closes, whatever becomes of us."""

    described: dict[str, Any]

    def pull(self, path: str, **arguments: Any) -> Any:
        """Pull a lever through the site's control endpoint."""
        request = urllib.request.Request(f"{self.described['control_url']}/{path}", data=json.dumps(arguments).encode(),
                                         headers={"content-type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


def start_site(stack: ExitStack, mqtt_port: int, file: str = "two_homes_reflection") -> Site:
    """Start the child and wait for its one line. Raises `PlainError` with what it said where it does not come up."""
    command = [sys.executable, "-m", "simulators", "site", file, "--json", "--until-stdin-closes", "--mqtt-port", str(mqtt_port)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None

    def end() -> None:
        child.stdin.close()  # type: ignore[union-attr]
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdout, child.stderr):
            pipe.close()  # type: ignore[union-attr]
    stack.callback(end)
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        line = child.stdout.readline() if selector.select(SITE_READY_S) else b""
    if not line:
        child.kill()
        said = child.stderr.read().decode(errors="replace").strip().splitlines()
        why = said[-1] if said else "no answer"
        raise PlainError("site_not_started", Text(f"Den simulerade platsen startade inte: {why}", f"The simulated site did not start: {why}"), exit_code=UNREACHABLE)
    threading.Thread(target=child.stderr.read, daemon=True).start()  # a full pipe would stop the site
    return Site(json.loads(line))


@dataclass
class Play:
    """The people of the demo, and the daemon they speak to."""

    out: Out
    site: Site
    service: Any
    rendered: threading.Thread
    kind: CaseKind = CaseKind.MOVE_ONLY
    place: int = 0               # which camera of the site; it moves from home 2n to home 2n + 1
    home: int | None = None      # where not its own: the second room of another camera's home
    case_id: str = ""
    switch_at: datetime | None = None
    folder: str | None = None    # for the drawings; None: they stay in memory
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def camera(self) -> dict[str, Any]:
        """The camera of the case, as the site describes it."""
        return self.site.described["cameras"][self.place]  # type: ignore[no-any-return]

    @property
    def case(self) -> Case:
        """As it stands in the database."""
        return self.service.store.load(self.case_id)  # type: ignore[no-any-return]

    def said(self, what: i.Statement, by: str, role: Role) -> Outcome:
        """A person says something to the daemon."""
        return self.service.daemon.submit(self.case_id, i.Said(by, role, what)).result(STEP_S).outcome  # type: ignore[no-any-return]

    def say(self, what: i.Statement, by: str = "technician-tekla", role: Role = Role.TECHNICIAN) -> None:
        """The same, where it must be taken."""
        outcome = self.said(what, by, role)
        if outcome.refusal is not None:
            raise PlainError(outcome.refusal.code, outcome.refusal.text)

    def until(self, reached: Callable[[Case], bool]) -> Case:
        """Wait until the case is there. Raises `PlainError` with the case's next action where it does not come."""
        end = time.monotonic() + STEP_S
        while time.monotonic() < end:
            case = self.case
            if reached(case):
                return case
            time.sleep(0.01)
        action = next_action(self.case, self.out.language)
        raise PlainError("demo_stopped", Text(f"Demon stannade i {self.case.state}: {action}", f"The demo stopped in {self.case.state}: {action}"))

    def step(self, name: str, text: Text, do: Callable[[], str | None]) -> None:
        """One step on the screen and in the record."""
        begun = time.monotonic()
        seen = do()
        took_s = time.monotonic() - begun
        self.steps.append({"name": name, "took_s": round(took_s, 3), "state": self.case.state.value})
        self.out.say(f" {len(self.steps):2}. {text.in_language(self.out.language):<76} {took_s:6.2f} s   {self.case.state}")
        if seen:
            self.out.say(f"     {seen}")


def write_settings(site: Site, directory: Path) -> Settings:
    """Settings and secrets of the demo in a directory that goes away with it."""
    camera, broker = site.described["cameras"][0], site.described["broker"]
    hidden = directory / "secrets"
    hidden.mkdir(mode=0o700)
    files = {**fresh_keys(), "mqtt-password": broker["users"]["daemon"], "api-token": secrets.token_hex(16),
             "cameras.toml": f"[default]\nusername = {json.dumps(camera['user'])}\npassword = {json.dumps(camera['password'])}\n"}
    for name, text in files.items():
        (hidden / name).touch(mode=0o600)
        (hidden / name).write_text(text, encoding="utf-8")
    return parse({"mode": "test", "secrets_directory": str(hidden), "store": {"url": f"sqlite:///{directory / 'demo.db'}"}, "http": {"port": 0},
                  "broker": {"host": broker["host"], "port": broker["port"], "username": "daemon"}, "camera": {"frame_source": "rtsp", "night_follows_s": 0.05}})


def forms(site: Site, day: str, kind: CaseKind = CaseKind.MOVE_ONLY, place: int = 0, switch_at: datetime | None = None,
          home: int | None = None) -> dict[str, Any]:
    """The two support forms of the demo: an invented person with one of Skatteverket's test numbers."""
    at = place if home is None else home
    old, new = site.described["homes"][2 * at:2 * at + 2]
    camera, binding = site.described["cameras"][place], site.described["bindings"][place]
    moves, switches = kind is not CaseKind.PROVIDER_CHANGE_ONLY, kind is not CaseKind.MOVE_ONLY
    new = new if moves else old
    both = {"provider": "Hemtjänst Norr", "provider_ref": binding["provider_ref"], "name": "Astrid Exempelsson", "person_number": "18900101-9802",
            "phone": "013-555 01 23", "move_date": day if moves else None, "decision_ref": "decision-2026-17",
            "contacts": [{"kind": "related_person", "name": "Bo Exempelsson", "phone": "070-555 01 24"}, {"kind": "unit", "phone": "013-555 01 25"}]}
    if switches:
        assert switch_at is not None, "a provider change has an instant"
        both["provider_effective_at"] = switch_at.isoformat()
    gets = {**both, "provider": "Hemtjänst Söder", "provider_ref": "provider-hemtjanst-soder"} if switches else both
    return {
        "case_kind": kind.value,
        "handing_over": {**both, "unit": "Hemtjänst Norr grupp 2", "sender_name": "Karin Överlämnare", "sender_email": "karin@example.org",
                         "sender_phone": "013-555 01 26", "address": "Storgatan 12, 582 23 Linköping", "site_ref": old["site_ref"],
                         "serial_number": camera["serial"], "asset_number": camera["asset_number"]},
        "receiving": {**gets, "unit": "Hemtjänst Norr grupp 5", "sender_name": "Maj Mottagare", "sender_email": "maj@example.org",
                      "sender_phone": "013-555 01 27", "address": "Solgatan 7, 582 19 Linköping", "site_ref": new["site_ref"],
                      "keys_signed_out": True, "street_key": "not_required", "sign_languages": ["sv", "so"]},
    }


def open_case(play: Play, group_ref: str = "") -> str:
    """Open the case of the play with its two forms, as the support form brings them; the id."""
    clock, settings = play.service.clock, play.service.settings
    now = clock.now()
    file = parse_case_file(forms(play.site, (now + timedelta(days=1)).date().isoformat(), play.kind, play.place, play.switch_at, play.home))
    references, policy = play.service.store.references(), settings.policy.policy()
    case_id = uuid7(now)
    play.case_id = case_id
    play.service.daemon.submit(case_id, i.Opened(case_id, case_number(now), play.kind, group_ref=group_ref)).result(STEP_S)
    for form in (file.handing_over, file.receiving):
        assert form is not None
        notice = to_notice(form, references, now, policy, settings.mode)
        play.service.store.put_person(Person(notice.form_ref, "form", {"name": form.name, "address": form.address, "phone": form.phone}), now)
        what = i.HandingOverNotice(notice) if isinstance(form, HandingOverForm) else i.ReceivingNotice(notice)
        assert isinstance(form, (HandingOverForm, ReceivingForm))
        play.say(what, "unit-form", Role.UNIT)
    return case_id
