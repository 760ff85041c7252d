"""`run`, `registry list`, `contract write|check`, `diagram`."""

import argparse
import os
from pathlib import Path

from provisioner import log
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE, fault_text
from provisioner.fault import Fault, Text


def run_daemon(args: argparse.Namespace, context: Context) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings = context.settings
    log.set_up(settings.log_level, json_lines=settings.log_json)
    from provisioner.wiring import Service

    with Service(settings, context.secrets) as service:
        service.stop_on_signals()
        service.run()
    return OK


def list_registry(args: argparse.Namespace, context: Context) -> int:
    """All bindings the alarm centre has, beside what we believe."""
    from contextlib import closing

    from provisioner.registry.asking import list_bindings
    from provisioner.wiring import open_store, registry_settings

    options = registry_settings(context.settings, context.secrets, f"{context.settings.broker.client_id}-cli-{os.getpid()}")
    found = list_bindings(options, context.clock, args.deadline_s)
    if isinstance(found, Fault):
        return context.out.error(f"registry_{found.kind}", fault_text(found), UNREACHABLE)
    with closing(open_store(context.settings, context.secrets)) as store:
        ours = {binding.binding_id: binding for binding in store.bindings()}
    rows = []
    for row in found:
        known = ours.get(row.binding_id)
        agrees = None if known is None else (known.state.value == row.state and known.revision == row.revision)
        rows.append({"binding_id": row.binding_id, "camera_serial": row.camera_serial, "site_ref": row.site_ref, "provider_ref": row.provider_ref,
                     "state": str(row.state), "revision": row.revision, "agrees_with_ours": agrees})
        mark = {None: "?", True: " ", False: "!"}[agrees]
        context.out.say(f"{mark} {row.binding_id:28} {row.camera_serial:16} {row.state:10} revision {row.revision:3}  {row.site_ref}")
    context.out.result({"bindings": rows})
    context.out.text(Text("? = vi känner den inte   ! = vi tror något annat", "? = unknown to us   ! = we believe otherwise"))
    return OK


def write_contract(args: argparse.Namespace, context: Context) -> int:
    """Write AsyncAPI and JSON Schemas."""
    from provisioner.registry.publish_contract import write

    written = write(Path(args.folder))
    context.out.result({"written": [str(name) for name in written]})
    context.out.say("\n".join(str(name) for name in written))
    if not written:
        context.out.text(Text("Ingenting hade ändrats.", "Nothing had changed."))
    return OK


def check_contract(args: argparse.Namespace, context: Context) -> int:
    """Say which generated files are stale."""
    from provisioner.registry.publish_contract import stale

    old = stale(Path(args.folder))
    context.out.result({"stale": old})
    context.out.say("\n".join(old))
    context.out.text(Text("Inaktuella: provisioner contract write", "Stale: provisioner contract write") if old else
                     Text("Alla filer är aktuella.", "All files are as generated."))
    return REFUSED if old else OK


def diagram(args: argparse.Namespace, context: Context) -> int:
    """The state picture, drawn from the plan."""
    from provisioner.case.diagram import mermaid

    text = mermaid()
    context.out.result({"mermaid": text})
    context.out.say(text)
    return OK
