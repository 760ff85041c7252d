"""`provisioner demo`: one simulated camera moves from Storgatan to Solgatan, over real ONVIF, RTSP and MQTT 5, with the real daemon and a database of its own.

The site (camera, alarm centre, broker) is a process of its own (`python -m simulators site`), spoken to over sockets only; the people are played here.
"""

import argparse
import json
import logging
import secrets
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.cover import uncovered_s
from provisioner.case.model import Booking, Case, CaseKind, Consent, ContactKind, Duty, Role, State
from provisioner.case.outcome import Outcome
from provisioner.case.telling import feedback_of
from provisioner.cli.demo_view import looked, rehearsal, summary_of, turned
from provisioner.cli.main import Context
from provisioner.cli.out import BUG, OK, UNREACHABLE, Out
from provisioner.config import Secrets, Settings, fresh_keys, parse
from provisioner.fault import PlainError, Text
from provisioner.ids import case_number, uuid7
from provisioner.intake import HandingOverForm, ReceivingForm, parse_case_file, to_notice
from provisioner.statements import one_time_code
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


def start_site(stack: ExitStack, mqtt_port: int) -> Site:
    """Start the child and wait for its one line. Raises `PlainError` with what it said where it does not come up."""
    command = [sys.executable, "-m", "simulators", "site", "two_homes_reflection", "--json", "--until-stdin-closes", "--mqtt-port", str(mqtt_port)]
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
    case_id: str = ""
    folder: str | None = None    # for the drawings; None: they stay in memory
    steps: list[dict[str, Any]] = field(default_factory=list)

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


def demo(args: argparse.Namespace, context: Context) -> int:
    """Move the camera and print who is bound where at the end."""
    from provisioner.wiring import Service

    out, begun = context.out, time.monotonic()
    logging.getLogger().addHandler(logging.NullHandler())
    out.text(Text("Startar en simulerad kamera, larmcentral och MQTT-mäklare ...", "Starting a simulated camera, alarm centre and MQTT broker ..."))
    with ExitStack() as stack:
        site = start_site(stack, args.mqtt_port)
        rendered = rehearsal(site)
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="provisioner-demo-")))
        settings = write_settings(site, directory)
        service = stack.enter_context(Service(settings, Secrets(settings)))
        thread = threading.Thread(target=service.run, name="daemon", daemon=True)
        thread.start()
        stack.callback(thread.join, 5)
        stack.callback(service.stop)
        if not (service.ready.wait(10) and service.warmed.wait(10)):  # warm: else the first camera call would show the daemon's start, not its work
            raise PlainError("daemon_not_ready", Text("Daemonen startade inte.", "The daemon did not start."), exit_code=BUG)
        _invite(out, site, args.pause_s)
        play = Play(out, site, service, rendered, folder=args.out)
        act(play)
        case = play.case
        wall_s = time.monotonic() - begun
        result = summary(play, case, wall_s)
    out.result(result)
    _epilogue(out, site, result)
    return OK if case.state is State.CLOSED and result["uncovered_s"] == 0 else BUG


def _invite(out: Out, site: Site, pause_s: float) -> None:
    """How to watch the wire; with `--json` on standard error, and only where somebody asked for the time to do it."""
    broker = site.described["broker"]
    line = f"  mosquitto_sub -h {broker['host']} -p {broker['port']} -V 5 -u observer -P {broker['users']['observer']} -t '#' -v\n"
    if not out.as_json:
        out.text(Text("Allt är igång. Se allt som sägs på ledningen, i ett annat fönster:", "All is up. See everything that is said on the wire, in another window:"))
        out.say(line)
    elif pause_s > 0:
        sys.stderr.write(line)
        sys.stderr.flush()
    time.sleep(pause_s)


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


def forms(site: Site, day: str) -> dict[str, Any]:
    """The two support forms of the demo: an invented person with one of Skatteverket's test numbers."""
    old, new = site.described["homes"][:2]
    camera, binding = site.described["cameras"][0], site.described["bindings"][0]
    both = {"provider": "Hemtjänst Norr", "provider_ref": binding["provider_ref"], "name": "Astrid Exempelsson", "person_number": "18900101-9802",
            "phone": "013-555 01 23", "move_date": day, "decision_ref": "decision-2026-17",
            "contacts": [{"kind": "related_person", "name": "Bo Exempelsson", "phone": "070-555 01 24"}, {"kind": "unit", "phone": "013-555 01 25"}]}
    return {
        "case_kind": "MOVE_ONLY",
        "handing_over": {**both, "unit": "Hemtjänst Norr grupp 2", "sender_name": "Karin Överlämnare", "sender_email": "karin@example.org",
                         "sender_phone": "013-555 01 26", "address": "Storgatan 12, 582 23 Linköping", "site_ref": old["site_ref"],
                         "serial_number": camera["serial"], "asset_number": camera["asset_number"]},
        "receiving": {**both, "unit": "Hemtjänst Norr grupp 5", "sender_name": "Maj Mottagare", "sender_email": "maj@example.org",
                      "sender_phone": "013-555 01 27", "address": "Solgatan 7, 582 19 Linköping", "site_ref": new["site_ref"],
                      "keys_signed_out": True, "street_key": "not_required", "sign_languages": ["sv", "so"]},
    }


def act(play: Play) -> None:
    """The whole routine, in its order."""
    play.case_id = _open(play)
    for name, sv, en, do in _STEPS:
        play.step(name, Text(sv, en), lambda do=do: do(play))  # type: ignore[misc]


def _open(play: Play) -> str:
    clock, settings = play.service.clock, play.service.settings
    now = clock.now()
    file = parse_case_file(forms(play.site, (now + timedelta(days=1)).date().isoformat()))
    references, policy = play.service.store.references(), settings.policy.policy()
    case_id = uuid7(now)
    play.case_id = case_id
    play.service.daemon.submit(case_id, i.Opened(case_id, case_number(now), CaseKind.MOVE_ONLY)).result(STEP_S)
    for form in (file.handing_over, file.receiving):
        assert form is not None
        notice = to_notice(form, references, now, policy, settings.mode)
        play.service.store.put_person(Person(notice.form_ref, "form", {"name": form.name, "address": form.address, "phone": form.phone}), now)
        what = i.HandingOverNotice(notice) if isinstance(form, HandingOverForm) else i.ReceivingNotice(notice)
        assert isinstance(form, (HandingOverForm, ReceivingForm))
        play.say(what, "unit-form", Role.UNIT)
    return case_id


def _then(state: State) -> Callable[[Play], str | None]:
    def do(play: Play) -> None:
        play.until(lambda case: case.state is state)
    return do


def _says(what: i.Statement, by: str = "technician-tekla", role: Role = Role.TECHNICIAN) -> Callable[[Play], str | None]:
    def do(play: Play) -> None:
        play.say(what, by, role)
    return do


def _booked(play: Play) -> None:
    now, hour = play.service.clock.now(), timedelta(hours=1)
    first_look_at = max(play.case.first_look_at or now, now + 6 * hour)
    play.say(i.Booked(Booking(now, now + hour / 2, now + hour / 2, now + hour, first_look_at, ContactKind.RELATED_PERSON, ContactKind.UNIT)),
             "coordinator-cecilia", Role.COORDINATOR)


def _suspended(play: Play) -> None:
    play.say(i.DismantlingBegins())
    play.until(lambda case: case.state is State.LOOKS_SUSPENDED)


def _dismantled(play: Play) -> None:
    camera = play.site.described["cameras"][0]
    play.site.pull(f"camera/{camera['name']}/lose_power")
    play.say(i.Dismantled(camera["serial"], True))


def _refused(play: Play) -> str:
    what = i.Dismantled(play.site.described["cameras"][0]["asset_number"], True)
    outcome = play.said(what, "technician-tekla", Role.TECHNICIAN)
    assert outcome.refusal is not None, "an asset number was taken for a serial number"
    return outcome.refusal.text.in_language(play.out.language)


def _mounted(play: Play) -> None:
    camera = play.site.described["cameras"][0]
    play.rendered.join()
    play.site.pull("carry", camera=camera["name"], home="solgatan")
    play.site.pull(f"camera/{camera['name']}/room_is_dark")  # the technician puts out the light: the camera looks at night
    _until_it_boots(camera["host"], camera["http_port"])
    consents = tuple(Consent(subject, True, play.service.clock.now()) for subject in ("service_user", "cohabitant-1"))
    play.say(i.Mounted(camera["serial"], consents, True, "assessment-2026-88"))


def _until_it_boots(host: str, port: int) -> None:
    """The technician waits for the camera's lamp. Who does not, is asked for patience by the case: it tries again by itself."""
    end = time.monotonic() + STEP_S
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.02)


def _identity(play: Play) -> str:
    camera = play.site.described["cameras"][0]
    serial, now = camera["serial"], play.service.clock.now()
    play.service.store.move_place(serial, camera["host"], camera["http_port"], now)
    play.say(i.VisitStarted(serial, now, True))
    case = play.until(lambda case: case.identity is not None)
    assert case.identity is not None
    return f"{case.identity.manufacturer} {case.identity.model}, serial {case.expected_serial}, clock {case.identity.clock_offset_s:+.1f} s"


def _posture(play: Play) -> str:
    case = play.until(lambda case: case.posture is not None and case.state is State.IDENTITY_VERIFIED)
    assert case.rotation is not None and case.posture is not None
    left = [finding.item.value for finding in case.posture.findings if finding.state.value != "ok"]
    good = len(case.posture.findings) - len(left)
    text = Text(f"{case.rotation.sentence.sv} {good} inställningar som de ska vara; godtagna ändå: {', '.join(left)}.",
                f"{case.rotation.sentence.en} {good} settings as wanted; accepted besides: {', '.join(left)}.")
    return text.in_language(play.out.language)


def _viewed(play: Play) -> None:
    play.say(i.ViewAccepted(True, True, True, True))
    play.until(lambda case: case.state is State.VIEW_CHECKED)  # the camera carries the new binding's mark by then


def _test_look(play: Play) -> str:
    code = one_time_code()
    play.say(i.TestLookStarted(f"challenge-{secrets.token_hex(6)}", code))
    case = play.until(lambda case: case.state in (State.TEST_LOOK_OK, State.REBOUND))
    assert case.test_look is not None
    return f"{code} / {case.test_look.code_seen}"


def _feedback(play: Play) -> str:
    texts = feedback_of(play.case)
    assert texts is not None
    for duty in (Duty.RECEIVING_PHONED, Duty.RECEIVING_FORM_SENT):
        play.say(i.DutyDone(duty), "coordinator-cecilia", Role.COORDINATOR)
    play.until(lambda case: case.state is State.RECEIVING_INFORMED)
    play.say(i.DutyDone(Duty.HANDING_OVER_FORM_SENT), "coordinator-cecilia", Role.COORDINATOR)
    return texts.receiving_form


def _closed(play: Play) -> None:
    for duty in (Duty.CARE_RECORD_HANDING_OVER, Duty.CARE_RECORD_RECEIVING, Duty.SERIAL_DOCUMENTED, Duty.KEYS_RETURNED):
        play.say(i.DutyDone(duty), "coordinator-cecilia", Role.COORDINATOR)
    for system in play.service.settings.policy.it_supports:
        play.say(i.DutyDone(Duty.IT_SUPPORT_UPDATED, system), "coordinator-cecilia", Role.COORDINATOR)
    play.say(i.DutyDone(Duty.SURVEILLANCE_REGISTER_UPDATED), "coordinator-cecilia", Role.COORDINATOR)
    binding = play.case.new_binding
    assert binding is not None
    play.site.pull("alarm_centre/look_now", binding_id=binding.binding_id)
    play.until(lambda case: case.state is State.CLOSED)


_STEPS: tuple[tuple[str, str, str, Callable[[Play], str | None]], ...] = (
    ("forms", "Båda formulären är inne; larmcentralen slår upp kameran", "Both forms are in; the alarm centre looks the camera up", _then(State.READY)),
    ("booked", "Tid bokad för nedmontering och installation", "Dismantling and installation booked", _booked),
    ("fallback_acknowledged", "Nattpatrullen bekräftar besök så länge kameran är borta", "The night patrol acknowledges visits while the camera is away",
     _says(i.FallbackAcknowledged("fallback-demo-1", "unit-night-patrol", "person-night-lead"), "night-lead", Role.UNIT)),
    ("looks_suspended", "Teknikern vid dörren på Storgatan: larmcentralen pausar titt-in", "Technician at Storgatan's door: the alarm centre suspends the looks",
     _suspended),
    ("asset_tag_refused", "Fel etikett skannad: inventarienumret i stället för serienumret", "The wrong label scanned: asset number instead of serial", _refused),
    ("dismantled", "Kameran nedtagen, etiketten skannad, skylten borttagen", "Camera down, its label scanned, the sign removed", _dismantled),
    ("mounted", "Monterad på Solgatan, släckt; samtycke och bedömning klara", "Mounted at Solgatan, lights out; consent and assessment at hand", _mounted),
    ("identity_verified", "Serienumret läses av kameran själv över ONVIF", "The camera's own serial is read over ONVIF", _identity),
    ("posture_confirmed", "Nytt lösenord, gamla användare borta, inställningarna satta och lästa", "New password, old users gone, settings set and read back",
     _posture),
    ("frame_judged", "Bilder tas i nattens ljus, bedöms, glöms; ny koppling i TEST", "Looked at by the night's light, judged, forgotten; new binding TEST", looked),
    ("camera_turned", "Kameran vrids bort från fönstret och kontrolleras igen", "The camera is turned away from the window, and checked again", turned),
    ("view_accepted", "Övervakningsområde, avspeglingar och planlösning bedömda", "Monitoring area, reflections and floor plan judged",
     _viewed),
    ("sign_placed", "Skylten sitter: svenska och somaliska, inte synlig från ytterdörren", "The sign is up: Swedish and Somali, not visible from the front door",
     _says(i.SignPlaced(("sv", "so"), True, True, True))),
    ("test_look", "Kameran skriver engångskoden i bilden, och operatören läser den där",
     "The camera writes the one-time code, and an operator reads it in the picture", _test_look),
    ("rebound", "Ett enda steg: Storgatan RETIRED, Solgatan ACTIVE; svar och status stämmer", "One step: Storgatan RETIRED, Solgatan ACTIVE; reply and states agree",
     _then(State.REBOUND)),
    ("feedback", "Återkoppling: mottagande (telefon, formulär), sedan överlämnande", "Feedback: receiving (phone, form), then handing-over unit", _feedback),
    ("closed", "Dokumenterat, nycklar klara, första riktiga titten lyckades", "Documented, keys settled, the first real look succeeded", _closed),
)


def summary(play: Play, case: Case, wall_s: float) -> dict[str, Any]:
    """The JSON object of `--json`."""
    def bound(binding: Any) -> dict[str, Any]:
        return {"id": binding.binding_id, "state": binding.state.value, "revision": binding.revision, "site_ref": binding.site_ref}

    frame = case.frame
    assert frame is not None
    return {
        "case_kind": case.kind.value, "case_number": case.case_number, "state": case.state.value, "steps": play.steps,
        "verified_serial": case.expected_serial if case.identity else None, "old_binding": bound(case.old_binding), "new_binding": bound(case.new_binding),
        "frame": {"source": frame.source, "codec": frame.codec, "width_px": frame.width_px, "height_px": frame.height_px, "took_s": frame.took_s,
                  "good": frame.good}, "view_check": summary_of(case),
        "coverage": [{"at": line.at.isoformat(), "by": line.by.value} for line in case.cover],
        "uncovered_s": uncovered_s(case, play.service.clock.now()), "wall_s": round(wall_s, 3),
    }


def _epilogue(out: Out, site: Site, result: dict[str, Any]) -> None:
    homes = {home["site_ref"]: home["words"] for home in site.described["homes"]}
    out.say()
    for which in ("old_binding", "new_binding"):
        binding = result[which]
        out.say(f"  {homes[binding['site_ref']]:44} {binding['id']:24} {binding['state']:8} revision {binding['revision']}")
    covered = " -> ".join(line["by"] for line in result["coverage"])
    out.text(Text(f"  Hemmet var täckt hela tiden ({covered}); otäckt {result['uncovered_s']:.0f} s. Klart på {result['wall_s']:.1f} s.",
                  f"  The home was covered all the time ({covered}); uncovered {result['uncovered_s']:.0f} s. Done in {result['wall_s']:.1f} s."))
