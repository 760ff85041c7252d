"""Device profiles: closed, every number argues, every policy is understood, and no two fit one camera."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from provisioner.camera import profiles as several
from provisioner.camera.policies import Policies, catalogue
from provisioner.camera.profile import DeviceProfile, load_profile, read_profile
from provisioner.camera.profiles import generic_profile, profiles, read_profiles
from provisioner.case.serial_formats import SERIAL_FORMATS
from provisioner.fault import PlainError

FOLDER = Path(__file__).parents[2] / "device_profiles"
CODE = Path(__file__).parents[2] / "provisioner" / "camera"
GENERIC = (FOLDER / "generic-s.toml").read_text(encoding="utf-8")
ALL = sorted(profiles().by_name.values(), key=lambda profile: profile.name)
FAMILY = """name = "odd"
about = "A family that is made up for a test."
extends = "generic-s"
[match]
manufacturers = ["Odd"]
[[quirk]]
set = "media.first"
to = "media1"
because = "Its Media2 service answers with an empty list."
seen = "ODD-1"
source = "https://example.org/threads/1"
"""


def test_every_file_is_a_profile_of_its_name() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == {profile.name for profile in ALL}
    assert {"generic-s", "generic-t", "axis", "hikvision", "dahua", "reolink", "tp-link-tapo", "bosch", "hanwha"} <= {profile.name for profile in ALL}


@pytest.mark.parametrize("profile", ALL, ids=lambda profile: profile.name)
def test_contract_of_a_profile(profile: DeviceProfile) -> None:
    assert profile.policies() == Policies().named({quirk.set: quirk.to for quirk in profile.quirk})
    limits = profile.frame_limits()
    assert 0 < limits.mean_light_least < 1 and 0 < limits.mean_luma_most < 255 and 0 < limits.repeat_share_most < 1
    assert profile.lockout.wait_s is not None and 60 <= profile.lockout.wait_s.value <= 86400
    family = bool(profile.match.manufacturers)
    assert family == (not profile.name.startswith("generic")) and family == bool(profile.example)
    for quirk in profile.quirk:
        assert Policies().by_name()[quirk.set] != quirk.to, "a quirk that sets the standard's own value says nothing"


def test_no_two_profiles_fit_one_camera_and_every_example_finds_its_own() -> None:
    assert profiles().clashes() == () and several.checked() == []
    for profile in ALL:
        for example in profile.example:
            assert profiles().of(example.manufacturer.upper(), example.model, example.hardware) is profile


def test_unknown_camera_gets_a_generic_profile() -> None:
    assert profiles().of("Nobody", "X").name == "generic-s"
    assert profiles().of("", "", scopes=("onvif://www.onvif.org/Profile/T",)).name == "generic-t"


@pytest.mark.parametrize(("before", "after", "named"), [
    ("name  =", "mane =", "name"), ("[frame.mean_light_least]", "[frame.mean_light_lest]", "mean_light_least"),
    ("value   = 0.065", "value = 'bright'", "value"), ("value   = 0.065", "value = 0.065\nvaleu = 3", "valeu"),
    ("[frame.mean", "[[frame.mean", "generic.toml"),
])
def test_misspelt_profile_is_refused_by_name(before: str, after: str, named: str) -> None:
    with pytest.raises(PlainError) as caught:
        read_profile(GENERIC.replace(before, after, 1), "generic.toml")
    assert named in caught.value.text.en and named in caught.value.text.sv


@pytest.mark.parametrize("left_out", ["because", "source", "unit"])
def test_number_without_a_reason_is_refused(left_out: str) -> None:
    begin = GENERIC.index(f"\n{left_out}")
    text = GENERIC[:begin] + GENERIC[GENERIC.index("\n", begin + 1):]
    with pytest.raises(PlainError, match=left_out):
        read_profile(text, "generic.toml")


@pytest.mark.parametrize("left_out", ["because", "seen", "source"])
def test_quirk_without_evidence_is_refused(left_out: str) -> None:
    assert read_profile(FAMILY, "odd.toml", generic_profile()).policies().media_first == "media1"
    with pytest.raises(PlainError, match=left_out):
        read_profile("\n".join(line for line in FAMILY.splitlines() if not line.startswith(left_out)), "odd.toml", generic_profile())


@pytest.mark.parametrize(("before", "after", "named"), [
    ('"media.first"', '"media.frist"', "media.frist"), ('"media1"', '"media3"', "media3"),
    ('seen = "ODD-1"', 'seen = "ODD-1"\nis_odd = true', "is_odd"),
])
def test_quirk_that_no_code_understands_is_refused(before: str, after: str, named: str) -> None:
    with pytest.raises(PlainError, match=named):
        read_profile(FAMILY.replace(before, after), "odd.toml", generic_profile())


def test_policy_set_twice_is_refused() -> None:
    with pytest.raises(PlainError, match="twice"):
        read_profile(FAMILY + FAMILY[FAMILY.index("[[quirk]]"):], "odd.toml", generic_profile())


def test_clashing_and_circular_profiles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "generic-s.toml").write_text(GENERIC)
    (tmp_path / "odd.toml").write_text(FAMILY)
    assert several.checked(tmp_path) == []
    (tmp_path / "even.toml").write_text(FAMILY.replace('"odd"', '"even"'))
    assert "even and odd both match odd" in several.checked(tmp_path)[0]["en"]
    (tmp_path / "even.toml").write_text(FAMILY.replace('"odd"', '"even"').replace("generic-s", "even"))
    with pytest.raises(PlainError, match="extends itself"):
        read_profiles(tmp_path)


def test_models_divide_a_family(tmp_path: Path) -> None:
    (tmp_path / "generic-s.toml").write_text(GENERIC)
    (tmp_path / "odd.toml").write_text(FAMILY)
    (tmp_path / "odd-9.toml").write_text(FAMILY.replace('"odd"', '"odd-9"').replace('["Odd"]', '["Odd"]\nmodels = ["ODD-9"]'))
    found = read_profiles(tmp_path)
    assert found.of("ODD", "odd 9x").name == "odd-9" and found.of("odd", "ODD-8").name == "odd"


def test_the_form_of_a_serial_number_is_a_rule_that_the_core_knows() -> None:
    """One place says how makers write them (`case/serial_formats.py`); a profile names the rule."""
    assert set(get_args(get_type_hints(Policies)["serial_form"])) == set(SERIAL_FORMATS)
    named = {profile.name: profile.policies().serial_form for profile in profiles().by_name.values()}
    assert {"axis": "axis_mac", "hikvision": "hikvision", "tp-link-tapo": "tapo", "generic-s": "plain", "generic-t": "plain"}.items() <= named.items()
    assert set(named.values()) == set(SERIAL_FORMATS), "every rule is some family's"


def test_list_and_explain_are_plain_values() -> None:
    import json

    assert len(json.loads(json.dumps(several.listed()))) == len(ALL)
    told = json.loads(json.dumps(several.explained(profiles().named("hikvision"))))
    assert next(one for one in told["policies"] if one["name"] == "serial.form")["quirk"]["source"].startswith("https://")
    with pytest.raises(PlainError, match="unknown_profile"):
        profiles().named("nobody")


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlainError, match="No such file"):
        load_profile(tmp_path / "none.toml")
def test_every_policy_is_used_by_code() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in CODE.glob("*.py") if file.name != "policies.py")
    unused = [field for field, _, _, _ in catalogue() if not re.search(rf"\.{field}\b", code)]
    assert not unused


