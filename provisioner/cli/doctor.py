"""`provisioner doctor`: settings, secrets, database, disk, clock, broker, alarm centre, daemon. Each check is a sentence, and where it fails a way out."""

import argparse
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from provisioner.cli.main import Context
from provisioner.cli.out import CONFIG, DATABASE, OK, REFUSED, fault_text
from provisioner.config import find_path
from provisioner.fault import Fault, PlainError, Text
from provisioner.secret import Secret

DISK_LEAST_BYTES = 200 * 1024 * 1024  # a year of cases is about 100 MB
BEAT_FRESH = timedelta(seconds=30)


_MARKS = {True: Text("ok", "ok"), False: Text("FEL", "WRONG"), None: Text("okänt", "unknown")}
_NAMES = {
    "settings": Text("inställningar", "settings"), "secrets": Text("hemligheter", "secrets"), "database": Text("databas", "database"),
    "disk": Text("disk", "disk"), "daemon": Text("daemon", "daemon"), "clock": Text("klocka", "clock"), "alarm centre": Text("larmcentral", "alarm centre"),
    "night": Text("natten", "the night"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `ok` None: could not be asked (unknown is not no)."""

    name: str
    ok: bool | None
    text: Text


def doctor(args: argparse.Namespace, context: Context) -> int:
    """Run all checks; exit code 0 where none failed."""
    out, checks = context.out, []
    for check in _checks(args, context):
        checks.append(check)
        mark, name = _MARKS[check.ok].in_language(out.language), _NAMES[check.name].in_language(out.language)
        out.say(f"{mark:7} {name:14} {check.text.in_language(out.language)}")
    out.result({"ok": all(check.ok is not False for check in checks),
                "checks": [{"name": c.name, "ok": c.ok, "text": c.text.in_language(out.language)} for c in checks]})
    failed = [check.name for check in checks if check.ok is False]
    if not failed:
        return OK
    return {"settings": CONFIG, "secrets": CONFIG, "database": DATABASE}.get(failed[0], REFUSED)


def _checks(args: argparse.Namespace, context: Context) -> Iterator[Check]:
    settings = _tried("settings", lambda: _settings(context))
    yield settings
    if not settings.ok:
        return
    secrets = _tried("secrets", lambda: _secrets(context))
    yield secrets
    if not secrets.ok:
        return
    yield from _database(context)
    yield _clock()
    yield _registry(context, args.deadline_s)


def _tried(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except PlainError as error:
        return Check(name, False, error.text)


def _settings(context: Context) -> Check:
    path = find_path(context.config)
    from provisioner.wiring import broker_settings

    context.settings.policy.policy()  # what is wrong with the file is raised, here and in the next line
    broker_settings(context.settings, Secret(""))
    return Check("settings", True, Text(f"{path} stämmer.", f"{path} is right."))


def _secrets(context: Context) -> Check:
    for key in (context.secrets.personal_keys, context.secrets.camera_keys, context.secrets.receipt_key):
        key()
    for name in ("mqtt-password", "api-token"):
        context.secrets.read(name)
    accounts = len(context.secrets.camera_accounts())
    return Check("secrets", True, Text(f"personal-key, camera-key, receipt-key, mqtt-password, api-token och {accounts} kamerakonto(n) finns.",
                                       f"personal-key, camera-key, receipt-key, mqtt-password, api-token and {accounts} camera account(s) are there."))


def _database(context: Context) -> Iterator[Check]:
    from provisioner.wiring import open_store

    try:
        with closing(open_store(context.settings, context.secrets)) as store:
            facts, beats, decisions = store.facts(), store.daemons(), len(store.decisions(context.clock.now()))
    except PlainError as error:
        yield Check("database", False, error.text)
        return
    yield Check("database", True, Text(
        f"{facts.kind} {facts.server_version}, schema {facts.schema_version}, {facts.open_cases} öppna ärenden, {facts.owed} åtgärder kvar att utföra.",
        f"{facts.kind} {facts.server_version}, schema {facts.schema_version}, {facts.open_cases} open cases, {facts.owed} owed effects."))
    if facts.free_bytes is None:
        yield Check("disk", None, Text("Ledigt utrymme kan inte läsas härifrån.", "Free space cannot be read from here."))
    else:
        free_mb = facts.free_bytes // 2**20
        yield Check("disk", facts.free_bytes >= DISK_LEAST_BYTES, Text(f"{free_mb} MB ledigt; minst 200 MB bör finnas.",
                                                                      f"{free_mb} MB free; at least 200 MB should be."))
    yield _night(context, decisions)
    now = context.clock.now()
    alive = [beat for beat in beats if now - beat.beat_at < BEAT_FRESH]
    yield Check("daemon", bool(alive), Text("Daemonen lever.", "The daemon is alive.") if alive else
                Text("Ingen daemon kör på denna databas: systemctl start provisioner.", "No daemon runs on this database: systemctl start provisioner."))


def _night(context: Context, decisions: int) -> Check:
    """Whether there is anything to hold the bindings against, and anybody to call."""
    from provisioner.beside import channels

    try:
        ways = [way.name for way in channels(context.settings, context.secrets)]
    except PlainError as error:
        return Check("night", False, error.text)
    if not decisions:
        return Check("night", None, Text("Inga tillsynsbeslut är inlagda: nattens listor jämförs inte. provisioner decision import FIL.",
                                         "No supervision decisions are kept: the night's lists are not compared. provisioner decision import FILE."))
    if not ways:
        return Check("night", None, Text(f"{decisions} beslut jämförs, men ingen larmas: ange [post] i inställningarna.",
                                         f"{decisions} decisions are compared, but nobody is called: give [post] in the settings."))
    return Check("night", True, Text(f"{decisions} beslut jämförs; larm går ut genom {', '.join(ways)}.",
                                       f"{decisions} decisions are compared; calls go out by {', '.join(ways)}."))


def _clock() -> Check:
    """Whether the machine's clock is kept by NTP, as systemd-timedated says; elsewhere it cannot be asked."""
    unknown = Check("clock", None, Text("Kan inte se om klockan ställs av NTP (timedatectl saknas). Kontrollera det för hand.",
                                        "Cannot see whether NTP keeps the clock (no timedatectl). Check it by hand."))
    try:
        done = subprocess.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return unknown
    if done.returncode != 0:
        return unknown
    if done.stdout.strip() == "yes":
        return Check("clock", True, Text("Klockan ställs av NTP.", "NTP keeps the clock."))
    return Check("clock", False, Text("Klockan ställs inte av NTP: timedatectl set-ntp true.", "NTP does not keep the clock: timedatectl set-ntp true."))


def _registry(context: Context, deadline_s: float) -> Check:
    from provisioner.registry.asking import list_bindings
    from provisioner.wiring import registry_settings

    try:
        options = registry_settings(context.settings, context.secrets, f"{context.settings.broker.client_id}-cli-{os.getpid()}")
    except PlainError as error:
        return Check("alarm centre", False, error.text)
    found = list_bindings(options, context.clock, deadline_s)
    if isinstance(found, Fault):
        return Check("alarm centre", False, fault_text(found))
    return Check("alarm centre", True, Text(f"Mäklaren och larmcentralen svarar; {len(found)} kopplingar.",
                                            f"The broker and the alarm centre answer; {len(found)} bindings."))
