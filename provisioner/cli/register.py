"""`provisioner register unit|site|camera|consent ...`: what the desk keeps besides cases. Whatever is somebody's own leaves a line in the audit log."""

import argparse
from contextlib import closing
from dataclasses import asdict
from typing import Any

from provisioner.case.audit import Purpose
from provisioner.case.consents import is_subject
from provisioner.case.identifiers import AssetNumber, SerialNumber, is_opaque, looks_like_asset_number, normalise_serial
from provisioner.case.model import Case, Notice
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED, UNKNOWN
from provisioner.cli.reader import access_of
from provisioner.fault import PlainError, Text
from provisioner.form_fields import email, phone, plain
from provisioner.front_desk import Desk, withdraw
from provisioner.store.register import Site, Unit
from provisioner.view import local
from provisioner.wiring import open_store
from provisioner.wrong import Wrong

NAME_MOST = 200  # characters


def put_unit(args: argparse.Namespace, context: Context) -> int:
    """A unit under the reference that its forms lead to."""
    name, provider = _checked("name", args.name, plain), _checked("provider", args.provider, plain)
    for field, value in (("name", name), ("provider", provider)):
        if not value:
            raise _wrong(field, "saknas", "is missing")
    mail, number = _checked("email", args.email, email), _checked("phone", args.phone, phone)
    for field in ("unit_ref", "provider_ref"):
        _check_ref(field, getattr(args, field))
    access = access_of(args, Purpose.MAINTENANCE)
    with closing(open_store(context.settings, context.secrets)) as store:
        references = store.references()
        unit = Unit(args.unit_ref or references.make("unit", provider, name), args.provider_ref or references.make("provider", provider), name, provider, mail, number)
        store.put_unit(unit, context.clock.now(), access)
    return _kept(context, {"unit_ref": unit.unit_ref, "provider_ref": unit.provider_ref}, unit.unit_ref)


def list_units(args: argparse.Namespace, context: Context) -> int:
    """All units, or the one asked for."""
    wanted = getattr(args, "unit_ref", "")
    with closing(open_store(context.settings, context.secrets)) as store:
        found = store.units(context.clock.now(), access_of(args, Purpose.MAINTENANCE), wanted)
    if wanted and not found:
        return context.out.error("unknown_unit", Text("Ingen verksamhet har den beteckningen. Lista dem: provisioner register unit list.",
                                                      "No unit has that reference. List them: provisioner register unit list."), UNKNOWN)
    context.out.result({"units": [asdict(unit) for unit in found]})
    for unit in found:
        context.out.say(f"{unit.unit_ref:28} {unit.name:24} {unit.provider:24} {unit.phone:16} {unit.email}")
    return OK


def put_site(args: argparse.Namespace, context: Context) -> int:
    """A dwelling, by its reference or by the address that the reference is made of."""
    if bool(args.site_ref) == bool(args.address):
        raise PlainError("site_how", Text("Ange --site-ref eller --address, ett av dem.", "Give --site-ref or --address, one of them."))
    _check_ref("site_ref", args.site_ref)
    address = _checked("address", args.address, plain)
    if args.assessment and (len(args.assessment) > 64 or not args.assessment.isascii() or not args.assessment.isprintable()):
        raise _wrong("assessment", "är ingen diariereferens (högst 64 tecken)", "is no reference of a diary (at most 64 characters)")
    access = access_of(args, Purpose.MAINTENANCE)
    with closing(open_store(context.settings, context.secrets)) as store:
        site = Site(args.site_ref or store.references().make("site", address), args.housing, tuple(dict.fromkeys(args.room)), args.assessment or None)
        store.put_site(site, context.clock.now(), access)
    return _kept(context, {"site_ref": site.site_ref}, site.site_ref)


def list_sites(args: argparse.Namespace, context: Context) -> int:
    """All dwellings, as references and closed words."""
    with closing(open_store(context.settings, context.secrets)) as store:
        found = store.sites()
    context.out.result({"sites": [asdict(site) for site in found]})
    for site in found:
        context.out.say(f"{site.site_ref:28} {site.housing:10} {', '.join(site.rooms) or '-':32} {site.assessment_ref or '-'}")
    return OK


def show_site(args: argparse.Namespace, context: Context) -> int:
    """One dwelling: what hangs there, what the alarm centre knows of it, what is owed."""
    with closing(open_store(context.settings, context.secrets)) as store:
        site = next(iter(store.sites(args.site_ref)), None)
        card = store.site_card(args.site_ref, context.clock.now(), access_of(args))
    if site is None and not any(card.values()):
        return context.out.error("unknown_site", Text("Ingen bostad har den beteckningen. Lista dem: provisioner register site list.",
                                                      "No dwelling has that reference. List them: provisioner register site list."), UNKNOWN)
    shown: dict[str, Any] = {**(asdict(site) if site else {"site_ref": args.site_ref}), **card}
    context.out.result(shown)
    for name, value in shown.items():
        context.out.say(f"  {name:16} {value if not isinstance(value, list | tuple) else '; '.join(map(_line, value)) or '-'}")
    return OK


def _line(value: Any) -> str:
    return " ".join(str(part) for part in value.values() if part) if isinstance(value, dict) else str(value)


def put_camera(args: argparse.Namespace, context: Context) -> int:
    """Both numbers of one camera, neither taken for the other (D3)."""
    pattern = context.settings.policy.asset_number_pattern
    serial = None if looks_like_asset_number(args.serial, pattern) else normalise_serial(args.serial)
    if serial is None:
        raise _wrong("serial", "är inget serienummer; läs av kamerans egen etikett, inte inventarielappen",
                     "is no serial number; read the camera's own label, not the tag")
    if not looks_like_asset_number(args.asset, pattern) or normalise_serial(args.asset) == serial:
        raise _wrong("asset", "är inget inventarienummer; läs av kommunens lapp", "is no asset number; read the municipality's tag")
    _check_ref("site_ref", args.site_ref)
    asset = AssetNumber(args.asset.strip().upper())
    access = access_of(args, Purpose.MAINTENANCE)
    with closing(open_store(context.settings, context.secrets)) as store:
        store.put_camera(SerialNumber(serial), asset, args.site_ref or None, args.room or None, context.clock.now(), access)
    return _kept(context, {"serial": serial, "asset_number": asset}, f"{serial}  {asset}")


def list_cameras(args: argparse.Namespace, context: Context) -> int:
    """Both numbers of all cameras, or the other number of one."""
    wanted = getattr(args, "number", "").strip()
    with closing(open_store(context.settings, context.secrets)) as store:
        found = store.cameras(wanted.upper()) or (store.cameras(normalise_serial(wanted) or "-") if wanted else [])
    if wanted and not found:
        return context.out.error("unknown_camera", Text("Ingen kamera har det numret i registret: provisioner register camera put.",
                                                        "No camera has that number in the register: provisioner register camera put."), UNKNOWN)
    context.out.result({"cameras": [{"serial": serial, "asset_number": asset} for serial, asset in found]})
    for serial, asset in found:
        context.out.say(f"{serial:24} {asset}")
    return OK


def put_consent(args: argparse.Namespace, context: Context) -> int:
    """An answer given at the desk; what is answered on site comes with the mounting by itself."""
    access = access_of(args)
    with closing(open_store(context.settings, context.secrets)) as store:
        notice = _home(store.find_case(args.case), args)
        if args.given == "no" and any(one.holds for one in store.consents(notice.person_ref, context.clock.now(), access)
                                      if (one.site_ref, one.subject) == (notice.site_ref, args.subject)):
            raise PlainError("withdraw_it", Text("Ett samtycke gäller redan: ta tillbaka det med provisioner register consent withdraw, så stoppas titt-in.",
                                                 "A consent is in force: take it back with provisioner register consent withdraw, so that the looks stop."),
                             exit_code=REFUSED)
        store.put_consent(notice.person_ref, notice.site_ref, args.subject, args.given == "yes", context.clock.now(), access)
    return _kept(context, {"subject": args.subject, "given": args.given == "yes", "site_ref": notice.site_ref}, "")


def withdraw_consent(args: argparse.Namespace, context: Context) -> int:
    """Taken back: the looks that stand on it end, or people are called to end them."""
    out, access = context.out, access_of(args)
    with closing(open_store(context.settings, context.secrets)) as store:
        notice = _home(store.find_case(args.case), args)
        desk = Desk(store.references(), context.clock.now(), context.settings.policy.policy(), context.settings.mode, access.actor)
        ended, called = store.sit(lambda sitting: withdraw(sitting, notice.person_ref, notice.site_ref, args.subject, desk), desk.now, desk.policy, access)
    out.result({"ended": [case.case_number for case in ended], "called": called})
    for case in ended:
        out.text(Text(f"Samtycket är återtaget. Tillsynen avslutas i ärende {case.case_number} ({case.state}).",
                      f"The consent is withdrawn. Supervision ends in case {case.case_number} ({case.state})."))
    if called:
        out.text(Text("Samtycket är återtaget. Samordnaren är larmad: provisioner call list.",
                      "The consent is withdrawn. The coordinator is called: provisioner call list."))
    return OK


def list_consents(args: argparse.Namespace, context: Context) -> int:
    """All consents of the person of a case. Subjects are counted, not named."""
    with closing(open_store(context.settings, context.secrets)) as store:
        case = store.find_case(args.case)
        forms = [form for form in (case.handing_over, case.receiving) if form is not None]
        found = [one for ref in dict.fromkeys(form.person_ref for form in forms) for one in store.consents(ref, context.clock.now(), access_of(args))]
    context.out.result({"consents": [{"site_ref": one.site_ref, "subject": one.subject, "given": one.given, "holds": one.holds,
                                      "recorded_at": one.recorded_at.isoformat(), "recorded_by": one.recorded_by,
                                      "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None} for one in found]})
    for one in found:
        words = Text("gäller", "holds") if one.holds else Text("återtaget", "withdrawn") if one.given else Text("nekat", "refused")
        context.out.say(f"{one.site_ref:28} {one.subject:16} {words.in_language(context.out.language):10} {local(one.withdrawn_at or one.recorded_at)[:16]}")
    return OK


def _home(case: Case, args: argparse.Namespace) -> Notice:
    if not is_subject(args.subject):
        raise _wrong("subject", "ska vara service_user eller cohabitant-1 till cohabitant-9, aldrig ett namn",
                     "must be service_user or cohabitant-1 to cohabitant-9, never a name")
    notice = case.handing_over if args.home == "old" else case.receiving
    if notice is None or "person_number" in notice.missing:
        raise PlainError("no_person", Text("Ärendet har inget formulär med personnummer för den bostaden än.",
                                         "The case has no form with a person number for that home yet."),
                         exit_code=REFUSED)
    return notice


def _kept(context: Context, value: dict[str, Any], line: str) -> int:
    context.out.result(value)
    context.out.text(Text(f"Sparat. {line}".strip(), f"Kept. {line}".strip()))
    return OK


def _wrong(field: str, sv: str, en: str) -> PlainError:
    return PlainError("wrong_field", Text(f"Fältet {field} {sv}.", f"The field {field} {en}."), field=field)


def _checked(field: str, value: str, check: Any) -> str:
    if len(value) > NAME_MOST:
        raise _wrong(field, f"är för lång (högst {NAME_MOST} tecken)", f"is too long (at most {NAME_MOST} characters)")
    try:
        found: str = check(value.strip())
    except Wrong as wrong:
        raise _wrong(field, wrong.text.sv, wrong.text.en) from None
    return found


def _check_ref(field: str, value: str) -> None:
    if value and not is_opaque(value):
        raise _wrong(field, "är ingen referens: små bokstäver, siffror och bindestreck, 6 till 64 tecken",
                     "is no reference: lower case letters, digits and hyphens, 6 to 64 characters")
