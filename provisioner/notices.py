"""Notices as they come, one or many: a support form in its envelope (whose it is, what it is about), read from JSON or CSV, each fault told with its row and field.

The two units report on their own, days apart; what they have in common is the person and the camera. Which case a notice belongs to is not its matter: see
`case/pairing.py`.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from provisioner.case.kinds import CaseKind
from provisioner.fault import PlainError, Text
from provisioner.files import read_text_file
from provisioner.form_fields import Plain, Reference
from provisioner.intake import YES, Contact, HandingOverForm, ReceivingForm
from provisioner.wrong import HIDDEN, finding

FILE_MOST_BYTES = 16 * 2**20
ROWS_MOST = 500
"""A file is taken in one transaction, which holds the write lock for about 4 ms a notice (1,000 took 3.8 s on two busy cores); others wait 5 s for it."""
CONTACTS_MOST = 3  # of a CSV row: one of each kind


class HandingOverNotice(HandingOverForm):
    """R6-R12, from the unit that has the person now."""

    role: Literal["handing_over"]
    case_kind: CaseKind


class ReceivingNotice(ReceivingForm):
    """R15-R22, from the unit that will have the person. The serial number is no field of it (R11)."""

    role: Literal["receiving"]
    case_kind: CaseKind


class BothNotice(HandingOverForm, ReceivingForm):
    """U3: the same unit goes along to the new home, and one form fills both roles. `address` is the home of today, `new_address` the other one.
    `contacts` are for both bookings unless `new_contacts` says otherwise."""

    role: Literal["both"]
    case_kind: Literal[CaseKind.MOVE_ONLY]
    form_ref: Annotated[Reference, Field(max_length=54)] = ""
    new_address: Plain = ""
    new_site_ref: Reference = ""
    new_contacts: tuple[Contact, ...] = Field(default=(), max_length=10)


SupportForm = Annotated[HandingOverNotice | ReceivingNotice | BothNotice, Field(discriminator="role")]
ROLES: "dict[str, Any]" = {"handing_over": HandingOverNotice, "receiving": ReceivingNotice, "both": BothNotice}
_ENVELOPE = {"role", "case_kind"}
_NEW = ("new_address", "new_site_ref", "new_contacts")


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row: counted from 1, the heading of a CSV file not among them."""

    row: int
    field: str
    text: Text


class NoticesWrong(PlainError):
    """Nothing of the file was taken. `faults` has every row that is wrong, with its field; the text is the first of them."""

    def __init__(self, faults: Sequence[RowFault], *, code: str = "notice_wrong", exit_code: int = 2, http_status: int = 422) -> None:
        first, more = faults[0], len(faults) - 1
        sv, en = (f" Och {more} rader till.", f" And {more} rows more.") if more else ("", "")
        super().__init__(code, Text(f"{first.text.sv}{sv}", f"{first.text.en}{en}"), exit_code=exit_code, http_status=http_status, field=first.field)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Row:
    """A notice with its place in the file."""

    number: int
    notice: HandingOverNotice | ReceivingNotice | BothNotice


def forms_of(notice: HandingOverNotice | ReceivingNotice | BothNotice) -> tuple[HandingOverForm | ReceivingForm, ...]:
    """The one form, or the two that a form in both roles stands for. The second has a reference of its own, made of the first (R44)."""
    given = notice.model_dump(mode="json", exclude_unset=True, exclude=_ENVELOPE)
    if not isinstance(notice, BothNotice):
        model = HandingOverForm if isinstance(notice, HandingOverNotice) else ReceivingForm
        return (model.model_validate_json(json.dumps(given)),)
    new = {name: given.pop(name) for name in _NEW if name in given}
    old = {name: value for name, value in given.items() if name in HandingOverForm.model_fields}
    other = {name: value for name, value in given.items() if name in ReceivingForm.model_fields and name not in ("address", "site_ref")}
    other |= {name.removeprefix("new_"): value for name, value in new.items()}
    if notice.form_ref:
        other["form_ref"] = f"{notice.form_ref}-receiving"
    return HandingOverForm.model_validate_json(json.dumps(old)), ReceivingForm.model_validate_json(json.dumps(other))


def read_notices(path: Path) -> list[Row]:
    """All notices of a file: JSON (one object, or a list) or CSV with a heading. Raises `NoticesWrong` with every row that is wrong, or `PlainError`."""
    text = read_text_file(path, FILE_MOST_BYTES, hint=Text("Dela filen.", "Split the file."))
    raw = list(_csv_rows(text)) if path.suffix.lower() in (".csv", ".tsv") else _json_rows(path, text)
    if not raw:
        raise PlainError("no_notices", Text(f"{path} innehåller inget formulär.", f"{path} holds no form."))
    if len(raw) > ROWS_MOST:
        raise PlainError("file_too_large", Text(f"{path} har fler än {ROWS_MOST} formulär. Dela filen.", f"{path} has more than {ROWS_MOST} forms. Split the file."))
    return parse_notices(raw)


def parse_notices(raw: Sequence[Any]) -> list[Row]:
    """The same for rows already read. Raises `NoticesWrong`."""
    rows, faults = [], []
    for number, one in enumerate(raw, start=1):
        found = _parsed(number, one, len(raw) > 1)
        if isinstance(found, Row):
            rows.append(found)
        else:
            faults += found
    if faults:
        raise NoticesWrong(faults)
    return rows


def fault_at(row: int, many: bool, field: str, sv: str, en: str) -> RowFault:
    """A fault as a sentence that begins with its place."""
    at_sv, at_en = (f"Rad {row}: ", f"Row {row}: ") if many else ("", "")
    if field:
        at_sv, at_en = (f"Rad {row}, fältet {field}: ", f"Row {row}, the field {field}: ") if many else (f"Fältet {field}: ", f"The field {field}: ")
    return RowFault(row, field, Text(f"{at_sv}{sv}.", f"{at_en}{en}."))


def _parsed(number: int, raw: Any, many: bool) -> Row | list[RowFault]:
    if not isinstance(raw, Mapping):
        return [fault_at(number, many, "", "ska vara ett objekt med namn och värden", "must be an object of names and values")]
    if not isinstance(raw.get("role"), str) or raw["role"] not in ROLES:
        return [fault_at(number, many, "role", "ska vara handing_over (överlämnande), receiving (mottagande) eller both (samma formulär för båda)",
                         "must be handing_over, receiving or both (one form for both)")]
    try:
        halves = [field for field, value in raw.items() if _has_half_sign(field) or _has_half_sign(value)]
        if halves:
            return [fault_at(number, many, _shown(str(field)), HIDDEN.sv, HIDDEN.en) for field in halves]
        return Row(number, _ADAPTER.validate_json(json.dumps(raw)))
    except ValidationError as error:
        return [_fault(number, many, one, str(raw["role"])) for one in error.errors(include_input=False)]
    except (RecursionError, ValueError):
        return [fault_at(number, many, "", "är för djupt nästlad eller innehåller det som inte är JSON", "is nested too deeply, or holds what is no JSON")]


def _fault(number: int, many: bool, error: Mapping[str, Any], role: str) -> RowFault:
    where = [str(part) for part in error["loc"]]
    where = where[1:] if where and where[0] == role else where
    field = ".".join(where)
    if field == "case_kind" and role == "both":
        return fault_at(number, many, field, "ett formulär för båda rollerna är bara för MOVE_ONLY; vid utförarbyte skickar varje verksamhet sitt eget",
                        "one form for both roles is for MOVE_ONLY alone; at a provider change each unit sends its own")
    if error["type"] == "extra_forbidden":
        return fault_at(number, many, _shown(field),
                        "finns inte i formuläret; ta bort det eller rätta namnet", "is no field of the form; take it out or correct its name")
    found = finding(error)
    return fault_at(number, many, field, found.sv, found.en)


def _shown(field: str) -> str:
    """A name that somebody else chose, as far as it may be said back."""
    return re.sub(r"[^A-Za-z_.0-9]", "?", field)[:40] or "?"


def _has_half_sign(value: Any) -> bool:
    """Whether half of a surrogate pair stands in it: JSON can say one, and no database can keep it."""
    if isinstance(value, str):
        return any("\ud800" <= sign <= "\udfff" for sign in value) if not value.isascii() else False
    if isinstance(value, Mapping):
        return any(_has_half_sign(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_has_half_sign(one) for one in value)


_ADAPTER: "TypeAdapter[HandingOverNotice | ReceivingNotice | BothNotice]" = TypeAdapter(SupportForm)


def _json_rows(path: Path, text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise PlainError("file_garbled", Text(f"{path} är inte giltig JSON (rad {where}).", f"{path} is no valid JSON (line {where}).")) from None
    return found if isinstance(found, list) else [found]


def _csv_rows(text: str) -> Iterator[dict[str, Any]]:
    """CSV as a spreadsheet writes it: comma, semicolon or tab. `contact_kind`, `contact_name` ... are the first contact, `contact2_kind` ... the second."""
    csv.field_size_limit(FILE_MOST_BYTES)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    for row in csv.DictReader(text.splitlines(), delimiter=delimiter):
        given: dict[str, Any] = {str(name or "").strip(): value for name, value in row.items() if isinstance(value, str) and value.strip()}
        if None in row:
            given["too_many_columns"] = "x"  # no field of the form, and told as such: a cell holds the separator and no quotes around it
        if given:
            yield _shaped(given)


def _shaped(given: dict[str, Any]) -> dict[str, Any]:
    for prefix, field in (("", "contacts"), ("new_", "new_contacts")):
        contacts = []
        for place in range(1, CONTACTS_MOST + 1):
            names = {part: f"{prefix}contact{place if place > 1 else ''}_{part}" for part in ("kind", "name", "phone", "email")}
            contact = {part: given.pop(name) for part, name in names.items() if name in given}
            if contact:
                contacts.append(contact)
        if contacts:
            given[field] = contacts
    if "keys_signed_out" in given:
        given["keys_signed_out"] = YES.get(given["keys_signed_out"].strip().casefold(), given["keys_signed_out"])
    if "sign_languages" in given:
        given["sign_languages"] = [one for one in re.split(r"[\s,;]+", given["sign_languages"]) if one]
    return given


def schemas() -> dict[str, dict[str, Any]]:
    """The three envelopes as JSON Schema 2020-12, by file name: what another system has to send."""
    found = {}
    for role, model in ROLES.items():
        schema = TypeAdapter(model).json_schema(mode="validation")
        found[f"{role.replace('_', '-')}-notice.schema.json"] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return found
