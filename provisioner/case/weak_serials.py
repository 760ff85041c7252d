"""Serial numbers and MAC addresses that many cameras share, and forms that no maker gives to one camera alone.

A weak number that agrees proves nothing; a weak number that a camera tells is taken as silence. Each entry says where it was seen, so that a list of
words does not become a belief.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from provisioner.fault import Text

LEAST_CHARACTERS = 6
"""Fewer characters than this cannot tell one camera of a fleet from another, and a typing slip in them easily hits another number. Ours; no source."""

SHARED_SERIALS: Mapping[str, str] = {
    "123456": "the happytime ONVIF server, edgexfoundry/device-onvif-camera#2",
    "0123456789": "Tuya cameras, home-assistant/frontend#17345",
    "12345679890": "EYEPLUS_DEV, home-assistant/core#63399",
    "SERIALNUMBER": "several makes answer the name of the field, home-assistant/core#38864",
    "GM8135_V2": "the name of the board, home-assistant/core#84551",
    "GM8135V2": "the same, without its underscore",
}
"""Numbers seen on more than one camera, in canonical form, with the thread. A fleet adds its own (`IdentityPolicy.shared_serials`)."""

SHARED_MACS: Mapping[str, str] = {
    "00301BBA02DB": "the Ethernet port that Imou Wi-Fi cameras do not have, home-assistant/core#162687",
    "00123456789A": "cameras of the make 'General', home-assistant/core#59218",
    "001122334455": "the example of many data sheets; cable modems, genieacs/genieacs#87",
}
"""MAC addresses seen on more than one device, twelve upper case hexadecimal digits, with the thread."""


@dataclass(frozen=True, slots=True)
class WeakForm:
    """A form of serial number that says nothing. `pattern` must match the whole canonical number."""

    name: str
    pattern: str
    because: Text
    source: str


WEAK_FORMS: tuple[WeakForm, ...] = (
    WeakForm("one_character", r"(.)\1*", Text("Ett enda tecken upprepat är ett tomt fält som fyllts ut.", "One character repeated is an empty field, filled up."),
             "serials of zeros in ONVIF answers of Reolink cameras as their users' programs quote them; genieacs/genieacs#87 (nines)"),
    WeakForm("counted_up", r"0?1234567?8?9?0?|0?12345|9876543210?|ABCDEF(?:GH)?", Text("En uppräkning är ett exempel, inget nummer.",
                                                                                       "A count is an example, not a number."),
             "edgexfoundry/device-onvif-camera#2, home-assistant/frontend#17345"),
    WeakForm("name_of_the_field", r"(?:DEVICE|CAMERA|IPC)?(?:SERIAL(?:NO|NUMBER|NUM)?|SN|ID|NUMBER)", Text("Fältets namn i stället för dess värde.",
                                                                                                           "The name of the field instead of its value."),
             "home-assistant/core#38864"),
    WeakForm("word_for_nothing", r"NONE|NULL|UNKNOWN|UNDEFINED|DEFAULT|NA|N/A|TEST|STRING|EMPTY|TODO|TBD|TOBEFILLEDBYOEM|NOTAVAILABLE|NOTSPECIFIED",
             Text("Ett ord för att inget nummer finns.", "A word for there being no number."), "the same kind as home-assistant/core#38864; the words are ours"),
)


def why_weak(canonical: str, shared: Collection[str] = ()) -> Text | None:
    """Why a serial number (canonical: upper case, no separators) proves nothing, or None where it may. `shared` are the fleet's own findings."""
    if len(canonical) < LEAST_CHARACTERS:
        return Text("Numret är för kort för att skilja en kamera från en annan.", "The number is too short to tell one camera from another.")
    if canonical in SHARED_SERIALS or canonical in shared:
        return Text("Samma nummer finns i flera kameror.", "The same number stands in several cameras.")
    return next((form.because for form in WEAK_FORMS if re.fullmatch(form.pattern, canonical)), None)


_MAC = re.compile(r"[0-9A-F]{12}|[0-9A-F]{2}(?:([:. -])[0-9A-F]{2})(?:\1[0-9A-F]{2}){4}|[0-9A-F]{4}(?:\.[0-9A-F]{4}){2}")


def mac_digits(text: str) -> str | None:
    """The twelve digits of a MAC address in one of its written forms, or None. `5792c4:5792c5:..` (home-assistant/core#59218) is none."""
    upper = text.strip().upper()
    return re.sub(r"[^0-9A-F]", "", upper) if _MAC.fullmatch(upper) else None


def usable_mac(text: str, shared: Collection[str] = ()) -> str | None:
    """The twelve digits of a MAC address that can belong to one device only, or None.

    Dropped are malformed ones, all zeros, multicast and broadcast (lowest bit of the first octet) and locally administered ones (the bit above it;
    IEEE 802, clause 8: anybody may give them), and those known to be shared.
    """
    digits = mac_digits(text)
    if digits is None or digits == "0" * 12 or int(digits[:2], 16) & 0b11 or digits in SHARED_MACS or digits in shared:
        return None
    return digits
