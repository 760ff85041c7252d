"""What is kept beside the cases: camera places under seal, daemons' heartbeats, and what the registry says of bindings unasked."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import text

from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import BindingState
from provisioner.store.database import Database
from provisioner.store.schema import from_us, to_us
from provisioner.store.troubles import camera_bound_twice
from provisioner.store.tx import RowRefused


@dataclass(frozen=True, slots=True)
class Person:
    """Personal data of a notice, by field name. `repr` shows the reference and the kind only, so that no log can show more."""

    person_ref: str
    kind: str
    fields: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Person({self.person_ref!r}, {self.kind!r}, ***)"


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """Where a camera answers in its home's network, and what the depot found out about talking to it. `repr` shows nothing of it.

    `tls`, `pin` (SHA-256 of the certificate, hexadecimal), `rtsp_port` and `profile` as the camera adapter's place has them.
    """

    host: str
    port: int
    tls: bool = False
    pin: str | None = None
    profile: str = ""
    rtsp_port: int | None = None

    def __repr__(self) -> str:
        return "CameraPlace(***)"


@dataclass(frozen=True, slots=True)
class DaemonBeat:
    """A daemon that runs, or ran, on this database."""

    worker: str
    pid: int
    started_at: datetime
    beat_at: datetime


_PUT_PLACE = text("INSERT INTO camera_places (serial, sealed, updated_at) VALUES (:serial, :sealed, :now)"
                  " ON CONFLICT (serial) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at")
_GET_PLACE = text("SELECT sealed FROM camera_places WHERE serial = :serial")
_ALL_PLACES = text("SELECT serial, sealed FROM camera_places ORDER BY serial")
_STEP = text("INSERT INTO camera_steps (serial, step, at) VALUES (:serial, :step, :now)"
             " ON CONFLICT (serial) DO UPDATE SET step = excluded.step, at = excluded.at")
_GET_STEP = text("SELECT step, at FROM camera_steps WHERE serial = :serial")
_DAEMONS = text("SELECT worker, pid, started_at, beat_at FROM daemons ORDER BY beat_at DESC")
_BEAT = text("INSERT INTO daemons (worker, pid, started_at, beat_at) VALUES (:worker, :pid, :now, :now)"
             " ON CONFLICT (worker) DO UPDATE SET beat_at = excluded.beat_at,"
             " started_at = CASE WHEN daemons.pid = excluded.pid THEN daemons.started_at ELSE excluded.started_at END, pid = excluded.pid")
_NOTE = text("UPDATE bindings SET state = :state, revision = :revision, updated_at = CASE WHEN state = :state THEN updated_at ELSE :now END"
             " WHERE binding_id = :binding_id AND revision < :revision"
             " AND NOT EXISTS (SELECT 1 FROM case_bindings WHERE case_bindings.binding_id = bindings.binding_id AND is_open = 1)")


class Keeping(Database):
    """The keeping methods."""

    def put_place(self, serial: SerialNumber, place: CameraPlace, now: datetime) -> None:
        """Keep where a camera answers, sealed."""
        sealed = self._sealer.seal(json.dumps(asdict(place)).encode(), f"place/{serial}")
        with self._write() as tx:
            tx.run(_PUT_PLACE, serial=serial, sealed=sealed, now=to_us(now))

    def move_place(self, serial: SerialNumber, host: str, port: int, now: datetime) -> None:
        """The camera is reached elsewhere now; what the depot found out about talking to it (TLS, pin, profile) stays true."""
        known = self.get_place(serial)
        self.put_place(serial, replace(known, host=host, port=port) if known is not None else CameraPlace(host, port), now)

    def get_place(self, serial: SerialNumber) -> CameraPlace | None:
        """Where a camera answers, or None. Raises `PlainError` (`seal_broken`)."""
        with self._read() as tx:
            sealed = tx.scalar(_GET_PLACE, serial=serial)
        if sealed is None:
            return None
        return self._place(serial, sealed)

    def places(self) -> dict[SerialNumber, CameraPlace]:
        """Where each camera that we know answered last. Raises `PlainError` (`seal_broken`)."""
        with self._read() as tx:
            rows = tx.all(_ALL_PLACES)
        return {SerialNumber(serial): self._place(serial, sealed) for serial, sealed in rows}

    def _place(self, serial: str, sealed: bytes) -> CameraPlace:
        found = json.loads(self._sealer.open(sealed, f"place/{serial}"))
        return CameraPlace(*found) if isinstance(found, list) else CameraPlace(**found)  # a list of host and port in the first version

    def note_steps(self, steps: Mapping[str, str], now: datetime) -> None:
        """Keep what is under way at each camera (serial number, step): one row a camera, for the people who wait there."""
        with self._write() as tx:
            for serial, step in steps.items():
                tx.run(_STEP, serial=serial, step=step, now=to_us(now))

    def step_of(self, serial: str) -> tuple[str, datetime] | None:
        """The last step that was noted of a camera, and when; it may be over by now."""
        with self._read() as tx:
            row = tx.one(_GET_STEP, serial=serial)
        return None if row is None else (row[0], from_us(row[1]))

    def beat(self, worker: str, pid: int, now: datetime) -> None:
        """Say that this daemon lives. Another pid under the same name is a new start."""
        with self._write() as tx:
            tx.run(_BEAT, worker=worker, pid=pid, now=to_us(now))

    def daemons(self) -> list[DaemonBeat]:
        """Daemons, the last heard first. Whether a beat is fresh is the caller's judgement."""
        with self._read() as tx:
            rows = tx.all(_DAEMONS)
        return [DaemonBeat(worker, pid, from_us(started_at), from_us(beat_at)) for worker, pid, started_at, beat_at in rows]

    def note_binding(self, binding_id: str, state: BindingState, revision: int, now: datetime) -> bool:
        """Keep what the registry's retained state says of a binding of a closed case; True where it was news.

        Without this a binding changed by hand after its case was closed would stay ACTIVE here, and the index of invariant 1 would refuse the next
        case of the same camera. A binding that an open case knows is left to that case. Raises `PlainError` (`camera_bound_twice`).
        """
        with self._write() as tx:
            try:
                return tx.run(_NOTE, binding_id=binding_id, state=state.value, revision=revision, now=to_us(now)) > 0
            except RowRefused:
                raise camera_bound_twice("", binding_id) from None
