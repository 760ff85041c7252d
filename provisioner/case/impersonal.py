"""Text on a camera that says nothing about a person: what may stand in its scopes and in its picture (D15, H12).

An allow-list, not a list of names: whatever is not known to be technical is personal. "Anna, Storgatan" is not recognised, it is simply not on the
list; and so is a house number, a birthday, a nickname. What a device profile has seen as a maker's own text it may add, word for word.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from provisioner.case.marker import marker_in
from provisioner.case.weak_serials import mac_digits

_ONVIF = re.compile(r"onvif://www\.onvif\.org/([^/]+)(?:/(.*))?", re.IGNORECASE | re.DOTALL)
_TYPES = frozenset({"networkvideotransmitter", "videoencoder", "audioencoder", "videoanalytics", "ptz", "networkvideodisplay", "networkvideostorage",
                    "networkvideoanalytics", "device", "ipcamera", "camera"})
_PROFILES = frozenset({"streaming", "s", "t", "g", "c", "a", "d", "m", "q", "operational", "factorydefault", "qoperational", "qfactorydefault"})
_MAC_SCOPES = frozenset({"mac", "macaddress"})
_ODD_MAC = re.compile(r"[0-9a-f]{1,6}(?:[:-][0-9a-f]{1,6}){5}", re.IGNORECASE)   # 5792c4:5792c5:...: home-assistant/core#59218; six groups are no number of a person
_SERIAL_SCOPES = frozenset({"serial", "serialnumber"})
_DEVICE_SCOPES = frozenset({"hardware", "name", "manufacturer", "model", "firmware", "version"})
_EMPTY_PLACES = frozenset({"", "unknown", "any", "none"})
_CLOCK = re.compile(r"(?:\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/.]\d{2}[-/.]\d{4})[ T]\d{2}:\d{2}(?::\d{2})?(?: ?[AP]M)?", re.IGNORECASE)
_DEFAULT_OSD = frozenset({"", "camera", "ipcamera", "ipcam", "ipc", "channel"})


@dataclass(frozen=True, slots=True)
class Technical:
    """What is known of this camera and may therefore stand on it: `words` (maker, model, hardware id, serial), `exactly` texts by its profile, and the
    binding ids whose mark it may carry. Any other mark is text like any other: it would be a way to write a name."""

    words: tuple[str, ...] = ()
    exactly: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def personal_scopes(scopes: tuple[str, ...], known: Technical) -> tuple[str, ...]:
    """Those of a camera's scopes that are not known to be technical."""
    return tuple(scope for scope in scopes if not _is_technical_scope(scope.strip(), known))


def personal_osd(texts: tuple[str, ...], known: Technical) -> tuple[str, ...]:
    """Those of the texts in a camera's picture that are not known to be technical. Give plain texts only; a clock of the camera's own is none."""
    return tuple(text for text in texts if not _is_technical_osd(text.strip(), known))


def _is_technical_scope(scope: str, known: Technical) -> bool:
    if scope in known.exactly or any(mark in known.marks for mark in marker_in((scope,))):
        return True
    match = _ONVIF.fullmatch(scope)
    if match is None:
        return False
    category, value = match[1].lower(), unquote(match[2] or "")
    bare = _bare(value)
    if category == "type":
        return bare in _TYPES
    if category == "profile":
        return bare in _PROFILES
    if category in _MAC_SCOPES:
        return mac_digits(value) is not None or _ODD_MAC.fullmatch(value) is not None
    if category in _SERIAL_SCOPES:
        return bool(bare) and bare in {_bare(word) for word in known.words}
    if category in _DEVICE_SCOPES:
        return not bare or _is_made_of(value, known)
    return category == "location" and bare in _EMPTY_PLACES


def _is_technical_osd(text: str, known: Technical) -> bool:
    if text in known.exactly or _CLOCK.fullmatch(text):
        return True
    bare = _bare(text)
    return re.sub(r"0?[1-9]$", "", bare) in _DEFAULT_OSD or _is_made_of(text, known)


def _is_made_of(text: str, known: Technical) -> bool:
    """Whether the text is one of the camera's own words, two of them side by side, or made of parts of them and of nothing else ('HIKVISION' of
    'Hangzhou Hikvision Digital Technology Co.,Ltd.')."""
    words = [word for word in map(_bare, known.words) if word]
    parts = {part for word in known.words for part in _parts(word)} | set(words)
    return _bare(text) in words or _bare(text) in {one + other for one in words for other in words} or set(_parts(text)) <= parts


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\W_]+", text.casefold()) if part]


def _bare(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
