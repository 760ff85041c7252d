"""`provisioner demo`: one simulated camera moves from Storgatan to Solgatan, over real ONVIF, RTSP and MQTT 5, with the real daemon and a database of its own.

With `--case` a provider change instead, or both; with `--chaos` what goes another way (demo_chaos.py). The site (camera, alarm centre, broker) is a process
of its own (`python -m simulators site`), spoken to over sockets only; the people are played here.
"""

import argparse
import logging
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.checklist import Standing, checklist
from provisioner.case.cover import uncovered_s
from provisioner.case.model import Booking, Case, CaseKind, Consent, ContactKind, Duty, Role, State
from provisioner.case.telling import feedback_of
from provisioner.cli.demo_play import STEP_S, Play, Site, forms, open_case, start_site, write_settings
from provisioner.cli.demo_view import looked, rehearsal, summary_of, turned
from provisioner.cli.main import Context
from provisioner.cli.out import BUG, OK, Out
from provisioner.cli.routine import heard
from provisioner.config import Secrets
from provisioner.fault import PlainError, Text
from provisioner.statements import one_time_code

__all__ = ["demo", "forms"]


KINDS = {"move": CaseKind.MOVE_ONLY, "provider-change": CaseKind.PROVIDER_CHANGE_ONLY, "both": CaseKind.MOVE_AND_PROVIDER_CHANGE}
SWITCH_IN_S = 1.5
"""The provider change of the demo comes so soon that nobody waits for it, and so late that the alarm centre takes it beforehand, as it must."""


def demo(args: argparse.Namespace, context: Context) -> int:
    """Play a case and print who is bound where at the end; or the exceptions, and how each ended."""
    if args.chaos:
        from provisioner.cli.demo_chaos import chaos

        return chaos(args, context)
    out, begun, kind = context.out, time.monotonic(), KINDS[args.case]
    out.text(Text("Startar en simulerad kamera, larmcentral och MQTT-mäklare ...", "Starting a simulated camera, alarm centre and MQTT broker ..."))
    with running(args.mqtt_port, rehearsed=kind is not CaseKind.PROVIDER_CHANGE_ONLY) as (site, service, rendered):
        _invite(out, site, args.pause_s)
        play = Play(out, site, service, rendered, kind, folder=args.out)
        if kind is not CaseKind.MOVE_ONLY:
            play.switch_at = service.clock.now() + timedelta(seconds=SWITCH_IN_S)
        act(play)
        case = play.case
        result = summary(play, case, time.monotonic() - begun)
    out.result(result)
    _epilogue(out, site, result)
    return OK if case.state is State.CLOSED and result["uncovered_s"] == 0 and result["order_kept"] else BUG


@contextmanager
def running(mqtt_port: int, file: str = "", *, rehearsed: bool = False) -> Iterator[tuple[Site, Any, threading.Thread]]:
    """A site and the real daemon on it, warm; and, where the view will be looked at, the thread that renders the room beforehand."""
    from provisioner.wiring import Service

    logging.getLogger().addHandler(logging.NullHandler())
    with ExitStack() as stack:
        site = start_site(stack, mqtt_port, file) if file else start_site(stack, mqtt_port)
        rendered = rehearsal(site, wanted=rehearsed)
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="provisioner-demo-")))
        settings = write_settings(site, directory)
        service = stack.enter_context(Service(settings, Secrets(settings)))
        thread = threading.Thread(target=service.run, name="daemon", daemon=True)
        thread.start()
        stack.callback(thread.join, 5)
        stack.callback(service.stop)
        if not (service.ready.wait(10) and service.warmed.wait(10)):  # warm: else the first camera call would show the daemon's start, not its work
            raise PlainError("daemon_not_ready", Text("Daemonen startade inte.", "The daemon did not start."), exit_code=BUG)
        yield site, service, rendered


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


def act(play: Play) -> None:
    """The whole routine, in its order."""
    play.case_id = open_case(play)
    for name, sv, en, do, kinds in _STEPS:
        if play.kind not in kinds:
            continue
        play.step(name, Text(sv, en), lambda do=do: do(play))  # type: ignore[misc]


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
    now = max(now, play.switch_at or now)
    first_look_at = max(play.case.first_look_at or now, now + 6 * hour)
    home = play.place if play.home is None else play.home
    technician = f"technician-{home}" if home else "technician-tekla"
    play.say(i.Booked(Booking(now, now + hour / 2, now + hour / 2, now + hour, first_look_at, ContactKind.RELATED_PERSON, ContactKind.UNIT,
                              "", technician, technician)),
             "coordinator-cecilia", Role.COORDINATOR)


def _serial_confirmed(play: Play) -> None:
    play.say(i.SerialConfirmed(play.camera["serial"]), "unit-form", Role.UNIT)


def _changed(play: Play) -> None:
    play.until(lambda case: case.old_binding is not None and case.receiving is not None and case.old_binding.provider_ref == case.receiving.provider_ref)


def _suspended(play: Play) -> None:
    play.say(i.DismantlingBegins())
    play.until(lambda case: case.state is State.LOOKS_SUSPENDED)


def _dismantled(play: Play) -> None:
    camera = play.camera
    play.site.pull(f"camera/{camera['name']}/lose_power")
    play.say(i.Dismantled(camera["serial"], True))


def _refused(play: Play) -> str:
    what = i.Dismantled(play.camera["asset_number"], True)
    outcome = play.said(what, "technician-tekla", Role.TECHNICIAN)
    assert outcome.refusal is not None, "an asset number was taken for a serial number"
    return outcome.refusal.text.in_language(play.out.language)


def _mounted(play: Play) -> None:
    camera = play.camera
    play.rendered.join()
    play.site.pull("carry", camera=camera["name"], home="solgatan")
    play.site.pull(f"camera/{camera['name']}/room_is_dark")  # the technician puts out the light: the camera looks at night
    _until_it_boots(camera["host"], camera["http_port"])
    consents = tuple(Consent(subject, True, play.service.clock.now()) for subject in ("service_user", "cohabitant-1"))
    play.say(i.SiteChecked(True, True, True, True, True))
    play.say(i.Mounted(camera["serial"], consents, True, "assessment-2026-88"))


def _until_it_boots(host: str, port: int) -> None:
    """The technician waits for the camera's lamp. Who does not, is asked for patience by the case: it tries again by itself."""
    end = time.monotonic() + STEP_S
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.02)


def _identity(play: Play) -> str:
    camera = play.camera
    serial, now = camera["serial"], play.service.clock.now()
    play.service.store.move_place(serial, camera["host"], camera["http_port"], now)
    play.say(i.VisitStarted(serial, now, True))
    case = play.until(lambda case: case.identity is not None)
    assert case.identity is not None
    read, clock = f"{case.identity.manufacturer} {case.identity.model}", f"{case.identity.clock_offset_s:+.1f} s"
    return Text(f"{read}, serienummer {case.expected_serial}, klockan {clock}",
                f"{read}, serial {case.expected_serial}, clock {clock}").in_language(play.out.language)


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
    if play.case.moves:
        play.say(i.DutyDone(Duty.SURVEILLANCE_REGISTER_UPDATED), "coordinator-cecilia", Role.COORDINATOR)
    binding = play.case.home_binding
    assert binding is not None
    play.site.pull("alarm_centre/look_now", binding_id=binding.binding_id)
    play.until(lambda case: case.state is State.CLOSED)


_ALL, _MOVES = frozenset(CaseKind), frozenset({CaseKind.MOVE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE})
_ONLY_P, _ONLY_MP = frozenset({CaseKind.PROVIDER_CHANGE_ONLY}), frozenset({CaseKind.MOVE_AND_PROVIDER_CHANGE})
_STEPS: tuple[tuple[str, str, str, Callable[[Play], str | None], frozenset[CaseKind]], ...] = (
    ("forms", "Båda formulären är inne; larmcentralen slår upp kameran", "Both forms are in; the alarm centre looks the camera up", _then(State.READY), _ALL),
    ("serial_confirmed", "Serienumret läses på etiketten; ingen bild tas", "The serial is read from the label; no picture is taken", _serial_confirmed, _ONLY_P),
    ("switch_scheduled", "Larmcentralen tar emot utförarbytet i förväg", "The alarm centre takes the provider change beforehand",
     _then(State.SWITCH_SCHEDULED), _ONLY_P),
    ("switched", "Ögonblicket: nya utföraren ansvarar, titt-in gick hela tiden", "The instant: the new provider is responsible, the looks never stopped",
     _then(State.SWITCHED), _ONLY_P),
    ("booked", "Tid bokad för nedmontering och installation", "Dismantling and installation booked", _booked, _MOVES),
    ("provider_changed", "Utförarbytet sker före flytten, i gamla bostaden", "The provider changes before the move, in the old home", _changed, _ONLY_MP),
    ("fallback_acknowledged", "Nattpatrullen bekräftar besök så länge kameran är borta", "The night patrol acknowledges visits while the camera is away",
     _says(i.FallbackAcknowledged("fallback-demo-1", "unit-night-patrol", "person-night-lead"), "night-lead", Role.UNIT), _MOVES),
    ("looks_suspended", "Teknikern vid dörren på Storgatan: larmcentralen pausar titt-in", "Technician at Storgatan's door: the alarm centre suspends the looks",
     _suspended, _MOVES),
    ("asset_tag_refused", "Fel etikett skannad: inventarienumret i stället för serienumret", "The wrong label scanned: asset number instead of serial",
     _refused, _MOVES),
    ("dismantled", "Kameran nedtagen, etiketten skannad, skylten borttagen", "Camera down, its label scanned, the sign removed", _dismantled, _MOVES),
    ("mounted", "Monterad på Solgatan, släckt; samtycke och bedömning klara", "Mounted at Solgatan, lights out; consent and assessment at hand", _mounted, _MOVES),
    ("identity_verified", "Serienumret läses av kameran själv över ONVIF", "The camera's own serial is read over ONVIF", _identity, _MOVES),
    ("posture_confirmed", "Nytt lösenord, gamla användare borta, inställningarna satta och lästa", "New password, old users gone, settings set and read back",
     _posture, _MOVES),
    ("frame_judged", "Bilder tas i nattens ljus, bedöms, glöms; ny koppling i TEST", "Looked at by the night's light, judged, forgotten; new binding TEST",
     looked, _MOVES),
    ("camera_turned", "Kameran vrids bort från fönstret och kontrolleras igen", "The camera is turned away from the window, and checked again", turned, _MOVES),
    ("view_accepted", "Övervakningsområde, avspeglingar och planlösning bedömda", "Monitoring area, reflections and floor plan judged",
     _viewed, _MOVES),
    ("sign_placed", "Skylten sitter: svenska och somaliska, inte synlig från ytterdörren", "The sign is up: Swedish and Somali, not visible from the front door",
     _says(i.SignPlaced(("sv", "so"), True, True, True)), _MOVES),
    ("test_look", "Kameran skriver engångskoden i bilden, och operatören läser den där",
     "The camera writes the one-time code, and an operator reads it in the picture", _test_look, _MOVES),
    ("rebound", "Ett enda steg: Storgatan RETIRED, Solgatan ACTIVE; svar och status stämmer", "One step: Storgatan RETIRED, Solgatan ACTIVE; reply and states agree",
     _then(State.REBOUND), _MOVES),
    ("feedback", "Återkoppling: mottagande (telefon, formulär), sedan överlämnande", "Feedback: receiving (phone, form), then handing-over unit", _feedback, _ALL),
    ("closed", "Dokumenterat, nycklar klara, första riktiga titten lyckades", "Documented, keys settled, the first real look succeeded", _closed, _ALL),
)


def summary(play: Play, case: Case, wall_s: float) -> dict[str, Any]:
    """The JSON object of `--json`."""
    def bound(binding: Any) -> dict[str, Any] | None:
        return None if binding is None else {"id": binding.binding_id, "state": binding.state.value, "revision": binding.revision, "site_ref": binding.site_ref}

    frame, said = case.frame, heard(play.service.store.journal(case.case_id))
    rows = checklist(case, said)
    order = [(stands[row].at, row) for row in _ORDER if (stands := {line.row: line.stamp for line in rows if line.stamp is not None}).get(row)]
    return {
        "case_kind": case.kind.value, "case_number": case.case_number, "state": case.state.value, "steps": play.steps,
        "verified_serial": case.expected_serial if case.identity else None, "old_binding": bound(case.old_binding), "new_binding": bound(case.new_binding),
        "frame": {"source": frame.source, "codec": frame.codec, "width_px": frame.width_px, "height_px": frame.height_px, "took_s": frame.took_s,
                  "good": frame.good} if frame else None, "view_check": summary_of(case) if frame else None,
        "rows": {line.row: line.standing.value for line in rows}, "order": [row for _, row in order],
        "order_kept": order == sorted(order, key=lambda one: one[0]) and all(line.standing in (Standing.DONE, Standing.KEPT) for line in rows),
        "coverage": [{"at": line.at.isoformat(), "by": line.by.value} for line in case.cover],
        "uncovered_s": uncovered_s(case, play.service.clock.now()), "wall_s": round(wall_s, 3),
    }


_ORDER = ("R6", "R15", "R28", "R31", "R32", "R37", "R33", "R41", "R39", "R43", "R13")
"""The rows whose moments follow one another, by the routine's own order (R46-R50): forms, booking, down, up, view, sign, begun, told, told last, recorded."""


def _epilogue(out: Out, site: Site, result: dict[str, Any]) -> None:
    homes = {home["site_ref"]: home["words"] if out.language == "en" else home["name"].capitalize() for home in site.described["homes"]}
    out.say()
    for which in ("old_binding", "new_binding"):
        binding = result[which]
        if binding is None:
            continue
        out.say(f"  {homes[binding['site_ref']]:44} {binding['id']:24} {binding['state']:8} revision {binding['revision']}")
    covered = " -> ".join(line["by"] for line in result["coverage"])
    out.text(Text(f"  Hemmet var täckt hela tiden ({covered}); otäckt {result['uncovered_s']:.0f} s. Klart på {result['wall_s']:.1f} s.",
                  f"  The home was covered all the time ({covered}); uncovered {result['uncovered_s']:.0f} s. Done in {result['wall_s']:.1f} s."))
