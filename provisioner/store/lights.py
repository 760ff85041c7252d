"""How a camera's lens and lamp stood before a check of its view changed them: written before the first change, gone when all is put back and read back."""

from datetime import datetime

from sqlalchemy import text

from provisioner.store.database import Database
from provisioner.store.schema import to_us

_GET = text("SELECT body FROM camera_lights WHERE serial = :serial")
_PUT = text("INSERT INTO camera_lights (serial, body, at) VALUES (:serial, :body, :at) ON CONFLICT (serial) DO NOTHING")
_FORGET = text("DELETE FROM camera_lights WHERE serial = :serial")
_ALL = text("SELECT serial FROM camera_lights ORDER BY at, serial")


class Lights(Database):
    """Implements the camera adapter's `LightBook`. Each change is one row in one transaction: on the disk when the call returns."""

    def light_of(self, serial: str) -> str | None:
        """What has to be put back at this camera; None where nothing has."""
        with self._read() as tx:
            found = tx.scalar(_GET, serial=serial)
        return None if found is None else str(found)

    def put_light(self, serial: str, body: str, now: datetime) -> None:
        """Keep this. What is kept already stays: it is how the camera was before anybody touched it. Raises `PlainError`."""
        with self._write() as tx:
            tx.run(_PUT, serial=serial, body=body, at=to_us(now))

    def forget_light(self, serial: str) -> None:
        """All is put back."""
        with self._write() as tx:
            tx.run(_FORGET, serial=serial)

    def lights_owed(self) -> list[str]:
        """Serial numbers of the cameras at which something has to be put back, the oldest first."""
        with self._read() as tx:
            return [str(row[0]) for row in tx.all(_ALL)]
