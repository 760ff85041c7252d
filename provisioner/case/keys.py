"""Keys and tags, one by one: which there are, what may become of each, and what was said of them. Values only; `keys_said.py` takes them in.

Of each dwelling there are two (R5, R14): the key to the dwelling, and the key or tag to the street door. The handing-over unit gives back those of the
home that it leaves, the receiving unit signs out those of the home that it gets; at a pure provider change that is one dwelling, and still two hand-overs (R53).
Nobody writes a door code here: it opens the home for whoever reads it (U31).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class KeySide(StrEnum):
    """Whose keys."""

    HANDING_OVER = "handing_over"
    RECEIVING = "receiving"


class KeyKind(StrEnum):
    """What opens."""

    DWELLING = "dwelling"
    STREET_DOOR = "street_door"   # key or tag


class KeyStatus(StrEnum):
    """What became of one. UNKNOWN is never said: it is what nobody has said anything of."""

    UNKNOWN = "unknown"
    RETURNED = "returned"
    SIGNED_OUT = "signed_out"
    NOT_REQUIRED = "not_required"
    WAIVED = "waived"             # the team lead answers for it
    MISSING = "missing"           # should be there, and is being looked for
    LOST = "lost"                 # will not come: the lock is seen to


SETTLED = frozenset({KeyStatus.RETURNED, KeyStatus.SIGNED_OUT, KeyStatus.NOT_REQUIRED, KeyStatus.WAIVED})
GONE = frozenset({KeyStatus.MISSING, KeyStatus.LOST})
SAYABLE: Mapping[KeySide, frozenset[KeyStatus]] = {
    KeySide.HANDING_OVER: frozenset({KeyStatus.RETURNED, KeyStatus.NOT_REQUIRED, KeyStatus.WAIVED, *GONE}),
    KeySide.RECEIVING: frozenset({KeyStatus.SIGNED_OUT, KeyStatus.NOT_REQUIRED, KeyStatus.WAIVED, *GONE}),
}


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What somebody said of one key. `holder`: who has it now, as an opaque reference or in a word ("the user", "the office": U32)."""

    side: KeySide
    key: KeyKind
    status: KeyStatus
    by: str
    at: datetime
    holder: str = ""
    note: str = ""
