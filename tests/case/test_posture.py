"""The posture check: closed list, honest states, what a profile may excuse and what it may not, and no personal text anywhere."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.case.impersonal import Technical, personal_osd, personal_scopes
from provisioner.case.marker import ROOTS, judge_marker, marker_in, marker_scope
from provisioner.case.posture import Excuse, Posture, PostureWanted, Proof, Reading, judge_posture
from provisioner.case.posture_items import ITEMS, Item, State
from provisioner.fault import Fault, FaultKind, Text
from provisioner.store.codec import _Codec

AWAY = Fault(FaultKind.TIMED_OUT, "GetScopes", "no answer", Text("Vänta och försök igen.", "Wait and try again."))
CANNOT = Fault(FaultKind.UNSUPPORTED, "GetRecordings", "ActionNotSupported", Text("-", "-"))
WHY = Text("Familjen har inte funktionen.", "The family does not have it.")
TECHNICAL = Technical(("AXIS", "P3818-PVE", "7DB", "B8A44F00AB12"))
WANTED = PostureWanted("11.9.60", TECHNICAL)
GOOD = {
    Item.HTTPS: ("443",), Item.DISCOVERY: ("NonDiscoverable",), Item.NTP: ("ntp.se",), Item.FIRMWARE: ("11.9.60",),
    Item.SCOPES: ("onvif://www.onvif.org/type/video_encoder", "onvif://www.onvif.org/Profile/Streaming", "onvif://www.onvif.org/name/AXIS%20P3818-PVE"),
}


def readings(**changed: Reading) -> tuple[Reading, ...]:
    """A camera as it should be, with some items otherwise."""
    as_wanted = {item: Reading(item, GOOD.get(item, ()), off_s=0.4 if item is Item.CLOCK else None, proved=Proof.READ_BACK) for item in Item}
    return tuple((as_wanted | {Item(name): reading for name, reading in changed.items()}).values())


def with_(item: Item, **reading: object) -> tuple[Reading, ...]:
    return readings(**{item.value: Reading(item, **reading)})


def judged(read: tuple[Reading, ...], *excuses: Excuse) -> Posture:
    return judge_posture(read, excuses, WANTED)


def state(posture: Posture, item: Item) -> State:
    return next(finding.state for finding in posture.findings if finding.item is item)


def test_the_list_is_closed_and_a_good_camera_is_acceptable():
    posture = judged(readings())
    assert set(ITEMS) == set(Item) and [finding.item for finding in posture.findings] == list(Item)
    assert posture.acceptable and posture.blocking == () and {finding.state for finding in posture.findings} == {State.OK}


def test_nothing_asked_is_unknown_and_blocks_all():
    posture = judge_posture(())
    assert {finding.state for finding in posture.findings} == {State.UNKNOWN}
    assert posture.blocking == tuple(Item)


@pytest.mark.parametrize(("item", "found"), [
    (Item.AUDIO_IN_PROFILES, ("profile_1",)), (Item.AUDIO_ON_WIRE, ("m=audio 0 RTP/AVP 97",)), (Item.RECORDINGS, ("rec-1", "job-1")),
    (Item.DEFAULT_ACCOUNT, ("admin",)), (Item.ANONYMOUS_ONVIF, ("GetUsers",)), (Item.ANONYMOUS_RTSP, ("DESCRIBE",)), (Item.ANONYMOUS_SNAPSHOT, ("GET",)),
    (Item.OTHER_ACCOUNTS, ("viewer",)), (Item.SCOPES, ("onvif://www.onvif.org/location/Storgatan%2012",)), (Item.OSD, ("Anna, Storgatan",)),
    (Item.HTTPS, ()), (Item.HTTP, ("80",)), (Item.DISCOVERY, ("Discoverable",)), (Item.FIRMWARE, ("11.8.1",)), (Item.EVENT_BROKERS, ("mqtt",)),
])
def test_each_item_found_wrong_blocks_with_a_next_action(item, found):
    posture = judged(with_(item, found=found))
    assert state(posture, item) is State.WRONG and posture.blocking == (item,)
    finding = posture.findings[list(Item).index(item)]
    assert ITEMS[item].fix.en in finding.sentence.en and ITEMS[item].fix.sv in finding.sentence.sv


@pytest.mark.parametrize("item", [Item.AUDIO_IN_PROFILES, Item.AUDIO_ON_WIRE, Item.RECORDINGS, Item.DEFAULT_ACCOUNT, Item.ANONYMOUS_ONVIF, Item.ANONYMOUS_RTSP,
                                  Item.ANONYMOUS_SNAPSHOT, Item.SCOPES, Item.OSD])
def test_no_profile_excuses_sound_recordings_open_access_or_a_name(item):
    """H8, H9, H12."""
    wrong = {"found": ("onvif://www.onvif.org/location/Storgatan",)}
    assert judged(with_(item, **wrong), Excuse(item, State.WRONG, WHY, "-")).blocking == (item,)


@pytest.mark.parametrize("item", [Item.DEFAULT_ACCOUNT, Item.ANONYMOUS_ONVIF, Item.ANONYMOUS_RTSP, Item.ANONYMOUS_SNAPSHOT])
def test_open_access_is_not_excused_even_in_doubt(item):
    assert judged(with_(item, fault=AWAY), Excuse(item, State.UNKNOWN, WHY, "-")).blocking == (item,)


def test_could_not_ask_is_unknown_with_its_fault_and_cannot_do_is_unsupported():
    posture = judged(with_(Item.EVENT_BROKERS, fault=AWAY))
    finding = posture.findings[list(Item).index(Item.EVENT_BROKERS)]
    assert (finding.state, finding.fault, posture.blocking) == (State.UNKNOWN, AWAY, (Item.EVENT_BROKERS,))
    assert "Wait and try again." in finding.sentence.en
    assert judged(with_(Item.EVENT_BROKERS, fault=AWAY), Excuse(Item.EVENT_BROKERS, State.UNKNOWN, WHY, "-")).acceptable
    assert state(judged(with_(Item.RECORDINGS, fault=CANNOT)), Item.RECORDINGS) is State.UNSUPPORTED


@pytest.mark.parametrize("item", list(Item))
def test_what_a_camera_cannot_do_is_harmless_or_needs_the_profiles_word(item):
    read = with_(item, supported=False)
    harmless = ITEMS[item].harmless_without or item in (Item.CLOCK, Item.NTP)   # the clock and its server excuse each other
    assert judged(read).acceptable is harmless
    assert judged(read, Excuse(item, State.UNSUPPORTED, WHY, "-")).acceptable
    assert judged(read, Excuse(item, State.UNKNOWN, WHY, "-")).acceptable is harmless, "an excuse is for one state"


def test_a_camera_without_https_needs_both_excuses():
    read = readings(https=Reading(Item.HTTPS, supported=False), http=Reading(Item.HTTP, ("80",)))
    assert judged(read).blocking == (Item.HTTPS, Item.HTTP)
    posture = judged(read, Excuse(Item.HTTPS, State.UNSUPPORTED, WHY, "-"), Excuse(Item.HTTP, State.WRONG, WHY, "-"))
    assert posture.acceptable and WHY.en in posture.findings[list(Item).index(Item.HTTP)].sentence.en


def test_the_clock_and_its_server_excuse_each_other():
    assert judged(with_(Item.CLOCK, off_s=3600.0)).acceptable
    assert judged(with_(Item.NTP, found=())).acceptable
    assert judged(readings(clock=Reading(Item.CLOCK, off_s=-5.1), ntp=Reading(Item.NTP, ()))).blocking == (Item.CLOCK, Item.NTP)
    assert state(judged(with_(Item.CLOCK, off_s=-5.0)), Item.CLOCK) is State.OK
    assert state(judged(with_(Item.CLOCK, off_s=float("nan"))), Item.CLOCK) is State.UNKNOWN
    assert state(judged(with_(Item.CLOCK, found=("12:00",))), Item.CLOCK) is State.UNKNOWN


def test_what_was_set_is_not_believed_until_it_is_read_back_or_seen():
    """Quirk 16: a camera answers 200 and does nothing."""
    assert state(judged(with_(Item.AUDIO_IN_PROFILES, found=(), tried=True)), Item.AUDIO_IN_PROFILES) is State.UNKNOWN
    assert state(judged(with_(Item.AUDIO_IN_PROFILES, found=(), tried=True, read_back=True)), Item.AUDIO_IN_PROFILES) is State.OK
    assert state(judged(with_(Item.AUDIO_ON_WIRE, found=(), tried=True, proved=Proof.WIRE)), Item.AUDIO_ON_WIRE) is State.OK
    posture = judged(with_(Item.AUDIO_IN_PROFILES, found=("p1",), tried=True, read_back=True))
    assert "the change did not take (found: 1)" in posture.findings[0].sentence.en


def test_of_two_readings_the_worse_counts():
    both = (*readings(), Reading(Item.AUDIO_ON_WIRE, ("m=audio",), proved=Proof.WIRE))
    assert judged(both).blocking == judged(both[::-1]).blocking == (Item.AUDIO_ON_WIRE,)


def test_discovery_and_firmware_in_forms_unknown_are_unknown():
    assert state(judged(with_(Item.DISCOVERY, found=("Stealth",))), Item.DISCOVERY) is State.UNKNOWN
    assert state(judged(with_(Item.FIRMWARE, found=("Jenkins build 7",))), Item.FIRMWARE) is State.UNKNOWN
    assert state(judge_posture(readings()), Item.FIRMWARE) is State.UNKNOWN, "none is approved"


CANARIES = ("Anna Kanariefågel", "Storgatan 12", "19121212-1212", "070-123 45 67")


@pytest.mark.parametrize("canary", CANARIES)
def test_personal_text_is_found_and_goes_no_further(canary):
    """H12. The finding keeps a count; the text itself must not reach a journal."""
    texts = (canary, f"onvif://www.onvif.org/name/{canary}", f"onvif://www.onvif.org/location/city/{canary}", f"urn:{canary}")
    assert personal_scopes(texts, TECHNICAL) == texts and personal_osd(texts, TECHNICAL) == texts
    posture = judged(readings(scopes=Reading(Item.SCOPES, texts), osd=Reading(Item.OSD, (canary,)), other_accounts=Reading(Item.OTHER_ACCOUNTS, (canary,))))
    assert posture.blocking == (Item.OTHER_ACCOUNTS, Item.SCOPES, Item.OSD)
    assert posture.findings[list(Item).index(Item.SCOPES)].count == 4
    kept = _Codec("Posture", Posture).dump(posture)
    assert not any(word in kept for word in (canary, "Anna", "Storgatan"))


def test_technical_text_is_left_alone():
    scopes = (*GOOD[Item.SCOPES], "onvif://www.onvif.org/hardware/7DB", "onvif://www.onvif.org/Profile/T", "onvif://www.onvif.org/type/Network_Video_Transmitter",
              "onvif://www.onvif.org/MacAddress/b8:a4:4f:00:ab:12", "onvif://www.onvif.org/SerialNumber/B8A44F00AB12", "onvif://www.onvif.org/location/",
              marker_scope("b-0123456789abcdef"), *(marker_scope("b-0123456789abcdef", root) for root in ROOTS))
    assert personal_scopes(scopes, replace(TECHNICAL, marks=("b-0123456789abcdef",))) == ()
    foreign = marker_scope("b-fedcba9876543210"), f"{ROOTS[1]}annakanariefagel"
    assert personal_scopes(foreign, replace(TECHNICAL, marks=("b-0123456789abcdef",))) == foreign, "a foreign mark is cleared before a camera watches"
    assert personal_osd(("", "Camera 01", "IPC", "2026-11-23 03:55:44", "AXIS P3818-PVE"), TECHNICAL) == ()
    hikvision = Technical(("Hangzhou Hikvision Digital Technology Co.,Ltd.", "DS-2CD2143G0-I"))
    assert personal_scopes(("onvif://www.onvif.org/name/HIKVISION%20DS-2CD2143G0-I",), hikvision) == ()
    assert personal_scopes(("onvif://www.onvif.org/name/HIKVISION%20Anna",), hikvision) != ()
    assert personal_scopes(("onvif://www.onvif.org/location/country/china",), TECHNICAL) != ()
    assert personal_scopes(("onvif://www.onvif.org/location/country/china",), Technical(exactly=("onvif://www.onvif.org/location/country/china",))) == ()


@settings(max_examples=150, deadline=None)
@given(text=st.text(min_size=1, max_size=60))
def test_no_text_is_technical_by_chance(text):
    known = Technical(("ZZQQ-9",))
    bare = "".join(sign for sign in text.casefold() if sign.isalnum())
    if len(bare) > 3 and bare not in ("zzqq9", "zzqq9zzqq9", "camera", "ipcamera", "channel", "unknown", "none", "ipcam"):
        assert personal_scopes((f"onvif://www.onvif.org/name/{text}", text), known) == (f"onvif://www.onvif.org/name/{text}", text)


def test_marks_of_bindings():
    """Idea 3: a camera carried to another home without provisioning announces a stale mark."""
    old, new = "b-0123456789abcdef", "b-fedcba9876543210"
    assert marker_in((marker_scope(old), marker_scope(old, ROOTS[1]), "onvif://www.onvif.org/name/C200")) == (old,)
    assert judge_marker(None, (old,)).verdict == "unknown"
    assert judge_marker(("onvif://www.onvif.org/name/C200",), (old,)).verdict == "unmarked"
    assert judge_marker((marker_scope(old).upper(),), (old, new)).verdict == "ours"
    assert judge_marker((marker_scope(old),), (new,)).verdict == "moved_without_provisioning"
    assert judge_marker((marker_scope(new), marker_scope(old)), (new,)).verdict == "moved_without_provisioning"
    for bad in ("Anna Storgatan", "B-0123456789", "x"):
        with pytest.raises(ValueError, match="opaque"):
            marker_scope(bad)


def test_posture_survives_the_store():
    codec = _Codec("Posture", Posture)
    for posture in (judge_posture(()), judged(with_(Item.RECORDINGS, fault=AWAY), Excuse(Item.RECORDINGS, State.UNKNOWN, WHY, "-"))):
        assert codec.load(codec.dump(posture)) == posture
