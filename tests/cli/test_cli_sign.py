"""`provisioner sign ...` and `provisioner document ...`: what is printed, from what, and every no with its way out."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import icalendar
import pytest

from provisioner.case.model import CaseKind, Duty
from provisioner.config import load
from provisioner.documents import sign_texts
from tests.case.world import SERIAL, CaseWorld, to_booked, to_ready, to_rebound, to_received, world_at
from tests.cli.desk import Desk
from tests.documents.printing import drawn_of, properties

CONTACT = ('[sign]\ncontroller = "Linköpings kommun, äldrenämnden"\nphone = "013-20 60 00"\ndpo = "dataskyddsombud@example.org"\n'
           'url = "example.org/trygghetskamera"\nreviews_file = {}\n')


@pytest.fixture
def signs(desk: Desk) -> Desk:
    """A desk whose settings say what stands on a sign."""
    desk.settings(tail=CONTACT.format(json.dumps(str(desk.folder / "reviews.json"))))
    return desk


def lived(desk: Desk, step: Callable[[CaseWorld], None], *duties: Duty, kind: CaseKind = CaseKind.MOVE_ONLY) -> str:
    """A case in the desk's database that has lived up to this step; its number."""
    w = world_at(step, kind)
    for duty in duties:
        w.duty(duty)
    with desk.open_store() as store:
        for at, said in w.journal:
            store.take("0197-case-1", said, at, load(desk.config).policy.policy())
        assert store.find_case("2026-0001").state is w.case.state
    return "2026-0001"


def test_r34_a_sign_in_words_and_in_json(signs: Desk) -> None:
    out = signs.folder / "fa.pdf"
    said = signs.run("sign", "print", "fa", "--out", str(out), "--no-sound-proved", language="sv")
    assert said.code == 0 and "OGRANSKAD" in said.out and "Raden om inspelning är utelämnad" in said.out
    assert "صدا دریافت" in drawn_of(out.read_bytes()) and "ضبط" not in drawn_of(out.read_bytes())
    [sign] = signs.run("sign", "print", "so", "--size", "A5", "--out", str(signs.folder / "so.pdf"), "--json").json["signs"]
    assert sign["language"] == "so" and not sign["reviewed"] and sign["text_mm"] >= 5 and not sign["says_no_sound"]
    signs.both("sign", "print", "fa", "--out", str(out), code=2, error="file_exists", sv="finns redan", en="exists already")


def test_r22_d15_with_a_case_its_languages_and_its_cameras_proof(signs: Desk) -> None:
    """One file for each language asked for; before the camera's settings are proved, nothing is said of them."""
    number = lived(signs, to_rebound)
    found = signs.run("sign", "print", "sv", "so", "--case", number, "--out", str(signs.folder / "signs"), "--json").json["signs"]
    assert [Path(one["file"]).name for one in found] == ["sign-sv-A4.pdf", "sign-so-A4.pdf"] and all(one["says_no_sound"] for one in found)
    assert "Inget spelas in" in drawn_of(Path(found[0]["file"]).read_bytes())
    [asked] = signs.run("sign", "print", "--case", number, "--out", str(signs.folder / "asked.pdf"), "--json").json["signs"]
    assert asked["language"] == "sv", "the languages of the form"
    signs.both("sign", "print", "--case", number, "--no-sound-proved", "--out", "x.pdf", code=2, error="usage", sv="--case", en="--case")


def test_h18_before_the_posture_is_proved_a_case_claims_nothing(signs: Desk) -> None:
    number = lived(signs, to_ready)
    [sign] = signs.run("sign", "print", "--case", number, "--out", str(signs.folder / "early.pdf"), "--json").json["signs"]
    assert not sign["says_no_sound"] and not sign["says_nothing_recorded"]


@pytest.mark.parametrize("key", ["controller", "phone", "dpo", "url"])
def test_what_must_stand_on_a_sign_is_asked_for_by_the_settings_name(desk: Desk, key: str) -> None:
    lines = CONTACT.format('"r.json"').splitlines()
    desk.settings(tail="\n".join(line for line in lines if not line.startswith(key)))
    desk.both("sign", "print", "sv", "--out", "x.pdf", code=78, error="config_key", sv=f"sign.{key} saknas", en=f"sign.{key} is missing")


@pytest.mark.parametrize(("line", "words"), [('phone = "ring mig"', "sign.phone"), ('url = "två ord"', "sign.url"), ('controller = "a\\u202eb"', "sign.controller"),
                                             (f'dpo = "{"x" * 81}"', "sign.dpo"), ('fax = "1"', "sign.fax")])
def test_a_hostile_or_mistaken_setting_is_named(desk: Desk, line: str, words: str) -> None:
    desk.settings(tail=f"[sign]\n{line}")
    desk.both("sign", "list", code=78, error="config_key", sv=words, en=words)


def test_bad_words(signs: Desk) -> None:
    signs.both("sign", "print", "--out", "x.pdf", code=2, error="usage", sv="Ange språk", en="Give a language")
    signs.both("sign", "print", "xx", "--out", "x.pdf", code=2, error="usage", sv="'xx'", en="'xx'")
    signs.both("sign", "print", "sv", "--out", str(signs.config / "x.pdf"), code=2, error="file_unwritable", sv="katalog", en="directory")
    signs.both("sign", "print", "--case", "2026-NIX99", "--out", "x.pdf", code=4, error="unknown_case")
    signs.both("sign", "review", "fa", "--reviewer", "A B C", "--date", "2199-01-01", code=2, error="wrong_field", sv="inte varit", en="not been")
    signs.both("sign", "review", "fa", "--reviewer", "A B C", "--date", "igår", code=2, error="wrong_field", sv="inget datum", en="no date")
    for name in ("", "x", "y" * 81, "a\u202eb c", "a\x00b c"):
        signs.both("sign", "review", "fa", "--reviewer", name, code=2, error="sign_reviewer", sv="Granskarens namn", en="reviewer's name")
    assert not (signs.folder / "reviews.json").exists() and not list(signs.folder.glob("*.pdf"))


def test_a_review_holds_for_its_language_and_its_text(signs: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that changes is unreviewed again."""
    assert {one["reviewed"] for one in signs.run("sign", "list", "--json").json["signs"]} == {False}
    assert "granskad av Roya Exempel 2026-11-20" in signs.run("sign", "review", "fa", "--reviewer", " Roya Exempel ", "--date", "2026-11-20", language="sv").out
    assert signs.run("sign", "review", "sv", "--reviewer", "Dataskyddsombudet").code == 0
    listed = {one["language"]: one for one in signs.run("sign", "list", "--json").json["signs"]}
    assert [language for language, one in listed.items() if one["reviewed"]] == ["sv", "fa"] and listed["fa"]["reviewer"] == "Roya Exempel"
    assert signs.run("sign", "print", "fa", "--out", str(signs.folder / "fa.pdf"), "--json").json["signs"][0]["reviewed"]
    assert properties((signs.folder / "fa.pdf").read_bytes())["Subject"] == "reviewed 2026-11-20"
    changed = {**sign_texts.TEXTS, "fa": sign_texts.TEXTS["ar"]}
    monkeypatch.setattr(sign_texts, "TEXTS", changed)
    said = signs.run("sign", "list")
    assert "UNREVIEWED: the text has changed since Roya Exempel" in said.out and "reviewed by Dataskyddsombudet" in said.out


@pytest.mark.parametrize("data", [b"{", b"{}", b'{"reviews": [{"language": "de"}]}', b'{"reviews": [], "more": 1}', b"\xff\x00"])
def test_reviews_that_cannot_be_read_stop_everything_and_stay_as_they_are(signs: Desk, data: bytes) -> None:
    """No sign is called unreviewed, and no review is lost, because of a slip in an editor."""
    path = signs.folder / "reviews.json"
    path.write_bytes(data)
    for words in (["list"], ["print", "sv", "--out", str(signs.folder / "x.pdf")], ["review", "sv", "--reviewer", "A B C"]):
        signs.both("sign", *words, code=2, error="sign_reviews_wrong", sv="Rätta filen", en="Correct the file")
    assert path.read_bytes() == data


def test_r13_r23_r39_texts_come_when_their_moment_has_come(signs: Desk) -> None:
    """Refused with the next step before; then in words and in JSON."""
    number = lived(signs, to_received)
    signs.both("document", "care-record", number, "--unit", "handing_over", code=3, error="not_yet", sv="Nästa steg", en="Next:")
    record = signs.run("document", "care-record", number, "--unit", "receiving", "--json").json
    assert "Treserva" not in record["text"] and [row["row"] for row in record["confirmations"]] == ["R23", "R24"] and not record["confirmations"][0]["confirmed"]
    assert "Återstår att bekräfta (R23)" in signs.run("document", "care-record", number, "--unit", "receiving", language="sv").out
    script = signs.run("document", "phone-script", number, "--json").json
    assert any(SERIAL in line for line in script["says"]) and "receiving_phoned" in script["note_with"]
    assert "? understood:" in signs.run("document", "phone-script", number).out


def test_r13_r43_a_confirmed_record_says_so(signs: Desk) -> None:
    number = lived(signs, to_received, Duty.HANDING_OVER_FORM_SENT, Duty.CARE_RECORD_HANDING_OVER)
    said = signs.run("document", "care-record", number, "--unit", "handing_over", language="sv")
    assert "Brukaren flyttar" in said.out and "Bekräftat" in said.out and SERIAL not in said.out


def test_r39_the_note_that_the_script_shows_is_taken(signs: Desk) -> None:
    """Who answered, whether it was understood: the answers stay with the duty."""
    number = lived(signs, to_rebound)
    said = signs.run("case", "say", number, "duty_done", "duty=receiving_phoned", "note=answered: nurse on duty; understood: yes; serial: yes", "--role", "coordinator")
    assert said.code == 0, said
    with signs.open_store() as store:
        assert "nurse on duty" in store.find_case(number).done[Duty.RECEIVING_PHONED].note


def test_r28_r29_the_calendar_file(signs: Desk) -> None:
    number = lived(signs, to_booked)
    out = signs.folder / "case.ics"
    for _ in range(2):  # written anew
        said = signs.run("document", "calendar", number, "--out", str(out), "--json").json
        assert [one["sequence"] for one in said["visits"]] == [0, 0]
    assert len(list(icalendar.Calendar.from_ical(out.read_bytes()).walk("VEVENT"))) == 2
    signs.both("document", "calendar", number, "--out", str(out), "--cancel", code=3, error="not_yet", sv="avbokat", en="called off")
    signs.both("document", "calendar", number, "--out", str(signs.config / "x"), code=2, error="file_unwritable", sv="katalog", en="directory")


def test_r41_no_script_and_no_calendar_before_there_is_anything_to_tell(signs: Desk) -> None:
    number = lived(signs, to_ready)
    signs.both("document", "phone-script", number, code=3, error="not_yet", sv="tillsynen har inte börjat", en="has not begun")
    signs.both("document", "calendar", number, "--out", "x.ics", code=3, error="not_yet", sv="Inget besök", en="No visit")


def test_an_incident_draft_from_any_state(signs: Desk) -> None:
    number = lived(signs, to_ready)
    made = signs.run("document", "incident", number, "--aware-at", "2026-10-24T12:00", "--json").json
    assert [one["due_at"] for one in made["deadlines"]][:3] == [None, "2026-10-25T10:00:00+00:00", "2026-10-27T10:00:00+00:00"]
    assert number in made["text"] and "-> READY" in made["text"] and "anna" not in made["text"]
    assert "UTKAST" in signs.run("document", "incident", number, language="sv").out
    signs.both("document", "incident", number, "--aware-at", "2199-01-01T00:00", code=2, error="wrong_field", sv="framtiden", en="future")
    signs.both("document", "incident", number, "--aware-at", "nyss", code=2, error="wrong_field", sv="ingen tidpunkt", en="no instant")


def test_the_daemon_starts_without_the_printing_libraries() -> None:
    """They cost half a second and 50 MB, of a second and a half and 120 MB."""
    code = ("import sys, provisioner.case.papers, provisioner.cli.main, provisioner.config, provisioner.sign_reviews\n"
            "sys.exit(bool({'fpdf', 'fontTools', 'PIL', 'uharfbuzz', 'icalendar'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
