"""The waist: what the core's shell needs of the outside, as Protocols. Read this first.

Above this file stand the adapters (`camera/`, `registry/`, `store/`, `web/`), which know one thing each and no rules; below it stands the core
(`case/`), which knows rules and nothing of the outside. `daemon.py` is written against this file alone, so that the same loop runs on real
sockets and, in the deterministic simulation, on a simulated clock, cameras and registry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provisioner.case.device import CodeDisplay, Marking, Masking, Retirement, Rotation, Zone
from provisioner.case.effects import Effect, RegistryEffect
from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy
from provisioner.case.inputs import Input, News, RegistryReply
from provisioner.case.model import BindingState, Case, FrameReport, Identity, Token
from provisioner.case.outcome import Outcome
from provisioner.case.policy import Policy
from provisioner.case.posture import Posture
from provisioner.case.view_check import ViewAsked
from provisioner.fault import Fault


class Clock(Protocol):
    """Server time (D17)."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One committed effect that has not been settled. `token` is None for effects that nobody waits for (`TellPeople`)."""

    owed_id: str
    case_id: str
    token: Token | None
    effect: Effect
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One input, what it decided, and the policy it was decided under."""

    seq: int
    at: datetime
    actor: str
    input: Input
    policy: Policy
    outcome: str        # moved, noted, refused, dropped
    decision: str       # the sentences of the outcome, English, one a line
    state_after: str
    revision_after: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one input: the outcome, and the effects now owed and claimed by the caller. `repeated`: this `op_id` had been taken before."""

    case_id: str
    outcome: Outcome
    owed: tuple[Owed, ...]
    repeated: bool = False


class Store(Protocol):
    """Cases, journal and owed effects. One call of `take` is one transaction; when it returns, it is on the disk."""

    def take(self, case_id: str, input: Input, now: datetime, policy: Policy, *, op_id: str | None = None, worker: str | None = None) -> Taken:
        """Load the case, advance it, save case + journal line + owed effects + bindings in one transaction.

        With `worker` the new owed effects are claimed for it and returned; without (the command line), they are left for the daemon to find.
        Raises `PlainError` for an unknown case, a broken invariant (two live bindings), a locked, read-only or full database; then nothing changed.
        """

    def load(self, case_id: str) -> Case:
        """The case; `PlainError` (`unknown_case`) where there is none."""

    def due(self, now: datetime, limit: int = 100) -> Sequence[str]:
        """Open cases whose `wake_at` is not after `now`, earliest first."""

    def next_wake_at(self) -> datetime | None:
        """The earliest `wake_at` of all open cases."""

    def claim(self, worker: str, now: datetime, lease_s: float, limit: int = 50) -> Sequence[Owed]:
        """Owed effects that nobody performs now, claimed for `worker` until the lease ends; oldest first."""

    def release(self, worker: str) -> None:
        """Forget all claims of `worker`: what a crash left undone is owed again."""

    def owed_for_message(self, msg_id: str) -> Owed | None:
        """The unsettled registry effect with this message id."""

    def settle_told(self, owed: Owed, now: datetime) -> bool:
        """Put a `TellPeople` on the notice board and settle it, in one transaction. False where its key was already there (a second run)."""

    def identity_knowledge(self, serial: str, seen: tuple[Evidence, ...]) -> tuple[Dossier | None, IdentityPolicy]:
        """What the judgement of a camera needs besides the camera: the dossier pinned of the expected `serial`, and of the values `seen` (and pinned) those
        that several of our cameras have, and those that are the serial number of another one."""

    def note_binding(self, binding_id: str, state: BindingState, revision: int, now: datetime) -> bool:
        """Keep what the registry's retained state says of a binding of a closed case; True where it was news. Raises `PlainError` where it would give
        a camera two homes."""

    def cases_of_binding(self, binding_id: str) -> Sequence[str]:
        """Ids of the open cases that know this binding."""


class Camera(Protocol):
    """The camera on site. Never raises for a fault of the device; returns within `deadline_s` (seconds)."""

    def read_identity(self, serial: str, deadline_s: float) -> Identity | Fault:
        """Log in and read who it is. `serial` is the expected one: it finds the camera's place and password, it proves nothing."""

    def judge_frame(self, serial: str, deadline_s: float, asked: ViewAsked) -> FrameReport | Fault:
        """Take frames into memory, as the room is and as the night shows it, judge them, wipe them, return numbers (D10, D11). The camera is left as it
        was found."""

    def rotate_credentials(self, serial: str, deadline_s: float) -> Rotation | Fault:
        """A new password, proved; the old one refused; other accounts gone (D16). Goes on where a crash has left it."""

    def ensure_posture(self, serial: str, deadline_s: float, *, marks: tuple[str, ...] = ()) -> Posture | Fault:
        """Set what D15 asks for, read it back, prove it. `marks`: binding ids the camera may carry."""

    def mark(self, serial: str, binding_id: str | None, deadline_s: float) -> Marking | Fault:
        """Carry this binding id in the announcement and no other; None: carry none."""

    def mask(self, serial: str, zones: tuple[Zone, ...], deadline_s: float) -> Masking | Fault:
        """Privacy masks over these zones and no others of ours, proved in a second frame."""

    def show_code(self, serial: str, code: str, deadline_s: float) -> CodeDisplay | Fault:
        """Write the code into the picture and read it back; `card` where the camera cannot write."""

    def hide_code(self, serial: str, deadline_s: float, *, keep_view: bool = False) -> CodeDisplay | Fault:
        """Take any one-time code out of the picture and read that back. `keep_view`: the lens stays on the room."""

    def retire(self, serial: str, deadline_s: float, *, binding_ids: tuple[str, ...] = ()) -> Retirement | Fault:
        """Clear the camera and sign a receipt that names the bindings. Out of reach is a value here (`not_verified`), no fault."""


class Registry(Protocol):
    """The way to the alarm centre."""

    def send(self, effect: RegistryEffect, case_id: str, deadline_at: datetime) -> None:
        """Send a command and go on sending it until the alarm centre itself replies or the deadline is over. Returns at once; the reply comes to the
        `RegistrySink`. Calling it again with the same effect is harmless."""


class RegistrySink(Protocol):
    """What the registry adapter calls; any thread, returns at once."""

    def registry_replied(self, msg_id: str, reply: RegistryReply | Fault) -> None:
        """The alarm centre (or, for a Fault, the broker: refused, nobody listening) answered the command with this message id."""

    def registry_told(self, news: News, op_id: str | None) -> None:
        """An event or a retained state. `op_id` is the event's message id, by which a repeat is known."""

    def registry_link(self, up: bool) -> None:
        """The connection to the broker came or went."""

    def registry_presence(self, online: bool) -> None:
        """The alarm centre's own program came or went."""


Performer = Callable[[Owed], None]
"""Starts performing an owed effect and returns at once; the answer comes back through the daemon's inbox."""
