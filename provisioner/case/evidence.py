"""What can be known of which camera this is: the kinds of evidence, what each is worth, and why.

Every kind is compared with the serial number that the case expects, with the dossier that the first touch at the depot pinned, or with both. What it is
worth when it agrees and when it differs are two things: a device may tell another maker's name only if it is another device, and yet the same name
proves next to nothing. `docs/identity.md` is printed from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.case.serial_formats import SERIAL_FORMATS, SerialFormat
from provisioner.case.weak_serials import usable_mac
from provisioner.fault import Text


class Kind(StrEnum):
    """Where a value comes from. How it was obtained is part of the kind, because that is what it is worth."""

    LABEL_SCANNED = "label_scanned"
    LABEL_TYPED = "label_typed"
    SERIAL_AFTER_LOGIN = "serial_after_login"
    SERIAL_ANONYMOUS = "serial_anonymous"
    DEVICE_CERTIFICATE = "device_certificate"                        # IEEE 802.1AR, chain verified to a configured CA: subject serialNumber
    DEVICE_CERTIFICATE_UNVERIFIED = "device_certificate_unverified"
    TLS_CERTIFICATE = "tls_certificate"                              # SHA-256 of the certificate of the handshake, hexadecimal
    ENDPOINT_REFERENCE = "endpoint_reference"
    MAC = "mac"                                                      # one item an interface
    SCOPE_SERIAL = "scope_serial"
    SCOPE_MAC = "scope_mac"
    HARDWARE_ID = "hardware_id"
    MANUFACTURER = "manufacturer"
    MODEL = "model"
    FIRMWARE = "firmware"


class Weight(StrEnum):
    """What an answer is worth, from nothing to a proof. Only `medium` and more move a verdict."""

    NONE = "none"
    HINT = "hint"
    MEDIUM = "medium"
    STRONG = "strong"
    PROOF = "proof"

    @property
    def counts(self) -> bool:
        """Whether it moves a verdict."""
        return self in (Weight.MEDIUM, Weight.STRONG, Weight.PROOF)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value as it was read, before any normalisation."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """What was seen of one camera at one time. The one that the first touch at the depot made is pinned; later ones are judged against it."""

    evidence: tuple[Evidence, ...]
    at: datetime

    def values(self, *kinds: Kind) -> tuple[str, ...]:
        """The values of these kinds, as read, in order."""
        return tuple(item.value for item in self.evidence if item.kind in kinds)


class Verdict(StrEnum):
    """From worst to best; `at_least` compares them."""

    IMPOSSIBLE = "impossible"
    CONFLICTING = "conflicting"
    UNKNOWN = "unknown"
    PROBABLE = "probable"
    CONFIRMED = "confirmed"

    def at_least(self, other: "Verdict") -> bool:
        """Whether this verdict is as good as `other` or better."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = tuple(Verdict)


class Agrees(StrEnum):
    """What one piece of evidence says. Unknown is never a no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """What the judgement may assume; serial rule and certificate by the device profile, the rest by the fleet.

    `shared` are serial numbers, MAC addresses, endpoint references and certificate fingerprints found on more than one of our own cameras;
    `known_serials` all other serial numbers of the fleet. The first can only take evidence away, the second only makes the help better.
    """

    serial_format: str = "plain"
    device_certificate_names_serial: bool = True
    shared: tuple[str, ...] = ()
    known_serials: tuple[str, ...] = ()
    asset_number_pattern: str = r"[A-Z]{2,5}-?\d{4,8}"

    @property
    def rule(self) -> SerialFormat:
        """The named serial rule. An unknown name is a bug of whoever loaded the profile, and raises."""
        return SERIAL_FORMATS[self.serial_format]


@dataclass(frozen=True, slots=True)
class Worth:
    """What one kind is worth, against the expected serial number and against the pinned dossier; `None`: not compared with it.

    `name` stands in the sentences: with the definite article in Swedish, after "the" in English.
    """

    name: Text
    expected_agrees: Weight | None
    expected_differs: Weight | None
    pinned_agrees: Weight | None
    pinned_differs: Weight | None
    because: Text
    source: str


_N, _H, _M, _S, _P = Weight

WORTH: Mapping[Kind, Worth] = {
    Kind.LABEL_SCANNED: Worth(
        Text("den skannade etiketten", "scanned label"), _S, _S, _M, _S,
        Text("Tillverkaren har satt den på just den här kameran, och skannern skriver inte fel. Men en etikett kan sitta på fel låda.",
             "The maker put it on this very camera, and a scanner does not mistype. But a label can be on the wrong box."), "routine D2, H3"),
    Kind.LABEL_TYPED: Worth(
        Text("det två gånger inskrivna etikettnumret", "label number typed twice"), _M, _M, _H, _M,
        Text("En hand kan skriva av fel, eller skriva av det nummer som står på skärmen.", "A hand can mistype, or copy the number that stands on the screen."),
        "routine D2, S1"),
    Kind.SERIAL_AFTER_LOGIN: Worth(
        Text("serienumret som kameran uppger efter inloggning", "serial number that the camera tells after login"), _S, _S, _M, _S,
        Text("Den läses ur kameran själv, över en inloggning som bara den ska ha. Men det är ett påstående: vissa märken uppger samma nummer i alla kameror.",
             "It is read from the camera itself, over a login that only it should have. But it is a claim: some makes tell one number in all cameras."),
        "ONVIF Core: GetDeviceInformation is READ_SYSTEM; edgexfoundry/device-onvif-camera#2, home-assistant/core#38864, home-assistant/frontend#17345"),
    Kind.SERIAL_ANONYMOUS: Worth(
        Text("serienumret som kameran uppger utan inloggning", "serial number that the camera tells without login"), _M, _M, _H, _M,
        Text("Vem som helst på nätet kan svara så, och en kamera som svarar utan inloggning är inte färdigt inställd.",
             "Anybody on the network can answer so, and a camera that answers without a login is not set up."), "ONVIF Core, access classes; agsh/onvif#184, #210"),
    Kind.DEVICE_CERTIFICATE: Worth(
        Text("det verifierade enhetscertifikatet", "verified device certificate"), _P, _P, _P, _P,
        Text("Nyckeln sitter i kamerans säkra krets och certifikatet är utfärdat av tillverkaren: det går inte att kopiera.",
             "The key sits in the camera's secure element and the maker issued the certificate: it cannot be copied."), "IEEE 802.1AR (IDevID); Axis Edge Vault"),
    Kind.DEVICE_CERTIFICATE_UNVERIFIED: Worth(
        Text("enhetscertifikatet utan verifierad utfärdare", "device certificate without a verified issuer"), _H, _M, _H, _M,
        Text("Vem som helst kan göra ett certifikat med vilket nummer som helst. Står där fel nummer är det ändå något att reda ut.",
             "Anybody can make a certificate with any number in it. If it names another number, that still has to be cleared up."), "IEEE 802.1AR"),
    Kind.TLS_CERTIFICATE: Worth(
        Text("TLS-certifikatet", "TLS certificate"), None, None, _M, _H,
        Text("Samma certifikat betyder samma nyckel, men tillverkare har levererat en nyckel i hela serier. Ett nytt är vad en fabriksåterställning ger.",
             "The same certificate means the same key, but makers have shipped one key in whole series. A new one is what a factory reset gives."),
        "ONVIF Core, TLS server; the private keys shared by series are known from published firmware studies"),
    Kind.ENDPOINT_REFERENCE: Worth(
        Text("kamerans nätverksidentitet (EPR)", "camera's endpoint reference (EPR)"), None, None, _M, _M,
        Text("Den ska vara stabil genom kamerans liv, men skickas utan inloggning och kan härmas. Den tolkas aldrig, bara jämförs.",
             "It should be stable for the camera's life, but it is sent without a login and can be imitated. It is never parsed, only compared."),
        "WS-Discovery 1.1 section 4; edgexfoundry/device-onvif-camera#7 and its macmapper_test.go; sometimes empty: onvifdiscovery.go"),
    Kind.MAC: Worth(
        Text("nätverkskortens MAC-adresser", "list of MAC addresses"), _M, _M, _M, _M,
        Text("De hör till maskinvaran, men kan ställas om, och den första kan tillhöra ett nätverkskort som inte finns. Därför räknas alla, och bara de som är unika.",
             "They belong to the hardware, but can be set, and the first may belong to an interface that is not there. So all count, and only the unique ones."),
        "home-assistant/core#162687, #59218, #35883, #69661"),
    Kind.SCOPE_SERIAL: Worth(
        Text("serienumret i kamerans annonsering", "serial number in the camera's announcement"), _H, _H, _H, _H,
        Text("Den skickas öppet till alla och kan ändras: en ledtråd, aldrig ett bevis.", "It is sent openly to everybody and can be set: a hint, never proof."),
        "routine D4; onvif/specs#360"),
    Kind.SCOPE_MAC: Worth(
        Text("MAC-adressen i kamerans annonsering", "MAC address in the camera's announcement"), _H, _H, _H, _H,
        Text("Den skickas öppet till alla och kan ändras: en ledtråd, aldrig ett bevis.", "It is sent openly to everybody and can be set: a hint, never proof."),
        "routine D4; onvif/specs#360"),
    Kind.HARDWARE_ID: Worth(
        Text("maskinvarunumret", "hardware id"), None, None, _H, _H,
        Text("Det är detsamma i en hel serie, och hos vissa märken följer det firmware.",
             "It is the same in a whole series, and with some makes it follows the firmware."),
        "home-assistant/core#77933 and #70056; #84551 (a version number)"),
    Kind.MANUFACTURER: Worth(
        Text("tillverkarens namn", "maker's name"), None, None, _H, _M,
        Text("Många kameror har samma tillverkare, men ingen kamera byter.", "Many cameras have one maker, but no camera changes its own."),
        "home-assistant/core#77779"),
    Kind.MODEL: Worth(
        Text("modellen", "model"), None, None, _H, _M,
        Text("Många kameror är av samma modell. En annan modell är en annan kamera, eller en firmware som skriver namnet på nytt sätt: det får depån se.",
             "Many cameras are of one model. Another model is another camera, or a firmware that writes its name anew: the depot has to look."),
        "home-assistant/frontend#17345"),
    Kind.FIRMWARE: Worth(
        Text("firmware", "firmware"), None, None, _N, _N,
        Text("Firmware ska bytas; den säger inget om vilken kamera det är.", "Firmware is meant to change; it says nothing about which camera this is."), "-"),
}
"""The whole table. A test sees to it that every kind has its row."""

LABELS = (Kind.LABEL_SCANNED, Kind.LABEL_TYPED)
READBACKS = (Kind.SERIAL_AFTER_LOGIN, Kind.DEVICE_CERTIFICATE)
TOLD = (Kind.SERIAL_AFTER_LOGIN, Kind.SERIAL_ANONYMOUS, Kind.SCOPE_SERIAL)
"""Numbers that the camera tells by itself: a placeholder here is silence, on a label it is a wrong label."""
SERIAL_KINDS = (*LABELS, *TOLD, Kind.DEVICE_CERTIFICATE, Kind.DEVICE_CERTIFICATE_UNVERIFIED)
PINNED_BODY = (Kind.TLS_CERTIFICATE, Kind.ENDPOINT_REFERENCE, Kind.MAC)
"""The three independent things by which the depot knows the body of a camera again. All three changed: another body."""


def macs_of(texts: tuple[str, ...], shared: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The usable MAC addresses of all interfaces, each once, as twelve digits (quirk 3: phantom, malformed, missing)."""
    return tuple(dict.fromkeys(mac for text in texts if (mac := usable_mac(text, shared)) is not None))
