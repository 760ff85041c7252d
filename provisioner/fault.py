"""What can go wrong outside us, as values: the short list of fault kinds, and sentences in two languages.

A fault of a device or of the network is a value with evidence and a hint for the person at the door. A bug of ours is an exception and stops
the daemon loudly. The two never mix: an adapter turns foreign exceptions into a `Fault` at the door, in one table.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence for people, in Swedish and in English."""

    sv: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in `language` (`sv` or `en`); anything else gets English."""
        return self.sv if language == "sv" else self.en


class FaultKind(StrEnum):
    """Why an effect did not succeed. The plan's patience is chosen by it."""

    UNREACHABLE = "unreachable"  # nothing answers there: no route, refused connection, broker away
    TIMED_OUT = "timed_out"      # something is there, but no answer came within the deadline
    REFUSED = "refused"          # it answered no: password, authorisation, lock-out, the registry's rejection
    UNSUPPORTED = "unsupported"  # it cannot do this at all
    GARBLED = "garbled"          # it answered something that is not what the standard says
    BUSY = "busy"                # it can, but not now: sessions used up, a look in progress


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed effect: what we tried, what we saw, what the person can do.

    `what` names the operation (`GetDeviceInformation`), `evidence` is the shortest piece of the answer that proves it, without secrets, addresses
    of cameras or personal data; `hint` is one next action. `wait_s` is set where the other side said how long (lock-out, 453).
    """

    kind: FaultKind
    what: str
    evidence: str
    hint: Text
    wait_s: float | None = None


class PlainError(Exception):
    """Bad input or a missing precondition of ours, with a sentence and an exit code; never a bug, never a device.

    Raised at the place where the input entered; `cli.py` prints it, the HTTP face turns it into a problem document.
    """

    def __init__(self, code: str, text: Text, *, exit_code: int = 2, http_status: int = 400, field: str = "") -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text
        self.exit_code = exit_code
        self.http_status = http_status
        self.field = field  # the field at fault, where it is one; the sentence names it too
