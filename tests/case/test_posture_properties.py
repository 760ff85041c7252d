"""The posture check by properties: whatever is read and excused, sound, recordings and open doors stay shut out, and more bad news never helps."""

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.case.posture import Excuse, Posture, Proof, Reading, judge_posture
from provisioner.case.posture_items import ITEMS, Item, State
from provisioner.fault import Fault, FaultKind, Text
from provisioner.store.codec import _Codec

NEVER_WRONG = {Item.AUDIO_IN_PROFILES, Item.AUDIO_ON_WIRE, Item.RECORDINGS}                                                     # H8
NEVER_IN_DOUBT = {Item.DEFAULT_ACCOUNT, Item.ANONYMOUS_ONVIF, Item.ANONYMOUS_RTSP, Item.ANONYMOUS_SNAPSHOT}                     # H9
WHY = Text("Skäl.", "Reason.")
faults = st.builds(Fault, st.sampled_from(FaultKind), st.just("Ask"), st.just("-"), st.just(WHY))
readings = st.builds(Reading, st.sampled_from(Item), st.none() | st.lists(st.text(max_size=12), max_size=3).map(tuple), st.none() | st.floats(), st.sampled_from(Proof),
                     st.booleans(), st.booleans(), st.booleans(), st.none() | faults)
excuses = st.lists(st.builds(Excuse, st.sampled_from(Item), st.sampled_from(State), st.just(WHY), st.just("-")), max_size=30)


@settings(max_examples=150, deadline=None)
@given(read=st.lists(readings, max_size=40), accepted=excuses)
def test_no_excuse_opens_what_must_stay_shut(read, accepted):
    posture = judge_posture(read, accepted)
    for finding in posture.findings:
        must_block = (finding.item in NEVER_WRONG and finding.state is State.WRONG) or (
            finding.item in NEVER_IN_DOUBT and finding.state in (State.WRONG, State.UNKNOWN))
        assert not must_block or finding.item in posture.blocking
        assert finding.sentence.sv and finding.sentence.en
    assert posture.acceptable is (posture.blocking == ())
    assert [finding.item for finding in posture.findings] == list(Item)


@settings(max_examples=150, deadline=None)
@given(read=st.lists(readings, max_size=20), more=readings, accepted=excuses)
def test_order_does_not_matter_and_another_reading_never_makes_an_item_better(read, more, accepted):
    one, two = judge_posture(read, accepted), judge_posture(read[::-1], accepted)
    assert one == two
    place = list(Item).index(more.item)
    if any(reading.item is more.item for reading in read):
        order = (State.WRONG, State.UNKNOWN, State.UNSUPPORTED, State.OK)
        worse = judge_posture([*read, more], accepted).findings[place].state
        assert order.index(worse) <= order.index(one.findings[place].state)


@settings(max_examples=100, deadline=None)
@given(item=st.sampled_from(Item), fault=faults, accepted=excuses)
def test_a_fault_is_never_a_no(item, fault, accepted):
    finding = judge_posture([Reading(item, fault=fault)], accepted).findings[list(Item).index(item)]
    assert finding.state is (State.UNSUPPORTED if fault.kind is FaultKind.UNSUPPORTED else State.UNKNOWN) and finding.fault == fault


@settings(max_examples=100, deadline=None)
@given(read=st.lists(readings, max_size=10), accepted=excuses)
def test_every_posture_survives_the_store(read, accepted):
    codec, posture = _Codec("Posture", Posture), judge_posture(read, accepted)
    assert codec.load(codec.dump(posture)) == posture


def test_every_item_says_what_is_wanted_and_where_from():
    for rule in ITEMS.values():
        assert rule.wanted.sv and rule.wanted.en and rule.fix.sv and rule.fix.en and rule.source
