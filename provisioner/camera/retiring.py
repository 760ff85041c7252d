"""A camera retired with a receipt (R26, D16): nobody's login works but the depot's, and nothing of the home is left, as far as can be read back.

In place: the account is rotated to one that only the depot's store has, everybody else's is removed, and what stands on the camera is cleared. By factory
default: hard, because what a soft one leaves is not defined (ONVIF Core, SetSystemFactoryDefault); afterwards the old login is refused, an account of the
depot's is made before anybody else can, and the same things are read.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from provisioner.camera.accounts import entered, rotate
from provisioner.camera.attempts import AttemptBook
from provisioner.camera.clearing import cleared
from provisioner.camera.credentials import NAMES, Keyring, new_password
from provisioner.camera.door import REFUSALS, Door
from provisioner.camera.errors import CameraTrouble, CannotDo, HttpRefused, LoginRefused
from provisioner.camera.net import Deadline
from provisioner.camera.posture_ask import Look, scopes_of
from provisioner.camera.settings import CameraSettings
from provisioner.camera.visit import Visit
from provisioner.case.device import ClearedItem, Retirement, Rotation
from provisioner.case.dossier import tells_another
from provisioner.case.evidence import IdentityPolicy
from provisioner.case.marker import marker_in
from provisioner.fault import Text
from provisioner.secret import Account

_AGAIN_S = 1.0         # between two questions to a camera that restarts; they take 40-90 s
_RESERVE_S = 8.0      # of the deadline, for what is asked after the restart

_OURS_ONLY = Text("Bara depåns konto kommer in i kameran.", "Only the depot's account gets into the camera.")
_GONE = Text("Alla andra konton är borta.", "All other accounts are gone.")
_LEFT = Text("Kameran har konton kvar som inte går att ta bort. Rensa den i depån.", "The camera has accounts left that cannot be removed. Wipe it at the depot.")
_NO_LIST = Text("Kamerans konton gick inte att läsa. Rensa den i depån.", "The camera's accounts could not be read. Wipe it at the depot.")
_RESET = Text("Kameran är fabriksåterställd och nekar det gamla lösenordet.", "The camera is back in factory state and refuses the old password.")
_NOT_RESET = Text("Kameran släpper fortfarande in det gamla lösenordet. Rensa den i depån.", "The camera still lets the old password in. Wipe it at the depot.")
_ANOTHER = Text("En annan kamera svarar på den platsen. Inget har gjorts med den.", "Another camera answers at that place. Nothing was done to it.")
_UNSEEN = Text("Gick inte att läsa efter återställningen. Kontrollera i depån.", "Could not be read after the reset. Check at the depot.")


class ReceiptBook(Protocol):
    """Signs receipts and keeps them."""

    def file_receipt(self, serial: str, binding_ids: tuple[str, ...], retirement: Retirement) -> str:
        """Sign and keep; the reference of the receipt. Raises `PlainError` where it cannot be kept."""


class Retiring:
    """One camera's retirement. `marks` are the binding ids that it carried when it was first read; `items` what was seen so far."""

    def __init__(self, door: Door, keys: Keyring, settings: CameraSettings, clock: Callable[[], datetime], book: AttemptBook, serial: str,
                 deadline: Deadline) -> None:
        self._door = door
        self._keys = keys
        self._settings = settings
        self._clock = clock
        self._book = book
        self._serial = serial
        self._deadline = deadline
        self.marks: tuple[str, ...] = ()
        self.items: tuple[ClearedItem, ...] = ()

    def in_place(self) -> Retirement:
        """Rotate, then clear. Raises `CameraTrouble` where the camera cannot be reached, lets nobody in or is another one; `items` has what was done before."""
        self._read_who()
        rotation = rotate(self._door, self._keys, frozenset(), self._deadline)
        self.items = _accounts(rotation)
        self.items = (*self.items, *self._cleared())
        return self._retirement("in_place")

    def by_factory_default(self) -> Retirement:
        """Hard reset, then an account of the depot's, then the same reading. Raises `CameraTrouble` as `in_place`."""
        self._read_who()
        admin = entered(self._door, self._keys, self._deadline)
        old = self._keys.now.current
        admin.call("SetSystemFactoryDefault", self._deadline, FactoryDefault="Hard")
        if not self._has_reset(old):
            self.items = (ClearedItem("credentials", False, None, _NOT_RESET),)
            return self._retirement("factory_default")
        self._keys.forget()
        self.items = (ClearedItem("credentials", True, None, _RESET),)
        if self._claimed():
            rotation = rotate(self._door, self._keys, frozenset(), self._deadline)   # whatever accounts the maker has put there go as well
            self.items = (*self.items, *(item for item in _accounts(rotation) if item.what == "other_accounts"), *self._cleared())
        else:
            names = ("other_accounts", "recordings", "event_brokers", "osd", "scopes", "mark", "masks")
            self.items = (*self.items, *(ClearedItem(name, None, None, _UNSEEN) for name in names))  # type: ignore[arg-type]
        return self._retirement("factory_default")

    def _retirement(self, way: str) -> Retirement:
        done = all(item.cleared is True for item in self.items)
        return Retirement("verified" if done else "partly", self.items, "factory_default" if way == "factory_default" else "in_place", "", self._clock())

    def _look(self, visit: Visit) -> Look:
        return Look(visit, self._settings, self._clock, self._deadline, visit.attempts(self._book, self._serial))

    def _visit(self) -> Visit:
        return Visit(self._keys.placed(self._door.place), self._settings, self._clock)

    def _read_who(self) -> None:
        """Its marks, and that it does not call itself another camera: one address further may hang the camera of somebody who is watched tonight."""
        entered(self._door, self._keys, self._deadline)
        visit = self._visit()
        try:
            told = visit.onvif.device_information(self._deadline, visit.attempts(self._book, self._serial)).serial
            if tells_another(told, self._serial, IdentityPolicy(serial_format=visit.onvif.manners.serial_form)):
                self.items = (ClearedItem("identity", False, None, _ANOTHER),)
                raise CannotDo("another camera answers at this place")
            with suppress(*REFUSALS):   # a receipt without marks is a receipt all the same
                self.marks = marker_in(tuple(scope for scope, _ in scopes_of(self._look(visit))))
        finally:
            visit.close()

    def _cleared(self) -> tuple[ClearedItem, ...]:
        visit = self._visit()
        try:
            return cleared(self._look(visit))
        finally:
            visit.close()

    def _has_reset(self, old: Account | None) -> bool:
        """Wait until the camera is back and no longer takes the old login. One refused password; a camera that asks nobody is reset as well."""
        while self._deadline.left_s() > _RESERVE_S:
            time.sleep(_AGAIN_S)
            probe = self._door.open(old, most=1)
            try:
                probe.users(self._deadline.sooner(self._settings.operation_s))
            except LoginRefused as exc:
                return exc.sent and not exc.told.locked
            except CameraTrouble:
                continue        # it restarts
            if not probe.asked:
                return True
        return False

    def _claimed(self) -> bool:
        """The first account after the reset is ours, made without a login as the standard has it for a camera without accounts; else anybody could be it."""
        account = Account(NAMES[0], new_password(12))
        self._keys.intend(account)
        first = self._door.open_unknown()
        try:
            first.call("CreateUsers", self._deadline,
                       User=[{"Username": account.username, "Password": account.password.reveal(), "UserLevel": "Administrator"}])
            entered(self._door, self._keys, self._deadline)
        except (*REFUSALS, LoginRefused, HttpRefused):
            self._keys.forget()     # it has accounts of its maker's, whose passwords stand in its papers
            return False
        return self._keys.now.current == account


def _accounts(rotation: Rotation) -> tuple[ClearedItem, ...]:
    refused = rotation.old_refused if rotation.new_proved else False
    others = rotation.others_left
    return (
        ClearedItem("credentials", refused, None, _OURS_ONLY if refused else rotation.sentence),
        ClearedItem("other_accounts", None if others is None else others == 0, rotation.others_removed if others == 0 else others,
                    _NO_LIST if others is None else _LEFT if others else _GONE),
    )
