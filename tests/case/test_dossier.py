"""The identity dossier by example: the quirks of real cameras, swaps and clones, and what the technician is told."""

from datetime import UTC, datetime

import pytest

from provisioner.case.dossier import IdentityFinding, judge, renewed, shared_between
from provisioner.case.evidence import WORTH, Agrees, Dossier, Evidence, IdentityPolicy, Kind, Verdict, Weight, macs_of
from provisioner.store.codec import _Codec

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AXIS = "ACCC8E0AB12C"
EPR = "urn:uuid:5f5a69c2-e0ae-504f-829b-00accc8e0ab1"
BODY = {Kind.TLS_CERTIFICATE: "ab" * 32, Kind.ENDPOINT_REFERENCE: EPR, Kind.MAC: "AC:CC:8E:0A:B1:2C"}
OTHER_BODY = {Kind.TLS_CERTIFICATE: "cd" * 32, Kind.ENDPOINT_REFERENCE: "uuid:00000000-0000-1000-8000-b8a44f112233", Kind.MAC: "B8:A4:4F:11:22:33"}


def dossier(*pairs: tuple[Kind, str], **named: str) -> Dossier:
    items = [Evidence(kind, value) for kind, value in pairs] + [Evidence(Kind(name), value) for name, value in named.items()]
    return Dossier(tuple(items), AT)


def readings(serial: str = AXIS) -> tuple[tuple[Kind, str], ...]:
    return (Kind.LABEL_SCANNED, serial), (Kind.SERIAL_AFTER_LOGIN, serial)


def of(expected: str, seen: Dossier, pinned: Dossier | None = None, **policy: object) -> IdentityFinding:
    return judge(expected, pinned, seen, IdentityPolicy(**policy))


def item(finding: IdentityFinding, kind: Kind, against: str = "expected"):
    return next(one for one in finding.items if one.evidence.kind is kind and one.against == against)


def test_every_kind_has_its_worth_and_its_reason():
    assert set(WORTH) == set(Kind)
    for kind, worth in WORTH.items():
        assert worth.because.sv and worth.because.en and worth.source, kind
        assert (worth.expected_agrees is None) == (worth.expected_differs is None), kind


def test_label_and_authenticated_read_back_confirm():
    finding = of(AXIS, dossier(*readings("ac:cc:8e:0a:b1:2c")))
    assert finding.verdict is Verdict.CONFIRMED
    assert finding.help.en == "It is the right camera. Go on."


@pytest.mark.parametrize(("kind", "verdict"), [
    (Kind.LABEL_SCANNED, Verdict.PROBABLE), (Kind.LABEL_TYPED, Verdict.PROBABLE), (Kind.SERIAL_AFTER_LOGIN, Verdict.PROBABLE),
    (Kind.SERIAL_ANONYMOUS, Verdict.PROBABLE), (Kind.DEVICE_CERTIFICATE, Verdict.PROBABLE),
    (Kind.SCOPE_SERIAL, Verdict.UNKNOWN), (Kind.DEVICE_CERTIFICATE_UNVERIFIED, Verdict.UNKNOWN), (Kind.FIRMWARE, Verdict.UNKNOWN),
])
def test_one_reading_alone_is_never_enough_and_a_hint_is_nothing(kind, verdict):
    """D2, D4: the announcement is a hint only, never proof."""
    assert of(AXIS, dossier((kind, AXIS))).verdict is verdict


def test_nothing_read_is_unknown():
    assert of(AXIS, Dossier((), AT)).verdict is Verdict.UNKNOWN
    assert of(AXIS, dossier(serial_after_login="", label_scanned=" - ")).verdict is Verdict.UNKNOWN


def test_an_anonymous_serial_is_no_second_reading():
    assert of(AXIS, dossier((Kind.LABEL_SCANNED, AXIS), (Kind.SERIAL_ANONYMOUS, AXIS))).verdict is Verdict.PROBABLE


def test_a_verified_device_certificate_is_a_second_reading_and_one_of_another_camera_is_final():
    assert of(AXIS, dossier((Kind.LABEL_SCANNED, AXIS), (Kind.DEVICE_CERTIFICATE, AXIS))).verdict is Verdict.CONFIRMED
    assert of(AXIS, dossier(*readings(), (Kind.DEVICE_CERTIFICATE, "B8A44F112233"))).verdict is Verdict.IMPOSSIBLE
    assert of(AXIS, dossier(*readings(), (Kind.DEVICE_CERTIFICATE_UNVERIFIED, "B8A44F112233"))).verdict is Verdict.CONFLICTING


def test_a_device_certificate_that_names_something_else_than_the_serial_is_only_compared_with_the_depot():
    seen = dossier(*readings(), (Kind.DEVICE_CERTIFICATE, "idev-77"))
    assert of(AXIS, seen, dossier((Kind.DEVICE_CERTIFICATE, "idev-77")), device_certificate_names_serial=False).verdict is Verdict.CONFIRMED
    assert of(AXIS, seen, dossier((Kind.DEVICE_CERTIFICATE, "idev-78")), device_certificate_names_serial=False).verdict is Verdict.IMPOSSIBLE


@pytest.mark.parametrize(("label", "told", "verdict"), [
    (AXIS, "ACCC8E999999", Verdict.CONFLICTING), ("ACCC8E999999", AXIS, Verdict.CONFLICTING), ("ACCC8E999999", "ACCC8E999999", Verdict.IMPOSSIBLE),
])
def test_another_number_conflicts_where_the_other_reading_is_right_and_is_another_camera_where_it_is_not(label, told, verdict):
    assert of(AXIS, dossier((Kind.LABEL_SCANNED, label), (Kind.SERIAL_AFTER_LOGIN, told))).verdict is verdict


@pytest.mark.parametrize("weak", ["123456", "0123456789", "SerialNumber", "00000000000000", "12345679890", "gm8135_v2", "12345", "unknown", "AAAAAAA"])
def test_a_weak_serial_never_confirms_alone(weak):
    """edgexfoundry/device-onvif-camera#2, home-assistant/core#38864, #63399, #84551, home-assistant/frontend#17345."""
    finding = of(weak, dossier(*readings(weak)))
    assert finding.verdict is Verdict.UNKNOWN
    assert item(finding, Kind.SERIAL_AFTER_LOGIN).weight is Weight.HINT
    assert "many cameras" in finding.help.en


def test_a_weak_serial_confirms_with_two_things_that_the_depot_pinned():
    seen = dossier(*readings("123456"), *BODY.items())
    assert of("123456", seen, dossier(*BODY.items())).verdict is Verdict.CONFIRMED
    assert of("123456", seen, dossier(endpoint_reference=EPR)).verdict is Verdict.PROBABLE
    assert of("123456", seen).verdict is Verdict.UNKNOWN


def test_a_serial_that_the_fleet_has_seen_twice_is_weak():
    assert of("T4C200FE1", dossier(*readings("T4C200FE1")), shared=("t4c200fe1",)).verdict is Verdict.UNKNOWN


def test_a_placeholder_told_by_the_camera_is_silence_and_on_a_label_it_is_a_wrong_label():
    """Quirk 1: Tuya tells 0123456789 whatever stands on the label."""
    told = of("T4C200FE1", dossier((Kind.LABEL_SCANNED, "T4C200FE1"), (Kind.SERIAL_AFTER_LOGIN, "0123456789")))
    assert told.verdict is Verdict.PROBABLE
    assert item(told, Kind.SERIAL_AFTER_LOGIN).agrees is Agrees.UNKNOWN
    assert of("T4C200FE1", dossier(label_scanned="0123456789")).verdict is Verdict.IMPOSSIBLE


def test_a_make_that_tells_one_number_in_all_cameras_is_silent_about_it():
    seen = dossier((Kind.LABEL_SCANNED, "2209ABCD1234"), (Kind.SERIAL_AFTER_LOGIN, "C200A77"))
    assert of("2209ABCD1234", seen).verdict is Verdict.CONFLICTING
    assert of("2209ABCD1234", seen, serial_format="tapo").verdict is Verdict.PROBABLE


def test_a_camera_that_told_its_number_at_the_depot_and_tells_none_now_is_put_aside():
    finding = of("T4C200FE1", dossier((Kind.LABEL_SCANNED, "T4C200FE1"), (Kind.SERIAL_AFTER_LOGIN, "123456")), dossier(*readings("T4C200FE1")))
    assert finding.verdict is Verdict.CONFLICTING
    assert item(finding, Kind.SERIAL_AFTER_LOGIN, "pinned").weight is Weight.MEDIUM
    assert of("T4C200FE1", dossier(serial_after_login="123456"), dossier(*readings("T4C200FE1"))).verdict is Verdict.CONFLICTING, "never certain by silence"


def test_a_camera_that_learns_to_tell_its_number_with_new_firmware_is_confirmed():
    finding = of("T4C200FE1", dossier(*readings("T4C200FE1")), dossier((Kind.LABEL_SCANNED, "T4C200FE1"), (Kind.SERIAL_AFTER_LOGIN, "123456")))
    assert finding.verdict is Verdict.CONFIRMED
    assert "said nothing" in item(finding, Kind.SERIAL_AFTER_LOGIN, "pinned").sentence.en


def test_hikvision_tells_a_long_number_and_its_label_a_short_one():
    """Quirk 2, evercam/evercam-server#10. The unique part alone is only probable; as the depot read both, both are whole."""
    full, short = "DS-2DF7286-A20140705CCWR471699220B", "471699220"
    seen = dossier((Kind.LABEL_SCANNED, short), (Kind.SERIAL_AFTER_LOGIN, full))
    finding = of(short, seen, serial_format="hikvision")
    assert finding.verdict is Verdict.PROBABLE and item(finding, Kind.SERIAL_AFTER_LOGIN).partly
    assert of(full, seen, serial_format="hikvision").verdict is Verdict.PROBABLE
    assert of(short, seen, seen, serial_format="hikvision").verdict is Verdict.CONFIRMED
    assert of(short, seen).verdict is Verdict.CONFLICTING, "an ending alike is nothing without the rule"
    other = dossier((Kind.LABEL_SCANNED, short), (Kind.SERIAL_AFTER_LOGIN, "DS-2DF7286-A20140705CCWR471699221B"))
    assert of(short, other, serial_format="hikvision").verdict is Verdict.CONFLICTING


def test_axis_serial_is_its_mac_address():
    seen = dossier(*readings(), (Kind.MAC, "AC:CC:8E:0A:B1:2C"), (Kind.MAC, "B8:A4:4F:01:02:03"))
    assert of(AXIS, seen, serial_format="axis_mac").verdict is Verdict.CONFIRMED
    clone = dossier(*readings(), (Kind.MAC, "B8:A4:4F:01:02:03"))
    assert of(AXIS, clone, serial_format="axis_mac").verdict is Verdict.CONFLICTING
    assert of(AXIS, clone).verdict is Verdict.CONFIRMED, "without the rule a MAC address says nothing about a serial number"


def test_macs_that_can_belong_to_anybody_are_dropped():
    """Quirk 3: phantom first interface (#162687), malformed (#59218), missing (#35883); multicast, local, zero, all ones."""
    read = ("00-30-1B-BA-02-DB", "5792c4:5792c5:5792c6:5792c7:5792c8:5792c9", "", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "02:42:ac:11:00:02",
            "01:00:5e:00:00:fb", "00:12:34:56:78:9a", "3c:ef:8c:01:02:03", "3CEF.8C01.0203", "3C-EF-8C-01-02-03-04", "14:a7:8b:00:00:01")
    assert macs_of(read) == ("3CEF8C010203", "14A78B000001")
    assert macs_of(read, shared=("14A78B000001",)) == ("3CEF8C010203",)


def test_a_phantom_mac_neither_joins_nor_parts_two_cameras():
    pinned = dossier((Kind.MAC, "00-30-1B-BA-02-DB"), (Kind.MAC, "3c:ef:8c:01:02:03"))
    other = of(AXIS, dossier(*readings(), (Kind.MAC, "00-30-1B-BA-02-DB"), (Kind.MAC, "3c:ef:8c:99:99:99")), pinned)
    same = of(AXIS, dossier(*readings(), (Kind.MAC, "3c:ef:8c:01:02:03"), (Kind.MAC, "3c:ef:8c:aa:aa:aa")), pinned)
    assert (other.verdict, same.verdict) == (Verdict.CONFLICTING, Verdict.CONFIRMED)


def test_a_new_certificate_alone_is_a_factory_reset():
    finding = of(AXIS, dossier(*readings(), *(BODY | {Kind.TLS_CERTIFICATE: "cd" * 32}).items()), dossier(*BODY.items()))
    assert finding.verdict is Verdict.CONFIRMED
    assert "factory reset" in item(finding, Kind.TLS_CERTIFICATE, "pinned").sentence.en


def test_new_firmware_is_no_conflict():
    finding = of(AXIS, dossier(*readings(), (Kind.FIRMWARE, "11.9.60"), *BODY.items()), dossier((Kind.FIRMWARE, "10.12.130"), *BODY.items()))
    assert finding.verdict is Verdict.CONFIRMED
    assert "no contradiction" in item(finding, Kind.FIRMWARE, "pinned").sentence.en


def test_a_clone_with_the_right_number_and_another_body_is_another_camera():
    pinned = dossier(*readings(), *BODY.items())
    assert of(AXIS, dossier(*readings(), *OTHER_BODY.items()), pinned).verdict is Verdict.IMPOSSIBLE
    for kept in BODY:
        mixed = OTHER_BODY | {kept: BODY[kept]}
        assert of(AXIS, dossier(*readings(), *mixed.items()), pinned).verdict is Verdict.CONFLICTING, kept


@pytest.mark.parametrize("changed", [Kind.ENDPOINT_REFERENCE, Kind.MAC])
def test_one_part_of_the_body_changed_is_put_aside(changed):
    seen = dossier(*readings(), *(BODY | {changed: OTHER_BODY[changed]}).items())
    assert of(AXIS, seen, dossier(*BODY.items())).verdict is Verdict.CONFLICTING


def test_a_swap_is_caught_although_the_case_expects_the_new_number():
    """Somebody wrote the number of the camera in hand into the case: the dossier pinned under that number is another camera's."""
    pinned = dossier(*readings("B8A44F112233"), *OTHER_BODY.items())
    assert of(AXIS, dossier(*readings(), *BODY.items()), pinned).verdict is Verdict.IMPOSSIBLE
    assert of(AXIS, dossier(*readings()), pinned).verdict is Verdict.CONFLICTING


def test_another_model_or_maker_is_put_aside_and_another_hardware_id_is_a_hint():
    pinned = dossier(manufacturer="AXIS", model="P3818-PVE", hardware_id="7DB")
    assert of(AXIS, dossier(*readings(), (Kind.MODEL, "p3818-pve"), (Kind.HARDWARE_ID, "88")), pinned).verdict is Verdict.CONFIRMED
    assert of(AXIS, dossier(*readings(), (Kind.MODEL, "M3106")), pinned).verdict is Verdict.CONFLICTING
    assert of(AXIS, dossier(*readings(), (Kind.MANUFACTURER, "Tuya")), pinned).verdict is Verdict.CONFLICTING


def test_what_was_pinned_and_is_not_read_now_is_unknown():
    finding = of(AXIS, dossier(*readings(), endpoint_reference=EPR), dossier(*BODY.items(), (Kind.HARDWARE_ID, "7DB")))
    assert finding.verdict is Verdict.CONFIRMED
    assert [one.agrees for one in finding.items if one.evidence.kind in (Kind.TLS_CERTIFICATE, Kind.MAC, Kind.HARDWARE_ID)] == [Agrees.UNKNOWN] * 3


def test_a_clone_that_hides_its_body_is_never_confirmed_by_the_number_alone():
    """Where the depot knew the body by something, one thing of it has to be recognised."""
    hidden = of(AXIS, dossier(*readings()), dossier(*BODY.items()))
    assert hidden.verdict is Verdict.PROBABLE and "the camera itself" in hidden.help.en
    for kind, value in BODY.items():
        assert of(AXIS, dossier(*readings(), (kind, value)), dossier(*BODY.items())).verdict is Verdict.CONFIRMED, kind
        assert of(AXIS, dossier(*readings()), dossier((kind, value))).verdict is Verdict.PROBABLE, kind
    assert of(AXIS, dossier(*readings()), dossier(*readings(), (Kind.MODEL, "P3818"))).verdict is Verdict.CONFIRMED, "nothing of the body was pinned"
    assert of(AXIS, dossier(*readings()), dossier((Kind.MAC, "00-30-1B-BA-02-DB"))).verdict is Verdict.CONFIRMED, "a phantom knows no body"
    assert of(AXIS, dossier(*readings(), (Kind.DEVICE_CERTIFICATE, AXIS)), dossier(*BODY.items())).verdict is Verdict.CONFIRMED, "it cannot be copied"


def test_a_new_certificate_with_nothing_else_of_the_body_read_is_not_enough():
    finding = of(AXIS, dossier(*readings(), tls_certificate="cd" * 32), dossier(*BODY.items()))
    assert finding.verdict is Verdict.PROBABLE


def test_an_endpoint_reference_is_compared_and_never_parsed():
    """Quirk 4: it may hold the MAC address, in the middle or reversed, or not at all; sometimes it is empty."""
    seen = dossier(*readings(), endpoint_reference="URN:UUID:5F5A69C2-E0AE-504F-829B-00ACCC8E0AB1")
    assert of(AXIS, seen, dossier(endpoint_reference=EPR)).verdict is Verdict.CONFIRMED
    assert of(AXIS, dossier((Kind.ENDPOINT_REFERENCE, EPR)), serial_format="axis_mac").verdict is Verdict.UNKNOWN
    assert of(AXIS, dossier(*readings(), endpoint_reference=""), dossier(endpoint_reference=EPR)).verdict is Verdict.PROBABLE


@pytest.mark.parametrize(("scanned", "expected", "policy", "says"), [
    ("3c:37:86:aa:bb:cc", "4J0186FPAG00123", {}, "scan the router"),
    ("3C3786AABBCC", AXIS, {"serial_format": "axis_mac"}, "scan the router"),
    ("ACCC8E999999", AXIS, {"serial_format": "axis_mac"}, "not the camera of the case"),
    ("LKP-004711", AXIS, {}, "asset tag"),
    ("4J0186FPAG00777", "4J0186FPAG00123", {"known_serials": ("4j0186fpag00777",)}, "another of our cameras"),
    ("4J0186FPAG00132", "4J0186FPAG00123", {}, "one character"),
    ("WIFI:S:hemma;T:WPA;P:x;;", AXIS, {}, "web address"),
    ("hello there", "4J0186FPAG00123", {"serial_format": "dahua"}, "does not look like"),
    ("B8A44F112233X", AXIS, {}, "not the camera of the case"),
])
def test_the_help_says_what_was_scanned_instead(scanned, expected, policy, says):
    finding = of(expected, dossier((Kind.LABEL_SCANNED, scanned)), **policy)
    assert finding.verdict is Verdict.IMPOSSIBLE
    assert says.casefold() in finding.help.en.casefold()
    assert finding.help.sv != finding.help.en


def test_the_cameras_own_mac_is_not_taken_for_a_router():
    seen = dossier((Kind.LABEL_SCANNED, "14:a7:8b:00:00:01"), (Kind.MAC, "14:a7:8b:00:00:01"))
    assert "camera's MAC address" in of("4J0186FPAG00123", seen).help.en


def test_the_label_of_another_camera_is_not_taken_for_a_router_where_that_camera_tells_the_same():
    assert "not the camera of the case" in of("4J0186FPAG00123", dossier(*readings("B8A44F112233"))).help.en


@pytest.mark.parametrize(("seen", "policy", "says"), [
    (dossier(serial_after_login=AXIS), {}, "Scan the label"), (dossier(label_scanned=AXIS), {}, "read with a login"),
    (dossier((Kind.LABEL_SCANNED, AXIS), (Kind.SERIAL_AFTER_LOGIN, "0123456789")), {}, "Let the depot read it in"),
    (dossier((Kind.LABEL_SCANNED, AXIS), (Kind.SERIAL_ANONYMOUS, AXIS)), {}, "Switch the login on"),
])
def test_the_help_of_a_probable_camera_names_the_reading_that_is_missing(seen, policy, says):
    finding = of(AXIS, seen, **policy)
    assert finding.verdict is Verdict.PROBABLE and says in finding.help.en


@pytest.mark.parametrize(("policy", "says"), [({}, "Check the address"), ({"known_serials": ("b8:a4:4f:11:22:33",)}, "Another of our cameras answers")])
def test_another_camera_at_the_address_is_told_from_a_camera_at_odds_with_itself(policy, says):
    finding = of(AXIS, dossier((Kind.LABEL_SCANNED, AXIS), (Kind.SERIAL_AFTER_LOGIN, "B8A44F112233")), **policy)
    assert finding.verdict is Verdict.CONFLICTING and says in finding.help.en


def test_a_confirmed_camera_renews_what_changes_and_nothing_else():
    pinned = dossier(*readings(), (Kind.FIRMWARE, "1"), *BODY.items())
    today = dossier(*readings(), (Kind.FIRMWARE, "2"), *(BODY | {Kind.TLS_CERTIFICATE: "cd" * 32}).items())
    kept = renewed(pinned, today, of(AXIS, today, pinned))
    assert (kept.values(Kind.FIRMWARE), kept.values(Kind.TLS_CERTIFICATE), kept.values(Kind.MAC)) == (("2",), ("cd" * 32,), pinned.values(Kind.MAC))
    assert renewed(dossier(*readings()), today, of(AXIS, today, dossier(*readings()))).values(Kind.MAC) == today.values(Kind.MAC), "what was not known is learnt"
    clone = dossier(*readings(), *OTHER_BODY.items())
    assert renewed(pinned, clone, of(AXIS, clone, pinned)) == pinned
    assert of(AXIS, today, kept).verdict is Verdict.CONFIRMED


def test_what_two_cameras_of_the_fleet_share_says_nothing():
    one = dossier((Kind.SERIAL_AFTER_LOGIN, "T4C200FE1"), (Kind.MAC, "3c:ef:8c:01:02:03"), (Kind.MAC, "14:a7:8b:00:00:01"), (Kind.MODEL, "C200"))
    two = dossier((Kind.SERIAL_AFTER_LOGIN, "T4C200FE1"), (Kind.MAC, "3CEF8C010203"), (Kind.MAC, "14:a7:8b:00:00:02"), (Kind.MODEL, "C200"))
    assert shared_between([one, two]) == ("3CEF8C010203", "T4C200FE1")
    assert of("T4C200FE1", dossier(*readings("T4C200FE1")), shared=shared_between([one, two])).verdict is Verdict.UNKNOWN
    assert shared_between([one]) == shared_between([one, dossier(endpoint_reference="urn:uuid:")]) == ()


def test_no_sentence_repeats_a_number():
    finding = of(AXIS, dossier(*readings("B8A44F112233"), *OTHER_BODY.items()), dossier(*readings(), *BODY.items()))
    for text in (*(one.sentence for one in finding.items), finding.help):
        for number in (AXIS, "B8A44F112233", "AC:CC", "B8:A4", "5f5a"):
            assert number not in text.sv and number not in text.en


def test_finding_and_dossier_survive_the_store():
    pinned = dossier(*readings(), *BODY.items())
    finding = of(AXIS, dossier(*readings("B8A44F112233"), *OTHER_BODY.items()), pinned)
    for root, value in ((IdentityFinding, finding), (Dossier, pinned), (IdentityPolicy, IdentityPolicy(shared=("x",)))):
        codec = _Codec(root.__name__, root)
        assert codec.load(codec.dump(value)) == value


def test_a_camera_whose_maker_tells_one_number_is_known_by_the_body_that_the_depot_pinned():
    """Tapo C200 (edgexfoundry/device-onvif-camera#2): the label is the only number; address and endpoint reference stand for the second reading."""
    label, told = (Kind.LABEL_SCANNED, "2209ABCD1234"), (Kind.SERIAL_AFTER_LOGIN, "3b1d0a6e")
    mac, epr, other = (Kind.MAC, "5C:A6:E6:10:20:30"), (Kind.ENDPOINT_REFERENCE, EPR), (Kind.MAC, "5C:A6:E6:FF:FF:FF")
    pinned = dossier(label, told, mac, epr)
    assert of("2209ABCD1234", dossier(label, told, mac, epr), pinned, serial_format="tapo").verdict is Verdict.CONFIRMED
    for seen in ((label, told, mac), (label, mac, epr), (told, mac, epr)):
        assert of("2209ABCD1234", dossier(*seen), pinned, serial_format="tapo").verdict is Verdict.PROBABLE, seen
    assert of("2209ABCD1234", dossier(label, told, other, epr), pinned, serial_format="tapo").verdict is Verdict.CONFLICTING
