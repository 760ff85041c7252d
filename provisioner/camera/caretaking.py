"""What is done to a camera besides looking through it: its account rotated, its mark set, itself retired. One part of `OnvifCamera`."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from provisioner.camera.accounts import rotate
from provisioner.camera.attempts import AttemptBook, Attempts
from provisioner.camera.credentials import Keyring, SecretBook
from provisioner.camera.door import Door
from provisioner.camera.errors import CameraTrouble, NotNoted
from provisioner.camera.faults import fault_from
from provisioner.camera.marking import mark
from provisioner.camera.net import Deadline
from provisioner.camera.places import CameraPlace
from provisioner.camera.retiring import ReceiptBook, Retiring
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.case.device import Marking, Retirement, Rotation
from provisioner.fault import Fault, FaultKind, PlainError

Done = TypeVar("Done")
Answer = TypeVar("Answer")


class Caretaking(ABC):
    """The operations; what they stand on is the adapter's."""

    _settings: CameraSettings
    _clock: Callable[[], datetime]
    _book: AttemptBook
    _accounts: SecretBook
    _receipts: ReceiptBook | None

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
                    return fault_from(exc, "rotate credentials", (*door.hidden, *keys.hidden))
                finally:
                    self._forget(serial)

        return self._alone(serial, deadline_s, "rotate credentials", do, account=True)

    def mark(self, serial: str, binding_id: str | None, deadline_s: float) -> Marking | Fault:
        """The camera carries the mark of this binding and of no other, or none at all (None), as it is read back. Raises `ValueError` for an id that is
        not opaque, before anything is sent."""
        return self._operate(serial, deadline_s, "mark", lambda visit, deadline, attempts: mark(visit.onvif, binding_id, deadline, attempts, self._clock))

    def retire(self, serial: str, deadline_s: float, *, factory_default: bool = False, binding_ids: tuple[str, ...] = ()) -> Retirement | Fault:
        """Everybody's login and everything of the home gone, as read back, with a signed receipt in the book (R26, D16). `binding_ids` stand on the receipt
        beside those that the camera was marked with.

        A camera that cannot be reached or lets nobody in is no fault: `not_verified`, with a receipt that says so. May be repeated; each time is a receipt
        of its own. A fault only where another operation is under way or nothing can be written down.
        """
        held: list[Retiring] = []

        def do(place: CameraPlace, keys: Keyring, deadline: Deadline) -> Retirement:
            keys.begin_with(place)
            with Door(place, self._settings, self._clock, self._book, serial) as door:
                held.append(Retiring(door, keys, self._settings, self._clock, self._book, serial, deadline))
                try:
                    return held[0].by_factory_default() if factory_default else held[0].in_place()
                finally:
                    self._forget(serial)

        found = self._alone(serial, deadline_s, "retire", do, account=True)
        if isinstance(found, Fault):
            if found.kind is FaultKind.BUSY:
                return found
            found = Retirement("not_verified", held[0].items if held else (), "none", "", self._clock())
        if self._receipts is None:
            return found
        marks = held[0].marks if held else ()
        try:
            return replace(found, receipt_ref=self._receipts.file_receipt(serial, tuple(dict.fromkeys((*binding_ids, *marks))), found))
        except PlainError as exc:
            return fault_from(NotNoted(exc.code), "retire")

    @abstractmethod
    def _alone(self, serial: str, deadline_s: float, what: str, do: Callable[[CameraPlace, Keyring, Deadline], Done], *,
               account: bool = False) -> Done | Fault:
        """`do` with the camera to itself, within `deadline_s`."""

    @abstractmethod
    def _operate(self, serial: str, deadline_s: float, what: str, do: Callable[[Visit, Deadline, Attempts], Answer]) -> Answer | Fault:
        """`do` in a visit to the camera that has this serial number, within `deadline_s`."""

    @abstractmethod
    def _forget(self, serial: str) -> None:
        """What was known of the camera is read anew."""
