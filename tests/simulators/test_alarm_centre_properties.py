"""The registry under commands that nobody planned. A tiny model of its own says what must hold after each of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.alarm_centre import Binding, Properties, Registry, counted_ids
from simulators.alarm_centre.asking import command
from simulators.alarm_centre.wire import BODIES, instant

T0 = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SERIALS = ("B8A44F03D1C7", "B8A44F9A0E52", "B8A44F5566AA", "B8A44FC0FFEE")
IDS = tuple(f"binding-{letter}" for letter in "abcdefgh")
WHILE_BEING = {  # verb -> states in which the (old) binding may be
    "suspend_binding": {"ACTIVE"}, "resume_binding": {"SUSPENDED"}, "rebind_camera": {"SUSPENDED"}, "change_provider": {"ACTIVE"},
    "retire_binding": {"ACTIVE", "SUSPENDED", "TEST"}, "swap_camera": {"SUSPENDED"}, "test_look": {"TEST", "SUSPENDED"},
}  # fmt: skip

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "binding_id": st.sampled_from(IDS), "old_binding_id": st.sampled_from(IDS), "new_binding_id": st.sampled_from(IDS),
    "camera_serial": st.sampled_from(SERIALS), "old_serial": st.sampled_from(SERIALS), "new_serial": st.sampled_from(SERIALS),
    "expected_revision": st.integers(1, 6), "old_expected_revision": st.integers(1, 6), "new_expected_revision": st.integers(1, 3),
    "new_site_ref": st.sampled_from(["site-one", "site-nowhere"]), "provider_ref": st.just("provider-one"), "schedule_ref": st.just("schedule-one"),
    "new_provider_ref": st.sampled_from(["provider-one", "provider-two", "provider-nobody"]), "fallback_ref": st.just("fallback-one"),
    "review_at": st.just(instant(T0)), "challenge_id": st.just("challenge-one"), "cursor": st.sampled_from([None, "binding-b"]),
    "effective_at": st.integers(-60, 600).map(lambda s: instant(T0 + timedelta(seconds=s))),
    "night": st.just("2026-11-27"), **dict.fromkeys(("camera", "visits", "not_owed", "neither", "unknown"), st.integers(0, 3)),
    "open_sites": st.lists(st.just("site-one"), max_size=2),
}  # fmt: skip
COMMANDS = (
    st.sampled_from(sorted(BODIES)).flatmap(lambda verb: st.tuples(
        st.just(verb),
        st.fixed_dictionaries({key: VALUES[key] for key in BODIES[verb]} | (
            {"reason_class": st.just("ENDED" if verb == "retire_binding" else "MOVE")} if "reason_class" in BODIES[verb] else {})),
        st.sampled_from([True, True, True, False]),  # from somebody who knows how things stand: see `sensible`
    ))
)  # fmt: skip
STEPS = st.one_of(
    COMMANDS, COMMANDS, COMMANDS,
    st.tuples(st.just("(time)"), st.integers(1, 600), st.booleans()),
    st.tuples(st.just("(time)"), st.integers(1, 90_000), st.booleans()),
    st.tuples(st.just("(looked)"), st.booleans(), st.booleans()),
    st.tuples(st.just("(look)"), st.sampled_from(IDS), st.booleans()),
    st.tuples(st.just("(again)"), st.integers(0, 50), st.booleans()),
    st.tuples(st.just("(restart)"), st.none(), st.booleans()),
    st.tuples(st.just("(edit)"), st.tuples(st.sampled_from(IDS), st.sampled_from(["ACTIVE", "SUSPENDED", "TEST", "RETIRED"])), st.booleans()),
)  # fmt: skip
VALUES["reason_class"] = st.just("MOVE")
COMPLETED: Counter[str] = Counter()  # what the runs came across, so that a test can see that they came far enough
View = dict[str, dict[str, Any]]


class Run:
    """One life of a registry. `ids` goes on through restarts, as the clock that real ids are made of does."""

    def __init__(self) -> None:
        self.ids = counted_ids()
        self.registry = self.fresh()
        self.registry.seed(
            Binding(binding_id, serial, "site-one", "provider-one", "schedule-one", "ACTIVE", 1, T0)
            for binding_id, serial in zip(IDS, SERIALS, strict=False)
        )
        self.now = T0
        self.sent: list[tuple[str, bytes, Properties]] = []
        self.replies: dict[str, list[bytes]] = {}
        self.retained: dict[str, dict[str, Any] | None] = {}

    def fresh(self) -> Registry:
        return Registry(self.ids, sites=["site-one", "site-two"], providers=["provider-one", "provider-two"])

    def view(self) -> View:
        return {str(binding["binding_id"]): binding for binding in self.registry.bindings(self.now)}

    def take(self, messages: list[Any]) -> list[dict[str, Any]]:
        """What the daemon would see; gives the replies."""
        found = []
        for message in messages:
            assert len(message.payload) <= 4096
            if message.retain:
                self.retained[message.topic.split("/")[3]] = json.loads(message.payload) if message.payload else None
            elif message.is_reply:
                found.append(json.loads(message.payload))
                self.replies.setdefault(found[-1]["in_reply_to"], []).append(message.payload)
                assert message.correlation == found[-1]["in_reply_to"].encode()
        return found

    def step(self, what: str, argument: Any, honest: bool) -> None:
        before = self.view()
        replies: list[dict[str, Any]] = []
        if what == "(time)":
            self.now += timedelta(seconds=argument)
            replies = self.take(self.registry.due(self.now))
        elif what == "(looked)":
            for look in self.registry.looks_wanted():
                replies += self.take(self.registry.looked(look.look_id, self.now, picture=argument, code_seen="4711"))
        elif what in ("(look)", "(edit)"):
            try:
                if what == "(look)":
                    self.registry.look_now(argument, self.now)
                else:
                    self.take(self.registry.edit_by_hand(argument[0], self.now, state=argument[1]))
            except ValueError:
                assert self.view() == before
        elif what == "(again)" and self.sent:
            self.repeat(argument % len(self.sent), before)
        elif what == "(restart)":
            kept, self.registry = json.loads(json.dumps(self.registry.snapshot())), self.fresh()
            self.registry.restore(kept)
            assert self.view() == before
        elif what in BODIES:
            replies = self.ask(what, self.sensible(what, argument, before) if honest else argument, before)
        self.check(before, changed_by=replies, what=what)

    def sensible(self, verb: str, body: dict[str, Any], view: View) -> dict[str, Any]:
        """The same wish, from somebody who knows how things stand: else hardly any command would ever come as far as a re-bind."""
        body = dict(body)
        if verb not in WHILE_BEING and verb != "prepare_binding":
            return body

        def one(id_key: str, *states: str) -> dict[str, Any] | None:
            fitting = [binding for binding in view.values() if binding["state"] in states]
            return fitting[int(body[id_key][-1], 36) % len(fitting)] if fitting else None

        if verb == "prepare_binding":
            old = one("new_binding_id", "SUSPENDED")
            if old is not None:
                body |= {"camera_serial": old["camera_serial"], "new_binding_id": f"binding-{len(view)}", "new_site_ref": "site-one"}
            return body
        if verb == "rebind_camera" and (new := one("new_binding_id", "TEST")):
            body |= {"new_binding_id": new["binding_id"], "new_expected_revision": new["revision"]}
        id_key = "old_binding_id" if verb == "rebind_camera" else "binding_id"
        old = one(id_key, *sorted(WHILE_BEING[verb]))
        if old is not None:
            revision_key = "old_expected_revision" if verb == "rebind_camera" else "expected_revision"
            serial = old["camera_serial"]
            right = {id_key: old["binding_id"], revision_key: old["revision"], "camera_serial": serial, "old_serial": serial}
            body |= {key: value for key, value in right.items() if key in body}
        return body

    def ask(self, verb: str, body: dict[str, Any], before: View) -> list[dict[str, Any]]:
        if verb == "get_binding":
            body = {**body, "camera_serial": None}
        asked = command(verb, body, self.now, msg_id=self.ids(self.now))
        self.sent.append(asked)
        replies = self.take(self.registry.handle(*asked, self.now))
        if replies and replies[0]["result"] != "rejected" and verb in WHILE_BEING:
            assert before[body.get("binding_id", body.get("old_binding_id"))]["state"] in WHILE_BEING[verb]
        return replies

    def repeat(self, which: int, before: View) -> None:
        asked = self.sent[which]
        known = list(self.replies.get(json.loads(asked[1])["msg_id"], []))
        again = self.registry.handle(*asked, self.now)
        assert self.view() == before, "a repeat changes nothing"
        assert not any(message.retain for message in again)
        assert [message.payload for message in again] == known[-1:], "and gets the newest stored reply, byte for byte"

    def check(self, before: View, changed_by: list[dict[str, Any]], what: str) -> None:
        self.registry.check_invariants()
        after = self.view()
        live = [binding["camera_serial"] for binding in after.values() if binding["state"] in ("ACTIVE", "TEST")]
        assert len(live) == len(set(live)), "a camera in two homes"
        assert before.keys() <= after.keys(), "a binding is never forgotten"
        for binding_id, new in after.items():
            old = before.get(binding_id)
            same = old is not None and {**old, "next_look_at": 0, "last_look_at": 0} == {**new, "next_look_at": 0, "last_look_at": 0}
            if not same:
                assert new["revision"] == (old["revision"] if old else 0) + 1
                assert old is None or old["state"] != "RETIRED"
                state = self.retained[binding_id]
                assert state is not None and (state["state"], state["revision"]) == (new["state"], new["revision"])
        changed = {binding_id for binding_id in after if after[binding_id]["revision"] != before.get(binding_id, {}).get("revision")}
        if what in BODIES and all(reply["result"] == "rejected" for reply in changed_by):
            assert not changed, "refused or unanswered changes nothing"
        for reply in changed_by:
            COMPLETED[reply["code"] or f"{what} {reply['result']}"] += 1
        if what == "rebind_camera" and changed:
            [reply] = changed_by
            ids = [binding["binding_id"] for binding in reply["body"]["bindings"]]
            assert changed == set(ids) and [after[i]["state"] for i in ids] == ["RETIRED", "ACTIVE"], "both or none"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(STEPS, min_size=5, max_size=30))
def test_whatever_is_asked_the_registry_keeps_its_promises(steps: list[tuple[str, Any, bool]]):
    """Short lives, which hypothesis can make shorter still where one goes wrong."""
    run = Run()
    for what, argument, honest in steps:
        run.step(what, argument, honest)


WEIGHTS = {
    "suspend_binding": 6, "resume_binding": 3, "prepare_binding": 6, "test_look": 3, "rebind_camera": 5, "change_provider": 2, "retire_binding": 1,
    "swap_camera": 1, "get_binding": 1, "list_bindings": 1, "report_night": 1, "(time)": 3, "(looked)": 5, "(look)": 2, "(again)": 4, "(restart)": 1, "(edit)": 1,
}  # fmt: skip


def drawn(random: Random, now: datetime) -> tuple[str, Any, bool]:
    """One step, weighted so that whole moves happen."""
    what = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    some_id, some_serial = random.choice(IDS), random.choice(SERIALS)
    argument: Any = {
        "(time)": random.choice([1, 30, 600, 90_000]), "(looked)": random.random() < 0.8, "(look)": some_id, "(again)": random.randrange(1000),
        "(edit)": (some_id, random.choice(["ACTIVE", "SUSPENDED", "TEST", "RETIRED"])),
    }.get(what)  # fmt: skip
    if what in BODIES:
        values = {
            "reason_class": "ENDED" if what == "retire_binding" else "MOVE", "new_site_ref": random.choice(["site-one", "site-nowhere"]),
            "provider_ref": "provider-one", "new_provider_ref": random.choice(["provider-two", "provider-nobody"]), "schedule_ref": "schedule-one",
            "fallback_ref": "fallback-one", "review_at": instant(T0), "challenge_id": "challenge-one", "cursor": None,
            "effective_at": instant(now + timedelta(seconds=random.randrange(-60, 600))), "night": "2026-11-27",
            **dict.fromkeys(("camera", "visits", "not_owed", "neither", "unknown"), 1), "open_sites": [],
        }  # fmt: skip
        argument = {
            key: random.randint(1, 6) if key.endswith("revision") else random.choice(IDS) if key.endswith("binding_id")
            else some_serial if key.endswith("serial") else values[key] for key in BODIES[what]
        }  # fmt: skip
    return what, argument, random.random() < 0.8


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_long_lives(seed: int):
    """The same promises over 300 steps; the seed is all that it takes to live one again."""
    random, run = Random(seed), Run()
    for _ in range(300):
        run.step(*drawn(random, run.now))


def test_long_lives_come_far_enough():
    """A property that nothing ever reaches proves nothing."""
    COMPLETED.clear()
    for seed in range(3):
        random, run = Random(seed), Run()
        for _ in range(300):
            run.step(*drawn(random, run.now))
    done = {f"{verb} completed" for verb in BODIES if verb not in ("test_look", "change_provider")} | {"change_provider accepted"}
    assert {*done, "(looked) completed", "(time) completed", "LOOK_IN_PROGRESS", "SERIAL_ALREADY_BOUND", "REVISION_CONFLICT"} <= COMPLETED.keys()


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3), max_leaves=5,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(BODIES)), st.data())
def test_every_key_is_watched(verb: str, data: st.DataObject):
    """One key of a good command is dropped, doubled by a foreign one, or gets any JSON value: it is refused, or it was a good value."""
    run = Run()
    body = {key: data.draw(VALUES[key]) for key in BODIES[verb]}
    body |= {"reason_class": "ENDED"} if verb == "retire_binding" else {}
    body |= {"binding_id": None} if verb == "get_binding" else {}
    topic, payload, properties = command(verb, body, T0, msg_id=run.ids(T0))
    message = json.loads(payload)
    inside = data.draw(st.booleans())
    place = message["body"] if inside else message
    key = data.draw(st.sampled_from(sorted(place)))
    what = data.draw(st.sampled_from(["drop", "add", "value"]))
    if what == "drop":
        del place[key]
    elif what == "add":
        place[f"{key}_too"] = place[key]
    else:
        place[key] = data.draw(JSONISH)
    before = run.view()
    [reply] = [json.loads(m.payload) for m in run.registry.handle(topic, json.dumps(message).encode(), properties, T0) if m.is_reply][:1] or [None]
    if what != "value":
        assert reply and reply["code"] == "SCHEMA_INVALID" and run.view() == before
    elif reply and reply["code"] == "SCHEMA_INVALID":
        assert run.view() == before and reply["in_reply_to"] == properties.correlation.decode()
    else:
        assert isinstance(place[key], str | int | None) and not isinstance(place[key], bool)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["tk/1/cmd/get_binding", "tk/1/cmd/x", "tk/1/cmd/", "x"]))
def test_garbage_is_answered_and_changes_nothing(payload: bytes, topic: str):
    run = Run()
    before = run.view()
    [reply] = run.take(run.registry.handle(topic, payload, Properties("tk/1/reply/someone", b"mark"), T0))
    assert (reply["code"], reply["in_reply_to"], run.view()) == ("SCHEMA_INVALID", "mark", before)


def test_deep_and_long_and_doubled():
    run = Run()
    topic, payload, properties = command("get_binding", {"binding_id": "binding-a", "camera_serial": None}, T0, msg_id=run.ids(T0))
    doubled = payload.replace(b'"camera_serial"', b'"binding_id": "binding-a", "camera_serial"')
    for bad in (b"[" * 4000, payload + b" " * 4096, doubled, b"NaN", b"\xff"):
        [reply] = run.take(run.registry.handle(topic, bad, properties, T0))
        assert reply["code"] == "SCHEMA_INVALID"


def test_true_is_no_revision_and_a_line_end_no_part_of_an_id():
    run = Run()
    good = {"binding_id": "binding-a", "camera_serial": SERIALS[0], "expected_revision": 1, "reason_class": "ENDED"}
    for wrong in ({"expected_revision": True}, {"expected_revision": 1.0}, {"expected_revision": 0}, {"binding_id": "binding-a\n"}, {"reason_class": []}):
        [reply] = run.take(run.registry.handle(*command("retire_binding", good | wrong, T0), T0))
        assert reply["code"] == "SCHEMA_INVALID"
