"""The coverage ledger: who watches over the home at each moment (invariant 2), and how long nobody did."""

from datetime import datetime

from provisioner.case.effects import SuspendBinding
from provisioner.case.model import Binding, BindingState, Case, Cover, CoveredBy, Duty, FallbackMode, State, but


def newest_state(case: Case, binding: Binding) -> BindingState:
    """The registry's newest word on a binding: its reply, or a retained state of a higher revision (somebody else's edit, or ours before its reply)."""
    for seen in case.seen:  # one line a binding
        if seen.binding_id == binding.binding_id and seen.revision > binding.revision:
            return seen.state
    return binding.state


def camera_at_old_home(case: Case) -> bool:
    """Whether the case's camera hangs in the old home, as far as people told us. After a swap it is another camera, and does so only when mounted there."""
    return (case.dismantle is None and not case.replaced_serials) or Duty.CAMERA_BACK_AT_OLD_HOME in case.done


def _gives_looks(case: Case, binding: Binding | None) -> bool:
    """ACTIVE by the registry's newest word, and no suspension of it in doubt: whether that one was carried out, only its reply will tell."""
    return (binding is not None and newest_state(case, binding) is BindingState.ACTIVE
            and not any(e.in_doubt and isinstance(e.effect, SuspendBinding) and e.effect.binding_id == binding.binding_id for e in case.errands))


def live_binding(case: Case) -> Binding | None:
    """The binding that surely gives looks now. An ACTIVE binding of a camera that lies in a bag gives none."""
    if _gives_looks(case, case.new_binding):
        return case.new_binding
    if _gives_looks(case, case.old_binding) and camera_at_old_home(case):
        return case.old_binding
    return None


def covered_by(case: Case) -> CoveredBy | None:
    """Who watches over the home now; None before the case knows its binding."""
    if case.old_binding is None:
        return None
    if live_binding(case) is not None:
        return CoveredBy.CAMERA
    fallback = case.fallback
    if fallback is None or fallback.released_at is not None:
        return CoveredBy.NOBODY
    if fallback.mode is FallbackMode.VISITS:
        return CoveredBy.VISITS
    # "not needed" was said of an ending; one that was called off or frozen leaves a home that is owed looks and has none
    return CoveredBy.NOT_OWED if case.state in (State.TERMINATING, State.TERMINATED, State.PAUSED) else CoveredBy.NOBODY


def with_ledger(case: Case, at: datetime) -> Case:
    """`case` with a new ledger line where the cover has changed. `at` is never before the last line, whatever a foreign clock said."""
    by = covered_by(case)
    if by is None or (case.cover and case.cover[-1].by is by):
        return case
    if case.cover:
        at = max(at, case.cover[-1].at)
    return but(case, cover=(*case.cover, Cover(at, by)))


def uncovered_s(case: Case, until: datetime) -> float:
    """Seconds until `until` in which the home was neither watched by its camera nor covered by an acknowledged fallback."""
    ends = [*(line.at for line in case.cover[1:]), until][: len(case.cover)]  # a case that knows no binding yet has no line at all
    return sum(max(0.0, (end - line.at).total_seconds()) for line, end in zip(case.cover, ends, strict=True) if line.by is CoveredBy.NOBODY)
