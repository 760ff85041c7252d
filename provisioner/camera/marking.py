"""The mark of a binding on the camera itself: an opaque id in a scope that it announces (`case/marker.py` says what a foreign one means)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from provisioner.camera.attempts import Attempts
from provisioner.camera.errors import BrokenReply, NotOnvif
from provisioner.camera.net import Deadline
from provisioner.camera.onvif import OnvifSession
from provisioner.camera.soap import SoapFault
from provisioner.case.device import Marking
from provisioner.case.marker import ROOTS, marker_in, marker_scope

_REFUSALS = (SoapFault, BrokenReply, NotOnvif)   # whether it was done all the same is read back
NEUTRAL = "onvif://www.onvif.org/name/camera"
"""What stays where a camera wants one scope at least."""
_ROOT_OF = dict(zip(("own", "name", "location"), ROOTS, strict=True))


def mark(session: OnvifSession, binding_id: str | None, deadline: Deadline, attempts: Attempts, clock: Callable[[], datetime]) -> Marking:
    """Set the mark of `binding_id` in place of any other, or take all away (None); the camera's other scopes stay. Raises `CameraTrouble`.

    `supported` False: what was read back is not what was set. Then other roots had been tried as well: some cameras let only their name be set.
    """
    if binding_id is not None:
        marker_scope(binding_id)
    session.device_information(deadline, attempts)   # the manners of its family, among them where the mark stands
    wanted = () if binding_id is None else (binding_id.lower(),)
    roots = dict.fromkeys((_ROOT_OF[session.manners.marker_root], *ROOTS))
    found = configurable(session, deadline, attempts)
    for root in roots:
        if marker_in(found) == wanted:
            break
        _set(session, found, None if binding_id is None else marker_scope(binding_id, root), deadline, attempts)
        found = configurable(session, deadline, attempts)
    marks = marker_in(found)
    return Marking(marks, marks == wanted, clock())


def configurable(session: OnvifSession, deadline: Deadline, attempts: Attempts) -> tuple[str, ...]:
    """The scopes that can be set (ONVIF Core, GetScopes: ScopeDef). A camera that does not say of one which it is, is believed to let it be set where it
    is none of those that describe the device itself."""
    answer = session.device("GetScopes", deadline, attempts)
    found = [(scope.text("ScopeItem"), scope.text("ScopeDef").lower()) for scope in answer.all("Scopes")]
    return tuple(item for item, kind in found if item and (kind == "configurable" or (kind != "fixed" and not _is_of_the_device(item))))


def _is_of_the_device(scope: str) -> bool:
    return any(scope.startswith(f"onvif://www.onvif.org/{part}/") for part in ("type", "hardware", "Profile", "MacAddress", "SerialNumber"))


def _set(session: OnvifSession, before: tuple[str, ...], scope: str | None, deadline: Deadline, attempts: Attempts) -> None:
    """First by itself, which touches nothing else; where the camera does not like that, all configurable scopes at once."""
    old = [one for one in before if marker_in((one,)) and one != scope]
    # A camera that lets only its name be set has one name.
    instead = scope.rpartition("binding-")[0] if scope is not None and scope.startswith("onvif:") else ""
    kept = [one for one in before if not marker_in((one,)) and not (instead and one.startswith(instead))]
    try:
        # The new one first: a camera that dies between the two carries both, and both are known.
        if scope is not None and scope not in before:
            session.device("AddScopes", deadline, attempts, ScopeItem=[scope])
        if old:
            session.device("RemoveScopes", deadline, attempts, ScopeItem=old)
    except _REFUSALS:
        new = [*kept, *([] if scope is None else [scope])] or [NEUTRAL]   # SetScopes cannot set none
        with suppress(*_REFUSALS):
            session.device("SetScopes", deadline, attempts, Scopes=new)
