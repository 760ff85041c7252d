"""What a test or a person can do to the alarm centre, by name and with JSON arguments: `levers.pull("silent", for_s=20)`."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulators.alarm_centre import wire
from simulators.alarm_centre.ids import random_id
from simulators.alarm_centre.manners import ALWAYS
from simulators.alarm_centre.wire import Publish

if TYPE_CHECKING:
    from simulators.alarm_centre.mqtt import AlarmCentre


class LeverError(ValueError):
    """No such lever, or arguments that it does not take. The text is for a person."""


def _arguments(function: Callable[..., object]) -> str:
    return f"({', '.join(str(parameter) for parameter in inspect.signature(function).parameters.values() if parameter.name != 'self')})"


class Levers:
    """Each public method but `names` and `pull` is a lever; its first line of documentation is what `names` says of it."""

    def __init__(self, centre: AlarmCentre) -> None:
        self._centre = centre

    def names(self) -> dict[str, str]:
        """Every lever with its arguments and one line about it."""
        return {name: f"{_arguments(function)} {(function.__doc__ or '').splitlines()[0]}" for name, function in sorted(vars(Levers).items())
                if not name.startswith("_") and name not in ("names", "pull")}  # fmt: skip

    def pull(self, name: str, /, **args: Any) -> object:
        """Gives what the lever gives, which is JSON-able, or raises LeverError with a sentence."""
        if name not in self.names():
            raise LeverError(f"the alarm centre has no lever {name}; it has {', '.join(self.names())}")
        lever = getattr(self, name)
        try:
            inspect.signature(lever).bind(**args)
        except TypeError as error:
            raise LeverError(f"{name}: {error}; it is {name}{self.names()[name]}") from error
        try:
            return lever(**args)
        except (TypeError, ValueError) as error:
            raise LeverError(f"{name}: {error}") from error

    # ---- manners on the line

    def silent(self, for_s: float | None = None, hears: bool = True) -> None:
        """Says nothing for so many seconds, or until `calm`. With hears=false it does not do what it is told either."""
        with_end_s = ALWAYS if for_s is None else time.monotonic() + for_s
        self._centre.manners.silent_until_s, self._centre.manners.hears = with_end_s, hears
        self._centre.wake()

    def slow(self, by_s: float) -> None:
        """Every message leaves this many seconds late, until `calm`."""
        self._centre.manners.slow_by_s = float(by_s)

    def answer_late(self, by_s: float, times: int = 1) -> None:
        """The next replies come this many seconds late; other messages do not."""
        self._centre.manners.late = [float(by_s)] * times

    def answer_twice(self, times: int = 1) -> None:
        """The next replies are given twice."""
        self._centre.manners.twice = int(times)

    def refuse(self, code: str, times: int = 1) -> None:
        """The next commands are rejected with this code of the contract, and nothing is done."""
        self._centre.registry.refuse_next(code, int(times))

    def calm(self) -> None:
        """Takes back silent, slow, answer_late, answer_twice, refuse and operator_sees, and publishes all states again."""
        self._centre.manners.calm()
        self._centre.operator.misreads = None
        self.refuse("EXPIRED", 0)
        self._centre.all_states_again()

    def restart(self, away_s: float = 0.0) -> None:
        """Its process dies without a farewell, is away for so many seconds, and begins again with what was on its disk."""
        self._centre.restart(away_s)

    # ---- people at the centre

    def edit_by_hand(self, binding_id: str, **changes: str) -> None:
        """Somebody changes a binding past the contract (state, camera_serial, site_ref, provider_ref, schedule_ref)."""
        self._centre.with_registry(lambda registry, now: registry.edit_by_hand(binding_id, now, **changes))

    def look_now(self, binding_id: str, outcome: str = "OK", for_s: float = 0.0) -> dict[str, str]:
        """An operator looks at an ACTIVE binding (outcome OK, NOT_SEEN or NO_CONTACT) and takes at least so many seconds."""
        return {"look_id": self._centre.look_now(binding_id, outcome, float(for_s))}

    def announce_first_look(self, binding_id: str, at: str) -> None:
        """Sends upcoming_first_look for an instant such as 2026-11-23T21:30:00.000Z."""
        when = wire.read_instant(at)
        self._centre.with_registry(lambda registry, now: registry.announce_first_look(binding_id, when, now))

    def operator_sees(self, text: str | None = None) -> None:
        """The operator reads this in every picture, whatever is there; null: what is really there."""
        self._centre.operator.misreads = text

    def operator_credentials(self, camera_serial: str, user: str, password: str) -> None:
        """Gives the operator the new login of a camera."""
        try:
            self._centre.operator.credentials(camera_serial, user, password)
        except KeyError as error:
            raise LeverError(f"the operator has no camera {camera_serial}") from error

    # ---- lies

    def forge_reply(self, in_reply_to: str, client_ref: str, correlation: str | None = None) -> dict[str, str]:
        """A completed reply to this client under a wrong correlation (or the given one), for a command that was never answered so."""
        mark = correlation or random_id(datetime.now(UTC))
        self._centre.say(Publish(f"{wire.REPLIES}{client_ref}", wire.encode({
            "schema": "tk/1/reply", "msg_id": random_id(datetime.now(UTC)), "in_reply_to": in_reply_to, "result": "completed", "code": None,
            "revision": 99, "at": wire.instant(datetime.now(UTC)), "body": {"bindings": [], "code_seen": None, "next_cursor": None},
        }), correlation=mark.encode("ascii")))  # fmt: skip
        return {"correlation": mark}

    def wrong_state_message(self, binding_id: str, state: str = "RETIRED", revision: int = 99, serial_last4: str = "0000") -> None:
        """A retained state that is not what the registry holds; `calm` publishes the true one."""
        self._centre.say(Publish(f"tk/1/binding/{binding_id}/state", wire.encode({
            "schema": "tk/1/state", "binding_id": binding_id, "state": state, "revision": revision, "serial_last4": serial_last4,
            "updated_at": wire.instant(datetime.now(UTC)),
        }), retain=True))  # fmt: skip
