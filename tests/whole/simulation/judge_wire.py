"""The judge of what passes between the daemon and the world: messages, camera calls, and the words to people that stand on them."""

import json
import logging
from typing import TYPE_CHECKING, Any

from provisioner.registry.transport import Publish, Received
from tests.whole.simulation.homes import CANARIES

if TYPE_CHECKING:
    from tests.whole.simulation.judge import Judge

VERB_OF = {"find_binding": "get_binding"}
EARLIEST = "Supervision via the alarm centre has begun"


class WireJudge:
    """Invariants 3, 4 and 7."""

    def __init__(self, judge: "Judge") -> None:
        self._judge = judge
        self._states: dict[str, set[tuple[str, int]]] = {}  # binding_id -> (state, revision) of retained states that reached the daemon
        self._completed: set[str] = set()                   # msg_ids whose `completed` reply reached the daemon
        self._asked: dict[str, tuple[str, dict[str, Any], str]] = {}   # msg_id -> verb, body, case of what the daemon sent

    # ---- what leaves

    def daemon_says(self, message: Publish) -> None:
        """(4, 7) Committed before it leaves; and nothing personal in it."""
        self._clean("left", message.topic + message.payload.decode())
        if not message.topic.startswith("tk/1/cmd/"):
            return
        said = json.loads(message.payload)
        verb, body, msg_id = message.topic.removeprefix("tk/1/cmd/"), said["body"], said["msg_id"]
        self._judge.world.counts["commands"] += 1
        owed = self._judge.rows.all("SELECT case_id, kind, body FROM owed WHERE msg_id = ?", msg_id)
        if not owed:
            self._judge.violated(f"(4) {verb} {msg_id} left, and no committed row owes it")
            return
        effect = json.loads(owed[-1]["body"])
        if VERB_OF.get(owed[-1]["kind"], owed[-1]["kind"]) != verb or said["case_ref"] != owed[-1]["case_id"]:
            self._judge.violated(f"(4) {verb} {msg_id} left, but what is owed is {owed[-1]['kind']} of {owed[-1]['case_id']}")
        for key in ("binding_id", "expected_revision", "new_binding_id", "fallback_ref", "challenge_id", "new_provider_ref"):
            if key in effect and key in body and effect[key] != body[key]:
                self._judge.violated(f"(4) {verb} {msg_id} left with another {key} than what is owed")
        if verb == "suspend_binding" and msg_id not in self._asked:
            self._judge.cover.suspension_leaves(said["case_ref"], body)
        self._asked[msg_id] = (verb, body, said["case_ref"])

    def camera_asked(self, kind: str, serial: str) -> None:
        """(4) A camera is called only for what is committed and still waited for."""
        rows = self._judge.rows.all("SELECT body FROM owed WHERE kind = ?", kind)
        if not any(json.loads(row["body"])["serial"] == serial for row in rows):
            self._judge.violated(f"(4) {kind} of {serial} was performed, and no committed row owes it")

    # ---- what arrives

    def daemon_hears(self, message: Received) -> None:
        """Write down what the daemon may know by now."""
        self._clean("arrived", message.topic + message.payload.decode())
        if message.topic.startswith("tk/1/reply/"):
            reply = json.loads(message.payload)
            if reply["result"] == "completed":
                self._completed.add(reply["in_reply_to"])
        elif message.topic.endswith("/state") and message.payload:
            state = json.loads(message.payload)
            self._states.setdefault(state["binding_id"], set()).add((state["state"], state["revision"]))

    def _clean(self, how: str, text: str) -> None:
        for canary in CANARIES:
            if canary in text:
                self._judge.violated(f"(7) personal data {how} on the line: {canary}")

    # ---- words that stand on both

    def people_were_told(self, told: dict[str, Any]) -> None:
        """(3) That supervision has begun, or goes on at the old home, is told only when the alarm centre said it in both ways."""
        case = self._judge.cases[told["case_id"]]
        if EARLIEST in told["text_en"]:
            if case["kind"] == "PROVIDER_CHANGE_ONLY":
                self._switched(told["case_id"])
            else:
                self._rebound(told["case_id"], case)
        elif "camera watches over the home" in told["text_en"] and not case["rebind_completed"]:
            self._state_reached(told["case_id"], case["old_binding"], "ACTIVE", "the visits could end", by_reply=case["state"] == "CANCELLED")

    def _rebound(self, case_id: str, case: dict[str, Any]) -> None:
        commands = [m for m, (verb, _, ref) in self._asked.items() if verb == "rebind_camera" and ref == case_id]
        by_hand = not any(m in self._completed for m in commands) and self._judge.world.counts["hand_edits"] > 0
        if not by_hand and not any(m in self._completed for m in commands):
            self._judge.violated(f"(3) {case_id}: people were told that supervision has begun, and no re-bind was confirmed to the daemon")
        self._state_reached(case_id, case["new_binding"], "ACTIVE", "supervision has begun")
        self._state_reached(case_id, case["old_binding"], "RETIRED", "supervision has begun")

    def _switched(self, case_id: str) -> None:
        commands = {m: body for m, (verb, body, ref) in self._asked.items() if verb == "change_provider" and ref == case_id}
        done = [body for m, body in commands.items() if m in self._completed]
        if not done:
            self._judge.violated(f"(3) {case_id}: people were told of the new provider before the alarm centre had confirmed it")
        for body in done:
            binding = self._judge.book.get(body["binding_id"])
            if binding is None or binding.provider_ref != body["new_provider_ref"]:
                self._judge.violated(f"(3) {case_id}: people were told of a provider that the alarm centre does not have")

    def _state_reached(self, case_id: str, binding: dict[str, Any] | None, state: str, what: str, *, by_reply: bool = False) -> None:
        """Both: the book really had it so, and a retained state that says so reached the daemon. `by_reply`: nothing was changed, so the look-up is enough."""
        binding_id = (binding or {}).get("binding_id", "?")
        was_so = any(found.state == state for (known_id, _), found in self._judge.known.items() if known_id == binding_id)
        if not was_so:
            self._judge.violated(f"(3) {case_id}: people were told that {what}; the alarm centre's book never had {binding_id} {state}")
        if not by_reply and not any(said == state for said, _ in self._states.get(binding_id, ())):
            self._judge.violated(f"(3) {case_id}: people were told that {what}; no retained state {state} of {binding_id} had reached the daemon")


class LogWatch(logging.Handler):
    """(7) Every line the product logs."""

    def __init__(self, judge: "Judge") -> None:
        super().__init__(logging.INFO)
        self._judge = judge

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage() + "".join(str(record.__dict__.get(key, "")) for key in ("case", "event", "fault", "camera", "effect"))
        for canary in CANARIES:
            if canary in text:
                self._judge.violated(f"(7) personal data in a log line: {canary}")
        if record.levelno >= logging.WARNING:
            self._judge.world.note(f"log: {text}")
