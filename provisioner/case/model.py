"""What a case knows. Values only; `advance.py` makes new ones. All names of `kinds.py` and `records.py` are to be had here too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from provisioner.case.device import Marking, Masking, Retirement, Rotation, Zone
from provisioner.case.evidence import Dossier
from provisioner.case.identifiers import SerialNumber
from provisioner.case.keys import KeyRecord
from provisioner.case.kinds import (
    FINAL,
    BindingState,
    CaseKind,
    ContactKind,
    CoveredBy,
    Duty,
    Exit,
    FallbackMode,
    Role,
    State,
    Visit,
)
from provisioner.case.posture import Posture
from provisioner.case.records import (
    Binding,
    Booking,
    BookingTaken,
    Consent,
    Cover,
    Done,
    Engaged,
    Errand,
    Fallback,
    FrameReport,
    Identity,
    Judged,
    Mount,
    NobodyHome,
    Notice,
    Scan,
    Seen,
    SignDecision,
    SiteCheck,
    Task,
    TestLook,
    Token,
    ViewDecision,
    Wanted,
)
from provisioner.case.view_check import Bed, ReflectionWord, ViewOverride

__all__ = [
    "FINAL",
    "Binding",
    "BindingState",
    "Booking",
    "BookingTaken",
    "Case",
    "CaseKind",
    "Consent",
    "ContactKind",
    "Cover",
    "CoveredBy",
    "Done",
    "Duty",
    "Engaged",
    "Errand",
    "Exit",
    "Fallback",
    "FallbackMode",
    "FrameReport",
    "Identity",
    "Judged",
    "Mount",
    "NobodyHome",
    "Notice",
    "Role",
    "Scan",
    "Seen",
    "SignDecision",
    "SiteCheck",
    "State",
    "Task",
    "TestLook",
    "Token",
    "ViewDecision",
    "Visit",
    "Wanted",
    "but",
]


@dataclass(frozen=True, eq=False)
class Case:
    """One case. `revision` grows by one with each input that changed it; `leg` with each state entered.

    No slots, alone in this house: a copy with two fields changed is then two dictionary updates and not fifty assignments (1 µs, not 12), and
    each input makes a dozen copies.
    """

    case_id: str
    case_number: str
    kind: CaseKind
    opened_at: datetime
    routine_version: str = "2021:1"                  # R3, U30
    state: State = State.DRAFT
    entered_at: datetime | None = None
    leg: int = 0
    revision: int = 0
    handing_over: Notice | None = None
    receiving: Notice | None = None
    expected_serial: SerialNumber | None = None
    replaced_serials: tuple[SerialNumber, ...] = ()  # swapped out (D14)
    looked_up: bool = False                          # the registry answered about the expected serial
    live_found: int = 0                              # how many live bindings it knew
    old_binding: Binding | None = None
    new_binding: Binding | None = None
    booking: Booking | None = None
    bookings: tuple[BookingTaken, ...] = ()                # every one that was taken, the first to the one that holds
    no_access: tuple[NobodyHome, ...] = ()             # every door that nobody opened
    missed: Visit | None = None                      # a visit that did not come about and is not booked anew
    keys: tuple[KeyRecord, ...] = ()                 # everything that was said of keys; of each the last word counts
    site: SiteCheck | None = None
    pause_over: Done | None = None                   # somebody has said that the person comes home again
    withdrawn: tuple[Consent, ...] = ()              # consents taken back: only an ending is left
    group_ref: str = ""                              # the cases of one household's cameras share it (U21)
    undoes: str = ""                                 # the number of the case whose re-bind is taken back here
    undone_by: str = ""                              # and of the one that takes back this one's
    fallback: Fallback | None = None
    dismantling_begun: Done | None = None
    dismantle: Scan | None = None
    old_sign_removed: bool = False
    mount: Mount | None = None
    visit: Scan | None = None
    confirm_by_camera: bool = False                  # provider change: the label was not enough for the person
    identity: Identity | None = None                 # of the confirmed camera, and of no other
    judged: Judged | None = None                     # the last judgement, whatever it was
    dossier: Dossier | None = None                   # what is kept of the confirmed camera, to know it again
    rotation: Rotation | None = None
    posture: Posture | None = None
    marking: Marking | None = None
    frames_taken: int = 0
    frame: FrameReport | None = None
    zones: tuple[Zone, ...] | None = None            # where the camera must not see; None: nobody has drawn any
    masking: Masking | None = None
    bed: Bed | None = None                           # where the camera must see
    plan: str = ""                                   # the floor plan of the new home, JSON; '' where nobody has given one
    camera_height_m: float | None = None
    reflections: tuple[ReflectionWord, ...] = ()     # the technician's words beside the findings of `frame`
    overrides: tuple[ViewOverride, ...] = ()         # what the team lead has answered for
    view: ViewDecision | None = None
    sign: SignDecision | None = None
    test_look: TestLook | None = None
    code_in_picture: bool = False                    # the camera may still write a one-time code, or look for one
    retirement: Retirement | None = None
    rebind_completed: bool = False
    switch_completed: bool = False
    replied_at: datetime | None = None               # when the registry last completed a command
    began_at: datetime | None = None                 # when supervision began: REBOUND, or SWITCHED
    seen: tuple[Seen, ...] = ()
    first_look_ok_at: datetime | None = None
    done: Mapping[Duty, Done] = field(default_factory=dict)
    it_supports_done: tuple[str, ...] = ()
    wanted: Wanted | None = None                     # an exit that waits for a command in flight
    leaving: Wanted | None = None                    # the exit that is being carried out: SWAP, ROLLING_BACK, TERMINATING
    held_from: State | None = None
    first_look_at: datetime | None = None
    raised: tuple[str, ...] = ()                     # escalations already owed, by key
    asked: int = 0                                   # attempts ever made; the next token's number
    errands: tuple[Errand, ...] = ()
    tasks: tuple[Task, ...] = ()
    cover: tuple[Cover, ...] = ()
    wake_at: datetime | None = None

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, Case) else NotImplemented

    @property
    def is_final(self) -> bool:
        """Whether the case is over."""
        return self.state in FINAL

    @property
    def moves(self) -> bool:
        """Whether the camera goes to another home (R27)."""
        return self.kind is not CaseKind.PROVIDER_CHANGE_ONLY

    @property
    def home_binding(self) -> Binding | None:
        """The binding that gives this person's looks, or gave them last: the old one until the re-bind, then the new one."""
        return self.new_binding if self.rebind_completed else self.old_binding

    @property
    def changes_provider(self) -> bool:
        """Whether the care provider changes."""
        return self.kind is not CaseKind.MOVE_ONLY

    def errand(self, token: Token) -> Errand | None:
        """The errand that waits under exactly this token."""
        return next((errand for errand in self.errands if errand.token == token), None)

    def errand_named(self, name: str) -> Errand | None:
        """The errand of this name, whatever its attempt."""
        return next((errand for errand in self.errands if errand.token.errand == name), None)


if TYPE_CHECKING:
    from dataclasses import replace as but  # checked as `replace` is
else:
    def but(case, **changes):
        """`case` with these fields changed: `dataclasses.replace`, quicker."""
        new = object.__new__(Case)
        fields = new.__dict__
        fields.update(case.__dict__)
        fields.update(changes)
        return new
