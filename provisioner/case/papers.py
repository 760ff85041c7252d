"""What a case lets be written of it, and when: signs, care-record texts, the phone script, calendar entries. None where its moment has not come."""

from provisioner.case.model import Case, Done, Duty, State
from provisioner.case.posture import Finding, Proof
from provisioner.case.posture_items import Item
from provisioner.case.posture_items import State as Found
from provisioner.case.telling import begun_of
from provisioner.documents.calendar_entry import Visit
from provisioner.documents.care_record import HandedOver, Received, Row, handing_over_record, receiving_record
from provisioner.documents.feedback import PhoneScript, phone_script
from provisioner.documents.sign_texts import SignClaims

CONFIRMED_BY: dict[Row, Duty] = {"R13": Duty.CARE_RECORD_HANDING_OVER, "R23": Duty.CARE_RECORD_RECEIVING, "R24": Duty.SERIAL_DOCUMENTED}
_CALLED_OFF = frozenset({State.CANCELLED, State.ROLLING_BACK, State.ROLLED_BACK})
_ENDED = _CALLED_OFF | {State.TERMINATING, State.TERMINATED}


def phone_script_of(case: Case) -> PhoneScript | None:
    """R39-R42: not before the alarm centre has confirmed (R41)."""
    begun = begun_of(case)
    return phone_script(begun) if begun is not None else None


def handing_over_record_of(case: Case) -> str | None:
    """R13: after the form reply (R43, R49)."""
    told = case.done.get(Duty.HANDING_OVER_FORM_SENT)
    if begun_of(case) is None or told is None or told.waived:
        return None
    return handing_over_record(HandedOver(case.case_number, case.moves, case.changes_provider, told.at))


def receiving_record_of(case: Case) -> str | None:
    """R23, R24: after phone call and form reply (R39, R49)."""
    begun, told = begun_of(case), [_told(case, duty) for duty in (Duty.RECEIVING_PHONED, Duty.RECEIVING_FORM_SENT)]
    if begun is None or None in told:
        return None
    return receiving_record(Received(case.case_number, case.moves, begun.began_at, max(done.at for done in told if done is not None)))


def _told(case: Case, duty: Duty) -> Done | None:
    done = case.done.get(duty)
    return done if done is not None and not done.waived else None


def visits_of(case: Case, times_booked: int) -> tuple[Visit, ...]:
    """The booked times as calendar entries; none before there is a booking. `times_booked`: how often a booking was taken, which numbers their versions.

    A visit that has taken place stays in the calendar; one that was called off is cancelled. After a termination the camera is still taken down (D28).
    """
    b = case.booking
    if b is None:
        return ()
    no_dismantling = case.state in _CALLED_OFF and case.dismantle is None
    no_installation = case.state in _ENDED and case.mount is None
    version = max(times_booked - 1, 0)
    return (Visit("dismantling", case.case_number, b.dismantle_from, b.dismantle_to, version + no_dismantling, no_dismantling),
            Visit("installation", case.case_number, b.install_from, b.install_to, version + no_installation, no_installation))


def claims_of(case: Case) -> SignClaims:
    """What the posture of this case's camera proves of sound and recordings (D15). A person's word for it proves nothing here."""
    if case.posture is None:
        return SignClaims()
    found = {one.item: one for one in case.posture.findings}
    wire = _proved(found[Item.AUDIO_ON_WIRE])
    profiles = _proved(found[Item.AUDIO_IN_PROFILES], harmless_without=True)
    return SignClaims(False if wire is False or profiles is False else (wire and profiles) or None, _proved(found[Item.RECORDINGS], harmless_without=True))


def _proved(finding: Finding, harmless_without: bool = False) -> bool | None:
    """Whether it was seen or read back. `harmless_without`: a camera that cannot do it at all proves it too; the stream's silence is heard or not known."""
    if finding.state is Found.WRONG:
        return False
    if finding.state is Found.UNSUPPORTED:
        return True if harmless_without else None
    return True if finding.state is Found.OK and finding.proved is not Proof.NOT else None
