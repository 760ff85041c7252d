"""The judge: invariants 1-5 after every step, from what was sent, heard and acknowledged. It reads the core's values and none of its decisions."""

from datetime import datetime, timedelta
from itertools import pairwise

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case.model import BindingState, Case, CoveredBy, Duty, FallbackMode, State, Token
from provisioner.case.outcome import Outcome, Verdict
from tests.case.centre import ACTIVE, RETIRED, SUSPENDED, TEST, Centre

CHANGES = {"suspend_binding", "resume_binding", "prepare_binding", "rebind_camera", "change_provider", "retire_binding", "swap_camera"}
WATCHED = ("state", "leg", "revision")


class Judge:
    """`hears` before each step, `step` after it."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.unknown: dict[str, fx.Effect] = {}      # commands sent, answer not taken yet
        self.word: dict[str, tuple[BindingState, int]] = {}  # the newest the case was told of each binding, by reply or retained state
        self.retained: dict[str, tuple[BindingState, int]] = {}
        self.replied: dict[str, tuple[BindingState, int]] = {}
        self.acks: list[tuple[datetime, i.FallbackAcknowledged]] = []
        self.keys: set[str] = set()
        self.visits_over = False
        self.tokens: set[Token] = set()
        self.nobody_s = 0.0
        self.since: datetime | None = None
        self.taken_down = False
        self.away = False                            # the camera is not where the old binding looks

    # ---- before -------------------------------------------------------------------------------------------------------------

    def hears(self, case: Case | None, input: i.Input, now: datetime) -> None:
        """Time up to now counts for what the ledger said until now."""
        if case is not None and case.cover and self.since is not None and case.cover[-1].by is CoveredBy.NOBODY:
            self.nobody_s += (now - self.since).total_seconds()
        self.since = now

    # ---- after --------------------------------------------------------------------------------------------------------------

    def step(self, before: Case | None, input: i.Input, outcome: Outcome, now: datetime) -> None:
        """Everything that must hold after every single step."""
        case = outcome.case
        self._takes(before, input, outcome, now)
        if case.state is State.ROLLING_BACK and before.state is not State.ROLLING_BACK and before.state is not State.ON_HOLD:
            self.away = self.taken_down  # each way back asks anew whether the camera hangs there
        self._revision(before, outcome)
        self._asks(case, outcome, now)
        self._nothing_forgotten(case)
        self._suspended_is_covered(case)
        self._begun(before, case, outcome)
        self._final(case)
        if outcome.verdict not in (Verdict.REFUSED, Verdict.DROPPED) and not case.is_final:
            self._time(case, now)
            self._ledger(case, now)

    def _takes(self, before: Case | None, input: i.Input, outcome: Outcome, now: datetime) -> None:
        if outcome.verdict in (Verdict.REFUSED, Verdict.DROPPED):
            if isinstance(input, i.Answered | i.Failed) and before is not None:
                errand = before.errand(input.token)
                assert errand is None or errand.stuck or not _same_kind(errand.effect, input), "only a late answer is dropped"
            return
        match input:
            case i.Said(what=i.FallbackAcknowledged() as what):
                self.acks.append((now, what))
                self.visits_over = False
            case i.Said(what=i.Dismantled()):
                self.away = self.taken_down = True
            case i.Said(what=i.DutyDone(duty=Duty.CAMERA_BACK_AT_OLD_HOME)):
                self.away = False
            case i.Said(what=i.ExitWanted()) | i.Said(what=i.TryAgain()):
                pass
            case i.Heard(news=i.BindingSeen(binding_id=binding_id, state=state, revision=revision)):
                if revision >= self.retained.get(binding_id, (state, 0))[1]:
                    self.retained[binding_id] = (state, revision)
            case i.Answered(token=token, answer=i.RegistryReply() as reply):
                self._reply(before, token, reply)

    def _reply(self, before: Case | None, token: Token, reply: i.RegistryReply) -> None:
        effect = before.errand(token).effect
        if reply.result == "accepted" and effect.kind != "change_provider":
            return
        if reply.result == "accepted" or effect.kind not in CHANGES or reply is not self.centre.replies.get(effect.msg_id):
            return  # an acceptance is no outcome, and a forged reply is nothing
        self.unknown.pop(effect.msg_id, None)
        for binding in reply.bindings:
            if binding.revision >= self.replied.get(binding.binding_id, (binding.state, 0))[1]:
                self.replied[binding.binding_id] = (binding.state, binding.revision)
        if effect.kind == "swap_camera" and reply.result == "completed" and reply.bindings:
            self.away = self.taken_down = True

    def _revision(self, before: Case | None, outcome: Outcome) -> None:
        case = outcome.case
        if before is None:
            assert case.revision == 1
        elif outcome.verdict in (Verdict.REFUSED, Verdict.DROPPED):
            assert case is before and not outcome.asks, "what is refused or dropped changes nothing"
        elif case is not before:
            assert case.revision == before.revision + 1
        assert (outcome.refusal is not None) == (outcome.verdict is Verdict.REFUSED)
        if outcome.refusal is not None:
            assert outcome.refusal.text.sv and outcome.refusal.text.en and outcome.refusal.code

    def _asks(self, case: Case, outcome: Outcome, now: datetime) -> None:
        for ask in outcome.asks:
            effect = ask.effect
            if isinstance(effect, fx.TellPeople):
                assert effect.key not in self.keys, f"told twice: {effect.key}"
                self.keys.add(effect.key)
                self.visits_over |= effect.about == "visits_end"
                continue
            assert ask.token not in self.tokens, "a token names one attempt"
            assert ask.deadline_at > now
            self.tokens.add(ask.token)
            assert case.errand(ask.token) is not None
            if isinstance(effect, fx.OF_THE_CAMERA):
                self._may_be_done(case, effect)
            if effect.kind in CHANGES:
                fresh = effect.msg_id not in self.unknown
                self.unknown[effect.msg_id] = effect
                if fresh:
                    self._may_be_sent(case, effect, now)

    def _may_be_done(self, case: Case, effect: fx.CameraEffect) -> None:
        assert effect.serial == case.expected_serial, "D2: the camera is the case's"
        if isinstance(effect, fx.RetireCamera):
            assert case.state is State.TERMINATING and Duty.TERMINATION_CONFIRMED in case.done, "H15: cleared on one person's word"
        elif not isinstance(effect, (fx.ReadIdentity, fx.HideCode)):
            assert case.identity is not None and case.identity.serial == case.expected_serial, f"D2: {effect.kind} on a camera that is not proved"

    def _may_be_sent(self, case: Case, effect: fx.Effect, now: datetime) -> None:
        assert case.state is not State.ON_HOLD, f"{effect.kind} goes out of a case on hold"
        assert getattr(effect, "serial", case.expected_serial) == case.expected_serial, "D5: the serial is the case's"
        if isinstance(effect, fx.SuspendBinding):
            at, ack = self.acks[-1]
            assert not self.visits_over and effect.fallback_ref == ack.fallback_ref, "I2: suspended on a fallback that nobody acknowledged"
            assert now < effect.review_at <= max(at + timedelta(days=7), now + timedelta(days=1)), "I2: a review time to come"
        if isinstance(effect, fx.RetireBinding) and effect.binding_id == "b-old-000001":
            done = case.done.get(Duty.TERMINATION_CONFIRMED)
            assert done is not None and case.leaving is not None and done.by != case.leaving.by, "H15: retired on one person's word"
        if effect.kind in ("suspend_binding", "retire_binding", "resume_binding", "swap_camera", "change_provider"):
            assert effect.binding_id != "b-other-00001", "H2: another person's binding"
        if isinstance(effect, fx.PrepareBinding):
            assert case.identity is not None and case.identity.serial == case.expected_serial, "D2: two readings before the new binding"
        if isinstance(effect, fx.RebindCamera):
            look = case.test_look
            assert look is not None and look.code_seen == look.code and now - look.started_at <= timedelta(minutes=15), "D9"
            assert case.mount and case.sign and case.view and "sv" in case.sign.languages, "D12"
            assert case.posture is not None and case.posture.acceptable and (case.rotation is not None), "D15, D16"
            assert case.zones is None or (case.masking is not None and case.masking.proved), "R37: a zone that may be seen"

    def _nothing_forgotten(self, case: Case) -> None:
        if not self.unknown:
            return
        held = {getattr(e.effect, "msg_id", None) for e in case.errands}
        for msg_id, effect in list(self.unknown.items()):
            if case.state is State.TERMINATED and effect.kind == "change_provider":
                continue  # its binding is RETIRED: nothing can come of it
            assert msg_id in held, f"{effect.kind} was forgotten in {case.state} before its answer came"

    def _suspended_is_covered(self, case: Case) -> None:
        binding = case.old_binding
        began_suspended = self.centre.by_hand > 0
        if binding is not None and binding.state is SUSPENDED and not case.is_final and not began_suspended:
            assert self.acks and case.fallback is not None and case.fallback.released_at is None, f"I2: suspended without a fallback in {case.state}"
        if case.old_binding and case.new_binding and not began_suspended:
            live = [b for b in (case.old_binding, case.new_binding) if b.state in (ACTIVE, TEST)]
            assert len(live) < 2, "I1: the case believes in two live bindings"

    def _begun(self, before: Case | None, case: Case, outcome: Outcome) -> None:
        told = [a.effect for a in outcome.asks if isinstance(a.effect, fx.TellPeople) and a.effect.about == "feedback"]
        begins = (case.state in (State.REBOUND, State.SWITCHED) and before.state is not case.state and before.state is not State.ON_HOLD)
        if not begins and not any("began" in tell.key for tell in told):
            return
        expected = {case.new_binding.binding_id: ACTIVE, case.old_binding.binding_id: RETIRED} if case.moves else {case.old_binding.binding_id: ACTIVE}
        for binding_id, state in expected.items():
            assert self.retained.get(binding_id, (None, 0))[0] is state, "I3: begun without the retained state"
            if case.moves and not (state is RETIRED and self.centre.by_hand):
                assert self.replied.get(binding_id, (None, 0))[0] is state, "I3: begun without the registry's reply"
        if not case.moves and not self.centre.by_hand:
            assert self.replied.get("b-old-000001"), "I3: begun without the registry's reply"

    def _final(self, case: Case) -> None:
        if not case.is_final:
            return
        assert case.wake_at is None and not case.errands
        if self.centre.by_hand:
            return
        old = self.centre.bindings["b-old-000001"]
        new = self.centre.bindings.get(case.new_binding.binding_id) if case.new_binding else None
        match case.state:
            case State.CANCELLED:
                assert old.state is ACTIVE and new is None and not self.centre.planned, "cancelled, and something was changed"
            case State.ROLLED_BACK:
                assert (new if case.rebind_completed else old).state is ACTIVE, "rolled back to nothing"
            case State.TERMINATED:
                assert case.old_binding is None or (old.state is RETIRED and (new is None or new.state is RETIRED)), "ended, and looks go on"
            case State.CLOSED | State.UNDONE:
                assert (new if case.moves else old).state is ACTIVE and (not case.moves or old.state is RETIRED)

    def _time(self, case: Case, now: datetime) -> None:
        assert case.wake_at is None or case.wake_at > now, f"a waking in the past: {case.wake_at} at {now}"
        waits = any(not e.stuck for e in case.errands)
        assert not waits or case.wake_at is not None, "somebody waits and nobody wakes"
        look = case.first_look_at
        if look is not None and case.cover and case.cover[-1].by in (CoveredBy.VISITS, CoveredBy.NOBODY) and case.old_binding is not None:
            assert look > now, "the night that counts is the next one"
            if look - timedelta(hours=1) <= now:
                assert f"{case.case_id}/gap-{look:%Y-%m-%dT%H:%M}-1h-visit" in self.keys, "D7: one hour before the look and no visit ordered"

    def _ledger(self, case: Case, now: datetime) -> None:
        cover = case.cover
        if cover and self.since is not None:
            assert cover[-1].at <= now
        if case.old_binding is None:
            return
        lines = [line.at for line in cover]
        assert lines == sorted(lines) and all(a.by is not b.by for a, b in pairwise(cover))
        assert cover[-1].by is self._who(case), f"the ledger says {cover[-1].by}"

    def _who(self, case: Case) -> CoveredBy:
        for binding in (case.new_binding, case.old_binding):
            if binding is None or (binding is case.old_binding and self.away):
                continue
            retained = self.retained.get(binding.binding_id)
            state = retained[0] if retained and retained[1] > binding.revision else binding.state
            if state is ACTIVE and not any(e.kind == "suspend_binding" and e.binding_id == binding.binding_id for e in self.unknown.values()):
                return CoveredBy.CAMERA
        fallback = case.fallback
        if fallback is None or fallback.released_at is not None:
            return CoveredBy.NOBODY
        assert any(at == fallback.acknowledged_at and ack.fallback_ref == fallback.fallback_ref for at, ack in self.acks), "nobody acknowledged it"
        if fallback.mode is FallbackMode.VISITS:
            return CoveredBy.VISITS
        return CoveredBy.NOT_OWED if case.state in (State.TERMINATING, State.TERMINATED, State.PAUSED) else CoveredBy.NOBODY


def _same_kind(effect: fx.Effect, input: i.Answered | i.Failed) -> bool:
    if isinstance(input, i.Failed):
        return True
    wanted = {"read_identity": "identity_read", "judge_frame": "frame_judged", "rotate_credentials": "credentials_rotated", "ensure_posture": "posture_judged",
              "mark_camera": "camera_marked", "mask_zones": "zones_masked", "show_code": "code_displayed", "hide_code": "code_displayed",
              "retire_camera": "camera_retired"}
    return wanted.get(effect.kind, "registry_reply") == input.answer.kind
