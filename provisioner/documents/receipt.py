"""The receipt of a retired camera (R26): what was seen to be gone, signed, so that anybody with the public key can check it years later. Pure.

It holds no address, no name and no text of the home: a serial number, opaque binding ids, counts and words of ours. Signed with Ed25519 (RFC 8032) over
the receipt's canonical JSON (RFC 8785: sorted keys, no blanks, UTF-8; here only texts, whole numbers, booleans and null occur).
"""

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provisioner.fault import PlainError, Text

FORM = "provisioner-receipt-1"
STATES = {
    "verified": Text("verifierad: allt borta vid återläsning", "verified: all of it gone on read-back"),
    "partly": Text("delvis verifierad: se raderna", "partly verified: see the lines"),
    "not_verified": Text("inte verifierad: rensa i depån", "not verified: wipe at depot"),
}
_WRONG = Text("Kvittot är inte äkta: innehållet eller underskriften har ändrats, eller så hör det till en annan nyckel.",
              "The receipt is not genuine: its content or its signature was changed, or it belongs to another key.")
_NO_RECEIPT = Text("Filen är inget kvitto.", "The file is no receipt.")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One thing that the camera must have lost. `cleared` None: could not be asked. `count`: how many there were, or are left."""

    what: str
    cleared: bool | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that is signed. `at` is in UTC, as ISO 8601 with Z and whole seconds."""

    ref: str
    serial: str
    binding_ids: tuple[str, ...]
    state: Literal["verified", "partly", "not_verified"]
    way: Literal["in_place", "factory_default", "none"]
    lines: tuple[ReceiptLine, ...]
    at: str
    software: str


def public_key(seed: bytes) -> str:
    """The public half of the key with this 32-byte seed, in hexadecimal: what others check receipts with."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()


def signed(receipt: Receipt, seed: bytes) -> str:
    """The receipt with its signature, as JSON text."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    body = {"form": FORM, **asdict(receipt)}
    signature = base64.b64encode(key.sign(_canonical(body))).decode()
    return _canonical({"receipt": body, "public_key": public_key(seed), "signature": signature}).decode()


def verified(text: str, known_key: str) -> Receipt:
    """The receipt in `text`, if it was signed with the key whose public half is `known_key` (hexadecimal) and not changed since.

    The key that stands in the text itself proves nothing and is not used. Raises `PlainError`: `no_receipt`, `receipt_forged`.
    """
    try:
        raw = json.loads(text)
        body, signature = raw["receipt"], base64.b64decode(raw["signature"], validate=True)
        lines = tuple(ReceiptLine(str(line["what"]), line["cleared"], line["count"]) for line in body["lines"])
        receipt = Receipt(body["ref"], body["serial"], tuple(body["binding_ids"]), body["state"], body["way"], lines, body["at"], body["software"])
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(known_key))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise PlainError("no_receipt", _NO_RECEIPT) from None
    try:
        key.verify(signature, _canonical(body))
    except InvalidSignature:
        raise PlainError("receipt_forged", _WRONG, exit_code=3) from None
    if body.get("form") != FORM or receipt.state not in STATES:
        raise PlainError("no_receipt", _NO_RECEIPT)
    return receipt


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
