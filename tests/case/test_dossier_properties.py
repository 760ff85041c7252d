"""The identity dossier by properties: no slip of a hand passes, and more evidence pulls the verdict only its own way."""

from datetime import UTC, datetime

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provisioner.case.dossier import judge
from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy, Kind, Verdict
from provisioner.case.identifiers import canonical
from provisioner.case.serial_formats import SERIAL_FORMATS
from provisioner.case.weak_serials import why_weak

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LABEL, LOGIN = Kind.LABEL_SCANNED, Kind.SERIAL_AFTER_LOGIN

formats = st.sampled_from(sorted(SERIAL_FORMATS))
digits = st.integers(0, 999_999_999).map("{:09d}".format) | st.integers(0, 99_999_999).map("J{:08d}".format)
serials = st.one_of(
    st.text(SIGNS, min_size=5, max_size=24),
    st.builds("{}{:06X}".format, st.sampled_from(["00408C", "ACCC8E", "B8A44F", "E82725"]), st.integers(0, 0xFFFFFF)),
    st.builds("DS2CD2{}G0I20{}0705AAWR{}{}".format, st.integers(100, 999), st.integers(11, 29), digits, st.sampled_from(["", "B"])),
    digits,
    st.builds("{}J01018PA{}{:05X}".format, st.integers(1, 9), st.sampled_from("AGHJ"), st.integers(0, 0xFFFFF)),
    st.sampled_from(["1234567", "12345", "0123456789", "111112", "000001", "SERIALNUMBE", "UNKNOWN1"]),
)
macs = st.sampled_from(["AC:CC:8E:0A:B1:2C", "B8:A4:4F:11:22:33", "3c:ef:8c:01:02:03", "00-30-1B-BA-02-DB", "02:00:00:00:00:01", "nonsense"])
values = {
    Kind.TLS_CERTIFICATE: st.sampled_from(["aa" * 32, "bb" * 32, ""]), Kind.ENDPOINT_REFERENCE: st.sampled_from(["urn:uuid:1f", "uuid:2f", ""]), Kind.MAC: macs,
    Kind.SCOPE_MAC: macs, Kind.HARDWARE_ID: st.sampled_from(["88", "7DB"]), Kind.MANUFACTURER: st.sampled_from(["AXIS", "Tuya"]),
    Kind.MODEL: st.sampled_from(["P3818-PVE", "C200"]), Kind.FIRMWARE: st.sampled_from(["1.0", "2.0"]),
}
body = st.sampled_from(sorted(values)).flatmap(lambda kind: values[kind].map(lambda value: Evidence(kind, value)))
any_serial_kind = st.sampled_from([kind for kind in Kind if kind not in values])


@st.composite
def slips(draw: st.DrawFn, serials: st.SearchStrategy[str] = serials) -> tuple[str, str]:
    """A serial number and the same after one substitution, insertion, deletion or swap of neighbours, at any place."""
    right = draw(serials)
    place, sign = draw(st.integers(0, len(right) - 1)), draw(st.sampled_from(SIGNS))
    head, tail = right[:place], right[place + 1:]
    wrong = draw(st.sampled_from([head + sign + tail, head + sign + right[place:], right + sign, head + tail, head + tail[:1] + right[place] + tail[1:]]))
    assume(wrong and wrong != right)
    return right, wrong


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, Dossier | None, tuple[Evidence, ...], IdentityPolicy]:
    """Any expected number, with anything pinned and anything seen, right numbers and wrong ones mixed."""
    one, two = draw(slips())
    other = draw(serials)
    number = st.sampled_from([one, one, two, other, "", "123456"])
    item = st.one_of(body, st.builds(Evidence, any_serial_kind, number))
    pinned = draw(st.none() | st.lists(item, max_size=6).map(lambda items: Dossier(tuple(items), AT)))
    return one, pinned, tuple(draw(st.lists(item, max_size=8))), IdentityPolicy(serial_format=draw(formats))


def verdict(expected, pinned, seen, policy) -> Verdict:
    return judge(expected, pinned, Dossier(tuple(seen), AT), policy).verdict


@settings(max_examples=250, deadline=None)
@given(slip=slips(), rule=formats, wrong_in=st.sampled_from(["label", "typed", "login", "anonymous", "both"]), others=st.lists(body, max_size=5), pin=st.booleans())
def test_one_character_off_is_never_confirmed_nor_probable(slip, rule, wrong_in, others, pin):
    """H3: every one-character edit, in every reading, under every maker's rule, whatever else is right and however much of it is pinned."""
    right, wrong = slip
    label = Evidence(Kind.LABEL_TYPED if wrong_in == "typed" else LABEL, wrong if wrong_in in ("label", "typed", "both") else right)
    told = Evidence(Kind.SERIAL_ANONYMOUS if wrong_in == "anonymous" else LOGIN, wrong if wrong_in in ("login", "anonymous", "both") else right)
    pinned = Dossier((Evidence(LABEL, right), Evidence(LOGIN, right), *others), AT) if pin else None
    for seen in ([label, told, *others], [item for item in (label, told) if item.value == wrong]):
        assert not verdict(right, pinned, seen, IdentityPolicy(serial_format=rule)).at_least(Verdict.PROBABLE)


@settings(max_examples=200, deadline=None)
@given(slip=slips(), rule=formats, others=st.lists(body, max_size=5))
def test_an_expected_number_one_character_off_is_not_confirmed_by_the_right_camera(slip, rule, others):
    """The case holds the slip, and the camera, its label and the depot all agree: still no."""
    right, wrong = slip
    seen = [Evidence(LABEL, right), Evidence(LOGIN, right), *others]
    assert not verdict(wrong, Dossier(tuple(seen), AT), seen, IdentityPolicy(serial_format=rule)).at_least(Verdict.PROBABLE)


@settings(max_examples=150, deadline=None)
@given(situation=situations(), data=st.data())
def test_order_and_repetition_do_not_matter(situation, data):
    expected, pinned, seen, policy = situation
    shuffled = tuple(data.draw(st.permutations(seen))) + seen[:2]
    again = pinned and Dossier(tuple(data.draw(st.permutations(pinned.evidence))), pinned.at)
    one, two = judge(expected, pinned, Dossier(seen, AT), policy), judge(expected, again, Dossier(shuffled, AT), policy)
    assert (one.verdict, one.help) == (two.verdict, two.help)
    assert set(one.items) == set(two.items)


@settings(max_examples=250, deadline=None)
@given(situation=situations(), more=st.lists(body, max_size=3), kind=any_serial_kind)
def test_more_that_agrees_never_lowers_the_verdict(situation, more, kind):
    """Agreeing: the expected number, or what the depot read, and nothing about it against either."""
    expected, pinned, seen, policy = situation
    for item in (*more, Evidence(kind, expected)):
        alone = judge(expected, pinned, Dossier((item,), AT), policy)
        if any(one.evidence == item and one.agrees == "no" for one in alone.items):
            continue
        assert verdict(expected, pinned, (*seen, item), policy).at_least(verdict(expected, pinned, seen, policy))


@settings(max_examples=250, deadline=None)
@given(situation=situations(), kind=any_serial_kind, other=serials, item=body)
def test_more_that_contradicts_never_raises_the_verdict(situation, kind, other, item):
    expected, pinned, seen, policy = situation
    for added in (Evidence(kind, other), item):
        alone = judge(expected, pinned, Dossier((added,), AT), policy)
        about = [one for one in alone.items if one.evidence == added]
        if any(one.counts_against for one in about) and not any(one.agrees == "yes" for one in about):
            assert verdict(expected, pinned, seen, policy).at_least(verdict(expected, pinned, (*seen, added), policy))


def test_a_model_that_is_a_dash_is_unknown() -> None:
    pinned = Dossier((Evidence(Kind.MODEL, "C200"),), AT)
    seen = (Evidence(LABEL, "123456789"), Evidence(LOGIN, "123456789"))
    assert verdict("123456789", pinned, (*seen, Evidence(Kind.MODEL, "-")), IdentityPolicy()) is verdict("123456789", pinned, seen, IdentityPolicy())


@settings(max_examples=150, deadline=None)
@given(situation=situations(), kind=st.sampled_from(sorted(Kind)), blank=st.sampled_from(["", " ", "-", " : "]))
def test_unknowns_change_nothing(situation, kind, blank):
    expected, pinned, seen, policy = situation
    assert verdict(expected, pinned, (*seen, Evidence(kind, blank)), policy) is verdict(expected, pinned, seen, policy)


@settings(max_examples=150, deadline=None)
@given(situation=situations())
def test_dropping_a_pinned_dossier_leaves_only_what_the_number_says(situation):
    """Without a dossier nothing of the body can speak; with one, a weak number still never confirms without two parts of it."""
    expected, pinned, seen, policy = situation
    finding = judge(expected, pinned, Dossier(seen, AT), policy)
    if why_weak(canonical(expected)) and finding.verdict is Verdict.CONFIRMED:
        assert len({one.evidence.kind for one in finding.items if one.against == "pinned" and one.agrees == "yes" and one.weight.counts}) >= 2
    assert pinned or all(one.against != "pinned" for one in finding.items)


@settings(max_examples=150, deadline=None)
@given(situation=situations())
def test_confirmed_always_stands_on_two_whole_readings_and_nothing_against(situation):
    expected, pinned, seen, policy = situation
    finding = judge(expected, pinned, Dossier(seen, AT), policy)
    if finding.verdict is Verdict.CONFIRMED:
        whole = {one.evidence.kind for one in finding.items if one.against == "expected" and one.agrees == "yes" and not one.partly}
        assert whole & {Kind.LABEL_SCANNED, Kind.LABEL_TYPED} and whole & {Kind.SERIAL_AFTER_LOGIN, Kind.DEVICE_CERTIFICATE}
        assert not any(one.counts_against for one in finding.items)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=200), rule=formats)
def test_any_text_is_judged(text, rule):
    """A camera may tell anything; a scanner may read anything."""
    seen = Dossier(tuple(Evidence(kind, text) for kind in Kind), AT)
    finding = judge(text, seen, seen, IdentityPolicy(serial_format=rule, known_serials=(text,)))
    assert finding.help.sv and finding.help.en
