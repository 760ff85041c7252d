"""The feedback of R39-R43, in Swedish, as the form reply and the script for the phone call. Pure.

What must not be in it is as important as what must: the handing-over unit never sees the new address or the new provider (R43, D20), and the serial
number stands in the receiving unit's text only (R24, R42).
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from provisioner.case.model import Case, State

_SWEDEN = ZoneInfo("Europe/Stockholm")
_BEGUN = frozenset({State.REBOUND, State.SWITCHED, State.RECEIVING_INFORMED, State.HANDING_OVER_INFORMED, State.DOCUMENTED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Feedback:
    """Three texts: what to say on the phone and write in the form to the receiving unit, and the form reply to the handing-over unit."""

    receiving_phone: str
    receiving_form: str
    handing_over_form: str


def feedback(case: Case, began_at: datetime) -> Feedback | None:
    """The texts of a case whose supervision has begun at `began_at` (UTC); None before that (R41: never earlier than the alarm centre's word)."""
    if case.state not in _BEGUN:
        return None
    serial = case.identity.serial if case.identity is not None and case.identity.serial else case.expected_serial
    when = began_at.astimezone(_SWEDEN).strftime("%Y-%m-%d kl. %H.%M")
    placed = "Trygghetskameran är installerad" if case.moves else "Trygghetskameran sitter kvar på sin plats"
    core = f"{placed}. Tillsyn via larmcentral har påbörjats {when}. Kamerans serienummer: {serial}."
    return Feedback(
        receiving_phone=f"Ärende {case.case_number}. {core} Dokumentera serienumret på säkert sätt och förändringen i Treserva.",
        receiving_form=f"{core} Dokumentera förändringen på brukaren i Treserva, och serienumret på säkert sätt.",
        handing_over_form="Ärendet är hanterat. Dokumentera förändringen på brukaren i Treserva, och återlämna utkvitterade nycklar och taggar.",
    )
