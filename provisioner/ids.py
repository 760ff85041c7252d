"""Ids that need time and chance, and so cannot be made in the core."""

import secrets
from datetime import datetime

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: read over the phone


def uuid7(now: datetime) -> str:
    """A UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds since 1970, then chance."""
    unix_ms = int(now.timestamp() * 1000)
    bits = (unix_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def case_number(now: datetime) -> str:
    """A case number for people, such as `2026-K7QM4`: the year and five characters that survive a phone call; 33 million a year."""
    return f"{now.year}-" + "".join(secrets.choice(_ALPHABET) for _ in range(5))


def receipt_ref(now: datetime) -> str:
    """A receipt's reference, such as `kv-2026-K7QM4RTZ`: the year and eight characters that survive a phone call."""
    return f"kv-{now.year}-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def opening_id() -> str:
    """The reference of a four-eyes opening, such as `op-K7QM4RTZ`: eight characters that are read to the second person over the phone."""
    return "op-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))
