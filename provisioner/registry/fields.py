"""The kinds of value that may stand in a message. Each has one written form; whatever is not of that form is refused, in both directions.

Patterns are written so that pydantic (Rust), ECMA 262 and Python read them alike: no `\\d`, no look-around.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

INSTANT_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"
OPAQUE_PATTERN = r"^[a-z0-9][a-z0-9-]{5,63}$"
MSG_ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
SERIAL_PATTERN = r"^[A-Z0-9]{5,40}$"     # as case/identifiers.py normalises it: both sides compare letter by letter

_INSTANT = re.compile(INSTANT_PATTERN)


def instant_text(at: datetime) -> str:
    """RFC 3339 in UTC with `Z` and milliseconds, rounded down."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _instant(value: object) -> datetime:
    """The instant, whole milliseconds. A datetime of ours must be aware; a text must have the one agreed form."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        at = value.astimezone(UTC)
        return at.replace(microsecond=at.microsecond // 1000 * 1000)
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("an instant has the form 2026-11-23T02:15:00.000Z")
    return datetime.fromisoformat(value)


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
"""UTC, milliseconds."""

OpaqueId = Annotated[str, Field(pattern=OPAQUE_PATTERN)]
"""A reference that means nothing to a stranger."""

MsgId = Annotated[str, Field(pattern=MSG_ID_PATTERN)]
"""UUIDv7 in lower case: the idempotency key."""

Serial = Annotated[str, Field(pattern=SERIAL_PATTERN)]
"""The maker's serial number, normalised (upper case, no spaces, colons, hyphens)."""

Last4 = Annotated[str, Field(pattern=r"^[A-Z0-9]{4}$")]
"""The last four characters of a serial number."""

Revision = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""Grows by exactly 1 with each change of a binding. The upper end is where JSON numbers stop being exact (RFC 8259 section 6)."""

Cursor = Annotated[str, Field(min_length=1, max_length=64)]
"""Where the next page of a list begins; means something to the alarm centre only."""

HowMany = Annotated[int, Field(ge=0, le=1_000_000)]
"""A count of homes."""

CodeSeen = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]
"""What the operator read in the picture during a test look (D9)."""

TechnicalCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
"""Why a look failed technically; the contract lists no values, so only the shape is held."""

BindingState = Literal["ACTIVE", "SUSPENDED", "TEST", "RETIRED"]


class Closed(BaseModel):
    """An object that has exactly the keys it declares, of exactly their types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, serialize_by_alias=True)
