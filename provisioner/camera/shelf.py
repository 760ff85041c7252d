"""A shelf in memory for the drawing of the last check, so that the person on site can look at it: one per camera, two minutes, never on a disk."""

import threading
import time
from dataclasses import dataclass

KEPT_S = 120.0     # D10: a picture of a home lives in memory for so long at most


@dataclass(slots=True)
class _Laid:
    drawing: bytearray
    at_s: float       # monotonic
    shown: int = 0


class Shelf:
    """Any thread. What is taken away is overwritten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._laid: dict[str, _Laid] = {}

    def lay(self, serial: str, drawing: bytes, taken_s: float) -> None:
        """Lay the drawing of this camera there instead of an earlier one; b'' lays none. `taken_s`: monotonic, when its first picture was taken: the two
        minutes count from then."""
        with self._lock:
            self._drop(serial)
            if drawing:
                self._laid[serial] = _Laid(bytearray(drawing), taken_s)
        self.sweep()

    def look(self, serial: str) -> tuple[bytes, int] | None:
        """A copy of the PNG, and how many times it has been shown with this one; None where there is none any more. The caller does not keep it."""
        self.sweep()
        with self._lock:
            laid = self._laid.get(serial)
            if laid is None:
                return None
            laid.shown += 1
            return bytes(laid.drawing), laid.shown

    def sweep(self) -> None:
        """Wipe what is too old. Called often."""
        oldest = time.monotonic() - KEPT_S
        with self._lock:
            for serial in [serial for serial, laid in self._laid.items() if laid.at_s < oldest]:
                self._drop(serial)

    def clear(self) -> None:
        """Wipe all."""
        with self._lock:
            for serial in list(self._laid):
                self._drop(serial)

    def _drop(self, serial: str) -> None:
        laid = self._laid.pop(serial, None)
        if laid is not None:
            laid.drawing[:] = bytes(len(laid.drawing))
