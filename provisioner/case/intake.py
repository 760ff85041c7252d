"""The two support forms held against each other (R7-R12, R16-R22, R25, U4): what is still to be asked, and whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from provisioner.case import localtime
from provisioner.case.model import BindingState, Case, Notice
from provisioner.fault import Text

Addressee = Literal["handing_over_unit", "receiving_unit", "coordinator"]


@dataclass(frozen=True, slots=True)
class Question:
    """One gap or disagreement. `key` changes with what was said, so that the same question is put once and a new one again."""

    key: str
    to: Addressee
    text: Text


_FIELDS = {
    "unit": Text("aktuell verksamhet", "current unit"), "provider": Text("aktuell utförare", "current provider"),
    "sender_name": Text("avsändarens namn", "sender's name"), "sender_email": Text("avsändarens e-post", "sender's e-mail"),
    "sender_phone": Text("avsändarens telefon", "sender's phone"), "name": Text("brukarens namn", "service user's name"),
    "person_number": Text("personnummer", "person number"), "address": Text("adress", "address"), "phone": Text("brukarens telefon", "service user's phone"),
}


_STREET_KEY = ("yes", "not_required", "missing")


def field_text(name: str) -> Text:
    """The field's name for people; the name itself where the routine has no word for it."""
    return _FIELDS.get(name, Text(name, name))


def _question(code: str, to: Addressee, sv: str, en: str, *seen: object) -> Question:
    mark = sha256(repr(seen).encode()).hexdigest()[:8]
    return Question(f"{code}-{mark}", to, Text(sv, en))


def _about_one(case: Case, notice: Notice, to: Addressee) -> list[Question]:
    found: list[Question] = []
    if notice.missing:
        sv = ", ".join(field_text(name).sv for name in notice.missing)
        en = ", ".join(field_text(name).en for name in notice.missing)
        found.append(_question("missing-fields", to, f"Uppgifter saknas i formuläret: {sv}.", f"The form lacks: {en}.", to, notice.missing))
    if case.moves and not notice.contacts:
        found.append(_question("no-contact", to, "Ange minst en kontakt för tidsbokning (brukare, närstående eller verksamhet).",
                               "Give at least one contact for the booking (service user, relative or unit).", to))
    if case.moves and notice.move_date is None:
        found.append(_question("no-move-date", to, "Ange datum för flytten.", "Give the date of the move.", to))
    if case.changes_provider and notice.provider_effective_at is None:
        found.append(_question("no-switch-instant", to, "Ange när utförarbytet ska gälla.", "Give the instant of the provider change.", to))
    if to == "receiving_unit" and (notice.keys_signed_out is None or notice.street_key not in _STREET_KEY):
        found.append(_question("no-keys-answer", to, "Svara om nycklar till bostaden är utkvitterade, och om nyckel eller tagg till ytterport (ja, behövs ej, saknas).",
                               "Say whether the keys of the dwelling are signed out, and of key or tag of the street door: yes, not required or missing.", to))
    if not notice.housing_is_ordinary:
        found.append(_question("special-housing", "coordinator", "Särskilt boende omfattas inte av rutinen: avsluta i stället ärendet.",
                               "Special housing is outside this routine: end the case instead.", to))
    return found


def _disagreements(case: Case, handing_over: Notice, receiving: Notice) -> list[Question]:
    found: list[Question] = []
    if handing_over.person_ref != receiving.person_ref:
        found.append(_question("person-differs", "coordinator", "Personnumren i de två formulären är olika. Ring båda verksamheterna.",
                               "The person numbers of the two forms differ. Call both units.", handing_over.person_ref, receiving.person_ref))
    if case.moves and handing_over.move_date != receiving.move_date:
        found.append(_question("date-differs", "coordinator", f"Flyttdatum skiljer: {handing_over.move_date} och {receiving.move_date}.",
                               f"The dates of the move differ: {handing_over.move_date} and {receiving.move_date}.",
                               handing_over.move_date, receiving.move_date))
    if case.changes_provider and handing_over.provider_effective_at != receiving.provider_effective_at:
        found.append(_question("switch-differs", "coordinator", "Tidpunkten för utförarbytet skiljer mellan formulären.",
                               "The instants of the provider change differ between the forms.",
                               handing_over.provider_effective_at, receiving.provider_effective_at))
    if case.moves and handing_over.site_ref == receiving.site_ref:
        found.append(_question("same-site", "coordinator", "Båda formulären anger samma adress, men ärendet är en flytt.",
                               "Both forms give the same address, but the case is a move.", handing_over.site_ref))
    if not case.moves and handing_over.site_ref != receiving.site_ref:
        found.append(_question("site-differs", "coordinator", "Formulären anger olika adresser, men ärendet är bara ett utförarbyte.",
                               "The forms give different addresses, but the case is a provider change only.", handing_over.site_ref, receiving.site_ref))
    if not case.changes_provider and handing_over.provider_ref != receiving.provider_ref:
        found.append(_question("provider-differs", "coordinator", "Formulären anger olika utförare, men ärendet är bara en flytt.",
                               "The forms give different providers, but the case is a move only.", handing_over.provider_ref, receiving.provider_ref))
    if case.changes_provider and handing_over.provider_ref == receiving.provider_ref:
        found.append(_question("same-provider", "coordinator", "Båda formulären anger samma utförare, men ärendet är ett utförarbyte.",
                               "Both forms give the same provider, but the case is a provider change.", handing_over.provider_ref))
    if case.changes_provider and handing_over.unit_ref == receiving.unit_ref and handing_over.provider_ref != receiving.provider_ref:
        found.append(_question("same-unit", "coordinator", "Båda formulären anger samma verksamhet men olika utförare. Ring verksamheten.",
                               "Both forms give the same unit but different providers. Call the unit.", handing_over.unit_ref))
    if not (handing_over.decision_ref or receiving.decision_ref):
        found.append(_question("no-decision", "coordinator", "Hänvisning till beslutet om tillsyn saknas.", "The reference to the supervision decision is missing."))
    return found


def _about_binding(case: Case) -> list[Question]:
    if case.handing_over is None:
        return []
    if case.expected_serial is None:
        return [_question("no-serial", "handing_over_unit", "Ange trygghetskamerans serienummer (inte inventarienumret).",
                          "Give the safety camera's serial number (not the asset number).", case.handing_over.form_ref)]
    if not case.looked_up:
        return []
    if case.live_found > 1:
        return [_question("many-bindings", "coordinator", "Larmcentralen har flera levande kopplingar för kameran. Ring den, och säg sedan: försök igen.",
                          "The alarm centre has several live bindings of this camera. Phone it, then say: try again.", case.expected_serial, case.live_found)]
    if case.old_binding is None:
        return [_question("no-binding", "handing_over_unit", f"Larmcentralen känner ingen kamera med serienummer {case.expected_serial}. Läs av etiketten igen.",
                          f"The alarm centre knows no camera with serial number {case.expected_serial}. Read the label again.", case.expected_serial)]
    if case.old_binding.site_ref != case.handing_over.site_ref:
        return [_question("other-site", "coordinator", "Kameran med detta serienummer är registrerad på en annan bostad än formuläret anger. Kontrollera etiketten.",
                          "The camera with this serial number is registered at another dwelling than the form says. Check the label.",
                          case.expected_serial, case.old_binding.site_ref)]
    if case.old_binding.state is not BindingState.ACTIVE:
        return [_question("not-active", "coordinator",
                          f"Kopplingen är {case.old_binding.state}, inte ACTIVE: tillsynen är redan pausad. När den återupptagits: försök igen.",
                          f"The binding is {case.old_binding.state}, not ACTIVE: supervision is paused already. Once it has been resumed: try again.",
                          case.old_binding.state)]
    return []


AHEAD_MOST = timedelta(days=366)
"""A move later than that is more likely a wrong year."""


def date_notes(notices: tuple[Notice, ...], now: datetime) -> tuple[Text, ...]:
    """Dates that may be right but are told, never taken silently (U1): in the past, or further ahead than a year."""
    today = (now + localtime.offset(now)).date()
    moves = {one.move_date for one in notices if one.move_date is not None}
    switches = {one.provider_effective_at for one in notices if one.provider_effective_at is not None}
    found = []
    for day in sorted(moves):
        if day < today:
            found.append(Text(f"Flyttdatum {day} har passerat. Stämmer det?", f"The date of the move, {day}, has passed. Is it right?"))
        elif day > today + AHEAD_MOST:
            found.append(Text(f"Flyttdatum {day} ligger mer än ett år fram. Stämmer året?",
                              f"The date of the move, {day}, is more than a year ahead. Is the year right?"))
    for at in sorted(switches):
        shown = localtime.shown(at)
        if at < now:
            found.append(Text(f"Tidpunkten för utförarbytet, {shown}, har passerat. Stämmer den?",
                              f"The instant of the provider change, {shown}, has passed. Is it right?"))
        elif at > now + AHEAD_MOST:
            found.append(Text(f"Tidpunkten för utförarbytet, {shown}, ligger mer än ett år fram. Stämmer året?",
                              f"The instant of the provider change, {shown}, is more than a year ahead. Is the year right?"))
    return tuple(found)


def questions(case: Case) -> tuple[Question, ...]:
    """What must be asked before the case is READY, in the order of the routine. Nothing is asked of a unit that has not reported yet."""
    found: list[Question] = []
    if case.handing_over is not None:
        found += _about_one(case, case.handing_over, "handing_over_unit")
    if case.receiving is not None:
        found += _about_one(case, case.receiving, "receiving_unit")
    if case.handing_over is not None and case.receiving is not None:
        found += _disagreements(case, case.handing_over, case.receiving)
    return (*found, *_about_binding(case))
