"""`provisioner camera mask SERIAL --zones FILE`: privacy masks for the forbidden areas, made and proved in the picture."""

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from provisioner.case.device import Zone
from provisioner.case.identifiers import normalise_serial
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE, fault_text
from provisioner.fault import Fault, PlainError, Text
from provisioner.files import read_text_file

ZONES_MOST, CORNERS_MOST, FILE_MOST_BYTES = 16, 32, 64 * 1024
_FORM = '[[[-1, 1], [-0.4, 1], [-0.4, 0.2], [-1, 0.2]]]'


def mask_camera(args: argparse.Namespace, context: Context) -> int:
    """Set exactly these masks and prove them. Exit code 0 only where every zone is proved."""
    zones = zones_in(Path(args.zones))
    serial = normalise_serial(args.serial)
    if serial is None:
        raise PlainError("bad_serial", Text("Serienumret går inte att förstå. Skriv det som på etiketten.",
                                             "The serial number makes no sense. Write it as on the label."))
    from provisioner.camera.adapter import OnvifCamera
    from provisioner.wiring import Places, camera_settings, open_store

    with closing(open_store(context.settings, context.secrets)) as store:
        camera = OnvifCamera(Places(store, context.secrets.camera_accounts()), camera_settings(context.settings), context.clock.now, book=store, accounts=store)
        with closing(camera):
            context.out.text(Text(f"Sätter maskerna och tar bilder; högst {args.deadline_s:.0f} s.",
                                  f"Setting the masks and taking pictures; {args.deadline_s:.0f} s at most."))
            found = camera.mask(serial, zones, args.deadline_s)
    if isinstance(found, Fault):
        return context.out.error(f"camera_{found.kind}", fault_text(found), UNREACHABLE)
    context.out.result({"supported": found.supported, "proved": found.proved, "sentence": {"sv": found.sentence.sv, "en": found.sentence.en},
                        "zones": [{"made": zone.made, "covered": zone.covered, "proved": zone.proved} for zone in found.zones]})
    for number, zone in enumerate(found.zones, start=1):
        covered = "-" if zone.covered is None else f"{100 * zone.covered:.0f} %"
        context.out.text(Text(f"  yta {number}: mask {'satt' if zone.made else 'saknas'}, täckt i bilden {covered}",
                              f"  area {number}: mask {'set' if zone.made else 'missing'}, covered in the picture {covered}"))
    context.out.text(found.sentence)
    return OK if found.proved else REFUSED


def zones_in(path: Path) -> tuple[Zone, ...]:
    """The zones of a JSON file: a list of zones, each a list of three or more corners [x, y], x -1 (left) to 1 (right), y -1 (bottom) to 1 (top); an empty
    list takes all masks away. Raises `PlainError`."""
    try:
        raw: Any = json.loads(read_text_file(path, FILE_MOST_BYTES, unreadable="no_zones_file", too_large="bad_zones", garbled="bad_zones"))
    except (ValueError, RecursionError):
        raise _bad("no JSON") from None
    if not isinstance(raw, list) or len(raw) > ZONES_MOST:
        raise _bad(f"a list of at most {ZONES_MOST} zones")
    return tuple(_zone(number, one) for number, one in enumerate(raw, start=1))


def _zone(number: int, raw: Any) -> Zone:
    if not isinstance(raw, list) or not 3 <= len(raw) <= CORNERS_MOST or not all(isinstance(corner, list) and len(corner) == 2 for corner in raw):
        raise _bad(f"zone {number}: 3 to {CORNERS_MOST} corners [x, y]")
    parts = [part for corner in raw for part in corner]
    if not all(isinstance(part, int | float) and not isinstance(part, bool) and -1 <= part <= 1 for part in parts):
        raise _bad(f"zone {number}: numbers from -1 to 1")
    if len({part for part, _ in raw}) < 2 or len({part for _, part in raw}) < 2:
        raise _bad(f"zone {number}: no area")
    return tuple((float(x), float(y)) for x, y in raw)


def _bad(what: str) -> PlainError:
    return PlainError("bad_zones", Text(f"Ytorna i filen går inte att förstå ({what}). Så här ser en ut: {_FORM}.",
                                        f"The zones in the file make no sense ({what}). This is what one looks like: {_FORM}."))
