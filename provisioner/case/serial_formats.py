"""How makers write their serial numbers, as named rules. A device profile names one; code asks the rule and never a vendor.

The number on the label and the number told over ONVIF are often not the same text. What may be forgiven is written here, each with where it was seen;
everything else is a difference. Hanwha, Sony, Panasonic and the rest: nothing was found that departs from `plain`, so nothing is assumed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Likeness(StrEnum):
    """How two serial numbers compare under a rule."""

    SAME = "same"
    PART = "part"            # one is the maker's short form of the other: the same unique part, not the same text
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class SerialFormat:
    """One rule. Patterns match the whole canonical number.

    `form` is what a number of this maker looks like, for a hint only. `full` is the long form, its group `unique` the part that the label prints.
    `is_mac`: the serial number is the MAC address of the first interface. `told_is_shared`: the number told over ONVIF is the same in many cameras of
    this make, so that a different one is silence, not a contradiction.
    """

    name: str
    because: str
    source: str
    form: str = ""
    full: str = ""
    is_mac: bool = False
    ouis: tuple[str, ...] = ()
    told_is_shared: bool = False


SERIAL_FORMATS: Mapping[str, SerialFormat] = {rule.name: rule for rule in (
    SerialFormat("plain", "Trimmed, upper case, without spaces and the signs `:` `-` `/` `(` `)`; nothing else is forgiven.", "routine D2"),
    SerialFormat("axis_mac", "The serial number is the MAC address, on the label with or without colons; so the interfaces must show it.",
                 "an AXIS P3818-PVE tells B8A44F......, captured 2026-01; prefixes: IEEE register of Axis Communications AB",
                 form=r"(?:00408C|ACCC8E|B8A44F|E82725)[0-9A-F]{6}", is_mac=True, ouis=("00408C", "ACCC8E", "B8A44F", "E82725")),
    SerialFormat("hikvision", "ONVIF tells model, date, region and nine characters (and feature letters); the label prints the nine. Nine alike are only probable.",
                 "evercam/evercam-server#10, maciej-or/hikvision_next#3 and #196; label: ipcamtalk.com/threads/12108",
                 form=r"[A-Z]?\d{8,9}|DS.{8,}", full=r"DS.{3,30}?20\d{2}[01]\d[0-3]\d[A-Z]{2,4}?(?P<unique>(?:[A-Z]\d{8}|\d{9}|[A-Z]{2}\d{7}))[A-Z]{0,4}"),
    SerialFormat("dahua", "Fifteen characters, the same on label and wire.",
                 "2J01018PAA00813 and the like in ONVIF answers quoted in public code; 9B022D0PAJ0BE05, 648540858/wvp-GB28181-pro#1037",
                 form=r"[0-9A-Z]{7}P[A-Z]{2}[0-9A-F]{5}"),
    SerialFormat("bosch", "Eighteen digits, the same on label and wire.",
                 "two cameras (7.70.0126 and 8.71.0066) in captures of EthanFlower1/onvif-go", form=r"\d{17,20}"),
    SerialFormat("reolink", "Over ONVIF the number is often nothing but zeros; the label has its own.", "ONVIF answers of RLC-810A and Duo as quoted in public code",
                 told_is_shared=True),
    SerialFormat("tapo", "C200 cameras all tell the same serial number over ONVIF; the label has its own.", "edgexfoundry/device-onvif-camera#2 and #7",
                 told_is_shared=True),
)}
"""All rules by name. `plain` is the rule of a camera of which nothing is known."""


def unique_part(number: str, rule: SerialFormat) -> str | None:
    """The part of a long canonical number that the label prints, or None where `number` is not of the long form."""
    found = re.fullmatch(rule.full, number) if rule.full else None
    return found["unique"] if found else None


def likeness(one: str, other: str, rule: SerialFormat) -> Likeness:
    """How two canonical numbers compare. `PART` only where one is of the long form and the other exactly its unique part: never by an ending alone."""
    if one == other:
        return Likeness.SAME
    parts = {unique_part(one, rule): other, unique_part(other, rule): one}
    return Likeness.PART if any(part is not None and part == whole for part, whole in parts.items()) else Likeness.DIFFERENT


def has_form(number: str, rule: SerialFormat) -> bool:
    """Whether a canonical number looks like one of this maker; True where the rule knows no form."""
    return not rule.form or re.fullmatch(rule.form, number) is not None
