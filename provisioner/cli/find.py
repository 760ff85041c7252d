"""`provisioner camera find`: every way of finding a camera at once, what each says of itself, and a way on where none was found.

What a camera says before a login proves nothing (D4): it says where to go and look. Of the texts that people write into cameras (name, location) nothing is
shown; only what ONVIF has for hardware.
"""

import argparse
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from provisioner.camera.finding import HOSTS_MOST, PORTS, Found, discover, hosts_of, interfaces, knock, link_locals, merged
from provisioner.camera.net import Deadline
from provisioner.camera.settings import CameraSettings
from provisioner.case.identifiers import SerialNumber, normalise_serial
from provisioner.case.label import Label, read_label
from provisioner.case.marker import MarkerFinding, judge_marker
from provisioner.case.model import BindingState
from provisioner.case.weak_serials import mac_digits, why_weak
from provisioner.cli.main import Context
from provisioner.cli.out import OK, UNREACHABLE, Out
from provisioner.fault import PlainError, Text
from provisioner.store.keeping import CameraPlace

LISTEN_S = 4.0        # WS-Discovery: cameras answer within 0.5 s of the question, which is asked three times in 0.75 s
WITHOUT_RANGE_S, WITH_RANGE_S = 8.0, 60.0
SECONDS_MOST = 600.0

_ON = Text("Hittades den inte? Läs adressen i routerns lista eller på kamerans egen sida och skriv den: provisioner camera check ADRESS. "
           "Eller sök av hemmets nät: --range 192.168.1.0/24. Kamera och dator ska vara på samma nät.",
           "Not found? Read the address in the router's list or on the camera's own page and type it: provisioner camera check ADDRESS. "
           "Or sweep the home's network: --range 192.168.1.0/24. Camera and computer must be on the same network.")
_NOT_AMONG = Text("Ingen av dem säger att den har etikettens serienummer.", "None of them says that it has the label's serial number.")


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the database knows. `ours` are the bindings whose mark a camera may carry here; None where there is no database to ask."""

    places: dict[SerialNumber, CameraPlace]
    ours: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Row:
    """One camera of the answer. `known_as`: serial numbers of the inventory that it may be; `is_label` None where no label was given or it says nothing."""

    found: Found
    mark: MarkerFinding | None
    known_as: tuple[str, ...]
    is_label: bool | None


def find(args: argparse.Namespace, context: Context) -> int:
    """Search, show what was found while it is, then the whole list."""
    out, label = context.out, _label(args.label)
    hosts = _hosts(args.range)
    on = tuple(dict.fromkeys(address for name in args.interface for address in (*interfaces(name), *link_locals(name))))
    on = on or (*interfaces(), *link_locals())
    inventory = _inventory(context, args.case)
    asked = tuple(dict.fromkeys((*hosts, *(place.host for place in inventory.places.values() if _is_ip(place.host)))))[:HOSTS_MOST]
    seconds = min(SECONDS_MOST, args.seconds or (WITH_RANGE_S if hosts else WITHOUT_RANGE_S))
    if label is not None:
        out.text(Text(f"Etiketten: serienummer {label.serial} {label.model}".rstrip() + ".", f"The label: serial number {label.serial} {label.model}".rstrip() + "."))
    out.text(Text(f"Söker på {', '.join(on) or 'inget nätverkskort'} och hos {len(asked)} adresser; högst {seconds:.0f} s.",
                  f"Searching on {', '.join(on) or 'no interface'} and at {len(asked)} addresses; {seconds:.0f} s at most."))
    found, missed = _search(on, asked, tuple(args.port) or PORTS, args.discovery_port, Deadline(seconds), out)
    rows = [_row(one, inventory, label) for one in found]
    return _tell(rows, inventory, label, asked, missed, out)


def _label(text: str) -> Label | None:
    if not text:
        return None
    found = read_label(text)
    if found is None:
        raise PlainError("bad_label", Text("Det är inget serienummer. Skannade du routern eller inventarielappen?",
                                           "That is no serial number. Did you scan the router or the asset tag?"))
    return found


def _hosts(ranges: list[str]) -> tuple[str, ...]:
    """Raises `PlainError` (`bad_range`) also where several ranges together are too many."""
    hosts = tuple(dict.fromkeys(host for one in ranges for host in hosts_of(one)))
    if len(hosts) > HOSTS_MOST:
        raise PlainError("bad_range", Text(f"Tillsammans {len(hosts)} adresser; högst {HOSTS_MOST} åt gången.",
                                           f"{len(hosts)} addresses together; at most {HOSTS_MOST} at a time."))
    return hosts


def _is_ip(host: str) -> bool:
    return ":" not in host and all(part.isdigit() for part in host.split("."))


def _inventory(context: Context, wanted_case: str) -> Inventory:
    """From the database; without a settings file (a technician's own computer) there is none, which is no fault unless a case was asked for."""
    try:
        settings = context.settings
    except PlainError as error:
        if error.code != "config_missing" or context.config is not None or wanted_case:
            raise
        return Inventory({}, None)
    from provisioner.wiring import open_store

    with closing(open_store(settings, context.secrets)) as store:
        if wanted_case:
            case = store.find_case(wanted_case)
            ours = tuple(binding.binding_id for binding in (case.old_binding, case.new_binding) if binding is not None)
        else:
            ours = tuple(binding.binding_id for binding in store.bindings() if binding.state is not BindingState.RETIRED)
        return Inventory(store.places(), ours)


def _search(on: tuple[str, ...], hosts: tuple[str, ...], ports: tuple[int, ...], discovery_port: int, deadline: Deadline, out: Out,
            ) -> tuple[tuple[Found, ...], int]:
    """By UDP and TCP side by side; and how many hosts were not asked to the end."""
    seen: set[str] = set()
    one_at_a_time = threading.Lock()

    def heard(found: Found) -> None:
        with one_at_a_time:
            if not seen & set(found.hosts):
                out.say(f"  + {_where(found)}  {_hardware(found)}".rstrip())
            seen.update(found.hosts)

    def told(done: int, of: int) -> None:
        if done < of:
            with one_at_a_time:
                out.text(Text(f"  ... {done} av {of} portar prövade", f"  ... {done} of {of} ports tried"))

    with ThreadPoolExecutor(2, thread_name_prefix="find") as pool:
        by_udp = pool.submit(discover, on, hosts, LISTEN_S, heard, discovery_port, deadline)
        by_tcp = pool.submit(knock, hosts, CameraSettings(), ports, heard, 3.0, deadline, told)
        answered, missed = by_tcp.result()
        return merged(by_udp.result(), answered), missed


def _where(found: Found) -> str:
    doors = [f"{door.host}:{door.port}{' TLS' if door.tls else ''}" for door in found.doors] or list(found.hosts)
    return ", ".join(dict.fromkeys(doors))


def _hardware(found: Found) -> str:
    """What it calls its hardware, fit for a terminal: whoever is on the network can write what he likes there."""
    return "".join(sign if sign.isprintable() else "?" for sign in found.told("hardware"))[:40]


def _row(found: Found, inventory: Inventory, label: Label | None) -> Row:
    mark = judge_marker(found.scopes, inventory.ours) if inventory.ours is not None and found.scopes else None
    by_host = [serial for serial, place in inventory.places.items() if place.host in found.hosts and any(door.port == place.port for door in found.doors)]
    by_word = [serial for serial in inventory.places if _tells(found, serial)]
    is_label = None if label is None or not _tells_anything(found) else _tells(found, label.serial)
    return Row(found, mark, tuple(dict.fromkeys((*by_word, *by_host))), is_label)


def _told_serial(found: Found) -> str | None:
    """The serial number in its scopes, unless it is one of those that say nothing."""
    serial = normalise_serial(found.told("SerialNumber"))
    return None if serial is None or why_weak(serial) is not None else serial


def _told_mac(found: Found) -> str | None:
    return mac_digits(found.told("MacAddress"))


def _tells_anything(found: Found) -> bool:
    return bool(_told_serial(found) or _told_mac(found))


def _tells(found: Found, serial: str) -> bool:
    """Whether its scopes, or the end of its endpoint reference (some makers put the MAC address there), hold this whole serial number."""
    own = found.endpoint.replace("-", "").upper()
    return serial in (_told_serial(found), _told_mac(found)) or (mac_digits(serial) is not None and own.endswith(serial))


def _tell(rows: list[Row], inventory: Inventory, label: Label | None, asked: tuple[str, ...], missed: int, out: Out) -> int:
    out.result({
        "cameras": [_plain(row) for row in rows], "hosts_asked": len(asked), "hosts_not_asked_to_the_end": missed, "has_inventory": inventory.ours is not None,
        "label": None if label is None else {"serial": label.serial, "model": label.model},
        "not_seen": sorted(set(inventory.places) - {serial for row in rows for serial in row.known_as}), "next": _ON.in_language(out.language),
    })
    out.say()
    for row in rows:
        _say(row, out)
    if missed:
        out.text(Text(f"Tiden tog slut innan {missed} adresser var frågade färdigt; ge längre tid med --seconds.",
                      f"The time was over before {missed} addresses were asked to the end; allow more with --seconds."))
    if inventory.ours is None:
        out.text(Text("Utan databas: märkning och inventarium jämfördes inte.", "Without a database: marks and inventory were not compared."))
    if label is not None and rows and not any(row.is_label for row in rows):
        out.text(_NOT_AMONG)
    out.text(Text(f"{len(rows)} kameror.", f"{len(rows)} camera(s)."))
    good = any(row.is_label for row in rows) if label is not None else bool(rows)
    if not good:
        out.text(_ON)
    return OK if good else UNREACHABLE


def _plain(row: Row) -> dict[str, Any]:
    found = row.found
    return {
        "hosts": list(found.hosts), "doors": [{"host": door.host, "port": door.port, "tls": door.tls, "path": door.path} for door in found.doors],
        "endpoint": found.endpoint, "via": list(found.via), "hardware": _hardware(found), "told_serial": _told_serial(found), "told_mac": _told_mac(found),
        "mark": None if row.mark is None else row.mark.verdict, "marked_for": [] if row.mark is None else list(row.mark.binding_ids),
        "known_as": list(row.known_as), "is_label": row.is_label,
    }


def _say(row: Row, out: Out) -> None:
    found, language = row.found, out.language
    via = (one if one in ("unicast", "tcp") else f"multicast {one}" for one in found.via)
    out.say(f"{_where(found):28} {_hardware(found) or '?':20} {', '.join(via)}")
    told = [f"{Text('serienummer', 'serial number').in_language(language)} {serial}" for serial in (_told_serial(found),) if serial]
    told += [f"MAC {mac}" for mac in (_told_mac(found),) if mac]
    if told:
        out.say(f"{'':28} {Text('säger', 'says').in_language(language)} {', '.join(told)}")
    if row.is_label:
        out.say(f"{'':28} {Text('etikettens kamera, säger den själv', 'the camera of the label, it says itself').in_language(language)}")
    if row.known_as:
        out.say(f"{'':28} {Text('i inventariet', 'in the inventory').in_language(language)}: {', '.join(row.known_as)}")
    if len(found.hosts) > 1:
        two = Text("svarar på flera adresser: två nät, eller en kopia", "answers at more than one address: two networks, or a copy of it")
        out.say(f"{'':28} {two.in_language(language)}")
    if row.mark is not None and row.mark.verdict != "unmarked":
        out.say(f"{'':28} {'! ' if row.mark.verdict == 'moved_without_provisioning' else ''}{row.mark.help.in_language(language)}")
