"""Cases for the benchmarks: opened with the product's own command, brought to the door of the new home, and the visit itself."""

import io
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.world import Broken, Daemon, Site, compiling
from provisioner.case.model import Case, State
from provisioner.cli.main import run
from provisioner.statements import one_time_code
from provisioner.store.sql import SqlStore

STEP_S = 30.0
POLL_S = 0.001


def forms(n: int) -> dict[str, Any]:
    """The case file of a move of camera `n`, with one of Skatteverket's test numbers."""
    both = {"provider": "Hemtjänst Norr", "provider_ref": "provider-north", "name": "Astrid Exempelsson", "person_number": "18900101-9802",
            "phone": "013-555 01 23", "move_date": (datetime.now(UTC) + timedelta(days=1)).date().isoformat(), "decision_ref": f"decision-{n:06d}",
            "sender_name": "Karin Exempelsson", "sender_email": "karin@example.org", "sender_phone": "013-555 01 26",
            "contacts": [{"kind": "related_person", "name": "Bo Exempelsson", "phone": "070-555 01 24"}, {"kind": "unit", "phone": "013-555 01 25"}]}
    return {
        "case_kind": "MOVE_ONLY",
        "handing_over": {**both, "unit": "grupp 2", "address": f"Gamla gatan {n}, Linköping", "site_ref": f"site-old-{n}", "serial_number": f"ACCC8E{n:06X}",
                         "asset_number": f"LKP-{n:06d}"},
        "receiving": {**both, "unit": "grupp 5", "address": f"Nya gatan {n}, Linköping", "site_ref": f"site-new-{n}", "keys_signed_out": True,
                      "street_key": "not_required", "sign_languages": ["sv"]},
    }


def open_case(directory: Path, n: int) -> str:
    """`provisioner case open`, in this process; the id of the case."""
    file = directory / "forms.json"
    file.write_text(json.dumps(forms(n)), encoding="utf-8")
    said = io.StringIO()
    with redirect_stdout(said):
        code = run(["case", "open", str(file), "--config", str(directory / "provisioner.toml"), "--json"])
    if code:
        raise Broken(f"case open: {said.getvalue()}")
    return str(json.loads(said.getvalue())["case_id"])


class Watch:
    """Follows cases by reading the database, which costs the daemon nothing and the machine little: a case is loaded only where its row has changed."""

    def __init__(self, store: SqlStore, directory: Path) -> None:
        self._store = store
        self._rows = sqlite3.connect(f"file:{directory / 'provisioner.db'}?mode=ro", uri=True)

    def close(self) -> None:
        """Close the connection."""
        self._rows.close()

    def until(self, case_id: str, reached: Callable[[Case], bool]) -> Case:
        """Wait for the case to be there. Raises `Broken` where it does not come."""
        give_up_at, seen = time.monotonic() + STEP_S, None
        while time.monotonic() < give_up_at:
            row = self._rows.execute("SELECT updated_at, revision FROM cases WHERE case_id = ?", (case_id,)).fetchone()
            if row != seen:
                seen, case = row, self._store.load(case_id)
                if reached(case):
                    return case
            time.sleep(POLL_S)
        case = self._store.load(case_id)
        raise Broken(f"the case stands in {case.state}; waiting: {[errand.fault for errand in case.errands]}, {[task.key for task in case.tasks]}")


def to_the_door(daemon: Daemon, watch: Watch, site: Site, n: int) -> str:
    """Open the case of camera `n` and do all that comes before the technician's visit; the id. The camera hangs in the new home afterwards."""
    case_id, serial = open_case(daemon.directory, n), f"ACCC8E{n:06X}"
    watch.until(case_id, lambda case: case.state is State.READY)
    now = datetime.now(UTC)
    times = {"dismantle_from": now, "dismantle_to": now + timedelta(minutes=30), "install_from": now + timedelta(minutes=30),
             "install_to": now + timedelta(hours=1), "first_look_at": now + timedelta(hours=7)}
    daemon.say(case_id, "booked", "coordinator-1", "coordinator", dismantle_contact="related_person", install_contact="unit",
               dismantle_technician="technician-1", install_technician="technician-1",
               **{name: at.isoformat() for name, at in times.items()})
    daemon.say(case_id, "fallback_acknowledged", "unit-lead-1", "unit", unit_ref="unit-night", person_ref="person-night-1")
    daemon.say(case_id, "dismantling_begins")
    watch.until(case_id, lambda case: case.state is State.LOOKS_SUSPENDED)
    daemon.say(case_id, "dismantled", scanned=serial, old_sign_removed=True)
    site.pull("carry", camera=f"camera{n}", home=f"new{n}")
    daemon.say(case_id, "site_checked", socket=True, signal=True, power_unswitched=True, landlord_agrees=True)
    daemon.say(case_id, "mounted", scanned=serial, consents="service_user:yes", cohabitants_asked=True, assessment_ref="assessment-1")
    return case_id


@dataclass
class Visit:
    """One visit as it was lived. Seconds; `at_s` since the technician's trigger, without the pauses in which nothing is measured."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    at_s: dict[str, float] = field(default_factory=dict)
    settings_s: float = 0.0      # password changed, settings set and read back: the script has nothing of it, so it is measured beside the visit
    settings_cpu_s: float = 0.0
    _begun: float = 0.0

    def begin(self) -> None:
        """The technician pulls the trigger now."""
        self._begun = time.perf_counter()

    def now(self, step: str) -> None:
        """This step ends now."""
        self.at_s[step] = self.wall_s = time.perf_counter() - self._begun

    def pause(self, do: Callable[[], object]) -> None:
        """Do something that is no part of the visit, and let no time pass."""
        since = time.perf_counter()
        do()
        self._begun += time.perf_counter() - since


def visit(daemon: Daemon, watch: Watch, site: Site, case_id: str, n: int) -> Visit:
    """The provisioning visit: from the technician's trigger to the re-bind confirmed by the registry. People answer at once."""
    camera, code = site.described["cameras"][n], one_time_code()
    daemon.hang_up()
    lived, cpu_before_s = Visit(), daemon.cpu_s()
    lived.begin()
    daemon.ask("POST", f"cases/{case_id}/provision", {"by": "technician-1", "scanned": camera["serial"], "nobody_in_view_or_agrees": True,
                                                      "host": camera["host"], "port": camera["http_port"]})
    lived.now("triggered")
    watch.until(case_id, lambda case: case.identity is not None)
    lived.now("identity read")
    set_since, cpu_since_s = time.perf_counter(), daemon.cpu_s()
    lived.pause(lambda: watch.until(case_id, lambda case: case.posture is not None and case.state is State.IDENTITY_VERIFIED))
    lived.settings_s, lived.settings_cpu_s = time.perf_counter() - set_since, daemon.cpu_s() - cpu_since_s
    watch.until(case_id, lambda case: case.frame is not None and case.new_binding is not None)
    lived.now("frame judged, new binding in TEST")
    daemon.say(case_id, "view_accepted", monitoring_area_ok=True, reflections_ok=True, floor_plan_considered=True, final_position=True)
    watch.until(case_id, lambda case: case.state is State.VIEW_CHECKED)
    daemon.say(case_id, "sign_placed", languages="sv", near_rooms=True, not_from_front_door=True, covers_reflections=True)
    lived.now("view and sign said")
    daemon.say(case_id, "test_look_started", code=code)
    lived.now("test look asked for")
    watch.until(case_id, lambda case: case.test_look is not None and case.test_look.code_seen is not None)
    lived.now("operator saw the code")
    case = watch.until(case_id, lambda case: case.state is State.REBOUND)
    lived.now("re-bind confirmed")
    time.sleep(0.02)  # what the daemon still does after the commit that we saw is counted too
    lived.cpu_s = daemon.cpu_s() - cpu_before_s - lived.settings_cpu_s
    if case.frame is None or not case.frame.good or case.identity is None or case.identity.serial != camera["serial"]:
        raise Broken(f"the visit ended without what it is for: {case.frame}")
    return lived


@dataclass(frozen=True)
class Script:
    """One run of the naive script: seconds, and its own steps in milliseconds."""

    wall_s: float
    cpu_s: float
    steps_ms: dict[str, float]


def naive(site: Site, n: int) -> Script:
    """The naive script on camera `n`, as a fresh process: from before it exists until it has ended, its whole CPU, children included."""
    camera, broker = site.described["cameras"][n], site.broker
    script = str(Path(__file__).with_name("naive.py"))
    # httpx is hidden from it: the tests of this project need it and the script's user has it not, but zeep imports it where it is, for 0.13 s.
    start = f"import runpy, sys; sys.modules['httpx'] = None; runpy.run_path({script!r}, run_name='__main__')"
    argv = [sys.executable, "-c", start, camera["host"], str(camera["http_port"]), camera["serial"], "--slot", f"site-new-{n}", "--old-slot", f"site-old-{n}",
            "--broker", f"{broker['host']}:{broker['port']}"]
    env = {**compiling(), "CAMERA_USER": camera["user"], "CAMERA_PASSWORD": camera["password"], "MQTT_USER": "daemon", "MQTT_PASSWORD": broker["users"]["daemon"]}
    reading, writing = os.pipe()
    begun = time.perf_counter()
    pid = os.posix_spawn(sys.executable, argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)])
    os.close(writing)
    _, status, used = os.wait4(pid, 0)
    wall_s = time.perf_counter() - begun
    with os.fdopen(reading) as said:
        text = said.read()
    if status:
        raise Broken(f"the naive script ended with {os.waitstatus_to_exitcode(status)}: {text}")
    return Script(wall_s, used.ru_utime + used.ru_stime, json.loads(text.splitlines()[-1]))
