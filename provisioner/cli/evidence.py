"""The auditor's questions that our data answer: each a function from the store to what it holds. Nothing here names a person: cases, bindings, accounts."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from provisioner.case.advance import advance
from provisioner.case.audit import Action, Purpose
from provisioner.case.cover import uncovered_s
from provisioner.case.inputs import Answered, DutyDone, ExitWanted, PostureJudged, Said
from provisioner.case.model import BindingState, Case, Exit
from provisioner.case.posture_items import Item, State
from provisioner.cli.main import Context
from provisioner.cli.reader import access_of
from provisioner.fault import Text
from provisioner.ports import JournalLine
from provisioner.store.sql import SqlStore

YEAR, POSTURE_FRESH = timedelta(days=365), timedelta(days=7)   # D15: rechecked weekly
_LIVE = (BindingState.ACTIVE, BindingState.TEST)


@dataclass(frozen=True, slots=True)
class Answer:
    """`answered` False says why in `why`: data or a document are missing. It is never true of a question that nothing was found for."""

    answered: bool
    data: dict[str, Any] = field(default_factory=dict)
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What an answer may need."""

    store: SqlStore
    context: Context
    args: argparse.Namespace

    @property
    def now(self) -> datetime:
        """Server time."""
        return self.context.clock.now()


def _no(sv: str, en: str, **data: Any) -> Answer:
    return Answer(False, data, Text(sv, en))


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def about_a_case(ask: Asking) -> Answer:
    """1: decision, consents, assessment, sign, and who watched or read."""
    if not ask.args.case:
        return _no("Ange --case.", "Give --case.")
    case = ask.store.find_case(ask.args.case)
    ask.store.note(access_of(ask.args, Purpose.SUPERVISION), Action.READ, "case", case.case_id, ask.now)
    notices = [notice for notice in (case.handing_over, case.receiving) if notice is not None]
    found = {
        "decision_refs": sorted({notice.decision_ref for notice in notices if notice.decision_ref}),
        "assessment_ref": case.mount.assessment_ref if case.mount else None,
        "consents": [{"subject": one.subject, "given": one.given, "recorded_at": _iso(one.recorded_at)} for one in (case.mount.consents if case.mount else ())],
        "cohabitants_asked": case.mount.cohabitants_asked if case.mount else None,
        "sign": None if case.sign is None else {"languages": list(case.sign.languages), "near_rooms": case.sign.near_rooms, "by": case.sign.by,
                                                "not_from_front_door": case.sign.not_from_front_door, "covers_reflections": case.sign.covers_reflections,
                                                "at": _iso(case.sign.at)},
        "view_judged": None if case.view is None else {"by": case.view.by, "at": _iso(case.view.at)},
        "frames_judged": case.frames_taken,
        "test_look": None if case.test_look is None else {"by": case.test_look.by, "at": _iso(case.test_look.answered_at), "ok": case.test_look.ok},
        "read_or_shown": [{"actor": line.actor, "role": line.role, "action": line.action, "kind": line.kind, "purpose": line.purpose, "at": _at(line.at)}
                          for line in ask.store.audit_of(case.case_id) if line.action in (Action.READ, Action.SHOWN, Action.EXPORTED)],
        "elsewhere": "who looked at night, when and how long is the alarm centre's log",
    }
    missing = [name for name in ("decision_refs", "assessment_ref", "consents", "sign") if not found[name]] if case.moves else []
    if missing:
        return _no(f"Saknas i ärendet: {', '.join(missing)}.", f"Missing in the case: {', '.join(missing)}.", **found, missing=missing)
    return Answer(True, found)


def _at(us: int) -> str:
    from provisioner.store.schema import from_us
    return from_us(us).isoformat()


def lived(lines: list[JournalLine]) -> Iterator[tuple[JournalLine, Case]]:
    """The case after each line of its journal."""
    case: Case | None = None
    for line in lines:
        case = advance(case, line.input, line.at, line.policy).case
        yield line, case


def one_camera_one_home(ask: Asking) -> Answer:
    """2: at which home each camera was in force, at any past minute; and that it never was in two."""
    spans: dict[str, list[tuple[datetime, str, str, str]]] = {}
    for case in ask.store.all_cases():
        known: dict[str, BindingState] = {}
        for line, after in lived(ask.store.journal(case.case_id)):
            for binding in (after.old_binding, after.new_binding):
                if binding is not None and known.get(binding.binding_id) is not binding.state:
                    known[binding.binding_id] = binding.state
                    spans.setdefault(binding.serial, []).append((line.at, binding.binding_id, binding.site_ref, binding.state.value))
    wanted = {serial: events for serial, events in spans.items() if not ask.args.serial or serial == ask.args.serial.upper()}
    cameras, doubles = [], []
    for serial, events in sorted(wanted.items()):
        live: dict[str, str] = {}
        at_that_time: list[str] | None = None
        changes = []
        for at, binding_id, site_ref, state in sorted(events, key=lambda event: (event[0], event[3] in {one.value for one in _LIVE})):
            if ask.args.at is not None and at > ask.args.at and at_that_time is None:
                at_that_time = sorted(live.values())
            live.pop(binding_id, None)
            if state in {one.value for one in _LIVE}:
                live[binding_id] = site_ref
            changes.append({"at": at.isoformat(), "binding_id": binding_id, "site_ref": site_ref, "state": state})
            if len(live) > 1:
                doubles.append({"serial": serial, "at": at.isoformat(), "bindings": sorted(live)})
        found = {"serial": serial, "changes": changes}
        if ask.args.at is not None:
            found["in_force_at"] = sorted(live.values()) if at_that_time is None else at_that_time
        cameras.append(found)
    if not cameras:
        return _no("Ingen kamera med ärende finns.", "There is no camera with a case.")
    data = {"cameras": cameras, "in_two_homes": doubles, "held_by": ["index one_live_binding_per_serial", "compare-and-swap at the registry"]}
    return Answer(True, data) if not doubles else _no("En kamera var i kraft på två ställen.", "A camera was in force in two places.", **data)


def gaps(ask: Asking) -> Answer:
    """3: each move of the last year, and every second in which nobody watched over the home."""
    rows = []
    for case in ask.store.all_cases():
        if not case.cover or (case.cover[-1].at < ask.now - YEAR and case.is_final):
            continue
        suspended = next((line.at for line in case.cover if line.by.value != "CAMERA"), None)
        until = max(case.cover[-1].at, case.first_look_ok_at or case.cover[-1].at) if case.is_final else ask.now
        rows.append({"case_number": case.case_number, "state": case.state.value, "suspended_at": _iso(suspended),
                     "fallback_acknowledged_at": _iso(case.fallback.acknowledged_at if case.fallback else None), "supervision_began_at": _iso(case.began_at),
                     "first_look_ok_at": _iso(case.first_look_ok_at), "uncovered_s": uncovered_s(case, until)})
    total = sum(float(str(row["uncovered_s"])) for row in rows)
    data = {"cases": rows, "uncovered_s": total}
    return Answer(True, data) if total == 0 else _no(f"{total:.0f} s var obevakade.", f"{total:.0f} s were uncovered.", **data)


def protected_reads(ask: Asking) -> Answer:
    """4: everybody who read the case of a protected person."""
    cases = ask.store.protected_cases(ask.now, access_of(ask.args, Purpose.SUPERVISION))
    rows = [{"case_id": case_id, "actor": line.actor, "role": line.role, "via": line.via, "action": line.action, "kind": line.kind, "purpose": line.purpose,
             "at": _at(line.at)} for case_id in cases for line in ask.store.audit_of(case_id) if line.action != Action.SAID]
    return Answer(True, {"protected_cases": len(cases), "reads": rows, "log_whole": ask.store.verify_audit().broken is None})


def log_review(ask: Asking) -> Answer:
    """5: the last review of the log."""
    reviews = [{"by": line.actor, "at": _at(line.at), "lines": line.count} for line in ask.store.audit_between(ask.now - YEAR, ask.now)
               if line.action == Action.REVIEWED]
    recent = [one for one in reviews if str(one["at"]) >= (ask.now - timedelta(days=31)).isoformat()]
    if not recent:
        return _no("Ingen granskning den senaste månaden. Gör den: provisioner audit review.", "No review in the last month. Make it: provisioner audit review.",
                   reviews=reviews)
    return Answer(True, {"reviews": reviews})


def _postures(ask: Asking) -> list[tuple[Case, datetime | None]]:
    """The cases that gave a camera the home it watches now, and when its settings were last judged."""
    found = []
    for case in ask.store.all_cases():
        binding = case.new_binding if case.rebind_completed else case.old_binding if case.kind == "PROVIDER_CHANGE_ONLY" else None
        if binding is not None and binding.state is BindingState.ACTIVE:
            judged = [line.at for line in ask.store.journal(case.case_id) if isinstance(line.input, Answered) and isinstance(line.input.answer, PostureJudged)]
            found.append((case, max(judged, default=None)))
    return found


def _items(ask: Asking, items: tuple[Item, ...], sv: str, en: str) -> Answer:
    rows, open_ = [], []
    for case, at in _postures(ask):
        states = {} if case.posture is None else {one.item.value: one.state.value for one in case.posture.findings if one.item in items}
        fresh = at is not None and ask.now - at <= POSTURE_FRESH
        rows.append({"case_number": case.case_number, "serial": case.expected_serial, "states": states, "judged_at": _iso(at), "fresh": fresh,
                     "rotated_at": _iso(case.rotation.at if case.rotation else None)})
        if not fresh or not states or set(states.values()) - {State.OK.value, State.UNSUPPORTED.value}:
            open_.append(case.case_number)
    if not rows:
        return _no("Ingen kamera i kraft som ett ärende här har satt upp.", "No camera in force that a case here has set up.")
    if open_:
        return _no(f"{sv} Kontrollera kameran igen (provisioner camera check): {', '.join(open_)}.",
                   f"{en} Check the camera again (provisioner camera check): {', '.join(open_)}.", cameras=rows)
    return Answer(True, {"cameras": rows})


def audio_off(ask: Asking) -> Answer:
    """8: sound off at every camera in force."""
    return _items(ask, (Item.AUDIO_IN_PROFILES, Item.AUDIO_ON_WIRE), "Ljudet är inte bevisat av den senaste veckan.", "Sound is not proved off within the last week.")


def default_passwords(ask: Asking) -> Answer:
    """9: no maker's password opens a camera in force."""
    return _items(ask, (Item.DEFAULT_ACCOUNT, Item.ANONYMOUS_ONVIF, Item.ANONYMOUS_RTSP, Item.ANONYMOUS_SNAPSHOT),
                  "Standardlösenord är inte prövat den senaste veckan.", "Default passwords were not tried within the last week.")


def time_source(ask: Asking) -> Answer:
    """10: who keeps the server's clock, and how far each camera's was off when it was read."""
    from provisioner.cli.doctor import _clock

    clock = _clock()
    offsets = [{"serial": case.expected_serial, "offset_s": case.identity.clock_offset_s, "read_at": _iso(case.identity.read_at)}
               for case in ask.store.all_cases() if case.identity is not None]
    data = {"server": {"kept_by_ntp": clock.ok, "text": clock.text.in_language(ask.context.out.language)}, "cameras": offsets}
    return Answer(True, data) if clock.ok else Answer(False, data, clock.text)


def erasure_runs(ask: Asking) -> Answer:
    """11: the erasure runs of the last quarter."""
    runs = ask.store.retention_runs(ask.now - timedelta(days=92))
    if not any(run["finished_at"] for run in runs):
        return _no("Ingen gallring har körts färdigt det senaste kvartalet: provisioner retention run.",
                   "No erasure run was finished in the last quarter: provisioner retention run.", runs=runs)
    return Answer(True, {"runs": runs})


def overrides(ask: Asking) -> Answer:
    """18: what was passed over with a reason, by which role, how often in a year."""
    counts: dict[str, int] = {}
    for case in ask.store.all_cases():
        for line in ask.store.journal(case.case_id):
            if line.at < ask.now - YEAR or line.outcome in ("refused", "dropped") or not isinstance(line.input, Said):
                continue
            said = line.input.what
            kinds = [f"duty waived: {said.duty.value}"] if isinstance(said, DutyDone) and said.waived else []
            kinds += ["serial typed, not scanned"] if getattr(said, "typed_reason", "") else []
            booking = getattr(said, "booking", None)
            kinds += ["other contact than the form's"] if booking is not None and booking.contact_reason else []
            kinds += [f"exit: {said.exit.value}"] if isinstance(said, ExitWanted) else []
            for kind in kinds:
                key = f"{kind} by {line.input.role.value}"
                counts[key] = counts.get(key, 0) + 1
    may = {"duty waived": "any role that may say it, with a reason; never those of case/plan.py: NOT_WAIVABLE", "serial typed": "technician, twice and with a reason",
           "other contact": "coordinator, with a reason", "settings by hand": "team lead alone, never sound, recordings, open doors"}
    return Answer(True, {"may": may, "last_year": dict(sorted(counts.items()))})


def wrong_homes(ask: Asking) -> Answer:
    """19: cases stopped as the wrong one, and where the reports are."""
    stops = []
    for case in ask.store.all_cases():
        for line in ask.store.journal(case.case_id):
            if isinstance(line.input, Said) and isinstance(line.input.what, ExitWanted) and line.input.what.exit is Exit.WRONG_CASE and line.outcome != "refused":
                stops.append({"case_number": case.case_number, "at": _iso(line.at), "role": line.input.role.value})
    register = ask.context.settings.documents.incident_register
    data = {"stopped_as_wrong_case": stops, "incident_register": register or None}
    if not register:
        return _no("Var rapporterna (lex Sarah, IMY) finns är inte angivet: documents.incident_register.",
                   "Where the reports (lex Sarah, IMY) are is not entered: documents.incident_register.", **data)
    return Answer(True, data)
