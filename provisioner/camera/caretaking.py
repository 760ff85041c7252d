"""What is done to a camera besides looking through it: its account rotated, its mark set. One part of `OnvifCamera`."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from provisioner.camera.accounts import rotate
from provisioner.camera.attempts import AttemptBook, Attempts
from provisioner.camera.credentials import Keyring, SecretBook
from provisioner.camera.door import Door
from provisioner.camera.errors import CameraTrouble
from provisioner.camera.faults import fault_from
from provisioner.camera.marking import mark
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.case.device import Marking, Rotation
from provisioner.fault import Fault

Done = TypeVar("Done")
Answer = TypeVar("Answer")


class Caretaking:
    """The operations; what they stand on is the adapter's."""

    _settings: CameraSettings
    _clock: Callable[[], datetime]
    _book: AttemptBook
    _accounts: SecretBook

    def rotate_credentials(self, serial: str, deadline_s: float) -> Rotation | Fault:
        """A new account or password on the camera, proved; the old one refused, and everybody else gone but `settings.kept_accounts` (D16).

        Twice is a second rotation; after a crash or a fault it goes on where that one ended. The new password stands in the book of accounts.
        """
        def do(place: CameraPlace, keys: Keyring, deadline: Deadline) -> Rotation | Fault:
            keys.begin_with(place)
            with Door(place, self._settings, self._clock, self._book, serial) as door:
                try:
                    return rotate(door, keys, frozenset(self._settings.kept_accounts), deadline)
                except CameraTrouble as exc:
                    return fault_from(exc, "rotate credentials", door.hidden)
                finally:
                    self._forget(serial)

        return self._alone(serial, deadline_s, "rotate credentials", do)

    def mark(self, serial: str, binding_id: str | None, deadline_s: float) -> Marking | Fault:
        """The camera carries the mark of this binding and of no other, or none at all (None), as it is read back. Raises `ValueError` for an id that is
        not opaque, before anything is sent."""
        return self._operate(serial, deadline_s, "mark", lambda visit, deadline, attempts: mark(visit.onvif, binding_id, deadline, attempts, self._clock))

    def _alone(self, serial: str, deadline_s: float, what: str, do: Callable[[CameraPlace, Keyring, Deadline], Done]) -> Done | Fault:
        raise NotImplementedError

    def _operate(self, serial: str, deadline_s: float, what: str, do: Callable[[Visit, Deadline, Attempts], Answer]) -> Answer | Fault:
        raise NotImplementedError

    def _forget(self, serial: str) -> None:
        raise NotImplementedError
