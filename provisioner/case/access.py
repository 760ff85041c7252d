"""Who may see what of a person (D19, D20, D5), and the four eyes that a protected person's data take. Pure tables and rules.

Two units stand on either side of a move and must not learn of each other through us: the handing-over unit never sees the new address, nor the new
provider; the receiving unit sees of the old home only what it wrote itself. An operator of the alarm centre sees nothing personal: a failed look goes to
the night unit, which knows the address. A technician sees the dwelling of today's visit and its keys, and neither the other dwelling nor the number.

A person has three levels of protection in Sweden besides none (Skatteverket): secrecy marking, protected registration, assumed identity. The address of
all three is opened by two different people for a quarter of an hour, with a reason, and stands in no list, hit, notice or export.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from provisioner.case.outcome import Refusal
from provisioner.fault import Text

OPENING_WAITS = timedelta(minutes=15)
"""How long a request waits for its second person, and how long what was opened stays open."""
REASON_LEAST = 10  # characters


class ProtectionLevel(StrEnum):
    """Skatteverket's levels. They are kept apart because the law does; what we show is the same for all but `NONE`."""

    NONE = "none"
    SECRECY_MARKING = "secrecy_marking"                # sekretessmarkering, OSL 22:1
    PROTECTED_REGISTRATION = "protected_registration"  # skyddad folkbokföring, 16 § folkbokföringslagen
    ASSUMED_IDENTITY = "assumed_identity"              # fingerade personuppgifter, lag (1991:483)


class Viewer(StrEnum):
    """Who looks. Units are two: which one it is follows from the case."""

    HANDING_OVER_UNIT = "handing_over_unit"
    RECEIVING_UNIT = "receiving_unit"
    TECHNICIAN = "technician"
    COORDINATOR = "coordinator"
    TEAM_LEAD = "team_lead"
    OPERATOR = "operator"
    SUBJECT = "subject"        # the service user's own copy (GDPR 15): nothing of third parties


class Field(StrEnum):
    """What there is of a person, by side: `old_` stands in the handing-over form, `new_` in the receiving one."""

    NAME = "name"
    PERSON_NUMBER = "person_number"
    PHONE = "phone"
    OLD_ADDRESS = "old_address"
    NEW_ADDRESS = "new_address"
    OLD_CONTACTS = "old_contacts"
    NEW_CONTACTS = "new_contacts"
    OLD_UNIT = "old_unit"            # unit and provider
    NEW_UNIT = "new_unit"
    OLD_SENDER = "old_sender"        # name, e-mail, phone of who sent the form
    NEW_SENDER = "new_sender"
    KEYS = "keys"
    SIGN_LANGUAGES = "sign_languages"  # hints at origin: treated as sensitive
    PROTECTION = "protection"


class Sight(StrEnum):
    """How a field is seen."""

    YES = "yes"
    MASKED = "masked"
    NO = "no"


_Y, _M, _N = Sight.YES, Sight.MASKED, Sight.NO
_COLUMNS = (Viewer.HANDING_OVER_UNIT, Viewer.RECEIVING_UNIT, Viewer.TECHNICIAN, Viewer.COORDINATOR, Viewer.TEAM_LEAD, Viewer.OPERATOR, Viewer.SUBJECT)
_TABLE: Mapping[Field, tuple[Sight, ...]] = {
    #                     handing  receiving  technician  coordinator  team lead  operator  subject
    Field.NAME:           (_Y,     _Y,        _Y,         _Y,          _Y,        _N,       _Y),
    Field.PERSON_NUMBER:  (_M,     _M,        _N,         _M,          _M,        _N,       _Y),
    Field.PHONE:          (_Y,     _Y,        _Y,         _Y,          _Y,        _N,       _Y),
    Field.OLD_ADDRESS:    (_Y,     _N,        _N,         _Y,          _Y,        _N,       _Y),
    Field.NEW_ADDRESS:    (_N,     _Y,        _N,         _Y,          _Y,        _N,       _Y),
    Field.OLD_CONTACTS:   (_Y,     _N,        _Y,         _Y,          _Y,        _N,       _N),
    Field.NEW_CONTACTS:   (_N,     _Y,        _Y,         _Y,          _Y,        _N,       _N),
    Field.OLD_UNIT:       (_Y,     _Y,        _Y,         _Y,          _Y,        _N,       _Y),
    Field.NEW_UNIT:       (_N,     _Y,        _Y,         _Y,          _Y,        _N,       _Y),
    Field.OLD_SENDER:     (_Y,     _N,        _N,         _Y,          _Y,        _N,       _N),
    Field.NEW_SENDER:     (_N,     _Y,        _N,         _Y,          _Y,        _N,       _N),
    Field.KEYS:           (_N,     _Y,        _Y,         _Y,          _Y,        _N,       _N),
    Field.SIGN_LANGUAGES: (_N,     _Y,        _Y,         _Y,          _Y,        _N,       _Y),
    Field.PROTECTION:     (_Y,     _Y,        _Y,         _Y,          _Y,        _N,       _Y),
}
"""A technician sees no address here: the one of the day's visit is added by `sight`."""
_LOCATING = frozenset(Field) - {Field.PROTECTION}
"""What tells who, or where, somebody is; of a protected person all of it (OSL 21:3: also relatives', and whatever else leads there)."""
Visit = Literal["old", "new"]


def sight(viewer: Viewer, field: Field, *, protected: bool, opened: bool, visit: Visit | None = None) -> Sight:
    """How `viewer` sees `field`. `visit`: at which dwelling the technician is today. `opened`: a four-eyes opening of this very reader is in force.

    An opening gives back what the role sees of anybody, and no more.
    """
    seen = _TABLE[field][_COLUMNS.index(viewer)]
    if viewer is Viewer.TECHNICIAN and visit is not None:
        if field is (Field.OLD_ADDRESS if visit == "old" else Field.NEW_ADDRESS):
            seen = _Y
        elif field is (Field.NEW_CONTACTS if visit == "old" else Field.OLD_CONTACTS):
            seen = _N
    if protected and not opened and field in _LOCATING:
        return _N
    return seen


_FIELDS: Mapping[Field, tuple[str, tuple[str, ...]]] = {
    Field.NAME: ("", ("name",)), Field.PERSON_NUMBER: ("", ("person_number",)), Field.PHONE: ("", ("phone",)),
    Field.OLD_ADDRESS: ("handing_over", ("address",)), Field.NEW_ADDRESS: ("receiving", ("address",)),
    Field.OLD_CONTACTS: ("handing_over", ("contacts",)), Field.NEW_CONTACTS: ("receiving", ("contacts",)),
    Field.OLD_UNIT: ("handing_over", ("unit", "provider")), Field.NEW_UNIT: ("receiving", ("unit", "provider")),
    Field.OLD_SENDER: ("handing_over", ("sender_name", "sender_email", "sender_phone")),
    Field.NEW_SENDER: ("receiving", ("sender_name", "sender_email", "sender_phone")),
    Field.KEYS: ("receiving", ("keys_signed_out", "street_key")), Field.SIGN_LANGUAGES: ("receiving", ("sign_languages",)),
}
"""In which form a field stands ("" = the viewer's own side, else the receiving one, else the other), and under which names."""


def shown(viewer: Viewer, forms: Mapping[str, Mapping[str, str]], level: ProtectionLevel, *, opened: bool = False,
          visit: Visit | None = None) -> dict[str, str | None]:
    """The fields of both forms as this viewer may see them: the same keys for everybody, None for what is not shown or not there."""
    own = "handing_over" if viewer is Viewer.HANDING_OVER_UNIT else "receiving"
    sides = (own,) if viewer in (Viewer.HANDING_OVER_UNIT, Viewer.RECEIVING_UNIT) else ("receiving", "handing_over")
    found: dict[str, str | None] = {}
    for field in Field:
        how = sight(viewer, field, protected=level is not ProtectionLevel.NONE, opened=opened, visit=visit)
        if field is Field.PROTECTION:
            found[field.value] = level.value if how is Sight.YES else None
            continue
        side, names = _FIELDS[field]
        value = next((text for part in ((side,) if side else sides) if (text := ", ".join(
            forms[part][name] for name in names if forms.get(part, {}).get(name)))), None) if how is not Sight.NO else None
        found[field.value] = value if value is None or how is Sight.YES else masked_number(value)
    return found


def masked_number(person_number: str) -> str:
    """`19••••••-••12`: the century and the last two digits, which is enough to compare two papers by."""
    digits = "".join(sign for sign in person_number if sign.isdigit())
    return f"{digits[:2]}••••••-••{digits[-2:]}" if len(digits) == 12 else "••••"


def confirmation(name: str, person_number: str, address: str, level: ProtectionLevel, case_number: str) -> str:
    """Whose binding it is, for the person who is about to act on it (D5): initials, year of birth, street without its number. For protected people the case
    number alone. Read aloud over the phone it tells a stranger nothing."""
    if level is not ProtectionLevel.NONE:
        return case_number
    initials = "".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())
    digits = "".join(sign for sign in person_number if sign.isdigit())
    street = address.split(",")[0]
    words = []
    for word in street.split():
        if any(sign.isdigit() for sign in word):
            break  # the number, and whatever comes behind it: staircase, floor, door
        words.append(word)
    return " ".join(part for part in (initials, digits[:4] if len(digits) == 12 else "", " ".join(words)) if part) or case_number


def confirmation_for(viewer: Viewer, forms: Mapping[str, Mapping[str, str]], level: ProtectionLevel, case_number: str, visit: Visit | None = None) -> str:
    """The confirmation in the words this viewer may hear: of the dwelling of their own side, or of the day's visit; for an operator the case number alone."""
    if viewer is Viewer.OPERATOR:
        return case_number
    side = "receiving" if viewer is Viewer.RECEIVING_UNIT or (viewer is Viewer.TECHNICIAN and visit == "new") else "handing_over"
    form = forms.get(side, {})
    return confirmation(form.get("name", ""), form.get("person_number", ""), form.get("address", ""), level, case_number)


@dataclass(frozen=True, slots=True)
class Opening:
    """A four-eyes opening: who asked, and who opened."""

    opening_id: str
    asked_by: str
    asked_at: datetime
    opened_by: str | None = None
    opened_at: datetime | None = None


def may_ask(reason: str) -> Refusal | None:
    """Whether this is a reason."""
    if len(" ".join(reason.split())) < REASON_LEAST:
        return Refusal("reason_missing", Text(f"Skriv varför uppgifterna behövs (minst {REASON_LEAST} tecken).",
                                              f"Say why the data are needed (at least {REASON_LEAST} characters)."), "reason")
    return None


def may_open(opening: Opening, actor: str, now: datetime) -> Refusal | None:
    """Whether `actor` is the second person, in time."""
    if opening.opened_by is not None:
        return Refusal("opened_already", Text("Begäran är redan öppnad. Begär på nytt.", "The request has been opened already. Ask anew."), "")
    if actor.casefold() == opening.asked_by.casefold():
        return Refusal("same_person", Text("En annan person än den som begärde måste öppna.", "Another person than the one who asked must open."), "actor")
    if not opening.asked_at <= now <= opening.asked_at + OPENING_WAITS:
        return Refusal("opening_late", Text("Begäran är äldre än 15 minuter. Begär på nytt.", "The request is older than 15 minutes. Ask anew."), "")
    return None


def opening_in_force(opening: Opening, actor: str, now: datetime) -> bool:
    """Whether `actor`, one of the two, may see now."""
    return (opening.opened_at is not None and actor in (opening.asked_by, opening.opened_by)
            and opening.opened_at <= now <= opening.opened_at + OPENING_WAITS)
