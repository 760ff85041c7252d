"""The routine as a living checklist: each of its rows R1-R54, held against one case. Pure.

A row *applies* by the kind of case (the routine's own table). Where a fact shows it done, the row says who and when: as the case knows it, else as the
journal has the statement. A row that only orders others (R46-R50) is kept by the plan itself, and shown with what it orders.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.case.intake import questions
from provisioner.case.kinds import CaseKind, Duty, State
from provisioner.case.model import Case, Notice
from provisioner.case.needs import KEYS_KNOWN, serial_equal
from provisioner.case.plan import way_of
from provisioner.fault import Text


class Standing(StrEnum):
    """Where a row stands in one case."""

    DONE = "done"
    WAIVED = "waived"        # by the team lead, with a reason
    OPEN = "open"            # its turn has come, or may come any time: somebody has to do it
    NOT_YET = "not_yet"      # it comes later
    KEPT = "kept"            # an order or a limit that the plan itself keeps
    CALLED_OFF = "called_off"  # the case has ended another way


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did it, and when. `by` is an opaque actor reference; empty where a message brought it."""

    by: str
    at: datetime
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the routine in one case."""

    row: str
    asks: Text
    standing: Standing
    stamp: Stamp | None


Said = Mapping[str, Stamp]
"""Kind of statement -> who said it last and was heard (from the journal)."""


@dataclass(frozen=True, slots=True)
class _Look:
    case: Case
    said: Said

    def duty(self, *duties: Duty) -> Stamp | None:
        """The last of these duties, where all are done."""
        done = [self.case.done.get(duty) for duty in duties]
        found = [one for one in done if one is not None]
        if len(found) < len(done):
            return None
        last = max(found, key=lambda one: one.at)
        return Stamp(last.by, last.at, last.waived)

    def form(self, notice: Notice | None, *fields: str) -> Stamp | None:
        """Its arrival, where none of these fields was left out."""
        if notice is None or set(fields) & set(notice.missing):
            return None
        kind = "handing_over_notice" if notice is self.case.handing_over else "receiving_notice"
        return Stamp(self.said[kind].by if kind in self.said else "", notice.arrived_at)

    def told(self, kind: str, holds: bool) -> Stamp | None:
        """The statement of this kind, where what it said still holds."""
        return self.said.get(kind) if holds else None


Find = Callable[[_Look], Stamp | None]
_M = frozenset({CaseKind.MOVE_ONLY, CaseKind.MOVE_AND_PROVIDER_CHANGE})
_ALL = frozenset(CaseKind)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the routine. `find` None: an order or a limit, kept by the plan."""

    asks: Text
    find: Find | None
    kinds: frozenset[CaseKind] = _ALL


def _handing(*fields: str) -> Find:
    return lambda look: look.form(look.case.handing_over, *fields)


def _receiving(*fields: str) -> Find:
    return lambda look: look.form(look.case.receiving, *fields)


def _if(holds: Callable[[Case], bool], find: Find) -> Find:
    return lambda look: find(look) if holds(look.case) else None


def _opened(look: _Look) -> Stamp:
    return look.said.get("opened") or Stamp("", look.case.opened_at)


def _agreed(case: Case) -> bool:
    """Both forms are there and nothing of them is open. Later questions of the same kind are the registry's doing, not the forms'."""
    if case.handing_over is None or case.receiving is None:
        return False
    return case.booking is not None or case.visit is not None or not questions(case)


def _covered(look: _Look) -> Stamp | None:
    return look.form(look.case.handing_over) if look.case.old_binding is not None and _agreed(look.case) else None


def _keys(look: _Look) -> Stamp | None:
    return look.duty(Duty.KEYS_SIGNED_OUT) or (look.form(look.case.receiving) if KEYS_KNOWN.met(look.case) else None)


def _both(look: _Look) -> Stamp | None:
    return look.form(look.case.receiving) if _agreed(look.case) else None


def _booked(look: _Look) -> Stamp | None:
    return look.told("booked", look.case.booking is not None and look.case.missed is None)


def _dismantled(look: _Look) -> Stamp | None:
    scan = look.case.dismantle
    return None if scan is None else Stamp(scan.by, scan.at)


def _installed(look: _Look) -> Stamp | None:
    mount = look.case.mount
    return Stamp(mount.scan.by, mount.scan.at) if mount is not None and serial_equal(look.case) else None


def _signed(look: _Look) -> Stamp | None:
    sign = look.case.sign
    return None if sign is None else Stamp(sign.by, sign.at)


def _viewed(look: _Look) -> Stamp | None:
    view = look.case.view
    return None if view is None else Stamp(view.by, view.at)


def _begun(look: _Look) -> Stamp | None:
    return None if look.case.began_at is None else Stamp("", look.case.began_at)


def _in_place(look: _Look) -> Stamp | None:
    told = look.duty(Duty.RECEIVING_PHONED, Duty.RECEIVING_FORM_SENT)
    return told if look.case.began_at is not None else None


def _same_camera(look: _Look) -> Stamp | None:
    case = look.case
    as_form = case.handing_over is not None and case.handing_over.serial == case.expected_serial
    return _in_place(look) if as_form or case.replaced_serials else None


def _old_sign(look: _Look) -> Stamp | None:
    return _dismantled(look) if look.case.old_sign_removed else None


ROWS: Mapping[str, Row] = {
    "R1": Row(Text("Brukaren flyttar eller byter utförare, har trygghetskamera, bor i ordinärt boende",
                   "The service user moves or changes provider, has a safety camera, lives in ordinary housing"), _covered),
    "R2": Row(Text("Utförarnas egna rutiner ingår inte", "Providers' local routines are outside"), None),
    "R3": Row(Text("Rutinens version är antecknad", "The routine's version is recorded"), _opened),
    "R4": Row(Text("Flytt, utförarbyte eller båda", "Move, provider change or both"), _opened),
    "R5": Row(Text("Överlämnande verksamhet lämnar tillbaka nycklar och taggar", "The handing-over unit returns keys and tags"),
              lambda look: look.duty(Duty.KEYS_RETURNED)),
    "R6": Row(Text("Överlämnande verksamhet anmäler i supportformuläret", "The handing-over unit notifies through the support form"), _handing()),
    "R7": Row(Text("Formuläret: aktuell verksamhet och utförare", "Form: current unit and provider"), _handing("unit", "provider")),
    "R8": Row(Text("Formuläret: avsändarens namn, e-post, telefon", "Form: sender's name, e-mail, phone"), _handing("sender_name", "sender_email", "sender_phone")),
    "R9": Row(Text("Formuläret: brukarens namn, personnummer, adress, telefon", "Form: service user's name, person number, address, phone"),
              _handing("name", "person_number", "address", "phone")),
    "R10": Row(Text("Formuläret: kontakt för tid för nedmontering", "Form: contact for booking the dismantling"),
               _if(lambda c: c.handing_over is not None and bool(c.handing_over.contacts), _handing()), _M),
    "R11": Row(Text("Formuläret: kamerans serienummer", "Form: the camera's serial number"),
               _if(lambda c: c.handing_over is not None and c.handing_over.serial is not None, _handing())),
    "R12": Row(Text("Formuläret: datum för flytt och utförarbyte", "Form: date of move and provider change"),
               _if(lambda c: _dated(c, c.handing_over), _handing())),
    "R13": Row(Text("Överlämnande verksamhet dokumenterar i Treserva efter återkopplingen", "The handing-over unit documents in Treserva after the feedback"),
               lambda look: look.duty(Duty.CARE_RECORD_HANDING_OVER)),
    "R14": Row(Text("Mottagande verksamhet kvitterar ut nycklar", "The receiving unit signs out the keys"), _keys),
    "R15": Row(Text("Mottagande verksamhet anmäler i supportformuläret", "The receiving unit notifies through the support form"), _receiving()),
    "R16": Row(Text("Formuläret: aktuell verksamhet och utförare", "Form: current unit and provider"), _receiving("unit", "provider")),
    "R17": Row(Text("Formuläret: avsändarens namn, e-post, telefon", "Form: sender's name, e-mail, phone"), _receiving("sender_name", "sender_email", "sender_phone")),
    "R18": Row(Text("Formuläret: samma personnummer som det första", "Form: the same person number as the first"),
               _if(lambda c: c.handing_over is not None and c.receiving is not None and c.handing_over.person_ref == c.receiving.person_ref,
                   _receiving("name", "person_number", "address", "phone"))),
    "R19": Row(Text("Formuläret: kontakt för tid för installation", "Form: contact for booking the installation"),
               _if(lambda c: c.receiving is not None and bool(c.receiving.contacts), _receiving()), _M),
    "R20": Row(Text("Formuläret: om nycklar är utkvitterade", "Form: whether keys are signed out"),
               _if(lambda c: c.receiving is not None and c.receiving.keys_signed_out is not None, _receiving())),
    "R21": Row(Text("Formuläret: samma datum som det första", "Form: the same dates as the first"), _if(lambda c: _dated(c, c.receiving), _both)),
    "R22": Row(Text("Formuläret: skyltens språk, alltid svenska", "Form: the sign's languages, always Swedish"), _receiving(), _M),
    "R23": Row(Text("Mottagande verksamhet dokumenterar i Treserva efter återkopplingen", "The receiving unit documents in Treserva after the feedback"),
               lambda look: look.duty(Duty.CARE_RECORD_RECEIVING)),
    "R24": Row(Text("Mottagande verksamhet dokumenterar serienumret säkert", "The receiving unit documents the serial number securely"),
               lambda look: look.duty(Duty.SERIAL_DOCUMENTED)),
    "R25": Row(Text("Verksamheterna tillfrågas när något saknas", "The units are asked where something is missing"), _both),
    "R26": Row(Text("Relevanta IT-stöd uppdateras", "The relevant IT systems are updated"), lambda look: look.duty(Duty.IT_SUPPORT_UPDATED)),
    "R27": Row(Text("Bara vid byte av adress: R28-R37", "Only with a change of address: R28-R37"), None),
    "R28": Row(Text("Tid för nedmontering bokas", "The dismantling is booked"), _booked, _M),
    "R29": Row(Text("Tid för installation bokas", "The installation is booked"), _booked, _M),
    "R30": Row(Text("Bokas genom formulärets kontakter", "Booked by the contacts of the form"), _booked, _M),
    "R31": Row(Text("Kameran demonteras, etiketten skannas", "The camera is dismantled, its label scanned"), _dismantled, _M),
    "R32": Row(Text("Kameran installeras, serienumret skannas och läses av", "The camera is installed, its serial scanned and read back"), _installed, _M),
    "R33": Row(Text("Skylt om kamerabevakning sätts upp", "A sign on camera surveillance is put up"), _signed, _M),
    "R34": Row(Text("Skylten på svenska, och på begärda språk", "The sign in Swedish, and in the languages asked for"), _signed, _M),
    "R35": Row(Text("Skylten sitter nära rummen med kamera", "The sign is near the rooms with the camera"), _signed, _M),
    "R36": Row(Text("Skylten syns inte från ytterdörren", "The sign is not visible from the front door"), _signed, _M),
    "R37": Row(Text("Platsen bedömd: övervakningsområde, avspeglingar, planlösning", "Its place judged: monitoring area, reflections, floor plan"), _viewed, _M),
    "R38": Row(Text("Bedömningen gäller kamerans slutliga läge", "The judgement is of the camera's final position"), _viewed, _M),
    "R39": Row(Text("Mottagande verksamhet får återkoppling per telefon och i formuläret", "The receiving unit gets feedback by phone and in the form"),
               lambda look: look.duty(Duty.RECEIVING_PHONED, Duty.RECEIVING_FORM_SENT)),
    "R40": Row(Text("Återkopplingen: kameran är installerad", "Feedback: the camera is installed"), _in_place),
    "R41": Row(Text("Återkopplingen: tillsynen har börjat, bekräftat av larmcentralen", "Feedback: supervision has begun, confirmed by the alarm centre"), _in_place),
    "R42": Row(Text("Återkopplingen: det verifierade serienumret", "Feedback: the verified serial number"), _in_place),
    "R43": Row(Text("Överlämnande verksamhet får svar i formuläret, utan ny adress", "The handing-over unit is answered in the form, without the new address"),
               lambda look: look.duty(Duty.HANDING_OVER_FORM_SENT)),
    "R44": Row(Text("Ärendet hör ihop med sina formulär", "The case is linked to its forms"), _both),
    "R45": Row(Text("Överlämnande verksamhet rings inte upp", "The handing-over unit is not phoned"), None),
    "R46": Row(Text("Formulären före bokningen", "The forms before the booking"), None, _M),
    "R47": Row(Text("Demontering före installation", "Dismantling before installation"), None, _M),
    "R48": Row(Text("Installation och skylt innan tillsynen sägs ha börjat", "Installation and sign before supervision is said to have begun"), None, _M),
    "R49": Row(Text("Återkoppling före Treserva", "Feedback before Treserva"), None),
    "R50": Row(Text("Svaret till överlämnande verksamhet är teamets sista uppgift", "The answer to the handing-over unit is the team's last duty"), None),
    "R51": Row(Text("Samma serienummer som i det första formuläret, annars bytt kamera", "The serial number of the first form, else a swapped camera"), _same_camera),
    "R52": Row(Text("Kontakt: brukare, närstående eller verksamhet", "Contact: service user, relative or unit"), _booked, _M),
    "R53": Row(Text("Nycklar byter händer även vid rent utförarbyte", "Keys change hands also at a pure provider change"),
               lambda look: look.duty(Duty.KEYS_RETURNED) and _keys(look)),
    "R54": Row(Text("Gamla skylten tas ned", "The old sign is taken down"), _old_sign, _M),
}


def _dated(case: Case, notice: Notice | None) -> bool:
    return notice is not None and (not case.moves or notice.move_date is not None) and (not case.changes_provider or notice.provider_effective_at is not None)


def checklist(case: Case, said: Said) -> tuple[Line, ...]:
    """Each row that applies to the case, in the routine's order."""
    look, open_rows = _Look(case, said), _open_rows(case)
    return tuple(Line(name, row.asks, *_stands(row, look, name in open_rows)) for name, row in ROWS.items() if case.kind in row.kinds)


def _stands(row: Row, look: _Look, is_open: bool) -> tuple[Standing, Stamp | None]:
    if row.find is None:
        return Standing.KEPT, None
    stamp = row.find(look)
    if stamp is not None:
        return (Standing.WAIVED if stamp.waived else Standing.DONE), stamp
    if look.case.is_final or look.case.state in (State.TERMINATING, State.ROLLING_BACK):
        return Standing.CALLED_OFF, None
    return (Standing.OPEN if is_open else Standing.NOT_YET), None


_INTAKE_STATES = frozenset({State.DRAFT, State.AWAITING_COUNTERPART, State.NEEDS_INFO, State.READY})
_OF_INTAKE = frozenset({"R1", *(f"R{n}" for n in range(6, 13)), *(f"R{n}" for n in range(15, 23)), "R25", "R44"})
_ANY_TIME = frozenset({"R5", "R14", "R53"})          # keys have no place in the document's order
_TOGETHER = {"R51": "R42", "R54": "R31", "R52": "R28"}   # done in the same breath as another row


def _open_rows(case: Case) -> frozenset[str]:
    """The rows whose turn it is: those that the unmet needs of the case's way name as their source."""
    state = case.held_from if case.state is State.ON_HOLD and case.held_from is not None else case.state
    way = way_of(case.kind, state)
    named = {row for need in (way.needs if way else ()) if not need.met(case) for row in rows_of(need.source)}
    named |= {row for row, other in _TOGETHER.items() if other in named}
    return frozenset(named | _ANY_TIME | (_OF_INTAKE if state in _INTAKE_STATES else frozenset()))


def rows_of(source: str) -> tuple[str, ...]:
    """`R28-R30, R46` as the rows that it names; what is no row of the routine (`D6`, `H13`) is left out."""
    found = []
    for part in source.split(", "):
        match = re.fullmatch(r"R(\d+)(?:-R(\d+))?", part)
        if match is not None:
            found += [f"R{number}" for number in range(int(match[1]), int(match[2] or match[1]) + 1)]
    return tuple(found)
