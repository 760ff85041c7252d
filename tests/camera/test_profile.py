"""Device profiles: closed, and every number argues."""

from pathlib import Path

import pytest

from provisioner.camera.profile import generic_profile, load_profile, read_profile
from provisioner.fault import PlainError

FOLDER = Path(__file__).parents[2] / "device_profiles"
GENERIC = (FOLDER / "generic.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.name)
def test_every_profile_loads_under_its_own_name(file: Path) -> None:
    assert load_profile(file).name == file.stem


def test_generic_limits_are_in_order() -> None:
    limits = generic_profile().frame_limits()
    assert 0 < limits.mean_luma_least < limits.mean_luma_most < 255 and 0 < limits.smear_share_most < 1


@pytest.mark.parametrize(("before", "after", "named"), [
    ("name  =", "mane =", "name"), ("[frame.mean_luma_least]", "[frame.mean_luma_lest]", "mean_luma_least"),
    ("value   = 40", "value = 'bright'", "value"), ("value   = 40", "value = 40\nvaleu = 3", "valeu"),
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


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlainError, match="No such file"):
        load_profile(tmp_path / "none.toml")
