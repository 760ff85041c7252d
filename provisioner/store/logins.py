"""The lock-out budget of cameras, kept across restarts and shared by all processes. The rule is one statement, so two processes never spend one attempt."""

from datetime import datetime

from sqlalchemy import text

from provisioner.store.database import Database
from provisioner.store.schema import to_us

_S = 1_000_000  # microseconds
_READ = text("SELECT sent, since, attempts_left, locked_until FROM login_attempts WHERE camera = :camera")
_RESERVE = text(
    "INSERT INTO login_attempts (camera, sent, since, attempts_left, locked_until) VALUES (:camera, 1, :now, NULL, NULL)"
    " ON CONFLICT (camera) DO UPDATE SET"
    " sent = CASE WHEN login_attempts.since <= :over THEN 1 ELSE login_attempts.sent + 1 END,"
    " attempts_left = CASE WHEN login_attempts.since <= :over THEN NULL ELSE login_attempts.attempts_left END,"
    " since = CASE WHEN login_attempts.since <= :over THEN :now ELSE login_attempts.since END, locked_until = NULL"
    " WHERE (login_attempts.locked_until IS NULL OR login_attempts.locked_until <= :now)"
    " AND (login_attempts.since <= :over"
    " OR (login_attempts.sent < :most AND (login_attempts.attempts_left IS NULL OR login_attempts.attempts_left > :spare)))")
_REFUSED = text(
    "INSERT INTO login_attempts (camera, sent, since, attempts_left, locked_until) VALUES (:camera, 1, :now, :attempts_left, :locked_until)"
    " ON CONFLICT (camera) DO UPDATE SET attempts_left = COALESCE(excluded.attempts_left, login_attempts.attempts_left),"
    " locked_until = COALESCE(excluded.locked_until, login_attempts.locked_until)")
_WORKED = text("DELETE FROM login_attempts WHERE camera = :camera")


class Logins(Database):
    """Implements the camera adapter's attempt book."""

    def reserve_login(self, camera: str, now: datetime, most: int, spare: int, window_s: float) -> float | None:
        """Count one password that is about to be sent: None. Or the seconds to wait, nothing counted: the camera is known to be locked, `most`
        passwords were sent within `window_s`, or the camera said that `spare` attempts or fewer are left."""
        now_us = to_us(now)
        window_us = int(window_s * _S)
        with self._write() as tx:
            if tx.run(_RESERVE, camera=camera, now=now_us, over=now_us - window_us, most=most, spare=spare) > 0:
                return None
            row = tx.one(_READ, camera=camera)
        assert row is not None  # a row is what refused
        _, since, _, locked_until = row
        until = locked_until if locked_until is not None and locked_until > now_us else since + window_us
        return float(max(1.0, (until - now_us) / _S))

    def login_refused(self, camera: str, now: datetime, attempts_left: int | None, locked_s: float | None) -> None:
        """Keep what a refusal told: attempts left, and for how long the camera is locked (seconds)."""
        until = None if locked_s is None else to_us(now) + int(locked_s * _S)
        with self._write() as tx:
            tx.run(_REFUSED, camera=camera, now=to_us(now), attempts_left=attempts_left, locked_until=until)

    def login_worked(self, camera: str) -> None:
        """Nothing counts against this camera any more: its password was accepted, or the depot has given it another one."""
        with self._write() as tx:
            tx.run(_WORKED, camera=camera)
