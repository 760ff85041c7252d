"""What is kept how long, and when it goes: pure rules. They stand until the municipality's own plan (dokumenthanteringsplan) says otherwise.

Two laws meet at five years. The Camera Surveillance Act (KBL 9, 10) wants the assessment and the register row kept for at least five years after the
surveillance of that place ended; the Social Services Act (SoL 16:1) wants the record of a person erased five years after its last note, and the erasing done
by the end of the next calendar year. The last note about somebody who is still watched over has not been written yet: therefore the five years of a case
begin when both the case and every binding it knew have ended, and a case that is open, or whose binding is in force, is never due.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from provisioner.fault import Text

SWEDEN = ZoneInfo("Europe/Stockholm")
CASE_YEARS = 5
FORM_DAYS = 7
"""A form that no case took, or that another one has replaced: a copy that came in, and no more than that."""


class Rule(StrEnum):
    """The rows of the table that this database is erased by."""

    CASE = "case"
    FORM_COPY = "form_copy"
    OPENING = "opening"
    AUDIT_LOG = "audit_log"
    PROTECTION = "protection"
    DECISION = "decision"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long, by what law, and what it covers."""

    keeps: Text
    source: str


RULES = {
    Rule.CASE: Keeping(Text("ärende, journal, formulär, samtycken, kopplingar, bedömning, registerrad: 5 år efter sista anteckning och bevakningens slut",
                            "case, journal, forms, consents, bindings, assessment and register row: 5 years after the last note and the end of surveillance"),
                       "SoL 16:1; KBL 9, 10 §§"),
    Rule.FORM_COPY: Keeping(Text("formulär utan ärende eller ersatt av ett nyare: 7 dagar", "form without a case, or replaced: 7 days"), "GDPR 5.1 c, e"),
    Rule.OPENING: Keeping(Text("skäl till öppning av skyddad person: som personens ärenden, högst 5 år",
                               "reason of an opening of a protected person: as the person's cases, 5 years at most"), "SoLPUL 10 §"),
    Rule.PROTECTION: Keeping(Text("skyddsnivå: så länge personen har ett ärende", "protection level: as long as the person has a case"), "SoLPUL 6 §"),
    Rule.DECISION: Keeping(Text("beslut om tillsyn: 5 år efter att det upphört", "supervision decision: 5 years after it ended"), "SoL 16:1"),
    Rule.CALL: Keeping(Text("larm till personal utan ärende: 5 år", "calls to staff without a case: 5 years"), "SoL 16:1"),
    Rule.AUDIT_LOG: Keeping(Text("åtkomstlogg: 5 år", "audit log: 5 years"), "SoLPUL 10 §"),
}
ELSEWHERE = (
    Keeping(Text("tjänstens logg (journald): 30-90 dagar, utan personuppgifter; ställs in i journald.conf, MaxRetentionSec",
                 "service log (journald): 30-90 days, without personal data; set in journald.conf, MaxRetentionSec"), "GDPR 5.1 e"),
    Keeping(Text("säkerhetskopior: låt dem gå ut inom 90 dagar, annars lever det gallrade kvar i dem",
                 "backups: let them expire within 90 days, or what was erased lives on in them"), "GDPR 5.1 e"),
    Keeping(Text("importerat formulär eller mejl utanför databasen: raderas för hand inom 7 dagar",
                 "imported form or mail outside the database: deleted by hand within 7 days"),
            "GDPR 5.1 c"),
    Keeping(Text("förhandsbild: högst 120 s i minnet, aldrig på disk", "preview frame: 120 s at most in memory, never on disk"), "SoLPUL 9 § p. 2"),
)
"""What is kept, or not, where this program does not reach."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A case as far as its erasing goes. `bindings_ended_at`: of each binding it knew, when it was retired; None for one that is in force or suspended."""

    is_open: bool
    last_note_at: datetime
    bindings_ended_at: tuple[datetime | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """From when something may be erased, and when that must be done."""

    due_at: datetime
    latest_at: datetime


def years_after(at: datetime, years: int) -> datetime:
    """The same day so many years later in Sweden; 29 February becomes 1 March."""
    local = at.astimezone(SWEDEN)
    try:
        moved = local.replace(year=local.year + years)
    except ValueError:
        moved = local.replace(year=local.year + years, month=3, day=1)
    return moved.astimezone(at.tzinfo)


def end_of_next_year(at: datetime) -> datetime:
    """The last moment of the calendar year after `at`, in Sweden."""
    return datetime(at.astimezone(SWEDEN).year + 2, 1, 1, tzinfo=SWEDEN).astimezone(at.tzinfo) - timedelta(microseconds=1)


def term_of_case(case: Ended) -> Term | None:
    """When a case goes; None while it is open or anything it bound still is in force."""
    if case.is_open or None in case.bindings_ended_at:
        return None
    due = years_after(max(case.last_note_at, *(at for at in case.bindings_ended_at if at is not None), case.last_note_at), CASE_YEARS)
    return Term(due, end_of_next_year(due))


def is_due(case: Ended, now: datetime) -> bool:
    """Whether the case may be erased now."""
    term = term_of_case(case)
    return term is not None and term.due_at <= now


def years_before(now: datetime, years: int = CASE_YEARS) -> datetime:
    """What is older than this has been kept its years: never later than `years_after` allows."""
    local = now.astimezone(SWEDEN)
    try:
        moved = local.replace(year=local.year - years)
    except ValueError:
        moved = local.replace(year=local.year - years, day=28)
    return moved.astimezone(now.tzinfo)
