"""The mark that a bound camera carries: an opaque binding id in a scope that it announces, and what a foreign one means.

Set at the binding and cleared at retirement, so that a camera carried to another home without provisioning is noticed by anybody who listens to its
announcement, without a login. It holds no address and no name. It is never evidence of identity: scopes can be set by whoever has the password.
"""

import re
from dataclasses import dataclass
from typing import Literal

from provisioner.case.identifiers import is_opaque
from provisioner.fault import Text

ROOTS = ("urn:provisioner:binding:", "onvif://www.onvif.org/name/binding-", "onvif://www.onvif.org/location/binding-")
"""Where the mark may stand, best first. The first is a URI of our own, as ONVIF Core allows beside its own scopes; the others are for cameras that can
only set their name or place, which a device profile says."""

_ID = r"[a-z0-9][a-z0-9-]{5,63}"


def marker_scope(binding_id: str, root: str = ROOTS[0]) -> str:
    """The scope to set. Raises `ValueError` for what is not opaque: a mark with a name in it would be sent to the whole network."""
    if not is_opaque(binding_id) or root not in ROOTS:
        raise ValueError("a mark holds an opaque binding id under one of the known roots")
    return root + binding_id


def marker_in(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """The binding ids that the camera carries, each once, in order. A camera normally carries none or one."""
    found = (re.fullmatch(re.escape(root) + f"({_ID})", scope.strip(), re.IGNORECASE) for scope in scopes for root in ROOTS)
    return tuple(dict.fromkeys(match[1].lower() for match in found if match is not None))


@dataclass(frozen=True, slots=True)
class MarkerFinding:
    """`unknown`: the scopes could not be read. `unmarked`: none of ours. `moved_without_provisioning`: marked for a binding that is not of this case."""

    verdict: Literal["unknown", "unmarked", "ours", "moved_without_provisioning"]
    binding_ids: tuple[str, ...]
    help: Text


_UNKNOWN = Text("Det gick inte att läsa om kameran bär en märkning.", "Whether the camera carries a mark could not be read.")
_UNMARKED = Text("Kameran bär ingen märkning från någon koppling.", "The camera carries no mark of any binding.")
_OURS = Text("Kamerans märkning hör till ärendets koppling.", "The camera's mark belongs to the case's binding.")
_FOREIGN = Text("Kameran är märkt för en annan koppling: den har flyttats utan att det registrerats. Koppla inte in den; ring samordnaren.",
                "The camera is marked for another binding: it was moved without being registered. Do not connect it; phone the coordinator.")


def judge_marker(scopes: tuple[str, ...] | None, ours: tuple[str, ...]) -> MarkerFinding:
    """What the announced scopes say. `ours` are the bindings of the case: during a move the old one, after the preparation also the new one.

    One foreign mark decides, whatever stands beside it.
    """
    return judge_marks(None if scopes is None else marker_in(scopes), ours)


def judge_marks(found: tuple[str, ...] | None, ours: tuple[str, ...]) -> MarkerFinding:
    """The same of the binding ids that were found in the scopes; None where they could not be read."""
    if found is None:
        return MarkerFinding("unknown", (), _UNKNOWN)
    if not found:
        return MarkerFinding("unmarked", (), _UNMARKED)
    if set(found) <= set(ours):
        return MarkerFinding("ours", found, _OURS)
    return MarkerFinding("moved_without_provisioning", found, _FOREIGN)
