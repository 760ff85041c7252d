"""Device profiles: what is expected of a family of cameras, as small files that have to argue.

A limit or quirk without `because` and `source` does not load, nor does a file with a key that is not known here: a misspelt key would silently be
no limit. Reading one file is here; choosing among them is in `profiles.py`.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from provisioner.camera.attempts import ATTEMPTS_MOST, Budget
from provisioner.camera.policies import Policies
from provisioner.case.posture import Excuse
from provisioner.case.posture_items import ITEMS, Item, State
from provisioner.fault import PlainError, Text
from provisioner.scene.limits import FrameLimits

Sentence = Annotated[str, Field(min_length=10, max_length=400)]
Word = Annotated[str, Field(min_length=1, max_length=120)]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Limit(_Closed):
    """One number with its unit, the reason for it and where it comes from."""

    value: float
    unit: Annotated[str, Field(min_length=1, max_length=60)]
    because: Sentence
    source: Sentence


class FrameSection(_Closed):
    """The limits of `scene.limits.FrameLimits`, by the same names."""

    mean_light_least: Limit
    mean_luma_most: Limit
    dark_share_most: Limit
    bright_share_most: Limit
    contrast_least: Limit
    noise_most: Limit
    edge_spread_most: Limit
    smeared_share_most: Limit
    tilt_most_deg: Limit
    obstructed_share_most: Limit
    px_per_m_least: Limit
    grey_share_most: Limit
    green_share_most: Limit
    repeat_share_most: Limit


class Lockout(_Closed):
    """What is known of the family's lock-out. `attempts` wrong passwords begin it, `wait_s` seconds end it; of each at most what `attempts.Budget` can be."""

    attempts: Limit | None = None
    wait_s: Limit | None = None

    @field_validator("attempts", "wait_s")
    @classmethod
    def _possible(cls, limit: Limit | None, info: ValidationInfo) -> Limit | None:
        least, most = (2, 100) if info.field_name == "attempts" else (10, 7 * 86400)
        if limit is not None and not least <= limit.value <= most:
            raise ValueError(f"is {least} to {most}, and not {limit.value}")
        return limit


class Match(_Closed):
    """Whose profile this is. Manufacturers are whole names, compared without case, spaces and signs; models are beginnings of model names, none for
    all models. So whether two profiles can match one camera is decided by reading, not by trying."""

    manufacturers: tuple[Word, ...] = ()
    models: tuple[Word, ...] = ()
    hardware: tuple[Word, ...] = ()


class Example(_Closed):
    """An identity that was seen, and must find this profile."""

    manufacturer: Word
    model: Word
    hardware: str = ""
    source: Sentence


class Quirk(_Closed):
    """A policy set to something else than the standard, with its evidence."""

    set: Word
    to: Word
    because: Sentence
    seen: Word
    source: Sentence


class Accepted(_Closed):
    """A state of a posture item that is accepted of the family, with its reason in English and in Swedish. What is never excused does not load."""

    item: Item
    state: Literal[State.UNSUPPORTED, State.UNKNOWN, State.WRONG]
    because: Sentence
    because_sv: Sentence
    seen: Word
    source: Sentence

    @model_validator(mode="after")
    def _excusable(self) -> "Accepted":
        if self.state in ITEMS[self.item].never:
            raise ValueError(f"{self.item} {self.state} is never accepted")
        return self


class DefaultAccount(_Closed):
    """An account with which cameras of the family leave the factory. It is tried, and has to be refused (H9)."""

    username: Word
    password: Annotated[str, Field(max_length=32)]
    because: Sentence
    source: Sentence


class DeviceProfile(_Closed):
    """One file of `device_profiles/`, with what it takes over from the one it `extends`."""

    name: ProfileName
    about: Sentence
    extends: ProfileName | None = None
    match: Match = Match()
    frame: FrameSection
    lockout: Lockout = Lockout()
    example: tuple[Example, ...] = ()
    quirk: tuple[Quirk, ...] = ()
    accept: tuple[Accepted, ...] = ()
    default_account: Annotated[tuple[DefaultAccount, ...], Field(max_length=ATTEMPTS_MOST)] = ()

    @field_validator("quirk")
    @classmethod
    def _understood(cls, quirks: tuple[Quirk, ...]) -> tuple[Quirk, ...]:
        Policies().named({quirk.set: quirk.to for quirk in quirks})
        names = [quirk.set for quirk in quirks]
        if len(names) != len(set(names)):
            raise ValueError("one policy is set twice")
        return quirks

    def frame_limits(self) -> FrameLimits:
        """The limits as plain numbers."""
        return FrameLimits(**{name: getattr(self.frame, name).value for name in FrameSection.model_fields})

    def budget(self) -> Budget:
        """How many passwords may be sent to a camera of this family, and how long to wait after those."""
        after, ends = self.lockout.attempts, self.lockout.wait_s
        return Budget.below(None if after is None else after.value, None if ends is None else ends.value)

    def policies(self) -> Policies:
        """How to behave towards this family."""
        return Policies().named({quirk.set: quirk.to for quirk in self.quirk})

    def excuses(self) -> tuple[Excuse, ...]:
        """What is accepted of this family, as the core judges by it."""
        return tuple(Excuse(one.item, one.state, Text(one.because_sv, one.because), one.source) for one in self.accept)


def bare_name(name: str) -> str:
    """A name for comparing: letters and digits only, in one case."""
    return "".join(char for char in name.casefold() if char.isalnum())


def read_raw(text: str, name: str) -> dict[str, object]:
    """The TOML of a profile. Raises `PlainError`."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as exc:  # not TOML; a number of thousands of digits; brackets in brackets without end
        raise _bad(name, str(exc)[:300]) from None


def read_profile(text: str, name: str, base: DeviceProfile | None = None) -> DeviceProfile:
    """The profile in a TOML `text`; `name` is the file's, for the message. What it leaves out it has from `base`.

    Raises `PlainError` with the first thing that is wrong.
    """
    raw = read_raw(text, name)
    if base is not None:
        # By hand, not by merging dictionaries: a quirk set again replaces the base's, the lists of evidence grow.
        given = {str(quirk.get("set")) for quirk in _tables(raw, "quirk")}
        raw["quirk"] = [*_tables(raw, "quirk"), *(one.model_dump() for one in base.quirk if one.set not in given)]
        accepted = {(one.get("item"), one.get("state")) for one in _tables(raw, "accept")}
        raw["accept"] = [*_tables(raw, "accept"), *(one.model_dump() for one in base.accept if (one.item, one.state) not in accepted)]
        raw.setdefault("default_account", [one.model_dump() for one in base.default_account])
        raw.setdefault("frame", base.frame.model_dump())
        known = raw.get("lockout", {})
        raw["lockout"] = {**base.lockout.model_dump(exclude_none=True), **known} if isinstance(known, dict) else known
    try:
        return DeviceProfile.model_validate(raw)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        raise _bad(f"{name}: {'.'.join(str(part) for part in first['loc'])}", first["msg"]) from None


def load_profile(path: Path, base: DeviceProfile | None = None) -> DeviceProfile:
    """The profile in a file. Raises `PlainError`."""
    return read_profile(read_text(path), path.name, base)


def read_text(path: Path) -> str:
    """The text of a profile's file. Raises `PlainError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
        raise _bad(path.name, str(why)) from exc


def _tables(raw: dict[str, object], key: str) -> list[dict[str, object]]:
    found = raw.get(key, [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _bad(where: str, what: str) -> PlainError:
    return PlainError("bad_device_profile", Text(sv=f"Enhetsprofilen går inte att läsa. {where}: {what}.",
                                                 en=f"The device profile cannot be read. {where}: {what}."), exit_code=78)  # EX_CONFIG
