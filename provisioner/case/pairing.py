"""Which case a notice belongs to (R6, R15, R44, U2, U3, U35). Pure: the store says what it knows, this says where the notice goes, or why nobody can tell.

Two forms are of one case when they are about one person, and one of them is still awaited. Whatever leaves a doubt is refused with the case named and the
way out, and a person decides: a notice in the wrong case books a technician to the wrong home, and a second case for one move suspends the looks twice.
"""

from dataclasses import dataclass
from enum import StrEnum

from provisioner.case.intake import questions
from provisioner.case.kinds import CaseKind, State
from provisioner.case.model import Case
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.records import Notice

_WAITING = frozenset({State.DRAFT, State.AWAITING_COUNTERPART, State.NEEDS_INFO})


class Pairing(StrEnum):
    """What became of a notice."""

    OPENED = "opened"        # the first of its case
    PAIRED = "paired"        # the second one
    ANSWERED = "answered"    # a corrected form: the answer to a question (R25)
    REPEATED = "repeated"    # the same form again: nothing changed


@dataclass(frozen=True, slots=True)
class Incoming:
    """One form, or one that fills both roles."""

    kind: CaseKind
    handing_over: Notice | None = None
    receiving: Notice | None = None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Those that came."""
        return tuple(one for one in (self.handing_over, self.receiving) if one is not None)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has that this may belong to. Open cases but for `seen_in`."""

    same_person: tuple[Case, ...] = ()
    same_camera: tuple[Case, ...] = ()
    same_name: tuple[Case, ...] = ()     # a person of that name, with another number
    seen_in: Case | None = None          # the case that this form is in already, whatever became of it
    seen_same: bool = False              # and it said exactly the same
    named: Case | None = None            # a person has said: this one
    new_wanted: bool = False             # a person has said: none of these


@dataclass(frozen=True, slots=True)
class Place:
    """Where it goes. `case` None: a new one."""

    pairing: Pairing
    case: Case | None


def place(incoming: Incoming, known: Known) -> Place | Refusal:
    """The case of this notice, or the sentence for whoever has to decide."""
    if known.seen_in is not None and known.seen_same:
        return Place(Pairing.REPEATED, known.seen_in)
    if known.seen_in is not None and (known.named is None or known.named.case_id != known.seen_in.case_id):
        number = known.seen_in.case_number
        return refuse("form_seen", f"Formuläret med den referensen finns redan i ärende {number}, med annat innehåll. Är det en rättelse: --case {number}. "
                      "Annars ge det en egen referens.", f"The form of that reference is already in case {number}, with other content. If it is a correction: "
                      f"--case {number}. Else give it a reference of its own.", "form_ref")
    found = _named(incoming, known) if known.named is not None else _unnamed(incoming, known)
    if isinstance(found, Refusal):
        return found
    other = next((case for case in known.same_camera if found.case is None or case.case_id != found.case.case_id), None)
    if other is not None:
        return refuse("camera_in_other_case", f"Kameran finns redan i det öppna ärendet {other.case_number}. Är det ett rättat formulär: "
                      f"--case {other.case_number}. Annars avsluta det ärendet först.", f"The camera is already in the open case {other.case_number}. If this is "
                      f"a corrected form: --case {other.case_number}. Else end that case first.", "serial_number")
    return found


def _named(incoming: Incoming, known: Known) -> Place | Refusal:
    case = known.named
    assert case is not None, "asked for"
    if case.kind is not incoming.kind:
        return _other_kind(case, incoming)
    if case.is_final:
        return refuse("case_over", f"Ärende {case.case_number} är avslutat ({case.state}). Utan --case öppnas ett nytt.",
                      f"Case {case.case_number} is over ({case.state}). Without --case a new one is opened.", "case")
    return Place(Pairing.PAIRED if lacks(case, incoming) else Pairing.ANSWERED, case)


def _unnamed(incoming: Incoming, known: Known) -> Place | Refusal:
    if known.new_wanted:
        return Place(Pairing.OPENED, None)
    waiting = [case for case in known.same_person if lacks(case, incoming)]
    if len(waiting) > 1:
        return _many(waiting)
    if waiting:
        return Place(Pairing.PAIRED, waiting[0]) if waiting[0].kind is incoming.kind else _other_kind(waiting[0], incoming)
    if len(known.same_person) > 1:
        return _many(known.same_person)
    if known.same_person:
        case = known.same_person[0]
        if case.kind is incoming.kind and _asked(case, incoming):
            return Place(Pairing.ANSWERED, case)
        return refuse("person_in_other_case", f"Personen har redan det öppna ärendet {case.case_number}, som inte väntar på det här formuläret. Rättelse: "
                      f"--case {case.case_number}. En kamera till: --new. En ny flytt: avsluta det ärendet först.",
                      f"The person already has the open case {case.case_number}, which does not await this form. A correction: --case {case.case_number}. "
                      "One more camera: --new. A new move: end that case first.", "person_number")
    namesakes = [case for case in known.same_name if lacks(case, incoming) or _without_number(case, incoming)]
    if namesakes:
        numbers = _numbers(namesakes)
        return refuse("number_differs", f"Ärende {numbers} väntar på just ett sådant formulär om någon med samma namn, men personnumret är ett annat "
                      f"eller saknas. Läs numret igen. Samma person: --case {namesakes[0].case_number}, så frågas båda verksamheterna. En annan person: --new.",
                      f"Case {numbers} awaits just such a form about somebody of the same name, but the person number is another, or "
                      f"missing. Read the number again. The same person: --case {namesakes[0].case_number}, and both units are asked. "
                      "Another person: --new.", "person_number")
    return Place(Pairing.OPENED, None)


def lacks(case: Case, incoming: Incoming) -> bool:
    """Whether the case still awaits all that came, and is at a place to take it."""
    return case.state in _WAITING and not ((incoming.handing_over and case.handing_over) or (incoming.receiving and case.receiving))


def _without_number(case: Case, incoming: Incoming) -> bool:
    """Whether the case has just such a form, but without its person number: then this may be the corrected one."""
    pairs = ((incoming.handing_over, case.handing_over), (incoming.receiving, case.receiving))
    return case.state in _WAITING and any(came is not None and has is not None and "person_number" in has.missing for came, has in pairs)


def _asked(case: Case, incoming: Incoming) -> bool:
    """Whether everything that came is from a unit that was asked something: then it is the answer. A question about both forms is open to both."""
    if case.state not in _WAITING:
        return False
    asked = {question.to for question in questions(case)}
    to = {"handing_over_unit" for _ in [incoming.handing_over] if _} | {"receiving_unit" for _ in [incoming.receiving] if _}
    return bool(asked) and (to <= asked or "coordinator" in asked)


def _other_kind(case: Case, incoming: Incoming) -> Refusal:
    return refuse("other_kind", f"Ärende {case.case_number} gäller {case.kind}, formuläret {incoming.kind}. Fråga verksamheterna vad som stämmer. Är det ärendet "
                  "som är fel: avbryt det (CANCEL) och ta in formulären på nytt.", f"Case {case.case_number} is about {case.kind}, the form about {incoming.kind}. "
                  "Ask the units which is right. If the case is wrong: cancel it (CANCEL) and take the forms in anew.", "case_kind")


def _many(cases: "list[Case] | tuple[Case, ...]") -> Refusal:
    return refuse("many_cases", f"Personen har flera öppna ärenden: {_numbers(cases)}. Säg vilket: --case NUMMER.",
                  f"The person has several open cases: {_numbers(cases)}. Say which: --case NUMBER.", "case")


def _numbers(cases: "list[Case] | tuple[Case, ...]") -> str:
    return ", ".join(sorted(case.case_number for case in cases)[:5])
