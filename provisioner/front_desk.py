"""The front desk: notices checked, placed in their case, and taken, all in one sitting of the store. The same for the command line and the HTTP face."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from provisioner.case.audit import Access
from provisioner.case.consents import about, withdrawal
from provisioner.case.effects import TellPeople
from provisioner.case.inputs import HandingOverNotice, Input, Opened, ReceivingNotice, Said
from provisioner.case.intake import Question, date_notes, questions
from provisioner.case.model import Case, CaseKind, Notice, Role
from provisioner.case.outcome import Outcome, Refusal
from provisioner.case.pairing import Incoming, Known, Pairing, place
from provisioner.case.policy import Policy
from provisioner.fault import PlainError, Text
from provisioner.ids import case_number, uuid7
from provisioner.intake import CaseFile, HandingOverForm, ReceivingForm, References, form_fields, form_of, to_notice
from provisioner.notices import NoticesWrong, Row, RowFault, forms_of

REFUSED = 3
_BY_THE_DATABASE = frozenset({"case_number_taken", "camera_bound_twice", "binding_in_other_case"})
"""A rule of the database said no: PostgreSQL takes nothing more in that transaction, so the rows behind are not looked at."""
Forms = Sequence[HandingOverForm | ReceivingForm]


class Sitting(Protocol):
    """What the store does within one transaction (`store/sitting.py`)."""

    def open_cases_of(self, subject_ref: str) -> Sequence[Case]:
        """The open cases of a person."""

    def open_cases_of_name(self, token: str, but_subject: str, kind: str) -> Sequence[Case]:
        """The open cases of this kind about somebody else of that name."""

    def open_cases_of_camera(self, serial: str) -> Sequence[Case]:
        """The open cases that expect this camera."""

    def seen(self, form_ref: str, part: str) -> tuple[Case, str] | None:
        """The case of a form that came before, and its digest."""

    def seen_under(self, op_key: str) -> Case | None:
        """The case of what came under an idempotency key."""

    def keep(self, form_ref: str, part: str, case_id: str, digest: str, op_key: str | None) -> None:
        """Remember that a form came."""

    def put_form(self, form_ref: str, fields: Mapping[str, str]) -> None:
        """Seal its personal half."""

    def asset_of(self, serial: str) -> str | None:
        """The asset number that the register has for a camera."""

    def camera_of(self, asset_number: str) -> str | None:
        """The camera that the register has for an asset number."""

    def withdraw(self, person_ref: str, site_ref: str, subject: str) -> bool:
        """A consent is withdrawn; False where none holds."""

    def call(self, key: str, told: TellPeople, case_id: str | None) -> None:
        """Call people, once."""

    def take(self, case_id: str, input: Input) -> Outcome:
        """Take an input."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk knows at this sitting."""

    references: References
    now: datetime
    policy: Policy
    mode: str
    by: str


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one row. `asked`: the questions to the unit that sent it, and to nobody else (D20)."""

    row: int
    pairing: Pairing
    case: Case
    asked: tuple[Question, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person has decided where the desk could not: the case, or that it is a new one. `op_key` as the sender gave it."""

    case: Case | None = None
    new: bool = False
    op_key: str | None = None


def receive(sitting: Sitting, rows: Sequence[Row], desk: Desk, choice: Choice = Choice()) -> list[Received]:
    """Take all rows in their order, so that the second form of a case may stand below the first. Raises `NoticesWrong` with every row that cannot be taken;
    then nothing of the sitting may stay."""
    done: list[Received] = []
    faults: list[RowFault] = []
    code, status, exit_code = "notice_wrong", 422, 2
    for row in rows:
        try:
            done.append(_receive(sitting, row, desk, choice))
        except PlainError as error:
            if error.http_status >= 500:
                raise
            text = error.text if len(rows) == 1 else Text(f"Rad {row.number}: {error.text.sv}", f"Row {row.number}: {error.text.en}")
            faults.append(RowFault(row.number, error.field, text))
            if len(faults) == 1:
                code, status, exit_code = error.code, error.http_status, error.exit_code
            if error.code in _BY_THE_DATABASE:
                break
    if faults:
        raise NoticesWrong(faults, code=code, exit_code=exit_code, http_status=status)
    return done


def _receive(sitting: Sitting, row: Row, desk: Desk, choice: Choice) -> Received:
    forms = forms_of(row.notice)
    kind = CaseKind(row.notice.case_kind)
    notices = [to_notice(form, desk.references, desk.now, desk.policy, desk.mode) for form in forms]
    incoming = Incoming(kind, *_by_role(forms, notices))
    known = _known(sitting, incoming, forms, notices, desk, choice)
    before = sitting.seen_under(choice.op_key) if choice.op_key is not None else None
    if before is not None and not (known.seen_same and known.seen_in is not None and known.seen_in.case_id == before.case_id):
        raise PlainError("key_reused", Text(f"Idempotency-Key har redan använts för ett annat formulär (ärende {before.case_number}). Ta en ny nyckel.",
                                            f"The Idempotency-Key was used for another form already (case {before.case_number}). Take a new key."),
                         http_status=422, field="Idempotency-Key")
    found = place(incoming, known)
    if isinstance(found, Refusal):
        raise _refused(found)
    if found.pairing is Pairing.REPEATED:
        assert found.case is not None, "it was seen in a case"
        return Received(row.number, found.pairing, found.case, (), ())
    case = found.case if found.case is not None else _opened(sitting, kind, desk)
    case = take_forms(sitting, case, forms, notices, desk, choice.op_key)
    senders = {f"{_part(form)}_unit" for form in forms}
    return Received(row.number, found.pairing, case, tuple(one for one in questions(case) if one.to in senders), date_notes(tuple(notices), desk.now))


def take_file(sitting: Sitting, file: CaseFile, desk: Desk, case: Case | None = None) -> Case:
    """A person opens a case with what the file has (`case` None), or adds its forms to that case. Raises `PlainError`: a form or a camera is in another open
    case, or the core refuses."""
    forms = [form for form in (file.handing_over, file.receiving) if form is not None]
    notices = [to_notice(form, desk.references, desk.now, desk.policy, desk.mode) for form in forms]
    for form, notice in zip(forms, notices, strict=True):
        _not_elsewhere(sitting, form, notice, case, file.group_ref)
    if case is None:
        case = _opened(sitting, file.case_kind, desk, file.case_number, file.group_ref)
    return take_forms(sitting, case, forms, notices, desk)


def _not_elsewhere(sitting: Sitting, form: HandingOverForm | ReceivingForm, notice: Notice, own: Case | None, group_ref: str) -> None:
    """One open case for each form and for each camera: opened twice, a move would be booked twice, and each case would wait for the other's binding.
    The cases of one household's cameras (U21) may have the same receiving form: it names no camera."""
    seen = sitting.seen(notice.form_ref, _part(form))
    shared = seen is not None and group_ref != "" and isinstance(form, ReceivingForm) and seen[0].group_ref == group_ref
    if seen is not None and not shared and not seen[0].is_final and (own is None or seen[0].case_id != own.case_id):
        number = seen[0].case_number
        raise PlainError("already_open", Text(f"Formuläret finns redan i ärende {number}. Fortsätt där: provisioner case show {number}.",
                                              f"The form is already in case {number}. Go on there: provisioner case show {number}."),
                         exit_code=REFUSED, http_status=409)
    cases = sitting.open_cases_of_camera(notice.serial) if notice.serial is not None else ()
    other = next((one for one in cases if own is None or one.case_id != own.case_id), None)
    if other is not None:
        raise PlainError("camera_in_other_case", Text(
            f"Kameran finns redan i det öppna ärendet {other.case_number}. Är det ett rättat formulär: provisioner case form {other.case_number} FIL. "
            "Annars avsluta det först.", f"The camera is already in the open case {other.case_number}. If this is a corrected form: provisioner case form "
            f"{other.case_number} FILE. Else end that case first."), exit_code=REFUSED, http_status=409, field="serial_number")


def take_forms(sitting: Sitting, case: Case, forms: Forms, notices: Sequence[Notice], desk: Desk, op_key: str | None = None, *,
               came: bool = True) -> Case:
    """Seal the forms, remember that they came, and say them to their case. `came` False: made here of one that came, which stays what is known of it when it
    comes again. Raises `PlainError` where the case refuses one."""
    for at, (form, notice) in enumerate(zip(forms, notices, strict=True)):
        _check_camera(sitting, form, notice)
        other = sitting.seen(notice.form_ref, "receiving" if isinstance(form, HandingOverForm) else "handing_over")
        if other is not None:  # what is sealed of a form stands under its reference: the second would take the first one's place
            raise PlainError("form_ref_taken", Text(
                f"Fältet form_ref: referensen är redan ett annat formulärs, i ärende {other[0].case_number}. Ge varje formulär sin egen; fyller ett formulär båda "
                "rollerna: role=both.", f"The field form_ref: the reference is another form's already, in case {other[0].case_number}. Give each form its own; if "
                "one form fills both roles: role=both."), exit_code=REFUSED, http_status=409, field="form_ref")
        sitting.put_form(notice.form_ref, form_fields(form))
        if came:
            sitting.keep(notice.form_ref, _part(form), case.case_id, _digest(form, case.kind, desk), op_key if at == 0 else None)
        what = HandingOverNotice(notice) if isinstance(form, HandingOverForm) else ReceivingNotice(notice)
        outcome = sitting.take(case.case_id, Said(desk.by, Role.UNIT, what))
        if outcome.refusal is not None:
            raise _refused(outcome.refusal)
        case = outcome.case
    return case


def _digest(form: HandingOverForm | ReceivingForm, kind: CaseKind, desk: Desk) -> str:
    """What tells a form that comes again from one that says something else."""
    return desk.references.make("digest", kind, _part(form), form.model_dump_json(exclude={"form_ref"}))


def correct(sitting: Sitting, case: Case, role: str, fields: Mapping[str, str], given: Mapping[str, str], desk: Desk) -> Case:
    """R25: the answer to a question, field by field: the form that the case has (`fields`, as sealed) with what was `given`, said anew under its own
    reference. Raises `PlainError` naming the field."""
    before = case.handing_over if role == "handing_over" else case.receiving
    assert before is not None, "its fields were there"
    form = form_of(role, {**fields, **given})
    notice = replace(to_notice(form, desk.references, desk.now, desk.policy, desk.mode), form_ref=before.form_ref)
    other = next((one for one in sitting.open_cases_of(notice.person_ref) if one.case_id != case.case_id), None)
    if other is not None and notice.person_ref != before.person_ref:
        raise PlainError("person_in_other_case", Text(
            f"Personen med det numret har redan det öppna ärendet {other.case_number}. Ta in formuläret där (--case) och avbryt det här.",
            f"The person of that number already has the open case {other.case_number}. Take the form in there (--case) and cancel this one."),
            exit_code=REFUSED, http_status=409, field="person_number")
    return take_forms(sitting, case, (form,), (notice,), desk, came=False)


def withdraw(sitting: Sitting, person_ref: str, site_ref: str, subject: str, desk: Desk) -> tuple[list[Case], bool]:
    """A consent is withdrawn: looks that stand on it stop (D28). Returns the open cases in which supervision now ends, and whether people were called to
    decide: where no case is open, where the case cannot take it, or where it is about a home that the case only moves to. Raises `PlainError`."""
    if not sitting.withdraw(person_ref, site_ref, subject):
        raise PlainError("no_consent", Text("Det finns inget gällande samtycke att ta tillbaka för det hemmet. Se: provisioner register consent list.",
                                            "There is no consent in force to withdraw for that home. See: provisioner register consent list."),
                         exit_code=REFUSED, http_status=409, field="subject")
    ended: list[Case] = []
    left: list[Case] = []
    for case in about(sitting.open_cases_of(person_ref), site_ref):
        statement = withdrawal(case, site_ref, subject)
        outcome = None if statement is None else sitting.take(case.case_id, Said(desk.by, Role.COORDINATOR, statement))
        (ended if outcome is not None and outcome.refusal is None else left).append(case if outcome is None else outcome.case)
    for one in left:
        text = Text(f"Ett samtycke är återtaget i ärende {one.case_number}. Avgör nu: avsluta (TERMINATE), eller tillbaka till gamla hemmet (ROLL_BACK).",
                    f"A consent was withdrawn in case {one.case_number}. Decide now: end it (TERMINATE), or back to the old home (ROLL_BACK).")
        sitting.call(f"consent/{one.case_id}/{subject}/{desk.now:%Y%m%dT%H%M%S}", TellPeople("consent", "coordinator", "escalation", text), one.case_id)
    if not ended and not left:
        text = Text(f"Ett samtycke är återtaget för bostad {site_ref} och inget ärende är öppet. Ring larmcentralen, stoppa titt-in, öppna ett ärende för avslut.",
                    f"A consent was withdrawn for dwelling {site_ref} and no case is open. Phone the alarm centre, stop the looks, open a case to end it.")
        sitting.call(f"consent/{site_ref}/{subject}/{desk.now:%Y%m%dT%H%M%S}", TellPeople("consent", "coordinator", "escalation", text), None)
    return ended, bool(left) or not ended


def _part(form: HandingOverForm | ReceivingForm) -> str:
    return "handing_over" if isinstance(form, HandingOverForm) else "receiving"


def _by_role(forms: Forms, notices: Sequence[Notice]) -> tuple[Notice | None, Notice | None]:
    found = {_part(form): notice for form, notice in zip(forms, notices, strict=True)}
    return found.get("handing_over"), found.get("receiving")


def _known(sitting: Sitting, incoming: Incoming, forms: Forms, notices: Sequence[Notice], desk: Desk, choice: Choice) -> Known:
    first, form = incoming.notices[0], forms[0]
    seen = [(one, _digest(of, incoming.kind, desk)) for of, notice in zip(forms, notices, strict=True) if (one := sitting.seen(notice.form_ref, _part(of)))]
    same = len(seen) == len(forms) and all(before == digest for (_, before), digest in seen)
    if same:
        return Known(seen_in=seen[0][0][0], seen_same=True)  # nothing else matters, and a whole file may be of such
    serial = incoming.handing_over.serial if incoming.handing_over is not None else None
    token = desk.references.name_token(form.name) if form.name else ""
    return Known(tuple(sitting.open_cases_of(first.person_ref)), tuple(sitting.open_cases_of_camera(serial)) if serial else (),
                 tuple(sitting.open_cases_of_name(token, first.person_ref, incoming.kind.value)) if token else (), seen[0][0][0] if seen else None,
                 False, choice.case, choice.new)


def _opened(sitting: Sitting, kind: CaseKind, desk: Desk, number: str = "", group_ref: str = "") -> Case:
    case_id = uuid7(desk.now)
    return sitting.take(case_id, Opened(case_id, number or case_number(desk.now), kind, group_ref=group_ref)).case


def _check_camera(sitting: Sitting, form: HandingOverForm | ReceivingForm, notice: Notice) -> None:
    """D3, H3: a serial number and an asset number that the register knows as two cameras are never let through: one of them was read wrongly."""
    if notice.serial is None or notice.asset_number is None:
        return
    asset, serial = sitting.asset_of(notice.serial), sitting.camera_of(notice.asset_number)
    if (asset and asset != notice.asset_number) or (serial and serial != notice.serial):
        raise PlainError("numbers_of_two_cameras", Text(
            "Fältet serial_number: serienumret och inventarienumret hör enligt registret till två olika kameror. Läs av båda etiketterna igen.",
            "The field serial_number: by the register the serial number and the asset number belong to two different cameras. Read both labels again."),
            exit_code=REFUSED, http_status=409, field="serial_number")


def _refused(refusal: Refusal) -> PlainError:
    return PlainError(refusal.code, refusal.text, exit_code=REFUSED, http_status=409, field=refusal.field)


Sit = Callable[[Callable[[Sitting], list[Received]], datetime, Policy, Access], list[Received]]
"""How a sitting is held: `SqlStore.sit`."""
