"""Device profiles: what is expected of a family of cameras, as small files that have to argue.

A limit without `because` and `source` does not load, nor does a file with a key that is not known here: a misspelt key would silently be no limit.
"""

import functools
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioner.fault import PlainError, Text
from provisioner.scene.limits import FrameLimits

Sentence = Annotated[str, Field(min_length=10, max_length=400)]


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

    mean_luma_least: Limit
    mean_luma_most: Limit
    dark_share_most: Limit
    bright_share_most: Limit
    edge_spread_most: Limit
    grey_share_most: Limit
    green_share_most: Limit
    smear_share_most: Limit


class DeviceProfile(_Closed):
    """One file of `device_profiles/`."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]
    about: Sentence
    frame: FrameSection

    def frame_limits(self) -> FrameLimits:
        """The limits as plain numbers."""
        return FrameLimits(**{name: getattr(self.frame, name).value for name in FrameSection.model_fields})


def read_profile(text: str, name: str) -> DeviceProfile:
    """The profile in a TOML `text`; `name` is the file's, for the message. Raises `PlainError` with the first thing that is wrong."""
    try:
        return DeviceProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        where, what = name, str(exc)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where, what = f"{name}: {'.'.join(str(part) for part in first['loc'])}", first["msg"]
    raise PlainError("bad_device_profile", Text(sv=f"Enhetsprofilen går inte att läsa. {where}: {what}.",
                                                en=f"The device profile cannot be read. {where}: {what}."), exit_code=78)  # EX_CONFIG


def load_profile(path: Path) -> DeviceProfile:
    """The profile in a file. Raises `PlainError`."""
    try:
        return read_profile(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
        raise PlainError("bad_device_profile", Text(sv=f"Enhetsprofilen {path.name} går inte att läsa: {why}.",
                                                    en=f"The device profile {path.name} cannot be read: {why}."), exit_code=78) from exc


@functools.cache
def generic_profile() -> DeviceProfile:
    """The profile for a camera of which nothing is known."""
    return read_profile(resources.files("device_profiles").joinpath("generic.toml").read_text(encoding="utf-8"), "generic.toml")


def generic_frame_limits() -> FrameLimits:
    """The frame limits of `generic.toml`."""
    return generic_profile().frame_limits()
