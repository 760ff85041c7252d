"""Support forms as they come in, with names and numbers, turned into what the core may know: opaque references, dates, what is missing.

The personal half is sealed by the store and never leaves it; the core, the journal, the logs and the wire see references only. References are keyed
hashes (HMAC-SHA-256 with the personal key), so that two forms about one person, or one dwelling, get the same reference and nobody can work it back.
"""

import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from provisioner.case.identifiers import AssetNumber, holds_person_number, looks_like_asset_number, normalise_serial
from provisioner.case.model import CaseKind, ContactKind, Notice
from provisioner.case.policy import Policy
from provisioner.fault import PlainError, Text
from provisioner.files import read_file
from provisioner.form_fields import Asset, Day, Decision, Email, Instant, PersonNumber, Phone, Plain, Reference, Serial, YesNo, national, readable
from provisioner.wrong import Wrong, finding

TEST_COORDINATION_NUMBERS = frozenset({"191401682396"})
FORM_MOST_BYTES = 256 * 1024
"""A form is a page of text; anything larger is not one."""
HOST_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$|^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{0,39}$"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=400)

    @field_validator("*")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        return readable(value)


class Contact(_Closed):
    """Whom to book with (R10, R19, R52)."""

    kind: ContactKind
    name: Plain = ""
    phone: Phone = ""
    email: Email = ""


class Form(_Closed):
    """The fields that both forms have (R7-R10, R12; R16-R19, R21). Empty means left out; the case then asks (R25)."""

    form_ref: Reference = ""
    unit: Plain = ""
    provider: Plain = ""
    unit_ref: Reference = ""
    provider_ref: Reference = ""
    sender_name: Plain = ""
    sender_email: Email = ""
    sender_phone: Phone = ""
    name: Plain = ""
    person_number: PersonNumber = ""
    address: Plain = ""
    site_ref: Reference = ""
    phone: Phone = ""
    contacts: tuple[Contact, ...] = Field(default=(), max_length=10)
    move_date: Day | None = None
    provider_effective_at: Instant | None = None
    housing: Literal["ordinary", "special"] = "ordinary"
    decision_ref: Decision = ""

    @field_validator("provider_effective_at")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise Wrong("behöver sin tidszon, som 2026-12-01T07:00:00+01:00", "needs its offset, such as 2026-12-01T07:00:00+01:00")
        return value.astimezone(UTC) if value is not None else None


class HandingOverForm(Form):
    """R7-R12."""

    serial_number: Serial = ""
    asset_number: Asset = ""


class ReceivingForm(Form):
    """R16-R22. The serial number is no field of it (R11)."""

    keys_signed_out: YesNo | None = None
    street_key: Literal["yes", "not_required", "missing"] | None = None
    sign_languages: tuple[Literal["sv", "en", "fa", "ar", "so"], ...] = ("sv",)


class CaseFile(_Closed):
    """What `provisioner case open FILE` reads."""

    case_kind: CaseKind
    case_number: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,32}$")
    group_ref: str = Field(default="", pattern=r"^([a-z0-9-]{6,64})?$")   # the same in each case of one household's cameras (U21)
    handing_over: HandingOverForm | None = None
    receiving: ReceivingForm | None = None

    @field_validator("case_number")
    @classmethod
    def _no_person(cls, value: str) -> str:
        if holds_person_number(value):
            raise Wrong("är ett personnummer", "is a person number")
        return value


YES = {"yes": True, "ja": True, "true": True, "no": False, "nej": False, "false": False}
MANDATORY = ("unit", "provider", "sender_name", "sender_email", "sender_phone", "name", "person_number", "address", "phone")
"""R7-R9 and R16-R18; what depends on the kind is asked by the core."""


@dataclass(frozen=True, slots=True)
class References:
    """Makes the opaque references, and what people are found by. `key` is the store's reference key (32 bytes)."""

    key: bytes = field(repr=False)

    def make(self, kind: str, *values: str) -> str:
        """`person-...`, `site-...`: the same for the same values, without meaning to anybody without the key."""
        text = "\x1f".join(" ".join(value.split()).casefold() for value in values)
        return f"{kind}-{hmac.new(self.key, f'{kind}:{text}'.encode(), sha256).hexdigest()[:20]}"

    def subject(self, fields: Mapping[str, str]) -> str | None:
        """The person's reference, as `to_notice` makes it; None without a number."""
        digits = re.sub(r"[\s-]", "", fields.get("person_number", ""))
        return self.make("person", digits) if re.fullmatch(r"[0-9]{12}", digits) else None

    def number_token(self, person_number: str) -> str:
        """What a person number is found by."""
        return self.make("by-number", re.sub(r"[\s-]", "", person_number))

    def name_token(self, name: str) -> str:
        """What a name is found by: the whole name, whatever the order of its parts and however its letters are composed. No beginnings, no likeness: an
        index that knows those tells names to whoever has it."""
        whole = unicodedata.normalize("NFKC", name).casefold().replace(",", " ")
        return self.make("by-name", " ".join(sorted(whole.split())))

    def tokens(self, fields: Mapping[str, str]) -> tuple[str, ...]:
        """All that a form is found by (D21): the number and the name of the service user."""
        number = (self.number_token(fields["person_number"]),) if self.subject(fields) else ()
        return (*number, *((self.name_token(fields["name"]),) if fields.get("name", "").strip() else ()))


def read_case_file(path: Path) -> CaseFile:
    """The file, checked. Raises `PlainError` naming the field at fault."""
    data = read_file(path, FORM_MOST_BYTES, unreadable="form_unreadable", too_large="form_too_large",
                     hint=Text("Det är inget formulär.", "That is no form."))
    try:
        return parse_case_file(json.loads(data.decode("utf-8-sig")))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        where = f" (rad {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise PlainError("form_wrong", Text(f"{path} är inte giltig JSON{where}.", f"{path} is no valid JSON{where.replace('rad', 'line')}.")) from None


def parse_case_file(raw: Any) -> CaseFile:
    """The same for data already read."""
    try:
        return CaseFile.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        raise plain_error(error) from None


def _wrong(field: str, sv: str, en: str) -> PlainError:
    if not field:
        return PlainError("form_wrong", Text(f"Formuläret {sv}.", f"The form {en}."), http_status=422)
    return PlainError("form_wrong", Text(f"Fältet {field}: {sv}.", f"The field {field}: {en}."), http_status=422, field=field)


def form_fields(form: "HandingOverForm | ReceivingForm") -> dict[str, str]:
    """A form as it is sealed: its fields as text, without those that were left out."""
    fields = {name: value for name, value in form.model_dump(mode="json").items() if isinstance(value, str) and value}
    fields["contacts"] = form.model_dump_json(include={"contacts"})
    if isinstance(form, ReceivingForm):
        fields["sign_languages"] = ", ".join(form.sign_languages)
        if form.keys_signed_out is not None:
            fields["keys_signed_out"] = "yes" if form.keys_signed_out else "no"
    return fields


def form_of(role: str, fields: Mapping[str, Any]) -> "HandingOverForm | ReceivingForm":
    """The form of these fields, as they were sealed or as somebody typed them. Raises `PlainError` naming the field at fault."""
    shaped: dict[str, Any] = dict(fields)
    if isinstance(shaped.get("contacts"), str):
        shaped["contacts"] = json.loads(shaped["contacts"])["contacts"]
    if isinstance(shaped.get("sign_languages"), str):
        shaped["sign_languages"] = [one for one in re.split(r"[\s,;]+", shaped["sign_languages"]) if one]
    if isinstance(shaped.get("keys_signed_out"), str):
        shaped["keys_signed_out"] = YES.get(shaped["keys_signed_out"].casefold(), shaped["keys_signed_out"])
    model = HandingOverForm if role == "handing_over" else ReceivingForm
    try:
        return model.model_validate_json(json.dumps(shaped))
    except ValidationError as error:
        raise plain_error(error) from None


def plain_error(error: ValidationError) -> PlainError:
    """The first thing that a form's model found, as one sentence that names its field."""
    first = error.errors(include_input=False)[0]
    found = finding(first)
    return _wrong(".".join(str(part) for part in first["loc"]), found.sv, found.en)


def check_host(host: str) -> None:
    """A name or an address, and nothing that could turn into another request. Raises `PlainError`."""
    if not re.fullmatch(HOST_PATTERN, host):
        raise PlainError("wrong_host", Text("Ange kamerans adress som namn eller IP-nummer, utan http:// och utan port.",
                                            "Give the camera's address as a name or IP number, without http:// and without a port."))


def check_person_number(text: str, field: str, mode: str) -> str:
    """The twelve digits of a person or coordination number (Luhn, date; law-based: twelve digits, the century is asked for, never guessed).

    Skatteverket's test person numbers have a birth number from 980 to 999, which is given to nobody; `TEST_COORDINATION_NUMBERS` are its test
    coordination numbers we know. They are let in in mode `test` only, and all others in `production` only. Raises `PlainError`.
    """
    from personnummer import personnummer as library

    bare = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{10}", bare) or "+" in text:
        raise _wrong(field, "ange personnumret med sekel, tolv siffror (ÅÅÅÅMMDD-NNNN)", "give the person number with its century, twelve digits (YYYYMMDD-NNNN)")
    if not re.fullmatch(r"[0-9]{12}", bare):
        raise _wrong(field, "ett personnummer har tolv siffror (ÅÅÅÅMMDD-NNNN)", "a person number has twelve digits (YYYYMMDD-NNNN)")
    if not library.valid(bare):
        raise _wrong(field, "kontrollsiffran eller datumet i personnumret stämmer inte; läs numret igen",
                     "the person number's check digit or date is wrong; read the number again")
    is_test = int(bare[8:11]) >= 980 or bare in TEST_COORDINATION_NUMBERS
    if is_test and mode != "test":
        raise _wrong(field, "det är ett av Skatteverkets testnummer; de får bara användas i testläge",
                     "that is one of Skatteverket's test numbers; they are for test mode only")
    if not is_test and mode == "test":
        raise _wrong(field, "i testläge får bara Skatteverkets testnummer användas", "in test mode only Skatteverket's test numbers may be used")
    return bare


REFERENCES = ("form_ref", "unit_ref", "provider_ref", "site_ref", "decision_ref", "serial_number", "asset_number")
"""The fields of a form that go on unsealed: into the journal, and some of them to the alarm centre."""


def _check_references(form: "HandingOverForm | ReceivingForm", role: str) -> None:
    """A person number or a name typed into the wrong field would leave the seal, and with the serial number go over the wire. Raises `PlainError`."""
    digits = re.sub(r"[\s-]", "", form.person_number)
    own = [part.casefold() for part in form.name.split() if len(part) > 3]
    own += [number for number in (digits, digits[2:], form.phone.removeprefix("+"), national(form.phone)) if len(number) > 7]
    for field_name in REFERENCES:  # a maker's number of twelve digits may look like anybody's: there only the person's own is looked for
        value = str(getattr(form, field_name, "") or "")
        bare = re.sub(r"[\s-]", "", value).casefold()
        if (field_name != "serial_number" and holds_person_number(value)) or any(part in bare for part in own):
            raise _wrong(f"{role}.{field_name}", "innehåller personens namn eller nummer; det hör hemma i ett annat fält",
                         "holds the person's name or number; that belongs in another field")


def to_notice(form: HandingOverForm | ReceivingForm, references: References, now: datetime, policy: Policy, mode: str) -> Notice:
    """What the core may know of a form. Raises `PlainError` where a field is wrong (a missing one is a question of the case, not an error)."""
    role = "handing_over" if isinstance(form, HandingOverForm) else "receiving"
    person_number = check_person_number(form.person_number, f"{role}.person_number", mode) if form.person_number else ""
    _check_references(form, role)
    serial = None
    if isinstance(form, HandingOverForm) and form.serial_number:
        if looks_like_asset_number(form.serial_number, policy.asset_number_pattern):
            raise _wrong(f"{role}.serial_number", "det där är inventarienumret; ange serienumret på kamerans egen etikett",
                         "that is the asset number; give the serial number on the camera's own label")
        serial = normalise_serial(form.serial_number)
        if serial is None:
            raise _wrong(f"{role}.serial_number", "det där är inget serienummer", "that is no serial number")
    form_ref = form.form_ref or references.make("form", role, form.model_dump_json())
    return Notice(
        form_ref=form_ref, arrived_at=now,
        person_ref=references.make("person", person_number) if person_number else f"{form_ref}-unknown",
        unit_ref=form.unit_ref or references.make("unit", form.provider, form.unit),
        provider_ref=form.provider_ref or references.make("provider", form.provider),
        site_ref=form.site_ref or references.make("site", form.address),
        move_date=form.move_date, provider_effective_at=form.provider_effective_at,
        contacts=tuple(dict.fromkeys(contact.kind for contact in form.contacts)), serial=serial,
        asset_number=AssetNumber(form.asset_number.upper()) if isinstance(form, HandingOverForm) and form.asset_number else None,
        keys_signed_out=form.keys_signed_out if isinstance(form, ReceivingForm) else None,
        street_key=form.street_key if isinstance(form, ReceivingForm) else None,
        sign_languages=form.sign_languages if isinstance(form, ReceivingForm) else ("sv",),
        housing_is_ordinary=form.housing == "ordinary", decision_ref=form.decision_ref or None,
        missing=tuple(name for name in MANDATORY if not getattr(form, name)))
