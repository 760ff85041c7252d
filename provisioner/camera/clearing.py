"""What a camera must lose before it leaves a home for good (R26, H12): each thing read, removed, and read again. Only the second reading counts.

Nothing personal leaves: things are counted, never quoted. Taken away is all that somebody has put there, not only what looks personal; no text of a home
is harmless on a shelf.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from provisioner.camera.errors import BrokenReply, CameraTrouble, CannotDo, HttpRefused, LoginRefused, NotOnvif, OutOfTime
from provisioner.camera.marking import NEUTRAL, configurable
from provisioner.camera.posture_ask import Look, brokers_of, jobs_of, osds_of, recordings_of
from provisioner.camera.soap import SoapFault
from provisioner.camera.wsdl import EVENTS, MEDIA2, RECORDING
from provisioner.case.device import ClearedItem
from provisioner.case.marker import marker_in
from provisioner.fault import Text

What = Literal["masks", "osd", "scopes", "mark", "event_brokers", "recordings"]
_REFUSALS = (SoapFault, BrokenReply, NotOnvif, HttpRefused)
_NO_SUCH = frozenset({"ActionNotSupported", "UnknownAction", "NotImplemented"})   # ONVIF Core, 'Generic faults'
NEUTRALS = (NEUTRAL, "onvif://www.onvif.org/location/unknown")
"""What stands in the scopes of a camera that wants some."""


@dataclass(frozen=True, slots=True)
class _Thing:
    """`read`: what is there, as tokens or texts. `remove`: take these away. `none_is_none`: a camera without the call has no such thing; False where it may
    have it all the same, set in the maker's own page. `name`: for sentences, Swedish and English."""

    what: What
    name: Text
    read: Callable[[Look], tuple[str, ...]]
    remove: Callable[[Look, tuple[str, ...]], None]
    none_is_none: bool
    way_out: Text


_DEPOT = Text("Rensa kameran i depån.", "Wipe the camera at the depot.")
_LOOK = Text("Titta i bilden och ta bort det på kamerans egen webbsida.", "Look at the picture, and remove it on the camera's own web page.")
_CARD = Text("Ta ut minneskortet och lämna in det, eller radera det i depån.", "Take the memory card out and hand it in, or erase it at the depot.")


def _masks(look: Look) -> tuple[str, ...]:
    return tuple(one.attribute("token") for one in look.service(MEDIA2, "GetMasks").all("Masks"))


def _remove_masks(look: Look, found: tuple[str, ...]) -> None:
    for token in found:
        look.service(MEDIA2, "DeleteMask", Token=token)


def _osds(look: Look) -> tuple[str, ...]:
    return tuple(one.token for one in osds_of(look))


def _remove_osds(look: Look, found: tuple[str, ...]) -> None:
    for one in osds_of(look):
        look.service(one.service, "DeleteOSD", OSDToken=one.token)


def _scopes(look: Look) -> tuple[str, ...]:
    return tuple(one for one in configurable(look.onvif, look.deadline, look.attempts) if one not in NEUTRALS and not marker_in((one,)))


def _marks(look: Look) -> tuple[str, ...]:
    return tuple(one for one in configurable(look.onvif, look.deadline, look.attempts) if marker_in((one,)))


def _remove_scopes(look: Look, found: tuple[str, ...]) -> None:
    with suppress(*_REFUSALS):
        look.device("RemoveScopes", ScopeItem=list(found))
    if set(found) & set(configurable(look.onvif, look.deadline, look.attempts)):
        look.device("SetScopes", Scopes=list(NEUTRALS))   # some know the one call, some the other; none cannot be set


def _remove_brokers(look: Look, found: tuple[str, ...]) -> None:
    for address in found:
        look.service(EVENTS, "DeleteEventBroker", Address=address)


def _on_card(look: Look) -> tuple[str, ...]:
    return (*recordings_of(look), *jobs_of(look))


def _end_jobs(look: Look, found: tuple[str, ...]) -> None:
    """What records is ended. What was recorded stays: it is reported, and a person decides about the card."""
    for job in jobs_of(look):
        with suppress(*_REFUSALS):
            look.service(RECORDING, "SetRecordingJobMode", JobToken=job, Mode="Idle")
        look.service(RECORDING, "DeleteRecordingJob", JobToken=job)


THINGS = (
    _Thing("recordings", Text("inspelningar", "recordings"), _on_card, _end_jobs, False, _CARD),
    _Thing("event_brokers", Text("händelsemottagare", "event brokers"), brokers_of, _remove_brokers, True, _DEPOT),
    _Thing("osd", Text("texter i bilden", "texts in the picture"), _osds, _remove_osds, False, _LOOK),
    _Thing("scopes", Text("namn och platser", "names and places"), _scopes, _remove_scopes, False, _DEPOT),
    _Thing("mark", Text("märkning", "marks of a binding"), _marks, _remove_scopes, False, _DEPOT),
    # Last, and after the accounts: a mask is lifted only when nobody from before can look any more.
    _Thing("masks", Text("maskerade områden", "privacy masks"), _masks, _remove_masks, True, _DEPOT),
)


def cleared(look: Look) -> tuple[ClearedItem, ...]:
    """Every thing, in order. Raises `LoginRefused` and `OutOfTime`: then the rest cannot be asked either."""
    found = [_cleared(thing, look) for thing in THINGS]
    lens = _lens(look)
    return (*found, _subscriptions(look), *(() if lens is None else (lens,)))


def _cleared(thing: _Thing, look: Look) -> ClearedItem:
    try:
        found = thing.read(look)
        if found:
            with suppress(*_REFUSALS):
                thing.remove(look, found)
        left = thing.read(look) if found else ()
    except (LoginRefused, OutOfTime):
        raise
    except CameraTrouble as exc:
        is_none = thing.none_is_none and (isinstance(exc, CannotDo) or (isinstance(exc, SoapFault) and not _NO_SUCH.isdisjoint(exc.codes)))
        if is_none:
            return ClearedItem(thing.what, True, 0, Text(f"Kameran har inga {thing.name.sv}.", f"The camera has no {thing.name.en}."))
        return ClearedItem(thing.what, None, None, Text(f"Det gick inte att fråga kameran efter {thing.name.sv}. {thing.way_out.sv}",
                                                        f"The camera could not be asked for {thing.name.en}. {thing.way_out.en}"))
    if left:
        return ClearedItem(thing.what, False, len(left), Text(f"Kvar på kameran: {len(left)} {thing.name.sv}. {thing.way_out.sv}",
                                                              f"Left on the camera: {len(left)} {thing.name.en}. {thing.way_out.en}"))
    return ClearedItem(thing.what, True, len(found), Text(f"Inga {thing.name.sv} på kameran; {len(found)} togs bort.",
                                                          f"No {thing.name.en} on the camera; {len(found)} were removed."))


def _subscriptions(look: Look) -> ClearedItem:
    """Nobody can list them (quirk 17). A pull point needs a login, and there is none left but ours; what a camera pushes by itself ends by its time."""
    try:
        answer = look.service(EVENTS, "GetServiceCapabilities").first("Capabilities")
        pushes = None if answer is None else answer.attribute("MaxNotificationProducers")
    except (LoginRefused, OutOfTime):
        raise
    except CannotDo:
        pushes = "0"
    except CameraTrouble:
        pushes = None
    if pushes == "0":
        return ClearedItem("subscriptions", True, None, Text("Kameran skickar inga händelser utan att någon loggar in.",
                                                             "The camera sends no events unless somebody logs in."))
    return ClearedItem("subscriptions", None, None, Text("Prenumerationer på händelser går inte att lista; de upphör när kameran startas om. Bryt strömmen.",
                                                         "Subscriptions to events cannot be listed; they end when the camera restarts. Cut its power."))


def _lens(look: Look) -> ClearedItem | None:
    """Turned away where it can be; None for a camera whose lens stays where it is."""
    try:
        profile = look.visit.profile(look.deadline, look.attempts)
        if not look.visit.lens.can_park(profile, look.deadline, look.attempts):
            return None
        parked = look.visit.lens.park(profile, look.deadline, look.attempts)
    except (LoginRefused, OutOfTime):
        raise
    except CameraTrouble:
        parked = None
    words = {True: Text("Linsen är bortvänd.", "The lens is turned away."),
             False: Text("Linsen vände sig inte bort. Täck den.", "The lens did not turn away. Cover it."),
             None: Text("Kameran säger inte vart linsen är vänd. Täck den.", "The camera does not say where the lens points. Cover it.")}
    return ClearedItem("lens", parked, None, words[parked])
