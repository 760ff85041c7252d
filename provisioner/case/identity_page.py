"""The page `docs/identity.md`, written from the tables and from the judgement itself: what it says of a situation is what the program decides of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from provisioner.case.dossier import judge
from provisioner.case.evidence import WORTH, Dossier, Evidence, IdentityPolicy, Kind, Verdict, Weight
from provisioner.case.serial_formats import SERIAL_FORMATS
from provisioner.case.weak_serials import LEAST_CHARACTERS, SHARED_MACS, SHARED_SERIALS, WEAK_FORMS

_MEANS = {
    Verdict.CONFIRMED: ("Two independent readings of the whole expected number (label, and what the camera proves or tells after login), nothing against. "
                        "Where the number is weak, two of certificate, endpoint reference and MAC addresses as pinned besides; where any of them was pinned, one of "
                        "them recognised.", "goes on, and keeps the dossier"),
    Verdict.PROBABLE: ("Something that counts speaks for it, nothing against it.", "says what is missing, and reads again after the next scan"),
    Verdict.UNKNOWN: ("Nothing that counts was learnt. No fifth result, but the absence of one.", "says what is missing"),
    Verdict.CONFLICTING: ("Evidence speaks both ways, or against it without being certain.", "puts the camera aside (quarantine) until a person has looked"),
    Verdict.IMPOSSIBLE: ("Certainly another camera: a verified device certificate names another; or certificate, endpoint reference and all "
                         "MAC addresses differ from the pinned ones; or a strong reading shows another number and nothing that counts speaks for the expected one.",
                         "refuses, and says what to look for"),
}
_RIGHT, _OTHER, _WEAK = "ACCC8E0AB12C", "B8A44F112233", "0123456789"
_K = Kind
_Pairs = tuple[tuple[Kind, str], ...]
_READ: _Pairs = ((_K.LABEL_SCANNED, _RIGHT), (_K.SERIAL_AFTER_LOGIN, _RIGHT))
_BODY: _Pairs = ((_K.TLS_CERTIFICATE, "a1" * 32), (_K.ENDPOINT_REFERENCE, "urn:uuid:1"), (_K.MAC, "AC:CC:8E:0A:B1:2C"))
_STRANGER: _Pairs = ((_K.TLS_CERTIFICATE, "b2" * 32), (_K.ENDPOINT_REFERENCE, "urn:uuid:2"), (_K.MAC, "B8:A4:4F:11:22:33"))
_WEAK_READ: _Pairs = ((_K.LABEL_SCANNED, _WEAK), (_K.SERIAL_AFTER_LOGIN, _WEAK))
_LONG, _SHORT = "DS-2DF7286-A20140705CCWR471699220B", "471699220"
_HIK: _Pairs = ((_K.LABEL_SCANNED, _SHORT), (_K.SERIAL_AFTER_LOGIN, _LONG))

_SITUATIONS: tuple[tuple[str, str, _Pairs, _Pairs, str], ...] = (
    ("nothing read yet", _RIGHT, (), (), "plain"),
    ("only the announcement shows the number (D4)", _RIGHT, ((_K.SCOPE_SERIAL, _RIGHT),), (), "plain"),
    ("label scanned, camera not asked", _RIGHT, _READ[:1], (), "plain"),
    ("label scanned, the camera tells the number without a login", _RIGHT, (_READ[0], (_K.SERIAL_ANONYMOUS, _RIGHT)), (), "plain"),
    ("label and read-back after login", _RIGHT, _READ, (), "plain"),
    ("label and verified device certificate", _RIGHT, (_READ[0], (_K.DEVICE_CERTIFICATE, _RIGHT)), (), "plain"),
    ("label, read-back, and everything as pinned", _RIGHT, (*_READ, *_BODY), (*_READ, *_BODY), "plain"),
    ("the same after a firmware upgrade", _RIGHT, (*_READ, (_K.FIRMWARE, "2"), *_BODY), (*_READ, (_K.FIRMWARE, "1"), *_BODY), "plain"),
    ("the same after a factory reset (new certificate)", _RIGHT, (*_READ, _STRANGER[0], *_BODY[1:]), (*_READ, *_BODY), "plain"),
    ("a clone that hides its body: number right, nothing read of what the depot knew it by", _RIGHT, _READ, (*_READ, *_BODY), "plain"),
    ("label and read-back right, all MAC addresses new", _RIGHT, (*_READ, *_BODY[:2], _STRANGER[2]), (*_READ, *_BODY), "plain"),
    ("a clone: number right, certificate, endpoint reference and MAC addresses new", _RIGHT, (*_READ, *_STRANGER), (*_READ, *_BODY), "plain"),
    ("label right, the camera tells another number", _RIGHT, (_READ[0], (_K.SERIAL_AFTER_LOGIN, _OTHER)), (), "plain"),
    ("label and camera show another number", _RIGHT, ((_K.LABEL_SCANNED, _OTHER), (_K.SERIAL_AFTER_LOGIN, _OTHER)), (), "plain"),
    ("one character off on the label", _RIGHT, ((_K.LABEL_SCANNED, _RIGHT[:-1] + "D"), _READ[1]), (), "plain"),
    ("a verified device certificate of another camera, all else right", _RIGHT, (*_READ, (_K.DEVICE_CERTIFICATE, _OTHER), *_BODY), (*_READ, *_BODY), "plain"),
    ("a weak number on label and wire", _WEAK, _WEAK_READ, (), "plain"),
    ("the same, certificate, endpoint reference and MAC addresses as pinned", _WEAK, (*_WEAK_READ, *_BODY), _BODY, "plain"),
    ("label right, the camera tells a placeholder", _RIGHT, (_READ[0], (_K.SERIAL_AFTER_LOGIN, _WEAK)), (), "plain"),
    ("the same, certificate, endpoint reference and MAC addresses as pinned", _RIGHT, (_READ[0], (_K.SERIAL_AFTER_LOGIN, _WEAK), *_BODY), _BODY, "plain"),
    ("Hikvision: label with the short form, camera with the long one", _SHORT, _HIK, (), "hikvision"),
    ("the same, both as the depot read them", _SHORT, _HIK, _HIK, "hikvision"),
)


def _weight(weight: Weight | None) -> str:
    return "-" if weight is None else weight.value


def _evidence() -> Iterator[str]:
    yield "| evidence | agrees with the case | differs | agrees with the depot | differs | why | source |"
    yield "|---|---|---|---|---|---|---|"
    for worth in WORTH.values():
        weights = (worth.expected_agrees, worth.expected_differs, worth.pinned_agrees, worth.pinned_differs)
        yield f"| {worth.name.en} | {' | '.join(map(_weight, weights))} | {worth.because.en} | {worth.source} |"


def _verdicts() -> Iterator[str]:
    yield "| verdict | means | the daemon |"
    yield "|---|---|---|"
    for verdict in reversed(Verdict):
        yield f"| `{verdict}` | {_MEANS[verdict][0]} | {_MEANS[verdict][1]} |"


def _situations() -> Iterator[str]:
    yield "| situation | verdict | the technician reads |"
    yield "|---|---|---|"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for name, expected, seen, pinned, rule in _SITUATIONS:
        then = Dossier(tuple(Evidence(*pair) for pair in pinned), at) if pinned else None
        found = judge(expected, then, Dossier(tuple(Evidence(*pair) for pair in seen), at), IdentityPolicy(serial_format=rule))
        yield f"| {name} | `{found.verdict}` | {found.help.en} |"


def _formats() -> Iterator[str]:
    yield "| rule | what it forgives or knows | seen |"
    yield "|---|---|---|"
    for rule in SERIAL_FORMATS.values():
        yield f"| `{rule.name}` | {rule.because} | {rule.source} |"


def _weak() -> Iterator[str]:
    yield "| weak | why or where seen |"
    yield "|---|---|"
    yield f"| fewer than {LEAST_CHARACTERS} characters | too short to tell one camera from another |"
    for form in WEAK_FORMS:
        yield f"| {form.name.replace('_', ' ')} | {form.because.en} {form.source} |"
    for number, seen in SHARED_SERIALS.items():
        yield f"| `{number}` | {seen} |"
    for mac, seen in SHARED_MACS.items():
        yield f"| MAC `{mac}` | {seen} |"


_INTRO = """# Which camera is this?

A serial number is not an identity: some makes tell one number in all their cameras, clones copy it, hands mistype it. So the expected number is compared
with everything that can be read, and everything that can be read with what the first touch at the depot pinned. Each piece is weighed and explained to
the technician in a sentence. This page is written by `provisioner/case/identity_page.py` from the program's own tables, and a test holds it; the
situations below are judged while it is written.

Absence is unknown, never a no. An unknown changes nothing, the order does not matter, more that agrees never lowers a verdict, more that strongly
contradicts never raises it, and a number one character off is never confirmed nor probable: properties in `tests/case/test_dossier_properties.py`.
"""


def page() -> str:
    """The whole page."""
    parts = (("Verdicts", _verdicts()), ("Situations", _situations()),
             ("Evidence and its weight", _evidence()), ("How makers write serial numbers", _formats()), ("Numbers that prove nothing", _weak()))
    notes = {"Evidence and its weight": "Only `medium` and more move a verdict. MAC addresses are compared with the case only where the "
                                        "maker's serial number is one (`axis_mac`). "
                                        "Malformed, multicast, locally administered, empty and shared ones are dropped first.\n\n"}
    return _INTRO + "".join(f"\n## {title}\n\n{notes.get(title, '')}" + "\n".join(rows) + "\n" for title, rows in parts)
