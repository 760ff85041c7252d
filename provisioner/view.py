"""A case as people and machines are shown it: where it stands, what must be true next and who makes it true. Pure; no personal data in it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from provisioner.case.cover import covered_by, uncovered_s
from provisioner.case.exits import possible
from provisioner.case.intake import Question, questions
from provisioner.case.keys import KeySide
from provisioner.case.keys_said import keys_of
from provisioner.case.model import Binding, Case, State
from provisioner.case.news import AT_ONCE
from provisioner.case.plan import PLAN, VIEW_BLOCKS, way_of
from provisioner.case.view_check import SceneCheck, SceneFinding
from provisioner.case.view_said import blocked_by
from provisioner.identity_view import identity_view

SWEDEN = ZoneInfo("Europe/Stockholm")


def local(at: datetime | None) -> str:
    """An instant as people read it: Swedish time with its offset (D17)."""
    return at.astimezone(SWEDEN).isoformat(sep=" ", timespec="seconds") if at is not None else "-"


def _binding(binding: Binding | None) -> dict[str, Any] | None:
    if binding is None:
        return None
    return {"id": binding.binding_id, "state": binding.state.value, "revision": binding.revision, "site_ref": binding.site_ref,
            "provider_ref": binding.provider_ref}


def case_view(case: Case, now: datetime, language: str) -> dict[str, Any]:
    """The case as JSON-able values. Instants are RFC 3339 UTC; texts in `language`."""
    way = way_of(case.kind, case.state)
    return {
        "case_id": case.case_id, "case_number": case.case_number, "case_kind": case.kind.value, "state": case.state.value,
        "meaning": PLAN[case.state].meaning.in_language(language), "revision": case.revision, "opened_at": case.opened_at.isoformat(),
        "expected_serial": case.expected_serial,
        "verified_serial": case.expected_serial if case.identity is not None else None,
        "identity": identity_view(case, language),
        "old_binding": _binding(case.old_binding), "new_binding": _binding(case.new_binding),
        "needs": [{"name": need.name, "met": need.met(case), "by": "daemon" if need.by_daemon else "person", "source": need.source,
                   "text": need.text.in_language(language)} for need in (way.needs if way else ())],
        "questions": [{"to": question.to, "text": question.text.in_language(language)} for question in open_questions(case)],
        "next_owner": next_owner(case), "then": way.to.value if way else None,
        "exits": sorted(exit.value for exit in possible(case)) if not case.is_final else [],
        "waiting_for": [{"errand": e.token.errand, "effect": e.effect.kind, "failures": e.failures, "stuck": e.stuck,
                         "fault": e.fault.kind.value if e.fault else None, "hint": e.fault.hint.in_language(language) if e.fault else None,
                         "retry_at": e.retry_at.isoformat() if e.retry_at else None} for e in case.errands],
        "tasks": [{"key": task.key, "text": task.text.in_language(language), "done": task.done is not None} for task in case.tasks],
        **_visits(case), "keys": _keys(case), "group_ref": case.group_ref or None, "undoes": case.undoes or None, "undone_by": case.undone_by or None,
        "frame": _frame(case, language),
        "camera": _camera(case, language), "zones": len(case.zones) if case.zones is not None else None,
        "test_look": {"code": case.test_look.code, "seen": case.test_look.code_seen} if case.test_look else None,
        "covered_by": covered_by(case), "uncovered_s": uncovered_s(case, now),
        "first_look_at": case.first_look_at.isoformat() if case.first_look_at else None,
        "wake_at": case.wake_at.isoformat() if case.wake_at else None,
    }


def _visits(case: Case) -> dict[str, Any]:
    """The two appointments, how often they were booked, who was not at home; and what the technician found in the new home."""
    b, site = case.booking, case.site
    return {
        "booking": {"dismantle_from": b.dismantle_from.isoformat(), "dismantle_to": b.dismantle_to.isoformat(), "dismantle_technician": b.dismantle_technician,
                    "install_from": b.install_from.isoformat(), "install_to": b.install_to.isoformat(), "install_technician": b.install_technician,
                    "times_booked": len(case.bookings), "missed": case.missed.value if case.missed else None} if b else None,
        "no_access": [{"visit": one.visit.value, "by": one.by, "at": one.at.isoformat()} for one in case.no_access],
        "site": {"socket": site.socket, "signal": site.signal, "power_unswitched": site.power_unswitched, "landlord_agrees": site.landlord_agrees,
                 "cleaned": site.cleaned, "by": site.by, "at": site.at.isoformat()} if site else None,
    }


def _keys(case: Case) -> list[dict[str, Any]]:
    """Every key and tag as it stands (R5, R14, R20). Whoever has it is named as it was said; no door code is kept anywhere (U31)."""
    return [{"side": one.side.value, "key": one.key.value, "status": one.status.value, "by": one.by or None, "holder": one.holder or None,
             "at": one.at.isoformat() if one.by else None} for side in KeySide for one in keys_of(case, side)]


def _camera(case: Case, language: str) -> dict[str, Any]:
    """What was done to the camera and read back of it: the sentences, without anything that it calls itself or anybody."""
    rotation, posture, masking, retirement = case.rotation, case.posture, case.masking, case.retirement
    return {
        "credentials": {"good": rotation.good, "sentence": rotation.sentence.in_language(language)} if rotation else None,
        "posture": {"acceptable": posture.acceptable, "findings": [
            {"item": f.item.value, "state": f.state.value, "blocks": f.item in posture.blocking, "sentence": f.sentence.in_language(language)}
            for f in posture.findings]} if posture else None,
        "marks": list(case.marking.marks) if case.marking else None,
        "masks_proved": masking.proved if masking else None,
        "receipt": {"state": retirement.state, "ref": retirement.receipt_ref} if retirement else None,
    }


def open_questions(case: Case) -> tuple[Question, ...]:
    """What the forms leave open; nothing after intake."""
    return questions(case) if case.state in (State.DRAFT, State.AWAITING_COUNTERPART, State.NEEDS_INFO, State.READY) else ()


def _frame(case: Case, language: str) -> dict[str, Any] | None:
    frame = case.frame
    if frame is None:
        return None
    return {"source": frame.source, "codec": frame.codec, "width_px": frame.width_px, "height_px": frame.height_px, "took_s": frame.took_s,
            "trusted": frame.trusted, "good": frame.good, "mean_luma": frame.mean_luma, "sharpness": frame.sharpness,
            "findings": [text.in_language(language) for text in frame.findings], "frames": frame.frames,
            "check": None if frame.scene is None else _check(case, frame.scene, language)}


def _check(case: Case, scene: SceneCheck, language: str) -> dict[str, Any]:
    """What the check of the view said, what people said beside it, and what stops."""
    def finding(one: SceneFinding) -> dict[str, Any]:
        return {"number": one.number, "kind": one.kind, "severity": one.severity.value, "certainty": one.certainty, "text": one.text.in_language(language),
                "place": one.place.in_language(language) if one.place else None, "value": one.value, "limit": one.limit, "unit": one.unit,
                "over_bed": one.over_bed}

    return {
        "looks": list(scene.looks), "exposure": scene.exposure, "restored": scene.restored, "missing": [text.in_language(language) for text in scene.missing],
        "findings": [finding(one) for one in scene.findings], "measures": {one.name: {"value": one.value, "unit": one.unit} for one in scene.measures},
        "bed": None if scene.bed is None else {"status": scene.bed.status, "visible": scene.bed.visible, "px_per_m": scene.bed.px_per_m},
        "sign_places": None if scene.sign_places is None else [
            {"at_m": list(place.at_m), "wall": place.wall, "score": place.score, "possible": place.possible,
             "reasons": [reason.in_language(language) for reason in place.reasons]} for place in scene.sign_places],
        "words": [{"finding": word.finding.number if word.finding else None, "is_reflection": word.is_reflection, "words": word.words, "by": word.by,
                   "at": word.at.isoformat()} for word in case.reflections],
        "stops": list(blocked_by(case, VIEW_BLOCKS)),
        "answered_for": [{"block": one.block, "reason": one.reason, "by": one.by, "at": one.at.isoformat()} for one in case.overrides],
    }


_ON_SITE = frozenset({State.LOOKS_SUSPENDED, State.DISMANTLED, State.INSTALLED, State.IDENTITY_VERIFIED, State.VIEW_CHECKED, State.SIGN_PLACED})


def next_owner(case: Case) -> str:
    """Who has to act next: the people of `next_action`, the daemon where it waits for a machine, `-` where nobody is left to."""
    task = next((task for task in case.tasks if task.done is None), None)
    if task is not None:
        return "on_call" if task.key.startswith(AT_ONCE) else "coordinator"
    way = way_of(case.kind, case.state)
    need = next((need for need in way.needs if not need.met(case)), None) if way else None
    if need is None:
        return "-" if case.is_final else "coordinator"
    if need.by_daemon:
        return "daemon"
    return "technician" if case.state in _ON_SITE else "coordinator"


def next_action(case: Case, language: str) -> str:
    """One sentence: what happens next, and by whom. An open task comes first."""
    for task in case.tasks:
        if task.done is None:
            return task.text.in_language(language)
    way = way_of(case.kind, case.state)
    for need in way.needs if way else ():
        if not need.met(case):
            return need.text.in_language(language)
    return PLAN[case.state].meaning.in_language(language)
