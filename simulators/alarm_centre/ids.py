"""UUIDv7 (RFC 9562 section 5.7) for the centre's own messages: by chance for real use, counted for a simulation that must repeat itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from itertools import count


def _uuid7(at: datetime, rand_a: int, rand_b: int) -> str:
    unix_ms = int(at.timestamp() * 1000)
    bits = (unix_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (rand_a & 0xFFF) << 64 | 0b10 << 62 | (rand_b & (1 << 62) - 1)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_id(now: datetime) -> str:
    return _uuid7(now, secrets.randbits(12), secrets.randbits(62))


def counted_ids() -> Callable[[datetime], str]:
    """Ids that depend on the instant and on how many were made before: the same run gives the same ids."""
    number = count(1)
    return lambda now: _uuid7(now, 0, next(number))
