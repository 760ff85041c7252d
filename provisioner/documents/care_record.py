"""Texts to paste into the care record, Treserva (R13, R23, R24), one per unit, and the words in which their duties are confirmed. Swedish. Pure.

The handing-over unit's says nothing of where to or to whom (R43, D20). The serial number stands in neither: it is documented in a secure way, apart (R24).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from provisioner.documents.swedish_time import spoken
from provisioner.fault import Text

Row = Literal["R13", "R23", "R24"]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """After the form reply to the handing-over unit, `told_at` (UTC). `moves` and `changes_provider`: which of the three situations it is (R4)."""

    case_number: str
    moves: bool
    changes_provider: bool
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """After phone call and form reply to the receiving unit, both done at `told_at`; supervision began at `began_at` (UTC)."""

    case_number: str
    moved: bool
    began_at: datetime
    told_at: datetime


def handing_over_record(it: HandedOver) -> str:
    """R13."""
    change = {(True, False): "flyttar", (False, True): "byter utförare", (True, True): "flyttar och byter utförare"}[(it.moves, it.changes_provider)]
    return (f"Digital tillsyn med trygghetskamera. Brukaren {change}. Valfärdsteamet har meddelat att ärendet är hanterat, {spoken(it.told_at)}"
            f" (ärende {it.case_number}). Utkvitterade nycklar och taggar återlämnas.")


def receiving_record(it: Received) -> str:
    """R23, R24."""
    placed = "Kameran är installerad i bostaden" if it.moved else "Kameran sitter kvar i bostaden"
    return (f"Digital tillsyn med trygghetskamera. {placed}. Tillsyn via larmcentral har påbörjats {spoken(it.began_at)}. Återkoppling från"
            f" Valfärdsteamet per telefon och i supportformuläret, {spoken(it.told_at)} (ärende {it.case_number})."
            " Kamerans serienummer är dokumenterat på säkert sätt och står inte här.")


CONFIRMATIONS: Mapping[Row, Text] = {
    "R13": Text("Överlämnande verksamhet har dokumenterat förändringen på brukaren i Treserva",
                "The handing-over unit has documented the service user's change in Treserva"),
    "R23": Text("Mottagande verksamhet har dokumenterat förändringen på brukaren i Treserva",
                "The receiving unit has documented the service user's change in Treserva"),
    "R24": Text("Mottagande verksamhet har dokumenterat kamerans serienummer på säkert sätt",
                "The receiving unit has documented the camera's serial number in a secure way"),
}


def confirmation(row: Row, case_number: str, at: datetime, waived: str = "") -> Text:
    """The receipt of a confirmed duty: what, in which case, when; who stands in the case's journal. `waived`: the reason where it was let go."""
    if waived:
        return Text(f"Ärende {case_number}: efterskänkt {spoken(at)}, med skälet '{waived}': {CONFIRMATIONS[row].sv} ({row}).",
                    f"Case {case_number}: waived {spoken(at)}, for the reason '{waived}': {CONFIRMATIONS[row].en} ({row}).")
    return Text(f"Ärende {case_number}: {CONFIRMATIONS[row].sv}. Bekräftat {spoken(at)} ({row}).",
                f"Case {case_number}: {CONFIRMATIONS[row].en}. Confirmed {spoken(at)} ({row}).")
