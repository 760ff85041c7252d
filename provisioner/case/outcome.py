"""What one input brought: the new case, the effects it owes, and the decision in words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.case.effects import Effect
from provisioner.case.model import Case, Token
from provisioner.fault import Text


class Verdict(StrEnum):
    """What became of an input."""

    MOVED = "moved"        # the case entered another state
    NOTED = "noted"        # taken, same state
    REFUSED = "refused"    # a person's input that may not be: nothing changed
    DROPPED = "dropped"    # a late, repeated or irrelevant input: nothing changed


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a person's input was not taken, and the way out. `field` names the field at fault where there is one."""

    code: str
    text: Text
    field: str = ""


def refuse(code: str, sv: str, en: str, field: str = "") -> Refusal:
    """A refusal with its sentence in both languages."""
    return Refusal(code, Text(sv, en), field)


@dataclass(frozen=True, slots=True)
class Ask:
    """An effect that is now owed. `token` is None where no answer is waited for."""

    effect: Effect
    token: Token | None
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The new case (the old one where refused or dropped), the effects to perform after the commit, and why."""

    case: Case
    verdict: Verdict
    asks: tuple[Ask, ...] = ()
    why: tuple[str, ...] = ()
    refusal: Refusal | None = None
