"""The product broken on purpose, one rule at a time, to see that the judge is awake. Nothing here is ever part of the product."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from provisioner.case import advance as core
from provisioner.case import clockwork, onsite
from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case import needs as n
from provisioner.case.identifiers import edit_distance_at_most_1, normalise_serial
from provisioner.case.model import Case, State
from provisioner.case.plan import PLAN, Rule
from provisioner.daemon import Daemon
from provisioner.fault import PlainError
from provisioner.ports import Owed
from provisioner.store import taking
from provisioner.store.sql import SqlStore

Patches = list[Any]


def _perform_before_commit() -> Patches:
    """The effects leave, and then the case is saved."""
    real = Daemon._take

    def take(self: Daemon, case_id: str, input: i.Input, *, op_id: str | None = None) -> Any:
        try:
            outcome = core.advance(self._store.load(case_id), input, self._clock.now(), self._policy)
        except PlainError:
            return real(self, case_id, input, op_id=op_id)
        for ask in outcome.asks:
            if ask.token is not None:
                self._perform(Owed("too-early", case_id, ask.token, ask.effect, ask.deadline_at))
        return real(self, case_id, input, op_id=op_id)

    return [patch.object(Daemon, "_take", take)]


def _forget_owed_at_start() -> Patches:
    """What a crash left undone stays undone: nothing is claimed."""
    return [patch.object(SqlStore, "claim", lambda self, *args, **kwargs: [])]


def _accept_late_answers() -> Patches:
    """An answer belongs to the errand of its name, whatever its attempt."""
    return [patch.object(Case, "errand", lambda self, token: self.errand_named(token.errand))]


def _rebound_on_reply_alone() -> Patches:
    """Supervision has begun as soon as the reply says so."""
    return [_way_changed(State.TEST_LOOK_OK, lambda needs: tuple(need for need in needs if need is not n.STATES_AGREE))]


def _no_fallback_guard() -> Patches:
    """Looks are suspended although nobody has acknowledged a fallback."""

    def asks(a: n.Asking) -> fx.Effect | None:
        old = a.case.old_binding
        return fx.SuspendBinding(old.binding_id, old.serial, old.revision, "MOVE", "fallback-none", a.now + timedelta(days=1), a.msg_id) if old else None

    def without(needs: tuple[n.Need, ...]) -> tuple[n.Need, ...]:
        return tuple(replace(need, asks=asks) if need is n.SUSPENDED else need for need in needs if need is not n.FALLBACK)

    return [_way_changed(State.BOOKED, without), patch.object(onsite, "fallback_stands", lambda case: True)]


def _nobody_is_called() -> Patches:
    """The hours before the planned look pass in silence."""
    return [patch.object(clockwork, "_gap_calls", lambda case, now, policy: iter(()))]


def _serial_by_likeness() -> Patches:
    """A label that differs by one character is taken for the camera's."""
    real = onsite.read_scan

    def read_scan(case: Case, scanned: str, *args: Any, **kwargs: Any) -> Any:
        found = normalise_serial(scanned)
        near = found is not None and case.expected_serial is not None and edit_distance_at_most_1(found, case.expected_serial)
        return real(case, case.expected_serial if near and case.expected_serial else scanned, *args, **kwargs)

    return [patch.object(onsite, "read_scan", read_scan)]


def _owed_in_its_own_transaction() -> Patches:
    """The case is saved without what it owes; that is saved with the next input."""
    real, left = taking.write_owed, []  # type: ignore[var-annotated]

    def write_owed(tx: Any, case_id: str, seq: int, asks: Any, *args: Any) -> Any:
        waiting, left[:] = list(left), [(case_id, seq, asks)]
        for earlier in waiting:
            real(tx, *earlier, *args)
        return []

    return [patch.object(taking, "write_owed", write_owed)]


def _number_alone() -> Patches:
    """What the depot pinned is not looked at."""
    real = SqlStore.identity_knowledge
    return [patch.object(SqlStore, "identity_knowledge", lambda self, serial, seen: (None, real(self, serial, seen)[1]))]


def _words_in_the_log() -> Patches:
    """What people typed is logged."""
    real = Daemon._take

    def take(self: Daemon, case_id: str, input: i.Input, **kwargs: Any) -> Any:
        logging.getLogger("provisioner.daemon").info("taking %s", input)
        return real(self, case_id, input, **kwargs)

    return [patch.object(Daemon, "_take", take)]


def _way_changed(state: State, change: Callable[[tuple[n.Need, ...]], tuple[n.Need, ...]]) -> Any:
    rule = PLAN[state]
    ways = tuple(way if way.aside else replace(way, needs=change(way.needs)) for way in rule.ways)
    changed: dict[State, Rule] = {state: replace(rule, ways=ways)}
    return patch.dict(PLAN, changed)  # type: ignore[arg-type]


BREAKAGES: Mapping[str, Callable[[], Patches]] = {
    "perform-before-commit": _perform_before_commit, "forget-owed-at-start": _forget_owed_at_start, "accept-late-answers": _accept_late_answers,
    "rebound-on-reply-alone": _rebound_on_reply_alone, "no-fallback-guard": _no_fallback_guard, "nobody-is-called": _nobody_is_called,
    "serial-by-likeness": _serial_by_likeness, "owed-in-its-own-transaction": _owed_in_its_own_transaction, "words-in-the-log": _words_in_the_log,
    "number-alone": _number_alone,
}


@contextmanager
def broken(name: str) -> Iterator[None]:
    """The product, broken in this way, until the block ends."""
    with ExitStack() as stack:
        for one in BREAKAGES[name]():
            stack.enter_context(one)
        yield
