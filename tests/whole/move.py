"""A whole move as people do it, spoken into the database as the commands speak, while a daemon lives, or does not."""

import contextlib
import io
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from provisioner.case import inputs as i
from provisioner.case.cover import uncovered_s
from provisioner.case.model import BindingState, Booking, Case, Consent, ContactKind, Duty, Role, State
from provisioner.cli.demo import forms
from provisioner.cli.main import run
from provisioner.clock import SystemClock
from provisioner.ids import case_number, uuid7
from provisioner.intake import HandingOverForm, parse_case_file, to_notice
from provisioner.store.keeping import CameraPlace, Person
from provisioner.store.sql import SqlStore
from simulators.site import Site
from tests.whole.daemons import Daemon, until

CODE = "5283"
IN_ORDER = (State.DRAFT, State.AWAITING_COUNTERPART, State.READY, State.BOOKED, State.LOOKS_SUSPENDED, State.DISMANTLED, State.INSTALLED,
            State.IDENTITY_VERIFIED, State.VIEW_CHECKED, State.SIGN_PLACED, State.TEST_LOOK_OK, State.REBOUND, State.RECEIVING_INFORMED,
            State.HANDING_OVER_INFORMED, State.DOCUMENTED, State.CLOSED)


TOLD_IN_A_MOVE = [("coordinator", "feedback"), ("coordinator", "feedback"), ("night_patrol", "visits_end")]
"""The coordinator is told to phone the receiving unit, and later to answer the handing-over unit; the patrol that its visits end. No alarm of any kind."""


class _Described:
    """The site as the demo's forms want it."""

    def __init__(self, site: Site) -> None:
        self.described: dict[str, Any] = site.describe()


@dataclass
class Move:
    """One case, from the forms to its end. `tend` is called whenever somebody waits: it may kill, start and mend."""

    site: Site
    daemon: Daemon
    store: SqlStore
    tend: Callable[["Move"], None] = lambda move: None
    clock: SystemClock = field(default_factory=SystemClock)
    case_id: str = ""

    @property
    def case(self) -> Case:
        """As it stands in the database."""
        return self.store.load(self.case_id)

    @property
    def camera(self) -> Any:
        """The one camera of the site."""
        return self.site.cameras["bedroom"]

    def say(self, what: i.Statement, by: str = "technician-tekla", role: Role = Role.TECHNICIAN) -> None:
        """A person says something; it must be taken."""
        outcome = self.store.take(self.case_id, i.Said(by, role, what), self.clock.now(), self.daemon.settings.policy.policy()).outcome
        assert outcome.refusal is None, outcome.refusal
        self.tend(self)

    def clock_passes(self, s: float) -> None:
        """So long something is away."""
        end = self.clock.monotonic_s() + s
        until(lambda: self.clock.monotonic_s() >= end, "time passes")

    def until(self, reached: Callable[[Case], bool], what: str) -> Case:
        """Wait until the case is there."""
        def there() -> bool:
            self.tend(self)
            return reached(self.case)
        until(there, f"{what}; the case is {self.case.state}, errands {[(e.token, e.stuck, e.retry_at) for e in self.case.errands]}", 40.0)
        return self.case

    def until_state(self, state: State) -> None:
        """Wait until the case has come as far as `state`, or past it."""
        self.until(lambda case: IN_ORDER.index(case.state) >= IN_ORDER.index(state), state.value)

    # ---- the move, chapter by chapter: each only says what is not said yet, so that it can be gone on with after anything

    def run(self) -> None:
        """The whole routine."""
        for chapter in (self.forms, self.suspend, self.carry, self.visit, self.look, self.feedback, self.close):
            chapter()

    def forms(self) -> None:
        """Both support forms; the alarm centre finds the binding."""
        now, settings = self.clock.now(), self.daemon.settings
        self.case_id = uuid7(now)
        file = parse_case_file(forms(_Described(self.site), (now + timedelta(days=30)).date().isoformat()))  # type: ignore[arg-type]
        self.store.take(self.case_id, i.Opened(self.case_id, case_number(now), file.case_kind), now, settings.policy.policy())
        self.tend(self)
        references = self.store.references()
        for form in (file.handing_over, file.receiving):
            assert form is not None
            notice = to_notice(form, references, now, settings.policy.policy(), settings.mode)
            fields = {name: value for name, value in form.model_dump(mode="json").items() if isinstance(value, str)}
            self.store.put_person(Person(notice.form_ref, "form", fields), now)
            self.say(i.HandingOverNotice(notice) if isinstance(form, HandingOverForm) else i.ReceivingNotice(notice), "unit-form", Role.UNIT)
        self.until_state(State.READY)

    def suspend(self) -> None:
        """Booking, fallback, and the technician at the old door."""
        now, hour = self.clock.now(), timedelta(hours=1)
        first_look_at = max(self.case.first_look_at or now, now + 6 * hour)
        self.say(i.Booked(Booking(now, now + hour / 2, now + hour / 2, now + hour, first_look_at, ContactKind.RELATED_PERSON, ContactKind.UNIT,
                              "", "technician-tekla", "technician-tekla")),
                 "coordinator-cecilia", Role.COORDINATOR)
        self.say(i.FallbackAcknowledged("fallback-1", "unit-night-patrol", "person-night-lead"), "night-lead", Role.UNIT)
        self.say(i.DismantlingBegins())
        self.until_state(State.LOOKS_SUSPENDED)

    def carry(self) -> None:
        """Down in the old home, up in the new one."""
        serial = self.case.expected_serial
        assert serial is not None
        self.say(i.Dismantled(serial, True))
        self.site.carry("bedroom", "nygatan")
        until(self._camera_is_up, "the camera boots")
        self.say(i.SiteChecked(True, True, True, True))
        self.say(i.Mounted(serial, tuple(Consent(who, True, self.clock.now()) for who in ("service_user", "cohabitant-1")), True, "assessment-1"))

    def _camera_is_up(self) -> bool:
        try:
            with socket.create_connection((self.camera.host, self.camera.http_port), timeout=1):
                return True
        except OSError:
            return False

    def visit(self) -> None:
        """The camera is read and gives a picture; the alarm centre prepares the new binding."""
        serial, now = self.case.expected_serial, self.clock.now()
        assert serial is not None
        self.store.put_place(serial, CameraPlace(self.camera.host, self.camera.http_port), now)
        self.say(i.VisitStarted(serial, now, True))
        self.until(lambda case: case.frame is not None and case.new_binding is not None, "a frame and a new binding")

    def look(self) -> None:
        """View and sign, test look, re-bind."""
        self.say(i.ViewAccepted(True, True, True, True))
        self.until_state(State.VIEW_CHECKED)
        self.say(i.SignPlaced(("sv", "so"), True, True, True))
        self.say(i.TestLookStarted("challenge-1", CODE))
        self.until_state(State.REBOUND)

    def feedback(self) -> None:
        """Receiving unit first, handing-over unit last."""
        for duty in (Duty.RECEIVING_PHONED, Duty.RECEIVING_FORM_SENT):
            self.say(i.DutyDone(duty), "coordinator-cecilia", Role.COORDINATOR)
        self.until_state(State.RECEIVING_INFORMED)
        self.say(i.DutyDone(Duty.HANDING_OVER_FORM_SENT), "coordinator-cecilia", Role.COORDINATOR)

    def close(self) -> None:
        """Documents, keys, and the first real look."""
        coordinator = ("coordinator-cecilia", Role.COORDINATOR)
        for duty in (Duty.CARE_RECORD_HANDING_OVER, Duty.CARE_RECORD_RECEIVING, Duty.SERIAL_DOCUMENTED, Duty.KEYS_RETURNED):
            self.say(i.DutyDone(duty), *coordinator)
        for system in self.daemon.settings.policy.it_supports:
            self.say(i.DutyDone(Duty.IT_SUPPORT_UPDATED, system), *coordinator)
        self.say(i.DutyDone(Duty.SURVEILLANCE_REGISTER_UPDATED), *coordinator)
        binding = self.case.new_binding
        assert binding is not None
        looked_at = 0.0

        def first_look_is_heard(case: Case) -> bool:
            # an event may be lost with the broker; the alarm centre looks again the next hour, here the next second
            nonlocal looked_at
            if self.clock.monotonic_s() - looked_at > 1.0 and case.first_look_ok_at is None:
                looked_at = self.clock.monotonic_s()
                self.site.centre.levers.look_now(binding.binding_id)
            return case.state is State.CLOSED
        self.until(first_look_is_heard, "the first look, and the end")

    # ---- what must be true in the end, whatever was killed

    def has_ended_well(self) -> None:
        """One live binding, the case closed, the home covered all the time, nobody told anything twice, nothing owed."""
        case = self.case
        rows = [row for row in self.site.centre.bindings() if row["camera_serial"] == case.expected_serial]
        states = sorted(str(row["state"]) for row in rows)
        assert states == ["ACTIVE", "RETIRED"], rows
        [active] = [row for row in rows if row["state"] == "ACTIVE"]
        assert case.new_binding is not None and active["binding_id"] == case.new_binding.binding_id
        assert case.state is State.CLOSED and case.old_binding is not None and case.old_binding.state is BindingState.RETIRED
        assert case.new_binding.state is BindingState.ACTIVE and case.new_binding.revision == active["revision"]
        assert uncovered_s(case, self.clock.now()) == 0, case.cover
        def nothing_owed() -> bool:
            self.tend(self)
            return self.store.facts().owed == 0
        until(nothing_owed, "nothing is owed any more")
        self._told_once()
        self._is_the_same_again()

    def _told_once(self) -> None:
        told = self.store.told(self.case_id)
        said = [(one.audience, one.about, one.text.en) for one in told]
        assert len(said) == len(set(said)), f"told twice: {said}"
        assert sorted((one.audience, one.about) for one in told) == TOLD_IN_A_MOVE, said

    def _is_the_same_again(self) -> None:
        """The case lived again from its journal is the case of the database: `provisioner case replay`."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = run(["case", "replay", self.case_id, "--json", "--config", str(self.daemon.config)])
        replayed = json.loads(said.getvalue())
        assert code == 0 and replayed["same"] and replayed["uncovered_s"] == 0 and replayed["steps"][-1]["state"] == "CLOSED"
