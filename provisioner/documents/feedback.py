"""The feedback of R39-R43, in Swedish, as the form reply and the script for the phone call. Pure.

What must not be in it is as important as what must: the handing-over unit never sees the new address or the new provider (R43, D20), and the serial
number stands in the receiving unit's texts only (R24, R42).
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_SWEDEN = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Begun:
    """What the texts are made from. `serial` is the verified one, never the typed one (R42); `began_at` is the moment the alarm centre confirmed (UTC)."""

    case_number: str
    moved: bool
    serial: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """Three texts: what to say on the phone and write in the form to the receiving unit, and the form reply to the handing-over unit."""

    receiving_phone: str
    receiving_form: str
    handing_over_form: str


def feedback(begun: Begun) -> Feedback:
    """The texts. There is no way to ask for them before supervision has begun: nobody has a `Begun` then (R41)."""
    when = begun.began_at.astimezone(_SWEDEN).strftime("%Y-%m-%d kl. %H.%M")
    placed = "Trygghetskameran är installerad" if begun.moved else "Trygghetskameran sitter kvar på sin plats"
    core = f"{placed}. Tillsyn via larmcentral har påbörjats {when}. Kamerans serienummer: {begun.serial}."
    return Feedback(
        receiving_phone=f"Ärende {begun.case_number}. {core} Dokumentera serienumret på säkert sätt och förändringen i Treserva.",
        receiving_form=f"{core} Dokumentera förändringen på brukaren i Treserva, och serienumret på säkert sätt.",
        handing_over_form="Ärendet är hanterat. Dokumentera förändringen på brukaren i Treserva, och återlämna utkvitterade nycklar och taggar.",
    )
