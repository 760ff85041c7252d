"""Receipts: what was signed cannot be changed, and says nothing of a home."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.documents.receipt import Receipt, ReceiptLine, public_key, signed, verified
from provisioner.fault import PlainError

SEED, OTHER = bytes(range(32)), bytes(32)
RECEIPT = Receipt("kv-2026-K7QM4RTZ", "ACCC8EF8431B", ("b-000001",), "partly", "in_place",
                  (ReceiptLine("masks", True, 2), ReceiptLine("osd", None, None), ReceiptLine("recordings", False, 1)), "2026-11-23T06:00:00Z", "provisioner 0.1.0")


def test_signed_receipt_is_read_back_as_it_was() -> None:
    text = signed(RECEIPT, SEED)
    assert verified(text, public_key(SEED)) == RECEIPT
    assert text == signed(RECEIPT, SEED), "Ed25519 needs no chance"
    assert json.loads(text)["public_key"] == public_key(SEED)
    assert list(json.loads(text)["receipt"]) == sorted(json.loads(text)["receipt"])


def test_pretty_printed_again_it_is_still_genuine() -> None:
    assert verified(json.dumps(json.loads(signed(RECEIPT, SEED)), indent=4), public_key(SEED)) == RECEIPT


def test_the_key_in_the_text_itself_proves_nothing() -> None:
    with pytest.raises(PlainError, match="receipt_forged"):
        verified(signed(RECEIPT, OTHER), public_key(SEED))


@pytest.mark.parametrize(("field", "value"), [("state", "verified"), ("serial", "ACCC8EF8431C"), ("binding_ids", []), ("at", "2025-11-23T06:00:00Z"), ("form", "x")])
def test_one_changed_field_is_found(field: str, value: object) -> None:
    raw = json.loads(signed(RECEIPT, SEED))
    raw["receipt"][field] = value
    with pytest.raises(PlainError, match="receipt_forged"):
        verified(json.dumps(raw), public_key(SEED))


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_no_changed_byte_of_the_signature_passes(at: int, flip: int) -> None:
    raw = json.loads(signed(RECEIPT, SEED))
    signature = bytearray(base64.b64decode(raw["signature"]))
    signature[at % len(signature)] ^= flip
    raw["signature"] = base64.b64encode(signature).decode()
    with pytest.raises(PlainError, match="receipt_forged"):
        verified(json.dumps(raw), public_key(SEED))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"receipt": {}, "signature": ""}', '{"receipt": [], "signature": "AAAA"}', "[" * 5000])
def test_what_is_no_receipt_is_said(text: str) -> None:
    with pytest.raises(PlainError, match="no_receipt"):
        verified(text, public_key(SEED))
    with pytest.raises(PlainError, match="no_receipt"):
        verified(signed(RECEIPT, SEED), "not a key")
