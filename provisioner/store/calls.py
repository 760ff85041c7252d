"""Calls to people: kept until somebody took them on, or they were delivered. The sender asks what is due; a person says that he has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from provisioner.case.calling import Call
from provisioner.case.effects import TellPeople
from provisioner.fault import PlainError, Text
from provisioner.store.database import Database
from provisioner.store.schema import from_us, to_us
from provisioner.store.tx import Tx

_COLUMNS = "call_key, audience, about, text_sv, text_en, raised_at, case_id, calls, next_at, taken_by, taken_at, trouble"
_PUT = text("INSERT INTO calls (call_key, audience, about, text_sv, text_en, raised_at, case_id, calls, next_at, trouble)"
            " VALUES (:key, :audience, :about, :sv, :en, :now, :case_id, 0, :now, '') ON CONFLICT (call_key) DO NOTHING")
_DUE = text(f"SELECT {_COLUMNS} FROM calls WHERE next_at <= :now ORDER BY next_at, call_key LIMIT :most")  # noqa: S608 - the columns stand above
_WENT = text("UPDATE calls SET calls = calls + 1, next_at = :next_at, trouble = :trouble WHERE call_key = :key AND calls = :calls AND taken_at IS NULL")
_TAKE = text("UPDATE calls SET taken_by = :by, taken_at = :now, next_at = NULL, note = :note WHERE call_key = :key AND taken_at IS NULL")
_OVER = "/over-"
"""Stands in the key of a call whose reason is no more, before the instant in microseconds: its own key is free then, and what comes again calls again."""
_END = text("UPDATE calls SET call_key = :over, next_at = NULL, taken_by = coalesce(taken_by, 'daemon'), taken_at = coalesce(taken_at, :now) WHERE call_key = :key")
_ONE = text(f"SELECT {_COLUMNS} FROM calls WHERE call_key = :key")  # noqa: S608
_OPEN = text(f"SELECT {_COLUMNS} FROM calls WHERE taken_at IS NULL AND (next_at IS NOT NULL OR about IN ('escalation', 'visit_ordered'))"  # noqa: S608
             " ORDER BY raised_at, call_key LIMIT :most")
_ALL = text(f"SELECT {_COLUMNS} FROM calls ORDER BY raised_at DESC, call_key LIMIT :most")  # noqa: S608
_KEYS = text("SELECT call_key, taken_at FROM calls WHERE substr(call_key, 1, :length) = :prefix AND call_key NOT LIKE :over")
_LAST_OVER = text(f"SELECT {_COLUMNS} FROM calls WHERE substr(call_key, 1, :length) = :prefix ORDER BY call_key DESC LIMIT 1")  # noqa: S608


def put_call(tx: Tx, key: str, told: TellPeople, case_id: str | None, now: datetime) -> None:
    """Owe people this call, once. In the caller's transaction."""
    tx.run(_PUT, key=key, audience=told.audience, about=told.about, sv=told.text.sv, en=told.text.en, now=to_us(now), case_id=case_id)


class Calls(Database):
    """The methods of the calls."""

    def raise_call(self, key: str, told: TellPeople, now: datetime) -> None:
        """Call people about something that is no case's: the night's lists. Said again under the same key it changes nothing."""
        with self._write() as tx:
            put_call(tx, key, told, None, now)

    def calls_due(self, now: datetime, limit: int = 20) -> Sequence[Call]:
        """Calls that have to go out now, the longest waiting first."""
        with self._read() as tx:
            return [_call(row) for row in tx.all(_DUE, now=to_us(now), most=limit)]

    def call_went(self, call: Call, next_at: datetime | None, trouble: str) -> bool:
        """One try is over. False where another sender has counted it already, or somebody has taken it on meanwhile: then that stands."""
        with self._write() as tx:
            return tx.run(_WENT, key=call.key, calls=call.calls, next_at=None if next_at is None else to_us(next_at), trouble=trouble[:200]) > 0

    def take_call(self, key: str, by: str, note: str, now: datetime) -> Call:
        """A named person has it: no more calls go out. Raises `PlainError`: `unknown_call`, `call_taken` with who has it, `call_over`."""
        with self._write() as tx:
            taken = tx.run(_TAKE, key=key, by=by, note=note, now=to_us(now)) > 0
            row = tx.one(_ONE, key=key) or tx.one(_LAST_OVER, prefix=key + _OVER, length=len(key + _OVER))
        if row is None:
            raise PlainError("unknown_call", Text(f"Det finns inget larm {key}. Lista dem: provisioner call list.",
                                                  f"There is no call {key}. List them: provisioner call list."), http_status=404)
        found = _call(row)
        if not taken and _OVER in found.key:
            raise PlainError("call_over", Text("Larmet är över: det som det gällde finns inte mer. Ingen behöver göra något.",
                                               "The call is over: what it was about is no more. Nobody has to do anything."), exit_code=3, http_status=409)
        if not taken:
            raise PlainError("call_taken", Text(f"Larmet är redan omhändertaget av {found.taken_by}.", f"The call was taken on by {found.taken_by} already."),
                             exit_code=3, http_status=409)
        return found

    def end_calls(self, prefix: str, still: frozenset[str], now: datetime) -> int:
        """Calls whose key begins with `prefix` and is not among `still` are over by themselves, whoever had taken them: what they were about is no more, and
        raised again they call again. How many nobody had taken."""
        with self._write() as tx:
            over = [(key, taken_at) for key, taken_at in tx.all(_KEYS, prefix=prefix, length=len(prefix), over=f"%{_OVER}%") if key not in still]
            for key, _ in over:
                tx.run(_END, key=key, over=f"{key}{_OVER}{to_us(now)}", now=to_us(now))
            return sum(taken_at is None for _, taken_at in over)

    def list_calls(self, *, open_only: bool = True, limit: int = 200) -> Sequence[Call]:
        """Open calls, the oldest first; or all, the newest first."""
        with self._read() as tx:
            return [_call(row) for row in tx.all(_OPEN if open_only else _ALL, most=limit)]


def _call(row: Sequence[Any]) -> Call:
    key, audience, about, sv, en, raised_at, case_id, calls, next_at, taken_by, taken_at, trouble = row
    return Call(key, audience, about, Text(sv, en), from_us(raised_at), case_id, calls, None if next_at is None else from_us(next_at), taken_by,
                None if taken_at is None else from_us(taken_at), trouble)
