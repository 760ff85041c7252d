"""The feedback of R39-R43, in Swedish, as the form reply and the script for the phone call. Pure.

What must not be in it is as important as what must: the handing-over unit never sees the new address or the new provider (R43, D20), and the serial
number stands in the receiving unit's texts only (R24, R42).
"""

from dataclasses import dataclass
from datetime import datetime

from provisioner.documents.swedish_time import spoken
from provisioner.fault import Text


@dataclass(frozen=True, slots=True)
class Begun:
    """What the texts are made from. `serial` is the verified one, never the typed one (R42); `began_at` is the moment the alarm centre confirmed (UTC);
    `replaced` are the serials of cameras that were swapped out on the way (D14)."""

    case_number: str
    moved: bool
    serial: str
    began_at: datetime
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """Three texts: what to say on the phone and write in the form to the receiving unit, and the form reply to the handing-over unit."""

    receiving_phone: str
    receiving_form: str
    handing_over_form: str


@dataclass(frozen=True, slots=True)
class Question:
    """Asked in the phone call; its answer is noted under `key`."""

    key: str
    text: Text


QUESTIONS = (
    Question("answered", Text("Vem svarade? Anteckna funktion, inte namn (till exempel 'sjuksköterska i tjänst').",
                              "Who answered? Note the function, not a name (such as 'nurse on duty').")),
    Question("understood", Text("Har mottagaren förstått att kameran sitter uppe och att tillsynen via larmcentral har börjat? ja eller nej",
                                "Did the receiver understand that the camera is up and that supervision via the alarm centre has begun? yes or no")),
    Question("serial", Text("Läste mottagaren upp serienumret rätt? ja eller nej", "Did the receiver read the serial number back rightly? yes or no")),
)
"""R39: the call counts when these can be answered. When is the moment at which it is said to be done."""


@dataclass(frozen=True, slots=True)
class PhoneScript:
    """What is said, in this order, and what is asked."""

    says: tuple[str, ...]
    asks: tuple[Question, ...]


def _core(begun: Begun) -> str:
    placed = "Trygghetskameran är installerad" if begun.moved else "Trygghetskameran sitter kvar på sin plats"
    swapped = f" Den ersätter kameran med serienummer {', '.join(begun.replaced)}." if begun.replaced else ""
    return f"{placed}. Tillsyn via larmcentral har påbörjats {spoken(begun.began_at)}. Kamerans serienummer: {begun.serial}.{swapped}"


def feedback(begun: Begun) -> Feedback:
    """The texts. There is no way to ask for them before supervision has begun: nobody has a `Begun` then (R41)."""
    return Feedback(
        receiving_phone=f"Ärende {begun.case_number}. {_core(begun)} Dokumentera serienumret på säkert sätt och förändringen i Treserva.",
        receiving_form=f"{_core(begun)} Dokumentera förändringen på brukaren i Treserva, och serienumret på säkert sätt.",
        handing_over_form="Ärendet är hanterat. Dokumentera förändringen på brukaren i Treserva, och återlämna utkvitterade nycklar och taggar.",
    )


def phone_script(begun: Begun) -> PhoneScript:
    """The call to the receiving unit (R39-R42). To the handing-over unit there is none (R45)."""
    return PhoneScript((
        f"Hej, det är Valfärdsteamet om ärende {begun.case_number}. Är det du som kan ta emot återkopplingen? Ha något säkert att skriva i.",
        _core(begun),
        "Läs upp serienumret för mig, tack.",
        "Dokumentera förändringen på brukaren i Treserva och serienumret på säkert sätt. Du får samma uppgifter som svar i supportformuläret.",
    ), QUESTIONS)
