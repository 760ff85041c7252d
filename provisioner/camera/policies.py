"""Ways of behaving towards a camera, each with a name and a short list of values. The defaults are what the standard says.

A device profile changes a policy by name and has to argue for it (`[[quirk]]`). The code asks for the policy, never for the maker.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Literal, get_args, get_type_hints

SecretInClear = Literal["never", "tls", "always"]
"""When the password itself may go out: never; inside TLS to the pinned certificate; or readable by anybody on the camera's network."""


def _named(name: str, about: str) -> dict[str, str]:
    return {"name": name, "about": about}


@dataclass(frozen=True, slots=True)
class Policies:
    """One value per policy; `named` changes them by their names in the profiles."""

    token_password: SecretInClear = field(
        default="never", metadata=_named("login.token_password", "WS-UsernameToken with the password itself, where no digest is accepted"))
    basic: SecretInClear = field(
        default="never", metadata=_named("login.basic", "HTTP Basic, where the camera offers nothing else"))
    sign_first: Literal["camera", "server"] = field(
        default="camera", metadata=_named("clock.sign_first", "whose time the first WS-UsernameToken carries"))
    tls_versions: Literal["modern", "legacy"] = field(
        default="modern", metadata=_named("tls.versions", "'legacy' allows TLS 1.0, 1.1 and their ciphers"))
    media_first: Literal["media2", "media1"] = field(
        default="media2", metadata=_named("media.first", "which media service is asked first; the other one is asked where it fails"))
    sync_point: Literal["ask", "never"] = field(
        default="ask", metadata=_named("stream.sync_point", "SetSynchronizationPoint when a stream has begun in mid-GOP"))
    stream_first: Literal["smallest", "told"] = field(
        default="smallest", metadata=_named("stream.first", "the profile of the first frame: the smallest good enough to judge, or the camera's first"))
    frame_first: Literal["race", "snapshot", "stream"] = field(
        default="race", metadata=_named("frame.first", "how the first picture is taken"))
    serial_form: Literal["plain", "axis_mac", "hikvision", "dahua", "bosch", "reolink", "tapo"] = field(
        default="plain", metadata=_named("serial.form", "how the number on the label and the one told over ONVIF belong together: a rule of docs/identity.md"))

    masks_way: Literal["media2", "by_hand"] = field(
        default="media2", metadata=_named("masks.way", "how privacy masks are made; 'by_hand': in the maker's own page only, and then proved in no picture of ours"))
    night_way: Literal["imaging", "never"] = field(
        default="imaging", metadata=_named("night.way", "how a check of the view sees the night by day: filter, lamp and exposure over ONVIF; 'never': left alone"))
    night_follows_s: Literal["0.3", "1", "2", "4"] = field(
        default="1", metadata=_named("night.follows_s", "seconds from the filter's or the lamp's switching to a picture that shows it; asked again where it does not"))
    lens_park: Literal["preset", "never"] = field(
        default="preset", metadata=_named("lens.park", "the lens is turned away to a preset called 'parked', 'privacy', 'tak' and the like; 'never': left alone"))
    password_length: Literal["16", "12", "8"] = field(
        default="16", metadata=_named("account.password_length", "characters of a password that we make; a camera that finds one too long gets a shorter one"))
    marker_root: Literal["own", "name", "location"] = field(
        default="own", metadata=_named("marker.root", "where the mark of a binding stands: a scope of our own, or the camera's name or location scope"))

    def named(self, changes: Mapping[str, str]) -> "Policies":
        """These policies with `changes` by name. Raises `ValueError` for a name or value that no code understands."""
        by_name = {name: key for key, name, _, _ in catalogue()}
        allowed = {name: values for _, name, values, _ in catalogue()}
        for name, value in changes.items():
            if name not in by_name:
                raise ValueError(f"no policy is called {name}; known: {', '.join(sorted(by_name))}")
            if value not in allowed[name]:
                raise ValueError(f"{name} cannot be {value}; known: {', '.join(allowed[name])}")
        return replace(self, **{by_name[name]: value for name, value in changes.items()})  # type: ignore[arg-type]

    def by_name(self) -> dict[str, str]:
        """Every policy's value by its name in the profiles."""
        return {name: str(getattr(self, key)) for key, name, _, _ in catalogue()}


@functools.cache
def catalogue() -> tuple[tuple[str, str, tuple[str, ...], str], ...]:
    """Every policy: field, name, the values it can have, what it is about."""
    hints = get_type_hints(Policies)
    return tuple((one.name, str(one.metadata["name"]), get_args(hints[one.name]), str(one.metadata["about"])) for one in fields(Policies))
