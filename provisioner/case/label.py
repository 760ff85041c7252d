"""What a camera's label says when its code is scanned: a bare serial number, or the maker's own few fields with the serial number in one of them.

Labels carry secrets besides (verification codes, security codes, keys for the maker's cloud). Only the serial number and the model are taken out; the rest
is in no value of ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from provisioner.case.identifiers import SerialNumber, normalise_serial

TEXT_MOST: Final = 1024
"""Characters. A QR code holds 4,296; no label that we know of has more than 200."""

_SERIAL_NAMES: Final = frozenset({"sn", "s/n", "serial", "serialno", "serialnumber", "serialnum"})
_MODEL_NAMES: Final = frozenset({"dt", "model", "mdl", "type", "devicetype"})
_FIELD = re.compile(r"\s*[\"']?(?P<name>[A-Za-z][A-Za-z/ ._-]{0,20}?)[\"']?\s*[:=]\s*[\"']?(?P<value>[^,;|\r\n\"'{}]+?)[\"']?\s*(?=[,;|\r\n}]|\Z)")


@dataclass(frozen=True, slots=True)
class Label:
    """What was read. `model` is '' where the label does not say. Told by the label: to be compared, never believed by itself."""

    serial: SerialNumber
    model: str = ""


def read_label(text: str) -> Label | None:
    """The serial number on a label from the text of its code, or None where there is none.

    - a bare number: Axis, Bosch, Hanwha (one barcode a field), and what a person types
    - `{SN:...,DT:...,SC:...}`, `S/N: ...`, `"serial": "..."`: Dahua, Imou and others, their security code among the fields
    - a web address, number, verification code and model, each a line: Hikvision and EZVIZ (Hik-Connect's code, lines ended by CR)
    - a web address with the number in its query
    """
    bare = text.strip().strip("\ufeff\0")
    if not bare or len(bare) > TEXT_MOST:
        return None
    lines = [line.strip() for line in re.split(r"[\r\n]+", bare) if line.strip()]
    if len(lines) >= 2 and _is_address(lines[0]):
        return _label(lines[1], lines[3] if len(lines) > 3 else "")
    if "://" in bare:
        return _of_fields({_bare(name): value for name, value in parse_qsl(_query_of(bare))})
    fields = {_bare(found["name"]): found["value"].strip() for found in _FIELD.finditer(bare.removeprefix("{"))}
    if fields.keys() & _SERIAL_NAMES:
        return _of_fields(fields)
    return _label(bare, "") if len(lines) == 1 else None


def _of_fields(fields: Mapping[str, str]) -> Label | None:
    serial = next((value for name, value in fields.items() if name in _SERIAL_NAMES), "")
    return _label(serial, next((value for name, value in fields.items() if name in _MODEL_NAMES), ""))


def _label(serial: str, model: str) -> Label | None:
    found = normalise_serial(serial)
    return None if found is None else Label(found, model[:60])


def _bare(name: str) -> str:
    return re.sub(r"[ ._-]", "", name).lower()


def _is_address(line: str) -> bool:
    return re.fullmatch(r"(?:https?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/\S*)?", line) is not None and not line.replace(".", "").isdigit()


def _query_of(text: str) -> str:
    try:
        return urlsplit(text).query
    except ValueError:
        return ""
