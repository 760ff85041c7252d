"""The draft of an incident report, with the clocks that run from the moment at which we knew. Pure.

It holds the case number, instants and words of ours: no picture, no name, no address, no free text of anybody. The blanks are filled in where the report is
made. Whether it is an incident, and of which kind, a person decides; the draft says what each law asks and by when.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from provisioner.documents.swedish_time import exact, one_month_later
from provisioner.fault import Text

PERSONAL_DATA_H, EARLY_WARNING_H, NOTIFICATION_H = 72, 24, 72


@dataclass(frozen=True, slots=True)
class Deadline:
    """One thing to send. `due_at` (UTC) None: at once."""

    law: str
    what: Text
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the case's history, in words from our own lists."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Incident:
    """`aware_at`: when somebody with us knew (UTC); all clocks run from it. `uncovered_s`: how long nobody looked after the home, as far as is known."""

    case_number: str
    aware_at: datetime
    uncovered_s: float
    events: tuple[Event, ...] = ()


def deadlines(aware_at: datetime) -> tuple[Deadline, ...]:
    """The clocks, in the order in which they run out. Hours are hours gone by, over a change of clocks too. The month is counted from the same moment,
    which is earlier than the law's (that counts from the report)."""
    start = aware_at.astimezone(UTC)
    return (
        Deadline("SoL 27:2 (lex Sarah)", Text("Rapportera missförhållandet till den som bedriver verksamheten; är det allvarligt ska IVO få veta (27:6)",
                                              "Report the irregularity to whoever runs the service; where it is serious IVO is told (27:6)"), None),
        Deadline("cybersäkerhetslagen (2025:1506), NIS2 23(4)a", Text("Tidig varning om en betydande incident", "Early warning of a significant incident"),
                 start + timedelta(hours=EARLY_WARNING_H)),
        Deadline("GDPR 33(1)", Text("Anmäl personuppgiftsincidenten till IMY; de registrerade informeras om risken är hög (34)",
                                    "Notify IMY of the personal data breach; the data subjects are told where the risk is high (34)"),
                 start + timedelta(hours=PERSONAL_DATA_H)),
        Deadline("cybersäkerhetslagen (2025:1506), NIS2 23(4)b", Text("Incidentanmälan med första bedömning", "Incident notification with a first assessment"),
                 start + timedelta(hours=NOTIFICATION_H)),
        Deadline("cybersäkerhetslagen (2025:1506), NIS2 23(4)d", Text("Slutrapport", "Final report"), one_month_later(start)),
    )


def incident_draft(incident: Incident) -> Text:
    """The draft in both languages."""
    return Text(_draft(incident, "sv"), _draft(incident, "en"))


def _draft(incident: Incident, language: str) -> str:
    def say(sv: str, en: str) -> str:
        return sv if language == "sv" else en

    lines = [
        say("UTKAST TILL INCIDENTRAPPORT", "DRAFT OF AN INCIDENT REPORT"),
        say(f"Ärende {incident.case_number}. Känt sedan {exact(incident.aware_at)}.", f"Case {incident.case_number}. Known since {exact(incident.aware_at)}."),
        say(f"Tid utan tillsyn, så vitt känt: {_duration(incident.uncovered_s)}.", f"Time without supervision, as far as is known: {_duration(incident.uncovered_s)}."),
        "", say("Frister", "Deadlines")]
    lines += [f"- {say('genast', 'at once') if one.due_at is None else exact(one.due_at)}: {one.what.in_language(language)}. {one.law}."
              for one in deadlines(incident.aware_at)]
    lines += ["", say("Fylls i av den som rapporterar (inga bilder, inga namn, inga adresser)", "To be filled in by whoever reports (no pictures, names or addresses)")]
    lines += [f"- {blank}: ____" for blank in (
        say("Vad hände", "What happened"), say("Följder för den enskilde", "Consequences for the person"), say("Orsak", "Cause"),
        say("Åtgärder nu och framåt", "What is done now and later"), say("Vilka system och hur många personer", "Which systems, and how many people"))]
    if incident.events:
        lines += ["", say("Förlopp enligt ärendets journal", "Course of events by the case's journal")]
        lines += [f"- {exact(one.at)}  {one.what}" for one in incident.events]
    return "\n".join(lines) + "\n"


def _duration(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours} h {rest // 60} min"
