"""What a person types, or a JSON body holds, as a statement of the core: `dismantled scanned=ACCC8E.. old_sign_removed=yes`.

The names are those of `case/inputs.py`, so that command line, HTTP and journal say the same word. An instant without offset is taken as Swedish time.
What a person need not type (the time of a scan, a one-time code) is filled in here.
"""

import dataclasses
import json
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from provisioner.case import inputs as i
from provisioner.case.identifiers import holds_person_number
from provisioner.case.model import Booking
from provisioner.fault import PlainError, Text
from provisioner.wrong import HIDDEN, finding, has_hidden_signs

SWEDEN = ZoneInfo("Europe/Stockholm")
STATEMENTS: dict[str, type] = {
    next(field.default for field in dataclasses.fields(member) if field.name == "kind"): member  # type: ignore[misc]
    for member in get_args(i.Statement)
}
BY_FORM_ONLY = frozenset({"handing_over_notice", "receiving_notice"})
"""These come as whole forms (`provisioner case open`, `provisioner case form`), because their personal half must be sealed on the way in."""

_SERIALS = frozenset({"scanned", "serial", "new_serial"})
"""A maker's number may look like a person's; it is compared with the expected one anyway."""
_YES = {"yes": True, "ja": True, "no": False, "nej": False}


def fields_of(kind: str) -> list[str]:
    """The field names of a statement, `*` behind those that must be given; for help texts."""
    wanted = Booking if kind == "booked" else STATEMENTS[kind]
    return [field.name + ("" if _has_default(field) or field.name in _FILLED.get(kind, ()) else "*") for field in dataclasses.fields(wanted) if field.name != "kind"]


def _has_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


_FILLED = {"visit_started": ("scanned_at",), "test_look_started": ("challenge_id", "code"), "fallback_acknowledged": ("fallback_ref",)}


def _word(typed: str) -> str:
    """What was typed, where it looks like one of our words: whatever else stood there may be about a person, and errors reach logs."""
    return typed if re.fullmatch(r"[A-Za-z_]{1,40}", typed) else "..."


def parse(kind: str, given: dict[str, Any], now: datetime) -> i.Statement:
    """The statement. `given` maps field names to text or JSON values. Raises `PlainError` naming the field at fault."""
    member = STATEMENTS.get(kind)
    if member is None or kind in BY_FORM_ONLY:
        known = ", ".join(sorted(set(STATEMENTS) - BY_FORM_ONLY))
        shown = _word(kind)
        raise PlainError("unknown_statement", Text(f"'{shown}' kan inte sägas. Möjligt: {known}.", f"'{shown}' cannot be said. Possible: {known}."))
    names = {field.name for field in dataclasses.fields(Booking if kind == "booked" else member)} - {"kind"}
    for name in given:
        if name not in names:
            raise PlainError("unknown_field", Text(f"{kind} har inget fält {_word(name)}. Fälten är: {', '.join(fields_of(kind))}.",
                                                   f"{kind} has no field {_word(name)}. The fields are: {', '.join(fields_of(kind))}."))
    values = {name: _plain(name, value, now) for name, value in given.items()}
    values = _fill(kind, values, now)
    shaped = {"booking": values} if kind == "booked" else values
    try:
        statement: i.Statement = _adapter(member).validate_python(shaped)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name, found = str(first["loc"][-1]) if first["loc"] else kind, finding(first)
        raise PlainError("wrong_field", Text(f"{kind}: fältet {name} {found.sv}. Fälten är: {', '.join(fields_of(kind))}.",
                                             f"{kind}: the field {name} {found.en}. The fields are: {', '.join(fields_of(kind))}.")) from None


    for name, inner in _values(statement):
        if isinstance(inner, datetime) and inner.tzinfo is None:
            raise PlainError("wrong_field", Text(f"{kind}: fältet {name} behöver sin tidszon, som 2026-12-01T07:00:00+01:00.",
                                                 f"{kind}: the field {name} needs its offset, such as 2026-12-01T07:00:00+01:00."))
        if isinstance(inner, str) and name not in _SERIALS and holds_person_number(inner):
            raise PlainError("person_number_here", Text(f"{kind}: fältet {name} innehåller ett personnummer. Det sparas öppet och läses av alla i ärendet: skriv utan.",
                                                        f"{kind}: the field {name} holds a person number. It is kept in the open, for all in the case: write without."))
        if isinstance(inner, str) and has_hidden_signs(inner):
            raise PlainError("wrong_field", Text(f"{kind}: fältet {name} {HIDDEN.sv}.", f"{kind}: the field {name} {HIDDEN.en}."))
    return statement


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value in a statement with its field's name, through tuples and what they hold: the core compares instants, and must never meet one
    without its offset."""
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if dataclasses.is_dataclass(part):
                yield from _values(part)
            else:
                yield field.name, part


@cache
def _adapter(member: type) -> "TypeAdapter[Any]":
    return TypeAdapter(member)


def _plain(name: str, value: Any, now: datetime) -> Any:
    if name == "plan" and isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))  # the case keeps it as text, as it was given
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.lower() in _YES:
        return _YES[text.lower()]
    if name == "consents":
        return tuple({"subject": subject, "given": _YES.get(answer.lower(), answer), "recorded_at": now}
                     for subject, _, answer in (part.partition(":") for part in text.split(",")))
    if name == "zones":
        return tuple(_zone(part) for part in text.split(";") if part.strip())
    if name in ("outline", "tapped"):
        return _zone(text)
    if name == "languages":
        return tuple(part.strip() for part in text.split(","))
    if name.endswith(("_at", "_from", "_to")):
        return instant(name, text)
    return text


def _zone(text: str) -> tuple[tuple[float, float], ...]:
    """Corners as `x,y x,y x,y`, each between -1 and 1: left to right, bottom to top."""
    try:
        return tuple((float(x), float(y)) for x, _, y in (corner.partition(",") for corner in text.split()))
    except ValueError:
        raise PlainError("wrong_field", Text(f"zones: '{text}' är ingen zon. Skriv hörnen så: -1,-1 -0.5,-1 -0.5,0 ; nästa zon.",
                                             f"zones: '{text}' is no zone. Write its corners like this: -1,-1 -0.5,-1 -0.5,0 ; next zone.")) from None


def instant(name: str, text: str) -> datetime:
    """An instant as people write it: 2026-12-01T14:30 is Swedish time. Raises `PlainError` that names the field."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise PlainError("wrong_field", Text(f"{name}: '{text}' är ingen tidpunkt. Skriv så: 2026-12-01T14:30.",
                                             f"{name}: '{text}' is no instant. Write it like this: 2026-12-01T14:30.")) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=SWEDEN)


def _fill(kind: str, values: dict[str, Any], now: datetime) -> dict[str, Any]:
    if kind == "visit_started":
        return {"scanned_at": now, **values}
    if kind == "test_look_started":
        return {"challenge_id": f"challenge-{secrets.token_hex(6)}", "code": one_time_code(), **values}
    if kind == "fallback_acknowledged":
        return {"fallback_ref": f"fallback-{secrets.token_hex(6)}", **values}
    return values


def one_time_code() -> str:
    """Four digits without 0 and 1, which are read as O and I on a card across a room; 4,096 codes, one use, 15 minutes (D9)."""
    return "".join(secrets.choice("23456789") for _ in range(4))
