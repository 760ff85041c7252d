"""What each command needs to be true, and what it then makes of the bindings. Pure: nothing is changed here, a verdict only says what to enter.

The order of the checks, where several fail: does the binding exist, is it the right camera, is the asker's picture of it current,
does its state allow it, is anybody looking right now, is the serial free. (The contract gives the codes but no order: the first one
answered is the one that a person would want to hear first.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from simulators.alarm_centre.book import Binding, Book

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`changed` is entered all or nothing; `shown` goes into the reply, with the binding concerned last."""

    code: str | None = None
    changed: tuple[Binding, ...] = ()
    shown: tuple[Binding, ...] = ()
    concerned: Binding | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a verb may look at."""

    book: Book
    now: datetime
    watched: Collection[str]  # bindings at which an operator is looking this moment


def _refused(code: str, *known: Binding | None) -> Verdict:
    shown = tuple(binding for binding in known if binding is not None)
    return Verdict(code, shown=shown, concerned=known[-1] if known else None)


def _done(*changed: Binding) -> Verdict:
    return Verdict(changed=changed, shown=changed, concerned=changed[-1])


def _objection(scene: Scene, binding: Binding, serial: object, revision: object, *states: str, looks_matter: bool = True) -> str | None:
    """The code that stands against changing this binding, or None."""
    if binding.camera_serial != serial:
        return "SERIAL_MISMATCH"
    if binding.revision != revision:
        return "REVISION_CONFLICT"
    if binding.state not in states:
        return "WRONG_STATE"
    if looks_matter and binding.binding_id in scene.watched:
        return "LOOK_IN_PROGRESS"
    return None


def suspend_binding(scene: Scene, body: Body) -> Verdict:
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if code := _objection(scene, old, body["camera_serial"], body["expected_revision"], "ACTIVE"):
        return _refused(code, old)
    review_at = datetime.fromisoformat(str(body["review_at"]))
    return _done(old.changed(
        scene.now, state="SUSPENDED", reason_class=body["reason_class"], fallback_ref=body["fallback_ref"], review_at=review_at,
    ))  # fmt: skip


def resume_binding(scene: Scene, body: Body) -> Verdict:
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if code := _objection(scene, old, body["camera_serial"], body["expected_revision"], "SUSPENDED"):
        return _refused(code, old)
    if scene.book.live_of(old.camera_serial, besides=old.binding_id):
        return _refused("SERIAL_ALREADY_BOUND", old)
    return _done(old.changed(scene.now, state="ACTIVE", reason_class=None, fallback_ref=None, review_at=None))


def prepare_binding(scene: Scene, body: Body) -> Verdict:
    book = scene.book
    known = book.get(body["new_binding_id"])
    if known is not None:
        return _refused("WRONG_STATE", known)  # an id is used once, whatever became of it
    if book.sites is not None and body["new_site_ref"] not in book.sites:
        return _refused("SITE_UNKNOWN")
    if book.providers is not None and body["provider_ref"] not in book.providers:
        return _refused("PROVIDER_UNKNOWN")
    bound = book.of_serial(body["camera_serial"])
    if live := book.live_of(body["camera_serial"]):
        return _refused("SERIAL_ALREADY_BOUND", *live)
    if not bound:
        return _refused("BINDING_UNKNOWN")
    old = bound[-1]
    return _done(Binding(
        binding_id=str(body["new_binding_id"]), camera_serial=str(body["camera_serial"]), site_ref=str(body["new_site_ref"]),
        provider_ref=str(body["provider_ref"]), schedule_ref=str(body["schedule_ref"]), state="TEST", revision=1, updated_at=scene.now,
        # The look belongs to the schedule: where that goes on, the look that was planned by hand goes on with it.
        next_look_at=old.next_look_at if old.schedule_ref == body["schedule_ref"] else None,
    ))  # fmt: skip


def rebind_camera(scene: Scene, body: Body) -> Verdict:
    old, new = scene.book.get(body["old_binding_id"]), scene.book.get(body["new_binding_id"])
    if old is None or new is None:
        return _refused("BINDING_UNKNOWN", old, new)
    serial = body["camera_serial"]
    code = _objection(scene, old, serial, body["old_expected_revision"], "SUSPENDED")
    code = code or _objection(scene, new, serial, body["new_expected_revision"], "TEST")
    if code:
        return _refused(code, old, new)
    return _done(old.changed(scene.now, state="RETIRED"), new.changed(scene.now, state="ACTIVE"))


def change_provider(scene: Scene, body: Body) -> Verdict:
    """Only whether it may be scheduled; the change itself comes at its instant (`provider_changed`)."""
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if scene.book.providers is not None and body["new_provider_ref"] not in scene.book.providers:
        return _refused("PROVIDER_UNKNOWN", old)
    # "Looks never stop": a look under way is no reason to refuse.
    if code := _objection(scene, old, body["camera_serial"], body["expected_revision"], "ACTIVE", looks_matter=False):
        return _refused(code, old)
    return Verdict(shown=(old,), concerned=old)


def provider_changed(scene: Scene, body: Body) -> Verdict:
    """At the instant. The revision was compared when the change was accepted; since then only camera and state have to hold."""
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if code := _objection(scene, old, body["camera_serial"], old.revision, "ACTIVE", looks_matter=False):
        return _refused(code, old)
    return _done(old.changed(scene.now, provider_ref=body["new_provider_ref"]))


def retire_binding(scene: Scene, body: Body) -> Verdict:
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if code := _objection(scene, old, body["camera_serial"], body["expected_revision"], "ACTIVE", "SUSPENDED", "TEST"):
        return _refused(code, old)
    return _done(old.changed(scene.now, state="RETIRED"))


def swap_camera(scene: Scene, body: Body) -> Verdict:
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if code := _objection(scene, old, body["old_serial"], body["expected_revision"], "SUSPENDED"):
        return _refused(code, old)
    if scene.book.live_of(body["new_serial"], besides=old.binding_id):
        return _refused("SERIAL_ALREADY_BOUND", old)
    return _done(old.changed(scene.now, camera_serial=body["new_serial"]))


def test_look(scene: Scene, body: Body) -> Verdict:
    """Only whether a look may begin. What the operator saw comes later."""
    old = scene.book.get(body["binding_id"])
    if old is None:
        return _refused("BINDING_UNKNOWN")
    if code := _objection(scene, old, old.camera_serial, old.revision, "TEST", "SUSPENDED"):
        return _refused(code, old)
    return Verdict(shown=(old,), concerned=old)


def get_binding(scene: Scene, body: Body) -> Verdict:
    if body["camera_serial"] is not None:
        found = tuple(scene.book.of_serial(body["camera_serial"]))
    else:
        one = scene.book.get(body["binding_id"])
        found = (one,) if one else ()
    return Verdict(shown=found, concerned=found[0] if len(found) == 1 else None)


def report_night(scene: Scene, body: Body) -> Verdict:
    """Read, not acted on: it is for the people of the centre."""
    return Verdict()


VERBS: dict[str, Callable[[Scene, Body], Verdict]] = {
    "suspend_binding": suspend_binding,
    "resume_binding": resume_binding,
    "prepare_binding": prepare_binding,
    "test_look": test_look,
    "rebind_camera": rebind_camera,
    "change_provider": change_provider,
    "retire_binding": retire_binding,
    "swap_camera": swap_camera,
    "get_binding": get_binding,
    "report_night": report_night,
}
