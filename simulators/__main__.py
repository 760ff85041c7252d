"""`python -m simulators site FILE`: starts a whole site and holds it until it is told to end."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulators.broker import BrokerError
from simulators.site import Site, SiteError
from simulators.site_plan import PlanError

EXIT_NOT_STARTED = 1
EXIT_USAGE = 2  # as argparse's own


def main(argv: Sequence[str] | None = None) -> int:
    about = "Cameras, homes, an alarm centre and its broker, all pretended, all on loopback."
    parser = argparse.ArgumentParser(prog="python -m simulators", description=about)
    site = parser.add_subparsers(dest="command", required=True).add_parser("site", help="start a whole site and hold it")
    site.add_argument("file", help="a site file, or the bare name of one that comes along, such as two_homes")
    site.add_argument("--json", action="store_true", help="one line of JSON on standard output when everything is ready, and nothing else")
    site.add_argument("--dir", type=Path, help="where broker and alarm centre keep their memory (default: nowhere, they begin anew)")
    site.add_argument("--mqtt-port", type=int, default=0, help="the broker's port (default: the file's, or a free one)")
    site.add_argument("--until-stdin-closes", action="store_true", help="end when standard input closes, as well as on SIGINT and SIGTERM")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")  # to standard error
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    if args.until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_input, args=(end,), name="stdin", daemon=True).start()
    try:
        with Site.load(args.file, directory=args.dir, mqtt_port=args.mqtt_port) as running:
            print(json.dumps(running.describe(), ensure_ascii=False) if args.json else words(running.describe()), flush=True)
            end.wait()
    except PlanError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    except (BrokerError, SiteError, OSError) as error:  # OSError: a port that is taken, a directory that cannot be written
        print(f"the site could not be started: {error}", file=sys.stderr)
        return EXIT_NOT_STARTED
    return 0


def _wait_for_end_of_input(end: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    end.set()


def words(site: dict[str, Any]) -> str:
    """The description for a person, with lines to paste into another terminal."""
    broker, control = site["broker"], site["control_url"]
    lines = [f"The site {site['site']} is running. Ctrl-C ends it.", "", "Homes"]
    lines += [f"  {home['name']:<12} {home['words']} ({home['site_ref']})" for home in site["homes"]]
    lines += ["", "Cameras"]
    for camera in site["cameras"]:
        lines += [
            f"  {camera['name']:<12} serial {camera['serial']}, asset number {camera['asset_number']}, hangs in {camera['home']}",
            f"               ONVIF {camera['onvif_url']}  user {camera['user']}  password {camera['password']}",
        ]
    lines += ["", "Bindings at the alarm centre"]
    lines += [f"  {b['binding_id']}  {b['camera_serial']} at {b['site_ref']}  {b['state']}, revision {b['revision']}" for b in site["bindings"]]
    lines += ["", "Try, in another terminal", "", "  # everything that is said between daemon and alarm centre"]
    lines += [
        f"  mosquitto_sub -h {broker['host']} -p {broker['port']} -V 5 -u observer -P '{broker['users']['observer']}' -t '#' -v",
    ]
    for camera in site["cameras"][:1]:
        login = f"{camera['user']}:{camera['password']}@"
        other = next((home["name"] for home in site["homes"] if home["name"] != camera["home"]), camera["home"])
        lines += [
            "", "  # what the camera sees (VLC: Media, Open Network Stream, the same address)",
            f"  ffplay -rtsp_transport tcp '{camera['rtsp_url'].replace('rtsp://', 'rtsp://' + login)}'",
            "", "  # levers: GET /levers names them all",
            f"  curl -s {control}/levers",
            f"  curl -s {control}/camera/{camera['name']}/hold_card -d '{{\"text\": \"4711\"}}'",
            f"  curl -s {control}/carry -d '{{\"camera\": \"{camera['name']}\", \"home\": \"{other}\"}}'",
        ]  # fmt: skip
    lines += [f"  curl -s {control}/alarm_centre/silent -d '{{\"for_s\": 20}}'", f"  curl -s {control}/broker/kill -X POST", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
