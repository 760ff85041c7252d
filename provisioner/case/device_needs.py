"""The needs that the camera itself meets: password, settings, mark, masks, the code in its picture; and what must be true to go back or to end.

Each is asked of the camera by an effect and met by what was read back, never by the camera's reply. What a camera cannot do is no reason to leave a
home unwatched where its device profile accepts that; where it does not, a person decides, by name.
"""

from dataclasses import replace

from provisioner.case import needs as n
from provisioner.case.device import FRAMES_OF_A_MASKING
from provisioner.case.effects import Effect, EnsurePosture, HideCode, MarkCamera, MaskZones, RetireCamera, RotateCredentials, ShowCode
from provisioner.case.model import Case, Duty
from provisioner.case.needs import Asking, Need
from provisioner.fault import Text

_IDENTIFIED = ("identity_confirmed",)  # nothing is changed on a camera that is not proved to be the case's


def marks_of(case: Case) -> tuple[str, ...]:
    """The bindings whose mark the camera may carry: those of its case."""
    return tuple(binding.binding_id for binding in (case.old_binding, case.new_binding) if binding is not None)


def rotated(case: Case) -> bool:
    """Whether the camera has a new password and nobody else's, or a person has answered for it (D16)."""
    return (case.rotation is not None and case.rotation.good) or Duty.CREDENTIALS_ROTATED in case.done


def postured(case: Case) -> bool:
    """Whether the camera is set as a home demands it, or the team lead has answered for what could not be asked (D15)."""
    return case.posture is not None and (case.posture.acceptable or Duty.POSTURE_CONFIRMED in case.done)


def masked(case: Case) -> bool:
    """Whether every zone that was drawn is proved to show nothing."""
    return case.zones is None or (case.masking is not None and case.masking.proved and len(case.masking.zones) == len(case.zones))


def _rotate(a: Asking) -> Effect | None:
    return RotateCredentials(a.case.expected_serial) if a.case.expected_serial and a.case.rotation is None else None


def _posture(a: Asking) -> Effect | None:
    return EnsurePosture(a.case.expected_serial, marks_of(a.case)) if a.case.expected_serial and a.case.posture is None else None


def _mark(a: Asking) -> Effect | None:
    binding = a.case.home_binding if a.case.leaving is not None else a.case.new_binding
    return MarkCamera(a.case.expected_serial, binding.binding_id) if a.case.expected_serial and binding is not None else None


def _marked(case: Case) -> bool:
    """Whether the mark was seen to; what a camera cannot carry it need not."""
    binding = case.home_binding if case.leaving is not None else case.new_binding
    return case.marking is not None and (not case.marking.supported or (binding is not None and binding.binding_id in case.marking.marks))


def _mask(a: Asking) -> Effect | None:
    serial, zones = a.case.expected_serial, a.case.zones
    within = a.case.frames_taken + FRAMES_OF_A_MASKING <= a.policy.frames_per_visit
    return MaskZones(serial, zones) if serial and zones is not None and a.case.masking is None and within else None


def _show(a: Asking) -> Effect | None:
    serial, look = a.case.expected_serial, a.case.test_look
    if serial is None or look is None:
        return None
    return HideCode(serial, keep_view=True) if look.by_card else ShowCode(serial, look.code)  # an older code in the picture could be read instead of the card


def _displayed(case: Case) -> bool:
    look = case.test_look
    return look is not None and (look.cleared if look.by_card else look.in_picture)


def _hide(a: Asking) -> Effect | None:
    return HideCode(a.case.expected_serial) if a.case.expected_serial else None


def _retire(a: Asking) -> Effect | None:
    return RetireCamera(a.case.expected_serial, marks_of(a.case)) if a.case.expected_serial else None


def _never_left(case: Case) -> bool:
    return n.never_left(case)


CREDENTIALS = Need("credentials_rotated", Text("Kameran får nytt lösenord; gamla användare tas bort.", "The camera gets a new password; old users are removed."),
                   "D16, H11", rotated, _rotate, after=_IDENTIFIED, duty=Duty.CREDENTIALS_ROTATED, by_daemon=True)
POSTURE = Need("posture_confirmed", Text("Kamerans inställningar sätts och läses tillbaka: inget ljud, ingen inspelning, inget standardlösenord.",
                                         "The camera's settings are set and read back: no audio, no recording, no default password."), "D15, H8, H9, H12",
               postured, _posture, after=(*_IDENTIFIED, "credentials_rotated"), duty=Duty.POSTURE_CONFIRMED, by_daemon=True)
MASKED = Need("zones_masked", Text("Kameran maskar det den inte får se, och en ny bild visar att det syns ingenting där.",
                                   "The camera masks what it must not see, and a second picture shows nothing there."), "R37",
              masked, _mask, after=("frame_judged",), by_daemon=True)
MARKED = Need("camera_marked", Text("Kameran märks med kopplingens beteckning.", "The camera is marked with the binding's reference."), "H4",
              _marked, _mark, after=("new_binding_in_test", "frame_judged", "zones_masked"), by_daemon=True)
CODE_DISPLAYED = Need("code_in_picture", Text("Kameran visar engångskoden i bilden.", "The camera shows the one-time code in its picture."), "D9",
                      _displayed, _show, by_daemon=True)
CODE_HIDDEN = Need("code_out_of_picture", Text("Engångskoden tas ur bilden.", "The one-time code is taken out of the picture."), "D9",
                   lambda c: not c.code_in_picture, _hide, after=("operator_saw_code",), by_daemon=True)
CLEARED = Need("camera_cleared", Text("Kameran rensas, med kvitto; nås den inte rensas den i depån.",
                                      "The camera is cleared, with a receipt; out of reach it is cleared at the depot."), "R26, D16, D28",
               lambda c: c.retirement is not None or c.old_binding is None, _retire, by_daemon=True)


def _unless_never_left(need: Need) -> Need:
    return replace(need, met=lambda c: _never_left(c) or need.met(c))


GOING_BACK = (
    replace(n.NEW_RETIRED, met=lambda c: c.rebind_completed or n.NEW_RETIRED.met(c)),
    n.CAMERA_BACK,
    *(_unless_never_left(need) for need in (n.VISIT, n.IDENTITY, n.CODE_SHOWN, CODE_DISPLAYED, n.CODE_SEEN)),
    n.RESUMED, n.STATE_AGREES, n.NO_CHANGE_WAITS,
    _unless_never_left(replace(MARKED, after=(*_IDENTIFIED, "looks_resumed"))), CODE_HIDDEN,
)
"""Back to the old home: the camera is checked there as it was checked at the new one."""
