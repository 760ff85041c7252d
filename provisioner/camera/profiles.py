"""All device profiles together: which one a camera gets, and what `provisioner profile list|check|explain` tell."""

import functools
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from provisioner.camera.policies import catalogue
from provisioner.camera.profile import DeviceProfile, bare_name, load_profile, read_raw, read_text
from provisioner.case.serial_formats import SERIAL_FORMATS
from provisioner.fault import PlainError, Text
from provisioner.scene.limits import FrameLimits

FALLBACK, FALLBACK_T = "generic-s", "generic-t"
_DEPTH_MOST = 4  # of `extends`: family, generic-t, generic-s, and one to spare


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles by name."""

    by_name: dict[str, DeviceProfile]

    def named(self, name: str) -> DeviceProfile:
        """The profile of this name. Raises `PlainError` (`unknown_profile`)."""
        found = self.by_name.get(name)
        if found is None:
            known = ", ".join(self.by_name)
            raise PlainError("unknown_profile", Text(f"Ingen enhetsprofil heter {name}. Det finns: {known}.",
                                                     f"No device profile is called {name}. There are: {known}."))
        return found

    def of(self, manufacturer: str, model: str, hardware: str = "", scopes: tuple[str, ...] = ()) -> DeviceProfile:
        """The profile for what a camera says of itself: the family's; else Profile T where its scopes say so, else Profile S.

        It decides how to talk to the camera, never who it is: a camera that lies here gets the wrong manners and nothing more.
        """
        found = [profile for profile in self.by_name.values() if _matches(profile, manufacturer, model, hardware)]
        if found:
            return max(found, key=lambda profile: len(profile.match.models) > 0)
        is_t = any(scope.rstrip("/").endswith("/Profile/T") for scope in scopes)
        return self.by_name[FALLBACK_T if is_t and FALLBACK_T in self.by_name else FALLBACK]

    def clashes(self) -> tuple[tuple[str, str, str], ...]:
        """Pairs of profiles that could match one camera equally well, and the manufacturer."""
        found = []
        listed = [profile for profile in self.by_name.values() if profile.match.manufacturers]
        for at, one in enumerate(listed):
            for other in listed[at + 1:]:
                shared = {bare_name(name) for name in one.match.manufacturers} & {bare_name(name) for name in other.match.manufacturers}
                if shared and _overlap(one, other):
                    found.append((one.name, other.name, sorted(shared)[0]))
        return tuple(found)


def _matches(profile: DeviceProfile, manufacturer: str, model: str, hardware: str) -> bool:
    match = profile.match
    if bare_name(manufacturer) not in {bare_name(name) for name in match.manufacturers}:
        return False
    by_model = not match.models or any(bare_name(model).startswith(bare_name(begin)) for begin in match.models)
    return by_model and (not match.hardware or any(bare_name(hardware).startswith(bare_name(begin)) for begin in match.hardware))


def _overlap(one: DeviceProfile, other: DeviceProfile) -> bool:
    """Whether a model can exist that both match. A profile with models is preferred to one for the whole family, so those two do not clash."""
    if bool(one.match.models) != bool(other.match.models):
        return False
    if not one.match.models:
        return True
    pairs = ((bare_name(a), bare_name(b)) for a in one.match.models for b in other.match.models)
    return any(a.startswith(b) or b.startswith(a) for a, b in pairs)


def read_profiles(folder: Path, over: tuple[Path, ...] = ()) -> Profiles:
    """All `*.toml` of a folder, and the files `over` besides or in the place of those of the same name.

    Raises `PlainError` for the first that does not load, an unknown or circular `extends`, a clash.
    """
    files = {file.stem: file for file in (*sorted(folder.glob("*.toml")), *over)}
    done: dict[str, DeviceProfile] = {}

    def get(name: str, depth: int) -> DeviceProfile:
        if name in done:
            return done[name]
        if name not in files or depth > _DEPTH_MOST:
            raise PlainError("bad_device_profile", Text(f"Enhetsprofilen {name} som en annan bygger på finns inte, eller bygger på sig själv.",
                                                        f"The device profile {name} that another extends does not exist, or extends itself."), exit_code=78)
        base = read_raw(read_text(files[name]), files[name].name).get("extends")
        profile = load_profile(files[name], get(base, depth + 1) if isinstance(base, str) else None)
        if profile.name != name:
            raise PlainError("bad_device_profile", Text(f"Enhetsprofilen i {name}.toml heter {profile.name}; namnen ska vara lika.",
                                                        f"The device profile in {name}.toml is called {profile.name}; the names must agree."), exit_code=78)
        done[name] = profile
        return profile

    found = Profiles({name: get(name, 0) for name in files})
    for one, other, maker in found.clashes():
        raise PlainError("bad_device_profile", Text(f"Enhetsprofilerna {one} och {other} gäller båda {maker}.",
                                                    f"The device profiles {one} and {other} both match {maker}."), exit_code=78)
    return found


def folder() -> Path:
    """Where the profiles are."""
    return Path(str(resources.files("device_profiles")))


@functools.cache
def profiles() -> Profiles:
    """The installed profiles, read once per process. Raises `PlainError`."""
    return read_profiles(folder())


@functools.cache
def generic_profile() -> DeviceProfile:
    """The profile for a camera of which nothing is known."""
    return load_profile(folder() / f"{FALLBACK}.toml")


def generic_frame_limits() -> FrameLimits:
    """The frame limits of a camera of which nothing is known."""
    return generic_profile().frame_limits()


# -- for the command line -----------------------------------------------------------------------------------------------------


def listed() -> list[dict[str, Any]]:
    """`profile list`: one row a profile."""
    return [{"name": profile.name, "about": profile.about, "extends": profile.extends, "manufacturers": list(profile.match.manufacturers),
             "models": list(profile.match.models), "quirks": len(profile.quirk)} for profile in profiles().by_name.values()]


def checked(where: Path | None = None, over: tuple[Path, ...] = ()) -> list[dict[str, Any]]:
    """`profile check`: what is wrong with the profiles of a folder and the files `over`, as `read_profiles` takes them; empty where nothing is.
    Never raises for a bad profile."""
    try:
        found = read_profiles(where or folder(), over)
    except PlainError as exc:
        return [{"profile": None, "sv": exc.text.sv, "en": exc.text.en}]
    wrong: list[dict[str, Any]] = []
    for profile in found.by_name.values():
        for example in profile.example:
            got = found.of(example.manufacturer, example.model, example.hardware).name
            if got != profile.name:
                name = f"{example.manufacturer} {example.model}"
                wrong.append({"profile": profile.name, "sv": f"Exemplet {name} får profilen {got}.", "en": f"The example {name} gets the profile {got}."})
    return wrong


def explained(profile: DeviceProfile) -> dict[str, Any]:
    """`profile explain`: each policy with its value and, where it departs from the standard, the argument; limits, serial numbers, accepted findings."""
    rule = SERIAL_FORMATS[profile.policies().serial_form]
    quirks = {quirk.set: quirk for quirk in profile.quirk}
    values = profile.policies().by_name()
    return {
        "name": profile.name, "about": profile.about, "extends": profile.extends, "match": profile.match.model_dump(),
        "policies": [{"name": name, "about": about, "value": values[name], "values": list(allowed),
                      "quirk": quirks[name].model_dump() if name in quirks else None} for _, name, allowed, about in catalogue()],
        "frame": profile.frame.model_dump(), "lockout": profile.lockout.model_dump(),
        "serial": {"rule": rule.name, "because": rule.because, "source": rule.source}, "accept": [one.model_dump(mode="json") for one in profile.accept],
        "default_accounts": [one.model_dump(exclude={"password"}) for one in profile.default_account],
    }
