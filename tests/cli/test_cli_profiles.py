"""`profile list`, `check`, `explain`: a person reads which profile a camera gets and why."""

import re
from pathlib import Path

import pytest

from device_profiles import __file__ as beside
from tests.cli.desk import Desk

INSTALLED = sorted(path.stem for path in Path(beside).parent.glob("*.toml"))


def own(desk: Desk, text: str, name: str = "own-make.toml") -> str:
    path = desk.folder / "profiles" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


GOOD = '''name = "own-make"
about = "A make that nobody here has written about."
extends = "generic-t"
[match]
manufacturers = ["Own Make"]
[[quirk]]
set = "media.first"
to = "media1"
because = "Its Media2 service answers with an empty list."
seen = "OM-1 firmware 2.0, 2026-11"
source = "https://example.org/threads/1"
'''


def test_every_installed_profile_is_listed(desk: Desk) -> None:
    rows = desk.run("profile", "list", "--json").json["profiles"]
    assert sorted(row["name"] for row in rows) == INSTALLED
    said = desk.run("profile", "list", language="sv").out
    assert all(re.search(rf"^{name} ", said, re.MULTILINE) for name in INSTALLED) and "alla andra" in said


def test_the_installed_profiles_are_right(desk: Desk) -> None:
    said = desk.run("profile", "check", "--json")
    assert said.code == 0 and said.json == {"ok": True, "checked": said.json["checked"], "wrong": []} and len(said.json["checked"]) == len(INSTALLED)


def test_a_profile_of_ones_own_builds_on_the_installed_ones(desk: Desk) -> None:
    file = own(desk, GOOD)
    for where in (file, str(Path(file).parent)):
        said = desk.run("profile", "check", where)
        assert (said.code, said.out) == (0, "The profiles are right.\n")


@pytest.mark.parametrize(("change", "words"), [
    (("media.first", "media.frist"), "no policy is called media.frist"),
    (('seen = "OM-1 firmware 2.0, 2026-11"\n', ""), "seen"),
    (("Own Make", "HIKVISION"), "both match hikvision"),
    (("generic-t", "generic-x"), "generic-x"),
    (('name = "own-make"', "name = own-make"), "own-make.toml"),
])
def test_what_is_wrong_with_a_profile_is_said(desk: Desk, change: tuple[str, str], words: str) -> None:
    file = own(desk, GOOD.replace(*change))
    said = desk.run("profile", "check", file)
    assert said.code == 3 and words in said.out and "right" not in said.out
    assert desk.run("profile", "check", file, "--json").json["ok"] is False


def test_an_example_that_finds_another_profile_is_wrong(desk: Desk) -> None:
    file = own(desk, GOOD + '[[example]]\nmanufacturer = "HIKVISION"\nmodel = "OM-1"\nsource = "https://example.org/1"\n')
    said = desk.run("profile", "check", file, language="sv")
    assert said.code == 3 and "får profilen hikvision" in said.out


def test_a_check_of_nothing_does_not_pass(desk: Desk) -> None:
    (desk.folder / "empty").mkdir()
    for where in ("empty", "nowhere"):
        desk.both("profile", "check", str(desk.folder / where), code=2, error="no_profile_there", sv="är ingen enhetsprofil", en="is no device profile")


def test_a_person_reads_why_a_camera_is_treated_otherwise(desk: Desk) -> None:
    said = desk.run("profile", "explain", "HIKVISION", "DS-2DF7286-A", language="sv").out
    assert said.startswith("hikvision:") and "Bygger på generic-t." in said
    assert re.search(r"\* serial\.form +hikvision", said) and "därför" in said and "https://github.com/evercam/evercam-server/issues/10" in said
    assert re.search(r"^ {4}login\.basic +never", said, re.MULTILINE), "a policy that is as the standard says has no star"


def test_a_camera_of_which_nothing_is_known_is_said_to_be_one(desk: Desk) -> None:
    said = desk.run("profile", "explain", "Nobody", "X-1")
    assert said.out.startswith("generic-s:") and "No profile is written for Nobody X-1" in said.out
    found = desk.run("profile", "explain", "Nobody", "X-1", "--json").json
    assert found["name"] == "generic-s" and found["asked"]["model"] == "X-1" and not any(one["quirk"] for one in found["policies"])


@pytest.mark.parametrize("name", INSTALLED)
def test_each_profile_explains_itself_by_name(desk: Desk, name: str) -> None:
    found = desk.run("profile", "explain", name, "--json").json
    assert found["name"] == name
    assert all(one["quirk"]["because"] and one["quirk"]["source"] for one in found["policies"] if one["quirk"])
