"""`provisioner camera pin`: the first touch of a camera at the depot. Its label is scanned, it is read over the network, and what tells it from all others is
kept: with it a swap or a clone is caught at the new home."""

import argparse
from contextlib import closing
from dataclasses import replace
from typing import Any

from provisioner.case.audit import Purpose
from provisioner.case.depot import pinning
from provisioner.case.evidence import Kind
from provisioner.case.identifiers import AssetNumber, looks_like_asset_number, normalise_serial
from provisioner.case.identity import seen_of
from provisioner.case.label import read_label
from provisioner.case.model import Scan
from provisioner.case.outcome import Refusal
from provisioner.cli.check import password_of
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNREACHABLE, Out, fault_text
from provisioner.cli.reader import access_of
from provisioner.fault import Fault, PlainError, Text
from provisioner.identity_view import finding_lines, finding_view
from provisioner.intake import check_host
from provisioner.secret import Account, Credentials

REASON_LEAST = 10   # characters, as wherever a person says why


def pin_camera(args: argparse.Namespace, context: Context) -> int:
    """Read the camera, judge it by its label and by what is pinned, and pin it with its place; or refuse and change nothing."""
    from provisioner.camera.adapter import OnvifCamera
    from provisioner.camera.places import CameraPlace
    from provisioner.camera.profiles import profiles
    from provisioner.store.keeping import CameraPlace as KeptPlace
    from provisioner.wiring import Places, camera_settings, open_store

    check_host(args.host)
    label = read_label(args.serial)
    if label is None:
        raise PlainError("bad_label", Text("Det är inget serienummer. Skannade du routern eller inventarielappen?",
                                           "That is no serial number. Did you scan the router or the asset tag?"))
    for name in ("again", "typed_reason"):
        if 0 < len(getattr(args, name)) < REASON_LEAST:
            raise PlainError("reason_too_short", Text(f"Skriv varför, med minst {REASON_LEAST} tecken.", f"Say why, in at least {REASON_LEAST} characters."))
    if args.asset and (not looks_like_asset_number(args.asset, context.settings.policy.asset_number_pattern) or normalise_serial(args.asset) == label.serial):
        raise PlainError("not_an_asset_number", Text("--asset är inget inventarienummer; läs av kommunens lapp, inte kamerans etikett.",
                                                     "--asset is no asset number; read the municipality's tag, not the camera's label."), field="asset")
    if args.profile:
        profiles().named(args.profile)
    out, serial, now = context.out, label.serial, context.clock.now()
    settings = camera_settings(context.settings)
    with closing(open_store(context.settings, context.secrets)) as store:
        known = store.get_place(serial)
        username, password = (args.user, password_of(args.user, out)) if args.user else Places(store, context.secrets.camera_accounts()).account_of(serial)
        profile = args.profile or (known.profile if known is not None else "")
        pin = known.pin if known is not None and args.tls and not args.again else None
        place = CameraPlace(args.host, args.port, username, password, known.rtsp_port if known is not None else None, args.tls, pin, profile)
        out.text(Text(f"Läser kameran; högst {args.deadline_s:.0f} s.", f"Reading the camera; {args.deadline_s:.0f} s at most."))
        with closing(OnvifCamera(_ThisPlace(place), settings, context.clock.now, book=store)) as camera:
            read = camera.read_identity(serial, args.deadline_s)
        if isinstance(read, Fault):
            return out.error(f"camera_{read.kind}", fault_text(read), UNREACHABLE)
        seen = seen_of(read, Scan(serial, "depot", now, args.typed_reason))
        pinned, policy = store.identity_knowledge(serial, seen.evidence)
        policy = replace(policy, serial_format=read.serial_format, asset_number_pattern=context.settings.policy.asset_number_pattern)
        body = tuple(item for item in seen.evidence if item.kind in (Kind.TLS_CERTIFICATE, Kind.ENDPOINT_REFERENCE, Kind.MAC))
        done = pinning(serial, seen, pinned, policy, again=bool(args.again), held_by_others=store.held_by_others(serial, body))
        if isinstance(done, Refusal):
            return out.error(done.code, done.text, REFUSED, done.field)
        if args.asset:  # first: where the tag is another camera's, nothing is pinned
            store.put_camera(serial, AssetNumber(args.asset.strip().upper()), None, None, now, access_of(args, Purpose.MAINTENANCE))
        certificate = next(iter(seen.values(Kind.TLS_CERTIFICATE)), None)
        store.pin_dossier(serial, done.dossier, now, reason=args.again or None)
        store.put_place(serial, KeptPlace(args.host, args.port, args.tls, certificate if args.tls else None, profile, place.rtsp_port), now)
        if seen.values(Kind.SERIAL_AFTER_LOGIN):
            store.login_worked(serial)   # what was refused before, with another password, counts no more
            if args.user and password is not None:
                store.put_credentials(serial, Credentials(Account(username, password)), now)   # proved, so it is this camera's from here on
    view = finding_view(done.finding, out.language)
    _say(view, done.note, [one.asked for one in read.unread], {"serial": serial, "first": pinned is None}, out)
    return OK


class _ThisPlace:
    def __init__(self, place: Any) -> None:
        self._place = place

    def place_of(self, serial: str) -> Any:
        return self._place


def _say(view: dict[str, Any], note: Text, unread: list[str], more: dict[str, Any], out: Out) -> None:
    out.result({**more, "pinned": True, "identity": view, "note": note.in_language(out.language), "unread": unread})
    for line in finding_lines(view):
        out.say(f"  {line}")
    if unread:
        out.text(Text(f"  Gick inte att läsa: {', '.join(unread)}.", f"  Could not be read: {', '.join(unread)}."))
    out.text(note)
