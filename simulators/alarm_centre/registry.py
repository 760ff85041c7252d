"""The alarm centre's registry: commands in, messages out. Pure: no I/O, no clock, no threads, no chance.

The same body serves real MQTT (`mqtt.py`) and a simulation of millions of steps in virtual time. Whoever runs it gives `now`, publishes
what it returns, performs the looks it wants (`looks_wanted`, answered with `looked`), and calls `due` when `next_due` has come.
The contract is docs/contract/README.md; where that leaves a choice, simulators/README.md says which one was made.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from simulators.alarm_centre import wire
from simulators.alarm_centre.book import Binding, Book, InvariantBroken, state_topic
from simulators.alarm_centre.verbs import VERBS, Scene, Verdict, provider_changed
from simulators.alarm_centre.wire import Command, Properties, Publish

STATE_KEPT = timedelta(hours=24)  # a RETIRED binding's retained state, after the contract
STATE_CLEARED_AGAIN = timedelta(hours=1)  # how long a clearing is repeated after a reconnect: a broker killed at once may have forgotten it
REPLIES_KEPT = timedelta(days=30)  # longer than any case; without an end the memory would grow for ever
FIRST_LOOK_NOTICE = timedelta(hours=1)  # `upcoming_first_look` comes this long before; the contract names no time

BY_HAND = ("state", "camera_serial", "site_ref", "provider_ref", "schedule_ref")
OUTCOMES = ("OK", "NOT_SEEN", "NO_CONTACT")


@dataclass(frozen=True, slots=True)
class Look:
    """A look that an operator has to take now. `command` is the msg_id of the test_look that asked for it, None for an ordinary look."""

    look_id: str
    binding_id: str
    camera_serial: str
    command: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A reply as it was given, to be given again."""

    payload: bytes
    at: datetime


class Registry:
    """See the module. `new_id(now)` makes the centre's own msg_ids (UUIDv7 in text); a test passes a counting one."""

    def __init__(self, new_id: Callable[[datetime], str], *, sites: Iterable[str] | None = None, providers: Iterable[str] | None = None) -> None:
        self.book = Book(sites, providers)
        self.ignored = 0  # commands that named nowhere to answer: not carried out, because nobody would ever know
        self._new_id = new_id
        self._replies: dict[str, Stored] = {}  # by msg_id, oldest first
        self._askers: dict[str, str] = {}  # msg_id of a command still under way -> where its newest asker listens
        self._scheduled: dict[str, dict[str, object]] = {}  # msg_id of an accepted change_provider -> its body
        self._looks: dict[str, Look] = {}
        self._looks_offered: set[str] = set()
        self._refusals: list[str] = []
        self._agenda: list[tuple[datetime, int, str, str]] = []
        self._tie = count()

    # ---- what the wire brings

    def handle(self, topic: str, payload: bytes, properties: Properties, now: datetime) -> list[Publish]:
        """One command. Retained states come before the reply, so that whoever hears the reply can already read them."""
        now = now.astimezone(UTC)
        reachable = wire.answerable(properties)
        if reachable is None:
            self.ignored += 1
            return []
        answer_to, mark = reachable
        try:
            command = wire.read_command(topic, payload, mark)
        except wire.Unreadable:
            return [self._publish(answer_to, mark, self._reply(mark, Verdict("SCHEMA_INVALID"), now))]
        stored = self._replies.get(command.msg_id)
        if command.msg_id in self._askers:  # under way: whoever asked last gets the answer
            self._askers[command.msg_id] = answer_to
        if stored is not None:
            return [self._publish(answer_to, mark, stored.payload)]
        if command.msg_id in self._askers:
            return []
        return self._decide(command, answer_to, now)

    def _decide(self, command: Command, answer_to: str, now: datetime) -> list[Publish]:
        if command.expires_at <= now:
            # Stored like every reply: one msg_id has one answer, or two copies of one command could be told two different things.
            return [self._answer(command.msg_id, answer_to, Verdict("EXPIRED"), now)]
        if self._refusals:
            named = tuple(b for key in ("binding_id", "old_binding_id", "new_binding_id") if (b := self.book.get(command.body.get(key))))
            return [self._answer(command.msg_id, answer_to, Verdict(self._refusals.pop(0), shown=named), now)]
        if command.verb == "list_bindings":
            cursor = command.body["cursor"]
            return [self._answer(command.msg_id, answer_to, Verdict(shown=tuple(self.book.after(str(cursor) if cursor else None))), now, pages=True)]
        verdict = VERBS[command.verb](self._scene(now), command.body)
        if verdict.code is None and command.verb == "test_look":
            self._askers[command.msg_id] = answer_to
            self._begin_look(str(command.body["binding_id"]), command.msg_id, now)
            return []
        if verdict.code is None and command.verb == "change_provider":
            return self._schedule(command, answer_to, verdict, now)
        return [*self._enter(verdict.changed, now), self._answer(command.msg_id, answer_to, verdict, now)]

    def _schedule(self, command: Command, answer_to: str, verdict: Verdict, now: datetime) -> list[Publish]:
        binding_id = command.body["binding_id"]
        if any(body["binding_id"] == binding_id for body in self._scheduled.values()):
            return [self._answer(command.msg_id, answer_to, Verdict("WRONG_STATE", shown=verdict.shown, concerned=verdict.concerned), now)]
        self._askers[command.msg_id] = answer_to
        self._scheduled[command.msg_id] = command.body
        effective_at = wire.read_instant(str(command.body["effective_at"]))
        self._later(effective_at, "provider", command.msg_id)
        accepted = self._answer(command.msg_id, answer_to, verdict, now, result="accepted")
        return [accepted, *(self._provider_due(command.msg_id, now) if effective_at <= now else [])]

    def _scene(self, now: datetime) -> Scene:
        return Scene(self.book, now, {look.binding_id for look in self._looks.values()})

    # ---- what comes with time

    def next_due(self) -> datetime | None:
        """The earliest instant at which `due` has something to do."""
        return self._agenda[0][0] if self._agenda else None

    def due(self, now: datetime) -> list[Publish]:
        """All that has become due, in the order of its instants."""
        now = now.astimezone(UTC)
        self._forget_old_replies(now)
        out: list[Publish] = []
        while self._agenda and self._agenda[0][0] <= now:
            _, _, what, key = heapq.heappop(self._agenda)
            if what == "provider":
                out += self._provider_due(key, now)
            elif what == "clear":
                out.append(Publish(state_topic(key), b"", retain=True))
            elif what == "first_look":
                out += self._first_look_due(key, now)
        return out

    def _later(self, at: datetime, what: str, key: str) -> None:
        heapq.heappush(self._agenda, (at, next(self._tie), what, key))

    def _provider_due(self, msg_id: str, now: datetime) -> list[Publish]:
        body = self._scheduled.pop(msg_id, None)
        if body is None:
            return []  # done on the spot, because its instant was already past when it came
        answer_to = self._askers.pop(msg_id)
        verdict = provider_changed(self._scene(now), body)
        return [*self._enter(verdict.changed, now), self._answer(msg_id, answer_to, verdict, now)]

    def _first_look_due(self, binding_id: str, now: datetime) -> list[Publish]:
        binding = self.book.get(binding_id)
        planned = binding.look_after(now) if binding else None
        if binding is None or planned is None or binding.state != "ACTIVE" or binding.last_look_at is not None:
            return []
        return [self._event("upcoming_first_look", now, binding_id=binding_id, at=wire.instant(planned))]

    def _forget_old_replies(self, now: datetime) -> None:
        while self._replies:
            msg_id = next(iter(self._replies))
            if msg_id in self._askers or now - self._replies[msg_id].at < REPLIES_KEPT:
                return
            del self._replies[msg_id]

    # ---- looks

    def looks_wanted(self) -> list[Look]:
        """Looks to take now, each offered once in the life of this object (again after `restore`)."""
        wanted = [look for look in self._looks.values() if look.look_id not in self._looks_offered]
        self._looks_offered.update(look.look_id for look in wanted)
        return wanted

    def looked(self, look_id: str, now: datetime, *, picture: bool, code_seen: str | None = None, outcome: str = "OK") -> list[Publish]:
        """What the operator says. `picture` False: there was none. A test look answers its command, an ordinary one becomes an event."""
        now = now.astimezone(UTC)
        look = self._looks.pop(look_id, None)
        if look is None:
            return []  # said twice, or of before a restore
        self._looks_offered.discard(look_id)
        if look.command is not None:
            binding = self.book.get(look.binding_id)
            shown = (binding,) if binding else ()
            verdict = Verdict(None if picture else "FAILED_NO_PICTURE", shown=shown, concerned=binding)
            return [self._answer(look.command, self._askers.pop(look.command), verdict, now, code_seen=code_seen if picture else None)]
        if not picture:
            return [self._event("look_failed_technical", now, binding_id=look.binding_id, at=wire.instant(now), code="FAILED_NO_PICTURE")]
        if outcome not in OUTCOMES:
            raise ValueError(f"a look ends with one of {', '.join(OUTCOMES)}")
        self.book.looked_at(look.binding_id, now)
        return [self._event("look_done", now, binding_id=look.binding_id, at=wire.instant(now), outcome_class=outcome)]

    def look_now(self, binding_id: str, now: datetime) -> str:
        """An operator begins an ordinary look at an ACTIVE binding; gives the look_id."""
        binding = self.book.get(binding_id)
        if binding is None or binding.state != "ACTIVE":
            raise ValueError(f"{binding_id} is not an ACTIVE binding: nobody looks there")
        if any(look.binding_id == binding_id for look in self._looks.values()):
            raise ValueError(f"somebody is looking at {binding_id} already")
        return self._begin_look(binding_id, None, now.astimezone(UTC))

    def _begin_look(self, binding_id: str, command: str | None, now: datetime) -> str:
        binding = self.book.get(binding_id)
        assert binding is not None
        look = Look(self._new_id(now), binding_id, binding.camera_serial, command)
        self._looks[look.look_id] = look
        return look.look_id

    # ---- what people at the centre do

    def seed(self, bindings: Iterable[Binding]) -> None:
        """Bindings as they stand before the story begins; no message goes out (use `states`)."""
        self._enter(tuple(bindings), None)

    def edit_by_hand(self, binding_id: str, now: datetime, **changes: str) -> list[Publish]:
        """Somebody corrects the registry past the contract. An edit that would break the registry itself raises and changes nothing."""
        binding = self.book.get(binding_id)
        if binding is None:
            raise ValueError(f"the centre has no binding {binding_id}")
        if foreign := changes.keys() - set(BY_HAND):
            raise ValueError(f"by hand one can change {', '.join(BY_HAND)}, not {', '.join(sorted(foreign))}")
        now = now.astimezone(UTC)
        edited = binding.changed(now, **changes)
        try:
            states = self._enter((edited,), now)
        except InvariantBroken as broken:
            raise ValueError(f"not even by hand: {broken}") from broken
        return [*states, self._event("binding_changed_externally", now, binding_id=binding_id, revision=edited.revision, at=wire.instant(now))]

    def announce_first_look(self, binding_id: str, at: datetime, now: datetime) -> list[Publish]:
        return [self._event("upcoming_first_look", now.astimezone(UTC), binding_id=binding_id, at=wire.instant(at))]

    def refuse_next(self, code: str, times: int = 1) -> None:
        """The next commands are rejected with this code, whatever they ask; nothing is changed. `times` 0 takes it back."""
        if code not in wire.REJECTIONS:
            raise ValueError(f"{code} is no code of the contract: {', '.join(wire.REJECTIONS)}")
        self._refusals = [code] * times

    def bindings(self, now: datetime) -> list[dict[str, object]]:
        """All of them as a reply would show them, ordered by id."""
        return [binding.shown(now.astimezone(UTC)) for binding in self.book]

    def states(self, now: datetime) -> list[Publish]:
        """Every retained state that ought to stand at the broker, and the clearing of those that lately ceased to."""
        now = now.astimezone(UTC)
        out = []
        for binding in self.book:
            ended_for = now - binding.updated_at if binding.state == "RETIRED" else timedelta(0)
            if ended_for < STATE_KEPT:
                out.append(binding.state_message())
            elif ended_for < STATE_KEPT + STATE_CLEARED_AGAIN:
                out.append(Publish(state_topic(binding.binding_id), b"", retain=True))
        return out

    def check_invariants(self) -> None:
        self.book.check_invariants()

    # ---- memory

    def snapshot(self) -> dict[str, object]:
        """All it knows, as JSON-able values: what a centre has on its disk."""
        return {
            "bindings": [binding.as_json() for binding in self.book],
            "replies": [[msg_id, stored.payload.decode(), stored.at.isoformat()] for msg_id, stored in self._replies.items()],
            "askers": dict(self._askers),
            "scheduled": dict(self._scheduled),
            "looks": [asdict(look) for look in self._looks.values()],
            "agenda": [[at.isoformat(), what, key] for at, _, what, key in sorted(self._agenda)],
            "refusals": list(self._refusals),
        }

    def restore(self, snapshot: dict[str, object]) -> None:
        """Becomes what `snapshot` was. Looks under way are wanted again."""
        found: dict[str, list] = snapshot  # type: ignore[type-arg,assignment]
        fresh = Book(self.book.sites, self.book.providers)
        fresh.enter(Binding.from_json(binding) for binding in found["bindings"])
        self.book = fresh
        self._replies = {msg_id: Stored(text.encode(), datetime.fromisoformat(at)) for msg_id, text, at in found["replies"]}
        self._askers = dict(found["askers"])
        self._scheduled = dict(found["scheduled"])
        self._looks = {look["look_id"]: Look(**look) for look in found["looks"]}
        self._looks_offered = set()
        self._refusals = list(found["refusals"])
        self._agenda = []
        for at, what, key in found["agenda"]:
            self._later(datetime.fromisoformat(at), what, key)

    # ---- messages

    def _enter(self, changed: tuple[Binding, ...], now: datetime | None) -> list[Publish]:
        before = {binding.binding_id: self.book.get(binding.binding_id) for binding in changed}
        self.book.enter(changed)
        for binding in changed:
            old = before[binding.binding_id]
            if binding.state == "RETIRED":
                self._later(binding.updated_at + STATE_KEPT, "clear", binding.binding_id)
            elif now is not None and old is not None and old.state == "TEST" and binding.state == "ACTIVE":
                planned = binding.look_after(now)
                if planned is not None:
                    self._later(planned - FIRST_LOOK_NOTICE, "first_look", binding.binding_id)
        return [binding.state_message() for binding in changed]

    def _answer(
        self, msg_id: str, answer_to: str, verdict: Verdict, now: datetime, *,
        result: str = "completed", code_seen: str | None = None, pages: bool = False,
    ) -> Publish:  # fmt: skip
        payload = self._reply(msg_id, verdict, now, result=result, code_seen=code_seen, pages=pages)
        self._replies.pop(msg_id, None)  # the second reply of a change_provider takes the place of the first, and its age
        self._replies[msg_id] = Stored(payload, now)
        return self._publish(answer_to, msg_id, payload)

    def _reply(
        self, mark: str, verdict: Verdict, now: datetime, *, result: str = "completed", code_seen: str | None = None, pages: bool = False,
    ) -> bytes:  # fmt: skip
        shown = [binding.shown(now) for binding in verdict.shown]
        own_id = self._new_id(now)
        for size in range(min(len(shown), wire.BINDINGS_PER_PAGE), -1, -1):
            cursor = verdict.shown[size - 1].binding_id if pages and size < len(shown) else None
            payload = wire.encode({
                "schema": "tk/1/reply", "msg_id": own_id, "in_reply_to": mark, "result": "rejected" if verdict.code else result, "code": verdict.code,
                "revision": verdict.concerned.revision if verdict.concerned else None, "at": wire.instant(now),
                "body": {"bindings": shown[:size], "code_seen": code_seen, "next_cursor": cursor},
            })  # fmt: skip
            if len(payload) <= wire.PAYLOAD_BYTES_MOST:  # eight bindings with the longest ids do not fit into 4 KiB
                return payload
        raise AssertionError("a reply without bindings is longer than 4 KiB")

    @staticmethod
    def _publish(answer_to: str, mark: str, payload: bytes) -> Publish:
        return Publish(answer_to, payload, correlation=mark.encode("ascii"))

    def _event(self, verb: str, now: datetime, **body: object) -> Publish:
        return Publish(f"tk/1/event/{verb}", wire.encode({"schema": f"tk/1/event/{verb}", "msg_id": self._new_id(now), **body}))
