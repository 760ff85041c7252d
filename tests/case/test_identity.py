"""The dossier in the life of a case: what is read at the new home, judged with what is pinned, decides whether the case goes on."""

from dataclasses import replace

import pytest

from provisioner.case import inputs as i
from provisioner.case.evidence import Dossier, Evidence, IdentityPolicy, Kind, Verdict
from provisioner.case.identifiers import SerialNumber
from provisioner.case.marker import judge_marker
from provisioner.case.model import Role, State
from provisioner.identity_view import finding_lines, identity_view
from provisioner.store.codec import dump_case, dump_input, load_case, load_input
from tests.case.world import NOON, SERIAL, CaseWorld, identity, to_identity_verified, to_installed, to_suspended, world_at

BODY = (Evidence(Kind.TLS_CERTIFICATE, "ab" * 32), Evidence(Kind.ENDPOINT_REFERENCE, "urn:uuid:5f5a69c2-e0ae-504f-829b-00accc8e0ab1"),
        Evidence(Kind.MAC, "AC:CC:8E:00:47:11"))
OTHER_BODY = (Evidence(Kind.TLS_CERTIFICATE, "cd" * 32), Evidence(Kind.ENDPOINT_REFERENCE, "urn:uuid:other"), Evidence(Kind.MAC, "B8:A4:4F:11:22:33"))
LABEL, TOLD = Evidence(Kind.LABEL_SCANNED, SERIAL), Evidence(Kind.SERIAL_AFTER_LOGIN, SERIAL)
PINNED = Dossier((LABEL, TOLD, *BODY), NOON)
TEKLA = ("tekla", Role.TECHNICIAN)


def at_the_new_home(typed_reason: str = "") -> CaseWorld:
    """The camera is up and its label scanned; the daemon asks it who it is."""
    w = world_at(to_installed)
    w.say(i.VisitStarted(SERIAL, w.now, True, typed_reason), *TEKLA)
    return w


def read(w: CaseWorld, *evidence: Evidence, pinned: Dossier | None = None, marks: tuple[str, ...] | None = (), rule: str = "plain",
         known: IdentityPolicy | None = None) -> CaseWorld:
    """The camera says this of itself."""
    told = next((one.value for one in evidence if one.kind is Kind.SERIAL_AFTER_LOGIN), "")
    who = replace(identity(SERIAL, w.now), serial_reported=told, evidence=evidence, marks=marks, serial_format=rule)
    w.answer("read_identity", i.IdentityRead(who, pinned, known or IdentityPolicy()))
    return w


def open_tasks(w: CaseWorld) -> list[str]:
    return [task.key for task in w.case.tasks if task.done is None]


def test_first_touch_confirms_and_keeps_all_that_was_seen_of_the_camera() -> None:
    w = read(at_the_new_home(), TOLD, *BODY)
    assert w.case.judged.verdict is Verdict.CONFIRMED and w.case.identity is not None and open_tasks(w) == []
    assert w.case.dossier.evidence == (LABEL, TOLD, *BODY) and w.case.dossier.at == w.now


def test_a_typed_label_is_worth_less_than_a_scanned_one() -> None:
    w = read(at_the_new_home("the label is torn off at the bar code"), TOLD)
    assert Evidence(Kind.LABEL_TYPED, SERIAL) in w.case.dossier.evidence
    assert w.case.identity is not None


@pytest.mark.parametrize("hidden", [(), OTHER_BODY[:1]], ids=["nothing_told", "another_certificate"])
def test_h3_a_clone_that_hides_its_body_is_not_confirmed(hidden: tuple[Evidence, ...]) -> None:
    w = read(at_the_new_home(), TOLD, *hidden, pinned=PINNED)
    assert w.case.identity is None and w.case.judged.verdict is Verdict.PROBABLE and open_tasks(w) == ["identity-not-certain"]
    assert w.case.visit is not None and not any(ask.effect.kind == "read_identity" for ask in w.owed), "read again only after a new scan"
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    read(w, TOLD, BODY[2], pinned=PINNED)
    assert w.case.identity is not None and open_tasks(w) == []


@pytest.mark.parametrize(("body", "verdict"), [(OTHER_BODY, Verdict.IMPOSSIBLE), ((*OTHER_BODY[:2], BODY[2]), Verdict.CONFLICTING)])
def test_h3_a_swapped_camera_with_the_same_number_and_another_body_is_caught_at_the_new_home(body: tuple[Evidence, ...], verdict: Verdict) -> None:
    w = read(at_the_new_home(), TOLD, *body, pinned=PINNED)
    assert w.case.judged.verdict is verdict
    assert w.case.state is State.INSTALLED and w.case.identity is None and w.case.visit is None and w.case.dossier is None
    assert open_tasks(w) == ["identity-differs"]
    assert any(told.about == "phone_task" for told in w.told)


def test_the_pinned_dossier_is_renewed_and_not_replaced() -> None:
    w = read(at_the_new_home(), TOLD, OTHER_BODY[0], *BODY[1:], Evidence(Kind.FIRMWARE, "2.0"), pinned=PINNED)
    kept = w.case.dossier
    assert kept.at == PINNED.at and kept.values(Kind.TLS_CERTIFICATE) == ("cd" * 32,) and kept.values(Kind.FIRMWARE) == ("2.0",)
    assert kept.values(Kind.MAC) == PINNED.values(Kind.MAC)


def test_an_anonymous_answer_is_no_second_reading() -> None:
    w = read(at_the_new_home(), Evidence(Kind.SERIAL_ANONYMOUS, SERIAL), *BODY, pinned=PINNED)
    assert w.case.identity is None and open_tasks(w) == ["identity-not-certain"]
    assert "Switch the login on" in next(task.text.en for task in w.case.tasks)


def test_a_makers_long_number_confirms_where_the_depot_has_pinned_both_forms() -> None:
    """Quirk 2: the label has nine digits, the camera tells model, date and the nine."""
    label, long = SerialNumber("471699220"), Evidence(Kind.SERIAL_AFTER_LOGIN, "DS-2DF7286-A20140705CCWR471699220B")
    for pinned, confirmed in ((None, False), (Dossier((Evidence(Kind.LABEL_SCANNED, label), long, *BODY), NOON), True)):
        w = at_the_new_home()
        w.case.__dict__.update(expected_serial=label, visit=replace(w.case.visit, serial=label))
        read(w, long, *BODY, pinned=pinned, rule="hikvision")
        assert (w.case.identity is not None) is confirmed
        assert open_tasks(w) == ([] if confirmed else ["identity-not-certain"])


def test_the_mark_of_another_binding_stops_the_case_until_a_person_has_looked_into_it() -> None:
    w = read(at_the_new_home(), TOLD, *BODY, marks=("b-of-another-home",))
    assert judge_marker(("urn:provisioner:binding:b-of-another-home",), ()).verdict == w.case.judged.marker == "moved_without_provisioning"
    assert w.case.identity is None and w.case.visit is None and w.case.judged.verdict is Verdict.CONFIRMED
    assert open_tasks(w) == ["moved-without-provisioning-b-of-another-home"]
    w.say(i.TaskDone("moved-without-provisioning-b-of-another-home", "left behind by the roll-back of last week"))
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    read(w, TOLD, *BODY, marks=("b-of-a-third-home", "b-of-another-home"))
    assert open_tasks(w) == ["moved-without-provisioning-b-of-a-third-home"], "each mark is looked into by itself"
    w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
    read(w, TOLD, *BODY, marks=("b-of-another-home",))
    assert w.case.identity is not None and open_tasks(w) == []


def test_a_foreign_mark_passes_by_a_persons_word_alone() -> None:
    """Not because it could not be read the next time, and not because a reading without it has ended the task."""
    w = at_the_new_home()
    for marks, stops in ((("b-of-another-home",), True), (None, True), ((), False), (("b-of-another-home",), True)):
        if w.case.visit is None or w.case.judged is not None:
            w.say(i.VisitStarted(SERIAL, w.now, True), *TEKLA)
        read(w, Evidence(Kind.SERIAL_ANONYMOUS, SERIAL), *BODY, marks=marks)
        assert ("moved-without-provisioning-b-of-another-home" in open_tasks(w)) is stops, marks


@pytest.mark.parametrize("marks", [None, (), ("b-old-000001",)], ids=["not_read", "none", "of_the_old_home"])
def test_no_mark_and_our_own_do_not_stop_it(marks: tuple[str, ...] | None) -> None:
    assert read(at_the_new_home(), TOLD, *BODY, marks=marks).case.identity is not None


def test_an_answer_of_before_there_was_evidence_is_judged_by_what_it_holds() -> None:
    w = at_the_new_home()
    w.answer("read_identity", i.IdentityRead(identity(SERIAL, w.now)))
    assert w.case.identity is not None and Evidence(Kind.MODEL, "Cam 1") in w.case.dossier.evidence


def test_what_the_fleet_has_twice_says_nothing() -> None:
    w = read(at_the_new_home(), TOLD, *BODY, pinned=PINNED, known=IdentityPolicy(shared=(SERIAL,)))
    assert w.case.identity is not None, "two of the body confirm a shared number"
    assert read(at_the_new_home(), TOLD, known=IdentityPolicy(shared=(SERIAL,))).case.identity is None


def test_the_case_explains_every_piece_in_both_languages_and_names_no_value() -> None:
    w = read(at_the_new_home(), TOLD, *OTHER_BODY, pinned=PINNED)
    for language in ("sv", "en"):
        view = identity_view(w.case, language)
        assert view["verdict"] == "impossible" and view["known_before"] and len(view["evidence"]) == 7
        said = " ".join((view["help"], *finding_lines(view)))
        assert not any(value in said for value in (SERIAL, "B8:A4", "abab", "cdcd", "urn:uuid"))
    assert identity_view(w.case, "sv")["help"] != identity_view(w.case, "en")["help"]
    assert any("does not agree with what the depot read" in line for line in w.last.why)
    assert identity_view(world_at(to_suspended).case, "sv") is None


def test_the_judgement_survives_the_store_and_the_journal() -> None:
    w = read(at_the_new_home(), TOLD, *BODY, pinned=PINNED)
    assert load_case(dump_case(w.case)) == w.case
    answer = w.journal[-1][1]
    assert load_input(dump_input(answer)) == answer


def test_a_new_scan_forgets_the_judgement_and_a_swap_the_dossier() -> None:
    w = world_at(to_identity_verified)
    assert w.case.judged is not None and w.case.dossier is not None
    other = world_at(to_installed)
    read_wrong = read(at_the_new_home(), TOLD, *OTHER_BODY, pinned=PINNED)
    read_wrong.say(i.VisitStarted(SERIAL, read_wrong.now, True), *TEKLA)
    assert read_wrong.case.judged is None and other.case.judged is None


@pytest.mark.parametrize(("scanned", "code", "says"), [
    ("3c:37:86:aa:bb:cc", "router", "router"), ("WIFI:S:hemma;T:WPA;;", "not_a_serial", "web address"),
    ("https://qr.example/ACCC8E004711", "not_a_serial", "web address"),
    ("LKP-004711", "asset_number", "asset number"), ("ACCC8E004712", "serial_one_off", "one character"), ("B8A44F112233", "other_camera", "another camera"),
])
def test_h3_a_wrong_scan_is_told_what_was_scanned(scanned: str, code: str, says: str) -> None:
    refusal = world_at(to_installed).say(i.VisitStarted(scanned, NOON, True), *TEKLA).refusal
    assert refusal is not None and refusal.code == code and says in refusal.text.en, refusal
