"""The settings of the core: every number that a municipality may change, with the rule that gave its default."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations and lists the core decides by. It is journalled with each case, so that a case can be lived again under the policy of its day."""

    asset_number_pattern: str = r"[A-Z]{2,5}-?\d{4,8}"
    escalate_before_first_look: tuple[timedelta, ...] = (timedelta(hours=4), timedelta(hours=2), timedelta(hours=1))  # D7
    booking_margin: timedelta = timedelta(hours=4)          # 6.2 row 5: installation ends 4 h before the first look, or a fallback is agreed
    travel_margin: timedelta = timedelta(minutes=30)        # between two visits of one technician: the way, and the time that a visit runs over
    suspension_review: timedelta = timedelta(days=7)        # U17
    counterpart_reminder: timedelta = timedelta(days=1)     # U2: working days, here and in the next (case/workdays.py)
    counterpart_phone: timedelta = timedelta(days=2)        # U2
    closing_reminder: timedelta = timedelta(days=2)         # working days: what is left to tell and to write down, and then each week
    hold_review: timedelta = timedelta(hours=24)            # H19: a case on hold for 24 h calls for somebody
    label_scan_valid: timedelta = timedelta(minutes=15)     # D11
    queue_valid: timedelta = timedelta(minutes=10)          # D25: older than this, a step that changes a binding is confirmed anew
    test_look_valid: timedelta = timedelta(minutes=15)      # 6.2 row 12
    frames_per_visit: int = 6                               # D11
    frames_per_check: int = 4                               # day, night, lamp off, and one more where the night is blown or the camera slow
    zones_most: int = 8                                     # cameras have 4 to 8 masks (Media2, GetMaskOptions); more is another place for the camera
    command_deadline_s: float = 30.0                        # 6.4: no reply in 30 s, the same message id again
    camera_deadline_s: float = 20.0                         # one camera call with all it needs; a dead address costs one deadline
    frame_deadline_s: float = 90.0                          # three frames, each a GOP of 10 s joined in the middle, and a filter that takes 4 s; D10's 120 s hold all
    settings_deadline_s: float = 60.0                       # posture, passwords, masks, retirement: twenty calls to a camera that takes 2 s for each
    state_patience: timedelta = timedelta(minutes=2)        # D8: a reply without its retained state for so long calls for somebody
    silent_binding: timedelta = timedelta(hours=24)         # D24: no good look for so long since supervision began
    keys_reminder: timedelta = timedelta(days=1)            # H13: so long before the provider change the keys must be known
    short_notice_days: int = 5                              # U1: working days; fewer are warned about, never refused
    uncovered_repeat: timedelta = timedelta(minutes=15)     # a home neither watched nor visited calls again and again
    it_supports: tuple[str, ...] = ("alarm-centre-registry", "device-inventory", "surveillance-register")  # U7
