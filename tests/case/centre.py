"""An alarm centre for the core's tests, written from the contract's page alone: what it would make of a command, and what it tells by itself.

It reads the fields of the core's effects and answers with the core's values; it decides nothing with the core's code. Every change goes through
`_change`, which holds I1, I3 and I4 by assertion: whatever a case asks for, this centre never has one camera in two homes.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.model import Binding, BindingState

ACTIVE, SUSPENDED, TEST, RETIRED = BindingState
LIVE = (ACTIVE, TEST)


@dataclass
class Centre:
    """`bindings` by id; `told` is the newest retained state of each; `replies` what each message id was answered first."""

    bindings: dict[str, Binding] = field(default_factory=dict)
    replies: dict[str, i.RegistryReply] = field(default_factory=dict)
    planned: dict[str, object] = field(default_factory=dict)
    looking: set[str] = field(default_factory=set)
    changes: int = 0
    by_hand: int = 0

    def enrol(self, binding: Binding) -> None:
        """A camera that was here before the case began."""
        self.bindings[binding.binding_id] = binding

    # ---- changes ------------------------------------------------------------------------------------------------------------

    def _change(self, *changed: Binding) -> None:
        for binding in changed:
            before = self.bindings.get(binding.binding_id)
            assert binding.revision == (1 if before is None else before.revision + 1), "I3: a change raises the revision by one"
            assert before is None or before.state is not RETIRED, "I4: RETIRED never returns"
            self.bindings[binding.binding_id] = binding
        for serial in {binding.serial for binding in changed}:
            live = [b.binding_id for b in self.bindings.values() if b.serial == serial and b.state in LIVE]
            assert len(live) <= 1, f"I1: {serial} is live in {live}"
        self.changes += len(changed)

    def edit(self, binding_id: str, **changes: object) -> bool:
        """Somebody edits by hand. False where the centre's own rules forbid it."""
        before = self.bindings[binding_id]
        after = replace(before, revision=before.revision + 1, **changes)  # type: ignore[arg-type]
        others = [b for b in self.bindings.values() if b.serial == after.serial and b.state in LIVE and b.binding_id != binding_id]
        if before.state is RETIRED or (after.state in LIVE and others):
            return False
        self._change(after)
        self.by_hand += 1
        return True

    def states(self) -> list[i.BindingSeen]:
        """The retained states as they stand."""
        return [i.BindingSeen(b.binding_id, b.state, b.revision, b.serial[-4:]) for b in self.bindings.values()]

    # ---- commands -----------------------------------------------------------------------------------------------------------

    def take(self, effect: object, now: datetime, code_seen: str | None = None) -> i.RegistryReply:
        """The reply to a command; a repeat of a message id gets the first one again (a provider change: the newest)."""
        msg_id = effect.msg_id  # type: ignore[attr-defined]
        if msg_id not in self.replies:
            self.replies[msg_id] = self._decide(effect, now, code_seen)
        return self.replies[msg_id]

    def reject(self, effect: object, code: str, now: datetime) -> i.RegistryReply:
        """A rejection for a reason of the centre's own, stored like every reply."""
        msg_id = effect.msg_id  # type: ignore[attr-defined]
        return self.replies.setdefault(msg_id, i.RegistryReply("rejected", code, now, self._named(effect)))

    def due(self, now: datetime) -> list[str]:
        """Carry out the provider changes whose instant has come; the message ids that now have a second reply."""
        ripe = [msg_id for msg_id, effect in self.planned.items() if effect.effective_at <= now]  # type: ignore[attr-defined]
        for msg_id in ripe:
            effect = self.planned.pop(msg_id)
            binding = self.bindings[effect.binding_id]  # type: ignore[attr-defined]
            if binding.state is not ACTIVE or binding.serial != effect.serial:  # type: ignore[attr-defined]
                self.replies[msg_id] = i.RegistryReply("rejected", "WRONG_STATE", now, (binding,))
                continue
            self.replies[msg_id] = self._done(now, replace(binding, provider_ref=effect.new_provider_ref, revision=binding.revision + 1))  # type: ignore[attr-defined]
        return ripe

    def _named(self, effect: object) -> tuple[Binding, ...]:
        if effect.kind == "prepare_binding":  # type: ignore[attr-defined]
            return tuple(b for b in self.bindings.values() if b.binding_id == effect.new_binding_id or (b.serial == effect.serial and b.state in LIVE))  # type: ignore[attr-defined]
        ids = [getattr(effect, name, None) for name in ("binding_id", "old_binding_id", "new_binding_id")]
        return tuple(self.bindings[one] for one in ids if one in self.bindings)

    def _done(self, now: datetime, *changed: Binding) -> i.RegistryReply:
        self._change(*changed)
        return i.RegistryReply("completed", None, now, changed)

    def _decide(self, effect: object, now: datetime, code_seen: str | None) -> i.RegistryReply:
        no = self._objection(effect)
        if no is not None:
            return i.RegistryReply("rejected", no, now, self._named(effect))
        match effect.kind:  # type: ignore[attr-defined]
            case "find_binding":
                return i.RegistryReply("completed", None, now, tuple(b for b in self.bindings.values() if b.serial == effect.serial and b.state is not RETIRED))
            case "prepare_binding":
                return self._done(now, Binding(effect.new_binding_id, effect.serial, effect.new_site_ref, effect.provider_ref, effect.schedule_ref, TEST, 1))
            case "rebind_camera":
                old, new = self.bindings[effect.old_binding_id], self.bindings[effect.new_binding_id]
                return self._done(now, replace(old, state=RETIRED, revision=old.revision + 1), replace(new, state=ACTIVE, revision=new.revision + 1))
        binding = self.bindings[effect.binding_id]
        match effect.kind:
            case "test_look":
                return i.RegistryReply("completed", None, now, (binding,), code_seen=code_seen)
            case "change_provider":
                self.planned[effect.msg_id] = effect
                return i.RegistryReply("accepted", None, now, (binding,))
            case "swap_camera":
                return self._done(now, replace(binding, serial=effect.new_serial, revision=binding.revision + 1))
        to = {"suspend_binding": SUSPENDED, "resume_binding": ACTIVE, "retire_binding": RETIRED}[effect.kind]
        return self._done(now, replace(binding, state=to, revision=binding.revision + 1))

    def _objection(self, effect: object) -> str | None:
        live = [b for b in self.bindings.values() if b.state in LIVE]
        match effect.kind:  # type: ignore[attr-defined]
            case "find_binding":
                return None
            case "prepare_binding":
                if effect.new_binding_id in self.bindings:
                    return "WRONG_STATE"
                if any(b.serial == effect.serial for b in live):
                    return "SERIAL_ALREADY_BOUND"
                return None if any(b.serial == effect.serial and b.state is SUSPENDED for b in self.bindings.values()) else "BINDING_UNKNOWN"
            case "rebind_camera":
                if effect.old_binding_id not in self.bindings or effect.new_binding_id not in self.bindings:
                    return "BINDING_UNKNOWN"
                return (self._keys(effect.old_binding_id, effect.serial, effect.old_expected_revision, SUSPENDED)
                        or self._keys(effect.new_binding_id, effect.serial, effect.new_expected_revision, TEST))
        if effect.binding_id not in self.bindings:
            return "BINDING_UNKNOWN"
        return self._of_one(effect, live)

    def _of_one(self, effect: object, live: list[Binding]) -> str | None:
        binding = self.bindings[effect.binding_id]  # type: ignore[attr-defined]
        match effect.kind:  # type: ignore[attr-defined]
            case "test_look":
                return None if binding.state in (TEST, SUSPENDED) else "WRONG_STATE"
            case "swap_camera":
                taken = any(b.serial == effect.new_serial for b in live)
                return self._keys(effect.binding_id, effect.old_serial, effect.expected_revision, SUSPENDED) or ("SERIAL_ALREADY_BOUND" if taken else None)
            case "suspend_binding":
                assert effect.fallback_ref and effect.review_at, "I2: a suspension names its fallback and its review"
                return self._keys(effect.binding_id, effect.serial, effect.expected_revision, ACTIVE)
            case "resume_binding":
                taken = any(b.serial == effect.serial and b.binding_id != effect.binding_id for b in live)
                return self._keys(effect.binding_id, effect.serial, effect.expected_revision, SUSPENDED) or ("SERIAL_ALREADY_BOUND" if taken else None)
            case "change_provider":
                waits = any(other.binding_id == effect.binding_id for other in self.planned.values())  # type: ignore[attr-defined]
                return self._keys(effect.binding_id, effect.serial, effect.expected_revision, ACTIVE) or ("WRONG_STATE" if waits else None)
            case "retire_binding":
                return self._keys(effect.binding_id, effect.serial, effect.expected_revision, ACTIVE, SUSPENDED, TEST)
        raise AssertionError(effect)

    def _keys(self, binding_id: str, serial: str, revision: int, *states: BindingState) -> str | None:
        """D5: all three keys, then the state."""
        binding = self.bindings[binding_id]
        if binding.serial != serial:
            return "SERIAL_MISMATCH"
        if binding.revision != revision:
            return "REVISION_CONFLICT"
        return None if binding.state in states else "WRONG_STATE"
